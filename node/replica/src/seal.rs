//! Sealing: the hash that names an act, and the device's signature over it.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use regulation::ActId;
use sha2::{Digest, Sha256};

use crate::act::Act;
use crate::codec::{Malformed, Writer, canonical};
use crate::limits::{ACT_BYTES_MAX, SEALED_BYTES_MAX};
use crate::part::Part;

/// A device's signing key. It is made on the device and never leaves it.
#[derive(Clone)]
pub struct DeviceKey(SigningKey);

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}

impl DeviceKey {
    /// The key of that secret.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs a hash.
    #[must_use]
    pub fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.0.sign(hash).to_bytes()
    }
}

/// Whether `signature` over `hash` is by `key`; strict: no malleable signature, no key of small order.
#[must_use]
pub fn verify(key: &[u8; 32], hash: &[u8; 32], signature: &[u8; 64]) -> bool {
    #[cfg(feature = "verify-once")]
    return once::verify(key, hash, signature);
    #[cfg(not(feature = "verify-once"))]
    verify_strict(key, hash, signature)
}

fn verify_strict(key: &[u8; 32], hash: &[u8; 32], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(hash, &Signature::from_bytes(signature)).is_ok())
}

/// SHA-256 under a domain tag.
#[must_use]
pub fn hash(domain: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(domain);
    hash.update([0]);
    hash.update(bytes);
    hash.finalize().into()
}

/// An act as it is stored and sent: its canonical bytes, the device's signature and the parts that are at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Canonical encoding of the act.
    pub bytes: Vec<u8>,
    /// Ed25519 by the device over the act's hash.
    pub signature: [u8; 64],
    /// Parts at hand, sorted by kind.
    pub parts: Vec<Part>,
}

impl Sealed {
    /// Seals an act.
    #[must_use]
    pub fn new(act: &Act, key: &DeviceKey, parts: Vec<Part>) -> Self {
        let bytes = act.encode();
        let signature = key.sign(&hash(b"jiesu/act/1", &bytes));
        Self { bytes, signature, parts }
    }

    /// The act's id.
    #[must_use]
    pub fn id(&self) -> ActId {
        ActId(hash(b"jiesu/act/1", &self.bytes))
    }

    /// Encoding for the wire: act, signature, parts.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(3).bytes(&self.bytes).bytes(&self.signature).array(self.parts.len());
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
            return Err(Malformed::new("sealed act", format!("{} bytes", bytes.len())));
        }
        canonical(
            bytes,
            |input| {
                input.tuple(3)?;
                let bytes = input.bytes(ACT_BYTES_MAX)?.to_vec();
                let signature = input.fixed()?;
                let parts = (0..input.array(2)?).map(|_| Part::decode(input)).collect::<Result<Vec<_>, _>>()?;
                Ok(Self { bytes, signature, parts })
            },
            Self::encode,
        )
    }
}

/// For replays at length: what was verified on this thread is not verified again.
#[cfg(feature = "verify-once")]
mod once {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    /// Signatures remembered a thread, at most; then it starts anew.
    const REMEMBERED_MAX: usize = 1_024;

    type Verified = ([u8; 32], [u8; 32], [u8; 64]);

    thread_local! {
        static VERIFIED: RefCell<BTreeSet<Verified>> = const { RefCell::new(BTreeSet::new()) };
    }

    /// As [`super::verify_strict`], from memory where the very same was verified before.
    pub fn verify(key: &[u8; 32], hash: &[u8; 32], signature: &[u8; 64]) -> bool {
        let asked = (*hash, *key, *signature);
        VERIFIED.with_borrow_mut(|verified| {
            if verified.contains(&asked) {
                return true;
            }
            let good = super::verify_strict(key, hash, signature);
            if good {
                if verified.len() >= REMEMBERED_MAX {
                    verified.clear();
                }
                verified.insert(asked);
            }
            good
        })
    }
}
