//! What can be asked, each question with all that belongs to it. A member that is none is refused: who misspells `dry_run`
//! must not find that it was no dry run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Secret;
use crate::form::Filled;
use crate::import::Row;
use crate::import::history::Step;
use crate::reveal::Ask;

/// Begin a session for commands.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Whose; without it the one person with an account at this node.
    pub login: Option<String>,
    /// The password.
    pub password: Secret,
}

/// End every session of commands of whoever asks, at this node.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOut {}

/// Make an act; without `id` it begins a document.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Its kind.
    #[schemars(extend("enum" = crate::shapes::acts_of_people()))]
    pub kind: String,
    /// The document.
    pub id: Option<String>,
    /// The form.
    pub fields: Filled,
}

/// Show a ticket.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Id, beginning of an id, or number.
    pub id: String,
    /// Show personal data, and why.
    #[serde(default)]
    pub reveal: Option<Ask>,
}

/// Be shown a file of a ticket that this node keeps: it is written down, and said where it lies.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Id, beginning of an id, or number of the ticket.
    pub id: String,
    /// The digest of the file, or its first 8 characters at least; needed where the ticket has several.
    pub digest: Option<String>,
    /// Why.
    pub reveal: Ask,
}

/// Look at one case for a supervision organ, by a document of its own (36): written down, then the whole case is told.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inspect {
    /// Number or id of the ticket.
    pub id: String,
    /// Number of the document (文号).
    pub paper: String,
    /// For what, on one line.
    pub purpose: String,
    /// `api` or `command`; a program that says nothing is one.
    #[serde(default)]
    pub way: Option<String>,
}

/// Show who of the unit of this node has a deputy or a leave, or change that. It is kept by this node.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// What is changed.
    #[serde(default)]
    pub change: Option<CoverChange>,
}

/// What is said of deputies and leave.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CoverChange {
    /// Name somebody's deputy (B 岗), or none.
    Deputy {
        /// Login of the person.
        of: String,
        /// Login of the deputy; without it there is none any more.
        #[serde(default)]
        deputy: Option<String>,
    },
    /// Somebody is on leave.
    Leave {
        /// Login of the person.
        of: String,
        /// The first day, such as `2027-01-01`; today without it.
        #[serde(default)]
        from: Option<String>,
        /// The last day.
        #[serde(default)]
        until: Option<String>,
        /// Or how many days; one without either.
        #[serde(default)]
        days: Option<u32>,
        /// Login of whoever covers; the deputy without it.
        #[serde(default)]
        cover: Option<String>,
    },
    /// Somebody is back, or does not go.
    Back {
        /// Login of the person.
        of: String,
    },
}

/// List who was shown personal data at this node.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reveals {
    /// Of which ticket; of all without it.
    pub id: Option<String>,
    /// Login of the person; all without it.
    pub of: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// What waits for a second person: what the asker may confirm, and what he has proposed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposals {}

/// Tickets that a ticket seems to repeat.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    /// Id, beginning of an id, or number.
    pub id: String,
}

/// List tickets.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tickets {
    /// In this state.
    #[schemars(extend("enum" = crate::shapes::ticket_states_or_none()))]
    pub state: Option<String>,
    /// Of this unit, by code or name.
    pub unit: Option<String>,
    /// Something is due before this time.
    pub due_before: Option<String>,
    /// Something is overdue.
    pub overdue: bool,
    /// Of which the unit has to take note: an act of it was not adopted, or something was decided on one.
    pub heeds: bool,
    /// In which the unit acted within 90 days, and has no part any more.
    pub handled: bool,
    /// Found by these words, or by a number, its end, the number at the source, or who raised it.
    pub text: Option<String>,
    /// At most so many, and 500; the cursor of the answer tells where the rest begins.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Only what whoever asks has in hand, or covers for today.
    #[serde(default)]
    pub mine: bool,
}

/// Show an article.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Id or beginning of an id.
    pub id: String,
}

/// Search articles, or list the last changed.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Articles {
    /// Words.
    pub text: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Those of which others found something wrong instead, what is due first first: of this unit, at the city of all.
    #[serde(default)]
    pub corrections: bool,
}

/// Take in rows of a file.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// The rows.
    pub rows: Vec<Row>,
    /// Tell what would become of them, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What to do with closed cases of the time before the city was in force; nothing without it.
    #[serde(default)]
    pub history: Option<Step>,
    /// Where a list of such cases goes on, from the answer before.
    #[serde(default)]
    pub after: Option<String>,
}

/// How the node stands with its peers.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sync {}

/// Try every peer now.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hurry {}

/// What this node is and holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {}

/// Make an invitation.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Unit, by code or name.
    pub unit: String,
    /// `hub`, `office` or `laptop`.
    pub class: String,
    /// `HOST:PORT` where the new device finds this node; those of this machine where none is given.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// Add a person.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Unit, by code or name.
    pub unit: String,
    /// Name on screens.
    pub name: String,
    /// What the person types to sign in.
    pub login: String,
    /// Roles; the usual ones of the unit where none is named.
    pub roles: Vec<String>,
}

/// Give a person roles, or take some away.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Whose.
    pub login: String,
    /// Roles that are given.
    pub add: Vec<String>,
    /// Roles that are taken away.
    pub remove: Vec<String>,
}

/// Who changed what in the registry, newest first; and the invitations of this node.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// At most so many.
    pub limit: Option<usize>,
}

/// Set a password at this node: one's own with the old one, which ends every session of the person, or somebody else's first one,
/// which opens nothing but choosing one's own.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// Whose.
    pub login: String,
    /// The password.
    pub password: Secret,
    /// The one that there is: whoever shows it needs no session.
    #[serde(default)]
    pub old: Option<Secret>,
}

/// When a term of working days ends.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// When it begins.
    pub start: String,
    /// Working days.
    pub days: u32,
}

/// Days of a year that are not what their weekday says.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The year.
    pub year: i32,
}

/// Bring the calendar up to date.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// What a file of holidays says: CSV, JSON or ICS.
    pub text: String,
    /// Tell what would change, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Check acts against their signatures.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// A document; all without it.
    pub id: Option<String>,
    /// Only what lists and figures show.
    #[serde(default)]
    pub projections: bool,
}

/// Make a report from what is held here.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `daily`, `rates` or `exclusions`.
    #[schemars(extend("enum" = ["daily", "rates", "exclusions"]))]
    pub kind: String,
    /// `2026-11-25`, `2026-11` or `2026`.
    pub period: String,
    /// Where the list of what does not count goes on, from the answer before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// Propose to lock the table of rates of a month, or show it as it was proposed.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// `2026-11`.
    pub period: String,
}

/// Confirm a change of the registry that somebody else has proposed, or decline it; or take back one's own.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Hash of the entry that proposes, or its beginning.
    pub proposal: String,
    /// Confirm it.
    pub confirm: bool,
    /// Why it is declined, or taken back; on one line.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Show every term and limit that a city may set, or propose to set some.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What is to be set: by name or number, the value. What is not named stays.
    #[serde(default)]
    pub set: Vec<(String, u32)>,
    /// From which day on, such as `2027-01-01`: one that has not begun. Without it, once it is confirmed.
    #[serde(default)]
    pub from: Option<String>,
}

/// Show the duty list, or propose to set or retire entries of it.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duties {
    /// Only what is this unit's duty.
    #[serde(default)]
    pub unit: Option<String>,
    /// Entries that are to say this. What is not named stays.
    #[serde(default)]
    pub set: Vec<DutySet>,
    /// Numbers of entries that are to be retired, for good.
    #[serde(default)]
    pub retire: Vec<u32>,
    /// From which day on, such as `2027-01-01`: one that has not begun. Without it from tomorrow; the first list once it is confirmed.
    #[serde(default)]
    pub from: Option<String>,
}

/// What an entry of the duty list is to say.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DutySet {
    /// Its number.
    pub number: u32,
    /// The unit whose duty it is: this or `class`. It stays with whose it is.
    #[serde(default)]
    pub unit: Option<String>,
    /// The kind of units of which each has that duty, such as `township`.
    #[serde(default)]
    pub class: Option<String>,
    /// The category that it is about, if it is about one.
    #[serde(default)]
    pub category: Option<String>,
    /// What the duty is, on one line.
    pub text: String,
    /// The law, plan or document that it rests on, on one line.
    pub basis: String,
}

/// Show how much each rate counts, or change it. What is not given stays.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// 响应率, percent.
    pub response: Option<u32>,
    /// 解决率, percent.
    pub solution: Option<u32>,
    /// 满意率, percent.
    pub satisfaction: Option<u32>,
    /// What half an answer is worth, percent.
    pub mostly: Option<u32>,
    /// From which day on, such as `2027-01-01`: one that has not begun. Without it, once it is confirmed.
    #[serde(default)]
    pub from: Option<String>,
}

/// List times that the city hub signed, by their numbers, the newest first, and what was voided of them.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// From this number back.
    #[serde(default)]
    pub upto: Option<u64>,
    /// At most so many.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Propose to void the numbers of a wrong clock of the city hub's.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidTimes {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Why.
    pub reason: String,
}

/// Show what the clock of the node's machine is, or say that it is right.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// The time that it showed to whoever says so; nothing is said without.
    pub confirm: Option<i64>,
}

/// Take upon oneself that the city hub, which was put back, goes on without having heard every county. It does once
/// two have.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiveHub {
    /// Units of the counties without which it goes on; all for which it waits if none is named.
    #[serde(default)]
    pub counties: Vec<String>,
}

/// What may change on tickets when the counties are heard that the city hub, which was put back, has not heard yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HubTickets {
    /// Of that county alone.
    #[serde(default)]
    pub county: Option<String>,
    /// The id of the last ticket of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

/// Propose to take a hub out of use whose machine is lost for good: nobody waits for it any more.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetireHub {
    /// Name of the device, or of its unit if that has no other hub.
    pub hub: String,
}

/// Take note of an alarm.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// Code of its kind.
    pub kind: String,
    /// Its source; empty, or left out, where it is this node.
    #[serde(default)]
    pub source: String,
}

/// Build everything but acts and parts again.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rebuild {}

/// List units.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Units {}

/// List categories.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Categories {}
