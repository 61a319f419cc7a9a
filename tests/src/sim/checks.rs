//! What must hold: always, and after the calm.

use std::collections::BTreeSet;

use kernel::equal::{Holding, compare};
use kernel::findings::Told;
use kernel::{Kernel, read};
use regulation::{ActKind, UnitId};
use replica::{Act, PartKind, Sealed, Standing};
use store::{HELD_ROWS_MAX, REFUSED_ROWS_MAX};

use super::{Sim, SimNode, taken, text};
use crate::{city, reported};

impl Sim {
    /// Nobody counts as received what the other does not have durably.
    pub(super) fn check_acks(&self) -> Result<(), String> {
        for a in &self.nodes {
            // What a liar says that it holds is his own affair.
            let honest = |b: &&SimNode| !self.is_liar(Some(b.device));
            for b in self.nodes.iter().filter(honest).filter(|b| !b.restored && b.device != a.device) {
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

    /// No private part goes to a device of a unit that the sender knows to be kept out, nor one of a confidential ticket
    /// to a device that neither belongs to a unit with a part in it nor stands above one; save what that unit wrote.
    pub(super) fn check_private(&self, from: usize, to: usize, bytes: &[u8]) -> Result<(), String> {
        let (sync::Frame::Batch { items, .. } | sync::Frame::Pieces { items, .. }) =
            sync::Frame::decode(bytes).map_err(text)?
        else {
            return Ok(());
        };
        let Some(kernel) = &self.nodes[from].kernel else { return Ok(()) };
        let at = kernel.registry().now();
        let Some(peer) = at.device(self.nodes[to].device) else { return Ok(()) };
        if peer.unit == city::CITY {
            return Ok(());
        }
        for item in items {
            let sync::frame::Carried::Item { bytes, .. } = item else { continue };
            let Ok(sealed) = Sealed::decode(&bytes) else { continue };
            let Ok(act) = Act::decode(&sealed.bytes) else { continue };
            let author = at.device(act.device).map(|device| device.unit);
            if author == Some(peer.unit) || !sealed.parts.iter().any(|part| part.kind == PartKind::Private) {
                continue;
            }
            let doc = act.doc.unwrap_or_else(|| sealed.id());
            let history = read::history(kernel.store(), kernel.registry(), doc).map_err(text)?;
            let Some(ticket) = history.record().ticket() else { continue };
            let below = |unit: UnitId| at.covers(peer.unit, peer.class, unit);
            let in_force = ticket.assignments.iter().filter(|a| a.closed_by.is_none());
            let handles = in_force.filter(|a| !ticket.recused.contains(&a.unit)).any(|a| below(a.unit));
            if act.kind().is_some_and(ActKind::confided) {
                if !author.is_some_and(below) {
                    let (from, to) = (self.nodes[from].device, self.nodes[to].device);
                    return Err(format!("{from:?} sent a private part of {doc:?} to {to:?}, which may not have it"));
                }
                continue;
            }
            let kept = ticket.recused.contains(&peer.unit);
            if kept || ticket.register.confidential && !handles && !author.is_some_and(below) {
                let (from, to) = (self.nodes[from].device, self.nodes[to].device);
                return Err(format!("{from:?} sent a private part of {doc:?} to {to:?}, which may not have it"));
            }
        }
        Ok(())
    }

    /// Whatever is withheld from somebody is at the city: nothing is lost on the way. Save what a node alone had that was put
    /// back: those on its way to the city may have been sent the act without the part.
    fn check_city_has_all(&self) -> Result<(), String> {
        let Some(hub) = &self.nodes[0].kernel else { return Ok(()) };
        for doc in read::docs(hub.store()).map_err(text)? {
            for node in read::history(hub.store(), hub.registry(), doc).map_err(text)?.nodes() {
                let put_back = self.nodes.iter().any(|known| known.restored && known.device == node.act.device);
                if let Some(head) = node.act.parts.iter().find(|head| node.part(head.kind).is_none() && !put_back) {
                    return Err(format!("the hub lacks part {:?} of {:?}", head.kind, node.id));
                }
            }
        }
        Ok(())
    }

    /// What people of a unit did is provisional nowhere in their house once the city has it, whoever holds the document by now.
    fn check_nothing_stays_provisional(&self) -> Result<(), String> {
        for (place, node) in self.nodes.iter().enumerate() {
            let Some(kernel) = node.kernel.as_ref().filter(|_| !self.lies(place)) else { continue };
            let at = kernel.registry().now();
            let Some(unit) = kernel.device().and_then(|id| at.device(id)).map(|device| device.unit) else { continue };
            // What a county does of a ticket that it holds for a unit below alone is not told to it yet.
            if at.level(unit) != regulation::Level::Unit {
                continue;
            }
            for doc in read::docs(kernel.store()).map_err(text)? {
                let history = read::history(kernel.store(), kernel.registry(), doc).map_err(text)?;
                let told = Told::of(kernel.store(), doc).map_err(text)?;
                for (index, node) in history.nodes().iter().enumerate() {
                    let own = node.fact.author.unit == unit && history.counts(index);
                    if own
                        && !self.is_liar(Some(node.act.device))
                        && !history.folded().settled(index)
                        && !told.settled(node.id)
                    {
                        let (id, kind) = (node.id, node.fact.body.kind());
                        return Err(format!("{:?} still shows its {kind:?} {id:?} as provisional", kernel.device()));
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn check_equal(&mut self) -> Result<(), String> {
        self.check_told()?;
        self.check_leaks()?;
        self.check_city_has_all()?;
        self.check_nothing_stays_provisional()?;
        let kernels: Vec<&Kernel> = self.nodes.iter().filter_map(|node| node.kernel.as_ref()).collect();
        // A liar lacks what he told himself, and others count on it that he does not.
        for kernel in kernels.iter().filter(|kernel| !self.is_liar(kernel.device())) {
            let held = kernel.store().held_after(None, HELD_ROWS_MAX).map_err(text)?;
            for held in held.iter().filter(|row| !self.is_liar(row.peer)) {
                // What a liar makes that takes no place may wait outside, whoever brings it.
                if !(self.is_liar(Some(held.device)) && read::waits_outside(kernel.store(), held).map_err(text)?) {
                    let act = Sealed::decode(&held.bytes).ok().and_then(|sealed| Act::decode(&sealed.bytes).ok());
                    let whose = act.map(|act| (act.device, act.doc, act.kind(), act.deps));
                    let (node, from) = (kernel.device(), held.peer);
                    return Err(format!(
                        "{node:?} still holds {:?} {whose:?} from {from:?}: {}",
                        held.act, held.reason
                    ));
                }
            }
            let refused = kernel.store().refused(REFUSED_ROWS_MAX).map_err(text)?;
            if let Some(refused) = refused.iter().find(|row| !self.is_liar(row.peer)) {
                return Err(format!("{:?} refused an act of an honest peer: {}", kernel.device(), refused.reason));
            }
        }
        // What two nodes share came to them over links that share it too, so that comparing across each link compares
        // everybody, in half the time of comparing every pair.
        for (a, b) in self.links.keys().filter(|(a, b)| !self.lies(*a) && !self.lies(*b)) {
            if let (Some(a), Some(b)) = (holding(kernels[*a]), holding(kernels[*b])) {
                compare(a, b).map_err(text)?;
            }
        }
        let hub = kernels[0];
        for doc in read::docs(hub.store()).map_err(text)? {
            let history = read::history(hub.store(), hub.registry(), doc).map_err(text)?;
            let overruled = |s: &&Option<Standing>| matches!(s, Some(Standing::Overruled(_)));
            self.run.overruled += history.folded().standing.iter().filter(overruled).count();
        }
        self.check_figures()?;
        for kernel in self.nodes.iter().filter_map(|node| node.kernel.as_ref()) {
            reported::check(kernel, self.now)?;
        }
        self.check_rebuild()?;
        self.check_figures()
    }

    /// What a person was told is saved is there, and has come to the city: save from a node that lies, which may have said
    /// anything in its place.
    fn check_told(&self) -> Result<(), String> {
        for (place, node) in self.nodes.iter().enumerate() {
            let Some(kernel) = &node.kernel else { continue };
            for act in &node.told {
                if kernel.store().aseq_of(act).map_err(text)?.is_none() {
                    return Err(format!("{:?} lost {act:?}, which a person was told is saved", node.device));
                }
                let hub =
                    self.nodes[0].kernel.as_ref().map(|hub| hub.store().aseq_of(act).map_err(text)).transpose()?;
                if hub == Some(None) && !self.lies(place) {
                    return Err(format!("{act:?}, which was made at {:?}, never came to the city", node.device));
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
                // What began unlawfully is nobody's: whoever it was told to keeps it by itself.
                let began = history.nodes().first().is_some_and(|first| first.admitted());
                if history.record().knowledge().is_some() || !began {
                    continue;
                }
                let units = taken::units_in(&history);
                if !units.iter().any(|unit| at.covers(me.unit, me.class, *unit)) {
                    return Err(format!("{:?} holds {doc:?}, which was never sent to it", node.device));
                }
            }
        }
        Ok(())
    }

    /// Nothing waits to be computed again, and every figure is what counting comes to.
    fn check_figures(&self) -> Result<(), String> {
        for node in &self.nodes {
            let Some(kernel) = &node.kernel else { continue };
            let (stale, off) =
                (kernel.store().stale_count().map_err(text)?, kernel.store().figures_off().map_err(text)?);
            if stale > 0 || !off.is_empty() {
                return Err(format!("{:?} has {stale} stale projections, and figures off: {off:?}", node.device));
            }
            for doc in read::docs(kernel.store()).map_err(text)? {
                if let Some(off) = desk::verify::listed(kernel.store(), kernel.registry(), doc).map_err(text)? {
                    return Err(format!("{:?}: {off}", node.device));
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
            kernel::Input::Request(Box::new(kernel::Request {
                ticket: 0,
                person: None,
                command: kernel::Command::Rebuild,
            })),
        )?;
        let Some(kernel) = &self.nodes[at].kernel else { return Ok(()) };
        if dump(kernel)? == before { Ok(()) } else { Err("the rebuilt projections differ".to_owned()) }
    }
}

fn held(kernel: &Kernel) -> BTreeSet<sync::ScopeKey> {
    holding(kernel).map(|holding| holding.scopes()).unwrap_or_default()
}

fn holding(kernel: &Kernel) -> Option<Holding<'_>> {
    Some(Holding { device: kernel.device()?, store: kernel.store(), registry: kernel.registry() })
}
