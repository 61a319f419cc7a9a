//! What merges, against Automerge as it merges by itself: every act a transaction on a copy of the document at its past.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, TextEncoding};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use regulation::Body;
use replica::graph::frontier;
use replica::{Draft, Effect, Field, History, Node, PartKind, Registry, Sealed, Value, Verdict};

use crate::city::{self, LAPTOP};

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
    (0usize..3, prop::option::of(0usize..3), prop::collection::vec(choice, 1..5))
        .prop_map(|(author, hears, effects)| Step { author, hears, effects })
}

const TAGS: [&str; 3] = ["供暖", "老人", "重复"];

/// Nobody writes what stands there already: Automerge then keeps one of what was written at once, and drops the rest.
fn draft(history: &mut History, choices: &[Choice], dseq: u64) -> Draft {
    let document = history.document().unwrap();
    let (mut chars, mut tags) = (document.text().chars().count(), document.tags());
    let mut draft = Draft::new(Body::ArticleEdit);
    for (what, a, b, len) in choices {
        let segment = u8::try_from(draft.text.len()).unwrap();
        let text: String = "甲乙丙丁🏠".chars().cycle().skip(usize::from(*what)).take(usize::from(*len)).collect();
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
            _ => {
                let position = a.index(chars + 1);
                let delete = b.index((chars - position).min(6) + 1);
                chars = chars - delete + text.chars().count();
                let insert = (*len > 0).then_some(segment);
                let (position, delete) = (u32::try_from(position).unwrap(), u32::try_from(delete).unwrap());
                draft.effects.push(Effect::Splice { position, delete, insert });
                draft.text.extend(insert.map(|_| text));
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
    text: ObjId,
    changes: BTreeMap<usize, ChangeHash>,
}

impl Reference {
    /// Of the text alone, or of all else.
    fn of(nodes: &[Node], text_alone: bool) -> Self {
        let mut doc = Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint).with_actor(ActorId::from([0u8; 16]));
        let make = |tx: &mut automerge::transaction::Transaction<'_>| {
            Ok::<_, automerge::AutomergeError>((
                tx.put_object(ROOT, "tags", ObjType::Map)?,
                tx.put_object(ROOT, "text", ObjType::Text)?,
            ))
        };
        let (tags, text) = doc.transact_with(|_| CommitOptions::default().with_time(0), make).unwrap().result;
        let genesis = doc.get_heads()[0];
        let mut reference = Self { doc, tags, text, changes: BTreeMap::new() };
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.writes()) {
            let past = frontier(nodes, &node.deps).into_iter().map(|act| reference.changes[&act]);
            let past: Vec<ChangeHash> = past.collect();
            let past = if past.is_empty() { vec![genesis] } else { past };
            let mut fork = reference.doc.fork_at(&past).unwrap();
            fork.set_actor(ActorId::from(&node.id.0[..16]));
            let mut tx = fork.transaction();
            for effect in node.act.effects.iter().filter(|e| matches!(e, Effect::Splice { .. }) == text_alone) {
                let segment = |index: u8| node.segment(PartKind::Text, usize::from(index)).unwrap();
                match effect {
                    Effect::Register(field, Value::Code(code)) => tx.put(ROOT, field.code(), code.as_str()).unwrap(),
                    Effect::Register(field, Value::Segment(index)) => {
                        tx.put(ROOT, field.code(), segment(*index)).unwrap();
                    }
                    Effect::AddTag(tag) => tx.put(&reference.tags, tag.as_str(), true).unwrap(),
                    Effect::RemoveTag(tag) => tx.delete(&reference.tags, tag.as_str()).unwrap(),
                    Effect::Splice { position, delete, insert } => {
                        let insert = insert.map(segment).unwrap_or_default();
                        let delete = isize::try_from(*delete).unwrap();
                        tx.splice_text(&reference.text, *position as usize, delete, &insert).unwrap();
                    }
                }
            }
            let hash = tx.commit_with(CommitOptions::default().with_time(0)).0;
            let hash = hash.unwrap_or_else(|| fork.empty_commit(CommitOptions::default().with_time(0)));
            reference.doc.apply_changes(fork.get_change_by_hash(&hash)).unwrap();
            reference.changes.insert(index, hash);
        }
        reference
    }

    fn text(&self) -> String {
        self.doc.text(&self.text).unwrap()
    }

    fn tags(&self) -> BTreeSet<String> {
        self.doc.keys(&self.tags).collect()
    }

    fn titles(&self) -> BTreeSet<String> {
        let values = self.doc.get_all(ROOT, Field::Title.code()).unwrap();
        values.into_iter().filter_map(|(value, _)| value.as_str().map(str::to_owned)).collect()
    }
}

/// Lets authors edit an article apart from each other; every act, in an order in which it can be taken in.
fn edited(registry: &Registry, steps: &[Step]) -> Vec<Sealed> {
    let mut first = History::default();
    let mut made = vec![city::make(registry, &mut first, LAPTOP, 1, city::article())];
    let mut authors = vec![first; 3];
    for (dseq, step) in (2..).zip(steps) {
        if let Some(other) = step.hears.filter(|other| *other != step.author) {
            let ids: BTreeSet<_> = authors[other].nodes().iter().map(|node| node.id).collect();
            for act in made.iter().filter(|act| ids.contains(&act.id())) {
                let _ = city::take(registry, &mut authors[step.author], act);
            }
        }
        let history = &mut authors[step.author];
        let draft = draft(history, &step.effects, dseq);
        made.push(city::make(registry, history, LAPTOP, dseq, draft));
    }
    made
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(5),
        ..ProptestConfig::default()
    })]

    #[test]
    fn text_registers_and_tags_merge_as_automerge_merges_them(steps in prop::collection::vec(step(), 1..16)) {
        let registry = city::registry();
        let made = edited(&registry, &steps);
        let mut history = city::history(&registry, &made.iter().collect::<Vec<_>>());
        let (text, reference) = (Reference::of(history.nodes(), true).text(), Reference::of(history.nodes(), false));
        let document = history.document().unwrap();
        prop_assert_eq!(document.text(), &text);
        prop_assert_eq!(document.tags(), reference.tags());
        let titles: BTreeSet<String> = document.register(Field::Title).unwrap().into_iter().collect();
        prop_assert_eq!(titles, reference.titles());
        // With every text withheld the same stands there, as far as lengths go.
        let bare: Vec<Sealed> = made.iter().map(|act| Sealed { parts: Vec::new(), ..act.clone() }).collect();
        let mut bare = city::history(&registry, &bare.iter().collect::<Vec<_>>());
        prop_assert_eq!(bare.document().unwrap().text().chars().count(), text.chars().count());
    }

    #[test]
    fn what_is_typed_is_what_stands_there_and_nothing_of_others_goes(
        steps in prop::collection::vec(step(), 1..8), typed in "[甲乙x\n]{0,12}", late in any::<bool>(),
    ) {
        let registry = city::registry();
        let made = edited(&registry, &steps);
        let mut history = city::history(&registry, &made.iter().collect::<Vec<_>>());
        let base = history.deps();
        if late {
            // Somebody writes at the end while it is being typed.
            let end = u32::try_from(history.document().unwrap().text().chars().count()).unwrap();
            let mut other = Draft::new(Body::ArticleEdit).text(["后来"]);
            other.effects = vec![Effect::Splice { position: end, delete: 0, insert: Some(0) }];
            city::make(&registry, &mut history, LAPTOP, 100, other);
        }
        let mut draft = Draft::new(Body::ArticleEdit);
        for splice in history.edit(&base, &typed) {
            let insert = (!splice.insert.is_empty()).then(|| u8::try_from(draft.text.len()).unwrap());
            draft.text.extend(insert.map(|_| splice.insert.clone()));
            let position = u32::try_from(splice.position).unwrap();
            let delete = u32::try_from(splice.delete).unwrap();
            draft.effects.push(Effect::Splice { position, delete, insert });
        }
        if !draft.effects.is_empty() {
            city::make(&registry, &mut history, LAPTOP, 101, draft);
        }
        let text = history.document().unwrap().text().to_owned();
        if late {
            prop_assert_eq!(text.replace("后来", ""), typed);
            prop_assert!(text.contains("后来"));
        } else {
            prop_assert_eq!(text, typed);
        }
    }
}

#[test]
fn edit_over_text_that_is_withheld_moves_what_stands_behind_it() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let long = "字".repeat(30_000);
    let mut acts = vec![city::seal(&registry, &history, LAPTOP, 2, city::note(0, &long)).1];
    let mut whole = history.clone();
    city::take(&registry, &mut whole, &acts[0]).unwrap();
    acts.push(city::make(&registry, &mut whole, LAPTOP, 3, city::note(30_000, "结尾")));
    let mut bare = history;
    for act in &acts {
        let parts = if act.id() == acts[0].id() { Vec::new() } else { act.parts.clone() };
        assert_eq!(city::take(&registry, &mut bare, &Sealed { parts, ..act.clone() }), Ok(Verdict::Admitted));
    }
    let shown = bare.document().unwrap().text().to_owned();
    assert_eq!(shown.chars().count(), replica::limits::WITHHELD_CHARS_MAX + 2, "a long stretch is shown shortened");
    let typed = format!("开头{}", shown.replace("结尾", "结束"));
    let splices = bare.edit(&[], &typed);
    let places: Vec<(usize, usize, &str)> =
        splices.iter().map(|splice| (splice.position, splice.delete, splice.insert.as_str())).collect();
    assert_eq!(places, [(0, 0, "开头"), (30_003, 1, "束")], "places count all that is withheld");
}
