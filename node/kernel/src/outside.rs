//! What waits outside a document: acts that take no place there, of a device of which enough are here already that count
//! for nothing. That is no verdict, and nobody waits for it: it is kept as what is held is, the cursor moves, and an act that
//! takes its place brings in what it follows. So a device that makes acts without end fills no document, and what any
//! honest act stands on is never missing. No lawful act of the hub's waits. Nodes may keep other acts outside; on what counts they agree once the hub has settled it.
//!
//! The work is bounded too: what follows an act of its own device that waits, or one that is unlawful, waits by one look at
//! what it names. So a chain without end costs its author's turn, and a look for each act of it.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, ActKind, Millis};
use replica::graph::{ActSet, closure};
use replica::{Act, DocumentError, History, Judgement, Node, Sealed, weigh};
use store::HeldRow;
use sync::ScopeKey;

use crate::alarm::{Alarm, Cause, Detail, Excess};
use crate::keys::{outside_key, place_key, row_key, unlawful_key};
use crate::sight::Brought;
use crate::source::{PeerId, Source, Taken};
use crate::{Fault, Kernel};

/// What becomes of an act that follows what is not inside.
pub(crate) enum Behind {
    /// Something is missing here: it waits for that, an act where one is known. What waits outside is not missing: nothing more
    /// would ever be heard of it.
    Missing(Option<ActId>),
    /// All of it waits outside, and the act takes no place either.
    Outside(Idle),
    /// It takes its place, and brings this in, in this order; with what each is found to be.
    Brings(Vec<(Brought, Node)>, Box<Node>),
}

/// Of an act that takes no place.
pub(crate) struct Idle {
    /// What may change that: an act that waits too, or one that fell and stands again.
    needs: Vec<[u8; 32]>,
    /// It is unlawful, whatever comes; so is what follows it.
    unlawful: bool,
}

/// What an act follows of what waits outside.
enum Followed {
    Missing(ActId),
    TooMany,
    /// In an order in which it can be taken in.
    All(Vec<Brought>),
}

impl Kernel {
    /// Acts that were weighed, or read to weigh one that follows them, since this node runs.
    #[must_use]
    pub fn weighed(&self) -> u64 {
        self.weighed
    }

    pub(crate) fn weigh(&mut self, history: &mut History, brought: &Brought) -> Result<Judgement, DocumentError> {
        self.weighed += 1;
        weigh(history, &brought.sealed, brought.act.clone(), &self.registry)
    }

    /// Of an act that was judged and waits outside.
    pub(crate) fn stays_outside(&self, history: &History, node: &Node, brought: &Brought) -> Option<Idle> {
        let stays = !brought.carried
            && !history.folded().has_place(node)
            && history.idle_of(node.act.device) >= self.quotas.idle_acts;
        stays.then(|| Idle { needs: stands_on(history, &node.past, &node.act), unlawful: !node.admitted() })
    }

    /// Keeps an act outside.
    pub(crate) fn keep_outside(&mut self, now: Millis, brought: &Brought, idle: Idle) -> Result<Taken, Fault> {
        let (id, device) = (brought.sealed.id(), brought.act.device);
        let fresh = !self.is_outside(id, brought.source.scope)?;
        if fresh {
            self.alarm(Alarm::OverQuota, Cause::Device(device), Detail::Excess { of: Excess::Idle });
            self.leave_stub(now, brought)?;
        }
        let mut needs = idle.needs;
        needs.push(outside_key(id));
        needs.extend(idle.unlawful.then(|| unlawful_key(id)));
        let taken = self.hold_brought(now, brought, device, &needs, "it takes no place in its document".to_owned())?;
        // Whoever waits for it may bring it in.
        if fresh && matches!(taken, Taken::Waits(_)) {
            self.release(id.0);
        }
        Ok(taken)
    }

    /// Whether an act waits outside that came through this scope: it was judged, so its document was shared there.
    fn is_outside(&self, id: ActId, scope: ScopeKey) -> Result<bool, Fault> {
        Ok(self.store.held_needs(&row_key(id, scope))?.contains(&outside_key(id)))
    }

    /// Those of these acts that do not wait outside, as far as came through that scope: whoever names others may not know them.
    pub(crate) fn not_outside(&self, acts: &[ActId], scope: ScopeKey) -> Result<Vec<ActId>, Fault> {
        let mut others = Vec::with_capacity(acts.len());
        for id in acts {
            if !self.is_outside(*id, scope)? {
                others.push(*id);
            }
        }
        Ok(others)
    }

    /// An act of the document that waits outside, through whichever scope it came: that of `brought` first.
    fn outside(&self, id: ActId, brought: &Brought) -> Result<Option<Brought>, Fault> {
        let mut rows = self.store.held_waiting_for(&outside_key(id), None)?;
        rows.sort_by_key(|row| row.scope.map(|scope| scope.0) != Some(brought.source.scope.0));
        let found = rows.into_iter().next().and_then(|row| self.as_brought(row));
        Ok(found.filter(|found| found.doc == brought.doc))
    }

    /// What becomes of an act of which not all that it follows is inside.
    pub(crate) fn behind(&mut self, history: &History, brought: &Brought) -> Result<Behind, Fault> {
        let act = &brought.act;
        let line = (act.device, act.epoch);
        let mut needs: Vec<[u8; 32]> = Vec::new();
        let (mut unlawful, mut own_waits) = (false, false);
        for dep in act.deps.iter().filter(|dep| history.index_of(**dep).is_none()) {
            let Some(other) = self.outside(*dep, brought)?.filter(|_| !brought.carried) else {
                return Ok(Behind::Missing(Some(*dep)));
            };
            self.weighed += 1;
            let row = row_key(*dep, other.source.scope);
            unlawful |= !erases(act, *dep) && self.store.held_needs(&row)?.contains(&unlawful_key(*dep));
            own_waits |= (other.act.device, other.act.epoch) == line;
            needs.push(dep.0);
        }
        if needs.is_empty() {
            // It waits for something else.
            return Ok(Behind::Missing(None));
        }
        let past = known_past(history, [act].into_iter());
        needs.truncate(1);
        needs.extend(stands_on(history, &past, act));
        let outside = |unlawful| Ok(Behind::Outside(Idle { needs, unlawful }));
        let hub = self.is_of_hub(act);
        // What the one before of its line lacked, it lacks too, unless it has that from elsewhere.
        let folded = history.folded();
        if unlawful || own_waits && !hub && (folded.begins_line(line) || folded.falls_beside(line, &past)) {
            return outside(unlawful);
        }
        let before = match self.followed(history, brought, hub)? {
            Followed::Missing(act) => return Ok(Behind::Missing(Some(act))),
            Followed::TooMany => return outside(false),
            Followed::All(before) => before,
        };
        let past = known_past(history, before.iter().map(|other| &other.act).chain([act]));
        let strata = hub || before.iter().any(|other| self.is_of_hub(&other.act));
        if !strata && folded.falls_beside(line, &past) {
            return outside(false);
        }
        // All of it is judged: its author's turn is over.
        self.spend(before.len());
        let mut tried = history.clone();
        let mut brings = Vec::with_capacity(before.len());
        for at in 0..before.len() {
            let Judgement::Judged(node) = self.weigh(&mut tried, &before[at])? else {
                return Ok(Behind::Missing(None));
            };
            if !node.admitted() && makes_unlawful(node.id, &before[at..], act) {
                return outside(true);
            }
            tried.insert((*node).clone());
            brings.push(*node);
        }
        match self.weigh(&mut tried, brought)? {
            Judgement::Judged(node) if tried.folded().has_place(&node) => {
                Ok(Behind::Brings(before.into_iter().zip(brings).collect(), node))
            }
            Judgement::Judged(node) => outside(!node.admitted()),
            Judgement::Held(_) | Judgement::Refused(_) => Ok(Behind::Missing(None)),
        }
    }

    /// What is missing here of what an act follows, if all of it waits here.
    fn followed(&mut self, history: &History, brought: &Brought, hub: bool) -> Result<Followed, Fault> {
        let missing = |act: &Act| -> Vec<ActId> {
            act.deps.iter().copied().filter(|dep| history.index_of(*dep).is_none()).collect()
        };
        let mut found: BTreeMap<ActId, Brought> = BTreeMap::new();
        let mut next = missing(&brought.act);
        while let Some(id) = next.pop() {
            if found.contains_key(&id) {
                continue;
            }
            if !hub && found.len() >= self.quotas.brought_acts {
                return Ok(Followed::TooMany);
            }
            let Some(other) = self.outside(id, brought)? else { return Ok(Followed::Missing(id)) };
            self.weighed += 1;
            next.extend(missing(&other.act));
            found.insert(id, other);
        }
        let mut order = Vec::with_capacity(found.len());
        let mut next = missing(&brought.act);
        while let Some(id) = next.last().copied() {
            let mut waits = found.get(&id).map(|other| other.act.deps.iter().filter(|dep| found.contains_key(dep)));
            match waits.as_mut().map(Iterator::next) {
                Some(Some(dep)) => next.push(*dep),
                Some(None) => order.extend(found.remove(&id)),
                None => {
                    next.pop();
                }
            }
        }
        Ok(Followed::All(order))
    }

    fn is_of_hub(&self, act: &Act) -> bool {
        self.registry.at(&act.registry).is_some_and(|at| at.hub() == Some(act.device))
    }

    /// A row that is held, as its peer brought it.
    pub(crate) fn as_brought(&self, row: HeldRow) -> Option<Brought> {
        let source = Source { peer: PeerId(row.peer?), scope: ScopeKey(row.scope?.0) };
        let sealed = Sealed::decode(&row.bytes).ok()?;
        let act = self.as_judged(Act::decode(&sealed.bytes).ok()?);
        let doc = act.doc.unwrap_or(sealed.id());
        let (held, bytes) = (Some(row.id), row.bytes);
        Some(Brought { doc, sealed, act, bytes, source, held, wanted: false, carried: false })
    }
}

/// What is inside of the past of these acts.
fn known_past<'a>(history: &History, acts: impl Iterator<Item = &'a Act>) -> ActSet {
    let inside: BTreeSet<usize> = acts.flat_map(|act| &act.deps).filter_map(|dep| history.index_of(*dep)).collect();
    closure(history.nodes(), &inside.into_iter().collect::<Vec<_>>())
}

/// What an act of that past waits for that fell: the one before it in its line. Should that stand again, so may the act.
fn stands_on(history: &History, past: &ActSet, act: &Act) -> Vec<[u8; 32]> {
    let nodes = history.nodes();
    let own =
        past.iter().filter(|index| (nodes[*index].act.device, nodes[*index].act.epoch) == (act.device, act.epoch));
    let newest = own.max_by_key(|index| nodes[*index].act.dseq).filter(|index| history.fell(*index));
    newest.map(|index| place_key(nodes[index].id)).into_iter().collect()
}

/// Whether an act follows another only so that it can be erased: any other that follows what is unlawful is so itself.
fn erases(act: &Act, other: ActId) -> bool {
    act.kind() == Some(ActKind::Redact) && act.answers == Some(other)
}

/// Whether an act is unlawful because that one of these is.
fn makes_unlawful(first: ActId, between: &[Brought], act: &Act) -> bool {
    let mut unlawful = BTreeSet::from([first]);
    let follows =
        |unlawful: &BTreeSet<ActId>, act: &Act| act.deps.iter().any(|dep| unlawful.contains(dep) && !erases(act, *dep));
    for other in between {
        if follows(&unlawful, &other.act) {
            unlawful.insert(other.sealed.id());
        }
    }
    follows(&unlawful, act)
}
