//! What commands and programs ask of a node: one closed list, the same whether the node runs in this process or in
//! another one behind its HTTP port.
//!
//! [`answer`] believes whom it is told; what comes from outside comes through [`ask`], which asks for a session.

mod answer;
mod asker;
mod days;
mod registry;
mod session;
mod who;

use std::fmt;

pub use days::{due_by, year_of};
use regulation::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use session::{COMMAND_SESSION_MS_MAX, ask, expires_at};
pub use who::Who;

use crate::Desk;
use crate::form::Filled;
use crate::import::Row;
use crate::once::RequestId;
use crate::problem::Problem;
use crate::reveal::Ask;

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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Which tickets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketQuery {
    /// In this state.
    pub state: Option<String>,
    /// Of this unit, by code or name.
    pub unit: Option<String>,
    /// Something is due before this time.
    pub due_before: Option<String>,
    /// Something is overdue.
    pub overdue: bool,
    /// Found by these words.
    pub text: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What is asked.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Call {
    /// Begin a session for commands.
    SignIn {
        /// Whose; without it the one person with an account at this node.
        login: Option<String>,
        /// The password.
        password: Secret,
    },
    /// End every session of commands of whoever asks, at this node.
    SignOut,
    /// Make an act; without `id` it begins a document.
    Act {
        /// Its kind.
        kind: String,
        /// The document.
        id: Option<String>,
        /// The form.
        fields: Filled,
    },
    /// Show a ticket.
    Ticket {
        /// Id, beginning of an id, or number.
        id: String,
        /// Show personal data, and why.
        #[serde(default)]
        reveal: Option<Ask>,
    },
    /// List who was shown personal data at this node.
    Reveals {
        /// Of which ticket; of all without it.
        id: Option<String>,
        /// Login of the person; all without it.
        of: Option<String>,
        /// At most so many.
        limit: Option<usize>,
    },
    /// What waits for a second person: what the asker may confirm, and what he has proposed.
    Proposals,
    /// Tickets that a ticket seems to repeat.
    Duplicates {
        /// Id, beginning of an id, or number.
        id: String,
    },
    /// List tickets.
    Tickets(TicketQuery),
    /// Show an article.
    Article {
        /// Id or beginning of an id.
        id: String,
    },
    /// Search articles, or list the last changed.
    Articles {
        /// Words.
        text: Option<String>,
        /// At most so many.
        limit: Option<usize>,
    },
    /// Take in rows of a file.
    Import {
        /// The rows.
        rows: Vec<Row>,
        /// Tell what would become of them, and change nothing.
        #[serde(default)]
        dry_run: bool,
        /// What to do with closed cases of the time before the city was in force; nothing without it.
        #[serde(default)]
        history: Option<crate::import::history::Step>,
    },
    /// How the node stands with its peers.
    Sync,
    /// Try every peer now.
    Hurry,
    /// What this node is and holds.
    Status,
    /// Make an invitation.
    Invite {
        /// Unit, by code or name.
        unit: String,
        /// `hub`, `office` or `laptop`.
        class: String,
        /// `HOST:PORT` where the new device finds this node; those of this machine where none is given.
        #[serde(default)]
        addresses: Vec<String>,
    },
    /// Add a person.
    Person {
        /// Unit, by code or name.
        unit: String,
        /// Name on screens.
        name: String,
        /// What the person types to sign in.
        login: String,
        /// Roles; the usual ones of the unit where none is named.
        roles: Vec<String>,
    },
    /// Give a person roles, or take some away.
    Roles {
        /// Whose.
        login: String,
        /// Roles that are given.
        add: Vec<String>,
        /// Roles that are taken away.
        remove: Vec<String>,
    },
    /// Who changed what in the registry, newest first; and the invitations of this node.
    Roster {
        /// At most so many.
        limit: Option<usize>,
    },
    /// Set a password at this node.
    Password {
        /// Whose.
        login: String,
        /// The password.
        password: Secret,
    },
    /// When a term of working days ends.
    Due {
        /// When it begins.
        start: String,
        /// Working days.
        days: u32,
    },
    /// Days of a year that are not what their weekday says.
    Year {
        /// The year.
        year: i32,
    },
    /// Bring the calendar up to date.
    Calendar {
        /// What a file of holidays says: CSV, JSON or ICS.
        text: String,
        /// Tell what would change, and change nothing.
        #[serde(default)]
        dry_run: bool,
    },
    /// Check acts against their signatures.
    Verify {
        /// A document; all without it.
        id: Option<String>,
        /// Only what lists and figures show.
        #[serde(default)]
        projections: bool,
    },
    /// Make a report from what is held here.
    Report {
        /// `daily`, `rates` or `exclusions`.
        kind: String,
        /// `2026-11-25`, `2026-11` or `2026`.
        period: String,
    },
    /// Propose to lock the table of rates of a month, or show it as it was proposed.
    Lock {
        /// `2026-11`.
        period: String,
    },
    /// Confirm a change of the registry that somebody else has proposed, or decline it; or take back one's own.
    Decide {
        /// Hash of the entry that proposes, or its beginning.
        proposal: String,
        /// Confirm it.
        confirm: bool,
    },
    /// Show how much each rate counts, or change it. What is not given stays.
    Weights {
        /// 响应率, percent.
        response: Option<u32>,
        /// 解决率, percent.
        solution: Option<u32>,
        /// 满意率, percent.
        satisfaction: Option<u32>,
        /// What half an answer is worth, percent.
        mostly: Option<u32>,
    },
    /// Show what the clock of the node's machine is, or say that it is right.
    Clock {
        /// The time that it showed to whoever says so; nothing is said without.
        confirm: Option<i64>,
    },
    /// Say that no other node holds an entry of the registry that is not here, after a loss.
    ConfirmRegistry,
    /// Take upon oneself that the city hub, which was put back, goes on without having heard every county. It does once
    /// two have.
    WaiveHub,
    /// Take note of an alarm.
    Acknowledge {
        /// Code of its kind.
        kind: String,
        /// Its source.
        source: String,
    },
    /// Build everything but acts and parts again.
    Rebuild,
    /// List units.
    Units,
    /// List categories.
    Categories,
}

// Forms hold what people said, names and telephones among it.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(…)")
    }
}

impl Call {
    /// Whether it is done once under the id of its request. Of all else that is asked a second time does the same, adds
    /// nothing, or is a trace of its own.
    #[must_use]
    pub fn done_once(&self) -> bool {
        match self {
            Self::Act { .. } | Self::Person { .. } | Self::Lock { .. } | Self::Decide { .. } => true,
            Self::Calendar { dry_run, .. } => !dry_run,
            Self::Clock { confirm } => confirm.is_some(),
            Self::Weights { .. } => self.needs_person(),
            _ => false,
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
    answer::answer(desk, person, request, call).await
}

fn to_value(value: &impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| Problem::fault(&error))
}
