//! One node as one deterministic machine: inputs in, effects out.
//!
//! [`Kernel::handle`] takes the time and a group of inputs, does everything that follows in one transaction, and
//! returns the effects only when that transaction is durable: persist, then speak.
//!
//! Invariant: no clock, no network, no threads, no randomness but the seed that it was opened with. The same inputs
//! on the same database give the same effects, which is what the simulator rests on.

#![warn(missing_docs)]

mod acts;
mod admit;
mod agenda;
pub mod alarm;
mod base;
pub mod beacon;
mod cache;
pub mod chain;
pub mod command;
pub mod cover;
mod deliver;
mod due;
pub mod duplicates;
pub mod equal;
mod feed;
mod feeds;
pub mod findings;
mod held;
mod ingest;
mod item;
pub mod joining;
mod keys;
mod log;
pub mod merging;
mod newer;
mod noticed;
mod numbers;
pub mod once;
mod open;
pub mod outcome;
mod outside;
mod peers;
pub mod project;
pub mod put_back;
mod quota;
pub mod rates;
pub mod read;
pub mod requester;
mod retry;
pub mod reveal;
mod roster;
mod run;
mod sabotage;
pub mod scopes;
mod serve;
mod sight;
mod source;
pub mod time;
mod told;
mod waiting;
mod wants;
mod watch;
pub mod withheld;
mod work;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;
use regulation::{ActId, DeviceId, Millis, PersonId};
use replica::{DocumentError, Registry};
use store::{AccountRow, ChangeSort, Store, StoreError};
use sync::ScopeKey;

pub use alarm::{Alarm, Cause, Detail};
pub use command::{Command, Edit, Enrolment, Newcomer, Once, Request};
pub use joining::Admission;
pub use open::Identity;
pub use outcome::{BadCover, BadInput, Done, Refusal};
pub use quota::Quotas;
#[cfg(feature = "sabotage")]
pub use sabotage::Sabotage;
use sabotage::sabotaged;
pub use waiting::{WANT_MS, WANTS_MAX};

/// Bytes of an answer that are kept with its request; a longer one is made anew when it is asked for again.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Beginning of the names of facts that [`Input::Keep`] keeps.
pub const KEPT: &str = "node/";

/// What this program calls its version, as it tells its peers.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// A connection to a peer, as the link numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// What happens to a node.
#[derive(Debug)]
pub enum Input {
    /// Somebody asks for something.
    Request(Box<Request>),
    /// A peer is connected; its key was proven by the link.
    Connected {
        /// The connection.
        conn: ConnId,
        /// The peer's device key.
        key: [u8; 32],
    },
    /// A frame came.
    Frame {
        /// Over which connection.
        conn: ConnId,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// A connection is gone.
    Gone {
        /// Which.
        conn: ConnId,
    },
    /// Time passed.
    Tick,
    /// What the clock shows that counts from the machine's start, suspend included: told before anything else of a group.
    Clock(Millis),
    /// Keeps how a person signs in at this node; stays here.
    Account(AccountRow),
    /// Ends every session of commands that a person has begun at this node.
    EndSessions(PersonId),
    /// Keeps a small fact of the process, such as invitations; stays here.
    Keep {
        /// Its name, which begins with [`KEPT`].
        key: String,
        /// The fact.
        value: Vec<u8>,
    },
    /// Keeps what a request that was done was answered, so that whoever asks again is answered the same; stays here.
    Answered {
        /// The id of the request.
        id: [u8; 32],
        /// The answer, of [`ANSWER_BYTES_MAX`] bytes at most.
        answer: Vec<u8>,
    },
    /// Something outside the kernel is in trouble.
    Alarm {
        /// What.
        alarm: Alarm,
        /// Who or what causes it.
        cause: Cause,
        /// What is known.
        detail: Detail,
    },
    /// That trouble is over.
    AlarmOver {
        /// What.
        alarm: Alarm,
        /// Its cause, as it was raised.
        cause: Cause,
    },
}

/// What a node does. Everything that it rests on is durable.
#[derive(Debug)]
pub enum Effect {
    /// Tell whoever asked.
    Reply {
        /// As in the request.
        ticket: u64,
        /// What came of it.
        result: Result<Done, Refusal>,
    },
    /// Send a frame.
    Send {
        /// Over which connection.
        conn: ConnId,
        /// The frame.
        bytes: Vec<u8>,
    },
    /// Close a connection.
    Close {
        /// Which.
        conn: ConnId,
        /// Why, for the log.
        reason: String,
    },
    /// A document changed.
    Changed {
        /// Which.
        doc: ActId,
    },
    /// The registry grew: who may connect may have changed.
    RegistryChanged,
    /// An alarm was raised that did not stand: log it, once.
    Alarm {
        /// What.
        alarm: Alarm,
        /// Who or what causes it.
        cause: Cause,
        /// What is known.
        detail: Detail,
    },
    /// The alarm register changed.
    AlarmsChanged,
}

/// This machine cannot go on; nothing of the group was done. The node stops loudly.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document that admission let through could not be built.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The database was made under another device's key.
    #[error("the device key is not that of this database")]
    OtherKey,
    /// What the database holds contradicts itself.
    #[error("the database contradicts itself: {0}")]
    Inconsistent(String),
}

/// One node.
pub struct Kernel {
    store: Store,
    registry: Registry,
    /// The registry as a feed.
    log: log::Log,
    identity: Identity,
    me: Option<Me>,
    /// It was let in, and does not hold the registry up to there yet.
    joining: Option<joining::Joining>,
    epoch: u64,
    dseq: u64,
    rng: ChaCha20Rng,
    peers: BTreeMap<ConnId, peers::Peer>,
    cache: cache::Cache,
    group: Group,
    /// Documents that hold acts of others which the city hub has not confirmed; used by the hub alone.
    unsettled: BTreeSet<ActId>,
    beacon: beacon::Beacon,
    agenda: agenda::Agenda,
    /// There may be stale projections.
    stale: bool,
    clock: time::Clock,
    /// Peers that were heard to the end since the database was put back.
    heard: BTreeSet<DeviceId>,
    waiting: waiting::Waiting,
    quotas: Quotas,
    begun: quota::Begun,
    /// See [`Kernel::weighed`].
    weighed: u64,
    /// Versions and features of the protocol.
    spoken: sync::Spoken,
    #[cfg(feature = "sabotage")]
    sabotage: Sabotage,
}

/// This device as the registry has it.
#[derive(Clone, Debug)]
struct Me {
    device: DeviceId,
    hub: bool,
    scopes: BTreeSet<ScopeKey>,
}

/// What one group of inputs has brought about so far.
#[derive(Default)]
struct Group {
    effects: Vec<Effect>,
    dirty: BTreeSet<ActId>,
    grown: BTreeSet<ScopeKey>,
    registry_changed: bool,
    /// A hub was taken out of use.
    retired: bool,
    settle: bool,
    arrivals: BTreeSet<watch::Arrival>,
    alarms: alarm::Raised,
    /// What has come that something may wait for.
    released: VecDeque<[u8; 32]>,
    /// How much of what waits may still be done in it.
    steps: usize,
    /// How many stale projections may still be made anew in it.
    documents: usize,
}

impl Kernel {
    /// Handles a group of inputs and everything that follows from them, in one transaction.
    ///
    /// # Errors
    /// A fault of this machine; nothing of the group was kept, and the kernel must be opened again.
    pub fn handle(&mut self, now: Millis, inputs: Vec<Input>) -> Result<Vec<Effect>, Fault> {
        self.group(now, inputs, (usize::MAX, usize::MAX))
    }

    /// Handles a group of inputs, and of what waits (see [`Kernel::waits`]) so many steps: some hundreds of them are some
    /// tens of milliseconds. With none a person's request is answered, and what peers brought about waits. Projections that
    /// are stale stay so (see [`Kernel::catch_up`]).
    ///
    /// # Errors
    /// A fault of this machine; nothing of the group was kept, and the kernel must be opened again.
    pub fn step(&mut self, now: Millis, inputs: Vec<Input>, steps: usize) -> Result<Vec<Effect>, Fault> {
        self.group(now, inputs, (steps, 0))
    }

    /// Projects so many documents whose projection is stale (see [`Kernel::stale`]), urgent and open tickets first.
    ///
    /// # Errors
    /// A fault of this machine; nothing of it was kept, and the kernel must be opened again.
    pub fn catch_up(&mut self, now: Millis, documents: usize) -> Result<Vec<Effect>, Fault> {
        self.group(now, Vec::new(), (0, documents))
    }

    /// All in one transaction, with so many steps of what waits and so many stale projections.
    fn group(
        &mut self,
        now: Millis,
        inputs: Vec<Input>,
        (steps, documents): (usize, usize),
    ) -> Result<Vec<Effect>, Fault> {
        self.group.steps = steps;
        self.group.documents = documents;
        if sabotaged!(self, AckBeforeCommit) && self.store.in_transaction() {
            self.store.commit()?;
        }
        self.store.begin()?;
        match self.run(now, inputs) {
            Ok(()) => {}
            Err(fault) => {
                self.group = Group::default();
                self.cache.clear();
                let _ = self.store.rollback();
                return Err(fault);
            }
        }
        let effects = std::mem::take(&mut self.group).effects;
        if sabotaged!(self, AckBeforeCommit) {
            return Ok(effects);
        }
        self.store.commit()?;
        Ok(effects)
    }

    fn run(&mut self, now: Millis, inputs: Vec<Input>) -> Result<(), Fault> {
        for input in inputs {
            match input {
                Input::Request(request) => self.request(now, *request)?,
                Input::Connected { conn, key } => self.connected(now, conn, &key)?,
                Input::Frame { conn, bytes } => {
                    self.session(now, conn, sync::Input::Frame(bytes))?;
                    if self.crowds(conn) {
                        self.part_from(conn);
                        let reason = "too much waits here".to_owned();
                        self.group.effects.push(Effect::Close { conn, reason });
                    }
                }
                Input::Gone { conn } => self.part_from(conn),
                Input::Tick => self.tick(now)?,
                Input::Clock(boot) => self.hear_clock(now, boot)?,
                Input::Account(account) => self.store.put_account(&account)?,
                Input::EndSessions(person) => {
                    self.store.end_sessions(person)?;
                }
                // Facts of the kernel's own have other names: nobody overwrites them from outside.
                Input::Keep { key, value } if key.starts_with(KEPT) => self.store.set_meta(&key, &value)?,
                Input::Keep { .. } => {}
                Input::Answered { id, answer } if answer.len() <= ANSWER_BYTES_MAX => {
                    self.store.put_answer(&id, &answer)?;
                }
                Input::Answered { .. } => {}
                Input::Alarm { alarm, cause, detail } => self.alarm(alarm, cause, detail),
                Input::AlarmOver { alarm, cause } => self.alarm_over(now, alarm, cause)?,
            }
        }
        self.retry(now)?;
        self.take_deliveries(now)?;
        self.serve_wants(now)?;
        self.serve_reads(now)?;
        self.look_for_arrivals()?;
        self.witness_arrivals(now)?;
        self.settle_if_due(now)?;
        self.finish(now)
    }

    /// What follows once all inputs of the group are taken in: projections, then the peers.
    fn finish(&mut self, now: Millis) -> Result<(), Fault> {
        self.retry(now)?;
        if std::mem::take(&mut self.group.registry_changed) {
            self.registry_changed(now)?;
        }
        if std::mem::take(&mut self.group.retired) {
            self.retired(now)?;
        }
        for doc in std::mem::take(&mut self.group.dirty) {
            self.tell_who_left(now, doc)?;
            if !self.skips(&doc)? {
                self.project(now, doc, ChangeSort::Acts)?;
            }
        }
        self.project_stale(now)?;
        self.tell_peers(now)?;
        self.serve_reads(now)?;
        self.keep_alarms(now)
    }

    /// The registry as held here.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// This device's number, once it is enrolled.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        self.me.as_ref().map(|me| me.device)
    }

    /// Every connected peer: its device, figures of the conversation, and whether nothing is under way in it.
    #[must_use]
    pub fn sessions(&self) -> Vec<(ConnId, DeviceId, sync::Stats, bool)> {
        let of =
            |(conn, peer): (&ConnId, &peers::Peer)| (*conn, peer.id.0, peer.session.stats(), peer.session.in_sync());
        self.peers.iter().map(of).collect()
    }

    /// What the programs of the connected peers call their version; empty of one that has not greeted.
    pub fn programs(&self) -> impl Iterator<Item = (DeviceId, &str)> {
        self.peers.values().map(|peer| (peer.id.0, peer.session.program()))
    }

    /// Whether the hub has acts of others to confirm.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.unsettled.is_empty() && self.waiting.settling.is_empty()
    }

    /// The store, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Gives the store back, as when the process ends: what was not committed is gone.
    #[must_use]
    pub fn into_store(mut self) -> Store {
        if self.store.in_transaction() {
            let _ = self.store.rollback();
        }
        self.store
    }

    fn salt(&mut self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        salt
    }
}
