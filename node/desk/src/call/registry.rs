//! Calls that change the registry, and the one that shows who did.

use chrono::Datelike;
use regulation::calendar::{Calendar, local_date};
use regulation::rates::Weights;
use regulation::settings::{BadSetting, Group, Setting, Settings};
use regulation::table::Matter;
use regulation::{Millis, PersonId, Role, Rule};
use replica::registry::{At, Proposed, Set};
use replica::{Change, Person, Registry};
use store::Reader;

use super::days::calendar;
use super::{Secret, answers, questions as q};
use crate::Desk;
use crate::once::By;
use crate::people::{self, Newcomer};
use crate::problem::Problem;
use crate::{clock, enrol, founding, holidays, listed, named, report, view};

/// Makes an invitation.
pub(super) async fn invite(desk: &Desk, by: PersonId, asked: q::Invite) -> Result<answers::Invitation, Problem> {
    let q::Invite { unit, class, addresses } = asked;
    let addresses = match (addresses.is_empty(), desk.listening()) {
        (false, _) => addresses,
        (true, Some(listening)) => enrol::offered(listening),
        (true, None) => {
            return Err(Problem::bad_input(
                "请用 --address HOST:PORT 写明新设备能连到的本机地址，或先运行 jiesu serve",
                "say with --address HOST:PORT where the new device finds this node, or run jiesu serve first",
            ));
        }
    };
    let token = enrol::invite(desk, by, &unit, &class, &addresses).await?;
    let expires_at = clock::text(clock::now() + enrol::INVITATION_MS_MAX);
    Ok(answers::Invitation { token: Secret(token.text()), addresses: token.addresses, expires_at })
}

/// Adds a person.
pub(super) async fn add_person(desk: &Desk, by: By, asked: q::Person) -> Result<answers::PersonAdded, Problem> {
    let q::Person { unit, name, login, roles } = asked;
    let registry = desk.registry();
    let (id, known) = named::unit(&registry, &unit)?;
    let given = parsed(&roles)?;
    let roles = if given.is_empty() { founding::usual_roles(known.kind) } else { given };
    let newcomer = Newcomer { name, login: login.clone() };
    let person = people::add_by(desk, by, id, newcomer, roles).await?;
    Ok(answers::PersonAdded { person: person.0, login, unsplit: unsplit(&desk.registry(), person) })
}

/// What somebody holds together that two people should.
fn unsplit(registry: &Registry, person: PersonId) -> Option<view::SplitView> {
    let at = registry.now();
    view::split_of(&at, at.person(person)?)
}

/// Roles by their codes, each once, in their order.
fn parsed(codes: &[String]) -> Result<Vec<Role>, Problem> {
    let mut roles = codes.iter().map(|code| listed::role(code)).collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// The person of that login, of whichever unit.
fn called(registry: &Registry, login: &str) -> Result<(PersonId, Person), Problem> {
    let found = registry.now().people().find(|(_, person)| person.login == login);
    found.map(|(id, person)| (id, person.clone())).ok_or_else(|| {
        Problem::not_found(format!("名册中没有登录名 {login}"), format!("nobody in the registry has the login {login}"))
    })
}

/// Gives a person roles and takes some away.
pub(super) async fn change_roles(desk: &Desk, by: By, asked: &q::Roles) -> Result<answers::RolesChanged, Problem> {
    let registry = desk.registry();
    let (id, mut person) = called(&registry, &asked.login)?;
    let (add, remove) = (parsed(&asked.add)?, parsed(&asked.remove)?);
    let before = person.roles.clone();
    person.roles.extend(add);
    person.roles.retain(|role| !remove.contains(role));
    person.roles.sort_unstable();
    person.roles.dedup();
    let roles = person.roles.iter().map(|role| role.names().0.to_owned()).collect();
    let changed = person.roles != before;
    if changed {
        enrol::change(desk, by, registry.version(), Change::Person(id, person)).await?;
    }
    let unsplit = unsplit(&desk.registry(), id);
    Ok(answers::RolesChanged { person: id.0, login: asked.login.clone(), roles, changed, unsplit })
}

/// Who changed what in the registry, newest first, and the invitations of this node.
pub(super) async fn roster(desk: &Desk, limit: usize) -> Result<answers::Roster, Problem> {
    let registry = desk.registry();
    let entries = registry.log().rev().take(limit).map(|entry| view::entry(&registry, entry)).collect();
    let unsplit = view::splits(&registry.now(), desk.me()?.device.unit);
    let invitations = enrol::invitations(desk).await?;
    Ok(answers::Roster { version: registry.version(), entries, invitations, unsplit })
}

/// Brings the calendar up to date, or tells what would change.
pub(super) async fn import_calendar(desk: &Desk, by: By, asked: q::Calendar) -> Result<answers::Calendar, Problem> {
    let q::Calendar { text, dry_run } = asked;
    let registry = desk.registry();
    let held = calendar(&registry)?;
    let days = holidays::notice(&text, &held.days())?;
    let merged = held.merged(&days);
    let changed = merged != held.days();
    let after = Calendar::from_days(held.version() + 1, &merged);
    let years = holidays::summary(held, &after, &days);
    let calendar_version = held.version();
    let mut told =
        answers::Calendar { calendar_version, changed, days: days.len(), years, moved: None, at_least: None };
    if !changed || (!dry_run && desk.told(by).await?.is_some()) {
        return Ok(told);
    }
    if dry_run {
        let read = move |reader: &Reader, registry: &Registry| holidays::moved(reader, registry, &after, clock::now());
        let (moved, at_least) = desk.read(read).await?;
        (told.moved, told.at_least) = (Some(moved), Some(at_least));
    } else {
        enrol::change(desk, by, registry.version(), Change::Calendar(merged)).await?;
        told.calendar_version = desk.registry().version();
    }
    Ok(told)
}

/// Confirms what somebody else has proposed, or ends it.
pub(super) async fn decide(desk: &Desk, by: By, asked: q::Decide) -> Result<answers::Decided, Problem> {
    let q::Decide { proposal, confirm, reason } = asked;
    let registry = desk.registry();
    if desk.told(by).await?.is_none() {
        let begins = proposal.trim().to_ascii_lowercase();
        let hex = |hash: [u8; 32]| regulation::ActId(hash).hex();
        let named = |proposed: &&Proposed| hex(proposed.hash).starts_with(&begins);
        let waits: Vec<&Proposed> = registry.proposed().filter(named).collect();
        let ended: Vec<&Proposed> = registry.proposals().iter().filter(named).collect();
        let one = match (waits.as_slice(), ended.as_slice()) {
            ([one], _) => one,
            ([], [over]) => return Err(ended_already(&registry, over)),
            _ => {
                return Err(Problem::not_found(
                    format!("没有（或不止一件）待复核的名册设置 {proposal}；jiesu proposals 可列出"),
                    format!("no proposed change of the registry, or more than one, begins with {proposal}"),
                ));
            }
        };
        if let Some(second) = by.person.filter(|_| confirm) {
            let first_by = desk.read(|reader, _| view::FirstBy::read(reader)).await?;
            if let Some(why) = first_by.bars(&registry.now(), (one.by, one.at), second) {
                return Err(Problem::not_permitted(why.text, why.text_en));
            }
        }
        let answer = match (confirm, reason.as_deref().map(str::trim)) {
            (true, _) => Change::Confirmed(one.hash),
            (false, reason) => Change::declined(one.hash, reason.unwrap_or_default()),
        };
        enrol::change(desk, by, registry.version(), answer).await?;
    }
    Ok(answers::Decided { proposal, confirmed: confirm, version: desk.registry().version() })
}

/// What is answered already: by whom, and with which reason.
fn ended_already(registry: &Registry, proposed: &Proposed) -> Problem {
    let (chinese, english) = view::ended(registry, proposed).unwrap_or_default();
    Problem::of_rule(
        Rule::NothingToConfirm,
        format!("这一提议已不在等候复核：{chinese}"),
        format!("this proposal does not wait any more: {english}"),
    )
}

/// Shows the terms and limits, and the edition of the rules, or proposes to set some.
pub(super) async fn set_terms(desk: &Desk, by: By, asked: &q::Terms) -> Result<answers::Terms, Problem> {
    let registry = desk.registry();
    let mut set = Vec::new();
    for (name, value) in &asked.set {
        set.push((term_called(name)?.number, *value));
    }
    set.sort_unstable();
    if let Some(pair) = set.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let name = Settings::of_number(pair[0].0).map_or(("", ""), |setting| (setting.chinese, setting.code));
        return Err(Problem::bad_input(
            format!("“{}”给了不止一个值；一次只能给一个", name.0),
            format!("{} is given more than one value; give one", name.1),
        ));
    }
    Settings::check(&set).map_err(|bad| cannot_be(&bad))?;
    let named = asked.from.as_deref().map(day).transpose()?;
    // An edition holds by its version. Whatever counts holds from a day that has not begun: the next, if none is named.
    let edition = set.iter().any(|(number, _)| Group::of(*number) == Group::Edition);
    let from = named.or_else(|| if edition { None } else { tomorrow() });
    // Something else may be agreed for that day already.
    let held = *registry.now().on(begins(from)).settings();
    // What is so now may be set otherwise for a day.
    set.retain(|(number, value)| named.is_some() || held.get(*number) != Some(*value));
    let (changed, change) = (!set.is_empty(), Change::Settings(Set { from, values: set }));
    if changed && desk.told(by).await?.is_none() {
        enrol::change(desk, by, registry.version(), Change::Proposed(Box::new(change.clone()))).await?;
    }
    let registry = desk.registry();
    let proposed = changed.then(|| view::proposal_of(&registry, &change, by.person)).flatten();
    let now = registry.now().on(clock::now());
    let held = *now.settings();
    let term = |setting: &Setting| answers::Term {
        number: setting.number,
        name: setting.code.to_owned(),
        name_zh: setting.chinese.to_owned(),
        about: setting.english.to_owned(),
        article: setting.article.code(),
        unit: setting.counts.names().0.to_owned(),
        unit_en: setting.counts.names().1.to_owned(),
        value: held.get(setting.number).unwrap_or(setting.usual),
        usual: setting.usual,
        least: setting.least,
        // No edition can be set that this program does not carry.
        most: if Group::of(setting.number) == Group::Edition { registry.carries().0.into() } else { setting.most },
        since_version: now.set_since(setting.number).map_or(0, |(version, _)| version),
        since: now.set_since(setting.number).map(|(_, since)| clock::text(since)),
        planned: planned(&now, setting.number),
    };
    let terms = Settings::TABLE.iter().filter(|setting| view::with_terms(setting.number)).map(term).collect();
    let proposals = view::proposals_of(&registry, by.person, view::OF_TERMS);
    let hubs = now.hubs().map(|(device, name, carried)| answers::HubCarries {
        device: device.0,
        name: name.to_owned(),
        carries: carried.0,
    });
    let (version, carries, hubs) = (registry.acted(), registry.carries().0, hubs.collect());
    Ok(answers::Terms { version, terms, carries, hubs, changed, proposed, proposals })
}

/// Why something cannot be set, by the name that it was called by.
fn cannot_be(bad: &BadSetting) -> Problem {
    let BadSetting::Range { setting, value } = bad else {
        return Problem::bad_input(bad.chinese(), bad.to_string());
    };
    let Setting { code, chinese, least, most, counts, .. } = setting;
    let (unit, unit_en) = counts.names();
    Problem::bad_input(
        format!("{code}（{chinese}）不能设为 {value}；可设 {least} 至 {most} {unit}"),
        format!("{code} cannot be {value}; it can be {least} to {most} {unit_en}"),
    )
}

/// What is set of a setting for days to come.
fn planned(now: &At<'_>, number: u16) -> Vec<answers::Planned> {
    let of = now.planned().filter(|(_, planned, _)| *planned == number);
    of.map(|(since, _, value)| answers::Planned { from: local_date(since).to_string(), value }).collect()
}

/// The number of the next day.
pub(super) fn tomorrow() -> Option<i32> {
    local_date(clock::now()).succ_opt().map(|day| day.num_days_from_ce())
}

/// `2027-01-01` as the number of a day that has not begun.
pub(super) fn day(text: &str) -> Result<i32, Problem> {
    let wrong = || {
        Problem::bad_input(
            format!("{text} 应写作以后的某一日，如 2027-01-01"),
            format!("write {text} as a day to come, such as 2027-01-01"),
        )
    };
    let day = crate::when::read(text).ok().filter(|when| when.day_alone).ok_or_else(wrong)?;
    if day.at > clock::now() { Ok(local_date(day.at).num_days_from_ce()) } else { Err(wrong()) }
}

/// A term or limit, by its name, on screens or in commands, or its number.
fn term_called(name: &str) -> Result<&'static Setting, Problem> {
    let code = name.trim().replace('-', "_");
    let mut terms = Settings::TABLE.iter().filter(|setting| view::with_terms(setting.number));
    let found = terms.find(|term| term.code == code || term.chinese == name.trim() || code.parse() == Ok(term.number));
    found.ok_or_else(|| {
        Problem::not_found(
            format!("没有这项时限：{name}；jiesu terms show 可列出"),
            format!("no term {name}; jiesu terms show lists them"),
        )
    })
}

/// Shows how much each rate counts, or proposes to change how much each rate counts.
pub(super) async fn weigh(desk: &Desk, by: By, asked: &q::Weights) -> Result<answers::Weights, Problem> {
    let given = [asked.response, asked.solution, asked.satisfaction, asked.mostly];
    let registry = desk.registry();
    let named = asked.from.as_deref().map(day).transpose()?;
    // Something else may be agreed for that day already.
    let from = named.or_else(tomorrow);
    let (version, held) = registry.now().on(begins(from)).weights();
    let mut numbers = held.numbers();
    for (number, given) in numbers.iter_mut().zip(given) {
        *number = given.unwrap_or(*number);
    }
    let weights = Weights::from_numbers(numbers).ok_or_else(|| {
        Problem::bad_input(
            "响应、解决、满意三项权重之和须为 100，“基本”折算不超过 100",
            "the weights of response, solution and satisfaction are 100 in all, and half an answer counts 100 at most",
        )
    })?;
    // What is set to what it is already, but by no entry yet, is written down all the same.
    let anew = version == 0 || named.is_some();
    let changed = weights != held || (anew && given.iter().any(Option::is_some));
    let change = Change::Settings(Set { from, values: weights.settings() });
    if changed && desk.told(by).await?.is_none() {
        let proposes = Change::Proposed(Box::new(change.clone()));
        enrol::change(desk, by, registry.version(), proposes).await?;
    }
    let registry = desk.registry();
    let proposed = changed.then(|| view::proposal_of(&registry, &change, by.person)).flatten();
    let proposals = view::proposals_of(&registry, by.person, &[Matter::Weights]);
    let planned = weights_planned(&registry.now().on(clock::now()));
    Ok(answers::Weights { used: report::weights(&registry), planned, changed, proposed, proposals })
}

/// The weights that are agreed for days to come.
fn weights_planned(now: &At<'_>) -> Vec<answers::WeightsPlanned> {
    let mut days: Vec<_> = now.planned().filter(|(_, number, _)| Group::of(*number) == Group::Weights).collect();
    days.dedup_by_key(|(since, ..)| *since);
    let on = |(since, ..): (Millis, u16, u32)| {
        let [response, solution, satisfaction, mostly] = now.on(since).weights().1.numbers();
        let from = local_date(since).to_string();
        answers::WeightsPlanned { from, response, solution, satisfaction, mostly }
    };
    days.into_iter().map(on).collect()
}

/// When what is set from that day on begins to hold; without a day it does at once.
fn begins(from: Option<i32>) -> Millis {
    Set { from, values: Vec::new() }.begins().unwrap_or_else(clock::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_out_of_its_range_is_named_with_what_it_can_be() {
        let setting = term_called("contact_wd").unwrap();
        let problem = cannot_be(&Settings::check(&[(setting.number, 99_999)]).unwrap_err());
        let range = format!("可设 {} 至 {}", setting.least, setting.most);
        assert!(problem.title.starts_with("contact_wd（") && problem.title.contains(&range), "{problem:?}");
        assert!(!problem.title.contains("号设置"), "{problem:?}");
        assert!(problem.detail.starts_with("contact_wd cannot be 99999"), "{problem:?}");
    }
}
