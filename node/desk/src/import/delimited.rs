//! Tables as text: cells between commas, semicolons or tabs, in quotes where they hold one. A quote that is never closed
//! would make one row of many: it costs the row that it stands in and no other.

use std::collections::VecDeque;

use crate::csv;
use crate::text::TextFile;

/// Lines that one row may run over, at most.
const ROW_LINES_MAX: usize = 100;
/// Bytes of one row, at most.
const ROW_BYTES_MAX: usize = 1024 * 1024;

/// A row as it stands in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// Its first line, from 1.
    pub line: u64,
    /// As it was read, for writing back.
    pub raw: String,
    /// How many lines it runs over.
    pub lines: usize,
    /// Its cells, or why it has none.
    pub cells: Result<Vec<String>, Quotes>,
}

/// What is wrong with the quotes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// One is not closed, or only after other rows.
    Open,
    /// Something follows a closed one.
    Astray,
}

/// Rows of a file.
pub struct Delimited {
    file: TextFile,
    /// Lines that were looked at and are read again.
    ahead: VecDeque<String>,
    line: u64,
    delimiter: char,
    columns: usize,
}

impl Delimited {
    /// The rows of a file; the first one is the header and decides what is between cells.
    ///
    /// # Errors
    /// The disk.
    pub fn new(file: TextFile) -> std::io::Result<(Self, Record)> {
        let mut rows = Self { file, ahead: VecDeque::new(), line: 0, delimiter: ',', columns: 0 };
        let first = rows.peek()?.unwrap_or_default();
        rows.delimiter = [',', '\t', ';'].into_iter().find(|c| first.contains(*c)).unwrap_or(',');
        let header = rows.row()?.unwrap_or(Record { line: 1, raw: String::new(), lines: 1, cells: Ok(Vec::new()) });
        rows.columns = header.cells.as_ref().map_or(0, Vec::len);
        Ok((rows, header))
    }

    /// How the file is encoded and how many lines it has.
    #[must_use]
    pub fn file(&self) -> &TextFile {
        &self.file
    }

    fn peek(&mut self) -> std::io::Result<Option<String>> {
        if self.ahead.is_empty() {
            self.ahead.extend(self.file.line()?);
        }
        Ok(self.ahead.front().cloned())
    }

    fn take(&mut self) -> std::io::Result<Option<String>> {
        let line = match self.ahead.pop_front() {
            Some(line) => Some(line),
            None => self.file.line()?,
        };
        self.line += u64::from(line.is_some());
        Ok(line)
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// The disk.
    pub fn row(&mut self) -> std::io::Result<Option<Record>> {
        let Some(first) = self.take()? else { return Ok(None) };
        let (line, mut more) = (self.line, Vec::new());
        let mut cells = split(&first, self.delimiter);
        let mut raw = first.clone();
        while cells == Err(Quotes::Open) && more.len() + 1 < ROW_LINES_MAX && raw.len() < ROW_BYTES_MAX {
            let Some(next) = self.take()? else { break };
            raw = format!("{raw}\n{next}");
            more.push(next);
            cells = split(&raw, self.delimiter);
        }
        let swallowed = more.iter().any(|line| self.is_a_row(line));
        let whole = cells.as_ref().is_ok_and(|cells| self.columns == 0 || cells.len() == self.columns);
        if more.is_empty() || (whole && !swallowed) {
            return Ok(Some(Record { line, raw, lines: more.len() + 1, cells }));
        }
        // Whatever the quote took with it is read as rows of its own.
        self.line -= more.len() as u64;
        for line in more.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Ok(Some(Record { line, raw: first, lines: 1, cells: Err(Quotes::Open) }))
    }

    fn is_a_row(&self, line: &str) -> bool {
        self.columns > 1 && split(line, self.delimiter).is_ok_and(|cells| cells.len() == self.columns)
    }
}

/// The cells of a row.
fn split(text: &str, delimiter: char) -> Result<Vec<String>, Quotes> {
    let (mut cells, mut rest) = (Vec::new(), text);
    loop {
        let Some(mut quoted) = rest.strip_prefix('"') else {
            // A quote within a cell that does not begin with one is a character like any other.
            match rest.split_once(delimiter) {
                Some((cell, after)) => (cells.push(cell.to_owned()), rest = after),
                None => {
                    cells.push(rest.to_owned());
                    return Ok(cells);
                }
            };
            continue;
        };
        let mut cell = String::new();
        loop {
            let (part, after) = quoted.split_once('"').ok_or(Quotes::Open)?;
            cell.push_str(part);
            quoted = after;
            let Some(after) = quoted.strip_prefix('"') else { break };
            cell.push('"');
            quoted = after;
        }
        cells.push(cell);
        if quoted.trim_end_matches(' ').is_empty() {
            return Ok(cells);
        }
        rest = quoted.strip_prefix(delimiter).ok_or(Quotes::Astray)?;
    }
}

/// A row as it may be written into a file for people: no cell of it is a formula.
#[must_use]
pub fn guarded(raw: &str, delimiter: char) -> String {
    match split(raw, delimiter) {
        Ok(cells) if cells.iter().all(|cell| csv::guarded(cell) == *cell) => raw.to_owned(),
        Ok(cells) => csv::row(cells, delimiter),
        Err(_) => csv::guarded_as_it_stands(raw, delimiter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn rows(content: &str) -> Vec<Record> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let (mut rows, header) = Delimited::new(text::open(file.path()).unwrap()).unwrap();
        let mut all = vec![header];
        while let Some(row) = rows.row().unwrap() {
            all.push(row);
        }
        all
    }

    fn shapes(content: &str) -> Vec<(u64, Result<usize, Quotes>)> {
        rows(content).into_iter().map(|row| (row.line, row.cells.map(|cells| cells.len()))).collect()
    }

    #[test]
    fn quote_that_is_not_closed_costs_its_own_row_alone() {
        let open = "id,title,content\n1,\"路灯,不亮\n2,漏水,快修\n3,\"井盖\",丢了\n4,噪音,扰民\n";
        assert_eq!(shapes(open), [(1, Ok(3)), (2, Err(Quotes::Open)), (3, Ok(3)), (4, Ok(3)), (5, Ok(3))]);
        let to_the_end = "id,title,content\n1,路灯,\"不亮\n2,漏水,快修\n3,井盖,丢了";
        assert_eq!(shapes(to_the_end), [(1, Ok(3)), (2, Err(Quotes::Open)), (3, Ok(3)), (4, Ok(3))]);
        // The quotes of two rows together look like one cell: what is between are rows.
        let paired = "id,title,content\n1,路灯,\"不亮\n2,漏水,快修\n3,井盖,丢了\"\n4,噪音,扰民";
        let found = shapes(paired);
        assert_eq!(found[1], (2, Err(Quotes::Open)));
        assert_eq!(found[2..], [(3, Ok(3)), (4, Ok(3)), (5, Ok(3))]);
    }

    #[test]
    fn cell_over_several_lines_is_one_cell_if_its_quotes_say_so() {
        let all = rows("id,content,title\n1,\"一、路灯不亮\n二、说\"\"马上修\"\"\",路灯\n2,x,y\n");
        assert_eq!(all[1].cells.as_ref().unwrap()[1], "一、路灯不亮\n二、说\"马上修\"");
        assert_eq!((all[1].line, all[1].lines, all[2].line), (2, 2, 4));
    }

    #[test]
    fn cells_are_split_by_what_the_header_is_split_by() {
        for (content, last) in [
            ("a\tb\n1\t路灯,不亮", "路灯,不亮"),
            ("a;b\n1;\"x;y\"", "x;y"),
            ("a,b\r\n1,说 5\" 管\r\n", "说 5\" 管"),
            ("a,b\n1,", ""),
        ] {
            assert_eq!(rows(content)[1].cells.as_ref().unwrap()[1], last, "{content}");
        }
        assert_eq!(shapes("a,b\n1,\"x\"y\n1,2,3\n1\n")[1..], [(2, Err(Quotes::Astray)), (3, Ok(3)), (4, Ok(1))]);
        let cells = ["a,b", "c\"d", "e\nf", " g", ""].map(str::to_owned);
        assert_eq!(split(&csv::row(&cells, ','), ',').unwrap(), cells);
    }

    #[test]
    fn no_cell_of_a_row_for_people_is_a_formula() {
        for (raw, expected) in [
            ("7, \"路灯\",不亮", "7, \"路灯\",不亮"),
            ("7,\"=HYPERLINK(\"\"x\"\",1)\",+86138", "7,\"'=HYPERLINK(\"\"x\"\",1)\",'+86138"),
            ("7,\"=1,不亮", "7,\"'=1,不亮"),
        ] {
            assert_eq!(guarded(raw, ','), expected);
        }
    }
}
