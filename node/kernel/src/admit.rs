//! Taking in an act that has a verdict: store, history, feeds, and what follows from it.

use regulation::{ActId, Millis};
use replica::seal::encode_signatures;
use replica::{Act, History, Need, Node, Sealed, Verdict};
use store::{Aseq, DocNo, NewAct};

use crate::alarm::{Alarm, Cause, Detail};
use crate::feeds::Entry;
use crate::keys::{need_key, outside_key, place_key};
use crate::source::Source;
use crate::withheld::Clearance;
use crate::{Fault, Kernel};

/// Acts of a document and pieces of its text that are gone through in the time of one step.
const WORK_A_STEP: usize = 1_024;

impl Kernel {
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
            self.keep_number(row, &node, source.is_some())?;
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
            let texts = history.erased().into_iter().filter(|(_, part)| part.open()).map(|(act, _)| act).collect();
            self.forget_words(doc, &texts)?;
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
}
