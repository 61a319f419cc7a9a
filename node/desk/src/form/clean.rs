//! Text as it is stored.

use unicode_normalization::UnicodeNormalization;

use crate::unseen;

/// Text as it is stored: NFC, line feeds alone, nothing that a screen would not show, or show otherwise than it is. Forms,
/// imports and calls all come through here.
#[must_use]
pub fn clean(raw: &str) -> String {
    unseen::without(&plain_ends(raw).nfc().collect::<String>()).trim().to_owned()
}

/// The text with one form of the ends of lines, no tabs, and without the mark at its beginning that some programs put.
#[must_use]
pub fn plain_ends(raw: &str) -> String {
    let raw = raw.trim_start_matches('\u{feff}');
    raw.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_stored_as_it_is_shown() {
        assert_eq!(clean(" a\r\nb\rc\td\u{202e}e\u{0}\u{feff} "), "a\nb\nc    de");
        assert_eq!(clean("e\u{301}"), "é");
        assert_eq!(clean("一\u{2028}二\u{200b}三👨\u{200d}👩"), "一\n二三👨\u{200d}👩");
    }
}
