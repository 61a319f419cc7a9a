//! Random histories in which some of those who hold a valid key keep no rule: floods, fresh epochs, numbers used again,
//! own acts left out, chains, what an accomplice's idle acts drag in; beside cloned and restored nodes, and a hub that was
//! put back. The same properties as those of the model that the rules were found with, here of the program itself:
//!
//! a admission and the end are the same everywhere, and what a plain fold comes to; b settled never changes, unless by a
//! new epoch of the hub's or a longer branch of a hub that forked; c an author's act follows the state that it saw; d a
//! settle is lawful, and a pass ends; e an honest act waits at most its turn; f no honest act is stopped by others; g no honest act is unlawful, nor falls for its
//! place; h names are bounded; i a device counts for no more than its lines; j what does not count has no effect; k after a
//! while in touch all honest acts are everywhere, settled, and stand alike (what a forked hub's line held back from all who
//! keep the rules may change: above what both lines hold alone, and only until it is shown); m nothing lawful follows what
//! is unlawful; n whoever wrote notes without end can still do what must be done, and there is room for an act just where
//! a plain count says so.

mod device;
mod evil;
mod hold;
mod node;
mod reference;
mod world;

use std::collections::BTreeMap;

use replica::Registry;
use replica::history::Sabotage;
use replica::limits::Limits;

pub use world::Hub;
use world::World;

/// Small, so that floods are cheap.
const LIMITS: Limits = Limits { deps: 4, epochs: 3, own_acts: [12, 9, 9, 8], line_acts: [80, 72, 72, 64] };
/// Acts of a device that count for nothing at a node, before it takes no more of them.
const IDLE: usize = 3;

/// What happens in a history.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Acts of those who keep the rules.
    pub acts: usize,
    /// Devices that keep none.
    pub evil: usize,
    /// Acts that one of them makes at a time.
    pub burst: usize,
    /// They make so many acts for each of the others', at most.
    pub flood: usize,
    /// Devices that are cloned.
    pub clones: usize,
    /// Devices that are put back.
    pub restores: usize,
    /// What happens to the hub.
    pub hub: Hub,
    /// So many times in a hundred the hub takes part.
    pub city: usize,
    /// So many times in a hundred those who keep the rules write a tag, whatever else they might do.
    pub notes: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { acts: 26, evil: 1, burst: 8, flood: 4, clones: 0, restores: 0, hub: Hub::Sound, city: 50, notes: 20 }
    }
}

/// The shapes that are tried, by name.
#[must_use]
pub fn shapes() -> Vec<(&'static str, Shape)> {
    let shape = Shape::default();
    let hub = |hub| Shape { hub, restores: 1, ..shape };
    vec![
        ("a flood by one", shape),
        ("two, clones, put back", Shape { evil: 2, clones: 2, restores: 2, ..shape }),
        ("much by three", Shape { evil: 3, burst: 40, flood: 12, ..shape }),
        ("notes without end", Shape { acts: 60, notes: 80, ..shape }),
        ("hub rarely there", Shape { city: 10, ..shape }),
        ("hub put back", hub(Hub::Restored)),
        ("hub put back that waits", hub(Hub::Waits)),
        ("hub that lost its newest", hub(Hub::Rollback)),
        ("two hubs", hub(Hub::Two)),
    ]
}

/// What was counted, and what was found wrong.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// By name.
    pub of: BTreeMap<&'static str, usize>,
    /// The most, by name.
    pub most: BTreeMap<&'static str, usize>,
}

impl Count {
    fn add(&mut self, what: &'static str, n: usize) {
        *self.of.entry(what).or_default() += n;
    }

    fn most(&mut self, what: &'static str, n: usize) {
        let most = self.most.entry(what).or_default();
        *most = (*most).max(n);
    }

    /// Adds another.
    pub fn join(&mut self, other: &Self) {
        other.of.iter().for_each(|(what, n)| self.add(what, *n));
        other.most.iter().for_each(|(what, n)| self.most(what, *n));
    }
}

/// Makes a history of that shape and looks at it in `orders` orders of arrival.
///
/// # Errors
/// Which property did not hold.
pub fn check(registry: &Registry, seed: u64, shape: Shape, orders: usize, sabotage: Sabotage) -> Result<Count, String> {
    let mut world = World::new(registry, seed, shape, sabotage);
    world.live()?;
    hold::all(&mut world, orders)?;
    Ok(world.count)
}
