//! What is kept of whoever signs in.

use super::passwords::Passwords;
use super::sessions::Sessions;
use super::throttle::Throttle;
use crate::problem::Problem;

/// Who gets in. A restart forgets failed attempts, and nobody who is signed in.
#[derive(Debug)]
pub struct Door {
    /// Who is signed in.
    pub sessions: Sessions,
    pub(super) throttle: Throttle,
    pub(super) passwords: Passwords,
}

impl Door {
    /// Those are signed in.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn new(sessions: Sessions) -> Result<Self, Problem> {
        Ok(Self { sessions, throttle: Throttle::default(), passwords: Passwords::start()? })
    }
}
