//! Copies: into memory for the simulator, into an encrypted file for the night.

use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::StoreError;
use crate::files;
use crate::log::Log;
use crate::open::{Store, connect, connect_in_memory, hash_pages_by, key_text, unlock};
use crate::schema::{SCHEMA_VERSION, version};

/// Writes a copy of the database at `path` into the new file `target` under `target_key`. Uses a connection of its own,
/// so a running writer goes on meanwhile; the copy is as of one moment, and durable when this returns.
///
/// # Errors
/// `Missing`, `WrongKey`, `Exists`, `Full` and other faults; then there is no `target`.
pub fn backup(path: &Path, key: &[u8; 32], target: &Path, target_key: &[u8; 32]) -> Result<(), StoreError> {
    let path = std::path::absolute(path)?;
    if !path.try_exists()? {
        return Err(StoreError::Missing);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = connect(&path, flags)?;
    unlock(&conn, key)?;
    export(&conn, target, target_key)
}

impl Store {
    /// A copy of everything committed, in memory. It shares nothing with this store.
    ///
    /// # Errors
    /// `InTransaction`, or a fault.
    pub fn snapshot(&self) -> Result<Self, StoreError> {
        if self.in_transaction() {
            return Err(StoreError::InTransaction);
        }
        let mut copy = connect_in_memory()?;
        if self.encrypted {
            // SQLCipher copies only between two databases that both have a key; memory is never encrypted, so which
            // key it is does not matter.
            unlock(&copy, &[0; 32])?;
        }
        let run = rusqlite::backup::Backup::new(&self.conn, &mut copy)?;
        run.step(-1)?;
        drop(run);
        Self::prepare(copy, SCHEMA_VERSION, self.encrypted, Log::in_memory(), None)
    }

    /// Writes a copy of everything committed into the new file `path` under `key`, durably.
    ///
    /// # Errors
    /// `InTransaction`, `Exists`, or a fault; then there is no such file.
    pub fn backup_to(&self, path: &Path, key: &[u8; 32]) -> Result<(), StoreError> {
        if self.in_transaction() {
            return Err(StoreError::InTransaction);
        }
        export(&self.conn, path, key)
    }
}

fn export(conn: &Connection, target: &Path, key: &[u8; 32]) -> Result<(), StoreError> {
    let target = std::path::absolute(target)?;
    let name = target.to_str().ok_or_else(|| StoreError::Io("the path is not UTF-8".to_owned()))?;
    // Made here and not by SQLite, which makes no file beside a database that it was told to open as it is.
    match files::private().write(true).create_new(true).open(&target) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(StoreError::Exists),
        Err(error) => return Err(error.into()),
    }
    let done = export_to(conn, name, key);
    if done.is_err() {
        // What is half written is no backup. If it cannot be removed, the first error still says why.
        drop(std::fs::remove_file(&target));
    }
    done
}

fn export_to(conn: &Connection, name: &str, key: &[u8; 32]) -> Result<(), StoreError> {
    conn.execute("ATTACH DATABASE ?1 AS copy KEY ?2", (name, key_text(key)))?;
    let written = conn.execute_batch(&hash_pages_by("copy.")).map_err(StoreError::from);
    let written = written.and_then(|()| export_attached(conn));
    let detached = conn.execute_batch("DETACH DATABASE copy").map_err(StoreError::from);
    written.and(detached)
}

/// All in one transaction, so that the copy is as of one moment.
fn export_attached(conn: &Connection) -> Result<(), StoreError> {
    let transaction = conn.unchecked_transaction()?;
    transaction.query_row("SELECT sqlcipher_export('copy')", [], |_| Ok(()))?;
    transaction.pragma_update(Some("copy"), "user_version", version(&transaction)?)?;
    Ok(transaction.commit()?)
}
