//! That the pages fit the screens that offices have, can be read, and ask for little.

use serde_json::{Value, json};

use crate::city::{City, PASSWORD};
use crate::driver::Browser;
use crate::page::Page;

/// Bytes of a first page with everything that belongs to it, at most.
const PAGE_BYTES_MAX: f64 = 200_000.0;
/// Contrast of text to its ground, at least.
const CONTRAST_MIN: f64 = 7.0;
/// Tickets in the list: more than a page of it shows.
const TICKETS: usize = 60;

/// Everything that takes the focus, in the order of the document.
const FOCUSABLE: &str = "window.focusable = Array.from(document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary'))
    .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0);
    window.focusable.length";

/// Text with too little contrast: what it says, its colours, and the contrast.
const FAINT: &str = r"(function () {
    function channels(colour) { return (colour.match(/[\d.]+/g) || []).map(Number); }
    function light(c) {
        var l = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : Math.pow((v + .055) / 1.055, 2.4));
        return .2126 * l[0] + .7152 * l[1] + .0722 * l[2];
    }
    function ground(e) {
        for (; e; e = e.parentElement) {
            var c = channels(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
        return [255, 255, 255];
    }
    var found = [];
    function look(text, e, colour) {
        var a = light(channels(colour)), b = light(ground(e));
        var contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (contrast < MIN) found.push(text.slice(0, 20) + ' ' + colour + ' ' + contrast.toFixed(2));
    }
    var walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        var e = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !e.checkVisibility({ visibilityProperty: true })) continue;
        look(walker.currentNode.data.trim(), e, getComputedStyle(e).color);
    }
    document.querySelectorAll('input:not([type=hidden]):not([type=checkbox]), textarea').forEach(function (e) {
        if (!e.checkVisibility({ visibilityProperty: true })) return;
        look('in ' + e.name, e, getComputedStyle(e).color);
        if (e.placeholder) look(e.placeholder, e, getComputedStyle(e, '::placeholder').color);
    });
    return found;
})()";

/// What sticks out to the right.
const WIDE: &str = "(function () {
    var width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return Array.from(document.querySelectorAll('body *')).filter(e => e.checkVisibility() && e.getBoundingClientRect().right > width + 1)
        .map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).slice(0, 8).concat(['scrolls']);
})()";

async fn pages(city: &City) -> Vec<String> {
    let desk = &city.city;
    for n in 1..TICKETS {
        desk.register(&format!("东柳村主街第 {n} 盏路灯不亮，晚上看不见路，请尽快维修"), "路灯全灭了。").await;
    }
    let id = desk.register("紧急：村口塌方，道路中断", "村口塌方，请尽快处置。\n雨还在下。").await;
    desk.act("note", &id, &[("text", "已电话通知应急值班。")]).await;
    desk.act("tag", &id, &[("add", "重点 老人")]).await;
    let body = [
        ("title", "供暖不热怎么办"),
        ("category", "0104"),
        ("body", "【先自查】阀门是否打开。\n【再报修】拨打供热单位电话。"),
    ];
    let article = desk.act("article-create", "", &body).await;
    vec![
        "/".to_owned(),
        format!("/tickets/{id}"),
        "/register".to_owned(),
        "/kb".to_owned(),
        format!("/kb/{article}"),
        "/kb/new".to_owned(),
        "/sync".to_owned(),
        "/nowhere".to_owned(),
        "/sign-in".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_small_screens_and_text_stands_out() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let paths = pages(&city).await;
    let page = browser.page(&city.city.base).await;
    let mut wrong = Vec::new();
    page.sign_in("shi", PASSWORD).await;
    for english in [false, true] {
        if english {
            page.open("/").await;
            page.follow(page.click("button[value='en']")).await;
        }
        for path in &paths {
            page.open(path).await;
            for opened in [false, true] {
                page.value(&format!("document.querySelectorAll('details').forEach(d => {{ d.open = {opened}; }})"))
                    .await;
                for (width, height) in [(1366, 768), (1024, 600)] {
                    page.size(width, height).await;
                    for size in [16, 18, 20, 22] {
                        page.value(&format!("document.documentElement.style.fontSize = '{size}px'")).await;
                        let wide = page.value(WIDE).await;
                        if wide != json!([]) {
                            wrong.push(format!("{path} at {width} px, {size} px letters: {wide}"));
                        }
                    }
                }
                let faint = page.value(&FAINT.replace("MIN", &CONTRAST_MIN.to_string())).await;
                if faint != json!([]) {
                    wrong.push(format!("{path}: {faint}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_reached_by_tab_in_the_order_in_which_it_is_read() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let paths = pages(&city).await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    for path in &paths[1..] {
        page.open(path).await;
        walk(&page, path).await;
    }
}

async fn walk(page: &Page, path: &str) {
    // A field that takes the focus by itself is where Tab would begin.
    page.value("document.activeElement.blur(); window.getSelection().removeAllRanges()").await;
    page.value("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')").await;
    let count = page.value(FOCUSABLE).await.as_u64().unwrap();
    assert!(count > 5, "{path}");
    let mut last = json!(null);
    for at in 0..count {
        // A field for a date and time is several stops to the keyboard and one element to the page.
        for _ in 0..8 {
            page.press("Tab").await;
            let now = page.value("window.focusable.indexOf(document.activeElement)").await;
            if now != last {
                last = now;
                break;
            }
        }
        let focused = "[window.focusable.indexOf(document.activeElement), \
                        getComputedStyle(document.activeElement).outlineStyle !== 'none', document.activeElement.outerHTML.slice(0, 80)]";
        let Value::Array(focused) = page.value(focused).await else { panic!("{path}") };
        assert_eq!(focused[0], json!(at), "{path}: {}", focused[2]);
        assert_eq!(focused[1], json!(true), "{path}: the focus is not seen at {}", focused[2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_page_is_small_and_asks_nobody_else() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let paths = pages(&city).await;
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.call("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
    let mut everything = page.events();
    for path in &paths {
        let mut events = page.events();
        page.open(path).await;
        let bytes: f64 = events
            .so_far()
            .iter()
            .filter(|event| event.method == "Network.loadingFinished")
            .filter_map(|event| event.params["encodedDataLength"].as_f64())
            .sum();
        assert!(bytes > 1_000.0 && bytes <= PAGE_BYTES_MAX, "{path}: {bytes} bytes");
    }
    let mut asked = 0;
    for event in everything.so_far().iter().filter(|event| event.method == "Network.requestWillBeSent") {
        let url = event.params["request"]["url"].as_str().unwrap();
        // The browser's own pictures in fields for dates are with it already.
        assert!(url.starts_with(&city.city.base) || url.starts_with("data:"), "{url}");
        asked += 1;
    }
    assert!(asked > paths.len(), "{asked} requests");
}
