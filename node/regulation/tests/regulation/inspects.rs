//! Who looks for a supervision organ (36) has no hand in anything.

use regulation::split::{all_of_one, held_together};
use regulation::{ActKind, Author, Level, PersonId, Role, Rule, decide, options};

use crate::support::records::{CITY, authors, particular, records};

#[test]
fn no_act_is_lawful_by_the_role_whatever_the_record_the_kind_and_the_unit() {
    let inspect = |author: Author| Author { person: Some(PersonId(9)), roles: vec![Role::Inspect], ..author };
    for (story, record) in records() {
        for (who, author) in authors() {
            let author = inspect(author);
            for kind in ActKind::ALL.iter().copied() {
                let refused = decide(&record, &particular(&record, kind, &author)).err().map(|broken| broken.rule);
                // What the clock of a hub makes no person makes.
                let expected = if kind.of_clock() { Rule::HubOnly } else { Rule::RoleMissing };
                assert_eq!(refused, Some(expected), "{story}: {who} {kind:?}");
            }
            assert!(
                options::options(&record, &author, regulation::Edition::NEWEST).iter().all(|(_, may)| may.is_err())
            );
        }
    }
}

#[test]
fn it_opens_nothing_beside_another_role_either_and_no_login_holds_both() {
    let author = authors().into_iter().find(|(_, author)| author.unit == CITY).expect("the city").1;
    let both = Author { roles: [all_of_one(), vec![Role::Inspect]].concat(), ..author };
    for (story, record) in records() {
        let fact = particular(&record, ActKind::Note, &both);
        assert_eq!(decide(&record, &fact).err().map(|broken| broken.rule), Some(Rule::RoleMissing), "{story}");
    }
    for level in [Level::CityHotline, Level::CountyHotline, Level::Unit] {
        for other in Role::ALL.into_iter().filter(|role| *role != Role::Inspect).chain([Role::Other(99)]) {
            let held: Vec<_> = held_together(&[other, Role::Inspect], level).collect();
            assert!(held.iter().any(|split| split.never && split.one == Role::Inspect), "{other:?}");
        }
        assert_eq!(held_together(&[Role::Inspect], level).count(), 0);
    }
    assert!(!all_of_one().contains(&Role::Inspect), "nobody has it by founding or joining");
}
