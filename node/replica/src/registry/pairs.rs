//! Changes that need two people: one entry proposes, another confirms it by its hash. What is proposed holds nothing.
//!
//! All of it is checked wherever an entry is appended, so that a writer of the log who knew better would be refused by
//! everybody: each rule here is *unlawful*, and nothing beside an entry overrules it, since the log is a chain. What founds a
//! city is set once without a second; what changes it afterwards is not.

use regulation::settings::Group;
use regulation::table::{Matter, pair_of};
use regulation::{Millis, PersonId};

use super::{Change, Clash, DECLINE_REASON_CHARS_MAX, Entry, Lock, Registry};
use crate::characters::one_line;

/// Changes that one person has proposed and that wait, at most.
pub const PROPOSED_MAX: usize = 16;

/// A change that somebody has proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Hash of the entry: by it it is confirmed.
    pub hash: [u8; 32],
    /// Version of the entry.
    pub version: u32,
    /// Who proposed it.
    pub by: PersonId,
    /// When.
    pub at: Millis,
    /// What.
    pub change: Change,
    /// What became of it.
    pub outcome: Outcome,
    /// This program understands all of it.
    whole: bool,
}

/// What became of a proposed change, and by which version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet: it waits, for as long as it fits.
    Waits,
    /// It was confirmed.
    Confirmed(u32),
    /// Somebody did not agree, or its maker took it back.
    Declined {
        /// By which version.
        version: u32,
        /// Who.
        by: PersonId,
        /// Why, as he said.
        reason: String,
    },
    /// A later one of the same person on the same matter took its place.
    Superseded(u32),
}

/// A locked table, and the two people who locked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The table.
    pub lock: Lock,
    /// Who proposed it.
    pub by: PersonId,
    /// Who confirmed it.
    pub second: PersonId,
}

impl Change {
    /// The line of the table of pairs that it is; `None` for what one person does.
    #[must_use]
    pub fn matter(&self) -> Option<Matter> {
        match self {
            Self::Lock(_) => Some(Matter::Lock),
            Self::Settings(set) => {
                let of = |group| set.values.iter().any(|(number, _)| Group::of(*number) == group);
                Some(match (of(Group::Edition), of(Group::Terms)) {
                    (true, _) => Matter::Edition,
                    (false, true) => Matter::Terms,
                    (false, false) => Matter::Weights,
                })
            }
            Self::Void(_) => Some(Matter::Void),
            Self::Retired(_) => Some(Matter::Retire),
            Self::Duties(_) => Some(Matter::Duties),
            _ => None,
        }
    }

    /// Whether it proposes, or answers what was proposed.
    pub(super) const fn of_pairs(&self) -> bool {
        matches!(self, Self::Proposed(_) | Self::Confirmed(_) | Self::Declined { .. })
    }

    /// Whether two proposals are about the same, so that of one person the later takes the earlier one's place: settings
    /// that set the same number, entries of the duty list, numbers of times in common, the table of one month, one hub. What is not known here is about
    /// nothing that is.
    fn same_matter(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Lock(one), Self::Lock(other)) => one.month == other.month,
            (Self::Settings(one), Self::Settings(other)) => {
                one.values.iter().any(|(number, _)| other.values.iter().any(|(also, _)| also == number))
            }
            (Self::Void(one), Self::Void(other)) => one.from <= other.to && other.from <= one.to,
            (Self::Retired(one), Self::Retired(other)) => one == other,
            (Self::Duties(one), Self::Duties(other)) => one.entries.iter().any(|(id, _)| other.states(*id)),
            _ => false,
        }
    }
}

impl Registry {
    /// Everything that was ever proposed, oldest first.
    #[must_use]
    pub fn proposals(&self) -> &[Proposed] {
        &self.proposed
    }

    /// What was proposed and waits, oldest first; also what could not be brought about any more, see [`Self::stands`].
    pub fn proposed(&self) -> impl DoubleEndedIterator<Item = &Proposed> {
        self.proposed.iter().filter(|proposed| proposed.outcome == Outcome::Waits)
    }

    /// What waits and can be brought about, if somebody confirms it.
    pub fn standing(&self) -> impl DoubleEndedIterator<Item = &Proposed> {
        self.proposed().filter(|proposed| self.stands(proposed).is_ok())
    }

    /// Whether what was proposed can still be brought about: nothing of the same was changed since, and whoever proposed it
    /// could still propose it.
    ///
    /// # Errors
    /// What took its ground away.
    pub fn stands(&self, proposed: &Proposed) -> Result<(), Clash> {
        self.could(&proposed.change, proposed.version)?;
        match self.of_the_pair(proposed.by, &proposed.change) {
            Err(Clash::NotOfThePair) => Err(Clash::ProposerGone),
            other => other,
        }
    }

    /// Why a proposal may not be confirmed by somebody, if it may not.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may_confirm(&self, by: PersonId, proposed: &Proposed) -> Result<(), Clash> {
        let confirm = Change::Confirmed(proposed.hash);
        self.knows(&confirm).and_then(|()| self.may_write(Some(by), &confirm)).and_then(|()| self.fits(&confirm))
    }

    /// Whether somebody may take a proposal back, or is of those who confirm what is like it.
    #[must_use]
    pub fn may_answer(&self, by: PersonId, proposed: &Proposed) -> bool {
        proposed.by == by || self.of_the_pair(by, &proposed.change).is_ok()
    }

    /// What a change brings about: what it confirms, or itself.
    #[must_use]
    pub fn brought<'c>(&'c self, change: &'c Change) -> &'c Change {
        self.confirmed(change).map_or(change, |proposed| &proposed.change)
    }

    fn confirmed(&self, change: &Change) -> Option<&Proposed> {
        let Change::Confirmed(hash) = change else { return None };
        self.proposed.iter().find(|proposed| proposed.hash == *hash)
    }

    /// Whether this program knows all that a change brings about. An edition of the rules that it does not carry is as little
    /// known as a change of an unknown number.
    ///
    /// # Errors
    /// What it lacks.
    pub fn knows(&self, change: &Change) -> Result<(), Clash> {
        if self.brought(change).edition().is_some_and(|edition| edition > self.carries.0) {
            return Err(Clash::EditionUnknown(self.carries.0));
        }
        if self.confirmed(change).is_some_and(|proposed| !proposed.whole) { Err(Clash::Beyond) } else { Ok(()) }
    }

    /// Whether this program may write a change for its own people: it knows it, and all that it proposes.
    ///
    /// # Errors
    /// What it lacks.
    pub fn may_sign(&self, change: &Change) -> Result<(), Clash> {
        self.knows(change)?;
        if let Change::Proposed(proposes) = change { self.knows(proposes) } else { Ok(()) }
    }

    /// Whether this program may act under an entry: what it does not know of it is not critical.
    pub(super) fn may_act_under(&self, entry: &Entry) -> bool {
        match self.knows(&entry.change) {
            Ok(()) => !entry.beyond(),
            Err(Clash::EditionUnknown(_)) => false,
            Err(_) => !entry.critical,
        }
    }

    fn waits(&self, hash: &[u8; 32]) -> Result<&Proposed, Clash> {
        self.proposed().find(|proposed| proposed.hash == *hash).ok_or(Clash::NothingProposed)
    }

    /// Whether a change may be made that was decided when the registry had that version.
    fn could(&self, change: &Change, decided: u32) -> Result<(), Clash> {
        match change {
            Change::Lock(lock) => self.lock_fits(lock).map_err(Clash::Lock),
            Change::Settings(_) if self.touched(change) > decided => Err(Clash::Overtaken),
            Change::Settings(set) => self.settings_fit(change, set).and_then(|()| self.all_carry(change)),
            // Who knows it weighs it.
            Change::Newer(_) => Ok(()),
            Change::Void(voided) => self.void_fits(voided),
            Change::Retired(id) => self.retire_fits(*id),
            Change::Duties(_) if self.touched(change) > decided => Err(Clash::Overtaken),
            Change::Duties(duties) => self.duties_fit(duties),
            _ => Err(Clash::Alone),
        }
    }

    /// Whether what one person may not change stands as its first value.
    pub(super) fn founds(&self, change: &Change) -> Result<(), Clash> {
        let first = match change {
            // Nobody's acts rest on another edition yet.
            Change::Settings(_) if change.edition().is_some() => self.people.is_empty(),
            Change::Settings(set) => set.values.iter().all(|(number, _)| self.group_touched(Group::of(*number)) == 0),
            _ => false,
        };
        if first { Ok(()) } else { Err(Clash::NeedsSecond) }
    }

    /// The version of the newest entry that set something of a group.
    fn group_touched(&self, group: Group) -> u32 {
        let set = self.set_at.iter().filter(|(number, _)| Group::of(**number) == group);
        set.filter_map(|(_, dated)| dated.last()).map(|(version, ())| *version).max().unwrap_or_default()
    }

    pub(super) fn pair_fits(&self, change: &Change) -> Result<(), Clash> {
        match change {
            Change::Proposed(change) => self.could(change, self.version()),
            Change::Confirmed(hash) => self.waits(hash).and_then(|waits| self.stands(waits)),
            Change::Declined { of, reason } if one_line(reason, DECLINE_REASON_CHARS_MAX) => self.waits(of).map(|_| ()),
            Change::Declined { .. } => Err(Clash::Reason),
            _ => Ok(()),
        }
    }

    /// Whether somebody may propose that beside what waits already. Of what is not known here nothing is told.
    fn room_for(&self, by: PersonId, change: &Change) -> Result<(), Clash> {
        if change.newer() {
            return Ok(());
        }
        let known = || self.standing().filter(|waits| waits.whole);
        if known().any(|waits| waits.change == *change) {
            return Err(Clash::ProposedAlready);
        }
        let own = known().filter(|waits| waits.by == by && !waits.change.same_matter(change));
        if own.count() >= PROPOSED_MAX { Err(Clash::ProposedMany) } else { Ok(()) }
    }

    /// Whether somebody has one of the roles at the city hotline by which that is proposed and confirmed. Who may what is not
    /// known here, whoever knows it weighs.
    fn of_the_pair(&self, by: PersonId, change: &Change) -> Result<(), Clash> {
        if change.newer() {
            return Ok(());
        }
        let pair = change.matter().and_then(pair_of).ok_or(Clash::Alone)?;
        let now = self.now();
        if pair.roles.iter().any(|role| now.holds_at_city(by, *role)) { Ok(()) } else { Err(Clash::NotOfThePair) }
    }

    /// Whether somebody may propose that, or answer it: people with one of the roles at the city hotline; never who proposed
    /// it, but to take it back.
    pub(super) fn pair_by(&self, by: Option<PersonId>, change: &Change) -> Result<(), Clash> {
        let by = by.ok_or(Clash::NotTheirs)?;
        match change {
            Change::Proposed(change) => self.of_the_pair(by, change).and_then(|()| self.room_for(by, change)),
            Change::Confirmed(hash) => {
                let waits = self.waits(hash)?;
                if waits.by == by { Err(Clash::SamePerson) } else { self.of_the_pair(by, &waits.change) }
            }
            Change::Declined { of, .. } => {
                let waits = self.waits(of)?;
                if waits.by == by { Ok(()) } else { self.of_the_pair(by, &waits.change) }
            }
            _ => Ok(()),
        }
    }

    /// Takes in what proposes or answers.
    pub(super) fn take_pair(&mut self, entry: &Entry, hash: [u8; 32]) {
        let (Some(by), version) = (entry.by, entry.version) else { return };
        match &entry.change {
            Change::Proposed(change) => {
                let (at, change, whole) = (entry.time, (**change).clone(), entry.kept.is_none());
                let corrected = self.proposed.iter_mut().filter(|earlier| earlier.by == by);
                let corrected =
                    corrected.filter(|earlier| whole && earlier.whole && earlier.change.same_matter(&change));
                corrected.for_each(|earlier| earlier.end(Outcome::Superseded(version)));
                self.proposed.push(Proposed { hash, version, by, at, change, outcome: Outcome::Waits, whole });
            }
            Change::Confirmed(of) => {
                let Some(waits) = self.ends(of, Outcome::Confirmed(version)) else { return };
                match (waits.change.clone(), waits.by) {
                    (Change::Lock(lock), first) => self.locks.push((version, Locked { lock, by: first, second: by })),
                    (change, _) => self.take(version, entry.time, &change),
                }
            }
            Change::Declined { of, reason } => {
                self.ends(of, Outcome::Declined { version, by, reason: reason.clone() });
            }
            _ => {}
        }
    }

    fn ends(&mut self, hash: &[u8; 32], outcome: Outcome) -> Option<&Proposed> {
        let waits = self.proposed.iter_mut().find(|proposed| proposed.hash == *hash)?;
        waits.end(outcome);
        Some(waits)
    }
}

impl Proposed {
    /// What became of it stays.
    fn end(&mut self, outcome: Outcome) {
        if self.outcome == Outcome::Waits {
            self.outcome = outcome;
        }
    }
}
