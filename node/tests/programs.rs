//! The HTTP API as a program meets it: what the document tells is what is there.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use browser::{Browser, PASSWORD};
use desk::call::{Call, CallBy, Secret, answer, questions as q};
use serde_json::{Value, json};
use tower::ServiceExt;

struct Program {
    api: Router,
    session: String,
}

impl Program {
    async fn new(browser: &Browser) -> Self {
        let call = q::SignIn { login: None, password: Secret(PASSWORD.to_owned()) }.into();
        let begun = answer(&browser.node, CallBy { login: None, call }).await.unwrap();
        let session = begun["session"].as_str().unwrap().to_owned();
        Self { api: web::api::router(browser.node.desk().clone(), "secret".to_owned()), session }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.api.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = Request::get(path).header(header::AUTHORIZATION, "Bearer secret");
        self.send(request.header("jiesu-session", &self.session).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(path).header(header::AUTHORIZATION, "Bearer secret");
        let request = request.header("jiesu-session", &self.session).header("idempotency-key", key);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

async fn document(program: &Program) -> Value {
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let (status, document) = program.send(request).await;
    assert_eq!(status, StatusCode::OK, "the document holds nothing of the node and is told to anybody");
    document
}

/// Every `$ref` in it.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn document_is_openapi_and_tells_every_question_and_every_address() {
    let browser = Browser::signed_in().await;
    let program = Program::new(&browser).await;
    let document = document(&program).await;
    let parsed = oas3::from_json(document.to_string()).unwrap();
    assert_eq!(parsed.openapi, "3.1.0");
    let operations: Vec<_> = parsed.operations().collect();
    for (path, method, operation) in &operations {
        assert!(
            operation.operation_id.is_some() && operation.summary.as_ref().is_some_and(|s| !s.is_empty()),
            "{path}"
        );
        assert!(operation.responses(&parsed).contains_key("200"), "{method} {path}");
    }
    let ids: std::collections::BTreeSet<&str> =
        operations.iter().filter_map(|(_, _, operation)| operation.operation_id.as_deref()).collect();
    assert_eq!(ids.len(), operations.len(), "each operation has an id of its own");
    assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')), "{ids:?}");
    // An id of a request is offered where it does something.
    let keyed = |name: &str| {
        let parameters = &document["paths"][format!("/api/v1/call/{name}")]["post"]["parameters"];
        parameters.as_array().unwrap().iter().any(|one| one["name"] == "idempotency-key")
    };
    assert!(["act", "person", "lock", "calendar", "void-times"].into_iter().all(keyed));
    assert!(!["invite", "roles", "password", "import", "tickets"].into_iter().any(keyed));
    let members = |name: &str| document["components"]["schemas"][name]["properties"].clone();
    let list = |shape: &Value| shape["enum"].as_array().unwrap_or_else(|| panic!("no list in {shape}")).clone();
    assert!(list(&members("TicketLine")["state"]).contains(&json!("awaiting-sign-for")));
    assert!(list(&members("ActView")["kind"]).contains(&json!("settle")));
    let asked = &document["paths"]["/api/v1/call/act"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let kinds = list(&asked["properties"]["kind"]);
    assert!(kinds.contains(&json!("register")) && !kinds.contains(&json!("settle")));
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        let at = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(document.pointer(at).is_some(), "{reference} leads nowhere");
    }
    // Each question has its path, and each path is there: without the token it is shut, which is not the same as missing.
    let named = operations.iter().filter(|(path, ..)| path.starts_with("/api/v1/call/")).count();
    assert!(named > 30 && operations.len() > named, "{named} of {}", operations.len());
    for (path, method, _) in operations {
        let request = Request::builder().method(method.as_str()).uri(path.replace(['{', '}'], ""));
        let response = program.api.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_refused_is_a_document_that_says_why() {
    let browser = Browser::signed_in().await;
    let program = Program::new(&browser).await;
    let long = format!("/api/v1/tickets?text={}", "a".repeat(web::api::ADDRESS_BYTES_MAX));
    let body = || Body::from(vec![b' '; web::api::REQUEST_BYTES_MAX + 1]);
    for (method, path, body, expected) in [
        ("GET", "/api/v1/nothing", Body::empty(), 404),
        ("POST", "/api/v2/call", Body::empty(), 404),
        ("GET", "/api", Body::empty(), 404),
        ("DELETE", "/api/v1/tickets", Body::empty(), 405),
        ("GET", "/api/v1/call", Body::empty(), 405),
        ("POST", "/api/v1/call", body(), 413),
        ("GET", long.as_str(), Body::empty(), 414),
        ("POST", "/api/v1/call/%ff", Body::empty(), 400),
        ("POST", "/api/v1/call/nothing", Body::from("{}"), 400),
    ] {
        let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, "Bearer secret");
        let response = program.api.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let told = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        let path = path.split('?').next().unwrap();
        assert_eq!(parts.status.as_u16(), expected, "{method} {path}: {told}");
        assert_eq!(parts.headers[header::CONTENT_TYPE], "application/problem+json", "{method} {path}: {told}");
        let told: Value = serde_json::from_str(&told).unwrap();
        assert!(told["status"] == expected && told["title"].as_str().is_some_and(|title| !title.is_empty()), "{told}");
        assert_eq!(parts.headers.contains_key(header::ALLOW), expected == 405, "{method} {path}");
    }
    // Within its limit an address is read.
    let text = "a".repeat(web::api::ADDRESS_BYTES_MAX - "/api/v1/tickets?text=".len());
    assert_eq!(program.get(&format!("/api/v1/tickets?text={text}")).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_ask_what_the_one_door_asks() {
    let browser = Browser::signed_in().await;
    let program = Program::new(&browser).await;
    let fields = json!({ "title": "路灯不亮", "content": "夜里看不见路。", "category": "0104" });
    let body = json!({ "kind": "register", "id": null, "fields": fields });
    let (status, made) = program.post("/api/v1/call/act", "a", &body).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let id = made["id"].as_str().unwrap();
    // The same request again makes nothing new; under an address of its own neither.
    assert_eq!(program.post("/api/v1/call/act", "a", &body).await.1["id"], made["id"]);
    let note = json!({ "kind": "note", "fields": { "text": "已电话核实" } });
    let path = format!("/api/v1/tickets/{id}/acts");
    let (status, noted) = program.post(&path, "b", &note).await;
    assert_eq!(
        (status, program.post(&path, "b", &note).await.1["act"].clone()),
        (StatusCode::OK, noted["act"].clone())
    );
    let (status, ticket) = program.get(&format!("/api/v1/tickets/{id}")).await;
    assert_eq!((status, ticket["acts"].as_array().unwrap().len()), (StatusCode::OK, 2), "{ticket}");
    let (_, listed) = program.get("/api/v1/tickets?limit=1&text=%E8%B7%AF%E7%81%AF").await;
    assert_eq!((&listed["total"], &listed["tickets"][0]["id"]), (&json!(1), &json!(id)), "{listed}");
    let call: Call = q::Tickets { limit: Some(1), ..q::Tickets::default() }.into();
    let (_, door) = program.post("/api/v1/call", "c", &json!({ "session": program.session, "call": call })).await;
    assert_eq!(door["tickets"], listed["tickets"]);
    let (_, least) = program.get("/api/v1/tickets?limit=0").await;
    assert!(least["tickets"].as_array().unwrap().len() == 1 && least["cursor"].is_null(), "{least}");
    let month = &ticket["raised_at"].as_str().unwrap()[..7];
    for (path, member) in [
        ("/api/v1/kb".to_owned(), None),
        ("/api/v1/sync".to_owned(), Some("peers")),
        ("/api/v1/proposals".to_owned(), Some("registry")),
        (format!("/api/v1/tickets/{id}/duplicates"), Some("duplicates")),
        (format!("/api/v1/reports/daily?period={month}"), Some("rows")),
    ] {
        let (status, told) = program.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {told}");
        assert!(member.map_or(&told, |member| &told[member]).is_array(), "{path}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_refused_in_words_and_by_its_code() {
    let browser = Browser::signed_in().await;
    let program = Program::new(&browser).await;
    for path in [
        "/api/v1/tickets?limit=many",
        "/api/v1/tickets?stat=registered",
        "/api/v1/sync?now=1",
        "/api/v1/tickets?limit=1&limit=2",
        "/api/v1/tickets/1?id=2",
        "/api/v1/tickets/1?reveal=yes",
        "/api/v1/reports/daily",
        "/api/v1/reports/nothing?period=2026-11",
    ] {
        let (status, told) = program.get(path).await;
        assert_eq!((status, &told["code"]), (StatusCode::BAD_REQUEST, &json!("bad-input")), "{path}: {told}");
        assert!(!told["title"].as_str().unwrap().is_empty());
    }
    for (path, body) in [
        ("/api/v1/call/nothing", json!({})),
        ("/api/v1/call/ticket", json!({})),
        ("/api/v1/call/import", json!({ "rows": [], "dryRun": true })),
        ("/api/v1/call/terms", json!({ "sets": [["help_wd", 4]] })),
        ("/api/v1/tickets/1/acts", json!({ "id": "2", "kind": "note", "fields": {} })),
        ("/api/v1/call/ticket", json!([])),
        ("/api/v1/tickets/1/acts", json!({ "kind": 7, "fields": {} })),
    ] {
        let (status, told) = program.post(path, "k", &body).await;
        assert_eq!((status, &told["code"]), (StatusCode::BAD_REQUEST, &json!("bad-input")), "{path}: {told}");
    }
    let (status, told) = program.get("/api/v1/tickets/130600-001-20200101-00001-1").await;
    assert_eq!((status, &told["code"]), (StatusCode::NOT_FOUND, &json!("not-found")));
    let request = Request::get("/api/v1/tickets").header(header::AUTHORIZATION, "Bearer secret");
    let (status, told) = program.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((status, &told["code"]), (StatusCode::UNAUTHORIZED, &json!("sign-in-first")));
}
