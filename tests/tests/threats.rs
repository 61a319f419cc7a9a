//! What `docs/threats.md` says is tested is tested: every test and every case of the hostile peer that it names exists.

use std::path::Path;

use tests::hostile::cases::CASES;

#[test]
fn every_test_that_the_page_of_threats_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/threats.md")).expect("the page is there");
    let (mut file, mut missing, mut found) = (String::new(), Vec::new(), 0);
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let Some(tests) = row.split('|').nth(2) else { continue };
        for name in tests.split('`').skip(1).step_by(2) {
            if let Some(case) = name.strip_prefix("hostile ") {
                if !CASES.iter().any(|known| known.name == case) {
                    missing.push(name.to_owned());
                }
            } else if Path::new(name).extension().is_some_and(|ending| ending == "rs") {
                file = std::fs::read_to_string(root.join(name)).unwrap_or_default();
                if file.is_empty() {
                    missing.push(name.to_owned());
                }
            } else {
                found += 1;
                if !file.contains(&format!("fn {name}(")) {
                    missing.push(name.to_owned());
                }
            }
        }
    }
    assert!(missing.is_empty(), "the page names what is not there: {missing:#?}");
    assert!(found > 50, "the page was not read");
}
