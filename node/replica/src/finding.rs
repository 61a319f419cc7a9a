//! What the city found of an act of a unit that no longer holds its document: whether it stands, and what a hotline said of it
//! afterwards; and what was erased of the document since.
//!
//! The hub's own acts of the document do not reach that unit any more, since they stand on what others did meanwhile. So the
//! hub tells it, signed, of its own acts alone: nothing else of the document is in it. It is no act, takes no place in a
//! fold and makes no verdict; a node that holds the act's document again reads all of it from the acts.

use regulation::{ActId, ActKind, DeviceId, Millis, UnitId};

use crate::codec::{Malformed, Reader, Writer, canonical};
use crate::key::{DeviceKey, hash, verify};
use crate::limits::{CODE_BYTES_MAX, SEALED_BYTES_MAX};
use crate::part::{Part, PartHead, PartKind};
use crate::registry::{Class, Registry};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// It stands, and is settled.
    Stands,
    /// A rule overruled it, and that is settled.
    Fell {
        /// Code of the rule.
        rule: String,
        /// The act in whose way it could not stand, if the unit holds that.
        by: Option<ActId>,
    },
    /// A hotline recognised what was done though the act fell, or upheld what stands.
    Word {
        /// The act by which it did.
        act: ActId,
        /// Of which kind.
        kind: ActKind,
        /// Its author's unit.
        unit: UnitId,
        /// When it was made, as its device says.
        at: Millis,
        /// What its text is known by.
        head: Option<PartHead>,
    },
    /// That part of an act, whoever's it is, was erased for good: so it is where the document was held once.
    Erased {
        /// Which part.
        part: PartKind,
    },
}

/// One finding of the hub's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The document.
    pub doc: ActId,
    /// The act that it is about.
    pub act: ActId,
    /// Who is told: whose act that is, but of what was erased.
    pub unit: UnitId,
    /// The hub's device.
    pub device: DeviceId,
    /// When the hub found it.
    pub at: Millis,
    /// What.
    pub says: Says,
}

/// A finding with the hub's signature, and the text of the word that it tells, unless that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was found.
    pub finding: Finding,
    /// The hub's signature over its id.
    pub signature: [u8; 64],
    /// What goes with a word.
    pub text: Option<Part>,
}

impl Finding {
    /// Names it among the items of a feed.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        hash(b"jiesu/finding/1", &self.encode())
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(6).bytes(&self.doc.0).bytes(&self.act.0).uint(self.unit.0.into()).uint(self.device.0.into());
        out.int(self.at);
        match &self.says {
            Says::Stands => {
                out.array(1).uint(1);
            }
            Says::Fell { rule, by } => {
                out.array(3).uint(2).text(rule).option(*by, |out, by| {
                    out.bytes(&by.0);
                });
            }
            Says::Word { act, kind, unit, at, head } => {
                out.array(6).uint(3).bytes(&act.0).uint(kind.number().into()).uint(unit.0.into()).int(*at);
                out.option(head.as_ref(), |out, head| head.encode(out));
            }
            Says::Erased { part } => {
                out.array(2).uint(4).uint(part.number().into());
            }
        }
        out.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let read = |input: &mut Reader<'_>| {
            input.tuple(6)?;
            let (doc, act, unit) = (input.id()?, input.id()?, UnitId(input.uint32()?));
            let (device, at) = (DeviceId(input.uint32()?), input.int()?);
            let items = input.array(6)?;
            let says = match (input.uint8()?, items) {
                (1, 1) => Says::Stands,
                (2, 3) => Says::Fell { rule: input.code(CODE_BYTES_MAX)?, by: input.option(Reader::id)? },
                (3, 6) => {
                    let (act, number) = (input.id()?, input.uint16()?);
                    let kind = ActKind::from_number(number);
                    let kind = kind.ok_or_else(|| Malformed::new("finding", format!("no kind {number}")))?;
                    let (unit, at) = (UnitId(input.uint32()?), input.int()?);
                    Says::Word { act, kind, unit, at, head: input.option(PartHead::decode)? }
                }
                (4, 2) => match PartKind::from_number(input.uint8()?) {
                    PartKind::Other(number) => return Err(Malformed::new("finding", format!("no part {number}"))),
                    part => Says::Erased { part },
                },
                (what, items) => return Err(Malformed::new("finding", format!("{what} with {items} items"))),
            };
            Ok(Self { doc, act, unit, device, at, says })
        };
        canonical(bytes, read, Self::encode)
    }
}

impl Found {
    /// Signs what the hub found.
    #[must_use]
    pub fn sign(finding: Finding, text: Option<Part>, key: &DeviceKey) -> Self {
        let signature = key.sign(&finding.id());
        Self { finding, signature, text }
    }

    /// Whether a hub of the city's signed it, and its text is the one of the word. What a hub signed before it was replaced
    /// holds on.
    #[must_use]
    pub fn holds(&self, registry: &Registry) -> bool {
        let at = registry.now();
        let hub = at.enrolled().find(|(id, _)| *id == self.finding.device).map(|(_, device)| device);
        let of_city = |unit| at.level(unit) == regulation::Level::CityHotline;
        let signed = hub.is_some_and(|device| {
            device.class == Class::Hub
                && of_city(device.unit)
                && verify(&device.key, &self.finding.id(), &self.signature)
        });
        let fits = match (&self.text, &self.finding.says) {
            (None, _) => true,
            (Some(text), Says::Word { head: Some(head), .. }) => head.fits(text),
            (Some(_), _) => false,
        };
        signed && fits
    }

    /// Encoding for the wire and the database: an array of three, so that it is never taken for an act.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(3).bytes(&self.finding.encode()).bytes(&self.signature);
        out.option(self.text.as_ref(), |out, text| text.encode(out));
        out.finish()
    }

    /// Decodes what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// Not a finding.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let read = |input: &mut Reader<'_>| {
            input.tuple(3)?;
            let finding = Finding::decode(input.bytes(SEALED_BYTES_MAX)?)?;
            Ok(Self { finding, signature: input.fixed()?, text: input.option(Part::decode)? })
        };
        canonical(bytes, read, Self::encode)
    }
}
