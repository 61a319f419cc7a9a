//! What was proposed and waits for a second person: on its page, and all of it for whoever may confirm.

use std::collections::BTreeSet;

use regulation::pairs::{may_confirm, waiting};
use regulation::table::pair;
use regulation::{ActKind, Author, Broken, Level, PersonId, Rule};
use replica::registry::At;
use replica::{History, Registry, still_proposes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{DocNo, PROPOSAL_ROWS_MAX, ProposalRow, Queries};

use super::act::{said, summary};
use super::second::{Doubt, FirstBy, doubts};
use super::{UnitRef, person_name};
use crate::clock;
use crate::problem::Problem;

/// Something that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalView {
    /// The act that proposes it.
    pub act: String,
    /// Its kind.
    #[schemars(extend("enum" = crate::shapes::act_kinds()))]
    pub kind: String,
    /// The kind for screens.
    pub kind_name: String,
    /// Its typed fields in a few words.
    pub summary: String,
    /// The same in English.
    pub summary_en: String,
    /// Why, as its maker says.
    pub text: Vec<String>,
    /// The act that it is about, in a few words.
    pub about: Option<String>,
    /// The same in English.
    pub about_en: Option<String>,
    /// The unit of whoever proposed it.
    pub unit: UnitRef,
    /// Who proposed it.
    pub person: Option<String>,
    /// Since when.
    pub since: String,
    /// Whoever looks may confirm it, and it can be brought about.
    pub confirms: bool,
    /// Whoever looks may decline it.
    pub declines: bool,
    /// Whoever looks proposed it, and may take it back.
    pub own: bool,
    /// The rule by which it is not to be confirmed by whoever looks, or not at all any more.
    pub rule: Option<String>,
    /// The sentence; without a rule, why it is not at this node.
    pub reason: Option<String>,
    /// The sentence in English.
    pub reason_en: Option<String>,
    /// Signs that the logins of whoever proposed it and whoever looks, who may confirm it, are of one hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// A proposal with the document that it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pending {
    /// Id of the ticket or article.
    pub id: String,
    /// `ticket` or `article`.
    pub of: String,
    /// Number of the ticket; empty for an article.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What waits.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

/// What waits in a document, oldest first. `hidden` is left out.
#[must_use]
pub fn proposals(
    registry: &Registry,
    first_by: &FirstBy,
    history: &History,
    author: &Author,
    hidden: &BTreeSet<usize>,
) -> Vec<ProposalView> {
    let (at, record) = (&registry.now(), history.record());
    let mut views = Vec::new();
    for (fact, fits) in waiting(record) {
        let Some(index) = history.index_of(fact.id).filter(|index| !hidden.contains(index)) else { continue };
        let node = &history.nodes()[index];
        let answered = fact.answers.and_then(|id| history.node(id));
        let own_act = answered.is_some_and(|named| is(named.act.person, author.person));
        let may = may_confirm(record, fact, author);
        let may = if may.is_ok() && own_act { Err(Broken::from(Rule::Concerned)) } else { may };
        let own = is(fact.author.person, author.person) && fact.author.unit == author.unit;
        let stands = if still_proposes(at, fact) { fits } else { Err(Rule::ProposerGone.into()) };
        let rule = stands.and(may).err().map(|broken| broken.rule);
        let one_hand = match fact.author.person.zip(author.person).filter(|_| rule.is_none()) {
            Some((proposer, second)) => first_by.bars(at, (proposer, node.act.time), second),
            None => None,
        };
        let two = fact.author.person.zip(author.person).filter(|_| rule.is_none());
        views.push(ProposalView {
            act: fact.id.hex(),
            kind: fact.body.kind().code().to_owned(),
            kind_name: fact.body.kind().chinese().to_owned(),
            summary: summary(at, &fact.body, super::said::Words::Chinese),
            summary_en: summary(at, &fact.body, super::said::Words::English),
            text: said(node),
            about: answered.map(|named| super::act::shortly(at, named, super::said::Words::Chinese)),
            about_en: answered.map(|named| super::act::shortly(at, named, super::said::Words::English)),
            unit: UnitRef::of(at, fact.author.unit),
            person: fact.author.person.map(|person| person_name(at, person)),
            since: clock::text(node.act.time),
            confirms: rule.is_none() && one_hand.is_none(),
            declines: may.is_ok(),
            own,
            rule: rule.map(|rule| rule.code().to_owned()),
            reason: rule.map(|rule| rule.chinese().to_owned()).or(one_hand.as_ref().map(|why| why.text.clone())),
            reason_en: rule.map(|rule| rule.english().to_owned()).or(one_hand.map(|why| why.text_en)),
            doubts: two.map(|(proposer, second)| doubts(registry, first_by, proposer, second)).unwrap_or_default(),
        });
    }
    views
}

fn is(one: Option<PersonId>, other: Option<PersonId>) -> bool {
    one.is_some() && one == other
}

/// Whether somebody may confirm what waits, as far as its row tells, or has proposed it.
fn concerns(row: &ProposalRow, author: &Author) -> bool {
    let Some(pair) = ActKind::from_number(row.kind).and_then(pair) else { return false };
    let body = author.level == Level::CityHotline || row.keeper == Some(author.unit);
    is(row.person, author.person) || body && pair.has_role(&author.roles)
}

/// How much waits that concerns somebody.
#[derive(Clone, Copy, Default)]
pub struct Concerns {
    /// For them to confirm.
    pub confirms: usize,
    /// In all, with what they have proposed themselves.
    pub all: usize,
}

/// How much waits for somebody to confirm it, and how much with what they have proposed.
///
/// # Errors
/// The database cannot be read.
pub fn waits_for(store: &Queries, at: &At<'_>, author: &Author) -> Result<Concerns, Problem> {
    let rows = store.proposals(PROPOSAL_ROWS_MAX)?;
    let waits = |row: &ProposalRow| {
        let role = ActKind::from_number(row.kind).and_then(ActKind::role);
        let has = |person| role.is_none_or(|role| at.person(person).is_some_and(|known| known.roles.contains(&role)));
        !is(row.person, author.person) && row.person.is_none_or(has)
    };
    let own = |row: &ProposalRow| is(row.person, author.person);
    let all: Vec<_> = rows.iter().map(|(.., row)| row).filter(|row| concerns(row, author)).collect();
    let confirms = all.iter().filter(|row| waits(row)).count();
    Ok(Concerns { confirms, all: confirms + all.iter().filter(|row| own(row)).count() })
}

/// Documents that are listed at once, at most.
pub const PENDING_DOCS_MAX: usize = 100;

/// What waits in the documents held here for somebody, the oldest first: what he may confirm or decline, and what he has
/// proposed himself.
///
/// # Errors
/// The database cannot be read.
pub fn pending(store: &Queries, registry: &Registry, author: &Author) -> Result<Vec<Pending>, Problem> {
    let (at, first_by) = (registry.now(), FirstBy::read(store)?);
    let rows = store.proposals(PROPOSAL_ROWS_MAX)?;
    let mut docs: Vec<_> =
        rows.iter().filter(|(.., row)| concerns(row, author)).map(|(doc, id, _)| (*doc, *id)).collect();
    let mut seen = BTreeSet::new();
    docs.retain(|(_, id)| seen.insert(*id));
    let mut all = Vec::new();
    for (doc, id) in docs.into_iter().take(PENDING_DOCS_MAX) {
        let history = kernel::read::history(store, registry, id)?;
        let hidden = kernel::withheld::hidden(&history, &at, author.unit);
        let mine =
            proposals(registry, &first_by, &history, author, &hidden).into_iter().filter(|p| p.declines || p.own);
        let (of, number, title) = named(store, doc)?;
        all.extend(mine.map(|proposal| Pending {
            id: id.hex(),
            of: of.to_owned(),
            number: number.clone(),
            title: title.clone(),
            proposal,
        }));
    }
    Ok(all)
}

fn named(store: &Queries, doc: DocNo) -> Result<(&'static str, String, String), Problem> {
    if let Some(ticket) = store.ticket(doc)? {
        return Ok(("ticket", ticket.number, ticket.title));
    }
    Ok(("article", String::new(), store.article(doc)?.map(|article| article.title).unwrap_or_default()))
}
