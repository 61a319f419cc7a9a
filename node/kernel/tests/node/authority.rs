//! Whose word it is: a peer with a valid key does what another may do.

use kernel::{Command, Input};
use regulation::act::Seen;
use regulation::{ActId, Body, Dispatch, PersonId, Rule, UnitId};
use replica::{Act, Change, Draft, Unit, UnitKind, Verdict};

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, DAY_MS, HUB, NOON, OFFICE, TOWN};
use crate::liar::Liar;

/// A unit that is under no county.
const APART: UnitId = UnitId(5);

/// A hub with a ticket of a township and of a unit that no county covers.
fn hub() -> (kernel::Kernel, ActId) {
    let mut hub = city::node(HUB);
    let name = "单位5".to_owned();
    let (code, short, kind, parent) = ("U5".to_owned(), name.clone(), UnitKind::Department, Some(CITY));
    let change = Box::new(Change::Units(vec![(APART, Unit::new(&code, &name, &short, kind, parent))]));
    let seen = hub.registry().version();
    city::ask(&mut hub, NOON, None, Command::Registry { seen, change }).0.unwrap();
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON - 3 * DAY_MS, person, city::register("供暖不热"));
    let dispatch = Draft::new(Body::Dispatch(Dispatch { lead: TOWN, assisting: vec![APART] }));
    city::act(&mut hub, NOON - 3 * DAY_MS, person, doc, dispatch);
    (hub, doc)
}

/// What a hub finds of an act that a device makes and sends, as that person.
fn verdict(hub: &mut kernel::Kernel, liar: &mut Liar, doc: ActId, draft: Draft, person: Option<PersonId>) -> Verdict {
    let history = Liar::history(hub, doc);
    let (act, parts) = liar.compose(hub, &history, draft);
    let sealed = liar.seal(&Act { person, ..act }, parts);
    liar.push(hub, sync::ScopeKey(TOWN.0), &[sealed.encode()]);
    Liar::history(hub, doc).node(sealed.id()).expect("kept").verdict
}

fn witness(hub: &kernel::Kernel, doc: ActId, unit: UnitId, at: i64) -> Draft {
    let dispatch = Liar::history(hub, doc).record().ticket().and_then(|ticket| ticket.dispatch());
    Draft::new(Body::Witness(Seen::Delivered { unit, at })).answering(dispatch)
}

fn delivered_at(hub: &kernel::Kernel, doc: ActId, unit: UnitId) -> Option<i64> {
    Liar::history(hub, doc).record().ticket().and_then(|ticket| ticket.part_of(unit)).and_then(|part| part.delivered_at)
}

#[test]
fn county_witnesses_for_its_own_units_alone_and_no_time_before_the_city_heard() {
    let (mut hub, doc) = hub();
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let (sent, ahead) = (NOON - 3 * DAY_MS, NOON + 1);
    for (unit, at, expected) in [
        (APART, sent, Verdict::Unlawful(Rule::NotCovered)),
        (TOWN, ahead, Verdict::Unlawful(Rule::WitnessedAhead)),
        (TOWN, sent - DAY_MS, Verdict::Admitted),
    ] {
        let draft = witness(&hub, doc, unit, at);
        assert_eq!(verdict(&mut hub, &mut county, doc, draft, None), expected, "{unit:?} {at}");
    }
    assert_eq!(delivered_at(&hub, doc, APART), None);
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert_eq!(delivered_at(&hub, doc, TOWN), Some(NOON), "it counts from when the city could know");
    assert!(hub.settled());
    // Whoever is no hub sees nothing.
    let mut office = Liar::connect(&mut hub, OFFICE);
    let draft = witness(&hub, doc, TOWN, sent);
    assert_eq!(verdict(&mut hub, &mut office, doc, draft, None), Verdict::Unlawful(Rule::NotCovered));
}

#[test]
fn people_act_at_devices_of_their_unit_in_every_kind() {
    let (mut hub, doc) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let ours = city::people(TOWN)[1];
    for (person, expected) in [
        (Some(ours), Verdict::Admitted),
        (Some(city::people(COUNTY)[0]), Verdict::Unlawful(Rule::PersonMissing)),
        (Some(city::people(CITY)[0]), Verdict::Unlawful(Rule::PersonMissing)),
        (Some(PersonId(99)), Verdict::Unlawful(Rule::PersonMissing)),
        (None, Verdict::Unlawful(Rule::PersonMissing)),
    ] {
        // A tag asks for no role.
        assert_eq!(verdict(&mut hub, &mut office, doc, city::tag("供暖"), person), expected, "{person:?}");
    }
    for (to, expected) in [
        (city::people(TOWN)[0], Verdict::Admitted),
        (city::people(CITY)[0], Verdict::Unlawful(Rule::PersonMissing)),
        (PersonId(99), Verdict::Unlawful(Rule::PersonMissing)),
    ] {
        let draft = Draft::new(Body::HandOver { to });
        assert_eq!(verdict(&mut hub, &mut office, doc, draft, Some(ours)), expected, "to {to:?}");
    }
}
