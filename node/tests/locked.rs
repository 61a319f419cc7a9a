//! Locked tables at the node that keeps them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use desk::call::{Call, CallBy, answer, questions as q};
use desk::{Home, Problem};
use node::{Node, Start};
use regulation::{PersonId, UnitId};
use serde_json::Value;

async fn ask(node: &Node, call: Call) -> Result<Value, Problem> {
    ask_as(node, "admin", call).await
}

async fn ask_as(node: &Node, login: &str, call: Call) -> Result<Value, Problem> {
    answer(node, CallBy { login: Some(login.to_owned()), call }).await
}

/// One proposes, the other confirms; the table as it is then.
async fn locked(node: &Node, period: &str) -> Result<Value, Problem> {
    let proposed = ask(node, Call::Lock(q::Lock { period: period.to_owned() })).await?;
    let proposal = proposed["proposed"]["proposal"].as_str().unwrap().to_owned();
    ask_as(node, "li", Call::Decide(q::Decide { proposal, confirm: true, reason: None })).await?;
    ask(node, rates(period)).await
}

fn rates(period: &str) -> Call {
    Call::Report(q::Report { kind: "rates".to_owned(), period: period.to_owned(), cursor: None })
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
    let same =
        Call::Weights(q::Weights { response: Some(10), solution: None, satisfaction: None, mostly: None, from: None });
    assert_eq!(ask(&node, same).await.unwrap()["changed"], false, "the same weights are not set again");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_outlives_a_restart_and_never_passes_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let node = city(&dir).await;
    let lock = |period: &str| Call::Lock(q::Lock { period: period.to_owned() });
    let march = locked(&node, "2025-03").await.unwrap();
    node.stop().await;
    let node = Node::start(Home::open(&dir).unwrap(), &Start::default()).unwrap();
    assert_eq!(ask(&node, rates("2025-03")).await.unwrap(), march);
    // Somebody puts another table in its place.
    let name = format!("locked/{}", march["locked"]["hash"].as_str().unwrap());
    let kept = node.read({
        let name = format!("{}{name}", kernel::KEPT);
        move |reader, _| Ok(reader.meta(&name)?.unwrap())
    });
    let kept = kept.await.unwrap();
    let mut other = kept.clone();
    let tickets = b"tickets\x03\0\0\0\0\0\0\0\0";
    let at = other.windows(tickets.len()).position(|bytes| bytes == tickets).unwrap();
    other[at + tickets.len() - 1] = 1;
    node.keep(&name, other).await.unwrap();
    for asked in [rates("2025-03"), rates("2025-04"), lock("2025-04")] {
        let problem = ask(&node, asked).await.unwrap_err();
        assert_eq!((&*problem.code, problem.exit), ("fault", 7), "{problem}");
        assert!(problem.title.contains("第 1 号封存表") && problem.detail.contains("table 1"), "{problem}");
    }
    assert_eq!(node.registry().now().locks().count(), 1, "nothing is locked on top of it");
    // Put back from a copy it is good again.
    node.keep(&name, kept).await.unwrap();
    assert_eq!(ask(&node, rates("2025-03")).await.unwrap(), march);
    assert_eq!(locked(&node, "2025-04").await.unwrap()["locked"]["number"], 2);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_to_be_locked_is_locked_as_it_was_by_another_person_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let node = city(&folder.path().join("city")).await;
    let lock = || Call::Lock(q::Lock { period: "2025-03".to_owned() });
    let (one, other) = tokio::join!(ask(&node, lock()), ask_as(&node, "li", lock()));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one, other, "who asks for it second is shown what waits");
    assert_eq!((&one["locked"], node.registry().now().locks().count()), (&Value::Null, 0), "nothing is locked by one");
    let proposal = one["proposed"]["proposal"].as_str().unwrap().to_owned();
    let (proposer, second) = if one["proposed"]["by"] == "管理员" { ("admin", "li") } else { ("li", "admin") };
    let decide = |confirm| Call::Decide(q::Decide { proposal: proposal[..12].to_owned(), confirm, reason: None });
    assert_eq!(ask_as(&node, proposer, decide(true)).await.unwrap_err().code, "second-person");
    let listed = ask_as(&node, second, Call::Proposals(q::Proposals {})).await.unwrap();
    assert_eq!(
        (&listed["registry"][0]["confirms"], &listed["registry"][0]["proposal"]),
        (&true.into(), &proposal.clone().into())
    );
    let (first, again) = tokio::join!(ask_as(&node, second, decide(true)), ask_as(&node, second, decide(true)));
    assert!(first.is_ok() != again.is_ok(), "{first:?} {again:?}");
    let mut locked = ask(&node, rates("2025-03")).await.unwrap();
    assert_eq!(locked["locked"]["hash"], one["proposed"]["hash"]);
    assert_eq!(ask(&node, lock()).await.unwrap_err().code, "already-locked");
    // But for the mark it is the table that was proposed.
    let mut proposed = one;
    proposed.as_object_mut().unwrap().remove("proposed");
    locked["locked"] = Value::Null;
    assert_eq!(locked, proposed);
    // What is declined is not locked, and may be proposed anew.
    let april = ask(&node, Call::Lock(q::Lock { period: "2025-04".to_owned() })).await.unwrap();
    let proposal = april["proposed"]["proposal"].as_str().unwrap().to_owned();
    let decide = |confirm, reason: Option<&str>| {
        Call::Decide(q::Decide { proposal: proposal.clone(), confirm, reason: reason.map(str::to_owned) })
    };
    assert_eq!(ask_as(&node, "li", decide(false, None)).await.unwrap_err().code, "bad-input", "not without a reason");
    ask_as(&node, "li", decide(false, Some(" 申诉未完 "))).await.unwrap();
    let over = ask_as(&node, "li", decide(true, None)).await.unwrap_err();
    assert_eq!((&*over.code, over.article.as_deref()), ("nothing-to-confirm", Some("6")));
    assert!(over.title.contains("李审核") && over.title.contains("不予复核：申诉未完"), "{over}");
    assert!(over.detail.contains("declined by 李审核"), "{over}");
    // Who proposed it is told, and by whom.
    let listed = ask(&node, Call::Proposals(q::Proposals {})).await.unwrap();
    let over = &listed["registry"][0];
    assert_eq!((over["proposal"].as_str(), over["state"].as_str()), (Some(&*proposal), Some("declined")), "{listed}");
    assert!(over["reason"].as_str().unwrap().contains("不予复核：申诉未完"), "{over}");
    assert!(locked_number(&node, "2025-04").await == 2);
    node.stop().await;
}

async fn locked_number(node: &Node, period: &str) -> u64 {
    locked(node, period).await.unwrap()["locked"]["number"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_of_the_registry_says_from_what_to_what_and_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let node = city(&folder.path().join("city")).await;
    let roles = |login: &str, add: &[&str], remove: &[&str]| {
        let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        Call::Roles(q::Roles { login: login.to_owned(), add: codes(add), remove: codes(remove) })
    };
    ask(&node, roles("li", &["administer"], &[])).await.unwrap();
    let set = |name: &str, value| Call::Terms(q::Terms { set: vec![(name.to_owned(), value)], from: None });
    let listed = async |login: &str| {
        let listed = ask_as(&node, login, Call::Proposals(q::Proposals {})).await.unwrap();
        listed["registry"].as_array().unwrap().clone()
    };
    let told = ask(&node, set("contact_wd", 2)).await.unwrap();
    let (what, what_en) = (told["proposed"]["what"].as_str().unwrap(), told["proposed"]["what_en"].as_str().unwrap());
    // From the day that begins next: what has begun is judged by what held.
    assert!(what.starts_with("设置：联系诉求人 1 → 2 个工作日，自 "), "{what}");
    assert!(what_en.starts_with("set contact_wd 1 → 2 working days, from "), "{what_en}");
    assert_eq!(
        (&told["proposed"]["changes"][0]["from"], &told["proposed"]["changes"][0]["to"]),
        (&1.into(), &2.into())
    );
    // Not twice, by nobody; and nobody sets what his program does not carry.
    for login in ["admin", "li"] {
        let again = ask_as(&node, login, set("contact_wd", 2)).await.unwrap_err();
        assert_eq!((&*again.code, again.article), ("already-proposed", None), "{login}");
    }
    let edition = ask(&node, set("edition", 2)).await.unwrap_err();
    assert!(edition.title.contains("本机程序只带有至第 1 版的规则"), "{edition}");
    assert_eq!(ask(&node, set("edition", 1)).await.unwrap()["changed"], false);
    // The same person otherwise: the later counts, and the page says so.
    ask(&node, set("contact_wd", 3)).await.unwrap();
    let all = listed("li").await;
    let states: Vec<_> = all.iter().map(|one| (one["state"].as_str().unwrap(), one["confirms"] == true)).collect();
    assert_eq!(states, [("waits", true), ("superseded", false)]);
    assert!(all[1]["reason"].as_str().unwrap().contains("以后提的为准"), "{}", all[1]);
    // Who proposed it looks after the system no more: it lapsed, and says why; a colleague proposes the same anew.
    ask_as(&node, "li", roles("admin", &[], &["administer"])).await.unwrap();
    let all = listed("li").await;
    assert_eq!((all[0]["state"].as_str(), &all[0]["confirms"]), (Some("lapsed"), &false.into()));
    assert!(all[0]["reason"].as_str().unwrap().contains("提出人已不再有"), "{}", all[0]);
    let decide = Call::Decide(q::Decide {
        proposal: all[0]["proposal"].as_str().unwrap().to_owned(),
        confirm: true,
        reason: None,
    });
    let gone = ask_as(&node, "li", decide).await.unwrap_err();
    assert_eq!((&*gone.code, gone.article.as_deref()), ("proposer-gone", Some("7(1)")), "{gone}");
    assert_eq!(ask_as(&node, "li", set("contact_wd", 3)).await.unwrap()["changed"], true);
    let terms = ask_as(&node, "li", Call::Terms(q::Terms::default())).await.unwrap();
    assert_eq!(terms["version"], node.registry().version(), "it says by which version of the registry");
    assert_eq!(terms["proposals"].as_array().unwrap().len(), 3, "{terms}");
    node.stop().await;
}
