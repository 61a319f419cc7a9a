//! Who holds what: the scopes of a document follow from its fold.
//!
//! A scope is a unit or a public area. An effective dispatch adds its units. A redispatch, an agreed return or the
//! unit's own archive closes a unit's scope once it is settled; so does settling that the dispatch is overruled. Until
//! then entries go on flowing, since what is unsettled may still turn out otherwise.

use std::collections::BTreeMap;

use regulation::{Body, Level, UnitId};
use replica::registry::At;
use replica::{Class, History, Node, Standing};
use sync::ScopeKey;

/// The knowledge base, which every node holds.
pub const KNOWLEDGE: ScopeKey = ScopeKey(u32::MAX - 1);
/// The registry log, which every node holds.
pub const REGISTRY: ScopeKey = ScopeKey(u32::MAX);

/// The scope of a unit.
#[must_use]
pub fn of_unit(unit: UnitId) -> ScopeKey {
    ScopeKey(unit.0)
}

/// Whether a document belongs to a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Membership {
    /// It has left: its last entry is the hub act that settled the closing.
    Closed,
    /// Its only dispatch there is overruled but not settled: it stays where it is, and enters nowhere.
    Lingering,
    /// It belongs there.
    Open,
}

/// The scopes that a document belongs to, or belonged to. Which they are follows from its admitted acts alone, so that
/// more acts never take a scope away; how far it belongs there follows from the fold.
#[must_use]
pub fn memberships(history: &History) -> BTreeMap<ScopeKey, Membership> {
    let mut scopes = BTreeMap::new();
    for (index, node) in history.nodes().iter().enumerate() {
        for scope in given(history, index) {
            let membership = match history.standing(index) {
                Some(Standing::Effective) => by_effective(history, node, scope),
                _ if history.folded().settled(index) => Membership::Closed,
                // It counts for nothing now, and never will.
                _ if history.folded().fallen_for_good(history.nodes(), index) => Membership::Closed,
                _ => Membership::Lingering,
            };
            let held = scopes.entry(scope).or_insert(membership);
            *held = (*held).max(membership);
        }
    }
    scopes
}

/// The acts that give a scope its part in a document.
#[must_use]
pub fn givers(history: &History, scope: ScopeKey) -> Vec<usize> {
    (0..history.nodes().len()).filter(|index| given(history, *index).contains(&scope)).collect()
}

/// The scopes that an act gives a part in its document, whether it stands or not: those of the units that it is
/// dispatched to, that are asked for an opinion or that are praised, and its author's own if that wrote it down or is the city taking it
/// in. An unlawful act gives nothing to anybody.
fn given(history: &History, index: usize) -> Vec<ScopeKey> {
    let node = &history.nodes()[index];
    if !node.admitted() {
        return Vec::new();
    }
    if history.nodes()[0].fact.body.kind().of_knowledge() {
        return if index == 0 { vec![KNOWLEDGE] } else { Vec::new() };
    }
    let brought = &history.brings(node).body;
    let mut scopes: Vec<ScopeKey> =
        brought.dispatch().into_iter().flat_map(|d| d.assisting.iter().copied().chain([d.lead])).map(of_unit).collect();
    // Whoever is asked for an opinion keeps it, and whoever is praised.
    if let Body::Escalate { to: unit } | Body::Convey { unit } = brought {
        scopes.push(of_unit(*unit));
    }
    let author = &node.fact.author;
    if index == 0 || author.level == Level::CityHotline && !node.fact.body.kind().of_clock() {
        scopes.push(of_unit(author.unit));
    }
    scopes
}

/// How far a document belongs to a scope by an act that stands.
fn by_effective(history: &History, node: &Node, scope: ScopeKey) -> Membership {
    let Some(ticket) = history.record().ticket() else { return Membership::Open };
    // Whoever wrote it down and the city that took it in keep it.
    if scope == of_unit(ticket.registered_by) || ticket.taken_in.is_some_and(|by| scope == of_unit(by.unit)) {
        return Membership::Open;
    }
    if scope == of_unit(node.fact.author.unit) {
        return Membership::Closed;
    }
    let settled = |id| history.index_of(id).is_some_and(|index| history.folded().settled(index));
    let assignment = ticket.assignments.iter().find(|a| a.dispatch == node.id && of_unit(a.unit) == scope);
    let left = assignment.is_some_and(|a| a.closed_by.or(a.archived).is_some_and(settled));
    if left { Membership::Closed } else { Membership::Open }
}

/// The scopes that a device of that unit and class holds.
#[must_use]
pub fn held(at: &At<'_>, unit: UnitId, class: Class) -> Vec<ScopeKey> {
    let units = at.units().filter(|(other, _)| at.covers(unit, class, *other)).map(|(other, _)| of_unit(other));
    [REGISTRY, KNOWLEDGE].into_iter().chain(units).collect()
}

/// Whether a device of that unit and class holds a scope.
#[must_use]
pub fn holds(at: &At<'_>, unit: UnitId, class: Class, scope: ScopeKey) -> bool {
    [REGISTRY, KNOWLEDGE].contains(&scope) || at.covers(unit, class, UnitId(scope.0))
}

/// Order of sending: the registry before what is judged by it, tickets before knowledge.
#[must_use]
pub fn priority(scope: ScopeKey) -> u8 {
    match scope {
        REGISTRY => 0,
        KNOWLEDGE => 2,
        _ => 1,
    }
}
