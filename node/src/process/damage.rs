//! A database that is not what its writer wrote ends the node, whoever finds it: from then on nobody is told that anything is
//! saved.

use kernel::Kernel;
use store::StoreError;

use super::{Inner, Node};
use crate::fault::LastFault;
use crate::problem::Problem;

impl Node {
    /// Somebody looked into the database and found this wrong with it.
    pub(crate) fn found_damage(&self, what: &str) {
        self.0.broken(StoreError::Corrupt(what.to_owned()).into());
    }
}

impl Inner {
    /// The fault that ends this node, once there is one.
    pub(super) fn faulty(&self) -> Option<Problem> {
        self.fault.borrow().clone()
    }

    /// The node ends by a fault, of which the first counts: whoever waits is told, and why is kept.
    pub(super) fn broken(&self, problem: Problem) {
        let first = self.fault.send_if_modified(|fault| {
            let first = fault.is_none();
            if first {
                *fault = Some(problem.clone());
            }
            first
        });
        if first {
            tracing::error!(reason = problem.detail, "the node stops");
            LastFault::note(self.home.dir(), &problem);
        }
    }

    /// A reader could not be opened. That only matters to whoever asks, as long as the database is what it was.
    pub(super) fn not_opened(&self, error: StoreError) -> Problem {
        let damage = error.is_damage();
        let problem = Problem::from(error);
        if damage {
            self.broken(problem.clone());
        }
        problem
    }

    /// That nobody has found the database damaged. The kernel keeps nothing any more otherwise.
    pub(super) fn prove_sound(&self, kernel: &mut Kernel) -> Result<(), Problem> {
        let Some(problem) = self.faulty() else { return Ok(()) };
        kernel.leave(StoreError::Corrupt(problem.detail.clone()));
        Err(problem)
    }
}
