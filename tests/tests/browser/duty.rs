//! What a return rests on, where somebody decides on it (18).

use desk::call::{Call, CallBy, answer, questions as q};

use crate::city::{City, DEPARTMENT, PASSWORD};
use crate::driver::Browser;

/// The duty list: entry 1 is every township's, entry 2 a department's.
async fn listed(city: &City) {
    let li = q::Person {
        unit: "市热线".to_owned(),
        name: "李审核".to_owned(),
        login: "li".to_owned(),
        roles: vec!["administer".to_owned()],
    };
    city.city.ask(Call::Person(li)).await;
    let duty = |number, unit: Option<&str>, class: Option<&str>, text: &str| q::DutySet {
        number,
        unit: unit.map(str::to_owned),
        class: class.map(str::to_owned),
        category: None,
        text: text.to_owned(),
        basis: "三定规定".to_owned(),
    };
    let set = vec![
        duty(1, None, Some("township"), "村内公共照明的日常管护"),
        duty(2, Some(DEPARTMENT), None, "城市道路照明设施的维护"),
    ];
    let told = city.city.ask(Call::Duties(q::Duties { set, ..q::Duties::default() })).await;
    let proposal = told["proposed"]["proposal"].as_str().unwrap().to_owned();
    let call = Call::Decide(q::Decide { proposal, confirm: true, reason: None });
    answer(&city.city.node, CallBy { login: Some("li".to_owned()), call }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_decides_on_a_return_reads_the_entry_that_it_quotes_and_quotes_one_of_the_askers_own() {
    let Some(browser) = Browser::launch().await else { return };
    let city = City::with_township().await;
    listed(&city).await;
    let id = city.city.dispatch("东柳村主街路灯全不亮").await;
    let township = city.township();
    township.until_settled(&id).await;
    township.act("return-request", &id, &[("text", "属城市道路"), ("duty", "2")]).await;
    let asked = |ticket: &serde_json::Value| {
        ticket["flags"].as_array().is_some_and(|flags| flags.iter().any(|flag| flag == "return-pending"))
    };
    city.city.until_ticket(&id, "return asked", asked).await;

    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    page.open(&format!("/tickets/{id}")).await;
    let form = "document.querySelector(\"form[action$='/acts/return-deny']\")";
    let about = page.value(&format!("{form}.querySelector('.hint').textContent")).await;
    let about = about.as_str().unwrap();
    for part in ["义安镇", "职责清单第 2 条", "城市道路照明设施的维护", "三定规定"] {
        assert!(about.contains(part), "no {part} in: {about}");
    }
    let offered = page.value("Array.from(document.querySelectorAll('#duties option')).map(o => o.value)").await;
    assert_eq!(offered, serde_json::json!(["1", "2", "无"]));
    let sent = |duty: &str| {
        format!("{form}.elements.duty.value = '{duty}'; {form}.elements.text.value = '属本镇'; {form}.requestSubmit()")
    };
    for (duty, said) in [("9", "没有“9”这一条"), ("2", "别的单位的职责")] {
        page.follow(async { drop(page.value(&sent(duty)).await) }).await;
        page.until_said(".act-form .wrong", said).await;
    }
    page.follow(async { drop(page.value(&sent("1")).await) }).await;
    page.until("document.querySelector('#ticket-acts').innerText.includes('职责清单第 1 条（各乡镇街道）')").await;
}
