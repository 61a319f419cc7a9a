//! 监察: one case for a supervision organ, by a document of its own (36). Whoever has that role is let into this page and the
//! case that he has just asked for here, and into nothing else.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::reveal::{NOTE_CHARS_MAX, PAPER_CHARS_MAX, Way};

use super::frame::{Frame, page_with};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, INSPECT, Shared};
use desk::once::RequestId;
use desk::problem::Problem;
use desk::{reveal, view};

/// What was typed.
#[derive(Clone, Default)]
struct Typed {
    id: String,
    paper: String,
    purpose: String,
}

#[derive(Template)]
#[template(path = "inspect.html")]
struct InspectPage {
    frame: Frame,
    typed: Typed,
    paper_max: usize,
    purpose_max: usize,
    problem: Option<String>,
    once: String,
}

/// `GET /inspect`
pub(super) async fn show(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    page_of(&app, &signed, Typed::default(), None).await
}

async fn page_of(app: &Shared, signed: &Signed, typed: Typed, problem: Option<&Problem>) -> Result<Response, Fail> {
    let frame = Frame::of(app, signed, "inspect", INSPECT).await?;
    let status = problem.map_or(Ok(StatusCode::OK), |problem| StatusCode::from_u16(problem.status));
    let page = InspectPage {
        problem: problem.map(|problem| problem.sentence(frame.prefs.english).to_owned()),
        once: RequestId::draw()?.into(),
        paper_max: PAPER_CHARS_MAX,
        purpose_max: NOTE_CHARS_MAX,
        typed,
        frame,
    };
    page_with(status.unwrap_or(StatusCode::BAD_REQUEST), &page)
}

/// `POST /inspect`: written down, then the case is shown for a while in this session, and none beside it.
pub(super) async fn look(State(app): State<Shared>, Posted(signed, mut sent): Posted) -> Result<Response, Fail> {
    let typed = Typed { id: sent.take("id"), paper: sent.take("paper"), purpose: sent.take("purpose") };
    let (shared, session, person, asked) = (app.clone(), signed.id.clone(), signed.person, typed.clone());
    let work = async move {
        let id = asked.id;
        let doc = shared.desk.read(move |reader, _| Ok(view::find(reader, &id)?.1)).await?;
        reveal::inspect(&shared.desk, person, doc, Way::Page, (&asked.paper, &asked.purpose)).await?;
        shared.trays.show_alone(&session, doc);
        Ok(format!("/tickets/{}", doc.hex()))
    };
    match app.trays.run(&signed.id, &sent.once, work).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if !problem.gives_back() && problem.status != 404 => Err(Fail(problem)),
        Err(problem) => page_of(&app, &signed, typed, Some(&problem)).await,
    }
}
