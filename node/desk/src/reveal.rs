//! Personal data in full: asked for with a reason, written down by the kernel before anything is shown.

pub use kernel::reveal::Way;
use kernel::reveal::{INSPECTION, Inspect, NOTE_CHARS_MAX, PAPER_CHARS_MAX, Reason, Reveal};
use kernel::{Command, Done};
use regulation::{ActId, PersonId};
use replica::Registry;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Queries, Reader, RevealFilter, RevealRow};

use crate::Desk;
use crate::clock;
use crate::people;
use crate::problem::Problem;
use crate::view::{self, person_name};

/// What is asked for beside a ticket, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ask {
    /// Code of the reason: `contact`, `verify`, `supervise`, `other`.
    pub reason: String,
    /// The reason in words; needed with `other`.
    #[serde(default)]
    pub note: String,
    /// `page`, `api` or `command`; a program that says nothing is one.
    #[serde(default)]
    pub way: Option<String>,
}

/// Writes down that a person is shown the personal data of a ticket. False if there is nothing that may be shown: then
/// nothing was written down.
///
/// # Errors
/// No such ticket, no such reason, no role that needs it, or too often within an hour.
pub async fn reveal(desk: &Desk, person: PersonId, doc: ActId, way: Way, ask: &Ask) -> Result<bool, Problem> {
    reasons(ask)?;
    let me = desk.me()?;
    let may = desk.read(move |reader, registry| {
        view::may_reveal(reader, registry, &people::author(registry, &me, Some(person)), doc)
    });
    if !may.await? {
        return Ok(false);
    }
    written_down(desk, person, doc, way, ask, "requester").await?;
    Ok(true)
}

/// Writes down that a person, who may, is shown `what` of a document.
///
/// # Errors
/// No such reason, no role that needs it, or too often within an hour.
pub(crate) async fn written_down(
    desk: &Desk,
    person: PersonId,
    doc: ActId,
    way: Way,
    ask: &Ask,
    what: &'static str,
) -> Result<(), Problem> {
    let (reason, note) = reasons(ask)?;
    let reveal = Reveal { doc, way, reason, note, what };
    match desk.ask(Some(person), Command::Reveal(reveal)).await? {
        Done::Revealed => Ok(()),
        _ => Err(Problem::fault(&"a reveal that came to something else")),
    }
}

/// The reason and its words.
fn reasons(ask: &Ask) -> Result<(Reason, String), Problem> {
    let reason = Reason::parse(&ask.reason).ok_or_else(|| {
        let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.names().0).collect();
        Problem::bad_input(
            format!("请选择查看联系方式的原因（{}）", all.join("、")),
            format!("say what it is needed for: {}", all.join(", ")),
        )
    })?;
    let note = crate::form::clean(&ask.note);
    if note.chars().count() > NOTE_CHARS_MAX || note.contains('\n') {
        return Err(Problem::bad_input(
            format!("说明须为一行，最多 {NOTE_CHARS_MAX} 个字"),
            format!("the words that go with the reason are one line of at most {NOTE_CHARS_MAX} characters"),
        ));
    }
    if reason == Reason::Other && note.is_empty() {
        return Err(Problem::bad_input("选“其他”时请写明原因", "say in words what it is needed for"));
    }
    Ok((reason, note))
}

/// Writes down that somebody of a supervision organ looks at a whole case, by a document of that number and for that (36); then it
/// may be shown, once.
///
/// # Errors
/// No such ticket, no number or purpose, not the role, or too often within an hour: nothing was written down.
pub async fn inspect(
    desk: &Desk,
    person: PersonId,
    doc: ActId,
    way: Way,
    (paper, purpose): (&str, &str),
) -> Result<(), Problem> {
    let (paper, purpose) = (crate::form::clean(paper), crate::form::clean(purpose));
    for (chinese, english, words, most) in [
        ("文号", "the number of the document", &paper, PAPER_CHARS_MAX),
        ("用途", "what it is for", &purpose, NOTE_CHARS_MAX),
    ] {
        if words.is_empty() || words.chars().count() > most || words.contains('\n') {
            return Err(Problem::bad_input(
                format!("监察查看须写明{chinese}：一行，1 至 {most} 个字（第三十六条）"),
                format!("say {english}: one line of 1 to {most} characters (article 36)"),
            ));
        }
    }
    // What is written down is that a case was looked at, and not that somebody tried an id.
    let is_case = move |reader: &Reader, _: &Registry| {
        let ticket = reader.doc_no(&doc)?.map(|row| reader.ticket(row)).transpose()?.flatten();
        ticket.map(|_| ()).ok_or_else(|| Problem::not_found("本机没有这张工单", "no such ticket here"))
    };
    desk.read(is_case).await?;
    match desk.ask(Some(person), Command::Inspect(Inspect { doc, way, paper, purpose })).await? {
        Done::Revealed => Ok(()),
        _ => Err(Problem::fault(&"a look that came to something else")),
    }
}

/// Somebody was shown personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevealView {
    /// When.
    pub at: String,
    /// Who.
    pub person: String,
    /// Of which document.
    pub doc: String,
    /// Number of the ticket.
    pub number: Option<String>,
    /// By a page, a command or a program.
    pub way: String,
    /// The way for screens.
    pub way_name: String,
    /// Code of the reason.
    pub reason: String,
    /// The reason for screens.
    pub reason_name: String,
    /// The reason in words.
    pub note: String,
    /// What was shown: `requester`, or the whole `case`.
    pub what: String,
    /// Number of the document by which a supervision organ looked; empty else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub paper: String,
}

/// Who was shown what, newest first.
///
/// # Errors
/// The database cannot be read.
pub fn list(store: &Queries, at: &At<'_>, filter: RevealFilter, limit: usize) -> Result<Vec<RevealView>, Problem> {
    let mut views = Vec::new();
    for row in store.reveals(filter, limit)? {
        let doc = store.doc_no(&row.doc)?;
        let ticket = doc.map_or(Ok(None), |doc| store.ticket(doc))?;
        views.push(view(at, &row, ticket.map(|ticket| ticket.number)));
    }
    Ok(views)
}

fn view(at: &At<'_>, row: &RevealRow, number: Option<String>) -> RevealView {
    let known = Reason::parse(&row.reason).map(Reason::names).into_iter().chain([INSPECTION]);
    let reason = known.into_iter().find(|(code, _)| *code == row.reason).map_or(row.reason.as_str(), |(_, name)| name);
    let way = Way::parse(&row.way).map_or(row.way.as_str(), |way| way.names().1);
    RevealView {
        at: clock::text(row.at),
        person: person_name(at, row.person),
        doc: row.doc.hex(),
        number,
        way: row.way.clone(),
        way_name: way.to_owned(),
        reason: row.reason.clone(),
        reason_name: reason.to_owned(),
        note: row.note.clone(),
        what: row.what.clone(),
        paper: row.paper.clone(),
    }
}
