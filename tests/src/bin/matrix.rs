//! Every pair of acts made at once, in every order of arrival: `cargo run --release -p tests --bin matrix`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;
use tests::matrix::{Tally, check, registry, stories};

/// Lets every pair of acts that two bodies can make at once arrive in every order, and compares with docs/reconciliation.md.
#[derive(Parser)]
struct Args {
    /// Of so many pairs one is tried.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Which ones.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a command that measures and prints")]
fn main() -> ExitCode {
    let args = Args::parse();
    let registry = registry();
    let next = AtomicUsize::new(0);
    let total = Mutex::new((Tally::default(), Vec::new()));
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..args.threads {
            scope.spawn(|| {
                loop {
                    let story = next.fetch_add(1, Ordering::Relaxed);
                    if story >= stories() {
                        break;
                    }
                    let outcome = check(&registry, story, args.seed, args.every);
                    let Ok(mut total) = total.lock() else { break };
                    match outcome {
                        Ok(tally) => total.0.add(tally),
                        Err(why) => total.1.push(why),
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let Ok((tally, mut wrong)) = total.into_inner() else { return ExitCode::FAILURE };
    if wrong.is_empty() {
        wrong = tally.against_the_page(args.every == 1);
    }
    for why in wrong.iter().take(20) {
        println!("{why}");
    }
    println!(
        "{} records, {} pairs of acts of {} pairs of kinds, {} orders of arrival ({} with an act overruled): {} wrong; one hub twice, left out: {}; {seconds:.1} s",
        tally.stories,
        tally.pairs,
        tally.kinds(),
        tally.orders,
        tally.overruled,
        wrong.len(),
        tally.hub_twice
    );
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
