//! A feed as sessions read and fill it: its head, its marks, what its entries stand for, and what becomes of what comes.
//!
//! The one place that knows that the feed of the registry is the log itself, and no rows of the store. The version of an entry
//! is its place, the same at every node, and the log is whole in memory: rows beside it would say a second time what it says
//! already, and whoever founds, joins or is put back would have the two to keep in step.

use regulation::ActId;
use store::{Cursor, FeedEntry as StoredEntry, Mark as StoredMark, ScopeId};
use sync::{EntryKind, FeedEntry, Item, Mark, ScopeKey, Slice};

use crate::chain;
use crate::item::ORDINARY;
use crate::log::entry_id;
use crate::scopes::REGISTRY;
use crate::source::PeerId;
use crate::{Fault, Kernel};

// Whatever a feed holds must fit a frame, or the link with whoever lacks it ends again and again.
const _: () = assert!(replica::limits::SEALED_BYTES_MAX <= sync::frame::ITEM_BYTES_MAX);
const _: () = assert!(replica::limits::ENTRY_BYTES_MAX <= sync::frame::ITEM_BYTES_MAX);

const _: () = assert!(crate::feeds::ENTER_BYTES_MAX <= sync::session::PIECES_BYTES_MAX / 2);

/// Feed entries read at once.
const SLICE_ENTRIES_MAX: usize = 512;

impl Kernel {
    /// The last place of a feed.
    pub(crate) fn head(&self, scope: ScopeKey) -> Result<Mark, Fault> {
        Ok(match scope {
            REGISTRY => self.log.head(),
            _ => mark(self.store.feed_head(ScopeId(scope.0))?),
        })
    }

    /// A place of a feed; `None` beyond its last one.
    pub(crate) fn mark_at(&self, scope: ScopeKey, lseq: u64) -> Result<Option<Mark>, Fault> {
        match scope {
            REGISTRY => Ok(self.log.mark_at(lseq)),
            _ => chain::mark_at(&self.store, ScopeId(scope.0), lseq),
        }
    }

    /// The entries of a feed after `after`, with what they stand for, until the budget is spent.
    pub(crate) fn slice(&self, peer: PeerId, scope: ScopeKey, after: u64, budget: usize) -> Result<Slice, Fault> {
        if scope == REGISTRY {
            return self.registry_slice(peer, after, budget);
        }
        // What came from the peer, and may not have been lost by it, is not sent: nothing of it is read but its name.
        // One entry stands for `ENTER_BYTES_MAX` at most, so that a slice holds no more than that beyond the budget.
        let full_upto = self.store.cursor(peer.0, ScopeId(scope.0))?.full_upto;
        let mut entries = Vec::new();
        let mut bytes = 0;
        let Some(Mark { mut running, .. }) = self.mark_at(scope, after)? else { return Ok(Slice { scope, entries }) };
        for row in self.store.feed_read(ScopeId(scope.0), after, SLICE_ENTRIES_MAX)? {
            if bytes >= budget {
                break;
            }
            let came_from_peer = row.peer == Some(peer.0);
            let (kind, id, items) = match row.entry {
                _ if came_from_peer && row.lseq > full_upto => (EntryKind::Act, [0; 32], Vec::new()),
                StoredEntry::Act(aseq) => {
                    let act = self.store.act_at(aseq)?.ok_or_else(|| missing("an act of a feed"))?;
                    (EntryKind::Act, act.id.0, self.items(peer, act.doc, &[act])?)
                }
                StoredEntry::Stub(number) => {
                    let item = self.stub_item(number)?;
                    (EntryKind::Stub, item.id, vec![item])
                }
                StoredEntry::Finding(number) => {
                    let item = self.finding_item(number)?;
                    (EntryKind::Finding, item.id, vec![item])
                }
                StoredEntry::Enter { doc, after, upto } => {
                    let id = self.store.doc_id(doc)?.ok_or_else(|| missing("a document of a feed"))?;
                    let acts = self.store.acts_between(doc, after, upto)?;
                    (EntryKind::Enter, id.0, self.items(peer, doc, &acts)?)
                }
            };
            bytes += items.iter().map(|item| item.bytes.len()).sum::<usize>();
            running = chain::behind(&self.store, running, row.entry)?;
            entries.push(FeedEntry { lseq: row.lseq, running, kind, id, came_from_peer, items });
        }
        Ok(Slice { scope, entries })
    }

    fn registry_slice(&self, peer: PeerId, after: u64, budget: usize) -> Result<Slice, Fault> {
        let theirs = self.store.cursor(peer.0, ScopeId(REGISTRY.0))?.received.lseq;
        let mut entries = Vec::new();
        let mut spent = 0;
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        for (entry, (bytes, running)) in (after + 1..).zip(self.registry.entries().zip(self.log.marks()).skip(from)) {
            if spent >= budget {
                break;
            }
            spent += bytes.len();
            let id = entry_id(bytes);
            entries.push(FeedEntry {
                lseq: entry,
                running: *running,
                kind: EntryKind::Act,
                id,
                came_from_peer: entry <= theirs,
                items: vec![entry_item(id, bytes)],
            });
        }
        Ok(Slice { scope: REGISTRY, entries })
    }

    /// Acts of one document as they go to a peer.
    pub(crate) fn items(&self, peer: PeerId, doc: store::DocNo, acts: &[store::ActRow]) -> Result<Vec<Item>, Fault> {
        let given = self.given(peer, doc, acts)?;
        acts.iter().zip(given).map(|(act, private)| crate::read::item(act, private)).collect()
    }

    pub(crate) fn move_cursor(
        &mut self,
        peer: PeerId,
        scope: ScopeKey,
        change: impl FnOnce(&mut Cursor),
    ) -> Result<(), Fault> {
        let mut cursor = self.store.cursor(peer.0, ScopeId(scope.0))?;
        change(&mut cursor);
        Ok(self.store.set_cursor(peer.0, ScopeId(scope.0), &cursor)?)
    }

    /// An item of a feed by its name, as the peer may have it.
    pub(crate) fn item_named(&self, peer: PeerId, scope: ScopeKey, id: &[u8; 32]) -> Result<Option<Item>, Fault> {
        if scope == REGISTRY {
            let bytes = self.log.place_of(id).and_then(|place| self.registry.entries().nth(place));
            return Ok(bytes.map(|bytes| entry_item(*id, bytes)));
        }
        let feeds = self.store.feeds_of(&ActId(*id))?;
        let Some((_, aseq)) = feeds.into_iter().find(|(of, _)| *of == ScopeId(scope.0)) else { return Ok(None) };
        let Some(act) = self.store.act_at(aseq)? else { return Ok(None) };
        Ok(self.items(peer, act.doc, &[act])?.pop())
    }
}

fn entry_item(id: [u8; 32], bytes: &[u8]) -> Item {
    Item { kind: ORDINARY, id, bytes: bytes.to_vec(), extent: 0 }
}

fn missing(what: &str) -> Fault {
    Fault::Inconsistent(format!("{what} is not stored"))
}

pub(crate) fn mark(mark: StoredMark) -> Mark {
    Mark { lseq: mark.lseq, running: mark.running }
}

pub(crate) fn stored(mark: Mark) -> StoredMark {
    StoredMark { lseq: mark.lseq, running: mark.running }
}
