//! No module knows another that knows it back: by a path, by a name that a root passes on, or by a method of a type that they
//! both have methods of.

use std::collections::{BTreeMap, BTreeSet};

use crate::CRATES;
use crate::source::{children, methods, modules, passages, paths, target};

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Modules that know each other, in groups.
fn circles(edges: &Edges) -> Vec<Vec<String>> {
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

/// A module with its own children is one idea in several files: the parent is what they are called by, and they build on its
/// types.
fn family(circle: &[String]) -> bool {
    circle.iter().any(|root| circle.iter().all(|m| m == root || m.starts_with(&format!("{root}::"))))
}

fn joined(one: &Edges, other: &Edges) -> Edges {
    let mut all = one.clone();
    for (module, into) in other {
        all.entry(module.clone()).or_default().extend(into.iter().cloned());
    }
    all
}

#[test]
fn modules_make_no_circle() {
    let mut found = BTreeMap::new();
    for (name, folder, _) in CRATES {
        let modules = modules(folder);
        let passages = passages(&modules);
        let of = |(module, code): (&String, &String)| {
            let into = paths(code).iter().filter_map(|path| target(path, module, &modules, &passages)).collect();
            (module.clone(), into)
        };
        let edges: Edges = modules.iter().map(of).collect();
        // What the root names is everything.
        let with_children = edges.iter().map(|(module, into)| {
            let code = if module == "crate" { "" } else { &modules[module] };
            let children = children(code).into_iter().map(|child| format!("{module}::{child}"));
            (module.clone(), into.iter().cloned().chain(children.filter(|child| modules.contains_key(child))).collect())
        });
        let with_children: Edges = with_children.collect();
        let mut methods = methods(&modules);
        methods.remove("crate");
        methods.values_mut().for_each(|into| into.retain(|module| module != "crate"));
        let all = joined(&with_children, &methods);
        let across = circles(&all).into_iter().filter(|circle| !family(circle));
        let arrows = circles(&edges).into_iter().chain(across).map(|circle| {
            let inside = |module: &String| all[module].iter().filter(|other| circle.contains(other)).cloned();
            circle.iter().flat_map(|from| inside(from).map(move |to| format!("{from} -> {to}"))).collect::<Vec<_>>()
        });
        found.insert(name, arrows.collect::<Vec<Vec<String>>>());
    }
    found.retain(|_, arrows| !arrows.is_empty());
    assert!(found.is_empty(), "modules know each other: {found:#?}");
}

#[test]
fn a_circle_is_seen() {
    let of = |module: &str, code: &str| (module.to_owned(), code.to_owned());
    let modules: BTreeMap<String, String> = BTreeMap::from([
        of("crate", "mod a;\nmod b;\npub use c::E;"),
        of("a", "use crate::{E, b::{self, D}};\n"),
        of("b", "fn f() { crate::c::g() }"),
        of("c", "use super::a;"),
    ]);
    let passages = passages(&modules);
    let edges = modules.iter().map(|(module, code)| {
        (module.clone(), paths(code).iter().filter_map(|path| target(path, module, &modules, &passages)).collect())
    });
    let edges: Edges = edges.collect();
    assert_eq!(circles(&edges), [["a", "b", "c"]]);
    assert_eq!(edges["a"], BTreeSet::from(["b".to_owned(), "c".to_owned()]));
}
