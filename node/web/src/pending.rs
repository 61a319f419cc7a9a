//! 待复核: what one person has proposed and another has to confirm.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use desk::view::{self, Pending};

use super::frame::{Frame, page};
use super::session::Signed;
use super::{Fail, Shared};

/// A row.
struct Line {
    href: String,
    kind: String,
    kind_name: String,
    summary: String,
    text: Vec<String>,
    /// Why whoever looks may not confirm it.
    reason: String,
    own: bool,
    number: String,
    title: String,
    person: String,
    unit: String,
    since: String,
}

#[derive(Template)]
#[template(path = "pending.html")]
struct PendingPage {
    frame: Frame,
    pending: Vec<Line>,
}

/// `GET /pending`
pub(super) async fn show(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    let author = signed.author.clone();
    let pending = app.desk.read(move |reader, registry| view::pending(reader, registry, &author)).await?;
    let frame = Frame::of(&app, &signed, "queue", "/pending").await?;
    let english = frame.prefs.english;
    let line = |Pending { id, of, number, title, proposal }: Pending| Line {
        href: format!("/{}/{id}#p-{}", if of == "ticket" { "tickets" } else { "kb" }, &proposal.act[..10]),
        kind: proposal.kind,
        kind_name: proposal.kind_name,
        summary: proposal.summary,
        text: proposal.text,
        reason: if english { proposal.reason_en } else { proposal.reason }.unwrap_or_default(),
        own: proposal.own,
        number,
        title,
        person: proposal.person.unwrap_or_default(),
        unit: proposal.unit.name,
        since: proposal.since,
    };
    page(&PendingPage { pending: pending.into_iter().map(line).collect(), frame })
}
