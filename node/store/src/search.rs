//! Full-text search over tickets and articles.
//!
//! Most Chinese words have two characters, and SQLite's trigram tokenizer finds nothing shorter than three without
//! reading everything. So the text is cut into overlapping pairs of characters before SQLite sees it: 小区停暖气 is
//! stored as 小区 区停 停暖 暖气 气, and a search is a phrase of pairs. Whatever stands in the text between two
//! separators is found, from one character on.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::ids::DocNo;
use crate::open::{Queries, Store};

/// Characters of a search that count; the rest is ignored.
pub const SEARCH_CHARS_MAX: usize = 64;
/// Documents with the rarest word that one search looks at for the others, at most.
pub const SEARCH_SEEN_MAX: u32 = 2_000;
/// Pairs of a search of which the rarest is looked for, at most.
const SEARCH_PAIRS_WEIGHED_MAX: usize = 8;

/// What a search asks for.
pub(crate) enum Wanted {
    /// Blank: no filter.
    Anything,
    /// Only separators: there is no such text.
    Nothing,
    /// Words.
    Match(Words),
}

/// Words that must all be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// For MATCH.
    pub expression: String,
    /// Those of its pairs that any text with the words has.
    pairs: Vec<String>,
}

impl Wanted {
    pub(crate) fn of(text: Option<&str>) -> Self {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Self::Anything };
        let text: String = text.chars().take(SEARCH_CHARS_MAX).collect();
        let runs = runs(&text);
        let phrases: Vec<String> = runs
            .iter()
            .map(|run| match run.as_slice() {
                [only] => format!("\"{only}\"*"),
                _ => format!("\"{}\"", pairs(run).join(" ")),
            })
            .collect();
        let pairs = runs.iter().flat_map(|run| pairs(run)).collect();
        if phrases.is_empty() { Self::Nothing } else { Self::Match(Words { expression: phrases.join(" "), pairs }) }
    }
}

impl Queries {
    /// How far back a search among tickets may go from `before`: to the document from which on there are no more than
    /// [`SEARCH_SEEN_MAX`] with the rarest of the pairs. `None` if that is all of them.
    pub(crate) fn search_reach(&self, words: &Words, before: DocNo) -> Result<Option<DocNo>, StoreError> {
        // Of one pair each document that has it is found: a page ends when it is full.
        if words.pairs.len() < 2 {
            return Ok(None);
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT 1 OFFSET ?3",
        )?;
        let mut reach = before;
        for pair in words.pairs.iter().take(SEARCH_PAIRS_WEIGHED_MAX) {
            let asked = (format!("\"{pair}\""), before, SEARCH_SEEN_MAX);
            match statement.query_row(asked, |row| row.get(0)).optional()? {
                Some(doc) => reach = reach.min(doc),
                None => return Ok(None),
            }
        }
        Ok(Some(reach))
    }
}

/// What a text is found as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// A ticket.
    Tickets,
    /// An article.
    Articles,
}

impl Store {
    /// Sets the text under which a ticket or article is found; two empty texts take it out of the search. This costs
    /// more than a row: call it when the text has changed. The text itself is not kept.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn put_search(&mut self, shelf: Shelf, doc: DocNo, title: &str, body: &str) -> Result<(), StoreError> {
        let table = match shelf {
            Shelf::Tickets => "search",
            Shelf::Articles => "article_search",
        };
        self.write(|store| {
            store.conn.prepare_cached(&format!("DELETE FROM {table} WHERE rowid = ?1"))?.execute([doc])?;
            if title.is_empty() && body.is_empty() {
                return Ok(());
            }
            let insert = format!("INSERT INTO {table}(rowid, title, body) VALUES (?1, ?2, ?3)");
            let mut insert = store.conn.prepare_cached(&insert)?;
            insert.execute((doc, indexed(title), indexed(body)))?;
            Ok(())
        })
    }
}

/// A text as it is indexed: its pairs, and the last character of each run alone.
fn indexed(text: &str) -> String {
    let mut tokens = Vec::new();
    for run in runs(text) {
        tokens.extend(pairs(&run));
        tokens.extend(run.last().map(char::to_string));
    }
    tokens.join(" ")
}

/// The pairs of neighbouring characters of a text, as the search cuts it: what two texts are compared by.
#[must_use]
pub fn pairs_of(text: &str) -> BTreeSet<[char; 2]> {
    let pair = |pair: &[char]| Some([*pair.first()?, *pair.get(1)?]);
    runs(text).iter().flat_map(|run| run.windows(2).filter_map(pair)).collect()
}

fn pairs(run: &[char]) -> Vec<String> {
    run.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// Letters, digits and characters that stand together, in lower case, full-width forms made narrow.
fn runs(text: &str) -> Vec<Vec<char>> {
    let narrow = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    });
    let folded: Vec<char> = narrow.flat_map(char::to_lowercase).collect();
    folded.split(|c| !c.is_alphanumeric()).filter(|run| !run.is_empty()).map(<[char]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_into_pairs_within_its_runs() {
        for (text, expected) in [
            ("", ""),
            ("暖", "暖"),
            ("停暖气", "停暖 暖气 气"),
            ("停暖，气味", "停暖 暖 气味 味"),
            ("A１2b", "a1 12 2b b"),
            ("……！", ""),
        ] {
            assert_eq!(indexed(text), expected, "{text}");
        }
    }

    #[test]
    fn search_is_never_a_syntax_of_its_own() {
        for (text, expected) in [
            ("暖气", Some("\"暖气\"")),
            ("气", Some("\"气\"*")),
            ("停暖气 12号楼", Some("\"停暖 暖气\" \"12 2号 号楼\"")),
            ("\"a\" OR b*", Some("\"a\"* \"or\" \"b\"*")),
            ("NEAR(", Some("\"ne ea ar\"")),
            ("\"*\0", None),
        ] {
            let found = match Wanted::of(Some(text)) {
                Wanted::Match(words) => Some(words.expression),
                Wanted::Nothing => None,
                Wanted::Anything => panic!("{text} is not blank"),
            };
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert!(matches!(Wanted::of(Some(" \u{3000}")), Wanted::Anything));
        assert!(matches!(Wanted::of(None), Wanted::Anything));
    }
}
