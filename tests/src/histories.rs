//! Random histories of one document: several authors with partitions, unlawful acts, twins, settling; replayed in
//! several orders of arrival. What must hold: no act is lost; what its author saw is what everybody finds; standing,
//! record and document are the same in every order; a settled standing never changes; an incremental fold equals the
//! full one.

pub mod flood;
mod live;
mod replay;

use replica::Registry;
use replica::history::Sabotage;

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
        self.replayed += other.replayed;
        self.changed += other.changed;
        self.documents += other.documents;
    }
}

/// The acts of a history, in the order in which they were made.
///
/// # Errors
/// Its authors came to something that cannot be.
pub fn made(registry: &Registry, seed: u64, acts: usize) -> Result<Vec<replica::Sealed>, String> {
    let sabotage = Sabotage::None;
    let mut world = World { registry, dice: Dice::new(seed), made: Vec::new(), authors: Vec::new(), sabotage };
    world.live(acts)?;
    Ok(world.made.into_iter().map(|made| made.sealed).collect())
}

/// One history in so many has its document compared even if nobody wrote at once, and goes to its end at its authors.
const ALL_COMPARED_EVERY: u64 = 10;

/// Makes a history from `seed` and replays it in `orders` orders, with something built in wrong if that is wanted.
///
/// # Errors
/// What differed.
pub fn check(registry: &Registry, seed: u64, acts: usize, orders: usize, sabotage: Sabotage) -> Result<Tally, String> {
    let mut world = World { registry, dice: Dice::new(seed), made: Vec::new(), authors: Vec::new(), sabotage };
    world.live(acts)?;
    let all = seed.is_multiple_of(ALL_COMPARED_EVERY);
    let mut tally = Tally { acts: world.made.len(), ..Tally::default() };
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
