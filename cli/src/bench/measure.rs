//! One run over a copy of a city: starts, pages and calls, writers, a power cut, the same beside a first sync, a calendar.

use std::path::Path;
use std::time::Duration;

use desk::call::{Call, questions as q};
use desk::{Home, Problem, clock, founding};
use serde_json::{Value, json};

use super::city::Made;
use super::copy;
use super::door::Door;
use super::figures::{Times, rounded};
use super::pages::{Clerk, told};
use super::report::Report;
use super::served::{self, Served, Used};
use super::writers::{Floor, Written};
use crate::args::HubBench;
use crate::out::{note, say};

/// Starts that are measured.
const STARTS: usize = 3;
/// How long it is measured.
struct Pace {
    /// Each page and call.
    page: Duration,
    /// Writers.
    writing: Duration,
    /// Clicks beside a calendar import, at least.
    calendar: Duration,
}

impl Pace {
    /// A small city only shows that it works.
    const fn of(tickets: usize) -> Self {
        match tickets {
            0..1_000 => Self::millis(50, 300, 300),
            _ => Self::millis(3_000, 5_000, 5_000),
        }
    }

    const fn millis(page: u64, writing: u64, calendar: u64) -> Self {
        Self {
            page: Duration::from_millis(page),
            writing: Duration::from_millis(writing),
            calendar: Duration::from_millis(calendar),
        }
    }
}

/// How long is clicked beside a calendar import, at most.
const CALENDAR_MAX: Duration = Duration::from_secs(120);
/// How long a new peer may take to be connected.
const CONNECT_MAX: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);
/// The unit whose new device asks for everything.
const CITY_UNIT: &str = "市热线";

pub async fn run(made: &Made, dir: &Path, asked: &HubBench) -> Result<Report, Problem> {
    let (hub, pace) = (dir.join("hub"), Pace::of(made.tickets));
    copy(&made.hub(), &hub)?;
    let floor = Floor::measure(dir)?;
    let mut report = Report::begin(made, asked.seed, Home::open(&hub)?.database_bytes());
    report.set("floor", floor.told());
    let floor_ms = floor.committed.median();

    let mut starts = Times::default();
    for _ in 0..STARTS {
        let served = Served::start(&hub, None).await?;
        starts.add(served.started);
        report.set("memory_after_start", memory(served.used()));
        served.kill().await?;
    }
    report.set("start", starts.told(0.0));

    note(say("逐页、逐项测量", "pages and calls"));
    let served = Served::start(&hub, None).await?;
    let mut clerk = Clerk::begin(Door::open(&served.control).await?, &made.samples, asked.seed).await?;
    let all = clerk.all().await?;
    let mut alone = Vec::new();
    for what in &all {
        alone.push(clerk.times(what, pace.page).await?);
    }
    report.set("memory_after_pages", memory(served.used()));

    note(say("持久写入", "durable acts"));
    let before = acts(&mut clerk).await?;
    let (mut written, mut acknowledged) = (Vec::new(), 0);
    for writers in &asked.writers {
        let of = Written::measure(&served, &clerk.door, &made.samples, *writers, pace.writing, asked.seed).await?;
        acknowledged += of.times.count();
        note(of.said());
        written.push(of.told(floor_ms));
    }
    report.set("writers", written.into());
    // What was told to be durable is there after a power cut of the process; that the disk does what it says is not shown.
    served.kill().await?;
    let served = Served::start(&hub, None).await?;
    let mut clerk = Clerk::begin(Door::open(&served.control).await?, &made.samples, asked.seed).await?;
    let after = acts(&mut clerk).await?;
    let lost = (before + acknowledged as u64).saturating_sub(after);
    report.set("killed", json!({ "acknowledged": acknowledged, "lost": lost }));

    note(say("首次同步旁边的同样各项", "the same beside a first sync"));
    let peer = first_sync(&mut clerk, &served, &dir.join("peer")).await?;
    let (began, first) = (clock::steady(), progress(&mut clerk).await?);
    // What nothing has to be looked up for is what the machine and the server take today.
    let asset_ms = alone.first().map_or(0.0, Times::median);
    let (mut rows, mut during) = (Vec::new(), 0);
    for (what, alone) in all.iter().zip(&alone) {
        let beside = clerk.times(what, pace.page).await?;
        let now = progress(&mut clerk).await?;
        // A row is said to be beside the sync only if the sync had not come to its end.
        let beside = Some(&beside).filter(|_| now.pending > 0);
        during += usize::from(beside.is_some());
        rows.push(told(what, alone, beside, asset_ms));
    }
    report.set("pages", rows.into());
    let end = progress(&mut clerk).await?;
    let seconds = clock::steady().saturating_sub(began).as_secs_f64();
    let acts = end.sent.saturating_sub(first.sent);
    report.set(
        "first_sync",
        json!({
            "acts_sent": acts, "seconds": rounded(seconds), "acts_a_second": rounded(acts as f64 / seconds),
            "still_to_send": end.pending, "rows_measured_beside_it": during,
        }),
    );
    report.set("memory_beside_first_sync", memory(served.used()));
    peer.kill().await?;

    note(say("导入日历，同时照常点击", "a calendar import, with clicks beside it"));
    report.set("calendar", calendar(&mut clerk, pace.calendar).await?);
    report.set("memory_at_the_end", memory(served.used()));
    served.kill().await?;
    Ok(report)
}

fn memory(used: Used) -> Value {
    json!({ "resident_bytes": used.memory, "peak_bytes": used.peak })
}

async fn acts(clerk: &mut Clerk) -> Result<u64, Problem> {
    let (sync, _) = clerk.door.call(Call::Sync(q::Sync {})).await?;
    Ok(sync["acts"].as_u64().unwrap_or_default())
}

/// How far the new device is.
struct Progress {
    connected: bool,
    sent: u64,
    pending: u64,
}

async fn progress(clerk: &mut Clerk) -> Result<Progress, Problem> {
    let (sync, _) = clerk.door.call(Call::Sync(q::Sync {})).await?;
    let peer = sync["peers"].as_array().and_then(|peers| peers.iter().find(|peer| peer["connected"] == true));
    let number = |name: &str| peer.and_then(|peer| peer[name].as_u64()).unwrap_or_default();
    Ok(Progress { connected: peer.is_some(), sent: number("sent"), pending: number("pending") })
}

/// A new device of the city hotline joins, which wants everything.
async fn first_sync(clerk: &mut Clerk, served: &Served, dir: &Path) -> Result<Served, Problem> {
    let invite = Call::Invite(q::Invite {
        unit: CITY_UNIT.to_owned(),
        class: "office".to_owned(),
        addresses: vec![served.listening.clone()],
    });
    let (invited, _) = clerk.door.call(invite).await?;
    let token = invited["token"].as_str().unwrap_or_default();
    served::run(dir, &["join", token]).await?;
    let peer = Served::start(dir, Some(&served.listening)).await?;
    let until = clock::steady() + CONNECT_MAX;
    while !progress(clerk).await?.connected {
        if clock::steady() > until {
            return Err(Problem::fault(&"the new device does not come to be connected"));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(peer)
}

/// The holidays of the newest year with one day more, and clicks while that takes effect.
async fn calendar(clerk: &mut Clerk, least: Duration) -> Result<Value, Problem> {
    let mut importer = clerk.door.another().await?;
    let began = clock::steady();
    let importing =
        tokio::spawn(
            async move { importer.call(Call::Calendar(q::Calendar { text: notice(), dry_run: false })).await },
        );
    let (mut notes, mut lists) = (Times::default(), Times::default());
    let passed = || rounded(clock::steady().saturating_sub(began).as_secs_f64());
    let (mut imported, mut right) = (None, None);
    // Until the calendar is in, and then until every list goes by it.
    while clock::steady().saturating_sub(began) < CALENDAR_MAX
        && (right.is_none() || clock::steady().saturating_sub(began) < least)
    {
        notes.add(clerk.note().await?);
        lists.add(clerk.list().await?);
        if importing.is_finished() && imported.is_none() {
            imported = Some(passed());
        }
        if imported.is_some() && right.is_none() && recalculating(clerk).await? == 0 {
            right = Some(passed());
        }
    }
    if imported.is_some() {
        importing.await.map_err(|error| Problem::fault(&error))??;
    } else {
        importing.abort();
    }
    Ok(json!({
        "imported_after_s": imported, "lists_right_after_s": right, "given_up_after_s": CALENDAR_MAX.as_secs(),
        "beside_it": { "note": notes.told(0.0), "list": lists.told(0.0) },
    }))
}

async fn recalculating(clerk: &mut Clerk) -> Result<u64, Problem> {
    let (sync, _) = clerk.door.call(Call::Sync(q::Sync {})).await?;
    Ok(sync["recalculating"].as_u64().unwrap_or_default())
}

/// A notice that changes a day off of the newest year that the program knows.
fn notice() -> String {
    let mut lines = founding::HOLIDAYS.lines();
    let head = lines.next().unwrap_or_default();
    let year = founding::HOLIDAYS.lines().last().and_then(|line| line.rsplit(',').next()).unwrap_or_default();
    let of_year: Vec<&str> = lines.filter(|line| line.ends_with(&format!(",{year}"))).collect();
    let free =
        (8..=12).map(|day| format!("{year}-10-{day:02}")).find(|day| !of_year.iter().any(|l| l.starts_with(day)));
    let more = format!("{},off,国庆节,,1,{year}", free.unwrap_or_default());
    format!("{head}\n{}\n{more}\n", of_year.join("\n"))
}
