//! Numbered fields: a map by rising number, in which nothing stands that equals its default.
//!
//! A number is never given to another meaning. One that is not known is of a newer program: see [`crate::newer`].

use regulation::{ActId, PersonId, UnitId};

use crate::codec::{Malformed, Reader, Writer};
use crate::limits::{CODE_BYTES_MAX, FIELDS_MAX};
use crate::unknown::Unknown;

/// A value of a field.
pub trait Wire: Sized {
    /// Writes it.
    fn write(&self, out: &mut Writer);
    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// Malformed, or of a newer program.
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed>;
    /// Whether it equals its default, which is never written. What has none always is.
    fn is_default(&self) -> bool {
        false
    }
    /// The default, if it has one.
    #[must_use]
    fn default_value() -> Option<Self> {
        None
    }
}

/// A value that has numbered fields itself.
pub trait Record: Sized {
    /// Writes its fields.
    fn put(&self, out: &mut Fields);
    /// Reads them.
    ///
    /// # Errors
    /// Malformed, or of a newer program.
    fn take(input: &mut Numbered<'_, '_>) -> Result<Self, Malformed>;
}

/// An item of a list, with how many a list holds at most.
pub trait Listed: Wire {
    /// Items of a list.
    const ITEMS_MAX: usize;
}

/// Fields on their way out.
#[derive(Default)]
pub struct Fields {
    out: Writer,
    count: usize,
}

impl Fields {
    /// Writes a field, unless it equals its default. Numbers rise.
    pub fn put<T: Wire>(&mut self, number: u16, value: &T) -> &mut Self {
        if !value.is_default() {
            self.out.uint(number.into());
            value.write(&mut self.out);
            self.count += 1;
        }
        self
    }

    /// Writes a field that has fields itself, unless none of them is written.
    pub fn nest(&mut self, number: u16, fields: Self) -> &mut Self {
        if fields.count > 0 {
            self.out.uint(number.into());
            fields.finish(&mut self.out);
            self.count += 1;
        }
        self
    }

    /// The map of them.
    pub fn finish(self, out: &mut Writer) {
        out.map(self.count).raw(&self.out.finish());
    }
}

/// Fields on their way in. They are taken in the order of their numbers.
pub struct Numbered<'r, 'b> {
    input: &'r mut Reader<'b>,
    /// Fields that come behind `next`.
    left: usize,
    /// The number of the field at hand.
    next: Option<u64>,
}

impl<'r, 'b> Numbered<'r, 'b> {
    /// Opens the map that comes next.
    ///
    /// # Errors
    /// It is none.
    pub fn open(input: &'r mut Reader<'b>) -> Result<Self, Malformed> {
        let left = input.map(FIELDS_MAX)?;
        let mut fields = Self { input, left, next: None };
        fields.step(None)?;
        Ok(fields)
    }

    /// Goes on to the number behind `before`.
    fn step(&mut self, before: Option<u64>) -> Result<(), Malformed> {
        self.next = None;
        if self.left > 0 {
            self.left -= 1;
            let number = self.input.uint()?;
            if before.is_some_and(|before| number <= before) {
                return Err(Malformed::new("fields", "numbers do not rise"));
            }
            self.next = Some(number);
        }
        Ok(())
    }

    /// Whether that field is there. One before it that was not taken is not known.
    fn at(&self, number: u16) -> Result<bool, Malformed> {
        match self.next {
            Some(next) if next < u64::from(number) => Err(Malformed::newer(Unknown::Field(next))),
            next => Ok(next == Some(number.into())),
        }
    }

    /// The value of that field.
    ///
    /// # Errors
    /// Malformed, or of a newer program, or missing although it has no default.
    pub fn take<T: Wire>(&mut self, number: u16) -> Result<T, Malformed> {
        if !self.at(number)? {
            return T::default_value().ok_or_else(|| Malformed::new("fields", format!("field {number} is missing")));
        }
        let value = T::read(self.input)?;
        self.step(Some(number.into()))?;
        Ok(value)
    }

    /// The fields of that field: none, if it is not there.
    ///
    /// # Errors
    /// Malformed, or of a newer program.
    pub fn nested<T>(
        &mut self,
        number: u16,
        read: impl FnOnce(&mut Numbered<'_, 'b>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        if !self.at(number)? {
            return read(&mut Numbered { input: self.input, left: 0, next: None });
        }
        let mut fields = Numbered::open(self.input)?;
        let value = read(&mut fields)?;
        fields.end()?;
        self.step(Some(number.into()))?;
        Ok(value)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// A field that is not known.
    pub fn end(self) -> Result<(), Malformed> {
        self.next.map_or(Ok(()), |number| Err(Malformed::newer(Unknown::Field(number))))
    }
}

impl<T: Record> Wire for T {
    fn write(&self, out: &mut Writer) {
        let mut fields = Fields::default();
        self.put(&mut fields);
        fields.finish(out);
    }
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut fields = Numbered::open(input)?;
        let value = T::take(&mut fields)?;
        fields.end()?;
        Ok(value)
    }
}

/// A value that has a default, by how it is written and read.
macro_rules! defaulted {
    ($type:ty, $default:expr, $write:expr, $read:expr) => {
        impl Wire for $type {
            fn write(&self, out: &mut Writer) {
                let write: fn(&mut Writer, Self) = $write;
                write(out, *self);
            }
            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                $read(input)
            }
            fn is_default(&self) -> bool {
                *self == $default
            }
            fn default_value() -> Option<Self> {
                Some($default)
            }
        }
    };
}

defaulted!(
    bool,
    false,
    |out, value| {
        out.flag(value);
    },
    Reader::flag
);
defaulted!(
    u8,
    0,
    |out, value| {
        out.uint(value.into());
    },
    Reader::uint8
);
defaulted!(
    u16,
    0,
    |out, value| {
        out.uint(value.into());
    },
    Reader::uint16
);
defaulted!(
    u32,
    0,
    |out, value| {
        out.uint(value.into());
    },
    Reader::uint32
);
defaulted!(
    u64,
    0,
    |out, value| {
        out.uint(value);
    },
    Reader::uint
);
defaulted!(
    i64,
    0,
    |out, value| {
        out.int(value);
    },
    Reader::int
);
defaulted!(
    i32,
    0,
    |out, value| {
        out.int(value.into());
    },
    |input: &mut Reader<'_>| i32::try_from(input.int()?).map_err(|_| Malformed::new("number", "out of range"))
);

/// A value without a default, by how it is written and read.
macro_rules! required {
    ($type:ty, $write:expr, $read:expr) => {
        impl Wire for $type {
            fn write(&self, out: &mut Writer) {
                let write: fn(&mut Writer, &Self) = $write;
                write(out, self);
            }
            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                let read: fn(&mut Reader<'_>) -> Result<Self, Malformed> = $read;
                read(input)
            }
        }
    };
}

required!(
    UnitId,
    |out, unit| {
        out.uint(unit.0.into());
    },
    |input| input.uint32().map(Self)
);
required!(
    PersonId,
    |out, person| {
        out.uint(person.0.into());
    },
    |input| input.uint32().map(Self)
);
required!(
    ActId,
    |out, id| {
        out.bytes(&id.0);
    },
    |input| input.id()
);
required!(
    [u8; 32],
    |out, bytes| {
        out.bytes(bytes);
    },
    |input| input.fixed()
);
// Words in a signed act are codes: nothing can be erased from it.
required!(
    String,
    |out, code| {
        out.text(code);
    },
    |input| input.code(CODE_BYTES_MAX)
);

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Writer) {
        // Nothing is never written: it is the default.
        if let Some(value) = self {
            value.write(out);
        }
    }
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::read(input).map(Some)
    }
    fn is_default(&self) -> bool {
        self.is_none()
    }
    fn default_value() -> Option<Self> {
        Some(None)
    }
}

impl<T: Listed> Wire for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.array(self.len());
        for item in self {
            item.write(out);
        }
    }
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        (0..input.array(T::ITEMS_MAX)?).map(|_| T::read(input)).collect()
    }
    fn is_default(&self) -> bool {
        self.is_empty()
    }
    fn default_value() -> Option<Self> {
        Some(Self::new())
    }
}

/// Records, each by its fields and their numbers.
macro_rules! records {
    ($($name:ty { $($number:literal $field:ident),+ $(,)? })+) => {$(
        impl Record for $name {
            fn put(&self, out: &mut Fields) {
                $(out.put($number, &self.$field);)+
            }
            fn take(input: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
                Ok(Self { $($field: input.take($number)?),+ })
            }
        }
    )+};
}
pub(crate) use records;
