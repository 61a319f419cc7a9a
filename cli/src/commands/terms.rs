//! Terms and limits: shown, or proposed to be set on the city hub.

use desk::Problem;
use desk::call::{answers, questions as q};

use super::shown;
use crate::args::{Global, Terms};
use crate::out::{english, line, say, table};
use crate::show;

pub async fn run(global: &Global, command: Terms) -> Result<(), Problem> {
    match command {
        Terms::Show => shown(global, q::Terms::default(), table_of).await,
        Terms::Set { set, from } => {
            let set = set.iter().map(|word| pair(word)).collect::<Result<_, _>>()?;
            shown(global, q::Terms { set, from }, |told| match &told.proposed {
                Some(proposed) => show::proposed(proposed),
                None => line(say("与现行相同，没有变化", "that is what they are: nothing changed")),
            })
            .await
        }
    }
}

/// `help_wd=4`
fn pair(word: &str) -> Result<(String, u32), Problem> {
    let (name, value) = word.split_once(['=', '＝']).ok_or_else(|| {
        Problem::bad_input(
            format!("{word} 应写作 名称=数值，如 help_wd=4"),
            format!("write {word} as NAME=VALUE, such as help_wd=4"),
        )
    })?;
    // As an input method for Chinese writes digits.
    let half = |c: char| {
        if ('０'..='９').contains(&c) { char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c) } else { c }
    };
    let digits: String = value.trim().chars().map(half).collect();
    let read = digits.parse().map_err(|_| {
        Problem::bad_input(
            format!("{word}：{} 不是数值，应为不带正负号和小数点的数字，如 help_wd=4", value.trim()),
            format!("{word}: {} is no number; write digits alone, such as help_wd=4", value.trim()),
        )
    })?;
    Ok((name.trim().to_owned(), read))
}

fn table_of(told: &answers::Terms) {
    let head = match english() {
        true => ["name", "", "", "can be", "article", "", "since"],
        false => ["名称", "", "", "可设", "条", "", "自何时"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for term in &told.terms {
        let changed = term.value != term.usual;
        rows.push(vec![
            term.name.clone(),
            if english() { String::new() } else { term.name_zh.clone() },
            format!("{} {}", term.value, if english() { &term.unit_en } else { &term.unit }),
            format!("{}–{}", term.least, term.most),
            term.article.clone(),
            if changed { format!("{} {}", say("默认", "usually"), term.usual) } else { String::new() },
            match (term.since_version, english()) {
                (0, _) => String::new(),
                (version, true) => format!("{} (registry version {version})", since(term)),
                (version, false) => format!("{}（名册第 {version} 版）", since(term)),
            },
        ]);
    }
    table(&rows);
    for term in &told.terms {
        for planned in &term.planned {
            line(match english() {
                true => format!("{} from {}: {} {}", term.name, planned.from, planned.value, term.unit_en),
                false => format!("{} 自 {} 起：{} {}", term.name_zh, planned.from, planned.value, term.unit),
            });
        }
    }
    line(match english() {
        true => format!("as held here: registry version {}", told.version),
        false => format!("以本机持有的名册第 {} 版为准", told.version),
    });
    let of_hub = |hub: &answers::HubCarries| format!("{} {}", hub.name, hub.carries);
    let hubs = told.hubs.iter().map(of_hub).collect::<Vec<_>>();
    line(match english() {
        true => {
            format!("editions of the rules: this program carries up to {}; hubs: {}", told.carries, hubs.join(", "))
        }
        false => format!("规则版次：本机程序带有至第 {} 版；各中心节点：{}", told.carries, hubs.join("、")),
    });
    show::registry_proposals(&told.proposals);
}

fn since(term: &answers::Term) -> &str {
    term.since.as_deref().and_then(|time| time.get(..10)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_people_type_it_and_a_wrong_number_is_told_as_one() {
        for good in ["help_wd=4", "help_wd = 4", "help_wd=４", "help_wd＝４"] {
            assert_eq!(pair(good).unwrap(), ("help_wd".to_owned(), 4), "{good}");
        }
        for wrong in ["edition=-1", "edition=abc", "edition=", "edition=4294967296"] {
            assert!(pair(wrong).unwrap_err().title.contains("不是数值"), "{wrong}");
        }
        assert!(pair("edition").unwrap_err().title.contains("名称=数值"));
    }
}
