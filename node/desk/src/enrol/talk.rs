//! What is said when a device joins: maps of numbered fields, as frames are, so that programs of two releases understand
//! each other. The table stands in docs/protocol.md.

use kernel::Admission;
use kernel::joining::ADMISSION_BYTES_MAX;
use regulation::DeviceId;
use replica::seal::hash;
use sync::FrameError;
use sync::frame::fields::{Fields, Map};
use sync::frame::{VERSION, VERSION_MIN};

use super::{DEVICE_CHARS_MAX, decoder};
use crate::people::{Newcomer, named};
use crate::problem::Problem;

/// Bytes of a name, at most; how many characters is told in words.
const NAME_BYTES_MAX: usize = 200;
/// Bytes of a sentence, at most.
const SENTENCE_BYTES_MAX: usize = 1_000;

/// What a device says that wants to join.
#[derive(Clone, Debug)]
pub struct Request {
    /// The secret of the invitation.
    pub secret: [u8; 16],
    /// Empty for the usual name of its unit and class.
    pub device_name: String,
    /// Who sets it up.
    pub newcomer: Option<Newcomer>,
    /// Oldest and newest version of the protocol that it speaks.
    pub versions: (u16, u16),
}

impl Request {
    /// What this program asks.
    #[must_use]
    pub fn new(secret: [u8; 16], device_name: &str, newcomer: Option<Newcomer>) -> Self {
        let (device_name, versions) = (device_name.trim().to_owned(), (VERSION_MIN, VERSION));
        Self { secret, device_name, newcomer, versions }
    }

    /// As it is sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut map = Map::new().bytes(1, &self.secret).text(2, &self.device_name);
        if let Some(Newcomer { name, login }) = &self.newcomer {
            map = map.encoded(3, &Map::new().text(1, name).text(2, login).finish());
        }
        map.number(4, self.versions.0).number(5, self.versions.1).finish()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::read(&mut decoder(bytes), "a request to join")?;
        Ok(Self {
            secret: fields.fixed(1)?,
            device_name: fields.text(2, NAME_BYTES_MAX)?,
            newcomer: fields.maybe(3, |input| {
                let mut fields = Fields::read(input, "a person")?;
                Ok(Newcomer { name: fields.text(1, NAME_BYTES_MAX)?, login: fields.text(2, NAME_BYTES_MAX)? })
            })?,
            versions: (fields.need(4, |input| Ok(input.u16()?))?, fields.need(5, |input| Ok(input.u16()?))?),
        })
    }

    /// What is asked for, whichever program asks.
    pub(super) fn digest(&self) -> [u8; 32] {
        let (name, login) =
            self.newcomer.as_ref().map_or(("", ""), |person| (person.name.as_str(), person.login.as_str()));
        hash(b"jiesu/join/1", &Map::new().text(1, &self.device_name).text(2, name).text(3, login).finish())
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

    /// Whether the device will be able to sync, once it is let in.
    pub(super) fn check_versions(&self) -> Result<(), Problem> {
        let (min, max) = self.versions;
        let here = format!("{VERSION_MIN} to {VERSION}");
        if max < VERSION_MIN {
            return Err(Problem::bad_input(
                "本机程序版本太旧，与对方没有共同的协议版本：请先在本机安装新版程序，再用同一个邀请码加入",
                format!(
                    "this device speaks versions {min} to {max}, the node {here}: upgrade this device, then join again"
                ),
            ));
        }
        if min > VERSION {
            return Err(Problem::bad_input(
                "对方程序版本太旧，与本机没有共同的协议版本：请市热线先升级，或在本机安装旧一版程序，再用同一个邀请码加入",
                format!(
                    "this device speaks versions {min} to {max}, the node {here}: upgrade the node, then join again"
                ),
            ));
        }
        Ok(())
    }
}

/// What it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is let in.
    Admitted {
        /// Entry 1 of the registry.
        founding: Vec<u8>,
        /// The entry by which it is enrolled.
        enrolled: Vec<u8>,
        /// The device that answers.
        host: DeviceId,
    },
    /// It is not, in Chinese and English; the invitation is still good.
    Told(String, String),
}

impl Answer {
    pub(super) fn of(admission: Admission) -> Self {
        let Admission { founding, enrolled, host, .. } = admission;
        Self::Admitted { founding, enrolled, host }
    }

    /// As it is sent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Admitted { founding, enrolled, host } => {
                Map::new().bytes(1, founding).bytes(2, enrolled).number(3, host.0).finish()
            }
            Self::Told(chinese, english) => Map::new().text(4, chinese).text(5, english).finish(),
        }
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// It is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::read(&mut decoder(bytes), "an answer")?;
        if let Some(founding) = fields.maybe(1, |input| Ok(input.bytes()?.to_vec()))? {
            let enrolled: Vec<u8> = fields.need(2, |input| Ok(input.bytes()?.to_vec()))?;
            if founding.len() + enrolled.len() > ADMISSION_BYTES_MAX {
                return Err(FrameError("what enrols a device is too long".to_owned()));
            }
            let host = DeviceId(fields.need(3, |input| Ok(input.u32()?))?);
            return Ok(Self::Admitted { founding, enrolled, host });
        }
        Ok(Self::Told(fields.text(4, SENTENCE_BYTES_MAX)?, fields.text(5, SENTENCE_BYTES_MAX)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        let newcomer = Newcomer { name: "孙承办".to_owned(), login: "zhen".to_owned() };
        Request::new([7; 16], "窗口电脑", Some(newcomer))
    }

    /// The map with one more field at its end.
    fn grown(map: &[u8]) -> Vec<u8> {
        [&[map[0] + 1], &map[1..], &[0x17, 0x82, 0x01, 0xf6]].concat()
    }

    #[test]
    fn what_a_newer_release_adds_is_passed_over_on_both_sides() {
        let read = Request::decode(&grown(&request().encode())).unwrap();
        assert_eq!((read.secret, read.device_name.as_str(), read.digest()), ([7; 16], "窗口电脑", request().digest()));
        let admitted = Answer::Admitted { founding: vec![1; 90], enrolled: vec![2; 300], host: DeviceId(1) };
        for answer in [admitted, Answer::Told("不行".to_owned(), "no".to_owned())] {
            assert_eq!(Answer::decode(&grown(&answer.encode())).unwrap(), answer);
        }
    }

    #[test]
    fn what_enrols_a_device_is_as_long_as_it_may_be_and_no_longer() {
        let of = |founding, enrolled| {
            let answer =
                Answer::Admitted { founding: vec![1; founding], enrolled: vec![2; enrolled], host: DeviceId(u32::MAX) };
            let bytes = answer.encode();
            assert!(bytes.len() < ADMISSION_BYTES_MAX + 1_024);
            Answer::decode(&bytes).is_ok_and(|read| read == answer)
        };
        assert!(of(400, ADMISSION_BYTES_MAX - 400) && of(ADMISSION_BYTES_MAX, 0));
        assert!(!of(401, ADMISSION_BYTES_MAX - 400));
    }

    #[test]
    fn versions_that_do_not_meet_are_told_before_anything_is_used_up() {
        let of = |versions| Request { versions, ..request() }.check_versions();
        assert!(of((1, 1)).is_ok() && of((1, 9)).is_ok());
        assert!(of((2, 9)).unwrap_err().title.contains("对方程序版本太旧"));
        assert!(of((0, 0)).unwrap_err().title.contains("本机程序版本太旧"));
        // Another release asks for the same thing.
        assert_eq!(Request { versions: (1, 2), ..request() }.digest(), request().digest());
    }
}
