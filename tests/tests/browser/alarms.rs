//! The alarm register on the page 同步: sentences that wrap, and a button that is in sight, on the screens that people have.

use kernel::{Alarm, Cause, Detail};
use regulation::DeviceId;
use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

/// Pixels of one alarm where its columns stand side by side, at most: six lines of a sentence and what is known.
const ROW_HEIGHT_MAX: u32 = 165;

/// What is wrong with the alarms on a screen of that width: what lies beyond it, what is too narrow to read.
const BROKEN: &str = "(function (high) {
    var width = document.documentElement.clientWidth, found = [];
    if (document.documentElement.scrollWidth > width) found.push('scrolls to ' + document.documentElement.scrollWidth);
    document.querySelectorAll('#alarms tbody tr').forEach(function (row) {
        var box = row.getBoundingClientRect(), button = row.querySelector('button').getBoundingClientRect();
        if (button.right > width || button.width < 40) found.push('button to ' + Math.round(button.right));
        if (box.height > high) found.push('row of ' + Math.round(box.height) + ' px');
        row.querySelectorAll('td').forEach(function (cell, at) {
            var text = cell.innerText.trim().length, of = cell.getBoundingClientRect();
            if (of.width < 16 * Math.min(text, 4)) found.push('cell ' + at + ' of ' + Math.round(of.width) + ' px');
            if (cell.scrollWidth > Math.ceil(of.width)) found.push('cell ' + at + ' flows over');
        });
    });
    return found;
})";

#[tokio::test(flavor = "multi_thread")]
async fn alarms_wrap_and_their_buttons_are_in_sight() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let desk = city.city.node.desk();
    let causes =
        [Cause::Here, Cause::Device(DeviceId(1)), Cause::Address("2001:db8:1234:5678:9abc:def0:1:2".parse().unwrap())];
    let alarms = [Alarm::HubPutBack, Alarm::TwinActs, Alarm::PasswordsGuessed];
    for (alarm, cause) in alarms.into_iter().zip(causes) {
        desk.raise(alarm, cause, Detail::Nothing {}).await.unwrap();
    }
    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    for english in [false, true] {
        if english {
            page.open("/").await;
            page.follow(page.click("button[value='en']")).await;
        }
        page.open("/sync").await;
        page.until("document.querySelectorAll('#alarms tbody tr').length === 3").await;
        for (width, height, high) in [(1280, 800, ROW_HEIGHT_MAX), (400, 800, 420)] {
            page.size(width, height).await;
            page.picture(&format!("{}-alarms-{width}", if english { "en" } else { "zh" })).await;
            assert_eq!(page.value(&format!("{BROKEN}({high})")).await, json!([]), "at {width}, english {english}");
        }
    }
}
