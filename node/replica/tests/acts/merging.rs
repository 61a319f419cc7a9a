//! What merges, against Automerge as it merges by itself: every act a transaction on a copy of the document at its past.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, TextEncoding};
use proptest::prelude::*;
use regulation::Body;
use replica::{Behind, Block, BlockId, Draft, Effect, Field, History, Node, PartKind, Registry, Sealed, Value};

use crate::city::{self, HUB, LAPTOP};

/// One effect of a draft: what, and three numbers that choose its particulars.
type Choice = (u8, prop::sample::Index, prop::sample::Index, u8);

/// An author hears of what another made, then edits.
#[derive(Clone, Debug)]
struct Step {
    author: usize,
    hears: Option<usize>,
    effects: Vec<Choice>,
}

fn step() -> impl Strategy<Value = Step> {
    let choice = (0u8..8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..5);
    (0usize..2, prop::option::of(0usize..2), prop::collection::vec(choice, 1..5))
        .prop_map(|(author, hears, effects)| Step { author, hears, effects })
}

const TAGS: [&str; 3] = ["供暖", "老人", "重复"];

/// Nobody writes what stands there already: Automerge then keeps one of what was written at once, and drops the rest.
fn draft(history: &mut History, choices: &[Choice], dseq: u64) -> Draft {
    let mut tags = history.document().unwrap().tags();
    let blocks = history.blocks_at(&[]).unwrap();
    let mut draft = Draft::new(Body::ArticleEdit);
    let (mut own, mut set) = (Vec::new(), BTreeSet::new());
    for (what, a, b, len) in choices {
        let segment = u8::try_from(draft.text.len()).unwrap();
        let text: String = "甲乙丙丁🏠".chars().cycle().skip(usize::from(*what)).take(1 + usize::from(*len)).collect();
        match what {
            0 => {
                let tag = TAGS[a.index(TAGS.len())];
                if tags.insert(tag.to_owned()) {
                    draft.effects.push(Effect::AddTag(tag.to_owned()));
                }
            }
            1 => {
                let Some(tag) = tags.iter().nth(a.index(tags.len().max(1))).cloned() else { continue };
                tags.remove(&tag);
                draft.effects.push(Effect::RemoveTag(tag));
            }
            2 => {
                draft.effects.push(Effect::Register(Field::Title, Value::Segment(segment)));
                draft.text.push(format!("{text}{dseq}.{}", draft.text.len()));
            }
            3 | 4 => {
                let block = &blocks[a.index(blocks.len())];
                if set.insert(block.id) {
                    let mut over: Vec<_> = block.values.iter().map(|value| value.act).collect();
                    over.sort_unstable();
                    let removes = *len == 0 && block.values.iter().all(|value| value.text.is_some());
                    draft.effects.push(Effect::Set { block: block.id, over, segment: (!removes).then_some(segment) });
                    draft.text.extend((!removes).then(|| format!("{text}{dseq}。")));
                }
            }
            _ => {
                let behind = match b.index(blocks.len() + own.len() + 1) {
                    0 => Behind::Start,
                    at if at <= blocks.len() => Behind::Block(blocks[at - 1].id),
                    at => Behind::Own(own[at - 1 - blocks.len()]),
                };
                own.push(u8::try_from(draft.effects.len()).unwrap());
                draft.effects.push(Effect::Insert { behind, segment });
                draft.text.push(format!("{text}。"));
            }
        }
    }
    if draft.effects.is_empty() {
        draft.effects.push(Effect::AddTag(format!("其他{dseq}")));
    }
    draft
}

/// The document as Automerge makes it.
struct Reference {
    doc: Automerge,
    tags: ObjId,
    list: ObjId,
}

impl Reference {
    fn of(nodes: &[Node]) -> Self {
        let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(ActorId::from([0u8; 16]));
        let make = |tx: &mut automerge::transaction::Transaction<'_>| {
            Ok::<_, automerge::AutomergeError>((
                tx.put_object(ROOT, "tags", ObjType::Map)?,
                tx.put_object(ROOT, "blocks", ObjType::List)?,
            ))
        };
        let (tags, list) = doc.transact_with(|_| CommitOptions::default().with_time(0), make).unwrap().result;
        let genesis = doc.get_heads()[0];
        let mut reference = Self { doc, tags, list };
        let (mut changes, mut set) = (BTreeMap::<usize, ChangeHash>::new(), Vec::<(ObjId, BlockId)>::new());
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.writes()) {
            let written: Vec<usize> = node.past.iter().filter(|act| changes.contains_key(act)).collect();
            let followed = |act: &usize| written.iter().any(|other| nodes[*other].past.contains(*act));
            let past: Vec<ChangeHash> = written.iter().filter(|act| !followed(act)).map(|act| changes[act]).collect();
            let past = if past.is_empty() { vec![genesis] } else { past };
            let mut fork = reference.doc.fork_at(&past).unwrap();
            fork.set_actor(ActorId::from(&node.id.0[..16]));
            let mut tx = fork.transaction();
            for (effect, place) in node.act.effects.iter().zip(0..) {
                let segment = |index: u8| node.segment(PartKind::Text, usize::from(index)).unwrap();
                match effect {
                    Effect::Register(field, Value::Code(code)) => tx.put(ROOT, field.code(), code.as_str()).unwrap(),
                    Effect::Register(field, Value::Segment(index)) => {
                        tx.put(ROOT, field.code(), segment(*index)).unwrap();
                    }
                    Effect::AddTag(tag) => tx.put(&reference.tags, tag.as_str(), true).unwrap(),
                    Effect::RemoveTag(tag) => tx.delete(&reference.tags, tag.as_str()).unwrap(),
                    Effect::Insert { behind, segment: index } => {
                        let behind = match behind {
                            Behind::Start => None,
                            Behind::Own(own) => Some(BlockId { act: node.id, effect: *own }),
                            Behind::Block(block) => Some(*block),
                        };
                        let ids: Vec<ObjId> = tx.list_range(&reference.list, ..).map(|item| item.id()).collect();
                        let at = behind.map_or(0, |block| place_of(&set, &ids, &block) + 1);
                        tx.insert(&reference.list, at, segment(*index)).unwrap();
                        let (_, id) = tx.get(&reference.list, at).unwrap().unwrap();
                        set.push((id, BlockId { act: node.id, effect: place }));
                    }
                    Effect::Set { block, segment: index, .. } => {
                        let ids: Vec<ObjId> = tx.list_range(&reference.list, ..).map(|item| item.id()).collect();
                        let at = place_of(&set, &ids, block);
                        match index {
                            Some(index) => tx.put(&reference.list, at, segment(*index)).unwrap(),
                            None => tx.put(&reference.list, at, ()).unwrap(),
                        }
                        let (_, id) = tx.get(&reference.list, at).unwrap().unwrap();
                        set.push((id, *block));
                    }
                }
            }
            let hash = tx.commit_with(CommitOptions::default().with_time(0)).0;
            let hash = hash.unwrap_or_else(|| fork.empty_commit(CommitOptions::default().with_time(0)));
            reference.doc.apply_changes(fork.get_change_by_hash(&hash)).unwrap();
            changes.insert(index, hash);
        }
        reference
    }

    /// Values of each block in their order, the newest first.
    fn blocks(&self) -> Vec<Vec<Option<String>>> {
        let values = |at: usize| {
            let values = self.doc.get_all(&self.list, at).unwrap().into_iter().rev();
            values.map(|(value, _)| value.as_str().map(str::to_owned)).collect()
        };
        (0..self.doc.length(&self.list)).map(values).collect()
    }

    fn tags(&self) -> BTreeSet<String> {
        self.doc.keys(&self.tags).collect()
    }

    fn titles(&self) -> BTreeSet<String> {
        let values = self.doc.get_all(ROOT, Field::Title.code()).unwrap();
        values.into_iter().filter_map(|(value, _)| value.as_str().map(str::to_owned)).collect()
    }
}

/// Where a past has a block: by what stands there, which somebody set.
fn place_of(set: &[(ObjId, BlockId)], ids: &[ObjId], block: &BlockId) -> usize {
    ids.iter().position(|id| set.iter().any(|(op, of)| op == id && of == block)).unwrap()
}

/// Lets authors edit an article apart from each other; every act, in an order in which it can be taken in.
fn edited(registry: &Registry, steps: &[Step]) -> Vec<Sealed> {
    let mut first = History::default();
    let mut made = vec![city::make(registry, &mut first, LAPTOP, 1, city::article())];
    let mut authors = vec![first; 2];
    for (dseq, step) in (2..).zip(steps) {
        if let Some(other) = step.hears.filter(|other| *other != step.author) {
            let ids: BTreeSet<_> = authors[other].nodes().iter().map(|node| node.id).collect();
            for act in made.iter().filter(|act| ids.contains(&act.id())) {
                let _ = city::take(registry, &mut authors[step.author], act);
            }
        }
        let history = &mut authors[step.author];
        let draft = draft(history, &step.effects, dseq);
        // Each device has an epoch of its own: what one epoch makes at once counts but once.
        made.push(city::make(registry, history, [LAPTOP, HUB][step.author], dseq, draft));
    }
    made
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn blocks_registers_and_tags_merge_as_automerge_merges_them(steps in prop::collection::vec(step(), 1..16)) {
        let registry = city::registry();
        let made = edited(&registry, &steps);
        let mut history = city::history(&registry, &made.iter().collect::<Vec<_>>());
        let reference = Reference::of(history.nodes());
        let document = history.document().unwrap();
        let blocks = document.blocks().unwrap();
        let of = |block: &Block| block.values.iter().map(|value| value.text.clone()).collect();
        prop_assert_eq!(blocks.iter().map(of).collect::<Vec<Vec<_>>>(), reference.blocks());
        prop_assert_eq!(document.tags(), reference.tags());
        let titles: BTreeSet<String> = document.register(Field::Title).unwrap().into_iter().collect();
        prop_assert_eq!(titles, reference.titles());
        // What is looked at as the past of its own heads is what stands there.
        let writers = history.writers();
        prop_assert_eq!(history.blocks_at(&writers).unwrap(), blocks);
        // And as each act found it, it is what it was when nothing else was here.
        for node in history.nodes().to_vec() {
            let upto: Vec<&Sealed> = made.iter().filter(|act| {
                history.index_of(act.id()).is_some_and(|index| node.past.contains(index))
            }).collect();
            let mut then = city::history(&registry, &upto);
            let found = if upto.is_empty() { Vec::new() } else { then.blocks_at(&[]).unwrap() };
            if !upto.is_empty() {
                prop_assert_eq!(history.blocks_before(node.id).unwrap(), found);
            }
        }
    }

    #[test]
    fn what_is_typed_is_what_stands_there_and_nothing_of_others_goes(
        steps in prop::collection::vec(step(), 1..8), typed in "[甲乙。\n]{1,14}", late in any::<bool>(),
    ) {
        let typed = typed.trim_matches('\n');
        prop_assume!(!typed.is_empty());
        let registry = city::registry();
        let made = edited(&registry, &steps);
        let mut history = city::history(&registry, &made.iter().collect::<Vec<_>>());
        let base = history.writers();
        if late {
            // Somebody writes at the end while it is being typed.
            let end = history.blocks_at(&[]).unwrap().last().unwrap().id;
            let effects = vec![Effect::Insert { behind: Behind::Block(end), segment: 0 }];
            let other = Draft::new(Body::ArticleEdit).text(["\n后来"]).effects(effects);
            city::make(&registry, &mut history, LAPTOP, 100, other);
        }
        let mut draft = Draft::new(Body::ArticleEdit);
        history.edit(&base, typed, draft.writing()).unwrap();
        if !draft.effects.is_empty() {
            city::make(&registry, &mut history, LAPTOP, 101, draft);
        }
        let text = history.document().unwrap().text().unwrap();
        if late {
            let rest = text.replacen("\n后来", "", 1);
            prop_assert_eq!(rest.trim_start_matches('\n'), typed);
            prop_assert!(text.contains("后来"));
        } else {
            prop_assert_eq!(text, typed);
        }
    }
}
