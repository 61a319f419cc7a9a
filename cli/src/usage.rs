//! A command line that is wrong, told in Chinese: what is wrong with it, and how it is meant. What is rare stays in the words
//! of the parser.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is wrong, and the usage; nothing for help and for what is rare.
pub fn in_chinese(error: &Error, words: &[String]) -> Option<String> {
    let named = |kind: ContextKind| error.get(kind).map(shown);
    let arg = || named(ContextKind::InvalidArg).unwrap_or_default();
    let value = || named(ContextKind::InvalidValue).unwrap_or_default();
    let said = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有这个参数：{}", arg()),
        ErrorKind::InvalidSubcommand => {
            format!("没有这个命令：{}", named(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => format!("缺少 {}", arg()),
        ErrorKind::MissingSubcommand => "命令没有写完".to_owned(),
        ErrorKind::InvalidValue if value().is_empty() => format!("{} 后面缺少值", arg()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{} 的值不对：{}", arg(), value()),
        ErrorKind::ArgumentConflict => {
            format!("{} 不能与 {} 同时使用", arg(), named(ContextKind::PriorArg).unwrap_or_default())
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{} 的值个数不对", arg())
        }
        _ => return None,
    };
    let mut lines = vec![format!("错误：{said}")];
    for (kind, what) in [
        (ContextKind::ValidValue, "可用"),
        (ContextKind::ValidSubcommand, "可用"),
        (ContextKind::SuggestedArg, "是否想写"),
        (ContextKind::SuggestedSubcommand, "是否想写"),
        (ContextKind::SuggestedValue, "是否想写"),
    ] {
        if let Some(text) = named(kind).filter(|text| !text.is_empty()) {
            lines.push(format!("{what}：{text}"));
        }
    }
    // Of a wrong value the parser does not say how the command is meant.
    let usage = named(ContextKind::Usage).or_else(|| usage(words));
    lines.extend(usage.map(|usage| usage.trim().replacen("Usage:", "用法：", 1)));
    lines.push("详细说明：加 --help".to_owned());
    Some(lines.join("\n"))
}

/// How the command is meant that the words come to.
fn usage(words: &[String]) -> Option<String> {
    let mut command = <crate::args::Args as clap::CommandFactory>::command();
    command.build();
    let mut at = &mut command;
    let mut value = false;
    for word in words.iter().skip(1) {
        // The value of an option is no command, whatever it reads.
        if std::mem::take(&mut value) {
            continue;
        }
        value = takes_value(at, word);
        if at.find_subcommand(word).is_some() {
            at = at.find_subcommand_mut(word)?;
        }
    }
    Some(at.render_usage().to_string())
}

/// Whether a word is an option whose value is the next word.
fn takes_value(command: &clap::Command, word: &str) -> bool {
    let Some(long) = word.strip_prefix("--") else { return false };
    let named = |arg: &&clap::Arg| arg.get_long() == Some(long);
    command.get_arguments().find(named).is_some_and(|arg| arg.get_action().takes_values())
}

fn shown(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join("、"),
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

/// Whether English is asked for, on a command line that could not be read.
pub fn english(words: &[String]) -> bool {
    let mut chosen = std::env::var("JIESU_LANG").is_ok_and(|lang| lang == "en");
    let mut before = "";
    for word in words {
        let lang = word.strip_prefix("--lang=").or_else(|| (before == "--lang").then_some(word));
        chosen = lang.map_or(chosen, |lang| lang == "en");
        before = word;
    }
    chosen
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_value_of_an_option_is_no_command() {
        for line in
            ["jiesu --dir hub weights set --response 99999999999", "jiesu weights set --response hub --dir times"]
        {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let usage = super::usage(&words).unwrap();
            assert!(usage.contains("weights set"), "{line}: {usage}");
        }
    }
}
