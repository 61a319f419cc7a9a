//! What is refused, what is asked for, and whose what is due is: said where the reader looks.

use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;
use crate::page::Page;

/// Where the focus is: its name, whether it is marked as wrong, and whether it is seen.
async fn focused(page: &Page) -> serde_json::Value {
    page.value(
        "(e => { var r = e.getBoundingClientRect(); return [e.name || e.tagName, e.getAttribute('aria-invalid'),
            r.top >= 0 && r.bottom <= window.innerHeight]; })(document.activeElement)",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_the_focus_at_its_field_or_at_the_top_with_script_and_without() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    for off in [false, true] {
        // What was begun at one ticket stands in its forms still.
        let id = city.city.register("东柳村主街路灯全不亮", "村里主街的路灯全灭了。").await;
        let page = browser.page(&city.city.base).await;
        page.call("Emulation.setScriptExecutionDisabled", json!({ "value": off })).await;
        page.sign_in("shi", PASSWORD).await;
        page.open(&format!("/tickets/{id}")).await;
        let form = "form[action$='/acts/dispatch']";
        page.click(&format!("details.act:has({form}) > summary")).await;
        page.click(&format!("{form} input[name=lead]")).await;
        page.write("没有的镇").await;
        page.follow(page.press("Enter")).await;
        page.until_drawn("document.activeElement.name === 'lead'").await;
        assert_eq!(focused(&page).await, json!(["lead", "true", true]), "without script: {off}");
        let said = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).innerText";
        assert!(page.value(said).await.as_str().unwrap().contains("没有的镇"));
        page.picture(if off { "zh-refused-no-script" } else { "zh-refused" }).await;

        // What is about no field stands at the top of its form.
        let form = "form[action$='/acts/merge']";
        // What was typed is not left behind without a question: another tab.
        let page = browser.page(&city.city.base).await;
        page.call("Emulation.setScriptExecutionDisabled", json!({ "value": off })).await;
        page.sign_in("shi", PASSWORD).await;
        page.open(&format!("/tickets/{id}?merge={id}")).await;
        page.click(&format!("{form} textarea[name=text]")).await;
        page.write("同一件事。").await;
        page.follow(page.click(&format!("{form} button.primary"))).await;
        page.until_drawn("document.activeElement.hasAttribute('data-refused')").await;
        assert_eq!(focused(&page).await, json!(["P", null, true]), "without script: {off}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_confirmation_will_ask_for_is_said_before_a_completion_and_is_the_next_step_after() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    assert!(!page.has("td.others-due").await, "its own due is its own");
    township.act("sign-for", &id, &[]).await;
    page.open(&format!("/tickets/{id}")).await;
    let form = "form[action$='/acts/complete']";
    page.click(&format!("details.act:has({form}) > summary")).await;
    let said = page.text(&format!("{form} .about")).await;
    for part in ["还没有记下与诉求人的联系", "接通的联系一次", "分两天共三次", "书面答复"]
    {
        assert!(said.contains(part), "no {part} in: {said}");
    }
    page.picture("zh-complete-warned").await;
    let done = [
        ("outcome", "solved"),
        ("told_at", "now"),
        ("told_way", "telephone"),
        ("told_whom", "requester"),
        ("text", "已修好。"),
    ];
    township.act("complete", &id, &done).await;
    page.open(&format!("/tickets/{id}")).await;
    assert!(page.text("#lack").await.contains("下一步：承办单位补记联系诉求人"));
    city.city.until_ticket(&id, "reported", |ticket| ticket["state"] == "awaiting-closure").await;

    // At the city the due of somebody else has its owner's name and is grey.
    let other = city.city.dispatch("楼道灯不亮").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    let row = format!("tr:has(a[href='/tickets/{other}']) td.others-due");
    assert!(page.text(&row).await.contains("义安镇"), "{}", page.text(".list").await);
    let grey = format!("getComputedStyle(document.querySelector(\"{row} .verdict\")).fontWeight");
    assert_eq!(page.value(&grey).await, json!("400"));
    page.picture("zh-queue-dues").await;

    township.act("contact", &id, &[("text", "已告知。"), ("reached", "answered")]).await;
    let lacks = |ticket: &serde_json::Value| ticket["lack"].is_null();
    township.until_ticket(&id, "contacted", lacks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_names_the_other_ticket_by_its_number_and_title() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let first = city.city.register("东柳村主街路灯全不亮", "村里主街的路灯全灭了。").await;
    let second = city.city.register("东柳村主街路灯全不亮了", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{second}?merge={first}")).await;
    let form = "form[action$='/acts/merge']";
    let typed = page.value(&format!("document.querySelector(\"{form} input[name=into]\").value")).await;
    assert!(typed.as_str().unwrap().len() < 40, "{typed}");
    assert!(page.text(&format!("{form} .about")).await.contains("东柳村主街路灯全不亮"));
    page.focus(&format!("{form} textarea[name=text]")).await;
    page.write("同一路段同一故障。").await;
    page.follow(page.click(&format!("{form} button.primary"))).await;
    let summary = page.text(".timeline li.made .summary").await;
    assert!(summary.contains("东柳村主街路灯全不亮") && summary.contains(typed.as_str().unwrap()), "{summary}");
}
