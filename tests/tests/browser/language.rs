//! The pages in English.

use serde_json::{Value, json};

use crate::city::{City, DEPARTMENT, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn english_is_chosen_once_and_stays() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.open("/sign-in").await;
    assert_eq!(page.value("document.documentElement.lang").await, json!("zh-CN"));
    page.follow(page.click("button[value='en']")).await;
    assert_eq!(page.value("document.documentElement.lang").await, json!("en"));
    page.sign_in("zhen", "wrong horse 12345").await;
    assert_eq!(page.text(".wrong").await, "the login or the password is wrong");
    page.sign_in("zhen", PASSWORD).await;

    page.until(r"/^received by the city \d\d:\d\d$/.test(document.getElementById('sync').innerText.trim())").await;
    assert_eq!(page.text(".links a[aria-current]").await, "My work");
    page.until_said(".list tbody tr", "awaiting sign for").await;
    page.until_said(".tabs a", "awaiting sign for").await;
    page.until_said(".verdict", "normal").await;
    page.follow(page.click("[data-row]")).await;
    assert_eq!(page.text(".state").await, "awaiting sign for");
    page.open("/kb").await;
    assert!(page.text("h1").await.starts_with("Knowledge"));

    // A refusal by the rules is in the language of the reader too.
    page.open("/tickets/nothing").await;
    assert!(page.text("h1").await.is_ascii(), "{}", page.text("h1").await);
    page.open("/").await;
    page.follow(page.click("button[value='zh']")).await;
    assert_eq!(page.text(".links a[aria-current]").await, "工作台");
    page.until_said(".list tbody tr", "待签收").await;
}

/// Words of the program that are in Chinese though English was chosen. What people wrote, names of units, people,
/// devices and categories stay as they are.
const CHINESE: &str = r"Array.from(document.querySelectorAll(
    'th, dt, h2, summary, label, button:not([lang]), .hint, .small, .menu, .verdict, .mark, .state, .wrong, .required, option, .sync'))
    .filter(e => e.checkVisibility() || e.tagName === 'OPTION')
    .filter(e => !e.closest('optgroup, datalist, .crumb'))
    .map(e => e.textContent.trim())
    .filter(text => /[\u4e00-\u9fff]/.test(text))";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_in_the_language_that_was_chosen() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let (desk, township) = (&city.city, city.township());
    let id = desk.dispatch("东柳村主街路灯全不亮").await;
    township.until_settled(&id).await;
    let article = [
        ("title", "路灯报修"),
        ("category", "0104"),
        ("body", "【先自查】看看是不是停电。\n【再报修】拨打村委会电话。"),
    ];
    let article = desk.act("article-create", "", &article).await;
    township.act("sign-for", &id, &[]).await;
    desk.until_settled(&id).await;
    township.until_settled(&id).await;
    city.cut().await;
    desk.act("redispatch", &id, &[("lead", DEPARTMENT), ("text", "属市管道路。")]).await;
    desk.act("correct", &id, &[("title", "更正：楼道照明损坏")]).await;
    township.act("contact", &id, &[("text", "联系诉求人。")]).await;
    township.act("correct", &id, &[("title", "更正：三单元楼道灯不亮")]).await;
    township
        .act(
            "complete",
            &id,
            &[
                ("outcome", "solved"),
                ("told_at", "now"),
                ("told_way", "sms"),
                ("told_whom", "requester"),
                ("text", "已处理完毕。"),
            ],
        )
        .await;
    city.mend();
    desk.until_ticket(&id, "overruled", |ticket| ticket["overruled"] != 0 && ticket["conflicts"] == 1).await;

    let page = browser.page(&desk.base).await;
    page.open("/sign-in").await;
    page.picture("zh-sign-in").await;
    page.sign_in("shi", PASSWORD).await;
    let pages = [
        ("queue", "/".to_owned()),
        ("ticket", format!("/tickets/{id}")),
        ("register", "/register".to_owned()),
        ("kb", "/kb".to_owned()),
        ("article", format!("/kb/{article}")),
        ("article-new", "/kb/new".to_owned()),
        ("sync", "/sync".to_owned()),
        ("error", "/nowhere".to_owned()),
    ];
    let mut chinese = Vec::new();
    for lang in ["zh", "en"] {
        if lang == "en" {
            page.open("/").await;
            page.follow(page.click("button[value='en']")).await;
        }
        for (name, path) in &pages {
            page.size(1366, 768).await;
            page.open(path).await;
            page.picture(&format!("{lang}-{name}")).await;
            page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })").await;
            if lang == "en"
                && let Value::Array(found) = page.value(CHINESE).await
            {
                chinese.extend(found.iter().map(|text| format!("{name}: {text}")));
            }
            let height = page.value("document.documentElement.scrollHeight").await.as_u64().unwrap();
            page.size(1366, u32::try_from(height).unwrap()).await;
            page.picture(&format!("{lang}-{name}-opened")).await;
        }
    }
    assert!(chinese.is_empty(), "{chinese:#?}");
}
