//! Keys under which things stand in the store.

use regulation::ActId;
use replica::Need;
use replica::seal::hash;
use sync::ScopeKey;

/// What whatever is newer than this program waits for.
pub(crate) const UPGRADE: [u8; 32] = *b"jiesu/need/upgrade/1............";

/// What a held act waits for, as a key of the store.
pub(crate) fn need_key(need: &Need) -> [u8; 32] {
    match need {
        Need::Act(id) => id.0,
        Need::Registry(version) => {
            let mut bytes = version.log.to_be_bytes().to_vec();
            bytes.extend(version.version.to_be_bytes());
            hash(b"jiesu/need/registry", &bytes)
        }
        Need::Signature(id) => hash(b"jiesu/need/signature", &id.0),
        // Whatever it is: who knows more, knows by reading it again.
        Need::Upgrade(_) => UPGRADE,
        Need::Beyond(entry) => {
            hash(b"jiesu/need/beyond", &[entry.log.to_be_bytes(), entry.version.to_be_bytes()].concat())
        }
    }
}

/// What waits until a scope has a part in a document, as a key of the store.
pub(crate) fn part_key(doc: ActId, scope: ScopeKey) -> [u8; 32] {
    hash(b"jiesu/need/part", &[&doc.0[..], &scope.0.to_be_bytes()].concat())
}

/// The row of an act that waits in a scope.
pub(crate) fn row_key(act: ActId, scope: ScopeKey) -> ActId {
    ActId(hash(b"jiesu/held/2", &[&act.0[..], &scope.0.to_be_bytes()].concat()))
}

/// What an act outside waits for, whichever scope it came through: to be brought in.
pub(crate) fn outside_key(act: ActId) -> [u8; 32] {
    hash(b"jiesu/need/outside", &act.0)
}

/// What an act outside waits for besides if it is unlawful, which nothing changes.
pub(crate) fn unlawful_key(act: ActId) -> [u8; 32] {
    hash(b"jiesu/need/unlawful", &act.0)
}

/// What waits until an act that fell takes its place after all.
pub(crate) fn place_key(act: ActId) -> [u8; 32] {
    hash(b"jiesu/need/place", &act.0)
}
