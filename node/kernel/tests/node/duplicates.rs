//! Which tickets a node suggests as duplicates of one, out of those that it holds.

use kernel::duplicates::duplicates;
use kernel::{Command, Done, Kernel, Refusal};
use regulation::act::{Agree, Agrees, Body, Had, Joins, RequestKind};
use regulation::{ActId, Rule, UnitId};
use replica::{Draft, Effect, Field, Node, Value};

use crate::city::{self, CITY, COUNTY_HUB, DAY_MS, HUB, NOON, OFFICE};
use crate::net::Net;

pub(crate) const LAMP: (&str, &str) = ("东街路灯不亮", "东街从小学到卫生院的路灯坏了三天，晚上看不见路，请尽快维修。");
const AGAIN: (&str, &str) = ("东街的路灯坏了", "小学到卫生院一段的路灯坏了好几天，晚上看不见路，请维修。");
const DRAIN: (&str, &str) = ("南关井盖丢失", "南关菜市场门口的井盖没有了，车辆行人都很危险。");

pub(crate) fn register(kernel: &mut Kernel, message: (&str, &str), day: i64, place: &str) -> ActId {
    register_as(kernel, RequestKind::Help, message, day, place)
}

fn register_as(kernel: &mut Kernel, kind: RequestKind, message: (&str, &str), day: i64, place: &str) -> ActId {
    let (title, content) = message;
    let mut draft = city::register(title);
    if let Body::Register(register) = &mut draft.body {
        (register.kind, register.raised_at) = (kind, NOON + day * DAY_MS);
    }
    draft.text[1] = content.to_owned();
    if !place.is_empty() {
        draft.effects.push(Effect::Register(Field::Place, Value::Code(place.to_owned())));
    }
    // What is told of a time to come counts as of now: all of them are told when the last one is over.
    city::begin(kernel, NOON + 31 * DAY_MS, city::people(CITY)[0], draft)
}

fn act(kernel: &mut Kernel, doc: ActId, body: Body) {
    city::act(kernel, NOON, city::people(CITY)[0], doc, Draft::new(body).text(["诉求人来电"]));
}

fn suggested(kernel: &Kernel, doc: ActId) -> Vec<ActId> {
    let doc = kernel.store().doc_no(&doc).unwrap().unwrap();
    let found = duplicates(kernel.store(), &kernel.registry().now(), doc).unwrap();
    found.into_iter().map(|duplicate| duplicate.ticket.id).collect()
}

#[test]
fn same_matter_and_place_within_thirty_days_is_suggested() {
    let mut hub = city::node(HUB);
    let first = register(&mut hub, LAMP, 0, "130608103");
    assert!(suggested(&hub, first).is_empty(), "alone, and never itself");
    let again = register(&mut hub, AGAIN, 30, "130608103");
    let same = register(&mut hub, LAMP, -30, "130608");
    for (message, day, place) in [(DRAIN, 0, "130608103"), (LAMP, 0, "130608104"), (LAMP, 31, ""), (LAMP, -31, "")] {
        register(&mut hub, message, day, place);
    }
    assert_eq!(suggested(&hub, first), [same, again], "the likest first");
    let of_again = suggested(&hub, again);
    assert!(of_again.contains(&first) && !of_again.contains(&same), "sixty days lie between");
}

#[test]
fn what_came_to_nothing_is_not_suggested_and_comes_back_when_that_is_undone() {
    let mut hub = city::node(HUB);
    let [first, merged, withdrawn, answered] = [0, 1, 2, 3].map(|day| register(&mut hub, LAMP, day, "130608103"));
    assert_eq!(suggested(&hub, first), [merged, withdrawn, answered]);
    act(&mut hub, merged, merging(first));
    act(&mut hub, withdrawn, Body::Withdraw);
    act(&mut hub, answered, Body::Answer { cites: None });
    assert_eq!(suggested(&hub, first), [answered], "what was answered may have been asked again");
    assert!(suggested(&hub, merged).is_empty() && suggested(&hub, answered).is_empty(), "they cannot be merged");
    act(&mut hub, merged, Body::Unmerge { had: Vec::new() });
    assert_eq!(suggested(&hub, first), [merged, answered]);
    assert_eq!(suggested(&hub, merged), [first, answered]);
}

#[test]
fn suggestions_are_few_and_are_those_that_are_nearest() {
    let mut hub = city::node(HUB);
    let all: Vec<ActId> = (0..15).map(|day| register(&mut hub, LAMP, day, "")).collect();
    assert_eq!(suggested(&hub, all[0]), all[1..=kernel::duplicates::SUGGESTIONS_MAX]);
    let unit = UnitId(3);
    act(&mut hub, all[0], Body::Dispatch(regulation::Dispatch { lead: unit, assisting: Vec::new() }));
    assert_eq!(suggested(&hub, all[0]).len(), kernel::duplicates::SUGGESTIONS_MAX, "a dispatched one may be merged");
}

/// What somebody types of a merge; the program finds out.
pub(crate) fn merging(into: ActId) -> Body {
    Body::Merge { into, place: Agree::Same, category: Agree::Same, kind: Agree::Same, intake: Agree::Same }
}

/// Merges one into another, as a page does it.
pub(crate) fn merge(kernel: &mut Kernel, one: ActId, into: ActId, merge: Body) -> Result<Done, Refusal> {
    let joins = Draft::new(Body::Supplement { joined: Some(one), joins: None }).text(["并入"]);
    let merge = Draft::new(merge).text(["诉求人来电"]);
    let command = Command::Both(Box::new([(one, merge), (into, joins)]));
    city::ask(kernel, NOON + 40 * DAY_MS, Some(city::people(CITY)[0]), command).0
}

fn joins(kernel: &Kernel, doc: ActId) -> Vec<Joins> {
    let history = kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap();
    let said = history.nodes().iter().filter_map(|node| match node.fact.body {
        Body::Supplement { ref joins, .. } => joins.clone(),
        _ => None,
    });
    said.collect()
}

#[test]
fn whether_two_tickets_agree_says_the_program_whatever_is_typed_and_verify_compares() {
    let mut hub = city::node(HUB);
    let [here, within, there] =
        ["130608103", "130608103001", "130608104"].map(|place| register(&mut hub, LAMP, 0, place));
    assert_eq!(merge(&mut hub, here, there, merging(there)), Err(Refusal::Rule(Rule::OtherPlace)));
    let unsaid = Body::Merge {
        into: within,
        place: Agree::Unknown,
        category: Agree::Other,
        kind: Agree::Same,
        intake: Agree::Same,
    };
    assert!(merge(&mut hub, here, within, unsaid.clone()).is_ok());
    let of = |doc| kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let (one, other) = (of(here), of(within));
    let mut node = one.nodes().last().unwrap().clone();
    assert_eq!(node.fact.body, merging(within));
    let otherwise = |node: &Node| kernel::merging::said_otherwise(hub.registry(), &one, node, &other).unwrap();
    assert_eq!(otherwise(&node), None);
    // A changed program that says what is not so is seen.
    node.fact.body = unsaid;
    assert_eq!(
        otherwise(&node),
        Some(Agrees { place: Agree::Same, category: Agree::Same, kind: Agree::Same, intake: Agree::Same })
    );
}

#[test]
fn nobody_merges_alone_on_the_strength_of_what_he_corrected_himself() {
    let mut hub = city::node(HUB);
    let [here, there] = ["130608103", "130608104"].map(|place| register(&mut hub, LAMP, 0, place));
    let people = city::people(CITY);
    let correct = |hub: &mut Kernel, who: usize, place: &str| {
        let effect = Effect::Register(Field::Place, Value::Code(place.to_owned()));
        let draft = Draft::new(Body::Correct).text(["更正地点"]).effects(vec![effect]);
        let command = Command::Act { doc: here, draft };
        city::ask(hub, NOON + 39 * DAY_MS, Some(people[who]), command).0.expect("corrected");
    };
    // He says that both are there; that is how he has corrected it, and no reason to merge them alone.
    correct(&mut hub, 0, "130608104");
    assert_eq!(merge(&mut hub, here, there, merging(there)), Err(Refusal::Rule(Rule::OtherPlace)));
    // Once another person has found the same, it is.
    correct(&mut hub, 1, "130608104");
    assert!(merge(&mut hub, here, there, merging(there)).is_ok());
    let of = |doc| kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let (one, other) = (of(here), of(there));
    let node = one.nodes().last().unwrap();
    assert_eq!(kernel::merging::said_otherwise(hub.registry(), &one, node, &other).unwrap(), None);
}

#[test]
fn who_is_helped_and_who_thanks_want_not_the_same() {
    use RequestKind::{Complaint, Help, Inquiry, Praise, Suggestion, TipOff};
    for (into, same) in
        [(Help, true), (Complaint, true), (TipOff, true), (Inquiry, false), (Suggestion, false), (Praise, false)]
    {
        let mut hub = city::node(HUB);
        let one = register(&mut hub, LAMP, 0, "130608103");
        let other = register_as(&mut hub, into, LAMP, 0, "130608103");
        let merged = merge(&mut hub, one, other, merging(other)).map(|_| ());
        assert_eq!(merged, same.then_some(()).ok_or(Refusal::Rule(Rule::OtherKind)), "{into:?}");
    }
}

#[test]
fn what_a_unit_wrote_down_of_itself_is_merged_with_nothing_else_by_one_person() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    let [of_hotline, of_hotline_too] = [0, 1].map(|day| register(net.node(HUB), LAMP, day, "130608103"));
    let mut draft = city::register(LAMP.0);
    let Body::Register(register) = draft.body else { unreachable!("a registration") };
    draft.body = Body::RegisterByProxy(register);
    draft.effects.push(Effect::Register(Field::Place, Value::Code("130608103".to_owned())));
    let proxy = city::begin(net.node(OFFICE), NOON, city::people(city::TOWN)[0], draft);
    net.connect(HUB, COUNTY_HUB);
    net.connect(COUNTY_HUB, OFFICE);
    net.run();
    let hub = net.node(HUB);
    assert_eq!(merge(hub, of_hotline, proxy, merging(proxy)), Err(Refusal::Rule(Rule::OtherIntake)));
    assert_eq!(merge(hub, proxy, of_hotline, merging(of_hotline)), Err(Refusal::Rule(Rule::OtherIntake)));
    assert!(merge(hub, of_hotline, of_hotline_too, merging(of_hotline_too)).is_ok());
}

#[test]
fn nothing_joins_by_a_supplement_alone_and_what_never_was_merged_is_let_go() {
    let mut hub = city::node(HUB);
    let [one, into, other] = [0, 1, 2].map(|day| register(&mut hub, LAMP, day, "130608103"));
    let person = Some(city::people(CITY)[0]);
    let by_hand = |joined| Draft::new(Body::Supplement { joined: Some(joined), joins: None }).text(["并入"]);
    let alone = |hub: &mut Kernel, joined| {
        city::ask(hub, NOON + 40 * DAY_MS, person, Command::Act { doc: into, draft: by_hand(joined) }).0.map(|_| ())
    };
    assert_eq!(alone(&mut hub, other), Err(Refusal::Rule(Rule::NotJoined)));
    // It joined, and its merge fell: another one stood beside it.
    let note = Draft::new(Body::Note).text(["记录"]);
    let both = Command::Both(Box::new([(one, note), (into, by_hand(one))]));
    city::ask(&mut hub, NOON + 40 * DAY_MS, person, both).0.unwrap();
    let of = |hub: &Kernel, doc| kernel::read::history(hub.store(), hub.registry(), doc).unwrap();
    let nobody = |hub: &Kernel| {
        let (one, into) = (of(hub, one), of(hub, into));
        into.nodes().iter().any(|node| kernel::merging::joined_by_nobody(node, &one, &into))
    };
    assert!(nobody(&hub), "verify says so");
    assert_eq!(alone(&mut hub, one), Ok(()));
    assert!(of(&hub, into).record().ticket().unwrap().joined.is_empty());
    // What was merged leaves when that is undone.
    assert!(merge(&mut hub, other, into, merging(into)).is_ok());
    assert_eq!(alone(&mut hub, other), Err(Refusal::Rule(Rule::NotJoined)));
}

#[test]
fn ticket_that_goes_on_is_told_each_hops_own_due_and_that_which_comes_back_until_when_it_was_handled() {
    let mut hub = city::node(HUB);
    let [one, into, idle] = [0, 1, 2].map(|day| register(&mut hub, LAMP, day, "130608103"));
    let by = city::people(CITY)[0];
    let now = NOON + 40 * DAY_MS;
    city::act(&mut hub, now, by, one, city::dispatch(city::TOWN));
    // Nobody would have it there.
    assert_eq!(merge(&mut hub, one, idle, merging(idle)), Err(Refusal::Rule(Rule::JoinsUndispatched)));
    city::act(&mut hub, now, by, into, city::dispatch(city::TOWN));
    assert!(merge(&mut hub, one, into, merging(into)).is_ok());
    let told = &joins(&hub, into)[0];
    let [had] = told.had[..] else { panic!("{told:?}") };
    assert_eq!((had.unit, told.parted, &told.units[..]), (city::TOWN, false, &[city::TOWN][..]));
    let due = had.until;
    assert!(due.is_some_and(|due| due > now));
    assert!(merge(&mut hub, one, into, Body::Unmerge { had: Vec::new() }).is_ok());
    let told = &joins(&hub, into)[1];
    assert_eq!((told.had.is_empty(), told.parted), (true, true));
    let history = kernel::read::history(hub.store(), hub.registry(), one).unwrap();
    let Body::Unmerge { had } = &history.nodes().last().unwrap().fact.body else { panic!("no merge undone") };
    assert_eq!(had[..], [Had { unit: city::TOWN, until: Some(now), due }], "it had it all the while");
}

#[test]
fn whoever_is_kept_out_of_one_has_no_part_in_the_other_and_what_is_confidential_stays_so() {
    let by = city::people(CITY)[0];
    let now = NOON + 40 * DAY_MS;
    let refused = |tipped_off: bool, kept_out: bool, other_way: bool| {
        let mut hub = city::node(HUB);
        let kind = if tipped_off { RequestKind::TipOff } else { RequestKind::Help };
        let one = register_as(&mut hub, kind, LAMP, 0, "130608103");
        let led = register(&mut hub, LAMP, 1, "130608103");
        city::act(&mut hub, now, by, led, city::dispatch(city::TOWN));
        if kept_out {
            city::act(&mut hub, now, by, one, Draft::new(Body::Recuse { unit: city::TOWN }).text(["反映的是该单位"]));
        }
        let (one, into) = if other_way { (led, one) } else { (one, led) };
        merge(&mut hub, one, into, merging(into)).err()
    };
    let rule = |rule| Some(Refusal::Rule(rule));
    assert_eq!(refused(false, false, false), None);
    assert_eq!(refused(true, false, false), rule(Rule::ConfidentialJoins));
    assert_eq!(refused(true, true, false), rule(Rule::KeptOutJoins));
    assert_eq!(refused(false, true, false), rule(Rule::KeptOutJoins));
    assert_eq!(refused(true, true, true), rule(Rule::KeptOutJoins), "nor the other way");
}

#[test]
fn county_and_the_unit_below_it_each_keep_a_due_of_their_own() {
    let mut net = Net::new(&[HUB, COUNTY_HUB]);
    let [one, into] = [0, 1].map(|day| register(net.node(HUB), LAMP, day, "130608103"));
    let now = NOON + 38 * DAY_MS;
    city::act(net.node(HUB), now, city::people(CITY)[0], one, city::dispatch(city::COUNTY));
    city::act(net.node(HUB), now, city::people(CITY)[0], into, city::dispatch(city::TOWN));
    net.now = now;
    net.connect(HUB, COUNTY_HUB);
    net.run();
    let below = Body::SubDispatch(regulation::Dispatch { lead: city::TOWN, assisting: Vec::new() });
    let sent_on = now + 2 * DAY_MS;
    let command = Command::Act { doc: one, draft: Draft::new(below).text(["请办理"]) };
    let county = Some(city::people(city::COUNTY)[0]);
    let (done, effects) = city::ask(net.node(COUNTY_HUB), sent_on, county, command);
    assert!(matches!(done, Ok(Done::Made { .. })), "{done:?}");
    net.now = sent_on;
    net.spread(COUNTY_HUB, effects);
    net.run();
    let hub = net.node(HUB);
    assert!(merge(hub, one, into, merging(into)).is_ok());
    let told = &joins(hub, into)[0];
    let [county, town] = told.had[..] else { panic!("two hops: {told:?}") };
    assert_eq!((county.unit, town.unit), (city::COUNTY, city::TOWN));
    assert!(county.until.is_some() && town.until.is_some() && county.until != town.until, "{told:?}");
}
