//! Showing personal data: who may ask for it, how often, and the trace that it leaves before anything is shown.

use regulation::{ActId, Millis, PersonId, Role};
use replica::characters::{control, trimmed};
use store::{RevealFilter, RevealRow};

use crate::outcome::{BadInput, Done, Refusal};
use crate::{Fault, Kernel};

/// Characters of the words that go with a reason, at most.
pub const NOTE_CHARS_MAX: usize = 200;
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

impl Kernel {
    /// Writes down who is shown what. Only when that is durable is it shown.
    pub(crate) fn reveal(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        reveal: &Reveal,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let (at, note) = (self.registry.now(), trimmed(&reveal.note));
        let unit = self.device().and_then(|device| at.device(device)).map(|device| device.unit);
        let roles = person.zip(unit).map(|(person, unit)| at.roles(person, unit)).unwrap_or_default();
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
        // Counted by the order in which they were written: a clock that is put back neither frees nor bars for long.
        let before = self.store.reveals(RevealFilter { person: Some(person), doc: None }, most)?;
        if let Some(first) = before.get(most - 1).filter(|row| (now - row.at).abs() < HOUR_MS) {
            let wait_s = (HOUR_MS - (now - first.at).abs()).unsigned_abs().div_ceil(1_000);
            return Ok(Err(Refusal::ShownTooOften { wait_s }));
        }
        self.store.put_reveal(&RevealRow {
            at: now,
            person,
            doc: reveal.doc,
            way: reveal.way.names().0.to_owned(),
            reason: reveal.reason.names().0.to_owned(),
            note: note.to_owned(),
            what: reveal.what.to_owned(),
        })?;
        Ok(Ok(Done::Revealed))
    }
}
