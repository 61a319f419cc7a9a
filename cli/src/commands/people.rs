//! People: adding them, their passwords, signing in.

use std::path::Path;

use desk::call::answers::{PasswordSet, Session};
use desk::call::{Secret, questions as q};
use desk::{Home, Problem};
use serde_json::json;

use super::{shown, told};
use crate::args::{Global, Person};
use crate::client::{Client, Sessions};
use crate::{out, password, show};

pub async fn person(global: &Global, command: Person) -> Result<(), Problem> {
    match command {
        Person::Add { unit, name, as_login, role } => {
            let call = q::Person { unit, name: name.clone(), login: as_login, roles: role };
            shown(global, call, |added| {
                out::line(format!("{} {name}（{}）", out::say("已登记", "added"), added.login));
                added.unsplit.iter().for_each(show::unsplit);
                out::line(out::say(
                    "请在其节点上设密码：jiesu person password 登录名",
                    "set a password at their node: jiesu person password LOGIN",
                ));
            })
            .await
        }
        Person::Roles { of, add, remove } => {
            shown(global, q::Roles { login: of, add, remove }, |now| {
                let name = |code: &String| {
                    desk::listed::role(code).map_or_else(
                        |_| code.clone(),
                        |role| {
                            let (code, chinese) = role.names();
                            out::say(chinese, code).to_owned()
                        },
                    )
                };
                let roles: Vec<String> = now.roles.iter().map(name).collect();
                out::line(format!("{} {}", out::say("岗位：", "roles:"), roles.join(out::say("、", " "))));
                now.unsplit.iter().for_each(show::unsplit);
            })
            .await
        }
        Person::Password { of, old_password_file } => {
            let password = password::chosen(global)?;
            desk::people::check_password(&password.0, &[&of])?;
            let old = password::old(old_password_file.as_deref())?;
            // Whose password it is may be signed in; otherwise `--login` says who sets it.
            let login = global.login.clone().or_else(|| {
                let sessions = Sessions::read(&global.dir).ok()?;
                sessions.of(Some(&of)).ok()?.map(|_| of.clone())
            });
            let global = Global { login, ..global.clone() };
            let set = set_password(&global, q::Password { login: of, password, old }).await?;
            told(&global, &set, |_| out::line(out::say("密码已设", "the password is set")));
            Ok(())
        }
    }
}

/// Sets a password. Whoever must show the one that there is is asked for it.
async fn set_password(global: &Global, question: q::Password) -> Result<PasswordSet, Problem> {
    let client = Client::open(global).await?;
    let mut set = client.call(question.clone()).await;
    if let Err(problem) = &set
        && problem.code == "old-password"
        && let Some(old) =
            password::asked(("原密码：", "password now: "))?.or_else(|| password::read(Path::new("-")).ok())
    {
        set = client.call(q::Password { old: Some(old), ..question }).await;
    }
    client.close(set).await
}

/// Begins a session. Whoever was given a password by another chooses their own first.
async fn begin(client: &Client, login: &str, password: Secret) -> Result<Session, Problem> {
    let first = client.begin(Some(login), password.clone()).await;
    let Err(problem) = &first else { return first };
    if problem.code != "choose-password" {
        return first;
    }
    out::note(out::say(
        "您的密码是别人设的，请先换成自己的新密码",
        "another set your password: choose one of your own first",
    ));
    let Some(own) = password::typed()? else { return first };
    let question = q::Password { login: login.to_owned(), password: own.clone(), old: Some(password) };
    client.call(question).await?;
    client.begin(Some(login), own).await
}

/// Begins a session and keeps it in the folder.
pub async fn sign_in(global: &Global, login: &str) -> Result<(), Problem> {
    let password = password::needed(global, ("密码：", "password: "))?;
    let client = Client::open(global).await?;
    let begun = begin(&client, login, password).await;
    let begun = client.close(begun).await?;
    keep(global, login, &begun)?;
    if global.json {
        out::json(&json!({ "login": login, "expires_at": begun.expires_at }));
        return Ok(());
    }
    let until = &begun.expires_at;
    out::line(format!("{} {login}，{} {until}", out::say("已登录", "signed in:"), out::say("有效至", "until")));
    Ok(())
}

/// Keeps a session that was begun.
pub fn keep(global: &Global, login: &str, begun: &Session) -> Result<(), Problem> {
    Sessions::read(&global.dir)?.keep(login, begun.session.clone())
}

/// Ends sessions at the node, copies of them with it, and forgets them here.
pub async fn sign_out(global: &Global, login: Option<&str>) -> Result<(), Problem> {
    let home = Home::open(&global.dir)?;
    let sessions = Sessions::read(home.dir())?;
    let known = sessions.all(login.or(global.login.as_deref()));
    let mut copies_live = false;
    if !known.is_empty() {
        let client = Client::open(global).await?;
        let mut ended = Ok(());
        for (_, session) in &known {
            match client.call_in(session.clone(), q::SignOut {}).await {
                // It was over already.
                Err(problem) if problem.code == "sign-in-first" => {}
                // To forget it takes no room: whoever leaves the machine is signed out of it all the same.
                Err(problem) if problem.code == "disk-full" => copies_live = true,
                Err(problem) => ended = Err(problem),
                Ok(_) => {}
            }
        }
        client.close(ended).await?;
    }
    let logins: Vec<&str> = known.iter().map(|(login, _)| login.as_str()).collect();
    sessions.forget(&logins)?;
    if global.json {
        out::json(&json!({ "signed_out": logins.len(), "logins": logins, "copies_live": copies_live }));
        return Ok(());
    }
    if logins.is_empty() {
        out::line(out::say("没有登录的人，什么都没有改", "nobody is signed in, nothing was changed"));
        return Ok(());
    }
    out::line(format!("{} {}", out::say("已退出登录：", "signed out:"), logins.join(out::say("、", ", "))));
    if copies_live {
        out::line(out::say(
            "磁盘已满：本机的登录已删除；若有人复制过它，要到有效期过后才失效。腾出空间后再登录、退出一次即可",
            "the disk is full: it is deleted here, but a copy of it would be good until it ends; sign in and out once there is room",
        ));
    }
    Ok(())
}
