//! Browsers that somebody signed in from before: a mark of ours that they keep. It opens nothing.

use axum::http::HeaderMap;
use base64ct::{Base64UrlUnpadded, Encoding};
use regulation::PersonId;
use replica::seal::hash;
use subtle::ConstantTimeEq;

use super::App;
use super::cookies::{cookies, cookies_named};
use desk::people;

/// What proves that somebody signed in from this browser before.
pub(super) fn mark(app: &App, person: PersonId, nonce: &[u8; 16]) -> [u8; 32] {
    let key = hash(b"jiesu/usual-key/1", &app.desk.home().device_secret());
    hash(b"jiesu/usual/1", &[&key[..], &person.0.to_be_bytes(), nonce].concat())
}

/// The browser, if this login was used from it before. It opens nothing: who shows it is only counted by itself.
pub(super) fn usual(app: &App, headers: &HeaderMap, login: &str) -> Option<[u8; 16]> {
    let (me, registry) = (app.desk.me().ok()?, app.desk.registry());
    // Somebody unknown is looked for all the same.
    let person = people::person_called(&registry, &me, login).map_or(PersonId(0), |(id, _)| id);
    let name = app.hosts.usual(person);
    cookies(headers, &name).find_map(|shown| proven(app, person, &shown))
}

/// The browser that shows this mark, if it is one of ours.
fn proven(app: &App, person: PersonId, shown: &str) -> Option<[u8; 16]> {
    let bytes: [u8; 48] = Base64UrlUnpadded::decode_vec(shown).ok()?.try_into().ok()?;
    let (nonce, shown) = bytes.split_at(16);
    let nonce: [u8; 16] = nonce.try_into().ok()?;
    bool::from(mark(app, person, &nonce).as_slice().ct_eq(shown)).then_some(nonce)
}

/// Whether somebody has signed in from this browser before: what it sends is given back when the session is over. What a
/// stranger sends is not read.
pub(super) fn known(app: &App, headers: &HeaderMap) -> bool {
    let shown = |(person, shown): (String, String)| proven(app, PersonId(person.parse().ok()?), &shown);
    cookies_named(headers, &app.hosts.usual_prefix()).find_map(shown).is_some()
}
