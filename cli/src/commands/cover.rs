//! Deputies, leave and cover.

use desk::Problem;
use desk::call::{answers::Covers, questions as q};

use super::shown;
use crate::args::{Cover, Global};
use crate::out::{line, say};

pub async fn run(global: &Global, command: Cover) -> Result<(), Problem> {
    let change = match command {
        Cover::Show => None,
        Cover::Deputy { of, by } => Some(q::CoverChange::Deputy { of, deputy: by }),
        Cover::Leave { of, from, until, lasts, by } => {
            Some(q::CoverChange::Leave { of, from, until, days: lasts, cover: by })
        }
        Cover::Back { of } => Some(q::CoverChange::Back { of }),
    };
    shown(global, q::Cover { change }, show).await
}

fn show(told: &Covers) {
    if told.people.is_empty() {
        line(say("没有人设 B 岗或请假", "nobody has a deputy or a leave"));
    }
    for person in &told.people {
        let deputy = person.deputy.as_deref().unwrap_or("—");
        line(format!("{}（{}）  {} {deputy}", person.name, person.login, say("B 岗", "deputy")));
        for leave in &person.leaves {
            let when = if leave.now { say("请假中", "on leave") } else { say("将请假", "leaves") };
            let cover = format!("{} {}", say("代班", "covered by"), leave.cover);
            line(format!("    {when} {} ~ {}  {cover}（{}）", leave.from, leave.until, leave.by));
        }
    }
    if told.told + told.left > 0 {
        line(format!("{} {}", say("已在其经手的工单中记明，件数", "noted in tickets in hand:"), told.told));
    }
    if told.left > 0 {
        line(format!("{} {}", say("没有记明的，件数", "not noted in:"), told.left));
    }
}
