//! A browser that runs no script, or whose script failed.

use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_read_and_acted_on_without_script() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let id = city.city.register("东柳村主街路灯全不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.call("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    page.sign_in("shi", PASSWORD).await;
    assert!(page.text(".list").await.contains("东柳村主街路灯全不亮"));
    page.follow(page.click("[data-row]")).await;
    assert_eq!(page.path().await, format!("/tickets/{id}"));
    assert!(page.text(".content").await.contains("村里主街的路灯全灭了。"));

    let form = "form[action$='/acts/note']";
    page.click(&format!("details.act:has({form}) > summary")).await;
    page.click(&format!("{form} textarea")).await;
    page.write("没有脚本也能记录。").await;
    page.follow(page.click(&format!("{form} button"))).await;
    assert!(page.text(".done").await.contains("已保存在本机"));
    assert!(page.text(".timeline li.made").await.contains("没有脚本也能记录。"));

    // Keys are explained by a link that needs no script either.
    page.click("a[href='#keys']").await;
    assert_eq!(page.value("getComputedStyle(document.getElementById('keys')).display").await, json!("block"));
    page.picture("zh-ticket-no-script").await;
}
