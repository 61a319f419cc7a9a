//! Articles of blocks: what is set at once stands side by side until somebody chooses, everything else merges, and no act
//! reaches what its past has not brought.

use regulation::{ActId, Body, DeviceId, Rule};
use replica::{Act, Behind, BlockId, Draft, Effect, History, Registry, Sealed, Verdict};

use crate::city::{self, HUB, LAPTOP};

fn first(registry: &Registry, text: &str) -> History {
    let mut history = History::default();
    city::make(registry, &mut history, LAPTOP, 1, city::article_of(text));
    history
}

fn edited(registry: &Registry, history: &mut History, dseq: u64, text: &str) -> Sealed {
    edited_at(registry, history, LAPTOP, dseq, text)
}

fn edited_at(registry: &Registry, history: &mut History, device: DeviceId, dseq: u64, text: &str) -> Sealed {
    let draft = city::edit(history, text);
    city::make(registry, history, device, dseq, draft)
}

fn text(history: &mut History) -> String {
    history.document().unwrap().text().unwrap()
}

/// Wordings that stand side by side, by block; `None` is a removal.
fn open(history: &mut History) -> Vec<Vec<Option<String>>> {
    let blocks = history.document().unwrap().blocks().unwrap().into_iter().filter(replica::Block::open);
    blocks
        .map(|block| {
            let mut values: Vec<_> = block.values.into_iter().map(|value| value.text).collect();
            values.sort_unstable();
            values
        })
        .collect()
}

/// Two apart make of `base` what they type; each then hears of the other, in either order.
fn at_once(registry: &Registry, base: &History, typed: [&str; 2]) -> History {
    // Each in an epoch of its own: what one epoch makes at once counts but once.
    let by = |(epoch, typed)| city::seal_in(registry, base, LAPTOP, (epoch, 2), city::edit(&mut base.clone(), typed));
    let acts: Vec<Sealed> = (1..).zip(typed).map(by).collect();
    let mut orders = [[0, 1], [1, 0]].map(|order| {
        let mut history = base.clone();
        for at in order {
            city::take(registry, &mut history, &acts[at]).unwrap();
        }
        history
    });
    let saved = orders.each_mut().map(|history| history.document().unwrap().save().unwrap());
    assert_eq!(saved[0], saved[1], "{typed:?}");
    let [history, _] = orders;
    history
}

#[test]
fn two_values_of_one_sentence_stand_side_by_side_and_no_third_comes_of_them() {
    let registry = city::registry();
    let base = first(&registry, "先登记。24小时内答复。再回访。");
    let mut history = at_once(&registry, &base, ["先登记。12小时内答复。再回访。", "先登记。48小时内答复。再回访。"]);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(open(&mut history), [[some("12小时内答复。"), some("48小时内答复。")]]);
    let shown = text(&mut history);
    assert!(shown == "先登记。12小时内答复。再回访。" || shown == "先登记。48小时内答复。再回访。", "{shown}");
    // Whoever writes elsewhere chooses nothing; whoever writes there does, over both.
    let elsewhere = shown.replace("再回访", "三日后回访");
    edited(&registry, &mut history, 9, &elsewhere);
    assert_eq!(open(&mut history).len(), 1);
    edited(&registry, &mut history, 10, "先登记。36小时内答复。三日后回访。");
    assert_eq!(open(&mut history), Vec::<Vec<Option<String>>>::new());
    assert_eq!(text(&mut history), "先登记。36小时内答复。三日后回访。");
}

#[test]
fn who_chooses_at_once_otherwise_has_chosen_nothing_for_the_other() {
    let registry = city::registry();
    let base = first(&registry, "24小时内答复。");
    let history = at_once(&registry, &base, ["12小时内答复。", "48小时内答复。"]);
    let mut both = history.clone();
    let found = both.blocks_at(&[]).unwrap();
    let choose = |at: usize| {
        let mut draft = Draft::new(Body::ArticleEdit);
        let mut mine = history.clone();
        assert!(mine.choose(&[], found[0].id, found[0].values[at].act, draft.writing()).unwrap());
        (mine, draft)
    };
    for (at, device) in [(0, LAPTOP), (1, HUB)] {
        let (mut mine, draft) = choose(at);
        let sealed = city::make(&registry, &mut mine, device, 10, draft);
        assert_eq!(open(&mut mine).len(), 0);
        assert_eq!(text(&mut mine).trim(), found[0].values[at].text.as_deref().unwrap().trim());
        city::take(&registry, &mut both, &sealed).unwrap();
    }
    assert_eq!(open(&mut both), [["\n12小时内答复。".to_owned(), "\n48小时内答复。".to_owned()].map(Some)]);
    // Of a value that is not here nothing can be made.
    let mut draft = Draft::new(Body::ArticleEdit);
    assert!(!both.choose(&[], found[0].id, ActId([9; 32]), draft.writing()).unwrap());
    assert_eq!(draft.effects, []);
}

#[test]
fn removal_and_a_new_value_made_at_once_stand_side_by_side() {
    let registry = city::registry();
    let base = first(&registry, "先登记。后答复。");
    let mut history = at_once(&registry, &base, ["先登记。", "先登记。两日内答复。"]);
    assert_eq!(open(&mut history), [[None, Some("两日内答复。".to_owned())]]);
    assert_eq!(text(&mut history), "先登记。两日内答复。", "what somebody wrote is shown");
    // Removed by both it is gone, and nobody has to choose.
    let mut history = at_once(&registry, &base, ["先登记。", "先登记！"]);
    assert_eq!((open(&mut history).len(), text(&mut history).as_str()), (0, "先登记！"));
}

#[test]
fn sentences_of_different_people_merge() {
    let registry = city::registry();
    let base = first(&registry, "一、登记。二、答复。\n三、回访。");
    for (typed, merged) in [
        (
            ["一、先登记。二、答复。\n三、回访。", "一、登记。二、答复。\n三、三日后回访。"],
            "一、先登记。二、答复。\n三、三日后回访。",
        ),
        (
            ["零、接听。\n一、登记。二、答复。\n三、回访。", "一、登记。二、答复。\n三、回访。\n四、归档。"],
            "零、接听。\n一、登记。二、答复。\n三、回访。\n四、归档。",
        ),
        (["一、登记。\n三、回访。", "一、登记。二、答复。新句。\n三、回访。"], "一、登记。新句。\n三、回访。"),
    ] {
        let mut history = at_once(&registry, &base, typed);
        assert_eq!(text(&mut history), merged);
        assert_eq!(open(&mut history).len(), 0, "{merged}");
    }
    // Two lines behind the same one: both, in one order everywhere.
    let mut history =
        at_once(&registry, &base, ["一、登记。二、答复。\n甲\n三、回访。", "一、登记。二、答复。\n乙\n三、回访。"]);
    let shown = text(&mut history);
    assert!(shown.contains("\n甲\n乙\n") || shown.contains("\n乙\n甲\n"), "{shown}");
}

#[test]
fn form_that_is_sent_late_is_compared_with_what_was_shown() {
    let registry = city::registry();
    let mut history = first(&registry, "甲。24小时。乙。");
    let base = history.writers();
    edited(&registry, &mut history, 2, "甲。12小时。乙。丙。");
    let mut draft = Draft::new(Body::ArticleEdit);
    history.edit(&base, "甲。48小时。乙。", draft.writing()).unwrap();
    let late = city::make(&registry, &mut history, LAPTOP, 3, draft);
    assert_eq!(open(&mut history), [[Some("12小时。".to_owned()), Some("48小时。".to_owned())]]);
    assert!(text(&mut history).ends_with("乙。丙。"), "what came meanwhile stays");
    // Sent twice it is the same.
    let mut again = Draft::new(Body::ArticleEdit);
    let mut before = first(&registry, "甲。24小时。乙。");
    city::take(&registry, &mut before, &late).unwrap_err();
    let mut twice = first(&registry, "甲。24小时。乙。");
    edited(&registry, &mut twice, 2, "甲。48小时。乙。");
    twice.edit(&base, "甲。48小时。乙。", again.writing()).unwrap();
    assert_eq!(again.effects, []);
}

#[test]
fn text_that_was_typed_is_what_stands_there_however_much_of_it_is_new() {
    let registry = city::registry();
    let mut history = first(&registry, "甲。");
    let long: String = (0..400).map(|n| format!("第{n}条须办理。")).collect();
    for (dseq, typed) in
        (2..).zip([long.as_str(), "乙", "一\n\n二。三；四\n  五", "长长长", "甲。乙。丙。", "丙。甲。乙。"])
    {
        edited(&registry, &mut history, dseq, typed);
        assert_eq!(text(&mut history), typed);
    }
}

#[test]
fn publication_of_a_text_that_is_undecided_is_unlawful() {
    let registry = city::registry();
    let base = first(&registry, "24小时内答复。");
    let mut history = at_once(&registry, &base, ["12小时内答复。", "48小时内答复。"]);
    let publish = |history: &History| city::seal(&registry, history, HUB, 1, Draft::new(Body::ArticlePublish)).1;
    let sealed = publish(&history);
    assert_eq!(city::take(&registry, &mut history.clone(), &sealed), Ok(Verdict::Unlawful(Rule::TextUndecided)));
    // One of the two alone may be published by who has not heard of the other: it publishes what was seen there.
    let found = history.blocks_at(&[]).unwrap();
    let mut draft = Draft::new(Body::ArticleEdit);
    assert!(history.choose(&[], found[0].id, found[0].values[1].act, draft.writing()).unwrap());
    city::make(&registry, &mut history, LAPTOP, 9, draft);
    let sealed = publish(&history);
    // Whoever edited does not publish: the rule of the text is asked first, and is not in the way any more.
    let taken = city::take(&registry, &mut history, &sealed);
    assert_ne!(taken, Ok(Verdict::Unlawful(Rule::TextUndecided)));
}

#[test]
fn what_an_act_says_of_blocks_that_its_past_has_not_brought_is_unlawful() {
    let registry = city::registry();
    let mut history = first(&registry, "甲。乙。");
    let other = first(&registry, "别的。");
    let id = history.id().unwrap();
    let fork = history.clone();
    let beside = city::seal(&registry, &fork, HUB, 7, city::edit(&mut fork.clone(), "甲。乙。丙。")).1;
    city::take(&registry, &mut history, &beside).unwrap();
    let unlawful = city::seal(&registry, &fork, LAPTOP, 8, insert(Behind::Block(block(id, 9)))).1;
    assert_eq!(
        city::take(&registry, &mut history, &unlawful),
        Ok(Verdict::Unlawful(Rule::EffectOutOfPlace)),
        "no such effect"
    );
    let cases = [
        ("a title is no block", insert(Behind::Block(block(id, 0)))),
        ("another document's", insert(Behind::Block(block(other.id().unwrap(), 1)))),
        ("what stands beside it", insert(Behind::Block(block(beside.id(), 0)))),
        ("what was unlawful", insert(Behind::Block(block(unlawful.id(), 0)))),
        ("set another document's", set(block(other.id().unwrap(), 1), &[id])),
        ("over a value of another block", set(block(id, 1), &[beside.id()])),
        ("over a value that nobody set", set(block(id, 1), &[ActId([5; 32])])),
        ("a segment that is not there", Draft { text: Vec::new(), ..insert(Behind::Start) }),
        ("an empty block", Draft { text: vec![String::new()], ..insert(Behind::Start) }),
        ("on a ticket's kind", Draft { body: Body::Tag, ..insert(Behind::Start) }),
    ];
    for (what, draft) in cases {
        let (_, sealed) = city::seal(&registry, &fork, LAPTOP, 20, draft);
        let mut held = history.clone();
        assert_eq!(city::take(&registry, &mut held, &sealed), Ok(Verdict::Unlawful(Rule::EffectOutOfPlace)), "{what}");
        held.document().unwrap().save().unwrap();
    }
    // A removed block is still a place, and can be written again.
    edited(&registry, &mut history, 9, "乙。丙。");
    let removed = history.blocks_at(&[]).unwrap().into_iter().find(|block| block.text().is_none()).unwrap();
    city::make(&registry, &mut history, LAPTOP, 10, insert(Behind::Block(removed.id)));
    city::make(&registry, &mut history, LAPTOP, 11, set(removed.id, &[removed.values[0].act]));
    assert_eq!(text(&mut history).matches("新。").count(), 2);
}

#[test]
fn blocks_behind_themselves_or_set_twice_are_refused_by_their_shape() {
    let registry = city::registry();
    let history = first(&registry, "甲。");
    let id = history.id().unwrap();
    let own = |own| Effect::Insert { behind: Behind::Own(own), segment: 0 };
    let set = |over: Vec<ActId>| Effect::Set { block: block(id, 1), over, segment: Some(0) };
    let cases = [
        ("behind itself", vec![own(0)]),
        ("behind what comes later", vec![own(1), Effect::Insert { behind: Behind::Start, segment: 0 }]),
        ("behind what is no block", vec![Effect::AddTag("供暖".to_owned()), own(0)]),
        ("set twice", vec![set(vec![id]), set(vec![id])]),
        ("over nothing", vec![set(Vec::new())]),
        ("over one twice", vec![set(vec![id, id])]),
    ];
    for (what, effects) in cases {
        let draft = Draft::new(Body::ArticleEdit).text(["新。"]).effects(effects);
        let (_, sealed) = city::seal(&registry, &history, LAPTOP, 2, draft);
        assert!(Act::decode(&sealed.bytes).is_err(), "{what}");
    }
    let two = vec![Effect::Insert { behind: Behind::Start, segment: 0 }, own(0)];
    let (_, sealed) =
        city::seal(&registry, &history, LAPTOP, 2, Draft::new(Body::ArticleEdit).text(["新。"]).effects(two));
    assert!(Act::decode(&sealed.bytes).is_ok());
}

fn block(act: ActId, effect: u8) -> BlockId {
    BlockId { act, effect }
}

fn insert(behind: Behind) -> Draft {
    Draft::new(Body::ArticleEdit).text(["新。"]).effects(vec![Effect::Insert { behind, segment: 0 }])
}

fn set(block: BlockId, over: &[ActId]) -> Draft {
    let effects = vec![Effect::Set { block, over: over.to_vec(), segment: Some(0) }];
    Draft::new(Body::ArticleEdit).text(["新。"]).effects(effects)
}
