//! A walk-in at a township that has no link: written down there, dealt with, and taken in by the city later.

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_in_is_written_down_without_a_link_and_the_city_confirms_it() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    city.cut().await;
    let page = browser.page(&city.township().base).await;
    page.sign_in("zhen", PASSWORD).await;
    assert_eq!(page.text("#new").await, "代录");
    page.open("/register").await;
    assert_eq!(page.text("h1").await, "代录诉求");
    page.picture("zh-proxy").await;
    for (field, text) in [("title", "井盖缺失"), ("content", "主街井盖丢失，已放警示牌。")] {
        page.focus(&format!("[name='{field}']")).await;
        page.write(text).await;
    }
    page.value("document.querySelector(\"[name='category']\").value = '0104'").await;
    page.follow(page.click("form[action='/register'] button.primary")).await;
    assert_eq!(page.text("h1").await, "井盖缺失");
    assert!(page.text(".status").await.contains("待受理确认"), "{}", page.text(".status").await);
    let id = page.path().await.trim_start_matches("/tickets/").split('?').next().unwrap().to_owned();
    city.mend();
    city.city.until_ticket(&id, "the walk-in", |ticket| ticket["state"] == "awaiting-confirmation").await;
    city.city.act("confirm-intake", &id, &[]).await;
    city.township().until_ticket(&id, "its intake", |ticket| ticket["state"] == "registered").await;
}
