//! How a device comes into the registry: an invitation for one unit and class, shown once, used once, within its time.
//!
//! Everything is checked before anything is used up: the invitation, the device and the person who sets it up change in
//! one transaction of the kernel, or none of them. An answer may get lost on its way, so that the device which an
//! invitation was used by is answered again; no other device is.

mod address;
mod token;

use base64ct::{Base64UrlUnpadded, Encoding};
use kernel::{Command, Enrolment, KEPT};
use regulation::{Millis, PersonId, UnitId};
use replica::codec::{Malformed, Reader, Writer};
use replica::seal::hash;
use replica::{Change, Class, Registry};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, oneshot};

use crate::Desk;
use crate::home::random;
use crate::once::By;
use crate::people::{Newcomer, named};
use crate::problem::Problem;
use crate::view::{UnitRef, person_name};
use crate::{clock, founding};

pub use address::{ADDRESSES_MAX, address, offered};
pub use token::Token;

/// How long an invitation is good for.
pub const INVITATION_MS_MAX: Millis = 30 * 60_000;
/// How long the device that used one is answered again.
pub const ANSWERED_MS_MAX: Millis = 7 * 86_400_000;
/// Invitations that wait, and such as were used and are answered again, at most.
pub const INVITATIONS_MAX: usize = 100;
/// Characters of a device's name, at most.
pub const DEVICE_CHARS_MAX: usize = 40;

/// An invitation. Only the hash of its secret is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Invitation {
    hash: String,
    unit: u32,
    class: String,
    /// Who made it.
    by: u32,
    /// Until then it can be used; once it was, until then its device is answered again.
    expires_at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Used>,
}

/// By whom an invitation was used, and what for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Used {
    key: String,
    request: String,
}

const KEPT_AS: &str = "invitations";
/// One invitation is used once: between reading them and the transaction that writes them nobody else does.
static TURN: Mutex<()> = Mutex::const_new(());

/// Makes an invitation for a device of that unit and class, which finds this node at one of `addresses`. What comes of it
/// is `by`'s doing, as long as they may.
///
/// # Errors
/// This node does not hold the root key, there is no such unit or class, or an address is none.
pub async fn invite(
    desk: &Desk,
    by: PersonId,
    unit: &str,
    class: &str,
    addresses: &[String],
) -> Result<Token, Problem> {
    if desk.home().root_key().is_none() {
        return Err(kernel::Refusal::NoRootKey.into());
    }
    let registry = desk.registry();
    let (unit, _) = crate::named::unit(&registry, unit)?;
    let class = Class::parse(class).ok_or_else(|| {
        Problem::bad_input(
            format!("没有这类设备：{class}；可选 hub、office、laptop"),
            format!("no class {class}; choose hub, office or laptop"),
        )
    })?;
    let addresses = address::checked(addresses)?;
    let token = Token { host: desk.home().device_key().public(), addresses, secret: random()? };
    let _turn = TURN.lock().await;
    let mut known = known(desk).await?;
    if known.iter().filter(|invitation| invitation.used.is_none()).count() >= INVITATIONS_MAX {
        return Err(Problem::bad_input(
            format!("待用的邀请已有 {INVITATIONS_MAX} 个，请等其过期"),
            format!("{INVITATIONS_MAX} invitations are waiting already; let them expire"),
        ));
    }
    known.push(Invitation {
        hash: hashed(&token.secret),
        unit: unit.0,
        class: class.names().0.to_owned(),
        by: by.0,
        expires_at: clock::now() + INVITATION_MS_MAX,
        used: None,
    });
    desk.keep(KEPT_AS, encoded(&known)?).await?;
    Ok(token)
}

/// Invitations that are still good, or still answered.
async fn known(desk: &Desk) -> Result<Vec<Invitation>, Problem> {
    let kept = desk.read(|reader, _| Ok(reader.meta(&format!("{KEPT}{KEPT_AS}"))?)).await?;
    let all: Vec<Invitation> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let now = clock::now();
    Ok(all.into_iter().filter(|invitation| invitation.expires_at > now).collect())
}

fn encoded(known: &[Invitation]) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(known).map_err(|error| Problem::fault(&error))
}

fn hashed(secret: &[u8; 16]) -> String {
    Base64UrlUnpadded::encode_string(&hash(b"jiesu/invitation/1", secret))
}

/// What a device says that wants to join.
pub struct Request {
    /// The secret of the invitation.
    pub secret: [u8; 16],
    /// Empty for the usual name of its unit and class.
    pub device_name: String,
    /// Who sets it up.
    pub newcomer: Option<Newcomer>,
}

impl Request {
    /// As it is sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
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
            Ok(Newcomer { name: input.text(200)?, login: input.text(200)? })
        })?;
        input.end()?;
        Ok(Self { secret, device_name, newcomer })
    }

    /// Whether device and person have names that the registry can hold.
    ///
    /// # Errors
    /// Which it is not.
    pub fn check(&self) -> Result<(), Problem> {
        if !self.device_name.is_empty() {
            named("设备名称", "the name of a device", &self.device_name, DEVICE_CHARS_MAX)?;
        }
        self.newcomer.as_ref().map_or(Ok(()), Newcomer::check)
    }
}

/// Why a device was not let in.
enum Refused {
    /// It showed no good invitation, and is told nothing.
    Stranger,
    /// It did, and is told what to do otherwise; the invitation is still good.
    Told(Problem),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Told(problem)
    }
}

/// Serves a device that asks to join: enrols it, uses up its invitation, and hands it the registry.
pub async fn answer(desk: &Desk, key: [u8; 32], request: &[u8], reply: oneshot::Sender<Vec<u8>>) {
    let mut out = Writer::default();
    match enrol(desk, key, request).await {
        Ok(registry) => {
            out.array(2).flag(true).array(registry.entries().count());
            for entry in registry.entries() {
                out.bytes(entry);
            }
        }
        // What is the matter with this machine is not the newcomer's business.
        Err(Refused::Told(problem)) if problem.exit >= 6 => {
            tracing::error!(%problem, "a device could not be let in");
            out.array(2).flag(false).array(2);
            out.text("对方节点暂时不能办理，请稍后再试").text("the node cannot do it now; try again later");
        }
        Err(Refused::Told(problem)) => {
            // It may ask as often as it likes: all that ask together write few lines.
            if let Some(left_out) = desk.may_log("join", &problem.code) {
                tracing::info!(code = problem.code, left_out, "a device with an invitation was not let in");
            }
            out.array(2).flag(false).array(2).text(&problem.title).text(&problem.detail);
        }
        // Anybody can be one, as often as they like.
        Err(Refused::Stranger) => return tracing::debug!("a device without a good invitation"),
    }
    let _ = reply.send(out.finish());
}

async fn enrol(desk: &Desk, key: [u8; 32], bytes: &[u8]) -> Result<std::sync::Arc<Registry>, Refused> {
    let request = Request::decode(bytes).map_err(|_| Refused::Stranger)?;
    let used = Used {
        key: Base64UrlUnpadded::encode_string(&key),
        request: Base64UrlUnpadded::encode_string(&hash(b"jiesu/join/1", bytes)),
    };
    let _turn = TURN.lock().await;
    let mut known = known(desk).await?;
    let shown = hashed(&request.secret);
    let found = known.iter_mut().find(|known| bool::from(known.hash.as_bytes().ct_eq(shown.as_bytes())));
    let invitation = found.ok_or(Refused::Stranger)?;
    match &invitation.used {
        Some(earlier) if *earlier == used => return Ok(desk.registry()),
        Some(earlier) if earlier.key == used.key => {
            return Err(Refused::Told(Problem::bad_input(
                "本设备已用这个邀请码、以另外的设备名称或人员加入；请用当时的参数再运行一次，或换一个目录和新的邀请码",
                "this device has joined with this invitation already, under another name or with another person; run it as \
                 it was run then, or take another folder and a new invitation",
            )));
        }
        Some(_) => return Err(Refused::Stranger),
        None => {}
    }
    request.check()?;
    let class = Class::parse(&invitation.class).ok_or(Refused::Stranger)?;
    let (unit, by) = (UnitId(invitation.unit), PersonId(invitation.by));
    let kind = desk.registry().now().unit(unit).ok_or(Refused::Stranger)?.kind;
    invitation.used = Some(used);
    invitation.expires_at = clock::now() + ANSWERED_MS_MAX;
    forget_oldest(&mut known);
    let enrolment = Enrolment {
        unit,
        class,
        key,
        name: Some(request.device_name).filter(|name| !name.is_empty()),
        person: request.newcomer.map(|newcomer| kernel::Newcomer {
            name: newcomer.name,
            login: newcomer.login,
            roles: founding::usual_roles(kind),
        }),
        keep: Some((KEPT_AS.to_owned(), encoded(&known)?)),
    };
    desk.ask(Some(by), Command::Enrol(Box::new(enrolment))).await?;
    Ok(desk.registry())
}

/// Of those that were used, the newest stay.
fn forget_oldest(known: &mut Vec<Invitation>) {
    let used = known.iter().filter(|invitation| invitation.used.is_some()).count();
    let mut surplus = used.saturating_sub(INVITATIONS_MAX);
    // They were made, and mostly used, in this order.
    known.retain(|invitation| {
        let goes = invitation.used.is_some() && surplus > 0;
        surplus -= usize::from(goes);
        !goes
    });
}

/// The invitations that wait, and those that were used of late: for which unit, by whom, until when.
pub async fn invitations(desk: &Desk) -> Result<Value, Problem> {
    let (registry, known) = (desk.registry(), known(desk).await?);
    let at = registry.now();
    let lines = known.iter().map(|invitation| {
        json!({
            "unit": UnitRef::of(&at, UnitId(invitation.unit)),
            "class": invitation.class,
            "by": person_name(&at, PersonId(invitation.by)),
            "used": invitation.used.is_some(),
            "until": clock::text(invitation.expires_at),
        })
    });
    Ok(lines.collect())
}

/// Writes an entry of the registry that was decided on by what it says in version `seen`.
pub async fn change(desk: &Desk, by: By, seen: u32, change: Change) -> Result<(), Problem> {
    desk.ask_by(by, Command::Registry { seen, change: Box::new(change) }).await.map(|_| ())
}
