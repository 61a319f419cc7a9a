//! 登录.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::api::retry_after;
use super::entry::{begin, begun, source, with_cookie};
use super::frame::{Frame, page_with};
use super::listen::Seat;
use super::places::safe_back;
use super::posted::Posted;
use super::prefs::Prefs;
use super::session::Open;
use super::{App, Fail, Shared, password};
use desk::people;
use desk::problem::Problem;

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage {
    frame: Frame,
    login: String,
    back: String,
    problem: Option<String>,
}

/// Where to go afterwards.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    back: String,
}

/// `GET /sign-in`
pub(super) async fn show(
    State(app): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    form(&app, Prefs::of(&headers), StatusCode::OK, String::new(), &asked.back, None)
}

fn form(
    app: &App,
    prefs: Prefs,
    status: StatusCode,
    login: String,
    back: &str,
    problem: Option<&Problem>,
) -> Result<Response, Fail> {
    let problem = problem.map(|problem| problem.sentence(prefs.english).to_owned());
    let frame = Frame::bare(app, prefs, "/sign-in");
    page_with(status, &SignInPage { frame, login, back: safe_back(back).to_owned(), problem })
}

/// `POST /sign-in`
pub(super) async fn sign_in(
    State(app): State<Shared>,
    headers: HeaderMap,
    seat: Option<Extension<Seat>>,
    Open(mut sent): Open,
) -> Result<Response, Fail> {
    let (login, password, back) = (sent.take("login"), sent.take("password"), sent.take("back"));
    let again = |problem: &Problem, login: String| {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::FORBIDDEN);
        let mut response = form(&app, Prefs::of(&headers), status, login, &back, Some(problem))?;
        retry_after(&mut response, problem);
        Ok(response)
    };
    if login.len() > people::PASSWORD_BYTES_MAX || password.len() > people::PASSWORD_BYTES_MAX {
        let problem = Problem::not_permitted("登录名或密码不对", "the login or the password is wrong");
        return again(&problem, String::new());
    }
    let source = source(&app, &headers, seat, login.trim());
    let begins = match people::sign_in(&app.desk, login.trim(), &password, &source).await {
        Ok(known) => begin(&app, known).await,
        Err(problem) => Err(problem),
    };
    match begins {
        Ok((known, id)) => begun(&app, (known, &id), &source, &back),
        // What another set is good for choosing one's own, and for nothing else.
        Err(problem) if problem.code == "choose-password" => {
            let prefs = Prefs::of(&headers);
            password::form(&app, prefs, (StatusCode::FORBIDDEN, Some(&problem)), login, &back)
        }
        Err(problem) if problem.status < 500 || problem.retry_s.is_some() => again(&problem, login),
        Err(problem) => Err(Fail(problem)),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(app): State<Shared>, Posted(signed, _): Posted) -> Result<Response, Fail> {
    app.trays.forget(&signed.id);
    people::sign_out(&app.desk, &signed.id).await?;
    with_cookie(&app, Redirect::to("/sign-in").into_response(), "", "; Max-Age=0")
}
