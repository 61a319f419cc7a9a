//! A ticket on which a newer program has acted: it is seen, stays readable, and nothing is done on it here.

use desk::Home;
use desk::call::questions as q;
use regulation::ActId;
use replica::act::Content;
use replica::newer::Newer;
use replica::seal::encode_signatures;
use replica::{Act, Sealed};
use store::{NewAct, Verdict};

use crate::city::{City, PASSWORD};
use crate::driver::Browser;

/// Puts an act of a kind that nobody knows behind the newest act of a ticket, in the store of a node that does not run.
fn put_newer(home: &Home, doc: ActId) {
    let mut store = home.store().unwrap();
    let row = store.doc_no(&doc).unwrap().unwrap();
    let last = store.acts_of(row).unwrap().into_iter().max_by_key(|act| act.dseq).unwrap();
    let before = Act::decode(&last.bytes).unwrap();
    let content = Content::Newer(Newer::of_kind(60_000, b"of a newer version"));
    let (effects, parts) = (Vec::new(), Vec::new());
    let (person, answers, happened) = (None, None, None);
    let dseq = before.dseq + 1;
    let act =
        Act { doc: Some(doc), dseq, deps: vec![last.id], person, answers, happened, content, effects, parts, ..before };
    let sealed = Sealed::new(&act, &home.device_key(), Vec::new());
    store.begin().unwrap();
    let new = NewAct {
        id: sealed.id(),
        doc: row,
        bytes: &sealed.bytes,
        signatures: &encode_signatures(&sealed.signatures),
        verdict: Verdict::Newer,
        rule: None,
        received_at: last.received_at,
        peer: None,
        device: act.device,
        epoch: act.epoch,
        dseq,
    };
    store.insert_act(&new).unwrap();
    store.commit().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_holds_something_newer_says_so_and_stays_readable() {
    let Some(browser) = Browser::launch().await else { return };
    let mut city = City::alone().await;
    let id = city.city.register("东柳村主街路灯全不亮", "村里主街的路灯全灭了，晚上看不见路。").await;
    city.city.register("楼道灯不亮", "三单元楼道灯不亮。").await;
    city.restart(|home| put_newer(home, ActId::parse(&id).unwrap())).await;
    city.city.ask(q::Rebuild {}.into()).await;
    city.city.until_ticket(&id, "flagged", |ticket| ticket["flags"].to_string().contains("needs-upgrade")).await;

    let page = browser.page(&city.city.base).await;
    page.sign_in("shi", PASSWORD).await;
    let marked = "Array.from(document.querySelectorAll('tr')).filter(row => row.innerText.includes('需升级'))";
    page.until(&format!("{marked}.length === 1 && {marked}[0].innerText.includes('东柳村主街路灯全不亮')")).await;
    page.picture("zh-queue-newer").await;
    page.open(&format!("/tickets/{id}")).await;
    page.until_said("[role=alert]", "请升级本机程序").await;
    let text = page.text("main").await;
    for kept in ["需升级", "村里主街的路灯全灭了，晚上看不见路。", "东柳村主街路灯全不亮", "登记"]
    {
        assert!(text.contains(kept), "no {kept} in: {text}");
    }
    assert!(!page.has("#ticket-do form").await, "nothing is offered that would be refused");
    page.picture("zh-ticket-newer").await;
}
