//! The alarm register: whatever somebody has to look at stands here once for each source, until it is over or somebody
//! has taken note of it. Pages, `jiesu status` and the log say the same.

mod cause;
mod detail;
mod word;

use std::collections::BTreeMap;

use regulation::{Millis, PersonId};
use store::AlarmRow;

pub use cause::Cause;
pub use detail::{Detail, Doubt, Excess, Flaw, Gap, Unfit};
pub use word::{ALARM_NAMED_MAX, Listed};

use crate::outcome::{BadInput, Done, Refusal};
use crate::{Effect, Fault, Kernel};

/// What was acknowledged and comes again after so long is raised anew.
pub const ALARM_AGAIN_MS: Millis = 86_400_000;
/// Causes of alarms that one group of inputs may raise, at most: a peer that makes many up is one alarm too many already.
pub const GROUP_ALARMS_MAX: usize = 64;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody should know.
    Notice,
    /// Something does not work as it should.
    Warning,
    /// Something is lost, forged or stands still.
    Critical,
}

impl Severity {
    /// `notice`, `warning` or `critical`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Who is to look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Whoever looks after this machine.
    Operator,
    /// The city's administrators of devices and people.
    City,
}

impl Owner {
    /// English code and Chinese name.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Operator => ("operator", "本单位系统管理岗位"),
            Self::City => ("city", "市热线系统管理岗位"),
        }
    }
}

macro_rules! alarms {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $severity:ident, $owner:ident, $chinese:literal, $english:literal;)+) => {
        /// A kind of trouble.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Alarm {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Alarm {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its code in the store, in JSON and in logs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }

            /// Who is to look at it.
            #[must_use]
            pub const fn owner(self) -> Owner {
                match self { $(Self::$name => Owner::$owner),+ }
            }

            /// What it says, in Chinese and English; the source and the detail stand beside it.
            #[must_use]
            pub const fn sentences(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($chinese, $english)),+ }
            }
        }
    };
}

alarms! {
    /// Somebody guesses passwords.
    PasswordsGuessed = "passwords-guessed", Warning, Operator,
        "有人从这个地址反复猜测登录密码；请查明那台机器是谁在用",
        "somebody keeps guessing passwords from that address; find out whose machine it is";
    /// A peer sends what is malformed, forged or of no scope that it may use.
    PeerFaulty = "peer-faulty", Critical, City,
        "该设备送来的数据有误或签名不符，没有采用，已隔离保存；请该单位检查那台设备，查不明的先停用",
        "what that device sends is malformed or forged: it is not used, and kept in quarantine; have the device looked at, and stop it if in doubt";
    /// A device sends more than a node keeps of one device of what comes to nothing.
    OverQuota = "over-quota", Warning, City,
        "该设备送来的待核或无效记录超过限额，超出部分只记编号；请该单位查明那台设备在做什么",
        "that device sends more that waits or is unlawful than is kept of one; of the rest the ids are kept; find out what it is doing";
    /// A device begins more documents in a day than an office does.
    ManyBegun = "many-begun", Warning, City,
        "该设备一天内新立的工单、知识条目过多，占用各单位的磁盘和版面；请该单位查明那台设备在做什么",
        "that device has begun more tickets and articles in a day than an office does: they take everybody's disk and lists; find out what it is doing";
    /// So much comes of a device that of some of it nothing is kept here, or not that it was made.
    NotKept = "not-kept", Critical, City,
        "该设备的记录过多，有的在本机连编号也没有留下，该设备的记录在此不完整；请查明后停用或更换该设备",
        "so much comes of that device that of some of it not even the id is kept: what is here of it has gaps; find out, then stop or replace it";
    /// An entry of the registry does not fit: the log stands still here.
    RegistryRefused = "registry-refused", Critical, City,
        "该设备送来的名册记录与本机已有的不符，没有采用，名册停在当前版本；请用另一台设备连接，仍然如此的请核对市热线签发的名册",
        "an entry of the registry that this device sends does not fit and is not used: the registry stands still here; connect to another device, and if it goes on compare with what the city hotline signed";
    /// The registry says something that a newer program wrote and that this one does not understand.
    RegistryBeyond = "registry-beyond", Critical, Operator,
        "须升级本机程序：名册中有本机程序版本不认识的重要变更，本机仍按此前的名册办理，引用新名册的工单须升级后才能核对",
        "upgrade this node: the registry has a critical change that this version of the program does not understand; work goes on under the registry before it, tickets that name the new one wait";
    /// Two entries of the registry have one version: the node with the root key signed again after a loss.
    RegistryForked = "registry-forked", Critical, City,
        "名册分叉：名册密钥为同一版本签过两条不同的记录，名册停在当前版本；请停止变更名册，查明哪一条是市热线认可的",
        "the registry is forked: two entries of one version are signed by its key; it stands still here: change nothing in it, and find out which one the city hotline stands by";
    /// After a loss it is not known which entries of the registry other nodes hold.
    RegistryUnsure = "registry-unsure", Critical, Operator,
        "本机数据库放回过旧的拷贝：其他节点可能持有本机缺少的名册记录，在它们连上并传完以前不能变更名册（不能再连上的，由市热线两名系统管理岗位的人员分别运行 jiesu hub waive）",
        "the database was put back: other nodes may hold entries of the registry that are missing here; it is not changed until they were heard to the end (for those that will not come, two people of the city hotline with the role administer each run jiesu hub waive)";
    /// The city hub was put back, and signs nothing before it has heard every county, and every office that is under none.
    HubPutBack = "hub-put-back", Critical, Operator,
        "市热线中心节点放回过旧的拷贝：下列节点连上并传完以前，中心节点不登记、不派发、不确认（在别的设备上可照常办理）；确须先办的，由市热线两名系统管理岗位的人员分别运行 jiesu hub waive（可只写某县；可能改变的工单：jiesu hub tickets）",
        "the city hub was put back: until these nodes were heard to the end it registers, dispatches and confirms nothing (other devices work on); if it cannot wait two people of the city hotline with the role administer each run jiesu hub waive (for one county, if named; what may change: jiesu hub tickets)";
    /// Two people had the city hub go on without having heard a county.
    HubWaived = "hub-waived", Critical, City,
        "市热线中心节点放回过旧的拷贝，经两人决定不等该节点传完：它手里的工单上已确认的办理，待其连上后可能改变（jiesu hub tickets）；请让它尽快连上",
        "the city hub was put back and does not wait for that node, as two people decided: what was confirmed on its tickets may change when it connects (jiesu hub tickets); have it connect soon";
    /// The disk was full.
    DiskFull = "disk-full", Warning, Operator,
        "磁盘曾满，其间不能保存、不能同步；请保持足够空间", "the disk was full: nothing was saved or synced meanwhile; keep room on it";
    /// This node lacked what it had told as saved, or was put back from a copy.
    LostHere = "lost-here", Critical, Operator,
        "本机曾丢失已保存的记录：已另起编号段，缺少的从其他节点取回；只在本机、未上传过的无法找回，请重新录入",
        "this node has lost what it had saved: it counts anew and fetches what is missing; what no other node holds is gone and has to be entered again";
    /// A device began to count anew: it was put back from a copy or lost something.
    LostThere = "lost-there", Warning, City,
        "该设备另起了编号段：它丢失过记录，或放回过旧的拷贝；请问明该单位有无须重新录入的",
        "that device counts anew: it lost something or was put back from a copy; ask its unit what has to be entered again";
    /// The clock of this machine is not to be believed.
    ClockDoubtful = "clock-doubtful", Critical, Operator,
        "时钟可疑：本机已停止自动的送达证明和督办，请核对时间后确认（本页，或 jiesu clock confirm）",
        "the clock is doubtful: this node witnesses and supervises nothing by itself until it is right or confirmed (on this page, or by jiesu clock confirm)";
    /// Two machines connect with one device key.
    KeyContested = "key-contested", Critical, City,
        "有两台机器在使用同一个设备密钥：硬盘被复制，或密钥被盗；请停用其中一台并查明",
        "two machines use one device key: a disk was cloned, or the key was stolen; stop one of them and find out";
    /// A peer speaks no version of the protocol that this node speaks.
    VersionsApart = "versions-apart", Warning, Operator,
        "与该设备没有共同的协议版本，不能同步；升级过旧的一端后自动恢复",
        "this node and that device speak no common version: nothing is synced until the older one is upgraded";
    /// A peer sent what only a newer program understands.
    NewerItems = "newer-items", Notice, Operator,
        "该设备送来的内容须升级本机程序才能接收；升级后自动补收",
        "that device sent what only a newer program understands: it is fetched once this node is upgraded";
    /// Two acts have one device, epoch and number: they were made on two machines.
    TwinActs = "twin-acts", Critical, City,
        "该设备的同一编号出现两条不同的办理记录：设备被复制过，或数据库被放回过；两条均已保留，请向该单位核实",
        "two different acts have one number of that device: it was cloned or put back; both are kept, ask its unit which is meant";
    /// Two tickets have one number.
    NumberTwice = "number-twice", Critical, City,
        "该设备的两张工单编号相同：设备被复制过，或数据库被放回过；两张均有效，请向该单位核实，办理时用内部标识区分（jiesu ticket show 该编号，会列出各张的标识）",
        "two tickets of that device have one number: it was cloned or put back; both are good, ask its unit, and tell them apart by their ids (jiesu ticket show with the number lists them)";
}

impl Alarm {
    /// The kind of that code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|alarm| alarm.code() == code)
    }
}

/// What a group of inputs has raised so far, each kind and cause once.
#[derive(Default)]
pub(crate) struct Raised(BTreeMap<(Alarm, Cause), (Detail, u64)>);

impl Kernel {
    /// Raises an alarm.
    pub(crate) fn alarm(&mut self, alarm: Alarm, cause: Cause, detail: Detail) {
        let raised = &mut self.group.alarms.0;
        if raised.len() >= GROUP_ALARMS_MAX && !raised.contains_key(&(alarm, cause)) {
            return;
        }
        let times = raised.get(&(alarm, cause)).map_or(0, |(_, times)| *times);
        raised.insert((alarm, cause), (detail, times + 1));
    }

    /// What raised an alarm is over.
    pub(crate) fn alarm_over(&mut self, now: Millis, alarm: Alarm, cause: Cause) -> Result<(), Fault> {
        self.group.alarms.0.remove(&(alarm, cause));
        if let Some(row) = self.store.alarm(alarm.code(), &cause.key())?.filter(|row| row.over_at.is_none()) {
            self.store.put_alarm(&AlarmRow { over_at: Some(now), ..row })?;
            self.group.effects.push(Effect::AlarmsChanged);
        }
        Ok(())
    }

    /// Writes down what the group has raised. What is new, over or was acknowledged long ago begins anew and is told.
    pub(crate) fn keep_alarms(&mut self, now: Millis) -> Result<(), Fault> {
        for ((alarm, cause), (known, times)) in std::mem::take(&mut self.group.alarms).0 {
            let (source, detail) = (cause.key(), known.encode());
            let old = |row: &AlarmRow| {
                let noted = row.acknowledged.is_some_and(|(_, at)| now.saturating_sub(at) >= ALARM_AGAIN_MS);
                noted || row.over_at.is_some()
            };
            let row = match self.store.alarm(alarm.code(), &source)?.filter(|row| !old(row)) {
                Some(row) => AlarmRow { detail, last_at: now, count: row.count.saturating_add(times), ..row },
                None => {
                    self.group.effects.push(Effect::Alarm { alarm, cause, detail: known });
                    let (kind, acknowledged, over_at) = (alarm.code().to_owned(), None, None);
                    AlarmRow { kind, source, detail, first_at: now, last_at: now, count: times, acknowledged, over_at }
                }
            };
            self.store.put_alarm(&row)?;
            self.group.effects.push(Effect::AlarmsChanged);
        }
        Ok(())
    }

    /// Somebody has taken note of an alarm.
    pub(crate) fn acknowledge(
        &mut self,
        now: Millis,
        person: Option<PersonId>,
        kind: &str,
        source: &str,
    ) -> Result<Result<Done, Refusal>, Fault> {
        let Some(person) = person else {
            return Ok(Err(BadInput::Nobody.into()));
        };
        let Some(row) = self.store.alarm(kind, source)? else { return Ok(Err(Refusal::NotFound)) };
        if row.acknowledged.is_none() {
            self.store.put_alarm(&AlarmRow { acknowledged: Some((person, now)), ..row })?;
            self.group.effects.push(Effect::AlarmsChanged);
        }
        Ok(Ok(Done::Acknowledged))
    }
}
