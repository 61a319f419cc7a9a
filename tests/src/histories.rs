//! Random histories of one document: several authors with partitions, unlawful acts, twins, settling; replayed in
//! several orders of arrival. What must hold: admission, standing, document and fold are the same in every order,
//! a settled standing never changes, and an incremental fold equals the full one.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use regulation::act::{Body, Channel, Register, RequestKind, Urgency};
use regulation::{ActId, ActKind, DeviceId, PersonId, UnitId, options};
use replica::{
    Act, Draft, Effect, Field, History, Judgement, Registry, Sealed, Stamp, Standing, Value, Verdict, compose, judge,
};

use crate::{bodies, city};

/// A small deterministic source of choices.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next_u64() % n.max(1) as u64).unwrap_or_default()
    }
    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
    /// Sixteen bytes.
    pub fn salt(&mut self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.0.fill_bytes(&mut salt);
        salt
    }
}

/// What one history and its replays came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Acts made.
    pub acts: usize,
    /// Of them unlawful.
    pub unlawful: usize,
    /// Of them overruled in the end.
    pub overruled: usize,
    /// Of them settled in the end.
    pub settled: usize,
    /// Acts replayed over all orders.
    pub replayed: usize,
    /// Times that an unsettled standing changed when another act arrived.
    pub changed: usize,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.acts += other.acts;
        self.unlawful += other.unlawful;
        self.overruled += other.overruled;
        self.settled += other.settled;
        self.replayed += other.replayed;
        self.changed += other.changed;
    }
}

struct Author {
    device: DeviceId,
    unit: UnitId,
    dseq: u64,
    history: History,
}

struct World<'r> {
    registry: &'r Registry,
    dice: Dice,
    made: Vec<(Sealed, Verdict)>,
}

/// Makes a history from `seed` and replays it in `orders` orders.
///
/// # Errors
/// What differed.
pub fn check(registry: &Registry, seed: u64, acts: usize, orders: usize) -> Result<Tally, String> {
    let mut world = World { registry, dice: Dice::new(seed), made: Vec::new() };
    world.live(acts)?;
    let mut tally = Tally { acts: world.made.len(), ..Tally::default() };
    tally.unlawful = world.made.iter().filter(|(_, verdict)| *verdict != Verdict::Admitted).count();
    let mut first: Option<End> = None;
    for order in 0..orders {
        let mut dice = Dice::new(seed ^ (order as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let outcome = replay(&world, &mut dice, &mut tally)?;
        match &first {
            None => {
                tally.overruled = outcome.standing.values().filter(|s| s.0.contains("Overruled")).count();
                tally.settled = outcome.standing.values().filter(|s| s.1.is_some()).count();
                first = Some(outcome);
            }
            Some(first) if *first == outcome => {}
            Some(first) => return Err(format!("order {order} ends otherwise: {}", first.difference(&outcome))),
        }
    }
    Ok(tally)
}

#[derive(PartialEq)]
struct End {
    standing: BTreeMap<ActId, (String, Option<u32>)>,
    record: regulation::Record,
    document: Vec<u8>,
}

impl End {
    fn difference(&self, other: &Self) -> String {
        let differing = self.standing.iter().find(|(id, standing)| other.standing.get(id) != Some(*standing));
        match differing {
            Some((id, standing)) => format!("{id:?} {standing:?} against {:?}", other.standing.get(id)),
            None if self.record != other.record => "the records differ".to_owned(),
            None => "the documents differ".to_owned(),
        }
    }
}

fn replay(world: &World<'_>, dice: &mut Dice, tally: &mut Tally) -> Result<End, String> {
    let mut left: Vec<&(Sealed, Verdict)> = world.made.iter().collect();
    let mut history = History::default();
    let mut before: BTreeMap<ActId, (Option<Standing>, bool)> = BTreeMap::new();
    while !left.is_empty() {
        let at = dice.below(left.len());
        let (sealed, expected) = left[at];
        let act = Act::decode(&sealed.bytes).map_err(|e| e.to_string())?;
        match judge(&mut history, sealed, act, world.registry).map_err(|e| e.to_string())? {
            Judgement::Held(_) => continue,
            Judgement::Refused(why) => return Err(format!("refused: {why}")),
            Judgement::Judged(node) => {
                if node.verdict != *expected {
                    return Err(format!("admission {:?}, its author saw {expected:?}", node.verdict));
                }
                history.insert(*node);
            }
        }
        left.swap_remove(at);
        tally.replayed += 1;
        for (index, node) in history.nodes().iter().enumerate() {
            let now = (history.standing(index), history.folded().settled(index));
            if let Some(was) = before.insert(node.id, now)
                && was != now
            {
                if was.1 && was.0 != now.0 {
                    return Err(format!("settled standing {:?} became {:?}", was.0, now.0));
                }
                tally.changed += usize::from(was.0 != now.0);
            }
        }
        if dice.percent(10) && history.refold() != *history.folded() {
            return Err("the incremental fold differs from the full one".to_owned());
        }
        if dice.percent(10) {
            history.document().map_err(|e| e.to_string())?;
        }
    }
    if history.refold() != *history.folded() {
        return Err("the incremental fold differs from the full one".to_owned());
    }
    let standing = history
        .nodes()
        .iter()
        .enumerate()
        .map(|(i, node)| (node.id, (format!("{:?}", history.standing(i)), history.folded().stratum[i])))
        .collect();
    let record = history.record().clone();
    let save = |document: &replica::Document| document.save().map_err(|e| e.to_string());
    let rebuilt = replica::Document::build(history.nodes()).map_err(|e| e.to_string())?;
    let incremental = history.document().map_err(|e| e.to_string())?;
    if incremental.digest() != rebuilt.digest() {
        return Err("the incremental document differs from the rebuilt one".to_owned());
    }
    let incremental = save(incremental)?;
    Ok(End { standing, record, document: incremental })
}

impl World<'_> {
    /// Lets two to five authors work and gossip until `acts` acts are made.
    fn live(&mut self, acts: usize) -> Result<(), String> {
        let knowledge = self.dice.percent(25);
        let mut authors = vec![];
        for (device, unit, _) in city::devices().into_iter().take(6) {
            authors.push(Author { device, unit, dseq: 0, history: History::default() });
        }
        let count = 2 + self.dice.below(4);
        while authors.len() > count {
            let gone = 1 + self.dice.below(authors.len() - 1);
            authors.remove(gone);
        }
        self.begin(&mut authors[0], knowledge)?;
        for step in 0..acts * 8 {
            if self.made.len() >= acts {
                break;
            }
            if step < authors.len() || self.dice.percent(40) {
                self.gossip(&mut authors)?;
                continue;
            }
            let at = self.dice.below(authors.len());
            if authors[at].history.nodes().is_empty() {
                continue;
            }
            let Some(kind) = self.choose(&authors[at], knowledge) else { continue };
            let clone = authors[at].device != city::HUB && self.dice.percent(2);
            let twin = clone.then(|| (authors[at].dseq, authors[at].history.clone()));
            self.act(&mut authors[at], kind)?;
            if let Some((dseq, mut older)) = twin {
                // A cloned machine: the same identity again, from the older state.
                let author = &mut authors[at];
                let newer = std::mem::take(&mut older);
                let mine = std::mem::replace(&mut author.history, newer);
                let reached = std::mem::replace(&mut author.dseq, dseq);
                self.act(author, if knowledge { ActKind::ArticleEdit } else { ActKind::Note })?;
                author.history = mine;
                author.dseq = reached.max(author.dseq);
            }
        }
        Ok(())
    }

    fn begin(&mut self, author: &mut Author, knowledge: bool) -> Result<(), String> {
        let mut effects = vec![Effect::Register(Field::Title, Value::Segment(0))];
        let body = if knowledge {
            effects.push(Effect::Splice { position: 0, delete: 0, insert: Some(1) });
            Body::ArticleCreate
        } else {
            effects.push(Effect::Register(Field::Category, Value::Code("0101".to_owned())));
            Body::Register(Register {
                kind: *self.dice.pick(RequestKind::ALL),
                urgency: Urgency::Ordinary,
                channel: Channel::Telephone,
                raised_at: city::MONDAY_NOON,
                day: 20_760,
                serial: 1,
                confidential: false,
                anonymous: false,
                external: None,
                again: None,
                times: 1,
            })
        };
        let draft = Draft::new(body).text(["供暖不热", "三单元室温不到十六度"]).effects(effects);
        self.make(author, draft)
    }

    /// Mostly what the author's state allows, else anything.
    fn choose(&mut self, author: &Author, knowledge: bool) -> Option<ActKind> {
        if author.device == city::HUB && self.dice.percent(25) {
            let publish = knowledge && self.dice.percent(50);
            let by_itself = [ActKind::Settle, ActKind::Settle, ActKind::Witness, ActKind::Supervise];
            return Some(match (publish, knowledge) {
                (true, _) => ActKind::ArticlePublish,
                (false, true) => ActKind::Settle,
                (false, false) => *self.dice.pick(&by_itself),
            });
        }
        let standing = self.standing(author);
        let options = options::options(author.history.record(), &standing);
        let evil = self.dice.percent(12);
        let open: Vec<ActKind> = options.iter().filter(|(_, may)| evil || may.is_ok()).map(|(kind, _)| *kind).collect();
        (!open.is_empty()).then(|| *self.dice.pick(&open))
    }

    fn standing(&self, author: &Author) -> regulation::Author {
        let person = city::people(author.unit)[0];
        let at = self.registry.now();
        regulation::Author {
            unit: author.unit,
            level: at.level(author.unit),
            hub: author.device == city::HUB,
            person: Some(person),
            roles: at.roles(person, author.unit),
        }
    }

    fn act(&mut self, author: &mut Author, kind: ActKind) -> Result<(), String> {
        let answers = options::answers(author.history.record(), kind, author.unit);
        let named = matches!(kind, ActKind::Redact | ActKind::Ratify) || self.dice.percent(4);
        let answers = if named {
            let nodes = author.history.nodes();
            Some(nodes[self.dice.below(nodes.len())].id)
        } else {
            answers
        };
        let draft = self.draft(author, kind)?.answering(answers);
        self.make(author, draft)
    }

    fn draft(&mut self, author: &mut Author, kind: ActKind) -> Result<Draft, String> {
        let standing = self.standing(author);
        let body = bodies::any(&mut self.dice, kind, author.history.record(), &standing);
        let mut draft = Draft::new(body).text(["说明一下情况"]);
        match kind {
            ActKind::Note | ActKind::ArticleEdit => {
                let chars =
                    author.history.document().and_then(|d| d.text()).map_err(|e| e.to_string())?.chars().count();
                let position = self.dice.below(chars + 1);
                let delete = self.dice.below((chars - position).min(4) + 1);
                let beyond = usize::from(self.dice.percent(3)) * 1000;
                draft.effects = vec![Effect::Splice {
                    position: u32::try_from(position + beyond).unwrap_or(u32::MAX),
                    delete: u32::try_from(delete).unwrap_or(u32::MAX),
                    insert: (!self.dice.percent(20)).then_some(0),
                }];
                if self.dice.percent(30) && kind == ActKind::ArticleEdit {
                    draft.effects.push(Effect::Register(Field::Title, Value::Segment(0)));
                }
            }
            ActKind::Tag => {
                let tag = self.dice.pick(&["供暖", "老人", "重复", "噪声"]).to_string();
                draft.effects = vec![if self.dice.percent(60) { Effect::AddTag(tag) } else { Effect::RemoveTag(tag) }];
            }
            ActKind::Correct => {
                draft.effects = vec![if self.dice.percent(50) {
                    Effect::Register(Field::Title, Value::Segment(0))
                } else {
                    Effect::Register(Field::Place, Value::Code(format!("13062310{}", self.dice.below(5))))
                }];
            }
            _ => {}
        }
        Ok(draft)
    }

    fn make(&mut self, author: &mut Author, draft: Draft) -> Result<(), String> {
        author.dseq += 1;
        let supervises = draft.body.kind() == ActKind::Supervise && self.dice.percent(50);
        let hub_act = draft.body.kind().of_clock() || supervises;
        let person: PersonId = *self.dice.pick(&city::people(author.unit));
        let stamp = Stamp {
            device: author.device,
            epoch: 1,
            dseq: author.dseq,
            person: (!hub_act && !self.dice.percent(1)).then_some(person),
            registry: self.registry.versions(),
            // Clocks lie: no result may depend on them.
            time: city::MONDAY_NOON + i64::try_from(self.dice.below(1_000_000_000)).unwrap_or_default(),
            beacon: 0,
            salts: [self.dice.salt(), self.dice.salt()],
        };
        let (act, parts) = compose(&author.history, draft, stamp);
        let sealed = Sealed::new(&act, &city::key(author.device), parts);
        let decoded = Act::decode(&sealed.bytes).map_err(|e| e.to_string())?;
        if decoded != act {
            return Err("decoding does not give the act back".to_owned());
        }
        match judge(&mut author.history, &sealed, act, self.registry).map_err(|e| e.to_string())? {
            Judgement::Judged(node) => {
                self.made.push((sealed, node.verdict));
                author.history.insert(*node);
                Ok(())
            }
            other => Err(format!("an act of one's own is not judged: {other:?}")),
        }
    }

    /// One author sends another a causal prefix of what it holds.
    fn gossip(&mut self, authors: &mut [Author]) -> Result<(), String> {
        let (from, to) = (self.dice.below(authors.len()), self.dice.below(authors.len()));
        if from == to {
            return Ok(());
        }
        let cut = self.dice.percent(30);
        for (sealed, _) in &self.made {
            let id = sealed.id();
            if authors[from].history.node(id).is_none() || authors[to].history.node(id).is_some() {
                continue;
            }
            if cut && self.dice.percent(30) {
                continue;
            }
            let act = Act::decode(&sealed.bytes).map_err(|e| e.to_string())?;
            if let Judgement::Judged(node) =
                judge(&mut authors[to].history, sealed, act, self.registry).map_err(|e| e.to_string())?
            {
                authors[to].history.insert(*node);
            }
        }
        Ok(())
    }
}
