//! The acts of one document and how they follow each other.

use regulation::{ActId, Broken, Fact, Rule};

use crate::act::Act;
use crate::effect::{BlockId, Effect};
use crate::part::{Part, PartKind};

pub use crate::rank::Rank;

/// A set of acts of one document, by their place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ActSet(Vec<u64>);

impl ActSet {
    /// Adds an act.
    pub fn insert(&mut self, index: usize) {
        if self.0.len() <= index / 64 {
            self.0.resize(index / 64 + 1, 0);
        }
        self.0[index / 64] |= 1 << (index % 64);
    }

    /// Whether it holds an act.
    #[must_use]
    pub fn contains(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Adds all acts of another set.
    pub fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// Whether another set holds all of it.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        let theirs = other.0.iter().copied().chain(std::iter::repeat(0));
        self.0.iter().zip(theirs).all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// The one act that another set holds and this one does not, where that is all in which they differ.
    pub(crate) fn one_less_than(&self, other: &Self) -> Option<usize> {
        (self.within(other) && self.len() + 1 == other.len())
            .then(|| other.iter().find(|act| !self.contains(*act)))
            .flatten()
    }

    /// Bytes of memory.
    pub(crate) fn weight(&self) -> usize {
        size_of_val(self.0.as_slice())
    }

    /// How many acts it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The acts, in the order of their place.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(i, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    i * 64 + bit
                })
            })
        })
    }

    /// The first `n` acts.
    #[must_use]
    pub fn first(n: usize) -> Self {
        let mut set = Self(vec![u64::MAX; n / 64]);
        if !n.is_multiple_of(64) {
            set.0.push((1 << (n % 64)) - 1);
        }
        set
    }
}

/// What admission found: a fact about the act, its causal past and the registry that it names; the same on every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its author could do this there.
    Admitted,
    /// Its author could not. It is kept, writes nothing, and the fold skips it.
    Unlawful(Rule),
}

/// Whether an admitted act counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Effective,
    /// A rule decided against it. It is kept and shown.
    Overruled(Broken),
}

/// An act with its verdict, in its document.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its id.
    pub id: ActId,
    /// The act.
    pub act: Act,
    /// The act as the regulation sees it.
    pub fact: Fact,
    /// What admission found.
    pub verdict: Verdict,
    /// Its authority at its past.
    pub rank: Rank,
    /// Parts at hand.
    pub parts: Vec<Part>,
    /// Places of its deps.
    pub deps: Vec<usize>,
    /// Its causal past, itself excluded.
    pub past: ActSet,
    /// Its device is the city hub since this version of the registry; 0 if it is none.
    pub hub_since: u32,
}

impl Node {
    /// Whether it was admitted.
    #[must_use]
    pub fn admitted(&self) -> bool {
        self.verdict == Verdict::Admitted
    }

    /// Whether it wrote into the document.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.admitted() && !self.act.effects.is_empty()
    }

    /// That part, if it is at hand.
    #[must_use]
    pub fn part(&self, kind: PartKind) -> Option<&Part> {
        self.parts.iter().find(|part| part.kind == kind)
    }

    /// A segment of a part, blocks where it is withheld or erased, or `None` if there is no such segment.
    #[must_use]
    pub fn segment(&self, kind: PartKind, index: usize) -> Option<String> {
        self.act.part(kind)?.segment(index, self.part(kind))
    }

    /// Every segment of a part, as [`Self::segment`] has it.
    #[must_use]
    pub fn segments(&self, kind: PartKind) -> Vec<String> {
        self.act.part(kind).map(|head| head.texts(self.part(kind))).unwrap_or_default()
    }

    /// The text that it made of a block: none where it removed it; nothing if it did not write that block.
    #[must_use]
    pub fn block(&self, block: &BlockId) -> Option<Option<String>> {
        let written = self.act.effects.iter().zip(0..=u8::MAX).find_map(|(effect, place)| match effect {
            Effect::Insert { segment, .. } if self.id == block.act && place == block.effect => Some(Some(*segment)),
            Effect::Set { block: set, segment, .. } if set == block => Some(*segment),
            _ => None,
        })?;
        Some(written.and_then(|segment| self.segment(PartKind::Text, usize::from(segment))))
    }

    /// Whether it is the city hub's.
    #[must_use]
    pub fn hub(&self) -> bool {
        self.fact.author.hub
    }
}

/// The union of the pasts of these acts and the acts themselves.
#[must_use]
pub fn closure(nodes: &[Node], acts: &[usize]) -> ActSet {
    let mut past = ActSet::default();
    for act in acts {
        past.extend(&nodes[*act].past);
        past.insert(*act);
    }
    past
}

/// Of these acts those that no other of them follows, sorted.
#[must_use]
pub(crate) fn maximal(nodes: &[Node], mut acts: Vec<usize>) -> Vec<usize> {
    acts.sort_unstable();
    acts.dedup();
    if acts.len() > 1 {
        let mut followed = ActSet::default();
        acts.iter().for_each(|act| followed.extend(&nodes[*act].past));
        acts.retain(|act| !followed.contains(*act));
    }
    acts
}
