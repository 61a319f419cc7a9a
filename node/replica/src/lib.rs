//! Acts, their encoding and sealing, the registry, admission, the fold with its strata, and the Automerge documents
//! that acts regenerate.
//!
//! Invariant: pure. The same admitted acts and registry versions give the same admission, standing and documents on
//! every node, in whatever order they arrived. Only this crate names an Automerge type.

#![warn(missing_docs)]

pub mod act;
pub mod body;
pub mod codec;
mod diff;
pub mod document;
pub mod draft;
pub mod effect;
pub mod fold;
pub mod graph;
pub mod history;
pub mod judge;
pub mod limits;
pub mod numbered;
pub mod part;
pub mod registry;
pub mod seal;
pub mod stub;
mod text;

pub use act::{Act, Content};
pub use document::{Document, DocumentError};
pub use draft::{Draft, Stamp, compose};
pub use effect::{Effect, Field, Value};
pub use fold::{Folded, Standing};
pub use graph::{Node, Verdict};
pub use history::{History, Restoring};
pub use judge::{Judgement, Need, judge, vet, weigh};
pub use part::{Part, PartHead, PartKind};
pub use registry::{
    Change, Class, Device, Entry, Lock, Month, Person, Registry, RegistryError, RegistryVersion, Unit, UnitKind,
};
pub use seal::{DeviceKey, Sealed};
pub use stub::Stub;
pub use text::Splice;
