//! Frames as bytes. The table of all fields stands in docs/protocol.md.

use minicbor::Decoder;

use super::fields::{Fields, Map};
use super::items::{Carried, pack, unpack};
use super::{
    FEATURES_MAX, FRAME_BYTES_MAX, Frame, FrameError, Hello, Name, OF_ITSELF_BYTES_MAX, PROGRAM_BYTES_MAX, SCOPES_MAX,
    WANT_IDS_MAX,
};
use crate::{Mark, ScopeKey};

impl Frame {
    /// The bytes of the frame.
    ///
    /// # Errors
    /// zstd fails, which it does not in memory.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        let map = Map::new().number(0, self.kind());
        Ok(match self {
            Self::Hello(hello) => map
                .number(1, hello.min)
                .number(2, hello.max)
                .bytes(3, &hello.digest)
                .flag(4, hello.ask)
                .numbers(5, &hello.features)
                .text(6, &hello.program)
                .bytes_unless_empty(7, &hello.of_itself),
            Self::CursorsPlease => map,
            Self::Cursors(cursors) => {
                let cursor = |(scope, at): &(ScopeKey, Mark)| mark(Map::new().number(1, scope.0), 2, at).finish();
                map.list(1, cursors.iter().map(cursor))
            }
            Self::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items } => {
                let flags = u8::from(*restart) | u8::from(*more) << 1;
                let map = map.number(1, scope.0).number(2, *from).bytes(3, before);
                let map = mark(map, 4, to).unless_zero(6, flags).unless_zero(7, *round);
                packed(map.unless_zero(8, *pieces).unless_zero(9, *last_piece), 10, items)?
            }
            Self::Pieces { scope, number, items } => packed(map.number(1, scope.0).number(2, *number), 3, items)?,
            Self::Ack { scope, mark: at, gap } => mark(map.number(1, scope.0), 2, at).flag(4, *gap),
            Self::Rewind { scope, mark: at, round } => mark(map.number(1, scope.0), 2, at).number(4, *round),
            Self::Mismatch { scope } => map.number(1, scope.0),
            Self::Want { scope, names } => {
                let name = |name: &Name| {
                    let map = Map::new().unless_zero(1, name.kind).bytes(2, &name.id);
                    if let Some(part) = name.part { map.number(3, part) } else { map }.finish()
                };
                map.number(1, scope.0).list(2, names.iter().map(name))
            }
            Self::Given { scope, items } => packed(map.number(1, scope.0), 2, items)?,
            Self::Unknown(_) => map,
        }
        .finish())
    }

    /// Reads a frame, and counts the fields in it that are not known here.
    ///
    /// # Errors
    /// Not a frame, or over a limit.
    pub fn read(bytes: &[u8]) -> Result<(Self, u64), FrameError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameError(format!("{} bytes", bytes.len())));
        }
        let mut input = Decoder::new(bytes);
        let (len, first) = (input.map()?, input.u64()?);
        if len.is_none() || first != 0 {
            return Err(FrameError("it does not begin with its type".to_owned()));
        }
        let kind = input.u64()?;
        let Some(what) = name_of(kind) else { return Ok((Self::Unknown(kind), 0)) };
        let mut input = Decoder::new(bytes);
        let mut fields = Fields::read(&mut input, what)?;
        if input.position() != bytes.len() {
            return Err(FrameError(format!("{what} is followed by something else")));
        }
        fields.number(0)?;
        let mut passed = 0;
        let frame = Self::of(kind, &mut fields, &mut passed)?;
        Ok((frame, passed + fields.rest()))
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// Not a frame, or over a limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        Ok(Self::read(bytes)?.0)
    }

    fn of(kind: u64, fields: &mut Fields<'_>, passed: &mut u64) -> Result<Self, FrameError> {
        Ok(match kind {
            1 => Self::Hello(Hello {
                min: fields.need(1, |input| Ok(input.u16()?))?,
                max: fields.need(2, |input| Ok(input.u16()?))?,
                digest: fields.fixed(3)?,
                ask: fields.flag(4)?,
                features: fields.list(5, FEATURES_MAX, |input| Ok(input.u16()?))?,
                program: fields.maybe(6, program)?.unwrap_or_default(),
                of_itself: fields.maybe(7, of_itself)?.unwrap_or_default(),
            }),
            2 => Self::CursorsPlease,
            3 => Self::Cursors(fields.list(1, SCOPES_MAX, |input| {
                let mut fields = Fields::read(input, "a cursor")?;
                let cursor = (scope(&mut fields)?, read_mark(&mut fields, 2)?);
                *passed += fields.rest();
                Ok(cursor)
            })?),
            4 => {
                let (scope, from, before) = (scope(fields)?, fields.number(2)?, fields.fixed(3)?);
                let (to, flags, round) = (read_mark(fields, 4)?, fields.number_or_zero(6)?, fields.number_or_zero(7)?);
                let (pieces, last_piece) = (fields.number_or_zero(8)?, fields.number_or_zero(9)?);
                let items = unpacked(fields, 10, passed)?;
                let (restart, more) = (flags & 1 == 1, flags & 2 == 2);
                if from == 0 || from - 1 > to.lseq || pieces > last_piece {
                    return Err(FrameError(format!("a batch from {from} to {}, {pieces} pieces", to.lseq)));
                }
                Self::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items }
            }
            5 => Self::Pieces { scope: scope(fields)?, number: fields.number(2)?, items: unpacked(fields, 3, passed)? },
            6 => Self::Ack { scope: scope(fields)?, mark: read_mark(fields, 2)?, gap: fields.flag(4)? },
            7 => Self::Rewind { scope: scope(fields)?, mark: read_mark(fields, 2)?, round: fields.number(4)? },
            8 => Self::Mismatch { scope: scope(fields)? },
            9 => {
                Self::Want { scope: scope(fields)?, names: fields.list(2, WANT_IDS_MAX, |input| name(input, passed))? }
            }
            10 => Self::Given { scope: scope(fields)?, items: unpacked(fields, 2, passed)? },
            other => Self::Unknown(other),
        })
    }

    /// The number of its type.
    #[must_use]
    pub fn kind(&self) -> u64 {
        match self {
            Self::Hello(_) => 1,
            Self::CursorsPlease => 2,
            Self::Cursors(_) => 3,
            Self::Batch { .. } => 4,
            Self::Pieces { .. } => 5,
            Self::Ack { .. } => 6,
            Self::Rewind { .. } => 7,
            Self::Mismatch { .. } => 8,
            Self::Want { .. } => 9,
            Self::Given { .. } => 10,
            Self::Unknown(kind) => *kind,
        }
    }
}

fn name_of(kind: u64) -> Option<&'static str> {
    let known = ["Hello", "CursorsPlease", "Cursors", "Batch", "Pieces", "Ack", "Rewind", "Mismatch", "Want", "Given"];
    known.get(usize::try_from(kind.checked_sub(1)?).ok()?).copied()
}

fn mark(map: Map, field: u8, mark: &Mark) -> Map {
    map.number(field, mark.lseq).bytes(field + 1, &mark.running)
}

fn read_mark(fields: &mut Fields<'_>, field: u64) -> Result<Mark, FrameError> {
    Ok(Mark { lseq: fields.number(field)?, running: fields.fixed(field + 1)? })
}

fn scope(fields: &mut Fields<'_>) -> Result<ScopeKey, FrameError> {
    Ok(ScopeKey(fields.need(1, |input| Ok(input.u32()?))?))
}

/// Items, their length before them; both left out where there are none.
fn packed(map: Map, field: u8, items: &[Carried]) -> Result<Map, FrameError> {
    if items.is_empty() {
        return Ok(map);
    }
    let (length, packed) = pack(items)?;
    Ok(map.number(field, length).bytes(field + 1, &packed))
}

fn unpacked(fields: &mut Fields<'_>, field: u64, passed: &mut u64) -> Result<Vec<Carried>, FrameError> {
    let length = fields.number_or_zero(field)?;
    let packed = fields.maybe(field + 1, |input| Ok(input.bytes()?))?;
    match packed {
        Some(packed) => unpack(length, packed, passed),
        None if length == 0 => Ok(Vec::new()),
        None => Err(FrameError(format!("{length} bytes of items, and none there"))),
    }
}

fn name(input: &mut Decoder<'_>, passed: &mut u64) -> Result<Name, FrameError> {
    let mut fields = Fields::read(input, "a name")?;
    let kind = fields.maybe(1, |input| Ok(input.u16()?))?.unwrap_or_default();
    let (id, part) = (fields.fixed(2)?, fields.maybe(3, |input| Ok(input.u16()?))?);
    *passed += fields.rest();
    Ok(Name { kind, id, part })
}

/// What Unicode says of these never changes; it is written out all the same, since a frame is refused by it.
const fn control(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

fn of_itself(input: &mut Decoder<'_>) -> Result<Vec<u8>, FrameError> {
    let bytes = input.bytes()?;
    if bytes.len() > OF_ITSELF_BYTES_MAX {
        Err(FrameError(format!("{} bytes", bytes.len())))
    } else {
        Ok(bytes.to_vec())
    }
}

fn program(input: &mut Decoder<'_>) -> Result<String, FrameError> {
    let text = input.str()?;
    if text.len() > PROGRAM_BYTES_MAX || text.chars().any(control) {
        return Err(FrameError("not the name of a version".to_owned()));
    }
    Ok(text.to_owned())
}
