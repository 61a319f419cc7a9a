//! The command line as the parser takes it: made of [`Args`], in the language that is spoken, and read as people type it here.
//! Digits and hyphens of full width are those of ASCII, a number says what it may be, and no name of a value is English
//! where Chinese is spoken.

use std::any::TypeId;
use std::ffi::OsString;
use std::net::SocketAddr;

use clap::builder::{NonEmptyStringValueParser, StringValueParser, TypedValueParser, ValueParser};
use clap::{Arg, Command, CommandFactory};
use desk::narrow::{narrow, number};
use regulation::calendar::TERM_WORKING_DAYS_MAX;

use crate::args::Args;

/// The whole grammar.
pub fn command(english: bool) -> Command {
    spoken(Args::command(), english)
}

fn spoken(mut command: Command, english: bool) -> Command {
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(half(&about, english));
    }
    command.mut_args(|arg| read_as_typed(named(arg, english))).mut_subcommands(|below| spoken(below, english))
}

/// Help stands in both languages, two blanks between them.
fn half(text: &str, english: bool) -> String {
    match text.split_once("  ") {
        Some((chinese, english_text)) => if english { english_text } else { chinese }.trim().to_owned(),
        None => text.to_owned(),
    }
}

fn named(arg: Arg, english: bool) -> Arg {
    let help = arg.get_help().map(ToString::to_string);
    let arg = match help {
        Some(help) => arg.help(half(&help, english)),
        None => arg,
    };
    match value_name(arg.get_id().as_str()).filter(|_| !english && takes_value(&arg)) {
        Some(name) => arg.value_name(name),
        None => arg,
    }
}

fn takes_value(arg: &Arg) -> bool {
    arg.is_positional() || arg.get_action().takes_values()
}

/// What a value is called in Chinese.
fn value_name(id: &str) -> Option<&'static str> {
    Some(match id {
        "by" => "登录名",
        "digest" => "摘要值",
        "until" => "末日",
        "lasts" => "天数",
        "dir" => "目录",
        "lang" => "语言",
        "login" | "of" | "person_login" | "as_login" => "登录名",
        "password_file" | "old_password_file" | "out" | "file" | "batch" | "refused" => "文件",
        "tickets" => "文件.jsonl",
        "map" => "对照表.toml",
        "request_id" | "id" | "upto" | "to" | "after" | "ticket" => "编号",
        "wait" => "秒数",
        "n" => "件数",
        "seed" => "种子",
        "writers" => "人数",
        "name" | "system" => "名称",
        "person" => "姓名",
        "unit" => "单位",
        "class" => "类别",
        "address" | "peer" => "主机:端口",
        "listen" | "web" => "地址:端口",
        "token" => "邀请码",
        "device" => "设备名称",
        "after_loss" => "情形",
        "kind" => "种类",
        "source" => "来源",
        "time" | "start" | "due_before" => "时间",
        "value" => "取值",
        "text" => "文字",
        "limit" => "行数",
        "topic" => "主题",
        "period" => "期间",
        "format" => "格式",
        "days" => "工作日数",
        "year" => "年份",
        "set" => "名称=数值",
        "from" => "起始",
        "response" | "solution" | "satisfaction" | "mostly" => "百分数",
        "county" => "县",
        "hub" => "设备",
        "role" | "add" | "remove" => "岗位",
        "reason" => "原因",
        "fields" => "--字段名 值",
        "note" => "说明",
        "state" => "状态",
        "cursor" => "位置",
        "sheet" => "工作表",
        "title" => "标题",
        "category" => "分类",
        "body" => "正文",
        "act" => "记录",
        "number" => "条目编号",
        "basis" => "依据",
        "paper" => "文号",
        "purpose" => "用途",
        _ => return None,
    })
}

/// A number whatever its width, with what it may be; an address with how it is written; nothing that is empty where
/// something must be named.
fn read_as_typed(arg: Arg) -> Arg {
    let kind = arg.get_value_parser().type_id();
    let (least, most) = match arg.get_id().as_str() {
        "days" => (0, TERM_WORKING_DAYS_MAX.into()),
        "response" | "solution" | "satisfaction" | "mostly" => (0, 100),
        "year" => (1, 9_999),
        "limit" | "n" | "writers" => (1, i128::MAX),
        _ => (0, i128::MAX),
    };
    let parser = if kind == TypeId::of::<u16>() {
        whole::<u16>(least, most.min(u16::MAX.into()))
    } else if kind == TypeId::of::<u32>() {
        whole::<u32>(least, most.min(u32::MAX.into()))
    } else if kind == TypeId::of::<i32>() {
        whole::<i32>(least, most.min(i32::MAX.into()))
    } else if kind == TypeId::of::<u64>() {
        whole::<u64>(least, most.min(u64::MAX.into()))
    } else if kind == TypeId::of::<usize>() {
        whole::<usize>(least, most.min(usize::MAX as i128))
    } else if kind == TypeId::of::<SocketAddr>() {
        let read = |text: String| narrow(&text).parse::<SocketAddr>().map_err(|_| Wanted::Address);
        ValueParser::new(StringValueParser::new().try_map(read))
    } else if kind == TypeId::of::<String>() && arg.is_positional() && !arg.is_allow_hyphen_values_set() {
        return arg.value_parser(NonEmptyStringValueParser::new());
    } else {
        return arg;
    };
    arg.value_parser(parser).allow_negative_numbers(true)
}

fn whole<T: TryFrom<i128> + Clone + Send + Sync + 'static>(least: i128, most: i128) -> ValueParser {
    let read = move |text: String| {
        let found = number::<i128>(&text).filter(|found| (least..=most).contains(found));
        found.and_then(|found| T::try_from(found).ok()).ok_or(Wanted::Number { least, most })
    };
    ValueParser::new(StringValueParser::new().try_map(read))
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A whole number within these bounds.
    Number { least: i128, most: i128 },
    /// An address with its port.
    Address,
}

/// A bound that is that of the machine and none of the matter.
const BOUND_TOLD_MAX: i128 = 1_000_000;

impl Wanted {
    /// For people, in Chinese.
    pub fn chinese(self) -> String {
        match self {
            Self::Number { least, most } if most <= BOUND_TOLD_MAX => format!("须为 {least} 至 {most} 的整数"),
            Self::Number { least, .. } => format!("须为不小于 {least} 的整数"),
            Self::Address => "须为 IP 地址:端口，如 127.0.0.1:8480".to_owned(),
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number { least, most } if *most <= BOUND_TOLD_MAX => {
                write!(f, "must be a whole number from {least} to {most}")
            }
            Self::Number { least, .. } => write!(f, "must be a whole number, {least} at least"),
            Self::Address => f.write_str("must be an IP address and a port, such as 127.0.0.1:8480"),
        }
    }
}

impl std::error::Error for Wanted {}

/// The words that were typed. `－－ｄａｙｓ` and `——days` are `--days`; values stay as they are.
pub fn typed(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    words.into_iter().map(|word| word.to_str().and_then(option).map_or(word, OsString::from)).collect()
}

/// An option that was written with hyphens or letters of full width.
fn option(word: &str) -> Option<String> {
    let rest = word.strip_prefix("——").or_else(|| word.strip_prefix("－－")).or_else(|| word.strip_prefix("--"))?;
    let (name, value) = match rest.split_once(['=', '＝']) {
        Some((name, value)) => (name, Some(value)),
        None => (rest, None),
    };
    let name = narrow(name);
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name.then(|| value.map_or_else(|| format!("--{name}"), |value| format!("--{name}={value}")))
}

/// What the parser itself says in English, in Chinese.
pub fn in_chinese(text: &str) -> String {
    const WORDS: [(&str, &str); 14] = [
        ("Usage:", "用法："),
        ("Commands:", "命令："),
        ("Arguments:", "参数："),
        ("Options:", "选项："),
        ("Possible values:", "可用："),
        ("[OPTIONS]", "[选项]"),
        ("<COMMAND>", "<命令>"),
        ("[COMMAND]", "[命令]"),
        ("[default:", "[默认："),
        ("[env:", "[环境变量："),
        ("[possible values:", "[可用："),
        ("Print this message or the help of the given subcommand(s)", "显示本说明或其中一个命令的说明"),
        ("Print help", "显示帮助"),
        ("Print version", "显示版本"),
    ];
    let more = text.replace(" (see more with '--help')", "（详见 --help）").replace(" (see a summary with '-h')", "");
    WORDS.iter().fold(more, |text, (english, chinese)| put(&text, english, chinese))
}

/// The text with other words for some of it, also where a line ends between two of them.
fn put(text: &str, english: &str, chinese: &str) -> String {
    let words: Vec<&str> = english.split(' ').collect();
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(words[0]) {
        let mut after = &rest[start..];
        let mut all = true;
        for (place, word) in words.iter().enumerate() {
            let from = if place > 0 { after.trim_start() } else { after };
            all = all
                && from.strip_prefix(word).is_some_and(|left| {
                    after = left;
                    true
                });
        }
        let (before, end) = if all { (start, rest.len() - after.len()) } else { (start, start + words[0].len()) };
        out.push_str(&rest[..before]);
        out.push_str(if all { chinese } else { &rest[start..end] });
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command with its path.
    fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        let path = format!("{path} {}", command.get_name());
        found.push((path.clone(), command.clone()));
        command.get_subcommands().for_each(|below| all(below, &path, found));
    }

    fn commands(english: bool) -> Vec<(String, Command)> {
        let mut whole = command(english);
        whole.build();
        let mut found = Vec::new();
        all(&whole, "", &mut found);
        found.retain(|(path, _)| !path.contains(" help"));
        found
    }

    #[test]
    fn help_is_in_one_language_down_to_the_names_of_values() {
        let chinese = |text: &str| text.chars().any(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
        for (path, mut command) in commands(false) {
            for arg in command.get_arguments().filter(|arg| takes_value(arg)) {
                let name = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
                assert!(name.as_deref().is_some_and(chinese), "{path} {}: {name:?}", arg.get_id());
            }
            let help = in_chinese(&command.render_help().to_string());
            for word in ["Usage", "Options", "Commands", "Arguments", "Print ", "default", "possible", "<COMMAND>"] {
                assert!(!help.contains(word), "{path}: {word}: {help}");
            }
            assert!(command.get_about().is_some_and(|about| chinese(&about.to_string())), "{path}");
        }
        for (path, mut command) in commands(true) {
            let help = command.render_help().to_string();
            let odd: Vec<&str> = help.lines().filter(|line| chinese(line) && !line.contains("[default:")).collect();
            assert!(odd.is_empty(), "{path}: {odd:?}");
        }
    }

    #[test]
    fn numbers_are_read_whatever_their_width_and_a_wrong_one_says_what_it_may_be() {
        let read = |words: &[&str]| {
            let words = ["jiesu"].iter().chain(words).map(OsString::from);
            command(false).try_get_matches_from(typed(words))
        };
        for good in [
            &["calendar", "due", "--start", "2026-11-02", "--days", "５"][..],
            &["calendar", "due", "--start", "2026-11-02", "——days=５"],
            &["calendar", "show", "２０２６"],
            &["status", "－－ｗａｉｔ", "１０"],
            &["serve", "--web", "１２７.０.０.１:８４８０"],
        ] {
            assert!(read(good).is_ok(), "{good:?}: {:?}", read(good).err());
        }
        for (wrong, said) in [
            (&["calendar", "due", "--start", "x", "--days", "-5"][..], "须为 0 至 2000 的整数"),
            (&["calendar", "due", "--start", "x", "--days", "2001"], "须为 0 至 2000 的整数"),
            (&["weights", "set", "--response", "101"], "须为 0 至 100 的整数"),
            (&["status", "--wait", "long"], "须为 0 至 65535 的整数"),
            (&["ticket", "list", "--limit", "0"], "须为不小于 1 的整数"),
            (&["serve", "--web", "banana"], "须为 IP 地址:端口"),
            (&["ticket", "show", ""], "编号"),
        ] {
            let words: Vec<String> = wrong.iter().map(|word| (*word).to_owned()).collect();
            let told = crate::usage::in_chinese(&read(wrong).unwrap_err(), &words).unwrap();
            assert!(told.contains(said), "{wrong:?}: {told}");
        }
    }
}
