//! Documents of given acts, pinned: a change of how things merge, in this program or in Automerge, is noticed here. Whoever
//! means it gives the merge another version, and writes the file anew by `JIESU_BLESS=1`.

use std::fmt::Write as _;
use std::path::Path;

use regulation::Body;
use replica::{Behind, Draft, Effect, Field, History, Registry, Sealed, Value};
use sha2::{Digest, Sha256};

use crate::city::{self, HUB, LAPTOP};

type Story = fn(&Registry, &mut History) -> Vec<Sealed>;

/// Histories whose last acts were made at once, in every way that differs.
const STORIES: [(&str, Story); 6] = [
    ("two titles and tags", |registry, history| {
        begin(registry, history, "甲。");
        let title = |text: &str| {
            let effects = vec![Effect::Register(Field::Title, Value::Segment(0)), Effect::AddTag(text.to_owned())];
            Draft::new(Body::ArticleEdit).text([text]).effects(effects)
        };
        apart(registry, history, vec![title("供暖"), title("停暖")])
    }),
    ("a sentence set to two values", |registry, history| {
        begin(registry, history, "先登记。24小时内答复。再回访。");
        typed(registry, history, &["先登记。12小时内答复。再回访。", "先登记。48小时内答复。再回访。"])
    }),
    ("a sentence set and removed", |registry, history| {
        begin(registry, history, "先登记。后答复。");
        typed(registry, history, &["先登记。", "先登记。两日内答复。"])
    }),
    ("sentences behind one another, at once", |registry, history| {
        begin(registry, history, "甲。\n乙。");
        typed(registry, history, &["甲。子。丑。\n乙。", "零。甲。寅。\n乙。\n卯。"])
    }),
    ("a choice beside another", |registry, history| {
        begin(registry, history, "24小时。");
        for (device, text) in [(LAPTOP, "12小时。"), (HUB, "48小时。")] {
            let draft = city::edit(&mut only_first(history), text);
            let (_, act) = city::seal(registry, &only_first(history), device, 10, draft);
            city::take(registry, history, &act).unwrap();
        }
        let found = history.blocks_at(&[]).unwrap();
        let choose = |at: usize| {
            let mut draft = Draft::new(Body::ArticleEdit);
            assert!(history.clone().choose(&[], found[0].id, found[0].values[at].act, draft.writing()).unwrap());
            draft
        };
        let drafts = vec![choose(0), choose(1)];
        apart(registry, history, drafts)
    }),
    ("a block behind a removed one", |registry, history| {
        begin(registry, history, "甲。乙。");
        let first = history.blocks_at(&[]).unwrap()[0].id;
        let effects = vec![Effect::Insert { behind: Behind::Block(first), segment: 0 }];
        let behind = Draft::new(Body::ArticleEdit).text(["丙。"]).effects(effects);
        let removed = city::edit(history, "乙。");
        apart(registry, history, vec![removed, behind])
    }),
];

fn begin(registry: &Registry, history: &mut History, text: &str) {
    city::make(registry, history, LAPTOP, 1, city::article_of(text));
}

/// The article as it began.
fn only_first(history: &History) -> History {
    let mut first = History::default();
    first.insert(history.nodes()[0].clone());
    first
}

fn typed(registry: &Registry, history: &mut History, texts: &[&str]) -> Vec<Sealed> {
    let drafts = texts.iter().map(|text| city::edit(history, text)).collect();
    apart(registry, history, drafts)
}

fn apart(registry: &Registry, history: &History, drafts: Vec<Draft>) -> Vec<Sealed> {
    let devices = [LAPTOP, HUB];
    devices.into_iter().zip(drafts).map(|(device, draft)| city::seal(registry, history, device, 20, draft).1).collect()
}

fn told(history: &mut History) -> String {
    let document = history.document().unwrap();
    let mut out = String::new();
    for field in Field::ALL {
        let values = document.register(field).unwrap();
        if !values.is_empty() {
            writeln!(out, "{}: {}", field.code(), values.join(" | ")).unwrap();
        }
    }
    if !document.tags().is_empty() {
        writeln!(out, "tags: {}", document.tags().into_iter().collect::<Vec<_>>().join(" ")).unwrap();
    }
    for block in document.blocks().unwrap() {
        let value = |value: &replica::BlockValue| {
            format!("{} {:?}", &value.act.hex()[..8], value.text.as_deref().unwrap_or("(removed)"))
        };
        let values: Vec<String> = block.values.iter().map(value).collect();
        writeln!(out, "{}.{}: {}", &block.id.act.hex()[..8], block.id.effect, values.join(" | ")).unwrap();
    }
    let saved = document.save().unwrap();
    writeln!(out, "{} bytes, {}", saved.len(), city::hex(&Sha256::digest(&saved))).unwrap();
    out
}

#[test]
fn documents_of_the_corpus_are_what_they_were() {
    let registry = city::registry();
    let mut out = String::new();
    for (name, story) in STORIES {
        let mut history = History::default();
        let acts = story(&registry, &mut history);
        let mut backwards = history.clone();
        for act in &acts {
            city::take(&registry, &mut history, act).unwrap();
        }
        for act in acts.iter().rev() {
            city::take(&registry, &mut backwards, act).unwrap();
        }
        let told_of = told(&mut history);
        assert_eq!(told(&mut backwards), told_of, "{name}: in another order");
        writeln!(out, "# {name}\n{told_of}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/documents.txt");
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &out).unwrap();
    }
    let pinned = std::fs::read_to_string(&path).unwrap();
    assert_eq!(out, pinned, "documents of the same acts are others than before");
}
