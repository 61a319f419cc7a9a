//! A/B 岗 and leave (7(1)): who is whose deputy and who covers for whom, kept by the node of the unit and by nothing else, so that an
//! office that reaches nobody sets it for itself.
//!
//! It is no act and part of no verdict: it lists to whoever covers what the other has in hand, and makes nobody anybody else.
//! Whoever covers acts under his own name with his own roles. The one thing that he may not do is to be the second where the
//! first is the one whose desk he keeps. That is found here, by the days that this node knows, and counts nowhere else: days are
//! claimed, and no verdict hangs on them ([`crate::Refusal::Covers`]).

use regulation::calendar::day_number;
use regulation::{ActKind, Millis, PersonId, Role};
use replica::{Change, Draft, History};
use store::{DeputyRow, LeaveRow};

use crate::outcome::{BadCover, Done, Refusal};
use crate::{Fault, Kernel};

/// Days of one leave, at most: 158 days of maternity leave, and what a difficult birth and more children add.
pub const LEAVE_DAYS_MAX: i32 = 190;
/// A leave begins so many days from now, at most.
pub const LEAVE_AHEAD_DAYS_MAX: i32 = 366;
/// People for whom one covers at a time, at most.
pub const COVERED_MAX: usize = 8;

/// What is said of deputies and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Somebody is the deputy of a person; nobody is any more if it is none.
    Deputy {
        /// Whose.
        person: PersonId,
        /// Who.
        deputy: Option<PersonId>,
    },
    /// A person is on leave from one day to another, both counted.
    Leave {
        /// Who.
        person: PersonId,
        /// The first day.
        first: i32,
        /// The last day.
        last: i32,
        /// Who covers; the deputy if nobody is named.
        cover: Option<PersonId>,
    },
    /// A person is back, or does not go: the next leave of theirs is over.
    Back {
        /// Who.
        person: PersonId,
    },
}

impl Cover {
    /// Of whom it is said.
    const fn person(self) -> PersonId {
        match self {
            Self::Deputy { person, .. } | Self::Leave { person, .. } | Self::Back { person } => person,
        }
    }
}

impl Kernel {
    /// Writes down what somebody of the unit says of deputies and leave.
    pub(crate) fn cover(
        &mut self,
        now: Millis,
        by: Option<PersonId>,
        said: Cover,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let Some(by) = by.filter(|by| self.works_here(*by)) else { return Ok(Err(BadCover::NotHere.into())) };
        // Whoever is covered for has a second person fewer: nobody else brings that about, nor ends it.
        if said.person() != by && !self.roles_here(by).contains(&Role::Administer) {
            return Ok(Err(BadCover::NotTheirs.into()));
        }
        let done = match said {
            Cover::Deputy { person, deputy } => self.name_deputy(now, by, person, deputy)?,
            Cover::Leave { person, first, last, cover } => {
                let deputies = self.store.deputies()?;
                let named = deputies.iter().find(|row| row.person == person).and_then(|row| row.deputy);
                match cover.or(named) {
                    None => Err(BadCover::NoDeputy),
                    Some(cover) => {
                        let leave = LeaveRow { number: 0, person, cover, first, last, by, at: now, ended: None };
                        let fits = self.leave_fits(day_number(now), &leave)?;
                        if fits.is_ok() {
                            self.store.put_leave(&leave)?;
                        }
                        fits
                    }
                }
            }
            Cover::Back { person } => {
                let leaves = self.store.leaves_since(day_number(now))?;
                match leaves.iter().find(|leave| leave.person == person) {
                    Some(leave) => {
                        self.store.end_leave(leave.number, by, now)?;
                        Ok(())
                    }
                    None => Err(BadCover::NoLeave),
                }
            }
        };
        Ok(done.map(|()| Done::Covered).map_err(Refusal::from))
    }

    fn name_deputy(
        &mut self,
        now: Millis,
        by: PersonId,
        person: PersonId,
        deputy: Option<PersonId>,
    ) -> Result<Result<(), BadCover>, Fault> {
        if !self.works_here(person) || deputy.is_some_and(|deputy| !self.works_here(deputy)) {
            return Ok(Err(BadCover::NotHere));
        }
        if deputy == Some(person) {
            return Ok(Err(BadCover::Oneself));
        }
        self.store.put_deputy(&DeputyRow { person, deputy, by, at: now })?;
        Ok(Ok(()))
    }

    /// Nobody covers for himself, for another unit, or while he is away; days are bounded, and one has one leave at a time.
    fn leave_fits(&self, today: i32, leave: &LeaveRow) -> Result<Result<(), BadCover>, Fault> {
        let LeaveRow { person, cover, first, last, .. } = *leave;
        if !self.works_here(person) || !self.works_here(cover) {
            return Ok(Err(BadCover::NotHere));
        }
        if person == cover {
            return Ok(Err(BadCover::Oneself));
        }
        let ahead = today.saturating_add(LEAVE_AHEAD_DAYS_MAX);
        if last < first || last < today || first > ahead || last.saturating_sub(first) >= LEAVE_DAYS_MAX {
            return Ok(Err(BadCover::Days { most: LEAVE_DAYS_MAX, ahead: LEAVE_AHEAD_DAYS_MAX }));
        }
        let beside: Vec<LeaveRow> =
            self.store.leaves_since(first)?.into_iter().filter(|other| other.meets(first, last)).collect();
        Ok(if beside.iter().any(|other| other.person == person) {
            Err(BadCover::OnLeave)
        } else if beside.iter().any(|other| other.person == cover) {
            Err(BadCover::Away)
        } else if beside.iter().any(|other| other.cover == person) {
            Err(BadCover::Covering)
        } else if beside.iter().filter(|other| other.cover == cover).count() >= COVERED_MAX {
            Err(BadCover::Many { most: COVERED_MAX })
        } else {
            Ok(())
        })
    }

    /// Whether somebody works in the unit of this node: not who is of another, nor who looks from outside (36).
    fn works_here(&self, person: PersonId) -> bool {
        let known = self.registry.now().person(person);
        known.is_some_and(|known| Some(known.unit) == self.unit() && !known.roles.contains(&Role::Inspect))
    }

    /// Whether somebody would be the second to one for whom he covers today: confirm what that one proposed, review what that one
    /// wrote, decide as a reviewer on what that one asked.
    pub(crate) fn covers_the_first(
        &self,
        now: Millis,
        person: Option<PersonId>,
        history: &History,
        draft: &Draft,
    ) -> Result<bool, Fault> {
        let kind = draft.body.kind();
        let looks = kind == ActKind::Confirm || kind == ActKind::ArticleReview || kind.role() == Some(Role::Review);
        let Some(person) = person.filter(|_| looks) else { return Ok(false) };
        let covered = self.store.covered_by(person, day_number(now))?;
        if covered.is_empty() {
            return Ok(false);
        }
        let answered = draft.answers.and_then(|id| history.node(id)).and_then(|node| node.fact.author.person);
        let editors = history.record().knowledge().filter(|_| kind == ActKind::ArticleReview);
        let mut first = answered.into_iter().chain(editors.into_iter().flat_map(|article| article.editors.clone()));
        Ok(first.any(|first| covered.contains(&first)))
    }

    /// The same of a change of the registry.
    pub(crate) fn covers_the_proposer(
        &self,
        now: Millis,
        by: Option<PersonId>,
        change: &Change,
    ) -> Result<bool, Fault> {
        let (Change::Confirmed(hash), Some(by)) = (change, by) else { return Ok(false) };
        let first =
            self.registry.proposals().iter().find(|proposed| proposed.hash == *hash).map(|proposed| proposed.by);
        Ok(match first {
            Some(first) => self.store.covered_by(by, day_number(now))?.contains(&first),
            None => false,
        })
    }
}
