//! Answers as people read them in a terminal.

mod articles;
mod node;
mod reference;

use serde_json::Value;

use crate::out::{self, cut, line, say, table};

pub use articles::{article, articles};
pub use node::{alarms, clock, commands_are, reveals, status, sync, verify};
pub use reference::{acts, codes, exit_codes, year};

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The Chinese name beside a code, or the code where English is spoken.
fn named<'v>(value: &'v Value, code: &str) -> &'v str {
    if out::english() { text(value, code) } else { value[format!("{code}_name")].as_str().unwrap_or_default() }
}

/// `2026-11-02T09:20:00+08:00` as `11-02 09:20`.
fn short(time: &str) -> String {
    time.get(5..16).unwrap_or(time).replace('T', " ")
}

fn due(due: &Value) -> String {
    if due.is_null() {
        return String::new();
    }
    format!("{} {} {}", named(due, "what"), short(text(due, "due")), named(due, "verdict"))
}

/// How much lists show as it was before something changed.
fn recalculating(count: &Value) {
    if count.as_u64().unwrap_or_default() > 0 {
        line(format!(
            "{} {count}{}",
            say("重算中", "recalculating"),
            say(" 件，列表所示可能是变更前的", ": lists may show what was before")
        ));
    }
}

/// A list of tickets.
pub fn tickets(value: &Value) {
    let header = [
        say("编号", "number"),
        say("状态", "state"),
        say("下一时限", "due next"),
        say("主办", "lead"),
        say("标题", "title"),
        "",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let tickets = list(value, "tickets");
    let doubled = |number: &str| tickets.iter().filter(|ticket| text(ticket, "number") == number).count() > 1;
    for ticket in tickets {
        let mut marks: Vec<&str> = Vec::new();
        // Two machines gave one number: only the id tells the tickets apart.
        if doubled(text(ticket, "number")) {
            marks.extend([say("编号重复，标识", "number given twice, id"), short_id(text(ticket, "id"))]);
        }
        if ticket["urgent"] == true {
            marks.push(say("紧急", "urgent"));
        }
        if ticket["overruled"].as_u64().unwrap_or_default() > 0 {
            marks.push(say("有未采用", "overruled"));
        }
        if ticket["conflicts"].as_u64().unwrap_or_default() > 0 {
            marks.push(say("冲突待看", "conflict"));
        }
        if ticket["unsettled"].as_u64().unwrap_or_default() > 0 {
            marks.push(say("暂定", "unsettled"));
        }
        rows.push(vec![
            text(ticket, "number").to_owned(),
            named(ticket, "state").to_owned(),
            due(&ticket["next_due"]),
            cut(text(&ticket["lead"], "name"), 14),
            cut(text(ticket, "title"), 40),
            marks.join(" "),
        ]);
    }
    table(&rows);
    line(format!("{} {}", say("共", "in all"), value["total"]));
    recalculating(&value["recalculating"]);
    if let Some(cursor) = value["cursor"].as_str() {
        line(format!("{} --cursor '{cursor}'", say("下一页", "next page")));
    }
}

/// The beginning of an id, as much as tells it apart.
fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Tickets that one seems to repeat.
pub fn duplicates(value: &Value) {
    let found = list(value, "duplicates");
    if found.is_empty() {
        return line(say("没有疑似重复的工单", "no ticket seems to be repeated"));
    }
    line(say("疑似重复：", "seems to repeat:"));
    let row = |other: &Value| {
        vec![
            format!("  {}", text(other, "number")),
            named(other, "state").to_owned(),
            short(text(other, "raised_at")),
            cut(text(other, "title"), 40),
            text(other, if out::english() { "why_en" } else { "why" }).to_owned(),
        ]
    };
    table(&found.iter().map(row).collect::<Vec<_>>());
}

/// What waits for a second person.
pub fn proposals(value: &Value) {
    let (found, registry) = (list(value, "proposals"), list(value, "registry"));
    for proposal in registry {
        let mark = match proposal["own"] == true {
            true => say("本人提出", "proposed by you"),
            false => say("待您复核", "you may confirm it"),
        };
        line(format!("{} {} · {mark}", short_id(text(proposal, "proposal")), text(proposal, "what")));
        line(format!("    {}  {}", text(proposal, "person"), short(text(proposal, "since"))));
    }
    if found.is_empty() && registry.is_empty() {
        return line(say("没有待复核的提议", "nothing waits for a second person"));
    }
    for proposal in found {
        let number = text(proposal, "number");
        let of = if number.is_empty() { short_id(text(proposal, "id")) } else { number };
        let mark = match (proposal["own"] == true, proposal["confirms"] == true) {
            (true, _) => say("本人提出", "proposed by you"),
            (_, true) => say("待您复核", "you may confirm it"),
            _ => text(proposal, if out::english() { "reason_en" } else { "reason" }),
        };
        line(format!(
            "{} {} · {} · {} {} · {}",
            short_id(text(proposal, "act")),
            named(proposal, "kind"),
            text(proposal, "summary"),
            of,
            cut(text(proposal, "title"), 40),
            mark
        ));
        let why: Vec<&str> = list(proposal, "text").iter().filter_map(Value::as_str).collect();
        line(format!(
            "    {} {} {}  {}",
            text(&proposal["unit"], "name"),
            text(proposal, "person"),
            short(text(proposal, "since")),
            why.join(" ")
        ));
    }
}

/// One ticket.
pub fn ticket(value: &Value) {
    line(format!("{}  {}", text(value, "number"), text(value, "title")));
    let urgent = if value["urgent"] == true { say(" · 紧急", " · urgent") } else { "" };
    line(format!(
        "{} · {}{urgent} · {} · {}",
        named(value, "state"),
        named(value, "kind"),
        text(value, "category_name"),
        text(value, "place_name")
    ));
    let requester = &value["requester"];
    let kept = match requester["kept"].as_str() {
        Some("recused") => say("（本单位已回避，不显示）", "(not shown: this unit is kept out)"),
        Some(_) => say("（保密，只向市热线和承办人显示）", "(not shown: confidential)"),
        None => "",
    };
    line(format!("{} {} {} {kept}", say("诉求人", "requester"), text(requester, "name"), text(requester, "phone")));
    line(format!("{} {}", say("反映", "raised"), short(text(value, "raised_at"))));
    if let Some(lead) = value["lead"]["name"].as_str() {
        let assisting: Vec<&str> = list(value, "assisting").iter().map(|unit| text(unit, "name")).collect();
        let assisting = if assisting.is_empty() {
            String::new()
        } else {
            format!("  {} {}", say("协办", "assisting"), assisting.join("、"))
        };
        line(format!("{} {lead}{assisting}", say("主办", "lead")));
    }
    line("");
    line(text(value, "content"));
    if !text(value, "notes").is_empty() {
        line(format!("\n{}\n{}", say("工作记录", "notes"), text(value, "notes")));
    }
    let tags: Vec<&str> = list(value, "tags").iter().filter_map(Value::as_str).collect();
    if !tags.is_empty() {
        line(format!("\n{} {}", say("标签", "tags"), tags.join(" ")));
    }
    for conflict in list(value, "conflicting") {
        let values: Vec<&str> = list(conflict, "values").iter().filter_map(Value::as_str).collect();
        line(format!("\n{} {}：{}", say("冲突待看", "conflict"), text(conflict, "field_name"), values.join(" ｜ ")));
    }
    if !list(value, "duplicates").is_empty() {
        line("");
        duplicates(value);
    }
    line(format!("\n{}", say("时限", "dues")));
    let rows: Vec<Vec<String>> = list(value, "due_list")
        .iter()
        .map(|item| {
            vec![
                format!("  {}", named(item, "what")),
                text(&item["unit"], "name").to_owned(),
                short(text(item, "due")),
                named(item, "verdict").to_owned(),
                item["met_at"].as_str().map(|at| format!("{} {}", say("已办", "done"), short(at))).unwrap_or_default(),
                text(item, "basis").to_owned(),
            ]
        })
        .collect();
    table(&rows);
    line(format!("\n{}", say("办理记录", "acts")));
    list(value, "acts").iter().for_each(act);
    let open: Vec<&str> = list(value, "options")
        .iter()
        .filter(|option| option["allowed"] == true)
        .map(|option| named(option, "kind"))
        .collect();
    line(format!("\n{} {}", say("现在可办", "may be done now:"), open.join(say("、", ", "))));
}

fn act(value: &Value) {
    let overruled = &value["overruled"];
    let mark = match (text(value, "standing"), value["settled"] == true) {
        ("effective", true) => "  ",
        ("effective", false) => "~ ",
        _ => "✗ ",
    };
    let person = value["person"].as_str().map(|person| format!(" {person}")).unwrap_or_default();
    let when = value["happened_at"].as_str().unwrap_or_else(|| text(value, "claimed_at"));
    line(format!(
        "{mark}{}  {} {}{person}  {}  [{}]",
        short(when),
        named(value, "kind"),
        text(&value["unit"], "name"),
        text(value, "summary"),
        text(value, "article")
    ));
    for segment in list(value, "text").iter().chain(list(value, "effects")).filter_map(Value::as_str) {
        line(format!("      {}", cut(&segment.replace('\n', " "), 100)));
    }
    if !overruled.is_null() {
        let reason = if out::english() { text(overruled, "reason_en") } else { text(overruled, "reason") };
        let by = overruled["by_name"].as_str().map(|by| format!(" ← {by}")).unwrap_or_default();
        line(format!("      {} {reason}{by}", say("未采用：", "overruled:")));
    }
}
