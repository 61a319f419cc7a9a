//! Sessions of people at the commands of a folder, in a file that only its owner reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use desk::call::{Secret, expires_at};
use desk::home::write_private;
use desk::{Problem, clock};
use serde::{Deserialize, Serialize};

/// Sessions that are not over.
pub struct Sessions {
    path: PathBuf,
    kept: Kept,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    /// Who signed in last.
    last: String,
    /// By login.
    sessions: BTreeMap<String, Secret>,
}

impl Sessions {
    /// Those of a folder; none where the file is not what was written.
    pub fn read(dir: &Path) -> Result<Self, Problem> {
        let path = dir.join("sessions.json");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Problem::storage(&path, &error)),
        };
        let mut kept: Kept = serde_json::from_slice(&bytes).unwrap_or_default();
        let now = clock::now();
        kept.sessions.retain(|_, session| expires_at(session).is_some_and(|end| end > now));
        Ok(Self { path, kept })
    }

    /// The session of that login; without one, that of whoever signed in last.
    pub fn of(&self, login: Option<&str>) -> Option<Secret> {
        self.kept.sessions.get(login.unwrap_or(&self.kept.last)).cloned()
    }

    /// Keeps a session.
    pub fn keep(mut self, login: &str, session: Secret) -> Result<(), Problem> {
        login.clone_into(&mut self.kept.last);
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
