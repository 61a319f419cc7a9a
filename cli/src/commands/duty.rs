//! The duty list: shown, or entries of it proposed on the city hub.

use std::path::Path;

use desk::call::{answers, questions as q};
use desk::import::delimited::Delimited;
use desk::view::DutyView;
use desk::{Problem, text};
use replica::UnitKind;

use super::shown;
use crate::args::{Duty, Global};
use crate::out::{english, line, say};
use crate::show;

/// Columns of a file: number, unit or class, category, duty, basis.
const COLUMNS: usize = 5;

pub async fn run(global: &Global, command: Duty) -> Result<(), Problem> {
    let asked = match command {
        Duty::List { unit } => return shown(global, q::Duties { unit, ..q::Duties::default() }, list).await,
        Duty::Set { file: Some(file), from, .. } => q::Duties { set: of_file(&file)?, from, ..q::Duties::default() },
        Duty::Set { number, unit, class, category, text, basis, from, .. } => {
            let (number, text) = (number.unwrap_or_default(), text.unwrap_or_default());
            let set = q::DutySet { number, unit, class, category, text, basis: basis.unwrap_or_default() };
            q::Duties { set: vec![set], from, ..q::Duties::default() }
        }
        Duty::Retire { number, from } => q::Duties { retire: number, from, ..q::Duties::default() },
    };
    shown(global, asked, |told| match &told.proposed {
        Some(proposed) => show::proposed(proposed),
        None => line(say("与现行相同，没有变化", "that is what it says: nothing changed")),
    })
    .await
}

/// The entries of a CSV file, whose first row names the columns.
fn of_file(file: &Path) -> Result<Vec<q::DutySet>, Problem> {
    let failed = |error: std::io::Error| Problem::storage(file, &error);
    let (mut rows, _) = Delimited::new(text::open(file)?).map_err(failed)?;
    let mut set = Vec::new();
    while let Some(row) = rows.row().map_err(failed)? {
        let cells = row.cells.unwrap_or_default();
        if cells.iter().all(|cell| cell.trim().is_empty()) && row.raw.trim().is_empty() {
            continue;
        }
        let read = cells.first().and_then(|cell| cell.trim().parse().ok());
        let (Some(number), COLUMNS) = (read, cells.len()) else {
            let at = row.line;
            return Err(Problem::bad_input(
                format!("第 {at} 行应有五列：编号、单位（或单位类别）、事项分类（可空）、职责、依据，编号为数字"),
                format!(
                    "line {at}: five columns, number, unit or class, category or nothing, duty, basis; the number is one"
                ),
            ));
        };
        let whose = cells[1].trim().to_owned();
        // A class is none of the units' names.
        let of_class = UnitKind::ALL.iter().any(|kind| kind.names().0 == whose || kind.names().1 == whose);
        let (unit, class) = if of_class { (None, Some(whose)) } else { (Some(whose), None) };
        let category = Some(cells[2].trim().to_owned()).filter(|category| !category.is_empty());
        set.push(q::DutySet { number, unit, class, category, text: cells[3].clone(), basis: cells[4].clone() });
    }
    Ok(set)
}

fn list(told: &answers::Duties) {
    if told.duties.is_empty() {
        line(say("职责清单没有现行条目", "the duty list has no entry that holds"));
    }
    told.duties.iter().for_each(entry);
    for planned in &told.planned {
        match &planned.duty {
            Some(duty) => {
                line(match english() {
                    true => format!("from {}:", planned.from),
                    false => format!("自 {} 起：", planned.from),
                });
                entry(duty);
            }
            None => line(match english() {
                true => format!("from {}: {} retired", planned.from, planned.number),
                false => format!("自 {} 起：停用第 {} 条", planned.from, planned.number),
            }),
        }
    }
    line(match english() {
        true => format!("as held here: registry version {}", told.version),
        false => format!("以本机持有的名册第 {} 版为准", told.version),
    });
    show::registry_proposals(&told.proposals);
}

fn entry(duty: &DutyView) {
    let DutyView { number, category, text, basis, .. } = duty;
    let since = duty.since.as_deref().unwrap_or_default();
    let category = if category.is_empty() { String::new() } else { format!(" [{category}]") };
    line(match english() {
        true => format!("{number} {}{category} {text}; basis: {basis} (since {since})", duty.whose_en),
        false => format!("{number} {}{category} {text}；依据：{basis}（自 {since} 起）", duty.whose),
    });
}
