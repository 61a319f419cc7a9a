//! How much of each feed each peer has not acknowledged, kept as entries come and acknowledgements do: whoever shows it
//! counts nothing.
//!
//! What a peer brought itself, be it the entry or the act, is not waiting for it. A row of nobody (-1) counts for peers that
//! have none of their own: they have acknowledged nothing and brought nothing. An act counts as often as it is to be sent.

use std::collections::BTreeMap;

use regulation::ids::DeviceId;
use rusqlite::OptionalExtension;

use crate::error::StoreError;
use crate::feeds::FeedEntry;
use crate::ids::{Aseq, ScopeId, counted, position};
use crate::open::Queries;

/// Who has acknowledged nothing and brought nothing.
const NOBODY: i64 = -1;

/// What waits for each peer in each scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog(BTreeMap<(ScopeId, i64), u64>);

impl Backlog {
    /// Acts of a scope that a peer has not acknowledged.
    #[must_use]
    pub fn of(&self, peer: DeviceId, scope: ScopeId) -> u64 {
        let own = self.0.get(&(scope, i64::from(peer.0)));
        own.or_else(|| self.0.get(&(scope, NOBODY))).copied().unwrap_or_default()
    }

    /// Acts of a scope that none of these peers has acknowledged, at most: what one of them has is on its way.
    #[must_use]
    pub fn of_all(&self, peers: &[DeviceId], scope: ScopeId) -> u64 {
        peers.iter().map(|peer| self.of(*peer, scope)).min().unwrap_or_default()
    }
}

/// Acts that an entry `f` stands for and that a peer has not brought: the same to add and to take away. `{peer}` is whoever
/// it is asked for.
const WEIGHT: &str = "CASE WHEN coalesce(f.peer, -2) = {peer} THEN 0
    WHEN f.kind = 1 THEN (SELECT count(*) FROM acts a WHERE a.aseq = f.ref AND coalesce(a.peer, -2) <> {peer})
    WHEN f.kind = 2 THEN (SELECT count(*) FROM acts a WHERE a.doc = f.ref AND a.aseq > f.after AND a.aseq <= f.upto
        AND coalesce(a.peer, -2) <> {peer})
    ELSE 0 END";

fn weight(peer: &str) -> String {
    WEIGHT.replace("{peer}", peer)
}

impl Queries {
    /// What waits for whom. As many rows as peers share scopes, however much they hold.
    ///
    /// # Errors
    /// Faults only.
    pub fn backlog(&self) -> Result<Backlog, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT scope, peer, acts FROM backlog")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2).map(counted)?)))?;
        Ok(Backlog(rows.collect::<Result<_, _>>()?))
    }

    /// An entry was appended to a feed.
    pub(crate) fn backlog_grows(
        &self,
        scope: ScopeId,
        lseq: u64,
        entry: FeedEntry,
        peer: Option<i64>,
    ) -> Result<(), StoreError> {
        if lseq == 1 {
            self.conn
                .prepare_cached("INSERT INTO backlog VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING")?
                .execute((scope, NOBODY))?;
        }
        let (doc, after, upto) = match entry {
            FeedEntry::Act(aseq) => return self.backlog_grows_by_act(scope, aseq, peer),
            FeedEntry::Enter { doc, after, upto } => (doc, after, upto),
            FeedEntry::Stub(_) | FeedEntry::Finding(_) => return Ok(()),
        };
        // Whoever brought something of it, and had no row yet, had brought nothing before and acknowledged nothing.
        let mut brought: Vec<i64> = peer.into_iter().collect();
        let mut peers = self.conn.prepare_cached(
            "SELECT DISTINCT peer FROM acts WHERE doc = ?1 AND aseq > ?2 AND aseq <= ?3 AND peer IS NOT NULL",
        )?;
        for row in peers.query_map((doc, after, upto), |row| row.get(0))? {
            brought.push(row?);
        }
        for peer in brought {
            self.backlog_row(peer, scope)?;
        }
        let sql = format!(
            "UPDATE backlog SET acts = acts + (SELECT {} FROM feeds f WHERE f.scope = ?1 AND f.lseq = ?2) WHERE scope = ?1",
            weight("backlog.peer")
        );
        self.conn.prepare_cached(&sql)?.execute((scope, position(lseq)))?;
        Ok(())
    }

    /// What most entries are: one act, which waits for everybody but whoever brought it or the entry.
    fn backlog_grows_by_act(&self, scope: ScopeId, aseq: Aseq, peer: Option<i64>) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT peer FROM acts WHERE aseq = ?1")?;
        let Some(by) = statement.query_row([aseq], |row| row.get::<_, Option<i64>>(0)).optional()? else {
            return Ok(());
        };
        for peer in peer.into_iter().chain(by) {
            self.backlog_row(peer, scope)?;
        }
        let mut statement = self.conn.prepare_cached(
            "UPDATE backlog SET acts = acts + 1 WHERE scope = ?1
                AND peer <> coalesce(?2, -2) AND peer <> coalesce(?3, -2)",
        )?;
        statement.execute((scope, peer, by))?;
        Ok(())
    }

    /// A peer has acknowledged another entry than before, mostly a later one.
    pub(crate) fn backlog_moves(
        &self,
        peer: DeviceId,
        scope: ScopeId,
        before: u64,
        now: u64,
    ) -> Result<(), StoreError> {
        if before == now {
            return Ok(());
        }
        self.backlog_row(peer.0.into(), scope)?;
        let sql = format!(
            "SELECT coalesce(sum({}), 0) FROM feeds f WHERE f.scope = ?1 AND f.lseq > ?3 AND f.lseq <= ?4",
            weight("?2")
        );
        let (from, upto) = (before.min(now), before.max(now));
        let mut statement = self.conn.prepare_cached(&sql)?;
        let acts: i64 = statement.query_row((scope, peer.0, position(from), position(upto)), |row| row.get(0))?;
        let more = if now < before { acts } else { -acts };
        let mut statement =
            self.conn.prepare_cached("UPDATE backlog SET acts = acts + ?3 WHERE scope = ?1 AND peer = ?2")?;
        statement.execute((scope, peer.0, more))?;
        Ok(())
    }

    fn backlog_row(&self, peer: i64, scope: ScopeId) -> Result<(), StoreError> {
        let mut statement = self.conn.prepare_cached(
            "INSERT INTO backlog SELECT ?1, ?2, coalesce((SELECT acts FROM backlog WHERE scope = ?1 AND peer = ?3), 0)
             WHERE 1 ON CONFLICT DO NOTHING",
        )?;
        statement.execute((scope, peer, NOBODY))?;
        Ok(())
    }

    /// Counts all of it anew.
    pub(crate) fn recount_backlog(&self) -> Result<(), StoreError> {
        let sql = format!("UPDATE backlog SET acts = {}", counted_sql("backlog"));
        self.conn.execute(&sql, [])?;
        Ok(())
    }

    /// Rows that are not what counting comes to, in words.
    pub(crate) fn backlog_off(&self) -> Result<Vec<String>, StoreError> {
        let sql = format!("SELECT scope, peer, acts, {} FROM backlog b", counted_sql("b"));
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
        })?;
        let mut off = Vec::new();
        for row in rows {
            let (scope, peer, kept, counted) = row?;
            if kept != counted {
                off.push(format!("backlog of peer {peer} in scope {scope}: {kept} kept, {counted} counted"));
            }
        }
        // A cursor without a row says that its peer has acknowledged nothing.
        let mut lacks = self.conn.prepare(
            "SELECT c.scope, c.peer FROM cursors c WHERE c.acked_lseq > 0
             AND NOT EXISTS (SELECT 1 FROM backlog b WHERE b.scope = c.scope AND b.peer = c.peer) LIMIT 1",
        )?;
        let lacking = lacks.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
        off.extend(lacking.map(|(scope, peer)| format!("backlog of peer {peer} in scope {scope}: not kept")));
        Ok(off)
    }
}

/// What a row of the backlog counts, from the feed.
fn counted_sql(row: &str) -> String {
    format!(
        "(SELECT coalesce(sum({}), 0) FROM feeds f WHERE f.scope = {row}.scope AND f.lseq > coalesce(
            (SELECT c.acked_lseq FROM cursors c WHERE c.peer = {row}.peer AND c.scope = {row}.scope), 0))",
        weight(&format!("{row}.peer"))
    )
}
