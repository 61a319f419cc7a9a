//! The pages of a node: rendered on the server, read without script, refreshed by one.
//!
//! Every handler returns [`Fail`] when something is wrong; the guard turns it into a page with the sentence and what
//! to do. Nothing is served to a name that this node does not answer to, and nothing is written for a form that it
//! did not make.

mod act;
mod assets;
mod events;
mod forms;
mod frame;
mod guard;
mod hosts;
mod kb;
mod once;
mod prefs;
mod queue;
mod register;
mod session;
mod signin;
mod sync;
mod ticket;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::home::random;
use crate::people::Sessions;
use crate::problem::Problem;
use crate::process::Node;

pub use hosts::Hosts;

/// Bytes of a form, at most.
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// Passwords that are checked at once, at most; whoever comes later waits.
pub const CHECKS_MAX: usize = 4;

/// What all pages share.
struct App {
    node: Node,
    hosts: Hosts,
    sessions: Sessions,
    once: once::Once,
    /// What a form carries before anybody is signed in.
    door: String,
    /// Passwords that are being checked: each costs memory and time, on purpose.
    checking: Semaphore,
    /// Turns true when the pages stop: streams end then, or the server would wait for them for ever.
    closing: watch::Receiver<bool>,
}

type Shared = Arc<App>;

/// What went wrong, on its way to the guard, which shows it in the reader's language.
#[derive(Clone)]
struct Fail(Problem);

impl From<Problem> for Fail {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let status = axum::http::StatusCode::from_u16(self.0.status);
        let mut response = status.unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Serves the pages, and `api` beside them, until `stop`.
///
/// # Errors
/// The socket fails.
pub async fn serve(
    node: Node,
    listener: TcpListener,
    api: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Problem> {
    let address = listener.local_addr().map_err(|error| Problem::fault(&error))?;
    let (close, closing) = watch::channel(false);
    let pages = pages(node, Hosts::of(address), closing).merge(api);
    let stopping = async move {
        stop.await;
        close.send_replace(true);
    };
    axum::serve(listener, pages).with_graceful_shutdown(stopping).await.map_err(|error| Problem::fault(&error))
}

/// The pages alone, for the names that a browser may call this node by.
pub fn router(node: Node, origins: Hosts) -> Router {
    // The sender is gone at once; a stream that waits on it then waits for the page to leave.
    pages(node, origins, watch::channel(false).1)
}

fn pages(node: Node, hosts: Hosts, closing: watch::Receiver<bool>) -> Router {
    let door: Result<[u8; 32], Problem> = random();
    // Without randomness there is no token that fits: the guard refuses an empty one.
    let door = door.map(|bytes| session::text_of(&bytes)).unwrap_or_default();
    let app = Arc::new(App {
        node,
        hosts,
        sessions: Sessions::default(),
        once: once::Once::default(),
        door,
        checking: Semaphore::new(CHECKS_MAX),
        closing,
    });
    Router::new()
        .route("/", get(queue::show))
        .route("/sign-in", get(signin::show).post(signin::sign_in))
        .route("/sign-out", post(signin::sign_out))
        .route("/prefs", post(prefs::set))
        .route("/register", get(register::show).post(register::register))
        .route("/tickets/{id}", get(ticket::show))
        .route("/tickets/{id}/acts/{kind}", post(ticket::act).get(ticket::back))
        .route("/kb", get(kb::list))
        .route("/kb/new", get(kb::blank).post(kb::create))
        .route("/kb/{id}", get(kb::show))
        .route("/kb/{id}/acts/{kind}", post(kb::act).get(kb::back))
        .route("/sync", get(sync::show))
        .route("/sync/now", post(sync::hurry))
        .route("/sync/alarms", post(sync::acknowledge))
        .route("/fragments/sync", get(sync::bar))
        .route("/events", get(events::stream))
        .route("/assets/{name}", get(assets::asset))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}

async fn nothing_here() -> Fail {
    Fail(nowhere())
}

async fn not_so() -> Fail {
    let problem = Problem::bad_input("此网址不能这样使用，请从页面上的按钮办理", "this address is not used like that");
    Fail(Problem { status: 405, ..problem })
}

/// The one answer for what is not held here, is not for this unit, or never was.
fn nowhere() -> Problem {
    Problem::not_found("本机没有这个页面或这份文件", "there is no such page or document here")
}
