//! One connection to the pages and calls of a node: what a browser or a program does, timed.

use std::time::Duration;

use desk::call::{Asked, Call, Secret, questions as q};
use desk::home::Control;
use desk::once::RequestId;
use desk::{Problem, clock};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::PASSWORD;
use super::city::LOGIN;

/// How long an answer is waited for.
pub const ANSWER_WAIT_MAX: Duration = Duration::from_secs(300);

/// A connection, and who uses it.
pub struct Door {
    sender: SendRequest<Full<Bytes>>,
    control: Control,
    pub cookie: String,
    pub session: Option<Secret>,
}

/// A page as it came.
pub struct Page {
    pub location: String,
    pub html: String,
    pub time: Duration,
}

impl Door {
    pub async fn open(control: &Control) -> Result<Self, Problem> {
        let stream = TcpStream::connect(&control.web).await.map_err(|error| Problem::fault(&error))?;
        stream.set_nodelay(true).map_err(|error| Problem::fault(&error))?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| Problem::fault(&error))?;
        tokio::spawn(connection);
        Ok(Self { sender, control: control.clone(), cookie: String::new(), session: None })
    }

    /// Another connection of the same person.
    pub async fn another(&self) -> Result<Self, Problem> {
        let opened = Self::open(&self.control).await?;
        Ok(Self { cookie: self.cookie.clone(), session: self.session.clone(), ..opened })
    }

    /// Signs in: at the pages, and for calls.
    pub async fn sign_in(&mut self) -> Result<(), Problem> {
        let page = self.get("/sign-in").await?;
        let token = value_of(&page.html, "name=\"token\" value=\"").to_owned();
        self.post("/sign-in", &[("token", &token), ("login", LOGIN), ("password", PASSWORD)]).await?;
        let password = Secret(PASSWORD.to_owned());
        let (begun, _) = self.call(Call::SignIn(q::SignIn { login: Some(LOGIN.to_owned()), password })).await?;
        self.session = serde_json::from_value(begun["session"].clone()).ok();
        if self.cookie.is_empty() || self.session.is_none() {
            return Err(Problem::fault(&"could not sign in at the node that is measured"));
        }
        Ok(())
    }

    /// Gets a page.
    pub async fn get(&mut self, path: &str) -> Result<Page, Problem> {
        self.send("GET", path, None).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page, Problem> {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.send("POST", path, Some(pairs.join("&"))).await
    }

    /// Asks as a program does; the answer, and how long it took.
    pub async fn call(&mut self, call: Call) -> Result<(Value, Duration), Problem> {
        let request = if call.done_once() { Some(RequestId::draw()?) } else { None };
        let asked = Asked { login: None, session: self.session.clone(), request, call };
        let body = serde_json::to_vec(&asked).map_err(|error| Problem::fault(&error))?;
        let request = Request::post("/api/v1/call")
            .header(header::HOST, &self.control.web)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.control.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Problem::fault(&error))?;
        let (status, _, body, time) = self.whole(request).await?;
        if status.is_success() {
            return Ok((serde_json::from_slice(&body).map_err(|error| Problem::fault(&error))?, time));
        }
        Err(serde_json::from_slice(&body).unwrap_or_else(|_| Problem::fault(&status)))
    }

    async fn send(&mut self, method: &str, path: &str, form: Option<String>) -> Result<Page, Problem> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.control.web);
        if !self.cookie.is_empty() {
            request = request.header(header::COOKIE, &self.cookie);
        }
        if form.is_some() {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
        }
        let body = Full::new(Bytes::from(form.unwrap_or_default()));
        let request = request.body(body).map_err(|error| Problem::fault(&error))?;
        let (status, headers, body, time) = self.whole(request).await?;
        for set in headers.get_all(header::SET_COOKIE).iter().filter_map(|set| set.to_str().ok()) {
            let cookie = set.split(';').next().unwrap_or_default();
            self.cookie = if self.cookie.is_empty() { cookie.to_owned() } else { format!("{cookie}; {}", self.cookie) };
        }
        let location = headers.get(header::LOCATION).and_then(|at| at.to_str().ok()).unwrap_or_default().to_owned();
        let page = Page { location, html: String::from_utf8_lossy(&body).into_owned(), time };
        if status.is_success() || status.is_redirection() {
            return Ok(page);
        }
        Err(Problem::fault(&format!("{method} {path}: {status}")))
    }

    async fn whole(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, hyper::HeaderMap, Bytes, Duration), Problem> {
        let began = clock::steady();
        let answered = async {
            self.sender.ready().await?;
            let (parts, body) = self.sender.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>((parts, body.collect().await?.to_bytes()))
        };
        let answered = tokio::time::timeout(ANSWER_WAIT_MAX, answered).await.map_err(|error| Problem::fault(&error))?;
        let (parts, body) = answered.map_err(|error| Problem::fault(&error))?;
        Ok((parts.status, parts.headers, body, clock::steady().saturating_sub(began)))
    }
}

/// What stands in a page from behind `mark` to the next quotation mark.
pub fn value_of<'p>(html: &'p str, mark: &str) -> &'p str {
    let after = html.split_once(mark).map_or("", |(_, after)| after);
    after.split('"').next().unwrap_or_default()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
