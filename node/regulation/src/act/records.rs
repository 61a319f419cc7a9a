//! What several kinds of acts have in common, and types of fields that are more than a number.

use super::NO_UNIT;
use crate::codes::*;
use crate::ids::{ActId, Millis, UnitId};

/// An article of the knowledge base in one of its publications, counted from 1 (16(1), 29).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation {
    /// The article.
    pub article: ActId,
    /// Which publication of it.
    pub version: u32,
}

/// What a hotline's node has seen by itself, without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// 送达: the dispatch that this answers was first at a node of the unit `[D]`.
    Delivered {
        /// The unit.
        unit: UnitId,
        /// When.
        at: Millis,
    },
    /// 离线补传: the act that this answers reached the city later than it says it was made `[D]`.
    Late {
        /// It cannot have been made before: its device had seen what the city hub made then.
        not_before: Millis,
        /// It was made by then: a hotline had it.
        received_at: Millis,
        /// Nothing that the device made later had come before it: it was out of reach meanwhile.
        offline: bool,
        /// What it says lies between the two, give or take the allowance for clocks.
        clock_good: bool,
    },
}

/// A number in another system, such as a province platform or an imported message board. ASCII, ≤ 64 bytes each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalNumber {
    /// Name of the other system.
    pub system: String,
    /// The number there.
    pub number: String,
}

/// Fields of `register` (15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Class of the request.
    pub kind: RequestKind,
    /// Urgency as the operator heard it.
    pub urgency: Urgency,
    /// How it came.
    pub channel: Channel,
    /// When the requester said it.
    pub raised_at: Millis,
    /// Day of the number, days since 1970-01-01 in local time (UTC+8).
    pub day: i32,
    /// Serial of that device and day, from 1.
    pub serial: u32,
    /// The requester asked that personal data be kept confidential (13).
    pub confidential: bool,
    /// The requester gave no name.
    pub anonymous: bool,
    /// Its number elsewhere.
    pub external: Option<ExternalNumber>,
    /// 再次来电: the ticket of the same requester and matter that was closed before (25(3)).
    pub again: Option<ActId>,
    /// How many times the requester has raised the matter, this time counted; from 1.
    pub times: u8,
    /// It was closed in another system before the city was in force, and came in as history: no unit ever has it.
    pub history: bool,
    /// Who raises it (2).
    pub party: Party,
    /// 涉企: it is raised for an enterprise, a sole trader among them `[D]`.
    pub enterprise: bool,
}

/// Fields of `dispatch`, `redispatch` and `return-approve` (17, 18): one lead and any assisting units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// 主办单位
    pub lead: UnitId,
    /// 协办单位, each once.
    pub assisting: Vec<UnitId>,
}

/// A unit that had a ticket, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Had {
    /// The unit.
    pub unit: UnitId,
    /// Of a ticket that joins: the finishing due that was open of it there, the first moment that is too late. Of one that joins no
    /// more: when the unit was done with it.
    pub until: Option<Millis>,
    /// Of one that joins no more: its finishing due as it stood where it had joined.
    pub due: Option<Millis>,
}

/// What a `supplement` says of the ticket that joined (16): filled in by the program, in the act that takes the ticket in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Joins {
    /// Whoever led there, or had sent it on, each hop with its own due. Empty: it was dispatched to nobody.
    pub had: Vec<Had>,
    /// Its requester gave no name.
    pub anonymous: bool,
    /// It joins no more: the merge was undone, or fell.
    pub parted: bool,
    /// It is of urgent help that nobody has reported on yet (21(3)): from when its two hours run.
    pub urgent: Option<Millis>,
    /// Whoever has or had a part there, or wrote it down.
    pub units: Vec<UnitId>,
    /// Units that are kept out there (13).
    pub kept_out: Vec<UnitId>,
    /// It is confidential (13).
    pub confidential: bool,
    /// The ticket that goes on, or another one that has joined it, whose requester has the same telephone: he is one person.
    pub same_as: Option<ActId>,
}

/// What a `merge` says of the two tickets (16): filled in by the program, and compared by whoever verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agrees {
    /// Whether they are of one place.
    pub place: Agree,
    /// Whether they are of one category.
    pub category: Agree,
    /// Whether both ask for the same; [`RequestKind::wants_the_same`].
    pub kind: Agree,
    /// Whether both were taken in by the hotline, or both written down by one unit: what a unit writes down of itself stands apart
    /// in the figures (15, `[D]`), and neither hides another's request nor rates it.
    pub intake: Agree,
}

impl Agrees {
    /// Nothing of the two can be compared.
    pub const UNKNOWN: Self =
        Self { place: Agree::Unknown, category: Agree::Unknown, kind: Agree::Unknown, intake: Agree::Unknown };

    /// Whether the two are of one matter (16, `[D]`): nothing differs, and place or category is known to be the same.
    #[must_use]
    pub fn one_matter(self) -> bool {
        let Self { place, category, kind, intake } = self;
        ![place, category, kind, intake].contains(&Agree::Other) && [place, category].contains(&Agree::Same)
    }
}

/// Ratings of a follow-up that reached the requester (26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// 是否联系
    pub contacted: Contacted,
    /// 是否解决
    pub solved: Solved,
    /// 是否满意
    pub satisfaction: Satisfaction,
}

impl AttachClass {
    /// Whether it may hold what somebody said or wrote: a recording of a call, a letter or message, a form.
    #[must_use]
    pub const fn of_words(self) -> bool {
        matches!(self, Self::Recording | Self::Document | Self::Form)
    }
}

impl Rating {
    /// 不满意 or 未解决: the unit has to look into it (27).
    #[must_use]
    pub fn bad(self) -> bool {
        self.solved == Solved::No || self.satisfaction == Satisfaction::Dissatisfied
    }

    /// How heavy it is, to be compared: bad before good, then by what weighs most in the rates (38, `[D]`). Two of one
    /// weight say the same.
    pub(crate) fn weight(self) -> (bool, Solved, Satisfaction, u8) {
        let contacted = match self.contacted {
            Contacted::Yes => 0,
            Contacted::Unsure => 1,
            Contacted::No => 2,
        };
        (self.bad(), self.solved, self.satisfaction, contacted)
    }
}

impl Register {
    /// One that breaks no rule by its particulars: somebody asks for help by telephone.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            kind: RequestKind::Help,
            urgency: Urgency::Ordinary,
            channel: Channel::Telephone,
            raised_at: 0,
            day: 0,
            serial: 1,
            confidential: false,
            anonymous: false,
            external: None,
            again: None,
            times: 1,
            history: false,
            party: Party::Natural,
            enterprise: false,
        }
    }
}

impl Dispatch {
    pub(super) const fn sample() -> Self {
        Self { lead: NO_UNIT, assisting: Vec::new() }
    }
}

impl Seen {
    pub(super) const fn sample() -> Self {
        Self::Delivered { unit: NO_UNIT, at: 0 }
    }
}

impl Rating {
    pub(super) const BEST: Self =
        Self { contacted: Contacted::Yes, solved: Solved::Yes, satisfaction: Satisfaction::Satisfied };
}
