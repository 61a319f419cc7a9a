//! A city hub that was put back: which tickets may change once the counties are heard is listed, and said on their pages.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod city;

use desk::{Me, view};
use kernel::{Command, Done, Effect, Identity, Input, Kernel, Request};
use regulation::act::{Body, Dispatch};
use regulation::{ActId, Author, DeviceId, PersonId, UnitId};
use replica::Draft;
use store::{DocNo, Store};

const HUB: DeviceId = DeviceId(1);
const NOON: i64 = 1_793_592_000_000;

fn open(store: Store, restored: bool) -> Kernel {
    let identity = Identity { key: city::key(HUB), root: Some(city::root()), reliable_links: true };
    Kernel::open(store, identity, [7; 32], NOON, restored).unwrap()
}

fn make(kernel: &mut Kernel, command: Command) -> ActId {
    let request = Request { ticket: 1, person: Some(PersonId(1)), command };
    let effects = kernel.handle(NOON, vec![Input::Request(Box::new(request))]).unwrap();
    let reply = effects.into_iter().find_map(|effect| match effect {
        Effect::Reply { result, .. } => Some(result.unwrap()),
        _ => None,
    });
    let Some(Done::Made { doc, .. }) = reply else { panic!("{reply:?}") };
    doc
}

/// A ticket of the township's.
fn dispatched(kernel: &mut Kernel) -> ActId {
    let doc = make(kernel, Command::Begin(city::register()));
    let body = Body::Dispatch(Dispatch { lead: UnitId(2), assisting: Vec::new() });
    make(kernel, Command::Act { doc, draft: Draft::new(body) });
    doc
}

#[test]
fn tickets_of_a_county_that_was_not_heard_are_listed_and_marked_and_no_others() {
    let registry = city::registry();
    let mut kernel = open(city::store(&registry), false);
    let docs = [dispatched(&mut kernel), dispatched(&mut kernel), make(&mut kernel, Command::Begin(city::register()))];
    let at = registry.now();
    let me = Me { id: HUB, hub: true, device: at.device(HUB).unwrap().clone() };
    let seen = |store: &Store, after: Option<&str>| {
        let after = after.map_or(DocNo(0), |id| view::find(store, id).unwrap().0);
        view::uncertain(store, &registry, &me, (None, after), NOON).unwrap()
    };
    let before = seen(kernel.store(), None);
    assert!(before.unheard.is_empty() && before.tickets.is_empty(), "it was not put back");

    let kernel = open(kernel.into_store(), true);
    let store = kernel.store();
    let found = seen(store, None);
    let counties: Vec<(&str, bool)> = found.unheard.iter().map(|node| (&*node.unit.code, node.waived)).collect();
    assert_eq!(counties, [("130602", false)]);
    let how_it_stands = view::sync(store, &registry, &me, &desk::Status::default(), &[], NOON).unwrap();
    assert_eq!(how_it_stands.waits_for, found.unheard, "whoever asks how the node stands is told that it waits");
    let listed: Vec<&str> = found.tickets.iter().map(|line| &*line.id).collect();
    assert_eq!(listed, [docs[0].hex(), docs[1].hex()], "those that its township has a part in");
    let rest = seen(store, Some(&docs[0].hex()));
    assert_eq!(rest.tickets.len(), 1);
    let of = |county: &str| view::uncertain(store, &registry, &me, (Some(county), DocNo(0)), NOON).unwrap();
    assert_eq!(of("130602"), found);
    assert!(of("130600").tickets.is_empty(), "nobody waits for the city itself");
    assert_eq!(view::devices_of(&registry, "130602").unwrap(), [DeviceId(3)]);
    let author = Author {
        unit: UnitId(1),
        level: at.level(UnitId(1)),
        hub: true,
        person: Some(PersonId(1)),
        roles: regulation::split::all_of_one(),
    };
    let hangs_on = |doc: &ActId| {
        let page = view::ticket(store, &registry, &me, &author, &doc.hex(), false, NOON).unwrap();
        page.may_change_by.into_iter().map(|unit| unit.code).collect::<Vec<_>>()
    };
    assert_eq!(docs.iter().map(hangs_on).collect::<Vec<_>>(), [vec!["130602"], vec!["130602"], vec![]]);
}

#[test]
fn list_has_pages_and_each_ticket_once() {
    let registry = city::registry();
    let mut kernel = open(city::store(&registry), false);
    let count = view::UNCERTAIN_ROWS_MAX + 3;
    let mut given: Vec<String> = (0..count).map(|_| dispatched(&mut kernel).hex()).collect();
    let kernel = open(kernel.into_store(), true);
    let me = Me { id: HUB, hub: true, device: registry.now().device(HUB).unwrap().clone() };
    let page = |after: DocNo| view::uncertain(kernel.store(), &registry, &me, (None, after), NOON).unwrap();
    let first = page(DocNo(0));
    let second = page(view::find(kernel.store(), first.next.as_deref().unwrap()).unwrap().0);
    assert_eq!((first.tickets.len(), second.tickets.len()), (view::UNCERTAIN_ROWS_MAX, 3));
    assert!(second.next.is_none());
    let mut listed: Vec<String> = first.tickets.into_iter().chain(second.tickets).map(|line| line.id).collect();
    given.sort();
    listed.sort();
    assert_eq!(given, listed);
}
