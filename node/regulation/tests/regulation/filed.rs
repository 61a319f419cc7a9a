//! What tells a fact is filed where it belongs, whatever was decided beside it (26, 28).

use crate::at_once::{both, made, rated, record, state};
use crate::support::records::{LEAD, OTHER, act, act_at, recording};
use regulation::act::{Satisfaction, Urgency};
use regulation::{ActKind as K, Body, Dispatch, Fact, Record, TicketState, bring_in};

#[test]
fn what_is_filed_counts_within_what_can_be() {
    let signed = record("signed");
    let dispatched_at = signed.ticket().and_then(|t| t.lead()).map(|lead| lead.dispatched_at).expect("a lead");
    let taken = made(&signed, 201, "city", K::Recall, None);
    let mut told = made(&signed, 202, "lead", K::Contact, None);
    (told.claimed_at, told.happened_at) = (dispatched_at + 60_000, Some(dispatched_at - 3_600_000));
    for (record, rule) in both(&signed, &taken, &told) {
        let own = record.ticket().and_then(|t| t.assignments.iter().find(|a| a.unit == LEAD)).cloned();
        let contact = own.expect("its part").first_contact;
        assert_eq!(
            (rule, contact),
            (None, Some((told.id, dispatched_at))),
            "no call before the dispatch that it answers"
        );
    }
    // By an edition of the rules that does not have it nobody can say it.
    let before = Fact { edition: regulation::Edition(0), ..told };
    let fell = bring_in(&mut signed.clone(), &before).err().map(|broken| broken.rule.code());
    assert_eq!(fell, Some("not-yet"));
}

#[test]
fn a_sign_for_and_a_reply_stay_told_whatever_became_of_the_dispatch() {
    let sent = record("dispatched");
    let signs = Fact { claimed_at: 5, ..made(&sent, 201, "lead", K::SignFor, None) };
    for (kind, body) in
        [(K::Recall, None), (K::Redispatch, Some(Body::Redispatch(Dispatch { lead: OTHER, assisting: vec![] })))]
    {
        let taken = made(&sent, 202, "city", kind, body);
        let [(record, rule), _] = both(&sent, &taken, &signs);
        let own = record.ticket().and_then(|t| t.assignments.iter().find(|a| a.unit == LEAD)).cloned();
        let own = own.expect("its part");
        assert_eq!((rule, own.signed_for, own.closed_by), (None, Some((signs.id, 5)), Some(taken.id)), "{kind:?}");
    }
    let replied = record("replied");
    let release = made(&replied, 201, "city", K::SuperviseRelease, None);
    let reply = Fact { claimed_at: 7, ..made(&replied, 202, "lead", K::SuperviseReply, None) };
    for (record, rule) in both(&replied, &release, &reply) {
        let supervision = record.ticket().and_then(|t| t.supervisions.first()).cloned().expect("a supervision");
        assert_eq!((rule, supervision.replied, supervision.released.is_some()), (None, Some((reply.id, 7)), true));
    }
}

#[test]
fn what_was_told_is_filed_where_it_belongs() {
    let mut signed = record("signed");
    act(&mut signed, 199, "city", K::Attach, Some(recording()));
    act(&mut signed, 200, "city", K::SetUrgency, Some(Body::SetUrgency { urgency: Urgency::Urgent }));
    let to_other = || Some(Body::Redispatch(Dispatch { lead: OTHER, assisting: vec![] }));
    let taken = [
        made(&signed, 201, "city", K::Redispatch, to_other()),
        made(&signed, 201, "city", K::Recall, None),
        made(&signed, 201, "city", K::Merge, None),
        made(&signed, 201, "city", K::Withdraw, None),
    ];
    for taken in &taken {
        for (who, kind) in [
            ("lead", K::Contact),
            ("lead", K::Progress),
            ("lead", K::Note),
            ("lead", K::Attach),
            ("assisting", K::SignFor),
            ("city", K::NotifyByPhone),
            ("city", K::Urge),
            ("city", K::Supplement),
        ] {
            let fact = Fact { claimed_at: 5, ..made(&signed, 202, who, kind, None) };
            let [(after, rule), _] = both(&signed, taken, &fact);
            assert_eq!(rule, None, "{kind:?} beside {:?}", taken.body.kind());
            let ticket = after.ticket().expect("a ticket");
            let own = ticket.assignments.iter().find(|a| a.unit == LEAD).expect("its part");
            let reported = ticket.alarms.iter().flat_map(|alarm| &alarm.reports);
            let reported = reported.map(|report| (report.dispatch, report.done)).collect::<Vec<_>>();
            let told = (own.first_contact == Some((fact.id, 5)), reported == [(Some(own.dispatch), (fact.id, 5))]);
            assert_eq!(told, (kind == K::Contact, kind == K::Progress), "{kind:?}");
            // It says nothing of whoever has it since.
            let others = ticket.assignments.iter().filter(|a| a.dispatch == taken.id);
            assert!(others.into_iter().all(|a| a.first_contact.is_none() && a.delivered_at.is_none()), "{kind:?}");
        }
    }
    // What fell with its dispatch is on record, and counts for nobody.
    let registered = record("registered");
    let mut elsewhere = registered.clone();
    act(&mut elsewhere, 203, "city", K::Dispatch, Some(Body::Dispatch(Dispatch { lead: OTHER, assisting: vec![] })));
    let contact = made(&signed, 204, "lead", K::Contact, None);
    let before = elsewhere.clone();
    assert_eq!((bring_in(&mut elsewhere, &contact), elsewhere == before), (Ok(()), true));
}

#[test]
fn what_the_requester_says_counts_beside_filing_and_remedy() {
    // Beside the filing: it goes before it, and is answered.
    let explained = record("closed");
    let mut good = explained.clone();
    act(&mut good, 201, "city", K::FollowUp, rated(Satisfaction::Satisfied));
    let bad = made(&explained, 202, "city", K::FollowUp, rated(Satisfaction::Dissatisfied));
    let archive = made(&good, 203, "city", K::Archive, None);
    let [(after, rule), _] = both(&good, &bad, &archive);
    assert_eq!((state(&after), rule), (TicketState::AwaitingVerification, Some("not-ready-for-archive")));
    // Beside a remedy: of the round that it was asked of, and the remedy goes on.
    let discontent = record("discontent");
    let second = made(&discontent, 204, "city", K::FollowUp, rated(Satisfaction::Satisfied));
    let remedy = made(&discontent, 205, "lead", K::Remedy, None);
    for (after, rule) in both(&discontent, &second, &remedy) {
        let ticket = after.ticket().expect("a ticket");
        let told = ticket.follow_ups.iter().find(|told| told.id == second.id).map(|told| told.round);
        assert_eq!((rule, told, ticket.round, ticket.state), (None, Some(1), 2, TicketState::InProgress));
    }
    // Beside an explanation: what it says anew is answered anew; content, it changes nothing.
    for (satisfaction, expected) in [
        (Satisfaction::Dissatisfied, TicketState::AwaitingVerification),
        (Satisfaction::Satisfied, TicketState::AwaitingArchive),
    ] {
        let second = made(&discontent, 204, "city", K::FollowUp, rated(satisfaction));
        let explain = made(&discontent, 205, "lead", K::Explain, None);
        let [_, (after, rule)] = both(&discontent, &second, &explain);
        assert_eq!((state(&after), rule), (expected, None), "{satisfaction:?}");
    }
}

#[test]
fn after_a_settled_filing_only_what_is_witnessed_as_earlier_counts() {
    use regulation::act::Seen;
    let mut closed = record("closed");
    let bad = Fact { claimed_at: 5, ..made(&closed, 201, "city", K::FollowUp, rated(Satisfaction::Dissatisfied)) };
    act(&mut closed, 202, "city", K::FollowUp, rated(Satisfaction::Satisfied));
    act_at(&mut closed, 203, "city", K::Archive, None, 10);
    let filed = state(&closed);
    bring_in(&mut closed, &bad).expect("on record");
    assert_eq!((filed, state(&closed)), (TicketState::Archived, TicketState::Archived));
    let seen = |record: &Record, offline, received_at| Fact {
        body: Body::Witness(Seen::Late { not_before: 0, received_at, offline, clock_good: true }),
        answers: Some(bad.id),
        ..made(record, 204, "hub", K::Witness, None)
    };
    for (offline, received_at, expected) in [
        (true, 20, TicketState::AwaitingVerification),
        (false, 20, TicketState::Archived),
        (false, 9, TicketState::AwaitingVerification),
    ] {
        let mut witnessed = closed.clone();
        bring_in(&mut witnessed, &seen(&closed, offline, received_at)).expect("witnessed");
        let ticket = witnessed.ticket().expect("a ticket");
        assert_eq!((ticket.state, ticket.archived.is_none()), (expected, expected != TicketState::Archived));
        let rounds: Vec<u32> = ticket.follow_ups.iter().map(|told| told.round).collect();
        assert_eq!(rounds, [1, u32::from(expected != TicketState::Archived)], "a rating of no round counts for none");
    }
    // An officer may find so too.
    let mut decided = closed.clone();
    bring_in(&mut decided, &seen(&closed, false, 20)).expect("witnessed");
    let decide = Fact {
        answers: Some(bad.id),
        ..made(&decided, 205, "city", K::DecideTime, Some(Body::DecideTime { in_time: true }))
    };
    bring_in(&mut decided, &decide).expect("decided");
    assert_eq!(state(&decided), TicketState::AwaitingVerification);
    // Work told after the closure moves nothing before it, unless it is witnessed.
    let mut done = record("completed");
    let contact = Fact { claimed_at: -5, ..made(&done, 206, "lead", K::Contact, None) };
    act(&mut done, 207, "city", K::ConfirmClosure, None);
    let first = |record: &Record| record.ticket().and_then(|t| t.lead()).and_then(|lead| lead.first_contact);
    let before = first(&done);
    bring_in(&mut done, &contact).expect("on record");
    assert_eq!(first(&done), before);
    let seen = Fact { answers: Some(contact.id), ..seen(&done, true, 20) };
    let seen = Fact {
        body: Body::Witness(Seen::Late { not_before: -9, received_at: 20, offline: true, clock_good: true }),
        ..seen
    };
    bring_in(&mut done, &seen).expect("witnessed");
    assert_eq!(first(&done), Some((contact.id, -5)));
}

#[test]
fn what_a_unit_did_before_the_ticket_was_taken_away_counts_for_it_then_and_when_it_is_given_back() {
    let sent = record("dispatched");
    let at = sent.ticket().and_then(|t| t.lead()).map(|lead| lead.dispatched_at).expect("a lead");
    let mut sent = sent;
    act(&mut sent, 199, "city", K::NotifyByPhone, Some(Body::NotifyByPhone { unit: LEAD }));
    let signs = Fact { claimed_at: at + 60_000, ..made(&sent, 201, "lead", K::SignFor, None) };
    let recall = Fact { claimed_at: at + 3_600_000, ..made(&sent, 202, "city", K::Recall, None) };
    let mut record = sent.clone();
    bring_in(&mut record, &recall).expect("recalled");
    let back =
        made(&record, 203, "city", K::Dispatch, Some(Body::Dispatch(Dispatch { lead: LEAD, assisting: vec![] })));
    let back = Fact { claimed_at: at + 7_200_000, ..back };
    for fact in [&back, &signs] {
        bring_in(&mut record, fact).expect("all stand");
    }
    let ticket = record.ticket().expect("a ticket");
    let signed = |ticket: &regulation::Ticket| ticket.lead().and_then(|lead| lead.signed_for);
    assert_eq!((signed(ticket), ticket.state), (Some((signs.id, at + 60_000)), TicketState::InProgress));
    let then = ticket.as_it(ticket.stood.first().expect("a part that is over"));
    assert_eq!(signed(&then), Some((signs.id, at + 60_000)), "so its due is met, whatever became of the ticket");
    // What is said to have been done once it was over says nothing of what came due before.
    let after = Fact { claimed_at: at + 5_400_000, ..signs };
    let mut late = sent;
    for fact in [&recall, &after] {
        bring_in(&mut late, fact).expect("both stand");
    }
    let ticket = late.ticket().expect("a ticket");
    assert_eq!(signed(&ticket.as_it(ticket.stood.first().expect("a part that is over"))), None);
}
