//! The main job: four nodes of one city on this machine, over real QUIC on loopback.
//!
//! Tickets come in and are dispatched; the township and its laptop lose the link; both sides go on; the link comes back;
//! what merged, what a rule decided and whether all are equal is shown. Then the four nodes serve their pages.

mod cast;
mod check;
mod report;
mod scene;

use std::process::ExitCode;

use desk::Problem;

use crate::args::{Demo, Global};
use crate::commands::serve;
use crate::out::{note, say};
use cast::Cast;

/// Password of everybody in the demonstration.
pub const PASSWORD: &str = "jiesu-demo";
/// Pages of the four nodes, where these ports are free.
const WEB_PORTS: [u16; 4] = [8480, 8481, 8482, 8483];

pub async fn run(global: &Global, demo: &Demo) -> Result<ExitCode, Problem> {
    let dir = folder(global)?;
    let (cast, report) = play(&dir, demo).await?;
    report.print(global.json);
    let converged = report.converged;
    if !demo.once {
        serve_pages(&cast).await?;
    }
    cast.stop().await;
    Ok(ExitCode::from(if converged { 0 } else { 10 }))
}

/// A fresh folder: demonstrations begin anew.
fn folder(global: &Global) -> Result<std::path::PathBuf, Problem> {
    let dir = global.dir.join("demo");
    if dir.exists() {
        // Only what an earlier demonstration left is removed.
        if !dir.join("demo.txt").exists() {
            return Err(Problem::bad_input(
                format!("{} 不是演示目录，请换一个 --dir", dir.display()),
                format!("{} is no folder of a demonstration; choose another --dir", dir.display()),
            ));
        }
        std::fs::remove_dir_all(&dir).map_err(|error| Problem::storage(&dir, &error))?;
    }
    std::fs::create_dir_all(&dir).map_err(|error| Problem::storage(&dir, &error))?;
    let mark = dir.join("demo.txt");
    std::fs::write(&mark, "jiesu demo\n").map_err(|error| Problem::storage(&mark, &error))?;
    Ok(dir)
}

async fn play(dir: &std::path::Path, demo: &Demo) -> Result<(Cast, report::Report), Problem> {
    let mut report = report::Report::begin();
    note(say(
        "一、建城、邀请、加入：市热线、县热线、乡镇、外勤笔记本",
        "1. founding, inviting, joining: city, county, township, laptop",
    ));
    let cast = Cast::gather(dir).await?;
    note(say("二、受理和派发", "2. taking in and dispatching"));
    // The city works alone at first, so that what the first sync takes can be told.
    cast.county.node.set_cut(true);
    scene::intake(&cast, demo.tickets.as_deref(), &mut report).await?;
    cast.county.node.set_cut(false);
    report.first_sync = check::settle(&cast).await;
    note(say("三、在线办理", "3. handling on line"));
    scene::online(&cast, &mut report).await?;
    check::rest(&cast).await;
    note(say("四、乡镇断网；两边各自办理同一批工单", "4. the township is cut off; both sides act on the same tickets"));
    cast.cut(true).await;
    scene::apart(&cast, &mut report).await?;
    let before = cast.traffic();
    note(say("五、恢复链路", "5. the link comes back"));
    cast.cut(false).await;
    report.reconcile = check::settle(&cast).await;
    report.reconcile.bytes = cast.traffic().saturating_sub(before);
    report.reconcile.round_trips = cast.round_trips();
    check::compare(&cast, &mut report).await?;
    Ok((cast, report))
}

async fn serve_pages(cast: &Cast) -> Result<(), Problem> {
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut serving = Vec::new();
    for (player, port) in cast.players().into_iter().zip(WEB_PORTS) {
        let wanted = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let listener = match serve::bind(wanted).await {
            Ok(listener) => listener,
            Err(_) => serve::bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await?,
        };
        let (node, mut stopped) = (player.node.clone(), stopped.clone());
        serving.push(tokio::spawn(async move {
            let stop = async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            serve::run_pages(&node, listener, stop).await
        }));
    }
    let logins: Vec<&str> = cast.players().iter().map(|player| player.login).collect();
    note(format!(
        "{} {}；{} {PASSWORD}；{}",
        say("登录名依次为", "logins, in that order:"),
        logins.join(say("、", ", ")),
        say("密码都是", "the password is"),
        say("按 Ctrl-C 结束", "Ctrl-C ends")
    ));
    serve::stopped().await;
    let _ = stop.send(true);
    for task in serving {
        task.await.map_err(|error| Problem::fault(&error))??;
    }
    Ok(())
}
