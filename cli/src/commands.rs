//! What each command does.

mod calendar;
pub mod import;
mod kb;
mod report;
pub mod serve;
mod setup;
mod ticket;
mod weights;

use std::process::ExitCode;

use node::Problem;
use node::call::Call;
use serde_json::Value;

use crate::args::{Alarm, Args, Audit, ClockConfirm, Command, Global, Init, Person, Sync};
use crate::client::ask;
use crate::{demo, devcluster, out, show};

/// Runs a command; its exit code.
pub async fn run(args: Args) -> Result<ExitCode, Problem> {
    let global = args.global;
    match args.command {
        Command::Demo(demo) => return demo::run(&global, &demo).await,
        Command::Init(Init::City { name, person, password }) => setup::init(&global, &name, &person, password).await,
        Command::Invite(invite) => setup::invite(&global, invite).await,
        Command::Join(join) => setup::join(&global, join).await,
        Command::Serve(serve) => serve::run(&global, serve).await,
        Command::Ticket(command) => ticket::run(&global, command).await,
        Command::Import(command) => return import::run(&global, command).await,
        Command::Kb(command) => kb::run(&global, command).await,
        Command::Calendar(command) => calendar::run(&global, command).await,
        Command::Sync(Sync::Now) => shown(&global, Call::Hurry, |value| show::sync(value, None)).await,
        Command::Sync(Sync::Status { peer }) => {
            shown(&global, Call::Sync, |value| show::sync(value, peer.as_deref())).await
        }
        Command::Alarm(Alarm::List) => shown(&global, Call::Sync, show::alarms).await,
        Command::Alarm(Alarm::Ack { kind, source }) => {
            shown(&global, Call::Acknowledge { kind, source }, show::alarms).await
        }
        Command::Clock { confirm: None } => shown(&global, Call::Clock { confirm: None }, show::clock).await,
        Command::Clock { confirm: Some(ClockConfirm::Confirm { time }) } => {
            let said = node::clock::parse(&time).ok_or_else(|| {
                Problem::bad_input(
                    format!("不是时间：{time}；如 2026-11-02T09:30"),
                    format!("no time: {time}; write it as 2026-11-02T09:30"),
                )
            })?;
            shown(&global, Call::Clock { confirm: Some(said) }, show::clock).await
        }
        Command::Person(command) => person(&global, command).await,
        Command::Units { text } => shown(&global, Call::Units, |value| show::codes(value, text.as_deref())).await,
        Command::Categories { text } => {
            shown(&global, Call::Categories, |value| show::codes(value, text.as_deref())).await
        }
        Command::Status => shown(&global, Call::Status, show::status).await,
        Command::Verify { id, all } => return verify(&global, id, all).await,
        Command::Report { kind, period, format, out, second } => {
            report::run(&global, report::Asked { kind, period, second }, format, out).await
        }
        Command::Audit(Audit::Reveals { ticket, of, limit }) => {
            shown(&global, Call::Reveals { id: ticket, of, limit }, show::reveals).await
        }
        Command::Weights(command) => weights::run(&global, command).await,
        Command::Rebuild => {
            shown(&global, Call::Rebuild, |value| {
                out::line(format!("{} {}", out::say("已重建文件", "documents rebuilt:"), value["documents"]));
            })
            .await
        }
        Command::Devcluster { file } => devcluster::run(&file).await,
        Command::Help { topic } => return help(topic.as_deref()),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Asks, and prints the answer as JSON or as `print` does.
async fn shown(global: &Global, call: Call, print: impl FnOnce(&Value)) -> Result<(), Problem> {
    let value = ask(global, call).await?;
    if global.json {
        out::json(&value);
    } else {
        print(&value);
    }
    Ok(())
}

async fn person(global: &Global, command: Person) -> Result<(), Problem> {
    match command {
        Person::Add { unit, name, as_login, role } => {
            let call = Call::Person { unit, name: name.clone(), login: as_login, roles: role };
            shown(global, call, |value| {
                let login = value["login"].as_str().unwrap_or_default();
                out::line(format!("{} {name}（{login}）", out::say("已登记", "added")));
                out::line(out::say(
                    "请在其节点上设密码：jiesu person password 登录名",
                    "set a password at their node: jiesu person password LOGIN",
                ));
            })
            .await
        }
        Person::Password { of, password } => {
            let password = match password {
                Some(password) => password,
                None => read_line()?,
            };
            shown(global, Call::Password { login: of, password }, |_| {
                out::line(out::say("密码已设", "the password is set"))
            })
            .await
        }
    }
}

fn read_line() -> Result<String, Problem> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|error| Problem::bad_input(format!("读不到密码：{error}"), format!("no password: {error}")))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// What was found wrong is an answer, with an exit code of its own.
const FOUND_PROBLEMS: u8 = 10;

async fn verify(global: &Global, id: Option<String>, all: bool) -> Result<ExitCode, Problem> {
    if id.is_none() && !all {
        return Err(Problem::bad_input("请给出编号，或用 --all", "name a ticket or article, or use --all"));
    }
    let value = ask(global, Call::Verify { id }).await?;
    if global.json {
        out::json(&value);
    } else {
        show::verify(&value);
    }
    Ok(if value["ok"] == true { ExitCode::SUCCESS } else { ExitCode::from(FOUND_PROBLEMS) })
}

fn help(topic: Option<&str>) -> Result<ExitCode, Problem> {
    match topic {
        Some("exit-codes") => show::exit_codes(),
        Some("acts") => show::acts(),
        Some(other) => {
            return Err(Problem::bad_input(
                format!("没有主题 {other}；可用：exit-codes、acts"),
                format!("no topic {other}; there are: exit-codes, acts"),
            ));
        }
        None => {
            let mut command = <Args as clap::CommandFactory>::command();
            out::line(command.render_help().to_string());
        }
    }
    Ok(ExitCode::SUCCESS)
}
