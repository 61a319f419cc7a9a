//! The configuration of a node: `config.toml` in its folder. Flags and `JIESU_…` in the environment stand over it.

use std::net::SocketAddr;
use std::path::Path;

use serde::Deserialize;

use crate::problem::Problem;

/// What a configuration says; everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where peers find this node, UDP.
    pub listen: Option<SocketAddr>,
    /// Where its pages are, TCP.
    pub web: Option<SocketAddr>,
    /// Peers that it keeps connected to.
    pub peers: Vec<String>,
    /// In whose name commands act.
    pub commands: Commands,
}

/// In whose name commands act in this folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Commands {
    /// In that of whoever signed in or gives the password.
    #[default]
    SignedIn,
    /// In that of anybody of the unit whom they name.
    Open,
}

impl Commands {
    /// As it stands in the file.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::Open => "open",
        }
    }
}

/// Every key of a configuration, and what it is, in Chinese and English.
const KEYS: [(&str, &str, &str); 4] = [
    (
        "listen",
        "IP 地址:端口，如 listen = \"0.0.0.0:4433\"",
        "an IP address and a port, such as listen = \"0.0.0.0:4433\"",
    ),
    (
        "web",
        "本机 IP 地址:端口，如 web = \"127.0.0.1:8480\"",
        "an IP address of this machine and a port, such as web = \"127.0.0.1:8480\"",
    ),
    (
        "peers",
        "方括号里的一列 主机:端口，如 peers = [\"hub.example.org:4433\"]",
        "a list of HOST:PORT, such as peers = [\"hub.example.org:4433\"]",
    ),
    ("commands", "\"signed-in\" 或 \"open\"", "\"signed-in\" or \"open\""),
];

/// A configuration with every key explained, as `jiesu init` and `jiesu join` write it.
const TEMPLATE: &str = "\
# 本节点的配置。命令行参数和环境变量 JIESU_… 优先于本文件。
# Configuration of this node. Flags and JIESU_… in the environment stand over it.

# 其他节点连接本机的地址（UDP）。Where peers find this node (UDP).
# listen = \"0.0.0.0:4433\"

# 本机网页的地址（TCP）。Where its pages are (TCP).
# web = \"127.0.0.1:8480\"

# 保持连接的上级或同级节点。Peers that it keeps connected to.
# peers = [\"hub.example.org:4433\"]

# 命令以谁的名义办理：signed-in 须登录（jiesu sign-in）或给出密码；open 凡能读写本目录的都可用 --login 代任何人办理。
# In whose name commands act: signed-in asks for a session (jiesu sign-in) or a password; open lets whoever can use this
# folder act as anybody with --login.
# commands = \"signed-in\"
";

impl Config {
    /// Reads a file; the default where there is none.
    ///
    /// # Errors
    /// Not TOML, a wrong value, or an unknown key: then the nearest known one is named.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        match crate::text::read(path) {
            Ok((text, _)) => Self::parse(&text, &path.display().to_string()),
            Err(_) if !path.exists() => Ok(Self::default()),
            Err(problem) => Err(problem),
        }
    }

    /// Writes the configuration of a new node. Whoever joined keeps connected to the node that let it in.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(path: &Path, peer: Option<&str>, commands: Commands) -> Result<(), Problem> {
        let mut text = TEMPLATE.to_owned();
        if let Some(peer) = peer {
            text.push_str(&format!("peers = [\"{peer}\"]\n"));
        }
        crate::files::write_private(path, text.as_bytes()).map_err(|error| Problem::storage(path, &error))?;
        // That they are signed in need not be said.
        if commands == Commands::Open { Self::set_commands(path, commands) } else { Ok(()) }
    }

    /// Looks at all that a file says as a node does that starts with it: what is wrong is told with its line and key. What the
    /// command says otherwise is not looked at, by the keys named.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn check_file(&self, path: &Path, overridden: &[&str]) -> Result<(), Problem> {
        let text = crate::text::read(path).map(|(text, _)| text).unwrap_or_default();
        let of = |key: &str, problem: Problem| {
            let (path, line) = (path.display(), line_of(&text, key));
            Problem {
                title: format!("{path}：第 {line} 行 {key}：{}", problem.title),
                detail: format!("{path}: line {line}, {key}: {}", problem.detail),
                ..problem
            }
        };
        if !overridden.contains(&"web") {
            self.web.map_or(Ok(()), only_loopback).map_err(|problem| of("web", problem))?;
        }
        if overridden.contains(&"peers") {
            return Ok(());
        }
        let found = self.peers.iter().try_for_each(|peer| crate::enrol::address(peer).map(drop));
        found.map_err(|problem| of("peers", problem))
    }

    /// It with all that it says looked at as a node does that starts with it.
    ///
    /// # Errors
    /// The pages could be reached from elsewhere, or a peer's address is none.
    pub fn checked(self) -> Result<Self, Problem> {
        self.web.map_or(Ok(()), only_loopback)?;
        let peers = self.peers.iter().map(|peer| crate::enrol::address(peer)).collect::<Result<_, _>>()?;
        Ok(Self { peers, ..self })
    }

    /// Sets in whose name commands act, and leaves the rest of the file as people wrote it.
    ///
    /// # Errors
    /// The file is wrong already, or cannot be written.
    pub fn set_commands(path: &Path, commands: Commands) -> Result<(), Problem> {
        Self::read(path)?;
        // In whatever encoding it was saved: it is read as it is read elsewhere, and written as UTF-8.
        let held = match crate::text::read(path) {
            Ok((text, _)) => text,
            Err(_) if !path.exists() => TEMPLATE.to_owned(),
            Err(problem) => return Err(problem),
        };
        let is_it = |line: &&str| line.split_once('=').is_some_and(|(key, _)| key.trim() == "commands");
        let mut text: String = held.lines().filter(|line| !is_it(line)).map(|line| format!("{line}\n")).collect();
        text.push_str(&format!("commands = \"{}\"\n", commands.code()));
        // What would not be read back as it is meant is not written.
        Self::parse(&text, &path.display().to_string())?;
        crate::files::write_private(path, text.as_bytes()).map_err(|error| Problem::storage(path, &error))
    }

    /// Reads a text; `name` is what it is called in errors.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, name: &str) -> Result<Self, Problem> {
        let wrong = |chinese: String, english: String| {
            Problem::bad_input(format!("{name}：{chinese}"), format!("{name}: {english}"))
        };
        let table: toml::Table = text.parse().map_err(|error| crate::text::not_toml(name, text, &error))?;
        let line = |key: &str| line_of(text, key);
        for (key, value) in &table {
            let Some((_, chinese, english)) = KEYS.iter().find(|(known, ..)| known == key) else {
                let near = KEYS.iter().min_by_key(|(known, ..)| strsim::levenshtein(known, key));
                let near = near.map(|(known, ..)| *known).unwrap_or_default();
                return Err(wrong(
                    format!("第 {} 行：没有配置项 {key}；是否想写 {near}？不需要的行可在行首加 # 停用", line(key)),
                    format!(
                        "line {}: there is no key {key}; did you mean {near}? # before a line that is not needed puts it out of use",
                        line(key)
                    ),
                ));
            };
            let alone = toml::Table::from_iter([(key.clone(), value.clone())]);
            if Self::deserialize(toml::Value::Table(alone)).is_err() {
                return Err(wrong(
                    format!("第 {} 行：{key} 须为：{chinese}；请用编辑器改正，不需要的行可在行首加 # 停用", line(key)),
                    format!(
                        "line {}: {key} must be {english}; mend it in an editor, or put # before a line that is not needed",
                        line(key)
                    ),
                ));
            }
        }
        toml::from_str(text).map_err(|error| crate::text::not_toml(name, text, &error))
    }
}

/// The line of a key: of what was parsed nobody knows it any more.
fn line_of(text: &str, key: &str) -> usize {
    let is_it = |line: &str| line.split_once('=').is_some_and(|(held, _)| held.trim().trim_matches('"') == key);
    text.lines().position(is_it).map_or(1, |at| at + 1)
}

/// Pages are served to this machine alone, as long as they are not encrypted: passwords, and what people told the hotline,
/// would cross the network as plain text.
///
/// # Errors
/// The address can be reached from elsewhere.
pub fn only_loopback(address: SocketAddr) -> Result<(), Problem> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let port = address.port();
    Err(Problem::bad_input(
        format!(
            "网页只能开在本机地址上（127.0.0.1:{port}）：{address} 会把密码和诉求人信息明文传到网络上。\
             要从别的电脑使用，请用 SSH 隧道（ssh -L {port}:127.0.0.1:{port} 用户@本机），\
             或在本机放一个 TLS 代理，转发到 127.0.0.1:{port}，并把 Host 改为 127.0.0.1:{port}"
        ),
        format!(
            "the pages must be on an address of this machine alone (127.0.0.1:{port}): {address} would send passwords \
             and personal data over the network as plain text. To use them from another computer, take an SSH tunnel \
             (ssh -L {port}:127.0.0.1:{port} user@host), or a TLS proxy on this machine that passes on to \
             127.0.0.1:{port} and sets Host to 127.0.0.1:{port}"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_key_names_the_nearest() {
        let problem = Config::parse("listn = \"0.0.0.0:1\"", "c").unwrap_err();
        assert!(problem.detail.contains("listen"), "{problem:?}");
    }

    #[test]
    fn what_is_wrong_is_told_in_chinese_with_its_line_and_its_key() {
        for (text, line, said) in [
            ("# a\nlisten = \"nowhere\"\n", "第 2 行", "listen 须为：IP 地址:端口"),
            ("listen = \"0.0.0.0:1\"\n\nweb = 8480\n", "第 3 行", "web 须为"),
            ("peers = \"hub:1\"", "第 1 行", "peers 须为：方括号"),
            ("commands = \"closed\"", "第 1 行", "\"signed-in\" 或 \"open\""),
            ("\nlistn = 1", "第 2 行", "是否想写 listen"),
            ("web = \"[::1]:1\"\nlisten = ", "第 2 行", "写法有误"),
            ("web = \"[::1]:1\nx", "第 2 行", "写法有误"),
            ("commands = \"open\"\ncommands = \"open\"", "第 2 行", "写了两次"),
        ] {
            let problem = Config::parse(text, "config.toml").unwrap_err();
            let title = &problem.title;
            assert!(title.contains(line) && title.contains(said) && title.contains('#'), "{text}: {title}");
            assert!(
                title.starts_with("config.toml") && !title.contains("invalid") && !title.contains("expected"),
                "{title}"
            );
        }
    }

    #[test]
    fn commands_are_set_and_the_rest_of_the_file_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, "# 我的注释\nlisten = \"0.0.0.0:1\"\n commands = \"signed-in\"\n").unwrap();
        Config::set_commands(&path, Commands::Open).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "# 我的注释\nlisten = \"0.0.0.0:1\"\ncommands = \"open\"\n");
        Config::set_commands(&path, Commands::SignedIn).unwrap();
        assert_eq!(Config::read(&path).unwrap().commands, Commands::SignedIn);
        std::fs::write(&path, "listn = 1\n").unwrap();
        assert!(Config::set_commands(&path, Commands::Open).is_err(), "a wrong file is not made worse");
    }

    #[test]
    fn a_node_that_would_not_start_with_it_is_told_by_the_check_too() {
        let checked = |text: &str| Config::parse(text, "c").unwrap().checked();
        for wrong in
            ["peers = [\"abc\"]", "peers = [\"hub:4433\", \"hub:0\"]", "web = \"0.0.0.0:41134\"", "web = \"[::]:1\""]
        {
            assert_eq!(checked(wrong).unwrap_err().code, "bad-input", "{wrong}");
        }
        for good in ["", "web = \"[::1]:1\"\nlisten = \"0.0.0.0:0\"\npeers = [\"hub:4433\"]"] {
            assert_eq!(checked(good).unwrap(), Config::parse(good, "c").unwrap());
        }
    }

    #[test]
    fn what_a_node_would_not_start_with_is_told_with_its_file_line_and_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        for (line, key) in [("web = \"0.0.0.0:41134\"", "web"), ("peers = [\"a\"]", "peers")] {
            std::fs::write(&path, format!("# 本机\n{line}\n")).unwrap();
            let config = Config::read(&path).unwrap();
            let problem = config.check_file(&path, &[]).unwrap_err();
            for said in [&problem.title, &problem.detail] {
                assert!(said.contains("config.toml") && said.contains(key) && said.contains('2'), "{said}");
            }
            assert_eq!(config.check_file(&path, &[key]), Ok(()), "the command says otherwise");
        }
    }

    #[test]
    fn commands_are_set_in_a_file_of_any_encoding_that_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        let text = "# 本机网页的地址，由市热线信息中心设定\nlisten = \"0.0.0.0:1\"\n";
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [encoding_rs::GB18030.encode(text).0.into_owned(), wide] {
            std::fs::write(&path, bytes).unwrap();
            Config::set_commands(&path, Commands::Open).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{text}commands = \"open\"\n"));
        }
    }

    #[test]
    fn template_is_read_whether_commented_or_not() {
        assert_eq!(Config::parse(TEMPLATE, "c").unwrap(), Config::default());
        let open: String = TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let config = Config::parse(&open, "c").unwrap();
        assert!(config.listen.is_some() && config.web.is_some() && config.peers.len() == 1);
    }
}
