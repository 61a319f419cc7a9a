//! Two bodies act at once, without hearing of each other: what people said and did is not lost, and nobody is wronged by
//! the order in which it is heard of.

use crate::support::records::{ASSISTING, COUNTY, LEAD, OTHER, act, act_at, author, records};
use regulation::act::{
    Contacted, Rating, Reached, Satisfaction, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::{ActId, ActKind as K, Body, Dispatch, Fact, Record, TicketState, bring_in, crossed, decide, options};

pub fn record(name: &str) -> Record {
    records().into_iter().find(|(other, _)| *other == name).expect("a record").1
}

pub fn made(record: &Record, number: u8, who: &str, kind: K, body: Option<Body>) -> Fact {
    let mut fact = options::fact(record, kind, &author(who));
    fact.id = ActId([number; 32]);
    fact.body = body.unwrap_or(fact.body);
    fact
}

/// The second of two, whose author had not heard of the first.
pub fn beside(record: &Record, first: &Fact, second: &Fact) -> Fact {
    let crossed = crossed(record, second, |id| id != first.id);
    Fact { crossed, ..second.clone() }
}

/// Both at once, heard of in both orders; what the record comes to in each, and the rule that the second broke.
pub fn both(record: &Record, a: &Fact, b: &Fact) -> [(Record, Option<&'static str>); 2] {
    [(a, b), (b, a)].map(|(first, second)| {
        let mut record = record.clone();
        bring_in(&mut record, first).unwrap_or_else(|broken| panic!("{:?}: {broken:?}", first.body));
        let second = beside(&record, first, second);
        let rule = bring_in(&mut record, &second).err().map(|broken| broken.rule.code());
        (record, rule)
    })
}

pub fn rated(satisfaction: Satisfaction) -> Option<Body> {
    let rating = Some(Rating { contacted: Contacted::Yes, solved: Solved::Yes, satisfaction });
    Some(Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating, of: None })
}

fn in_vain() -> Option<Body> {
    Some(Body::FollowUp { way: Way::Telephone, reached: Reached::NoAnswer, rating: None, of: None })
}

pub fn state(record: &Record) -> TicketState {
    record.ticket().expect("a ticket").state
}

#[test]
fn both_stand_whichever_is_heard_of_first() {
    let to = |lead| Dispatch { lead, assisting: vec![] };
    let supervise = || Some(Body::Supervise { level: SuperviseLevel::Special, ground: SuperviseGround::BadEffect });
    let recuse = || Some(Body::Recuse { unit: OTHER });
    for (name, a, b) in [
        // A reply is to the supervision that the unit knew.
        ("supervised", ("lead", K::SuperviseReply, None), ("city", K::Supervise, supervise())),
        ("replied", ("city", K::SuperviseRelease, None), ("city", K::Supervise, supervise())),
        // Another call in vain takes no rating away.
        ("discontent", ("city", K::FollowUp, in_vain()), ("lead", K::VerifyRating, None)),
        // What the requester says is a fact.
        ("registered", ("city", K::Urge, None), ("city", K::Answer, None)),
        ("registered", ("city", K::Supplement, None), ("city", K::Withdraw, None)),
        ("discontent", ("city", K::Urge, None), ("lead", K::Explain, None)),
        // An interference is reported though the ticket was taken away.
        ("signed", ("lead", K::ReportInterference, None), ("city", K::Recall, None)),
        ("signed", ("lead", K::Note, None), ("city", K::Merge, None)),
        ("signed", ("lead", K::Attach, None), ("city", K::Redispatch, Some(Body::Redispatch(to(OTHER))))),
        // What was asked for in time is decided though the work is done.
        ("extension asked", ("city", K::ExtendApprove, None), ("lead", K::Complete, None)),
        ("extension asked", ("city", K::ExtendDeny, None), ("lead", K::Complete, None)),
        ("defer agreed", ("city", K::DeferRelease, None), ("lead", K::Complete, None)),
        // What was done before the city took it in.
        ("written down", ("other", K::Progress, None), ("city", K::OwnMatter, None)),
        ("written down", ("other", K::Progress, None), ("city", K::Reject, None)),
        // A county asks the city though it has sent the ticket on.
        (
            "at the county, signed",
            ("county", K::ExtendRequest, None),
            ("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD)))),
        ),
        (
            "at the county, signed",
            ("county", K::Escalate, None),
            ("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD)))),
        ),
        // Work that was done counts though the end was found meanwhile.
        ("completed", ("lead", K::Contact, None), ("city", K::ConfirmClosure, None)),
        ("completed", ("assisting", K::AssistFeedback, None), ("city", K::ConfirmClosure, None)),
        ("heard", ("lead", K::Contact, None), ("city", K::Withdraw, None)),
        ("discontent", ("lead", K::Appeal, None), ("lead", K::Remedy, None)),
        ("discontent", ("lead", K::Appeal, None), ("assisting", K::Appeal, None)),
        // An opinion that was given is one.
        ("escalated", ("other", K::Opinion, None), ("city", K::Redispatch, Some(Body::Redispatch(to(COUNTY))))),
        ("merged", ("city", K::Unmerge, None), ("city", K::Urge, None)),
        ("signed", ("city", K::Split, None), ("city", K::Merge, None)),
        ("registered", ("city", K::SetUrgency, None), ("city", K::SetUrgency, None)),
        ("registered", ("city", K::Recuse, recuse()), ("city", K::Answer, None)),
    ] {
        let record = match name {
            "at the county, signed" => {
                let mut record = record("at the county");
                act(&mut record, 99, "county", K::SignFor, None);
                record
            }
            name => record(name),
        };
        let (a, b) = (made(&record, 201, a.0, a.1, a.2), made(&record, 202, b.0, b.1, b.2));
        for (_, rule) in both(&record, &a, &b) {
            assert_eq!(rule, None, "{name}: {:?} beside {:?}", a.body.kind(), b.body.kind());
        }
    }
}

#[test]
fn two_people_asked_and_one_heard_that_it_is_not_good() {
    let closed = record("closed");
    let good = made(&closed, 201, "city", K::FollowUp, rated(Satisfaction::Satisfied));
    let bad = made(&closed, 202, "city", K::FollowUp, rated(Satisfaction::Dissatisfied));
    for (record, rule) in both(&closed, &good, &bad) {
        assert_eq!((state(&record), rule), (TicketState::AwaitingVerification, None));
        assert_eq!(record.ticket().and_then(|t| t.bad_rating()), Some(bad.id), "the bad one is to be verified");
    }
    // One that somebody has answered is not asked for again.
    let mut explained = record("explained");
    let again = made(&explained, 203, "city", K::FollowUp, rated(Satisfaction::Satisfied));
    assert_eq!(decide(&explained, &again).err().map(|broken| broken.rule.code()), Some("rating-answered"));
    act(&mut explained, 204, "city", K::Object, None);
    assert_eq!(state(&explained), TicketState::AwaitingVerification);
}

#[test]
fn a_call_in_vain_takes_no_rating_away_from_whoever_answers_it() {
    let discontent = record("discontent");
    let call = made(&discontent, 201, "city", K::FollowUp, in_vain());
    let proposed = record("setting aside proposed");
    for (kind, before, who) in
        [(K::Remedy, &discontent, "lead"), (K::Explain, &discontent, "lead"), (K::Confirm, &proposed, "second")]
    {
        let answer = made(before, 202, who, kind, None);
        let [(after, rule), _] = both(before, &call, &answer);
        assert_eq!(rule, None, "{kind:?}");
        assert_ne!(state(&after), TicketState::AwaitingVerification, "{kind:?}");
    }
}

#[test]
fn a_mistaken_rating_is_set_aside_though_the_unit_was_quick() {
    let proposed = record("setting aside proposed");
    for kind in [K::Remedy, K::Explain] {
        let quick = made(&proposed, 201, "lead", kind, None);
        let aside = made(&proposed, 202, "second", K::Confirm, None);
        let [(after, rule), (_, remedy)] = both(&proposed, &quick, &aside);
        // What is set aside needs no answer any more.
        assert_eq!((rule, remedy), (None, Some("no-bad-rating")), "{kind:?}");
        assert!(after.ticket().is_some_and(|ticket| ticket.follow_ups.iter().any(|f| f.set_aside.is_some())));
    }
}

#[test]
fn nothing_is_filed_while_somebody_waits_for_something() {
    for kind in [K::Supervise, K::Appeal] {
        let mut explained = record("explained");
        let who = if kind == K::Supervise { "city" } else { "lead" };
        act(&mut explained, 201, who, kind, None);
        let archive = made(&explained, 202, "city", K::Archive, None);
        let rule = decide(&explained, &archive).err().map(|broken| (broken.rule.code(), broken.by));
        assert_eq!(rule, Some(("archive-incomplete", Some(ActId([201; 32])))), "{kind:?}");
        // The unit files what it has all the same.
        assert!(decide(&explained, &made(&explained, 203, "lead", K::Archive, None)).is_ok());
    }
}

#[test]
fn filing_takes_no_objection_away() {
    let explained = record("explained");
    let object = made(&explained, 201, "city", K::Object, None);
    let archive = made(&explained, 202, "city", K::Archive, None);
    let [(first, file), (second, none)] = both(&explained, &object, &archive);
    assert_eq!((file, none), (Some("not-ready-for-archive"), None));
    for record in [first, second] {
        let ticket = record.ticket().expect("a ticket");
        assert_eq!((ticket.state, ticket.archived), (TicketState::AwaitingVerification, None));
    }
}

#[test]
fn setting_a_rating_aside_is_of_that_rating_and_of_no_attempt() {
    let mut discontent = record("discontent");
    let rating = discontent.ticket().and_then(|t| t.bad_rating()).expect("a bad rating");
    act(&mut discontent, 201, "city", K::FollowUp, in_vain());
    assert_eq!(discontent.ticket().and_then(|t| t.bad_rating()), Some(rating));
    let body = Body::SetAsideRating { ground: SetAsideGround::Mistaken };
    act(&mut discontent, 202, "city", K::SetAsideRating, Some(body));
    act(&mut discontent, 203, "second", K::Confirm, None);
    let ticket = discontent.ticket().expect("a ticket");
    let aside: Vec<ActId> = ticket.follow_ups.iter().filter(|f| f.set_aside.is_some()).map(|f| f.id).collect();
    assert_eq!((aside, ticket.state), (vec![rating], TicketState::AwaitingArchive));
}

#[test]
fn whoever_is_complained_of_does_not_lead_alone_whichever_is_heard_of_first() {
    let registered = record("registered");
    let alone = Body::Dispatch(Dispatch { lead: LEAD, assisting: vec![] });
    let recuse = made(&registered, 201, "city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    let dispatch = made(&registered, 202, "city", K::Dispatch, Some(alone));
    let [(first, rule), (second, none)] = both(&registered, &recuse, &dispatch);
    assert_eq!((rule, none), (Some("recused"), None));
    assert_eq!(state(&first), TicketState::Registered);
    assert_eq!(state(&second), TicketState::AwaitingDispatch);
    for record in [first, second] {
        assert!(record.ticket().is_some_and(|ticket| ticket.lead().is_none() && ticket.recused == [LEAD]));
    }
    // With another unit beside it it stays, and its hop at a county falls back to the county.
    let mut beside = record("dispatched");
    act(&mut beside, 203, "city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    assert_eq!(beside.ticket().and_then(|t| t.lead()).map(|lead| lead.unit), Some(LEAD));
    // Until that one is kept out too.
    act(&mut beside, 204, "city", K::Recuse, Some(Body::Recuse { unit: ASSISTING }));
    assert_eq!((beside.ticket().and_then(|t| t.lead()), state(&beside)), (None, TicketState::AwaitingDispatch));
    // What it has reported it is not deprived of: the hotline looks at that.
    let mut done = record("completed");
    act(&mut done, 203, "city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    act(&mut done, 204, "city", K::Recuse, Some(Body::Recuse { unit: ASSISTING }));
    assert_eq!((done.ticket().and_then(|t| t.lead()).is_some(), state(&done)), (true, TicketState::AwaitingClosure));
    let mut below = record("sent on");
    act(&mut below, 204, "city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    let led = below.ticket().and_then(|t| t.lead()).map(|lead| lead.unit);
    assert_eq!((led, state(&below)), (Some(COUNTY), TicketState::InProgress));
}

#[test]
fn a_return_that_is_refused_leaves_the_ticket_with_whoever_has_it() {
    // A unit that asked before it signed has it in hand; a county's leaves the unit below where it is.
    let mut asked = record("dispatched");
    act(&mut asked, 201, "lead", K::ReturnRequest, None);
    act(&mut asked, 202, "city", K::ReturnDeny, None);
    assert_eq!(state(&asked), TicketState::InProgress);
    let mut below = record("sent on");
    act(&mut below, 201, "county", K::ReturnRequest, None);
    act(&mut below, 202, "city", K::ReturnDeny, None);
    assert_eq!(state(&below), TicketState::AwaitingSignFor);
}

#[test]
fn of_two_times_the_earlier_counts() {
    let sent = record("dispatched");
    let by_phone = Fact {
        claimed_at: 5,
        ..made(&sent, 201, "city", K::SignForByPhone, Some(Body::SignForByPhone { unit: LEAD }))
    };
    let by_unit = Fact { claimed_at: 9, ..made(&sent, 202, "lead", K::SignFor, None) };
    for (record, _) in both(&sent, &by_phone, &by_unit) {
        assert_eq!(record.ticket().and_then(|t| t.lead()).and_then(|lead| lead.signed_for), Some((by_phone.id, 5)));
    }
    let signed = record("signed");
    let contact = |number, at| Fact { claimed_at: at, ..made(&signed, number, "lead", K::Contact, None) };
    for (record, rule) in both(&signed, &contact(201, 5), &contact(202, 9)) {
        let first = record.ticket().and_then(|t| t.lead()).and_then(|lead| lead.first_contact);
        assert_eq!((first, rule), (Some((ActId([201; 32]), 5)), None));
    }
    let mut same = signed;
    for number in [201, 202] {
        act_at(&mut same, number, "lead", K::Contact, None, 5);
    }
    let first = same.ticket().and_then(|t| t.lead()).and_then(|lead| lead.first_contact);
    assert_eq!(first, Some((ActId([201; 32]), 5)), "of two at the same time the first one");
}

#[test]
fn nobody_is_offered_to_sign_again() {
    let offered = |record: &Record| {
        let options = options::options(record, &author("lead"), regulation::Edition::FIRST);
        options.iter().find(|(kind, _)| *kind == K::SignFor).is_some_and(|(_, may)| may.is_ok())
    };
    for (name, expected) in [("dispatched", true), ("signed", false), ("completed", false)] {
        assert_eq!(offered(&record(name)), expected, "{name}");
    }
    let mut signed = record("dispatched");
    act_at(&mut signed, 201, "lead", K::SignFor, None, 1_793_592_000_000);
    assert!(!offered(&signed), "whenever that was");
}

#[test]
fn only_the_city_finds_that_there_is_no_danger() {
    let mut record = record("signed");
    let set = |urgency| Some(Body::SetUrgency { urgency });
    act(&mut record, 201, "lead", K::SetUrgency, set(Urgency::Urgent));
    let lower = made(&record, 202, "lead", K::SetUrgency, set(Urgency::Ordinary));
    assert_eq!(decide(&record, &lower).err().map(|broken| broken.rule.code()), Some("city-only"));
    act(&mut record, 203, "city", K::SetUrgency, set(Urgency::Ordinary));
    assert_eq!(record.ticket().map(|ticket| ticket.urgency), Some(Urgency::Ordinary));
    let mut below = self::record("sent on");
    act(&mut below, 201, "lead", K::SetUrgency, set(Urgency::Urgent));
    let lower = made(&below, 202, "county", K::SetUrgency, set(Urgency::Ordinary));
    let refused = decide(&below, &lower).err().map(|broken| broken.rule.code());
    assert_eq!(refused, Some("city-only"), "the county has a clock of its own that would stop");
    let stranger = made(&record, 204, "other", K::SetUrgency, set(Urgency::Urgent));
    assert!(decide(&record, &stranger).is_err());
}

#[test]
fn a_wrong_merge_can_be_undone_after_the_archive() {
    let mut merged = record("merged");
    act(&mut merged, 201, "city", K::Archive, None);
    act(&mut merged, 202, "city", K::Unmerge, None);
    let ticket = merged.ticket().expect("a ticket");
    assert_eq!((ticket.state, ticket.archived, ticket.merged), (TicketState::Registered, None, None));
}

#[test]
fn what_has_ended_says_so_to_whoever_comes_after() {
    for name in ["answered", "rejected", "referred", "withdrawn", "merged", "own matter"] {
        let ended = record(name);
        for (who, kind) in
            [("city", K::Dispatch), ("city", K::Recall), ("lead", K::SignFor), ("city", K::ConfirmClosure)]
        {
            let rule = decide(&ended, &made(&ended, 201, who, kind, None)).err().map(|broken| broken.rule.code());
            assert_eq!(rule, Some("not-open"), "{name}: {who} {kind:?}");
        }
    }
}

#[test]
fn a_completion_outlasts_the_recall_that_it_crossed() {
    let signed = record("signed");
    let recall = made(&signed, 201, "city", K::Recall, None);
    let complete = made(&signed, 202, "lead", K::Complete, None);
    for (record, rule) in both(&signed, &recall, &complete) {
        // Settled first, the completion leaves nothing to be taken back.
        assert_eq!(state(&record), TicketState::AwaitingClosure, "{rule:?}");
        assert_eq!(record.ticket().and_then(|t| t.lead()).map(|lead| lead.unit), Some(LEAD));
    }
    // Whoever has heard of the recall does not complete what he has not got.
    let mut recalled = signed.clone();
    bring_in(&mut recalled, &recall).expect("recalled");
    assert_eq!(decide(&recalled, &complete).err().map(|broken| broken.rule.code()), Some("not-current-dispatch"));
    // Once it is somebody else's, it stays so.
    let given =
        made(&recalled, 203, "city", K::Dispatch, Some(Body::Dispatch(Dispatch { lead: OTHER, assisting: vec![] })));
    let mut elsewhere = recalled.clone();
    bring_in(&mut elsewhere, &given).expect("given to another");
    let fell = bring_in(&mut elsewhere, &complete).err().map(|broken| (broken.rule.code(), broken.by));
    assert_eq!(fell, Some(("not-current-dispatch", Some(recall.id))));
    // Nor does one that is complained of come back by it.
    let mut kept_out = recalled;
    act(&mut kept_out, 204, "city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    assert!(bring_in(&mut kept_out, &complete).is_err());
    // Of a county's recall the same: the county answers for its hop again.
    let mut below = record("sent on");
    act(&mut below, 205, "lead", K::SignFor, None);
    let before = below.clone();
    let recall = made(&below, 206, "county", K::Recall, None);
    let complete = made(&below, 207, "lead", K::Complete, None);
    for fact in [&recall, &complete] {
        bring_in(&mut below, fact).expect("both stand");
    }
    let parts = |record: &Record| {
        let ticket = record.ticket().expect("a ticket");
        ticket.assignments.iter().map(|a| (a.unit, a.part, a.closed_by)).collect::<Vec<_>>()
    };
    assert_eq!((parts(&below), state(&below)), (parts(&before), TicketState::AwaitingClosure));
    assert_eq!(state(&record("taken back by the county")), TicketState::InProgress);
}

#[test]
fn a_recall_that_was_crossed_leaves_no_round_that_is_over() {
    let signed = record("signed");
    let recall = made(&signed, 201, "city", K::Recall, None);
    let complete = made(&signed, 202, "lead", K::Complete, None);
    let (mut crossed, mut alone) = (signed.clone(), signed.clone());
    for fact in [&recall, &complete] {
        bring_in(&mut crossed, fact).expect("both stand");
    }
    bring_in(&mut alone, &complete).expect("completed");
    assert_eq!(crossed, alone, "the recall is on record in the timeline alone");
}

#[test]
fn of_two_devices_of_a_unit_the_one_that_completed_it_decides() {
    let signed = record("signed");
    let back = made(&signed, 201, "lead", K::ReturnRequest, None);
    let complete = made(&signed, 202, "lead", K::Complete, None);
    for (record, _) in both(&signed, &back, &complete) {
        let lead = record.ticket().and_then(|t| t.lead()).cloned().expect("a lead");
        assert_eq!((state(&record), lead.return_request), (TicketState::AwaitingClosure, None));
    }
    // To ask for a return is no reason to let the work lie.
    let asked = record("return asked");
    let complete = made(&asked, 202, "lead", K::Complete, None);
    assert_eq!(decide(&asked, &complete), Ok(()));
}
