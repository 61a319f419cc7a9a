//! Who has a place among the connections, and who gives way.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Connections at once, at most.
pub const CONNECTIONS_MAX: usize = 512;
/// Connections of one address, at most. Everybody behind a proxy on this machine has one.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 384;

/// Who has a place.
#[derive(Default)]
pub(super) struct Seats(Mutex<Rows>);

#[derive(Default)]
struct Rows {
    rows: BTreeMap<u64, Row>,
    next: u64,
}

struct Row {
    address: IpAddr,
    /// Requests that are worked for; none while the client is waited for.
    works: u32,
    /// Since when: a larger number is later.
    since: u64,
    given_up: Arc<Notify>,
}

impl Rows {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Lets the one that waits longest go, among those that `which` picks. False if all are worked for.
    fn give_up(&mut self, which: impl Fn(&Row) -> bool) -> bool {
        let waiting = self.rows.iter().filter(|(_, row)| row.works == 0 && which(row));
        let longest = waiting.min_by_key(|(_, row)| row.since).map(|(id, _)| *id);
        let Some(row) = longest.and_then(|id| self.rows.remove(&id)) else { return false };
        row.given_up.notify_one();
        true
    }
}

impl Seats {
    /// A place for a new connection; none if all are worked for.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut rows = self.rows();
        let own = rows.rows.values().filter(|row| row.address == address).count();
        if own >= CONNECTIONS_PER_ADDRESS_MAX && !rows.give_up(|row| row.address == address) {
            return None;
        }
        if rows.rows.len() >= CONNECTIONS_MAX && !rows.give_up(|_| true) {
            return None;
        }
        let (id, given_up) = (rows.number(), Arc::new(Notify::new()));
        rows.rows.insert(id, Row { address, works: 0, since: id, given_up: given_up.clone() });
        Some(Seat(Arc::new(Taken { seats: self.clone(), id, address, given_up })))
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place, which it keeps as long as this is held.
#[derive(Clone)]
pub(crate) struct Seat(Arc<Taken>);

struct Taken {
    seats: Arc<Seats>,
    id: u64,
    address: IpAddr,
    given_up: Arc<Notify>,
}

impl Seat {
    /// Who is connected.
    pub(crate) fn address(&self) -> IpAddr {
        self.0.address
    }

    /// Is told when the place is given up.
    pub(super) fn given_up(&self) -> Arc<Notify> {
        self.0.given_up.clone()
    }

    /// Waits for the client: meanwhile the place may be given up.
    pub(crate) async fn waiting<T>(&self, client: impl Future<Output = T>) -> T {
        struct Back<'s>(&'s Seat);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.count(1);
            }
        }
        self.count(-1);
        let _back = Back(self);
        client.await
    }

    fn count(&self, more: i32) {
        let mut rows = self.0.seats.rows();
        let since = rows.number();
        if let Some(row) = rows.rows.get_mut(&self.0.id) {
            row.works = row.works.saturating_add_signed(more);
            row.since = since;
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.seats.rows().rows.remove(&self.id);
    }
}

/// A request is worked for, until its answer has gone out.
pub(super) struct Work(Seat);

impl Work {
    pub(super) fn new(seat: &Seat) -> Self {
        seat.count(1);
        Self(seat.clone())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.count(-1);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: usize) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(u32::try_from(n).unwrap()))
    }

    fn gave_up(seat: &Seat) -> bool {
        !seat.0.seats.rows().rows.contains_key(&seat.0.id)
    }

    #[test]
    fn connection_that_has_waited_longest_gives_way_and_none_that_is_worked_for() {
        let seats = Arc::new(Seats::default());
        let taken: Vec<Seat> = (0..CONNECTIONS_MAX).map(|n| seats.take(address(n)).unwrap()).collect();
        let work = Work::new(&taken[0]);
        let newcomer = seats.take(address(1)).unwrap();
        assert!(!gave_up(&taken[0]) && gave_up(&taken[1]) && !gave_up(&newcomer));
        drop(work);
        // Whoever has just been served waits since then.
        let _second = seats.take(address(1)).unwrap();
        assert!(!gave_up(&taken[0]) && gave_up(&taken[2]));
        let works: Vec<Work> = taken.iter().chain([&newcomer, &_second]).map(Work::new).collect();
        assert!(seats.take(address(9)).is_none(), "all are worked for");
        drop(works);
        assert!(seats.take(address(9)).is_some());
    }

    #[test]
    fn address_with_too_many_connections_gives_up_its_own() {
        let seats = Arc::new(Seats::default());
        let other = seats.take(address(1)).unwrap();
        let taken: Vec<Seat> = (0..=CONNECTIONS_PER_ADDRESS_MAX).map(|_| seats.take(address(2)).unwrap()).collect();
        assert!(!gave_up(&other) && gave_up(&taken[0]) && !gave_up(&taken[1]));
    }

    #[test]
    fn place_is_free_again_when_the_connection_is_gone() {
        let seats = Arc::new(Seats::default());
        for _ in 0..3 * CONNECTIONS_MAX {
            let seat = seats.take(address(1)).unwrap();
            let _work = Work::new(&seat);
        }
        assert!(seats.rows().rows.is_empty());
    }
}
