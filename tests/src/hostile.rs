//! A peer with a valid key that means harm, against a real node over real QUIC and HTTP: one case for each way that was
//! found to lose, leak or stop a city. Each reports what it cost the node, and fails if it got through.
//!
//! The node runs in a process of its own (`hostile victim`), so that its memory can be measured; it is prepared by
//! [`prepare`], with tickets that the attacker's unit has and tickets that it must never see.

#![allow(clippy::disallowed_methods, reason = "what an attack costs is measured by the clock")]

pub mod attacker;
pub mod cases;
pub mod victim;
pub mod web;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use attacker::Attacker;
use victim::{Prepared, Victim, prepare};

/// How long anything that is waited for may take before the case fails.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// How often a clerk at the attacked node saves something meanwhile.
const CLICK_EVERY: Duration = Duration::from_millis(100);

/// What a case may do.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Divides the size of floods: 1 for the whole, more in tests.
    pub divide: usize,
}

/// A prepared node that runs, and the attacker's view of it.
pub struct Ring {
    /// The node.
    pub victim: Victim,
    /// What it holds, as its author knows it.
    pub prepared: Prepared,
    /// How much.
    pub scale: Scale,
}

/// What a case came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which case.
    pub case: &'static str,
    /// What the node did with it, in a few words.
    pub came_to: String,
    /// What failed, if it got through.
    pub failure: Option<String>,
    /// Figures.
    pub figures: Value,
}

/// Runs one case against a new node; `program` is the executable `hostile`.
///
/// # Errors
/// The node could not be prepared or started; what gets through is in the report.
pub async fn run(program: &Path, case: &cases::Case, scale: Scale) -> Result<Report> {
    let dir = tempfile::tempdir()?;
    let prepared = prepare(dir.path()).context("preparing the node")?;
    let victim = Victim::start(program, dir.path()).await.context("starting the node")?;
    let mut ring = Ring { victim, prepared, scale };
    let before = ring.victim.figures().await?;
    let began = Instant::now();
    let clicks = ring.victim.click_every(CLICK_EVERY);
    let outcome = (case.run)(&mut ring).await;
    let seconds = began.elapsed().as_secs_f64();
    let clicks = clicks.end().await;
    let after = ring.victim.figures().await;
    let (came_to, failure) = match (&outcome, &after) {
        (_, Err(error)) => (String::new(), Some(format!("the node does not answer any more: {error:#}"))),
        (Err(error), _) => (String::new(), Some(format!("{error:#}"))),
        (Ok(came_to), _) => (came_to.clone(), None),
    };
    let after = after.unwrap_or_default();
    let difference = |name: &str| after[name].as_i64().unwrap_or_default() - before[name].as_i64().unwrap_or_default();
    let figures = json!({
        "seconds": (seconds * 100.0).round() / 100.0,
        "peak_rss_mb": after["peak_kb"].as_i64().unwrap_or_default() / 1_024,
        "peak_rss_growth_mb": difference("peak_kb") / 1_024,
        "stored_kb": difference("database_bytes") / 1_024,
        "log_lines": difference("log_lines"),
        "alarms": after["alarms"],
        "clicks": clicks.count,
        "click_ms_median": clicks.median_ms(),
        "click_ms_worst": clicks.worst_ms(),
    });
    ring.victim.stop().await;
    Ok(Report { case: case.name, came_to, failure, figures })
}

impl Ring {
    /// A connection of the office of the attacker's township.
    ///
    /// # Errors
    /// The node does not let it in.
    pub async fn office(&self) -> Result<Attacker> {
        Attacker::connect(&self.victim, victim::OFFICE).await
    }

    /// How much of `most` this run does, at least `least`.
    #[must_use]
    pub fn some(&self, most: usize, least: usize) -> usize {
        (most / self.scale.divide).max(least)
    }

    /// Checks that the database has grown by no more than that since it was prepared.
    ///
    /// # Errors
    /// It has, or the node does not answer.
    pub async fn stored_at_most(&mut self, bytes: u64, since: u64) -> Result<()> {
        let now = self.victim.figures().await?["database_bytes"].as_u64().unwrap_or_default();
        let grown = now.saturating_sub(since);
        ensure!(grown <= bytes, "the database grew by {grown} bytes, more than {bytes}");
        Ok(())
    }

    /// Bytes of the database now.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn stored(&mut self) -> Result<u64> {
        Ok(self.victim.figures().await?["database_bytes"].as_u64().unwrap_or_default())
    }

    /// Checks that memory never stood higher than that, in MiB.
    ///
    /// # Errors
    /// It did, or the node does not answer.
    pub async fn peak_at_most(&mut self, mebibytes: u64) -> Result<()> {
        let peak = self.victim.figures().await?["peak_kb"].as_u64().unwrap_or_default() / 1_024;
        ensure!(peak <= mebibytes, "memory stood at {peak} MiB, more than {mebibytes}");
        Ok(())
    }
}
