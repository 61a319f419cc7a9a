//! What an act weighs at whoever holds it is bounded by its bytes and by what was written in its past, whatever it says.

use regulation::Body;
use replica::limits::{DEPS_MAX, EFFECTS_MAX, PART_CHARS_MAX, REGISTER_CHARS_MAX, SEGMENTS_MAX};
use replica::{Draft, Effect, Field, History, Sealed, Value, Verdict};

use crate::city::{self, LAPTOP};

/// Bytes of memory for a byte of the act, for a splice of its past, and for an act of its past.
const A_BYTE: usize = 40;
const A_SPLICE: usize = 120;
const AN_ACT: usize = 32;
/// For any act.
const ANY: usize = 4_096;

fn splices(count: usize, of: impl Fn(usize) -> (usize, usize, Option<u8>)) -> Vec<Effect> {
    let splice = |n| {
        let (position, delete, insert) = of(n);
        let (position, delete) = (u32::try_from(position).unwrap(), u32::try_from(delete).unwrap());
        Effect::Splice { position, delete, insert }
    };
    (0..count).map(splice).collect()
}

/// An article whose text is in pieces, with many heads.
fn torn(registry: &replica::Registry) -> (History, usize) {
    let mut history = History::default();
    city::make(registry, &mut history, LAPTOP, 1, city::article());
    let mut written = 1;
    for dseq in 2..6 {
        let mut draft = Draft::new(Body::ArticleEdit).text(vec!["字"; EFFECTS_MAX]);
        draft.effects = splices(EFFECTS_MAX, |n| (n, 0, u8::try_from(n).ok()));
        city::make(registry, &mut history, LAPTOP, dseq, draft);
        written += EFFECTS_MAX;
    }
    let fork = history.clone();
    for dseq in 10..10 + DEPS_MAX as u64 {
        let mut draft = Draft::new(Body::ArticleEdit).text(["同时"]);
        draft.effects = splices(1, |_| (1, 2, Some(0)));
        let (_, sealed) = city::seal(registry, &fork, LAPTOP, dseq, draft);
        assert_eq!(city::take(registry, &mut history, &sealed), Ok(Verdict::Admitted));
        written += 1;
    }
    (history, written)
}

#[test]
fn no_act_weighs_more_than_its_bytes_and_its_past_allow() {
    let registry = city::registry();
    let (history, written) = torn(&registry);
    let chars = history.clone().document().unwrap().text().chars().count();
    let edit = |text: Vec<String>, effects| {
        let mut draft = Draft::new(Body::ArticleEdit).text(text);
        draft.effects = effects;
        draft
    };
    let one = |len: usize| vec!["字".repeat(len)];
    let words = |n: usize| format!("词{n}");
    let worst = [
        ("one withheld segment", edit(one(PART_CHARS_MAX), splices(1, |_| (0, 0, Some(0))))),
        (
            "the most splices",
            edit(vec!["字".to_owned(); SEGMENTS_MAX], splices(EFFECTS_MAX, |n| (n * 3, 0, u8::try_from(n).ok()))),
        ),
        (
            "one segment used most often",
            edit(one(PART_CHARS_MAX / EFFECTS_MAX), splices(EFFECTS_MAX, |_| (7, 0, Some(0)))),
        ),
        ("the whole text deleted", edit(Vec::new(), splices(1, |_| (0, chars, None)))),
        ("deleted and written over and over", edit(one(9), splices(EFFECTS_MAX, |_| (0, 9, Some(0))))),
        ("a character deleted at a time", edit(Vec::new(), splices(EFFECTS_MAX, |n| (n, 1, None)))),
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
        assert_eq!(act.deps.len(), DEPS_MAX);
        let bare = Sealed { parts: Vec::new(), ..sealed };
        let before = history.weight();
        assert_eq!(city::take(&registry, &mut history, &bare), Ok(Verdict::Admitted), "{what}");
        let grown = history.weight().saturating_sub(before);
        let bytes = bare.encode().len();
        // What is remembered of texts at earlier acts is bounded by itself, and counted here too.
        let allowed = ANY + bytes * A_BYTE + written * A_SPLICE + history.nodes().len() * AN_ACT;
        assert!(grown <= allowed, "{what}: {grown} bytes of memory for {bytes}, {allowed} allowed");
        let shown = history.document().unwrap().text().len();
        assert!(shown <= (chars + PART_CHARS_MAX) * 4, "{what}: {shown} bytes shown");
        history.document().unwrap().save().unwrap();
    }
}
