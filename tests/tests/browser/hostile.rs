//! What people write is shown as they wrote it, and is never anything but text.

use serde_json::{Value, json};

use crate::city::{City, PASSWORD};
use crate::driver::Browser;
use crate::page::Page;

const SCRIPT: &str = "<script>window.hurt=1</script>";
const SVG: &str = "<svg/onload=window.hurt=1>";
/// As long as a tag may be.
const TAG: &str = "<svg/onload=h()>";
const IMAGE: &str = "\"><img src=x onerror=window.hurt=1>'";
const BRACES: &str = "{{7*7}}${7*7}{% raw %}";
const LINK: &str = "javascript:window.hurt=1";
const ENTITY: &str = "&lt;b&gt;粗&amp;lt;";

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_only_text() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let all = format!("{SCRIPT}{SVG}{IMAGE}{BRACES}{LINK}{ENTITY}</textarea></title><a href=\"{LINK}\">x</a>");
    let desk = &city.city;
    let private = [("name", SCRIPT), ("phone", "13800000000"), ("address", SVG)];
    let fields = [("title", all.as_str()), ("content", &all), ("category", "0104"), ("place", SVG)];
    let id = desk.act("register", "", &[&fields[..], &private[..]].concat()).await;
    desk.act("note", &id, &[("text", &all)]).await;
    desk.act("tag", &id, &[("add", TAG)]).await;
    desk.act("correct", &id, &[("place", IMAGE), ("text", &all)]).await;
    desk.act("dispatch", &id, &[("lead", "130623102-GOV"), ("text", &all)]).await;
    let article = desk.act("article-create", "", &[("title", &all), ("category", "0104"), ("body", &all)]).await;

    let page = browser.page(&desk.base).await;
    let mut events = page.events();
    // Signing in says again what was typed.
    page.sign_in(IMAGE, PASSWORD).await;
    assert_eq!(page.value("document.getElementById('login').value").await, json!(IMAGE));
    harmless(&page, "sign-in").await;
    page.sign_in("shi", PASSWORD).await;

    let encoded: String = all.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let paths = [
        "/".to_owned(),
        format!("/?find={encoded}"),
        format!("/?tab={encoded}&after={encoded}"),
        format!("/tickets/{id}"),
        format!("/tickets/{id}?merge={encoded}&made={encoded}"),
        format!("/tickets/{encoded}"),
        "/kb".to_owned(),
        format!("/kb?find={encoded}"),
        format!("/kb/{article}?made={encoded}"),
        format!("/sign-in?back={encoded}"),
        format!("/{encoded}"),
    ];
    for path in &paths {
        page.open(path).await;
        harmless(&page, path).await;
    }
    for path in ["/", &format!("/tickets/{id}"), "/kb", &format!("/kb/{article}")] {
        page.open(path).await;
        let shown = page.value("document.querySelector('main').textContent").await;
        assert!(shown.as_str().unwrap().contains(&all), "not shown as written: {path}");
    }
    let title = page.value("document.title").await;
    assert!(title.as_str().unwrap().starts_with(&all), "{title}");
    page.open(&format!("/tickets/{id}")).await;
    page.reveal("核对").await;
    assert_eq!(page.text(".tag").await, TAG);
    assert!(page.text(".facts").await.contains(SCRIPT));
    assert!(page.text(".notes").await.contains(&all));
    page.picture("zh-ticket-hostile").await;
    // A form that comes back holds what was typed, as text.
    page.open(&format!("/kb/{article}")).await;
    let body = page.value("(document.querySelector('textarea[name=body]') || {}).value || null").await;
    assert!(body == json!(all) || body == Value::Null, "{body}");

    // Nothing was even tried: the policy of the pages had nothing to stop, and nothing was asked of anybody else.
    for event in events.so_far() {
        let entry = event.params.to_string();
        assert!(!(event.method == "Log.entryAdded" && entry.contains("Content Security Policy")), "{entry}");
        assert_ne!(event.method, "Runtime.exceptionThrown", "{entry}");
        assert_ne!(event.method, "Page.javascriptDialogOpening", "{entry}");
        if event.method == "Network.requestWillBeSent" {
            let url = event.params["request"]["url"].as_str().unwrap();
            // The picture of its own that a browser puts into a field of a day asks nobody.
            let own = url.starts_with("data:image/svg+xml;base64,");
            assert!(own || url.starts_with(&desk.base) && !url.ends_with("/x"), "{url}");
        }
    }
}

async fn harmless(page: &Page, at: &str) {
    assert_eq!(page.value("window.hurt === undefined").await, json!(true), "a script ran: {at}");
    let alive = "document.querySelectorAll('main script, main svg, main img, main iframe, main b b, head svg, \
                 [onload], [onerror], [onclick], [style], a[href^=\"javascript:\" i]').length";
    assert_eq!(page.value(alive).await, json!(0), "text became markup: {at}");
    let scripts = "Array.from(document.scripts).filter(s => !s.src.startsWith(location.origin + '/assets/')).length";
    assert_eq!(page.value(scripts).await, json!(0), "a script from nowhere: {at}");
}
