//! Numbers, codes and ids as an input method for Chinese writes them: １３８ is 138, ０１－０４ is 01-04. Whatever names or counts
//! something comes through here, from commands, forms, calls and files alike; what people say stays as they wrote it.

use std::str::FromStr;

/// The text with digits, letters and signs of full width as those of ASCII, and without blanks at its ends.
#[must_use]
pub fn narrow(text: &str) -> String {
    let ascii = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    text.chars().map(ascii).collect::<String>().trim().to_owned()
}

/// A whole number; nothing if it is none.
#[must_use]
pub fn number<T: FromStr>(text: &str) -> Option<T> {
    narrow(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_is_narrowed_and_nothing_else_is_changed() {
        assert_eq!(narrow(" ＢＤ－２０２６：０１　"), "BD-2026:01");
        assert_eq!(narrow("东街（北）é"), "东街(北)é");
        assert_eq!((number("１５"), number::<u8>("３００"), number::<u32>("五")), (Some(15_u32), None, None));
    }
}
