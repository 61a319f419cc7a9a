//! A ticket, alone and in lists.

use std::collections::BTreeSet;

use regulation::kind::Trait;
use regulation::{ActId, Author, Body, Level, Millis, Rule, Ticket, options as allowed};
use replica::registry::At;
use replica::{Document, Field, History, PartKind, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{DocNo, Queries, RevealFilter, TicketRow};

use super::UnitRef;
use super::act::{ActView, acts, value_name};
use super::closing::{LackView, lack};
use super::cover::{HandlerView, handler};
use super::duplicates::{DuplicateView, duplicates};
use super::fate::{self, FateView};
use super::line::{DueView, TicketLine, due_view, has_left, ticket_line};
use super::private::{self, PartsView, Requester};
use super::proposal::{ProposalView, proposals};
use super::room::{self, RoomView, UnitRoom};
use super::second::FirstBy;
use super::uncertain::may_change_by;
use crate::Me;
use crate::call::Who;
use crate::clock;
use crate::form;
use crate::narrow::narrow;
use crate::problem::Problem;
use crate::reveal::{self, RevealView};

/// An act that belongs to this sort of document, and whether it may be made now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptionView {
    /// Its kind.
    #[schemars(extend("enum" = crate::shapes::act_kinds()))]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RatingView {
    /// When.
    pub at: String,
    /// Whose requester was asked, where it is that of a ticket that joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// It was sent in writing, and waits for an answer.
    pub sent: bool,
    /// 是否联系; absent if nobody was reached.
    pub contacted: Option<String>,
    /// It for screens.
    pub contacted_name: Option<String>,
    /// 是否解决
    pub solved: Option<String>,
    /// It for screens.
    pub solved_name: Option<String>,
    /// 是否满意
    pub satisfaction: Option<String>,
    /// It for screens.
    pub satisfaction_name: Option<String>,
}

/// A ticket of another requester that was merged into this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinedView {
    /// Its id.
    pub id: String,
    /// Its number; the beginning of the id where it is not held here.
    pub number: String,
    /// Its requester was asked in this round.
    pub asked: bool,
}

/// A register that people set to different values at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// Which register.
    pub field: String,
    /// The register for screens.
    pub field_name: String,
    /// The values; the first one is shown.
    pub values: Vec<String>,
}

/// A ticket with everything that is shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Who raises it: a natural person, a legal person or another organisation.
    pub party: String,
    /// It for screens.
    pub party_name: String,
    /// It is raised for an enterprise.
    pub enterprise: bool,
    /// When the city hotline took it in.
    pub taken_in_at: String,
    /// Number in another system.
    pub external: Option<String>,
    /// Who raised it.
    pub requester: Requester,
    /// What became of the parts of its acts.
    pub parts: PartsView,
    /// Who has it in hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<HandlerView>,
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
    /// Tickets of other requesters that were merged into this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<JoinedView>,
    /// Working notes.
    pub notes: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Who was shown the requester at this node, newest first; for whoever may know that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveals: Vec<RevealView>,
    /// Tickets held here that this one seems to repeat, the likest first.
    pub duplicates: Vec<DuplicateView>,
    /// What waits for a second person, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<ProposalView>,
    /// What may be done now, and why not the rest.
    pub options: Vec<OptionView>,
    /// How many more acts this device may make of it, where that is little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomView>,
    /// Told to the city: devices of other units that have little left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<UnitRoom>,
    /// Counties that were not heard since the city hub was put back: what is confirmed here may change when they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_change_by: Vec<UnitRef>,
    /// It has left this unit: how it goes on is not known here.
    #[serde(default)]
    pub left: bool,
    /// What became of what this unit did, where it holds no part of the ticket any more or has to take note of something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fates: Vec<FateView>,
    /// What a completion will be asked for, or is, when it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lack: Option<LackView>,
    /// Heads of the document: what an edit is based on.
    pub heads: Vec<String>,
}

/// Reveals that are shown beside a ticket.
const REVEALS_SHOWN: usize = 50;

/// The document of a ticket or article by id, a beginning of the id, or number.
///
/// # Errors
/// There is none, or several.
pub fn find(store: &Queries, what: &str) -> Result<(DocNo, ActId), Problem> {
    let what = narrow(what);
    if what.is_empty() {
        return Err(Problem::bad_input("编号是空的：请写明编号或标识", "the number is empty: name a number or id"));
    }
    let what = what.as_str();
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
        // Two are enough to know that it is not one.
        if let [one] = store.docs_beginning(&lower, 2)?.as_slice() {
            return Ok(*one);
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

/// What somebody may do with a document now at this device, and why not the rest.
#[must_use]
pub fn options(history: &mut History, me: &Me, author: &Author, edition: regulation::Edition) -> Vec<OptionView> {
    allowed::options(history.record(), author, edition)
        .into_iter()
        .map(|(kind, result)| {
            let broken = result.err().map(|broken| broken.rule);
            // What ends a card is offered at the card.
            let broken = broken.or_else(|| kind.has(Trait::Card).then_some(Rule::NothingFell));
            let rule = broken.or_else(|| room::full(history, me, author, kind));
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

/// A ticket with everything. `open` shows personal data unmasked; to whoever looks for a supervision organ it says that the look is
/// written down, and the whole case is shown.
///
/// # Errors
/// It is not held, or is no ticket; a supervision organ looks and nothing is written down.
pub fn ticket(
    store: &Queries,
    registry: &Registry,
    me: &Me,
    author: &Author,
    what: &str,
    open: bool,
    now: Millis,
) -> Result<TicketView, Problem> {
    let (at, inspects) = (registry.now(), author.inspects());
    if inspects && !open {
        return Err(Problem::not_permitted(
            "监察须先写明文号和用途，才能查看一件（第三十六条）",
            "a supervision organ first gives the number of its document and what it is for (article 36)",
        ));
    }
    let (doc, id) = find(store, what)?;
    let mut history = kernel::read::history(store, registry, id)?;
    // What lists show may be stale. This page is built from the acts: so is its head then.
    let told = kernel::findings::Told::of(store, id)?;
    let row = match store.is_stale(doc)? {
        true => kernel::project::ticket(doc, id, &mut history, registry, (store.newer_of(doc)? > 0, &told))?
            .map(|found| found.row),
        false => store.ticket(doc)?,
    };
    let row = row.ok_or_else(|| Problem::not_found(format!("{what} 不是工单"), format!("{what} is no ticket")))?;
    // A report of interference as well: what this node holds of the case is all shown (36).
    let hidden = match inspects {
        true => BTreeSet::new(),
        false => kernel::withheld::hidden(&history, &at, me.device.unit),
    };
    let mut acts = acts(store, registry, doc, &history, me, &hidden)?;
    // One case, and no other (36).
    let files = acts.iter_mut().filter(|_| inspects).filter_map(|act| act.file.as_mut());
    files.for_each(|file| file.also.clear());
    let conflict_list = conflicts(&at, history.document()?)?;
    let tags = history.document()?.tags().into_iter().collect();
    let notes = notes(&history, &hidden);
    let options = match inspects {
        true => Vec::new(),
        false => options(&mut history, me, author, registry.now().edition()),
    };
    let room = room::room(&mut history, me, author);
    let rooms = room::of_others(&mut history, &at, author);
    let ticket = history.record().ticket().ok_or_else(|| Problem::fault(&"a ticket without record"))?;
    let first = &history.nodes()[0];
    let kept = private::kept(ticket, author).filter(|_| !inspects);
    let mut items = kernel::project::dues_as_told(&history, &at, &told);
    // What others have to do since is not heard of here any more.
    let left = has_left(&at, &row, me.device.unit);
    items.retain(|item| !left || item.unit == me.device.unit);
    items.sort_by_key(|item| (item.met_at.is_some(), item.due));
    let due_list: Vec<DueView> = items.iter().map(|item| due_view(&at, item, me.device.unit, now)).collect();
    let lead = row.lead;
    let mut dues = std::collections::BTreeMap::new();
    for (item, view) in items.iter().zip(&due_list) {
        if !dues.contains_key(&view.what) || Some(item.unit) == lead {
            dues.insert(view.what.clone(), view.clone());
        }
    }
    // One case alone, and so none that it seems to repeat.
    let duplicates = if inspects { Vec::new() } else { duplicates(store, registry, doc)? };
    let mut line = ticket_line(&at, &row, me.device.unit, now);
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
        party: ticket.register.party.code().to_owned(),
        party_name: ticket.register.party.chinese().to_owned(),
        enterprise: ticket.register.enterprise,
        taken_in_at: clock::text(ticket.registered_at),
        external: ticket.register.external.as_ref().map(|external| format!("{} {}", external.system, external.number)),
        requester: private::requester(&history, kept, open),
        parts: private::parts(&history, &at, me, open && kept.is_none()),
        handler: ticket.claimed_by.map(|person| handler(store, &at, person, now)).transpose()?,
        assisting: ticket.assisting().map(|assignment| UnitRef::of(&at, assignment.unit)).collect(),
        ratings: ticket.follow_ups.iter().map(|told| rating(store, told)).collect::<Result<_, _>>()?,
        joined: joined(store, ticket)?,
        options: options.into_iter().filter(|o| form::of_people(&o.kind)).collect(),
        room,
        proposals: proposals(registry, &FirstBy::read(store)?, &history, author, &hidden),
        rooms,
        may_change_by: may_change_by(store, &at, me, doc)?,
        lack: lack(ticket).filter(|_| !left),
        left,
        fates: match fate::tells(&at, &row, me.device.unit) {
            true => fate::fates(&at, &history, &told, me.device.unit),
            false => Vec::new(),
        },
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

/// The registers that people set to different values at once.
pub(super) fn conflicts(at: &At<'_>, document: &Document) -> Result<Vec<Conflict>, Problem> {
    let mut conflicts = Vec::new();
    for field in Field::ALL {
        let values = document.register(field)?;
        if values.len() > 1 {
            let values = values.iter().map(|value| value_name(at, field, value)).collect();
            let (field, field_name) = (field.code().to_owned(), field.chinese().to_owned());
            conflicts.push(Conflict { field, field_name, values });
        }
    }
    Ok(conflicts)
}

/// Working notes, each on lines of its own, in the order of the fold.
fn notes(history: &History, hidden: &BTreeSet<usize>) -> String {
    let shown = history.folded().order.iter().filter(|index| !hidden.contains(index));
    let notes =
        shown.map(|index| &history.nodes()[*index]).filter(|node| node.admitted() && node.fact.body == Body::Note);
    notes.filter_map(|node| node.segment(PartKind::Text, 0)).collect::<Vec<_>>().join("\n")
}

/// What a ticket is called where another one names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Its number; the beginning of its id where it is not held here.
    pub number: String,
    /// Its title, if it is held here.
    pub title: String,
    /// What a form takes for it: its number, or its id where that is not its alone.
    pub typed: String,
}

/// What a ticket is called.
///
/// # Errors
/// The database cannot be read.
pub fn called(store: &Queries, ticket: ActId) -> Result<Called, Problem> {
    let row = store.doc_no(&ticket)?.map(|doc| store.ticket(doc)).transpose()?.flatten();
    let Some(TicketRow { number, title, .. }) = row else {
        return Ok(Called { number: ticket.short(), title: String::new(), typed: ticket.hex() });
    };
    let alone = store.tickets_by_number(&number)?.len() == 1;
    Ok(Called { typed: if alone { number.clone() } else { ticket.hex() }, number, title })
}

/// Number of a ticket, or the beginning of its id where it is not held here.
fn named(store: &Queries, ticket: ActId) -> Result<String, Problem> {
    let row = store.doc_no(&ticket)?.map(|doc| store.ticket(doc)).transpose()?.flatten();
    Ok(row.map_or_else(|| ticket.short(), |row| row.number))
}

fn joined(store: &Queries, ticket: &Ticket) -> Result<Vec<JoinedView>, Problem> {
    let waits: BTreeSet<Option<ActId>> = ticket.to_ask().collect();
    let view = |joined: &regulation::ticket::Joined| {
        let id = joined.ticket;
        let asked = ticket.closure.is_some() && !waits.contains(&Some(id));
        Ok(JoinedView { id: id.hex(), number: named(store, id)?, asked })
    };
    ticket.joined.iter().map(view).collect()
}

fn rating(store: &Queries, follow_up: &regulation::ticket::FollowUp) -> Result<RatingView, Problem> {
    let of = |what: fn(&regulation::act::Rating) -> &'static str| follow_up.rating.as_ref().map(|r| what(r).to_owned());
    Ok(RatingView {
        at: clock::text(follow_up.at),
        of: follow_up.of.map(|ticket| named(store, ticket)).transpose()?,
        sent: follow_up.sent,
        contacted: of(|rating| rating.contacted.code()),
        contacted_name: of(|rating| rating.contacted.chinese()),
        solved: of(|rating| rating.solved.code()),
        solved_name: of(|rating| rating.solved.chinese()),
        satisfaction: of(|rating| rating.satisfaction.code()),
        satisfaction_name: of(|rating| rating.satisfaction.chinese()),
    })
}
