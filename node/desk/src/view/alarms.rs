//! The alarm register as people see it.

mod detail;

use kernel::alarm::Owner;
use kernel::{Alarm, Cause, Detail};
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AlarmRow, Queries};

use super::{Both, UnitRef, person_name};
use crate::clock;
use crate::problem::Problem;

/// Alarms that are shown, at most.
const SHOWN_MAX: usize = 100;

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlarmView {
    /// Code of its kind.
    pub kind: String,
    /// Who or what causes it: by this it is acknowledged.
    pub source: String,
    /// What it is called.
    pub source_name: String,
    /// The same in English.
    pub source_name_en: String,
    /// What is known.
    pub detail: String,
    /// The same in English.
    pub detail_en: String,
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
    fn of(row: AlarmRow, store: &Queries, at: &At<'_>) -> Result<Self, Problem> {
        let (detail, detail_en) = said(&row, store, at)?;
        let (source_name, source_name_en) = caused(&row, at);
        let alarm = Alarm::parse(&row.kind);
        let (sentence, sentence_en) = alarm.map_or(("较新版本的告警", "an alarm of a newer version"), Alarm::sentences);
        let (owner, owner_name) = alarm.map_or(Owner::Operator, Alarm::owner).names();
        Ok(Self {
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
            source_name,
            source_name_en,
            detail,
            detail_en,
        })
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
    let mut rows = store.alarms(store::ALARM_ROWS_MAX)?;
    rows.sort_by_key(|row| row.acknowledged.is_some() || row.over_at.is_some());
    rows.truncate(SHOWN_MAX);
    rows.into_iter().map(|row| AlarmView::of(row, store, at)).collect()
}

/// What is known of an alarm, in Chinese and English.
///
/// # Errors
/// The database cannot be read.
pub fn said(row: &AlarmRow, store: &Queries, at: &At<'_>) -> Result<Both, Problem> {
    match Detail::parse(&row.detail) {
        Some(detail) => detail::said(&detail, store, at),
        None => Ok(("本机程序版本不认识的内容".to_owned(), "something that this version does not know".to_owned())),
    }
}

fn caused(row: &AlarmRow, at: &At<'_>) -> Both {
    match Cause::parse(&row.source) {
        Some(Cause::Here) => ("本机".to_owned(), "this node".to_owned()),
        Some(Cause::Device(device)) => {
            let (chinese, english) = detail::device(at, device);
            match at.device(device).map(|known| UnitRef::of(at, known.unit).name) {
                Some(unit) => (
                    format!("{chinese}（{unit}，设备 {}）", device.0),
                    format!("{english} ({unit}, device {})", device.0),
                ),
                None => (chinese, english),
            }
        }
        Some(Cause::Stranger) => ("名册中没有的设备".to_owned(), "a device that is not in the registry".to_owned()),
        Some(Cause::Address(address)) => (address.to_string(), address.to_string()),
        None => (row.source.clone(), row.source.clone()),
    }
}
