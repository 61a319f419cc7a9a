//! Entries of the duty list (职责清单) and their encoding; what becomes of them is said in [`super::duties`].

use regulation::calendar::day_begins;
use regulation::{DutyId, Millis, UnitId};

use super::kinds::UnitKind;
use super::things::{list, number, read_from, text};
use crate::codec::{Malformed, Reader, Writer};
use crate::fields::{self, Fields, Numbered, Unread};
use crate::limits::CODE_BYTES_MAX;

/// Entries of the list that are stated together, at most.
pub const DUTIES_STATED_MAX: usize = 500;
/// Characters of the text of an entry, at most.
pub const DUTY_TEXT_CHARS_MAX: usize = 300;
/// Characters of the basis of an entry, at most.
pub const DUTY_BASIS_CHARS_MAX: usize = 200;

/// Whose duty something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// That unit's.
    Unit(UnitId),
    /// That of every unit of that kind, each in its own territory or line.
    Kind(UnitKind),
}

/// What an entry of the duty list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Whose it is.
    pub holder: Holder,
    /// The category of requests that it is about, if it is about one.
    pub category: Option<String>,
    /// 职责: what the duty is, on one line.
    pub text: String,
    /// 依据: the law, plan or document that it rests on, on one line.
    pub basis: String,
}

/// What is stated of the duty list together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duties {
    /// The day from which on it holds, counted as in the calendar; none: from its entry on, the first list of a city.
    pub from: Option<i32>,
    /// Each entry by its number, rising; nothing where it is retired. One that is not named stays.
    pub entries: Vec<(DutyId, Option<Duty>)>,
}

impl Duties {
    /// When it begins to hold; none: with its entry.
    #[must_use]
    pub fn begins(&self) -> Option<Millis> {
        self.from.and_then(day_begins)
    }

    pub(super) fn states(&self, id: DutyId) -> bool {
        self.entries.iter().any(|(stated, _)| *stated == id)
    }

    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.write_some(1, self.from, |out, from| {
            out.int(from.into());
        });
        fields.write(2, |out| {
            out.array(self.entries.len());
            self.entries.iter().for_each(|(id, duty)| write_duty(*id, duty.as_ref(), out));
        });
        fields
    }

    pub(super) fn of_fields(fields: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
        let from = fields.maybe(1, read_from)?;
        let entries = fields.need(2, |input| list(input, DUTIES_STATED_MAX, read_duty))?;
        if entries.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(Malformed::new("duty list", "its numbers do not rise"));
        }
        Ok(Self { from, entries })
    }
}

fn write_duty(id: DutyId, duty: Option<&Duty>, out: &mut Writer) {
    let mut fields = Fields::default();
    fields.write(1, |out| number(id.0, out));
    if let Some(duty) = duty {
        match duty.holder {
            Holder::Unit(unit) => fields.write(2, |out| number(unit.0, out)),
            Holder::Kind(kind) => fields.write(3, |out| number(kind.number().into(), out)),
        };
        fields.write_some(4, duty.category.as_ref(), |out, category| text(category, out));
        fields.write(5, |out| text(&duty.text, out)).write(6, |out| text(&duty.basis, out));
    }
    fields.finish(out);
}

fn read_duty(input: &mut Reader<'_>) -> Result<(DutyId, Option<Duty>), Malformed> {
    fields::read(input, Unread::PassedOver, |fields| {
        let id = DutyId(fields.need(1, Reader::uint32)?);
        let unit = fields.maybe(2, Reader::uint32)?.map(|unit| Holder::Unit(UnitId(unit)));
        let kind = fields.maybe(3, Reader::uint16)?.map(|kind| Holder::Kind(UnitKind::from_number(kind)));
        let category = fields.maybe(4, |input| input.code(CODE_BYTES_MAX))?;
        let text = fields.maybe(5, |input| input.text(DUTY_TEXT_CHARS_MAX * 4))?;
        let basis = fields.maybe(6, |input| input.text(DUTY_BASIS_CHARS_MAX * 4))?;
        let duty = match (unit, kind, text, basis) {
            (Some(holder), None, Some(text), Some(basis)) | (None, Some(holder), Some(text), Some(basis)) => {
                Some(Duty { holder, category, text, basis })
            }
            (None, None, None, None) if category.is_none() => None,
            _ => return Err(Malformed::new("duty list", "an entry has one holder, a text and a basis, or nothing")),
        };
        Ok((id, duty))
    })
}
