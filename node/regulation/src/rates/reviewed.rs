//! What a hotline had to decide on: its own hop, for which nobody below it answers.

use super::item::Scored;
use super::{Life, Tally};
use crate::act::Body;
use crate::fact::Fact;
use crate::ids::{Millis, UnitId};
use crate::kind::ActKind;
use crate::terms;
use crate::ticket::Assignment;

impl Life<'_> {
    /// Every request and report on which a hotline decides, by when its decision was due.
    pub(super) fn reviewed(&self, scored: &mut Scored<'_>) {
        for fact in self.acts {
            let Some((days, by)) = self.asked_of(fact, scored) else { continue };
            let due = terms::due_after(self.ticket, (fact.id, fact.when()), days, scored.calendar, scored.terms);
            let decided = self.after(fact.id).filter(|later| self.settles(fact, later)).map(Fact::when).min();
            // What nobody waits for any more before it was due never came due.
            if decided.is_none() && self.moot(fact).is_some_and(|at| at < due) {
                continue;
            }
            let in_time = i64::from(decided.is_some_and(|at| at < due));
            let tally = Tally { reviews_due: 1, reviewed_in_time: in_time, ..Tally::default() };
            scored.adds(by, due.saturating_sub(1), tally);
        }
    }

    /// In how many working days who has to decide on it; `None` if nobody has.
    fn asked_of(&self, fact: &Fact, scored: &Scored<'_>) -> Option<(u32, UnitId)> {
        let terms = scored.terms;
        let days = match fact.body {
            Body::ReturnRequest { .. } | Body::ExtendRequest { .. } | Body::Complete { .. } => terms.review_wd,
            Body::Progress { legal_due: Some(_), .. } => terms.time_review_wd,
            _ => return None,
        };
        Some((days, self.ticket.decider(self.part_under(fact)?.by)))
    }

    /// The part under which a unit did something.
    fn part_under(&self, fact: &Fact) -> Option<&Assignment> {
        let of = |own: &&Assignment| Some(own.dispatch) == fact.answers && own.unit == fact.author.unit;
        self.ticket.assignments.iter().find(of)
    }

    /// Whether the one decides on the other.
    fn settles(&self, asked: &Fact, later: &Fact) -> bool {
        let answers = later.answers == Some(asked.id)
            && matches!(
                later.body.kind(),
                ActKind::ReturnApprove
                    | ActKind::ReturnDeny
                    | ActKind::ExtendApprove
                    | ActKind::ExtendDeny
                    | ActKind::ConfirmClosure
                    | ActKind::SendBack
                    | ActKind::DecideTime
            );
        // Who takes it back, or gives it to another, while a return is asked for decides on that.
        let taken = matches!(asked.body, Body::ReturnRequest { .. })
            && self.part_under(asked).is_some_and(|part| part.closed_by == Some(later.id));
        answers || taken
    }

    /// When nobody had to decide on it any more, without anybody having done so.
    fn moot(&self, asked: &Fact) -> Option<Millis> {
        let ends = |later: &&Fact| {
            let taken = self.part_under(asked).is_some_and(|part| part.closed_by == Some(later.id));
            let done = matches!(asked.body, Body::ReturnRequest { .. })
                && matches!(later.body.kind(), ActKind::Complete | ActKind::ConfirmClosure);
            taken || done || self.ticket.answer == Some(later.id)
        };
        self.after(asked.id).filter(ends).map(Fact::when).min()
    }
}
