//! A/B 岗 and leave (7(1)): set in the unit without anybody else, and nobody becomes anybody else by it.

use kernel::cover::{COVERED_MAX, Cover, LEAVE_AHEAD_DAYS_MAX, LEAVE_DAYS_MAX};
use kernel::{BadCover, Command, Done, Kernel, Refusal};
use regulation::calendar::day_number;
use regulation::settings::Settings;
use regulation::{Body, PersonId, Role, UnitId};
use replica::{Change, Draft, Person};
use store::TicketFilter;

use crate::city::{self, CITY, DAY_MS, HUB, NOON, OFFICE, TOWN};

fn today() -> i32 {
    day_number(NOON)
}

fn said(kernel: &mut Kernel, now: i64, by: PersonId, said: Cover) -> Result<Done, Refusal> {
    city::ask(kernel, now, Some(by), Command::Cover(said)).0
}

fn leave(person: PersonId, cover: Option<PersonId>, (first, last): (i32, i32)) -> Cover {
    Cover::Leave { person, first: today() + first, last: today() + last, cover }
}

/// A node of a unit that has these people beside its two.
fn node(unit: UnitId, others: &[(u32, &[Role])]) -> Kernel {
    let mut registry = city::registry();
    for (id, roles) in others {
        let (name, login, roles) = (format!("职员{id}"), format!("x{id}"), roles.to_vec());
        city::append(&mut registry, Change::Person(PersonId(*id), Person { unit, name, login, roles }));
    }
    city::open(if unit == CITY { HUB } else { OFFICE }, city::store(&registry), NOON, false)
}

#[test]
fn what_can_be_said_of_deputies_and_leave_and_what_cannot() {
    let mut office = node(TOWN, &[(90, &[Role::Handle]), (91, &[Role::Inspect])]);
    let ([a, b], c, stranger) = (city::people(TOWN), PersonId(90), city::people(CITY)[0]);
    let refused = |bad: BadCover| Err(Refusal::Cover(bad));
    let days = refused(BadCover::Days { most: LEAVE_DAYS_MAX, ahead: LEAVE_AHEAD_DAYS_MAX });
    let cases = [
        // Nobody of another unit, nor who looks from outside, covers, is covered for, or says so.
        (a, leave(a, Some(stranger), (0, 1)), refused(BadCover::NotHere)),
        (a, leave(stranger, Some(a), (0, 1)), refused(BadCover::NotHere)),
        (stranger, leave(a, Some(b), (0, 1)), refused(BadCover::NotHere)),
        (a, leave(a, Some(PersonId(91)), (0, 1)), refused(BadCover::NotHere)),
        (PersonId(91), leave(a, Some(b), (0, 1)), refused(BadCover::NotHere)),
        (a, Cover::Deputy { person: a, deputy: Some(stranger) }, refused(BadCover::NotHere)),
        // Nor for himself.
        (a, leave(a, Some(a), (0, 1)), refused(BadCover::Oneself)),
        (a, Cover::Deputy { person: a, deputy: Some(a) }, refused(BadCover::Oneself)),
        // Days are bounded.
        (a, leave(a, Some(b), (2, 1)), days.clone()),
        (a, leave(a, Some(b), (-3, -1)), days.clone()),
        (a, leave(a, Some(b), (0, LEAVE_DAYS_MAX)), days.clone()),
        (a, leave(a, Some(b), (LEAVE_AHEAD_DAYS_MAX + 1, LEAVE_AHEAD_DAYS_MAX + 1)), days.clone()),
        (a, Cover::Leave { person: a, first: i32::MIN, last: i32::MAX, cover: Some(b) }, days),
        (a, leave(a, None, (0, 1)), refused(BadCover::NoDeputy)),
        (a, Cover::Back { person: a }, refused(BadCover::NoLeave)),
        // Who has no say of another's desk is refused, whatever he says of it.
        (c, leave(a, Some(b), (0, 1)), refused(BadCover::NotTheirs)),
        (c, leave(a, Some(c), (0, 1)), refused(BadCover::NotTheirs)),
        (c, Cover::Deputy { person: a, deputy: Some(c) }, refused(BadCover::NotTheirs)),
        (c, Cover::Back { person: a }, refused(BadCover::NotTheirs)),
        // Who administers may say it for him; who covers is his deputy where nobody is named.
        (b, Cover::Deputy { person: a, deputy: Some(b) }, Ok(Done::Covered)),
        (b, leave(a, None, (1, 3)), Ok(Done::Covered)),
        (a, leave(a, Some(c), (3, 4)), refused(BadCover::OnLeave)),
        (b, leave(b, Some(c), (3, 9)), refused(BadCover::Covering)),
        (c, leave(c, Some(a), (2, 2)), refused(BadCover::Away)),
        (b, leave(b, Some(c), (4, 9)), Ok(Done::Covered)),
        (a, Cover::Deputy { person: a, deputy: None }, Ok(Done::Covered)),
        (a, Cover::Back { person: a }, Ok(Done::Covered)),
        (a, leave(a, None, (1, 3)), refused(BadCover::NoDeputy)),
    ];
    for (n, (by, what, expected)) in cases.into_iter().enumerate() {
        assert_eq!(said(&mut office, NOON, by, what), expected, "{n}: {what:?}");
    }
    // What was said stays, with whoever said it, over a restart too.
    let office = city::open(OFFICE, office.into_store(), NOON, false);
    let kept = office.store().leaves(9).unwrap();
    assert_eq!(
        kept.iter().map(|row| (row.person, row.by, row.ended.is_some())).collect::<Vec<_>>(),
        [(b, b, false), (a, b, true)]
    );
    assert_eq!(office.store().deputies().unwrap(), []);
}

#[test]
fn one_covers_for_so_many_at_a_time() {
    let others: Vec<(u32, &[Role])> =
        (90..=90 + u32::try_from(COVERED_MAX).unwrap()).map(|id| (id, &[Role::Handle][..])).collect();
    let (mut office, [_, b]) = (node(TOWN, &others), city::people(TOWN));
    for (n, (id, _)) in others.iter().enumerate() {
        let expected =
            if n < COVERED_MAX { Ok(Done::Covered) } else { Err(Refusal::Cover(BadCover::Many { most: COVERED_MAX })) };
        assert_eq!(said(&mut office, NOON, b, leave(PersonId(*id), Some(b), (0, 1))), expected, "{n}");
    }
    assert_eq!(office.store().covered_by(b, today() + 1).unwrap().len(), COVERED_MAX);
    assert!(office.store().covered_by(b, today() + 2).unwrap().is_empty(), "over by itself");
}

#[test]
fn what_somebody_was_handed_is_listed_for_him_and_for_nobody_by_an_act_of_cover() {
    let mut hub = node(CITY, &[]);
    let [a, b] = city::people(CITY);
    let doc = city::begin(&mut hub, NOON, a, city::register("供暖不热"));
    let other = city::begin(&mut hub, NOON, a, city::register("路灯不亮"));
    city::act(&mut hub, NOON, b, doc, Draft::new(Body::HandOver { to: a }));
    said(&mut hub, NOON, a, leave(a, Some(b), (0, 1))).unwrap();
    let listed = |hub: &Kernel, handlers: Vec<PersonId>| {
        let filter = TicketFilter { handlers: Some(handlers), ..TicketFilter::default() };
        hub.store().tickets(&filter, None, 9).unwrap().rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let covered = hub.store().covered_by(b, today()).unwrap();
    assert_eq!((listed(&hub, vec![a]), listed(&hub, vec![b]), listed(&hub, covered)), (vec![doc], vec![], vec![doc]));
    // He acts under his own name, and the ticket stays the other's.
    let act = city::act(&mut hub, NOON, b, doc, city::tag("供暖"));
    let history = kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    assert_eq!(history.node(act).unwrap().fact.author.person, Some(b));
    assert_eq!(history.record().ticket().unwrap().claimed_by, Some(a));
    assert_ne!(other, doc);
}

#[test]
fn whoever_covers_is_no_second_to_whom_he_covers_for_and_is_again_when_it_is_over() {
    let mut hub = node(CITY, &[(90, &regulation::split::all_of_one())]);
    let ([a, b], third) = (city::people(CITY), PersonId(90));
    let doc = city::begin(&mut hub, NOON, a, city::article());
    let confirm = |proposal| Command::Act { doc, draft: Draft::new(Body::Confirm).answering(Some(proposal)) };
    let review = || Command::Act { doc, draft: Draft::new(Body::ArticleReview) };
    let propose = |hub: &mut Kernel| city::act(hub, NOON, a, doc, Draft::new(Body::ArticlePublish));
    said(&mut hub, NOON, a, leave(a, Some(b), (0, 1))).unwrap();
    // Neither of what he wrote, nor of what he proposed, here or in the registry.
    assert_eq!(city::ask(&mut hub, NOON, Some(b), review()).0, Err(Refusal::Covers));
    assert!(city::ask(&mut hub, NOON, Some(third), review()).0.is_ok());
    let proposal = propose(&mut hub);
    assert_eq!(city::ask(&mut hub, NOON, Some(b), confirm(proposal)).0, Err(Refusal::Covers));
    let confirmed = city::proposed(&mut hub, Change::terms(&Settings::USUAL).from_day(city::TOMORROW));
    let entry = |change: &Change| Command::Registry { seen: u32::MAX, change: Box::new(change.clone()) };
    assert_eq!(city::ask(&mut hub, NOON, Some(b), entry(&confirmed)).0, Err(Refusal::Covers));
    assert!(city::ask(&mut hub, NOON, Some(third), entry(&confirmed)).0.is_ok());
    // The other is not the one's second to himself either: the rules about persons hold as ever.
    assert!(matches!(city::ask(&mut hub, NOON, Some(a), confirm(proposal)).0, Err(Refusal::Rule(_))));
    // He may decline, which brings nothing about; and confirm when the leave is over.
    assert!(city::ask(&mut hub, NOON + 2 * DAY_MS, Some(b), confirm(proposal)).0.is_ok());
}
