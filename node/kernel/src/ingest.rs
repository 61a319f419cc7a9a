//! Taking an act in, whether it was made here or came from a peer: one path.

use regulation::{ActId, ActKind, DeviceId, Millis};
use replica::judge::Forged;
use replica::seal::{encode_signatures, hash};
use replica::{Act, History, Judgement, Need, Node, Sealed, Verdict, vet};
use store::{Aseq, DocNo, HeldRow, NewAct, RefusedRow, ScopeId, Weight};
use sync::ScopeKey;

use crate::alarm::{Alarm, Cause, Detail, Excess, Flaw};
use crate::feeds::Entry;
use crate::keys::{UPGRADE, need_key, outside_key, part_key, place_key, row_key};
use crate::outside::Behind;
use crate::sabotage::sabotaged;
use crate::scopes;
use crate::sight::{Brought, Run, Sight};
use crate::source::{PeerId, Source, Taken};
use crate::withheld::Clearance;
use crate::{Fault, Kernel};

/// What looking at an act alone came to.
enum Opened {
    /// Its document is shared with the peer that brought it.
    Shown(Brought),
    /// It is not.
    Strange(Brought),
    /// There is nothing more to do with it now.
    Done(Taken),
}

/// Acts of a document and pieces of its text that are gone through in the time of one step.
const WORK_A_STEP: usize = 1_024;

impl Kernel {
    /// The history of a document, from the cache or the store; empty if the document is not held.
    pub(crate) fn take_history(&mut self, doc: ActId) -> Result<History, Fault> {
        match self.cache.take(doc) {
            Some(mut history) => {
                history.weigh_by(self.registry.now().edition());
                Ok(history)
            }
            None => crate::read::history(&self.store, &self.registry, doc),
        }
    }

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

    /// What waits for this is judged again, once the act at hand is taken in.
    pub(crate) fn release(&mut self, need: [u8; 32]) {
        self.group.released.push_back(need);
    }

    /// Judges again what waited for what has come. A row goes only when its act has a verdict.
    pub(crate) fn retry(&mut self, now: Millis) -> Result<(), Fault> {
        if !self.group.released.is_empty() && self.store.total("held")? == 0 {
            self.group.released.clear();
        }
        while let Some(need) = self.group.released.pop_front() {
            let mut after = None;
            loop {
                let waiting = self.store.held_waiting_for(&need, after.as_ref())?;
                let Some(last) = waiting.last() else { break };
                after = Some(last.id);
                for held in waiting {
                    self.take_again(now, held)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn take_again(&mut self, now: Millis, held: HeldRow) -> Result<(), Fault> {
        if sabotaged!(self, RetryDropping) {
            return self.store.drop_held(&held.id).map(drop).map_err(Fault::from);
        }
        let (Some(peer), Some(scope)) = (held.peer, held.scope) else { return Ok(()) };
        let source = Source { peer: PeerId(peer), scope: ScopeKey(scope.0) };
        let taken = match self.open_up(now, held.bytes, source, (Some(held.id), false))? {
            Opened::Shown(brought) => {
                return match self.take_shown(now, brought, None)? {
                    Taken::Early(id) => self.join_or_wait(now, id, source, Some(held.id)).map(drop),
                    Taken::Kept | Taken::Waits(_) | Taken::TooMany => Ok(()),
                };
            }
            Opened::Strange(brought) => {
                return self.bring(now, vec![brought]).map(drop);
            }
            Opened::Done(taken) => taken,
        };
        if taken != Taken::Waits(held.id) && taken != Taken::TooMany {
            self.store.drop_held(&held.id)?;
        }
        Ok(())
    }

    /// Looks at the act alone: whether it is whole, and signed by whom it says. Then whether its document is shared.
    fn open_up(
        &mut self,
        now: Millis,
        bytes: Vec<u8>,
        source: Source,
        (held, wanted): (Option<ActId>, bool),
    ) -> Result<Opened, Fault> {
        let opened = Sealed::decode(&bytes).and_then(|sealed| Ok((Act::decode(&sealed.bytes)?, sealed)));
        let Ok((act, sealed)) = opened else {
            return Ok(Opened::Done(self.refuse(now, &bytes, Flaw::Malformed, source)?));
        };
        let id = sealed.id();
        if held.is_none() {
            self.heard(source.peer, id, sealed.parts.len());
        }
        let act = self.as_judged(act);
        let doc = act.doc.unwrap_or(id);
        let mut brought = Brought { doc, sealed, act, bytes, source, held, wanted, shared: false, carried: false };
        if brought.act.kind().is_some_and(|kind| misplaced(kind, source.scope)) {
            return Ok(Opened::Done(self.refuse(now, &brought.bytes, Flaw::Misplaced, source)?));
        }
        match vet(&brought.sealed, &brought.act, &self.registry) {
            Some(Judgement::Refused(Forged::NotSigned)) if sabotaged!(self, SignatureUnchecked) => {}
            Some(Judgement::Refused(why)) => {
                return Ok(Opened::Done(self.refuse(now, &brought.bytes, why.into(), source)?));
            }
            // Before the registry is here nobody can tell who signed: a forged copy must not take the place of the
            // act, nor use up what its author may have waiting.
            Some(Judgement::Held(need)) => {
                if self.store.aseq_of(&id)?.is_some() {
                    // It came whole meanwhile.
                    return Ok(Opened::Done(Taken::Kept));
                }
                let row = ActId(hash(b"jiesu/held/1", &brought.bytes));
                let needs = [need_key(&need)];
                let taken = self.hold(now, &brought, row, source.peer.0, &needs, format!("{need:?}"))?;
                return Ok(Opened::Done(taken));
            }
            Some(Judgement::Judged(_)) | None => {}
        }
        Ok(match self.sight(source.peer, brought.doc)? {
            Sight::None => Opened::Strange(brought),
            Sight::Whole => Opened::Shown(brought),
            // Through a scope that has no part in it here: whoever brings it shows that it has one.
            Sight::Past(scopes) if !scopes.contains(&source.scope) => {
                brought.shared = self.unseen(&[id], &scopes)?.is_none();
                Opened::Strange(brought)
            }
            Sight::Past(scopes) => match self.unseen(&self.not_outside(&brought.act.deps, source.scope)?, &scopes)? {
                None => Opened::Shown(brought),
                Some(dep) => {
                    let needs = [dep.0, part_key(brought.doc, source.scope)];
                    let why = format!("{:?}", Need::Act(dep));
                    Opened::Done(self.hold_brought(now, &brought, source.peer.0, &needs, why)?)
                }
            },
        })
    }

    /// The act as it is judged: by the registry that it names, and no other.
    pub(crate) fn as_judged(&self, act: Act) -> Act {
        if sabotaged!(self, RegistryAsOfNow) && self.registry.at(&act.registry).is_some() {
            return Act { registry: self.registry.versions(), ..act };
        }
        act
    }

    /// Holds an act whose signature is good.
    pub(crate) fn hold_brought(
        &mut self,
        now: Millis,
        brought: &Brought,
        answers: DeviceId,
        needs: &[[u8; 32]],
        why: String,
    ) -> Result<Taken, Fault> {
        let row = row_key(brought.sealed.id(), brought.source.scope);
        self.hold(now, brought, row, answers, needs, why)
    }

    fn hold(
        &mut self,
        now: Millis,
        brought: &Brought,
        row: ActId,
        answers: DeviceId,
        needs: &[[u8; 32]],
        reason: String,
    ) -> Result<Taken, Fault> {
        // What is here already is never lost for being too much.
        let kept = brought.held.is_some() || brought.wanted;
        if !kept && !self.room(Weight::Held, answers, brought.bytes.len())? {
            return self.set_aside(now, brought, Weight::Held, answers);
        }
        let held = HeldRow {
            id: row,
            act: brought.sealed.id(),
            bytes: brought.bytes.clone(),
            scope: Some(ScopeId(brought.source.scope.0)),
            peer: Some(brought.source.peer.0),
            received_at: now,
            device: answers,
            reason,
        };
        self.store.hold(&held, needs)?;
        if let Some(before) = brought.held.filter(|before| *before != row) {
            self.store.drop_held(&before)?;
        }
        Ok(Taken::Waits(row))
    }

    /// Takes in an act of a document that is shared with its peer. Its verdict is found here, unless it is known.
    pub(crate) fn take_shown(&mut self, now: Millis, brought: Brought, node: Option<Node>) -> Result<Taken, Fault> {
        let (held, row) = (brought.held, row_key(brought.sealed.id(), brought.source.scope));
        let taken = self.weigh_shown(now, brought, node)?;
        if taken != Taken::Waits(row)
            && taken != Taken::TooMany
            && let Some(held) = held
        {
            self.store.drop_held(&held)?;
        }
        Ok(taken)
    }

    fn weigh_shown(&mut self, now: Millis, brought: Brought, node: Option<Node>) -> Result<Taken, Fault> {
        let Brought { doc, ref sealed, ref act, source, .. } = brought;
        let id = sealed.id();
        if let Some(aseq) = self.store.aseq_of(&id)? {
            return self.take_known(aseq, id, sealed, source);
        }
        let identity = act.identity();
        self.notice_own(now, identity)?;
        let mut history = self.take_history(doc)?;
        let judgement = match node {
            Some(node) => Judgement::Judged(Box::new(node)),
            None => self.weigh(&mut history, &brought)?,
        };
        match judgement {
            Judgement::Held(need) => {
                let kept = self.keep_newer(now, &brought, &history)?;
                let behind = if kept.is_none() { self.behind(&history, &brought)? } else { Behind::Missing };
                self.cache.put(doc, history);
                if let Some(kept) = kept {
                    return Ok(kept);
                }
                match behind {
                    Behind::Missing => {
                        let mut needs = vec![need_key(&need)];
                        needs.extend(act.newer().map(|_| UPGRADE));
                        self.hold_brought(now, &brought, act.device, &needs, format!("{need:?}"))
                    }
                    Behind::Outside(idle) => self.keep_outside(now, &brought, idle),
                    Behind::Brings(before, node) => {
                        let mut alone = true;
                        for (other, node) in before {
                            let id = other.sealed.id();
                            self.take_shown(now, Brought { carried: true, ..other }, alone.then_some(node))?;
                            // Without one of them the others stand elsewhere in the history.
                            alone &= self.store.aseq_of(&id)?.is_some();
                        }
                        self.weigh_shown(now, Brought { carried: true, ..brought }, alone.then_some(*node))
                    }
                }
            }
            Judgement::Refused(why) => {
                self.cache.put(doc, history);
                self.refuse(now, &brought.bytes, why.into(), source)
            }
            Judgement::Judged(node) if !passes(history.nodes().first().unwrap_or(&node), source.scope) => {
                self.cache.put(doc, history);
                self.refuse(now, &brought.bytes, Flaw::Misplaced, source)
            }
            Judgement::Judged(node) if !node.admitted() && self.too_much(&brought)? => {
                let begins = history.nodes().is_empty();
                self.cache.put(doc, history);
                self.set_aside_unlawful(now, &brought, begins)
            }
            Judgement::Judged(node) => {
                if let Some(idle) = self.stays_outside(&history, &node, &brought) {
                    self.cache.put(doc, history);
                    return self.keep_outside(now, &brought, idle);
                }
                // Nothing follows an unlawful beginning, and no feed holds it.
                if !node.admitted() && history.nodes().is_empty() && !self.is_hub() {
                    self.leave_stub(now, &brought)?;
                }
                self.notice_loss(identity)?;
                if node.verdict == Verdict::Admitted {
                    self.hear_time(now, node.fact.author.unit, node.act.time);
                }
                self.admit(now, doc, history, *node, sealed, Some(source))?;
                self.joined(id, source)
            }
        }
    }

    fn is_hub(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.hub)
    }

    /// Whether an unlawful act is more than is kept of its author.
    fn too_much(&self, brought: &Brought) -> Result<bool, Fault> {
        let kept = brought.held.is_some() || brought.wanted;
        Ok(!kept && !self.room(Weight::Unlawful, brought.act.device, brought.bytes.len())?)
    }

    fn set_aside_unlawful(&mut self, now: Millis, brought: &Brought, begins: bool) -> Result<Taken, Fault> {
        let device = brought.act.device;
        if !begins {
            return self.set_aside(now, brought, Weight::Unlawful, device);
        }
        self.alarm(Alarm::OverQuota, Cause::Device(device), Detail::Excess { of: Excess::Beginnings });
        self.leave_stub_alone(now, brought)
    }

    /// Stores an act with the parts at hand.
    pub(crate) fn store_act(
        &mut self,
        now: Millis,
        (doc, id): (ActId, ActId),
        act: &Act,
        sealed: &Sealed,
        (verdict, rule): (store::Verdict, Option<&str>),
        source: Option<Source>,
    ) -> Result<(DocNo, Aseq), Fault> {
        let (device, epoch, dseq) = act.identity();
        for (_, twin) in self.store.acts_of_identity(device, epoch, dseq)? {
            // In whichever documents: where they are in one, the fold lets the later one fall; in two, nothing else tells.
            let detail = Detail::Twins { first: twin, second: id, epoch, dseq };
            self.alarm(Alarm::TwinActs, Cause::Device(device), detail);
        }
        let row = self.store.add_doc(&doc)?;
        let names: Vec<ActId> = act.deps.iter().copied().chain(act.answers).collect();
        let aseq = self.store.insert_act(&NewAct {
            id,
            doc: row,
            bytes: &sealed.bytes,
            names: &names,
            signatures: &encode_signatures(&sealed.signatures),
            verdict,
            rule,
            received_at: now,
            peer: source.map(|source| source.peer.0),
            device,
            epoch,
            dseq,
        })?;
        for part in &sealed.parts {
            self.store.put_part(aseq, part.kind.number(), &part.salt, part.text.as_bytes())?;
        }
        Ok((row, aseq))
    }

    /// Takes in an act that has a verdict: store, fold, feeds. The document's projections follow at the group's end.
    pub(crate) fn admit(
        &mut self,
        now: Millis,
        doc: ActId,
        history: History,
        node: Node,
        sealed: &Sealed,
        source: Option<Source>,
    ) -> Result<(), Fault> {
        let found = match node.verdict {
            Verdict::Admitted => (store::Verdict::Admitted, None),
            Verdict::Unlawful(rule) => (store::Verdict::Unlawful, Some(rule.code())),
        };
        let id = node.id;
        if node.act.doc.is_none() && source.is_some() {
            self.note_begun(now, node.act.device);
        }
        let (row, aseq) = self.store_act(now, (doc, id), &node.act, sealed, found, source)?;
        self.follow(Entry { doc, row, id, aseq, widened: false, again: false }, history, node, source)
    }

    /// What follows from an act that is stored and has its verdict.
    pub(crate) fn follow(
        &mut self,
        entry: Entry,
        mut history: History,
        node: Node,
        source: Option<Source>,
    ) -> Result<(), Fault> {
        let Entry { doc, row, id, .. } = entry;
        self.hear_number(&node)?;
        if node.act.doc.is_none() {
            self.keep_external(row, &node)?;
        }
        let before = Clearance::of(history.record());
        // In a wide document or a torn text an act costs as much as several others.
        self.spend(history.work(&node) / WORK_A_STEP);
        let fell: Vec<usize> = (0..history.nodes().len()).filter(|index| history.fell(*index)).collect();
        history.insert(node);
        for index in fell.into_iter().filter(|index| !history.fell(*index)) {
            self.release(place_key(history.nodes()[index].id));
        }
        if history.erase() {
            for (act, part) in history.erased() {
                if let Some(aseq) = self.store.aseq_of(&act)? {
                    self.store.drop_part(aseq, part.number())?;
                }
            }
        }
        let widened = entry.widened || Clearance::of(history.record()).widens(&before);
        self.enter_feeds(Entry { widened, ..entry }, &history, source)?;
        if self.me.as_ref().is_some_and(|me| me.hub) {
            // An act names so many others at most: what it could not name is settled by the next one.
            if history.unsettled() == 0 {
                self.unsettled.remove(&doc);
                self.waiting.settling.remove(&doc);
            } else {
                self.unsettled.insert(doc);
            }
        }
        self.cache.put(doc, history);
        self.group.dirty.insert(doc);
        self.release(id.0);
        self.release(need_key(&Need::Signature(id)));
        // It may have waited in other scopes too.
        self.release(outside_key(id));
        Ok(())
    }

    /// An act that is held already: a part may be new, and it may be new to the scope that it came through.
    fn take_known(&mut self, aseq: Aseq, id: ActId, sealed: &Sealed, source: Source) -> Result<Taken, Fault> {
        let Some(row) = self.store.act_at(aseq)? else { return Ok(Taken::Kept) };
        if row.verdict == store::Verdict::Newer {
            self.keep_newer_parts(&row, sealed, source)?;
        } else if row.parts.len() < sealed.parts.len() {
            let doc =
                self.store.doc_id(row.doc)?.ok_or_else(|| Fault::Inconsistent("an act without document".into()))?;
            let mut history = self.take_history(doc)?;
            let mut new = false;
            for part in &sealed.parts {
                if history.put_part(id, part.clone()) {
                    self.store.put_part(aseq, part.kind.number(), &part.salt, part.text.as_bytes())?;
                    self.group.dirty.insert(doc);
                    new = true;
                }
            }
            if let (true, Some(first)) = (new && id == doc, history.nodes().first()) {
                self.keep_external(row.doc, first)?;
            }
            self.cache.put(doc, history);
            if new {
                self.pass_on_parts(row.doc, id, aseq, source)?;
            }
        }
        self.joined(id, source)
    }

    /// An act that is here now is counted into the scope that it came through, or is early there.
    fn joined(&mut self, id: ActId, source: Source) -> Result<Taken, Fault> {
        let Some(aseq) = self.store.aseq_of(&id)? else { return Ok(Taken::Kept) };
        Ok(if self.join_scope(id, aseq, source)? { Taken::Kept } else { Taken::Early(id) })
    }

    pub(crate) fn refuse(&mut self, now: Millis, bytes: &[u8], flaw: Flaw, source: Source) -> Result<Taken, Fault> {
        self.alarm(Alarm::PeerFaulty, Cause::Device(source.peer.0), Detail::Flawed { flaw });
        let digest = hash(b"jiesu/refused/1", bytes);
        let (bytes, reason, peer) = (Some(bytes.to_vec()), flaw.code().to_owned(), Some(source.peer.0));
        self.store.refuse(&RefusedRow { digest, bytes, reason, peer, received_at: now })?;
        Ok(Taken::Kept)
    }

    /// An act of one's own epoch, signed, that was not made here: the database lost something, was put back, or there is
    /// another copy of it. What a peer merely claims to hold proves nothing; it is fetched. What is made from now on needs an
    /// epoch of its own, and numbers that were not given. The hub's newest epoch makes the strata: of the hub a higher one
    /// says the same.
    pub(crate) fn notice_own(&mut self, now: Millis, (device, epoch, dseq): (DeviceId, u64, u64)) -> Result<(), Fault> {
        let same = epoch == self.epoch;
        if self.device() != Some(device) || !(same || self.is_hub() && epoch > self.epoch) {
            return Ok(());
        }
        let lost = same && dseq > self.dseq;
        self.epoch = self.epoch.max(epoch);
        self.new_epoch(now);
        self.keep_epoch()?;
        self.skip_serials()?;
        self.skip_numbers()?;
        self.store.skip_changes()?;
        let detail = Detail::Own { epoch, dseq };
        if lost {
            self.doubt()?;
            self.alarm(Alarm::LostHere, Cause::Here, detail);
        } else {
            self.alarm(Alarm::TwinActs, Cause::Device(device), detail);
        }
        Ok(())
    }

    /// A new epoch of another says that it lost something, or was put back.
    pub(crate) fn notice_loss(&mut self, (device, epoch, _): (DeviceId, u64, u64)) -> Result<(), Fault> {
        if self.device() != Some(device) && self.store.newest_epoch(device)?.is_some_and(|known| known < epoch) {
            self.alarm(Alarm::LostThere, Cause::Device(device), Detail::Epoch { epoch });
        }
        Ok(())
    }
}

/// Whether an act of this kind can be of no document of that scope.
fn misplaced(kind: ActKind, scope: ScopeKey) -> bool {
    let knowledge = scope == scopes::KNOWLEDGE;
    kind.of_knowledge() && !knowledge || kind.begins() && !kind.of_knowledge() && knowledge
}

/// Whether a document that begins with this act can come through a scope at all. Everybody holds the knowledge base: a
/// ticket that was let in there would go to everybody.
fn passes(first: &Node, scope: ScopeKey) -> bool {
    (first.act.kind() == Some(ActKind::ArticleCreate)) == (scope == scopes::KNOWLEDGE)
}
