//! Nothing that was typed is lost: each way of losing it, in a real browser.

use std::net::{Ipv4Addr, SocketAddr};

use desk::call::{Call, Secret, questions as q};
use node::Node;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use web::api;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;
use crate::page::Page;

const NOTE: &str = "form[action$='/acts/note']";
const WORDS: &str = "镇里已约下午两点";

/// Types into the form for a note, as somebody does, and sends nothing.
async fn note(page: &Page, text: &str) {
    let open = format!("document.querySelector(\"{NOTE}\").closest('details').open");
    if page.value(&open).await != json!(true) {
        page.click(&format!("details.act:has({NOTE}) > summary")).await;
    }
    page.click(&format!("{NOTE} textarea")).await;
    page.write(text).await;
}

/// What stands in the form for a note.
async fn noted(page: &Page) -> String {
    let value = page.value(&format!("document.querySelector(\"{NOTE} textarea\").value")).await;
    value.as_str().unwrap().to_owned()
}

async fn brought_back(page: &Page, text: &str) {
    page.until(&format!("document.querySelector(\"{NOTE} textarea\").value === {}", json!(text))).await;
    page.until_said(".restored", "未提交的内容").await;
}

/// Pages at one address, which are stopped and started again.
struct Pages {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

async fn serve(node: &Node, address: SocketAddr) -> (SocketAddr, Pages) {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let api = api::router(node.desk().clone(), "no token of any test".to_owned());
    let desk = node.desk().clone();
    let served = tokio::spawn(async move {
        web::serve(desk, listener, api, async { drop(stopped.await) }).await.unwrap();
    });
    (address, Pages { stop, served })
}

impl Pages {
    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_clicked_while_somebody_types_the_text_comes_back() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let id = city.city.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let path = format!("/tickets/{id}");
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&path).await;
    page.value("window.confirm = function () { throw new Error('asked'); }; 1").await;
    // Larger letters and the other language show the same page again, at once.
    note(&page, WORDS).await;
    page.follow(page.click(".prefs button[value='l']")).await;
    brought_back(&page, WORDS).await;
    page.picture("zh-ticket-draft-restored").await;
    note(&page, "一").await;
    page.follow(page.click(".prefs button[value='en']")).await;
    page.until(&format!("document.querySelector(\"{NOTE} textarea\").value === {}", json!(format!("{WORDS}一")))).await;
    page.picture("en-ticket-draft-restored").await;
    page.follow(page.click(".prefs button[value='zh']")).await;
    brought_back(&page, &format!("{WORDS}一")).await;
    // A link, and back again.
    note(&page, "二").await;
    page.follow(page.click(".menu a[href='/kb']")).await;
    assert_eq!(page.path().await, "/kb");
    page.follow(async { drop(page.value("history.back()").await) }).await;
    brought_back(&page, &format!("{WORDS}一二")).await;
    // Another form of the page.
    note(&page, "三").await;
    page.follow(page.click("form.search button")).await;
    page.open(&path).await;
    brought_back(&page, &format!("{WORDS}一二三")).await;
    // An update of the ticket, and the button that shows it.
    note(&page, "四").await;
    city.city.act("dispatch", &id, &[("lead", "130623102-GOV")]).await;
    page.until("!document.getElementById('stale').hidden").await;
    assert_eq!(noted(&page).await, format!("{WORDS}一二三四"));
    page.follow(page.click("#stale button")).await;
    brought_back(&page, &format!("{WORDS}一二三四")).await;
    // Signing out, and in again.
    note(&page, "五").await;
    page.follow(page.click("form[action='/sign-out'] button")).await;
    assert_eq!(
        page.value("Object.keys(sessionStorage).filter(function (n) { return n.indexOf('held') >= 0; }).length").await,
        json!(0)
    );
    page.sign_in("shi", PASSWORD).await;
    page.follow(page.click("a[href='/drafts']")).await;
    assert!(page.text(".typed").await.contains("一二三四五"), "{}", page.text("main").await);
    page.picture("zh-drafts").await;
    page.follow(page.click(".card a.button")).await;
    brought_back(&page, &format!("{WORDS}一二三四五")).await;
    // It is sent, and no draft any more.
    page.follow(page.click(&format!("{NOTE} button.primary"))).await;
    page.until_said(".timeline li.made", &format!("{WORDS}一二三四五")).await;
    assert!(!page.has(".restored").await && !page.has("a[href='/drafts']").await);
    // Or thrown away.
    note(&page, "不要了").await;
    page.until_said(".draft-said", "草稿已存").await;
    page.follow(page.click(".prefs button[value='m']")).await;
    brought_back(&page, "不要了").await;
    page.follow(page.click(".restored button")).await;
    assert_eq!((noted(&page).await, page.has(".restored").await), (String::new(), false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_reloaded_or_closed_asks_and_keeps_what_it_can() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let id = city.city.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    note(&page, WORDS).await;
    let mut events = page.events();
    let reload = async { drop(page.call("Page.reload", json!({})).await) };
    let answer = async {
        let asked = events.wait("Page.javascriptDialogOpening").await;
        assert_eq!(asked["type"], "beforeunload");
        page.call("Page.handleJavaScriptDialog", json!({ "accept": true })).await;
        events.wait("Page.loadEventFired").await;
    };
    tokio::join!(reload, answer);
    brought_back(&page, WORDS).await;
    // Once it is kept nobody is asked.
    note(&page, "入户").await;
    page.until_said(".draft-said", "草稿已存").await;
    page.follow(async { drop(page.call("Page.reload", json!({})).await) }).await;
    brought_back(&page, &format!("{WORDS}入户")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_while_typing_signs_in_in_place_and_goes_on() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let desk = &city.city;
    let id = desk.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&desk.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    page.value("window.sameDocument = true").await;
    let (new, old) = (Secret("another password".to_owned()), Some(Secret(PASSWORD.to_owned())));
    let password = Call::Password(q::Password { login: "shi".to_owned(), password: new, old });
    note(&page, WORDS).await;
    page.until_said(".draft-said", "草稿已存").await;
    desk.ask(password).await;
    note(&page, "入户").await;
    // Keeping the draft, or sending it, finds out.
    page.click(&format!("{NOTE} button.primary")).await;
    page.until("!document.getElementById('signed-out').hidden").await;
    page.click("#password-again").await;
    page.write("wrong horse 12345").await;
    page.press("Enter").await;
    page.until_said("#signed-out .wrong", "登录名或密码不对").await;
    page.picture("zh-ticket-sign-in-in-place").await;
    page.click("#password-again").await;
    page.write("another password").await;
    page.press("Enter").await;
    page.until("document.getElementById('signed-out').hidden").await;
    assert_eq!(page.value("window.sameDocument === true").await, json!(true));
    assert_eq!(noted(&page).await, format!("{WORDS}入户"));
    page.until_said(".draft-said", "草稿已存").await;
    page.follow(page.click(&format!("{NOTE} button.primary"))).await;
    page.until_said(".timeline li.made", &format!("{WORDS}入户")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_stops_or_hangs_is_told_of_in_ten_seconds_and_takes_nothing_along() {
    let Some(browser) = Browser::launch().await else { return };
    let mut city = City::alone().await;
    let id = city.city.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let (address, pages) = serve(&city.city.node, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
    let page = browser.page(&format!("http://{address}")).await;
    page.sign_in("shi", PASSWORD).await;
    page.open("/register").await;
    page.click("input[name='title']").await;
    page.write("井盖缺失").await;
    page.click("input[name='phone']").await;
    page.write("13812341234").await;
    page.until_said(".draft-said", "草稿已存").await;
    page.open(&format!("/tickets/{id}")).await;
    note(&page, WORDS).await;
    page.until_said(".draft-said", "草稿已存").await;

    pages.stop().await;
    // Whatever answers there now does not say a word.
    let silent = TcpListener::bind(address).await.unwrap();
    let hangs = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((socket, _)) = silent.accept().await {
            open.push(socket);
        }
    });
    page.until_said("#sync", "程序没有运行，请勿填写").await;
    assert_eq!(page.value("document.getElementById('sync').className").await, json!("sync gone"));
    page.until("!document.getElementById('gone').hidden").await;
    // What is typed all the same stays here, and waits.
    note(&page, "入户").await;
    page.picture("zh-ticket-program-stopped").await;
    hangs.abort();
    let _ = hangs.await;
    page.until_said(".draft-said.bad", "草稿还没有存下").await;
    assert!(page.value("JSON.stringify(sessionStorage)").await.as_str().unwrap().contains("入户"));

    city.restart(|_| {}).await;
    let (_, pages) = serve(&city.city.node, address).await;
    page.until("document.getElementById('gone').hidden").await;
    page.until_said(".draft-said", "草稿已存").await;
    page.until("!document.getElementById('sync').classList.contains('gone')").await;
    let held = page.value("JSON.stringify(sessionStorage)").await;
    assert!(!held.as_str().unwrap().contains("入户"), "{held}");
    page.follow(page.click(&format!("{NOTE} button.primary"))).await;
    page.until_said(".timeline li.made", &format!("{WORDS}入户")).await;
    // What was kept before the program was stopped is there, with what no browser keeps.
    page.open("/register").await;
    let typed = "[document.querySelector('[name=title]').value, document.querySelector('[name=phone]').value].join()";
    assert_eq!(page.value(typed).await, json!("井盖缺失,13812341234"));
    page.picture("zh-register-draft-restored").await;
    pages.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_the_browser_names_nobody_and_comes_back_with_the_page() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let id = city.city.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    // Nobody answers what keeps a draft; all else is answered.
    let fails = "window.fetch = (function (real) { return function (url) {
        return url === '/drafts' ? Promise.reject(new TypeError('gone')) : real.apply(this, arguments); }; })(fetch); 1";
    page.open("/register").await;
    page.value(fails).await;
    page.click("input[name='title']").await;
    page.write("井盖缺失").await;
    page.click("input[name='phone']").await;
    page.write("13812341234").await;
    page.until_said(".draft-said.bad", "草稿还没有存下").await;
    let held = page.value("JSON.stringify(sessionStorage)").await;
    assert!(!held.as_str().unwrap().contains("1381234") && !held.as_str().unwrap().contains("井盖"), "{held}");
    page.value("document.querySelector('main form').draftState = null; 1").await;
    page.open(&format!("/tickets/{id}")).await;
    page.value(fails).await;
    note(&page, WORDS).await;
    page.until_said(".draft-said.bad", "草稿还没有存下").await;
    // The browser is closed on it, so to speak.
    page.value(&format!("document.querySelector(\"{NOTE}\").draftState = null; 1")).await;
    page.open(&format!("/tickets/{id}")).await;
    page.until(&format!("document.querySelector(\"{NOTE} textarea\").value === {}", json!(WORDS))).await;
    page.until_said(".draft-said", "草稿已存").await;
    assert!(!page.value("JSON.stringify(sessionStorage)").await.as_str().unwrap().contains(WORDS));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_filled_in_with_the_present_by_one_click() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open("/register").await;
    let button = ".name-raised_at button[data-now]";
    assert_eq!(page.text(button).await, "此刻");
    page.click(button).await;
    let off =
        "Math.abs(Date.parse(document.querySelector('[name=raised_at]').value + ':00+08:00') - Date.now()) < 120000";
    assert_eq!(page.value(off).await, json!(true));
    assert!(!page.text("main").await.contains("now"));
    page.picture("zh-register-now").await;
}
