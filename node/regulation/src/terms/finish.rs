//! The finishing term (21, 22): where it begins, what stops it, what prolongs it and what takes its place.

use super::clock::{Clock, done};
use super::item::Undecided;
use super::{DueItem, DueKind, Dues, Length, Terms};
use crate::act::RequestKind;
use crate::calendar::{Calendar, Due, local_date};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{
    Agreed, Assignment, Carried, Deferral, Extension, Governs, Late, Part, Pause, PauseWhy, Reach, Reclassified,
};

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

    /// The same, where some day passed: a term that ends within a day stays as it is else.
    fn still(&mut self, calendar: &Calendar, days: u32) {
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

impl Dues<'_> {
    /// The finishing terms, the strictest first: the ticket's own, and of each ticket that joined what the unit had there (16). Each
    /// with what it comes to where nobody decides in his time on a time that it hangs on.
    pub(super) fn finish(&self, assignment: &Assignment, sign_for: &DueItem) -> Vec<DueItem> {
        let hangs = self.decided_by(asked_of(assignment)).map(|until| (until, self.as_entered()));
        let of = |count: &dyn Fn(&Self) -> DueItem| {
            let item = count(self);
            let Some((until, entered)) = &hangs else { return item };
            let entered = count(entered);
            let undecided = Some(Undecided { until: *until, due: entered.due, provisional: entered.provisional });
            DueItem { provisional: true, undecided, ..item }
        };
        let own = of(&|dues| dues.ends(assignment, sign_for, true));
        let carried = assignment.carried.iter().map(|carried| of(&|dues| dues.carried(assignment, carried, sign_for)));
        let mut items: Vec<DueItem> = std::iter::once(own).chain(carried).collect();
        items.sort_by_key(|item| item.due);
        items
    }

    /// What the unit had to finish in a ticket that joined: by then, as what came since moves it as it does the ticket's own term. A
    /// statutory term of this ticket is not that one's, and what was reported before it joined was not of it.
    fn carried(&self, assignment: &Assignment, carried: &Carried, sign_for: &DueItem) -> DueItem {
        let stands = self.reported();
        let met = stands.and_then(|(_, at)| {
            let reported = self.ticket.reported.as_ref()?;
            reported.since(carried.after).find(|(_, since)| *since >= at)
        });
        let (clock, calendar) = (&self.clock, self.clock.calendar);
        let mut bent = Bent { days: 0, end: carried.due, provisional: false };
        // Another unit had it between.
        bent.still(calendar, clock.days_between(carried.at, carried.since.1));
        let bent = self.bent(assignment, self.handled_from(assignment, sign_for), bent, Some(carried.since.1));
        let length = Length::Until(bent.end);
        let item = clock.item(DueKind::Finish, assignment.unit, carried.since.1, length, Article(16, 0), done(met));
        let unsigned = assignment.again.is_none() && sign_for.met_at.is_none() && sign_for.provisional;
        // While the report that it crossed is looked at it is nobody's delay.
        let provisional = bent.provisional || unsigned || met.is_none() && stands.is_some();
        DueItem { provisional, of: Some(carried.ticket), ..item }
    }

    /// The finishing term. It begins at sign-for, but no later than the sign-for was due; it stands still while a hotline
    /// decides on a return or a completion that it then refuses; extensions prolong it; what is sent back in time has some
    /// days at least; another round has a term of its own; a statutory term takes its place. `bound` also by what a county named
    /// for the unit below it.
    fn ends(&self, assignment: &Assignment, sign_for: &DueItem, bound: bool) -> DueItem {
        let (terms, clock) = (self.terms, &self.clock);
        let start = self.handled_from(assignment, sign_for);
        let (Bent { days, end, provisional }, article) = self.by_kind(assignment, start);
        let (length, met) = (Length::WorkingDays(days), done(self.reported()));
        let mut item = clock.item(DueKind::Finish, assignment.unit, start, length, article, met);
        (item.due, item.provisional) = (end, provisional);
        // Not signed for, it begins where the sign-for is due.
        item.provisional |= assignment.again.is_none() && sign_for.met_at.is_none() && sign_for.provisional;
        if let (Some(outer), true) = (self.outer(self.ticket.decider(assignment.by), bound), terms.county_handles == 1)
        {
            (item.due, item.provisional) = (outer.due, item.provisional || outer.provisional);
        }
        let mut governs: Vec<&Governs> = assignment.governs.iter().collect();
        governs.sort_by_key(|governs| governs.since.1);
        for governs in governs.into_iter().filter(|governs| bound || governs.reach != Reach::Binds) {
            let due = self.governed(assignment, governs, sign_for, item.due);
            if due != item.due {
                (item.due, item.length, item.article) = (due, Length::Until(due), Article(21, 6));
            }
        }
        item
    }

    /// Where a term that was running until `end` ends by a statutory one: no later than such a term can be, and unmoved by one that
    /// came when it was over.
    fn governed(&self, assignment: &Assignment, governs: &Governs, sign_for: &DueItem, end: Millis) -> Millis {
        let (Governs { term, since: (act, at), reach }, calendar) = (*governs, self.clock.calendar);
        if !self.before(act, at, end) {
            return end;
        }
        let due = term.due.min(calendar.due(term.at, self.terms.legal_wd_max).due);
        // Not beyond the county's own term; but what is running already is not cut by that.
        let within = |outer: DueItem| due.min(outer.due.max(end));
        let due = match reach {
            Reach::Binds => return end.min(due),
            Reach::Frees => return end.max(due),
            Reach::Whole => due,
            Reach::Within => self.outer(assignment.by, false).map_or(due, within),
        };
        // A shorter one runs from when the unit could know of it: as its own term does, from its sign-for at the latest.
        let known = sign_for.met_at.map_or(sign_for.due, |signed| signed.min(sign_for.due));
        let without = known.saturating_sub(at).max(0);
        if due < end { due.saturating_add(without).min(end) } else { due }
    }

    /// The same, where what hangs on a time that somebody claims, and nobody has decided on, counts from when it was entered.
    fn as_entered(&self) -> Self {
        let clock = Clock { believes: false, ..self.clock };
        Self { ticket: self.ticket, terms: self.terms, clock, items: Vec::new() }
    }

    /// The term of the kind, and its article. Whoever had signed for it when the kind was corrected keeps the later of two ends,
    /// by the kind at sign-for and by the one in force; what had ended by then had ended (38). Where it comes back to a kind that
    /// it had been by then, it is that alone: what it was between gains nobody a day.
    fn by_kind(&self, assignment: &Assignment, start: Millis) -> (Bent, Article) {
        let (corrected, now) = (&self.ticket.reclassified, self.ticket.register.kind);
        let of = |kind| {
            let (usual, article) = finishing(kind, self.terms);
            (self.bend(assignment, start, usual), article)
        };
        let Some((_, signed)) = assignment.signed_for else { return of(now) };
        let by_then = corrected.iter().position(|corrected| signed <= corrected.at).unwrap_or(corrected.len());
        // The kinds that it was up to its sign-for, that of then the last.
        let mut been: Vec<RequestKind> = corrected.iter().take(by_then + 1).map(|corrected| corrected.before).collect();
        let Some(worked_under) = corrected.get(by_then).map(|first| first.before) else { return of(now) };
        been.retain(|kind| *kind != worked_under);
        let mut counts = of(worked_under);
        for (place, Reclassified { id, at, .. }) in corrected.iter().enumerate().skip(by_then) {
            let kind = corrected.get(place + 1).map_or(now, |next| next.before);
            if self.before(*id, *at, counts.0.end) {
                let (signed, new) = (of(worked_under), of(kind));
                counts = if been.contains(&kind) || new.0.end > signed.0.end { new } else { signed };
            }
        }
        counts
    }

    /// When what cannot be solved for now is looked at again: no later than it can be.
    pub(super) fn review_due(&self, deferral: &Deferral) -> Option<Millis> {
        deferral.agreed.map(|agreed| agreed.until.max(deferral.at).min(self.waits_at_most(deferral.at)))
    }

    /// When the handling of this round began.
    pub(super) fn handled_from(&self, assignment: &Assignment, sign_for: &DueItem) -> Millis {
        assignment.again.map_or_else(|| self.clock.begins(sign_for), |(_, at)| at)
    }

    /// When it must be reported that a law sets another term, or that nothing can be done yet (21(6), 21(7)).
    pub(super) fn progress_due(&self, assignment: &Assignment, start: Millis) -> Millis {
        self.clock.calendar.due(start, self.terms.progress_wd + self.returning(assignment, start)).due
    }

    /// The term of the ticket itself, with what moves its end.
    fn bend(&self, assignment: &Assignment, start: Millis, usual: u32) -> Bent {
        let Due { due: end, provisional, .. } = self.clock.calendar.due(start, usual);
        self.bent(assignment, start, Bent { days: usual, end, provisional }, None)
    }

    /// What moves the end of a term, in the order in which it began: it counts only if it began before the end as that
    /// stood then. Time that several reasons share counts once. Of a ticket that joined: what began since that, and what is left
    /// of the time in which the unit could do nothing.
    fn bent(&self, assignment: &Assignment, start: Millis, mut bent: Bent, joined: Option<Millis>) -> Bent {
        let calendar = self.clock.calendar;
        let outer = self.outer(self.ticket.decider(assignment.by), true).map(|outer| outer.due);
        // An extension that was granted, before the time that was waited for it.
        let away = assignment.away();
        let mut bends: Vec<Bend<'_>> = assignment.extensions.iter().map(Bend::Extension).collect();
        // A deferral that was reported too late was an excuse.
        let by = self.progress_due(assignment, start);
        let deferred = |pause: &Pause| matches!(pause.why, PauseWhy::Deferral | PauseWhy::Refused);
        // While it had joined another ticket its end ran on there.
        let counts = |pause: &&Pause| {
            pause.why != PauseWhy::Joined && (!deferred(pause) || self.before(pause.act, pause.from, by))
        };
        bends.extend(assignment.pauses.iter().chain(&away).filter(counts).map(|pause| match pause.agreed {
            Some(agreed) => Bend::Agreed((pause.act, pause.from), agreed, pause.to),
            None => Bend::Pause(pause),
        }));
        bends.extend(self.open(assignment, by));
        bends.sort_by_key(|bend| bend.began().1);
        let (mut counted, mut granted, mut by_law, mut waited) = (joined.unwrap_or(start), 0, 0, false);
        for bend in bends {
            if let Bend::Pause(pause) = bend
                && joined.is_none()
            {
                granted += self.granted_elsewhere(assignment, pause, &mut bent);
            }
            let ((act, at), end) = (bend.began(), bent.end);
            if joined.is_some_and(|joined| at < joined) {
                match bend {
                    Bend::Extension(extension) if extension.by_law => by_law += extension.days,
                    Bend::Extension(extension) => granted += extension.days,
                    Bend::Pause(pause) if pause.why == PauseWhy::Review || pause.why.gone() => {
                        bent.still(calendar, self.clock.days_between(counted, pause.to));
                        counted = counted.max(pause.to);
                    }
                    _ => {}
                }
                continue;
            }
            if !self.before(act, at, end) {
                continue;
            }
            // What stands still, from when and until when, and what was decided when, or is refused by silence.
            let (still, decided) = match &bend {
                Bend::Waits(_, _, to) => (Some((at, *to)), None),
                Bend::Asked(_, _, last) => (None, Some((Millis::MAX, *last))),
                Bend::Agreed((report, from), agreed, to) => {
                    let to = (*to).min(self.waits_at_most(*from));
                    let last = self.refused_at(*report, *from, self.terms.defer_review_wd);
                    match agreed {
                        Agreed { renewed: true, at, .. } => (Some((*at, to)), None),
                        Agreed { at, .. } if *at <= last => (Some((*from, to)), None),
                        Agreed { by, at, .. } => {
                            let over = self.too_late((*by, *at), last, end, !waited);
                            (Some((*at, to)).filter(|_| !over), Some((*at, last)))
                        }
                    }
                }
                Bend::Pause(pause) => match pause.why {
                    PauseWhy::Joined => (None, None),
                    PauseWhy::Review | PauseWhy::Away | PauseWhy::Elsewhere { .. } => (Some((at, pause.to)), None),
                    PauseWhy::Return => (self.decides_on_return(assignment, pause).map(|to| (at, to)), None),
                    // While it is decided the work goes on.
                    PauseWhy::Extension => (None, Some((pause.to, self.refused_at(act, at, self.terms.review_wd)))),
                    PauseWhy::Term => (None, Some((pause.to, self.refused_at(act, at, self.terms.time_review_wd)))),
                    PauseWhy::Deferral | PauseWhy::Refused => {
                        (None, Some((pause.to, self.refused_at(act, at, self.terms.defer_review_wd))))
                    }
                },
                Bend::Extension(_) => (None, None),
            };
            if let Some((from, to)) = still {
                bent.move_on(calendar, self.clock.days_between(from.max(counted), to));
                counted = counted.max(to);
            }
            // Once a round the unit has some days where the decision came when the term was over, or did not come in its time.
            if let Some((to, last)) = decided.filter(|(to, last)| !waited && (to >= &end || to > last)) {
                waited = true;
                bent.no_earlier(calendar, to.min(last), self.terms.rework_wd);
            }
            match bend {
                // Sent back, or come back from where it was done, it is done again.
                Bend::Pause(Pause { why: PauseWhy::Review | PauseWhy::Elsewhere { .. }, from, to, .. })
                    if from < to =>
                {
                    bent.no_earlier(calendar, *to, self.terms.rework_wd);
                }
                Bend::Pause(_) | Bend::Asked(..) | Bend::Waits(..) | Bend::Agreed(..) => {}
                Bend::Extension(extension) => {
                    let last = self.refused_at(act, at, self.terms.review_wd);
                    let own = assignment.pauses.iter().any(|pause| pause.act == act);
                    if self.too_late(extension.since, last, end, own && !waited) {
                        continue;
                    }
                    // Those that no law provides for come to a most; those that one does, to that of a statutory term.
                    let (sum, most) = if extension.by_law {
                        (&mut by_law, self.terms.legal_wd_max)
                    } else {
                        (&mut granted, self.terms.extension_max_wd)
                    };
                    let mut more = extension.days.min(most.saturating_sub(*sum));
                    *sum += more;
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

    /// Until when what cannot be solved for now can wait.
    fn waits_at_most(&self, from: Millis) -> Millis {
        self.clock.calendar.due(from, self.terms.defer_wd_max).due
    }

    /// The finishing term towards the city of the county that sent something on. `bound`: as [`Self::ends`].
    fn outer(&self, county: UnitId, bound: bool) -> Option<DueItem> {
        let outer = self.ticket.in_force().find(|a| a.part == Part::Outer && a.unit == county)?;
        Some(self.ends(outer, &self.sign_for(outer), bound))
    }

    /// Until when it is to be decided when one of these acts was made, if a term hangs on that and nobody has. It is moved by
    /// working days: where all that can be lies on one day, nothing hangs on it, and nobody gains by what he typed.
    pub(super) fn decided_by(&self, acts: impl IntoIterator<Item = (ActId, Millis)>) -> Option<Millis> {
        let one_day = |late: &Late| local_date(late.not_before) == local_date(late.received_at);
        let lates = |(act, at)| self.ticket.late.iter().filter(move |late| late.act == act).map(move |late| (late, at));
        let open = acts.into_iter().flat_map(lates).filter(|(late, _)| late.decided.is_none() && !one_day(late));
        let arrivals = open.map(|(late, at)| self.clock.arrival(late, at)).filter(|arrival| !arrival.credible);
        arrivals.map(|arrival| arrival.decide_by).max()
    }
}

/// What a unit asked for or reported that moves its term, and when.
pub(super) fn asked_of(assignment: &Assignment) -> impl Iterator<Item = (ActId, Millis)> {
    let asked = |pause: &&Pause| matches!(pause.why, PauseWhy::Return | PauseWhy::Deferral | PauseWhy::Refused);
    let pauses = assignment.pauses.iter().filter(asked);
    let extensions = assignment.extensions.iter().map(|extension| (extension.asked, extension.asked_at));
    pauses.map(|pause| (pause.act, pause.from)).chain(extensions).chain(assignment.return_request)
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
