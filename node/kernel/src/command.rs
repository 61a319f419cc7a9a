//! What people ask of a node.

use regulation::{ActId, Millis, PersonId, Role, UnitId};
use replica::{BlockId, Change, Class, Draft, Person};

use crate::cover::Cover;
use crate::reveal::{Inspect, Reveal};

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
    /// Take upon oneself that the city hub, which was put back, goes on without having heard these nodes, or all for which it
    /// waits if none is named. It does once two people of the city hotline have.
    Waive(Vec<regulation::DeviceId>),
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
    /// Show somebody of a supervision organ a whole case: what stays of it is the trace.
    Inspect(Inspect),
    /// Say who is whose deputy, who is on leave, and who covers.
    Cover(Cover),
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

/// Which request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Hash of the id that whoever asks has drawn.
    pub id: [u8; 32],
    /// Hash of what is asked.
    pub digest: [u8; 32],
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
