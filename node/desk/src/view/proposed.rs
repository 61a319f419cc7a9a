//! Changes of the registry that two people decide: what waits, what could not be brought about any more, and how it ended.

use regulation::calendar::local_date;
use regulation::settings::{Group, Settings};
use regulation::table::Matter;
use regulation::{ActId, PersonId};
use replica::registry::{Clash, Outcome, Proposed, ROOT_LOG, RegistryVersion};
use replica::{Change, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::duty;
use super::person_name;
use super::proposal::Concerns;
use super::roster::{settings_before, what};
use super::second::{Doubt, FirstBy, doubts};
use crate::clock;

/// Proposals that are over, or could not be brought about any more, and are still listed, at most: the newest.
pub const PROPOSALS_OVER_MAX: usize = 20;

/// A change of the registry that somebody has proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegistryProposal {
    /// By this it is confirmed.
    pub proposal: String,
    /// What, in a few words.
    pub what: String,
    /// The same in English.
    pub what_en: String,
    /// The settings that it sets to something else.
    pub changes: Vec<SettingChange>,
    /// The entries of the duty list that it states, each with what it said before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<String>,
    /// The same in English.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries_en: Vec<String>,
    /// From which day on they are to hold; none: once it is confirmed.
    pub from: Option<String>,
    /// Who proposed it.
    pub person: String,
    /// Since when.
    pub since: String,
    /// `waits`, `lapsed` (it could not be brought about any more), `confirmed`, `declined`, `taken-back` or `superseded`.
    pub state: String,
    /// Whoever looks may confirm it.
    pub confirms: bool,
    /// Whoever looks may decline it, or take it back.
    pub declines: bool,
    /// Whoever looks proposed it.
    pub own: bool,
    /// Why it is not to be confirmed by whoever looks, or what became of it: by whom, and the reason that was given.
    pub reason: Option<String>,
    /// The same in English.
    pub reason_en: Option<String>,
    /// Signs that the logins of whoever proposed it and whoever looks, who may confirm it, are of one hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// A setting that a proposal sets to something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingChange {
    /// Its number.
    pub number: u16,
    /// Its name in commands.
    pub name: String,
    /// Its name on screens.
    pub name_zh: String,
    /// What it was when that was proposed.
    pub from: u32,
    /// What it is to be.
    pub to: u32,
    /// What it counts in, in Chinese.
    pub unit: String,
    /// The same in English.
    pub unit_en: String,
}

/// The settings that a change sets to something else than they were.
pub(super) fn setting_changes(before: &Settings, change: &Change) -> Vec<SettingChange> {
    let Change::Settings(set) = change else { return Vec::new() };
    let known = |(number, to): &(u16, u32)| {
        let (setting, from) = (Settings::of_number(*number)?, before.get(*number)?);
        (from != *to).then(|| SettingChange {
            number: *number,
            name: setting.code.to_owned(),
            name_zh: setting.chinese.to_owned(),
            from,
            to: *to,
            unit: setting.counts.names().0.to_owned(),
            unit_en: setting.counts.names().1.to_owned(),
        })
    };
    set.values.iter().filter_map(known).collect()
}

/// A proposal as somebody sees it.
#[must_use]
pub fn registry_proposal(
    registry: &Registry,
    first_by: &FirstBy,
    proposed: &Proposed,
    by: Option<PersonId>,
) -> RegistryProposal {
    let before = settings_before(registry, proposed.version, &proposed.change);
    let waits = proposed.outcome == Outcome::Waits;
    let stands = registry.stands(proposed);
    let may = by.map_or(Err(Clash::NotOfThePair), |by| registry.may_confirm(by, proposed));
    let (state, reason) = match &proposed.outcome {
        Outcome::Waits if stands.is_err() => ("lapsed", stands.err()),
        Outcome::Waits => ("waits", may.clone().err()),
        Outcome::Confirmed(_) => ("confirmed", None),
        Outcome::Declined { by, .. } if *by == proposed.by => ("taken-back", None),
        Outcome::Declined { .. } => ("declined", None),
        Outcome::Superseded(_) => ("superseded", None),
    };
    let one_hand = match by.filter(|_| may.is_ok() && waits) {
        Some(second) => first_by.bars(&registry.now(), (proposed.by, proposed.at), second),
        None => None,
    };
    let confirms = may.is_ok() && one_hand.is_none();
    let reason = reason.map(|clash| (clash.chinese(), clash.to_string()));
    let reason = reason.or(one_hand.map(|why| (why.text, why.text_en))).or_else(|| ended(registry, proposed));
    let (reason, reason_en) = reason.unzip();
    let (what, what_en) = what(&registry.now(), &before, &proposed.change);
    let held = registry.at(&[RegistryVersion { log: ROOT_LOG, version: proposed.version }]);
    let held = held.map(|held| held.on(proposed.at));
    let (entries, entries_en) = duty::entries(&registry.now(), held.as_ref(), &proposed.change);
    RegistryProposal {
        proposal: ActId(proposed.hash).hex(),
        what,
        what_en,
        changes: setting_changes(&before, &proposed.change),
        entries,
        entries_en,
        from: match &proposed.change {
            Change::Settings(set) => set.begins().map(|begins| local_date(begins).to_string()),
            Change::Duties(duties) => duties.begins().map(|begins| local_date(begins).to_string()),
            _ => None,
        },
        person: person_name(&registry.now(), proposed.by),
        since: clock::text(proposed.at),
        state: state.to_owned(),
        confirms,
        declines: waits && by.is_some_and(|by| registry.may_answer(by, proposed)),
        own: by == Some(proposed.by),
        reason,
        reason_en,
        doubts: match by.filter(|_| may.is_ok()) {
            Some(second) => doubts(registry, first_by, proposed.by, second),
            None => Vec::new(),
        },
    }
}

/// How a proposal ended, in Chinese and English; nothing of one that waits.
pub(crate) fn ended(registry: &Registry, proposed: &Proposed) -> Option<(String, String)> {
    let at = registry.now();
    let day = |version: u32| {
        let text = registry.written_at(version).map(clock::text).unwrap_or_default();
        text.get(..10).unwrap_or_default().to_owned()
    };
    Some(match &proposed.outcome {
        Outcome::Waits => return None,
        Outcome::Confirmed(version) => {
            let by = registry.log().nth(*version as usize - 1).and_then(|entry| entry.by);
            let by = by.map(|by| person_name(&at, by)).unwrap_or_default();
            (format!("{by}于 {} 复核", day(*version)), format!("confirmed by {by} on {}", day(*version)))
        }
        Outcome::Declined { version, by, reason } => {
            let (name, day) = (person_name(&at, *by), day(*version));
            match *by == proposed.by {
                true => (format!("{name}于 {day} 撤回：{reason}"), format!("taken back by {name} on {day}: {reason}")),
                false => {
                    (format!("{name}于 {day} 不予复核：{reason}"), format!("declined by {name} on {day}: {reason}"))
                }
            }
        }
        Outcome::Superseded(version) => (
            format!("提出人于 {} 就同一事项另行提出，以后提的为准", day(*version)),
            format!("proposed otherwise by the same person on {}: the later one counts", day(*version)),
        ),
    })
}

/// What of the registry concerns somebody, who may confirm it or has proposed it: what stands, the oldest first; then what
/// could not be brought about any more, was declined, taken back or superseded, the newest first.
#[must_use]
pub fn registry_proposals(registry: &Registry, first_by: &FirstBy, by: PersonId) -> Vec<RegistryProposal> {
    of(registry, first_by, Some(by), |_| true)
}

/// The same of one sort of settings, or of what is voided; for nobody if nobody is signed in.
#[must_use]
pub fn proposals_of(registry: &Registry, by: Option<PersonId>, matters: &[Matter]) -> Vec<RegistryProposal> {
    of(registry, &FirstBy::default(), by, |proposed| {
        proposed.change.matter().is_some_and(|matter| matters.contains(&matter))
    })
}

fn of(
    registry: &Registry,
    first_by: &FirstBy,
    by: Option<PersonId>,
    takes: impl Fn(&Proposed) -> bool,
) -> Vec<RegistryProposal> {
    let Some(by) = by else { return Vec::new() };
    let mine = |proposed: &&Proposed| takes(proposed) && registry.may_answer(by, proposed);
    let over = |proposed: &&Proposed| match proposed.outcome {
        Outcome::Waits => registry.stands(proposed).is_err(),
        Outcome::Confirmed(_) => false,
        _ => true,
    };
    let over = registry.proposals().iter().rev().filter(mine).filter(over).take(PROPOSALS_OVER_MAX);
    let all = registry.standing().filter(mine).chain(over);
    all.map(|proposed| registry_proposal(registry, first_by, proposed, Some(by))).collect()
}

/// How much of the registry waits for somebody to confirm it, and how much with what they have proposed.
#[must_use]
pub fn registry_waits_for(registry: &Registry, by: PersonId) -> Concerns {
    let all: Vec<_> = registry.standing().filter(|proposed| registry.may_answer(by, proposed)).collect();
    let confirms = all.iter().filter(|proposed| registry.may_confirm(by, proposed).is_ok()).count();
    Concerns { confirms, all: all.len() }
}

/// The proposal of just that, if it stands.
#[must_use]
pub fn proposal_of(registry: &Registry, change: &Change, by: Option<PersonId>) -> Option<RegistryProposal> {
    let waits = registry.standing().rfind(|proposed| proposed.change == *change)?;
    Some(registry_proposal(registry, &FirstBy::default(), waits, by))
}

/// Terms and limits, and the edition of the rules.
pub const OF_TERMS: &[Matter] = &[Matter::Terms, Matter::Edition];

/// Whether a setting is shown and set with the terms.
#[must_use]
pub fn with_terms(number: u16) -> bool {
    matches!(Group::of(number), Group::Terms | Group::Edition)
}

#[cfg(test)]
mod tests {
    use regulation::Role;
    use replica::registry::{Set, sign_entry};
    use replica::{DeviceKey, Person};

    use super::*;
    use crate::founding::{self, Founder};

    /// 2026-11-02, noon, and the first of December as the calendar counts.
    const NOON: i64 = 1_793_592_000_000;
    const DECEMBER: i32 = 739_951;

    #[test]
    fn a_proposal_is_compared_with_what_is_agreed_for_its_day() {
        let root = DeviceKey::from_secret(&[7; 32]);
        let founder = Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
        let mut registry = Registry::default();
        let mut write = |by, change: Change| {
            registry.append(&sign_entry(by, &registry, change, NOON, &root)).unwrap();
            registry.clone()
        };
        let changes = founding::changes("保定市", root.public(), [8; 32], &founder).unwrap();
        let held = changes.into_iter().fold(Registry::default(), |_, change| write(None, change));
        let (first, unit) = held.now().people().map(|(id, person)| (id, person.unit)).next().unwrap();
        let second = PersonId(first.0 + 1);
        let roles = vec![Role::Administer];
        write(None, Change::Person(second, Person { unit, name: "李".into(), login: "li".into(), roles }));
        let contact = Settings::TABLE.iter().find(|setting| setting.code == "contact_wd").unwrap().number;
        let set = |value| Change::Settings(Set { from: Some(DECEMBER), values: vec![(contact, value)] });
        let agreed = write(Some(first), Change::Proposed(Box::new(set(2))));
        write(Some(second), Change::Confirmed(agreed.head()));
        let held = write(Some(first), Change::Proposed(Box::new(set(3))));
        let listed = proposals_of(&held, Some(second), OF_TERMS);
        assert_eq!(listed.iter().map(|one| one.from.as_deref()).collect::<Vec<_>>(), [Some("2026-12-01")]);
        assert_eq!((listed[0].changes[0].from, listed[0].changes[0].to), (2, 3), "{listed:?}");
        let entry = held.log().last().unwrap();
        let said = crate::view::entry(&held, entry).what;
        assert!(said.contains("2 → 3"), "{said}");
    }
}
