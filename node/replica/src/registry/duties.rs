//! The duty list (职责清单, 17 and 18): whose duty is what, and by which text. Returns and refusals quote it by number.
//!
//! Whether an act may quote an entry hangs on the *version* that it names alone: the entry is there, or it is not
//! (*unlawful*). From which day on it says what is shown to people and asked of forms; a judgement never looks at it.
//! A number is of one holder for ever, and one that was retired is never given again: what was quoted can be read.

use std::collections::BTreeMap;

use regulation::{DutyId, Millis, UnitId};

use super::duty::{DUTY_BASIS_CHARS_MAX, DUTY_TEXT_CHARS_MAX, Duties, Duty, Holder};
use super::{At, Change, Clash, Registry, UnitKind};
use crate::characters::one_line;

/// What an entry of the log has stated of a number.
#[derive(Clone, Debug)]
struct Stated {
    version: u32,
    /// Since when it holds.
    since: Millis,
    duty: Option<Duty>,
}

/// The duty list in all its versions.
#[derive(Clone, Debug, Default)]
pub(super) struct DutyList(BTreeMap<DutyId, Vec<Stated>>);

impl Registry {
    /// Whether that can be stated of the duty list.
    pub(super) fn duties_fit(&self, duties: &Duties) -> Result<(), Clash> {
        if duties.entries.is_empty() {
            return Err(Clash::DutyNone);
        }
        for (id, duty) in &duties.entries {
            let known = self.duties.0.get(id).and_then(|stated| stated.last());
            match (known, duty) {
                (None, None) => return Err(Clash::NoSuchDuty(id.0)),
                (Some(Stated { duty: None, .. }), _) => return Err(Clash::DutyRetired(id.0)),
                (Some(Stated { duty: Some(before), .. }), Some(after)) if before.holder != after.holder => {
                    return Err(Clash::DutyHolder(id.0));
                }
                _ => {}
            }
            let Some(duty) = duty else { continue };
            let worded = one_line(&duty.text, DUTY_TEXT_CHARS_MAX) && one_line(&duty.basis, DUTY_BASIS_CHARS_MAX);
            if id.0 == 0 || !worded {
                return Err(Clash::DutyWords(id.0));
            }
            match duty.holder {
                Holder::Unit(unit) if !self.units.contains_key(&unit) => return Err(Clash::NoSuchUnit),
                Holder::Kind(UnitKind::Other(_)) => return Err(Clash::DutyWords(id.0)),
                _ => {}
            }
            let named = |code: &String| self.now().categories().iter().any(|(known, _)| known == code);
            if duty.category.as_ref().is_some_and(|code| !named(code)) {
                return Err(Clash::DutyCategory(id.0));
            }
        }
        Ok(())
    }

    pub(super) fn take_duties(&mut self, version: u32, time: Millis, duties: &Duties) {
        let since = duties.begins().unwrap_or(time);
        for (id, duty) in &duties.entries {
            let stated = self.duties.0.entry(*id).or_default();
            stated.push(Stated { version, since, duty: duty.clone() });
        }
    }

    /// The newest version that stated one of these entries.
    pub(super) fn duties_touched(&self, duties: &Duties) -> u32 {
        let stated = duties.entries.iter().filter_map(|(id, _)| self.duties.0.get(id)?.last());
        stated.map(|stated| stated.version).max().unwrap_or_default()
    }

    /// Whether nothing was ever stated of the duty list: then nothing rests on it yet.
    #[must_use]
    pub fn no_duties(&self) -> bool {
        self.duties.0.is_empty()
    }
}

impl<'r> At<'r> {
    /// Whether this version has an entry of that number, whatever the day: also one that was retired.
    #[must_use]
    pub fn has_duty(&self, id: DutyId) -> bool {
        self.stated(id).next().is_some()
    }

    /// What the entry of that number says at this time, and since when. What begins later, or was retired by then, says
    /// nothing.
    #[must_use]
    pub fn duty(&self, id: DutyId) -> Option<(Millis, &'r Duty)> {
        let time = self.time();
        let held =
            self.stated(id).filter(|stated| stated.since <= time).max_by_key(|stated| (stated.since, stated.version));
        held.and_then(|stated| Some((stated.since, stated.duty.as_ref()?)))
    }

    /// Every entry that holds at this time, by its number, and since when.
    pub fn duties(&self) -> impl Iterator<Item = (DutyId, Millis, &'r Duty)> + use<'r> {
        let at = *self;
        at.registry.duties.0.keys().filter_map(move |id| at.duty(*id).map(|(since, duty)| (*id, since, duty)))
    }

    /// What is stated for days that come later than this time, soonest first: since when, of which number, what.
    #[must_use]
    pub fn duties_planned(&self) -> Vec<(Millis, DutyId, Option<&'r Duty>)> {
        let (at, time) = (*self, self.time());
        let of = |id: &DutyId| -> Vec<_> {
            let later = at.stated(*id).filter(|stated| stated.since > time);
            later.map(|stated| (stated.since, *id, stated.duty.as_ref())).collect()
        };
        let mut planned: Vec<_> = at.registry.duties.0.keys().flat_map(of).collect();
        planned.sort_by_key(|(since, id, _)| (*since, *id));
        planned
    }

    /// The entry as an act that named that version quoted it at that time; what was to hold later, or what held last, where
    /// nothing did then.
    #[must_use]
    pub fn duty_quoted(&self, id: DutyId, version: u32, time: Millis) -> Option<&'r Duty> {
        let then = Self { version: version.min(self.version), time: Some(time), ..*self };
        then.duty(id).map(|(_, duty)| duty).or_else(|| then.stated(id).filter_map(|stated| stated.duty.as_ref()).last())
    }

    /// Whether a duty is that of a unit: its own, or one of all of its kind.
    #[must_use]
    pub fn holds_duty(&self, unit: UnitId, id: DutyId) -> bool {
        // A number is of one holder for ever.
        let holder = self.stated(id).find_map(|stated| stated.duty.as_ref()).map(|duty| duty.holder);
        match holder {
            Some(Holder::Unit(of)) => of == unit,
            Some(Holder::Kind(kind)) => self.unit(unit).is_some_and(|known| known.kind == kind),
            None => false,
        }
    }

    fn stated(&self, id: DutyId) -> impl Iterator<Item = &'r Stated> + use<'r> {
        let version = self.version;
        let stated = self.registry.duties.0.get(&id).map_or(&[][..], Vec::as_slice);
        stated.iter().filter(move |stated| stated.version <= version)
    }
}

impl Change {
    /// Entries of the duty list from a day on, by their numbers; nothing where one is retired.
    #[must_use]
    pub fn duties(from: Option<i32>, entries: impl IntoIterator<Item = (DutyId, Option<Duty>)>) -> Self {
        let entries: BTreeMap<DutyId, Option<Duty>> = entries.into_iter().collect();
        Self::Duties(Duties { from, entries: entries.into_iter().collect() })
    }
}
