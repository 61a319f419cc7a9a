//! Who asks to join now: each has a seat, and one alone. A program that was killed says nothing to whom it had asked; the
//! same device that asks again takes the place of what it left behind, and whatever ended gives its seat back at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quinn::Connection;

use crate::Key;
use crate::seats::{Seat, Seats};
use crate::wire::CODE_CLOSED;

#[derive(Debug)]
pub(crate) struct Joins {
    seats: Arc<Seats>,
    seated: Mutex<BTreeMap<Key, Seated>>,
}

#[derive(Debug)]
struct Seated {
    connection: Connection,
    /// None once it was answered: it only has to go.
    seat: Option<Seat>,
}

impl Joins {
    pub(crate) fn new(seats: Arc<Seats>) -> Self {
        Self { seats, seated: Mutex::default() }
    }

    /// A seat for a connection that proved this key. What the same device asked before is over: it has one seat, wherever
    /// it asks from.
    pub(crate) fn enter(&self, key: Key, connection: &Connection) -> bool {
        let mut seated = self.seated();
        if let Some(before) = seated.remove(&key) {
            before.connection.close(CODE_CLOSED, b"asked again");
        }
        let Some(seat) = self.seats.take(connection.remote_address().ip()) else { return false };
        seated.insert(key, Seated { connection: connection.clone(), seat: Some(seat) });
        true
    }

    /// It has its answer: others may have the seat.
    pub(crate) fn answered(&self, key: Key, connection: &Connection) {
        if let Some(seated) = self.seated().get_mut(&key).filter(|seated| seated.is_of(connection)) {
            seated.seat = None;
        }
    }

    /// It is gone, unless the same device has taken its place meanwhile.
    pub(crate) fn leave(&self, key: Key, connection: &Connection) {
        let mut seated = self.seated();
        if seated.get(&key).is_some_and(|seated| seated.is_of(connection)) {
            seated.remove(&key);
        }
    }

    fn seated(&self) -> MutexGuard<'_, BTreeMap<Key, Seated>> {
        self.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seated {
    fn is_of(&self, connection: &Connection) -> bool {
        self.connection.stable_id() == connection.stable_id()
    }
}
