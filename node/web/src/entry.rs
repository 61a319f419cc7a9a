//! What signing in and choosing a password come to: a session, and a browser that is remembered.

use std::net::{IpAddr, Ipv4Addr};

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::hosts::COOKIE_REST;
use super::listen::Seat;
use super::places::safe_back;
use super::{App, Fail, session, usual};
use desk::home::random;
use desk::people::{self, Known, Source};
use desk::problem::Problem;

/// How long a browser is remembered as one that a person signs in from, in seconds.
const USUAL_S: u32 = 400 * 24 * 3_600;

/// Where somebody signs in from.
pub(super) fn source(app: &App, headers: &HeaderMap, seat: Option<Extension<Seat>>, login: &str) -> Source {
    // Only where the pages are tried without a connection is there no address.
    let address = seat.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |Extension(seat)| seat.address());
    Source::page(address, usual::usual(app, headers, login))
}

/// Begins a session.
pub(super) async fn begin(app: &App, known: Known) -> Result<(Known, String), Problem> {
    Ok((known, people::begin(&app.desk, known).await?))
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

pub(super) fn with_cookie(app: &App, mut response: Response, value: &str, more: &str) -> Result<Response, Fail> {
    set_cookie(&mut response, &app.hosts.cookie(), value, more)?;
    Ok(response)
}

fn set_cookie(response: &mut Response, name: &str, value: &str, more: &str) -> Result<(), Fail> {
    let cookie = format!("{name}={value}{COOKIE_REST}{more}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| Problem::fault(&error))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}
