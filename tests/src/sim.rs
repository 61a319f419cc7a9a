//! The simulator: several kernels, one seeded scheduler. Nodes take several inputs in one group; links delay and cut, and
//! where the seed says that they are unreliable also drop, double and reorder; the registry changes under way; nodes crash
//! before a commit, or between it and all that follows from it; a database is put back from a copy; in half of the runs one
//! node lies. In two of three runs days go by, so that terms end, delays are seen and units are urged; in the rest all is done
//! within minutes, and much of it at once. In one of five the city changes to another edition of the rules half-way.
//! Faults first, in which nothing wrong may happen; then calm, after which everything that two nodes share is equal.

mod beginnings;
mod checks;
mod days;
mod failures;
mod liar;
pub mod lies;
mod network;
mod people;
mod registry;
mod taken;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{ConnId, Effect, Identity, Input, Kernel, Quotas, Sabotage};
use regulation::{ActId, DeviceId, Edition};
use replica::Registry;
use store::Store;

use crate::city;
use crate::dice::Dice;
use beginnings::Beginning;
use liar::Liar;
use lies::Lies;

/// Inputs of one group, at most.
const GROUP_MAX: usize = 8;
/// What the scheduler may do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Nodes, at least five.
    pub nodes: usize,
    /// Events of the first phase.
    pub events: usize,
    /// A fault that is built into every node.
    pub sabotage: Sabotage,
}

impl Default for Plan {
    fn default() -> Self {
        Self { nodes: 6, events: 400, sabotage: Sabotage::None }
    }
}

/// The command that runs a seed again, with its trace.
#[must_use]
pub fn again(seed: u64, plan: Plan) -> String {
    let sabotage = match plan.sabotage {
        Sabotage::None => String::new(),
        fault => format!(" --sabotage {}", fault.code()),
    };
    let Plan { nodes, events, .. } = plan;
    format!("cargo run -p tests --bin sim -- --seed {seed} --nodes {nodes} --events {events}{sabotage} --trace")
}

/// Figures of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Acts that were made and acknowledged to a person.
    pub acts: usize,
    /// Commands that a rule refused.
    pub refused: usize,
    /// Frames delivered.
    pub frames: usize,
    /// Frames lost.
    pub lost: usize,
    /// Crashes.
    pub crashes: usize,
    /// Databases put back.
    pub restores: usize,
    /// Acts overruled in the end, as the hub sees it.
    pub overruled: usize,
    /// Rounds of calm until everything was equal.
    pub rounds: usize,
    /// Days that went by before the calm.
    pub days: usize,
    /// Tickets with a due that had gone by unmet before the calm, as the hub sees it.
    pub late: usize,
    /// Units that the hub had urged by itself before the calm.
    pub urged: usize,
    /// Whether the city changed to another edition of the rules on the way.
    pub editions: usize,
    /// What became of the lies of a node that lies.
    pub lies: Lies,
}

struct SimNode {
    device: DeviceId,
    kernel: Option<Kernel>,
    backup: Option<Store>,
    /// Under [`Sabotage::FsyncOff`]: what the disk really holds.
    disk: Option<Store>,
    /// It was put back once: what it had acknowledged before may be gone.
    restored: bool,
    /// Acts that a person was told are saved here.
    told: BTreeSet<ActId>,
    /// What has come and waits for the next input, to be taken in with it as one group.
    waiting: Vec<Input>,
    /// What the checks have looked at.
    seen: taken::Seen,
}

enum Event {
    Frame { conn: ConnId, to: usize, bytes: Vec<u8>, lies: Vec<usize> },
}

struct Sim {
    dice: Dice,
    plan: Plan,
    now: i64,
    nodes: Vec<SimNode>,
    /// Pairs that may be linked, and the connection while they are.
    links: BTreeMap<(usize, usize), Option<ConnId>>,
    queue: BTreeMap<(i64, u64), Event>,
    counter: u64,
    calm: bool,
    /// Days go by.
    days: bool,
    /// The node that dies once it has taken in what waits for it.
    dying: Option<usize>,
    /// Frames of this run's links come whole and in order, or the connection ends.
    reliable: bool,
    /// When the newest frame of a connection arrives at either end, where frames keep their order.
    newest: BTreeMap<(ConnId, usize), i64>,
    /// The node that lies, if one does.
    liar: Option<Liar>,
    /// Nodes keep little of what comes to nothing, until the calm.
    crowded: bool,
    run: Run,
    trace: bool,
}

/// Runs one seed.
///
/// # Errors
/// What was found wrong.
pub fn run(seed: u64, plan: Plan, trace: bool) -> Result<Run, String> {
    plan.sabotage.of_histories().build_in();
    let mut sim = Sim::new(seed, plan, trace)?;
    sim.begin_withheld()?;
    sim.begin(Beginning::of(seed, plan.sabotage))?;
    for event in 0..plan.events {
        if event >= plan.events / 2 && seed % 5 == 1 && sim.run.editions == 0 {
            sim.change_edition()?;
        }
        sim.step()?;
        sim.check_acks()?;
    }
    sim.count_days()?;
    sim.calm_down()?;
    sim.check_equal()?;
    sim.count_lies()?;
    Ok(sim.run)
}

/// A city that begins with a calendar, as nearly every one does: without it nothing is ever due, and nothing counts.
fn founded(seed: u64) -> Result<Registry, String> {
    let mut registry = city::registry();
    if !seed.is_multiple_of(8) {
        let date = regulation::calendar::local_date(city::MONDAY_NOON + 3 * 86_400_000);
        let holiday = regulation::calendar::Day { date, working: false, name: "假日".to_owned() };
        let change = replica::Change::Calendar(vec![holiday]);
        let entry = replica::registry::sign_entry(None, &registry, change, city::MONDAY_NOON, &city::root_key());
        registry.append(&entry).map_err(text)?;
    }
    Ok(registry)
}

impl Sim {
    fn new(seed: u64, plan: Plan, trace: bool) -> Result<Self, String> {
        let mut sim = Self {
            dice: Dice::new(seed),
            plan,
            now: city::MONDAY_NOON,
            nodes: Vec::new(),
            links: BTreeMap::new(),
            queue: BTreeMap::new(),
            counter: 0,
            calm: false,
            days: seed % 3 != 2,
            dying: None,
            reliable: seed % 2 == 1,
            newest: BTreeMap::new(),
            liar: None,
            crowded: Beginning::of(seed, plan.sabotage) == Beginning::Crowded,
            run: Run::default(),
            trace,
        };
        let registry = founded(seed)?;
        for (device, ..) in city::devices().into_iter().take(plan.nodes.clamp(5, 7)) {
            let mut store = Store::in_memory().map_err(text)?;
            store.begin().map_err(text)?;
            for (version, entry) in (1..).zip(registry.entries()) {
                store.registry_append(0, version, entry).map_err(text)?;
            }
            store.commit().map_err(text)?;
            let kernel = sim.open(device, store, false)?;
            sim.nodes.push(SimNode {
                device,
                kernel: Some(kernel),
                backup: None,
                disk: None,
                restored: false,
                told: BTreeSet::new(),
                waiting: Vec::new(),
                seen: taken::Seen::default(),
            });
        }
        let lied_to = beginnings::lied_to(plan.sabotage);
        if (seed / 2).is_multiple_of(2) || lied_to {
            // The city's laptop shares everything with the hub and nothing with the others: what it says reaches nobody.
            let first = if lied_to { 2 } else { 1 };
            let node = first + usize::try_from(seed / 4).unwrap_or_default() % (sim.nodes.len() - first);
            sim.liar = Some(Liar::new(node, sim.nodes[node].device));
        }
        // The hub with everybody, the county with its townships, a laptop with its office.
        for (a, b) in [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (2, 3), (2, 4), (2, 5), (3, 6), (0, 6)] {
            if a < sim.nodes.len() && b < sim.nodes.len() {
                sim.links.insert((a, b), None);
            }
        }
        Ok(sim)
    }

    fn open(&mut self, device: DeviceId, store: Store, restored: bool) -> Result<Kernel, String> {
        let identity = Identity {
            key: city::key(device),
            root: (device == city::HUB).then(city::root_key),
            reliable_links: self.reliable,
        };
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&self.dice.salt());
        let carried = Edition::MADE_UP;
        let mut kernel = Kernel::open_carrying(carried, store, identity, seed, self.now, restored).map_err(text)?;
        kernel.sabotage(self.plan.sabotage);
        if self.crowded {
            kernel.set_quotas(beginnings::FEW);
        }
        Ok(kernel)
    }

    /// One event of the first phase.
    fn step(&mut self) -> Result<(), String> {
        self.now += 1 + i64::try_from(self.dice.below(400)).unwrap_or_default();
        if self.days && self.dice.percent(3) {
            self.pause()?;
        }
        match self.dice.below(100) {
            0..40 => self.deliver_next(),
            40..71 => self.somebody_acts(),
            71 => self.registry_changes(),
            72..86 => self.toggle_link(),
            86..94 => self.tick_one(),
            94..96 => self.crash(false),
            96..98 => self.crash(true),
            98 => self.back_up(),
            _ => self.restore(),
        }
    }

    /// Gives a node an input, alone or with others as one group, and sends what it says.
    fn input(&mut self, node: usize, input: Input) -> Result<(), String> {
        if self.nodes[node].kernel.is_none() {
            return Ok(());
        }
        if self.trace {
            trace(self.now, node, &input);
        }
        self.nodes[node].waiting.push(input);
        if self.dying == Some(node) {
            return Ok(());
        }
        if !self.calm && self.nodes[node].waiting.len() < GROUP_MAX && self.dice.percent(30) {
            return Ok(());
        }
        self.handle(node)
    }

    /// A node takes in what waits for it.
    fn handle(&mut self, node: usize) -> Result<(), String> {
        let inputs = std::mem::take(&mut self.nodes[node].waiting);
        let Some(kernel) = &mut self.nodes[node].kernel else { return Ok(()) };
        // What peers bring about is done in portions: a node may crash, or be put back, between any two of them.
        let steps = if self.calm { usize::MAX } else { self.dice.below(60) };
        let mut effects = kernel.step(self.now, inputs, steps).map_err(text)?;
        // So are projections made anew that a change of the registry concerns.
        let documents = if self.calm { usize::MAX } else { steps % 3 };
        if kernel.stale() {
            effects.extend(kernel.catch_up(self.now, documents).map_err(text)?);
        }
        for effect in effects {
            match effect {
                Effect::Send { conn, bytes } => self.send(node, conn, bytes)?,
                Effect::Reply { result, .. } => {
                    if self.trace {
                        note(self.now, node, &format!("{result:?}"));
                    }
                    self.told(node, result);
                }
                Effect::Close { conn, reason } => self.closed(node, conn, &reason)?,
                Effect::Changed { .. } | Effect::RegistryChanged | Effect::Alarm { .. } | Effect::AlarmsChanged => {}
            }
        }
        self.check_taken(node)
    }

    /// All links up, nothing lost, until nothing moves any more.
    fn calm_down(&mut self) -> Result<(), String> {
        self.calm = true;
        for node in 0..self.nodes.len() {
            self.handle(node)?;
            if let Some(kernel) = &mut self.nodes[node].kernel {
                kernel.set_quotas(Quotas::default());
            }
        }
        self.renew_links()?;
        self.crowded = false;
        for pair in self.links.keys().copied().collect::<Vec<_>>() {
            if self.links[&pair].is_none() {
                self.connect(pair)?;
            }
        }
        let mut quiet = 0;
        for round in 0..400 {
            let mut moved = false;
            while !self.queue.is_empty() {
                moved = true;
                self.deliver_next()?;
            }
            self.now += 61_000;
            for node in 0..self.nodes.len() {
                self.input(node, Input::Tick)?;
            }
            quiet = if moved || !self.queue.is_empty() { 0 } else { quiet + 1 };
            if quiet >= 3 {
                self.run.rounds = round;
                return Ok(());
            }
        }
        Err("never came to rest".to_owned())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn trace(now: i64, node: usize, input: &Input) {
    let what = match input {
        Input::Frame { conn, bytes } => match sync::Frame::decode(bytes) {
            Ok(frame) => format!("{conn:?} {:.200}", format!("{frame:?}")),
            Err(error) => error.to_string(),
        },
        other => format!("{:.200}", format!("{other:?}")),
    };
    note(now, node, &what);
}

#[expect(clippy::print_stderr, reason = "a trace is asked for on the command line")]
fn note(now: i64, node: usize, what: &str) {
    eprintln!("{now} node {node}: {what}");
}
