//! Fields that name another ticket: people read out a number, an act holds an id.

use regulation::{ActId, ActKind};

use crate::form::{self, Filled};
use crate::problem::Problem;
use crate::process::Node;
use crate::view;

/// The field of merge and split that names the other ticket.
const FIELD: &str = "into";

/// Puts the id in the place of the number, or the beginning of an id, of another ticket. An id that is not held here
/// stays: another node may hold it.
///
/// # Errors
/// There is no such ticket here, or several.
pub async fn with_ids(node: &Node, kind: ActKind, mut filled: Filled) -> Result<Filled, Problem> {
    let named = filled.get(FIELD).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let Some(name) = named.filter(|_| matches!(kind, ActKind::Merge | ActKind::Split)) else { return Ok(filled) };
    if ActId::parse(&name).is_some() {
        return Ok(filled);
    }
    let found = node.read(move |reader, _| {
        let found = view::find(reader, &name);
        let ticket = found.as_ref().map_or(Ok(None), |(doc, _)| reader.ticket(*doc))?;
        // Whatever is wrong is wrong with the field, not with the ticket that it is filled in for.
        ticket.map(|ticket| ticket.id).ok_or_else(|| unknown(kind, found.err(), &name))
    });
    filled.insert(FIELD.to_owned(), found.await?.hex());
    Ok(filled)
}

fn unknown(kind: ActKind, found: Option<Problem>, name: &str) -> Problem {
    let none = || Problem::not_found(format!("{name} 不是工单"), format!("{name} is no ticket"));
    let (problem, specs) = (found.unwrap_or_else(none), form::fields(kind));
    let label = specs.iter().find(|spec| spec.name == FIELD).map_or(FIELD, |spec| spec.chinese);
    Problem::bad_input(format!("{FIELD}（{label}）：{}", problem.title), format!("{FIELD}: {}", problem.detail))
}
