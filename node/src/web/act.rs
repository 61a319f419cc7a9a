//! Acts that pages make: which kinds a path can name, and where the reader goes afterwards.

use regulation::{ActId, ActKind};

/// The kind that a path names, of tickets or of knowledge.
pub(super) fn kind_of(code: &str, knowledge: bool) -> Option<ActKind> {
    ActKind::parse(code).filter(|kind| kind.of_knowledge() == knowledge && !kind.begins() && !kind.of_clock())
}

/// The page of a document with the act that was just made.
pub(super) fn place(folder: &str, (doc, act): (ActId, Option<ActId>)) -> String {
    match act {
        Some(act) => format!("/{folder}/{}?made={}", doc.hex(), act.short()),
        None => format!("/{folder}/{}", doc.hex()),
    }
}
