//! What became of what a unit did, said of each of its acts: whether it was adopted, why not, and what was answered to it.

use kernel::findings::{Told, answered, fell};
use regulation::kind::Trait;
use regulation::{ActId, ActKind, Level, Rule, TicketState, UnitId};
use replica::finding::Says;
use replica::registry::At;
use replica::{History, PartKind, Registry, Standing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Queries;

use super::said::Words;
use super::{Both, UnitRef};
use crate::clock;
use crate::problem::Problem;

/// Acts of one unit whose fate is told beside a ticket, the newest first.
const FATES_MAX: usize = 20;

/// What became of one act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FateView {
    /// The act.
    pub act: String,
    /// Its kind.
    #[schemars(extend("enum" = crate::shapes::act_kinds()))]
    pub kind: String,
    /// The kind for screens.
    pub kind_name: String,
    /// When it was entered, as its device says.
    pub at: String,
    /// `adopted`, `not-adopted` or `provisional`.
    pub fate: String,
    /// It in words, with the reason and what was answered.
    pub words: String,
    /// The same in English.
    pub words_en: String,
}

/// What was said of an act that fell, by its own unit or by a hotline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WordView {
    /// The kind of the act by which it was said.
    pub kind: String,
    /// The kind for screens.
    pub kind_name: String,
    /// Who said it.
    pub unit: UnitRef,
    /// When it was entered.
    pub at: String,
    /// In what words; empty if they are not here.
    pub text: String,
}

/// The same as [`fates`] of a document that is held here.
///
/// # Errors
/// The database cannot be read.
pub fn fates_of(store: &Queries, registry: &Registry, unit: UnitId, doc: ActId) -> Result<Vec<FateView>, Problem> {
    let history = kernel::read::history(store, registry, doc)?;
    Ok(fates(&registry.now(), &history, &Told::of(store, doc)?, unit))
}

/// What became of what people of a unit did in a ticket, what was not adopted first and then the newest; at most
/// [`FATES_MAX`]. Looking at a card is no work of which something becomes.
#[must_use]
pub(super) fn fates(at: &At<'_>, history: &History, told: &Told, unit: UnitId) -> Vec<FateView> {
    let mut fates = Vec::new();
    for (index, node) in history.nodes().iter().enumerate().rev() {
        let kind = node.fact.body.kind();
        if node.fact.author.unit != unit || !history.counts(index) || kind.of_clock() || kind.has(Trait::Card) {
            continue;
        }
        let (fate, (words, words_en)) = fate(at, history, told, index);
        fates.push(FateView {
            act: node.id.hex(),
            kind: kind.code().to_owned(),
            kind_name: kind.chinese().to_owned(),
            at: clock::text(node.act.time),
            fate: fate.to_owned(),
            words,
            words_en,
        });
    }
    fates.sort_by_key(|fate| fate.fate != "not-adopted");
    fates.truncate(FATES_MAX);
    fates
}

fn fate(at: &At<'_>, history: &History, told: &Told, index: usize) -> (&'static str, Both) {
    let node = &history.nodes()[index];
    let settled = history.folded().settled(index) || told.settled(node.id);
    let city = both(if settled {
        ("，已由市热线确定", ", as the city has found")
    } else {
        ("（暂定，待市热线确定）", " (provisional, until the city finds so)")
    });
    let fell = fell(history, told, index);
    let mut said = match (fell, settled) {
        (true, _) => {
            let (reason, reason_en) = why(history, told, index);
            (format!("未采用：{reason}{}", city.0), format!("not adopted: {reason_en}{}", city.1))
        }
        (false, true) => both(("已采用，已由市热线确定", "adopted, as the city has found")),
        (false, false) => both(("暂定，待市热线确定", "provisional, until the city finds what becomes of it")),
    };
    let mut add = |(chinese, english): Both| {
        said.0 = format!("{}；{chinese}", said.0);
        said.1 = format!("{}; {english}", said.1);
    };
    if fell {
        let state = answered(history, told, index);
        for word in words(at, history, told, index) {
            let kind = ActKind::parse(&word.kind);
            let name =
                |words: Words| kind.map_or_else(|| word.kind.clone(), |kind| words.name(kind.code(), kind.chinese()));
            let text = |colon: &str| if word.text.is_empty() { String::new() } else { format!("{colon}{}", word.text) };
            add((
                format!("{}{}{}", word.unit.name, name(Words::Chinese), text("：")),
                format!("{} {}{}", word.unit.name, name(Words::English), text(": ")),
            ));
        }
        if state.shown_done && !state.decided {
            add(both(("待热线认可或维持", "a hotline has yet to recognise it or to uphold what stands")));
        }
    } else if let Some(came) = came_of(history, node.id, node.fact.body.kind()) {
        add(both(came));
    }
    let code = match (fell, settled) {
        (true, _) => "not-adopted",
        (false, true) => "adopted",
        (false, false) => "provisional",
    };
    (code, said)
}

fn both((chinese, english): (&str, &str)) -> Both {
    (chinese.to_owned(), english.to_owned())
}

/// What came of an act that stands: what was decided on what it asks for, and of what a unit wrote down for the city.
fn came_of(history: &History, act: ActId, kind: ActKind) -> Option<(&'static str, &'static str)> {
    if kind == ActKind::RegisterByProxy {
        let state = history.record().ticket()?.state;
        return Some(match state {
            TicketState::AwaitingConfirmation => ("待市热线确认受理", "the city has yet to take it in"),
            TicketState::OwnMatter => ("市热线转为自办件", "the city left it to the unit as a matter of its own"),
            TicketState::Rejected => ("不予受理", "it was not taken in"),
            _ => ("市热线已受理", "the city took it in"),
        });
    }
    let answers = history.nodes().iter().enumerate().filter(|(index, node)| {
        node.fact.answers == Some(act) && history.standing(*index) == Some(Standing::Effective)
    });
    let said = |kind: ActKind| match kind {
        ActKind::ReturnApprove => Some(("已同意退回", "the return was granted")),
        ActKind::ReturnDeny => Some(("未同意退回", "the return was denied")),
        ActKind::ExtendApprove => Some(("已准予延期", "the extension was granted")),
        ActKind::ExtendDeny => Some(("未准予延期", "the extension was denied")),
        ActKind::ConfirmClosure => Some(("已办结认定", "it was confirmed as finished")),
        ActKind::SendBack => Some(("已退回重办", "it was sent back")),
        _ => None,
    };
    answers.rev().find_map(|(_, node)| said(node.fact.body.kind()))
}

/// Why an act was not adopted, as the city found or as is found here.
fn why(history: &History, told: &Told, index: usize) -> Both {
    let rule = match (told.stands(history.nodes()[index].id), history.standing(index)) {
        (Some(Says::Fell { rule, .. }), _) => Rule::parse(rule),
        (_, Some(Standing::Overruled(broken))) => Some(broken.rule),
        _ => None,
    };
    let Some(rule) = rule else { return both(("市热线认定不采用", "the city found so")) };
    let (article, code) = (rule.article().chinese(), rule.article().code());
    let english = rule.english().trim_end_matches('.');
    (format!("{}（{article}）", rule.chinese().trim_end_matches('。')), format!("{english} (article {code})"))
}

/// What was said of an act that fell: by acts that are here, and by those that the city told of.
pub(super) fn words(at: &At<'_>, history: &History, told: &Told, index: usize) -> Vec<WordView> {
    let act = history.nodes()[index].id;
    let mut words = Vec::new();
    let mut word = |kind: ActKind, unit: UnitId, time: i64, text: String| {
        let (code, name) = (kind.code().to_owned(), kind.chinese().to_owned());
        words.push(WordView { kind: code, kind_name: name, unit: UnitRef::of(at, unit), at: clock::text(time), text });
    };
    for (place, node) in history.nodes().iter().enumerate() {
        let kind = node.fact.body.kind();
        let says = kind.has(Trait::Card) && kind != ActKind::Acknowledge;
        if says && node.fact.answers == Some(act) && history.standing(place) == Some(Standing::Effective) {
            word(kind, node.fact.author.unit, node.act.time, node.segment(PartKind::Text, 0).unwrap_or_default());
        }
    }
    for found in told.words(act) {
        if let Says::Word { act, kind, unit, at, head } = &found.finding.says
            && history.index_of(*act).is_none()
        {
            let text = head.as_ref().and_then(|head| head.segment(0, found.text.as_ref()));
            word(*kind, *unit, *at, text.unwrap_or_default());
        }
    }
    words
}

/// Whether a unit that is no hotline has an act in a ticket that fell, or holds no part of it any more.
pub(super) fn tells(at: &At<'_>, row: &store::TicketRow, unit: UnitId) -> bool {
    at.level(unit) == Level::Unit && row.concerned.iter().any(|one| one.unit == unit && (!one.open || one.heeds))
}
