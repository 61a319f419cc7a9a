//! One feed a scope: what belongs to it, in the order in which it reached this node.

use regulation::ids::{ActId, DeviceId};
use rusqlite::{OptionalExtension, Row, params};

use crate::acts::ACT_ROWS_MAX;
use crate::error::StoreError;
use crate::ids::{Aseq, DocNo, ScopeId, at_most, counted, position};
use crate::names::BY_ID;
use crate::open::{Queries, Store};

/// Feed entries that one question returns at most, in rows.
pub const FEED_ROWS_MAX: usize = 4_096;
/// The running hash is kept at each so-manieth entry, and at the last one. Between them it follows from the entries.
pub const MARK_EVERY_ENTRIES: u64 = 32;

/// A place in a feed and the running hash of everything up to and with it. Before the first entry: all zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Number of the entry in its feed, from 1 without gaps.
    pub lseq: u64,
    /// The running hash; what goes into it is the caller's matter.
    pub running: [u8; 16],
}

/// What one entry of a feed stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedEntry {
    /// One act.
    Act(Aseq),
    /// A document enters the scope: its acts after `after`, up to and with `upto`, in their order of arrival here. A
    /// large one enters by several entries, one after the other in one transaction, that begin with its first act.
    Enter {
        /// The document.
        doc: DocNo,
        /// The last act of the entry before; 0 in the first.
        after: Aseq,
        /// The last act that it stands for.
        upto: Aseq,
    },
    /// The stub of an act that is not passed on itself.
    Stub(i64),
    /// What the hub found of an act of a unit that no longer holds its document.
    Finding(i64),
}

/// One entry of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Its number in its feed, from 1 without gaps.
    pub lseq: u64,
    /// What it stands for.
    pub entry: FeedEntry,
    /// The device it came from; `None` if it was made here.
    pub peer: Option<DeviceId>,
}

/// An act is in a feed by an entry of its own, or by the entry of its document.
const IN_FEED: &str = "(EXISTS (SELECT 1 FROM feeds f WHERE f.scope = ?1 AND f.kind = 1 AND f.ref = a.aseq)
    OR EXISTS (SELECT 1 FROM feeds f WHERE f.scope = ?1 AND f.kind = 2 AND f.ref = a.doc AND f.upto >= a.aseq))";

impl Queries {
    /// The last entry's place; all zero for an empty feed.
    ///
    /// # Errors
    /// Faults only.
    pub fn feed_head(&self, scope: ScopeId) -> Result<Mark, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT lseq, running FROM heads WHERE scope = ?1")?;
        Ok(statement.query_row([scope], mark_of).optional()?.unwrap_or_default())
    }

    /// The last place up to and with entry `lseq` of which the running hash is kept, fewer than [`MARK_EVERY_ENTRIES`]
    /// before it; all zero at 0, `None` beyond the head.
    ///
    /// # Errors
    /// Faults only.
    pub fn feed_mark(&self, scope: ScopeId, lseq: u64) -> Result<Option<Mark>, StoreError> {
        let head = self.feed_head(scope)?;
        if lseq >= head.lseq {
            return Ok((lseq == head.lseq).then_some(head));
        }
        let kept = lseq - lseq % MARK_EVERY_ENTRIES;
        if kept == 0 {
            return Ok(Some(Mark::default()));
        }
        let mut statement =
            self.conn.prepare_cached("SELECT lseq, running FROM feeds WHERE scope = ?1 AND lseq = ?2")?;
        Ok(Some(statement.query_row((scope, position(kept)), mark_of)?))
    }

    /// Entries after `after`, at most `limit` or [`FEED_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn feed_read(&self, scope: ScopeId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT lseq, after, ref, upto, peer, kind FROM feeds WHERE scope = ?1 AND lseq > ?2
             ORDER BY lseq LIMIT ?3",
        )?;
        let rows = statement.query_map((scope, position(after), at_most(limit, FEED_ROWS_MAX)), feed_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Scopes whose feed has an entry, with the heads, by scope.
    ///
    /// # Errors
    /// Faults only.
    pub fn feed_scopes(&self) -> Result<Vec<(ScopeId, Mark)>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT lseq, running, scope FROM heads ORDER BY scope")?;
        let scopes = statement.query_map([], |row| Ok((row.get(2)?, mark_of(row)?)))?;
        Ok(scopes.collect::<Result<_, _>>()?)
    }

    /// True if the act is in the scope's feed, by its own entry or by its document's.
    ///
    /// # Errors
    /// Faults only.
    pub fn feed_holds(&self, scope: ScopeId, aseq: Aseq) -> Result<bool, StoreError> {
        let mut statement =
            self.conn.prepare_cached(&format!("SELECT 1 FROM acts a WHERE a.aseq = ?2 AND {IN_FEED}"))?;
        Ok(statement.exists((scope, aseq))?)
    }

    /// Acts in the scope's feed with a number below `before`, newest first, at most `limit` or [`ACT_ROWS_MAX`]:
    /// for comparing whole scopes.
    ///
    /// # Errors
    /// Faults only.
    pub fn feed_acts_before(
        &self,
        scope: ScopeId,
        before: Aseq,
        limit: usize,
    ) -> Result<Vec<(Aseq, ActId)>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT a.aseq, a.id FROM acts a WHERE a.aseq < ?2 AND {IN_FEED} ORDER BY a.aseq DESC LIMIT ?3"
        ))?;
        let rows = statement.query_map((scope, before, at_most(limit, ACT_ROWS_MAX)), |row| {
            Ok((row.get(0)?, row.get(1).map(ActId)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The scopes in whose feeds an act stands, by scope, with its number here. What is not stored and what stands in
    /// no feed take the same one statement.
    ///
    /// # Errors
    /// Faults only.
    pub fn feeds_of(&self, id: &ActId) -> Result<Vec<(ScopeId, Aseq)>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT s.scope, a.aseq FROM acts a JOIN doc_scopes s ON s.doc = a.doc WHERE {BY_ID}
             AND (EXISTS (SELECT 1 FROM feeds f WHERE f.scope = s.scope AND f.kind = 1 AND f.ref = a.aseq)
               OR EXISTS (SELECT 1 FROM feeds f WHERE f.scope = s.scope AND f.kind = 2 AND f.ref = a.doc
                          AND f.upto >= a.aseq))
             ORDER BY s.scope"
        ))?;
        let rows = statement.query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// As [`Self::doc_scopes`], by the document's id; empty for one that is not held, by the same one statement.
    ///
    /// # Errors
    /// Faults only.
    pub fn scopes_of(&self, doc: &ActId) -> Result<Vec<(ScopeId, bool)>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT s.scope, s.open FROM docs d JOIN doc_scopes s ON s.doc = d.doc WHERE d.id = ?1 ORDER BY s.scope",
        )?;
        let rows = statement.query_map([doc.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The scopes that a document has entered, and whether each is still open, by scope.
    ///
    /// # Errors
    /// Faults only.
    pub fn doc_scopes(&self, doc: DocNo) -> Result<Vec<(ScopeId, bool)>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT scope, open FROM doc_scopes WHERE doc = ?1 ORDER BY scope")?;
        let rows = statement.query_map([doc], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Documents that are open in a scope, after `after` by number, at most `limit` or [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn open_docs_in_scope(&self, scope: ScopeId, after: DocNo, limit: usize) -> Result<Vec<DocNo>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT doc FROM doc_scopes WHERE scope = ?1 AND open AND doc > ?2 ORDER BY doc LIMIT ?3",
        )?;
        let rows = statement.query_map((scope, after, at_most(limit, ACT_ROWS_MAX)), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Documents that have entered a scope, after `after` by number, at most `limit` or [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn docs_in_scope(&self, scope: ScopeId, after: DocNo, limit: usize) -> Result<Vec<(DocNo, bool)>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT doc, open FROM doc_scopes WHERE scope = ?1 AND doc > ?2 ORDER BY doc LIMIT ?3")?;
        let rows =
            statement.query_map((scope, after, at_most(limit, ACT_ROWS_MAX)), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Appends an entry at `at`: the place right behind [`Queries::feed_head`], with the running hash that the caller
    /// continued from there.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault (`Sql` if there is an entry at that place).
    pub fn feed_append(
        &mut self,
        scope: ScopeId,
        entry: FeedEntry,
        at: Mark,
        peer: Option<DeviceId>,
    ) -> Result<(), StoreError> {
        let (kind, item, after, upto) = match entry {
            FeedEntry::Act(aseq) => (1, aseq.0, None, None),
            FeedEntry::Enter { doc, after, upto } => (2, doc.0, Some(after), Some(upto)),
            FeedEntry::Stub(stub) => (3, stub, None, None),
            FeedEntry::Finding(finding) => (4, finding, None, None),
        };
        self.write(|store| {
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO feeds(scope, lseq, kind, ref, after, upto, running, peer)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            let (lseq, peer) = (position(at.lseq), peer.map(|peer| i64::from(peer.0)));
            let kept = at.lseq.is_multiple_of(MARK_EVERY_ENTRIES).then_some(&at.running);
            statement.execute(params![scope, lseq, kind, item, after, upto, kept, peer])?;
            store.conn.prepare_cached("REPLACE INTO heads(scope, lseq, running) VALUES (?1, ?2, ?3)")?.execute((
                scope,
                lseq,
                &at.running,
            ))?;
            store.backlog_grows(scope, at.lseq, entry, peer)
        })
    }

    /// Notes that a document is in a scope, and whether the scope is still open for it.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_doc_scope(&mut self, doc: DocNo, scope: ScopeId, open: bool) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement =
                store.conn.prepare_cached("REPLACE INTO doc_scopes(doc, scope, open) VALUES (?1, ?2, ?3)")?;
            statement.execute((doc, scope, open))?;
            Ok(())
        })
    }
}

fn mark_of(row: &Row<'_>) -> rusqlite::Result<Mark> {
    Ok(Mark { lseq: row.get(0).map(counted)?, running: row.get(1)? })
}

fn feed_of(row: &Row<'_>) -> rusqlite::Result<FeedRow> {
    let (after, upto): (Option<Aseq>, Option<Aseq>) = (row.get(1)?, row.get(3)?);
    // The schema ties both to the kind of the entry.
    let entry = match after.zip(upto) {
        None => match row.get::<_, i64>(5)? {
            3 => FeedEntry::Stub(row.get(2)?),
            4 => FeedEntry::Finding(row.get(2)?),
            _ => FeedEntry::Act(row.get(2)?),
        },
        Some((after, upto)) => FeedEntry::Enter { doc: row.get(2)?, after, upto },
    };
    Ok(FeedRow { lseq: row.get(0).map(counted)?, entry, peer: row.get::<_, Option<u32>>(4)?.map(DeviceId) })
}
