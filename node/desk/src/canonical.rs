//! The one encoding of content that is hashed and kept: of locked tables, and of what a request asks for. It is made here,
//! byte for byte, so that no library's order of members, way of writing numbers or escapes is in a hash that has to be the
//! same in ten years.
//!
//! ```text
//! bytes  = 01 value                 01: version of the encoding
//! value  = 00                       nothing
//!        | 01 | 02                  false, true
//!        | 03 i64                   a whole number: 8 bytes, big-endian, two's complement
//!        | 04 text
//!        | 05 u32 value …           a list, behind their number
//!        | 06 u32 (text value) …    a map: names rising by their bytes, each once
//! text   = u32 bytes                UTF-8, behind the number of its bytes; u32 is big-endian
//! digest = SHA-256(domain 00 bytes) the domain is ASCII and says what the content is
//! ```
//!
//! A value has one encoding and no other bytes are read. Numbers that are not whole have none: what is counted is counted
//! in hundredths.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// Version of the encoding.
const VERSION: u8 = 1;
/// Values in one another, at most.
pub const CANONICAL_DEPTH_MAX: u32 = 32;

const NOTHING: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const WHOLE: u8 = 3;
const TEXT: u8 = 4;
const LIST: u8 = 5;
const MAP: u8 = 6;

/// What has no encoding, or is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Not to be written.
    #[error("{0} has no canonical encoding")]
    Value(String),
    /// Not to be read.
    #[error("not canonical at byte {at}: {why}")]
    Bytes {
        /// Where.
        at: usize,
        /// Why.
        why: &'static str,
    },
}

/// The bytes of a value.
///
/// # Errors
/// It holds a number that is not whole or beyond 63 bits, or is nested too deep.
pub fn encode(what: &impl Serialize) -> Result<Vec<u8>, NotCanonical> {
    let json = serde_json::to_value(what).map_err(|error| NotCanonical::Value(error.to_string()))?;
    let mut out = vec![VERSION];
    put(&mut out, &json, CANONICAL_DEPTH_MAX)?;
    Ok(out)
}

/// What `bytes` are of.
///
/// # Errors
/// They are not what [`encode`] makes, or not of a `T`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotCanonical> {
    let mut rest = Rest { bytes, at: 0 };
    if rest.byte()? != VERSION {
        return Err(NotCanonical::Bytes { at: 0, why: "another version of the encoding" });
    }
    let value = rest.value(CANONICAL_DEPTH_MAX)?;
    if rest.at != bytes.len() {
        return Err(rest.wrong("bytes too many"));
    }
    serde_json::from_value(value).map_err(|error| NotCanonical::Value(error.to_string()))
}

fn put(out: &mut Vec<u8>, value: &Json, depth: u32) -> Result<(), NotCanonical> {
    let deep = || NotCanonical::Value(format!("what is nested deeper than {CANONICAL_DEPTH_MAX}"));
    let depth = depth.checked_sub(1).ok_or_else(deep)?;
    match value {
        Json::Null => out.push(NOTHING),
        Json::Bool(false) => out.push(FALSE),
        Json::Bool(true) => out.push(TRUE),
        Json::Number(number) => {
            let whole = number.as_i64().ok_or_else(|| NotCanonical::Value(format!("the number {number}")))?;
            out.push(WHOLE);
            out.extend(whole.to_be_bytes());
        }
        Json::String(text) => {
            out.push(TEXT);
            put_text(out, text)?;
        }
        Json::Array(items) => {
            out.push(LIST);
            put_len(out, items.len())?;
            items.iter().try_for_each(|item| put(out, item, depth))?;
        }
        Json::Object(members) => put_map(out, members.iter().map(|(name, value)| (name.as_str(), value)), depth)?,
    }
    Ok(())
}

/// Sorted here, whatever order the library keeps them in; texts are ordered by their bytes.
fn put_map<'m>(
    out: &mut Vec<u8>,
    members: impl Iterator<Item = (&'m str, &'m Json)>,
    depth: u32,
) -> Result<(), NotCanonical> {
    let sorted: BTreeMap<&str, &Json> = members.collect();
    out.push(MAP);
    put_len(out, sorted.len())?;
    for (name, value) in sorted {
        put_text(out, name)?;
        put(out, value, depth)?;
    }
    Ok(())
}

fn put_len(out: &mut Vec<u8>, len: usize) -> Result<(), NotCanonical> {
    let len = u32::try_from(len).map_err(|_| NotCanonical::Value(format!("what has {len} items or bytes")))?;
    out.extend(len.to_be_bytes());
    Ok(())
}

fn put_text(out: &mut Vec<u8>, text: &str) -> Result<(), NotCanonical> {
    put_len(out, text.len())?;
    out.extend(text.as_bytes());
    Ok(())
}

/// What is still to be read.
struct Rest<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Rest<'b> {
    const fn wrong(&self, why: &'static str) -> NotCanonical {
        NotCanonical::Bytes { at: self.at, why }
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8], NotCanonical> {
        let end = self.at.checked_add(len);
        let taken = end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| self.wrong("bytes are missing"))?;
        self.at += len;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], NotCanonical> {
        let mut fixed = [0; N];
        fixed.copy_from_slice(self.take(N)?);
        Ok(fixed)
    }

    fn byte(&mut self) -> Result<u8, NotCanonical> {
        self.fixed().map(|[byte]| byte)
    }

    fn len(&mut self) -> Result<u32, NotCanonical> {
        self.fixed().map(u32::from_be_bytes)
    }

    fn text(&mut self) -> Result<&'b str, NotCanonical> {
        let len = usize::try_from(self.len()?).map_err(|_| self.wrong("a length beyond this machine"))?;
        std::str::from_utf8(self.take(len)?).map_err(|_| self.wrong("text that is not UTF-8"))
    }

    fn value(&mut self, depth: u32) -> Result<Json, NotCanonical> {
        let depth = depth.checked_sub(1).ok_or_else(|| self.wrong("nested too deep"))?;
        Ok(match self.byte()? {
            NOTHING => Json::Null,
            FALSE => Json::Bool(false),
            TRUE => Json::Bool(true),
            WHOLE => Json::from(self.fixed().map(i64::from_be_bytes)?),
            TEXT => Json::from(self.text()?),
            // No room is made ahead: how many there are is only said.
            LIST => Json::Array((0..self.len()?).map(|_| self.value(depth)).collect::<Result<_, _>>()?),
            MAP => {
                let (mut members, mut last) = (serde_json::Map::new(), None);
                for _ in 0..self.len()? {
                    let name = self.text()?;
                    if last.is_some_and(|last| last >= name) {
                        return Err(self.wrong("a name twice, or not in the order of bytes"));
                    }
                    last = Some(name);
                    members.insert(name.to_owned(), self.value(depth)?);
                }
                Json::Object(members)
            }
            _ => return Err(self.wrong("no kind of value")),
        })
    }
}

#[cfg(test)]
mod tests;
