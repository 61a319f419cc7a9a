//! Changes that need two people: one entry proposes, another confirms it by its hash. What is proposed holds nothing.
//!
//! All of it is checked wherever an entry is appended, so that a writer of the log who knew better would be refused by
//! everybody. What founds a city is set once without a second; what changes it afterwards is not.

use regulation::settings::Group;
use regulation::table::{Matter, pair_of};
use regulation::{Millis, PersonId};

use super::{Change, Clash, Entry, Lock, Registry};

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
    /// This program understands all of it.
    whole: bool,
    /// It was confirmed or declined.
    ended: bool,
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
                let of = |group| set.iter().any(|(number, _)| Group::of(*number) == group);
                Some(match (of(Group::Edition), of(Group::Terms)) {
                    (true, _) => Matter::Edition,
                    (false, true) => Matter::Terms,
                    (false, false) => Matter::Weights,
                })
            }
            Self::Void(_) => Some(Matter::Void),
            _ => None,
        }
    }

    /// Whether it proposes, or answers what was proposed.
    pub(super) const fn of_pairs(&self) -> bool {
        matches!(self, Self::Proposed(_) | Self::Confirmed(_) | Self::Declined(_))
    }
}

impl Registry {
    /// What was proposed and waits, oldest first.
    pub fn proposed(&self) -> impl Iterator<Item = &Proposed> {
        self.proposed.iter().filter(|proposed| !proposed.ended)
    }

    /// Why a proposal may not be confirmed by somebody, if it may not.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may_confirm(&self, by: PersonId, proposed: &Proposed) -> Result<(), Clash> {
        let confirm = Change::Confirmed(proposed.hash);
        self.knows(&confirm).and_then(|()| self.may_write(Some(by), &confirm)).and_then(|()| self.fits(&confirm))
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
            return Err(Clash::EditionUnknown);
        }
        if self.confirmed(change).is_some_and(|proposed| !proposed.whole) { Err(Clash::Beyond) } else { Ok(()) }
    }

    /// Whether this program may act under an entry: what it does not know of it is not critical.
    pub(super) fn may_act_under(&self, entry: &Entry) -> bool {
        match self.knows(&entry.change) {
            Ok(()) => !entry.beyond(),
            Err(Clash::EditionUnknown) => false,
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
            Change::Settings(set) => self.settings_fit(set),
            // Who knows it weighs it.
            Change::Newer(_) => Ok(()),
            Change::Void(voided) => self.void_fits(voided),
            _ => Err(Clash::Alone),
        }
    }

    /// Whether what one person may not change stands as its first value.
    pub(super) fn founds(&self, change: &Change) -> Result<(), Clash> {
        let first = match change {
            // Nobody's acts rest on another edition yet.
            Change::Settings(_) if change.edition().is_some() => self.people.is_empty(),
            Change::Settings(set) => set.iter().all(|(number, _)| self.group_touched(Group::of(*number)) == 0),
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
            Change::Confirmed(hash) => self.waits(hash).and_then(|waits| self.could(&waits.change, waits.version)),
            Change::Declined(hash) => self.waits(hash).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Whether somebody may propose that, or answer it: people with one of the roles at the city hotline; never who proposed
    /// it, but to take it back.
    pub(super) fn pair_by(&self, by: Option<PersonId>, change: &Change) -> Result<(), Clash> {
        let by = by.ok_or(Clash::NotTheirs)?;
        let (inner, own) = match change {
            Change::Proposed(change) => (&**change, None),
            Change::Confirmed(hash) | Change::Declined(hash) => {
                let waits = self.waits(hash)?;
                (&waits.change, (waits.by == by).then_some(change))
            }
            _ => return Ok(()),
        };
        match own {
            Some(Change::Confirmed(_)) => return Err(Clash::SamePerson),
            Some(_) => return Ok(()),
            None if matches!(inner, Change::Newer(_)) => return Ok(()),
            None => {}
        }
        let pair = inner.matter().and_then(pair_of).ok_or(Clash::Alone)?;
        let now = self.now();
        if pair.roles.iter().any(|role| now.holds_at_city(by, *role)) { Ok(()) } else { Err(Clash::NotOfThePair) }
    }

    /// Takes in what proposes or answers.
    pub(super) fn take_pair(&mut self, entry: &Entry, hash: [u8; 32]) {
        let Some(by) = entry.by else { return };
        match &entry.change {
            Change::Proposed(change) => {
                let (version, at, change) = (entry.version, entry.time, (**change).clone());
                self.proposed.push(Proposed {
                    hash,
                    version,
                    by,
                    at,
                    change,
                    whole: entry.kept.is_none(),
                    ended: false,
                });
            }
            Change::Confirmed(of) | Change::Declined(of) => {
                let Some(waits) = self.proposed.iter_mut().find(|proposed| proposed.hash == *of) else { return };
                waits.ended = true;
                if matches!(entry.change, Change::Declined(_)) {
                    return;
                }
                match (waits.change.clone(), waits.by) {
                    (Change::Lock(lock), first) => {
                        self.locks.push((entry.version, Locked { lock, by: first, second: by }));
                    }
                    (change, _) => self.take(entry.version, &change),
                }
            }
            _ => {}
        }
    }
}
