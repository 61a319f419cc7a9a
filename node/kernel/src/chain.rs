//! The running hash of a feed: what an entry adds to it, and what it is at any place.

use replica::Stub;
use replica::finding::Found;
use replica::seal::hash;
use store::{FeedEntry, Queries, ScopeId};
use sync::{EntryKind, Mark, chain};

use crate::Fault;

/// What an entry adds to the running hash of its feed.
pub(crate) type Link = (EntryKind, [u8; 32]);

/// What an entry adds that is stored, or is about to be. A document that enters adds by what it stands for: a node that was put
/// back may let the same document enter with other acts, and whoever has the one entry has not the other.
pub(crate) fn link(store: &Queries, entry: FeedEntry) -> Result<Link, Fault> {
    let gone = || Fault::Inconsistent("an entry of a feed stands for what is not stored".to_owned());
    Ok(match entry {
        FeedEntry::Act(aseq) => (EntryKind::Act, store.act_id(aseq)?.ok_or_else(gone)?.0),
        FeedEntry::Stub(number) => (EntryKind::Stub, Stub::item(&store.stub_at(number)?.ok_or_else(gone)?.id)),
        FeedEntry::Finding(number) => {
            let bytes = store.finding_at(number)?.ok_or_else(gone)?;
            let found = Found::decode(&bytes).map_err(|error| Fault::Inconsistent(format!("a finding: {error}")))?;
            (EntryKind::Finding, found.finding.id())
        }
        FeedEntry::Enter { doc, after, upto } => {
            let mut all = store.doc_id(doc)?.ok_or_else(gone)?.0.to_vec();
            store.act_ids_between(doc, after, upto)?.iter().for_each(|id| all.extend_from_slice(&id.0));
            (EntryKind::Enter, hash(b"jiesu/enter/1", &all))
        }
    })
}

/// The running hash behind a stored entry that follows `before`.
pub(crate) fn behind(store: &Queries, before: [u8; 16], entry: FeedEntry) -> Result<[u8; 16], Fault> {
    let (kind, id) = link(store, entry)?;
    Ok(chain(before, kind, &id))
}

/// The place of entry `lseq` of a feed with its running hash; `None` beyond the head.
///
/// # Errors
/// The database cannot be read, or contradicts itself.
pub fn mark_at(store: &Queries, scope: ScopeId, lseq: u64) -> Result<Option<Mark>, Fault> {
    let Some(kept) = store.feed_mark(scope, lseq)? else { return Ok(None) };
    let mut running = kept.running;
    let between = usize::try_from(lseq - kept.lseq).unwrap_or(usize::MAX);
    if between > 0 {
        for row in store.feed_read(scope, kept.lseq, between)? {
            running = behind(store, running, row.entry)?;
        }
    }
    Ok(Some(Mark { lseq, running }))
}
