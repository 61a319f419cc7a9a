//! 工单: everything about one ticket, and what may be done with it now.

mod cards;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use regulation::{ActId, ActKind};
use serde::Deserialize;

use super::forms::{FormView, places, unit_names};
use super::frame::{Frame, page_with};
use super::once::Once;
use super::session::{Posted, Signed};
use super::{Fail, Shared, act, nowhere};
use crate::clock;
use crate::form::Filled;
use crate::problem::Problem;
use crate::view::{self, OptionView, TicketView};

use cards::{ConflictCard, OverruledCard};

/// What is asked for beside the ticket.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Personal data unmasked.
    open: String,
    /// The act that was just made.
    made: String,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    frame: Frame,
    ticket: TicketView,
    forms: Vec<FormView>,
    others: Vec<OptionView>,
    overruled: Vec<OverruledCard>,
    conflicts: Vec<ConflictCard>,
    /// Forms that are folded away.
    rare: usize,
    /// One of them came back with an error.
    rare_open: bool,
    units: Vec<String>,
    places: Vec<(String, String)>,
    made: String,
    made_name: Option<String>,
    /// Number of the small forms of the conflict cards.
    once: String,
}

/// What came of a form that was sent.
struct Back<'a> {
    kind: ActKind,
    filled: &'a Filled,
    problem: &'a Problem,
}

/// `GET /tickets/{id}`
pub(super) async fn show(
    State(app): State<Shared>,
    signed: Signed,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    page_of(&app, &signed, &id, &asked, None).await
}

async fn page_of(
    app: &Shared,
    signed: &Signed,
    id: &str,
    asked: &Asked,
    back: Option<Back<'_>>,
) -> Result<Response, Fail> {
    let doc = ActId::parse(id).ok_or_else(nowhere)?;
    let (me, author, open) = (signed.me.clone(), signed.author.clone(), asked.open == "1");
    let hex = doc.hex();
    let read =
        app.node.read(move |reader, registry| view::ticket(reader, registry, &me, &author, &hex, open, clock::now()));
    let ticket = read.await.map_err(hidden)?;
    if open {
        tracing::info!(person = signed.person.0, ticket = %doc.hex(), "personal data shown");
    }
    let frame = Frame::of(app, signed, "queue", &format!("/tickets/{}", doc.hex())).await?;
    let (forms, others) = forms(app, &frame, &ticket, back.as_ref())?;
    let made_name = ticket.acts.iter().find(|act| !asked.made.is_empty() && act.hash.starts_with(&asked.made));
    let made_name = made_name.map(|act| frame.name(&act.kind, &act.kind_name));
    let registry = app.node.registry();
    let status = back.as_ref().map_or(Ok(StatusCode::OK), |back| StatusCode::from_u16(back.problem.status));
    let page = TicketPage {
        rare: forms.iter().filter(|form| !form.usual).count(),
        rare_open: forms.iter().any(|form| !form.usual && form.open),
        overruled: cards::overruled(&ticket, &frame),
        conflicts: cards::conflicts(&ticket, &registry, &frame),
        units: unit_names(&registry),
        places: places(&registry),
        made: asked.made.clone(),
        made_name,
        once: Once::number()?,
        forms,
        others,
        ticket,
        frame,
    };
    page_with(status.unwrap_or(StatusCode::BAD_REQUEST), &page)
}

/// What is not here, is none of this sort, or is another unit's: one answer.
fn hidden(problem: Problem) -> Problem {
    if problem.status == 404 { nowhere() } else { problem }
}

/// A form for what may be done now, and the reason why the rest may not. What was typed is kept even where its act
/// may not be made any more.
fn forms(
    app: &Shared,
    frame: &Frame,
    ticket: &TicketView,
    back: Option<&Back<'_>>,
) -> Result<(Vec<FormView>, Vec<OptionView>), Problem> {
    let registry = app.node.registry();
    let (mut forms, mut others) = (Vec::new(), Vec::new());
    for option in &ticket.options {
        let Some(kind) = ActKind::parse(&option.kind) else { continue };
        let sent = back.filter(|back| back.kind == kind);
        if !option.allowed && sent.is_none() {
            others.push(option.clone());
            continue;
        }
        let action = format!("/tickets/{}/acts/{}", ticket.line.id, kind.code());
        let none = Filled::new();
        let (filled, problem) = sent.map_or((&none, None), |back| (back.filled, Some(back.problem)));
        forms.push(FormView::new(kind, action, filled, problem, &registry, frame)?);
    }
    Ok((forms, others))
}

/// `GET` of the address that a form went to, as when a page that came back is opened anew.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Result<Redirect, Fail> {
    let doc = ActId::parse(&id).ok_or_else(nowhere)?;
    Ok(Redirect::to(&format!("/tickets/{}", doc.hex())))
}

/// `POST /tickets/{id}/acts/{kind}`
pub(super) async fn act(
    State(app): State<Shared>,
    Path((id, kind)): Path<(String, String)>,
    Posted(signed, sent): Posted,
) -> Result<Response, Fail> {
    let (Some(doc), Some(kind)) = (ActId::parse(&id), act::kind_of(&kind, false)) else { return Err(Fail(nowhere())) };
    let (node, person, filled) = (app.node.clone(), signed.person, sent.filled.clone());
    let work =
        async move { Ok(act::place("tickets", crate::make::make(&node, person, kind, Some(doc), filled).await?)) };
    match app.once.run(&signed.id, &sent.once, work).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if problem.status == 404 || problem.status >= 500 => Err(Fail(hidden(problem))),
        Err(problem) => {
            let back = Back { kind, filled: &sent.filled, problem: &problem };
            page_of(&app, &signed, &id, &Asked::default(), Some(back)).await
        }
    }
}
