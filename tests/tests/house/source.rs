//! Source as text: modules without comments and tests, the paths that they name, the methods that they have and call.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Modules of a crate by name, `crate` for the root.
pub type Modules = BTreeMap<String, String>;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder that end so.
pub fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// The source of a crate without comments and without its tests.
pub fn modules(folder: &str) -> Modules {
    let source = root().join(folder).join("src");
    let mut found = BTreeMap::new();
    for path in files(&source, ".rs") {
        let name = path.strip_prefix(&source).unwrap_or(&path).with_extension("");
        let parts: Vec<String> = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let name = match parts.as_slice() {
            [root] if matches!(root.as_str(), "lib" | "main") => "crate".to_owned(),
            parts => parts.join("::"),
        };
        if parts.last().is_none_or(|last| last != "tests") {
            found.insert(name, plain(&std::fs::read_to_string(&path).unwrap_or_default()));
        }
    }
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

/// The code up to the tests that stand in it, without comments.
pub fn plain(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let line = |line: &str| line.split_once("//").map_or(line, |(code, _)| code).to_owned();
    text[..end].lines().map(|text| line(text) + "\n").collect()
}

/// The words of some code.
pub fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The paths of a tree such as `a::{b, c::D}`, up to its end; how long it was.
fn tree(before: &str, code: &str, out: &mut Vec<String>) -> usize {
    let (mut word, mut at) = (String::new(), 0);
    let bytes = code.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'{' => {
                at += 1 + tree(&format!("{before}{word}"), &code[at + 1..], out);
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
            b' ' if code[at..].starts_with(" as ") => at += code[at..].find([',', '}', ';']).unwrap_or(1),
            c if c.is_ascii_alphanumeric() || matches!(c, b'_' | b':') => {
                word.push(char::from(c));
                at += 1;
            }
            _ => at += 1,
        }
    }
    at
}

/// Paths that begin with `crate::` or `super::` and are named in a module, groups taken apart.
pub fn paths(code: &str) -> Vec<String> {
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
                tree(head, &code[at + head.len() + 1..], &mut found);
            } else {
                found.push(head.to_owned());
            }
        }
    }
    found
}

/// What a module passes on by `pub use`: the paths as they stand there.
pub fn passed_on(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if line.starts_with("pub") && (line == "pub" || line.ends_with(')')) {
            tree("", &code[at + "use ".len()..], &mut found);
        }
    }
    found
}

/// Code without what it passes on.
pub fn own(code: &str) -> String {
    let (mut own, mut passing) = (String::new(), false);
    for line in code.lines() {
        let line = line.trim();
        passing |= line.starts_with("pub") && line.split(' ').nth(1) == Some("use");
        if !passing {
            own.push_str(line);
            own.push('\n');
        }
        passing &= !line.contains(';');
    }
    own
}

/// Children of a module that it names by their bare names, as in `mod foo;` and `foo::bar()`. What it only passes on it need
/// not know.
pub fn children(code: &str) -> Vec<String> {
    let own = own(code);
    let declares = |line: &str| {
        let words = line.trim_start_matches("pub").trim_start_matches("(crate)").trim_start_matches("(super)").trim();
        words.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')).map(str::to_owned)
    };
    let named = |child: &String| {
        own.match_indices(&format!("{child}::")).any(|(at, _)| {
            // `self::` leads to the same.
            let before = own[..at].strip_suffix("self::").unwrap_or(&own[..at]).chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
        })
    };
    own.lines().filter_map(declares).filter(named).collect()
}

/// A path taken apart, from the root.
fn from_root(path: &str, from: &str) -> Vec<String> {
    let mut parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
    let mut base: Vec<&str> = if from == "crate" { Vec::new() } else { from.split("::").collect() };
    match parts.first() {
        Some(&"crate") => base.clear(),
        Some(&"self") => {}
        _ => parts.insert(0, "self"),
    }
    parts.remove(0);
    while parts.first() == Some(&"super") {
        parts.remove(0);
        base.pop();
    }
    base.into_iter().chain(parts).map(str::to_owned).collect()
}

/// The module that a path from the root leads into, and what of the path is behind it.
fn split<'p>(path: &'p [String], modules: &Modules) -> (String, &'p [String]) {
    let longest = (1..=path.len()).rev().find(|upto| modules.contains_key(&path[..*upto].join("::")));
    longest.map_or(("crate".to_owned(), path), |upto| (path[..upto].join("::"), &path[upto..]))
}

/// Where each name really stands that some module passes on.
pub fn passages(modules: &Modules) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for (module, code) in modules {
        for path in passed_on(code) {
            let path = from_root(&path, module);
            let (target, rest) = split(&path, modules);
            if let Some(name) = rest.last().filter(|_| target != *module) {
                found.insert((module.clone(), name.clone()), target);
            }
        }
    }
    found
}

/// The module that a path leads into, and out again where that only passes the name on.
pub fn target(
    path: &str,
    from: &str,
    modules: &Modules,
    passages: &BTreeMap<(String, String), String>,
) -> Option<String> {
    let path = from_root(path, from);
    let (mut target, rest) = split(&path, modules);
    // As many hops as there may be modules in one another.
    for _ in 0..8 {
        let next = rest.first().and_then(|name| passages.get(&(target.clone(), name.clone())));
        let Some(next) = next else { break };
        target.clone_from(next);
    }
    Some(target).filter(|target| target != from && target != "crate")
}

/// The `impl` blocks of types of its own that a module has: the type's name and the code.
fn impls(code: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("\nimpl") {
        let block = &code[at + 1..];
        let block = &block[..block.find("\n}").unwrap_or(block.len())];
        let head = block.lines().next().unwrap_or_default();
        if head.contains(" for ") {
            continue;
        }
        let of = head.trim_start_matches("impl");
        let of = if of.starts_with('<') { of.split_once("> ").map_or(of, |(_, rest)| rest) } else { of };
        found.extend(words(of).next().map(|name| (name, block)));
    }
    found
}

/// Names behind which a word follows at once, as after `fn `, with what they are followed by.
fn behind<'c>(code: &'c str, word: &'c str) -> impl Iterator<Item = &'c str> {
    code.match_indices(word).filter_map(move |(at, _)| words(&code[at + word.len()..]).next())
}

/// The same, where it is called.
fn calls<'c>(code: &'c str, word: &'c str) -> impl Iterator<Item = &'c str> {
    code.match_indices(word).filter_map(move |(at, _)| {
        let rest = &code[at + word.len()..];
        words(rest).next().filter(|name| rest.starts_with(&format!("{name}(")))
    })
}

/// For each module those whose methods of one type it calls on itself: `self.f()` or `Self::f()`, where another file has `f`.
pub fn methods(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    // Two types of one name are two.
    let defined = |name: &str, module: &str| {
        let code = &modules[module];
        ["struct ", "enum "].iter().any(|word| behind(code, word).any(|found| found == name))
    };
    let home = |name: &str, module: &str| {
        let own = Some(module.to_owned()).filter(|module| defined(name, module));
        let above = || {
            let mut above = module.to_owned();
            while let Some((parent, _)) = above.clone().rsplit_once("::") {
                above = parent.to_owned();
                if modules.contains_key(&above) && defined(name, &above) {
                    return Some(above);
                }
            }
            None
        };
        own.or_else(above).or_else(|| modules.keys().find(|module| defined(name, module)).cloned())
    };
    let mut has: BTreeMap<(String, String, &str), BTreeSet<&String>> = BTreeMap::new();
    for (module, code) in modules {
        for (name, block) in impls(code) {
            let Some(of) = home(name, module) else { continue };
            for method in behind(block, "fn ") {
                has.entry((of.clone(), name.to_owned(), method)).or_default().insert(module);
            }
        }
    }
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, code) in modules {
        let into = found.entry(module.clone()).or_default();
        for (name, block) in impls(code) {
            let Some(of) = home(name, module) else { continue };
            for method in ["self.", "self\n            .", "Self::"].into_iter().flat_map(|word| calls(block, word)) {
                let there = has.get(&(of.clone(), name.to_owned(), method)).into_iter().flatten();
                into.extend(there.filter(|other| **other != module).map(|other| (*other).clone()));
            }
        }
    }
    found
}

#[test]
fn what_is_passed_on_and_whose_method_is_called_is_seen() {
    let of = |module: &str, code: &str| (module.to_owned(), code.to_owned());
    let modules: Modules = BTreeMap::from([
        of("crate", "pub use a::{B, b::C as D};\nmod a;\npub struct Whole;"),
        of("a", "pub struct B;\npub(crate) use crate::e::F;"),
        of("a::b", "pub struct C;\nimpl crate::Whole {}\n\nimpl B {\n    fn f(&self) { self.g() }\n}\n"),
        of("e", "pub struct F;\n\nimpl B {\n    fn g(&self) { self.f() }\n}\n\nimpl F {\n    fn f() {}\n}\n"),
    ]);
    let passages = passages(&modules);
    let leads = |path: &str| target(path, "e", &modules, &passages);
    assert_eq!(leads("crate::B"), Some("a".to_owned()));
    assert_eq!(leads("crate::C"), Some("a::b".to_owned()));
    assert_eq!((leads("crate::a::F"), leads("crate::Whole")), (None, None));
    let methods = methods(&modules);
    assert_eq!(methods["e"], BTreeSet::from(["a::b".to_owned()]));
    assert_eq!(methods["a::b"], BTreeSet::from(["e".to_owned()]), "f of F is another");
    assert_eq!(plain("a // b\n#[cfg(test)]\nmod c;\nd\n#[cfg(test)]\nmod tests {\n}"), "a \n#[cfg(test)]\nmod c;\nd\n");
    let code =
        "mod own;\npub mod passed;\nmod unused;\npub use passed::{A, B};\nuse own::C;\nfn f() { crate::unused::g() }";
    assert_eq!(children(code), ["own"]);
    assert_eq!(children("mod a;\npub(crate) use a::B;\nfn f() { a::g() }"), ["a"]);
    assert_eq!(children("mod a;\nmod b;\nuse self::a::B;\nfn f() { super::b::g() }"), ["a"]);
}
