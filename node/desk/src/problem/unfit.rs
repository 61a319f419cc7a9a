//! What is wrong with a request of itself, as far as a form has let it through: which limit, and how far beyond it.

use kernel::BadInput;
use replica::limits::TAG_CHARS_MAX;
use replica::malformed::{Malformed, Measure, NoTag, Wrong};

use super::Problem;

impl From<BadInput> for Problem {
    fn from(bad: BadInput) -> Self {
        let (chinese, english) = match bad {
            BadInput::Unfit(malformed) => unfit(&malformed),
            BadInput::NoSuchValue => (
                "所选的写法不在这一处，或其文字不在本机；请刷新后再选".to_owned(),
                "there is no such value, or its text is not here; look again and choose".to_owned(),
            ),
            BadInput::ManyChanges { changes, most } => (
                format!("一次改动 {changes} 处，最多 {most} 处，请分几次保存"),
                format!("{changes} changes at once, at most {most}: save them in parts"),
            ),
            BadInput::Reason { most } => (
                format!("原因须为一行，不超过 {most} 字"),
                format!("the reason has at most {most} characters, on one line"),
            ),
            BadInput::NoPaper => (
                "监察查看须写明文号和用途（第三十六条）".to_owned(),
                "a supervision organ gives the number of its document and what it is for (article 36)".to_owned(),
            ),
            BadInput::NoReason => ("请用文字说明用途".to_owned(), "say in words what it is needed for".to_owned()),
            BadInput::Nobody => ("告警须由人确认".to_owned(), "an alarm is acknowledged by a person".to_owned()),
        };
        Self::bad_input(format!("内容不符合要求：{chinese}"), format!("what was entered does not fit: {english}"))
    }
}

fn unfit(malformed: &Malformed) -> (String, String) {
    match &malformed.wrong {
        Wrong::TooMuch { of, found, most } => too_much(*of, *found, *most),
        Wrong::Character(character) => {
            let code = format!("U+{:04X}", u32::from(*character));
            (
                format!("文字中有不能保存的控制字符（{code}），请删去"),
                format!("the control character {code} cannot be kept in a text; take it out"),
            )
        }
        Wrong::Code => (
            "编号或代码只能用半角字母、数字和符号，不含空格".to_owned(),
            "a number or code has letters, digits and signs of ASCII alone, without blanks".to_owned(),
        ),
        Wrong::Tag(NoTag::Word) => (
            format!("标签须是一个不超过 {TAG_CHARS_MAX} 字的词"),
            format!("a tag is one word of at most {TAG_CHARS_MAX} characters"),
        ),
        Wrong::Tag(NoTag::Number) => {
            ("标签不得含电话、证件号".to_owned(), "a tag holds no number of a telephone or person".to_owned())
        }
        Wrong::Form { .. } => (
            format!("本机程序写成了无法读取的内容（{malformed}）"),
            format!("this program wrote what cannot be read ({malformed})"),
        ),
    }
}

/// More of something than there may be.
fn too_much(of: Measure, found: u64, most: u64) -> (String, String) {
    let (chinese, english, way) = match of {
        Measure::PartChars => ("正文（字）", "characters of text", Way::Shorten),
        Measure::WrittenChars => ("一次写入的文字（字）", "characters written at once", Way::Shorten),
        Measure::TextBytes => ("一处文字（字节，汉字占三个）", "bytes of one text", Way::Shorten),
        Measure::ActBytes => ("一条办理记录（字节）", "bytes of one act", Way::Divide),
        Measure::SealedBytes => {
            ("一条办理记录连同文字（字节，汉字占三个）", "bytes of one act with its text", Way::Divide)
        }
        Measure::EntryBytes => ("一条名册记录（字节）", "bytes of one entry of the registry", Way::Divide),
        Measure::FileBytes => ("一个附件（字节）", "bytes of one file", Way::Divide),
        Measure::Bytes => ("一项内容（字节）", "bytes of one thing", Way::Shorten),
        Measure::Items => ("一张列表（项）", "items of one list", Way::Divide),
        Measure::Fields => ("一组内容（项）", "fields of one thing", Way::Divide),
    };
    let (do_chinese, do_english) = match way {
        Way::Shorten => ("请删减或分开", "shorten or divide it"),
        Way::Divide => ("请分开", "divide it"),
    };
    (
        format!("{chinese}最多 {most}，现为 {found}，{do_chinese}"),
        format!("{found} {english}, at most {most}: {do_english}"),
    )
}

/// What helps.
#[derive(Clone, Copy)]
enum Way {
    Shorten,
    Divide,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_said_with_its_limit_in_both_languages() {
        let over = |of, found, most| BadInput::Unfit(Malformed::over(of, found, most));
        let cases = [
            (over(Measure::PartChars, 60_000, 50_000), ["60000", "50000"]),
            (over(Measure::SealedBytes, 300_000, 262_144), ["300000", "262144"]),
            (BadInput::ManyChanges { changes: 300, most: 256 }, ["300", "256"]),
            (BadInput::Reason { most: 200 }, ["200", ""]),
            (BadInput::Unfit(Wrong::Character('\u{202e}').into()), ["U+202E", ""]),
            (BadInput::Unfit(Wrong::Tag(NoTag::Word).into()), ["16", ""]),
        ];
        for (bad, numbers) in cases {
            let problem = Problem::from(kernel::Refusal::from(bad));
            assert_eq!((&*problem.code, problem.status, problem.exit), ("bad-input", 400, 5));
            for number in numbers {
                assert!(problem.title.contains(number) && problem.detail.contains(number), "{problem:?}");
            }
            let english = problem.title.split("U+").next().unwrap_or_default();
            assert!(!english.contains(|c: char| c.is_ascii_alphabetic()), "{problem:?}");
            assert!(problem.detail.is_ascii(), "{problem:?}");
        }
    }
}
