//! What goes on of a ticket that is merged, as the program says it and whoever verifies finds it.

use kernel::Kernel;
use kernel::merging::{goes_on_otherwise, had_otherwise};
use regulation::act::Body;
use regulation::{ActId, Millis};
use replica::{Draft, History};

use crate::city::{self, CITY, DAY_MS, HUB, NOON};
use crate::duplicates::{LAMP, merge, merging, register};

const NOW: Millis = NOON + 40 * DAY_MS;

/// Two tickets that the township has, of which one was merged into the other.
fn merged() -> (Kernel, [ActId; 2]) {
    let mut hub = city::node(HUB);
    let both = [0, 1].map(|day| register(&mut hub, LAMP, day, "130608103"));
    for doc in both {
        city::act(&mut hub, NOW, city::people(CITY)[0], doc, city::dispatch(city::TOWN));
    }
    assert!(merge(&mut hub, both[0], both[1], merging(both[1])).is_ok());
    (hub, both)
}

fn history(kernel: &Kernel, doc: ActId) -> History {
    kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap()
}

#[test]
fn whoever_is_kept_out_of_a_merged_ticket_is_kept_out_of_the_one_that_it_joined() {
    let (mut hub, both) = merged();
    let recuse = Draft::new(Body::Recuse { unit: city::TOWN }).text(["反映的是该单位"]);
    city::act(&mut hub, NOW, city::people(CITY)[0], both[0], recuse);
    for doc in both {
        let history = history(&hub, doc);
        let ticket = history.record().ticket().unwrap();
        assert_eq!((&ticket.recused[..], ticket.lead()), (&[city::TOWN][..], None));
    }
}

#[test]
fn whoever_says_that_less_goes_on_than_there_was_is_seen() {
    let (mut hub, [one, into]) = merged();
    let mut taken_in = history(&hub, into).nodes().last().unwrap().clone();
    assert!(merge(&mut hub, one, into, Body::Unmerge { had: Vec::new() }).is_ok());
    let (one, into) = (history(&hub, one), history(&hub, into));
    assert_eq!(goes_on_otherwise(hub.registry(), &taken_in, &one, &into), None);
    let mut unmerge = one.nodes().last().unwrap().clone();
    assert_eq!(had_otherwise(hub.registry(), &unmerge, &one, &into), None);
    let Body::Supplement { joins: Some(joins), .. } = &mut taken_in.fact.body else { panic!("nothing joins") };
    let said = joins.clone();
    joins.had[0].until = None;
    assert_eq!(goes_on_otherwise(hub.registry(), &taken_in, &one, &into), Some(said));
    let Body::Unmerge { had } = &mut unmerge.fact.body else { panic!("no merge undone") };
    let said = std::mem::take(had);
    assert_eq!(had_otherwise(hub.registry(), &unmerge, &one, &into), Some(said));
}

#[test]
fn one_requester_of_two_tickets_is_said_to_be_one() {
    let mut hub = city::node(HUB);
    let [own, other, third] = ["13800000000", "0312-5550000", "13800000000"].map(|telephone| {
        let mut draft = city::register("路灯不亮");
        draft.private = vec!["李某".to_owned(), telephone.to_owned()];
        city::begin(&mut hub, NOW, city::people(CITY)[0], draft)
    });
    for doc in [own, other, third] {
        city::act(&mut hub, NOW, city::people(CITY)[0], doc, city::dispatch(city::TOWN));
    }
    let same_as = |hub: &mut Kernel, one, into| {
        assert!(merge(hub, one, into, merging(into)).is_ok());
        let (one, into) = (history(hub, one), history(hub, into));
        let mut taken_in = into.nodes().last().unwrap().clone();
        assert_eq!(goes_on_otherwise(hub.registry(), &taken_in, &one, &into), None);
        let Body::Supplement { joins: Some(joins), .. } = &mut taken_in.fact.body else { panic!("nothing joins") };
        let said = joins.same_as;
        joins.same_as = if said.is_some() { None } else { into.id() };
        let otherwise = goes_on_otherwise(hub.registry(), &taken_in, &one, &into);
        (said, otherwise.map(|found| found.same_as) == Some(said))
    };
    // Nobody becomes another's requester for as long as it takes to merge them.
    let mut corrected = Draft::new(Body::CorrectRequester { party: None, enterprise: None }).text(["更正"]);
    corrected.private = vec!["李某".to_owned(), "13800000000".to_owned(), String::new()];
    city::act(&mut hub, NOW, city::people(CITY)[0], other, corrected);
    assert_eq!(same_as(&mut hub, other, own), (None, true));
    assert_eq!(same_as(&mut hub, third, own), (Some(own), true));
}
