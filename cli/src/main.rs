//! The `jiesu` command: one program that every node of a city runs.

mod args;
mod bench;
mod client;
mod commands;
mod demo;
mod devcluster;
mod out;
mod password;
mod show;
mod usage;
mod written;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Lang};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are asked for; everything else is a usage error.
            let code = if error.use_stderr() { 2 } else { 0 };
            let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
            let text = error.render().to_string();
            // What was typed stands in it.
            match usage::in_chinese(&error, &words).filter(|_| !usage::english(&words)) {
                Some(text) => out::note(text),
                None if desk::unseen::any(&text.replace('\t', " ")) => out::note(text.trim_end()),
                None => drop(error.print()),
            }
            return ExitCode::from(code);
        }
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
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out::failed(&desk::Problem::fault(&error)),
    };
    let ended = runtime.block_on(async {
        #[cfg(unix)]
        let _told = no_end_at_a_limit();
        commands::run(args).await
    });
    match ended {
        Ok(code) => out::ended(code),
        Err(problem) => out::failed(&problem),
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
