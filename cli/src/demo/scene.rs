//! What the people of the demonstration do.

use std::path::Path;

use desk::Problem;
use desk::call::answers::Import;
use desk::call::questions as q;
use desk::clock;
use desk::form::Filled;
use desk::import::{AGE_DAYS_MAX, Imported, Row};
use serde_json::Value;

use super::cast::{Cast, EDITED, FOLLOWER, REVIEWER, TOWNSHIP};
use super::report::Report;
use crate::commands::import::{self, progress};

const TICKETS: &str = include_str!("../../../node/data/demo-tickets.jsonl");
const ARTICLES: &str = include_str!("../../../node/data/demo-articles.jsonl");
/// Rows that are taken in at once.
const BATCH_ROWS: usize = 64;
/// The department that a ticket is re-dispatched to.
const DEPARTMENT: &str = "130600-D17";
/// Acts that are asked for at once.
const ACTS_AT_ONCE: usize = 64;

/// Tickets and articles come in; most are dispatched, inquiries are answered.
pub async fn intake(cast: &Cast, file: Option<&Path>, report: &mut Report) -> Result<(), Problem> {
    articles(cast, report).await?;
    let (mut rows, bad) = match file {
        Some(file) => import::all(file, "demo").await?,
        None => built_in(),
    };
    report.refused_rows = bad.len();
    for bad in &bad {
        report.refused.push(format!("{}: {}", bad.line, bad.reason.clone().unwrap_or_default()));
    }
    rows.iter_mut().for_each(raise_today);
    let bar = progress(Some(rows.len() as u64));
    let mut tickets = Vec::new();
    for batch in rows.chunks(BATCH_ROWS) {
        let mut batch = batch.to_vec();
        // What is not answered at once goes to a unit: its reply is that unit's business.
        for row in &mut batch {
            if row.register.get("kind").map(String::as_str) != Some("inquiry") {
                row.reply = None;
            }
        }
        let taken =
            cast.city.ask(q::Import { rows: batch.clone(), dry_run: false, history: None, after: None }).await?;
        let Import::Rows(done) = taken else { return Err(Problem::fault(&"rows that came to something else")) };
        let mut dispatches = Vec::new();
        for (row, imported) in batch.iter().zip(done) {
            report.acts += u64::from(imported.acts);
            let Some(id) = imported.id else {
                report.refused_rows += 1;
                report.refused.push(format!("{}: {}", row.line, imported.reason.unwrap_or_default()));
                continue;
            };
            report.tickets += 1;
            if row.reply.is_none() {
                let lead = lead(row, tickets.len());
                dispatches.push((id.clone(), lead.clone()));
                tickets.push((id, lead));
            }
        }
        dispatch(cast, dispatches, report).await?;
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    report.township = tickets.into_iter().filter(|(_, lead)| lead == TOWNSHIP).map(|(id, _)| id).collect();
    Ok(())
}

async fn dispatch(cast: &Cast, dispatches: Vec<(String, String)>, report: &mut Report) -> Result<(), Problem> {
    for group in dispatches.chunks(ACTS_AT_ONCE) {
        let asked = group.iter().map(|(id, lead)| {
            let (node, id, lead) = (cast.city.node.clone(), id.clone(), lead.clone());
            tokio::spawn(async move {
                let fields = Filled::from([("lead".to_owned(), lead)]);
                let call = q::Act { kind: "dispatch".to_owned(), id: Some(id), fields };
                desk::call::answer(&node, desk::call::CallBy { login: Some("shi".to_owned()), call: call.into() }).await
            })
        });
        for task in asked.collect::<Vec<_>>() {
            task.await.map_err(|error| Problem::fault(&error))??;
            report.acts += 1;
        }
    }
    Ok(())
}

/// The unit that a ticket goes to: of the place where it has one, otherwise units of the demonstration's county in turn.
fn lead(row: &Row, turn: usize) -> String {
    const TURN: [&str; 4] = [TOWNSHIP, "130623-GOV", "130623100-GOV", "130623101-GOV"];
    let place = row.register.get("place").map(String::as_str).unwrap_or_default();
    match place.len() {
        9 => format!("{place}-GOV"),
        6 => format!("{place}-GOV"),
        _ => TURN[turn % TURN.len()].to_owned(),
    }
}

/// Requests of years ago are no work of today: in the demonstration they are raised now.
fn raise_today(row: &mut Row) {
    let now = clock::now();
    let raised = row.register.get("raised_at").and_then(|text| clock::parse(text)).unwrap_or(now);
    if now - raised > AGE_DAYS_MAX * 86_400_000 {
        row.register.insert("raised_at".to_owned(), clock::text(now));
        if let Some((_, at)) = &mut row.reply {
            *at = clock::text(now);
        }
    }
}

/// The built-in tickets. Their inquiries are answered from the knowledge base.
fn built_in() -> (Vec<Row>, Vec<Imported>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (line, row) in desk::import::read::lines(TICKETS, "demo", clock::now()) {
        match row {
            Ok(mut row) => {
                if row.register.get("kind").map(String::as_str) == Some("inquiry") {
                    let at = row.register.get("raised_at").cloned().unwrap_or_default();
                    row.reply = Some(("已按知识库现行办理指南当场答复，诉求人表示清楚。".to_owned(), at));
                }
                good.push(row);
            }
            Err(problem) => bad.push(Imported::refused(line, problem)),
        }
    }
    (good, bad)
}

async fn articles(cast: &Cast, report: &mut Report) -> Result<(), Problem> {
    for (place, line) in ARTICLES.lines().enumerate() {
        let article: Value = serde_json::from_str(line).map_err(|error| Problem::fault(&error))?;
        let field = |name: &str| article[name].as_str().unwrap_or_default();
        let fields = [("title", field("title")), ("category", field("category")), ("body", field("body"))];
        // The one that is edited by two at once is the township's: two of its devices write on it. It is looked at and
        // published once the city has it.
        let of_town = place == EDITED;
        let author = if of_town { &cast.township } else { &cast.city };
        let made = author.act("article-create", "", &fields).await?;
        let id = made.id;
        report.acts += 1;
        if !of_town {
            publish(cast, &id, report).await?;
        }
        report.articles.push(id);
    }
    Ok(())
}

/// Whoever wrote it says that it is ready, another person confirms.
async fn publish(cast: &Cast, article: &str, report: &mut Report) -> Result<(), Problem> {
    cast.city.act("article-publish", article, &[]).await?;
    cast.city.act_as(REVIEWER, "confirm", article, &[]).await?;
    report.acts += 2;
    Ok(())
}

/// One full life while everybody is connected, and the township takes on what follows.
pub async fn online(cast: &Cast, report: &mut Report) -> Result<(), Problem> {
    let Some((first, others)) = report.township.split_first() else {
        return Err(Problem::bad_input(
            "工单太少，演示需要派到乡镇的工单",
            "too few tickets: the demonstration needs some for the township",
        ));
    };
    let (first, others): (String, Vec<String>) = (first.clone(), others.iter().take(7).cloned().collect());
    let town = &cast.township;
    if let Some(article) = report.articles.get(EDITED).cloned() {
        cast.city.act_as(REVIEWER, "article-review", &article, &[]).await?;
        report.acts += 1;
        publish(cast, &article, report).await?;
    }
    town.act("sign-for", &first, &[]).await?;
    town.act("contact", &first, &[("text", "电话联系诉求人，约定今天上午到现场。")]).await?;
    super::check::rest(cast).await;
    cast.laptop.act("progress", &first, &[("way", "on-site"), ("text", "已到现场查看，安排维修人员处理。")]).await?;
    town.act(
        "complete",
        &first,
        &[
            ("outcome", "solved"),
            ("told_at", "now"),
            ("told_way", "sms"),
            ("told_whom", "requester"),
            ("text", "已处理完毕，当面告知诉求人，诉求人认可。"),
        ],
    )
    .await?;
    super::check::rest(cast).await;
    let found = [("ground", "other"), ("text", "经核实已办结，诉求人认可。")];
    cast.city.act_as(REVIEWER, "confirm-closure", &first, &found).await?;
    let ratings = [("contacted", "yes"), ("solved", "yes"), ("satisfaction", "satisfied"), ("text", "处理很快。")];
    cast.city.act_as(FOLLOWER, "follow-up", &first, &ratings).await?;
    cast.city.act("archive", &first, &[]).await?;
    report.acts += 7;
    for id in &others {
        town.act("sign-for", id, &[]).await?;
        report.acts += 1;
    }
    Ok(())
}

/// Both sides act on the same tickets while they cannot hear each other.
pub async fn apart(cast: &Cast, report: &mut Report) -> Result<(), Problem> {
    let [overtaken, noted, titled, returned, progressed, tagged] = picked(&report.township)?;
    let (city, town, laptop) = (&cast.city, &cast.township, &cast.laptop);
    // A re-dispatch against a completion.
    let elsewhere = [("lead", DEPARTMENT), ("text", "经核实属市管道路，改由市城市管理综合行政执法局办理。")];
    city.act("redispatch", &overtaken, &elsewhere).await?;
    town.act("contact", &overtaken, &[("text", "联系诉求人，说明处理进度。")]).await?;
    town.act(
        "complete",
        &overtaken,
        &[
            ("outcome", "solved"),
            ("told_at", "now"),
            ("told_way", "sms"),
            ("told_whom", "requester"),
            ("text", "已协调施工队处理完毕，告知诉求人。"),
        ],
    )
    .await?;
    // Two notes.
    city.act("note", &noted, &[("text", "市热线：诉求人今天再次来电催问。")]).await?;
    town.act("note", &noted, &[("text", "镇里：已约下午两点入户。")]).await?;
    laptop.act("note", &noted, &[("text", "外勤：现场已拍照，两处渗水。")]).await?;
    // Two titles.
    city.act("correct", &titled, &[("title", "更正：楼道照明损坏")]).await?;
    town.act("correct", &titled, &[("title", "更正：三单元楼道灯不亮")]).await?;
    // A return asked for while the hotline re-dispatches.
    town.act(
        "return-request",
        &returned,
        &[("text", "不在本镇辖区，应由县政府办理。"), ("suggested", "130623-GOV"), ("duty", "无")],
    )
    .await?;
    city.act("redispatch", &returned, &[("lead", "130623-GOV")]).await?;
    // The laptop reports, the office completes.
    laptop.act("progress", &progressed, &[("way", "on-site"), ("text", "现场施工过半。")]).await?;
    town.act(
        "complete",
        &progressed,
        &[
            ("outcome", "solved"),
            ("told_at", "now"),
            ("told_way", "sms"),
            ("told_whom", "requester"),
            ("text", "已完工并告知诉求人。"),
        ],
    )
    .await?;
    // Tags.
    city.act("tag", &tagged, &[("add", "重点")]).await?;
    laptop.act("tag", &tagged, &[("add", "老人")]).await?;
    report.acts += 14;
    // Two edits of one article.
    let Some(article) = report.articles.get(EDITED).cloned() else { return Ok(()) };
    edit(laptop, &article, "【先自查】", "【先自查】（供暖季首周最常见）").await?;
    edit(town, &article, "【有老人婴儿】", "【义安镇便民服务中心可代为报修】\n【有老人婴儿】").await?;
    report.acts += 2;
    Ok(())
}

fn picked(township: &[String]) -> Result<[String; 6], Problem> {
    let picked: Vec<String> = township.iter().skip(1).take(6).cloned().collect();
    picked.try_into().map_err(|_| {
        Problem::bad_input(
            "工单太少，演示需要派到乡镇的工单",
            "too few tickets: the demonstration needs some for the township",
        )
    })
}

async fn edit(player: &super::cast::Player, id: &str, from: &str, to: &str) -> Result<(), Problem> {
    let shown = player.ask(q::Article { id: id.to_owned() }).await?;
    let body = shown.body.replacen(from, to, 1);
    player.act("article-edit", id, &[("body", &body), ("base", &shown.heads.join(" "))]).await?;
    Ok(())
}
