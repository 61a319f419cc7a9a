//! Streams of news that are open: how many.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Streams of all that are signed in, at most.
pub const STREAMS_MAX: usize = 128;
/// Streams of one session, at most: a browser has one for each tab that is seen. Beyond that the oldest ends.
pub const STREAMS_PER_SESSION_MAX: usize = 6;

/// The streams of news that are open.
#[derive(Default)]
pub(super) struct Streams {
    open: Mutex<BTreeMap<u64, (String, Arc<Notify>)>>,
    next: AtomicU64,
}

/// One of them, until it is dropped.
pub(super) struct Stream {
    streams: Arc<Streams>,
    id: u64,
    /// Tells that a newer one of the session has come.
    pub(super) over: Arc<Notify>,
}

impl Streams {
    /// One more for a session; none if there are too many in all.
    pub(super) fn open(self: &Arc<Self>, session: &str) -> Option<Stream> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own: Vec<u64> = open.iter().filter(|(_, (of, _))| of == session).map(|(id, _)| *id).collect();
        if own.len() >= STREAMS_PER_SESSION_MAX
            && let Some((_, over)) = own.first().and_then(|oldest| open.remove(oldest))
        {
            over.notify_one();
        }
        if open.len() >= STREAMS_MAX {
            return None;
        }
        let (id, over) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::new(Notify::new()));
        open.insert(id, (session.to_owned(), over.clone()));
        Some(Stream { streams: self.clone(), id, over })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.streams.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_streams_of_a_session_go_on_and_all_together_are_bounded() {
        let streams = Arc::new(Streams::default());
        let mine: Vec<Stream> = (0..=STREAMS_PER_SESSION_MAX).map(|_| streams.open("mine").unwrap()).collect();
        assert_eq!(streams.open.lock().unwrap().len(), STREAMS_PER_SESSION_MAX);
        assert!(!streams.open.lock().unwrap().contains_key(&mine[0].id));
        let others: Vec<Stream> = (0..STREAMS_MAX).filter_map(|n| streams.open(&n.to_string())).collect();
        assert_eq!(others.len(), STREAMS_MAX - STREAMS_PER_SESSION_MAX);
        drop(mine);
        assert!(streams.open("other").is_some());
    }
}
