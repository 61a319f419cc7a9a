//! A database that was put back, or lost something: what this node has signed since is held by others, and is here again once
//! they were heard to the end.
//!
//! Two things must not be signed before that. An entry of the registry that others hold would be signed a second time with
//! something else in it. And an act of the city hub that follows none of the lost ones makes a line beside them, so that what
//! those had settled is settled no more (docs/adr/0017); therefore the city hub makes no
//! act at all until every county was heard, or two people of the city hotline take upon themselves what that may change.

use regulation::{DeviceId, Millis, PersonId, Role};
use replica::Class;

use crate::alarm::{Alarm, Cause, Detail};
use crate::outcome::{Done, Refusal};
use crate::{Fault, Kernel};

/// Under this name stands that acts may be out there which this hub has signed and lost: who has waived it so far.
const WAITS: &str = "hub-put-back";
/// People who have to waive it.
const WAIVERS: usize = 2;

impl Kernel {
    /// The database was put back, or lost something.
    pub(crate) fn doubt(&mut self) -> Result<(), Fault> {
        self.heard.clear();
        self.doubt_registry()?;
        if self.me.as_ref().is_some_and(|me| me.hub) && !self.unheard().is_empty() {
            self.store.set_meta(WAITS, &[1])?;
            let devices = self.unheard().into_iter().collect();
            self.alarm(Alarm::HubPutBack, Cause::Here, Detail::Unheard { devices });
        }
        Ok(())
    }

    /// A peer has nothing more to say: what it holds is here.
    pub(crate) fn heard_to_the_end(&mut self, now: Millis, peer: DeviceId) -> Result<(), Fault> {
        let (registry, waits) = (self.is_registry_unsure()?, self.waivers()?);
        if !registry && waits.is_none() {
            return Ok(());
        }
        self.heard.insert(peer);
        if !self.unheard().is_empty() {
            return Ok(());
        }
        if registry {
            self.be_sure(now)?;
        }
        if waits.is_some() {
            self.store.set_meta(WAITS, &[0])?;
            self.alarm_over(now, Alarm::HubPutBack, Cause::Here)?;
            self.alarm_over(now, Alarm::HubWaived, Cause::Here)?;
            self.go_on()?;
        }
        Ok(())
    }

    /// Who has to be heard yet: the other hubs, which are first to have what this node signs; where there are none, anybody.
    pub(crate) fn unheard(&self) -> Vec<DeviceId> {
        let (at, me) = (self.registry.now(), self.device());
        let others = || at.devices().filter(|(id, _)| Some(*id) != me);
        let hubs: Vec<DeviceId> = others().filter(|(_, device)| device.class == Class::Hub).map(|(id, _)| id).collect();
        match (hubs.is_empty(), self.heard.is_empty()) {
            (false, _) => hubs.into_iter().filter(|id| !self.heard.contains(id)).collect(),
            (true, true) => others().map(|(id, _)| id).collect(),
            (true, false) => Vec::new(),
        }
    }

    /// Names of devices.
    pub(crate) fn names(&self, devices: &[DeviceId]) -> Vec<String> {
        let at = self.registry.now();
        devices.iter().filter_map(|id| at.device(*id)).map(|device| device.name.clone()).collect()
    }

    /// Names of the devices for which the city hub waits before it makes an act; none if it may.
    pub(crate) fn waits_for(&self) -> Result<Vec<String>, Fault> {
        if !self.me.as_ref().is_some_and(|me| me.hub) {
            return Ok(Vec::new());
        }
        Ok(match self.waivers()? {
            Some(by) if by.len() < WAIVERS => self.names(&self.unheard()),
            _ => Vec::new(),
        })
    }

    /// Somebody takes upon themselves that the hub goes on without having heard every county. It does once two have.
    pub(crate) fn waive(&mut self, now: Millis, by: Option<PersonId>) -> Result<Result<Done, Refusal>, Fault> {
        let may = |by: &PersonId| self.registry.now().holds_at_city(*by, Role::Administer);
        let Some(by) = by.filter(may) else {
            return Ok(Err(Refusal::Clash(replica::registry::Clash::NotTheirs)));
        };
        let Some(mut waived) = self.waivers()?.filter(|waived| waived.len() < WAIVERS) else {
            return Ok(Err(Refusal::NothingToWaive));
        };
        if !waived.contains(&by) {
            waived.push(by);
        }
        let bytes: Vec<u8> = waived.iter().flat_map(|id| id.0.to_be_bytes()).collect();
        self.store.set_meta(WAITS, &[&[1], bytes.as_slice()].concat())?;
        let left = WAIVERS.saturating_sub(waived.len());
        if left == 0 {
            let detail =
                Detail::Waived { devices: self.unheard().into_iter().collect(), by: waived.into_iter().collect() };
            self.alarm_over(now, Alarm::HubPutBack, Cause::Here)?;
            self.alarm(Alarm::HubWaived, Cause::Here, detail);
            self.go_on()?;
        }
        Ok(Ok(Done::Waived { left: u8::try_from(left).unwrap_or(u8::MAX) }))
    }

    /// What was left undone meanwhile is done.
    fn go_on(&mut self) -> Result<(), Fault> {
        self.group.settle = true;
        self.plan()
    }

    /// Who has waived it; nothing if there is nothing to wait for.
    fn waivers(&self) -> Result<Option<Vec<PersonId>>, Fault> {
        let Some(kept) = self.store.meta(WAITS)? else { return Ok(None) };
        let Some((1, by)) = kept.split_first() else { return Ok(None) };
        Ok(Some(by.chunks_exact(4).map(|id| PersonId(u32::from_be_bytes([id[0], id[1], id[2], id[3]]))).collect()))
    }
}
