//! Where a password comes from: a file, the environment, a person who types it without seeing it, or standard input.
//! Never the command line, which every process of the machine can read.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use desk::Problem;
use desk::call::Secret;
use desk::people::PASSWORD_BYTES_MAX;

use crate::args::Global;
use crate::out;

/// The password of `--password-file` (`-` is standard input) or of `JIESU_PASSWORD`.
pub fn given(global: &Global) -> Result<Option<Secret>, Problem> {
    if let Some(file) = &global.password_file {
        return read(file).map(Some);
    }
    Ok(std::env::var("JIESU_PASSWORD").ok().filter(|text| !text.is_empty()).map(Secret))
}

/// The password that there is, of a file or of `JIESU_OLD_PASSWORD`.
pub fn old(file: Option<&Path>) -> Result<Option<Secret>, Problem> {
    match file {
        Some(file) => read(file).map(Some),
        None => Ok(std::env::var("JIESU_OLD_PASSWORD").ok().filter(|text| !text.is_empty()).map(Secret)),
    }
}

/// What a person at the terminal types without seeing it; nothing where nobody is.
pub fn asked((chinese, english): (&str, &str)) -> Result<Option<Secret>, Problem> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let terminal = console::Term::stderr();
    let typed = terminal.write_str(out::say(chinese, english)).and_then(|()| terminal.read_secure_line());
    typed.map(|text| Some(Secret(text))).map_err(|error| none(&error))
}

/// One of these, or a line of standard input.
pub fn needed(global: &Global, prompt: (&str, &str)) -> Result<Secret, Problem> {
    if let Some(password) = given(global)? {
        return Ok(password);
    }
    match asked(prompt)? {
        Some(password) => Ok(password),
        None => read(Path::new("-")),
    }
}

/// A password that is to be set: whoever types it without seeing it types it twice.
pub fn chosen(global: &Global) -> Result<Secret, Problem> {
    match given(global)? {
        Some(password) => Ok(password),
        None => typed()?.ok_or_else(|| none(&out::say("第一行是空的", "the first line is empty"))),
    }
}

/// A new password, as somebody types it, or the next line of standard input, if there is one.
pub fn typed() -> Result<Option<Secret>, Problem> {
    match twice(&mut |again| {
        asked(if again { ("再输一次：", "again: ") } else { ("新密码：", "new password: ") })
    })? {
        Some(password) => Ok(Some(password)),
        None => Ok(read(Path::new("-")).ok()),
    }
}

/// What is typed twice alike; nothing where nobody is.
fn twice(ask: &mut dyn FnMut(bool) -> Result<Option<Secret>, Problem>) -> Result<Option<Secret>, Problem> {
    let Some(first) = ask(false)? else { return Ok(None) };
    // One that cannot be taken is told before it is typed again.
    desk::people::check_password(&first.0, &[])?;
    if ask(true)?.as_ref() == Some(&first) {
        return Ok(Some(first));
    }
    Err(Problem::bad_input(
        "两次输入的密码不同，没有设；请再运行一次",
        "the two passwords differ and none was set; run it once more",
    ))
}

/// The first line of a file, or the next one of standard input.
pub fn read(file: &Path) -> Result<Secret, Problem> {
    let mut text = String::new();
    let bytes_max = PASSWORD_BYTES_MAX as u64 + 2;
    if file == Path::new("-") {
        std::io::stdin().lock().take(bytes_max).read_line(&mut text).map_err(|error| none(&error))?;
    } else {
        let opened = BufReader::new(desk::text::open_file(file)?);
        opened.take(bytes_max).read_line(&mut text).map_err(|error| Problem::storage(file, &error))?;
    }
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret(line.to_owned())),
        _ => Err(none(&out::say("第一行是空的", "the first line is empty"))),
    }
}

fn none(why: &dyn std::fmt::Display) -> Problem {
    Problem::bad_input(format!("读不到密码：{why}"), format!("no password: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_that_is_set_is_typed_twice_alike() {
        let typed = |words: &'static [&str]| {
            let mut words = words.iter();
            twice(&mut |_| Ok(words.next().map(|word| Secret((*word).to_owned()))))
        };
        assert_eq!(typed(&["a long password", "a long password"]).unwrap().unwrap().0, "a long password");
        assert!(typed(&["a long password", "a long passwort"]).unwrap_err().title.contains("不同"));
        assert!(typed(&["a long password"]).is_err() && typed(&["a"]).is_err());
        assert!(typed(&[]).unwrap().is_none());
    }

    #[test]
    fn file_that_is_not_there_is_told_as_everywhere() {
        let problem = read(Path::new("/nowhere/password")).unwrap_err();
        assert_eq!((problem.exit, problem.code.as_str()), (3, "not-found"), "{problem:?}");
    }
}
