//! Every pair of acts that two bodies can make at once, as real signed acts in every order of arrival, unsettled and with
//! either of them settled first. What comes of them must be what `docs/reconciliation.md` says.

mod bodies;
mod orders;
mod page;
#[path = "../../node/regulation/tests/regulation/support/records.rs"]
#[allow(clippy::expect_used, clippy::panic, missing_docs, reason = "shared with the tests of the regulation")]
pub(crate) mod records;
mod tickets;

use std::collections::{BTreeMap, BTreeSet};

use regulation::kind::Trait;
use regulation::precedence::precedence;
use regulation::{ActKind, Author, DeviceId, Record, UnitId, decide};
use replica::registry::sign_entry;
use replica::{Change, Class, Device, History, Registry, Unit, UnitKind};

use crate::city;
use crate::dice::Dice;
use bodies::Maker;
use orders::{Arrived, arrive};
pub use tickets::tickets;

/// A unit of the county without a part in anything, to which a ticket can be given.
const FREE: UnitId = UnitId(6);

/// What was tried, and what came of it.
#[derive(Default)]
pub struct Tally {
    /// Records from which people parted.
    pub stories: usize,
    /// Pairs of acts made at once, over all records.
    pub pairs: usize,
    /// Orders of arrival replayed.
    pub orders: usize,
    /// Of them with an act overruled in the end.
    pub overruled: usize,
    /// Pairs left out: one hub cannot act twice at once.
    pub hub_twice: usize,
    /// What became of the second act, by the kinds of both.
    cells: BTreeMap<(ActKind, ActKind), Cell>,
}

/// What became of the second of two acts: nothing, or the rule that overruled it.
type Outcome = Option<&'static str>;

/// What became of the second act: of those that are not settled, and where the first or the second kind was settled first.
#[derive(Default)]
struct Cell {
    unsettled: BTreeSet<Outcome>,
    settled: [BTreeSet<Outcome>; 2],
    /// Whether pairs of these kinds were left out.
    partial: bool,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.stories += other.stories;
        self.pairs += other.pairs;
        self.orders += other.orders;
        self.overruled += other.overruled;
        self.hub_twice += other.hub_twice;
        for (kinds, cell) in other.cells {
            let mine = self.cells.entry(kinds).or_default();
            mine.unsettled.extend(cell.unsettled);
            mine.partial |= cell.partial;
            for (mine, other) in mine.settled.iter_mut().zip(cell.settled) {
                mine.extend(other);
            }
        }
    }

    /// Pairs of kinds that were tried.
    #[must_use]
    pub fn kinds(&self) -> usize {
        self.cells.values().filter(|cell| !cell.unsettled.is_empty()).count()
    }

    /// Where `docs/reconciliation.md` says something else. With `whole` it may say nothing besides, either: leave it out
    /// where only a share of the pairs was tried.
    #[must_use]
    pub fn against_the_page(&self, whole: bool) -> Vec<String> {
        page::compare(&self.cells, whole)
    }
}

/// How many records there are to part from.
#[must_use]
pub fn stories() -> usize {
    records::stories().len()
}

/// The city of the histories, with a second device a unit, and a township without a part.
///
/// # Panics
/// Never: the entries are consistent.
#[must_use]
#[expect(clippy::expect_used, reason = "the entries are constants")]
pub fn registry() -> Registry {
    let mut registry = city::registry();
    let free = Unit::new("U6", "单位6", "单位6", UnitKind::Township, Some(city::COUNTY));
    // Whoever acts may ask any of the others for an opinion: which of them is above is not what is tried here.
    let all: Vec<UnitId> = [city::COUNTY].into_iter().chain(city::TOWNSHIPS).chain([FREE]).collect();
    let asking = |id: &UnitId| {
        let superiors = all.iter().copied().filter(|other| other != id).collect();
        registry.now().unit(*id).map(|unit| (*id, Unit { superiors, ..unit.clone() }))
    };
    let asking: Vec<(UnitId, Unit)> = all.iter().filter_map(asking).collect();
    let mut changes = vec![Change::Units(vec![(FREE, free)]), Change::Units(asking)];
    for unit in [city::CITY, city::COUNTY].into_iter().chain(city::TOWNSHIPS) {
        let [_, id] = devices(unit);
        let name = format!("设备{}", id.0);
        changes.push(Change::Device(id, Device { unit, class: Class::Office, key: city::key(id).public(), name }));
    }
    for change in changes {
        let entry = sign_entry(None, &registry, change, city::MONDAY_NOON, &city::root_key());
        registry.append(&entry).expect("the entries are consistent");
    }
    registry
}

/// Two devices of a unit, so that two of its clerks can work apart; neither is the city hub.
fn devices(unit: UnitId) -> [DeviceId; 2] {
    [DeviceId(unit.0 + 1), DeviceId(unit.0 + 20)]
}

/// Tries a share of the pairs that part from one record: one in `every`, chosen by `seed`.
///
/// # Errors
/// What did not come out as it should.
pub fn check(registry: &Registry, story: usize, seed: u64, every: usize) -> Result<Tally, String> {
    let Some((name, steps)) = records::stories().into_iter().nth(story) else {
        return Err(format!("there is no record {story}"));
    };
    // There is no clone here whose act could be ratified: what answers a proposal is tried without that one.
    if steps.iter().any(|(_, kind, _)| *kind == ActKind::Ratify) {
        return Ok(Tally { cells: answers_left_out(), ..Tally::default() });
    }
    let mut maker = Maker::new(registry);
    let mut base = History::default();
    for (who, kind, body) in steps {
        let (device, author) = somebody(registry, who)?;
        let arrived = maker.make(&mut base, device, &author, kind, body).map_err(|why| format!("{name}: {why}"))?;
        arrived.insert(&mut base);
    }
    let open = open(&mut maker, &base, registry).map_err(|why| format!("{name}: {why}"))?;
    let mut dice = Dice::new(seed ^ (story as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut tally = Tally { stories: 1, ..Tally::default() };
    for (index, [a, _]) in open.iter().enumerate() {
        for [b, elsewhere] in &open[index..] {
            if dice.below(every) != 0 {
                continue;
            }
            // The clerks of one unit hear of each other, unless they sit at two devices that do not.
            let b = if a.unit() == b.unit() { elsewhere } else { b };
            if a.hub() && b.hub() {
                tally.hub_twice += 1;
                let kinds = if b.kind() < a.kind() { (b.kind(), a.kind()) } else { (a.kind(), b.kind()) };
                tally.cells.entry(kinds).or_default().partial = true;
                continue;
            }
            try_pair(&mut maker, &base, a, b, &mut tally)
                .map_err(|why| format!("{name}: {} and {}: {why}", a.told(), b.told()))?;
        }
    }
    Ok(tally)
}

/// The pairs with an answer to a proposal, of which not all are tried.
fn answers_left_out() -> BTreeMap<(ActKind, ActKind), Cell> {
    let left_out = || Cell { partial: true, ..Cell::default() };
    let answers = [ActKind::Confirm, ActKind::Decline];
    let pairs = answers.into_iter().flat_map(|answer| ActKind::ALL.iter().map(move |kind| (answer, *kind)));
    pairs.map(|(answer, kind)| ((answer.min(kind), answer.max(kind)), left_out())).collect()
}

/// Every lawful act from this record, made twice: at each of two devices of its unit.
fn open(maker: &mut Maker<'_>, base: &History, registry: &Registry) -> Result<Vec<[Arrived; 2]>, String> {
    let mut open = Vec::new();
    for (who, _) in records::authors() {
        let (device, author) = somebody(registry, who)?;
        let other = if author.hub { device } else { devices(author.unit)[1] };
        // There is no clone here whose act could be ratified, nor an act that fell: that is for the histories.
        let here = |kind: &ActKind| {
            !kind.begins()
                && !kind.of_knowledge()
                && *kind != ActKind::Ratify
                && !kind.has(Trait::Card)
                && records::differs(who, *kind)
        };
        for kind in ActKind::ALL.iter().copied().filter(here) {
            let mut fact = records::particular(base.record(), kind, &author);
            fact.claimed_at = city::MONDAY_NOON;
            if decide(base.record(), &fact).is_ok() {
                let mut make = |device| maker.make(&mut base.clone(), device, &author, kind, None);
                open.push([make(device)?, make(other)?]);
            }
        }
    }
    Ok(open)
}

/// The first device of somebody of that name, and who that is to the regulation.
fn somebody(registry: &Registry, name: &str) -> Result<(DeviceId, Author), String> {
    let known = records::authors().into_iter().find(|(other, _)| *other == name);
    let (_, Author { unit, hub, person, .. }) = known.ok_or_else(|| format!("nobody is called {name}"))?;
    let (at, person) = (registry.now(), person.map(|_| city::people(unit)[usize::from(name == "second")]));
    let roles = person.map(|person| at.roles(person, unit)).unwrap_or_default();
    let device = if hub { city::HUB } else { devices(unit)[0] };
    Ok((device, Author { unit, level: at.level(unit), hub, person, roles }))
}

/// One pair in all its orders of arrival, settled and not.
fn try_pair(maker: &mut Maker<'_>, base: &History, a: &Arrived, b: &Arrived, tally: &mut Tally) -> Result<(), String> {
    let before = base.record();
    // Unsettled, authority goes first, then the kind, then the hash. What the hub does is settled by that alone.
    let key = |act: &Arrived| (!act.hub(), rank(act, before), precedence(&act.node.fact.body), act.id());
    let (first, second) = if key(a) <= key(b) { (a, b) } else { (b, a) };
    let registry = maker.registry;
    let both = maker.settle(base, &[a, b])?;
    let mut outcome = |orders: &[Vec<&Arrived>], first: &Arrived, second: &Arrived| {
        let fell = arrive(base, registry, orders, first, second)?;
        tally.orders += orders.len();
        tally.overruled += if fell.is_some() { orders.len() } else { 0 };
        Ok::<Outcome, String>(fell)
    };
    let mut cell = Cell::default();
    let unsettled = outcome(&[vec![a, b], vec![b, a], vec![a, b, &both], vec![b, a, &both]], first, second)?;
    cell.unsettled.insert(unsettled);
    let swapped = b.kind() < a.kind();
    for (place, first, second) in [(usize::from(swapped), a, b), (usize::from(!swapped), b, a)] {
        if a.hub() || b.hub() {
            // The hub settles at once by acting; it cannot settle the other act without having heard of its own.
            if first.hub() {
                cell.settled[place].insert(unsettled);
            }
            continue;
        }
        let settle = maker.settle(base, &[first])?;
        let orders = [vec![first, &settle, second], vec![first, second, &settle], vec![second, first, &settle]];
        cell.settled[place].insert(outcome(&orders, first, second)?);
    }
    tally.pairs += 1;
    let kinds = if swapped { (b.kind(), a.kind()) } else { (a.kind(), b.kind()) };
    tally.add(Tally { cells: BTreeMap::from([(kinds, cell)]), ..Tally::default() });
    Ok(())
}

/// Authority of an author: city, county, lead, any other; the lower goes first.
fn rank(act: &Arrived, before: &Record) -> u8 {
    let author = &act.node.fact.author;
    let leads = before.ticket().and_then(|ticket| ticket.lead()).is_some_and(|lead| lead.unit == author.unit);
    match author.level {
        regulation::Level::CityHotline => 0,
        regulation::Level::CountyHotline => 1,
        regulation::Level::Unit if leads => 2,
        regulation::Level::Unit => 3,
    }
}
