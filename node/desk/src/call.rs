//! What commands and programs ask of a node: one closed list, the same whether the node runs in this process or in
//! another one behind its HTTP port.
//!
//! [`answer`] believes whom it is told; what comes from outside comes through [`ask`], which asks for a session.

mod answer;
pub mod answers;
mod asker;
mod cover;
mod days;
mod duties;
mod hub;
mod password;
pub mod questions;
mod registry;
mod session;
mod shown;
mod times;
mod who;

use std::fmt;

pub use days::{due_by, year_of};
use regulation::PersonId;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use session::ask;
pub use shown::{COMMAND_SESSION_MS_MAX, expires_at};
pub use who::Who;

use crate::once::RequestId;
use crate::problem::Problem;
use crate::report::Report;
use crate::reveal::RevealView;
use crate::{Desk, view};

/// Something asked, and by whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallBy {
    /// Login of the person; without it the one person with an account at this node.
    pub login: Option<String>,
    /// What.
    pub call: Call,
}

/// Something asked by a command or program: who it says that it is, and what shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Login of the person; without it the one of the session.
    #[serde(default)]
    pub login: Option<String>,
    /// What [`Call::SignIn`] was answered. Needed unless the operator opened the folder to all commands.
    #[serde(default)]
    pub session: Option<Secret>,
    /// Under which id; asked again under it, what changes something is not done again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// What.
    pub call: Call,
}

/// A password or a session: it stands in no log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A question, and what is answered to it.
pub trait Question: Into<Call> + DeserializeOwned + Send + 'static {
    /// The answer.
    type Answer: Serialize + DeserializeOwned + JsonSchema;
    /// Its name, `do` in JSON.
    const NAME: &'static str;
}

/// A question as it is told to programs: its name, the sentence that says what it is, and both shapes.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// The shape of the question.
    pub question: Schema,
    /// The shape of the answer.
    pub answer: Schema,
    /// Whether it is done once under the id of its request.
    pub once: bool,
}

macro_rules! calls {
    ($($name:ident = $code:literal => $answer:ty,)*) => {
        /// What is asked.
        #[derive(Clone, Serialize, Deserialize)]
        #[serde(tag = "do")]
        pub enum Call {
            $(#[doc = concat!("See [`questions::", stringify!($name), "`].")]
            #[serde(rename = $code)]
            $name(questions::$name),)*
        }

        $(impl From<questions::$name> for Call {
            fn from(question: questions::$name) -> Self {
                Self::$name(question)
            }
        }

        impl Question for questions::$name {
            type Answer = $answer;
            const NAME: &'static str = $code;
        })*

        /// Every question, with the shapes that it and its answer have.
        #[must_use]
        pub fn described(shapes: &mut SchemaGenerator) -> Vec<Described> {
            vec![$(Described {
                name: $code,
                question: <questions::$name as JsonSchema>::json_schema(shapes),
                answer: shapes.subschema_for::<$answer>(),
                once: ONCE.contains(&$code),
            },)*]
        }

        impl Call {
            /// Its name, `do` in JSON.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $code,)*
                }
            }
        }
    };
}

// Whoever adds a question says here what is answered, in `who.rs` who may ask, and in `answer.rs` how it is done.
calls! {
    SignIn = "sign-in" => answers::Session,
    SignOut = "sign-out" => answers::SignedOut,
    Act = "act" => answers::Made,
    Ticket = "ticket" => view::TicketView,
    File = "file" => answers::File,
    Inspect = "inspect" => view::TicketView,
    Reveals = "reveals" => Vec<RevealView>,
    Proposals = "proposals" => answers::Proposals,
    Duplicates = "duplicates" => answers::Duplicates,
    Cover = "cover" => answers::Covers,
    Tickets = "tickets" => answers::Tickets,
    Article = "article" => view::ArticleView,
    Articles = "articles" => Vec<view::ArticleLine>,
    Import = "import" => answers::Import,
    Sync = "sync" => view::SyncView,
    Hurry = "hurry" => view::SyncView,
    Status = "status" => answers::Status,
    Invite = "invite" => answers::Invitation,
    Person = "person" => answers::PersonAdded,
    Roles = "roles" => answers::RolesChanged,
    Roster = "roster" => answers::Roster,
    Password = "password" => answers::PasswordSet,
    Due = "due" => answers::Due,
    Year = "year" => answers::Year,
    Calendar = "calendar" => answers::Calendar,
    Verify = "verify" => answers::Verified,
    Report = "report" => Report,
    Lock = "lock" => Report,
    Decide = "decide" => answers::Decided,
    Terms = "terms" => answers::Terms,
    Duties = "duties" => answers::Duties,
    Weights = "weights" => answers::Weights,
    Times = "times" => answers::Times,
    VoidTimes = "void-times" => answers::TimesVoided,
    Clock = "clock" => answers::Clock,
    WaiveHub = "waive-hub" => answers::Waived,
    HubTickets = "hub-tickets" => view::Uncertain,
    RetireHub = "retire-hub" => answers::HubRetired,
    Acknowledge = "acknowledge" => view::SyncView,
    Rebuild = "rebuild" => answers::Rebuilt,
    Units = "units" => Vec<view::UnitRef>,
    Categories = "categories" => Vec<answers::Category>,
}

/// What is done once under the id of its request. Of all else that is asked a second time does the same, adds nothing, is a
/// trace of its own, or, as an invitation, is a secret that is shown once and runs out by itself.
const ONCE: [&str; 11] =
    ["act", "person", "lock", "decide", "void-times", "retire-hub", "calendar", "clock", "terms", "duties", "weights"];

/// What only looks, whatever it is asked.
const LOOKS: [&str; 17] = [
    "reveals",
    "proposals",
    "duplicates",
    "tickets",
    "article",
    "articles",
    "sync",
    "status",
    "roster",
    "due",
    "year",
    "verify",
    "report",
    "times",
    "hub-tickets",
    "units",
    "categories",
];

// Forms hold what people said, names and telephones among it.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(…)")
    }
}

impl Call {
    /// Whether it is done once under the id of its request: it is of that sort, and changes something.
    #[must_use]
    pub fn done_once(&self) -> bool {
        let changes = match self {
            Self::Calendar(asked) => !asked.dry_run,
            Self::Clock(asked) => asked.confirm.is_some(),
            Self::Terms(_) | Self::Duties(_) | Self::Weights(_) => self.needs_person(),
            _ => true,
        };
        changes && ONCE.contains(&self.name())
    }

    /// Whether it only looks, and leaves nothing behind: not even that somebody was shown something.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        match self {
            Self::Ticket(asked) => asked.reveal.is_none(),
            Self::Calendar(_) | Self::Clock(_) | Self::Terms(_) | Self::Duties(_) | Self::Weights(_) => {
                !self.done_once()
            }
            _ => LOOKS.contains(&self.name()),
        }
    }
}

/// Answers a call of whoever is named: what asks for a session is [`ask`].
///
/// # Errors
/// What was not done, and why.
pub async fn answer(desk: &Desk, by: CallBy) -> Result<Value, Problem> {
    answer_named(desk, by, None).await
}

async fn answer_named(desk: &Desk, by: CallBy, request: Option<RequestId>) -> Result<Value, Problem> {
    let CallBy { login, call } = by;
    let person = match call.who() {
        Who::Anybody | Who::Owner => None,
        Who::AnybodyAndMore => asker::viewer(desk, login.as_deref()).await?,
        _ => Some(asker::person(desk, login.as_deref()).await?),
    };
    answer_to(desk, person, request, call).await
}

/// Answers a call of somebody who is known, if they may ask for it.
///
/// # Errors
/// What was not done, and why.
pub async fn answer_to(
    desk: &Desk,
    person: Option<PersonId>,
    request: Option<RequestId>,
    call: Call,
) -> Result<Value, Problem> {
    who::check(desk, person, &call)?;
    // Whoever may see one case alone is told no more than whoever is not signed in.
    let person = person.filter(|_| call.who() != Who::AnybodyAndMore || !asker::inspects(desk, person));
    answer::answer(desk, person, request, call).await
}

/// The answer to that question, as it is told.
fn told<Q: Question>(answer: Q::Answer) -> Result<Value, Problem> {
    serde_json::to_value(answer).map_err(|error| Problem::fault(&error))
}
