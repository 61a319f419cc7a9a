//! Every command as a person or a script uses it: results, words, exit codes.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::Path;
use std::process::Command;

use node_process::{NodeProcess, done, free_port, jiesu};
use serde_json::Value;

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn city(dir: &Path) {
    done(dir, &["init", "city", "--name", "保定市"]);
}

fn register(dir: &Path, title: &str) -> String {
    let words = [
        "ticket",
        "register",
        "--title",
        title,
        "--content",
        "夜里看不见路。",
        "--category",
        "0104",
        "--name",
        "张三",
        "--phone",
        "13800001234",
    ];
    text(&done(dir, &words), "number").to_owned()
}

/// What is printed for people, in both languages.
fn printed(dir: &Path, lang: &str, words: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_jiesu")).args(words).args(["--lang", lang, "--dir"]).arg(dir).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[test]
fn one_ticket_lives_its_whole_life() {
    let dir = tempfile::tempdir().unwrap();
    let (city_dir, town) = (dir.path().join("city"), dir.path().join("town"));
    city(&city_dir);
    let ports = [free_port(), free_port()];
    let hub = NodeProcess::serve(&city_dir, ports[0], &[]);
    let token = text(&done(&city_dir, &["invite", "--unit", "义安镇", "--class", "office"]), "token").to_owned();
    let joined = done(&town, &["join", &token, "--person", "孙承办", "--person-login", "zhen"]);
    assert_eq!(text(&joined, "unit"), "义安镇人民政府");
    let office = NodeProcess::serve(&town, ports[1], &[ports[0]]);
    let number = register(&city_dir, "路灯不亮");
    done(&city_dir, &["ticket", "act", "dispatch", &number, "--lead", "义安镇"]);
    let state = |dir: &Path, wanted: &str| loop {
        // Both nodes run: what one of them did is seen at the other soon, and never without having been done.
        let (code, ticket) = jiesu(dir, &["ticket", "show", &number]);
        if code == 0 && text(&ticket, "state") == wanted {
            break ticket;
        }
    };
    let ticket = state(&town, "awaiting-sign-for");
    assert_eq!(text(&ticket["requester"], "phone"), "138****1234", "personal data is masked");
    // Provisional until the city has witnessed that it has arrived.
    assert!(["normal", "due_soon", "provisional"].contains(&text(&ticket["dues"]["sign_for"], "verdict")));
    done(&town, &["ticket", "act", "sign-for", &number]);
    done(&town, &["ticket", "act", "contact", &number, "--text", "已电话联系"]);
    done(
        &town,
        &[
            "ticket",
            "act",
            "complete",
            &number,
            "--outcome",
            "solved",
            "--told_at",
            "now",
            "--told_way",
            "sms",
            "--told_whom",
            "requester",
            "--text",
            "已换灯泡，告知诉求人",
        ],
    );
    state(&city_dir, "awaiting-closure");
    done(&city_dir, &["ticket", "act", "confirm-closure", &number, "--ground", "solved"]);
    let rated = ["--contacted", "yes", "--solved", "yes", "--satisfaction", "satisfied"];
    done(&city_dir, &[&["ticket", "act", "follow-up", &number], &rated[..]].concat());
    done(&city_dir, &["ticket", "act", "archive", &number]);
    let ticket = state(&town, "archived");
    let kinds: Vec<&str> = ticket["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| text(act, "kind"))
        .filter(|kind| !matches!(*kind, "settle" | "witness"))
        .collect();
    assert_eq!(
        kinds,
        ["register", "dispatch", "sign-for", "contact", "complete", "confirm-closure", "follow-up", "archive"]
    );
    assert!(ticket["acts"].as_array().unwrap().iter().all(|act| act["delivery"] == "city" && act["settled"] == true));
    done(&town, &["ticket", "act", "archive", &number]);
    for dir in [&city_dir, &town] {
        assert_eq!(done(dir, &["verify", &number])["ok"], true);
    }
    office.stop();
    hub.stop();
    // The same commands work when no node runs.
    assert_eq!(text(&done(&town, &["ticket", "show", &number]), "state"), "archived");
    assert!(done(&town, &["rebuild"])["documents"].as_u64() > Some(0));
    assert_eq!(done(&town, &["verify", "--all"])["ok"], true);
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let number = register(&here, "路灯不亮");
    for (code, words) in [
        (1, vec!["ticket", "act", "sign-for", &number]),
        (2, vec!["ticket", "fly"]),
        (3, vec!["ticket", "show", "130600-001-20260101-00001-1"]),
        (3, vec!["import", "tickets", "nowhere.jsonl"]),
        (4, vec!["ticket", "act", "note", &number, "--text", "x", "--login", "nobody"]),
        (5, vec!["ticket", "act", "fly", &number]),
        (5, vec!["ticket", "act", "dispatch", &number, "--lead", "火星镇"]),
        (5, vec!["ticket", "act", "dispatch", &number, "--to", "义安镇"]),
        (5, vec!["ticket", "act", "dispatch", &number]),
        (5, vec!["ticket", "list", "--state", "flying"]),
        (5, vec!["calendar", "due", "--start", "soon", "--days", "3"]),
        (5, vec!["join", "jiesu1.abc"]),
    ] {
        let (found, value) = jiesu(&here, &words);
        assert_eq!(found, code, "{words:?}: {value}");
        assert_eq!(value["exit"], code, "{words:?}: {value}");
        assert!(!text(&value, "title").is_empty() && !text(&value, "detail").is_empty(), "{words:?}: {value}");
    }
    let (_, value) = jiesu(&here, &["ticket", "act", "sign-for", &number]);
    assert_eq!((text(&value, "code"), text(&value, "article")), ("not-dispatched", "17"));
    let nowhere = dir.path().join("nowhere");
    assert_eq!(jiesu(&nowhere, &["status"]).0, 3);
    assert_eq!(jiesu(&here, &["init", "city", "--name", "又一市"]).0, 5, "a node is never overwritten");
}

#[test]
fn article_is_published_by_another_person_than_its_editor() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    done(&here, &["person", "add", "--unit", "市热线", "--name", "李审核", "--as", "li"]);
    let made = done(
        &here,
        &["kb", "add", "--title", "供暖报修", "--category", "0102", "--body", "先自查，再报修。", "--login", "admin"],
    );
    let id = text(&made, "id");
    // Whoever edited it says that it is ready, and somebody else makes it so.
    done(&here, &["kb", "publish", id, "--login", "admin"]);
    assert_eq!(text(&done(&here, &["kb", "show", id]), "state"), "draft");
    let (code, value) = jiesu(&here, &["kb", "confirm", id, "--login", "admin"]);
    assert_eq!((code, text(&value, "code")), (1, "second-person"));
    done(&here, &["kb", "decline", id, "--text", "漏了电话", "--login", "li"]);
    let (code, value) = jiesu(&here, &["kb", "confirm", id, "--login", "li"]);
    assert_eq!((code, text(&value, "code")), (1, "nothing-to-confirm"));
    done(&here, &["kb", "publish", id, "--login", "admin"]);
    done(&here, &["kb", "confirm", id, "--login", "li"]);
    done(&here, &["kb", "edit", id, "--body", "先自查，再电话报修。", "--login", "admin"]);
    let shown = done(&here, &["kb", "show", id]);
    assert_eq!((text(&shown, "state"), text(&shown, "published")), ("edited", "先自查，再报修。"));
    let found = done(&here, &["kb", "search", "报修"]);
    assert_eq!(found.as_array().unwrap().len(), 1);
}

#[test]
fn working_days_are_those_of_the_notices() {
    let nowhere = Path::new("nowhere");
    let due = done(nowhere, &["calendar", "due", "--start", "2026-09-30T10:00", "--days", "1"]);
    assert_eq!(text(&due, "last_day"), "2026-10-08", "the holidays of National Day are left out");
    let due = done(nowhere, &["calendar", "due", "--start", "2026-12-30", "--days", "5"]);
    assert_eq!(due["provisional"], true, "2027 is not announced");
    assert_eq!(done(nowhere, &["calendar", "show", "2027"])["known"], false);
}

#[test]
fn a_batch_of_terms_is_answered_line_by_line_up_to_the_first_that_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("terms.csv");
    std::fs::write(&file, "2026-09-30T10:00,1\n2026-09-30 23:59:59,2\nsoon,1\n2026-09-30,1\n").unwrap();
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_jiesu"))
        .args(["--dir", "nowhere", "--lang", "en", "calendar", "due", "--batch"])
        .arg(&file)
        .output()
        .unwrap();
    let answers: Vec<Value> =
        String::from_utf8(out.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last_days: Vec<&str> = answers.iter().map(|answer| text(answer, "last_day")).collect();
    assert_eq!(last_days, ["2026-10-08", "2026-10-09"]);
    assert_eq!((text(&answers[1], "start"), &answers[1]["days"]), ("2026-09-30 23:59:59", &2.into()));
    let said = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(5));
    assert!(said.contains("line 3: --start is no time: soon"), "{said}");
}

#[test]
fn reports_say_what_they_cover_and_have_no_rate_without_a_base() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let number = register(&here, "路灯不亮");
    done(&here, &["ticket", "act", "dispatch", &number, "--lead", "义安镇"]);
    let year = &text(&done(&here, &["ticket", "show", &number]), "taken_in_at")[..4].to_owned();
    let daily = done(&here, &["report", "daily", "--period", year]);
    assert_eq!(
        (&daily["total"]["dispatched"], &daily["total"]["awaiting_sign_for"]),
        (&Value::from(1), &Value::from(1))
    );
    assert_eq!((text(&daily, "covers"), &daily["tickets"]), ("保定市12345热线工作机构", &Value::from(1)));
    let rates = done(&here, &["report", "rates", "--period", year]);
    let row = &rates["rows"][0];
    assert_eq!(
        (text(&row["unit"], "name"), &row["rank"], &row["rates"]["score"]),
        ("义安镇", &Value::Null, &Value::Null)
    );
    let csv = printed(&here, "zh", &["report", "rates", "--period", year, "--format", "csv"]);
    assert!(csv.starts_with("\u{feff}承办单位,组别,名次"), "{csv}");
    assert_eq!(jiesu(&here, &["report", "rates", "--period", "soon"]).0, 5);
    assert_eq!(jiesu(&here, &["report", "gossip", "--period", year]).0, 5);
}

#[test]
fn people_are_told_in_their_language() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let number = register(&here, "路灯不亮");
    assert!(printed(&here, "zh", &["ticket", "list"]).contains("已登记"));
    assert!(printed(&here, "en", &["ticket", "list"]).contains("registered"));
    assert!(printed(&here, "zh", &["ticket", "show", &number]).contains("现在可办"));
    assert!(printed(&here, "zh", &["help", "acts"]).contains("--lead"));
    assert!(printed(&here, "zh", &["sync", "status"]).contains("市热线中心节点"));
    assert!(printed(&here, "zh", &["status"]).contains("保定市"));
}

#[test]
fn repeated_request_is_told_when_it_is_registered_merged_by_number_and_split_again() {
    let dir = tempfile::tempdir().unwrap();
    let here = dir.path().join("city");
    city(&here);
    let first = register(&here, "东街路灯不亮");
    let words = ["ticket", "register", "--title", "东街的路灯不亮了", "--content", "夜里看不见路，请修。"];
    let words = [&words[..], &["--category", "0104", "--place", "东街"]].concat();
    let made = done(&here, &words);
    let again = text(&made, "number");
    let suggested = |value: &Value| -> Vec<String> {
        let found = value["duplicates"].as_array().unwrap();
        found.iter().map(|other| text(other, "number").to_owned()).collect()
    };
    assert_eq!(suggested(&made), [first.as_str()], "{made}");
    let other = &made["duplicates"][0];
    assert_eq!((&other["same_category"], &other["same_place"]), (&Value::Bool(true), &Value::Bool(false)));
    assert!(other["likeness"].as_u64() >= Some(22) && text(other, "why").contains("事项分类相同"), "{other}");
    assert_eq!(suggested(&done(&here, &["ticket", "duplicates", again])), [first.as_str()]);
    let flagged = |number: &str| {
        let ticket = done(&here, &["ticket", "show", number]);
        ticket["flags"].as_array().unwrap().contains(&Value::from("duplicate"))
    };
    assert!(flagged(&first) && flagged(again));
    assert!(printed(&here, "zh", &["ticket", "duplicates", again]).contains("疑似重复"));
    assert!(printed(&here, "en", &["ticket", "duplicates", again]).contains("same category, text alike"));
    assert_eq!(jiesu(&here, &["ticket", "act", "merge", again, "--into", "130600-001-20200101-00001-1"]).0, 5);
    // By number, and again by the beginning of the id.
    let id = text(&done(&here, &["ticket", "show", &first]), "id").to_owned();
    for into in [first.as_str(), &id[..10], &id] {
        done(&here, &["ticket", "act", "merge", again, "--into", into]);
        let merged = done(&here, &["ticket", "show", again]);
        assert_eq!(text(&merged, "state"), "merged");
        assert!(!flagged(&first) && !flagged(again), "nothing is left to suggest");
        done(&here, &["ticket", "act", "unmerge", again]);
        assert_eq!(text(&done(&here, &["ticket", "show", again]), "state"), "registered");
        assert!(flagged(again), "it is suggested anew");
    }
    assert_eq!(jiesu(&here, &["ticket", "act", "merge", again, "--into", again]).0, 1, "never into itself");
    assert_eq!(jiesu(&here, &["ticket", "duplicates", "130600-001-20200101-00001-1"]).0, 3);
}

#[test]
fn personal_data_is_shown_to_those_who_need_it_and_to_nobody_of_a_unit_that_is_kept_out() {
    let dir = tempfile::tempdir().unwrap();
    let (city_dir, town) = (dir.path().join("city"), dir.path().join("town"));
    city(&city_dir);
    done(&city_dir, &["person", "add", "--unit", "义安镇", "--name", "周统计", "--as", "tong", "--role", "statistics"]);
    let ports = [free_port(), free_port()];
    let hub = NodeProcess::serve(&city_dir, ports[0], &[]);
    let token = text(&done(&city_dir, &["invite", "--unit", "义安镇", "--class", "office"]), "token").to_owned();
    done(&town, &["join", &token, "--person", "孙承办", "--person-login", "zhen"]);
    let office = NodeProcess::serve(&town, ports[1], &[ports[0]]);
    let register = |more: &[&str]| {
        let words = ["ticket", "register", "--title", "偷排污水", "--content", "夜里偷排。", "--category", "0104"];
        let who = ["--name", "张三", "--phone", "13800001234", "--address", "东街 1 号"];
        text(&done(&city_dir, &[&words[..], &who, more].concat()), "number").to_owned()
    };
    let dispatch = |number: &str, lead: &str, assisting: &str| {
        done(&city_dir, &["ticket", "act", "dispatch", number, "--lead", lead, "--assisting", assisting]);
    };
    let recuse = |number: &str| {
        done(&city_dir, &["ticket", "act", "recuse", number, "--unit", "义安镇", "--text", "反映的正是该镇"]);
    };
    let has = |ticket: &Value, flag: &str| ticket["flags"].as_array().unwrap().contains(&Value::from(flag));
    // What the city did is seen at the town soon.
    let shown = |number: &str, login: &str, private: bool, ready: &dyn Fn(&Value) -> bool| loop {
        let words = ["ticket", "show", number, "--login", login];
        let (code, ticket) =
            jiesu(&town, &[&words[..], if private { &["--reveal", "--reason", "contact"] } else { &[] }].concat());
        if code == 0 && ready(&ticket) {
            let requester = &ticket["requester"];
            let fields = ["name", "phone", "address", "kept"].map(|name| text(requester, name).to_owned());
            let parts = ["present", "masked", "withheld", "erased"].map(|name| ticket["parts"][name].as_u64().unwrap());
            break (fields, parts);
        }
    };
    let (masked, full) = (["张*", "138****1234", "东*****", ""], ["张三", "13800001234", "东街 1 号", ""]);
    let kept = |why: &'static str| ["***", "***", "***", why];
    let lead = |ticket: &Value| text(&ticket["lead"], "name") == "义安镇";

    let open = register(&["--kind", "complaint"]);
    dispatch(&open, "义安镇", "");
    let (fields, parts) = shown(&open, "tong", false, &lead);
    assert_eq!((fields.each_ref().map(String::as_str), parts), (masked, [1, 1, 0, 0]));

    let secret = register(&["--kind", "tip-off", "--confidential", "false"]);
    assert!(has(&done(&city_dir, &["ticket", "show", &secret]), "confidential"), "a tip-off is, whatever is said");
    dispatch(&secret, "义安镇", "");
    for (login, private, expected, parts) in [
        ("zhen", false, masked, [1, 1, 0, 0]),
        ("zhen", true, full, [2, 0, 0, 0]),
        ("tong", false, kept("confidential"), [1, 1, 0, 0]),
        ("tong", true, kept("confidential"), [1, 1, 0, 0]),
    ] {
        let (fields, found) = shown(&secret, login, private, &lead);
        assert_eq!((fields.each_ref().map(String::as_str), found), (expected, parts), "{login} {private}");
    }

    // It had the ticket, and is then kept out: what it was sent is not shown any more.
    let late = register(&[]);
    dispatch(&late, "市生态环境局", "义安镇");
    shown(&late, "zhen", false, &|ticket| !has(ticket, "recused"));
    recuse(&late);
    for private in [false, true] {
        let (fields, parts) = shown(&late, "zhen", private, &|ticket| has(ticket, "recused"));
        assert_eq!((fields.each_ref().map(String::as_str), parts[1..].to_vec()), (kept("recused"), vec![1, 0, 0]));
    }
    let printed = printed(&town, "zh", &["ticket", "show", &late, "--reveal", "--reason", "contact"]);
    assert!(printed.contains("本单位已回避") && !printed.contains("1380000") && !printed.contains("张三"), "{printed}");

    // It was kept out before it had it: it is never sent.
    let early = register(&[]);
    recuse(&early);
    dispatch(&early, "市生态环境局", "义安镇");
    let (fields, parts) = shown(&early, "zhen", true, &|ticket| has(ticket, "recused"));
    assert_eq!((fields[3].as_str(), parts[1..].to_vec()), ("recused", vec![0, 1, 0]));
    assert!(!fields[0].contains('张') && !fields[1].contains('1'), "{fields:?}");
    let at_the_city = done(&city_dir, &["ticket", "show", &early, "--reveal", "--reason", "contact"]);
    assert_eq!(text(&at_the_city["requester"], "phone"), "13800001234");
    for dir in [&city_dir, &town] {
        assert_eq!(done(dir, &["verify", "--all"])["ok"], true, "acts are whole without their parts");
    }
    office.stop();
    hub.stop();
}

#[test]
fn wordings_that_stand_side_by_side_are_shown_refuse_a_publication_and_one_is_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    city(dir);
    let add = ["kb", "add", "--title", "供暖报修", "--category", "0102", "--body", "先自查。24小时内答复。"];
    let id = text(&done(dir, &add), "id").to_owned();
    let heads: Vec<String> = done(dir, &["kb", "show", &id])["heads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|head| head.as_str().unwrap().to_owned())
        .collect();
    done(dir, &["kb", "edit", &id, "--body", "先自查。12小时内答复。"]);
    // Typed over what was shown before.
    let base = heads.join(" ");
    let late = ["--body", "先自查阀门。48小时内答复。", "--base", base.as_str()];
    done(dir, &[&["ticket", "act", "article-edit", id.as_str()][..], &late].concat());
    let shown = done(dir, &["kb", "show", &id]);
    assert_eq!(shown["conflicts"], 1);
    let said = printed(dir, "zh", &["kb", "show", &id]);
    for part in ["先自查阀门。", "待选定的写法", "12小时内答复。", "48小时内答复。", "市热线"]
    {
        assert!(said.contains(part), "no {part} in {said}");
    }
    let (code, refused) = jiesu(dir, &["kb", "publish", &id]);
    assert!(code != 0 && refused.to_string().contains("text-undecided"), "{refused}");
    let block = shown["blocks"].as_array().unwrap().iter().find(|block| block["wordings"][0].is_object()).unwrap();
    let wording = &block["wordings"][1];
    done(dir, &["kb", "choose", &id, &text(wording, "act")[..10]]);
    let shown = done(dir, &["kb", "show", &id]);
    assert_eq!(shown["conflicts"], 0);
    assert_eq!(text(&shown, "body"), format!("先自查阀门。{}", text(wording, "text")));
    assert_ne!(jiesu(dir, &["kb", "choose", &id, "0000"]).0, 0, "nothing waits to be chosen");
}
