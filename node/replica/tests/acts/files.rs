//! Names of files: BLAKE3's own test vectors, and files that are not the ones that were named.

use std::io::{Cursor, Read};

use regulation::Body;
use regulation::act::{AttachClass, FileHash, MediaType};
use replica::file::{FileError, FileId};
use replica::limits::FILE_BYTES_MAX;
use replica::{Act, Draft, History, compose};

use crate::city::{self, HUB};

/// Lengths and hashes of the official test vectors; the input is 0, 1, … 250, 0, 1, …
const VECTORS: [(usize, &str); 8] = [
    (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
    (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
    (1_023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"),
    (1_024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
    (1_025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
    (2_049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"),
    (4_097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995"),
    (7_169, "a003fc7a51754a9b3c7fae0367ab3d782dccf28855a03d435f8cfe74605e7817"),
];

fn input(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

/// Gives a few bytes at a time, as a socket does.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let len = self.0.len().min(to.len()).min(700);
        to[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

#[test]
fn names_of_files_are_those_of_the_official_vectors() {
    for (len, hash) in VECTORS {
        let bytes = input(len);
        let id = FileId::of(&mut Slow(&bytes)).unwrap();
        assert_eq!((id.hash, id.bytes), (FileHash::Blake3, len as u64));
        assert_eq!(city::hex(&id.root), hash, "{len}");
        let mut copy = Vec::new();
        id.copy(&mut Slow(&bytes), &mut copy).unwrap();
        assert_eq!(copy, bytes);
    }
}

#[test]
fn file_that_is_not_the_one_that_was_named_is_found() {
    let bytes = input(200_000);
    let id = FileId::of(&mut Cursor::new(&bytes)).unwrap();
    let copy = |bytes: &[u8]| {
        let mut to = Vec::new();
        let done = id.copy(&mut Cursor::new(bytes), &mut to);
        (done, to.len())
    };
    assert!(matches!(copy(&bytes[..199_999]), (Err(FileError::Length), _)));
    let longer = [bytes.clone(), vec![0; 1_000_000]].concat();
    let (done, written) = copy(&longer);
    assert!(matches!(done, Err(FileError::Length)));
    assert!(written <= 200_000, "no more is kept than was named");
    for place in [0, 1_023, 1_024, 100_000, 199_999] {
        let mut other = bytes.clone();
        other[place] ^= 1;
        assert!(matches!(copy(&other), (Err(FileError::Root), _)), "{place}");
    }
}

#[test]
fn act_names_a_file_of_a_length_that_there_can_be() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, HUB, 1, city::register());
    for (bytes, good) in [(0, false), (1, true), (FILE_BYTES_MAX, true), (FILE_BYTES_MAX + 1, false), (u64::MAX, false)]
    {
        let (class, media) = (AttachClass::Photo, MediaType::Jpeg);
        let body = Body::Attach { class, root: [7; 32], bytes, hash: FileHash::Blake3, media };
        let (act, _) = compose(&history, Draft::new(body.clone()).text(["照片"]), city::stamp(&registry, HUB, 2));
        assert_eq!(Act::decode(&act.encode()).is_ok(), good, "{bytes}");
        assert_eq!(FileId::of_body(&body).map(|id| id.bytes), Some(bytes));
    }
}
