//! Times as people write them and as other programs export them. What could be two times is refused, never chosen.

use chrono::NaiveDate;
use regulation::Millis;
use unicode_normalization::UnicodeNormalization;

/// Local time is UTC+8, all year.
const LOCAL_OFFSET_MINUTES: i64 = 8 * 60;
/// Milliseconds of a day.
const DAY_MS: f64 = 86_400_000.0;
/// The number of 1 January 1970 among the days of a spreadsheet.
const SERIAL_1970: f64 = 25_569.0;

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The moment.
    pub at: Millis,
    /// Only its day was written: the moment is when the day begins.
    pub day_alone: bool,
}

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTime {
    /// Nothing that is known as one.
    Unknown,
    /// `26-11-20`: of which century, and is it the year at all?
    ShortYear,
    /// `11/20/2026` or `3/4/2026`: what is the day and what the month differs from country to country.
    DayOrMonth,
    /// `2026-02-30`, `25:00`.
    NoSuch,
}

impl NoTime {
    /// What to say of it, in Chinese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("不是时间，请写作 2026-11-20 09:05", "is no time; write it as 2026-11-20 09:05"),
            Self::ShortYear => ("年份须写四位，如 2026-11-20", "needs a year of four digits, as 2026-11-20"),
            Self::DayOrMonth => {
                ("分不清月和日，请写作 2026-11-20", "does not tell the day from the month; write it as 2026-11-20")
            }
            Self::NoSuch => ("没有这一天或这个钟点", "is no such day or hour"),
        }
    }
}

/// Reads a time: `2026-11-20 09:05[:07[.0]]`, also with `/`, `.`, `T`, `年月日时分秒`, 上午 and 下午, as 14 or 8 digits, with
/// or without `Z`, `+08:00` or `+0800`; without, it is local time.
///
/// # Errors
/// What it is instead.
pub fn read(text: &str) -> Result<When, NoTime> {
    let text: String = text.nfkc().collect();
    let mut rest = Rest(text.trim());
    let date = rest.date()?;
    rest.weekday();
    rest.blanks();
    if rest.0.is_empty() {
        return Ok(When { at: moment(date, 0, LOCAL_OFFSET_MINUTES), day_alone: true });
    }
    let millis = rest.clock()?;
    let offset = rest.zone()?;
    if !rest.0.trim().is_empty() {
        return Err(NoTime::Unknown);
    }
    Ok(When { at: moment(date, millis, offset), day_alone: false })
}

/// The moment of a day number as spreadsheets keep it, to the second: 46346.375 is 2026-11-20 09:00. `None` before 1900 or
/// after 9999.
#[must_use]
pub fn serial(number: f64) -> Option<When> {
    if !(1.0..2_958_466.0).contains(&number) {
        return None;
    }
    let seconds = ((number - SERIAL_1970) * DAY_MS / 1000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds above it is a whole number of 12 digits")]
    let at = seconds as i64 * 1000 - LOCAL_OFFSET_MINUTES * 60_000;
    Some(When { at, day_alone: number.fract() == 0.0 })
}

fn moment(date: NaiveDate, millis: i64, offset_minutes: i64) -> Millis {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    days * 86_400_000 + millis - offset_minutes * 60_000
}

/// What is left to read.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    fn blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// One of these, if it comes next.
    fn take(&mut self, all: &[&str]) -> Option<&'t str> {
        let found =
            all.iter().find(|word| self.0.get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word)))?;
        let (taken, rest) = self.0.split_at(found.len());
        self.0 = rest;
        Some(taken)
    }

    /// Digits, at most nine of them.
    fn digits(&mut self) -> &'t str {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    /// A number of one or two digits.
    fn short(&mut self) -> Result<u32, NoTime> {
        let digits = self.digits();
        if (1..=2).contains(&digits.len()) { digits.parse().map_err(|_| NoTime::Unknown) } else { Err(NoTime::Unknown) }
    }

    fn date(&mut self) -> Result<NaiveDate, NoTime> {
        let first = self.digits();
        let number = |text: &str| text.parse::<u32>().map_err(|_| NoTime::Unknown);
        let (year, month, day) = match first.len() {
            8 => (&first[..4], number(&first[4..6])?, number(&first[6..])?),
            14 => {
                // Date and time in one: what follows the date is read as the time.
                let (_, time) = first.split_at(8);
                let whole = self.0;
                if !whole.is_empty() {
                    return Err(NoTime::Unknown);
                }
                self.0 = time;
                (&first[..4], number(&first[4..6])?, number(&first[6..8])?)
            }
            4 => {
                let mark = self.take(&["-", "/", ".", "年"]).ok_or(NoTime::Unknown)?;
                self.blanks();
                let month = self.short()?;
                self.take(&[if mark == "年" { "月" } else { mark }]).ok_or(NoTime::Unknown)?;
                self.blanks();
                let day = self.short()?;
                if mark == "年" {
                    self.take(&["日", "号"]);
                }
                (first, month, day)
            }
            1 | 2 => return Err(self.short_year()),
            _ => return Err(NoTime::Unknown),
        };
        let year = year.parse().map_err(|_| NoTime::Unknown)?;
        NaiveDate::from_ymd_opt(year, month, day).ok_or(NoTime::NoSuch)
    }

    /// What begins with one or two digits and goes on like a date.
    fn short_year(&mut self) -> NoTime {
        let Some(mark) = self.take(&["-", "/", ".", "年"]) else { return NoTime::Unknown };
        if self.digits().is_empty() || self.take(&[mark, "月"]).is_none() {
            return NoTime::Unknown;
        }
        if self.digits().len() == 4 { NoTime::DayOrMonth } else { NoTime::ShortYear }
    }

    fn weekday(&mut self) {
        self.blanks();
        let before = self.0;
        self.take(&["("]);
        if self.take(&["星期", "周"]).is_some()
            && self.take(&["一", "二", "三", "四", "五", "六", "日", "天"]).is_some()
        {
            self.take(&[")"]);
        } else {
            self.0 = before;
        }
    }

    /// Milliseconds since the day began.
    fn clock(&mut self) -> Result<i64, NoTime> {
        self.take(&["T", ","]);
        self.blanks();
        let before = self.half();
        self.blanks();
        let digits = self.digits();
        let (hour, minute, second) = if digits.len() == 6 && before.is_none() {
            let part = |from: usize| digits[from..from + 2].parse::<u32>().unwrap_or(99);
            (part(0), part(2), part(4))
        } else {
            if !(1..=2).contains(&digits.len()) {
                return Err(NoTime::Unknown);
            }
            let hour = digits.parse().map_err(|_| NoTime::Unknown)?;
            let (minute, second) = self.minutes()?;
            (hour, minute, second)
        };
        let fraction = if self.take(&["."]).is_some() { self.digits() } else { "" };
        let millis: i64 = format!("{fraction:0<3.3}").parse().map_err(|_| NoTime::Unknown)?;
        self.blanks();
        let afternoon = before.or_else(|| self.half());
        let hour = match afternoon {
            None => hour,
            Some(_) if hour == 0 || hour > 23 => return Err(NoTime::NoSuch),
            Some(true) if hour < 12 => hour + 12,
            Some(false) if hour == 12 => 0,
            Some(false) if hour > 12 => return Err(NoTime::NoSuch),
            Some(_) => hour,
        };
        let whole_day = hour == 24 && minute == 0 && second == 0 && millis == 0;
        if (hour > 23 && !whole_day) || minute > 59 || second > 59 {
            return Err(NoTime::NoSuch);
        }
        Ok(i64::from(hour * 3600 + minute * 60 + second) * 1000 + millis)
    }

    /// Minutes and seconds after an hour.
    fn minutes(&mut self) -> Result<(u32, u32), NoTime> {
        let mark = self.take(&[":", "时", "点"]).ok_or(NoTime::Unknown)?;
        if mark != ":" && self.0.trim().is_empty() {
            return Ok((0, 0));
        }
        let minute = self.short()?;
        let more = if mark == ":" { self.take(&[":"]) } else { self.take(&["分"]) };
        if more.is_none() || self.0.trim().is_empty() {
            return Ok((minute, 0));
        }
        let second = self.short()?;
        self.take(&["秒"]);
        Ok((minute, second))
    }

    /// Whether afternoon is said.
    fn half(&mut self) -> Option<bool> {
        self.take(&["上午", "凌晨", "早上", "AM", "下午", "晚上", "PM"])
            .map(|word| matches!(word, "下午" | "晚上") || word.eq_ignore_ascii_case("PM"))
    }

    /// Minutes that the written time is ahead of UTC.
    fn zone(&mut self) -> Result<i64, NoTime> {
        self.blanks();
        if self.take(&["Z"]).is_some() {
            return Ok(0);
        }
        let Some(sign) = self.take(&["+", "-"]) else { return Ok(LOCAL_OFFSET_MINUTES) };
        let digits = self.digits();
        let (hours, minutes) = match digits.len() {
            4 => (&digits[..2], &digits[2..]),
            2 if self.take(&[":"]).is_some() => (digits, self.digits()),
            2 => (digits, "0"),
            _ => return Err(NoTime::Unknown),
        };
        let number = |text: &str| text.parse::<i64>().map_err(|_| NoTime::Unknown);
        let ahead = number(hours)? * 60 + number(minutes)?;
        if ahead > 14 * 60 { Err(NoTime::NoSuch) } else { Ok(if sign == "+" { ahead } else { -ahead }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20 09:05 local time.
    const NINE_FIVE: Millis = 1_795_136_700_000;

    #[test]
    fn times_are_read_as_programs_export_them() {
        for written in [
            "2026-11-20 09:05",
            "2026-11-20T09:05:00",
            "2026-11-20T09:05:00+08:00",
            "2026-11-20 09:05:00 +0800",
            "2026-11-20T01:05:00Z",
            "2026-11-20T01:05:00.000Z",
            "2026-11-19T20:05:00-0500",
            "2026-11-20 09:05:00.0",
            "2026/11/20 9:05",
            "2026.11.20 9:05:00",
            "2026年11月20日 9时05分",
            "2026年11月20日9时5分00秒",
            "2026年11月20日 星期五 9:05",
            "2026年11月20日（周五）上午9:05",
            "2026/11/20 上午 9:05:00",
            "2026-11-20 9:05 AM",
            "２０２６－１１－２０　０９：０５",
            "20261120090500",
            "20261120 090500",
        ] {
            assert_eq!(read(written), Ok(When { at: NINE_FIVE, day_alone: false }), "{written}");
        }
        assert_eq!(read("2026/11/20 下午 9:05").unwrap().at, NINE_FIVE + 12 * 3_600_000);
        assert_eq!(read("2026-11-20 09:05:00.25").unwrap().at, NINE_FIVE + 250);
        assert_eq!(read("2026-11-19 24:00").unwrap().at, read("2026-11-20").unwrap().at);
        for written in ["2026-11-20", "2026/11/20", "20261120", "2026年11月20日"] {
            let day = read(written).unwrap();
            assert_eq!((day.at, day.day_alone), (NINE_FIVE - (9 * 60 + 5) * 60_000, true), "{written}");
        }
    }

    #[test]
    fn what_could_be_two_times_is_none() {
        for (written, why) in [
            ("26-11-20 09:05", NoTime::ShortYear),
            ("26年11月20日", NoTime::ShortYear),
            ("11/20/26", NoTime::ShortYear),
            ("11/20/2026", NoTime::DayOrMonth),
            ("3/4/2026 9:00", NoTime::DayOrMonth),
            ("20.11.2026", NoTime::DayOrMonth),
            ("2026-02-30 09:00", NoTime::NoSuch),
            ("2026-13-01", NoTime::NoSuch),
            ("2026-11-20 25:00", NoTime::NoSuch),
            ("2026-11-20 09:60", NoTime::NoSuch),
            ("2026-11-20 13:05 AM", NoTime::NoSuch),
            ("", NoTime::Unknown),
            ("soon", NoTime::Unknown),
            ("9:20", NoTime::Unknown),
            ("2026", NoTime::Unknown),
            ("2026-11", NoTime::Unknown),
            ("2026-11-20 09:05 CST", NoTime::Unknown),
            ("2026-11-20 09:05 2026-11-21 09:05", NoTime::Unknown),
            ("2026-11-20 9", NoTime::Unknown),
            ("2026-11/20", NoTime::Unknown),
            ("202611200905000", NoTime::Unknown),
        ] {
            assert_eq!(read(written), Err(why), "{written}");
        }
    }

    #[test]
    fn day_numbers_of_spreadsheets_are_read_to_the_second() {
        let day = read("2026-11-20").unwrap().at;
        assert_eq!(serial(46_346.0), Some(When { at: day, day_alone: true }));
        // 09:05 is no whole binary fraction of a day.
        assert_eq!(serial(46_346.378_472_222_22), Some(When { at: NINE_FIVE, day_alone: false }));
        assert_eq!((serial(0.5), serial(f64::NAN), serial(1e12)), (None, None, None));
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in
            ["年", "2026年", "2026-1-1 ：", "２", "2026-11-20 上", "2026-11-20 9:05:0é", "2026-11-20 +", "\u{fdfa}"]
        {
            let _ = read(text);
        }
    }
}
