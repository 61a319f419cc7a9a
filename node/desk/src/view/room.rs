//! How much room devices have left in a document: said before somebody types what would be refused, and to the city, which
//! gives more (续页).

use std::collections::BTreeMap;

use regulation::table::{self, Room};
use regulation::{ActKind, Author, DeviceId, Level, Rule};
use replica::History;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{UnitRef, device_name};
use crate::status::Me;

/// Acts that a device has left of the freest sort when pages begin to say so.
pub const ROOM_SCARCE_ACTS: usize = 20;
/// Acts that a device has made of a ticket before it is looked at how many it has left: less are few of whatever it may make.
const MUCH_ACTS: usize = 50;

/// How many more acts this device may make in a document, told where that is little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoomView {
    /// Notes, tags, files.
    pub notes: usize,
    /// Contacts, progress, whatever is told as often as it happens; those above among them.
    pub repeated: usize,
    /// All that the regulation demands; those above among them.
    pub demanded: usize,
}

/// A device of another unit that has little room left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitRoom {
    /// Its unit.
    pub unit: UnitRef,
    /// What people call it.
    pub device: String,
    /// What it has left.
    pub room: RoomView,
}

/// What is left, if it is little.
#[must_use]
pub fn room(history: &mut History, me: &Me, author: &Author) -> Option<RoomView> {
    scarce(history, me.id, author)
}

fn scarce(history: &mut History, device: DeviceId, author: &Author) -> Option<RoomView> {
    let mut left = |room| history.left(room, device, author).unwrap_or_default();
    let view = RoomView { notes: left(Room::Free), repeated: left(Room::Repeated), demanded: left(Room::Demanded) };
    (view.notes <= ROOM_SCARCE_ACTS).then_some(view)
}

/// Of a ticket, for the city: which devices of other units have little left, as far as what they made has come here.
pub(super) fn of_others(history: &mut History, at: &At<'_>, author: &Author) -> Vec<UnitRoom> {
    if author.level != Level::CityHotline {
        return Vec::new();
    }
    let mut made: BTreeMap<DeviceId, usize> = BTreeMap::new();
    for node in history.nodes().iter().filter(|node| node.fact.author.level != Level::CityHotline) {
        *made.entry(node.act.device).or_default() += 1;
    }
    let much = made.into_iter().filter(|(_, acts)| *acts >= MUCH_ACTS).map(|(device, _)| device);
    much.filter_map(|id| {
        let unit = at.device(id)?.unit;
        let of = Author { unit, level: at.level(unit), hub: false, person: None, roles: Vec::new() };
        let room = scarce(history, id, &of)?;
        Some(UnitRoom { unit: UnitRef::of(at, unit), device: device_name(at, id), room })
    })
    .collect()
}

/// Why there is no room for an act of that kind.
pub(super) fn full(history: &mut History, me: &Me, author: &Author, kind: ActKind) -> Option<Rule> {
    history.left(table::room(kind), me.id, author).err()
}
