//! How much text a page shows of one document: what many acts of it say may be more than a browser bears.

use desk::view::ActView;

use super::frame::Frame;

/// Bytes of text of acts that a page shows, the newest first; the rest of the acts stand there without their text.
pub const PAGE_TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Leaves the text of older acts out where all of it is too long.
pub(super) fn shorten(acts: &mut [ActView], frame: &Frame) {
    let (mut bytes, english) = (0, frame.prefs.english);
    for act in acts.iter_mut().rev() {
        let effects = if english { &act.effects_en } else { &act.effects };
        bytes += act.text.iter().chain(effects).map(String::len).sum::<usize>();
        if bytes > PAGE_TEXT_BYTES_MAX && !(act.text.is_empty() && effects.is_empty()) {
            let left_out = frame.t(
                "（全部文字太长，这一条的不在网页上显示；jiesu ticket show 可看全文）",
                "(too long in all: the text of this one is not shown here; jiesu ticket show has it)",
            );
            act.text = vec![left_out.to_owned()];
            act.effects.clear();
            act.effects_en.clear();
        }
    }
}

/// The newest lines of working notes that a page shows.
pub(super) fn newest(notes: &mut String) {
    if let Some(over) = notes.len().checked_sub(PAGE_TEXT_BYTES_MAX).filter(|over| *over > 0) {
        let from = notes.ceil_char_boundary(over);
        notes.replace_range(..from, "…");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_notes_that_are_too_long_the_newest_stay() {
        let mut notes = "记".repeat(PAGE_TEXT_BYTES_MAX / 3);
        let whole = notes.clone();
        newest(&mut notes);
        assert_eq!(notes, whole);
        notes.push_str("新的一行");
        newest(&mut notes);
        assert!(notes.starts_with('…') && notes.ends_with("记新的一行") && notes.len() <= PAGE_TEXT_BYTES_MAX + 3);
    }
}
