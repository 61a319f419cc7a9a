//! Founding a city: the registry's first entries, from the data that the program brings along.

use regulation::calendar::Calendar;
use regulation::rates::Weights;
use regulation::settings::EDITION;
use regulation::{DeviceId, Edition, PersonId, Role, Settings, UnitId, split};
use replica::{Change, Class, Device, Person, Unit, UnitKind};

use crate::problem::Problem;

const UNITS: &str = include_str!("../../data/units.csv");
const CATEGORIES: &str = include_str!("../../data/categories.csv");
/// The holidays that the program brings along, as `jiesu calendar import` would read them.
pub const HOLIDAYS: &str = include_str!("../../data/holidays.csv");

/// Characters of a city's name, at most.
pub const CITY_CHARS_MAX: usize = 20;

/// The unit that founds: row 1 of the table of units.
pub const CITY_HOTLINE: UnitId = UnitId(1);
/// The device that founds.
pub const CITY_HUB: DeviceId = DeviceId(1);

/// The person who founds the city: the only one there is yet, who may do everything at its hotline until others are named.
#[derive(Clone, Debug)]
pub struct Founder {
    /// Name on screens.
    pub name: String,
    /// What the person types to sign in.
    pub login: String,
}

/// The entries of a new city, in order. `root_key` signs the registry, `hub_key` is the device of the city hub.
///
/// # Errors
/// The data that the program was built with is damaged.
pub fn changes(city: &str, root_key: [u8; 32], hub_key: [u8; 32], founder: &Founder) -> Result<Vec<Change>, Problem> {
    let days = Calendar::parse_csv(HOLIDAYS).map_err(|error| Problem::fault(&error))?;
    let hub = Device { unit: CITY_HOTLINE, class: Class::Hub, key: hub_key, name: "市热线中心节点".to_owned() };
    let person = Person {
        unit: CITY_HOTLINE,
        name: founder.name.clone(),
        login: founder.login.clone(),
        roles: split::all_of_one(),
    };
    let mut changes = vec![
        Change::Found { city: city.to_owned(), root_key },
        Change::Units(units()?),
        Change::Categories(categories()?.into_iter().map(|category| (category.code, category.name)).collect()),
        Change::Calendar(days),
        Change::terms(&Settings::USUAL),
        Change::weights(&Weights::default()),
        Change::Device(CITY_HUB, hub),
        Change::Hub(CITY_HUB),
        Change::Person(PersonId(1), person),
    ];
    // A new city has never known other rules. Before there is anybody, nobody need agree.
    if Edition::NEWEST > Edition::FIRST {
        changes.insert(1, Change::settings(vec![(EDITION, Edition::NEWEST.0.into())]));
    }
    Ok(changes)
}

/// The units of the table. The row number is the unit's ordinal.
fn units() -> Result<Vec<(UnitId, Unit)>, Problem> {
    let rows: Vec<Vec<String>> = rows_of(UNITS).collect();
    units_of(&rows)
}

/// Units of rows: code, names, kind, level, division, attestation, the code of the hotline above; then, where they are said,
/// that of the government and, with blanks between them, those of the superior departments.
fn units_of(rows: &[Vec<String>]) -> Result<Vec<(UnitId, Unit)>, Problem> {
    let damaged = || damaged("units.csv");
    let id =
        |code: &str| (1..).zip(rows).find(|(_, row)| row.first().is_some_and(|c| c == code)).map(|(id, _)| UnitId(id));
    let named = |code: &str| if code.is_empty() { Ok(None) } else { id(code).map(Some).ok_or_else(damaged) };
    (1..)
        .zip(rows)
        .map(|(ordinal, row)| {
            let [code, name, short, kind, level, _, _, parent, asks @ ..] = row.as_slice() else {
                return Err(damaged());
            };
            let kind = match (kind.as_str(), level.as_str()) {
                ("hotline", "city") => UnitKind::CityHotline,
                ("hotline", _) => UnitKind::CountyHotline,
                ("county_gov", _) => UnitKind::CountyGovernment,
                ("department", _) => UnitKind::Department,
                ("township_gov" | "zone", _) => UnitKind::Township,
                ("enterprise", _) => UnitKind::Enterprise,
                _ => return Err(damaged()),
            };
            let superiors = asks.get(1).map_or("", String::as_str).split_ascii_whitespace().map(named);
            let mut superiors: Vec<UnitId> = superiors.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            superiors.sort_unstable();
            superiors.dedup();
            let government = named(asks.first().map_or("", String::as_str))?;
            let unit = Unit { government, superiors, ..Unit::new(code, name, short, kind, named(parent)?) };
            Ok((UnitId(ordinal), unit))
        })
        .collect()
}

/// A category of the table.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its code.
    pub code: String,
    /// Both levels, `城乡建设/村镇建设`.
    pub name: String,
    /// Who usually leads: a unit's code, `township` or `county` for the one of the place, or nothing.
    pub lead: String,
}

/// The categories that the program brings along.
///
/// # Errors
/// The data that the program was built with is damaged.
pub fn categories() -> Result<Vec<Category>, Problem> {
    rows_of(CATEGORIES)
        .map(|row| match row.as_slice() {
            [code, first, second, _, lead] => {
                Ok(Category { code: code.clone(), name: format!("{first}/{second}"), lead: lead.clone() })
            }
            _ => Err(damaged("categories.csv")),
        })
        .collect()
}

fn rows_of(text: &'static str) -> impl Iterator<Item = Vec<String>> {
    text.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split(',').map(str::to_owned).collect())
}

fn damaged(file: &str) -> Problem {
    Problem::fault(&format!("the built-in {file} is damaged"))
}

/// Roles of a person who joins with a new device, by what the unit is, none of which looks after another ([`split`]). Who looks after
/// devices and people, who reviews in a county and who follows up at the city is named.
#[must_use]
pub fn usual_roles(kind: UnitKind) -> Vec<Role> {
    match kind {
        UnitKind::CityHotline => {
            let named = |role: &Role| matches!(role, Role::Administer | Role::FollowUp);
            split::all_of_one().into_iter().filter(|role| !named(role)).collect()
        }
        UnitKind::CountyHotline => {
            vec![Role::Dispatch, Role::Handle, Role::Supervise, Role::Knowledge, Role::Statistics]
        }
        _ => vec![Role::Handle, Role::Knowledge, Role::Statistics],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_a_government_and_superiors_where_its_row_names_them() {
        let rows: Vec<Vec<String>> = [
            "H,市热线,热线,hotline,city,1,seed,",
            "G,县政府,县政府,county_gov,county,1,seed,H",
            "D,市住建局,住建局,department,city,1,seed,H,",
            "E,市城管局,城管局,department,city,1,seed,H,,",
            "T,某镇,某镇,township_gov,township,1,seed,H,G,E D",
        ]
        .into_iter()
        .map(|row| row.split(',').map(str::to_owned).collect())
        .collect();
        let units = units_of(&rows).unwrap();
        let asks: Vec<Vec<u32>> =
            units.iter().map(|(_, unit)| unit.asks().into_iter().map(|unit| unit.0).collect()).collect();
        assert_eq!(asks, [vec![], vec![], vec![], vec![], vec![2, 3, 4]]);
        let mut unknown = rows;
        unknown[4][8] = "X".to_owned();
        assert!(units_of(&unknown).is_err());
        assert!(
            super::units().unwrap().iter().all(|(_, unit)| unit.asks().is_empty()),
            "the text does not say which they are"
        );
    }

    #[test]
    fn whoever_joins_looks_after_nothing_of_their_own() {
        use regulation::Level;
        for (kind, level) in [
            (UnitKind::CityHotline, Level::CityHotline),
            (UnitKind::CountyHotline, Level::CountyHotline),
            (UnitKind::Township, Level::Unit),
        ] {
            assert_eq!(split::held_together(&usual_roles(kind), level).count(), 0, "{kind:?}");
        }
    }
}
