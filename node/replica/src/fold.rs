//! The fold: strata by the city hub's acts, an order inside each, and a walk that gives an act its place and lets it stand.
//!
//! The hub's line (see [`crate::line`]) makes the strata: that of an act is the first act of the line that is it or has it
//! in its past; an act with none is unsettled and comes last. Inside a stratum: of the acts whose deps are all taken, take
//! the highest authority, then the lowest precedence of kinds, then the lowest hash (`crate::rank`). Claimed time never orders. Walking so, an act takes its place in the line
//! of its device or falls; and what has its place stands or is overruled by a rule. Nothing later changes what came before
//! it. Since a stratum is closed by the past of a hub's act, nothing that arrives later can come before something settled.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use regulation::kind::Trait;
use regulation::{ActId, ActKind, Body, Broken, DeviceId, Edition, Fact, Record, Rule, apply, bring_in, crossed};

use crate::graph::{ActSet, Node};

pub use crate::graph::Standing;
use crate::limits::Limits;
use crate::line::{self, Lines, fell};
use crate::rank::{Key, key};
#[cfg(feature = "sabotage")]
use crate::sabotage::Reading;

/// What a causally closed set of acts comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// The state of the ticket or article.
    pub record: Record,
    /// Per act of the document (by place): its standing; `None` for unlawful acts and those outside the set.
    pub standing: Vec<Option<Standing>>,
    /// Per act: its stratum, counted from 0; `None` while unsettled.
    pub stratum: Vec<Option<u32>>,
    /// The walk: every act of the set in order.
    pub order: Vec<usize>,
    lines: Lines,
    /// What it is built on: shared by the folds of all pasts that have it.
    settled: Arc<Settled>,
    limits: Limits,
    /// What is not settled is weighed by this edition of the rules; a stratum by that which its hub's act names.
    edition: Edition,
    #[cfg(feature = "sabotage")]
    reading: Reading,
}

/// The closed strata and what they come to. They are the beginning of the walk whatever else arrives, unless the hub's line
/// becomes another; so what arrives is folded from here.
#[derive(Clone, Debug, Default, PartialEq)]
struct Settled {
    record: Record,
    lines: Lines,
    acts: ActSet,
    /// The hub's line: the act that closed each stratum.
    hubs: Vec<usize>,
}

/// Folds a causally closed set of acts. Pure in the set: arrival order, indices and clocks do not matter.
#[must_use]
pub fn fold(nodes: &[Node], set: &ActSet) -> Folded {
    Folded::default().anew(nodes, set)
}

impl Folded {
    /// One that holds to other limits, or reads the rules otherwise.
    #[cfg(feature = "sabotage")]
    pub(crate) fn tried(limits: Limits, reading: Reading) -> Self {
        Self { limits, reading, ..Self::default() }
    }

    /// Whether it reads the rules so.
    #[cfg(feature = "sabotage")]
    pub(crate) fn reads(&self, reading: Reading) -> bool {
        self.reading == reading
    }

    /// A set of acts folded from nothing.
    pub(crate) fn anew(&self, nodes: &[Node], set: &ActSet) -> Self {
        self.anew_by(nodes, set, self.edition)
    }

    /// The same, with what is not settled weighed by that edition of the rules.
    pub(crate) fn anew_by(&self, nodes: &[Node], set: &ActSet, edition: Edition) -> Self {
        let mut folded = Self {
            limits: self.limits,
            edition,
            #[cfg(feature = "sabotage")]
            reading: self.reading,
            ..Self::default()
        };
        let hubs = folded.hubs_among(nodes, set.iter());
        folded.close(nodes, &hubs);
        folded.open(nodes, set);
        folded
    }

    fn hubs_among(&self, nodes: &[Node], acts: impl Iterator<Item = usize>) -> Vec<usize> {
        #[cfg(feature = "sabotage")]
        if self.reading == Reading::HubBySize {
            let mut hubs: Vec<usize> = acts.filter(|index| nodes[*index].hub()).collect();
            hubs.sort_by_key(|index| (nodes[*index].past.len(), nodes[*index].act.epoch, nodes[*index].id));
            return hubs;
        }
        line::hub_line(nodes, acts)
    }

    /// Takes the newest act: the same as folding everything again with it. `last` says that all others are in its past.
    pub(crate) fn take(&mut self, nodes: &[Node], index: usize, last: bool) {
        if last {
            self.append(nodes, index);
        } else if nodes[index].hub() && nodes[index].admitted() {
            self.take_all(nodes);
        } else {
            self.slip_in(nodes, index);
        }
    }

    /// Keeps the first act as settled that is not.
    #[cfg(feature = "sabotage")]
    pub(crate) fn keep_too_much(&mut self, nodes: &[Node]) {
        if let Some(act) = self.order.get(self.settled.acts.len()).copied() {
            let (record, lines) = (self.settled.record.clone(), self.settled.lines.clone());
            let now = (std::mem::replace(&mut self.record, record), std::mem::replace(&mut self.lines, lines));
            self.stand(nodes, act, self.edition);
            let settled = Arc::make_mut(&mut self.settled);
            settled.record = std::mem::replace(&mut self.record, now.0);
            settled.lines = std::mem::replace(&mut self.lines, now.1);
            settled.acts.insert(act);
        }
    }

    /// Puts an act behind all others.
    #[cfg(feature = "sabotage")]
    pub(crate) fn put_last(&mut self, nodes: &[Node], index: usize) {
        if let Some(at) = self.order.iter().position(|act| *act == index).filter(|_| !self.settled(index)) {
            self.order.remove(at);
            self.order.push(index);
            self.walk_again(nodes);
        }
    }

    /// Takes all acts that came since: the same as taking one after the other.
    pub(crate) fn take_all(&mut self, nodes: &[Node]) {
        let all = ActSet::first(nodes.len());
        let hubs = self.hubs_among(nodes, all.iter());
        if hubs.starts_with(&self.settled.hubs) {
            self.reopen();
            self.close(nodes, &hubs[self.settled.hubs.len()..]);
            self.open(nodes, &all);
        } else {
            *self = self.anew(nodes, &all);
        }
    }

    /// What a past comes to by an edition of the rules; `self` is what everything does. Built on the settled strata if the
    /// past has all of them: the hub's line is then the same.
    pub(crate) fn at(&self, nodes: &[Node], past: &ActSet, edition: Edition) -> Self {
        if !self.settled.acts.within(past) {
            return self.anew_by(nodes, past, edition);
        }
        let begin = self.settled.acts.len();
        let mut folded = Self {
            record: self.settled.record.clone(),
            standing: self.standing.clone(),
            stratum: self.stratum.clone(),
            order: self.order[..begin].to_vec(),
            lines: self.settled.lines.clone(),
            settled: Arc::clone(&self.settled),
            limits: self.limits,
            edition,
            #[cfg(feature = "sabotage")]
            reading: self.reading,
        };
        self.order[begin..].iter().for_each(|act| folded.standing[*act] = None);
        folded.open(nodes, past);
        folded
    }

    /// Takes an act that follows exactly what was folded.
    pub(crate) fn append(&mut self, nodes: &[Node], index: usize) {
        self.make_room(index);
        let closes = line::continues(nodes, self.settled.hubs.last().copied(), index);
        if closes && self.closes_by(&nodes[index]) != self.edition {
            self.reopen();
            return self.close(nodes, &[index]);
        }
        self.step(nodes, index, self.edition);
        if closes {
            let stratum = self.next_stratum();
            for settled in nodes[index].past.iter().chain([index]) {
                self.stratum[settled].get_or_insert(stratum);
            }
            let mut acts = nodes[index].past.clone();
            acts.insert(index);
            self.settle(&[index], acts);
        }
    }

    /// Takes an act that nothing follows yet, and that settles nothing: the others keep their order, and it comes before
    /// the first one that goes after it once all that it depends on is taken.
    fn slip_in(&mut self, nodes: &[Node], index: usize) {
        self.make_room(index);
        let begin = self.settled.acts.len();
        let deps = &nodes[index].deps;
        let free = self.order[begin..].iter().rposition(|act| deps.contains(act)).map_or(begin, |at| begin + at + 1);
        let later = |act: &usize| self.order_key(nodes, *act) > self.order_key(nodes, index);
        let at = self.order[free..].iter().position(later).map_or(self.order.len(), |at| free + at);
        self.order.insert(at, index);
        if at + 1 == self.order.len() {
            self.stand(nodes, index, self.edition);
        } else if nodes[index].admitted() {
            // What finds no place behind what is settled finds none later either, and changes nothing for others.
            match self.settled.lines.place(&nodes[index], &self.limits) {
                Err(rule) if self.keeps_places() => {
                    self.standing[index] = Some(Standing::Overruled(rule.into()));
                }
                _ => self.walk_again(nodes),
            }
        }
    }

    /// The edition of the rules that what is not settled is weighed by.
    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    /// Weighs what is not settled by another edition of the rules.
    pub(crate) fn weigh_by(&mut self, nodes: &[Node], edition: Edition) {
        self.edition = edition;
        self.walk_again(nodes);
    }

    /// Whether an act is settled.
    #[must_use]
    pub fn settled(&self, index: usize) -> bool {
        self.stratum.get(index).copied().flatten().is_some()
    }

    /// The hub's line: the act that closed each stratum.
    #[must_use]
    pub fn hub_line(&self) -> &[usize] {
        &self.settled.hubs
    }

    /// Whether an act that holds no place can never take one, whatever arrives.
    #[must_use]
    pub fn fallen_for_good(&self, nodes: &[Node], index: usize) -> bool {
        fell(self.standing.get(index).copied().flatten())
            && self.settled.lines.place(&nodes[index], &self.limits).is_err()
    }

    /// Whether an act that has just come, or would, has the tip of its line in its past, or may begin one. The hub's may as
    /// long as it is lawful: with it the branch that it ends may be the hub's line.
    #[must_use]
    pub fn has_place(&self, node: &Node) -> bool {
        node.admitted() && (node.hub() || self.lines.place(node, &self.limits).is_ok())
    }

    /// Whether an act of that device and epoch with such a past falls beside the newest act of its line, as the lines are
    /// here: what can be said before it is weighed.
    #[must_use]
    pub fn falls_beside(&self, (device, epoch): (DeviceId, u64), past: &ActSet) -> bool {
        self.lines.tip((device, epoch)).is_some_and(|tip| !past.contains(tip))
    }

    /// Whether an act of that device and epoch would begin a line.
    #[must_use]
    pub fn begins_line(&self, (device, epoch): (DeviceId, u64)) -> bool {
        self.lines.tip((device, epoch)).is_none()
    }

    pub(crate) fn lines(&self) -> &Lines {
        &self.lines
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Bytes of memory, about.
    pub(crate) fn weight(&self) -> usize {
        size_of_val(self.standing.as_slice())
            + size_of_val(self.stratum.as_slice())
            + size_of_val(self.order.as_slice())
    }

    fn next_stratum(&self) -> u32 {
        u32::try_from(self.settled.hubs.len()).unwrap_or(u32::MAX)
    }

    /// Closes strata, where nothing is open: each is all that the hub's act has in its past and that is in none yet.
    fn close(&mut self, nodes: &[Node], hubs: &[usize]) {
        let mut closed = self.settled.acts.clone();
        for (hub, stratum) in hubs.iter().zip(self.next_stratum()..) {
            let past = nodes[*hub].past.iter().chain([*hub]);
            let acts: Vec<usize> = past.filter(|act| !closed.contains(*act)).collect();
            self.walk(nodes, &acts, (Some(stratum), self.closes_by(&nodes[*hub])));
            closed.extend(&nodes[*hub].past);
            closed.insert(*hub);
        }
        self.settle(hubs, closed);
    }

    /// The edition of the rules by which a hub's act closes its stratum.
    fn closes_by(&self, hub: &Node) -> Edition {
        #[cfg(feature = "sabotage")]
        if self.reading == Reading::NewestEdition {
            return self.edition;
        }
        hub.fact.edition
    }

    /// All that was walked, which is these acts, is settled by these of the hub's.
    fn settle(&mut self, hubs: &[usize], acts: ActSet) {
        if !hubs.is_empty() {
            let settled = Arc::make_mut(&mut self.settled);
            settled.record.clone_from(&self.record);
            settled.lines.clone_from(&self.lines);
            settled.acts = acts;
            settled.hubs.extend(hubs);
        }
    }

    /// Back to what is settled.
    fn reopen(&mut self) {
        let begin = self.settled.acts.len();
        if self.order.len() > begin {
            self.record.clone_from(&self.settled.record);
            self.lines.clone_from(&self.settled.lines);
            self.order.drain(begin..).for_each(|act| self.standing[act] = None);
        }
    }

    /// Walks what is not settled of a set, where nothing is open.
    fn open(&mut self, nodes: &[Node], set: &ActSet) {
        let acts: Vec<usize> = set.iter().filter(|index| !self.settled.acts.contains(*index)).collect();
        self.walk(nodes, &acts, (None, self.edition));
    }

    /// Walks acts, by rising places.
    fn walk(&mut self, nodes: &[Node], acts: &[usize], (stratum, edition): (Option<u32>, Edition)) {
        let Some(newest) = acts.last() else { return };
        self.make_room(*newest);
        for index in self.ready_list(nodes, acts) {
            self.stratum[index] = stratum;
            self.step(nodes, index, edition);
        }
    }

    /// Walks what is not settled in the order that it has.
    fn walk_again(&mut self, nodes: &[Node]) {
        self.record.clone_from(&self.settled.record);
        self.lines.clone_from(&self.settled.lines);
        for at in self.settled.acts.len()..self.order.len() {
            self.stand(nodes, self.order[at], self.edition);
        }
    }

    fn step(&mut self, nodes: &[Node], index: usize, edition: Edition) {
        self.order.push(index);
        self.stand(nodes, index, edition);
    }

    /// Gives an act its place, and lets it stand or overrules it, after those before it.
    fn stand(&mut self, nodes: &[Node], index: usize, edition: Edition) {
        let node = &nodes[index];
        self.standing[index] = None;
        if !node.admitted() {
            return;
        }
        let placed = if self.keeps_places() { self.lines.place(node, &self.limits) } else { Ok(()) };
        let stood = match placed {
            Err(rule) => Err(rule.into()),
            Ok(()) => {
                self.lines.take(nodes, index);
                enact(&mut self.record, nodes, node, &self.standing, (edition, bring_in))
            }
        };
        self.standing[index] = Some(match stood {
            Ok(()) => Standing::Effective,
            Err(broken) => Standing::Overruled(broken),
        });
    }

    fn keeps_places(&self) -> bool {
        #[cfg(feature = "sabotage")]
        if self.reading == Reading::TwinsIgnored {
            return false;
        }
        true
    }

    fn make_room(&mut self, index: usize) {
        let acts = self.standing.len().max(index + 1);
        self.standing.resize(acts, None);
        self.stratum.resize(acts, None);
    }

    /// Of the acts whose deps are all taken the lowest goes first.
    fn order_key(&self, nodes: &[Node], act: usize) -> (Key, usize) {
        #[cfg(feature = "sabotage")]
        if self.reading == Reading::ByArrival {
            return (Key::default(), act);
        }
        (key(nodes[act].rank, &nodes[act].fact.body, nodes[act].id), act)
    }

    /// Kahn's order, by [`Self::order_key`]: of acts by rising places.
    fn ready_list(&self, nodes: &[Node], acts: &[usize]) -> Vec<usize> {
        let mut missing = vec![0usize; acts.len()];
        // Pairs of what is followed and what follows it, by their places in `acts`.
        let mut followed: Vec<(usize, usize)> = Vec::new();
        let mut ready: BinaryHeap<Reverse<(Key, usize)>> = BinaryHeap::new();
        for (at, act) in acts.iter().enumerate() {
            for dep in nodes[*act].deps.iter().filter_map(|dep| acts.binary_search(dep).ok()) {
                missing[at] += 1;
                followed.push((dep, at));
            }
            if missing[at] == 0 {
                ready.push(Reverse(self.order_key(nodes, *act)));
            }
        }
        followed.sort_unstable();
        let mut order = Vec::with_capacity(acts.len());
        while let Some(Reverse((_, act))) = ready.pop() {
            order.push(act);
            let at = acts.partition_point(|other| *other < act);
            let first = followed.partition_point(|(dep, _)| *dep < at);
            for (_, follower) in followed[first..].iter().take_while(|(dep, _)| *dep == at) {
                missing[*follower] -= 1;
                if missing[*follower] == 0 {
                    ready.push(Reverse(self.order_key(nodes, acts[*follower])));
                }
            }
        }
        order
    }
}

/// How an act is let take effect: where it was made, or where it takes its place.
type Apply = fn(&mut Record, &Fact) -> Result<(), Broken>;

/// Lets an act take effect on what stands before it. A confirm that an act which fell for its place is ratified brings that
/// act about anew, in its own place and under its own id: what was overruled stays so, and nothing settled changes.
fn enact(
    record: &mut Record,
    nodes: &[Node],
    node: &Node,
    standing: &[Option<Standing>],
    (edition, apply): (Edition, Apply),
) -> Result<(), Broken> {
    let confirms = node.fact.body == Body::Confirm;
    let proposal = if confirms { answered(nodes, node).map(|index| &nodes[index]) } else { Some(node) };
    let Some(proposal) = proposal.filter(|proposal| proposal.fact.body == Body::Ratify) else {
        return apply(record, &weighed(record, nodes, node, edition));
    };
    let ratified = answered(nodes, proposal).filter(|index| may_be_ratified(&nodes[*index].fact.body));
    let ratified = ratified.ok_or(Rule::NothingToRatify)?;
    if !fell(standing.get(ratified).copied().flatten()) {
        return Err(Rule::NothingToRatify.into());
    }
    let mut tried = record.clone();
    apply(&mut tried, &weighed(record, nodes, node, edition))?;
    // A proposal is made of what could be brought about, and brings nothing about yet.
    let mut brought = tried.clone();
    let anew = weighed(record, nodes, &nodes[ratified], edition).into_owned();
    apply(&mut brought, &Fact { id: node.id, ..anew })?;
    *record = if confirms { brought } else { tried };
    Ok(())
}

/// An act as it is weighed after what stands in a record: by an edition of the rules, and with what its author had not heard of.
fn weighed<'n>(record: &Record, nodes: &[Node], node: &'n Node, edition: Edition) -> Cow<'n, Fact> {
    let heard = |id: ActId| node.past.iter().any(|index| nodes[index].id == id);
    let crossed = crossed(record, &node.fact, heard);
    let fact = node.fact.under(edition);
    if crossed.is_empty() { fact } else { Cow::Owned(Fact { crossed, ..fact.into_owned() }) }
}

/// The act in its past that an act answers.
fn answered(nodes: &[Node], node: &Node) -> Option<usize> {
    node.past.iter().find(|index| Some(nodes[*index].id) == node.fact.answers)
}

/// What two people decide is proposed anew, and confirmed again: it waits as long as nobody did.
fn may_be_ratified(body: &Body) -> bool {
    let kind = body.kind();
    !kind.of_pairs() && regulation::table::pair(kind).is_none()
}

/// What an act brings about, and the act that it is about: its own body, that of the proposal which it confirms, or that of
/// the act which is so ratified.
#[must_use]
pub fn brings<'n>(nodes: &'n [Node], node: &'n Node) -> &'n Fact {
    let answered = |node: &Node| answered(nodes, node).map(|index| &nodes[index]);
    match (&node.fact.body, answered(node)) {
        (Body::Confirm, Some(proposal)) if proposal.fact.body == Body::Ratify => {
            answered(proposal).map_or(&node.fact, |ratified| &ratified.fact)
        }
        (Body::Confirm, Some(proposal)) => &proposal.fact,
        _ => &node.fact,
    }
}

/// Whether what an act answers was overruled, as its author could see, and it is for him to end that so: its own unit has seen
/// it, or had done the work; a hotline recognises what another unit did, or upholds what stands.
fn ends_card(nodes: &[Node], node: &Node, standing: &[Option<Standing>]) -> bool {
    let fell = |index: &usize| matches!(standing.get(*index), Some(Some(Standing::Overruled(_))));
    answered(nodes, node).filter(fell).is_some_and(|index| {
        let lost = &nodes[index].fact;
        let own = lost.author.unit == node.fact.author.unit;
        match node.fact.body {
            Body::Acknowledge => own,
            Body::ShowDone => own && lost.body.kind() == ActKind::Complete,
            _ => !own,
        }
    })
}

/// Whether an act could be brought about at its past, which came to that.
pub(crate) fn lawful(nodes: &[Node], node: &Node, past: &Folded) -> Result<(), Broken> {
    if node.fact.body.kind().has(Trait::Card) && !ends_card(nodes, node, &past.standing) {
        return Err(Rule::NothingFell.into());
    }
    enact(&mut past.record.clone(), nodes, node, &past.standing, (node.fact.edition, apply))
}
