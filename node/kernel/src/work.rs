//! What people ask for, and what the hub's clock does by itself.

use regulation::{ActId, Body, Millis, PersonId};
use replica::Draft;

use crate::acts::Wish;
use crate::command::{Command, Request};
use crate::outcome::{Done, Refusal};
use crate::{Effect, Fault, Kernel, once};

impl Kernel {
    pub(crate) fn request(&mut self, now: Millis, request: Request) -> Result<(), Fault> {
        let result = self.carry_out(now, request.person, request.command)?;
        self.group.effects.push(Effect::Reply { ticket: request.ticket, result });
        Ok(())
    }

    pub(crate) fn carry_out(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        command: Command,
    ) -> Result<Result<Done, Refusal>, Fault> {
        match command {
            Command::Begin(draft) => self.begin(now, person, draft, Wish::Do),
            Command::Try(draft) => self.begin(now, person, draft, Wish::Know),
            Command::Act { doc, mut draft } => match self.say_that_it_parts(doc, &mut draft)? {
                Some(refusal) => Ok(Err(refusal)),
                None => self.act_on_both(now, person, doc, draft),
            },
            Command::Both(acts) => self.both(now, person, *acts),
            Command::Write { doc, draft, edit } => self.write(now, person, doc, draft, edit),
            Command::Registry { seen, change } => self.change_registry(now, person, seen, *change),
            Command::Waive(hubs) => self.waive(now, person, &hubs),
            Command::AddPerson(added) => self.add_person(now, person, added),
            Command::ConfirmClock { shown } => self.confirm_clock(now, person, shown),
            Command::Enrol(enrolment) => self.enrol(now, person, *enrolment),
            Command::Reveal(reveal) => self.reveal(now, person, &reveal),
            Command::Inspect(look) => self.inspect(now, person, &look),
            Command::Cover(said) => self.cover(now, person, said),
            Command::Rebuild => Ok(Ok(Done::Documents(self.rebuild()?))),
            Command::Settle => Ok(Ok(Done::Documents(self.settle_all(now)?))),
            Command::Acknowledge { kind, source } => self.acknowledge(now, person, &kind, &source),
            Command::Once(once, command) => {
                if let Some(known) = once::known(&self.store, person, &once)? {
                    return Ok(known);
                }
                let done = self.carry_out(now, person, *command)?;
                self.keep_told(now, person, &once, &done)?;
                Ok(done)
            }
        }
    }

    pub(crate) fn tick(&mut self, now: Millis) -> Result<(), Fault> {
        self.group.settle = true;
        self.look(now)?;
        self.tick_peers(now)?;
        self.pay_wants(now);
        self.ask_for_aside(now)
    }

    /// The hub confirms what came from others once a sync pass: when a peer has nothing more to say, or a tick passed.
    pub(crate) fn settle_if_due(&mut self, now: Millis) -> Result<(), Fault> {
        if !self.waits_for()?.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.group.settle) && self.me.as_ref().is_some_and(|me| me.hub) {
            self.waiting.settling.append(&mut self.unsettled);
        }
        while let Some(doc) = self.next_to_settle() {
            if self.settle(now, doc)? {
                self.unsettled.remove(&doc);
                self.waiting.settling.insert(doc);
            }
        }
        Ok(())
    }

    fn settle_all(&mut self, now: Millis) -> Result<usize, Fault> {
        if !self.me.as_ref().is_some_and(|me| me.hub) || !self.waits_for()?.is_empty() {
            return Ok(0);
        }
        let mut docs = std::mem::take(&mut self.waiting.settling);
        docs.append(&mut self.unsettled);
        let count = docs.len();
        for doc in docs {
            while self.settle(now, doc)? {}
        }
        Ok(count)
    }

    /// Settles a document by one act, which can name so many tips at most. Whether more of it is to be settled: a pass goes
    /// on until all that counts is.
    fn settle(&mut self, now: Millis, doc: ActId) -> Result<bool, Fault> {
        let before = self.unsettled_in(doc)?;
        if before == 0 {
            return Ok(false);
        }
        // What is witnessed is settled by it.
        if !self.witness_late(now, doc)? {
            let at = self.receipt_at(now, doc)?;
            let done = self.act(at, None, doc, Draft::new(Body::Settle))?;
            // One that follows what is newer than this program waits for an upgrade.
            let waits = matches!(done, Err(Refusal::NeedsUpgrade { .. }));
            debug_assert!(waits || done.is_ok(), "{doc:?} cannot be settled: {done:?}");
        }
        let left = self.unsettled_in(doc)?;
        Ok(left > 0 && left < before)
    }

    /// The time that a receipt claims. While the clock is doubtful people go on by it: what they did is not confirmed before it
    /// was done. Such a receipt signs no time ([`Self::number_now`]), so that nobody takes a wrong one from it.
    fn receipt_at(&mut self, now: Millis, doc: ActId) -> Result<Millis, Fault> {
        let surest = self.surest(now);
        if self.clock_doubt().is_none() {
            return Ok(surest);
        }
        let history = self.take_history(doc)?;
        let newest = history.nodes().iter().map(|node| node.act.time).filter(|time| *time <= now).max();
        self.put_back(history);
        Ok(newest.map_or(surest, |newest| newest.max(surest)))
    }

    fn unsettled_in(&mut self, doc: ActId) -> Result<usize, Fault> {
        let history = self.take_history(doc)?;
        let unsettled = history.unsettled();
        self.put_back(history);
        Ok(unsettled)
    }
}
