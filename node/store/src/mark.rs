//! The mark: outside the database, how many transactions of it were told as saved.
//!
//! SQLite takes the valid beginning of its log for the whole of it: a flipped bit, a cut or a missing log is a database
//! of an earlier hour that looks well. So every transaction is counted in the database, and once it is durable the count is
//! written into a file beside it, and only then spoken of. A database that has counted less than its mark has lost something.
//!
//! The file holds two slots, written in turn and each with a hash, so that a write that is torn leaves the one before.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use crate::error::{Loss, StoreError};
use crate::files;
use crate::ids::counted;

/// A slot has a block of the disk of its own.
pub const SLOT_BYTES: usize = 4_096;
const MAGIC: [u8; 8] = *b"jiesumk1";
const HASHED_BYTES: usize = 8 + 8 + 16 + 8 + 1;

/// What was told as saved of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitMark {
    /// Counts the writes of the mark: of two slots the higher one is the newer.
    turn: u64,
    /// Which database.
    database: [u8; 16],
    /// How many of its transactions.
    commits: u64,
    /// The log is being copied into the file: until that is done, neither is whole without the other.
    copying: bool,
}

impl CommitMark {
    /// Transactions that were told as saved.
    pub(crate) fn commits(&self) -> u64 {
        self.commits
    }

    pub(crate) fn copying(&self) -> bool {
        self.copying
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        bytes.extend(MAGIC);
        bytes.extend(self.turn.to_be_bytes());
        bytes.extend(self.database);
        bytes.extend(self.commits.to_be_bytes());
        bytes.push(u8::from(self.copying));
        bytes.extend(Sha256::digest(&bytes));
        bytes.resize(SLOT_BYTES, 0);
        bytes
    }

    fn decode(slot: &[u8]) -> Option<Self> {
        let (hashed, rest) = slot.split_at_checked(HASHED_BYTES)?;
        if rest.get(..32)? != Sha256::digest(hashed).as_slice() {
            return None;
        }
        let (magic, rest) = hashed.split_first_chunk::<8>()?;
        let (turn, rest) = rest.split_first_chunk::<8>()?;
        let (database, rest) = rest.split_first_chunk::<16>()?;
        let (commits, rest) = rest.split_first_chunk::<8>()?;
        let (turn, commits) = (u64::from_be_bytes(*turn), u64::from_be_bytes(*commits));
        (*magic == MAGIC).then_some(Self { turn, database: *database, commits, copying: rest == [1] })
    }
}

/// What a database says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub database: [u8; 16],
    pub commits: u64,
}

impl Count {
    pub(crate) fn read(conn: &Connection) -> Result<Self, StoreError> {
        let mut statement = conn.prepare_cached("SELECT database, count FROM commits")?;
        let row = statement
            .query_row([], |row| Ok(Self { database: row.get(0)?, commits: row.get(1).map(counted)? }))
            .optional()?;
        row.ok_or_else(|| StoreError::Corrupt("it does not count its transactions".to_owned()))
    }
}

/// The mark of a writer, and the file that it stands in.
#[derive(Debug)]
pub(crate) struct Marks {
    /// None where there is no file: in memory, or in one that is new.
    file: Option<File>,
    path: Option<PathBuf>,
    last: Option<CommitMark>,
}

impl Marks {
    /// Of a database in memory.
    pub(crate) fn in_memory() -> Self {
        Self { file: None, path: None, last: None }
    }

    /// Of the database at `database`. Makes no file yet.
    pub(crate) fn open(database: &Path) -> Result<Self, StoreError> {
        let path = path_of(database);
        let file = match File::options().read(true).write(true).open(&path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        files::tighten(&path)?;
        let last = read(&path)?;
        Ok(Self { file, path: Some(path), last })
    }

    pub(crate) fn last(&self) -> Option<&CommitMark> {
        self.last.as_ref()
    }

    /// Transactions that were told, of whatever database.
    pub(crate) fn commits(&self) -> u64 {
        self.last.map_or(0, |last| last.commits)
    }

    pub(crate) fn copying(&self) -> bool {
        self.last.is_some_and(|last| last.copying)
    }

    /// Writes the mark anew, durably.
    pub(crate) fn write(&mut self, count: Count, copying: bool) -> Result<(), StoreError> {
        let turn = self.last.map_or(0, |last| last.turn) + 1;
        let mark = CommitMark { turn, database: count.database, commits: count.commits, copying };
        if let Some(path) = &self.path {
            if self.file.is_none() {
                self.file = Some(create(path)?);
            }
            if let Some(file) = &mut self.file {
                // The blocks are there already: nothing but them has to reach the disk.
                file.seek(SeekFrom::Start(turn % 2 * SLOT_BYTES as u64))?;
                file.write_all(&mark.encode())?;
                file.sync_data()?;
            }
        }
        self.last = Some(mark);
        Ok(())
    }

    /// In the simulator, which has no files: the mark as it was.
    pub(crate) fn put_back(&mut self, mark: CommitMark) {
        self.last = Some(mark);
    }
}

/// The newest mark of a database; none if there is no file, or none of its slots is whole.
pub(crate) fn newest(database: &Path) -> Result<Option<CommitMark>, StoreError> {
    read(&path_of(database))
}

/// Whether a database may be opened under this mark.
pub(crate) fn prove(mark: Option<&CommitMark>, count: Count) -> Result<(), StoreError> {
    let loss = match mark {
        // Nothing was told of it yet.
        None if count.commits == 0 => return Ok(()),
        None => Loss::Unmarked,
        Some(mark) if mark.database != count.database => Loss::Foreign,
        Some(mark) if mark.commits > count.commits => Loss::Behind { held: count.commits, told: mark.commits },
        Some(_) => return Ok(()),
    };
    Err(StoreError::Lost(loss))
}

fn path_of(database: &Path) -> PathBuf {
    files::beside(database, ".mark")
}

fn read(path: &Path) -> Result<Option<CommitMark>, StoreError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(2 * SLOT_BYTES as u64).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(bytes.chunks(SLOT_BYTES).filter_map(CommitMark::decode).max_by_key(|mark| mark.turn))
}

fn create(path: &Path) -> Result<File, StoreError> {
    let mut file = files::private().read(true).write(true).create_new(true).open(path)?;
    file.write_all(&[0; 2 * SLOT_BYTES])?;
    file.sync_all()?;
    files::sync_folder(path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(turn: u64) -> CommitMark {
        CommitMark { turn, database: [3; 16], commits: 7 + turn, copying: turn.is_multiple_of(3) }
    }

    #[test]
    fn slot_is_read_as_it_was_written_and_not_at_all_with_any_bit_flipped() {
        let whole = mark(5).encode();
        assert_eq!(CommitMark::decode(&whole), Some(mark(5)));
        for bit in 0..(HASHED_BYTES + 32) * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(CommitMark::decode(&flipped), None, "bit {bit}");
        }
        for length in 0..HASHED_BYTES + 32 {
            assert_eq!(CommitMark::decode(&whole[..length]), None);
        }
    }

    #[test]
    fn write_that_was_torn_leaves_the_mark_before() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("node.db");
        let mut marks = Marks::open(&database).unwrap();
        for commits in 1..5 {
            marks.write(Count { database: [3; 16], commits }, false).unwrap();
        }
        assert_eq!(newest(&database).unwrap().map(|mark| mark.commits), Some(4));
        let path = path_of(&database);
        let mut bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 2 * SLOT_BYTES);
        bytes[20] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(newest(&database).unwrap().map(|mark| mark.commits), Some(3));
        bytes[SLOT_BYTES + 20] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(newest(&database).unwrap(), None);
    }

    #[test]
    fn only_a_mark_that_is_not_ahead_lets_a_database_be_opened() {
        let count = |commits| Count { database: [3; 16], commits };
        assert_eq!(prove(None, count(0)), Ok(()));
        assert_eq!(prove(None, count(1)), Err(StoreError::Lost(Loss::Unmarked)));
        let told = mark(1);
        assert_eq!(prove(Some(&told), count(8)), Ok(()));
        assert_eq!(prove(Some(&told), count(9)), Ok(()), "a crash between the commit and the mark");
        assert_eq!(prove(Some(&told), count(7)), Err(StoreError::Lost(Loss::Behind { held: 7, told: 8 })));
        let foreign = Count { database: [4; 16], commits: 9 };
        assert_eq!(prove(Some(&told), foreign), Err(StoreError::Lost(Loss::Foreign)));
    }
}
