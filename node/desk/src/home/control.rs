//! What a running node leaves for the commands beside it, and how it proves to them that it is the one.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::time::Duration;

use replica::seal::{hash, verify};
use serde::{Deserialize, Serialize};

use super::{Home, write_private};
use crate::files::{open_regular, read_regular};
use crate::problem::Problem;

/// A running node tells the commands beside it how to reach it, in a file that only its owner reads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Address of its pages.
    pub web: String,
    /// What a command must show, once the node has proven itself.
    pub token: String,
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("web", &self.web).finish_non_exhaustive()
    }
}

/// What a node signs to prove itself. The token is in it, so that whoever took the port of a node that was killed cannot
/// pass the question on to the one that runs now: that one has another token.
fn proven(nonce: &[u8; 32], token: &str) -> [u8; 32] {
    hash(b"jiesu/here/1", &[&nonce[..], token.as_bytes()].concat())
}

/// How often a running node looks whether commands still find it.
pub const CONTROL_LOOK: Duration = Duration::from_secs(2);
/// Locked while a node serves here. The system gives it up with the process, and it takes no room on a full disk.
const SERVING: &str = "serving.lock";
/// Bytes of the control file, without its line feed.
const CONTROL_BYTES: usize = 512;

/// Writes over a file of that length, which takes no room that it does not have.
fn overwrite(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

impl Home {
    /// Proves to a command that this device answers, and answers now.
    #[must_use]
    pub fn prove(&self, nonce: &[u8; 32], token: &str) -> [u8; 64] {
        self.device_key().sign(&proven(nonce, token))
    }

    /// Whether this device answered `nonce`.
    #[must_use]
    pub fn is_proven(&self, nonce: &[u8; 32], token: &str, proof: &[u8; 64]) -> bool {
        verify(&self.device_key().public(), &proven(nonce, token), proof)
    }

    /// Tells commands how to reach this node while it runs.
    fn publish_control(&self, control: &Control) -> Result<(), Problem> {
        let path = self.dir().join("control.json");
        let text = serde_json::to_string(control).map_err(|error| Problem::storage(&path, &error))?;
        // Always of one length: on a full disk it goes into the place of the last one.
        let text = format!("{text:<CONTROL_BYTES$}\n");
        match write_private(&path, text.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                overwrite(&path, text.as_bytes()).map_err(|_| self.disk_full())
            }
            written => written.map_err(|error| Problem::storage(&path, &error)),
        }
    }

    /// Tells commands how to reach this node while it runs, where the file is not there or says something else.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_control(&self, control: &Control) -> Result<(), Problem> {
        if self.control().as_ref() == Some(control) { Ok(()) } else { self.publish_control(control) }
    }

    /// Says that a node serves here, for as long as what is returned is kept: commands that find nobody to speak to know
    /// then that it is no other command that has the node.
    #[must_use]
    pub fn mark_serving(&self) -> Option<File> {
        let mut options = super::private();
        let file = options.create_new(false).create(true).open(self.dir().join(SERVING)).ok()?;
        file.try_lock().is_ok().then_some(file)
    }

    /// Whether a node serves here.
    #[must_use]
    pub fn is_served(&self) -> bool {
        let file = open_regular(&self.dir().join(SERVING));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Whether no node serves here, though one did: this folder is a copy of one that is served, or its node was killed.
    #[must_use]
    pub fn is_left(&self) -> bool {
        open_regular(&self.dir().join(SERVING)).is_ok_and(|file| file.try_lock_shared().is_ok())
    }

    /// How to reach the node that runs here, if one said so and did not take it back.
    #[must_use]
    pub fn control(&self) -> Option<Control> {
        serde_json::from_slice(&read_regular(&self.dir().join("control.json")).ok()?).ok()
    }

    /// The node runs no more.
    pub fn withdraw_control(&self) {
        let _ = fs::remove_file(self.dir().join("control.json"));
    }
}
