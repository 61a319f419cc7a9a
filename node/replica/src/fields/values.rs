//! How values of fields are written and read.

use regulation::{ActId, DutyId, PersonId, UnitId};

use super::{Listed, Wire};
use crate::codec::{Malformed, Reader, Writer};
use crate::limits::CODE_BYTES_MAX;

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
    DutyId,
    |out, duty| {
        out.uint(duty.0.into());
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
