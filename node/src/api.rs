//! The HTTP API for commands and programs: one door, opened by the token that the node writes into its folder.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use subtle::ConstantTimeEq;

use crate::call::{Call, CallBy, answer};
use crate::problem::Problem;
use crate::process::Node;

/// Bytes of a request, at most: a batch of imported rows.
pub const REQUEST_BYTES_MAX: usize = 8 * 1024 * 1024;

struct Door {
    node: Node,
    token: String,
}

/// The routes `/healthz`, `/api/v1/call` and `/api/v1/tickets/{id}/duplicates`.
pub fn router(node: Node, token: String) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/api/v1/call", post(call))
        .route("/api/v1/tickets/{id}/duplicates", get(duplicates))
        .layer(axum::extract::DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(Arc::new(Door { node, token }))
}

async fn healthz() -> &'static str {
    "ok\n"
}

impl Door {
    /// Whether a program shows the token.
    fn opens(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        shown.as_bytes().ct_eq(self.token.as_bytes()).into()
    }
}

fn shut() -> Response {
    problem(&Problem::not_permitted("令牌不对", "the token is wrong"))
}

async fn duplicates(State(door): State<Arc<Door>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !door.opens(&headers) {
        return shut();
    }
    answered(&door, CallBy { login: None, call: Call::Duplicates { id } }).await
}

async fn call(State(door): State<Arc<Door>>, headers: HeaderMap, body: axum::body::Bytes) -> Response {
    if !door.opens(&headers) {
        return shut();
    }
    let by: CallBy = match serde_json::from_slice(&body) {
        Ok(by) => by,
        Err(error) => {
            return problem(&Problem::bad_input(
                format!("请求有误：{error}"),
                format!("the request is wrong: {error}"),
            ));
        }
    };
    answered(&door, by).await
}

async fn answered(door: &Door, by: CallBy) -> Response {
    match answer(&door.node, by).await {
        Ok(value) => Json(value).into_response(),
        Err(found) => problem(&found),
    }
}

fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}
