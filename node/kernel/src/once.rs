//! Requests that are asked again: after an answer that got lost, a double click, or 结果未知.
//!
//! Whoever asks draws an id. In the transaction that does what is asked it is kept with a digest of the question, who asked,
//! and what it came to; whoever asks again under that id is told the same, and nothing is done. What was refused is not
//! kept: nothing was done, and it may be asked again. What an act came to shows nobody anything; what is shown
//! ([`Command::Reveal`]) is never asked so, since each showing leaves its own trace.

use regulation::{DeviceId, Millis, PersonId};
use replica::codec::{Malformed, Reader, Writer};
use store::{Queries, RequestRow};

use crate::command::Once;
use crate::outcome::{Done, Refusal};
use crate::{Fault, Kernel};

/// Requests of one person that are kept, at most: the last ones. The busiest clerk of a hotline makes some 500 a day.
pub const REQUESTS_KEPT_MAX: u32 = 2_048;
/// For how long they are kept, in days.
pub const REQUESTS_KEPT_DAYS_MAX: i64 = 30;

/// What a request came to, if that person has asked it and it was done.
///
/// # Errors
/// The store, or a row that cannot be read.
pub fn known(store: &Queries, person: Option<PersonId>, once: &Once) -> Result<Option<Result<Done, Refusal>>, Fault> {
    let Some(row) = store.request(&once.id)? else { return Ok(None) };
    if row.person != key_of(person) || row.digest != once.digest {
        return Ok(Some(Err(Refusal::OtherRequest)));
    }
    read(&row).map(|done| Some(Ok(done)))
}

/// What the request of that id came to, whatever was asked, if that person has asked it.
///
/// # Errors
/// The store, or a row that cannot be read.
pub fn told(store: &Queries, person: PersonId, id: &[u8; 32]) -> Result<Option<Done>, Fault> {
    let row = store.request(id)?.filter(|row| row.person == person);
    row.map(|row| read(&row)).transpose()
}

/// No person has the number 0.
fn key_of(person: Option<PersonId>) -> PersonId {
    person.unwrap_or(PersonId(0))
}

fn read(row: &RequestRow) -> Result<Done, Fault> {
    decode(&row.told).map_err(|error| Fault::Inconsistent(format!("what a request came to: {error}")))
}

impl Kernel {
    /// Keeps what a request came to, so that it is told again if it is asked again.
    pub(crate) fn keep_told(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        once: &Once,
        done: &Result<Done, Refusal>,
    ) -> Result<(), Fault> {
        if let Some(told) = done.as_ref().ok().and_then(encode) {
            let row = RequestRow { id: once.id, person: key_of(person), digest: once.digest, told, at: now };
            // A clock that is ahead makes nobody forget.
            let since = self.surest(now) - REQUESTS_KEPT_DAYS_MAX * 86_400_000;
            self.store.put_request(&row, REQUESTS_KEPT_MAX, since)?;
        }
        Ok(())
    }
}

/// Nothing for what changes nothing, or is not asked under an id.
fn encode(done: &Done) -> Option<Vec<u8>> {
    let mut out = Writer::default();
    match done {
        Done::Made { doc, act } => out.array(3).uint(1).bytes(&doc.0).bytes(&act.0),
        Done::Known { doc } => out.array(2).uint(2).bytes(&doc.0),
        Done::Registry(version) => out.array(2).uint(3).uint((*version).into()),
        Done::Clock => out.array(1).uint(4),
        Done::Person(person) => out.array(2).uint(5).uint(person.0.into()),
        Done::Enrolled { device, person } => {
            let out = out.array(3).uint(6).uint(device.0.into());
            out.option(person.as_ref(), |out, person| {
                out.uint(person.0.into());
            })
        }
        Done::Acknowledged => out.array(1).uint(7),
        Done::Would | Done::Documents(_) | Done::Revealed | Done::Covered | Done::Waived { .. } => return None,
    };
    Some(out.finish())
}

fn decode(bytes: &[u8]) -> Result<Done, Malformed> {
    let mut input = Reader::new(bytes);
    let (fields, kind) = (input.array(3)?, input.uint8()?);
    let done = match (kind, fields) {
        (1, 3) => Done::Made { doc: input.id()?, act: input.id()? },
        (2, 2) => Done::Known { doc: input.id()? },
        (3, 2) => Done::Registry(input.uint32()?),
        (4, 1) => Done::Clock,
        (5, 2) => Done::Person(PersonId(input.uint32()?)),
        (6, 3) => {
            let device = DeviceId(input.uint32()?);
            Done::Enrolled { device, person: input.option(|input| input.uint32().map(PersonId))? }
        }
        (7, 1) => Done::Acknowledged,
        _ => return Err(Malformed::new("result", "of no kind that is known")),
    };
    input.end()?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use regulation::ActId;

    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let (doc, act) = (ActId([1; 32]), ActId([2; 32]));
        for done in [
            Done::Made { doc, act },
            Done::Known { doc },
            Done::Registry(70_000),
            Done::Clock,
            Done::Person(PersonId(9)),
            Done::Enrolled { device: DeviceId(3), person: Some(PersonId(4)) },
            Done::Enrolled { device: DeviceId(3), person: None },
            Done::Acknowledged,
        ] {
            assert_eq!(decode(&encode(&done).unwrap()).unwrap(), done);
        }
        for shown in [Done::Revealed, Done::Would, Done::Documents(1)] {
            assert!(encode(&shown).is_none(), "{shown:?}");
        }
        assert!(decode(&[0x81, 0x18, 99]).is_err() && decode(&[]).is_err());
    }
}
