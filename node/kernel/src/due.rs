//! The dues of a ticket as a node has it.

use regulation::terms::{self, DueItem};
use replica::History;
use replica::registry::At;

/// The dues of a ticket under the rules of the registry as they changed since it began.
#[must_use]
pub fn dues(history: &History, at: &At<'_>) -> Vec<DueItem> {
    let Some(ticket) = history.record().ticket() else { return Vec::new() };
    let began =
        history.nodes().first().and_then(|first| first.act.registry.first()).map_or(0, |version| version.version);
    let rules = at.rules_since(began).into_iter();
    let rules = rules.map(|(at, calendar)| terms::Rules { since: at.time(), calendar, terms: at.settings() });
    let mut items = terms::dues_under(ticket, &rules.collect::<Vec<_>>());
    // Until the city hub has it, nobody but the unit itself says when something was done.
    let settled = |id| history.index_of(id).is_none_or(|index| history.folded().settled(index));
    for item in items.iter_mut().filter(|item| item.met_by.is_some_and(|id| !settled(id))) {
        item.provisional = true;
    }
    items
}
