//! How a device comes into the registry: an invitation for one unit and class, shown once, used once, within its time.

use base64ct::{Base64UrlUnpadded, Encoding};
use kernel::{Command, Enrolment, KEPT};
use regulation::Millis;
use replica::codec::{Malformed, Reader, Writer};
use replica::seal::hash;
use replica::{Change, Class, Registry};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, oneshot};

use crate::home::{Home, random};
use crate::people::Newcomer;
use crate::problem::Problem;
use crate::process::Node;
use crate::{clock, found};

/// How long an invitation is good for.
pub const INVITATION_MS_MAX: Millis = 30 * 60_000;
/// Invitations that wait, at most.
pub const INVITATIONS_MAX: usize = 100;
/// Registry entries that an answer brings, at most.
const ENTRIES_MAX: usize = 100_000;
/// What a token begins with, so that a person recognises one.
const PREFIX: &str = "jiesu1.";

/// What is handed to the person who sets up a new device: whom to ask, and what to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Key that the node which answers must prove.
    pub host: [u8; 32],
    /// `HOST:PORT` of that node.
    pub address: String,
    /// What proves the invitation.
    pub secret: [u8; 16],
}

impl Token {
    /// As it is handed over.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = [&self.secret[..], &self.host, self.address.as_bytes()].concat();
        format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(&bytes))
    }

    /// Reads a token back.
    ///
    /// # Errors
    /// It is incomplete or was mistyped.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || {
            Problem::bad_input(
                "邀请码不完整或有误，请整串复制",
                "the invitation is incomplete or mistyped; copy the whole of it",
            )
        };
        let encoded = text.trim().strip_prefix(PREFIX).ok_or_else(wrong)?;
        let bytes = Base64UrlUnpadded::decode_vec(encoded).map_err(|_| wrong())?;
        let (secret, rest) = bytes.split_at_checked(16).ok_or_else(wrong)?;
        let (host, address) = rest.split_at_checked(32).ok_or_else(wrong)?;
        let address = String::from_utf8(address.to_vec()).ok().filter(|address| address.contains(':'));
        Ok(Self {
            secret: secret.try_into().map_err(|_| wrong())?,
            host: host.try_into().map_err(|_| wrong())?,
            address: address.ok_or_else(wrong)?,
        })
    }
}

/// An invitation that waits. Only the hash of its secret is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Invitation {
    hash: String,
    unit: u32,
    class: String,
    expires_at: Millis,
}

const KEPT_AS: &str = "invitations";
/// One invitation is used once: reading them and writing them back is never interleaved.
static TURN: Mutex<()> = Mutex::const_new(());

/// Makes an invitation for a device of that unit and class.
///
/// # Errors
/// This node does not hold the root key, or there is no such unit or class.
pub async fn invite(node: &Node, unit: &str, class: &str, address: &str) -> Result<Token, Problem> {
    if node.home().root_key().is_none() {
        return Err(kernel::Refusal::NoRootKey.into());
    }
    let registry = node.registry();
    let (unit, _) = crate::named::unit(&registry, unit)?;
    let class = Class::parse(class).ok_or_else(|| {
        Problem::bad_input(
            format!("没有这类设备：{class}；可选 hub、office、laptop"),
            format!("no class {class}; choose hub, office or laptop"),
        )
    })?;
    let token = Token { host: node.home().device_key().public(), address: address.to_owned(), secret: random()? };
    let _turn = TURN.lock().await;
    let mut waiting = waiting(node).await?;
    if waiting.len() >= INVITATIONS_MAX {
        return Err(Problem::bad_input(
            format!("待用的邀请已有 {INVITATIONS_MAX} 个，请等其过期"),
            format!("{INVITATIONS_MAX} invitations are waiting already; let them expire"),
        ));
    }
    waiting.push(Invitation {
        hash: hashed(&token.secret),
        unit: unit.0,
        class: class.code().to_owned(),
        expires_at: clock::now() + INVITATION_MS_MAX,
    });
    keep(node, &waiting).await?;
    Ok(token)
}

/// Invitations that are still good.
async fn waiting(node: &Node) -> Result<Vec<Invitation>, Problem> {
    let kept = node.read(|reader, _| Ok(reader.meta(&format!("{KEPT}{KEPT_AS}"))?)).await?;
    let all: Vec<Invitation> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let now = clock::now();
    Ok(all.into_iter().filter(|invitation| invitation.expires_at > now).collect())
}

async fn keep(node: &Node, waiting: &[Invitation]) -> Result<(), Problem> {
    node.keep(KEPT_AS, serde_json::to_vec(waiting).map_err(|error| Problem::fault(&error))?).await
}

fn hashed(secret: &[u8; 16]) -> String {
    Base64UrlUnpadded::encode_string(&hash(b"jiesu/invitation/1", secret))
}

/// What a device says that wants to join.
struct Request {
    secret: [u8; 16],
    device_name: String,
    newcomer: Option<Newcomer>,
}

impl Request {
    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(3).bytes(&self.secret).text(&self.device_name);
        out.option(self.newcomer.as_ref(), |out, newcomer| {
            out.array(2).text(&newcomer.name).text(&newcomer.login);
        });
        out.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        input.tuple(3)?;
        let (secret, device_name) = (input.fixed()?, input.text(200)?);
        let newcomer = input.option(|input| {
            input.tuple(2)?;
            Ok(Newcomer { name: input.text(64)?, login: input.text(64)? })
        })?;
        input.end()?;
        Ok(Self { secret, device_name, newcomer })
    }
}

/// Serves a device that asks to join: uses up its invitation, enrols it, and hands it the registry. An invitation that
/// is not good is told apart from nothing else.
pub(crate) async fn answer(node: &Node, key: [u8; 32], request: &[u8], reply: oneshot::Sender<Vec<u8>>) {
    match enrol(node, key, request).await {
        Ok(registry) => {
            let mut out = Writer::default();
            out.array(registry.entries().count());
            for entry in registry.entries() {
                out.bytes(entry);
            }
            let _ = reply.send(out.finish());
        }
        Err(problem) => {
            // A stranger has as many keys as it likes: all of them together write few lines.
            if let Some(left_out) = node.may_log("join", &format!("{:02x?}", &key[..4])) {
                tracing::warn!(%problem, left_out, "a device was not let in");
            }
        }
    }
}

async fn enrol(node: &Node, key: [u8; 32], request: &[u8]) -> Result<std::sync::Arc<Registry>, Problem> {
    let request = Request::decode(request).map_err(|error| Problem::bad_input(error.to_string(), error.to_string()))?;
    let unknown = || Problem::not_permitted("邀请码无效、已用过或已过期", "the invitation is unknown, used or expired");
    let _turn = TURN.lock().await;
    let mut waiting = waiting(node).await?;
    let shown = hashed(&request.secret);
    let found = waiting.iter().position(|invitation| bool::from(invitation.hash.as_bytes().ct_eq(shown.as_bytes())));
    let invitation = waiting.remove(found.ok_or_else(unknown)?);
    let class = Class::parse(&invitation.class).ok_or_else(unknown)?;
    let unit = regulation::UnitId(invitation.unit);
    let kind = node.registry().now().unit(unit).ok_or_else(unknown)?.kind;
    let enrolment = Enrolment {
        unit,
        class,
        key,
        name: Some(request.device_name).filter(|name| !name.is_empty()),
        person: request.newcomer.map(|newcomer| kernel::Newcomer {
            name: newcomer.name,
            login: newcomer.login,
            roles: found::usual_roles(kind),
        }),
        keep: Some((KEPT_AS.to_owned(), serde_json::to_vec(&waiting).map_err(|error| Problem::fault(&error))?)),
    };
    node.ask(None, Command::Enrol(Box::new(enrolment))).await?;
    Ok(node.registry())
}

/// Writes an entry of the registry that was decided on by what it says in version `seen`.
pub(crate) async fn change(node: &Node, seen: u32, change: Change) -> Result<(), Problem> {
    node.ask(None, Command::Registry { seen, change: Box::new(change) }).await.map(|_| ())
}

/// Joins with an invitation: asks the node that it names, and keeps the registry that comes back in `home`.
///
/// # Errors
/// The node cannot be reached, is not the one that the invitation names, or does not let this device in.
pub async fn join(
    home: &Home,
    token: &Token,
    device_name: &str,
    newcomer: Option<Newcomer>,
) -> Result<Registry, Problem> {
    let request = Request { secret: token.secret, device_name: device_name.to_owned(), newcomer }.encode();
    let answer = link::join(&token.address, &home.device_secret(), &token.host, &request).await.map_err(|error| {
        let chinese = match &error {
            link::JoinError::Unreachable { address, .. } => format!("连不上 {address}，请检查网络和地址"),
            link::JoinError::WrongPeer(address) => format!("{address} 上的设备不是邀请码所指的节点，请勿继续"),
            link::JoinError::Busy(address) => format!("{address} 正忙：同时申请加入的设备太多，请一分钟后再试"),
            link::JoinError::Refused => "对方未同意加入：邀请码无效、已用过或已过期".to_owned(),
        };
        match error {
            link::JoinError::Unreachable { .. } | link::JoinError::Busy(_) => {
                Problem::unreachable(chinese, error.to_string())
            }
            _ => Problem::not_permitted(chinese, error.to_string()),
        }
    })?;
    let mut registry = Registry::default();
    let mut store = home.store()?;
    let damaged = |error: &dyn std::fmt::Display| {
        Problem::bad_input(format!("收到的名册有误：{error}"), format!("the registry that came is wrong: {error}"))
    };
    let mut input = Reader::new(&answer);
    let count = input.array(ENTRIES_MAX).map_err(|error| damaged(&error))?;
    store.begin()?;
    for _ in 0..count {
        let entry = input.bytes(replica::limits::ENTRY_BYTES_MAX).map_err(|error| damaged(&error))?;
        registry.append(entry).map_err(|error| damaged(&error))?;
        store.registry_append(replica::registry::ROOT_LOG, registry.version(), entry)?;
    }
    if registry.now().device_of_key(&home.device_key().public()).is_none() {
        return Err(damaged(&"this device is not in it"));
    }
    store.commit()?;
    Ok(registry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_survives_being_copied_and_nothing_else() {
        let token = Token { host: [7; 32], address: "192.0.2.1:4433".to_owned(), secret: [9; 16] };
        let text = token.text();
        assert_eq!(Token::parse(&format!("  {text}\n")).unwrap(), token);
        for wrong in ["", "jiesu1.", &text[1..], &text[..30], "jiesu1.!!!!"] {
            assert_eq!(Token::parse(wrong).unwrap_err().code, "bad-input", "{wrong}");
        }
    }
}
