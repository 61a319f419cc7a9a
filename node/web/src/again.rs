//! A form that comes when its session is over: nothing is done, and what was typed is shown, to be sent once more.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use regulation::ActKind;
use replica::Registry;

use super::frame::{Frame, page_with};
use super::places::place_of;
use super::prefs::Prefs;
use super::session::{Sent, Signed};
use super::{App, Fail, act};
use desk::form::{FieldSpec, HAPPENED_AT, Input, fields};

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    frame: Frame,
    /// Where the form goes.
    action: String,
    /// The name of its draft.
    draft: String,
    /// Its number: what was saved under it is not done twice.
    once: String,
    /// All that it holds.
    hidden: Vec<(String, String)>,
    /// What people filled in, as they know it.
    shown: Vec<(&'static str, String)>,
    /// What this form has made before.
    made: Option<String>,
}

/// The page, for whoever is signed in now; without anybody, it asks to sign in elsewhere first.
pub(super) async fn page(
    app: &App,
    signed: Option<&Signed>,
    prefs: Prefs,
    path: &str,
    sent: Sent,
) -> Result<Response, Fail> {
    let frame = match signed {
        Some(signed) => Frame::of(app, signed, "", "/").await?,
        None => Frame::bare(app, prefs, "/"),
    };
    let made = match (signed, sent.number()) {
        (Some(signed), Ok(id)) => place_of(app, signed.person, &id).await?,
        _ => None,
    };
    let (registry, specs) = (app.desk.registry(), specs(path));
    let shown = sent.filled.iter().filter(|(_, value)| !value.is_empty());
    let shown = shown
        .filter_map(|(name, value)| Some((label(&specs, name, &frame)?, said(&specs, name, value, &registry, &frame))));
    let page = AgainPage {
        action: path.to_owned(),
        once: sent.once,
        draft: sent.draft,
        shown: shown.collect(),
        hidden: sent.filled.into_iter().collect(),
        made,
        frame,
    };
    page_with(StatusCode::FORBIDDEN, &page)
}

/// The fields of the form of a kind.
pub(super) fn specs_of(kind: Option<ActKind>) -> Vec<FieldSpec> {
    kind.map(fields).unwrap_or_default().into_iter().chain([HAPPENED_AT]).collect()
}

/// The fields of the form that goes to `path`.
fn specs(path: &str) -> Vec<FieldSpec> {
    let kind = match path {
        "/register" => Some(ActKind::Register),
        "/kb/new" => Some(ActKind::ArticleCreate),
        _ => path.split_once("/acts/").and_then(|(folder, code)| act::kind_of(code, folder.starts_with("/kb/"))),
    };
    specs_of(kind)
}

/// What stands before a field; nothing for those that nobody fills in.
pub(super) fn label(specs: &[FieldSpec], name: &str, frame: &Frame) -> Option<&'static str> {
    let (chinese, english) = match (specs.iter().find(|spec| spec.name == name), name) {
        (Some(spec), _) => (spec.chinese, spec.english),
        (None, "text" | "note") => ("说明", "words"),
        (None, "q") => ("查找", "search"),
        _ => return None,
    };
    Some(frame.t(chinese, english))
}

/// What was chosen by its name, all else as it was typed.
pub(super) fn said(specs: &[FieldSpec], name: &str, value: &str, registry: &Registry, frame: &Frame) -> String {
    let named = match specs.iter().find(|spec| spec.name == name).map(|spec| spec.input) {
        Some(Input::Choice(all)) => {
            all().into_iter().find(|(code, _)| *code == value).map(|(code, chinese)| frame.name(code, chinese))
        }
        Some(Input::Category) => {
            registry.now().categories().iter().find(|(code, _)| *code == value).map(|(_, name)| name.clone())
        }
        Some(Input::Flag) => Some(frame.t("是", "yes").to_owned()),
        _ => None,
    };
    named.unwrap_or_else(|| value.to_owned())
}
