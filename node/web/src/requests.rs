//! What became of a form that was sent, by its number: after 结果未知, or when an answer got lost.

use axum::extract::{Path, State};
use axum::response::Redirect;
use kernel::Done;
use kernel::once::told;
use regulation::PersonId;

use super::session::Signed;
use super::{App, Fail, Shared, act};
use desk::once::RequestId;
use desk::problem::Problem;

/// The page of what somebody's form has made, if it has.
pub(super) async fn place_of(app: &App, person: PersonId, id: &RequestId) -> Result<Option<String>, Problem> {
    let key = id.key();
    let read = app.desk.read(move |reader, _| {
        let made = match told(reader, person, &key)? {
            Some(Done::Made { doc, act }) => (doc, Some(act)),
            Some(Done::Known { doc }) => (doc, None),
            _ => return Ok(None),
        };
        let ticket = reader.doc_no(&made.0)?.map_or(Ok(None), |doc| reader.ticket(doc))?;
        Ok(Some(act::place(if ticket.is_some() { "tickets" } else { "kb" }, made)))
    });
    read.await
}

/// `GET /requests/{id}`
pub(super) async fn show(State(app): State<Shared>, signed: Signed, Path(id): Path<String>) -> Result<Redirect, Fail> {
    let place = place_of(&app, signed.person, &RequestId::parse(&id)?).await?;
    Ok(Redirect::to(&place.ok_or_else(Problem::not_saved)?))
}

/// The address of it, for a number that this node has drawn.
pub(super) fn address(id: &RequestId) -> Option<String> {
    let plain = id.text().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain.then(|| format!("/requests/{}", id.text()))
}
