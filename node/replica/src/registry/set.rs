//! Settings as the log sets them: from which version and from which day on each holds.
//!
//! What decides whether an act is lawful, or stands, hangs on the *version* that it names alone, never on a day: so an edition
//! of the rules has none. Times and figures (*counts so*) follow the day: what is set for a day that has not begun when it is
//! written, which its author could see (*unlawful*), holds from there on. Of two that set one number the one counts that
//! holds from later on; of the same day the later entry.

use regulation::calendar::{Calendar, day_begins};
use regulation::rates::Weights;
use regulation::settings::{Group, Settings};
use regulation::{Edition, Millis};

use super::{At, Change, Clash, Duties, Entry, Registry, Set};

/// What an entry has set.
#[derive(Clone, Debug)]
pub(super) struct Entered {
    version: u32,
    /// Since when it holds.
    since: Millis,
    set: Set,
}

/// The settings as of one version: at first those that held when it was written, then those of each day for which others
/// were set.
#[derive(Clone, Debug)]
pub(super) struct Course(Vec<(Millis, Settings)>);

impl Change {
    /// Settings that hold from their entry on: those of a founding, and an edition of the rules.
    #[must_use]
    pub fn settings(values: Vec<(u16, u32)>) -> Self {
        Self::Settings(Set { from: None, values })
    }

    /// The same settings from a day on, as the calendar counts (see [`Set`]).
    #[must_use]
    pub fn from_day(self, day: i32) -> Self {
        match self {
            Self::Settings(set) => Self::Settings(Set { from: Some(day), ..set }),
            other => other,
        }
    }
}

impl Registry {
    /// Whether what an entry sets begins on a day that had not begun when that was written. Two people could else set for
    /// yesterday what decides on the figures of today.
    pub(super) fn in_time(&self, entry: &Entry) -> Result<(), Clash> {
        let brought = match self.brought(&entry.change) {
            Change::Proposed(change) => change,
            change => change,
        };
        let (Change::Settings(Set { from, .. }) | Change::Duties(Duties { from, .. })) = brought else { return Ok(()) };
        match from {
            Some(from) if day_begins(*from).is_some_and(|begins| begins > entry.time) => Ok(()),
            Some(_) => Err(Clash::Begun),
            // Nothing rests yet on what is set first; and an edition holds by its version.
            None if matches!(entry.change, Change::Settings(_)) || brought.edition().is_some() => Ok(()),
            None if matches!(brought, Change::Duties(_)) && self.no_duties() => Ok(()),
            None => Err(Clash::Undated),
        }
    }

    pub(super) fn take_settings(&mut self, version: u32, time: Millis, set: &Set) {
        for (number, _) in &set.values {
            self.set_at.entry(*number).or_default().push((version, ()));
        }
        self.entered.push(Entered { version, since: set.begins().unwrap_or(time), set: set.clone() });
        self.entered.sort_by_key(|entered| (entered.since, entered.version));
        let mut course = Course(vec![(Millis::MIN, Settings::USUAL)]);
        for Entered { since, set, .. } in &self.entered {
            let mut settings = course.0.last().map_or(Settings::USUAL, |(_, last)| *last);
            set.values.iter().for_each(|(number, value)| settings.set(*number, *value));
            // What has no day holds by its version, whatever the clock of its writer said.
            let later = set.from.is_some() && *since > time;
            match course.0.last_mut() {
                Some(first) if !later => first.1 = settings,
                _ => course.0.push((*since, settings)),
            }
        }
        self.settings.push((version, course));
    }
}

impl<'r> At<'r> {
    /// The same at that time, of which settings hang: without it, when the version was written.
    #[must_use]
    pub fn on(self, time: Millis) -> Self {
        Self { time: Some(time), ..self }
    }

    /// At which time, see [`Self::on`].
    #[must_use]
    pub fn time(&self) -> Millis {
        self.time.unwrap_or_else(|| self.written_at())
    }

    /// The settings that hold at that time, as far as this version knows: the usual ones where nobody set them.
    #[must_use]
    pub fn settings(&self) -> &'r Settings {
        let course = self.pick(&self.registry.settings).map_or(&[][..], |course| &course.0);
        let time = self.time();
        let holds = course.iter().rev().find(|(since, _)| *since <= time);
        holds.map_or(&Settings::USUAL, |(_, settings)| settings)
    }

    /// The edition of the rules that holds: of this version, whatever the time.
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.settings().edition()
    }

    /// How much each rate counts, and the version that set it; the usual weights and 0 where none did.
    #[must_use]
    pub fn weights(&self) -> (u32, Weights) {
        let of_weights = |set: &Set| set.values.iter().any(|(number, _)| Group::of(*number) == Group::Weights);
        let set = self.entered().filter(|entered| of_weights(&entered.set)).last();
        (set.map_or(0, |entered| entered.version), self.settings().weights())
    }

    /// The version that set a setting as it is, and since when it holds; none if nobody set it.
    #[must_use]
    pub fn set_since(&self, number: u16) -> Option<(u32, Millis)> {
        let set = self.entered().filter(|entered| entered.set.says(number)).last()?;
        Some((set.version, set.since))
    }

    /// What is set for a day that comes later than this time, soonest first: since when, which setting and its value.
    pub fn planned(&self) -> impl Iterator<Item = (Millis, u16, u32)> + use<'r> {
        let (version, time) = (self.version, self.time());
        let later =
            self.registry.entered.iter().filter(move |entered| {
                entered.version <= version && entered.set.from.is_some() && entered.since > time
            });
        later.flat_map(|entered| entered.set.values.iter().map(|(number, value)| (entered.since, *number, *value)))
    }

    /// What was set so far, in the order in which it came to hold.
    fn entered(&self) -> impl Iterator<Item = &'r Entered> + use<'r> {
        let (version, time) = (self.version, self.time());
        let known = self.registry.entered.iter().filter(move |entered| entered.version <= version);
        known.filter(move |entered| entered.set.from.is_none() || entered.since <= time)
    }

    /// The calendar and the settings as they changed from version `since` on, oldest first, those to come last; at first those
    /// of `since`, or the first that had a calendar.
    #[must_use]
    pub fn rules_since(&self, since: u32) -> Vec<(Self, &'r Calendar)> {
        let registry = self.registry;
        let changed = registry.calendar.iter().map(|(v, _)| *v).chain(registry.settings.iter().map(|(v, _)| *v));
        let later: std::collections::BTreeSet<u32> = changed.filter(|v| *v > since && *v <= self.version).collect();
        let mut versions = vec![since.min(self.version)];
        versions.extend(later);
        let mut all = Vec::new();
        for (place, version) in versions.iter().enumerate() {
            let at = Self { registry, version: *version, time: None };
            // What was set for a day before the next of these versions was written came to hold in between.
            let until = versions.get(place + 1).and_then(|next| registry.written_at(*next)).unwrap_or(Millis::MAX);
            let days = self.pick_of(&registry.settings, *version).map_or(&[][..], |course| &course.0);
            let days = days.iter().map(|(day, _)| *day).filter(|day| *day > at.written_at() && *day < until);
            all.push(at);
            all.extend(days.map(|day| at.on(day)));
        }
        all.into_iter().filter_map(|at| Some((at, at.calendar()?))).collect()
    }

    fn pick_of<T>(&self, dated: &'r [(u32, T)], version: u32) -> Option<&'r T> {
        Self { version, ..*self }.pick(dated)
    }
}
