//! What the node keeps of a session beside who it is: forms that were sent, words that were searched for, and tickets
//! whose personal data is shown. It is bounded, stays in memory, and goes with the session.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;
use regulation::ActId;
use tokio::sync::OnceCell;

use desk::clock;
use desk::people::SESSIONS_MAX;
use desk::problem::Problem;

/// Forms of one session that are remembered.
const FORMS_MAX: usize = 32;
/// Bytes of a form's number, at most.
const NUMBER_BYTES_MAX: usize = 64;
/// Searches of one session that are remembered.
const SEARCHES_MAX: usize = 16;
/// Characters of a search, at most.
const SEARCH_CHARS_MAX: usize = 100;
/// Tickets of one session whose personal data is shown.
const SHOWN_MAX: usize = 16;
/// How long personal data is shown after it was asked for.
pub const SHOWN: Duration = Duration::from_secs(600);

type Cell = Arc<OnceCell<String>>;

#[derive(Default)]
struct Tray {
    /// Where each form that was sent and kept nowhere else has led to: one that asks for personal data, which leaves one
    /// trace on a double click. Forms that make acts are known by what is kept with the act.
    forms: VecDeque<(String, Cell)>,
    searches: VecDeque<(u64, String)>,
    shown: VecDeque<(ActId, Duration)>,
}

/// What is kept of each session.
#[derive(Default)]
pub(super) struct Trays(Mutex<Kept>);

struct Kept {
    trays: LruCache<String, Tray>,
    next: u64,
}

impl Default for Kept {
    fn default() -> Self {
        let most = NonZeroUsize::new(SESSIONS_MAX).unwrap_or(NonZeroUsize::MIN);
        // Sessions outlive the process: numbers that addresses hold from before it name nothing now.
        Self { trays: LruCache::new(most), next: u64::try_from(clock::now()).unwrap_or_default() }
    }
}

impl Kept {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn tray(&mut self, session: &str) -> &mut Tray {
        self.trays.get_or_insert_mut(session.to_owned(), Tray::default)
    }
}

/// Puts something at the end of what is remembered.
fn remember<T>(all: &mut VecDeque<T>, one: T, most: usize) {
    if all.len() >= most {
        all.pop_front();
    }
    all.push_back(one);
}

impl Trays {
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
        let mut kept = self.kept();
        let tray = kept.tray(session);
        if let Some((_, cell)) = tray.forms.iter().find(|(known, _)| known == number) {
            return cell.clone();
        }
        let cell = Cell::default();
        remember(&mut tray.forms, (number.to_owned(), cell.clone()), FORMS_MAX);
        cell
    }

    /// Keeps the words of a search; the number by which addresses name it. What people search for, names and telephone
    /// numbers, stands in no address: those are logged and kept by browsers and proxies.
    pub(super) fn search(&self, session: &str, words: &str) -> u64 {
        let mut kept = self.kept();
        let number = kept.number();
        let words = words.trim().chars().take(SEARCH_CHARS_MAX).collect();
        remember(&mut kept.tray(session).searches, (number, words), SEARCHES_MAX);
        number
    }

    /// The words of a search.
    pub(super) fn words(&self, session: &str, number: u64) -> Option<String> {
        let mut kept = self.kept();
        let searches = &kept.tray(session).searches;
        searches.iter().find(|(known, _)| *known == number).map(|(_, words)| words.clone())
    }

    /// Shows the personal data of a ticket for a while.
    pub(super) fn show(&self, session: &str, doc: ActId) {
        let mut kept = self.kept();
        let shown = &mut kept.tray(session).shown;
        shown.retain(|(known, _)| *known != doc);
        remember(shown, (doc, clock::steady() + SHOWN), SHOWN_MAX);
    }

    /// The same, and of no ticket beside it.
    pub(super) fn show_alone(&self, session: &str, doc: ActId) {
        self.kept().tray(session).shown.clear();
        self.show(session, doc);
    }

    /// Masks it again.
    pub(super) fn mask(&self, session: &str, doc: ActId) {
        self.kept().tray(session).shown.retain(|(known, _)| *known != doc);
    }

    /// How much longer it is shown; zero if it is not.
    pub(super) fn shown_for(&self, session: &str, doc: ActId) -> Duration {
        let mut kept = self.kept();
        let until = kept.tray(session).shown.iter().find(|(known, _)| *known == doc).map(|(_, until)| *until);
        until.unwrap_or_default().saturating_sub(clock::steady())
    }

    /// A session is over.
    pub(super) fn forget(&self, session: &str) {
        self.kept().trays.pop(session);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn twice_sent_is_done_once_and_a_refusal_can_be_tried_again() {
        let (trays, count) = (Trays::default(), Arc::new(AtomicU32::new(0)));
        let work = |fail: bool| {
            let count = count.clone();
            async move {
                tokio::task::yield_now().await;
                let n = count.fetch_add(1, Ordering::SeqCst);
                if fail { Err(Problem::bad_input("x", "x")) } else { Ok(n.to_string()) }
            }
        };
        assert!(trays.run("s", "a", work(true)).await.is_err());
        let (first, second) = tokio::join!(trays.run("s", "a", work(false)), trays.run("s", "a", work(false)));
        assert_eq!((first.unwrap(), second.unwrap()), ("1".to_owned(), "1".to_owned()));
        assert_eq!(trays.run("t", "a", work(false)).await.unwrap(), "2");
        assert!(trays.run("s", "", work(false)).await.is_err());
    }

    #[test]
    fn what_one_session_keeps_no_other_finds_and_all_of_it_is_bounded() {
        let (trays, doc) = (Trays::default(), ActId([1; 32]));
        let first = trays.search("s", " 张三 ");
        trays.show("s", doc);
        assert_eq!(trays.words("s", first).as_deref(), Some("张三"));
        assert!(
            trays.words("t", first).is_none()
                && trays.shown_for("t", doc).is_zero()
                && !trays.shown_for("s", doc).is_zero()
        );
        trays.show_alone("s", ActId([2; 32]));
        assert!(trays.shown_for("s", doc).is_zero() && !trays.shown_for("s", ActId([2; 32])).is_zero());
        trays.show("s", doc);
        trays.mask("s", doc);
        assert!(trays.shown_for("s", doc).is_zero());
        for n in 0..SEARCHES_MAX {
            trays.search("s", &"长".repeat(n * SEARCH_CHARS_MAX));
        }
        assert!(trays.words("s", first).is_none());
        for n in 0..2 * SESSIONS_MAX {
            trays.show(&n.to_string(), doc);
            // Whoever works on loses nothing to those who come and go.
            trays.show("busy", doc);
        }
        assert!(!trays.shown_for("busy", doc).is_zero() && trays.kept().trays.len() <= SESSIONS_MAX);
        trays.forget("busy");
        assert!(trays.shown_for("busy", doc).is_zero());
    }
}
