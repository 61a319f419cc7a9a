//! What a peer may speak of: documents that one of the scopes which both hold has a part in.
//!
//! An id opens nothing. Ids stand in other acts, in addresses and in logs, and whoever learns one could else name it in an
//! act of his own and have the whole document counted into his scope. So what names a document that is not in a feed
//! shared with its peer is kept without being looked at, whether the document is here or nowhere, by the same steps. Only
//! what the peer itself brings can show that the scope has a part in it: its first act, and all up to the act that gives it.

use std::collections::BTreeSet;

use regulation::{ActId, Millis};
use replica::{Act, History, Judgement, Node, Sealed, Verdict};
use store::{Aseq, HELD_ROWS_MAX};
use sync::ScopeKey;

use crate::keys::{UPGRADE, part_key, row_key};
use crate::sabotage::sabotaged;
use crate::scopes;
use crate::source::{PeerId, Source, Taken};
use crate::{Fault, Kernel};

/// How far a peer is let into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// No feed that both hold has it.
    None,
    /// It has left these scopes: the peer knows what stands in their feeds, and nothing that came later.
    Past(Vec<ScopeKey>),
    /// It is in a scope of both: the peer holds the whole of it, or will.
    Whole,
}

/// An act as a peer brought it: whole, and signed by whom it says, but of a document that is not shared with that peer.
#[derive(Debug)]
pub(crate) struct Brought {
    pub doc: ActId,
    pub sealed: Sealed,
    pub act: Act,
    pub bytes: Vec<u8>,
    pub source: Source,
    /// Its row, if it was held before.
    pub held: Option<ActId>,
    /// It was asked for: no quota keeps it out.
    pub wanted: bool,
    /// An act that takes its place follows it.
    pub carried: bool,
    /// It is here already, and stands in a feed that both hold: it is part of what is shown, and needs not be held.
    pub shared: bool,
}

/// What a peer brings, as far as it waits for what comes right behind.
#[derive(Default)]
pub(crate) struct Run {
    /// Acts of one document, in the order in which they came.
    acts: Vec<Brought>,
    /// Acts that are here, of documents in which their scope has no part as far as is known: what gives it one may be among
    /// what follows.
    pub early: Vec<ActId>,
}

impl Run {
    /// The acts, which are looked at now.
    pub fn acts(&mut self) -> Vec<Brought> {
        std::mem::take(&mut self.acts)
    }
}

impl Kernel {
    /// Whether this node and a peer both hold a scope.
    pub(crate) fn shares(&self, peer: PeerId, scope: ScopeKey) -> bool {
        let at = self.registry.now();
        let theirs = |peer: PeerId| at.device(peer.0).is_some_and(|d| scopes::holds(&at, d.unit, d.class, scope));
        self.me.as_ref().is_some_and(|me| me.scopes.contains(&scope)) && (theirs(peer) || sabotaged!(self, LeakScopes))
    }

    pub(crate) fn sight(&self, peer: PeerId, doc: ActId) -> Result<Sight, Fault> {
        if sabotaged!(self, EnterWithoutMembership) {
            return Ok(Sight::Whole);
        }
        let mut left = Vec::new();
        for (scope, open) in self.store.scopes_of(&doc)? {
            let scope = ScopeKey(scope.0);
            match self.shares(peer, scope) {
                true if open => return Ok(Sight::Whole),
                true => left.push(scope),
                false => {}
            }
        }
        Ok(if left.is_empty() { Sight::None } else { Sight::Past(left) })
    }

    /// An act that a peer names instead of sending it. It counts only if it stands in a feed that both hold: a name that
    /// was learnt elsewhere must not tell whether the act is here, nor have it sent.
    pub(crate) fn known_to(&self, peer: PeerId, id: ActId) -> Result<Option<Aseq>, Fault> {
        let feeds = self.store.feeds_of(&id)?;
        Ok(feeds.into_iter().find(|(scope, _)| self.shares(peer, ScopeKey(scope.0))).map(|(_, aseq)| aseq))
    }

    /// An act that a peer names through a scope: counted there if its document is shared with that peer as it is, else looked
    /// at with what else it brings of it. `None` if the name is of nothing that both hold.
    pub(crate) fn take_named(
        &mut self,
        now: Millis,
        id: ActId,
        source: Source,
        run: &mut Run,
    ) -> Result<Option<bool>, Fault> {
        let Some(aseq) = self.known_to(source.peer, id)? else { return Ok(None) };
        let brought = self.as_named(aseq, source)?;
        if self.is_strange(brought.doc, source)? {
            return self.put_to(now, run, brought).map(Some);
        }
        let fits = self.bring(now, run.acts())?;
        if !self.join_scope(id, aseq, source)? {
            run.early.push(id);
        }
        Ok(Some(fits))
    }

    /// Whether a document is not shared with a peer through the scope that it speaks of it in.
    fn is_strange(&self, doc: ActId, source: Source) -> Result<bool, Fault> {
        Ok(match self.sight(source.peer, doc)? {
            Sight::Whole => false,
            Sight::Past(scopes) => !scopes.contains(&source.scope),
            Sight::None => true,
        })
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

    /// Puts an act to those of its document that came just before it.
    pub(crate) fn put_to(&mut self, now: Millis, run: &mut Run, brought: Brought) -> Result<bool, Fault> {
        let mut fits = true;
        if run.acts.first().is_some_and(|first| first.doc != brought.doc || first.source != brought.source) {
            fits = self.bring(now, run.acts())?;
        }
        run.acts.push(brought);
        Ok(fits)
    }

    /// Nothing more comes right behind. False if too much of an author's waits here already.
    pub(crate) fn end(&mut self, now: Millis, run: &mut Run, source: Source) -> Result<bool, Fault> {
        let mut fits = self.bring(now, run.acts())?;
        self.retry(now)?;
        let mut waits = BTreeSet::new();
        for id in std::mem::take(&mut run.early) {
            let (joined, doc) = self.join_or_wait(now, id, source, None)?;
            fits &= joined;
            waits.extend(doc);
        }
        // What was shared no longer when the rest of it came waits with what came before: together they may show the part.
        for doc in waits {
            if let Some(first) = self.store.held(&row_key(doc, source.scope))? {
                self.take_again(now, first)?;
            }
        }
        Ok(fits)
    }

    /// An act that is here is counted into the scope that it came through, or waits until that has a part in its document.
    /// `held` is its row, if it waited before: what did is never too much. False if too much of that peer's waits here already;
    /// and the document, if it waits.
    pub(crate) fn join_or_wait(
        &mut self,
        now: Millis,
        id: ActId,
        source: Source,
        held: Option<ActId>,
    ) -> Result<(bool, Option<ActId>), Fault> {
        let Some(aseq) = self.store.aseq_of(&id)? else { return Ok((true, None)) };
        if self.join_scope(id, aseq, source)? {
            return Ok((true, None));
        }
        let brought = Brought { held, ..self.as_named(aseq, source)? };
        let needs = [part_key(brought.doc, source.scope)];
        let taken = self.hold_brought(now, &brought, source.peer.0, &needs, no_part(source.scope))?;
        Ok((taken != Taken::TooMany, Some(brought.doc)))
    }

    /// An act that is here, as if the peer had brought it.
    fn as_named(&self, aseq: Aseq, source: Source) -> Result<Brought, Fault> {
        let missing = |what: &str| Fault::Inconsistent(what.to_owned());
        let row = self.store.act_at(aseq)?.ok_or_else(|| missing("an act of a feed is not stored"))?;
        let doc = self.store.doc_id(row.doc)?.ok_or_else(|| missing("an act without document"))?;
        let sealed = crate::read::sealed(&row)?;
        let act = Act::decode(&sealed.bytes).map_err(|error| Fault::Inconsistent(error.to_string()))?;
        let bytes = sealed.encode();
        Ok(Brought { doc, sealed, act, bytes, source, held: None, wanted: false, shared: true, carried: false })
    }

    /// Takes in what a peer brought of one document if it shows by itself that the scope has a part in that; holds it
    /// else. False if too much of its author's waits here already.
    pub(crate) fn bring(&mut self, now: Millis, mut all: Vec<Brought>) -> Result<bool, Fault> {
        let Some((doc, source)) = all.first().map(|first| (first.doc, first.source)) else { return Ok(true) };
        let fresh: Vec<ActId> = all.iter().map(|brought| brought.sealed.id()).collect();
        let part = part_key(doc, source.scope);
        let mut fits = true;
        if fresh.contains(&doc) || self.store.held(&row_key(doc, source.scope))?.is_some() {
            self.add_held(&mut all, &part, &fresh)?;
            let shown = self.weigh_alone(&all)?;
            // Of a beginning that is newer than this program nothing else shows where it belongs.
            let newer = |brought: &Brought| brought.sealed.id() == doc && brought.act.newer().is_some();
            let begins = all.iter().find(|brought| newer(brought)).and_then(|brought| self.begins_in(&brought.act));
            if scopes::memberships(&shown.history).contains_key(&source.scope) || begins == Some(source.scope) {
                return self.let_in(now, doc, source.scope, all, shown);
            }
            if shown.came_to_nothing() {
                // Nothing can follow it lawfully. It is kept, by itself, and enters no feed.
                let first = all.iter().position(|brought| brought.sealed.id() == doc);
                if let Some(first) = first.map(|at| all.swap_remove(at)) {
                    fits &= self.take_shown(now, first, None)? != Taken::TooMany;
                }
            }
        }
        let new = |brought: &Brought| brought.held.is_none() || fresh.contains(&brought.sealed.id());
        for brought in all.into_iter().filter(|brought| new(brought) && !brought.shared) {
            let mut needs = vec![part];
            if brought.act.newer().is_some() {
                needs.push(UPGRADE);
            }
            let why = no_part(source.scope);
            // Whoever brings what is not shared answers for it, not its author.
            fits &= self.hold_brought(now, &brought, source.peer.0, &needs, why)? != Taken::TooMany;
        }
        // Since these were looked at another link may have given the scope its part.
        if !self.is_strange(doc, source)? {
            self.release(part);
        }
        Ok(fits)
    }

    /// Adds what was held of the same document through the same scope before.
    fn add_held(&self, all: &mut Vec<Brought>, part: &[u8; 32], fresh: &[ActId]) -> Result<(), Fault> {
        let (mut before, mut after, mut rows) = (Vec::new(), None, 0);
        // As many as one question gives out, however many bytes they are: whoever brought them has a quota for those.
        while rows < HELD_ROWS_MAX {
            let held = self.store.held_waiting_for(part, after.as_ref())?;
            let Some(last) = held.last() else { break };
            (after, rows) = (Some(last.id), rows + held.len());
            for row in held {
                let Some(other) = self.as_brought(row) else { continue };
                if !fresh.contains(&other.sealed.id()) {
                    before.push(other);
                }
            }
        }
        before.append(all);
        *all = before;
        Ok(())
    }

    /// Judges acts by themselves, without anything that is here.
    fn weigh_alone(&mut self, all: &[Brought]) -> Result<Shown, Fault> {
        let mut shown = Shown::default();
        let mut left: Vec<usize> = (0..all.len()).collect();
        loop {
            let before = left.len();
            let mut still = Vec::new();
            for at in left {
                if !all[at].act.deps.iter().all(|dep| shown.history.index_of(*dep).is_some()) {
                    still.push(at);
                } else if let Judgement::Judged(node) = self.weigh(&mut shown.history, &all[at])? {
                    shown.history.insert((*node).clone());
                    shown.nodes.push((at, *node));
                }
            }
            left = still;
            if left.is_empty() || left.len() == before {
                return Ok(shown);
            }
        }
    }

    /// Takes in acts that show that their scope has a part in their document.
    fn let_in(
        &mut self,
        now: Millis,
        doc: ActId,
        scope: ScopeKey,
        all: Vec<Brought>,
        shown: Shown,
    ) -> Result<bool, Fault> {
        // Where nothing else is held of the document their verdicts are those that were just found.
        let mut alone = self.store.doc_no(&doc)?.is_none();
        let mut all: Vec<Option<Brought>> = all.into_iter().map(Some).collect();
        let (mut fits, mut early) = (true, Vec::new());
        for (at, node) in shown.nodes {
            if let Some(brought) = all[at].take() {
                let (id, source, held) = (node.id, brought.source, brought.held);
                match self.take_shown(now, brought, alone.then_some(node))? {
                    Taken::Early(id) => early.push((id, source, held)),
                    Taken::TooMany => fits = false,
                    Taken::Kept | Taken::Waits(_) => {}
                }
                // Without one that was too much, or waits outside, the others stand elsewhere in the history.
                alone &= self.store.aseq_of(&id)?.is_some();
            }
        }
        // What is left waits for something else.
        for brought in all.into_iter().flatten() {
            let (source, held) = (brought.source, brought.held);
            match self.take_shown(now, brought, None)? {
                Taken::Early(id) => early.push((id, source, held)),
                Taken::TooMany => fits = false,
                Taken::Kept | Taken::Waits(_) => {}
            }
        }
        // What gives the scope its part is here now.
        for (id, source, held) in early {
            fits &= self.join_or_wait(now, id, source, held)?.0;
        }
        self.release(part_key(doc, scope));
        Ok(fits)
    }
}

fn no_part(scope: ScopeKey) -> String {
    format!("its document has no part in scope {} that is known of", scope.0)
}

/// What acts come to by themselves.
#[derive(Default)]
struct Shown {
    history: History,
    /// Those that have a verdict, in an order in which they can be taken in.
    nodes: Vec<(usize, Node)>,
}

impl Shown {
    /// The document never began: its first act is unlawful.
    fn came_to_nothing(&self) -> bool {
        self.nodes.first().is_some_and(|(_, first)| first.verdict != Verdict::Admitted)
    }
}
