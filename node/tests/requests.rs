//! Requests that are sent again: by a double click, by going back, after an answer that got lost, after a restart.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use browser::{Browser, PASSWORD, once, token};
use desk::call::{Call, CallBy, Secret, answer, questions as q};
use desk::form::Filled;
use serde_json::{Value, json};
use tower::ServiceExt;

fn filled(fields: &[(&str, &str)]) -> Filled {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn register(title: &str) -> Call {
    let fields = filled(&[("title", title), ("content", "夜里看不见路。"), ("category", "0104")]);
    Call::Act(q::Act { kind: "register".to_owned(), id: None, fields })
}

async fn tickets(browser: &Browser) -> u64 {
    let listed = answer(&browser.node, CallBy { login: None, call: Call::Tickets(q::Tickets::default()) }).await;
    listed.unwrap()["total"].as_u64().unwrap()
}

/// A program with the token, and a session of a person.
struct Program {
    api: Router,
    session: String,
}

impl Program {
    async fn new(browser: &Browser, login: &str) -> Self {
        let call = Call::SignIn(q::SignIn { login: Some(login.to_owned()), password: Secret(PASSWORD.to_owned()) });
        let begun = answer(&browser.node, CallBy { login: None, call }).await.unwrap();
        let session = begun["session"].as_str().unwrap().to_owned();
        Self { api: web::api::router(browser.node.desk().clone(), "secret".to_owned()), session }
    }

    async fn call(&self, key: Option<&str>, call: &Call) -> (StatusCode, Value) {
        let mut request = Request::post("/api/v1/call").header(header::AUTHORIZATION, "Bearer secret");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let body = json!({ "session": self.session, "call": call }).to_string();
        let response = self.api.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        (status, serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_is_sent_twice_acts_once_and_other_words_under_its_number_are_not_saved() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/register").await;
    let (token, number) = (token(&page), once(&page, "/register"));
    let form = |title: &'static str| {
        let words = [("title", title), ("content", "夜里看不见路。"), ("category", "0104")];
        [&[("token", &*token), ("once", &*number)], &words[..]].concat()
    };
    let (first, other) = (form("路灯不亮"), form("井盖缺失"));
    let saved = browser.post("/register", &first).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    assert_eq!(browser.post("/register", &first).await.location, saved.location);
    let page = browser.get(&saved.location).await;
    assert!(page.html.contains("已保存在本机：") && page.html.contains("路灯不亮"), "{}", page.html);
    // What was typed anew after going back is no double click: it is not taken for saved, and not lost.
    let refused = browser.post("/register", &other).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.html.contains("这次的内容没有保存") && refused.html.contains("井盖缺失"), "{}", refused.html);
    assert_eq!(tickets(&browser).await, 1);
    assert_ne!(once(&refused, "/register"), number);
    let again = browser.fill(&refused, "/register", &other[2..]).await;
    assert_eq!((again.status, tickets(&browser).await), (StatusCode::SEE_OTHER, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_a_form_shows_what_it_has_made_and_its_number_tells() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/register").await;
    let (token, number) = (token(&page), once(&page, "/register"));
    let fields =
        [("token", &*token), ("once", &*number), ("title", "路灯不亮"), ("content", "黑。"), ("category", "0104")];
    let saved = browser.post("/register", &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    browser.restart().await;
    assert_eq!(browser.post("/register", &fields).await.location, saved.location, "the session goes on");
    browser.post("/sign-out", &[("token", &token)]).await;
    let out = browser.post("/register", &fields).await;
    assert!(out.html.contains("先前已保存的不会重复办理"), "{}", out.html);
    assert!(out.html.contains("target=\"_blank\"") && out.html.contains("路灯不亮"), "{}", out.html);
    browser.sign_in("wang").await;
    let again = browser.post("/register", &fields).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.html.contains(&format!("href=\"{}\"", saved.location)), "of a page of the old session");
    assert_eq!(once(&again, "/register"), number);
    assert_eq!(browser.fill(&again, "/register", &fields[2..]).await.location, saved.location);
    assert_eq!(browser.get(&format!("/requests/{number}")).await.location, saved.location);
    assert!(browser.get(&saved.location).await.html.contains("已保存在本机："));
    let never = browser.get("/requests/never-sent").await;
    assert_eq!(never.status, StatusCode::NOT_FOUND);
    assert!(never.html.contains("这次提交没有保存") && never.html.contains("可以放心重新办理"), "{}", never.html);
    let unsent =
        [("token", &*token), ("once", "never-sent"), ("title", "井盖缺失"), ("content", "黑。"), ("category", "0104")];
    assert_eq!(browser.post("/register", &unsent).await.status, StatusCode::FORBIDDEN);
    assert_eq!(tickets(&browser).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_before_the_session_ended_is_shown_and_saved_with_one_more_click() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    let (action, words) = (format!("{ticket}/acts/note"), "第一行\n“第二行”<b>");
    let (token, number) = (token(&page), once(&page, &action));
    let sent = [("token", &*token), ("once", &*number), ("text", words)];
    browser.post("/sign-out", &[("token", &token)]).await;
    let shown = "第一行\n“第二行”&#60;b&#62;";
    let out = browser.post(&action, &sent).await;
    assert_eq!(out.status, StatusCode::FORBIDDEN);
    assert!(out.html.contains("已退出登录，还没有办理") && !out.html.contains("返回上一页"), "{}", out.html);
    assert_eq!(out.html.matches(shown).count(), 2, "to be read, and to be sent: {}", out.html);
    let usual = browser.cookie.clone();
    browser.sign_in("wang").await;
    let again = browser.fill(&out, &action, &sent[2..]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.html.contains("表单已过期，还没有办理") && again.html.contains("王受理"), "{}", again.html);
    assert_eq!((again.html.matches(shown).count(), once(&again, &action)), (2, number.clone()));
    let saved = browser.fill(&again, &action, &sent[2..]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    assert!(browser.get(&ticket).await.html.contains(shown));
    // Longer than what is read without a session: how it is kept is said.
    browser.cookie = usual;
    let long = "字".repeat(web::UNSIGNED_FORM_BYTES_MAX / 9);
    let refused = browser.post(&action, &[("token", &token), ("once", "1"), ("text", &long)]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.html.contains("请先在另一个标签页登录，再在这里返回上一页"), "{}", refused.html);
    // There is nothing to keep where somebody only leaves.
    assert_eq!(browser.post("/sign-out", &[("token", &token)]).await.location, "/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_about_to_sign_in_when_the_node_began_anew_signs_in() {
    let mut browser = Browser::new().await;
    let page = browser.get("/sign-in").await;
    browser.restart().await;
    let page = browser.post("/sign-in", &[("token", &token(&page)), ("login", "wang"), ("password", PASSWORD)]).await;
    assert_eq!((page.status, &*page.location), (StatusCode::SEE_OTHER, "/"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn program_that_asks_again_under_its_key_is_answered_as_before() {
    let mut browser = Browser::signed_in().await;
    let program = Program::new(&browser, "wang").await;
    let key = Some("8e03978e-40d5-43dd-bc93-6894a57f9324");
    // Both at once.
    let call = register("路灯不亮");
    let (one, two) = tokio::join!(program.call(key, &call), program.call(key, &call));
    assert_eq!(one.0, StatusCode::OK, "{}", one.1);
    assert_eq!((&one.1["id"], &one.1["act"]), (&two.1["id"], &two.1["act"]), "{} {}", one.1, two.1);
    let quoted = program.call(Some("\"8e03978e-40d5-43dd-bc93-6894a57f9324\""), &call).await;
    assert_eq!(quoted.1["act"], one.1["act"]);
    let (status, problem) = program.call(key, &register("井盖缺失")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &"other-request".into()), "{problem}");
    for wrong in ["", "a b", &"x".repeat(200)] {
        let (status, problem) = program.call(Some(wrong), &call).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &"bad-input".into()), "{wrong}: {problem}");
    }
    assert_eq!(tickets(&browser).await, 1);
    assert_eq!(program.call(None, &call).await.0, StatusCode::OK);
    assert_eq!(tickets(&browser).await, 2, "without a key it is another request");
    // The answer is the first one word for word, though another ticket seems to be repeated by now.
    let again = program.call(key, &call).await;
    assert_eq!(again, one, "what was answered once is answered again");
    let more = program.call(Some("other"), &call).await.1;
    assert_eq!(more["duplicates"].as_array().map(Vec::len), Some(2), "{more}");

    // What is set anew by somebody else meanwhile stays.
    let weights = |response, solution| {
        Call::Weights(q::Weights {
            response: Some(response),
            solution: Some(solution),
            satisfaction: Some(40),
            mostly: None,
            from: None,
        })
    };
    let (first, second) = (weights(20, 40), weights(10, 50));
    assert_eq!(program.call(Some("w1"), &first).await.0, StatusCode::OK);
    assert_eq!(program.call(Some("w2"), &second).await.0, StatusCode::OK);
    let (_, after) = program.call(Some("w1"), &first).await;
    assert_eq!(after["response"], 10, "{after}");

    // A person is added once, and the second answer is the first.
    let person = |name: &str| {
        Call::Person(q::Person {
            unit: "市热线".to_owned(),
            name: name.to_owned(),
            login: "li".to_owned(),
            roles: Vec::new(),
        })
    };
    let (_, added) = program.call(Some("p1"), &person("李")).await;
    assert!(added["person"].is_u64(), "{added}");
    assert_eq!(program.call(Some("p1"), &person("李")).await.1, added);
    assert_eq!(program.call(Some("p1"), &person("王")).await.0, StatusCode::CONFLICT);
    // Somebody else's key.
    let id = regulation::PersonId(u32::try_from(added["person"].as_u64().unwrap()).unwrap());
    desk::people::set_password(&browser.node, desk::people::SetBy::Owner, id, PASSWORD).await.unwrap();
    let other = Program::new(&browser, "li").await;
    assert_eq!(other.call(key, &call).await.1["code"], "other-request");
    let page = browser.get("/requests/8e03978e-40d5-43dd-bc93-6894a57f9324").await;
    assert!(page.location.contains(one.1["id"].as_str().unwrap()), "{}", page.location);
    browser.sign_in("li").await;
    let hidden = browser.get("/requests/8e03978e-40d5-43dd-bc93-6894a57f9324").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND, "whose it is is nobody else's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_that_is_asked_again_is_told_to_both_tickets_once() {
    let mut browser = Browser::signed_in().await;
    let program = Program::new(&browser, "wang").await;
    let first = browser.register("东街路灯不亮").await;
    let again = browser.register("东街的路灯不亮了").await;
    let id = |path: &str| path.trim_start_matches("/tickets/").to_owned();
    let merge =
        Call::Act(q::Act { kind: "merge".to_owned(), id: Some(id(&again)), fields: filled(&[("into", &id(&first))]) });
    let done = program.call(Some("m1"), &merge).await;
    assert_eq!(done.0, StatusCode::OK, "{}", done.1);
    assert_eq!(program.call(Some("m1"), &merge).await.1["act"], done.1["act"]);
    let acts = |shown: &Value| shown["acts"].as_array().unwrap().len();
    for path in [&first, &again] {
        let call = Call::Ticket(q::Ticket { id: id(path), reveal: None });
        let shown = answer(&browser.node, CallBy { login: None, call }).await.unwrap();
        assert_eq!(acts(&shown), 2, "{shown}");
    }
}
