//! Showing personal data: who may ask for it, how often, and the trace that it leaves before anything is shown.

use regulation::{ActId, Millis, PersonId, Role};
use replica::characters::{control, trimmed};
use store::{RevealFilter, RevealRow};

use crate::outcome::{BadInput, Done, Refusal};
use crate::{Fault, Kernel};

/// Characters of the words that go with a reason, at most.
pub const NOTE_CHARS_MAX: usize = 200;
/// Characters of the number of a supervision organ's document, at most.
pub const PAPER_CHARS_MAX: usize = 60;
/// Looks of one person of a supervision organ within an hour, at most: each is one case.
pub const INSPECTIONS_PER_HOUR_MAX: usize = 20;
/// Code and name of the reason of such a look. Nobody else can give it.
pub const INSPECTION: (&str, &str) = ("inspect", "监察");
/// The time over which reveals are counted.
const HOUR_MS: Millis = 3_600_000;

/// How often a role may be shown personal data within an hour; a person has the largest of their roles. Knowledge and
/// statistics need none. Some three times what the busiest hour of the work takes.
#[must_use]
pub fn reveals_per_hour_max(role: Role) -> usize {
    match role {
        Role::Intake | Role::Dispatch | Role::FollowUp => 120,
        Role::Handle | Role::Review | Role::Supervise => 60,
        Role::Knowledge
        | Role::Publish
        | Role::Statistics
        | Role::Administer
        | Role::Security
        | Role::Audit
        | Role::Inspect
        | Role::Other(_) => 0,
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $code:literal $chinese:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Stable code, and name for screens.
            #[must_use]
            pub fn names(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($code, $chinese),)* }
            }

            /// The one of that code.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.names().0 == code)
            }
        }
    };
}

named! {
    /// Why somebody needs it.
    Reason {
        /// To reach the requester.
        Contact "contact" "联系诉求人",
        /// To see whether it is so.
        Verify "verify" "核实情况",
        /// To see whether it is dealt with.
        Supervise "supervise" "督办",
        /// Something else, in words.
        Other "other" "其他",
    }
}

named! {
    /// By what it is shown.
    Way {
        /// A page.
        Page "page" "网页",
        /// A program that asks the node.
        Api "api" "接口",
        /// A command.
        Command "command" "命令",
    }
}

/// Somebody asks to see the personal data of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// Of which.
    pub doc: ActId,
    /// By what.
    pub way: Way,
    /// Why.
    pub reason: Reason,
    /// Why, in words; needed where the reason is another one.
    pub note: String,
    /// What is shown.
    pub what: &'static str,
}

/// Somebody of a supervision organ looks at a whole case (36).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspect {
    /// At which.
    pub doc: ActId,
    /// By what.
    pub way: Way,
    /// Number of the document (文号) by which the organ looks.
    pub paper: String,
    /// For what, in words.
    pub purpose: String,
}

impl Kernel {
    /// Writes down who looks at which case by which document. Only when that is durable is it shown.
    pub(crate) fn inspect(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        look: &Inspect,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let (paper, purpose) = (trimmed(&look.paper), trimmed(&look.purpose));
        let Some(person) = person.filter(|person| self.roles_here(*person).contains(&Role::Inspect)) else {
            return Ok(Err(Refusal::NoNeedToKnow));
        };
        for (words, most) in [(&paper, PAPER_CHARS_MAX), (&purpose, NOTE_CHARS_MAX)] {
            if words.is_empty() {
                return Ok(Err(BadInput::NoPaper.into()));
            }
            if words.chars().count() > most || words.chars().any(control) {
                return Ok(Err(BadInput::Reason { most }.into()));
            }
        }
        if self.store.doc_no(&look.doc)?.is_none() {
            return Ok(Err(Refusal::NotFound));
        }
        if let Some(refusal) = self.shown_too_often(now, person, INSPECTIONS_PER_HOUR_MAX)? {
            return Ok(Err(refusal));
        }
        self.store.put_reveal(&RevealRow {
            at: now,
            person,
            doc: look.doc,
            way: look.way.names().0.to_owned(),
            reason: INSPECTION.0.to_owned(),
            note: purpose.to_owned(),
            what: "case".to_owned(),
            paper: paper.to_owned(),
        })?;
        Ok(Ok(Done::Revealed))
    }

    /// The roles of somebody in the unit of this node.
    pub(crate) fn roles_here(&self, person: PersonId) -> Vec<Role> {
        self.unit().map(|unit| self.registry.now().roles(person, unit)).unwrap_or_default()
    }

    /// Whether somebody has been shown so much within an hour. Counted by the order in which it was written: a clock that is put
    /// back neither frees nor bars for long.
    fn shown_too_often(&self, now: Millis, person: PersonId, most: usize) -> Result<Option<Refusal>, Fault> {
        let before = self.store.reveals(RevealFilter { person: Some(person), doc: None }, most)?;
        let first = most.checked_sub(1).and_then(|last| before.get(last));
        let first = first.filter(|row| (now - row.at).abs() < HOUR_MS);
        Ok(first.map(|first| Refusal::ShownTooOften {
            wait_s: (HOUR_MS - (now - first.at).abs()).unsigned_abs().div_ceil(1_000),
        }))
    }

    /// Writes down who is shown what. Only when that is durable is it shown.
    pub(crate) fn reveal(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        reveal: &Reveal,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let note = trimmed(&reveal.note);
        let roles = person.map(|person| self.roles_here(person)).unwrap_or_default();
        let most = roles.into_iter().map(reveals_per_hour_max).max().unwrap_or_default();
        let Some(person) = person.filter(|_| most > 0) else { return Ok(Err(Refusal::NoNeedToKnow)) };
        if note.chars().count() > NOTE_CHARS_MAX || note.chars().any(control) {
            return Ok(Err(BadInput::Reason { most: NOTE_CHARS_MAX }.into()));
        }
        if reveal.reason == Reason::Other && note.is_empty() {
            return Ok(Err(BadInput::NoReason.into()));
        }
        if self.store.doc_no(&reveal.doc)?.is_none() {
            return Ok(Err(Refusal::NotFound));
        }
        if let Some(refusal) = self.shown_too_often(now, person, most)? {
            return Ok(Err(refusal));
        }
        self.store.put_reveal(&RevealRow {
            at: now,
            person,
            doc: reveal.doc,
            way: reveal.way.names().0.to_owned(),
            reason: reveal.reason.names().0.to_owned(),
            note: note.to_owned(),
            what: reveal.what.to_owned(),
            paper: String::new(),
        })?;
        Ok(Ok(Done::Revealed))
    }
}
