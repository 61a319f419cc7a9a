//! The finishing term (21, 22): where it begins, what stops it, what prolongs it and what takes its place.

mod bend;

use bend::Bent;

use super::clock::{Clock, done};
use super::item::Undecided;
use super::{DueItem, DueKind, Dues, Length, Terms};
use crate::act::RequestKind;
use crate::calendar::{Due, local_date};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::Article;
use crate::ticket::{Assignment, Carried, Deferral, Governs, Late, Part, Pause, PauseWhy, Reach, Reclassified};

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
        let (length, met) = (Length::WorkingDays(days), done(self.reported_of(assignment)));
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
        self.clock.calendar.due(start, self.with_returns(assignment, start, self.terms.progress_wd)).due
    }

    /// The term of the ticket itself, with what moves its end.
    fn bend(&self, assignment: &Assignment, start: Millis, usual: u32) -> Bent {
        let Due { due: end, provisional, .. } = self.clock.calendar.due(start, usual);
        self.bent(assignment, start, Bent { days: usual, end, provisional }, None)
    }

    /// Until when what cannot be solved for now can wait.
    pub(super) fn waits_at_most(&self, from: Millis) -> Millis {
        self.clock.calendar.due(from, self.terms.defer_wd_max).due
    }

    /// The finishing term towards the city of the county that sent something on. `bound`: as [`Self::ends`].
    pub(super) fn outer(&self, county: UnitId, bound: bool) -> Option<DueItem> {
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
