//! Checking and hashing of passwords, which costs memory and time on purpose: by two threads of its own, and a short
//! queue. Whoever finds the queue full is told to come again, so that strangers cannot make a node hold more.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use tokio::sync::oneshot;

use crate::home::random;
use crate::problem::Problem;

/// Passwords that are checked at once, at most; each takes 19 MB.
pub const CHECKS_MAX: usize = 2;
/// Those that wait for their turn, at most.
pub const CHECKS_WAITING_MAX: usize = 16;
/// After how many seconds whoever was sent away may come again.
const AGAIN_S: u64 = 3;

/// A hash that no password fits, of the same cost as a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

type Job = Box<dyn FnOnce() + Send>;

/// The threads, which end with it. Threads of their own, since the memory that each has used stays with it: of a pool
/// of hundreds every one would keep its 19 MB.
#[derive(Debug)]
pub struct Passwords(SyncSender<Job>);

impl Passwords {
    /// Starts the threads.
    pub(super) fn start() -> Result<Self, Problem> {
        let (jobs, waiting) = sync_channel(CHECKS_WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..CHECKS_MAX {
            let waiting = waiting.clone();
            let thread = std::thread::Builder::new().name("password".to_owned()).spawn(move || work(&waiting));
            thread.map_err(|error| Problem::fault(&error))?;
        }
        Ok(Self(jobs))
    }

    /// A password's hash, in PHC form.
    pub(super) async fn hash(&self, password: String) -> Result<String, Problem> {
        let salt: [u8; 16] = random()?;
        let hash = self.run(move || {
            Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string())
        });
        hash.await?.map_err(|error| Problem::fault(&error))
    }

    /// Whether a password is the one of that hash; without one it takes as long.
    pub(super) async fn fits(&self, given: String, stored: Option<String>) -> Result<bool, Problem> {
        self.run(move || {
            let hash = stored.as_deref().unwrap_or(NOBODY);
            PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(given.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let (reply, done) = oneshot::channel();
        let job = move || {
            // Nobody waits any more: it need not be worked out.
            if !reply.is_closed() {
                let _ = reply.send(work());
            }
        };
        self.0.try_send(Box::new(job)).map_err(|error| match error {
            TrySendError::Full(_) => Problem::later(
                503,
                AGAIN_S,
                "正在登录的人较多，请稍后再试",
                "many people are signing in just now; try again in a moment",
            ),
            TrySendError::Disconnected(_) => Problem::fault(&"nobody checks passwords any more"),
        })?;
        done.await.map_err(|error| Problem::fault(&error))
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn password_fits_its_own_hash_alone_and_nobody_has_one_that_fits() {
        let passwords = Passwords::start().unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(passwords.fits("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.fits("correct hors".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.fits(String::new(), None).await.unwrap());
        // What nobody's costs is what everybody's costs.
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&hash), cost(NOBODY));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_is_told_to_come_again() {
        let passwords = Passwords::start().unwrap();
        let (open, gate) = sync_channel::<()>(0);
        let gate = Arc::new(Mutex::new(gate));
        let block = || {
            let gate = gate.clone();
            move || {
                let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }
        };
        let mut waiting = Vec::new();
        // Two at work at most, sixteen waiting: some of so many find no place.
        for _ in 0..CHECKS_MAX + CHECKS_WAITING_MAX + 1 {
            waiting.push(Box::pin(passwords.run(block())));
        }
        let mut refused = 0;
        for job in &mut waiting {
            if let Some(Err(problem)) = futures_util::FutureExt::now_or_never(job.as_mut()) {
                assert_eq!((problem.status, problem.retry_s), (503, Some(AGAIN_S)));
                refused += 1;
            }
        }
        assert!((1..=CHECKS_MAX + 1).contains(&refused), "{refused}");
        drop(open);
    }
}
