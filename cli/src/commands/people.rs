//! People: adding them, their passwords, signing in.

use desk::call::answers::Session;
use desk::call::questions as q;
use desk::{Home, Problem};
use serde_json::json;

use super::shown;
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
        Person::Password { of } => {
            let password = password::chosen(global)?;
            desk::people::check_password(&password.0)?;
            // Whose password it is may be signed in; otherwise `--login` says who sets it.
            let login = global.login.clone().or_else(|| {
                let sessions = Sessions::read(&global.dir).ok()?;
                sessions.of(Some(&of)).map(|_| of.clone())
            });
            let global = Global { login, ..global.clone() };
            shown(&global, q::Password { login: of, password }, |_| {
                out::line(out::say("密码已设", "the password is set"));
            })
            .await
        }
    }
}

/// Begins a session and keeps it in the folder.
pub async fn sign_in(global: &Global, login: &str) -> Result<(), Problem> {
    let password = password::needed(global, ("密码：", "password: "))?;
    let client = Client::open(global).await?;
    let begun = client.begin(Some(login), password).await;
    client.close().await;
    let begun = begun?;
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
        client.close().await;
        ended?;
    }
    let logins: Vec<&str> = known.iter().map(|(login, _)| login.as_str()).collect();
    sessions.forget(&logins)?;
    if global.json {
        out::json(&json!({ "signed_out": logins.len(), "logins": logins, "copies_live": copies_live }));
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
