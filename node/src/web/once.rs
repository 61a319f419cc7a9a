//! A form that is sent twice acts once: by a double click, by going back, by a lost answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::home::random;
use crate::people::SESSIONS_MAX;
use crate::problem::Problem;

/// Forms of one session that are remembered.
const FORMS_MAX: usize = 32;
/// Bytes of a form's number, at most.
const NUMBER_BYTES_MAX: usize = 64;

type Cell = Arc<OnceCell<String>>;

/// Where each form that was sent has led to.
#[derive(Default)]
pub(super) struct Once(Mutex<BTreeMap<String, VecDeque<(String, Cell)>>>);

impl Once {
    /// A number for a new form.
    pub(super) fn number() -> Result<String, Problem> {
        random::<16>().map(|bytes| super::session::text_of(&bytes))
    }

    /// Does what a form asks for and says where to go on; for a form that was sent before, says only that.
    ///
    /// The work goes on when the browser turns away in the midst, as it does on a double click: otherwise the second
    /// click could not tell that the first one had come through.
    pub(super) async fn run(
        &self,
        session: &str,
        number: &str,
        work: impl Future<Output = Result<String, Problem>> + Send + 'static,
    ) -> Result<String, Problem> {
        if number.is_empty() || number.len() > NUMBER_BYTES_MAX {
            return Err(Problem::bad_input("表单不完整，请刷新页面后重填", "the form is incomplete; reload the page"));
        }
        let cell = self.cell(session, number);
        let done = tokio::spawn(async move { cell.get_or_try_init(|| work).await.cloned() });
        done.await.map_err(|error| Problem::fault(&error))?
    }

    fn cell(&self, session: &str, number: &str) -> Cell {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !sessions.contains_key(session) && sessions.len() >= SESSIONS_MAX {
            sessions.pop_first();
        }
        let forms = sessions.entry(session.to_owned()).or_default();
        if let Some((_, cell)) = forms.iter().find(|(known, _)| known == number) {
            return cell.clone();
        }
        if forms.len() >= FORMS_MAX {
            forms.pop_front();
        }
        let cell = Cell::default();
        forms.push_back((number.to_owned(), cell.clone()));
        cell
    }

    /// A session is over.
    pub(super) fn forget(&self, session: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(session);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn twice_sent_is_done_once_and_a_refusal_can_be_tried_again() {
        let (once, count) = (Once::default(), Arc::new(AtomicU32::new(0)));
        let work = |fail: bool| {
            let count = count.clone();
            async move {
                tokio::task::yield_now().await;
                let n = count.fetch_add(1, Ordering::SeqCst);
                if fail { Err(Problem::bad_input("x", "x")) } else { Ok(n.to_string()) }
            }
        };
        assert!(once.run("s", "a", work(true)).await.is_err());
        let (first, second) = tokio::join!(once.run("s", "a", work(false)), once.run("s", "a", work(false)));
        assert_eq!((first.unwrap(), second.unwrap()), ("1".to_owned(), "1".to_owned()));
        assert_eq!(once.run("t", "a", work(false)).await.unwrap(), "2");
        assert!(once.run("s", "", work(false)).await.is_err());
    }
}
