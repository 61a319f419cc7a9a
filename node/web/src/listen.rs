//! Connections of browsers and commands: how many, how long each may take, and who gives way when there are too many.
//!
//! A connection waits for its client (for a request, or for the rest of a form) or it is worked for. When all places are
//! taken, the one that has waited longest gives way to whoever comes: strangers who open connections and say nothing
//! keep nobody out, since a browser asks as soon as it is connected.

mod seats;

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

pub(super) use seats::Seat;
pub use seats::{CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX};
use seats::{Seats, Work};

/// A request's line and headers are there within this time, and a connection on which nothing is asked ends after it.
pub const HEAD_WAIT_MAX: Duration = Duration::from_secs(15);
/// Bytes of a request's line and headers, at most: cookies of all programs of a machine come along.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// A client takes some of an answer within this time.
pub const WRITE_WAIT_MAX: Duration = Duration::from_secs(30);
/// When the pages stop, how long requests may still take.
pub const STOPPING_MAX: Duration = Duration::from_secs(10);
/// How long to pause when the system has no descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `closing` turns true.
pub(super) async fn run(listener: TcpListener, pages: Router, closing: watch::Receiver<bool>) {
    let mut over = closing.clone();
    let (seats, mut tasks) = (Arc::new(Seats::default()), JoinSet::new());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    if let Some(seat) = seats.take(address.ip()) {
                        tasks.spawn(connection(stream, seat, pages.clone(), closing.clone()));
                    }
                }
                Err(error) if gone(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "接不了新的连接 no connection can be taken");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = tasks.join_next() => {}
            () = closed(&mut over) => break,
        }
    }
    drop(listener);
    let all = async { while tasks.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(STOPPING_MAX, all).await;
    tasks.abort_all();
}

/// Comes when the pages stop, or nobody is there any more who would say so.
async fn closed(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}

/// The client has turned away already.
fn gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(stream: TcpStream, seat: Seat, pages: Router, mut closing: watch::Receiver<bool>) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_WAIT_MAX));
    let given_up = seat.given_up();
    let service = service_fn(move |request: Request<Incoming>| {
        let (pages, work) = (pages.clone(), Work::new(&seat));
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(seat.clone());
        async move {
            let response = pages.oneshot(request).await?;
            Ok::<Response<Answer>, Infallible>(response.map(|body| Answer { body, _work: work }))
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WAIT_MAX).max_buf_size(HEAD_BYTES_MAX);
    let mut conversation = std::pin::pin!(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
    tokio::select! {
        // What a client does wrong ends its connection, and is no news.
        _ = conversation.as_mut() => return,
        () = given_up.notified() => return,
        () = closed(&mut closing) => conversation.as_mut().graceful_shutdown(),
    }
    let _ = conversation.await;
}

/// An answer on its way.
struct Answer {
    body: Body,
    _work: Work,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;

    /// What a connection on which `sent` was said is told until it ends, and how long that took. Time is the test's own: it
    /// goes on when nobody has anything to do.
    async fn told(sent: &[u8]) -> (String, Duration) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let wait = |request: Request<Body>| async move {
            let seat = request.extensions().get::<Seat>().unwrap().clone();
            let body = seat.waiting(axum::body::to_bytes(request.into_body(), 100));
            if tokio::time::timeout(Duration::from_secs(30), body).await.is_ok() { "all" } else { "late" }
        };
        let pages = Router::new().route("/", get(|| async { "here" })).route("/form", post(wait));
        let (close, closing) = watch::channel(false);
        let server = tokio::spawn(run(listener, pages, closing));
        let begun = Instant::now();
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let took = begun.elapsed();
        drop(stream);
        close.send_replace(true);
        server.await.unwrap();
        (String::from_utf8(answer).unwrap(), took)
    }

    #[tokio::test(start_paused = true)]
    async fn connection_on_which_nothing_or_half_a_request_is_said_ends() {
        for sent in [&b""[..], b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
            let (answer, took) = told(sent).await;
            assert_eq!(answer.contains("here"), sent.ends_with(b"\r\n\r\n"), "{answer}");
            assert!(took >= HEAD_WAIT_MAX && took < 2 * HEAD_WAIT_MAX, "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn form_of_which_half_comes_is_waited_for_and_no_longer() {
        let (answer, took) = told(b"POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").await;
        assert!(answer.ends_with("late"), "{answer}");
        assert!(took >= Duration::from_secs(30) && took < Duration::from_secs(50), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn headers_without_end_are_refused() {
        let long = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "a".repeat(4 * HEAD_BYTES_MAX));
        let (answer, _) = told(long.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
        let large = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "a".repeat(HEAD_BYTES_MAX / 2));
        assert!(told(large.as_bytes()).await.0.contains("here"));
    }
}
