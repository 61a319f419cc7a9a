//! What is told by a node that lies, and what becomes of it.

/// Sorts of lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// An act on a document that the scope has no part in.
    ForeignId,
    /// An act on a document that is nowhere.
    UnknownId,
    /// An act in the name of another device, under a wrong signature.
    ForgedName,
    /// An act of somebody else's with something changed, under the old signature.
    ChangedByte,
    /// A ticket that his unit may not begin.
    Beginning,
    /// An act under a registry that is not there yet.
    RegistryAhead,
    /// An act under an old registry.
    RegistryBehind,
    /// An act that follows what never comes.
    NeverComes,
    /// Two acts of one number.
    Twins,
    /// Two acts of one number in two documents: his device was cloned.
    TwinsApart,
    /// Many acts at once: side by side, or each behind the one before.
    Flood,
    /// An act that follows one which comes later.
    LateDependency,
    /// An act that he only names, having heard of it elsewhere.
    Named,
    /// A stub in the name of another device.
    Stub,
    /// An entry of the registry that the root did not sign.
    Entry,
    /// An acknowledgement, or cursors, of more than there is.
    Overclaim,
    /// An answer to what nobody asked.
    Unasked,
}

impl Lie {
    /// Every sort.
    pub const ALL: [Self; 17] = [
        Self::ForeignId,
        Self::UnknownId,
        Self::ForgedName,
        Self::ChangedByte,
        Self::Beginning,
        Self::RegistryAhead,
        Self::RegistryBehind,
        Self::NeverComes,
        Self::Twins,
        Self::TwinsApart,
        Self::Flood,
        Self::LateDependency,
        Self::Named,
        Self::Stub,
        Self::Entry,
        Self::Overclaim,
        Self::Unasked,
    ];

    /// Those that stand in the place of an act, as often as they are told: all but the last three, one more often.
    pub(super) fn acts() -> Vec<Self> {
        let acts = Self::ALL.len() - 3;
        [Self::ForeignId; 2].into_iter().chain(Self::ALL.into_iter().take(acts)).collect()
    }
}

/// What is counted of lies: how many were made, how many came to where they were told, and how those stand there at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Counted {
    Made,
    Delivered,
    Admitted,
    Unlawful,
    Held,
    Refused,
    Aside,
    Nothing,
}

impl Counted {
    const ALL: [Self; 8] = [
        Self::Made,
        Self::Delivered,
        Self::Admitted,
        Self::Unlawful,
        Self::Held,
        Self::Refused,
        Self::Aside,
        Self::Nothing,
    ];
}

/// What became of lies, by their sort.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lies([[usize; Counted::ALL.len()]; Lie::ALL.len()]);

impl Lies {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *mine += theirs;
        }
    }

    /// How many of a sort came to that.
    #[must_use]
    pub fn of(&self, lie: Lie, what: Counted) -> usize {
        self.0[lie as usize][what as usize]
    }

    /// One line a sort that was told.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let counted = |lie: &Lie| {
            let some = Counted::ALL.into_iter().map(|what| (what, self.of(*lie, what))).filter(|(_, count)| *count > 0);
            some.map(|(what, count)| format!("{count} {what:?}").to_lowercase()).collect::<Vec<_>>().join(", ")
        };
        let told = Lie::ALL.iter().filter(|lie| self.of(**lie, Counted::Made) > 0);
        told.map(|lie| format!("{lie:?}: {}", counted(lie))).collect()
    }

    pub(super) fn count(&mut self, lie: Lie, what: Counted) {
        self.0[lie as usize][what as usize] += 1;
    }
}
