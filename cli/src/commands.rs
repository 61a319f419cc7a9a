//! What each command does.

mod attached;
mod calendar;
mod cover;
mod duty;
pub mod import;
mod kb;
mod people;
mod proposals;
mod report;
mod roster;
pub mod serve;
pub mod setup;
mod terms;
mod ticket;
pub mod times;
mod weights;

use std::process::ExitCode;

use desk::Problem;
use desk::call::{Question, questions as q};
use serde::Serialize;

use crate::args::{Alarm, Args, Audit, ClockConfirm, Command, Global, Hub, Init, Sync};
use crate::client::{Client, ask};
use crate::{bench, demo, devcluster, grammar, out, show};

/// Runs a command; its exit code.
pub async fn run(args: Args) -> Result<ExitCode, Problem> {
    let global = args.global;
    match args.command {
        Command::Demo(demo) => return demo::run(&global, &demo).await,
        Command::Init(Init::City { name, person, open }) => setup::init(&global, &name, &person, &open).await,
        Command::Invite(invite) => setup::invite(&global, invite).await,
        Command::Join(join) => setup::join(&global, join).await,
        Command::Serve(serve) => serve::run(&global, serve).await,
        Command::Ticket(command) => ticket::run(&global, command).await,
        Command::Import(command) => return import::run(&global, command).await,
        Command::Kb(command) => kb::run(&global, command).await,
        Command::Calendar(command) => calendar::run(&global, command).await,
        Command::Sync(Sync::Now) => shown(&global, q::Hurry {}, |sync| show::sync(sync, None)).await,
        Command::Sync(Sync::Status { peer }) => {
            shown(&global, q::Sync {}, |sync| show::sync(sync, peer.as_deref())).await
        }
        Command::Alarm(Alarm::List) => shown(&global, q::Sync {}, show::alarms).await,
        Command::Alarm(Alarm::Ack { kind, source }) => {
            let source = source.unwrap_or_default();
            shown(&global, q::Acknowledge { kind, source }, show::alarms).await
        }
        Command::Hub(Hub::Tickets { county, after }) => {
            let question = q::HubTickets { county: county.clone(), after };
            shown(&global, question, |found| show::uncertain(found, county.as_deref())).await
        }
        Command::Hub(Hub::Retire { hub }) => {
            shown(&global, q::RetireHub { hub }, |retired| retired.proposed.iter().for_each(show::proposed)).await
        }
        Command::Hub(Hub::Waive { county }) => shown(&global, q::WaiveHub { counties: county }, show::waived).await,
        Command::Clock { confirm: None } => shown(&global, q::Clock { confirm: None }, show::clock).await,
        Command::Clock { confirm: Some(ClockConfirm::Confirm { time }) } => {
            let said = desk::clock::parse(&time).ok_or_else(|| {
                Problem::bad_input(
                    format!("不是时间：{time}；如 2026-11-02T09:30"),
                    format!("no time: {time}; write it as 2026-11-02T09:30"),
                )
            })?;
            shown(&global, q::Clock { confirm: Some(said) }, show::clock).await
        }
        Command::Person(command) => people::person(&global, command).await,
        Command::Cover(command) => cover::run(&global, command).await,
        Command::SignIn { of } => people::sign_in(&global, &of).await,
        Command::SignOut { of } => people::sign_out(&global, of.as_deref()).await,
        Command::Confirm { id, text } => proposals::answer(&global, &id, true, text).await,
        Command::Decline { id, text } => proposals::answer(&global, &id, false, Some(text)).await,
        Command::Proposals => shown(&global, q::Proposals {}, show::proposals).await,
        Command::Roster { limit } => shown(&global, q::Roster { limit }, roster::show).await,
        Command::Config(command) => setup::config(&global, &command),
        Command::Units { text } => {
            let mut units = ask(&global, q::Units {}).await?;
            units.retain(|unit| show::holds(&[&unit.code, &unit.name], text.as_deref()));
            told(&global, &units, |units| show::units(units));
            Ok(())
        }
        Command::Categories { text } => {
            let mut all = ask(&global, q::Categories {}).await?;
            all.retain(|category| show::holds(&[&category.code, &category.name], text.as_deref()));
            told(&global, &all, |all| show::categories(all));
            Ok(())
        }
        Command::Status => shown(&global, q::Status {}, show::status).await,
        Command::Verify { id, all, projections } => return verify(&global, id, all, projections).await,
        Command::Report { kind, period, format, out, force } => {
            let out = report::Out { file: out, force };
            report::run(&global, report::Asked { kind, period }, format, out).await
        }
        Command::Audit(Audit::Inspect { id, paper, purpose }) => {
            let way = Some(desk::reveal::Way::Command.names().0.to_owned());
            shown(&global, q::Inspect { id, paper, purpose, way }, show::ticket).await
        }
        Command::Audit(Audit::Reveals { ticket, of, limit }) => {
            shown(&global, q::Reveals { id: ticket, of, limit }, |found| show::reveals(found)).await
        }
        Command::Terms(command) => terms::run(&global, command).await,
        Command::Duty(command) => duty::run(&global, command).await,
        Command::Weights(command) => weights::run(&global, command).await,
        Command::Times(command) => times::run(&global, command).await,
        Command::Rebuild => rebuild(&global).await,
        Command::Bench(asked) => bench::run(&global, asked).await,
        Command::Devcluster { file } => devcluster::run(&file).await,
        Command::Help { topic } => return help(topic.as_deref()),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// A node that serves does it while it goes on; otherwise it is done when the command ends.
async fn rebuild(global: &Global) -> Result<(), Problem> {
    let client = Client::open(global).await?;
    let mut answer = client.call(q::Rebuild {}).await;
    let here = client.is_here();
    if answer.is_ok()
        && let Err(problem) = client.caught_up().await
    {
        answer = Err(problem);
    }
    let answer = client.close(answer).await;
    told(global, &answer?, |rebuilt| {
        let count = rebuilt.documents;
        out::line(match here {
            true => format!("{} {count}", out::say("已重建文件", "documents rebuilt:")),
            false => format!(
                "{} {count}{}",
                out::say("开始重算，共", "being recalculated:"),
                out::say(
                    " 件；办理照常，还剩多少见 jiesu status",
                    "; work goes on, jiesu status shows how many are left"
                )
            ),
        });
    });
    Ok(())
}

/// Asks, and prints the answer as JSON or as `print` does.
async fn shown<Q: Question>(global: &Global, question: Q, print: impl FnOnce(&Q::Answer)) -> Result<(), Problem> {
    told(global, &ask(global, question).await?, print);
    Ok(())
}

/// Prints an answer as JSON or as `print` does.
fn told<A: Serialize>(global: &Global, answer: &A, print: impl FnOnce(&A)) {
    if global.json {
        out::json(answer);
    } else {
        print(answer);
    }
}

/// What was found wrong is an answer, with an exit code of its own.
const FOUND_PROBLEMS: u8 = 10;

async fn verify(global: &Global, id: Option<String>, all: bool, projections: bool) -> Result<ExitCode, Problem> {
    if id.is_none() && !all && !projections {
        return Err(Problem::bad_input(
            "请给出编号，或用 --all、--projections",
            "name a ticket or article, or use --all or --projections",
        ));
    }
    let found = ask(global, q::Verify { id, projections }).await?;
    told(global, &found, show::verify);
    Ok(if found.ok() { ExitCode::SUCCESS } else { ExitCode::from(FOUND_PROBLEMS) })
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
            let help = grammar::command(out::english()).render_help().to_string();
            out::line(if out::english() { help } else { grammar::in_chinese(&help) });
        }
    }
    Ok(ExitCode::SUCCESS)
}
