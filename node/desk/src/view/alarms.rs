//! The alarm register as people see it.

use kernel::Alarm;
use regulation::ActId;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AlarmRow, Queries};

use super::person_name;
use crate::clock;
use crate::problem::Problem;

/// Alarms that are shown, at most.
const SHOWN_MAX: usize = 100;

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmView {
    /// Code of its kind.
    pub kind: String,
    /// Who or what causes it.
    pub source: String,
    /// What is known.
    pub detail: String,
    /// `notice`, `warning` or `critical`.
    pub severity: String,
    /// Who is to look at it: `operator` or `city`.
    pub owner: String,
    /// The same in Chinese.
    pub owner_name: String,
    /// What it says.
    pub sentence: String,
    /// The same in English.
    pub sentence_en: String,
    /// When it was raised first.
    pub first_at: String,
    /// When it was raised last.
    pub last_at: String,
    /// How often.
    pub count: u64,
    /// When somebody took note of it.
    pub acknowledged_at: Option<String>,
    /// Number of whoever did.
    pub acknowledged_by: Option<u32>,
    /// Name of whoever did.
    pub acknowledged_name: Option<String>,
    /// When it was over.
    pub over_at: Option<String>,
}

impl AlarmView {
    fn of(row: AlarmRow, at: &At<'_>) -> Self {
        let alarm = Alarm::parse(&row.kind);
        let (sentence, sentence_en) = alarm.map_or(("较新版本的告警", "an alarm of a newer version"), Alarm::sentences);
        let (owner, owner_name) = alarm.map_or(("operator", "本机管理员"), |alarm| alarm.owner().names());
        Self {
            severity: alarm.map_or("warning", |alarm| alarm.severity().code()).to_owned(),
            owner: owner.to_owned(),
            owner_name: owner_name.to_owned(),
            sentence: sentence.to_owned(),
            sentence_en: sentence_en.to_owned(),
            first_at: clock::text(row.first_at),
            last_at: clock::text(row.last_at),
            count: row.count,
            acknowledged_at: row.acknowledged.map(|(_, at)| clock::text(at)),
            acknowledged_by: row.acknowledged.map(|(person, _)| person.0),
            acknowledged_name: row.acknowledged.map(|(person, _)| person_name(at, person)),
            over_at: row.over_at.map(clock::text),
            kind: row.kind,
            source: row.source,
            detail: row.detail,
        }
    }

    /// It stands: it is not over and nobody has taken note of it.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.acknowledged_at.is_none() && self.over_at.is_none()
    }
}

/// The alarms of this node: those that stand first, then the newest.
///
/// # Errors
/// The database cannot be read.
pub fn alarms(store: &Queries, at: &At<'_>) -> Result<Vec<AlarmView>, Problem> {
    let mut all: Vec<AlarmView> =
        store.alarms(store::ALARM_ROWS_MAX)?.into_iter().map(|row| AlarmView::of(row, at)).collect();
    all.sort_by_key(|alarm| !alarm.stands());
    all.truncate(SHOWN_MAX);
    for alarm in all.iter_mut().filter(|alarm| alarm.kind == Alarm::TwinActs.code()) {
        let words: Result<Vec<String>, Problem> = alarm.detail.split(' ').map(|word| named(store, word)).collect();
        alarm.detail = words?.join(" ");
    }
    Ok(all)
}

/// The id of an act of a ticket, with what people know of it: the ticket's number and title, and when the act came here. It
/// is said where it is shown, and nowhere in a log.
fn named(store: &Queries, word: &str) -> Result<String, Problem> {
    let (word, rest) = word.strip_suffix(',').map_or((word, ""), |word| (word, ","));
    let act = ActId::parse(word).map(|id| store.act(&id)).transpose()?.flatten();
    let ticket = act.as_ref().map(|act| store.ticket(act.doc)).transpose()?.flatten();
    Ok(match (act, ticket) {
        (Some(act), Some(ticket)) => {
            let at = clock::text(act.received_at);
            let (at, short) = (at.get(..16).unwrap_or(&at).replace('T', " "), word.get(..12).unwrap_or(word));
            format!("{}《{}》（{at}，{short}）{rest}", ticket.number, ticket.title)
        }
        _ => format!("{word}{rest}"),
    })
}
