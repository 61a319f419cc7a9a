//! Tickets that have left a unit: what is done there all the same comes to the city, and what comes back through another
//! unit is taken in.

use kernel::findings::Told;
use kernel::{Command, Done, Refusal};
use regulation::act::{Body, Content, Dispatch, Heard, Outcome, Way};
use regulation::{ActId, DeviceId};
use replica::finding::{Finding, Found, Says};
use replica::{Draft, PartKind};
use store::{Key, TicketRow};

use crate::city::{self, COUNTY_HUB, HUB, NOON, OFFICE, OTHER_OFFICE, OTHER_TOWN, TOWN};
use crate::net::Net;

fn give(net: &mut Net, device: DeviceId, command: Command) -> Result<ActId, Refusal> {
    let unit = city::DEVICES.iter().find(|(id, ..)| *id == device).unwrap().1;
    let (done, effects) = city::ask(net.node(device), NOON, Some(city::people(unit)[0]), command);
    net.spread(device, effects);
    net.run();
    done.map(|done| match done {
        Done::Made { act, .. } => act,
        other => panic!("{other:?}"),
    })
}

fn act(doc: ActId, body: Body) -> Command {
    Command::Act { doc, draft: Draft::new(body).text(["已按规定办理"]) }
}

fn holds(net: &mut Net, device: DeviceId, id: ActId) -> bool {
    net.node(device).store().aseq_of(&id).unwrap().is_some()
}

/// The city and two nodes that it reaches; a ticket was given to a township.
fn given(other: DeviceId) -> (Net, ActId) {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let doc = give(&mut net, HUB, Command::Begin(city::register("供暖不热"))).unwrap();
    give(&mut net, HUB, Command::Act { doc, draft: city::dispatch(TOWN) }).unwrap();
    net.connect(HUB, other);
    net.run();
    assert!(holds(&mut net, other, doc));
    (net, doc)
}

#[test]
fn what_a_unit_does_after_it_lost_the_ticket_comes_to_the_city() {
    let (mut net, doc) = given(OFFICE);
    let elsewhere = Dispatch { lead: OTHER_TOWN, assisting: vec![] };
    let redispatch = give(&mut net, HUB, act(doc, Body::Redispatch(elsewhere))).unwrap();
    assert!(holds(&mut net, OFFICE, redispatch), "it is told that it lost it");
    let later = give(&mut net, HUB, act(doc, Body::Admonish)).unwrap();
    assert!(!holds(&mut net, OFFICE, later), "and nothing more");
    // Linked, and once more while it is not.
    let first = give(&mut net, OFFICE, Command::Act { doc, draft: city::tag("供暖") }).unwrap();
    net.cut();
    let second = give(&mut net, OFFICE, Command::Act { doc, draft: city::tag("老人") }).unwrap();
    net.connect(HUB, OFFICE);
    net.run();
    for id in [first, second] {
        assert!(holds(&mut net, HUB, id), "{id:?} never came to the city");
    }
    assert!(!holds(&mut net, OFFICE, later));
}

#[test]
fn ticket_that_left_comes_back_through_another_unit_on_what_was_done_meanwhile() {
    let (mut net, doc) = given(COUNTY_HUB);
    give(&mut net, HUB, act(doc, Body::Recuse { unit: TOWN })).unwrap();
    let meanwhile = give(&mut net, HUB, act(doc, Body::Admonish)).unwrap();
    assert!(!holds(&mut net, COUNTY_HUB, meanwhile), "it has left");
    let designate = Body::Designate(Dispatch { lead: OTHER_TOWN, assisting: vec![] });
    let designated = give(&mut net, HUB, act(doc, designate)).unwrap();
    for id in [meanwhile, designated] {
        assert!(holds(&mut net, COUNTY_HUB, id));
    }
    assert!(net.node(COUNTY_HUB).store().held_after(None, 10).unwrap().is_empty(), "nothing waits");
    let hub = kernel::read::scope_acts(net.node(HUB).store(), kernel::scopes::of_unit(OTHER_TOWN)).unwrap();
    let county = kernel::read::scope_acts(net.node(COUNTY_HUB).store(), kernel::scopes::of_unit(OTHER_TOWN)).unwrap();
    assert_eq!(hub, county);
}

#[test]
fn document_that_enters_a_scope_with_other_acts_makes_another_entry() {
    let entered = |more: bool| {
        let mut hub = city::node(HUB);
        let person = city::people(city::CITY)[0];
        let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
        if more {
            city::act(&mut hub, NOON, person, doc, city::tag("供暖"));
        }
        city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
        (doc, hub.store().feed_head(store::ScopeId(TOWN.0)).unwrap())
    };
    let ((doc, first), (same, other)) = (entered(false), entered(true));
    assert_eq!((doc, first.lseq), (same, other.lseq), "as after a database was put back");
    assert_ne!(first.running, other.running, "who has the one has not the other");
}

/// A ticket that was given to a township; the city gives it to another one while the township, without a link, signs for it and
/// completes it. Then both have heard of all that they may.
fn overtaken() -> (Net, ActId, ActId) {
    let (mut net, doc) = given(OFFICE);
    let sign = give(&mut net, OFFICE, Command::Act { doc, draft: Draft::new(Body::SignFor) }).unwrap();
    net.cut();
    let complete = Body::Complete {
        outcome: Outcome::Solved,
        told_at: NOON,
        told_way: Way::Telephone,
        told_whom: Heard::Requester,
    };
    let done = give(&mut net, OFFICE, act(doc, complete)).unwrap();
    let elsewhere = Dispatch { lead: OTHER_TOWN, assisting: vec![] };
    give(&mut net, HUB, act(doc, Body::Redispatch(elsewhere))).unwrap();
    net.connect(HUB, OFFICE);
    net.run();
    assert!(holds(&mut net, HUB, done) && holds(&mut net, HUB, sign));
    (net, doc, done)
}

fn row(net: &mut Net, device: DeviceId, doc: ActId) -> TicketRow {
    let store = net.node(device).store();
    store.ticket(store.doc_no(&doc).unwrap().unwrap()).unwrap().unwrap()
}

fn told(net: &mut Net, device: DeviceId, doc: ActId) -> Told {
    Told::of(net.node(device).store(), doc).unwrap()
}

#[test]
fn unit_that_lost_the_ticket_hears_what_became_of_its_own_acts_and_of_nothing_else() {
    let (mut net, doc, done) = overtaken();
    let ticket = row(&mut net, OFFICE, doc);
    assert_eq!(ticket.unsettled, 0, "nothing of its own stays provisional");
    assert_eq!(ticket.concerned.iter().map(|c| (c.unit, c.open, c.heeds)).collect::<Vec<_>>(), [(TOWN, false, true)]);
    let says = told(&mut net, OFFICE, doc).stands(done).cloned();
    assert!(matches!(&says, Some(Says::Fell { rule, by: Some(_) }) if rule == "not-current-dispatch"), "{says:?}");
    // What the city does for the other unit does not come.
    let later = give(&mut net, HUB, act(doc, Body::Admonish)).unwrap();
    assert!(!holds(&mut net, OFFICE, later));
    let findings = |net: &mut Net, device| {
        let rows = net.node(device).store().findings_of(&doc).unwrap();
        rows.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>()
    };
    let before = findings(&mut net, OFFICE);
    assert_eq!(before, findings(&mut net, HUB));
    // An act by which the unit takes note ends what it is shown for, and is found to stand in its turn.
    let seen = give(&mut net, OFFICE, Command::Act { doc, draft: Draft::new(Body::Acknowledge).answering(Some(done)) });
    let ticket = row(&mut net, OFFICE, doc);
    assert_eq!((ticket.unsettled, ticket.concerned[0].heeds), (0, false));
    assert_eq!(told(&mut net, OFFICE, doc).stands(seen.unwrap()), Some(&Says::Stands));
    assert_eq!(findings(&mut net, OFFICE).len(), before.len() + 1);
}

#[test]
fn word_of_a_hotline_on_what_fell_comes_to_the_unit_with_its_text() {
    for (body, device) in [(Body::AcceptWork, HUB), (Body::Uphold, HUB)] {
        let kind = body.kind();
        let (mut net, doc, done) = overtaken();
        give(
            &mut net,
            OFFICE,
            Command::Act { doc, draft: Draft::new(Body::ShowDone).text(["见照片"]).answering(Some(done)) },
        )
        .unwrap();
        assert!(!row(&mut net, OFFICE, doc).concerned[0].heeds, "it waits for the hotline");
        assert_eq!(row(&mut net, HUB, doc).overruled, 1, "which has it to look at");
        let word = Command::Act { doc, draft: Draft::new(body).text(["确已办妥"]).answering(Some(done)) };
        give(&mut net, device, word).unwrap();
        assert_eq!(row(&mut net, HUB, doc).overruled, 0);
        let ticket = row(&mut net, OFFICE, doc);
        assert_eq!((ticket.overruled, ticket.concerned[0].heeds), (0, true), "it is to be seen");
        let told = told(&mut net, OFFICE, doc);
        let words: Vec<_> = told.words(done).collect();
        let [found] = words.as_slice() else { panic!("{words:?}") };
        assert!(matches!(found.finding.says, Says::Word { kind: of, unit: city::CITY, .. } if of == kind));
        assert_eq!(found.text.as_ref().map(|part| part.text.as_str()), Some("确已办妥"));
        give(&mut net, OFFICE, Command::Act { doc, draft: Draft::new(Body::Acknowledge).answering(Some(done)) })
            .unwrap();
        assert!(!row(&mut net, OFFICE, doc).concerned[0].heeds);
    }
}

#[test]
fn findings_come_through_a_county_and_hold_by_the_signature_of_the_hub_alone() {
    let (mut net, doc) = given(COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    give(&mut net, OFFICE, Command::Act { doc, draft: Draft::new(Body::SignFor) }).unwrap();
    net.cut();
    let tagged = give(&mut net, OFFICE, Command::Act { doc, draft: city::tag("老人") }).unwrap();
    let elsewhere = Dispatch { lead: OTHER_TOWN, assisting: vec![] };
    give(&mut net, HUB, act(doc, Body::Redispatch(elsewhere))).unwrap();
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    assert_eq!(told(&mut net, OFFICE, doc).stands(tagged), Some(&Says::Stands));
    assert_eq!(row(&mut net, OFFICE, doc).unsettled, 0);
    // What somebody else signs in the hub's name is none.
    let (_, bytes) = net.node(HUB).store().findings_of(&doc).unwrap().swap_remove(0);
    let found = Found::decode(&bytes).unwrap();
    let registry = city::registry();
    assert!(found.holds(&registry));
    for device in [OFFICE, COUNTY_HUB] {
        let finding = Finding { device, ..found.finding.clone() };
        assert!(!Found::sign(finding, None, &city::key(device)).holds(&registry), "{device:?}");
        assert!(!Found::sign(found.finding.clone(), None, &city::key(device)).holds(&registry), "{device:?}");
    }
}

#[test]
fn act_that_came_another_way_first_is_told_of_once_it_stands_in_the_units_feed() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE, OTHER_OFFICE]);
    let doc = give(&mut net, HUB, Command::Begin(city::register("供暖不热"))).unwrap();
    let both = Dispatch { lead: TOWN, assisting: vec![OTHER_TOWN] };
    give(&mut net, HUB, act(doc, Body::Dispatch(both))).unwrap();
    net.connect(HUB, COUNTY_HUB);
    for office in [OFFICE, OTHER_OFFICE] {
        net.connect(COUNTY_HUB, office);
    }
    net.run();
    // The county counts it into the scopes of both units; the city, meanwhile, closes the one.
    net.cut();
    for office in [OFFICE, OTHER_OFFICE] {
        net.connect(COUNTY_HUB, office);
    }
    let tagged = give(&mut net, OFFICE, Command::Act { doc, draft: city::tag("老人") }).unwrap();
    give(&mut net, HUB, act(doc, Body::Redispatch(Dispatch { lead: OTHER_TOWN, assisting: vec![] }))).unwrap();
    net.cut();
    net.connect(HUB, OTHER_OFFICE);
    net.run();
    assert!(holds(&mut net, HUB, tagged), "through the other unit");
    net.cut();
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    assert_eq!(told(&mut net, OFFICE, doc).stands(tagged), Some(&Says::Stands));
    assert_eq!(row(&mut net, OFFICE, doc).unsettled, 0);
}

// Whoever raised a request may have what names him erased wherever it is, also where the ticket went on from.
#[test]
fn what_is_erased_after_a_ticket_has_left_is_erased_at_the_unit_that_it_has_left() {
    let (mut net, doc) = given(OFFICE);
    let elsewhere = Dispatch { lead: OTHER_TOWN, assisting: vec![] };
    give(&mut net, HUB, act(doc, Body::Redispatch(elsewhere))).unwrap();
    let held = |net: &mut Net| {
        let kernel = net.node(OFFICE);
        let history = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
        let kept = kernel.store().act(&doc).unwrap().unwrap().parts;
        assert_eq!(kernel::requester::held(&history), kept.iter().any(|part| part.kind == PartKind::Private.number()));
        (kernel::requester::held(&history), kernel.store().any_key(Key::Telephone, "13800000000", true).unwrap())
    };
    assert_eq!(held(&mut net), (true, true));
    net.cut();
    let redact = Draft::new(Body::Redact { content: Content::Private }).text(["诉求人要求"]).answering(Some(doc));
    give(&mut net, HUB, Command::Act { doc, draft: redact }).unwrap();
    let people = city::people(city::CITY);
    let confirm = Command::Act { doc, draft: Draft::new(Body::Confirm) };
    let (done, effects) = city::ask(net.node(HUB), NOON, Some(people[1]), confirm);
    assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
    net.spread(HUB, effects);
    net.run();
    assert_eq!(held(&mut net), (true, true));
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(held(&mut net), (false, false));
    // It is told once, and stays erased.
    let findings = net.node(HUB).store().findings_of(&doc).unwrap().len();
    give(&mut net, HUB, act(doc, Body::Admonish)).unwrap();
    assert_eq!(net.node(HUB).store().findings_of(&doc).unwrap().len(), findings);
    net.restart(OFFICE, false);
    net.connect(HUB, OFFICE);
    net.run();
    assert_eq!(held(&mut net), (false, false));
}
