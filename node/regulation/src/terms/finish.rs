//! The finishing term (21, 22): where it begins, what stops it, what prolongs it and what takes its place.

use super::clock::{Done, done};
use super::{DueItem, DueKind, Dues, Length, Terms};
use crate::act::RequestKind;
use crate::calendar::{Calendar, Due, local_date};
use crate::ids::{ActId, Millis};
use crate::rule::Article;
use crate::ticket::{Assignment, Carried, Deferral, Extension, Late, LegalTerm, Part, Pause, PauseWhy, Reclassified};

/// Where the finishing term ends.
struct Bent {
    /// Working days that it is long in all.
    days: u32,
    /// Its end.
    end: Millis,
    /// Some year of it has no notice yet.
    provisional: bool,
}

impl Bent {
    /// Moves the end on by working days.
    fn move_on(&mut self, calendar: &Calendar, days: u32) {
        let Due { due, provisional, .. } = calendar.due(self.end.saturating_sub(1), days);
        (self.end, self.days) = (due, self.days.saturating_add(days));
        self.provisional |= provisional;
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
    /// What the city agreed to wait for, until then.
    Waits(ActId, Millis, Millis),
    /// A ticket joined that the same unit had to finish by then (16).
    Carried(&'t Carried),
}

impl Bend<'_> {
    /// The act that it began with, and when.
    const fn began(&self) -> (ActId, Millis) {
        match self {
            Self::Pause(pause) => (pause.act, pause.from),
            Self::Extension(extension) => (extension.asked, extension.asked_at),
            Self::Asked(act, from, _) | Self::Waits(act, from, _) => (*act, *from),
            Self::Carried(carried) => (carried.by, carried.at),
        }
    }
}

impl Dues<'_> {
    /// The finishing term. It begins at sign-for, but no later than the sign-for was due; it stands still while a hotline
    /// decides on a return or a completion that it then refuses; extensions prolong it; what is sent back in time has some
    /// days at least; another round has a term of its own; a statutory term takes its place.
    pub(super) fn finish(&self, assignment: &Assignment, sign_for: &DueItem) -> DueItem {
        let (terms, clock) = (self.terms, &self.clock);
        let start = self.handled_from(assignment, sign_for);
        let (Bent { days, end, provisional }, article) = self.by_kind(assignment, start);
        let (length, met) = (Length::WorkingDays(days), done(self.reported(assignment)));
        let mut item = clock.item(DueKind::Finish, assignment.unit, start, length, article, met);
        (item.due, item.provisional) = (end, provisional);
        // Not signed for, it begins where the sign-for is due.
        item.provisional |= assignment.again.is_none() && sign_for.met_at.is_none() && sign_for.provisional;
        if let (Some(outer), true) = (self.outer(assignment), terms.county_handles == 1) {
            (item.due, item.provisional) = (outer.due, item.provisional || outer.provisional);
        }
        if let Some(legal) = assignment.legal.filter(|legal| legal.confirmed) {
            let due = self.legal_due(&legal);
            (item.due, item.length, item.article) = (due, Length::Until(due), Article(21, 6));
        }
        item.provisional |= self.unsure(asked_of(assignment));
        // What was reported before the end is so whatever is decided on a return: that could only put it off.
        item.provisional |= item.in_time() != Some(true) && self.waits_for_return(assignment);
        item
    }

    /// The term of the kind, and its article. Whoever had signed for it when the kind was corrected keeps the later of the two
    /// ends; what had ended by then had ended (38).
    fn by_kind(&self, assignment: &Assignment, start: Millis) -> (Bent, Article) {
        let (ticket, terms) = (self.ticket, self.terms);
        let of = |kind| {
            let (usual, article) = finishing(kind, terms);
            (self.bend(assignment, start, usual), article)
        };
        let signed = assignment.signed_for.map(|(_, at)| at);
        let later = |corrected: &&Reclassified| signed.is_some_and(|signed| signed <= corrected.at);
        let worked_under: Vec<&Reclassified> = ticket.reclassified.iter().filter(later).collect();
        let Some(first) = worked_under.first() else { return of(ticket.register.kind) };
        let mut counts = of(first.before);
        for (place, corrected) in worked_under.iter().enumerate() {
            let kind = worked_under.get(place + 1).map_or(ticket.register.kind, |next| next.before);
            let new = of(kind);
            if new.0.end > counts.0.end && self.before(corrected.id, corrected.at, counts.0.end) {
                counts = new;
            }
        }
        counts
    }

    /// When a statutory term ends: no later than such a term can be.
    fn legal_due(&self, legal: &LegalTerm) -> Millis {
        legal.due.min(self.clock.calendar.due(legal.at, self.terms.legal_wd_max).due)
    }

    /// When what cannot be solved for now is looked at again: no later than it can be.
    pub(super) fn review_due(&self, deferral: &Deferral) -> Option<Millis> {
        deferral.review_at.map(|at| at.max(deferral.at).min(self.waits_at_most(deferral.at)))
    }

    /// The last moment at which whoever decides on something can do so in time. Who says nothing has refused it then: that gains
    /// nobody anything, and the delay is his own.
    fn refused_at(&self, act: ActId, asked_at: Millis, days: u32) -> Millis {
        self.clock.calendar.due(self.clock.heard(act, asked_at), days).due.saturating_sub(1)
    }

    /// When the handling of this round began.
    pub(super) fn handled_from(&self, assignment: &Assignment, sign_for: &DueItem) -> Millis {
        assignment.again.map_or_else(|| self.clock.begins(sign_for), |(_, at)| at)
    }

    /// When it must be reported that a law sets another term, or that nothing can be done yet (21(6), 21(7)).
    pub(super) fn progress_due(&self, assignment: &Assignment, start: Millis) -> Millis {
        self.clock.calendar.due(start, self.terms.progress_wd + self.returning(assignment, start)).due
    }

    /// A return may be asked for within its term; a county passes on in a day what a unit of its own has returned.
    pub(super) fn return_due(&self, lead: &Assignment, met: Done) -> DueItem {
        let start = lead.had_from();
        let length = Length::WorkingDays(self.terms.return_wd);
        let own = self.clock.item(DueKind::Return, lead.unit, start, length, Article(21, 1), met);
        let Some((_, back_at)) = lead.back else { return own };
        let length = Length::WorkingDays(self.terms.county_return_wd);
        let passed_on = self.clock.item(DueKind::Return, lead.unit, back_at, length, Article(18, 0), met);
        if passed_on.due > own.due { passed_on } else { own }
    }

    /// A first return request that was made in time waits for its decision. One with new facts stops nothing.
    pub(super) fn waits_for_return(&self, assignment: &Assignment) -> bool {
        let first = assignment.return_request.filter(|_| assignment.returns_refused == 0);
        first.is_some_and(|(id, at)| self.before(id, at, self.return_due(assignment, None).due))
    }

    /// Working days after `start` in which a hotline decided on a return that was asked for in time, or the unit did not have it.
    pub(super) fn returning(&self, assignment: &Assignment, start: Millis) -> u32 {
        let excused = |pause: &Pause| pause.why == PauseWhy::Away || self.excuses_return(assignment, pause);
        let pauses = assignment.pauses.iter().copied().chain(assignment.away()).filter(excused);
        pauses.map(|pause| self.clock.days_between(pause.from.max(start), pause.to)).sum()
    }

    fn excuses_return(&self, assignment: &Assignment, pause: &Pause) -> bool {
        pause.why == PauseWhy::Return && self.before(pause.act, pause.from, self.return_due(assignment, None).due)
    }

    /// What moves the end of the term, in the order in which it began: it counts only if it began before the end as that
    /// stood then. Time that several reasons share counts once.
    fn bend(&self, assignment: &Assignment, start: Millis, usual: u32) -> Bent {
        let calendar = self.clock.calendar;
        let outer = self.outer(assignment).map(|outer| outer.due);
        // An extension that was granted, before the time that was waited for it.
        let away = assignment.away();
        let mut bends: Vec<Bend<'_>> = assignment.extensions.iter().map(Bend::Extension).collect();
        // A deferral that was reported too late was an excuse.
        let by = self.progress_due(assignment, start);
        let deferred = |pause: &Pause| matches!(pause.why, PauseWhy::Deferral | PauseWhy::Refused);
        let counts = |pause: &&Pause| !deferred(pause) || self.before(pause.act, pause.from, by);
        bends.extend(assignment.pauses.iter().chain(&away).filter(counts).map(Bend::Pause));
        bends.extend(self.open(assignment, by));
        bends.extend(assignment.carried.iter().map(Bend::Carried));
        bends.sort_by_key(|bend| bend.began().1);
        let Due { due: end, provisional, .. } = calendar.due(start, usual);
        let mut bent = Bent { days: usual, end, provisional };
        let (mut counted, mut granted, mut waited) = (start, 0, false);
        for bend in bends {
            let ((act, at), end) = (bend.began(), bent.end);
            if !self.before(act, at, end) {
                continue;
            }
            // What stands still until then, and what was decided then, or is refused by silence.
            let (still, decided) = match bend {
                Bend::Waits(_, _, to) => (Some(to), None),
                Bend::Asked(_, _, last) => (None, Some((Millis::MAX, last))),
                Bend::Pause(pause) => match pause.why {
                    PauseWhy::Review | PauseWhy::Away => (Some(pause.to), None),
                    // A return that was asked for too late was a suggestion.
                    PauseWhy::Return => (self.excuses_return(assignment, pause).then_some(pause.to), None),
                    PauseWhy::Deferral => (Some(pause.to.min(self.waits_at_most(pause.from))), None),
                    // While it is decided the work goes on.
                    PauseWhy::Extension => (None, Some((pause.to, self.refused_at(act, at, self.terms.review_wd)))),
                    PauseWhy::Term => (None, Some((pause.to, self.refused_at(act, at, self.terms.time_review_wd)))),
                    PauseWhy::Refused => (None, Some((pause.to, self.refused_at(act, at, self.terms.defer_review_wd)))),
                },
                Bend::Extension(_) | Bend::Carried(_) => (None, None),
            };
            if let Some(to) = still {
                bent.move_on(calendar, self.clock.days_between(at.max(counted), to));
                counted = counted.max(to);
            }
            // Once a round the unit has some days where the decision came when the term was over, or did not come in its time.
            if let Some((to, last)) = decided.filter(|(to, last)| !waited && (to >= &end || to > last)) {
                waited = true;
                bent.no_earlier(calendar, to.min(last), self.terms.rework_wd);
            }
            match bend {
                // Sent back, it is done again.
                Bend::Pause(Pause { why: PauseWhy::Review, to, .. }) => {
                    bent.no_earlier(calendar, *to, self.terms.rework_wd);
                }
                Bend::Pause(_) | Bend::Asked(..) | Bend::Waits(..) => {}
                // The stricter one goes on, and is prolonged and stopped as the term of the ticket is.
                Bend::Carried(carried) => bent.end = bent.end.min(carried.due),
                Bend::Extension(extension) => {
                    let mut more = extension.days;
                    // Those that no law provides for come to a most.
                    if !extension.by_law {
                        more = more.min(self.terms.extension_max_wd.saturating_sub(granted));
                        granted += more;
                    }
                    // A county extends only as far as its own term towards the city reaches.
                    if let Some(outer) = outer.filter(|_| !extension.beyond) {
                        more = more.min(self.clock.days_between(end.saturating_sub(1), outer.saturating_sub(1)));
                    }
                    // It runs on from the old due date (22).
                    bent.move_on(calendar, more);
                }
            }
        }
        bent
    }

    /// What waits for a decision, or was agreed to and goes on. A deferral was to be reported by a time.
    fn open<'d>(&'d self, assignment: &Assignment, by: Millis) -> impl Iterator<Item = Bend<'d>> + use<'d> {
        let terms = self.terms;
        let asked = |act, at, days| Bend::Asked(act, at, self.refused_at(act, at, days));
        let extension = assignment.extension.map(|wanted| asked(wanted.id, wanted.at, terms.review_wd));
        let legal = assignment.legal.filter(|legal| !legal.confirmed);
        let legal = legal.map(|legal| asked(legal.id, legal.at, terms.time_review_wd));
        let in_time = |deferral: &Deferral| self.before(deferral.id, deferral.at, by);
        let deferral = self.ticket.deferral.filter(|deferral| deferral.excuses(assignment) && in_time(deferral));
        let deferral = deferral.map(|deferral| match self.review_due(&deferral) {
            Some(until) => Bend::Waits(deferral.id, deferral.at, until),
            None => asked(deferral.id, deferral.at, terms.defer_review_wd),
        });
        [extension, legal, deferral].into_iter().flatten()
    }

    /// Until when what cannot be solved for now can wait.
    fn waits_at_most(&self, from: Millis) -> Millis {
        self.clock.calendar.due(from, self.terms.defer_wd_max).due
    }

    /// The report that a part is judged by. A county's is that of the unit below, while a completion stands, or where the
    /// city sent it back for its form alone: what the county looked at itself it has not reported.
    pub(super) fn reported(&self, assignment: &Assignment) -> Option<(ActId, Millis)> {
        let stands = |(act, _): &(ActId, Millis)| {
            let sent_back = assignment.pauses.iter().any(|pause| pause.why == PauseWhy::Review && pause.act == *act);
            assignment.part != Part::Outer || self.ticket.completion.is_some() || sent_back
        };
        self.ticket.reported.filter(stands)
    }

    /// The finishing term towards the city of the county that sent this on, and still decides on it.
    fn outer(&self, assignment: &Assignment) -> Option<DueItem> {
        let by = self.ticket.decider(assignment.by);
        let above = |a: &&Assignment| a.part == Part::Outer && a.unit == by;
        let outer = self.ticket.in_force().find(above)?;
        Some(self.finish(outer, &self.clock.sign_for(outer)))
    }

    /// Whether something was asked for or reported before a time. While that is in dispute it counts, provisionally.
    fn before(&self, act: ActId, at: Millis, due: Millis) -> bool {
        let late = self.ticket.late.iter().find(|late| late.act == act);
        late.map_or(at < due, |late| self.clock.arrival(late, at).in_time(at, due).unwrap_or(true))
    }

    /// Whether a term hangs on when one of these acts was made, and nobody has decided. It is moved by working days: where all
    /// that can be lies on one day, nothing hangs on it, and nobody gains by what he typed.
    pub(super) fn unsure(&self, acts: impl IntoIterator<Item = (ActId, Millis)>) -> bool {
        let one_day = |late: &Late| local_date(late.not_before) == local_date(late.received_at);
        let open = |late: &Late, at| late.decided.is_none() && !one_day(late) && !self.clock.arrival(late, at).credible;
        acts.into_iter().any(|(act, at)| self.ticket.late.iter().any(|late| late.act == act && open(late, at)))
    }
}

/// What a unit asked for or reported that moves its term, and when.
pub(super) fn asked_of(assignment: &Assignment) -> impl Iterator<Item = (ActId, Millis)> {
    let asked = |pause: &&Pause| matches!(pause.why, PauseWhy::Return | PauseWhy::Deferral | PauseWhy::Refused);
    let pauses = assignment.pauses.iter().filter(asked);
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
        // Praise is dispatched to nobody: it has no such term.
        RequestKind::Complaint | RequestKind::TipOff | RequestKind::Praise => (terms.complaint_wd, Article(21, 5)),
    }
}
