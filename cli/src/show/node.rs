//! The node itself: its peers, clock and alarms, what it holds, and what was checked or shown there.

use desk::call::answers::{Clock, Status, Verified, Waived};
use desk::reveal::RevealView;
use desk::verify::Checked;
use desk::view::{AlarmView, PeerView, SyncView};

use super::{named, recalculating, short};
use crate::out::{bytes, english, line, say, table};

/// How the node stands with its peers.
pub fn sync(sync: &SyncView, peer: Option<&str>) {
    line(say(&sync.sentence, &sync.sentence_en));
    if !sync.waits_for.is_empty() {
        let nodes = sync.waits_for.iter().map(|node| format!("{} {}", node.unit.name, node.device));
        let (head, nodes) = (
            say("本机放回过旧的拷贝，暂不办理，在等：", "put back, and makes no act yet; waits for: "),
            nodes.collect::<Vec<_>>().join(say("、", ", ")),
        );
        line(format!("{head}{nodes}{}", say("（详见 jiesu hub tickets）", " (see jiesu hub tickets)")));
    }
    let header = [
        say("节点", "peer"),
        say("单位", "unit"),
        say("程序版本", "program"),
        say("状态", "state"),
        say("待上传", "pending"),
        say("已发", "sent"),
        say("已收", "received"),
        say("流量", "bytes"),
        say("往返", "round trips"),
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let wanted = |item: &&PeerView| peer.is_none_or(|peer| item.name == peer || peer.parse() == Ok(item.device));
    for item in sync.peers.iter().filter(wanted) {
        let state = match (item.connected, item.in_sync, &item.last_seen) {
            _ if sync.retired => say("本机已停用", "this device is out of use").to_owned(),
            (true, true, _) => say("已一致", "in sync").to_owned(),
            (true, false, _) => say("传输中", "syncing").to_owned(),
            (false, _, Some(at)) => format!("{} {}", say("离线，上次", "offline, last seen"), short(at)),
            (false, _, None) => say("离线", "offline").to_owned(),
        };
        rows.push(vec![
            format!("{} {}", item.device, item.name),
            item.unit.name.clone(),
            item.program.clone().unwrap_or_else(|| "—".to_owned()),
            state,
            item.pending.to_string(),
            item.sent.to_string(),
            item.received.to_string(),
            bytes(item.bytes_sent + item.bytes_received),
            item.round_trips.to_string(),
        ]);
    }
    if rows.len() > 1 {
        table(&rows);
    }
    for item in &sync.unreachable {
        line(format!(
            "{} {}：{}（{} {}）",
            say("连不上", "no answer from"),
            item.address,
            say(&item.reason_zh, &item.reason),
            say("下次", "next try"),
            short(&item.next_at)
        ));
    }
    let standing = sync.alarms.iter().filter(|alarm| alarm.stands()).count();
    if standing > 0 {
        line(format!("{} {standing} {}", say("告警", "alarms:"), say("条，见 jiesu alarm list", "(jiesu alarm list)")));
    }
    for (count, what) in [
        (sync.held, say("待前序", "held")),
        (sync.newer, say("需升级", "of a newer version (upgrade this node)")),
        (sync.refused, say("拒收", "refused")),
        (sync.overruled_tickets, say("有未采用的工单", "tickets with overruled acts")),
        (sync.conflict_tickets, say("冲突待看的工单", "tickets with conflicts")),
    ] {
        if count > 0 {
            line(format!("{what} {count}"));
        }
    }
}

/// What the clock shows, and whether it is believed.
pub fn clock(clock: &Clock) {
    let believed = match clock.doubtful {
        true => say("时钟可疑：自动的送达证明和督办已停", "doubtful: this node does nothing by itself"),
        false => say("正常", "believed"),
    };
    line(format!("{} {}  {believed}", say("本机时钟", "clock"), clock.now));
}

/// Whether the hub goes on without those that were not heard: who takes it upon themselves, and who has to yet.
pub fn waived(done: &Waived) {
    let (by, others) = (done.by.join(say("、", ", ")), done.others.join(say("、", ", ")));
    line(match (done.left, english()) {
        (0, false) => format!("{by}均已确认，中心节点不再等；可能改变的工单：jiesu hub tickets"),
        (0, true) => format!("{by} have; the hub waits for that no more. What may change: jiesu hub tickets"),
        (_, false) => format!("已记下：{by}；还须市热线另一名系统管理岗位的人员运行 jiesu hub waive：{others}"),
        (_, true) => format!("noted: {by}; another administrator has to run jiesu hub waive: {others}"),
    });
}

/// What somebody has to look at.
pub fn alarms(sync: &SyncView) {
    if sync.alarms.is_empty() {
        line(say("没有告警", "no alarms"));
    }
    sync.alarms.iter().for_each(alarm);
}

fn alarm(alarm: &AlarmView) {
    let state = match (&alarm.over_at, &alarm.acknowledged_at) {
        (Some(at), _) => format!("{} {}", say("已恢复", "over"), short(at)),
        (None, Some(at)) => {
            let by = alarm.acknowledged_name.as_deref().unwrap_or_default();
            format!("{} {} {by}", say("已知悉", "acknowledged"), short(at))
        }
        (None, None) => say("待处理", "stands").to_owned(),
    };
    line(format!("[{state}] {}", say(&alarm.sentence, &alarm.sentence_en)));
    let (cause, detail) = (say(&alarm.source_name, &alarm.source_name_en), say(&alarm.detail, &alarm.detail_en));
    line(format!("  {cause}{}{detail}", if detail.is_empty() { "" } else { " · " }));
    let (times, last, owner) = (say("次，最近", "times, last"), short(&alarm.last_at), say("由谁处理：", "owner:"));
    line(format!("  {} {times} {last} · {owner} {}", alarm.count, named(&alarm.owner, &alarm.owner_name)));
    if alarm.stands() {
        line(format!("  {} {}", say("知悉：", "take note:"), noted(&alarm.kind, &alarm.source)));
    }
}

/// The command by which somebody takes note of an alarm.
fn noted(kind: &str, source: &str) -> String {
    let command = format!("jiesu alarm ack {kind}");
    if source.is_empty() { command } else { format!("{command} '{source}'") }
}

/// What the node is and holds.
pub fn status(status: &Status) {
    let node = &status.sync;
    line(format!("{} · {} · {} · jiesu {}", status.city, node.unit.name, node.name, node.program));
    line(format!(
        "{} {} · {} {} · {} {} · {}",
        say("工单", "tickets"),
        node.tickets,
        say("知识", "articles"),
        node.articles,
        say("办理记录", "acts"),
        node.acts,
        bytes(node.database_bytes)
    ));
    recalculating(node.recalculating);
    for (state, count) in &status.states {
        let name =
            regulation::TicketState::parse(state).map_or(state.as_str(), |known| say(known.names().1, known.names().0));
        line(format!("  {name} {count}"));
    }
    if status.state != "ok" {
        line(say("磁盘已满：只能查看，不能保存", "the disk is full: nothing is saved"));
    }
    if let Some(fault) = &status.last_fault {
        line(format!(
            "{} {} {}（{}，{}）",
            say("上次故障", "last fault"),
            fault.at,
            say(&fault.reason_zh, &fault.reason),
            fault.code,
            fault.version
        ));
    }
    if status.corrections_overdue > 0 {
        let (head, more) = (
            say("知识纠错逾期", "corrections of articles that are overdue:"),
            say("条（jiesu kb corrections 列出）", "(jiesu kb corrections)"),
        );
        line(format!("{head} {} {more}", status.corrections_overdue));
    }
    if status.unsplit > 0 {
        let (head, more) = (
            say("岗位未分设", "logins that hold roles of two people:"),
            say("人（jiesu roster 列出）", "(jiesu roster)"),
        );
        line(format!("{head} {} {more}", status.unsplit));
    }
    line(commands_are(&status.commands));
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
pub fn verify(found: &Verified) {
    match found {
        Verified::Listed { ok, listed, off, recalculating: count } => {
            differences(off);
            let good = if *ok {
                say("列表和计数相符", "lists and figures are right")
            } else {
                say("有不符", "WRONG")
            };
            line(format!("{} {listed} · {good}", say("文件", "documents")));
            recalculating(*count);
        }
        Verified::Everything { documents, acts, settled, wrong, damaged, off, recalculating: count, .. } => {
            for act in wrong {
                let why = act.problem.as_deref().unwrap_or_default();
                line(format!("{} {} {}：{why}", say("不符", "WRONG"), act.hash, act.kind));
            }
            for damage in damaged {
                line(format!("{} {damage}", say("数据库损坏：", "the database is damaged:")));
            }
            differences(off);
            recalculating(*count);
            line(format!(
                "{} {documents} · {} {acts} · {} {settled} · {} {} · {} {}",
                say("文件", "documents"),
                say("办理记录", "acts"),
                say("市热线已确认", "settled"),
                say("不符", "wrong"),
                wrong.len(),
                say("数据库损坏", "damage to the database"),
                damaged.len()
            ));
        }
        Verified::Document { acts: Some(acts), .. } => acts.iter().for_each(checked),
        Verified::Document { ok, count, acts: None, .. } => {
            let more = say("（登录后逐条列出）", " (each is listed for who signs in)");
            let good = if *ok { say("全部相符", "all good") } else { say("有不符", "WRONG") };
            line(format!("{} {count} · {good}{more}", say("办理记录", "acts")));
        }
    }
}

fn checked(act: &Checked) {
    let verdict = if act.ok { say("相符", "good") } else { say("不符", "WRONG") };
    let settled = if act.settled { say("市热线已确认", "settled") } else { say("暂定", "unsettled") };
    line(format!(
        "{verdict}  {}  {:<18} {} {settled} {}",
        act.hash.get(..10).unwrap_or_default(),
        regulation::ActKind::parse(&act.kind).map_or(act.kind.as_str(), |kind| named(kind.code(), kind.chinese())),
        match act.admission.as_str() {
            "admitted" => say("已接纳", "admitted"),
            "unlawful" => say("不合规则", "unlawful"),
            "refused" => say("拒收", "refused"),
            other => other,
        },
        act.problem.as_deref().unwrap_or_default()
    ));
}

/// What lists and figures show otherwise than acts say.
fn differences(off: &[String]) {
    for off in off {
        line(format!("{} {off}", say("列表或计数不符：", "a list or figure is wrong:")));
    }
    if !off.is_empty() {
        line(say("运行 jiesu rebuild 可重新计算", "jiesu rebuild computes them again"));
    }
}

/// Who was shown personal data.
pub fn reveals(found: &[RevealView]) {
    let row = |reveal: &RevealView| {
        vec![
            short(&reveal.at),
            reveal.person.clone(),
            reveal.number.as_ref().unwrap_or(&reveal.doc).clone(),
            named(&reveal.way, &reveal.way_name).to_owned(),
            if reveal.what == "file" { say("附件", "file") } else { say("联系方式", "requester") }.to_owned(),
            named(&reveal.reason, &reveal.reason_name).to_owned(),
            reveal.note.clone(),
            reveal.paper.clone(),
        ]
    };
    if found.is_empty() {
        line(say("没有人看过", "nobody was shown any"));
    }
    table(&found.iter().map(row).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;
    use kernel::{Alarm, Cause};
    use regulation::DeviceId;

    use crate::args::{self, Args, Command};
    use crate::grammar;

    #[test]
    fn the_command_that_is_printed_beside_an_alarm_is_accepted_whatever_it_is_and_whoever_causes_it() {
        let address = "2001:db8::1".parse().unwrap();
        let causes = [Cause::Here, Cause::Device(DeviceId(3)), Cause::Stranger, Cause::Address(address)];
        for (alarm, cause) in Alarm::ALL.iter().flat_map(|alarm| causes.map(|cause| (alarm, cause))) {
            let printed = super::noted(alarm.code(), &cause.key());
            // As a shell takes it apart.
            let words = printed.split('\'').enumerate().flat_map(|(n, piece)| match n % 2 {
                0 => piece.split_whitespace().map(str::to_owned).collect(),
                _ => vec![piece.to_owned()],
            });
            let read = grammar::command(false).try_get_matches_from(grammar::typed(words.map(Into::into)));
            let read = read.unwrap_or_else(|error| panic!("{printed}: {error}"));
            let Command::Alarm(args::Alarm::Ack { kind, source }) = Args::from_arg_matches(&read).unwrap().command
            else {
                panic!("{printed}")
            };
            assert_eq!((kind.as_str(), source.unwrap_or_default()), (alarm.code(), cause.key()), "{printed}");
        }
    }
}
