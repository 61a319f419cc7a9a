//! What other systems are called here. A name is said once and kept in the folder of the node; it is never made from a
//! file's name: one system under two names would bring its tickets twice.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::text;

/// Bytes of a name, at most.
pub const SYSTEM_BYTES_MAX: usize = 32;
/// Systems that are kept in mind, at most.
const SYSTEMS_MAX: usize = 100;

/// The names that were said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Systems {
    systems: Vec<String>,
}

impl Systems {
    /// What was said in that folder.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(dir: &Path) -> Result<Self, Problem> {
        let path = file(dir);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = text::read(&path)?.0;
        toml::from_str(&text).map_err(|error| text::not_toml(&path.display().to_string(), &text, &error))
    }

    /// The system that is meant: the one that was said now, or the only one that ever was.
    ///
    /// # Errors
    /// It is malformed, or none was said and it cannot be told.
    pub fn meant(&self, said: Option<String>) -> Result<String, Problem> {
        match (said, self.systems.as_slice()) {
            (Some(said), _) if plain(&said) => Ok(said),
            (Some(_), _) => Err(Problem::bad_input(
                format!("来源系统名称须为 1 至 {SYSTEM_BYTES_MAX} 个半角字母、数字或符号，不含空格"),
                format!("the name of a system has 1 to {SYSTEM_BYTES_MAX} letters, digits or signs of ASCII"),
            )),
            (None, [only]) => Ok(only.clone()),
            (None, []) => Err(Problem::bad_input(
                "请用 --system 名称 写明数据来自哪个系统（如 --system old12345）；说过一次，以后不用再说",
                "say with --system NAME which system the rows come from (as --system old12345); once is enough",
            )),
            (None, several) => Err(Problem::bad_input(
                format!("请用 --system 写明来源；以前用过：{}", several.join("、")),
                format!("say with --system which of them: {}", several.join(", ")),
            )),
        }
    }

    /// A name that was said before and differs by little: perhaps the same system.
    #[must_use]
    pub fn like(&self, system: &str) -> Option<&str> {
        let known = self.systems.iter().any(|other| other == system);
        let near = self.systems.iter().find(|other| strsim::levenshtein(other, system) <= 2);
        near.filter(|_| !known).map(String::as_str)
    }

    /// Keeps a name in mind.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(mut self, dir: &Path, system: &str) -> Result<(), Problem> {
        if self.systems.iter().any(|other| other == system) || self.systems.len() == SYSTEMS_MAX {
            return Ok(());
        }
        self.systems.push(system.to_owned());
        let path = file(dir);
        let text = toml::to_string(&self).map_err(|error| Problem::fault(&error))?;
        crate::files::write_private(&path, text.as_bytes()).map_err(|error| Problem::storage(&path, &error))
    }
}

fn plain(name: &str) -> bool {
    (1..=SYSTEM_BYTES_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

fn file(dir: &Path) -> PathBuf {
    dir.join("import.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_is_said_once_and_never_guessed_between_two() {
        let dir = tempfile::tempdir().unwrap();
        let systems = || Systems::read(dir.path()).unwrap();
        assert_eq!(systems().meant(None).unwrap_err().exit, 5);
        assert!(systems().meant(Some("旧 系统".to_owned())).is_err());
        systems().remember(dir.path(), "old12345").unwrap();
        assert_eq!(systems().meant(None).unwrap(), "old12345");
        assert_eq!(systems().like("old1234"), Some("old12345"));
        assert_eq!(systems().like("old12345"), None);
        systems().remember(dir.path(), "board").unwrap();
        assert!(systems().meant(None).unwrap_err().detail.contains("board"));
        assert_eq!(systems().meant(Some("board".to_owned())).unwrap(), "board");
    }
}
