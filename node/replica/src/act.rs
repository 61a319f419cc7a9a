//! The envelope of an act: who, on which device, after what, in answer to what, under which registry, and what.
//!
//! Encoding (version 1), an array by position: version, algorithm, doc, device, epoch, dseq, person, deps, answers,
//! registry versions, time, beacon, happened, kind, body (bytes), effects, part heads.

use regulation::{ActId, ActKind, Body, DeviceId, Millis, PersonId};

use crate::body;
use crate::codec::{Malformed, Reader, Writer, canonical};
use crate::effect::{Effect, check_blocks};
use crate::limits::{ACT_BYTES_MAX, DEPS_MAX, EFFECTS_MAX, LOGS_MAX, WRITTEN_CHARS_MAX};
use crate::part::{PartHead, PartKind};
use crate::registry::RegistryVersion;

/// Version of the envelope that this program writes.
pub const VERSION: u8 = 1;
/// SHA-256 and Ed25519; the byte leaves room for SM3 and SM2.
pub const ALGORITHM: u8 = 1;

/// The body of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A kind that this version knows.
    Known(Body),
    /// A kind of a newer version, kept byte for byte.
    Unknown {
        /// Its wire number.
        kind: u16,
        /// Its body as it came.
        body: Vec<u8>,
    },
}

/// What somebody did. It is signed by its device and never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The document; absent in its first act, whose hash is the document's id.
    pub doc: Option<ActId>,
    /// The device that made and signed it.
    pub device: DeviceId,
    /// New whenever the device's database is created or restored.
    pub epoch: u64,
    /// Counts the device's acts of one epoch over all documents, from 1, without gaps.
    pub dseq: u64,
    /// Who; absent in hub and clock acts.
    pub person: Option<PersonId>,
    /// What it follows at once, see [`crate::History::names`]; sorted.
    pub deps: Vec<ActId>,
    /// The one act that it answers.
    pub answers: Option<ActId>,
    /// Registry versions that it was made under, one a log, sorted by log.
    pub registry: Vec<RegistryVersion>,
    /// When it was entered, by the device's clock.
    pub time: Millis,
    /// The newest time of the city's that the device had, by an act of the hub's or an entry of the registry, milliseconds
    /// since 1970; 0 for none. Nobody gains by a wrong one: it can only show that an act was made later.
    pub beacon: u64,
    /// When the work was done, if that was another time.
    pub happened: Option<Millis>,
    /// What was done.
    pub content: Content,
    /// What it writes into the document.
    pub effects: Vec<Effect>,
    /// Heads of its parts, at most one of each kind, text first.
    pub parts: Vec<PartHead>,
}

impl Act {
    /// The typed body, if this version knows the kind.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        match &self.content {
            Content::Known(body) => Some(body),
            Content::Unknown { .. } => None,
        }
    }

    /// The kind, if this version knows it.
    #[must_use]
    pub fn kind(&self) -> Option<ActKind> {
        self.body().map(Body::kind)
    }

    /// The head of that part.
    #[must_use]
    pub fn part(&self, kind: PartKind) -> Option<&PartHead> {
        self.parts.iter().find(|head| head.kind == kind)
    }

    /// Code points that its effects write, each use of a segment counted: a few bytes must not write a book.
    fn written_chars(&self) -> usize {
        let segments = self.part(PartKind::Text).map_or(&[][..], |head| head.segments.as_slice());
        let used = self.effects.iter().filter_map(Effect::segment);
        used.filter_map(|segment| segments.get(usize::from(segment))).map(|len| *len as usize).sum()
    }

    /// Device, epoch and dseq: two different acts with one identity prove a cloned device.
    #[must_use]
    pub fn identity(&self) -> (DeviceId, u64, u64) {
        (self.device, self.epoch, self.dseq)
    }

    /// The canonical encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(17).uint(VERSION.into()).uint(ALGORITHM.into());
        out.option(self.doc, |out, doc| {
            out.bytes(&doc.0);
        });
        out.uint(self.device.0.into()).uint(self.epoch).uint(self.dseq);
        out.option(self.person, |out, person| {
            out.uint(person.0.into());
        });
        out.array(self.deps.len());
        for dep in &self.deps {
            out.bytes(&dep.0);
        }
        out.option(self.answers, |out, id| {
            out.bytes(&id.0);
        });
        out.array(self.registry.len());
        for version in &self.registry {
            out.array(2).uint(version.log.into()).uint(version.version.into());
        }
        out.int(self.time).uint(self.beacon);
        out.option(self.happened, |out, time| {
            out.int(time);
        });
        match &self.content {
            Content::Known(body) => out.uint(body.kind().number().into()).bytes(&body::encode(body)),
            Content::Unknown { kind, body } => out.uint((*kind).into()).bytes(body),
        };
        out.array(self.effects.len());
        for effect in &self.effects {
            effect.encode(&mut out);
        }
        out.array(self.parts.len());
        for head in &self.parts {
            head.encode(&mut out);
        }
        out.finish()
    }

    /// Decodes an act.
    ///
    /// # Errors
    /// Anything that is not the canonical encoding of an act of this version within its limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > ACT_BYTES_MAX {
            return Err(Malformed::new("act", format!("{} bytes, at most {ACT_BYTES_MAX} allowed", bytes.len())));
        }
        let act = canonical(bytes, Self::read, Self::encode)?;
        act.check()?;
        Ok(act)
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.tuple(17)?;
        let (version, algorithm) = (input.uint8()?, input.uint8()?);
        if (version, algorithm) != (VERSION, ALGORITHM) {
            return Err(Malformed::new("act", format!("version {version}, algorithm {algorithm} are not known here")));
        }
        let doc = input.option(Reader::id)?;
        let (device, epoch, dseq) = (DeviceId(input.uint32()?), input.uint()?, input.uint()?);
        let person = input.option(|input| input.uint32().map(PersonId))?;
        let deps = (0..input.array(DEPS_MAX)?).map(|_| input.id()).collect::<Result<Vec<_>, _>>()?;
        let answers = input.option(Reader::id)?;
        let registry = (0..input.array(LOGS_MAX)?)
            .map(|_| {
                input.tuple(2)?;
                Ok(RegistryVersion { log: input.uint32()?, version: input.uint32()? })
            })
            .collect::<Result<Vec<_>, Malformed>>()?;
        let (time, beacon) = (input.int()?, input.uint()?);
        let happened = input.option(Reader::int)?;
        let kind = input.uint16()?;
        let bytes = input.bytes(ACT_BYTES_MAX)?;
        let content = match ActKind::from_number(kind) {
            Some(known) => Content::Known(body::decode(known, bytes)?),
            None => Content::Unknown { kind, body: bytes.to_vec() },
        };
        let effects = (0..input.array(EFFECTS_MAX)?).map(|_| Effect::decode(input)).collect::<Result<Vec<_>, _>>()?;
        let parts = (0..input.array(2)?).map(|_| PartHead::decode(input)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            doc,
            device,
            epoch,
            dseq,
            person,
            deps,
            answers,
            registry,
            time,
            beacon,
            happened,
            content,
            effects,
            parts,
        })
    }

    /// What the shape alone decides.
    fn check(&self) -> Result<(), Malformed> {
        let fail = |why: &str| Err(Malformed::new("act", why));
        if self.dseq == 0 {
            return fail("dseq counts from 1");
        }
        if self.doc.is_none() != self.deps.is_empty() {
            return fail("exactly the first act of a document has no deps");
        }
        if !strictly_rising(&self.deps) {
            return fail("deps are not sorted");
        }
        if self.registry.is_empty() || !self.registry.windows(2).all(|pair| pair[0].log < pair[1].log) {
            return fail("registry versions are missing or not sorted");
        }
        if self.registry.iter().any(|version| version.version == 0) {
            return fail("registry versions count from 1");
        }
        if self.parts.len() == 2 && self.parts[0].kind >= self.parts[1].kind {
            return fail("parts are not sorted");
        }
        if self.written_chars() > WRITTEN_CHARS_MAX {
            return fail("it writes too much");
        }
        check_blocks(&self.effects)?;
        if self.kind().is_some_and(|kind| kind.begins() != self.doc.is_none()) {
            return fail("this kind stands in another place of a document");
        }
        Ok(())
    }
}

fn strictly_rising(ids: &[ActId]) -> bool {
    ids.windows(2).all(|pair| pair[0] < pair[1])
}
