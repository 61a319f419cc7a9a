//! What a browser keeps.

use axum::http::{HeaderMap, header};
use cookie::Cookie;

/// Cookies of one name that are looked at, at most.
const COOKIES_MAX: usize = 16;

/// The values of a cookie, in the order in which they came: other programs of the machine, and older pages, may have set
/// it as well, and what else stands in the header may be anything.
pub(super) fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = String> + use<'h> {
    all(headers).filter(move |one| one.name() == name).map(|one| one.value().to_owned()).take(COOKIES_MAX)
}

/// What stands behind `prefix` in the names of cookies, and their values.
pub(super) fn cookies_named<'h>(
    headers: &'h HeaderMap,
    prefix: &'h str,
) -> impl Iterator<Item = (String, String)> + use<'h> {
    let named = move |one: Cookie<'h>| Some((one.name().strip_prefix(prefix)?.to_owned(), one.value().to_owned()));
    all(headers).filter_map(named).take(COOKIES_MAX)
}

fn all(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    // Taken apart before it is read as text: what one program wrote must not hide what stands beside it.
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let read = |pair| Cookie::parse(std::str::from_utf8(pair).ok()?).ok();
    pairs.filter_map(read)
}
