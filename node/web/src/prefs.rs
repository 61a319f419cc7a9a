//! How somebody wants to see the pages: language, size, keys. Kept in the browser.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::session::{Open, cookies, safe_back};
use super::{Fail, Shared};
use desk::problem::Problem;

/// How long a browser keeps it, in seconds.
const KEPT_S: u32 = 365 * 24 * 3_600;

/// What may be chosen: the cookie's name after `jiesu-`, and its values.
const CHOICES: [(&str, &[&str]); 3] = [("lang", &["zh", "en"]), ("size", &["s", "m", "l"]), ("keys", &["on", "off"])];

/// How somebody wants to see the pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefs {
    /// In English.
    pub english: bool,
    /// Size of the letters.
    pub size: &'static str,
    /// Whether letters on the keyboard do something.
    pub keys: &'static str,
}

impl Prefs {
    /// As the browser keeps it.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let chosen = |name: &str, default: &'static str| {
            let allowed = CHOICES.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, values)| values);
            let name = format!("jiesu-{name}");
            let mut given = cookies(headers, &name);
            given.find_map(|given| allowed.iter().copied().find(|value| *value == given)).unwrap_or(default)
        };
        Self { english: chosen("lang", "zh") == "en", size: chosen("size", "m"), keys: chosen("keys", "on") }
    }
}

/// `POST /prefs`
pub(super) async fn set(State(app): State<Shared>, Open(mut sent): Open) -> Result<Response, Fail> {
    let back = sent.take("back");
    let mut response = Redirect::to(safe_back(&back)).into_response();
    for (name, values) in CHOICES {
        let Some(given) = sent.filled.get(name) else { continue };
        let Some(value) = values.iter().find(|value| *value == given) else {
            return Err(Fail(Problem::bad_input("没有这个选项", "there is no such choice")));
        };
        let kept = format!("jiesu-{name}={value}; Max-Age={KEPT_S}{}", app.hosts.cookie_rest());
        if let Ok(kept) = HeaderValue::from_str(&kept) {
            response.headers_mut().append(header::SET_COOKIE, kept);
        }
    }
    Ok(response)
}
