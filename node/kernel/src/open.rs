//! Opening a node on its database.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use regulation::{Edition, Millis};
use replica::registry::ROOT_LOG;
use replica::{DeviceKey, Registry};
use store::{PROJECTED_META, Store};

use crate::alarm::{Alarm, Cause, Detail};
use crate::project::PROJECTION;
use crate::{Fault, Group, Kernel};

/// Of whose key the database is.
const OWN_META: &str = "own_key";

/// The keys of a node.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The device's signing key.
    pub key: DeviceKey,
    /// The key that signs the registry, on the one node that holds it.
    pub root: Option<DeviceKey>,
    /// Frames of its links come whole and in order, or the connection ends.
    pub reliable_links: bool,
}

impl Kernel {
    /// Opens a node. `seed` is drawn from the operating system's randomness; `restored` says that the database lacks what
    /// was told as saved, or was put back from a copy, which asks for a new epoch.
    ///
    /// # Errors
    /// The database cannot be read, contradicts itself, or, unless it is `restored`, lacks what was told as saved.
    pub fn open(store: Store, identity: Identity, seed: [u8; 32], now: Millis, restored: bool) -> Result<Self, Fault> {
        Self::open_carrying(Edition::NEWEST, store, identity, seed, now, restored)
    }

    /// The same as a program does that carries the editions of the rules up to that one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_carrying(
        newest: Edition,
        store: Store,
        identity: Identity,
        seed: [u8; 32],
        now: Millis,
        restored: bool,
    ) -> Result<Self, Fault> {
        if !restored {
            store.prove_whole()?;
        }
        let mut kernel = Self {
            store,
            registry: Registry::carrying(newest),
            log: crate::log::Log::default(),
            identity,
            me: None,
            joining: None,
            epoch: 0,
            dseq: 0,
            rng: ChaCha20Rng::from_seed(seed),
            peers: std::collections::BTreeMap::new(),
            cache: crate::cache::Cache::default(),
            group: Group::default(),
            unsettled: std::collections::BTreeSet::new(),
            beacon: crate::beacon::Beacon::default(),
            agenda: crate::agenda::Agenda::default(),
            stale: true,
            clock: crate::time::Clock::default(),
            heard: std::collections::BTreeSet::new(),
            waiting: crate::waiting::Waiting::default(),
            quotas: crate::Quotas::default(),
            begun: crate::quota::Begun::default(),
            weighed: 0,
            spoken: sync::Spoken::default(),
            #[cfg(feature = "sabotage")]
            sabotage: crate::Sabotage::None,
        };
        for (_, bytes) in kernel.store.registry_entries(ROOT_LOG, 0)? {
            kernel.registry.append(&bytes).map_err(|error| Fault::Inconsistent(error.to_string()))?;
            kernel.log.push(&bytes);
        }
        kernel.know_myself();
        kernel.open_joining()?;
        kernel.open_put_back()?;
        // A key that the registry knows may be another device's: nothing of this one is done in its name.
        let own = kernel.identity.key.public();
        if kernel.store.meta(OWN_META)?.is_some_and(|kept| kept != own) {
            return Err(Fault::OtherKey);
        }
        let number = |bytes: Option<Vec<u8>>| bytes.and_then(|b| <[u8; 8]>::try_from(b).ok()).map(u64::from_be_bytes);
        kernel.open_clock()?;
        let epoch = number(kernel.store.meta("epoch")?);
        kernel.epoch = epoch.unwrap_or_default();
        kernel.dseq = number(kernel.store.meta("dseq")?).unwrap_or_default();
        kernel.open_beacon()?;
        if epoch.is_none() || restored {
            kernel.store.begin()?;
            kernel.new_epoch(now);
            kernel.keep_epoch()?;
            kernel.store.set_meta(OWN_META, &own)?;
            if restored {
                kernel.skip_serials()?;
                kernel.skip_numbers()?;
                kernel.store.skip_changes()?;
                kernel.doubt()?;
                kernel.alarm(Alarm::LostHere, Cause::Here, Detail::Restored {});
                kernel.keep_alarms(now)?;
            }
            kernel.store.commit()?;
        }
        kernel.store.begin()?;
        let understood = kernel.note_beyond(now)?;
        if understood || kernel.store.meta(PROJECTED_META)?.as_deref() != Some(&PROJECTION.to_be_bytes()) {
            kernel.want_projections()?;
            kernel.store.set_meta(PROJECTED_META, &PROJECTION.to_be_bytes())?;
        }
        kernel.store.commit()?;
        // What waited for a newer program may be understood by this one.
        kernel.store.begin()?;
        kernel.go_back_for_newer()?;
        kernel.judge_newer()?;
        kernel.release(crate::keys::UPGRADE);
        kernel.retry(now)?;
        let said = kernel.of_itself();
        kernel.note_carried(now, &said)?;
        kernel.finish(now)?;
        kernel.store.commit()?;
        kernel.group = Group::default();
        kernel.plan()?;
        if kernel.me.as_ref().is_some_and(|me| me.hub) {
            let mut after = store::DocNo(0);
            loop {
                let docs = kernel.store.unsettled_docs(after, store::ACT_ROWS_MAX)?;
                let Some(last) = docs.last().copied() else { break };
                for doc in docs {
                    kernel.unsettled.extend(kernel.store.doc_id(doc)?);
                }
                after = last;
            }
        }
        Ok(kernel)
    }

    /// Speaks other versions and features from the next connection on, as another release does. For tests.
    pub fn speak(&mut self, spoken: sync::Spoken) {
        self.spoken = spoken;
    }

    /// Keeps nothing any more, for this reason, and leaves the files as they are.
    pub fn leave(&mut self, why: store::StoreError) {
        self.store.leave(why);
    }
}
