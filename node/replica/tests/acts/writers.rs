//! Who may have an entry of the registry written, and that somebody always may.

use regulation::{PersonId, Role};
use replica::registry::{Clash, sign_entry};
use replica::{Change, Person, Registry, RegistryError};

use crate::city::{self, NOON, registry};

fn append(registry: &mut Registry, by: Option<PersonId>, change: Change) -> Result<(), Clash> {
    let entry = sign_entry(by, registry, change, NOON, &city::root());
    match registry.append(&entry) {
        Ok(_) => Ok(()),
        Err(RegistryError::Inconsistent { clash, .. }) => Err(clash),
        Err(other) => panic!("{other}"),
    }
}

/// The people of the city hotline, with the roles that they have.
fn at_city(registry: &Registry) -> Vec<(PersonId, Person)> {
    let at = registry.now();
    let here = |person: &Person| at.level(person.unit) == regulation::Level::CityHotline;
    at.people().filter(|(_, person)| here(person)).map(|(id, person)| (id, person.clone())).collect()
}

fn without(person: &Person, role: Role) -> Person {
    Person { roles: person.roles.iter().copied().filter(|held| *held != role).collect(), ..person.clone() }
}

#[test]
fn entry_is_signed_with_whoever_had_it_written_and_only_an_administrator_of_the_city_may() {
    let mut registry = registry();
    let (admin, _) = at_city(&registry)[0].clone();
    let elsewhere =
        registry.now().people().find(|(_, p)| registry.now().level(p.unit) != regulation::Level::CityHotline);
    let (elsewhere, other) = elsewhere.map(|(id, person)| (id, person.clone())).unwrap();
    assert!(other.roles.contains(&Role::Administer), "of its own unit");
    let change = || Change::Categories(vec![("0101".to_owned(), "供水".to_owned())]);
    assert_eq!(append(&mut registry, Some(elsewhere), change()), Err(Clash::NotTheirs));
    assert_eq!(append(&mut registry, Some(PersonId(999)), change()), Err(Clash::NotTheirs));
    append(&mut registry, Some(admin), change()).unwrap();
    assert_eq!(registry.log().next_back().unwrap().by, Some(admin));
    // Nobody gives what they do not have: whoever adds people administers.
    let newcomer = Person { unit: other.unit, name: "新人".to_owned(), login: "new".to_owned(), roles: Vec::new() };
    let next = registry.next_person();
    assert_eq!(append(&mut registry, Some(elsewhere), Change::Person(next, newcomer)), Err(Clash::NotTheirs));
}

#[test]
fn last_administrator_of_the_city_stays() {
    let mut registry = registry();
    let all = at_city(&registry);
    let (last, others) = all.split_last().unwrap();
    for (id, person) in others {
        append(&mut registry, Some(last.0), Change::Person(*id, without(person, Role::Administer))).unwrap();
    }
    let gone = Change::Person(last.0, without(&last.1, Role::Administer));
    assert_eq!(append(&mut registry, Some(last.0), gone.clone()), Err(Clash::LastAdministrator));
    assert_eq!(append(&mut registry, None, gone.clone()), Err(Clash::LastAdministrator));
    let less = Change::Person(last.0, without(&last.1, Role::Intake));
    append(&mut registry, Some(last.0), less).unwrap();
    if let Some((id, person)) = others.first() {
        assert_eq!(append(&mut registry, Some(*id), gone.clone()), Err(Clash::NotTheirs), "who is none any more");
        append(&mut registry, Some(last.0), Change::Person(*id, person.clone())).unwrap();
        append(&mut registry, Some(*id), gone).unwrap();
    }
}
