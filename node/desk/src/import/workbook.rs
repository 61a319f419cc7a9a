//! Sheets of a workbook (`.xlsx`), row by row. What a formula came to is read, never the formula; a sheet that would unpack
//! to more than a city's exports ever hold is not opened.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{DataRef, Dimensions, Reader, SheetVisible, Xlsx, XlsxError};

use super::cell::Cell;
use super::columns::COLUMNS_MAX;
use crate::problem::Problem;
use crate::text::open_file;

/// Bytes of all parts but the sheets, unpacked, at most: they are held in memory.
pub const PARTS_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Bytes of all sheets, unpacked, at most: they are read as they come.
pub const SHEETS_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of one text between two tags, at most: a cell holds 32,767 characters.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Files within a workbook, at most.
const PARTS_MAX: usize = 10_000;
/// Merged regions of a sheet, at most.
const MERGED_MAX: usize = 10_000;
/// Days between the calendars of the two sorts of workbooks.
const DAYS_1904: f64 = 1_462.0;

/// A row of a sheet: its cells by place, from 0.
pub struct SheetRow {
    /// As the spreadsheet numbers it, from 1.
    pub line: u64,
    /// What is in it; a blank cell is not.
    pub cells: BTreeMap<usize, Cell>,
    /// Whether a merged region covers some of it: of several cells all but one are blank.
    pub merged: bool,
}

/// An opened workbook.
pub struct Workbook {
    xlsx: Xlsx<BufReader<File>>,
    /// The sheet that is read.
    pub sheet: String,
    /// The others that hold something.
    pub others: Vec<String>,
    name: String,
}

impl Workbook {
    /// Opens a workbook at the sheet of that name, or at the first that is shown.
    ///
    /// # Errors
    /// It is none, is protected by a password, is too large, or has no such sheet.
    pub fn open(path: &Path, sheet: Option<&str>) -> Result<Self, Problem> {
        let name = path.display().to_string();
        measure(open_file(path)?, &name, PARTS_BYTES_MAX, SHEETS_BYTES_MAX)?;
        let xlsx = Xlsx::new(BufReader::new(open_file(path)?)).map_err(|error| unreadable(&name, &error))?;
        let shown = xlsx.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
        let all: Vec<String> = xlsx.sheet_names();
        let chosen = match sheet {
            None => shown.map(|sheet| sheet.name.clone()).next(),
            Some(name) => all.iter().find(|other| *other == name).cloned(),
        };
        let Some(chosen) = chosen else {
            return Err(Problem::bad_input(
                format!("{name} 没有这张工作表；有：{}", all.join("、")),
                format!("{name} has no such sheet; there are: {}", all.join(", ")),
            ));
        };
        let others = all.into_iter().filter(|other| *other != chosen).collect();
        Ok(Self { xlsx, sheet: chosen, others, name })
    }

    /// Gives each row that is not blank to `each`, until it says that it wants no more.
    ///
    /// # Errors
    /// The sheet is damaged or has too many columns.
    pub fn rows(&mut self, each: &mut dyn FnMut(SheetRow) -> Result<bool, Problem>) -> Result<(), Problem> {
        let wrong = |error: &XlsxError| unreadable(&self.name, error);
        let merged = self.xlsx.merge_cells_by_sheet_name(&self.sheet).map_err(|error| wrong(&error))?;
        if merged.len() > MERGED_MAX {
            return Err(Problem::bad_input(
                format!("{}：合并的单元格超过 {MERGED_MAX} 处", self.name),
                format!("{} has more than {MERGED_MAX} merged regions", self.name),
            ));
        }
        let days = if self.xlsx.has_1904_epoch() { DAYS_1904 } else { 0.0 };
        let mut reader = self.xlsx.worksheet_cells_reader(&self.sheet).map_err(|error| wrong(&error))?;
        let mut row: Option<SheetRow> = None;
        while let Some(record) = reader.next_cell_with_formula_metadata().map_err(|error| wrong(&error))? {
            let (line, column) = (u64::from(record.pos.0) + 1, record.pos.1 as usize);
            let Some(cell) = cell(&record.value, record.formula.is_some(), days) else { continue };
            if column >= COLUMNS_MAX {
                return Err(Problem::bad_input(
                    format!("{}：第 {line} 行的列数超过 {COLUMNS_MAX}", self.name),
                    format!("{}: row {line} has more than {COLUMNS_MAX} columns", self.name),
                ));
            }
            if let Some(before) = row.take_if(|row| row.line != line)
                && !each(before)?
            {
                return Ok(());
            }
            let row = row.get_or_insert_with(|| SheetRow {
                line,
                cells: BTreeMap::new(),
                merged: merged.iter().any(|region| touches(region, record.pos.0)),
            });
            row.cells.insert(column, cell);
        }
        if let Some(last) = row {
            each(last)?;
        }
        Ok(())
    }
}

fn touches(region: &Dimensions, row: u32) -> bool {
    (region.start.0..=region.end.0).contains(&row)
}

/// What is in a cell; `None` if it is blank.
fn cell(value: &DataRef<'_>, formula: bool, days: f64) -> Option<Cell> {
    let text = |text: &str| Some(Cell::Text(text.to_owned())).filter(|_| !text.is_empty());
    match value {
        DataRef::Empty if formula => Some(Cell::NoResult),
        DataRef::Empty => None,
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Int(number) => Some(Cell::Number(number.to_string())),
        DataRef::Float(number) => Some(Cell::of_float(*number)),
        DataRef::Bool(value) => text(if *value { "true" } else { "false" }),
        DataRef::DateTime(when) if when.is_datetime() => Some(Cell::Day(when.as_f64() + days)),
        DataRef::DateTime(length) => Some(Cell::Number(length.as_f64().to_string())),
        DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => text(value),
        DataRef::Error(error) => Some(Cell::Broken(error.to_string())),
    }
}

/// Unpacks everything once and keeps nothing: what an archive says of its sizes may be a lie. `parts` and `sheets` are the
/// bytes that may come out.
fn measure(file: File, name: &str, mut parts: u64, mut sheets: u64) -> Result<(), Problem> {
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| unreadable(name, &error))?;
    let too_large = || {
        Problem::bad_input(
            format!("{name} 展开后过大，不打开；请分成几个文件"),
            format!("{name} unpacks to too much and is not opened; split it"),
        )
    };
    if archive.len() > PARTS_MAX {
        return Err(too_large());
    }
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| unreadable(name, &error))?;
        let xml = part.name().is_ok_and(|name| name.ends_with(".xml"));
        let left =
            if part.name().is_ok_and(|name| name.contains("worksheets/sheet")) { &mut sheets } else { &mut parts };
        let mut part = part.take(*left + 1);
        let mut longest = Longest::default();
        let read = std::io::copy(&mut part, &mut longest).map_err(|error| unreadable(name, &error))?;
        *left = left.checked_sub(read).ok_or_else(too_large)?;
        if xml && longest.bytes > TEXT_BYTES_MAX {
            return Err(Problem::bad_input(
                format!("{name} 有一个单元格的内容过长，不打开"),
                format!("{name} has a cell with too long a text and is not opened"),
            ));
        }
    }
    Ok(())
}

/// How long the longest text between two tags is, as it is read by.
#[derive(Default)]
struct Longest {
    bytes: usize,
    open: usize,
}

impl std::io::Write for Longest {
    fn write(&mut self, read: &[u8]) -> std::io::Result<usize> {
        for byte in read {
            self.open = if *byte == b'<' { 0 } else { self.open + 1 };
            self.bytes = self.bytes.max(self.open);
        }
        Ok(read.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn unreadable(name: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::bad_input(
        format!("{name} 不是能读的 .xlsx 工作簿（{error}）；加了密码的请先去掉密码，.xls 请另存为 .xlsx"),
        format!("{name} is no workbook that can be read ({error}); remove its password, save .xls as .xlsx"),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn archive_that_unpacks_to_too_much_is_not_opened() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut archive = zip::ZipWriter::new(file.reopen().unwrap());
        for name in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(&[b'0'; 1_000_000]).unwrap();
        }
        archive.finish().unwrap();
        assert!(file.path().metadata().unwrap().len() < 10_000);
        let measured = |parts, sheets| measure(file.reopen().unwrap(), "x", parts, sheets).map_err(|p| p.exit);
        assert_eq!(measured(1_000_000, 1_000_000), Ok(()));
        assert_eq!(measured(999_999, 1_000_000), Err(5));
        assert_eq!(measured(1_000_000, 999_999), Err(5));
        let text = |letters: usize| {
            let file = tempfile::NamedTempFile::new().unwrap();
            let mut archive = zip::ZipWriter::new(file.reopen().unwrap());
            archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(format!("<t>{}</t>", "0".repeat(letters)).as_bytes()).unwrap();
            archive.finish().unwrap();
            measure(file.reopen().unwrap(), "x", 1, 3 * TEXT_BYTES_MAX as u64).map_err(|p| p.exit)
        };
        assert_eq!((text(TEXT_BYTES_MAX - 2), text(TEXT_BYTES_MAX + 1)), (Ok(()), Err(5)), "a cell has its bound");
        assert!(Workbook::open(file.path(), None).is_err(), "and what is no workbook is none");
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(text.path(), "id,title").unwrap();
        assert_eq!(Workbook::open(text.path(), None).err().map(|problem| problem.exit), Some(5));
    }
}
