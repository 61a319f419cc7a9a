//! What is typed at the pages and not sent, and who is signed in, over whatever happens meanwhile.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use browser::{Browser, PASSWORD, Page, path_of, token};
use desk::call::{Call, CallBy, answer, questions as q};
use desk::drafts;
use desk::people::{self, Newcomer};
use regulation::{PersonId, UnitId};

const WORDS: &str = "镇里已约下午两点入户";

/// Keeps what was typed into a form, as the script does.
async fn keep(browser: &mut Browser, page: &Page, path: &str, form: &str, text: &str) -> Page {
    let doc = path.strip_prefix("/tickets/").unwrap_or_default();
    let token = token(page);
    let fields = [("token", &*token), ("draft", form), ("draft.doc", doc), ("draft.window", "w1"), ("draft.seen", "")];
    browser.post("/drafts", &[&fields[..], &[("text", text)]].concat()).await
}

async fn colleague(browser: &Browser, name: &str, login: &str) {
    let newcomer = Newcomer { name: name.to_owned(), login: login.to_owned() };
    let roles = regulation::split::all_of_one();
    let person = people::add(&browser.node, PersonId(1), UnitId(1), newcomer, roles).await.unwrap();
    people::set_password(&browser.node, people::SetBy::Owner, person, PASSWORD).await.unwrap();
}

async fn acts(browser: &Browser, path: &str) -> usize {
    let id = path.trim_start_matches("/tickets/").to_owned();
    let call = Call::Ticket(q::Ticket { id, reveal: None });
    let ticket = answer(&browser.node, CallBy { login: Some("wang".to_owned()), call }).await.unwrap();
    ticket["acts"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_comes_back_in_its_form_until_it_is_sent_or_thrown_away() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let before = acts(&browser, &ticket).await;
    let page = browser.get(&ticket).await;
    let kept = keep(&mut browser, &page, &ticket, "note", WORDS).await;
    assert_eq!((kept.status, kept.html.len()), (StatusCode::OK, 5), "the time: {}", kept.html);
    assert_eq!(acts(&browser, &ticket).await, before, "no act");

    let page = browser.get(&ticket).await;
    assert!(page.html.contains(&format!("\n{WORDS}</textarea>")), "{}", page.html);
    let said = browser::after(&page.html, "class=\"restored\"");
    assert!(said.contains(&format!("已恢复 {} 未提交的内容", kept.html)) && said.contains(">丢弃<"), "{said}");
    assert!(page.html.contains("href=\"/drafts\">未提交 <b>1</b>"), "it is found from everywhere");
    let list = browser.get("/drafts").await;
    assert!(list.html.contains(WORDS) && list.html.contains(&format!("href=\"{ticket}\"")), "{}", list.html);
    // The other language, the other size, a later state of the ticket.
    let fields = [("token", &*token(&page)), ("back", &*ticket), ("lang", "en"), ("size", "l")];
    let back = browser.post("/prefs", &fields).await;
    let page = browser.get(&back.location).await;
    assert!(page.html.contains(WORDS) && page.html.contains("what was not sent"), "{}", page.html);
    let dispatched = browser.fill(&page, &format!("{ticket}/acts/dispatch"), &[("lead", "义安镇")]).await;
    assert_eq!(dispatched.status, StatusCode::SEE_OTHER);
    let page = browser.get(&ticket).await;
    assert!(page.html.contains(WORDS));

    let action = format!("{ticket}/acts/note");
    let sent = browser.fill(&page, &action, &[("draft", "note"), ("text", WORDS)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    let page = browser.get(&ticket).await;
    assert!(page.html.contains(WORDS) && !page.html.contains("class=\"restored\""), "sent: {}", page.html);

    keep(&mut browser, &page, &ticket, "note", "不要了").await;
    let page = browser.get(&ticket).await;
    assert!(page.html.contains("不要了"));
    let id = ticket.trim_start_matches("/tickets/");
    let fields = [("token", &*token(&page)), ("draft", "note"), ("draft.doc", id), ("back", &*ticket)];
    assert_eq!(browser.post("/drafts/discard", &fields).await.location, ticket);
    assert!(!browser.get(&ticket).await.html.contains("不要了"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_a_draft_or_keeps_one_in_anothers_name() {
    let mut browser = Browser::signed_in().await;
    colleague(&browser, "李受理", "li").await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    keep(&mut browser, &page, &ticket, "note", WORDS).await;
    let register = browser.get("/register").await;
    keep(&mut browser, &register, "", "register", "x").await;
    // Another person at the same machine, also after looking at who raised it.
    browser.sign_in("li").await;
    let shown = browser.get(&ticket).await;
    let asked = [("reason", "contact"), ("note", "核对")];
    let shown = browser.fill(&shown, &format!("{ticket}/reveal"), &asked).await;
    assert_eq!(shown.status, StatusCode::SEE_OTHER, "{}", shown.html);
    for path in [&*ticket, "/register", "/drafts", "/"] {
        let page = browser.get(path).await;
        assert!(!page.html.contains(WORDS) && !page.html.contains("class=\"restored\""), "{path}: {}", page.html);
        assert!(!page.html.contains("href=\"/drafts\">未提交"), "{path}");
    }
    // The page that the first one left open belongs to a session that is no more.
    let late = keep(&mut browser, &page, &ticket, "note", "晚到的").await;
    assert_eq!((late.status, late.html.as_str()), (StatusCode::FORBIDDEN, ""));
    let id = ticket.trim_start_matches("/tickets/");
    let mine = browser.get("/").await;
    let fields = [("token", &*token(&mine)), ("draft", "note"), ("draft.doc", id), ("back", "/")];
    browser.post("/drafts/discard", &fields).await;
    browser.sign_in("wang").await;
    let page = browser.get(&ticket).await;
    assert!(page.html.contains(WORDS) && !page.html.contains("晚到的"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_a_draft_needs_what_any_form_needs() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    let token = token(&page);
    let form = [("token", &*token), ("draft", "note"), ("draft.window", "w1"), ("text", WORDS)];
    let mut request = browser.form("/drafts", &form);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/drafts", &form[1..]).await.status, StatusCode::FORBIDDEN, "no token");
    let wrong = [&form[..], &[("draft.doc", "1")]].concat();
    assert_eq!(browser.post("/drafts", &wrong).await.status, StatusCode::BAD_REQUEST, "no such document");
    let long = "字".repeat(drafts::DRAFT_BYTES_MAX / 3 + 1);
    let request = browser.form("/drafts", &[&form[..3], &[("text", &long)]].concat());
    assert!(browser.send(request).await.status.is_client_error());
    let cookie = std::mem::take(&mut browser.cookie);
    assert_eq!(browser.post("/drafts", &form).await.status, StatusCode::UNAUTHORIZED);
    browser.cookie = cookie;
    let request = Request::post("/drafts").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
    assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(drafts::count(&browser.node, PersonId(1)).await.unwrap(), 0, "nothing of all that was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_refused_is_a_draft_without_any_script() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    let correct = format!("{ticket}/acts/correct");
    let wrong = [("draft", "correct"), ("place", "130623102"), ("category", "9999"), ("text", WORDS)];
    let refused = browser.fill(&page, &correct, &wrong).await;
    assert!(refused.status.is_client_error() && refused.html.contains(WORDS), "{}", refused.html);
    let page = browser.get(&ticket).await;
    assert!(page.html.contains(WORDS) && page.html.contains("class=\"restored\""), "{}", page.html);

    let page = browser.get("/register").await;
    let refused = browser.fill(&page, "/register", &[("draft", "register"), ("title", "井盖"), ("phone", "abc")]).await;
    assert!(refused.status.is_client_error(), "{}", refused.html);
    let page = browser.get("/register").await;
    assert!(page.html.contains("value=\"井盖\"") && page.html.contains("value=\"abc\""), "{}", page.html);
    let right = [("draft", "register"), ("title", "井盖"), ("content", "缺了。"), ("category", "0104")];
    assert_eq!(browser.fill(&page, "/register", &right).await.status, StatusCode::SEE_OTHER);
    assert!(!browser.get("/register").await.html.contains("井盖"));

    let page = browser.get("/kb/new").await;
    let refused =
        browser.fill(&page, "/kb/new", &[("draft", "article-create"), ("title", "供暖"), ("body", "先")]).await;
    assert!(refused.status.is_client_error(), "{}", refused.html);
    assert!(browser.get("/kb/new").await.html.contains("value=\"供暖\""));

    let page = browser.get(&ticket).await;
    let asked = [("draft", "reveal"), ("reason", ""), ("note", "核对地址")];
    let refused = browser.fill(&page, &format!("{ticket}/reveal"), &asked).await;
    assert!(refused.status.is_client_error() && refused.html.contains("核对地址"), "{}", refused.html);
    assert!(browser.get(&ticket).await.html.contains("value=\"核对地址\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_open_forms_outlive_the_program_and_not_a_sign_out_or_a_password() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    keep(&mut browser, &page, &ticket, "note", WORDS).await;
    browser.restart().await;
    let again = browser.get(&ticket).await;
    assert!(
        again.status.is_success() && again.html.contains(WORDS),
        "signed in, and the draft is there: {}",
        again.html
    );
    // The page of before the restart is good as well.
    let sent = browser.fill(&page, &format!("{ticket}/acts/note"), &[("draft", "note"), ("text", WORDS)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    assert_eq!(path_of(&sent), ticket);

    let (cookie, page) = (browser.cookie.clone(), browser.get("/").await);
    browser.post("/sign-out", &[("token", &token(&page))]).await;
    browser.cookie = cookie;
    browser.restart().await;
    assert_eq!(browser.get("/").await.location, "/sign-in", "who has signed out stays out");

    browser.sign_in("wang").await;
    people::set_password(&browser.node, people::SetBy::Owner, PersonId(1), "another password").await.unwrap();
    browser.restart().await;
    assert_eq!(browser.get("/").await.location, "/sign-in", "the password is another");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_about_a_ticket_is_erased_with_its_redaction() {
    let mut browser = Browser::signed_in().await;
    colleague(&browser, "李审核", "li").await;
    colleague(&browser, "赵审核", "zhao").await;
    let ticket = browser.register("路灯不亮").await;
    let other = browser.register("井盖缺失").await;
    for path in [&ticket, &other] {
        let page = browser.get(path).await;
        keep(&mut browser, &page, path, "note", "张三 13812341234").await;
    }
    let id = ticket.trim_start_matches("/tickets/").to_owned();
    let by = |login: &str, kind: &str, fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let call = Call::Act(q::Act { kind: kind.to_owned(), id: Some(id.clone()), fields });
        CallBy { login: Some(login.to_owned()), call }
    };
    let proposed = [("act", id.as_str()), ("content", "private"), ("text", "诉求人要求")];
    answer(&browser.node, by("li", "redact", &proposed)).await.unwrap();
    assert_eq!(drafts::count(&browser.node, PersonId(1)).await.unwrap(), 2, "only proposed");
    let mut notices = browser.node.notices();
    answer(&browser.node, by("zhao", "confirm", &[])).await.unwrap();
    let gone = async {
        while drafts::count(&browser.node, PersonId(1)).await.unwrap() > 1 {
            let _ = tokio::time::timeout(std::time::Duration::from_millis(100), notices.recv()).await;
        }
    };
    assert!(tokio::time::timeout(std::time::Duration::from_secs(30), gone).await.is_ok(), "never erased");
    assert!(!browser.get(&ticket).await.html.contains("class=\"restored\""));
    assert!(browser.get(&other).await.html.contains("class=\"restored\""), "of another ticket it stays");
    // What is typed afterwards stays, whatever else comes to the ticket.
    let page = browser.get(&ticket).await;
    keep(&mut browser, &page, &ticket, "note", WORDS).await;
    answer(&browser.node, by("li", "note", &[("text", "又记")])).await.unwrap();
    browser.restart().await;
    assert!(browser.get(&ticket).await.html.contains(WORDS));
}
