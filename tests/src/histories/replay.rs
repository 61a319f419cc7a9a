//! Replaying a history in one order of arrival, and what must hold on the way and in the end.

use std::collections::BTreeMap;

use regulation::{ActId, Record};
use replica::{History, Restoring, Standing, Verdict};

use super::Tally;
use super::live::{World, take};
use crate::dice::Dice;

/// What became of one act.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fate {
    verdict: Verdict,
    standing: Option<Standing>,
    stratum: Option<u32>,
}

/// What a history came to.
#[derive(PartialEq)]
pub(super) struct End {
    fates: BTreeMap<ActId, Fate>,
    record: Record,
    /// The saved document, where it was compared.
    document: Option<Vec<u8>>,
}

impl End {
    /// Acts that are unlawful, overruled, settled.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |of: fn(&Fate) -> bool| self.fates.values().filter(|fate| of(fate)).count();
        (
            count(|fate| fate.verdict != Verdict::Admitted),
            count(|fate| matches!(fate.standing, Some(Standing::Overruled(_)))),
            count(|fate| fate.stratum.is_some()),
        )
    }

    /// Where another end differs.
    pub fn difference(&self, other: &Self) -> String {
        let differing = self.fates.iter().find(|(id, fate)| other.fates.get(id) != Some(*fate));
        match differing {
            Some((id, fate)) => format!("{id:?} {fate:?} against {:?}", other.fates.get(id)),
            None if self.record != other.record => "the records differ".to_owned(),
            None => "the documents differ".to_owned(),
        }
    }
}

/// Standings and strata as they were before the last act arrived, by place.
#[derive(Default)]
struct Seen {
    standing: Vec<Option<Standing>>,
    settled: Vec<bool>,
}

impl Seen {
    /// Compares with what the history comes to now: how many unsettled standings changed.
    fn look(&mut self, history: &History) -> Result<usize, String> {
        let folded = history.folded();
        let mut changed = 0;
        for (index, (was, now)) in self.standing.iter().zip(&folded.standing).enumerate() {
            let settled = self.settled[index];
            if settled && (was != now || !folded.settled(index)) {
                return Err(format!("settled standing {was:?} became {now:?}"));
            }
            changed += usize::from(was != now);
        }
        self.standing.clone_from(&folded.standing);
        self.settled.clear();
        self.settled.extend((0..folded.standing.len()).map(|index| folded.settled(index)));
        Ok(changed)
    }
}

/// Replays a history in a random order. `all`: compare the document though nobody wrote at once.
///
/// # Errors
/// What did not hold.
pub(super) fn replay(world: &World<'_>, dice: &mut Dice, all: bool, tally: &mut Tally) -> Result<End, String> {
    let mut left: Vec<usize> = (0..world.made.len()).collect();
    let mut history = History::sabotaged(world.sabotage);
    let mut seen = Seen::default();
    let mut knows = false;
    while !left.is_empty() {
        let at = dice.below(left.len());
        if !take(&mut history, &world.made[left[at]], world.known(knows))? {
            // What came before its registry waits for that: now and then it comes.
            if !knows && world.after.is_some() && dice.percent(10) {
                knows = true;
                tally.changed += hear(world, &mut history, &mut seen)?;
            }
            continue;
        }
        left.swap_remove(at);
        tally.replayed += 1;
        tally.changed += seen.look(&history)?;
        built_on(&mut history, dice)?;
        if dice.percent(10) {
            history.document().map_err(|e| e.to_string())?;
        }
    }
    hear(world, &mut history, &mut seen)?;
    end(world, history, all, tally)
}

/// The registry comes in which another edition of the rules is in force: how many unsettled standings it changed.
fn hear(world: &World<'_>, history: &mut History, seen: &mut Seen) -> Result<usize, String> {
    let Some(after) = world.after else { return Ok(0) };
    history.weigh_by(after.now().edition());
    if history.refold() != *history.folded() {
        return Err("weighed by another edition it differs from what is folded by that anew".to_owned());
    }
    seen.look(history)
}

/// What was built on with each act is what folding anew comes to: of everything, and of the past of some act.
fn built_on(history: &mut History, dice: &mut Dice) -> Result<(), String> {
    if history.refold() != *history.folded() {
        return Err("the incremental fold differs from the full one".to_owned());
    }
    let id = dice.pick(history.nodes()).id;
    if history.found(id) != history.refound(id) {
        return Err(format!("what {id:?} found differs from what is folded anew"));
    }
    Ok(())
}

/// Gives an author what it has not heard of, in the order of making, and looks at the end.
///
/// # Errors
/// What did not hold.
pub(super) fn finish(world: &World<'_>, mut history: History, tally: &mut Tally) -> Result<End, String> {
    let mut seen = Seen::default();
    seen.look(&history)?;
    tally.changed += hear(world, &mut history, &mut seen)?;
    for made in &world.made {
        if history.node(made.sealed.id()).is_some() {
            continue;
        }
        if !take(&mut history, made, world.known(true))? {
            return Err("an act is held though all before it are here".to_owned());
        }
        tally.replayed += 1;
        tally.changed += seen.look(&history)?;
    }
    end(world, history, true, tally)
}

fn end(world: &World<'_>, mut history: History, all: bool, tally: &mut Tally) -> Result<End, String> {
    if history.refold() != *history.folded() {
        return Err("the incremental fold differs from the full one".to_owned());
    }
    let mut again = Restoring::default();
    for node in history.nodes() {
        again.take(node.id, node.act.clone(), node.parts.clone(), node.verdict, world.known(true));
    }
    if again.done().folded() != history.folded() {
        return Err("read again it comes to something else".to_owned());
    }
    if history.nodes().len() != world.made.len() {
        return Err(format!("{} acts were made, {} are held", world.made.len(), history.nodes().len()));
    }
    let mut fates = BTreeMap::new();
    for (index, node) in history.nodes().iter().enumerate() {
        let standing = history.standing(index);
        if standing.is_some() != node.admitted() {
            return Err(format!("{:?} is {:?} and has the standing {standing:?}", node.id, node.verdict));
        }
        let fate = Fate { verdict: node.verdict, standing, stratum: history.folded().stratum[index] };
        fates.insert(node.id, fate);
    }
    if let Some(lost) = world.made.iter().find(|made| !fates.contains_key(&made.sealed.id())) {
        return Err(format!("{:?} is lost", lost.sealed.id()));
    }
    let document = if all || written_at_once(&history) {
        tally.documents += 1;
        Some(document(&mut history)?)
    } else {
        None
    };
    Ok(End { fates, record: history.record().clone(), document })
}

/// Whether two acts wrote without having heard of each other: only then can there be two orders of writing.
fn written_at_once(history: &History) -> bool {
    let mut last: Option<usize> = None;
    history.nodes().iter().enumerate().filter(|(_, node)| node.writes()).any(|(index, node)| {
        let before = last.replace(index);
        before.is_some_and(|before| !node.past.contains(before))
    })
}

/// The saved document, after comparing the one that grew with one built anew.
fn document(history: &mut History) -> Result<Vec<u8>, String> {
    let rebuilt = history.redrawn().map_err(|e| e.to_string())?.digest();
    let grown = history.document().map_err(|e| e.to_string())?;
    if grown.digest() != rebuilt {
        return Err("the incremental document differs from the rebuilt one".to_owned());
    }
    grown.save().map_err(|e| e.to_string())
}
