//! Running a node until it is told to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use desk::home::{CONTROL_LOOK, Control, random};
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
    let config = Config::read(&home.dir().join("config.toml"))?;
    let listen = serve.listen.or(config.listen).unwrap_or(LISTEN);
    let web = serve.web.or(config.web).unwrap_or(WEB);
    web::only_loopback(web)?;
    let peers = if serve.peer.is_empty() { config.peers } else { serve.peer };
    let peers = peers.iter().map(|peer| desk::enrol::address(peer)).collect::<Result<_, _>>()?;
    let start = Start { listen: Some(listen), peers, restored: serve.after_loss.map(Into::into) };
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
    let listener = bind(web).await?;
    let stop = stopped();
    let running = run_pages(&node, listener, stop).await;
    node.stop().await;
    running
}

/// Binds the address of the pages.
pub async fn bind(web: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(web).await.map_err(|error| {
        let why = desk::problem::in_chinese(&error.to_string());
        Problem::unreachable(format!("无法监听 {web}：{why}"), format!("cannot listen on {web}: {error}"))
    })
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
            tracing::warn!(reason = problem.detail, "commands do not find this node: control.json cannot be written");
        }
        told = kept.is_ok();
    }
}

/// Comes when the process is told to stop.
pub async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

/// Tells systemd how the service is doing, where it asked to be told (`sd_notify(3)`). Where it cannot be told nothing is
/// lost.
fn notify(state: sd_notify::NotifyState<'_>) {
    #[cfg(unix)]
    let _ = sd_notify::notify(&[state]);
    #[cfg(not(unix))]
    let _ = state;
}
