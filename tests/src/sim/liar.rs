//! A node that lies. Its kernel is honest; beside it sits somebody who has its key and its connections: who puts acts of
//! all sorts among those that it sends, and says frames of his own. He knows every id in the city: they are no secret.
//!
//! He rides on the batches that the honest kernel sends, since what does not join a feed is not looked at. What became of
//! every lie is counted, so that it can be told whether it got to the place that it was for.

use kernel::scopes::{KNOWLEDGE, REGISTRY};
use kernel::{ConnId, Kernel, read};
use regulation::{ActId, Body, DeviceId};
use replica::registry::{RegistryVersion, sign_entry};
use replica::seal::hash;
use replica::{Act, Change, Draft, Effect as Write, History, Sealed, Signature, Stub};
use store::{DocNo, ScopeId, Verdict};
use sync::frame::Carried;
use sync::{Frame, Mark, ScopeKey};

use super::lies::{Counted, Lie, Lies};
use super::{Sim, text};
use crate::city;
use crate::forger::Forger;

/// Lies among the items of one batch, at most.
const LIES_A_BATCH: usize = 3;
/// Acts of a flood, at most. It has to fit into a frame beside what is there.
const FLOOD_ACTS: usize = 24;
/// Documents of a scope that he chooses among.
const DOCS: usize = 50;

/// A lie that was told.
struct Told {
    lie: Lie,
    /// By its id, the scope that it was told in, and its bytes' hash; if it is an act.
    act: Option<(ActId, ScopeKey, [u8; 32])>,
    to: usize,
    delivered: bool,
}

/// See the module.
pub(super) struct Liar {
    pub(super) node: usize,
    forger: Forger,
    told: Vec<Told>,
    /// What others wait for, until it is told: to whom, and in which scope.
    kept_back: Vec<(usize, ScopeKey, Lie, Vec<u8>)>,
}

impl Liar {
    pub(super) fn new(node: usize, device: DeviceId) -> Self {
        Self { node, forger: Forger::new(device, 1), told: Vec::new(), kept_back: Vec::new() }
    }
}

/// A frame, and which of the lies it holds.
pub(super) type Said = (Vec<u8>, Vec<usize>);

impl Sim {
    pub(super) fn lies(&self, node: usize) -> bool {
        self.liar.as_ref().is_some_and(|liar| liar.node == node)
    }

    /// Whether what came from that device may be anything.
    pub(super) fn is_liar(&self, device: Option<DeviceId>) -> bool {
        self.liar.as_ref().is_some_and(|liar| Some(liar.forger.device) == device)
    }

    /// What is really said where the kernel of a node says this.
    pub(super) fn lied(&mut self, from: usize, to: usize, bytes: Vec<u8>) -> Result<Vec<Said>, String> {
        if self.calm || !self.lies(from) || !self.dice.percent(75) {
            return Ok(vec![(bytes, Vec::new())]);
        }
        let Some(mut liar) = self.liar.take() else { return Ok(vec![(bytes, Vec::new())]) };
        let said = self.say(&mut liar, to, bytes);
        self.liar = Some(liar);
        said
    }

    fn say(&mut self, liar: &mut Liar, to: usize, bytes: Vec<u8>) -> Result<Vec<Said>, String> {
        let frame = Frame::decode(&bytes).map_err(text)?;
        let Frame::Batch { scope, from, before, to: mark, restart, more, round, pieces, last_piece, mut items } = frame
        else {
            let mut said = vec![(bytes, Vec::new())];
            if let Frame::Ack { scope, .. } = frame
                && self.dice.percent(15)
            {
                said.extend(self.beside(liar, to, scope)?);
            }
            return Ok(said);
        };
        let mut told = Vec::new();
        for _ in 0..=self.dice.below(LIES_A_BATCH) {
            for (lie, item) in self.invent(liar, to, scope, &items)? {
                let act = match &item {
                    Carried::Item { bytes, .. } => Sealed::decode(bytes).ok().map(|sealed| sealed.id()),
                    Carried::Known(_) | Carried::Newer => None,
                };
                let digest =
                    if let Carried::Item { bytes, .. } = &item { hash(b"jiesu/refused/1", bytes) } else { [0; 32] };
                told.push(liar.told.len());
                liar.told.push(Told { lie, act: act.map(|id| (id, scope, digest)), to, delivered: false });
                // What he makes is in no order: what follows may come before what it follows.
                let at = self.dice.below(items.len() + 1);
                items.insert(at, item);
            }
        }
        let frame = Frame::Batch { scope, from, before, to: mark, restart, more, round, pieces, last_piece, items };
        Ok(vec![(frame.encode().map_err(text)?, told)])
    }

    /// A frame of his own.
    fn beside(&mut self, liar: &mut Liar, to: usize, scope: ScopeKey) -> Result<Option<Said>, String> {
        let mark = Mark { lseq: 1_000 + self.dice.bits() % 1_000, running: self.dice.salt() };
        let (lie, frame) = match self.dice.below(3) {
            0 => (Lie::Overclaim, Frame::Ack { scope, mark, gap: self.dice.percent(30) }),
            1 => (Lie::Overclaim, Frame::Cursors(vec![(scope, mark)])),
            _ => {
                let Some(history) = self.foreign(to, scope)? else { return Ok(None) };
                let (act, parts) = self.tagging(liar, &history)?;
                let items = vec![Carried::item(liar.forger.seal(&act, parts).encode())];
                (Lie::Unasked, Frame::Given { scope, items })
            }
        };
        liar.told.push(Told { lie, act: None, to, delivered: false });
        Ok(Some((frame.encode().map_err(text)?, vec![liar.told.len() - 1])))
    }

    /// A lie for that scope, if there is what it needs; `beside` are the true items of the batch.
    fn invent(
        &mut self,
        liar: &mut Liar,
        to: usize,
        scope: ScopeKey,
        beside: &[Carried],
    ) -> Result<Vec<(Lie, Carried)>, String> {
        if scope == REGISTRY {
            // One that does not fit stops the log of this link until it is up anew.
            let entry = self.dice.percent(20).then(|| self.entry(liar)).transpose()?.flatten();
            return Ok(entry.map(|bytes| (Lie::Entry, Carried::item(bytes))).into_iter().collect());
        }
        let waited_for = |(whom, of, ..): &(usize, ScopeKey, Lie, Vec<u8>)| *whom == to && *of == scope;
        if let Some(at) = liar.kept_back.iter().position(waited_for) {
            let (.., lie, bytes) = liar.kept_back.swap_remove(at);
            return Ok(vec![(lie, Carried::item(bytes))]);
        }
        let lie = *self.dice.pick(&Lie::acts());
        let item = |bytes: Vec<u8>| Ok(vec![(lie, Carried::item(bytes))]);
        match lie {
            Lie::Named => {
                let Some(id) = self.foreign(to, scope)?.and_then(|history| history.nodes().last().map(|node| node.id))
                else {
                    return Ok(Vec::new());
                };
                return Ok(vec![(lie, Carried::Known(id.0))]);
            }
            Lie::Stub => {
                let device = self.dice.pick(&city::devices()).0;
                let (id, half) = (self.any_id(), self.dice.salt());
                let mut signature = [3; 64];
                signature[..16].copy_from_slice(&half);
                let signature = Signature { kind: Signature::DEVICE, signer: device.0, bytes: signature.to_vec() };
                let (dseq, signatures) = (1 + self.dice.bits() % 9, vec![signature]);
                let stub = Stub { id, device, epoch: 1, dseq, signatures };
                return Ok(vec![(lie, Carried::Item { kind: 1, bytes: stub.encode() })]);
            }
            Lie::Beginning => {
                let draft = self.any_request();
                let (act, parts) = self.composed(liar, &History::default(), draft)?;
                return item(liar.forger.seal(&act, parts).encode());
            }
            Lie::ChangedByte => {
                return Ok(self.changed(beside).map(|bytes| (lie, Carried::item(bytes))).into_iter().collect());
            }
            _ => {}
        }
        let history = if lie == Lie::ForeignId { self.foreign(to, scope)? } else { self.shared(liar.node, scope)? };
        let Some(history) = history else { return Ok(Vec::new()) };
        let (mut act, parts) = self.tagging(liar, &history)?;
        match lie {
            Lie::UnknownId => (act.doc, act.deps) = (Some(self.any_id()), vec![self.any_id()]),
            Lie::ForgedName => {
                let others: Vec<_> = city::devices().into_iter().filter(|(device, ..)| *device != act.device).collect();
                let (device, unit, _) = *self.dice.pick(&others);
                (act.device, act.person) = (device, Some(city::people(unit)[0]));
            }
            Lie::RegistryAhead => {
                let ahead = 1 + u32::try_from(self.dice.below(3)).unwrap_or_default();
                for RegistryVersion { version, .. } in &mut act.registry {
                    *version += ahead;
                }
            }
            Lie::RegistryBehind => {
                let founded = city::registry().version();
                for RegistryVersion { version, .. } in &mut act.registry {
                    *version = founded - u32::try_from(self.dice.below(3)).unwrap_or_default();
                }
            }
            Lie::NeverComes => act.deps = vec![self.any_id()],
            Lie::Twins => {
                liar.forger.dseq -= 1;
                let (mut twin, parts) = self.tagging(liar, &history)?;
                twin.effects = vec![Write::AddTag("另一件".to_owned())];
                let twin = liar.forger.seal(&twin, parts).encode();
                if self.dice.percent(50) {
                    liar.kept_back.push((to, scope, lie, twin));
                } else {
                    let one = Carried::item(liar.forger.seal(&act, Vec::new()).encode());
                    return Ok(vec![(lie, one), (lie, Carried::item(twin))]);
                }
            }
            Lie::TwinsApart => {
                let Some(other) = self.shared(liar.node, scope)?.filter(|other| other.id() != history.id()) else {
                    return Ok(Vec::new());
                };
                liar.forger.dseq -= 1;
                let (twin, parts) = self.tagging(liar, &other)?;
                let twin = liar.forger.seal(&twin, parts).encode();
                return Ok(vec![
                    (lie, Carried::item(liar.forger.seal(&act, Vec::new()).encode())),
                    (lie, Carried::item(twin)),
                ]);
            }
            Lie::Flood => {
                let flood = self.flood(liar, &history, &act)?;
                return Ok(flood.into_iter().map(|bytes| (lie, Carried::item(bytes))).collect());
            }
            Lie::LateDependency => {
                let first = liar.forger.seal(&act, parts.clone());
                (act, _) = self.tagging(liar, &history)?;
                act.deps = vec![first.id()];
                liar.kept_back.push((to, scope, lie, first.encode()));
            }
            _ => {}
        }
        item(liar.forger.seal(&act, parts).encode())
    }

    /// Many acts, that one first.
    fn flood(&mut self, liar: &mut Liar, history: &History, first: &Act) -> Result<Vec<Vec<u8>>, String> {
        let (chained, count) = (self.dice.percent(50), 2 + self.dice.below(FLOOD_ACTS - 1));
        let mut flood = vec![liar.forger.seal(first, Vec::new())];
        while flood.len() < count {
            let (mut more, parts) = self.tagging(liar, history)?;
            if let Some(last) = flood.last().filter(|_| chained) {
                more.deps = vec![last.id()];
            }
            flood.push(liar.forger.seal(&more, parts));
        }
        Ok(flood.into_iter().map(|act| act.encode()).collect())
    }

    fn any_id(&mut self) -> ActId {
        ActId(hash(b"nothing", &self.dice.salt()))
    }

    fn kernel_of(&self, node: usize) -> Result<&Kernel, String> {
        self.nodes[node].kernel.as_ref().ok_or_else(|| "a node is down".to_owned())
    }

    fn composed(
        &mut self,
        liar: &mut Liar,
        history: &History,
        draft: Draft,
    ) -> Result<(Act, Vec<replica::Part>), String> {
        let kernel = self.kernel_of(liar.node)?;
        Ok(liar.forger.compose(kernel.registry(), history, draft, self.now))
    }

    fn tagging(&mut self, liar: &mut Liar, history: &History) -> Result<(Act, Vec<replica::Part>), String> {
        let tag = self.dice.pick(&["供暖", "老人", "重复"]).to_string();
        self.composed(liar, history, Draft::new(Body::Tag).effects(vec![Write::AddTag(tag)]))
    }

    /// One of the true acts, changed a little.
    fn changed(&mut self, beside: &[Carried]) -> Option<Vec<u8>> {
        let whole =
            |item: &Carried| if let Carried::Item { bytes, .. } = item { Sealed::decode(bytes).ok() } else { None };
        let acts: Vec<Sealed> = beside.iter().filter_map(whole).collect();
        let sealed = acts.get(self.dice.below(acts.len()))?;
        let mut act = Act::decode(&sealed.bytes).ok()?;
        act.time += 1;
        Some(Sealed { bytes: act.encode(), ..sealed.clone() }.encode())
    }

    fn entry(&mut self, liar: &Liar) -> Result<Option<Vec<u8>>, String> {
        let kernel = self.kernel_of(liar.node)?;
        let key = city::key(liar.forger.device);
        Ok(Some(sign_entry(None, kernel.registry(), Change::Hub(liar.forger.device), self.now, &key)))
    }

    /// A document that the scope has no part in, as whoever is told of it knows it.
    fn foreign(&mut self, to: usize, scope: ScopeKey) -> Result<Option<History>, String> {
        let mut foreign = Vec::new();
        let store = self.kernel_of(to)?.store();
        for doc in read::docs(store).map_err(text)? {
            let scopes = store.scopes_of(&doc).map_err(text)?;
            let of = |scope: ScopeKey| scopes.iter().any(|(known, _)| *known == ScopeId(scope.0));
            if !of(scope) && !of(KNOWLEDGE) {
                foreign.push(doc);
            }
        }
        if foreign.is_empty() {
            return Ok(None);
        }
        let doc = *self.dice.pick(&foreign);
        let kernel = self.kernel_of(to)?;
        read::history(kernel.store(), kernel.registry(), doc).map(Some).map_err(text)
    }

    /// A document that the liar's node holds in that scope.
    fn shared(&mut self, node: usize, scope: ScopeKey) -> Result<Option<History>, String> {
        let docs = self.kernel_of(node)?.store().docs_in_scope(ScopeId(scope.0), DocNo(0), DOCS).map_err(text)?;
        let open: Vec<DocNo> = docs.into_iter().filter(|(_, open)| *open).map(|(doc, _)| doc).collect();
        if open.is_empty() {
            return Ok(None);
        }
        let doc = *self.dice.pick(&open);
        let kernel = self.kernel_of(node)?;
        let Some(doc) = kernel.store().doc_id(doc).map_err(text)? else { return Ok(None) };
        read::history(kernel.store(), kernel.registry(), doc).map(Some).map_err(text)
    }

    pub(super) fn delivered(&mut self, lies: &[usize]) {
        for lie in lies {
            if let Some(told) = self.liar.as_mut().and_then(|liar| liar.told.get_mut(*lie)) {
                told.delivered = true;
            }
        }
    }

    /// How every lie stands where it was told.
    pub(super) fn count_lies(&mut self) -> Result<(), String> {
        let Some(liar) = &self.liar else { return Ok(()) };
        let mut lies = Lies::default();
        for Told { lie, act, to, delivered } in &liar.told {
            lies.count(*lie, Counted::Made);
            let (true, Some(kernel)) = (delivered, &self.nodes[*to].kernel) else { continue };
            lies.count(*lie, Counted::Delivered);
            let Some((id, scope, digest)) = act else { continue };
            lies.count(*lie, stands(kernel, *id, *scope, digest)?);
        }
        self.run.lies = lies;
        Ok(())
    }

    /// A liar's connections are made anew: what waited for him to be quiet goes on.
    pub(super) fn renew_links(&mut self) -> Result<(), String> {
        let lied = |pair: &(usize, usize)| self.crowded || self.lies(pair.0) || self.lies(pair.1);
        for pair in self.links.keys().copied().filter(lied).collect::<Vec<_>>() {
            self.cut(pair)?;
        }
        Ok(())
    }

    /// A node has closed a connection, as it may where the other end lies.
    pub(super) fn closed(&mut self, node: usize, conn: ConnId, reason: &str) -> Result<(), String> {
        let pair = self.links.iter().find(|(_, link)| **link == Some(conn)).map(|(pair, _)| *pair);
        match pair {
            Some(pair) if self.lies(pair.0) || self.lies(pair.1) => self.cut(pair),
            _ => Err(format!("node {node} closed {conn:?}: {reason}")),
        }
    }
}

/// How an act stands at a node.
fn stands(kernel: &Kernel, id: ActId, scope: ScopeKey, digest: &[u8; 32]) -> Result<Counted, String> {
    let store = kernel.store();
    if let Some(act) = store.act(&id).map_err(text)? {
        return Ok(if act.verdict == Verdict::Admitted { Counted::Admitted } else { Counted::Unlawful });
    }
    if store.holds_act(&id).map_err(text)? {
        return Ok(Counted::Held);
    }
    if store.stub_of(&id).map_err(text)?.is_some() || store.is_aside(&id, ScopeId(scope.0)).map_err(text)? {
        return Ok(Counted::Aside);
    }
    let refused = store.refused(store::REFUSED_ROWS_MAX).map_err(text)?;
    Ok(if refused.iter().any(|row| row.digest == *digest) { Counted::Refused } else { Counted::Nothing })
}
