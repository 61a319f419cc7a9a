//! A device that was let in and does not hold the registry yet. It was given the least that it needs: the founding entry,
//! which names the city and its root key, and the entry by which it was enrolled. That one is a signed head of the log: it
//! names the hash of all that stands before it. The log itself comes as any feed, from the node that let it in.

use std::collections::BTreeSet;

use regulation::DeviceId;
use replica::codec::{Malformed, Reader, Writer};
use replica::seal::verify;
use replica::{Change, Entry, Registry, RegistryError};

use crate::log::entry_id;
use crate::scopes::REGISTRY;
use crate::source::PeerId;
use crate::{Fault, Kernel};

/// Where it is kept in the store. It stays: whether joining came to its end is told by the registry.
pub const JOINING: &str = "joining";

/// Bytes of both entries that a device is given, at most: they come in one answer over a thin link.
pub const ADMISSION_BYTES_MAX: usize = 63 * 1024;

/// What a device is given that is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Entry 1 of the registry.
    pub founding: Vec<u8>,
    /// The entry by which it was enrolled.
    pub enrolled: Vec<u8>,
    /// The device that let it in.
    pub host: DeviceId,
    /// Its key, as the link has proven it.
    pub host_key: [u8; 32],
}

impl Admission {
    /// What the device with that key is given; nothing if it was not enrolled as a new one.
    #[must_use]
    pub fn of(registry: &Registry, key: &[u8; 32], host: DeviceId, host_key: [u8; 32]) -> Option<Self> {
        let founding = registry.entries().next()?.to_vec();
        let enrols = |bytes: &&[u8]| {
            let entry = Entry::decode(bytes);
            entry.is_ok_and(|(entry, _)| matches!(&entry.change, Change::Enrol(_, device, _) if device.key == *key))
        };
        let enrolled = registry.entries().filter(enrols).last()?.to_vec();
        Some(Self { founding, enrolled, host, host_key })
    }

    /// Bytes of both entries, beyond [`ADMISSION_BYTES_MAX`] for none that this program writes: names have limits.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.founding.len() + self.enrolled.len()
    }

    /// As it is kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(4).bytes(&self.founding).bytes(&self.enrolled).uint(self.host.0.into()).bytes(&self.host_key);
        out.finish()
    }

    /// Reads what [`Self::encode`] has written.
    ///
    /// # Errors
    /// It is something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        input.tuple(4)?;
        let (founding, enrolled) =
            (input.bytes(ADMISSION_BYTES_MAX)?.to_vec(), input.bytes(ADMISSION_BYTES_MAX)?.to_vec());
        let (host, host_key) = (DeviceId(input.uint32()?), input.fixed()?);
        input.end()?;
        Ok(Self { founding, enrolled, host, host_key })
    }

    /// The version in which the device with that key is enrolled, if everything is as it has to be: founded and enrolled by one
    /// root key.
    ///
    /// # Errors
    /// The entries do not fit each other or the key.
    pub fn check(&self, key: &[u8; 32]) -> Result<u32, RegistryError> {
        let mut founded = Registry::default();
        founded.append(&self.founding)?;
        let (entry, signature) = Entry::decode(&self.enrolled)?;
        let wrong = RegistryError::Signature { version: entry.version };
        let root = founded.root_key().ok_or_else(|| wrong.clone())?;
        let mine = matches!(&entry.change, Change::Enrol(_, device, _) if device.key == *key);
        if !mine || entry.version < 2 || !verify(&root, &entry.hash(), &signature) {
            return Err(wrong);
        }
        Ok(entry.version)
    }
}

/// What a kernel knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Joining {
    pub host: PeerId,
    pub host_key: [u8; 32],
    version: u32,
    founding: [u8; 32],
    enrolled: [u8; 32],
}

impl Joining {
    /// What is shared meanwhile with whoever let it in.
    pub(crate) fn scopes() -> BTreeSet<sync::ScopeKey> {
        BTreeSet::from([REGISTRY])
    }

    /// Whether an entry may be the next: the first and the one of its own are known already.
    pub(crate) fn fits(&self, next: u32, bytes: &[u8]) -> bool {
        let known = [(1, self.founding), (self.version, self.enrolled)];
        known.iter().all(|(version, expected)| *version != next || *expected == entry_id(bytes))
    }
}

impl Kernel {
    /// Takes up a joining that has not come to its end.
    pub(crate) fn open_joining(&mut self) -> Result<(), Fault> {
        let kept = if self.me.is_none() { self.store.meta(JOINING)? } else { None };
        let Some(kept) = kept else { return Ok(()) };
        let wrong = |error: String| Fault::Inconsistent(format!("what was kept of joining: {error}"));
        let admission = Admission::decode(&kept).map_err(|error| wrong(error.to_string()))?;
        let version = admission.check(&self.identity.key.public()).map_err(|error| wrong(error.to_string()))?;
        self.joining = Some(Joining {
            host: PeerId(admission.host),
            host_key: admission.host_key,
            version,
            founding: entry_id(&admission.founding),
            enrolled: entry_id(&admission.enrolled),
        });
        Ok(())
    }

    /// The key of the node from which the registry comes, while this device joins.
    #[must_use]
    pub fn joins_through(&self) -> Option<[u8; 32]> {
        self.joining.as_ref().map(|joining| joining.host_key)
    }
}
