//! Taking an act in, whether it was made here or came from a peer: one path.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, ActKind, Millis};
use replica::seal::hash;
use replica::{Act, History, Judgement, Need, Node, Sealed, Verdict, judge};
use store::{Aseq, DocNo, FeedEntry, HeldRow, NewAct, RefusedRow, ScopeId};
use sync::ScopeKey;

use crate::peers::PeerId;
use crate::scopes::{self, Membership};
use crate::withheld::Clearance;
use crate::{Fault, Kernel};

/// Where an act came from: a peer, through one of the scopes shared with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    pub peer: PeerId,
    pub scope: ScopeKey,
}

/// An act as it enters the feeds.
#[derive(Clone, Copy)]
struct Entry {
    doc: ActId,
    row: DocNo,
    id: ActId,
    aseq: Aseq,
    /// There are nodes that may be sent more of the document than before.
    widened: bool,
}

/// Acts of one author's device that may wait here for something that is missing; beyond that whoever sends more waits.
pub const HELD_ACTS_MAX: u64 = 10_000;

/// What became of bytes from a peer.
enum Taken {
    /// An act that now has a verdict which it did not have before.
    Judged(ActId),
    /// Kept as held or in quarantine, or known already.
    Kept,
    /// Not kept: too much waits already.
    TooMany,
}

impl Kernel {
    /// The history of a document, from the cache or the store; empty if the document is not held.
    pub(crate) fn take_history(&mut self, doc: ActId) -> Result<History, Fault> {
        match self.cache.take(doc) {
            Some(history) => Ok(history),
            None => crate::read::history(&self.store, &self.registry, doc),
        }
    }

    /// Takes in sealed bytes from a peer, and then whatever waited for them. Whatever they are, they are kept or known
    /// already: a peer's fault never stops this node. False if too much of that author's waits here already.
    pub(crate) fn take_in(&mut self, now: Millis, bytes: &[u8], source: Source) -> Result<bool, Fault> {
        match self.take_one(now, bytes, source)? {
            Taken::Judged(id) => self.retry(now, need_key(&Need::Act(id)))?,
            Taken::Kept => {}
            Taken::TooMany => return Ok(false),
        }
        Ok(true)
    }

    /// Judges again what waited for this, and what waited for that in turn.
    pub(crate) fn retry(&mut self, now: Millis, need: [u8; 32]) -> Result<(), Fault> {
        let mut needs = vec![need];
        let mut again = BTreeSet::new();
        while let Some(need) = needs.pop() {
            let waiting = self.store.held_waiting_for(&need)?;
            let mut moved = false;
            for held in waiting {
                let (Some(peer), Some(scope)) = (held.peer, held.scope) else { continue };
                moved |= again.insert((held.id, need));
                self.store.take_held(&held.id)?;
                let source = Source { peer: PeerId(peer), scope: ScopeKey(scope.0) };
                if let Taken::Judged(id) = self.take_one(now, &held.bytes, source)? {
                    needs.push(need_key(&Need::Act(id)));
                }
            }
            if moved {
                // The store tells only so many at once.
                needs.push(need);
            }
        }
        Ok(())
    }

    /// Takes in one act.
    fn take_one(&mut self, now: Millis, bytes: &[u8], source: Source) -> Result<Taken, Fault> {
        let sealed = match Sealed::decode(bytes) {
            Ok(sealed) => sealed,
            Err(malformed) => return self.refuse(now, bytes, &malformed.to_string(), source),
        };
        let id = sealed.id();
        if let Some(aseq) = self.store.aseq_of(&id)? {
            return self.take_known(aseq, id, &sealed, source);
        }
        let act = match Act::decode(&sealed.bytes) {
            Ok(act) => act,
            Err(malformed) => return self.refuse(now, bytes, &malformed.to_string(), source),
        };
        let doc = act.doc.unwrap_or(id);
        let identity = act.identity();
        let mut history = self.take_history(doc)?;
        let judgement = judge(&mut history, &sealed, act, &self.registry)?;
        match judgement {
            Judgement::Held(need) => {
                self.cache.put(doc, history);
                // Before the registry is here nobody can tell who signed: a forged copy must not take the place of the
                // act, nor use up what its author may have waiting.
                let (held_as, answers) = match need {
                    Need::Registry(_) => (ActId(hash(b"jiesu/held/1", bytes)), source.peer.0),
                    Need::Act(_) | Need::Upgrade(_) => (id, identity.0),
                };
                if self.store.held_count_of(answers)? >= HELD_ACTS_MAX {
                    return Ok(Taken::TooMany);
                }
                let row = HeldRow {
                    id: held_as,
                    bytes: bytes.to_vec(),
                    scope: Some(ScopeId(source.scope.0)),
                    peer: Some(source.peer.0),
                    received_at: now,
                    device: answers,
                    reason: format!("{need:?}"),
                };
                self.store.hold(&row, &[need_key(&need)])?;
                Ok(Taken::Kept)
            }
            Judgement::Refused(why) => {
                self.cache.put(doc, history);
                self.refuse(now, bytes, &why, source)
            }
            Judgement::Judged(node) if !passes(history.nodes().first().unwrap_or(&node), source.scope) => {
                self.cache.put(doc, history);
                self.refuse(now, bytes, "it came through a scope that its document does not belong to", source)
            }
            Judgement::Judged(node) => {
                self.notice_own(now, identity)?;
                self.admit(now, doc, history, *node, &sealed, Some(source))?;
                Ok(Taken::Judged(id))
            }
        }
    }

    /// Takes in an act that has a verdict: store, fold, feeds. The document's projections follow at the group's end.
    pub(crate) fn admit(
        &mut self,
        now: Millis,
        doc: ActId,
        mut history: History,
        node: Node,
        sealed: &Sealed,
        source: Option<Source>,
    ) -> Result<(), Fault> {
        let (verdict, rule) = match node.verdict {
            Verdict::Admitted => (store::Verdict::Admitted, None),
            Verdict::Unlawful(rule) => (store::Verdict::Unlawful, Some(rule.code())),
        };
        let (device, epoch, dseq) = node.act.identity();
        let (id, hub) = (node.id, node.hub());
        if hub && node.act.time > self.beacon {
            self.beacon = node.act.time;
            self.store.set_meta(crate::open::BEACON, &self.beacon.to_be_bytes())?;
        }
        let row = self.store.add_doc(&doc)?;
        let aseq = self.store.insert_act(&NewAct {
            id,
            doc: row,
            bytes: &sealed.bytes,
            signature: &sealed.signature,
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
        if node.act.doc.is_none() {
            self.keep_external(row, &node)?;
        }
        let before = Clearance::of(history.record());
        history.insert(node);
        if history.erase() {
            for (act, part) in history.erased() {
                if let Some(aseq) = self.store.aseq_of(&act)? {
                    self.store.drop_part(aseq, part.number())?;
                }
            }
        }
        let widened = Clearance::of(history.record()).widens(&before);
        self.enter_feeds(Entry { doc, row, id, aseq, widened }, &history, source)?;
        if self.me.as_ref().is_some_and(|me| me.hub) {
            if hub {
                self.unsettled.remove(&doc);
            } else {
                self.unsettled.insert(doc);
            }
        }
        self.cache.put(doc, history);
        self.group.dirty.insert(doc);
        Ok(())
    }

    /// Puts a new act into the feeds of the scopes that its document belongs to, opening and closing them.
    fn enter_feeds(&mut self, entry: Entry, history: &History, source: Option<Source>) -> Result<(), Fault> {
        let Some(me) = &self.me else { return Ok(()) };
        let members = scopes::memberships(history);
        let before: BTreeMap<ScopeKey, bool> =
            self.store.doc_scopes(entry.row)?.into_iter().map(|(scope, open)| (ScopeKey(scope.0), open)).collect();
        let named = members.keys().chain(before.keys()).copied().chain(source.map(|source| source.scope));
        let mine: BTreeSet<ScopeKey> = named.filter(|scope| me.scopes.contains(scope)).collect();
        for scope in mine {
            let was_open = before.get(&scope) == Some(&true);
            let now = members.get(&scope).copied().unwrap_or(Membership::Closed);
            if was_open && entry.widened {
                // Whoever got the acts before without their private parts gets them again, from whomever they came.
                self.feed_enter(scope, entry, None)?;
                self.store.set_doc_scope(entry.row, ScopeId(scope.0), now != Membership::Closed)?;
            } else if was_open {
                self.feed_act(scope, entry.id, entry.aseq, source)?;
                if now == Membership::Closed {
                    self.store.set_doc_scope(entry.row, ScopeId(scope.0), false)?;
                }
            } else if now == Membership::Open {
                self.feed_enter(scope, entry, source)?;
                self.store.set_doc_scope(entry.row, ScopeId(scope.0), true)?;
            } else if source.is_some_and(|source| source.scope == scope) {
                self.count_in(scope, entry, now, source)?;
            }
        }
        Ok(())
    }

    /// It left this scope here, or has not entered it yet, but a peer counts it in: so does this node. Where it was never
    /// in, all that is held of it enters: what the peer got from here it does not send back, and both must count the same.
    fn count_in(
        &mut self,
        scope: ScopeKey,
        entry: Entry,
        now: Membership,
        source: Option<Source>,
    ) -> Result<(), Fault> {
        if self.store.doc_scopes(entry.row)?.iter().any(|(known, _)| *known == ScopeId(scope.0)) {
            return self.feed_act(scope, entry.id, entry.aseq, source);
        }
        self.feed_enter(scope, entry, source)?;
        self.store.set_doc_scope(entry.row, ScopeId(scope.0), now != Membership::Closed)?;
        Ok(())
    }

    fn feed_act(&mut self, scope: ScopeKey, id: ActId, aseq: Aseq, source: Option<Source>) -> Result<(), Fault> {
        let head = self.store.feed_head(ScopeId(scope.0))?;
        let running = sync::chain(head.running, sync::EntryKind::Act, &id.0);
        let peer = source.map(|source| source.peer.0);
        self.store.feed_append(ScopeId(scope.0), FeedEntry::Act(aseq), &running, peer)?;
        self.group.grown.insert(scope);
        Ok(())
    }

    fn feed_enter(&mut self, scope: ScopeKey, entry: Entry, source: Option<Source>) -> Result<(), Fault> {
        let head = self.store.feed_head(ScopeId(scope.0))?;
        let running = sync::chain(head.running, sync::EntryKind::Enter, &entry.doc.0);
        // Only if all that it stands for came from that peer is there nothing to send back to it.
        let peer = source.map(|source| source.peer.0);
        let all_theirs = peer.is_some() && self.store.acts_of(entry.row)?.iter().all(|act| act.peer == peer);
        let stands_for = FeedEntry::Enter { doc: entry.row, upto: entry.aseq };
        self.store.feed_append(ScopeId(scope.0), stands_for, &running, peer.filter(|_| all_theirs))?;
        self.group.grown.insert(scope);
        Ok(())
    }

    /// An act that is held already: a part may be new, and it may be new to the scope that it came through.
    fn take_known(&mut self, aseq: Aseq, id: ActId, sealed: &Sealed, source: Source) -> Result<Taken, Fault> {
        let Some(row) = self.store.act_at(aseq)? else { return Ok(Taken::Kept) };
        if row.parts.len() < sealed.parts.len() {
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
        self.join_scope(id, aseq, source)?;
        Ok(Taken::Kept)
    }

    /// A part came later than its act: whoever has the act from here gets it once more.
    fn pass_on_parts(&mut self, doc: DocNo, id: ActId, aseq: Aseq, source: Source) -> Result<(), Fault> {
        for (scope, _) in self.store.doc_scopes(doc)? {
            if self.store.feed_holds(scope, aseq)? {
                self.feed_act(ScopeKey(scope.0), id, aseq, Some(source))?;
            }
        }
        Ok(())
    }

    /// Counts an act that is held already into the scope that a peer names it in.
    pub(crate) fn join_scope(&mut self, id: ActId, aseq: Aseq, source: Source) -> Result<(), Fault> {
        let mine = self.me.as_ref().is_some_and(|me| me.scopes.contains(&source.scope));
        if !mine || self.store.feed_holds(ScopeId(source.scope.0), aseq)? {
            return Ok(());
        }
        let Some(row) = self.store.act_at(aseq)?.map(|act| act.doc) else { return Ok(()) };
        let doc = self.store.doc_id(row)?;
        let doc = doc.ok_or_else(|| Fault::Inconsistent("an act without document".into()))?;
        let history = self.take_history(doc)?;
        let passes = history.nodes().first().is_some_and(|first| passes(first, source.scope));
        let now = scopes::memberships(&history).get(&source.scope).copied().unwrap_or(Membership::Closed);
        self.cache.put(doc, history);
        if !passes {
            return Ok(());
        }
        if self.store.doc_scopes(row)?.iter().any(|(known, _)| *known == ScopeId(source.scope.0)) {
            return self.feed_act(source.scope, id, aseq, Some(source));
        }
        let newest = self.store.acts_of(row)?.last().map_or(aseq, |act| act.aseq);
        self.count_in(source.scope, Entry { doc, row, id, aseq: newest, widened: false }, now, Some(source))
    }

    fn refuse(&mut self, now: Millis, bytes: &[u8], why: &str, source: Source) -> Result<Taken, Fault> {
        let digest = hash(b"jiesu/refused/1", bytes);
        let (bytes, reason, peer) = (Some(bytes.to_vec()), why.to_owned(), Some(source.peer.0));
        self.store.refuse(&RefusedRow { digest, bytes, reason, peer, received_at: now })?;
        Ok(Taken::Kept)
    }

    /// An act of one's own that one does not hold: the database was put back. What is made from now on needs an epoch
    /// of its own.
    fn notice_own(&mut self, now: Millis, identity: (regulation::DeviceId, u64, u64)) -> Result<(), Fault> {
        let (device, epoch, dseq) = identity;
        if self.device() == Some(device) && epoch == self.epoch && dseq > self.dseq {
            self.new_epoch(now);
            self.keep_epoch()?;
        }
        Ok(())
    }
}

/// Whether a document that begins with this act can come through a scope at all. Everybody holds the knowledge base: a
/// ticket that was let in there would go to everybody.
fn passes(first: &Node, scope: ScopeKey) -> bool {
    (first.act.kind() == Some(ActKind::ArticleCreate)) == (scope == scopes::KNOWLEDGE)
}

/// What a held act waits for, as a key of the store.
pub(crate) fn need_key(need: &Need) -> [u8; 32] {
    match need {
        Need::Act(id) => id.0,
        Need::Registry(version) => {
            let mut bytes = version.log.to_be_bytes().to_vec();
            bytes.extend(version.version.to_be_bytes());
            hash(b"jiesu/need/registry", &bytes)
        }
        Need::Upgrade(kind) => hash(b"jiesu/need/kind", &kind.to_be_bytes()),
    }
}
