//! What needs two people: one proposes (提出), another confirms (复核).
//!
//! A proposal is an act like any other: effective, and without effect but that it waits. The `confirm` that answers it is
//! made by the second person in a session of his own, and carries the effect: under the confirm's id, at its place in the
//! order, on what stands there. `decline` ends a proposal: its maker takes it back, or whoever may confirm says no.
//!
//! Which rule is which. *Unlawful*, as the author could see it, and *overruled*, as it stood beside, by the same rules:
//! nothing waits (`nothing-to-confirm`), it was confirmed already (`already-confirmed`), the effect's own rules, asked once
//! more at the confirm's place. *Unlawful* alone, since nothing beside an act changes it: the same person
//! (`second-person`), the wrong body or role, somebody whom it concerns (`concerned`). *Counts so*: a later proposal of the
//! same person on the same matter takes the earlier one's place; one that was confirmed ends others that say the same.

use crate::act::Body;
use crate::fact::{Author, Fact, Level};
use crate::ids::ActId;
use crate::kind::{ActKind, Role};
use crate::record::{self, Record};
use crate::rule::{Broken, Rule};
use crate::table::{Of, Pair, pair};
use crate::ticket::Ticket;

pub use crate::proposal::{Outcome, Proposal};

/// What an act changes: proposals, or the ticket or article itself.
pub(crate) fn apply(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    match fact.body {
        Body::Confirm => confirm(record, fact),
        Body::Decline => decline(record, fact),
        _ if pair(fact.body.kind()).is_some() => propose(record, fact),
        _ => record::take(record, fact),
    }
}

/// The proposals that wait, oldest first, each with the rule by which it could not be brought about any more, if there is one.
pub fn waiting(record: &Record) -> impl Iterator<Item = (&Fact, Result<(), Broken>)> {
    let waits = record.proposals().iter().filter(|proposal| proposal.outcome == Outcome::Waits);
    waits.map(|proposal| (&proposal.fact, record::take(&mut record.clone(), &proposal.fact)))
}

/// The proposal that an answer of that author is about, unless he names one: the oldest that he may answer so.
#[must_use]
pub fn answers(record: &Record, kind: ActKind, author: &Author) -> Option<ActId> {
    let may = |proposal: &Fact| match kind {
        ActKind::Decline => may_decline(record, proposal, author).is_ok(),
        _ => may_confirm(record, proposal, author).is_ok(),
    };
    let waits = || waiting(record).map(|(proposal, _)| proposal);
    waits().find(|proposal| may(proposal)).or_else(|| waits().next()).map(|proposal| proposal.id)
}

/// Whether somebody may confirm a proposal, whatever its effect comes to.
///
/// # Errors
/// The rule that forbids it.
pub fn may_confirm(record: &Record, proposal: &Fact, author: &Author) -> Result<(), Broken> {
    let Some(pair) = pair(proposal.body.kind()) else { return Err(Rule::NothingToConfirm.into()) };
    let because = |rule: Rule| Err(rule.because(Some(proposal.id)));
    let city = author.level == Level::CityHotline;
    match pair.of {
        Of::City if !city => return because(Rule::CityOnly),
        Of::Keeper if !city && record.knowledge().is_none_or(|article| article.owner != author.unit) => {
            return because(Rule::OwnerOnly);
        }
        Of::City | Of::Keeper => {}
    }
    // In a unit, whom the city delegated it to.
    let delegated = city || pair.of != Of::Keeper || author.roles.contains(&Role::Publish);
    if !pair.has_role(&author.roles) || !delegated {
        return because(Rule::RoleMissing);
    }
    if author.person == proposal.author.person {
        return because(Rule::SecondPerson);
    }
    // A unit that is kept out, or that gains or loses by it.
    let concerns = |ticket: &Ticket| ticket.recused.contains(&author.unit) || ticket.part_of(author.unit).is_some();
    if record.ticket().is_some_and(concerns) {
        return because(Rule::Concerned);
    }
    match (record.knowledge(), author.person) {
        (Some(article), Some(person)) if article.editors.contains(&person) => because(Rule::EditorPublishes),
        _ => Ok(()),
    }
}

/// Whoever made a proposal takes it back; whoever may confirm it may say no.
fn may_decline(record: &Record, proposal: &Fact, author: &Author) -> Result<(), Broken> {
    let own = (author.unit, author.person) == (proposal.author.unit, proposal.author.person);
    if own { Ok(()) } else { may_confirm(record, proposal, author) }
}

impl Pair {
    /// Whether one of these roles is one by which it is confirmed.
    #[must_use]
    pub fn has_role(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// What could not be brought about is not proposed.
fn propose(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    record::take(&mut record.clone(), fact)?;
    let same = |other: &Fact| other.body.kind() == fact.body.kind() && other.answers == fact.answers;
    for proposal in record.proposals().iter().filter(|proposal| same(&proposal.fact)) {
        if let Outcome::Confirmed(by) = proposal.outcome
            && fact.answers.is_some()
            && proposal.fact.body == fact.body
        {
            return Err(Rule::AlreadyConfirmed.because(Some(by)));
        }
    }
    let Some(proposals) = record.proposals_mut() else { return Err(Rule::NotRegistered.into()) };
    let corrected = proposals.iter_mut().filter(|p| same(&p.fact) && p.fact.author.person == fact.author.person);
    corrected.for_each(|proposal| proposal.end(Outcome::Ended(fact.id)));
    proposals.push(Proposal { fact: fact.clone(), outcome: Outcome::Waits });
    Ok(())
}

fn confirm(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    let proposal = answered(record, fact)?;
    may_confirm(record, &proposal, &fact.author)?;
    // Whose decision it is, brought about where the second person made it one.
    let Fact { id, claimed_at, happened_at, edition, .. } = *fact;
    let effect = Fact { id, claimed_at, happened_at, edition, ..proposal };
    record::take(record, &effect)?;
    let same = |other: &Fact| {
        (other.body.kind(), other.answers, &other.body) == (effect.body.kind(), effect.answers, &effect.body)
    };
    for other in record.proposals_mut().into_iter().flatten() {
        if Some(other.fact.id) == fact.answers {
            other.end(Outcome::Confirmed(fact.id));
        } else if same(&other.fact) {
            other.end(Outcome::Ended(fact.id));
        }
    }
    Ok(())
}

fn decline(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    let proposal = answered(record, fact)?;
    may_decline(record, &proposal, &fact.author)?;
    let ended = record.proposals_mut().into_iter().flatten().filter(|other| other.fact.id == proposal.id);
    ended.for_each(|proposal| proposal.end(Outcome::Ended(fact.id)));
    Ok(())
}

/// The proposal that an answer names, if it waits.
fn answered(record: &Record, fact: &Fact) -> Result<Fact, Broken> {
    let named = record.proposals().iter().find(|proposal| Some(proposal.fact.id) == fact.answers);
    match named.map(|proposal| (proposal, proposal.outcome)) {
        Some((proposal, Outcome::Waits)) => Ok(proposal.fact.clone()),
        Some((_, Outcome::Confirmed(by))) => Err(Rule::AlreadyConfirmed.because(Some(by))),
        Some((_, Outcome::Ended(by))) => Err(Rule::NothingToConfirm.because(Some(by))),
        None => Err(Rule::NothingToConfirm.into()),
    }
}
