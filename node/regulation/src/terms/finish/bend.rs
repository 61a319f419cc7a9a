//! What bends a finishing term (21, 22): what it stands still for, what is granted, and what nobody decides on in his time.

use super::Dues;
use crate::calendar::{Calendar, Due};
use crate::ids::{ActId, Millis};
use crate::ticket::{Agreed, Assignment, Deferral, Extension, Pause, PauseWhy};

/// Where the finishing term ends.
pub(super) struct Bent {
    /// Working days that it is long in all.
    pub(super) days: u32,
    /// Its end.
    pub(super) end: Millis,
    /// Some year of it has no notice yet.
    pub(super) provisional: bool,
}

impl Bent {
    /// Moves the end on by working days.
    fn move_on(&mut self, calendar: &Calendar, days: u32) {
        let Due { due, provisional, .. } = calendar.due(self.end.saturating_sub(1), days);
        (self.end, self.days) = (due, self.days.saturating_add(days));
        self.provisional |= provisional;
    }

    /// The same, where some day passed: a term that ends within a day stays as it is else.
    pub(super) fn still(&mut self, calendar: &Calendar, days: u32) {
        if days > 0 {
            self.move_on(calendar, days);
        }
    }

    /// It ends no earlier than so many working days after something.
    fn no_earlier(&mut self, calendar: &Calendar, after: Millis, days: u32) {
        let Due { due, provisional, .. } = calendar.due(after, days);
        self.end = self.end.max(due);
        self.provisional |= provisional;
    }
}

/// Something that moves the end of a term.
enum Bend<'t> {
    Pause(&'t Pause),
    Extension(&'t Extension),
    /// It was asked for, and is refused at a time at the latest: silence is no answer.
    Asked(ActId, Millis, Millis),
    /// A return that nobody has decided on, until then.
    Waits(ActId, Millis, Millis),
    /// What was reported, and what the city agreed to wait for, until then.
    Agreed((ActId, Millis), Agreed, Millis),
}

impl Bend<'_> {
    /// The act that it began with, and when.
    const fn began(&self) -> (ActId, Millis) {
        match self {
            Self::Pause(pause) => (pause.act, pause.from),
            Self::Extension(extension) => (extension.asked, extension.asked_at),
            Self::Asked(act, from, _) | Self::Waits(act, from, _) => (*act, *from),
            Self::Agreed(_, Agreed { by, at, renewed: true, .. }, _) => (*by, *at),
            Self::Agreed(reported, ..) => *reported,
        }
    }
}

/// A term while what moves it is counted.
struct Bending<'d> {
    dues: &'d Dues<'d>,
    assignment: &'d Assignment,
    bent: Bent,
    /// Until when what it stood still for is counted.
    counted: Millis,
    /// Working days that were granted, and those of them that a law provides for.
    granted: u32,
    by_law: u32,
    /// The unit had its days for a decision that did not come in time.
    waited: bool,
}

/// What a bend comes to.
#[derive(Default)]
struct Stops {
    /// The term stands still, from when and until when.
    still: Option<(Millis, Millis)>,
    /// When it was decided, and when it is refused by silence.
    decided: Option<(Millis, Millis)>,
}

impl Bending<'_> {
    /// Of a ticket that joined, what began before that: what is left of it.
    fn before_it_joined(&mut self, bend: &Bend<'_>) {
        match bend {
            Bend::Extension(extension) if extension.by_law => self.by_law += extension.days,
            Bend::Extension(extension) => self.granted += extension.days,
            Bend::Pause(pause) if pause.why == PauseWhy::Review || pause.why.gone() => {
                let (calendar, days) = (self.dues.clock.calendar, self.dues.clock.days_between(self.counted, pause.to));
                self.bent.still(calendar, days);
                self.counted = self.counted.max(pause.to);
            }
            _ => {}
        }
    }

    /// What stands still for it, and by when it is decided.
    fn stops(&self, bend: &Bend<'_>) -> Stops {
        match bend {
            Bend::Waits(_, from, to) => Stops { still: Some((*from, *to)), decided: None },
            Bend::Asked(_, _, last) => Stops { still: None, decided: Some((Millis::MAX, *last)) },
            Bend::Agreed(reported, agreed, to) => self.agreed(*reported, agreed, *to),
            Bend::Pause(pause) => self.paused(pause),
            Bend::Extension(_) => Stops::default(),
        }
    }

    fn agreed(&self, (report, from): (ActId, Millis), agreed: &Agreed, to: Millis) -> Stops {
        let (dues, end) = (self.dues, self.bent.end);
        let to = to.min(dues.waits_at_most(from));
        let last = dues.refused_at(report, from, dues.terms.defer_review_wd);
        match agreed {
            Agreed { renewed: true, at, .. } => Stops { still: Some((*at, to)), decided: None },
            Agreed { at, .. } if *at <= last => Stops { still: Some((from, to)), decided: None },
            Agreed { by, at, .. } => {
                let over = dues.too_late((*by, *at), last, end, !self.waited);
                Stops { still: Some((*at, to)).filter(|_| !over), decided: Some((*at, last)) }
            }
        }
    }

    fn paused(&self, pause: &Pause) -> Stops {
        let (dues, terms) = (self.dues, self.dues.terms);
        let still = |to: Option<Millis>| Stops { still: to.map(|to| (pause.from, to)), decided: None };
        // While it is decided the work goes on.
        let decided =
            |days| Stops { still: None, decided: Some((pause.to, dues.refused_at(pause.act, pause.from, days))) };
        match pause.why {
            PauseWhy::Joined => Stops::default(),
            PauseWhy::Review | PauseWhy::Away | PauseWhy::Elsewhere { .. } => still(Some(pause.to)),
            PauseWhy::Return => still(dues.decides_on_return(self.assignment, pause)),
            PauseWhy::Extension => decided(terms.review_wd),
            PauseWhy::Term => decided(terms.time_review_wd),
            PauseWhy::Deferral | PauseWhy::Refused => decided(terms.defer_review_wd),
        }
    }

    /// Moves the end by it, which began before that.
    fn count(&mut self, bend: &Bend<'_>, outer: Option<Millis>) {
        let (dues, end) = (self.dues, self.bent.end);
        let calendar = dues.clock.calendar;
        let Stops { still, decided } = self.stops(bend);
        if let Some((from, to)) = still {
            self.bent.move_on(calendar, dues.clock.days_between(from.max(self.counted), to));
            self.counted = self.counted.max(to);
        }
        // Once a round the unit has some days where the decision came when the term was over, or did not come in its time.
        if let Some((to, last)) = decided.filter(|(to, last)| !self.waited && (*to >= end || to > last)) {
            self.waited = true;
            self.bent.no_earlier(calendar, to.min(last), dues.terms.rework_wd);
        }
        match bend {
            // Sent back, or come back from where it was done, it is done again.
            Bend::Pause(Pause { why: PauseWhy::Review | PauseWhy::Elsewhere { .. }, from, to, .. }) if from < to => {
                self.bent.no_earlier(calendar, *to, dues.terms.rework_wd);
            }
            Bend::Pause(_) | Bend::Asked(..) | Bend::Waits(..) | Bend::Agreed(..) => {}
            Bend::Extension(extension) => self.extend(extension, end, outer),
        }
    }

    /// Moves it by an extension, if that was granted in time: it runs on from the old due date (22).
    fn extend(&mut self, extension: &Extension, end: Millis, outer: Option<Millis>) {
        let (dues, terms, act) = (self.dues, self.dues.terms, extension.asked);
        let last = dues.refused_at(act, extension.asked_at, terms.review_wd);
        let own = self.assignment.pauses.iter().any(|pause| pause.act == act);
        if dues.too_late(extension.since, last, end, own && !self.waited) {
            return;
        }
        // Those that no law provides for come to a most; those that one does, to that of a statutory term.
        let (sum, most) = if extension.by_law {
            (&mut self.by_law, terms.legal_wd_max)
        } else {
            (&mut self.granted, terms.extension_max_wd)
        };
        let mut more = extension.days.min(most.saturating_sub(*sum));
        *sum += more;
        // A county extends only as far as its own term towards the city reaches.
        if let Some(outer) = outer.filter(|_| !extension.beyond) {
            more = more.min(dues.clock.days_between(end.saturating_sub(1), outer.saturating_sub(1)));
        }
        self.bent.move_on(dues.clock.calendar, more);
    }
}

impl Dues<'_> {
    /// What moves the end of a term, in the order in which it began: it counts only if it began before the end as that
    /// stood then. Time that several reasons share counts once. Of a ticket that joined: what began since that, and what is left
    /// of the time in which the unit could do nothing.
    pub(super) fn bent(&self, assignment: &Assignment, start: Millis, bent: Bent, joined: Option<Millis>) -> Bent {
        let outer = self.outer(self.ticket.decider(assignment.by), true).map(|outer| outer.due);
        let counted = joined.unwrap_or(start);
        let mut bending = Bending { dues: self, assignment, bent, counted, granted: 0, by_law: 0, waited: false };
        let away = assignment.away();
        for bend in self.bends(assignment, start, away.as_ref()) {
            if let (Bend::Pause(pause), None) = (&bend, joined) {
                bending.granted += self.granted_elsewhere(assignment, pause, &mut bending.bent);
            }
            let (act, at) = bend.began();
            if joined.is_some_and(|joined| at < joined) {
                bending.before_it_joined(&bend);
            } else if self.before(act, at, bending.bent.end) {
                bending.count(&bend, outer);
            }
        }
        bending.bent
    }

    /// What may move it, in the order in which it began: an extension that was granted before the time that was waited for it.
    fn bends<'d>(&'d self, assignment: &'d Assignment, start: Millis, away: Option<&'d Pause>) -> Vec<Bend<'d>> {
        let mut bends: Vec<Bend<'_>> = assignment.extensions.iter().map(Bend::Extension).collect();
        // A deferral that was reported too late was an excuse.
        let by = self.progress_due(assignment, start);
        let deferred = |pause: &Pause| matches!(pause.why, PauseWhy::Deferral | PauseWhy::Refused);
        // While it had joined another ticket its end ran on there.
        let counts = |pause: &&Pause| {
            pause.why != PauseWhy::Joined && (!deferred(pause) || self.before(pause.act, pause.from, by))
        };
        bends.extend(assignment.pauses.iter().chain(away).filter(counts).map(|pause| match pause.agreed {
            Some(agreed) => Bend::Agreed((pause.act, pause.from), agreed, pause.to),
            None => Bend::Pause(pause),
        }));
        bends.extend(self.open(assignment, by));
        bends.sort_by_key(|bend| bend.began().1);
        bends
    }

    /// What was granted and waited for in the ticket that it had joined goes on here: no more than can be granted, and than it was
    /// there. Working days by which it moves the end.
    fn granted_elsewhere(&self, assignment: &Assignment, pause: &Pause, bent: &mut Bent) -> u32 {
        let PauseWhy::Elsewhere { due: Some(due) } = pause.why else { return 0 };
        let there = assignment.pauses.iter().find(|there| there.why == PauseWhy::Joined && there.by == pause.act);
        let waited = there.map_or(0, |there| self.clock.days_between(there.from, there.to));
        let most = waited.saturating_add(self.terms.extension_max_wd);
        let due = due.min(self.clock.calendar.due(bent.end.saturating_sub(1), most).due);
        if due <= bent.end {
            return 0;
        }
        let days = self.clock.days_between(bent.end.saturating_sub(1), due.saturating_sub(1));
        (bent.end, bent.days) = (due, bent.days.saturating_add(days));
        days
    }

    /// What waits for a decision, or was agreed to and goes on. A deferral was to be reported by a time.
    fn open<'d>(&'d self, assignment: &Assignment, by: Millis) -> impl Iterator<Item = Bend<'d>> + use<'d> {
        let terms = self.terms;
        let asked = |act, at, days| Bend::Asked(act, at, self.refused_at(act, at, days));
        let extension = assignment.extension.map(|wanted| asked(wanted.id, wanted.at, terms.review_wd));
        let legal = assignment.legal.map(|legal| asked(legal.id, legal.at, terms.time_review_wd));
        let in_time = |deferral: &Deferral| self.before(deferral.id, deferral.at, by);
        let deferral = self.ticket.deferral.filter(|deferral| deferral.excuses(assignment) && in_time(deferral));
        let deferral = deferral.map(|deferral| match deferral.agreed.zip(self.review_due(&deferral)) {
            Some((agreed, until)) => Bend::Agreed((deferral.id, deferral.at), agreed, until),
            None => asked(deferral.id, deferral.at, terms.defer_review_wd),
        });
        let returns = self.waits_for_return(assignment);
        let returns = returns.map(|(act, at)| Bend::Waits(act, at, self.return_refused_at(act, at)));
        [extension, legal, deferral, returns].into_iter().flatten()
    }

    /// Whether what was decided then came when silence had counted as refused, and the term was over: what was late by then stays
    /// late. The unit has some days from the decider's last day, if `days`, and is not late before they are over.
    fn too_late(&self, (by, at): (ActId, Millis), last: Millis, end: Millis, days: bool) -> bool {
        let refused = self.clock.calendar.due(last, self.terms.rework_wd).due;
        at > last && !self.before(by, at, if days { end.max(refused) } else { end })
    }
}
