//! A unit's part in a ticket under one dispatch, and what was asked for and granted in it.

use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, UnitId};

/// A unit's part in a ticket (17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// 主办
    Lead,
    /// 协办
    Assisting,
    /// 已下派的县热线: its outer terms go on while another unit leads.
    Outer,
}

/// An extension that was asked for (22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The request.
    pub id: ActId,
    /// When it was made.
    pub at: Millis,
    /// Working days.
    pub days: u8,
    /// The city decides: it goes beyond the term of the county that sent the ticket on.
    pub of_city: bool,
}

/// An extension that was granted (22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The request.
    pub asked: ActId,
    /// When it was made: one that was made too late moves no due.
    pub asked_at: Millis,
    /// The act that granted it, and when: one that came when silence had counted as refused holds from then on.
    pub since: (ActId, Millis),
    /// Working days granted.
    pub days: u32,
    /// A law or regulation provides for more than the usual most.
    pub by_law: bool,
    /// The city granted it, beyond the term of the county that sent the ticket on; that county has it too.
    pub beyond: bool,
}

/// A term of a law, regulation or rule that was named for the matter (21(6)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalTerm {
    /// The act that named it.
    pub id: ActId,
    /// When it was named.
    pub at: Millis,
    /// The first moment that is too late under it.
    pub due: Millis,
}

/// How far a statutory term that a hotline agreed to, or named, counts for a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By the city: it takes the place of what was running.
    Whole,
    /// By the county that sent the ticket on: so far as its own term towards the city.
    Within,
    /// The county's own, for what it named for the unit below it: it has no longer itself.
    Binds,
    /// The county's own, for what the city named for the unit below it, or agreed to: that is no delay of the county's.
    Frees,
}

/// A statutory term that a hotline agreed to, or named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Governs {
    /// The term.
    pub term: LegalTerm,
    /// The act by which it governs, and when.
    pub since: (ActId, Millis),
    /// How far.
    pub reach: Reach,
}

/// Why a clock of a unit stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseWhy {
    /// A hotline decided on a return that it then refused (18).
    Return,
    /// A hotline looked at a completion that it then sent back (24).
    Review,
    /// The matter could not be solved for the time being (21(7)).
    Deferral,
    /// A hotline decided on an extension (22).
    Extension,
    /// A hotline looked at a statutory term (21(6)).
    Term,
    /// The city did not agree to a deferral (21(7)).
    Refused,
    /// It was taken from the unit, and given to it again.
    Away,
    /// It had joined another ticket (16): there the unit did not sign for it, call or report. Its finishing term ran on there.
    Joined,
    /// The unit was done with it in the ticket that it had joined, until that was undone (16).
    Elsewhere {
        /// Its finishing due as it stood there, with what was granted and waited for meanwhile.
        due: Option<Millis>,
    },
}

impl PauseWhy {
    /// The unit had nothing to do with it meanwhile.
    #[must_use]
    pub const fn gone(self) -> bool {
        matches!(self, Self::Away | Self::Joined | Self::Elsewhere { .. })
    }
}

/// A part that goes on where the same unit had the ticket before in this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// From when its clocks run, as they did before.
    pub since: Millis,
    /// When it was taken away.
    pub away_from: Millis,
    /// By this act.
    pub by: ActId,
}

/// Time that does not count for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// From when.
    pub from: Millis,
    /// Until when.
    pub to: Millis,
    /// The act that it began with: the request, the completion, the report; or the ticket in which the unit was done with it.
    pub act: ActId,
    /// The act that it ended with.
    pub by: ActId,
    /// Why.
    pub why: PauseWhy,
    /// What the city had agreed to, of what could not be solved for then: it lasted no longer than that, whatever is found of when
    /// it ended.
    pub agreed: Option<Agreed>,
}

/// What the city agreed to wait for (21(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// The act.
    pub by: ActId,
    /// When.
    pub at: Millis,
    /// Until when: it is looked at again then.
    pub until: Millis,
    /// It had agreed to wait until another day before.
    pub renewed: bool,
}

/// The finishing due of a ticket that joined: it goes on beside the unit's own, which sheds nothing by a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The ticket.
    pub ticket: ActId,
    /// The act that took it in.
    pub by: ActId,
    /// When.
    pub at: Millis,
    /// The first moment that is too late.
    pub due: Millis,
    /// From when, and by which act, the unit has it here: from when it joined, or was dispatched to the unit since.
    pub since: (ActId, Millis),
    /// The newest report by then: it was not of this.
    pub after: Option<ActId>,
}

/// What was decided on an extension, for the requester to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tell {
    /// The decision, and when.
    pub decided: (ActId, Millis),
    /// The act by which the requester heard of it, and when.
    pub told: Option<(ActId, Millis)>,
}

/// An attempt to reach the requester (19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The act.
    pub act: ActId,
    /// When it was entered: not when it is said to have been made.
    pub at: Millis,
    /// Somebody answered.
    pub reached: bool,
}

/// One unit's part under one dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The act that assigned it: `dispatch`, `redispatch`, `designate`, `sub-dispatch` or `return-approve`.
    pub dispatch: ActId,
    /// The unit.
    pub unit: UnitId,
    /// Its part.
    pub part: Part,
    /// The hotline that dispatched.
    pub by: UnitId,
    /// When it was dispatched.
    pub dispatched_at: Millis,
    /// When it was first at the unit's node, or the unit was told by telephone (送达, `[D]`).
    pub delivered_at: Option<Millis>,
    /// The telephone call of a hotline by which it was, if it was.
    pub called: Option<ActId>,
    /// The act of a hotline other than the city that says so: its word, which the city may set aside.
    pub delivered_by: Option<ActId>,
    /// The city found that it was not delivered as another hotline had said: only the city says so from then on.
    pub refuted: bool,
    /// It was designated: no further return (17).
    pub designated: bool,
    /// The sign-for and when.
    pub signed_for: Option<(ActId, Millis)>,
    /// The first time that the requester was reached or tried, and by which act (19).
    pub first_contact: Option<(ActId, Millis)>,
    /// Attempts to reach the requester in this round.
    pub tries: Vec<Tried>,
    /// What the unit has attached of what it wrote or heard in this round, the newest.
    pub words: Option<ActId>,
    /// A return request that waits for a decision, and when it was made.
    pub return_request: Option<(ActId, Millis)>,
    /// The request by which a return was first asked for, and when.
    pub return_asked: Option<(ActId, Millis)>,
    /// Returns that were refused: after the first one the unit may ask once more, with new facts (18, `[D]`).
    pub returns_refused: u8,
    /// The act by which a county took the ticket back from a unit that had asked to return it, and when: it may pass the
    /// return on.
    pub back: Option<(ActId, Millis)>,
    /// The act by which the present round began, and when, if it is not the first and the unit had the ticket by then (27(1)).
    pub again: Option<(ActId, Millis)>,
    /// It goes on where the unit had the ticket before.
    pub resumed: Option<Resumed>,
    /// Finishing dues of tickets that joined, which the unit had there.
    pub carried: Vec<Carried>,
    /// Times that do not count.
    pub pauses: Vec<Pause>,
    /// An extension that waits for a decision.
    pub extension: Option<Asked>,
    /// Extensions granted, oldest first (22).
    pub extensions: Vec<Extension>,
    /// What the requester is to hear of an extension (22; asked and decided, `[D]`).
    pub tell: Option<Tell>,
    /// The statutory term that the unit named, and on which nobody has decided (21(6)).
    pub legal: Option<LegalTerm>,
    /// Statutory terms that a hotline agreed to, or named, oldest first: one that came when the term was over moves nothing.
    pub governs: Vec<Governs>,
    /// Feedback of an assisting unit, and when.
    pub fed_back: Option<(ActId, Millis)>,
    /// The unit's own archive (28).
    pub archived: Option<ActId>,
    /// The act that took the ticket away again.
    pub closed_by: Option<ActId>,
}

impl Assignment {
    /// Another round of handling begins: its term is its own, and so is what bends it.
    pub(super) fn begin_round(&mut self, by: (ActId, Millis)) {
        self.again = Some(by);
        (self.extension, self.legal, self.tell, self.words) = (None, None, None, None);
        self.extensions.clear();
        self.governs.clear();
        self.carried.clear();
        self.pauses.clear();
        self.tries.clear();
    }

    /// The requester has heard of the unit by that act, at that time.
    pub(super) fn told(&mut self, by: (ActId, Millis)) {
        if let Some(tell) = &mut self.tell {
            tell.told.get_or_insert(by);
        }
    }

    /// The hotline has decided on the extension that was asked for: the requester is to hear of it.
    pub(super) fn extension_decided(&mut self, decided: (ActId, Millis)) -> Option<Asked> {
        let asked = self.extension.take()?;
        self.tell = Some(Tell { decided, told: None });
        let (by, to) = decided;
        self.pauses.push(Pause { from: asked.at, to, act: asked.id, by, why: PauseWhy::Extension, agreed: None });
        Some(asked)
    }

    /// A hotline says that the unit has it. Nothing arrives before it was sent, and what the city says stands. False if that
    /// is not news.
    pub(super) fn deliver(&mut self, at: Millis, fact: &Fact) -> bool {
        let (at, city) = (at.max(self.dispatched_at), fact.author.level == Level::CityHotline);
        let by_city = self.delivered_at.is_some() && self.delivered_by.is_none();
        if self.delivered_at.is_some_and(|known| known <= at) || !city && (self.refuted || by_city) {
            return false;
        }
        (self.delivered_at, self.delivered_by) = (Some(at), Some(fact.id).filter(|_| !city));
        self.called = Some(fact.id).filter(|_| !fact.body.kind().of_clock());
        true
    }

    /// The word of a hotline that it was delivered came late to the city: it counts from when the city could know.
    pub(super) fn told_late(&mut self, act: ActId, received_at: Millis) {
        self.delivered_at = self.delivered_at.max(Some(received_at));
        if let Some((_, at)) = self.signed_for.as_mut().filter(|(by, _)| *by == act) {
            *at = received_at.max(*at);
        }
    }

    /// The city finds that it was not delivered, as a hotline had said.
    pub(super) fn refute(&mut self) {
        (self.delivered_at, self.delivered_by, self.called, self.refuted) = (None, None, None, true);
    }

    /// This part, which was taken away, as it goes on under another dispatch to the same unit: what the unit did and asked for,
    /// and the time that it had, are those of before. Where the unit had asked to return it and nobody had agreed, that is refused
    /// with it.
    pub(super) fn resumed_as(self, new: Self, (by, away_from): (ActId, Millis), fact: &Fact) -> Self {
        let (since, before) = (self.clocks_from(), self.away());
        let mut part = Self {
            resumed: Some(Resumed { since, away_from, by }),
            signed_for: self.signed_for,
            first_contact: self.first_contact,
            tries: self.tries,
            words: self.words,
            return_asked: self.return_asked,
            returns_refused: self.returns_refused,
            again: self.again,
            extension: self.extension,
            extensions: self.extensions,
            tell: self.tell,
            legal: self.legal,
            governs: self.governs,
            carried: self.carried,
            pauses: self.pauses,
            ..new
        };
        part.pauses.extend(before);
        match self.return_request {
            Some((act, asked_at)) if by == fact.id => part.return_refused(act, asked_at, fact),
            // What was agreed to was right; given back after that, the unit goes on all the same.
            Some((act, from)) => {
                part.signed_for.get_or_insert((act, from));
                part.pauses.push(Pause { from, to: away_from, act, by, why: PauseWhy::Return, agreed: None });
            }
            None => {}
        }
        part
    }

    /// A hotline decides that a return is refused. It counts as receipt (18): a unit gains no time by asking, and pays for none
    /// that the hotline took to decide.
    pub(super) fn return_refused(&mut self, act: ActId, asked_at: Millis, fact: &Fact) {
        self.returns_refused += 1;
        self.signed_for.get_or_insert((fact.id, asked_at));
        // Asking once more with new facts stops nothing.
        if self.returns_refused == 1 {
            self.pauses.push(Pause {
                from: asked_at,
                to: fact.when(),
                act,
                by: fact.id,
                why: PauseWhy::Return,
                agreed: None,
            });
        }
    }

    /// The time between two dispatches to the unit, in which it did not have it.
    #[must_use]
    pub fn away(&self) -> Option<Pause> {
        let to = self.had_from();
        let by = self.dispatch;
        self.resumed.map(|Resumed { away_from: from, by: act, .. }| Pause {
            from,
            to,
            act,
            by,
            why: PauseWhy::Away,
            agreed: None,
        })
    }

    /// From when its clocks run, whoever had it between.
    #[must_use]
    pub fn clocks_from(&self) -> Millis {
        self.resumed.map_or_else(|| self.had_from(), |resumed| resumed.since)
    }

    /// From when the unit had it by this dispatch: from 送达 where it is on record that the dispatch came later than it was made `[D]`.
    #[must_use]
    pub fn had_from(&self) -> Millis {
        self.delivered_at.unwrap_or(self.dispatched_at)
    }

    /// 送达: a witness or a call shows that the unit has it, or what it did does.
    #[must_use]
    pub fn arrived(&self) -> bool {
        // What was done before it was taken away shows nothing of the dispatch that gave it back.
        let since = |at: Millis| self.resumed.is_none_or(|resumed| at > resumed.away_from);
        let signed = self.signed_for.is_some_and(|(_, at)| since(at));
        self.delivered_at.is_some() || signed || self.return_asked.is_some_and(|(_, at)| since(at))
    }
}
