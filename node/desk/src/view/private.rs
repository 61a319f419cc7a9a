//! Personal data as it is shown: to whom, how much of it, and what became of the parts of a ticket's acts.

use kernel::requester::{self, Personal};
use regulation::{ActId, Author, Level, Role, Ticket};
use replica::registry::At;
use replica::{History, PartKind, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Queries;

use crate::Me;
use crate::problem::Problem;

/// Stands for something that is not shown at all; says nothing of its length.
const NOT_SHOWN: &str = "***";

/// Who raised it. Masked unless it was asked for openly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requester {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// The address, if one was given.
    pub address: String,
    /// What is shown is masked.
    pub masked: bool,
    /// The private part is held here.
    pub held: bool,
    /// Why it is not shown, however it is asked for: `recused` or `confidential`.
    #[serde(default)]
    pub kept: Option<String>,
}

/// What became of the parts of a ticket's acts. Each part counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartsView {
    /// Held here and shown in full.
    pub present: u32,
    /// Held here and not shown in full: personal data, unless it was asked for by somebody who may see it.
    pub masked: u32,
    /// Never sent here, since it is withheld from this unit.
    pub withheld: u32,
    /// Not here although nothing withholds it: erased, or not here yet.
    pub erased: u32,
}

/// Why nothing of the requester is shown to somebody (11(4), 13). The city sees everything. A unit that is kept out sees
/// nothing, not even what it was sent before; of a confidential ticket a unit's handlers see it while the unit has a
/// part in it, or wrote it down and nobody has been given it yet.
pub(super) fn kept(ticket: &Ticket, author: &Author) -> Option<&'static str> {
    if author.level == Level::CityHotline {
        return None;
    }
    if ticket.recused.contains(&author.unit) {
        return Some("recused");
    }
    let wrote = ticket.registered_by == author.unit && ticket.assignments.is_empty();
    let handles = ticket.part_of(author.unit).is_some() || wrote;
    (ticket.register.confidential && !(handles && author.roles.contains(&Role::Handle))).then_some("confidential")
}

/// Whether somebody may be shown who raised a ticket, and there is something to show.
///
/// # Errors
/// It is not held, or is no ticket.
pub fn may_reveal(store: &Queries, registry: &Registry, author: &Author, doc: ActId) -> Result<bool, Problem> {
    let none = || Problem::not_found("本机没有这张工单", "no such ticket here");
    let history = kernel::read::history(store, registry, doc)?;
    let ticket = history.record().ticket().ok_or_else(none)?;
    Ok(kept(ticket, author).is_none() && requester::held(&history))
}

/// That somebody may be shown the files of a ticket: of what is kept from them nothing is shown.
///
/// # Errors
/// It is not held, is no ticket, or is kept from them.
pub fn may_see_files(store: &Queries, registry: &Registry, author: &Author, doc: ActId) -> Result<(), Problem> {
    let history = kernel::read::history(store, registry, doc)?;
    let ticket =
        history.record().ticket().ok_or_else(|| Problem::not_found("本机没有这张工单", "no such ticket here"))?;
    match kept(ticket, author) {
        None => Ok(()),
        Some(_) => Err(Problem::not_permitted(
            "这张工单的附件不给您看：本单位已回避，或工单保密而您不承办",
            "the files of this ticket are not shown to you: your unit is recused, or the ticket is confidential and you do not handle it",
        )),
    }
}

/// The requester, as registered or corrected last. What is not held is covered, as long as it is.
pub(super) fn requester(history: &History, kept: Option<&str>, open: bool) -> Requester {
    let first = history.nodes().first();
    let covered = |what| first.and_then(|first| first.segment(PartKind::Private, what as usize)).unwrap_or_default();
    let segment = |what| requester::now(history, what).unwrap_or_else(|| covered(what));
    let held = requester::held(history);
    let open = open && kept.is_none();
    let shown = |text: String, mask: fn(&str) -> String| match kept {
        _ if open || !held || text.is_empty() => text,
        Some(_) => NOT_SHOWN.to_owned(),
        None => mask(&text),
    };
    Requester {
        name: shown(segment(Personal::Name), masked_name),
        phone: shown(segment(Personal::Telephone), masked_phone),
        address: shown(segment(Personal::Address), masked_name),
        masked: held && !open,
        held,
        kept: kept.map(str::to_owned),
    }
}

/// Counts the parts of all acts. `open` says that personal data is shown in full.
pub(super) fn parts(history: &History, at: &At<'_>, me: &Me, open: bool) -> PartsView {
    let clearance = kernel::withheld::Clearance::of(history.record());
    let mut parts = PartsView::default();
    for node in history.nodes() {
        let (author, kind) = (node.fact.author.unit, node.fact.body.kind());
        if kernel::withheld::confided(at, me.device.unit, (author, kind)) {
            continue;
        }
        let given = clearance.gives(at, me.device.unit, me.device.class, (author, Some(kind)));
        for head in &node.act.parts {
            let private = !head.kind.open();
            *match (node.part(head.kind).is_some(), private) {
                (true, false) => &mut parts.present,
                (true, true) if open => &mut parts.present,
                (true, true) => &mut parts.masked,
                (false, true) if !given => &mut parts.withheld,
                (false, _) => &mut parts.erased,
            } += 1;
        }
    }
    parts
}

/// `张三` → `张*`: the first character, and as many stars as were left out.
fn masked_name(name: &str) -> String {
    name.chars().enumerate().map(|(index, c)| if index == 0 { c } else { '*' }).collect()
}

/// `13812341234` → `138****1234`.
fn masked_phone(phone: &str) -> String {
    let count = phone.chars().count();
    let shown = |index: usize| count >= 8 && (index < 3 || index >= count - 4);
    phone.chars().enumerate().map(|(index, c)| if shown(index) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_masked() {
        for (name, expected) in [("张三", "张*"), ("欧阳娜娜", "欧***"), ("", "")] {
            assert_eq!(masked_name(name), expected);
        }
        for (phone, expected) in
            [("13812341234", "138****1234"), ("0312-1234501", "031*****4501"), ("12345", "*****"), ("", "")]
        {
            assert_eq!(masked_phone(phone), expected);
        }
    }
}
