//! What is said of a field that cannot be taken as it was typed.

use replica::Draft;
use replica::limits::{CODE_BYTES_MAX, PART_CHARS_MAX};

use super::{Form, Input};
use crate::problem::Problem;

impl Form<'_> {
    pub(super) fn missing(&self, name: &str) -> Problem {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        Problem::bad_input(
            format!("须填写 {name}（{}）", spec.map_or(name, |spec| spec.chinese)),
            format!("{name} is missing ({})", spec.map_or(name, |spec| spec.english)),
        )
    }

    pub(super) fn too_long(&self, name: &str, is: &str, most: usize, is_english: &str) -> Problem {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        Problem::bad_input(
            format!("{name}（{}）太长：{is}，最多 {most} 字；请缩短", spec.map_or(name, |spec| spec.chinese)),
            format!("{name} is too long: {is_english}, at most {most}; shorten it"),
        )
    }

    /// Codes are counted in bytes: a Chinese character is three.
    pub(super) fn too_long_code(&self, name: &str, text: &str) -> Problem {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        let (bytes, chinese) = (text.len(), spec.map_or(name, |spec| spec.chinese));
        Problem::bad_input(
            format!("{name}（{chinese}）太长：{bytes} 字节，最多 {CODE_BYTES_MAX} 字节（一个汉字 3 字节）；请缩短"),
            format!("{name} is too long: {bytes} bytes, at most {CODE_BYTES_MAX}; shorten it"),
        )
    }

    /// All the fields of text of an act are one part of it.
    pub(super) fn fits(&self, draft: &Draft) -> Result<(), Problem> {
        let chars: usize = draft.text.iter().map(|text| text.chars().count()).sum();
        if chars <= PART_CHARS_MAX {
            return Ok(());
        }
        let names = self.specs.iter().filter(|spec| matches!(spec.input, Input::Line | Input::Area));
        let names: Vec<&str> = names.filter(|spec| self.filled.contains_key(spec.name)).map(|spec| spec.name).collect();
        Err(Problem::bad_input(
            format!("{} 各栏文字合计 {chars} 字，最多 {PART_CHARS_MAX} 字；请缩短", names.join("、")),
            format!("{} have {chars} characters together, at most {PART_CHARS_MAX}; shorten them", names.join(", ")),
        ))
    }

    /// A field that belongs to another choice than the one that was made.
    pub(super) fn unasked(&self, name: &str, chosen: &str) -> Problem {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        Problem::bad_input(
            format!("{name}（{}）与“{chosen}”不能同时填写：请改结果，或留空", spec.map_or(name, |spec| spec.chinese)),
            format!("{name} does not go with {chosen}: change that, or leave {name} empty"),
        )
    }

    pub(super) fn wrong(&self, name: &str, chinese: &str, english: &str) -> Problem {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        Problem::bad_input(
            format!("{name}（{}）须为{chinese}", spec.map_or(name, |spec| spec.chinese)),
            format!("{name} must be {english}"),
        )
    }
}
