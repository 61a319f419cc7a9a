//! A node and its peers as whoever runs it sees them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use kernel::ConnId;
use regulation::{ActId, DeviceId, Millis};
use replica::{Device, Registry};

/// What pages want to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A document changed.
    Changed(ActId),
    /// Peers, cursors or figures changed.
    Sync,
    /// The registry grew.
    Registry,
}

/// An address that does not answer.
#[derive(Clone, Debug)]
pub struct DialFailure {
    /// What is the matter, as the link says it.
    pub reason: String,
    /// The same for people, in Chinese, with what to do.
    pub reason_zh: String,
    /// When it is tried next.
    pub next_at: Millis,
}

/// A connection as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// The peer's address.
    pub address: SocketAddr,
    /// Round trip as estimated now.
    pub rtt: Duration,
}

/// A peer as the process sees it.
#[derive(Clone, Copy, Debug)]
pub struct PeerStatus {
    /// Which device.
    pub device: DeviceId,
    /// The connection.
    pub conn: ConnId,
    /// Figures of the conversation.
    pub stats: sync::Stats,
    /// Nothing is under way in it.
    pub in_sync: bool,
}

/// The node's peers now.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Connected peers that were heard from lately.
    pub peers: Vec<PeerStatus>,
    /// Addresses that do not answer.
    pub failures: BTreeMap<String, DialFailure>,
    /// Since when nothing came on each connection.
    pub quiet: BTreeMap<ConnId, Duration>,
    /// When something came last from each peer.
    pub seen: BTreeMap<DeviceId, Millis>,
    /// What the program of each peer called its version when it last greeted.
    pub programs: BTreeMap<DeviceId, String>,
    /// Since when no peer is connected; 0 before the first look.
    pub alone_since: Option<Millis>,
    /// A peer has told that the city has taken this device out of use, and none has spoken to it since.
    pub retired: bool,
    /// The hub has nothing left to confirm.
    pub settled: bool,
    /// The clock of this machine is not believed: the node does nothing by itself that counts against anybody.
    pub clock_doubtful: bool,
}

/// This node's place in the registry.
#[derive(Clone, Debug)]
pub struct Me {
    /// Its number.
    pub id: DeviceId,
    /// What the registry says of it.
    pub device: Device,
    /// Whether it is the city hub.
    pub hub: bool,
}

/// The registry as held now, for all who look at it. Clones are the same.
#[derive(Clone, Debug)]
pub struct RegistryNow(Arc<RwLock<Arc<Registry>>>);

impl RegistryNow {
    /// Begins with that one.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(registry))))
    }

    /// The one that holds.
    #[must_use]
    pub fn get(&self) -> Arc<Registry> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It grew.
    pub fn set(&self, registry: Registry) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }
}
