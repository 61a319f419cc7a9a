//! Cells of a table as text, for spreadsheets: what one would take for a formula is made text by a quote before it, and that
//! quote is taken off again where this program reads what it wrote.

/// How a formula begins, also in the wide forms that a Chinese keyboard makes.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// What makes text of it.
const GUARD: char = '\'';

/// Whether a spreadsheet would take it for a formula, or for one that has been made text.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches(GUARD).starts_with(FORMULA)
}

/// As text, whatever a spreadsheet makes of it.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_formula(text) { format!("{GUARD}{text}") } else { text.to_owned() }
}

/// What [`guarded`] was given.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix(GUARD).filter(|rest| is_formula(rest)).unwrap_or(text)
}

/// Cells in a row, without its end.
#[must_use]
pub fn row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>, between: char) -> String {
    row_as_it_is(cells.into_iter().map(|text| guarded(text.as_ref())), between)
}

/// Cells in a row as they are, for another program.
#[must_use]
pub fn row_as_it_is<T: AsRef<str>>(cells: impl IntoIterator<Item = T>, between: char) -> String {
    let between = u8::try_from(between).unwrap_or(b',');
    let mut row = csv::WriterBuilder::new().delimiter(between).from_writer(Vec::new());
    // Into memory, of which there is enough for a row; and all of it was text.
    let written = row.write_record(cells.into_iter().map(|text| text.as_ref().to_owned()));
    debug_assert!(written.is_ok());
    let mut text = row.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

/// A row whose quotes do not match, as it stands, but for what would be a formula at the beginning of any of its cells.
#[must_use]
pub fn guarded_as_it_stands(raw: &str, between: char) -> String {
    let guard = |piece: &str| match piece.strip_prefix('"') {
        Some(quoted) => format!("\"{}", guarded(quoted)),
        None => guarded(piece),
    };
    raw.split(between).map(guard).collect::<Vec<_>>().join(&between.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_become_what_they_were() {
        for text in ["=1+1", "+8613800001234", "-5", "@x", "\t=1", "＝1+1", "'=1+1", "''@", "'单引号", "'", "", "路灯"]
        {
            let kept = guarded(text);
            assert!(!kept.starts_with(FORMULA), "{text}");
            assert_eq!(unguarded(&kept), text);
        }
        assert_eq!((guarded("=1"), guarded("'路灯")), ("'=1".to_owned(), "'路灯".to_owned()));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(row(["a,\"b\"", "=x", "c;d", "e\nf"], ','), "\"a,\"\"b\"\"\",'=x,c;d,\"e\nf\"");
        assert_eq!(row(["a,b", "c;d"], ';'), "a,b;\"c;d\"");
        assert_eq!(guarded_as_it_stands("7,\"=HYPERLINK(1),+5,\"x", ','), "7,\"'=HYPERLINK(1),'+5,\"x");
    }
}
