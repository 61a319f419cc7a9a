//! Random histories of one document: several authors with partitions, unlawful acts, twins, settling; replayed in
//! several orders of arrival. What must hold: no act is lost; what its author saw is what everybody finds; standing,
//! record and document are the same in every order; a settled standing never changes; an incremental fold equals the
//! full one. In a share of them the city takes up another edition of the rules half-way, of which each hears in its turn.

pub mod flood;
mod live;
mod replay;

use regulation::settings::EDITION;
use regulation::{ActKind, Edition, Role};
use replica::history::Sabotage;
use replica::registry::{Carried, sign_entry};
use replica::{Change, Person, Registry};

use crate::city;
use crate::dice::Dice;
use live::World;
use replay::{End, finish, replay};

/// What one history and its replays came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Acts made.
    pub acts: usize,
    /// Of them unlawful.
    pub unlawful: usize,
    /// Of them overruled in the end.
    pub overruled: usize,
    /// Of them settled in the end.
    pub settled: usize,
    /// Acts on which the edition of the rules decides, where it changed.
    pub corrected: usize,
    /// Acts replayed over all orders.
    pub replayed: usize,
    /// Times that an unsettled standing changed when another act arrived.
    pub changed: usize,
    /// Orders of arrival in which the document was built twice and compared.
    pub documents: usize,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.acts += other.acts;
        self.unlawful += other.unlawful;
        self.overruled += other.overruled;
        self.settled += other.settled;
        self.corrected += other.corrected;
        self.replayed += other.replayed;
        self.changed += other.changed;
        self.documents += other.documents;
    }
}

/// The registries that histories are made under.
pub struct Registries {
    /// That of those in which nothing of it changes.
    plain: Registry,
    /// That of the others before the city takes up another edition of the rules, and after.
    before: Registry,
    after: Registry,
}

/// In one history of so many the edition changes.
const EDITIONS_EVERY: u64 = 4;

impl Registries {
    /// Those of [`city`]; where the edition changes, half of the people may urge by the first and not by the other.
    ///
    /// # Errors
    /// An entry is refused.
    pub fn new() -> Result<Self, String> {
        let plain = city::registry();
        let mut before = Registry::carrying(Edition::MADE_UP);
        plain.entries().try_for_each(|entry| before.append(entry).map(|_| ())).map_err(|error| error.to_string())?;
        let city_id = before.city_id().unwrap_or_default();
        let mut changes = Vec::new();
        for unit in [city::CITY, city::COUNTY].into_iter().chain(city::TOWNSHIPS) {
            let id = city::people(unit)[1];
            let Some(person) = before.now().person(id) else { continue };
            let roles = person.roles.iter().copied().filter(|role| *role != Role::Review).collect();
            changes.push((None, Change::Person(id, Person { roles, ..person.clone() })));
        }
        for (hub, ..) in before.now().hubs() {
            let said = Carried::signed(&city_id, hub, Edition::MADE_UP, &city::key(hub));
            changes.push((None, Change::Carried(said)));
        }
        let write = |registry: &mut Registry, by, change| {
            let entry = sign_entry(by, registry, change, city::MONDAY_NOON, &city::root_key());
            registry.append(&entry).map(|_| ()).map_err(|error| error.to_string())
        };
        changes.into_iter().try_for_each(|(by, change)| write(&mut before, by, change))?;
        let mut after = before.clone();
        let [one, other] = city::people(city::CITY);
        let edition = Change::settings(vec![(EDITION, Edition::MADE_UP.0.into())]);
        write(&mut after, Some(one), Change::Proposed(Box::new(edition)))?;
        let proposal = after.head();
        write(&mut after, Some(other), Change::Confirmed(proposal))?;
        Ok(Self { plain, before, after })
    }

    /// That of a history, and the other one that comes in its midst.
    fn of(&self, seed: u64) -> (&Registry, Option<&Registry>) {
        if seed % EDITIONS_EVERY == 1 { (&self.before, Some(&self.after)) } else { (&self.plain, None) }
    }
}

/// The acts of a history, in the order in which they were made.
///
/// # Errors
/// Its authors came to something that cannot be.
pub fn made(registry: &Registry, seed: u64, acts: usize) -> Result<Vec<replica::Sealed>, String> {
    let sabotage = Sabotage::None;
    let (dice, made, authors) = (Dice::new(seed), Vec::new(), Vec::new());
    let mut world = World { registry, after: None, dice, made, authors, sabotage };
    world.live(acts)?;
    Ok(world.made.into_iter().map(|made| made.sealed).collect())
}

/// One history in so many has its document compared even if nobody wrote at once, and goes to its end at its authors.
const ALL_COMPARED_EVERY: u64 = 10;

/// Makes a history from `seed` and replays it in `orders` orders, with something built in wrong if that is wanted.
///
/// # Errors
/// What differed.
pub fn check(
    registries: &Registries,
    seed: u64,
    acts: usize,
    orders: usize,
    sabotage: Sabotage,
) -> Result<Tally, String> {
    let (registry, after) = registries.of(seed);
    let (dice, made, authors) = (Dice::new(seed), Vec::new(), Vec::new());
    let mut world = World { registry, after, dice, made, authors, sabotage };
    world.live(acts)?;
    let all = seed.is_multiple_of(ALL_COMPARED_EVERY);
    let mut tally = Tally { acts: world.made.len(), ..Tally::default() };
    let urges = |made: &live::Made| made.act.kind() == Some(ActKind::Urge);
    tally.corrected = world.made.iter().filter(|made| after.is_some() && urges(made)).count();
    let mut first: Option<End> = None;
    let mut compare = |order: &str, end: End| match &first {
        None => {
            first = Some(end);
            Ok(())
        }
        Some(first) if *first == end => Ok(()),
        Some(first) => Err(format!("{order} ends otherwise: {}", first.difference(&end))),
    };
    for order in 0..orders {
        let mut dice = Dice::new(seed ^ (order as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        compare(&format!("order {order}"), replay(&world, &mut dice, all, &mut tally)?)?;
    }
    if all {
        for (number, author) in std::mem::take(&mut world.authors).into_iter().enumerate() {
            compare(&format!("author {number}"), finish(&world, author.history, &mut tally)?)?;
        }
    }
    if let Some(end) = first {
        (tally.unlawful, tally.overruled, tally.settled) = end.counts();
    }
    Ok(tally)
}
