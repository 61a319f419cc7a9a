//! The registry: signed, versioned data that every node holds: devices, people, units, categories, calendar, terms.
//!
//! It is a hash-chained log, not a document. Acts name the version that they were made under, so that whoever judges
//! them reads what their author read: [`Registry::at`].

mod change;
mod clash;
mod content;
mod duties;
mod duty;
mod entry;
mod hubs;
mod kinds;
mod lock;
mod pairs;
mod set;
mod take;
mod things;
mod times;

use std::collections::BTreeMap;

use regulation::calendar::Calendar;
use regulation::{DeviceId, Edition, Level, Millis, PersonId, Role, UnitId};

pub use change::Change;
pub use clash::Clash;
pub use content::{Carried, DECLINE_REASON_CHARS_MAX, Set, VOID_REASON_CHARS_MAX, Voided};
pub use duty::{DUTIES_STATED_MAX, DUTY_BASIS_CHARS_MAX, DUTY_TEXT_CHARS_MAX, Duties, Duty, Holder};
pub use entry::Entry;
pub use kinds::{Class, UnitKind};
pub use lock::{Lock, Month};
pub use pairs::{Locked, Outcome, PROPOSED_MAX, Proposed};
pub use things::{Device, Person, SUPERIORS_MAX, Unit};
pub use times::VOIDS_MAX;

/// The log that the city writes. County logs, delegated by it, come beside it.
pub const ROOT_LOG: u32 = 0;

/// How far a log is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryVersion {
    /// Which log.
    pub log: u32,
    /// Entries 1 to this one.
    pub version: u32,
}

/// Why an entry cannot be appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Bytes that are no entry.
    #[error(transparent)]
    Malformed(#[from] crate::codec::Malformed),
    /// An entry between is missing.
    #[error("registry entry {found} follows {held}: entries between are missing")]
    Gap {
        /// Version held.
        held: u32,
        /// Version found.
        found: u32,
    },
    /// Another entry of this version is held: the log forked.
    #[error("registry entry {version} differs from the one held: the log was forked")]
    Fork {
        /// Version of both.
        version: u32,
    },
    /// Not signed by the log's writer.
    #[error("registry entry {version} is not signed by the writer of its log")]
    Signature {
        /// Its version.
        version: u32,
    },
    /// It contradicts what is held.
    #[error("registry entry {version}: {clash}")]
    Inconsistent {
        /// Its version.
        version: u32,
        /// What is wrong.
        clash: Clash,
    },
}

/// What became of an appended entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is new.
    New,
    /// It was held already.
    Known,
}

/// What is missing here before something can be judged under a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lacking {
    /// That entry.
    Entry(RegistryVersion),
    /// A newer program, which understands that entry.
    Program(RegistryVersion),
}

/// A value of each version from which it held.
type Dated<T> = Vec<(u32, T)>;

/// The newest edition of the rules that a program carries.
#[derive(Clone, Copy, Debug)]
struct Carries(Edition);

impl Default for Carries {
    fn default() -> Self {
        Self(Edition::NEWEST)
    }
}

/// The registry as far as it is known here, in all its versions.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    entries: Vec<(Entry, Vec<u8>, [u8; 32])>,
    /// Entries that this program acts under: all, or those before the first critical one that it does not understand.
    acted: u32,
    root_key: Option<[u8; 32]>,
    city: String,
    hub: Dated<DeviceId>,
    units: BTreeMap<UnitId, Dated<Unit>>,
    devices: BTreeMap<DeviceId, Dated<Device>>,
    /// Since which version a device is out of use.
    retired: BTreeMap<DeviceId, u32>,
    people: BTreeMap<PersonId, Dated<Person>>,
    categories: Dated<Vec<(String, String)>>,
    calendar: Dated<Calendar>,
    settings: Dated<set::Course>,
    /// What entries have set, in the order in which it comes to hold.
    entered: Vec<set::Entered>,
    /// Per setting the versions that set it.
    set_at: BTreeMap<u16, Dated<()>>,
    /// The newest edition of the rules that is acted under here.
    carries: Carries,
    /// Per hub the editions that its programs carried, and the key by which it said so.
    carried: BTreeMap<DeviceId, Dated<([u8; 32], Edition)>>,
    duties: duties::DutyList,
    locks: Dated<Locked>,
    voided: Dated<Voided>,
    proposed: Vec<Proposed>,
}

impl Registry {
    /// An empty one, as a program has it that carries the editions of the rules up to that one and no later.
    #[must_use]
    pub fn carrying(newest: Edition) -> Self {
        Self { carries: Carries(newest), ..Self::default() }
    }

    /// Entries held.
    #[must_use]
    pub fn version(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// The version that this program acts under: the newest, but for a critical entry that it does not understand and all
    /// that follow that.
    #[must_use]
    pub fn acted(&self) -> u32 {
        self.acted
    }

    /// The version of the first critical entry that this program does not understand.
    #[must_use]
    pub fn beyond(&self) -> Option<RegistryVersion> {
        (self.acted < self.version()).then_some(RegistryVersion { log: ROOT_LOG, version: self.acted + 1 })
    }

    /// The versions that an act made now names.
    #[must_use]
    pub fn versions(&self) -> Vec<RegistryVersion> {
        vec![RegistryVersion { log: ROOT_LOG, version: self.acted }]
    }

    /// Who had what written when, oldest first; the first is version 1.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter().map(|(entry, ..)| entry)
    }

    /// Encoded entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|(_, bytes, _)| bytes.as_slice())
    }

    /// The entry by which a person came in: who made the login, and when.
    #[must_use]
    pub fn brought_in(&self, person: PersonId) -> Option<&Entry> {
        let (version, _) = self.people.get(&person)?.first()?;
        self.log().nth(usize::try_from(*version).ok()?.checked_sub(1)?)
    }

    /// When that entry was written.
    #[must_use]
    pub fn written_at(&self, version: u32) -> Option<Millis> {
        let place = usize::try_from(version).ok()?.checked_sub(1)?;
        self.entries.get(place).map(|(entry, ..)| entry.time)
    }

    /// The hash of the newest entry; zeros before the first.
    #[must_use]
    pub fn head(&self) -> [u8; 32] {
        self.entries.last().map_or([0; 32], |(_, _, hash)| *hash)
    }

    /// Name of the city.
    #[must_use]
    pub fn city(&self) -> &str {
        &self.city
    }

    /// Hash of the first entry: it names the city in tokens and files.
    #[must_use]
    pub fn city_id(&self) -> Option<[u8; 32]> {
        self.entries.first().map(|(_, _, hash)| *hash)
    }

    /// The root key that signs the log.
    #[must_use]
    pub fn root_key(&self) -> Option<[u8; 32]> {
        self.root_key
    }

    /// The registry as it was in those versions, one a log. `None` if one of them is not known or not understood here, see
    /// [`Self::lacks`].
    #[must_use]
    pub fn at(&self, versions: &[RegistryVersion]) -> Option<At<'_>> {
        let [RegistryVersion { log: ROOT_LOG, version }] = versions else { return None };
        (*version > 0 && *version <= self.acted).then_some(At { registry: self, version: *version, time: None })
    }

    /// What is missing here before something can be judged under those versions: an entry, or a program that understands it.
    #[must_use]
    pub fn lacks(&self, versions: &[RegistryVersion]) -> Option<Lacking> {
        let missing = |named: &&RegistryVersion| named.log != ROOT_LOG || named.version > self.version();
        if let Some(missing) = versions.iter().find(missing) {
            return Some(Lacking::Entry(*missing));
        }
        let root = versions.iter().find(|named| named.log == ROOT_LOG && named.version > 0);
        match (root, self.beyond()) {
            (None, _) => Some(Lacking::Entry(RegistryVersion { log: ROOT_LOG, version: u32::MAX })),
            (Some(named), Some(beyond)) if named.version > self.acted => Some(Lacking::Program(beyond)),
            _ => None,
        }
    }

    /// The registry as it is now, as far as this program may act under it.
    #[must_use]
    pub fn now(&self) -> At<'_> {
        At { registry: self, version: self.acted, time: None }
    }

    /// Appends an encoded entry.
    ///
    /// # Errors
    /// It does not follow the newest entry, is not signed by the root key, or contradicts what is held.
    pub fn append(&mut self, bytes: &[u8]) -> Result<Appended, RegistryError> {
        let (entry, signature) = Entry::decode(bytes)?;
        let version = entry.version;
        if entry.log != ROOT_LOG || version == 0 {
            return Err(inconsistent(version, Clash::Place));
        }
        if let Some((_, held, _)) = self.entries.get(version as usize - 1) {
            return if held == bytes { Ok(Appended::Known) } else { Err(RegistryError::Fork { version }) };
        }
        if version != self.version() + 1 {
            return Err(RegistryError::Gap { held: self.version(), found: version });
        }
        if entry.previous != self.head() {
            return Err(RegistryError::Fork { version });
        }
        let key = match (&self.root_key, &entry.change) {
            (Some(key), _) => *key,
            (None, Change::Found { root_key, .. }) => *root_key,
            (None, _) => return Err(inconsistent(version, Clash::NotFounded)),
        };
        let hash = entry.hash();
        if !crate::key::verify(&key, &hash, &signature) {
            return Err(RegistryError::Signature { version });
        }
        if self.beyond().is_none() && self.may_act_under(&entry) {
            let fits = self.may_write(entry.by, &entry.change).and_then(|()| self.fits(&entry.change));
            fits.and_then(|()| self.in_time(&entry)).map_err(|clash| inconsistent(version, clash))?;
            self.take(version, entry.time, &entry.change);
            self.take_pair(&entry, hash);
            self.acted = version;
        }
        self.entries.push((entry, bytes.to_vec(), hash));
        Ok(Appended::New)
    }

    /// Next free device number.
    #[must_use]
    pub fn next_device(&self) -> DeviceId {
        DeviceId(self.devices.keys().next_back().map_or(1, |id| id.0 + 1))
    }

    /// Next free number of a person.
    #[must_use]
    pub fn next_person(&self) -> PersonId {
        PersonId(self.people.keys().next_back().map_or(1, |id| id.0 + 1))
    }
}

fn inconsistent(version: u32, clash: Clash) -> RegistryError {
    RegistryError::Inconsistent { version, clash }
}

/// The registry in one of its versions.
#[derive(Clone, Copy, Debug)]
pub struct At<'r> {
    registry: &'r Registry,
    version: u32,
    /// At which time; when the version was written if it is not said.
    time: Option<Millis>,
}

impl<'r> At<'r> {
    /// That version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The device of that number, also when it is out of use.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&'r Device> {
        self.pick(self.registry.devices.get(&id)?)
    }

    /// The device of that key, if it is in use.
    #[must_use]
    pub fn device_of_key(&self, key: &[u8; 32]) -> Option<(DeviceId, &'r Device)> {
        self.devices().find(|(_, device)| device.key == *key)
    }

    /// The person of that number.
    #[must_use]
    pub fn person(&self, id: PersonId) -> Option<&'r Person> {
        self.pick(self.registry.people.get(&id)?)
    }

    /// Everybody.
    pub fn people(&self) -> impl Iterator<Item = (PersonId, &'r Person)> + use<'r> {
        let at = *self;
        at.registry.people.iter().filter_map(move |(id, dated)| Some((*id, at.pick(dated)?)))
    }

    /// The unit of that number.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<&'r Unit> {
        self.pick(self.registry.units.get(&id)?)
    }

    /// Every unit.
    pub fn units(&self) -> impl Iterator<Item = (UnitId, &'r Unit)> + use<'r> {
        let at = *self;
        at.registry.units.iter().filter_map(move |(id, dated)| Some((*id, at.pick(dated)?)))
    }

    /// The units of that code; if there is none, those of that full name; if there is none either, of that short name.
    #[must_use]
    pub fn units_called(&self, name: &str) -> Vec<(UnitId, &'r Unit)> {
        let by = |of: fn(&Unit) -> &str| self.units().filter(|(_, unit)| of(unit) == name).collect::<Vec<_>>();
        let ways: [fn(&Unit) -> &str; 3] = [|unit| &unit.code, |unit| &unit.name, |unit| &unit.short];
        ways.into_iter().map(by).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// The one unit of that code, name or short name; none where several have it.
    #[must_use]
    pub fn unit_called(&self, name: &str) -> Option<(UnitId, &'r Unit)> {
        match self.units_called(name).as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The city hub.
    #[must_use]
    pub fn hub(&self) -> Option<DeviceId> {
        self.pick(&self.registry.hub).copied()
    }

    /// Since which version the device that is the city hub is it; 0 if there is none.
    #[must_use]
    pub fn hub_since(&self) -> u32 {
        let mut since = None;
        for (version, device) in self.registry.hub.iter().filter(|(version, _)| *version <= self.version) {
            if since.is_none_or(|(_, before)| before != *device) {
                since = Some((*version, *device));
            }
        }
        since.map_or(0, |(version, _)| version)
    }

    /// Code and name of each category.
    #[must_use]
    pub fn categories(&self) -> &'r [(String, String)] {
        self.pick(&self.registry.categories).map_or(&[], Vec::as_slice)
    }

    /// The working-day calendar.
    #[must_use]
    pub fn calendar(&self) -> Option<&'r Calendar> {
        self.pick(&self.registry.calendar)
    }

    /// Every locked table with the version that locked it, oldest first.
    pub fn locks(&self) -> impl Iterator<Item = (u32, &'r Locked)> + use<'r> {
        let version = self.version;
        self.registry.locks.iter().filter(move |(since, _)| *since <= version).map(|(since, lock)| (*since, lock))
    }

    /// Whether somebody has that role at the city hotline.
    #[must_use]
    pub fn holds_at_city(&self, id: PersonId, role: Role) -> bool {
        self.person(id)
            .is_some_and(|person| person.roles.contains(&role) && self.level(person.unit) == Level::CityHotline)
    }

    /// When the newest entry of this version was written.
    #[must_use]
    pub fn written_at(&self) -> Millis {
        self.registry.written_at(self.version).unwrap_or_default()
    }

    /// Level of a unit: hotline of the city, of a county, or a handling unit.
    #[must_use]
    pub fn level(&self, id: UnitId) -> Level {
        match self.unit(id).map(|unit| unit.kind) {
            Some(UnitKind::CityHotline) => Level::CityHotline,
            Some(UnitKind::CountyHotline) => Level::CountyHotline,
            _ => Level::Unit,
        }
    }

    /// Roles of a person in that unit; empty if the person belongs to another.
    #[must_use]
    pub fn roles(&self, id: PersonId, unit: UnitId) -> Vec<Role> {
        match self.person(id) {
            Some(person) if person.unit == unit => person.roles.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether whatever a device of `holder` holds includes the tickets of `unit`: its own, and those of the units
    /// below a hotline. What one of a class that is not known here may have is not known either.
    #[must_use]
    pub fn covers(&self, holder: UnitId, class: Class, unit: UnitId) -> bool {
        if matches!(class, Class::Other(_)) {
            return false;
        }
        if holder == unit {
            return true;
        }
        let mut above = self.unit(unit).and_then(|unit| unit.parent);
        // The city is at most three levels deep; the bound keeps a faulty registry from turning in circles.
        for _ in 0..4 {
            match above {
                Some(id) if id == holder => return class == Class::Hub,
                Some(id) => above = self.unit(id).and_then(|unit| unit.parent),
                None => return false,
            }
        }
        false
    }

    fn pick<T>(&self, dated: &'r [(u32, T)]) -> Option<&'r T> {
        dated.iter().rev().find(|(since, _)| *since <= self.version).map(|(_, value)| value)
    }
}

/// Builds and signs an entry that `by` had written; done by whoever holds the key of the log.
#[must_use]
pub fn sign_entry(
    by: Option<PersonId>,
    registry: &Registry,
    change: Change,
    time: Millis,
    key: &crate::key::DeviceKey,
) -> Vec<u8> {
    let (version, previous) = (registry.version() + 1, registry.head());
    // A confirm is as critical as what it brings about.
    let critical = registry.brought(&change).critical();
    let entry = Entry { log: ROOT_LOG, version, previous, time, by, critical, change, kept: None };
    entry.encode(&key.sign(&entry.hash()))
}
