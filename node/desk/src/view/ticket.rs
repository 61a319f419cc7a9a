//! A ticket, alone and in lists.

use regulation::terms::DueItem;
use regulation::{ActId, Author, Level, Millis, ids::UnitId, options as allowed};
use replica::registry::At;
use replica::{Class, Field, PartKind, Registry};
use serde::{Deserialize, Serialize};
use store::{DocNo, Queries, RevealFilter, TicketRow};

use super::UnitRef;
use super::act::{ActView, acts, value_name};
use super::duplicates::{DuplicateView, duplicates};
use super::private::{self, PartsView, Requester};
use crate::Me;
use crate::call::Who;
use crate::clock;
use crate::form;
use crate::problem::Problem;
use crate::reveal::{self, RevealView};

/// Something due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    /// What, such as `sign_for`.
    pub what: String,
    /// What, for screens.
    pub what_name: String,
    /// Who must do it.
    pub unit: UnitRef,
    /// The first moment that is too late.
    pub due: String,
    /// The same in milliseconds.
    pub due_ms: Millis,
    /// `normal`, `due_soon`, `overdue` or `provisional`.
    pub verdict: String,
    /// The verdict for screens.
    pub verdict_name: String,
    /// When it was done.
    pub met_at: Option<String>,
    /// 离线补传: it reached the city after its due and counts by its own account.
    #[serde(default)]
    pub late_sync: bool,
    /// Why it is due then.
    pub basis: String,
    /// Working days left; 0 on the last day, negative after it.
    pub days_left: i32,
}

/// An act that belongs to this sort of document, and whether it may be made now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionView {
    /// Its kind.
    pub kind: String,
    /// The kind for screens.
    pub kind_name: String,
    /// Its article for screens.
    pub article_name: String,
    /// It may be made now.
    pub allowed: bool,
    /// Code of the rule that forbids it.
    pub rule: Option<String>,
    /// Why it may not.
    pub reason: Option<String>,
    /// Why it may not, in English.
    pub reason_en: Option<String>,
}

/// The ratings of one follow-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingView {
    /// When.
    pub at: String,
    /// 是否联系; absent if nobody was reached.
    pub contacted: Option<String>,
    /// 是否解决
    pub solved: Option<String>,
    /// 是否满意
    pub satisfaction: Option<String>,
}

/// A register that people set to different values at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Which register.
    pub field: String,
    /// The register for screens.
    pub field_name: String,
    /// The values; the first one is shown.
    pub values: Vec<String>,
}

/// A ticket in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketLine {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub state: String,
    /// Where it stands, for screens.
    pub state_name: String,
    /// Class of the request.
    pub kind: String,
    /// The class for screens.
    pub kind_name: String,
    /// It is urgent help.
    pub urgent: bool,
    /// Its title.
    pub title: String,
    /// Its category for screens.
    pub category_name: String,
    /// Its place for screens.
    pub place_name: String,
    /// The lead unit.
    pub lead: Option<UnitRef>,
    /// When it was raised.
    pub raised_at: String,
    /// What is due next.
    pub next_due: Option<DueView>,
    /// Flags.
    pub flags: Vec<String>,
    /// Acts that the city hub has not confirmed.
    pub unsettled: u32,
    /// Acts that a rule decided against.
    pub overruled: u32,
    /// Registers with more than one value.
    pub conflicts: u32,
}

/// A ticket with everything that is shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// As in a list.
    #[serde(flatten)]
    pub line: TicketLine,
    /// `ordinary` or `urgent`.
    pub urgency: String,
    /// Code of the category.
    pub category: String,
    /// Code or text of the place.
    pub place: String,
    /// What was asked.
    pub content: String,
    /// How it came.
    pub channel: String,
    /// How it came, for screens.
    pub channel_name: String,
    /// When the city hotline took it in.
    pub taken_in_at: String,
    /// Number in another system.
    pub external: Option<String>,
    /// Who raised it.
    pub requester: Requester,
    /// What became of the parts of its acts.
    pub parts: PartsView,
    /// Assisting units.
    pub assisting: Vec<UnitRef>,
    /// Everything due, by what it is; of several units' the lead's.
    pub dues: std::collections::BTreeMap<String, DueView>,
    /// The same, all of them, in the order in which they are due.
    pub due_list: Vec<DueView>,
    /// The acts in the order of the fold.
    pub acts: Vec<ActView>,
    /// Registers with more than one value.
    #[serde(rename = "conflicting")]
    pub conflict_list: Vec<Conflict>,
    /// Ratings, oldest first.
    pub ratings: Vec<RatingView>,
    /// Working notes.
    pub notes: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Who was shown the requester at this node, newest first; for whoever may know that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveals: Vec<RevealView>,
    /// Tickets held here that this one seems to repeat, the likest first.
    pub duplicates: Vec<DuplicateView>,
    /// What may be done now, and why not the rest.
    pub options: Vec<OptionView>,
    /// Heads of the document: what an edit is based on.
    pub heads: Vec<String>,
}

/// Reveals that are shown beside a ticket.
const REVEALS_SHOWN: usize = 50;

fn due_view(at: &At<'_>, item: &DueItem, now: Millis) -> DueView {
    let verdict = at.terms().map_or(("normal", "正常"), |terms| item.verdict(now, terms).names());
    let length = match item.length {
        regulation::terms::Length::WorkingDays(days) => format!("{days} 个工作日"),
        regulation::terms::Length::Hours(hours) => format!("{hours} 小时"),
        regulation::terms::Length::Minutes(minutes) => format!("{minutes} 分钟"),
        regulation::terms::Length::Until(end) => {
            format!("至 {}", regulation::calendar::local(end.saturating_sub(1)).format("%Y-%m-%d"))
        }
    };
    let start = regulation::calendar::local(item.start).format("%m-%d %H:%M");
    let version = item.calendar;
    DueView {
        what: item.what.names().0.to_owned(),
        what_name: item.what.names().1.to_owned(),
        unit: UnitRef::of(at, item.unit),
        due: clock::text(item.due),
        due_ms: item.due,
        verdict: verdict.0.to_owned(),
        verdict_name: verdict.1.to_owned(),
        met_at: item.met_at.map(clock::text),
        late_sync: item.late_sync(),
        basis: format!("{}：自 {start} 起 {length}（日历第 {version} 版）", item.article.chinese()),
        days_left: at.calendar().map_or(0, |calendar| calendar.days_left(now, item.due)),
    }
}

/// A row of a list.
#[must_use]
pub fn ticket_line(at: &At<'_>, row: &TicketRow, now: Millis) -> TicketLine {
    let state = regulation::TicketState::parse(&row.state);
    let kind = regulation::act::RequestKind::parse(&row.kind);
    TicketLine {
        id: row.id.hex(),
        number: row.number.clone(),
        state: row.state.clone(),
        state_name: state.map_or_else(|| row.state.clone(), |state| state.names().1.to_owned()),
        kind: row.kind.clone(),
        kind_name: kind.map_or_else(|| row.kind.clone(), |kind| kind.chinese().to_owned()),
        urgent: row.urgency == "urgent",
        title: row.title.clone(),
        category_name: value_name(at, Field::Category, &row.category),
        place_name: value_name(at, Field::Place, &row.place),
        lead: row.lead.map(|unit| UnitRef::of(at, unit)),
        raised_at: clock::text(row.raised_at),
        next_due: next_due(at, row, now),
        flags: row.flags.split_whitespace().map(str::to_owned).collect(),
        unsettled: row.unsettled,
        overruled: row.overruled,
        conflicts: row.conflicts,
    }
}

/// What is due next, as the list has it: enough to tell how it stands now.
fn next_due(at: &At<'_>, row: &TicketRow, now: Millis) -> Option<DueView> {
    use regulation::terms::{DueKind, Length};
    let (due, unit) = (row.next_due?, row.next_due_unit?);
    let what = DueKind::ALL.iter().copied().find(|what| Some(what.names().0) == row.next_due_kind.as_deref())?;
    let item = DueItem {
        what,
        unit,
        due,
        provisional: row.provisional,
        start: due,
        length: Length::Minutes(0),
        article: regulation::Article(21, 0),
        met_at: None,
        met_by: None,
        late: None,
        calendar: 0,
    };
    Some(DueView { basis: String::new(), ..due_view(at, &item, now) })
}

/// The document of a ticket or article by id, a beginning of the id, or number.
///
/// # Errors
/// There is none, or several.
pub fn find(store: &Queries, what: &str) -> Result<(DocNo, ActId), Problem> {
    let what = what.trim();
    let none =
        || Problem::not_found(format!("本机没有 {what}；请核对编号，或等下次同步"), format!("{what} is not held here"));
    if let Some(id) = ActId::parse(what) {
        return store.doc_no(&id)?.map(|doc| (doc, id)).ok_or_else(none);
    }
    let by_number = store.tickets_by_number(what)?;
    match by_number.as_slice() {
        [one] => return Ok((one.doc, one.id)),
        [] => {}
        several => return Err(ambiguous(what, several)),
    }
    if what.len() >= 6 && what.bytes().all(|b| b.is_ascii_hexdigit()) {
        let lower = what.to_ascii_lowercase();
        let docs = kernel::read::docs(store)?;
        let mut found = docs.into_iter().filter(|id| id.hex().starts_with(&lower));
        if let (Some(id), None) = (found.next(), found.next()) {
            return store.doc_no(&id)?.map(|doc| (doc, id)).ok_or_else(none);
        }
    }
    Err(none())
}

/// Tickets of one number that are listed.
const DOUBLES_SHOWN_MAX: usize = 10;

/// A number was given twice: which ones it may mean.
fn ambiguous(what: &str, several: &[TicketRow]) -> Problem {
    let list = |between: &str| {
        let one = |row: &TicketRow| {
            format!("{} {} {}", row.id.hex(), &clock::text(row.raised_at)[..16].replace('T', " "), row.title)
        };
        several.iter().take(DOUBLES_SHOWN_MAX).map(one).collect::<Vec<_>>().join(between)
    };
    let count = several.len();
    Problem::bad_input(
        format!(
            "编号 {what} 有 {count} 张工单（设备被复制过，或放回过旧的目录），请改用内部标识（可只写开头几位）：{}",
            list("；")
        ),
        format!(
            "{count} tickets have the number {what} (a device was cloned, or an old folder put back); use an id, or its beginning: {}",
            list("; ")
        ),
    )
}

/// What somebody may do with a document now, and why not the rest.
#[must_use]
pub fn options(record: &regulation::Record, author: &Author) -> Vec<OptionView> {
    allowed::options(record, author)
        .into_iter()
        .map(|(kind, result)| {
            let rule = result.err().map(|broken| broken.rule);
            OptionView {
                kind: kind.code().to_owned(),
                kind_name: kind.chinese().to_owned(),
                article_name: kind.article().chinese(),
                allowed: rule.is_none(),
                rule: rule.map(|rule| rule.code().to_owned()),
                reason: rule.map(|rule| rule.chinese().to_owned()),
                reason_en: rule.map(|rule| rule.english().to_owned()),
            }
        })
        .collect()
}

/// The hub of the county above a unit, whose acknowledgements count as 县热线已收.
pub(super) fn county_hub(at: &At<'_>, unit: UnitId) -> Option<regulation::DeviceId> {
    let county = std::iter::successors(Some(unit), |unit| at.unit(*unit).and_then(|unit| unit.parent))
        .take(4)
        .find(|unit| at.level(*unit) == regulation::Level::CountyHotline)?;
    at.devices().find(|(_, device)| device.unit == county && device.class == Class::Hub).map(|(id, _)| id)
}

/// A ticket with everything. `open` shows personal data unmasked.
///
/// # Errors
/// It is not held, or is no ticket.
pub fn ticket(
    store: &Queries,
    registry: &Registry,
    me: &Me,
    author: &Author,
    what: &str,
    open: bool,
    now: Millis,
) -> Result<TicketView, Problem> {
    let at = registry.now();
    let (doc, id) = find(store, what)?;
    let row = store
        .ticket(doc)?
        .ok_or_else(|| Problem::not_found(format!("{what} 不是工单"), format!("{what} is no ticket")))?;
    let mut history = kernel::read::history(store, registry, id)?;
    let hidden = kernel::withheld::hidden(&history, &at, me.device.unit);
    let acts = acts(store, registry, doc, &history, me, &hidden)?;
    let (notes, tags, conflict_list) = {
        let document = history.document()?;
        let mut conflicts = Vec::new();
        for field in Field::ALL {
            let values = document.register(field)?;
            if values.len() > 1 {
                let values = values.iter().map(|value| value_name(&at, field, value)).collect();
                let (field, field_name) = (field.code().to_owned(), field.chinese().to_owned());
                conflicts.push(Conflict { field, field_name, values });
            }
        }
        (document.text().to_owned(), document.tags().into_iter().collect(), conflicts)
    };
    let ticket = history.record().ticket().ok_or_else(|| Problem::fault(&"a ticket without record"))?;
    let first = &history.nodes()[0];
    let kept = private::kept(ticket, author);
    let mut items = kernel::project::dues(&history, &at);
    items.sort_by_key(|item| (item.met_at.is_some(), item.due));
    let due_list: Vec<DueView> = items.iter().map(|item| due_view(&at, item, now)).collect();
    let lead = row.lead;
    let mut dues = std::collections::BTreeMap::new();
    for (item, view) in items.iter().zip(&due_list) {
        if !dues.contains_key(&view.what) || Some(item.unit) == lead {
            dues.insert(view.what.clone(), view.clone());
        }
    }
    let (duplicates, mut line) = (duplicates(store, registry, doc)?, ticket_line(&at, &row, now));
    // Merging is the city's. Told where one ticket is shown, and in no list: it takes reading others.
    if author.level == Level::CityHotline && !duplicates.is_empty() {
        line.flags.push("duplicate".to_owned());
    }
    Ok(TicketView {
        urgency: row.urgency.clone(),
        category: row.category.clone(),
        place: row.place.clone(),
        content: first.segment(PartKind::Text, 1).unwrap_or_default(),
        channel: ticket.register.channel.code().to_owned(),
        channel_name: ticket.register.channel.chinese().to_owned(),
        taken_in_at: clock::text(ticket.registered_at),
        external: ticket.register.external.as_ref().map(|external| format!("{} {}", external.system, external.number)),
        requester: private::requester(first, kept, open),
        parts: private::parts(&history, &at, me, open && kept.is_none()),
        assisting: ticket.assisting().map(|assignment| UnitRef::of(&at, assignment.unit)).collect(),
        ratings: ticket.follow_ups.iter().map(rating).collect(),
        options: options(history.record(), author).into_iter().filter(|o| form::of_people(&o.kind)).collect(),
        heads: kernel::withheld::shown_heads(&history, &hidden).iter().map(ActId::hex).collect(),
        reveals: if Who::Auditor.is(author) {
            reveal::list(store, &at, RevealFilter { doc: Some(doc), person: None }, REVEALS_SHOWN)?
        } else {
            Vec::new()
        },
        line,
        duplicates,
        dues,
        due_list,
        acts,
        conflict_list,
        notes,
        tags,
    })
}

fn rating(follow_up: &regulation::ticket::FollowUp) -> RatingView {
    RatingView {
        at: clock::text(follow_up.at),
        contacted: follow_up.rating.map(|rating| rating.contacted.chinese().to_owned()),
        solved: follow_up.rating.map(|rating| rating.solved.chinese().to_owned()),
        satisfaction: follow_up.rating.map(|rating| rating.satisfaction.chinese().to_owned()),
    }
}
