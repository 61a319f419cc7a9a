//! What people type stands in no line of the log, however much is logged, and in no address.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, header};
use browser::{Browser, Page, encoded, token};
use tower::ServiceExt;
use tracing_subscriber::EnvFilter;

/// A name and a telephone that stand nowhere else.
const CANARIES: [&str; 3] = ["慕容金丝雀", "13987654321", "金丝雀路 9 号"];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn no_canary(text: &str, at: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary) && !text.contains(&encoded(canary)), "{canary} in {at}: {text}");
    }
}

/// Addresses that a page sends on to, or has links and forms to.
fn no_canary_in_addresses(page: &Page) {
    no_canary(&page.location, "an address");
    for mark in ["href=\"", "action=\"", "src=\"", "data-url=\"", "<title>"] {
        for address in page.html.split(mark).skip(1) {
            no_canary(address.split(['"', '<']).next().unwrap(), mark);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_in_no_log_line_and_in_no_address() {
    let log = Log::default();
    let to = log.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("trace")).with_writer(move || to.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    tracing::debug!("the log is heard");

    let mut browser = Browser::signed_in().await;
    let [name, phone, address] = CANARIES;
    // Rightly and wrongly, in fields where it belongs and where it does not.
    let page = browser.get("/register").await;
    let wrong =
        [("title", name), ("content", phone), ("name", name), ("phone", phone), ("category", name), ("place", address)];
    let refused = browser.fill(&page, "/register", &wrong).await;
    no_canary_in_addresses(&refused);
    let right = [
        ("title", name),
        ("content", phone),
        ("name", name),
        ("phone", phone),
        ("address", address),
        ("category", "0104"),
        ("as_is", "true"),
    ];
    no_canary_in_addresses(&browser.fill(&refused, "/register", &right[..6]).await);
    let made = browser.fill(&refused, "/register", &right).await;
    no_canary_in_addresses(&made);
    let ticket = browser::path_of(&made);
    for words in CANARIES {
        no_canary_in_addresses(&browser.search("/search", words).await);
        no_canary_in_addresses(&browser.search("/kb/search", words).await);
        no_canary_in_addresses(
            &browser.post("/sign-in", &[("token", &token(&page)), ("login", words), ("password", words)]).await,
        );
    }
    let page = browser.get(&ticket).await;
    no_canary_in_addresses(&page);
    // What is begun and not sent: kept, shown to its writer alone, and readable in no file of this machine.
    let (session, id) = (token(&page), ticket.trim_start_matches("/tickets/").to_owned());
    for (doc, form) in [(id.as_str(), "note"), ("", "register"), (name, "note"), (id.as_str(), phone)] {
        let fields = [("token", &*session), ("draft", form), ("draft.doc", doc), ("draft.window", "w1")];
        let typed = [("text", phone), ("name", name), ("phone", phone), ("address", address), (name, phone)];
        no_canary_in_addresses(&browser.post("/drafts", &[&fields[..], &typed].concat()).await);
    }
    for path in [&*ticket, "/register", "/drafts"] {
        let page = browser.get(path).await;
        assert!(page.html.contains(phone), "{path} brings it back");
        no_canary_in_addresses(&page);
    }
    let files: Vec<_> =
        std::fs::read_dir(browser.node.home().dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.iter().any(|file| file.ends_with("drawer.db")));
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for canary in CANARIES {
            assert!(!bytes.windows(canary.len()).any(|part| part == canary.as_bytes()), "{canary} in {file:?}");
        }
    }
    for (kind, fields) in [
        ("reveal", vec![("reason", name), ("note", phone)]),
        ("reveal", vec![("reason", "other"), ("note", phone)]),
        ("acts/note", vec![("text", phone)]),
        ("acts/note", vec![("text", phone), ("as_is", "true")]),
        ("acts/dispatch", vec![("lead", name), ("text", phone)]),
        ("acts/merge", vec![("into", phone)]),
        ("acts/correct", vec![("place", address), ("text", name)]),
    ] {
        let page = browser.get(&ticket).await;
        no_canary_in_addresses(&browser.fill(&page, &format!("{ticket}/{kind}"), &fields).await);
    }
    no_canary_in_addresses(&browser.get(&ticket).await);
    let api = web::api::router(browser.node.desk().clone(), "secret".to_owned());
    for body in [
        format!(r#"{{"login":"{name}","call":{{"do":"ticket","id":"{phone}"}}}}"#),
        format!(r#"{{"login":"wang","call":{{"do":"tickets","text":"{phone}"}}}}"#),
        format!(r#"{{"login":"wang","call":{{"do":"{name}"}}}}"#),
        format!(
            r#"{{"login":"wang","call":{{"do":"act","kind":"register","id":null,"fields":{{"title":"{name}","phone":"{phone}"}}}}}}"#
        ),
        format!(r#"{{"{phone}""#),
    ] {
        let request = Request::post("/api/v1/call").header(header::AUTHORIZATION, "Bearer secret");
        let response = api.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    }
    browser.node.stop().await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the log is heard"));
    no_canary(&log, "the log");
}
