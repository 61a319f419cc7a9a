//! Messages of other systems as tickets: rows of a file become registrations and, where there is a reply, answers.
//!
//! A row is known again by its number in the other system, so that a second run adds nothing and a run that was broken
//! off goes on. A dry run takes the same way as a run, up to the last step, and tells what the run would.

pub mod cell;
pub mod columns;
pub mod delimited;
pub mod history;
mod json;
pub mod read;
pub mod row;
pub mod systems;
mod workbook;

use kernel::{Command, Done};
use regulation::{ActKind, Author, Body, Millis, PersonId, apply, decide, options};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use columns::Mapping;
pub use json::fields;
pub use read::{Event, Options, Summary, read};

use crate::Desk;
use crate::form::{self, Filled};
use crate::problem::Problem;
use crate::{clock, people};

/// Rows that one call brings, at most.
pub const ROWS_MAX: usize = 256;
/// A request that is older is history: its terms would begin today (21).
pub const AGE_DAYS_MAX: i64 = 30;

/// One row as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Fields of a registration, by the names of `form::fields`.
    pub register: Filled,
    /// The reply, and when it was given.
    pub reply: Option<(String, String)>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// Its line.
    pub line: u64,
    /// `added`, `known` or `refused`.
    pub outcome: String,
    /// The ticket.
    pub id: Option<String>,
    /// Acts that were made.
    pub acts: u32,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Why, in English.
    pub reason_en: Option<String>,
}

impl Imported {
    /// A row that is not taken in.
    #[must_use]
    pub fn refused(line: u64, problem: Problem) -> Self {
        let (reason, reason_en) = (Some(problem.title), Some(problem.detail));
        Self { line, outcome: "refused".to_owned(), id: None, acts: 0, reason, reason_en }
    }
}

/// How rows are taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Tell what would become of them, and change nothing.
    pub dry_run: bool,
    /// As closed cases of the time before the city was in force.
    pub history: bool,
}

/// Takes in rows. What belongs to one step of all of them is asked at once, so that one transaction holds many. A dry run
/// asks the same and changes nothing.
///
/// # Errors
/// The node has stopped, or the city takes no history. Rows that are wrong are told one by one instead.
pub async fn rows(desk: &Desk, person: PersonId, rows: Vec<Row>, way: Way) -> Result<Vec<Imported>, Problem> {
    if rows.len() > ROWS_MAX {
        return Err(Problem::bad_input(format!("一次最多 {ROWS_MAX} 行"), format!("at most {ROWS_MAX} rows at once")));
    }
    if way.history {
        history::may_begin(desk).await?;
    }
    let registered = each(rows, |row| register(desk.clone(), person, row, way)).await?;
    each(registered, |(row, done)| answer(desk.clone(), person, row, done, way)).await
}

/// Runs all at once and keeps their order.
async fn each<T, U, F>(items: Vec<T>, run: impl Fn(T) -> F) -> Result<Vec<U>, Problem>
where
    U: Send + 'static,
    F: Future<Output = Result<U, Problem>> + Send + 'static,
{
    let tasks: Vec<_> = items.into_iter().map(|item| tokio::spawn(run(item))).collect();
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        results.push(task.await.map_err(|error| Problem::fault(&error))??);
    }
    Ok(results)
}

async fn register(desk: Desk, person: PersonId, mut row: Row, way: Way) -> Result<(Row, Imported), Problem> {
    let mut done =
        Imported { line: row.line, outcome: "added".to_owned(), id: None, acts: 0, reason: None, reason_en: None };
    let now = clock::now();
    // The form for people asks for a category; what comes from elsewhere is sorted later.
    let asked = match form::read_imported(&row.register, &desk.registry(), now) {
        Ok(mut draft) => match wrong_age(&draft.body, now, way) {
            Some(problem) => Err(problem),
            None if way.history => {
                history::mark(&mut draft.body);
                let command = if way.dry_run { Command::Try(draft) } else { Command::Begin(draft) };
                desk.ask(Some(person), command).await
            }
            None if way.dry_run => desk.ask(Some(person), Command::Try(draft)).await,
            None => desk.ask(Some(person), Command::Begin(draft)).await,
        },
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(Done::Made { doc, .. }) => (done.id, done.acts) = (Some(doc.hex()), 1),
        Ok(Done::Would) => done.acts = 1,
        Ok(Done::Known { doc }) => (done.id, done.outcome) = (Some(doc.hex()), "known".to_owned()),
        Ok(_) => {}
        Err(problem) => refuse(&mut done, problem)?,
    }
    if way.history && row.reply.is_none() {
        let raised = row.register.get("raised_at").and_then(|text| clock::parse(text));
        row.reply = Some(history::no_reply(raised.unwrap_or(now)));
    }
    Ok((row, done))
}

/// A case that another system closed years ago must not be due in half an hour; and what came in the last days is no history.
fn wrong_age(body: &Body, now: Millis, way: Way) -> Option<Problem> {
    let Body::Register(register) = body else { return None };
    let days = (now - register.raised_at).div_euclid(86_400_000);
    match (days > AGE_DAYS_MAX, way.history) {
        (true, false) => Some(Problem::bad_input(
            format!(
                "反映于 {days} 天前，超过 {AGE_DAYS_MAX} 天：今天登记会从今天起算期限。已办结的，在开始派单之前用 --history 导入；还要办的，请在网页上登记"
            ),
            format!(
                "raised {days} days ago, more than {AGE_DAYS_MAX}: its terms would begin today. A closed case comes in with --history before the city dispatches; register by hand what is still to be done"
            ),
        )),
        (false, true) => Some(Problem::bad_input(
            format!("反映于 {days} 天前，不到 {AGE_DAYS_MAX} 天，不是历史数据"),
            format!("raised {days} days ago, less than {AGE_DAYS_MAX}: that is no history"),
        )),
        _ => None,
    }
}

async fn answer(desk: Desk, person: PersonId, row: Row, mut done: Imported, way: Way) -> Result<Imported, Problem> {
    let Some((text, at)) = row.reply else { return Ok(done) };
    if done.outcome == "refused" || (done.outcome == "known" && !history::unanswered(&desk, done.id.clone()).await?) {
        return Ok(done);
    }
    let filled = Filled::from([("text".to_owned(), text), ("happened_at".to_owned(), at)]);
    let asked = match form::read(ActKind::Answer, &filled, &desk.registry(), clock::now()) {
        Ok(_) if way.dry_run => could_answer(&desk, person),
        Ok(typed) => {
            let doc = done.id.as_deref().and_then(regulation::ActId::parse);
            let doc = doc.ok_or_else(|| Problem::fault(&"an id that is none"))?;
            desk.ask(Some(person), Command::Act { doc, draft: typed.draft }).await.map(|_| ())
        }
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(()) => (done.acts, done.outcome) = (done.acts + 1, "added".to_owned()),
        Err(problem) => refuse(&mut done, problem)?,
    }
    Ok(done)
}

/// Whether somebody may answer what he has just registered.
fn could_answer(desk: &Desk, person: PersonId) -> Result<(), Problem> {
    let author: Author = people::author(&desk.registry(), &desk.me()?, Some(person));
    let mut record = regulation::Record::default();
    let registers = options::fact(&record, ActKind::Register, &author);
    let broken = |broken: regulation::Broken| Problem::from(broken.rule);
    let edition = desk.registry().now().edition();
    apply(&mut record, &registers.under(edition)).map_err(broken)?;
    decide(&record, &options::fact(&record, ActKind::Answer, &author).under(edition)).map_err(broken)
}

fn refuse(done: &mut Imported, problem: Problem) -> Result<(), Problem> {
    // A fault of this machine is not the row's.
    if problem.exit >= 6 {
        return Err(problem);
    }
    done.outcome = "refused".to_owned();
    (done.reason, done.reason_en) = (Some(problem.title), Some(problem.detail));
    Ok(())
}
