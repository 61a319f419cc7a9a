//! Locked tables at the node that keeps them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use desk::call::{Call, CallBy, answer};
use desk::{Home, Problem};
use node::{Node, Start};
use regulation::{PersonId, UnitId};
use serde_json::Value;

async fn ask(node: &Node, call: Call) -> Result<Value, Problem> {
    answer(node, CallBy { login: Some("admin".to_owned()), call }).await
}

fn rates(period: &str) -> Call {
    Call::Report { kind: "rates".to_owned(), period: period.to_owned() }
}

async fn city(dir: &std::path::Path) -> Node {
    let founder = node::found::Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
    let home = Home::create(dir, true).unwrap();
    let node = node::found::found(home, "示例市", &founder, "jiesu-test-1").await.unwrap();
    let newcomer = desk::people::Newcomer { name: "李审核".to_owned(), login: "li".to_owned() };
    let id =
        desk::people::add(&node, PersonId(1), UnitId(1), newcomer, vec![regulation::Role::Statistics]).await.unwrap();
    assert_eq!(id, PersonId(2));
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_city_has_weights_and_a_table_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let node = city(&folder.path().join("city")).await;
    let report = ask(&node, rates("2025-03")).await.unwrap();
    let (version, weights) = node.registry().now().weights();
    assert_eq!(weights, regulation::rates::Weights::default());
    assert!(version > 0 && report["weights"]["version"] == version && report["weights"]["since"].is_string());
    let same = Call::Weights { response: Some(10), solution: None, satisfaction: None, mostly: None };
    assert_eq!(ask(&node, same).await.unwrap()["changed"], false, "the same weights are not set again");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_outlives_a_restart_and_never_passes_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let node = city(&dir).await;
    let lock = |period: &str| Call::Lock { period: period.to_owned(), second: "li".to_owned() };
    let locked = ask(&node, lock("2025-03")).await.unwrap();
    node.stop().await;
    let node = Node::start(Home::open(&dir).unwrap(), &Start::default()).unwrap();
    assert_eq!(ask(&node, rates("2025-03")).await.unwrap(), locked);
    // Somebody puts another table in its place.
    let name = format!("locked/{}", locked["locked"]["hash"].as_str().unwrap());
    let kept = node.read({
        let name = format!("{}{name}", kernel::KEPT);
        move |reader, _| Ok(reader.meta(&name)?.unwrap())
    });
    let kept = kept.await.unwrap();
    let mut other = String::from_utf8(kept.clone()).unwrap();
    other = other.replacen("\"tickets\":0", "\"tickets\":1", 1);
    node.keep(&name, other.into_bytes()).await.unwrap();
    for asked in [rates("2025-03"), rates("2025-04"), lock("2025-04")] {
        let problem = ask(&node, asked).await.unwrap_err();
        assert_eq!((&*problem.code, problem.exit), ("fault", 7), "{problem}");
        assert!(problem.title.contains("第 1 号封存表") && problem.detail.contains("table 1"), "{problem}");
    }
    assert_eq!(node.registry().now().locks().count(), 1, "nothing is locked on top of it");
    // Put back from a copy it is good again.
    node.keep(&name, kept).await.unwrap();
    assert_eq!(ask(&node, rates("2025-03")).await.unwrap(), locked);
    assert_eq!(ask(&node, lock("2025-04")).await.unwrap()["locked"]["number"], 2);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_lock_at_once_lock_once() {
    let folder = tempfile::tempdir().unwrap();
    let node = city(&folder.path().join("city")).await;
    let lock = || Call::Lock { period: "2025-03".to_owned(), second: "li".to_owned() };
    let (one, other) = tokio::join!(ask(&node, lock()), ask(&node, lock()));
    let refused = one.as_ref().err().or(other.as_ref().err()).unwrap();
    assert_eq!((one.is_ok() != other.is_ok(), &*refused.code), (true, "already-locked"));
    node.stop().await;
}
