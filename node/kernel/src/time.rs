//! Whether the clock of this machine is to be believed. What a hotline's node does by itself counts against units: a
//! clock that is wrong for seconds must not raise anything on anybody. Until it is right again, or a person confirms it,
//! the node witnesses and supervises nothing by itself.
//!
//! Three things are compared: the wall clock, the clock that counts from the machine's start (suspend included), and the
//! times that are known otherwise: the newest one at which this node believed its clock, the city's, and those that
//! other units claim.

use std::collections::{BTreeMap, BTreeSet};

use regulation::{Millis, PersonId, Rule, UnitId};

use crate::alarm::{Alarm, Cause, Detail, Doubt};
use crate::outcome::{Done, Refusal};
use crate::{Fault, Kernel};

/// So far may the wall clock and what it is compared with be apart.
pub const CLOCK_STEP_MS_MAX: Millis = 5 * 60_000;
/// So long may a node that acts by itself have been off before a person has to confirm its clock.
pub const CLOCK_AWAY_MS_MAX: Millis = 3 * 86_400_000;
/// So old may what is kept of the clock be.
pub const CLOCK_KEPT_MS_MAX: Millis = 60_000;
/// Units whose clocks are ahead of this one that make it doubtful: one alone is wrong itself.
pub const CLOCK_UNITS_AHEAD_MIN: usize = 2;
/// Units of which it is kept that their clocks are ahead, at most.
pub const CLOCK_UNITS_MAX: usize = 64;
/// Where the newest time is kept at which the clock was believed, and the city's time that a person did not believe.
const KEPT: &str = "clock";

/// The day of China Standard Time, counted from 1970-01-01.
pub(crate) fn local_day(now: Millis) -> i64 {
    (now + 8 * 3_600_000).div_euclid(86_400_000)
}

/// What is known of the clock.
#[derive(Default)]
pub(crate) struct Clock {
    /// A wall time that was believed, and the machine's clock at it.
    reference: Option<(Millis, Millis)>,
    /// The machine's clock, once it was told.
    boot: Option<Millis>,
    /// The newest wall time that was believed, as it is kept.
    kept: Option<Millis>,
    /// Whoever confirmed the clock did not believe the city's times up to this one.
    disbelieved: Millis,
    /// Units that claimed times ahead, with how far the machine's clock was behind them.
    ahead: BTreeMap<UnitId, Millis>,
    /// Units of which a person said, by confirming the clock, that they are wrong.
    wrong: BTreeSet<UnitId>,
    doubt: Option<Doubt>,
    /// Whether it was looked at since the node was opened.
    looked_at: bool,
}

impl Clock {
    fn look(&self, now: Millis, boot: Millis, city: Millis, by_itself: bool) -> Option<Doubt> {
        let early = |time: Millis| now < time.saturating_sub(CLOCK_STEP_MS_MAX);
        let late = |time: Millis| now > time.saturating_add(CLOCK_STEP_MS_MAX);
        if let Some((wall, at)) = self.reference {
            let expected = wall.saturating_add(boot.saturating_sub(at));
            if late(expected) {
                return Some(Doubt::Ahead);
            }
            if early(expected) {
                return Some(Doubt::Behind);
            }
        } else if let Some(kept) = self.kept {
            let known = kept.max(city);
            if by_itself && now > known.saturating_add(CLOCK_AWAY_MS_MAX) {
                return Some(Doubt::Away);
            }
            if early(kept) {
                return Some(Doubt::Behind);
            }
        }
        if city > self.disbelieved && early(city) {
            return Some(Doubt::Behind);
        }
        let ahead = self.ahead.values().filter(|offset| early(boot.saturating_add(**offset))).count();
        (ahead >= CLOCK_UNITS_AHEAD_MIN).then_some(Doubt::Peers)
    }

    /// The latest that it can be without believing what is doubtful.
    fn surest(&self, now: Millis) -> Millis {
        let expected = self.reference.zip(self.boot).map(|((wall, at), boot)| wall.saturating_add(boot - at));
        match (self.doubt, expected.or(self.kept)) {
            (Some(_), Some(known)) => known.min(now),
            _ => now,
        }
    }
}

impl Kernel {
    /// Why the clock is not believed, if it is not: then the node does nothing by itself that counts against anybody.
    #[must_use]
    pub fn clock_doubt(&self) -> Option<Doubt> {
        self.clock.doubt
    }

    /// Why it would not be believed if it were heard now; nothing is noted.
    #[must_use]
    pub fn clock_doubt_at(&self, now: Millis, boot: Millis) -> Option<Doubt> {
        self.clock.look(now, boot, self.newest_of_the_city(), self.watcher().is_some())
    }

    /// The time that what the node does by itself claims.
    pub(crate) fn surest(&self, now: Millis) -> Millis {
        self.clock.surest(now)
    }

    pub(crate) fn open_clock(&mut self) -> Result<(), Fault> {
        let kept = self.store.meta(KEPT)?.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        if let Some([a, b, c, d, e, f, g, h, rest @ ..]) = kept {
            self.clock.kept = Some(Millis::from_be_bytes([a, b, c, d, e, f, g, h]));
            self.clock.disbelieved = Millis::from_be_bytes(rest);
        }
        Ok(())
    }

    fn keep_clock(&mut self, now: Millis) -> Result<(), Fault> {
        self.clock.kept = Some(now);
        let bytes = [now.to_be_bytes(), self.clock.disbelieved.to_be_bytes()].concat();
        Ok(self.store.set_meta(KEPT, &bytes)?)
    }

    /// The process tells what the machine's clock shows, before anything else of a group.
    pub(crate) fn hear_clock(&mut self, now: Millis, boot: Millis) -> Result<(), Fault> {
        let before = self.clock.doubt;
        self.clock.boot = Some(boot);
        self.clock.doubt = self.clock_doubt_at(now, boot);
        match (before, self.clock.doubt) {
            (_, Some(why)) if before != Some(why) => {
                self.alarm(Alarm::ClockDoubtful, Cause::Here, Detail::Clock { why });
            }
            (Some(_), None) => self.clock_is_good(now)?,
            // It was doubtful when the node was stopped, perhaps.
            (None, None) if !self.clock.looked_at => self.alarm_over(now, Alarm::ClockDoubtful, Cause::Here)?,
            _ => {}
        }
        self.clock.looked_at = true;
        if self.clock.doubt.is_none() {
            self.clock.reference.get_or_insert((now, boot));
            let old = |kept: Millis| now >= kept.saturating_add(CLOCK_KEPT_MS_MAX);
            if self.clock.kept.is_none_or(old) {
                self.keep_clock(now)?;
            }
        }
        Ok(())
    }

    /// An act of another device came: whether its unit's clock is ahead of this one.
    pub(crate) fn hear_time(&mut self, now: Millis, unit: UnitId, claimed: Millis) {
        let Some(boot) = self.clock.boot else { return };
        if claimed <= now.saturating_add(CLOCK_STEP_MS_MAX) {
            self.clock.ahead.remove(&unit);
            self.clock.wrong.remove(&unit);
        } else if !self.clock.wrong.contains(&unit)
            && (self.clock.ahead.len() < CLOCK_UNITS_MAX || self.clock.ahead.contains_key(&unit))
        {
            self.clock.ahead.insert(unit, claimed.saturating_sub(boot));
        }
    }

    /// A person says that the clock, which showed them that time, is right.
    pub(crate) fn confirm_clock(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        shown: Millis,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let at = self.registry.now();
        let unit = self.device().and_then(|device| at.device(device)).map(|device| device.unit);
        let ours = person.and_then(|person| at.person(person)).is_some_and(|person| Some(person.unit) == unit);
        if !ours {
            return Ok(Err(Refusal::Rule(Rule::PersonMissing)));
        }
        if now.abs_diff(shown) > CLOCK_STEP_MS_MAX.unsigned_abs() {
            return Ok(Err(Refusal::OtherTime));
        }
        self.clock.reference = self.clock.boot.map(|boot| (now, boot));
        self.clock.disbelieved = self.newest_of_the_city();
        self.clock.wrong.extend(std::mem::take(&mut self.clock.ahead).into_keys().take(CLOCK_UNITS_MAX));
        self.keep_clock(now)?;
        if self.clock.doubt.take().is_some() {
            // Who confirmed it stands in the register of alarms.
            if let Err(refusal) = self.acknowledge(now, person, Alarm::ClockDoubtful.code(), &Cause::Here.key())? {
                debug_assert!(refusal == Refusal::NotFound, "{refusal}");
            }
            self.clock_is_good(now)?;
        }
        Ok(Ok(Done::Clock))
    }

    /// The newest time of the city's that is known here: by the hub's acts, or by the registry.
    fn newest_of_the_city(&self) -> Millis {
        let registry = self.registry.written_at(self.registry.version()).unwrap_or_default();
        self.beacon.time.unwrap_or_default().max(registry)
    }

    /// What was left undone meanwhile is looked at.
    fn clock_is_good(&mut self, now: Millis) -> Result<(), Fault> {
        self.alarm_over(now, Alarm::ClockDoubtful, Cause::Here)?;
        self.plan()
    }
}
