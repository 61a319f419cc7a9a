//! What a peer may not have and asks for, and what it brings in where it does not belong.

use kernel::{Input, Kernel, scopes};
use regulation::ActId;
use replica::History;
use sync::frame::Carried;
use sync::{Frame, Mark, ScopeKey};

use crate::city::{self, CITY, COUNTY_HUB, NOON, OFFICE, OTHER_OFFICE};
use crate::hostile::{OTHER_SCOPE, TOWN_SCOPE, hub, state};
use crate::liar::Liar;

#[test]
fn acts_of_a_scope_that_is_not_shared_are_passed_over_in_silence() {
    let (mut hub, docs) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let before = state(&hub);
    let foreign = office.make(&hub, &Liar::history(&hub, docs[1]), city::tag("供暖"));
    let own = office.make(&hub, &Liar::history(&hub, docs[0]), city::tag("供暖"));
    for scope in [OTHER_SCOPE, ScopeKey(CITY.0), ScopeKey(77)] {
        for act in [&foreign, &own] {
            let answers = office.push(&mut hub, scope, &[act.encode()]);
            assert!(answers.frames.is_empty() && answers.closed.is_none(), "{scope:?}: {answers:?}");
        }
    }
    assert!(state(&hub) == before);
    assert_eq!(hub.store().refused_count().unwrap(), 0);
}

#[test]
fn nothing_of_a_scope_that_is_not_shared_leaves_whatever_is_asked() {
    let (mut hub, _) = hub();
    let office = Liar::connect(&mut hub, OFFICE);
    let mark = Mark::default();
    let mut answers = Vec::new();
    for scope in [OTHER_SCOPE, ScopeKey(CITY.0)] {
        for frame in [
            Frame::Rewind { scope, mark, round: 1 },
            Frame::Mismatch { scope },
            Frame::Ack { scope, mark, gap: true },
            Frame::Cursors(vec![(scope, mark)]),
        ] {
            answers.extend(office.say(&mut hub, &frame).frames);
        }
    }
    let shared = [TOWN_SCOPE, scopes::KNOWLEDGE, scopes::REGISTRY];
    for frame in &answers {
        if let Frame::Batch { scope, .. } | Frame::Pieces { scope, .. } | Frame::Ack { scope, .. } = frame {
            assert!(shared.contains(scope), "{frame:?}");
        }
    }
}

#[test]
fn name_of_an_act_that_the_peer_may_not_have_tells_nothing_and_brings_nothing() {
    // A batch may name acts instead of bringing them. Whoever learnt an act's id elsewhere (ids stand in other acts) must
    // not find out by it whether the act is here, and not get it sent.
    let (mut hub, docs) = hub();
    let answer_to = |hub: &mut Kernel, id: ActId| {
        let mut office = Liar::connect(hub, OFFICE);
        let answers = office.send(hub, scopes::KNOWLEDGE, vec![Carried::Known(id.0)]);
        hub.handle(NOON, vec![Input::Gone { conn: hub.sessions()[0].0 }]).unwrap();
        format!("{answers:?}")
    };
    let before = state(&hub);
    let unknown = answer_to(&mut hub, ActId([0x42; 32]));
    let (foreign, kept) = (answer_to(&mut hub, docs[1]), answer_to(&mut hub, docs[2]));
    assert_eq!(foreign, unknown, "the answer tells that the act is here");
    assert_eq!(kept, unknown);
    assert!(state(&hub) == before, "a ticket entered a feed that everybody is sent");
}

#[test]
fn name_of_an_act_that_both_hold_is_understood() {
    let (mut hub, docs) = hub();
    let mut county = Liar::connect(&mut hub, COUNTY_HUB);
    let answers = county.send(&mut hub, ScopeKey(city::COUNTY.0), vec![Carried::Known(docs[0].0)]);
    assert!(county.acked(&answers, ScopeKey(city::COUNTY.0)), "{answers:?}");
}

#[test]
fn name_of_an_entry_of_the_registry_is_understood_if_that_is_here_and_not_received_else() {
    let (mut hub, _) = hub();
    let first = hub.registry().entries().next().unwrap();
    let here = replica::seal::hash(b"jiesu/registry/item", first);
    for (name, understood) in [([0x42; 32], false), (here, true)] {
        let mut office = Liar::connect(&mut hub, OFFICE);
        let answers = office.send(&mut hub, scopes::REGISTRY, vec![Carried::Known(name)]);
        assert_eq!(office.acked(&answers, scopes::REGISTRY), understood, "{answers:?}");
        hub.handle(NOON, vec![Input::Gone { conn: hub.sessions()[0].0 }]).unwrap();
    }
}

#[test]
fn ticket_that_is_pushed_into_the_knowledge_base_reaches_nobody() {
    let (mut hub, docs) = hub();
    let row = |hub: &Kernel, doc: ActId| hub.store().act(&doc).unwrap().unwrap();
    let ticket = kernel::read::sealed(&row(&hub, docs[0])).unwrap();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let before = state(&hub);
    let act = office.make(&hub, &Liar::history(&hub, docs[0]), city::tag("供暖"));
    office.push(&mut hub, scopes::KNOWLEDGE, &[ticket.encode(), act.encode()]);
    assert!(state(&hub) == before, "it entered a feed that everybody is sent");
    // A township that holds nothing of it does not keep it either.
    let mut other = city::node(OTHER_OFFICE);
    let mut office = Liar::connect(&mut other, OFFICE);
    office.push(&mut other, scopes::KNOWLEDGE, &[ticket.encode(), act.encode()]);
    assert!(kernel::read::docs(other.store()).unwrap().is_empty());
    assert!(other.store().refused_count().unwrap() > 0, "it is in quarantine, for whoever looks into it");
    // Through the scope that it belongs to it is welcome.
    let mut office = Liar::connect(&mut hub, OFFICE);
    office.push(&mut hub, TOWN_SCOPE, &[act.encode()]);
    assert!(hub.store().aseq_of(&act.id()).unwrap().is_some());
}

#[test]
fn article_that_is_pushed_into_a_units_scope_stays_out_of_it() {
    let (mut hub, _) = hub();
    let mut office = Liar::connect(&mut hub, OFFICE);
    let before = state(&hub);
    let article = office.make(&hub, &History::default(), city::article());
    office.push(&mut hub, TOWN_SCOPE, &[article.encode()]);
    assert!(state(&hub) == before);
    office.push(&mut hub, scopes::KNOWLEDGE, &[article.encode()]);
    assert!(hub.store().aseq_of(&article.id()).unwrap().is_some());
}
