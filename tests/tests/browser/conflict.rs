//! What came out otherwise than somebody did it, and what two sides set at once.

use serde_json::json;

use crate::city::{City, DEPARTMENT, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_that_a_redispatch_overtook_is_shown_struck_through_with_its_rule() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let titled = city.city.dispatch("楼道灯不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    township.until_settled(&titled).await;
    township.act("sign-for", &id, &[]).await;
    city.city.until_ticket(&id, "signed for", |ticket| ticket["state"] == "in-progress").await;

    city.cut().await;
    let elsewhere = [("lead", DEPARTMENT), ("text", "经核实属市管道路，改由市城市管理综合行政执法局办理。")];
    city.city.act("redispatch", &id, &elsewhere).await;
    township.act("contact", &id, &[("text", "联系诉求人，说明处理进度。")]).await;
    township
        .act(
            "complete",
            &id,
            &[
                ("outcome", "solved"),
                ("told_at", "now"),
                ("told_way", "sms"),
                ("told_whom", "requester"),
                ("text", "已协调施工队处理完毕。"),
            ],
        )
        .await;
    city.city.act("correct", &titled, &[("title", "更正：楼道照明损坏")]).await;
    township.act("correct", &titled, &[("title", "更正：三单元楼道灯不亮")]).await;
    city.mend();
    city.city.until_ticket(&id, "overruled", |ticket| ticket["overruled"] == 1).await;
    city.city.until_ticket(&titled, "in conflict", |ticket| ticket["conflicts"] == 1).await;

    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    // It is seen at once that somebody must look.
    page.until_said("#sync .attention", "需处理 (2)").await;
    page.follow(page.click("#sync .attention")).await;
    page.until("document.querySelectorAll('[data-row]').length === 1").await;
    page.until_said(".marks", "未采用 1").await;
    page.picture("zh-queue-overruled").await;
    page.follow(page.click("[data-row]")).await;

    let cards = "Array.from(document.querySelectorAll('.card.alarm')).map(e => e.innerText)";
    let card = page.until(&format!("{cards}.find(text => text.includes('报结'))")).await;
    let card = card.as_str().unwrap();
    for part in ["未采用", "义安镇", "孙承办", "市热线", "转派", "所依规则：", "（第十七条）", "工单现在", "城市管理"]
    {
        assert!(card.contains(part), "no {part} in: {card}");
    }
    let struck = |selector: &str| {
        format!("getComputedStyle(document.querySelector(\"{selector}\")).textDecorationLine.includes('line-through')")
    };
    assert_eq!(page.value(&struck(".card.alarm del")).await, json!(true));
    assert_eq!(page.value(&struck(".timeline li.overruled .what b")).await, json!(true));
    assert_eq!(page.value(&struck(".timeline li.overruled .text")).await, json!(true));
    // What was written is kept, and says why it does not count.
    let lost = "Array.from(document.querySelectorAll('.timeline li.overruled')).map(e => e.innerText)";
    let lost = page.until(&format!("{lost}.find(text => text.includes('报结'))")).await;
    let lost = lost.as_str().unwrap();
    assert!(lost.contains("已协调施工队处理完毕。") && lost.contains("未采用：") && lost.contains('条'), "{lost}");
    for word in ["无效", "作废"] {
        assert!(!page.text("main").await.contains(word), "{word}");
    }
    page.picture("zh-ticket-overruled").await;

    page.open(&format!("/tickets/{titled}")).await;
    let card = page.text(".card.alarm").await;
    for part in ["冲突", "更正：楼道照明损坏", "更正：三单元楼道灯不亮", "采用这个"] {
        assert!(card.contains(part), "no {part} in: {card}");
    }
    page.picture("zh-ticket-conflict").await;
    let second = page.text(".card .values li:last-child b").await;
    page.follow(page.click(".card .values li:last-child button")).await;
    assert!(!page.has(".card.alarm").await);
    assert_eq!(page.text("h1").await, second);
}
