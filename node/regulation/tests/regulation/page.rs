//! `docs/regulation.md`: the table, the pairs, the settings and the rules, for whoever reads no code.

use std::collections::BTreeMap;
use std::fmt::Write;

use regulation::table::{PAIRS, TABLE};
use regulation::{ActKind, TicketState};

/// `docs/regulation.md` is made from the table: `JIESU_BLESS=1 cargo test -p regulation page::` writes it anew.
#[test]
fn the_page_says_what_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/regulation.md");
    let page = page().expect("text can be written");
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::write(path, &page).expect("docs can be written");
    }
    let held = std::fs::read_to_string(path).expect("docs/regulation.md");
    assert!(held == page, "docs/regulation.md is not what the table says; write it anew with JIESU_BLESS=1");
}

fn page() -> Result<String, std::fmt::Error> {
    let mut out = String::from(
        "# 条例与程序对照 The regulation as the program has it\n\n\
         由 `node/regulation/src/table.rs` 生成，请勿手改。Made from the table; do not edit.\n\n\
         [D] 表示条例文本未规定、由本系统设定。条次为《保定市接诉即办工作条例》（征求意见稿）。\n\n\
         余地：一台设备在一件工单中的记录数有上限。“随时”的只能用到其四分之三，“随事”的到八分之七，余下的留给“须办”的；“不限”的不受上限约束。\n\n\
         ## 办理事项\n\n\
         | 编号 | 事项 | 代码 | 条 | 谁可以办 | 岗位 | 在什么状态 | 依据哪条记录 | 办后 | 还须 | 记录什么 | 余地 |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mut rows: Vec<_> = TABLE.iter().collect();
    rows.sort_by_key(|row| row.number);
    for row in rows {
        let states = if row.from.len() == TicketState::ALL.len() {
            "任何状态".to_owned()
        } else if row.from.is_empty() {
            "—".to_owned()
        } else {
            row.from.iter().map(|state| state.names().1).collect::<Vec<_>>().join("、")
        };
        let besides = if row.besides.is_empty() { "—" } else { row.besides };
        let role = row.kind.role().map_or("任何岗位", |role| role.names().1);
        let role = if row.kind.of_clock() { "—" } else { role };
        writeln!(
            out,
            "| {} | {} | `{}` | {}{} | {} | {role} | {states} | {} | {} | {besides} | {} | {} |",
            row.number,
            row.kind.chinese(),
            row.kind.code(),
            row.kind.article().chinese(),
            if row.derived { " [D]" } else { "" },
            row.who.names().1,
            row.target.names().1,
            row.to,
            row.records,
            row.room.chinese(),
        )?;
    }
    out.push_str(
        "\n## 两人办理\n\n一人提出，另一人在自己的登录中复核；复核前不产生任何效力，复核人可以不同意，提出人可以撤回。提出人须符合上表或（名册设置）与复核人相同的条件。\n\n\
         | 事项 | 代码 | 复核人的岗位 | 复核人的机构 |\n|---|---|---|---|\n",
    );
    for pair in PAIRS {
        let (chinese, code) = pair.matter.names();
        let roles: Vec<&str> = pair.roles.iter().map(|role| role.names().1).collect();
        writeln!(out, "| {chinese} | `{code}` | {} | {} |", roles.join("或"), pair.of.chinese())?;
    }
    out.push_str("\n## 知识库\n\n| 事项 | 代码 | 条 |\n|---|---|---|\n");
    for kind in ActKind::ALL.iter().filter(|kind| kind.of_knowledge()) {
        writeln!(out, "| {} | `{}` | {} |", kind.chinese(), kind.code(), kind.article().chinese())?;
    }
    out.push_str("\n## 状态\n\n| 状态 | 代码 |\n|---|---|\n");
    for state in TicketState::ALL {
        writeln!(out, "| {} | `{}` |", state.names().1, state.names().0)?;
    }
    out.push_str(
        "\n## 设置（名册中的数，可按版本修改）\n\n只影响计算：时限是否遵守、计入哪个月、怎么计入；从不使一条记录不合法或未采用。\n\n| 号 | 设置 | 代码 | 条 | 通常 | 可设 |\n|---|---|---|---|---|---|\n",
    );
    for setting in regulation::Settings::TABLE {
        let regulation::settings::Setting { number, chinese, code, usual, least, most, .. } = setting;
        let (article, counts) = (setting.article.chinese(), setting.counts.names().0);
        writeln!(out, "| {number} | {chinese} | `{code}` | {article} | {usual}{counts} | {least}–{most} |")?;
    }
    out.push_str(
        "\n## 不能办时的理由\n\n作成的人看得到所违反的，记录**不合法**（unlawful），任何节点都不计入，不论先后；看不到、因同时所作的另一条记录而违反的，记录**未采用**（overruled），\
         留在案卷里，连同理由告知承办单位和热线。同一条规则两种情形都可能有。时间从不在此列：迟了、早了、填错了时间，都只影响计算（counts so）。\n\n| 规则 | 条 | 理由 |\n|---|---|---|\n");
    let mut rules: BTreeMap<&str, &regulation::Rule> = BTreeMap::new();
    rules.extend(regulation::Rule::ALL.iter().map(|rule| (rule.code(), rule)));
    for (code, rule) in rules {
        writeln!(out, "| `{code}` | {} | {} |", rule.article().chinese(), rule.chinese())?;
    }
    Ok(out)
}
