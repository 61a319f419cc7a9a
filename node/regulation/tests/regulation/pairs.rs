//! One proposes, another confirms: who may, what holds when, and what comes of two at once.

use crate::support::records::{CITY, OTHER, authors, records};
use regulation::act::{Content, SetAsideGround};
use regulation::pairs::{Outcome, waiting};
use regulation::table::{Matter, Of, PAIRS, pair};
use regulation::{
    ActId, ActKind as K, Author, Body, Fact, PersonId, Record, Role, TicketState, apply, decide, options,
};

fn record(name: &str) -> Record {
    records().into_iter().find(|(other, _)| *other == name).expect("a record").1
}

/// Somebody of the city by number.
fn person(number: u32) -> Author {
    Author { person: Some(PersonId(number)), ..crate::support::records::author("city") }
}

fn fact(record: &Record, number: u8, by: &Author, kind: K, answers: Option<ActId>) -> Fact {
    let fact = options::fact(record, kind, by);
    Fact { id: ActId([number; 32]), answers: answers.or(fact.answers), claimed_at: 9_000, ..fact }
}

fn rule(record: &Record, fact: &Fact) -> Option<(&'static str, Option<ActId>)> {
    decide(record, fact).err().map(|broken| (broken.rule.code(), broken.by))
}

/// Records in which something waits: which kind, and what came of it once confirmed.
const PROPOSED: [(&str, K); 3] = [
    ("redaction proposed", K::Redact),
    ("ratification proposed", K::Ratify),
    ("setting aside proposed", K::SetAsideRating),
];

#[test]
fn a_proposal_waits_and_changes_nothing_else() {
    for (name, kind) in PROPOSED {
        let Record::Ticket(mut ticket) = record(name) else { panic!("a ticket") };
        let proposals = std::mem::take(&mut ticket.proposals);
        let [proposal] = proposals.as_slice() else { panic!("{proposals:?}") };
        assert_eq!((proposal.fact.body.kind(), proposal.outcome), (kind, Outcome::Waits));
        let before = match kind {
            K::Redact => "registered",
            K::Ratify => "signed",
            _ => "discontent",
        };
        assert_eq!(Record::Ticket(ticket), record(before), "{kind:?}");
    }
}

#[test]
fn every_state_kind_and_author_proposes_by_the_row_and_confirms_by_the_pair() {
    let mut confirmed = 0;
    for (name, before) in records() {
        for (who, author) in authors() {
            for kind in PAIRS.iter().filter_map(|pair| match pair.matter {
                Matter::Act(kind) if !kind.of_knowledge() => Some(kind),
                _ => None,
            }) {
                let proposal = fact(&before, 90, &author, kind, None);
                let mut proposed = before.clone();
                if apply(&mut proposed, &proposal).is_err() {
                    assert_eq!(proposed, before, "{name} {who} {kind:?}");
                    continue;
                }
                let row = regulation::table::row(kind).expect("a row");
                assert!(row.from.contains(&before.ticket().expect("a ticket").state), "{name} {who} {kind:?}");
                assert!(author.roles.contains(&kind.role().expect("a role")));
                for (second, confirmer) in authors() {
                    let confirm = fact(&proposed, 91, &confirmer, K::Confirm, Some(proposal.id));
                    let may = confirmer.unit == CITY && confirmer.person.is_some() && confirmer.person != author.person;
                    let mut after = proposed.clone();
                    let result = apply(&mut after, &confirm);
                    assert_eq!(result.is_ok(), may, "{name}: {who} {kind:?}, {second}: {result:?}");
                    if result.is_err() {
                        assert_eq!(after, proposed, "{name} {who} {kind:?} {second}");
                        continue;
                    }
                    confirmed += 1;
                    let outcome = after.proposals().last().map(|proposal| proposal.outcome);
                    assert_eq!(outcome, Some(Outcome::Confirmed(confirm.id)));
                    // Its effect is under the id of the confirm.
                    let aside = |f: &regulation::ticket::FollowUp| f.set_aside == Some(confirm.id);
                    let set = after.ticket().is_some_and(|ticket| ticket.follow_ups.iter().any(aside));
                    assert_eq!(set, kind == K::SetAsideRating, "{name} {kind:?}");
                }
            }
        }
    }
    assert!(confirmed > 100, "{confirmed}");
}

#[test]
fn who_confirms_is_another_person_of_the_body_with_the_role_and_is_not_concerned() {
    let with = |roles: &[Role]| Author { roles: roles.to_vec(), ..person(2) };
    let nobody = Author { person: None, roles: vec![], ..person(2) };
    for (name, kind) in PROPOSED {
        let proposed = record(name);
        let proposal = proposed.proposals()[0].fact.id;
        let mut recused = proposed.clone();
        let recuse = Fact { body: Body::Recuse { unit: CITY }, ..fact(&proposed, 80, &person(1), K::Recuse, None) };
        apply(&mut recused, &recuse).expect("kept out");
        for (record, by, expected) in [
            (&proposed, person(2), None),
            (&proposed, person(1), Some("second-person")),
            (&proposed, with(&[]), Some("role-missing")),
            (&proposed, with(&[Role::Statistics, Role::Intake]), Some("role-missing")),
            (&proposed, with(&[Role::Review]), None),
            (&proposed, nobody.clone(), Some("person-missing")),
            (
                &proposed,
                Author { person: Some(PersonId(9)), ..crate::support::records::author("lead") },
                Some("city-only"),
            ),
            (&recused, person(2), Some("concerned")),
        ] {
            for answer in [K::Confirm, K::Decline] {
                let fact = fact(record, 91, &by, answer, Some(proposal));
                // Whoever proposed it takes it back.
                let expected = expected.filter(|rule| answer == K::Confirm || *rule != "second-person");
                assert_eq!(rule(record, &fact).map(|(rule, _)| rule), expected, "{kind:?} {answer:?} {by:?}");
            }
        }
    }
}

#[test]
fn what_was_confirmed_declined_or_taken_back_is_not_confirmed_again() {
    for (name, kind) in PROPOSED {
        let proposed = record(name);
        let proposal = proposed.proposals()[0].fact.id;
        for (by, answer, expected) in [
            (2, K::Confirm, "already-confirmed"),
            (2, K::Decline, "nothing-to-confirm"),
            (1, K::Decline, "nothing-to-confirm"),
        ] {
            let mut ended = proposed.clone();
            let first = fact(&ended, 91, &person(by), answer, Some(proposal));
            apply(&mut ended, &first).expect("the first");
            assert_eq!(waiting(&ended).count(), 0);
            for (second, who) in [(K::Confirm, 3), (K::Decline, 3), (K::Decline, 1)] {
                let late = fact(&ended, 92, &person(who), second, Some(proposal));
                assert_eq!(rule(&ended, &late), Some((expected, Some(first.id))), "{kind:?} {answer:?} {second:?}");
            }
            // What was declined may be proposed anew.
            if answer == K::Decline {
                let anew = fact(&ended, 93, &person(1), kind, proposed.proposals()[0].fact.answers);
                assert_eq!(rule(&ended, &anew), None, "{kind:?}");
            }
        }
    }
    let none = fact(&record("signed"), 91, &person(2), K::Confirm, Some(ActId([77; 32])));
    assert_eq!(rule(&record("signed"), &none), Some(("nothing-to-confirm", None)));
}

#[test]
fn a_proposal_whose_ground_is_gone_is_refused_by_the_rule_of_its_effect() {
    // The lead remedied at once with the confirm: there is no rating of this round to be set aside, but the bad one may be.
    let proposed = record("setting aside proposed");
    let proposal = proposed.proposals()[0].fact.clone();
    let mut aside = proposed.clone();
    // Another of the city has proposed the same in other words, and it was confirmed.
    let other = Fact {
        body: Body::SetAsideRating { ground: SetAsideGround::Malicious },
        ..fact(&proposed, 90, &person(3), K::SetAsideRating, proposal.answers)
    };
    apply(&mut aside, &other).expect("proposed too");
    assert_eq!(waiting(&aside).filter(|(_, may)| may.is_ok()).count(), 2);
    let confirm = fact(&aside, 91, &person(2), K::Confirm, Some(other.id));
    apply(&mut aside, &confirm).expect("confirmed");
    let [(left, may)] = waiting(&aside).collect::<Vec<_>>()[..] else { panic!("one is left") };
    assert_eq!((left.id, may.map_err(|broken| broken.rule.code())), (proposal.id, Err("no-bad-rating")));
    let late = fact(&aside, 92, &person(2), K::Confirm, Some(proposal.id));
    assert_eq!(rule(&aside, &late).map(|(rule, _)| rule), Some("no-bad-rating"));
    // It does not wait for ever.
    let no = fact(&aside, 93, &person(2), K::Decline, Some(proposal.id));
    assert_eq!(rule(&aside, &no), None);
    assert_eq!(aside.ticket().map(|ticket| ticket.state), Some(TicketState::AwaitingArchive));
}

#[test]
fn who_proposes_again_on_the_same_matter_corrects_himself() {
    let mut record = record("registered");
    let act = Some(ActId([1; 32]));
    let redact = |record: &Record, number, by: u32, content| Fact {
        body: Body::Redact { content },
        ..fact(record, number, &person(by), K::Redact, act)
    };
    for (number, by, content) in [(90, 1, Content::Private), (91, 3, Content::Private), (92, 1, Content::Text)] {
        let fact = redact(&record, number, by, content);
        apply(&mut record, &fact).expect("proposed");
    }
    let outcomes: Vec<Outcome> = record.proposals().iter().map(|proposal| proposal.outcome).collect();
    assert_eq!(outcomes, [Outcome::Ended(ActId([92; 32])), Outcome::Waits, Outcome::Waits]);
    // One that is confirmed ends the others that say the same, and the same is not proposed again.
    let again = redact(&record, 93, 4, Content::Private);
    apply(&mut record, &again).expect("somebody else says so too");
    let confirm = fact(&record, 94, &person(2), K::Confirm, Some(ActId([91; 32])));
    apply(&mut record, &confirm).expect("confirmed");
    let outcomes: Vec<Outcome> = record.proposals().iter().map(|proposal| proposal.outcome).collect();
    let (confirmed, ended) = (Outcome::Confirmed(confirm.id), Outcome::Ended(confirm.id));
    assert_eq!(outcomes, [Outcome::Ended(ActId([92; 32])), confirmed, Outcome::Waits, ended]);
    let twice = redact(&record, 95, 1, Content::Private);
    assert_eq!(rule(&record, &twice), Some(("already-confirmed", Some(confirm.id))));
}

#[test]
fn an_answer_is_about_what_its_author_may_answer() {
    let mut record = record("setting aside proposed");
    let other = fact(&record, 90, &person(2), K::Redact, Some(ActId([1; 32])));
    apply(&mut record, &other).expect("proposed too");
    let first = record.proposals()[0].fact.id;
    for (by, kind, expected) in [
        (person(1), K::Confirm, other.id),
        (person(2), K::Confirm, first),
        (person(1), K::Decline, first),
        (person(2), K::Decline, first),
        (person(3), K::Confirm, first),
    ] {
        assert_eq!(options::fact(&record, kind, &by).answers, Some(expected), "{by:?} {kind:?}");
    }
}

#[test]
fn the_table_of_pairs_is_whole() {
    for pair in PAIRS {
        assert!(!pair.roles.is_empty() && !pair.matter.names().0.is_empty() && !pair.of.chinese().is_empty());
        let same = PAIRS.iter().filter(|other| other.matter == pair.matter).count();
        assert_eq!(same, 1, "{:?}", pair.matter);
    }
    assert!(pair(K::Dispatch).is_none() && pair(K::Confirm).is_none() && pair(K::Redact).is_some());
    assert_eq!(pair(K::ArticlePublish).map(|pair| pair.of), Some(Of::Keeper));
    assert_ne!(OTHER, CITY);
}
