//! Times that the city hub signed, by their numbers: shown, or, of a wrong clock, proposed to be voided.

use desk::Problem;
use desk::call::{answers, questions as q};

use super::shown;
use crate::args::{Global, Times};
use crate::out::{english, line, say};
use crate::show;

pub async fn run(global: &Global, command: Times) -> Result<(), Problem> {
    match command {
        Times::Show { upto, limit } => shown(global, q::Times { upto, limit }, list).await,
        Times::Void { from, to, reason } => {
            shown(global, q::VoidTimes { from, to, reason }, |voided| voided.proposed.iter().for_each(show::proposed))
                .await
        }
    }
}

fn list(listed: &answers::Times) {
    if listed.times.is_empty() {
        line(say(
            "本机没有（这样编号的）市热线签过的时间",
            "no time (of such a number) that the city hub signed is held here",
        ));
    }
    for time in &listed.times {
        let mark = match (time.voided, time.ahead) {
            (true, _) => say("  已作废", "  voided"),
            (false, true) => say("  晚于其后的时间", "  later than what followed it"),
            (false, false) => "",
        };
        line(format!("{} {}{mark}", time.number, time.at));
    }
    for answers::VoidedTimes { from, to, reason, version } in &listed.voided {
        line(match english() {
            true => format!("voided: {from} to {to}, {reason} (registry version {version})"),
            false => format!("作废：{from} 至 {to}，{reason}（名册第 {version} 版）"),
        });
    }
    show::registry_proposals(&listed.proposals);
}
