//! Every command of the guide, of the README and of `deploy/` is run as it is written there, in order, in empty folders: a
//! newcomer who types letter by letter must get what is promised.
//!
//! A block ```` ```sh 市热线 ```` is typed on the machine 市热线, which here is a folder of its own; ```` ```json 诉求.json ````
//! is the content of a file there; ```` ```text ```` after a block is what it prints, with `…` for what differs. 邀请码, 编号
//! and the like stand for what was printed before. `# 退出码 5` after a command is its exit code.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What one node did is soon seen at the other: a command about a ticket is given again until it succeeds, so many times.
const TRIES_MAX: u32 = 400;

fn free_udp() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn free_tcp() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What somebody chooses in the place of a password that another set.
const OWN_PASSWORD: &str = "three own words";

/// A block between fences.
#[derive(Debug)]
struct Block {
    line: usize,
    language: String,
    title: String,
    lines: Vec<String>,
}

fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for (number, line) in (1..).zip(text.lines()) {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                let (language, title) = info.split_once(' ').unwrap_or((info, ""));
                let (language, title) = (language.to_owned(), title.to_owned());
                open = Some(Block { line: number, language, title, lines: Vec::new() });
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed: {open:?}");
    blocks
}

/// A machine of the guide: a folder, and what its people have noted down.
struct Machine {
    dir: PathBuf,
    listen: u16,
    web: u16,
    password: String,
    running: Vec<Child>,
}

impl Drop for Machine {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whoever follows the guide.
struct Reader {
    dir: tempfile::TempDir,
    machines: BTreeMap<String, Machine>,
    /// What stands in the guide for what was printed, newest last.
    noted: BTreeMap<&'static str, Vec<String>>,
    document: &'static str,
}

impl Reader {
    fn new(document: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // The program is called by its name alone, as when it is installed.
        let bin = dir.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_jiesu"), bin.join("jiesu")).unwrap();
        Self { dir, machines: BTreeMap::new(), noted: BTreeMap::new(), document }
    }

    fn machine(&mut self, name: &str) -> &mut Machine {
        let dir = self.dir.path().join(name);
        self.machines.entry(name.to_owned()).or_insert_with(|| {
            std::fs::create_dir(&dir).unwrap();
            for file in std::fs::read_dir(project().join("cli/tests/data/guide")).unwrap() {
                let file = file.unwrap();
                // Names of files in the source are plain ASCII, so that every tool lists them as they are.
                let name = if file.file_name() == "photo.jpg" { "照片.jpg".into() } else { file.file_name() };
                std::fs::copy(file.path(), dir.join(name)).unwrap();
            }
            let (listen, web) = (free_udp(), free_tcp());
            Machine { dir, listen, web, password: String::new(), running: Vec::new() }
        })
    }

    /// The command as it is typed: with what was printed in place of the words for it.
    fn typed(&self, line: &str) -> String {
        let mut typed = line.to_owned();
        let noted = |name: &str, back: usize| self.noted.get(name).and_then(|all| all.iter().rev().nth(back));
        for (word, what) in [
            ("另一件的编号", noted("编号", 1)),
            ("编号", noted("编号", 0)),
            ("邀请码", noted("邀请码", 0)),
            ("知识标识", noted("标识", 0)),
            ("提议标识", noted("提议", 0)),
        ] {
            if typed.contains(word) {
                let what = what.unwrap_or_else(|| panic!("{}: {word} was never printed before: {line}", self.document));
                typed = typed.replace(word, what);
            }
        }
        typed
    }

    fn note(&mut self, machine: &str, output: &str) {
        for word in output.split(|c: char| c.is_whitespace() || "（）：，。".contains(c)) {
            let digits: Vec<usize> = word.split('-').map(str::len).collect();
            let name = if word.starts_with("jiesu1.") {
                "邀请码"
            } else if digits == [6, 3, 8, 5, 1] && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
                "编号"
            } else if word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                "提议"
            } else if word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                "标识"
            } else {
                continue;
            };
            let all = self.noted.entry(name).or_default();
            if all.last().is_none_or(|last| last != word) {
                all.push(word.to_owned());
            }
        }
        if let Some(password) = output.lines().find_map(|line| line.strip_prefix("初始密码 ")) {
            self.machine(machine).password = password.to_owned();
        }
    }

    fn command(&mut self, machine: &str, line: &str) -> Command {
        let path = format!("{}:{}", self.dir.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
        let typed = self.typed(line);
        let machine = self.machine(machine);
        let mut command = Command::new("sh");
        command.arg("-c").arg(typed).current_dir(&machine.dir).env("PATH", path);
        // Two machines have two addresses; here both are one.
        command.env("JIESU_LISTEN", format!("127.0.0.1:{}", machine.listen));
        command.env("JIESU_WEB", format!("127.0.0.1:{}", machine.web));
        for name in ["JIESU_DIR", "JIESU_PASSWORD", "JIESU_LOGIN", "JIESU_JSON", "JIESU_LANG", "JIESU_OPEN_COMMANDS"] {
            command.env_remove(name);
        }
        command
    }

    /// Starts what runs on, and waits until it says that it is there.
    fn start(&mut self, machine: &str, line: &str) {
        let mut command = self.command(machine, &format!("exec {line}"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        loop {
            let Some(Ok(next)) = lines.next() else { panic!("{}: `{line}` did not start: {said}", self.document) };
            if next.contains("http://") {
                break;
            }
            said.push_str(&next);
        }
        std::thread::spawn(move || lines.for_each(drop));
        self.machine(machine).running.push(child);
    }

    /// Runs a command to its end; what it printed.
    fn run(&mut self, machine: &str, line: &str, expected: i32) -> String {
        let tries = if line.starts_with("jiesu ticket") { TRIES_MAX } else { 1 };
        let mut last = String::new();
        for _ in 0..tries {
            // What is typed where a password is asked for: the one that was shown, then one of one's own.
            let password = format!("{}\n{OWN_PASSWORD}\n", self.machine(machine).password);
            let mut command = self.command(machine, line);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // Whoever is not asked for a password reads nothing.
            let _ = child.stdin.take().unwrap().write_all(password.as_bytes());
            let output = child.wait_with_output().unwrap();
            let (out, err) =
                (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
            if output.status.code() == Some(expected) {
                self.note(machine, &out);
                return out + &err;
            }
            last = format!("{:?}, not {expected}\n{out}{err}", output.status.code());
        }
        panic!("{}: `{line}`, typed as `{}`: {last}", self.document, self.typed(line));
    }

    fn block(&mut self, block: &Block, printed: &mut String) {
        let at = format!("{}:{}", self.document, block.line);
        match block.language.as_str() {
            "sh" if block.title.is_empty() => {
                // What is built and tested is built and tested already.
                let others = |line: &&String| !line.starts_with("cargo ") && !line.is_empty();
                assert_eq!(block.lines.iter().find(others), None, "{at}: on which machine is this typed?");
            }
            "sh" => {
                printed.clear();
                for line in block.lines.iter().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
                    let (command, comment) = line.split_once("  #").unwrap_or((line, ""));
                    let code = comment.trim().strip_prefix("退出码 ").and_then(|code| code.split_whitespace().next());
                    let expected = code.map_or(0, |code| code.parse().unwrap());
                    if command.starts_with("jiesu serve") {
                        self.start(&block.title, command.trim());
                    } else {
                        *printed += &self.run(&block.title, command.trim(), expected);
                    }
                }
            }
            "text" => {
                let mut lines = printed.lines();
                for shown in block.lines.iter().filter(|line| !line.trim().is_empty() && line.trim() != "…") {
                    let shown = self.typed(shown);
                    assert!(lines.any(|line| fits(line, &shown)), "{at}: nobody printed “{shown}”, but\n{printed}");
                }
            }
            "json" | "jsonl" | "csv" | "toml" => {
                assert!(!block.title.is_empty(), "{at}: which file is this?");
                // The guide asks for times of the last days: what is older is not imported.
                let yesterday = desk::clock::text(desk::clock::now() - 24 * 3_600_000);
                let [year, month, day] = [&yesterday[..4], &yesterday[5..7], &yesterday[8..10]];
                let content = block.lines.join("\n") + "\n";
                let content = content.replace("2026/11/20", &format!("{year}/{month}/{day}"));
                let content = content.replace("2026年11月20日", &format!("{year}年{month}月{day}日"));
                for machine in self.machines.values() {
                    std::fs::write(machine.dir.join(&block.title), &content).unwrap();
                }
            }
            // A picture made of letters.
            "" => {}
            other => panic!("{at}: nobody knows what a block of `{other}` is"),
        }
    }
}

/// Whether a line is as it is shown, where `…` stands for anything.
fn fits(line: &str, shown: &str) -> bool {
    let mut rest = line.trim();
    let parts: Vec<&str> = shown.trim().split('…').collect();
    let Some(after) = rest.strip_prefix(parts[0]) else { return false };
    rest = after;
    for part in &parts[1..] {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty() || shown.trim().ends_with('…')
}

fn follow(document: &'static str) {
    let text = std::fs::read_to_string(project().join(document)).unwrap();
    let mut reader = Reader::new(document);
    let (mut printed, mut commands) = (String::new(), 0);
    for block in blocks(&text) {
        commands += usize::from(block.language == "sh");
        reader.block(&block, &mut printed);
    }
    assert!(commands > 1, "{document} has commands");
}

#[test]
fn every_command_of_the_guide_does_what_the_guide_says() {
    follow("docs/user-guide.md");
}

#[test]
fn every_command_of_the_readme_works() {
    follow("README.md");
}

#[test]
fn group_of_nodes_of_deploy_starts() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deploy").join("devcluster.toml");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let mut text = std::fs::read_to_string(project().join("deploy/devcluster.toml")).unwrap();
    for port in 4433..=4436 {
        text = text.replace(&format!(":{port}\""), &format!(":{}\"", free_udp()));
    }
    for port in 8480..=8483 {
        text = text.replace(&format!(":{port}\""), &format!(":{}\"", free_tcp()));
    }
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    let mut child = command.arg("devcluster").arg(&file).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    let started = loop {
        let Some(Ok(line)) = lines.next() else { break false };
        said += &line;
        said.push('\n');
        if line.contains("全部已启动") {
            break true;
        }
    };
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    lines.for_each(drop);
    child.wait().unwrap();
    assert!(started && told.success(), "{said}");
}
