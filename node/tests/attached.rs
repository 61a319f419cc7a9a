//! A file is kept before an act names it, given out to whoever says why, and gone with its act.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use browser::{Browser, PASSWORD, Page, once, token};
use desk::attached::{self, UNNAMED_MS_MAX};
use desk::call::{Call, CallBy, answer, questions as q};
use desk::form::Filled;
use desk::people::{self, Newcomer};
use desk::reveal::Ask;
use desk::{clock, view};
use regulation::{ActId, PersonId, UnitId};
use serde_json::Value;

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF a lamp that is lit";

fn doc(ticket: &str) -> ActId {
    ActId::parse(ticket.trim_start_matches("/tickets/")).unwrap()
}

/// The form of an attachment as a browser sends it.
fn upload(browser: &Browser, ticket: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Request<Body> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(b"--b--\r\n");
    browser
        .asked("POST", &format!("{ticket}/files"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap()
}

async fn attach(
    browser: &mut Browser,
    page: &Page,
    ticket: &str,
    more: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Page {
    let (token, once) = (token(page), once(page, &format!("{ticket}/files")));
    let fields = [&[("token", token.as_str()), ("once", once.as_str()), ("class", "photo")], more].concat();
    let request = upload(browser, ticket, &fields, file);
    browser.send(request).await
}

async fn shown(browser: &Browser, id: ActId) -> view::TicketView {
    let asked = Call::Ticket(q::Ticket { id: id.hex(), reveal: None });
    serde_json::from_value(call(browser, "wang", asked).await.unwrap()).unwrap()
}

async fn call(browser: &Browser, login: &str, call: Call) -> Result<Value, desk::Problem> {
    answer(&browser.node, CallBy { login: Some(login.to_owned()), call }).await
}

async fn act(
    browser: &Browser,
    login: &str,
    id: ActId,
    kind: &str,
    fields: &[(&str, &str)],
) -> Result<Value, desk::Problem> {
    let fields: Filled = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    call(browser, login, Call::Act(q::Act { kind: kind.to_owned(), id: Some(id.hex()), fields })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn photograph_is_kept_named_and_given_out_for_a_reason() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    let made = attach(&mut browser, &page, &ticket, &[("text", "")], Some(("C:\\fotos\\换好的路灯.jpg", PHOTO))).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.html);
    let page = browser.get(&ticket).await;
    assert!(page.html.contains("<b>换好的路灯.jpg</b>") && page.html.contains("取出原件"), "{}", page.html);
    let view = shown(&browser, doc(&ticket)).await;
    let file = view.acts.iter().find_map(|act| act.file.clone()).unwrap();
    assert_eq!((file.media.as_str(), file.bytes), ("jpeg", PHOTO.len() as u64), "its form is what it is");

    let path = format!("{ticket}/files/{}", file.digest);
    let given = |browser: &Browser, fields: &[(&str, &str)]| browser.form(&path, fields);
    let token = token(&page);
    let none = browser.send(given(&browser, &[("token", &token), ("reason", "")])).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    assert!(!browser.get(&ticket).await.html.contains("谁看过"), "what was refused leaves no trace");
    let forged = browser.send(given(&browser, &[("token", "x"), ("reason", "verify")])).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);

    let request = given(&browser, &[("token", &token), ("reason", "verify"), ("note", "核对现场")]);
    let response = browser.answer(request).await;
    let headers = response.headers().clone();
    assert_eq!(headers[header::CONTENT_TYPE], "application/octet-stream");
    let disposition = headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%E6%8D%A2"), "{disposition}");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(to_bytes(response.into_body(), 1 << 20).await.unwrap(), PHOTO);
    let page = browser.get(&ticket).await;
    assert!(page.html.contains("王受理 · 附件 · 网页 · 核实情况：核对现场"), "{}", page.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_without_its_token_keeps_no_byte_and_one_that_came_back_has_its_file() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    for fields in [&[("token", "forged")][..], &[]] {
        let request = upload(&browser, &ticket, fields, Some(("a.jpg", PHOTO)));
        assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN);
    }
    assert!(!browser.node.home().has_attached(), "nothing was kept");
    let nothing = attach(&mut browser, &page, &ticket, &[], None).await;
    assert!(nothing.status == StatusCode::BAD_REQUEST && nothing.html.contains("文件没有选"), "{}", nothing.html);
    let empty = attach(&mut browser, &page, &ticket, &[], Some(("空.txt", b""))).await;
    assert!(empty.status == StatusCode::BAD_REQUEST && empty.html.contains("文件是空的"), "{}", empty.html);

    // What else is wrong does not cost the file.
    let wrong = attach(&mut browser, &page, &ticket, &[("class", "hologram")], Some(("a.jpg", PHOTO))).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.html.contains("文件已收下"), "{}", wrong.html);
    let hidden = |name: &str| {
        let start = wrong.html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        start.split('"').next().unwrap().to_owned()
    };
    let (digest, bytes) = (hidden("digest"), hidden("bytes"));
    let again = [("text", "路灯"), ("digest", digest.as_str()), ("bytes", bytes.as_str()), ("media", "jpeg")];
    let made = attach(&mut browser, &wrong, &ticket, &again, None).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.html);

    // Signed out, nothing is kept and nothing is lost in silence.
    let other = browser.register("井盖缺失").await;
    let page = browser.get(&other).await;
    browser.cookie.clear();
    let out = attach(&mut browser, &page, &other, &[], Some(("b.jpg", b"other"))).await;
    assert!(out.status == StatusCode::FORBIDDEN && out.html.contains("已退出登录，文件没有保存"), "{}", out.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn digest_alone_attaches_nothing_and_one_of_another_ticket_neither() {
    let mut browser = Browser::signed_in().await;
    let (ticket, other) = (browser.register("路灯不亮").await, browser.register("井盖缺失").await);
    let (id, home) = (doc(&ticket), browser.node.home().clone());
    let kept = attached::keep(&home, id, &mut &PHOTO[..], clock::now()).unwrap();
    let mut fields = Filled::new();
    kept.fill(&mut fields);
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend([("class", "photo"), ("text", "路灯.jpg")]);
    let refused = act(&browser, "wang", doc(&other), "attach", &all).await.unwrap_err();
    assert!(refused.title.contains("摘要不能只填"), "{refused:?}");
    act(&browser, "wang", id, "attach", &all).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_act_names_goes_after_a_day_and_what_was_redacted_at_once() {
    let mut browser = Browser::signed_in().await;
    let newcomer = Newcomer { name: "李审核".to_owned(), login: "li".to_owned() };
    let roles = regulation::split::all_of_one().into_iter().collect();
    let person = people::add(&browser.node, PersonId(1), UnitId(1), newcomer, roles).await.unwrap();
    people::set_password(&browser.node, people::SetBy::Owner, person, PASSWORD).await.unwrap();
    let ticket = browser.register("路灯不亮").await;
    let (id, home) = (doc(&ticket), browser.node.home().clone());
    let long_ago = clock::now() - UNNAMED_MS_MAX - 1;
    let forgotten = attached::keep(&home, id, &mut &b"forgotten"[..], long_ago).unwrap();
    let young = attached::keep(&home, id, &mut &b"about to be named"[..], clock::now() - 7_200_000).unwrap();
    let named = attached::keep(&home, id, &mut &PHOTO[..], long_ago).unwrap();
    let mut fields = Filled::new();
    named.fill(&mut fields);
    let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend([("class", "photo"), ("text", "路灯.jpg")]);
    let made = act(&browser, "wang", id, "attach", &all).await.unwrap();
    let is_kept = |kept: attached::Kept| attached::open(&home, id, kept.id).unwrap().is_some();
    assert_eq!(attached::sweep(&browser.node, clock::now()).await.unwrap(), 1);
    assert_eq!((is_kept(forgotten), is_kept(young), is_kept(named)), (false, true, true));

    let name = made["act"].as_str().unwrap();
    let fields = [("act", name), ("content", "text"), ("text", "拍到他人面容")];
    act(&browser, "wang", id, "redact", &fields).await.unwrap();
    act(&browser, "li", id, "confirm", &[]).await.unwrap();
    let asked = Ask { reason: "verify".to_owned(), note: String::new(), way: None };
    let asked = q::File { id: id.hex(), digest: None, reveal: asked };
    let gone = call(&browser, "wang", asked.into()).await.unwrap_err();
    assert_eq!(gone.status, 404, "it is not given out from that moment on: {gone:?}");
    assert_eq!(attached::sweep(&browser.node, clock::now() + 3_600_000).await.unwrap(), 1);
    assert_eq!((is_kept(young), is_kept(named)), (true, false));
    assert!(!browser.get(&ticket).await.html.contains("取出原件"), "its act says no more what it is");
    browser.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ticket_is_shown_also_where_its_files_are_damaged() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    let made = attach(&mut browser, &page, &ticket, &[], Some(("a.jpg", PHOTO))).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.html);
    let path = browser.node.home().dir().join("files.db");
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(path.with_file_name(format!("files.db{ending}")));
    }
    std::fs::write(&path, [0xa5; 8192]).unwrap();
    let page = browser.get(&ticket).await;
    assert!(page.status == StatusCode::OK && page.html.contains("附件库 files.db 现在打不开"), "{}", page.html);
    let refused = attach(&mut browser, &page, &ticket, &[], Some(("b.jpg", PHOTO))).await;
    assert!(refused.html.contains("工单不受影响"), "{}", refused.html);
}
