//! Importing tickets from a file: read on a thread of its own, asked in batches, told in full.

mod report;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use desk::call::answers::Import as Taken;
use desk::call::questions as q;
use desk::import::history::Step;
use desk::import::read::{Head, Item};
use desk::import::systems::Systems;
use desk::import::{Event, Imported, Mapping, Options, Row, Summary, read};
use desk::{Problem, clock};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use self::report::Report;
use crate::args::{Global, Import};
use crate::client::{Client, ask};
use crate::out::{self, say};
use crate::written::Written;

/// Rows of one call: enough to fill a transaction.
const BATCH_ROWS: usize = 128;
/// Bytes of one call, as text; a single row may be longer.
const BATCH_BYTES: usize = 512 * 1024;
/// Rows that were read ahead, at most.
const AHEAD_ROWS_MAX: usize = 512;

pub async fn run(global: &Global, command: Import) -> Result<ExitCode, Problem> {
    let Import::Tickets { file, map, system, sheet, refused, force, dry_run, history } = command else {
        let Import::History { confirm, after } = command else { return Ok(ExitCode::SUCCESS) };
        return told_of_history(global, confirm, after).await;
    };
    desk::text::open_file(&file)?;
    desk::import::read::ending(&file)?;
    let mapping = map.as_deref().map(Mapping::read).transpose()?.unwrap_or_default();
    let systems = Systems::read(&global.dir)?;
    let system = systems.meant(system.or_else(|| mapping.system.clone()))?;
    let refused = refused.map(|file| Written::begin(&file, force).map(|to| (file, to))).transpose()?;
    let mut report = Report::new(&system, dry_run, systems.like(&system), refused);
    let options = Options { mapping, system: system.clone(), sheet, now: clock::now() };
    let client = Client::open(global).await?;
    let step = history.then_some(Step::Take);
    let remember = |report: &mut Report| {
        if let Err(problem) = systems.clone().remember(&global.dir, &system) {
            report.not_remembered(problem);
        }
    };
    let done = import(&client, &file, options, &mut report, step, &remember).await;
    let done = client.close(done).await;
    match done {
        Ok(summary) => {
            if !dry_run {
                remember(&mut report);
            }
            report.tell(global, &file, &summary);
            Ok(ExitCode::from(if report.refused_rows() > 0 { 5 } else { 0 }))
        }
        // What was saved before it broke off is told, and kept.
        Err(problem) if report.is_begun() || problem.is_unknown_result() => {
            report.broken_off(&problem);
            report.tell(global, &file, &Summary::default());
            Ok(ExitCode::from(problem.exit))
        }
        Err(problem) => Err(problem),
    }
}

/// What came in as history, listed or filed by another person.
async fn told_of_history(global: &Global, confirm: bool, after: Option<String>) -> Result<ExitCode, Problem> {
    let step = if confirm { Step::Confirm } else { Step::List };
    let found = ask(global, q::Import { rows: Vec::new(), dry_run: false, history: Some(step), after }).await?;
    if global.json {
        out::json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    let (filed, at_least) = match &found {
        Taken::Waiting(found) => {
            out::line(format!("{} {}", say("待另一人确认", "waiting for another person"), found.waiting));
            for case in &found.cases {
                let by = case.by.as_deref().unwrap_or_default();
                out::line(format!("  {} {} {} {by}", case.number, case.raised_at, case.title));
            }
            if let Some(cursor) = &found.cursor {
                out::line(format!("{} --after '{cursor}'", say("还有，接着看：", "more:")));
            }
            (found.filed, found.filed_at_least)
        }
        Taken::Filed(done) => (done.filed, false),
        Taken::Rows(_) => (0, false),
    };
    let more = if at_least { "+" } else { "" };
    out::line(format!("{} {filed}{more}", say("已归档", "filed")));
    Ok(ExitCode::SUCCESS)
}

/// Reads a file on another thread; what it says comes in its order. Whoever drops the receiver ends the reading.
fn reading(
    file: PathBuf,
    options: Options,
) -> (mpsc::Receiver<Event>, tokio::task::JoinHandle<Result<Summary, Problem>>) {
    let (to, from) = mpsc::channel(AHEAD_ROWS_MAX);
    let reads = move || read(&file, &options, &mut |event| Ok(to.blocking_send(event).is_ok()));
    (from, tokio::task::spawn_blocking(reads))
}

async fn import(
    client: &Client,
    file: &Path,
    options: Options,
    report: &mut Report,
    history: Option<Step>,
    remember: &dyn Fn(&mut Report),
) -> Result<Summary, Problem> {
    let (mut events, reading) = reading(file.to_owned(), options);
    let mut run = Run { client, report, history, remember, seen: HashMap::new(), batch: Vec::new(), bytes: 0 };
    let mut bar = ProgressBar::hidden();
    while let Some(event) = events.recv().await {
        match event {
            Event::Head(head) => {
                bar = progress(head.rows);
                run.report.head(file, head)?;
            }
            Event::Item(item) => {
                bar.inc(1);
                run.take(item).await?;
            }
        }
    }
    run.flush().await?;
    bar.finish_and_clear();
    reading.await.map_err(|error| Problem::fault(&error))?
}

/// A row that waits, with what it looks like in the file.
struct Waiting {
    row: Row,
    id: String,
    raw: String,
}

/// A row with a number that was seen in this file: its line and its text.
#[derive(Clone, Copy)]
struct Seen {
    line: u64,
    text: u64,
}

/// One run over a file.
struct Run<'r> {
    client: &'r Client,
    report: &'r mut Report,
    history: Option<Step>,
    /// Keeps the other system in mind, once something of it is here.
    remember: &'r dyn Fn(&mut Report),
    /// Every number that was taken in, by its hash: the file may be far longer than memory.
    seen: HashMap<u128, Seen>,
    batch: Vec<Waiting>,
    bytes: usize,
}

impl Run<'_> {
    async fn take(&mut self, item: Item) -> Result<(), Problem> {
        let Item { line, id, raw, row } = item;
        let id = id.unwrap_or_default();
        let row = match row {
            Ok(row) => row,
            Err(problem) => return self.report.refused(&Imported::refused(line, problem), &id, &raw),
        };
        let number = row.register.get("external_number").cloned().unwrap_or_default();
        if self.batch.iter().any(|waiting| waiting.id == number) {
            self.flush().await?;
        }
        if let Some(first) = self.seen.get(&number_hash(&number)).copied() {
            if first.text == text_hash(&row) {
                self.report.known();
                return Ok(());
            }
            let problem = Problem::bad_input(
                format!("编号 {number} 与第 {} 行相同而内容不同；请核对编号", first.line),
                format!("number {number} is that of line {} with another text; check the numbers", first.line),
            );
            return self.report.refused(&Imported::refused(line, problem), &id, &raw);
        }
        let bytes = row.register.values().map(String::len).sum::<usize>()
            + row.reply.as_ref().map_or(0, |(text, _)| text.len());
        if !self.batch.is_empty() && (self.batch.len() >= BATCH_ROWS || self.bytes + bytes > BATCH_BYTES) {
            self.flush().await?;
        }
        self.bytes += bytes;
        self.batch.push(Waiting { row, id: number, raw });
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        if batch.is_empty() {
            return Ok(());
        }
        let rows: Vec<Row> = batch.iter().map(|waiting| waiting.row.clone()).collect();
        let dry_run = self.report.dry_run();
        let begun = self.report.is_begun();
        let call = q::Import { rows, dry_run, history: self.history, after: None };
        let Taken::Rows(done) = self.client.call(call).await? else {
            return Err(Problem::fault(&"the node told of something else than rows"));
        };
        if done.len() != batch.len() {
            return Err(Problem::fault(&"the node told of other rows than it was given"));
        }
        for (waiting, imported) in batch.into_iter().zip(done) {
            if imported.outcome == "refused" {
                self.report.refused(&imported, &waiting.id, &waiting.raw)?;
                continue;
            }
            let seen = Seen { line: waiting.row.line, text: text_hash(&waiting.row) };
            self.seen.insert(number_hash(&waiting.id), seen);
            self.report.done(&imported);
        }
        if !begun && self.report.is_begun() {
            (self.remember)(self.report);
        }
        Ok(())
    }
}

fn number_hash(number: &str) -> u128 {
    let digest = Sha256::digest(number.as_bytes());
    digest.iter().take(16).fold(0, |hash, byte| (hash << 8) | u128::from(*byte))
}

/// What a request says and who says it: the kernel calls the same what is the same in these.
fn text_hash(row: &Row) -> u64 {
    let mut digest = Sha256::new();
    for name in ["title", "content", "place", "name", "phone", "address"] {
        digest.update(row.register.get(name).map(String::as_bytes).unwrap_or_default());
        digest.update([0x1f]);
    }
    digest.finalize().iter().take(8).fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}

/// All rows of a file in memory, and those that are none: for the demonstration.
pub async fn all(file: &Path, system: &str) -> Result<(Vec<Row>, Vec<Imported>), Problem> {
    let options = Options { mapping: Mapping::default(), system: system.to_owned(), sheet: None, now: clock::now() };
    let (mut events, reading) = reading(file.to_owned(), options);
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    while let Some(event) = events.recv().await {
        match event {
            Event::Head(Head { .. }) => {}
            Event::Item(Item { line, row, .. }) => match row {
                Ok(row) => good.push(row),
                Err(problem) => bad.push(Imported::refused(line, problem)),
            },
        }
    }
    reading.await.map_err(|error| Problem::fault(&error))??;
    Ok((good, bad))
}

/// A bar on stderr, for people at a terminal.
pub fn progress(rows: Option<u64>) -> ProgressBar {
    let (bar, shape) = match rows {
        Some(rows) => (ProgressBar::new(rows), "{bar:40} {pos}/{len} {eta}"),
        None => (ProgressBar::new_spinner(), "{spinner} {pos}"),
    };
    if let Ok(style) = ProgressStyle::with_template(shape) {
        bar.set_style(style);
    }
    bar
}
