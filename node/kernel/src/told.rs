//! What the city told of acts of units that hold their document no more, as it is read beside a fold.

use std::collections::BTreeMap;

use regulation::{ActId, UnitId};
use replica::finding::{Found, Says};
use replica::{Answered, History, PartKind, Standing};
use store::Queries;

use crate::Fault;

/// What the city told of acts of one document.
#[derive(Clone, Debug, Default)]
pub struct Told(BTreeMap<ActId, Vec<Found>>);

impl Told {
    /// What is held of a document.
    ///
    /// # Errors
    /// The database cannot be read, or contradicts itself.
    pub fn of(store: &Queries, doc: ActId) -> Result<Self, Fault> {
        let mut told: BTreeMap<ActId, Vec<Found>> = BTreeMap::new();
        for (_, bytes) in store.findings_of(&doc)? {
            let found = decoded(&bytes)?;
            told.entry(found.finding.act).or_default().push(found);
        }
        Ok(Self(told))
    }

    /// Whether the city has found what becomes of an act: it is provisional no more.
    #[must_use]
    pub fn settled(&self, act: ActId) -> bool {
        self.stands(act).is_some()
    }

    /// What it found: that an act stands, or that it fell.
    #[must_use]
    pub fn stands(&self, act: ActId) -> Option<&Says> {
        let says = self.0.get(&act).into_iter().flatten().map(|found| &found.finding.says);
        says.into_iter().find(|says| matches!(says, Says::Stands | Says::Fell { .. }))
    }

    /// Whether the city told that unit that a part of an act was erased.
    #[must_use]
    pub fn erased(&self, unit: UnitId, act: ActId, part: PartKind) -> bool {
        let told = self.0.get(&act).into_iter().flatten().map(|found| &found.finding);
        told.into_iter().any(|finding| finding.unit == unit && finding.says == Says::Erased { part })
    }

    /// What hotlines said of an act that fell, in the order in which it came here.
    pub fn words(&self, act: ActId) -> impl Iterator<Item = &Found> {
        let all = self.0.get(&act).into_iter().flatten();
        all.filter(|found| matches!(found.finding.says, Says::Word { .. }))
    }
}

pub(crate) fn decoded(bytes: &[u8]) -> Result<Found, Fault> {
    Found::decode(bytes).map_err(|error| Fault::Inconsistent(format!("a finding: {error}")))
}

/// What was answered to an act that fell, as far as is known here.
#[must_use]
pub fn answered(history: &History, told: &Told, index: usize) -> Answered {
    let answered = history.answered(index);
    let decided = answered.decided || told.words(history.nodes()[index].id).next().is_some();
    Answered { decided, ..answered }
}

/// Whether an act of a unit fell, as the city found or as is found here.
#[must_use]
pub fn fell(history: &History, told: &Told, index: usize) -> bool {
    match told.stands(history.nodes()[index].id) {
        Some(says) => matches!(says, Says::Fell { .. }),
        None => matches!(history.standing(index), Some(Standing::Overruled(_))),
    }
}
