//! The table of rates of a city hotline and a township, from acts as people make them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use desk::Home;
use desk::call::{Call, CallBy, answer, questions as q};
use desk::enrol::Token;
use desk::people::{Newcomer, add};
use node::join::join;
use node::{Node, Start};
use regulation::{Role, UnitId};
use serde_json::{Value, json};

struct City {
    here: Node,
    town: Node,
    _folder: tempfile::TempDir,
    /// The clock is the same for all tests of this program: one after the other.
    _alone: tokio::sync::MutexGuard<'static, ()>,
}

static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// It is ten o'clock of that day, unless it is later already.
fn it_is(day: &str) {
    desk::clock::moved::to(desk::clock::parse(&format!("{day}T10:00:00+08:00")).unwrap());
}

async fn ask(node: &Node, login: &str, call: Call) -> Value {
    answer(node, CallBy { login: Some(login.to_owned()), call }).await.unwrap()
}

/// The acts of a ticket at a node, and whether each is confirmed.
async fn acts(node: &Node, id: &str) -> BTreeMap<String, bool> {
    let call = Call::Ticket(q::Ticket { id: id.to_owned(), reveal: None });
    let login = if node.me().unwrap().hub { "admin" } else { "zhen" };
    let ticket = answer(node, CallBy { login: Some(login.to_owned()), call }).await.unwrap_or_default();
    let act = |act: &Value| (act["hash"].as_str().unwrap().to_owned(), act["settled"] == true);
    ticket["acts"].as_array().map(|acts| acts.iter().map(act).collect()).unwrap_or_default()
}

fn newcomer(login: &str, name: &str) -> Newcomer {
    Newcomer { name: name.to_owned(), login: login.to_owned() }
}

impl City {
    async fn new() -> Self {
        let alone = ALONE.lock().await;
        desk::clock::moved::back();
        it_is("2024-12-01");
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("city");
        let founder = node::found::Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
        let home = Home::create(&dir, true).unwrap();
        node::found::found(home, "示例市", &founder, "jiesu-test-1").await.unwrap().stop().await;
        let start = Start { listen: Some(([127, 0, 0, 1], 0).into()), ..Start::default() };
        let here = Node::start(Home::open(&dir).unwrap(), &start).unwrap();
        let li = vec![Role::Statistics, Role::Administer, Role::Review];
        for (login, name, roles) in [("li", "李统计", li), ("wu", "吴受理", vec![Role::Intake])] {
            add(&here, regulation::PersonId(1), UnitId(1), newcomer(login, name), roles).await.unwrap();
        }
        let invite =
            Call::Invite(q::Invite { unit: "义安镇".to_owned(), class: "office".to_owned(), addresses: Vec::new() });
        let token = Token::parse(ask(&here, "admin", invite).await["token"].as_str().unwrap()).unwrap();
        let home = Home::create(&folder.path().join("town"), false).unwrap();
        join(&home, &token, "", Some(newcomer("zhen", "孙承办"))).await.unwrap();
        let town = Node::start(home, &Start { peers: token.addresses, ..start }).unwrap();
        Self { here, town, _folder: folder, _alone: alone }
    }

    async fn stop(self) {
        self.town.stop().await;
        self.here.stop().await;
    }

    async fn act(&self, login: &str, kind: &str, id: Option<&str>, fields: Value) -> Value {
        let node = if login == "zhen" { &self.town } else { &self.here };
        let fields = serde_json::from_value(fields).unwrap();
        ask(node, login, Call::Act(q::Act { kind: kind.to_owned(), id: id.map(str::to_owned), fields })).await
    }

    /// An act of that day.
    async fn on(&self, day: &str, login: &str, kind: &str, id: &str, fields: Value) {
        it_is(day);
        self.act(login, kind, Some(id), fields).await;
    }

    /// Waits until both nodes hold the same acts of a ticket, all of them confirmed.
    async fn meet(&self, id: &str) {
        let (mut here, mut town) = (self.here.notices(), self.town.notices());
        loop {
            let (known, there) = (acts(&self.here, id).await, acts(&self.town, id).await);
            if !known.is_empty() && known == there && known.values().all(|settled| *settled) {
                return;
            }
            tokio::select! { _ = here.recv() => {}, _ = town.recv() => {} }
        }
    }

    /// A ticket that the township has in hand; its id.
    async fn in_hand(&self, day: &str) -> String {
        let fields = json!({ "title": "路灯不亮", "content": "请修。", "category": "0104" });
        it_is(day);
        let made = self.act("admin", "register", None, fields).await;
        let id = made["id"].as_str().unwrap().to_owned();
        self.on(day, "admin", "dispatch", &id, json!({ "lead": "义安镇", "assisting": "市水利局" })).await;
        self.meet(&id).await;
        self.on(day, "zhen", "sign-for", &id, json!({})).await;
        id
    }

    async fn close(&self, day: &str, id: &str, satisfied: bool) {
        self.close_as(day, id, satisfied, ("solved", "solved")).await;
    }

    /// The unit reports that outcome, and the city finds it closed on that ground.
    async fn close_as(&self, day: &str, id: &str, satisfied: bool, (outcome, ground): (&str, &str)) {
        let text = "已换灯泡，告知诉求人";
        let done =
            json!({ "outcome": outcome, "told_at": "now", "told_way": "sms", "told_whom": "requester", "text": text });
        self.on(day, "zhen", "contact", id, json!({})).await;
        self.on(day, "zhen", "complete", id, done).await;
        self.meet(id).await;
        self.on(day, "admin", "confirm-closure", id, json!({ "ground": ground, "text": "认定意见" })).await;
        let (solved, satisfaction) = if satisfied { ("yes", "satisfied") } else { ("no", "dissatisfied") };
        let rating = json!({ "contacted": "yes", "solved": solved, "satisfaction": satisfaction });
        self.on(day, "admin", "follow-up", id, rating).await;
    }

    async fn closed(&self, day: &str, satisfied: bool) -> String {
        let id = self.in_hand(day).await;
        self.close(day, &id, satisfied).await;
        id
    }

    async fn rates(&self, period: &str) -> Value {
        ask(
            &self.here,
            "admin",
            Call::Report(q::Report { kind: "rates".to_owned(), period: period.to_owned(), cursor: None }),
        )
        .await
    }

    /// Once the month is over, and the days in which it can be appealed against.
    async fn lock(&self, period: &str) -> Value {
        it_is(&format!("{period}-31").replace("04-31", "04-30"));
        // May begins with holidays.
        let days = if period.ends_with("-04") { 10 } else { 5 };
        desk::clock::moved::to(desk::clock::now() + days * 86_400_000);
        let proposed = ask(&self.here, "admin", Call::Lock(q::Lock { period: period.to_owned() })).await;
        let proposal = proposed["proposed"]["proposal"].as_str().unwrap().to_owned();
        ask(&self.here, "li", Call::Decide(q::Decide { proposal, confirm: true, reason: None })).await;
        self.rates(period).await
    }
}

fn reasons(report: &Value) -> Vec<&str> {
    report["exclusions"].as_array().unwrap().iter().map(|row| row["reason"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_error_is_let_go_by_two_reviewers_with_a_reason() {
    let city = City::new().await;
    let id = city.closed("2025-03-03", false).await;
    let grant = json!({ "granted": "yes", "text": "首次试行新流程，依第四十一条" });
    // No tag lets anything go, nor does somebody who does not review, nor a reviewer without a reason.
    for (login, kind, fields, exit) in [
        ("admin", "tag", json!({ "add": "容错", "text": "首次试行" }), 5),
        ("wu", "tolerate", grant.clone(), 1),
        ("admin", "tolerate", json!({ "granted": "yes" }), 5),
    ] {
        let fields = serde_json::from_value(fields).unwrap();
        let call = Call::Act(q::Act { kind: kind.to_owned(), id: Some(id.clone()), fields });
        let refused = answer(&city.here, CallBy { login: Some(login.to_owned()), call }).await.unwrap_err();
        assert_eq!(refused.exit, exit, "{login} {kind}: {refused:?}");
    }
    assert_eq!(reasons(&city.rates("2025-03").await), Vec::<&str>::new());
    city.act("admin", "tolerate", Some(&id), grant).await;
    assert_eq!(city.rates("2025-03").await["total"]["closed"], 1, "one alone lets nothing go");
    city.act("li", "confirm", Some(&id), json!({})).await;
    let report = city.rates("2025-03").await;
    assert_eq!((reasons(&report), &report["total"]["closed"]), (vec!["tolerated"], &json!(0)));
    let row = &report["exclusions"][0];
    assert_eq!(
        (
            &row["article"],
            &row["leaves"],
            &row["decided"]["person"],
            &row["decided"]["second"],
            &row["decided"]["kind"]
        ),
        (&json!("41"), &json!("all"), &json!("管理员"), &json!("李统计"), &json!("tolerate"))
    );
    city.act("admin", "tolerate", Some(&id), json!({ "granted": "no", "text": "事实有误" })).await;
    city.act("li", "confirm", Some(&id), json!({})).await;
    assert_eq!(city.rates("2025-03").await["total"]["closed"], 1);
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assisting_units_have_a_table_of_their_own() {
    let city = City::new().await;
    city.closed("2025-03-03", true).await;
    let report = city.rates("2025-03").await;
    let leads = |row: &&Value| row["unit"]["name"] == json!("市水利局");
    assert_eq!(report["rows"].as_array().unwrap().iter().filter(leads).count(), 0, "the assisting unit has no rates");
    let assisting = report["assisting"].as_array().unwrap();
    assert_eq!((&assisting[0]["unit"]["name"], &assisting[0]["assisted"]), (&json!("市水利局"), &json!(1)));
    assert_eq!((&assisting[1]["unit"], &assisting[1]["rate"]), (&json!(null), &json!(0)));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_month_is_ranked_by_its_quarter() {
    let city = City::new().await;
    for day in ["2024-12-30", "2025-01-06", "2025-01-07", "2025-02-06", "2025-02-07", "2025-03-06"] {
        city.closed(day, true).await;
    }
    let report = city.rates("2025-03").await;
    let row = &report["rows"][0];
    assert_eq!((&row["rated"], &row["small_sample"], &row["rank"]), (&json!(1), &json!(true), &json!(null)));
    assert_eq!(row["quarter"], json!({ "rated": 5, "score": 10_000, "rank": 1 }));
    assert_eq!(city.rates("2025").await["rows"][0]["quarter"], json!(null), "a year has none");
    city.stop().await;
}

/// A ticket of a locked month that is done again is rated once, in the month of the closure that the requester rated last;
/// a new setting changes nothing of what is locked.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_is_corrected_by_what_people_do_alone() {
    let city = City::new().await;
    let again = city.closed("2025-03-03", false).await;
    let deferred = city.in_hand("2025-03-04").await;
    city.on("2025-03-04", "zhen", "defer", &deferred, json!({ "text": "待施工季" })).await;
    city.meet(&deferred).await;
    city.on("2025-03-05", "admin", "defer-approve", &deferred, json!({ "review_at": "2025-05-06" })).await;
    city.meet(&deferred).await;
    city.close_as("2025-03-06", &deferred, true, ("unsolved", "other")).await;
    let march = city.lock("2025-03").await;
    assert_eq!((&march["total"]["rated"], &march["total"]["judged"]), (&json!(2), &json!(1)));
    assert_eq!(reasons(&march), ["deferred"]);
    assert_eq!(march["exclusions"][0]["asked"]["kind"], "defer");
    // A new setting is no correction: the tickets of March were in time by the terms of then.
    let strict = regulation::terms::Terms { sign_for_wd: 0, help_wd: 0, ..regulation::terms::Terms::default() };
    let change = |change| kernel::Command::Registry { seen: u32::MAX, change: Box::new(change) };
    // From the sixth of April on.
    let strict = replica::Change::terms(&strict).from_day(739_347);
    let proposes = replica::Change::Proposed(Box::new(strict));
    city.here.ask(Some(regulation::PersonId(1)), change(proposes)).await.unwrap();
    let confirms = replica::Change::Confirmed(city.here.registry().head());
    city.here.ask(Some(regulation::PersonId(2)), change(confirms)).await.unwrap();
    assert_eq!(city.rates("2025-04").await["corrections"], json!([]));

    city.meet(&again).await;
    // What the unit begins anew takes nothing back.
    city.on("2025-04-07", "zhen", "remedy", &again, json!({ "text": "重新维修" })).await;
    city.meet(&again).await;
    assert_eq!(city.rates("2025-04").await["corrections"], json!([]));
    city.close("2025-04-08", &again, true).await;
    city.closed("2025-04-09", true).await;
    // A bad rating that is taken back has no place where nobody was dissatisfied: two solved of one would be no rate.
    let full = city.rates("2025-04").await;
    assert_eq!((&full["corrections"], &full["waiting"][0]["figures"]["rated"]), (&json!([]), &json!(-1)));
    assert_eq!((&full["total"]["rated"], &full["total"]["rates"]["solution"]), (&json!(2), &json!(10_000)));
    city.closed("2025-04-10", false).await;
    let april = city.rates("2025-04").await;
    assert_eq!(april.get("waiting"), None);
    let signs: Vec<&Value> = april["corrections"].as_array().unwrap().iter().map(|row| &row["sign"]).collect();
    assert_eq!((signs.len(), signs.iter().all(|sign| **sign == json!("reversed"))), (1, true), "{signs:?}");
    // Its own three, less the rating that counted in March.
    let total = &april["total"];
    assert_eq!((&total["closed"], &total["rated"], &total["solved"]), (&json!(3), &json!(2), &json!(2)));
    assert_eq!(total["rates"]["solution"], json!(10_000));
    // March and April together are what both months come to.
    let both = ["closed", "rated", "solved", "satisfied", "dispatched"].map(|figure| {
        let sum = march["total"][figure].as_i64().unwrap() + total[figure].as_i64().unwrap();
        (figure, sum)
    });
    assert_eq!(both, [("closed", 5), ("rated", 4), ("solved", 2), ("satisfied", 3), ("dispatched", 4)]);
    // An appeal changes nothing of what was counted until it is upheld, though the table is locked meanwhile.
    city.meet(&again).await;
    city.on("2025-05-06", "zhen", "appeal", &again, json!({ "text": "首轮材料已补" })).await;
    city.meet(&again).await;
    city.lock("2025-04").await;
    assert_eq!(city.rates("2025-05").await["corrections"], json!([]), "nothing is corrected twice");
    city.on("2025-05-12", "admin", "decide-appeal", &again, json!({ "upheld": "true", "text": "成立" })).await;
    assert_eq!(city.rates("2025-05").await["corrections"], json!([]), "one alone decides nothing");
    city.act("li", "confirm", Some(&again), json!({})).await;
    // Nothing was closed in May: it waits, whole.
    let may = city.rates("2025-05").await;
    assert_eq!((&may["corrections"], &may["total"]["closed"]), (&json!([]), &json!(0)));
    let correction = &may["waiting"][0];
    assert_eq!((&correction["table"], &correction["sign"]), (&json!(2), &json!("reversed")));
    assert_eq!((&correction["figures"]["closed"], &correction["figures"]["solved"]), (&json!(-1), &json!(-1)));
    city.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_appeal_counts_as_it_does_until_two_people_uphold_it() {
    let city = City::new().await;
    let id = city.closed("2025-03-03", false).await;
    city.meet(&id).await;
    city.on("2025-03-04", "zhen", "appeal", &id, json!({ "text": "已按期办结" })).await;
    city.meet(&id).await;
    let march = city.lock("2025-03").await;
    assert_eq!((reasons(&march), &march["total"]["closed"]), (Vec::<&str>::new(), &json!(1)));
    assert_eq!(city.rates("2025-04").await["corrections"], json!([]));
    city.on("2025-04-02", "admin", "decide-appeal", &id, json!({ "upheld": "true", "text": "成立" })).await;
    city.act("li", "confirm", Some(&id), json!({})).await;
    let april = city.rates("2025-04").await;
    let correction = &april["waiting"][0];
    assert_eq!((&correction["sign"], &correction["month"]), (&json!("reversed"), &json!("2025-03")));
    assert_eq!((&correction["figures"]["closed"], &correction["figures"]["rated"]), (&json!(-1), &json!(-1)));
    city.stop().await;
}
