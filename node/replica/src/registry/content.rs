//! What entries hold beside units, devices and people: settings that are set together, numbers that are voided, what a hub
//! said.

use std::ops::RangeInclusive;

use regulation::calendar::day_begins;
use regulation::{DeviceId, Edition, Millis};

use super::things::number;
use crate::codec::{Malformed, Reader, Writer};
use crate::fields::{self, Fields, Numbered, Unread};
use crate::key::{DeviceKey, hash};

/// Characters of the reason why a proposal was declined, at most.
pub const DECLINE_REASON_CHARS_MAX: usize = 200;
/// Characters of a reason, at most.
pub const VOID_REASON_CHARS_MAX: usize = 100;

/// What is set together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// The day from which on it holds, counted as in the calendar from 0001-01-01 as 1; none: from its entry on.
    pub from: Option<i32>,
    /// Each setting by its number, rising: one that is not named stays as it was. What is not known here is not in the list.
    pub values: Vec<(u16, u32)>,
}

impl Set {
    /// When it begins to hold; none: with its entry.
    #[must_use]
    pub fn begins(&self) -> Option<Millis> {
        self.from.and_then(day_begins)
    }

    pub(super) fn says(&self, number: u16) -> bool {
        self.values.iter().any(|(set, _)| *set == number)
    }
}

/// Numbers whose times count for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Why, on one line.
    pub reason: String,
}

impl Voided {
    /// The numbers.
    #[must_use]
    pub const fn numbers(&self) -> RangeInclusive<u64> {
        self.from..=self.to
    }
}

/// What a hub said: its program carries the editions of the rules up to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The hub.
    pub device: DeviceId,
    /// The newest edition.
    pub edition: Edition,
    /// Its signature, by the key that it has.
    pub signature: [u8; 64],
}

impl Carried {
    /// What a hub of that city says.
    #[must_use]
    pub fn signed(city: &[u8; 32], device: DeviceId, edition: Edition, key: &DeviceKey) -> Self {
        Self { device, edition, signature: key.sign(&said(city, device, edition)) }
    }

    /// Its bytes, as peers tell it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.fields().finish(&mut out);
        out.finish()
    }

    /// Reads what a peer told.
    ///
    /// # Errors
    /// Bytes that are no such thing.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        let carried = fields::read(&mut input, Unread::PassedOver, Self::of_fields)?;
        input.end()?;
        Ok(carried)
    }

    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.write(1, |out| number(self.device.0, out)).write(2, |out| number(self.edition.0.into(), out));
        fields.write(3, |out| {
            out.bytes(&self.signature);
        });
        fields
    }

    pub(super) fn of_fields(fields: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
        Ok(Self {
            device: DeviceId(fields.need(1, Reader::uint32)?),
            edition: Edition(fields.need(2, Reader::uint16)?),
            signature: fields.need(3, Reader::fixed)?,
        })
    }
}

pub(super) fn said(city: &[u8; 32], device: DeviceId, edition: Edition) -> [u8; 32] {
    let mut bytes = city.to_vec();
    bytes.extend(device.0.to_be_bytes());
    bytes.extend(edition.0.to_be_bytes());
    hash(b"jiesu/carried/1", &bytes)
}
