//! All acts that were ever made of one document, the devices, and what happens between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regulation::act::{Body, Dispatch, Register};
use regulation::{ActId, DeviceId, UnitId};
use replica::graph::{ActSet, closure};
use replica::history::Sabotage;
use replica::{Act, DeviceKey, Draft, Effect, Field, History, Judgement, Part, Registry, Sealed, Value, Verdict};

use super::device::{Device, Disk};
use super::{Count, LIMITS, Shape};
use crate::city;
use crate::dice::Dice;
use crate::histories::live;

/// What happens to the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hub {
    /// Nothing.
    Sound,
    /// It is put back, knows it, and goes on with what it has.
    Restored,
    /// It is put back, and first hears all that can be reached.
    Waits,
    /// It loses its newest, and does not know it.
    Rollback,
    /// The one that was put back and the old one both run.
    Two,
}

/// An act with who made it.
pub(super) struct Made {
    /// With what its author found of it.
    pub judged: live::Made,
    /// By a device that keeps the rules.
    pub good: bool,
    pub device: DeviceId,
}

impl Made {
    pub fn admitted(&self) -> bool {
        self.judged.verdict == Verdict::Admitted
    }
}

/// See the module. Places of acts are those in `all`.
pub(super) struct World<'r> {
    pub registry: &'r Registry,
    pub shape: Shape,
    pub dice: Dice,
    /// Whether its acts are signed, and vetted by everybody.
    signed: bool,
    pub made: Vec<Made>,
    pub all: History,
    pub devices: Vec<Device>,
    pub evil: BTreeSet<DeviceId>,
    pub cloned: BTreeSet<DeviceId>,
    pub sabotage: Sabotage,
    pub count: Count,
    off: BTreeSet<usize>,
}

/// In one history of so many each act is signed, and vetted wherever it comes: whose it is hangs on the act alone, and on
/// nothing of what is tried here.
const SIGNED_EVERY: u64 = 50;

/// The devices with their keys: to derive one costs as much as to sign.
static KEYS: LazyLock<Vec<(DeviceId, UnitId, DeviceKey)>> =
    LazyLock::new(|| city::devices().into_iter().map(|(id, unit, _)| (id, unit, city::key(id))).collect());

/// Epochs of a test begin here: the higher bits count, the lower keep two copies of one backup apart.
const EPOCH: u64 = 1 << 16;

impl<'r> World<'r> {
    pub fn new(registry: &'r Registry, seed: u64, shape: Shape, sabotage: Sabotage) -> Self {
        let mut dice = Dice::new(seed);
        let mut evil = BTreeSet::new();
        while evil.len() < shape.evil {
            evil.insert(DeviceId(2 + u32::try_from(dice.below(6)).unwrap_or_default()));
        }
        let empty = || History::tried(sabotage, LIMITS);
        let device = |(id, unit, key): &'static (DeviceId, UnitId, DeviceKey)| {
            let disk = Disk::new(empty(), EPOCH);
            Device { id: *id, unit: *unit, key, good: !evil.contains(id), disk, backup: None }
        };
        let devices = KEYS.iter().map(device).collect();
        let (made, all, count, off) = (Vec::new(), empty(), Count::default(), BTreeSet::new());
        let (signed, cloned) = (seed.is_multiple_of(SIGNED_EVERY), BTreeSet::new());
        Self { registry, shape, dice, signed, made, all, devices, evil, cloned, sabotage, count, off }
    }

    /// A history that holds nothing.
    pub fn empty(&self) -> History {
        History::tried(self.sabotage, LIMITS)
    }

    /// Seals an act of a device, and signs it if this history is one in which that is done.
    pub fn seal(&self, at: usize, act: &Act, parts: Vec<Part>) -> Sealed {
        if self.signed {
            return Sealed::new(act, self.devices[at].key, parts);
        }
        Sealed { bytes: act.encode(), signatures: Vec::new(), parts }
    }

    pub fn made_by(&self, id: ActId) -> Option<&Made> {
        self.all.index_of(id).map(|index| &self.made[index])
    }

    /// Whether an act is by somebody who keeps the rules, on a device of which there is one.
    pub fn clean(&self, made: &Made) -> bool {
        made.good && !self.cloned.contains(&made.device)
    }

    /// Counts an act in that a device has made.
    pub fn put(&mut self, at: usize, made: Made) -> Result<(), String> {
        let id = made.judged.sealed.id();
        // A hub that lost its newest may settle just as it did before: that is the same act, to the byte.
        let again = self.all.index_of(id);
        live::take(&mut self.all, &made.judged, self.registry)?;
        let disk = &mut self.devices[at].disk;
        live::take(&mut disk.history, &made.judged, self.registry)?;
        disk.has(again.unwrap_or(self.made.len()));
        disk.made.insert(id);
        (disk.epoch, disk.dseq) = (made.judged.act.epoch, made.judged.act.dseq);
        if again.is_none() {
            self.made.push(made);
        }
        Ok(())
    }

    /// What a device holds.
    pub fn held(&self, at: usize) -> ActSet {
        self.devices[at].disk.held.clone()
    }

    /// A causally closed part of a set.
    pub fn part(&mut self, of: &ActSet, most: usize) -> ActSet {
        let acts: Vec<usize> = of.iter().collect();
        if acts.is_empty() {
            return ActSet::default();
        }
        let picked: Vec<usize> = (0..1 + self.dice.below(most)).map(|_| *self.dice.pick(&acts)).collect();
        closure(self.all.nodes(), &picked)
    }

    pub fn live(&mut self) -> Result<(), String> {
        self.begin()?;
        let mut events: BTreeMap<&str, usize> = BTreeMap::new();
        events.insert("clone", self.shape.clones);
        events.insert("restore", self.shape.restores);
        events.insert("hub", 2 * usize::from(self.shape.hub != Hub::Sound));
        let mut good = 2;
        for _ in 0..self.shape.acts * 8 {
            if good >= self.shape.acts {
                break;
            }
            for at in 0..self.devices.len() {
                if self.dice.percent(if at == 0 { 2 } else { 4 }) {
                    self.devices[at].backup = Some(self.devices[at].disk.copied());
                }
            }
            if self.dice.percent(8) {
                let apart = self.dice.below(5);
                self.off = (0..apart).map(|_| self.dice.below(self.devices.len())).collect();
            }
            let what = self.dice.below(100);
            let at = self.dice.below(self.devices.len());
            if what < 10 && self.made.len() < self.shape.flood * self.shape.acts {
                let evil: Vec<usize> = (0..self.devices.len()).filter(|at| !self.devices[*at].good).collect();
                if !evil.is_empty() {
                    let at = *self.dice.pick(&evil);
                    self.flood(at)?;
                }
            } else if what < 45 {
                let other = self.dice.below(self.devices.len());
                let away = |at: &usize| self.off.contains(at);
                let hub_apart = (at == 0 || other == 0) && !self.dice.percent(self.shape.city);
                if at != other && !away(&at) && !away(&other) && !hub_apart {
                    self.meet(at, other)?;
                    if (at == 0 || other == 0) && self.dice.percent(self.shape.city) {
                        self.settle(0)?;
                    }
                }
            } else if what < 51 {
                self.mishap(at, &mut events)?;
            } else if self.devices[at].good && !self.devices[at].disk.history.nodes().is_empty() {
                good += usize::from(self.work(at)?);
            }
        }
        self.calm()
    }

    fn begin(&mut self) -> Result<(), String> {
        let body = Body::Register(Register { raised_at: city::MONDAY_NOON, day: 20_760, ..Register::sample() });
        let title = vec![Effect::Register(Field::Title, Value::Segment(0))];
        self.make(0, Draft::new(body).text(["供暖不热", "三单元室温不到十六度"]).effects(title))?;
        let lead = Dispatch { lead: city::TOWNSHIPS[0], assisting: vec![city::TOWNSHIPS[1]] };
        self.make(0, Draft::new(Body::Dispatch(lead)))?;
        for at in 1..self.devices.len() {
            let all = ActSet::first(if self.dice.percent(80) { 2 } else { 1 });
            self.take(at, &all)?;
        }
        Ok(())
    }

    /// Two devices show each other what they hold; the evil what they like, and now and then a link is cut.
    fn meet(&mut self, a: usize, b: usize) -> Result<(), String> {
        for (from, to) in [(a, b), (b, a)] {
            let mut shown = self.held(from);
            if !self.devices[from].good || self.dice.percent(30) {
                let many = shown.len();
                shown = self.part(&shown, many);
            }
            self.take(to, &shown)?;
        }
        Ok(())
    }

    fn mishap(&mut self, at: usize, events: &mut BTreeMap<&str, usize>) -> Result<(), String> {
        let what = *self.dice.pick(&["clone", "restore", "hub"]);
        if events[what] == 0 {
            return Ok(());
        }
        let at = if what == "hub" { 0 } else { at };
        let Some(backup) = self.devices[at].backup.clone() else { return Ok(()) };
        let id = self.devices[at].id;
        if what != "hub" && (id == city::HUB || !self.devices[at].good || self.cloned.contains(&id)) {
            return Ok(());
        }
        match what {
            // The copy runs beside it, and knows of nothing.
            "clone" => {
                self.cloned.insert(id);
                let Device { id, unit, key, good, .. } = self.devices[at];
                let disk = self.put_back(backup)?;
                self.devices.push(Device { id, unit, key, good, disk, backup: None });
            }
            "restore" => {
                self.devices[at].disk = self.put_back(backup)?;
                self.new_epoch(at);
            }
            _ => {
                let disk = self.put_back(backup)?;
                self.hub_mishap(disk)?;
            }
        }
        events.entry(what).and_modify(|left| *left -= 1);
        self.count.add("mishaps", 1);
        Ok(())
    }

    fn hub_mishap(&mut self, backup: Disk) -> Result<(), String> {
        match self.shape.hub {
            Hub::Sound => {}
            Hub::Rollback => {
                self.cloned.insert(city::HUB);
                self.devices[0].disk = backup;
            }
            Hub::Restored => {
                self.devices[0].disk = backup;
                self.new_epoch(0);
            }
            Hub::Waits => {
                self.devices[0].disk = backup;
                for other in 1..self.devices.len() {
                    if self.devices[other].good {
                        let held = self.held(other);
                        self.take(0, &held)?;
                    }
                }
                self.new_epoch(0);
            }
            Hub::Two => {
                let old = self.devices[0].clone();
                self.cloned.insert(city::HUB);
                self.devices[0].disk = backup;
                self.new_epoch(0);
                self.devices.push(old);
            }
        }
        self.count.add("hub mishaps", 1);
        Ok(())
    }

    /// Those that keep the rules.
    pub fn honest(&self) -> Vec<usize> {
        (0..self.devices.len()).filter(|at| self.devices[*at].good).collect()
    }

    /// Those that keep no rule show all that they held back, and then for a while the others are in touch.
    pub fn show_all(&mut self) -> Result<(), String> {
        for from in (0..self.devices.len()).filter(|at| !self.devices[*at].good).collect::<Vec<_>>() {
            let held = self.held(from);
            for to in self.honest() {
                self.take(to, &held)?;
            }
        }
        self.calm()
    }

    /// For a while all that keep the rules are in touch.
    fn calm(&mut self) -> Result<(), String> {
        let honest = self.honest();
        for _ in 0..3 {
            for a in &honest {
                for b in &honest {
                    if a != b {
                        let held = self.held(*a);
                        self.take(*b, &held)?;
                    }
                }
            }
            self.settle(0)?;
        }
        let held = self.held(0);
        for at in honest {
            self.take(at, &held)?;
        }
        Ok(())
    }

    /// Judges an act where nothing is missing.
    pub fn judge_all(&mut self, sealed: &Sealed, act: Act) -> Result<Verdict, String> {
        match live::judged(&mut self.all, sealed, act, self.registry)? {
            Judgement::Judged(node) => Ok(node.verdict),
            other => Err(format!("an act is not judged: {other:?}")),
        }
    }
}
