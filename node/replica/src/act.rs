//! The envelope of an act: who, on which device, after what, in answer to what, under which registry, and what.
//!
//! Encoding, an array by position: version, algorithm, doc, device, epoch, dseq, deps, registry versions, and a map of
//! numbered fields. All but the map is the *spine*, which every version keeps for ever: by it an act of a newer program is
//! filed, counted, checked and passed on although nothing else of it is understood.

use regulation::{ActId, ActKind, Body, DeviceId, Edition, Millis, PersonId};

use crate::body;
use crate::codec::{Malformed, Reader, Writer, canonical, known};
use crate::effect::{Effect, check_blocks};
use crate::fields::{self, Fields, Listed, Numbered, Unread, Wire};
use crate::limits::{ACT_BYTES_MAX, DEPS_MAX, EFFECTS_MAX, FILE_BYTES_MAX, LOGS_MAX, PARTS_MAX, WRITTEN_CHARS_MAX};
use crate::malformed::{Measure, Wrong};
use crate::newer::Newer;
use crate::part::{Part, PartHead, PartKind};
use crate::registry::RegistryVersion;
use crate::unknown::{Unknown, since};

pub use crate::envelope::{ALGORITHM, MERGE, VERSION, number};

/// What an act says behind its spine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it is known: the body of its kind, and the other fields of [`Act`].
    Known(Body),
    /// Something is not. None of it is read: those fields are empty.
    Newer(Newer),
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
    /// The number of a time that the city hub signed; 0 for none. In an act of the hub's the number of its own time, none
    /// where its clock is in doubt; in all others the highest that the device had heard of, so that it is plain when it
    /// cannot have been made yet. Which time that is makes no verdict. Nobody gains by a wrong one: it can only show that an
    /// act was made later.
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
            Content::Newer(_) => None,
        }
    }

    /// What is not known of it, if anything is.
    #[must_use]
    pub const fn newer(&self) -> Option<&Newer> {
        match &self.content {
            Content::Known(_) => None,
            Content::Newer(newer) => Some(newer),
        }
    }

    /// The kind, if this version knows it.
    #[must_use]
    pub fn kind(&self) -> Option<ActKind> {
        self.body().map(Body::kind)
    }

    /// The edition of the rules from which on such an act may be made: that of the newest thing in it.
    #[must_use]
    pub fn since(&self) -> Edition {
        let kind = self.kind().map(|kind| Unknown::Kind(kind.number().into()));
        let happened = self.happened.map(|_| Unknown::Field(number::HAPPENED.into()));
        let effects = self.effects.iter().flat_map(Effect::uses);
        let parts = self.parts.iter().map(|head| Unknown::Part(head.kind.number().into()));
        let things = kind.into_iter().chain(happened).chain(effects).chain(parts).map(since);
        things.fold(self.body().map_or(Edition::FIRST, Body::since), Edition::max)
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

    /// Whether a part is one that it promises. What cannot be told of a newer act is let pass, and judged with it.
    #[must_use]
    pub fn promises(&self, part: &Part) -> bool {
        match self.newer() {
            Some(newer) => newer.promises(part).unwrap_or(true),
            None => self.part(part.kind).is_some_and(|head| head.fits(part)),
        }
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
        let (version, algorithm) = self.newer().map_or((VERSION, ALGORITHM), |newer| (newer.version, newer.algorithm));
        out.array(SPINE + 1).uint(version).uint(algorithm);
        out.option(self.doc, |out, doc| {
            out.bytes(&doc.0);
        });
        out.uint(self.device.0.into()).uint(self.epoch).uint(self.dseq);
        out.array(self.deps.len());
        for dep in &self.deps {
            out.bytes(&dep.0);
        }
        out.array(self.registry.len());
        for version in &self.registry {
            out.array(2).uint(version.log.into()).uint(version.version.into());
        }
        match &self.content {
            Content::Known(body) => self.fields(body).finish(&mut out),
            Content::Newer(newer) => {
                out.raw(&newer.rest);
            }
        }
        out.finish()
    }

    fn fields(&self, body: &Body) -> Fields {
        let (mut fields, mut own) = (Fields::default(), Fields::default());
        body::put(body, &mut own);
        fields
            .put(number::PERSON, &self.person)
            .put(number::ANSWERS, &self.answers)
            .put(number::TIME, &self.time)
            .put(number::BEACON, &self.beacon)
            .put(number::HAPPENED, &self.happened)
            .put(number::KIND, &body.kind().number())
            .nest(number::BODY, &own)
            .put(number::EFFECTS, &self.effects)
            .put(number::PARTS, &self.parts);
        fields
    }

    /// Decodes an act.
    ///
    /// # Errors
    /// Anything that is not the canonical encoding of an act within the limits of its version, if that is known.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > ACT_BYTES_MAX {
            return Err(Malformed::over(Measure::ActBytes, bytes.len(), ACT_BYTES_MAX));
        }
        let act = canonical(bytes, Self::read, Self::encode)?;
        act.check()?;
        Ok(act)
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.tuple(SPINE + 1)?;
        let (version, algorithm) = (input.uint()?, input.uint()?);
        let doc = input.option(Reader::id)?;
        let (device, epoch, dseq) = (DeviceId(input.uint32()?), input.uint()?, input.uint()?);
        let deps = (0..input.array(DEPS_MAX)?).map(|_| input.id()).collect::<Result<Vec<_>, _>>()?;
        let registry = (0..input.array(LOGS_MAX)?)
            .map(|_| {
                input.tuple(2)?;
                Ok(RegistryVersion { log: input.uint32()?, version: input.uint32()? })
            })
            .collect::<Result<Vec<_>, Malformed>>()?;
        let rest = input.rest();
        let said = match (version, algorithm) {
            (VERSION, ALGORITHM) => Said::read(rest),
            (VERSION, other) => Err(Malformed::newer(Unknown::Algorithm(other))),
            (other, _) => Err(Malformed::newer(Unknown::Version(other))),
        };
        let Said { person, answers, time, beacon, happened, content, effects, parts } = match said {
            Err(Malformed { newer: Some(what), .. }) => {
                Said::only(Newer { what, version, algorithm, rest: rest.to_vec() })
            }
            said => said?,
        };
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
        if !self.parts.windows(2).all(|pair| pair[0].kind < pair[1].kind) {
            return fail("parts are not sorted");
        }
        let written = self.written_chars();
        if written > WRITTEN_CHARS_MAX {
            return Err(Malformed::over(Measure::WrittenChars, written, WRITTEN_CHARS_MAX));
        }
        check_blocks(&self.effects)?;
        match self.body() {
            Some(Body::Attach { bytes: 0, .. }) => return fail("a file has no bytes"),
            Some(Body::Attach { bytes, .. }) if *bytes > FILE_BYTES_MAX => {
                return Err(Wrong::TooMuch { of: Measure::FileBytes, found: *bytes, most: FILE_BYTES_MAX }.into());
            }
            _ => {}
        }
        if self.kind().is_some_and(|kind| kind.begins() != self.doc.is_none()) {
            return fail("this kind stands in another place of a document");
        }
        Ok(())
    }
}

/// Positions of the spine.
const SPINE: usize = 8;

/// What stands behind the spine.
struct Said {
    person: Option<PersonId>,
    answers: Option<ActId>,
    time: Millis,
    beacon: u64,
    happened: Option<Millis>,
    content: Content,
    effects: Vec<Effect>,
    parts: Vec<PartHead>,
}

impl Said {
    /// Nothing of it is read.
    fn only(newer: Newer) -> Self {
        Self {
            person: None,
            answers: None,
            time: 0,
            beacon: 0,
            happened: None,
            content: Content::Newer(newer),
            effects: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn read(rest: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(rest);
        let said = fields::read(&mut input, Unread::Held, Self::of_fields)?;
        input.end()?;
        Ok(said)
    }

    fn of_fields(fields: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
        let (person, answers, time) =
            (fields.take(number::PERSON)?, fields.take(number::ANSWERS)?, fields.take(number::TIME)?);
        let (beacon, happened) = (fields.take(number::BEACON)?, fields.take::<Option<Millis>>(number::HAPPENED)?);
        let kind = match fields.take(number::KIND)? {
            0 => return Err(Malformed::new("act", "it has no kind")),
            kind => ActKind::from_number(kind).ok_or_else(|| Malformed::newer(Unknown::Kind(kind.into())))?,
        };
        known(Unknown::Kind(kind.number().into()))?;
        if happened.is_some() {
            known(Unknown::Field(number::HAPPENED.into()))?;
        }
        let content = Content::Known(fields.nested(number::BODY, |fields| body::take(kind, fields))?);
        let (effects, parts) = (fields.take(number::EFFECTS)?, fields.take(number::PARTS)?);
        match fields.take::<Option<u64>>(number::MERGE)? {
            None => {}
            Some(MERGE) => return Err(Malformed::new("act", "a default is written")),
            Some(other) => return Err(Malformed::newer(Unknown::Merge(other))),
        }
        Ok(Self { person, answers, time, beacon, happened, content, effects, parts })
    }
}

impl Wire for Effect {
    fn write(&self, out: &mut Writer) {
        self.encode(out);
    }
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::decode(input)
    }
}

impl Listed for Effect {
    const ITEMS_MAX: usize = EFFECTS_MAX;
}

impl Wire for PartHead {
    fn write(&self, out: &mut Writer) {
        self.encode(out);
    }
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::decode(input)
    }
}

impl Listed for PartHead {
    const ITEMS_MAX: usize = PARTS_MAX;
}

fn strictly_rising(ids: &[ActId]) -> bool {
    ids.windows(2).all(|pair| pair[0] < pair[1])
}
