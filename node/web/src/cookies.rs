//! What a browser keeps.

use axum::http::{HeaderMap, header};

/// Cookies of one name that are looked at, at most.
const COOKIES_MAX: usize = 16;

/// The values of a cookie, in the order in which they came: other programs of the machine, and older pages, may have set
/// it as well, and what else stands in the header may be anything.
pub(super) fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    let all = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let value = move |pair: &'h [u8]| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=");
    all.filter_map(value).filter_map(|value| std::str::from_utf8(value).ok()).take(COOKIES_MAX)
}
