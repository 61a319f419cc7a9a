//! What one device may have a node keep that comes to nothing, or not yet. A quota makes no verdict and stops nobody else:
//! what is beyond it is set aside, its id and where it came from are kept, the cursor moves, and it is asked for again once
//! there is room, or something of somebody else needs it. Only the link of whoever answers for it is ever made to wait. What
//! others bring of a device that is beyond even that leaves nothing behind but an alarm: they bring what is of others too.

use std::collections::BTreeMap;

use regulation::{DeviceId, Millis};
use replica::Stub;
use replica::seal::{decode_signatures, encode_signatures};
use store::{AsideRow, FeedEntry, ScopeId, StubRow, Weight};
use sync::Item;

use crate::alarm::{Alarm, Cause, Detail, Excess, Flaw, Gap};
use crate::item::STUB;
use crate::scopes;
use crate::sight::Brought;
use crate::source::{PeerId, Source, Taken};
use crate::time::local_day;
use crate::{Fault, Kernel};

/// Bytes of acts that may wait here for which one device answers.
pub const HELD_BYTES_MAX: u64 = 16 << 20;
/// Bytes of unlawful acts of one device that are kept.
pub const UNLAWFUL_BYTES_MAX: u64 = 4 << 20;
/// Acts set aside for which one device answers, before its own link waits.
pub const ASIDE_ACTS_MAX: u64 = 10_000;
/// Acts set aside for which one device answers, before of those that others bring not even the ids are kept.
pub const ASIDE_BROUGHT_MAX: u64 = 50_000;
/// Stubs of the acts of one device.
pub const STUBS_MAX: u64 = 10_000;
/// Acts of one device in one document that count for nothing and are taken in all the same.
pub const IDLE_ACTS_MAX: usize = 16;
/// Acts that wait outside which one act brings in. What follows more of them waits as they do, unless it is the hub's.
pub const BROUGHT_ACTS_MAX: usize = 4_096;
/// Documents that one device may begin in a day before the city is told. They are lawful: none of them is kept out.
pub const BEGUN_A_DAY_MAX: u64 = 1_000;

/// What a row weighs beside its content, see `weights` in the schema of the store.
const ROW_BYTES: u64 = 256;

/// The quotas of a node, each for one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// See [`HELD_BYTES_MAX`].
    pub held_bytes: u64,
    /// See [`UNLAWFUL_BYTES_MAX`].
    pub unlawful_bytes: u64,
    /// See [`ASIDE_ACTS_MAX`].
    pub aside_acts: u64,
    /// See [`ASIDE_BROUGHT_MAX`].
    pub aside_brought: u64,
    /// See [`STUBS_MAX`].
    pub stubs: u64,
    /// See [`IDLE_ACTS_MAX`].
    pub idle_acts: usize,
    /// See [`BROUGHT_ACTS_MAX`].
    pub brought_acts: usize,
    /// See [`BEGUN_A_DAY_MAX`].
    pub begun_a_day: u64,
}

/// Documents that came of each device since the day began, or this program.
#[derive(Default)]
pub(crate) struct Begun {
    day: i64,
    documents: BTreeMap<DeviceId, u64>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            held_bytes: HELD_BYTES_MAX,
            unlawful_bytes: UNLAWFUL_BYTES_MAX,
            aside_acts: ASIDE_ACTS_MAX,
            aside_brought: ASIDE_BROUGHT_MAX,
            stubs: STUBS_MAX,
            idle_acts: IDLE_ACTS_MAX,
            brought_acts: BROUGHT_ACTS_MAX,
            begun_a_day: BEGUN_A_DAY_MAX,
        }
    }
}

impl Kernel {
    /// Other quotas from now on.
    pub fn set_quotas(&mut self, quotas: Quotas) {
        self.quotas = quotas;
    }

    /// Whether there is room for so many bytes more of a device.
    pub(crate) fn room(&self, weight: Weight, device: DeviceId, bytes: usize) -> Result<bool, Fault> {
        let most = if weight == Weight::Held { self.quotas.held_bytes } else { self.quotas.unlawful_bytes };
        Ok(self.store.weight_of(weight, device)?.saturating_add(bytes as u64).saturating_add(ROW_BYTES) <= most)
    }

    /// A document of another device has begun here.
    pub(crate) fn note_begun(&mut self, now: Millis, device: DeviceId) {
        let day = local_day(now);
        if self.begun.day != day {
            self.begun = Begun { day, documents: BTreeMap::new() };
        }
        let documents = self.begun.documents.entry(device).or_default();
        *documents += 1;
        if *documents > self.quotas.begun_a_day {
            self.alarm(Alarm::ManyBegun, Cause::Device(device), Detail::Nothing {});
        }
    }

    /// Keeps of an act that is too much who it is by and where it came from.
    pub(crate) fn set_aside(
        &mut self,
        now: Millis,
        brought: &Brought,
        weight: Weight,
        device: DeviceId,
    ) -> Result<Taken, Fault> {
        let (act, peer, scope) = (brought.sealed.id(), brought.source.peer.0, ScopeId(brought.source.scope.0));
        self.alarm(Alarm::OverQuota, Cause::Device(device), Detail::Excess { of: Excess::Kept });
        if self.store.is_aside(&act, scope)? {
            return Ok(Taken::Kept);
        }
        let aside = self.store.weight_of(Weight::Aside, device)?;
        if peer == device && aside >= self.quotas.aside_acts {
            return Ok(Taken::TooMany);
        }
        if aside < self.quotas.aside_brought {
            let bytes = brought.bytes.len() as u64;
            self.store.set_aside(&AsideRow { act, scope, peer, device, weight, bytes, received_at: now })?;
        } else {
            self.tell_gap(device, Gap::Act);
        }
        self.leave_stub(now, brought)?;
        Ok(Taken::Kept)
    }

    /// Leaves the stub of an act that is not passed on, for the city.
    pub(crate) fn leave_stub(&mut self, now: Millis, brought: &Brought) -> Result<(), Fault> {
        let stub = Stub::of(&brought.act, &brought.sealed);
        // Of what was set aside before its registry came nobody can tell who signed it: a forged name must not go to the
        // city as what this node found. The id is kept, so that the act is asked for.
        if stub.holds(&self.registry) && !self.put_stub(now, &stub, brought.source)? {
            self.tell_gap(brought.act.device, Gap::Stub);
        }
        Ok(())
    }

    /// Leaves the stub of an act of which nothing else is kept. Where there is no room for it its author's own link waits.
    pub(crate) fn leave_stub_alone(&mut self, now: Millis, brought: &Brought) -> Result<Taken, Fault> {
        let device = brought.act.device;
        let fits = self.put_stub(now, &Stub::of(&brought.act, &brought.sealed), brought.source)?;
        Ok(self.fits_or_gap(fits, device, brought.source.peer))
    }

    /// What is too much of a device: its own link waits, and whoever else brings it goes on.
    fn fits_or_gap(&mut self, fits: bool, device: DeviceId, peer: PeerId) -> Taken {
        if !fits && peer.0 == device {
            return Taken::TooMany;
        }
        if !fits {
            self.tell_gap(device, Gap::Stub);
        }
        Taken::Kept
    }

    /// Something of a device leaves no trace here: that is never silent.
    fn tell_gap(&mut self, device: DeviceId, of: Gap) {
        self.alarm(Alarm::NotKept, Cause::Device(device), Detail::Gap { of });
    }

    fn put_stub(&mut self, now: Millis, stub: &Stub, source: Source) -> Result<bool, Fault> {
        if self.store.weight_of(Weight::Stubs, stub.device)? >= self.quotas.stubs {
            return Ok(self.store.stub_of(&stub.id)?.is_some());
        }
        let Stub { id, device, epoch, dseq, ref signatures } = *stub;
        let (signatures, peer) = (encode_signatures(signatures), source.peer.0);
        let row = StubRow { id, device, epoch, dseq, signatures, peer, received_at: now };
        let Some(number) = self.store.put_stub(&row)? else { return Ok(true) };
        let unit = self.registry.now().device(device).map(|device| scopes::of_unit(device.unit));
        let Some(scope) = unit.filter(|scope| self.me.as_ref().is_some_and(|me| me.scopes.contains(scope))) else {
            return Ok(true);
        };
        let link = (sync::EntryKind::Stub, Stub::item(&id));
        self.append(scope, FeedEntry::Stub(number), link, (source.scope == scope).then_some(peer))?;
        Ok(true)
    }

    /// Takes in a stub from a peer: the scope must be that of the device's unit, and the device must have signed it.
    pub(crate) fn take_stub(&mut self, now: Millis, bytes: &[u8], source: Source) -> Result<bool, Fault> {
        let Ok(stub) = Stub::decode(bytes) else {
            self.refuse(now, bytes, Flaw::Malformed, source)?;
            return Ok(true);
        };
        let unit = self.registry.now().device(stub.device).map(|device| scopes::of_unit(device.unit));
        if unit != Some(source.scope) || !stub.holds(&self.registry) {
            self.refuse(now, bytes, Flaw::Stub, source)?;
            return Ok(true);
        }
        let fits = self.put_stub(now, &stub, source)?;
        Ok(self.fits_or_gap(fits, stub.device, source.peer) != Taken::TooMany)
    }

    /// The item of a stub in a feed.
    pub(crate) fn stub_item(&self, number: i64) -> Result<Item, Fault> {
        let row = self.store.stub_at(number)?;
        let row = row.ok_or_else(|| Fault::Inconsistent("a stub of a feed is not stored".to_owned()))?;
        let StubRow { id, device, epoch, dseq, signatures, .. } = row;
        let signatures = decode_signatures(&signatures);
        let signatures = signatures.map_err(|error| Fault::Inconsistent(format!("a stub: {error}")))?;
        let stub = Stub { id, device, epoch, dseq, signatures };
        Ok(Item { kind: STUB, id: Stub::item(&id), bytes: stub.encode(), extent: 0 })
    }
}
