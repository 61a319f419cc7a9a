//! What changes while a page is open, as a stream of server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use tokio::sync::broadcast::error::RecvError;

use super::Shared;
use super::session::Signed;
use crate::process::Notice;

/// How often an idle stream says that it is there.
const ALIVE: Duration = Duration::from_secs(20);

/// `GET /events`: `changed` with the id of a document, `sync`, `registry`; `reload` when the page was too slow.
pub(super) async fn stream(State(app): State<Shared>, _: Signed) -> Response {
    let state = (app.node.notices(), app.closing.clone());
    let events = unfold(state, |(mut notices, mut closing)| async move {
        let notice = tokio::select! {
            notice = notices.recv() => notice,
            () = closed(&mut closing) => return None,
        };
        let event = match notice {
            Ok(Notice::Changed(doc)) => Event::default().event("changed").data(doc.hex()),
            Ok(Notice::Sync) => Event::default().event("sync").data("-"),
            Ok(Notice::Registry) => Event::default().event("registry").data("-"),
            Err(RecvError::Lagged(_)) => Event::default().event("reload").data("-"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), (notices, closing)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response()
}

/// Comes when the pages stop; never where nobody will say so.
async fn closed(closing: &mut tokio::sync::watch::Receiver<bool>) {
    if closing.wait_for(|closing| *closing).await.is_err() {
        std::future::pending::<()>().await;
    }
}
