//! People who never stop asking, and peers and time that have their turn all the same.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use desk::Home;
use desk::call::{Call, CallBy, answer, questions as q};
use desk::enrol::Token;
use desk::people::Newcomer;
use kernel::Command;
use node::join::join;
use node::{Node, Start};
use regulation::ActId;
use replica::Draft;
use serde_json::json;

/// Asks without end, from several sides at once, for what the kernel refuses at no cost.
fn ask_without_end(node: &Node, stop: &Arc<AtomicBool>, asked: &Arc<AtomicU64>) {
    for _ in 0..64 {
        let (node, stop, asked) = (node.clone(), stop.clone(), asked.clone());
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let draft = Draft::new(regulation::Body::Settle);
                let _ = node.ask(None, Command::Act { doc: ActId([9; 32]), draft }).await;
                asked.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_have_their_turn_however_many_people_ask() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let founder = node::found::Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
    let home = Home::create(&dir, true).unwrap();
    node::found::found(home, "示例市", &founder, "jiesu-test-1").await.unwrap().stop().await;
    let start = Start { listen: Some(([127, 0, 0, 1], 0).into()), ..Start::default() };
    let here = Node::start(Home::open(&dir).unwrap(), &start).unwrap();
    let call = |call| CallBy { login: Some("admin".to_owned()), call };
    let invite =
        Call::Invite(q::Invite { unit: "义安镇".to_owned(), class: "office".to_owned(), addresses: Vec::new() });
    let token = answer(&here, call(invite)).await.unwrap();
    let token = Token::parse(token["token"].as_str().unwrap()).unwrap();
    let home = Home::create(&folder.path().join("town"), false).unwrap();
    let newcomer = Newcomer { name: "孙承办".to_owned(), login: "zhen".to_owned() };
    join(&home, &token, "", Some(newcomer)).await.unwrap();

    let (stop, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
    ask_without_end(&here, &stop, &asked);
    // All the while the township connects, a ticket is given to it, and it comes there.
    let town = Node::start(home, &Start { peers: token.addresses, ..start }).unwrap();
    let fields =
        serde_json::from_value(json!({ "title": "路灯不亮", "content": "请修。", "category": "0104" })).unwrap();
    let made = answer(&here, call(Call::Act(q::Act { kind: "register".to_owned(), id: None, fields }))).await.unwrap();
    let id = made["id"].as_str().unwrap().to_owned();
    let fields = serde_json::from_value(json!({ "lead": "义安镇" })).unwrap();
    answer(&here, call(Call::Act(q::Act { kind: "dispatch".to_owned(), id: Some(id.clone()), fields }))).await.unwrap();
    let mut notices = town.notices();
    let comes = async {
        loop {
            let ticket = Call::Ticket(q::Ticket { id: id.clone(), reveal: None });
            if answer(&town, CallBy { login: Some("zhen".to_owned()), call: ticket }).await.is_ok() {
                return;
            }
            let _ = notices.recv().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), comes).await.unwrap();
    assert!(asked.load(Ordering::Relaxed) > 64, "nobody asked meanwhile");
    stop.store(true, Ordering::Relaxed);
    town.stop().await;
    here.stop().await;
}
