//! One walk over everything that is held here: what each ticket adds to the figures of a period.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use regulation::act::RequestKind;
use regulation::calendar::Calendar;
use regulation::rates::{Book, Excluded, Exclusion, Key, Life, Score, Tally, score};
use regulation::terms::{self, DueKind, DueVerdict, Terms};
use regulation::{ActId, ActKind, Body, Fact, Level, Millis, Role, Ticket, TicketState, UnitId};
use replica::fold::Standing;
use replica::registry::{At, ROOT_LOG};
use replica::{Effect, History, Month, PartKind, Registry, RegistryVersion};
use store::Queries;

use super::locked::{Basis, Table};
use crate::problem::Problem;

/// The tag by which the city lets an honest error go (容错, 41). It counts if somebody of the city hotline who reviews puts
/// it on and gives the reason in the text of that act.
pub const TOLERANCE_TAG: &str = "容错";

/// How much a unit has to do now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Now {
    pub awaiting_sign_for: i64,
    pub in_hand: i64,
    pub overdue: i64,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Figures of the period.
    pub book: Book,
    /// What does not count in it.
    pub excluded: Vec<(ActId, Excluded)>,
    /// Kinds of the acts that asked for that or decided it.
    pub kinds: BTreeMap<ActId, ActKind>,
    /// Figures of the quarter that ends with the month, by unit.
    pub quarter: Option<BTreeMap<UnitId, Tally>>,
    /// What the months of the locked tables come to now, in the order of the tables.
    pub locked: Vec<Book>,
    /// Tickets of these months with an appeal that waits for a decision.
    pub waits: BTreeSet<ActId>,
    /// Numbers of the tickets above.
    pub numbers: BTreeMap<ActId, String>,
    pub now: BTreeMap<UnitId, Now>,
    pub raised: BTreeMap<String, u64>,
    pub tickets: u64,
    pub unsettled: u64,
    pub newest: Option<Millis>,
}

pub(super) fn gather(
    store: &Queries,
    registry: &Registry,
    period: &Range<Millis>,
    month: Option<Month>,
    basis: &Basis,
    now: Millis,
) -> Result<Gathered, Problem> {
    let at = registry.now().on(period.end - 1);
    let (calendar, terms) = clockwork(at)?;
    let quarter = match month {
        Some(month) => Some(super::quarter(month)?),
        None => None,
    };
    let locked = basis.tables.iter().map(|table| LockedMonth::of(table, registry)).collect::<Result<Vec<_>, _>>()?;
    let mut gathered = Gathered { locked: vec![Book::new(); locked.len()], ..Gathered::default() };
    gathered.quarter = quarter.is_some().then(BTreeMap::new);
    gathered.raised = RequestKind::ALL.iter().map(|kind| (kind.code().to_owned(), 0)).collect();
    for doc in kernel::read::docs(store)? {
        let history = kernel::read::history(store, registry, doc)?;
        let Some(ticket) = history.record().ticket() else { continue };
        gathered.look_at(ticket, &history, period);
        let dues = kernel::project::dues(&history, &at);
        gathered.work_of(ticket, &dues, terms, now);
        let acts = effective(&history);
        let life = Life { ticket, acts: &acts, dues: &dues, tolerated: tolerated(&history) };
        let of = |period: &Range<Millis>| score(&life, period, calendar, terms);
        let found = of(period);
        let mut named = !found.entries.is_empty() || !found.excluded.is_empty();
        enter(&mut gathered.book, doc, &found);
        for excluded in found.excluded {
            for by in excluded.asked.iter().chain(&excluded.decided) {
                // What a confirm has decided is what was proposed.
                let kind = history.node(by.act).map(|node| history.brings(node).body.kind());
                gathered.kinds.extend(kind.map(|kind| (by.act, kind)));
            }
            gathered.excluded.push((doc, excluded));
        }
        if let (Some(period), Some(quarter)) = (&quarter, &mut gathered.quarter) {
            for entry in of(period).entries.iter().filter(|entry| !entry.apart) {
                quarter.entry(entry.unit).or_default().add(&entry.tally);
            }
        }
        for (month, book) in locked.iter().zip(&mut gathered.locked) {
            let dues = kernel::project::dues(&history, &month.then);
            let found = score(&Life { dues: &dues, ..life }, &month.period, month.calendar, month.terms);
            named |= !found.entries.is_empty();
            if found.excluded.iter().any(|excluded| excluded.reason == Exclusion::UnderAppeal) {
                gathered.waits.insert(doc);
            }
            enter(book, doc, &found);
        }
        if named {
            gathered.numbers.insert(doc, kernel::project::number(&history, &at));
        }
    }
    Ok(gathered)
}

/// A month that is locked. Its tickets are looked at by the calendar and the terms that its table was made with: only what
/// people do can correct it, never a new setting.
struct LockedMonth<'r> {
    period: Range<Millis>,
    then: At<'r>,
    calendar: &'r Calendar,
    terms: &'r Terms,
}

impl<'r> LockedMonth<'r> {
    fn of(table: &Table, registry: &'r Registry) -> Result<Self, Problem> {
        let then = registry.at(&[RegistryVersion { log: ROOT_LOG, version: table.registry }]);
        let unknown = || Problem::fault(&format!("registry version {} is not held", table.registry));
        let period = super::period(&table.lock.month.text())?;
        let then = then.ok_or_else(unknown)?.on(period.end - 1);
        let (calendar, terms) = clockwork(then)?;
        Ok(Self { period, then, calendar, terms })
    }
}

fn clockwork(at: At<'_>) -> Result<(&Calendar, &Terms), Problem> {
    let missing = || Problem::not_found("名册中没有工作日历", "the registry has no calendar");
    Ok((at.calendar().ok_or_else(missing)?, at.settings()))
}

impl Gathered {
    fn look_at(&mut self, ticket: &Ticket, history: &History, period: &Range<Millis>) {
        self.tickets += 1;
        self.unsettled += u64::from(history.unsettled() > 0);
        self.newest = self.newest.max(history.nodes().iter().map(|node| node.act.time).max());
        if period.contains(&ticket.register.raised_at) {
            *self.raised.entry(ticket.register.kind.code().to_owned()).or_default() += 1;
        }
    }

    fn work_of(&mut self, ticket: &Ticket, dues: &[terms::DueItem], terms: &Terms, now: Millis) {
        let Some(lead) = ticket.lead() else { return };
        let of = self.now.entry(lead.unit).or_default();
        let open = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
        of.awaiting_sign_for += i64::from(ticket.state == TicketState::AwaitingSignFor);
        of.in_hand += i64::from(open);
        let late = |item: &terms::DueItem| {
            item.unit == lead.unit
                && item.met_at.is_none()
                && matches!(item.what, DueKind::SignFor | DueKind::Finish | DueKind::Urgent)
                && item.verdict(now, terms) == DueVerdict::Overdue
        };
        of.overdue += i64::from(open && dues.iter().any(late));
    }
}

fn enter(book: &mut Book, ticket: ActId, score: &Score) {
    for entry in &score.entries {
        let key = Key { unit: entry.unit, ticket, apart: entry.apart };
        book.entry(key).or_default().add(&entry.tally);
    }
}

/// The acts that took effect, in the order in which they did.
fn effective(history: &History) -> Vec<&Fact> {
    let stands = |index: &&usize| history.standing(**index) == Some(Standing::Effective);
    history.folded().order.iter().filter(stands).map(|index| &history.nodes()[*index].fact).collect()
}

/// The act by which the city let the ticket go as an honest error, unless it took that back.
fn tolerated(history: &History) -> Option<ActId> {
    let mut granted = None;
    for index in &history.folded().order {
        let node = &history.nodes()[*index];
        let by = &node.fact.author;
        let may = by.level == Level::CityHotline && by.roles.contains(&Role::Review);
        if !may || node.fact.body != Body::Tag || history.standing(*index) != Some(Standing::Effective) {
            continue;
        }
        let text = node.act.part(PartKind::Text);
        let reason = text.is_some_and(|text| text.segments.first().is_some_and(|chars| *chars > 0));
        for effect in &node.act.effects {
            match effect {
                Effect::AddTag(tag) if tag == TOLERANCE_TAG && reason => granted = Some(node.id),
                Effect::RemoveTag(tag) if tag == TOLERANCE_TAG => granted = None,
                _ => {}
            }
        }
    }
    granted
}
