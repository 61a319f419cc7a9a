//! The act as the regulation sees it: who its author is, by the registry that it names.

use regulation::{ActId, Author, Body, DeviceId, Fact, PersonId, UnitId};

use crate::act::Act;
use crate::registry::At;

/// The act as the regulation sees it.
#[must_use]
pub(crate) fn fact(id: ActId, act: &Act, body: Body, at: &At<'_>) -> Fact {
    let unit = at.device(act.device).map(|device| device.unit);
    Fact {
        id,
        body,
        answers: act.answers,
        author: author(at, act.device, act.person, unit),
        claimed_at: act.time,
        happened_at: act.happened,
        edition: at.edition(),
        crossed: Vec::new(),
    }
}

/// Since which version of the registry its device is the city hub; 0 if it is none.
pub(crate) fn hub_since(fact: &Fact, at: &At<'_>) -> u32 {
    if fact.author.hub { at.hub_since() } else { 0 }
}

fn author(at: &At<'_>, device: DeviceId, person: Option<PersonId>, unit: Option<UnitId>) -> Author {
    let unit = unit.unwrap_or(UnitId(0));
    Author {
        unit,
        level: at.level(unit),
        hub: at.hub() == Some(device),
        person,
        roles: person.map(|person| at.roles(person, unit)).unwrap_or_default(),
    }
}
