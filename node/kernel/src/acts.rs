//! The acts that are made here, by people and by the node itself.

use regulation::options::answers;
use regulation::{ActId, Body, Millis, PersonId, Rule};
use replica::limits::{EFFECTS_MAX, SEGMENTS_MAX};
use replica::{Act, Draft, History, Judgement, Sealed, Stamp, Verdict, compose, vet, weigh};

use crate::command::Edit;
use crate::feeds::WayOut;
use crate::outcome::{BadInput, Done, Refusal};
use crate::time::local_day;
use crate::{Fault, Kernel};

/// Whether something is to be done, or only to be known what it would come to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Do,
    Know,
}

impl Kernel {
    pub(crate) fn begin(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        mut draft: Draft,
        wish: Wish,
    ) -> Result<Result<Done, Refusal>, Fault> {
        if let Body::Register(register) | Body::RegisterByProxy(register) = &mut draft.body {
            if let Some(external) = &register.external
                && let Some(known) = self.known_external(external, &draft.text, &draft.private)?
            {
                return Ok(known);
            }
            let day = local_day(now);
            register.day = i32::try_from(day).unwrap_or_default();
            register.serial = self.next_serial(register.day)?;
        }
        self.make_or_try(now, person, History::default(), draft, wish)
    }

    pub(crate) fn act(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        doc: ActId,
        draft: Draft,
    ) -> Result<Result<Done, Refusal>, Fault> {
        self.act_or_try(now, person, doc, draft, Wish::Do)
    }

    /// Whether the second is lawful is found before the first is made: they are of two documents, of which neither act
    /// changes the other.
    pub(crate) fn both(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        [(doc, mut draft), (other, mut after)]: [(ActId, Draft); 2],
    ) -> Result<Result<Done, Refusal>, Fault> {
        if doc == other {
            return Ok(Err(Refusal::Rule(Rule::SameTicket)));
        }
        self.say_who_had_it(now, doc, other, &mut draft)?;
        self.say_what_goes_on(now, (doc, other), draft.body.kind(), &mut after)?;
        if let Err(refusal) = self.act_or_try(now, person, other, after.clone(), Wish::Know)? {
            return Ok(Err(refusal));
        }
        let done = self.act(now, person, doc, draft)?;
        if done.is_ok()
            && let Err(refusal) = self.act(now, person, other, after)?
        {
            return Err(Fault::Inconsistent(format!("what was lawful is refused: {refusal}")));
        }
        Ok(done)
    }

    /// Whoever is kept out of a ticket that was merged is kept out of the one that it joined, which goes on with what it asks (13):
    /// one act on each, if this node has both. Anything else is of its own ticket alone.
    pub(crate) fn act_on_both(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        doc: ActId,
        draft: Draft,
    ) -> Result<Result<Done, Refusal>, Fault> {
        if !matches!(draft.body, Body::Recuse { .. }) {
            return self.act(now, person, doc, draft);
        }
        let history = self.take_history(doc)?;
        let into = history.record().ticket().and_then(|ticket| ticket.merged).map(|merged| merged.into);
        self.put_back(history);
        match into {
            Some(into) if into != doc && self.act_or_try(now, person, into, draft.clone(), Wish::Know)?.is_ok() => {
                self.both(now, person, [(doc, draft.clone()), (into, draft)])
            }
            _ => self.act(now, person, doc, draft),
        }
    }

    fn act_or_try(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        doc: ActId,
        mut draft: Draft,
        wish: Wish,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let acts = self.waiting_for_upgrade(doc)?;
        if acts > 0 {
            return Ok(Err(Refusal::NeedsUpgrade { acts }));
        }
        let mut history = self.take_history(doc)?;
        if history.nodes().is_empty() {
            return Ok(Err(Refusal::NotFound));
        }
        self.say_whether_they_agree(person, &mut history, &mut draft)?;
        if draft.answers.is_none() {
            draft.answers = self.unit().and_then(|unit| answers(history.record(), draft.body.kind(), unit));
        }
        if self.covers_the_first(now, person, &history, &draft)? {
            self.put_back(history);
            return Ok(Err(Refusal::Covers));
        }
        self.make_or_try(now, person, history, draft, wish)
    }

    pub(crate) fn write(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        doc: ActId,
        mut draft: Draft,
        edit: Edit,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let acts = self.waiting_for_upgrade(doc)?;
        if acts > 0 {
            return Ok(Err(Refusal::NeedsUpgrade { acts }));
        }
        let mut history = self.take_history(doc)?;
        if history.nodes().is_empty() {
            return Ok(Err(Refusal::NotFound));
        }
        match edit {
            Edit::Replace { base, text } => history.edit(&base, &text, draft.writing())?,
            Edit::Choose { base, block, act } => {
                if !history.choose(&base, block, act, draft.writing())? {
                    self.put_back(history);
                    return Ok(Err(BadInput::NoSuchValue.into()));
                }
            }
        }
        let (changes, most) = (draft.effects.len().max(draft.text.len()), EFFECTS_MAX.min(SEGMENTS_MAX));
        if changes > most {
            self.put_back(history);
            return Ok(Err(BadInput::ManyChanges { changes, most }.into()));
        }
        self.make(now, person, history, draft)
    }

    /// Makes an act at the heads of a history. The verdict that every other node will find is found here first; what
    /// it forbids is not made.
    fn make(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        history: History,
        draft: Draft,
    ) -> Result<Result<Done, Refusal>, Fault> {
        self.make_or_try(now, person, history, draft, Wish::Do)
    }

    fn make_or_try(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        mut history: History,
        draft: Draft,
        wish: Wish,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let Some(device) = self.device() else { return Ok(Err(Refusal::NotEnrolled(regulation::DeviceId(0)))) };
        let unheard = self.waits_for()?;
        if !unheard.is_empty() {
            self.put_back(history);
            return Ok(Err(Refusal::HubPutBack { unheard }));
        }
        let stamp = Stamp {
            device,
            epoch: self.epoch,
            dseq: self.dseq + 1,
            person,
            registry: self.registry.versions(),
            time: now,
            beacon: self.number_now(now)?,
            salts: [self.salt(), self.salt()],
        };
        let (act, parts) = compose(&history, draft, stamp);
        let sealed = Sealed::new(&act, &self.identity.key, parts);
        // Decoding what was just encoded applies the limits that everybody else will apply.
        let decoded = Sealed::decode(&sealed.encode()).and_then(|sealed| Act::decode(&sealed.bytes));
        let act = match decoded {
            Ok(act) => act,
            Err(malformed) => {
                self.put_back(history);
                return Ok(Err(malformed.into()));
            }
        };
        // It was signed just now: what is to be found out is its verdict.
        debug_assert!(
            vet(&sealed, &act, &self.registry).is_none(),
            "an act of this device that it would not take itself"
        );
        match weigh(&mut history, &sealed, act, &self.registry)? {
            Judgement::Judged(node) => {
                if let Verdict::Unlawful(rule) = node.verdict {
                    self.put_back(history);
                    return Ok(Err(Refusal::Rule(rule)));
                }
                if let Some(doc) = node.act.doc
                    && self.way_out(doc, &node.act.deps)? == WayOut::Nowhere
                {
                    self.put_back(history);
                    return Ok(Err(Refusal::Left));
                }
                if wish == Wish::Know {
                    self.put_back(history);
                    return Ok(Ok(Done::Would));
                }
                self.dseq += 1;
                self.store.set_meta("dseq", &self.dseq.to_be_bytes())?;
                let (doc, act) = (node.act.doc.unwrap_or(node.id), node.id);
                self.admit(now, doc, history, *node, &sealed, None)?;
                Ok(Ok(Done::Made { doc, act }))
            }
            other => Err(Fault::Inconsistent(format!("an act of this device is not judged: {other:?}"))),
        }
    }
}
