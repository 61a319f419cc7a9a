//! Random months as JSON lines, for a recomputation that shares no code with the rates: `tests/rates/check.py`.

use clap::Parser;

/// Writes the tickets of random months, one a line.
#[derive(Parser)]
struct Args {
    /// So many months.
    #[arg(long, default_value_t = 200)]
    months: u64,
    /// From this seed on.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Tickets of each.
    #[arg(long, default_value_t = 60)]
    tickets: u32,
}

#[expect(clippy::print_stdout, reason = "a command that prints")]
fn main() {
    let args = Args::parse();
    for seed in args.from..args.from + args.months {
        tests::months::month(seed, args.tickets).iter().for_each(|ticket| println!("{ticket}"));
    }
}
