//! Acts that come through a scope before that has a part in their document: they wait, and enter its feed once it has.

use kernel::{Input, Kernel, Quotas, read};
use regulation::ActId;
use regulation::act::{Body, Dispatch};
use replica::{Draft, Sealed};
use sync::frame::Carried;
use sync::{Frame, ScopeKey};

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, HUB, LAPTOP, NOON, OTHER_OFFICE, OTHER_TOWN, TOWN};
use crate::liar::Liar;

const SCOPE: ScopeKey = ScopeKey(TOWN.0);
const ELSEWHERE: ScopeKey = ScopeKey(OTHER_TOWN.0);

/// A ticket that a county had, and that another of its townships has now, at the city's hub; the county that has not heard of
/// that, and what it does: it gives the ticket to a township, which falls but shows that the township had a part. `early` is of
/// the city's laptop: no act of the county's follows it, nor does it stand in the county's own feed.
struct Case {
    hub: Kernel,
    county: Liar,
    doc: ActId,
    sub: Sealed,
    early: Sealed,
}

fn case() -> Case {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    let dispatch = city::act(&mut hub, NOON, person, doc, city::dispatch(COUNTY));
    let had = Liar::history(&hub, doc);
    let redispatch = Body::Redispatch(Dispatch { lead: OTHER_TOWN, assisting: Vec::new() });
    city::act(&mut hub, NOON, person, doc, Draft::new(redispatch).text(["管辖不同"]));
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    let mut laptop = Liar::connect(&mut hub, LAPTOP);
    let early = laptop.make(&hub, &had, city::tag("供暖"));
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let give = Body::SubDispatch(Dispatch { lead: TOWN, assisting: Vec::new() });
    let sub = county.make(&hub, &had, Draft::new(give).text(["请办理"]).answering(Some(dispatch)));
    Case { hub, county, doc, sub, early }
}

impl Case {
    fn send(&mut self, scope: ScopeKey, carried: Carried) {
        let answers = self.county.send(&mut self.hub, scope, vec![carried]);
        assert!(self.county.acked(&answers, scope), "what waits keeps no cursor back");
    }

    fn fed(&self, id: ActId) -> bool {
        read::scope_acts(self.hub.store(), SCOPE).unwrap().contains(&id)
    }

    fn waiting(&self) -> u64 {
        self.hub.store().held_count_of(COUNTY_HUB).unwrap()
    }

    /// The township has no part as far as is known, and then what shows that it had comes through that scope.
    fn waits_and_enters(mut self, shown_through: ScopeKey) {
        let (id, sub) = (self.early.id(), self.sub.encode());
        assert!(self.hub.store().aseq_of(&id).unwrap().is_some(), "it is shown at once");
        assert!(!self.fed(id), "what a peer says gives its scope nothing");
        assert_eq!(self.waiting(), 1);
        self.send(shown_through, Carried::item(sub));
        assert_eq!(self.hub.store().act(&self.sub.id()).unwrap().unwrap().rule, None, "it is lawful");
        assert!(self.fed(id), "whoever holds the scope alone would never get it");
        assert_eq!(self.waiting(), 0);
    }
}

#[test]
fn act_that_is_new_here_enters_its_scope_once_that_has_a_part() {
    for shown_through in [SCOPE, ELSEWHERE] {
        let mut case = case();
        let early = case.early.encode();
        case.send(SCOPE, Carried::item(early));
        case.waits_and_enters(shown_through);
    }
}

#[test]
fn act_that_was_known_enters_its_scope_once_that_has_a_part() {
    for shown_through in [SCOPE, ELSEWHERE] {
        for named in [true, false] {
            let mut case = case();
            let (early, id) = (case.early.encode(), case.early.id());
            case.send(ELSEWHERE, Carried::item(early.clone()));
            assert_eq!(case.waiting(), 0, "that scope has the ticket");
            case.send(SCOPE, if named { Carried::Known(id.0) } else { Carried::item(early) });
            case.waits_and_enters(shown_through);
        }
    }
}

#[test]
fn what_waits_for_its_scope_waits_over_a_restart_and_whatever_comes_meanwhile() {
    let mut case = case();
    let (early, id) = (case.early.encode(), case.early.id());
    case.send(SCOPE, Carried::item(early.clone()));
    for _ in 0..3 {
        case.send(SCOPE, Carried::Known(id.0));
        case.send(SCOPE, Carried::item(early.clone()));
        case.hub.handle(NOON + 1, vec![Input::Tick]).unwrap();
    }
    let mut hub = city::open(HUB, case.hub.into_store(), NOON, false);
    case.county.reconnect(&mut hub);
    let answers = case.county.say(&mut hub, &Frame::CursorsPlease);
    assert_eq!(answers.closed, None);
    Case { hub, ..case }.waits_and_enters(SCOPE);
}

#[test]
fn what_waits_for_its_scope_already_is_never_too_much_when_it_is_looked_at_again() {
    let mut case = case();
    let (doc, early) = (case.doc, case.early.encode());
    case.send(SCOPE, Carried::Known(doc.0));
    case.send(SCOPE, Carried::item(early));
    assert_eq!(case.waiting(), 2);
    // No room any more; and the beginning, which may show the part with what comes, is looked at again.
    case.hub.set_quotas(Quotas { held_bytes: 0, ..Quotas::default() });
    case.send(SCOPE, Carried::Known(case.early.id().0));
    assert_eq!(case.waiting(), 2);
    let sub = case.sub.encode();
    case.send(SCOPE, Carried::item(sub));
    assert!(case.fed(case.early.id()) && case.fed(doc));
    assert_eq!(case.waiting(), 0);
}

/// The acts of a document as they are sent, in the order in which they were made.
fn acts_of(hub: &Kernel, doc: ActId) -> Vec<Vec<u8>> {
    let row = hub.store().doc_no(&doc).unwrap().unwrap();
    let acts = hub.store().acts_of(row, store::Aseq(0)).unwrap();
    acts.iter().map(|act| read::sealed(act).unwrap().encode()).collect()
}

#[test]
fn act_whose_scope_is_given_a_part_while_the_rest_of_its_batch_waits_enters_its_feed() {
    let mut hub = city::node(HUB);
    let person = city::people(CITY)[0];
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    let early = city::act(&mut hub, NOON, person, doc, city::tag("供暖"));
    let dispatch = Body::Dispatch(Dispatch { lead: TOWN, assisting: vec![OTHER_TOWN] });
    city::act(&mut hub, NOON, person, doc, Draft::new(dispatch).text(["请办理"]));
    let acts = acts_of(&hub, doc);
    let mut county = city::node(COUNTY_HUB);
    let peers = [HUB, OTHER_OFFICE].map(|peer| Liar::connect(&mut county, peer));
    for (mut peer, scope) in peers.into_iter().zip([SCOPE, ELSEWHERE]) {
        let frame = peer.frame(scope, &acts);
        county.step(NOON, vec![peer.input_of(&frame)], 0).unwrap();
    }
    // Of what the one peer brought all but the dispatch, then what the other did, then the dispatch.
    county.step(NOON, Vec::new(), acts.len() - 1).unwrap();
    assert!(county.store().doc_no(&doc).unwrap().is_none() && county.waits());
    while county.waits() {
        county.step(NOON, Vec::new(), 16).unwrap();
    }
    for scope in [SCOPE, ELSEWHERE] {
        assert!(read::scope_acts(county.store(), scope).unwrap().contains(&early));
    }
    assert_eq!(county.store().held_counts().unwrap(), []);
}

/// Some of what shows that a scope has a part may be here already, and known to both: it must be at hand when the rest comes.
#[test]
fn ticket_that_left_comes_back_in_several_batches() {
    for named in [true, false] {
        let mut hub = city::node(HUB);
        let person = city::people(CITY)[0];
        let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
        city::act(&mut hub, NOON, person, doc, city::dispatch(TOWN));
        city::act(&mut hub, NOON, person, doc, Draft::new(Body::Recall).text(["管辖不同"]));
        let known = acts_of(&hub, doc);
        city::act(&mut hub, NOON, person, doc, city::dispatch(OTHER_TOWN));
        let all = acts_of(&hub, doc);
        let mut county = city::node(COUNTY_HUB);
        let mut peer = Liar::connect(&mut county, HUB);
        peer.push(&mut county, SCOPE, &known);
        for act in &known {
            let id = Sealed::decode(act).unwrap().id();
            let again = if named { Carried::Known(id.0) } else { Carried::item(act.clone()) };
            peer.send(&mut county, ELSEWHERE, vec![again]);
        }
        peer.push(&mut county, ELSEWHERE, &all[known.len()..]);
        let ids = |acts: &[Vec<u8>]| acts.iter().map(|act| Sealed::decode(act).unwrap().id()).collect();
        assert_eq!(read::scope_acts(county.store(), ELSEWHERE).unwrap(), ids(&all));
        assert_eq!(read::scope_acts(county.store(), SCOPE).unwrap(), ids(&known), "it has left, and hears no more");
        assert_eq!(county.store().held_counts().unwrap(), []);
    }
}
