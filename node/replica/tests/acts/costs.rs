//! What an act weighs at whoever holds it is bounded by its bytes and by what was written in its past, whatever it says.

use regulation::Body;
use replica::limits::{
    BLOCK_CHARS_MAX, BLOCK_VALUES_MAX, EFFECTS_MAX, EPOCHS_MAX, PART_CHARS_MAX, REGISTER_CHARS_MAX, SEGMENTS_MAX,
};
use replica::{Behind, BlockId, Draft, Effect, Field, History, Sealed, Value, Verdict};

use crate::city::{self, LAPTOP};

/// Bytes of memory for a byte of the act, for a block of its past, and for an act of its past.
const A_BYTE: usize = 40;
const A_BLOCK: usize = 120;
const AN_ACT: usize = 32;
/// For any act.
const ANY: usize = 4_096;

fn inserts(count: usize, of: impl Fn(u8) -> (Behind, u8)) -> Vec<Effect> {
    let insert = |n| {
        let (behind, segment) = of(n);
        Effect::Insert { behind, segment }
    };
    (0..=u8::MAX).take(count).map(insert).collect()
}

/// An article of many blocks, one of which was set at once at as many heads as one device can make.
fn torn(registry: &replica::Registry) -> (History, usize) {
    let mut history = History::default();
    city::make(registry, &mut history, LAPTOP, 1, city::article());
    let mut written = 1;
    for dseq in 2..6 {
        let mut draft = Draft::new(Body::ArticleEdit).text(vec!["字"; EFFECTS_MAX]);
        draft.effects = inserts(EFFECTS_MAX, |n| (n.checked_sub(1).map_or(Behind::Start, Behind::Own), n));
        city::make(registry, &mut history, LAPTOP, dseq, draft);
        written += EFFECTS_MAX;
    }
    let fork = history.clone();
    let id = history.id().unwrap();
    for epoch in 2..=EPOCHS_MAX as u64 {
        let mut draft = Draft::new(Body::ArticleEdit).text([format!("同时{epoch}")]);
        let block = BlockId { act: id, effect: 1 };
        draft.effects = vec![Effect::Set { block, over: vec![id], segment: Some(0) }];
        let sealed = city::seal_in(registry, &fork, LAPTOP, (epoch, 1), draft);
        assert_eq!(city::take(registry, &mut history, &sealed), Ok(Verdict::Admitted));
        written += 1;
    }
    (history, written)
}

#[test]
fn no_act_weighs_more_than_its_bytes_and_its_past_allow() {
    let registry = city::registry();
    let (history, written) = torn(&registry);
    let blocks = history.clone().blocks_at(&[]).unwrap();
    let chars = history.clone().document().unwrap().text().unwrap().chars().count();
    let set = |block: &replica::Block, segment| {
        let mut over: Vec<_> = block.values.iter().map(|value| value.act).take(BLOCK_VALUES_MAX).collect();
        over.sort_unstable();
        Effect::Set { block: block.id, over, segment }
    };
    let removed = blocks.iter().take(EFFECTS_MAX).map(|block| set(block, None)).collect();
    let most = blocks.iter().find(|block| block.open()).map(|block| set(block, Some(0))).unwrap();
    let edit = |text: Vec<String>, effects| {
        let mut draft = Draft::new(Body::ArticleEdit).text(text);
        draft.effects = effects;
        draft
    };
    let one = |len: usize| vec!["字".repeat(len)];
    let words = |n: usize| format!("词{n}");
    let worst = [
        ("one withheld segment", edit(one(BLOCK_CHARS_MAX), inserts(1, |_| (Behind::Start, 0)))),
        (
            "the most blocks",
            edit(
                vec!["字".to_owned(); SEGMENTS_MAX],
                inserts(EFFECTS_MAX, |n| (n.checked_sub(1).map_or(Behind::Start, Behind::Own), n)),
            ),
        ),
        (
            "one segment used most often",
            edit(one(PART_CHARS_MAX / EFFECTS_MAX), inserts(EFFECTS_MAX, |_| (Behind::Start, 0))),
        ),
        ("every block removed", edit(Vec::new(), removed)),
        ("one block over all of its values", edit(one(9), vec![most])),
        ("the most tags", edit(Vec::new(), (0..EFFECTS_MAX).map(|n| Effect::AddTag(words(n))).collect())),
        (
            "one tag over and over",
            edit(
                Vec::new(),
                (0..EFFECTS_MAX)
                    .map(|n| if n % 2 == 0 { Effect::AddTag(words(1)) } else { Effect::RemoveTag(words(1)) })
                    .collect(),
            ),
        ),
        ("the longest title", edit(one(REGISTER_CHARS_MAX), vec![Effect::Register(Field::Title, Value::Segment(0))])),
        ("titles over and over", edit(one(100), vec![Effect::Register(Field::Title, Value::Segment(0)); EFFECTS_MAX])),
    ];
    for (dseq, (what, draft)) in (200..).zip(worst) {
        let mut history = history.clone();
        let (act, sealed) = city::seal(&registry, &history, LAPTOP, dseq, draft);
        assert_eq!(act.deps.len(), EPOCHS_MAX - 1);
        let bare = Sealed { parts: Vec::new(), ..sealed };
        let before = history.weight();
        assert_eq!(city::take(&registry, &mut history, &bare), Ok(Verdict::Admitted), "{what}");
        let grown = history.weight().saturating_sub(before);
        let bytes = bare.encode().len();
        let allowed = ANY + bytes * A_BYTE + written * A_BLOCK + history.nodes().len() * AN_ACT;
        assert!(grown <= allowed, "{what}: {grown} bytes of memory for {bytes}, {allowed} allowed");
        let shown = history.document().unwrap().text().unwrap().len();
        assert!(shown <= (chars + PART_CHARS_MAX) * 4, "{what}: {shown} bytes shown");
        history.document().unwrap().save().unwrap();
    }
}
