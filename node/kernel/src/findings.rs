//! What became of the acts of a unit that no longer holds their document: the hub tells it, of its own acts alone.
//!
//! What the hub settles after a document has left a scope stands on what others did meanwhile, so no act of it can go there:
//! what the unit did late, or did without a link, would stay provisional there for ever. A finding (`replica::finding`) says
//! of one act whether it stands, and what a hotline said of it since. It goes into the feed of that unit's scope, where the
//! act stands already.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{ActId, ActKind, Millis, UnitId};
use replica::finding::{Finding, Found, Says};
use replica::{History, PartKind, Standing};
use store::{FeedEntry, ScopeId};
use sync::{EntryKind, Item, ScopeKey};

use crate::alarm::Flaw;
use crate::item::FINDING;
use crate::scopes;
use crate::source::Source;
use crate::told::decoded;
use crate::{Fault, Kernel};

pub use crate::told::{Told, answered, fell};

impl Kernel {
    /// The hub tells each unit that a document has left what became of its acts since.
    pub(crate) fn tell_who_left(&mut self, now: Millis, doc: ActId) -> Result<(), Fault> {
        if !self.is_hub() {
            return Ok(());
        }
        let left = self.store.scopes_of(&doc)?.into_iter().filter(|(_, open)| !open);
        let left: Vec<UnitId> =
            left.map(|(scope, _)| UnitId(scope.0)).filter(|unit| Some(*unit) != self.unit()).collect();
        if left.is_empty() {
            return Ok(());
        }
        let history = self.take_history(doc)?;
        let told = Told::of(&self.store, doc)?;
        for unit in left {
            for (act, says, text) in self.news_for(unit, &history, &told)? {
                self.find(now, (doc, act, unit), says, text)?;
            }
        }
        self.put_back(history);
        Ok(())
    }

    /// What a unit has not heard of its own acts: those that were settled by an act which is not in its feed, and words on them
    /// that are not in it. And which parts were erased of acts that it was given.
    fn news_for(&self, unit: UnitId, history: &History, told: &Told) -> Result<Vec<News>, Fault> {
        let (nodes, folded) = (history.nodes(), history.folded());
        let scope = scopes::of_unit(unit);
        let in_feed = |index: usize| self.stands_in(scope, nodes[index].id);
        let mut heard: BTreeMap<usize, bool> = BTreeMap::new();
        let mut news = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let own = node.fact.author.unit == unit && history.counts(index);
            if own && !told.settled(node.id) {
                let stratum = folded.stratum.get(index).copied().flatten();
                let Some(hub) = stratum.and_then(|n| folded.hub_line().get(n as usize).copied()) else { continue };
                let known = match heard.get(&hub) {
                    Some(known) => *known,
                    None => *heard.entry(hub).or_insert(in_feed(hub)?),
                };
                if known || !in_feed(index)? {
                    continue;
                }
                let says = match history.standing(index) {
                    Some(Standing::Overruled(broken)) => {
                        let by = broken.by.and_then(|by| history.index_of(by));
                        let by =
                            by.map(|by| Ok::<_, Fault>(in_feed(by)?.then_some(nodes[by].id))).transpose()?.flatten();
                        Says::Fell { rule: broken.rule.code().to_owned(), by }
                    }
                    Some(Standing::Effective) => Says::Stands,
                    None => continue,
                };
                news.push((node.id, says, None));
            }
            if let Some((act, says)) = word_for(unit, history, index)
                && !told.words(act).any(|found| matches!(found.finding.says, Says::Word { act, .. } if act == node.id))
                && !in_feed(index)?
            {
                news.push((act, says, node.part(PartKind::Text).cloned()));
            }
        }
        // What was erased while the unit had the document it has erased itself.
        for (confirm, act, part) in history.erasures() {
            let Some(index) = history.index_of(act) else { continue };
            let stratum = folded.stratum.get(confirm).copied().flatten();
            let hub = stratum.and_then(|n| folded.hub_line().get(n as usize).copied()).unwrap_or(confirm);
            if !told.erased(unit, act, part) && in_feed(index)? && !(in_feed(hub)? && in_feed(confirm)?) {
                news.push((act, Says::Erased { part }, None));
            }
        }
        Ok(news)
    }

    fn stands_in(&self, scope: ScopeKey, act: ActId) -> Result<bool, Fault> {
        let Some(aseq) = self.store.aseq_of(&act)? else { return Ok(false) };
        Ok(self.store.feed_holds(ScopeId(scope.0), aseq)?)
    }

    fn find(
        &mut self,
        now: Millis,
        (doc, act, unit): (ActId, ActId, UnitId),
        says: Says,
        text: Option<replica::Part>,
    ) -> Result<(), Fault> {
        let Some(device) = self.device() else { return Ok(()) };
        let finding = Finding { doc, act, unit, device, at: self.surest(now), says };
        let found = Found::sign(finding, text, &self.identity.key);
        self.keep_finding(&found, None)
    }

    fn keep_finding(&mut self, found: &Found, source: Option<Source>) -> Result<(), Fault> {
        let (id, Finding { doc, unit, .. }) = (found.finding.id(), &found.finding);
        let Some(number) = self.store.put_finding(&id, doc, &found.encode())? else { return Ok(()) };
        let peer = source.map(|source| source.peer.0);
        if let (Some(_), Says::Erased { part }) = (source, &found.finding.says) {
            self.erase_told(*doc, found.finding.act, *part)?;
        }
        self.append(scopes::of_unit(*unit), FeedEntry::Finding(number), (EntryKind::Finding, id), peer)?;
        // The hub itself shows what its fold says.
        if source.is_some() && self.store.doc_no(doc)?.is_some() {
            self.group.dirty.insert(*doc);
        }
        Ok(())
    }

    /// Erases what the city told was erased.
    fn erase_told(&mut self, doc: ActId, act: ActId, part: PartKind) -> Result<(), Fault> {
        let Some(aseq) = self.store.aseq_of(&act)? else { return Ok(()) };
        let mut history = self.take_history(doc)?;
        history.drop_part(act, part);
        self.put_back(history);
        self.store.drop_part(aseq, part.number())?;
        if part.open() {
            self.forget_words(doc, &BTreeSet::from([act]))?;
        }
        Ok(())
    }

    /// Takes in a finding from a peer: it must be for the unit of the scope that it came through, and a hub of the city's must
    /// have signed it.
    pub(crate) fn take_finding(&mut self, now: Millis, bytes: &[u8], source: Source) -> Result<bool, Fault> {
        let Ok(found) = Found::decode(bytes) else {
            self.refuse(now, bytes, Flaw::Malformed, source)?;
            return Ok(true);
        };
        if scopes::of_unit(found.finding.unit) != source.scope || !found.holds(&self.registry) {
            self.refuse(now, bytes, Flaw::Finding, source)?;
            return Ok(true);
        }
        self.keep_finding(&found, Some(source))?;
        Ok(true)
    }

    /// The item of a finding in a feed.
    pub(crate) fn finding_item(&self, number: i64) -> Result<Item, Fault> {
        let bytes = self.store.finding_at(number)?;
        let bytes = bytes.ok_or_else(|| Fault::Inconsistent("a finding of a feed is not stored".to_owned()))?;
        Ok(Item { kind: FINDING, id: decoded(&bytes)?.finding.id(), bytes, extent: 0 })
    }

    /// Texts of these acts were erased: so are they where a finding tells them.
    pub(crate) fn forget_words(&mut self, doc: ActId, erased: &BTreeSet<ActId>) -> Result<(), Fault> {
        for (number, bytes) in self.store.findings_of(&doc)? {
            let found = decoded(&bytes)?;
            let gone = matches!(found.finding.says, Says::Word { act, .. } if erased.contains(&act));
            if gone && found.text.is_some() {
                self.store.set_finding(number, &Found { text: None, ..found }.encode())?;
            }
        }
        Ok(())
    }
}

/// What is told of an act: which, what, and the text that goes with it.
type News = (ActId, Says, Option<replica::Part>);

/// What a hotline's act says of an act of that unit which fell, once that is settled.
fn word_for(unit: UnitId, history: &History, index: usize) -> Option<(ActId, Says)> {
    let node = &history.nodes()[index];
    let kind = node.fact.body.kind();
    let answered = history.node(node.fact.answers?)?;
    let stands = history.standing(index) == Some(Standing::Effective) && history.folded().settled(index);
    let says = matches!(kind, ActKind::AcceptWork | ActKind::Uphold) && stands && answered.fact.author.unit == unit;
    says.then(|| {
        let head = node.act.part(PartKind::Text).cloned();
        (answered.id, Says::Word { act: node.id, kind, unit: node.fact.author.unit, at: node.act.time, head })
    })
}
