//! One act as it is shown in a timeline.

use std::collections::{BTreeMap, BTreeSet};

use kernel::findings::{Told, answered, fell};
use regulation::pairs::Outcome;
use regulation::ticket::Late;
use regulation::{ActId, ActKind, Body, Level, Millis, Rule};
use replica::finding::Says;
use replica::registry::At;
use replica::{Answered, Effect, Field, History, Node, PartKind, Registry, Standing, Value, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Arrival, Aseq, DocNo, Key, Queries};

use super::duty::{DutyView, quoted, quoted_in_words};
use super::fate::{WordView, words};
use super::file::{AlsoView, FileView};
use super::said::Words;
use super::second::{Doubt, FirstBy, doubts};
pub(super) use super::summary::summary;
use super::{UnitRef, county_hub, device_name, person_name};
use crate::Me;
use crate::clock;
use crate::problem::Problem;

/// Other tickets that are named with a file, at most.
const FILE_ALSO_MAX: usize = 5;

/// An act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActView {
    /// Its id.
    pub hash: String,
    /// Its kind.
    #[schemars(extend("enum" = crate::shapes::act_kinds()))]
    pub kind: String,
    /// The kind for screens.
    pub kind_name: String,
    /// The unit of its device.
    pub unit: UnitRef,
    /// Who made it; absent for acts of the hub's clock.
    pub person: Option<String>,
    /// Number of its device.
    pub device: u32,
    /// Name of its device.
    pub device_name: String,
    /// When the work was done, if that was another time than it was entered.
    pub happened_at: Option<String>,
    /// When it was entered, as its device says.
    pub claimed_at: String,
    /// The newest time of the city's that its device had: it cannot have been entered before.
    #[serde(default)]
    pub not_before: Option<String>,
    /// When it came to be stored here.
    pub received_at: String,
    /// It reached the city late: what its time is worth, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<String>,
    /// The same in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_en: Option<String>,
    /// The article that it rests on.
    pub article: String,
    /// The article for screens.
    pub article_name: String,
    /// `admitted` or `unlawful`.
    pub admission: String,
    /// `effective`, `overruled`, or absent for unlawful acts.
    pub standing: Option<String>,
    /// Confirmed by the city hub; otherwise 暂定.
    pub settled: bool,
    /// `saved`, `county` or `city`: where it is proven to have arrived.
    pub delivery: String,
    /// Why it does not count.
    pub overruled: Option<Overruled>,
    /// The act that it answers.
    pub answers: Option<String>,
    /// Its typed fields in a few words.
    pub summary: String,
    /// The same in English.
    pub summary_en: String,
    /// The entry of the duty list that it quotes, as its author read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<DutyView>,
    /// The file that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileView>,
    /// Its free text, segment by segment.
    pub text: Vec<String>,
    /// What it changed in the document.
    pub effects: Vec<String>,
    /// The same in English.
    pub effects_en: Vec<String>,
    /// It is a proposal: `waits`, `confirmed` or `ended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// It confirms: signs that the logins of its maker and of whoever proposed are of one hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// The rule that an act lost against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overruled {
    /// Code of the rule.
    pub rule: String,
    /// The article that it rests on.
    pub article: String,
    /// The sentence.
    pub reason: String,
    /// The sentence in English.
    pub reason_en: String,
    /// The act that stands in the way.
    pub by: Option<String>,
    /// That act in a few words.
    pub by_name: Option<String>,
    /// The same in English.
    pub by_name_en: Option<String>,
    /// Nothing is left to do here: this unit has looked at it, or it is for others to look at.
    #[serde(default)]
    pub ended: bool,
    /// What its unit and hotlines said of it, in the order in which it is known here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<WordView>,
    /// The kinds of acts by which it can be ended here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends: Vec<String>,
}

/// The acts of a document in the order of its fold, as they are shown at a device: what is settled first. `hidden` is left
/// out.
///
/// # Errors
/// The database cannot be read.
pub fn acts(
    store: &Queries,
    registry: &Registry,
    doc: DocNo,
    history: &History,
    me: &Me,
    hidden: &BTreeSet<usize>,
) -> Result<Vec<ActView>, Problem> {
    let at = registry.now();
    // The county hub whose acknowledgements count as 县热线已收.
    let county = county_hub(&at, me.device.unit);
    let rows = arrivals(store, doc)?;
    let told = history.id().map(|id| Told::of(store, id)).transpose()?.unwrap_or_default();
    let mut views = Vec::with_capacity(rows.len());
    for index in &history.folded().order {
        let node = &history.nodes()[*index];
        let Some(row) = rows.get(&node.id) else { continue };
        if hidden.contains(index) {
            continue;
        }
        let settled = history.folded().settled(*index) || told.settled(node.id);
        let at_county = || -> Result<bool, Problem> {
            Ok(match county {
                Some(county) => row.device == county || store.delivered_to(county, row.aseq)?,
                None => false,
            })
        };
        let delivery = if settled {
            "city"
        } else if at_county()? {
            "county"
        } else {
            "saved"
        };
        let not_before = kernel::beacon::signed_time(store, &at, node.act.beacon)?;
        let mut view = view(&at, history, *index, node, (not_before, row.received_at), delivery);
        as_told(&at, history, &told, (*index, me), &mut view);
        name_ticket(store, node, &mut view)?;
        if let Some(file) = &mut view.file {
            let also = store.others_with_key(Key::File, &file.digest, doc, FILE_ALSO_MAX)?;
            file.also = also.into_iter().map(|(id, number)| AlsoView { id: id.hex(), number }).collect();
        }
        if node.fact.body.kind() == ActKind::Confirm {
            let proposer = node.act.answers.and_then(|id| history.node(id)).and_then(|named| named.act.person);
            if let (Some(proposer), Some(second)) = (proposer, node.act.person) {
                view.doubts = doubts(registry, &FirstBy::read(store)?, proposer, second);
            }
        }
        views.push(view);
    }
    Ok(views)
}

/// What the city told of an act, whose document this unit may hold no more, goes before what is found here; and what was said
/// of it since, and by whom it is to be looked at.
fn as_told(at: &At<'_>, history: &History, told: &Told, (index, me): (usize, &Me), view: &mut ActView) {
    let node = &history.nodes()[index];
    view.settled |= told.settled(node.id);
    match told.stands(node.id) {
        Some(Says::Stands) => {
            view.standing = Some("effective".to_owned());
            view.overruled = None;
        }
        Some(Says::Fell { rule, by }) => {
            view.standing = Some("overruled".to_owned());
            if let Some(rule) = Rule::parse(rule) {
                view.overruled = Some(overruled(at, history, (rule, *by)));
            }
        }
        Some(Says::Word { .. } | Says::Erased { .. }) | None => {}
    }
    if let Some(overruled) = view.overruled.as_mut() {
        let answered = answered(history, told, index);
        let own = node.fact.author.unit == me.device.unit;
        overruled.ended = if own { !answered.concerns_its_unit() } else { !answered.concerns_hotlines() };
        overruled.words = words(at, history, told, index);
        if !overruled.ended && fell(history, told, index) {
            overruled.ends = ends(at, history, (index, answered), me);
        }
    }
}

/// A ticket that an act names is called by its number and title, where it is held here.
fn name_ticket(store: &Queries, node: &Node, view: &mut ActView) -> Result<(), Problem> {
    let (Body::Merge { into: named, .. }
    | Body::MergeOther { into: named, .. }
    | Body::Split { into: named }
    | Body::Supplement { joined: Some(named), .. }
    | Body::FollowUp { of: Some(named), .. }) = node.fact.body
    else {
        return Ok(());
    };
    let row = store.doc_no(&named)?.map(|doc| store.ticket(doc)).transpose()?.flatten();
    if let Some(row) = row {
        let called = format!("{} {}", row.number, row.title);
        for text in [&mut view.summary, &mut view.summary_en] {
            *text = text.replace(&named.short(), &called);
        }
    }
    Ok(())
}

/// Where from and when the acts of a document came.
fn arrivals(store: &Queries, doc: DocNo) -> Result<BTreeMap<ActId, Arrival>, Problem> {
    let (mut all, mut after) = (BTreeMap::new(), Aseq(0));
    loop {
        let page = store.arrivals(doc, after)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.aseq;
        all.extend(page.into_iter().map(|arrival| (arrival.id, arrival)));
    }
}

fn view(
    at: &At<'_>,
    history: &History,
    index: usize,
    node: &Node,
    (not_before, received_at): (Option<i64>, i64),
    delivery: &str,
) -> ActView {
    let kind = node.fact.body.kind();
    let standing = history.standing(index);
    let segments = node.segments(PartKind::Text);
    let late = history.record().ticket().and_then(|ticket| ticket.late.iter().find(|late| late.act == node.id));
    let late = late.map(|late| worth(late, node.act.happened));
    ActView {
        hash: node.id.hex(),
        kind: kind.code().to_owned(),
        kind_name: kind.chinese().to_owned(),
        unit: UnitRef::of(at, node.fact.author.unit),
        person: node.act.person.map(|person| person_name(at, person)),
        device: node.act.device.0,
        device_name: device_name(at, node.act.device),
        happened_at: node.act.happened.map(clock::text),
        claimed_at: clock::text(node.act.time),
        not_before: not_before.map(clock::text),
        received_at: clock::text(received_at),
        late: late.map(|(chinese, _)| chinese.to_owned()),
        late_en: late.map(|(_, english)| english.to_owned()),
        article: kind.article().code(),
        article_name: kind.article().chinese(),
        admission: if node.admitted() { "admitted" } else { "unlawful" }.to_owned(),
        standing: standing.map(|standing| {
            match standing {
                Standing::Effective => "effective",
                Standing::Overruled(_) => "overruled",
            }
            .to_owned()
        }),
        settled: history.folded().settled(index),
        delivery: delivery.to_owned(),
        overruled: match (node.verdict, standing) {
            (Verdict::Unlawful(rule), _) => Some(overruled(at, history, (rule, None))),
            (_, Some(Standing::Overruled(broken))) => Some(overruled(at, history, (broken.rule, broken.by))),
            _ => None,
        },
        answers: node.act.answers.map(|id| id.hex()),
        proposal: history.record().proposals().iter().find(|proposal| proposal.fact.id == node.id).map(|proposal| {
            match proposal.outcome {
                Outcome::Waits => "waits",
                Outcome::Confirmed(_) => "confirmed",
                Outcome::Ended(_) => "ended",
            }
            .to_owned()
        }),
        summary: summarized(at, node, Words::Chinese),
        summary_en: summarized(at, node, Words::English),
        duty: quoted(at, node),
        file: file(node, &segments),
        text: texts(node, &segments),
        doubts: Vec::new(),
        effects: effect_texts(at, history, node, &segments, Words::Chinese),
        effects_en: effect_texts(at, history, node, &segments, Words::English),
    }
}

/// The file that an act names, for as long as it says what the file is.
fn file(node: &Node, segments: &[String]) -> Option<FileView> {
    node.part(PartKind::Text)?;
    FileView::of(&node.fact.body, segments.first()?)
}

/// What the time of an act that reached the city late is worth: as an officer decided; by its own account, where its device was
/// out of reach (离线补传); from its entry, where it was typed later in reach of the hub; or to be decided on (补记).
fn worth(late: &Late, happened: Option<Millis>) -> (&'static str, &'static str) {
    match (late.decided, late.offline && late.clock_good, happened) {
        (Some(true), ..) => ("认定视为遵守时限", "found to be in time"),
        (Some(false), ..) => ("认定不视为遵守时限", "found not to be in time"),
        (None, true, _) => ("离线补传", "late sync"),
        (None, false, Some(at)) if at < late.not_before => ("补记，从录入时起计", "entered later: counts from then"),
        (None, false, Some(_)) => ("补记，发生时间待认定", "entered later: its time is to be decided on"),
        (None, false, None) => ("迟到，办理时间待认定", "came late: its time is to be decided on"),
    }
}

fn overruled(at: &At<'_>, history: &History, (rule, by): (regulation::Rule, Option<ActId>)) -> Overruled {
    let by_node = by.and_then(|by| history.node(by));
    Overruled {
        rule: rule.code().to_owned(),
        article: rule.article().code(),
        reason: format!("{}（{}）", rule.chinese().trim_end_matches('。'), rule.article().chinese()),
        reason_en: rule.english().to_owned(),
        by: by.map(|by| by.hex()),
        by_name: by_node.map(|node| shortly(at, node, Words::Chinese)),
        by_name_en: by_node.map(|node| shortly(at, node, Words::English)),
        ended: false,
        words: Vec::new(),
        ends: Vec::new(),
    }
}

/// By what the unit of this device can end the card of an act that fell: its own it has seen, or had done the work; of others a
/// hotline recognises the work, or upholds what stands.
fn ends(at: &At<'_>, history: &History, (index, answered): (usize, Answered), me: &Me) -> Vec<String> {
    let lost = &history.nodes()[index].fact;
    if history.record().ticket().is_none() {
        return Vec::new();
    }
    let kinds: &[ActKind] = match (lost.author.unit == me.device.unit, lost.body.kind()) {
        (true, ActKind::Complete) if !answered.shown_done && !answered.decided => {
            &[ActKind::Acknowledge, ActKind::ShowDone]
        }
        (true, _) => &[ActKind::Acknowledge],
        (false, _) if at.level(me.device.unit) != Level::Unit => &[ActKind::AcceptWork, ActKind::Uphold],
        (false, _) => &[],
    };
    kinds.iter().map(|kind| kind.code().to_owned()).collect()
}

/// What an act says in its typed fields, with the text of what it quotes of the duty list.
fn summarized(at: &At<'_>, node: &Node, words: Words) -> String {
    let said = Some(summary(at, &node.fact.body, words)).filter(|said| !said.is_empty());
    said.into_iter().chain(quoted_in_words(at, node, words)).collect::<Vec<_>>().join(words.say("；", "; "))
}

/// An act in a few words: whose, of which kind, and its typed fields.
pub(super) fn shortly(at: &At<'_>, node: &Node, words: Words) -> String {
    let (unit, kind) = (UnitRef::of(at, node.fact.author.unit).name, node.fact.body.kind());
    let kind = words.name(kind.code(), kind.chinese());
    format!("{unit} {kind} {}", summary(at, &node.fact.body, words)).trim_end().to_owned()
}

/// What the maker of an act says in words.
pub(super) fn said(node: &Node) -> Vec<String> {
    texts(node, &node.segments(PartKind::Text))
}

/// Segments that are not shown through an effect.
fn texts(node: &Node, segments: &[String]) -> Vec<String> {
    let used: BTreeSet<usize> = node.act.effects.iter().filter_map(Effect::segment).map(usize::from).collect();
    let unused = segments.iter().enumerate().filter(|(index, _)| !used.contains(index));
    unused.map(|(_, text)| text.clone()).chain(confided_text(node)).filter(|text| !text.is_empty()).collect()
}

/// What is between an author and the city is no personal data of the requester, and is shown to the two as it is.
fn confided_text(node: &Node) -> Option<String> {
    node.fact.body.kind().confided().then(|| node.segment(PartKind::Private, 0)).flatten()
}

/// What an act wrote, in words: new text in one piece, however many blocks it is; a block that was set with what it was.
fn effect_texts(at: &At<'_>, history: &History, node: &Node, segments: &[String], words: Words) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut inserts = false;
    for effect in &node.act.effects {
        let inserted = matches!(effect, Effect::Insert { .. });
        let text = effect_text(at, history, segments, effect, words);
        match texts.last_mut() {
            Some(last) if inserts && inserted => last.push_str(&text),
            _ => texts.push(text),
        }
        inserts = inserted;
    }
    texts.into_iter().map(|text| text.trim_matches('\n').to_owned()).collect()
}

fn effect_text(at: &At<'_>, history: &History, segments: &[String], effect: &Effect, words: Words) -> String {
    let field = |field: &Field| format!("{}{}", words.name(field.code(), field.chinese()), words.say("：", ": "));
    let segment = |index: u8| segments.get(usize::from(index)).cloned().unwrap_or_default();
    match effect {
        Effect::Register(of, Value::Code(code)) => field(of) + &value_name(at, *of, code),
        Effect::Register(of, Value::Segment(index)) => field(of) + &segment(*index),
        Effect::AddTag(tag) => format!("＋{tag}"),
        Effect::RemoveTag(tag) => format!("－{tag}"),
        Effect::Insert { segment: index, .. } => segment(*index),
        Effect::Set { block, over, segment: index } => {
            let replaced = over.iter().filter_map(|act| history.node(*act)?.block(block)?);
            let mut was: Vec<String> = replaced.map(|text| text.trim().to_owned()).collect();
            was.dedup();
            match index.map(segment) {
                Some(text) => format!("“{}”{}“{}”", was.join("”“"), words.say("改为", " became "), text.trim()),
                None => format!("{}“{}”", words.say("删去", "removed: "), was.join("”“")),
            }
        }
    }
}

/// A register's value for screens: a category or place by its name.
pub(crate) fn value_name(at: &At<'_>, field: Field, value: &str) -> String {
    match field {
        Field::Category => at.categories().iter().find(|(code, _)| code == value).map(|(_, name)| name.clone()),
        Field::Place => at
            .units()
            .find(|(_, unit)| unit.code.split('-').next() == Some(value) && !unit.code.ends_with("HOT"))
            .map(|(_, unit)| unit.short.clone()),
        Field::Title => None,
    }
    .unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_late_says_what_its_time_is_worth() {
        let (act, received_at) = (ActId([0; 32]), 90);
        for (not_before, offline, clock_good, decided, happened, expected) in [
            (50, false, true, None, Some(20), "补记，从录入时起计"),
            (20, false, true, None, Some(20), "补记，发生时间待认定"),
            (20, true, true, None, Some(20), "离线补传"),
            (20, true, false, None, None, "迟到，办理时间待认定"),
            (20, false, true, Some(true), Some(20), "认定视为遵守时限"),
            (20, true, true, Some(false), None, "认定不视为遵守时限"),
        ] {
            let late = Late { act, not_before, received_at, offline, clock_good, decided };
            assert_eq!(worth(&late, happened).0, expected);
        }
    }
}
