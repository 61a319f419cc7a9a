//! Two who write one article apart: what merges, what stands side by side, and choosing, with script and without.

use desk::call::{Call, CallBy, answer, questions as q};
use desk::people::{self, Newcomer};
use regulation::{PersonId, UnitId};
use serde_json::{Value, json};

use crate::city::{City, Desk, PASSWORD};
use crate::driver::Browser;

const BODY: &str = "一、先自查阀门。二、24小时内答复。\n三、回访。";

async fn article(desk: &Desk, id: &str) -> Option<Value> {
    let by = CallBy { login: Some(desk.login.to_owned()), call: Call::Article(q::Article { id: id.to_owned() }) };
    answer(&desk.node, by).await.ok()
}

/// Types `to` in place of `from` over the article as it is shown at that desk.
async fn edit(desk: &Desk, id: &str, from: &str, to: &str) {
    let shown = article(desk, id).await.unwrap();
    let body = shown["body"].as_str().unwrap().replacen(from, to, 1);
    let heads: Vec<&str> = shown["heads"].as_array().unwrap().iter().map(|head| head.as_str().unwrap()).collect();
    desk.act("article-edit", id, &[("body", &body), ("base", &heads.join(" "))]).await;
}

async fn until(desk: &Desk, id: &str, what: &str, so: impl Fn(&Value) -> bool) {
    desk.until(what, || async { article(desk, id).await.is_some_and(|article| so(&article)) }).await;
}

/// An article of the city that two people of it rewrote from the same text: one sentence both, each another one too.
async fn apart() -> (City, String) {
    let city = City::with_township().await;
    let desk = &city.city;
    let id = desk.act("article-create", "", &[("title", "供暖报修"), ("category", "0102"), ("body", BODY)]).await;
    let li = Newcomer { name: "李审核".to_owned(), login: "li".to_owned() };
    people::add(&desk.node, PersonId(1), UnitId(1), li, regulation::split::all_of_one()).await.unwrap();
    let by_li = |kind: &str, fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let call = Call::Act(q::Act { kind: kind.to_owned(), id: Some(id.clone()), fields });
        answer(&desk.node, CallBy { login: Some("li".to_owned()), call })
    };
    desk.act("article-publish", &id, &[]).await;
    by_li("confirm", &[]).await.unwrap();
    let shown = article(desk, &id).await.unwrap();
    let heads: Vec<&str> = shown["heads"].as_array().unwrap().iter().map(|head| head.as_str().unwrap()).collect();
    let base = heads.join(" ");
    let wang = BODY.replace("24小时", "12小时").replace("先自查阀门", "先自查阀门和过滤网");
    desk.act("article-edit", &id, &[("body", &wang), ("base", &base)]).await;
    let li = BODY.replace("24小时", "48小时").replace("三、回访。", "三、回访。\n四、归档。");
    by_li("article-edit", &[("body", &li), ("base", &base)]).await.unwrap();
    until(desk, &id, "in conflict", |article| article["conflicts"] == 1).await;
    (city, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_wordings_of_one_sentence_are_shown_with_who_and_when_and_one_is_chosen_without_script() {
    let Some(browser) = Browser::launch().await else { return };
    let (city, id) = apart().await;
    let page = browser.page(&city.city.base).await;
    page.call("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/kb/{id}")).await;
    let shown = page.text(".content").await;
    for part in ["先自查阀门和过滤网", "四、归档。"] {
        assert!(shown.contains(part), "what each wrote elsewhere merges: no {part} in {shown}");
    }
    assert!(!shown.contains("18"), "{shown}");
    let card = page.text(".card.alarm").await;
    for part in ["待选定", "二、12小时内答复。", "二、48小时内答复。", "市热线 李审核", "市热线 王受理", "采用这个"]
    {
        assert!(card.contains(part), "no {part} in: {card}");
    }
    // What was published stands beside it, and what was changed since is marked.
    assert_eq!(page.text(".content del").await, "一、先自查阀门。");
    assert_eq!(page.text(".content ins").await, "一、先自查阀门和过滤网。");
    assert_eq!(page.text(".content.published").await, BODY);
    page.picture("zh-article-undecided").await;
    page.follow(page.click(".card .wordings li:last-child button")).await;
    assert!(page.text(".done").await.contains("已保存在本机"));
    assert!(!page.has(".card.alarm").await);
    page.picture("zh-article-chosen").await;
    let chosen = article(&city.city, &id).await.unwrap()["body"].as_str().unwrap().to_owned();
    assert!(chosen.contains("12小时") != chosen.contains("48小时"), "{chosen}");
    until(city.township(), &id, "chosen everywhere", |article| article["conflicts"] == 0 && article["body"] == chosen)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_box_that_was_open_meanwhile_loses_nothing_of_what_was_typed_and_of_what_came() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let desk = &city.city;
    let id = desk.act("article-create", "", &[("title", "供暖报修"), ("category", "0102"), ("body", BODY)]).await;
    let page = browser.page(&desk.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/kb/{id}")).await;
    let form = "form[action$='/acts/article-edit']";
    page.click(&format!("details.act:has({form}) > summary")).await;
    // Somebody else changes one sentence and adds another while the box is open.
    edit(desk, &id, "24小时", "12小时").await;
    edit(desk, &id, "三、回访。", "三、回访。四、归档。").await;
    let set = format!(
        "(() => {{ const box = document.querySelector(\"{form} textarea\"); box.value = box.value.replace('24小时', '48小时').replace('自查', '查看'); return true; }})()"
    );
    assert_eq!(page.value(&set).await, json!(true));
    page.picture("zh-article-edit").await;
    page.follow(page.click(&format!("{form} .send button"))).await;
    let shown = page.text(".content").await;
    assert!(shown.contains("先查看阀门") && shown.contains("四、归档。"), "{shown}");
    let card = page.text(".card.alarm").await;
    assert!(card.contains("12小时") && card.contains("48小时"), "{card}");
    // A blank title is kept; a text that is too long to be kept comes back as it was typed.
    let long = format!(
        "(() => {{ const box = document.querySelector(\"{form} textarea\"); box.value = '很长。'.repeat(20000); return box.value.length; }})()"
    );
    page.click(&format!("details.act:has({form}) > summary")).await;
    assert_eq!(page.value(&long).await, json!(60_000));
    page.follow(page.click(&format!("{form} .send button"))).await;
    page.until_said(".wrong", "50000").await;
    let kept = format!("document.querySelector(\"{form} textarea\").value.length");
    assert_eq!(page.value(&kept).await, json!(60_000));
}
