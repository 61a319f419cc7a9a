//! What the top bar says of sync, and when.

use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

/// Keeps everything that the bar ever says.
const LISTEN: &str = "window.said = []; (function () {
    function hear() {
        var text = document.getElementById('sync').innerText.trim();
        if (text !== window.said[window.said.length - 1]) window.said.push(text);
    }
    new MutationObserver(hear).observe(document.body, { childList: true, subtree: true, characterData: true });
    hear();
})()";

#[tokio::test(flavor = "multi_thread")]
async fn received_by_the_city_is_said_only_once_it_is_proven() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    page.until(r"/^市热线已收 \d\d:\d\d$/.test(document.getElementById('sync').innerText.trim())").await;

    city.cut().await;
    page.until_said("#sync", "离线").await;
    page.until_said("#sync", "可继续工作").await;
    page.until("document.getElementById('sync').classList.contains('offline')").await;

    // Work goes on, and is said to be here and nowhere else.
    let form = "form[action$='/acts/sign-for']";
    page.value(&format!("document.querySelector(\"{form}\").closest('details').open = true")).await;
    page.follow(page.click(&format!("{form} button.primary"))).await;
    page.until_said("#sync", "待上传 1 条").await;
    let bar = page.text("#sync").await;
    assert!(bar.contains("离线") && bar.contains("已存本机") && !bar.contains("已收"), "{bar}");
    let made = page.text(".timeline li.made").await;
    assert!(made.contains("已存本机") && made.contains("暂定") && !made.contains("已收"), "{made}");
    page.picture("zh-ticket-offline").await;
    page.open("/sync").await;
    page.until_said("#sync-page h1", "待上传 1 条").await;
    page.picture("zh-sync-offline").await;

    page.open(&format!("/tickets/{id}")).await;
    page.value(LISTEN).await;
    city.mend();
    page.until(r"/^市热线已收 \d\d:\d\d$/.test(document.getElementById('sync').innerText.trim())").await;
    township.until_settled(&id).await;
    page.until("!document.querySelector('.timeline .provisional')").await;
    page.until_said(".timeline li", "市热线已收").await;
    assert!(!page.text(".timeline").await.contains("已存本机"));

    // Having arrived is one thing and being confirmed another: the words came in this order, none twice.
    let said = page.value("window.said").await;
    let said: Vec<&str> = said.as_array().unwrap().iter().filter_map(|text| text.as_str()).collect();
    let received = said.iter().position(|text| text.starts_with("市热线已收")).unwrap();
    assert_eq!(received, said.len() - 1, "{said:?}");
    assert!(said[0].contains("待上传 1 条"), "{said:?}");
    // Nothing in between turns and blocks the page.
    assert_eq!(page.value("document.querySelectorAll('progress, [aria-busy]').length").await, json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_county_has_is_not_said_to_be_with_the_city() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_county().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let (township, county) = (city.township(), city.county.as_ref().unwrap());
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    page.value(LISTEN).await;

    // The city is gone; the county takes what the township does.
    city.city.node.set_cut(true);
    let gone = || async { city.city.node.status().peers.is_empty() && county.status().peers.len() == 1 };
    city.city.until("cut off", gone).await;
    township.act("sign-for", &id, &[]).await;
    page.until_said("#sync", "已收，待市热线确认").await;
    page.until_said(".timeline li:first-child", "县热线已收").await;
    page.until_said(".timeline li:first-child", "暂定").await;
    page.picture("zh-ticket-county").await;
    let said = page.value("window.said").await.to_string();
    // Before the act it may have been said with right; since then it was not.
    assert!(!page.text("#sync").await.contains("市热线已收"), "{said}");
    assert!(!page.text(".timeline li:first-child").await.contains("市热线已收"), "{said}");

    city.city.node.set_cut(false);
    county.hurry();
    page.until(r"/^市热线已收 \d\d:\d\d$/.test(document.getElementById('sync').innerText.trim())").await;
    township.until_settled(&id).await;
}
