//! Sealing: the hash that names an act, and the signatures over it.

use regulation::{ActId, DeviceId};

use crate::act::Act;
use crate::codec::{Malformed, Reader, Writer, canonical};
use crate::limits::{ACT_BYTES_MAX, PARTS_MAX, SEALED_BYTES_MAX, SIGNATURE_BYTES_MAX, SIGNATURES_MAX};
use crate::malformed::Measure;
use crate::part::Part;

pub use crate::key::{DeviceKey, hash, verify};

/// A signature over the name of an act, by its type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature {
    /// What sort of signature, see [`Self::DEVICE`]. One that is not known is kept, and counts for nothing.
    pub kind: u16,
    /// Number of the device or person whose it is.
    pub signer: u32,
    /// The signature.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Ed25519 by the device that made the act.
    pub const DEVICE: u16 = 1;
    /// By the person who acted. No registry gives people keys so far: it counts for nothing.
    pub const PERSON: u16 = 2;

    /// A device's, over an act's name.
    #[must_use]
    pub fn of_device(device: DeviceId, key: &DeviceKey, id: &ActId) -> Self {
        Self { kind: Self::DEVICE, signer: device.0, bytes: key.sign(&id.0).to_vec() }
    }
}

/// Signatures, encoded: for the wire and for the database.
#[must_use]
pub fn encode_signatures(signatures: &[Signature]) -> Vec<u8> {
    let mut out = Writer::default();
    write_signatures(signatures, &mut out);
    out.finish()
}

/// What [`encode_signatures`] wrote.
///
/// # Errors
/// Not canonical or over a limit.
pub fn decode_signatures(bytes: &[u8]) -> Result<Vec<Signature>, Malformed> {
    canonical(bytes, read_signatures, |signatures| encode_signatures(signatures))
}

pub(crate) fn write_signatures(signatures: &[Signature], out: &mut Writer) {
    out.array(signatures.len());
    for signature in signatures {
        out.array(3).uint(signature.kind.into()).uint(signature.signer.into()).bytes(&signature.bytes);
    }
}

pub(crate) fn read_signatures(input: &mut Reader<'_>) -> Result<Vec<Signature>, Malformed> {
    let signatures = (0..input.array(SIGNATURES_MAX)?)
        .map(|_| {
            input.tuple(3)?;
            let (kind, signer) = (input.uint16()?, input.uint32()?);
            Ok(Signature { kind, signer, bytes: input.bytes(SIGNATURE_BYTES_MAX)?.to_vec() })
        })
        .collect::<Result<Vec<_>, Malformed>>()?;
    let place = |signature: &Signature| (signature.kind, signature.signer);
    if signatures.windows(2).all(|pair| place(&pair[0]) < place(&pair[1])) {
        Ok(signatures)
    } else {
        Err(Malformed::new("signatures", "not sorted, or two of one signer"))
    }
}

/// Whether the device signed that name: `None` if no signature of a device is there.
#[must_use]
pub fn signed_by(signatures: &[Signature], device: DeviceId, key: &[u8; 32], id: &ActId) -> Option<bool> {
    let mut by_devices = signatures.iter().filter(|signature| signature.kind == Signature::DEVICE).peekable();
    by_devices.peek()?;
    Some(by_devices.all(|signature| {
        let bytes = signature.bytes.as_slice().try_into();
        signature.signer == device.0 && bytes.is_ok_and(|bytes| verify(key, &id.0, bytes))
    }))
}

/// An act as it is stored and sent: its canonical bytes, the signatures over them and the parts that are at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Canonical encoding of the act.
    pub bytes: Vec<u8>,
    /// By type and signer. They may come later than the act.
    pub signatures: Vec<Signature>,
    /// Parts at hand, sorted by kind.
    pub parts: Vec<Part>,
}

impl Sealed {
    /// Seals an act.
    #[must_use]
    pub fn new(act: &Act, key: &DeviceKey, parts: Vec<Part>) -> Self {
        let mut sealed = Self { bytes: act.encode(), signatures: Vec::new(), parts };
        sealed.signatures = vec![Signature::of_device(act.device, key, &sealed.id())];
        sealed
    }

    /// The act's id.
    #[must_use]
    pub fn id(&self) -> ActId {
        ActId(hash(b"jiesu/act/1", &self.bytes))
    }

    /// Encoding for the wire: act, signatures, parts.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(3).bytes(&self.bytes);
        write_signatures(&self.signatures, &mut out);
        out.array(self.parts.len());
        for part in &self.parts {
            part.encode(&mut out);
        }
        out.finish()
    }

    /// Decodes what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// Not canonical or over a limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > SEALED_BYTES_MAX {
            return Err(Malformed::over(Measure::SealedBytes, bytes.len(), SEALED_BYTES_MAX));
        }
        let sealed = canonical(
            bytes,
            |input| {
                input.tuple(3)?;
                let bytes = input.bytes(ACT_BYTES_MAX)?.to_vec();
                let signatures = read_signatures(input)?;
                let parts = (0..input.array(PARTS_MAX)?).map(|_| Part::decode(input)).collect::<Result<Vec<_>, _>>()?;
                Ok(Self { bytes, signatures, parts })
            },
            Self::encode,
        )?;
        if sealed.parts.windows(2).all(|pair| pair[0].kind < pair[1].kind) {
            Ok(sealed)
        } else {
            Err(Malformed::new("sealed act", "parts are not sorted"))
        }
    }
}
