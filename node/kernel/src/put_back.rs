//! A database that was put back, or lost something: what this node has signed since is held by others, and is here again once
//! they were heard to the end.
//!
//! Two things must not be signed before that. An entry of the registry that others hold would be signed a second time with
//! something else in it. And an act of the city hub that follows none of the lost ones makes a line beside them, so that what
//! those had settled is settled no more (docs/adr/0017); therefore the city hub makes no act at all until each county was
//! heard, or two people of the city hotline take upon themselves for that county what it may change: what stands on the
//! tickets that its hub has a part in.

use std::collections::BTreeSet;

use regulation::{DeviceId, Millis, PersonId, Role, UnitId};
use replica::Class;
use replica::registry::At;
use store::Queries;

use crate::alarm::{Alarm, Cause, Detail};
use crate::outcome::{Done, Refusal};
use crate::{Fault, Kernel};

/// Under this name stands that acts may be out there which this hub has signed and lost: which nodes were heard since, and
/// who has waived which.
const WAITS: &str = "hub-put-back";
/// People who have to waive a node.
const WAIVERS: usize = 2;
/// In the place of a person, where it is kept: the node was heard to the end.
const HEARD: PersonId = PersonId(u32::MAX);

/// What this hub waits for.
#[derive(Default)]
struct Waits {
    /// Nodes that were heard to the end.
    heard: BTreeSet<DeviceId>,
    /// Nodes with those who waived them.
    waived: BTreeSet<(DeviceId, PersonId)>,
}

impl Waits {
    /// What is kept; nothing if there is nothing to wait for.
    fn read(store: &Queries) -> Result<Option<Self>, Fault> {
        let Some(kept) = store.meta(WAITS)? else { return Ok(None) };
        let Some((1, pairs)) = kept.split_first() else { return Ok(None) };
        let mut waits = Self::default();
        let number = |at: &[u8]| at.iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
        for pair in pairs.chunks_exact(8) {
            match (DeviceId(number(&pair[..4])), PersonId(number(&pair[4..]))) {
                (node, HEARD) => drop(waits.heard.insert(node)),
                waived => drop(waits.waived.insert(waived)),
            }
        }
        Ok(Some(waits))
    }

    fn bytes(&self) -> Vec<u8> {
        let heard = self.heard.iter().map(|node| (*node, HEARD));
        let pairs = heard.chain(self.waived.iter().copied());
        [1].into_iter()
            .chain(pairs.flat_map(|(node, by)| [node.0.to_be_bytes(), by.0.to_be_bytes()].concat()))
            .collect()
    }

    fn waivers(&self, node: DeviceId) -> impl Iterator<Item = PersonId> + '_ {
        self.waived.iter().filter(move |(of, _)| *of == node).map(|(_, by)| *by)
    }

    /// Whether this hub goes on without that node.
    fn without(&self, at: &At<'_>, node: DeviceId) -> bool {
        self.enough(at, node) || self.below_waived(at, node).is_some()
    }

    /// Whether as many people have waived that node as have to.
    fn enough(&self, at: &At<'_>, node: DeviceId) -> bool {
        let administers = |(id, _): &(PersonId, _)| at.holds_at_city(*id, Role::Administer);
        // Where there is but one who could, nobody else can be made one before this is over.
        self.waivers(node).count() >= at.people().filter(administers).count().clamp(1, WAIVERS)
    }

    /// The hub above a node that was waived, and then taken out of use: for its county the hub goes on as before, though now
    /// whatever stood under that one has to be heard by itself.
    fn below_waived(&self, at: &At<'_>, node: DeviceId) -> Option<DeviceId> {
        let unit = at.device(node)?.unit;
        let mut gone = self.waived.iter().map(|(hub, _)| *hub).filter(|hub| !at.in_use(*hub) && self.enough(at, *hub));
        gone.find(|hub| at.device(*hub).is_some_and(|hub| at.covers(hub.unit, Class::Hub, unit)))
    }
}

/// Which nodes have to be heard yet: those that are first to have what this node signs, the other hubs and whatever stands
/// under none of them. A laptop is not waited for: what it alone has concerns it alone, and it may never come again.
fn missing(at: &At<'_>, me: Option<DeviceId>, heard: &BTreeSet<DeviceId>) -> Vec<DeviceId> {
    let others = || at.devices().filter(|(id, _)| Some(*id) != me);
    let hubs: Vec<UnitId> = others().filter(|(_, other)| other.class == Class::Hub).map(|(_, hub)| hub.unit).collect();
    let first = |class, unit| {
        class == Class::Hub || class == Class::Office && !hubs.iter().any(|hub| at.covers(*hub, Class::Hub, unit))
    };
    others().filter(|(id, other)| first(other.class, other.unit) && !heard.contains(id)).map(|(id, _)| id).collect()
}

/// The nodes that the city hub, which was put back, has not heard yet, and whether it goes on without each: what stands on
/// their tickets may change when they are. None if it was not put back.
///
/// # Errors
/// Faults only.
pub fn unheard(store: &Queries, at: &At<'_>, me: DeviceId) -> Result<Vec<(DeviceId, bool)>, Fault> {
    let Some(waits) = Waits::read(store)? else { return Ok(Vec::new()) };
    Ok(missing(at, Some(me), &waits.heard).into_iter().map(|node| (node, waits.without(at, node))).collect())
}

impl Kernel {
    /// Who was heard before this program was started, since the database was put back.
    pub(crate) fn open_put_back(&mut self) -> Result<(), Fault> {
        self.heard = Waits::read(&self.store)?.map(|waits| waits.heard).unwrap_or_default();
        Ok(())
    }

    /// The database was put back, or lost something.
    pub(crate) fn doubt(&mut self) -> Result<(), Fault> {
        self.heard.clear();
        let (hub, root) = (self.me.as_ref().is_some_and(|me| me.hub), self.identity.root.is_some());
        if (hub || root) && !self.unheard().is_empty() {
            self.store.set_meta(WAITS, &Waits::default().bytes())?;
            let devices = self.unheard().into_iter().collect();
            self.alarm(Alarm::HubPutBack, Cause::Here, Detail::Unheard { devices });
            if root {
                self.alarm(Alarm::RegistryUnsure, Cause::Here, Detail::Nothing {});
            }
        }
        Ok(())
    }

    /// A peer has nothing more to say: what it holds is here.
    pub(crate) fn heard_to_the_end(&mut self, now: Millis, peer: DeviceId) -> Result<(), Fault> {
        let Some(mut waits) = Waits::read(&self.store)? else { return Ok(()) };
        let new = self.heard.insert(peer);
        let all = self.unheard().is_empty();
        if !new && !all {
            return Ok(());
        }
        waits.heard.insert(peer);
        self.store.set_meta(WAITS, &if all { vec![0] } else { waits.bytes() })?;
        self.alarm_over(now, Alarm::HubWaived, Cause::Device(peer))?;
        self.go_on(now, &waits)
    }

    /// A device that is enrolled since: it holds nothing but what it is given.
    pub(crate) fn nothing_to_hear(&mut self, device: DeviceId) -> Result<(), Fault> {
        if let Some(mut waits) = Waits::read(&self.store)? {
            waits.heard.insert(device);
            self.heard.insert(device);
            self.store.set_meta(WAITS, &waits.bytes())?;
        }
        Ok(())
    }

    /// A hub may have been taken out of use: nobody waits for it any more. What stood under it is heard by itself, and until
    /// then the hub goes on without it, if two people had waived that one.
    pub(crate) fn retired(&mut self, now: Millis) -> Result<(), Fault> {
        let Some(waits) = Waits::read(&self.store)? else { return Ok(()) };
        let at = self.registry.now();
        let gone: BTreeSet<DeviceId> =
            waits.waived.iter().map(|(hub, _)| *hub).filter(|hub| !at.in_use(*hub)).collect();
        let below = self.unheard().into_iter().filter_map(|node| Some((node, waits.below_waived(&at, node)?)));
        let below: Vec<(DeviceId, DeviceId)> = below.collect();
        for (node, hub) in below {
            let detail = Detail::Waived { devices: [node].into_iter().collect(), by: waits.waivers(hub).collect() };
            self.alarm(Alarm::HubWaived, Cause::Device(node), detail);
        }
        for hub in gone {
            self.alarm_over(now, Alarm::HubWaived, Cause::Device(hub))?;
        }
        if self.unheard().is_empty() {
            self.store.set_meta(WAITS, &[0])?;
        }
        self.go_on(now, &waits)
    }

    /// Who has to be heard yet: see [`missing`].
    pub(crate) fn unheard(&self) -> Vec<DeviceId> {
        missing(&self.registry.now(), self.device(), &self.heard)
    }

    /// Names of devices.
    pub(crate) fn names(&self, devices: &[DeviceId]) -> Vec<String> {
        let at = self.registry.now();
        devices.iter().filter_map(|id| at.device(*id)).map(|device| device.name.clone()).collect()
    }

    /// Names of the devices for which the city hub waits before it makes an act; none if it may.
    pub(crate) fn waits_for(&self) -> Result<Vec<String>, Fault> {
        if self.me.as_ref().is_some_and(|me| me.hub) { self.registry_waits_for() } else { Ok(Vec::new()) }
    }

    /// Names of the devices for which whoever writes the registry waits before it writes an entry; none if it may.
    pub(crate) fn registry_waits_for(&self) -> Result<Vec<String>, Fault> {
        Ok(Waits::read(&self.store)?.map(|waits| self.names(&self.waiting(&waits))).unwrap_or_default())
    }

    /// The nodes that were not heard, and without which it does not go on.
    fn waiting(&self, waits: &Waits) -> Vec<DeviceId> {
        let at = self.registry.now();
        self.unheard().into_iter().filter(|node| !waits.without(&at, *node)).collect()
    }

    /// Somebody takes upon themselves that the hub goes on without having heard these nodes; all that it waits for, if none
    /// is named. It waits for one no more once two have.
    pub(crate) fn waive(
        &mut self,
        now: Millis,
        by: Option<PersonId>,
        nodes: &[DeviceId],
    ) -> Result<Result<Done, Refusal>, Fault> {
        let may = |by: &PersonId| self.registry.now().holds_at_city(*by, Role::Administer);
        let Some(by) = by.filter(may) else {
            return Ok(Err(Refusal::Clash(replica::registry::Clash::NotTheirs)));
        };
        let Some(mut waits) = Waits::read(&self.store)? else { return Ok(Err(Refusal::NothingToWaive)) };
        let waiting = self.waiting(&waits).into_iter();
        let named: Vec<DeviceId> = waiting.filter(|node| nodes.is_empty() || nodes.contains(node)).collect();
        if named.is_empty() {
            return Ok(Err(Refusal::NothingToWaive));
        }
        waits.waived.extend(named.iter().map(|node| (*node, by)));
        self.store.set_meta(WAITS, &waits.bytes())?;
        let (gone_on, open): (Vec<_>, Vec<_>) = {
            let at = self.registry.now();
            named.into_iter().partition(|node| waits.without(&at, *node))
        };
        let asked = if open.is_empty() { &gone_on } else { &open };
        let by = asked.iter().flat_map(|node| waits.waivers(*node)).collect();
        for node in gone_on {
            let detail = Detail::Waived { devices: [node].into_iter().collect(), by: waits.waivers(node).collect() };
            self.alarm(Alarm::HubWaived, Cause::Device(node), detail);
        }
        self.go_on(now, &waits)?;
        Ok(Ok(Done::Waived { by, left: if open.is_empty() { 0 } else { 1 } }))
    }

    /// What was left undone meanwhile is done, once there is nobody left to wait for.
    fn go_on(&mut self, now: Millis, waits: &Waits) -> Result<(), Fault> {
        let waiting = self.waiting(waits);
        if !waiting.is_empty() {
            let devices = waiting.into_iter().collect();
            self.alarm(Alarm::HubPutBack, Cause::Here, Detail::Unheard { devices });
            return Ok(());
        }
        self.alarm_over(now, Alarm::HubPutBack, Cause::Here)?;
        self.alarm_over(now, Alarm::RegistryUnsure, Cause::Here)?;
        self.group.settle = true;
        self.plan()
    }
}
