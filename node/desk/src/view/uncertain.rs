//! What may change once counties are heard that the city hub, which was put back, has not heard yet: the tickets in which
//! they have an open part. This hub may have signed things on them that are lost here.

use std::collections::BTreeSet;

use kernel::put_back::unheard;
use regulation::{DeviceId, Millis, UnitId};
use replica::Registry;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{DocNo, Queries, ScopeId};

use super::UnitRef;
use super::line::{TicketLine, ticket_line};
use crate::Me;
use crate::named;
use crate::problem::Problem;

/// Tickets on one page of what may change.
pub const UNCERTAIN_ROWS_MAX: usize = 100;

/// A node that was not heard since the hub was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unheard {
    /// Its unit.
    pub unit: UnitRef,
    /// Its name.
    pub device: String,
    /// The hub goes on without it: two people have said so.
    pub waived: bool,
}

/// What may change, one page of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Uncertain {
    /// The nodes that were not heard. Where there are none nothing may change.
    pub unheard: Vec<Unheard>,
    /// Tickets in which they have an open part, in the order in which they came here. Those that were begun, or that they
    /// were given, since the copy was made are not known here.
    pub tickets: Vec<TicketLine>,
    /// The last one, if there are more.
    pub next: Option<String>,
}

/// The devices of a unit.
///
/// # Errors
/// There is no such unit, or it has none.
pub fn devices_of(registry: &Registry, unit: &str) -> Result<Vec<DeviceId>, Problem> {
    let (unit, _) = named::unit(registry, unit)?;
    let at = registry.now();
    let devices: Vec<_> = at.devices().filter(|(_, device)| device.unit == unit).map(|(id, _)| id).collect();
    if devices.is_empty() {
        return Err(Problem::bad_input("该单位没有登记设备", "no device of that unit is enrolled"));
    }
    Ok(devices)
}

/// The scopes of the tickets in which a node has a part.
fn scopes(at: &At<'_>, node: DeviceId) -> Vec<ScopeId> {
    let Some(device) = at.device(node) else { return Vec::new() };
    let covered = at.units().filter(|(unit, _)| at.covers(device.unit, device.class, *unit));
    covered.map(|(UnitId(unit), _)| ScopeId(unit)).collect()
}

/// One page of the tickets that may change, those after `after`: of one county that was not heard, by code or name, or of
/// all.
///
/// # Errors
/// There is no such county; a fault.
pub fn uncertain(
    store: &Queries,
    registry: &Registry,
    me: &Me,
    (county, after): (Option<&str>, DocNo),
    now: Millis,
) -> Result<Uncertain, Problem> {
    let at = registry.now();
    let of = county.map(|county| devices_of(registry, county)).transpose()?;
    let mut nodes = if me.hub { unheard(store, &at, me.id)? } else { Vec::new() };
    nodes.retain(|(id, _)| of.as_ref().is_none_or(|of| of.contains(id)));
    let mut docs: BTreeSet<DocNo> = BTreeSet::new();
    for scope in nodes.iter().flat_map(|(id, _)| scopes(&at, *id)).collect::<BTreeSet<_>>() {
        docs.extend(store.open_docs_in_scope(scope, after, UNCERTAIN_ROWS_MAX + 1)?);
    }
    let last = docs.iter().nth(UNCERTAIN_ROWS_MAX - 1).filter(|_| docs.len() > UNCERTAIN_ROWS_MAX);
    let next = last.map(|doc| store.doc_id(*doc)).transpose()?.flatten().map(|id| id.hex());
    let mut tickets = Vec::new();
    for doc in docs.into_iter().take(UNCERTAIN_ROWS_MAX) {
        tickets.extend(store.ticket(doc)?.map(|row| ticket_line(&at, &row, me.device.unit, now)));
    }
    let shown = nodes.iter().filter_map(|node| named_node(&at, *node));
    Ok(Uncertain { unheard: shown.collect(), tickets, next })
}

fn named_node(at: &At<'_>, (id, waived): (DeviceId, bool)) -> Option<Unheard> {
    let device = at.device(id)?;
    Some(Unheard { unit: UnitRef::of(at, device.unit), device: device.name.clone(), waived })
}

/// Whom a city hub that was put back waits for; nobody elsewhere, or once it was decided to go on without them.
pub(super) fn waits_for(store: &Queries, at: &At<'_>, me: &Me) -> Result<Vec<Unheard>, Problem> {
    let nodes = if me.hub { unheard(store, at, me.id)? } else { Vec::new() };
    Ok(nodes.into_iter().filter(|(_, waived)| !waived).filter_map(|node| named_node(at, node)).collect())
}

/// The units on which it hangs whether one ticket may change so.
pub(super) fn may_change_by(store: &Queries, at: &At<'_>, me: &Me, doc: DocNo) -> Result<Vec<UnitRef>, Problem> {
    let nodes = if me.hub { unheard(store, at, me.id)? } else { Vec::new() };
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let open: Vec<ScopeId> = store.doc_scopes(doc)?.into_iter().filter(|(_, open)| *open).map(|(of, _)| of).collect();
    let has_part = |node: &DeviceId| scopes(at, *node).iter().any(|scope| open.contains(scope));
    let units = nodes.iter().filter(|(id, _)| has_part(id)).filter_map(|(id, _)| Some(at.device(*id)?.unit));
    Ok(units.collect::<BTreeSet<_>>().into_iter().map(|unit| UnitRef::of(at, unit)).collect())
}
