//! What must hold: always, and after the calm.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Kernel, read, scopes};
use regulation::{ActId, Body, UnitId};
use replica::Standing;

use super::{Sim, text};
use crate::city;

impl Sim {
    /// Nobody counts as received what the other does not have durably.
    pub(super) fn check_acks(&self) -> Result<(), String> {
        for a in &self.nodes {
            for b in self.nodes.iter().filter(|b| !b.restored && b.device != a.device) {
                let (Some(mine), Some(theirs)) = (&a.kernel, &b.kernel) else { continue };
                for (scope, _) in mine.store().feed_scopes().map_err(text)? {
                    let acked = mine.store().cursor(b.device, scope).map_err(text)?.acked.lseq;
                    let durable = theirs.store().cursor(a.device, scope).map_err(text)?.received.lseq;
                    if acked > durable && !a.restored {
                        return Err(format!(
                            "{:?} counts {acked} of {scope:?} as held by {:?}, which holds {durable}",
                            a.device, b.device
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// No byte of a scope goes to a node that does not hold it.
    pub(super) fn check_scope(&self, to: usize, bytes: &[u8]) -> Result<(), String> {
        let (sync::Frame::Batch { scope, .. } | sync::Frame::Pieces { scope, .. }) =
            sync::Frame::decode(bytes).map_err(text)?
        else {
            return Ok(());
        };
        match &self.nodes[to].kernel {
            Some(kernel) if !held(kernel).contains(&scope) => {
                Err(format!("{scope:?} was sent to {:?}, which does not hold it", self.nodes[to].device))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_equal(&mut self) -> Result<(), String> {
        self.check_told()?;
        self.check_leaks()?;
        let kernels: Vec<&Kernel> = self.nodes.iter().filter_map(|node| node.kernel.as_ref()).collect();
        for kernel in &kernels {
            if let Some(held) = kernel.store().held_after(None, 10).map_err(text)?.first() {
                return Err(format!("{:?} still holds {:?} back: {}", kernel.device(), held.id, held.reason));
            }
            if let Some(refused) = kernel.store().refused(10).map_err(text)?.first() {
                return Err(format!("{:?} refused an act of an honest peer: {}", kernel.device(), refused.reason));
            }
        }
        let dumps = kernels.iter().map(|kernel| dump(kernel)).collect::<Result<Vec<_>, _>>()?;
        for (i, a) in kernels.iter().enumerate() {
            for (j, b) in kernels.iter().enumerate().skip(i + 1) {
                compare((a, &dumps[i]), (b, &dumps[j]))?;
            }
        }
        let hub = kernels[0];
        for doc in read::docs(hub.store()).map_err(text)? {
            let history = read::history(hub.store(), hub.registry(), doc).map_err(text)?;
            let overruled = |s: &&Option<Standing>| matches!(s, Some(Standing::Overruled(_)));
            self.run.overruled += history.folded().standing.iter().filter(overruled).count();
        }
        self.check_rebuild()
    }

    /// What a person was told is saved is there.
    fn check_told(&self) -> Result<(), String> {
        for node in &self.nodes {
            let Some(kernel) = &node.kernel else { continue };
            for act in &node.told {
                if kernel.store().aseq_of(act).map_err(text)?.is_none() {
                    return Err(format!("{:?} lost {act:?}, which a person was told is saved", node.device));
                }
            }
        }
        Ok(())
    }

    /// Nobody holds a ticket that was never dispatched to a unit whose tickets they may hold.
    fn check_leaks(&self) -> Result<(), String> {
        for node in self.nodes.iter() {
            let Some(kernel) = &node.kernel else { continue };
            let at = kernel.registry().now();
            let Some(me) = at.device(node.device) else { continue };
            for doc in read::docs(kernel.store()).map_err(text)? {
                let history = read::history(kernel.store(), kernel.registry(), doc).map_err(text)?;
                if history.record().knowledge().is_some() {
                    continue;
                }
                let mut units: BTreeSet<UnitId> = BTreeSet::from([city::CITY]);
                for act in history.nodes() {
                    if let Body::Dispatch(d) | Body::Redispatch(d) | Body::ReturnApprove(d) = &act.fact.body {
                        units.extend(d.assisting.iter().copied().chain([d.lead]));
                    }
                }
                if !units.iter().any(|unit| at.covers(me.unit, me.class, *unit)) {
                    return Err(format!("{:?} holds {doc:?}, which was never sent to it", node.device));
                }
            }
        }
        Ok(())
    }

    /// Everything that is computed from acts can be computed again.
    fn check_rebuild(&mut self) -> Result<(), String> {
        let at = self.dice.below(self.nodes.len());
        let dump = |kernel: &Kernel| kernel.store().dump_projections().map_err(text);
        let Some(kernel) = &self.nodes[at].kernel else { return Ok(()) };
        let before = dump(kernel)?;
        self.input(
            at,
            kernel::Input::Request(kernel::Request { ticket: 0, person: None, command: kernel::Command::Rebuild }),
        )?;
        let Some(kernel) = &self.nodes[at].kernel else { return Ok(()) };
        if dump(kernel)? == before { Ok(()) } else { Err("the rebuilt projections differ".to_owned()) }
    }
}

/// Everything that two nodes share is equal.
fn compare((a, dump_a): (&Kernel, &Dump), (b, dump_b): (&Kernel, &Dump)) -> Result<(), String> {
    let pair = format!("{:?} and {:?}", a.device(), b.device());
    if a.registry().version() != b.registry().version() {
        return Err(format!("{pair} hold different registries"));
    }
    let shared: Vec<_> = held(a).intersection(&held(b)).copied().collect();
    let mut docs: BTreeSet<ActId> = BTreeSet::new();
    for scope in shared.into_iter().filter(|scope| *scope != scopes::REGISTRY) {
        let (mine, theirs) = (acts(a, scope.0)?, acts(b, scope.0)?);
        if mine != theirs {
            let missing: Vec<_> = mine.symmetric_difference(&theirs).collect();
            return Err(format!("{pair} differ in {scope:?}: {missing:?} of {} and {}", mine.len(), theirs.len()));
        }
        for act in mine {
            let row = a.store().act(&act).map_err(text)?.ok_or("an act of a feed is not stored")?;
            docs.extend(a.store().doc_id(row.doc).map_err(text)?);
        }
    }
    for doc in docs {
        if compare_document(a, b, doc, &pair)? {
            let (x, y) = (projected(dump_a, a, doc)?, projected(dump_b, b, doc)?);
            if x != y {
                return Err(format!("{pair} project {doc:?} differently: {x:?} {y:?}"));
            }
        }
    }
    Ok(())
}

/// Whether both hold the same acts of it; then all that follows from them must be the same.
fn compare_document(a: &Kernel, b: &Kernel, doc: ActId, pair: &str) -> Result<bool, String> {
    let open = |kernel: &Kernel| read::history(kernel.store(), kernel.registry(), doc).map_err(text);
    let (mut mine, mut theirs) = (open(a)?, open(b)?);
    let ids = |history: &replica::History| history.nodes().iter().map(|node| node.id).collect::<BTreeSet<_>>();
    if ids(&mine) != ids(&theirs) {
        // One of them has had more of this ticket through another scope.
        return Ok(false);
    }
    let parts = |history: &replica::History| {
        let mut parts: Vec<_> = history.nodes().iter().map(|node| (node.id, node.parts.clone())).collect();
        parts.sort_by_key(|(id, _)| *id);
        parts
    };
    if parts(&mine) != parts(&theirs) {
        return Err(format!("{pair} hold different parts of {doc:?}"));
    }
    if mine.record() != theirs.record() {
        return Err(format!("{pair} fold {doc:?} differently"));
    }
    let save = |history: &mut replica::History| history.document().and_then(|d| d.save()).map_err(text);
    if save(&mut mine)? != save(&mut theirs)? {
        return Err(format!("{pair} build {doc:?} differently"));
    }
    Ok(true)
}

fn held(kernel: &Kernel) -> BTreeSet<sync::ScopeKey> {
    let at = kernel.registry().now();
    let device = kernel.device().and_then(|device| at.device(device));
    device.map(|device| scopes::held(&at, device.unit, device.class).into_iter().collect()).unwrap_or_default()
}

fn acts(kernel: &Kernel, scope: u32) -> Result<BTreeSet<ActId>, String> {
    read::scope_acts(kernel.store(), sync::ScopeKey(scope)).map_err(text)
}

/// Lines of a dump by the document or act that they are about.
type Dump = BTreeMap<String, Vec<String>>;

fn dump(kernel: &Kernel) -> Result<Dump, String> {
    let mut dump = Dump::new();
    for line in kernel.store().dump_projections().map_err(text)? {
        let subject = line.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.len() == 64);
        dump.entry(subject.unwrap_or_default().to_owned()).or_default().push(line);
    }
    Ok(dump)
}

/// The projections of a document and its acts.
fn projected(dump: &Dump, kernel: &Kernel, doc: ActId) -> Result<Vec<String>, String> {
    let history = read::history(kernel.store(), kernel.registry(), doc).map_err(text)?;
    let mut subjects: BTreeSet<String> = history.nodes().iter().map(|node| node.id.hex()).collect();
    subjects.insert(doc.hex());
    Ok(subjects.into_iter().filter_map(|subject| dump.get(&subject)).flatten().cloned().collect())
}
