//! Facts of the process that a node keeps for it.

use kernel::{Input, KEPT};
use store::AccountRow;

use crate::city::{self, HUB, NOON};

fn keep(key: &str, value: &[u8]) -> Input {
    Input::Keep { key: key.to_owned(), value: value.to_vec() }
}

#[test]
fn fact_of_the_process_is_kept_under_its_prefix_and_nowhere_else() {
    let mut kernel = city::node(HUB);
    city::begin(&mut kernel, NOON, city::people(city::CITY)[0], city::register("供暖不热"));
    let own = ["epoch", "dseq", store::PROJECTED_META];
    let before = own.map(|key| kernel.store().meta(key).unwrap());
    assert!(before.iter().all(Option::is_some), "the kernel's own facts are there to be overwritten");
    let name = format!("{KEPT}invitations");
    kernel.handle(NOON, vec![keep(&name, b"one")]).unwrap();
    kernel.handle(NOON, vec![keep(&name, b"two")]).unwrap();
    assert_eq!(kernel.store().meta(&name).unwrap(), Some(b"two".to_vec()));
    let elsewhere = ["", "x", "nod", "NODE/x", " node/x", "xnode/x"];
    for key in own.into_iter().chain(elsewhere) {
        kernel.handle(NOON, vec![keep(key, b"forged")]).unwrap();
    }
    assert_eq!(own.map(|key| kernel.store().meta(key).unwrap()), before);
    assert!(elsewhere.iter().all(|key| kernel.store().meta(key).unwrap().is_none()));
    let kernel = city::open(HUB, kernel.into_store(), NOON, false);
    assert_eq!(kernel.store().meta(&name).unwrap(), Some(b"two".to_vec()));
}

#[test]
fn account_stays_at_its_node() {
    let mut kernel = city::node(HUB);
    let person = city::people(city::CITY)[0];
    let password = "$argon2id$".to_owned();
    let account = AccountRow { person, password, round: 1, first_by: None, own_since: Some(NOON), version: 1 };
    let effects = kernel.handle(NOON, vec![Input::Account(account.clone())]).unwrap();
    assert!(effects.is_empty(), "{effects:?}");
    assert_eq!(kernel.store().account(person).unwrap(), Some(account.clone()));
    // A new password and a sign-out each begin a new round, and what was copied of an old one stays old.
    for (input, round) in [(Input::EndSessions(person), 2), (Input::Account(account.clone()), 3)] {
        kernel.handle(NOON, vec![input]).unwrap();
        assert_eq!(kernel.store().account(person).unwrap(), Some(AccountRow { round, ..account.clone() }));
    }
    // Another sets it: it is no longer the person's own, and who did stays when it is again.
    let (by, later) = (Some(city::people(city::CITY)[1]), Some(NOON + 5));
    for (set, kept) in [((by, None), (by, None)), ((None, later), (by, later)), ((None, Some(NOON + 9)), (by, later))] {
        let set = AccountRow { first_by: set.0, own_since: set.1, ..account.clone() };
        kernel.handle(NOON, vec![Input::Account(set)]).unwrap();
        let found = kernel.store().account(person).unwrap().unwrap();
        assert_eq!((found.first_by, found.own_since), kept);
    }
}
