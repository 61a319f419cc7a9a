//! Founding a city, inviting, joining.

use std::time::Duration;

use desk::call::answers::Session;
use desk::call::{CallBy, Secret, questions as q};
use desk::config::{Commands, Config};
use desk::home::CONFIG;
use desk::people::{self, Newcomer, SetBy};
use desk::{Home, Problem, enrol};
use node::found::{Founder, found_untold};
use node::join::{Progress, join_shown};
use node::{Node, Start};
use serde_json::json;

use crate::args::{CommandsAre, Config as ConfigCommand, Global, Invite, Join, OpenCommands};
use crate::client::ask;
use crate::{out, password, show};

/// Login of whoever founds a city.
const FOUNDER: &str = "admin";

pub async fn init(global: &Global, city: &str, person: &str, open: &OpenCommands) -> Result<(), Problem> {
    let password = chosen(global)?;
    people::check_password(&password.text, &[FOUNDER, person])?;
    let home = Home::create(&global.dir, true)?;
    Config::begin(&home.dir().join(CONFIG), None, of(open))?;
    let founder = Founder { name: person.to_owned(), login: FOUNDER.to_owned() };
    let node = found_untold(home.clone(), city, &founder, &password.text).await?;
    let begun = signed_in(global, &node, FOUNDER, &password).await;
    node.stop().await;
    begun?;
    if global.json {
        out::json(&json!({ "city": city, "dir": global.dir, "login": FOUNDER, "password": password.made_up() }));
        password.tell_if_lost();
        return home.finish();
    }
    out::line(format!("{} {city}", out::say("已建立", "founded")));
    out::line(format!("{} {}", out::say("目录", "folder"), global.dir.display()));
    out::line(format!("{} {FOUNDER}", out::say("登录名", "login")));
    password.tell();
    out::line(out::say(
        "keys.toml 内有全市根密钥：请立即离线备份该文件，丢失无法补救",
        "keys.toml holds the root key of the city: put a copy away now, it cannot be made again",
    ));
    out::line(format!(
        "{} {}",
        out::say("下一步", "next:"),
        serve_command(&global.dir, |name| std::env::var(name).ok())
    ));
    password.tell_if_lost();
    home.finish()
}

pub async fn invite(global: &Global, invite: Invite) -> Result<(), Problem> {
    let Invite { unit, class, address: addresses } = invite;
    let made = ask(global, q::Invite { unit, class, addresses }).await?;
    if global.json {
        out::json(&made);
        return Ok(());
    }
    let addresses = &made.addresses;
    out::line(&made.token.0);
    out::note(format!("{} {}", out::say("有效至", "good until"), made.expires_at));
    out::note(format!("{} {}", out::say("新设备依次连", "the new device tries"), addresses.join(out::say("、", ", "))));
    if addresses.iter().all(|at| at.starts_with("127.") || at.starts_with("[::1]")) {
        out::note(out::say(
            "这是本机自己的地址，别的机器连不到：请用 --address 写明本机在网络上的地址",
            "that is this machine for itself, which no other reaches: name its address in the network with --address",
        ));
    }
    out::note(out::say(
        "在新设备上运行：jiesu join 邀请码 --dir 目录 --person 姓名 --person-login 登录名",
        "on the new device: jiesu join TOKEN --dir D --person NAME --person-login LOGIN",
    ));
    Ok(())
}

pub async fn join(global: &Global, join: Join) -> Result<(), Problem> {
    let token = enrol::Token::parse(&join.token.join(" "))?;
    let password = chosen(global)?;
    let newcomer = join.person.zip(join.person_login).map(|(name, login)| Newcomer { name, login });
    let names = newcomer.as_ref().map(|newcomer| [newcomer.login.as_str(), newcomer.name.as_str()]);
    people::check_password(&password.text, names.as_ref().map_or(&[], |names| names))?;
    let home = Home::create(&global.dir, false)?;
    let joined = join_shown(&home, &token, &join.device, newcomer.clone(), &mut shown()).await?;
    Config::begin(&home.dir().join(CONFIG), Some(&joined.address), of(&join.open))?;
    let node = Node::start(home.clone(), &Start::default())?;
    let me = node.me()?;
    let unit = node.registry().now().unit(me.device.unit).map(|unit| unit.name.clone()).unwrap_or_default();
    let mut begun = Ok(());
    if let Some(newcomer) = &newcomer {
        let registry = node.registry();
        let person = people::person_called(&registry, &me, &newcomer.login).map(|(id, _)| id);
        let missing = || Problem::not_found("名册中还没有此人", "the person is not in the registry yet");
        people::set_password(&node, SetBy::Owner, person.ok_or_else(missing)?, &password.text).await?;
        begun = signed_in(global, &node, &newcomer.login, &password).await;
    }
    node.stop().await;
    begun?;
    if global.json {
        let login = newcomer.as_ref().map(|newcomer| newcomer.login.clone());
        let shown = newcomer.as_ref().and_then(|_| password.made_up());
        out::json(&json!({ "unit": unit, "device": me.id.0, "dir": global.dir, "login": login, "password": shown }));
        if shown.is_some() {
            password.tell_if_lost();
        }
        return home.finish();
    }
    out::line(format!("{} {unit}（{} {}）", out::say("已加入", "joined"), out::say("设备号", "device"), me.id.0));
    if let Some(newcomer) = newcomer {
        out::line(format!("{} {}", out::say("登录名", "login"), newcomer.login));
        password.tell();
    }
    out::line(format!(
        "{} {}",
        out::say("下一步", "next:"),
        serve_command(&global.dir, |name| std::env::var(name).ok())
    ));
    password.tell_if_lost();
    home.finish()
}

/// The command that runs the node of this folder, here and in any other terminal: what only this one has in its
/// environment is written out.
fn serve_command(dir: &std::path::Path, variable: impl Fn(&str) -> Option<String>) -> String {
    let quoted = |text: String| match text.chars().all(|c| c.is_alphanumeric() || "-_./:,[]".contains(c)) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    };
    let mut command = format!("jiesu serve --dir {}", quoted(dir.display().to_string()));
    for (name, option) in [("JIESU_LISTEN", "--listen"), ("JIESU_WEB", "--web"), ("JIESU_PEER", "--peer")] {
        if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
            command.push_str(&format!(" {option} {}", quoted(value)));
        }
    }
    command
}

/// How often it is told how far it is, where it goes on all the time.
const TOLD_EACH: Duration = Duration::from_secs(1);

/// Tells whoever waits how far joining is, and what it waits for.
fn shown() -> impl FnMut(Progress) + Send {
    let mut last = None;
    move |progress| {
        let now = desk::clock::steady();
        let rushed = last.is_some_and(|at| now.saturating_sub(at) < TOLD_EACH);
        let text = match progress {
            Progress::Registry { here, of } if here < of && rushed => return,
            Progress::Asking(address) => format!("{} {address}", out::say("正在申请加入", "asking to join at")),
            Progress::Registry { here, of } => format!("{} {here}/{of}", out::say("取名册", "registry")),
            Progress::Waiting(chinese, english) => {
                let waits = out::say("暂时连不上对方，会自动再试", "out of reach for the moment, it is tried again");
                format!("{waits}：{}", out::say(&chinese, &english))
            }
        };
        last = Some(now);
        out::note(text);
    }
}

/// Whoever has just chosen a password, or is shown it now, is signed in with it.
async fn signed_in(global: &Global, node: &Node, login: &str, password: &Password) -> Result<(), Problem> {
    let call = q::SignIn { login: Some(login.to_owned()), password: Secret(password.text.clone()) }.into();
    let begun = desk::call::answer(node, CallBy { login: None, call }).await?;
    let begun: Session = serde_json::from_value(begun).map_err(|error| Problem::fault(&error))?;
    super::people::keep(global, login, &begun)
}

/// In whose name commands act, as it was said when the node began.
fn of(open: &OpenCommands) -> Commands {
    if open.open_commands { Commands::Open } else { Commands::SignedIn }
}

/// Sets or checks what stands in the configuration.
pub fn config(global: &Global, command: &ConfigCommand) -> Result<(), Problem> {
    let home = Home::open(&global.dir)?;
    if let ConfigCommand::Commands { value } = command {
        let commands = match value {
            CommandsAre::Open => Commands::Open,
            CommandsAre::SignedIn => Commands::SignedIn,
        };
        Config::set_commands(&home.dir().join(CONFIG), commands)?;
    }
    let config = home.config()?;
    config.check_file(&home.dir().join(CONFIG), &[])?;
    let config = config.checked()?;
    if global.json {
        let (listen, web) = (config.listen.map(|at| at.to_string()), config.web.map(|at| at.to_string()));
        let commands = config.commands.code();
        out::json(&json!({ "listen": listen, "web": web, "peers": config.peers, "commands": commands }));
        return Ok(());
    }
    out::line(out::say("config.toml 无误", "config.toml is fine"));
    out::line(show::commands_are(config.commands.code()));
    Ok(())
}

/// A password, given or made up.
struct Password {
    text: String,
    given: bool,
}

impl Password {
    fn made_up(&self) -> Option<&str> {
        (!self.given).then_some(self.text.as_str())
    }

    fn tell(&self) {
        if let Some(text) = self.made_up() {
            out::line(format!("{} {text}", out::say("初始密码", "password")));
        }
    }

    /// Nobody can look it up later: where the result was lost it is told beside it.
    fn tell_if_lost(&self) {
        if let Some(text) = self.made_up().filter(|_| out::is_lost()) {
            out::note(format!("{} {text}", out::say("初始密码", "password")));
        }
    }
}

/// Letters and digits that nobody takes for another.
const PLAIN: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

fn chosen(global: &Global) -> Result<Password, Problem> {
    if let Some(Secret(text)) = password::given(global)? {
        return Ok(Password { text, given: true });
    }
    let bytes: [u8; 14] = desk::home::random()?;
    let text = bytes.iter().map(|byte| char::from(PLAIN[usize::from(byte % 32)])).collect();
    Ok(Password { text, given: false })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::serve_command;

    #[test]
    fn next_command_has_what_stands_in_the_environment_of_this_terminal_alone() {
        assert_eq!(serve_command(Path::new("city"), |_| None), "jiesu serve --dir city");
        let set = |name: &str| (name == "JIESU_WEB").then(|| "127.0.0.1:8481".to_owned());
        assert_eq!(serve_command(Path::new("my city"), set), "jiesu serve --dir 'my city' --web 127.0.0.1:8481");
    }
}
