//! What stands in a detail, each as one word.

use std::net::SocketAddr;

use regulation::{ActId, DeviceId, PersonId};

/// Devices, people or addresses that an alarm names, at most; of the others it says how many.
pub const ALARM_NAMED_MAX: usize = 20;

/// What is written as one word without a space in it.
pub(super) trait Word: Sized {
    fn word(&self) -> String;
    fn of(word: &str) -> Option<Self>;
}

/// The first of some, and how many there are beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// These, at most [`ALARM_NAMED_MAX`].
    pub first: Vec<T>,
    /// And so many more.
    pub more: u32,
}

impl<T> FromIterator<T> for Listed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut all = all.into_iter();
        let first = all.by_ref().take(ALARM_NAMED_MAX).collect();
        Self { first, more: u32::try_from(all.count()).unwrap_or(u32::MAX) }
    }
}

impl<T: Word> Word for Listed<T> {
    fn word(&self) -> String {
        let mut words: Vec<String> = self.first.iter().map(Word::word).collect();
        words.push(format!("+{}", self.more));
        words.join(",")
    }

    fn of(word: &str) -> Option<Self> {
        let (first, more) = word.rsplit_once(',').unwrap_or(("", word));
        let more = more.strip_prefix('+')?.parse().ok()?;
        let first = first.split(',').filter(|word| !word.is_empty()).map(T::of).collect::<Option<_>>()?;
        Some(Self { first, more })
    }
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl Word for $type {
            fn word(&self) -> String {
                self.to_string()
            }

            fn of(word: &str) -> Option<Self> {
                word.parse().ok()
            }
        }
    )+};
}

plain!(u16, u32, u64, i64, SocketAddr);

impl Word for DeviceId {
    fn word(&self) -> String {
        self.0.word()
    }

    fn of(word: &str) -> Option<Self> {
        Word::of(word).map(Self)
    }
}

impl Word for PersonId {
    fn word(&self) -> String {
        self.0.word()
    }

    fn of(word: &str) -> Option<Self> {
        Word::of(word).map(Self)
    }
}

impl Word for ActId {
    fn word(&self) -> String {
        self.hex()
    }

    fn of(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}
