//! The invitation as a person hands it on.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use replica::seal::hash;

use super::address;
use crate::problem::Problem;

/// What a token begins with, so that a person recognises one.
const PREFIX: &str = "jiesu1.";
/// Bytes that tell a mistyped token from a good one.
const CHECK_BYTES: usize = 4;

/// What is handed to the person who sets up a new device: whom to ask, and what to show.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Key that the node which answers must prove.
    pub host: [u8; 32],
    /// `HOST:PORT` of that node; tried in turn.
    pub addresses: Vec<String>,
    /// What proves the invitation.
    pub secret: [u8; 16],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let [a, b, c, d, ..] = hash(b"jiesu/token/1", bytes);
    [a, b, c, d]
}

impl Token {
    /// As it is handed over.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = [&self.secret[..], &self.host, self.addresses.join(" ").as_bytes()].concat();
        let bytes = [&bytes[..], &check(&bytes)].concat();
        format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(&bytes))
    }

    /// Reads a token back from what was pasted: in several lines, with blanks in it or words before it, or in full-width
    /// characters.
    ///
    /// # Errors
    /// It is incomplete or was mistyped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || {
            Problem::bad_input(
                "邀请码不完整或有误，请整串复制",
                "the invitation is incomplete or mistyped; copy the whole of it",
            )
        };
        let plain = narrowed(text);
        let (_, encoded) = plain.rsplit_once(PREFIX).ok_or_else(wrong)?;
        // What stands around it, such as quotation marks, is none of it.
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let encoded = encoded.trim_end_matches(|c| !part(c));
        let bytes = Base64UrlUnpadded::decode_vec(encoded).map_err(|_| wrong())?;
        let length = bytes.len().checked_sub(CHECK_BYTES).ok_or_else(wrong)?;
        let (bytes, shown) = bytes.split_at(length);
        if check(bytes) != shown {
            return Err(wrong());
        }
        let (secret, rest) = bytes.split_first_chunk().ok_or_else(wrong)?;
        let (host, addresses) = rest.split_first_chunk().ok_or_else(wrong)?;
        let addresses: Vec<String> =
            std::str::from_utf8(addresses).map_err(|_| wrong())?.split(' ').map(str::to_owned).collect();
        Ok(Self { secret: *secret, host: *host, addresses: address::checked(&addresses)? })
    }
}

/// The text without blanks, line ends and characters that nobody sees, in the narrow forms of its characters.
fn narrowed(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '。' => Some('.'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        c if c.is_whitespace() || c.is_control() => None,
        c => Some(c),
    };
    text.chars().filter_map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        let addresses = ["192.0.2.1:4433", "[fd00::1]:4433", "hub.example.org:1"].map(str::to_owned).to_vec();
        Token { host: [7; 32], addresses, secret: [0xfb; 16] }
    }

    #[test]
    fn token_survives_the_ways_in_which_people_pass_it_on() {
        let text = token().text();
        assert!(text.contains('-') || text.contains('_'), "the test would prove little");
        let wrapped: String =
            text.chars().enumerate().flat_map(|(n, c)| [Some(c), (n % 20 == 19).then_some('\n')]).flatten().collect();
        let spaced = wrapped.replace('\n', " \u{3000}\u{200b}\r\n  ");
        let wide: String = text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        for pasted in [
            format!("  {text}\n"),
            wrapped,
            spaced,
            wide,
            format!("邀请码：“{text}”。"),
            text.replace('.', "。"),
            text.replace('-', "–"),
        ] {
            assert_eq!(Token::parse(&pasted).unwrap(), token(), "{pasted}");
        }
    }

    #[test]
    fn a_token_that_is_not_whole_is_none() {
        let text = token().text();
        for wrong in
            ["", "jiesu1.", &text[1..], &text[..30], &text[..text.len() - 1], "jiesu1.!!!!", &text.replace('w', "x")]
        {
            assert_eq!(Token::parse(wrong).unwrap_err().code, "bad-input", "{wrong}");
        }
        assert!(!format!("{:?}", token()).contains("251"), "its secret stands in no log");
        let nowhere = Token { addresses: vec!["0.0.0.0:4433".to_owned()], ..token() };
        assert!(Token::parse(&nowhere.text()).is_err());
    }
}
