//! Personal data is masked until somebody says what it is needed for, and whoever did stands written.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use axum::http::StatusCode;
use browser::{Browser, PASSWORD, token};
use desk::call::{Call, CallBy, answer, questions as q};
use desk::people::{self, Newcomer};
use desk::reveal::Ask;
use regulation::{PersonId, Role, UnitId};
use serde_json::Value;

const PHONE: &str = "13812341234";

async fn call(browser: &Browser, login: &str, call: Call) -> Result<Value, desk::Problem> {
    answer(&browser.node, CallBy { login: Some(login.to_owned()), call }).await
}

async fn colleague(browser: &Browser, login: &str, role: Role) {
    let newcomer = Newcomer { name: login.to_owned(), login: login.to_owned() };
    let person = people::add(&browser.node, PersonId(1), UnitId(1), newcomer, vec![role]).await.unwrap();
    people::set_password(&browser.node, people::SetBy::Owner, person, PASSWORD).await.unwrap();
}

fn asked(id: &str, reason: &str) -> Call {
    let ask = Ask { reason: reason.to_owned(), note: String::new(), way: None };
    Call::Ticket(q::Ticket { id: id.to_owned(), reveal: Some(ask) })
}

#[tokio::test(flavor = "multi_thread")]
async fn page_shows_it_for_a_reason_that_is_kept_and_to_that_session_alone() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    assert!(page.html.contains("138****1234") && !page.html.contains(PHONE));
    assert!(!browser.get(&format!("{ticket}?open=1")).await.html.contains(PHONE), "an address opens nothing");
    let action = format!("{ticket}/reveal");
    for (fields, said) in [
        (vec![], "请选择查看联系方式的原因"),
        (vec![("reason", "curious")], "请选择查看联系方式的原因"),
        (vec![("reason", "other")], "请写明原因"),
    ] {
        let refused = browser.fill(&page, &action, &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.html.contains(said) && !refused.html.contains(PHONE), "{}", refused.html);
    }
    assert!(!browser.get(&ticket).await.html.contains("谁看过"), "what was refused leaves no trace");
    let shown = browser.fill(&page, &action, &[("reason", "contact"), ("note", "回访")]).await;
    assert_eq!((shown.status, shown.location.as_str()), (StatusCode::SEE_OTHER, ticket.as_str()));
    let page = browser.get(&ticket).await;
    assert!(page.html.contains(PHONE) && page.html.contains("王受理 · 网页 · 联系诉求人：回访"), "{}", page.html);
    // Another session of the same person asks for itself.
    let first = browser.cookie.clone();
    browser.sign_in("wang").await;
    assert!(!browser.get(&ticket).await.html.contains(PHONE));
    browser.cookie = first;
    let masked = browser.post(&format!("{ticket}/mask"), &[("token", &token(&page))]).await;
    assert_eq!(masked.location, ticket);
    assert!(!browser.get(&ticket).await.html.contains(PHONE));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_counts_or_writes_articles_needs_none_and_who_reviews_sees_who_looked() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let id = ticket.trim_start_matches("/tickets/").to_owned();
    for (login, role) in [("tong", Role::Statistics), ("zhi", Role::Knowledge)] {
        colleague(&browser, login, role).await;
        let problem = call(&browser, login, asked(&id, "contact")).await.unwrap_err();
        assert_eq!(problem.code, "not-permitted", "{problem:?}");
        browser.sign_in(login).await;
        let page = browser.get(&ticket).await;
        assert!(!page.html.contains("显示联系方式"), "{}", page.html);
        let forced = browser
            .post(&format!("{ticket}/reveal"), &[("token", &token(&page)), ("once", "1"), ("reason", "contact")])
            .await;
        assert_eq!(forced.status, StatusCode::FORBIDDEN);
        assert!(!forced.html.contains(PHONE));
    }
    let shown = call(&browser, "wang", asked(&id, "verify")).await.unwrap();
    assert_eq!(shown["requester"]["phone"], PHONE);
    let seen = call(&browser, "wang", Call::Reveals(q::Reveals { id: None, of: None, limit: None })).await.unwrap();
    assert_eq!(seen.as_array().unwrap().len(), 1, "what was refused leaves no trace");
    assert_eq!(
        (&seen[0]["way"], &seen[0]["reason"], &seen[0]["person"]),
        (&"api".into(), &"verify".into(), &"王受理".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_that_is_shown_holds_it() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let id = ticket.trim_start_matches("/tickets/").to_owned();
    for path in ["/", &ticket, "/kb", "/sync", &format!("{ticket}?merge={id}")] {
        assert!(!browser.get(path).await.html.contains(PHONE), "{path}");
    }
    // By all of it whoever sees requesters in his work finds the ticket; by a part of it, or anybody else, nothing.
    assert!(browser.search("/search", PHONE).await.html.contains("路灯不亮"));
    assert!(browser.search("/search", &PHONE[..10]).await.html.contains("没有找到"));
    colleague(&browser, "tong", Role::Statistics).await;
    browser.sign_in("tong").await;
    assert!(browser.search("/search", PHONE).await.html.contains("没有找到"));
    browser.sign_in("wang").await;
    let query = q::Tickets { text: Some(PHONE.to_owned()), ..q::Tickets::default() };
    for asked in [
        Call::Ticket(q::Ticket { id: id.clone(), reveal: None }),
        Call::Tickets(q::Tickets::default()),
        Call::Tickets(query),
        Call::Duplicates(q::Duplicates { id: id.clone() }),
        Call::Verify(q::Verify { id: Some(id.clone()), projections: false }),
        Call::Reveals(q::Reveals { id: None, of: None, limit: None }),
        Call::Report(q::Report {
            kind: "daily".to_owned(),
            period: desk::clock::text(desk::clock::now())[..10].to_owned(),
            cursor: None,
        }),
        Call::Report(q::Report {
            kind: "rates".to_owned(),
            period: desk::clock::text(desk::clock::now())[..7].to_owned(),
            cursor: None,
        }),
        Call::Report(q::Report {
            kind: "exclusions".to_owned(),
            period: desk::clock::text(desk::clock::now())[..7].to_owned(),
            cursor: None,
        }),
        Call::Status(q::Status {}),
    ] {
        let told = call(&browser, "wang", asked.clone()).await.unwrap().to_string();
        assert!(!told.contains(PHONE) && !told.contains("张三"), "{asked:?}: {told}");
    }
}

fn inspect(id: &str, paper: &str) -> Call {
    Call::Inspect(q::Inspect {
        id: id.to_owned(), paper: paper.to_owned(), purpose: "核查举报".to_owned(), way: None
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn supervision_organ_sees_one_whole_case_by_a_document_and_nothing_else() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let other = browser.register("井盖丢了").await;
    let id = ticket.trim_start_matches("/tickets/").to_owned();
    colleague(&browser, "jian", Role::Inspect).await;
    // Calls: nothing but that one, and that only with a document.
    for asked in [
        Call::Ticket(q::Ticket { id: id.clone(), reveal: None }),
        asked(&id, "contact"),
        Call::Tickets(q::Tickets::default()),
        Call::Duplicates(q::Duplicates { id: id.clone() }),
        Call::Reveals(q::Reveals { id: None, of: None, limit: None }),
        Call::Roster(q::Roster { limit: None }),
        Call::Cover(q::Cover::default()),
    ] {
        let problem = call(&browser, "jian", asked).await.unwrap_err();
        assert_eq!(problem.code, "not-permitted", "{problem:?}");
    }
    let verify = || Call::Verify(q::Verify { id: None, projections: false });
    let (told, nobody) = (
        call(&browser, "jian", verify()).await.unwrap(),
        desk::call::answer_to(&browser.node, None, None, verify()).await,
    );
    assert_eq!(told, nobody.unwrap(), "no more than whoever is not signed in");
    assert_eq!(call(&browser, "jian", inspect(&id, " ")).await.unwrap_err().status, 400);
    assert_eq!(call(&browser, "wang", inspect(&id, "保监〔2026〕3号")).await.unwrap_err().code, "not-permitted");
    let seen = call(&browser, "jian", inspect(&id, "保监〔2026〕3号")).await.unwrap();
    assert_eq!(seen["requester"]["phone"], PHONE);
    assert!(seen["options"].as_array().unwrap().is_empty() && seen["duplicates"].as_array().unwrap().is_empty());
    // Pages: the form, then the case, one at a time.
    browser.sign_in("jian").await;
    assert_eq!(browser.get("/").await.location, "/inspect");
    assert_eq!(browser.get(&ticket).await.location, "/inspect");
    for path in ["/kb", "/sync", "/pending", "/register", "/events", "/?tab=mine"] {
        let page = browser.get(path).await;
        assert!(page.status == StatusCode::FORBIDDEN || page.location == "/inspect", "{path}: {}", page.status);
    }
    let form = browser.get("/inspect").await;
    let number = seen["number"].as_str().unwrap().to_owned();
    let refused = browser.fill(&form, "/inspect", &[("id", &number), ("paper", ""), ("purpose", "核查")]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.html.contains("须写明文号") && !refused.html.contains(PHONE), "{}", refused.html);
    let shown =
        browser.fill(&form, "/inspect", &[("id", &number), ("paper", "保监〔2026〕4号"), ("purpose", "核查")]).await;
    assert_eq!((shown.status, shown.location.as_str()), (StatusCode::SEE_OTHER, ticket.as_str()), "{}", shown.html);
    let page = browser.get(&ticket).await;
    assert!(
        page.html.contains(PHONE) && !page.html.contains("/acts/note") && !page.html.contains("谁看过"),
        "{}",
        page.html
    );
    let forced =
        browser.post(&format!("{ticket}/acts/note"), &[("token", &token(&page)), ("once", "1"), ("text", "x")]).await;
    assert_eq!(forced.status, StatusCode::FORBIDDEN);
    let form = browser.get("/inspect").await;
    let second = other.trim_start_matches("/tickets/");
    browser.fill(&form, "/inspect", &[("id", second), ("paper", "保监〔2026〕4号"), ("purpose", "核查")]).await;
    assert_eq!(browser.get(&ticket).await.location, "/inspect", "the one before is shown no more");
    assert!(browser.get(&other).await.html.contains("井盖丢了"));
    // Nobody else is let into that page, and each look stands with its number where looks are listed.
    browser.sign_in("wang").await;
    assert_eq!(browser.get("/inspect").await.status, StatusCode::FORBIDDEN);
    let page = browser.get(&ticket).await;
    assert!(page.html.contains("监察 保监〔2026〕3号：核查举报"), "{}", page.html);
    let seen = call(&browser, "wang", Call::Reveals(q::Reveals { id: None, of: None, limit: None })).await.unwrap();
    let papers: Vec<&str> = seen.as_array().unwrap().iter().map(|row| row["paper"].as_str().unwrap()).collect();
    assert_eq!(papers, ["保监〔2026〕4号", "保监〔2026〕4号", "保监〔2026〕3号"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_lists_what_somebody_has_in_hand_to_whoever_covers_and_the_ticket_says_so() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let id = ticket.trim_start_matches("/tickets/").to_owned();
    colleague(&browser, "jia", Role::Dispatch).await;
    colleague(&browser, "yi", Role::Dispatch).await;
    let fields = [("to".to_owned(), "jia".to_owned())].into();
    let hand_over = q::Act { kind: "hand-over".to_owned(), id: Some(id.clone()), fields };
    call(&browser, "wang", Call::Act(hand_over)).await.unwrap();
    let mine = || Call::Tickets(q::Tickets { mine: true, ..q::Tickets::default() });
    let count = |found: &Value| found["tickets"].as_array().unwrap().len();
    let counts = [call(&browser, "jia", mine()).await.unwrap(), call(&browser, "yi", mine()).await.unwrap()];
    assert_eq!(counts.each_ref().map(count), [1, 0]);
    let (of, cover) = ("jia".to_owned(), Some("yi".to_owned()));
    let leave = q::CoverChange::Leave { of, from: None, until: None, days: Some(3), cover };
    let said = call(&browser, "jia", Call::Cover(q::Cover { change: Some(leave) })).await.unwrap();
    assert_eq!((&said["told"], &said["people"][0]["leaves"][0]["cover"]), (&1.into(), &"yi".into()));
    assert_eq!(count(&call(&browser, "yi", mine()).await.unwrap()), 1);
    let shown = call(&browser, "wang", Call::Ticket(q::Ticket { id, reveal: None })).await.unwrap();
    assert_eq!((&shown["handler"]["name"], &shown["handler"]["leave"]["cover"]), (&"jia".into(), &"yi".into()));
    assert!(shown["notes"].as_str().unwrap().contains("请假，由yi代班"), "{}", shown["notes"]);
    browser.sign_in("yi").await;
    let page = browser.get("/?tab=mine").await;
    assert!(page.html.contains("路灯不亮") && page.html.contains("jia"), "{}", page.html);
    assert!(browser.get(&ticket).await.html.contains("代班 yi"));
    let back = q::CoverChange::Back { of: "jia".to_owned() };
    let back = || Call::Cover(q::Cover { change: Some(back.clone()) });
    assert_eq!(call(&browser, "yi", back()).await.unwrap_err().exit, 5, "a colleague does not say it for her");
    call(&browser, "jia", back()).await.unwrap();
    assert_eq!(count(&call(&browser, "yi", mine()).await.unwrap()), 0);
}
