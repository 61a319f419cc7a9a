//! What became of a form that was sent, by its number: after 结果未知, or when an answer got lost.

use axum::extract::{Path, State};
use axum::response::Redirect;

use super::places::place_of;
use super::session::Signed;
use super::{Fail, Shared};
use desk::once::RequestId;
use desk::problem::Problem;

/// `GET /requests/{id}`
pub(super) async fn show(State(app): State<Shared>, signed: Signed, Path(id): Path<String>) -> Result<Redirect, Fail> {
    let place = place_of(&app, signed.person, &RequestId::parse(&id).map_err(Problem::from)?).await?;
    Ok(Redirect::to(&place.ok_or_else(Problem::not_saved)?))
}
