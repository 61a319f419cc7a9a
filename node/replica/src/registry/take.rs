//! What an entry changes, and what it may not contradict.
//!
//! Whatever names somebody is given once: the number of a person is of one login, a login of one person, the number of a
//! device of one key, a key and a name of one device. Else acts would pass from one to the other.

use std::collections::BTreeMap;

use regulation::calendar::Calendar;
use regulation::settings::Settings;
use regulation::{DeviceId, Level, Millis, PersonId, Role, UnitId, split};

use super::{Change, Clash, Class, Device, Lock, Person, Registry, Set, Unit, UnitKind};
use crate::characters::one_line;

/// Levels of units below the city hotline, and more than that, so that a circle is noticed.
const LEVELS_MAX: usize = 4;
/// Characters of a person's name, at most.
const NAME_CHARS_MAX: usize = 20;
/// Characters of a device's name, at most.
const DEVICE_NAME_CHARS_MAX: usize = 40;
/// Characters of a login, at most.
const LOGIN_CHARS_MAX: usize = 32;

impl Registry {
    /// Whether an entry could be appended as far as what is held goes.
    ///
    /// # Errors
    /// What it contradicts.
    pub fn fits(&self, change: &Change) -> Result<(), Clash> {
        match change {
            // What a critical entry did that is not understood, no entry of ours may rest on.
            _ if self.beyond().is_some() => Err(Clash::Beyond),
            Change::Found { .. } if self.version() > 0 => Err(Clash::Founded),
            Change::Newer(_) => Ok(()),
            Change::Found { .. } | Change::Calendar(_) => Ok(()),
            Change::Settings(set) => self.settings_fit(change, set).and_then(|()| self.founds(change)),
            Change::Lock(_) | Change::Void(_) | Change::Retired(_) | Change::Duties(_) => self.founds(change),
            Change::Proposed(_) | Change::Confirmed(_) | Change::Declined { .. } => self.pair_fits(change),
            Change::Carried(carried) => self.carried_fits(carried),
            Change::Units(units) => self.units_fit(units),
            Change::Categories(categories) => {
                let mut codes: Vec<&String> = categories.iter().map(|(code, _)| code).collect();
                codes.sort_unstable();
                let twice = codes.windows(2).find(|pair| pair[0] == pair[1]);
                twice.map_or(Ok(()), |pair| Err(Clash::Category(pair[0].clone())))
            }
            Change::Device(id, device) => self.device_fits(*id, device),
            Change::Hub(id) => {
                let now = self.now();
                let device = now.device(*id).ok_or(Clash::NoSuchDevice)?;
                let hub = device.class == Class::Hub && now.level(device.unit) == Level::CityHotline;
                let fits = hub && now.in_use(*id);
                if fits { Ok(()) } else { Err(Clash::Hub) }
            }
            Change::Person(id, person) => self.person_fits(*id, person),
            Change::Enrol(id, device, person) => {
                if self.devices.contains_key(id) {
                    return Err(Clash::DeviceNumber);
                }
                self.device_fits(*id, device)?;
                let Some((id, person)) = person else { return Ok(()) };
                if self.people.contains_key(id) {
                    return Err(Clash::PersonNumber);
                }
                if person.unit != device.unit {
                    return Err(Clash::NoSuchUnit);
                }
                self.person_fits(*id, person)
            }
            Change::Rekey(id, key) => {
                let known = self.devices.contains_key(id);
                if !known {
                    return Err(Clash::NoSuchDevice);
                }
                if !self.now().in_use(*id) {
                    return Err(Clash::Retired);
                }
                if self.key_known(key) { Err(Clash::DeviceKey) } else { Ok(()) }
            }
        }
    }

    /// Whether somebody may have that written. Nobody is there when a city is founded, and the key of the log alone says
    /// whether that was so.
    ///
    /// # Errors
    /// No role of theirs at the city hotline allows it.
    pub fn may_write(&self, by: Option<PersonId>, change: &Change) -> Result<(), Clash> {
        if change.of_pairs() {
            return self.pair_by(by, change);
        }
        let Some(by) = by else { return Ok(()) };
        let may = match (change, change.role()) {
            // Who may, only a program knows that knows the change; that the writer of the log has signed it is known here.
            (Change::Newer(_), _) => true,
            (_, Some(role)) => self.now().holds_at_city(by, role),
            (_, None) => false,
        };
        if may { Ok(()) } else { Err(Clash::NotTheirs) }
    }

    /// Takes in what fits.
    pub(super) fn take(&mut self, version: u32, time: Millis, change: &Change) {
        match change {
            Change::Found { city, root_key } => {
                self.city.clone_from(city);
                self.root_key = Some(*root_key);
            }
            Change::Units(units) => {
                for (id, unit) in units {
                    self.units.entry(*id).or_default().push((version, unit.clone()));
                }
            }
            Change::Categories(categories) => self.categories.push((version, categories.clone())),
            Change::Calendar(days) => self.calendar.push((version, Calendar::from_days(version, days))),
            Change::Settings(set) => self.take_settings(version, time, set),
            Change::Hub(id) => self.hub.push((version, *id)),
            Change::Void(voided) => self.voided.push((version, voided.clone())),
            Change::Duties(duties) => self.take_duties(version, time, duties),
            Change::Retired(id) => {
                self.retired.insert(*id, version);
            }
            Change::Carried(said) => {
                if let Some(device) = self.now().device(said.device) {
                    let key = device.key;
                    self.carried.entry(said.device).or_default().push((version, (key, said.edition)));
                }
            }
            // A table is locked by its confirm; what proposes and answers is taken in beside this.
            Change::Lock(_)
            | Change::Proposed(_)
            | Change::Confirmed(_)
            | Change::Declined { .. }
            | Change::Newer(_) => {}
            Change::Device(id, device) => self.put_device(version, *id, device.clone()),
            Change::Person(id, person) => self.put_person(version, *id, person.clone()),
            Change::Enrol(id, device, person) => {
                self.put_device(version, *id, device.clone());
                if let Some((id, person)) = person {
                    self.put_person(version, *id, person.clone());
                }
            }
            Change::Rekey(id, key) => {
                if let Some(device) = self.now().device(*id).cloned() {
                    self.put_device(version, *id, Device { key: *key, ..device });
                }
            }
        }
    }

    fn put_device(&mut self, version: u32, id: DeviceId, device: Device) {
        self.devices.entry(id).or_default().push((version, device));
    }

    fn put_person(&mut self, version: u32, id: PersonId, person: Person) {
        self.people.entry(id).or_default().push((version, person));
    }

    /// The version of the newest entry that said something of what a change speaks of: whoever decided on the change
    /// without having seen that one decides again.
    #[must_use]
    pub fn touched(&self, change: &Change) -> u32 {
        fn last<T>(dated: &[(u32, T)]) -> u32 {
            dated.last().map_or(0, |(version, _)| *version)
        }
        let retired = |id: &DeviceId| self.retired.get(id).copied().unwrap_or_default();
        let device = |id: &DeviceId| self.devices.get(id).map_or(0, |dated| last(dated)).max(retired(id));
        let person = |id: &PersonId| self.people.get(id).map_or(0, |dated| last(dated));
        match change {
            Change::Found { .. } => self.version().min(1),
            Change::Newer(_) | Change::Carried(_) | Change::Declined { .. } => 0,
            Change::Proposed(change) => self.touched(change),
            Change::Confirmed(_) => match self.brought(change) {
                Change::Confirmed(_) => 0,
                proposed => self.touched(proposed),
            },
            Change::Units(units) => {
                units.iter().filter_map(|(id, _)| self.units.get(id)).map(|dated| last(dated)).max().unwrap_or_default()
            }
            Change::Categories(_) => last(&self.categories),
            Change::Calendar(_) => last(&self.calendar),
            Change::Settings(set) => {
                let set = set.values.iter().filter_map(|(number, _)| self.set_at.get(number));
                set.map(|dated| last(dated)).max().unwrap_or_default()
            }
            Change::Hub(_) => last(&self.hub),
            Change::Lock(_) => last(&self.locks),
            Change::Void(_) => last(&self.voided),
            Change::Duties(duties) => self.duties_touched(duties),
            Change::Device(id, _) | Change::Rekey(id, _) | Change::Retired(id) => device(id),
            Change::Person(id, _) => person(id),
            Change::Enrol(id, _, with) => device(id).max(with.as_ref().map_or(0, |(id, _)| person(id))),
        }
    }

    /// Codes are given once; each unit stands under one that is known; there is one city hotline, and it stays.
    fn units_fit(&self, changed: &[(UnitId, Unit)]) -> Result<(), Clash> {
        let mut after: BTreeMap<UnitId, &Unit> = self.now().units().collect();
        let before: Vec<UnitId> = city_hotlines(&after);
        after.extend(changed.iter().map(|(id, unit)| (*id, unit)));
        let cities = city_hotlines(&after);
        if cities.len() > 1 || !before.is_empty() && before != cities {
            return Err(Clash::CityHotline);
        }
        let mut codes = BTreeMap::new();
        for (id, unit) in &after {
            if codes.insert(unit.code.as_str(), id).is_some() {
                return Err(Clash::UnitCode(unit.code.clone()));
            }
        }
        for (_, unit) in changed {
            let mut above = unit.parent;
            for _ in 0..LEVELS_MAX {
                let Some(id) = above else { break };
                let known = after.get(&id).ok_or_else(|| Clash::UnitAbove(unit.code.clone()))?;
                above = known.parent;
            }
            if above.is_some() {
                return Err(Clash::UnitAbove(unit.code.clone()));
            }
        }
        for (id, unit) in changed {
            if unit.asks().iter().any(|asked| asked == id || !after.contains_key(asked)) {
                return Err(Clash::UnitAsks(unit.code.clone()));
            }
        }
        Ok(())
    }

    /// Each is known here and can be that; and an edition comes after those before it.
    pub(super) fn settings_fit(&self, change: &Change, set: &Set) -> Result<(), Clash> {
        Settings::check(&set.values).map_err(Clash::Setting)?;
        match change.edition() {
            Some(edition) if edition <= self.now().edition() => Err(Clash::EditionBack),
            // Whether an act is lawful hangs on the version that it names, and never on a day.
            Some(_) if set.from.is_some() => Err(Clash::EditionDated),
            _ => Ok(()),
        }
    }

    fn device_fits(&self, id: DeviceId, device: &Device) -> Result<(), Clash> {
        if !self.units.contains_key(&device.unit) {
            return Err(Clash::NoSuchUnit);
        }
        if !one_line(&device.name, DEVICE_NAME_CHARS_MAX) {
            return Err(Clash::BadDeviceName);
        }
        let now = self.now();
        match now.device(id) {
            Some(known) if known.key != device.key => return Err(Clash::DeviceNumber),
            Some(known) if known.unit != device.unit => return Err(Clash::DeviceMoved),
            Some(_) if !now.in_use(id) => return Err(Clash::Retired),
            None if self.key_known(&device.key) => return Err(Clash::DeviceKey),
            _ => {}
        }
        if now.enrolled().any(|(other, known)| other != id && known.name == device.name) {
            return Err(Clash::DeviceName(device.name.clone()));
        }
        Ok(())
    }

    /// Whether a key is, or once was, that of a device.
    fn key_known(&self, key: &[u8; 32]) -> bool {
        self.devices.values().flatten().any(|(_, device)| device.key == *key)
    }

    fn person_fits(&self, id: PersonId, person: &Person) -> Result<(), Clash> {
        if !self.units.contains_key(&person.unit) {
            return Err(Clash::NoSuchUnit);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=LOGIN_CHARS_MAX).contains(&person.login.len()) || !person.login.chars().all(plain) {
            return Err(Clash::BadLogin);
        }
        if !one_line(&person.name, NAME_CHARS_MAX) {
            return Err(Clash::BadName);
        }
        let now = self.now();
        let never = split::held_together(&person.roles, now.level(person.unit)).find(|split| split.never);
        match never.map(|split| split.one) {
            Some(Role::Inspect) => return Err(Clash::Inspector),
            Some(_) => return Err(Clash::Officers),
            None => {}
        }
        if now.person(id).is_some_and(|known| known.login != person.login) {
            return Err(Clash::PersonNumber);
        }
        // Else nobody could ever name another one.
        let others = now.people().any(|(other, _)| other != id && now.holds_at_city(other, Role::Administer));
        let stays = person.roles.contains(&Role::Administer) && now.level(person.unit) == Level::CityHotline;
        if now.holds_at_city(id, Role::Administer) && !stays && !others {
            return Err(Clash::LastAdministrator);
        }
        // Two that differ in capitals alone are one to whoever reads them out.
        if now.people().any(|(other, known)| other != id && known.login.eq_ignore_ascii_case(&person.login)) {
            return Err(Clash::Login(person.login.clone()));
        }
        Ok(())
    }

    /// Each month is locked once and in its turn, so that it is certain which table carries the corrections of another;
    /// (38).
    pub(super) fn lock_fits(&self, lock: &Lock) -> Result<(), &'static str> {
        if self.locks.iter().any(|(_, earlier)| earlier.lock.month == lock.month) {
            return Err("the month is locked already");
        }
        let last = self.locks.last().map(|(_, last)| last.lock);
        if last.is_some_and(|last| last.month.next() != lock.month) {
            return Err("the month does not follow the one that was locked last");
        }
        if lock.number != last.map_or(0, |last| last.number) + 1 {
            return Err("the number does not follow that of the table that was locked last");
        }
        Ok(())
    }
}

fn city_hotlines(units: &BTreeMap<UnitId, &Unit>) -> Vec<UnitId> {
    units.iter().filter(|(_, unit)| unit.kind == UnitKind::CityHotline).map(|(id, _)| *id).collect()
}
