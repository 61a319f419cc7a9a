//! A ticket in a list, and what is due.

use regulation::terms::DueItem;
use regulation::{Level, Millis, UnitId};
use replica::Field;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::TicketRow;

use super::act::value_name;
use super::fate::FateView;
use super::{UnitRef, person_name};
use crate::clock;

/// Something due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DueView {
    /// What, such as `sign_for`.
    pub what: String,
    /// What, for screens.
    pub what_name: String,
    /// Who must do it.
    pub unit: UnitRef,
    /// That is the unit that is shown it.
    #[serde(default)]
    pub own: bool,
    /// The first moment that is too late.
    pub due: String,
    /// The same in milliseconds.
    pub due_ms: Millis,
    /// `normal`, `due_soon`, `overdue`, `provisional`, `disputed` or `unused`.
    pub verdict: String,
    /// The verdict for screens.
    pub verdict_name: String,
    /// When it was done.
    pub met_at: Option<String>,
    /// 离线补传: it reached the city after its due and counts by its own account.
    #[serde(default)]
    pub late_sync: bool,
    /// Why it is due then.
    pub basis: String,
    /// The same in English.
    pub basis_en: String,
    /// Working days left; 0 on the last day, negative after it.
    pub days_left: i32,
}

/// A ticket in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketLine {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Where it stands.
    #[schemars(extend("enum" = crate::shapes::ticket_states()))]
    pub state: String,
    /// Where it stands, for screens.
    pub state_name: String,
    /// Class of the request.
    #[schemars(extend("enum" = crate::shapes::request_kinds()))]
    pub kind: String,
    /// The class for screens.
    pub kind_name: String,
    /// It is urgent help.
    pub urgent: bool,
    /// Its title.
    pub title: String,
    /// Its category for screens.
    pub category_name: String,
    /// Its place for screens.
    pub place_name: String,
    /// The lead unit.
    pub lead: Option<UnitRef>,
    /// Who has it in hand, if somebody claimed it or was handed it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// When it was raised.
    pub raised_at: String,
    /// What is due next of the unit that is shown it; where nothing is, of another.
    pub next_due: Option<DueView>,
    /// Flags.
    pub flags: Vec<String>,
    /// Acts that the city hub has not confirmed.
    pub unsettled: u32,
    /// Acts that a rule decided against.
    pub overruled: u32,
    /// Registers with more than one value.
    pub conflicts: u32,
    /// What became of what this unit did, in lists of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fates: Vec<FateView>,
}

impl TicketLine {
    /// Acts on it wait for a newer version of this program.
    #[must_use]
    pub fn needs_upgrade(&self) -> bool {
        self.flags.iter().any(|flag| flag == "needs-upgrade")
    }
}

pub(super) fn due_view(at: &At<'_>, item: &DueItem, viewer: UnitId, now: Millis) -> DueView {
    let verdict = item.verdict(now, at.on(now).settings()).names();
    let (length, length_en) = match item.length {
        regulation::terms::Length::WorkingDays(days) => (format!("{days} 个工作日"), format!("{days} work days")),
        regulation::terms::Length::Hours(hours) => (format!("{hours} 小时"), format!("{hours} hours")),
        regulation::terms::Length::Minutes(minutes) => (format!("{minutes} 分钟"), format!("{minutes} minutes")),
        regulation::terms::Length::Until(end) => {
            let day = regulation::calendar::local(end.saturating_sub(1)).format("%Y-%m-%d");
            (format!("至 {day}"), format!("until {day},"))
        }
    };
    let start = clock::short(item.start, now);
    let version = item.calendar;
    DueView {
        what: item.what.names().0.to_owned(),
        what_name: item.what.names().1.to_owned(),
        unit: UnitRef::of(at, item.unit),
        own: item.unit == viewer,
        due: clock::text(item.due),
        due_ms: item.due,
        verdict: verdict.0.to_owned(),
        verdict_name: verdict.1.to_owned(),
        met_at: item.met_at.map(clock::text),
        late_sync: item.late_sync(),
        basis: format!("{}：自 {start} 起 {length}（日历第 {version} 版）", item.article.chinese()),
        basis_en: format!("Art. {}: {length_en} from {start} (calendar version {version})", item.article.code()),
        days_left: at.calendar().map_or(0, |calendar| calendar.days_left(now, item.due)),
    }
}

/// A row of a list, as it is shown at a unit.
#[must_use]
pub fn ticket_line(at: &At<'_>, row: &TicketRow, viewer: UnitId, now: Millis) -> TicketLine {
    let state = regulation::TicketState::parse(&row.state);
    let kind = regulation::act::RequestKind::parse(&row.kind);
    TicketLine {
        id: row.id.hex(),
        number: row.number.clone(),
        state: row.state.clone(),
        state_name: state.map_or_else(|| row.state.clone(), |state| state.names().1.to_owned()),
        kind: row.kind.clone(),
        kind_name: kind.map_or_else(|| row.kind.clone(), |kind| kind.chinese().to_owned()),
        urgent: row.urgency == "urgent",
        title: row.title.clone(),
        category_name: value_name(at, Field::Category, &row.category),
        place_name: value_name(at, Field::Place, &row.place),
        lead: row.lead.map(|unit| UnitRef::of(at, unit)),
        handler: row.handler.map(|person| person_name(at, person)),
        raised_at: clock::text(row.raised_at),
        next_due: next_due(at, row, viewer, now),
        flags: row.flags.split_whitespace().map(str::to_owned).collect(),
        unsettled: row.unsettled,
        overruled: row.overruled,
        conflicts: row.conflicts,
        fates: Vec::new(),
    }
}

/// Whether a ticket has left a unit: it had a part, and has none any more. What is done since is not heard of there.
pub(super) fn has_left(at: &At<'_>, row: &TicketRow, unit: UnitId) -> bool {
    let mut parts = row.units.iter().filter(|part| part.unit == unit).peekable();
    at.level(unit) == Level::Unit && parts.peek().is_some() && !parts.any(|part| part.open)
}

/// What is due next, as the list has it: enough to tell how it stands now.
fn next_due(at: &At<'_>, row: &TicketRow, viewer: UnitId, now: Millis) -> Option<DueView> {
    use regulation::terms::{DueKind, Length};
    let others = || row.due_of(row.next_due_unit?).filter(|_| !has_left(at, row, viewer));
    let next = row.due_of(viewer).or_else(others)?;
    let (due, unit) = (next.due, next.unit);
    let what = DueKind::ALL.iter().copied().find(|what| what.names().0 == next.kind)?;
    let item = DueItem {
        what,
        unit,
        due,
        provisional: next.provisional,
        undecided: None,
        of: None,
        start: due,
        length: Length::Minutes(0),
        article: regulation::Article(21, 0),
        met_at: None,
        met_by: None,
        late: None,
        calendar: 0,
    };
    Some(DueView { basis: String::new(), basis_en: String::new(), ..due_view(at, &item, viewer, now) })
}
