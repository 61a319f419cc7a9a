//! Choosing how the pages look.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::Fail;
use super::hosts::COOKIE_REST;
use super::places::safe_back;
use super::prefs::CHOICES;
use super::session::Open;
use desk::problem::Problem;

/// How long a browser keeps it, in seconds.
const KEPT_S: u32 = 365 * 24 * 3_600;

/// `POST /prefs`
pub(super) async fn set(Open(mut sent): Open) -> Result<Response, Fail> {
    let back = sent.take("back");
    let mut response = Redirect::to(safe_back(&back)).into_response();
    for (name, values) in CHOICES {
        let Some(given) = sent.filled.get(name) else { continue };
        let Some(value) = values.iter().find(|value| *value == given) else {
            return Err(Fail(Problem::bad_input("没有这个选项", "there is no such choice")));
        };
        let kept = format!("jiesu-{name}={value}; Max-Age={KEPT_S}{COOKIE_REST}");
        if let Ok(kept) = HeaderValue::from_str(&kept) {
            response.headers_mut().append(header::SET_COOKIE, kept);
        }
    }
    Ok(response)
}
