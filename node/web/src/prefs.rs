//! How somebody wants to see the pages: language, size, keys. Kept in the browser.

use axum::http::HeaderMap;

use super::cookies::cookies;

/// What may be chosen: the cookie's name after `jiesu-`, and its values.
pub(super) const CHOICES: [(&str, &[&str]); 3] =
    [("lang", &["zh", "en"]), ("size", &["s", "m", "l"]), ("keys", &["on", "off"])];

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
