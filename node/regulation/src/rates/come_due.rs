//! What came due, in the period in which it did: whoever does not move is late in it all the same, and nothing that is done
//! afterwards changes that.

use super::closed::Closed;
use super::item::Scored;
use super::{Life, Past, Tally};
use crate::calendar::{local_day, month_ends, month_of_day};
use crate::ids::Millis;
use crate::terms::{self, DueItem, DueKind, DueVerdict};
use crate::ticket::{Assignment, Part, Ticket};

/// How something that came due stood.
struct Came {
    /// The last moment in which it could be done.
    at: Millis,
    in_time: bool,
    /// Neither in time nor late, as far as is known: what is in dispute is late until it is decided.
    open: bool,
    /// Not done when its month was over.
    left: bool,
}

impl Life<'_> {
    /// Sign-for and finishing terms of a part, by each stretch of it: rounds that are over, until it was taken away or ended, and
    /// as it stands. What two people let go, or an appeal upheld takes out, came due for nothing: that of the round which it is of,
    /// and the sign-for with the first one, under whichever dispatch to the unit it was.
    pub(super) fn come_due(&self, part: &Assignment, closed: &[Closed<'_>], scored: &mut Scored<'_>) {
        let same = |own: &Assignment| (own.dispatch, own.unit) == (part.dispatch, part.unit);
        let line = self.line(part);
        let goes_on = |own: &&Assignment| own.unit == part.unit && line.contains(&own.dispatch);
        let out = |round: &Closed<'_>, scored: &Scored<'_>| {
            let own = round.ticket.in_force().find(goes_on);
            own.is_some_and(|own| self.left_out(round, own, scored).is_some())
        };
        let first = closed.iter().find(|round| round.ticket.in_force().any(|own| goes_on(&own)));
        let signs = first.is_none_or(|round| !out(round, scored));
        let ends_it = |ticket: &Ticket, scored: &Scored<'_>| {
            let of = |round: &&Closed<'_>| match ticket.closure {
                Some((closure, _)) => round.act == closure,
                // Taken away, and found closed where it went on.
                None => round.ticket.round == ticket.round,
            };
            !closed.iter().filter(of).any(|round| out(round, scored))
        };
        for past in self.past {
            let Some(then) = past.ticket.in_force().find(|own| same(own)) else { continue };
            let ends = self.ends(past, part);
            if ends && signs {
                self.sign_for(then, &past.dues, Some(past.at), scored);
            }
            if (ends || past.ticket.closure.is_some()) && ends_it(&past.ticket, scored) {
                self.finishing(then, &past.dues, Some((&past.ticket, past.at)), scored);
            }
        }
        if part.closed_by.is_none() && !self.ticket.ended() {
            if signs {
                self.sign_for(part, self.dues, None, scored);
            }
            if ends_it(self.ticket, scored) {
                self.finishing(part, self.dues, None, scored);
            }
        }
    }

    /// Whether a part was over with that act, not only a round of it.
    fn ends(&self, past: &Past, part: &Assignment) -> bool {
        part.closed_by == Some(past.by) || self.ticket.answer == Some(past.by)
    }

    fn sign_for(&self, part: &Assignment, dues: &[DueItem], until: Option<Millis>, scored: &mut Scored<'_>) {
        let Some(item) = due(part, dues, DueKind::SignFor) else { return };
        // To ask to return it is to have it (18).
        let asked = part.return_asked.map(|(_, at)| at).filter(|at| *at < item.due && item.met_at.is_none());
        let item =
            DueItem { met_at: item.met_at.or(asked), provisional: item.provisional && asked.is_none(), ..item.clone() };
        // What was signed for before it was taken away, or late by then, was counted then.
        let before = |resumed: crate::ticket::Resumed| {
            item.met_at.map_or(item.due <= resumed.away_from, |at| at <= resumed.away_from)
        };
        if part.resumed.is_some_and(before) {
            return;
        }
        let Some(came) = came(&item, until, scored) else { return };
        let tally = Tally {
            sign_for_due: 1,
            signed_in_time: i64::from(came.in_time),
            sign_for_open: i64::from(came.open),
            left_unsigned: i64::from(came.left),
            ..Tally::default()
        };
        scored.adds(part.unit, came.at, tally);
    }

    fn finishing(
        &self,
        part: &Assignment,
        dues: &[DueItem],
        until: Option<(&Ticket, Millis)>,
        scored: &mut Scored<'_>,
    ) {
        // A return that was asked for in time and agreed to in time is no delay of whoever asked.
        let in_time = |(then, at): (&Ticket, Millis)| terms::returned(then, part, at, scored.calendar, scored.terms);
        let returned = self.given_away(part) && until.is_some_and(in_time);
        if returned {
            return;
        }
        let until = until.map(|(_, at)| at);
        let before = |item: &DueItem| part.resumed.is_some_and(|resumed| item.due <= resumed.away_from);
        // Its own, and that of each ticket that joined: a merge takes away nothing that comes due (16).
        for item in all_due(part, dues, DueKind::Finish).filter(|item| !before(item)) {
            let Some(came) = came(item, until, scored) else { continue };
            let tally = Tally {
                finish_due: 1,
                finished_in_time: i64::from(came.in_time),
                finish_open: i64::from(came.open),
                left_open: i64::from(came.left),
                ..Tally::default()
            };
            scored.adds(part.unit, came.at, tally);
        }
    }

    /// Whether the ticket was taken from a part, and by a hotline rather than by its end.
    fn given_away(&self, part: &Assignment) -> bool {
        let same = |own: &&Assignment| (own.dispatch, own.unit) == (part.dispatch, part.unit);
        let closer = self.ticket.assignments.iter().find(same).and_then(|own| own.closed_by);
        closer.is_some_and(|id| self.ticket.merged.is_none_or(|merged| merged.id != id))
    }
}

/// What of that sort is due of a part that leads or has sent the ticket on.
fn due<'d>(part: &Assignment, dues: &'d [DueItem], what: DueKind) -> Option<&'d DueItem> {
    all_due(part, dues, what).next()
}

fn all_due<'d>(part: &Assignment, dues: &'d [DueItem], what: DueKind) -> impl Iterator<Item = &'d DueItem> + use<'d> {
    let (unit, has) = (part.unit, part.part != Part::Assisting);
    dues.iter().filter(move |item| has && item.what == what && item.unit == unit)
}

/// How it stood, if it came to that: what was not done when the part was over before it was due never came due.
fn came(item: &DueItem, until: Option<Millis>, scored: &Scored<'_>) -> Option<Came> {
    // Nobody is neither in time nor late for ever by that nobody decides.
    let item = item.at(Millis::MAX);
    if item.met_at.is_none() && until.is_some_and(|until| until < item.due) {
        return None;
    }
    let at = item.due.saturating_sub(1);
    let verdict = item.verdict(Millis::MAX, scored.terms);
    let open = matches!(verdict, DueVerdict::Provisional | DueVerdict::Disputed);
    let month_over = month_ends(month_of_day(local_day(at)));
    let done = item.done_at();
    Some(Came {
        at,
        in_time: item.met_at.is_some() && verdict == DueVerdict::Normal,
        open,
        left: !open && done.is_none_or(|done| done >= month_over),
    })
}
