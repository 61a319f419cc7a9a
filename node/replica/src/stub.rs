//! What is left of an act that is not passed on: that its device made it. It says nothing of its document.

use regulation::{ActId, DeviceId};

use crate::act::Act;
use crate::codec::{Malformed, Writer, canonical};
use crate::registry::Registry;
use crate::seal::{Sealed, Signature, hash, read_signatures, signed_by, write_signatures};

/// The stub of an act. The signature binds device and id; epoch and number are as whoever left it read them in the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// The act's id, a hash of its bytes.
    pub id: ActId,
    /// Its author's device.
    pub device: DeviceId,
    /// Epoch of the author's database.
    pub epoch: u64,
    /// The device's count of its acts in that epoch.
    pub dseq: u64,
    /// Signatures over the id, its device's among them.
    pub signatures: Vec<Signature>,
}

impl Stub {
    /// The stub of an act.
    #[must_use]
    pub fn of(act: &Act, sealed: &Sealed) -> Self {
        let (device, epoch, dseq) = act.identity();
        Self { id: sealed.id(), device, epoch, dseq, signatures: sealed.signatures.clone() }
    }

    /// Names it among the items of a feed; not as the act itself is named.
    #[must_use]
    pub fn item(id: &ActId) -> [u8; 32] {
        hash(b"jiesu/stub/1", &id.0)
    }

    /// Whether the device that it names signed it, by its key now.
    #[must_use]
    pub fn holds(&self, registry: &Registry) -> bool {
        let signed = |key| signed_by(&self.signatures, self.device, key, &self.id) == Some(true);
        registry.now().device(self.device).is_some_and(|device| signed(&device.key))
    }

    /// Encoding for the wire: an array of five, so that it is never taken for an act.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(5).bytes(&self.id.0).uint(u64::from(self.device.0)).uint(self.epoch).uint(self.dseq);
        write_signatures(&self.signatures, &mut out);
        out.finish()
    }

    /// Decodes what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// Not a stub.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        canonical(
            bytes,
            |input| {
                input.tuple(5)?;
                let (id, device) = (input.id()?, DeviceId(input.uint32()?));
                Ok(Self { id, device, epoch: input.uint()?, dseq: input.uint()?, signatures: read_signatures(input)? })
            },
            Self::encode,
        )
    }
}
