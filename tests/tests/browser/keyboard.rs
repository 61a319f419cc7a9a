//! A clerk's day without a mouse.

use serde_json::{Value, json};

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_found_opened_and_signed_for_by_keys_alone() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    let ids = [
        city.city.dispatch("东柳村主街路灯全不亮").await,
        city.city.dispatch("西柳村自来水断断续续").await,
        city.city.dispatch("村口垃圾堆放无人清运").await,
    ];
    let township = city.township();
    // That the dispatch has arrived is written down by the city hub, and stands in the timeline too.
    let arrived = |ticket: &Value| {
        let witnessed = ticket["acts"].as_array().is_some_and(|acts| acts.iter().any(|act| act["kind"] == "witness"));
        witnessed && ticket["unsettled"] == 0
    };
    for id in &ids {
        township.until_ticket(id, "arrived and settled", arrived).await;
    }
    let page = browser.page(&township.base).await;
    page.sign_in("zhen", PASSWORD).await;
    page.until("document.querySelectorAll('[data-row]').length === 3").await;

    let rows = "Array.from(document.querySelectorAll('[data-row]')).indexOf(document.activeElement)";
    for (key, row) in [("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)] {
        page.press(key).await;
        assert_eq!(page.value(rows).await, json!(row), "after {key}");
    }
    page.press("/").await;
    assert_eq!(page.value("document.activeElement.id").await, json!("search"));
    // What is typed into a field is text, whatever the letters mean elsewhere.
    for key in ["j", "k", "n", "?", "/"] {
        page.press(key).await;
    }
    assert_eq!(page.value("document.getElementById('search').value").await, json!("jkn?/"));
    assert_eq!(page.value("document.activeElement.id").await, json!("search"));
    assert_eq!(page.path().await, "/");
    assert_eq!(page.value("getComputedStyle(document.getElementById('keys')).display").await, json!("none"));

    page.value("document.getElementById('search').value = ''").await;
    page.write("自来水").await;
    page.follow(page.press("Enter")).await;
    page.until("document.querySelectorAll('[data-row]').length === 1").await;
    page.press("j").await;
    page.follow(page.press("Enter")).await;
    assert!(page.path().await.starts_with("/tickets/"), "{}", page.path().await);
    assert_eq!(page.text("h1").await, "西柳村自来水断断续续");

    // The form is reached by Tab, opened, and sent.
    let form = "form[action$='/acts/sign-for']";
    let opened = format!(
        "document.activeElement.closest('details.act') === document.querySelector(\"{form}\").closest('details')"
    );
    tab_to(&page, &opened).await;
    page.press("Enter").await;
    page.until(&format!("document.querySelector(\"{form}\").closest('details').open")).await;
    tab_to(&page, &format!("document.activeElement.matches(\"{form} button.primary\")")).await;
    page.follow(page.press("Enter")).await;

    assert_eq!(page.text(".done b").await, "签收");
    assert!(page.text(".timeline li.made .what").await.starts_with("签收"));
    // The newest act is on top, and it stands out; the hub may have confirmed it meanwhile.
    assert!(
        page.value("document.querySelector('.timeline li:not(.minor)').classList.contains('made')").await
            == json!(true)
    );
    let ground = "getComputedStyle(document.querySelector('.timeline li.made')).backgroundColor";
    assert_ne!(page.value(ground).await, json!("rgba(0, 0, 0, 0)"));
    let status = page.text(".status").await;
    assert!(status.contains("联系诉求人时限"), "{status}");
    page.picture("zh-ticket-signed-for").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_can_be_looked_up_and_switched_off() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    city.city.register("东柳村主街路灯全不亮", "村里主街的路灯全灭了。").await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;

    let shown = "getComputedStyle(document.getElementById('keys')).display !== 'none'";
    page.press("?").await;
    page.until(shown).await;
    page.picture("zh-keys").await;
    page.press("Escape").await;
    page.until(&format!("!({shown})")).await;
    // Neither what an input method swallows nor what belongs to the browser.
    for (number, modifiers) in [(229, 0), (74, 2), (74, 1)] {
        let key = json!({ "type": "rawKeyDown", "key": "j", "code": "KeyJ", "windowsVirtualKeyCode": number, "modifiers": modifiers });
        page.call("Input.dispatchKeyEvent", key).await;
        assert_eq!(page.value("document.activeElement === document.body").await, json!(true));
    }
    page.follow(page.press("n")).await;
    assert_eq!(page.path().await, "/register");

    page.open("/").await;
    page.press("?").await;
    page.until(shown).await;
    page.follow(page.click("#keys button[value='off']")).await;
    page.press("j").await;
    assert_eq!(page.value("document.activeElement === document.body").await, json!(true));
    page.press("/").await;
    assert_eq!(page.value("document.activeElement === document.body").await, json!(true));
}

/// Presses Tab until the focus is where it should be.
async fn tab_to(page: &crate::page::Page, there: &str) {
    for _ in 0..100 {
        if page.value(there).await == json!(true) {
            return;
        }
        page.press("Tab").await;
    }
    panic!("Tab never comes to {there}");
}
