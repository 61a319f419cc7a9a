//! 登录.

use std::net::{IpAddr, Ipv4Addr};

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::api::retry_after;
use super::frame::{Frame, page_with};
use super::hosts::COOKIE_REST;
use super::listen::Seat;
use super::places::safe_back;
use super::posted::Posted;
use super::prefs::Prefs;
use super::session::{self, Open};
use super::{App, Fail, Shared, password, usual};
use desk::home::random;
use desk::people::{self, Known, Source};
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
    let known = people::sign_in(&app.desk, login.trim(), &password, &source).await;
    match known.and_then(|known| begin(&app, known)) {
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

/// Where somebody signs in from.
pub(super) fn source(app: &App, headers: &HeaderMap, seat: Option<Extension<Seat>>, login: &str) -> Source {
    // Only where the pages are tried without a connection is there no address.
    let address = seat.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |Extension(seat)| seat.address());
    Source::page(address, usual::usual(app, headers, login))
}

/// Begins a session.
pub(super) fn begin(app: &App, known: Known) -> Result<(Known, String), Problem> {
    app.desk.door().sessions.begin(known).map(|id| (known, id))
}

/// Whoever has signed in goes on where they wanted to, and is remembered as somebody who signs in from this browser.
pub(super) fn begun(app: &App, (known, id): (Known, &str), source: &Source, back: &str) -> Result<Response, Fail> {
    let mut response = with_cookie(app, Redirect::to(safe_back(back)).into_response(), id, "")?;
    if !matches!(source, Source::Page { usual: Some(_), .. }) {
        let nonce: [u8; 16] = random()?;
        let shown = session::text_of(&[&nonce[..], &usual::mark(app, known.person, &nonce)].concat());
        let name = app.hosts.usual(known.person);
        set_cookie(&mut response, &name, &shown, &format!("; Max-Age={USUAL_S}"))?;
    }
    Ok(response)
}

/// How long a browser is remembered as one that a person signs in from, in seconds.
const USUAL_S: u32 = 400 * 24 * 3_600;

/// `POST /sign-out`
pub(super) async fn sign_out(State(app): State<Shared>, Posted(signed, _): Posted) -> Result<Response, Fail> {
    app.trays.forget(&signed.id);
    people::sign_out(&app.desk, &signed.id).await?;
    with_cookie(&app, Redirect::to("/sign-in").into_response(), "", "; Max-Age=0")
}

fn with_cookie(app: &App, mut response: Response, value: &str, more: &str) -> Result<Response, Fail> {
    set_cookie(&mut response, &app.hosts.cookie(), value, more)?;
    Ok(response)
}

fn set_cookie(response: &mut Response, name: &str, value: &str, more: &str) -> Result<(), Fail> {
    let cookie = format!("{name}={value}{COOKIE_REST}{more}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| Problem::fault(&error))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}
