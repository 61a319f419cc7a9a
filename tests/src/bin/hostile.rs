//! Attacks a node as a peer with a valid key and as a stranger, and says what it cost:
//! `cargo run --release -p tests --bin hostile`.
#![allow(clippy::print_stdout, reason = "its figures are its purpose")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;
use tests::hostile::cases::CASES;
use tests::hostile::{Scale, run, victim};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Only this case.
    #[arg(long)]
    case: Option<String>,
    /// Divides the size of the floods.
    #[arg(long, default_value_t = 1)]
    divide: usize,
}

#[derive(Subcommand)]
enum Command {
    /// The node that is attacked; started by each case.
    Victim {
        /// Its folder.
        dir: PathBuf,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if let Some(Command::Victim { dir }) = args.command {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
        victim::serve(&dir).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let program = std::env::current_exe()?;
    let mut failed = 0;
    let wanted = CASES.iter().filter(|case| args.case.as_ref().is_none_or(|name| name == case.name));
    for case in wanted {
        let report = run(&program, case, Scale { divide: args.divide.max(1) }).await?;
        failed += usize::from(report.failure.is_some());
        println!(
            "{}",
            json!({ "case": case.name, "tries": case.tries, "came_to": report.came_to, "failure": report.failure, "figures": report.figures })
        );
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
