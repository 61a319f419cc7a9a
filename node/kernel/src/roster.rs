//! The registry as its writer changes it: numbers are given, and what was decided on is compared, in the transaction that
//! writes. A snapshot that somebody decided on may be one group old, and a group holds many who decided on the same.

use regulation::Millis;
use replica::registry::{Appended, Clash, sign_entry};
use replica::{Change, Class, Device, Person, RegistryError};

use crate::command::{Done, Enrolment, Refusal};
use crate::{Fault, KEPT, Kernel};

impl Kernel {
    /// Writes an entry that was decided on by what the registry said in version `seen`.
    pub(crate) fn change_registry(
        &mut self,
        now: Millis,
        seen: u32,
        change: Change,
    ) -> Result<Result<Done, Refusal>, Fault> {
        if self.registry.touched(&change) > seen {
            return Ok(Err(Refusal::Changed));
        }
        Ok(self.write_entry(now, change)?.map(|()| Done::Registry(self.registry.version())))
    }

    pub(crate) fn add_person(&mut self, now: Millis, person: Person) -> Result<Result<Done, Refusal>, Fault> {
        let id = self.registry.next_person();
        Ok(self.write_entry(now, Change::Person(id, person))?.map(|()| Done::Person(id)))
    }

    pub(crate) fn enrol(&mut self, now: Millis, joins: Enrolment) -> Result<Result<Done, Refusal>, Fault> {
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
        if let Err(refusal) = self.write_entry(now, Change::Enrol(id, device, person))? {
            return Ok(Err(refusal));
        }
        if let Some((key, value)) = joins.keep {
            self.store.set_meta(&format!("{KEPT}{key}"), &value)?;
        }
        Ok(Ok(done))
    }

    fn write_entry(&mut self, now: Millis, change: Change) -> Result<Result<(), Refusal>, Fault> {
        let Some(root) = self.identity.root.clone() else { return Ok(Err(Refusal::NoRootKey)) };
        let entry = sign_entry(&self.registry, change, now, &root);
        Ok(match self.append_entry(&entry)? {
            Ok(Appended::New | Appended::Known) => Ok(()),
            Err(RegistryError::Inconsistent { clash, .. }) => Err(Refusal::Clash(clash)),
            Err(error) => Err(Refusal::BadInput(error.to_string())),
        })
    }

    /// `义安镇办公机`: what a device is called that nobody named; the second of them `义安镇办公机2`.
    fn usual_name(&self, unit: regulation::UnitId, class: Class) -> String {
        let at = self.registry.now();
        let unit = at.unit(unit).map(|unit| unit.short.clone()).unwrap_or_default();
        let class = Class::ALL.into_iter().find(|(other, ..)| *other == class).map_or("", |(.., chinese)| chinese);
        let taken = |name: &String| at.devices().any(|(_, device)| device.name == *name);
        let first = format!("{unit}{class}");
        if !taken(&first) {
            return first;
        }
        // One of so many numbers is free: no more devices have a name.
        let numbered = (2..).map(|number: u32| format!("{first}{number}")).find(|name| !taken(name));
        numbered.unwrap_or(first)
    }
}
