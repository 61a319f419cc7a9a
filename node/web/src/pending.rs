//! 待复核: what one person has proposed and another has to confirm.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use desk::call::{answer_to, questions};
use desk::once::RequestId;
use desk::problem::Problem;
use desk::view::{self, FirstBy, Pending, RegistryProposal};

use super::draft::{self, Drafts};
use super::frame::{Frame, page_with};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, Shared};

/// A row.
struct Line {
    href: String,
    kind: String,
    kind_name: String,
    summary: String,
    text: Vec<String>,
    /// Why whoever looks may not confirm it.
    reason: String,
    own: bool,
    number: String,
    title: String,
    person: String,
    unit: String,
    since: String,
}

/// An answer that was not taken: it is shown at the card that it was for, with what was typed.
struct Refused {
    proposal: String,
    /// Why.
    sentence: String,
    /// The reason that was typed.
    text: String,
    /// Its card is still there.
    shown: bool,
}

#[derive(Template)]
#[template(path = "pending.html")]
struct PendingPage {
    frame: Frame,
    pending: Vec<Line>,
    /// Changes of the registry that wait.
    registry: Vec<RegistryProposal>,
    /// Those that cannot be brought about any more, or were answered.
    over: Vec<RegistryProposal>,
    /// An answer that was not taken.
    refused: Option<Refused>,
    /// Number of the small forms.
    once: String,
}

impl PendingPage {
    /// What was typed at a card, if its answer was not taken.
    fn typed(&self, proposal: &str) -> Option<&str> {
        let refused = self.refused.as_ref().filter(|refused| refused.proposal == proposal);
        refused.map(|refused| refused.text.as_str())
    }
}

/// `GET /pending`
pub(super) async fn show(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    page_of(&app, &signed, None).await
}

async fn page_of(app: &Shared, signed: &Signed, refused: Option<(Refused, &Problem)>) -> Result<Response, Fail> {
    let (author, person) = (signed.author.clone(), signed.person);
    let read = app.desk.read(move |reader, registry| {
        let first_by = FirstBy::read(reader)?;
        Ok((view::pending(reader, registry, &author)?, view::registry_proposals(registry, &first_by, person)))
    });
    let (pending, registry) = read.await?;
    let (registry, over): (Vec<_>, Vec<_>) = registry.into_iter().partition(|proposal| proposal.state == "waits");
    let mut frame = Frame::of(app, signed, "queue", "/pending").await?;
    frame.drafts = Drafts::of(app, signed, None).await;
    let english = frame.prefs.english;
    let line = |Pending { id, of, number, title, proposal }: Pending| Line {
        href: format!("/{}/{id}#p-{}", if of == "ticket" { "tickets" } else { "kb" }, &proposal.act[..10]),
        kind: proposal.kind,
        kind_name: proposal.kind_name,
        summary: if english { proposal.summary_en } else { proposal.summary },
        text: proposal.text,
        // That another confirms it, who proposed it knows.
        reason: match (proposal.own && proposal.rule.as_deref() == Some("second-person"), english) {
            (true, _) => None,
            (false, true) => proposal.reason_en,
            (false, false) => proposal.reason,
        }
        .unwrap_or_default(),
        own: proposal.own,
        number,
        title,
        person: proposal.person.unwrap_or_default(),
        unit: proposal.unit.name,
        since: proposal.since,
    };
    let status = refused.as_ref().map_or(Ok(StatusCode::OK), |(_, problem)| StatusCode::from_u16(problem.status));
    let refused = refused.map(|(refused, problem)| Refused {
        sentence: problem.sentence(english).to_owned(),
        shown: registry.iter().chain(&over).any(|shown: &RegistryProposal| shown.proposal == refused.proposal),
        ..refused
    });
    let page = PendingPage {
        pending: pending.into_iter().map(line).collect(),
        registry,
        over,
        refused,
        once: RequestId::draw()?.into(),
        frame,
    };
    page_with(status.unwrap_or(StatusCode::BAD_REQUEST), &page)
}

/// `GET` of the address that an answer went to, as when a page that came back is opened anew.
pub(super) async fn back() -> Redirect {
    Redirect::to("/pending")
}

/// `POST /pending/{proposal}/{answer}`: a change of the registry is confirmed or declined.
pub(super) async fn answer(
    State(app): State<Shared>,
    Path((proposal, answer)): Path<(String, String)>,
    Posted(signed, mut sent): Posted,
) -> Result<Response, Fail> {
    let confirm = match answer.as_str() {
        "confirm" => true,
        "decline" => false,
        _ => return Err(Fail(super::nowhere())),
    };
    let reason = Some(sent.take("text")).filter(|text| !text.is_empty());
    let refused = Refused {
        proposal: proposal.clone(),
        sentence: String::new(),
        text: reason.clone().unwrap_or_default(),
        shown: false,
    };
    let call = questions::Decide { proposal, confirm, reason }.into();
    match answer_to(&app.desk, Some(signed.person), Some(sent.number()?), call).await {
        Ok(_) => {
            draft::sent(&app, &signed, None, &sent).await;
            Ok(Redirect::to("/pending").into_response())
        }
        Err(problem) if !problem.gives_back() => Err(Fail(problem)),
        Err(problem) => {
            sent.filled.insert("text".to_owned(), refused.text.clone());
            draft::refused(&app, &signed, None, &sent).await;
            page_of(&app, &signed, Some((refused, &problem))).await
        }
    }
}
