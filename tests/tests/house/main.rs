//! The shape of the house: which crate knows which, no circle of modules, nothing that nobody calls, no file that nobody reads
//! to its end.

mod circles;
mod source;
mod unused;

use source::{modules, root};

/// Each crate of the workspace, where it lies, and the crates of the workspace that it may know.
pub const CRATES: [(&str, &str, &[&str]); 11] = [
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
const OF_TESTS: [&str; 6] = ["made-up", "moved-clock", "older", "sabotage", "trace", "verify-once"];

/// Lines of a file of source, at most, its own tests left out.
const FILE_LINES_MAX: usize = 500;

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

/// Where files are opened: as files and nothing else, see `open_regular`.
const OPENS_FILES: [(&str, &str); 2] = [("desk", "files"), ("store", "files")];
/// What is no file of anybody's: of the system, of the measurements and of the demonstration.
const OF_NOBODY: [(&str, &str); 5] = [
    ("desk", "clock"),
    ("jiesu", "bench"),
    ("jiesu", "bench::served"),
    ("jiesu", "commands::serve"),
    ("jiesu", "crate"),
];
/// What opens whatever is at a path, and waits for the other end of a pipe.
const WAITS: [&str; 3] = ["fs::read(", "fs::read_to_string(", "File::open("];

#[test]
fn nobody_waits_for_the_other_end_of_a_pipe() {
    for (name, folder, _) in CRATES.iter().filter(|(name, ..)| ["desk", "web", "node", "jiesu"].contains(name)) {
        for (module, code) in modules(folder) {
            let known = OPENS_FILES.iter().chain(&OF_NOBODY).any(|known| *known == (*name, module.as_str()));
            // A folder is opened to force its entries onto the disk.
            let opens = |line: &&str| WAITS.iter().any(|word| line.contains(word)) && !line.contains("(folder)");
            let found: Vec<&str> = code.lines().filter(opens).collect();
            assert!(known || found.is_empty(), "{name}: {module} opens what may be no file: {found:?}");
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
