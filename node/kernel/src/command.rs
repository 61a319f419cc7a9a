//! What people ask of a node, and what they are told.

use regulation::{ActId, DeviceId, Millis, PersonId, Role, Rule, UnitId};
use replica::registry::Clash;
use replica::{BlockId, Change, Class, Draft, Person};

use crate::once::Once;
use crate::reveal::Reveal;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin a ticket or an article. The number of a ticket is filled in.
    Begin(Draft),
    /// Find out what [`Self::Begin`] would come to, and change nothing.
    Try(Draft),
    /// Act on a document. What it answers is filled in unless the draft names it.
    Act {
        /// The document.
        doc: ActId,
        /// What to do.
        draft: Draft,
    },
    /// Act on two documents: both or neither. What it comes to is the first.
    Both(Box<[(ActId, Draft); 2]>),
    /// Change the text of an article.
    Write {
        /// The article.
        doc: ActId,
        /// The act, without what it makes of blocks.
        draft: Draft,
        /// What is written.
        edit: Edit,
    },
    /// Write an entry of the registry. Only the node that holds the root key can, as with the next two.
    Registry {
        /// The version of the registry that it was decided on: what was changed since then is not overwritten.
        seen: u32,
        /// The entry.
        change: Box<Change>,
    },
    /// Add a person to the registry; the number is given.
    AddPerson(Person),
    /// Enrol a device, and the person who sets it up with it; the numbers are given. A key that is enrolled in that unit
    /// and class already gets the answer that it got then.
    Enrol(Box<Enrolment>),
    /// Say that no other node holds an entry of the registry that is not here, after a loss.
    ConfirmRegistry,
    /// Take upon oneself that the city hub, which was put back, goes on without having heard every county. It does once two
    /// people of the city hotline have.
    Waive,
    /// Build everything but acts, parts and feeds again from them.
    Rebuild,
    /// Say that the clock of this machine is right: what the node does by itself goes on.
    ConfirmClock {
        /// The time that whoever says so was shown.
        shown: Millis,
    },
    /// Confirm what is unsettled. Only the city hub does.
    Settle,
    /// Show somebody personal data: what stays of it is the trace.
    Reveal(Reveal),
    /// Take note of an alarm.
    Acknowledge {
        /// Code of its kind.
        kind: String,
        /// Its source.
        source: String,
    },
    /// Do it, unless that person has had it done under the same id: then it is told what it came to, and nothing is done.
    Once(Once, Box<Command>),
}

/// A device that joins.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The unit that it belongs to.
    pub unit: UnitId,
    /// What it is for.
    pub class: Class,
    /// Its public key.
    pub key: [u8; 32],
    /// What people call it; by its unit and class if nobody says.
    pub name: Option<String>,
    /// Who sets it up, if that is somebody new.
    pub person: Option<Newcomer>,
    /// A fact of the process that changes with it, such as the invitations that still wait, under its name behind
    /// [`crate::KEPT`]: both or neither.
    pub keep: Option<(String, Vec<u8>)>,
}

/// Somebody new in the unit of a device that joins.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Name on screens.
    pub name: String,
    /// What the person types to sign in.
    pub login: String,
    /// Roles.
    pub roles: Vec<Role>,
}

/// A change of an article's text as a person makes it.
#[derive(Clone, Debug)]
pub enum Edit {
    /// The whole text anew, typed over the text as it was when these acts were the heads.
    Replace {
        /// Heads when the text was shown; empty for the present ones.
        base: Vec<ActId>,
        /// The text as typed.
        text: String,
    },
    /// One of the values of a block that stood side by side at these acts.
    Choose {
        /// Heads when they were shown; empty for the present ones.
        base: Vec<ActId>,
        /// The block.
        block: BlockId,
        /// The act whose value is chosen.
        act: ActId,
    },
}

/// A command with who gives it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Comes back with the reply.
    pub ticket: u64,
    /// Who; absent for the node's own business.
    pub person: Option<PersonId>,
    /// What.
    pub command: Command,
}

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
        /// How many.
        left: u8,
    },
    /// Documents rebuilt or settled.
    Documents(usize),
    /// Somebody has taken note.
    Acknowledged,
    /// It is written down who is shown what: now it may be shown.
    Revealed,
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
    #[error("{0}")]
    BadInput(String),
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
