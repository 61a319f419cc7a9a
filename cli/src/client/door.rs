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
        // A copy of a folder tells of the node of the other one.
        let control = home.control().filter(|_| !home.is_left())?;
        let sender = tokio::time::timeout(KNOCK_MAX, connect(home, &control)).await.ok()??;
        Some(Self { sender: Mutex::new(sender), control })
    }

    /// Where the pages of that node are.
    pub fn web(&self) -> &str {
        &self.control.web
    }

    /// Another connection to the same node: whoever answers now proves itself anew.
    async fn reconnect(&self, home: &Home) -> Result<SendRequest<Full<Bytes>>, Problem> {
        let again = tokio::time::timeout(KNOCK_MAX, connect(home, &self.control)).await.ok().flatten();
        again.ok_or_else(|| {
            Problem::unreachable(
                "节点已停止或不再应答，没有办理",
                "the node has stopped or does not answer; nothing was done",
            )
        })
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
        // The connection may have been closed while nothing was asked: after a refusal, or while a password was typed.
        if sender.ready().await.is_err() {
            *sender = self.reconnect(home).await?;
        }
        let answer = match sender.try_send_request(request).await {
            Ok(answer) => answer,
            Err(mut failed) => {
                // It was closed just now. What has not left was never asked; of what has, nobody knows the outcome.
                let unsent = failed.take_message().ok_or_else(Problem::unknown_outcome)?;
                *sender = self.reconnect(home).await?;
                sender.send_request(unsent).await.map_err(|_| Problem::unknown_outcome())?
            }
        };
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
    let proven = home.is_proven(&nonce, &control.token, &proof.try_into().ok()?);
    // What is sent before the connection waits for it is not sent at all.
    sender.ready().await.ok()?;
    proven.then_some(sender)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use desk::call::questions as q;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A node that proves itself, and closes the connection with each answer to a question.
    async fn closing_node(listener: TcpListener, home: Arc<Home>, token: String) {
        while let Ok((mut stream, _)) = listener.accept().await {
            loop {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let Some((_, nonce)) = request.split_once("/here/") else {
                    let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
                    if read > 0 {
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                    break;
                };
                let nonce = Base64UrlUnpadded::decode_vec(nonce.split(' ').next().unwrap()).unwrap();
                let proof = Base64UrlUnpadded::encode_string(&home.prove(&nonce.try_into().unwrap(), &token));
                let body = serde_json::json!({ "proof": proof }).to_string();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn question_after_the_node_has_closed_the_connection_is_asked_on_another_one() {
        let dir = tempfile::tempdir().unwrap();
        let home = Arc::new(Home::create(dir.path(), false).unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let control = Control { web: listener.local_addr().unwrap().to_string(), token: "t".repeat(32) };
        home.keep_control(&control).unwrap();
        let node = tokio::spawn(closing_node(listener, home.clone(), control.token));
        let door = Door::knock(&home).await.unwrap();
        for _ in 0..300 {
            let asked = Asked { login: None, session: None, request: None, call: q::SignOut {}.into() };
            assert_eq!(door.call(&home, &asked).await, Ok(serde_json::json!({})));
        }
        node.abort();
    }
}
