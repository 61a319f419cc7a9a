//! Acts, their encoding and sealing, the registry, admission, the fold with its strata, and the Automerge documents
//! that acts regenerate.
//!
//! Invariant: pure. The same admitted acts and registry versions give the same admission, standing and documents on
//! every node, in whatever order they arrived. Only this crate names an Automerge type.

#![warn(missing_docs)]

pub mod act;
mod block;
pub mod body;
mod card;
pub mod characters;
pub mod codec;
mod diff;
pub mod document;
pub mod draft;
pub mod edit;
pub mod effect;
pub mod envelope;
mod fact;
pub mod fields;
pub mod file;
pub mod finding;
pub mod fold;
mod form;
pub mod graph;
pub mod history;
pub mod judge;
pub mod key;
pub mod limits;
mod line;
pub mod malformed;
mod names;
pub mod newer;
pub mod part;
pub mod rank;
pub mod registry;
mod sabotage;
pub mod seal;
pub mod split;
pub mod stub;
pub mod unknown;

pub use act::{Act, Content};
pub use card::Answered;
pub use document::{Block, BlockValue, Document, DocumentError};
pub use draft::{Draft, Stamp, compose};
pub use effect::{Behind, BlockId, Effect, Field, Value};
pub use fold::{Folded, Standing};
pub use graph::{Node, Verdict};
pub use history::{History, Restoring};
pub use judge::{Judgement, Need, judge, still_proposes, vet, weigh};
pub use key::DeviceKey;
pub use newer::Newer;
pub use part::{Part, PartHead, PartKind};
pub use registry::{
    Change, Class, Device, Entry, Lock, Month, Person, Registry, RegistryError, RegistryVersion, Unit, UnitKind,
};
pub use seal::{Sealed, Signature};
pub use stub::Stub;
pub use unknown::Unknown;
