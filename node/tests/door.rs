//! Signing in, and what strangers can do before it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of the pages")]
mod browser;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use browser::{Browser, PASSWORD, token};
use desk::people;
use regulation::PersonId;
use tower::ServiceExt;

async fn attempt(browser: &mut Browser, login: &str, password: &str) -> browser::Page {
    let page = browser.get("/sign-in").await;
    browser.post("/sign-in", &[("token", &token(&page)), ("login", login), ("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_attempts_tell_nobody_who_exists() {
    let mut browser = Browser::new().await;
    let mut told = Vec::new();
    for login in ["wang", "nobody"] {
        let mut pages = Vec::new();
        for n in 0..12 {
            let page = attempt(&mut browser, login, "wrong password").await;
            assert!(page.html.contains(&format!("value=\"{login}\"")));
            let said = browser::after(&page.html, "role=\"alert\">").split('<').next().unwrap().to_owned();
            // How long to wait depends on how long the attempts before took.
            pages.push((n, page.status, said.replace(|c: char| c.is_ascii_digit(), "")));
        }
        assert_eq!(pages[0].1, StatusCode::FORBIDDEN);
        assert_eq!(pages[11].1, StatusCode::TOO_MANY_REQUESTS);
        assert!(pages[11].2.contains("尝试过于频繁"), "{}", pages[11].2);
        told.push(pages.into_iter().map(|(_, status, html)| (status, html)).collect::<std::collections::BTreeSet<_>>());
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_guess_do_not_keep_the_owner_of_a_usual_browser_out() {
    let mut browser = Browser::signed_in().await;
    let usual = browser.cookie.clone();
    browser.cookie.clear();
    while attempt(&mut browser, "wang", "wrong password").await.status != StatusCode::TOO_MANY_REQUESTS {}
    assert_eq!(attempt(&mut browser, "wang", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    // The mark alone: it opens nothing, and is counted by itself.
    let mark = usual.split("; ").find(|cookie| cookie.contains("usual")).unwrap().to_owned();
    browser.cookie = mark.clone();
    assert_eq!(browser.get("/").await.location, "/sign-in");
    assert_eq!(attempt(&mut browser, "wang", PASSWORD).await.status, StatusCode::SEE_OTHER);
    // The first letter: of the last one, not every bit counts.
    let (name, value) = mark.split_once('=').unwrap();
    let other = if value.starts_with('A') { 'B' } else { 'A' };
    browser.cookie = format!("{name}={other}{}", &value[1..]);
    assert_eq!(attempt(&mut browser, "wang", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "a forged mark");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_pages_keep_nobody_out_at_the_folder_or_elsewhere() {
    let mut browser = Browser::new().await;
    while attempt(&mut browser, "wang", "wrong password").await.status != StatusCode::TOO_MANY_REQUESTS {}
    let signed_in = async |source: people::Source| people::sign_in(&browser.node, "wang", PASSWORD, &source).await;
    let here = signed_in(people::Source::page([127, 0, 0, 9].into(), None)).await;
    assert_eq!(here.unwrap_err().status, 429, "another address of this machine is the same source");
    assert!(signed_in(people::Source::page([192, 0, 2, 9].into(), None)).await.is_ok());
    let password = desk::call::Secret(PASSWORD.to_owned());
    let call = desk::call::questions::SignIn { login: Some("wang".to_owned()), password }.into();
    let asked = desk::call::Asked { login: None, session: None, request: None, call };
    assert!(desk::call::ask(&browser.node, asked).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_given_a_password_chooses_one_before_any_page_opens() {
    let mut browser = Browser::signed_in().await;
    let (person, by) = (PersonId(1), people::SetBy::Another(Some(PersonId(2))));
    people::set_password(&browser.node, by, person, "given to wang").await.unwrap();
    assert_eq!(browser.get("/").await.location, "/sign-in", "the session of before is over");
    let page = attempt(&mut browser, "wang", "given to wang").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.html.contains("action=\"/password\"") && page.html.contains("value=\"wang\""), "{}", page.html);
    assert_eq!(browser.get("/").await.location, "/sign-in", "nothing is opened by it");
    let token = token(&page);
    let choose = |old: &'static str, new: &'static str, again: &'static str| {
        [
            ("token", token.clone()),
            ("login", "wang".into()),
            ("old", old.into()),
            ("new", new.into()),
            ("again", again.into()),
        ]
    };
    for (fields, status) in [
        (choose("a wrong one", PASSWORD, PASSWORD), StatusCode::FORBIDDEN),
        (choose("given to wang", PASSWORD, "another"), StatusCode::BAD_REQUEST),
        (choose("given to wang", "12345678", "12345678"), StatusCode::BAD_REQUEST),
        (choose("given to wang", PASSWORD, PASSWORD), StatusCode::SEE_OTHER),
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post("/password", &fields).await.status, status, "{fields:?}");
    }
    assert_eq!(browser.get("/").await.status, StatusCode::OK, "whoever has chosen is signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_password_stays_and_every_other_session_ends() {
    let mut browser = Browser::signed_in().await;
    let elsewhere = browser.cookie.clone();
    let page = browser.get("/password").await;
    let fields =
        [("token", &*token(&page)), ("login", "wang"), ("old", PASSWORD), ("new", "a new one"), ("again", "a new one")];
    assert_eq!(browser.post("/password", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    browser.cookie = elsewhere;
    assert_eq!(browser.get("/").await.location, "/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn password_that_is_changed_beside_wrong_guesses_stays_changed_and_ends_sessions() {
    let mut browser = Browser::signed_in().await;
    let node = browser.node.clone();
    let guesses = tokio::spawn(async move {
        let source = people::Source::page([192, 0, 2, 1].into(), None);
        for _ in 0..200 {
            let _ = people::sign_in(&node, "wang", "wrong password", &source).await;
        }
    });
    people::set_password(&browser.node, people::SetBy::Owner, PersonId(1), "a new password").await.unwrap();
    guesses.await.unwrap();
    assert_eq!(browser.get("/").await.location, "/sign-in", "whoever was signed in is so no more");
    let source = |last| people::Source::page([192, 0, 2, last].into(), None);
    let old = people::sign_in(&browser.node, "wang", PASSWORD, &source(2)).await;
    assert_eq!(old.unwrap_err().code, "not-permitted");
    assert!(people::sign_in(&browser.node, "wang", "a new password", &source(3)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sign_ins_at_once_wait_in_a_short_queue_or_are_sent_away() {
    let browser = Browser::new().await;
    let mut tasks = Vec::new();
    for n in 0..200_u32 {
        let node = browser.node.clone();
        tasks.push(tokio::spawn(async move {
            let source = people::Source::page(std::net::Ipv4Addr::from(0x0a00_0000 + n).into(), None);
            people::sign_in(&node, &format!("guest{n}"), "wrong password", &source).await.unwrap_err()
        }));
    }
    let (mut wrong, mut later) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            problem if problem.code == "not-permitted" => wrong += 1,
            problem => {
                assert_eq!((problem.status, problem.code.as_str()), (503, "later"));
                assert!(problem.retry_s.is_some() && problem.title.contains("稍后再试"));
                later += 1;
            }
        }
    }
    assert!(wrong >= people::CHECKS_WAITING_MAX && later > 0, "{wrong} checked, {later} sent away");
    let source = people::Source::page([192, 0, 2, 1].into(), None);
    assert!(people::sign_in(&browser.node, "wang", PASSWORD, &source).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_of_others_break_nothing() {
    let mut browser = Browser::signed_in().await;
    let right = browser.cookie.split("; ").find(|cookie| cookie.starts_with("jiesu-8480=")).unwrap().to_owned();
    let long = format!("a={}", "x".repeat(8_000));
    let many: Vec<String> = (0..200).map(|n| format!("c{n}={n}")).collect();
    for before in
        ["jiesu-8480=stale", "jiesu-8480=; jiesu-8480", "x=\"a;b\"", "=;;=; a", "名=值", &long, &many.join("; ")]
    {
        for cookie in [format!("{before}; {right}"), format!("{right}; {before}")] {
            browser.cookie.clear();
            let request = browser.asked("GET", "/");
            let value = header::HeaderValue::from_bytes(cookie.as_bytes()).unwrap();
            let page = browser.send(request.header(header::COOKIE, value).body(Body::empty()).unwrap()).await;
            assert_eq!(page.status, StatusCode::OK, "{cookie}");
        }
        // Two headers, of which the first is no text at all.
        let request =
            browser.asked("GET", "/").header(header::COOKIE, header::HeaderValue::from_bytes(b"a=\xff").unwrap());
        let page = browser.send(request.header(header::COOKIE, &right).body(Body::empty()).unwrap()).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    browser.cookie = "jiesu-lang=fr; jiesu-lang=en".to_owned();
    assert!(browser.get("/sign-in").await.html.contains("Sign in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_sends_is_short_or_not_read() {
    let mut browser = Browser::new().await;
    let page = browser.get("/sign-in").await;
    let long = "x".repeat(web::SMALL_FORM_BYTES_MAX);
    let refused = browser.post("/sign-in", &[("token", &token(&page)), ("login", &long)]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    // A body that panics when it is read.
    let unread = || {
        let never = futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> {
            panic!("read before it was allowed")
        });
        Body::from_stream(never)
    };
    let api = web::api::router(browser.node.desk().clone(), "secret".to_owned());
    for token in ["", "Bearer ", "Bearer secre", "secret"] {
        let request = Request::post("/api/v1/call").header(header::AUTHORIZATION, token).body(unread()).unwrap();
        let response = api.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{token}");
    }
    for path in ["/register", "/kb/new", "/sign-out", "/tickets/1/acts/note"] {
        let request = browser.asked("POST", path).header("sec-fetch-site", "same-origin");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(unread()).unwrap();
        assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

/// What a connection that says this is told until it ends, or until `enough` has come.
async fn said(address: std::net::SocketAddr, sent: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told).await;
    String::from_utf8_lossy(&told).to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_answered_under_the_same_names_and_headers_and_what_is_refused_ends_its_connection() {
    let browser = Browser::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = web::api::router(browser.node.desk().clone(), "secret".to_owned());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(web::serve(browser.node.desk().clone(), listener, api, async {
        let _ = stopped.await;
    }));
    let nonce = "A".repeat(43);
    for path in ["/healthz", &format!("/api/v1/here/{nonce}"), "/api/v1/tickets/1/duplicates"] {
        for (host, status) in
            [("evil.com", 403), (&*address.to_string(), if path.contains("tickets") { 403 } else { 200 })]
        {
            let told =
                said(address, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
            assert!(told.starts_with(&format!("http/1.1 {status}")), "{path} {host}: {told}");
            for header in ["cache-control: no-store", "x-content-type-options: nosniff"] {
                assert!(told.contains(header), "{path}: {told}");
            }
        }
    }
    // Half a body: the rest would be taken for the next request.
    for (path, headers) in [
        ("/register", "Origin: http://evil.com\r\n"),
        ("/sign-in", "Sec-Fetch-Site: cross-site\r\n"),
        ("/nowhere", ""),
        ("/register", ""),
        ("/api/v1/call", ""),
        ("/api/v1/nothing", ""),
    ] {
        for host in [&*address.to_string(), "evil.com"] {
            let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: 900000\r\n\r\nhalf");
            let told = said(address, &head).await;
            assert!(told.starts_with("http/1.1 4") && told.contains("connection: close"), "{path} {host}: {told}");
        }
    }
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
}

#[test]
fn pages_are_on_an_address_of_this_machine_alone() {
    for address in ["127.0.0.1:8480", "127.0.0.2:8480", "[::1]:8480"] {
        assert!(desk::config::only_loopback(address.parse().unwrap()).is_ok(), "{address}");
    }
    for address in ["0.0.0.0:8480", "[::]:8480", "192.168.1.5:8480", "[::ffff:127.0.0.1]:8480"] {
        let problem = desk::config::only_loopback(address.parse().unwrap()).unwrap_err();
        assert!(problem.title.contains("ssh -L 8480:127.0.0.1:8480") && problem.detail.contains("TLS"), "{problem:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_from_many_addresses_is_told_once_and_names_no_login() {
    let browser = Browser::new().await;
    for last in 0..4 {
        let source = people::Source::page([192, 0, 2, last].into(), None);
        for _ in 0..5 {
            let _ = people::sign_in(&browser.node, "secret-in-the-wrong-field", "x", &source).await;
        }
    }
    let alarms = browser.node.read(|reader, _| Ok(reader.alarms(10)?)).await.unwrap();
    let told: Vec<_> = alarms.iter().filter(|alarm| alarm.kind == "passwords-guessed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].source.as_str(), told[0].detail.as_str(), told[0].count), ("192.0.2.3", "", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_proposed_by_whoever_had_the_others_password_is_not_confirmed_with_it() {
    use desk::call::{CallBy, answer, questions as q};
    let mut browser = Browser::signed_in().await;
    let newcomer = people::Newcomer { name: "李审核".to_owned(), login: "li".to_owned() };
    let roles = vec![regulation::Role::Knowledge];
    let li = people::add(&browser.node, PersonId(1), regulation::UnitId(1), newcomer, roles).await.unwrap();
    let node = browser.node.desk().clone();
    let act = async |login: &str, kind: &str, id: Option<&str>, fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let call = q::Act { kind: kind.to_owned(), id: id.map(str::to_owned), fields }.into();
        answer(&node, CallBy { login: Some(login.to_owned()), call }).await
    };
    let article = [("title", "供暖报修"), ("category", "0102"), ("body", "先自查。")];
    let made = act("wang", "article-create", None, &article).await.unwrap();
    let id = made["id"].as_str().unwrap();
    act("wang", "article-publish", Some(id), &[]).await.unwrap();
    people::set_password(&node, people::SetBy::Another(Some(PersonId(1))), li, "given to li").await.unwrap();
    people::choose(&node, "li", "given to li", PASSWORD, &people::Source::Commands).await.unwrap();
    let refused = act("li", "confirm", Some(id), &[]).await.unwrap_err();
    assert_eq!(refused.code, "not-permitted");
    assert!(refused.title.contains("首次密码由提出人王受理设定"), "{refused:?}");
    browser.sign_in("li").await;
    let page = browser.get(&format!("/kb/{id}")).await;
    assert!(
        page.html.contains("首次密码由提出人王受理设定") && !page.html.contains("/acts/confirm\""),
        "{}",
        page.html
    );
    // Proposed by somebody who has li's password no more.
    act("wang", "decline", Some(id), &[("text", "重新提出")]).await.unwrap();
    act("wang", "article-publish", Some(id), &[]).await.unwrap();
    assert!(browser.get(&format!("/kb/{id}")).await.html.contains("/acts/confirm\""));
    act("li", "confirm", Some(id), &[]).await.unwrap();
}
