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

#[tokio::test(flavor = "multi_thread")]
async fn a_township_that_lost_a_ticket_finds_it_and_is_told_what_became_of_what_it_did() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    township.act("sign-for", &id, &[]).await;
    city.city.until_ticket(&id, "signed for", |ticket| ticket["state"] == "in-progress").await;
    city.cut().await;
    city.city.act("redispatch", &id, &[("lead", DEPARTMENT), ("text", "属市管道路。")]).await;
    let done = [
        ("outcome", "solved"),
        ("told_at", "now"),
        ("told_way", "telephone"),
        ("told_whom", "requester"),
        ("text", "已协调施工队处理完毕。"),
    ];
    township.act("complete", &id, &done).await;
    city.mend();
    township.until_ticket(&id, "found", |ticket| ticket["unsettled"] == 0 && !ticket["fates"].is_null()).await;

    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    // It is in no list of what is in hand, and what it has to take note of says so.
    assert!(!page.has("[data-row]").await);
    page.until_said("#sync .attention", "需处理 (1)").await;
    page.follow(page.click("#sync .attention")).await;
    let fate = page.text(".fates li.not-adopted").await;
    for part in ["报结", "未采用", "（第十七条）", "已由市热线确定"] {
        assert!(fate.contains(part), "no {part} in: {fate}");
    }
    page.picture("zh-queue-heeds").await;
    let number = page.text("[data-row] + .sub").await;
    let number = number.split(" · ").next().unwrap().to_owned();
    for words in ["路灯", &number, &number[number.len() - 7..], &number[number.len() - 7..number.len() - 2]] {
        page.open("/").await;
        page.focus("#search").await;
        page.write(words).await;
        page.follow(page.press("Enter")).await;
        // A whole number opens its ticket.
        assert!(page.has("[data-row]").await || page.path().await.contains(&id), "{words} finds nothing");
    }
    page.open(&format!("/tickets/{id}")).await;
    assert!(page.text("#fates").await.contains("报结"));
    assert!(!page.text("main").await.contains("暂定"), "nothing of its own is provisional any more");
    page.picture("zh-ticket-left").await;

    // Who shows that the work was done has it off his desk until the hotline says something.
    page.focus(".card.alarm form[action$='show-done'] input[name=text]").await;
    page.write("见现场照片").await;
    page.follow(page.click(".card.alarm form[action$='show-done'] button")).await;
    assert!(page.text(".done").await.contains("不再提示"));
    assert!(!page.has(".card.alarm").await);
    let other = browser.page(&city.city.base).await;
    city.city.until_ticket(&id, "shown", |ticket| ticket["acts"].to_string().contains("show-done")).await;
    other.sign_in("shi", PASSWORD).await;
    other.open(&format!("/tickets/{id}")).await;
    assert!(other.text(".card.alarm").await.contains("见现场照片"));
    other.focus(".card.alarm form[action$='accept-work'] input[name=text]").await;
    other.write("确已修好").await;
    other.follow(other.click(".card.alarm form[action$='accept-work'] button")).await;
    assert!(other.text(".done").await.contains("不再提示"));
    assert!(!other.has(".card.alarm").await);

    // The unit sees it, and ends it by taking note.
    township.until_ticket(&id, "recognised", |ticket| ticket["fates"].to_string().contains("确已修好")).await;
    page.open("/?tab=heeds").await;
    assert!(page.text(".fates li.not-adopted").await.contains("认可其办理：确已修好"));
    page.follow(page.click("[data-row]")).await;
    page.picture("zh-ticket-recognised").await;
    page.follow(page.click(".card.alarm form[action$='acknowledge'] button")).await;
    assert!(page.text(".done").await.contains("我办过"));
    assert!(!page.has(".card.alarm").await);
    page.open("/?tab=heeds").await;
    assert!(!page.has("[data-row]").await, "it has ended");
    page.open("/?tab=handled").await;
    assert!(page.text(".fates").await.contains("认可其办理：确已修好"), "and stays among what was handled");
    page.picture("zh-queue-handled").await;
}
