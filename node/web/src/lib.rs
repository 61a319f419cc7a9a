//! The pages of a node: rendered on the server, read without script, refreshed by one.
//!
//! Every handler returns [`Fail`] when something is wrong; the guard turns it into a page with the sentence and what
//! to do. Nothing is served to a name that this node does not answer to, and nothing is written for a form that it
//! did not make.

#![warn(missing_docs)]

mod act;
mod again;
pub mod api;
mod assets;
mod choose;
mod cookies;
mod draft;
mod drafts;
mod entry;
mod events;
mod files;
mod forms;
mod frame;
mod guard;
mod hosts;
mod inspect;
mod kb;
mod listen;
mod password;
mod pending;
mod places;
mod posted;
mod prefs;
mod queue;
mod register;
mod requests;
mod reveal;
mod session;
mod signin;
mod streams;
mod sync;
mod ticket;
mod timeline;
mod trays;
mod usual;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;

use desk::Desk;
use desk::problem::Problem;
use replica::seal::hash;

pub use hosts::Hosts;
pub use listen::{CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, HEAD_BYTES_MAX, HEAD_WAIT_MAX};
pub use streams::{STREAMS_MAX, STREAMS_PER_SESSION_MAX};
pub use timeline::PAGE_TEXT_BYTES_MAX;

/// Bytes of a form of somebody who is signed in, at most.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a form without long text, at most: what anybody may send, signed in or not, is no longer.
pub const SMALL_FORM_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a form that comes without a session, at most: it is read only to be given back. A form makes nine bytes a
/// character.
pub const UNSIGNED_FORM_BYTES_MAX: usize = 256 * 1024;
/// A form has arrived within this time.
pub const BODY_WAIT_MAX: Duration = Duration::from_secs(30);

/// Bytes of a form with a file in it, at most; a command takes longer ones.
pub const FILE_FORM_BYTES_MAX: usize = 257 * 1024 * 1024;
/// Such a form has arrived within this time.
pub const FILE_WAIT_MAX: Duration = Duration::from_secs(900);

/// Where the form of 退出 goes.
const SIGN_OUT: &str = "/sign-out";
/// Where a supervision organ asks for a case (36).
const INSPECT: &str = "/inspect";
/// Where what changes is heard.
const EVENTS: &str = "/events";
/// Where a draft is thrown away.
const DISCARD: &str = "/drafts/discard";

/// What all pages share.
struct App {
    desk: Desk,
    hosts: Hosts,
    trays: trays::Trays,
    streams: Arc<streams::Streams>,
    /// What a form carries before anybody is signed in.
    door: String,
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
/// The socket fails, or is not of this machine alone.
pub async fn serve(
    desk: Desk,
    listener: TcpListener,
    api: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Problem> {
    let address = listener.local_addr().map_err(|error| Problem::fault(&error))?;
    desk::config::only_loopback(address)?;
    let (close, closing) = watch::channel(false);
    let hosts = Hosts::of(address);
    let api = api.layer(from_fn_with_state(hosts.clone(), guard::beside));
    let pages = pages(desk, hosts, closing.clone()).merge(api);
    let served = tokio::spawn(listen::run(listener, pages, closing));
    stop.await;
    close.send_replace(true);
    served.await.map_err(|error| Problem::fault(&error))
}

/// The pages alone, for the names that a browser may call this node by.
pub fn router(desk: Desk, origins: Hosts) -> Router {
    // The sender is gone at once; a stream that waits on it then waits for the page to leave.
    pages(desk, origins, watch::channel(false).1)
}

fn pages(desk: Desk, hosts: Hosts, closing: watch::Receiver<bool>) -> Router {
    // The same after a restart: whoever is typing a password then need not begin anew.
    let door = session::text_of(&hash(b"jiesu/door/1", &desk.home().device_secret()));
    let app = Arc::new(App { desk, hosts, trays: trays::Trays::default(), streams: Arc::default(), door, closing });
    let small = || DefaultBodyLimit::max(SMALL_FORM_BYTES_MAX);
    Router::new()
        .route("/", get(queue::show))
        .route("/sign-in", get(signin::show).post(signin::sign_in).layer(small()))
        .route("/password", get(password::show).post(password::choose).layer(small()))
        .route(SIGN_OUT, post(signin::sign_out).layer(small()))
        .route("/prefs", post(choose::set).layer(small()))
        .route(INSPECT, get(inspect::show).post(inspect::look).layer(small()))
        .route("/pending", get(pending::show))
        .route("/pending/{proposal}/{answer}", post(pending::answer).get(pending::back).layer(small()))
        .route("/register", get(register::show).post(register::register))
        .route("/tickets/{id}", get(ticket::show))
        .route("/search", post(queue::search).layer(small()))
        .route("/tickets/{id}/reveal", post(reveal::reveal).get(reveal::back).layer(small()))
        .route("/tickets/{id}/mask", post(reveal::mask).get(reveal::back).layer(small()))
        .route(
            "/tickets/{id}/files",
            post(files::attach).get(files::back).layer(DefaultBodyLimit::max(FILE_FORM_BYTES_MAX)),
        )
        .route("/tickets/{id}/files/{digest}", post(files::give).get(files::back_of).layer(small()))
        .route("/tickets/{id}/acts/{kind}", post(ticket::act).get(ticket::back))
        .route("/kb", get(kb::list))
        .route("/kb/new", get(kb::blank).post(kb::create))
        .route("/kb/search", post(kb::search).layer(small()))
        .route("/kb/{id}", get(kb::show))
        .route("/kb/{id}/acts/{kind}", post(kb::act).get(kb::back))
        .route("/sync", get(sync::show))
        .route("/sync/tickets", get(sync::uncertain))
        .route("/sync/now", post(sync::hurry).layer(small()))
        .route("/sync/alarms", post(sync::acknowledge).layer(small()))
        .route("/sync/clock", post(sync::confirm_clock).layer(small()))
        .route("/fragments/sync", get(sync::bar))
        .route("/requests/{id}", get(requests::show))
        .route(EVENTS, get(events::stream))
        .route("/drafts", get(drafts::list).post(drafts::keep))
        .route(DISCARD, post(drafts::discard).layer(small()))
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
