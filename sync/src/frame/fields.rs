//! Maps of numbered fields: what every frame, and everything in one, is made of; and what is said when a device joins.
//!
//! A field that is not known is passed over and counted, so that a newer version may add some at every level. Numbers
//! rise, so that none comes twice. What stands at its default (0, false, nothing) may be left out. Nothing is allocated
//! for what a length announces: values are looked at where they came.

use minicbor::Encoder;
use minicbor::data::Type;

pub use minicbor::Decoder;

use super::FrameError;

/// Fields of one map: no frame has half as many.
pub const FIELDS_MAX: usize = 64;

/// Writes one map.
pub struct Map {
    out: Encoder<Vec<u8>>,
    fields: u8,
}

type Written = Result<(), minicbor::encode::Error<core::convert::Infallible>>;

impl Map {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { out: Encoder::new(Vec::new()), fields: 0 }
    }

    fn put(mut self, field: u8, value: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> Self {
        // Writing to memory has the error type Infallible.
        let written = self.out.u8(field).map(|_| ()).and_then(|()| value(&mut self.out));
        debug_assert!(written.is_ok());
        self.fields += 1;
        self
    }

    /// A number.
    #[must_use]
    pub fn number(self, field: u8, value: impl Into<u64>) -> Self {
        let value = value.into();
        self.put(field, |out| out.u64(value).map(|_| ()))
    }

    /// A number that is left out where it is 0.
    #[must_use]
    pub fn unless_zero(self, field: u8, value: impl Into<u64>) -> Self {
        match value.into() {
            0 => self,
            value => self.number(field, value),
        }
    }

    /// A flag, left out where it is not set.
    #[must_use]
    pub fn flag(self, field: u8, value: bool) -> Self {
        if value { self.put(field, |out| out.bool(true).map(|_| ())) } else { self }
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(self, field: u8, value: &[u8]) -> Self {
        self.put(field, |out| out.bytes(value).map(|_| ()))
    }

    /// The same, left out where there are none.
    #[must_use]
    pub fn bytes_unless_empty(self, field: u8, value: &[u8]) -> Self {
        if value.is_empty() { self } else { self.bytes(field, value) }
    }

    /// A text, left out where it is empty.
    #[must_use]
    pub fn text(self, field: u8, value: &str) -> Self {
        if value.is_empty() { self } else { self.put(field, |out| out.str(value).map(|_| ())) }
    }

    /// A list of numbers, left out where there is none in it.
    #[must_use]
    pub fn numbers(self, field: u8, values: &[u16]) -> Self {
        if values.is_empty() {
            return self;
        }
        self.put(field, |out| {
            out.array(values.len() as u64)?;
            values.iter().try_for_each(|value| out.u16(*value).map(|_| ()))
        })
    }

    /// What is encoded already.
    #[must_use]
    pub fn encoded(self, field: u8, value: &[u8]) -> Self {
        self.put(field, |out| {
            out.writer_mut().extend(value);
            Ok(())
        })
    }

    /// A list of what is encoded already, left out where there is nothing in it.
    #[must_use]
    pub fn list(self, field: u8, values: impl ExactSizeIterator<Item = Vec<u8>>) -> Self {
        if values.len() == 0 {
            return self;
        }
        self.put(field, |out| {
            out.array(values.len() as u64)?;
            values.for_each(|value| out.writer_mut().extend(value));
            Ok(())
        })
    }

    /// Its bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let fields = self.out.into_writer();
        // Its length in one byte: below 24.
        debug_assert!(self.fields < 24);
        [&[0xa0 | self.fields], fields.as_slice()].concat()
    }
}

/// One map as it came.
pub struct Fields<'b> {
    what: &'static str,
    /// Number and value of each field that was not asked for yet.
    values: Vec<(u64, &'b [u8])>,
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl<'b> Fields<'b> {
    /// Reads a map; `what` names it where something is wrong.
    ///
    /// # Errors
    /// It is none, has too many fields, or they are not in order.
    pub fn read(input: &mut Decoder<'b>, what: &'static str) -> Result<Self, FrameError> {
        let len = count(input.map()?, FIELDS_MAX)?;
        let mut values = Vec::with_capacity(len);
        let mut last = None;
        for _ in 0..len {
            let number = input.u64()?;
            if last.replace(number) >= Some(number) {
                return Err(FrameError(format!("{what}: field {number} after a higher one, or twice")));
            }
            let from = input.position();
            pass(input)?;
            let value = input.input().get(from..input.position()).unwrap_or_default();
            values.push((number, value));
        }
        Ok(Self { what, values })
    }

    fn take(&mut self, field: u64) -> Option<Decoder<'b>> {
        let at = self.values.iter().position(|(number, _)| *number == field)?;
        Some(Decoder::new(self.values.remove(at).1))
    }

    /// A field, if it is there.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn maybe<T>(
        &mut self,
        field: u64,
        read: impl FnOnce(&mut Decoder<'b>) -> Result<T, FrameError>,
    ) -> Result<Option<T>, FrameError> {
        let read = self.take(field).map(|mut input| read(&mut input)).transpose();
        read.map_err(|FrameError(why)| FrameError(format!("{}, field {field}: {why}", self.what)))
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn need<T>(
        &mut self,
        field: u64,
        read: impl FnOnce(&mut Decoder<'b>) -> Result<T, FrameError>,
    ) -> Result<T, FrameError> {
        let found = self.maybe(field, read)?;
        found.ok_or_else(|| FrameError(format!("{} without field {field}", self.what)))
    }

    /// A number that must be there.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn number(&mut self, field: u64) -> Result<u64, FrameError> {
        self.need(field, |input| Ok(input.u64()?))
    }

    /// A number, 0 where it is left out.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn number_or_zero(&mut self, field: u64) -> Result<u64, FrameError> {
        Ok(self.maybe(field, |input| Ok(input.u64()?))?.unwrap_or_default())
    }

    /// A flag, not set where it is left out.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn flag(&mut self, field: u64) -> Result<bool, FrameError> {
        Ok(self.maybe(field, |input| Ok(input.bool()?))?.unwrap_or_default())
    }

    /// A text, empty where it is left out.
    ///
    /// # Errors
    /// It is something else, or has more bytes.
    pub fn text(&mut self, field: u64, bytes_max: usize) -> Result<String, FrameError> {
        let text = self.maybe(field, |input| {
            let text = input.str()?;
            if text.len() > bytes_max { Err(FrameError(format!("{} bytes", text.len()))) } else { Ok(text.to_owned()) }
        });
        Ok(text?.unwrap_or_default())
    }

    /// So many bytes, which must be there.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn fixed<const N: usize>(&mut self, field: u64) -> Result<[u8; N], FrameError> {
        self.need(field, fixed)
    }

    /// A list of at most `max` values; none where it is left out.
    ///
    /// # Errors
    /// It is not there where it must be, or something else.
    pub fn list<T>(
        &mut self,
        field: u64,
        max: usize,
        mut read: impl FnMut(&mut Decoder<'b>) -> Result<T, FrameError>,
    ) -> Result<Vec<T>, FrameError> {
        let values = self.maybe(field, |input| {
            let len = count(input.array()?, max)?;
            // Grows with what comes, from a length that costs nothing.
            let mut values = Vec::with_capacity(len.min(1_024));
            for _ in 0..len {
                values.push(read(input)?);
            }
            Ok(values)
        });
        Ok(values?.unwrap_or_default())
    }

    /// How many fields were there that nobody asked for.
    #[must_use]
    pub fn rest(self) -> u64 {
        self.values.len() as u64
    }
}

pub(super) fn fixed<const N: usize>(input: &mut Decoder<'_>) -> Result<[u8; N], FrameError> {
    let bytes = input.bytes()?;
    bytes.try_into().map_err(|_| FrameError(format!("{} bytes instead of {N}", bytes.len())))
}

pub(super) fn count(len: Option<u64>, max: usize) -> Result<usize, FrameError> {
    match len.and_then(|len| usize::try_from(len).ok()) {
        Some(len) if len <= max => Ok(len),
        _ => Err(FrameError(format!("more than {max}"))),
    }
}

/// Goes past a value, whatever it is, without taking anything up: definite lengths only, as everywhere.
fn pass(input: &mut Decoder<'_>) -> Result<(), FrameError> {
    let mut left = 1_u64;
    while left > 0 {
        left -= 1;
        let more = match input.datatype()? {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => input.u64().map(|_| 0)?,
            Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => input.int().map(|_| 0)?,
            Type::Bytes => input.bytes().map(|_| 0)?,
            Type::String => input.str().map(|_| 0)?,
            Type::Bool => input.bool().map(|_| 0)?,
            Type::Null => input.null().map(|()| 0)?,
            Type::Undefined => input.undefined().map(|()| 0)?,
            Type::Simple => input.simple().map(|_| 0)?,
            Type::F32 => input.f32().map(|_| 0)?,
            Type::F64 => input.f64().map(|_| 0)?,
            Type::Tag => input.tag().map(|_| 1)?,
            Type::Array => input.array()?.unwrap_or(u64::MAX),
            Type::Map => input.map()?.unwrap_or(u64::MAX).saturating_mul(2),
            other => return Err(FrameError(format!("a value of type {other}"))),
        };
        left = left.saturating_add(more);
    }
    Ok(())
}
