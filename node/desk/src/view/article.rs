//! A knowledge article, alone and in lists.

use regulation::Author;
use replica::registry::At;
use replica::{Field, Registry};
use serde::{Deserialize, Serialize};
use store::{ArticleRow, Queries};

use super::act::{ActView, acts, value_name};
use super::ticket::{OptionView, find, options};
use crate::Me;
use crate::clock;
use crate::problem::Problem;

/// An article in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    pub state: String,
    /// The state for screens.
    pub state_name: String,
    /// When it was last published.
    pub published_at: Option<String>,
    /// When it was last changed.
    pub updated_at: String,
    /// Its beginning.
    pub excerpt: String,
    /// Registers with more than one value.
    pub conflicts: u32,
}

/// An article with everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleView {
    /// As in a list.
    #[serde(flatten)]
    pub line: ArticleLine,
    /// Text as it is now.
    pub body: String,
    /// Text as it was last published.
    pub published: Option<String>,
    /// The acts.
    pub acts: Vec<ActView>,
    /// What may be done now, and why not the rest.
    pub options: Vec<OptionView>,
    /// Heads of the document: what an edit is based on.
    pub heads: Vec<String>,
}

/// Characters of an excerpt.
const EXCERPT_CHARS: usize = 60;

/// A row of a list.
#[must_use]
pub fn article_line(at: &At<'_>, row: &ArticleRow) -> ArticleLine {
    let state_name = match row.state.as_str() {
        "draft" => "未发布",
        "edited" => "有修改待发布",
        _ => "已发布",
    };
    ArticleLine {
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
    }
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
        true => kernel::project::article_row(doc, id, &mut history)?,
        false => store.article(doc)?,
    };
    let row = row.ok_or_else(none)?;
    Ok(ArticleView {
        line: article_line(&at, &row),
        body: row.body,
        published: row.published,
        acts: acts(store, registry, doc, &history, me, &std::collections::BTreeSet::new())?,
        options: options(history.record(), author),
        heads: history.deps().iter().map(regulation::ActId::hex).collect(),
    })
}
