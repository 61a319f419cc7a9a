//! Answers as people read them in a terminal.

use desk::form;
use regulation::ActKind;
use serde_json::Value;

use crate::out::{self, bytes, cut, line, say, table};

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

/// A list of articles.
pub fn articles(value: &Value) {
    let rows: Vec<Vec<String>> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|article| {
            vec![
                text(article, "id").get(..10).unwrap_or_default().to_owned(),
                named(article, "state").to_owned(),
                cut(text(article, "title"), 40),
                cut(&text(article, "excerpt").replace('\n', " "), 60),
            ]
        })
        .collect();
    if rows.is_empty() {
        line(say("没有找到", "nothing found"));
    }
    table(&rows);
}

/// One article.
pub fn article(value: &Value) {
    line(format!("{}  {}", text(value, "title"), named(value, "state")));
    line(format!("{}\n", text(value, "id")));
    line(text(value, "body"));
    list(value, "blocks").iter().for_each(wordings);
    if let Some(published) = value["published"].as_str().filter(|published| *published != text(value, "body")) {
        line(format!("\n{}\n{published}", say("—— 已发布的版本 ——", "—— as published ——")));
    }
    line("");
    list(value, "acts").iter().for_each(act);
}

/// Wordings that stand side by side in an article.
fn wordings(block: &Value) {
    let wordings = list(block, "wordings");
    if !wordings.is_empty() {
        line(format!("\n{}", say("待选定的写法（jiesu kb choose）：", "to be chosen (jiesu kb choose):")));
    }
    for wording in wordings {
        let said = wording["text"].as_str().map_or_else(|| say("（删去）", "(removed)"), str::trim);
        let (who, act) = (text(wording, "person"), text(wording, "act").get(..10).unwrap_or_default());
        line(format!("  {act}  {said}  —— {} {who} {}", text(&wording["unit"], "name"), short(text(wording, "at"))));
    }
}

/// How the node stands with its peers.
pub fn sync(value: &Value, peer: Option<&str>) {
    line(if out::english() { text(value, "sentence_en") } else { text(value, "sentence") });
    let header = [
        say("节点", "peer"),
        say("单位", "unit"),
        say("状态", "state"),
        say("待上传", "pending"),
        say("已发", "sent"),
        say("已收", "received"),
        say("流量", "bytes"),
        say("往返", "round trips"),
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let wanted = |item: &&Value| {
        peer.is_none_or(|peer| text(item, "name") == peer || item["device"].as_u64() == peer.parse().ok())
    };
    for item in list(value, "peers").iter().filter(wanted) {
        let state = match (item["connected"] == true, item["in_sync"] == true) {
            (true, true) => say("已一致", "in sync").to_owned(),
            (true, false) => say("传输中", "syncing").to_owned(),
            _ => match item["last_seen"].as_str() {
                Some(at) => format!("{} {}", say("离线，上次", "offline, last seen"), short(at)),
                None => say("离线", "offline").to_owned(),
            },
        };
        rows.push(vec![
            format!("{} {}", item["device"], text(item, "name")),
            text(&item["unit"], "name").to_owned(),
            state,
            item["pending"].to_string(),
            item["sent"].to_string(),
            item["received"].to_string(),
            bytes(
                item["bytes_sent"].as_u64().unwrap_or_default() + item["bytes_received"].as_u64().unwrap_or_default(),
            ),
            item["round_trips"].to_string(),
        ]);
    }
    if rows.len() > 1 {
        table(&rows);
    }
    for item in list(value, "unreachable") {
        let next = short(text(item, "next_at"));
        line(format!(
            "{} {}：{}（{} {next}）",
            say("连不上", "no answer from"),
            text(item, "address"),
            text(item, if out::english() { "reason" } else { "reason_zh" }),
            say("下次", "next try")
        ));
    }
    let standing = list(value, "alarms").iter().filter(|alarm| stands(alarm)).count();
    if standing > 0 {
        line(format!("{} {standing} {}", say("告警", "alarms:"), say("条，见 jiesu alarm list", "(jiesu alarm list)")));
    }
    let waiting = [
        ("held", say("待前序", "held")),
        ("newer", say("需升级", "of a newer version (upgrade this node)")),
        ("refused", say("拒收", "refused")),
        ("overruled_tickets", say("有未采用的工单", "tickets with overruled acts")),
        ("conflict_tickets", say("冲突待看的工单", "tickets with conflicts")),
    ];
    for (name, said) in waiting {
        if value[name].as_u64().unwrap_or_default() > 0 {
            line(format!("{said} {}", value[name]));
        }
    }
}

/// What the clock shows, and whether it is believed.
pub fn clock(value: &Value) {
    let believed = match value["doubtful"].as_bool() {
        Some(true) => say("时钟可疑：自动的送达证明和督办已停", "doubtful: this node does nothing by itself"),
        _ => say("正常", "believed"),
    };
    line(format!("{} {}  {believed}", say("本机时钟", "clock"), value["now"].as_str().unwrap_or_default()));
}

fn stands(alarm: &Value) -> bool {
    alarm["acknowledged_at"].is_null() && alarm["over_at"].is_null()
}

/// What somebody has to look at.
pub fn alarms(value: &Value) {
    let alarms = list(value, "alarms");
    if alarms.is_empty() {
        line(say("没有告警", "no alarms"));
    }
    for alarm in alarms {
        let state = match (alarm["over_at"].as_str(), alarm["acknowledged_at"].as_str()) {
            (Some(at), _) => format!("{} {}", say("已恢复", "over"), short(at)),
            (None, Some(at)) => {
                format!("{} {} {}", say("已知悉", "acknowledged"), short(at), text(alarm, "acknowledged_name"))
            }
            (None, None) => say("待处理", "stands").to_owned(),
        };
        let sentence = if out::english() { text(alarm, "sentence_en") } else { text(alarm, "sentence") };
        let owner = if out::english() { text(alarm, "owner") } else { text(alarm, "owner_name") };
        line(format!("[{state}] {sentence}"));
        line(format!("  {} {} · {}", text(alarm, "kind"), text(alarm, "source"), text(alarm, "detail")));
        let (times, last) = (say("次，最近", "times, last"), short(text(alarm, "last_at")));
        line(format!("  {} {times} {last} · {} {owner}", alarm["count"], say("由谁处理：", "owner:")));
    }
}

/// What the node is and holds.
pub fn status(value: &Value) {
    let node = &value["sync"];
    line(format!("{} · {} · {}", text(value, "city"), text(&node["unit"], "name"), text(node, "name")));
    line(format!(
        "{} {} · {} {} · {} {} · {}",
        say("工单", "tickets"),
        node["tickets"],
        say("知识", "articles"),
        node["articles"],
        say("办理记录", "acts"),
        node["acts"],
        bytes(node["database_bytes"].as_u64().unwrap_or_default())
    ));
    recalculating(&node["recalculating"]);
    if let Some(states) = value["states"].as_object() {
        for (state, count) in states {
            let name = regulation::TicketState::parse(state)
                .map_or(state.as_str(), |known| say(known.names().1, known.names().0));
            line(format!("  {name} {count}"));
        }
    }
    if value["state"] != "ok" {
        line(say("磁盘已满：只能查看，不能保存", "the disk is full: nothing is saved"));
    }
    if let Some(fault) = value["last_fault"].as_object() {
        let word = |name: &str| fault.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        line(format!(
            "{} {} {}（{}，{}）",
            say("上次故障", "last fault"),
            word("at"),
            word("reason"),
            word("code"),
            word("version")
        ));
    }
    line(commands_are(text(value, "commands")));
    sync(node, None);
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

/// In whose name commands act here.
pub fn commands_are(code: &str) -> &'static str {
    if code == "open" {
        say(
            "命令：不须登录，凡能读写本目录的都可代任何人办理（jiesu config commands signed-in 收回）",
            "commands: open, whoever can use this folder acts as anybody (jiesu config commands signed-in ends that)",
        )
    } else {
        say("命令：须登录（jiesu sign-in）", "commands: a session is needed (jiesu sign-in)")
    }
}

/// Units or categories.
pub fn codes(value: &Value, wanted: Option<&str>) {
    let rows: Vec<Vec<String>> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| vec![text(item, "code").to_owned(), text(item, "name").to_owned()])
        .filter(|row| wanted.is_none_or(|wanted| row.iter().any(|cell| cell.contains(wanted))))
        .collect();
    table(&rows);
}

/// Days of a year.
pub fn year(value: &Value) {
    if value["known"] != true {
        line(format!(
            "{} {}",
            value["year"],
            say("年放假安排尚未公布或未导入", "is not announced or not imported yet")
        ));
    }
    let rows: Vec<Vec<String>> = list(value, "days")
        .iter()
        .map(|day| {
            let kind = if text(day, "kind") == "work" { say("补班", "working") } else { say("放假", "off") };
            vec![text(day, "date").to_owned(), kind.to_owned(), text(day, "name").to_owned()]
        })
        .collect();
    table(&rows);
}

/// What checking acts found.
pub fn verify(value: &Value) {
    for act in list(value, "acts") {
        let verdict = if act["ok"] == true { say("相符", "good") } else { say("不符", "WRONG") };
        let settled =
            if act["settled"] == true { say("市热线已确认", "settled") } else { say("暂定", "unsettled") };
        let why = act["problem"].as_str().unwrap_or_default();
        line(format!(
            "{verdict}  {}  {:<18} {} {settled} {why}",
            text(act, "hash").get(..10).unwrap_or_default(),
            text(act, "kind"),
            text(act, "admission")
        ));
    }
    for act in list(value, "wrong") {
        line(format!("{} {} {}：{}", say("不符", "WRONG"), text(act, "hash"), text(act, "kind"), text(act, "problem")));
    }
    for damage in list(value, "damaged") {
        line(format!("{} {}", say("数据库损坏：", "the database is damaged:"), damage.as_str().unwrap_or_default()));
    }
    for off in list(value, "off") {
        line(format!("{} {}", say("列表或计数不符：", "a list or figure is wrong:"), off.as_str().unwrap_or_default()));
    }
    if value["off"][0].is_string() {
        line(say("运行 jiesu rebuild 可重新计算", "jiesu rebuild computes them again"));
    }
    if value["listed"].is_u64() {
        let good = if value["ok"] == true {
            say("列表和计数相符", "lists and figures are right")
        } else {
            say("有不符", "WRONG")
        };
        line(format!("{} {} · {good}", say("文件", "documents"), value["listed"]));
    }
    recalculating(&value["recalculating"]);
    if value["count"].is_u64() && value["acts"].is_null() {
        let more = say("（登录后逐条列出）", " (each is listed for who signs in)");
        let good = if value["ok"] == true { say("全部相符", "all good") } else { say("有不符", "WRONG") };
        line(format!("{} {} · {good}{more}", say("办理记录", "acts"), value["count"]));
    }
    if value["documents"].is_u64() {
        line(format!(
            "{} {} · {} {} · {} {} · {} {} · {} {}",
            say("文件", "documents"),
            value["documents"],
            say("办理记录", "acts"),
            value["acts"],
            say("市热线已确认", "settled"),
            value["settled"],
            say("不符", "wrong"),
            list(value, "wrong").len(),
            say("数据库损坏", "damage to the database"),
            list(value, "damaged").len()
        ));
    }
}

/// Who was shown personal data.
pub fn reveals(value: &Value) {
    let rows: Vec<Vec<String>> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|reveal| {
            let which = reveal["number"].as_str().unwrap_or_else(|| text(reveal, "doc")).to_owned();
            let who = text(reveal, "person").to_owned();
            vec![
                short(text(reveal, "at")),
                who,
                which,
                named(reveal, "way").to_owned(),
                named(reveal, "reason").to_owned(),
                text(reveal, "note").to_owned(),
            ]
        })
        .collect();
    table(&rows);
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
        (out::UNWRITTEN, "办成了，但结果写不出", "done, but the result could not be written"),
    ];
    for (code, chinese, english) in CODES {
        line(format!("{code:>3}  {}", say(chinese, english)));
    }
}

/// The acts and their fields.
pub fn acts() {
    for kind in ActKind::ALL.iter().filter(|kind| !kind.of_clock()) {
        line(format!("{}  {}  {}", kind.code(), kind.chinese(), kind.article().chinese()));
        for field in form::fields(*kind) {
            let needed = if field.required { say("（必填）", " (required)") } else { "" };
            let choices = match field.input {
                form::Input::Choice(all) => all().iter().map(|(code, _)| *code).collect::<Vec<_>>().join(" | "),
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
