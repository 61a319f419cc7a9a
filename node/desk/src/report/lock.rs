//! Locked tables (封存): a month's table, kept word for word with what each ticket counted for in it; the registry holds its
//! number, its hash and the two people: one has proposed it, the other confirmed it. What changes afterwards is the next table's correction.

use std::ops::Range;

use regulation::rates::{Key, Tally};
use regulation::{ActId, Article, Millis, PersonId, UnitId};
use replica::registry::{Locked, Proposed};
use replica::seal::hash;
use replica::{Change, Lock, Month, Registry};
use store::Queries;
use tokio::sync::Mutex;

use super::gather::{self, Listed};
use super::locked::{Content, DOMAIN, EntryRow, basis, content, find, name};
use super::{Kind, LockedAs, ProposedAs, Report};
use crate::Desk;
use crate::once::By;
use crate::problem::Problem;
use crate::{canonical, clock, enrol};

/// The table as it was locked; without rows where its content is not held.
pub(super) fn read_back(
    store: &Queries,
    registry: &Registry,
    lock: Lock,
    text: &str,
    period: &Range<Millis>,
) -> Result<Report, Problem> {
    let content = content(store, &lock)?;
    let held = content.is_some();
    let mut report = content.map_or_else(
        || Report {
            period: text.to_owned(),
            from: clock::text(period.start),
            to: clock::text(period.end),
            ..Report::default()
        },
        |content| content.report,
    );
    report.locked = as_locked(registry, &lock, held);
    Ok(report)
}

fn as_locked(registry: &Registry, lock: &Lock, held: bool) -> Option<LockedAs> {
    let at = registry.now();
    let (version, Locked { by, second, .. }) = at.locks().find(|(_, locked)| locked.lock == *lock)?;
    let name = |id: &PersonId| at.person(*id).map(|person| person.name.clone()).unwrap_or_default();
    Some(LockedAs {
        number: lock.number,
        hash: ActId(lock.hash).hex(),
        at: registry.written_at(version).map(clock::text).unwrap_or_default(),
        by: name(by),
        second: name(second),
        held,
    })
}

/// The table of a month that somebody has proposed to lock.
fn proposed(registry: &Registry, month: Month) -> Option<(&Proposed, Lock)> {
    registry.standing().find_map(|proposed| match proposed.change {
        Change::Lock(lock) if lock.month == month => Some((proposed, lock)),
        _ => None,
    })
}

/// The table as it would be locked.
fn as_proposed(store: &Queries, registry: &Registry, proposed: &Proposed, lock: &Lock) -> Result<Report, Problem> {
    let content = content(store, lock)?;
    let mut report =
        content.map(|content| content.report).ok_or_else(|| Problem::fault(&"a table that is not kept"))?;
    report.proposed = Some(ProposedAs {
        proposal: ActId(proposed.hash).hex(),
        number: lock.number,
        hash: ActId(lock.hash).hex(),
        at: clock::text(proposed.at),
        by: registry.now().person(proposed.by).map(|person| person.name.clone()).unwrap_or_default(),
    });
    Ok(report)
}

/// The one table that somebody has proposed to lock.
fn waiting(registry: &Registry) -> Option<(&Proposed, Lock)> {
    registry.standing().find_map(|proposed| match proposed.change {
        Change::Lock(lock) => Some((proposed, lock)),
        _ => None,
    })
}

/// The article that tables are locked by.
const TABLES: Option<Article> = Some(Article(38, 0));

/// One table is locked at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// Proposes to lock the table of a month that is over: keeps its content, then writes its number and its hash into the
/// registry, where another person confirms it. What is proposed already is shown: it is what will be locked. A crash between
/// leaves content that nothing names.
///
/// # Errors
/// This node does not hold the root key; it is no month, or one that is not over, before the city was founded, locked already, not in its turn or beside
/// another one that waits to be confirmed; an
/// earlier locked table is not held here.
pub async fn lock(desk: &Desk, by: By, text: &str) -> Result<Report, Problem> {
    if desk.home().root_key().is_none() {
        return Err(kernel::Refusal::NoRootKey.into());
    }
    let month = Month::parse(text).ok_or_else(|| {
        Problem::bad_input(
            format!("只能封存一个月的考评表，--period 写作 2026-10，不能是 {text}"),
            format!("only the table of a month is locked: --period is 2026-10, not {text}"),
        )
    })?;
    let _turn = TURN.lock().await;
    let (registry, unit, now) = (desk.registry(), desk.me()?.device.unit, clock::now());
    if desk.told(by).await?.is_none() && proposed(&registry, month).is_none() {
        let number = in_its_turn(&registry, month, now)?;
        let made = desk.read(move |reader, registry| make(reader, registry, unit, number, month, now)).await?;
        let hash = hash(DOMAIN, &made);
        desk.keep(&name(&hash), made).await?;
        let lock = Change::Lock(Lock { month, number, hash });
        enrol::change(desk, by, registry.version(), Change::Proposed(Box::new(lock))).await?;
    }
    let text = text.to_owned();
    let read = move |reader: &store::Reader, registry: &Registry| match proposed(registry, month) {
        Some((proposed, lock)) => as_proposed(reader, registry, proposed, &lock),
        None => super::report(reader, registry, unit, (Kind::Rates, &text, None), now),
    };
    desk.read(read).await
}

/// The number of the table, if the month may be locked now.
fn in_its_turn(registry: &Registry, month: Month, now: Millis) -> Result<u32, Problem> {
    let text = month.text();
    if let Some(lock) = find(registry, month) {
        return Err(Problem::refused(
            "already-locked",
            TABLES,
            format!("{text} 的考评表已封存为第 {} 号，不能再封存", lock.number),
            format!("the table of {text} is locked already, as number {}", lock.number),
        ));
    }
    if let Some((proposed, lock)) = waiting(registry) {
        let (other, id) = (lock.month.text(), ActId(proposed.hash).hex());
        let id = id.get(..12).unwrap_or(&id);
        return Err(Problem::refused(
            "lock-proposed",
            TABLES,
            format!(
                "{other} 的考评表已提出封存，还在等另一人复核，一次只能提一个月；先复核它（jiesu confirm {id}）或撤回（jiesu decline {id} --text 理由），再提 {text}"
            ),
            format!(
                "the table of {other} is proposed to be locked and waits for another person; one month at a time: confirm that first (jiesu confirm {id}) or take it back (jiesu decline {id} --text WHY), then propose {text}"
            ),
        ));
    }
    let last = registry.now().locks().last().map(|(_, last)| last.lock);
    if let Some(next) = last.map(|last| last.month.next()).filter(|next| *next != month) {
        return Err(Problem::refused(
            "not-in-turn",
            TABLES,
            format!("考评表按月依次封存，下一个是 {}", next.text()),
            format!("tables are locked month by month; the next one is {}", next.text()),
        ));
    }
    if super::period(&text)?.end > now {
        return Err(Problem::refused(
            "not-over",
            TABLES,
            format!("{text} 尚未结束，不能封存"),
            format!("{text} is not over and cannot be locked yet"),
        ));
    }
    let (at, end) = (registry.now(), super::period(&text)?.end);
    let appeals = at.on(super::period(&text)?.start).settings().appeal_wd;
    let until = at.calendar().map_or(end, |calendar| calendar.due(end - 1, appeals).due);
    if until > now {
        let day = clock::text(until - 1);
        let day = day.get(..10).unwrap_or_default();
        return Err(Problem::refused(
            "appeals-open",
            TABLES,
            format!("{text} 的考评表到 {day} 仍可申诉，期满后封存"),
            format!("the table of {text} can be appealed against up to {day}; it is locked after that"),
        ));
    }
    Ok(last.map_or(0, |last| last.number) + 1)
}

/// The bytes of what is locked.
fn make(
    store: &Queries,
    registry: &Registry,
    unit: UnitId,
    number: u32,
    month: Month,
    now: Millis,
) -> Result<Vec<u8>, Problem> {
    let (text, basis) = (month.text(), basis(store, registry, Some(month))?);
    if let Some(missing) = basis.missing.first() {
        return Err(Problem::not_found(
            format!("本机没有第 {missing} 号封存表的内容，无法计算补记和冲正；请在封存它的节点上操作"),
            format!(
                "the content of locked table {missing} is not here, so that nothing can be corrected; lock it where that was locked"
            ),
        ));
    }
    let period = super::period(&text)?;
    let gathered = gather::gather(store, registry, &period, Some(month), &basis, Listed::All, now)?;
    if gathered.recalculating > 0 {
        return Err(Problem::later(
            503,
            5,
            format!("有 {} 件正在按新的日历或设置重算，算完才能封存；请稍后再试", gathered.recalculating),
            format!(
                "{} documents are being computed again; a table is locked once that is done: try again in a moment",
                gathered.recalculating
            ),
        ));
    }
    let (book, numbers) = gather::book(store, gather::days(&period))?;
    let covers = super::rows::Covers { unit, text: &text, period: &period, month: Some(month), now };
    let mut report = super::rows::report(&gathered, registry, &covers, &basis);
    Kind::Rates.code().clone_into(&mut report.kind);
    let entry = |(key, tally): (&Key, &Tally)| EntryRow {
        ticket: key.ticket.hex(),
        number: numbers.get(&key.ticket).cloned().unwrap_or_default(),
        unit: key.unit.0,
        apart: key.apart,
        figures: tally.figures().into_iter().map(|(name, number)| (name.to_owned(), number)).collect(),
    };
    let entries = book.iter().map(entry).collect();
    let content = Content { number, registry: registry.version(), report, entries };
    canonical::encode(&content).map_err(|error| Problem::fault(&error))
}
