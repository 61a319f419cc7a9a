//! Checking and hashing of passwords, which costs memory and time on purpose: by two threads of its own, and a short
//! queue. Whoever finds the queue full is told to come again, so that strangers cannot make a node hold more. Some places
//! in it are for the commands of the node's own folder alone: whoever floods the pages does not fill those.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64ct::{Base64Unpadded, Encoding};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use super::throttle::Source;
use crate::home::random;
use crate::problem::Problem;

/// Passwords that are checked at once, at most; each takes 19 MB.
pub const CHECKS_MAX: usize = 2;
/// Those that wait for their turn, at most.
pub const CHECKS_WAITING_MAX: usize = 16;
/// Those of commands that wait beside them, at most.
const COMMANDS_WAITING_MAX: usize = 4;
/// After how many seconds whoever was sent away may come again.
const AGAIN_S: u64 = 3;

/// A hash that no password fits, of the same cost as a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// The threads, which end with it. Each has its memory for good: what is asked for anew each time, aligned as Argon2 wants
/// it, the system's allocator does not find again, so that every check would cost 19 MB for ever.
#[derive(Debug)]
pub struct Passwords {
    jobs: SyncSender<Job>,
    /// Those that nobody has begun with.
    waiting: Arc<AtomicUsize>,
}

impl Passwords {
    /// Starts the threads.
    pub(super) fn start() -> Result<Self, Problem> {
        let (jobs, queue) = sync_channel(CHECKS_WAITING_MAX + COMMANDS_WAITING_MAX);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..CHECKS_MAX {
            let queue = queue.clone();
            let thread = std::thread::Builder::new().name("password".to_owned()).spawn(move || work(&queue));
            thread.map_err(|error| Problem::fault(&error))?;
        }
        Ok(Self { jobs, waiting: Arc::default() })
    }

    /// A password's hash, in PHC form.
    pub(super) async fn hash(&self, password: String) -> Result<String, Problem> {
        let salt: [u8; 16] = random()?;
        let hash = self.run(CHECKS_WAITING_MAX + COMMANDS_WAITING_MAX, move |memory| {
            let (params, mut out) = (Params::default(), [0; Params::DEFAULT_OUTPUT_LEN]);
            let (m, t, p) = (params.m_cost(), params.t_cost(), params.p_cost());
            digest(params, password.as_bytes(), &salt, &mut out, memory)?;
            let (salt, hash) = (Base64Unpadded::encode_string(&salt), Base64Unpadded::encode_string(&out));
            Ok(format!("$argon2id$v=19$m={m},t={t},p={p}${salt}${hash}"))
        });
        hash.await?.map_err(|error: argon2::Error| Problem::fault(&error))
    }

    /// Whether a password is the one of that hash; without one it takes as long.
    pub(super) async fn fits(&self, given: String, stored: Option<String>, source: &Source) -> Result<bool, Problem> {
        let places = match source {
            Source::Commands => CHECKS_WAITING_MAX + COMMANDS_WAITING_MAX,
            Source::Page { .. } => CHECKS_WAITING_MAX,
        };
        let check = move |memory: &mut Vec<Block>| {
            is_of(stored.as_deref().unwrap_or(NOBODY), given.as_bytes(), memory) == Some(true)
        };
        self.run(places, check).await
    }

    /// Has it worked out, unless as many wait already as there are `places` for it.
    async fn run<T: Send + 'static>(
        &self,
        places: usize,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (reply, done) = oneshot::channel();
        let busy = || {
            Problem::later(
                503,
                AGAIN_S,
                "正在登录的人较多，请稍后再试",
                "many people are signing in just now; try again in a moment",
            )
        };
        let free = |waiting: usize| (waiting < places).then_some(waiting + 1);
        self.waiting.fetch_update(Ordering::SeqCst, Ordering::SeqCst, free).map_err(|_| busy())?;
        let waiting = self.waiting.clone();
        let job = move |memory: &mut Vec<Block>| {
            waiting.fetch_sub(1, Ordering::SeqCst);
            // Nobody waits any more: it need not be worked out.
            if !reply.is_closed() {
                let _ = reply.send(work(memory));
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|error| match error {
            TrySendError::Full(_) => busy(),
            TrySendError::Disconnected(_) => Problem::fault(&"nobody checks passwords any more"),
        })?;
        done.await.map_err(|error| Problem::fault(&error))
    }
}

/// Whether a password is the one of a hash; nothing if that is damaged.
fn is_of(hash: &str, given: &[u8], memory: &mut Vec<Block>) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (params, salt, expected) = (Params::try_from(&hash).ok()?, hash.salt?, hash.hash?);
    let mut out = vec![0; expected.len()];
    digest(params, given, &salt, &mut out, memory).ok()?;
    Some(out.ct_eq(expected.as_bytes()).into())
}

fn digest(
    params: Params,
    password: &[u8],
    salt: &[u8],
    out: &mut [u8],
    memory: &mut Vec<Block>,
) -> Result<(), argon2::Error> {
    memory.resize(params.block_count(), Block::default());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(password, salt, out, memory)
}

fn work(queue: &Mutex<Receiver<Job>>) {
    let mut memory = Vec::new();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut memory),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[tokio::test]
    async fn password_fits_its_own_hash_alone_and_nobody_has_one_that_fits() {
        let passwords = Passwords::start().unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        let fits =
            async |given: &str, stored| passwords.fits(given.to_owned(), stored, &Source::Commands).await.unwrap();
        assert!(fits("correct horse", Some(hash.clone())).await);
        assert!(!fits("correct hors", Some(hash.clone())).await);
        assert!(!fits("", None).await);
        // What nobody's costs is what everybody's costs.
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&hash), cost(NOBODY));
        assert_eq!(is_of(NOBODY, b"", &mut Vec::new()), Some(false));
        // Made by others, read by us, and the other way round.
        let theirs = Argon2::default().hash_password_with_salt(b"correct horse", &[7; 16]).unwrap().to_string();
        assert_eq!(is_of(&theirs, b"correct horse", &mut Vec::new()), Some(true));
        let ours = PasswordHash::new(&hash).unwrap();
        assert!(Argon2::default().verify_password(b"correct horse", &ours).is_ok());
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_is_told_to_come_again() {
        let passwords = Passwords::start().unwrap();
        let (open, gate) = sync_channel::<()>(0);
        let gate = Arc::new(Mutex::new(gate));
        let block = || {
            let gate = gate.clone();
            move |_: &mut Vec<Block>| {
                let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }
        };
        let mut waiting = Vec::new();
        // Two at work at most, sixteen waiting: some of so many find no place.
        for _ in 0..CHECKS_MAX + CHECKS_WAITING_MAX + 1 {
            waiting.push(Box::pin(passwords.run(CHECKS_WAITING_MAX, block())));
        }
        let mut refused = 0;
        for job in &mut waiting {
            if let Some(Err(problem)) = futures_util::FutureExt::now_or_never(job.as_mut()) {
                assert_eq!((problem.status, problem.retry_s), (503, Some(AGAIN_S)));
                refused += 1;
            }
        }
        assert!((1..=CHECKS_MAX + 1).contains(&refused), "{refused}");
        // Whoever is at the node's own folder finds a place all the same.
        let mut command = Box::pin(passwords.run(CHECKS_WAITING_MAX + COMMANDS_WAITING_MAX, block()));
        assert!(futures_util::FutureExt::now_or_never(command.as_mut()).is_none());
        drop(open);
    }
}
