//! When a ground of supervision has arisen (25), so that a hotline's node raises it by itself.
//!
//! A ground is more than a date that has passed: what has not reached the unit, what waits for somebody else's decision,
//! what was reported in time as not to be solved for now, and what is in dispute is no 拒不签收 and no 无正当理由.

use crate::act::{SuperviseGround, SuperviseLevel};
use crate::calendar::Calendar;
use crate::ids::{ActId, Millis, UnitId};
use crate::terms::{DueItem, DueKind, DueVerdict, Terms};
use crate::ticket::{Assignment, Part, Supervision, Ticket, TicketState};

/// A supervision to be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ground {
    /// The dispatch that it answers.
    pub dispatch: ActId,
    /// Its grade.
    pub level: SuperviseLevel,
    /// The item of article 25.
    pub ground: SuperviseGround,
}

/// What the hotline `by` has to raise now and has not raised yet in this round: the highest grade of each ground. `items`
/// are the dues of the ticket, under the rules that hold for it.
#[must_use]
pub fn grounds(
    ticket: &Ticket,
    items: &[DueItem],
    by: UnitId,
    calendar: &Calendar,
    terms: &Terms,
    now: Millis,
) -> Vec<Ground> {
    // Whoever has asked the government or a superior for help waits for it with reason (20, 25(2)), as long as the answer is not
    // due: their silence is none for ever. A return that waits for its decision excuses by what is due alone: one that was asked
    // for too late, or once more, excuses nothing (18).
    let waits = |item: &DueItem| item.what == DueKind::Opinion && now < item.due;
    let excused = ticket.escalation.is_some() && items.iter().any(waits);
    let mut grounds = Vec::new();
    for assignment in dispatched_by(ticket, by) {
        let ground = |(ground, level)| Ground { dispatch: assignment.dispatch, level, ground };
        let late = items.iter().filter(|item| item.unit == assignment.unit).filter_map(|item| {
            let grade = grade(&item.at(now), excused, calendar, terms, now)?;
            Some((
                if item.what == DueKind::SignFor { SuperviseGround::NotSignedFor } else { SuperviseGround::Overdue },
                grade,
            ))
        });
        let repeated = repeated(ticket, terms).filter(|_| working(ticket));
        let repeated = repeated.map(|level| (SuperviseGround::Repeated, level));
        grounds.extend(late.chain(repeated).map(ground));
    }
    // Of two grades on one ground the higher one counts.
    grounds.sort_by_key(|ground| (ground.dispatch, ground.ground, std::cmp::Reverse(ground.level)));
    grounds.dedup_by_key(|ground| (ground.dispatch, ground.ground));
    grounds.retain(|ground| !raised(ticket, ground));
    grounds
}

/// The next time after `now` at which the hotline `by` may have something to raise, if nothing else happens.
#[must_use]
pub fn next(
    ticket: &Ticket,
    items: &[DueItem],
    by: UnitId,
    calendar: &Calendar,
    terms: &Terms,
    now: Millis,
) -> Option<Millis> {
    let units: Vec<UnitId> = dispatched_by(ticket, by).map(|assignment| assignment.unit).collect();
    let open = items.iter().filter(|item| item.met_at.is_none() && units.contains(&item.unit));
    let times = open.filter(|item| watched(item)).flat_map(|item| {
        let at_last = item.at(Millis::MAX);
        let until = item.undecided.map_or(item.due, |undecided| undecided.until);
        [item.due, special(item, calendar, terms), until, at_last.due, special(&at_last, calendar, terms)]
    });
    // What a superior or government does not say excuses until it should have.
    let opinion = items.iter().filter(|item| item.what == DueKind::Opinion && !units.is_empty()).map(|item| item.due);
    times.chain(opinion).filter(|at| *at > now).min()
}

fn dispatched_by(ticket: &Ticket, by: UnitId) -> impl Iterator<Item = &Assignment> {
    // A county decides on what it sent on when the unit is done, too.
    let goes_on =
        move |a: &Assignment| working(ticket) || ticket.state == TicketState::AwaitingClosure && a.part == Part::Outer;
    let theirs =
        move |a: &&Assignment| a.closed_by.is_none() && ticket.decider(a.by) == by && a.part != Part::Assisting;
    ticket.assignments.iter().filter(theirs).filter(move |a| goes_on(a))
}

const fn working(ticket: &Ticket) -> bool {
    matches!(ticket.state, TicketState::AwaitingSignFor | TicketState::InProgress)
}

/// What a unit with a part must do by a time; of a county that sent the ticket on also what it must decide: its silence is
/// its own delay, and nobody else's.
const fn watched(item: &DueItem) -> bool {
    matches!(
        item.what,
        DueKind::SignFor
            | DueKind::Finish
            | DueKind::Urgent
            | DueKind::Rework
            | DueKind::ReturnReview
            | DueKind::ExtensionReview
            | DueKind::TimeReview
            | DueKind::Closure
    )
}

/// The third grade begins some working days after the due.
fn special(item: &DueItem, calendar: &Calendar, terms: &Terms) -> Millis {
    calendar.due(item.due.saturating_sub(1), terms.special_wd).due
}

fn grade(item: &DueItem, excused: bool, calendar: &Calendar, terms: &Terms, now: Millis) -> Option<SuperviseLevel> {
    let overdue = watched(item) && item.met_at.is_none() && item.verdict(now, terms) == DueVerdict::Overdue;
    match item.what {
        _ if !overdue || excused => None,
        DueKind::SignFor => Some(SuperviseLevel::Urge),
        _ if now >= special(item, calendar, terms) => Some(SuperviseLevel::Special),
        _ => Some(SuperviseLevel::Supervise),
    }
}

/// 多次、集中反映未解决 (25(3)).
fn repeated(ticket: &Ticket, terms: &Terms) -> Option<SuperviseLevel> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let dissatisfied_twice = ticket.round > 2;
    let many =
        u32::from(ticket.register.times) >= terms.times_max || count(ticket.joined.len() + 1) >= terms.joined_max;
    if many || dissatisfied_twice {
        Some(SuperviseLevel::Supervise)
    } else {
        (ticket.urges >= terms.urges_max).then_some(SuperviseLevel::Urge)
    }
}

fn raised(ticket: &Ticket, ground: &Ground) -> bool {
    // What the requester raised again and again is raised once, whoever has the ticket: it adds up over all of them.
    let repeated = ground.ground == SuperviseGround::Repeated;
    let same = |s: &Supervision| {
        let of = repeated || s.dispatch == ground.dispatch;
        of && !s.annulled && s.round == ticket.round && s.ground == ground.ground && s.level >= ground.level
    };
    ticket.supervisions.iter().any(same)
}
