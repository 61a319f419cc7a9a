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
        let mut in_time_of = Vec::new();
        for fact in self.acts {
            let Some((due, by)) = self.asked_of(fact, scored) else { continue };
            let settles = |later: &&Fact| self.settles(fact, later);
            let decided =
                self.after(fact.id).filter(settles).map(|later| self.seen(later)).chain(self.decided(fact)).min();
            // What nobody waits for any more before it was due never came due.
            if decided.is_none() && self.moot(fact).is_some_and(|at| at < due) {
                continue;
            }
            let in_time = decided.is_some_and(|at| at < due);
            // Asked the same again and again, and refused at once, it is one; each that is late counts.
            let same = (fact.body.kind(), fact.author.unit, fact.answers);
            if in_time && in_time_of.contains(&same) {
                continue;
            }
            in_time_of.extend(in_time.then_some(same));
            let tally = Tally { reviews_due: 1, reviewed_in_time: i64::from(in_time), ..Tally::default() };
            scored.adds(by, due.saturating_sub(1), tally);
        }
    }

    /// The first moment that is too late for the decision, and whose it is; `None` if nobody has to decide.
    fn asked_of(&self, fact: &Fact, scored: &Scored<'_>) -> Option<(Millis, UnitId)> {
        let (ticket, terms) = (self.ticket, scored.terms);
        let asked = (fact.id, self.seen(fact));
        let days = |days| terms::due_after(ticket, asked, days, scored.calendar, terms);
        let city = ticket.taken_in.map(|taken_in| taken_in.unit);
        let hotline = || Some(ticket.decider(self.part_under(fact)?.by));
        Some(match fact.body {
            // Of urgent help at once, on any day (18, 21(3)).
            Body::ReturnRequest { .. } if ticket.urgent_at(asked.1) => {
                (terms::urgent_return_due(ticket, asked, scored.calendar, terms), hotline()?)
            }
            Body::ReturnRequest { .. } | Body::Complete { .. } => (days(terms.review_wd), hotline()?),
            Body::ExtendRequest { of_city, .. } => {
                (days(terms.review_wd), hotline().and_then(|by| if of_city { city } else { Some(by) })?)
            }
            Body::Progress { legal_due: Some(_), .. } => (days(terms.time_review_wd), hotline()?),
            Body::Defer => (days(terms.defer_review_wd), city?),
            Body::Appeal => (days(terms.appeal_review_wd), city?),
            _ => return None,
        })
    }

    /// When something was done, as the city hub witnessed it: whoever decides does not date it back.
    fn seen(&self, fact: &Fact) -> Millis {
        let late = self.ticket.late.iter().find(|late| late.act == fact.id);
        late.map_or_else(|| fact.when(), |late| late.counts(fact.when()))
    }

    /// When an appeal was decided: by the second of two people.
    fn decided(&self, asked: &Fact) -> Option<Millis> {
        let appeal = self.ticket.appeals.iter().find(|appeal| appeal.id == asked.id)?;
        self.fact(appeal.decided?.0).map(|second| self.seen(second))
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
                    | ActKind::DeferApprove
                    | ActKind::DeferRelease
            );
        // Who takes it back, or gives it to another, while a return is asked for decides on that.
        let taken = matches!(asked.body, Body::ReturnRequest { .. })
            && self.part_under(asked).is_some_and(|part| part.closed_by == Some(later.id));
        answers || taken
    }

    /// When nobody had to decide on it any more, without anybody having done so.
    fn moot(&self, asked: &Fact) -> Option<Millis> {
        let ends = |later: &&Fact| {
            // What was found of a closure is decided on, whoever has the ticket since.
            if asked.body == Body::Appeal {
                return false;
            }
            let taken = self.part_under(asked).is_some_and(|part| part.closed_by == Some(later.id));
            let over = match asked.body {
                Body::ReturnRequest { .. } => {
                    matches!(later.body.kind(), ActKind::Complete | ActKind::ConfirmClosure)
                }
                // What came to an end, or begins anew, waits no more.
                Body::Defer => matches!(
                    later.body.kind(),
                    ActKind::ConfirmClosure | ActKind::Remedy | ActKind::Recall | ActKind::Redispatch
                ),
                _ => false,
            };
            taken || over || self.ticket.answer == Some(later.id)
        };
        self.after(asked.id).filter(ends).map(|later| self.seen(later)).min()
    }
}
