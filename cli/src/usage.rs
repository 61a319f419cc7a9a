//! A command line that is wrong, told in Chinese: what is wrong with it, and how it is meant. What is rare stays in the words
//! of the parser.

use std::error::Error as _;
use std::process::ExitCode;

use clap::Error;
use clap::builder::{FalseyValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use desk::Problem;

use crate::grammar::{self, Wanted};
use crate::out;

/// Tells what is wrong, or the help that was asked for; its exit code.
pub fn tell(error: &Error, words: &[String], english: bool) -> ExitCode {
    // Help and version are asked for; everything else is a usage error.
    let code = if error.use_stderr() { 2 } else { 0 };
    let text = error.render().to_string();
    if code != 0 && wants_json(words) {
        let chinese = in_chinese(error, words).unwrap_or_else(|| grammar::in_chinese(text.trim_end()));
        out::json(&Problem::usage(chinese, text.trim_end()));
    }
    // What was typed stands in it.
    match in_chinese(error, words).filter(|_| !english) {
        Some(text) => out::note(text),
        None if !english && code == 0 => out::line(grammar::in_chinese(text.trim_end())),
        None if !english => out::note(grammar::in_chinese(text.trim_end())),
        None if desk::unseen::any(&text.replace('\t', " ")) => out::note(text.trim_end()),
        None => drop(error.print()),
    }
    if let Some(variable) = variable(error, words).filter(|_| english) {
        out::note(format!("the value is that of the environment variable {variable}"));
    }
    ExitCode::from(code)
}

/// The environment variable that a wrong value comes from, where its option was not typed.
fn variable(error: &Error, words: &[String]) -> Option<String> {
    let arg = error.get(ContextKind::InvalidArg).map(shown)?;
    let option = arg.split([' ', '=']).next().filter(|option| option.starts_with("--"))?;
    let is_it = |word: &String| word.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    if words.iter().any(is_it) {
        return None;
    }
    fn of(command: &clap::Command, long: &str) -> Option<String> {
        let here = command.get_arguments().find(|arg| arg.get_long() == Some(long)).and_then(clap::Arg::get_env);
        let found = here.filter(|name| std::env::var_os(name).is_some());
        let found = found.map(|name| name.to_string_lossy().into_owned());
        found.or_else(|| command.get_subcommands().find_map(|below| of(below, long)))
    }
    of(&grammar::command(false), option.trim_start_matches("--"))
}

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
        ErrorKind::InvalidValue if value().is_empty() && arg().starts_with('<') => format!("{} 是空的，请写明", arg()),
        ErrorKind::InvalidValue if value().is_empty() => format!("{} 后面缺少值", arg()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let wanted = error.source().and_then(|wanted| wanted.downcast_ref::<Wanted>());
            let wanted = wanted.map(|wanted| format!("；{}", wanted.chinese())).unwrap_or_default();
            match variable(error, words) {
                Some(name) => format!("环境变量 {name} 的值不对：{}{wanted}", value()),
                None => format!("{} 的值不对：{}{wanted}", arg(), value()),
            }
        }
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
    lines.extend(usage.map(|usage| grammar::in_chinese(usage.trim())));
    lines.push("详细说明：加 --help".to_owned());
    Some(lines.join("\n"))
}

/// How the command is meant that the words come to.
fn usage(words: &[String]) -> Option<String> {
    let mut command = grammar::command(false);
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

/// Whether JSON is asked for, on a command line that could not be read.
fn wants_json(words: &[String]) -> bool {
    let typed = words.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let switched = |value: String| FalseyValueParser::new().parse_ref(&clap::Command::new(""), None, value.as_ref());
    typed || std::env::var("JIESU_JSON").is_ok_and(|value| switched(value).unwrap_or(false))
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
