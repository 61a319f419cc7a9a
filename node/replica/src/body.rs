//! The typed fields of each kind by their numbers, as [`regulation::bodies!`] declares them: this is what encodes them and
//! what decodes them. A kind without fields is an empty map.

use regulation::act::{
    Agree, AttachClass, Body, Channel, Citation, ClosureGround, Contacted, Content, Dispatch, EmergencyLine,
    ExternalNumber, FileHash, Finding, Had, Heard, Joins, MediaType, Outcome, Party, Rating, Reached, Register,
    RejectGround, RequestKind, Satisfaction, Seen, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency,
    Way,
};
use regulation::{ActKind, UnitId};

use crate::codec::{Malformed, Reader, Writer, canonical, known};
use crate::fields::{self, Fields, Listed, Numbered, Record, Unread, Wire, records};
use crate::limits::DISPATCH_UNITS_MAX;
use crate::unknown::Unknown;

macro_rules! encoded {
    ($($variant:ident $(($record:ident: $whole:ty))? $({ $($(#[$doc:meta])* $number:literal $field:ident: $type:ty = $sample:expr, $chinese:literal, $english:literal;)* })?;)*) => {
        /// The fields of a body.
        pub(crate) fn put(body: &Body, out: &mut Fields) {
            match body {
                $(Body::$variant $(($record))? $({ $($field),* })? => {
                    $($record.put(out);)?
                    $($(out.put($number, $field);)*)?
                })*
            }
        }

        /// The body of that kind from its fields.
        pub(crate) fn take(kind: ActKind, input: &mut Numbered<'_, '_>) -> Result<Body, Malformed> {
            Ok(match kind {
                $(ActKind::$variant => Body::$variant
                    $((<$whole>::take(input)?))?
                    $({ $($field: input.take($number)?),* })?,)*
            })
        }
    };
}

regulation::bodies!(encoded);

records! {
    Register {
        1 kind, 2 urgency, 3 channel, 4 raised_at, 5 day, 6 serial, 7 confidential, 8 anonymous, 9 external, 10 again,
        11 times, 12 history, 13 party, 14 enterprise,
    }
    Dispatch { 1 lead, 2 assisting }
    ExternalNumber { 1 system, 2 number }
    Rating { 1 contacted, 2 solved, 3 satisfaction }
    Citation { 1 article, 2 version }
    Had { 1 unit, 2 until, 3 due }
    Joins { 1 had, 2 anonymous, 3 parted, 4 urgent, 5 units, 6 kept_out, 7 confidential, 8 same_as }
}

impl Record for Seen {
    fn put(&self, out: &mut Fields) {
        match self {
            Self::Delivered { unit, at } => out.put(1, &1u8).put(2, unit).put(3, at),
            Self::Late { not_before, received_at, offline, clock_good } => {
                out.put(1, &2u8).put(4, not_before).put(5, received_at).put(6, offline).put(7, clock_good)
            }
        };
    }

    fn take(input: &mut Numbered<'_, '_>) -> Result<Self, Malformed> {
        match input.take(1)? {
            1u64 => Ok(Self::Delivered { unit: input.take(2)?, at: input.take(3)? }),
            2 => Ok(Self::Late {
                not_before: input.take(4)?,
                received_at: input.take(5)?,
                offline: input.take(6)?,
                clock_good: input.take(7)?,
            }),
            other => Err(Malformed::newer(Unknown::Code(other))),
        }
    }
}

/// As many as a dispatch names.
impl Listed for Had {
    const ITEMS_MAX: usize = DISPATCH_UNITS_MAX;
}

impl Listed for UnitId {
    const ITEMS_MAX: usize = DISPATCH_UNITS_MAX;
}

/// Codes of the regulation by their numbers.
macro_rules! codes {
    ($($name:ident)+) => {$(
        impl Wire for $name {
            fn write(&self, out: &mut Writer) {
                out.uint(self.number().into());
            }
            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                code(input, Self::from_number)
            }
        }
    )+};
}

codes! {
    Agree AttachClass Channel ClosureGround Contacted Content EmergencyLine FileHash Finding Heard MediaType Outcome Reached RejectGround RequestKind
    Satisfaction SetAsideGround Solved SuperviseGround SuperviseLevel Urgency Way
}

/// Most who raise a request are natural persons (2): nothing is written of them.
impl Wire for Party {
    fn write(&self, out: &mut Writer) {
        out.uint(self.number().into());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        code(input, Self::from_number)
    }

    fn is_default(&self) -> bool {
        *self == Self::Natural
    }

    fn default_value() -> Option<Self> {
        Some(Self::Natural)
    }
}

/// A code by its number.
fn code<T>(input: &mut Reader<'_>, from_number: fn(u8) -> Option<T>) -> Result<T, Malformed> {
    let number = input.uint()?;
    known(Unknown::Code(number))?;
    let known = u8::try_from(number).ok().and_then(from_number);
    known.ok_or_else(|| Malformed::newer(Unknown::Code(number)))
}

/// The bytes of a body.
#[must_use]
pub fn encode(body: &Body) -> Vec<u8> {
    let (mut fields, mut out) = (Fields::default(), Writer::default());
    put(body, &mut fields);
    fields.finish(&mut out);
    out.finish()
}

/// The body of that kind from its bytes.
///
/// # Errors
/// Bytes that are no body of that kind within the limits.
pub fn decode(kind: ActKind, bytes: &[u8]) -> Result<Body, Malformed> {
    canonical(bytes, |input| fields::read(input, Unread::Held, |fields| take(kind, fields)), encode)
}
