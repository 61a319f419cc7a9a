//! Taking an act in, whether it was made here or came from a peer: one path.

use regulation::{ActId, ActKind, Millis};
use replica::judge::Forged;
use replica::seal::hash;
use replica::{Act, Judgement, Need, Node, Sealed, Verdict, vet};
use store::{Aseq, Weight};
use sync::ScopeKey;

use crate::alarm::{Alarm, Cause, Detail, Excess, Flaw};
use crate::keys::{UPGRADE, need_key, part_key, row_key};
use crate::outside::Behind;
use crate::sabotage::sabotaged;
use crate::scopes;
use crate::sight::{Brought, Sight};
use crate::source::{Source, Taken};
use crate::{Fault, Kernel};

/// What looking at an act alone came to.
pub(crate) enum Opened {
    /// Its document is shared with the peer that brought it.
    Shown(Brought),
    /// It is not.
    Strange(Brought),
    /// There is nothing more to do with it now.
    Done(Taken),
}

impl Kernel {
    /// Looks at the act alone: whether it is whole, and signed by whom it says. Then whether its document is shared.
    pub(crate) fn open_up(
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
        let brought = Brought { doc, sealed, act, bytes, source, held, wanted, carried: false };
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
            Sight::Past(scopes) if !scopes.contains(&source.scope) => Opened::Strange(brought),
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
                let behind = if kept.is_none() { self.behind(&history, &brought)? } else { Behind::Missing(None) };
                self.cache.put(doc, history);
                if let Some(kept) = kept {
                    return Ok(kept);
                }
                match behind {
                    Behind::Missing(missing) => {
                        let need = missing.map_or(need, Need::Act);
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
