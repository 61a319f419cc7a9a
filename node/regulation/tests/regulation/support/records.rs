//! Tickets in every state, and everybody who may have something to do with one.

#![allow(dead_code, reason = "each test uses some of it")]

use regulation::act::{AttachClass, FileHash, Had, Joins, MediaType, RequestKind, Satisfaction, Solved};
use regulation::{
    ActId, ActKind, Author, Body, Dispatch, Fact, Level, PersonId, Record, Register, UnitId, apply, options,
};

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
    let author = |unit, level, hub| Author {
        unit,
        level,
        hub,
        person: Some(PersonId(1)),
        roles: regulation::split::all_of_one(),
    };
    vec![
        ("city", author(CITY, Level::CityHotline, false)),
        ("second", Author { person: Some(PersonId(2)), ..author(CITY, Level::CityHotline, false) }),
        ("hub", Author { person: None, ..author(CITY, Level::CityHotline, true) }),
        ("county", author(COUNTY, Level::CountyHotline, false)),
        ("lead", author(LEAD, Level::Unit, false)),
        ("assisting", author(ASSISTING, Level::Unit, false)),
        ("other", author(OTHER, Level::Unit, false)),
    ]
}

/// Whether what that author does is anything else than what the first person of the unit does: it is to confirm.
pub fn differs(who: &str, kind: ActKind) -> bool {
    who != "second" || kind.of_pairs()
}

/// Somebody by that name.
pub fn author(name: &str) -> Author {
    authors().into_iter().find(|(other, _)| *other == name).expect("somebody").1
}

/// `options::fact` with what no record can know: whose words a redaction is to erase. Here it is always the requester's.
pub fn particular(record: &Record, kind: ActKind, author: &Author) -> Fact {
    let fact = options::fact(record, kind, author);
    let answers = if kind == ActKind::Redact { record.ticket().map(|ticket| ticket.registered) } else { fact.answers };
    Fact { answers, ..fact }
}

/// A recorded call.
pub fn recording() -> Body {
    recorded(7)
}

/// One of several.
pub fn recorded(number: u8) -> Body {
    let (class, media) = (AttachClass::Recording, MediaType::Wav);
    Body::Attach { class, root: [number; 32], bytes: 1, hash: FileHash::Blake3, media }
}

/// Lets somebody act; the particulars are those of `options::fact` unless a body is given.
pub fn act(record: &mut Record, number: u8, who: &str, kind: ActKind, body: Option<Body>) {
    act_at(record, number, who, kind, body, 0);
}

/// The same at a time.
pub fn act_at(record: &mut Record, number: u8, who: &str, kind: ActKind, body: Option<Body>, at: i64) {
    let author = author(who);
    let mut fact = particular(record, kind, &author);
    (fact.id, fact.claimed_at) = (ActId([number; 32]), at);
    fact.body = body.unwrap_or(fact.body);
    apply(record, &fact).unwrap_or_else(|broken| panic!("{who} {kind:?}: {broken:?}"));
}

/// An act of a story: who, what, and its particulars if they are not those of `options::fact`.
pub type Step = (&'static str, ActKind, Option<Body>);

/// Records that between them are in every state, several of them in more than one way.
pub fn records() -> Vec<(&'static str, Record)> {
    let told = |steps: Vec<Step>| {
        let mut record = Record::Empty;
        for (number, (who, kind, body)) in (1..).zip(steps) {
            act(&mut record, number, who, kind, body);
        }
        record
    };
    stories().into_iter().map(|(name, steps)| (name, told(steps))).collect()
}

/// How each of the records came about.
pub fn stories() -> Vec<(&'static str, Vec<Step>)> {
    use ActKind as K;
    let dispatch = |lead| Some(Body::Dispatch(Dispatch { lead, assisting: vec![ASSISTING] }));
    let discontent = || {
        let mut fact = options::fact(&Record::Empty, K::FollowUp, &author("city"));
        if let Body::FollowUp { rating: Some(rating), .. } = &mut fact.body {
            (rating.solved, rating.satisfaction) = (Solved::No, Satisfaction::Dissatisfied);
        }
        Some(fact.body)
    };
    let life: &[(&'static str, &'static str, K, Option<Body>)] = &[
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
        ("released", "city", K::SuperviseRelease, None),
        ("answered in writing", "lead", K::Attach, Some(recording())),
        ("completed", "lead", K::Complete, None),
        ("sent back", "city", K::SendBack, None),
        ("completed again", "lead", K::Complete, None),
        ("closed", "city", K::ConfirmClosure, None),
        ("discontent", "city", K::FollowUp, discontent()),
        ("remedied", "lead", K::Remedy, None),
        ("answered in writing again", "lead", K::Attach, Some(recorded(8))),
        ("completed for the third time", "lead", K::Complete, None),
        ("closed again", "city", K::ConfirmClosure, None),
        ("discontent again", "city", K::FollowUp, discontent()),
        ("explained", "lead", K::Explain, None),
        ("archived", "city", K::Archive, None),
    ];
    let registered: Step = ("city", K::Register, None);
    let mut all = vec![("registered", vec![registered.clone()])];
    let ends =
        [("answered", K::Answer), ("rejected", K::Reject), ("referred", K::ReferRegion), ("withdrawn", K::Withdraw)];
    for (name, kind) in ends.into_iter().chain([("merged", K::Merge)]) {
        all.push((name, vec![registered.clone(), ("city", kind, None)]));
    }
    let mut told = vec![registered.clone()];
    for (name, who, kind, body) in life {
        told.push((who, *kind, body.clone()));
        all.push((name, told.clone()));
    }
    let proposed = |name: &str, kind| {
        let before = all.iter().find(|(other, _)| *other == name).expect("a record").1.clone();
        before.into_iter().chain([("city", kind, None)]).collect()
    };
    let redaction = ("redaction proposed", proposed("registered", K::Redact));
    let ratification = ("ratification proposed", proposed("signed", K::Ratify));
    let setting_aside = ("setting aside proposed", proposed("discontent", K::SetAsideRating));
    let merging = ("merging another matter proposed", proposed("signed", K::MergeOther));
    let meeting = ("meeting asked", proposed("signed", K::ReferMeeting));
    all.extend([redaction, ratification, setting_aside, merging, meeting]);
    let steps = |name: &str| all.iter().find(|(other, _)| *other == name).expect("a record").1.clone();
    let signed = steps("signed").len();
    // Another ticket joins when the unit has signed.
    let took_in = |name: &str| {
        let joins = Joins { had: vec![Had { unit: LEAD, until: None, due: None }], ..Joins::default() };
        let joins = Body::Supplement { joined: Some(ActId([77; 32])), joins: Some(joins) };
        let mut taken = steps(name);
        taken.insert(signed, ("city", K::Supplement, Some(joins)));
        taken
    };
    let (joined, asked) = (took_in("signed"), took_in("closed"));
    all.extend([("another joined", joined), ("two to be asked", asked)]);
    let signed = all.iter().find(|(name, _)| *name == "signed").expect("a record").1.clone();
    let heard = ("city", K::Attach, Some(recording()));
    all.push(("heard", signed.into_iter().chain([heard]).collect()));
    let praise = Body::Register(Register { kind: RequestKind::Praise, ..Register::sample() });
    all.push(("praise", vec![("city", K::Register, Some(praise))]));
    let proxy: Step = ("other", K::RegisterByProxy, None);
    all.push(("written down", vec![proxy.clone()]));
    all.push(("own matter", vec![proxy, ("city", K::OwnMatter, None)]));
    let mut told = vec![registered];
    for (name, who, kind, body) in [
        ("at the county", "city", K::Dispatch, dispatch(COUNTY)),
        ("sent on", "county", K::SubDispatch, Some(Body::SubDispatch(Dispatch { lead: LEAD, assisting: vec![] }))),
        ("taken back by the county", "county", K::Recall, None),
        ("taken back by the city", "city", K::Recall, None),
    ] {
        told.push((who, kind, body));
        all.push((name, told.clone()));
    }
    all
}
