//! The only form of a value, whatever it means: what is not understood can so be kept and told from what is wrong.

use crate::codec::Malformed;

/// Arrays and maps inside each other.
const DEPTH_MAX: usize = 16;

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
