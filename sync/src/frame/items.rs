//! The items of a frame: opaque bytes, compressed together.

use minicbor::{Decoder, Encoder};

use super::fields::{Fields, Map, count, fixed};
use super::{FrameError, ITEM_BYTES_MAX, ITEMS_BYTES_MAX, ITEMS_MAX};

/// zstd level: batches are small and links are thin.
const LEVEL: i32 = 9;

/// What a feed holds, as it travels. The engine looks into none of it, and gives on what it does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// An item.
    Item {
        /// What sort of item of its scope it is: 0 the ordinary one.
        kind: u16,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// The name of one that was sent earlier in this session, by either end.
    Known([u8; 32]),
    /// Something of a newer version, in a form that is not known here.
    Newer,
}

impl Carried {
    /// An ordinary item.
    #[must_use]
    pub fn item(bytes: Vec<u8>) -> Self {
        Self::Item { kind: 0, bytes }
    }

    fn write(&self) -> Vec<u8> {
        match self {
            Self::Item { kind, bytes } => Map::new().unless_zero(1, *kind).bytes(2, bytes).finish(),
            Self::Known(id) => Map::new().bytes(3, id).finish(),
            Self::Newer => Map::new().finish(),
        }
    }

    fn read(input: &mut Decoder<'_>, passed: &mut u64) -> Result<Self, FrameError> {
        let mut fields = Fields::read(input, "an item")?;
        let kind = fields.number_or_zero(1)?;
        let bytes = fields.maybe(2, |input| Ok(input.bytes()?))?;
        let known = fields.maybe(3, fixed)?;
        *passed += fields.rest();
        Ok(match (bytes, known, u16::try_from(kind)) {
            (Some(bytes), _, _) if bytes.len() > ITEM_BYTES_MAX => {
                return Err(FrameError(format!("an item of {} bytes", bytes.len())));
            }
            (Some(bytes), None, Ok(kind)) => Self::Item { kind, bytes: bytes.to_vec() },
            (None, Some(id), Ok(0)) => Self::Known(id),
            _ => Self::Newer,
        })
    }
}

/// The length of the items and their bytes, compressed.
pub(super) fn pack(items: &[Carried]) -> Result<(u64, Vec<u8>), FrameError> {
    let mut out = Encoder::new(Vec::new());
    out.array(items.len() as u64).map_err(|error| FrameError(error.to_string()))?;
    let mut plain = out.into_writer();
    items.iter().for_each(|item| plain.extend(item.write()));
    let packed = zstd::bulk::compress(&plain, LEVEL).map_err(|error| FrameError(error.to_string()))?;
    Ok((plain.len() as u64, packed))
}

pub(super) fn unpack(length: u64, packed: &[u8], passed: &mut u64) -> Result<Vec<Carried>, FrameError> {
    // The stated length bounds what is allocated, and the limit bounds the stated length: a bomb ends here.
    let length = count(Some(length), ITEMS_BYTES_MAX)?;
    let plain = zstd::bulk::decompress(packed, length).map_err(|error| FrameError(error.to_string()))?;
    if plain.len() != length {
        return Err(FrameError(format!("{} bytes instead of {length}", plain.len())));
    }
    let mut input = Decoder::new(&plain);
    let count = count(input.array()?, ITEMS_MAX)?;
    let items = (0..count).map(|_| Carried::read(&mut input, passed)).collect::<Result<_, _>>()?;
    if input.position() != plain.len() {
        return Err(FrameError("items are followed by something else".to_owned()));
    }
    Ok(items)
}
