//! The loop: people first, then peers and time, then what is to be computed again, each in groups of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::FutureExt;
use kernel::{Alarm, Cause, ConnId, Detail, Done, Effect, Fault, Input, Kernel, Request};
use link::Event;
use regulation::Millis;
use store::StoreError;
use tokio::sync::{mpsc, oneshot};

use super::{
    GROUP_ASKS_MAX, GROUP_BYTES_MAX, GROUP_TIME_MAX, SLICE_DOCUMENTS_MAX, SLICE_TIME_MAX, STEPS_MAX, STEPS_MIN, TICK,
    Works, full, next_event, reasons,
};
use desk::clock;
use desk::problem::Problem;
use desk::{Ask, DialFailure, Notice, PeerStatus, Status};

/// A group of inputs and who waits for their replies.
#[derive(Default)]
struct Group {
    inputs: Vec<Input>,
    replies: BTreeMap<u64, oneshot::Sender<Result<Done, Problem>>>,
    kept: Vec<oneshot::Sender<Result<(), Problem>>>,
    stop: Option<oneshot::Sender<()>>,
    bytes: usize,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.stop.is_none()
    }

    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::Request { person, command, reply } => {
                let ticket = self.replies.len() as u64;
                self.replies.insert(ticket, reply);
                self.inputs.push(Input::Request(Box::new(Request { ticket, person, command: *command })));
            }
            Ask::Keep { input, reply } => {
                self.inputs.push(input);
                self.kept.push(reply);
            }
            Ask::Stop(done) => self.stop = Some(done),
        }
    }

    /// Nothing of it was done, or nobody knows.
    fn fail(&mut self, problem: &Problem) {
        for reply in std::mem::take(&mut self.replies).into_values() {
            let _ = reply.send(Err(problem.clone()));
        }
        for kept in self.kept.drain(..) {
            let _ = kept.send(Err(problem.clone()));
        }
    }

    fn event(&mut self, event: Event, works: &Works) {
        match event {
            Event::Up { conn, key, address, outbound } => {
                if let Some(left_out) = works.desk.may_log("up", &link::source(address.ip()).to_string()) {
                    tracing::info!(%address, outbound, left_out, "已连上 peer connected");
                }
                self.inputs.push(Input::Connected { conn: ConnId(conn), key });
                let desk = works.desk.clone();
                works.runtime.spawn(async move {
                    if let Err(problem) = desk::enrol::acknowledged(&desk, key).await {
                        tracing::warn!(%problem, "邀请用过后仍在应答 an invitation is answered longer than it has to be");
                    }
                });
            }
            Event::Frame { conn, bytes, .. } => {
                // Whoever speaks to this node does not think that it is out of use.
                works.desk.status_mut().retired = false;
                self.bytes += bytes.len();
                self.inputs.push(Input::Frame { conn: ConnId(conn), bytes });
            }
            Event::Down { conn, reason } => {
                works.heard_retired(&reason);
                if let Some(left_out) = works.desk.may_log("down", &reason) {
                    let why = reasons::chinese(&reason);
                    tracing::info!(why, reason, left_out, "连接已断 peer gone");
                }
                self.inputs.push(Input::Gone { conn: ConnId(conn) });
            }
            // The others that do not answer still do not.
            Event::Answered { address } => {
                works.desk.status_mut().failures.remove(&address);
            }
            Event::DialFailed { address, reason, next } => {
                works.heard_retired(&reason);
                tracing::debug!(address, reason, "no answer");
                let next_at = clock::now() + Millis::try_from(next.as_millis()).unwrap_or(Millis::MAX);
                works
                    .desk
                    .status_mut()
                    .failures
                    .insert(address, DialFailure { reason_zh: reasons::chinese(&reason), reason, next_at });
                works.desk.notify(Notice::Sync);
            }
            Event::Contested { key, addresses } => {
                let device = works.registry.get().now().device_of_key(&key).map(|(device, _)| device);
                let (cause, at) = (device.map_or(Cause::Stranger, Cause::Device), addresses.into_iter().collect());
                let (alarm, detail) = (Alarm::KeyContested, Detail::Seen { at });
                self.inputs.push(Input::Alarm { alarm, cause, detail });
            }
            Event::Join { key, request, reply, .. } => {
                let desk = works.desk.clone();
                works.runtime.spawn(async move { desk::enrol::answer(&desk, key, &request, reply).await });
            }
        }
    }
}

/// Waits for room on the disk: the kernel that goes on and the first thing that it is told, or nothing if the node was told
/// to stop.
async fn room(
    kernel: Option<Kernel>,
    works: &Works,
    asks: &mut mpsc::Receiver<Ask>,
    events: &mut Option<mpsc::Receiver<Event>>,
) -> Result<Option<(Kernel, Input)>, Problem> {
    match full::wait(kernel, works, asks, events).await {
        full::After::Kernel(kernel, input) => Ok(Some((*kernel, input))),
        full::After::Stopped => Ok(None),
        full::After::Fault(problem) => Err(problem),
    }
}

pub(super) async fn run(
    kernel: Option<Kernel>,
    works: &Works,
    mut asks: mpsc::Receiver<Ask>,
    mut events: Option<mpsc::Receiver<Event>>,
) -> Result<(), Problem> {
    let mut first = Vec::new();
    let mut kernel = match kernel {
        Some(kernel) => kernel,
        None => {
            let Some((kernel, input)) = room(None, works, &mut asks, &mut events).await? else { return Ok(()) };
            first.push(input);
            kernel
        }
    };
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut pace, mut slices) = (Pace::default(), Pace::of_slices());
    loop {
        works.desk.beat();
        let (mut people, mut peers) =
            (Group::default(), Group { inputs: std::mem::take(&mut first), ..Group::default() });
        // What waits is worked off while nobody says anything.
        let waits = kernel.waits() || kernel.stale() || !peers.inputs.is_empty();
        tokio::select! {
            ask = asks.recv() => match ask {
                Some(ask) => people.ask(ask),
                None => return Ok(()),
            },
            event = next_event(&mut events) => match event {
                Some(event) => peers.event(event, works),
                None => events = None,
            },
            _ = tick.tick() => peers.inputs.push(Input::Tick),
            () = std::future::ready(()), if waits => {}
        }
        #[cfg(test)]
        works.maybe_panic();
        while people.inputs.len() < GROUP_ASKS_MAX && people.stop.is_none() {
            let Ok(ask) = asks.try_recv() else { break };
            people.ask(ask);
        }
        // People first, with nothing else in their group. Then the peers and the time have their turn, however many
        // people ask.
        let mut went_on = people.is_empty() || group(&mut kernel, works, &mut people, Work::Steps(0))?;
        if let Some(done) = people.stop {
            // The database is closed before whoever waits goes on.
            drop(kernel.into_store());
            let _ = done.send(());
            return Ok(());
        }
        if went_on {
            if peers.inputs.is_empty() && tick.tick().now_or_never().is_some() {
                peers.inputs.push(Input::Tick);
            }
            while peers.inputs.len() < pace.steps && peers.bytes < GROUP_BYTES_MAX {
                let Some(Ok(event)) = events.as_mut().map(mpsc::Receiver::try_recv) else { break };
                peers.event(event, works);
            }
            if !peers.is_empty() || kernel.waits() {
                let began = clock::steady();
                went_on = group(&mut kernel, works, &mut peers, Work::Steps(pace.steps))?;
                pace.took(clock::steady().saturating_sub(began), kernel.waits());
            }
        }
        if went_on && kernel.stale() {
            let began = clock::steady();
            went_on = group(&mut kernel, works, &mut Group::default(), Work::Slice(slices.steps))?;
            slices.took(clock::steady().saturating_sub(began), kernel.stale());
        }
        if !went_on {
            let waited = room(Some(kernel), works, &mut asks, &mut events).await?;
            let Some((opened, input)) = waited else { return Ok(()) };
            kernel = opened;
            first.push(input);
        }
        // Where there is always something to do the clock of the runtime would never be looked at.
        tokio::task::yield_now().await;
    }
}

/// How much one group does of what can wait, so that it takes no longer than a person may wait beside it.
pub struct Pace {
    steps: usize,
    least: usize,
    most: usize,
    time: Duration,
}

impl Default for Pace {
    /// Of what peers bring about.
    fn default() -> Self {
        Self { steps: STEPS_MIN, least: STEPS_MIN, most: STEPS_MAX, time: GROUP_TIME_MAX }
    }
}

impl Pace {
    /// Of stale projections, a step each.
    #[must_use]
    pub fn of_slices() -> Self {
        Self { steps: 1, least: 1, most: SLICE_DOCUMENTS_MAX, time: SLICE_TIME_MAX }
    }

    /// Steps of the next group.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// A group with these steps took so long, and left something or not.
    pub fn took(&mut self, passed: Duration, left: bool) {
        if passed > self.time {
            self.steps = (self.steps / 2).max(self.least);
        } else if left && passed < self.time / 2 {
            self.steps = (self.steps * 2).min(self.most);
        }
    }
}

/// What a group is for.
#[derive(Clone, Copy)]
enum Work {
    /// Its inputs, and so many steps of what waits.
    Steps(usize),
    /// So many stale projections.
    Slice(usize),
}

/// One line for each connection that ends and over which a newer release said more than is understood here.
fn tell_passed(kernel: &Kernel, works: &Works, inputs: &[Input]) {
    for conn in inputs.iter().filter_map(|input| if let Input::Gone { conn } = input { Some(*conn) } else { None }) {
        let ended = kernel.sessions().into_iter().find(|(of, ..)| *of == conn);
        let Some((_, device, stats, _)) = ended.filter(|(_, _, s, _)| s.passed_fields + s.passed_frames > 0) else {
            continue;
        };
        if let Some(left_out) = works.desk.may_log("passed", &device.0.to_string()) {
            let (device, fields, frames) = (device.0, stats.passed_fields, stats.passed_frames);
            tracing::info!(
                device,
                fields,
                frames,
                left_out,
                "a peer of a newer release said more than is understood here"
            );
        }
    }
}

/// Has the kernel handle a group, and says what came of it; false if the disk is full, and nothing came of it.
fn group(kernel: &mut Kernel, works: &Works, group: &mut Group, work: Work) -> Result<bool, Problem> {
    works.desk.prove_sound(kernel).inspect_err(|problem| group.fail(problem))?;
    let ticked = matches!(group.inputs.as_slice(), [] | [Input::Tick]);
    if let (Some(boot), Work::Steps(_)) = (clock::boot(), work) {
        group.inputs.insert(0, Input::Clock(boot));
    }
    tell_passed(kernel, works, &group.inputs);
    let done = match work {
        Work::Steps(steps) => kernel.step(clock::now(), std::mem::take(&mut group.inputs), steps),
        Work::Slice(documents) => kernel.catch_up(clock::now(), documents),
    };
    match done {
        Ok(effects) => {
            // What was found meanwhile makes every receipt doubtful.
            works.desk.prove_sound(kernel).inspect_err(|_| group.fail(&Problem::unknown_result()))?;
            // Whoever hears of something finds the figures that it brought about.
            publish(kernel, works, ticked && effects.is_empty());
            speak(effects, group, works, kernel);
            Ok(true)
        }
        Err(Fault::Store(StoreError::Full)) => {
            group.fail(&works.desk.home().disk_full());
            Ok(false)
        }
        Err(Fault::Store(StoreError::Unknown(why))) => {
            kernel.leave(StoreError::Unknown(why.clone()));
            group.fail(&Problem::unknown_result());
            Err(Problem::disk_failed(&why))
        }
        Err(fault) => {
            if let Fault::Store(error) = &fault
                && error.is_damage()
            {
                kernel.leave(error.clone());
            }
            let problem = Problem::from(fault);
            group.fail(&problem);
            Err(problem)
        }
    }
}

/// Everything that a group has brought about is durable: says it.
fn speak(effects: Vec<Effect>, group: &mut Group, works: &Works, kernel: &Kernel) {
    // Whoever hears that the registry was changed finds it changed.
    if effects.iter().any(|effect| matches!(effect, Effect::RegistryChanged)) {
        works.registry.set(kernel.registry().clone());
    }
    for effect in effects {
        match effect {
            Effect::Reply { ticket, result } => {
                if let Some(reply) = group.replies.remove(&ticket) {
                    let _ = reply.send(result.map_err(Problem::from));
                }
            }
            Effect::Send { conn, bytes } => {
                if let Some(link) = &works.link {
                    link.send(conn.0, bytes);
                }
            }
            Effect::Close { conn, reason } => {
                if let Some(left_out) = works.desk.may_log("closed", &reason) {
                    tracing::warn!(reason, left_out, "本机断开连接 connection closed");
                }
                if let Some(link) = &works.link {
                    link.close(conn.0, &reason);
                }
            }
            Effect::Changed { doc } => {
                works.desk.notify(Notice::Changed(doc));
            }
            Effect::Alarm { alarm, cause, detail } => {
                tracing::warn!(
                    alarm = alarm.code(),
                    source = cause.key(),
                    detail = detail.encode(),
                    "告警，见 jiesu alarm list  alarm"
                );
            }
            Effect::AlarmsChanged => {
                works.desk.notify(Notice::Sync);
            }
            Effect::RegistryChanged => {
                if let Some(link) = &works.link {
                    link.recheck();
                }
                works.desk.notify(Notice::Registry);
            }
        }
    }
    for kept in group.kept.drain(..) {
        let _ = kept.send(Ok(()));
    }
}

/// Shows who is connected now.
fn publish(kernel: &Kernel, works: &Works, ticked: bool) {
    let now = clock::now();
    let mut peers: Vec<PeerStatus> = kernel
        .sessions()
        .into_iter()
        .map(|(conn, device, stats, in_sync)| PeerStatus { device, conn, stats, in_sync })
        .collect();
    let mut status = works.desk.status_mut();
    for (device, program) in kernel.programs().filter(|(_, program)| !program.is_empty()) {
        if status.programs.get(&device).is_none_or(|known| known != program) {
            status.programs.insert(device, program.to_owned());
        }
    }
    // A connection may be open long after its peer is gone: what counts is when something came.
    if let Some(link) = works.link.as_ref().filter(|_| ticked) {
        status.quiet = link.stats().into_iter().map(|(conn, stats)| (ConnId(conn), stats.quiet)).collect();
    }
    let quiet = |status: &Status, conn| status.quiet.get(&conn).copied().unwrap_or_default();
    for peer in &peers {
        let ago = Millis::try_from(quiet(&status, peer.conn).as_millis()).unwrap_or(Millis::MAX);
        status.seen.insert(peer.device, now.saturating_sub(ago));
    }
    peers.retain(|peer| quiet(&status, peer.conn) <= link::QUIET_MAX);
    let alone_since = if peers.is_empty() { status.alone_since.or(Some(now)) } else { None };
    let changed = peers.len() != status.peers.len() || alone_since != status.alone_since;
    status.peers = peers;
    status.alone_since = alone_since;
    status.settled = kernel.settled();
    status.clock_doubtful = kernel.clock_doubt().is_some();
    drop(status);
    // A tick alone tells nobody anything new.
    if changed || !ticked {
        works.desk.notify(Notice::Sync);
    }
}
