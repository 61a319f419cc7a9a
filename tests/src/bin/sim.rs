//! The simulator at length: `cargo run --release -p tests --bin sim -- --seeds 2000`; one seed again with its trace:
//! `cargo run -p tests --bin sim -- --seed N --trace`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use kernel::Sabotage;
use tests::sim::lies::Lies;
use tests::sim::{Plan, Run, again, run};

/// Runs seeds of the simulator.
#[derive(Parser)]
struct Args {
    /// One seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Nodes, five to seven; 0 takes each in turn.
    #[arg(long, default_value_t = 0)]
    nodes: usize,
    /// Events before the calm.
    #[arg(long, default_value_t = 400)]
    events: usize,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Print what every node is given.
    #[arg(long)]
    trace: bool,
    /// Build a fault in: the run must fail.
    #[arg(long, value_parser = faults())]
    sabotage: Option<Sabotage>,
}

/// The words of the faults.
fn faults() -> impl TypedValueParser<Value = Sabotage> {
    let words = Sabotage::ALL.iter().map(|fault| fault.code());
    PossibleValuesParser::new(words).try_map(|word| {
        Sabotage::ALL.iter().copied().find(|fault| fault.code() == word).ok_or("there is no such fault")
    })
}

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a command that measures and prints")]
fn main() -> ExitCode {
    let args = Args::parse();
    let sabotage = args.sabotage.unwrap_or_default();
    let (from, count) = args.seed.map_or((args.from, args.seeds), |seed| (seed, 1));
    let next = AtomicU64::new(from);
    let total: Mutex<(Vec<Run>, Vec<String>)> = Mutex::default();
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..args.threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        break;
                    }
                    let nodes =
                        if args.nodes == 0 { 5 + usize::try_from(seed % 3).unwrap_or_default() } else { args.nodes };
                    let plan = Plan { nodes, events: args.events, sabotage };
                    let outcome = run(seed, plan, args.trace);
                    let Ok(mut total) = total.lock() else { break };
                    match outcome {
                        Ok(run) => total.0.push(run),
                        Err(why) => {
                            println!("seed {seed}: {why:.600}\n  again: {}", again(seed, plan));
                            total.1.push(why);
                        }
                    }
                }
            });
        }
    });
    let Ok((runs, failed)) = total.into_inner() else { return ExitCode::FAILURE };
    let sum = |of: fn(&Run) -> usize| runs.iter().map(of).sum::<usize>();
    let mut lies = Lies::default();
    runs.iter().for_each(|run| lies.add(&run.lies));
    for line in lies.lines() {
        println!("lies, {line}");
    }
    println!(
        "{count} seeds: {} failing; acts {}, refused by a rule {}, overruled {}; frames {}, lost {}; crashes {}, restores {}; days {}, tickets late {}, units urged {}, editions changed {}; {:.1} s",
        failed.len(),
        sum(|r| r.acts),
        sum(|r| r.refused),
        sum(|r| r.overruled),
        sum(|r| r.frames),
        sum(|r| r.lost),
        sum(|r| r.crashes),
        sum(|r| r.restores),
        sum(|r| r.days),
        sum(|r| r.late),
        sum(|r| r.urged),
        sum(|r| r.editions),
        began.elapsed().as_secs_f64()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
