//! One cell of a file, as far as it can be trusted: a number that another program has rounded is no number any more.

use regulation::Millis;

use crate::problem::Problem;
use crate::when::{self, When};
use crate::{clock, form};

/// Whole numbers that a spreadsheet keeps exactly have at most so many digits.
const EXACT_DIGITS_MAX: usize = 15;
/// The earliest year of a request: what is older was typed wrongly.
const YEAR_MIN: i32 = 2000;

/// A cell as it was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number, in the digits of the file.
    Number(String),
    /// A day number of a spreadsheet.
    Day(f64),
    /// An object or a list of JSON.
    Nested,
    /// A cell that says that something went wrong, such as `#N/A`.
    Broken(String),
    /// A formula whose result was never stored.
    NoResult,
}

impl Cell {
    /// A number of a spreadsheet, which keeps 15 digits and makes zeros of the others.
    #[must_use]
    pub fn of_float(number: f64) -> Self {
        let text = number.to_string();
        let whole = number.fract() == 0.0;
        if whole && text.trim_start_matches('-').len() > EXACT_DIGITS_MAX {
            return Self::Number(format!("{number:E}").replace('E', "E+"));
        }
        Self::Number(text)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if form::clean(text).is_empty())
    }

    /// As it is shown and written back.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Broken(text) => text.clone(),
            Self::Day(number) => when::serial(*number).map_or_else(|| number.to_string(), day_text),
            Self::Nested => "{…}".to_owned(),
            Self::NoResult => String::new(),
        }
    }

    /// The text of it.
    ///
    /// # Errors
    /// Characters were lost before, or it is no text at all.
    pub fn text(&self, name: &str) -> Result<String, Problem> {
        match self {
            Self::Text(text) if text.contains('\u{fffd}') => Err(wrong(
                name,
                "有已损坏的文字（�），请从原系统重新导出",
                "holds characters that were lost (�); export it again",
            )),
            Self::Nested => Err(wrong(name, "是嵌套的内容，须为文字", "is nested; text is expected")),
            Self::Broken(said) => Err(wrong(name, &format!("没有值：{said}"), &format!("has no value: {said}"))),
            Self::NoResult => Err(wrong(
                name,
                "公式没有存下结果，请在表格软件中打开并保存一次",
                "is a formula without its result; open the file in a spreadsheet and save it",
            )),
            _ => Ok(form::clean(&self.shown())),
        }
    }

    /// A number that names something, such as one of a telephone: each digit counts.
    ///
    /// # Errors
    /// Digits were lost, or it is no text.
    pub fn digits(&self, name: &str) -> Result<String, Problem> {
        let text = self.text(name)?;
        if matches!(self, Self::Day(_)) {
            return Err(wrong(
                name,
                &format!("被表格软件改成了日期（{text}），请把该列设为文本后重新填写"),
                &format!("was made a date by a spreadsheet ({text}); make the column text and fill it in again"),
            ));
        }
        if was_rounded(&text) {
            return Err(wrong(
                name,
                &format!("被表格软件改写，丢了数字（{text}），请把该列设为文本后重新导出"),
                &format!(
                    "was rewritten by a spreadsheet and lost digits ({text}); make the column text and export it again"
                ),
            ));
        }
        Ok(text)
    }

    /// The time of it, which must be one that a request can have.
    ///
    /// # Errors
    /// It is no time, could be two, or lies too far back or ahead.
    pub fn time(&self, name: &str, now: Millis) -> Result<When, Problem> {
        let text = self.text(name)?;
        let number = || text.parse::<f64>().ok().filter(|_| day_number(&text)).and_then(when::serial);
        let read = match self {
            Self::Day(number) => when::serial(*number).ok_or(when::NoTime::NoSuch),
            _ => number().map_or_else(|| when::read(&text), Ok),
        };
        let when = read.map_err(|why| {
            let (chinese, english) = why.words();
            wrong(name, &format!("“{text:.40}”{chinese}"), &format!("{text:.40} {english}"))
        })?;
        let year = |at| chrono::Datelike::year(&regulation::calendar::local_date(at));
        if !(YEAR_MIN..=year(now) + 1).contains(&year(when.at)) {
            return Err(wrong(
                name,
                &format!("年份不合理：{}", clock::text(when.at)),
                &format!("is of no plausible year: {}", clock::text(when.at)),
            ));
        }
        Ok(when)
    }
}

/// Five digits before the point: the days of a spreadsheet from 1927 to 2173.
fn day_number(text: &str) -> bool {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 5 && digits(whole) && digits(rest)
}

fn day_text(when: When) -> String {
    let text = clock::text(when.at).replace('T', " ");
    let end = if when.day_alone { 10 } else { 19 };
    text.get(..end).unwrap_or(&text).to_owned()
}

/// `1.38E+10`, `3.2e17`, `12.0`: digits in a form that no number of a case or telephone has.
fn was_rounded(text: &str) -> bool {
    let (number, exponent) = text.split_once(['E', 'e']).map_or((text, None), |(n, e)| (n, Some(e)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = number.split_once('.').map_or((number, None), |(w, p)| (w, Some(p)));
    let numeric = digits(whole.trim_start_matches('-')) && part.is_none_or(digits);
    match exponent {
        Some(exponent) => {
            numeric && digits(exponent.trim_start_matches(['+', '-'])) && (part.is_some() || exponent.starts_with('+'))
        }
        None => numeric && part.is_some_and(|part| part.bytes().all(|byte| byte == b'0')),
    }
}

pub(super) fn wrong(name: &str, chinese: &str, english: &str) -> Problem {
    Problem::bad_input(format!("{name}：{chinese}"), format!("{name} {english}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_lost_digits_name_nothing() {
        for text in ["1.38E+10", "3.20E+17", "3.2e17", "12.0", "13800001234.0", "1E+20", "-1.5E-3"] {
            assert!(Cell::Text(text.to_owned()).digits("id").is_err(), "{text}");
        }
        for text in ["13800001234", "0312-5060708", "1E20", "2026.11", "A-1.0", "32012345678901234567", "3.x0", "E+10"]
        {
            assert_eq!(Cell::Text(text.to_owned()).digits("id").unwrap(), text);
        }
        assert_eq!(Cell::of_float(13_800_001_234.0).digits("phone").unwrap(), "13800001234");
        assert_eq!(Cell::of_float(999_999_999_999_999.0).digits("id").unwrap(), "999999999999999");
        for cell in [Cell::of_float(3.2e17), Cell::of_float(1e15), Cell::Day(46_346.0), Cell::Nested] {
            assert!(cell.digits("id").is_err(), "{cell:?}");
        }
        assert!(Cell::Text("路灯\u{fffd}亮".to_owned()).text("title").is_err(), "what was lost before is not taken in");
    }

    #[test]
    fn times_of_no_plausible_year_are_refused() {
        let now = clock::parse("2026-11-28 18:00").unwrap();
        let time = |cell: &Cell| cell.time("submitted_at", now).map(|when| clock::text(when.at));
        let text = |text: &str| Cell::Text(text.to_owned());
        for cell in
            [text("2026/11/20 9:00"), text("46346.375"), Cell::Number("46346.375".to_owned()), Cell::Day(46_346.375)]
        {
            assert_eq!(time(&cell).unwrap(), "2026-11-20T09:00:00+08:00", "{cell:?}");
        }
        assert_eq!(time(&Cell::Number("20261120".to_owned())).unwrap(), "2026-11-20T00:00:00+08:00");
        for wrong in ["1999-12-31 23:59", "2028-01-01", "0026-11-20", "10000", "12345678", "26-11-20"] {
            assert!(time(&text(wrong)).is_err(), "{wrong}");
        }
    }
}
