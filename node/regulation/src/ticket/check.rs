//! What a row of the table asks of an author, and of the act that is answered.

use super::{Assignment, Part, Ticket, TicketState};
use crate::fact::{Author, Fact, Level};
use crate::ids::{ActId, UnitId};
use crate::kind::{ActKind, Trait};
use crate::rule::{Broken, Rule};
use crate::table::{self, Target, Who};

impl Ticket {
    /// The act that an act of this kind by this unit would answer, made now.
    #[must_use]
    pub fn target(&self, kind: ActKind, unit: UnitId) -> Option<ActId> {
        let made = || self.in_force().filter(|a| self.decider(a.by) == unit);
        match table::row(kind)?.target {
            Target::Nothing => None,
            Target::OwnDispatch => self.part_of(unit).map(|own| own.dispatch),
            Target::MadeDispatch => made().find(|a| a.part != Part::Assisting).map(|a| a.dispatch),
            Target::Return => made().find_map(|a| a.return_request).map(|(id, _)| id),
            Target::Extension => {
                let asked = |a: &Assignment| a.extension.filter(|asked| self.extends(a, asked) == unit);
                self.in_force().find_map(asked).map(|asked| asked.id)
            }
            Target::Escalation => self.escalation.map(|escalation| escalation.id),
            Target::Meeting => self.undecided().next(),
            Target::Deferral => self.deferral.map(|deferral| deferral.id),
            Target::Completion => self.completion.map(|(id, _)| id),
            // Whoever withdrew is asked whether of his own will.
            Target::Closure if self.withdrawn() => self.answer,
            Target::Closure => self.closure.map(|(id, _)| id),
            // Any rating may turn out to be mistaken or malicious, even one that the unit has already answered.
            Target::Rating if kind == ActKind::SetAsideRating => self.bad_rating().or_else(|| {
                self.follow_ups.iter().rev().find(|f| f.rating.is_some() && f.set_aside.is_none()).map(|f| f.id)
            }),
            Target::Rating => self.bad_rating(),
            Target::Refusal => self.answer.filter(|_| self.state == TicketState::Rejected),
            Target::TakenIn => self.taken_in.map(|taken_in| taken_in.id).filter(|id| *id != self.registered),
            Target::Referral => self.region,
            Target::Explanation => self.explained,
            // Before anybody had it, nobody gains by that it ends.
            Target::Heard => self.heard.last().copied().filter(|_| !self.assignments.is_empty()),
            // Whoever raised it releases it; whoever it was raised against replies.
            Target::Supervision if kind == ActKind::SuperviseRelease => {
                self.supervised().filter(|s| self.decider(s.by) == unit).last().map(|s| s.id)
            }
            Target::Supervision => self.supervised().filter(|s| s.unit == unit).last().map(|s| s.id),
            Target::Time => self.disputed(unit),
            Target::Appeal => self.appeals_waiting().next().map(|appeal| appeal.id),
            Target::Merge => self.merged.map(|merged| merged.id),
            Target::Archive => self.archived,
            Target::Proposal => None,
        }
    }

    pub(super) fn check_who(&self, who: Who, author: &Author) -> Result<(), Broken> {
        let (unit, city) = (author.unit, author.level == Level::CityHotline);
        let own = self.part_of(unit);
        let dispatched = self.decides(unit);
        let good = match who {
            Who::City => city,
            Who::Dispatcher if self.lead().is_none() => {
                return Err(Rule::NotDispatched.because(self.answer));
            }
            Who::Dispatcher => dispatched,
            Who::CityOrDispatcher => city || dispatched,
            Who::Hotline => author.level != Level::Unit,
            Who::LeadingCounty => author.level == Level::CountyHotline && own.is_some_and(|own| own.part == Part::Lead),
            Who::Party => {
                let had = self.assignments.iter().any(|a| a.unit == unit);
                city || dispatched || had || self.registered_by == unit
            }
            Who::LeadOrOuter => own.is_some_and(|own| own.part != Part::Assisting),
            Who::Lead => own.is_some_and(|own| own.part == Part::Lead),
            Who::Assisting => own.is_some_and(|own| own.part == Part::Assisting),
            Who::Assigned => own.is_some() || self.is_proxy_of(unit),
            Who::Holder => own.is_some() || city || dispatched || self.is_proxy_of(unit),
            Who::Named => self.asked.contains(&unit),
            Who::Proxy => !city,
            Who::Hub => author.hub,
            Who::Second => true,
            Who::Clock => author.hub || author.level == Level::CountyHotline,
        };
        if good {
            return Ok(());
        }
        let lost = self.closer_of(unit);
        match (who, lost) {
            // Whoever had a part and lost it is told by what.
            (Who::Lead | Who::LeadOrOuter | Who::Assisting | Who::Assigned | Who::LeadingCounty, Some(_)) => {
                Err(Rule::NotCurrentDispatch.because(lost))
            }
            (Who::Lead | Who::LeadOrOuter | Who::Assisting | Who::Assigned | Who::LeadingCounty, None)
                if self.lead().is_none() =>
            {
                Err(Rule::NotDispatched.because(self.answer))
            }
            _ => Err(who.names().0.because(lost.or(self.dispatch()))),
        }
    }

    /// A unit that is kept out, and has no part any more, writes nothing into the ticket (13): it ends cards of its own, and reports
    /// interference to the city.
    pub(super) fn check_kept_out(&self, fact: &Fact) -> Result<(), Broken> {
        let (unit, kind) = (fact.author.unit, fact.body.kind());
        let out = self.recused.contains(&unit) && fact.author.level == Level::Unit && self.part_of(unit).is_none();
        match out && !kind.has(Trait::Card) && !kind.confided() {
            true => Err(Rule::KeptOut.because(self.closer_of(unit))),
            false => Ok(()),
        }
    }

    pub(super) fn check_target(&self, target: Target, kind: ActKind, fact: &Fact) -> Result<(), Broken> {
        if target == Target::Nothing || self.is_proxy_of(fact.author.unit) && target == Target::OwnDispatch {
            return Ok(());
        }
        let current = self.target(kind, fact.author.unit);
        match fact.answers {
            Some(answered) if Some(answered) == current || self.also_a_target(target, kind, answered, fact) => Ok(()),
            // An opinion that comes when nobody waits for it any more is still one.
            _ if target == Target::Escalation && current.is_none() => Ok(()),
            None if target == Target::Heard && self.assignments.is_empty() => Ok(()),
            None if target == Target::TakenIn && current.is_none() => Ok(()),
            _ if target == Target::Refusal && self.state != TicketState::Rejected => Ok(()),
            // Of what was filed that it is closed no more, or never was, is not what is in the way.
            _ if target == Target::Closure && self.state == TicketState::Archived => {
                Err(Rule::AlreadyFiled.because(self.in_the_way()))
            }
            None if target == Target::OwnDispatch || target == Target::MadeDispatch => Err(Rule::AnswerMissing.into()),
            _ => Err(target.names().0.because(current.or_else(|| self.in_the_way()))),
        }
    }

    /// Of several acts that can be answered any may be, though forms propose one.
    fn also_a_target(&self, target: Target, kind: ActKind, answered: ActId, fact: &Fact) -> bool {
        let unit = fact.author.unit;
        match target {
            Target::Supervision if kind == ActKind::SuperviseRelease => {
                // Also of a unit that has lost the ticket meanwhile.
                self.supervisions.iter().any(|s| s.id == answered && self.decider(s.by) == unit && s.released.is_none())
            }
            Target::Supervision => self.supervised().any(|s| s.id == answered && s.unit == unit),
            Target::Rating if kind == ActKind::SetAsideRating => {
                self.follow_ups.iter().any(|f| f.id == answered && f.rating.is_some() && f.set_aside.is_none())
            }
            // In the place of a hotline that is kept out the city decides on more than one dispatch.
            Target::MadeDispatch if kind == ActKind::Supervise => self
                .in_force()
                .any(|a| a.dispatch == answered && a.part != Part::Assisting && self.decider(a.by) == unit),
            Target::Extension => {
                let asked = |a: &Assignment| a.extension.filter(|asked| self.extends(a, asked) == unit);
                self.in_force().filter_map(asked).any(|asked| asked.id == answered)
            }
            Target::Meeting => self.undecided().any(|asked| asked == answered),
            Target::Appeal => self.appeals_waiting().any(|appeal| appeal.id == answered),
            Target::Heard => self.heard.contains(&answered),
            Target::Time => {
                let named = |a: &Assignment| a.legal.is_some_and(|legal| legal.id == answered);
                self.late.iter().any(|late| late.act == answered && late.decided.is_none())
                    || self.in_force().any(|a| named(a) || a.delivered_by == Some(answered))
            }
            _ => false,
        }
    }
}
