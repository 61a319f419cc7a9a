//! Who handles it: articles 17 and 18.

use super::{Assignment, Late, Part, TakenBack, Ticket, TicketState};
use crate::act::{Body, Dispatch, RequestKind, Seen};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::{Broken, Rule};

/// How often a unit may be given more room in one ticket `[D]`.
const MORE_ROOM_MAX: usize = 4;

impl Ticket {
    pub(super) fn take_dispatch(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::Dispatch(dispatch) => self.assign(dispatch, fact),
            Body::Designate(dispatch) => {
                if self.lead().is_some() && self.return_request().is_none() {
                    return Err(Rule::AlreadyDispatched.because(self.dispatch()));
                }
                self.assign(dispatch, fact)?;
                if let Some(lead) = self.lead_mut() {
                    lead.designated = true;
                }
                Ok(())
            }
            Body::SubDispatch(dispatch) => self.sub_dispatch(dispatch, fact),
            Body::Redispatch(dispatch) => {
                self.another_lead(dispatch, fact.author.unit)?;
                self.assign(dispatch, fact)
            }
            Body::ReturnApprove(dispatch) => {
                self.another_lead(dispatch, fact.author.unit)?;
                if let Some(before) = self.returned_before(fact.author.unit) {
                    return Err(Rule::MustDesignate.because(before));
                }
                self.assign(dispatch, fact)
            }
            Body::Recall => {
                self.recall(fact);
                Ok(())
            }
            Body::Recuse { unit } => {
                self.recuse(*unit, fact);
                Ok(())
            }
            Body::ReturnRequest { .. } => self.request_return(fact),
            Body::ReturnWithdraw => {
                let own = self.part_of_mut(fact.author.unit)?;
                own.return_request.take().map(|_| ()).ok_or_else(|| Rule::NoReturnPending.into())
            }
            Body::ReturnDeny { .. } => {
                self.deny_return(fact);
                Ok(())
            }
            Body::NotifyByPhone { unit } => {
                self.telephones(*unit, fact)?;
                self.file(fact);
                Ok(())
            }
            Body::MoreRoom { unit } => self.give_room(*unit),
            Body::Witness(seen) => self.witness(*seen, fact),
            _ => Ok(()),
        }
    }

    /// 续页: whoever has, or had, something to do here goes on recording on the same file. Nothing else changes by it (28).
    fn give_room(&mut self, unit: UnitId) -> Result<(), Broken> {
        let had = self.assignments.iter().any(|a| a.unit == unit) || self.asked.contains(&unit);
        let wrote_it_down = self.registered_by == unit && self.by_proxy();
        if !(had || wrote_it_down) {
            return Err(Rule::NoSuchAssignment.into());
        }
        if self.more_room(unit) >= MORE_ROOM_MAX {
            return Err(Rule::PagesUsed.into());
        }
        self.more_room.push(unit);
        Ok(())
    }

    /// How often that unit was given more room.
    #[must_use]
    pub fn more_room(&self, unit: UnitId) -> usize {
        self.more_room.iter().filter(|given| **given == unit).count()
    }

    /// Closes what the author dispatched before and makes the new assignments.
    fn assign(&mut self, dispatch: &Dispatch, fact: &Fact) -> Result<(), Broken> {
        self.fits(dispatch)?;
        self.close_made_by(fact.author.unit, fact);
        self.escalation = None;
        // That the requester takes it back he has said since some unit was given it (13).
        if fact.author.level == Level::CityHotline {
            self.heard.clear();
        }
        self.put(dispatch, fact);
        Ok(())
    }

    fn put(&mut self, dispatch: &Dispatch, fact: &Fact) {
        self.take_in(fact);
        let assignment = |unit, part| Assignment {
            dispatch: fact.id,
            unit,
            part,
            by: fact.author.unit,
            dispatched_at: fact.when(),
            delivered_at: None,
            called: None,
            delivered_by: None,
            refuted: false,
            designated: false,
            signed_for: None,
            first_contact: None,
            tries: Vec::new(),
            words: None,
            return_request: None,
            return_asked: None,
            returns_refused: 0,
            back: None,
            again: None,
            resumed: None,
            carried: Vec::new(),
            pauses: Vec::new(),
            extension: None,
            extensions: Vec::new(),
            tell: None,
            legal: None,
            governs: Vec::new(),
            fed_back: None,
            archived: None,
            closed_by: None,
        };
        self.deferral_follows(dispatch.lead);
        let new = assignment(dispatch.lead, Part::Lead);
        let mut lead = match self.had_before(dispatch.lead, fact) {
            Some((had, taken)) => had.resumed_as(new, taken, fact),
            None => new,
        };
        self.carry_to(&mut lead, fact);
        let signed_for = lead.signed_for.is_some();
        self.assignments.push(lead);
        self.assignments.extend(dispatch.assisting.iter().map(|unit| assignment(*unit, Part::Assisting)));
        (self.reported, self.taken_back) = (None, None);
        self.claimed_by = None;
        self.state = if signed_for { TicketState::InProgress } else { TicketState::AwaitingSignFor };
    }

    /// The part that a unit had before in this round, where it goes on under the new dispatch, also after a return that was agreed
    /// to: its clock and what it is supervised on do not begin anew.
    fn had_before(&mut self, unit: UnitId, fact: &Fact) -> Option<(Assignment, (ActId, Millis))> {
        let place = self.assignments.iter().rposition(|a| a.unit == unit && a.part != Part::Assisting)?;
        let closer = self.assignments.get(place)?.closed_by?;
        let taken_at = self.ended_by(closer).filter(|stood| stood.round == self.round)?.at;
        let had = self.assignments.get_mut(place)?;
        // What it had before it had, whether or not it has heard that it was given back.
        if !had.arrived() && had.resumed.is_none() {
            return None;
        }
        let before = had.clone();
        // What it waits for it waits for where it goes on.
        had.extension = None;
        if let Some(deferral) = self.deferral.as_mut().filter(|deferral| deferral.dispatch == before.dispatch) {
            deferral.dispatch = fact.id;
        }
        for supervision in self.supervisions.iter_mut().filter(|s| s.concerns(&before) && s.released.is_none()) {
            supervision.dispatch = fact.id;
        }
        Some((before, (closer, taken_at)))
    }

    /// One lead, each unit once, and never only those that the complaint is about (13, `[D]`).
    fn fits(&self, dispatch: &Dispatch) -> Result<(), Broken> {
        let mut units: Vec<UnitId> = dispatch.assisting.iter().copied().chain([dispatch.lead]).collect();
        units.sort_unstable();
        if self.register.kind == RequestKind::Praise {
            return Err(Rule::PraiseConveyed.into());
        }
        if units.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Rule::UnitTwice.into());
        }
        if units.iter().all(|unit| self.recused.contains(unit)) {
            return Err(Rule::Recused.into());
        }
        Ok(())
    }

    /// The county keeps its own terms towards the city; the unit below has terms of its own.
    fn sub_dispatch(&mut self, dispatch: &Dispatch, fact: &Fact) -> Result<(), Broken> {
        self.fits(dispatch)?;
        if dispatch.lead == fact.author.unit {
            return Err(Rule::SameLead.because(self.dispatch()));
        }
        if let Some((request, _)) = self.return_request() {
            return Err(Rule::ReturnPending.because(Some(request)));
        }
        let named = |a: &&Assignment| dispatch.lead == a.unit || dispatch.assisting.contains(&a.unit);
        if let Some(twice) = self.in_force().find(named) {
            return Err(Rule::UnitTwice.because(Some(twice.dispatch)));
        }
        if let Some(own) = self.lead_mut() {
            own.part = Part::Outer;
            // Whoever sends it on has it.
            own.signed_for.get_or_insert((fact.id, fact.when()));
        }
        self.put(dispatch, fact);
        Ok(())
    }

    /// Closes what a hotline dispatched, and what was sent on from there.
    fn close_made_by(&mut self, unit: UnitId, fact: &Fact) {
        if self.in_force().any(|a| a.by == unit) {
            self.keep(fact);
        }
        let mut hotlines = vec![unit];
        while let Some(hotline) = hotlines.pop() {
            for assignment in self.assignments.iter_mut().filter(|a| a.closed_by.is_none() && a.by == hotline) {
                assignment.closed_by = Some(fact.id);
                if assignment.part == Part::Outer {
                    hotlines.push(assignment.unit);
                }
            }
        }
    }

    fn recall(&mut self, fact: &Fact) {
        let asked_back = self.lead().is_some_and(|lead| lead.return_request.is_some());
        self.close_made_by(fact.author.unit, fact);
        self.without_lead(asked_back.then(|| fact.done()), fact);
        self.drop_kept_out(fact);
    }

    /// The lead is gone: a county that had sent the ticket on leads again, or it waits for another dispatch.
    fn without_lead(&mut self, back: Option<(ActId, Millis)>, fact: &Fact) {
        // What it reported was its own.
        self.reported = None;
        self.taken_back = Some(fact.id);
        self.takers.push(TakenBack { id: fact.id, person: fact.author.person });
        let outer = self.assignments.iter_mut().rev().find(|a| a.closed_by.is_none() && a.part == Part::Outer);
        self.state = match outer {
            Some(outer) => {
                outer.part = Part::Lead;
                outer.back = back;
                TicketState::InProgress
            }
            None => TicketState::AwaitingDispatch,
        };
    }

    /// Whoever is complained of is kept out (11(4), 13).
    fn recuse(&mut self, unit: UnitId, fact: &Fact) {
        self.recused.push(unit);
        self.recused.sort_unstable();
        self.recused.dedup();
        self.drop_kept_out(fact);
    }

    /// Where one that is kept out leads alone, the ticket is taken from it, without burden. What it has reported already
    /// the hotline looks at first.
    pub(super) fn drop_kept_out(&mut self, fact: &Fact) {
        while let Some(dispatch) = self.led_by_one_kept_out() {
            let of = |a: &&mut Assignment| a.closed_by.is_none() && a.dispatch == dispatch;
            self.keep(fact);
            self.assignments.iter_mut().filter(of).for_each(|a| a.closed_by = Some(fact.id));
            self.without_lead(None, fact);
        }
    }

    fn led_by_one_kept_out(&self) -> Option<ActId> {
        let working = matches!(self.state, TicketState::AwaitingSignFor | TicketState::InProgress);
        let dispatch = self.lead().filter(|lead| working && self.recused.contains(&lead.unit))?.dispatch;
        let beside = |a: &Assignment| a.dispatch == dispatch && !self.recused.contains(&a.unit);
        (!self.in_force().any(beside)).then_some(dispatch)
    }

    /// It goes to another unit than the one that this hotline gave it to.
    fn another_lead(&self, dispatch: &Dispatch, by: UnitId) -> Result<(), Broken> {
        // What a hotline takes back it recalls: nobody answers to himself.
        if dispatch.lead == by {
            return Err(Rule::SameLead.because(self.dispatch()));
        }
        let made = self.in_force().find(|a| a.by == by && a.part != Part::Assisting);
        match made {
            Some(made) if made.unit == dispatch.lead => Err(Rule::SameLead.because(Some(made.dispatch))),
            _ => Ok(()),
        }
    }

    fn request_return(&mut self, fact: &Fact) -> Result<(), Broken> {
        let lead = self.part_of_mut(fact.author.unit)?;
        if let Some((request, _)) = lead.return_request {
            return Err(Rule::ReturnPending.because(Some(request)));
        }
        if lead.designated {
            return Err(Rule::Designated.because(Some(lead.dispatch)));
        }
        if lead.returns_refused > 1 {
            return Err(Rule::ReturnOnce.into());
        }
        lead.return_request = Some(fact.done());
        lead.return_asked.get_or_insert(fact.done());
        Ok(())
    }

    fn deny_return(&mut self, fact: &Fact) {
        let of = |a: &&mut Assignment| a.return_request.is_some_and(|(id, _)| Some(id) == fact.answers);
        let Some(lead) = self.assignments.iter_mut().find(of) else { return };
        let Some((act, asked_at)) = lead.return_request.take() else { return };
        lead.return_refused(act, asked_at, fact);
        if lead.part == Part::Lead {
            self.state = TicketState::InProgress;
        }
    }

    /// A return that this hotline agreed to before: the act that ended the part.
    fn returned_before(&self, by: UnitId) -> Option<Option<ActId>> {
        let returned = |a: &&Assignment| a.by == by && a.return_request.is_some() && a.closed_by.is_some();
        self.assignments.iter().find(returned).map(|a| a.closed_by)
    }

    /// What a hotline's node has seen. Only the city hub says what was late: its word alone decides on terms.
    fn witness(&mut self, seen: Seen, fact: &Fact) -> Result<(), Broken> {
        match seen {
            Seen::Delivered { unit, at } => {
                let of = |a: &&mut Assignment| a.unit == unit && Some(a.dispatch) == fact.answers;
                let assignment = self.assignments.iter_mut().find(of);
                let assignment = assignment.ok_or(Rule::NoSuchAssignment)?;
                if at > fact.claimed_at {
                    return Err(Rule::WitnessedAhead.into());
                }
                if !assignment.deliver(at, fact) {
                    return Err(Rule::AlreadyWitnessed.because(assignment.delivered_by));
                }
            }
            Seen::Late { .. } if !fact.author.hub => return Err(Rule::HubOnly.into()),
            Seen::Late { not_before, received_at, offline, clock_good } => {
                let Some(act) = fact.answers else { return Err(Rule::AnswerMissing.into()) };
                if self.late.iter().any(|late| late.act == act) {
                    return Err(Rule::AlreadyWitnessed.into());
                }
                // What another hotline says of a delivery is not its own deed: there is nothing to decide on.
                let told = self.assignments.iter_mut().find(|a| a.delivered_by == Some(act));
                let decided = told.map(|assignment| {
                    assignment.told_late(act, received_at);
                    true
                });
                let late = Late { act, not_before, received_at, offline, clock_good, decided };
                self.count_as_seen(&late);
                self.late.push(late);
                self.witnessed_as_earlier(&late);
            }
        }
        Ok(())
    }

    /// A hotline tells a unit by telephone: one that it dispatched to, or the city any.
    pub(super) fn telephones(&self, unit: UnitId, fact: &Fact) -> Result<(), Broken> {
        let own = self.part_of(unit).ok_or(Rule::NoSuchAssignment.because(self.closer_of(unit)))?;
        let may = fact.author.level == Level::CityHotline || self.decider(own.by) == fact.author.unit;
        if may { Ok(()) } else { Err(Rule::DispatcherOnly.because(Some(own.dispatch))) }
    }
}
