//! The finishing term (21, 22): where it begins, what stops it, what prolongs it and what takes its place.

use super::clock::done;
use super::{DueItem, DueKind, Dues, Length, Terms};
use crate::act::RequestKind;
use crate::ids::{ActId, Millis};
use crate::rule::Article;
use crate::ticket::{Assignment, Late, Part, Pause, PauseWhy};

impl Dues<'_> {
    /// The finishing term. It begins at sign-for, but no later than the sign-for was due; it stands still while a hotline
    /// decides on a return or a completion that it then refuses; extensions prolong it; what is sent back has some days at
    /// least; another round has a term of its own; a statutory term takes its place.
    pub(super) fn finish(&self, assignment: &Assignment, sign_for: &DueItem) -> DueItem {
        let (ticket, terms, clock) = (self.ticket, self.terms, &self.clock);
        let (days, article) = finishing(ticket.register.kind, terms);
        let signed = clock.begins(sign_for);
        let another_round = ticket.again_from.filter(|_| ticket.round > 1);
        let start = another_round.unwrap_or(signed);
        let usual = clock.calendar.due(start, days).due;
        let days = days.saturating_add(self.stood_still(assignment, sign_for.start, start, usual));
        let length = Length::WorkingDays(self.extended(assignment, start, days));
        let mut item = clock.item(DueKind::Finish, assignment.unit, start, length, article, done(ticket.reported));
        // Not signed for, it begins where the sign-for is due.
        item.provisional |= another_round.is_none() && sign_for.met_at.is_none() && sign_for.provisional;
        if let (1, Some(sent_back)) = (ticket.round, ticket.again_from) {
            let least = clock.calendar.due(sent_back, terms.rework_wd).due;
            item.due = item.due.max(least);
        }
        if let (Some(outer), true) = (self.outer(assignment), terms.county_handles == 1) {
            (item.due, item.provisional) = (outer.due, item.provisional || outer.provisional);
        }
        if let Some(legal) = assignment.legal {
            (item.due, item.length, item.article) = (legal.due, Length::Until(legal.due), Article(21, 6));
            item.provisional |= !legal.confirmed;
        }
        // Asked for in time, an extension holds until it is decided: the unit is not punished for the hotline's silence.
        item.provisional |= assignment.extension.is_some_and(|asked| self.before(asked.id, asked.at, item.due));
        item.provisional |= self.unsure(asked_of(assignment));
        // Reported in time, what cannot be solved for now is not overdue (21(7)).
        item.provisional |= self.deferred_in_time(signed, item.due);
        item
    }

    fn deferred_in_time(&self, signed: Millis, due: Millis) -> bool {
        let by = self.clock.calendar.due(signed, self.terms.progress_wd).due.min(due);
        self.ticket.deferral.is_some_and(|deferral| self.before(deferral.id, deferral.at, by))
    }

    /// Working days that do not count: those of decisions that the unit could not help waiting for. A return that was
    /// asked for too late was a suggestion, and a deferral that was reported too late an excuse: these stop nothing.
    fn stood_still(&self, assignment: &Assignment, delivered: Millis, start: Millis, due: Millis) -> u32 {
        let return_due = self.clock.calendar.due(delivered, self.terms.return_wd).due;
        let defer_due = self.clock.calendar.due(start, self.terms.progress_wd).due.min(due);
        let counts = |pause: &&Pause| match pause.why {
            PauseWhy::Return => self.before(pause.act, pause.from, return_due),
            PauseWhy::Deferral => self.before(pause.act, pause.from, defer_due),
            PauseWhy::Review => true,
        };
        // What came before the term began, or belongs to an earlier round, took nothing from it.
        let within = |pause: &Pause| self.clock.days_between(pause.from.max(start), pause.to);
        assignment.pauses.iter().filter(counts).map(within).sum()
    }

    /// The term with its extensions. One that was asked for after the due moves nothing; those that no law provides for
    /// come to a most; and a county extends only as far as its own term towards the city reaches.
    fn extended(&self, assignment: &Assignment, start: Millis, days: u32) -> u32 {
        let mut all = days;
        let mut usual = 0;
        let outer = self.outer(assignment).map(|outer| outer.due);
        for extension in &assignment.extensions {
            if !self.before(extension.asked, extension.asked_at, self.clock.calendar.due(start, all).due) {
                continue;
            }
            let mut more = extension.days;
            if !extension.by_law {
                more = more.min(self.terms.extension_max_wd.saturating_sub(usual));
                usual += more;
            }
            while more > 0
                && outer.is_some_and(|outer| self.clock.calendar.due(start, all.saturating_add(more)).due > outer)
            {
                more -= 1;
            }
            all = all.saturating_add(more);
        }
        all
    }

    /// The finishing term towards the city of the county that sent this on.
    fn outer(&self, assignment: &Assignment) -> Option<DueItem> {
        let above = |a: &&Assignment| a.part == Part::Outer && a.unit == assignment.by;
        let outer = self.ticket.in_force().find(above)?;
        Some(self.finish(outer, &self.clock.sign_for(outer)))
    }

    /// Whether something was asked for or reported before a time. While that is in dispute it counts, provisionally.
    fn before(&self, act: ActId, at: Millis, due: Millis) -> bool {
        let late = self.ticket.late.iter().find(|late| late.act == act);
        late.map_or(at < due, |late| self.clock.arrival(late, at).in_time(at, due).unwrap_or(true))
    }

    /// Whether a term hangs on when one of these acts was made, and nobody has decided.
    pub(super) fn unsure(&self, acts: impl IntoIterator<Item = (ActId, Millis)>) -> bool {
        let open = |late: &Late, at| late.decided.is_none() && !self.clock.arrival(late, at).credible;
        acts.into_iter().any(|(act, at)| self.ticket.late.iter().any(|late| late.act == act && open(late, at)))
    }
}

/// What a unit asked for or reported that moves its term, and when.
pub(super) fn asked_of(assignment: &Assignment) -> impl Iterator<Item = (ActId, Millis)> {
    let pauses = assignment.pauses.iter().filter(|pause| pause.why != PauseWhy::Review);
    let extensions = assignment.extensions.iter().map(|extension| (extension.asked, extension.asked_at));
    pauses.map(|pause| (pause.act, pause.from)).chain(extensions)
}

/// Working days from sign-for to the end, by the class of the request. For urgent help the text names no end: the term of
/// other help is taken `[D]`.
const fn finishing(kind: RequestKind, terms: &Terms) -> (u32, Article) {
    match kind {
        RequestKind::Inquiry => (terms.inquiry_wd, Article(21, 2)),
        RequestKind::Help => (terms.help_wd, Article(21, 3)),
        RequestKind::Suggestion => (terms.suggestion_wd, Article(21, 4)),
        RequestKind::Complaint | RequestKind::TipOff => (terms.complaint_wd, Article(21, 5)),
    }
}
