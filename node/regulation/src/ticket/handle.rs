//! Handling: articles 19 to 22.

use super::{
    Agreed, Asked, Assignment, Deferral, Escalation, Extension, Governs, LegalTerm, Part, Pause, PauseWhy, Reach,
    Ticket,
};
use crate::act::{Body, Reached};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, UnitId};
use crate::rule::{Broken, Rule};

/// Working days that the extensions of one assignment come to at most, where no law provides for more (22).
pub const EXTENSION_DAYS_MAX: u32 = 15;

impl Ticket {
    pub(super) fn take_handling(&mut self, fact: &Fact) -> Result<(), Broken> {
        if matches!(fact.body, Body::ExtendRequest { .. } | Body::Escalate { .. } | Body::Defer)
            && self.part_of_mut(fact.author.unit)?.signed_for.is_none()
        {
            return Err(Rule::NotSignedFor.into());
        }
        match &fact.body {
            Body::SignFor => self.sign_for(fact.author.unit, fact),
            Body::SignForByPhone { unit } => {
                self.telephones(*unit, fact)?;
                self.sign_for(*unit, fact)?;
                self.told_by_phone(*unit, fact);
                Ok(())
            }
            Body::Contact { way, reached: Reached::Sent } if !way.written() => Err(Rule::SentInWriting.into()),
            Body::Contact { way, reached }
                if way.written()
                    && reached.replied()
                    && self.part_of(fact.author.unit).is_none_or(|own| own.words.is_none()) =>
            {
                Err(Rule::ReplyMissing.because(fact.answers))
            }
            Body::Contact { .. } | Body::Progress { .. } | Body::AssistFeedback => {
                // Urgent help that a unit wrote down itself is dealt with before the city confirms it.
                let unit = fact.author.unit;
                if !self.is_proxy_of(unit) && self.part_of_mut(unit)?.signed_for.is_none() {
                    return Err(Rule::NotSignedFor.into());
                }
                self.file(fact);
                Ok(())
            }
            Body::Escalate { to } => {
                if let Some(waiting) = self.escalation {
                    return Err(Rule::AlreadyEscalated.because(Some(waiting.id)));
                }
                self.escalation = Some(Escalation { id: fact.id, to: *to, at: fact.when() });
                self.asked.push(*to);
                Ok(())
            }
            Body::Opinion => {
                self.escalation = self.escalation.filter(|waiting| Some(waiting.id) != fact.answers);
                Ok(())
            }
            Body::ReferMeeting => {
                self.bring_before_meeting(fact.id);
                Ok(())
            }
            Body::MeetingDecision { due } => {
                self.meeting_decided(*due, fact);
                Ok(())
            }
            Body::ExtendRequest { days, of_city, .. } => self.request_extension(*days, *of_city, fact),
            Body::NameTerm { legal_due } => self.name_term(*legal_due, fact),
            Body::ExtendApprove { days, by_law } => self.extend(u32::from(*days), *by_law, fact),
            Body::ExtendDeny => {
                if let Some(assignment) = self.extension_answered(fact) {
                    assignment.extension_decided(fact.done());
                }
                self.moot_if_done(fact.done());
                Ok(())
            }
            Body::Defer => {
                if let Some(known) = self.deferral {
                    return Err(Rule::AlreadyDeferred.because(Some(known.id)));
                }
                let dispatch = self.part_of_mut(fact.author.unit)?.dispatch;
                self.reports(fact);
                self.deferral = Some(Deferral { id: fact.id, at: fact.when(), dispatch, agreed: None });
                Ok(())
            }
            Body::DeferApprove { review_at } => {
                let renewed = self.deferral.is_some_and(|deferral| deferral.agreed.is_some());
                if renewed {
                    self.waited(fact);
                }
                if let Some(deferral) = &mut self.deferral {
                    let (by, at) = fact.done();
                    deferral.agreed = Some(Agreed { by, at, until: *review_at, renewed });
                }
                Ok(())
            }
            Body::DeferRelease => {
                // The city, the unit that reported it, or the county that sent the ticket on to that one.
                let own = self.part_of(fact.author.unit);
                let excused = self.deferral.is_some_and(|deferral| own.is_some_and(|own| deferral.excuses(own)));
                if !excused && fact.author.level != Level::CityHotline {
                    return Err(Rule::DispatcherOnly.because(fact.answers));
                }
                self.waited(fact);
                self.deferral = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What could not be solved for now waited until that act: it was released, or the city agreed to another day.
    fn waited(&mut self, fact: &Fact) {
        let Some(deferral) = self.deferral else { return };
        let pause = deferral.waited(fact.done());
        let excused = |a: &&mut Assignment| a.closed_by.is_none() && deferral.excuses(a);
        self.assignments.iter_mut().filter(excused).for_each(|a| a.pauses.push(pause));
    }

    /// What could not be solved for now waits on where the unit that reported it has it, or has it again. Given to another it is over:
    /// whoever comes to have it again has waited until it was taken from him, and the county above him as long.
    pub(super) fn deferral_follows(&mut self, lead: UnitId) {
        let Some(deferral) = self.deferral else { return };
        let Self { stood, assignments, .. } = self;
        let taken = |part: &Assignment| part.closed_by.and_then(|by| stood.iter().find(|stood| stood.by == by));
        let own = assignments.iter().find(|a| a.dispatch == deferral.dispatch && a.part != Part::Assisting);
        let Some((own, over)) = own.and_then(|own| Some((own.unit, taken(own)?))) else { return };
        if own == lead {
            return;
        }
        for part in assignments.iter_mut().filter(|a| deferral.excuses(a)) {
            let until = taken(part).or_else(|| part.closed_by.is_none().then_some(over));
            if let Some(until) = until.filter(|until| until.waits_for() == Some(deferral.id)) {
                part.pauses.push(deferral.waited((until.by, until.at)));
            }
        }
        self.deferral = None;
    }

    fn sign_for(&mut self, unit: UnitId, fact: &Fact) -> Result<(), Broken> {
        // By the unit and by telephone at once: the earlier time counts, whichever is heard of first.
        let own = self.part_of_mut(unit)?;
        let dispatch = own.dispatch;
        if let Some((known, _)) = own.signed_for.filter(|(_, at)| *at <= fact.when()) {
            return Err(Rule::AlreadySignedFor.because(Some(known)));
        }
        self.signed(unit, dispatch, fact);
        Ok(())
    }

    /// A hotline records the term of a law, shorter or longer than the usual one; it is over no earlier than it was recorded.
    fn name_term(&mut self, due: Millis, fact: &Fact) -> Result<(), Broken> {
        let (unit, city) = (fact.author.unit, fact.author.level == Level::CityHotline);
        let Some(lead) = self.lead().filter(|lead| city || self.decider(lead.by) == unit) else {
            return Err(Rule::DispatcherOnly.because(self.dispatch()));
        };
        let of = lead.dispatch;
        let (id, at) = fact.done();
        self.govern(of, LegalTerm { id, at, due: due.max(at) }, fact);
        Ok(())
    }

    /// A statutory term governs for the unit that leads by that dispatch. What a county names for a unit below binds itself; what
    /// the city does past a county is no delay of the county's.
    pub(super) fn govern(&mut self, dispatch: ActId, term: LegalTerm, fact: &Fact) {
        let city = fact.author.level == Level::CityHotline;
        let named = fact.id == term.id;
        for part in self.assignments.iter_mut().filter(|a| a.closed_by.is_none()) {
            let reach = match part.part {
                Part::Assisting => continue,
                _ if part.dispatch == dispatch => {
                    if city {
                        Reach::Whole
                    } else {
                        Reach::Within
                    }
                }
                Part::Outer if city => Reach::Frees,
                Part::Outer if named && part.unit == fact.author.unit => Reach::Binds,
                _ => continue,
            };
            part.governs.push(Governs { term, since: fact.done(), reach });
        }
    }

    fn request_extension(&mut self, days: u8, of_city: bool, fact: &Fact) -> Result<(), Broken> {
        if days == 0 {
            return Err(Rule::ExtensionTooLong.into());
        }
        let lead = self.part_of_mut(fact.author.unit)?;
        if let Some(asked) = lead.extension {
            return Err(Rule::ExtensionPending.because(Some(asked.id)));
        }
        lead.extension = Some(Asked { id: fact.id, at: fact.when(), days, of_city });
        Ok(())
    }

    /// What was decided on an extension once the work was done concerns the requester no more.
    fn moot_if_done(&mut self, by: (ActId, Millis)) {
        if self.completion.is_some() {
            self.assignments.iter_mut().for_each(|a| a.told(by));
        }
    }

    /// The part whose extension is decided.
    fn extension_answered(&mut self, fact: &Fact) -> Option<&mut Assignment> {
        self.assignments.iter_mut().find(|a| a.extension.is_some_and(|asked| Some(asked.id) == fact.answers))
    }

    /// Extensions come to fifteen working days in all, unless a law provides for more (22).
    fn extend(&mut self, days: u32, by_law: bool, fact: &Fact) -> Result<(), Broken> {
        let Some(assignment) = self.extension_answered(fact) else {
            return Err(Rule::NoExtensionPending.into());
        };
        let usual: u32 =
            assignment.extensions.iter().filter(|granted| !granted.by_law).map(|granted| granted.days).sum();
        if days == 0 || (!by_law && usual + days > EXTENSION_DAYS_MAX) {
            return Err(Rule::ExtensionTooLong.into());
        }
        let lead = assignment.part == Part::Lead;
        if let Some(asked) = assignment.extension_decided(fact.done()) {
            let granted = Extension {
                asked: asked.id,
                asked_at: asked.at,
                since: fact.done(),
                days,
                by_law,
                beyond: asked.of_city,
            };
            assignment.extensions.push(granted);
            // What the city grants past a county is no delay of the county's.
            if asked.of_city && lead {
                let outer = self.assignments.iter_mut().filter(|a| a.closed_by.is_none() && a.part == Part::Outer);
                outer.for_each(|a| a.extensions.push(granted));
            }
        }
        self.moot_if_done(fact.done());
        Ok(())
    }
}

impl Deferral {
    /// What the city agreed to it agreed to until a day; what it did not agree to was only asked for.
    fn waited(self, (by, until): (ActId, Millis)) -> Pause {
        let Self { id: act, at: from, agreed, .. } = self;
        let to = agreed.map_or(until, |agreed| agreed.until.min(until));
        let why = if agreed.is_some() { PauseWhy::Deferral } else { PauseWhy::Refused };
        Pause { from, to, act, by, why, agreed }
    }
}

/// Of two the earlier counts, whichever is heard of first.
pub(super) fn earliest(known: &mut Option<(ActId, Millis)>, new: (ActId, Millis)) {
    if known.is_none_or(|(_, at)| new.1 < at) {
        *known = Some(new);
    }
}
