//! Numbers of telephones and identity cards in text that everybody of a ticket reads: whoever types one is asked first. Nobody but
//! a person can say whose it is, so that it is a question and no bar.

use regulation::ActKind;
use unicode_normalization::UnicodeNormalization;

use super::telephone::telephone;
use super::{Form, Input};
use crate::problem::Problem;

/// Whoever was asked and means it fills this in.
pub const AS_IS: &str = "as_is";
/// Fields of one line that everybody reads; all that have several are such.
const READ_BY_ALL: [&str; 4] = ["title", "place", "helpers", "receiver"];
/// Digits of a mobile number.
const MOBILE_DIGITS: usize = 11;
/// Characters of an identity number: 17 digits, and a digit or X.
const IDENTITY_CHARS: usize = 18;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Telephone,
    Identity,
}

impl Form<'_> {
    /// That no text of a ticket holds such a number, or whoever typed it says that it is to stay.
    pub(super) fn nothing_personal(&self, kind: ActKind) -> Result<(), Problem> {
        if kind.of_knowledge() || self.flag(AS_IS)? {
            return Ok(());
        }
        let read = self.specs.iter().filter(|spec| match spec.input {
            Input::Area => true,
            Input::Line => READ_BY_ALL.contains(&spec.name),
            _ => false,
        });
        for spec in read {
            if let Some((sort, shown)) = self.filled.get(spec.name).and_then(|text| found(text)) {
                return Err(asked(spec.name, (spec.chinese, spec.english), sort, &shown));
            }
        }
        Ok(())
    }
}

fn asked(name: &str, (chinese, english): (&str, &str), sort: Sort, shown: &str) -> Problem {
    let (what, what_en, instead, instead_en) = match sort {
        Sort::Telephone => (
            "电话号码",
            "a telephone number",
            "诉求人的电话只写在登记的“联系电话”（phone）一栏，别人看时是遮住的",
            "a requester's number belongs into the field phone (telephone) of the registration, where it is masked",
        ),
        Sort::Identity => ("身份证号", "an identity number", "身份证号不必记", "identity numbers need not be kept"),
    };
    Problem::personal_data(
        format!(
            "{name}（{chinese}）里像是有{what} {shown}，看到本件的人都看得到：{instead}。请删去；核对后仍要照写的，选“照此保存”（{AS_IS}）再提交"
        ),
        format!(
            "{name} ({english}) seems to hold {what_en}, {shown}, which everybody of this ticket reads: {instead_en}. Take it out; if it is to stay say so by {AS_IS}"
        ),
    )
}

/// The first such number of a text, masked.
fn found(text: &str) -> Option<(Sort, String)> {
    let text: String = text.nfkc().collect();
    let joins = |c: char| matches!(c, ' ' | '-' | '‐'..='―');
    // Words of digits and letters, in rows that nothing but blanks and hyphens parts.
    let mut row: Vec<String> = vec![String::new()];
    for c in text.chars().chain(['\n']) {
        let last = row.last_mut()?;
        if c.is_ascii_alphanumeric() {
            last.push(c);
        } else if joins(c) {
            row.push(String::new());
        } else {
            let whole: String = row.concat();
            let first = row.iter().chain([&whole]).find_map(|word| Some((sort(word)?, masked(word))));
            if first.is_some() {
                return first;
            }
            row = vec![String::new()];
        }
    }
    None
}

fn sort(word: &str) -> Option<Sort> {
    if identity(word) {
        return Some(Sort::Identity);
    }
    // What is dialled without an area code is a service's, not a person's.
    let digits = word.len() >= MOBILE_DIGITS - 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let dialled = digits.then(|| telephone(word)).flatten()?;
    (dialled.len() == MOBILE_DIGITS || dialled.contains('-')).then_some(Sort::Telephone)
}

/// Whether it is built as an identity number: with a day of birth in its midst.
fn identity(word: &str) -> bool {
    let Some((digits, last)) = word.split_at_checked(IDENTITY_CHARS - 1) else { return false };
    let ends = matches!(last.as_bytes(), [b'0'..=b'9' | b'X' | b'x']);
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let born = number(6, 10).is_some_and(|year| (1900..2100).contains(&year))
        && number(10, 12).is_some_and(|month| (1..=12).contains(&month))
        && number(12, 14).is_some_and(|day| (1..=31).contains(&day));
    ends && born && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn masked(word: &str) -> String {
    let (first, rest) = word.split_at_checked(3).unwrap_or((word, ""));
    let (hidden, last) = rest.split_at_checked(rest.len().saturating_sub(4)).unwrap_or((rest, ""));
    format!("{first}{}{last}", "*".repeat(hidden.len()))
}

#[cfg(test)]
mod tests {
    use replica::Registry;

    use super::super::{Filled, fields, read};
    use super::*;

    #[test]
    fn numbers_of_people_are_seen_in_text_and_nothing_else_is() {
        for (text, shown) in [
            ("请回电13800001234。", "138****1234"),
            ("请回电 138 0000 1234", "138****1234"),
            ("１３８－００００－１２３４找张某", "138****1234"),
            ("电话 +8613800001234", "861******1234"),
            ("3号楼 13800001234", "138****1234"),
            ("家里0312-5881234", "031****1234"),
        ] {
            assert_eq!(found(text), Some((Sort::Telephone, shown.to_owned())), "{text}");
        }
        for text in ["身份证130623199001011234", "证号 13062319900101123X，", "130623 19900101 1234"] {
            assert_eq!(found(text).unwrap().0, Sort::Identity, "{text}");
        }
        for text in [
            "",
            "夜里22点30分",
            "工单130600-HOT-20261130-00001-3",
            "130600-001-20261130-00001-3",
            "2026-11-30 08:30 第3次",
            "拨打12345、95598、400-810-1234",
            "编号 138000012345",
            "ab13800001234cd",
            "130623199013011234",
            "长度 1380000",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn whoever_writes_a_number_into_a_ticket_is_asked_first_and_may_mean_it() {
        let registry = Registry::default();
        let of = |kind, fields: &[(&str, &str)]| {
            let filled: Filled = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            read(kind, &filled, &registry, 0).map(|_| ())
        };
        let number = "打13800001234";
        let problem = of(ActKind::Note, &[("text", number)]).unwrap_err();
        assert!(problem.code == "personal-data" && problem.title.starts_with("text（记录内容）"), "{problem:?}");
        assert!(problem.title.contains("联系电话") && !problem.title.contains("13800001234"), "{problem:?}");
        assert!(of(ActKind::Note, &[("text", number), (AS_IS, "true")]).is_ok());
        assert!(of(ActKind::Note, &[("text", "已回电")]).is_ok());
        let problem = of(ActKind::Correct, &[("title", number)]).unwrap_err();
        assert!(problem.title.starts_with("title（标题）"), "{problem:?}");
        // What everybody may know of an office is for everybody.
        let (filled, kind) = (Filled::from([("body".to_owned(), number.to_owned())]), ActKind::ArticleCreate);
        assert!(Form { specs: &fields(kind), filled: &filled, registry: &registry }.nothing_personal(kind).is_ok());
    }
}
