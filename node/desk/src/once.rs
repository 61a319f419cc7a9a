//! Requests under an id that whoever asks has drawn: the hidden number of a form, `--request-id` of a command,
//! `Idempotency-Key` of a program. Asked again, such a request is told what it came to, and is not done again: after an
//! answer that got lost, a double click, or 结果未知.
//!
//! What is the same when it is done twice needs none: a password, taking note of an alarm, a row with a number of another
//! system. What shows personal data takes none: each showing leaves its trace.

use kernel::once::known;
use kernel::{Command, Done, Input, Once};
use regulation::{ActId, ActKind, PersonId};
use replica::seal::hash;
use serde::Serialize;
use serde_json::Value;

use crate::files::random;
use crate::form::Filled;
use crate::problem::Problem;
use crate::{Desk, canonical};

pub use crate::request_id::{NotAnId, REQUEST_ID_CHARS_MAX, RequestId};

impl RequestId {
    /// Draws one.
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub fn draw() -> Result<Self, Problem> {
        random::<16>().map(|bytes| Self::of_bytes(&bytes))
    }

    /// Under this name it is kept: an id is whatever somebody wrote.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        hash(b"jiesu/request/1", self.text().as_bytes())
    }

    /// It as the id of a request for `what`. Who reads the database does not learn by guessing what was asked: the id is
    /// in the digest, and is not kept.
    ///
    /// # Errors
    /// `what` has no [`canonical`] encoding: no call holds a number that is not whole.
    pub fn of(&self, what: &impl Serialize) -> Result<Once, Problem> {
        let bytes = canonical::encode(&(self.text(), what)).map_err(|error| Problem::fault(&error))?;
        Ok(Once { id: self.key(), digest: hash(b"jiesu/request-for/1", &bytes) })
    }

    /// It as the id of a request for an act. Which heads an edit was typed over is not counted: whoever asks again has seen
    /// what the first time came to.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn of_act(&self, kind: ActKind, doc: Option<ActId>, filled: &Filled) -> Result<Once, Problem> {
        let fields: Vec<_> = filled.iter().filter(|(name, _)| *name != "base").collect();
        self.of(&("act", kind.code(), doc.map(|doc| doc.hex()), fields))
    }
}

/// Who asks, and under which id.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Who; absent for the node's own business.
    pub person: Option<PersonId>,
    /// Under which id.
    pub once: Option<Once>,
}

impl By {
    /// Somebody, under no id.
    #[must_use]
    pub fn person(person: PersonId) -> Self {
        Self { person: Some(person), once: None }
    }
}

impl Desk {
    /// What the request came to, if it was done.
    ///
    /// # Errors
    /// Its id is that of another request.
    pub async fn told(&self, by: By) -> Result<Option<Done>, Problem> {
        let Some(once) = by.once else { return Ok(None) };
        let known = self.read(move |reader, _| Ok(known(reader, by.person, &once)?)).await?;
        known.transpose().map_err(Problem::from)
    }

    /// What whoever asked was answered the first time, word for word.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn answered(&self, by: By) -> Result<Option<Value>, Problem> {
        let Some(once) = by.once else { return Ok(None) };
        let person = by.person.unwrap_or(PersonId(0));
        let kept = self.read(move |reader, _| Ok(reader.answer(&once.id, person, &once.digest)?)).await?;
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
    }

    /// Keeps what is answered. Nobody waits for it: where it is lost with the process the answer is made anew.
    pub(crate) async fn keep_answer(&self, by: By, answer: &Value) {
        let Some(once) = by.once else { return };
        if let Ok(answer) = serde_json::to_vec(answer) {
            self.note(Input::Answered { id: once.id, answer }).await;
        }
    }

    /// Has the kernel do something.
    ///
    /// # Errors
    /// The refusal, or the fault that stopped the node.
    pub async fn ask_by(&self, by: By, command: Command) -> Result<Done, Problem> {
        let command = match by.once {
            Some(once) => Command::Once(once, Box::new(command)),
            None => command,
        };
        self.ask(by.person, command).await
    }

    /// Finds out what is to be done and has the kernel do it, unless it was done: what it was then can no longer be found out.
    ///
    /// # Errors
    /// Why it cannot be done, the refusal, or the fault that stopped the node.
    pub async fn do_once(
        &self,
        by: By,
        what: impl Future<Output = Result<Command, Problem>> + Send,
    ) -> Result<Done, Problem> {
        match what.await {
            // Whether it was done already is asked where it would be done.
            Ok(command) => self.ask_by(by, command).await,
            // It may have been done, and be past doing now.
            Err(problem) => self.told(by).await?.ok_or(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_programs_write_them() {
        for good in ["1", "8e03978e-40d5-43dd-bc93-6894a57f9324", &"x".repeat(REQUEST_ID_CHARS_MAX)] {
            assert_eq!(RequestId::parse(good).unwrap().text(), good);
        }
        for wrong in ["", "a b", "编号", "a\n", &"x".repeat(REQUEST_ID_CHARS_MAX + 1)] {
            assert_eq!(Problem::from(RequestId::parse(wrong).unwrap_err()).exit, 5, "{wrong}");
        }
    }

    /// By another program than this one, over the encoding written by hand: the list of the id and of what is asked for.
    #[test]
    fn the_digest_of_a_request_is_pinned() {
        let once = RequestId::parse("a").unwrap().of(&serde_json::json!({ "b": 1, "a": [] })).unwrap();
        assert_eq!(ActId(once.digest).hex(), "623efadb38c08805fd41b8f03dec69e48ad510161af1eabaa0ae6188c070fa00");
    }

    #[test]
    fn digest_tells_requests_apart_and_forgets_only_what_an_edit_was_typed_over() {
        let id = RequestId::parse("a").unwrap();
        let filled = |text: &str, base: &str| {
            Filled::from([("text".to_owned(), text.to_owned()), ("base".to_owned(), base.to_owned())])
        };
        let of = |doc, text, base| id.of_act(ActKind::Note, doc, &filled(text, base)).unwrap();
        let first = of(None, "x", "1");
        assert_eq!(first, of(None, "x", "2"));
        assert_ne!(first, of(None, "y", "1"));
        assert_ne!(first, of(Some(ActId([1; 32])), "x", "1"));
        assert_ne!(
            first.digest,
            RequestId::parse("b").unwrap().of_act(ActKind::Note, None, &filled("x", "1")).unwrap().digest
        );
    }
}
