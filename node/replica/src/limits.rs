//! Limits of the first version of the envelope. They are part of admission: every node must hold the same ones.

/// Bytes of an encoded act.
pub const ACT_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a sealed act with its parts.
pub const SEALED_BYTES_MAX: usize = 256 * 1024;
/// Acts that an act may name as its dependencies.
pub const DEPS_MAX: usize = 64;
/// Acts in the past of an act; what follows is a new linked document.
pub const PAST_ACTS_MAX: usize = 1_000;
/// Numbered fields of one record.
pub const FIELDS_MAX: usize = 64;
/// Parts of one act.
pub const PARTS_MAX: usize = 8;
/// Signatures of one act.
pub const SIGNATURES_MAX: usize = 4;
/// Bytes of one signature; those that quantum computers do not forge are long.
pub const SIGNATURE_BYTES_MAX: usize = 8 * 1024;
/// Items of one effect, its number among them.
pub const EFFECT_ITEMS_MAX: usize = 16;
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
/// Bytes of one entry of a registry log: it must fit a frame.
pub const ENTRY_BYTES_MAX: usize = 1000 * 1024;
