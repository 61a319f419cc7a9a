//! Style and script, part of the program.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{Fail, nowhere};

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/app.js");
const DRAFTS: &str = include_str!("../assets/draft.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// Changes with the assets: browsers may keep them for as long as they like.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let hash = replica::seal::hash(b"jiesu/assets/1", format!("{STYLE}{SCRIPT}{DRAFTS}{ICON}").as_bytes());
        super::session::text_of(&hash[..6])
    })
}

/// `GET /assets/{name}`
pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, Fail> {
    let (kind, text) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "draft.js" => ("text/javascript; charset=utf-8", DRAFTS),
        "app.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return Err(Fail(nowhere())),
    };
    let kept = "public, max-age=31536000, immutable";
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], text).into_response())
}
