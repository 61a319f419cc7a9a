//! A valid key that keeps no rule: old pasts, own acts left out, numbers used again, new epochs, chains, what is unlawful,
//! low hashes, accomplices.

use regulation::ActId;
use replica::graph::{ActSet, closure};
use replica::{Act, Part, Sealed, Verdict, compose};

use super::LIMITS;
use super::world::{Made, World};
use crate::histories::live;

/// How one makes acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Many, of any number, each on some past.
    Flood,
    /// In ever new epochs.
    Epochs,
    /// One number again and again.
    Equivocate,
    /// Sits upon everybody's heads, and leaves its own out.
    Omit,
    /// One behind the other.
    Chain,
    /// Pulls in what counts for nothing of an accomplice.
    Drag,
}

const STYLES: [Style; 6] = [Style::Flood, Style::Epochs, Style::Equivocate, Style::Omit, Style::Chain, Style::Drag];

impl World<'_> {
    /// A device makes a burst of acts.
    pub fn flood(&mut self, at: usize) -> Result<(), String> {
        let style = (!self.dice.percent(15)).then(|| *self.dice.pick(&STYLES));
        let (epoch, dseq) = (self.devices[at].disk.epoch, self.devices[at].disk.dseq);
        for _ in 0..1 + self.dice.below(self.shape.burst) {
            let style = style.unwrap_or_else(|| *self.dice.pick(&STYLES));
            if self.devices[at].disk.history.nodes().is_empty() {
                return Ok(());
            }
            self.one(at, style, (epoch, dseq))?;
        }
        Ok(())
    }

    fn one(&mut self, at: usize, style: Style, (epoch, dseq): (u64, u64)) -> Result<(), String> {
        let deps = self.deps(at, style);
        if deps.is_empty() {
            return Ok(());
        }
        let now = (self.devices[at].disk.epoch, self.devices[at].disk.dseq);
        let epoch = match style {
            Style::Epochs => (1 + self.dice.below(40) as u64) << 16,
            _ => *self.dice.pick(&[epoch, now.0]),
        };
        let dseq = match style {
            Style::Equivocate => dseq + 1,
            Style::Chain | Style::Drag => now.1 + 1,
            _ => 1 + self.dice.below(60) as u64,
        };
        let places: Vec<usize> = deps.iter().filter_map(|id| self.all.index_of(*id)).collect();
        let seen = self.all.fold_of(&closure(self.all.nodes(), &places)).record;
        let held: Vec<ActId> = self.devices[at].disk.history.nodes().iter().map(|node| node.id).collect();
        let Some(mut draft) = self.draft(at, &seen, &held) else { return Ok(()) };
        if self.dice.percent(10) {
            draft.answers = Some(*self.dice.pick(&held));
        }
        // Whoever wants a low hash tries.
        let tries = if self.dice.percent(50) { 6 } else { 1 };
        let nothing = self.empty();
        let mut best: Option<(ActId, Act, Vec<Part>)> = None;
        for _ in 0..tries {
            let stamp = self.stamp(at, Some(epoch), Some(dseq));
            // It does not ask what there is to name.
            let (act, parts) = compose(&nothing, draft.clone(), stamp);
            let act = Act { doc: self.all.id(), deps: deps.clone(), ..act };
            let id = Sealed { bytes: act.encode(), signatures: Vec::new(), parts: Vec::new() }.id();
            if best.as_ref().is_none_or(|(before, ..)| id < *before) {
                best = Some((id, act, parts));
            }
        }
        let Some((id, act, parts)) = best else { return Ok(()) };
        if self.all.node(id).is_some() {
            return Ok(());
        }
        let sealed = self.seal(at, &act, parts);
        let verdict = self.judge_all(&sealed, act.clone())?;
        if verdict != Verdict::Admitted && !self.dice.percent(30) {
            return Ok(());
        }
        self.count.add("evil acts", 1);
        let device = self.devices[at].id;
        self.put(at, Made { judged: live::Made { sealed, act, verdict }, good: false, device })
    }

    fn deps(&mut self, at: usize, style: Style) -> Vec<ActId> {
        let me = self.devices[at].id;
        let disk = &self.devices[at].disk;
        if style == Style::Chain {
            return disk.history.names(me, disk.epoch, None);
        }
        let held = self.held(at);
        let own = |act: &usize| self.made[*act].device == me;
        let others: Vec<usize> = held.iter().filter(|act| !own(act)).collect();
        let mut base = match style {
            Style::Omit => self.heads(&closure(self.all.nodes(), &others), |_| true),
            Style::Drag => {
                let idle = |act: usize| {
                    let history = &self.devices[at].disk.history;
                    history.index_of(self.all.nodes()[act].id).is_some_and(|index| !history.counts(index))
                };
                let mut idle = self.heads(&held, |act| idle(act) && self.made[act].device != me);
                let last = held.iter().filter(own).last();
                idle.truncate(LIMITS.deps - 1);
                idle.extend(last);
                idle
            }
            _ => {
                let from: Vec<usize> = if self.dice.percent(20) { held.iter().collect() } else { others };
                if from.is_empty() {
                    return Vec::new();
                }
                let picked: Vec<usize> = (0..1 + self.dice.below(4)).map(|_| *self.dice.pick(&from)).collect();
                self.heads(&closure(self.all.nodes(), &picked), |_| true)
            }
        };
        for from in (1..base.len()).rev() {
            base.swap(from, self.dice.below(from + 1));
        }
        base.truncate(LIMITS.deps);
        let mut deps: Vec<ActId> = base.into_iter().map(|act| self.all.nodes()[act].id).collect();
        deps.sort_unstable();
        deps.dedup();
        deps
    }

    /// Of a set those acts that none other of it follows.
    fn heads(&self, set: &ActSet, of: impl Fn(usize) -> bool) -> Vec<usize> {
        let acts: Vec<usize> = set.iter().filter(|act| of(*act)).collect();
        let mut followed = ActSet::default();
        acts.iter().for_each(|act| followed.extend(&self.all.nodes()[*act].past));
        acts.into_iter().filter(|act| !followed.contains(*act)).collect()
    }
}
