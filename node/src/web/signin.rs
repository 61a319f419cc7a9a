//! 登录.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::frame::{Frame, page_with};
use super::prefs::Prefs;
use super::session::{Open, Posted, safe_back};
use super::{App, Fail, Shared};
use crate::people;
use crate::problem::Problem;

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
    Open(mut sent): Open,
) -> Result<Response, Fail> {
    let (login, password, back) = (sent.take("login"), sent.take("password"), sent.take("back"));
    if login.len() > people::PASSWORD_BYTES_MAX || password.len() > people::PASSWORD_BYTES_MAX {
        let problem = Problem::not_permitted("登录名或密码不对", "the login or the password is wrong");
        return form(&app, Prefs::of(&headers), StatusCode::FORBIDDEN, String::new(), &back, Some(&problem));
    }
    let _turn = app.checking.acquire().await.map_err(|error| Problem::fault(&error))?;
    match people::sign_in(&app.node, login.trim(), &password).await {
        Ok(person) => {
            let id = app.sessions.begin(person)?;
            with_cookie(&app, Redirect::to(safe_back(&back)).into_response(), &id, "")
        }
        Err(problem) if problem.code == "not-permitted" => {
            form(&app, Prefs::of(&headers), StatusCode::FORBIDDEN, login, &back, Some(&problem))
        }
        Err(problem) => Err(Fail(problem)),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(app): State<Shared>, Posted(signed, _): Posted) -> Result<Response, Fail> {
    app.sessions.end(&signed.id);
    app.once.forget(&signed.id);
    with_cookie(&app, Redirect::to("/sign-in").into_response(), "", "; Max-Age=0")
}

fn with_cookie(app: &App, mut response: Response, value: &str, more: &str) -> Result<Response, Fail> {
    let cookie = format!("{}={value}{}{more}", app.hosts.cookie(), app.hosts.cookie_rest());
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| Problem::fault(&error))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
