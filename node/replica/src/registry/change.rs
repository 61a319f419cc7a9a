//! What an entry changes: a number, whether it is critical, and numbered fields.

use regulation::calendar::Day;
use regulation::rates::Weights;
use regulation::settings::{EDITION, Group, Settings};
use regulation::{DeviceId, Edition, PersonId, Role, UnitId};

use super::content::{Carried, DECLINE_REASON_CHARS_MAX, Set, VOID_REASON_CHARS_MAX, Voided};
use super::duty::Duties;
use super::lock::{Lock, Month};
use super::things::{
    Device, NAME_BYTES_MAX, Person, Unit, bytes, list, number, read_device, read_from, read_person, read_unit, text,
    write_device, write_person, write_unit,
};
use crate::codec::{Malformed, Reader, Writer};
use crate::fields::{self, Fields, Numbered, Unread};
use crate::limits::CODE_BYTES_MAX;

/// Units of one entry.
const UNITS_MAX: usize = 10_000;
/// Categories of one entry.
const CATEGORIES_MAX: usize = 5_000;
/// Number of a proposal; its answers have the two behind it.
const PROPOSED: u16 = 13;
/// Number of the day among settings, of which none has it.
const FROM: u16 = 0;
/// Days of one entry that are no ordinary ones.
const DAYS_MAX: usize = 20_000;

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
    /// Sets some settings.
    Settings(Set),
    /// Enrols a device, or changes its name or class. Its key and its unit stay.
    Device(DeviceId, Device),
    /// Names the city hub.
    Hub(DeviceId),
    /// Adds a person or changes what is known of them. The login stays: acts of a number are acts of one person.
    Person(PersonId, Person),
    /// Locks the table of rates of a month (38).
    Lock(Lock),
    /// A device joins, and the person who set it up with it: both or neither.
    Enrol(DeviceId, Device, Option<(PersonId, Person)>),
    /// The device of that number has another key from now on; whoever holds the old one is no device any more.
    Rekey(DeviceId, [u8; 32]),
    /// Proposes what needs two people; nothing holds by it.
    Proposed(Box<Change>),
    /// Confirms what the entry of that hash proposes.
    Confirmed([u8; 32]),
    /// Ends what a proposal proposes: taken back, or not agreed to.
    Declined {
        /// Hash of the entry that proposes.
        of: [u8; 32],
        /// Why, on one line.
        reason: String,
    },
    /// Voids numbers of times that the hub signed by a wrong clock.
    Void(Voided),
    /// A hub has said which editions of the rules its program carries. Nobody has it written.
    Carried(Carried),
    /// A hub is out of use: its machine is lost for good.
    Retired(DeviceId),
    /// States entries of the duty list (17).
    Duties(Duties),
    /// A change of that number, which this program does not know.
    Newer(u16),
}

impl Change {
    /// The role that whoever has an entry written must hold at the city hotline; none where the entry itself says who may.
    /// One role so far: three administrators, who exclude each other, come with acts by two people.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Found { .. } | Self::Units(_) | Self::Categories(_) | Self::Calendar(_) => Some(Role::Administer),
            Self::Settings(_) => Some(Role::Administer),
            Self::Device(..) | Self::Hub(_) | Self::Enrol(..) | Self::Rekey(..) => Some(Role::Administer),
            Self::Person(..) => Some(Role::Administer),
            Self::Lock(_) | Self::Void(_) | Self::Carried(_) | Self::Retired(_) | Self::Duties(_) => None,
            Self::Newer(_) => None,
            Self::Proposed(_) | Self::Confirmed(_) | Self::Declined { .. } => None,
        }
    }

    /// Whether the dues of tickets, or their numbers, may be others under it.
    #[must_use]
    pub fn moves_dues(&self) -> bool {
        match self {
            Self::Calendar(_) | Self::Units(_) => true,
            Self::Settings(set) => set.values.iter().any(|(number, _)| Group::of(*number) != Group::Weights),
            _ => false,
        }
    }

    /// Whether an entry with it is critical: a program that understood less of it would find something else lawful, or hand
    /// it to somebody else. Times and figures alone are not.
    #[must_use]
    pub fn critical(&self) -> bool {
        match self {
            Self::Calendar(_) | Self::Lock(_) | Self::Void(_) | Self::Carried(_) => false,
            Self::Settings(_) => self.edition().is_some(),
            _ => !self.of_pairs(),
        }
    }

    /// All terms and limits as they stand there.
    #[must_use]
    pub fn terms(settings: &Settings) -> Self {
        Self::settings(settings.of_group(Group::Terms))
    }

    /// How much each rate counts (38).
    #[must_use]
    pub fn weights(weights: &Weights) -> Self {
        Self::settings(weights.settings())
    }

    /// Whether it is, or proposes, one of a number that this program does not know.
    pub(super) fn newer(&self) -> bool {
        match self {
            Self::Proposed(change) => change.newer(),
            change => matches!(change, Self::Newer(_)),
        }
    }

    /// Ends a proposal, for that reason.
    #[must_use]
    pub fn declined(of: [u8; 32], reason: impl Into<String>) -> Self {
        Self::Declined { of, reason: reason.into() }
    }

    /// The edition of the rules that it sets.
    #[must_use]
    pub fn edition(&self) -> Option<Edition> {
        let Self::Settings(set) = self else { return None };
        let (_, edition) = set.values.iter().find(|(number, _)| *number == EDITION)?;
        u16::try_from(*edition).ok().map(Edition)
    }

    /// Its number. One that was ever given is never given to another.
    const fn number(&self) -> u16 {
        match self {
            Self::Found { .. } => 1,
            Self::Units(_) => 2,
            Self::Categories(_) => 3,
            Self::Calendar(_) => 4,
            Self::Settings(_) => 5,
            Self::Device(..) => 6,
            Self::Hub(_) => 7,
            Self::Person(..) => 8,
            Self::Lock(_) => 10,
            Self::Enrol(..) => 11,
            Self::Rekey(..) => 12,
            Self::Proposed(_) => PROPOSED,
            Self::Confirmed(_) => 14,
            Self::Declined { .. } => 15,
            Self::Void(_) => 16,
            Self::Carried(_) => 17,
            Self::Retired(_) => 18,
            Self::Duties(_) => 19,
            Self::Newer(number) => *number,
        }
    }

    /// Writes it: number, whether it is critical, fields.
    pub(super) fn write(&self, critical: bool, out: &mut Writer) {
        out.array(3).uint(self.number().into()).flag(critical);
        let mut fields = Fields::default();
        match self {
            Self::Found { city, root_key } => {
                fields.write(1, |out| text(city, out)).write(2, |out| bytes(root_key, out));
            }
            Self::Units(units) => {
                fields.write(1, |out| {
                    out.array(units.len());
                    units.iter().for_each(|(id, unit)| write_unit(*id, unit, out));
                });
            }
            Self::Categories(categories) => {
                fields.write(1, |out| {
                    out.array(categories.len());
                    for (code, name) in categories {
                        out.array(2).text(code).text(name);
                    }
                });
            }
            Self::Calendar(days) => {
                fields.write(1, |out| {
                    out.array(days.len());
                    for day in days {
                        out.array(3).int(day.number().into()).flag(day.working).text(&day.name);
                    }
                });
            }
            Self::Settings(set) => {
                fields.write_some(FROM, set.from, |out, from| {
                    out.int(from.into());
                });
                for (setting, value) in &set.values {
                    fields.write(*setting, |out| number(*value, out));
                }
            }
            Self::Device(id, device) => return write_device(*id, device, out),
            Self::Hub(id) | Self::Retired(id) => {
                fields.write(1, |out| number(id.0, out));
            }
            Self::Person(id, person) => return write_person(*id, person, out),
            Self::Lock(lock) => {
                fields.write(1, |out| number(lock.month.year.into(), out));
                fields.write(2, |out| number(lock.month.month.into(), out));
                fields.write(3, |out| number(lock.number, out)).write(4, |out| bytes(&lock.hash, out));
            }
            Self::Enrol(id, device, person) => {
                fields.write(1, |out| write_device(*id, device, out));
                fields.write_some(2, person.as_ref(), |out, (id, person)| write_person(*id, person, out));
            }
            Self::Rekey(id, key) => {
                fields.write(1, |out| number(id.0, out)).write(2, |out| bytes(key, out));
            }
            Self::Proposed(change) => {
                fields.write(1, |out| change.write(change.critical(), out));
            }
            Self::Confirmed(hash) => {
                fields.write(1, |out| bytes(hash, out));
            }
            Self::Declined { of, reason } => {
                fields.write(1, |out| bytes(of, out)).write(2, |out| text(reason, out));
            }
            Self::Void(voided) => {
                fields.write(1, |out| {
                    out.uint(voided.from);
                });
                fields.write(2, |out| {
                    out.uint(voided.to);
                });
                fields.write(3, |out| text(&voided.reason, out));
            }
            Self::Carried(carried) => fields = carried.fields(),
            Self::Duties(duties) => fields = duties.fields(),
            // What is in it stands in the bytes that were read.
            Self::Newer(_) => {}
        }
        fields.finish(out);
    }

    /// Reads what it changes, and whether it is critical.
    pub(super) fn read(input: &mut Reader<'_>) -> Result<(bool, Self), Malformed> {
        let (number, critical, body) = head(input)?;
        Ok((critical, Self::of(number, &mut Reader::new(body))?))
    }

    /// What is proposed: no proposal, nor an answer to one.
    fn read_proposed(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (number, _, body) = head(input)?;
        if (PROPOSED..=PROPOSED + 2).contains(&number) {
            return Err(Malformed::new("registry entry", "a proposal proposes no other"));
        }
        Self::of(number, &mut Reader::new(body))
    }

    fn of(number: u16, input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match number {
            6 => read_device(input).map(|(id, device)| Self::Device(id, device))?,
            8 => read_person(input).map(|(id, person)| Self::Person(id, person))?,
            _ => fields::read(input, Unread::PassedOver, |fields| Self::of_fields(number, fields))?,
        })
    }

    fn of_fields(number: u16, fields: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
        Ok(match number {
            1 => Self::Found {
                city: fields.need(1, |input| input.text(CODE_BYTES_MAX))?,
                root_key: fields.need(2, Reader::fixed)?,
            },
            2 => Self::Units(fields.need(1, |input| list(input, UNITS_MAX, read_unit))?),
            3 => Self::Categories(fields.need(1, |input| list(input, CATEGORIES_MAX, read_category))?),
            4 => Self::Calendar(fields.need(1, |input| list(input, DAYS_MAX, read_day))?),
            5 => Self::Settings(read_settings(fields)?),
            7 => Self::Hub(DeviceId(fields.need(1, Reader::uint32)?)),
            10 => {
                let month = Month::new(fields.need(1, Reader::uint16)?, fields.need(2, Reader::uint8)?);
                Self::Lock(Lock {
                    month: month.ok_or_else(|| Malformed::new("locked table", "no such month"))?,
                    number: fields.need(3, Reader::uint32)?,
                    hash: fields.need(4, Reader::fixed)?,
                })
            }
            11 => {
                let (id, device) = fields.need(1, read_device)?;
                Self::Enrol(id, device, fields.maybe(2, read_person)?)
            }
            12 => Self::Rekey(DeviceId(fields.need(1, Reader::uint32)?), fields.need(2, Reader::fixed)?),
            PROPOSED => Self::Proposed(Box::new(fields.need(1, Self::read_proposed)?)),
            14 => Self::Confirmed(fields.need(1, Reader::fixed)?),
            15 => Self::Declined {
                of: fields.need(1, Reader::fixed)?,
                reason: fields.need(2, |input| input.text(DECLINE_REASON_CHARS_MAX * 4))?,
            },
            16 => Self::Void(Voided {
                from: fields.need(1, Reader::uint)?,
                to: fields.need(2, Reader::uint)?,
                reason: fields.need(3, |input| input.text(VOID_REASON_CHARS_MAX * 4))?,
            }),
            17 => Self::Carried(Carried::of_fields(fields)?),
            18 => Self::Retired(DeviceId(fields.need(1, Reader::uint32)?)),
            19 => Self::Duties(Duties::of_fields(fields)?),
            newer => Self::Newer(newer),
        })
    }
}

/// Number, whether it is critical, and what else there is.
fn head<'i>(input: &mut Reader<'i>) -> Result<(u16, bool, &'i [u8]), Malformed> {
    input.tuple(3)?;
    Ok((input.uint16()?, input.flag()?, input.raw()?))
}

/// What is known of the settings of an entry. What is known must be what can be set.
fn read_settings(fields: &mut Numbered<'_, '_>) -> Result<Set, Malformed> {
    let from = fields.maybe(FROM, read_from)?;
    let mut values = Vec::new();
    while let Some(number) = fields.next() {
        match u16::try_from(number).ok().and_then(Settings::of_number) {
            Some(known) => values.push((known.number, fields.need(known.number, Reader::uint32)?)),
            None => fields.pass()?,
        }
    }
    Settings::check(&values).map_err(|bad| Malformed::new("settings", bad.to_string()))?;
    Ok(Set { from, values })
}

fn read_category(input: &mut Reader<'_>) -> Result<(String, String), Malformed> {
    input.tuple(2)?;
    Ok((input.code(CODE_BYTES_MAX)?, input.text(NAME_BYTES_MAX)?))
}

fn read_day(input: &mut Reader<'_>) -> Result<Day, Malformed> {
    input.tuple(3)?;
    let number = i32::try_from(input.int()?).map_err(|_| Malformed::new("calendar", "day out of range"))?;
    let (working, name) = (input.flag()?, input.text(CODE_BYTES_MAX)?);
    Day::from_number(number, working, name).ok_or_else(|| Malformed::new("calendar", "day out of range"))
}
