//! Cases that another system closed come in as history: registered as such, answered with what was answered then, and filed
//! by a second person. Nothing of them is ever due, supervised or counted in a rate, since no unit has them.
//!
//! That is for a city that begins: it is in force from its first dispatch on, and then takes no history any more.

use kernel::Command;
use regulation::{ActId, ActKind, Body, Millis, PersonId, TicketState};
use replica::{History, Registry, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Reader, TicketCursor, TicketFilter};

use crate::Desk;
use crate::form::{self, Filled};
use crate::problem::Problem;
use crate::{clock, view};

/// Tickets that are looked at for a page of cases.
const LOOKED_AT_MAX: usize = 200;
/// Acts that are asked for at once.
const ACTS_AT_ONCE: usize = 64;

/// What is asked about history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Take rows in as history.
    Take,
    /// List what came in so.
    List,
    /// File it, as another person than the one who brought it in.
    Confirm,
}

/// No history is taken any more once the city dispatches.
pub(super) async fn may_begin(desk: &Desk) -> Result<(), Problem> {
    match desk.read(|reader, _| Ok(reader.any_assigned()?)).await? {
        false => Ok(()),
        true => Err(Problem::not_permitted(
            "本市已开始派单，不再接收历史数据",
            "the city dispatches already: no history is taken in any more",
        )),
    }
}

/// Makes history of what is about to be registered. The act says so, signed; a word on the ticket would prove nothing.
pub(super) fn mark(body: &mut Body) {
    if let Body::Register(register) = body {
        register.history = true;
    }
}

/// Whether a ticket came in as history: by the act with which it begins.
fn is_history(history: &History) -> bool {
    history.nodes().first().is_some_and(|first| match &first.fact.body {
        Body::Register(register) => register.history && first.verdict == Verdict::Admitted,
        _ => false,
    })
}

/// What is written where the other system has no reply.
pub(super) fn no_reply(at: Millis) -> (String, String) {
    ("历史数据；办理结果见原系统。".to_owned(), clock::text(at))
}

/// A case of history.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// The ticket.
    pub id: String,
    /// Its number.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// When it was raised.
    pub raised_at: String,
    /// Who brought it in.
    pub by: Option<String>,
}

/// Cases of history that wait for a second person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// How many wait among the tickets that were looked at.
    pub waiting: usize,
    /// How many were filed, among as many.
    pub filed: usize,
    /// Not all that may have been filed were looked at.
    #[serde(default)]
    pub filed_at_least: bool,
    /// Those that wait.
    pub cases: Vec<Case>,
    /// Where to look on: not all that may wait were looked at.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// Cases of history were filed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Filed {
    /// How many.
    pub filed: usize,
    /// How many were left, since the asker had brought them in.
    pub own: usize,
}

struct Found {
    id: ActId,
    by: Option<PersonId>,
    case: Case,
}

/// Cases among the next [`LOOKED_AT_MAX`] tickets of a state.
struct Page {
    found: Vec<Found>,
    next: Option<TicketCursor>,
}

fn page(
    reader: &Reader,
    registry: &Registry,
    state: TicketState,
    after: Option<&TicketCursor>,
) -> Result<Page, Problem> {
    let filter = TicketFilter { state: Some(state.names().0.to_owned()), ..TicketFilter::default() };
    let page = reader.tickets(&filter, after, LOOKED_AT_MAX)?;
    let mut found = Vec::new();
    for row in &page.rows {
        let history = kernel::read::history(reader, registry, row.id)?;
        // What a unit ever had is no history, whatever it began as.
        let assigned = history.record().ticket().is_some_and(|ticket| !ticket.assignments.is_empty());
        if assigned || !is_history(&history) {
            continue;
        }
        let by = history.nodes().first().and_then(|first| first.act.person);
        let name = by.and_then(|by| registry.now().person(by).map(|person| person.name.clone()));
        let (id, number, title) = (row.id.hex(), row.number.clone(), row.title.clone());
        let case = Case { id, number, title, raised_at: clock::text(row.raised_at), by: name };
        found.push(Found { id: row.id, by, case });
    }
    Ok(Page { found, next: page.next })
}

/// What waits for a second person behind a place, and how much was filed.
///
/// # Errors
/// The store, or no place was ever written so.
pub async fn list(desk: &Desk, after: Option<String>) -> Result<Waiting, Problem> {
    let wrong =
        |_| Problem::bad_input("翻页位置有误，请从第一页开始", "the cursor is wrong; begin with the first page");
    let after = after.as_deref().map(str::parse).transpose().map_err(wrong)?;
    let read = move |reader: &Reader, registry: &Registry| {
        let waiting = page(reader, registry, TicketState::Answered, after.as_ref())?;
        let filed = page(reader, registry, TicketState::Archived, None)?;
        Ok(Waiting {
            waiting: waiting.found.len(),
            filed: filed.found.len(),
            filed_at_least: filed.next.is_some(),
            cases: waiting.found.into_iter().map(|found| found.case).collect(),
            cursor: waiting.next.map(|next| next.to_string()),
        })
    };
    desk.read(read).await
}

/// Files what others brought in, page by page.
///
/// # Errors
/// A rule forbids it, or there is nothing that this person may confirm.
pub async fn confirm(desk: &Desk, person: PersonId) -> Result<Filed, Problem> {
    let (mut filed, mut own, mut after) = (0, 0, None);
    loop {
        let from: Option<TicketCursor> = after.take();
        let read =
            move |reader: &Reader, registry: &Registry| page(reader, registry, TicketState::Answered, from.as_ref());
        let Page { found, next } = desk.read(read).await?;
        let (mine, others): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|case| case.by == Some(person));
        (own, filed) = (own + mine.len(), filed + others.len());
        file(desk, person, &others).await?;
        match next {
            // What was filed left the list; what follows stands behind the same place.
            Some(next) => after = Some(next),
            None => break,
        }
    }
    if filed == 0 && own > 0 {
        return Err(Problem::not_permitted(
            "历史数据须由导入人以外的另一人确认",
            "history is confirmed by another person than the one who brought it in",
        ));
    }
    Ok(Filed { filed, own })
}

async fn file(desk: &Desk, person: PersonId, cases: &[Found]) -> Result<(), Problem> {
    for group in cases.chunks(ACTS_AT_ONCE) {
        let asked = group.iter().map(|case| {
            let (desk, doc) = (desk.clone(), case.id);
            tokio::spawn(async move {
                let draft = form::read(ActKind::Archive, &Filled::new(), &desk.registry(), clock::now())?.draft;
                desk.ask(Some(person), Command::Act { doc, draft }).await
            })
        });
        for task in asked.collect::<Vec<_>>() {
            task.await.map_err(|error| Problem::fault(&error))??;
        }
    }
    Ok(())
}

/// Whether a ticket waits for its answer: a run that was broken off between the two left it so.
pub(super) async fn unanswered(desk: &Desk, id: Option<String>) -> Result<bool, Problem> {
    let Some(id) = id else { return Ok(false) };
    let read = move |reader: &Reader, _: &Registry| {
        let (doc, _) = view::find(reader, &id)?;
        Ok(reader.ticket(doc)?.is_some_and(|ticket| ticket.state == TicketState::Registered.names().0))
    };
    desk.read(read).await
}
