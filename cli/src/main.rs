//! The `jiesu` command: one program that every node of a city runs.

mod args;
mod bench;
mod client;
mod commands;
mod demo;
mod devcluster;
mod grammar;
mod out;
mod password;
mod show;
mod usage;
mod written;

use std::process::ExitCode;

use clap::FromArgMatches;

use crate::args::{Args, Lang};

fn main() -> ExitCode {
    let typed = grammar::typed(std::env::args_os());
    let words: Vec<String> = typed.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let english = usage::english(&words);
    let parsed = grammar::command(english).try_get_matches_from(typed);
    let args = match parsed.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => args,
        Err(error) => return usage::tell(&error, &words, english),
    };
    out::set_english(args.global.lang == Lang::En);
    if args.global.json {
        out::set_json();
    }
    let filter = tracing_subscriber::EnvFilter::try_from_env("JIESU_LOG").unwrap_or_else(|_| args.default_log().into());
    // A log that cannot be written is lost: it ends no node.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    log.log_internal_errors(false).init();
    desk::fault::watch_panics();
    #[cfg(unix)]
    if let Err(problem) = files_to_open() {
        return out::failed(&problem);
    }
    match desk::fault::caught(|| run(args)).and_then(|ended| ended) {
        Ok(code) => out::ended(code),
        Err(problem) => out::failed(&problem),
    }
}

fn run(args: Args) -> Result<ExitCode, desk::Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| desk::Problem::fault(&error))?.block_on(async {
        #[cfg(unix)]
        let _told = no_end_at_a_limit();
        commands::run(args).await
    })
}

/// Whether as many files may be open as any command needs: what it runs in would panic.
#[cfg(unix)]
fn files_to_open() -> Result<(), desk::Problem> {
    /// Of the runtime, the database and a door.
    const FILES_MIN: usize = 32;
    let opened = (0..FILES_MIN).map(|_| std::fs::File::open("/dev/null")).collect::<std::io::Result<Vec<_>>>();
    // Anything else that is wrong with that file is not what was asked.
    let full = |error: &std::io::Error| error.to_string().contains("os error 24");
    match opened {
        Err(error) if full(&error) => Err(desk::Problem::damaged(
            format!("系统打开的文件已到上限，没有办理：本命令要能打开 {FILES_MIN} 个以上（ulimit -n 可查、可调）"),
            format!("too many files are open, nothing was done: this takes more than {FILES_MIN} (see ulimit -n)"),
        )),
        _ => Ok(()),
    }
}

/// A file that may not grow any more (`ulimit -f`) fails to be written, as on a full disk. Unless somebody listens the system
/// would end the process instead.
#[cfg(unix)]
fn no_end_at_a_limit() -> Option<tokio::signal::unix::Signal> {
    /// `SIGXFSZ`, for which tokio has no name.
    const FILE_TOO_LARGE: i32 = 25;
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(FILE_TOO_LARGE)).ok()
}
