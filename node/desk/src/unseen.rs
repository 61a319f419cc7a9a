//! Characters that a screen does not show, or by which it shows something else than is there: control characters, those
//! that turn the direction of text, those without width. They are left out of what is typed or read from files, and made
//! visible in what is printed, whoever wrote it.

use replica::characters::forbidden;

/// Whether `c` is one of them, behind `before`. What joins the parts of a picture is none: 👨‍👩‍👧 is one character to whoever
/// reads it.
fn unseen(before: Option<char>, c: char) -> bool {
    match c {
        '\u{200d}' => !before.is_some_and(pictures),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' => true,
        '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => forbidden(c),
    }
}

/// A picture, or what says how it looks.
fn pictures(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// The characters of a text, each with whether it is unseen.
fn marked(text: &str) -> impl Iterator<Item = (char, bool)> {
    text.chars().scan(None, |before, c| {
        let hidden = unseen(*before, c);
        *before = Some(c);
        Some((c, hidden))
    })
}

/// Whether there are any in it; the ends of lines are none.
#[must_use]
pub fn any(text: &str) -> bool {
    marked(text).any(|(_, hidden)| hidden)
}

/// The text without them.
#[must_use]
pub fn without(text: &str) -> String {
    marked(text).filter(|(_, hidden)| !hidden).map(|(c, _)| c).collect()
}

/// The text as it may be printed: what would not be seen is written out. The ends of lines and tabs stay.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (c, hidden) in marked(text) {
        match c {
            '\t' => out.push(c),
            // There is a picture for each of these.
            '\0'..='\u{1f}' if hidden => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            _ if hidden => out.push_str(&format!("<U+{:04X}>", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

/// As [`shown`], for what must stay on one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    shown(text).replace('\n', "␊").replace('\t', " ")
}

/// JSON as it may be printed: what would not be seen is escaped, which no reader of JSON can tell from what it was.
#[must_use]
pub fn in_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for (c, hidden) in marked(json) {
        if hidden && !c.is_ascii_whitespace() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_terminal_would_obey_or_hide_is_printed_as_text() {
        for (text, expected) in [
            ("红\u{1b}[31m字\u{7}", "红␛[31m字␇"),
            ("\u{9b}2J\u{7f}", "<U+009B>2J<U+007F>"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{feff}", "a<U+202E>b<U+2066>c<U+200B>d<U+FEFF>"),
            ("一\u{2028}二\u{2029}", "一<U+2028>二<U+2029>"),
            ("\u{e0041}\u{ad}", "<U+E0041><U+00AD>"),
            ("改行\r覆盖", "改行␍覆盖"),
            ("两行\n一个\t格", "两行\n一个\t格"),
        ] {
            assert_eq!(shown(text), expected);
            assert!(!any(&shown(text).replace('\t', "")), "{expected}");
        }
        assert_eq!(one_line("标题\n错误：没有保存"), "标题␊错误：没有保存");
    }

    #[test]
    fn pictures_stay_whole_and_joiners_elsewhere_do_not() {
        let family = "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥";
        assert_eq!((shown(family), without(family), any(family)), (family.to_owned(), family.to_owned(), false));
        assert_eq!(without("王\u{200d}某\u{200b}\u{2028}\u{feff}"), "王某");
    }

    #[test]
    fn json_stays_the_same_json() {
        let value =
            serde_json::json!({ "标题": "\u{1b}[2J\u{9b}\u{7f}\u{202e}\u{200b}\u{e0041}👨\u{200d}👩", "n": [1, "\n"] });
        let printed = in_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!any(&printed), "{printed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
    }

    /// A form may be stricter than admission, and by the toolchain's tables. It never takes what every node would refuse.
    #[test]
    fn what_a_form_takes_no_node_refuses() {
        let all = || '\0'..=char::MAX;
        let cleaned = crate::form::clean(&all().collect::<String>());
        assert_eq!(cleaned.chars().find(|c| forbidden(*c)), None);
        for text in all().flat_map(|c| [format!("{c}"), format!("甲{c}乙")]) {
            let taken = crate::people::named("姓名", "a name", &text, 3).is_ok();
            let fits = replica::characters::one_line(&text, 3) && !text.chars().any(forbidden);
            assert!(fits || !taken, "{text:?}");
        }
    }
}
