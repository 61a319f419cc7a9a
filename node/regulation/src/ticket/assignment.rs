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
}

/// An extension that was granted (22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The request.
    pub asked: ActId,
    /// When it was made: one that was made too late moves no due.
    pub asked_at: Millis,
    /// Working days granted.
    pub days: u32,
    /// A law or regulation provides for more than the usual most.
    pub by_law: bool,
}

/// A term of a law, regulation or rule that the unit named for the matter (21(6)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalTerm {
    /// The report that named it.
    pub id: ActId,
    /// When it was named.
    pub at: Millis,
    /// The first moment that is too late under it.
    pub due: Millis,
    /// The hotline found that it governs; until then it holds, but nothing is called overdue or in time by it.
    pub confirmed: bool,
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
}

/// Time that does not count for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// From when.
    pub from: Millis,
    /// Until when.
    pub to: Millis,
    /// The act that it began with: the request, the completion, the report.
    pub act: ActId,
    /// Why.
    pub why: PauseWhy,
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
    /// The act of a hotline other than the city that says so: its word, which the city may set aside.
    pub delivered_by: Option<ActId>,
    /// The city found that it was not delivered as another hotline had said: only the city says so from then on.
    pub refuted: bool,
    /// It was designated: no further return (17).
    pub designated: bool,
    /// The sign-for and when.
    pub signed_for: Option<(ActId, Millis)>,
    /// The first report on it, and when: by which urgent help is judged (21(3)).
    pub first_report: Option<(ActId, Millis)>,
    /// The first time that the requester was reached or tried, and by which act (19).
    pub first_contact: Option<(ActId, Millis)>,
    /// A return request that waits for a decision, and when it was made.
    pub return_request: Option<(ActId, Millis)>,
    /// When a return was first asked for.
    pub return_asked_at: Option<Millis>,
    /// Returns that were refused: after the first one the unit may ask once more, with new facts (18, `[D]`).
    pub returns_refused: u8,
    /// When a county took the ticket back from a unit that had asked to return it: it may pass the return on.
    pub back_at: Option<Millis>,
    /// When the present round began, if it is not the first and the unit had the ticket by then (27(1)).
    pub again_from: Option<Millis>,
    /// Times that do not count.
    pub pauses: Vec<Pause>,
    /// An extension that waits for a decision.
    pub extension: Option<Asked>,
    /// Extensions granted, oldest first (22).
    pub extensions: Vec<Extension>,
    /// When an extension was last decided, and when the requester heard of it (22; asked and decided, `[D]`).
    pub tell: Option<(Millis, Option<Millis>)>,
    /// The statutory term that the unit named (21(6)).
    pub legal: Option<LegalTerm>,
    /// Feedback of an assisting unit.
    pub fed_back: Option<Millis>,
    /// The unit's own archive (28).
    pub archived: Option<ActId>,
    /// The act that took the ticket away again.
    pub closed_by: Option<ActId>,
}

impl Assignment {
    /// Another round of handling begins: its term is its own, and so is what bends it.
    pub(super) fn begin_round(&mut self, at: Millis) {
        self.again_from = Some(at);
        (self.extension, self.legal, self.tell) = (None, None, None);
        self.extensions.clear();
        self.pauses.clear();
    }

    /// The requester has heard of the unit at that time.
    pub(super) fn told(&mut self, at: Millis) {
        if let Some((_, told @ None)) = &mut self.tell {
            *told = Some(at);
        }
    }

    /// The hotline has decided on the extension that was asked for: the requester is to hear of it.
    pub(super) fn extension_decided(&mut self, at: Millis) -> Option<Asked> {
        let asked = self.extension.take()?;
        self.tell = Some((at, None));
        self.pauses.push(Pause { from: asked.at, to: at, act: asked.id, why: PauseWhy::Extension });
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
        (self.delivered_at, self.delivered_by, self.refuted) = (None, None, true);
    }

    /// From when its clocks run: from 送达 where it is on record that the dispatch came later than it was made `[D]`.
    #[must_use]
    pub fn had_from(&self) -> Millis {
        self.delivered_at.unwrap_or(self.dispatched_at)
    }

    /// 送达: a witness or a call shows that the unit has it, or what it did does.
    #[must_use]
    pub const fn arrived(&self) -> bool {
        self.delivered_at.is_some() || self.signed_for.is_some() || self.return_asked_at.is_some()
    }
}
