//! Hubs that are not there: a city hub that was put back goes on without those that it has not heard, and one whose machine is
//! lost for good is proposed to be taken out of use.

use kernel::{Command, Done};
use regulation::{DeviceId, PersonId, Role};
use replica::registry::At;
use replica::{Change, Class, Registry};
use store::{DocNo, Reader};

use super::answers::{HubRetired, Waived};
use super::questions as q;
use crate::once::By;
use crate::problem::Problem;
use crate::{Desk, clock, enrol, named, view};

/// Somebody takes upon themselves that the city hub goes on without these counties.
pub(super) async fn waive(desk: &Desk, by: Option<PersonId>, asked: q::WaiveHub) -> Result<Waived, Problem> {
    let registry = desk.registry();
    let nodes = asked.counties.iter().map(|county| view::devices_of(&registry, county));
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?.concat();
    match desk.ask(by, Command::Waive(nodes)).await? {
        Done::Waived { by, left } => {
            let at = registry.now();
            let others = at.people().filter(|(id, _)| !by.contains(id) && at.holds_at_city(*id, Role::Administer));
            let others = others.map(|(id, _)| view::person_name(&at, id)).collect();
            Ok(Waived { left, by: by.iter().map(|id| view::person_name(&at, *id)).collect(), others })
        }
        other => Err(Problem::fault(&format!("a waiver that came to {other:?}"))),
    }
}

/// The tickets that may change once the counties are heard.
pub(super) async fn tickets(desk: &Desk, asked: q::HubTickets) -> Result<view::Uncertain, Problem> {
    let me = desk.me()?;
    let read = move |reader: &Reader, registry: &Registry| {
        let after = asked.after.as_deref().map(|id| view::find(reader, id)).transpose()?;
        let page = (asked.county.as_deref(), after.map_or(DocNo(0), |(doc, _)| doc));
        view::uncertain(reader, registry, &me, page, clock::now())
    };
    desk.read(read).await
}

/// Proposes to take a hub out of use.
pub(super) async fn retire(desk: &Desk, by: By, asked: q::RetireHub) -> Result<HubRetired, Problem> {
    let change = Change::Retired(hub_called(&desk.registry(), &asked.hub)?);
    if desk.told(by).await?.is_none() {
        let seen = desk.registry().version();
        enrol::change(desk, by, seen, Change::Proposed(Box::new(change.clone()))).await?;
    }
    Ok(HubRetired { proposed: view::proposal_of(&desk.registry(), &change, by.person) })
}

/// The hub in use of that name, or the only one of the unit of that name.
fn hub_called(registry: &Registry, name: &str) -> Result<DeviceId, Problem> {
    let (at, name) = (registry.now(), name.trim());
    if let Some((id, _)) = hubs(&at).find(|(_, called)| *called == name) {
        return Ok(id);
    }
    let (unit, known) = named::unit(registry, name)?;
    let of = |(id, _): &(DeviceId, &str)| at.device(*id).is_some_and(|device| device.unit == unit);
    let found: Vec<_> = hubs(&at).filter(of).collect();
    match found.as_slice() {
        [(id, _)] => Ok(*id),
        [] => Err(Problem::bad_input(
            format!("{}没有在用的中心节点", known.name),
            format!("{} has no hub in use", known.name),
        )),
        several => {
            let names: Vec<&str> = several.iter().map(|(_, name)| *name).collect();
            Err(Problem::bad_input(
                format!("{}有几个中心节点，请写设备名称：{}", known.name, names.join("、")),
                format!("{} has several hubs, name the device: {}", known.name, names.join(", ")),
            ))
        }
    }
}

fn hubs<'r>(at: &At<'r>) -> impl Iterator<Item = (DeviceId, &'r str)> + use<'r> {
    let hubs = at.devices().filter(|(_, device)| device.class == Class::Hub);
    hubs.map(|(id, device)| (id, device.name.as_str()))
}
