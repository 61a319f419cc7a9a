//! Acts of which something is newer than this program, and what follows them: kept byte for byte, counted, passed on, and
//! judged once the program knows more.
//!
//! Of such an act the spine is read, and no more: its device signed it, and it follows acts of a document that is open in
//! the scopes of this node. That is enough for its place. Where it has one it is stored beside the acts that have a verdict
//! and stands in the same feeds, so that an older node between two newer ones holds nothing up. Until it is judged this node
//! makes nothing on its document: it would not know what it contradicts.

use regulation::{ActId, Millis};
use replica::{Act, History, Judgement, Sealed, Verdict, judge};
use store::{Aseq, DocNo, ScopeId, Weight};
use sync::ScopeKey;

use crate::alarm::{Alarm, Cause, Detail, Flaw};
use crate::feeds::Entry;
use crate::sight::Brought;
use crate::source::{Source, Taken};
use crate::{Fault, Kernel, read, scopes};

impl Kernel {
    /// Keeps an act that cannot be judged by this program. `None` if its place is not known: it is held as ever.
    pub(crate) fn keep_newer(
        &mut self,
        now: Millis,
        brought: &Brought,
        history: &History,
    ) -> Result<Option<Taken>, Fault> {
        let Brought { doc, ref sealed, ref act, source, .. } = *brought;
        if !self.has_place(brought, history)? {
            return Ok(None);
        }
        let kept = brought.held.is_some() || brought.wanted;
        if !kept && !self.room(Weight::Held, act.device, brought.bytes.len())? {
            return self.set_aside(now, brought, Weight::Held, act.device).map(Some);
        }
        self.notice_own(now, act.identity())?;
        self.notice_loss(act.identity())?;
        let begins = act.doc.is_none();
        let id = sealed.id();
        let (row, aseq) = self.store_act(now, (doc, id), act, sealed, (store::Verdict::Newer, None), Some(source))?;
        if begins {
            self.store.set_doc_scope(row, ScopeId(source.scope.0), true)?;
        }
        for (scope, open) in self.store.doc_scopes(row)? {
            let scope = ScopeKey(scope.0);
            let theirs = Some(source).filter(|source| source.scope == scope);
            if self.me.as_ref().is_some_and(|me| me.scopes.contains(&scope)) && (open || theirs.is_some()) {
                self.feed_act(scope, id, aseq, theirs)?;
            }
        }
        self.group.dirty.insert(doc);
        self.release(id.0);
        Ok(Some(Taken::Kept))
    }

    /// Whether something newer keeps it from being judged, and nothing is missing: all that it follows is here, of the same
    /// document. A beginning belongs where its device does.
    fn has_place(&self, brought: &Brought, history: &History) -> Result<bool, Fault> {
        let Brought { doc, ref act, source, .. } = *brought;
        let mut newer = act.newer().is_some();
        if act.doc.is_none() {
            return Ok(newer && self.begins_in(act) == Some(source.scope));
        }
        let row = self.store.doc_no(&doc)?;
        for dep in act.deps.iter().filter(|dep| history.index_of(**dep).is_none()) {
            match self.store.act(dep)? {
                Some(known) if Some(known.doc) == row && known.verdict == store::Verdict::Newer => newer = true,
                _ => return Ok(false),
            }
        }
        Ok(newer)
    }

    /// The scope in which a document that begins with this act certainly is: that of its device's unit.
    pub(crate) fn begins_in(&self, act: &Act) -> Option<ScopeKey> {
        Some(scopes::of_unit(self.registry.at(&act.registry)?.device(act.device)?.unit))
    }

    /// Parts of a newer act that came later than it.
    pub(crate) fn keep_newer_parts(
        &mut self,
        row: &store::ActRow,
        sealed: &Sealed,
        source: Source,
    ) -> Result<(), Fault> {
        let mut new = false;
        for part in sealed.parts.iter().filter(|part| row.parts.iter().all(|held| held.kind != part.kind.number())) {
            self.store.put_part(row.aseq, part.kind.number(), &part.salt, part.text.as_bytes())?;
            new = true;
        }
        if new { self.pass_on_parts(row.doc, row.id, row.aseq, source) } else { Ok(()) }
    }

    /// Judges again what was newer than the program that ran before.
    pub(crate) fn judge_newer(&mut self) -> Result<(), Fault> {
        let mut after = DocNo(0);
        loop {
            let docs = self.store.newer_docs(after)?;
            let Some(last) = docs.last() else { return Ok(()) };
            after = *last;
            for doc in docs {
                // Each follows those that came before it.
                let mut from = Aseq(0);
                while let Some(last) = self.judge_newer_of(doc, from)? {
                    from = last;
                }
            }
        }
    }

    /// Some of a document, behind an act: up to which one.
    fn judge_newer_of(&mut self, doc: DocNo, from: Aseq) -> Result<Option<Aseq>, Fault> {
        let rows = self.store.acts_of(doc, from)?;
        for row in rows.iter().filter(|row| row.verdict == store::Verdict::Newer) {
            self.judge_again(row)?;
        }
        Ok(rows.last().map(|last| last.aseq))
    }

    fn judge_again(&mut self, row: &store::ActRow) -> Result<(), Fault> {
        let doc = self.store.doc_id(row.doc)?;
        let doc = doc.ok_or_else(|| Fault::Inconsistent("an act without document".into()))?;
        let mut sealed = read::sealed(row)?;
        let act = match Act::decode(&sealed.bytes) {
            Ok(act) => self.as_judged(act),
            Err(_) => return self.refuse_newer(row, Flaw::Malformed),
        };
        if act.newer().is_none() {
            for part in sealed.parts.iter().filter(|part| !act.promises(part)) {
                self.store.drop_part(row.aseq, part.kind.number())?;
            }
            sealed.parts.retain(|part| act.promises(part));
        }
        let mut history = self.take_history(doc)?;
        match judge(&mut history, &sealed, act, &self.registry)? {
            Judgement::Held(_) => {}
            Judgement::Refused(why) => self.refuse_newer(row, why.into())?,
            Judgement::Judged(node) if node.act.doc.is_none() && node.fact.body.kind().of_knowledge() => {
                self.refuse_newer(row, Flaw::Article)?;
            }
            Judgement::Judged(node) => {
                let (verdict, rule) = match node.verdict {
                    Verdict::Admitted => (store::Verdict::Admitted, None),
                    Verdict::Unlawful(rule) => (store::Verdict::Unlawful, Some(rule.code())),
                };
                self.store.set_verdict(row.aseq, verdict, rule)?;
                // Whoever was not sent what may be personal data may be sent it now.
                let more = sealed.parts.iter().any(|part| !part.kind.open());
                let entry = Entry { doc, row: row.doc, id: row.id, aseq: row.aseq, widened: more, again: true };
                return self.follow(entry, history, *node, None);
            }
        }
        if !history.nodes().is_empty() {
            self.cache.put(doc, history);
        }
        self.group.dirty.insert(doc);
        Ok(())
    }

    /// It was no act after all. It stays where it stands, and counts for nothing.
    fn refuse_newer(&mut self, row: &store::ActRow, flaw: Flaw) -> Result<(), Fault> {
        self.alarm(Alarm::PeerFaulty, Cause::Device(row.device), Detail::Flawed { flaw });
        self.store.set_verdict(row.aseq, store::Verdict::Refused, None)?;
        Ok(())
    }

    /// How many acts of a document wait for a newer program.
    pub(crate) fn waiting_for_upgrade(&self, doc: ActId) -> Result<u64, Fault> {
        Ok(match self.store.doc_no(&doc)? {
            Some(row) => self.store.newer_of(row)?,
            None => 0,
        })
    }
}
