//! Limits of the first version of the envelope. They are part of admission: every node must hold the same ones.

use regulation::Rule;
use regulation::table::Room;

use crate::rank::Rank;

/// Bytes of an encoded act.
pub const ACT_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a sealed act with its parts.
pub const SEALED_BYTES_MAX: usize = 256 * 1024;
/// Acts that an act may name as its dependencies.
pub const DEPS_MAX: usize = 16;
/// Numbered fields of one map.
pub const FIELDS_MAX: usize = 256;
/// Parts of one act.
pub const PARTS_MAX: usize = 8;
/// Signatures of one act.
pub const SIGNATURES_MAX: usize = 4;
/// Bytes of one signature; those that quantum computers do not forge are long.
pub const SIGNATURE_BYTES_MAX: usize = 8 * 1024;
/// Items of one effect, its number among them.
pub const EFFECT_ITEMS_MAX: usize = 16;
/// Epochs of a device in one document: how often it may be put back, or have been cloned, and still count. Not the hub's.
pub const EPOCHS_MAX: usize = 8;

/// Of so many acts in all, how many there may be before one of that room is made no more: of four a note leaves one, of
/// eight a contact leaves one. The rest is for what must be done.
#[must_use]
pub const fn open_to(room: Room, acts: usize) -> usize {
    match room {
        Room::Free => acts - acts / 4,
        Room::Repeated => acts - acts / 8,
        Room::Demanded => acts,
        Room::Always => usize::MAX,
    }
}

/// Acts of one device in one document, by its authority there. The hub is excepted; see [`open_to`].
#[must_use]
pub const fn own_acts_max(rank: Rank) -> usize {
    match rank {
        Rank::City => 400,
        Rank::County | Rank::Lead => 200,
        Rank::Other => 100,
    }
}

/// Acts of one document that count, before whoever has that authority makes no more: what follows is a new linked
/// document. The hub is excepted, and its acts are not counted; see [`open_to`].
#[must_use]
pub const fn line_acts_max(rank: Rank) -> usize {
    match rank {
        Rank::City => 4_000,
        Rank::County | Rank::Lead => 3_000,
        Rank::Other => 2_000,
    }
}

/// The limits that lines are held to. Tests make them small, so that floods are cheap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// See [`DEPS_MAX`].
    pub deps: usize,
    /// See [`EPOCHS_MAX`].
    pub epochs: usize,
    /// See [`own_acts_max`]: of the city, a county, the lead, any other.
    pub own_acts: [usize; 4],
    /// See [`line_acts_max`], likewise.
    pub line_acts: [usize; 4],
}

impl Default for Limits {
    fn default() -> Self {
        let ranks = [Rank::City, Rank::County, Rank::Lead, Rank::Other];
        let (own_acts, line_acts) = (ranks.map(own_acts_max), ranks.map(line_acts_max));
        Self { deps: DEPS_MAX, epochs: EPOCHS_MAX, own_acts, line_acts }
    }
}

/// Acts of one device in one document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// All of them.
    pub all: usize,
    /// Of them those of [`Room::Free`].
    pub free: usize,
}

impl Own {
    /// Counts in an act of that room.
    #[must_use]
    pub fn and(self, room: Room) -> Self {
        Self { all: self.all + 1, free: self.free + usize::from(room == Room::Free) }
    }

    /// How many count where there may be so many. Notes for no more than may be made of them: who led has made more than
    /// whoever does not lead may, and is left what he must do all the same.
    fn against(self, acts: usize) -> usize {
        self.all - self.free + self.free.min(open_to(Room::Free, acts))
    }
}

impl Limits {
    /// How many more acts of that room a device of that authority may make, of whose own those are there, whose unit was given
    /// more room so often, and in all lines so many; else why none.
    ///
    /// # Errors
    /// The rule that forbids the next one.
    pub fn left(&self, room: Room, rank: Rank, own: Own, more: usize, all: usize) -> Result<usize, Rule> {
        // 续页: as much again each time. What a document takes in all stays, so that nobody fills it for those above him.
        let allowed = self.own_acts[rank as usize] * (1 + more);
        let bounds =
            [(allowed, own.against(allowed), Rule::AllowanceUsed), (self.line_acts[rank as usize], all, Rule::TooLong)];
        let mut left = usize::MAX;
        for (acts, used, rule) in bounds {
            match open_to(room, acts).saturating_sub(used) {
                0 if used >= acts => return Err(rule),
                0 => return Err(Rule::RoomReserved),
                more => left = left.min(more),
            }
        }
        Ok(left)
    }
}

/// Effects of one act.
pub const EFFECTS_MAX: usize = 256;
/// Registry logs that an act names.
pub const LOGS_MAX: usize = 4;
/// Units that one dispatch names.
pub const DISPATCH_UNITS_MAX: usize = 32;
/// Segments of one part.
pub const SEGMENTS_MAX: usize = 256;
/// Code points of one part.
pub const PART_CHARS_MAX: usize = 50_000;
/// Code points that the effects of one act write, each use of a segment counted.
pub const WRITTEN_CHARS_MAX: usize = PART_CHARS_MAX;
/// Code points of a title or of a place in words.
pub const REGISTER_CHARS_MAX: usize = 500;
/// Code points of a block of an article.
pub const BLOCK_CHARS_MAX: usize = 1_000;
/// Blocks that one device may have put into an article, those that were removed since among them. One device's, so that
/// nobody fills an article for others.
pub const DEVICE_BLOCKS_MAX: usize = 4_096;
/// Values of a block that one effect replaces.
pub const BLOCK_VALUES_MAX: usize = 16;
/// Characters that stand for one stretch of characters that are withheld. What is shown, no part of admission.
pub const WITHHELD_CHARS_MAX: usize = 1_000;
/// Bytes of a code: a category, a place, a tag, an external number.
pub const CODE_BYTES_MAX: usize = 64;
/// Characters of a tag.
pub const TAG_CHARS_MAX: usize = 16;
/// Bytes of a file that an act names.
pub const FILE_BYTES_MAX: u64 = 1 << 40;
/// Bytes of one entry of a registry log: it must fit a frame.
pub const ENTRY_BYTES_MAX: usize = 1000 * 1024;
