//! Joining: the end of the device that asks to be let in. It is given what enrols it, stores that, and then fetches the
//! registry as any feed, from wherever it stands: after a cut or a crash the same command goes on.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use desk::clock;
use desk::enrol::{Answer, Request, Token};
use desk::home::Home;
use desk::people::Newcomer;
use desk::problem::Problem;
use kernel::joining::{ADMISSION_BYTES_MAX, JOINING};
use kernel::{Admission, Alarm};
use replica::Registry;

use crate::process::{Node, Start};

/// How long nothing may come before whoever waits is told to try again: one entry may be a megabyte, and links are thin.
pub const STALL_MAX: Duration = Duration::from_secs(300);
// The answer that holds it is one frame.
const _: () = assert!(ADMISSION_BYTES_MAX + 1_024 <= link::JOIN_BYTES_MAX);
/// What is said of what cannot be read.
const UNREADABLE: &str = "内容无法读取";
/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(500);
/// Alarms that are looked through.
const ALARMS_MAX: usize = 20;

/// What a device has that joined.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The registry, itself in it.
    pub registry: Registry,
    /// Where the node is that let it in; empty if that is not known, since an earlier try was told.
    pub address: String,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// An address is tried.
    Asking(String),
    /// The device is let in: the registry is fetched, so many entries of so many are here.
    Registry {
        /// Entries here.
        here: u32,
        /// Entries up to its own.
        of: u32,
    },
    /// The node is out of reach for the moment, and why, in Chinese and English; it is tried again.
    Waiting(String, String),
}

/// Joins with an invitation: asks the node that it names, at one of its addresses after the other, keeps in `home` what
/// that gives, and fetches the registry. Where it is certain that nothing came of it, nothing of `home` remains; else the
/// folder stays unfinished, and the same from it again goes on from where it was.
///
/// # Errors
/// A name is none; the node cannot be reached, is not the one that the invitation names, does not let this device in, did
/// not answer, or the registry does not come.
pub async fn join(
    home: &Home,
    token: &Token,
    device_name: &str,
    newcomer: Option<Newcomer>,
) -> Result<Joined, Problem> {
    let joined = join_shown(home, token, device_name, newcomer, &mut |_| {}).await?;
    home.finish()?;
    Ok(joined)
}

/// As [`join`], and shows how far it is. The folder stays unfinished: who has more to do in it, as a configuration and a
/// password, finishes it when all of that is done and told, so that one that was cut off is taken up again.
///
/// # Errors
/// As there.
pub async fn join_shown(
    home: &Home,
    token: &Token,
    device_name: &str,
    newcomer: Option<Newcomer>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Joined, Problem> {
    let (admission, addresses) = match let_in(home)? {
        Some(admission) => (admission, token.addresses.clone()),
        None => {
            let (admission, address) = ask_to_join(home, token, device_name, newcomer, progress).await?;
            (admission, vec![address])
        }
    };
    if admission.host_key != token.host {
        return Err(Problem::bad_input(
            "本目录已由另一个节点批准加入；请用当时的邀请码，或换一个目录",
            "another node let this folder in; use its invitation, or take another folder",
        ));
    }
    let registry = fetch(home, &admission, &addresses, progress).await?;
    let address = addresses.into_iter().next().unwrap_or_default();
    Ok(Joined { registry, address })
}

/// What an earlier try was given.
fn let_in(home: &Home) -> Result<Option<Admission>, Problem> {
    let kept = home.store()?.meta(JOINING)?;
    kept.map(|kept| Admission::decode(&kept).map_err(|error| damaged(UNREADABLE, &error))).transpose()
}

async fn ask_to_join(
    home: &Home,
    token: &Token,
    device_name: &str,
    newcomer: Option<Newcomer>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Admission, String), Problem> {
    let request = Request::new(token.secret, device_name, newcomer);
    // It may have been asked before, and let in.
    let asked_before = home.has_asked();
    let outcome = match request.check() {
        Ok(()) => ask(home, token, &request.encode(), progress).await,
        Err(problem) => Err(Failed::Unasked(problem)),
    };
    let (answer, address) = match outcome {
        Ok(answered) => answered,
        Err(Failed::Unanswered(problem)) => return Err(problem),
        Err(Failed::Unasked(problem)) => {
            if !asked_before {
                home.discard();
            }
            return Err(problem);
        }
        Err(Failed::Refused(problem)) => {
            home.discard();
            return Err(problem);
        }
    };
    match Answer::decode(&answer).map_err(|error| damaged(UNREADABLE, &error))? {
        Answer::Admitted { founding, enrolled, host } => {
            let admission = Admission { founding, enrolled, host, host_key: token.host };
            admission.check(&home.device_key().public()).map_err(|error| damaged("不是给本机的", &error))?;
            // Stored before anything is said: the first connection tells the node that the invitation is used up.
            let mut store = home.store()?;
            store.begin()?;
            store.set_meta(JOINING, &admission.encode())?;
            store.commit()?;
            Ok((admission, address))
        }
        Answer::Told(title, detail) => {
            if !asked_before {
                home.discard();
            }
            Err(Problem::bad_input(format!("对方未同意加入：{title}"), format!("the node refused: {detail}")))
        }
    }
}

/// Fetches the registry from the node that let this device in.
async fn fetch(
    home: &Home,
    admission: &Admission,
    addresses: &[String],
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Registry, Problem> {
    let of = admission.check(&home.device_key().public()).map_err(|error| damaged("不是给本机的", &error))?;
    let v6 = addresses.iter().any(|address| address.parse::<SocketAddr>().is_ok_and(|at| at.is_ipv6()));
    let any = if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    let listen = Some(SocketAddr::new(any, 0));
    let node = Node::start(home.clone(), &Start { listen, peers: addresses.to_vec(), restored: None })?;
    let came = wait(&node, of, progress).await;
    let registry = Registry::clone(&node.registry());
    node.stop().await;
    came.map(|()| registry)
}

async fn wait(node: &Node, of: u32, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<(), Problem> {
    let mut notices = node.notices();
    let (mut told, mut last, mut since) = (None, None, clock::steady());
    loop {
        let here = node.registry().version();
        if node.me().is_ok() {
            progress(Progress::Registry { here: here.min(of), of });
            return Ok(());
        }
        if last.replace(here) != Some(here) {
            since = clock::steady();
        }
        let status = node.status();
        let now = match status.failures.into_values().next().filter(|_| status.peers.is_empty()) {
            Some(why) => Progress::Waiting(why.reason_zh, why.reason),
            None => Progress::Registry { here, of },
        };
        if told.as_ref() != Some(&now) {
            progress(now.clone());
            told = Some(now);
        }
        check(node).await?;
        if clock::steady().saturating_sub(since) > STALL_MAX {
            return Err(Problem::unreachable(
                format!(
                    "名册取到第 {here} 条（共 {of} 条）后没有再收到；已收到的都已保存。请检查网络，用同样的参数、同一个目录再运行一次，从断处继续"
                ),
                format!(
                    "entry {here} of {of} of the registry was the last that came; what came is kept. Check the network and run the same again, in the same folder: it goes on from there"
                ),
            ));
        }
        tokio::select! {
            problem = node.fault() => return Err(problem),
            _ = notices.recv() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// What stands in the way of the registry for good.
async fn check(node: &Node) -> Result<(), Problem> {
    let started_at = node.started_at();
    node.read(move |reader, registry| {
        // What an earlier try met may be mended.
        for row in reader.alarms(ALARMS_MAX)?.into_iter().filter(|row| row.last_at >= started_at) {
            let (chinese, english) = desk::view::said(&row, reader, &registry.now())?;
            match Alarm::parse(&row.kind) {
                Some(Alarm::RegistryRefused | Alarm::RegistryForked) => return Err(damaged(&chinese, &english)),
                Some(Alarm::VersionsApart) => {
                    return Err(Problem::unreachable(
                        format!("与对方没有共同的协议版本：{chinese}。升级后用同样的参数、同一个目录再运行一次"),
                        format!("{english}; then run the same again, in the same folder"),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    })
    .await
}

/// Why nothing came.
enum Failed {
    /// Nobody was asked.
    Unasked(Problem),
    /// The invitation is not good.
    Refused(Problem),
    /// It was asked, and no answer came.
    Unanswered(Problem),
}

/// Asks at each address in turn, until somebody was asked.
async fn ask(
    home: &Home,
    token: &Token,
    request: &[u8],
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Vec<u8>, String), Failed> {
    let mut failed = None;
    for address in &token.addresses {
        progress(Progress::Asking(address.clone()));
        home.mark_asked().map_err(Failed::Unasked)?;
        match link::join(address, &home.device_secret(), &token.host, request).await {
            Ok(answer) => return Ok((answer, address.clone())),
            Err(link::JoinError::Refused) => {
                return Err(Failed::Refused(Problem::not_permitted(
                    "对方未同意加入：邀请码无效、已用过或已过期；请向市热线要一个新的",
                    "the node refused: the invitation is unknown, used or expired; ask the city hotline for a new one",
                )));
            }
            Err(link::JoinError::Unanswered) => {
                return Err(Failed::Unanswered(Problem::unreachable(
                    "已联系上对方，但没有收到答复，可能已经加入。请用同样的参数、同一个目录再运行一次",
                    "the node was reached and did not answer; it may have let this device in. Run the same again, in the same folder",
                )));
            }
            Err(error) => failed = Some(told(&token.addresses, error)),
        }
    }
    Err(Failed::Unasked(failed.unwrap_or_else(|| Problem::fault(&"an invitation without an address"))))
}

fn told(addresses: &[String], error: link::JoinError) -> Problem {
    let detail = error.to_string();
    match error {
        link::JoinError::WrongPeer(address) => {
            Problem::not_permitted(format!("{address} 上的设备不是邀请码所指的节点，请勿继续"), detail)
        }
        link::JoinError::Busy(address) => {
            Problem::unreachable(format!("{address} 正忙：同时申请加入的设备太多，请一分钟后再试"), detail)
        }
        _ => Problem::unreachable(format!("连不上 {}，请检查网络和地址", addresses.join("、")), detail),
    }
}

fn damaged(chinese: &str, english: &dyn std::fmt::Display) -> Problem {
    Problem::bad_input(
        format!("收到的名册有误，请勿继续，并告知市热线：{chinese}"),
        format!("the registry that came is wrong; do not go on, and tell the city hotline: {english}"),
    )
}
