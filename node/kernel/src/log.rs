//! The registry's log: what peers bring of it, and the running hashes and names by which it is passed on as a feed.

use std::collections::BTreeMap;

use regulation::Millis;
use replica::registry::{Appended, ROOT_LOG};
use replica::seal::{hash, verify};
use replica::{Change, Entry, Need, RegistryError, RegistryVersion};
use store::RefusedRow;
use sync::{EntryKind, Mark};

use crate::alarm::{Alarm, Cause, Detail, Unfit};
use crate::keys::need_key;
use crate::scopes::REGISTRY;
use crate::source::PeerId;
use crate::{Fault, Kernel};

/// The log as a feed: an entry's place is its version.
#[derive(Default)]
pub(crate) struct Log {
    marks: Vec<[u8; 16]>,
    /// Where the entry of each name stands.
    places: BTreeMap<[u8; 32], usize>,
}

impl Log {
    /// The running hash goes on with an entry.
    pub fn push(&mut self, bytes: &[u8]) {
        let (last, id) = (self.head().running, entry_id(bytes));
        self.places.insert(id, self.marks.len());
        self.marks.push(sync::chain(last, EntryKind::Act, &id));
    }

    /// The running hashes behind each entry.
    pub fn marks(&self) -> &[[u8; 16]] {
        &self.marks
    }

    /// The last place.
    pub fn head(&self) -> Mark {
        let running = self.marks.last().copied().unwrap_or_default();
        Mark { lseq: self.marks.len() as u64, running }
    }

    /// The place of the entry of that version; `None` beyond the last one.
    pub fn mark_at(&self, lseq: u64) -> Option<Mark> {
        let Some(before) = lseq.checked_sub(1) else { return Some(Mark::default()) };
        let running = self.marks.get(usize::try_from(before).ok()?)?;
        Some(Mark { lseq, running: *running })
    }

    /// How many entries stand before the one of that name.
    pub fn place_of(&self, id: &[u8; 32]) -> Option<usize> {
        self.places.get(id).copied()
    }
}

/// Under this name stands the first critical entry that this program does not understand.
const BEYOND: &str = "registry-beyond";

impl Kernel {
    /// Notes the critical entry that this program does not understand, if there is one. Whether it understands one now that
    /// an older program noted: then what waited for that is judged again, and what is computed is out of date.
    pub(crate) fn note_beyond(&mut self, now: Millis) -> Result<bool, Fault> {
        let noted = self.store.meta(BEYOND)?.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_be_bytes);
        let beyond = self.registry.beyond();
        if noted == beyond.map(|entry| entry.version) {
            return Ok(false);
        }
        match beyond {
            Some(entry) => {
                let version = entry.version;
                self.store.set_meta(BEYOND, &version.to_be_bytes())?;
                self.alarm(Alarm::RegistryBeyond, Cause::Here, Detail::Entry { version });
            }
            None => {
                self.store.set_meta(BEYOND, &[])?;
                self.alarm_over(now, Alarm::RegistryBeyond, Cause::Here)?;
            }
        }
        let Some(version) = noted.filter(|version| *version <= self.registry.acted()) else { return Ok(false) };
        self.release(need_key(&Need::Beyond(RegistryVersion { log: ROOT_LOG, version })));
        Ok(true)
    }

    /// Takes in an entry of the registry. One that does not fit stops its log here, visibly: it is in quarantine, and
    /// its peer is never told that it was received, so that it comes again after an upgrade.
    pub(crate) fn take_entry(&mut self, now: Millis, peer: PeerId, bytes: &[u8]) -> Result<bool, Fault> {
        match self.append_entry(bytes)? {
            Ok(Appended::New) => {
                let version = self.registry.version();
                self.release(need_key(&Need::Registry(RegistryVersion { log: ROOT_LOG, version })));
                self.note_beyond(now)?;
                Ok(true)
            }
            Ok(Appended::Known) => Ok(true),
            Err(error) => {
                let forked = self.is_fork(&error, bytes);
                let alarm = if forked { Alarm::RegistryForked } else { Alarm::RegistryRefused };
                self.alarm(alarm, Cause::Device(peer.0), unfit(&error));
                let (digest, reason) = (hash(b"jiesu/refused/1", bytes), error.to_string());
                let (bytes, peer) = (Some(bytes.to_vec()), Some(peer.0));
                self.store.refuse(&RefusedRow { digest, bytes, reason, peer, received_at: now })?;
                Ok(false)
            }
        }
    }

    /// Whether the root key has signed two entries of one version. Anybody can make up one that it has not signed.
    fn is_fork(&self, error: &RegistryError, bytes: &[u8]) -> bool {
        let signed = |key: [u8; 32]| {
            Entry::decode(bytes).is_ok_and(|(entry, signature)| verify(&key, &entry.hash(), &signature))
        };
        matches!(error, RegistryError::Fork { .. }) && self.registry.root_key().is_some_and(signed)
    }

    /// Appends an entry to the registry, if it fits.
    pub(crate) fn append_entry(&mut self, bytes: &[u8]) -> Result<Result<Appended, RegistryError>, Fault> {
        let acted = self.registry.acted();
        let next = self.registry.version() + 1;
        if self.joining.as_ref().is_some_and(|joining| !joining.fits(next, bytes)) {
            return Ok(Err(RegistryError::Fork { version: next }));
        }
        let appended = self.registry.append(bytes);
        if appended != Ok(Appended::New) {
            return Ok(appended);
        }
        self.store.registry_append(ROOT_LOG, self.registry.version(), bytes)?;
        self.log.push(bytes);
        self.group.registry_changed = true;
        self.group.grown.insert(REGISTRY);
        self.know_myself();
        if self.me.is_some() {
            self.joining = None;
        }
        let acted = self.registry.acted() > acted;
        if acted {
            self.look_up_time()?;
            if Entry::decode(bytes)
                .is_ok_and(|(entry, _)| matches!(self.registry.brought(&entry.change), Change::Void(_)))
            {
                // What the hub raised by that clock it takes back.
                self.plan()?;
            }
        }
        if acted && let Ok((entry, _)) = Entry::decode(bytes) {
            let brought = self.registry.brought(&entry.change);
            self.group.retired |= matches!(brought, Change::Retired(_));
            if brought.moves_dues() {
                // Dues are stored as the calendar and the terms have them: each document's are found again in its turn.
                self.want_projections()?;
            }
        }
        Ok(appended)
    }
}

fn unfit(error: &RegistryError) -> Detail {
    let (version, why) = match error {
        RegistryError::Malformed(_) => (0, Unfit::Malformed),
        RegistryError::Gap { found, .. } => (*found, Unfit::Gap),
        RegistryError::Fork { version } => (*version, Unfit::Fork),
        RegistryError::Signature { version } => (*version, Unfit::NotSigned),
        RegistryError::Inconsistent { version, .. } => (*version, Unfit::Clash),
    };
    Detail::Unfit { version, why }
}

/// The name of an entry.
pub(crate) fn entry_id(bytes: &[u8]) -> [u8; 32] {
    hash(b"jiesu/registry/item", bytes)
}
