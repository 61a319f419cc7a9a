//! What is printed: results on stdout, everything else on stderr. A reader that went away ends the program quietly.

use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use node::Problem;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

static ENGLISH: AtomicBool = AtomicBool::new(false);
static JSON: AtomicBool = AtomicBool::new(false);

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

/// A line on stdout.
pub fn line(text: impl AsRef<str>) {
    write(&mut std::io::stdout().lock(), text.as_ref());
}

/// A line on stderr: progress and remarks.
pub fn note(text: impl AsRef<str>) {
    write(&mut std::io::stderr().lock(), text.as_ref());
}

fn write(to: &mut impl Write, text: &str) {
    if let Err(error) = writeln!(to, "{text}").and_then(|()| to.flush()) {
        // `jiesu … | head` is no failure; a full disk behind a redirection is.
        std::process::exit(if error.kind() == std::io::ErrorKind::BrokenPipe { 0 } else { 7 });
    }
}

/// One JSON document.
pub fn json(value: &Value) {
    line(serde_json::to_string_pretty(value).unwrap_or_default());
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
