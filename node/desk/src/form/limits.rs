//! What an act cannot hold, found where it is typed: told with its field, in words.

use regulation::{ActKind, Millis};
use replica::effect::tag_fits;
use replica::limits::{CODE_BYTES_MAX, REGISTER_CHARS_MAX, TAG_CHARS_MAX};

use super::Form;
use crate::clock;
use crate::problem::Problem;
use crate::view;

impl Form<'_> {
    /// When it was done, where that was another time than it is written down: not later, and of what counts when it is
    /// written down nothing else.
    pub(super) fn happened(&self, kind: ActKind, now: Millis) -> Result<Option<Millis>, Problem> {
        let Some(at) = self.time("happened_at")? else { return Ok(None) };
        if kind.at_once() {
            return Err(Problem::bad_input(
                format!("happened_at（发生时间）不必填：{}自记录时起算；情况请写在说明里", kind.chinese()),
                format!(
                    "leave happened_at out: {} counts when it is written down; say the rest in its text",
                    kind.code()
                ),
            ));
        }
        self.has_come("happened_at", at, now)?;
        Ok(Some(at))
    }

    /// What is said of the past is past.
    pub(super) fn has_come(&self, name: &str, at: Millis, now: Millis) -> Result<(), Problem> {
        if at <= now { Ok(()) } else { Err(self.wrong(name, "不晚于现在的时间", "a time that has come")) }
    }

    /// What is to come is to come, and in so many working days at most.
    pub(super) fn to_come(&self, name: &str, at: Millis, now: Millis, most: u32) -> Result<(), Problem> {
        let registry = self.registry.now();
        let Some(latest) = registry.calendar().map(|calendar| calendar.due(now, most).due) else { return Ok(()) };
        if at > now && at <= latest {
            return Ok(());
        }
        let last = clock::text(latest - 1);
        let last = last.get(..10).unwrap_or(&last);
        Err(self.wrong(
            name,
            &format!("今后的时间，最迟 {last}（{most} 个工作日）"),
            &format!("a time to come, {last} at the latest ({most} working days)"),
        ))
    }

    /// A code of another system, as it stands in a signed act.
    pub(super) fn code(&self, name: &str, code: String) -> Result<String, Problem> {
        if code.len() <= CODE_BYTES_MAX && code.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(code);
        }
        Err(self.wrong(
            name,
            &format!("{CODE_BYTES_MAX} 个以内的半角字母、数字或符号，不含空格和汉字（“{code:.40}”不行）"),
            &format!("at most {CODE_BYTES_MAX} letters, digits or signs of ASCII without blanks ({code:.40} is not)"),
        ))
    }

    /// What is written into registers stands on one line, and has a bound of its own.
    pub(super) fn title(&self) -> Result<Option<String>, Problem> {
        let Some(title) = self.line("title")? else { return Ok(None) };
        if title.chars().count() <= REGISTER_CHARS_MAX {
            return Ok(Some(title));
        }
        Err(self.wrong(
            "title",
            &format!("不超过 {REGISTER_CHARS_MAX} 字"),
            &format!("at most {REGISTER_CHARS_MAX} characters"),
        ))
    }

    /// Words that are put on or taken off a document: each short, none a number of a person, none that this program shows by
    /// itself.
    pub(super) fn tags(&self, name: &str) -> Result<Vec<String>, Problem> {
        let words = self.words(name)?;
        for word in &words {
            if view::FLAGS.iter().any(|(code, chinese)| [*code, *chinese].contains(&word.as_str())) {
                return Err(Problem::bad_input(
                    format!("{name}：“{word}”由系统按办理记录显示，不能作标签"),
                    format!("{name}: {word} is shown by the program from the acts, and is no tag"),
                ));
            }
            if tag_fits(word).is_err() {
                return Err(self.wrong(
                    name,
                    &format!("每个不超过 {TAG_CHARS_MAX} 字的词，不得含电话、证件号（“{word:.40}”不行）"),
                    &format!("words of at most {TAG_CHARS_MAX} characters each, without numbers of persons ({word:.40} is not)"),
                ));
            }
        }
        Ok(words)
    }
}
