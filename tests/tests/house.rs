//! The shape of the house: which crate knows which, no circle of modules, no file that nobody reads to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each crate of the workspace, where it lies, and the crates of the workspace that it may know.
const CRATES: [(&str, &str, &[&str]); 11] = [
    ("regulation", "node/regulation", &[]),
    ("replica", "node/replica", &["regulation"]),
    ("store", "node/store", &["regulation"]),
    ("sync", "sync", &[]),
    ("kernel", "node/kernel", &["regulation", "replica", "store", "sync"]),
    ("link", "sync/link", &["sync"]),
    ("desk", "node/desk", &["kernel", "regulation", "replica", "store", "sync"]),
    ("web", "node/web", &["desk", "kernel", "regulation", "replica", "store", "sync"]),
    ("node", "node", &["desk", "kernel", "link", "regulation", "replica", "store", "sync"]),
    ("jiesu", "cli", &["desk", "kernel", "link", "node", "regulation", "replica", "store", "sync", "web"]),
    ("tests", "tests", &["desk", "kernel", "link", "node", "regulation", "replica", "store", "sync", "web"]),
];

/// Crates in which it is decided what is lawful, and is the same on every node.
const PURE: [&str; 4] = ["regulation", "replica", "kernel", "sync"];
/// What the toolchain's version of Unicode answers: `replica::characters` does in its place.
const ASKS_UNICODE: [&str; 16] = [
    "is_alphabetic",
    "is_alphanumeric",
    "is_control",
    "is_lowercase",
    "is_numeric",
    "is_uppercase",
    "is_whitespace",
    "split_whitespace",
    "to_lowercase",
    "to_uppercase",
    "trim",
    "trim_end",
    "trim_left",
    "trim_right",
    "trim_start",
    "unicode_normalization",
];
/// A calendar's file is typed by people, like a form: what is made of it is judged as days.
const TYPED: [(&str, &str); 1] = [("regulation", "calendar")];

/// Features by which tests build faults in, or a program of another version: what is released has none of them.
const OF_TESTS: [&str; 5] = ["made-up", "older", "sabotage", "trace", "verify-once"];

/// Lines of a file of source, at most, its own tests left out.
const FILE_LINES_MAX: usize = 620;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The source of a crate without comments and without its tests: by the name of the module, `crate` for the root.
fn modules(folder: &str) -> BTreeMap<String, String> {
    fn walk(dir: &Path, name: &str, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let (path, file) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let join = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}::{part}") };
            if path.is_dir() {
                walk(&path, &join(&file), found);
            } else if let Some(stem) = file.strip_suffix(".rs").filter(|stem| *stem != "tests") {
                let root = name.is_empty() && matches!(stem, "lib" | "main");
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                found.insert(if root { "crate".to_owned() } else { join(stem) }, plain(&text));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root().join(folder).join("src"), "", &mut found);
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

/// The code up to its tests, without comments.
fn plain(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let line = |line: &str| line.split_once("//").map_or(line, |(code, _)| code).to_owned();
    text[..end].lines().map(|text| line(text) + "\n").collect()
}

/// Paths that begin with `crate::` or `super::` and are named in a module, groups taken apart.
fn paths(code: &str) -> Vec<String> {
    fn group(before: &str, code: &str, out: &mut Vec<String>) -> usize {
        let (mut word, mut at) = (String::new(), 0);
        let bytes = code.as_bytes();
        while at < bytes.len() {
            match bytes[at] {
                b'{' => {
                    at += 1 + group(&format!("{before}{word}"), &code[at + 1..], out);
                    word.clear();
                }
                b',' | b'}' | b';' => {
                    if !word.is_empty() {
                        out.push(format!("{before}{word}"));
                    }
                    word.clear();
                    if bytes[at] != b',' {
                        return at + 1;
                    }
                    at += 1;
                }
                c if c.is_ascii_alphanumeric() || matches!(c, b'_' | b':') => {
                    word.push(char::from(c));
                    at += 1;
                }
                _ => at += 1,
            }
        }
        at
    }
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                continue;
            }
            let end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
            let head = code[at..].split(end).next().unwrap_or_default();
            if code[at + head.len()..].starts_with('{') {
                group(head, &code[at + head.len() + 1..], &mut found);
            } else {
                found.push(head.to_owned());
            }
        }
    }
    found
}

/// Children of a module that it names by their bare names, as in `mod foo;` and `foo::bar()`. What it only passes on, by a
/// `pub use`, it need not know.
fn children(code: &str) -> Vec<String> {
    let (mut declared, mut own, mut passing) = (Vec::new(), String::new(), false);
    for line in code.lines() {
        let words =
            line.trim().trim_start_matches("pub").trim_start_matches("(crate)").trim_start_matches("(super)").trim();
        passing |= line.trim().starts_with("pub") && words.starts_with("use ");
        if !passing {
            declared.extend(words.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')).map(str::to_owned));
            own.push_str(line);
            own.push('\n');
        }
        passing &= !line.contains(';');
    }
    let named = |child: &String| {
        own.match_indices(&format!("{child}::")).any(|(at, _)| {
            // `self::` leads to the same.
            let before = own[..at].strip_suffix("self::").unwrap_or(&own[..at]).chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
        })
    };
    declared.retain(named);
    declared
}

/// The module that a path leads into, as far as there is one.
fn target(path: &str, from: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
    let mut base: Vec<&str> = if from == "crate" { Vec::new() } else { from.split("::").collect() };
    if parts.first() == Some(&"crate") {
        parts.remove(0);
        base.clear();
    }
    while parts.first() == Some(&"super") {
        parts.remove(0);
        base.pop();
    }
    base.extend(parts);
    while !base.is_empty() {
        let name = base.join("::");
        if modules.contains_key(&name) {
            return Some(name).filter(|name| name != from);
        }
        base.pop();
    }
    None
}

/// Modules that know each other, in groups.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = next.pop() {
            for other in edges.get(&module).into_iter().flatten() {
                if seen.insert(other.clone()) {
                    next.push(other.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|module| (module, reach(module))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (module, reached) in &all {
        if !reached.contains(*module) || found.iter().flatten().any(|known| known == *module) {
            continue;
        }
        let back = |other: &&String| all.get(*other).is_some_and(|reached| reached.contains(*module));
        found.push(reached.iter().filter(back).cloned().collect());
    }
    found
}

#[test]
fn no_crate_knows_one_above_it() {
    for (name, folder, may) in CRATES {
        let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        let named = |line: &str| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
        let known: Vec<String> = dependencies.lines().map(named).collect();
        for (other, ..) in CRATES.iter().filter(|(other, ..)| *other != name) {
            let knows = known.iter().any(|known| known == other);
            assert!(!knows || may.contains(other), "{name} knows {other}, and must not");
        }
    }
}

/// Whether what a manifest says of what the crate is built with, its tests left out, names that feature.
fn turns_on(manifest: &str, feature: &str) -> bool {
    let of_tests = |section: &&str| !section.starts_with("dev-dependencies]");
    let lines = manifest.split("\n[").filter(of_tests).flat_map(str::lines);
    lines.filter(|line| !line.starts_with('#')).any(|line| line.contains(&format!("\"{feature}\"")))
}

#[test]
fn nothing_that_tests_build_in_is_in_what_is_released() {
    let manifest = "[features]\nsabotage = []\n[dependencies]\na = { features = [\"older\"] }\n[dev-dependencies]\nb = { features = [\"trace\"] }";
    let on: Vec<&str> = OF_TESTS.into_iter().filter(|feature| turns_on(manifest, feature)).collect();
    assert_eq!(on, ["older"]);
    for (name, folder, _) in CRATES.iter().filter(|(name, ..)| *name != "tests") {
        let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
        for feature in OF_TESTS {
            assert!(!turns_on(&manifest, feature), "{name} is built with {feature}");
        }
        for (module, code) in modules(folder) {
            // Faults have names only where they are built in: whoever asks for one elsewhere does not compile.
            let gated = code.split("pub enum Sabotage").next().is_some_and(|before| {
                before.rsplit("\n\n").next().is_some_and(|last| last.contains("#[cfg(feature = \"sabotage\")]"))
            });
            let gated = gated || code.contains("#![cfg(feature = \"sabotage\")]");
            assert!(gated || !code.contains("enum Sabotage"), "{name}: {module} names faults in what is released");
        }
    }
}

/// A module with its own children is one idea in several files: the parent is what they are called by, and they build on its
/// types.
fn family(circle: &[String]) -> bool {
    circle.iter().any(|root| circle.iter().all(|m| m == root || m.starts_with(&format!("{root}::"))))
}

#[test]
fn modules_make_no_circle() {
    for (name, folder, _) in CRATES {
        let modules = modules(folder);
        let of = |(module, code): (&String, &String)| {
            let into: BTreeSet<String> = paths(code).iter().filter_map(|path| target(path, module, &modules)).collect();
            (module.clone(), into)
        };
        let edges: BTreeMap<String, BTreeSet<String>> = modules.iter().map(of).collect();
        // What the root names is everything.
        let with_children = edges.iter().map(|(module, into)| {
            let code = if module == "crate" { "" } else { &modules[module] };
            let children = children(code).into_iter().map(|child| format!("{module}::{child}"));
            (module.clone(), into.iter().cloned().chain(children.filter(|child| modules.contains_key(child))).collect())
        });
        let with_children: BTreeMap<String, BTreeSet<String>> = with_children.collect();
        let across = circles(&with_children).into_iter().filter(|circle| !family(circle));
        let arrows = circles(&edges).into_iter().chain(across).map(|circle| {
            let inside = |module: &String| with_children[module].iter().filter(|other| circle.contains(other)).cloned();
            circle.iter().flat_map(|from| inside(from).map(move |to| format!("{from} -> {to}"))).collect::<Vec<_>>()
        });
        let arrows: Vec<Vec<String>> = arrows.collect();
        assert!(arrows.is_empty(), "modules of {name} know each other: {arrows:#?}");
    }
}

#[test]
fn a_circle_is_seen() {
    let of = |module: &str, code: &str| (module.to_owned(), code.to_owned());
    let modules: BTreeMap<String, String> = BTreeMap::from([
        of("crate", "mod a; mod b;"),
        of("a", "use crate::{c, b::{self, D}};\n"),
        of("b", "fn f() { crate::c::g() }"),
        of("c", "use super::a;"),
    ]);
    let edges = modules.iter().map(|(module, code)| {
        (module.clone(), paths(code).iter().filter_map(|path| target(path, module, &modules)).collect())
    });
    assert_eq!(circles(&edges.collect()), [["a", "b", "c"]]);
    let code =
        "mod own;\npub mod passed;\nmod unused;\npub use passed::{A, B};\nuse own::C;\nfn f() { crate::unused::g() }";
    assert_eq!(children(code), ["own"]);
    assert_eq!(children("mod a;\npub(crate) use a::B;\nfn f() { a::g() }"), ["a"]);
    assert_eq!(children("mod a;\nmod b;\nuse self::a::B;\nfn f() { super::b::g() }"), ["a"]);
}

/// The words of some code that ask the toolchain what a character is.
fn asks_unicode(code: &str) -> Vec<&str> {
    let words = code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| ASKS_UNICODE.contains(word)).collect()
}

#[test]
fn no_toolchain_says_what_a_character_is_where_acts_are_judged() {
    assert_eq!(asks_unicode("text.trim().chars().all(char::is_control)"), ["trim", "is_control"]);
    assert!(asks_unicode("c.is_ascii_control() || trimmed(text) == text.trim_ascii()").is_empty());
    for (name, folder, _) in CRATES.iter().filter(|(name, ..)| PURE.contains(name)) {
        for (module, code) in modules(folder).iter().filter(|(module, _)| !TYPED.contains(&(*name, module.as_str()))) {
            let asks = asks_unicode(code);
            assert!(asks.is_empty(), "{name}: {module} asks the toolchain for {asks:?}; ask replica::characters");
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for (name, folder, _) in CRATES {
        for (module, code) in modules(folder) {
            let lines = code.lines().filter(|line| !line.trim().is_empty()).count();
            assert!(lines <= FILE_LINES_MAX, "{name}: {module} has {lines} lines of code, more than {FILE_LINES_MAX}");
        }
    }
}
