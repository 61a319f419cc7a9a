//! Running a node until it is told to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use desk::home::{AfterLoss, CONTROL_LOOK, Control, random};
use desk::problem::Listens;
use desk::{Home, Problem, config::Config};
use node::{Node, Start};
use tokio::net::TcpListener;
use web::api;

use crate::args::{Global, Serve};
use crate::client::{Way, reach};
use crate::out;

/// Where peers find a node that nobody configured.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 4433);
/// Where its pages are.
const WEB: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8480);

pub async fn run(global: &Global, serve: Serve) -> Result<(), Problem> {
    let home = Home::open(&global.dir)?;
    let path = home.dir().join("config.toml");
    let config = Config::read(&path)?;
    let said = [("web", serve.web.is_some()), ("peers", !serve.peer.is_empty())];
    let said: Vec<&str> = said.into_iter().filter_map(|(key, said)| said.then_some(key)).collect();
    config.check_file(&path, &said)?;
    let config = Config {
        listen: serve.listen.or(config.listen),
        web: serve.web.or(config.web),
        peers: if serve.peer.is_empty() { config.peers } else { serve.peer },
        ..config
    };
    let Config { listen, web, peers, .. } = config.checked()?;
    let (listen, web) = (listen.unwrap_or(LISTEN), web.unwrap_or(WEB));
    let after_loss = serve.after_loss.map(Into::into);
    let restored = if serve.restored { Some(AfterLoss::Backup) } else { after_loss };
    let start = Start { listen: Some(listen), peers, restored };
    let node = match reach(&home, Duration::from_secs(global.wait.into()), &start).await? {
        Way::Here(node) => node,
        Way::There(door) => {
            let web = door.web();
            return Err(Problem::busy(
                format!("节点已在运行：http://{web}；不用再启动"),
                format!("the node runs already, at http://{web}; there is nothing to start"),
            ));
        }
    };
    if restored.is_some() {
        let hub = node.me().ok().filter(|me| me.hub);
        let alone = hub.as_ref().is_some_and(|me| node.registry().now().enrolled().all(|(device, _)| device == me.id));
        out_restored(restored_notes(hub.is_some(), alone));
    }
    // However it ends, it is stopped: a process that ends while the database is still open is a crash.
    let running = match bind(web).await {
        Ok(listener) => tokio::select! {
            running = run_pages(&node, listener, stopped()) => running,
            () = desk::attached::keep_swept(&node) => Ok(()),
        },
        Err(problem) => Err(problem),
    };
    node.stop().await;
    running
}

fn out_restored(notes: [(&str, &str); 4]) {
    for (chinese, english) in notes {
        out::note(out::say(chinese, english));
    }
}

/// What was done, and what whoever put the node back has to know, in Chinese and English. A hub without any other device of
/// its city waits for nobody, and nobody has what it lost.
fn restored_notes(hub: bool, alone: bool) -> [(&'static str, &'static str); 4] {
    [
        (
            "已按“放回过旧的状态”启动：另起编号段，工单编号跳过一千个",
            "started as a node that was put back: it counts anew and leaves out a thousand numbers",
        ),
        match (hub, alone) {
            // The city hub alone waits: what it has signed and lost would contradict what it signs now.
            (true, false) => (
                "本机是市热线中心节点：先从各县取回自己签过的记录，其间不登记、不派发、不确认，见“同步”页；确须先办的，由市热线两名系统管理岗位的人员各运行 jiesu hub waive",
                "this is the city hub: until what it has signed is fetched from the counties it makes no act, see the sync page; if it cannot wait two administrators each run jiesu hub waive",
            ),
            _ => ("现在就可以办理，不用等网络", "it can be worked with at once, whether or not others are reached"),
        },
        match alone {
            true => (
                "按本机的名册，全市只有这一台设备：备份之后的记录别处没有，找不回，请按纸面补记",
                "by its registry this is the only device of the city: what was done since the backup is nowhere else, and has to be written down again",
            ),
            false => (
                "缺少的记录连上后从其他节点取回；只在本机、从未上传过的找不回，请按纸面补记",
                "what is missing is fetched from other nodes; what no other node holds is gone, and has to be written down again",
            ),
        },
        (
            "下次启动请去掉 --restored（或 --after-loss）：每用一次都另起编号段、再跳过一千个号",
            "leave --restored (or --after-loss) out from now on: each time it counts anew and leaves out a thousand numbers",
        ),
    ]
}

/// Binds the address of the pages.
pub async fn bind(web: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(web).await.map_err(|error| Problem::cannot_listen(Listens::Pages, web, &error))
}

/// Serves pages and API until `stop`, or until a fault stops the node.
pub async fn run_pages(
    node: &Node,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Problem> {
    let token: [u8; 32] = random()?;
    let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    let address = listener.local_addr().map_err(|error| Problem::fault(&error))?;
    let control = Control { web: address.to_string(), token: token.clone() };
    let _serving = node.home().mark_serving();
    match node.home().keep_control(&control) {
        // Its pages are there; commands find it when there is room.
        Err(problem) if !problem.is_disk_full() => return Err(problem),
        _ => {}
    }
    let name = node.me().map(|me| me.device.name).unwrap_or_default();
    let at = node.listening().map(|address| address.to_string()).unwrap_or_default();
    out::note(format!("{name}：http://{address}  {} {at}", out::say("同步", "sync")));
    notify(sd_notify::NotifyState::Ready);
    let api = api::router(node.desk().clone(), token);
    let served = web::serve(node.desk().clone(), listener, api, stop);
    let result = tokio::select! {
        served = served => served,
        problem = node.fault() => Err(problem),
        never = keep_told(node, &control) => match never {},
    };
    notify(sd_notify::NotifyState::Stopping);
    node.home().withdraw_control();
    result
}

/// Keeps the file there by which commands find this node: on a full disk it could not be written, and anybody may have
/// removed it.
async fn keep_told(node: &Node, control: &Control) -> Infallible {
    let mut look = tokio::time::interval(CONTROL_LOOK);
    let mut notices = node.notices();
    let mut told = true;
    loop {
        tokio::select! {
            _ = look.tick() => {}
            // A node that has room again says so at once.
            _ = notices.recv(), if !told => {}
        }
        let kept = node.home().keep_control(control);
        if told && let Err(problem) = &kept {
            tracing::warn!(
                reason = problem.detail,
                "命令找不到本节点，control.json 写不了 commands do not find this node: control.json cannot be written"
            );
        }
        told = kept.is_ok();
    }
}

/// Comes when the process is told to stop: what it is told is heard from now on, not only from when somebody waits for it.
#[cfg(unix)]
pub fn stopped() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    // Whose terminal went away stops as well, unless it was started to outlive that (`nohup`).
    let hung_up = (!outlives_its_terminal()).then(SignalKind::hangup);
    let all = [Some(SignalKind::interrupt()), Some(SignalKind::terminate()), hung_up];
    let [mut interrupted, mut terminated, mut gone] = all.map(|kind| kind.and_then(|kind| signal(kind).ok()));
    async move {
        tokio::select! {
            () = told(&mut interrupted) => {}
            () = told(&mut terminated) => {}
            () = told(&mut gone) => {}
        }
    }
}

/// Comes with a signal; never where nobody listens for it.
#[cfg(unix)]
async fn told(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Comes when the process is told to stop.
#[cfg(not(unix))]
pub async fn stopped() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Whether `SIGHUP` was ignored by whoever started this process, as far as the system says so.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Tells systemd how the service is doing, where it asked to be told (`sd_notify(3)`). Where it cannot be told nothing is
/// lost.
fn notify(state: sd_notify::NotifyState<'_>) {
    #[cfg(unix)]
    let _ = sd_notify::notify(&[state]);
    #[cfg(not(unix))]
    let _ = state;
}

#[cfg(test)]
mod tests {
    use super::restored_notes;

    #[test]
    fn hub_without_counties_is_told_to_wait_for_none() {
        let told = |hub, alone| restored_notes(hub, alone).map(|(chinese, _)| chinese).concat();
        assert!(!told(true, true).contains("各县") && told(true, true).contains("找不回"));
        assert!(told(true, false).contains("各县取回") && told(false, false).contains("从其他节点取回"));
    }
}
