//! What is printed: results on stdout, everything else on stderr.
//!
//! What cannot be written ends nothing: a node that runs in this process goes on, and so does a command that changes
//! something. A result that was lost is told at the end ([`ended`]), with an exit code of its own; a reader that went away
//! (`jiesu … | head`) is no failure.
//!
//! Much of it others wrote, and a terminal obeys what it is sent: every line is made harmless here, and nowhere else.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use desk::{Problem, unseen};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

static ENGLISH: AtomicBool = AtomicBool::new(false);
static JSON: AtomicBool = AtomicBool::new(false);
/// Why stdout takes nothing any more.
static LOST: OnceLock<std::io::Error> = OnceLock::new();

/// What was asked of a node so far: 0 nothing, [`LOOKED`] or [`CHANGED`].
static ASKED: AtomicU8 = AtomicU8::new(0);
const LOOKED: u8 = 1;
const CHANGED: u8 = 2;

/// The exit code of a command that was done and could not say so.
pub const UNWRITTEN: u8 = 11;

/// A node was asked something, which changes something or not.
pub fn asked(changes: bool) {
    ASKED.fetch_max(if changes { CHANGED } else { LOOKED }, Ordering::Relaxed);
}

/// Asks for JSON.
pub fn set_json() {
    JSON.store(true, Ordering::Relaxed);
}

/// Chooses the language of this process.
pub fn set_english(english: bool) {
    ENGLISH.store(english, Ordering::Relaxed);
}

/// Whether English is spoken.
pub fn english() -> bool {
    ENGLISH.load(Ordering::Relaxed)
}

/// The one that is spoken.
pub fn say<'a>(chinese: &'a str, english_text: &'a str) -> &'a str {
    if english() { english_text } else { chinese }
}

/// A line on stdout. Once one is lost no more are tried.
pub fn line(text: impl AsRef<str>) {
    made(&unseen::shown(text.as_ref()));
}

/// Text for another program on stdout, whose ends of lines are its own; whoever makes it has made it harmless.
pub fn made(text: &str) {
    if LOST.get().is_none()
        && let Err(error) = write(&mut std::io::stdout().lock(), text)
    {
        let _ = LOST.set(error);
    }
}

/// A line on stderr: progress and remarks. Where nobody can be told nobody is.
pub fn note(text: impl AsRef<str>) {
    let _ = write(&mut std::io::stderr().lock(), &unseen::shown(text.as_ref()));
}

fn write(to: &mut impl Write, text: &str) -> std::io::Result<()> {
    writeln!(to, "{text}").and_then(|()| to.flush())
}

/// Whether a line on stdout was lost: what is printed reaches nobody any more.
pub fn is_lost() -> bool {
    LOST.get().is_some()
}

/// The exit code of a command that came to its end, or that of a result which could not be written.
pub fn ended(code: ExitCode) -> ExitCode {
    let Some(error) = LOST.get().filter(|error| error.kind() != ErrorKind::BrokenPipe) else { return code };
    let why = error.to_string();
    let chinese = desk::problem::in_chinese(&why);
    // Whoever only looked has done nothing.
    if ASKED.load(Ordering::Relaxed) == LOOKED {
        note(format!(
            "{}{}{}",
            say("结果写不出：", "the result could not be written: "),
            say(&chinese, &why),
            say("。只是查看，什么都没有改；请换个地方输出", "; nothing was changed, print it elsewhere"),
        ));
        return ExitCode::from(UNWRITTEN);
    }
    note(format!(
        "{}{}{}",
        say("办成了，但结果写不出：", "done, but the result could not be written: "),
        say(&chinese, &why),
        say(
            "。要保存的都已保存，请不要重办；腾出空间或换个地方输出，再用查看的命令核对，如 jiesu ticket list",
            "; what was to be saved is saved, do not do it again: make room or print elsewhere, and look at it, such as with jiesu ticket list",
        )
    ));
    ExitCode::from(UNWRITTEN)
}

/// One JSON document.
pub fn json(value: &impl Serialize) {
    made(&json_text(value));
}

/// JSON as it is printed and written into files.
pub fn json_text(value: &impl Serialize) -> String {
    // Members stand in the order of their names, whatever made the document.
    let value = serde_json::to_value(value).unwrap_or_default();
    unseen::in_json(&serde_json::to_string_pretty(&value).unwrap_or_default())
}

/// Tells why nothing was done; its exit code.
pub fn failed(problem: &Problem) -> ExitCode {
    if JSON.load(Ordering::Relaxed)
        && let Ok(value) = serde_json::to_value(problem)
    {
        json(&value);
    }
    note(format!("{}{}", say("错误：", "error: "), problem.sentence(english())));
    if let Some(id) = &problem.request {
        note(format!(
            "{} --request-id {}",
            say(
                "请稍后把同一命令再执行一次，已办的不会重复办理，加上：",
                "run the same command again later; what was done is not done twice under:",
            ),
            id.text()
        ));
    }
    ExitCode::from(problem.exit)
}

/// Columns, each as wide as its widest cell; Chinese characters are two cells wide.
pub fn table(rows: &[Vec<String>]) {
    let shown: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| unseen::one_line(cell)).collect()).collect();
    let rows = &shown;
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))))
            .collect();
        line(cells.join("  ").trim_end());
    }
}

/// `text` cut to `width` cells.
pub fn cut(text: &str, width: usize) -> String {
    let text = &unseen::one_line(text);
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if cut.width() + 2 > width.saturating_sub(1) {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

/// Bytes as people read them.
pub fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{n} B"),
        10_000..10_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}
