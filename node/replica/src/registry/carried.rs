//! Which editions of the rules the programs of the hubs carry. A hub says it, signed by its own key, and an entry of the log
//! holds what it said: so whoever reads the log can check that an edition was put in force only when no hub was left behind.
//!
//! *Unlawful*: an edition is neither proposed nor confirmed before, and the writer of the log who did it all the same would be
//! refused by everybody. What it means for acts: [`regulation::Body::since`].

use regulation::{DeviceId, Edition};

use super::things::number;
use super::{At, Change, Clash, Class, Registry};
use crate::codec::{Malformed, Reader, Writer};
use crate::fields::{self, Fields, Numbered, Unread};
use crate::key::{DeviceKey, hash, verify};

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

fn said(city: &[u8; 32], device: DeviceId, edition: Edition) -> [u8; 32] {
    let mut bytes = city.to_vec();
    bytes.extend(device.0.to_be_bytes());
    bytes.extend(edition.0.to_be_bytes());
    hash(b"jiesu/carried/1", &bytes)
}

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
        if device.class == Class::Hub && new && signed { Ok(()) } else { Err(Clash::Carried) }
    }

    /// Whether every hub has said that its program carries what a change puts in force.
    pub(super) fn all_carry(&self, change: &Change) -> Result<(), Clash> {
        let Some(edition) = change.edition() else { return Ok(()) };
        let now = self.now();
        let behind = now.hubs().filter(|(_, _, carried)| *carried < edition).map(|(_, name, _)| name.to_owned());
        let behind: Vec<String> = behind.collect();
        if behind.is_empty() { Ok(()) } else { Err(Clash::EditionAhead(behind)) }
    }
}

impl<'r> At<'r> {
    /// The newest edition of the rules that the program of a hub carries, as it said under the key that it has. Every program
    /// carries the first.
    #[must_use]
    pub fn carried(&self, device: DeviceId) -> Edition {
        let said = self.registry.carried.get(&device).and_then(|dated| self.pick(dated));
        let said = said.filter(|(key, _)| self.device(device).is_some_and(|device| device.key == *key));
        said.map_or(Edition::FIRST, |(_, edition)| *edition)
    }

    /// Every hub, with its name and the newest edition of the rules that its program carries.
    pub fn hubs(&self) -> impl Iterator<Item = (DeviceId, &'r str, Edition)> + use<'r> {
        let at = *self;
        let hubs = at.devices().filter(|(_, device)| device.class == Class::Hub);
        hubs.map(move |(id, device)| (id, device.name.as_str(), at.carried(id)))
    }
}
