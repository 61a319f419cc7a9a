//! Whoever is shown personal data leaves a trace, and is shown so much an hour.

use kernel::requester::{self, Personal};
use kernel::reveal::{INSPECTIONS_PER_HOUR_MAX, Inspect, PAPER_CHARS_MAX, Reason, Reveal, Way, reveals_per_hour_max};
use kernel::{Command, Done, Effect, Input, Kernel, Refusal, Request};
use regulation::act::{Body, Content, Party};
use regulation::{ActId, PersonId, Role, Rule};
use replica::{Change, Draft, Person};
use store::{Key, RevealFilter};

use crate::city::{self, CITY, HUB, NOON};

const HOUR_MS: i64 = 3_600_000;

fn reveal(doc: ActId, reason: Reason, note: &str) -> Reveal {
    Reveal { doc, way: Way::Page, reason, note: note.to_owned(), what: "requester" }
}

fn ask(kernel: &mut Kernel, now: i64, person: Option<PersonId>, asked: Vec<Reveal>) -> Vec<Result<Done, Refusal>> {
    let inputs = asked
        .into_iter()
        .zip(0..)
        .map(|(reveal, ticket)| Input::Request(Box::new(Request { ticket, person, command: Command::Reveal(reveal) })));
    let effects = kernel.handle(now, inputs.collect()).unwrap();
    let replies = effects.into_iter().filter_map(|effect| match effect {
        Effect::Reply { result, .. } => Some(result),
        _ => None,
    });
    replies.collect()
}

#[test]
fn who_was_shown_what_is_kept_and_outlasts_a_restart() {
    let (mut kernel, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, person, city::register("供暖不热"));
    let done = ask(&mut kernel, NOON, Some(person), vec![reveal(doc, Reason::Other, " 核对地址 ")]);
    assert_eq!(done, [Ok(Done::Revealed)]);
    let kernel = city::open(HUB, kernel.into_store(), NOON, false);
    let rows = kernel.store().reveals(RevealFilter::default(), 10).unwrap();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.at, row.person, row.doc), (NOON, person, doc));
    assert_eq!((&*row.way, &*row.reason, &*row.note, &*row.what), ("page", "other", "核对地址", "requester"));
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let (mut kernel, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, person, city::register("供暖不热"));
    let contact = || vec![reveal(doc, Reason::Contact, "")];
    for who in [None, Some(PersonId(999)), Some(city::people(city::TOWN)[0])] {
        assert_eq!(ask(&mut kernel, NOON, who, contact()), [Err(Refusal::NoNeedToKnow)], "{who:?}");
    }
    for wrong in [
        reveal(doc, Reason::Other, "  "),
        reveal(doc, Reason::Contact, &"长".repeat(201)),
        reveal(doc, Reason::Contact, "一\n二"),
        reveal(ActId([7; 32]), Reason::Contact, ""),
    ] {
        let done = ask(&mut kernel, NOON, Some(person), vec![wrong.clone()]);
        assert!(matches!(done[..], [Err(Refusal::BadInput(_) | Refusal::NotFound)]), "{wrong:?}: {done:?}");
    }
    assert!(kernel.store().reveals(RevealFilter::default(), 10).unwrap().is_empty());
}

#[test]
fn so_many_an_hour_are_shown_also_if_all_are_asked_for_at_once_and_whatever_the_clock_does() {
    let (mut kernel, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, person, city::register("供暖不热"));
    let most = Role::ALL.into_iter().map(reveals_per_hour_max).max().unwrap();
    let many = |count| (0..count).map(|_| reveal(doc, Reason::Contact, "")).collect::<Vec<_>>();
    let shown = |done: &[Result<Done, Refusal>]| done.iter().filter(|done| done.is_ok()).count();
    let done = ask(&mut kernel, NOON, Some(person), many(most + 50));
    assert_eq!(shown(&done), most);
    assert_eq!(done.last(), Some(&Err(Refusal::ShownTooOften { wait_s: 3_600 })));
    for at in [NOON + HOUR_MS - 1, NOON - HOUR_MS + 1] {
        assert_eq!(shown(&ask(&mut kernel, at, Some(person), many(1))), 0);
    }
    // Somebody else is counted by themselves.
    assert_eq!(shown(&ask(&mut kernel, NOON, Some(city::people(CITY)[1]), many(1))), 1);
    // A clock that was put back for days does not bar for days.
    assert_eq!(shown(&ask(&mut kernel, NOON - 40 * city::DAY_MS, Some(person), many(1))), 1);
    assert_eq!(shown(&ask(&mut kernel, NOON + HOUR_MS, Some(person), many(most + 50))), most);
}

const INSPECTOR: PersonId = PersonId(77);

/// The city hub, with somebody who looks for a supervision organ.
fn inspected() -> Kernel {
    let mut registry = city::registry();
    let (name, login) = ("监察".to_owned(), "jian".to_owned());
    let inspector = Person { unit: CITY, name, login, roles: vec![Role::Inspect] };
    city::append(&mut registry, Change::Person(INSPECTOR, inspector));
    city::open(HUB, city::store(&registry), NOON, false)
}

fn look(kernel: &mut Kernel, now: i64, person: PersonId, look: Inspect) -> Result<Done, Refusal> {
    city::ask(kernel, now, Some(person), Command::Inspect(look)).0
}

fn by(doc: ActId, paper: &str, purpose: &str) -> Inspect {
    Inspect { doc, way: Way::Command, paper: paper.to_owned(), purpose: purpose.to_owned() }
}

#[test]
fn a_supervision_organ_looks_by_a_document_and_each_look_is_kept_with_its_number() {
    let (mut kernel, clerk) = (inspected(), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, clerk, city::register("供暖不热"));
    for (paper, purpose) in
        [("", "核查"), ("  ", "核查"), ("保监〔2026〕3号", " "), ("一\n二", "核查"), ("保监3号", "一\n二")]
    {
        let refused = look(&mut kernel, NOON, INSPECTOR, by(doc, paper, purpose));
        assert!(matches!(refused, Err(Refusal::BadInput(_))), "{paper:?} {purpose:?}: {refused:?}");
    }
    let long = look(&mut kernel, NOON, INSPECTOR, by(doc, &"长".repeat(PAPER_CHARS_MAX + 1), "核查"));
    assert!(matches!(long, Err(Refusal::BadInput(_))), "{long:?}");
    assert_eq!(look(&mut kernel, NOON, INSPECTOR, by(ActId([7; 32]), "保监3号", "核查")), Err(Refusal::NotFound));
    // Nobody else looks so, and he looks in no other way.
    assert_eq!(look(&mut kernel, NOON, clerk, by(doc, "保监3号", "核查")), Err(Refusal::NoNeedToKnow));
    let contact = ask(&mut kernel, NOON, Some(INSPECTOR), vec![reveal(doc, Reason::Contact, "")]);
    assert_eq!(contact, [Err(Refusal::NoNeedToKnow)]);
    assert!(kernel.store().reveals(RevealFilter::default(), 10).unwrap().is_empty(), "what is refused leaves no trace");
    assert_eq!(look(&mut kernel, NOON, INSPECTOR, by(doc, " 保监〔2026〕3号 ", "核查举报")), Ok(Done::Revealed));
    let rows = kernel.store().reveals(RevealFilter::default(), 10).unwrap();
    let row = &rows[0];
    assert_eq!((rows.len(), row.person, row.doc, row.at), (1, INSPECTOR, doc, NOON));
    assert_eq!((&*row.reason, &*row.paper, &*row.note, &*row.what), ("inspect", "保监〔2026〕3号", "核查举报", "case"));
}

#[test]
fn a_supervision_organ_looks_so_often_an_hour_and_acts_on_nothing() {
    let (mut kernel, clerk) = (inspected(), city::people(CITY)[0]);
    let doc = city::begin(&mut kernel, NOON, clerk, city::register("供暖不热"));
    for _ in 0..INSPECTIONS_PER_HOUR_MAX {
        assert_eq!(look(&mut kernel, NOON, INSPECTOR, by(doc, "保监3号", "核查")), Ok(Done::Revealed));
    }
    let refused = look(&mut kernel, NOON, INSPECTOR, by(doc, "保监3号", "核查"));
    assert_eq!(refused, Err(Refusal::ShownTooOften { wait_s: 3_600 }));
    assert_eq!(look(&mut kernel, NOON + HOUR_MS, INSPECTOR, by(doc, "保监3号", "核查")), Ok(Done::Revealed));
    // A tag asks for no role.
    let tag = Command::Act { doc, draft: city::tag("供暖") };
    assert_eq!(city::ask(&mut kernel, NOON, Some(INSPECTOR), tag).0, Err(Refusal::Rule(Rule::RoleMissing)));
}

// What was left blank stays as it was; whoever calls by the old number is found as well.
#[test]
fn whoever_raised_it_is_as_the_city_corrected_him_last() {
    let (mut hub, person) = (city::node(HUB), city::people(CITY)[0]);
    let doc = city::begin(&mut hub, NOON, person, city::register("供暖不热"));
    for private in [["", "13900005678", ""], ["李某某", "", "城关镇"]] {
        let body = Body::CorrectRequester { party: Some(Party::Legal), enterprise: None };
        let mut draft = Draft::new(body).text(["诉求人来电更正"]);
        draft.private = private.map(str::to_owned).to_vec();
        city::act(&mut hub, NOON, person, doc, draft);
    }
    let history = kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let all = |what| requester::all(&history, what).collect::<Vec<_>>();
    assert_eq!(all(Personal::Telephone), ["13900005678", "13800000000"]);
    assert_eq!(
        (all(Personal::Name), all(Personal::Address)),
        (vec!["李某某".into(), "李某".into()], vec!["城关镇".into()])
    );
    assert_eq!(requester::now(&history, Personal::Telephone).as_deref(), Some("13900005678"));
    assert!(requester::held(&history));
    let register = &history.record().ticket().unwrap().register;
    assert_eq!((register.party, register.enterprise), (Party::Legal, false));
    for (what, key) in
        [(Key::Telephone, "13900005678"), (Key::Telephone, "13800000000"), (Key::Name, "李某"), (Key::Name, "李某某")]
    {
        assert!(hub.store().any_key(what, key, true).unwrap(), "{key}");
    }
}

// Whoever asks to be erased is erased wherever he was named by then, by one decision of two people.
#[test]
fn whoever_raised_it_is_erased_as_registered_and_as_corrected_at_once() {
    let (mut hub, people) = (city::node(HUB), city::people(CITY));
    let doc = city::begin(&mut hub, NOON, people[0], city::register("供暖不热"));
    let correct = |hub: &mut Kernel, telephone: &str| {
        let mut draft = Draft::new(Body::CorrectRequester { party: None, enterprise: None }).text(["更正"]);
        draft.private = vec![String::new(), telephone.to_owned(), String::new()];
        city::act(hub, NOON, people[0], doc, draft);
    };
    correct(&mut hub, "13900005678");
    let redact = Draft::new(Body::Redact { content: Content::Private }).text(["诉求人要求"]).answering(Some(doc));
    city::act(&mut hub, NOON, people[0], doc, redact);
    city::act(&mut hub, NOON, people[1], doc, Draft::new(Body::Confirm));
    let held = |hub: &Kernel| {
        let history = kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
        let found = |telephone| hub.store().any_key(Key::Telephone, telephone, true).unwrap();
        (requester::held(&history), found("13800000000"), found("13900005678"))
    };
    assert_eq!(held(&hub), (false, false, false));
    // What he says afterwards is his to say.
    correct(&mut hub, "13700001111");
    assert!(held(&hub).0 && hub.store().any_key(Key::Telephone, "13700001111", true).unwrap());
}
