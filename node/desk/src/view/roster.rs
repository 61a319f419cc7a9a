//! Who had what written into the registry, as people see it.

use regulation::{Millis, Settings};
use replica::registry::{At, Entry, ROOT_LOG, RegistryVersion, Set};
use replica::{Change, Device, Person, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::second::{Doubt, FirstBy, doubts};
use super::{Both, UnitRef, device_name, person_name};
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
    /// The same in English.
    pub what_en: String,
}

/// An entry in a few words. Names are those of now.
#[must_use]
pub fn entry(registry: &Registry, entry: &Entry) -> EntryView {
    let at = registry.now();
    let before = settings_before(registry, entry.version, &entry.change);
    let what = |change| what(&at, &before, change);
    let (said, said_en) = match &entry.change {
        Change::Proposed(change) => told("提出：", "proposed: ", what(change)),
        Change::Confirmed(of) => {
            let (said, said_en) = told("复核：", "confirmed: ", what(registry.brought(&entry.change)));
            let proposed = registry.proposals().iter().find(|known| known.hash == *of);
            let two = proposed.map(|proposed| proposed.by).zip(entry.by);
            let doubts = two.map(|(one, other)| doubts(registry, &FirstBy::default(), one, other)).unwrap_or_default();
            let noted = |(said, said_en): Both, doubt: &Doubt| {
                (format!("{said}；注意：{}", doubt.text), format!("{said_en}; mind: {}", doubt.text_en))
            };
            doubts.iter().fold((said, said_en), noted)
        }
        Change::Declined { of, reason } => {
            let ended = registry.proposals().iter().find(|known| known.hash == *of);
            let own = ended.is_some_and(|ended| entry.by == Some(ended.by));
            let (chinese, english) = ended.map(|ended| what(&ended.change)).unwrap_or_default();
            let (how, how_en) = if own { ("撤回", "taken back") } else { ("不予复核", "declined") };
            (format!("{how}：{chinese}；理由：{reason}"), format!("{how_en}: {english}; reason: {reason}"))
        }
        change => what(change),
    };
    let first = registry.beyond().is_some_and(|first| first.version == entry.version);
    let (later, later_en) = match (first || entry.beyond(), entry.version > registry.acted()) {
        (true, _) => ("；需升级", "; upgrade needed"),
        (false, true) => ("；本机升级后才生效", "; has effect once this node is upgraded"),
        (false, false) => ("", ""),
    };
    EntryView {
        version: entry.version,
        at: clock::text(entry.time),
        by: entry.by.map(|by| person_name(&at, by)),
        what: said + later,
        what_en: said_en + later_en,
    }
}

fn told(chinese: &str, english: &str, what: Both) -> Both {
    (format!("{chinese}{}", what.0), format!("{english}{}", what.1))
}

/// A change in a few words.
pub(super) fn what(at: &At<'_>, before: &Settings, change: &Change) -> Both {
    match change {
        Change::Found { city, .. } => (format!("建立 {city}"), format!("founds {city}")),
        Change::Units(units) => (format!("单位 {} 个", units.len()), format!("{} units", units.len())),
        Change::Categories(all) => (format!("事项分类 {} 项", all.len()), format!("{} categories", all.len())),
        Change::Calendar(days) => (format!("工作日历（{} 天）", days.len()), format!("calendar ({} days)", days.len())),
        Change::Settings(set) => {
            let ((chinese, english), (since, since_en)) = (settings(before, &set.values), from_day(set));
            (chinese + &since, english + &since_en)
        }
        Change::Device(_, device) => self::device(at, device),
        Change::Hub(hub) => {
            let name = device_name(at, *hub);
            (format!("中心节点：{name}"), format!("hub: {name}"))
        }
        Change::Person(_, person) => self::person(at, person),
        Change::Lock(lock) => {
            let (month, number) = (lock.month.text(), lock.number);
            (format!("封存 {month} 考评表，第 {number} 号"), format!("lock the table of {month}, as number {number}"))
        }
        Change::Enrol(_, device, None) => self::device(at, device),
        Change::Enrol(_, device, Some((_, person))) => {
            let (device, person) = (self::device(at, device), self::person(at, person));
            (format!("{}；{}", device.0, person.0), format!("{}; {}", device.1, person.1))
        }
        Change::Proposed(change) => what(at, before, change),
        Change::Confirmed(_) | Change::Declined { .. } => ("答复提议".to_owned(), "answers a proposal".to_owned()),
        Change::Rekey(device, _) => {
            let name = device_name(at, *device);
            (format!("设备换密钥：{name}"), format!("another key of the device {name}"))
        }
        Change::Void(voided) => {
            let (from, to, reason) = (voided.from, voided.to, &voided.reason);
            (format!("作废时间编号 {from} 至 {to}：{reason}"), format!("void times {from} to {to}: {reason}"))
        }
        Change::Carried(said) => {
            let (name, edition) = (device_name(at, said.device), said.edition.0);
            (
                format!("{name}：程序带有至第 {edition} 版的规则"),
                format!("{name}: its program carries the rules up to edition {edition}"),
            )
        }
        Change::Retired(hub) => {
            let name = device_name(at, *hub);
            (format!("停用中心节点：{name}"), format!("take the hub {name} out of use"))
        }
        Change::Duties(duties) => super::duty::stated(at, duties),
        Change::Newer(number) => (
            format!("新版程序写入的变更（第 {number} 类），本机程序不认识"),
            format!("a change of number {number}, which this version of the program does not know"),
        ),
    }
}

/// Settings by name, from what to what; of many how many they are.
fn settings(before: &Settings, set: &[(u16, u32)]) -> Both {
    let said = |(number, value): &(u16, u32)| {
        let (setting, from) = (Settings::of_number(*number)?, before.get(*number)?);
        let from = if from == *value { String::new() } else { format!("{from} → ") };
        let one = |name, counts| format!("{name} {from}{value} {counts}").trim_end().to_owned();
        let (counts, counts_en) = setting.counts.names();
        Some((one(setting.chinese, counts), one(setting.code, counts_en)))
    };
    match set.len() {
        0..=SETTINGS_NAMED_MAX => {
            let (chinese, english): (Vec<String>, Vec<String>) = set.iter().filter_map(said).unzip();
            (format!("设置：{}", chinese.join("、")), format!("set {}", english.join(", ")))
        }
        many => (format!("设置 {many} 项"), format!("set {many} settings")),
    }
}

/// `，自 2027-01-01 起`
fn from_day(set: &Set) -> Both {
    let day = |begins| regulation::calendar::local_date(begins);
    set.begins()
        .map(|begins| (format!("，自 {} 起", day(begins)), format!(", from {}", day(begins))))
        .unwrap_or_default()
}

fn device(at: &At<'_>, device: &Device) -> Both {
    let ((class, chinese), unit) = (device.class.names(), UnitRef::of(at, device.unit).name);
    (format!("设备：{}（{unit} {chinese}）", device.name), format!("device: {} ({unit}, {class})", device.name))
}

fn person(at: &At<'_>, person: &Person) -> Both {
    let (codes, names): (Vec<&str>, Vec<&str>) = person.roles.iter().map(|role| role.names()).unzip();
    let (name, login, unit) = (&person.name, &person.login, UnitRef::of(at, person.unit).name);
    (
        format!("人员：{name}（{login}，{unit}）岗位：{}", names.join("、")),
        format!("person: {name} ({login}, {unit}), roles: {}", codes.join(", ")),
    )
}

/// The settings before an entry of that version, as they would be on the day from which it sets others: something else may be
/// agreed for that day already.
pub(super) fn settings_before(registry: &Registry, version: u32, change: &Change) -> Settings {
    let before = RegistryVersion { log: ROOT_LOG, version: version.saturating_sub(1) };
    let day = match change {
        Change::Proposed(proposed) => set_from(proposed),
        other => set_from(registry.brought(other)),
    };
    let on = day.or_else(|| registry.written_at(version));
    registry.at(&[before]).map_or(Settings::USUAL, |at| *on.map_or(at, |on| at.on(on)).settings())
}

/// When the day begins from which a change sets something.
fn set_from(change: &Change) -> Option<Millis> {
    let Change::Settings(set) = change else { return None };
    set.begins()
}
