//! From a form that was sent to an act that is durable.

use kernel::{Command, Done};
use regulation::{ActId, ActKind, PersonId};

use crate::clock;
use crate::form::{self, Filled};
use crate::named;
use crate::problem::Problem;
use crate::process::Node;

/// Makes an act of a form; `doc` is what it is about, unless it begins something.
///
/// # Errors
/// Which field is wrong, or the rule that forbids it. Nothing was changed.
pub(super) async fn make(
    node: Node,
    person: PersonId,
    kind: ActKind,
    doc: Option<ActId>,
    filled: Filled,
) -> Result<(ActId, Option<ActId>), Problem> {
    let filled = named::with_ids(&node, kind, filled).await?;
    let typed = form::read(kind, &filled, &node.registry(), clock::now())?;
    let command = match (doc, typed.edit) {
        (None, _) => Command::Begin(typed.draft),
        (Some(doc), None) => Command::Act { doc, draft: typed.draft },
        (Some(doc), Some(edit)) => Command::Write { doc, draft: typed.draft, edit },
    };
    match node.ask(Some(person), command).await? {
        Done::Made { doc, act } => Ok((doc, Some(act))),
        Done::Known { doc } => Ok((doc, None)),
        Done::Registry(_) | Done::Documents(_) => Err(Problem::fault(&"an act that came to something else")),
    }
}

/// The kind that a path names, of tickets or of knowledge.
pub(super) fn kind_of(code: &str, knowledge: bool) -> Option<ActKind> {
    ActKind::parse(code).filter(|kind| kind.of_knowledge() == knowledge && !kind.begins() && !kind.of_hub())
}

/// The page of a document with the act that was just made.
pub(super) fn place(folder: &str, (doc, act): (ActId, Option<ActId>)) -> String {
    match act {
        Some(act) => format!("/{folder}/{}?made={}", doc.hex(), act.short()),
        None => format!("/{folder}/{}", doc.hex()),
    }
}
