//! What a node takes in, looked at after every group: judged as a stranger would judge it, who has nothing but the act,
//! its past and the registry that it names.

use std::collections::{BTreeMap, BTreeSet};

use kernel::scopes::{KNOWLEDGE, REGISTRY, of_unit};
use kernel::{Kernel, read};
use regulation::{ActId, Body, DeviceId, Rule, UnitId};
use replica::seal::hash;
use replica::{Act, History, Judgement, Restoring, Standing, Verdict, vet, weigh};
use store::{ActRow, Aseq, DocNo, FeedEntry, HELD_ROWS_MAX, Queries, ScopeId};
use sync::ScopeKey;

use super::{Sim, text};
use crate::city;

/// What was looked at of a node already.
#[derive(Default)]
pub(super) struct Seen {
    /// Up to here its acts were judged again.
    acts: Aseq,
    /// How what is settled stands there.
    settled: BTreeMap<ActId, Standing>,
    /// What waits there, by its row: the act, the scope that it came through, and its bytes' hash.
    held: BTreeMap<ActId, (ActId, ScopeId, [u8; 32])>,
    /// Up to where the feeds of its peers were compared with what it holds.
    feeds: BTreeMap<(DeviceId, ScopeId), u64>,
}

impl Sim {
    pub(super) fn check_taken(&mut self, node: usize) -> Result<(), String> {
        let mut seen = std::mem::take(&mut self.nodes[node].seen);
        if let Some(kernel) = &self.nodes[node].kernel {
            check_acts(kernel, &mut seen, &|device| self.keeps_the_rules(device))?;
            check_held(kernel, &mut seen)?;
            // A liar is taken to hold what he told himself.
            let others = self.nodes.iter().filter(|peer| peer.device != self.nodes[node].device);
            for peer in others.filter(|_| !self.lies(node)) {
                if let Some(peer) = &peer.kernel {
                    check_received(kernel, peer, self.nodes[node].restored, self.crowded, &mut seen)?;
                }
            }
        }
        self.nodes[node].seen = seen;
        Ok(())
    }

    /// Whether what that device makes is what a node makes that is honest and was never put back.
    fn keeps_the_rules(&self, device: DeviceId) -> bool {
        self.nodes.iter().any(|node| node.device == device && !node.restored) && !self.is_liar(Some(device))
    }
}

/// Every new act is by the device that it names, and has the verdict that follows from the registry which it names; and its
/// document is counted into no scope that has no part in it.
fn check_acts(kernel: &Kernel, seen: &mut Seen, honest: &dyn Fn(DeviceId) -> bool) -> Result<(), String> {
    let store = kernel.store();
    let new = store.acts_after(seen.acts, store::ACT_ROWS_MAX).map_err(text)?;
    let docs: BTreeSet<DocNo> = new.iter().map(|row| row.doc).collect();
    for doc in docs {
        let rows = store.acts_of(doc, store::Aseq(0)).map_err(text)?;
        let (old, new): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.aseq <= seen.acts);
        let mut known = Restoring::default();
        for row in old {
            let (sealed, act) = (read::sealed(row).map_err(text)?, Act::decode(&row.bytes).map_err(text)?);
            if !known.take(row.id, act, sealed.parts, verdict_of(row)?, kernel.registry()) {
                return Err(format!("{:?} holds {:?} without what it follows", kernel.device(), row.id));
            }
        }
        let mut history = known.done();
        for row in new {
            judge_again(kernel, &mut history, row)?;
        }
        check_parts(kernel, doc, &history)?;
        check_lines(kernel, &history, &mut seen.settled, honest)?;
    }
    if let Some(last) = new.last() {
        seen.acts = last.aseq;
    }
    Ok(())
}

fn verdict_of(row: &ActRow) -> Result<Verdict, String> {
    let rule = row.rule.as_deref().and_then(Rule::parse);
    match row.verdict {
        store::Verdict::Admitted => Ok(Verdict::Admitted),
        store::Verdict::Unlawful => Ok(Verdict::Unlawful(rule.ok_or_else(|| format!("{:?} has no rule", row.id))?)),
        store::Verdict::Newer | store::Verdict::Refused => {
            Err(format!("{:?} is newer than every program here", row.id))
        }
    }
}

fn judge_again(kernel: &Kernel, history: &mut History, row: &ActRow) -> Result<(), String> {
    let (me, id, registry) = (kernel.device(), row.id, kernel.registry());
    let (sealed, act) = (read::sealed(row).map_err(text)?, Act::decode(&row.bytes).map_err(text)?);
    let (author, stored) = (act.device, verdict_of(row)?);
    match vet(&sealed, &act, registry) {
        None | Some(Judgement::Judged(_)) => {}
        Some(Judgement::Refused(why)) => return Err(format!("{me:?} took in {id:?} in the name of {author:?}: {why}")),
        Some(Judgement::Held(need)) => return Err(format!("{me:?} judged {id:?} without {need:?}, which it names")),
    }
    match weigh(history, &sealed, act, registry).map_err(text)? {
        Judgement::Judged(node) if node.verdict == stored => {
            history.insert(*node);
            Ok(())
        }
        Judgement::Judged(node) => {
            let found = node.verdict;
            Err(format!("{me:?} judged {id:?} {stored:?}; by the registry that it names it is {found:?}"))
        }
        other => Err(format!("{me:?} judged {id:?}, which cannot be: {other:?}")),
    }
}

/// Units that have a part in a document: whoever wrote it down, was given it, asked for an opinion or praised, by acts that are
/// admitted; and the city.
pub(super) fn units_in(history: &History) -> BTreeSet<UnitId> {
    let mut units = BTreeSet::from([city::CITY]);
    for (index, node) in history.nodes().iter().enumerate().filter(|(_, node)| node.admitted()) {
        for body in [&node.fact.body, &history.brings(node).body] {
            units.extend(body.dispatch().into_iter().flat_map(|d| d.assisting.iter().copied().chain([d.lead])));
            if let Body::Escalate { to: unit } | Body::Convey { unit } = body {
                units.insert(*unit);
            }
        }
        if index == 0 {
            units.insert(node.fact.author.unit);
        }
    }
    units
}

/// A device counts for no more than its lines, whatever it makes: of what counts each act has the one before it in its line in
/// its past. No act of whoever keeps the rules falls for its place, whatever others make. And what is settled stands as it stood.
fn check_lines(
    kernel: &Kernel,
    history: &History,
    settled: &mut BTreeMap<ActId, Standing>,
    honest: &dyn Fn(DeviceId) -> bool,
) -> Result<(), String> {
    let (me, nodes) = (kernel.device(), history.nodes());
    let mut tips: BTreeMap<(DeviceId, u64), usize> = BTreeMap::new();
    for index in &history.folded().order {
        let (node, Some(standing)) = (&nodes[*index], history.standing(*index)) else { continue };
        if history.fell(*index) && honest(node.act.device) {
            let device = node.act.device;
            return Err(format!("{me:?} lets {:?} of {device:?}, which is honest, fall for its place", node.id));
        }
        if !history.fell(*index)
            && let Some(tip) = tips.insert((node.act.device, node.act.epoch), *index)
            && !node.past.contains(tip)
        {
            return Err(format!("{me:?} counts {:?} beside {:?}, which is of the same line", node.id, nodes[tip].id));
        }
        if history.folded().settled(*index) {
            match settled.insert(node.id, standing) {
                Some(before) if before != standing => {
                    return Err(format!("{me:?} had {:?} settled as {before:?}, and now it is {standing:?}", node.id));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn check_parts(kernel: &Kernel, doc: DocNo, history: &History) -> Result<(), String> {
    let scopes: BTreeSet<ScopeKey> = match history.record().knowledge() {
        Some(_) => BTreeSet::from([KNOWLEDGE]),
        None => units_in(history).into_iter().map(of_unit).collect(),
    };
    for (scope, _) in kernel.store().doc_scopes(doc).map_err(text)? {
        if !scopes.contains(&ScopeKey(scope.0)) {
            let (me, doc) = (kernel.device(), history.id());
            return Err(format!("{me:?} counts {doc:?} into {scope:?}, which has no part in it"));
        }
    }
    Ok(())
}

/// What waited and waits no more has come to something.
fn check_held(kernel: &Kernel, seen: &mut Seen) -> Result<(), String> {
    let store = kernel.store();
    let rows = store.held_after(None, HELD_ROWS_MAX).map_err(text)?;
    let held: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| {
            let scope = row.scope.unwrap_or(ScopeId(0));
            (row.id, (row.act, scope, hash(b"jiesu/refused/1", &row.bytes)))
        })
        .collect();
    for (row, (act, scope, digest)) in &seen.held {
        if held.contains_key(row) || is_here(store, act, *scope)? {
            continue;
        }
        let refused = store.refused(store::REFUSED_ROWS_MAX).map_err(text)?;
        if !refused.iter().any(|row| row.digest == *digest) {
            return Err(format!("{:?} dropped {act:?}, which waited there, and nothing became of it", kernel.device()));
        }
    }
    seen.held = held;
    Ok(())
}

/// Whether an act is known to a node: by a verdict, held, set aside, or by its stub.
fn is_here(store: &Queries, act: &ActId, scope: ScopeId) -> Result<bool, String> {
    Ok(store.aseq_of(act).map_err(text)?.is_some()
        || store.holds_act(act).map_err(text)?
        || store.is_aside(act, scope).map_err(text)?
        || store.stub_of(act).map_err(text)?.is_some())
}

/// What a node counts as received of a peer's feed is there. Only what it brought itself, and lost by being put back, may
/// still be under way through another scope; and stubs have a quota beyond which they are passed over.
fn check_received(
    kernel: &Kernel,
    peer: &Kernel,
    restored: bool,
    crowded: bool,
    seen: &mut Seen,
) -> Result<(), String> {
    let Some(device) = peer.device() else { return Ok(()) };
    let (mine, theirs) = (kernel.store(), peer.store());
    for (scope, cursor) in mine.cursors_of(device).map_err(text)? {
        let upto = cursor.received.lseq;
        let lacks = |what: &str| {
            Err(format!("{:?} counts {what} of {device:?} as received, in {scope:?}, and has it not", kernel.device()))
        };
        if scope.0 == REGISTRY.0 {
            if upto > u64::from(kernel.registry().version()) {
                return lacks(&format!("entry {upto}"));
            }
            continue;
        }
        let before = seen.feeds.insert((device, scope), upto).unwrap_or_default();
        // A feed that was begun anew since, or put back, is another one.
        if kernel::chain::mark_at(theirs, scope, upto).map_err(text)?.map(|mark| mark.running)
            != Some(cursor.received.running)
        {
            continue;
        }
        for row in theirs.feed_read(scope, before.min(upto), store::FEED_ROWS_MAX).map_err(text)? {
            if row.lseq > upto {
                break;
            }
            if restored && row.peer == kernel.device() {
                continue;
            }
            let acts: Vec<ActId> = match row.entry {
                FeedEntry::Act(aseq) => theirs.act_at(aseq).map_err(text)?.into_iter().map(|act| act.id).collect(),
                FeedEntry::Enter { doc, after, upto } => {
                    theirs.acts_between(doc, after, upto).map_err(text)?.into_iter().map(|act| act.id).collect()
                }
                FeedEntry::Finding(_) => Vec::new(),
                FeedEntry::Stub(_) if crowded => Vec::new(),
                FeedEntry::Stub(number) => theirs.stub_at(number).map_err(text)?.into_iter().map(|s| s.id).collect(),
            };
            for act in acts {
                if !is_here(mine, &act, scope)? {
                    let entry = format!("{act:?}, in entry {} from {:?},", row.lseq, row.peer);
                    return lacks(&entry);
                }
            }
        }
    }
    Ok(())
}
