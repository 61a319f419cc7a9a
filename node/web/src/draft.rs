//! Drafts behind the forms: brought back in them, kept when they are refused, erased when they are done.

use std::collections::BTreeMap;

use regulation::ActId;

use super::App;
use super::session::{Sent, Signed};
use desk::drafts::{self, Draft, Place, SENT_WINDOW, Typed};

/// What whoever looks at a page has begun to write there, by the form.
#[derive(Default)]
pub(super) struct Drafts {
    /// The document of the page.
    pub doc: Option<ActId>,
    by_form: BTreeMap<String, Draft>,
}

impl Drafts {
    /// What somebody has begun to write about a document, or about none. Where that cannot be read the page is shown all the
    /// same.
    pub(super) async fn of(app: &App, signed: &Signed, doc: Option<ActId>) -> Self {
        let drafts = match drafts::of(&app.desk, signed.person, doc).await {
            Ok(drafts) => drafts,
            Err(problem) => {
                tracing::warn!(reason = problem.detail, "草稿读不出 drafts cannot be read");
                Vec::new()
            }
        };
        Self { doc, by_form: drafts.into_iter().map(|draft| (draft.place.form.clone(), draft)).collect() }
    }

    /// The draft of a form.
    pub(super) fn get(&self, form: &str) -> Option<&Draft> {
        self.by_form.get(form)
    }

    /// A form that is filled in otherwise.
    pub(super) fn forget(&mut self, form: &str) {
        self.by_form.remove(form);
    }
}

/// Keeps what was sent and refused: it comes back when the page is opened anew. Whether it is kept.
pub(super) async fn refused(app: &App, signed: &Signed, doc: Option<ActId>, sent: &Sent) -> bool {
    let place = Place { doc, form: sent.draft.clone() };
    if place.form.is_empty() {
        return false;
    }
    // What the same form has kept before is what was sent now.
    let seen = match drafts::of(&app.desk, signed.person, doc).await {
        Ok(known) => known.into_iter().find(|draft| draft.place == place).map(|draft| draft.window),
        Err(_) => None,
    };
    let (window, seen) = (SENT_WINDOW.to_owned(), seen.unwrap_or_default());
    let typed = Typed { place, window, seen, fields: sent.filled.clone() };
    drafts::keep(&app.desk, signed.person, typed).await.is_ok()
}

/// What was sent is no draft any more.
pub(super) async fn sent(app: &App, signed: &Signed, doc: Option<ActId>, sent: &Sent) {
    if sent.draft.is_empty() {
        return;
    }
    if let Err(problem) = drafts::erase(&app.desk, signed.person, Place { doc, form: sent.draft.clone() }).await {
        tracing::warn!(reason = problem.detail, "已提交的草稿没有清除 a draft that was sent was not erased");
    }
}
