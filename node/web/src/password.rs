//! 改密码: with the one that there is, signed in or not. Whoever was given one by somebody else begins here.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::api::retry_after;
use super::entry::{begin, begun, source};
use super::frame::{Frame, page_with};
use super::listen::Seat;
use super::places::safe_back;
use super::prefs::Prefs;
use super::session::{Open, Signed};
use super::{App, Fail, Shared};
use desk::people::{self, PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use desk::problem::Problem;

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    login: String,
    back: String,
    chars_min: usize,
    problem: Option<String>,
}

/// `GET /password`
pub(super) async fn show(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Fail> {
    let login = Signed::of(&app, &headers, true)?.map(|signed| signed.who.login).unwrap_or_default();
    form(&app, Prefs::of(&headers), (StatusCode::OK, None), login, "/")
}

pub(super) fn form(
    app: &App,
    prefs: Prefs,
    (status, problem): (StatusCode, Option<&Problem>),
    login: String,
    back: &str,
) -> Result<Response, Fail> {
    let problem = problem.map(|problem| problem.sentence(prefs.english).to_owned());
    let frame = Frame::bare(app, prefs, "/password");
    let back = safe_back(back).to_owned();
    page_with(status, &PasswordPage { frame, login, back, chars_min: PASSWORD_CHARS_MIN, problem })
}

/// `POST /password`: every session of the person ends, and one begins here.
pub(super) async fn choose(
    State(app): State<Shared>,
    headers: HeaderMap,
    seat: Option<Extension<Seat>>,
    Open(mut sent): Open,
) -> Result<Response, Fail> {
    let [login, old, new, again, back] = ["login", "old", "new", "again", "back"].map(|name| sent.take(name));
    let source = source(&app, &headers, seat, login.trim());
    let problem = match chosen(&app, login.trim(), [&old, &new, &again], &source).await {
        Ok((known, id)) => return begun(&app, (known, &id), &source, &back),
        Err(problem) if problem.status < 500 || problem.retry_s.is_some() => problem,
        Err(problem) => return Err(Fail(problem)),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = form(&app, Prefs::of(&headers), (status, Some(&problem)), login, &back)?;
    retry_after(&mut response, &problem);
    Ok(response)
}

async fn chosen(
    app: &App,
    login: &str,
    [old, new, again]: [&str; 3],
    source: &people::Source,
) -> Result<(people::Known, String), Problem> {
    if [login, old].iter().any(|typed| typed.len() > PASSWORD_BYTES_MAX) {
        return Err(Problem::not_permitted("登录名或密码不对", "the login or the password is wrong"));
    }
    if new != again {
        return Err(Problem::bad_input(
            "两次输入的新密码不同，没有改；请再输一次",
            "the two new passwords differ and nothing was changed; type them once more",
        ));
    }
    begin(app, people::choose(&app.desk, login, old, new, source).await?).await
}
