//! How much room strangers may take up at once: in all, and from one address.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many seats; whoever finds none is sent away or has to come again.
#[derive(Debug)]
pub(crate) struct Seats {
    all_max: usize,
    each_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: BTreeMap<IpAddr, usize>,
}

/// A seat; it is free again once this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    source: IpAddr,
}

impl Seats {
    pub(crate) fn new(all_max: usize, each_max: usize) -> Arc<Self> {
        Arc::new(Self { all_max, each_max, taken: Mutex::default() })
    }

    /// A seat for somebody at that address, if one is free.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let source = source(address);
        let mut taken = self.taken();
        let at_source = taken.each.get(&source).copied().unwrap_or_default();
        if taken.all >= self.all_max || at_source >= self.each_max {
            return None;
        }
        taken.all += 1;
        taken.each.insert(source, at_source + 1);
        Some(Seat { seats: self.clone(), source })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.each.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                taken.each.remove(&self.source);
            }
        }
    }
}

/// An address as it is counted: whoever has an IPv6 address has the /64 around it.
#[must_use]
pub fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_source_has_its_share_and_all_together_have_theirs() {
        let seats = Seats::new(5, 2);
        let held: Vec<_> = (0..2).map(|_| seats.take(address("192.0.2.1")).unwrap()).collect();
        assert!(seats.take(address("192.0.2.1")).is_none(), "the share of one");
        assert!(seats.take(address("::ffff:192.0.2.1")).is_none(), "the same address, written for IPv6");
        // Every address of one network of IPv6 is the same host for all that can be known.
        let others: Vec<_> = (1..=2).map(|n| seats.take(address(&format!("2001:db8::{n}"))).unwrap()).collect();
        assert!(seats.take(address("2001:db8::ffff")).is_none());
        let last = seats.take(address("2001:db8:0:1::1")).unwrap();
        assert!(seats.take(address("192.0.2.9")).is_none(), "the share of all");
        drop((held, last));
        assert!(seats.take(address("192.0.2.1")).is_some());
        drop(others);
        assert!(seats.taken().each.is_empty(), "nothing is remembered of who left");
    }
}
