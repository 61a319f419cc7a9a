//! From the transaction to the disk: the log of what was committed, the mark of what was told, and when the log is copied
//! into the database.
//!
//! While the log is being copied the file is a mixture of two moments, and only the log makes it whole: the mark says so
//! before the first page is copied, and takes it back when the last one is on the disk. A database under such a mark is not
//! opened without its log.

use std::sync::atomic::Ordering;

use crate::error::{Loss, StoreError};
use crate::files::length;
use crate::ids::counted;
use crate::intact::Intact;
use crate::mark::{self, CommitMark, Count};
use crate::open::Store;

/// Pages of the log after which it is copied into the database.
pub const LOG_PAGES_MAX: u32 = 4_000;

/// What stands before all frames of a log, and before the page of each.
const LOG_HEAD_BYTES: u64 = 32;
const FRAME_HEAD_BYTES: u64 = 24;

impl Store {
    /// What was told as saved; for the simulator, which keeps it over a crash.
    #[must_use]
    pub fn mark(&self) -> Option<CommitMark> {
        self.log.marks.last().copied()
    }

    /// Puts a mark beside this database in memory, as a crash would leave it.
    pub fn put_mark(&mut self, mark: CommitMark) {
        self.log.marks.put_back(mark);
    }

    /// That the files which are open are the ones that this writer wrote and the next opening will find.
    ///
    /// # Errors
    /// `Disturbed`; from then on nothing is written, and the log stays as it is.
    pub fn prove_intact(&mut self) -> Result<(), StoreError> {
        let proven = self.intact.as_ref().map_or(Ok(()), Intact::prove);
        self.or_leave(proven)
    }

    /// As [`Self::prove_intact`], right after a commit.
    pub(crate) fn prove_kept(&mut self) -> Result<(), StoreError> {
        let pages = u64::from(self.log.pages.load(Ordering::Relaxed));
        let proven = match &self.intact {
            None => Ok(()),
            Some(intact) => {
                let page = counted(self.page_bytes()?);
                intact.prove_kept(LOG_HEAD_BYTES + pages * (FRAME_HEAD_BYTES + page))
            }
        };
        self.or_leave(proven)
    }

    fn or_leave(&mut self, proven: Result<(), StoreError>) -> Result<(), StoreError> {
        if let Err(error) = &proven {
            self.leave(error.clone());
        }
        proven
    }

    /// Nothing is written any more, for this reason, and the log is not copied into a database that somebody else broke:
    /// what is there stays for whoever mends it.
    pub fn leave(&mut self, why: StoreError) {
        self.log.fault.get_or_insert(why);
    }

    /// That nothing is missing which was told as saved. A file is looked at when it is opened.
    ///
    /// # Errors
    /// `Lost`, or a fault.
    pub fn prove_whole(&self) -> Result<(), StoreError> {
        if self.log.after_loss || self.log.marks.last().is_none() {
            return Ok(());
        }
        mark::prove(self.log.marks.last(), Count::read(&self.conn)?)
    }

    /// Makes the mark that of the database: it is behind if the process ended between the two. What it lacks was in the
    /// log when that was read, which does not mean that it is on the disk: so the log is copied first.
    pub(crate) fn mend_mark(&mut self) -> Result<(), StoreError> {
        let count = Count::read(&self.conn)?;
        let behind = self.log.marks.last().is_none_or(|mark| mark.commits() < count.commits);
        if self.log.marks.copying() || (behind && count.commits > 0) {
            let copied = self.copy_log()?;
            // The count may be that of a page which was copied before the rest.
            if copied == Copied::Nothing && self.log.marks.copying() {
                return Err(StoreError::Lost(Loss::Log));
            }
            if copied == Copied::All {
                return self.log.marks.write(count, false);
            }
        }
        if behind {
            self.log.marks.write(count, self.log.marks.copying())?;
        }
        Ok(())
    }

    pub(crate) fn begin_after_loss(&mut self) -> Result<(), StoreError> {
        let wrong = self.check()?;
        if let Some(first) = wrong.first() {
            return Err(StoreError::Corrupt(first.clone()));
        }
        self.log.after_loss = true;
        Ok(())
    }

    /// Counts the transaction that is about to be committed.
    pub(crate) fn count_commit(&mut self) -> Result<Count, StoreError> {
        let held = Count::read(&self.conn)?;
        // After a loss the count goes on behind what was told: a mark that is left from before is never ahead of it.
        let commits = held.commits.max(self.log.marks.commits()) + 1;
        let mut statement = self.conn.prepare_cached("UPDATE commits SET count = ?1")?;
        statement.execute([crate::ids::position(commits)])?;
        Ok(Count { commits, ..held })
    }

    /// The transaction is durable: notes it, so that it may be spoken of.
    pub(crate) fn tell_mark(&mut self, count: Count) -> Result<(), StoreError> {
        let copying = self.log.marks.copying();
        self.log.marks.write(count, copying)?;
        self.log.after_loss = false;
        if let Some(intact) = &mut self.intact {
            intact.written();
        }
        if self.log.pages.load(Ordering::Relaxed) >= LOG_PAGES_MAX {
            self.log.fault = self.copy_log().err();
        }
        Ok(())
    }

    /// Copies the log into the database, as much of it as nobody reads.
    fn copy_log(&mut self) -> Result<Copied, StoreError> {
        if let Some(intact) = &self.intact {
            intact.prove()?;
        }
        let copied = self.copy_log_now();
        if let Some(intact) = &mut self.intact {
            intact.copied();
        }
        copied
    }

    fn copy_log_now(&mut self) -> Result<Copied, StoreError> {
        if self.log.path.as_deref().is_none_or(|path| length(path) == 0) {
            return Ok(Copied::Nothing);
        }
        let count = Count::read(&self.conn)?;
        // What was told, not what is held: a crash must find the mark no further than it was.
        let told = Count { commits: self.log.marks.commits().min(count.commits), ..count };
        let begun = self.log.marks.copying();
        if !begun {
            self.log.marks.write(told, true)?;
        }
        let (pages, copied): (i64, i64) =
            self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)))?;
        if pages <= 0 {
            if !begun {
                self.log.marks.write(told, false)?;
            }
            return Ok(Copied::Nothing);
        }
        if pages > copied {
            return Ok(Copied::Some);
        }
        self.log.marks.write(told, false)?;
        Ok(Copied::All)
    }

    /// Copies all of the log and cuts it off, so that the database is whole by itself. If that fails the log stays and is
    /// as good.
    fn close_log(&mut self) -> Result<(), StoreError> {
        if self.log.after_loss || self.log.fault.is_some() || !self.conn.is_autocommit() {
            return Ok(());
        }
        if self.copy_log()? == Copied::All {
            self.conn.busy_timeout(std::time::Duration::ZERO)?;
            self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

/// How much of the log was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copied {
    /// There was none.
    Nothing,
    /// Somebody reads the rest.
    Some,
    All,
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.in_transaction() {
            let _ = self.rollback();
        }
        let _ = self.close_log();
    }
}
