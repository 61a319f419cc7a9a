//! The table of articles 9 to 28: whole, and obeyed in every cell.

use std::collections::BTreeSet;

use crate::support::records::{LEAD, OTHER, act, act_at, author, authors, records};
use crate::support::story::Story;
use regulation::act::{
    Agree, Channel, Party, Reached, Register, RejectGround, RequestKind, Seen, SuperviseGround, SuperviseLevel,
    Urgency, Way,
};
use regulation::table::{TABLE, row, timed};
use regulation::{
    ActId, ActKind, Author, Body, Dispatch, Fact, Level, PersonId, Record, TicketState, apply, decide, options,
};

#[test]
fn whatever_hangs_on_a_time_is_witnessed_when_it_comes_late() {
    // What no due, figure or order of the requester's days is counted by; and what machines say of times.
    let free = [
        "region-answer",
        "arrive",
        "remind",
        "correct",
        "note",
        "tag",
        "admonish",
        "report-interference",
        "redact",
        "ratify",
        "acknowledge",
        "show-done",
        "accept-work",
        "uphold",
        "witness",
        "settle",
    ];
    let of_tickets = ActKind::ALL.iter().copied().filter(|kind| !kind.of_knowledge());
    let found: BTreeSet<&str> = of_tickets.filter(|kind| !timed(*kind)).map(ActKind::code).collect();
    assert_eq!(found, free.into_iter().collect());
}

#[test]
fn the_table_is_whole() {
    let of_tickets: BTreeSet<ActKind> = ActKind::ALL.iter().copied().filter(|kind| !kind.of_knowledge()).collect();
    let rows: BTreeSet<ActKind> = TABLE.iter().map(|row| row.kind).collect();
    assert_eq!(rows, of_tickets, "every kind of a ticket has a row");
    assert_eq!(TABLE.len(), rows.len(), "and only one");
    let numbers: BTreeSet<u16> = ActKind::ALL.iter().map(|kind| kind.number()).collect();
    let codes: BTreeSet<&str> = ActKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!((numbers.len(), codes.len()), (ActKind::ALL.len(), ActKind::ALL.len()));
    let reached: BTreeSet<TicketState> =
        records().iter().map(|(_, record)| record.ticket().expect("a ticket").state).collect();
    assert_eq!(reached, TicketState::ALL.into_iter().collect(), "the records below are in every state");
}

#[test]
fn every_cell_obeys_the_table() {
    let mut cells = 0;
    for (name, record) in records() {
        let state = record.ticket().expect("a ticket").state;
        for (who, author) in authors() {
            for kind in ActKind::ALL.iter().copied().filter(|kind| !kind.begins()) {
                let outcome = decide(&record, &options::fact(&record, kind, &author));
                let Some(row) = row(kind) else {
                    assert!(outcome.is_err(), "{who} {kind:?} on a ticket");
                    continue;
                };
                cells += 1;
                let clock = author.person.is_none() && author.level != Level::Unit;
                let by_itself = kind == ActKind::Supervise || kind == ActKind::SuperviseRelease && author.hub;
                let nobody = if kind.of_clock() { !clock } else { author.person.is_none() && !by_itself };
                // 先行处置: whoever wrote the ticket down may have dealt with it before anybody took it in.
                let ticket = record.ticket().expect("a ticket");
                let beforehand = matches!(kind, ActKind::Progress | ActKind::Contact | ActKind::Arrive)
                    && ticket.registered_by == author.unit
                    && ticket.assignments.is_empty();
                if nobody || (!row.from.contains(&state) && !beforehand) {
                    assert!(outcome.is_err(), "{name} ({state:?}): {who} may {kind:?}");
                }
                if outcome.is_ok() {
                    // What was decided is what is done, and it is done once in the same way.
                    let (mut once, mut again) = (record.clone(), record.clone());
                    let fact = options::fact(&record, kind, &author);
                    apply(&mut once, &fact).expect("decided");
                    apply(&mut again, &fact).expect("decided");
                    assert_eq!(once, again);
                }
            }
        }
    }
    assert!(cells > 10_000, "{cells} cells");
}

#[test]
fn what_is_refused_changes_nothing() {
    for (name, record) in records() {
        for (who, author) in authors() {
            for kind in ActKind::ALL.iter().copied() {
                let mut tried = record.clone();
                if apply(&mut tried, &options::fact(&record, kind, &author)).is_err() {
                    assert_eq!(tried, record, "{name}: {who} {kind:?}");
                }
            }
        }
    }
}

#[test]
fn what_a_row_cannot_say_holds_too() {
    let record = |name: &str| records().into_iter().find(|(other, _)| *other == name).expect("a record").1;
    let rule = |record: &Record, who: &str, kind, body: Option<Body>| {
        let author = author(who);
        let mut fact = options::fact(record, kind, &author);
        fact.body = body.unwrap_or(fact.body);
        decide(record, &fact).err().map(|broken| broken.rule.code())
    };
    use ActKind as K;
    let dispatch = |lead, assisting| Some(Body::Dispatch(Dispatch { lead, assisting }));
    let extension = |days, by_law| Some(Body::ExtendApprove { days, by_law });
    let redispatch = Some(Body::Redispatch(Dispatch { lead: LEAD, assisting: vec![] }));
    let itself = Some(Body::Merge {
        into: ActId([1; 32]),
        place: Agree::Same,
        category: Agree::Same,
        kind: Agree::Same,
        intake: Agree::Same,
    });
    for (name, who, kind, body, expected) in [
        ("registered", "city", K::Dispatch, dispatch(LEAD, vec![LEAD]), Some("unit-twice")),
        ("registered", "city", K::Merge, itself, Some("same-ticket")),
        ("dispatched", "city", K::Redispatch, redispatch, Some("same-lead")),
        ("dispatched", "lead", K::Complete, None, Some("not-in-hand")),
        ("signed", "lead", K::SignFor, None, Some("already-signed-for")),
        ("return asked", "lead", K::ReturnRequest, None, Some("return-pending")),
        ("return asked", "lead", K::Complete, None, None),
        ("return refused", "lead", K::ReturnWithdraw, None, Some("no-return-pending")),
        ("return refused", "lead", K::ReturnRequest, None, None),
        ("extension asked", "lead", K::ExtendRequest, None, Some("extension-pending")),
        ("extension asked", "city", K::ExtendApprove, extension(15, false), None),
        ("extension asked", "city", K::ExtendApprove, extension(16, false), Some("extension-too-long")),
        ("extension asked", "city", K::ExtendApprove, extension(16, true), None),
        ("extension asked", "city", K::ExtendApprove, extension(0, true), Some("extension-too-long")),
        ("escalated", "lead", K::Escalate, None, Some("already-escalated")),
        ("escalated", "lead", K::Opinion, None, Some("named-only")),
        ("deferred", "lead", K::Defer, None, Some("already-deferred")),
        ("supervised", "city", K::SuperviseRelease, None, Some("not-replied")),
        ("replied", "city", K::SuperviseRelease, None, None),
        ("setting aside proposed", "city", K::Confirm, None, Some("second-person")),
        ("setting aside proposed", "second", K::Confirm, None, None),
        ("setting aside proposed", "lead", K::Confirm, None, Some("city-only")),
        ("setting aside proposed", "lead", K::Decline, None, Some("city-only")),
        ("discontent", "second", K::Confirm, None, Some("nothing-to-confirm")),
        ("explained", "city", K::Object, None, None),
        ("archived", "city", K::Archive, None, Some("already-archived")),
        ("at the county", "county", K::Redispatch, None, Some("dispatcher-only")),
        ("sent on", "county", K::Complete, None, Some("lead-only")),
        ("sent on", "city", K::Redispatch, None, None),
        ("sent on", "county", K::Redispatch, None, None),
        ("written down", "other", K::Progress, None, None),
        ("written down", "lead", K::Progress, None, Some("not-dispatched")),
    ] {
        assert_eq!(rule(&record(name), who, kind, body), expected, "{name}: {who} {kind:?}");
    }
    let mut recused = record("registered");
    act(&mut recused, 9, "city", K::Recuse, Some(Body::Recuse { unit: LEAD }));
    assert_eq!(rule(&recused, "city", K::Dispatch, dispatch(LEAD, vec![])), Some("recused"));
    assert_eq!(rule(&recused, "city", K::Dispatch, dispatch(LEAD, vec![OTHER])), None);
    let mut designated = record("registered");
    act(&mut designated, 9, "city", K::Designate, Some(Body::Designate(Dispatch { lead: LEAD, assisting: vec![] })));
    assert_eq!(rule(&designated, "lead", K::ReturnRequest, None), Some("designated"));
    let mut unmerged = record("merged");
    act(&mut unmerged, 9, "city", K::Unmerge, None);
    assert_eq!(unmerged.ticket().map(|ticket| ticket.state), Some(TicketState::Registered));
}

#[test]
fn a_second_objection_is_refused() {
    use ActKind as K;
    let mut record = records().into_iter().find(|(name, _)| *name == "explained").expect("a record").1;
    act(&mut record, 41, "city", K::Object, None);
    act(&mut record, 42, "lead", K::Explain, None);
    let again = decide(&record, &options::fact(&record, K::Object, &author("city")));
    assert_eq!(again.err().map(|broken| broken.rule.code()), Some("not-explained"));
}

fn rule_of(record: &Record, fact: &Fact) -> Option<&'static str> {
    decide(record, fact).err().map(|broken| broken.rule.code())
}

fn named(name: &str) -> Record {
    records().into_iter().find(|(other, _)| *other == name).expect("a record").1
}

#[test]
fn a_refusal_is_looked_at_by_another_person() {
    use ActKind as K;
    let rejected = named("rejected");
    for kind in [K::ConfirmIntake, K::Archive] {
        let mut fact = options::fact(&rejected, kind, &author("city"));
        assert_eq!(rule_of(&rejected, &fact), Some("second-person"), "{kind:?}");
        fact.author.person = Some(PersonId(2));
        let mut read = rejected.clone();
        apply(&mut read, &fact).expect("another person");
        let state = read.ticket().map(|ticket| ticket.state);
        let expected = if kind == K::Archive { TicketState::Archived } else { TicketState::Registered };
        assert_eq!(state, Some(expected));
        // What was taken in after all is dispatched like any other.
        assert_eq!(rule_of(&read, &options::fact(&read, K::Dispatch, &author("city"))).is_none(), kind != K::Archive);
    }
    let answered = named("answered");
    assert_eq!(rule_of(&answered, &options::fact(&answered, K::Archive, &author("city"))), None);
    assert_eq!(rule_of(&answered, &options::fact(&answered, K::ConfirmIntake, &author("city"))), Some("not-open"));
    // Whoever takes in what was refused must have seen that it was.
    let mut unaware = options::fact(&rejected, K::ConfirmIntake, &author("city"));
    (unaware.answers, unaware.author.person) = (None, Some(PersonId(2)));
    assert_eq!(rule_of(&rejected, &unaware), Some("not-awaiting-confirmation"));
}

#[test]
fn the_city_gives_whoever_has_a_part_more_room_four_times_and_nothing_else_changes() {
    use ActKind as K;
    let more = |unit| Some(Body::MoreRoom { unit });
    let found = |record: &Record, who: &str, unit| {
        let fact = Fact { body: Body::MoreRoom { unit }, ..options::fact(record, K::MoreRoom, &author(who)) };
        rule_of(record, &fact)
    };
    let mut record = named("signed");
    for (who, unit, expected) in [
        ("city", LEAD, None),
        ("city", OTHER, Some("no-such-assignment")),
        ("lead", LEAD, Some("city-only")),
        ("county", LEAD, Some("city-only")),
    ] {
        assert_eq!(found(&record, who, unit), expected, "{who} {unit:?}");
    }
    assert_eq!(found(&named("registered"), "city", LEAD), Some("no-such-assignment"));
    assert_eq!(found(&named("archived"), "city", LEAD), None, "late acts come to a filed ticket too");
    let before = record.clone();
    (60..64).for_each(|number| act(&mut record, number, "city", K::MoreRoom, more(LEAD)));
    assert_eq!(found(&record, "city", LEAD), Some("pages-used"));
    let (Record::Ticket(mut after), Record::Ticket(before)) = (record, before) else { panic!("tickets") };
    assert_eq!((after.more_room(LEAD), after.more_room(OTHER)), (4, 0));
    after.more_room.clear();
    assert_eq!(after, before);
}

#[test]
fn a_unit_may_ask_once_more_and_after_two_units_the_next_is_designated() {
    use ActKind as K;
    let mut record = named("return refused");
    act(&mut record, 60, "lead", K::ReturnRequest, None);
    act(&mut record, 61, "city", K::ReturnDeny, None);
    assert_eq!(rule_of(&record, &options::fact(&record, K::ReturnRequest, &author("lead"))), Some("return-once"));
    let mut record = named("signed");
    act(&mut record, 60, "lead", K::ReturnRequest, None);
    let to = |lead| Dispatch { lead, assisting: vec![] };
    act(&mut record, 61, "city", K::ReturnApprove, Some(Body::ReturnApprove(to(OTHER))));
    act(&mut record, 62, "other", K::ReturnRequest, None);
    let approve = options::fact(&record, K::ReturnApprove, &author("city"));
    assert_eq!(rule_of(&record, &approve), Some("must-designate"));
    act(&mut record, 63, "city", K::Designate, Some(Body::Designate(to(LEAD))));
    assert_eq!(rule_of(&record, &options::fact(&record, K::ReturnRequest, &author("lead"))), Some("designated"));
}

#[test]
fn extensions_come_to_fifteen_days_in_all() {
    use ActKind as K;
    let grant = |days, by_law| Some(Body::ExtendApprove { days, by_law });
    let mut record = named("extended");
    act(&mut record, 60, "lead", K::ExtendRequest, None);
    for (days, by_law, expected) in [(10, false, None), (11, false, Some("extension-too-long")), (30, true, None)] {
        let mut fact = options::fact(&record, K::ExtendApprove, &author("city"));
        fact.body = grant(days, by_law).expect("a body");
        assert_eq!(rule_of(&record, &fact), expected, "{days}");
    }
    // What a law allows does not use up what is usual.
    act(&mut record, 61, "city", K::ExtendApprove, grant(30, true));
    act(&mut record, 62, "lead", K::ExtendRequest, None);
    act(&mut record, 63, "city", K::ExtendApprove, grant(10, false));
}

#[test]
fn one_dispatcher_works_on_a_ticket_until_it_is_dispatched() {
    use ActKind as K;
    let mut record = named("registered");
    act(&mut record, 60, "city", K::Claim, None);
    assert_eq!(rule_of(&record, &options::fact(&record, K::Claim, &author("city"))), Some("already-claimed"));
    act(&mut record, 61, "city", K::HandOver, Some(Body::HandOver { to: PersonId(7) }));
    assert_eq!(record.ticket().and_then(|ticket| ticket.claimed_by), Some(PersonId(7)));
    act(&mut record, 62, "city", K::Dispatch, None);
    assert_eq!(record.ticket().and_then(|ticket| ticket.claimed_by), None);
}

#[test]
fn a_follow_up_in_vain_ends_when_it_is_no_use() {
    use ActKind as K;
    const DAY: i64 = 86_400_000;
    let tried = |attempts: &[(Reached, i64)], anonymous: bool| {
        let Record::Ticket(mut ticket) = named("closed") else { unreachable!() };
        (ticket.register.anonymous, ticket.named) = (anonymous, !anonymous);
        let mut record = Record::Ticket(ticket);
        for (number, (reached, day)) in (60..).zip(attempts) {
            let body = Body::FollowUp { way: Way::Telephone, reached: *reached, rating: None, of: None };
            act_at(&mut record, number, "city", K::FollowUp, Some(body), *day * DAY);
        }
        record.ticket().expect("a ticket").state
    };
    use Reached::{Appointed, DeadNumber, Declined, NoAnswer};
    for (attempts, anonymous, ended) in [
        (&[(NoAnswer, 0), (NoAnswer, 0), (NoAnswer, 0)][..], false, false),
        (&[(NoAnswer, 0), (NoAnswer, 1)], false, false),
        (&[(NoAnswer, 0), (DeadNumber, 0), (Appointed, 1)], false, true),
        (&[(NoAnswer, 0), (NoAnswer, 0), (NoAnswer, 0), (NoAnswer, 1)], false, true),
        (&[(Declined, 0)], false, true),
        (&[(DeadNumber, 0)], false, false),
        (&[(DeadNumber, 0)], true, true),
    ] {
        let state = if ended { TicketState::AwaitingArchive } else { TicketState::AwaitingFollowUp };
        assert_eq!(tried(attempts, anonymous), state, "{attempts:?} {anonymous}");
    }
    // What was tried before the matter was done again says nothing of the time after.
    let mut again = Story::closed();
    again.in_vain(NoAnswer).in_vain(NoAnswer).bad().does("lead", K::Remedy).close().in_vain(NoAnswer);
    assert_eq!(again.record.ticket().map(|ticket| ticket.state), Some(TicketState::AwaitingFollowUp));
}

#[test]
fn a_node_raises_a_supervision_once_and_people_may_insist() {
    use ActKind as K;
    let mut record = named("signed");
    let hub = || Author { person: None, roles: vec![], ..author("hub") };
    let raise = |record: &Record, level| {
        let mut fact = options::fact(record, K::Supervise, &hub());
        (fact.id, fact.body) = (ActId([70; 32]), Body::Supervise { level, ground: SuperviseGround::Overdue });
        fact
    };
    let first = raise(&record, SuperviseLevel::Supervise);
    apply(&mut record, &first).expect("a ground arose");
    assert_eq!(rule_of(&record, &raise(&record, SuperviseLevel::Supervise)), Some("already-supervised"));
    assert_eq!(rule_of(&record, &raise(&record, SuperviseLevel::Special)), None);
    let by_hand = options::fact(&record, K::Supervise, &author("city"));
    assert_eq!(rule_of(&record, &by_hand), None);
    // It is the unit's to reply and the hotline's to release.
    assert_eq!(
        rule_of(&record, &options::fact(&record, K::SuperviseReply, &author("assisting"))),
        Some("not-supervised")
    );
    // A township's node raises none.
    let mut fact = raise(&record, SuperviseLevel::Special);
    fact.author = Author { person: None, roles: vec![], ..author("lead") };
    assert_eq!(rule_of(&record, &fact), Some("person-missing"));
    // One that answers a dispatch which was taken back falls.
    let late = raise(&record, SuperviseLevel::Special);
    act(&mut record, 71, "city", K::Recall, None);
    act(&mut record, 72, "city", K::Dispatch, Some(Body::Dispatch(Dispatch { lead: OTHER, assisting: vec![] })));
    assert_eq!(rule_of(&record, &late), Some("not-current-dispatch"));
}

#[test]
fn only_nodes_of_hotlines_witness_and_only_the_hub_says_what_was_late() {
    let record = named("signed");
    let dispatch = record.ticket().and_then(|ticket| ticket.dispatch());
    let node = |who: &str| Author { person: None, roles: vec![], ..author(who) };
    let delivered = |unit, at| Seen::Delivered { unit, at };
    let late = Seen::Late { not_before: 1, received_at: 2, offline: true, clock_good: true };
    let fact = |who: Author, seen, answers| Fact {
        id: ActId([70; 32]),
        body: Body::Witness(seen),
        answers,
        author: who,
        claimed_at: 10,
        happened_at: None,
        edition: regulation::Edition::FIRST,
        crossed: Vec::new(),
    };
    for (who, seen, answers, expected) in [
        (node("hub"), delivered(LEAD, 5), dispatch, None),
        (node("hub"), delivered(LEAD, 11), dispatch, Some("witnessed-ahead")),
        (node("county"), delivered(LEAD, 5), dispatch, None),
        (node("lead"), delivered(LEAD, 5), dispatch, Some("hub-only")),
        (author("city"), delivered(LEAD, 5), dispatch, Some("hub-only")),
        (node("hub"), delivered(OTHER, 5), dispatch, Some("no-such-assignment")),
        (node("hub"), delivered(LEAD, 5), Some(ActId([9; 32])), Some("no-such-assignment")),
        (node("hub"), late, dispatch, None),
        (node("county"), late, dispatch, Some("hub-only")),
        (node("hub"), late, None, Some("answer-missing")),
    ] {
        assert_eq!(rule_of(&record, &fact(who, seen, answers)), expected, "{seen:?}");
    }
    let mut twice = record.clone();
    for (seen, again) in [(delivered(LEAD, 5), Some("already-witnessed")), (late, Some("already-witnessed"))] {
        apply(&mut twice, &fact(node("hub"), seen, dispatch)).expect("once");
        assert_eq!(rule_of(&twice, &fact(node("hub"), seen, dispatch)), again, "{seen:?}");
    }
    // Two nodes saw it: the earlier counts, but no county's word against the city's.
    assert_eq!(rule_of(&twice, &fact(node("county"), delivered(LEAD, 4), dispatch)), Some("already-witnessed"));
    assert_eq!(rule_of(&twice, &fact(node("hub"), delivered(LEAD, 4), dispatch)), None);
    let mut told = record.clone();
    apply(&mut told, &fact(node("county"), delivered(LEAD, 5), dispatch)).expect("told");
    assert_eq!(rule_of(&told, &fact(node("county"), delivered(LEAD, 4), dispatch)), None);
    assert_eq!(rule_of(&told, &fact(node("hub"), delivered(LEAD, 4), dispatch)), None);
    assert_eq!(rule_of(&told, &fact(node("hub"), delivered(LEAD, 6), dispatch)), Some("already-witnessed"));
}

#[test]
fn other_requesters_join_a_ticket_once() {
    use ActKind as K;
    let mut record = named("signed");
    for (number, joined) in [(70, 50), (71, 50), (72, 51)] {
        act(
            &mut record,
            number,
            "city",
            K::Supplement,
            Some(Body::Supplement { joined: Some(ActId([joined; 32])), joins: None }),
        );
    }
    assert_eq!(record.ticket().map(|ticket| ticket.joined.len()), Some(2));
    let mut itself = options::fact(&record, K::Supplement, &author("city"));
    itself.body = Body::Supplement { joined: record.ticket().map(|ticket| ticket.registered), joins: None };
    assert_eq!(rule_of(&record, &itself), Some("same-ticket"));
}

#[test]
fn whoever_is_turned_away_to_another_procedure_is_told_the_way() {
    let reject = |ground| Body::Reject { ground, duty: None }.segments();
    assert_eq!((reject(RejectGround::OtherProcedure), reject(RejectGround::Secret)), (2, 1));
}

#[test]
fn bodies_name_their_kind() {
    for (_, record) in records() {
        for kind in ActKind::ALL {
            let fact: Fact = options::fact(&record, *kind, &author("city"));
            assert_eq!(fact.body.kind(), *kind);
        }
    }
    let register = Register {
        kind: RequestKind::Help,
        urgency: Urgency::Urgent,
        channel: Channel::Visit,
        raised_at: 0,
        day: 0,
        serial: 1,
        confidential: false,
        anonymous: true,
        external: None,
        again: None,
        times: 1,
        history: false,
        party: Party::Natural,
        enterprise: false,
    };
    assert_eq!(Body::RegisterByProxy(register).kind(), ActKind::RegisterByProxy);
}
