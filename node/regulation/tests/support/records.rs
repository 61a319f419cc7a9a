//! Tickets in every state, and everybody who may have something to do with one.

#![allow(dead_code, reason = "each test uses some of it")]

use regulation::act::{Satisfaction, Solved};
use regulation::{ActId, ActKind, Author, Body, Dispatch, Level, PersonId, Record, Role, UnitId, apply, options};

/// The city hotline.
pub const CITY: UnitId = UnitId(1);
/// A county hotline.
pub const COUNTY: UnitId = UnitId(2);
/// The unit that leads.
pub const LEAD: UnitId = UnitId(3);
/// A unit that assists.
pub const ASSISTING: UnitId = UnitId(4);
/// A unit without a part.
pub const OTHER: UnitId = UnitId(5);

/// Everybody who may have something to do with a ticket, with a name for messages.
pub fn authors() -> Vec<(&'static str, Author)> {
    let author = |unit, level, hub| Author { unit, level, hub, person: Some(PersonId(1)), roles: Role::ALL.to_vec() };
    vec![
        ("city", author(CITY, Level::CityHotline, false)),
        ("hub", Author { person: None, ..author(CITY, Level::CityHotline, true) }),
        ("county", author(COUNTY, Level::CountyHotline, false)),
        ("lead", author(LEAD, Level::Unit, false)),
        ("assisting", author(ASSISTING, Level::Unit, false)),
        ("other", author(OTHER, Level::Unit, false)),
    ]
}

/// Somebody by that name.
pub fn author(name: &str) -> Author {
    authors().into_iter().find(|(other, _)| *other == name).expect("somebody").1
}

/// Lets somebody act; the particulars are those of `options::fact` unless a body is given.
pub fn act(record: &mut Record, number: u8, who: &str, kind: ActKind, body: Option<Body>) {
    act_at(record, number, who, kind, body, 0);
}

/// The same at a time.
pub fn act_at(record: &mut Record, number: u8, who: &str, kind: ActKind, body: Option<Body>, at: i64) {
    let author = author(who);
    let mut fact = options::fact(record, kind, &author);
    (fact.id, fact.claimed_at) = (ActId([number; 32]), at);
    fact.body = body.unwrap_or(fact.body);
    apply(record, &fact).unwrap_or_else(|broken| panic!("{who} {kind:?}: {broken:?}"));
}

/// Records that between them are in every state, several of them in more than one way.
pub fn records() -> Vec<(&'static str, Record)> {
    use ActKind as K;
    let dispatch = |lead| Some(Body::Dispatch(Dispatch { lead, assisting: vec![ASSISTING] }));
    let discontent = || {
        let mut fact = options::fact(&Record::Empty, K::FollowUp, &author("city"));
        if let Body::FollowUp { rating: Some(rating), .. } = &mut fact.body {
            (rating.solved, rating.satisfaction) = (Solved::No, Satisfaction::Dissatisfied);
        }
        Some(fact.body)
    };
    let life: &[(&str, &str, K, Option<Body>)] = &[
        ("dispatched", "city", K::Dispatch, dispatch(LEAD)),
        ("signed", "lead", K::SignFor, None),
        ("assisting signed", "assisting", K::SignFor, None),
        ("return asked", "lead", K::ReturnRequest, None),
        ("return refused", "city", K::ReturnDeny, None),
        ("extension asked", "lead", K::ExtendRequest, None),
        ("extended", "city", K::ExtendApprove, None),
        ("escalated", "lead", K::Escalate, Some(Body::Escalate { to: OTHER })),
        ("advised", "other", K::Opinion, None),
        ("deferred", "lead", K::Defer, None),
        ("defer agreed", "city", K::DeferApprove, None),
        ("defer released", "city", K::DeferRelease, None),
        ("supervised", "city", K::Supervise, None),
        ("replied", "lead", K::SuperviseReply, None),
        ("completed", "lead", K::Complete, None),
        ("sent back", "city", K::SendBack, None),
        ("completed again", "lead", K::Complete, None),
        ("closed", "city", K::ConfirmClosure, None),
        ("discontent", "city", K::FollowUp, discontent()),
        ("remedied", "lead", K::Remedy, None),
        ("completed for the third time", "lead", K::Complete, None),
        ("closed again", "city", K::ConfirmClosure, None),
        ("discontent again", "city", K::FollowUp, discontent()),
        ("explained", "lead", K::Explain, None),
        ("archived", "city", K::Archive, None),
    ];
    let mut record = Record::Empty;
    act(&mut record, 1, "city", K::Register, None);
    let mut all = vec![("registered", record.clone())];
    let ends =
        [("answered", K::Answer), ("rejected", K::Reject), ("referred", K::ReferRegion), ("withdrawn", K::Withdraw)];
    for (name, kind) in ends.into_iter().chain([("merged", K::Merge)]) {
        let mut ended = record.clone();
        act(&mut ended, 2, "city", kind, None);
        all.push((name, ended));
    }
    for (number, (name, who, kind, body)) in (2..).zip(life) {
        act(&mut record, number, who, *kind, body.clone());
        all.push((name, record.clone()));
    }
    let mut proxy = Record::Empty;
    act(&mut proxy, 1, "other", K::RegisterByProxy, None);
    all.push(("written down", proxy.clone()));
    act(&mut proxy, 2, "city", K::OwnMatter, None);
    all.push(("own matter", proxy));
    let mut county = all[0].1.clone();
    act(&mut county, 2, "city", K::Dispatch, dispatch(COUNTY));
    all.push(("at the county", county.clone()));
    act(&mut county, 3, "county", K::SubDispatch, Some(Body::SubDispatch(Dispatch { lead: LEAD, assisting: vec![] })));
    all.push(("sent on", county.clone()));
    act(&mut county, 4, "county", K::Recall, None);
    all.push(("taken back by the county", county.clone()));
    act(&mut county, 5, "city", K::Recall, None);
    all.push(("taken back by the city", county));
    all
}
