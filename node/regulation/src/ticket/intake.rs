//! Taking in, sorting, and what the requester does through the hotline: articles 9 to 16.

use super::{Charges, MergedInto, Pause, PauseWhy, TakenIn, Ticket, TicketState};
use crate::act::{Agree, Agrees, Body, Had, Joins, Register, RequestKind, Urgency};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::{Broken, Rule};
use crate::table;

/// How long before a unit wrote it down for the city a request can have been raised, in milliseconds: 30 days `[D]`.
pub const KEPT_MOST: Millis = 30 * 24 * 3_600_000;

impl Ticket {
    /// A ticket that begins: at the city hotline, or written down by a unit for the city to confirm.
    pub(crate) fn begin(fact: &Fact) -> Result<Self, Broken> {
        let (register, proxy) = match &fact.body {
            Body::Register(register) => (register, false),
            Body::RegisterByProxy(register) => (register, true),
            _ => return Err(Rule::NotRegistered.into()),
        };
        let register = Register {
            // What the requester said was said before it was written down, and a unit writes it down for the city soon.
            raised_at: register.raised_at.min(fact.when()).max(if proxy {
                fact.when() - KEPT_MOST
            } else {
                Millis::MIN
            }),
            // How often he has raised it a unit says of another unit's work: the city counts (25(3), `[D]`).
            times: if proxy { 1 } else { register.times },
            // Whoever tips off is protected; what is confidential the city alone makes open (11(4), `[D]`).
            confidential: register.confidential || register.kind == RequestKind::TipOff,
            ..register.clone()
        };
        let mut ticket = Self::registered(register, fact, proxy);
        if ticket.urgency == Urgency::Urgent {
            ticket.alarm(Charges::All, fact);
        }
        if let Some(row) = table::row(fact.body.kind()) {
            ticket.check_who(row.who, &fact.author)?;
        }
        Ok(ticket)
    }

    fn registered(register: Register, fact: &Fact, proxy: bool) -> Self {
        Self {
            registered: fact.id,
            registered_at: fact.when(),
            registered_by: fact.author.unit,
            taken_in: (!proxy).then(|| TakenIn::by(fact)),
            urgency: register.urgency,
            named: !register.anonymous,
            register,
            requester_corrected: Vec::new(),
            reclassified: Vec::new(),
            alarms: Vec::new(),
            state: if proxy { TicketState::AwaitingConfirmation } else { TicketState::Registered },
            assignments: Vec::new(),
            taken_back: None,
            takers: Vec::new(),
            recused: Vec::new(),
            escalation: None,
            meetings: Vec::new(),
            asked: Vec::new(),
            deferral: None,
            completion: None,
            replied: None,
            reported: None,
            closure: None,
            round: 1,
            stood: Vec::new(),
            follow_ups: Vec::new(),
            explained: None,
            objected: None,
            supervisions: Vec::new(),
            appeals: Vec::new(),
            tolerated: None,
            late: Vec::new(),
            afterwards: Vec::new(),
            urges: 0,
            heard: Vec::new(),
            words: Vec::new(),
            replied_in_writing: None,
            more_room: Vec::new(),
            joined: Vec::new(),
            claimed_by: None,
            region: None,
            praised: None,
            answer: None,
            finished: None,
            merged: None,
            put_aside: Vec::new(),
            archived: None,
            before_archive: None,
            unarchived: None,
            filed: None,
            proposals: Vec::new(),
        }
    }

    pub(super) fn take_intake(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::ConfirmIntake => {
                // Whoever turned a request away is not the one who looks whether that was right (12, 16(3), `[D]`).
                if self.state == TicketState::Rejected {
                    if self.finished.and_then(|finished| finished.person) == fact.author.person {
                        return Err(Rule::SecondPerson.because(self.answer));
                    }
                    (self.answer, self.finished) = (None, None);
                }
                self.taken_in = Some(TakenIn::by(fact));
                self.state = TicketState::Registered;
            }
            Body::OwnMatter => return self.end(TicketState::OwnMatter, fact),
            Body::SetUrgency { urgency } => {
                // Whoever sees the danger says so; that there is none finds the city alone: everybody else has a clock that
                // would stop.
                let lowers = *urgency == Urgency::Ordinary && self.urgency == Urgency::Urgent;
                if lowers && fact.author.level != Level::CityHotline {
                    return Err(Rule::CityOnly.because(self.dispatch()));
                }
                self.set_urgency(*urgency, fact);
            }
            Body::Reclassify { .. } => return self.reclassify(fact),
            Body::CorrectRequester { party, enterprise } => {
                self.register.party = party.unwrap_or(self.register.party);
                self.register.enterprise = enterprise.unwrap_or(self.register.enterprise);
                self.requester_corrected.push(fact.id);
            }
            Body::Claim if self.claimed_by.is_some() => return Err(Rule::AlreadyClaimed.into()),
            Body::Claim => self.claimed_by = fact.author.person,
            Body::HandOver { to } => self.claimed_by = Some(*to),
            Body::Convey { .. } if self.register.kind != RequestKind::Praise => return Err(Rule::NotPraise.into()),
            Body::Convey { unit } => {
                self.end(TicketState::Answered, fact)?;
                self.praised = Some(*unit);
            }
            Body::Answer { .. } => return self.end(TicketState::Answered, fact),
            Body::Reject { .. } => return self.end(TicketState::Rejected, fact),
            Body::ReferEmergency { residue: true, .. } => {}
            Body::ReferEmergency { .. } => return self.end(TicketState::Referred, fact),
            Body::ReferRegion => {
                self.end(TicketState::Referred, fact)?;
                self.region = Some(fact.id);
            }
            Body::Supplement { joined: Some(ticket), .. } if *ticket == self.registered => {
                return Err(Rule::SameTicket.into());
            }
            Body::Supplement { joined: Some(_), joins } if !joins.as_ref().is_some_and(|joins| joins.parted) => {
                self.may_take_in(&joins.clone().unwrap_or_default())?;
                self.file(fact);
            }
            Body::Withdraw => return self.end(TicketState::Withdrawn, fact),
            Body::Merge { into, .. } | Body::MergeOther { into, .. } | Body::Split { into }
                if *into == self.registered =>
            {
                return Err(Rule::SameTicket.into());
            }
            // What the hotline asked of a unit it answers for itself.
            Body::Merge { .. } | Body::MergeOther { .. } if self.supervised().next().is_some() => {
                return Err(Rule::Supervised.because(self.supervised().next().map(|open| open.id)));
            }
            // What was reported is looked at: a due that was met by it would go on in the other ticket, or nobody would look.
            Body::Merge { .. } | Body::MergeOther { .. } if self.report_stands().is_some() => {
                return Err(Rule::ReportWaits.because(self.report_stands()));
            }
            // Each requester is followed up on the ticket that he is told of.
            Body::Merge { .. } | Body::MergeOther { .. } if !self.joined.is_empty() => {
                return Err(Rule::HasJoined.into());
            }
            &Body::Merge { place, category, kind, intake, .. }
                if !(Agrees { place, category, kind, intake }).one_matter() =>
            {
                return Err(differs(Agrees { place, category, kind, intake }).into());
            }
            Body::Merge { into, .. } | Body::MergeOther { into, .. } => {
                self.merge(MergedInto { id: fact.id, into: *into, before: self.state }, fact);
            }
            Body::Unmerge { had } => {
                self.unmerge(had, fact);
                self.drop_kept_out(fact);
            }
            _ => {
                self.file(fact);
            }
        }
        Ok(())
    }

    /// Whatever the city decides on a ticket takes it in.
    pub(super) fn take_in(&mut self, fact: &Fact) {
        self.taken_in.get_or_insert(TakenIn::by(fact));
    }

    /// The hotline ends it at its own desk. The others who joined ask on; and whoever takes a request from the unit that has it
    /// does not end it, whoever had it since.
    fn end(&mut self, state: TicketState, fact: &Fact) -> Result<(), Broken> {
        if !self.joined.is_empty() {
            return Err(Rule::HasJoined.into());
        }
        // That the requester withdraws it he has said or written himself.
        let decides = state != TicketState::Withdrawn;
        if let Some(taken) = self.takers.iter().find(|taken| decides && taken.person == fact.author.person) {
            return Err(Rule::TookItBack.because(Some(taken.id)));
        }
        if self.in_force().next().is_some() {
            self.keep(fact);
        }
        self.take_in(fact);
        self.finish(state, fact);
        self.replied_in_writing = None;
        self.answer = Some(fact.id);
        Ok(())
    }

    /// What is over, or was filed, goes on with nobody's request; and who is protected in one of the two is in the other (13).
    fn may_take_in(&self, joins: &Joins) -> Result<(), Broken> {
        if self.ended() || self.state == TicketState::Archived {
            return Err(Rule::NotOpen.because(self.archived.or_else(|| self.in_the_way())));
        }
        // Whatever came after the report was not dealt with by it.
        let reported = [
            TicketState::AwaitingClosure,
            TicketState::AwaitingFollowUp,
            TicketState::AwaitingVerification,
            TicketState::AwaitingArchive,
        ];
        if reported.contains(&self.state) || self.report_stands().is_some() {
            return Err(Rule::JoinsLate.because(self.report_stands()));
        }
        let had = |unit: &UnitId| {
            self.assignments.iter().any(|a| a.unit == *unit) || self.by_proxy() && self.registered_by == *unit
        };
        if joins.kept_out.iter().any(had) || joins.units.iter().any(|unit| self.recused.contains(unit)) {
            return Err(Rule::KeptOutJoins.into());
        }
        if joins.confidential && !self.register.confidential {
            return Err(Rule::ConfidentialJoins.into());
        }
        // Whoever is given it later would have it with a fresh term.
        if !joins.had.is_empty() && self.lead().is_none() {
            return Err(Rule::JoinsUndispatched.because(self.in_the_way()));
        }
        Ok(())
    }

    /// The report that is looked at, or was sent back for its form alone and keeps its day.
    fn report_stands(&self) -> Option<ActId> {
        self.reported.as_ref().map(|reported| self.completion.unwrap_or(reported.first).0)
    }

    /// The units that have the ticket need not go on with it.
    fn merge(&mut self, merged: MergedInto, fact: &Fact) {
        self.take_in(fact);
        if self.in_force().next().is_some() {
            self.keep(fact);
        }
        for assignment in self.assignments.iter_mut().filter(|a| a.closed_by.is_none()) {
            assignment.closed_by = Some(merged.id);
        }
        self.merged = Some(merged);
        self.finish(TicketState::Merged, fact);
    }

    /// Each unit goes on with what it had left: of when it was merged, or, of the end, of when it was done with it in the ticket
    /// that it had joined, by its due as that stood there.
    fn unmerge(&mut self, had: &[Had], fact: &Fact) {
        let Some(merged) = self.merged.take() else { return };
        let (by, to) = fact.done();
        let merged_at = self.finished.map_or(to, |finished| finished.at);
        if self.assignments.iter().all(|part| part.closed_by != Some(merged.id)) {
            let (act, from, why) = (merged.id, merged_at, PauseWhy::Away);
            self.put_aside.push(Pause { from, to, act, by, why, agreed: None });
        }
        self.stood.retain(|stood| stood.by != merged.id);
        for part in self.assignments.iter_mut().filter(|a| a.closed_by == Some(merged.id)) {
            part.closed_by = None;
            let there = had.iter().find(|had| had.unit == part.unit);
            let until = there.and_then(|had| had.until).filter(|until| *until > merged_at).map(|until| until.min(to));
            let mut pause = |(act, from), (by, to), why| {
                part.pauses.push(Pause { from, to, act, by, why, agreed: None });
            };
            match until {
                Some(until) => {
                    let due = there.and_then(|had| had.due);
                    pause((merged.id, merged_at), (merged.into, until), PauseWhy::Joined);
                    pause((merged.into, until), (by, to), PauseWhy::Elsewhere { due });
                }
                None => pause((merged.id, merged_at), (by, to), PauseWhy::Away),
            }
        }
        self.state = merged.before;
        (self.finished, self.archived) = (None, None);
    }
}

impl TakenIn {
    fn by(fact: &Fact) -> Self {
        Self { id: fact.id, unit: fact.author.unit, at: fact.when() }
    }
}

/// Why two tickets are not of one matter: what differs, or that nothing can be compared.
fn differs(Agrees { place, category, kind, intake }: Agrees) -> Rule {
    let found = [
        (place, Rule::OtherPlace),
        (category, Rule::OtherCategory),
        (kind, Rule::OtherKind),
        (intake, Rule::OtherIntake),
    ];
    found.into_iter().find(|(agree, _)| *agree == Agree::Other).map_or(Rule::OtherMatter, |(_, rule)| rule)
}
