//! What is known of an alarm, as a sentence in Chinese and in English: what, where, and what to do where the sentence of its
//! kind does not say it.

use std::fmt::Display;

use kernel::alarm::{Doubt, Excess, Flaw, Gap, Listed, Unfit};
use kernel::{Detail, scopes};
use regulation::{ActId, DeviceId, PersonId, UnitId};
use replica::registry::At;
use store::Queries;
use sync::ScopeKey;

use crate::clock;
use crate::problem::Problem;
use crate::view::{Both, UnitRef, device_name, person_name};

/// The sentence of a detail; nothing where there is nothing more to say.
pub(super) fn said(detail: &Detail, store: &Queries, at: &At<'_>) -> Result<Both, Problem> {
    Ok(match detail {
        Detail::Nothing {} => both("", ""),
        Detail::Restored {} => both(
            "启动本机的人声明数据库是放回的拷贝，或丢失过记录",
            "whoever started this node said that it was put back",
        ),
        Detail::Entry { version } => (format!("名册第 {version} 条"), format!("entry {version} of the registry")),
        Detail::Unfit { version, why } => unfit(*version, *why),
        Detail::Scope { scope } => {
            let (chinese, english) = scope_name(*scope, at);
            (format!("范围：{chinese}"), format!("scope: {english}"))
        }
        Detail::Versions { min, max, their_min, their_max } => {
            let old = max < their_min;
            let (whose, which) = if old { ("本机", "this node") } else { ("对方", "the other") };
            (
                format!("请升级{whose}：本机会用协议版本 {min} 至 {max}，对方 {their_min} 至 {their_max}"),
                format!(
                    "upgrade {which}: this node speaks versions {min} to {max}, the other {their_min} to {their_max}"
                ),
            )
        }
        Detail::Clock { why } => doubt(*why),
        Detail::Seen { at } => {
            let (chinese, english) = listed(at, |at| both(&at.to_string(), &at.to_string()));
            (format!("出现在 {chinese}"), format!("seen at {english}"))
        }
        Detail::Since { since } => {
            let since = minute(*since);
            (format!("自 {since} 起"), format!("since {since}"))
        }
        Detail::Flawed { flaw } => flawed(*flaw),
        Detail::Unheard { devices } => listed(devices, |id| device(at, *id)),
        Detail::Waived { devices, by } => {
            let (devices, by) = (listed(devices, |id| device(at, *id)), listed(by, |id| person(at, *id)));
            (format!("{}（由 {} 决定）", devices.0, by.0), format!("{} (decided by {})", devices.1, by.1))
        }
        Detail::Twins { first, second, epoch, dseq } => {
            let (first, second) = (act(*first, store)?, act(*second, store)?);
            (
                format!("第 {epoch} 段第 {dseq} 号：{} 与 {}", first.0, second.0),
                format!("number {dseq} of epoch {epoch}: {} and {}", first.1, second.1),
            )
        }
        Detail::Numbered { first, second } => {
            let (first, second) = (act(*first, store)?, act(*second, store)?);
            (format!("{} 与 {}", first.0, second.0), format!("{} and {}", first.1, second.1))
        }
        Detail::Own { epoch, dseq } => (
            format!("其他节点送来本机署名的第 {epoch} 段第 {dseq} 号记录，本机没有"),
            format!("number {dseq} of epoch {epoch}, signed by this node, came from another and was not here"),
        ),
        Detail::Epoch { epoch } => (format!("重新编号后为第 {epoch} 段"), format!("it is in epoch {epoch} now")),
        Detail::Excess { of } => excess(*of),
        Detail::Gap { of } => gap(*of),
    })
}

fn both(chinese: &str, english: &str) -> Both {
    (chinese.to_owned(), english.to_owned())
}

fn unfit(version: u32, why: Unfit) -> Both {
    let (chinese, english) = match why {
        Unfit::Malformed => return both("送来的名册记录无法读取", "an entry of the registry that cannot be read"),
        Unfit::Gap => ("此前的记录缺失", "entries before it are missing"),
        Unfit::Fork => ("与本机已有的同一条不同", "differs from the one that is here"),
        Unfit::NotSigned => ("没有名册密钥的签名", "is not signed by the key of the registry"),
        Unfit::Clash => ("与此前的名册矛盾", "contradicts the registry before it"),
    };
    (format!("名册第 {version} 条：{chinese}"), format!("entry {version} of the registry: {english}"))
}

fn doubt(why: Doubt) -> Both {
    match why {
        Doubt::Ahead => both("时钟向前跳了", "the clock went further than time did"),
        Doubt::Behind => both("时钟早于已知的时间", "the clock stands before what is known to have been"),
        Doubt::Away => both("停机较久，或停机时改过时钟", "this node was off for long, or its clock was set meanwhile"),
        Doubt::Peers => both("多个单位的时钟都比本机快", "the clocks of several units are ahead of this one"),
    }
}

fn flawed(flaw: Flaw) -> Both {
    match flaw {
        Flaw::Malformed => both("内容无法读取", "it cannot be read"),
        Flaw::Unknown => both("署名的设备不在名册中", "the device that it names is not in the registry"),
        Flaw::NotSigned => both("签名不是署名设备的", "the device that it names did not sign it"),
        Flaw::Part => both("所附文字与签名时的不符", "a text beside it is not the one that was signed"),
        Flaw::Misplaced => {
            both("它不属于送来时所在的范围", "it came through a scope that its document does not belong to")
        }
        Flaw::Stub => both("它的编号证明与签名不符", "the proof that an act was made is not signed by its device"),
        Flaw::Finding => both(
            "市热线的认定与签名或送来的范围不符",
            "what it says the city found is not signed by the city's hub, or is for another unit",
        ),
        Flaw::Article => both("知识条目被当作工单送来", "it begins an article, and came as a ticket"),
    }
}

fn excess(of: Excess) -> Both {
    match of {
        Excess::Kept => both("待核或无效的记录过多", "too much that waits or is unlawful"),
        Excess::Idle => both("不起作用的记录过多", "too many acts that count for nothing"),
        Excess::Beginnings => both("无权建立的工单过多", "too many documents that it may not begin"),
    }
}

fn gap(of: Gap) -> Both {
    match of {
        Gap::Act => both("有记录没有留下，连编号也没有", "an act was not kept, nor its id"),
        Gap::Stub => both(
            "有记录没有转给市热线，连编号证明也没有：市热线对该设备的计数有缺",
            "an act was not passed on, nor the proof that it was made: the city's count of this device has a gap",
        ),
    }
}

fn listed<T>(list: &Listed<T>, name: impl Fn(&T) -> Both) -> Both {
    let (chinese, english): (Vec<String>, Vec<String>) = list.first.iter().map(name).unzip();
    let (chinese, english) = (chinese.join("、"), english.join(", "));
    match list.more {
        0 => (chinese, english),
        more => (format!("{chinese} 等，另有 {more} 个"), format!("{english} and {more} more")),
    }
}

/// The name of a device, which is the same in both.
pub(super) fn device(at: &At<'_>, id: DeviceId) -> Both {
    let english = at.device(id).map_or_else(|| format!("device {}", id.0), |device| device.name.clone());
    (device_name(at, id), english)
}

fn person(at: &At<'_>, id: PersonId) -> Both {
    let english = at.person(id).map_or_else(|| format!("person {}", id.0), |person| person.name.clone());
    (person_name(at, id), english)
}

fn scope_name(scope: u32, at: &At<'_>) -> Both {
    match ScopeKey(scope) {
        scopes::KNOWLEDGE => both("知识库", "the knowledge base"),
        scopes::REGISTRY => both("名册", "the registry"),
        ScopeKey(unit) => {
            let known = at.unit(UnitId(unit)).map(|unit| unit.short.clone());
            (UnitRef::of(at, UnitId(unit)).name, known.unwrap_or_else(|| format!("unit {unit}")))
        }
    }
}

/// An act with what people know of it: the ticket's number, and when the act came here. Not its title: alarms are read by whoever
/// looks after the machine, who need not know of anybody's request.
fn act(id: ActId, store: &Queries) -> Result<Both, Problem> {
    let known = store.act(&id)?;
    let ticket = known.as_ref().map(|act| store.ticket(act.doc)).transpose()?.flatten();
    let short = id.short();
    Ok(match (known, ticket) {
        (Some(act), Some(ticket)) => {
            let (of, at) = (ticket.number, minute(act.received_at));
            (format!("{of}（{at} 收到，标识 {short}）"), format!("{of} (came {at}, id {short})"))
        }
        _ => (format!("标识 {short}"), format!("id {short}")),
    })
}

/// To the minute, in local time.
fn minute(at: regulation::Millis) -> impl Display {
    let text = clock::text(at);
    text.get(..16).unwrap_or(&text).replace('T', " ")
}

#[cfg(test)]
mod tests {
    use kernel::Alarm;
    use replica::Registry;
    use store::Store;

    use super::*;

    /// What a person reads in one language has no word of the other in it; commands are the same in both.
    fn one_language((chinese, english): &Both) {
        let mut plain = chinese.clone();
        for command in ["jiesu hub waive", "jiesu hub tickets", "jiesu clock confirm", "jiesu ticket show"] {
            plain = plain.replace(command, "");
        }
        assert!(!plain.chars().any(|c| c.is_ascii_alphabetic()), "{chinese}");
        assert!(english.is_ascii(), "{english}");
        assert_eq!(chinese.is_empty(), english.is_empty());
    }

    #[test]
    fn every_alarm_and_every_detail_is_said_in_either_language_alone() {
        let mut kept: Vec<String> = ["", "restored", "entry 7", "scope 4294967295", "scope 4294967294", "scope 5"]
            .into_iter()
            .chain(["versions 1 1 2 3", "versions 2 3 1 1", "seen 192.0.2.3:4433,+0", "since 1793592000000"])
            .chain(["unheard +0", "unheard 3,4,+980", "waived 3,+0 5,6,+0", "own 1 7", "epoch 3"])
            .map(str::to_owned)
            .collect();
        kept.push(format!("twins {} {} 1 7", "11".repeat(32), "22".repeat(32)));
        kept.push(format!("numbered {} {}", "11".repeat(32), "22".repeat(32)));
        kept.extend(Unfit::ALL.iter().map(|why| format!("unfit 7 {}", why.code())));
        kept.extend(Doubt::ALL.iter().map(|why| format!("clock {}", why.code())));
        kept.extend(Flaw::ALL.iter().map(|flaw| format!("flawed {}", flaw.code())));
        kept.extend(Excess::ALL.iter().map(|of| format!("excess {}", of.code())));
        kept.extend(Gap::ALL.iter().map(|of| format!("gap {}", of.code())));
        let (store, registry) = (Store::in_memory().unwrap(), Registry::default());
        for text in &kept {
            one_language(&said(&Detail::parse(text).unwrap(), &store, &registry.now()).unwrap());
        }
        let shown = |word: &&str| kept.iter().any(|text| text.split(' ').next() == Some(*word));
        assert!(Detail::WORDS.iter().all(shown), "{:?}", Detail::WORDS);
        for alarm in Alarm::ALL {
            let (chinese, english) = alarm.sentences();
            one_language(&both(chinese, english));
            one_language(&both(alarm.owner().names().1, alarm.owner().names().0));
        }
    }

    #[test]
    fn versions_apart_say_which_end_is_too_old() {
        let (store, registry) = (Store::in_memory().unwrap(), Registry::default());
        for (kept, chinese, english) in [
            ("versions 1 1 2 3", "请升级本机", "upgrade this node"),
            ("versions 2 3 1 1", "请升级对方", "upgrade the other"),
        ] {
            let said = said(&Detail::parse(kept).unwrap(), &store, &registry.now()).unwrap();
            assert!(said.0.starts_with(chinese) && said.1.starts_with(english), "{said:?}");
        }
    }
}
