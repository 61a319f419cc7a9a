//! What is answered, where it is not something that pages show too (those are in [`crate::view`] and [`crate::report`]).
//! Times are ISO 8601 with the offset +08:00; ids and hashes are hex.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Secret;
use crate::enrol::InvitationView;
use crate::fault::LastFault;
use crate::holidays::YearSummary;
use crate::import::{Imported, history};
use crate::report::WeightsUsed;
use crate::verify::Checked;
use crate::view::{
    CoverLine, DuplicateView, DutyView, EntryView, FileView, Pending, RegistryProposal, SplitView, SyncView, TicketLine,
};

/// A session for commands was begun.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Whose.
    pub login: String,
    /// What is shown with each question from now on.
    pub session: Secret,
    /// When it ends.
    pub expires_at: String,
}

/// Every session of commands was ended.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SignedOut {
    /// Whose.
    pub login: String,
}

/// An act was made, or was there already.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Made {
    /// The document.
    pub id: String,
    /// The act; nothing where none was made.
    pub act: Option<String>,
    /// Number of the ticket; articles have none.
    pub number: Option<String>,
    /// It was there already, and nothing was added.
    pub known: bool,
    /// Of a new ticket: which it seems to repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Vec<DuplicateView>>,
}

/// A file of a ticket, which was written down as shown: it lies in the folder of the node.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Id of the ticket.
    pub doc: String,
    /// The file.
    pub file: FileView,
}

/// What waits for a second person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Proposals {
    /// In tickets and articles.
    pub proposals: Vec<Pending>,
    /// Changes of the registry.
    pub registry: Vec<RegistryProposal>,
}

/// Which tickets one seems to repeat.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Duplicates {
    /// The ticket.
    pub id: String,
    /// Its number.
    pub number: String,
    /// The likeliest first.
    pub duplicates: Vec<DuplicateView>,
}

/// Who of the unit has a deputy or a leave.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Covers {
    /// By login.
    pub people: Vec<CoverLine>,
    /// Tickets in hand in which the change was noted.
    pub told: usize,
    /// Tickets in hand in which it could not be noted.
    pub left: usize,
}

/// A page of tickets.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tickets {
    /// What is due first stands first; of what was searched for, what came last.
    pub tickets: Vec<TicketLine>,
    /// How many there are on all pages.
    pub total: u64,
    /// They were not counted to the end: there are at least so many.
    #[serde(default)]
    pub at_least: bool,
    /// Where the next page begins.
    pub cursor: Option<String>,
    /// How many documents are shown as they were before something changed.
    pub recalculating: u64,
}

/// What the node is and holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Name of the city.
    pub city: String,
    /// Version of the program.
    pub version: String,
    /// Since when it runs.
    pub started_at: String,
    /// `open` or `signed-in`: in whose name commands act.
    pub commands: String,
    /// Where peers find it.
    pub listening: Option<String>,
    /// Tickets by state.
    pub states: BTreeMap<String, u64>,
    /// How it stands with its peers.
    pub sync: SyncView,
    /// How many logins hold together what two people should: of this unit, at the city of all. The roster says whose.
    #[serde(default)]
    pub unsplit: usize,
    /// Articles of which others found something wrong that was not answered in time: of this unit, at the city of all.
    #[serde(default)]
    pub corrections_overdue: u64,
    /// `ok`, `full` where nothing can be saved, or `stopped`.
    #[schemars(extend("enum" = ["ok", "full", "stopped"]))]
    pub state: String,
    /// Why it last ended by itself.
    pub last_fault: Option<LastFault>,
}

/// An invitation for a new device.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// What the new device is given.
    pub token: Secret,
    /// `HOST:PORT` where it finds this node.
    pub addresses: Vec<String>,
    /// When it ends.
    pub expires_at: String,
}

/// A person was added.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PersonAdded {
    /// Number of the person.
    pub person: u32,
    /// What the person types to sign in.
    pub login: String,
    /// What they hold together that two people should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsplit: Option<SplitView>,
}

/// The roles of a person as they are now.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RolesChanged {
    /// Number of the person.
    pub person: u32,
    /// What the person types to sign in.
    pub login: String,
    /// All roles.
    pub roles: Vec<String>,
    /// Whether anything is other than before.
    pub changed: bool,
    /// What they hold together that two people should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsplit: Option<SplitView>,
}

/// Who changed what in the registry, and the invitations of this node.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Roster {
    /// Version of the registry.
    pub version: u32,
    /// The newest first.
    pub entries: Vec<EntryView>,
    /// Those that were made here.
    pub invitations: Vec<InvitationView>,
    /// Whose login holds together what two people should: of this unit, at the city of all.
    #[serde(default)]
    pub unsplit: Vec<SplitView>,
}

/// A password was set.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PasswordSet {
    /// Whose.
    pub login: String,
}

/// When a term of working days ends.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Due {
    /// The last working day of it.
    pub last_day: String,
    /// The end of that day.
    pub due: String,
    /// It reaches into a year whose holidays are not known yet.
    pub provisional: bool,
    /// By which calendar.
    pub calendar_version: u32,
}

/// The days of a year that are not what their weekday says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Year {
    /// The year.
    pub year: i32,
    /// Whether its holidays were announced.
    pub known: bool,
    /// The days in their order.
    pub days: Vec<Day>,
}

/// A day that is not what its weekday says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// `2026-10-01`.
    pub date: String,
    /// `work` or `off`.
    #[schemars(extend("enum" = ["work", "off"]))]
    pub kind: String,
    /// Of which holiday.
    pub name: String,
}

/// What importing a calendar changed, or would change.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Calendar {
    /// The version that holds now.
    pub calendar_version: u32,
    /// Whether it says anything new.
    pub changed: bool,
    /// Days that were read.
    pub days: usize,
    /// Year by year.
    pub years: Vec<YearSummary>,
    /// Open tickets whose dues would move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<usize>,
    /// Not all tickets were looked at for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<bool>,
}

/// What importing came to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Import {
    /// Of each row, in their order.
    Rows(Vec<Imported>),
    /// Cases of history that wait for a second person.
    Waiting(history::Waiting),
    /// Cases of history were filed.
    Filed(history::Filed),
}

/// What checking acts against their signatures found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Verified {
    /// Lists and figures alone.
    Listed {
        /// Nothing is wrong.
        ok: bool,
        /// Documents that were looked at.
        listed: usize,
        /// What lists and figures show otherwise than acts say.
        off: Vec<String>,
        /// How many documents are shown as they were before something changed.
        recalculating: u64,
    },
    /// Everything.
    Everything {
        /// Nothing is wrong.
        ok: bool,
        /// Documents.
        documents: u64,
        /// Acts.
        acts: u64,
        /// Of them settled.
        settled: u64,
        /// Those that are wrong, at most a hundred.
        wrong: Vec<Checked>,
        /// Damage to the database.
        damaged: Vec<String>,
        /// What lists and figures show otherwise than acts say.
        off: Vec<String>,
        /// How many documents are shown as they were before something changed.
        recalculating: u64,
    },
    /// One document.
    Document {
        /// Nothing is wrong.
        ok: bool,
        /// Acts that the asker's unit is shown.
        count: usize,
        /// Of them settled.
        settled: usize,
        /// The document, to whoever is signed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Act by act, to whoever is signed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acts: Option<Vec<Checked>>,
    },
}

impl Verified {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn ok(&self) -> bool {
        match self {
            Self::Listed { ok, .. } | Self::Everything { ok, .. } | Self::Document { ok, .. } => *ok,
        }
    }
}

/// A proposed change of the registry was confirmed, or ended.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Decided {
    /// Hash of the entry that proposed it, as it was given.
    pub proposal: String,
    /// Confirmed, not declined.
    pub confirmed: bool,
    /// Version of the registry now.
    pub version: u32,
}

/// The terms and limits as they are set.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// Version of the registry that is held here: a node out of reach may not know of a change yet.
    pub version: u32,
    /// Each by its number.
    pub terms: Vec<Term>,
    /// The newest edition of the rules that the program of this node carries.
    pub carries: u16,
    /// What the program of each hub carries: an edition is put in force once all of them carry it.
    pub hubs: Vec<HubCarries>,
    /// Whether something else was asked for.
    pub changed: bool,
    /// What was asked for, as it waits for a second person.
    pub proposed: Option<RegistryProposal>,
    /// What of this waits, lapsed or was answered, to whoever may answer it.
    pub proposals: Vec<RegistryProposal>,
}

/// A hub, and what it has said of its program.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HubCarries {
    /// The device.
    pub device: u32,
    /// What people call it.
    pub name: String,
    /// The newest edition of the rules that its program carries.
    pub carries: u16,
}

/// A number that a city may set.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// Its number.
    pub number: u16,
    /// Its name in commands.
    pub name: String,
    /// Its name on screens.
    pub name_zh: String,
    /// What it says, in English.
    pub about: String,
    /// The article, such as `21(1)`.
    pub article: String,
    /// What it counts in, in Chinese.
    pub unit: String,
    /// The same in English.
    pub unit_en: String,
    /// What it is.
    pub value: u32,
    /// What holds where nobody set it.
    pub usual: u32,
    /// The least that can be set.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// The version of the registry that it holds since; 0 if nobody set it.
    pub since_version: u32,
    /// Since when it holds.
    pub since: Option<String>,
    /// What it is set to for days to come, the soonest first.
    pub planned: Vec<Planned>,
}

/// A value from a day on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Planned {
    /// The day.
    pub from: String,
    /// The value.
    pub value: u32,
}

/// The duty list.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Duties {
    /// Version of the registry that is held here: a node out of reach may not know of a change yet.
    pub version: u32,
    /// What holds now, by its number.
    pub duties: Vec<DutyView>,
    /// What is to hold, or to be retired, on days to come, the soonest first.
    pub planned: Vec<DutyPlanned>,
    /// Whether something else was asked for.
    pub changed: bool,
    /// What was asked for, as it waits for a second person.
    pub proposed: Option<RegistryProposal>,
    /// What of this waits, lapsed or was answered, to whoever may answer it.
    pub proposals: Vec<RegistryProposal>,
}

/// What an entry of the duty list is to say from a day on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DutyPlanned {
    /// The day.
    pub from: String,
    /// Its number.
    pub number: u32,
    /// What it says then; absent where it is retired.
    pub duty: Option<DutyView>,
}

/// How much each rate counts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Weights {
    /// What holds now.
    #[serde(flatten)]
    pub used: WeightsUsed,
    /// What is agreed for days to come, the soonest first.
    pub planned: Vec<WeightsPlanned>,
    /// Whether something else was asked for.
    pub changed: bool,
    /// What was asked for, as it waits for a second person.
    pub proposed: Option<RegistryProposal>,
    /// What of this waits, lapsed or was answered, to whoever may answer it.
    pub proposals: Vec<RegistryProposal>,
}

/// Weights from a day on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WeightsPlanned {
    /// That day.
    pub from: String,
    /// 响应率, percent.
    pub response: u32,
    /// 解决率, percent.
    pub solution: u32,
    /// 满意率, percent.
    pub satisfaction: u32,
    /// 基本解决 and 基本满意, percent of a whole one.
    pub mostly: u32,
}

/// Times that the city hub signed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// The newest first.
    pub times: Vec<SignedTime>,
    /// What was voided, the oldest first.
    pub voided: Vec<VoidedTimes>,
    /// By which version of the registry.
    pub version: u32,
    /// What is proposed to be voided, lapsed or was answered, to whoever may answer it.
    pub proposals: Vec<RegistryProposal>,
}

/// A time that the city hub signed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SignedTime {
    /// Its number.
    pub number: u64,
    /// The time.
    pub at: String,
    /// It counts for nothing.
    pub voided: bool,
    /// It is later than what followed it, or than now: the clock was ahead.
    pub ahead: bool,
}

/// Numbers that were voided.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct VoidedTimes {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Why.
    pub reason: String,
    /// By which version of the registry.
    pub version: u32,
}

/// Numbers that are proposed to be voided.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TimesVoided {
    /// What waits for a second person.
    pub proposed: Option<RegistryProposal>,
}

/// What the clock of the node's machine is.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// What it shows.
    pub now: String,
    /// The same, in milliseconds since 1970.
    pub ms: i64,
    /// It is not believed: nothing is done by itself.
    pub doubtful: bool,
}

/// Somebody took it upon oneself that the hub goes on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Waived {
    /// How many more have to.
    pub left: u8,
    /// Who has.
    pub by: Vec<String>,
    /// Who else could.
    pub others: Vec<String>,
}

/// A hub that is proposed to be taken out of use.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct HubRetired {
    /// What waits for a second person.
    pub proposed: Option<RegistryProposal>,
}

/// Everything but acts and parts is built again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rebuilt {
    /// Documents that are to be shown anew.
    pub documents: usize,
}

/// A category of requests.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Category {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}
