//! Handling: articles 19 to 22.

use super::{Asked, Part, Ticket, TicketState};
use crate::act::Body;
use crate::ids::UnitId;
use crate::record::Fact;
use crate::rule::{Broken, Rule};

/// Working days that an extension has at most, where no law provides for more (22).
pub const EXTENSION_DAYS_MAX: u8 = 15;

impl Ticket {
    pub(super) fn take_handling(&mut self, fact: &Fact) -> Result<(), Broken> {
        match &fact.body {
            Body::SignFor => self.sign_for(fact.author.unit, fact),
            Body::SignForByPhone { unit } => self.sign_for(*unit, fact),
            Body::Contact { .. } | Body::Progress { .. } => self.report(fact),
            Body::AssistFeedback => {
                let own = self.part_of_mut(fact.author.unit)?;
                if own.signed_for.is_none() {
                    return Err(Rule::NotSignedFor.into());
                }
                own.fed_back = Some(fact.when());
                Ok(())
            }
            Body::Escalate { to } => {
                if let Some((id, _)) = self.escalation {
                    return Err(Rule::AlreadyEscalated.because(Some(id)));
                }
                self.escalation = Some((fact.id, *to));
                self.asked.push(*to);
                Ok(())
            }
            Body::Opinion => {
                self.escalation = None;
                Ok(())
            }
            Body::ExtendRequest { days, .. } => self.request_extension(*days, fact),
            Body::ExtendApprove { days, by_law } => {
                if *days == 0 || (*days > EXTENSION_DAYS_MAX && !by_law) {
                    return Err(Rule::ExtensionTooLong.into());
                }
                self.decide_extension(fact.author.unit, u32::from(*days));
                Ok(())
            }
            Body::ExtendDeny => {
                self.decide_extension(fact.author.unit, 0);
                Ok(())
            }
            Body::Defer => {
                if let Some((id, _)) = self.deferral {
                    return Err(Rule::AlreadyDeferred.because(Some(id)));
                }
                self.deferral = Some((fact.id, None));
                self.first_report.get_or_insert(fact.when());
                Ok(())
            }
            Body::DeferApprove { review_at } => {
                if let Some((_, agreed)) = &mut self.deferral {
                    *agreed = Some(*review_at);
                }
                Ok(())
            }
            Body::DeferRelease => {
                self.deferral = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn sign_for(&mut self, unit: UnitId, fact: &Fact) -> Result<(), Broken> {
        let state = self.state;
        let own = self.part_of_mut(unit)?;
        if let Some((earlier, _)) = own.signed_for {
            return Err(Rule::AlreadySignedFor.because(Some(earlier)));
        }
        own.signed_for = Some((fact.id, fact.when()));
        if own.part == Part::Lead && state == TicketState::AwaitingSignFor {
            self.state = TicketState::InProgress;
        }
        Ok(())
    }

    /// Contact and progress. Urgent help that a unit wrote down itself is dealt with before the city confirms it.
    fn report(&mut self, fact: &Fact) -> Result<(), Broken> {
        let progress = matches!(fact.body, Body::Progress { .. });
        if self.is_proxy_of(fact.author.unit) {
            self.first_report.get_or_insert(fact.when());
            return Ok(());
        }
        let own = self.part_of_mut(fact.author.unit)?;
        if own.signed_for.is_none() {
            return Err(Rule::NotSignedFor.into());
        }
        if !progress {
            own.first_contact.get_or_insert(fact.when());
        }
        if own.part == Part::Lead && progress {
            self.first_report.get_or_insert(fact.when());
        }
        Ok(())
    }

    fn request_extension(&mut self, days: u8, fact: &Fact) -> Result<(), Broken> {
        if days == 0 {
            return Err(Rule::ExtensionTooLong.into());
        }
        let Some(lead) = self.lead_mut() else { return Err(Rule::NotDispatched.into()) };
        if let Some(asked) = lead.extension {
            return Err(Rule::ExtensionPending.because(Some(asked.id)));
        }
        lead.extension = Some(Asked { id: fact.id, at: fact.when(), days });
        Ok(())
    }

    fn decide_extension(&mut self, by: UnitId, days: u32) {
        let asked = |a: &&mut super::Assignment| a.closed_by.is_none() && a.by == by && a.extension.is_some();
        if let Some(assignment) = self.assignments.iter_mut().find(asked) {
            assignment.extension = None;
            assignment.extended_days += days;
        }
    }
}
