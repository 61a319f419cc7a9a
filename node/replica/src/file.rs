//! Files that acts name: how a file is named, and reading one so that it is the one that was named.
//!
//! The name is the root of BLAKE3's tree over pieces of 1 KiB, with the length. So a piece can be proven by some hashes of the
//! tree, from any byte on, without the rest; nothing of that changes the name.

use std::io::{self, Read, Write};

use regulation::act::{Body, FileHash};

/// Bytes that are read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What names a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    /// How it is hashed.
    pub hash: FileHash,
    /// Its length, bytes.
    pub bytes: u64,
    /// Root of the tree over it.
    pub root: [u8; 32],
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read, or what was read not written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is longer or shorter than the one that was named.
    #[error("it has not the length of the file that was named")]
    Length,
    /// It has its length, and says something else.
    #[error("it is not the file that was named")]
    Root,
}

impl FileId {
    /// The file that an act names.
    #[must_use]
    pub const fn of_body(body: &Body) -> Option<Self> {
        match body {
            Body::Attach { hash, bytes, root, .. } => Some(Self { hash: *hash, bytes: *bytes, root: *root }),
            _ => None,
        }
    }

    /// Names a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(file: &mut impl Read) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        let bytes = each_piece(file, |piece| {
            hasher.update(piece);
            Ok(true)
        })?;
        Ok(Self { hash: FileHash::Blake3, bytes, root: *hasher.finalize().as_bytes() })
    }

    /// Copies the file of this name, piece by piece. What was written counts only if this returns no error: what is not that
    /// file is found at its end, or where it is too long.
    ///
    /// # Errors
    /// It is another file, or cannot be read or written.
    pub fn copy(&self, file: &mut impl Read, to: &mut impl Write) -> Result<(), FileError> {
        let FileHash::Blake3 = self.hash;
        let (mut hasher, mut left) = (blake3::Hasher::new(), self.bytes);
        let mut fits = true;
        each_piece(file, |piece| {
            let rest = left.checked_sub(piece.len() as u64);
            fits = rest.is_some();
            if let Some(rest) = rest {
                left = rest;
                hasher.update(piece);
                to.write_all(piece)?;
            }
            Ok(fits)
        })?;
        if !fits || left > 0 {
            return Err(FileError::Length);
        }
        if *hasher.finalize().as_bytes() == self.root { Ok(()) } else { Err(FileError::Root) }
    }
}

/// Goes through a file until `take` has enough; how many bytes were read.
fn each_piece(file: &mut impl Read, mut take: impl FnMut(&[u8]) -> io::Result<bool>) -> io::Result<u64> {
    let (mut piece, mut bytes) = (vec![0; PIECE_BYTES], 0);
    loop {
        let len = match file.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes += len as u64;
        if !piece.get(..len).map_or(Ok(false), &mut take)? {
            return Ok(bytes);
        }
    }
}
