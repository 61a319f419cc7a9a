//! How much room this device has left in a document: said before somebody types what would be refused.

use regulation::table::{self, Room};
use regulation::{ActKind, Author, Rule};
use replica::History;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::status::Me;

/// Acts that a device has left of the freest sort when pages begin to say so.
pub const ROOM_SCARCE_ACTS: usize = 20;

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

/// What is left, if it is little.
#[must_use]
pub fn room(history: &mut History, me: &Me, author: &Author) -> Option<RoomView> {
    let mut left = |room| history.left(room, me.id, author).unwrap_or_default();
    let view = RoomView { notes: left(Room::Free), repeated: left(Room::Repeated), demanded: left(Room::Demanded) };
    (view.notes <= ROOM_SCARCE_ACTS).then_some(view)
}

/// Why there is no room for an act of that kind.
pub(super) fn full(history: &mut History, me: &Me, author: &Author, kind: ActKind) -> Option<Rule> {
    history.left(table::room(kind), me.id, author).err()
}
