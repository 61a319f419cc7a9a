//! What people and programs are shown: plain serialisable data, read from the store and the fold.
//!
//! Codes are stable (`state`), names beside them are for screens (`state_name`). Times are RFC 3339 in local time.

mod act;
mod alarms;
mod article;
mod closing;
mod cover;
mod duplicates;
mod duty;
mod fate;
mod file;
mod found;
mod line;
mod private;
mod proposal;
mod proposed;
mod room;
mod roster;
mod said;
mod second;
mod splits;
mod summary;
mod sync;
mod ticket;
mod uncertain;

use regulation::{DeviceId, PersonId, UnitId};
use replica::Class;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use act::value_name;
pub use act::{ActView, Overruled, acts};
pub use alarms::{AlarmView, said};
pub use article::{
    ArticleLine, ArticleView, BlockView, WordingView, article, article_line, corrections_of, corrections_overdue,
};
pub use closing::LackView;
pub use cover::{CoverLine, HandlerView, LeaveView, covers, day_text, looks_after};
pub use duplicates::{DuplicateView, duplicates};
pub use duty::DutyView;
pub use fate::{FateView, WordView, fates_of};
pub use file::{AlsoView, FileView};
pub use found::{Total, handled_lately, sought, total};
pub use line::{DueView, TicketLine, ticket_line};
pub use private::{PartsView, Requester, may_reveal, may_see_files};
pub use proposal::{Concerns, PENDING_DOCS_MAX, Pending, ProposalView, pending, proposals, waits_for};
pub(crate) use proposed::ended;
pub use proposed::{
    OF_TERMS, PROPOSALS_OVER_MAX, RegistryProposal, SettingChange, proposal_of, proposals_of, registry_proposal,
    registry_proposals, registry_waits_for, with_terms,
};
pub use room::{ROOM_SCARCE_ACTS, RoomView, UnitRoom, room};
pub use roster::{EntryView, entry};
pub use second::{Doubt, FirstBy};
pub use splits::{SplitView, split_of, splits};
pub use sync::{PeerView, SyncView, sync, sync_now};
pub use ticket::{Called, Conflict, OptionView, RatingView, TicketView, called, find, options, ticket};
pub use uncertain::{UNCERTAIN_ROWS_MAX, Uncertain, Unheard, devices_of, uncertain};

/// What is said in Chinese, and in English.
type Both = (String, String);

/// A unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitRef {
    /// Its ordinal.
    pub id: u32,
    /// Its code.
    pub code: String,
    /// Its short name.
    pub name: String,
}

impl UnitRef {
    /// The unit of that ordinal.
    #[must_use]
    pub fn of(at: &At<'_>, unit: UnitId) -> Self {
        let known = at.unit(unit);
        Self {
            id: unit.0,
            code: known.map(|unit| unit.code.clone()).unwrap_or_default(),
            name: known.map_or_else(|| format!("单位{}", unit.0), |unit| unit.short.clone()),
        }
    }
}

/// The hub of the county above a unit, whose acknowledgements count as 县热线已收.
pub(crate) fn county_hub(at: &At<'_>, unit: UnitId) -> Option<DeviceId> {
    let county = std::iter::successors(Some(unit), |unit| at.unit(*unit).and_then(|unit| unit.parent))
        .take(4)
        .find(|unit| at.level(*unit) == regulation::Level::CountyHotline)?;
    at.devices().find(|(_, device)| device.unit == county && device.class == Class::Hub).map(|(id, _)| id)
}

/// Name of a device.
#[must_use]
pub fn device_name(at: &At<'_>, device: DeviceId) -> String {
    at.device(device).map_or_else(|| format!("设备{}", device.0), |device| device.name.clone())
}

/// Name of a person.
#[must_use]
pub fn person_name(at: &At<'_>, person: PersonId) -> String {
    at.person(person).map_or_else(|| format!("人员{}", person.0), |person| person.name.clone())
}

/// Flags of tickets and acts, and what they are called on screens: they come from acts, and no tag is called like one.
pub const FLAGS: [(&str, &str); 15] = [
    ("return-pending", "退单待审"),
    ("extension-pending", "延期待审"),
    ("escalated", "报请中"),
    ("deferred", "挂账"),
    ("supervised", "督办中"),
    ("confidential", "保密"),
    ("history", "历史"),
    ("again", "再次反映"),
    ("recused", "有回避单位"),
    ("duplicate", "疑似重复"),
    ("conflict", "冲突待看"),
    ("undelivered", "未送达"),
    ("needs-upgrade", "需升级"),
    ("provisional", "暂定"),
    ("overdue", "逾期"),
];
