//! Answers as people read them in a terminal.

mod articles;
mod node;
mod reference;

use desk::call::answers::{Duplicates, Proposals, Tickets};
use desk::clock;
use desk::view::{
    ActView, Doubt, DueView, DuplicateView, RegistryProposal, SplitView, TicketLine, TicketView, Uncertain, UnitRef,
};

use crate::out::{self, cut, line, say, table};

pub use articles::{article, articles, corrections};
pub use node::{alarms, clock, commands_are, reveals, status, sync, verify, waived};
pub use reference::{acts, categories, exit_codes, holds, units, year};

/// The Chinese name beside a code, or the code where English is spoken.
fn named<'v>(code: &'v str, name: &'v str) -> &'v str {
    if out::english() { code } else { name }
}

/// `2026-11-02T09:20:00+08:00` as `11-02 09:20`, and with its year where that is another one than now.
fn short(time: &str) -> String {
    clock::parse(time).map_or_else(|| time.to_owned(), |at| clock::short(at, clock::now()))
}

/// What is due in a list: of another unit with its name.
fn due_of(next: &DueView) -> String {
    let own = if next.own { String::new() } else { format!("（{}）", next.unit.name) };
    due(next) + &own
}

fn due(due: &DueView) -> String {
    format!("{} {} {}", named(&due.what, &due.what_name), due_time(due), named(&due.verdict, &due.verdict_name))
}

fn due_time(due: &DueView) -> String {
    clock::due(due.due_ms, clock::now())
}

/// What there is of these, with dots between.
fn dotted(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

/// How much lists show as it was before something changed.
fn recalculating(count: u64) {
    if count > 0 {
        line(format!(
            "{} {count}{}",
            say("重算中", "recalculating"),
            say(" 件，列表所示可能是变更前的", ": lists may show what was before")
        ));
    }
}

/// What may change once the counties are heard that the hub has not heard since it was put back.
pub fn uncertain(found: &Uncertain, county: Option<&str>) {
    if found.unheard.is_empty() {
        line(say("没有尚未传完的县，没有因此可能改变的工单", "every county was heard: nothing may change"));
        return;
    }
    for node in &found.unheard {
        let state = if node.waived { say("已决定不等", "gone on without") } else { say("在等", "waited for") };
        line(format!("{}  {}  {state}", node.unit.name, node.device));
    }
    line(say(
        "它们连上后，下列工单上已确认的办理可能改变：",
        "what was confirmed on these may change when they connect:",
    ));
    let row = |ticket: &TicketLine| {
        vec![ticket.number.clone(), named(&ticket.state, &ticket.state_name).to_owned(), ticket.title.clone()]
    };
    table(&found.tickets.iter().map(row).collect::<Vec<_>>());
    if let Some(next) = &found.next {
        let county = county.map(|county| format!(" {county}")).unwrap_or_default();
        line(format!("{} jiesu hub tickets{county} --after {next}", say("还有，接着看：", "more:")));
    }
}

/// A list of tickets.
pub fn tickets(found: &Tickets) {
    let header = [
        say("编号", "number"),
        say("状态", "state"),
        say("下一时限", "due next"),
        say("主办", "lead"),
        say("标题", "title"),
        "",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let doubled = |number: &str| found.tickets.iter().filter(|ticket| ticket.number == number).count() > 1;
    for ticket in &found.tickets {
        let mut marks: Vec<&str> = Vec::new();
        // Two machines gave one number: only the id tells the tickets apart.
        if doubled(&ticket.number) {
            marks.extend([say("编号重复，标识", "number given twice, id"), short_id(&ticket.id)]);
        }
        if ticket.urgent {
            marks.push(say("紧急", "urgent"));
        }
        if ticket.overruled > 0 {
            marks.push(say("有未采用", "overruled"));
        }
        if ticket.conflicts > 0 {
            marks.push(say("冲突待看", "conflict"));
        }
        if ticket.needs_upgrade() {
            marks.push(say("需升级", "upgrade needed"));
        }
        if ticket.unsettled > 0 {
            marks.push(say("暂定", "unsettled"));
        }
        if let Some(handler) = &ticket.handler {
            marks.push(handler);
        }
        rows.push(vec![
            ticket.number.clone(),
            named(&ticket.state, &ticket.state_name).to_owned(),
            ticket.next_due.as_ref().map(due_of).unwrap_or_default(),
            cut(ticket.lead.as_ref().map_or("", |lead| &lead.name), 14),
            cut(&ticket.title, 40),
            marks.join(" "),
        ]);
    }
    table(&rows);
    found.tickets.iter().for_each(fates);
    let total = if found.at_least { say("至少", "at least") } else { say("共", "in all") };
    line(format!("{total} {}", found.total));
    recalculating(found.recalculating);
    if let Some(cursor) = &found.cursor {
        line(format!("{} --cursor '{cursor}'", say("下一页", "next page")));
    }
}

/// What became of what this unit did in a ticket.
fn fates(ticket: &TicketLine) {
    for fate in &ticket.fates {
        let kind = named(&fate.kind, &fate.kind_name);
        line(format!(
            "  {} {} {kind}{}{}",
            ticket.number,
            short(&fate.at),
            say("：", ": "),
            say(&fate.words, &fate.words_en)
        ));
    }
}

/// The beginning of an id, as much as tells it apart.
fn short_id(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Tickets that one seems to repeat.
pub fn duplicates(found: &Duplicates) {
    repeats(&found.duplicates);
}

/// Tickets that seem to be repeated.
pub fn repeats(found: &[DuplicateView]) {
    if found.is_empty() {
        return line(say("没有疑似重复的工单", "no ticket seems to be repeated"));
    }
    line(say("疑似重复：", "seems to repeat:"));
    let row = |other: &DuplicateView| {
        vec![
            format!("  {}", other.number),
            named(&other.state, &other.state_name).to_owned(),
            short(&other.raised_at),
            cut(&other.title, 40),
            say(&other.why, &other.why_en).to_owned(),
        ]
    };
    table(&found.iter().map(row).collect::<Vec<_>>());
}

/// What of the registry is proposed: what waits, and what became of the rest.
pub fn registry_proposals(found: &[RegistryProposal]) {
    for proposal in found {
        let why = said_of(proposal);
        let mark = match (proposal.state.as_str(), proposal.own, proposal.confirms) {
            ("waits", true, _) => say("本人提出", "proposed by you").to_owned(),
            ("waits", false, true) => say("待您复核", "you may confirm it").to_owned(),
            ("lapsed", ..) => format!("{}：{why}", say("已失效", "lapsed")),
            _ => why.to_owned(),
        };
        let what = format!("{} {}", short_id(&proposal.proposal), say(&proposal.what, &proposal.what_en));
        line(dotted(&[&what, &mark]));
        line(format!("    {}  {}", proposal.person, short(&proposal.since)));
        doubts(&proposal.doubts);
        let entries = if out::english() { &proposal.entries_en } else { &proposal.entries };
        entries.iter().for_each(|entry| line(format!("    {entry}")));
    }
}

/// Signs that two logins are of one hand.
fn doubts(found: &[Doubt]) {
    for doubt in found {
        line(format!("    {}{}", say("注意：", "mind: "), say(&doubt.text, &doubt.text_en)));
    }
}

/// What somebody's login holds together that two people should.
pub fn unsplit(found: &SplitView) {
    let head = say("岗位未分设", "roles of two people");
    line(format!(
        "{head} {}（{}，{}）：{}",
        found.name,
        found.login,
        found.unit.name,
        say(&found.text, &found.text_en)
    ));
}

fn said_of(proposal: &RegistryProposal) -> &str {
    let reason = if out::english() { &proposal.reason_en } else { &proposal.reason };
    reason.as_deref().unwrap_or_default()
}

/// What was just proposed: how another person confirms it.
pub fn proposed(proposal: &RegistryProposal) {
    let waits = say("已提出，须由另一人复核", "proposed; another person confirms");
    let how = proposal.proposal.get(..12).unwrap_or(&proposal.proposal);
    line(format!("{waits}：{}  jiesu confirm {how}", say(&proposal.what, &proposal.what_en)));
}

/// What waits for a second person.
pub fn proposals(found: &Proposals) {
    registry_proposals(&found.registry);
    if found.proposals.is_empty() && found.registry.is_empty() {
        return line(say("没有待复核的提议", "nothing waits for a second person"));
    }
    for pending in &found.proposals {
        let proposal = &pending.proposal;
        let of = if pending.number.is_empty() { short_id(&pending.id) } else { &pending.number };
        let mark = match (proposal.own, proposal.confirms) {
            (true, _) => say("本人提出", "proposed by you"),
            (_, true) => say("待您复核", "you may confirm it"),
            _ => {
                let reason = if out::english() { &proposal.reason_en } else { &proposal.reason };
                reason.as_deref().unwrap_or_default()
            }
        };
        line(dotted(&[
            &format!("{} {}", short_id(&proposal.act), named(&proposal.kind, &proposal.kind_name)),
            say(&proposal.summary, &proposal.summary_en),
            format!("{of} {}", cut(&pending.title, 40)).trim(),
            mark,
        ]));
        line(format!(
            "    {} {} {}  {}",
            proposal.unit.name,
            proposal.person.as_deref().unwrap_or_default(),
            short(&proposal.since),
            proposal.text.join(" ")
        ));
        doubts(&proposal.doubts);
    }
}

/// Who has a ticket in hand, and who covers for him.
fn in_hand(ticket: &TicketView) {
    if let Some(handler) = &ticket.handler {
        let leave = handler.leave.as_ref().map(|leave| {
            format!(
                "  {} {}，{} {}",
                say("请假至", "on leave until"),
                leave.until,
                say("代班", "covered by"),
                leave.cover
            )
        });
        let (head, leave) = (say("经办人", "in hand of"), leave.unwrap_or_default());
        line(format!("{head} {}（{}）{leave}", handler.name, handler.unit.name));
    }
}

/// One ticket.
pub fn ticket(ticket: &TicketView) {
    let of = &ticket.line;
    line(format!("{}  {}", of.number, of.title));
    line(dotted(&[
        named(&of.state, &of.state_name),
        named(&of.kind, &of.kind_name),
        if of.urgent { say("紧急", "urgent") } else { "" },
        &of.category_name,
        &of.place_name,
    ]));
    if of.needs_upgrade() {
        line(say(
            "需升级：此件有更新版本程序的办理记录，本机看不到其内容，不能办理；请升级本机程序。下面是此前的情况",
            "upgrade needed: a newer version of this program has acted on this ticket, which cannot be shown or added to here; below is what was known before",
        ));
    }
    if let Some(warning) = may_change(&ticket.may_change_by) {
        line(warning);
    }
    let requester = &ticket.requester;
    let kept = match requester.kept.as_deref() {
        Some("recused") => say("（本单位已回避，不显示）", "(not shown: this unit is kept out)"),
        Some(_) => say("（保密，只向市热线和承办人显示）", "(not shown: confidential)"),
        None => "",
    };
    line(format!("{} {} {} {kept}", say("诉求人", "requester"), requester.name, requester.phone));
    let enterprise = if ticket.enterprise { say(" · 涉企", " · for an enterprise") } else { "" };
    if ticket.party != "natural" || ticket.enterprise {
        line(format!("{} {}{enterprise}", say("诉求人类别", "raised by"), named(&ticket.party, &ticket.party_name)));
    }
    line(format!("{} {}", say("反映", "raised"), short(&of.raised_at)));
    if let Some(lead) = &of.lead {
        let assisting: Vec<&str> = ticket.assisting.iter().map(|unit| unit.name.as_str()).collect();
        let assisting = if assisting.is_empty() {
            String::new()
        } else {
            format!("  {} {}", say("协办", "assisting"), assisting.join("、"))
        };
        line(format!("{} {}{assisting}", say("主办", "lead"), lead.name));
    }
    in_hand(ticket);
    line("");
    line(&ticket.content);
    if !ticket.notes.is_empty() {
        line(format!("\n{}\n{}", say("工作记录", "notes"), ticket.notes));
    }
    if !ticket.tags.is_empty() {
        line(format!("\n{} {}", say("标签", "tags"), ticket.tags.join(" ")));
    }
    for conflict in &ticket.conflict_list {
        let values = conflict.values.join(" ｜ ");
        line(format!("\n{} {}：{values}", say("冲突待看", "conflict"), named(&conflict.field, &conflict.field_name)));
    }
    if !ticket.duplicates.is_empty() {
        line("");
        repeats(&ticket.duplicates);
    }
    line(format!("\n{}", say("时限", "dues")));
    let row = |item: &DueView| {
        vec![
            format!("  {}", named(&item.what, &item.what_name)),
            item.unit.name.clone(),
            due_time(item),
            named(&item.verdict, &item.verdict_name).to_owned(),
            item.met_at.as_ref().map(|at| format!("{} {}", say("已办", "done"), short(at))).unwrap_or_default(),
            say(&item.basis, &item.basis_en).to_owned(),
        ]
    };
    table(&ticket.due_list.iter().map(row).collect::<Vec<_>>());
    line(format!("\n{}", say("办理记录", "acts")));
    ticket.acts.iter().for_each(act);
    let open = ticket.options.iter().filter(|option| option.allowed && !of.needs_upgrade());
    let open: Vec<&str> = open.map(|option| named(&option.kind, &option.kind_name)).collect();
    if let Some(room) = &ticket.room {
        let (zh, en) = (
            format!(
                "本机在此件中还可记：工作记录、标签、附件等 {} 条，连同联系、进度 {} 条，连同须办的 {} 条；之后请市热线续页",
                room.notes, room.repeated, room.demanded
            ),
            format!(
                "room left for this device: {} notes, tags, files; {} with contacts and progress; {} with all that must be done; then the city hotline gives more",
                room.notes, room.repeated, room.demanded
            ),
        );
        line(format!("\n{}", say(&zh, &en)));
    }
    for scarce in &ticket.rooms {
        let (unit, device, left) = (&scarce.unit.name, &scarce.device, scarce.room.demanded);
        let zh = format!("{unit}（{device}）在此件中还可记 {left} 条；可为其续页：jiesu ticket act more-room");
        let en = format!("room left for {unit} ({device}): {left} acts; give it more by jiesu ticket act more-room");
        line(format!("\n{}", say(&zh, &en)));
    }
    line(format!("\n{} {}", say("现在可办", "may be done now:"), open.join(say("、", ", "))));
}

fn act(act: &ActView) {
    let mark = match (act.standing.as_deref(), act.settled) {
        (Some("effective"), true) => "  ",
        (Some("effective"), false) => "~ ",
        _ => "✗ ",
    };
    let person = act.person.as_ref().map(|person| format!(" {person}")).unwrap_or_default();
    line(format!(
        "{mark}{}  {} {}{person}  {}  [{}]",
        short(act.happened_at.as_ref().unwrap_or(&act.claimed_at)),
        named(&act.kind, &act.kind_name),
        act.unit.name,
        say(&act.summary, &act.summary_en),
        act.article
    ));
    if let (Some(late), Some(late_en)) = (&act.late, &act.late_en) {
        line(format!("      {}", say(late, late_en)));
    }
    doubts(&act.doubts);
    let effects = if out::english() { &act.effects_en } else { &act.effects };
    for segment in act.text.iter().chain(effects) {
        line(format!("      {}", cut(&segment.replace('\n', " "), 100)));
    }
    if let Some(overruled) = &act.overruled {
        let by = if out::english() { &overruled.by_name_en } else { &overruled.by_name };
        let by = by.as_ref().map(|by| format!(" ← {by}")).unwrap_or_default();
        let reason = say(&overruled.reason, &overruled.reason_en);
        line(format!("      {} {reason}{by}", say("未采用：", "overruled:")));
    }
}

/// That what stands on a ticket may change yet, and by whom; nothing if it may not.
fn may_change(units: &[UnitRef]) -> Option<String> {
    let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        let (head, end) = (
            say("可能因下列县尚未传完而改变：", "this may change, since these were not heard yet: "),
            say("（为什么：jiesu hub tickets）", " (why: jiesu hub tickets)"),
        );
        format!("{head}{}{end}", names.join(say("、", ", ")))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_ticket_that_may_change_says_by_whom() {
        let unit = |name: &str| desk::view::UnitRef { name: name.to_owned(), ..Default::default() };
        assert_eq!(super::may_change(&[]), None);
        let said = super::may_change(&[unit("清苑区"), unit("莲池区")]).unwrap();
        assert!(said.contains("清苑区、莲池区") && said.contains("改变"), "{said}");
    }

    #[test]
    fn what_is_not_there_leaves_no_dot_behind() {
        assert_eq!(super::dotted(&["待派发", "求助", "", "路灯", ""]), "待派发 · 求助 · 路灯");
    }
}
