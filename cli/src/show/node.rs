//! The node itself: its peers, clock and alarms, what it holds, and what was checked or shown there.

use serde_json::Value;

use super::{list, named, recalculating, short, text};
use crate::out::{self, bytes, line, say, table};

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
