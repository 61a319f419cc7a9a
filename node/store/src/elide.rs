//! Signed bytes as they are kept. Most of an act are the ids of acts that it follows or answers, 32 bytes each; they are left
//! out, and come back by the numbers of those acts in this store. What comes back is byte for byte what was signed.
//!
//! Kept are: how many ids are left out; of each how many bytes stand before it since the one before, and its number (0 for
//! the document, else the act's); then all other bytes. Numbers are LEB128.

use regulation::ids::ActId;

use crate::error::StoreError;
use crate::ids::{Aseq, DocNo, counted, position};
use crate::open::Queries;

const ID_BYTES: usize = 32;
/// The number of the document itself.
const DOCUMENT: u64 = 0;

impl Queries {
    /// What is kept of the signed bytes of an act of a document, in which these names may stand.
    pub(crate) fn kept(&self, doc: DocNo, bytes: &[u8], names: &[ActId]) -> Result<Vec<u8>, StoreError> {
        let mut ids: Vec<(ActId, u64)> = self.doc_id(doc)?.map(|doc| (doc, DOCUMENT)).into_iter().collect();
        for name in names {
            if ids.iter().all(|(known, _)| known != name)
                && let Some(aseq) = self.aseq_of(name)?
            {
                ids.push((*name, counted(aseq.0)));
            }
        }
        Ok(elide(bytes, &ids))
    }

    /// The signed bytes of an act of which only what is kept was read. What it names is mostly known: an act that was read
    /// before it.
    pub(crate) fn signed(
        &self,
        doc: DocNo,
        kept: &[u8],
        known: impl Fn(Aseq) -> Option<ActId>,
    ) -> Result<Vec<u8>, StoreError> {
        restore(kept, |number| {
            if number == DOCUMENT {
                return self.doc_id(doc);
            }
            let aseq = Aseq(position(number));
            known(aseq).map_or_else(|| self.act_id(aseq), |id| Ok(Some(id)))
        })
    }
}

/// What is kept of signed bytes in which these ids may stand, each with its number here.
fn elide(bytes: &[u8], ids: &[(ActId, u64)]) -> Vec<u8> {
    let mut places: Vec<(usize, u64)> = Vec::new();
    let (mut at, mut literals) = (0, 0);
    let mut rest = Vec::with_capacity(bytes.len());
    while at < bytes.len() {
        let found = bytes.get(at..at + ID_BYTES).and_then(|here| ids.iter().find(|(id, _)| id.0 == here));
        if let Some((_, number)) = found {
            places.push((literals, *number));
            (at, literals) = (at + ID_BYTES, 0);
        } else {
            rest.push(bytes[at]);
            (at, literals) = (at + 1, literals + 1);
        }
    }
    let mut kept = Vec::with_capacity(rest.len() + 1 + 4 * places.len());
    put(&mut kept, places.len() as u64);
    for (before, number) in places {
        put(&mut kept, before as u64);
        put(&mut kept, number);
    }
    kept.append(&mut rest);
    kept
}

/// The signed bytes again. `id_of` gives the id that belongs to a number.
///
/// # Errors
/// `Corrupt` if it is not what [`elide`] made, or an id is gone; whatever `id_of` finds.
fn restore(
    kept: &[u8],
    mut id_of: impl FnMut(u64) -> Result<Option<ActId>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    let mut input = kept;
    let mut places = Vec::new();
    for _ in 0..take(&mut input)? {
        places.push((take(&mut input)?, take(&mut input)?));
    }
    let mut bytes = Vec::with_capacity(input.len() + ID_BYTES * places.len());
    for (before, number) in places {
        let before = usize::try_from(before).ok().filter(|before| *before <= input.len()).ok_or_else(corrupt)?;
        let (literals, rest) = input.split_at(before);
        input = rest;
        bytes.extend_from_slice(literals);
        bytes.extend_from_slice(&id_of(number)?.ok_or_else(corrupt)?.0);
    }
    bytes.extend_from_slice(input);
    Ok(bytes)
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("the bytes of an act name what is not stored".to_owned())
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn take(input: &mut &[u8]) -> Result<u64, StoreError> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (first, rest) = input.split_first().ok_or_else(corrupt)?;
        *input = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(corrupt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(kept: &[u8], ids: &[(ActId, u64)]) -> Result<Vec<u8>, StoreError> {
        restore(kept, |number| Ok(ids.iter().find(|(_, known)| *known == number).map(|(id, _)| *id)))
    }

    #[test]
    fn bytes_come_back_as_they_were_and_ids_are_left_out() {
        let ids = [(ActId([1; 32]), DOCUMENT), (ActId([2; 32]), 300), (ActId([3; 32]), u64::MAX)];
        let (one, two, three) = ([1_u8; 32], [2_u8; 32], [3_u8; 32]);
        let cases: [(&[&[u8]], usize); 7] = [
            (&[b""], 0),
            (&[b"none"], 0),
            (&[&one], 1),
            (&[b"a", &one, &one, b"b"], 2),
            (&[&[7; 200], &two, b"x", &three, &[1; 31]], 2),
            // Bytes that run into an id: what is found first is left out.
            (&[&[2; 5], &two, &[2; 5]], 1),
            (&[&[9; 32]], 0),
        ];
        for (parts, left_out) in cases {
            let bytes = parts.concat();
            let kept = elide(&bytes, &ids);
            assert_eq!(back(&kept, &ids).unwrap(), bytes);
            assert!(kept.len() <= bytes.len() + 1 + 12 * left_out - 32 * left_out, "{} of {}", kept.len(), bytes.len());
            assert_eq!(kept[0], u8::try_from(left_out).unwrap());
        }
    }

    #[test]
    fn what_is_torn_or_names_what_is_gone_is_corrupt() {
        let ids = [(ActId([1; 32]), 5)];
        let kept = elide(&[&[4; 3][..], &[1; 32]].concat(), &ids);
        assert!(matches!(back(&kept, &[]), Err(StoreError::Corrupt(_))));
        for end in 0..4 {
            assert!(matches!(back(&kept[..end], &ids), Err(StoreError::Corrupt(_))), "{end}");
        }
        assert!(matches!(back(&[0xff; 12], &ids), Err(StoreError::Corrupt(_))));
    }
}
