//! The duty list: shown, or entries of it proposed to be set or retired.

use regulation::DutyId;
use regulation::table::Matter;
use replica::registry::{DUTIES_STATED_MAX, DUTY_BASIS_CHARS_MAX, DUTY_TEXT_CHARS_MAX, Duty, Holder};
use replica::{Change, Registry, UnitKind};

use super::registry::{day, tomorrow};
use super::{answers, questions as q};
use crate::form::clean;
use crate::once::By;
use crate::problem::Problem;
use crate::view::{self, DutyView};
use crate::{Desk, clock, enrol, named};

/// Shows the duty list, or proposes to state something of it.
pub(super) async fn duties(desk: &Desk, by: By, asked: q::Duties) -> Result<answers::Duties, Problem> {
    let registry = desk.registry();
    let unit = asked.unit.as_deref().map(|unit| named::unit(&registry, unit)).transpose()?.map(|(id, _)| id);
    let (change, changed) = change(&registry, &asked)?;
    if changed && desk.told(by).await?.is_none() {
        enrol::change(desk, by, registry.version(), Change::Proposed(Box::new(change.clone()))).await?;
    }
    let registry = desk.registry();
    let now = registry.now().on(clock::now());
    let shown = |id: DutyId| unit.is_none_or(|unit| now.holds_duty(unit, id));
    let duties = now.duties().filter(|(id, ..)| shown(*id));
    let planned = now.duties_planned().into_iter().filter(|(_, id, _)| shown(*id));
    Ok(answers::Duties {
        version: registry.acted(),
        duties: duties.map(|(id, since, duty)| DutyView::of(&now, id, Some(since), duty)).collect(),
        planned: planned
            .map(|(since, id, duty)| answers::DutyPlanned {
                from: regulation::calendar::local_date(since).to_string(),
                number: id.0,
                duty: duty.map(|duty| DutyView::of(&now, id, Some(since), duty)),
            })
            .collect(),
        changed,
        proposed: changed.then(|| view::proposal_of(&registry, &change, by.person)).flatten(),
        proposals: view::proposals_of(&registry, by.person, &[Matter::Duties]),
    })
}

/// What is asked to be stated, and whether that is anything.
fn change(registry: &Registry, asked: &q::Duties) -> Result<(Change, bool), Problem> {
    let mut entries: Vec<(DutyId, Option<Duty>)> = Vec::new();
    for set in &asked.set {
        entries.push((DutyId(set.number), Some(duty_of(registry, set)?)));
    }
    entries.extend(asked.retire.iter().map(|number| (DutyId(*number), None)));
    entries.sort_by_key(|(id, _)| *id);
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let number = pair[0].0.0;
        return Err(Problem::bad_input(
            format!("职责清单第 {number} 条写了不止一次"),
            format!("entry {number} of the duty list is stated more than once"),
        ));
    }
    if entries.len() > DUTIES_STATED_MAX {
        return Err(Problem::bad_input(
            format!("一次至多设定 {DUTIES_STATED_MAX} 条，现有 {} 条；请分几次", entries.len()),
            format!("{} entries, at most {DUTIES_STATED_MAX} at once; state them in several goes", entries.len()),
        ));
    }
    let named = asked.from.as_deref().map(day).transpose()?;
    let held = registry.now().on(clock::now());
    // What is so now may be stated otherwise for a day.
    entries.retain(|(id, duty)| {
        named.is_some() || duty.is_none() || held.duty(*id).map(|(_, duty)| duty) != duty.as_ref()
    });
    // On the first list of a city nothing rests yet: it holds once it is confirmed.
    let from = named.or_else(|| if registry.no_duties() { None } else { tomorrow() });
    let changed = !entries.is_empty();
    Ok((Change::duties(from, entries), changed))
}

fn duty_of(registry: &Registry, set: &q::DutySet) -> Result<Duty, Problem> {
    let number = set.number;
    let holder = match (&set.unit, &set.class) {
        (Some(unit), None) => Holder::Unit(named::unit(registry, unit)?.0),
        (None, Some(class)) => Holder::Kind(kind_called(class)?),
        _ => {
            return Err(Problem::bad_input(
                format!("职责清单第 {number} 条须写明是哪个单位（unit）或哪类单位（class）的职责，只写一样"),
                format!(
                    "entry {number} of the duty list: say which unit, or which class of units, and only one of them"
                ),
            ));
        }
    };
    let category = set.category.as_deref().map(|category| named::category(registry, category)).transpose()?;
    let line = |text: &str| clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let (text, basis) = (line(&set.text), line(&set.basis));
    for (words, chinese, english, most) in
        [(&text, "职责内容", "text", DUTY_TEXT_CHARS_MAX), (&basis, "依据", "basis", DUTY_BASIS_CHARS_MAX)]
    {
        let chars = words.chars().count();
        if chars == 0 || chars > most {
            return Err(Problem::bad_input(
                format!("职责清单第 {number} 条：{chinese}有 {chars} 个字，须为 1 至 {most} 个字"),
                format!("entry {number} of the duty list: its {english} has {chars} characters, it has 1 to {most}"),
            ));
        }
    }
    Ok(Duty { holder, category, text, basis })
}

fn kind_called(name: &str) -> Result<UnitKind, Problem> {
    let name = name.trim();
    let found = UnitKind::ALL.iter().copied().find(|kind| kind.names().0 == name || kind.names().1 == name);
    found.ok_or_else(|| {
        let all = UnitKind::ALL.iter().map(|kind| kind.names());
        let chinese: Vec<String> = all.clone().map(|(code, chinese)| format!("{code}（{chinese}）")).collect();
        let english: Vec<&str> = all.map(|(code, _)| code).collect();
        Problem::bad_input(
            format!("没有这类单位：{name}；可用：{}", chinese.join("、")),
            format!("no class of units {name}; there are: {}", english.join(", ")),
        )
    })
}
