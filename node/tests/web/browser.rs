//! A browser without a screen: it keeps cookies, fills in forms, and checks of every answer what holds of all.
#![allow(clippy::unwrap_used, reason = "in a test, what fails may fail loudly")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use desk::Home;
use node::found::{Founder, found};
use node::{Node, Start};
use tower::ServiceExt;
use web::{Hosts, router};

const HOST: &str = "127.0.0.1:8480";
/// The founder's password.
pub const PASSWORD: &str = "correct horse";

/// A city with one node, and whoever looks at its pages.
pub struct Browser {
    pub node: Node,
    pages: Router,
    pub cookie: String,
    _dir: tempfile::TempDir,
}

pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub html: String,
}

impl Browser {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("city"), true).unwrap();
        let founder = Founder { name: "王受理".to_owned(), login: "wang".to_owned() };
        let node = found(home, "测试市", &founder, PASSWORD).await.unwrap();
        let pages = router(node.desk().clone(), Hosts::loopback(8480));
        Self { node, pages, cookie: String::new(), _dir: dir }
    }

    pub async fn signed_in() -> Self {
        let mut browser = Self::new().await;
        browser.sign_in("wang").await;
        browser
    }

    /// Ends the node, and starts it again. Whoever was signed in is so still.
    pub async fn restart(&mut self) {
        self.restart_as(&Start::default()).await;
    }

    pub async fn restart_as(&mut self, start: &Start) {
        self.node.stop().await;
        self.node = Node::start(self.node.home().clone(), start).unwrap();
        self.pages = router(self.node.desk().clone(), Hosts::loopback(8480));
    }

    pub async fn sign_in(&mut self, login: &str) {
        self.cookie.clear();
        let page = self.get("/sign-in").await;
        let page = self.post("/sign-in", &[("token", &token(&page)), ("login", login), ("password", PASSWORD)]).await;
        assert_eq!((page.status, page.location.as_str()), (StatusCode::SEE_OTHER, "/"), "{}", page.html);
    }

    /// What holds of every answer is checked of every answer.
    pub async fn send(&mut self, request: Request<Body>) -> Page {
        let response: Response<Body> = self.pages.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let csp = parts.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"), "{csp}");
        assert_eq!(parts.headers["x-content-type-options"], "nosniff");
        assert_eq!(parts.headers["referrer-policy"], "no-referrer");
        assert!(parts.headers.contains_key(header::CACHE_CONTROL));
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"), "{set}");
            self.cookie = format!("{}; {}", set.split(';').next().unwrap(), self.cookie);
        }
        let location = parts.headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let html = String::from_utf8(to_bytes(body, 1 << 24).await.unwrap().to_vec()).unwrap();
        assert!(!html.contains("<script>alert") && !html.contains("<svg onload"), "{html}");
        Page { status: parts.status, location: location.unwrap_or_default(), html }
    }

    /// An answer that is no page.
    pub async fn answer(&mut self, request: Request<Body>) -> Response<Body> {
        self.pages.clone().oneshot(request).await.unwrap()
    }

    /// An answer that does not end.
    pub async fn open(&mut self, path: &str) -> Response<Body> {
        let request = self.asked("GET", path).body(Body::empty()).unwrap();
        self.pages.clone().oneshot(request).await.unwrap()
    }

    pub fn asked(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if self.cookie.is_empty() { request } else { request.header(header::COOKIE, &self.cookie) }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.asked("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.asked("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "null")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(pairs.join("&")))
            .unwrap()
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.form(path, fields);
        self.send(request).await
    }

    /// Fills in the form of `page` that goes to `action`.
    pub async fn fill(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let (token, once) = (token(page), once(page, action));
        let mut all = vec![("token", token.as_str()), ("once", once.as_str())];
        all.extend(fields);
        self.post(action, &all).await
    }

    /// Searches; the page of what was found.
    pub async fn search(&mut self, path: &str, words: &str) -> Page {
        let page = self.get("/").await;
        let page = self.post(path, &[("token", &token(&page)), ("q", words)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        assert!(page.location.contains("find=") && !page.location.contains('%'), "{}", page.location);
        self.get(&page.location.clone()).await
    }

    pub async fn register(&mut self, title: &str) -> String {
        let page = self.get("/register").await;
        let who = [("name", "张三"), ("phone", "13812341234")];
        let fields =
            [[("title", title), ("content", title)], [("category", "0104"), ("place", "130623102")], who].concat();
        let page = self.fill(&page, "/register", &fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        path_of(&page)
    }
}

/// Where a page sends on to, without what is only for the eye.
pub fn path_of(page: &Page) -> String {
    page.location.split('?').next().unwrap().to_owned()
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub fn after<'t>(text: &'t str, mark: &str) -> &'t str {
    let at = text.find(mark).unwrap_or_else(|| panic!("no {mark} in {text}"));
    &text[at + mark.len()..]
}

pub fn token(page: &Page) -> String {
    after(&page.html, "name=\"token\" value=\"").split('"').next().unwrap().to_owned()
}

pub fn once(page: &Page, action: &str) -> String {
    let form = after(&page.html, &format!("action=\"{action}\""));
    after(form, "name=\"once\" value=\"").split('"').next().unwrap().to_owned()
}
