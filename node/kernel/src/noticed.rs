//! What an act that comes tells of the device that made it, or of whoever brought it, beside its verdict.

use regulation::{DeviceId, Millis};
use replica::seal::hash;
use store::RefusedRow;

use crate::alarm::{Alarm, Cause, Detail, Flaw};
use crate::source::{Source, Taken};
use crate::{Fault, Kernel};

impl Kernel {
    pub(crate) fn refuse(&mut self, now: Millis, bytes: &[u8], flaw: Flaw, source: Source) -> Result<Taken, Fault> {
        self.alarm(Alarm::PeerFaulty, Cause::Device(source.peer.0), Detail::Flawed { flaw });
        let digest = hash(b"jiesu/refused/1", bytes);
        let (bytes, reason, peer) = (Some(bytes.to_vec()), flaw.code().to_owned(), Some(source.peer.0));
        self.store.refuse(&RefusedRow { digest, bytes, reason, peer, received_at: now })?;
        Ok(Taken::Kept)
    }

    /// An act of one's own epoch, signed, that was not made here: the database lost something, was put back, or there is
    /// another copy of it. What a peer merely claims to hold proves nothing; it is fetched. What is made from now on needs an
    /// epoch of its own, and numbers that were not given. The hub's newest epoch makes the strata: of the hub a higher one
    /// says the same.
    pub(crate) fn notice_own(&mut self, now: Millis, (device, epoch, dseq): (DeviceId, u64, u64)) -> Result<(), Fault> {
        let same = epoch == self.epoch;
        if self.device() != Some(device) || !(same || self.is_hub() && epoch > self.epoch) {
            return Ok(());
        }
        let lost = same && dseq > self.dseq;
        self.epoch = self.epoch.max(epoch);
        self.new_epoch(now);
        self.keep_epoch()?;
        self.skip_serials()?;
        self.skip_numbers()?;
        self.store.skip_changes()?;
        let detail = Detail::Own { epoch, dseq };
        if lost {
            self.doubt()?;
            self.alarm(Alarm::LostHere, Cause::Here, detail);
        } else {
            self.alarm(Alarm::TwinActs, Cause::Device(device), detail);
        }
        Ok(())
    }

    /// A new epoch of another says that it lost something, or was put back.
    pub(crate) fn notice_loss(&mut self, (device, epoch, _): (DeviceId, u64, u64)) -> Result<(), Fault> {
        if self.device() != Some(device) && self.store.newest_epoch(device)?.is_some_and(|known| known < epoch) {
            self.alarm(Alarm::LostThere, Cause::Device(device), Detail::Epoch { epoch });
        }
        Ok(())
    }
}
