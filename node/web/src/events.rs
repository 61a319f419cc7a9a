//! What changes while a page is open, as a stream of server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use super::session::Signed;
use super::streams::Stream;
use super::{Fail, Shared};
use desk::Notice;
use desk::problem::Problem;

/// How often an idle stream says that it is there.
const ALIVE: Duration = Duration::from_secs(20);

/// `GET /events`: `changed` with the id of a document, `sync`, `registry`; `reload` when the page was too slow. It ends
/// with its session, and when the session has opened too many others.
pub(super) async fn stream(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    let busy =
        || Problem::later(503, 20, "打开的页面太多，请稍后再试", "too many pages are open; try again in a moment");
    let open = app.streams.open(&signed.id).ok_or_else(busy)?;
    let heard = Heard { notices: app.desk.notices(), closing: app.closing.clone(), open, app, session: signed.id };
    let events = unfold(heard, |mut heard| async move {
        let event = heard.next().await?;
        Some((Ok::<_, Infallible>(event), heard))
    });
    Ok(Sse::new(events).into_response())
}

/// What a stream hears from.
struct Heard {
    app: Shared,
    session: String,
    notices: broadcast::Receiver<Notice>,
    closing: watch::Receiver<bool>,
    open: Stream,
}

impl Heard {
    async fn next(&mut self) -> Option<Event> {
        let event = |name| Event::default().event(name);
        let next = tokio::select! {
            notice = self.notices.recv() => match notice {
                Ok(Notice::Changed(doc)) => event("changed").data(doc.hex()),
                Ok(Notice::Sync) => event("sync").data("-"),
                Ok(Notice::Registry) => event("registry").data("-"),
                Err(RecvError::Lagged(_)) => event("reload").data("-"),
                Err(RecvError::Closed) => return None,
            },
            () = tokio::time::sleep(ALIVE) => Event::default().comment("-"),
            () = self.open.over.notified() => return None,
            () = closed(&mut self.closing) => return None,
        };
        self.app.desk.door().sessions.lasts(&self.session).then_some(next)
    }
}

/// Comes when the pages stop; never where nobody will say so.
async fn closed(closing: &mut watch::Receiver<bool>) {
    if closing.wait_for(|closing| *closing).await.is_err() {
        std::future::pending::<()>().await;
    }
}
