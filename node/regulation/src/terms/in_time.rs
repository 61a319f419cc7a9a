//! Whether something was in time, and when whoever says nothing has refused it.

use super::Dues;
use crate::ids::{ActId, Millis};

impl Dues<'_> {
    /// The last moment at which whoever decides on something can do so in time. Who says nothing has refused it then: that gains
    /// nobody anything, and the delay is his own.
    pub(super) fn refused_at(&self, act: ActId, asked_at: Millis, days: u32) -> Millis {
        self.clock.calendar.due(self.clock.heard(act, asked_at), days).due.saturating_sub(1)
    }

    /// Whether something was asked for or reported before a time. While that is in dispute it counts, until whoever decides should
    /// have: see [`Self::finish`].
    pub(super) fn before(&self, act: ActId, at: Millis, due: Millis) -> bool {
        let late = self.ticket.late.iter().find(|late| late.act == act);
        late.map_or(at < due, |late| self.clock.arrival(late, at).in_time(at, due).unwrap_or(self.clock.believes))
    }
}
