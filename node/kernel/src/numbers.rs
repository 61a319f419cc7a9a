//! Numbers of tickets: those that this node gives, and those that they have in other systems. Both are decided by rows that
//! are written in the same transaction, never by projections: those of a group's own acts come at its end.

use regulation::act::{Body, ExternalNumber};
use regulation::{ActId, UnitId};
use replica::seal::hash;
use replica::{Node, PartKind, Verdict};
use store::{DocNo, External, Serial};

use crate::alarm::{Alarm, Cause, Detail};
use crate::outcome::{Done, Refusal};
use crate::{Fault, Kernel};

/// Below which serials no day begins any more: what may have been given out and was lost.
const FLOOR: &str = "serial-floor";
/// Serials that are left out where it is not known which were given out.
const SKIPPED_SERIALS: u32 = 1_000;

impl Kernel {
    /// Serials count from 1 for each device and day. It is given once the ticket is kept ([`Self::keep_number`]).
    pub(crate) fn next_serial(&self, day: i32) -> Result<u32, Fault> {
        Ok(self.last_serial(day)?.saturating_add(1))
    }

    fn last_serial(&self, day: i32) -> Result<u32, Fault> {
        match self.store.serial(day)? {
            Some(last) => Ok(last),
            None => self.serial_floor(),
        }
    }

    /// Keeps the number of a ticket. This node gives none again that it holds: one of its own that comes from outside was lost
    /// here, or was given by a copy of it; if it is beyond what was left out, others that are yet to come may be so too, and as
    /// many again are left out. That two tickets have one number is told.
    pub(crate) fn keep_number(&mut self, doc: DocNo, first: &Node, from_outside: bool) -> Result<(), Fault> {
        let (Body::Register(register) | Body::RegisterByProxy(register)) = &first.fact.body else { return Ok(()) };
        let of = Serial { device: first.act.device, day: register.day, serial: register.serial };
        if self.device() == Some(of.device) && of.serial > self.last_serial(of.day)? {
            let skipped = if from_outside { SKIPPED_SERIALS } else { 0 };
            self.store.put_serial(of.day, of.serial.saturating_add(skipped))?;
        }
        if first.verdict != Verdict::Admitted {
            return Ok(());
        }
        if let Some(other) = self.store.put_number(of, doc)? {
            let detail = Detail::Numbered { first: other, second: first.id };
            self.alarm(Alarm::NumberTwice, Cause::Device(of.device), detail);
        }
        Ok(())
    }

    /// After a restore it is not known which serials were given out since the backup, nor on which days, as clocks go
    /// wrong: leaves a thousand out on every day.
    pub(crate) fn skip_serials(&mut self) -> Result<(), Fault> {
        let floor = self.serial_floor()?.saturating_add(SKIPPED_SERIALS);
        self.store.set_meta(FLOOR, &floor.to_be_bytes())?;
        Ok(self.store.skip_serials(SKIPPED_SERIALS)?)
    }

    fn serial_floor(&self) -> Result<u32, Fault> {
        let held = self.store.meta(FLOOR)?.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        Ok(held.map_or(0, u32::from_be_bytes))
    }

    /// What a request comes to whose number in another system this unit has registered already: it is known if it says the
    /// same, and told if it says something else. That another unit has written the number down for the city keeps nothing
    /// out: both are shown as perhaps the same.
    pub(crate) fn known_external(
        &mut self,
        external: &ExternalNumber,
        text: &[String],
        private: &[String],
    ) -> Result<Option<Result<Done, Refusal>>, Fault> {
        let Some(unit) = self.unit() else { return Ok(None) };
        let of = External { system: &external.system, number: &external.number, unit };
        let known = self.store.externals(of)?;
        let Some(first) = known.first().map(|first| first.doc) else { return Ok(None) };
        let (text, private) = (Some(of_text(text)), Some(of_private(private)));
        // What is private may be withheld here; nobody is told that it differs who does not hold it.
        let same = known.iter().find(|row| row.text == text && (row.private.is_none() || row.private == private));
        Ok(Some(match same {
            Some(same) => Ok(Done::Known { doc: same.doc }),
            None => Err(self.other_text(first, unit)?),
        }))
    }

    fn other_text(&mut self, doc: ActId, unit: UnitId) -> Result<Refusal, Fault> {
        let history = self.take_history(doc)?;
        let at = self.registry.now();
        let number = crate::project::number(&history, &at);
        let unit = at.unit(unit).map(|unit| unit.short.clone()).unwrap_or_default();
        self.put_back(history);
        Ok(Refusal::OtherText { doc, number, unit })
    }

    /// Keeps the number that a ticket has in another system, with what it says, as far as that is held here.
    pub(crate) fn keep_external(&mut self, doc: DocNo, first: &Node) -> Result<(), Fault> {
        let external = match &first.fact.body {
            Body::Register(register) | Body::RegisterByProxy(register) => register.external.as_ref(),
            _ => None,
        };
        let Some(external) = external.filter(|_| first.verdict == Verdict::Admitted) else { return Ok(()) };
        // Where nothing is promised nothing is withheld.
        let held = |kind| match first.act.part(kind) {
            None => Some(Vec::new()),
            Some(head) => {
                let part = first.parts.iter().find(|part| part.kind == kind)?;
                Some((0..).map_while(|index| head.segment(index, Some(part))).collect::<Vec<String>>())
            }
        };
        let text = held(PartKind::Text).map(|segments| of_text(&segments));
        let private = held(PartKind::Private).map(|segments| of_private(&segments));
        let of = External { system: &external.system, number: &external.number, unit: first.fact.author.unit };
        Ok(self.store.put_external(of, doc, text, private)?)
    }
}

fn of_text(segments: &[String]) -> [u8; 32] {
    of(b"jiesu/external/text/1", segments)
}

fn of_private(segments: &[String]) -> [u8; 32] {
    of(b"jiesu/external/private/1", segments)
}

/// The hash of segments, each with its length before it, without empty ones at the end.
fn of(domain: &[u8], segments: &[String]) -> [u8; 32] {
    let filled = segments.iter().rposition(|segment| !segment.is_empty()).map_or(0, |last| last + 1);
    let mut bytes = Vec::new();
    for segment in segments.iter().take(filled) {
        bytes.extend((segment.len() as u64).to_be_bytes());
        bytes.extend(segment.as_bytes());
    }
    hash(domain, &bytes)
}
