//! What a person or program is told when something was not done: what, why, what to do, and the exit code.

use regulation::{Article, Rule};
use replica::registry::Clash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Loss, StoreError};

use crate::request_id::{NotAnId, REQUEST_ID_CHARS_MAX, RequestId};

/// Why it was not done. Serialised as an RFC 9457 problem document with our own members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// Stable code: a rule's code, a ruling's on locked tables, or one of `bad-input`, `too-long`, `changed`, `not-found`,
    /// `not-permitted`, `sign-in-first`, `other-text`, `other-request`, `not-saved`, `unreachable`, `busy`, `later`, `storage`, `disk-full`, `lost`,
    /// `unknown-result`, `damaged`, `fault`.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// Exit code of a command, as in `jiesu help exit-codes`.
    pub exit: u8,
    /// The sentence for people, in Chinese.
    pub title: String,
    /// The same in English.
    pub detail: String,
    /// The article that a rule rests on, such as `21(1)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Box<str>>,
    /// After how many seconds it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_s: Option<u64>,
    /// Of an unknown result: the id of the request, under which it can be asked again and is not done twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Box<RequestId>>,
}

impl Problem {
    fn new(code: &str, status: u16, exit: u8, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            status,
            exit,
            title: title.into(),
            detail: detail.into(),
            article: None,
            retry_s: None,
            request: None,
        }
    }

    /// The input is wrong.
    #[must_use]
    pub fn bad_input(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("bad-input", 400, 5, title, detail)
    }

    /// There is no such thing here.
    #[must_use]
    pub fn not_found(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("not-found", 404, 3, title, detail)
    }

    /// A rule says no that is none of acts: of the registry, or of the tables that are locked. It names the article that it
    /// rests on, where there is one.
    #[must_use]
    pub fn refused(code: &str, article: Option<Article>, title: impl Into<String>, detail: impl Into<String>) -> Self {
        let (title, detail) = (title.into(), detail.into());
        let Some(article) = article else { return Self::new(code, 409, 1, title, detail) };
        Self {
            article: Some(article.code().into()),
            ..Self::new(
                code,
                409,
                1,
                format!("{title}（{}）", article.chinese()),
                format!("{detail} (article {})", article.code()),
            )
        }
    }

    /// A rule of acts says no where there is no act, in words of its own.
    #[must_use]
    pub fn of_rule(rule: Rule, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::refused(rule.code(), Some(rule.article()), title, detail)
    }

    /// Whoever asks may not.
    #[must_use]
    pub fn not_permitted(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("not-permitted", 403, 4, title, detail)
    }

    /// Another node or process cannot be reached.
    #[must_use]
    pub fn unreachable(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("unreachable", 503, 6, title, detail)
    }

    /// Too much at once, or too often: it was not done, and may be asked for again. `status` is 429 where whoever asks was
    /// too quick, 503 where the node has too much to do.
    #[must_use]
    pub fn later(status: u16, retry_s: u64, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { retry_s: Some(retry_s), ..Self::new("later", status, 8, title, detail) }
    }

    /// Nothing was saved under the id of that request.
    #[must_use]
    pub fn not_saved() -> Self {
        Self::new("not-saved", 404, 3, "这次提交没有保存", "nothing was saved of what was sent")
    }

    /// Whether it is known that nothing was saved.
    #[must_use]
    pub fn is_not_saved(&self) -> bool {
        self.code == "not-saved"
    }

    /// Whether a form comes back with what was typed in it: it was not done, and whoever typed it mends it, makes room, or
    /// waits. Not where the node cannot show it, or nobody knows whether it was done.
    #[must_use]
    pub fn gives_back(&self) -> bool {
        self.status < 500 || self.is_disk_full() || (self.retry_s.is_some() && !self.is_unknown_result())
    }

    /// Whether nobody knows if it was done.
    #[must_use]
    pub fn is_unknown_result(&self) -> bool {
        self.code == "unknown-result"
    }

    /// Whether the answer was lost on its way, and nothing is known to be wrong with the disk.
    #[must_use]
    pub fn is_lost_answer(&self) -> bool {
        self.is_unknown_result() && self.status == 503
    }

    /// It as what was said to a request of that id.
    #[must_use]
    pub fn of_request(self, id: &RequestId) -> Self {
        if self.is_unknown_result() { Self { request: Some(Box::new(id.clone())), ..self } } else { self }
    }

    /// The connection ended between the question and the answer.
    #[must_use]
    pub fn unknown_outcome() -> Self {
        Self::new(
            "unknown-result",
            503,
            9,
            "结果未知，请稍后查看：节点在答复之前断开了",
            "the result is unknown, look again later: the node went away before it answered",
        )
    }

    /// Another process has the database. Nothing was done; trying again helps.
    #[must_use]
    pub fn busy(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("busy", 503, 8, title, detail)
    }

    /// Whoever asks has not said who they are, or that is no longer good.
    #[must_use]
    pub fn sign_in_first(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("sign-in-first", 401, 4, title, detail)
    }

    /// More bytes than one request may have.
    #[must_use]
    pub fn too_long(max: usize) -> Self {
        let mebibytes = max / (1024 * 1024);
        Self::new(
            "too-long",
            413,
            5,
            format!("内容太长，一次最多 {mebibytes} MiB；没有办理，请分开"),
            format!("too long: at most {mebibytes} MiB at once; nothing was done, divide it"),
        )
    }

    /// A file cannot be read or written.
    #[must_use]
    pub fn storage(path: &std::path::Path, error: &dyn std::fmt::Display) -> Self {
        let (path, english) = (path.display(), error.to_string());
        if os_error(&english) == Some(std::io::ErrorKind::StorageFull) {
            return Self::new(
                "disk-full",
                507,
                7,
                format!("磁盘已满，{path} 没有写成。请腾出空间后再试；已保存的内容不受影响"),
                format!("the disk is full, {path} was not written; make room and try again: what was saved is safe"),
            );
        }
        Self::new(
            "storage",
            500,
            7,
            format!("无法读写 {path}：{}", in_chinese(&english)),
            format!("{path} cannot be read or written: {english}"),
        )
    }

    /// A file of the node's own is not what it must be.
    #[must_use]
    pub fn damaged(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("storage", 500, 7, title, detail)
    }

    /// This machine or program failed.
    #[must_use]
    pub fn fault(error: &dyn std::fmt::Display) -> Self {
        Self::new("fault", 500, 7, format!("本机故障：{error}"), format!("this machine failed: {error}"))
    }

    /// The database lacks what people were told is saved: nothing is done until somebody says how to go on.
    fn lost(loss: Loss) -> Self {
        let chinese = match loss {
            Loss::Behind { held, told } => {
                format!("数据库缺少已告知“已保存”的记录：应有 {told} 次写入，只有 {held} 次")
            }
            Loss::Log => "数据库缺少已告知“已保存”的记录：node.db-wal 丢失或损坏".to_owned(),
            Loss::Unmarked => "node.db.mark 丢失或损坏，无法确认已告知“已保存”的记录是否都在".to_owned(),
            Loss::Foreign => "node.db 与 node.db.mark 不属于同一个数据库".to_owned(),
            Loss::Database => "node.db 不见了".to_owned(),
        };
        let (way, english) = match loss {
            Loss::Database => (
                "请先找回 node.db 或从备份放回，再用 jiesu serve --after-loss 启动",
                "put node.db back, from a backup if need be, then start with jiesu serve --after-loss",
            ),
            _ => (
                "请先复制整个目录留存；能找回原文件就放回原文件，不能则用 jiesu serve --after-loss 启动：缺少的记录从其他节点取回，编号跳过一段",
                "copy the whole folder first; put the right files back if there are any, else start with jiesu serve --after-loss: what is missing is fetched from other nodes, and numbers are skipped",
            ),
        };
        Self::new("lost", 500, 7, format!("{chinese}。{way}"), format!("{}; {english}", StoreError::Lost(loss)))
    }

    /// The database of a node that runs, or ran, is not what its writer wrote.
    fn database_damaged(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("damaged", 500, 7, title, detail)
    }

    /// Whether the database was found damaged: a node that runs on it stops.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self.code.as_str(), "damaged" | "lost")
    }

    /// Going on after a loss was asked for, and nothing is missing.
    #[must_use]
    pub fn nothing_lost() -> Self {
        Self::bad_input(
            "数据库完整，没有丢失记录：请去掉 --after-loss 再启动。确是从备份放回了整个目录的，用 --after-loss=backup：节点另起编号段，跳过一千个号",
            "the database lacks nothing: start without --after-loss. If the whole folder was put back from a backup, use --after-loss=backup: the node counts anew and skips a thousand numbers",
        )
    }

    /// There is no room on the disk.
    #[must_use]
    pub fn disk_full() -> Self {
        Self::new(
            "disk-full",
            507,
            7,
            "磁盘已满，未保存。请腾出空间后再试；已保存的内容不受影响，仍可查看，腾出空间后节点自行恢复",
            "the disk is full, nothing was saved; make room and try again: what was saved is safe and can be read, and the node goes on by itself when there is room",
        )
    }

    /// Whether there is no room on the disk.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        self.code == "disk-full"
    }

    /// The disk failed, and the node with it.
    #[must_use]
    pub fn disk_failed(why: &str) -> Self {
        Self::new(
            "storage",
            500,
            7,
            format!("写入磁盘时出错，节点已停止：{why}。请检查磁盘；重新启动后可看到最后一次操作是否保存"),
            format!(
                "the disk failed and the node has stopped: {why}; look after the disk; whether the last request was saved shows after the next start"
            ),
        )
    }

    /// The disk failed while it was being saved: neither done nor refused.
    #[must_use]
    pub fn unknown_result() -> Self {
        Self::new(
            "unknown-result",
            500,
            9,
            "结果未知，请稍后查看：写入磁盘时出错，节点已停止，重新启动后才知道是否保存",
            "the result is unknown, look again later: the disk failed while it was being saved, and the node has stopped; whether it was saved shows when it runs again",
        )
    }

    /// The sentence in that language.
    #[must_use]
    pub fn sentence(&self, english: bool) -> &str {
        if english { &self.detail } else { &self.title }
    }
}

impl From<Rule> for Problem {
    fn from(rule: Rule) -> Self {
        let article = rule.article();
        Self {
            article: Some(article.code().into()),
            ..Self::new(
                rule.code(),
                409,
                1,
                format!("{}（{}）", rule.chinese().trim_end_matches('。'), article.chinese()),
                format!("{} (article {})", rule.english().trim_end_matches('.'), article.code()),
            )
        }
    }
}

/// What kind of error of the system's a text tells of, by the number that stands in it.
fn os_error(text: &str) -> Option<std::io::ErrorKind> {
    let (_, after) = text.split_once("(os error ")?;
    Some(std::io::Error::from_raw_os_error(after.split_once(')')?.0.parse().ok()?).kind())
}

/// The system's own words are English; those that people meet are said in Chinese.
#[must_use]
pub fn in_chinese(error: &str) -> String {
    use std::io::ErrorKind;
    let known = match os_error(error) {
        Some(ErrorKind::StorageFull) => "磁盘已满",
        Some(ErrorKind::QuotaExceeded) => "超过磁盘配额",
        Some(ErrorKind::PermissionDenied) => "没有权限",
        Some(ErrorKind::ReadOnlyFilesystem) => "磁盘只读",
        Some(ErrorKind::NotFound) => "没有这个文件或目录",
        Some(ErrorKind::AlreadyExists) => "文件已存在",
        Some(ErrorKind::IsADirectory) => "是目录，不是文件",
        Some(ErrorKind::NotADirectory) => "路径中间有一段不是目录",
        Some(ErrorKind::AddrInUse) => "地址已被别的程序占用",
        Some(ErrorKind::AddrNotAvailable) => "本机没有这个地址",
        Some(ErrorKind::ConnectionRefused) => "对方没有开放这个端口",
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable) => "网络不通",
        Some(ErrorKind::TimedOut) => "没有应答",
        _ => return error.to_owned(),
    };
    known.to_owned()
}

impl From<NotAnId> for Problem {
    fn from(error: NotAnId) -> Self {
        let max = REQUEST_ID_CHARS_MAX;
        Self::bad_input(format!("请求编号须为 1 至 {max} 个英文字母、数字或符号，不含空格"), error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Locked) {
            return Self::busy(
                "数据库正被另一个进程使用，请稍后再试",
                "another process has the database; try again later",
            );
        }
        let chinese = match &error {
            StoreError::WrongKey => "密钥打不开 node.db：keys.toml 不是它的，或 node.db 的开头已损坏。请保留整个目录，从备份放回 keys.toml 或 node.db；单位的电脑也可换一个目录，用新的邀请码重新加入"
                .to_owned(),
            StoreError::Newer { .. } => "数据库由更新版本的程序写成，请先升级本程序".to_owned(),
            StoreError::Missing => "数据库不存在".to_owned(),
            StoreError::Full => return Self::disk_full(),
            StoreError::ReadOnly => "数据库（node.db 和同一目录里的 node.db-wal、node.db-shm、node.db.mark）不可写：请检查这些文件和目录的属主、权限，以及磁盘是否只读".to_owned(),
            StoreError::Corrupt(_) => {
                return Self::database_damaged(
                    "数据库已损坏。请先复制整个目录留存；再从备份恢复，用 jiesu serve --after-loss 启动：缺少的记录从其他节点取回",
                    format!(
                        "{error}; copy the whole folder first, then restore it from a backup and start with \
                         jiesu serve --after-loss: what is missing is fetched from other nodes"
                    ),
                );
            }
            StoreError::Io(why) => {
                return Self::database_damaged(format!("读取磁盘时出错：{why}。请检查磁盘"), error.to_string());
            }
            StoreError::Disturbed(file) => {
                return Self::database_damaged(
                    format!(
                        "节点运行时，{file} 被别的程序替换、改写、截短或删除，节点已停止；本次未保存。\
                         请先复制整个目录留存，把原文件放回；没有原文件的从备份恢复，用 jiesu serve --after-loss 启动"
                    ),
                    format!(
                        "{error}: the node has stopped and this was not saved; copy the whole folder first, then put the \
                         right file back, or restore it from a backup and start with jiesu serve --after-loss"
                    ),
                );
            }
            StoreError::Unopened(_) => "打不开数据库（node.db 和同一目录里的 node.db-wal、node.db-shm、node.db.mark），没有办理：请检查这些文件和目录的属主、权限（用 sudo 或别的用户运行过命令的，会留下属主不同的文件，请改回节点的用户）；属主、权限无误的，是系统打开的文件已到上限，请重新启动节点".to_owned(),
            StoreError::Lost(loss) => return Self::lost(*loss),
            StoreError::Unknown(_) => return Self::unknown_result(),
            other => format!("数据库故障：{}", in_chinese(&other.to_string())),
        };
        let english = match error {
            StoreError::WrongKey => "the key does not open node.db: keys.toml is not its own, or its beginning is damaged. Keep the whole folder and put keys.toml or node.db back from a backup; a unit's computer can also join anew in another folder".to_owned(),
            StoreError::ReadOnly => "the database (node.db, node.db-wal, node.db-shm, node.db.mark) cannot be written: look at the owner and the permissions of these files and their folder, and whether the disk is read-only".to_owned(),
            StoreError::Unopened(why) => format!("the database (node.db, node.db-wal, node.db-shm, node.db.mark) cannot be opened ({why}), nothing was done: look at the owner and the permissions of these files and their folder (a command run with sudo or by somebody else leaves files that are not the node's: give them back to its user); if these are right the system opens no more files, start the node again"),
            other => other.to_string(),
        };
        Self::new("storage", 500, 7, chinese, english)
    }
}

impl From<kernel::Fault> for Problem {
    fn from(fault: kernel::Fault) -> Self {
        match fault {
            kernel::Fault::Store(error) => error.into(),
            other => Self::fault(&other),
        }
    }
}

impl From<replica::DocumentError> for Problem {
    fn from(error: replica::DocumentError) -> Self {
        Self::fault(&error)
    }
}

impl From<kernel::Refusal> for Problem {
    fn from(refusal: kernel::Refusal) -> Self {
        use kernel::Refusal;
        match refusal {
            Refusal::Rule(rule) => rule.into(),
            Refusal::NotFound => Self::not_found("本机没有这份文件", "no such document here"),
            Refusal::Left => Self::new(
                "left",
                409,
                1,
                "此件已转出本机各单位，在这里办理的内容到不了市热线；没有办理。请电话告知市热线",
                "the ticket was given elsewhere: what is done here would not reach the city; tell it by telephone",
            ),
            Refusal::NeedsUpgrade { acts } => Self::new(
                "needs-upgrade",
                409,
                1,
                format!(
                    "此件有 {acts} 条办理记录是用更新版本的程序办的，本机程序看不懂，可能与要办的冲突；没有办理。请先升级本机程序（需升级）"
                ),
                format!("{acts} acts on this document are of a newer version of this program; upgrade this node first"),
            ),
            Refusal::BadInput(why) => Self::bad_input(unfit(&why), why),
            Refusal::OtherText { number, unit, .. } => Self::new(
                "other-text",
                409,
                1,
                format!(
                    "{unit}已用同一来源编号登记过工单 {number}，内容不同，未登记。同一诉求有补充的，请补充到该工单；\
                     确是两件的，请向来源系统核实编号"
                ),
                format!(
                    "{unit} has registered ticket {number} under the same number of the other system, with another text; \
                     nothing was added. Add to that ticket what is new of the same request; if these are two, ask the \
                     other system for the right number"
                ),
            ),
            Refusal::OtherRequest => Self::new(
                "other-request",
                409,
                1,
                "同一请求编号先前已办理了另一份内容，这次的内容没有保存；确要另办，请重新提交（网页上再点一次，命令换一个 --request-id）",
                "something else was done under the id of this request before, and this was not saved; send it anew if it is meant (press the button again, or take another --request-id)",
            ),
            Refusal::Clash(clash) => clash.into(),
            Refusal::OtherTime => Self::bad_input(
                "本机时钟与所说的时间相差五分钟以上；请先改正系统时间，再确认",
                "the clock of this machine is more than five minutes off that time; set it right, then confirm",
            ),
            Refusal::Changed => Self::new(
                "changed",
                409,
                1,
                "刚刚有人改过，请重新查看后再试",
                "it was changed by somebody else meanwhile; look at it again",
            ),
            Refusal::RegistryUnsure { unheard } => registry_unsure(&unheard),
            Refusal::HubPutBack { unheard } => hub_put_back(&unheard),
            Refusal::NothingToWaive => Self::new(
                "nothing-to-waive",
                409,
                1,
                "中心节点没有在等待任何节点，不需要这样做",
                "the city hub waits for nobody; there is nothing to waive",
            ),
            Refusal::NoRootKey => Self::not_permitted(
                "本机不保存全市根密钥，请在市热线中心节点上操作",
                "this node does not hold the root key; do this on the city hub",
            ),
            Refusal::NoNeedToKnow => Self::not_permitted(
                "您的岗位不需要查看诉求人的联系方式（第十三条）",
                "no role of yours needs the requester's personal data (article 13)",
            ),
            Refusal::ShownTooOften { wait_s } => {
                let minutes = wait_s.div_ceil(60);
                Self::later(
                    429,
                    wait_s,
                    format!("一小时内查看联系方式的次数已到上限，请 {minutes} 分钟后再看；确有需要请找本单位负责人"),
                    format!("as much personal data as an hour allows was shown to you; again in {minutes} minutes"),
                )
            }
            Refusal::NotEnrolled(_) => Self::not_permitted(
                "本机尚未加入；先运行 jiesu join",
                "this device is not enrolled; run jiesu join first",
            ),
        }
    }
}

impl From<Clash> for Problem {
    fn from(clash: Clash) -> Self {
        let (chinese, english) = (clash.chinese(), clash.to_string());
        match clash {
            Clash::NotTheirs | Clash::NotOfThePair => Self::not_permitted(chinese, english),
            // The same rules as of acts, with their codes and articles.
            Clash::SamePerson => Self::of_rule(Rule::SecondPerson, chinese, english),
            Clash::NothingProposed => Self::of_rule(Rule::NothingToConfirm, chinese, english),
            Clash::ProposerGone => Self::of_rule(Rule::ProposerGone, chinese, english),
            Clash::Overtaken => Self::refused("overtaken", None, chinese, english),
            Clash::ProposedAlready => Self::refused("already-proposed", None, chinese, english),
            Clash::ProposedMany => Self::refused("too-many-proposals", None, chinese, english),
            _ => Self::bad_input(chinese, english),
        }
    }
}

fn registry_unsure(unheard: &[String]) -> Problem {
    Problem::new(
        "registry-unsure",
        409,
        1,
        format!(
            "本机数据库放回过旧的拷贝，其他节点可能持有本机缺少的名册记录，现在不能变更名册。请先让这些节点连上一次：{}；不能再连上的，由市热线两名系统管理岗位的人员分别运行 jiesu hub waive",
            unheard.join("、")
        ),
        format!(
            "the database was put back, and other nodes may hold entries of the registry that are missing here; it is not changed now. Let these connect first: {}; for those that will not come, two people of the city hotline with the role administer each run jiesu hub waive",
            unheard.join(", ")
        ),
    )
}

fn hub_put_back(unheard: &[String]) -> Problem {
    Problem::new(
        "hub-put-back",
        409,
        1,
        format!(
            "市热线中心节点放回过旧的拷贝，先要取回各县手里它签过的记录，现在不办理。还没有连上或没有传完的：{}；急件请在市热线的别的设备上办",
            unheard.join("、")
        ),
        format!(
            "the city hub was put back, and first takes back from the counties what it has signed; nothing was done. Not heard to the end: {}; use another device of the city hotline for what is urgent",
            unheard.join(", ")
        ),
    )
}

/// What the kernel found wrong, as far as a form has let it through.
fn unfit(why: &str) -> String {
    let known = [
        ("the text is too long", "正文太长，请删减或分开"),
        ("too many changes at once", "一次改动太多，请分几次保存"),
        ("no such value", "所选的写法不在这一处，或其文字不在本机；请刷新后再选"),
        ("a reason has at most", "原因太长，或不是一行"),
        ("say in words what it is needed for", "请用文字说明用途"),
        ("an alarm is acknowledged by a person", "告警须由人确认"),
        ("malformed text", "文字太长，或有不能保存的字符"),
        ("malformed part", "文字太长"),
        ("malformed tag", "标签须是不超过 16 字的词，不得含电话、证件号"),
        ("malformed code", "编号或代码只能用半角字母、数字和符号，不含空格"),
        ("malformed act", "内容太多，请分开"),
    ];
    let sentence = known.iter().find(|(english, _)| why.starts_with(english)).map(|(_, chinese)| *chinese);
    sentence.map_or_else(|| format!("内容不符合要求（{why}）"), |chinese| format!("内容不符合要求：{chinese}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_cannot_be_opened_names_its_files_and_whose_they_must_be() {
        for error in [StoreError::ReadOnly, StoreError::Unopened("unable to open database file".to_owned())] {
            let problem = Problem::from(error);
            assert!(problem.title.contains("node.db-wal") && problem.title.contains("属主"), "{problem:?}");
            assert!(problem.detail.contains("node.db-wal") && problem.detail.contains("owner"), "{problem:?}");
            assert!(!problem.title.contains("暂时") && !problem.title.contains("unable"), "{problem:?}");
        }
    }
}
