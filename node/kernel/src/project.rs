//! Projections: what lists and searches read, computed from the history of a document and what the city told of its acts, and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};

use regulation::act::{ExternalNumber, Urgency};
use regulation::terms::{self, DueItem, correction_due};
use regulation::{ActId, Assignment, Fact, Level, Millis, Ticket, TicketState, UnitId, calendar, pairs};
use replica::document::text_of;
use replica::file::FileId;
use replica::registry::{At, Registry};
use replica::{DocumentError, Field, History, PartKind, Standing};
use store::{
    ActState, ArticleRow, ChangeSort, Concern, CountRow, DocNo, Key, ProposalRow, Shelf, TicketRow, TicketUnit, Turn,
    UnitDue, UnitPart,
};

use crate::requester::{self, Personal};
use crate::sabotage::sabotaged;
use crate::told::{Told, answered, fell};
use crate::{Effect, Fault, Kernel, rates};

pub use crate::due::{dues, dues_as_told, dues_of};

/// How projections are computed. Whoever changes that raises it, and every node computes its own anew when it opens.
pub(crate) const PROJECTION: u32 = 24;

/// Number of a ticket: unit, device, day, serial and a check digit, readable on the telephone.
#[must_use]
pub fn number(history: &History, at: &At<'_>) -> String {
    let Some(ticket) = history.record().ticket() else { return String::new() };
    let Some(first) = history.nodes().first() else { return String::new() };
    let code = at.unit(ticket.registered_by).map_or("000000", |unit| unit.code.split('-').next().unwrap_or("000000"));
    // The day counts from 1970 in local time; noon of it is on that day everywhere.
    let noon = i64::from(ticket.register.day) * 86_400_000 + 4 * 3_600_000;
    let day = calendar::local_date(noon).to_string().replace('-', "");
    let digits = format!("{code}{:03}{day}{:05}", first.act.device.0, ticket.register.serial);
    format!("{code}-{:03}-{day}-{:05}-{}", first.act.device.0, ticket.register.serial, check_digit(&digits))
}

/// ISO 7064 MOD 11-2, as on an identity card: catches a wrong digit and two that were swapped.
fn check_digit(digits: &str) -> char {
    let sum = digits.bytes().filter(u8::is_ascii_digit).fold(0u32, |p, b| (p + u32::from(b - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('X'),
    }
}

/// An external number as it is looked up.
#[must_use]
pub fn external(number: &ExternalNumber) -> String {
    format!("{}\u{1f}{}", number.system, number.number)
}

/// The standing of each act.
#[must_use]
pub fn act_states(history: &History) -> Vec<(ActId, ActState)> {
    let folded = history.folded();
    let state = |(index, node): (usize, &replica::Node)| {
        let counts = history.counts(index);
        let (standing, rule, by) = match history.standing(index).filter(|_| counts) {
            None => (None, None, None),
            Some(Standing::Effective) => (Some(store::Standing::Effective), None, None),
            Some(Standing::Overruled(broken)) => {
                (Some(store::Standing::Overruled), Some(broken.rule.code().to_owned()), broken.by)
            }
        };
        let stratum = folded.stratum.get(index).copied().flatten().filter(|_| counts).map(u64::from);
        (node.id, ActState { standing, rule, by_act: by, stratum })
    };
    history.nodes().iter().enumerate().map(state).collect()
}

/// Flags of a ticket.
#[must_use]
pub fn flags(ticket: &Ticket, conflicts: u32, newer: bool) -> Vec<&'static str> {
    let flags = [
        (ticket.return_request().is_some(), "return-pending"),
        (ticket.extension().is_some(), "extension-pending"),
        (ticket.escalation.is_some(), "escalated"),
        (ticket.deferral.is_some_and(|deferral| deferral.agreed.is_some()), "deferred"),
        (ticket.supervised().next().is_some(), "supervised"),
        (ticket.register.confidential, "confidential"),
        (ticket.register.history, "history"),
        (ticket.register.again.is_some() || ticket.register.times > 1, "again"),
        (ticket.assignments.iter().any(|a| a.closed_by.is_none() && !a.arrived()), "undelivered"),
        (!ticket.recused.is_empty(), "recused"),
        (conflicts > 0, "conflict"),
        (newer, "needs-upgrade"),
    ];
    flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect()
}

/// The first value of a register, and how many there are.
fn register(history: &mut History, field: Field) -> Result<(String, u32), DocumentError> {
    let values = history.register(field)?;
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    Ok((values.into_iter().next().unwrap_or_default(), count))
}

/// All that is computed of a ticket but standings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    /// For lists.
    pub row: TicketRow,
    /// What a search finds it by, beside its title.
    pub body: String,
    /// What else it is found by.
    pub keys: Vec<(Key, String)>,
    /// For reports.
    pub counts: Vec<CountRow>,
    /// What is due, by which the row says what is next.
    pub dues: Vec<DueItem>,
}

/// The projections of a ticket. `None` if the document is no ticket. `newer`: acts on it wait for a newer version of this
/// program; `told`: what the city told of acts of units that hold it no more.
///
/// # Errors
/// The document cannot be built.
pub fn ticket(
    doc: DocNo,
    id: ActId,
    history: &mut History,
    registry: &Registry,
    (newer, told): (bool, &Told),
) -> Result<Option<Projected>, DocumentError> {
    let at = registry.now();
    let (title, titles) = register(history, Field::Title)?;
    let (category, categories) = register(history, Field::Category)?;
    let (place, places) = register(history, Field::Place)?;
    let conflicts = [titles, categories, places].into_iter().filter(|count| *count > 1).count();
    let conflicts = u32::try_from(conflicts).unwrap_or_default();
    let Some(ticket) = history.record().ticket() else { return Ok(None) };
    let folded = history.folded();
    let dues = dues_as_told(history, &at, told);
    let next = terms::next_due(&dues);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // What was overruled is listed until whom it concerns has looked at it.
    let waits = |index: usize| fell(history, told, index) && answered(history, told, index).concerns_hotlines();
    let unsettled = |index: usize| !folded.settled(index) && !told.settled(history.nodes()[index].id);
    // Counts stand in lists that everybody sees, and must not tell of what is confided; nor of what counts for nothing,
    // which others may not hold.
    let open = |index: usize| history.counts(index) && !history.nodes()[index].fact.body.kind().confided();
    let unit = |a: &Assignment| TicketUnit {
        unit: a.unit,
        part: if a.part == LEAD { UnitPart::Lead } else { UnitPart::Assisting },
        open: a.closed_by.is_none() && a.archived.is_none(),
    };
    // Whoever is praised is shown it until it is filed.
    let praised =
        ticket.praised.map(|unit| TicketUnit { unit, part: UnitPart::Assisting, open: ticket.archived.is_none() });
    let units = distinct(ticket.assignments.iter().map(unit).chain(praised).collect());
    let row = TicketRow {
        doc,
        id,
        number: number(history, &at),
        external: ticket.register.external.as_ref().map(external),
        state: ticket.state.names().0.to_owned(),
        kind: ticket.register.kind.code().to_owned(),
        urgency: ticket.urgency.code().to_owned(),
        category,
        place,
        title,
        lead: ticket.lead().map(|lead| lead.unit),
        concerned: concerned(history, &at, told, &units),
        dues: unit_dues(&dues),
        units,
        raised_at: ticket.register.raised_at,
        registered_at: ticket.registered_at,
        updated_at: updated_at(history),
        next_due: next.map(|item| item.due),
        next_due_kind: next.map(|item| item.what.names().0.to_owned()),
        next_due_unit: next.map(|item| item.unit),
        provisional: next.is_some_and(|item| item.provisional),
        flags: flags(ticket, conflicts, newer).join(" "),
        unsettled: count((0..folded.stratum.len()).filter(|index| open(*index) && unsettled(*index)).count()),
        overruled: count((0..folded.standing.len()).filter(|index| open(*index) && waits(*index)).count()),
        conflicts,
        overdue_at: rates::overdue_at(ticket, &dues),
        handler: ticket.claimed_by,
    };
    let counts = rates::counts(&rates::items(history, &at, &dues));
    let body = history.nodes().first().and_then(|node| node.segment(PartKind::Text, 1)).unwrap_or_default();
    let keys = keys(history, &row);
    Ok(Some(Projected { row, body, keys, counts, dues }))
}

/// What is due next of each unit.
fn unit_dues(dues: &[DueItem]) -> Vec<UnitDue> {
    let units: BTreeSet<UnitId> = dues.iter().map(|item| item.unit).collect();
    let next = |unit: UnitId| terms::next_due(dues.iter().filter(move |item| item.unit == unit));
    let due = |item: &DueItem| UnitDue {
        unit: item.unit,
        due: item.due,
        kind: item.what.names().0.to_owned(),
        provisional: item.provisional,
    };
    units.into_iter().filter_map(next).map(due).collect()
}

/// What a ticket is to the units that acted in it. Hotlines see all of it in their lists.
fn concerned(history: &History, at: &At<'_>, told: &Told, units: &[TicketUnit]) -> Vec<Concern> {
    let mut all: BTreeMap<UnitId, Concern> = BTreeMap::new();
    for (index, node) in history.nodes().iter().enumerate() {
        let (unit, kind) = (node.fact.author.unit, node.fact.body.kind());
        if !history.counts(index) || kind.of_clock() || kind.confided() || at.level(unit) != Level::Unit {
            continue;
        }
        let open = units.iter().any(|part| part.unit == unit && part.open);
        let concern = all.entry(unit).or_insert(Concern { unit, at: node.act.time, open, heeds: false });
        concern.at = concern.at.max(node.act.time);
        concern.heeds |= fell(history, told, index) && answered(history, told, index).concerns_its_unit();
    }
    all.into_values().collect()
}

/// What else a ticket is found by. Who raised it is found only where that is held.
fn keys(history: &History, row: &TicketRow) -> Vec<(Key, String)> {
    let mut keys: BTreeSet<(Key, String)> = BTreeSet::new();
    let backwards = number_end(&row.number);
    // As it is read out, with the check digit or without.
    keys.insert((Key::NumberEnd, backwards.chars().skip(1).collect()));
    keys.insert((Key::NumberEnd, backwards));
    let source = row.external.as_deref().and_then(|external| external.split('\u{1f}').nth(1));
    keys.extend(source.map(|number| (Key::Source, number.to_ascii_lowercase())));
    // Whoever calls by the old number or name is the same.
    let telephones = requester::all(history, Personal::Telephone);
    keys.extend(
        telephones
            .flat_map(|said| requester::numbers(&said).map(|number| (Key::Telephone, number)).collect::<Vec<_>>()),
    );
    keys.extend(requester::all(history, Personal::Name).map(|name| (Key::Name, name)));
    let attached = history.nodes().iter().enumerate().filter(|(index, _)| history.counts(*index));
    let files = attached.filter_map(|(_, node)| FileId::of_body(&node.fact.body));
    keys.extend(files.map(|file| (Key::File, ActId(file.root).hex())));
    keys.into_iter().filter(|(_, key)| !key.is_empty()).collect()
}

/// A number from its end, as a ticket is looked for by its last digits.
#[must_use]
pub fn number_end(number: &str) -> String {
    number.chars().rev().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// The newest claimed time of what counts.
fn updated_at(history: &History) -> regulation::Millis {
    let counts = history.nodes().iter().enumerate().filter(|(index, _)| history.counts(*index));
    counts.map(|(_, node)| node.act.time).max().unwrap_or_default()
}

const LEAD: regulation::Part = regulation::Part::Lead;

/// One row a unit and part: open if any of them is.
fn distinct(mut units: Vec<TicketUnit>) -> Vec<TicketUnit> {
    units.sort_unstable();
    units.dedup_by(|next, kept| {
        let same = (next.unit, next.part) == (kept.unit, kept.part);
        if same {
            kept.open |= next.open;
        }
        same
    });
    units
}

/// The projection of an article. `None` if the document is none.
///
/// # Errors
/// The document cannot be built.
pub fn article_row(
    doc: DocNo,
    id: ActId,
    history: &mut History,
    at: &At<'_>,
) -> Result<Option<ArticleRow>, DocumentError> {
    let Some(knowledge) = history.record().knowledge().cloned() else { return Ok(None) };
    let (title, titles) = register(history, Field::Title)?;
    let (category, categories) = register(history, Field::Category)?;
    let published = match knowledge.published.last() {
        Some(act) => Some(text_of(&history.blocks_before(*act)?)),
        None => None,
    };
    let blocks = history.blocks_at(&[])?;
    let open = blocks.iter().filter(|block| block.open()).count();
    let state = match (&published, knowledge.editors.is_empty()) {
        (None, _) => "draft",
        (Some(_), false) => "edited",
        (Some(_), true) => "published",
    };
    let published_at = knowledge.published.last().and_then(|act| history.node(*act)).map(|node| node.act.time);
    let due = at.calendar().and_then(|calendar| correction_due(&knowledge, calendar, at.settings()));
    Ok(Some(ArticleRow {
        owner: knowledge.owner,
        correction_due: due.map(|due| due.due),
        doc,
        id,
        title,
        state: state.to_owned(),
        published_at,
        category,
        body: text_of(&blocks),
        published,
        updated_at: updated_at(history),
        conflicts: u32::from(titles > 1) + u32::from(categories > 1) + u32::try_from(open).unwrap_or(u32::MAX),
    }))
}

/// What waits for a second person and can be brought about.
fn proposals(history: &History) -> Vec<ProposalRow> {
    let keeper = history.record().knowledge().map(|article| article.owner);
    let waiting = pairs::waiting(history.record()).filter(|(_, fits)| fits.is_ok());
    let row = |fact: &Fact| ProposalRow {
        act: fact.id,
        kind: fact.body.kind().number(),
        person: fact.author.person,
        keeper,
        since: fact.claimed_at,
    };
    waiting.map(|(fact, _)| row(fact)).collect()
}

/// When a ticket has its turn, should its projection become stale.
fn turn(ticket: &Ticket) -> Turn {
    use TicketState::{Answered, Archived, Merged, Referred, Rejected, Withdrawn};
    match (ticket.state, ticket.urgency) {
        (Answered | Rejected | Referred | Archived | Withdrawn | Merged, _) => Turn::Rest,
        (_, Urgency::Urgent) => Turn::Urgent,
        (_, Urgency::Ordinary) => Turn::Open,
    }
}

impl Kernel {
    /// Whether a projection is stale: there is something for [`Kernel::catch_up`] to do.
    #[must_use]
    pub fn stale(&self) -> bool {
        self.stale
    }

    /// From now on every projection is stale. That costs the same however many there are.
    pub(crate) fn want_projections(&mut self) -> Result<(), Fault> {
        self.stale = true;
        Ok(self.store.want_projections()?)
    }

    /// Writes the projections of a document, finds out when to look at it again, and says that it changed.
    pub(crate) fn project(&mut self, now: Millis, doc: ActId, sort: ChangeSort) -> Result<(), Fault> {
        let mut history = self.take_history(doc)?;
        let row = self.store.doc_no(&doc)?.ok_or_else(|| Fault::Inconsistent(format!("{doc:?} is not stored")))?;
        // What stands in its row already is not written again: a document grows by an act at a time.
        let (states, news) = (act_states(&history), history.news());
        for (act, state) in news.into_iter().filter_map(|index| states.get(index)) {
            if let Some(aseq) = self.store.aseq_of(act)? {
                self.store.put_act_state(aseq, state)?;
            }
        }
        if history.nodes().is_empty() {
            // Nothing of it can be read yet.
            self.store.set_projected(row, Turn::Rest)?;
            self.store.note_change(row, sort)?;
            self.group.effects.push(Effect::Changed { doc });
            return Ok(());
        }
        let newer = self.store.newer_of(row)? > 0;
        let turn = history.record().ticket().map_or(Turn::Rest, turn);
        let mut dues = Vec::new();
        let told = Told::of(&self.store, doc)?;
        if let Some(found) = ticket(row, doc, &mut history, &self.registry, (newer, &told))? {
            let retitled = self.store.put_ticket(&found.row)?;
            self.store.put_keys(row, &found.keys)?;
            // What was erased is not found by a search either.
            if retitled || !history.erased().is_empty() {
                self.store.put_search(Shelf::Tickets, row, &found.row.title, &found.body)?;
            }
            self.store.put_counts(row, &found.counts)?;
            dues = found.dues;
        }
        if let Some(article) = article_row(row, doc, &mut history, &self.registry.now())? {
            let body = article.published.as_deref().unwrap_or(&article.body);
            self.store.put_search(Shelf::Articles, row, &article.title, body)?;
            self.store.put_article(&article)?;
        }
        self.store.put_proposals(row, &proposals(&history))?;
        self.store.set_projected(row, turn)?;
        self.store.note_change(row, sort)?;
        self.schedule(doc, &history, &dues, now);
        self.cache.put(doc, history);
        self.group.effects.push(Effect::Changed { doc });
        Ok(())
    }

    /// The fault that is built in: what was projected once stays as it was, and nobody knows.
    pub(crate) fn skips(&self, doc: &ActId) -> Result<bool, Fault> {
        if !sabotaged!(self, ProjectionSkipped) {
            return Ok(false);
        }
        Ok(self.store.doc_no(doc)?.map_or(Ok(false), |row| self.store.is_stale(row).map(|stale| !stale))?)
    }

    /// Makes stale projections anew, as many as the group may.
    pub(crate) fn project_stale(&mut self, now: Millis) -> Result<(), Fault> {
        while self.stale && self.group.documents > 0 {
            let docs = self.store.stale_docs(self.group.documents)?;
            self.group.documents -= docs.len();
            self.stale = !docs.is_empty();
            for doc in docs {
                self.project(now, doc, ChangeSort::Computed)?;
                self.doubt_settled(doc)?;
            }
        }
        Ok(())
    }

    /// What was not projected yet when the node was opened is not among what the hub has to confirm.
    fn doubt_settled(&mut self, doc: ActId) -> Result<(), Fault> {
        if self.me.as_ref().is_some_and(|me| me.hub) && !self.waiting.settling.contains(&doc) {
            let history = self.take_history(doc)?;
            if history.folded().stratum.iter().any(Option::is_none) {
                self.unsettled.insert(doc);
            }
            self.cache.put(doc, history);
        }
        Ok(())
    }

    /// Everything that is computed from acts is to be computed again; how many documents that is.
    pub(crate) fn rebuild(&mut self) -> Result<usize, Fault> {
        // What a history knows to be written is written again.
        self.cache.clear();
        self.store.recount()?;
        self.want_projections()?;
        Ok(usize::try_from(self.store.stale_count()?).unwrap_or(usize::MAX))
    }
}
