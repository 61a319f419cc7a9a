//! A ticket, and an article, on which a newer program has acted: it is seen, stays readable, and nothing is done on it here.

#[path = "../../../cli/tests/support/put_newer.rs"]
mod put_newer;

use desk::call::questions as q;
use regulation::ActId;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;
use put_newer::put_newer;

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_holds_something_newer_says_so_and_stays_readable() {
    let Some(browser) = Browser::launch().await else { return };
    let mut city = City::alone().await;
    let id = city.city.register("东柳村主街路灯全不亮", "村里主街的路灯全灭了，晚上看不见路。").await;
    city.city.register("楼道灯不亮", "三单元楼道灯不亮。").await;
    city.restart(|home| put_newer(home, ActId::parse(&id).unwrap())).await;
    city.city.ask(q::Rebuild {}.into()).await;
    city.city.until_ticket(&id, "flagged", |ticket| ticket["flags"].to_string().contains("needs-upgrade")).await;

    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    let marked = "Array.from(document.querySelectorAll('tr')).filter(row => row.innerText.includes('需升级'))";
    page.until(&format!("{marked}.length === 1 && {marked}[0].innerText.includes('东柳村主街路灯全不亮')")).await;
    page.picture("zh-queue-newer").await;
    page.open(&format!("/tickets/{id}")).await;
    page.until_said("[role=alert]", "请升级本机程序").await;
    let text = page.text("main").await;
    for kept in ["需升级", "村里主街的路灯全灭了，晚上看不见路。", "东柳村主街路灯全不亮", "登记"]
    {
        assert!(text.contains(kept), "no {kept} in: {text}");
    }
    assert!(!page.has("#ticket-do form").await, "nothing is offered that would be refused");
    page.picture("zh-ticket-newer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_holds_something_newer_says_so_and_stays_readable() {
    let Some(browser) = Browser::launch().await else { return };
    let mut city = City::alone().await;
    let fields = |title| [("title", title), ("category", "0104"), ("body", "拨打供热公司电话。")];
    let id = city.city.act("article-create", "", &fields("供暖报修")).await;
    city.city.act("article-create", "", &fields("路灯报修")).await;
    city.restart(|home| put_newer(home, ActId::parse(&id).unwrap())).await;

    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open("/kb").await;
    let marked = "Array.from(document.querySelectorAll('tr')).filter(row => row.innerText.includes('需升级'))";
    page.until(&format!("{marked}.length === 1 && {marked}[0].innerText.includes('供暖报修')")).await;
    page.picture("zh-kb-newer").await;
    page.open(&format!("/kb/{id}")).await;
    page.until_said("[role=alert]", "请升级本机程序").await;
    let text = page.text("main").await;
    for kept in ["需升级", "拨打供热公司电话。", "供暖报修", "升级本机程序后办理"] {
        assert!(text.contains(kept), "no {kept} in: {text}");
    }
    assert!(!page.has("#article-do form").await, "nothing is offered that would be refused");
    page.picture("zh-article-newer").await;
}
