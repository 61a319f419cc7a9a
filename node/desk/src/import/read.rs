//! One way through a file, whatever it is: what it says of itself first, then each row, then what was left unread.

use std::path::Path;

use regulation::Millis;

use super::Row;
use super::cell::Cell;
use super::columns::{Columns, Mapping, REASON_COLUMN, Seen};
use super::delimited::{Delimited, Quotes, Record};
use super::json;
use super::row::{self, Cells, Remarks};
use super::workbook::{SheetRow, Workbook};
use crate::csv;
use crate::problem::Problem;
use crate::text::{self, Encoding};

/// Rows of one file, at most: the numbers of all are kept in mind.
pub const FILE_ROWS_MAX: u64 = 3_000_000;

/// How a file is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the columns are called.
    pub mapping: Mapping,
    /// The other system.
    pub system: String,
    /// The sheet of a workbook; the first that is shown without it.
    pub sheet: Option<String>,
    /// Now.
    pub now: Millis,
}

/// What a file says, in its order.
#[derive(Debug)]
pub enum Event {
    /// Comes first.
    Head(Head),
    /// A row.
    Item(Item),
}

/// What is known of a file before its first row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The header as it stands there, for a file of refused rows; JSON has none.
    pub header: Option<String>,
    /// About how many rows there are; a workbook does not say.
    pub rows: Option<u64>,
    /// What it is encoded in, if it is text.
    pub encoding: Option<Encoding>,
}

/// A row, or why it is none.
#[derive(Debug)]
pub struct Item {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Its number in the other system, as far as it can be read.
    pub id: Option<String>,
    /// As it stands in the file, to be mended and imported again.
    pub raw: String,
    /// The row.
    pub row: Result<Row, Problem>,
}

/// What was found besides the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Columns that were not read.
    pub seen: Seen,
    /// What was filled in or changed.
    pub remarks: Remarks,
    /// The sheet that was read, and those that were not.
    pub sheet: Option<(String, Vec<String>)>,
}

/// Reads a file from its beginning to its end. `each` says whether it wants more.
///
/// # Errors
/// The file as a whole cannot be taken: it is not there, damaged, or its header is. Rows that are wrong are given to `each`.
pub fn read(
    path: &Path,
    options: &Options,
    each: &mut dyn FnMut(Event) -> Result<bool, Problem>,
) -> Result<Summary, Problem> {
    let mut way = Way { columns: Columns::new(&options.mapping), remarks: Remarks::default(), options, rows: 0, each };
    let mut sheet = None;
    match ending(path)?.as_str() {
        "jsonl" | "ndjson" => json_lines(path, &mut way)?,
        "xlsx" => sheet = Some(workbook(path, &mut way)?),
        _ => table(path, &mut way)?,
    }
    Ok(Summary { seen: way.columns.seen, remarks: way.remarks, sheet })
}

/// The rows of JSON lines that are in memory, each with its line.
#[must_use]
pub fn lines(text: &str, system: &str, now: Millis) -> Vec<(u64, Result<Row, Problem>)> {
    let mut columns = Columns::new(&Mapping::default());
    let mut remarks = Remarks::default();
    let mut read = |(line, text)| {
        let row = json::cells(text, &mut columns).and_then(|cells| row::read(line, &cells, system, now, &mut remarks));
        (line, row)
    };
    (1..).zip(text.lines()).map(&mut read).collect()
}

/// The ending of a file's name, which says what it is.
///
/// # Errors
/// It is none of those that are read.
pub fn ending(path: &Path) -> Result<String, Problem> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    if matches!(ending.as_str(), "jsonl" | "ndjson" | "csv" | "tsv" | "txt" | "xlsx") {
        return Ok(ending);
    }
    Err(Problem::bad_input(
        format!("不认识的文件类型 {}；可用 .xlsx、.csv、.tsv、.jsonl（.xls 请另存为 .xlsx）", path.display()),
        format!("{} is none of .xlsx, .csv, .tsv, .jsonl; save .xls as .xlsx", path.display()),
    ))
}

/// The way through a file.
struct Way<'w> {
    columns: Columns,
    remarks: Remarks,
    options: &'w Options,
    rows: u64,
    each: &'w mut dyn FnMut(Event) -> Result<bool, Problem>,
}

impl Way<'_> {
    fn head(&mut self, head: Head) -> Result<bool, Problem> {
        (self.each)(Event::Head(head))
    }

    /// A row of these cells, unless something is wrong with it; whether more is wanted.
    fn row(&mut self, line: u64, raw: String, cells: &Cells, problem: Option<Problem>) -> Result<bool, Problem> {
        self.rows += 1;
        if self.rows > FILE_ROWS_MAX {
            return Err(Problem::bad_input(
                format!("超过 {FILE_ROWS_MAX} 行，请分成几个文件"),
                format!("more than {FILE_ROWS_MAX} rows; split the file"),
            ));
        }
        let id = cells.get("id").map(|cell| cell.shown().trim().to_owned()).filter(|id| !id.is_empty());
        let Options { system, now, .. } = self.options;
        let row = match problem {
            Some(problem) => Err(problem),
            None => row::read(line, cells, system, *now, &mut self.remarks),
        };
        let row = row.map_err(|problem| self.columns.told(problem));
        (self.each)(Event::Item(Item { line, id, raw, row }))
    }

    fn blank(&mut self, line: u64) {
        self.remarks.add("blank", line, "空行，略过", "blank rows were left out");
    }
}

fn json_lines(path: &Path, way: &mut Way<'_>) -> Result<(), Problem> {
    let mut file = text::open(path)?;
    let failed = |error: std::io::Error| Problem::storage(path, &error);
    let head = Head { header: None, rows: Some(file.lines), encoding: Some(file.encoding) };
    if !way.head(head)? {
        return Ok(());
    }
    let mut line = 0;
    while let Some(text) = file.line().map_err(failed)? {
        line += 1;
        if text.trim().is_empty() {
            continue;
        }
        let (cells, problem) = match json::cells(&text, &mut way.columns) {
            Ok(cells) => (cells, None),
            Err(problem) => (Cells::new(), Some(problem)),
        };
        if !way.row(line, text, &cells, problem)? {
            break;
        }
    }
    Ok(())
}

fn table(path: &Path, way: &mut Way<'_>) -> Result<(), Problem> {
    let failed = |error: std::io::Error| Problem::storage(path, &error);
    let (mut rows, header) = Delimited::new(text::open(path)?).map_err(failed)?;
    let mut names = header.cells.map_err(|_| {
        let shown = path.display();
        Problem::bad_input(format!("{shown}：表头的引号不成对"), format!("{shown}: quotes of the header do not match"))
    })?;
    // A file of refused rows, in which what looked like a formula was made text.
    let ours = names.iter().any(|name| name == REASON_COLUMN);
    if ours {
        unguard(&mut names);
    }
    let fields = way.columns.header(&names).map_err(|problem| of(path, problem))?;
    let (lines, encoding) = (rows.file().lines, rows.file().encoding);
    let head = Head { header: Some(header.raw), rows: Some(lines.saturating_sub(1)), encoding: Some(encoding) };
    if !way.head(head)? {
        return Ok(());
    }
    while let Some(Record { line, raw, lines, cells }) = rows.row().map_err(failed)? {
        let (cells, problem) = match cells {
            Ok(cells) if cells.iter().all(|cell| cell.trim().is_empty()) => {
                way.blank(line);
                continue;
            }
            Ok(mut cells) => {
                if ours && unguard(&mut cells) {
                    way.remarks.add(
                        "unguarded",
                        line,
                        "去掉了防公式的单引号（导出未导入的行时加的）",
                        "the quote that had made text of a formula was taken off again",
                    );
                }
                named(cells, &fields)
            }
            Err(quotes) => (Cells::new(), Some(quotes.into())),
        };
        if lines > 1 {
            way.remarks.add(
                "lines",
                line,
                "引号内有换行，按一行读",
                "cells with line ends within quotes were read as one",
            );
        }
        if !way.row(line, raw, &cells, problem)? {
            break;
        }
    }
    Ok(())
}

/// Takes off what [`csv::guarded`] put before cells; whether it had anywhere.
fn unguard(cells: &mut [String]) -> bool {
    let mut any = false;
    for cell in cells {
        let bare = csv::unguarded(cell).to_owned();
        any |= bare != *cell;
        *cell = bare;
    }
    any
}

impl From<Quotes> for Problem {
    fn from(quotes: Quotes) -> Self {
        match quotes {
            Quotes::Open => Self::bad_input(
                "引号没有闭合，或跨到了后面的行；后面的行另行读取",
                "a quote is not closed, or runs over the rows that follow; those are read by themselves",
            ),
            Quotes::Astray => Self::bad_input(
                "引号后面多出文字；引号内的引号须写两个",
                "something follows a closing quote; a quote within quotes is written twice",
            ),
        }
    }
}

/// Cells by field; something is wrong where there are not as many as the header has.
fn named(cells: Vec<String>, fields: &[Vec<&'static str>]) -> (Cells, Option<Problem>) {
    let (count, expected) = (cells.len(), fields.len());
    let mut named = Cells::new();
    for (cell, fields) in cells.into_iter().zip(fields) {
        for field in fields {
            named.insert(field, Cell::Text(cell.clone()));
        }
    }
    let problem = || {
        Problem::bad_input(
            format!("有 {count} 格，表头有 {expected} 格；内容里的逗号须加引号"),
            format!("{count} cells, while the header has {expected}; a comma within a cell needs quotes"),
        )
    };
    (named, (count != expected).then(problem))
}

fn workbook(path: &Path, way: &mut Way<'_>) -> Result<(String, Vec<String>), Problem> {
    let mut workbook = Workbook::open(path, way.options.sheet.as_deref())?;
    let mut fields: Option<Vec<Vec<&'static str>>> = None;
    workbook.rows(&mut |row| match &fields {
        None => {
            let header = texts(&row, row.cells.keys().next_back().map_or(0, |last| last + 1));
            fields = Some(way.columns.header(&header).map_err(|problem| of(path, problem))?);
            way.head(Head { header: Some(csv::row_as_it_is(&header, ',')), rows: None, encoding: None })
        }
        Some(fields) => sheet_row(row, fields, way),
    })?;
    if fields.is_none() {
        way.columns.header(&[]).map_err(|problem| of(path, problem))?;
    }
    Ok((workbook.sheet, workbook.others))
}

fn texts(row: &SheetRow, width: usize) -> Vec<String> {
    (0..width).map(|place| row.cells.get(&place).map(Cell::shown).unwrap_or_default()).collect()
}

fn sheet_row(row: SheetRow, fields: &[Vec<&'static str>], way: &mut Way<'_>) -> Result<bool, Problem> {
    let line = row.line;
    if row.cells.values().all(Cell::is_blank) {
        way.blank(line);
        return Ok(true);
    }
    let raw = csv::row_as_it_is(texts(&row, fields.len()), ',');
    let beyond = row.cells.range(fields.len()..).any(|(_, cell)| !cell.is_blank());
    let mut named = Cells::new();
    for (place, cell) in row.cells {
        for field in fields.get(place).into_iter().flatten() {
            named.insert(field, cell.clone());
        }
    }
    let problem = if row.merged {
        Some(Problem::bad_input(
            "有合并的单元格，分不清哪一行有值；请取消合并",
            "cells are merged: which row has the value? Unmerge them",
        ))
    } else if beyond {
        Some(Problem::bad_input("有表头以外的格", "there are cells beyond the header"))
    } else {
        None
    };
    way.row(line, raw, &named, problem)
}

/// A problem of the whole file.
fn of(path: &Path, problem: Problem) -> Problem {
    let shown = path.display();
    Problem { title: format!("{shown}：{}", problem.title), detail: format!("{shown}: {}", problem.detail), ..problem }
}
