//! Nothing is public that nobody calls: the compiler says so of what is private alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::CRATES;
use crate::source::{files, own, plain, root, words};

/// What tests alone call: the crate, and the name.
const OF_TESTS: [(&str, &str); 31] = [
    ("kernel", "of_histories"),
    ("kernel", "set_quotas"),
    ("kernel", "waits_outside"),
    ("regulation", "MADE_UP"),
    ("replica", "UNICODE"),
    ("replica", "build_in"),
    ("replica", "digest_of"),
    ("replica", "fold_of"),
    ("replica", "learnt_with"),
    ("replica", "newest_number"),
    ("replica", "of_kind"),
    ("replica", "open_lines"),
    ("replica", "redrawn"),
    ("replica", "refold"),
    ("replica", "refound"),
    ("store", "acts_after"),
    ("store", "acts_counted"),
    ("store", "backup_to"),
    ("store", "changes_after"),
    ("store", "cursors_of"),
    ("store", "docs_in_scope"),
    ("store", "drop_projections"),
    ("store", "feed_scopes"),
    ("store", "forget_refused"),
    ("store", "held_after"),
    ("store", "held_count_of"),
    ("store", "held_counts"),
    ("store", "limit_bytes"),
    ("store", "put_mark"),
    ("store", "remove_account"),
    ("store", "snapshot"),
];

/// What may be declared as public.
const SORTS: [&str; 7] = ["fn", "struct", "enum", "const", "static", "type", "trait"];

/// Public functions, methods, types and constants that some code declares.
fn declared(code: &str) -> BTreeSet<&str> {
    let of = |line: &'_ str| -> Option<usize> {
        let line = line.trim_start();
        let rest = line.strip_prefix("pub")?;
        let rest = if rest.starts_with('(') { rest.split_once(')')?.1 } else { rest };
        rest.starts_with(' ').then_some(rest.len())
    };
    let mut found = BTreeSet::new();
    for line in code.lines() {
        let Some(rest) = of(line) else { continue };
        let mut words = words(&line[line.len() - rest..]).skip_while(|word| matches!(*word, "async" | "unsafe"));
        let (mut sort, mut name) = (words.next(), words.next());
        if sort == Some("const") && matches!(name, Some("fn" | "unsafe" | "async")) {
            (sort, name) = (Some("fn"), words.find(|word| *word != "fn"));
        }
        if sort.is_some_and(|sort| SORTS.contains(&sort)) {
            found.extend(name);
        }
    }
    found
}

/// How often each word stands in some code.
fn count<'c>(code: &'c str, into: &mut BTreeMap<String, usize>) {
    for word in words(code).collect::<Vec<&'c str>>() {
        *into.entry(word.to_owned()).or_default() += 1;
    }
}

#[test]
fn nothing_public_is_called_by_nobody() {
    let (mut program, mut declarations) = (BTreeMap::new(), BTreeMap::<String, usize>::new());
    let mut all = BTreeSet::new();
    for (name, folder, _) in CRATES.iter().filter(|(name, ..)| *name != "tests") {
        for path in files(&root().join(folder).join("src"), ".rs") {
            if path.file_stem().is_some_and(|stem| stem == "tests") {
                continue;
            }
            let code = plain(&std::fs::read_to_string(&path).unwrap_or_default());
            // What is passed on is called by nobody for that.
            count(&own(&code), &mut program);
            for declared in declared(&code) {
                *declarations.entry(declared.to_owned()).or_default() += 1;
                all.insert((*name, declared.to_owned()));
            }
        }
        for path in files(&root().join(folder), ".html") {
            count(&std::fs::read_to_string(&path).unwrap_or_default(), &mut program);
        }
    }
    let unused: BTreeSet<(&str, &str)> = all
        .iter()
        .filter(|(_, name)| program[name] <= declarations[name])
        .map(|(of, name)| (*of, name.as_str()))
        .collect();
    let listed: BTreeSet<(&str, &str)> = OF_TESTS.into_iter().collect();
    let nobody: Vec<_> = unused.difference(&listed).collect();
    assert!(nobody.is_empty(), "public, and no program calls it; if tests do, list it: {nobody:?}");
    let called: Vec<_> = listed.difference(&unused).collect();
    assert!(called.is_empty(), "listed as of tests, and is gone or called by the program: {called:?}");
}

#[test]
fn what_is_declared_is_seen() {
    let code = "pub fn a() {}\n    pub(crate) const fn b() {}\npub const C: u8 = 0;\npub async fn d() {}\nfn e() {}\npub use f::g;\npub h: u8,\npub struct I;\npub const unsafe fn j() {}";
    assert_eq!(declared(code), BTreeSet::from(["a", "b", "C", "d", "I", "j"]));
}
