//! What people are told when something of theirs is wrong: what, where, and what to do.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::{Path, PathBuf};

use node_process::{done, jiesu};

fn city(dir: &tempfile::TempDir) -> PathBuf {
    let city = dir.path().join("city");
    done(&city, &["init", "city", "--name", "示例市"]);
    city
}

/// Exit code, and the sentences in both languages.
fn told(dir: &Path, words: &[&str]) -> (i32, String, String) {
    let (code, problem) = jiesu(dir, words);
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (code, text("title"), text("detail"))
}

const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0"];

#[test]
fn database_without_its_keys_is_opened_by_nobody_and_nothing_is_made_over_it() {
    let dir = tempfile::tempdir().unwrap();
    let city = city(&dir);
    let keys = std::fs::read_to_string(city.join("keys.toml")).unwrap();
    std::fs::remove_file(city.join("keys.toml")).unwrap();
    for words in [&["status"][..], &SERVE, &["init", "city", "--name", "示例市"]] {
        let (code, said, english) = told(&city, words);
        assert_eq!(code, 7, "{said}");
        assert!(said.contains("缺 keys.toml") && said.contains("从备份"), "{said}");
        assert!(english.contains("keys.toml is missing"), "{english}");
    }
    for broken in ["", "device = 3", &keys[..keys.len() / 2]] {
        std::fs::write(city.join("keys.toml"), broken).unwrap();
        let (code, said, _) = told(&city, &["status"]);
        assert!(code == 7 && said.contains("keys.toml 已损坏") && said.contains("从备份放回"), "{said}");
    }
    // One letter of the device's key: it is another device's, or was changed.
    let (before, after) = keys.split_once("device = \"").unwrap();
    let first = if after.starts_with('A') { "B" } else { "A" };
    std::fs::write(city.join("keys.toml"), format!("{before}device = \"{first}{}", &after[1..])).unwrap();
    for words in [&["status"][..], &SERVE, &["ticket", "list"]] {
        let (code, said, _) = told(&city, words);
        assert!(code == 7 && said.contains("设备密钥不是这个数据库的"), "{code} {said}");
    }
    std::fs::write(city.join("keys.toml"), &keys).unwrap();
    assert_eq!(done(&city, &["status"])["city"], "示例市");
    let mut database = std::fs::read(city.join("node.db")).unwrap();
    database[3] ^= 1;
    std::fs::write(city.join("node.db"), database).unwrap();
    let (code, said, _) = told(&city, &["status"]);
    assert!(code == 7 && said.contains("node.db 的开头已损坏") && said.contains("从备份放回"), "{said}");
}

#[test]
fn what_is_wrong_in_a_file_or_a_field_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let city = city(&dir);
    let file = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let import = |file: &str| told(&city, &["import", "tickets", file, "--system", "old"]);
    let (code, said, _) = import(&file("empty.csv", b""));
    assert!(code == 5 && said.contains("文件是空的"), "{said}");
    let (code, said, _) = import(&file("zero.csv", "id,title,content\n1,路灯\0不亮,夜里看不见路\n".as_bytes()));
    assert!(code == 5 && said.contains("第 2 行：含有空字节"), "{said}");
    let long = "长".repeat(2_000);
    let number = "一".repeat(22);
    for (name, value, wanted) in [
        ("--title", &long, "title（标题）太长：2000 字，最多 500 字"),
        ("--place", &long, "太长：2000 字，最多 500 字"),
        ("--external_number", &number, "太长：66 字节，最多 64 字节"),
    ] {
        let mut words = vec!["ticket", "register", "--content", "请修。", "--category", "0104", name, value];
        if name != "--title" {
            words.extend(["--title", "路灯不亮"]);
        }
        let (code, said, _) = told(&city, &words);
        assert!(code == 5 && said.contains(wanted), "{name}: {said}");
    }
    let day = &node::clock::text(node::clock::now() - 86_400_000)[..10];
    let rows = format!("id,title,content,submitted_at\n1,{long},请修,{day} 09:00\n");
    let (_, report) = jiesu(&city, &["import", "tickets", &file("long.csv", rows.as_bytes()), "--system", "old"]);
    let reason = report["refused_rows"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("太长：2000 字，最多 500 字"), "{reason}");
    for (broken, wanted) in [("web = \n", "第 1 行"), ("# 注释\nweb = \"nowhere\"\n", "第 2 行")] {
        std::fs::write(city.join("config.toml"), broken).unwrap();
        let (code, said, _) = told(&city, &SERVE);
        assert!(code == 5 && said.contains("config.toml") && said.contains(wanted), "{said}");
        assert!(said.contains("请用编辑器改正") && !said.contains("重新导出"), "{said}");
    }
    std::fs::remove_file(city.join("config.toml")).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let web = taken.local_addr().unwrap().to_string();
    let (code, said, _) = told(&city, &["serve", "--listen", "127.0.0.1:0", "--web", &web]);
    assert!(code == 6 && said.contains("地址已被别的程序占用"), "{said}");
}
