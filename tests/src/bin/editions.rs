//! Stored histories of each edition of the rules: `cargo run -p tests --bin editions`.

use std::process::ExitCode;

use clap::Parser;
use regulation::Edition;
use tests::editions;

/// Looks at the stored histories again, or stores them for the newest edition.
#[derive(Parser)]
struct Args {
    /// Store what the newest edition finds: once, when it is released.
    #[arg(long)]
    pin: bool,
    /// Write over what is stored. Never after a release.
    #[arg(long, requires = "pin")]
    over: bool,
}

#[expect(clippy::print_stdout, reason = "a command that prints")]
fn main() -> ExitCode {
    let args = Args::parse();
    let done = if args.pin {
        editions::pin(Edition::NEWEST, args.over).map(|(histories, shown)| {
            format!("{histories} histories, which show {shown} things, stored for edition {}", Edition::NEWEST.0)
        })
    } else {
        editions::check(&editions::folder()).map(|histories| format!("{histories} histories: all as they were"))
    };
    match done {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}
