//! Personal data in full: asked for with a reason, written down by the kernel before anything is shown.

pub use kernel::reveal::Way;
use kernel::reveal::{NOTE_CHARS_MAX, Reason, Reveal};
use kernel::{Command, Done};
use regulation::{ActId, PersonId};
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Queries, RevealFilter, RevealRow};

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
    /// What was shown.
    pub what: String,
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
    let reason = Reason::parse(&row.reason).map_or(row.reason.as_str(), |reason| reason.names().1);
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
    }
}
