//! The canonical encoding: CBOR with definite lengths and shortest forms, arrays by position.
//!
//! Canonical means that a value has one encoding: [`canonical`] decodes, encodes again and compares, so that nothing
//! that is not byte for byte what we would have written is ever accepted.

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use regulation::ids::ActId;

use crate::characters::forbidden;
use crate::malformed::{Measure, Wrong};
use crate::unknown::Unknown;

pub use crate::malformed::Malformed;

/// Writes CBOR into memory, which cannot fail.
pub struct Writer(Encoder<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Self(Encoder::new(Vec::new()))
    }
}

macro_rules! write {
    ($self:ident, $call:expr) => {{
        // Writing to a Vec has the error type Infallible.
        let result: Result<_, minicbor::encode::Error<core::convert::Infallible>> = $call(&mut $self.0);
        debug_assert!(result.is_ok());
        $self
    }};
}

impl Writer {
    /// Begins an array of `len` items.
    pub fn array(&mut self, len: usize) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.array(len as u64).map(|_| ()))
    }
    /// Begins a map of `len` pairs.
    pub fn map(&mut self, len: usize) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.map(len as u64).map(|_| ()))
    }
    /// What is encoded already.
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.0.writer_mut().extend_from_slice(encoded);
        self
    }
    /// An unsigned number.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.u64(value).map(|_| ()))
    }
    /// A signed number.
    pub fn int(&mut self, value: i64) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.i64(value).map(|_| ()))
    }
    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.bytes(value).map(|_| ()))
    }
    /// Text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.str(value).map(|_| ()))
    }
    /// True or false.
    pub fn flag(&mut self, value: bool) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.bool(value).map(|_| ()))
    }
    /// Nothing.
    pub fn null(&mut self) -> &mut Self {
        write!(self, |e: &mut Encoder<Vec<u8>>| e.null().map(|_| ()))
    }
    /// `value` as `write` writes it, or nothing.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            Some(value) => write(self, value),
            None => {
                self.null();
            }
        }
        self
    }
    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.0.writer()
    }
    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0.into_writer()
    }
}

/// Reads CBOR from memory; every length is checked against a limit before anything is allocated.
pub struct Reader<'b>(Decoder<'b>);

impl<'b> Reader<'b> {
    /// Reads from the beginning of `bytes`.
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(Decoder::new(bytes))
    }
    /// An array of at most `max` items: how many.
    pub fn array(&mut self, max: usize) -> Result<usize, Malformed> {
        let len = self.0.array()?.ok_or_else(|| Malformed::new("array", "indefinite length"))?;
        within(len, max, Measure::Items)
    }
    /// A map of at most `max` pairs: how many.
    pub fn map(&mut self, max: usize) -> Result<usize, Malformed> {
        let len = self.0.map()?.ok_or_else(|| Malformed::new("map", "indefinite length"))?;
        within(len, max, Measure::Fields)
    }
    /// Everything that is left, as it is.
    pub fn rest(&mut self) -> &'b [u8] {
        let rest = &self.0.input()[self.0.position()..];
        self.0.set_position(self.0.input().len());
        rest
    }
    /// Passes over one value, whatever it is.
    pub fn skip(&mut self) -> Result<(), Malformed> {
        Ok(self.0.skip()?)
    }
    /// An array of exactly `len` items.
    pub fn tuple(&mut self, len: usize) -> Result<(), Malformed> {
        let found = self.array(len)?;
        if found == len { Ok(()) } else { Err(Malformed::new("array", format!("{found} items instead of {len}"))) }
    }
    /// The bytes of the next value, whatever it is.
    pub fn raw(&mut self) -> Result<&'b [u8], Malformed> {
        let begin = self.0.position();
        self.0.skip()?;
        Ok(&self.0.input()[begin..self.0.position()])
    }
    /// An unsigned number.
    pub fn uint(&mut self) -> Result<u64, Malformed> {
        Ok(self.0.u64()?)
    }
    /// An unsigned number of at most 32 bits.
    pub fn uint32(&mut self) -> Result<u32, Malformed> {
        Ok(self.0.u32()?)
    }
    /// An unsigned number of at most 8 bits.
    pub fn uint8(&mut self) -> Result<u8, Malformed> {
        Ok(self.0.u8()?)
    }
    /// An unsigned number of at most 16 bits.
    pub fn uint16(&mut self) -> Result<u16, Malformed> {
        Ok(self.0.u16()?)
    }
    /// A signed number.
    pub fn int(&mut self) -> Result<i64, Malformed> {
        Ok(self.0.i64()?)
    }
    /// At most `max` bytes.
    pub fn bytes(&mut self, max: usize) -> Result<&'b [u8], Malformed> {
        let bytes = self.0.bytes()?;
        if bytes.len() <= max { Ok(bytes) } else { Err(Malformed::over(Measure::Bytes, bytes.len(), max)) }
    }
    /// Exactly `N` bytes.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let bytes = self.0.bytes()?;
        bytes.try_into().map_err(|_| Malformed::new("bytes", format!("{} instead of {N}", bytes.len())))
    }
    /// Text of at most `max` bytes without control or bidirectional characters.
    pub fn text(&mut self, max: usize) -> Result<String, Malformed> {
        let text = self.0.str()?;
        if text.len() > max {
            return Err(Malformed::over(Measure::TextBytes, text.len(), max));
        }
        match text.chars().find(|c| forbidden(*c)) {
            Some(c) => Err(Wrong::Character(c).into()),
            None => Ok(text.to_owned()),
        }
    }
    /// A code of printable ASCII, at most `max` bytes.
    pub fn code(&mut self, max: usize) -> Result<String, Malformed> {
        let text = self.text(max)?;
        if text.bytes().all(|b| b.is_ascii_graphic()) && !text.is_empty() { Ok(text) } else { Err(Wrong::Code.into()) }
    }
    /// True or false.
    pub fn flag(&mut self) -> Result<bool, Malformed> {
        Ok(self.0.bool()?)
    }
    /// Nothing, or what `read` reads.
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<Option<T>, Malformed> {
        if self.0.datatype()? == Type::Null {
            self.0.null()?;
            Ok(None)
        } else {
            read(self).map(Some)
        }
    }
    /// An act's id.
    pub fn id(&mut self) -> Result<ActId, Malformed> {
        self.fixed().map(ActId)
    }
    /// Nothing may be left.
    pub fn end(&self) -> Result<(), Malformed> {
        let left = self.0.input().len() - self.0.position();
        if left == 0 { Ok(()) } else { Err(Malformed::new("encoding", format!("{left} bytes too many"))) }
    }
}

fn within(len: u64, max: usize, of: Measure) -> Result<usize, Malformed> {
    match usize::try_from(len) {
        Ok(len) if len <= max => Ok(len),
        _ => Err(Wrong::TooMuch { of, found: len, most: max as u64 }.into()),
    }
}

/// Decodes all of `bytes` and checks that encoding the result gives `bytes` again.
///
/// # Errors
/// Not an encoding of `T`, over a limit, or not the canonical form.
pub fn canonical<T>(
    bytes: &[u8],
    decode: impl FnOnce(&mut Reader<'_>) -> Result<T, Malformed>,
    encode: impl FnOnce(&T) -> Vec<u8>,
) -> Result<T, Malformed> {
    let mut reader = Reader::new(bytes);
    let value = decode(&mut reader)?;
    reader.end()?;
    if encode(&value) == bytes { Ok(value) } else { Err(Malformed::new("encoding", "not the canonical form")) }
}

/// What is known is read; only tests make a program that knows less.
pub(crate) fn known(what: Unknown) -> Result<(), Malformed> {
    #[cfg(feature = "older")]
    if !crate::unknown::older::knows(what) {
        return Err(Malformed::newer(what));
    }
    let _ = what;
    Ok(())
}
