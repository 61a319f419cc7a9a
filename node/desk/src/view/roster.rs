//! Who had what written into the registry, as people see it.

use regulation::Settings;
use replica::registry::{At, Entry, ROOT_LOG, RegistryVersion};
use replica::{Change, Device, Person, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{UnitRef, device_name, person_name};
use crate::clock;

/// Settings that are named one by one.
const SETTINGS_NAMED_MAX: usize = 8;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryView {
    /// Its version.
    pub version: u32,
    /// When it was written.
    pub at: String,
    /// Who had it written; absent where the city was founded.
    pub by: Option<String>,
    /// What it changed, in a few words.
    pub what: String,
}

/// An entry in a few words. Names are those of now.
#[must_use]
pub fn entry(registry: &Registry, entry: &Entry) -> EntryView {
    let at = registry.now();
    EntryView {
        version: entry.version,
        at: clock::text(entry.time),
        by: entry.by.map(|by| person_name(&at, by)),
        what: {
            let before = settings_before(registry, entry.version);
            let what = |change| what(&at, &before, change);
            let said = match &entry.change {
                Change::Proposed(change) => format!("提出：{}", what(change)),
                Change::Confirmed(_) => format!("复核：{}", what(registry.brought(&entry.change))),
                Change::Declined { of, reason } => {
                    let ended = registry.proposals().iter().find(|known| known.hash == *of);
                    let own = ended.is_some_and(|ended| entry.by == Some(ended.by));
                    let of = ended.map(|ended| what(&ended.change)).unwrap_or_default();
                    format!("{}：{of}；理由：{reason}", if own { "撤回" } else { "不予复核" })
                }
                change => what(change),
            };
            let first = registry.beyond().is_some_and(|first| first.version == entry.version);
            match (first || entry.beyond(), entry.version > registry.acted()) {
                (true, _) => format!("{said}；需升级"),
                (false, true) => format!("{said}；本机升级后才生效"),
                (false, false) => said,
            }
        },
    }
}

pub(super) fn what(at: &At<'_>, before: &Settings, change: &Change) -> String {
    match change {
        Change::Found { city, .. } => format!("建立 {city}"),
        Change::Units(units) => format!("单位 {} 个", units.len()),
        Change::Categories(categories) => format!("事项分类 {} 项", categories.len()),
        Change::Calendar(days) => format!("工作日历（{} 天）", days.len()),
        Change::Settings(set) => settings(before, set),
        Change::Device(_, device) => self::device(at, device),
        Change::Hub(device) => format!("中心节点：{}", device_name(at, *device)),
        Change::Person(_, person) => self::person(at, person),
        Change::Lock(lock) => format!("封存 {} 考评表，第 {} 号", lock.month.text(), lock.number),
        Change::Enrol(_, device, None) => self::device(at, device),
        Change::Enrol(_, device, Some((_, person))) => {
            format!("{}；{}", self::device(at, device), self::person(at, person))
        }
        Change::Proposed(change) => what(at, before, change),
        Change::Confirmed(_) | Change::Declined { .. } => "答复提议".to_owned(),
        Change::Rekey(device, _) => format!("设备换密钥：{}", device_name(at, *device)),
        Change::Void(voided) => format!("作废时间编号 {} 至 {}：{}", voided.from, voided.to, voided.reason),
        Change::Carried(said) => {
            format!("{}：程序带有至第 {} 版的规则", device_name(at, said.device), said.edition.0)
        }
        Change::Newer(number) => format!("新版程序写入的变更（第 {number} 类），本机程序不认识"),
    }
}

/// Settings by name, from what to what; of many how many they are.
fn settings(before: &Settings, set: &[(u16, u32)]) -> String {
    let said = |(number, value): &(u16, u32)| {
        let (setting, from) = (Settings::of_number(*number)?, before.get(*number)?);
        let from = if from == *value { String::new() } else { format!("{from} → ") };
        Some(format!("{} {from}{value} {}", setting.chinese, setting.counts.names().0).trim_end().to_owned())
    };
    match set.len() {
        0..=SETTINGS_NAMED_MAX => format!("设置：{}", set.iter().filter_map(said).collect::<Vec<_>>().join("、")),
        many => format!("设置 {many} 项"),
    }
}

fn device(at: &At<'_>, device: &Device) -> String {
    let class = device.class.names().1;
    format!("设备：{}（{} {class}）", device.name, UnitRef::of(at, device.unit).name)
}

fn person(at: &At<'_>, person: &Person) -> String {
    let roles: Vec<&str> = person.roles.iter().map(|role| role.names().1).collect();
    format!(
        "人员：{}（{}，{}）岗位：{}",
        person.name,
        person.login,
        UnitRef::of(at, person.unit).name,
        roles.join("、")
    )
}

/// The settings before an entry of that version.
pub(super) fn settings_before(registry: &Registry, version: u32) -> Settings {
    let before = RegistryVersion { log: ROOT_LOG, version: version.saturating_sub(1) };
    registry.at(&[before]).map_or(Settings::USUAL, |at| *at.settings())
}
