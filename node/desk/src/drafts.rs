//! Drafts: what somebody has begun to write at a page of this node, until it is sent.
//!
//! They lie in the drawer, encrypted, and are their writer's alone. They are no acts: nothing is told to anybody of them,
//! nothing is decided by them, and no other node gets them. A draft is erased when it is sent or thrown away, when
//! something of its ticket is erased for good, and after [`DRAFT_MS_MAX`].

mod known;

use std::fmt;
use std::time::Duration;

use regulation::{ActId, Millis, PersonId};
use store::DraftRow;
use tokio::sync::broadcast::error::RecvError;

use crate::desk::WeakDesk;
use crate::form::Filled;
use crate::problem::Problem;
use crate::{Desk, Notice, clock};

pub use known::DRAFT_SAVES_PER_MINUTE_MAX;
pub(crate) use known::Drafts;

/// A draft is kept so long after it was last typed at, in milliseconds.
pub const DRAFT_MS_MAX: Millis = 30 * 24 * 3_600_000;
/// Bytes of one draft, at most: the longest article and what stands beside it.
pub const DRAFT_BYTES_MAX: usize = 512 * 1024;
/// Drafts of one person, at most. A further one is refused, not the oldest lost.
pub const DRAFTS_PER_PERSON_MAX: u64 = 50;
/// Bytes of all drafts of one person, at most.
pub const DRAFT_BYTES_PER_PERSON_MAX: u64 = 4 * 1024 * 1024;
/// Fields of one draft, at most.
pub const DRAFT_FIELDS_MAX: usize = 64;
/// Characters of the name of a form, and of a window, at most.
pub const DRAFT_NAME_CHARS_MAX: usize = 80;
/// How often it is looked for drafts that are too old.
const SWEPT_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// The window of what was sent, and refused.
pub const SENT_WINDOW: &str = "-";

/// Where a draft belongs: the document, if there is one already, and which form of its page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document.
    pub doc: Option<ActId>,
    /// The form.
    pub form: String,
}

/// What was typed.
pub struct Typed {
    /// Where.
    pub place: Place,
    /// In which window.
    pub window: String,
    /// The window whose draft was shown there.
    pub seen: String,
    /// What.
    pub fields: Filled,
}

/// What is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it belongs.
    pub place: Place,
    /// In which window it was typed.
    pub window: String,
    /// What was typed.
    pub fields: Filled,
    /// When.
    pub at: Millis,
}

// What was typed may be anybody's personal data.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("form", &self.place.form).finish_non_exhaustive()
    }
}

impl Place {
    fn check(&self) -> Result<(), Problem> {
        if named(&self.form) { Ok(()) } else { Err(malformed()) }
    }
}

/// Names of forms and windows are made by this program.
fn named(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=DRAFT_NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(plain)
}

fn malformed() -> Problem {
    Problem::bad_input("草稿不完整，没有存入", "the draft is incomplete and was not kept")
}

/// Keeps what was typed in the place of what was kept before; when that was. What another window has kept there is not
/// written over, unless it was seen.
///
/// # Errors
/// It is too long, there are too many, another window has one there, or it cannot be written.
pub async fn keep(desk: &Desk, person: PersonId, typed: Typed) -> Result<Millis, Problem> {
    if !desk.drafts().may(person, clock::steady()) {
        return Err(Problem::later(
            429,
            10,
            "草稿存得太频繁，稍后再存",
            "drafts are kept too often; again in a moment",
        ));
    }
    let Typed { place, window, seen, fields } = typed;
    place.check()?;
    if !named(&window) || fields.len() > DRAFT_FIELDS_MAX {
        return Err(malformed());
    }
    let fields = serde_json::to_string(&fields).map_err(|error| Problem::fault(&error))?;
    let bytes = fields.len();
    if bytes > DRAFT_BYTES_MAX {
        return Err(full(format!("这份内容太长，草稿存不下（最多 {} KiB），请先提交或另存", DRAFT_BYTES_MAX / 1024)));
    }
    let Place { doc, form } = place;
    let known = {
        let form = form.clone();
        desk.drawer().with(move |drawer| drawer.draft(person, doc, &form)).await?
    };
    if known.as_ref().is_some_and(|known| known.window != window && known.window != seen && known.fields != fields) {
        return Err(Problem {
            status: 409,
            ..Problem::bad_input(
                "另一个窗口里也写了这张表，这里写的没有存为草稿：请只在一个窗口里写",
                "this form was typed in another window as well; what is typed here was not kept: use one of them",
            )
        });
    }
    let erased = match (known, doc) {
        (Some(known), _) => known.erased,
        (None, Some(doc)) => erased_of(desk, doc).await?,
        (None, None) => 0,
    };
    let row = DraftRow { person, doc, form, window, fields, erased, at: clock::now() };
    let at = row.at;
    // Before it is there, and after: whoever erases what belongs to the document finds it.
    desk.drafts().begun(doc);
    let put = desk.drawer().with(move |drawer| {
        let (count, beside) = drawer.drafts_beside(person, doc, &row.form)?;
        let room = count < DRAFTS_PER_PERSON_MAX
            && beside.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX)) <= DRAFT_BYTES_PER_PERSON_MAX;
        if room { drawer.put_draft(&row).map(|()| true) } else { Ok(false) }
    });
    let put = put.await?;
    desk.drafts().begun(doc);
    if put {
        return Ok(at);
    }
    Err(full(format!("您的草稿太多（最多 {DRAFTS_PER_PERSON_MAX} 份），这一份没有存入：请先提交或丢弃其他草稿")))
}

fn full(chinese: String) -> Problem {
    let english = "there is no room for this draft: send or throw away others first";
    Problem { status: 413, ..Problem::bad_input(chinese, english) }
}

/// How many parts of a document have been erased for good.
async fn erased_of(desk: &Desk, doc: ActId) -> Result<u32, Problem> {
    desk.read(move |reader, registry| {
        if reader.doc_no(&doc)?.is_none() {
            return Ok(0);
        }
        let erased = kernel::read::history(reader, registry, doc)?.erased().len();
        Ok(u32::try_from(erased).unwrap_or(u32::MAX))
    })
    .await
}

/// What a person has begun to write about a document, or about none.
///
/// # Errors
/// The drawer cannot be read.
pub async fn of(desk: &Desk, person: PersonId, doc: Option<ActId>) -> Result<Vec<Draft>, Problem> {
    let rows = desk.drawer().with(move |drawer| drawer.drafts(person, Some(doc))).await?;
    Ok(rows.into_iter().filter_map(draft_of).collect())
}

/// All that a person has begun to write, newest first.
///
/// # Errors
/// The drawer cannot be read.
pub async fn all(desk: &Desk, person: PersonId) -> Result<Vec<Draft>, Problem> {
    let rows = desk.drawer().with(move |drawer| drawer.drafts(person, None)).await?;
    Ok(rows.into_iter().filter_map(draft_of).collect())
}

/// How many drafts a person has.
///
/// # Errors
/// The drawer cannot be read.
pub async fn count(desk: &Desk, person: PersonId) -> Result<u64, Problem> {
    Ok(desk.drawer().with(move |drawer| drawer.drafts_beside(person, None, "")).await?.0)
}

fn draft_of(row: DraftRow) -> Option<Draft> {
    let fields = serde_json::from_str(&row.fields).ok()?;
    let old = clock::now().saturating_sub(row.at) >= DRAFT_MS_MAX;
    let place = Place { doc: row.doc, form: row.form };
    (!old).then_some(Draft { place, window: row.window, fields, at: row.at })
}

/// Erases a draft: it was sent, or is thrown away. False if there was none.
///
/// # Errors
/// The drawer cannot be written.
pub async fn erase(desk: &Desk, person: PersonId, place: Place) -> Result<bool, Problem> {
    desk.drawer().with(move |drawer| drawer.erase_draft(person, place.doc, &place.form)).await
}

/// Erases a draft because nothing of it is left in the window where it was typed. What another window has kept stays.
///
/// # Errors
/// The drawer cannot be written.
pub async fn withdraw(
    desk: &Desk,
    person: PersonId,
    place: Place,
    window: String,
    seen: String,
) -> Result<bool, Problem> {
    let erase = move |drawer: &mut store::Drawer| {
        let known = drawer.draft(person, place.doc, &place.form)?;
        let own = known.is_some_and(|known| known.window == window || known.window == seen);
        if own { drawer.erase_draft(person, place.doc, &place.form) } else { Ok(false) }
    };
    desk.drawer().with(erase).await
}

/// Erases drafts in time, for as long as the node runs.
pub fn watch(desk: &Desk) -> impl Future<Output = ()> + Send + 'static {
    let (weak, mut notices) = (desk.weak(), desk.notices());
    async move {
        let mut swept = tokio::time::interval(SWEPT_EVERY);
        loop {
            let docs = tokio::select! {
                notice = notices.recv() => match notice {
                    Ok(Notice::Changed(doc)) => Some(doc),
                    Ok(_) => continue,
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                },
                _ = swept.tick() => None,
            };
            if look(&weak, docs).await.is_none() {
                return;
            }
        }
    }
}

/// Looks at the drafts of one document, or at all; nothing once the node has ended.
async fn look(weak: &WeakDesk, doc: Option<ActId>) -> Option<()> {
    let desk = weak.desk()?;
    let docs = desk.drafts().docs(doc);
    let done = async {
        if doc.is_none() {
            sweep(&desk).await?;
        }
        for doc in docs {
            erase_redacted(&desk, doc).await?;
        }
        Ok::<_, Problem>(())
    };
    if let Err(problem) = done.await {
        tracing::warn!(reason = problem.detail, "草稿没有清理 drafts were not erased in time");
    }
    Some(())
}

/// Erases what is too old. By a clock that is doubted nothing is.
async fn sweep(desk: &Desk) -> Result<(), Problem> {
    if desk.status().clock_doubtful {
        return Ok(());
    }
    let since = clock::now().saturating_sub(DRAFT_MS_MAX);
    desk.drawer().with(move |drawer| drawer.erase_drafts_before(since)).await.map(|_| ())
}

/// Erases what was begun about a document before something of it was erased for good: it may say the same.
async fn erase_redacted(desk: &Desk, doc: ActId) -> Result<(), Problem> {
    if !desk.drawer().with(move |drawer| drawer.has_drafts_of(&doc)).await? {
        desk.drafts().gone(&doc);
        return Ok(());
    }
    let erased = erased_of(desk, doc).await?;
    if erased > 0 {
        desk.drawer().with(move |drawer| drawer.erase_drafts_of(&doc, erased)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use replica::Registry;

    use super::*;
    use crate::{Ask, Home, RegistryNow};

    const WANG: PersonId = PersonId(1);
    const LI: PersonId = PersonId(2);

    fn open(home: &Home) -> (Desk, tokio::sync::mpsc::Receiver<Ask>) {
        Desk::open(home.clone(), RegistryNow::new(Registry::default()), None, clock::now()).unwrap()
    }

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::create(&folder.path().join("city"), true).unwrap();
        (folder, home)
    }

    fn place(form: &str) -> Place {
        Place { doc: Some(ActId([1; 32])), form: form.to_owned() }
    }

    fn typed(form: &str, window: &str, seen: &str, text: &str) -> Typed {
        let fields = Filled::from([("text".to_owned(), text.to_owned())]);
        Typed { place: place(form), window: window.to_owned(), seen: seen.to_owned(), fields }
    }

    async fn texts(desk: &Desk, person: PersonId) -> Vec<String> {
        let drafts = of(desk, person, Some(ActId([1; 32]))).await.unwrap();
        drafts.into_iter().map(|draft| draft.fields["text"].clone()).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn draft_is_its_writers_alone_and_outlives_the_process_but_not_a_damaged_file() {
        let (_folder, home) = home();
        let (desk, asked) = open(&home);
        keep(&desk, WANG, typed("note", "w1", "", "镇里已约下午两点")).await.unwrap();
        assert_eq!(texts(&desk, WANG).await, ["镇里已约下午两点"]);
        assert!(texts(&desk, LI).await.is_empty() && all(&desk, LI).await.unwrap().is_empty());
        assert_eq!((count(&desk, WANG).await.unwrap(), count(&desk, LI).await.unwrap()), (1, 0));
        assert!(!erase(&desk, LI, place("note")).await.unwrap());
        drop((desk, asked));
        let (desk, asked) = open(&home);
        assert_eq!(texts(&desk, WANG).await, ["镇里已约下午两点"]);
        assert!(erase(&desk, WANG, place("note")).await.unwrap() && texts(&desk, WANG).await.is_empty());
        drop((desk, asked));
        std::fs::write(home.drawer().0, [7; 9_000]).unwrap();
        let (desk, _asked) = open(&home);
        keep(&desk, WANG, typed("note", "w1", "", "又写")).await.unwrap();
        assert_eq!(texts(&desk, WANG).await, ["又写"], "a new one was begun");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_another_window_has_kept_is_not_written_over_unseen() {
        let (_folder, home) = home();
        let (desk, _asked) = open(&home);
        keep(&desk, WANG, typed("note", "w1", "", "一")).await.unwrap();
        keep(&desk, WANG, typed("note", "w1", "", "一二")).await.unwrap();
        let refused = keep(&desk, WANG, typed("note", "w2", "", "三")).await.unwrap_err();
        assert_eq!((refused.status, texts(&desk, WANG).await), (409, vec!["一二".to_owned()]));
        assert!(!withdraw(&desk, WANG, place("note"), "w2".to_owned(), String::new()).await.unwrap());
        keep(&desk, WANG, typed("note", "w2", "", "一二")).await.unwrap();
        keep(&desk, WANG, typed("note", "w1", "w2", "一二三")).await.unwrap();
        keep(&desk, LI, typed("note", "w2", "", "四")).await.unwrap();
        assert!(withdraw(&desk, WANG, place("note"), "w1".to_owned(), String::new()).await.unwrap());
        assert_eq!((texts(&desk, WANG).await.len(), texts(&desk, LI).await.len()), (0, 1));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn drafts_are_bounded_and_none_is_lost_for_another() {
        let (_folder, home) = home();
        let (desk, _asked) = open(&home);
        let status = |kept: Result<Millis, Problem>| kept.map_or_else(|problem| problem.status, |_| 200);
        let long = "x".repeat(DRAFT_BYTES_MAX);
        assert_eq!(status(keep(&desk, WANG, typed("note", "w1", "", &long)).await), 413);
        for (form, window) in [("", "w1"), ("a/b", "w1"), ("笔记", "w1"), ("note", ""), ("note", "a b")] {
            assert_eq!(status(keep(&desk, WANG, typed(form, window, "", "x")).await), 400, "{form} {window}");
        }
        let many = (0..=DRAFT_FIELDS_MAX).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(status(keep(&desk, WANG, Typed { fields: many, ..typed("note", "w1", "", "") }).await), 400);
        for n in 0..DRAFTS_PER_PERSON_MAX {
            assert_eq!(status(keep(&desk, WANG, typed(&format!("f{n}"), "w1", "", "x")).await), 200);
        }
        assert_eq!(status(keep(&desk, WANG, typed("one-more", "w1", "", "x")).await), 413);
        assert_eq!(status(keep(&desk, WANG, typed("f0", "w1", "", "y")).await), 200, "in the place of itself");
        assert_eq!(count(&desk, WANG).await.unwrap(), DRAFTS_PER_PERSON_MAX);
        // By bytes.
        let half = "x".repeat(DRAFT_BYTES_MAX / 2 + 1_000);
        let mut kept = 0;
        while status(keep(&desk, LI, typed(&format!("f{kept}"), "w1", "", &half)).await) == 200 {
            kept += 1;
        }
        assert_eq!(kept, DRAFT_BYTES_PER_PERSON_MAX / (DRAFT_BYTES_MAX as u64 / 2) - 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_too_old_is_erased_unless_the_clock_is_doubted() {
        let (_folder, home) = home();
        let (desk, _asked) = open(&home);
        keep(&desk, WANG, typed("new", "w1", "", "新")).await.unwrap();
        let old = DraftRow {
            person: WANG,
            doc: Some(ActId([1; 32])),
            form: "old".to_owned(),
            window: "w1".to_owned(),
            fields: r#"{"text":"旧"}"#.to_owned(),
            erased: 0,
            at: clock::now() - DRAFT_MS_MAX,
        };
        desk.drawer().now(|drawer| drawer.put_draft(&old)).unwrap();
        assert_eq!(texts(&desk, WANG).await, ["新"], "not shown any more");
        desk.status_mut().clock_doubtful = true;
        sweep(&desk).await.unwrap();
        assert_eq!(count(&desk, WANG).await.unwrap(), 2);
        desk.status_mut().clock_doubtful = false;
        let watching = tokio::spawn(watch(&desk));
        while count(&desk, WANG).await.unwrap() > 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(texts(&desk, WANG).await, ["新"]);
        watching.abort();
    }
}
