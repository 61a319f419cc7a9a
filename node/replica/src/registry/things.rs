//! What the registry knows of a unit, a device and a person, each as numbered fields.

use regulation::calendar::day_begins;
use regulation::{DeviceId, PersonId, Role, UnitId};

use super::kinds::{Class, UnitKind};
use crate::codec::{Malformed, Reader, Writer};
use crate::fields::{self, Fields, Unread};
use crate::limits::CODE_BYTES_MAX;

/// Bytes of the name of a unit, a device or a category.
pub(super) const NAME_BYTES_MAX: usize = 200;
/// Roles of one person.
const ROLES_MAX: usize = 64;
/// Departments that are above one unit in their line of work.
pub const SUPERIORS_MAX: usize = 16;

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Official code, such as `130600-D03`.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Name on screens.
    pub short: String,
    /// What it is.
    pub kind: UnitKind,
    /// The hotline above it.
    pub parent: Option<UnitId>,
    /// 本级人民政府: the government that it belongs to, if that was said.
    pub government: Option<UnitId>,
    /// 上级主管部门: the departments above it in its line of work, if they were named; sorted.
    pub superiors: Vec<UnitId>,
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The unit that it belongs to.
    pub unit: UnitId,
    /// What it is for.
    pub class: Class,
    /// Its public key.
    pub key: [u8; 32],
    /// What people call it.
    pub name: String,
}

/// A person of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The unit.
    pub unit: UnitId,
    /// Name on screens.
    pub name: String,
    /// What the person types to sign in.
    pub login: String,
    /// Roles, sorted.
    pub roles: Vec<Role>,
}

impl Unit {
    /// A unit of that code under all names, and nothing above it but that hotline.
    #[must_use]
    pub fn new(code: &str, name: &str, short: &str, kind: UnitKind, parent: Option<UnitId>) -> Self {
        let (code, name, short) = (code.to_owned(), name.to_owned(), short.to_owned());
        Self { code, name, short, kind, parent, government: None, superiors: Vec::new() }
    }

    /// Whom it may ask for an opinion (20); nobody if neither its government nor its superiors were said.
    #[must_use]
    pub fn asks(&self) -> Vec<UnitId> {
        self.government.into_iter().chain(self.superiors.iter().copied()).collect()
    }

    /// Whom it asks for an opinion: those that were said, or else the hotline that it belongs to (20, `[D]`).
    #[must_use]
    pub fn above(&self) -> Vec<UnitId> {
        let asks = self.asks();
        if asks.is_empty() { self.parent.into_iter().collect() } else { asks }
    }
}

pub(super) fn write_unit(id: UnitId, unit: &Unit, out: &mut Writer) {
    let mut fields = Fields::default();
    fields.write(1, |out| number(id.0, out)).write(2, |out| text(&unit.code, out));
    fields.write(3, |out| text(&unit.name, out)).write(4, |out| text(&unit.short, out));
    fields.write(5, |out| number(unit.kind.number().into(), out));
    fields.write_some(6, unit.parent, |out, parent| number(parent.0, out));
    fields.write_some(7, unit.government, |out, government| number(government.0, out));
    fields.write_some(8, (!unit.superiors.is_empty()).then_some(&unit.superiors), |out, superiors| {
        out.array(superiors.len());
        superiors.iter().for_each(|superior| number(superior.0, out));
    });
    fields.finish(out);
}

pub(super) fn read_unit(input: &mut Reader<'_>) -> Result<(UnitId, Unit), Malformed> {
    let (id, unit) = fields::read(input, Unread::PassedOver, |fields| {
        let id = fields.need(1, read_unit_id)?;
        let unit = Unit {
            code: fields.need(2, |input| input.code(CODE_BYTES_MAX))?,
            name: fields.need(3, |input| input.text(NAME_BYTES_MAX))?,
            short: fields.need(4, |input| input.text(NAME_BYTES_MAX))?,
            kind: UnitKind::from_number(fields.need(5, Reader::uint16)?),
            parent: fields.maybe(6, read_unit_id)?,
            government: fields.maybe(7, read_unit_id)?,
            superiors: fields.maybe(8, |input| list(input, SUPERIORS_MAX, read_unit_id))?.unwrap_or_default(),
        };
        Ok((id, unit))
    })?;
    if unit.superiors.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Malformed::new("unit", "its superiors are not sorted"));
    }
    Ok((id, unit))
}

pub(super) fn write_device(id: DeviceId, device: &Device, out: &mut Writer) {
    let mut fields = Fields::default();
    fields.write(1, |out| number(id.0, out)).write(2, |out| number(device.unit.0, out));
    fields.write(3, |out| number(device.class.number().into(), out));
    fields.write(4, |out| bytes(&device.key, out)).write(5, |out| text(&device.name, out));
    fields.finish(out);
}

pub(super) fn read_device(input: &mut Reader<'_>) -> Result<(DeviceId, Device), Malformed> {
    fields::read(input, Unread::PassedOver, |fields| {
        let id = DeviceId(fields.need(1, Reader::uint32)?);
        let device = Device {
            unit: fields.need(2, read_unit_id)?,
            class: Class::from_number(fields.need(3, Reader::uint16)?),
            key: fields.need(4, Reader::fixed)?,
            name: fields.need(5, |input| input.text(NAME_BYTES_MAX))?,
        };
        Ok((id, device))
    })
}

pub(super) fn write_person(id: PersonId, person: &Person, out: &mut Writer) {
    let mut fields = Fields::default();
    fields.write(1, |out| number(id.0, out)).write(2, |out| number(person.unit.0, out));
    fields.write(3, |out| text(&person.name, out)).write(4, |out| text(&person.login, out));
    fields.write(5, |out| {
        out.array(person.roles.len());
        person.roles.iter().for_each(|role| number(role.number().into(), out));
    });
    fields.finish(out);
}

pub(super) fn read_person(input: &mut Reader<'_>) -> Result<(PersonId, Person), Malformed> {
    let role = |input: &mut Reader<'_>| input.uint16().map(Role::from_number);
    fields::read(input, Unread::PassedOver, |fields| {
        let id = PersonId(fields.need(1, Reader::uint32)?);
        let person = Person {
            unit: fields.need(2, read_unit_id)?,
            name: fields.need(3, |input| input.text(CODE_BYTES_MAX))?,
            login: fields.need(4, |input| input.text(CODE_BYTES_MAX))?,
            roles: fields.need(5, |input| list(input, ROLES_MAX, role))?,
        };
        Ok((id, person))
    })
}

/// The day from which on something holds.
pub(super) fn read_from(input: &mut Reader<'_>) -> Result<i32, Malformed> {
    let day = i32::try_from(input.int()?).ok().filter(|day| day_begins(*day).is_some());
    day.ok_or_else(|| Malformed::new("registry entry", "day out of range"))
}

fn read_unit_id(input: &mut Reader<'_>) -> Result<UnitId, Malformed> {
    input.uint32().map(UnitId)
}

pub(super) fn list<'b, T>(
    input: &mut Reader<'b>,
    max: usize,
    mut read: impl FnMut(&mut Reader<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    (0..input.array(max)?).map(|_| read(input)).collect()
}

pub(super) fn number(value: u32, out: &mut Writer) {
    out.uint(value.into());
}

pub(super) fn text(value: &str, out: &mut Writer) {
    out.text(value);
}

pub(super) fn bytes(value: &[u8], out: &mut Writer) {
    out.bytes(value);
}
