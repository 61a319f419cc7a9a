//! Units and categories by the names that people use. A name that several have is no name: they are listed, and one of them
//! must be chosen by its code.

use regulation::UnitId;
use replica::{Registry, Unit};

use crate::narrow::narrow;
use crate::problem::Problem;

/// Candidates that are listed, at most.
const CANDIDATES_MAX: usize = 8;

/// The unit of that code, full name or short name.
///
/// # Errors
/// There is none, or several: those that come near are listed.
pub fn unit<'r>(registry: &'r Registry, name: &str) -> Result<(UnitId, &'r Unit), Problem> {
    let (at, typed) = (registry.now(), name.trim());
    let code = narrow(name);
    if typed.is_empty() {
        return Err(Problem::bad_input(
            "单位是空的；用单位代码、全称或简称（jiesu units 可查）",
            "the unit is empty; use its code, name or short name",
        ));
    }
    // A name may hold signs of full width; a code never does.
    let name = if at.units_called(typed).is_empty() { code.as_str() } else { typed };
    let called = at.units_called(name);
    if let [one] = called.as_slice() {
        return Ok(*one);
    }
    let shown = |units: &mut dyn Iterator<Item = &Unit>| -> Vec<String> {
        units.take(CANDIDATES_MAX).map(|unit| format!("{} {}", unit.code, unit.name)).collect()
    };
    if !called.is_empty() {
        return Err(several("单位", "unit", name, &shown(&mut called.iter().map(|(_, unit)| *unit))));
    }
    let near = |unit: &&Unit| !name.is_empty() && (unit.code.contains(name) || unit.name.contains(name));
    let near = shown(&mut at.units().map(|(_, unit)| unit).filter(near));
    Err(none(
        format!("名册中没有这个单位：{name}；用单位代码、全称或简称（jiesu units 可查）"),
        format!("no unit {name} in the registry; use its code, name or short name"),
        &near,
    ))
}

/// The code of the category of that code, full name or last level.
///
/// # Errors
/// There is none, or several: those that come near are listed.
pub fn category(registry: &Registry, name: &str) -> Result<String, Problem> {
    let (at, name, typed) = (registry.now(), name.trim(), narrow(name));
    let all = at.categories();
    let last = |full: &str| full.rsplit('/').next().map(str::to_owned).unwrap_or_default();
    let exact = all.iter().find(|(code, full)| *code == typed || full == name);
    if let Some((code, _)) = exact {
        return Ok(code.clone());
    }
    let shown = |(code, full): &(String, String)| format!("{code} {full}");
    let called: Vec<&(String, String)> = all.iter().filter(|(_, full)| last(full) == name).collect();
    match called.as_slice() {
        [(code, _)] => Ok(code.clone()),
        [] => {
            let near = all.iter().filter(|(_, full)| !name.is_empty() && full.contains(name));
            Err(none(
                format!("没有这个事项分类：{name}；用代码或名称（jiesu categories 可查）"),
                format!("no category {name}; use its code or name (jiesu categories lists them)"),
                &near.take(CANDIDATES_MAX).map(shown).collect::<Vec<_>>(),
            ))
        }
        several_of => {
            let list: Vec<String> = several_of.iter().take(CANDIDATES_MAX).map(|one| shown(one)).collect();
            Err(several("事项分类", "category", name, &list))
        }
    }
}

fn several(chinese: &str, english: &str, name: &str, list: &[String]) -> Problem {
    Problem::bad_input(
        format!("有几个{chinese}都叫“{name}”，请用代码：{}", list.join("、")),
        format!("more than one {english} is called {name}; use a code: {}", list.join(", ")),
    )
}

fn none(chinese: String, english: String, near: &[String]) -> Problem {
    if near.is_empty() {
        return Problem::bad_input(chinese, english);
    }
    Problem::bad_input(
        format!("{chinese}。相近的有：{}", near.join("、")),
        format!("{english}. Near it: {}", near.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::founding::{self, Founder};

    fn registry() -> Registry {
        let root = replica::seal::DeviceKey::from_secret(&[7; 32]);
        let founder = Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
        let mut registry = Registry::default();
        let mut changes = founding::changes("保定市", root.public(), [8; 32], &founder).unwrap();
        let twin = Unit::new("130600-X01", "义安镇水务站", "义安镇", replica::UnitKind::Enterprise, None);
        changes.push(replica::Change::Units(vec![(UnitId(9_000), twin)]));
        changes.push(replica::Change::Categories(
            [("01", "城建/照明"), ("02", "交通/照明"), ("03", "交通/停车")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .to_vec(),
        ));
        for change in changes {
            let entry = replica::registry::sign_entry(None, &registry, change, 0, &root);
            registry.append(&entry).unwrap();
        }
        registry
    }

    #[test]
    fn name_of_several_is_refused_with_all_of_them() {
        let registry = registry();
        let problem = unit(&registry, "义安镇").unwrap_err();
        assert!(problem.title.contains("130623102-GOV") && problem.title.contains("130600-X01"), "{problem:?}");
        assert_eq!(unit(&registry, "义安镇人民政府").unwrap().1.code, "130623102-GOV");
        assert_eq!(unit(&registry, " 130600-X01 ").unwrap().0, UnitId(9_000));
        assert!(unit(&registry, "130623102").unwrap_err().title.contains("130623102-GOV"), "never guessed, but said");
        let problem = category(&registry, "照明").unwrap_err();
        assert!(problem.title.contains("01 城建/照明") && problem.title.contains("02 交通/照明"), "{problem:?}");
        assert_eq!(category(&registry, "交通/照明").unwrap(), "02");
        assert_eq!(category(&registry, "停车").unwrap(), "03");
        assert_eq!(category(&registry, "０３").unwrap(), "03");
        assert_eq!(unit(&registry, "１３０６００－Ｘ０１").unwrap().0, UnitId(9_000));
        assert!(unit(&registry, " ").unwrap_err().title.contains("空"));
        assert!(category(&registry, "停").unwrap_err().detail.contains("03"));
    }
}
