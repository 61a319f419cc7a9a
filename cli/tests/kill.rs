//! Real nodes under load are killed with `SIGKILL`, again and again: whatever was acknowledged is there afterwards,
//! what was not answered is asked again under its id and done once, the database opens, and the peers become equal. `JIESU_KILLS=500 cargo test --release -p jiesu --test kill` is the
//! long run; the short one is part of every test run.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use desk::Home;
use desk::call::{Call, questions as q};
use desk::form::Filled;
use desk::home::Control;
use desk::once::RequestId;
use kernel::equal::{Holding, compare};
use node_process::{NodeProcess, ask, ask_under, done, free_port};
use regulation::{ActId, ActKind, DeviceId};
use serde_json::Value;

/// Clerks who work at a node at once.
const CLERKS: u64 = 4;
/// Tickets that they work on: none comes near the most acts that a ticket may have.
const TICKETS: u64 = 60;

/// A small source of choices; the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn filled(fields: &[(&str, &str)]) -> Filled {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn act(kind: &str, id: Option<&str>, fields: &[(&str, &str)]) -> Call {
    Call::Act(q::Act { kind: kind.to_owned(), id: id.map(str::to_owned), fields: filled(fields) })
}

/// A request that was not answered: its id, and what was asked.
type Asked = (String, Call);

/// Asks again what was not answered before the node was killed; the acts.
fn again(control: &Control, login: &str, unanswered: Vec<Asked>) -> Vec<ActId> {
    let told = unanswered.into_iter().map(|(id, call)| {
        let answer = ask_under(control, Some(&id), Some(login), call).unwrap();
        act_of(&answer.unwrap_or_else(|problem| panic!("a note was refused: {problem}")))
    });
    told.collect()
}

fn act_of(value: &Value) -> ActId {
    ActId::parse(value["act"].as_str().unwrap()).unwrap()
}

/// Lets clerks write notes until `enough` are acknowledged; then the node is killed while they go on. Every act that
/// was acknowledged, and every request that was not answered.
fn work_and_kill(
    node: NodeProcess,
    login: &str,
    tickets: &[String],
    (kill, enough): (u64, u64),
    dice: &mut Dice,
) -> (Vec<ActId>, Vec<Asked>) {
    let (acknowledged, unanswered) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let control = node.control.clone();
    std::thread::scope(|scope| {
        let (told, tell) = channel();
        for clerk in 0..CLERKS {
            let (told, control, acknowledged, unanswered) = (told.clone(), &control, &acknowledged, &unanswered);
            let mut dice = Dice(dice.below(u64::MAX) ^ clerk);
            scope.spawn(move || {
                for n in 0_u64.. {
                    let ticket = &tickets[usize::try_from(dice.below(TICKETS)).unwrap()];
                    let text = format!("第{n}次联系，稍后再试。");
                    let (id, note) = (format!("{kill}-{clerk}-{n}"), act("note", Some(ticket), &[("text", &text)]));
                    let Some(answer) = ask_under(control, Some(&id), Some(login), note.clone()) else {
                        unanswered.lock().unwrap().push((id, note));
                        return;
                    };
                    let value = answer.unwrap_or_else(|problem| panic!("a note was refused: {problem}"));
                    acknowledged.lock().unwrap().push(act_of(&value));
                    let _ = told.send(());
                }
            });
        }
        drop(told);
        tell.iter().take(usize::try_from(enough).unwrap()).for_each(drop);
        node.kill();
    });
    (acknowledged.into_inner().unwrap(), unanswered.into_inner().unwrap())
}

/// Notes that a node holds.
fn notes(reader: &store::Reader) -> usize {
    let note = |row: &store::ActRow| replica::Act::decode(&row.bytes).unwrap().kind() == Some(ActKind::Note);
    let docs = kernel::read::docs(reader).unwrap().into_iter().map(|doc| reader.doc_no(&doc).unwrap().unwrap());
    docs.map(|doc| reader.acts_of(doc, store::Aseq(0)).unwrap().iter().filter(|row| note(row)).count()).sum()
}

fn status(control: &Control) -> Value {
    ask(control, None, Call::Sync(q::Sync {})).unwrap().unwrap()
}

/// What a node that has stopped holds.
struct Opened {
    device: DeviceId,
    store: store::Reader,
    registry: replica::Registry,
}

impl Opened {
    fn holding(&self) -> Holding<'_> {
        Holding { device: self.device, store: &self.store, registry: &self.registry }
    }
}

fn open(dir: &Path) -> Opened {
    let home = Home::open(dir).unwrap();
    let store = home.reader().unwrap();
    let mut registry = replica::Registry::default();
    for (_, entry) in store.registry_entries(0, 0).unwrap() {
        registry.append(&entry).unwrap();
    }
    let device = registry.now().device_of_key(&home.device_key().public()).unwrap().0;
    Opened { device, store, registry }
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let kills: u64 = std::env::var("JIESU_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(8);
    let seed: u64 = std::env::var("JIESU_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut dice = Dice(seed);
    let dir = tempfile::tempdir().unwrap();
    let (city, town) = (dir.path().join("city"), dir.path().join("town"));
    let ports = [free_port(), free_port()];
    done(&city, &["init", "city", "--name", "保定市"]);
    let hub = NodeProcess::serve(&city, ports[0], &[]);
    let token = done(&city, &["invite", "--unit", "义安镇", "--class", "office"])["token"].as_str().unwrap().to_owned();
    done(&town, &["join", &token, "--person", "孙承办", "--person-login", "zhen"]);
    let mut tickets = Vec::new();
    for n in 0..TICKETS {
        let title = format!("第{n}盏路灯不亮");
        let fields = [("title", title.as_str()), ("content", "夜里看不见路。"), ("category", "0104")];
        let made = ask(&hub.control, None, act("register", None, &fields)).unwrap().unwrap();
        let id = made["id"].as_str().unwrap().to_owned();
        ask(&hub.control, None, act("dispatch", Some(&id), &[("lead", "义安镇")])).unwrap().unwrap();
        tickets.push(id);
    }
    // The township must hold the tickets before it can work on them.
    let office = NodeProcess::serve(&town, ports[1], &[ports[0]]);
    while status(&office.control)["tickets"].as_u64() != Some(TICKETS) {}
    office.stop();
    hub.stop();

    let mut acknowledged = BTreeSet::new();
    let mut unanswered = [Vec::new(), Vec::new()];
    let (mut asked_again, mut done_unanswered) = (0, 0);
    for kill in 0..kills {
        // Each in turn; alone or connected in turn, so that what is found afterwards cannot have come from the peer.
        let (victim, other) = if kill % 2 == 0 { (0, 1) } else { (1, 0) };
        let dirs = [&city, &town];
        let login = ["admin", "zhen"][victim];
        let connected = kill % 4 >= 2;
        let peers: &[u16] = if connected { &[ports[other]] } else { &[] };
        let beside = connected.then(|| NodeProcess::serve(dirs[other], ports[other], &[]));
        let node = NodeProcess::serve(dirs[victim], ports[victim], peers);
        let left = std::mem::take(&mut unanswered[victim]);
        asked_again += left.len();
        let told = again(&node.control, login, left);
        let enough = 1 + dice.below(24);
        let (mut acts, left) = work_and_kill(node, login, &tickets, (kill, enough), &mut dice);
        acts.extend(told);
        let reader = Home::open(dirs[victim]).unwrap().reader().unwrap();
        let kept = |id: &str| reader.request(&RequestId::parse(id).unwrap().key()).unwrap().is_some();
        done_unanswered += left.iter().filter(|(id, _)| kept(id)).count();
        unanswered[victim] = left;
        for act in &acts {
            assert!(
                reader.aseq_of(act).unwrap().is_some(),
                "seed {seed}, kill {kill}: {act:?} was acknowledged and is gone"
            );
        }
        acknowledged.extend(acts);
        if let Some(beside) = beside {
            beside.kill();
        }
    }

    let hub = NodeProcess::serve(&city, ports[0], &[]);
    let office = NodeProcess::serve(&town, ports[1], &[ports[0]]);
    for ((node, login), left) in [(&hub, "admin"), (&office, "zhen")].into_iter().zip(unanswered) {
        asked_again += left.len();
        acknowledged.extend(again(&node.control, login, left));
    }
    loop {
        let [a, b] = [&hub, &office].map(|node| status(&node.control));
        let quiet = |status: &Value| {
            let peers = status["peers"].as_array().unwrap();
            !peers.is_empty() && peers.iter().all(|peer| peer["in_sync"] == true && peer["pending"] == 0)
        };
        if quiet(&a) && quiet(&b) && a["unsettled_docs"] == 0 && b["unsettled_docs"] == 0 {
            break;
        }
    }
    office.stop();
    hub.stop();
    let (a, b) = (open(&city), open(&town));
    let compared = compare(a.holding(), b.holding());
    let compared = compared.unwrap_or_else(|unequal| panic!("seed {seed}: {unequal}"));
    for act in &acknowledged {
        for Opened { store, .. } in [&a, &b] {
            assert!(
                store.aseq_of(act).unwrap().is_some(),
                "seed {seed}: {act:?} was acknowledged and is not everywhere"
            );
        }
    }
    // Each was answered once, in the first place or when it was asked again: nothing was done twice.
    assert_eq!(notes(&a.store), acknowledged.len(), "seed {seed}: done twice, or without an answer");
    assert_eq!(done(&city, &["verify", "--all"])["ok"], true);
    assert_eq!(done(&town, &["verify", "--all"])["ok"], true);
    println!(
        "{kills} kills: {} acts acknowledged, none lost; {asked_again} of them asked again, of which {done_unanswered} \
         had been done, none made twice; {compared:?}",
        acknowledged.len()
    );
}
