//! Days that go by: terms end, delays are seen, units are urged.

use kernel::read;
use regulation::ActKind;

use super::{Sim, text};
use crate::city;

/// How long nothing happens at once, at most: from one afternoon until the next but one.
const PAUSE_MS_MAX: usize = 48 * 3_600_000;

impl Sim {
    /// Nothing happens for hours, except that nodes which run look at their clocks in between.
    pub(super) fn pause(&mut self) -> Result<(), String> {
        let pause = i64::try_from(self.dice.below(PAUSE_MS_MAX)).unwrap_or_default();
        let looks = 1 + self.dice.below(4);
        for _ in 0..looks {
            self.now += pause / i64::try_from(looks).unwrap_or(1);
            self.tick_one()?;
        }
        Ok(())
    }

    /// What the days before the calm have brought about.
    pub(super) fn count_days(&mut self) -> Result<(), String> {
        self.run.days = usize::try_from((self.now - city::MONDAY_NOON) / 86_400_000).unwrap_or_default();
        let Some(hub) = &self.nodes[0].kernel else { return Ok(()) };
        let late = hub.store().overdue_figure(None, self.now).map_err(text)?;
        self.run.late = usize::try_from(late).unwrap_or_default();
        for doc in read::docs(hub.store()).map_err(text)? {
            let history = read::history(hub.store(), hub.registry(), doc).map_err(text)?;
            let urged =
                |node: &&replica::Node| node.act.person.is_none() && node.fact.body.kind() == ActKind::Supervise;
            self.run.urged += history.nodes().iter().filter(urged).count();
        }
        Ok(())
    }
}
