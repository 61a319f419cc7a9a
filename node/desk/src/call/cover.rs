//! Deputies and leave of the unit of this node (7(1)): shown, or said. Of a leave each ticket that the person has in hand is told by a
//! working note, which is an act and travels: so the dispatcher reads who has it.

use kernel::cover::Cover;
use kernel::{Command, Done};
use regulation::calendar::{day_begins, day_number};
use regulation::{ActId, ActKind, Level, PersonId};
use replica::Registry;
use store::{Reader, TicketFilter};

use super::{answers, questions as q};
use crate::form::Filled;
use crate::make::make;
use crate::once::By;
use crate::problem::Problem;
use crate::view::{self, day_text, person_name};
use crate::{Desk, clock, people, when};

/// Tickets that are told of one leave, at most: what else there is stands in the list of whoever covers all the same.
pub const COVER_NOTES_MAX: usize = 200;

/// Shows deputies and leaves, or changes them.
pub(super) async fn cover(desk: &Desk, by: PersonId, asked: q::Cover) -> Result<answers::Covers, Problem> {
    let (mut told, mut left) = (0, 0);
    if let Some(change) = asked.change {
        let said = said(desk, change)?;
        match desk.ask_by(By { person: Some(by), once: None }, Command::Cover(said)).await? {
            Done::Covered => {}
            other => return Err(Problem::fault(&format!("a cover that came to {other:?}"))),
        }
        (told, left) = tell(desk, by, said).await?;
    }
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| view::covers(reader, &registry.now(), unit, clock::now());
    Ok(answers::Covers { people: desk.read(read).await?, told, left })
}

fn said(desk: &Desk, change: q::CoverChange) -> Result<Cover, Problem> {
    let (registry, me) = (desk.registry(), desk.me()?);
    let person = |login: &str| {
        let found = people::person_called(&registry, &me, login).map(|(id, _)| id);
        found.ok_or_else(|| {
            Problem::not_found(
                format!("本单位没有登录名为 {login} 的人员；A/B 岗和请假只在本单位的人员之间设定"),
                format!("nobody of this unit has the login {login}; deputies and leave are set among its own people"),
            )
        })
    };
    let some = |login: Option<String>| login.map(|login| person(&login)).transpose();
    Ok(match change {
        q::CoverChange::Deputy { of, deputy } => Cover::Deputy { person: person(&of)?, deputy: some(deputy)? },
        q::CoverChange::Back { of } => Cover::Back { person: person(&of)? },
        q::CoverChange::Leave { of, from, until, days, cover } => {
            let first = from.as_deref().map_or_else(|| Ok(day_number(clock::now())), day)?;
            let last = match (until, days) {
                (Some(until), _) => day(&until)?,
                (None, days) => {
                    let days = days.unwrap_or(1).clamp(1, kernel::cover::LEAVE_DAYS_MAX.unsigned_abs() + 1);
                    first.saturating_add(i32::try_from(days).unwrap_or(i32::MAX) - 1)
                }
            };
            Cover::Leave { person: person(&of)?, first, last, cover: some(cover)? }
        }
    })
}

/// `2027-01-01` as the number of a day.
fn day(text: &str) -> Result<i32, Problem> {
    let read = when::read(text).ok().filter(|when| when.day_alone).map(|when| day_number(when.at));
    read.filter(|day| day_begins(*day).is_some()).ok_or_else(|| {
        Problem::bad_input(
            format!("{text} 应写作某一日，如 2027-01-01"),
            format!("write {text} as a day, such as 2027-01-01"),
        )
    })
}

/// Notes a leave, or its end, in the tickets that the person has in hand: in how many, and in how many it could not be.
async fn tell(desk: &Desk, by: PersonId, said: Cover) -> Result<(usize, usize), Problem> {
    let person = match said {
        Cover::Deputy { .. } => return Ok((0, 0)),
        Cover::Leave { person, .. } | Cover::Back { person } => person,
    };
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| {
        let at = registry.now();
        let name = person_name(&at, person);
        let leave = reader.leaves(store::LEAVE_ROWS_MAX)?.into_iter().find(|leave| leave.person == person);
        let text = match (said, leave) {
            (Cover::Leave { .. }, Some(leave)) => format!(
                "经办人{name}自 {} 至 {} 请假，由{}代班（第七条第一项）",
                day_text(leave.first),
                day_text(leave.last),
                person_name(&at, leave.cover)
            ),
            _ => format!("经办人{name}已销假，不再由他人代班（第七条第一项）"),
        };
        let unit = (at.level(unit) == Level::Unit).then_some(unit);
        let filter = TicketFilter { unit, handlers: Some(vec![person]), ..TicketFilter::default() };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = reader.tickets(&filter, after.as_ref(), COVER_NOTES_MAX)?;
            found.extend(page.rows.into_iter().filter(|row| row.state != "archived").map(|row| row.id));
            after = page.next;
            if after.is_none() || found.len() > COVER_NOTES_MAX {
                return Ok((found, text));
            }
        }
    };
    let (found, text): (Vec<ActId>, String) = desk.read(read).await?;
    let mut told = 0;
    for doc in found.iter().take(COVER_NOTES_MAX) {
        let filled = Filled::from([("text".to_owned(), text.clone())]);
        // What cannot be written there now does not undo the leave.
        told += usize::from(make(desk, by, None, ActKind::Note, Some(*doc), filled).await.is_ok());
    }
    Ok((told, found.len() - told))
}
