//! The projection of the knowledge base (知识库).

use regulation::ids::{ActId, Millis, UnitId};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Params, Row, params, params_from_iter};

use crate::error::StoreError;
use crate::figures::{ALL, One};
use crate::ids::{DocNo, at_most, counted};
use crate::open::{Queries, Store};
use crate::search::Wanted;

/// Articles on one page of a list, in rows.
pub const ARTICLE_ROWS_MAX: usize = 500;

/// An article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleRow {
    /// The document's number here.
    pub doc: DocNo,
    /// The document's id. Read back from the document; what is written here does not matter.
    pub id: ActId,
    /// Title as it is now.
    pub title: String,
    /// Code of the category.
    pub category: String,
    /// Code of the state.
    pub state: String,
    /// Text as it is now.
    pub body: String,
    /// Text as it was last published.
    pub published: Option<String>,
    /// When that was.
    pub published_at: Option<Millis>,
    /// Time of the last act.
    pub updated_at: Millis,
    /// Registers with more than one value.
    pub conflicts: u32,
    /// The unit that answers for it.
    pub owner: UnitId,
    /// Until when the soonest request for its correction that waits is to be answered.
    pub correction_due: Option<Millis>,
}

/// Which articles. The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// In this state.
    pub state: Option<String>,
    /// Of this category.
    pub category: Option<String>,
}

/// A place in a list of articles: that of the last one shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArticleCursor {
    /// Time of its last act.
    pub updated_at: Millis,
    /// Its document.
    pub doc: DocNo,
}

/// Articles of which something is to be corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CorrectionFilter {
    /// That this unit answers for.
    pub owner: Option<UnitId>,
    /// That were due before this.
    pub due_before: Option<Millis>,
}

/// A place in the list of what is to be corrected: that of the last one shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorrectionCursor {
    /// When it was due.
    pub due: Millis,
    /// Its document.
    pub doc: DocNo,
}

/// Articles that are to be corrected and are counted, at most.
pub const CORRECTIONS_COUNTED_MAX: u32 = 500;

impl ArticleRow {
    /// Where the next page begins if this article was the last on its page.
    #[must_use]
    pub fn cursor(&self) -> ArticleCursor {
        ArticleCursor { updated_at: self.updated_at, doc: self.doc }
    }
}

impl Queries {
    /// An article.
    ///
    /// # Errors
    /// Faults only.
    pub fn article(&self, doc: DocNo) -> Result<Option<ArticleRow>, StoreError> {
        Ok(self.select_articles("articles a", "a.doc = ?1", [doc])?.pop())
    }

    /// One page of articles, last changed first, at most `limit` or [`ARTICLE_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn articles(
        &self,
        filter: &ArticleFilter,
        after: Option<&ArticleCursor>,
        limit: usize,
    ) -> Result<Vec<ArticleRow>, StoreError> {
        let (mut sql, mut values) = condition(filter);
        if let Some(after) = after {
            sql.push_str(" AND (a.updated_at, a.doc) < (?, ?)");
            values.extend([after.updated_at.into(), after.doc.0.into()]);
        }
        values.push(at_most(limit, ARTICLE_ROWS_MAX).into());
        sql.push_str(" ORDER BY a.updated_at DESC, a.doc DESC LIMIT ?");
        self.select_articles("articles a", &sql, params_from_iter(values))
    }

    /// One page of the articles of which something is to be corrected, what is due first first, at most `limit` or
    /// [`ARTICLE_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn corrections(
        &self,
        filter: CorrectionFilter,
        after: Option<CorrectionCursor>,
        limit: usize,
    ) -> Result<Vec<ArticleRow>, StoreError> {
        let (index, mut sql, mut values) = waiting(filter);
        if let Some(after) = after {
            sql.push_str(" AND (a.correction_due, a.doc) > (?, ?)");
            values.extend([after.due.into(), after.doc.0.into()]);
        }
        sql.push_str(" ORDER BY a.correction_due, a.doc LIMIT ?");
        values.push(at_most(limit, ARTICLE_ROWS_MAX).into());
        self.select_articles(&format!("articles a INDEXED BY {index}"), &sql, params_from_iter(values))
    }

    /// How many there are, counted up to [`CORRECTIONS_COUNTED_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn corrections_counted(&self, filter: CorrectionFilter) -> Result<u64, StoreError> {
        let (index, sql, mut values) = waiting(filter);
        values.push(CORRECTIONS_COUNTED_MAX.into());
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM articles a INDEXED BY {index} WHERE {sql} LIMIT ?)"
        ))?;
        Ok(statement.query_row(params_from_iter(values), |row| row.get(0).map(counted))?)
    }

    /// Articles whose title or text contains every word of `text`, best first (a word in the title weighs four times),
    /// at most `limit` or [`ARTICLE_ROWS_MAX`]. A blank text finds nothing.
    ///
    /// # Errors
    /// Faults only.
    pub fn search_articles(
        &self,
        text: &str,
        filter: &ArticleFilter,
        limit: usize,
    ) -> Result<Vec<ArticleRow>, StoreError> {
        let Wanted::Match(words) = Wanted::of(Some(text)) else { return Ok(Vec::new()) };
        let (sql, mut values) = condition(filter);
        values.extend([words.expression.into(), at_most(limit, ARTICLE_ROWS_MAX).into()]);
        let rest = format!(
            "{sql} AND article_search MATCH ?
             ORDER BY bm25(article_search, 4.0, 1.0), a.updated_at DESC, a.doc DESC LIMIT ?"
        );
        let from = "article_search CROSS JOIN articles a ON a.doc = article_search.rowid";
        self.select_articles(from, &rest, params_from_iter(values))
    }

    /// `from` and `rest` are texts out of this module.
    fn select_articles(&self, from: &str, rest: &str, params: impl Params) -> Result<Vec<ArticleRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT a.doc, d.id, a.title, a.category, a.state, a.body, a.published, a.published_at, a.updated_at,
                    a.conflicts, a.owner, a.correction_due
             FROM {from} JOIN docs d ON d.doc = a.doc WHERE {rest}"
        ))?;
        let rows = statement.query_map(params, article_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets an article's row. Its text is found only after [`Store::put_search`].
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_article(&mut self, article: &ArticleRow) -> Result<(), StoreError> {
        self.write(|store| {
            let mut state = store.conn.prepare_cached("SELECT state FROM articles WHERE doc = ?1")?;
            let known: Option<String> = state.query_row([article.doc], |row| row.get(0)).optional()?;
            let mut statement = store.conn.prepare_cached(
                "REPLACE INTO articles(doc, title, category, state, body, published, published_at, updated_at, conflicts,
                                      owner, correction_due)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            statement.execute(params![
                article.doc,
                article.title,
                article.category,
                article.state,
                article.body,
                article.published,
                article.published_at,
                article.updated_at,
                article.conflicts,
                article.owner.0,
                article.correction_due,
            ])?;
            let before = known.as_deref().map(figures_of).unwrap_or_default();
            store.count_again(&before, &figures_of(&article.state))
        })
    }
}

/// The figure that an article counts in.
fn figures_of(state: &str) -> Vec<One> {
    vec![("article", ALL, state.to_owned(), 0)]
}

/// The index of what is to be corrected, and what is asked of it.
fn waiting(filter: CorrectionFilter) -> (&'static str, String, Vec<Value>) {
    let (mut sql, mut values) = ("a.correction_due IS NOT NULL".to_owned(), Vec::new());
    let index = match filter.owner {
        Some(owner) => {
            sql.push_str(" AND a.owner = ?");
            values.push(owner.0.into());
            "articles_by_owner_and_correction"
        }
        None => "articles_by_correction",
    };
    if let Some(before) = filter.due_before {
        sql.push_str(" AND a.correction_due < ?");
        values.push(before.into());
    }
    (index, sql, values)
}

fn condition(filter: &ArticleFilter) -> (String, Vec<Value>) {
    let (mut sql, mut values) = ("1".to_owned(), Vec::new());
    for (column, wanted) in [("state", &filter.state), ("category", &filter.category)] {
        if let Some(wanted) = wanted {
            sql.push_str(&format!(" AND a.{column} = ?"));
            values.push(wanted.clone().into());
        }
    }
    (sql, values)
}

fn article_of(row: &Row<'_>) -> rusqlite::Result<ArticleRow> {
    Ok(ArticleRow {
        doc: row.get(0)?,
        id: row.get(1).map(ActId)?,
        title: row.get(2)?,
        category: row.get(3)?,
        state: row.get(4)?,
        body: row.get(5)?,
        published: row.get(6)?,
        published_at: row.get(7)?,
        updated_at: row.get(8)?,
        conflicts: row.get(9)?,
        owner: row.get(10).map(UnitId)?,
        correction_due: row.get(11)?,
    })
}
