//! The last fault of a node, kept in its folder for whoever reports it: what failed, when, by which program. Nothing personal.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::{clock, files};

/// Name of its file.
const FILE: &str = "last-fault.json";
/// Characters of the reason that are kept.
pub const FAULT_REASON_CHARS_MAX: usize = 300;

/// Why the node ended by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastFault {
    /// When.
    pub at: String,
    /// Version of the program.
    pub version: String,
    /// Code of the problem.
    pub code: String,
    /// What failed.
    pub reason: String,
    /// The same in Chinese.
    pub reason_zh: String,
}

impl LastFault {
    /// Notes it durably; that this fails too is no reason to tell less of the first.
    pub fn note(dir: &Path, problem: &Problem) {
        let shortened = |sentence: &str| sentence.chars().take(FAULT_REASON_CHARS_MAX).collect();
        let fault = Self {
            at: clock::text(clock::now()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            code: problem.code.clone(),
            reason: shortened(&problem.detail),
            reason_zh: shortened(&problem.title),
        };
        if let Ok(text) = serde_json::to_vec_pretty(&fault) {
            let path = dir.join(FILE);
            if files::write_private(&path, &text).is_err() {
                // On a disk that forces nothing it may still be read.
                let _ = std::fs::write(&path, &text);
            }
        }
    }

    /// The last one, if there was any.
    #[must_use]
    pub fn read(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&files::read_regular(&dir.join(FILE)).ok()?).ok()
    }
}

/// Where the last panic was.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// From now on a panic says where it was, and never what it was about: that may be somebody's name.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        tracing::error!(at, "程序故障 panic");
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }));
}

/// Works, and makes a problem of a panic: it is told as any other, with where it was ([`watch_panics`]).
///
/// # Errors
/// It panicked.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Problem> {
    // Nobody looks at what the work had in its hands.
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| of_panic())
}

fn of_panic() -> Problem {
    let at = PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Problem::fault(&format!("panic at {}", at.as_deref().unwrap_or("an unknown place")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_kept_in_both_languages() {
        let dir = tempfile::tempdir().unwrap();
        let problem = Problem::disk_failed("EIO");
        LastFault::note(dir.path(), &problem);
        let kept = LastFault::read(dir.path()).unwrap();
        assert_eq!((kept.reason_zh, kept.reason), (problem.title, problem.detail));
    }

    #[test]
    fn a_panic_is_a_problem_that_names_nothing_but_its_place() {
        assert_eq!(caught(|| 7), Ok(7));
        let problem = caught(|| -> u8 { panic!("somebody's name") }).unwrap_err();
        assert!(problem.exit == 7 && problem.detail.contains("panic at"), "{problem:?}");
        assert!(!format!("{problem:?}").contains("name"), "{problem:?}");
    }
}
