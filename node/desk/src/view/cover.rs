//! 承办人 and A/B 岗 (7(1)): who has a ticket in hand, who is whose deputy, who is away and who covers.

use regulation::calendar::{day_begins, day_number};
use regulation::{Millis, PersonId, UnitId};
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{LeaveRow, Queries};

use super::{UnitRef, person_name};
use crate::clock;
use crate::problem::Problem;

/// Who has a ticket in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandlerView {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: UnitRef,
    /// Who covers today, as far as this node knows: that is kept by the node of the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<LeaveView>,
}

/// A leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaveView {
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// It is under way.
    pub now: bool,
    /// Name of whoever covers.
    pub cover: String,
    /// Who said so.
    pub by: String,
    /// When that was said.
    pub at: String,
}

/// Somebody of the unit who has a deputy, or a leave under way or to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverLine {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Name of the deputy (B 岗).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deputy: Option<String>,
    /// Leaves, soonest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<LeaveView>,
}

/// A day as it is written.
#[must_use]
pub fn day_text(day: i32) -> String {
    day_begins(day).map(clock::text).and_then(|text| text.get(..10).map(str::to_owned)).unwrap_or_default()
}

fn leave_view(at: &At<'_>, leave: &LeaveRow, today: i32) -> LeaveView {
    LeaveView {
        from: day_text(leave.first),
        until: day_text(leave.last),
        now: leave.meets(today, today),
        cover: person_name(at, leave.cover),
        by: person_name(at, leave.by),
        at: clock::text(leave.at),
    }
}

/// Who has a ticket in hand, and who covers for him now.
///
/// # Errors
/// The database cannot be read.
pub(super) fn handler(store: &Queries, at: &At<'_>, person: PersonId, now: Millis) -> Result<HandlerView, Problem> {
    let today = day_number(now);
    let away = store.leaves_since(today)?.into_iter().find(|leave| leave.person == person && leave.meets(today, today));
    Ok(HandlerView {
        name: person_name(at, person),
        unit: at.person(person).map(|known| UnitRef::of(at, known.unit)).unwrap_or_default(),
        leave: away.map(|leave| leave_view(at, &leave, today)),
    })
}

/// Whose tickets are somebody's to look after now: their own, and those of whom they cover for.
///
/// # Errors
/// The database cannot be read.
pub fn looks_after(store: &Queries, person: PersonId, now: Millis) -> Result<Vec<PersonId>, Problem> {
    let covered = store.covered_by(person, day_number(now))?;
    Ok([person].into_iter().chain(covered).collect())
}

/// Who of a unit has a deputy or a leave, by login.
///
/// # Errors
/// The database cannot be read.
pub fn covers(store: &Queries, at: &At<'_>, unit: UnitId, now: Millis) -> Result<Vec<CoverLine>, Problem> {
    let today = day_number(now);
    let (deputies, leaves) = (store.deputies()?, store.leaves_since(today)?);
    let of_unit = at.people().filter(|(_, person)| person.unit == unit);
    let line = |(id, person): (PersonId, &replica::Person)| {
        let deputy = deputies.iter().find(|row| row.person == id).and_then(|row| row.deputy);
        let leaves = leaves.iter().filter(|leave| leave.person == id);
        CoverLine {
            login: person.login.clone(),
            name: person.name.clone(),
            deputy: deputy.map(|deputy| person_name(at, deputy)),
            leaves: leaves.map(|leave| leave_view(at, leave, today)).collect(),
        }
    };
    let mut lines: Vec<CoverLine> =
        of_unit.map(line).filter(|line| line.deputy.is_some() || !line.leaves.is_empty()).collect();
    lines.sort_by(|one, other| one.login.cmp(&other.login));
    Ok(lines)
}
