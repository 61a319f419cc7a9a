//! What must hold of a history, at its end and in every order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use regulation::table::{self, Room};
use regulation::{ActId, Body, Rule};
use replica::graph::Rank;
use replica::graph::{ActSet, closure};
use replica::{Document, Folded, History, Node, Standing, Verdict};

use super::reference;
use super::world::{Hub, World};
use super::{LIMITS, reference::Plain};
use crate::city;
use crate::dice::Dice;

/// Looks at everything.
pub(super) fn all(world: &mut World<'_>, orders: usize) -> Result<(), String> {
    let kept = kept(world);
    let end = world.all.fold_of(&kept);
    lawful(world)?;
    room(world)?;
    lines(world, &kept, &end)?;
    let mut dice = Dice::new(world.dice.bits());
    idle(world, &kept, &end, &mut dice)?;
    settled_at_last(world, &end)?;
    plain(&world.all, &kept, &end)?;
    let all = ActSet::first(world.made.len());
    let written = Document::build(world.all.nodes(), &all).map_err(|e| e.to_string())?;
    let mut first = None;
    for order in 0..orders {
        let fates = replay(world, (&kept, &written), &mut dice)?;
        if first.get_or_insert_with(|| fates.clone()) != &fates {
            return Err(format!("a: order {order} ends otherwise"));
        }
    }
    let ids = |index: usize| world.all.nodes()[index].id;
    let fates: Fates = kept.iter().map(|index| (ids(index), end.standing[index])).collect();
    if first.is_some_and(|first| first != fates) {
        return Err("a: the end differs from what is folded at once".to_owned());
    }
    world.count.add("acts", world.made.len());
    let fallen = kept.iter().filter(|index| fell(end.standing[*index])).count();
    world.count.add("fell for their place", fallen);
    world.count.add("unlawful", world.made.iter().filter(|made| !made.admitted()).count());
    shown_at_last(world, &end)
}

type Fates = BTreeMap<ActId, Option<Standing>>;

/// What a disk lost before anybody had it is nowhere.
fn kept(world: &World<'_>) -> ActSet {
    let mut kept = ActSet::default();
    (0..world.devices.len()).for_each(|at| kept.extend(&world.held(at)));
    kept
}

fn fell(standing: Option<Standing>) -> bool {
    matches!(standing, Some(Standing::Overruled(broken)) if [Rule::Clone, Rule::TooManyEpochs].contains(&broken.rule))
}

fn view(history: &History, folded: &Folded, set: &ActSet) -> ActSet {
    let nodes = history.nodes();
    let placed = set.iter().filter(|index| nodes[*index].admitted() && !fell(folded.standing[*index]));
    closure(nodes, &placed.collect::<Vec<_>>())
}

fn lawful(world: &World<'_>) -> Result<(), String> {
    let nodes = world.all.nodes();
    for (made, node) in world.made.iter().zip(nodes) {
        if made.good && !made.admitted() {
            return Err(format!("g: an honest act is {:?}", made.judged.verdict));
        }
        if made.good && node.deps.len() > LIMITS.deps {
            return Err("h: an act names too many".to_owned());
        }
        if made.admitted() && node.past.iter().any(|act| !nodes[act].admitted()) {
            return Err("m: an act that is admitted follows one that is not".to_owned());
        }
    }
    Ok(())
}

/// There is room for an act just where a plain count of its past says so.
fn room(world: &mut World<'_>) -> Result<(), String> {
    let nodes = world.all.nodes();
    let mut stopped = 0;
    for (made, node) in world.made.iter().zip(nodes) {
        let says = match made.judged.verdict {
            Verdict::Unlawful(Rule::AllowanceUsed | Rule::RoomReserved | Rule::TooLong) => false,
            Verdict::Admitted => true,
            Verdict::Unlawful(_) => continue,
        };
        stopped += usize::from(!says);
        if reference::room(nodes, node) != says {
            return Err(format!("n: the plain count of an act that is {:?} says otherwise", made.judged.verdict));
        }
    }
    world.count.add("acts without room", stopped);
    Ok(())
}

fn lines(world: &mut World<'_>, kept: &ActSet, end: &Folded) -> Result<(), String> {
    let nodes = world.all.nodes();
    for device in &world.evil {
        let mine = end.order.iter().filter(|act| nodes[**act].act.device == *device && kept.contains(**act));
        let line: Vec<&Node> =
            mine.filter(|act| nodes[**act].admitted() && !fell(end.standing[**act])).map(|act| &nodes[*act]).collect();
        let epochs: BTreeSet<u64> = line.iter().map(|node| node.act.epoch).collect();
        let chain = line.iter().enumerate().all(|(at, node)| {
            let before = line[..at].iter().filter(|other| other.act.epoch == node.act.epoch);
            before.into_iter().all(|other| world.all.index_of(other.id).is_some_and(|index| node.past.contains(index)))
        });
        // What always has room is excepted from the allowance, and lawful once.
        let always = |node: &&&Node| table::room(node.fact.body.kind()) == Room::Always;
        let allowed = line.iter().filter(|node| !always(node)).count();
        let given = |act: &usize| matches!(nodes[*act].fact.body, Body::MoreRoom { .. });
        let more = kept.iter().filter(given).count();
        let most = epochs.len() * LIMITS.own_acts[Rank::City as usize] * (1 + more);
        if epochs.len() > LIMITS.epochs || allowed > most || !chain {
            return Err(format!("i: device {} counts for {} acts of {} epochs", device.0, line.len(), epochs.len()));
        }
        world.count.most("acts that count of a device that keeps no rule", line.len());
    }
    Ok(())
}

/// Whoever holds another part of what does not count agrees on all that counts.
fn idle(world: &World<'_>, kept: &ActSet, end: &Folded, dice: &mut Dice) -> Result<(), String> {
    let nodes = world.all.nodes();
    let counts = view(&world.all, end, kept);
    for _ in 0..2 {
        let more: Vec<usize> = kept.iter().filter(|_| dice.percent(20)).collect();
        let mut set = closure(nodes, &more);
        set.extend(&counts);
        let other = world.all.fold_of(&set);
        if other.record != end.record || counts.iter().any(|act| other.standing[act] != end.standing[act]) {
            return Err("j: what does not count has an effect".to_owned());
        }
    }
    Ok(())
}

/// What those that keep the rules hold, all of them together.
fn had(world: &World<'_>) -> ActSet {
    let mut had = ActSet::default();
    world.honest().into_iter().for_each(|at| had.extend(&world.held(at)));
    had
}

/// Whether part of the line of a hub that forked is had by nobody that keeps the rules. They cannot know of it, so they go by
/// another line than whoever holds all there is: no rule on what one holds could have it otherwise.
fn held_back(had: &ActSet, end: &Folded) -> bool {
    end.hub_line().iter().any(|hub| !had.contains(*hub))
}

/// After a while in touch all that keep the rules agree on what is settled, with each other and with whoever holds all
/// there is. Where part of the hub's line is held back from them, with him up to the last of the hub's acts that is in both
/// lines; what comes then is asked in [`shown_at_last`].
fn settled_at_last(world: &World<'_>, end: &Folded) -> Result<(), String> {
    let had = had(world);
    let (among, held_back) = (world.all.fold_of(&had), held_back(&had, end));
    let clean: Vec<usize> = had.iter().filter(|act| world.clean(&world.made[*act])).collect();
    for at in world.honest() {
        let (held, history) = (world.held(at), &world.devices[at].disk.history);
        for act in &clean {
            let index = history.index_of(world.all.nodes()[*act].id);
            if !held.contains(*act) || !index.is_some_and(|index| history.folded().settled(index)) {
                return Err(format!("k: {:?} is not settled everywhere", world.all.nodes()[*act].id));
            }
        }
        let line = history.folded().hub_line().iter().filter_map(|hub| world.all.index_of(history.nodes()[*hub].id));
        let both = closure(world.all.nodes(), &line.filter(|hub| end.hub_line().contains(hub)).collect::<Vec<_>>());
        for (index, node) in history.nodes().iter().enumerate().filter(|(index, _)| history.folded().settled(*index)) {
            let Some(act) = world.all.index_of(node.id) else { return Err("an act is nowhere".to_owned()) };
            if history.standing(index) != among.standing[act] {
                return Err("k: nodes differ on what is settled".to_owned());
            }
            if history.standing(index) != end.standing[act] && (!held_back || both.contains(act)) {
                return Err("k: what is settled stands otherwise where all is held".to_owned());
            }
        }
        if history.refold() != *history.folded() {
            return Err("the incremental fold of a node differs from the full one".to_owned());
        }
    }
    Ok(())
}

/// Once a line that was held back is shown, all agree again, and with whoever holds all there is.
fn shown_at_last(world: &mut World<'_>, end: &Folded) -> Result<(), String> {
    if !held_back(&had(world), end) {
        return Ok(());
    }
    world.count.add("a hub's line was held back", 1);
    world.show_all()?;
    let kept = kept(world);
    let end = world.all.fold_of(&kept);
    if held_back(&had(world), &end) {
        return Err("k: a line of the hub's is not taken in".to_owned());
    }
    settled_at_last(world, &end)?;
    plain(&world.all, &kept, &end)
}

/// What the program comes to against what a plain fold comes to.
fn plain(history: &History, set: &ActSet, folded: &Folded) -> Result<(), String> {
    let Plain { record, standing, order, sealed, hubs } = reference::fold(history.nodes(), set, LIMITS.epochs);
    let stands = set.iter().all(|act| standing.get(&act).copied() == folded.standing[act]);
    let settled = set.iter().filter(|act| folded.settled(*act)).count();
    if record != folded.record || !stands || order != folded.order || hubs != folded.hub_line() || settled != sealed {
        return Err("a: the plain fold comes to something else".to_owned());
    }
    Ok(())
}

/// What was settled before the last act came.
#[derive(Default)]
struct Before {
    /// Per act whether it is honest, and of a device of which there is one.
    clean: Vec<bool>,
    standing: Vec<Option<Standing>>,
    settled: Vec<bool>,
    hubs: Vec<usize>,
    fork: bool,
}

impl Before {
    fn look(&mut self, world: &World<'_>, history: &History, last: usize) -> Result<(), String> {
        let (nodes, folded) = (history.nodes(), history.folded());
        let node = &nodes[last];
        let hub = node.act.device == city::HUB && node.admitted();
        let beside = |other: &Node| other.act.device == city::HUB && other.admitted();
        self.fork |= hub && (0..last).any(|other| beside(&nodes[other]) && !node.past.contains(other));
        if self.fork && world.shape.hub == Hub::Sound {
            return Err("b: the hub forked its own chain".to_owned());
        }
        let changed =
            |act: &usize| self.settled[*act] && (!folded.settled(*act) || folded.standing[*act] != self.standing[*act]);
        let gone: Vec<usize> = (0..self.standing.len()).filter(changed).collect();
        if !gone.is_empty() {
            self.may_change(history, node, hub, &gone)?;
        }
        if let Some(act) = (0..nodes.len()).find(|act| self.clean[*act] && fell(folded.standing[*act])) {
            return Err(format!("g: the honest act {:?} fell for its place", nodes[act].id));
        }
        self.standing.clone_from(&folded.standing);
        self.settled = (0..nodes.len()).map(|act| folded.settled(act)).collect();
        self.hubs = folded.hub_line().to_vec();
        Ok(())
    }

    /// Settled changes only by a newer epoch of a hub that was put back, or by a longer branch of one that forked.
    fn may_change(&self, history: &History, node: &Node, hub: bool, gone: &[usize]) -> Result<(), String> {
        let nodes = history.nodes();
        let newest = self.hubs.iter().map(|act| nodes[*act].act.epoch).max().unwrap_or_default();
        if !self.fork {
            return Err("b: a settled standing changed without a fork".to_owned());
        }
        if !hub || node.act.epoch < newest {
            return Err("b: a settled standing changed after the newest epoch was known".to_owned());
        }
        let now = history.folded().hub_line();
        let both: Vec<usize> = self.hubs.iter().copied().filter(|act| now.contains(act)).collect();
        let past = closure(nodes, &both);
        if gone.iter().any(|act| past.contains(*act)) {
            return Err("b: it changed below a hub's act that is still in the line".to_owned());
        }
        let lost = self.hubs.iter().filter(|act| !now.contains(act)).count();
        let won = now.iter().filter(|act| !self.hubs.contains(act)).count();
        if node.act.epoch == newest && lost > won {
            return Err("b: a shorter branch won".to_owned());
        }
        Ok(())
    }
}

/// Another node, which gets the acts in another order; with what all acts wrote, in the order of making.
fn replay(world: &mut World<'_>, (kept, written): (&ActSet, &Document), dice: &mut Dice) -> Result<Fates, String> {
    let mut history = History::tried(world.sabotage, LIMITS);
    let mut left: Vec<usize> = kept.iter().collect();
    let (mut done, mut before, mut came) = (ActSet::default(), Before::default(), Vec::new());
    while !left.is_empty() {
        let at = dice.below(left.len());
        if !world.all.nodes()[left[at]].past.within(&done) {
            continue;
        }
        let index = left.swap_remove(at);
        done.insert(index);
        if !super::super::live::take(&mut history, &world.made[index].judged, world.registry)? {
            return Err("an act is held though all before it are here".to_owned());
        }
        came.push(index);
        before.clean.push(world.clean(&world.made[index]));
        before.look(world, &history, history.nodes().len() - 1)?;
        if dice.percent(20) {
            if history.refold() != *history.folded() {
                return Err("the incremental fold differs from the full one".to_owned());
            }
            plain(&history, &ActSet::first(history.nodes().len()), history.folded())?;
            let id = dice.pick(history.nodes()).id;
            if history.found(id) != history.refound(id) {
                return Err(format!("what {id:?} found differs from what is folded anew"));
            }
            let mut counts = ActSet::default();
            came.iter().enumerate().filter(|(at, _)| history.counts(*at)).for_each(|(_, act)| counts.insert(*act));
            let grown = history.document().map_err(|e| e.to_string())?.digest();
            if grown != written.digest_of(world.all.nodes(), &counts) {
                return Err("the document that grew is not what its acts write".to_owned());
            }
        }
    }
    let redrawn = history.redrawn().map_err(|e| e.to_string())?.digest();
    if redrawn != history.document().map_err(|e| e.to_string())?.digest() {
        return Err("the document that grew differs from one drawn anew".to_owned());
    }
    if history.refold() != *history.folded() {
        return Err("the incremental fold differs from the full one".to_owned());
    }
    world.count.add("replayed", history.nodes().len());
    let fates = history.nodes().iter().enumerate().map(|(index, node)| (node.id, history.standing(index)));
    let fates: Fates = fates.collect();
    let verdicts = history.nodes().iter().all(|node| {
        world.made_by(node.id).is_some_and(|made| made.judged.verdict == node.verdict)
            && world.all.node(node.id).is_some_and(|other| other.rank == node.rank)
    });
    if !verdicts {
        return Err("a: admission differs".to_owned());
    }
    Ok(fates)
}
