//! What a device that keeps the rules makes, and what it takes in.

use std::collections::BTreeSet;

use regulation::act::Body;
use regulation::table::Room;
use regulation::{ActId, ActKind, PersonId, Record, Rule, options};
use replica::graph::{ActSet, closure};
use replica::limits::open_to;
use replica::{Draft, History, Judgement, Node, Stamp, Verdict, compose};

use super::device::{Copied, Device, Disk};
use super::world::{Made, World};
use super::{IDLE, LIMITS};
use crate::histories::live;
use crate::{bodies, city};

/// How much room an act is left.
fn room(node: &Node) -> Room {
    regulation::table::room(node.fact.body.kind())
}

impl World<'_> {
    /// Makes an act at what a device holds; nothing if it is not lawful there.
    pub fn make(&mut self, at: usize, draft: Draft) -> Result<bool, String> {
        let mut stamp = self.stamp(at, None, None);
        stamp.person = stamp.person.filter(|_| !draft.body.kind().of_clock());
        let before = self.devices[at].disk.history.record().clone();
        let (act, parts) = compose(&self.devices[at].disk.history, draft, stamp);
        let sealed = self.seal(at, &act, parts);
        let history = &mut self.devices[at].disk.history;
        let Judgement::Judged(node) = live::judged(history, &sealed, act, self.registry)? else {
            return Err("an act of one's own is not judged".to_owned());
        };
        let left_out = (0..history.nodes().len()).any(|index| history.counts(index) && !node.past.contains(index));
        let full = node.deps.len() >= LIMITS.deps;
        self.count.add("names bounded", usize::from(left_out));
        if left_out && !full {
            return Err("c: an act does not name what its author saw".to_owned());
        }
        if !left_out && history.fold_of(&node.past).record != before {
            return Err("c: the author saw another state than his act follows".to_owned());
        }
        if let Verdict::Unlawful(rule) = node.verdict {
            // Nobody honest makes what is forbidden.
            self.stopped(at, rule, &node)?;
            return Ok(false);
        }
        let device = self.devices[at].id;
        let Node { act, verdict, .. } = *node;
        let judged = live::Made { sealed, act, verdict };
        self.put(at, Made { judged, good: true, device })?;
        Ok(true)
    }

    /// What a device of its own adds to a draft.
    pub fn stamp(&mut self, at: usize, epoch: Option<u64>, dseq: Option<u64>) -> Stamp {
        let salts = [self.dice.salt(), self.dice.salt()];
        let Device { id, unit, disk, .. } = &self.devices[at];
        let person: PersonId = *self.dice.pick(&city::people(*unit));
        Stamp {
            device: *id,
            epoch: epoch.unwrap_or(disk.epoch),
            dseq: dseq.unwrap_or(disk.dseq + 1),
            person: Some(person),
            registry: self.registry.versions(),
            time: city::MONDAY_NOON,
            beacon: 0,
            salts,
        }
    }

    /// Only his own doing may stop an honest man; the end of a document, only what devices that keep the rules used. What
    /// must be done, only by what must be done.
    fn stopped(&mut self, at: usize, rule: Rule, act: &Node) -> Result<(), String> {
        let device = &self.devices[at];
        let nodes = device.disk.history.nodes();
        let own = nodes.iter().filter(|node| node.act.device == device.id);
        let epochs: BTreeSet<u64> = own.clone().map(|node| node.act.epoch).chain([device.disk.epoch]).collect();
        let good = |node: &&Node| self.made_by(node.id).is_some_and(|made| made.good);
        let used = nodes.iter().filter(|node| node.act.device != city::HUB).filter(good).count();
        // Whoever was given more room may have used more.
        let given = nodes.iter().filter(|node| matches!(node.fact.body, Body::MoreRoom { .. })).count();
        let used = used + self.evil.len() * LIMITS.epochs * LIMITS.own_acts[0] * (1 + given);
        let (rank, room) = (act.rank as usize, room(act));
        let (mine, all) = (open_to(room, LIMITS.own_acts[rank]), open_to(room, LIMITS.line_acts[rank]));
        let mine = match rule {
            Rule::AllowanceUsed => own.clone().count() >= mine,
            Rule::RoomReserved => room < Room::Demanded && (own.clone().count() >= mine || used >= all),
            Rule::TooManyEpochs => epochs.len() > LIMITS.epochs,
            Rule::TooLong => used >= all,
            Rule::NumberNotRising | Rule::NamesIdle => false,
            _ => return Ok(()),
        };
        self.count.add("stopped by the limits", 1);
        self.count.add("notes that were one too many", usize::from(rule == Rule::RoomReserved));
        if !mine {
            return Err(format!("f: an honest act was stopped by others: {rule:?}"));
        }
        let others = own.filter(|node| self::room(node) != Room::Free).count();
        if rule == Rule::AllowanceUsed && room == Room::Demanded && others < LIMITS.own_acts[rank] / 4 {
            return Err("n: notes left no room for what must be done".to_owned());
        }
        Ok(())
    }

    /// Something that a device may do at a record, or anything; `fallen` is what it may ratify.
    pub fn draft(&mut self, at: usize, record: &Record, fallen: &[ActId]) -> Option<Draft> {
        let unit = self.devices[at].unit;
        let author = regulation::Author {
            unit,
            level: self.registry.now().level(unit),
            hub: self.devices[at].id == city::HUB,
            person: Some(city::people(unit)[0]),
            roles: self.registry.now().roles(city::people(unit)[0], unit),
        };
        let options = options::options(record, &author, regulation::Edition::FIRST);
        let odd =
            [ActKind::Redact, ActKind::Settle, ActKind::Correct, ActKind::Witness, ActKind::Merge, ActKind::Split];
        let open = options.iter().filter(|(kind, may)| may.is_ok() && !odd.contains(kind) && !kind.begins());
        let open: Vec<ActKind> = open.map(|(kind, _)| *kind).collect();
        let kind =
            if open.is_empty() || self.dice.percent(self.shape.notes) { ActKind::Tag } else { *self.dice.pick(&open) };
        let mut answers = options::answers(record, kind, unit);
        if kind == ActKind::Ratify {
            answers = (!fallen.is_empty()).then(|| *self.dice.pick(fallen));
        }
        let body = bodies::any(&mut self.dice, kind, record, &author);
        let mut draft = Draft::new(body).text(["说明一下情况"]).answering(answers);
        if kind.segments() > 1 {
            draft.text.push("石家庄热线".to_owned());
        }
        if kind == ActKind::Tag {
            let tag = self.dice.pick(&["供暖", "老人", "重复", "噪声"]).to_string();
            draft.effects = vec![replica::Effect::AddTag(tag)];
        }
        if draft.body.kind().of_clock() {
            return None;
        }
        Some(draft)
    }

    /// Something that a device that keeps the rules does by what it sees.
    pub fn work(&mut self, at: usize) -> Result<bool, String> {
        let history = &self.devices[at].disk.history;
        let fell = |index: &usize| history.nodes()[*index].admitted() && !history.counts(*index);
        let fallen: Vec<ActId> =
            (0..history.nodes().len()).filter(fell).map(|index| history.nodes()[index].id).collect();
        let record = history.record().clone();
        let draft = self.draft(at, &record, &fallen);
        draft.map_or(Ok(false), |draft| self.make(at, draft))
    }

    /// One device takes in what another shows it of what it holds.
    pub fn take(&mut self, at: usize, shown: &ActSet) -> Result<(), String> {
        for index in shown.iter() {
            if self.devices[at].disk.held.contains(index) || !self.has_place(at, index)? {
                continue;
            }
            let past: Vec<usize> = self.missing(at, index).chain([index]).collect();
            for act in past {
                self.take_one(at, act)?;
            }
        }
        Ok(())
    }

    /// Whether an act is taken in: it takes its place here, or nothing that waits comes with it and there is room.
    fn has_place(&mut self, at: usize, index: usize) -> Result<bool, String> {
        let Device { good, disk, .. } = &self.devices[at];
        if !good {
            return Ok(true);
        }
        let held = disk.history.nodes().len();
        let has = disk.aside.get(&index) != Some(&held) && self.would_have_place(at, index)?;
        if !has {
            self.devices[at].disk.aside.insert(index, held);
        }
        self.count.add("put aside", usize::from(!has));
        Ok(has)
    }

    fn would_have_place(&self, at: usize, index: usize) -> Result<bool, String> {
        let (history, node) = (&self.devices[at].disk.history, &self.all.nodes()[index]);
        let outside: Vec<usize> = self.missing(at, index).collect();
        if outside.is_empty() {
            let deps: Vec<usize> = node.act.deps.iter().filter_map(|dep| history.index_of(*dep)).collect();
            let here = || Node { past: closure(history.nodes(), &deps), ..node.clone() };
            return Ok(history.idle_of(node.act.device) < IDLE || history.folded().has_place(&here()));
        }
        let mut tried = history.clone();
        for act in &outside {
            live::take(&mut tried, &self.made[*act].judged, self.registry)?;
        }
        let live::Made { sealed, act, .. } = &self.made[index].judged;
        let judged = live::judged(&mut tried, sealed, act.clone(), self.registry)?;
        Ok(matches!(judged, Judgement::Judged(node) if tried.folded().has_place(&node)))
    }

    /// What an act follows that a device does not hold.
    fn missing(&self, at: usize, index: usize) -> impl Iterator<Item = usize> + '_ {
        let held = &self.devices[at].disk.held;
        self.all.nodes()[index].past.iter().filter(move |act| !held.contains(*act))
    }

    fn take_one(&mut self, at: usize, index: usize) -> Result<(), String> {
        let made = &self.made[index].judged;
        let device = &mut self.devices[at];
        let id = self.all.nodes()[index].id;
        live::take(&mut device.disk.history, made, self.registry)?;
        device.disk.has(index);
        let (mine, epoch) = (made.act.device == device.id, made.act.epoch);
        let newer = epoch == device.disk.epoch || device.id == city::HUB && epoch > device.disk.epoch;
        if device.good && mine && newer && !device.disk.made.contains(&id) {
            self.new_epoch(at);
        }
        Ok(())
    }

    /// A copy of a disk as a disk.
    pub fn put_back(&self, copied: Copied) -> Result<Disk, String> {
        let Copied { acts, epoch, dseq, made } = copied;
        let mut disk = Disk { dseq, made, ..Disk::new(self.empty(), epoch) };
        for index in acts {
            live::take(&mut disk.history, &self.made[index].judged, self.registry)?;
            disk.has(index);
        }
        Ok(disk)
    }

    /// A new epoch, above all of its own that it holds.
    pub fn new_epoch(&mut self, at: usize) {
        let device = &self.devices[at];
        // A clock that is right puts it above those that were lost, too.
        let lost = self.dice.percent(70);
        let nodes = if lost { self.all.nodes() } else { device.disk.history.nodes() };
        let own = nodes.iter().filter(|node| node.act.device == device.id);
        let above = own.map(|node| node.act.epoch).max().unwrap_or_default().max(device.disk.epoch);
        let low = self.dice.bits() & 0xffff;
        let disk = &mut self.devices[at].disk;
        disk.epoch = (((above >> 16) + 1) << 16) | low;
        disk.dseq = 0;
    }

    /// The hub settles until all that counts is settled.
    pub fn settle(&mut self, at: usize) -> Result<(), String> {
        let honest = |world: &Self, history: &History| {
            let clean = |id: ActId| world.made_by(id).is_some_and(|made| world.clean(made));
            let open = |(index, node): &(usize, &Node)| !history.folded().settled(*index) && clean(node.id);
            history.nodes().iter().enumerate().filter(open).count()
        };
        let history = &self.devices[at].disk.history;
        let lines = history.open_lines();
        let (mut acts, mut turn) = (0, 0);
        while self.devices[at].disk.history.unsettled() > 0 {
            if acts == 60 {
                return Err("d: a pass does not end".to_owned());
            }
            if !self.make(at, Draft::new(Body::Settle))? {
                return Err("d: a settle is forbidden".to_owned());
            }
            acts += 1;
            if turn == 0 && honest(self, &self.devices[at].disk.history) == 0 {
                turn = acts;
            }
        }
        if acts > 0 && (turn == 0 || turn > lines.div_ceil(LIMITS.deps - 1)) {
            return Err(format!("e: an honest act waited {turn} of {acts} settles, with {lines} lines open"));
        }
        self.count.add("settles", acts);
        self.count.most("settles in a pass", acts);
        Ok(())
    }
}
