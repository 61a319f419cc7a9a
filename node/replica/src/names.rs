//! Names: what an act says that it follows, and what its past forbids of that, of its number and of its place.

use std::collections::{BTreeMap, BTreeSet};

use regulation::table::{self, Room};
use regulation::{ActId, ActKind, DeviceId, Rule};

use crate::act::Act;
use crate::fold::Folded;
use crate::graph::{ActSet, Node};
use crate::limits::Own;
use crate::line::fell;
#[cfg(feature = "sabotage")]
use crate::sabotage::Reading;

/// What an act names that its device makes: its own newest, the hub's newest, what it answers, then tips of lines, one of
/// each device before a second of any; each only if it is not in the past of what is named yet, and not more than fit.
pub(crate) fn names(
    nodes: &[Node],
    folded: &Folded,
    device: DeviceId,
    epoch: u64,
    answers: Option<usize>,
) -> Vec<ActId> {
    let mut nth: BTreeMap<DeviceId, usize> = BTreeMap::new();
    let mut tips: Vec<usize> = folded.lines().tips().collect();
    tips.sort_unstable_by_key(|tip| nodes[*tip].id);
    let rest = tips.into_iter().map(|tip| {
        let nth = nth.entry(nodes[tip].act.device).or_default();
        *nth += 1;
        (*nth, nodes[tip].id, tip)
    });
    let mut rest: Vec<_> = rest.collect();
    rest.sort_unstable();
    let first = [own_newest(nodes, folded, device, epoch), folded.hub_line().last().copied(), answers];
    let mut named: Vec<usize> = Vec::new();
    let mut over = ActSet::default();
    for index in first.into_iter().flatten().chain(rest.into_iter().map(|(.., tip)| tip)) {
        if named.len() < folded.limits().deps && !over.contains(index) {
            named.retain(|other| !nodes[index].past.contains(*other));
            named.push(index);
            over.extend(&nodes[index].past);
            over.insert(index);
        }
    }
    let mut ids: Vec<ActId> = named.into_iter().map(|index| nodes[index].id).collect();
    ids.sort_unstable();
    ids
}

/// The newest act of a device: of its epoch, or of the newest before. One that fell beside it is named through the tips.
fn own_newest(nodes: &[Node], folded: &Folded, device: DeviceId, epoch: u64) -> Option<usize> {
    let own = (0..nodes.len()).filter(|index| nodes[*index].act.device == device && nodes[*index].admitted());
    own.max_by_key(|index| {
        let node = &nodes[*index];
        let counts = !fell(folded.standing.get(*index).copied().flatten());
        (node.act.epoch == epoch, node.act.epoch, node.act.dseq, counts, std::cmp::Reverse(node.id))
    })
}

/// Acts of one device, as they count against what it may make.
pub(crate) fn counted<'a>(own: impl Iterator<Item = &'a Act>) -> Own {
    // One of a kind that is not known here is in no past of what is weighed.
    own.fold(Own::default(), |own, act| own.and(act.kind().map_or(Room::Demanded, table::room)))
}

/// What an act's past forbids of its place, its number and what it names; `found` is the fold of that past.
pub(crate) fn lawful(nodes: &[Node], node: &Node, found: &Folded) -> Result<(), Rule> {
    let limits = found.limits();
    let own = node.past.iter().map(|index| &nodes[index].act).filter(|act| act.device == node.act.device);
    let own: Vec<&Act> = own.collect();
    if own.iter().any(|act| act.epoch == node.act.epoch && act.dseq >= node.act.dseq) {
        return Err(Rule::NumberNotRising);
    }
    // A hub whose clock is in doubt signs no time.
    let signs_none = node.hub() && node.act.beacon == 0;
    let knew = |other: &Node| other.hub() || (other.act.device, other.act.epoch) == (node.act.device, node.act.epoch);
    let known = node.past.iter().map(|index| &nodes[index]).filter(|other| knew(other)).map(|other| other.act.beacon);
    if !signs_none && known.max().is_some_and(|known| node.act.beacon < known) {
        return Err(Rule::TimeBehind);
    }
    if !node.hub() {
        let epochs: BTreeSet<u64> = own.iter().map(|act| act.epoch).chain([node.act.epoch]).collect();
        if epochs.len() > limits.epochs {
            return Err(Rule::TooManyEpochs);
        }
        let room = table::room(node.fact.body.kind());
        #[cfg(feature = "sabotage")]
        let room = if found.reads(Reading::NothingReserved) { room.max(Room::Demanded) } else { room };
        let more = found.record.ticket().map_or(0, |ticket| ticket.more_room(node.fact.author.unit));
        limits.left(room, node.rank, counted(own.into_iter()), more, found.lines().acts)?;
    }
    let answered = |index: usize| Some(nodes[index].id) == node.fact.answers;
    // What is to be erased may be anything.
    let erased = |index: usize| node.fact.body.kind() == ActKind::Redact && answered(index);
    if node.deps.iter().any(|dep| !nodes[*dep].admitted() && !erased(*dep)) {
        return Err(Rule::NamesIdle);
    }
    let idle = |dep: &&usize| fell(found.standing.get(**dep).copied().flatten()) && !answered(**dep);
    let idle: Vec<&usize> = node.deps.iter().filter(idle).collect();
    if idle.len() > 1 || idle.iter().any(|dep| nodes[**dep].act.device != node.act.device) {
        return Err(Rule::NamesIdle);
    }
    Ok(())
}
