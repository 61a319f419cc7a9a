//! What others do is seen without a reload, and takes nothing from whoever is typing.

use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

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
    city.city.act("note", &id, &[("text", "诉求人今天再次来电催问。")]).await;
    township.until_settled(&id).await;
    township.until_ticket(&id, "noted", |ticket| ticket["notes"] != "" && ticket["unsettled"] == 0).await;
    assert!(!page.text(".timeline").await.contains("催问"));
    // Nothing more happens: the page finds out by itself when it hears the node again.
    page.call("Network.emulateNetworkConditions", offline(false)).await;
    page.until_said(".timeline", "诉求人今天再次来电催问。").await;
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

    let area = "form[action$='/acts/note'] textarea";
    page.value(&format!("document.querySelector(\"{area}\").closest('details').open = true")).await;
    page.focus(area).await;
    page.write("镇里已约下午两点").await;
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
