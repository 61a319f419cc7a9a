//! Running a node until it is told to stop.

use std::net::SocketAddr;

use node::home::{Control, random};
use node::{Home, Node, Problem, Start, api, config::Config};
use tokio::net::TcpListener;

use crate::args::{Global, Serve};
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
    node::web::only_loopback(web)?;
    let peers = if serve.peer.is_empty() { config.peers } else { serve.peer };
    let peers = peers.iter().map(|peer| node::enrol::address(peer)).collect::<Result<_, _>>()?;
    let node = Node::start(home, &Start { listen: Some(listen), peers, restored: serve.after_loss })?;
    let listener = bind(web).await?;
    let stop = stopped();
    let running = run_pages(&node, listener, stop).await;
    node.stop().await;
    running
}

/// Binds the address of the pages.
pub async fn bind(web: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(web).await.map_err(|error| {
        Problem::unreachable(format!("无法监听 {web}：{error}"), format!("cannot listen on {web}: {error}"))
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
    let published = node.home().publish_control(&Control { web: address.to_string(), token: token.clone() });
    // A node whose disk is full shows its pages; commands find it when there is room.
    if node.alive() == Ok("ok") {
        published?;
    }
    let name = node.me().map(|me| me.device.name).unwrap_or_default();
    let at = node.listening().map(|address| address.to_string()).unwrap_or_default();
    out::note(format!("{name}：http://{address}  {} {at}", out::say("同步", "sync")));
    notify("READY=1");
    let api = api::router(node.clone(), token);
    let served = node::web::serve(node.clone(), listener, api, stop);
    let result = tokio::select! {
        served = served => served,
        problem = node.fault() => Err(problem),
    };
    notify("STOPPING=1");
    node.home().withdraw_control();
    result
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

/// Tells systemd how the service is doing, where it asked to be told (`sd_notify(3)`).
fn notify(state: &str) {
    #[cfg(unix)]
    if let Some(path) = std::env::var_os("NOTIFY_SOCKET")
        && let Ok(socket) = std::os::unix::net::UnixDatagram::unbound()
    {
        let _ = socket.send_to(state.as_bytes(), path);
    }
    #[cfg(not(unix))]
    let _ = state;
}
