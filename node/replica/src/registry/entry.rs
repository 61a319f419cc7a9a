//! Entries of a registry log and their encoding.

use regulation::calendar::Day;
use regulation::rates::Weights;
use regulation::terms::Terms;
use regulation::{DeviceId, Millis, PersonId, Role, UnitId};

use crate::codec::{Malformed, Reader, Writer, canonical};
use crate::limits::{CODE_BYTES_MAX, ENTRY_BYTES_MAX};
use crate::seal::hash;

use super::lock::{Lock, Month};

/// What sort of body a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// 市热线工作机构
    CityHotline,
    /// 县级接诉即办工作机构
    CountyHotline,
    /// 县（市、区）人民政府
    CountyGovernment,
    /// 市直部门
    Department,
    /// 乡镇、街道、开发区
    Township,
    /// 承担公共服务职能的企事业单位
    Enterprise,
}

impl UnitKind {
    /// Every kind, in the order of its wire number, with its code name and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::CityHotline, "city-hotline", "市热线"),
        (Self::CountyHotline, "county-hotline", "县热线"),
        (Self::CountyGovernment, "county-government", "县政府"),
        (Self::Department, "department", "市直部门"),
        (Self::Township, "township", "乡镇街道"),
        (Self::Enterprise, "enterprise", "企事业单位"),
    ];
}

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
}

/// What a device is for, which decides what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Holds what its unit and the units below it hold.
    Hub,
    /// An office machine.
    Office,
    /// A laptop.
    Laptop,
}

impl Class {
    /// Every class, in the order of its wire number, with its code name and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Hub, "hub", "中心节点"), (Self::Office, "office", "办公机"), (Self::Laptop, "laptop", "笔记本")];

    /// The class of that code name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name, _)| *name == code).map(|(class, ..)| class)
    }

    /// Code name.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.into_iter().find(|(class, ..)| *class == self).map_or("", |(_, code, _)| code)
    }
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

/// What an entry changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Founds the city; the first entry.
    Found {
        /// Name of the city.
        city: String,
        /// The key that signs the log.
        root_key: [u8; 32],
    },
    /// Adds units or replaces what is known of them.
    Units(Vec<(UnitId, Unit)>),
    /// The categories of requests: code and name.
    Categories(Vec<(String, String)>),
    /// The working-day calendar, whole.
    Calendar(Vec<Day>),
    /// The terms.
    Terms(Terms),
    /// Enrols a device, or changes its name or class. Its key and its unit stay.
    Device(DeviceId, Device),
    /// Names the city hub.
    Hub(DeviceId),
    /// Adds a person or changes what is known of them. The login stays: acts of a number are acts of one person.
    Person(PersonId, Person),
    /// How much each rate counts (38).
    Weights(Weights),
    /// Locks the table of rates of a month (38).
    Lock(Lock),
    /// A device joins, and the person who set it up with it: both or neither.
    Enrol(DeviceId, Device, Option<(PersonId, Person)>),
    /// The device of that number has another key from now on; whoever holds the old one is no device any more.
    Rekey(DeviceId, [u8; 32]),
}

impl Change {
    /// The role that whoever has an entry written must hold at the city hotline; none where the entry itself says who may.
    /// One role so far: three administrators, who exclude each other, come with acts by two people.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Found { .. } | Self::Units(_) | Self::Categories(_) | Self::Calendar(_) => Some(Role::Administer),
            Self::Terms(_) | Self::Weights(_) => Some(Role::Administer),
            Self::Device(..) | Self::Hub(_) | Self::Enrol(..) | Self::Rekey(..) => Some(Role::Administer),
            Self::Person(..) => Some(Role::Administer),
            Self::Lock(_) => None,
        }
    }

    /// Whether the dues of tickets, or their numbers, may be others under it.
    #[must_use]
    pub fn moves_dues(&self) -> bool {
        matches!(self, Self::Calendar(_) | Self::Terms(_) | Self::Units(_))
    }
}

/// An entry of a registry log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which log.
    pub log: u32,
    /// Its number in the log, from 1.
    pub version: u32,
    /// Hash of the entry before it; zeros for the first.
    pub previous: [u8; 32],
    /// When it was written.
    pub time: Millis,
    /// Who had it written; nobody where a city is founded.
    pub by: Option<PersonId>,
    /// What it changes.
    pub change: Change,
}

impl Entry {
    /// The hash that is signed and that the next entry names.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(b"jiesu/registry/1", &self.payload())
    }

    /// The entry with its signature.
    #[must_use]
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(2).bytes(&self.payload()).bytes(signature);
        out.finish()
    }

    /// Decodes an entry and its signature, which is not checked here.
    ///
    /// # Errors
    /// Not the canonical encoding of an entry within the limits.
    pub fn decode(bytes: &[u8]) -> Result<(Self, [u8; 64]), Malformed> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(Malformed::new("registry entry", format!("{} bytes", bytes.len())));
        }
        canonical(
            bytes,
            |input| {
                input.tuple(2)?;
                let payload = input.bytes(ENTRY_BYTES_MAX)?;
                let mut reader = Reader::new(payload);
                let entry = Self::read(&mut reader)?;
                reader.end()?;
                Ok((entry, input.fixed()?))
            },
            |(entry, signature)| entry.encode(signature),
        )
    }

    fn payload(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(7).uint(self.log.into()).uint(self.version.into()).bytes(&self.previous).int(self.time);
        out.option(self.by, |out, by| {
            out.uint(by.0.into());
        });
        match &self.change {
            Change::Found { city, root_key } => out.uint(1).array(2).text(city).bytes(root_key),
            Change::Units(units) => {
                out.uint(2).array(units.len());
                for (id, unit) in units {
                    write_unit(*id, unit, &mut out);
                }
                &mut out
            }
            Change::Categories(categories) => {
                out.uint(3).array(categories.len());
                for (code, name) in categories {
                    out.array(2).text(code).text(name);
                }
                &mut out
            }
            Change::Calendar(days) => {
                out.uint(4).array(days.len());
                for day in days {
                    out.array(3).int(day.number().into()).flag(day.working).text(&day.name);
                }
                &mut out
            }
            Change::Terms(terms) => {
                let numbers = terms.numbers();
                out.uint(5).array(numbers.len());
                for number in numbers {
                    out.uint(number.into());
                }
                &mut out
            }
            Change::Device(id, device) => write_device(*id, device, out.uint(6)),
            Change::Hub(id) => out.uint(7).uint(id.0.into()),
            Change::Person(id, person) => write_person(*id, person, out.uint(8)),
            Change::Weights(weights) => {
                out.uint(9).array(4);
                for number in weights.numbers() {
                    out.uint(number.into());
                }
                &mut out
            }
            Change::Lock(lock) => out
                .uint(10)
                .array(6)
                .uint(lock.month.year.into())
                .uint(lock.month.month.into())
                .uint(lock.number.into())
                .bytes(&lock.hash)
                .uint(lock.by.0.into())
                .uint(lock.second.0.into()),
            Change::Enrol(id, device, person) => {
                out.uint(11).array(2);
                write_device(*id, device, &mut out);
                out.option(person.as_ref(), |out, (id, person)| {
                    write_person(*id, person, out);
                })
            }
            Change::Rekey(id, key) => out.uint(12).array(2).uint(id.0.into()).bytes(key),
        };
        out.finish()
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.tuple(7)?;
        let (log, version, previous, time) = (input.uint32()?, input.uint32()?, input.fixed()?, input.int()?);
        let by = input.option(|input| input.uint32().map(PersonId))?;
        let change = match input.uint8()? {
            1 => {
                input.tuple(2)?;
                Change::Found { city: input.text(CODE_BYTES_MAX)?, root_key: input.fixed()? }
            }
            2 => Change::Units(list(input, 10_000, read_unit)?),
            3 => Change::Categories(list(input, 5_000, |input| {
                input.tuple(2)?;
                Ok((input.code(CODE_BYTES_MAX)?, input.text(200)?))
            })?),
            4 => Change::Calendar(list(input, 20_000, |input| {
                input.tuple(3)?;
                let number = i32::try_from(input.int()?).map_err(|_| Malformed::new("calendar", "day out of range"))?;
                let (working, name) = (input.flag()?, input.text(CODE_BYTES_MAX)?);
                Day::from_number(number, working, name).ok_or_else(|| Malformed::new("calendar", "day out of range"))
            })?),
            5 => {
                let numbers = list(input, 64, |input| input.uint32())?;
                Change::Terms(
                    Terms::from_numbers(&numbers).ok_or_else(|| Malformed::new("terms", "not a set of terms"))?,
                )
            }
            6 => {
                let (id, device) = read_device(input)?;
                Change::Device(id, device)
            }
            7 => Change::Hub(DeviceId(input.uint32()?)),
            8 => {
                let (id, person) = read_person(input)?;
                Change::Person(id, person)
            }
            9 => {
                input.tuple(4)?;
                let numbers = [input.uint32()?, input.uint32()?, input.uint32()?, input.uint32()?];
                let weights = Weights::from_numbers(numbers);
                Change::Weights(weights.ok_or_else(|| Malformed::new("weights", "they do not count 100 percent"))?)
            }
            10 => {
                input.tuple(6)?;
                let month = Month::new(input.uint16()?, input.uint8()?);
                Change::Lock(Lock {
                    month: month.ok_or_else(|| Malformed::new("locked table", "no such month"))?,
                    number: input.uint32()?,
                    hash: input.fixed()?,
                    by: PersonId(input.uint32()?),
                    second: PersonId(input.uint32()?),
                })
            }
            11 => {
                input.tuple(2)?;
                let (id, device) = read_device(input)?;
                Change::Enrol(id, device, input.option(read_person)?)
            }
            12 => {
                input.tuple(2)?;
                Change::Rekey(DeviceId(input.uint32()?), input.fixed()?)
            }
            other => return Err(Malformed::new("registry entry", format!("no change {other}"))),
        };
        Ok(Self { log, version, previous, time, by, change })
    }
}

fn write_unit(id: UnitId, unit: &Unit, out: &mut Writer) {
    out.array(6).uint(id.0.into()).text(&unit.code).text(&unit.name).text(&unit.short);
    out.uint(position(&UnitKind::ALL, |(kind, ..)| *kind == unit.kind));
    out.option(unit.parent, |out, parent| {
        out.uint(parent.0.into());
    });
}

fn read_unit(input: &mut Reader<'_>) -> Result<(UnitId, Unit), Malformed> {
    input.tuple(6)?;
    let id = UnitId(input.uint32()?);
    Ok((
        id,
        Unit {
            code: input.code(CODE_BYTES_MAX)?,
            name: input.text(200)?,
            short: input.text(200)?,
            kind: pick(&UnitKind::ALL, input.uint8()?)?.0,
            parent: input.option(|input| input.uint32().map(UnitId))?,
        },
    ))
}

fn write_device<'w>(id: DeviceId, device: &Device, out: &'w mut Writer) -> &'w mut Writer {
    out.array(5)
        .uint(id.0.into())
        .uint(device.unit.0.into())
        .uint(position(&Class::ALL, |(class, ..)| *class == device.class))
        .bytes(&device.key)
        .text(&device.name)
}

fn read_device(input: &mut Reader<'_>) -> Result<(DeviceId, Device), Malformed> {
    input.tuple(5)?;
    let (id, unit) = (DeviceId(input.uint32()?), UnitId(input.uint32()?));
    let class = pick(&Class::ALL, input.uint8()?)?.0;
    Ok((id, Device { unit, class, key: input.fixed()?, name: input.text(200)? }))
}

fn write_person<'w>(id: PersonId, person: &Person, out: &'w mut Writer) -> &'w mut Writer {
    out.array(5).uint(id.0.into()).uint(person.unit.0.into());
    out.text(&person.name).text(&person.login).array(person.roles.len());
    for role in &person.roles {
        out.uint(position(&Role::ALL, |other| other == role));
    }
    out
}

fn read_person(input: &mut Reader<'_>) -> Result<(PersonId, Person), Malformed> {
    input.tuple(5)?;
    let (id, unit) = (PersonId(input.uint32()?), UnitId(input.uint32()?));
    let (name, login) = (input.text(CODE_BYTES_MAX)?, input.text(CODE_BYTES_MAX)?);
    let roles = list(input, Role::ALL.len(), |input| pick(&Role::ALL, input.uint8()?))?;
    Ok((id, Person { unit, name, login, roles }))
}

fn list<T>(
    input: &mut Reader<'_>,
    max: usize,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    (0..input.array(max)?).map(|_| read(input)).collect()
}

/// Wire number of a value: its place in the table of all values.
fn position<T>(all: &[T], is: impl Fn(&T) -> bool) -> u64 {
    all.iter().position(is).unwrap_or_default() as u64
}

fn pick<T: Copy>(all: &[T], number: u8) -> Result<T, Malformed> {
    all.get(usize::from(number)).copied().ok_or_else(|| Malformed::new("registry entry", format!("no value {number}")))
}
