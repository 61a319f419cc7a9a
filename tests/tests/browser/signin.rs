//! 登录.

use serde_json::json;

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_one_sentence_and_the_right_one_leads_to_the_work_list() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::alone().await;
    let page = browser.page(&city.city.base).await;

    // Whoever is not signed in is led here, and afterwards back to where they wanted to go.
    page.open("/sync").await;
    assert_eq!(page.path().await, "/sign-in");
    page.picture("zh-sign-in").await;
    assert_eq!(page.value("document.activeElement.id").await, json!("login"));
    page.write("shi").await;
    page.focus("#password").await;
    page.write("wrong horse 12345").await;
    page.follow(page.press("Enter")).await;

    assert_eq!(page.value("document.querySelectorAll('.wrong').length").await, json!(1));
    assert_eq!(page.text(".wrong").await, "登录名或密码不对");
    assert_eq!(page.value("document.getElementById('login').value").await, json!("shi"));
    assert_eq!(page.value("document.getElementById('password').value").await, json!(""));
    assert_eq!(page.value("document.activeElement.id").await, json!("password"));
    page.picture("zh-sign-in-wrong").await;

    page.write(PASSWORD).await;
    page.follow(page.press("Enter")).await;
    assert_eq!(page.path().await, "/sync");

    page.follow(page.click("form[action='/sign-out'] button")).await;
    assert_eq!(page.path().await, "/sign-in");
    page.sign_in("shi", PASSWORD).await;
    assert_eq!(page.path().await, "/");
    assert!(page.text("h1").await.starts_with("工作台"));
    assert_eq!(page.text(".user").await, "王受理");
    // No script can read what signs somebody in.
    assert_eq!(page.value("document.cookie").await, json!(""));
}
