//! One person proposes at one desk, another confirms at another.

use desk::people::{self, Newcomer};
use node::found::CITY_HOTLINE;
use regulation::PersonId;
use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_person_proposes_another_confirms_in_a_session_of_his_own() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let li = Newcomer { name: "李审核".to_owned(), login: "li".to_owned() };
    let li =
        people::add(&city.city.node, PersonId(1), CITY_HOTLINE, li, regulation::split::all_of_one()).await.unwrap();
    people::set_password(&city.city.node, people::SetBy::Owner, li, PASSWORD).await.unwrap();
    let id = city.city.register("东柳村主街路灯全不亮", "联系人张某，电话写在了内容里。").await;

    // One says what is to be erased, and why.
    let first = browser.page(&city.city.base).await;
    first.sign_in("shi", PASSWORD).await;
    first.open(&format!("/tickets/{id}")).await;
    first.value("document.querySelectorAll('details').forEach(e => e.open = true)").await;
    for (field, text) in [("act", &id[..12]), ("text", "诉求人要求删去")] {
        first.focus(&format!("#f-redact-{field}")).await;
        first.write(text).await;
    }
    first.value("document.getElementById('f-redact-content').value = 'text'").await;
    first.follow(first.click("form[action$='/acts/redact'] button")).await;
    let card = first.text("#ticket-head .card").await;
    for part in ["待复核", "抹除", "诉求人要求删去", "王受理", "撤回提议"] {
        assert!(card.contains(part), "no {part} in: {card}");
    }
    assert!(!first.has("form[action$='/acts/confirm']").await, "not by who proposed it");
    first.until_said(".timeline li", "待复核").await;
    assert!(first.text("#ticket-body .content").await.contains("电话写在了内容里"), "nothing is erased yet");
    first.picture("zh-ticket-proposed").await;

    // The other sees that something waits, for what, by whom and since when; and confirms it.
    let second = browser.page(&city.city.base).await;
    second.sign_in("li", PASSWORD).await;
    second.until_said(".tabs a", "待复核 1").await;
    second.picture("zh-queue-pending").await;
    second.follow(second.click(".tabs a[href='/pending']")).await;
    let row = second.text(".list tbody tr").await;
    for part in ["抹除", "诉求人要求删去", "东柳村主街路灯全不亮", "王受理"] {
        assert!(row.contains(part), "no {part} in: {row}");
    }
    second.picture("zh-pending").await;
    second.follow(second.click("[data-row]")).await;
    second.picture("zh-ticket-to-confirm").await;
    second.follow(second.click("form[action$='/acts/confirm'] button")).await;
    second.until_said(".timeline li .what", "复核").await;
    assert!(!second.has("#ticket-head .card").await, "nothing waits any more");
    second.until("!document.querySelector('#ticket-body .content').innerText.includes('电话写在了内容里')").await;

    // In English; and what one has proposed oneself is taken back.
    let article =
        city.city.act("article-create", "", &[("title", "供暖报修"), ("category", "0102"), ("body", "先自查。")]).await;
    city.city.act("article-publish", &article, &[]).await;
    second.open(&format!("/kb/{article}")).await;
    second.follow(second.click("button[value='en']")).await;
    let card = second.text("#article-head .card").await;
    for part in
        ["Waits for a second person", "article publish", "without effect until it is confirmed", "Confirm", "Decline"]
    {
        assert!(card.contains(part), "no {part} in: {card}");
    }
    second.picture("en-article-to-confirm").await;
    second.open("/pending").await;
    second.until_said("h1", "To be confirmed").await;
    // One line says what waits, and all of it leads there.
    assert_eq!(second.text(".list .title").await, second.text(".list td:first-child").await.lines().next().unwrap());
    second.picture("en-pending").await;
    first.open(&format!("/kb/{article}")).await;
    first.focus("#article-head .card input[name='text']").await;
    first.write("还要改").await;
    first.follow(first.click("form[action$='/acts/decline'] button")).await;
    assert!(!first.has("#article-head .card").await);
    second.open("/pending").await;
    second.until("document.querySelector('main').innerText.includes('Nothing waits for you')").await;
    assert_eq!(second.value("document.querySelectorAll('.list').length").await, json!(0));
}
