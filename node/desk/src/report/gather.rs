//! What a report is made of: sums that are kept, and a page of what does not count. No ticket is looked at but those that stand
//! on that page, and what the locked tables of the month before are corrected by.

use std::collections::BTreeMap;
use std::ops::Range;

use kernel::rates;
use regulation::act::RequestKind;
use regulation::calendar::{afternoon, local_day, month_of_day};
use regulation::rates::{Book, Excluded, Item, Key, Sum, Tally, What};
use regulation::{ActId, ActKind, Millis, TicketState, UnitId};
use replica::registry::{At, ROOT_LOG};
use replica::{History, Month, Registry, RegistryVersion};
use store::{COUNT_ROWS_MAX, CountRow, DocNo, Numbers, Queries, Span};

use super::locked::{Basis, Table};
use crate::problem::Problem;

/// Tickets of the list of what does not count that one answer has, at most.
pub const EXCLUSION_TICKETS_MAX: usize = 100;

/// How much a unit has to do now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Now {
    pub awaiting_sign_for: i64,
    pub in_hand: i64,
    pub overdue: i64,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What units come to in the period, in the main list.
    pub main: BTreeMap<UnitId, Sum>,
    /// In the list that is shown apart.
    pub apart: BTreeMap<UnitId, Sum>,
    /// What does not count in it, as far as it was asked for.
    pub excluded: Vec<(ActId, Excluded)>,
    /// Where the rest of that begins.
    pub more: Option<Place>,
    /// Kinds of the acts that asked for that or decided it.
    pub kinds: BTreeMap<ActId, ActKind>,
    /// Figures of the quarter that ends with the month, by unit.
    pub quarter: Option<BTreeMap<UnitId, Tally>>,
    /// What the months of the locked tables come to now, in the order of the tables.
    pub locked: Vec<Book>,
    /// Numbers of the tickets above.
    pub numbers: BTreeMap<ActId, String>,
    pub now: BTreeMap<UnitId, Now>,
    pub raised: BTreeMap<String, u64>,
    pub tickets: u64,
    pub unsettled: u64,
    pub newest: Option<Millis>,
    pub recalculating: u64,
}

/// A ticket in the list of what does not count: the last one of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    unit: UnitId,
    day: i64,
    doc: DocNo,
}

impl Place {
    /// Of a cursor that was given.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let parts: Vec<Option<i64>> = text.split('.').map(|part| part.parse().ok()).collect();
        let place = match parts.as_slice() {
            [Some(unit), Some(day), Some(doc)] => u32::try_from(*unit).ok().map(|unit| (UnitId(unit), *day, *doc)),
            _ => None,
        };
        let wrong = || Problem::bad_input("cursor 不是本节点给出的", "the cursor is none that this node gave");
        place.map(|(unit, day, doc)| Self { unit, day, doc: DocNo(doc) }).ok_or_else(wrong)
    }

    pub fn text(self) -> String {
        format!("{}.{}.{}", self.unit.0, self.day, self.doc.0)
    }
}

/// Which part of the list of what does not count is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Listed {
    /// A page of it, after this.
    Page(Option<Place>),
    /// All of it, for what is locked.
    All,
}

/// Local days, both of which belong to it.
pub(super) type Days = (i64, i64);

pub(super) fn days(period: &Range<Millis>) -> Days {
    (local_day(period.start), local_day(period.end - 1))
}

/// The halves of local days that a period begins and ends with: twice the day, and one more from noon on.
fn halves(period: &Range<Millis>) -> (i64, i64) {
    let half = |at| local_day(at) * 2 + i64::from(afternoon(at));
    (half(period.start), half(period.end - 1))
}

/// The times of which sums are kept that make up a period: a day, months, or halves of two days from noon to noon.
fn spans(period: &Range<Millis>) -> Vec<Span> {
    let (first, last) = days(period);
    match first == last {
        true => vec![Span::Day(first)],
        false if afternoon(period.start) => {
            let (first, last) = halves(period);
            (first..=last).map(Span::Half).collect()
        }
        false => (month_of_day(first)..=month_of_day(last)).map(Span::Month).collect(),
    }
}

/// Those of it that are of days which are not over.
fn not_over(period: &Range<Millis>, now: Millis) -> Vec<Span> {
    let ((first, last), today) = (days(period), local_day(now));
    match spans(period).first() {
        Some(Span::Half(_)) => {
            let (first, last) = halves(period);
            (first.max(2 * today)..=last).map(Span::Half).collect()
        }
        _ => (first.max(today)..=last).map(Span::Day).collect(),
    }
}

pub(super) fn gather(
    store: &Queries,
    registry: &Registry,
    period: &Range<Millis>,
    month: Option<Month>,
    basis: &Basis,
    listed: Listed,
    now: Millis,
) -> Result<Gathered, Problem> {
    let at = registry.now();
    if at.calendar().is_none() {
        return Err(Problem::not_found("名册中没有工作日历", "the registry has no calendar"));
    }
    let mut gathered = Gathered { recalculating: store.stale_count()?, ..Gathered::default() };
    (gathered.main, gathered.apart) = sums(store, period, now)?;
    if let Some(month) = month {
        let (main, _) = sums(store, &super::quarter(month)?, now)?;
        gathered.quarter = Some(main.into_iter().map(|(unit, sum)| (unit, sum.tally)).collect());
    }
    gathered.stands(store, period, now)?;
    gathered.list(store, registry, period, listed)?;
    gathered.look_at_locked(store, registry, basis)?;
    Ok(gathered)
}

type Sums = BTreeMap<UnitId, Sum>;

/// What units come to on these days: in the main list, and apart. What comes due counts once its day is over.
fn sums(store: &Queries, period: &Range<Millis>, now: Millis) -> Result<(Sums, Sums), Problem> {
    let (mut main, mut apart) = (Sums::new(), Sums::new());
    for span in spans(period) {
        for row in store.sums(span)? {
            let list = if row.apart { &mut apart } else { &mut main };
            list.entry(row.unit).or_default().add(&sum(row.numbers)?);
        }
    }
    for span in not_over(period, now) {
        for row in store.sums(span)? {
            let list = if row.apart { &mut apart } else { &mut main };
            let not_yet = sum(row.numbers)?.tally.come_due();
            let of = &mut list.entry(row.unit).or_default().tally;
            *of = of.minus(&not_yet);
        }
    }
    for list in [&mut main, &mut apart] {
        list.retain(|_, sum| *sum != Sum::default());
    }
    Ok((main, apart))
}

fn sum(numbers: Numbers) -> Result<Sum, Problem> {
    Sum::from_numbers(numbers).ok_or_else(|| Problem::fault(&"a kept figure has a number that is of nothing"))
}

/// Everything that counts on these days, by unit and ticket, with the numbers of the tickets.
pub(super) fn book(store: &Queries, days: Days) -> Result<(Book, BTreeMap<ActId, String>), Problem> {
    let (mut book, mut numbers) = (Book::new(), BTreeMap::new());
    each(store, days, |id, number, row| {
        let tally = sum(row.numbers)?.tally;
        if tally != Tally::default() {
            book.entry(Key { unit: row.unit, ticket: id, apart: row.apart }).or_insert_with(Tally::default).add(&tally);
            numbers.insert(id, number);
        }
        Ok(())
    })?;
    Ok((book, numbers))
}

/// Goes through everything that is kept of these days, a page at a time.
fn each(
    store: &Queries,
    days: Days,
    mut take: impl FnMut(ActId, String, CountRow) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut after = None;
    loop {
        let page = store.counts_in(days, after, COUNT_ROWS_MAX)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.row.day, last.doc));
        for counted in page {
            take(counted.id, counted.number, counted.row)?;
        }
    }
}

/// A ticket as it is looked at here.
struct Looked {
    history: History,
    items: Vec<Item>,
}

fn look(store: &Queries, registry: &Registry, at: &At<'_>, doc: ActId) -> Result<Looked, Problem> {
    let history = kernel::read::history(store, registry, doc)?;
    let dues = kernel::project::dues(&history, at);
    Ok(Looked { items: rates::items(&history, at, &dues), history })
}

impl Gathered {
    /// How things stand now.
    fn stands(&mut self, store: &Queries, period: &Range<Millis>, now: Millis) -> Result<(), Problem> {
        for figure in store.ticket_figures(None)? {
            self.tickets += figure.tickets;
            self.unsettled += if figure.unsettled { figure.tickets } else { 0 };
        }
        self.newest = store.newest_update()?;
        for kind in RequestKind::ALL {
            self.raised.insert(kind.code().to_owned(), store.raised(kind.code(), halves(period))?);
        }
        if period.end <= now {
            return Ok(());
        }
        let [awaiting, in_progress] =
            [TicketState::AwaitingSignFor, TicketState::InProgress].map(|state| state.names().0);
        for (unit, state, tickets) in store.lead_figures()? {
            let (of, tickets) = (self.now.entry(unit).or_default(), i64::try_from(tickets).unwrap_or(i64::MAX));
            of.awaiting_sign_for += if state == awaiting { tickets } else { 0 };
            of.in_hand += if state == awaiting || state == in_progress { tickets } else { 0 };
        }
        for (unit, of) in &mut self.now {
            of.overdue = i64::try_from(store.late_figure(*unit, now)?).unwrap_or(i64::MAX);
        }
        Ok(())
    }

    /// What does not count, by unit, day and ticket, as far as it is wanted.
    fn list(
        &mut self,
        store: &Queries,
        registry: &Registry,
        period: &Range<Millis>,
        listed: Listed,
    ) -> Result<(), Problem> {
        let (after, mut left) = match listed {
            Listed::Page(after) => (after, EXCLUSION_TICKETS_MAX),
            Listed::All => (None, usize::MAX),
        };
        let units: Vec<UnitId> =
            self.main.iter().filter(|(_, sum)| !sum.excluded.is_empty()).map(|(unit, _)| *unit).collect();
        let mut last = None;
        for unit in units.into_iter().filter(|unit| after.is_none_or(|after| *unit >= after.unit)) {
            let mut from = after.filter(|after| after.unit == unit).map(|after| (after.day, after.doc));
            loop {
                // One more than there is room for says that there are more.
                let page = store.left_out(unit, days(period), from, left.saturating_add(1))?;
                let Some((day, doc, _)) = page.last() else { break };
                from = Some((*day, *doc));
                for (day, doc, id) in page {
                    if left == 0 {
                        self.more = last;
                        return Ok(());
                    }
                    left -= 1;
                    last = Some(Place { unit, day, doc });
                    self.list_ticket(look(store, registry, &registry.now(), id)?, id, registry, |item| {
                        item.unit == unit && local_day(item.at) == day && period.contains(&item.at)
                    });
                }
            }
        }
        Ok(())
    }

    fn list_ticket(&mut self, looked: Looked, id: ActId, registry: &Registry, wanted: impl Fn(&Item) -> bool) {
        let Looked { history, items } = looked;
        self.numbers.insert(id, kernel::project::number(&history, &registry.now()));
        for item in items.into_iter().filter(wanted) {
            let What::Leaves(excluded) = item.what else { continue };
            for by in excluded.asked.iter().chain(&excluded.decided) {
                // What a confirm has decided is what was proposed.
                let kind = history.node(by.act).map(|node| history.brings(node).body.kind());
                self.kinds.extend(kind.map(|kind| (by.act, kind)));
            }
            self.excluded.push((id, excluded));
        }
    }

    /// What the locked months come to now.
    fn look_at_locked(&mut self, store: &Queries, registry: &Registry, basis: &Basis) -> Result<(), Problem> {
        for table in &basis.tables {
            let month = LockedMonth::of(table, registry)?;
            let (mut book, mut seen) = (Book::new(), BTreeMap::new());
            each(store, days(&month.period), |id, number, _| {
                seen.insert(id, number);
                Ok(())
            })?;
            for (id, number) in seen {
                let looked = look(store, registry, &month.then, id)?;
                for item in looked.items.into_iter().filter(|item| month.period.contains(&item.at)) {
                    if let What::Adds(tally) = item.what {
                        let key = Key { unit: item.unit, ticket: id, apart: item.apart };
                        book.entry(key).or_insert_with(Tally::default).add(&tally);
                    }
                }
                self.numbers.insert(id, number);
            }
            self.locked.push(book);
        }
        Ok(())
    }
}

/// A month that is locked. Its tickets are looked at by the calendar and the terms that its table was made with: only what
/// people do can correct it, never a new setting.
struct LockedMonth<'r> {
    period: Range<Millis>,
    then: At<'r>,
}

impl<'r> LockedMonth<'r> {
    fn of(table: &Table, registry: &'r Registry) -> Result<Self, Problem> {
        let then = registry.at(&[RegistryVersion { log: ROOT_LOG, version: table.registry }]);
        let unknown = || Problem::fault(&format!("registry version {} is not held", table.registry));
        let then = then.ok_or_else(unknown)?;
        Ok(Self { period: super::period(&table.lock.month.text())?, then })
    }
}
