//! 登记: a request is written down as a ticket.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use regulation::{ActKind, Level};

use super::draft::Drafts;
use super::forms::{FormView, places};
use super::frame::{Frame, page_with, registers};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, Shared, act};
use desk::form::Filled;
use desk::problem::Problem;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    form: FormView,
    places: Vec<(String, String)>,
    /// Why this person cannot.
    refused: Option<String>,
    /// It waits for the city to confirm it.
    proxy: bool,
}

/// `GET /register`
pub(super) async fn show(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    form(&app, &signed, &Filled::new(), None).await
}

async fn form(app: &Shared, signed: &Signed, filled: &Filled, problem: Option<&Problem>) -> Result<Response, Fail> {
    let mut frame = Frame::of(app, signed, "register", "/register").await?;
    frame.drafts = Drafts::of(app, signed, None).await;
    let registry = app.desk.registry();
    let form = FormView::new(ActKind::Register, "/register".to_owned(), filled, problem, &registry, &frame)?;
    let status = problem.map_or(StatusCode::OK, |problem| {
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    });
    let refused = (!registers(signed)).then(|| {
        frame.t(
            "诉求由市热线的受理人员登记，或由承办单位的承办人代录（第十五条）。",
            "Requests are registered by the city hotline's intake staff, or written down by a unit's handlers (article 15).",
        )
    });
    let refused = refused.map(str::to_owned);
    let proxy = signed.author.level != Level::CityHotline;
    page_with(status, &RegisterPage { form, places: places(&registry), refused, proxy, frame })
}

/// `POST /register`
pub(super) async fn register(State(app): State<Shared>, Posted(signed, sent): Posted) -> Result<Response, Fail> {
    match act::make(&app, &signed, &sent, ActKind::Register, None, act::Folder::Tickets).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if !problem.gives_back() => Err(Fail(problem)),
        Err(problem) => form(&app, &signed, &sent.filled, Some(&problem)).await,
    }
}
