//! Founding a city, inviting, joining.

use node::call::Call;
use node::config::TEMPLATE;
use node::found::{Founder, found};
use node::people::{self, Newcomer};
use node::{Home, Node, Problem, Start, enrol};
use serde_json::json;

use crate::args::{Global, Invite, Join};
use crate::client::ask;
use crate::out;

/// Login of whoever founds a city.
const FOUNDER: &str = "admin";

pub async fn init(global: &Global, city: &str, person: &str, password: Option<String>) -> Result<(), Problem> {
    let password = chosen(password)?;
    let home = Home::create(&global.dir, true)?;
    write_config(&home)?;
    let founder = Founder { name: person.to_owned(), login: FOUNDER.to_owned() };
    let node = found(home, city, &founder, &password.text).await?;
    node.stop().await;
    if global.json {
        out::json(&json!({ "city": city, "dir": global.dir, "login": FOUNDER, "password": password.made_up() }));
        return Ok(());
    }
    out::line(format!("{} {city}", out::say("已建立", "founded")));
    out::line(format!("{} {}", out::say("目录", "folder"), global.dir.display()));
    out::line(format!("{} {FOUNDER}", out::say("登录名", "login")));
    password.tell();
    out::line(out::say(
        "keys.toml 内有全市根密钥：请立即离线备份该文件，丢失无法补救",
        "keys.toml holds the root key of the city: put a copy away now, it cannot be made again",
    ));
    out::line(format!("{} jiesu serve --dir {}", out::say("下一步", "next:"), global.dir.display()));
    Ok(())
}

pub async fn invite(global: &Global, invite: Invite) -> Result<(), Problem> {
    let Invite { unit, class, address } = invite;
    let value = ask(global, Call::Invite { unit, class, address }).await?;
    if global.json {
        out::json(&value);
        return Ok(());
    }
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    out::line(text("token"));
    out::note(format!("{} {}", out::say("有效至", "good until"), text("expires_at")));
    out::note(out::say(
        "在新设备上运行：jiesu join 邀请码 --dir 目录 --person 姓名 --person-login 登录名",
        "on the new device: jiesu join TOKEN --dir D --person NAME --person-login LOGIN",
    ));
    Ok(())
}

pub async fn join(global: &Global, join: Join) -> Result<(), Problem> {
    let token = enrol::Token::parse(&join.token)?;
    let password = chosen(join.password)?;
    let newcomer = join.person.zip(join.person_login).map(|(name, login)| Newcomer { name, login });
    let home = Home::create(&global.dir, false)?;
    if let Err(problem) = enrol::join(&home, &token, &join.device, newcomer.clone()).await {
        // Nothing was joined: the folder can be used for another try.
        home.discard();
        return Err(problem);
    }
    write_config_for(&home, &token.address)?;
    let node = Node::start(home, &Start::default())?;
    let me = node.me()?;
    let unit = node.registry().now().unit(me.device.unit).map(|unit| unit.name.clone()).unwrap_or_default();
    if let Some(newcomer) = &newcomer {
        let registry = node.registry();
        let person = people::person_called(&registry, &me, &newcomer.login).map(|(id, _)| id);
        let missing = || Problem::not_found("名册中还没有此人", "the person is not in the registry yet");
        people::set_password(&node, person.ok_or_else(missing)?, &password.text).await?;
    }
    node.stop().await;
    if global.json {
        let login = newcomer.as_ref().map(|newcomer| newcomer.login.clone());
        let shown = newcomer.as_ref().and_then(|_| password.made_up());
        out::json(&json!({ "unit": unit, "device": me.id.0, "dir": global.dir, "login": login, "password": shown }));
        return Ok(());
    }
    out::line(format!("{} {unit}（{} {}）", out::say("已加入", "joined"), out::say("设备号", "device"), me.id.0));
    if let Some(newcomer) = newcomer {
        out::line(format!("{} {}", out::say("登录名", "login"), newcomer.login));
        password.tell();
    }
    out::line(format!("{} jiesu serve --dir {}", out::say("下一步", "next:"), global.dir.display()));
    Ok(())
}

fn write_config(home: &Home) -> Result<(), Problem> {
    let path = home.dir().join("config.toml");
    std::fs::write(&path, TEMPLATE).map_err(|error| Problem::storage(&path, &error))
}

/// Whoever joined keeps connected to the node that let it in.
fn write_config_for(home: &Home, peer: &str) -> Result<(), Problem> {
    let path = home.dir().join("config.toml");
    let text = format!("{TEMPLATE}peers = [\"{peer}\"]\n");
    std::fs::write(&path, text).map_err(|error| Problem::storage(&path, &error))
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
}

/// Letters and digits that nobody takes for another.
const PLAIN: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

fn chosen(given: Option<String>) -> Result<Password, Problem> {
    if let Some(text) = given {
        return Ok(Password { text, given: true });
    }
    let bytes: [u8; 14] = node::home::random()?;
    let text = bytes.iter().map(|byte| char::from(PLAIN[usize::from(byte % 32)])).collect();
    Ok(Password { text, given: false })
}
