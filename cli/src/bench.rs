//! What a city hub can bear, measured at the program as it is installed: a city is made by the kernels of its nodes, then a
//! copy of the hub's folder is served by a process of its own, and clicked and asked over HTTP.
//!
//! What is measured changes nothing of the city that was made: it is kept, and the next run begins with the same bytes.

mod city;
mod door;
mod figures;
mod life;
mod measure;
mod net;
mod pages;
mod report;
mod served;
mod writers;

use std::path::{Path, PathBuf};

use desk::Problem;

use crate::args::{Bench, Global, HubBench};
use crate::out::{note, say};
use city::Made;

/// Password of everybody in it.
pub const PASSWORD: &str = "jiesu-bench";
/// Tickets that can be asked for.
pub const TICKETS: std::ops::RangeInclusive<u32> = 100..=2_000_000;
/// Writers at once, at most: each has a connection of its own.
pub const WRITERS_MAX: usize = 256;

pub async fn run(global: &Global, bench: Bench) -> Result<(), Problem> {
    let Bench::Hub(asked) = bench;
    if !TICKETS.contains(&asked.n) {
        let (least, most) = (TICKETS.start(), TICKETS.end());
        return Err(Problem::bad_input(
            format!("--n 须为 {least} 至 {most}"),
            format!("--n is a number of tickets from {least} to {most}"),
        ));
    }
    if asked.writers.iter().any(|writers| !(1..=WRITERS_MAX).contains(writers)) {
        return Err(Problem::bad_input(
            format!("--writers 须为 1 至 {WRITERS_MAX}"),
            format!("--writers are numbers from 1 to {WRITERS_MAX}"),
        ));
    }
    let made = city_of(global, &asked).await?;
    let measured = made.dir.with_extension("measured");
    remove(&measured)?;
    let report = measure::run(&made, &measured, &asked).await;
    remove(&measured)?;
    report?.print(global.json);
    Ok(())
}

/// The city of that size and seed, made now or by an earlier run.
async fn city_of(global: &Global, asked: &HubBench) -> Result<Made, Problem> {
    let dir = global.dir.join(format!("bench-{}-{}", asked.n, asked.seed));
    if let Some(made) = Made::read(&dir)? {
        note(format!("{} {}", say("沿用已生成的城市", "the city is there already:"), dir.display()));
        return Ok(made);
    }
    // What an earlier run left half made is of no use: it is known by its own mark.
    let mark = dir.join("bench.txt");
    if dir.exists() && !mark.exists() {
        return Err(Problem::bad_input(
            format!("{} 不是压测目录，请换一个 --dir", dir.display()),
            format!("{} is no folder of a benchmark; choose another --dir", dir.display()),
        ));
    }
    remove(&dir)?;
    std::fs::create_dir_all(&dir).map_err(|error| Problem::storage(&dir, &error))?;
    std::fs::write(&mark, "jiesu bench\n").map_err(|error| Problem::storage(&mark, &error))?;
    city::make(&dir, asked).await
}

fn remove(dir: &Path) -> Result<(), Problem> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::storage(dir, &error)),
        _ => Ok(()),
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<(), Problem> {
    let wrong = |path: &Path| {
        let path: PathBuf = path.to_owned();
        move |error: std::io::Error| Problem::storage(&path, &error)
    };
    std::fs::create_dir_all(to).map_err(wrong(to))?;
    for entry in std::fs::read_dir(from).map_err(wrong(from))? {
        let entry = entry.map_err(wrong(from))?;
        if entry.file_type().map_err(wrong(from))?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).map_err(wrong(to))?;
        }
    }
    Ok(())
}
