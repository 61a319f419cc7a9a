//! How a device comes into the registry: an invitation for one unit and class, shown once, used once, within its time.
//!
//! Everything is checked before anything changes: the invitation, the device and the person who sets it up change in
//! one transaction of the kernel, or none of them. From then on the invitation is *taken*: its device gets the same answer
//! again, no other device any. It is used up once the device has acknowledged: its first ordinary connection says that it
//! has stored what it was given, since it stores before it connects.

mod address;
mod talk;
mod token;

use base64ct::{Base64UrlUnpadded, Encoding};
use kernel::joining::ADMISSION_BYTES_MAX;
use kernel::{Admission, Command, Enrolment, KEPT};
use regulation::{Millis, PersonId, UnitId};
use replica::seal::hash;
use replica::{Change, Class, UnitKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, oneshot};

use crate::Desk;
use crate::home::random;
use crate::once::By;
use crate::problem::Problem;
use crate::view::{UnitRef, person_name};
use crate::{alike, clock, founding};

pub use address::{ADDRESSES_MAX, address, offered};
pub use talk::{Answer, Request};
pub use token::Token;

/// How long an invitation is good for.
pub const INVITATION_MS_MAX: Millis = 30 * 60_000;
/// How far the clock may have gone back since an invitation was made. One that was made while it was ahead by more is not
/// good: it would be for as long as the clock was ahead.
pub const INVITATION_AHEAD_MS_MAX: Millis = 5 * 60_000;
/// How long the device that took one is answered again, unless it acknowledged.
pub const ANSWERED_MS_MAX: Millis = 7 * 86_400_000;
/// Invitations that wait, and such as are taken and answered again, at most.
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
    /// When it was made.
    made_at: Millis,
    /// Until then it can be taken; once it is, until then its device is answered again.
    expires_at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Used>,
}

/// By whom an invitation is taken, and what for.
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
/// This node does not hold the root key, there is no such unit or class, the unit has no hub, or an address is none.
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
    let (unit, of) = crate::named::unit(&registry, unit)?;
    let class = crate::listed::class(class)?;
    if class == Class::Hub && !matches!(of.kind, UnitKind::CityHotline | UnitKind::CountyHotline) {
        return Err(Problem::bad_input(
            format!("{}不是热线，不能有中心节点（hub）：请用 --class office（办公机）或 laptop（笔记本）", of.name),
            format!("{} is no hotline and has no hub: use --class office or laptop", of.name),
        ));
    }
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
    let made_at = clock::now();
    known.push(Invitation {
        hash: hashed(&token.secret),
        unit: unit.0,
        class: class.names().0.to_owned(),
        by: by.0,
        made_at,
        expires_at: made_at + INVITATION_MS_MAX,
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
    Ok(all.into_iter().filter(|invitation| invitation.is_good(now)).collect())
}

impl Invitation {
    /// Whether it is good, or its device still answered.
    fn is_good(&self, now: Millis) -> bool {
        // Whoever has taken it holds the key that it was taken with: that device alone is answered.
        let of_a_clock_ahead = self.used.is_none() && self.made_at > now + INVITATION_AHEAD_MS_MAX;
        self.expires_at > now && !of_a_clock_ahead
    }
}

fn encoded(known: &[Invitation]) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(known).map_err(|error| Problem::fault(&error))
}

fn decoder(bytes: &[u8]) -> sync::frame::fields::Decoder<'_> {
    sync::frame::fields::Decoder::new(bytes)
}

fn hashed(secret: &[u8; 16]) -> String {
    Base64UrlUnpadded::encode_string(&hash(b"jiesu/invitation/1", secret))
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

/// Serves a device that asks to join: enrols it, and gives it what it must have to get the registry as any feed.
pub async fn answer(desk: &Desk, key: [u8; 32], request: &[u8], reply: oneshot::Sender<Vec<u8>>) {
    let told = match enrol(desk, key, request).await {
        Ok(admission) => Answer::of(admission),
        // What is the matter with this machine is not the newcomer's business.
        Err(Refused::Told(problem)) if problem.exit >= 6 => {
            tracing::error!(%problem, "未能让设备加入 a device could not be let in");
            let english = "the node cannot do it now; try again later";
            Answer::Told("对方节点暂时不能办理，请稍后再试".to_owned(), english.to_owned())
        }
        Err(Refused::Told(problem)) => {
            // It may ask as often as it likes: all that ask together write few lines.
            if let Some(left_out) = desk.may_log("join", &problem.code) {
                tracing::info!(
                    code = problem.code,
                    left_out,
                    "没有让持邀请码的设备加入 a device with an invitation was not let in"
                );
            }
            Answer::Told(problem.title, problem.detail)
        }
        // Anybody can be one, as often as they like.
        Err(Refused::Stranger) => return tracing::debug!("a device without a good invitation"),
    };
    let _ = reply.send(told.encode());
}

/// A device that was let in has connected: it has stored what it was given, and its invitation is used up.
///
/// # Errors
/// This node cannot read or write now; the device is answered again until it can.
pub async fn acknowledged(desk: &Desk, key: [u8; 32]) -> Result<(), Problem> {
    if desk.home().root_key().is_none() {
        return Ok(());
    }
    let _turn = TURN.lock().await;
    let mut known = known(desk).await?;
    let (before, key) = (known.len(), Base64UrlUnpadded::encode_string(&key));
    known.retain(|invitation| invitation.used.as_ref().is_none_or(|used| used.key != key));
    if known.len() == before { Ok(()) } else { desk.keep(KEPT_AS, encoded(&known)?).await }
}

/// What a device that was let in is given.
fn admission(desk: &Desk, key: &[u8; 32]) -> Result<Admission, Refused> {
    let (me, own) = (desk.me()?, desk.home().device_key().public());
    let given = Admission::of(&desk.registry(), key, me.id, own).ok_or(Refused::Stranger)?;
    if given.bytes() > ADMISSION_BYTES_MAX {
        let bytes = given.bytes();
        return Err(Problem::fault(&format!("what enrols a device is {bytes} bytes, of {ADMISSION_BYTES_MAX}")).into());
    }
    Ok(given)
}

async fn enrol(desk: &Desk, key: [u8; 32], bytes: &[u8]) -> Result<Admission, Refused> {
    let request = Request::decode(bytes).map_err(|_| Refused::Stranger)?;
    let used = Used {
        key: Base64UrlUnpadded::encode_string(&key),
        request: Base64UrlUnpadded::encode_string(&request.digest()),
    };
    let _turn = TURN.lock().await;
    let mut known = known(desk).await?;
    let shown = hashed(&request.secret);
    let found = known.iter_mut().find(|known| bool::from(known.hash.as_bytes().ct_eq(shown.as_bytes())));
    let invitation = found.ok_or(Refused::Stranger)?;
    match &invitation.used {
        Some(earlier) if *earlier == used => return admission(desk, &key),
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
    request.check_versions()?;
    request.check()?;
    told_apart(desk, &request)?;
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
    admission(desk, &key)
}

/// That no device and nobody of the registry is called such that people would take the one for the other.
fn told_apart(desk: &Desk, request: &Request) -> Result<(), Problem> {
    let registry = desk.registry();
    let (at, name) = (registry.now(), &request.device_name);
    alike::told_apart(("设备名称", "the device"), name, at.devices().map(|(_, device)| device.name.as_str()))?;
    request.newcomer.as_ref().map_or(Ok(()), |newcomer| newcomer.told_apart(&registry))
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

/// An invitation as it is shown: not its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationView {
    /// For which unit.
    pub unit: UnitRef,
    /// `hub`, `office` or `laptop`.
    pub class: String,
    /// Who made it.
    pub by: String,
    /// A device has taken it.
    pub used: bool,
    /// Until when it is good.
    pub until: String,
}

/// The invitations that wait, and those that are taken by a device which has not acknowledged: for which unit, by whom, until when.
pub async fn invitations(desk: &Desk) -> Result<Vec<InvitationView>, Problem> {
    let (registry, known) = (desk.registry(), known(desk).await?);
    let at = registry.now();
    let line = |invitation: &Invitation| InvitationView {
        unit: UnitRef::of(&at, UnitId(invitation.unit)),
        class: invitation.class.clone(),
        by: person_name(&at, PersonId(invitation.by)),
        used: invitation.used.is_some(),
        until: clock::text(invitation.expires_at),
    };
    Ok(known.iter().map(line).collect())
}

/// Writes an entry of the registry that was decided on by what it says in version `seen`.
pub async fn change(desk: &Desk, by: By, seen: u32, change: Change) -> Result<(), Problem> {
    desk.ask_by(by, Command::Registry { seen, change: Box::new(change) }).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_of_a_clock_that_was_ahead_is_not_good_for_as_long_as_it_was() {
        let (now, minute) = (1_793_582_400_000, 60_000);
        let made = |made_at: Millis, used: Option<Used>| Invitation {
            hash: String::new(),
            unit: 1,
            class: "office".to_owned(),
            by: 1,
            made_at,
            expires_at: made_at + INVITATION_MS_MAX,
            used,
        };
        let used = Used { key: String::new(), request: String::new() };
        assert!(made(now, None).is_good(now) && made(now - 29 * minute, None).is_good(now));
        assert!(!made(now - 30 * minute, None).is_good(now));
        assert!(made(now + 5 * minute, None).is_good(now), "a clock that was set by minutes");
        assert!(!made(now + 6 * minute, None).is_good(now));
        assert!(!made(now + 365 * 86_400_000, None).is_good(now));
        assert!(made(now + 6 * minute, Some(used)).is_good(now), "its own device is answered");
    }
}
