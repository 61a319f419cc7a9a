//! The registry as its writer changes it: numbers are given, and what was decided on is compared, in the transaction that
//! writes. A snapshot that somebody decided on may be one group old, and a group holds many who decided on the same.

use regulation::calendar::month_ends;
use regulation::{Millis, PersonId};
use replica::registry::{Appended, Carried, Clash, sign_entry};
use replica::{Change, Class, Device, Person, RegistryError};

use crate::command::Enrolment;
use crate::outcome::{Done, Refusal};
use crate::{Fault, KEPT, Kernel};

impl Kernel {
    /// What this node tells its peers of itself: which editions of the rules its program carries, as long as the registry
    /// does not say it.
    pub(crate) fn of_itself(&self) -> Vec<u8> {
        let said = self.me.as_ref().and_then(|me| self.registry.to_say(me.device, &self.identity.key));
        said.map(|said| said.encode()).unwrap_or_default()
    }

    /// Has it written which editions the program of a hub carries, where this node writes the registry. What it does not carry
    /// itself it goes past: the hub says it again at each connection, so that a hub has no more entries than there are editions.
    pub(crate) fn note_carried(&mut self, now: Millis, said: &[u8]) -> Result<(), Fault> {
        let Ok(said) = Carried::decode(said) else { return Ok(()) };
        let carries = said.edition <= self.registry.carries();
        let change = Change::Carried(said);
        if self.identity.root.is_some() && carries && self.registry.fits(&change).is_ok() {
            // What stands against it now may not when it is said the next time.
            let _ = self.write_entry(now, None, change)?;
        }
        Ok(())
    }

    /// Writes an entry that was decided on by what the registry said in version `seen`.
    pub(crate) fn change_registry(
        &mut self,
        now: Millis,
        by: Option<PersonId>,
        seen: u32,
        change: Change,
    ) -> Result<Result<Done, Refusal>, Fault> {
        if self.registry.touched(&change) > seen {
            return Ok(Err(Refusal::Changed));
        }
        if self.covers_the_proposer(now, by, &change)? {
            return Ok(Err(Refusal::Covers));
        }
        if let Some(refusal) = self.locks_early(now, &change) {
            return Ok(Err(refusal));
        }
        Ok(self.write_entry(now, by, change)?.map(|()| Done::Registry(self.registry.version())))
    }

    /// Why a month is not proposed to be locked, nor that confirmed: a lock is for ever, so a clock that may be ahead decides none.
    fn locks_early(&self, now: Millis, change: &Change) -> Option<Refusal> {
        let of = match change {
            Change::Proposed(change) => change,
            Change::Confirmed(hash) => &self.registry.proposed().find(|proposed| proposed.hash == *hash)?.change,
            change => change,
        };
        let Change::Lock(lock) = of else { return None };
        if self.clock_doubt().is_some() {
            return Some(Refusal::LockDoubtful);
        }
        let month = i64::from(lock.month.year) * 12 + i64::from(lock.month.month) - 1;
        (month_ends(month) > now).then_some(Refusal::LockEarly)
    }

    pub(crate) fn add_person(
        &mut self,
        now: Millis,
        by: Option<PersonId>,
        person: Person,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let id = self.registry.next_person();
        Ok(self.write_entry(now, by, Change::Person(id, person))?.map(|()| Done::Person(id)))
    }

    /// Enrols a device that `by` has invited.
    pub(crate) fn enrol(
        &mut self,
        now: Millis,
        by: Option<PersonId>,
        joins: Enrolment,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let at = self.registry.now();
        if let Some((device, known)) = at.device_of_key(&joins.key) {
            if (known.unit, known.class) != (joins.unit, joins.class) {
                return Ok(Err(Refusal::Clash(Clash::DeviceKey)));
            }
            let same = |login: &str| at.people().find(|(_, p)| p.login == login && p.unit == joins.unit);
            let person = joins.person.as_ref().and_then(|newcomer| same(&newcomer.login)).map(|(id, _)| id);
            return Ok(Ok(Done::Enrolled { device, person }));
        }
        let (id, unit, class) = (self.registry.next_device(), joins.unit, joins.class);
        let name = joins.name.unwrap_or_else(|| self.usual_name(unit, class));
        let device = Device { unit, class, key: joins.key, name };
        let next = self.registry.next_person();
        let person = joins.person.map(|n| (next, Person { unit, name: n.name, login: n.login, roles: n.roles }));
        let done = Done::Enrolled { device: id, person: person.as_ref().map(|(id, _)| *id) };
        if let Err(refusal) = self.write_entry(now, by, Change::Enrol(id, device, person))? {
            return Ok(Err(refusal));
        }
        self.nothing_to_hear(id)?;
        if let Some((key, value)) = joins.keep {
            self.store.set_meta(&format!("{KEPT}{key}"), &value)?;
        }
        Ok(Ok(done))
    }

    fn write_entry(&mut self, now: Millis, by: Option<PersonId>, change: Change) -> Result<Result<(), Refusal>, Fault> {
        let Some(root) = self.identity.root.clone() else { return Ok(Err(Refusal::NoRootKey)) };
        // Others may hold an entry that this node has signed and lost.
        let unheard = self.registry_waits_for()?;
        if !unheard.is_empty() {
            return Ok(Err(Refusal::RegistryUnsure { unheard }));
        }
        // Others would take it in; but what it rests on is not understood here.
        if self.registry.beyond().is_some() {
            return Ok(Err(Refusal::Clash(Clash::Beyond)));
        }
        if let Err(clash) = self.registry.may_sign(&change) {
            return Ok(Err(Refusal::Clash(clash)));
        }
        // A doubtful clock must not vouch for itself by what is written while it is in doubt.
        let entry = sign_entry(by, &self.registry, change, self.surest(now), &root);
        Ok(match self.append_entry(&entry)? {
            Ok(Appended::New | Appended::Known) => Ok(()),
            Err(RegistryError::Inconsistent { clash, .. }) => Err(Refusal::Clash(clash)),
            Err(RegistryError::Malformed(malformed)) => Err(malformed.into()),
            Err(RegistryError::Signature { .. }) => Err(Refusal::NoRootKey),
            // It was made for this place just now.
            Err(error) => return Err(Fault::Inconsistent(error.to_string())),
        })
    }

    /// `义安镇办公机`: what a device is called that nobody named; the second of them `义安镇办公机2`.
    fn usual_name(&self, unit: regulation::UnitId, class: Class) -> String {
        let at = self.registry.now();
        let unit = at.unit(unit).map(|unit| unit.short.clone()).unwrap_or_default();
        let class = class.names().1;
        let taken = |name: &String| at.enrolled().any(|(_, device)| device.name == *name);
        let first = format!("{unit}{class}");
        if !taken(&first) {
            return first;
        }
        // One of so many numbers is free: no more devices have a name.
        let numbered = (2..).map(|number: u32| format!("{first}{number}")).find(|name| !taken(name));
        numbered.unwrap_or(first)
    }
}
