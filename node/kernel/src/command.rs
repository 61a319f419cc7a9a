//! What people ask of a node, and what they are told.

use regulation::{ActId, DeviceId, PersonId, Rule};
use replica::{Change, Draft};

/// What somebody asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin a ticket or an article. The number of a ticket is filled in.
    Begin(Draft),
    /// Act on a document. What it answers is filled in unless the draft names it.
    Act {
        /// The document.
        doc: ActId,
        /// What to do.
        draft: Draft,
    },
    /// Put `text` at the end of the text of a document (a working note), or over it as it was at `base` (an article).
    Write {
        /// The document.
        doc: ActId,
        /// The act, without splices.
        draft: Draft,
        /// What is written.
        edit: Edit,
    },
    /// Write an entry of the registry. Only the node that holds the root key can.
    Registry(Box<Change>),
    /// Build everything but acts, parts and feeds again from them.
    Rebuild,
    /// Confirm what is unsettled. Only the city hub does.
    Settle,
    /// Take note of an alarm.
    Acknowledge {
        /// Code of its kind.
        kind: String,
        /// Its source.
        source: String,
    },
}

/// A change of text as a person makes it.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A line at the end.
    Append(String),
    /// The whole text anew, typed over the text as it was when these acts were the heads.
    Replace {
        /// Heads when the text was shown; empty for the present ones.
        base: Vec<ActId>,
        /// The text as typed.
        text: String,
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
    /// The number was there already: nothing was added.
    Known {
        /// The document.
        doc: ActId,
    },
    /// The registry was changed; its new version.
    Registry(u32),
    /// Documents rebuilt or settled.
    Documents(usize),
    /// Somebody has taken note.
    Acknowledged,
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
    /// The request itself is wrong.
    #[error("{0}")]
    BadInput(String),
    /// This node may not do it.
    #[error("this node does not hold the root key")]
    NoRootKey,
    /// The device is not in the registry that it holds.
    #[error("device {} is not enrolled", .0.0)]
    NotEnrolled(DeviceId),
}
