//! What concerns every document marks, and is worked off in slices: nobody waits behind it, and a kill loses none of it.

use kernel::{Command, Done, Effect, Input, Kernel, Request};
use regulation::act::{Body, Urgency};
use regulation::terms::Terms;
use regulation::{ActId, PersonId};
use replica::{Change, Draft};
use store::{ChangeSort, Changes};
use sync::ScopeKey;

use crate::city::{self, CITY, HUB, NOON, OFFICE, TOWN};
use crate::liar::Liar;

const CLERK: PersonId = PersonId(CITY.0 * 10);

/// Documents that these effects say were projected.
fn projected(effects: &[Effect]) -> Vec<ActId> {
    let changed = |effect: &Effect| if let Effect::Changed { doc } = effect { Some(*doc) } else { None };
    effects.iter().filter_map(changed).collect()
}

fn stale(kernel: &Kernel) -> u64 {
    kernel.store().stale_count().unwrap()
}

fn ask(kernel: &mut Kernel, person: Option<PersonId>, commands: Vec<Command>) -> Vec<Effect> {
    let request = |command| Input::Request(Box::new(Request { ticket: 1, person, command }));
    kernel.step(NOON, commands.into_iter().map(request).collect(), 0).unwrap()
}

fn change(kernel: &mut Kernel, change: Change) -> Vec<Effect> {
    ask(kernel, None, vec![Command::Registry { seen: u32::MAX, change: Box::new(change) }])
}

fn done(effects: &[Effect]) -> Vec<Done> {
    let reply = |effect: &Effect| match effect {
        Effect::Reply { result, .. } => Some(result.clone().unwrap()),
        _ => None,
    };
    effects.iter().filter_map(reply).collect()
}

/// A hub with so many tickets.
fn hub(tickets: usize) -> (Kernel, Vec<ActId>) {
    let mut hub = city::node(HUB);
    let mut docs = Vec::new();
    for from in (0..tickets).step_by(500) {
        let titles = from..tickets.min(from + 500);
        let begin = titles.map(|n| Command::Begin(city::register(&format!("第{n}件")))).collect();
        for made in done(&ask(&mut hub, Some(CLERK), begin)) {
            let Done::Made { doc, .. } = made else { panic!("{made:?}") };
            docs.push(doc);
        }
    }
    (hub, docs)
}

#[test]
fn calendar_terms_units_and_rebuild_each_cost_one_mark_however_many_tickets_there_are() {
    let (mut hub, docs) = hub(5_000);
    assert_eq!(stale(&hub), 0, "whoever writes reads what he wrote");
    let terms =
        city::proposed(&mut hub, Change::terms(&Terms { sign_for_wd: 2, ..Terms::default() }).from_day(city::TOMORROW));
    assert_eq!(stale(&hub), 0, "what is proposed moves nothing");
    for (person, entry) in
        [(None, city::calendar(&[3, 4])), (Some(city::people(city::CITY)[1]), terms), (None, city::units("V"))]
    {
        let command = Command::Registry { seen: u32::MAX, change: Box::new(entry) };
        assert_eq!(projected(&ask(&mut hub, person, vec![command])), [], "the change itself projects nothing");
        assert_eq!(stale(&hub), 5_000);
    }
    let rebuilt = ask(&mut hub, Some(CLERK), vec![Command::Rebuild]);
    assert_eq!((projected(&rebuilt), done(&rebuilt)), (Vec::new(), vec![Done::Documents(5_000)]));
    // A click projects its own document and no other, and neither do peers and ticks.
    let note = Command::Act { doc: docs[4_000], draft: city::dispatch(TOWN) };
    assert_eq!(projected(&ask(&mut hub, Some(CLERK), vec![note])), [docs[4_000]]);
    assert_eq!(stale(&hub), 4_999);
    assert_eq!(projected(&hub.step(NOON, vec![Input::Tick], 512).unwrap()), []);
    assert!(!hub.waits() && hub.stale());
    // Each slice is as large as it was asked for.
    for (slice, left) in [(1, 4_998), (64, 4_934)] {
        assert_eq!(projected(&hub.catch_up(NOON, slice).unwrap()).len(), slice);
        assert_eq!(stale(&hub), left);
    }
}

#[test]
fn slices_go_on_after_a_kill_and_end_where_everything_is_as_if_it_had_been_done_at_once() {
    let (mut at_once, _) = hub(40);
    let (mut in_slices, _) = hub(40);
    for kernel in [&mut at_once, &mut in_slices] {
        change(kernel, city::calendar(&[3, 4]));
    }
    at_once.catch_up(NOON, usize::MAX).unwrap();
    assert!(stale(&at_once) == 0);
    for done in 1.. {
        in_slices.catch_up(NOON, 7).unwrap();
        if stale(&in_slices) == 0 {
            break;
        }
        assert_eq!(stale(&in_slices), 40 - 7 * done, "nothing is done twice, nothing is forgotten");
        in_slices = city::open(HUB, in_slices.into_store(), NOON, false);
    }
    in_slices.catch_up(NOON, 1).unwrap();
    assert!(!in_slices.stale(), "there is nothing to do any more");
    let dump = |kernel: &Kernel| kernel.store().dump_projections().unwrap();
    assert!(dump(&at_once) == dump(&in_slices));
}

#[test]
fn urgent_and_open_tickets_have_their_turn_first() {
    let mut hub = city::node(HUB);
    let begin = |hub: &mut Kernel, draft| city::begin(hub, NOON, CLERK, draft);
    let article = begin(&mut hub, city::article());
    let closed = begin(&mut hub, city::register("撤单的"));
    city::act(&mut hub, NOON, CLERK, closed, Draft::new(Body::Withdraw).text(["诉求人要求撤回"]));
    let open = begin(&mut hub, city::register("一般的"));
    let mut draft = city::register("紧急的");
    if let Body::Register(register) = &mut draft.body {
        register.urgency = Urgency::Urgent;
    }
    let urgent = begin(&mut hub, draft);
    change(&mut hub, city::calendar(&[3, 4]));
    let order: Vec<ActId> = (0..4).flat_map(|_| projected(&hub.catch_up(NOON, 1).unwrap())).collect();
    assert_eq!(order, [urgent, open, article, closed]);
}

#[test]
fn what_was_projected_meanwhile_is_not_done_again() {
    let (mut hub, docs) = hub(3);
    change(&mut hub, city::calendar(&[3, 4]));
    ask(&mut hub, Some(CLERK), vec![Command::Act { doc: docs[0], draft: city::dispatch(TOWN) }]);
    let done = projected(&hub.catch_up(NOON, usize::MAX).unwrap());
    assert_eq!(done, docs[1..]);
}

/// Projections that are gone, as after an upgrade that changes their tables, are no reason to confirm or watch nothing.
#[test]
fn hub_whose_projections_are_gone_confirms_what_others_did_once_they_are_made_again() {
    let (mut hub, docs) = hub(1);
    city::act(&mut hub, NOON, CLERK, docs[0], city::dispatch(TOWN));
    let mut office = Liar::connect(&mut hub, OFFICE);
    let act = office.make(&hub, &Liar::history(&hub, docs[0]), city::tag("供暖"));
    let bytes = office.frame(ScopeKey(TOWN.0), &[act.encode()]).encode().unwrap();
    let conn = hub.sessions()[0].0;
    hub.step(NOON, vec![Input::Frame { conn, bytes }], 1).unwrap();
    assert!(hub.store().aseq_of(&act.id()).unwrap().is_some() && !hub.settled(), "it has come and is not confirmed");
    let mut store = hub.into_store();
    store.begin().unwrap();
    store.drop_projections().unwrap();
    store.commit().unwrap();
    let mut hub = city::open(HUB, store, NOON, false);
    hub.catch_up(NOON, usize::MAX).unwrap();
    assert!(!hub.settled());
    hub.handle(NOON, vec![Input::Tick]).unwrap();
    assert!(hub.settled());
}

/// The documents of changes after one, with what changed; nothing if everything is to be read again.
fn changes(kernel: &Kernel, after: u64) -> Option<Vec<(ActId, ChangeSort)>> {
    match kernel.store().changes_after(after, 100).unwrap() {
        Changes::Next(rows) => Some(rows.iter().map(|row| (row.id, row.sort)).collect()),
        Changes::All { .. } => None,
    }
}

#[test]
fn changes_are_in_order_and_say_what_they_are() {
    let (mut hub, docs) = hub(2);
    let [a, b] = [docs[0], docs[1]];
    let begun = changes(&hub, 0).unwrap();
    assert!(begun.len() == 2 && begun.contains(&(a, ChangeSort::Acts)) && begun.contains(&(b, ChangeSort::Acts)));
    let seen = hub.store().newest_change().unwrap();
    change(&mut hub, city::calendar(&[3, 4]));
    assert_eq!(changes(&hub, seen).unwrap(), [], "nothing is shown otherwise yet");
    ask(&mut hub, Some(CLERK), vec![Command::Act { doc: b, draft: city::dispatch(TOWN) }]);
    hub.catch_up(NOON, usize::MAX).unwrap();
    assert_eq!(changes(&hub, seen).unwrap(), [(b, ChangeSort::Acts), (a, ChangeSort::Computed)]);
    // Put back from a copy: what was told since is not taken for what comes now.
    let lost = hub.store().newest_change().unwrap() + 1;
    let mut hub = city::open(HUB, hub.into_store(), NOON, true);
    for by in city::people(city::CITY) {
        ask(&mut hub, Some(by), vec![Command::Waive(Vec::new())]);
    }
    ask(&mut hub, Some(CLERK), vec![Command::Act { doc: a, draft: city::dispatch(TOWN) }]);
    assert_eq!((changes(&hub, lost), changes(&hub, lost - 1)), (None, None));
    let newest = hub.store().newest_change().unwrap();
    assert!(newest > lost + 1_000_000 && changes(&hub, newest).unwrap().is_empty());
}
