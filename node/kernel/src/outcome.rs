//! What people are told: what a command came to, or why it was not carried out.

use std::collections::BTreeSet;

use regulation::{ActId, DeviceId, PersonId, Rule};
use replica::malformed::Malformed;
use replica::registry::Clash;

/// What a command came to, durable when it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// An act was made.
    Made {
        /// The document.
        doc: ActId,
        /// The act.
        act: ActId,
    },
    /// The number was there already, with the same text: nothing was added.
    Known {
        /// The document.
        doc: ActId,
    },
    /// It would be made.
    Would,
    /// The registry was changed; its new version.
    Registry(u32),
    /// The clock was confirmed.
    Clock,
    /// A person was added.
    Person(PersonId),
    /// A device was enrolled, or was already.
    Enrolled {
        /// Its number.
        device: DeviceId,
        /// Who came with it.
        person: Option<PersonId>,
    },
    /// Somebody has waived the wait of the hub; so many more have to.
    Waived {
        /// Who has, of what still waits; of what was asked, if nothing does.
        by: BTreeSet<PersonId>,
        /// How many.
        left: u8,
    },
    /// Documents rebuilt or settled.
    Documents(usize),
    /// Somebody has taken note.
    Acknowledged,
    /// It is written down who is shown what: now it may be shown.
    Revealed,
    /// It is written down who covers.
    Covered,
}

/// What is wrong with a request, of itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInput {
    /// No node would take the act, or the entry of the registry, that it asks for.
    #[error(transparent)]
    Unfit(#[from] Malformed),
    /// Of the values of a block that stand side by side it chooses one that is not there, or of which the text is not.
    #[error("no such value, or its text is not held here")]
    NoSuchValue,
    /// It changes more of a text at once than one act can say.
    #[error("{changes} changes at once, at most {most}; save them in parts")]
    ManyChanges {
        /// Changes.
        changes: usize,
        /// As many fit into one act.
        most: usize,
    },
    /// The reason for which personal data is to be shown is too long, or not on one line.
    #[error("a reason has at most {most} characters in one line")]
    Reason {
        /// Characters, at most.
        most: usize,
    },
    /// Another reason than those that there are has no words.
    #[error("say in words what it is needed for")]
    NoReason,
    /// A supervision organ looks by a document, and for something (36).
    #[error("give the number of the document, and what it is for")]
    NoPaper,
    /// Nobody takes note of an alarm.
    #[error("an alarm is acknowledged by a person")]
    Nobody,
}

/// What is wrong with what is said of deputies and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCover {
    /// Somebody is not of the unit of this node.
    #[error("deputies and leave are set in the unit, among its own people")]
    NotHere,
    /// It is of somebody else, and whoever says it administers nothing.
    #[error("deputies and leave are said by the person or by an administrator of the unit")]
    NotTheirs,
    /// Nobody covers for himself.
    #[error("nobody covers for himself")]
    Oneself,
    /// Nobody is named who covers, and there is no deputy.
    #[error("no deputy is named: say who covers")]
    NoDeputy,
    /// The days are none that can be.
    #[error("a leave ends today or later, begins within {ahead} days, and lasts {most} days at most")]
    Days {
        /// Days, at most.
        most: i32,
        /// It begins so many days from now, at most.
        ahead: i32,
    },
    /// The person has a leave then already.
    #[error("this person has a leave then already; end that one first")]
    OnLeave,
    /// Whoever is to cover is away then.
    #[error("whoever is to cover is on leave then")]
    Away,
    /// Whoever leaves covers for another then.
    #[error("this person covers for another then; name somebody else for that one first")]
    Covering,
    /// Whoever is to cover covers for many.
    #[error("one covers for {most} people at a time, at most")]
    Many {
        /// People, at most.
        most: usize,
    },
    /// There is no leave to end.
    #[error("no leave of this person is under way or to come")]
    NoLeave,
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::BadInput(malformed.into())
    }
}

/// Why a command was not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A rule says no.
    #[error("{}", .0.english())]
    Rule(Rule),
    /// There is no such document here.
    #[error("no such document here")]
    NotFound,
    /// The document has left every scope of this node, and what it rests on here went no other way: an act of this node
    /// would reach nobody.
    #[error("the document was given elsewhere, and nothing that is done here would reach the city any more")]
    Left,
    /// Something was done on the document that this program is too old for: what is done here could contradict it.
    #[error("{acts} acts on this document are of a newer version of this program; upgrade this node first")]
    NeedsUpgrade {
        /// Acts that wait.
        acts: u64,
    },
    /// The request itself is wrong.
    #[error(transparent)]
    BadInput(#[from] BadInput),
    /// The number in another system is that of a ticket which says something else.
    #[error("the number in the other system is that of {number}, which {unit} registered with another text")]
    OtherText {
        /// The ticket.
        doc: ActId,
        /// Its number.
        number: String,
        /// The unit that registered it.
        unit: String,
    },
    /// The entry contradicts the registry.
    #[error("{0}")]
    Clash(Clash),
    /// The id of the request is that of another one, or of somebody else's.
    #[error("the id of this request is that of another one, which was done")]
    OtherRequest,
    /// What was decided on was changed meanwhile.
    #[error("it was changed by somebody else meanwhile; look at it again")]
    Changed,
    /// The clock of this machine shows another time than the one that it is said to be.
    #[error("the clock of this machine shows another time; set it right first")]
    OtherTime,
    /// Nobody can tell whether the month is over.
    #[error(
        "the clock of this machine is in doubt, and a month that is locked stays so; set it right or confirm it first"
    )]
    LockDoubtful,
    /// The month is not over by the newest time that is believed.
    #[error("the month is not over by the clock of this machine")]
    LockEarly,
    /// This node may not do it.
    #[error("this node does not hold the root key")]
    NoRootKey,
    /// After a loss it is not known yet which entries of the registry other nodes hold.
    #[error("entries of the registry may be missing here since the loss; not heard yet: {}", .unheard.join(", "))]
    RegistryUnsure {
        /// Names of the devices that were not heard yet.
        unheard: Vec<String>,
    },
    /// The city hub was put back, and has not heard every county yet.
    #[error("the city hub was put back and makes no act yet; not heard: {}", .unheard.join(", "))]
    HubPutBack {
        /// Names of the devices that were not heard yet.
        unheard: Vec<String>,
    },
    /// The hub waits for nobody.
    #[error("the city hub waits for nobody")]
    NothingToWaive,
    /// The device is not in the registry that it holds.
    #[error("device {} is not enrolled", .0.0)]
    NotEnrolled(DeviceId),
    /// What is said of deputies and leave cannot be.
    #[error(transparent)]
    Cover(#[from] BadCover),
    /// Whoever covers for somebody does not decide as a second person on what that one did (7(1)).
    #[error("whoever covers for somebody does not confirm or review what that one did")]
    Covers,
    /// No role of the person needs personal data.
    #[error("no role of this person needs personal data")]
    NoNeedToKnow,
    /// The person has been shown as much as an hour allows.
    #[error("so much personal data was shown within an hour; again in {wait_s} s")]
    ShownTooOften {
        /// When it is possible again, in seconds.
        wait_s: u64,
    },
}
