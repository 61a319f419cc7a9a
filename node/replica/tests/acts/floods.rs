//! What a device with a valid key makes of a document that it may act on: settled never changes, and nobody else is kept
//! from acting.

use regulation::act::Dispatch;
use regulation::table::Room;
use regulation::{Body, DeviceId, Rule};
use replica::graph::Rank;
use replica::limits::{DEPS_MAX, open_to, own_acts_max};
use replica::registry::sign_entry;
use replica::{Change, Class, Device, Draft, History, Registry, Sealed, Standing, Verdict};

use crate::city::{self, HUB, LAPTOP, OFFICE, OTHER_TOWN, TOWN};

const OTHER: DeviceId = DeviceId(4);

/// A ticket that is dispatched to a township, with another to assist, and settled.
fn dispatched() -> (Registry, History) {
    let mut registry = city::registry();
    let name = "协办".to_owned();
    let device = Device { unit: OTHER_TOWN, class: Class::Office, key: city::key(OTHER).public(), name };
    let (name, login) = ("职员".to_owned(), "p30".to_owned());
    let person = replica::Person { unit: OTHER_TOWN, name, login, roles: regulation::split::all_of_one() };
    for change in [Change::Device(OTHER, device), Change::Person(city::person(OTHER_TOWN), person)] {
        let entry = sign_entry(None, &registry, change, city::NOON, &city::root());
        registry.append(&entry).unwrap();
    }
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let body = Body::Dispatch(Dispatch { lead: TOWN, assisting: vec![OTHER_TOWN] });
    city::make(&registry, &mut history, LAPTOP, 2, Draft::new(body));
    city::settle(&registry, &mut history, 1);
    (registry, history)
}

/// Settles until all that counts is settled; how many acts that took.
fn pass(registry: &Registry, history: &mut History, dseq: &mut u64) -> usize {
    let mut made = 0;
    while history.unsettled() > 0 {
        *dseq += 1;
        made += 1;
        let settle = city::settle(registry, history, *dseq);
        assert!(history.node(settle.id()).unwrap().deps.len() <= DEPS_MAX);
    }
    made
}

fn settled(history: &History) -> Vec<(usize, Option<Standing>)> {
    let all = (0..history.nodes().len()).filter(|index| history.folded().settled(*index));
    all.map(|index| (index, history.standing(index))).collect()
}

fn sign_for(history: &History) -> Draft {
    let dispatch = history.record().ticket().unwrap().lead().unwrap().dispatch;
    Draft::new(Body::SignFor).answering(Some(dispatch))
}

/// Tags by the assisting unit, each on the same past: as many heads as acts.
fn flood(registry: &Registry, history: &History, count: u64) -> Vec<Sealed> {
    (1..=count).map(|n| city::seal(registry, history, OTHER, n, city::tag(&format!("词{n}"))).1).collect()
}

#[test]
fn tags_by_the_hundred_of_an_assisting_unit_overrule_nothing_that_was_settled() {
    for count in [350, 3_000] {
        let (registry, mut history) = dispatched();
        let tags = flood(&registry, &history, count);
        let draft = sign_for(&history);
        city::make(&registry, &mut history, OFFICE, 1, draft);
        let (mut dseq, mut before) = (1, settled(&history));
        for (n, tag) in tags.iter().enumerate() {
            city::take(&registry, &mut history, tag).unwrap();
            if n % 200 == 0 {
                pass(&registry, &mut history, &mut dseq);
            }
            if n % 50 == 0 {
                assert!(before.iter().all(|(index, was)| history.standing(*index) == *was), "settled never changes");
                assert!(before.iter().all(|(index, _)| history.folded().settled(*index)));
                before = settled(&history);
            }
        }
        assert!(pass(&registry, &mut history, &mut dseq) <= 1, "one line, one act");
        let of = |device| history.nodes().iter().enumerate().filter(move |(_, node)| node.act.device == device);
        let hubs: Vec<usize> = of(HUB).map(|(index, _)| index).collect();
        assert!(hubs.windows(2).all(|pair| history.nodes()[pair[1]].past.contains(pair[0])), "one chain");
        assert_eq!(history.folded().hub_line(), hubs);
        assert_eq!(of(OTHER).filter(|(index, _)| history.counts(*index)).count(), 1, "{count} of which one counts");
        assert_eq!(history.document().unwrap().tags().len(), 1);
        assert_eq!(history.refold(), *history.folded());
        let signed = history.record().ticket().unwrap().state;
        assert_eq!(signed, regulation::TicketState::InProgress, "the lead has signed for it");
    }
}

#[test]
fn a_chain_by_an_assisting_unit_ends_before_the_lead_is_kept_from_acting() {
    let (registry, mut history) = dispatched();
    let mut made = 0;
    for n in 1..=1_000 {
        let (_, tag) = city::seal(&registry, &history, OTHER, n, city::tag("重复"));
        match city::take(&registry, &mut history.clone(), &tag).unwrap() {
            Verdict::Admitted => made += city::take(&registry, &mut history, &tag).map_or(0, |_| 1),
            Verdict::Unlawful(rule) => {
                assert_eq!(rule, Rule::RoomReserved);
                break;
            }
        }
    }
    assert_eq!(made, open_to(Room::Free, own_acts_max(Rank::Other)));
    let draft = sign_for(&history);
    city::make(&registry, &mut history, OFFICE, 1, draft);
    city::make(&registry, &mut history, LAPTOP, 3, city::tag("供暖"));
    assert_eq!(pass(&registry, &mut history, &mut 1), 1);
}

#[test]
fn what_a_flood_may_count_for_is_settled_in_one_pass_and_the_honest_wait_their_turn() {
    let (registry, mut history) = dispatched();
    let begun = history.clone();
    for epoch in 1..=40 {
        let sealed = city::seal_in(&registry, &begun, OTHER, (epoch, 1), city::tag(&format!("词{epoch}")));
        city::take(&registry, &mut history, &sealed).unwrap();
    }
    let draft = sign_for(&history);
    let honest = city::make(&registry, &mut history, OFFICE, 1, draft);
    let settle = city::settle(&registry, &mut history, 2);
    let place = |id| history.index_of(id).unwrap();
    assert!(
        history.nodes()[place(settle.id())].past.contains(place(honest.id())),
        "one of each device before a second"
    );
    assert_eq!(city::standing(&history, honest.id()), Some(Standing::Effective));
    pass(&registry, &mut history, &mut 2);
    let counts = history.nodes().iter().enumerate().filter(|(_, node)| node.act.device == OTHER);
    assert_eq!(counts.filter(|(index, _)| history.counts(*index)).count(), replica::limits::EPOCHS_MAX);
}
