//! The central bet at length: `cargo run --release -p tests --bin histories -- --count 100000`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use replica::history::Sabotage;
use tests::city;
use tests::histories::{Registries, Tally, check, flood};

/// Replays random histories in several orders of arrival and compares what they come to.
#[derive(Parser)]
struct Args {
    /// Histories to make.
    #[arg(long, default_value_t = 100_000)]
    count: u64,
    /// First seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Acts of each history.
    #[arg(long, default_value_t = 24)]
    acts: usize,
    /// Orders of arrival.
    #[arg(long, default_value_t = 4)]
    orders: usize,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Histories with floods, clones and a hub that was put back; so many of each shape, of acts of their own number.
    #[arg(long)]
    floods: bool,
}

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a command that measures and prints")]
fn main() -> ExitCode {
    let args = Args::parse();
    let registry = city::registry();
    if args.floods {
        return floods(&args, &registry);
    }
    let registries = match Registries::new() {
        Ok(registries) => registries,
        Err(why) => {
            println!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let next = AtomicU64::new(args.seed);
    let total = Mutex::new((Tally::default(), Vec::new()));
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..args.threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= args.seed + args.count {
                        break;
                    }
                    let outcome = check(&registries, seed, args.acts, args.orders, Sabotage::None);
                    let Ok(mut total) = total.lock() else { break };
                    match outcome {
                        Ok(tally) => total.0.add(tally),
                        Err(why) => total.1.push((seed, why)),
                    }
                }
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let Ok((tally, failed)) = total.into_inner() else { return ExitCode::FAILURE };
    for (seed, why) in failed.iter().take(20) {
        println!("seed {seed}: {why}");
    }
    let per_act = seconds * 1e6 * args.threads as f64 / tally.replayed.max(1) as f64;
    println!(
        "{} histories x {} orders: {} differing; acts {} (unlawful {}, overruled {}, settled {}, weighed by two editions {}), replayed {}, unsettled standings changed {}, documents compared {}; {seconds:.1} s, {per_act:.0} µs an act and thread",
        args.count,
        args.orders,
        failed.len(),
        tally.acts,
        tally.unlawful,
        tally.overruled,
        tally.settled,
        tally.corrected,
        tally.replayed,
        tally.changed,
        tally.documents
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a command that measures and prints")]
fn floods(args: &Args, registry: &replica::Registry) -> ExitCode {
    let mut failed = 0;
    for (name, shape) in flood::shapes() {
        let began = std::time::Instant::now();
        let next = AtomicU64::new(args.seed);
        let total = Mutex::new((flood::Count::default(), 0));
        std::thread::scope(|scope| {
            for _ in 0..args.threads {
                scope.spawn(|| {
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= args.seed + args.count {
                            break;
                        }
                        let outcome = flood::check(registry, seed, shape, args.orders, Sabotage::None);
                        let Ok(mut total) = total.lock() else { break };
                        match outcome {
                            Ok(count) => total.0.join(&count),
                            Err(why) => {
                                total.1 += 1;
                                println!("{name}, seed {seed}: {why}");
                            }
                        }
                    }
                });
            }
        });
        let Ok((count, differing)) = total.into_inner() else { return ExitCode::FAILURE };
        failed += differing;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{name}: {} histories, {differing} failed, {seconds:.1} s; {:?}, most {:?}",
            args.count, count.of, count.most
        );
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
