//! The table of settings: each has one number, a usual value and a range; what cannot be set is refused in a sentence.

use std::collections::BTreeSet;

use regulation::rates::Weights;
use regulation::settings::{BadSetting, EDITION, Group};
use regulation::{Edition, Settings};

#[test]
fn a_setting_has_one_number_a_usual_value_and_a_range() {
    let (mut numbers, mut codes, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for setting in Settings::TABLE {
        assert!(numbers.last().is_none_or(|last| *last < setting.number), "{setting:?}: numbers rise");
        assert!(numbers.insert(setting.number) && codes.insert(setting.code) && names.insert(setting.chinese));
        assert_eq!(Settings::of_number(setting.number), Some(setting));
        assert!((setting.least..=setting.most).contains(&setting.usual), "{setting:?}");
        assert_eq!(Settings::default().get(setting.number), Some(setting.usual));
        let other = if setting.usual == setting.most { setting.least } else { setting.usual + 1 };
        let mut set = Settings::default();
        set.set(setting.number, other);
        assert_eq!(set.get(setting.number), Some(other));
        set.set(setting.number, setting.usual);
        assert_eq!(set, Settings::default(), "{setting:?}: and no other was another");
        set.set(setting.number, setting.most + 1);
        assert_eq!(set, Settings::default(), "{setting:?}: what cannot be is not set");
    }
    assert_eq!(Settings::default().get(9_999), None);
}

#[test]
fn the_text_of_the_regulation_is_what_is_usual() {
    let usual = Settings::default();
    let of_the_text = [usual.inquiry_wd, usual.help_wd, usual.complaint_wd, usual.urgent_hours, usual.extension_max_wd];
    assert_eq!(of_the_text, [3, 5, 7, 2, 15]);
    assert_eq!((usual.weights(), usual.edition()), (Weights::default(), Edition::FIRST));
}

#[test]
fn groups_are_all_of_the_table() {
    let usual = Settings::default();
    let [editions, weights, terms] = [Group::Edition, Group::Weights, Group::Terms].map(|group| usual.of_group(group));
    assert_eq!((editions, weights), (vec![(EDITION, 1)], Weights::default().settings()));
    assert_eq!(terms.len() + 5, Settings::TABLE.len());
}

#[test]
fn what_cannot_be_set_is_refused_in_a_sentence_that_says_why() {
    let check = Settings::check;
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&[(10, 2), (36, 15), (63, 80)]), Ok(()));
    assert_eq!(check(&[(EDITION, 2)]), Ok(()));
    assert_eq!(check(&Weights { response: 30, solution: 35, satisfaction: 35, mostly: 100 }.settings()), Ok(()));
    let sentence = |set: &[(u16, u32)]| check(set).map_err(|bad| (bad.to_string(), bad.chinese())).unwrap_err();
    for (set, english, chinese) in [
        (
            &[(10, 2_001)][..],
            "setting 10 (sign_for_wd) cannot be 2001; it can be 0 to 2000 working days",
            "第 10 号设置“签收”不能设为 2001；可设 0 至 2000 个工作日",
        ),
        (&[(63, 101)], "it can be 0 to 100 percent", "可设 0 至 100 %"),
        (&[(42, 0)], "setting 42 (urges_max) cannot be 0", "不能设为 0"),
        (&[(9_999, 1)], "no setting of the number 9999", "没有第 9999 号设置"),
        (&[(60, 20), (61, 50), (62, 40)], "100 in all", "合计须为 100"),
        (&[(60, 10)], "set together", "须一并设定"),
        (&[(EDITION, 2), (10, 1)], "by itself", "单独设定"),
        (&[(11, 1), (10, 1)], "rising number", "从小到大"),
        (&[(10, 1), (10, 1)], "once each", "每项一次"),
    ] {
        let (said_english, said_chinese) = sentence(set);
        assert!(said_english.contains(english) && said_chinese.contains(chinese), "{said_english} {said_chinese}");
    }
    assert_eq!(check(&[(EDITION, 0)]), Err(BadSetting::Range { setting: &Settings::TABLE[0], value: 0 }));
}
