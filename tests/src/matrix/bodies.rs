//! Making acts for the matrix: the particulars of `options::fact`, with units and people that the registry knows.

use regulation::act::{NO_PERSON, NO_UNIT};
use regulation::kind::Trait;
use regulation::{ActKind, Author, Body, DeviceId, Millis, UnitId};
use replica::{Act, Draft, Effect, Field, History, Judgement, Registry, Sealed, Stamp, Value, Verdict, compose, judge};

use super::FREE;
use super::orders::Arrived;
use crate::city;

/// Makes acts, each with a number of its own.
pub(super) struct Maker<'r> {
    pub registry: &'r Registry,
    made: u64,
    /// When acts are made.
    pub time: Millis,
}

impl<'r> Maker<'r> {
    pub fn new(registry: &'r Registry) -> Self {
        Self { registry, made: 0, time: city::MONDAY_NOON }
    }

    /// An act at the heads of `history`. It must be admitted there.
    pub fn make(
        &mut self,
        history: &mut History,
        device: DeviceId,
        author: &Author,
        kind: ActKind,
        body: Option<Body>,
    ) -> Result<Arrived, String> {
        let sample = super::records::particular(history.record(), kind, author);
        let mut draft = Draft::new(known(body.unwrap_or(sample.body), author.unit))
            .text(["供暖不热", "三单元室温不到十六度"])
            .effects(effects(kind))
            .answering(sample.answers);
        if kind.begins() {
            draft.private = vec!["某女士".to_owned()];
        }
        self.made += 1;
        let stamp = Stamp {
            device,
            epoch: 1,
            dseq: self.made,
            person: author.person,
            registry: self.registry.versions(),
            time: self.time,
            beacon: 0,
            salts: [[1; 16], [2; 16]],
        };
        let (act, parts) = compose(history, draft, stamp);
        let sealed = Sealed::new(&act, &city::key(device), parts);
        let act = Act::decode(&sealed.bytes).map_err(|e| e.to_string())?;
        match judge(history, &sealed, act, self.registry).map_err(|e| e.to_string())? {
            Judgement::Judged(node) if node.verdict == Verdict::Admitted => Ok(Arrived { sealed, node: *node }),
            Judgement::Judged(node) => Err(format!("{kind:?} may be made, yet it is {:?}", node.verdict)),
            other => Err(format!("{kind:?} may be made, yet it is {other:?}")),
        }
    }

    /// The hub's settling of these acts, which all follow `base` alone.
    pub fn settle(&mut self, base: &History, acts: &[&Arrived]) -> Result<Arrived, String> {
        let mut history = base.clone();
        for act in acts {
            act.judge(&mut history, self.registry)?;
        }
        let at = self.registry.now();
        let hub = Author { unit: city::CITY, level: at.level(city::CITY), hub: true, person: None, roles: Vec::new() };
        self.make(&mut history, city::HUB, &hub, ActKind::Settle, None)
    }
}

/// The same with a unit, and a person of the author's own, of the registry in place of those that no registry has.
fn known(body: Body, of: UnitId) -> Body {
    let person = |person| if person == NO_PERSON { city::people(of)[1] } else { person };
    body.renamed(|unit| if unit == NO_UNIT { FREE } else { unit }, person)
}

/// What an act of that kind cannot be without.
fn effects(kind: ActKind) -> Vec<Effect> {
    match kind {
        kind if kind.begins() || kind.has(Trait::Writes) && kind.has(Trait::Registers) => {
            vec![Effect::Register(Field::Title, Value::Segment(0))]
        }
        kind if kind.has(Trait::Writes) => vec![Effect::AddTag("供暖".to_owned())],
        _ => Vec::new(),
    }
}
