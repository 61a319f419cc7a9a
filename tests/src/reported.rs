//! Reports against tickets that are all looked at: what is kept of them adds up to the same.

use std::collections::{BTreeMap, BTreeSet};

use desk::report::{Kind, Report, report};
use kernel::{Identity, Kernel, rates, read};
use regulation::act::RequestKind;
use regulation::calendar::{local_date, local_day};
use regulation::rates::{Item, Sum, What};
use regulation::terms::{DueItem, DueKind, DueVerdict};
use regulation::{ActId, Millis, Ticket, TicketState, UnitId};
use replica::seal::encode_signatures;
use replica::{Act, Registry, Sealed};
use serde_json::Value;
use store::{NewAct, Store, Verdict, overdue_before};

use crate::city;

/// Figures by list (apart or not), unit and name; none is 0.
type Figures = BTreeMap<(bool, u32, String), i64>;

/// Reports of days, months and years at a node are what counting all its tickets comes to. Names of what was counted.
///
/// # Errors
/// What differs.
pub fn check(kernel: &Kernel, now: Millis) -> Result<BTreeSet<String>, String> {
    let (all, mut seen) = (Counted::all(kernel)?, BTreeSet::new());
    for period in all.periods() {
        let found =
            all.compare(kernel, &period, now).map_err(|why| format!("{:?}, {period}: {why}", kernel.device()))?;
        seen.extend(found.into_keys().map(|(.., name)| name));
    }
    Ok(seen)
}

/// A hub that holds these tickets, and has computed what lists and reports show of them.
///
/// # Errors
/// They are not lawful, or the store fails.
pub fn hub(registry: &Registry, tickets: &[Vec<Sealed>], now: Millis) -> Result<Kernel, String> {
    let mut store = Store::in_memory().map_err(text)?;
    store.begin().map_err(text)?;
    for (version, entry) in (1..).zip(registry.entries()) {
        store.registry_append(0, version, entry).map_err(text)?;
    }
    for ticket in tickets {
        let first = ticket.first().ok_or("a ticket without acts")?;
        let doc = store.add_doc(&first.id()).map_err(text)?;
        for sealed in ticket {
            let act = Act::decode(&sealed.bytes).map_err(text)?;
            let names: Vec<ActId> = act.deps.iter().copied().chain(act.answers).collect();
            let row = NewAct {
                id: sealed.id(),
                doc,
                bytes: &sealed.bytes,
                names: &names,
                signatures: &encode_signatures(&sealed.signatures),
                verdict: Verdict::Admitted,
                rule: None,
                received_at: act.time,
                peer: None,
                device: act.device,
                epoch: act.epoch,
                dseq: act.dseq,
            };
            let aseq = store.insert_act(&row).map_err(text)?;
            for part in &sealed.parts {
                store.put_part(aseq, part.kind.number(), &part.salt, part.text.as_bytes()).map_err(text)?;
            }
        }
    }
    store.commit().map_err(text)?;
    let identity = Identity { key: city::key(city::HUB), root: None, reliable_links: true };
    let mut kernel = Kernel::open(store, identity, [1; 32], now, false).map_err(text)?;
    while kernel.stale() {
        kernel.handle(now, Vec::new()).map_err(text)?;
    }
    Ok(kernel)
}

/// Every ticket of a node, as its acts say.
struct Counted(Vec<(ActId, Ticket, Vec<DueItem>, Vec<Item>)>);

impl Counted {
    fn all(kernel: &Kernel) -> Result<Self, String> {
        let at = kernel.registry().now();
        let mut all = Vec::new();
        for doc in read::docs(kernel.store()).map_err(text)? {
            let history = read::history(kernel.store(), kernel.registry(), doc).map_err(text)?;
            let Some(ticket) = history.record().ticket() else { continue };
            let dues = kernel::project::dues(&history, &at);
            let items = rates::items(&history, &at, &dues);
            all.push((doc, ticket.clone(), dues, items));
        }
        Ok(Self(all))
    }

    /// The days, months and years in which something counts, a few of each.
    fn periods(&self) -> BTreeSet<String> {
        let times = self.0.iter().flat_map(|(.., items)| items.iter().map(|item| item.at));
        let days: BTreeSet<String> = times.map(|at| local_date(at).to_string()).collect();
        let some = |chars: usize| days.iter().rev().filter_map(move |day| day.get(..chars)).map(str::to_owned);
        let (years, months) = (some(4).collect::<BTreeSet<_>>(), some(7).collect::<BTreeSet<_>>());
        let noons = days.iter().take(4).map(|day| format!("{day}-noon"));
        let days = days.iter().take(2).cloned().chain(noons);
        years.into_iter().chain(months.into_iter().take(2)).chain(days).collect()
    }

    fn compare(&self, kernel: &Kernel, period: &str, now: Millis) -> Result<Figures, String> {
        let ask = |cursor: Option<&str>| {
            let unit = UnitId(1);
            report(kernel.store(), kernel.registry(), unit, (Kind::Rates, period, cursor), now).map_err(text)
        };
        let mut found = ask(None)?;
        while let Some(cursor) = found.cursor.take() {
            let more = ask(Some(&cursor))?;
            found.exclusions.extend(more.exclusions);
            found.cursor = more.cursor;
        }
        let (from, to) = (desk::clock::parse(&found.from), desk::clock::parse(&found.to));
        let period = from.zip(to).map(|(from, to)| from..to).ok_or("no period")?;
        let inside = |item: &&Item| period.contains(&item.at);
        // What comes due counts once its day is over.
        let yet = |item: &Item| local_day(item.at) >= local_day(now);
        let (mut sums, mut left) = (BTreeMap::<(bool, UnitId), Sum>::new(), Vec::new());
        for (doc, .., items) in &self.0 {
            for item in items.iter().filter(inside) {
                match &item.what {
                    What::Adds(tally) if yet(item) => {
                        let counts = tally.minus(&tally.come_due());
                        sums.entry((item.apart, item.unit)).or_default().tally.add(&counts);
                    }
                    What::Adds(tally) => sums.entry((item.apart, item.unit)).or_default().tally.add(tally),
                    What::Leaves(excluded) => {
                        left.push((excluded.unit.0, doc.hex(), excluded.reason.names().0.to_owned()));
                        let sum = sums.entry((false, item.unit)).or_default();
                        *sum.excluded.entry(excluded.reason).or_default() += 1;
                    }
                }
            }
        }
        let counted = figures(&sums);
        same("figures", &counted, &shown(&found))?;
        left.sort();
        let row = |row: &desk::report::ExclusionRow| (row.unit.id, row.ticket.clone(), row.reason.clone());
        let mut listed: Vec<_> = found.exclusions.iter().map(row).collect();
        listed.sort();
        same("what does not count", &left, &listed)?;
        same("tickets", &(self.0.len() as u64), &found.tickets)?;
        let raised = |kind: &RequestKind| {
            let apart = |state| matches!(state, TicketState::AwaitingConfirmation | TicketState::OwnMatter);
            let of = self.0.iter().filter(|(_, t, ..)| t.register.kind == *kind && !apart(t.state));
            (kind.code().to_owned(), of.filter(|(_, t, ..)| period.contains(&t.register.raised_at)).count() as u64)
        };
        same("raised", &RequestKind::ALL.iter().map(raised).collect(), &found.raised)?;
        // Of a period that is over nothing is shown that is so now.
        let stands = if period.end > now { self.in_hand(kernel, now) } else { BTreeMap::new() };
        same("in hand", &stands, &standing(&found))?;
        Ok(counted)
    }

    /// What each unit that leads has to do: awaiting, in hand, overdue up to the last minute that is over.
    fn in_hand(&self, kernel: &Kernel, now: Millis) -> BTreeMap<u32, [i64; 3]> {
        let (at, mut units) = (kernel.registry().now(), BTreeMap::<u32, [i64; 3]>::new());
        for (_, ticket, dues, _) in &self.0 {
            let Some(lead) = ticket.lead() else { continue };
            let of = units.entry(lead.unit.0).or_default();
            let open = matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress);
            let late = |item: &DueItem| {
                item.unit == lead.unit
                    && item.met_at.is_none()
                    && matches!(item.what, DueKind::SignFor | DueKind::Finish | DueKind::Urgent)
                    && item.verdict(overdue_before(now) - 1, at.settings()) == DueVerdict::Overdue
            };
            of[0] += i64::from(ticket.state == TicketState::AwaitingSignFor);
            of[1] += i64::from(open);
            of[2] += i64::from(open && dues.iter().any(late));
        }
        units.retain(|_, of| *of != [0; 3]);
        units
    }
}

fn figures(sums: &BTreeMap<(bool, UnitId), Sum>) -> Figures {
    let mut figures = Figures::new();
    for ((apart, unit), sum) in sums {
        let excluded = sum.excluded.iter().map(|(reason, much)| (reason.names().0, *much));
        for (name, much) in sum.tally.figures().into_iter().chain(excluded) {
            figures.insert((*apart, unit.0, name.to_owned()), much);
        }
    }
    figures
}

/// The same, as a report shows them.
fn shown(report: &Report) -> Figures {
    let mut figures = Figures::new();
    let mut take = |apart: bool, unit: Option<u32>, row: Value| {
        let Some(unit) = unit else { return };
        for name in regulation::rates::Tally::FIGURES {
            if let Some(much) = row[name].as_i64().filter(|much| *much != 0) {
                figures.insert((apart, unit, (*name).to_owned()), much);
            }
        }
        for (reason, much) in row["excluded"].as_object().into_iter().flatten() {
            figures.insert((apart, unit, reason.clone()), much.as_i64().unwrap_or_default());
        }
    };
    let unit = |unit: &Option<desk::view::UnitRef>| unit.as_ref().map(|unit| unit.id);
    for (apart, rows) in [(false, &report.rows), (true, &report.apart)] {
        rows.iter().for_each(|row| take(apart, unit(&row.unit), serde_json::to_value(row).unwrap_or_default()));
    }
    for row in &report.assisting {
        take(false, unit(&row.unit), serde_json::to_value(row).unwrap_or_default());
    }
    figures
}

fn standing(report: &Report) -> BTreeMap<u32, [i64; 3]> {
    let row =
        |row: &desk::report::Row| Some((row.unit.as_ref()?.id, [row.awaiting_sign_for?, row.in_hand?, row.overdue?]));
    let leads = |(_, of): &(u32, [i64; 3])| *of != [0; 3];
    report.rows.iter().filter_map(row).filter(leads).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, counted: &T, reported: &T) -> Result<(), String> {
    match counted == reported {
        true => Ok(()),
        false => Err(format!("the report has {what} {reported:?}, and counting comes to {counted:?}")),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
