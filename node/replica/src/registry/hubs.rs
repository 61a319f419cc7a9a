//! Hubs: which are in use, and which editions of the rules their programs carry.
//!
//! A hub says what its program carries, signed by its own key, and an entry of the log holds what it said: so whoever reads the
//! log can check that an edition was put in force only when no hub was left behind. *Unlawful*: an edition is neither proposed
//! nor confirmed before, and the writer of the log who did it all the same would be refused by everybody. What it means for
//! acts: [`regulation::Body::since`].
//!
//! One whose machine is lost for good is taken out of use by two people. From that entry on the device is none: its key is let
//! in nowhere, nobody waits for it, and an act that it signs under that version, or a later one, is refused. What it had made
//! before names a version in which it was in use and is judged by that as ever (*unlawful* it becomes for nobody), whoever brings
//! it and however late. So this is no revocation: what a thief signs with its key under an older version is not cut off
//! (docs/adr/0039).

use regulation::{DeviceId, Edition};

use super::content::said;
use super::{At, Carried, Change, Clash, Class, Device, Registry};
use crate::key::{DeviceKey, verify};

impl Registry {
    /// The newest edition of the rules that this program carries.
    #[must_use]
    pub fn carries(&self) -> Edition {
        self.carries.0
    }

    /// What a device has to say of its own program: it is a hub, and the log says less of it.
    #[must_use]
    pub fn to_say(&self, device: DeviceId, key: &DeviceKey) -> Option<Carried> {
        let city = self.city_id()?;
        let carried = Carried::signed(&city, device, self.carries(), key);
        self.carried_fits(&carried).is_ok().then_some(carried)
    }

    /// Whether a hub said it, and something new by it.
    pub(super) fn carried_fits(&self, carried: &Carried) -> Result<(), Clash> {
        let now = self.now();
        let device = now.device(carried.device).ok_or(Clash::NoSuchDevice)?;
        let city = self.city_id().ok_or(Clash::NotFounded)?;
        let signed = verify(&device.key, &said(&city, carried.device, carried.edition), &carried.signature);
        let new = carried.edition > now.carried(carried.device);
        if device.class == Class::Hub && now.in_use(carried.device) && new && signed {
            Ok(())
        } else {
            Err(Clash::Carried)
        }
    }

    /// Whether every hub has said that its program carries what a change puts in force.
    pub(super) fn all_carry(&self, change: &Change) -> Result<(), Clash> {
        let Some(edition) = change.edition() else { return Ok(()) };
        let now = self.now();
        let behind = now.hubs().filter(|(_, _, carried)| *carried < edition).map(|(_, name, _)| name.to_owned());
        let behind: Vec<String> = behind.collect();
        if behind.is_empty() { Ok(()) } else { Err(Clash::EditionAhead(behind)) }
    }

    /// Whether a device can be taken out of use: a hub, but not the one by which the city settles. It stays out of use; who
    /// takes its place is enrolled as another device.
    pub(super) fn retire_fits(&self, id: DeviceId) -> Result<(), Clash> {
        let now = self.now();
        match now.device(id) {
            None => Err(Clash::NoSuchDevice),
            Some(_) if !now.in_use(id) => Err(Clash::Retired),
            Some(device) if device.class != Class::Hub || now.hub() == Some(id) => Err(Clash::Retire),
            Some(_) => Ok(()),
        }
    }
}

impl<'r> At<'r> {
    /// Whether a device is enrolled and not out of use.
    #[must_use]
    pub fn in_use(&self, id: DeviceId) -> bool {
        let retired = self.registry.retired.get(&id).is_some_and(|since| *since <= self.version);
        !retired && self.device(id).is_some()
    }

    /// Every device in use.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &'r Device)> + use<'r> {
        let at = *self;
        at.enrolled().filter(move |(id, _)| at.in_use(*id))
    }

    /// Every device that was ever enrolled: what it is called goes on being its name.
    pub fn enrolled(&self) -> impl Iterator<Item = (DeviceId, &'r Device)> + use<'r> {
        let at = *self;
        at.registry.devices.iter().filter_map(move |(id, dated)| Some((*id, at.pick(dated)?)))
    }

    /// The newest edition of the rules that the program of a hub carries, as it said under the key that it has. Every program
    /// carries the first.
    #[must_use]
    pub fn carried(&self, device: DeviceId) -> Edition {
        let said = self.registry.carried.get(&device).and_then(|dated| self.pick(dated));
        let said = said.filter(|(key, _)| self.device(device).is_some_and(|device| device.key == *key));
        said.map_or(Edition::FIRST, |(_, edition)| *edition)
    }

    /// Every hub in use, with its name and the newest edition of the rules that its program carries.
    pub fn hubs(&self) -> impl Iterator<Item = (DeviceId, &'r str, Edition)> + use<'r> {
        let at = *self;
        let hubs = at.devices().filter(|(_, device)| device.class == Class::Hub);
        hubs.map(move |(id, device)| (id, device.name.as_str(), at.carried(id)))
    }
}
