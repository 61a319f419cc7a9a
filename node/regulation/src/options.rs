//! What a person may do with a document now, and why not the rest: the same [`apply`] that judges the act afterwards.

use crate::act::{Body, ClosureGround, NO_UNIT, Seen, Urgency};
use crate::apply::apply;
use crate::edition::Edition;
use crate::fact::{Author, Fact};
use crate::ids::{ActId, Millis, UnitId};
use crate::kind::ActKind;
use crate::pairs;
use crate::record::Record;
use crate::rule::Broken;

/// The act that an act of this kind by this unit would answer, made now.
#[must_use]
pub fn answers(record: &Record, kind: ActKind, unit: UnitId) -> Option<ActId> {
    if kind.of_pairs() {
        return pairs::waiting(record).next().map(|(proposal, _)| proposal.id);
    }
    let ticket = record.ticket()?;
    match kind {
        // Whose arrival is witnessed, unless it is said: that of the dispatch in force.
        ActKind::Witness => ticket.dispatch(),
        _ => ticket.target(kind, unit),
    }
}

/// Each kind that belongs to this sort of document, with the rule of that edition that forbids it now, if any.
#[must_use]
pub fn options(record: &Record, author: &Author, edition: Edition) -> Vec<(ActKind, Result<(), Broken>)> {
    let knowledge = record.knowledge().is_some();
    let kinds = ActKind::ALL.iter().copied();
    let kinds = kinds.filter(|kind| !kind.begins() && !kind.of_clock() && kind.fits(knowledge));
    // One copy for all that are refused: they leave it as it was.
    let mut tried = record.clone();
    let may = |kind| {
        // Whatever was done already was done before now.
        let done = apply(&mut tried, &Fact { claimed_at: Millis::MAX, edition, ..fact(record, kind, author) });
        if done.is_ok() {
            tried.clone_from(record);
        }
        (kind, done)
    };
    kinds.map(may).collect()
}

/// An act of that kind as that author would make it now, with particulars that break no rule, so that what is found
/// depends on the record alone.
#[must_use]
pub fn fact(record: &Record, kind: ActKind, author: &Author) -> Fact {
    Fact {
        id: ActId([0; 32]),
        body: sample(record, kind),
        answers: match kind {
            kind if kind.of_pairs() => pairs::answers(record, kind, author),
            kind => answers(record, kind, author.unit),
        },
        author: author.clone(),
        claimed_at: 0,
        happened_at: None,
        edition: Edition::FIRST,
        crossed: Vec::new(),
    }
}

/// [`Body::sample`], where it hangs on the ticket what breaks no rule.
fn sample(record: &Record, kind: ActKind) -> Body {
    let Some(ticket) = record.ticket() else { return Body::sample(kind) };
    // Whom a telephone call would concern: a unit that has not signed yet, or else the lead.
    let unsigned = ticket.assignments.iter().find(|a| a.closed_by.is_none() && a.signed_for.is_none());
    let unit = unsigned.or_else(|| ticket.lead()).map_or(NO_UNIT, |assignment| assignment.unit);
    match kind {
        ActKind::SetUrgency => Body::SetUrgency {
            urgency: match ticket.urgency {
                Urgency::Urgent => Urgency::Ordinary,
                Urgency::Ordinary => Urgency::Urgent,
            },
        },
        ActKind::ConfirmClosure => {
            let own = ClosureGround::of(ticket.register.kind);
            let agrees = ticket.replied.is_none_or(|reply| own.agrees(reply.outcome));
            Body::ConfirmClosure { ground: if agrees { own } else { ClosureGround::Other } }
        }
        ActKind::NotifyByPhone => Body::NotifyByPhone { unit },
        ActKind::SignForByPhone => Body::SignForByPhone { unit },
        ActKind::MoreRoom => {
            let had = ticket.assignments.iter().map(|assignment| assignment.unit);
            let had = had.chain(ticket.by_proxy().then_some(ticket.registered_by));
            Body::MoreRoom { unit: had.min_by_key(|unit| ticket.more_room(*unit)).unwrap_or(NO_UNIT) }
        }
        ActKind::Witness => Body::Witness(Seen::Delivered { unit, at: 0 }),
        kind => Body::sample(kind),
    }
}
