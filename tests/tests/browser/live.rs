//! What others do is seen without a reload, and takes nothing from whoever is typing.

use desk::call::{Call, questions as q};
use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;
use crate::page::Page;

/// Opens the form for a note and types into it, without sending it; where the text is.
async fn begin_note(page: &Page) -> &'static str {
    let area = "form[action$='/acts/note'] textarea";
    page.value(&format!("document.querySelector(\"{area}\").closest('details').open = true")).await;
    page.focus(area).await;
    page.write("镇里已约下午两点").await;
    area
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_of_the_city_appears_in_the_open_page_of_the_township() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    page.value("window.sameDocument = true").await;

    city.city.act("note", &id, &[("text", "诉求人今天再次来电催问。")]).await;
    page.until_said(".timeline", "诉求人今天再次来电催问。").await;
    page.until_said(".notes", "诉求人今天再次来电催问。").await;

    // Whoever is about to open a form with the keyboard stays where they are when the forms change.
    let summary = "details.act:has(form[action$='/acts/note']) > summary";
    page.focus(summary).await;
    township.act("sign-for", &id, &[]).await;
    page.until("!document.querySelector(\"form[action$='/acts/sign-for']\")").await;
    assert_eq!(page.value(&format!("document.activeElement.matches(\"{summary}\")")).await, json!(true));
    assert_eq!(page.value("window.sameDocument === true").await, json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_the_stream_was_broken_is_caught_up_on() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    let offline =
        |offline: bool| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    page.call("Network.emulateNetworkConditions", offline(true)).await;
    // Nobody fills in a form for a program that does not run, and nothing is sent to it.
    page.until("!document.getElementById('gone').hidden").await;
    page.picture("zh-ticket-gone").await;
    let sent = "(function () { var form = document.querySelector(\"form[action$='/acts/note']\");
        return form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })); })()";
    assert_eq!(page.value(sent).await, json!(false), "held back");
    city.city.act("note", &id, &[("text", "诉求人今天再次来电催问。")]).await;
    township.until_settled(&id).await;
    township.until_ticket(&id, "noted", |ticket| ticket["notes"] != "" && ticket["unsettled"] == 0).await;
    assert!(!page.text(".timeline").await.contains("催问"));
    // Nothing more happens: the page finds out by itself when it hears the node again.
    page.call("Network.emulateNetworkConditions", offline(false)).await;
    page.until_said(".timeline", "诉求人今天再次来电催问。").await;
    page.until("document.getElementById('gone').hidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revealed_and_what_was_just_done_stay_until_the_reader_turns_away() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let desk = &city.city;
    let who = [("name", "张三"), ("phone", "13812341234"), ("address", "东街 1 号")];
    let request = [("title", "路灯不亮"), ("content", "村里主街的路灯全灭了。"), ("category", "0104")];
    let id = desk.act("register", "", &[&request[..], &who].concat()).await;
    let page = browser.page(&desk.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    assert!(page.text(".facts").await.contains("138****1234"));
    page.picture("zh-ticket-masked").await;
    page.click("details.reveal > summary").await;
    page.picture("zh-ticket-reveal-form").await;
    page.click("details.reveal > summary").await;
    page.reveal("回访核对地址").await;
    assert!(page.text(".facts").await.contains("13812341234"));
    page.picture("zh-ticket-revealed").await;

    // Something is done: it is told, and goes on being told while the page refreshes itself.
    page.value("document.querySelector(\"form[action$='/acts/note']\").closest('details').open = true").await;
    page.focus("form[action$='/acts/note'] textarea").await;
    page.write("已电话核对").await;
    page.follow(page.click("form[action$='/acts/note'] button")).await;
    assert!(page.text(".done").await.contains("已保存在本机"));
    page.value("window.sameDocument = true").await;
    // Not by a click: what a part is made anew between press and release of is not clicked.
    page.value("document.querySelector('details.seen-by').open = true").await;
    for n in 1..=3 {
        desk.act("note", &id, &[("text", &format!("第{n}次来电催问"))]).await;
        page.until_said(".timeline", &format!("第{n}次来电催问")).await;
    }
    assert!(page.text(".done").await.contains("已保存在本机"), "done is still told");
    assert!(page.text(".facts").await.contains("13812341234"), "still shown");
    assert!(page.value("document.querySelector('details.seen-by').open").await == json!(true), "still unfolded");
    assert!(page.text(".seen-by").await.contains("王受理 · 网页 · 联系诉求人：回访核对地址"));
    page.picture("zh-ticket-revealed-done").await;

    // It would be masked by now: what the reader has before them is left alone, and the rest goes on.
    let mask = "fetch('/tickets/ID/mask', { method: 'POST', credentials: 'same-origin', redirect: 'manual', body:
        new URLSearchParams({ token: document.querySelector('[name=token]').value }) }).then(function () { return 1; })";
    assert_eq!(page.value(&mask.replace("ID", &id)).await, json!(1));
    desk.act("note", &id, &[("text", "第四次来电催问")]).await;
    page.until_said(".timeline", "第四次来电催问").await;
    assert!(page.text(".facts").await.contains("13812341234"), "not masked under the reader's eyes");
    assert_eq!(page.value("window.sameDocument === true").await, json!(true));
    // Once its ten minutes are over it is masked, though nothing happens and the reader looks on.
    let left = page.value("Number(document.querySelector('[data-revealed]').getAttribute('data-revealed'))").await;
    assert!(left.as_i64().is_some_and(|ms| ms > 500_000 && ms <= 600_000), "{left}");
    page.value("document.querySelector('[data-revealed]').until = 1").await;
    page.until_said(".facts", "138****1234").await;
    assert_eq!(page.value("window.sameDocument === true").await, json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_has_not_changed_is_not_sent_again() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let id = city.city.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    let mut events = page.events();
    page.open(&format!("/tickets/{id}")).await;
    let told = events.wait("Network.responseReceivedExtraInfo").await;
    assert_eq!(told["statusCode"], json!(200), "the page");
    let asked = |status: &str| {
        format!(
            "fetch('/tickets/{id}', {{ headers: {{ 'X-Fragment': '1', 'X-Version': {status} }} }})
             .then(function (answer) {{ return answer.status; }})"
        )
    };
    let version = "document.getElementById('main').getAttribute('data-version')";
    assert_eq!(page.value(&asked(version)).await, json!(204));
    assert_eq!(page.value(&asked("'x'")).await, json!(200));
    city.city.act("note", &id, &[("text", "催问")]).await;
    page.until_said(".timeline", "催问").await;
    page.until(&format!("{version} !== ''")).await;
    assert_eq!(page.value(&asked(version)).await, json!(204), "what it was refreshed to is its version now");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_while_typing_keeps_what_was_typed() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let desk = &city.city;
    let id = desk.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&desk.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    let area = begin_note(&page).await;
    let call = Call::Password(q::Password {
        login: "shi".to_owned(),
        password: desk::call::Secret("another password".to_owned()),
        old: None,
    });
    desk.ask(call).await;
    desk.act("note", &id, &[("text", "催问")]).await;
    page.until("!document.getElementById('signed-out').hidden").await;
    assert_eq!(page.value(&format!("document.querySelector(\"{area}\").value")).await, json!("镇里已约下午两点"));
    page.picture("zh-ticket-signed-out").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_being_filled_in_is_left_alone() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;

    let area = begin_note(&page).await;
    city.city.act("note", &id, &[("text", "诉求人今天再次来电催问。")]).await;

    // What is shown beside the form is up to date, and nobody is disturbed.
    page.until_said(".timeline", "诉求人今天再次来电催问。").await;
    assert_eq!(page.value("document.getElementById('stale').hidden").await, json!(true));
    assert_eq!(page.value(&format!("document.querySelector(\"{area}\").value")).await, json!("镇里已约下午两点"));
    assert_eq!(page.value(&format!("document.activeElement.matches(\"{area}\")")).await, json!(true));
    page.picture("zh-ticket-typing").await;

    // Something else may be done now than the open forms say: that is told, and what was typed stays.
    township.act("sign-for", &id, &[]).await;
    page.until("!document.getElementById('stale').hidden").await;
    assert_eq!(page.text("#stale").await, "有更新，点此刷新");
    page.until_said(".status", "办理中").await;
    assert_eq!(page.value(&format!("document.querySelector(\"{area}\").value")).await, json!("镇里已约下午两点"));
    assert_eq!(page.value(&format!("document.activeElement.matches(\"{area}\")")).await, json!(true));
    page.picture("zh-ticket-stale").await;
    page.write("入户。").await;
    page.follow(page.click("form[action$='/acts/note'] button")).await;
    page.until_said(".timeline li.made", "镇里已约下午两点入户。").await;
    page.until_said(".notes", "镇里已约下午两点入户。").await;
    assert_eq!(page.value("document.getElementById('stale').hidden").await, json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_in_one_form_is_not_left_behind_by_another_without_a_question() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let id = city.city.register("路灯不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    // The node has no room for it.
    let full = "window.fetch = function () { return Promise.resolve(new Response('满了', { status: 413 })); }; 1";
    page.value(full).await;
    begin_note(&page).await;
    page.value("window.asked = []; window.confirm = function (text) { asked.push(text); return false; }; 1").await;
    let sends = |form: &str| {
        format!(
            "document.querySelector(\"{form}\").dispatchEvent(new Event('submit', {{ bubbles: true, cancelable: true }}))"
        )
    };
    for (n, other) in
        ["form.prefs", "form[action='/sign-out']", "form.search", "form[action$='/acts/dispatch']"].iter().enumerate()
    {
        assert_eq!(page.value(&sends(other)).await, json!(false), "{other}");
        page.until(&format!("asked.length === {}", n + 1)).await;
    }
    assert!(page.value("asked[0]").await.as_str().is_some_and(|text| text.contains("也没有存成草稿")));
    assert_eq!(page.text(".draft-said.bad").await, "满了", "why it is not kept");
    page.picture("zh-ticket-draft-not-kept").await;
    page.click(".menu a[href='/kb']").await;
    page.until("asked.length === 5").await;
    // Whoever closes the page is asked by the browser; its own form asks nothing.
    assert_eq!(page.value("dispatchEvent(new Event('beforeunload', { cancelable: true }))").await, json!(false));
    page.value("window.confirm = function () { throw new Error('asked'); }; 1").await;
    page.follow(page.click("form[action$='/acts/note'] button.primary")).await;
    assert!(page.text(".done").await.contains("已保存在本机"));
}
