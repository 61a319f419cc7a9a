//! Lists and searches are computed from acts and nothing else: built anew they are what they were.

use kernel::{Command, Done, Edit, Kernel};
use regulation::act::{Body, Outcome, Reached, Way};
use regulation::terms::Terms;
use regulation::{ActId, DeviceId};
use replica::{Change, Draft, Effect, Field, Value};

use crate::city::{self, COUNTY, COUNTY_HUB, HUB, LAPTOP, NOON, OFFICE, TOWN};
use crate::net::Net;

fn dump(kernel: &Kernel) -> Vec<String> {
    kernel.store().dump_projections().unwrap()
}

fn docs(kernel: &Kernel) -> u64 {
    kernel::read::docs(kernel.store()).unwrap().len() as u64
}

fn rebuild(kernel: &mut Kernel) -> usize {
    match city::ask(kernel, NOON, None, Command::Rebuild).0 {
        Ok(Done::Documents(count)) => count,
        other => panic!("{other:?}"),
    }
}

fn give(net: &mut Net, device: DeviceId, command: Command) -> ActId {
    let unit = city::DEVICES.iter().find(|(id, ..)| *id == device).unwrap().1;
    let person =
        city::people(unit)[usize::from(matches!(&command, Command::Act { draft, .. } if draft.body == Body::Confirm))];
    let now = net.now;
    let (done, effects) = city::ask(net.node(device), now, Some(person), command);
    net.spread(device, effects);
    match done {
        Ok(Done::Made { act, .. }) => act,
        other => panic!("{other:?}"),
    }
}

/// A few days of work of four nodes: everything that a projection can show.
fn busy() -> Net {
    let mut net = Net::new(&[HUB, LAPTOP, COUNTY_HUB, OFFICE]);
    let text = |text: &str, kind: Body| Draft::new(kind).text([text]);
    let mut docs = Vec::new();
    for title in ["供暖不热", "路灯不亮", "噪声扰民"] {
        docs.push(give(&mut net, LAPTOP, Command::Begin(city::register(title))));
    }
    let guide = give(&mut net, HUB, Command::Begin(city::article()));
    let act = |doc, draft| Command::Act { doc, draft };
    give(&mut net, LAPTOP, act(docs[0], city::dispatch(TOWN)));
    give(&mut net, LAPTOP, act(docs[1], city::dispatch(COUNTY)));
    give(&mut net, HUB, act(guide, Draft::new(Body::ArticlePublish)));
    give(&mut net, HUB, act(guide, Draft::new(Body::Confirm)));
    let link = |net: &mut Net| {
        for (a, b) in [(HUB, LAPTOP), (HUB, COUNTY_HUB), (HUB, OFFICE), (COUNTY_HUB, OFFICE)] {
            net.connect(a, b);
        }
        net.run();
    };
    link(&mut net);
    give(&mut net, OFFICE, act(docs[0], Draft::new(Body::SignFor)));
    give(&mut net, COUNTY_HUB, act(docs[1], Draft::new(Body::SignFor)));
    net.run();
    // Offline, at once: two titles, two notes, a redispatch and a completion of which one falls, an edit after publication.
    net.cut();
    net.now += city::DAY_MS;
    for (device, title) in [(LAPTOP, "供暖不足"), (OFFICE, "暖气不热")] {
        let effects = vec![Effect::Register(Field::Title, Value::Segment(0))];
        give(&mut net, device, act(docs[0], text(title, Body::Correct).effects(effects)));
        give(&mut net, device, act(docs[0], text(&format!("{title}，已核实"), Body::Note)));
    }
    let elsewhere = regulation::Dispatch { lead: city::OTHER_TOWN, assisting: vec![COUNTY] };
    give(&mut net, LAPTOP, act(docs[0], Draft::new(Body::Redispatch(elsewhere))));
    let complete = Body::Complete {
        outcome: Outcome::Solved,
        told_at: NOON,
        told_way: regulation::act::Way::Online,
        told_whom: regulation::act::Heard::QueryCode,
    };
    give(&mut net, OFFICE, act(docs[0], text("已修复", complete)));
    give(&mut net, OFFICE, act(docs[0], city::tag("供暖")));
    let contact = Body::Contact { way: Way::Telephone, reached: Reached::Answered };
    give(&mut net, COUNTY_HUB, act(docs[1], text("已联系", contact)));
    for (device, text) in [(LAPTOP, "拨打热线，说明小区、楼栋与单元。"), (HUB, "拨打热线，说明住址。再等回访。")]
    {
        let edit = Edit::Replace { base: Vec::new(), text: text.to_owned() };
        give(&mut net, device, Command::Write { doc: guide, draft: Draft::new(Body::ArticleEdit), edit });
    }
    link(&mut net);
    net
}

#[test]
fn rebuilt_projections_are_those_that_were_there() {
    let mut net = busy();
    for device in [HUB, LAPTOP, COUNTY_HUB, OFFICE] {
        let kernel = net.node(device);
        let (before, docs) = (dump(kernel), kernel::read::docs(kernel.store()).unwrap().len());
        for table in ["ticket ", "unit ", "act ", "article ", "search "] {
            assert!(before.iter().any(|line| line.starts_with(table)), "{device:?} projects no {table}");
        }
        assert_eq!(rebuild(kernel), docs);
        let after = dump(kernel);
        assert!(after == before, "{device:?}: {:?}", after.iter().zip(&before).find(|(a, b)| a != b));
    }
    let overruled =
        dump(net.node(HUB)).iter().any(|line| line.starts_with("act ") && line.contains("not-current-dispatch"));
    assert!(overruled, "the completion fell, or this proves little");
}

#[test]
fn projections_that_are_not_there_are_built_when_the_node_opens() {
    let mut net = busy();
    let before = dump(net.node(HUB));
    let (_, kernel) = net.nodes.remove(0);
    let mut store = kernel.into_store();
    // As a newer schema does, and a program that projects otherwise.
    store.begin().unwrap();
    store.drop_projections().unwrap();
    store.commit().unwrap();
    assert!(store.dump_projections().unwrap().is_empty());
    let mut kernel = city::open(HUB, store, NOON, false);
    assert!(kernel.stale() && dump(&kernel) != before, "opening waits for none of it");
    kernel.catch_up(NOON, usize::MAX).unwrap();
    assert!(dump(&kernel) == before);
    let mut store = kernel.into_store();
    store.begin().unwrap();
    store.set_meta(store::PROJECTED_META, &u32::MAX.to_be_bytes()).unwrap();
    store.commit().unwrap();
    let kernel = city::open(HUB, store, NOON, false);
    assert!(dump(&kernel) == before, "lists show what was there");
    assert_eq!(kernel.store().stale_count().unwrap(), docs(&kernel), "until it is computed again");
    assert_ne!(kernel.store().meta(store::PROJECTED_META).unwrap(), Some(u32::MAX.to_be_bytes().to_vec()));
}

#[test]
fn fold_of_every_document_is_that_of_its_acts_in_any_order() {
    let mut net = busy();
    let nodes: Vec<_> = net
        .nodes
        .iter()
        .map(|(device, kernel)| kernel::equal::Holding {
            device: *device,
            store: kernel.store(),
            registry: kernel.registry(),
        })
        .collect();
    for (at, a) in nodes.iter().enumerate() {
        for b in &nodes[at + 1..] {
            let compared = kernel::equal::compare(*a, *b).unwrap();
            assert!(compared.docs > 0, "{:?} and {:?}", a.device, b.device);
        }
    }
    net.cut();
}

/// When the first thing is due on each ticket, by number.
type Dues = Vec<(String, Option<i64>)>;

fn dues(kernel: &Kernel) -> Dues {
    let tickets = kernel.store().tickets(&store::TicketFilter::default(), None, 100).unwrap().rows;
    tickets.into_iter().map(|ticket| (ticket.number, ticket.next_due)).collect()
}

/// Hub and office with a ticket to be signed for, and what they show before a change of the registry and after it.
fn changed(change: Change) -> [(Dues, Dues); 2] {
    let mut net = Net::new(&[HUB, OFFICE]);
    let doc = give(&mut net, HUB, Command::Begin(city::register("供暖不热")));
    give(&mut net, HUB, Command::Act { doc, draft: city::dispatch(TOWN) });
    net.connect(HUB, OFFICE);
    net.run();
    let before = [HUB, OFFICE].map(|device| dues(net.node(device)));
    // What needs two people is proposed by one, and holds from the confirm of the other on.
    let (person, change) = match change {
        Change::Settings(_) => (Some(city::people(city::CITY)[1]), city::proposed(net.node(HUB), change)),
        change => (None, change),
    };
    let (done, effects) =
        city::ask(net.node(HUB), NOON, person, Command::Registry { seen: u32::MAX, change: Box::new(change) });
    assert!(matches!(done, Ok(Done::Registry(_))), "{done:?}");
    assert!(effects.iter().any(|effect| matches!(effect, kernel::Effect::Changed { doc: of } if *of == doc)));
    net.spread(HUB, effects);
    net.run();
    let after = [HUB, OFFICE].map(|device| {
        let kernel = net.node(device);
        let (shown, lines) = (dues(kernel), dump(kernel));
        rebuild(kernel);
        assert!(dump(kernel) == lines, "{device:?}: a rebuild shows something else");
        shown
    });
    let [[a, b], [c, d]] = [before, after];
    [(a, c), (b, d)]
}

#[test]
fn new_calendar_moves_the_dues_of_every_ticket_on_every_node() {
    // The third and fourth of November are off: signing for is due two days later.
    for (before, after) in changed(city::calendar(&[3, 4])) {
        assert_eq!(before.len(), 1);
        assert_eq!(after[0].1, before[0].1.map(|due| due + 2 * city::DAY_MS));
        assert_eq!(after[0].0, before[0].0);
    }
}

#[test]
fn new_terms_move_the_dues_of_every_ticket_on_every_node() {
    for (before, after) in
        changed(Change::terms(&Terms { sign_for_wd: 2, ..Terms::default() }).from_day(city::TOMORROW))
    {
        assert_eq!(after[0].1, before[0].1.map(|due| due + city::DAY_MS));
    }
}

#[test]
fn new_code_of_a_unit_shows_in_the_numbers_of_its_tickets() {
    for (before, after) in changed(city::units("V")) {
        assert!(before[0].0.starts_with("U1-001-20261102-00001-"), "{}", before[0].0);
        assert!(after[0].0.starts_with("V1-001-20261102-00001-"), "{}", after[0].0);
        assert_eq!(after[0].1, before[0].1);
    }
}

#[test]
fn change_that_moves_nothing_leaves_the_projections_as_they_are() {
    let mut net = Net::new(&[HUB]);
    give(&mut net, HUB, Command::Begin(city::register("供暖不热")));
    let before = dump(net.node(HUB));
    let change = Change::Categories(vec![("0202".to_owned(), "道路".to_owned())]);
    let (done, effects) =
        city::ask(net.node(HUB), NOON, None, Command::Registry { seen: u32::MAX, change: Box::new(change) });
    assert!(done.is_ok());
    assert!(!effects.iter().any(|effect| matches!(effect, kernel::Effect::Changed { .. })));
    assert!(dump(net.node(HUB)) == before);
    rebuild(net.node(HUB));
    assert!(dump(net.node(HUB)) == before);
}
