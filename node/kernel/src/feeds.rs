//! Counting acts into the feeds of scopes: which scopes a document is in, which acts of it each has, and from whom.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, DeviceId};
use replica::limits::SEALED_BYTES_MAX;
use replica::{Act, History};
use store::{Aseq, DocNo, FeedEntry, Mark, ScopeId};
use sync::{EntryKind, ScopeKey};

use crate::chain::{self, Link};
use crate::keys::part_key;
use crate::sabotage::sabotaged;
use crate::scopes::{self, Membership};
use crate::source::Source;
use crate::{Fault, Kernel};

/// An act as it enters the feeds.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub doc: ActId,
    pub row: DocNo,
    pub id: ActId,
    pub aseq: Aseq,
    /// There are nodes that may be sent more of the document than before.
    pub widened: bool,
    /// It was stored before it could be judged, and stands in feeds already.
    pub again: bool,
}

/// Bytes of the acts that one entry of a feed stands for, with all the parts that they may ever have. A document that is
/// larger enters a scope by several entries, so that a link that is cut goes on where it was.
pub const ENTER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bytes of a sealed act beside the act and the texts of its parts, at most.
const ENVELOPE_BYTES: usize = 256;

/// How what is done here on a document comes to the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayOut {
    /// As ever: the document is in a scope of this node.
    Open,
    /// It has left them all; through this one, the own unit's if there is a choice.
    Left(ScopeKey),
    /// In none of them stands all that it would follow.
    Nowhere,
}

impl Kernel {
    /// Puts a new act into the feeds of the scopes that its document belongs to, opening and closing them.
    pub(crate) fn enter_feeds(&mut self, entry: Entry, history: &History, source: Option<Source>) -> Result<(), Fault> {
        let Some(me) = &self.me else { return Ok(()) };
        let members = scopes::memberships(history);
        let before: BTreeMap<ScopeKey, bool> =
            self.store.doc_scopes(entry.row)?.into_iter().map(|(scope, open)| (ScopeKey(scope.0), open)).collect();
        let named = members.keys().chain(before.keys()).copied().chain(source.map(|source| source.scope));
        let mine: BTreeSet<ScopeKey> = named.filter(|scope| me.scopes.contains(scope)).collect();
        if source.is_none()
            && !entry.again
            && !mine.iter().any(|scope| members.get(scope) == Some(&Membership::Open))
            && let Some(node) = history.node(entry.id)
            && let WayOut::Left(scope) = self.way_out(entry.doc, &node.act.deps)?
        {
            return self.feed_act(scope, entry.id, entry.aseq, None);
        }
        for scope in mine {
            let was_open = before.get(&scope) == Some(&true);
            let now = members.get(&scope).copied();
            let open = now.is_some_and(|now| now != Membership::Closed);
            // What came through another scope may not stand in this one there: who has left it counts nothing into it.
            let source = source.filter(|source| source.scope == scope);
            if was_open && entry.widened {
                // Whoever got the acts before without their private parts gets them again, from whomever they came.
                self.feed_enter(scope, entry, None)?;
                self.store.set_doc_scope(entry.row, ScopeId(scope.0), open)?;
            } else if was_open {
                if !entry.again || !self.store.feed_holds(ScopeId(scope.0), entry.aseq)? {
                    self.feed_act(scope, entry.id, entry.aseq, source)?;
                }
                if !open {
                    self.store.set_doc_scope(entry.row, ScopeId(scope.0), false)?;
                }
            } else if now == Some(Membership::Open) {
                self.open_scope(scope, entry, source)?;
            } else if let Some(source) = source {
                self.count_in(entry, history, now, source)?;
            } else if now.is_some() && !before.contains_key(&scope) {
                // It had a part, and another scope told so: what came through it and waits is counted in.
                self.release(part_key(entry.doc, scope));
            }
        }
        Ok(())
    }

    /// How an act of this node that follows these comes to the city. Whoever else is in the scope has what it follows.
    pub(crate) fn way_out(&self, doc: ActId, deps: &[ActId]) -> Result<WayOut, Fault> {
        let (Some(me), Some(unit)) = (&self.me, self.unit()) else { return Ok(WayOut::Open) };
        let known = self.store.scopes_of(&doc)?.into_iter().map(|(scope, open)| (ScopeKey(scope.0), open));
        let mut left = Vec::new();
        for (scope, open) in known.filter(|(scope, _)| me.scopes.contains(scope)) {
            if open {
                return Ok(WayOut::Open);
            }
            left.push(scope);
        }
        left.sort_by_key(|scope| *scope != scopes::of_unit(unit));
        for scope in left {
            if self.unseen(deps, &[scope])?.is_none() {
                return Ok(WayOut::Left(scope));
            }
        }
        Ok(WayOut::Nowhere)
    }

    /// All that is held of a document enters a scope.
    fn open_scope(&mut self, scope: ScopeKey, entry: Entry, source: Option<Source>) -> Result<(), Fault> {
        self.feed_enter(scope, entry, source)?;
        self.store.set_doc_scope(entry.row, ScopeId(scope.0), true)?;
        self.release(part_key(entry.doc, scope));
        Ok(())
    }

    /// An act of a document that is not open in the scope here came through it. What left the scope still takes what comes
    /// late. Where the scope has a part only by acts that do not stand, whoever took them to stand counts the document
    /// in, and both must count the same: what such an act's author held itself, and no more. Where it has no part the
    /// scope counts nothing, whatever a peer says.
    fn count_in(
        &mut self,
        entry: Entry,
        history: &History,
        member: Option<Membership>,
        source: Source,
    ) -> Result<(), Fault> {
        let scope = source.scope;
        if self.store.doc_scopes(entry.row)?.iter().any(|(known, _)| *known == ScopeId(scope.0)) {
            self.feed_act(scope, entry.id, entry.aseq, Some(source))?;
            self.release(entry.id.0);
            return Ok(());
        }
        let member = match member {
            None if sabotaged!(self, EnterWithoutMembership) => Membership::Open,
            None => return Ok(()),
            Some(member) => member,
        };
        let givers = scopes::givers(history, scope);
        if member == Membership::Open || member == Membership::Lingering && self.hold_on(entry.row, history, &givers)? {
            return self.open_scope(scope, entry, Some(source));
        }
        for id in self.given_on(entry.row, scope, history, &givers)? {
            if let Some(aseq) = self.store.aseq_of(&id)?
                && id != entry.id
            {
                self.feed_act(scope, id, aseq, None)?;
                self.release(id.0);
            }
        }
        self.feed_act(scope, entry.id, entry.aseq, Some(source))?;
        self.store.set_doc_scope(entry.row, ScopeId(scope.0), false)?;
        self.release(part_key(entry.doc, scope));
        Ok(())
    }

    /// Whether a unit that gave the document on still holds it, as far as is known here.
    fn hold_on(&self, row: DocNo, history: &History, givers: &[usize]) -> Result<bool, Fault> {
        let open = self.store.doc_scopes(row)?;
        let holds = |giver: &usize| {
            let theirs = scopes::of_unit(history.nodes()[*giver].fact.author.unit);
            let mine = self.me.as_ref().is_some_and(|me| me.scopes.contains(&theirs));
            !mine || open.contains(&(ScopeId(theirs.0), true))
        };
        Ok(givers.iter().any(holds))
    }

    /// The first of these acts that stands in none of these feeds.
    pub(crate) fn unseen(&self, acts: &[ActId], scopes: &[ScopeKey]) -> Result<Option<ActId>, Fault> {
        for dep in acts {
            let feeds = self.store.feeds_of(dep)?;
            if !feeds.iter().any(|(scope, _)| scopes.contains(&ScopeKey(scope.0))) {
                return Ok(Some(*dep));
            }
        }
        Ok(None)
    }

    /// What the authors of these acts could give on: what each act was made on, and what stands in the feed of its
    /// author's unit, up to the hub's act that settled it.
    fn given_on(&self, row: DocNo, scope: ScopeKey, history: &History, givers: &[usize]) -> Result<Vec<ActId>, Fault> {
        let (nodes, folded) = (history.nodes(), history.folded());
        let mut given = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let mut gives = false;
            for giver in givers {
                let theirs = scopes::of_unit(nodes[*giver].fact.author.unit);
                let hub = folded.stratum[*giver].and_then(|n| folded.hub_line().get(n as usize).copied());
                let before = hub.is_none_or(|hub| index == hub || nodes[hub].past.contains(index));
                gives |= index == *giver || nodes[*giver].past.contains(index);
                gives |= before && theirs != scope && self.feed_has(theirs, row, node.id)?;
            }
            if gives {
                given.push(node.id);
            }
        }
        Ok(given)
    }

    /// Whether a unit has an act of a document, as far as is known here.
    fn feed_has(&self, scope: ScopeKey, row: DocNo, id: ActId) -> Result<bool, Fault> {
        if self.me.as_ref().is_some_and(|me| !me.scopes.contains(&scope)) {
            return Ok(true);
        }
        let Some(aseq) = self.store.aseq_of(&id)? else { return Ok(false) };
        let known = self.store.doc_scopes(row)?.iter().any(|(other, _)| *other == ScopeId(scope.0));
        Ok(known && self.store.feed_holds(ScopeId(scope.0), aseq)?)
    }

    pub(crate) fn feed_act(
        &mut self,
        scope: ScopeKey,
        id: ActId,
        aseq: Aseq,
        source: Option<Source>,
    ) -> Result<(), Fault> {
        let peer = source.map(|source| source.peer.0);
        self.append(scope, FeedEntry::Act(aseq), (EntryKind::Act, id.0), peer)
    }

    /// Appends an entry to a feed: whoever shares it is told at the group's end.
    pub(crate) fn append(
        &mut self,
        scope: ScopeKey,
        entry: FeedEntry,
        (kind, id): Link,
        peer: Option<DeviceId>,
    ) -> Result<(), Fault> {
        let head = self.store.feed_head(ScopeId(scope.0))?;
        let at = Mark { lseq: head.lseq + 1, running: sync::chain(head.running, kind, &id) };
        self.store.feed_append(ScopeId(scope.0), entry, at, peer)?;
        self.group.grown.insert(scope);
        Ok(())
    }

    fn feed_enter(&mut self, scope: ScopeKey, entry: Entry, source: Option<Source>) -> Result<(), Fault> {
        // Only if all that it stands for came from that peer is there nothing to send back to it.
        let peer = source.map(|source| source.peer.0);
        let (mut portions, mut all_theirs) = (Portions::default(), peer.is_some());
        crate::read::each_act(&self.store, entry.row, |act| {
            all_theirs &= act.peer == peer;
            portions.add(&act);
            Ok::<_, Fault>(())
        })?;
        let mut after = Aseq(0);
        for upto in portions.ends {
            let stands_for = FeedEntry::Enter { doc: entry.row, after, upto };
            let link = chain::link(&self.store, stands_for)?;
            self.append(scope, stands_for, link, peer.filter(|_| all_theirs))?;
            after = upto;
        }
        Ok(())
    }

    /// A part came later than its act: whoever has the act from here gets it once more.
    pub(crate) fn pass_on_parts(&mut self, doc: DocNo, id: ActId, aseq: Aseq, source: Source) -> Result<(), Fault> {
        for (scope, _) in self.store.doc_scopes(doc)? {
            let scope = ScopeKey(scope.0);
            if self.store.feed_holds(ScopeId(scope.0), aseq)? {
                self.feed_act(scope, id, aseq, Some(source).filter(|source| source.scope == scope))?;
            }
        }
        Ok(())
    }

    /// Counts an act that is held already into the scope that a peer names it in. False if that has no part in its
    /// document, as far as is known.
    pub(crate) fn join_scope(&mut self, id: ActId, aseq: Aseq, source: Source) -> Result<bool, Fault> {
        let mine = self.me.as_ref().is_some_and(|me| me.scopes.contains(&source.scope));
        if !mine || self.store.feed_holds(ScopeId(source.scope.0), aseq)? {
            return Ok(true);
        }
        let Some(row) = self.store.act_at(aseq)?.map(|act| act.doc) else { return Ok(true) };
        let doc = self.store.doc_id(row)?;
        let doc = doc.ok_or_else(|| Fault::Inconsistent("an act without document".into()))?;
        let history = self.take_history(doc)?;
        let now = scopes::memberships(&history).get(&source.scope).copied();
        let entry = Entry { doc, row, id, aseq, widened: false, again: false };
        self.count_in(entry, &history, now, source)?;
        self.cache.put(doc, history);
        if self.is_hub() {
            // A unit is told of those of its acts that stand in its feed: of this one from now on.
            self.group.dirty.insert(doc);
        }
        Ok(now.is_some())
    }
}

/// A document enters a scope in portions that a peer can take in one by one.
#[derive(Default)]
struct Portions {
    /// The last act of each.
    ends: Vec<Aseq>,
    /// Bytes of the last one.
    bytes: usize,
}

impl Portions {
    fn add(&mut self, act: &store::ActRow) {
        let most = most_bytes(&act.bytes);
        self.bytes += most;
        match self.ends.last_mut().filter(|_| self.bytes <= ENTER_BYTES_MAX) {
            Some(end) => *end = act.aseq,
            None => {
                self.ends.push(act.aseq);
                self.bytes = most;
            }
        }
    }
}

/// Bytes of an act with all the parts that it may ever have here: some come later.
fn most_bytes(act: &[u8]) -> usize {
    let heads = Act::decode(act).map(|act| act.parts);
    let chars = heads.map(|heads| heads.iter().flat_map(|head| head.segments.clone()).map(u64::from).sum::<u64>());
    let parts = chars.map_or(SEALED_BYTES_MAX, |chars| usize::try_from(chars * 4).unwrap_or(SEALED_BYTES_MAX));
    act.len().saturating_add(parts).saturating_add(ENVELOPE_BYTES).min(SEALED_BYTES_MAX)
}
