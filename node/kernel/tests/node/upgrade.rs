//! Nodes of different versions: a township and a city that know more than the county between them.

use kernel::equal::{Compared, Holding, compare};
use kernel::{Command, Kernel, Refusal};
use regulation::act::{Body, Channel, Outcome, Reached, Way};
use regulation::{ActId, ActKind, DeviceId};
use replica::newer::older;
use replica::{Act, Draft, Effect as Write, PartKind, Sealed};
use store::{Verdict, Weight};

use crate::city::{self, CITY, COUNTY, COUNTY_HUB, HUB, NOON, OFFICE, TOWN};
use crate::net::Net;

fn holding(kernel: &Kernel) -> Holding<'_> {
    Holding { device: kernel.device().unwrap(), store: kernel.store(), registry: kernel.registry() }
}

fn equal(net: &mut Net, a: DeviceId, b: DeviceId) -> Compared {
    let place = |device| net.nodes.iter().position(|(other, _)| *other == device).unwrap();
    let (a, b) = (place(a), place(b));
    compare(holding(&net.nodes[a].1), holding(&net.nodes[b].1)).unwrap()
}

fn flags(kernel: &Kernel, doc: ActId) -> String {
    let row = kernel.store().doc_no(&doc).unwrap().unwrap();
    kernel.store().ticket(row).unwrap().map(|ticket| ticket.flags).unwrap_or_default()
}

fn history(kernel: &Kernel, doc: ActId) -> replica::History {
    kernel::read::history(kernel.store(), kernel.registry(), doc).unwrap()
}

/// A ticket of which an older program knows all.
fn plain(title: &str) -> Draft {
    Draft { private: Vec::new(), ..city::register(title) }
}

fn sync(net: &mut Net, pairs: &[(DeviceId, DeviceId)]) {
    for (a, b) in pairs {
        net.connect(*a, *b);
        net.run();
    }
    net.cut();
}

/// What the township does offline: an act of a new kind, one with a new field, one with a new effect, then what every
/// program knows. The acts, and a ticket with a new code in its body and a new part.
fn offline(net: &mut Net, doc: ActId) -> (Vec<ActId>, ActId) {
    let (office, person) = (net.node(OFFICE), city::people(TOWN)[0]);
    let mut act = |draft| city::act(office, NOON, person, doc, draft);
    act(Draft::new(Body::SignFor));
    act(city::tag("供暖"));
    let newer = vec![
        act(Draft::new(Body::Contact { way: Way::Telephone, reached: Reached::Answered }).text(["已电话联系"])),
        act(Draft {
            happened: Some(NOON - 3_600_000),
            ..Draft::new(Body::Progress { way: Way::OnSite, legal_due: None }).text(["已到现场"])
        }),
        act(Draft::new(Body::Tag).effects(vec![Write::RemoveTag("供暖".to_owned())])),
        act(Draft::new(Body::Complete {
            outcome: Outcome::Solved,
            told_at: NOON,
            told_way: regulation::act::Way::Online,
            told_whom: regulation::act::Heard::QueryCode,
        })
        .text(["已修好，室温二十度"])),
    ];
    let Body::Register(register) = city::register("").body else { unreachable!() };
    let body = Body::RegisterByProxy(regulation::act::Register { channel: Channel::Visit, ..register });
    let visit = city::begin(office, NOON, person, Draft { body, ..city::register("上门反映水管漏水") });
    (newer, visit)
}

#[test]
fn township_and_city_that_know_more_work_through_a_county_that_knows_less() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    net.older = Some(COUNTY_HUB);
    let clerk = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, clerk, plain("供暖不热"));
    city::act(net.node(HUB), NOON, clerk, doc, city::dispatch(TOWN));
    sync(&mut net, &[(HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE)]);
    let (newer, visit) = offline(&mut net, doc);
    let epoch = history(net.node(OFFICE), visit).nodes()[0].act.epoch;

    // The county takes in what it does not understand, from a township that it meets alone.
    sync(&mut net, &[(COUNTY_HUB, OFFICE)]);
    let county_person = city::people(COUNTY)[0];
    net.as_of(COUNTY_HUB, |county| {
        assert_eq!(county.store().newer_count().unwrap(), (5, 2), "four and the visit");
        assert_eq!(county.store().held_counts().unwrap(), [], "nothing waits without its place");
        assert_eq!(county.store().refused_count().unwrap(), 0);
        assert_eq!(county.store().acts_counted(OFFICE, epoch).unwrap(), (7, 7), "the count has no gap");
        assert!(county.store().weight_of(Weight::Held, OFFICE).unwrap() > 0, "it counts as what waits");
        for id in newer.iter().chain([&visit]) {
            let row = county.store().act(id).unwrap().unwrap();
            assert_eq!(row.verdict, Verdict::Newer);
        }
        // The ticket says so, stays readable, and nothing is made on it; others go on.
        assert!(flags(county, doc).contains("needs-upgrade"));
        let kinds: Vec<_> = history(county, doc).nodes().iter().filter_map(|node| node.act.kind()).collect();
        assert!(
            kinds.contains(&ActKind::SignFor) && kinds.contains(&ActKind::Tag) && !kinds.contains(&ActKind::Contact)
        );
        let done = city::ask(county, NOON, Some(county_person), Command::Act { doc, draft: city::tag("老人") }).0;
        assert_eq!(done, Err(Refusal::NeedsUpgrade { acts: 4 }));
        let done =
            city::ask(county, NOON, Some(county_person), Command::Act { doc: visit, draft: city::tag("老人") }).0;
        assert_eq!(done, Err(Refusal::NeedsUpgrade { acts: 1 }));
        city::begin(county, NOON, county_person, Draft { private: Vec::new(), ..city::article() });
    });

    // The city gets all of it from the county, whole, and it is effective there.
    sync(&mut net, &[(HUB, COUNTY_HUB)]);
    let at_city = history(net.node(HUB), doc);
    for id in &newer {
        let index = at_city.index_of(*id).unwrap();
        assert_eq!(at_city.standing(index), Some(replica::Standing::Effective));
        assert!(at_city.folded().settled(index), "the city has confirmed it");
    }
    let begun = history(net.node(HUB), visit);
    let private = begun.nodes()[0].part(PartKind::Private).unwrap();
    assert_eq!(Some(private), history(net.node(OFFICE), visit).nodes()[0].part(PartKind::Private));
    // What the city did on top comes back through the same county.
    city::act(net.node(HUB), NOON, clerk, visit, Draft::new(Body::ConfirmIntake));
    sync(&mut net, &[(HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE)]);
    let same = equal(&mut net, HUB, OFFICE);
    assert!(same.docs >= 2 && same.partial == 0, "{same:?}");

    // After its upgrade the county comes to the same as the others, byte for byte.
    net.older = None;
    net.restart(COUNTY_HUB, false);
    let county = net.node(COUNTY_HUB);
    assert_eq!(county.store().newer_count().unwrap(), (0, 0));
    assert_eq!(county.store().weight_of(Weight::Held, OFFICE).unwrap(), 0);
    assert!(!flags(county, doc).contains("needs-upgrade"));
    sync(&mut net, &[(HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE), (HUB, COUNTY_HUB)]);
    for (a, b) in [(HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE), (HUB, OFFICE)] {
        let same = equal(&mut net, a, b);
        assert!(same.docs >= 2 && same.partial == 0, "{same:?}");
    }
    // It is asked again what its rules say, and not whether it understands.
    let asked = Command::Act { doc: visit, draft: city::tag("老人") };
    let done = city::ask(net.node(COUNTY_HUB), NOON, Some(county_person), asked).0;
    assert_eq!(done, Err(Refusal::Rule(regulation::Rule::HolderOnly)));
}

#[test]
fn older_program_that_is_restarted_keeps_what_it_does_not_understand() {
    let mut net = Net::new(&[HUB, COUNTY_HUB, OFFICE]);
    net.older = Some(COUNTY_HUB);
    let clerk = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, clerk, plain("供暖不热"));
    city::act(net.node(HUB), NOON, clerk, doc, city::dispatch(TOWN));
    sync(&mut net, &[(HUB, COUNTY_HUB), (COUNTY_HUB, OFFICE)]);
    let (newer, visit) = offline(&mut net, doc);
    sync(&mut net, &[(COUNTY_HUB, OFFICE)]);
    let rows = |kernel: &Kernel| -> Vec<_> {
        newer.iter().chain([&visit]).map(|id| kernel.store().act(id).unwrap().unwrap()).collect()
    };
    let before = rows(net.node(COUNTY_HUB));
    net.restart(COUNTY_HUB, false);
    assert_eq!(rows(net.node(COUNTY_HUB)), before);
    let sent = rows(net.node(OFFICE));
    for (held, made) in before.iter().zip(&sent) {
        assert_eq!((&held.bytes, &held.signatures, &held.parts), (&made.bytes, &made.signatures, &made.parts));
    }
}

#[test]
fn what_an_older_program_does_not_know_makes_an_act_newer_and_it_encodes_to_the_same_bytes() {
    let mut net = Net::new(&[HUB, OFFICE]);
    let clerk = city::people(CITY)[0];
    let doc = city::begin(net.node(HUB), NOON, clerk, plain("供暖不热"));
    city::act(net.node(HUB), NOON, clerk, doc, city::dispatch(TOWN));
    sync(&mut net, &[(HUB, OFFICE)]);
    let (newer, visit) = offline(&mut net, doc);
    let office = net.node(OFFICE);
    // The fourth is known by itself, and waits for what it follows.
    let told: Vec<_> = [newer[0], newer[1], newer[2], visit]
        .iter()
        .map(|id| {
            let bytes = office.store().act(id).unwrap().unwrap().bytes;
            let act = older::run(|| Act::decode(&bytes).unwrap());
            assert!(act.encode() == bytes && act.kind().is_none() && act.person.is_none() && act.parts.is_empty());
            act.newer().unwrap().what
        })
        .collect();
    let [kind, code, field, effect, part] = older::LEARNT;
    assert_eq!(told, [kind, field, effect, code]);
    let private = city::begin(office, NOON, city::people(TOWN)[0], {
        let Body::Register(register) = city::register("").body else { unreachable!() };
        Draft { body: Body::RegisterByProxy(register), ..city::register("路灯不亮") }
    });
    let row = office.store().act(&private).unwrap().unwrap();
    let sealed: Sealed = kernel::read::sealed(&row).unwrap();
    let act = older::run(|| Act::decode(&sealed.bytes).unwrap());
    assert_eq!(act.newer().unwrap().what, part);
    // The heads of its parts are read all the same: what is no part of it is kept out.
    assert!(sealed.parts.len() == 2 && sealed.parts.iter().all(|part| act.promises(part)));
    let mut forged = sealed.parts[0].clone();
    forged.text.push('。');
    assert!(!act.promises(&forged));
}
