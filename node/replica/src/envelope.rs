//! The numbers of the envelope: its version, how it commits and merges, and its fields.

/// Version of the envelope that this program writes.
pub const VERSION: u64 = 1;
/// How its parts are committed to: SHA-256. The name of an act is SHA-256 whatever stands here, since a name that not
/// everybody can compute is none.
pub const ALGORITHM: u64 = 1;
/// How its effects merge, unless it names another way.
pub const MERGE: u64 = 1;

/// Numbers of the fields behind the spine. None is ever given to another meaning.
pub mod number {
    #![expect(missing_docs, reason = "each is that of the field of `Act` of this name")]
    pub const PERSON: u16 = 1;
    pub const ANSWERS: u16 = 2;
    pub const TIME: u16 = 3;
    pub const BEACON: u16 = 4;
    pub const HAPPENED: u16 = 5;
    pub const KIND: u16 = 6;
    pub const BODY: u16 = 7;
    pub const EFFECTS: u16 = 8;
    pub const PARTS: u16 = 9;
    pub const MERGE: u16 = 10;
}
