//! A month's table of rates from two tickets to its lock, and what becomes of a rating that is set aside afterwards.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::{Path, PathBuf};
use std::process::Command;

use node_process::{NodeProcess, clock_file, done, free_port, jiesu};
use serde_json::{Value, json};

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// What is printed for people.
fn printed(dir: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    command.env(desk::clock::moved::FILE, clock_file(dir));
    let output = command.args(words).arg("--dir").arg(dir).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

fn report(dir: &Path, kind: &str, period: &str) -> Value {
    done(dir, &["report", kind, "--period", period])
}

/// Proposes to lock a month; exit code and what was said.
fn lock(dir: &Path, login: &str, period: &str) -> (i32, Value) {
    jiesu(dir, &["report", "lock", "--period", period, "--login", login])
}

/// What somebody proposed is confirmed, by somebody.
fn confirm(dir: &Path, login: &str, proposed: &Value) -> (i32, Value) {
    jiesu(dir, &["confirm", &text(proposed, "proposal")[..12], "--login", login])
}

/// It is ten o'clock of that day for all nodes of the test.
#[expect(clippy::disallowed_methods, reason = "the nodes' clock is moved from that of this machine")]
fn it_is(dir: &Path, day: &str) {
    let real = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let at = desk::clock::parse(&format!("{day}T10:00:00+08:00")).unwrap();
    std::fs::write(clock_file(dir), (at - i64::try_from(real).unwrap()).to_string()).unwrap();
}

/// The city hotline, where 管理员 and 李审核 are, and a township.
struct City {
    here: PathBuf,
    town: PathBuf,
    running: Vec<NodeProcess>,
}

impl City {
    fn new(dir: &Path) -> Self {
        let (here, town) = (dir.join("city"), dir.join("town"));
        it_is(&here, "2025-03-01");
        done(&here, &["init", "city", "--name", "保定市"]);
        done(&here, &["person", "add", "--unit", "市热线", "--name", "李审核", "--as", "li"]);
        let ports = [free_port(), free_port()];
        let hub = NodeProcess::serve(&here, ports[0], &[]);
        let token = text(&done(&here, &["invite", "--unit", "义安镇", "--class", "office"]), "token").to_owned();
        done(&town, &["join", &token, "--person", "孙承办", "--person-login", "zhen"]);
        let office = NodeProcess::serve(&town, ports[1], &[ports[0]]);
        Self { here, town, running: vec![office, hub] }
    }

    /// An act, on that day of March.
    fn act(&self, dir: &Path, day: u32, number: &str, words: &[&str]) {
        it_is(dir, &format!("2025-03-{day:02}"));
        let login: &[&str] = if dir == self.here { &["--login", "admin"] } else { &[] };
        let (kind, fields) = words.split_first().unwrap();
        done(dir, &[login, &["ticket", "act", kind, number], fields].concat());
    }

    /// A ticket that is done and rated in some days of March; its number.
    fn rated(&self, day: u32, solved: &str, satisfaction: &str) -> String {
        it_is(&self.here, &format!("2025-03-{day:02}"));
        let words = ["ticket", "register", "--title", "路灯不亮", "--content", "请修。", "--category", "0104"];
        let made = done(&self.here, &[&["--login", "admin"], &words[..]].concat());
        let number = text(&made, "number").to_owned();
        self.act(&self.here, day, &number, &["dispatch", "--lead", "义安镇"]);
        until(&self.town, &number, "awaiting-sign-for");
        self.act(&self.town, day, &number, &["sign-for"]);
        let told = ["--told_at", "now", "--told_way", "sms", "--told_whom", "requester"];
        let complete = ["complete", "--outcome", "solved", "--text", "已换灯泡，告知诉求人"];
        self.act(&self.town, day + 1, &number, &["contact"]);
        self.act(&self.town, day + 1, &number, &[&complete[..], &told].concat());
        until(&self.here, &number, "awaiting-closure");
        self.act(&self.here, day + 2, &number, &["confirm-closure", "--ground", "solved"]);
        let answers = ["follow-up", "--contacted", "yes", "--solved", solved, "--satisfaction", satisfaction];
        self.act(&self.here, day + 3, &number, &answers);
        number
    }
}

/// Waits until a ticket has come to that state at a node.
fn until(dir: &Path, number: &str, wanted: &str) {
    // Both nodes run: what one of them did is seen at the other soon.
    while text(&jiesu(dir, &["ticket", "show", number]).1, "state") != wanted {}
}

#[test]
fn a_locked_table_stays_and_what_changes_since_waits_for_one_that_can_carry_it() {
    let dir = tempfile::tempdir().unwrap();
    let city = City::new(dir.path());
    city.rated(3, "yes", "satisfied");
    let contested = city.rated(10, "no", "dissatisfied");
    it_is(&city.here, "2025-06-02");
    let march = report(&city.here, "rates", "2025-03");
    let row = &march["rows"][0];
    assert_eq!(
        (text(&row["unit"], "name"), &row["closed"], &row["rated"], &row["solved"]),
        ("义安镇", &json!(2), &json!(2), &json!(1))
    );
    assert_eq!((&row["small_sample"], &row["rank"], &row["quarter"]["rated"]), (&json!(true), &json!(null), &json!(2)));
    let march = locked_by_two(&city);
    let april = corrected(&city, &march, &contested);
    listed(&city, &march, &contested);
    let april = locked_once(&city, &april);
    elsewhere(&city.town, &march, &april);
    let City { here, running, .. } = city;
    running.into_iter().for_each(NodeProcess::stop);
    assert_eq!(report(&here, "rates", "2025-03"), march, "it outlives the process");
}

/// Two people of the city hotline lock it, on the hub, once the month is over.
fn locked_by_two(city: &City) -> Value {
    for (code, why, (found, value)) in [
        (1, "not-over", lock(&city.here, "admin", "2199-03")),
        (5, "bad-input", lock(&city.here, "admin", "2025")),
        (4, "not-permitted", lock(&city.town, "zhen", "2025-03")),
        (3, "not-found", jiesu(&city.here, &["confirm", "0123456789ab", "--login", "li"])),
    ] {
        assert_eq!((found, text(&value, "code")), (code, why), "{value}");
    }
    let (code, proposed) = lock(&city.here, "admin", "2025-03");
    assert_eq!(
        (code, &proposed["proposed"]["number"], &proposed["locked"]),
        (0, &json!(1), &json!(null)),
        "{proposed}"
    );
    let proposed = &proposed["proposed"];
    let (code, alone) = confirm(&city.here, "admin", proposed);
    assert_eq!((code, text(&alone, "code")), (1, "second-person"));
    assert!(printed(&city.here, &["proposals", "--login", "li"]).contains("封存 2025-03 考评表"));
    assert_eq!(report(&city.here, "rates", "2025-03")["locked"], json!(null), "nothing is locked by one");
    let (code, beside) = lock(&city.here, "admin", "2025-04");
    assert_eq!((code, text(&beside, "code")), (1, "lock-proposed"), "{beside}");
    assert!(text(&beside, "title").contains("2025-03") && text(&beside, "title").contains("jiesu decline"), "{beside}");
    assert_eq!(confirm(&city.here, "li", proposed).0, 0);
    let locked = report(&city.here, "rates", "2025-03");
    assert_eq!(locked["locked"]["hash"], proposed["hash"]);
    let mark = &locked["locked"];
    assert_eq!((text(mark, "by"), text(mark, "second"), text(mark, "hash").len()), ("管理员", "李审核", 64));
    let (code, again) = lock(&city.here, "li", "2025-03");
    assert_eq!((code, text(&again, "code"), text(&again, "article")), (1, "already-locked", "38"));
    assert_eq!(text(&lock(&city.here, "admin", "2025-05").1, "code"), "not-in-turn");
    locked
}

/// The bad rating turns out to be a mistake; April, in which nothing was rated, cannot carry that, and March stays; other weights hold for neither.
fn corrected(city: &City, march: &Value, contested: &str) -> Value {
    let evidence = ["--ground", "mistaken", "--text", "回拨确认误评", "--login", "admin"];
    done(&city.here, &[&["ticket", "act", "set-aside-rating", contested], &evidence[..]].concat());
    // Nothing is corrected by what one person alone has said.
    assert_eq!(report(&city.here, "rates", "2025-04")["corrections"], json!([]));
    done(&city.here, &["ticket", "act", "confirm", contested, "--login", "li"]);
    let set = ["weights", "set", "--response", "30", "--solution", "35", "--satisfaction", "35"];
    let weights = done(&city.here, &[&set[..], &["--login", "admin"]].concat());
    assert_eq!((&weights["response"], &weights["changed"]), (&json!(10), &json!(true)), "proposed, not set");
    let proposed = weights["proposed"].clone();
    assert_eq!(confirm(&city.here, "li", &proposed).0, 4, "another who looks after the system");
    done(&city.here, &["person", "roles", "li", "--add", "administer", "--login", "admin"]);
    assert_eq!(confirm(&city.here, "li", &proposed).0, 0);
    let weights = done(&city.here, &["weights", "show"]);
    assert_eq!(jiesu(&city.here, &["weights", "set", "--response", "50"]).0, 5, "the three count 100 in all");
    let (code, told) = jiesu(&city.town, &["weights", "set", "--mostly", "80"]);
    assert_eq!(code, 4, "the city alone sets them");
    // A township has no administrator, and one would be of no use to it here.
    assert!(text(&told, "title").contains("在市热线中心节点上办理"), "{told}");
    // They hold from a day that has not begun.
    assert!(printed(&city.here, &["weights", "show"]).contains("响应 10、解决 50、满意 40"));

    assert_eq!(report(&city.here, "rates", "2025-03"), *march, "it is never made anew");
    let shown = printed(&city.here, &["report", "rates", "--period", "2025-03"]);
    assert!(shown.contains("第 1 号") && shown.contains(text(&march["locked"], "hash")), "{shown}");
    let april = report(&city.here, "rates", "2025-04");
    assert_eq!(april["corrections"], json!([]));
    let corrections = april["waiting"].as_array().unwrap();
    assert_eq!(corrections.len(), 1, "{april}");
    let correction = &corrections[0];
    assert_eq!(
        (&correction["table"], text(correction, "month"), text(correction, "sign"), text(correction, "number")),
        (&json!(1), "2025-03", "reversed", contested)
    );
    let expected = json!({ "rated": -1, "contacted": -1, "judged": -1, "first_rated": -1 });
    assert_eq!(correction["figures"], expected);
    // None of it is in the total: minus one of nothing is no number of ratings.
    for figure in expected.as_object().unwrap().keys() {
        assert_eq!(april["total"][figure], 0, "{figure}");
    }
    assert_eq!(april["weights"]["version"], weights["version"]);
    assert_eq!(march["weights"]["version"], weights["version"]);
    let shown = printed(&city.here, &["report", "rates", "--period", "2025-04"]);
    assert!(shown.contains("结转") && shown.contains("冲正") && shown.contains("有效回访 -1"), "{shown}");
    assert_eq!(report(&city.here, "rates", "2025-05")["corrections"], json!([]), "the next table alone carries it");
    april
}

/// The list of what does not count is locked with its table; other periods are made from what is so now.
fn listed(city: &City, march: &Value, contested: &str) {
    assert_eq!(report(&city.here, "exclusions", "2025-03")["exclusions"], march["exclusions"]);
    let year = report(&city.here, "exclusions", "2025");
    let excluded = &year["exclusions"][0];
    assert_eq!(
        (text(excluded, "number"), text(excluded, "reason"), text(excluded, "article"), text(excluded, "leaves")),
        (contested, "set-aside", "27(3)", "ratings")
    );
    let by = &excluded["decided"];
    assert_eq!(
        (text(by, "person"), text(by, "second"), text(by, "kind")),
        ("管理员", "李审核", "set-aside-rating"),
        "{by}"
    );
    let csv = printed(&city.here, &["report", "exclusions", "--period", "2025", "--format", "csv"]);
    assert!(csv.contains("评价不予采纳,27(3),三率（仍计办结量）"), "{csv}");
}

/// What a table could not carry waits for the next one.
fn locked_once(city: &City, april: &Value) -> Value {
    let (_, proposed) = lock(&city.here, "li", "2025-04");
    let (code, _) = confirm(&city.here, "admin", &proposed["proposed"]);
    let locked = report(&city.here, "rates", "2025-04");
    assert_eq!((code, &locked["locked"]["number"], &locked["waiting"]), (0, &json!(2), &april["waiting"]));
    assert_eq!(report(&city.here, "rates", "2025-05")["waiting"], april["waiting"]);
    locked
}

/// Another node knows number and hash, and neither holds nor makes the table.
fn elsewhere(town: &Path, march: &Value, april: &Value) {
    let known = loop {
        let known = report(town, "rates", "2025-04");
        if known["locked"]["number"] == 2 {
            break known;
        }
    };
    assert_eq!((&known["locked"]["held"], &known["rows"]), (&json!(false), &json!([])));
    assert_eq!(known["locked"]["hash"], april["locked"]["hash"]);
    let shown = printed(town, &["report", "rates", "--period", "2025-03"]);
    assert!(shown.contains("不保存这份封存表的内容") && shown.contains(text(&march["locked"], "hash")), "{shown}");
    assert_eq!(report(town, "rates", "2025-05")["uncorrected"], json!([1, 2]));
}
