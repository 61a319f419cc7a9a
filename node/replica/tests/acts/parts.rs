//! Parts: free text and personal data that may be withheld, come later, or never.

use regulation::{Body, Rule};
use replica::{Behind, BlockId, Draft, Effect, Field, History, Part, PartKind, Registry, Sealed, Verdict};

use crate::city::{self, HUB, LAPTOP};

/// A sealed act without that part.
fn without(sealed: &Sealed, kind: PartKind) -> Sealed {
    let parts = sealed.parts.iter().filter(|part| part.kind != kind).cloned().collect();
    Sealed { parts, ..sealed.clone() }
}

fn first(registry: &Registry) -> (History, Sealed) {
    let mut history = History::default();
    let sealed = city::make(registry, &mut history, LAPTOP, 1, city::register());
    (history, sealed)
}

#[test]
fn part_that_is_not_the_promised_one_is_refused() {
    let registry = city::registry();
    let (_, sealed) = first(&registry);
    let text = city::part(&sealed, PartKind::Text);
    let wrong = [
        ("another text of the same length", Part { text: text.text.replace('不', "很"), ..text.clone() }),
        ("another salt", Part { salt: [9; 16], ..text.clone() }),
        ("one character more", Part { text: format!("{}。", text.text), ..text.clone() }),
        ("one character less", Part { text: text.text.chars().skip(1).collect(), ..text.clone() }),
        ("nothing", Part { text: String::new(), ..text.clone() }),
    ];
    for (what, part) in wrong {
        let forged = Sealed { parts: vec![part, city::part(&sealed, PartKind::Private)], ..sealed.clone() };
        let taken = city::take(&registry, &mut History::default(), &forged);
        assert_eq!(taken, Err("refused: part Text is not the one that the act promises".to_owned()), "{what}");
    }
    // The private part in place of the text, and a part that the act does not promise at all.
    let private = city::part(&sealed, PartKind::Private);
    let swapped = Sealed { parts: vec![Part { kind: PartKind::Text, ..private }], ..sealed };
    assert!(city::take(&registry, &mut History::default(), &swapped).is_err());
    let (mut history, _) = first(&registry);
    let (_, tag) = city::seal(&registry, &history, LAPTOP, 2, city::tag("供暖"));
    let more = Sealed { parts: vec![text], ..tag };
    assert!(city::take(&registry, &mut history, &more).is_err());
}

#[test]
fn withheld_part_shows_as_many_blocks() {
    let registry = city::registry();
    let (mut whole, sealed) = first(&registry);
    let mut bare = History::default();
    assert_eq!(city::take(&registry, &mut bare, &Sealed { parts: Vec::new(), ..sealed }), Ok(Verdict::Admitted));
    for (kind, index) in [(PartKind::Text, 0), (PartKind::Text, 1), (PartKind::Private, 0), (PartKind::Private, 1)] {
        let of = |history: &History| history.nodes()[0].segment(kind, index).unwrap();
        let (shown, hidden) = (of(&whole), of(&bare));
        assert_eq!(hidden, "█".repeat(shown.chars().count()));
        assert_ne!(hidden, shown);
    }
    assert_eq!(bare.nodes()[0].segment(PartKind::Text, 2), None);
    assert_eq!(bare.nodes()[0].segment(PartKind::Private, 2), None);
    let title = |history: &mut History| history.document().unwrap().register(Field::Title).unwrap();
    assert_eq!(title(&mut whole), ["供暖不热"]);
    assert_eq!(title(&mut bare), ["████"]);
    assert_eq!(whole.record(), bare.record(), "what the acts come to does not depend on parts");
}

/// An article that several people edit at once, on top of and beside each other.
fn edits(registry: &Registry) -> Vec<Sealed> {
    let mut history = History::default();
    let mut acts = vec![city::make(registry, &mut history, LAPTOP, 1, city::article_of("先登记。后答复。"))];
    let mut other = history.clone();
    for (dseq, text) in [(2, "来电核实：室温十四度。后答复。\n附：🏠"), (3, "来电核实：室温十四度。\n附：🏠\n又记")]
    {
        let draft = city::edit(&mut history, text);
        acts.push(city::make(registry, &mut history, LAPTOP, dseq, draft));
    }
    let draft = city::edit(&mut other, "先登记，留电话。已联系供热公司。后答复。");
    acts.push(city::make(registry, &mut other, HUB, 1, draft));
    for sealed in &acts {
        let _ = city::take(registry, &mut other, sealed);
    }
    let text = other.document().unwrap().text().unwrap();
    let draft = city::edit(&mut other, &format!("{text}\n明日上门"));
    acts.push(city::make(registry, &mut other, HUB, 2, draft));
    acts
}

#[test]
fn document_of_withheld_parts_is_of_the_same_blocks_everywhere() {
    let registry = city::registry();
    let acts = edits(&registry);
    let mut whole = city::history(&registry, &acts.iter().collect::<Vec<_>>());
    let blocks = whole.document().unwrap().blocks().unwrap();
    let text = whole.document().unwrap().text().unwrap();
    assert!(text.contains("十四度") && text.ends_with("明日上门"), "{text}");
    // Each act withheld alone, and all of them.
    let all: Vec<usize> = (1..acts.len()).collect();
    for hidden in all.iter().map(|at| vec![*at]).chain([all.clone()]) {
        let mine: Vec<Sealed> = (0..acts.len())
            .map(|at| if hidden.contains(&at) { without(&acts[at], PartKind::Text) } else { acts[at].clone() })
            .collect();
        let mut bare = city::history(&registry, &mine.iter().collect::<Vec<_>>());
        let shown = bare.document().unwrap().blocks().unwrap();
        assert_eq!(shown.len(), blocks.len());
        for (shown, block) in shown.iter().zip(&blocks) {
            assert_eq!(shown.id, block.id);
            for (shown, value) in shown.values.iter().zip(&block.values) {
                assert_eq!(shown.act, value.act);
                let covered = value.text.as_ref().map(|text| "█".repeat(text.chars().count()));
                assert!(shown.text == value.text || shown.text == covered, "only what is withheld differs: {shown:?}");
            }
        }
        assert_eq!(bare.folded(), whole.folded());
        // What is typed over it as it is shown changes nothing.
        let text = bare.document().unwrap().text().unwrap();
        assert_eq!(city::edit(&mut bare, &text).effects, []);
        // It comes later, in whatever order.
        for at in hidden.iter().rev() {
            assert!(bare.put_part(acts[*at].id(), city::part(&acts[*at], PartKind::Text)));
        }
        assert_eq!(bare.document().unwrap().save().unwrap(), whole.document().unwrap().save().unwrap());
    }
}

#[test]
fn act_on_top_of_withheld_text_is_judged_as_on_the_text() {
    let registry = city::registry();
    let acts = edits(&registry);
    let bare: Vec<Sealed> = acts.iter().map(|sealed| without(sealed, PartKind::Text)).collect();
    let mut whole = city::history(&registry, &acts.iter().collect::<Vec<_>>());
    let hidden = city::history(&registry, &bare.iter().collect::<Vec<_>>());
    let last = whole.document().unwrap().blocks().unwrap().last().unwrap().clone();
    for (effect, verdict) in
        [(last.id.effect, Verdict::Admitted), (last.id.effect + 1, Verdict::Unlawful(Rule::EffectOutOfPlace))]
    {
        let behind = Behind::Block(BlockId { effect, ..last.id });
        let draft = Draft::new(Body::ArticleEdit).text(["末尾"]).effects(vec![Effect::Insert { behind, segment: 0 }]);
        let (_, sealed) = city::seal(&registry, &whole, LAPTOP, 9, draft);
        assert_eq!(city::take(&registry, &mut whole.clone(), &sealed), Ok(verdict));
        assert_eq!(city::take(&registry, &mut hidden.clone(), &sealed), Ok(verdict));
    }
}

#[test]
fn part_that_comes_later_must_be_the_promised_one_and_comes_once() {
    let registry = city::registry();
    let (_, sealed) = first(&registry);
    let mut history = History::default();
    city::take(&registry, &mut history, &Sealed { parts: Vec::new(), ..sealed.clone() }).unwrap();
    let (id, text) = (sealed.id(), city::part(&sealed, PartKind::Text));
    assert!(!history.put_part(id, Part { text: text.text.replace('不', "很"), ..text.clone() }));
    assert!(!history.put_part(regulation::ActId([0; 32]), text.clone()));
    assert!(history.put_part(id, city::part(&sealed, PartKind::Private)));
    assert!(history.put_part(id, text.clone()));
    assert!(!history.put_part(id, text), "it is here");
    let kinds: Vec<PartKind> = history.nodes()[0].parts.iter().map(|part| part.kind).collect();
    assert_eq!(kinds, [PartKind::Text, PartKind::Private]);
}

#[test]
fn text_with_control_or_direction_characters_is_refused() {
    let registry = city::registry();
    for c in ['\r', '\t', '\u{0}', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{200f}'] {
        let draft = city::register().text([format!("标题{c}"), "内容".to_owned()]);
        let (_, sealed) = city::seal(&registry, &History::default(), LAPTOP, 1, draft);
        assert!(city::take(&registry, &mut History::default(), &sealed).is_err(), "U+{:04X}", c as u32);
        assert!(Sealed::decode(&sealed.encode()).is_err(), "U+{:04X}", c as u32);
    }
    let (_, lines) = city::seal(&registry, &History::default(), LAPTOP, 1, city::register().text(["标题", "一\n二"]));
    assert_eq!(city::take(&registry, &mut History::default(), &lines), Ok(Verdict::Admitted));
}

#[test]
fn parts_never_show_in_debug_output() {
    let (_, sealed) = first(&city::registry());
    let shown = format!("{sealed:?} {:?}", city::part(&sealed, PartKind::Private));
    for secret in ["李某", "13800000000", "供暖"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
