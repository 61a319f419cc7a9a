//! What others wrote, and what was typed, is printed as text: no terminal obeys it, no spreadsheet computes it, and no file of
//! a node is written over by it.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::Path;
use std::process::Command;

use node_process::{PASSWORD, done, jiesu};

/// What a command prints for people: on stdout and on stderr.
fn printed(dir: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jiesu"))
        .args(words)
        .args(["--dir".as_ref(), dir.as_os_str()])
        .env("JIESU_PASSWORD", PASSWORD)
        .env("JIESU_OPEN_COMMANDS", "1")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code(), text)
}

#[test]
fn escape_sequences_and_turned_text_reach_no_terminal() {
    let dir = tempfile::tempdir().unwrap();
    for typed in ["\u{1b}[2J\u{1b}]0;x\u{7}", "\u{9b}31m", "a\u{202e}cba", "a\u{2066}b", "\u{200b}"] {
        for words in
            [&["help", typed][..], &["report", typed, "--period", "x"], &["no-such", typed], &["--lang", typed]]
        {
            let (code, text) = printed(dir.path(), words);
            assert_ne!(code, Some(0));
            assert!(!text.is_empty() && !desk::unseen::any(&text.replace('\t', " ")), "{words:?}: {text:?}");
        }
    }
    let (_, text) = printed(dir.path(), &["help", "\u{1b}[31m红"]);
    assert!(text.contains("␛[31m红"), "{text}");
    let (_, json) = printed(dir.path(), &["help", "\u{9b}\u{7f}\u{202e}", "--json"]);
    assert!(json.contains("\\u009b\\u007f\\u202e"), "{json}");
}

#[test]
fn report_is_never_written_over_a_file_or_into_the_folder_of_a_node() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    let report = |out: &Path, more: &[&str]| {
        let out = out.to_str().unwrap();
        let words = ["report", "daily", "--period", "2026-11-25", "--format", "csv", "--out", out];
        let output = Command::new(env!("CARGO_BIN_EXE_jiesu"))
            .args([&words, more].concat())
            .args(["--dir".as_ref(), city.as_os_str()])
            .env("JIESU_PASSWORD", PASSWORD)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for name in ["node.db", "keys.toml", "node.db.mark", "config.toml", "new.csv"] {
        let before = std::fs::read(city.join(name)).ok();
        let (code, said) = report(&city.join(name), &["--force"]);
        assert!(code == Some(5) && said.contains("节点目录"), "{name}: {code:?} {said}");
        assert_eq!(std::fs::read(city.join(name)).ok(), before, "{name}");
    }
    let out = dir.path().join("日报.csv");
    assert_eq!(report(&out, &[]).0, Some(0));
    let first = std::fs::read_to_string(&out).unwrap();
    assert!(first.starts_with('\u{feff}'));
    std::fs::write(&out, "mine").unwrap();
    let (code, said) = report(&out, &[]);
    assert!(code == Some(5) && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    assert_eq!(report(&out, &["--force"]).0, Some(0));
    assert_ne!(std::fs::read_to_string(&out).unwrap(), "mine");
    let (code, said) = report(&dir.path().join("no/r.csv"), &[]);
    assert!(code == Some(5) && said.contains("不存在"), "{said}");
    done(&city, &["verify", "--all"]);
}

#[test]
fn file_of_a_ticket_is_never_written_over_another_or_into_the_folder_of_a_node() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    let about = ["--title", "路灯不亮", "--content", "夜里看不见路。", "--category", "0104"];
    let id = done(&city, &[&["ticket", "register"][..], &about].concat())["id"].as_str().unwrap().to_owned();
    let photo = dir.path().join("路灯.jpg");
    std::fs::write(&photo, [&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], &[7; 4_000]].concat()).unwrap();
    done(&city, &["ticket", "act", "attach", &id, "--file", photo.to_str().unwrap(), "--class", "photo"]);
    let file = |out: &Path| {
        let (code, told) = jiesu(&city, &["ticket", "file", &id, "--reason", "verify", "--out", out.to_str().unwrap()]);
        (code, told["title"].as_str().unwrap_or_default().to_owned())
    };
    for name in ["node.db-journal", "new.jpg"] {
        let (code, said) = file(&city.join(name));
        assert!(code == 5 && said.contains("节点目录"), "{name}: {code} {said}");
        assert!(!city.join(name).exists(), "{name}");
    }
    let (code, said) = file(&photo);
    assert!(code == 5 && said.contains("没有覆盖"), "{code} {said}");
    let out = dir.path().join("原件.jpg");
    assert_eq!(file(&out).0, 0);
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&photo).unwrap());
}

#[test]
fn refused_rows_hold_no_formula_and_come_in_again_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    let day = &desk::clock::text(desk::clock::now())[..10];
    let rows = format!(
        "id,title,content,submitted_at,phone,=extra\n\
         1,\"=HYPERLINK(\"\"http://x\"\",\"\"看\"\")\",不亮,soon,+8613800001234,@x\n\
         2,\"=1,不亮,{day},,\n\
         3,路灯,\u{202e}不\u{200b}亮\u{2028}了,{day},,\n"
    );
    let (file, out) = (dir.path().join("a.csv"), dir.path().join("refused.csv"));
    std::fs::write(&file, rows).unwrap();
    let words = ["import", "tickets", file.to_str().unwrap(), "--system", "old", "--refused", out.to_str().unwrap()];
    let (code, report) = jiesu(&city, &words);
    assert_eq!((code, &report["added"], &report["refused"]), (5, &1.into(), &2.into()), "{report}");
    let invisible = report["remarks"].as_array().unwrap().iter().any(|remark| remark["code"] == "invisible");
    assert!(invisible, "what is left out is told: {report}");
    let refused = std::fs::read_to_string(&out).unwrap();
    for formula in [",=", ",\"=", ",+", ",@"] {
        assert!(!refused.contains(formula), "{formula}: {refused}");
    }
    let mended = refused.replace("soon", day).replace("\"'=1", "'=1");
    let again = dir.path().join("again.csv");
    std::fs::write(&again, mended).unwrap();
    let report = done(&city, &["import", "tickets", again.to_str().unwrap()]);
    assert_eq!((&report["added"], &report["unread_columns"]), (&2.into(), &serde_json::json!(["=extra"])), "{report}");
    assert!(report["remarks"].as_array().unwrap().iter().any(|remark| remark["code"] == "unguarded"), "{report}");
    let list = done(&city, &["ticket", "list"]).to_string();
    assert!(list.contains("=HYPERLINK(\\\"http://x\\\",\\\"看\\\")") && !list.contains("'="), "{list}");
}
