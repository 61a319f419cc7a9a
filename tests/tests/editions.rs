//! What an edition of the rules found in stored histories it finds for ever.

use tests::editions;

#[test]
fn each_edition_finds_in_stored_histories_what_it_found() {
    let looked_at = editions::check(&editions::folder()).unwrap_or_else(|why| panic!("{why}"));
    assert!(looked_at > 0);
}

#[test]
fn a_history_that_is_found_otherwise_is_told_with_what_to_do() {
    let copy = tempfile::tempdir().unwrap();
    let (from, to) = (editions::folder().join("1"), copy.path().join("1"));
    std::fs::create_dir(&to).unwrap();
    for name in ["registry.txt", "00.txt"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    assert_eq!(editions::check(copy.path()), Ok(1));
    let text = std::fs::read_to_string(to.join("00.txt")).unwrap();
    let (acts, found) = text.split_once("found:\n").unwrap();
    let others = found.replacen(", effective", ", overruled role-missing", 1);
    std::fs::write(to.join("00.txt"), format!("{acts}found:\n{others}")).unwrap();
    let why = editions::check(copy.path()).unwrap_err();
    for part in ["00.txt", "was  act 0", "overruled role-missing", "is   act 0", "effective", "Correct a rule"] {
        assert!(why.contains(part), "{why}");
    }
}
