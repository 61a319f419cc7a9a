//! The fold as plainly as it can be said: the model's, line by line. It shares nothing with the program's but the acts,
//! their verdicts and ranks, and the regulation.

use std::collections::BTreeMap;

use regulation::precedence::precedence;
use regulation::table::Room;
use regulation::{ActId, Body, Broken, Fact, Record, Rule, bring_in};
use replica::graph::ActSet;
use replica::{Node, Standing};

use super::LIMITS;

/// What a set of acts comes to.
#[derive(Default)]
pub(super) struct Plain {
    pub record: Record,
    pub standing: BTreeMap<usize, Standing>,
    pub order: Vec<usize>,
    /// How many of the order are settled.
    pub sealed: usize,
    pub hubs: Vec<usize>,
}

pub(super) fn fold(nodes: &[Node], set: &ActSet, epochs: usize) -> Plain {
    let mut plain = Plain { hubs: hub_line(nodes, set), ..Plain::default() };
    let mut tips: BTreeMap<(u32, u64), usize> = BTreeMap::new();
    let mut done = ActSet::default();
    for hub in plain.hubs.clone().into_iter().map(Some).chain([None]) {
        let upto: Vec<usize> = match hub {
            Some(hub) => nodes[hub].past.iter().chain([hub]).collect(),
            None => set.iter().collect(),
        };
        let mut left: Vec<usize> = upto.into_iter().filter(|act| !done.contains(*act)).collect();
        while !left.is_empty() {
            let ready = left.iter().filter(|act| nodes[**act].deps.iter().all(|dep| done.contains(*dep)));
            let order = |act: &usize| (nodes[*act].rank, precedence(&nodes[*act].fact.body), nodes[*act].id);
            let Some(act) = ready.copied().min_by_key(order) else { break };
            left.retain(|other| *other != act);
            done.insert(act);
            plain.order.push(act);
            if nodes[act].admitted() {
                let standing = stand(nodes, act, &mut tips, &mut plain, epochs);
                plain.standing.insert(act, standing);
            }
        }
        if hub.is_some() {
            plain.sealed = plain.order.len();
        }
    }
    plain
}

/// Whether there is room for an act: a note leaves the last quarter of what there may be, a contact the last eighth.
pub(super) fn room(nodes: &[Node], node: &Node) -> bool {
    let kind = node.fact.body.kind();
    let all = |acts: usize| match regulation::table::room(kind) {
        Room::Free => acts - acts / 4,
        Room::Repeated => acts - acts / 8,
        Room::Demanded => acts,
        Room::Always => usize::MAX,
    };
    if node.hub() {
        return true;
    }
    // 续页: as much again each time that it stands in what the act follows.
    let given = |act: usize| matches!(nodes[act].fact.body, Body::MoreRoom { .. });
    let more = match node.past.iter().any(given) {
        true => {
            let record = fold(nodes, &node.past, LIMITS.epochs).record;
            record
                .ticket()
                .map_or(0, |ticket| ticket.more_room.iter().filter(|unit| **unit == node.fact.author.unit).count())
        }
        false => 0,
    };
    let allowed = LIMITS.own_acts[node.rank as usize] * (1 + more);
    let (own, lines) = (all(allowed), all(LIMITS.line_acts[node.rank as usize]));
    let mine = || node.past.iter().filter(|act| nodes[*act].act.device == node.act.device);
    let notes = mine().filter(|act| regulation::table::room(nodes[*act].fact.body.kind()) == Room::Free).count();
    // Of what a lead noted who leads no more, as much as others may note.
    let mine = mine().count() - notes;
    let mine = mine + notes.min(allowed - allowed / 4);
    if mine >= own || node.past.len() < lines {
        return mine < own;
    }
    let plain = fold(nodes, &node.past, LIMITS.epochs);
    let fell = |rule| rule == Rule::Clone || rule == Rule::TooManyEpochs;
    let placed = |act: &usize| match plain.standing.get(act) {
        Some(Standing::Overruled(broken)) => !nodes[*act].hub() && !fell(broken.rule),
        Some(Standing::Effective) => !nodes[*act].hub(),
        None => false,
    };
    node.past.iter().filter(placed).count() < lines
}

fn stand(
    nodes: &[Node],
    act: usize,
    tips: &mut BTreeMap<(u32, u64), usize>,
    plain: &mut Plain,
    epochs: usize,
) -> Standing {
    let node = &nodes[act];
    let line = (node.act.device.0, node.act.epoch);
    let overruled = |rule: Rule| Standing::Overruled(Broken::from(rule));
    match tips.get(&line) {
        Some(tip) if !node.past.contains(*tip) => return overruled(Rule::Clone),
        None if !node.hub() && tips.keys().filter(|(device, _)| *device == line.0).count() >= epochs => {
            return overruled(Rule::TooManyEpochs);
        }
        _ => {}
    }
    tips.insert(line, act);
    let confirms = node.fact.body == Body::Confirm;
    let proposal = if confirms { answered(nodes, node) } else { Some(act) };
    let ratifies = proposal.filter(|proposal| nodes[*proposal].fact.body == Body::Ratify);
    let done = match ratifies {
        Some(proposal) => ratify(nodes, node, &nodes[proposal], confirms, plain),
        None => bring_in_crossing(&mut plain.record, nodes, node, node.id),
    };
    done.map_or_else(Standing::Overruled, |()| Standing::Effective)
}

/// With what its author had not heard of.
fn bring_in_crossing(record: &mut Record, nodes: &[Node], node: &Node, id: ActId) -> Result<(), Broken> {
    let heard = |other: ActId| node.past.iter().any(|index| nodes[index].id == other);
    let crossed = regulation::crossed(record, &node.fact, heard);
    bring_in(record, &Fact { id, crossed, ..node.fact.clone() })
}

fn answered(nodes: &[Node], node: &Node) -> Option<usize> {
    node.past.iter().find(|other| Some(nodes[*other].id) == node.fact.answers)
}

fn ratify(nodes: &[Node], node: &Node, proposal: &Node, confirms: bool, plain: &mut Plain) -> Result<(), Broken> {
    let fell = |other: &usize| {
        let rule = match plain.standing.get(other) {
            Some(Standing::Overruled(broken)) => broken.rule,
            _ => return false,
        };
        rule == Rule::Clone || rule == Rule::TooManyEpochs
    };
    let alone = |other: &usize| {
        let kind = nodes[*other].fact.body.kind();
        !kind.of_pairs() && regulation::table::pair(kind).is_none()
    };
    let target = answered(nodes, proposal).filter(alone).filter(fell).ok_or(Rule::NothingToRatify)?;
    let mut tried = plain.record.clone();
    bring_in(&mut tried, &node.fact)?;
    let mut brought = tried.clone();
    bring_in_crossing(&mut brought, nodes, &nodes[target], node.id)?;
    plain.record = if confirms { brought } else { tried };
    Ok(())
}

fn hub_line(nodes: &[Node], set: &ActSet) -> Vec<usize> {
    let mut hubs: Vec<usize> = set.iter().filter(|act| nodes[*act].hub() && nodes[*act].admitted()).collect();
    hubs.sort_by_key(|act| (nodes[*act].act.epoch, nodes[*act].act.dseq, nodes[*act].id));
    let mut whole: Vec<usize> = Vec::new();
    while let Some(newest) = hubs.last().map(|act| nodes[*act].act.epoch) {
        let mut chains: Vec<(usize, Vec<usize>)> = Vec::new();
        for hub in hubs.iter().copied().filter(|act| nodes[*act].act.epoch == newest) {
            let mut longest: &[usize] = &[];
            for (end, chain) in &chains {
                if nodes[hub].past.contains(*end) && chain.len() > longest.len() {
                    longest = chain;
                }
            }
            chains.push((hub, longest.iter().copied().chain([hub]).collect()));
        }
        let mut line: Vec<usize> = Vec::new();
        for (_, chain) in chains {
            if chain.len() > line.len() {
                line = chain;
            }
        }
        hubs.retain(|hub| nodes[line[0]].past.contains(*hub));
        line.extend(whole);
        whole = line;
    }
    whole
}
