//! Names of things, each a type of its own.

use std::fmt;

/// SHA-256 over the canonical encoding of an act, under its domain tag. The id of a document is that of its first act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActId(pub [u8; 32]);

impl ActId {
    /// Lower-case hexadecimal, 64 characters.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The first ten hexadecimal characters: enough for a person to tell two acts apart on a screen.
    #[must_use]
    pub fn short(&self) -> String {
        self.hex()[..10].to_owned()
    }

    /// Parses 64 hexadecimal characters. `None` if it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for ActId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// A handling unit (承办单位) or hotline: its ordinal in the registry's table of units, never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// A device: its number in the registry, never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub u32);

/// A person: their number in the registry, never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub u32);

/// An entry of the duty list (职责清单): its number in the registry, never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DutyId(pub u32);

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;
