//! 工单: everything about one ticket, and what may be done with it now.

mod attachments;
mod cards;
mod contact;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use regulation::{ActId, ActKind};
use serde::Deserialize;

use super::draft::Drafts;
use super::forms::{FormView, duties, places, unit_names};
use super::frame::{Frame, page_with};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, INSPECT, Shared, act, nowhere, timeline};
use desk::clock;
use desk::form::Filled;
use desk::once::RequestId;
use desk::problem::Problem;
use desk::reveal::Ask;
use desk::view::{self, Called, OptionView, TicketView};

use cards::{ConflictCard, OverruledCard};

/// What is asked for beside the ticket.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The act that was just made.
    made: String,
    /// Id of the ticket that this one is to be merged into: the form is filled in.
    merge: String,
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
    duties: Vec<(u32, String)>,
    made: String,
    made_name: Option<String>,
    /// What the act that was just made ends, if it ends a card.
    made_ends: Option<&'static str>,
    /// This person may merge the ticket into another one.
    merges: bool,
    /// Number of the small forms: of the conflict cards, of showing personal data, of answers to proposals.
    once: String,
    /// Where answers to proposals go.
    answers: String,
    /// How personal data is asked for; nothing for whoever does not need it.
    reveal: Option<contact::RevealForm>,
    /// What is attached.
    files: Vec<attachments::FileRow>,
    /// How much longer personal data is shown.
    shown_ms: u128,
}

/// What came of a form that was sent.
pub(super) enum Back<'a> {
    /// An act that was not made.
    Act { kind: ActKind, filled: &'a Filled, problem: &'a Problem },
    /// Personal data that was not shown.
    Reveal { ask: &'a Ask, problem: &'a Problem },
}

/// `GET /tickets/{id}`
pub(super) async fn show(
    State(app): State<Shared>,
    signed: Signed,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    let over = |doc| app.trays.shown_for(&signed.id, doc).is_zero();
    if signed.author.inspects() && ActId::parse(&id).is_none_or(over) {
        return Ok(Redirect::to(INSPECT).into_response());
    }
    page_of(&app, &signed, &id, &asked, None).await
}

pub(super) async fn page_of(
    app: &Shared,
    signed: &Signed,
    id: &str,
    asked: &Asked,
    back: Option<Back<'_>>,
) -> Result<Response, Fail> {
    let doc = ActId::parse(id).ok_or_else(nowhere)?;
    let (me, author, shown_for) = (signed.me.clone(), signed.author.clone(), app.trays.shown_for(&signed.id, doc));
    let (hex, open, into) = (doc.hex(), !shown_for.is_zero(), ActId::parse(&asked.merge));
    let read = app.desk.read(move |reader, registry| {
        let into = into.map(|into| view::called(reader, into)).transpose()?;
        Ok((view::ticket(reader, registry, &me, &author, &hex, open, clock::now())?, into))
    });
    let (mut ticket, into) = read.await.map_err(hidden)?;
    let mut frame = Frame::of(app, signed, "queue", &path(doc, asked)).await?;
    frame.drafts = Drafts::of(app, signed, Some(doc)).await;
    if into.is_some() {
        frame.drafts.forget(ActKind::Merge.code());
    }
    timeline::shorten(&mut ticket.acts, &frame);
    timeline::newest(&mut ticket.notes);
    let (forms, others) = forms(app, &frame, &ticket, back.as_ref(), into.as_ref())?;
    let made_name = ticket.acts.iter().find(|act| !asked.made.is_empty() && act.hash.starts_with(&asked.made));
    let made_ends = made_name.and_then(|act| cards::ends(ActKind::parse(&act.kind)?, &frame));
    let made_name = made_name.map(|act| frame.name(&act.kind, &act.kind_name));
    let files = attachments::rows(app, doc, &ticket.acts, frame.prefs.english).await?;
    let registry = app.desk.registry();
    let (status, refused) = match &back {
        None => (Ok(StatusCode::OK), None),
        Some(Back::Act { problem, .. }) => (StatusCode::from_u16(problem.status), None),
        Some(Back::Reveal { ask, problem }) => (StatusCode::from_u16(problem.status), Some((*ask, *problem))),
    };
    let page = TicketPage {
        rare: forms.iter().filter(|form| !form.usual).count(),
        rare_open: forms.iter().any(|form| !form.usual && form.open),
        overruled: cards::overruled(&ticket, &frame),
        conflicts: cards::conflicts(&ticket, &registry, &frame),
        units: unit_names(&registry),
        places: places(&registry),
        duties: duties(&registry),
        merges: ticket.options.iter().any(|option| option.kind == ActKind::Merge.code() && option.allowed),
        made: asked.made.clone(),
        made_name,
        made_ends,
        once: RequestId::draw()?.into(),
        answers: format!("/tickets/{}/acts", doc.hex()),
        reveal: contact::form(signed, &frame, refused),
        files,
        shown_ms: shown_for.as_millis(),
        forms,
        others,
        ticket,
        frame,
    };
    page_with(status.unwrap_or(StatusCode::BAD_REQUEST), &page)
}

/// The address of the page. What is filled in beforehand and what was just done stay when it is refreshed or shown in the
/// other language.
fn path(doc: ActId, asked: &Asked) -> String {
    let hex = asked.made.len() <= 64 && asked.made.bytes().all(|byte| byte.is_ascii_hexdigit());
    let made = (hex && !asked.made.is_empty()).then(|| format!("made={}", asked.made));
    let merge = ActId::parse(&asked.merge).map(|id| format!("merge={}", id.hex()));
    let query: Vec<String> = made.into_iter().chain(merge).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/tickets/{}{mark}{}", doc.hex(), query.join("&"))
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
    into: Option<&Called>,
) -> Result<(Vec<FormView>, Vec<OptionView>), Problem> {
    let registry = app.desk.registry();
    let (mut forms, mut others) = (Vec::new(), Vec::new());
    // What a newer program did here is not known: nothing is offered that would be refused.
    for option in ticket.options.iter().filter(|_| !ticket.line.needs_upgrade()) {
        let Some(kind) = ActKind::parse(&option.kind) else { continue };
        let sent = match back {
            Some(Back::Act { kind: of, filled, problem }) if *of == kind => Some((*filled, *problem)),
            _ => None,
        };
        // What waits has a card of its own, with the answers to it.
        if kind.of_pairs() && sent.is_none() {
            continue;
        }
        // What was begun is shown, whatever has become of the ticket meanwhile.
        if !option.allowed && sent.is_none() && frame.drafts.get(kind.code()).is_none() {
            others.push(option.clone());
            continue;
        }
        let action = match kind {
            ActKind::Attach => format!("/tickets/{}/files", ticket.line.id),
            kind => format!("/tickets/{}/acts/{}", ticket.line.id, kind.code()),
        };
        let into = into.filter(|_| kind == ActKind::Merge && sent.is_none());
        let beforehand = into.map(|into| ("into".to_owned(), into.typed.clone())).into_iter().collect::<Filled>();
        let (filled, problem) = sent.map_or((&beforehand, None), |(filled, problem)| (filled, Some(problem)));
        let form = FormView::new(kind, action, filled, problem, &registry, frame)?;
        let form = form.not_now(Some(option).filter(|option| !option.allowed), frame);
        let about = match into {
            Some(into) => format!("{}{} {}", frame.t("并入：", "Into: "), into.number, into.title),
            None => about(kind, ticket, frame),
        };
        let private = form.private || ticket.line.flags.iter().any(|flag| flag == "confidential");
        let usual = form.usual || form.restored.is_some();
        forms.push(FormView { open: form.open || into.is_some(), about, private, usual, ..form });
    }
    // What was begun is what somebody goes on with.
    forms.sort_by_key(|form| form.restored.is_none());
    Ok((forms, others))
}

/// What whoever fills in a form reads first: of a completion what its confirmation will ask for (23); of a decision on a return
/// what was asked, and what it rests on (18).
fn about(kind: ActKind, ticket: &TicketView, frame: &Frame) -> String {
    if let (ActKind::Complete, Some(lack)) = (kind, &ticket.lack) {
        return frame.t(&lack.text, &lack.text_en).to_owned();
    }
    let pending = ticket.line.flags.iter().any(|flag| flag == "return-pending");
    if !pending || !matches!(kind, ActKind::ReturnApprove | ActKind::ReturnDeny | ActKind::Designate) {
        return String::new();
    }
    let asks = |act: &&view::ActView| act.kind == ActKind::ReturnRequest.code() && act.overruled.is_none();
    let said = |act: &view::ActView| {
        let summary = if frame.prefs.english { &act.summary_en } else { &act.summary };
        format!("{}{}{summary}", act.unit.name, frame.t("申请退回：", " asks to return it: "))
    };
    ticket.acts.iter().rfind(asks).map(said).unwrap_or_default()
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
    match act::make(&app, &signed, &sent, kind, Some(doc), act::Folder::Tickets).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if problem.status == 404 || !problem.gives_back() => Err(Fail(hidden(problem))),
        Err(problem) => {
            let back = Back::Act { kind, filled: &sent.filled, problem: &problem };
            page_of(&app, &signed, &id, &Asked::default(), Some(back)).await
        }
    }
}
