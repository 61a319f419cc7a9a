//! Numbers of telephones: kept in one form, so that whoever calls back can dial them and the same caller is known again.

use unicode_normalization::UnicodeNormalization;

/// What a number may be, for whoever typed another one.
pub const TELEPHONES: (&str, &str) = (
    "可拨打的号码：手机 11 位（13800001234）、固定电话带区号（0312-5881234，分机写 转8）、400/800 电话或 12345 这样的短号、境外号码以 + 开头；几个号码用顿号分开，没有号码的留空",
    "a number that can be dialled: a mobile one of 11 digits (13800001234), a landline with its area code (0312-5881234, an extension as -8), one of 400 or 800, a short one such as 12345, one from abroad with +; several with commas between; empty if there is none",
);

/// Digits of an extension, at most.
const EXTENSION_DIGITS_MAX: usize = 6;
/// Digits of a number from abroad (E.164).
const ABROAD_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// One number or several, as they are kept: digits of ASCII, an area code and its hyphen, `转` before an extension, `、` between
/// numbers. Nothing if one of them is none.
#[must_use]
pub fn telephone(text: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let several = text.split(['、', ',', ';', '/', '\n']).map(str::trim).filter(|one| !one.is_empty());
    let numbers = several.map(one).collect::<Option<Vec<_>>>()?;
    (!numbers.is_empty()).then(|| numbers.join("、"))
}

/// One number.
fn one(text: &str) -> Option<String> {
    let hyphen = |c| if matches!(c, '‐'..='―' | '−') { '-' } else { c };
    let text: String = text.chars().filter(|c| !c.is_whitespace()).map(hyphen).collect();
    let text = text.to_ascii_lowercase();
    let (number, extension) = divided(&text);
    if let Some(extension) = extension
        && !((1..=EXTENSION_DIGITS_MAX).contains(&extension.len()) && all_digits(extension))
    {
        return None;
    }
    let number = dialled(number)?;
    Some(extension.map_or_else(|| number.clone(), |extension| format!("{number}转{extension}")))
}

/// The number and its extension. A third group behind hyphens is one: `0312-5881234-8`.
fn divided(text: &str) -> (&str, Option<&str>) {
    for mark in ["转", "分机", "ext.", "ext", "#", "x"] {
        if let Some((number, extension)) = text.split_once(mark) {
            let extension = extension.trim_start_matches("分机").trim_start_matches([':', '-']);
            return (number.trim_end_matches([',', '-']), Some(extension));
        }
    }
    match text.rsplit_once('-') {
        Some((number, extension)) if dialled(number).is_some_and(|number| landline(&number)) => {
            (number, Some(extension))
        }
        _ => (text, None),
    }
}

fn landline(number: &str) -> bool {
    number.starts_with('0') && number.contains('-')
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number without an extension in the form that it is kept in.
fn dialled(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !matches!(c, '-' | '(' | ')')).collect();
    let (abroad, digits) = match bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")) {
        Some(digits) => (true, digits),
        None => (false, bare.as_str()),
    };
    if !all_digits(digits) {
        return None;
    }
    if let Some(home) = digits.strip_prefix("86").filter(|home| abroad || mobile(home)) {
        // From abroad an area code is dialled without its zero.
        return at_home(home).or_else(|| at_home(&format!("0{home}")));
    }
    if abroad {
        return (ABROAD_DIGITS.contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}"));
    }
    at_home(digits)
}

fn mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && !matches!(digits.as_bytes()[1], b'0'..=b'2')
}

fn at_home(digits: &str) -> Option<String> {
    if mobile(digits)
        || short(digits)
        || (digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")))
    {
        return Some(digits.to_owned());
    }
    let trunk = digits.strip_prefix('0')?;
    if mobile(trunk) {
        return Some(trunk.to_owned());
    }
    // 010 and 02x have numbers of eight digits, the others of seven or eight.
    let code = if trunk.starts_with(['1', '2']) { 3 } else { 4 };
    let (code, own) = digits.split_at_checked(code)?;
    let fits = if code.len() == 3 {
        own.len() == 8 && (code == "010" || code.starts_with("02"))
    } else {
        matches!(own.len(), 7 | 8)
    };
    (fits && !own.starts_with(['0', '1'])).then(|| format!("{code}-{own}"))
}

/// 110, 12345, 10086, 95588, 96102, 118114 and the like.
fn short(digits: &str) -> bool {
    let begins = |all: &[&str]| all.iter().any(|begin| digits.starts_with(begin));
    match digits.len() {
        3 => begins(&["11", "12"]),
        5 => begins(&["10", "11", "12", "95", "96"]),
        6 => begins(&["10", "11", "12", "95", "96"]),
        7 | 8 => begins(&["95", "96"]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones_are_kept_in_one_form_and_what_nobody_can_dial_is_none() {
        for (typed, kept) in [
            ("13800001234", "13800001234"),
            ("１３８００００１２３４", "13800001234"),
            ("138 0000 1234", "13800001234"),
            ("138-0000-1234", "13800001234"),
            ("+86 138 0000 1234", "13800001234"),
            ("8613800001234", "13800001234"),
            ("013800001234", "13800001234"),
            ("0312-5881234", "0312-5881234"),
            ("（０３１２）５８８１２３４", "0312-5881234"),
            ("03125881234", "0312-5881234"),
            ("0312—5881234", "0312-5881234"),
            ("+86 312 5881234", "0312-5881234"),
            ("010-65001234", "010-65001234"),
            ("0312-5881234 转 8", "0312-5881234转8"),
            ("0312-5881234-8001", "0312-5881234转8001"),
            ("0312-5881234 分机8001", "0312-5881234转8001"),
            ("400-810-1234", "4008101234"),
            ("8008101234", "8008101234"),
            ("12345", "12345"),
            ("110", "110"),
            ("95588", "95588"),
            ("+852 2345 6789", "+85223456789"),
            ("13800001234、0312-5881234", "13800001234、0312-5881234"),
            ("13800001234/13900001234", "13800001234、13900001234"),
        ] {
            assert_eq!(telephone(typed).as_deref(), Some(kept), "{typed}");
        }
        for wrong in [
            "",
            "abc",
            "138",
            "１３８",
            "1380000123",
            "138000012345",
            "5881234",
            "12800001234",
            "0312-588123",
            "010-6500123",
            "0312-0881234",
            "138****1234",
            "张三",
            "13800001234 转",
            "13800001234、138",
            "999",
            "+123",
            "0312-5881234转a",
        ] {
            assert_eq!(telephone(wrong), None, "{wrong}");
        }
    }
}
