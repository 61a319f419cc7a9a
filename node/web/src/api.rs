//! The HTTP API for commands and programs: one door, opened by the token that the node writes into its folder.
//!
//! Nobody shows the token to an unknown listener: `GET /api/v1/here/{nonce}` is answered by a signature of this device
//! over the nonce and the token, and what follows goes over the same connection. And nothing is read from whoever does
//! not show it.

mod openapi;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, RawPathParams, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use axum::{Json, Router};
use base64ct::{Base64UrlUnpadded, Encoding};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use desk::Desk;
use desk::call::{Asked, Call, Question, Secret, ask, questions as q};
use desk::once::{NotAnId, RequestId};
use desk::problem::Problem;

/// Bytes of a request, at most: a batch of imported rows.
pub const REQUEST_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a request that is too long which are read and thrown away, at most, so that whoever writes it comes to the
/// end and sees the answer.
pub const REQUEST_BYTES_DRAINED_MAX: usize = 256 * 1024 * 1024;
/// Bytes of an address with its query, at most: all that may be asked by one is short.
pub const ADDRESS_BYTES_MAX: usize = 8 * 1024;
/// What a problem is told as (RFC 9457).
const PROBLEM: &str = "application/problem+json";
/// The header in which a program shows the session of a person.
const SESSION: &str = "jiesu-session";

/// The header with the id of a request: asked again under it, what changes something is not done again.
const KEY: &str = "idempotency-key";

/// Requests that are read at once, at most; the rest waits for its turn.
pub const READING_MAX: usize = 8;
/// A request waits for its turn, and has arrived, within this time.
pub const BODY_WAIT_MAX: Duration = Duration::from_secs(30);

struct Door {
    desk: Desk,
    token: String,
    reading: Semaphore,
}

/// A question that has an address of its own. Every question can be asked at `/api/v1/call/{name}` too.
struct Address {
    method: &'static str,
    path: &'static str,
    /// Name of the question.
    asks: &'static str,
    route: fn() -> MethodRouter<Arc<Door>>,
}

/// What is read: members of the question are the parts of the path in braces, and the query.
const fn read<Q: Question>(path: &'static str) -> Address {
    Address { method: "get", path, asks: Q::NAME, route: || get(asked_by_address::<Q>) }
}

/// What is done: members of the question are the parts of the path in braces, and the body.
const fn done<Q: Question>(path: &'static str) -> Address {
    Address { method: "post", path, asks: Q::NAME, route: || post(asked_by_body::<Q>) }
}

const ADDRESSES: [Address; 9] = [
    read::<q::Tickets>("/api/v1/tickets"),
    read::<q::Ticket>("/api/v1/tickets/{id}"),
    read::<q::Duplicates>("/api/v1/tickets/{id}/duplicates"),
    done::<q::Act>("/api/v1/tickets/{id}/acts"),
    read::<q::Articles>("/api/v1/kb"),
    read::<q::Article>("/api/v1/kb/{id}"),
    read::<q::Report>("/api/v1/reports/{kind}"),
    read::<q::Proposals>("/api/v1/proposals"),
    read::<q::Sync>("/api/v1/sync"),
];

/// The routes `/healthz`, `/api/v1/openapi.json`, `/api/v1/here/{nonce}`, `/api/v1/call`, `/api/v1/call/{name}` and those
/// of [`ADDRESSES`].
pub fn router(desk: Desk, token: String) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(healthz))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/here/{nonce}", get(here))
        .route("/api/v1/call", post(call))
        .route("/api/v1/call/{name}", post(call_named));
    for address in ADDRESSES {
        router = router.route(address.path, (address.route)());
    }
    let nowhere = any(async || problem(&missing()));
    let router = router.route("/api", nowhere.clone()).route("/api/{*rest}", nowhere).layer(from_fn(in_words));
    router.with_state(Arc::new(Door { desk, token, reading: Semaphore::new(READING_MAX) }))
}

fn missing() -> Problem {
    Problem::not_found(
        "没有这个接口，见 /api/v1/openapi.json",
        "there is no such address: /api/v1/openapi.json tells what there is",
    )
}

/// What the framework refuses by itself, as whatever else is refused: a document that says why, whatever the status.
async fn in_words(request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_some_and(|path| path.as_str().len() > ADDRESS_BYTES_MAX) {
        let long = Problem::bad_input(
            format!("网址太长，最多 {ADDRESS_BYTES_MAX} 字节；长的内容请放在请求体里"),
            format!("the address is too long, at most {ADDRESS_BYTES_MAX} bytes: what is long belongs into the body"),
        );
        return problem(&Problem { status: 414, ..long });
    }
    let response = next.run(request).await;
    let status = response.status();
    let said = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == PROBLEM.as_bytes());
    // Whether the node lives is asked by what understands the status alone.
    let alive = status == StatusCode::SERVICE_UNAVAILABLE;
    if said || alive || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let found = match status {
        StatusCode::NOT_FOUND => missing(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::bad_input(
            "此接口不能用这个方法，可用的见 Allow",
            "not by this method: see Allow for those that there are",
        ),
        _ => Problem::bad_input("请求有误，无法读懂", "the request cannot be read"),
    };
    let mut told = problem(&Problem { status: status.as_u16(), ..found });
    if let Some(allow) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow.clone());
    }
    told
}

/// Answered by what the kernel's loop did last, not by the server alone.
async fn healthz(State(door): State<Arc<Door>>) -> Response {
    match door.desk.alive() {
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

/// Proves that this node answers, to whoever has read its folder.
async fn here(State(door): State<Arc<Door>>, Path(nonce): Path<String>) -> Response {
    let Some(nonce) = Base64UrlUnpadded::decode_vec(&nonce).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
    else {
        return problem(&Problem::bad_input("不是 32 字节的随机数", "no nonce of 32 bytes"));
    };
    let proof = door.desk.home().prove(&nonce, &door.token);
    Json(json!({ "proof": Base64UrlUnpadded::encode_string(&proof) })).into_response()
}

/// Members of a question as they stand in an address.
type Members = Vec<(String, String)>;

fn members(path: &RawPathParams) -> Members {
    path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn asked_by_address<Q: Question>(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    path: RawPathParams,
    RawQuery(query): RawQuery,
) -> Response {
    if !door.opens(&headers) {
        return shut();
    }
    let question = || {
        let mut given: Members = serde_urlencoded::from_str(&query.unwrap_or_default()).map_err(wrong)?;
        given.extend(members(&path));
        let given = serde_urlencoded::to_string(given).map_err(wrong)?;
        serde_urlencoded::from_str::<Q>(&given).map_err(wrong)
    };
    match question() {
        Ok(question) => answered(&door, of_headers(&headers, question.into())).await,
        Err(found) => problem(&found),
    }
}

async fn asked_by_body<Q: Question>(State(door): State<Arc<Door>>, path: RawPathParams, request: Request) -> Response {
    let more = members(&path);
    asked_with(&door, request, |mut given: Map<String, Value>| {
        for (name, value) in more {
            if given.insert(name.clone(), Value::String(value)).is_some() {
                return Err(serde::de::Error::custom(format!("`{name}` stands in the address")));
            }
        }
        serde_json::from_value::<Q>(Value::Object(given)).map(Into::into)
    })
    .await
}

async fn call_named(State(door): State<Arc<Door>>, Path(name): Path<String>, request: Request) -> Response {
    asked_with(&door, request, |mut given: Map<String, Value>| {
        given.insert("do".to_owned(), Value::String(name));
        serde_json::from_value::<Call>(Value::Object(given))
    })
    .await
}

/// Answers a question that the body of a request holds the members of.
async fn asked_with(
    door: &Door,
    request: Request,
    question: impl FnOnce(Map<String, Value>) -> serde_json::Result<Call>,
) -> Response {
    if !door.opens(request.headers()) {
        return shut();
    }
    let headers = request.headers().clone();
    let asked = async {
        let key = key(&headers)?;
        let call = question(read_body(door, request).await?).map_err(wrong)?;
        Ok::<Asked, Problem>(Asked { request: key, ..of_headers(&headers, call) })
    };
    match asked.await {
        Ok(asked) => answered(door, asked).await,
        Err(found) => problem(&found),
    }
}

/// A question in the name of whom the headers show.
fn of_headers(headers: &HeaderMap, call: Call) -> Asked {
    let session = headers.get(SESSION).and_then(|value| value.to_str().ok()).map(|text| Secret(text.to_owned()));
    Asked { login: None, session, request: None, call }
}

fn wrong(error: impl std::fmt::Display) -> Problem {
    Problem::bad_input(format!("请求有误：{error}"), format!("the request is wrong: {error}"))
}

async fn call(State(door): State<Arc<Door>>, request: Request) -> Response {
    if !door.opens(request.headers()) {
        return shut();
    }
    let headers = request.headers().clone();
    let asked = async {
        let key = key(&headers)?;
        let asked: Asked = read_body(&door, request).await?;
        Ok::<Asked, Problem>(Asked { request: key.or(asked.request), ..asked })
    };
    match asked.await {
        Ok(asked) => answered(&door, asked).await,
        Err(found) => problem(&found),
    }
}

/// The id of a request, with or without quotes.
fn key(headers: &HeaderMap) -> Result<Option<RequestId>, Problem> {
    let Some(key) = headers.get(KEY) else { return Ok(None) };
    let key = key.to_str().map_err(|_| NotAnId)?;
    let bare = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    Ok(Some(RequestId::parse(bare)?))
}

async fn read_body<T: DeserializeOwned>(door: &Door, request: Request) -> Result<T, Problem> {
    let late = || Problem::later(503, 5, "本机正忙，请稍后再试", "this node is busy; try again in a moment");
    let body = async {
        let _turn = door.reading.acquire().await.map_err(|error| Problem::fault(&error))?;
        let bytes = whole(request.into_body()).await?;
        serde_json::from_slice(&bytes).map_err(wrong)
    };
    tokio::time::timeout(BODY_WAIT_MAX, body).await.map_err(|_| late())?
}

/// Reads a body to its end. What is too long is thrown away while it comes: whoever is cut off while still writing never
/// sees the answer.
async fn whole(body: Body) -> Result<Vec<u8>, Problem> {
    let (mut stream, mut bytes, mut length) = (body.into_data_stream(), Vec::new(), 0_usize);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| Problem::bad_input("请求不完整", "the request is incomplete"))?;
        length += piece.len();
        if length <= REQUEST_BYTES_MAX {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
        if length > REQUEST_BYTES_DRAINED_MAX {
            break;
        }
    }
    if length > REQUEST_BYTES_MAX { Err(Problem::too_long(REQUEST_BYTES_MAX)) } else { Ok(bytes) }
}

async fn answered(door: &Door, asked: Asked) -> Response {
    match ask(&door.desk, asked).await {
        Ok(value) => Json(value).into_response(),
        Err(found) => problem(&found),
    }
}

pub(crate) fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, PROBLEM)], Json(problem)).into_response();
    retry_after(&mut response, problem);
    response
}

/// Says when it is worth trying again.
pub(crate) fn retry_after(response: &mut Response, problem: &Problem) {
    if let Some(seconds) = problem.retry_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
