//! A group of nodes on this machine, each a process of its own, as a TOML file lists them: for development.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use desk::Problem;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::commands::serve;
use crate::out::{note, say};

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cluster {
    /// Name of the city.
    city: String,
    /// Folder for all nodes, beside the file unless it is absolute.
    dir: PathBuf,
    /// Password of everybody.
    password: String,
    /// The nodes; the first one founds the city.
    node: Vec<Member>,
}

/// A node.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    /// Name of its folder.
    name: String,
    /// UDP address.
    listen: String,
    /// TCP address of its pages.
    web: String,
    /// Names of the nodes that it dials.
    #[serde(default)]
    peers: Vec<String>,
    /// Unit, by code or name; the founder has the city hotline.
    unit: Option<String>,
    /// `hub`, `office` or `laptop`.
    class: Option<String>,
    /// Name of the person.
    person: Option<String>,
    /// Login of the person.
    login: Option<String>,
}

/// Starts the group, and stops it on Ctrl-C.
pub async fn run(file: &Path) -> Result<(), Problem> {
    let (text, _) = desk::text::read(file)?;
    let wrong = |why: &dyn std::fmt::Display| {
        Problem::bad_input(format!("{}：{why}", file.display()), format!("{}: {why}", file.display()))
    };
    let name = file.display().to_string();
    let cluster: Cluster = toml::from_str(&text).map_err(|error| desk::text::not_toml(&name, &text, &error))?;
    let base = file.parent().unwrap_or(Path::new(".")).join(&cluster.dir);
    let listens: BTreeMap<&str, &str> = cluster.node.iter().map(|n| (n.name.as_str(), n.listen.as_str())).collect();
    let Some((founder, others)) = cluster.node.split_first() else { return Err(wrong(&"no [[node]]")) };
    let mut children = Vec::new();
    if !base.join(&founder.name).join("keys.toml").exists() {
        let dir = base.join(&founder.name);
        jiesu(&dir, &cluster.password, &["init", "city", "--name", &cluster.city]).await?;
    }
    children.push(start(&base, founder, &listens).await?);
    for member in others {
        let dir = base.join(&member.name);
        if !dir.join("keys.toml").exists() {
            join(&cluster, &base, founder, member).await?;
        }
        children.push(start(&base, member, &listens).await?);
    }
    note(format!("{} {}", say("全部已启动，密码", "all started; password"), cluster.password));
    serve::stopped().await;
    for child in &mut children {
        stop(child).await;
    }
    Ok(())
}

/// Lets a node join the city, which runs already.
async fn join(cluster: &Cluster, base: &Path, founder: &Member, member: &Member) -> Result<(), Problem> {
    let missing = |what: &str| {
        Problem::bad_input(format!("节点 {} 缺少 {what}", member.name), format!("node {} has no {what}", member.name))
    };
    let unit = member.unit.as_deref().ok_or_else(|| missing("unit"))?;
    let class = member.class.as_deref().ok_or_else(|| missing("class"))?;
    let city = base.join(&founder.name);
    let invite = ["invite", "--unit", unit, "--class", class, "--address", &founder.listen];
    let invited = jiesu(&city, &cluster.password, &invite).await?;
    let token = invited["token"].as_str().unwrap_or_default();
    let mut words = vec!["join", token, "--device", &member.name];
    match (&member.person, &member.login) {
        (Some(person), Some(login)) => words.extend(["--person", person, "--person-login", login]),
        (Some(_), None) => return Err(missing("login")),
        (None, Some(_)) => return Err(missing("person")),
        (None, None) => {}
    }
    jiesu(&base.join(&member.name), &cluster.password, &words).await?;
    Ok(())
}

fn program() -> Result<Command, Problem> {
    let program = std::env::current_exe().map_err(|error| Problem::fault(&error))?;
    let mut command = Command::new(program);
    command.env_remove("JIESU_JSON").kill_on_drop(true);
    Ok(command)
}

/// Runs a command on a folder and reads its JSON.
async fn jiesu(dir: &Path, password: &str, words: &[&str]) -> Result<Value, Problem> {
    let mut command = program()?;
    command.args(words).arg("--dir").arg(dir).arg("--json").env("JIESU_PASSWORD", password);
    command.env("JIESU_OPEN_COMMANDS", "1").stderr(Stdio::inherit());
    let output = command.output().await.map_err(|error| Problem::fault(&error))?;
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if output.status.success() {
        return Ok(value);
    }
    Err(serde_json::from_value(value).unwrap_or_else(|_| Problem::fault(&format!("jiesu {} failed", words.join(" ")))))
}

/// Starts a node and waits until it is there.
async fn start(base: &Path, member: &Member, listens: &BTreeMap<&str, &str>) -> Result<Child, Problem> {
    let mut command = program()?;
    command.arg("serve").arg("--dir").arg(base.join(&member.name));
    command.args(["--listen", &member.listen, "--web", &member.web]);
    for peer in &member.peers {
        let address = listens
            .get(peer.as_str())
            .ok_or_else(|| Problem::bad_input(format!("没有名为 {peer} 的节点"), format!("there is no node {peer}")))?;
        command.args(["--peer", address]);
    }
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(|error| Problem::fault(&error))?;
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    if let Some(stderr) = child.stderr.take() {
        let name = member.name.clone();
        let mut ready = Some(ready);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if line.contains("http://")
                    && let Some(ready) = ready.take()
                {
                    let _ = ready.send(());
                }
                note(format!("[{name}] {line}"));
            }
        });
    }
    is_ready.await.map_err(|_| {
        Problem::unreachable(format!("节点 {} 没有启动", member.name), format!("node {} did not start", member.name))
    })?;
    Ok(child)
}

async fn stop(child: &mut Child) {
    // The signal that a terminal sends reaches the whole group; whoever is left is ended here.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), child.wait()).await;
    let _ = child.kill().await;
}
