//! What can be looked up: codes, days, exit codes, acts with their fields.

use desk::call::answers::{Category, Day, Year};
use desk::form;
use desk::view::UnitRef;
use regulation::ActKind;

use crate::out::{self, line, say, table};

/// Units with their codes.
pub fn units(units: &[UnitRef]) {
    codes(units.iter().map(|unit| (&unit.code, &unit.name)));
}

/// Categories with their codes.
pub fn categories(categories: &[Category]) {
    codes(categories.iter().map(|category| (&category.code, &category.name)));
}

/// Whether one of its names holds what is wanted.
pub fn holds(names: &[&str], wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| names.iter().any(|name| name.contains(wanted)))
}

fn codes<'c>(of: impl Iterator<Item = (&'c String, &'c String)>) {
    table(&of.map(|(code, name)| vec![code.clone(), name.clone()]).collect::<Vec<_>>());
}

/// Days of a year.
pub fn year(of: &Year) {
    if !of.known {
        line(format!("{} {}", of.year, say("年放假安排尚未公布或未导入", "is not announced or not imported yet")));
    }
    let row = |day: &Day| {
        let kind = if day.kind == "work" { say("补班", "working") } else { say("放假", "off") };
        vec![day.date.clone(), kind.to_owned(), day.name.clone()]
    };
    table(&of.days.iter().map(row).collect::<Vec<_>>());
}

/// The exit codes.
pub fn exit_codes() {
    const CODES: [(u8, &str, &str); 12] = [
        (0, "完成", "done"),
        (1, "依规则不能办理", "refused by a rule"),
        (2, "命令用法有误", "usage"),
        (3, "没有此件", "not found"),
        (4, "无权办理", "not permitted"),
        (5, "输入有误", "bad input"),
        (6, "连不上节点", "no connection to the node"),
        (7, "本机存储故障", "storage fault"),
        (8, "正忙或过于频繁，请稍后再试", "busy, or too often: try again later"),
        (9, "结果未知，请稍后查看", "the result is unknown, look again later"),
        (10, "检查发现问题", "a check found problems"),
        (
            out::UNWRITTEN,
            "结果写不出；要保存的都已保存",
            "the result could not be written; what was to be saved is saved",
        ),
    ];
    for (code, chinese, english) in CODES {
        line(format!("{code:>3}  {}", say(chinese, english)));
    }
}

/// The acts and their fields.
pub fn acts() {
    line(say(
        "事项和选项写中文名或英文名都可以，如 jiesu ticket act 派发 编号 --lead 单位",
        "acts and choices go by either name, such as jiesu ticket act dispatch NUMBER --lead UNIT",
    ));
    for kind in ActKind::ALL.iter().filter(|kind| !kind.of_clock()) {
        line(format!("{}  {}  {}", kind.code(), kind.chinese(), kind.article().chinese()));
        if *kind == ActKind::Attach {
            line(format!(
                "    --{:<18} {}",
                "file",
                say(
                    "（必填）本机的文件：由节点收下，摘要值、字节数、格式和名称从中得出",
                    "(required) a file of this machine: the node keeps it, and takes digest, bytes, format and name from it"
                )
            ));
        }
        let of_file = |name: &str| *kind == ActKind::Attach && matches!(name, "digest" | "bytes" | "hash" | "media");
        for field in form::fields(*kind).into_iter().filter(|field| !of_file(field.name)) {
            let needed = if field.required { say("（必填）", " (required)") } else { "" };
            let choices = match field.input {
                form::Input::Choice(all) => {
                    let name = |(code, chinese): &(&str, &str)| match out::english() {
                        true => (*code).to_owned(),
                        false => format!("{chinese}（{code}）"),
                    };
                    all().iter().map(name).collect::<Vec<_>>().join(" | ")
                }
                form::Input::Time => say("（时间；now 即此刻）", "(a time; now: now)").to_owned(),
                _ => String::new(),
            };
            line(format!("    --{:<18} {}{needed}  {choices}", field.name, say(field.chinese, field.english)));
        }
    }
    let happened = form::HAPPENED_AT;
    line(format!(
        "\n{}\n    --{:<18} {}",
        say("各事项均可", "for every act"),
        happened.name,
        say(happened.chinese, happened.english)
    ));
}
