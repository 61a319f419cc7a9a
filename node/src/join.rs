//! Joining: the end of the device that asks to be let in.

use replica::Registry;
use replica::codec::{Malformed, Reader};

use desk::enrol::{Request, Token};
use desk::home::Home;
use desk::people::Newcomer;
use desk::problem::Problem;

/// Registry entries that an answer brings, at most.
const ENTRIES_MAX: usize = 100_000;
/// Bytes of a sentence that an answer brings, at most.
const SENTENCE_BYTES_MAX: usize = 1_000;

/// What a device has that joined.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The registry, itself in it.
    pub registry: Registry,
    /// Where the node answered that let it in.
    pub address: String,
}

/// Joins with an invitation: asks the node that it names, at one of its addresses after the other, and keeps the registry
/// that comes back in `home`. Where it is certain that nothing came of it, nothing of `home` remains; where the answer
/// got lost the folder stays unfinished, and the same question asked from it again gets the same answer.
///
/// # Errors
/// A name is none; the node cannot be reached, is not the one that the invitation names, does not let this device in or
/// did not answer.
pub async fn join(
    home: &Home,
    token: &Token,
    device_name: &str,
    newcomer: Option<Newcomer>,
) -> Result<Joined, Problem> {
    let request = Request { secret: token.secret, device_name: device_name.trim().to_owned(), newcomer };
    // It may have been asked before, and let in.
    let asked_before = home.has_asked();
    let outcome = match request.check() {
        Ok(()) => ask(home, token, &request.encode()).await,
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
    match read(&answer).map_err(|error| damaged(&error))? {
        Answer::Entries(entries) => {
            let registry = keep(home, &entries)?;
            home.finish()?;
            Ok(Joined { registry, address })
        }
        Answer::Told(title, detail) => {
            if !asked_before {
                home.discard();
            }
            Err(Problem::bad_input(format!("对方未同意加入：{title}"), format!("the node refused: {detail}")))
        }
    }
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
async fn ask(home: &Home, token: &Token, request: &[u8]) -> Result<(Vec<u8>, String), Failed> {
    let mut failed = None;
    for address in &token.addresses {
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

enum Answer<'a> {
    Entries(Vec<&'a [u8]>),
    Told(String, String),
}

fn read(bytes: &[u8]) -> Result<Answer<'_>, Malformed> {
    let mut input = Reader::new(bytes);
    input.tuple(2)?;
    if input.flag()? {
        let count = input.array(ENTRIES_MAX)?;
        let entries: Result<Vec<_>, _> = (0..count).map(|_| input.bytes(replica::limits::ENTRY_BYTES_MAX)).collect();
        return Ok(Answer::Entries(entries?));
    }
    input.tuple(2)?;
    Ok(Answer::Told(input.text(SENTENCE_BYTES_MAX)?, input.text(SENTENCE_BYTES_MAX)?))
}

fn damaged(error: &dyn std::fmt::Display) -> Problem {
    Problem::bad_input(format!("收到的名册有误：{error}"), format!("the registry that came is wrong: {error}"))
}

/// Keeps what came, beyond what an earlier try has kept already.
fn keep(home: &Home, entries: &[&[u8]]) -> Result<Registry, Problem> {
    let mut registry = Registry::default();
    let mut store = home.store()?;
    let held = store.registry_entries(replica::registry::ROOT_LOG, 0)?.len();
    store.begin()?;
    for (place, entry) in entries.iter().enumerate() {
        registry.append(entry).map_err(|error| damaged(&error))?;
        if place >= held {
            store.registry_append(replica::registry::ROOT_LOG, registry.version(), entry)?;
        }
    }
    if registry.now().device_of_key(&home.device_key().public()).is_none() {
        return Err(damaged(&"this device is not in it"));
    }
    store.commit()?;
    Ok(registry)
}
