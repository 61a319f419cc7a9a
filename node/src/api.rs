//! The HTTP API for commands and programs: one door, opened by the token that the node writes into its folder. The token
//! is looked at before anything else is read.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::call::{Call, CallBy, answer};
use crate::problem::Problem;
use crate::process::Node;

/// Bytes of a request, at most: a batch of imported rows.
pub const REQUEST_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Requests that are read at once, at most; the rest waits for its turn.
pub const READING_MAX: usize = 8;
/// A request waits for its turn, and has arrived, within this time.
pub const BODY_WAIT_MAX: Duration = Duration::from_secs(30);

struct Door {
    node: Node,
    token: String,
    reading: Semaphore,
}

/// The routes `/healthz`, `/api/v1/call` and `/api/v1/tickets/{id}/duplicates`.
pub fn router(node: Node, token: String) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/api/v1/call", post(call))
        .route("/api/v1/tickets/{id}/duplicates", get(duplicates))
        .with_state(Arc::new(Door { node, token, reading: Semaphore::new(READING_MAX) }))
}

/// Answered by what the kernel's loop did last, not by the server alone.
async fn healthz(State(door): State<Arc<Door>>) -> Response {
    match door.node.alive() {
        Ok(how) => format!("{how}\n").into_response(),
        Err(found) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", found.detail)).into_response(),
    }
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
    // What else was sent is not read, so that the connection is of no use any more.
    ([(header::CONNECTION, "close")], problem(&Problem::not_permitted("令牌不对", "the token is wrong")))
        .into_response()
}

async fn duplicates(State(door): State<Arc<Door>>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !door.opens(&headers) {
        return shut();
    }
    answered(&door, CallBy { login: None, call: Call::Duplicates { id } }).await
}

async fn call(State(door): State<Arc<Door>>, request: Request) -> Response {
    if !door.opens(request.headers()) {
        return shut();
    }
    match read(&door, request).await {
        Ok(by) => answered(&door, by).await,
        Err(found) => problem(&found),
    }
}

async fn read(door: &Door, request: Request) -> Result<CallBy, Problem> {
    let late = || Problem::later(503, 5, "本机正忙，请稍后再试", "this node is busy; try again in a moment");
    let body = async {
        let _turn = door.reading.acquire().await.map_err(|error| Problem::fault(&error))?;
        let bytes = to_bytes(request.into_body(), REQUEST_BYTES_MAX).await.map_err(|_| {
            let max = REQUEST_BYTES_MAX / 1024 / 1024;
            let (title, detail) =
                (format!("请求不完整，或超过 {max} MB"), format!("incomplete, or more than {max} MB"));
            Problem { status: 413, ..Problem::bad_input(title, detail) }
        })?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Problem::bad_input(format!("请求有误：{error}"), format!("the request is wrong: {error}")))
    };
    tokio::time::timeout(BODY_WAIT_MAX, body).await.map_err(|_| late())?
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
