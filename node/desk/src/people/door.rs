//! What is kept of whoever signs in.

use super::passwords::Passwords;
use super::sessions::Sessions;
use super::throttle::Throttle;
use crate::problem::Problem;

/// Who gets in: what of it is kept in memory alone. A restart signs everybody out and forgets failed attempts.
#[derive(Debug)]
pub struct Door {
    /// Who is signed in.
    pub sessions: Sessions,
    pub(super) throttle: Throttle,
    pub(super) passwords: Passwords,
}

impl Door {
    /// Nobody is signed in.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn new() -> Result<Self, Problem> {
        Ok(Self { sessions: Sessions::default(), throttle: Throttle::default(), passwords: Passwords::start()? })
    }
}
