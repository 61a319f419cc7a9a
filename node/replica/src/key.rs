//! Keys, what is signed by them, and the hash that names things.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

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

    /// Marks bytes so that the device knows them again, and nobody else can: for what it gives out to be brought back to it.
    /// BLAKE3 under a key that is derived from the device's; `context` is for one purpose alone.
    #[must_use]
    pub fn mark(&self, context: &str, bytes: &[u8]) -> [u8; 32] {
        let key = blake3::derive_key(context, self.0.as_bytes());
        *blake3::keyed_hash(&key, bytes).as_bytes()
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
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(hash, &ed25519_dalek::Signature::from_bytes(signature)).is_ok())
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
