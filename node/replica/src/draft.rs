//! Composing an act: what somebody wants to do, put at the heads of what the device holds.

use regulation::{ActId, Body, DeviceId, Millis, PersonId};

use crate::act::{Act, Content};
use crate::edit::Writing;
use crate::effect::Effect;
use crate::history::History;
use crate::part::{Part, PartKind};
use crate::registry::RegistryVersion;

/// What somebody wants to do.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The typed fields.
    pub body: Body,
    /// The act that it answers.
    pub answers: Option<ActId>,
    /// What it writes into the document.
    pub effects: Vec<Effect>,
    /// Segments of its text part; none for no part.
    pub text: Vec<String>,
    /// Segments of its private part; none for no part.
    pub private: Vec<String>,
    /// When the work was done, if that was another time.
    pub happened: Option<Millis>,
}

impl Draft {
    /// A draft of that body and nothing else.
    #[must_use]
    pub fn new(body: Body) -> Self {
        Self { body, answers: None, effects: Vec::new(), text: Vec::new(), private: Vec::new(), happened: None }
    }

    /// Saying this, in segments: in its text part, or, if it is between its author and the city, in its private one.
    #[must_use]
    pub fn text(mut self, segments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let part = if self.body.kind().confided() { &mut self.private } else { &mut self.text };
        *part = segments.into_iter().map(Into::into).collect();
        self
    }

    /// With these effects.
    #[must_use]
    pub fn effects(mut self, effects: Vec<Effect>) -> Self {
        self.effects = effects;
        self
    }

    /// Where its effects and their segments are put.
    pub fn writing(&mut self) -> Writing<'_> {
        Writing { effects: &mut self.effects, text: &mut self.text }
    }

    /// In answer to that act.
    #[must_use]
    pub fn answering(mut self, act: Option<ActId>) -> Self {
        self.answers = act;
        self
    }
}

/// What the device adds to a draft.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The device.
    pub device: DeviceId,
    /// Its epoch.
    pub epoch: u64,
    /// The next free number of the epoch.
    pub dseq: u64,
    /// Who does it.
    pub person: Option<PersonId>,
    /// The registry as the device holds it.
    pub registry: Vec<RegistryVersion>,
    /// The device's clock.
    pub time: Millis,
    /// The number of a time of the city's, see [`Act::beacon`].
    pub beacon: u64,
    /// A salt for the text and one for the private part.
    pub salts: [[u8; 16]; 2],
}

/// The act that a draft becomes behind what counts in `history`, and its parts. Text is brought to NFC by whoever took it
/// in; here it is taken as it is.
#[must_use]
pub fn compose(history: &History, draft: Draft, stamp: Stamp) -> (Act, Vec<Part>) {
    let mut parts = Vec::new();
    let mut heads = Vec::new();
    let sources = [(PartKind::Text, &draft.text, stamp.salts[0]), (PartKind::Private, &draft.private, stamp.salts[1])];
    for (kind, segments, salt) in sources {
        if !segments.is_empty() {
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            let (part, head) = Part::new(kind, salt, &segments);
            parts.push(part);
            heads.push(head);
        }
    }
    let act = Act {
        doc: history.id(),
        device: stamp.device,
        epoch: stamp.epoch,
        dseq: stamp.dseq,
        person: stamp.person,
        deps: history.names(stamp.device, stamp.epoch, draft.answers),
        answers: draft.answers,
        registry: stamp.registry,
        time: stamp.time,
        beacon: stamp.beacon,
        happened: draft.happened,
        content: Content::Known(draft.body),
        effects: draft.effects,
        parts: heads,
    };
    (act, parts)
}
