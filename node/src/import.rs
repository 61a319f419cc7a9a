//! Messages of other systems as tickets: rows of a file become registrations and, where there is a reply, answers.
//!
//! A row is known again by its number in the other system, so that a second run adds nothing and a run that was broken
//! off goes on.

use std::collections::BTreeMap;

use kernel::{Command, Done};
use regulation::act::RequestKind;
use regulation::{ActKind, PersonId, TicketState};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::form::{self, Filled};
use crate::problem::Problem;
use crate::process::Node;
use crate::{clock, view};

/// Rows that one call brings, at most.
pub const ROWS_MAX: usize = 256;

/// One row as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Fields of a registration, by the names of `form::fields`.
    pub register: Filled,
    /// The reply, and when it was given.
    pub reply: Option<(String, String)>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Columns of a file by the names that are used here: `id`, `title`, `content`, `submitted_at`, `reply`, `replied_at`
/// and every field of a registration.
pub type ColumnMap = BTreeMap<String, String>;

/// Reads one JSON object.
///
/// # Errors
/// Why it is no row: in Chinese and English.
pub fn row_of_json(line: u64, text: &str, system: &str, map: &ColumnMap) -> Result<Row, Problem> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Problem::bad_input(format!("不是 JSON：{error}"), format!("not JSON: {error}")))?;
    let Value::Object(object) = value else {
        return Err(Problem::bad_input("不是 JSON 对象", "not a JSON object"));
    };
    let text_of = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let cells: BTreeMap<String, String> =
        object.iter().filter_map(|(name, value)| Some((name.clone(), text_of(value)?))).collect();
    row_of_cells(line, &cells, system, map)
}

/// Reads named cells, as of a CSV line.
///
/// # Errors
/// Why it is no row.
pub fn row_of_cells(
    line: u64,
    cells: &BTreeMap<String, String>,
    system: &str,
    map: &ColumnMap,
) -> Result<Row, Problem> {
    let cell = |name: &str| {
        let column = map.get(name).map_or(name, String::as_str);
        cells.get(column).map(|text| form::clean(text)).filter(|text| !text.is_empty())
    };
    let needed =
        |name: &str| cell(name).ok_or_else(|| Problem::bad_input(format!("缺少 {name}"), format!("{name} is missing")));
    let time = |name: &str| -> Result<Option<String>, Problem> {
        match cell(name) {
            None => Ok(None),
            Some(text) if clock::parse(&text).is_some() => Ok(Some(text)),
            Some(text) => Err(Problem::bad_input(
                format!("{name} 不是时间：{text:.40}"),
                format!("{name} is no time: {text:.40}"),
            )),
        }
    };
    let (title, content, id) = (needed("title")?, needed("content")?, needed("id")?);
    let submitted_at =
        time("submitted_at")?.ok_or_else(|| Problem::bad_input("缺少 submitted_at", "submitted_at is missing"))?;
    let mut register = Filled::new();
    for spec in form::fields(ActKind::Register) {
        if let Some(value) = cell(spec.name) {
            register.insert(spec.name.to_owned(), value);
        }
    }
    register.entry("kind".to_owned()).or_insert_with(|| kind_of(&title, &content).code().to_owned());
    register.entry("channel".to_owned()).or_insert_with(|| "website".to_owned());
    register.insert("raised_at".to_owned(), submitted_at.clone());
    register.insert("external_system".to_owned(), system.to_owned());
    register.insert("external_number".to_owned(), id);
    let reply = match cell("reply") {
        Some(reply) => Some((reply, time("replied_at")?.unwrap_or(submitted_at))),
        None => None,
    };
    Ok(Row { line, register, reply })
}

/// Class of a request by the words that people use (11). The title says more than the content; what nothing points to
/// is a request for help.
#[must_use]
pub fn kind_of(title: &str, content: &str) -> RequestKind {
    const WORDS: [(RequestKind, &[&str]); 4] = [
        (RequestKind::TipOff, &["举报", "检举", "揭发"]),
        (RequestKind::Complaint, &["投诉", "控告", "乱收费", "违规", "违法", "扰民", "欺诈"]),
        (RequestKind::Suggestion, &["建议", "提议", "意见"]),
        (RequestKind::Inquiry, &["咨询", "请问", "询问", "何时", "什么时候", "怎么办理", "如何", "吗？", "是否"]),
    ];
    let find = |text: &str| {
        WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(kind, _)| *kind)
    };
    find(title).or_else(|| find(content)).unwrap_or(RequestKind::Help)
}

/// Takes in rows. What belongs to one step of all of them is asked at once, so that one transaction holds many.
///
/// # Errors
/// The node has stopped. Rows that are wrong are told one by one instead.
pub async fn rows(node: &Node, person: PersonId, rows: Vec<Row>) -> Result<Vec<Imported>, Problem> {
    if rows.len() > ROWS_MAX {
        return Err(Problem::bad_input(format!("一次最多 {ROWS_MAX} 行"), format!("at most {ROWS_MAX} rows at once")));
    }
    let registered = each(rows, |row| register(node.clone(), person, row)).await?;
    each(registered, |(row, done)| answer(node.clone(), person, row, done)).await
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

async fn register(node: Node, person: PersonId, row: Row) -> Result<(Row, Imported), Problem> {
    let mut done =
        Imported { line: row.line, outcome: "added".to_owned(), id: None, acts: 0, reason: None, reason_en: None };
    // The form for people asks for a category; what comes from elsewhere is sorted later.
    let typed = form::read_imported(&row.register, &node.registry(), clock::now());
    let asked = match typed {
        Ok(draft) => node.ask(Some(person), Command::Begin(draft)).await,
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(Done::Made { doc, .. }) => (done.id, done.acts) = (Some(doc.hex()), 1),
        Ok(Done::Known { doc }) => (done.id, done.outcome) = (Some(doc.hex()), "known".to_owned()),
        Ok(_) => {}
        Err(problem) => refuse(&mut done, problem)?,
    }
    Ok((row, done))
}

async fn answer(node: Node, person: PersonId, row: Row, mut done: Imported) -> Result<Imported, Problem> {
    let (Some((text, at)), Some(id)) = (row.reply, done.id.clone()) else { return Ok(done) };
    if done.outcome == "known" && !unanswered(&node, id.clone()).await? {
        return Ok(done);
    }
    let filled = Filled::from([("text".to_owned(), text), ("happened_at".to_owned(), at)]);
    let asked = match form::read(ActKind::Answer, &filled, &node.registry(), clock::now()) {
        Ok(typed) => {
            let doc = regulation::ActId::parse(&id).ok_or_else(|| Problem::fault(&"an id that is none"))?;
            node.ask(Some(person), Command::Act { doc, draft: typed.draft }).await
        }
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(_) => (done.acts, done.outcome) = (done.acts + 1, "added".to_owned()),
        Err(problem) => refuse(&mut done, problem)?,
    }
    Ok(done)
}

/// A run that was broken off between a registration and its answer left it so.
async fn unanswered(node: &Node, id: String) -> Result<bool, Problem> {
    let read = move |reader: &store::Reader, _: &replica::Registry| {
        let (doc, _) = view::find(reader, &id)?;
        Ok(reader.ticket(doc)?.is_some_and(|ticket| ticket.state == TicketState::Registered.names().0))
    };
    node.read(read).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_follows_the_words_people_use() {
        for (title, content, kind) in [
            ("举报非法采砂", "", RequestKind::TipOff),
            ("物业乱收费", "请问怎么投诉", RequestKind::Complaint),
            ("咨询医保缴费", "有人投诉过", RequestKind::Inquiry),
            ("路灯不亮", "建议尽快维修", RequestKind::Suggestion),
            ("路灯不亮", "晚上看不见", RequestKind::Help),
        ] {
            assert_eq!(kind_of(title, content), kind, "{title}");
        }
    }

    #[test]
    fn bad_rows_say_what_is_wrong() {
        let map = ColumnMap::new();
        for (text, said) in [
            ("{", "JSON"),
            ("[1]", "JSON"),
            (r#"{"id":1,"content":"x","submitted_at":"2026-01-01"}"#, "title"),
            (r#"{"id":1,"title":"t","content":"x","submitted_at":"soon"}"#, "submitted_at"),
            (r#"{"id":1,"title":"t","content":"x"}"#, "submitted_at"),
            (r#"{"title":"t","content":"x","submitted_at":"2026-01-01"}"#, "id"),
        ] {
            let problem = row_of_json(7, text, "demo", &map).unwrap_err();
            assert!(problem.title.contains(said) && problem.detail.contains(said), "{text}: {problem:?}");
        }
        let mapped = ColumnMap::from([("id".to_owned(), "编号".to_owned())]);
        let row = row_of_json(
            1,
            r#"{"编号":12,"title":"t","content":"c","submitted_at":"2026-01-01 09:00","reply":"r"}"#,
            "demo",
            &mapped,
        )
        .unwrap();
        assert_eq!(row.register["external_number"], "12");
        assert_eq!(row.reply, Some(("r".to_owned(), "2026-01-01 09:00".to_owned())));
    }
}
