//! Cards for what somebody must look at: acts that a rule decided against, and values that were set at once.

use regulation::ActKind;
use replica::Registry;

use super::super::frame::Frame;
use desk::view::{ActView, TicketView, WordView};

/// An act that does not count, in sentences.
pub(super) struct OverruledCard {
    /// What was done and is not adopted.
    pub lost: String,
    /// What stood in its way.
    pub won: Option<String>,
    /// What its unit and hotlines said of it.
    pub words: Vec<String>,
    /// The rule, with its article.
    pub rule: String,
    /// Beginning of the act's id.
    pub anchor: String,
    /// The act's id.
    pub act: String,
    /// By what it can be ended here.
    pub ends: Vec<End>,
}

/// An act that ends a card.
pub(super) struct End {
    /// Code of its kind.
    pub kind: String,
    /// What is on its button.
    pub name: String,
    /// Why must be said.
    pub says: bool,
}

/// A register with several values.
pub(super) struct ConflictCard {
    /// Code of the register.
    pub field: String,
    /// The register.
    pub name: String,
    /// The values; the first one is shown elsewhere.
    pub values: Vec<ConflictSide>,
}

/// One of several values.
pub(super) struct ConflictSide {
    /// As it is shown.
    pub shown: String,
    /// As a form has it.
    pub sent: String,
    /// Who set it, when.
    pub who: String,
}

/// The acts that a rule decided against.
pub(super) fn overruled(ticket: &TicketView, frame: &Frame) -> Vec<OverruledCard> {
    let card = |act: &ActView| {
        let overruled = act.overruled.as_ref().filter(|overruled| !overruled.ended)?;
        let by = overruled.by.as_ref().and_then(|by| ticket.acts.iter().find(|other| other.hash == *by));
        let rule = if frame.prefs.english {
            format!("{} (article {})", overruled.reason_en.trim_end_matches('.'), overruled.article)
        } else {
            overruled.reason.clone()
        };
        let by_name = if frame.prefs.english { &overruled.by_name_en } else { &overruled.by_name };
        let won = by.map(|by| sentence(by, frame)).or_else(|| by_name.clone());
        let anchor = act.hash.get(..10).unwrap_or_default().to_owned();
        let end = |code: &String| {
            let kind = ActKind::parse(code)?;
            let name = frame.name(kind.code(), kind.chinese()).to_owned();
            Some(End { kind: code.clone(), name, says: kind.segments() > 0 })
        };
        let ends = overruled.ends.iter().filter_map(end).collect();
        let word = |word: &WordView| {
            let (name, time) = (frame.name(&word.kind, &word.kind_name), frame.time(&word.at));
            let text =
                if word.text.is_empty() { String::new() } else { format!("{}{}", frame.t("：", ": "), word.text) };
            format!("{} {time} {name}{text}", word.unit.name)
        };
        let words = overruled.words.iter().map(word).collect();
        Some(OverruledCard { lost: sentence(act, frame), won, words, rule, anchor, act: act.hash.clone(), ends })
    };
    ticket.acts.iter().filter_map(card).collect()
}

/// What an act that ends a card comes to, for whoever has just made it.
pub(super) fn ends(kind: ActKind, frame: &Frame) -> Option<&'static str> {
    Some(match kind {
        ActKind::Acknowledge => frame.t(
            "这一条不再提示，仍可在“我办过”里找到",
            "It is not shown as open any more, and stays among what was handled",
        ),
        ActKind::ShowDone => frame.t(
            "已报热线，等其认可或维持；在此之前不再提示",
            "The hotline is to recognise it or to uphold what stands; until then nothing is left to do here",
        ),
        ActKind::AcceptWork => frame.t(
            "这一条不再提示；原单位同步后会看到已认可",
            "It is not shown as open any more; the unit sees it when it syncs",
        ),
        ActKind::Uphold => frame.t(
            "这一条不再提示；原单位同步后会看到维持的理由",
            "It is not shown as open any more; the unit sees the reason when it syncs",
        ),
        _ => return None,
    })
}

/// Who did what, and when.
fn sentence(act: &ActView, frame: &Frame) -> String {
    let person = act.person.clone().unwrap_or_default();
    let time = frame.time(act.happened_at.as_ref().unwrap_or(&act.claimed_at));
    let kind = frame.name(&act.kind, &act.kind_name);
    let said = frame.t(&act.summary, &act.summary_en);
    let summary = if said.is_empty() { String::new() } else { frame.t("（", " (").to_owned() + said };
    let end = if said.is_empty() { "" } else { frame.t("）", ")") };
    if frame.prefs.english {
        format!("{} {person}, {time}: {kind}{summary}{end}", act.unit.name)
    } else {
        format!("{} {person} 于 {time} {kind}{summary}{end}", act.unit.name)
    }
}

/// The registers with several values. What a form takes for a place is its code, where it has one.
pub(super) fn conflicts(ticket: &TicketView, registry: &Registry, frame: &Frame) -> Vec<ConflictCard> {
    let code = |field: &str, shown: &String| match registry.now().unit_called(shown) {
        Some((_, unit)) if field == "place" => unit.code.split('-').next().unwrap_or_default().to_owned(),
        _ => shown.clone(),
    };
    let side = |conflict: &desk::view::Conflict, shown: &String| {
        let written = format!("{}：{shown}", conflict.field_name);
        let by = ticket.acts.iter().rev().find(|act| act.effects.contains(&written));
        ConflictSide {
            shown: shown.clone(),
            sent: code(&conflict.field, shown),
            who: by.map(|act| sentence(act, frame)).unwrap_or_default(),
        }
    };
    let card = |conflict: &desk::view::Conflict| ConflictCard {
        values: conflict.values.iter().map(|shown| side(conflict, shown)).collect(),
        name: conflict.field_name.clone(),
        field: conflict.field.clone(),
    };
    ticket.conflict_list.iter().map(card).collect()
}
