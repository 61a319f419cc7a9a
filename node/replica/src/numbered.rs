//! Numbered fields: a map from rising numbers to values, so that a later version can add one. Who does not know a field
//! goes past it, and keeps its bytes with those around them.

use crate::codec::{Malformed, Reader, Writer};

/// Fields of one map.
pub const FIELDS_MAX: usize = 256;
/// Arrays and maps inside each other.
const DEPTH_MAX: usize = 16;

/// Fields that are being written, by rising number.
#[derive(Default)]
pub struct FieldsOut(Vec<(u64, Vec<u8>)>);

impl FieldsOut {
    /// The field of that number: numbers rise.
    pub fn put(&mut self, number: u64, write: impl FnOnce(&mut Writer)) -> &mut Self {
        debug_assert!(self.0.last().is_none_or(|(last, _)| *last < number));
        let mut out = Writer::default();
        write(&mut out);
        self.0.push((number, out.finish()));
        self
    }

    /// The field of that number, unless there is nothing to say.
    pub fn put_some<T>(&mut self, number: u64, value: Option<T>, write: impl FnOnce(&mut Writer, T)) -> &mut Self {
        if let Some(value) = value {
            self.put(number, |out| write(out, value));
        }
        self
    }

    /// Writes them all.
    pub fn write(&self, out: &mut Writer) {
        out.map(self.0.len());
        for (number, value) in &self.0 {
            out.uint(*number).raw(value);
        }
    }
}

/// Fields that are being read.
pub struct Fields<'b>(Vec<(u64, &'b [u8])>);

impl<'b> Fields<'b> {
    /// Reads a map of at most `max` fields.
    ///
    /// # Errors
    /// No map of rising numbers, or too many of them.
    pub fn read(input: &mut Reader<'b>, max: usize) -> Result<Self, Malformed> {
        let len = input.map(max)?;
        let mut fields: Vec<(u64, &'b [u8])> = Vec::with_capacity(len);
        for _ in 0..len {
            let number = input.uint()?;
            if fields.last().is_some_and(|(last, _)| *last >= number) {
                return Err(Malformed::new("fields", "their numbers do not rise"));
            }
            fields.push((number, input.raw()?));
        }
        Ok(Self(fields))
    }

    /// The field of that number, if it is there.
    ///
    /// # Errors
    /// It is not what `read` reads, or more than that.
    pub fn find<T>(
        &self,
        number: u64,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        let Some((_, value)) = self.0.iter().find(|(found, _)| *found == number) else { return Ok(None) };
        let mut reader = Reader::new(value);
        let value = read(&mut reader)?;
        reader.end()?;
        Ok(Some(value))
    }

    /// The field of that number.
    ///
    /// # Errors
    /// As [`Self::find`], or it is not there.
    pub fn need<T>(
        &self,
        number: u64,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        self.find(number, read)?.ok_or_else(|| Malformed::new("fields", format!("field {number} is missing")))
    }

    /// Every field, with its bytes.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &'b [u8])> + '_ {
        self.0.iter().copied()
    }
}

/// Whether bytes are one value in its only form, whatever it means: definite lengths, shortest numbers, maps by rising
/// numbers; numbers, bytes, text, arrays, maps, true, false and null.
///
/// # Errors
/// They are not.
pub fn canonical_form(bytes: &[u8]) -> Result<(), Malformed> {
    let rest = item(bytes, 0)?;
    if rest.is_empty() { Ok(()) } else { Err(fail("bytes are left")) }
}

fn fail(why: &str) -> Malformed {
    Malformed::new("encoding", why)
}

/// What follows the first value.
fn item(bytes: &[u8], depth: usize) -> Result<&[u8], Malformed> {
    let (major, value, rest) = head(bytes)?;
    if depth > DEPTH_MAX {
        return Err(fail("too deep"));
    }
    match major {
        0 | 1 => Ok(rest),
        2 | 3 => {
            let len = usize::try_from(value).map_err(|_| fail("too long"))?;
            let (text, rest) = rest.split_at_checked(len).ok_or_else(|| fail("cut off"))?;
            if major == 3 && std::str::from_utf8(text).is_err() { Err(fail("no text")) } else { Ok(rest) }
        }
        4 => (0..value).try_fold(rest, |rest, _| item(rest, depth + 1)),
        5 => {
            let mut last = None;
            (0..value).try_fold(rest, |rest, _| {
                let (major, number, after) = head(rest)?;
                if major != 0 || last.is_some_and(|last| last >= number) {
                    return Err(fail("the numbers of fields do not rise"));
                }
                last = Some(number);
                item(after, depth + 1)
            })
        }
        7 if matches!(bytes[0], 0xf4..=0xf6) => Ok(rest),
        _ => Err(fail("a form that is not used")),
    }
}

/// The major type, the number that goes with it in its shortest form, and what follows.
fn head(bytes: &[u8]) -> Result<(u8, u64, &[u8]), Malformed> {
    let (first, rest) = bytes.split_first().ok_or_else(|| fail("cut off"))?;
    let (major, low) = (first >> 5, first & 0x1f);
    let (len, least) = match low {
        0..24 => return Ok((major, u64::from(low), rest)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return Err(fail("indefinite length")),
    };
    let (number, rest) = rest.split_at_checked(len).ok_or_else(|| fail("cut off"))?;
    let number = number.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    if number < least { Err(fail("not the shortest form")) } else { Ok((major, number, rest)) }
}
