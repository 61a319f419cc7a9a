//! Sessions of people at the commands of a folder, in a file that only its owner reads.
//!
//! Several people of one account of the system may be signed in. A command that says nothing of whose it is acts for whoever signed
//! in last at this terminal, and for nobody else: at a terminal where nobody did, for the only one who is signed in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use desk::call::{Secret, expires_at};
use desk::home::{read_regular, terminal, write_private};
use desk::{Problem, clock};
use serde::{Deserialize, Serialize};

/// Terminals that are kept in mind, at most.
const TERMINALS_MAX: usize = 64;

/// Sessions that are not over.
pub struct Sessions {
    path: PathBuf,
    kept: Kept,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    /// Who signed in last, by terminal, the newest last.
    last: Vec<(i32, String)>,
    /// By login.
    sessions: BTreeMap<String, Secret>,
}

impl Sessions {
    /// Those of a folder; none where the file is not what was written.
    pub fn read(dir: &Path) -> Result<Self, Problem> {
        let path = dir.join("sessions.json");
        let bytes = match read_regular(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Problem::storage(&path, &error)),
        };
        let mut kept: Kept = serde_json::from_slice(&bytes).unwrap_or_default();
        let now = clock::now();
        kept.sessions.retain(|_, session| expires_at(session).is_some_and(|end| end > now));
        Ok(Self { path, kept })
    }

    /// The session of that login; without one, that of whoever this command acts for.
    ///
    /// # Errors
    /// Several are signed in, and none of them at this terminal.
    pub fn of(&self, login: Option<&str>) -> Result<Option<Secret>, Problem> {
        let login = match login {
            Some(login) => Some(login),
            None => self.kept.whose(terminal())?,
        };
        Ok(login.and_then(|login| self.kept.sessions.get(login)).cloned())
    }

    /// Keeps a session.
    pub fn keep(mut self, login: &str, session: Secret) -> Result<(), Problem> {
        self.kept.signed_in(terminal(), login);
        self.kept.sessions.insert(login.to_owned(), session);
        self.write()
    }

    /// The sessions of that login, or of everybody.
    pub fn all(&self, login: Option<&str>) -> Vec<(String, Secret)> {
        let picked = self.kept.sessions.iter().filter(|(known, _)| login.is_none_or(|login| login == *known));
        picked.map(|(login, session)| (login.clone(), session.clone())).collect()
    }

    /// Forgets sessions. Where there is no room to write down the others all of them end: who signs out must not stay
    /// signed in.
    pub fn forget(mut self, logins: &[&str]) -> Result<(), Problem> {
        let before = self.kept.sessions.len();
        self.kept.sessions.retain(|known, _| !logins.contains(&known.as_str()));
        if self.kept.sessions.len() == before {
            return Ok(());
        }
        match self.write() {
            Err(problem) if problem.is_disk_full() => {
                std::fs::remove_file(&self.path).map_err(|error| Problem::storage(&self.path, &error))
            }
            written => written,
        }
    }

    fn write(&self) -> Result<(), Problem> {
        let text = serde_json::to_string(&self.kept).map_err(|error| Problem::storage(&self.path, &error))?;
        write_private(&self.path, text.as_bytes()).map_err(|error| Problem::storage(&self.path, &error))
    }
}

impl Kept {
    /// Somebody signed in at that terminal.
    fn signed_in(&mut self, terminal: i32, login: &str) {
        self.last.retain(|(other, _)| *other != terminal);
        self.last.push((terminal, login.to_owned()));
        let surplus = self.last.len().saturating_sub(TERMINALS_MAX);
        self.last.drain(..surplus);
    }

    /// For whom a command acts that is typed at that terminal. Whoever has signed out there is nobody from then on.
    fn whose(&self, terminal: i32) -> Result<Option<&str>, Problem> {
        if let Some((_, login)) = self.last.iter().find(|(other, _)| *other == terminal) {
            return Ok(Some(login));
        }
        let logins: Vec<&str> = self.sessions.keys().map(String::as_str).collect();
        match logins.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => Err(Problem::bad_input(
                format!(
                    "本目录里登录着几个人（{}），都不是在这个终端登录的：请用 --login 写明经办人",
                    several.join("、")
                ),
                format!(
                    "several are signed in here ({}), none of them at this terminal: say with --login who does this",
                    several.join(", ")
                ),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_acts_for_whoever_signed_in_at_its_terminal_and_for_nobody_else() {
        let mut kept = Kept::default();
        let enter = |kept: &mut Kept, terminal, login: &str| {
            kept.signed_in(terminal, login);
            kept.sessions.insert(login.to_owned(), Secret(String::new()));
        };
        assert_eq!(kept.whose(1).unwrap(), None);
        enter(&mut kept, 1, "admin");
        assert_eq!(kept.whose(2).unwrap(), Some("admin"), "as of a script: there is one");
        enter(&mut kept, 2, "li");
        assert_eq!((kept.whose(1).unwrap(), kept.whose(2).unwrap()), (Some("admin"), Some("li")));
        let problem = kept.whose(3).unwrap_err();
        assert!(problem.title.contains("admin、li") && problem.title.contains("--login"), "{problem:?}");
        kept.sessions.remove("li");
        assert_eq!(kept.whose(2).unwrap(), Some("li"), "whoever signed out here is not admin from then on");
        for terminal in 10..200 {
            kept.signed_in(terminal, "wang");
        }
        assert_eq!(kept.last.len(), TERMINALS_MAX);
    }
}
