//! Making a history: two to five authors who work apart, hear of each other in part, and now and then do what they may
//! not.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regulation::act::{Body, Register, RequestKind};
use regulation::kind::Trait;
use regulation::{ActKind, DeviceId, PersonId, Rule, UnitId, decide, options};
use replica::history::Sabotage;
use replica::{
    Act, Behind, Block, BlockId, DeviceKey, Draft, Effect, Field, History, Judgement, Registry, Sealed, Stamp, Value,
    Verdict, compose, judge, weigh,
};

use crate::dice::Dice;
use crate::{bodies, city};

/// The devices that take part, with their keys: to derive a key costs as much as to sign.
static DEVICES: LazyLock<Vec<(DeviceId, UnitId, DeviceKey)>> = LazyLock::new(|| {
    city::devices().into_iter().take(6).map(|(device, unit, _)| (device, unit, city::key(device))).collect()
});

/// An act with what its author found of it.
pub(super) struct Made {
    pub sealed: Sealed,
    /// The act that `sealed` decodes to.
    pub act: Act,
    pub verdict: Verdict,
}

/// A device at which somebody works.
pub(super) struct Author {
    device: DeviceId,
    key: DeviceKey,
    unit: UnitId,
    dseq: u64,
    /// It has heard that another edition of the rules is in force.
    pub knows: bool,
    pub history: History,
}

/// A history in the making.
pub(super) struct World<'r> {
    pub registry: &'r Registry,
    /// The registry as it is from the middle on, if another edition of the rules comes into force.
    pub after: Option<&'r Registry>,
    pub dice: Dice,
    /// Every act, in the order of making.
    pub made: Vec<Made>,
    pub authors: Vec<Author>,
    /// What is wrong where it is replayed.
    pub sabotage: Sabotage,
}

impl<'r> World<'r> {
    /// Lets two to five authors work and gossip until `acts` acts are made.
    pub fn live(&mut self, acts: usize) -> Result<(), String> {
        let knowledge = self.dice.percent(25);
        let mut authors = vec![];
        for (device, unit, key) in DEVICES.iter() {
            let (device, unit, key) = (*device, *unit, key.clone());
            authors.push(Author { device, unit, key, dseq: 0, knows: false, history: History::default() });
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
            if self.made.len() * 2 >= acts && authors.iter().all(|author| !author.knows) {
                self.hear(&mut authors[0]);
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
        self.authors = authors;
        Ok(())
    }

    /// The registry as the newest of these know it.
    pub fn known(&self, knows: bool) -> &'r Registry {
        self.after.filter(|_| knows).unwrap_or(self.registry)
    }

    fn hear(&self, author: &mut Author) {
        if let Some(after) = self.after.filter(|_| !author.knows) {
            author.knows = true;
            author.history.weigh_by(after.now().edition());
        }
    }

    fn begin(&mut self, author: &mut Author, knowledge: bool) -> Result<(), String> {
        let mut effects = vec![Effect::Register(Field::Title, Value::Segment(0))];
        let body = if knowledge {
            effects.push(Effect::Insert { behind: Behind::Start, segment: 1 });
            Body::ArticleCreate
        } else {
            effects.push(Effect::Register(Field::Category, Value::Code("0101".to_owned())));
            Body::Register(Register {
                kind: *self.dice.pick(RequestKind::ALL),
                raised_at: city::MONDAY_NOON,
                day: 20_760,
                ..Register::sample()
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
        if self.after.is_some() && !knowledge && self.dice.percent(25) {
            return Some(ActKind::Urge);
        }
        let standing = self.standing(author);
        let edition = self.known(author.knows).now().edition();
        let options = options::options(author.history.record(), &standing, edition);
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
        let named = matches!(kind, ActKind::Redact | ActKind::Ratify) || kind.has(Trait::Card) || self.dice.percent(4);
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
        if kind.segments() > 1 {
            draft.text.push("石家庄热线".to_owned());
        }
        match kind {
            ActKind::ArticleEdit => {
                let blocks = author.history.blocks_at(&[]).map_err(|e| e.to_string())?;
                let mut set = BTreeSet::new();
                for _ in 0..1 + self.dice.below(2) {
                    let effect = self.block(&blocks);
                    // No act sets one block twice: it would be malformed.
                    if !matches!(&effect, Effect::Set { block, .. } if !set.insert(*block)) {
                        draft.effects.push(effect);
                    }
                }
                if self.dice.percent(30) {
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

    /// A block is put behind another, or set over what stands there: mostly all of it. Some are of no act.
    fn block(&mut self, blocks: &[Block]) -> Effect {
        let at = self.dice.below(blocks.len() + 1);
        let nowhere = BlockId { act: regulation::ActId([7; 32]), effect: 0 };
        match blocks.get(at) {
            Some(block) if self.dice.percent(60) => {
                let mut over: Vec<_> = block.values.iter().map(|value| value.act).collect();
                if over.len() > 1 && self.dice.percent(30) {
                    over.remove(self.dice.below(over.len()));
                }
                over.sort_unstable();
                let id = if self.dice.percent(3) { BlockId { effect: 99, ..block.id } } else { block.id };
                Effect::Set { block: id, over, segment: (!self.dice.percent(20)).then_some(0) }
            }
            Some(block) => Effect::Insert { behind: Behind::Block(block.id), segment: 0 },
            None if self.dice.percent(5) => Effect::Insert { behind: Behind::Block(nowhere), segment: 0 },
            None => Effect::Insert { behind: Behind::Start, segment: 0 },
        }
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
            registry: self.known(author.knows).versions(),
            // Clocks lie: no result may depend on them.
            time: city::MONDAY_NOON + i64::try_from(self.dice.below(1_000_000_000)).unwrap_or_default(),
            beacon: 0,
            salts: [self.dice.salt(), self.dice.salt()],
        };
        let (act, parts) = compose(&author.history, draft, stamp);
        let sealed = Sealed::new(&act, &author.key, parts);
        let decoded = Act::decode(&sealed.bytes).map_err(|e| e.to_string())?;
        if decoded != act {
            return Err("decoding does not give the act back".to_owned());
        }
        let registry = self.known(author.knows);
        match judge(&mut author.history, &sealed, decoded, registry).map_err(|e| e.to_string())? {
            Judgement::Judged(node) => {
                agrees(&author.history, &node)?;
                self.made.push(Made { sealed, act, verdict: node.verdict });
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
        if authors[from].knows {
            self.hear(&mut authors[to]);
        }
        let registry = self.known(authors[to].knows);
        for made in &self.made {
            let id = made.sealed.id();
            if authors[from].history.node(id).is_none() || authors[to].history.node(id).is_some() {
                continue;
            }
            if cut && self.dice.percent(30) {
                continue;
            }
            take(&mut authors[to].history, made, registry)?;
        }
        Ok(())
    }
}

/// Judges an act and takes it in; false if something is missing that it hangs on.
///
/// # Errors
/// It is refused, or found otherwise than its author found it.
pub(super) fn take(history: &mut History, made: &Made, registry: &Registry) -> Result<bool, String> {
    match judged(history, &made.sealed, made.act.clone(), registry)? {
        Judgement::Held(_) => Ok(false),
        Judgement::Refused(why) => Err(format!("refused: {why}")),
        Judgement::Judged(node) if node.verdict != made.verdict => {
            let lead = history.fold_of(&node.past).record.ticket().and_then(|t| t.lead().map(|lead| lead.unit));
            let (unit, rank) = (node.fact.author.unit, node.rank);
            Err(format!(
                "admission {:?}, its author saw {:?}: {:?} of {unit:?} as {rank:?}, lead {lead:?}",
                node.verdict,
                made.verdict,
                node.fact.body.kind()
            ))
        }
        Judgement::Judged(node) => {
            history.insert(*node);
            Ok(true)
        }
    }
}

/// Judges an act; one that is not signed is only weighed.
///
/// # Errors
/// A document could not be rebuilt.
pub(super) fn judged(
    history: &mut History,
    sealed: &Sealed,
    act: Act,
    registry: &Registry,
) -> Result<Judgement, String> {
    let judge = if sealed.signatures.is_empty() { weigh } else { judge };
    judge(history, sealed, act, registry).map_err(|e| e.to_string())
}

/// What `decide` says to somebody about to act is what admission finds, but for what it cannot see: the envelope.
fn agrees(history: &History, node: &replica::Node) -> Result<(), String> {
    let envelope = |rule| {
        use Rule as R;
        matches!(
            rule,
            R::TooLong
                | R::NumberNotRising
                | R::TooManyEpochs
                | R::AllowanceUsed
                | R::RoomReserved
                | R::NamesIdle
                | R::RegistryBehind
                | R::NoSuchUnit
                | R::PersonMissing
                | R::NotCovered
                | R::NotBelow
                | R::NotAbove
                | R::NothingToRedact
                | R::Concerned
                | R::NothingToRatify
                | R::NothingFell
                | R::TextMissing
                | R::NoSuchCategory
                | R::EffectMissing
                | R::EffectOutOfPlace
                | R::TextUndecided
        )
    };
    let decided = decide(history.record(), &node.fact);
    let ratifies = matches!(node.fact.body.kind(), ActKind::Ratify | ActKind::Confirm);
    let reviews = node.fact.body.kind() == ActKind::ArticleReview;
    let same = match (decided, node.verdict) {
        // What is ratified must itself be lawful, and be a clone's: the record does not know.
        (Ok(()), Verdict::Unlawful(_)) if ratifies => true,
        // Which units lie below a county says the registry.
        (_, Verdict::Unlawful(regulation::Rule::OwnerOnly)) if reviews => true,
        (Ok(()), Verdict::Admitted) => true,
        (Err(broken), Verdict::Unlawful(rule)) => broken.rule == rule || envelope(rule),
        (Ok(()), Verdict::Unlawful(rule)) => envelope(rule),
        (Err(_), Verdict::Admitted) => false,
    };
    if same { Ok(()) } else { Err(format!("decided {decided:?}, admission {:?}", node.verdict)) }
}
