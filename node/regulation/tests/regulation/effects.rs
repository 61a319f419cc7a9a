//! What each act changes in a ticket, field by field, and by which rule it is refused, as two pages for the reader:
//! `data/effects.txt` and `data/refusals.txt`.
//!
//! `JIESU_BLESS=1 cargo test -p regulation effects::` writes them anew; read what changed there before you take it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::support::records::{authors, differs, particular, records};
use regulation::{ActId, ActKind, Fact, Record, apply, decide, options};

/// When the acts of the page are made; the records before them are of the time 0.
const NOW: i64 = 7_777;

/// The fields of a record with their values: `assignments.0.signed_for` and so on.
fn fields(record: &Record) -> BTreeMap<String, String> {
    let mut path: Vec<(String, usize)> = Vec::new();
    let mut fields = BTreeMap::new();
    for line in inlined(&format!("{record:#?}")) {
        if matches!(line.as_str(), "}" | "]") {
            path.pop();
            continue;
        }
        let (name, value) = match line.split_once(": ") {
            Some((name, value)) if !name.contains(['(', '{']) => (name.to_owned(), value),
            // An element of a list is known by its place.
            _ => {
                let place = path.last_mut().map_or(0, |(_, count)| std::mem::replace(count, *count + 1));
                (place.to_string(), line.as_str())
            }
        };
        let full = path.iter().map(|(name, _)| name.as_str()).chain([name.as_str()]).collect::<Vec<_>>().join(".");
        if value.ends_with(['{', '[']) {
            fields.insert(full, value[..value.len() - 1].trim().to_owned());
            path.push((name, 0));
        } else {
            fields.insert(full, value.to_owned());
        }
    }
    fields
}

/// The lines of a pretty record, with what stands between round brackets on one line.
fn inlined(pretty: &str) -> Vec<String> {
    let (mut lines, mut line, mut open) = (Vec::new(), String::new(), 0_usize);
    // The first line is the record's own bracket.
    for part in pretty.lines().skip(1).map(str::trim) {
        line.push_str(part);
        open -= usize::from(open > 0 && part.starts_with([')', ']', '}']));
        open += usize::from(part.ends_with('(') || (open > 0 && part.ends_with(['[', '{'])));
        if open == 0 {
            lines.push(std::mem::take(&mut line).trim_end_matches(',').replace(",)", ")").replace(",}", "}"));
        }
    }
    lines
}

/// What an act changed, one line a field. A new part or supervision begins with many fields that say nothing yet.
fn changes(before: &Record, after: &Record) -> Vec<String> {
    let (before, after) = (fields(before), fields(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |of: Option<&String>| of.cloned().unwrap_or_else(|| "—".to_owned());
    let change = |name: &String| {
        let (was, is) = (before.get(name), after.get(name));
        let says = was.is_some() || !matches!(is.map(String::as_str), Some("None" | "[]" | "false" | "0"));
        (was != is && says).then(|| format!("{}: {} → {}", name.trim_start_matches("0."), value(was), value(is)))
    };
    names.into_iter().filter_map(change).collect()
}

/// Every kind by everybody in every record.
fn tried() -> impl Iterator<Item = (ActKind, &'static str, &'static str, Record, Fact)> {
    let kinds = ActKind::ALL.iter().copied().filter(|kind| !kind.begins() && !kind.of_knowledge());
    kinds.flat_map(|kind| {
        records().into_iter().flat_map(move |(name, record)| {
            authors().into_iter().filter(move |(who, _)| differs(who, kind)).map(move |(who, author)| {
                let sample = particular(&record, kind, &author);
                let fact = Fact { id: ActId([0xee; 32]), claimed_at: NOW, ..sample };
                (kind, name, who, record.clone(), fact)
            })
        })
    })
}

fn effects() -> String {
    let (mut page, mut told) = (String::new(), BTreeSet::new());
    for (kind, name, who, record, fact) in tried() {
        let mut after = record.clone();
        if apply(&mut after, &fact).is_err() {
            continue;
        }
        let changes = changes(&record, &after);
        // What was told of this kind already is not told again.
        if told.insert((kind, changes.clone())) {
            let _ = writeln!(page, "{} by {who}, {name}", kind.code());
            let nothing = changes.is_empty().then(|| "nothing".to_owned());
            for change in changes.iter().chain(&nothing) {
                let _ = writeln!(page, "    {change}");
            }
        }
    }
    page
}

fn refusals() -> String {
    let (mut page, mut told) = (String::new(), BTreeSet::new());
    for (kind, name, who, record, fact) in tried() {
        let Err(broken) = decide(&record, &fact) else { continue };
        if told.insert((kind, who, broken.rule, broken.by.is_some())) {
            let by = broken.by.map(|id| format!(" because of {}", id.short())).unwrap_or_default();
            let _ = writeln!(page, "{} by {who}, {name}: {}{by}", kind.code(), broken.rule.code());
        }
    }
    page
}

fn check(file: &str, page: &str) {
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::write(&path, page).expect("the page can be written");
    }
    let held = std::fs::read_to_string(&path).expect("the page");
    let differing = held.lines().zip(page.lines()).find(|(held, page)| held != page);
    assert!(held == page, "{file} says something else, first at {differing:?}; JIESU_BLESS=1 writes it anew");
}

#[test]
fn each_act_changes_what_the_page_says_and_nothing_else() {
    check("effects.txt", &effects());
}

#[test]
fn each_act_is_refused_by_the_rule_that_the_page_says() {
    check("refusals.txt", &refusals());
}

#[test]
fn what_is_refused_leaves_the_record_as_it_was() {
    for (kind, name, who, record, fact) in tried() {
        let mut after = record.clone();
        assert!(apply(&mut after, &fact).is_ok() || after == record, "{} by {who}, {name}", kind.code());
    }
}

#[test]
fn options_say_of_each_kind_what_it_would_find() {
    let first = regulation::Edition::FIRST;
    for (name, record) in records() {
        for (who, author) in authors() {
            for (kind, may) in options::options(&record, &author, first) {
                let fact = Fact { claimed_at: regulation::Millis::MAX, ..options::fact(&record, kind, &author) };
                assert_eq!(may, decide(&record, &fact), "{} by {who}, {name}", kind.code());
            }
        }
    }
}
