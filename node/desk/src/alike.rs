//! Names that people take for one another: what differs only by blanks, by forms of full width, by characters that nobody
//! sees or by capitals is one name.

use unicode_normalization::UnicodeNormalization;

use crate::problem::Problem;
use crate::unseen;

/// What of a name tells it from others.
#[must_use]
pub fn folded(name: &str) -> String {
    let wide: String = name.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    unseen::without(&wide).chars().filter(|c| !c.is_whitespace()).collect()
}

/// That a name is another than each of `others`, or the same to the letter: whether two are called the same is decided where names
/// are written down.
///
/// # Errors
/// Which of them people would take it for; `what` it is the name of, in Chinese and English.
pub fn told_apart<'o>(
    what: (&str, &str),
    name: &str,
    mut others: impl Iterator<Item = &'o str>,
) -> Result<(), Problem> {
    let said = folded(name);
    match others.find(|other| *other != name && folded(other) == said) {
        None => Ok(()),
        Some(other) => Err(Problem::bad_input(
            format!(
                "{}“{name}”与名册里的“{other}”只差空格、全角半角、大小写或看不见的字符，会被当成同一个：请照名册的写法，或另取一个",
                what.0
            ),
            format!(
                "{} {name} differs from {other} of the registry by nothing but blanks, width, capitals or characters that cannot be seen: write it as there, or choose another",
                what.1
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_another_one_or_the_same_to_the_letter() {
        let check = |name| told_apart(("姓名", "the name"), name, ["李明", "王 芳"].into_iter());
        assert!(["李明", "王 芳", "李鸣"].into_iter().all(|name| check(name).is_ok()));
        for (name, other) in [("李 明", "李明"), ("王芳", "王 芳")] {
            let problem = check(name).unwrap_err();
            assert!(problem.title.contains(other) && problem.detail.contains(other), "{problem:?}");
        }
    }

    #[test]
    fn what_nobody_tells_apart_is_one_name() {
        for other in ["zhao 1", " ＺＨＡＯ１", "Zhao\u{200b}1", "zhao\u{3000}1", "ZHAO\u{a0}１"] {
            assert_eq!(folded(other), "zhao1", "{other:?}");
        }
        assert_eq!(folded("市热线 ２号机"), folded("市热线2号机"));
        for other in ["李 明", "李\u{3000}明", "李\u{2060}明"] {
            assert_eq!(folded(other), folded("李明"));
        }
        assert_ne!(folded("李明"), folded("李鸣"));
    }
}
