//! What a peer brings of one document right behind each other: looked at together, where the document is not shared with it.

use regulation::{ActId, Millis};
use replica::{Act, History, Judgement, Node, Verdict};
use store::{Aseq, HELD_ROWS_MAX};
use sync::ScopeKey;

use crate::ingest::Opened;
use crate::keys::{UPGRADE, part_key, row_key};
use crate::scopes;
use crate::sight::{Brought, Run};
use crate::source::{Source, Taken};
use crate::{Fault, Kernel};

impl Kernel {
    /// Takes in sealed bytes from a peer. Whatever they are, they are kept or known already: a peer's fault never stops
    /// this node. What is of a document that is not shared with the peer is put to the run, to be looked at with what
    /// comes beside it. False if too much of that author's waits here already.
    pub(crate) fn take_in(
        &mut self,
        now: Millis,
        bytes: Vec<u8>,
        source: Source,
        wanted: bool,
        run: &mut Run,
    ) -> Result<bool, Fault> {
        match self.open_up(now, bytes, source, (None, wanted))? {
            Opened::Shown(brought) => {
                let taken = self.take_shown(now, brought, None)?;
                if let Taken::Early(id) = taken {
                    run.early.push(id);
                }
                Ok(taken != Taken::TooMany)
            }
            Opened::Strange(brought) => self.put_to(now, run, brought),
            Opened::Done(taken) => Ok(taken != Taken::TooMany),
        }
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

    /// Puts an act to those of its document that came just before it.
    pub(crate) fn put_to(&mut self, now: Millis, run: &mut Run, brought: Brought) -> Result<bool, Fault> {
        let mut fits = true;
        if run.acts.first().is_some_and(|first| first.doc != brought.doc || first.source != brought.source) {
            fits = self.bring(now, run.acts())?;
        }
        run.acts.push(brought);
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
        Ok(Brought { doc, sealed, act, bytes, source, held: None, wanted: false, carried: false })
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
        for brought in all.into_iter().filter(new) {
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
