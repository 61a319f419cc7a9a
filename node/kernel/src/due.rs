//! What is due on a ticket, as the registry has the rules.

use regulation::terms::{self, DueItem};
use regulation::{ActId, Level, Ticket};
use replica::History;
use replica::registry::At;

use crate::told::Told;

/// The dues of a ticket under the rules of the registry as they changed since it began.
#[must_use]
pub fn dues(history: &History, at: &At<'_>) -> Vec<DueItem> {
    history.record().ticket().map_or_else(Vec::new, |ticket| dues_of(history, at, ticket))
}

/// The same with what the city told of acts of units that hold it no more.
#[must_use]
pub fn dues_as_told(history: &History, at: &At<'_>, told: &Told) -> Vec<DueItem> {
    let Some(ticket) = history.record().ticket() else { return Vec::new() };
    dues_settled(history, at, ticket, &|id| told.settled(id))
}

/// The same of a ticket of that history as it stood once.
#[must_use]
pub fn dues_of(history: &History, at: &At<'_>, ticket: &Ticket) -> Vec<DueItem> {
    dues_settled(history, at, ticket, &|_| false)
}

/// The same where acts are settled by what is not in that history as well.
fn dues_settled(history: &History, at: &At<'_>, ticket: &Ticket, told: &dyn Fn(ActId) -> bool) -> Vec<DueItem> {
    let began =
        history.nodes().first().and_then(|first| first.act.registry.first()).map_or(0, |version| version.version);
    let rules = at.rules_since(began).into_iter();
    let rules = rules.map(|(at, calendar)| terms::Rules {
        version: at.version(),
        since: at.time(),
        calendar,
        terms: at.settings(),
    });
    let named = |id| {
        let node = history.index_of(id).map(|index| &history.nodes()[index]);
        node.and_then(|node| node.act.registry.iter().map(|version| version.version).max())
    };
    let mut items = terms::dues_under(ticket, &rules.collect::<Vec<_>>(), &named);
    if let Some((city, _)) = at.units().find(|(unit, _)| at.level(*unit) == Level::CityHotline) {
        terms::of_the_city(&mut items, ticket, city);
    }
    // Until the city hub has it, nobody but the unit itself says when something was done.
    let settled = |id| history.index_of(id).is_none_or(|index| history.folded().settled(index)) || told(id);
    for item in items.iter_mut().filter(|item| item.met_by.is_some_and(|id| !settled(id))) {
        item.provisional = true;
    }
    items
}
