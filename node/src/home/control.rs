//! What a running node leaves for the commands beside it, and how it proves to them that it is the one.

use std::fmt;
use std::fs;
use std::io::Write;

use replica::seal::{hash, verify};
use serde::{Deserialize, Serialize};

use super::{Home, write_private};
use crate::problem::Problem;

/// A running node tells the commands beside it how to reach it, in a file that only its owner reads.
#[derive(Clone, Serialize, Deserialize)]
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

/// Bytes of the control file, without its line feed.
const CONTROL_BYTES: usize = 512;

/// Writes over a file of that length, which takes no room that it does not have.
fn overwrite(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::options().write(true).open(path)?;
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
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn publish_control(&self, control: &Control) -> Result<(), Problem> {
        let path = self.dir().join("control.json");
        let text = serde_json::to_string(control).map_err(|error| Problem::storage(&path, &error))?;
        // Always of one length: on a full disk it goes into the place of the last one.
        let text = format!("{text:<CONTROL_BYTES$}\n");
        match write_private(&path, text.as_bytes()) {
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                if let Err(error) = overwrite(&path, text.as_bytes()) {
                    tracing::warn!(%error, "no room to tell commands of this node: they find only its pages");
                }
                Ok(())
            }
            written => written.map_err(|error| Problem::storage(&path, &error)),
        }
    }

    /// How to reach the node that runs here, if one said so and did not take it back.
    #[must_use]
    pub fn control(&self) -> Option<Control> {
        serde_json::from_slice(&fs::read(self.dir().join("control.json")).ok()?).ok()
    }

    /// The node runs no more.
    pub fn withdraw_control(&self) {
        let _ = fs::remove_file(self.dir().join("control.json"));
    }
}
