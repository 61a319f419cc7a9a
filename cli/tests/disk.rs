//! Real nodes on a disk that is full, or that fails when something is forced to it. Needs a C compiler, as the build does.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/node_process.rs"]
mod node_process;

use std::path::{Path, PathBuf};
use std::process::Command;

use desk::call::{Call, questions as q};
use desk::form::Filled;
use desk::home::Control;
use node_process::{NodeProcess, PASSWORD, ask, done, free_port, jiesu};
use serde_json::Value;

/// A disk whose faults are switched by a word in a file.
struct Disk {
    _folder: tempfile::TempDir,
    city: PathBuf,
    word: PathBuf,
    shim: PathBuf,
}

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let (city, word, shim) = (path.join("city"), path.join("word"), path.join("disk.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/disk.c");
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(source).arg("-ldl").status();
        assert!(built.unwrap().success());
        done(&city, &["init", "city", "--name", "保定市"]);
        Self { _folder: folder, city, word, shim }
    }

    fn serve(&self) -> NodeProcess {
        let shim = [("LD_PRELOAD", self.shim.as_os_str()), ("DISK_DIR", self.city.as_os_str())];
        let word = [("DISK_WORD", self.word.as_os_str())];
        NodeProcess::serve_under(&self.city, free_port(), &[], &[], &[&shim[..], &word].concat())
    }

    /// From now on the disk does this; with an empty word it works.
    fn say(&self, word: &str) {
        std::fs::write(&self.word, word).unwrap();
    }
}

fn register(control: &Control, title: &str) -> Option<Result<Value, Value>> {
    let fields: Filled = [("title", title), ("content", "夜里看不见路。"), ("category", "0104")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    ask(control, None, Call::Act(q::Act { kind: "register".to_owned(), id: None, fields }))
}

fn tickets(control: &Control) -> String {
    ask(control, None, Call::Tickets(q::Tickets::default())).unwrap().unwrap().to_string()
}

fn health(control: &Control) -> String {
    let answer = ureq::get(format!("http://{}/healthz", control.web)).call().unwrap();
    answer.into_body().read_to_string().unwrap()
}

/// Asks again until the node has seen that there is room.
fn register_when_there_is_room(control: &Control, title: &str) {
    loop {
        match register(control, title).unwrap() {
            Ok(_) => return,
            Err(problem) => assert_eq!(problem["code"], "disk-full", "{problem}"),
        }
    }
}

#[test]
fn node_whose_disk_is_full_shows_what_it_holds_and_goes_on_by_itself() {
    let disk = Disk::new();
    let node = disk.serve();
    register(&node.control, "第一盏路灯不亮").unwrap().unwrap();
    disk.say("full");
    for _ in 0..3 {
        let problem = register(&node.control, "磁盘已满时的路灯").unwrap().unwrap_err();
        assert_eq!((&problem["code"], &problem["status"]), (&Value::from("disk-full"), &Value::from(507)), "{problem}");
    }
    assert!(tickets(&node.control).contains("第一盏路灯不亮"));
    assert_eq!(health(&node.control), "disk full, read-only\n");
    let sync = ask(&node.control, None, Call::Sync(q::Sync {})).unwrap().unwrap();
    assert!(sync["full"] == true && sync["sentence"].as_str().unwrap().contains("磁盘已满"), "{sync}");
    disk.say("");
    register_when_there_is_room(&node.control, "第二盏路灯不亮");
    assert_eq!(health(&node.control), "ok\n");
    let listed = tickets(&node.control);
    assert!(listed.contains("第二盏路灯不亮") && !listed.contains("磁盘已满时的路灯"), "{listed}");
    // The alarm comes in the group after that of the request.
    while !ask(&node.control, None, Call::Status(q::Status {})).unwrap().unwrap().to_string().contains("disk-full") {}
    node.stop();
    assert_eq!(done(&disk.city, &["verify", "--all"])["ok"], true);
}

/// Whoever looks at the pages of a node.
struct Pages<'n> {
    control: &'n Control,
    cookie: String,
}

impl Pages<'_> {
    /// Opens a page, or sends a form that stands on `page`: status and page.
    fn send(&mut self, path: &str, form: Option<(&str, &[(&str, &str)])>) -> (u16, String) {
        let address = format!("http://{}{path}", self.control.web);
        let mut answer = match form {
            None => {
                let request = ureq::get(address).header("Cookie", &self.cookie).config().http_status_as_error(false);
                request.max_redirects(0).max_redirects_will_error(false).proxy(None).build().call().unwrap()
            }
            Some((page, fields)) => {
                let hidden = |name: &str| {
                    let (_, after) = page.rsplit_once(&format!("name=\"{name}\" value=\"")).unwrap_or_default();
                    after.split('"').next().unwrap_or_default().to_owned()
                };
                let (token, once) = (hidden("token"), hidden("once"));
                let own = [("token", token.as_str()), ("once", once.as_str())];
                let request = ureq::post(address).header("Cookie", &self.cookie).config().http_status_as_error(false);
                let request = request.max_redirects(0).max_redirects_will_error(false).proxy(None).build();
                request.send_form(own.into_iter().chain(fields.iter().copied())).unwrap()
            }
        };
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            self.cookie = format!("{pair}; {}", self.cookie);
        }
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }
}

#[test]
fn what_was_typed_while_the_disk_was_full_comes_back_and_is_sent_again() {
    let disk = Disk::new();
    let node = disk.serve();
    let mut pages = Pages { control: &node.control, cookie: String::new() };
    let (_, page) = pages.send("/sign-in", None);
    let (status, _) = pages.send("/sign-in", Some((&page, &[("login", "admin"), ("password", PASSWORD)])));
    assert_eq!(status, 303);
    let (_, form) = pages.send("/register", None);
    let typed = [("title", "磁盘已满时的路灯"), ("content", "夜里看不见路，请修。"), ("category", "0104")];
    disk.say("full");
    let (status, page) = pages.send("/register", Some((&form, &typed)));
    assert_eq!(status, 507, "{page}");
    for kept in ["磁盘已满", "磁盘已满时的路灯", "夜里看不见路，请修。"] {
        assert!(page.contains(kept), "{kept} is not on {page}");
    }
    disk.say("");
    register_when_there_is_room(&node.control, "第二盏路灯不亮");
    let (status, page) = pages.send("/register", Some((&page, &typed)));
    assert_eq!(status, 303, "{page}");
    assert_eq!(tickets(&node.control).matches("磁盘已满时的路灯").count(), 1);
    node.stop();
}

#[test]
fn limit_of_the_size_of_files_is_as_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let city = folder.path().join("city");
    done(&city, &["init", "city", "--name", "保定市"]);
    let node = NodeProcess::serve_limited(&city, free_port(), 600);
    let mut saved = 0;
    let problem = loop {
        match register(&node.control, &format!("第{saved}盏路灯不亮")).expect("the node is gone") {
            Ok(_) => saved += 1,
            Err(problem) => break problem,
        }
    };
    assert!(problem["code"] == "disk-full" && saved > 0, "{saved}: {problem}");
    // Whoever is told so is told before the node has turned to waiting for room.
    let again = register(&node.control, "还是不行").unwrap().unwrap_err();
    assert_eq!((&again["code"], health(&node.control).as_str()), (&Value::from("disk-full"), "disk full, read-only\n"));
    assert!(tickets(&node.control).contains("第0盏路灯不亮"));
    node.kill();
    let node = NodeProcess::serve(&city, free_port(), &[]);
    register(&node.control, "第二天的路灯").unwrap().unwrap();
    node.stop();
    assert_eq!(done(&city, &["ticket", "list"])["total"], saved + 1);
    assert_eq!(done(&city, &["verify", "--all"])["ok"], true);
}

#[test]
fn node_starts_on_a_full_disk() {
    let disk = Disk::new();
    let node = disk.serve();
    register(&node.control, "第一盏路灯不亮").unwrap().unwrap();
    node.kill();
    disk.say("full");
    let node = disk.serve();
    assert!(tickets(&node.control).contains("第一盏路灯不亮"));
    let refused = register(&node.control, "磁盘已满时的路灯").unwrap();
    // What was cut off the log or was free in the file may still take something small.
    assert!(refused.is_ok() || refused.unwrap_err()["code"] == "disk-full");
    disk.say("");
    register_when_there_is_room(&node.control, "第二盏路灯不亮");
    node.stop();
    assert_eq!(done(&disk.city, &["verify", "--all"])["ok"], true);
}

#[test]
fn node_started_on_a_full_disk_is_found_by_commands_when_there_is_room() {
    let disk = Disk::new();
    disk.say("full");
    let node = disk.serve();
    let (code, told) = jiesu(&disk.city, &["status", "--wait", "0"]);
    assert_eq!(code, 8, "{told}");
    assert!(told["title"].as_str().unwrap().contains("没能写下命令怎样找到它（control.json）"), "{told}");
    disk.say("");
    assert_eq!(done(&disk.city, &["status", "--wait", "60"])["city"], "保定市");
    node.stop();
}

#[test]
fn import_that_a_full_disk_breaks_off_tells_what_was_saved_and_goes_on_when_it_is_run_again() {
    const ROWS: u64 = 1_000;
    let disk = Disk::new();
    let node = disk.serve();
    let day = desk::clock::text(desk::clock::now() - 86_400_000)[..10].to_owned();
    let mut text = "id,title,content,submitted_at\n0,,没有标题,\n".to_owned();
    text.extend((1..ROWS).map(|row| format!("{row},第{row}盏路灯不亮,夜里看不见路。,{day} 09:00\n")));
    let file = |name: &str| disk.city.with_file_name(name).to_str().unwrap().to_owned();
    let (rows, refused) = (file("rows.csv"), file("refused.csv"));
    std::fs::write(&rows, text).unwrap();
    disk.say("room 1500000");
    let (code, report) =
        jiesu(&disk.city, &["import", "tickets", &rows, "--system", "old12345", "--refused", &refused]);
    assert_eq!((code, &report["broken_off"]["code"]), (7, &Value::from("disk-full")), "{report}");
    let said = report["broken_off"]["title"].as_str().unwrap();
    assert!(said.contains("再运行一次同样的导入即可，已有的不会重复"), "{said}");
    let added = report["added"].as_u64().unwrap();
    assert!(added > 0 && added < ROWS - 1, "{report}");
    assert_eq!(std::fs::read_to_string(&refused).unwrap().lines().count(), 2, "the refused row is there");
    disk.say("");
    register_when_there_is_room(&node.control, "第二盏路灯不亮");
    let (_, report) = jiesu(&disk.city, &["import", "tickets", &rows]);
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(
        (count("added") + count("known"), count("refused")),
        (ROWS - 1, 1),
        "the system was kept in mind: {report}"
    );
    assert!(count("known") >= added, "{report}");
    node.stop();
}

#[test]
fn who_signs_out_on_a_full_disk_is_signed_out_and_who_signs_in_is_told_in_plain_words() {
    let disk = Disk::new();
    let command = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
        command.args(words).arg("--dir").arg(&disk.city).arg("--json").env("JIESU_PASSWORD", PASSWORD);
        command.env("LD_PRELOAD", &disk.shim).env("DISK_DIR", &disk.city).env("DISK_WORD", &disk.word);
        let output = command.output().unwrap();
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default())
    };
    assert!(disk.city.join("sessions.json").exists(), "whoever founds is signed in");
    disk.say("full");
    for words in [&["sign-in", "admin"][..], &["config", "commands", "signed-in"]] {
        let (code, problem) = command(words);
        assert_eq!((code, &problem["code"]), (Some(7), &Value::from("disk-full")), "{problem}");
        let said = problem["title"].as_str().unwrap();
        assert!(said.starts_with("磁盘已满") && !said.contains("os error"), "{said}");
    }
    let (code, done) = command(&["sign-out"]);
    assert_eq!((code, &done["signed_out"]), (Some(0), &Value::from(1)), "{done}");
    assert_eq!(done["copies_live"], true, "what it could not write down it says");
    assert!(!disk.city.join("sessions.json").exists());
}

#[test]
fn after_a_sync_that_failed_the_result_is_unknown_and_the_node_stops_with_its_reason() {
    let disk = Disk::new();
    let node = disk.serve();
    register(&node.control, "第一盏路灯不亮").unwrap().unwrap();
    disk.say("sync");
    let problem = register(&node.control, "不知道保存了没有的路灯").unwrap().unwrap_err();
    let told = (&problem["code"], &problem["status"], &problem["exit"]);
    assert_eq!(told, (&Value::from("unknown-result"), &Value::from(500), &Value::from(9)), "{problem}");
    assert!(problem["title"].as_str().unwrap().contains("结果未知，请稍后查看"));
    assert_eq!(node.ended(), Some(7));
    disk.say("");
    // It opens, and what it says of the request stays so.
    let node = disk.serve();
    let first = tickets(&node.control);
    assert!(first.contains("第一盏路灯不亮"));
    let status = ask(&node.control, None, Call::Status(q::Status {})).unwrap().unwrap();
    node.kill();
    assert_eq!(done(&disk.city, &["verify", "--all"])["ok"], true);
    let node = disk.serve();
    assert_eq!(tickets(&node.control), first);
    node.stop();
    assert_eq!(status["last_fault"]["code"], "storage", "{status}");
}

#[test]
fn request_whose_result_was_unknown_is_asked_again_under_its_id_and_done_once() {
    let disk = Disk::new();
    let node = disk.serve();
    disk.say("sync");
    let words = ["ticket", "register", "--title", "不知道保存了没有的路灯", "--content", "黑。", "--category", "0104"];
    let under = |id: &'static str| [&words[..], &["--request-id", id]].concat();
    let (code, problem) = jiesu(&disk.city, &under("request-1"));
    assert_eq!((code, &problem["code"], &problem["request"]), (9, &"unknown-result".into(), &"request-1".into()));
    assert_eq!(node.ended(), Some(7));
    disk.say("");
    // Asked of no running node, then of one: the same ticket.
    let first = done(&disk.city, &under("request-1"));
    let node = disk.serve();
    let second = done(&disk.city, &under("request-1"));
    assert_eq!((&first["act"], &first["number"]), (&second["act"], &second["number"]));
    let listed = ask(&node.control, None, Call::Tickets(q::Tickets::default())).unwrap().unwrap();
    assert_eq!(listed["total"], 1, "{listed}");
    let other =
        [&words[..3], &["另一盏路灯", "--content", "黑。", "--category", "0104", "--request-id", "request-1"]].concat();
    let (code, problem) = jiesu(&disk.city, &other);
    assert_eq!((code, &problem["code"]), (1, &"other-request".into()), "{problem}");
    assert_ne!(done(&disk.city, &words)["act"], first["act"], "under no id it is another request");
    node.stop();
}

#[test]
fn form_whose_result_was_unknown_says_where_to_look_and_is_saved_once() {
    let disk = Disk::new();
    let node = disk.serve();
    let cookie = sign_in(&node.control);
    let page = page(&node.control, &cookie, "/register");
    let number = hidden(&page, "once");
    let token = hidden(&page, "token");
    let form = |token: &str| {
        let fields =
            [("token", token), ("once", &number), ("title", "路灯"), ("content", "黑。"), ("category", "0104")];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    disk.say("sync");
    let (status, _, told) = post(&node.control, &cookie, "/register", &form(&token));
    assert_eq!(status, 500, "{told}");
    let way = format!("/requests/{number}");
    assert!(told.contains("结果未知，请稍后查看") && told.contains(&format!("href=\"{way}\"")), "{told}");
    assert_eq!(node.ended(), Some(7));
    disk.say("");
    let node = disk.serve();
    let cookie = sign_in(&node.control);
    let (status, place, _) = get(&node.control, &cookie, &way);
    let there = status == 303;
    assert!(there || status == 404, "{status}");
    // The page of before the restart, then a fresh one of that number.
    let (status, again, _) = post(&node.control, &cookie, "/register", &form(&token));
    assert_eq!((status, there), if there { (303, true) } else { (403, false) });
    let fresh = hidden(&self::page(&node.control, &cookie, "/register"), "token");
    let (status, last, _) = post(&node.control, &cookie, "/register", &form(&fresh));
    assert_eq!(status, 303);
    if there {
        assert_eq!((&place, &again), (&last, &last));
    }
    assert!(self::page(&node.control, &cookie, &last).contains("已保存在本机"));
    let listed = ask(&node.control, None, Call::Tickets(q::Tickets::default())).unwrap().unwrap();
    assert_eq!(listed["total"], 1, "{listed}");
    node.stop();
}

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark).unwrap_or_else(|| panic!("no {name} in {page}")) + mark.len();
    page[at..].split('"').next().unwrap().to_owned()
}

/// Status, where it leads, and the page.
fn get(control: &Control, cookie: &str, path: &str) -> (u16, String, String) {
    let request = ureq::get(format!("http://{}{path}", control.web)).header("Cookie", cookie);
    answer(request.config().http_status_as_error(false).max_redirects(0).proxy(None).build().call().unwrap())
}

fn page(control: &Control, cookie: &str, path: &str) -> String {
    let (status, _, page) = get(control, cookie, path);
    assert_eq!(status, 200, "{page}");
    page
}

fn post(control: &Control, cookie: &str, path: &str, form: &[(String, String)]) -> (u16, String, String) {
    let request = ureq::post(format!("http://{}{path}", control.web)).header("Cookie", cookie);
    let request = request.config().http_status_as_error(false).max_redirects(0).proxy(None).build();
    answer(request.send_form(form.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap())
}

fn answer(mut answer: ureq::http::Response<ureq::Body>) -> (u16, String, String) {
    let place = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
    (answer.status().as_u16(), place.unwrap_or_default(), answer.body_mut().read_to_string().unwrap())
}

/// The cookie of a session of the founder's.
fn sign_in(control: &Control) -> String {
    let token = hidden(&page(control, "", "/sign-in"), "token");
    let fields = [("token", token.as_str()), ("login", "admin"), ("password", PASSWORD)];
    let request = ureq::post(format!("http://{}/sign-in", control.web));
    let request = request.config().http_status_as_error(false).max_redirects(0).proxy(None).build();
    let answer = request.send_form(fields).unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    let set = answer.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap().split(';').next().unwrap());
    set.collect::<Vec<_>>().join("; ")
}
