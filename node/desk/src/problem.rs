//! What a person or program is told when something was not done: what, why, what to do, and the exit code.

pub(crate) mod database;
mod refusal;
mod system;
mod unfit;

use regulation::{Article, Rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request_id::{NotAnId, REQUEST_ID_CHARS_MAX, RequestId};
use system::os_error;

pub(crate) use system::NO_FILE;
pub use system::in_chinese;

/// Why it was not done. Serialised as an RFC 9457 problem document with our own members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// Stable code: a rule's code, a ruling's on locked tables, or one of `usage`, `bad-input`, `too-long`, `changed`, `not-found`,
    /// `not-permitted`, `sign-in-first`, `choose-password`, `old-password`, `personal-data`, `other-text`, `other-request`, `not-saved`, `unreachable`, `busy`, `later`, `storage`, `disk-full`, `lost`,
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

/// Who is to find the node at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listens {
    /// Browsers and commands, TCP.
    Pages,
    /// Other nodes, UDP.
    Peers,
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

    /// An address at which the node would be found cannot be used.
    #[must_use]
    pub fn cannot_listen(door: Listens, address: std::net::SocketAddr, error: &dyn std::fmt::Display) -> Self {
        let english = error.to_string();
        let (what, what_en, key, flag, variable, protocol) = match door {
            Listens::Pages => ("网页", "the pages", "web", "--web", "JIESU_WEB", "TCP"),
            Listens::Peers => ("同步", "peers", "listen", "--listen", "JIESU_LISTEN", "UDP"),
        };
        let why = in_chinese(&english);
        Self::unreachable(
            format!(
                "{what}地址 {address}（{protocol}）用不了：{why}。本机已有另一个节点或别的程序用着它的，停掉那个，或给本节点换一个地址：{flag} 地址:端口，或环境变量 {variable}，或 config.toml 里的 {key}"
            ),
            format!(
                "the address {address} ({protocol}) for {what_en} cannot be used: {english}. If another node or program of this machine has it, stop that one or choose another address: {flag} ADDRESS:PORT, or the variable {variable}, or {key} in config.toml"
            ),
        )
    }

    /// The command line is wrong.
    #[must_use]
    pub fn usage(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("usage", 400, 2, title, detail)
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

    /// The password is right, and another set it: whoever it is chooses their own first.
    #[must_use]
    pub fn choose_password(login: &str) -> Self {
        Self::new(
            "choose-password",
            403,
            4,
            format!(
                "{login} 的密码是别人设的，只能用来另设自己的密码：请在登录页改密码，或运行 jiesu person password {login}，再登录"
            ),
            format!(
                "another set the password of {login}, and it opens nothing but choosing one's own: do so at the page to sign in, or by jiesu person password {login}, and sign in then"
            ),
        )
    }

    /// Whoever has chosen their password changes it, by showing it.
    #[must_use]
    pub fn old_password(login: &str) -> Self {
        Self::new(
            "old-password",
            403,
            4,
            format!(
                "{login} 已有自己的密码，只能由本人凭原密码更改（原密码用 --old-password-file 或 JIESU_OLD_PASSWORD 给出）；忘记密码的，请管理这台电脑的人运行 jiesu config commands open 后重设"
            ),
            format!(
                "{login} has a password of their own, which only they change, by showing it (--old-password-file or JIESU_OLD_PASSWORD); if it is forgotten whoever looks after this computer runs jiesu config commands open and sets it anew"
            ),
        )
    }

    /// Text holds what looks like somebody's number; whoever typed it says whether it is to stay.
    #[must_use]
    pub fn personal_data(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new("personal-data", 400, 5, title, detail)
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

    /// Whether the database was found damaged: a node that runs on it stops.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self.code.as_str(), "damaged" | "lost")
    }

    /// Whether there is no room on the disk.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        self.code == "disk-full"
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

impl From<NotAnId> for Problem {
    fn from(error: NotAnId) -> Self {
        let max = REQUEST_ID_CHARS_MAX;
        Self::bad_input(format!("请求编号须为 1 至 {max} 个英文字母、数字或符号，不含空格"), error.to_string())
    }
}

impl Problem {
    /// The device key in that file is not that of the database beside it.
    #[must_use]
    pub fn other_key(shown: &str) -> Self {
        Self::damaged(
            format!(
                "{shown} 里的设备密钥不是这个数据库的：文件损坏、被改过，或是另一台设备的。没有打开，什么都没有改：请从备份放回这个节点的 keys.toml"
            ),
            format!(
                "the device key in {shown} is not that of this database: the file is damaged, was changed, or is another device's. Nothing was opened or changed: put this node's keys.toml back from a backup"
            ),
        )
    }
}

impl From<kernel::Fault> for Problem {
    fn from(fault: kernel::Fault) -> Self {
        match fault {
            kernel::Fault::Store(error) => error.into(),
            kernel::Fault::OtherKey => Self::other_key("keys.toml"),
            other => Self::fault(&other),
        }
    }
}

impl From<replica::DocumentError> for Problem {
    fn from(error: replica::DocumentError) -> Self {
        Self::fault(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_use_is_named_with_every_way_to_choose_another() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = std::net::TcpListener::bind(address).unwrap_err();
        for (door, words) in [
            (Listens::Pages, ["--web", "JIESU_WEB", "config.toml 里的 web"]),
            (Listens::Peers, ["--listen", "JIESU_LISTEN", "config.toml 里的 listen"]),
        ] {
            let Problem { title, exit, .. } = Problem::cannot_listen(door, address, &error);
            assert!(exit == 6 && title.contains(&address.to_string()) && title.contains("已被别的程序占用"), "{title}");
            assert!(words.iter().all(|word| title.contains(word)), "{title}");
        }
    }
}
