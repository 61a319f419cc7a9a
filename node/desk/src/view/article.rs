//! A knowledge article, alone and in lists.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, Author, Level, UnitId};
use replica::registry::At;
use replica::{Block, BlockId, DocumentError, Field, History, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{ArticleRow, CorrectionFilter, Queries};

use super::act::{ActView, acts, value_name};
use super::proposal::{ProposalView, proposals};
use super::room::{self, RoomView};
use super::second::FirstBy;
use super::ticket::{Conflict, OptionView, conflicts, find, options};
use super::{UnitRef, person_name};
use crate::Me;
use crate::clock;
use crate::problem::Problem;

/// An article in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArticleLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Code of the category.
    pub category: String,
    /// The category for screens.
    pub category_name: String,
    /// `draft`, `edited` or `published`.
    #[schemars(extend("enum" = ["draft", "edited", "published"]))]
    pub state: String,
    /// The state for screens.
    pub state_name: String,
    /// When it was last published.
    pub published_at: Option<String>,
    /// When it was last changed.
    pub updated_at: String,
    /// Its beginning.
    pub excerpt: String,
    /// Registers, and places in the text, with more than one value.
    pub conflicts: u32,
    /// The unit that answers for it.
    pub owner: UnitRef,
    /// Until when what others find wrong is to be mended or upheld, if anything is: 24:00 of that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction_due: Option<String>,
    /// That day is over.
    #[serde(default)]
    pub correction_overdue: bool,
    /// Acts of it wait for a newer version of this program: it is shown as it was before them, and nothing is done here.
    #[serde(default)]
    pub needs_upgrade: bool,
}

/// A sentence or item of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockView {
    /// Its id: an act and a number.
    pub id: String,
    /// Its text; absent if it is removed.
    pub text: Option<String>,
    /// What it was when the article was last published; absent if it was not there.
    pub published: Option<String>,
    /// Where several wordings stand side by side: all of them, and somebody has to choose.
    pub wordings: Vec<WordingView>,
}

/// What somebody made of a block while somebody else made something else of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WordingView {
    /// The act.
    pub act: String,
    /// The text; absent if it was removed.
    pub text: Option<String>,
    /// Whose it is.
    pub unit: UnitRef,
    /// Who.
    pub person: Option<String>,
    /// When, by that device's clock.
    pub at: String,
}

/// An article with everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArticleView {
    /// As in a list.
    #[serde(flatten)]
    pub line: ArticleLine,
    /// Text as it is now. Where wordings stand side by side it has the first.
    pub body: String,
    /// The text by sentences and items, those that were removed since the last publication among them.
    pub blocks: Vec<BlockView>,
    /// Registers with more than one value.
    #[serde(rename = "conflicting")]
    pub conflict_list: Vec<Conflict>,
    /// Text as it was last published.
    pub published: Option<String>,
    /// The acts.
    pub acts: Vec<ActView>,
    /// What waits for a second person, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<ProposalView>,
    /// What others found wrong and waits to be mended or upheld.
    #[serde(default)]
    pub corrections: usize,
    /// What may be done now, and why not the rest.
    pub options: Vec<OptionView>,
    /// How many more acts this device may make of it, where that is little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomView>,
    /// The acts that made the text what it is: what an edit is typed over.
    pub heads: Vec<String>,
}

/// Characters of an excerpt.
const EXCERPT_CHARS: usize = 60;

/// Which corrections somebody of that unit is reminded of: the city of all, others of their own.
#[must_use]
pub fn corrections_of(at: &At<'_>, unit: UnitId) -> CorrectionFilter {
    let owner = (at.level(unit) != Level::CityHotline).then_some(unit);
    CorrectionFilter { owner, due_before: None }
}

/// How many of them are overdue, counted up to [`store::CORRECTIONS_COUNTED_MAX`].
///
/// # Errors
/// The store.
pub fn corrections_overdue(store: &Queries, at: &At<'_>, unit: UnitId) -> Result<u64, Problem> {
    let due_before = Some(store::overdue_before(clock::now()));
    Ok(store.corrections_counted(CorrectionFilter { due_before, ..corrections_of(at, unit) })?)
}

/// A row of a list.
///
/// # Errors
/// The store.
pub fn article_line(store: &Queries, at: &At<'_>, row: &ArticleRow) -> Result<ArticleLine, Problem> {
    let state_name = match row.state.as_str() {
        "draft" => "未发布",
        "edited" => "有修改待发布",
        _ => "已发布",
    };
    Ok(ArticleLine {
        id: row.id.hex(),
        title: row.title.clone(),
        category: row.category.clone(),
        category_name: value_name(at, Field::Category, &row.category),
        state: row.state.clone(),
        state_name: state_name.to_owned(),
        published_at: row.published_at.map(clock::text),
        updated_at: clock::text(row.updated_at),
        excerpt: row.published.as_deref().unwrap_or(&row.body).chars().take(EXCERPT_CHARS).collect(),
        conflicts: row.conflicts,
        owner: UnitRef::of(at, row.owner),
        correction_due: row.correction_due.map(clock::text),
        correction_overdue: row.correction_due.is_some_and(|due| due < store::overdue_before(clock::now())),
        needs_upgrade: store.newer_of(row.doc)? > 0,
    })
}

/// An article with everything.
///
/// # Errors
/// It is not held, or is no article.
pub fn article(
    store: &Queries,
    registry: &Registry,
    me: &Me,
    author: &Author,
    what: &str,
) -> Result<ArticleView, Problem> {
    let at = registry.now();
    let (doc, id) = find(store, what)?;
    let none = || Problem::not_found(format!("{what} 不是知识条目"), format!("{what} is no article"));
    let mut history = kernel::read::history(store, registry, id)?;
    let row = match store.is_stale(doc)? {
        true => kernel::project::article_row(doc, id, &mut history, &at)?,
        false => store.article(doc)?,
    };
    let row = row.ok_or_else(none)?;
    let line = article_line(store, &at, &row)?;
    // What a newer program did here is not known: nothing is offered that would be refused.
    let open = !line.needs_upgrade;
    let mut proposals = proposals(registry, &FirstBy::read(store)?, &history, author, &BTreeSet::new());
    for proposal in proposals.iter_mut().filter(|_| !open) {
        (proposal.confirms, proposal.declines, proposal.own) = (false, false, false);
    }
    let options = if open { options(&mut history, me, author, registry.now().edition()) } else { Vec::new() };
    let article = history.record().knowledge();
    let corrections = article.map_or(0, |article| article.corrections.len());
    Ok(ArticleView {
        line,
        corrections,
        body: row.body,
        blocks: blocks(&at, &mut history)?,
        conflict_list: conflicts(&at, history.document()?)?,
        published: row.published,
        acts: acts(store, registry, doc, &history, me, &std::collections::BTreeSet::new())?,
        proposals,
        room: room::room(&mut history, me, author),
        options,
        heads: history.writers().iter().map(ActId::hex).collect(),
    })
}

fn blocks(at: &At<'_>, history: &mut History) -> Result<Vec<BlockView>, DocumentError> {
    let last = history.record().knowledge().and_then(|knowledge| knowledge.published.last().copied());
    let published: BTreeMap<BlockId, Option<String>> = match last {
        Some(act) => {
            let found = history.blocks_before(act)?;
            found.into_iter().map(|block| (block.id, block.text().map(str::to_owned))).collect()
        }
        None => BTreeMap::new(),
    };
    let mut views = Vec::new();
    for block in history.blocks_at(&[])? {
        let was = published.get(&block.id).cloned().flatten();
        if block.text().is_none() && was.is_none() {
            continue;
        }
        views.push(BlockView {
            id: format!("{}.{}", block.id.act.hex(), block.id.effect),
            text: block.text().map(str::to_owned),
            published: was,
            wordings: if block.open() { wordings(at, history, &block) } else { Vec::new() },
        });
    }
    Ok(views)
}

fn wordings(at: &At<'_>, history: &History, block: &Block) -> Vec<WordingView> {
    let wording = |value: &replica::BlockValue| {
        let node = history.node(value.act)?;
        Some(WordingView {
            act: value.act.hex(),
            text: value.text.clone(),
            unit: UnitRef::of(at, node.fact.author.unit),
            person: node.act.person.map(|person| person_name(at, person)),
            at: clock::text(node.act.time),
        })
    };
    block.values.iter().filter_map(wording).collect()
}
