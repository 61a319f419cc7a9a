//! Editions of the rules, by one that is made up: a correction decides on what names it, moves nothing that is settled, and
//! a program that does not carry it holds what rests on it.

use regulation::calendar::Calendar;
use regulation::rates::{self, Life};
use regulation::settings::EDITION;
use regulation::terms::{DueKind, Rules, dues_under};
use regulation::{Body, Edition, PersonId, Role, Rule, Settings};
use replica::registry::sign_entry;
use replica::{Change, Draft, History, Judgement, Need, Person, Registry, Sealed, Standing, Verdict, compose, judge};

use crate::city::{self, CITY, HUB, LAPTOP, NOON, TOWN};

/// Somebody of the city hotline who may urge by the first edition, and not by the made-up one.
const CLERK: PersonId = PersonId(77);
const DAY_MS: i64 = 86_400_000;

fn append(registry: &mut Registry, by: Option<PersonId>, change: Change) {
    registry.append(&sign_entry(by, registry, change, NOON, &city::root())).unwrap();
}

/// The registry before and after the city took up the corrected rules, as a program knows it that carries both.
fn entries() -> (Registry, Registry) {
    let mut before = Registry::carrying(Edition::MADE_UP);
    city::registry().entries().for_each(|entry| assert!(before.append(entry).is_ok()));
    for (id, roles) in
        [(CLERK, vec![Role::Intake, Role::Dispatch, Role::Supervise]), (PersonId(78), vec![Role::Administer])]
    {
        let person = Person { unit: CITY, name: "职员".to_owned(), login: format!("p{}", id.0), roles };
        append(&mut before, None, Change::Person(id, person));
    }
    city::hubs_say(&mut before, Edition::MADE_UP);
    let mut after = before.clone();
    let corrected = Change::settings(vec![(EDITION, Edition::MADE_UP.0.into())]);
    append(&mut after, Some(city::person(CITY)), Change::Proposed(Box::new(corrected)));
    let proposal = after.head();
    append(&mut after, Some(PersonId(78)), Change::Confirmed(proposal));
    (before, after)
}

/// A ticket that was sent to the town, and an urge of the clerk's as of that registry.
fn urged(begun: &Registry, made: &Registry, history: &mut History) -> Sealed {
    city::make(begun, history, LAPTOP, 1, city::register());
    city::make(begun, history, LAPTOP, 2, city::dispatch(TOWN));
    let mut stamp = city::stamp(made, LAPTOP, 3);
    stamp.person = Some(CLERK);
    let (act, parts) = compose(history, Draft::new(Body::Urge).text(["催办"]), stamp);
    Sealed::new(&act, &city::key(LAPTOP), parts)
}

/// What an act comes to, folded as it came and from nothing.
fn standing(history: &History, act: &Sealed) -> Option<Standing> {
    assert_eq!(history.refold(), *history.folded());
    city::standing(history, act.id())
}

const EFFECTIVE: Option<Standing> = Some(Standing::Effective);

fn overruled(standing: Option<Standing>) -> bool {
    matches!(standing, Some(Standing::Overruled(broken)) if broken.rule == Rule::RoleMissing)
}

#[test]
fn an_act_is_admitted_by_the_edition_that_it_names_whatever_is_held() {
    let (before, after) = entries();
    assert_eq!((before.now().edition(), after.now().edition()), (Edition::FIRST, Edition::MADE_UP));
    for (made, expected) in [(&before, Verdict::Admitted), (&after, Verdict::Unlawful(Rule::RoleMissing))] {
        for held in [&before, &after].into_iter().filter(|held| held.version() >= made.version()) {
            let mut history = History::default();
            let sealed = urged(&before, made, &mut history);
            assert_eq!(city::take(held, &mut history, &sealed), Ok(expected));
            assert_eq!(history.refound(sealed.id()), history.clone().found(sealed.id()));
        }
    }
}

#[test]
fn what_is_settled_stands_by_the_edition_of_the_hubs_act_in_every_order() {
    let (before, after) = entries();
    for (settles, stands) in [(&before, true), (&after, false)] {
        let mut history = History::default();
        let urge = urged(&before, &before, &mut history);
        let begun: Vec<Sealed> =
            history.nodes().iter().map(|node| Sealed::new(&node.act, &city::key(LAPTOP), node.parts.clone())).collect();
        city::take(settles, &mut history, &urge).unwrap();
        let settle = city::settle(settles, &mut history, 1);
        let came = standing(&history, &urge);
        assert_eq!(came == EFFECTIVE, stands, "{came:?}");
        assert!(stands || overruled(came), "{came:?}");
        // The same acts where the correction was known before any of them.
        let mut acts: Vec<&Sealed> = begun.iter().collect();
        acts.extend([&urge, &settle]);
        let again = city::history(&after, &acts);
        assert_eq!((standing(&again, &urge), again.record()), (came, history.record()));
        // Nothing moves what is settled, whatever comes after.
        history.weigh_by(Edition::MADE_UP);
        let later = city::note("后来");
        city::make(&after, &mut history, LAPTOP, 9, later);
        assert_eq!(standing(&history, &urge), came);
    }
}

#[test]
fn what_is_not_settled_stands_by_the_newest_edition_held_and_the_hub_decides() {
    let (before, after) = entries();
    let mut history = History::default();
    let urge = urged(&before, &before, &mut history);
    city::take(&before, &mut history, &urge).unwrap();
    assert_eq!(standing(&history, &urge), EFFECTIVE);
    history.weigh_by(after.now().edition());
    assert!(overruled(standing(&history, &urge)));
    // An act beside it, by the edition before, was admitted as its author found it.
    let note = city::seal(&before, &history, HUB, 1, city::note("旁记")).1;
    assert_eq!(city::take(&after, &mut history, &note), Ok(Verdict::Admitted));
    let (act, _) =
        compose(&history, Draft::new(Body::Settle), replica::Stamp { person: None, ..city::stamp(&before, HUB, 2) });
    let settle = Sealed::new(&act, &city::key(HUB), Vec::new());
    assert_eq!(city::take(&after, &mut history, &settle), Ok(Verdict::Admitted));
    assert_eq!(standing(&history, &urge), EFFECTIVE, "the hub settled it by the rules that it had");
}

#[test]
fn a_due_and_a_rate_are_counted_by_the_edition_of_their_settings() {
    let (before, after) = entries();
    let mut history = History::default();
    let mut urgent = city::register();
    if let Body::Register(register) = &mut urgent.body {
        register.urgency = regulation::act::Urgency::Urgent;
    }
    city::make(&before, &mut history, LAPTOP, 1, urgent);
    city::make(&before, &mut history, LAPTOP, 2, city::dispatch(TOWN));
    let ticket = history.record().ticket().unwrap().clone();
    let calendar = Calendar::from_days(1, &[]);
    let facts: Vec<_> = history.nodes().iter().map(|node| &node.fact).collect();
    let urgent = |settings: &Settings| {
        let life = Life { ticket: &ticket, acts: &facts, dues: &[], past: &[] };
        let score = rates::score(&life, &(NOON - DAY_MS..NOON + DAY_MS), &calendar, settings);
        score.entries.iter().map(|entry| entry.tally.urgent).sum::<i64>()
    };
    assert_eq!((urgent(before.now().settings()), urgent(after.now().settings())), (1, 0));
    let mut ended = History::default();
    city::make(&before, &mut ended, LAPTOP, 1, city::register());
    let reject = Body::Reject { ground: regulation::act::RejectGround::OutOfScope, duty: None };
    city::make(&before, &mut ended, LAPTOP, 2, Draft::new(reject).text(["不属受理范围", "依据"]));
    let ticket = ended.record().ticket().unwrap();
    let filed = |rules: &[Rules<'_>]| {
        dues_under(ticket, rules, &|_| None)
            .into_iter()
            .find(|item| item.what == DueKind::Archive)
            .map(|item| item.length)
    };
    let rules = |registry: &'static Registry, since| Rules {
        version: registry.version(),
        since,
        calendar: Box::leak(Box::new(Calendar::from_days(1, &[]))),
        terms: registry.now().settings(),
    };
    let (before, after): (&'static Registry, &'static Registry) =
        (Box::leak(Box::new(before)), Box::leak(Box::new(after)));
    let days = |days| Some(regulation::terms::Length::WorkingDays(days));
    assert_eq!(filed(&[rules(before, NOON)]), days(5));
    assert_eq!(filed(&[rules(before, NOON), rules(after, NOON + DAY_MS)]), days(10), "an open term in its favour");
    assert_eq!(filed(&[rules(after, NOON)]), days(10));
}

#[test]
fn an_act_of_an_edition_that_is_not_carried_is_held_and_the_others_go_on() {
    let (before, after) = entries();
    let mut older = Registry::carrying(Edition::FIRST);
    after.entries().for_each(|entry| assert!(older.append(entry).is_ok()));
    let mut history = History::default();
    let newer = urged(&before, &after, &mut history);
    let judged = |history: &mut History, sealed: &Sealed| {
        judge(history, sealed, replica::Act::decode(&sealed.bytes).unwrap(), &older).unwrap()
    };
    let held = judged(&mut history, &newer);
    assert!(matches!(held, Judgement::Held(Need::Beyond(_))), "{held:?}");
    let mut other = History::default();
    let goes_on = urged(&before, &older, &mut other);
    assert!(matches!(judged(&mut other, &goes_on), Judgement::Judged(node) if node.verdict == Verdict::Admitted));
}
