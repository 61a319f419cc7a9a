//! Which change each act becomes, and what it wrote where: all of a document but Automerge's own part of it. What an act
//! becomes hangs on its past alone.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ExpandedChange, ObjId, ScalarValue};
use regulation::ActId;

use crate::effect::{Behind, BlockId, Effect, Field, Value};
use crate::graph::{ActSet, Node, maximal};
use crate::part::PartKind;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    genesis: ChangeHash,
    made: BTreeMap<usize, Made>,
    /// Acts that counted when they were taken in.
    drawn: ActSet,
    /// Per act: the maximal acts in its past, itself included, that became a change.
    frontiers: Vec<Vec<usize>>,
    /// Who wrote a register, tag or block, in the order of their places.
    touched: BTreeMap<Place, Vec<Touch>>,
    /// The operation that brought each block.
    elements: BTreeMap<BlockId, OpId>,
    /// What each operation on a block set, and by which act.
    values: BTreeMap<(ActorId, u64), (BlockId, ActId)>,
}

/// The change of an act, and the number of its last operation.
#[derive(Clone, Copy, Debug)]
struct Made {
    hash: ChangeHash,
    last: u64,
}

/// What one operation writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Register(Field),
    Tag(String),
    Block(BlockId),
}

/// The last operation of an act on a place.
#[derive(Clone, Debug)]
pub(super) struct Touch {
    pub act: usize,
    pub number: u64,
    /// What it put there; `None` if it removed what was there.
    pub value: Option<ScalarValue>,
    /// The acts whose values it replaced.
    pub over: Vec<usize>,
}

/// The operations of the first change: the map of tags and the list of blocks.
const GENESIS_OPS: u64 = 2;

pub(super) fn genesis_actor() -> ActorId {
    ActorId::from([0u8; 16])
}

/// The object that an operation of the first change made.
fn genesis_object(number: u64) -> ObjectId {
    ObjectId::Id(OpId::new(number, &genesis_actor()))
}

impl Drawing {
    /// Nothing but the first change.
    pub fn new(genesis: ChangeHash) -> Self {
        Self {
            genesis,
            made: BTreeMap::new(),
            drawn: ActSet::default(),
            frontiers: Vec::new(),
            touched: BTreeMap::new(),
            elements: BTreeMap::new(),
            values: BTreeMap::new(),
        }
    }

    /// Whether it holds what counts of the acts that it has seen, and nothing else.
    pub fn goes_on(&self, view: &ActSet) -> bool {
        (0..self.frontiers.len()).all(|index| self.drawn.contains(index) == view.contains(index))
    }

    /// Draws what the acts wrote that came since and count: their changes, in the order of their places.
    pub fn draw(&mut self, nodes: &[Node], view: &ActSet) -> Vec<Change> {
        let mut changes = Vec::new();
        for (index, node) in nodes.iter().enumerate().skip(self.frontiers.len()) {
            let found = node.deps.iter().flat_map(|dep| self.frontiers[*dep].iter().copied()).collect();
            let found = maximal(nodes, found);
            let counts = view.contains(index);
            let change = if counts && node.writes() { self.change(nodes, index, &found) } else { None };
            if counts {
                self.drawn.insert(index);
            }
            self.frontiers.push(if change.is_some() { vec![index] } else { found });
            changes.extend(change);
        }
        changes
    }

    /// The heads of what these of the acts that were drawn came to, all that they follow among them: sorted.
    pub fn heads(&self, nodes: &[Node], of: &ActSet) -> Vec<[u8; 32]> {
        let heads = maximal(nodes, self.made.keys().copied().filter(|act| of.contains(*act)).collect());
        let mut heads: Vec<[u8; 32]> = heads.into_iter().map(|act| self.made[&act].hash.0).collect();
        if heads.is_empty() {
            heads.push(self.genesis.0);
        }
        heads.sort_unstable();
        heads
    }

    /// The change that an act makes of what it found; `None` if that is as it should be already.
    fn change(&mut self, nodes: &[Node], index: usize, found: &[usize]) -> Option<Change> {
        let node = &nodes[index];
        let mut deps: Vec<ChangeHash> = found.iter().map(|act| self.made[act].hash).collect();
        if deps.is_empty() {
            deps.push(self.genesis);
        }
        deps.sort_unstable();
        let start = found.iter().map(|act| self.made[act].last).max().unwrap_or(GENESIS_OPS) + 1;
        let actor = actor(node);
        let mut operations: Vec<Op> = Vec::new();
        let mut own: BTreeMap<Place, Touch> = BTreeMap::new();
        let segments = node.segments(PartKind::Text);
        for (effect, place) in node.act.effects.iter().zip(0..=u8::MAX) {
            let Some((place, value)) = written(node.id, place, &segments, effect) else { continue };
            let number = start + operations.len() as u64;
            if let Place::Block(block) = &place {
                self.values.insert((actor.clone(), number), (*block, node.id));
            }
            let stands = match (own.get(&place), effect) {
                (Some(touch), _) => touch.value.as_ref().map(|_| touch).into_iter().collect(),
                (None, Effect::Set { over, .. }) => self.named(nodes, &place, over),
                (None, _) => self.at(nodes, &place, &node.past),
            };
            // It is as it should be: nothing to remove, or the one value that stands there. A value of a block is always
            // written: it says who has chosen.
            match (&value, stands.as_slice()) {
                (None, []) => continue,
                (Some(_), [touch]) if touch.value == value && !matches!(place, Place::Block(_)) => continue,
                _ => {}
            }
            let pred = stands.iter().map(|touch| OpId::new(touch.number, &self::actor(&nodes[touch.act]))).collect();
            let over = stands.iter().map(|touch| touch.act).collect();
            let (obj, key) = match (&place, effect) {
                (Place::Register(field), _) => (ObjectId::Root, Key::Map(field.code().into())),
                (Place::Tag(tag), _) => (genesis_object(1), Key::Map(tag.as_str().into())),
                (Place::Block(_), Effect::Insert { behind, .. }) => (genesis_object(2), self.behind(node.id, behind)),
                (Place::Block(block), _) => (genesis_object(2), self.element(block)),
            };
            let insert = matches!(effect, Effect::Insert { .. });
            if let (Place::Block(block), true) = (&place, insert) {
                self.elements.insert(*block, OpId::new(number, &actor));
            }
            let action = value.clone().map_or(OpType::Delete, OpType::Put);
            operations.push(Op { action, obj, key, pred, insert });
            own.insert(place, Touch { act: index, number, value, over });
        }
        let last = start + (operations.len() as u64).checked_sub(1)?;
        let change = Change::from(ExpandedChange {
            operations,
            actor_id: actor.clone(),
            hash: None,
            seq: 1,
            start_op: NonZeroU64::new(start)?,
            time: 0,
            message: None,
            deps,
            extra_bytes: Vec::new(),
            author: None,
        });
        self.made.insert(index, Made { hash: change.hash(), last });
        for (place, touch) in own {
            self.touched.entry(place).or_default().push(touch);
        }
        Some(change)
    }

    /// Where a block stands.
    fn element(&self, block: &BlockId) -> Key {
        // Admission has checked that there is such a block.
        Key::Seq(self.elements.get(block).cloned().map_or(ElementId::Head, ElementId::Id))
    }

    /// What a new block of an act stands behind.
    fn behind(&self, act: ActId, behind: &Behind) -> Key {
        match behind {
            Behind::Start => Key::Seq(ElementId::Head),
            Behind::Own(effect) => self.element(&BlockId { act, effect: *effect }),
            Behind::Block(block) => self.element(block),
        }
    }

    /// The values at a place that these acts put there.
    fn named(&self, nodes: &[Node], place: &Place, acts: &[ActId]) -> Vec<&Touch> {
        let touched = self.touched.get(place).map_or(&[][..], Vec::as_slice);
        touched.iter().filter(|touch| acts.contains(&nodes[touch.act].id)).collect()
    }

    /// The operations whose values stand at a place in a past: nobody there has overwritten them.
    fn at(&self, nodes: &[Node], place: &Place, past: &ActSet) -> Vec<&Touch> {
        let touched = self.touched.get(place).map_or(&[][..], Vec::as_slice);
        let mut followed = ActSet::default();
        let mut stands = Vec::new();
        for touch in touched.iter().rev().filter(|touch| past.contains(touch.act)) {
            if followed.contains(touch.act) {
                continue;
            }
            followed.extend(&nodes[touch.act].past);
            stands.extend(touch.value.as_ref().map(|_| touch));
        }
        stands
    }

    /// The block that an operation set, and the act that did.
    pub fn value(&self, op: &ObjId) -> Option<(BlockId, ActId)> {
        match op {
            ObjId::Id(number, actor, _) => self.values.get(&(actor.clone(), *number)).copied(),
            ObjId::Root => None,
        }
    }

    /// Who wrote a block.
    pub fn wrote(&self, block: BlockId) -> &[Touch] {
        self.touched.get(&Place::Block(block)).map_or(&[][..], Vec::as_slice)
    }
}

fn actor(node: &Node) -> ActorId {
    let mut actor = [0; 16];
    actor.copy_from_slice(&node.id.0[..16]);
    ActorId::from(actor)
}

/// What an effect of an act writes where, `None` for what it removes.
fn written(act: ActId, place: u8, segments: &[String], effect: &Effect) -> Option<(Place, Option<ScalarValue>)> {
    let text = |segment: u8| Some(ScalarValue::from(segments.get(usize::from(segment))?.as_str()));
    Some(match effect {
        Effect::Register(field, Value::Code(code)) => (Place::Register(*field), Some(code.as_str().into())),
        Effect::Register(field, Value::Segment(segment)) => (Place::Register(*field), Some(text(*segment)?)),
        Effect::AddTag(tag) => (Place::Tag(tag.clone()), Some(true.into())),
        Effect::RemoveTag(tag) => (Place::Tag(tag.clone()), None),
        Effect::Insert { segment, .. } => (Place::Block(BlockId { act, effect: place }), Some(text(*segment)?)),
        Effect::Set { block, segment: Some(segment), .. } => (Place::Block(*block), Some(text(*segment)?)),
        Effect::Set { block, segment: None, .. } => (Place::Block(*block), Some(ScalarValue::Null)),
    })
}
