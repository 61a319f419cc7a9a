//! The tables that the product ships hang together.

use std::collections::{BTreeMap, BTreeSet};

fn rows(text: &'static str) -> (Vec<&'static str>, Vec<Vec<&'static str>>) {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    (lines.next().unwrap_or_default(), lines.collect())
}

#[test]
fn every_unit_but_the_city_hotline_has_a_hotline_above_it() {
    let (header, units) = rows(include_str!("../../../data/units.csv"));
    assert_eq!(header.join(","), "unit_code,name,short_name,kind,level,division_code,attested,parent_code");
    assert!(units.iter().all(|unit| unit.len() == header.len()));
    let kinds: BTreeMap<&str, (&str, &str)> = units.iter().map(|unit| (unit[0], (unit[3], unit[4]))).collect();
    assert_eq!((units.len(), kinds.len()), (395, 395), "codes are unique");
    assert_eq!((units[0][0], units[0][3], units[0][7]), ("130600-HOT", "hotline", ""), "ordinal 1 is the city hotline");
    for unit in &units[1..] {
        let above = match unit[3] {
            "hotline" | "department" | "enterprise" => ("hotline", "city"),
            "county_gov" | "township_gov" | "zone" => ("hotline", "county"),
            other => panic!("unknown kind {other}"),
        };
        assert_eq!(kinds.get(unit[7]), Some(&above), "{unit:?}");
        assert!(above.1 == "city" || unit[7].starts_with(&unit[0][..6]), "the hotline of its own county: {unit:?}");
    }
}

#[test]
fn every_category_names_a_lead_that_exists() {
    let (header, categories) = rows(include_str!("../../../data/categories.csv"));
    assert_eq!(header.join(","), "code,level1,level2,lead_unit,lead_code");
    let (_, units) = rows(include_str!("../../../data/units.csv"));
    let known: BTreeSet<&str> = units.iter().map(|unit| unit[0]).chain(["township", "county", "none", ""]).collect();
    assert!(categories.iter().all(|category| category.len() == 5 && known.contains(category[4])));
    assert_eq!(categories.iter().map(|category| category[0]).collect::<BTreeSet<_>>().len(), 118);
}
