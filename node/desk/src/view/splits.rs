//! Whose login holds together what two people should.

use regulation::split::{Split, all_of_one, held_together};
use regulation::{Level, PersonId, Role};
use replica::Person;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Both, UnitRef};

/// People who are listed so, at most.
const SPLITS_LISTED_MAX: usize = 100;

/// Somebody whose login holds together what two people should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SplitView {
    /// Name.
    pub name: String,
    /// Login.
    pub login: String,
    /// Unit.
    pub unit: UnitRef,
    /// The roles that are two people's, two by two.
    pub roles: Vec<[String; 2]>,
    /// What is held together, and what to do.
    pub text: String,
    /// The same in English.
    pub text_en: String,
}

/// What somebody's login holds together, if it does.
#[must_use]
pub fn split_of(at: &At<'_>, person: &Person) -> Option<SplitView> {
    let level = at.level(person.unit);
    let held: Vec<Split> = held_together(&person.roles, level).collect();
    if held.is_empty() {
        return None;
    }
    let (text, text_en) = said(&person.roles, &held, level);
    let code = |role: Role| role.names().0.to_owned();
    Some(SplitView {
        name: person.name.clone(),
        login: person.login.clone(),
        unit: UnitRef::of(at, person.unit),
        roles: held.iter().map(|split| [code(split.one), code(split.other)]).collect(),
        text,
        text_en,
    })
}

fn said(roles: &[Role], held: &[Split], level: Level) -> Both {
    let pair = |split: &Split, name: fn(Role) -> &'static str| format!("{}/{}", name(split.one), name(split.other));
    let pairs = |name: fn(Role) -> &'static str| held.iter().map(|split| pair(split, name)).collect::<Vec<_>>();
    let (chinese, english) = (pairs(|role| role.names().1).join("、"), pairs(|role| role.names().0).join(", "));
    let (second, second_en) = match level {
        Level::Unit => (
            "，人手不足的由县热线（没有县热线的由市热线）的人员审核",
            "; where an office is too small, to the county, or the city",
        ),
        Level::CountyHotline => ("，人手不足的由市热线的人员审核", "; where an office is too small, to the city"),
        Level::CityHotline => ("", ""),
    };
    // Where one has everything, nobody looks after anybody.
    let (all, all_en) = match all_of_one().iter().all(|role| roles.contains(role)) {
        true => ("一人兼有全部岗位，", "one login holds every role; "),
        false => ("", ""),
    };
    (
        format!("{all}未分设：{chinese}；请把其中一个岗位交给另一人{second}"),
        format!("{all_en}held together: {english}; give one of them to another person{second_en}"),
    )
}

/// Everybody of whom that is so whom somebody of that unit should know of: the city of all, others of their own; at most
/// `SPLITS_LISTED_MAX`.
#[must_use]
pub fn splits(at: &At<'_>, unit: regulation::UnitId) -> Vec<SplitView> {
    let all = at.level(unit) == Level::CityHotline;
    let concerns = |(_, person): &(PersonId, &Person)| all || person.unit == unit;
    at.people().filter(concerns).filter_map(|(_, person)| split_of(at, person)).take(SPLITS_LISTED_MAX).collect()
}
