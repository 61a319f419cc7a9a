//! [`apply`] is the one place where an act changes a record: who may make it at all, then what needs two people, then what it
//! does by itself.

use crate::fact::{Fact, Level};
use crate::ids::ActId;
use crate::kind::{ActKind, Role};
use crate::pairs;
use crate::record::Record;
use crate::rule::{Broken, Rule};

/// Applies a fact to a record by the edition of the rules that it says, or says which rule it breaks and leaves the record as it was.
///
/// # Errors
/// The rule that the act breaks here, with the act that stands in its way.
pub fn apply(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    may_be_made(fact)?;
    pairs::apply(record, fact)
}

/// Lets an act that was lawful at its own past take its place beside what others did meanwhile, without knowing of it: what
/// tells a fact is filed and stands; a completion outlasts a recall that nothing followed; for all else it is [`apply`].
///
/// # Errors
/// The rule that overrules it there. The record is left as it was.
pub fn bring_in(record: &mut Record, fact: &Fact) -> Result<(), Broken> {
    // By the edition of the rules that the hub weighs by it may be nobody's to say.
    may_be_made(fact)?;
    let Record::Ticket(ticket) = record else { return pairs::apply(record, fact) };
    if ticket.file(fact) {
        return Ok(());
    }
    if let Some(uncrossed) = ticket.uncrossed(fact) {
        let mut again = Record::Ticket(Box::new(uncrossed));
        if pairs::apply(&mut again, fact).is_ok() {
            *record = again;
            return Ok(());
        }
    }
    pairs::apply(record, fact)
}

/// What stands in a record and matters to an act whose author had not heard of it, by `heard`: a report answers what its author
/// knew of, and no ticket that joined beside it (16).
#[must_use]
pub fn crossed(record: &Record, fact: &Fact, heard: impl Fn(ActId) -> bool) -> Vec<ActId> {
    if fact.body.kind() != ActKind::Complete {
        return Vec::new();
    }
    let joined = record.ticket().into_iter().flat_map(|ticket| &ticket.joined).map(|joined| joined.by);
    joined.filter(|by| !heard(*by)).collect()
}

/// Whether an act may be made now, and if not, why: the same [`apply`] on a copy.
///
/// # Errors
/// The rule that the act would break here.
pub fn decide(record: &Record, fact: &Fact) -> Result<(), Broken> {
    apply(&mut record.clone(), fact)
}

/// Whether the edition has it, and lets somebody of that standing make it.
fn may_be_made(fact: &Fact) -> Result<(), Broken> {
    if fact.body.since() > fact.edition {
        return Err(Rule::NotYet.into());
    }
    may_author(fact)
}

/// Whether somebody of that standing may make this kind at all. The city hub alone settles; a hotline's node witnesses, and
/// raises a supervision when its ground arises (25), and the city hub annuls what its clock was wrong about; people do everything else.
fn may_author(fact: &Fact) -> Result<(), Broken> {
    let (author, kind) = (&fact.author, fact.body.kind());
    let hotline = author.level != Level::Unit;
    match kind {
        ActKind::Settle if author.person.is_none() && author.hub => return Ok(()),
        ActKind::Witness if author.person.is_none() && hotline => return Ok(()),
        _ if kind.of_clock() => return Err(Rule::HubOnly.into()),
        ActKind::Supervise if author.person.is_none() && hotline => return Ok(()),
        // What it raised by a clock that was wrong the city hub takes back.
        ActKind::SuperviseRelease if author.person.is_none() && author.hub => return Ok(()),
        _ => {}
    }
    if author.person.is_none() {
        return Err(Rule::PersonMissing.into());
    }
    // Whoever looks from outside has no hand in it, whichever kind asks for no role (36).
    if author.inspects() {
        return Err(Rule::RoleMissing.into());
    }
    if fact.edition.urge_needs_review() && kind == ActKind::Urge && !author.roles.contains(&Role::Review) {
        return Err(Rule::RoleMissing.into());
    }
    match kind.role() {
        Some(role) if !author.roles.contains(&role) => Err(Rule::RoleMissing.into()),
        _ => Ok(()),
    }
}
