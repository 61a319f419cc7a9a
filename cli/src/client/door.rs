//! The door of a running node: one connection, over which the node proves itself before it is shown anything.
//!
//! The proof and everything after it go over the same connection, made here to the address that the node wrote down: no
//! proxy of the environment, and no program that takes the port later, is ever spoken to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use desk::call::Asked;
use desk::home::{Control, random};
use desk::{Home, Problem};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::out::say;

/// How long a running node may take to prove that it is there.
const KNOCK_MAX: Duration = Duration::from_secs(3);
/// Bytes of a proof, at most.
const PROOF_BYTES_MAX: usize = 4 * 1024;
/// Bytes of an answer, at most.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// A node that has proven itself.
pub struct Door {
    sender: Mutex<SendRequest<Full<Bytes>>>,
    control: Control,
}

impl Door {
    /// Reaches the node that the folder tells of, if it is the one that answers.
    pub async fn knock(home: &Home) -> Option<Self> {
        let control = home.control()?;
        let sender = tokio::time::timeout(KNOCK_MAX, connect(home, &control)).await.ok()??;
        Some(Self { sender: Mutex::new(sender), control })
    }

    /// Where the pages of that node are.
    pub fn web(&self) -> &str {
        &self.control.web
    }

    /// Asks.
    pub async fn call(&self, home: &Home, asked: &Asked) -> Result<Value, Problem> {
        let body = serde_json::to_vec(asked).map_err(|error| Problem::fault(&error))?;
        let request = Request::post("/api/v1/call")
            .header(header::HOST, &self.control.web)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.control.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Problem::fault(&error))?;
        let mut sender = self.sender.lock().await;
        if sender.ready().await.is_err() {
            // It was closed while nothing was asked, as while a password was typed. Whoever answers now proves itself anew.
            let again = tokio::time::timeout(KNOCK_MAX, connect(home, &self.control)).await.ok().flatten();
            *sender = again.ok_or_else(|| {
                Problem::unreachable(
                    "节点已停止或不再应答，没有办理",
                    "the node has stopped or does not answer; nothing was done",
                )
            })?;
        }
        let answer = sender.send_request(request).await.map_err(|_| Problem::unknown_outcome())?;
        let good = answer.status().is_success();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|_| Problem::unknown_outcome())?.to_bytes();
        if good {
            return serde_json::from_slice(&body).map_err(|_| Problem::unknown_outcome());
        }
        Err(serde_json::from_slice::<Problem>(&body).unwrap_or_else(|_| {
            let said = say("节点的答复看不懂", "the node's answer is not understood");
            Problem::unreachable(said, "the node's answer is not understood")
        }))
    }
}

/// Connects, and asks for the proof. Nothing of the folder is in the question.
async fn connect(home: &Home, control: &Control) -> Option<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(here(control.web.parse().ok()?)).await.ok()?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let nonce: [u8; 32] = random().ok()?;
    let path = format!("/api/v1/here/{}", Base64UrlUnpadded::encode_string(&nonce));
    let request = Request::get(path).header(header::HOST, &control.web).body(Full::default()).ok()?;
    let answer = sender.send_request(request).await.ok()?;
    let body = Limited::new(answer.into_body(), PROOF_BYTES_MAX).collect().await.ok()?.to_bytes();
    let value: Value = serde_json::from_slice(&body).ok()?;
    let proof = Base64UrlUnpadded::decode_vec(value["proof"].as_str()?).ok()?;
    home.is_proven(&nonce, &control.token, &proof.try_into().ok()?).then_some(sender)
}

/// This machine, where the pages are on all its addresses.
fn here(web: SocketAddr) -> SocketAddr {
    let ip = match web.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, web.port())
}
