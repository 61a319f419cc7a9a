//! What people are told when something of theirs is wrong: what, where, and what to do.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::{Path, PathBuf};

use std::process::Command;

use node_process::{NodeProcess, done, free_port, jiesu};

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
    let day = &desk::clock::text(desk::clock::now() - 86_400_000)[..10];
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

/// Output of a command as people see it: exit code, stdout, stderr.
fn printed(words: &[&str], dir: &Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jiesu")).args(words).env("JIESU_DIR", dir).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn command_line_that_is_wrong_is_told_in_the_language_that_is_spoken() {
    let dir = tempfile::tempdir().unwrap();
    for (words, wanted) in [
        (&["ticket", "list", "--nothing"][..], "没有这个参数：--nothing"),
        (&["tickets"], "没有这个命令：tickets"),
        (&["init", "city"], "缺少 --name"),
        (&["init", "city", "--name"], "--name <名称> 后面缺少值"),
        (&["status", "--wait", "long"], "--wait <秒数> 的值不对：long；须为 0 至 65535 的整数"),
        (&["calendar", "due", "--start", "2026-11-02", "--days", "-5"], "须为 0 至 2000 的整数"),
        (&["sign-in"], "缺少 <登录名>"),
        (&["ticket", "show", ""], "<编号> 是空的"),
        (&["config", "commands", "shut"], "的值不对：shut"),
        (&["verify", "x", "--all"], "不能与"),
    ] {
        let (code, _, said) = printed(words, dir.path());
        assert!(code == 2 && said.contains(wanted) && said.contains("用法： jiesu"), "{words:?}: {code} {said}");
        let (code, _, said) = printed(&[words, &["--lang", "en"]].concat(), dir.path());
        assert!(code == 2 && said.starts_with("error:"), "{words:?}: {said}");
    }
    assert_eq!(printed(&["--help"], dir.path()).0, 0);
    // Help is in one language; what an environment variable says is not blamed on an option that nobody typed.
    let (help, english) = (printed(&["help"], dir.path()).1, printed(&["help", "--lang", "en"], dir.path()).1);
    assert!(help.contains("用法：") && !help.contains("Usage") && !help.contains("Print"), "{help}");
    assert!(english.contains("Usage:") && !english.contains("用法") && !english.contains("工单"), "{english}");
    let mut serve = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    let output = serve.arg("serve").env("JIESU_DIR", dir.path()).env("JIESU_WEB", "banana").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("环境变量 JIESU_WEB 的值不对：banana；须为 IP 地址:端口") && !said.contains("--web <"),
        "{said}"
    );
}

/// Puts a pipe that nobody writes into in the place of a file.
fn pipe(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipe_in_the_place_of_a_file_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let city = city(&dir);
    for name in ["config.toml", "keys.toml", "node.db.mark"] {
        let (path, kept) = (city.join(name), std::fs::read(city.join(name)).unwrap());
        pipe(&path);
        let (code, said, _) = told(&city, &["status", "--wait", "0"]);
        assert!((5..=7).contains(&code) && said.contains(name), "{code} {said}");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, kept).unwrap();
    }
    // What only helps to find a node is done without.
    pipe(&city.join("control.json"));
    assert_eq!(told(&city, &["status"]).0, 0);
    std::fs::remove_file(city.join("control.json")).unwrap();
    // And what others write.
    let made = dir.path().join("made");
    pipe(&made);
    let made = made.to_str().unwrap();
    let number =
        done(&city, &["ticket", "register", "--title", "路灯不亮", "--content", "请修。", "--category", "0104"]);
    let number = number["number"].as_str().unwrap();
    for words in [
        &["import", "tickets", made][..],
        &["calendar", "import", made],
        &["duty", "set", "--file", made],
        &["ticket", "act", "attach", number, "--file", made],
        &["sign-in", "admin", "--password-file", made],
        &["kb", "add", "--title", "供暖", "--category", "0102", "--file", made],
    ] {
        let (code, said, _) = told(&city, words);
        assert!(code == 5 && said.contains("不是文件"), "{words:?}: {code} {said}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn hub_of_a_unit_that_is_no_hotline_and_an_earlier_ticket_that_nobody_knows_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let city = city(&dir);
    for unit in ["义安镇", "市住房和城乡建设局"] {
        let invite = ["invite", "--unit", unit, "--class", "hub", "--address", "192.168.1.10:4433"];
        let (code, said, english) = told(&city, &invite);
        assert!(code == 5 && said.contains("不是热线") && said.contains("--class office"), "{code} {said}");
        assert!(english.contains("no hub"), "{english}");
    }
    done(&city, &["invite", "--unit", "涞水县热线", "--class", "hub", "--address", "192.168.1.10:4433"]);
    let register = ["ticket", "register", "--title", "路灯不亮", "--content", "请修。", "--category", "0104"];
    let unknown = "ab".repeat(32);
    for earlier in [unknown.as_str(), "999"] {
        let (code, said, _) = told(&city, &[&register[..], &["--again", earlier]].concat());
        assert!(code == 5 && said.starts_with("again（") && said.contains("本机没有"), "{code} {said}");
    }
    let first = done(&city, &register);
    let again = done(&city, &[&register[..], &["--again", first["id"].as_str().unwrap()]].concat());
    assert_ne!(again["id"], first["id"]);
}

#[test]
fn number_of_somebody_in_a_text_is_asked_about_and_kept_if_it_is_meant() {
    let dir = tempfile::tempdir().unwrap();
    let city = city(&dir);
    let register = ["ticket", "register", "--title", "请打13800001234", "--content", "请修。", "--category", "0104"];
    let (code, problem) = jiesu(&city, &register);
    assert_eq!((code, problem["code"].as_str()), (5, Some("personal-data")), "{problem}");
    assert!(problem["title"].as_str().unwrap().starts_with("title（标题）里像是有电话号码 138****1234"), "{problem}");
    let made = done(&city, &[&register[..], &["--as-is"]].concat());
    let note = ["ticket", "act", "note", made["number"].as_str().unwrap(), "--text", "身份证130623199001011234"];
    assert_eq!(told(&city, &note).0, 5);
    done(&city, &[&note[..], &["--as-is", "true"]].concat());
}

#[test]
fn number_that_was_given_twice_is_told_with_each_ticket_that_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let (city, town, old) = (city(&dir), dir.path().join("town"), dir.path().join("old"));
    let ports = [free_port(), free_port()];
    let node = NodeProcess::serve(&city, ports[0], &[]);
    let token = done(&city, &["invite", "--unit", "义安镇", "--class", "office"])["token"].as_str().unwrap().to_owned();
    done(&town, &["join", &token, "--person", "孙承办", "--person-login", "zhen"]);
    node.stop();
    copy(&city, &old);
    let office = NodeProcess::serve(&town, ports[1], &[ports[0]]);
    let mut number = String::new();
    for (at, title) in [(1, "东街路灯不亮"), (2, "西街井盖丢失")] {
        let node = NodeProcess::serve(&city, ports[0], &[]);
        let words = ["ticket", "register", "--title", title, "--content", "请修。", "--category", "0104"];
        let made = done(&city, &words);
        let id = made["id"].as_str().unwrap().to_owned();
        done(&city, &["ticket", "act", "dispatch", &id, "--lead", "义安镇"]);
        number = done(&city, &["ticket", "show", &id])["number"].as_str().unwrap().to_owned();
        while done(&town, &["ticket", "list"])["total"] != at {}
        node.stop();
        if at == 1 {
            std::fs::remove_dir_all(&city).unwrap();
            copy(&old, &city);
        }
    }
    let (code, said, _) = told(&town, &["ticket", "show", &number]);
    assert_eq!(code, 5, "{said}");
    assert!(said.contains("2 张工单") && said.contains("东街路灯不亮") && said.contains("西街井盖丢失"), "{said}");
    let (_, listed, _) = printed(&["ticket", "list"], &town);
    assert_eq!(listed.matches("编号重复，标识").count(), 2, "{listed}");
    for ticket in done(&town, &["ticket", "list"])["tickets"].as_array().unwrap() {
        let id = ticket["id"].as_str().unwrap();
        assert!(said.contains(id) && listed.contains(&id[..12]), "{said}\n{listed}");
        assert_eq!(done(&town, &["ticket", "show", &id[..12]])["title"], ticket["title"]);
    }
    let alarms = done(&town, &["alarm", "list"]).to_string();
    assert!(alarms.contains(&number), "the alarm of two acts with one number: {alarms}");
    // Whoever looks after the machine need not know of anybody's request.
    assert!(!alarms.contains("路灯") && !alarms.contains("井盖"), "{alarms}");
    office.stop();
}
