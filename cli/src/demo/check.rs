//! Whether all four are quiet, and equal in everything that two of them share.

use std::collections::BTreeSet;
use std::time::Duration;

use desk::call::questions as q;
use desk::clock;
use desk::{Problem, view::TicketView};
use kernel::equal::{Compared, Holding, Unequal, compare as compare_two};
use node::Node;
use regulation::ActId;

use super::cast::Cast;
use super::report::{Decided, Measured, Report};

/// How long the nodes may take to become equal.
const CONVERGE_MS_MAX: i64 = 120_000;
/// How often they are looked at.
const LOOK: Duration = Duration::from_millis(10);
/// Connections of the four, from the city down: each with the one above and the one below.
const CONNECTIONS: [usize; 4] = [1, 2, 2, 1];

/// Waits until nothing moves any more and all are equal.
pub async fn settle(cast: &Cast) -> Measured {
    let (began, before) = (clock::now(), cast.traffic());
    let mut measured = Measured::default();
    while clock::now() - began < CONVERGE_MS_MAX {
        measured.waiting = moving(cast);
        if measured.waiting.is_none() {
            // What is measured is when they became quiet, not how long the comparison took.
            measured.ms = clock::now() - began;
            measured.bytes = cast.traffic().saturating_sub(before);
            match equal(cast).await {
                Ok(Ok(_)) if moving(cast).is_none() => {
                    measured.converged = true;
                    return measured;
                }
                Ok(Ok(_)) => {}
                Ok(Err(unequal)) => measured.waiting = Some(unequal.to_string()),
                Err(problem) => measured.waiting = Some(problem.to_string()),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    measured
}

/// Waits until nothing moves any more.
pub async fn rest(cast: &Cast) {
    let began = clock::now();
    while clock::now() - began < CONVERGE_MS_MAX && moving(cast).is_some() {
        tokio::time::sleep(LOOK).await;
    }
}

/// What still moves, if anything does.
fn moving(cast: &Cast) -> Option<String> {
    let version = cast.city.node.registry().version();
    if !cast.city.node.status().settled {
        return Some("the city has acts to confirm".to_owned());
    }
    cast.players().into_iter().zip(CONNECTIONS).find_map(|(player, connections)| {
        let (login, status) = (player.login, player.node.status());
        if player.node.registry().version() != version {
            return Some(format!("{login} has another registry"));
        }
        if status.peers.len() != connections {
            return Some(format!("{login} has {} peers of {connections}", status.peers.len()));
        }
        status.peers.iter().find(|peer| !peer.in_sync).map(|peer| format!("{login} with {:?}", peer))
    })
}

/// Compares every two of them.
async fn equal(cast: &Cast) -> Result<Result<Compared, Unequal>, Problem> {
    let nodes: Vec<Node> = cast.players().iter().map(|player| player.node.clone()).collect();
    let done = tokio::task::spawn_blocking(move || {
        let mut readers = Vec::new();
        for node in &nodes {
            readers.push((node.me()?.id, node.home().reader()?, node.registry()));
        }
        let mut total = Compared::default();
        for (index, (a, store_a, registry_a)) in readers.iter().enumerate() {
            for (b, store_b, registry_b) in &readers[index + 1..] {
                let holding_a = Holding { device: *a, store: store_a, registry: registry_a };
                let holding_b = Holding { device: *b, store: store_b, registry: registry_b };
                match compare_two(holding_a, holding_b) {
                    Ok(compared) => {
                        total.scopes += compared.scopes;
                        total.acts += compared.acts;
                        total.docs += compared.docs;
                        total.partial += compared.partial;
                    }
                    Err(unequal) => return Ok(Err(unequal)),
                }
            }
        }
        Ok(Ok(total))
    });
    done.await.map_err(|error| Problem::fault(&error))?
}

/// Compares for good, and gathers what merged and what a rule decided.
pub async fn compare(cast: &Cast, report: &mut Report) -> Result<(), Problem> {
    match equal(cast).await? {
        Ok(compared) => {
            report.compared = compared;
            report.converged = report.reconcile.converged && report.first_sync.converged;
        }
        Err(unequal) => report.difference = Some(unequal.to_string()),
    }
    let touched: Vec<String> = report.township.iter().skip(1).take(6).cloned().collect();
    for id in &touched {
        gather(report, &cast.city.ask(q::Ticket { id: id.clone(), reveal: None }).await?);
    }
    if let Some(id) = report.articles.get(super::cast::EDITED).cloned() {
        let article = cast.city.ask(q::Article { id }).await?;
        let edits = article.acts.iter().filter(|act| act.kind == "article-edit").count();
        if edits > 1 {
            report.merged.push((
                format!("知识《{}》：{edits} 人同时修改，正文都保留", article.line.title),
                format!("article: {edits} edits at once, both kept"),
            ));
        }
    }
    if let Some(lost) = touched.first() {
        report.past_kept = keeps_its_past(cast, lost).await?;
    }
    for player in cast.players() {
        report.db_bytes += player.node.home().database_bytes();
    }
    report.city_db_bytes = cast.city.node.home().database_bytes();
    report.wire_bytes = cast.traffic();
    let status = cast.city.ask(q::Sync {}).await?;
    (report.overruled, report.conflicts) = (status.overruled_tickets, status.conflict_tickets);
    report.all_acts = status.acts;
    report.county_tickets = cast.county.ask(q::Sync {}).await?.tickets;
    Ok(())
}

fn gather(report: &mut Report, ticket: &TicketView) {
    let name = format!("{}《{}》", ticket.line.number, ticket.line.title);
    let notes = ticket.acts.iter().filter(|act| act.kind == "note").count();
    if notes > 1 {
        report
            .merged
            .push((format!("{name}：{notes} 条工作记录并入"), format!("{}: {notes} notes merged", ticket.line.number)));
    }
    if ticket.tags.len() > 1 {
        let tags = ticket.tags.join("、");
        report.merged.push((format!("{name}：标签 {tags}"), format!("{}: tags {tags}", ticket.line.number)));
    }
    for conflict in &ticket.conflict_list {
        let values = conflict.values.join(" ｜ ");
        report.both.push((
            format!("{name}：{} 同时改成 {values}，两个都显示，待人选定", conflict.field_name),
            format!("{}: {} set at once to {values}; both are shown", ticket.line.number, conflict.field),
        ));
    }
    for act in ticket.acts.iter().filter(|act| act.overruled.is_some()) {
        let Some(overruled) = &act.overruled else { continue };
        report.decided.push(Decided {
            ticket: ticket.line.number.clone(),
            title: ticket.line.title.clone(),
            act: act.kind.clone(),
            act_name: act.kind_name.clone(),
            unit: act.unit.name.clone(),
            person: act.person.clone().unwrap_or_default(),
            rule: overruled.rule.clone(),
            article: overruled.article.clone(),
            reason: overruled.reason.clone(),
            reason_en: overruled.reason_en.clone(),
            by: overruled.by_name.clone().unwrap_or_default(),
        });
    }
}

/// Whether the township, which lost this ticket, holds the past of the act that took it away, and of what came later
/// nothing but its own.
async fn keeps_its_past(cast: &Cast, id: &str) -> Result<bool, Problem> {
    let Some(doc) = ActId::parse(id) else { return Ok(false) };
    let unit = cast.township.node.me()?.device.unit;
    let here = cast
        .township
        .node
        .read(move |reader, registry| {
            let history = kernel::read::history(reader, registry, doc)?;
            Ok(history.nodes().iter().map(|node| (node.id, node.fact.author.unit)).collect::<Vec<_>>())
        })
        .await?;
    let closing = move |reader: &store::Reader, registry: &replica::Registry| {
        let history = kernel::read::history(reader, registry, doc)?;
        let closed = history.record().ticket().and_then(|ticket| {
            ticket.assignments.iter().rev().find(|assignment| assignment.unit == unit).and_then(|a| a.closed_by)
        });
        Ok(closed.map(|closed| history.upto(closed)).unwrap_or_default())
    };
    let past: BTreeSet<ActId> = cast.city.node.read(closing).await?.into_iter().collect();
    let held: BTreeSet<ActId> = here.iter().map(|(id, _)| *id).collect();
    let rest_is_own = here.iter().filter(|(id, _)| !past.contains(id)).all(|(_, author)| *author == unit);
    Ok(!past.is_empty() && past.is_subset(&held) && rest_is_own)
}
