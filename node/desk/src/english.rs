//! What a code is called in English: its own words, and of those that say too little alone, in more.

/// Codes that are no words of their own to whoever reads a page.
const WORDS: [(&str, &str); 12] = [
    ("natural", "natural person"),
    ("legal", "legal person"),
    ("other-org", "other organisation"),
    ("special", "special supervision"),
    ("not-done", "not done though it should be"),
    ("limited", "limited by what can be done"),
    ("mistaken", "mistaken rating"),
    ("malicious", "malicious rating"),
    ("other-procedure", "another procedure is open for it"),
    ("secret", "touches secrets"),
    ("not-signed-for", "not signed for in time"),
    ("query-code", "at the query code"),
];

/// A code in words.
#[must_use]
pub fn words(code: &str) -> String {
    let known = WORDS.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.replace(['-', '_'], " "), |(_, words)| (*words).to_owned())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn no_page_shows_a_code() {
        for (code, expected) in
            [("natural", "natural person"), ("awaiting-sign-for", "awaiting sign for"), ("sms", "sms")]
        {
            assert_eq!(words(code), expected);
        }
    }
}
