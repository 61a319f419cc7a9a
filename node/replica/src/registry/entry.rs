//! Entries of a registry log and their encoding: a spine by position that every version keeps for ever, and a change.
//!
//! What a newer program wrote can so be put in its place in the chain, counted, kept byte for byte and passed on by one
//! that understands nothing else of it.

use regulation::{Millis, PersonId};

use super::change::Change;
use crate::codec::{Malformed, Reader, Writer, canonical};
use crate::form::canonical_form;
use crate::key::hash;
use crate::limits::ENTRY_BYTES_MAX;
use crate::malformed::Measure;

/// SHA-256 and Ed25519; the number leaves room for SM3 and SM2.
const ALGORITHM: u8 = 1;
/// Items of the spine of an entry: what this version knows, and what later ones may put behind that.
const SPINE_ITEMS: usize = 7;
const SPINE_ITEMS_MAX: usize = 32;

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
    /// Whether a program that does not understand all of it acts under nothing from here on.
    pub critical: bool,
    /// What it changes.
    pub change: Change,
    /// The payload as it came, if it says more than this program understands.
    pub kept: Option<Vec<u8>>,
}

impl Entry {
    /// The hash that is signed and that the next entry names.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(b"jiesu/registry/1", &self.payload())
    }

    /// Whether this program must not act under it: it says more than is understood here, and that is critical.
    #[must_use]
    pub const fn beyond(&self) -> bool {
        self.critical && self.kept.is_some()
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
            return Err(Malformed::over(Measure::EntryBytes, bytes.len(), ENTRY_BYTES_MAX));
        }
        canonical(
            bytes,
            |input| {
                input.tuple(2)?;
                let payload = input.bytes(ENTRY_BYTES_MAX)?;
                Ok((Self::of_payload(payload)?, input.fixed()?))
            },
            |(entry, signature)| entry.encode(signature),
        )
    }

    fn of_payload(payload: &[u8]) -> Result<Self, Malformed> {
        canonical_form(payload)?;
        let mut entry = Self::read(&mut Reader::new(payload))?;
        // The form is the only one that there is: where it is not what this program would have written, it says more.
        if entry.change.newer() || entry.payload() != payload {
            entry.kept = Some(payload.to_vec());
        }
        Ok(entry)
    }

    fn payload(&self) -> Vec<u8> {
        if let Some(kept) = &self.kept {
            return kept.clone();
        }
        let mut out = Writer::default();
        out.array(SPINE_ITEMS).uint(ALGORITHM.into()).uint(self.log.into()).uint(self.version.into());
        out.bytes(&self.previous).int(self.time);
        out.option(self.by, |out, by| {
            out.uint(by.0.into());
        });
        self.change.write(self.critical, &mut out);
        out.finish()
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let items = input.array(SPINE_ITEMS_MAX)?;
        if items < SPINE_ITEMS {
            return Err(Malformed::new("registry entry", format!("{items} items")));
        }
        let algorithm = input.uint8()?;
        if algorithm != ALGORITHM {
            return Err(Malformed::new("registry entry", format!("algorithm {algorithm} is not known here")));
        }
        let (log, version, previous, time) = (input.uint32()?, input.uint32()?, input.fixed()?, input.int()?);
        let by = input.option(|input| input.uint32().map(PersonId))?;
        let (critical, change) = Change::read(input)?;
        Ok(Self { log, version, previous, time, by, critical, change, kept: None })
    }
}
