//! Who holds what: the scopes of a document follow from its fold.
//!
//! A scope is a unit or a public area. An effective dispatch adds its units. A redispatch, an agreed return or the
//! unit's own archive closes a unit's scope once it is settled; so does settling that the dispatch is overruled. Until
//! then entries go on flowing, since what is unsettled may still turn out otherwise.

use std::collections::BTreeMap;

use regulation::{Body, UnitId};
use replica::registry::At;
use replica::{Class, History, Standing};
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

/// The scopes that a document belongs to, or belonged to.
#[must_use]
pub fn memberships(history: &History) -> BTreeMap<ScopeKey, Membership> {
    let mut scopes = BTreeMap::new();
    if history.record().knowledge().is_some() {
        scopes.insert(KNOWLEDGE, Membership::Open);
        return scopes;
    }
    let Some(ticket) = history.record().ticket() else { return scopes };
    let settled = |id| history.index_of(id).is_some_and(|index| history.folded().settled(index));
    for (index, node) in history.nodes().iter().enumerate() {
        let brought = history.brings(node);
        // Whoever is asked for an opinion keeps it.
        let asked = if let Body::Escalate { to } = brought { Some(*to) } else { None };
        let given = brought.dispatch().into_iter().flat_map(|d| d.assisting.iter().copied().chain([d.lead]));
        for unit in given.chain(asked) {
            let membership = match history.standing(index) {
                None => continue,
                Some(Standing::Overruled(_)) if history.folded().settled(index) => Membership::Closed,
                Some(Standing::Overruled(_)) => Membership::Lingering,
                Some(Standing::Effective) => {
                    let assignment = ticket.assignments.iter().find(|a| a.dispatch == node.id && a.unit == unit);
                    let left = assignment.is_some_and(|a| a.closed_by.or(a.archived).is_some_and(settled));
                    if left { Membership::Closed } else { Membership::Open }
                }
            };
            let held = scopes.entry(of_unit(unit)).or_insert(membership);
            *held = (*held).max(membership);
        }
    }
    // Whoever wrote it down and the city that took it in keep it.
    for unit in ticket.taken_in.map(|taken_in| taken_in.unit).into_iter().chain([ticket.registered_by]) {
        scopes.insert(of_unit(unit), Membership::Open);
    }
    scopes
}

/// The scopes that a device of that unit and class holds.
#[must_use]
pub fn held(at: &At<'_>, unit: UnitId, class: Class) -> Vec<ScopeKey> {
    let units = at.units().filter(|(other, _)| at.covers(unit, class, *other)).map(|(other, _)| of_unit(other));
    [REGISTRY, KNOWLEDGE].into_iter().chain(units).collect()
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
