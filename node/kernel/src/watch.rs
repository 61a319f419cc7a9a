//! What a hotline's node does by itself, without a person: it witnesses that a dispatch has arrived, the city hub witnesses
//! what came late, and whoever dispatched raises a supervision when its ground arises (25).
//!
//! All of it follows from what is stored and from the time that the node is told, so that nothing is lost by a restart.

use std::collections::BTreeSet;

use regulation::act::{AttachClass, Seen, SuperviseGround, SuperviseLevel};
use regulation::table::timed;
use regulation::{ActId, ActKind, Body, Level, Millis, UnitId, calendar, supervise};
use replica::{Act, Draft, History, Node, Standing};
use store::{FeedEntry, ScopeId};
use sync::ScopeKey;

use crate::beacon::signed_by;
use crate::due::dues;
use crate::outcome::Refusal;
use crate::waiting::SETTLE_STEPS;
use crate::{Fault, Kernel};

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;
/// Documents looked at in one tick, so that a person's click never waits long.
const LOOKS_MAX: usize = 100;

/// A dispatch that has arrived at a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrival {
    doc: ActId,
    dispatch: ActId,
    unit: UnitId,
}

impl Kernel {
    /// A device has told that it holds a feed up to an entry: what it was dispatched there has arrived at its unit.
    /// Looks at so many entries at most; returns up to which.
    pub(crate) fn note_arrivals(
        &mut self,
        peer: UnitId,
        scope: ScopeKey,
        after: u64,
        upto: u64,
        entries: usize,
    ) -> Result<u64, Fault> {
        let mut seen = after;
        for row in self.store.feed_read(ScopeId(scope.0), after, entries)? {
            if row.lseq > upto {
                break;
            }
            seen = row.lseq;
            let acts = match row.entry {
                FeedEntry::Act(aseq) => self.store.act_at(aseq)?.into_iter().collect(),
                FeedEntry::Enter { doc, after, upto } => self.store.acts_between(doc, after, upto)?,
                FeedEntry::Stub(_) | FeedEntry::Finding(_) => continue,
            };
            let Some(doc) = acts.first().map(|act| self.store.doc_id(act.doc)).transpose()?.flatten() else {
                continue;
            };
            // Most of what a feed holds gives nothing to anybody: no need to build these documents.
            let ids: BTreeSet<ActId> = acts.iter().filter(|act| gives(&act.bytes)).map(|act| act.id).collect();
            if !ids.is_empty() {
                self.note_arrivals_of(doc, peer, &ids)?;
            }
        }
        Ok(seen)
    }

    fn note_arrivals_of(&mut self, doc: ActId, unit: UnitId, acts: &BTreeSet<ActId>) -> Result<(), Fault> {
        let history = self.take_history(doc)?;
        if let Some(ticket) = history.record().ticket() {
            let new = ticket
                .assignments
                .iter()
                .filter(|a| a.unit == unit && a.delivered_at.is_none() && acts.contains(&a.dispatch));
            self.group.arrivals.extend(new.map(|a| Arrival { doc, dispatch: a.dispatch, unit }));
        }
        self.cache.put(doc, history);
        Ok(())
    }

    /// What a unit has got without its being witnessed, as when the clock was doubtful then.
    fn note_arrived(&mut self, doc: ActId, history: &History) -> Result<(), Fault> {
        let Some(ticket) = history.record().ticket() else { return Ok(()) };
        for part in ticket.in_force().filter(|part| part.delivered_at.is_none()) {
            let Some(aseq) = self.store.aseq_of(&part.dispatch)? else { continue };
            for (device, known) in self.registry.now().devices() {
                if known.unit == part.unit && self.device() != Some(device) && self.store.delivered_to(device, aseq)? {
                    self.group.arrivals.insert(Arrival { doc, dispatch: part.dispatch, unit: part.unit });
                }
            }
        }
        Ok(())
    }

    /// Writes down what has arrived.
    pub(crate) fn witness_arrivals(&mut self, now: Millis) -> Result<(), Fault> {
        if !self.acts_by_itself()? {
            // They are looked for again once it does.
            self.group.arrivals.clear();
            return Ok(());
        }
        for Arrival { doc, dispatch, unit } in std::mem::take(&mut self.group.arrivals) {
            let body = Body::Witness(Seen::Delivered { unit, at: now });
            self.by_itself(now, doc, Draft::new(body).answering(Some(dispatch)))?;
        }
        Ok(())
    }

    /// Whether the node does by itself what counts: its clock is believed, and it waits for nobody.
    fn acts_by_itself(&self) -> Result<bool, Fault> {
        Ok(self.clock_doubt().is_none() && self.waits_for()?.is_empty())
    }

    /// An act of the node's own. A rule that forbids it means that there is nothing to do any more.
    fn by_itself(&mut self, now: Millis, doc: ActId, draft: Draft) -> Result<bool, Fault> {
        match self.act(now, None, doc, draft)? {
            Ok(_) => Ok(true),
            Err(Refusal::Rule(_) | Refusal::NotFound | Refusal::Left | Refusal::NeedsUpgrade { .. }) => Ok(false),
            Err(other) => Err(Fault::Inconsistent(format!("an act of the node's own was not made: {other}"))),
        }
    }

    /// The city hub says of each act of others that came late when it can have been made. Whether any did.
    pub(crate) fn witness_late(&mut self, now: Millis, doc: ActId) -> Result<bool, Fault> {
        if self.clock_doubt().is_some() {
            return Ok(false);
        }
        let history = self.take_history(doc)?;
        let late = self.late(now, &history)?;
        self.cache.put(doc, history);
        let mut any = false;
        for (act, seen) in late {
            any |= self.by_itself(now, doc, Draft::new(Body::Witness(seen)).answering(Some(act)))?;
        }
        Ok(any)
    }

    fn late(&self, now: Millis, history: &History) -> Result<Vec<(ActId, Seen)>, Fault> {
        let terms = self.registry.now().on(now).settings();
        let (late_ms, clock_ms) =
            (i64::from(terms.late_minutes) * MINUTE_MS, i64::from(terms.clock_minutes) * MINUTE_MS);
        let mut late = Vec::new();
        for (index, node) in history.nodes().iter().enumerate().filter(|(index, _)| history.counts(*index)) {
            let counts = history.standing(index) == Some(Standing::Effective) && !history.folded().settled(index);
            let told = |ticket: &regulation::Ticket| ticket.assignments.iter().any(|a| a.delivered_by == Some(node.id));
            // Whoever made it: what a hotline decides moves a unit's due as much as what the unit does.
            let judged = timed(node.fact.body.kind()) || history.record().ticket().is_some_and(told);
            if !counts || !judged || Some(node.act.device) == self.device() {
                continue;
            }
            let Some(row) = self.store.act(&node.id)? else { continue };
            let claimed = match node.fact.body {
                Body::Witness(Seen::Delivered { at, .. }) => at,
                _ => node.fact.when(),
            };
            // By a clock that was ahead then it would have come after it was witnessed.
            let received = row.received_at.min(now);
            if received.saturating_sub(claimed) <= late_ms && claimed <= received.saturating_add(clock_ms) {
                continue;
            }
            let received_at = received_by(history, index, received);
            let known = self.not_before(node, now)?.min(received_at);
            // What was typed of an earlier time while its device was in touch counts from when it was typed, or is to be decided on.
            let (from, to) = (claimed.saturating_add(late_ms), node.act.time.saturating_sub(late_ms));
            let in_touch = entered_later(node, claimed, late_ms)
                && (known > claimed.saturating_add(clock_ms) || self.store.heard_from(node.act.device, from, to)?);
            let not_before = match in_touch {
                true if !proven(history, node) => known.max(node.act.time).min(received_at),
                // What its device knew when it was typed says nothing of when it was done.
                true => known.min(claimed),
                false => known,
            };
            let clock_good =
                claimed >= not_before.saturating_sub(clock_ms) && claimed <= received_at.saturating_add(clock_ms);
            // Entered on the day that it was done, though not at once, it counts as if it had been (纸质补录).
            let entered = node.act.time;
            let same_day = calendar::local_date(claimed) == calendar::local_date(entered);
            let (from, to) = (entered.saturating_add(late_ms), received.saturating_sub(late_ms));
            let offline = !in_touch && same_day && (from >= to || !self.store.heard_from(node.act.device, from, to)?);
            late.push((node.id, Seen::Late { not_before, received_at, offline, clock_good }));
        }
        Ok(late)
    }

    /// Before what an act cannot have been made: its device had a time of the hub's by then, of a number that is not below
    /// those of the hub's acts that it follows, or an entry of the registry.
    /// What is later than this node's present says nothing: it was signed by a clock that was wrong.
    fn not_before(&self, node: &Node, now: Millis) -> Result<Millis, Fault> {
        let signed = signed_by(&self.store, &self.registry.now(), node.act.beacon, now)?;
        let entries = node.act.registry.iter().filter_map(|version| self.registry.not_before(version.version));
        Ok(entries.filter(|time| *time <= now).chain(signed).max().unwrap_or_default())
    }

    /// What the hub raised at a time whose number was voided since: it never arose.
    fn raised_wrongly(&self, history: &History) -> Vec<ActId> {
        let Some(ticket) = history.record().ticket().filter(|_| self.me.as_ref().is_some_and(|me| me.hub)) else {
            return Vec::new();
        };
        let at = self.registry.now();
        let by_wrong_clock = |id: ActId| {
            let node = history.index_of(id).map(|index| &history.nodes()[index]);
            node.is_some_and(|node| {
                let number = node.act.beacon;
                node.hub() && node.act.person.is_none() && number > 0 && at.good_time(number) != Some(number)
            })
        };
        let open = ticket.supervisions.iter().filter(|s| s.released.is_none()).map(|s| s.id);
        open.filter(|id| by_wrong_clock(*id)).collect()
    }

    /// Raises what has arisen on the documents whose time has come.
    pub(crate) fn look(&mut self, now: Millis) -> Result<(), Fault> {
        if !self.acts_by_itself()? {
            return Ok(());
        }
        let Some(unit) = self.watcher() else { return Ok(()) };
        let due = self.agenda.due(now, (self.group.steps / SETTLE_STEPS).clamp(1, LOOKS_MAX));
        self.spend(due.len() * SETTLE_STEPS);
        for doc in due {
            let history = self.take_history(doc)?;
            self.note_arrived(doc, &history)?;
            let wrong = self.raised_wrongly(&history);
            let at = self.registry.now().on(now);
            let dues = dues(&history, &at);
            let grounds = match (history.record().ticket(), at.calendar()) {
                (Some(ticket), Some(calendar)) => supervise::grounds(ticket, &dues, unit, calendar, at.settings(), now),
                _ => Vec::new(),
            };
            self.schedule(doc, &history, &dues, now);
            self.cache.put(doc, history);
            for raised in wrong {
                self.by_itself(now, doc, Draft::new(Body::SuperviseRelease).answering(Some(raised)))?;
            }
            for ground in grounds {
                let body = Body::Supervise { level: ground.level, ground: ground.ground };
                let demand = demand(ground.level, ground.ground);
                self.by_itself(now, doc, Draft::new(body).text([demand]).answering(Some(ground.dispatch)))?;
            }
        }
        Ok(())
    }
}

/// Whether an act says that it was done earlier than it was written down.
fn entered_later(node: &Node, claimed: Millis, late_ms: i64) -> bool {
    node.act.happened.is_some() && node.act.time > claimed.saturating_add(late_ms)
}

/// 补记: its unit has put a photograph or a form of the day on the ticket, by the same device on the same day. While files do not
/// travel nobody can look at it but there: so it makes a typed time one to be decided on, and no more.
fn proven(history: &History, node: &Node) -> bool {
    let class = |body: &Body| matches!(body, Body::Attach { class: AttachClass::Photo | AttachClass::Form, .. });
    let same_day = |other: &Node| calendar::local_date(other.act.time) == calendar::local_date(node.act.time);
    let beside = |other: &&Node| other.act.device == node.act.device && class(&other.fact.body) && same_day(other);
    let effective = |index: usize| history.counts(index) && history.standing(index) == Some(Standing::Effective);
    history.nodes().iter().enumerate().filter(|(index, _)| effective(*index)).any(|(_, other)| beside(&other))
}

/// Whether an act gives the ticket to a unit.
fn gives(bytes: &[u8]) -> bool {
    let body = Act::decode(bytes).ok().and_then(|act| act.body().cloned());
    body.is_some_and(|body| body.dispatch().is_some() || body.kind() == ActKind::Confirm)
}

/// When an act was there at the latest: when it came here, or when a hotline had it, as an act that follows it shows; its own
/// hotline's clock is no witness of it.
fn received_by(history: &History, index: usize, received: Millis) -> Millis {
    let own = history.nodes()[index].fact.author.unit;
    let hotline = |node: &Node| node.fact.author.level != Level::Unit && node.fact.author.unit != own;
    let follows = |node: &&Node| node.past.contains(index) && hotline(node);
    let seen = history.nodes().iter().filter(follows).map(|node| node.act.time);
    seen.chain([received]).min().unwrap_or(received)
}

/// What is demanded, in words.
const fn demand(level: SuperviseLevel, ground: SuperviseGround) -> &'static str {
    match (ground, level) {
        (SuperviseGround::NotSignedFor, _) => "签收时限已过，请立即签收并说明原因。",
        (SuperviseGround::Overdue, SuperviseLevel::Special) => {
            "逾期已超过规定天数，列为专项督办，请立即办结并书面说明。"
        }
        (SuperviseGround::Overdue, _) => "办理时限已过且未见正当理由，请立即办理并说明原因。",
        (SuperviseGround::Repeated, _) => "诉求人多次或集中反映仍未解决，请限期解决并回复。",
        _ => "请说明办理情况。",
    }
}
