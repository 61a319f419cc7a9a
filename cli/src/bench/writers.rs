//! Acts a second that are durable, by one writer and by many at once, and what the disk alone would allow.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use desk::call::{Call, questions as q};
use desk::form::Filled;
use desk::{Problem, clock};
use serde_json::{Value, json};
use store::Store;

use super::door::Door;
use super::figures::{Times, rounded};
use super::life::Dice;
use super::served::Served;
use crate::out::say;

/// Bytes that are forced to the disk for the floor.
const FLOOR_BYTES: usize = 4_096;
/// How often.
const FLOOR_ROUNDS: usize = 200;

/// What the disk takes for 4 kB: appended to a file and forced, and in a transaction of an empty database with its mark.
pub struct Floor {
    pub forced: Times,
    pub committed: Times,
}

impl Floor {
    pub fn measure(dir: &Path) -> Result<Self, Problem> {
        let path = dir.join("floor");
        let wrong = |error: std::io::Error| Problem::storage(&path, &error);
        let mut file = std::fs::File::create(&path).map_err(wrong)?;
        let (mut forced, mut committed) = (Times::default(), Times::default());
        for _ in 0..FLOOR_ROUNDS {
            let began = clock::steady();
            file.write_all(&[7; FLOOR_BYTES]).and_then(|()| file.sync_data()).map_err(wrong)?;
            forced.add(clock::steady().saturating_sub(began));
        }
        let mut store = Store::open(&dir.join("floor.db"), &[7; 32])?;
        for round in 0..FLOOR_ROUNDS {
            let began = clock::steady();
            store.begin()?;
            store.set_meta(&format!("node/{round}"), &[7; FLOOR_BYTES])?;
            store.commit()?;
            committed.add(clock::steady().saturating_sub(began));
        }
        Ok(Self { forced, committed })
    }

    pub fn told(&self) -> Value {
        json!({ "bytes": FLOOR_BYTES, "forced_append": self.forced.told(0.0), "commit_with_mark": self.committed.told(0.0) })
    }
}

/// Acts that were told to be durable.
pub struct Written {
    writers: usize,
    pub times: Times,
    seconds: f64,
    cpu_ms: u64,
}

impl Written {
    /// Notes on tickets by so many at once, each over a connection of its own and one after the other.
    pub async fn measure(
        served: &Served,
        door: &Door,
        ids: &[String],
        writers: usize,
        time: Duration,
        seed: u64,
    ) -> Result<Self, Problem> {
        let mut doors = Vec::new();
        for _ in 0..writers {
            doors.push(door.another().await?);
        }
        let (before, began) = (served.used().cpu_ms, clock::steady());
        let tasks: Vec<_> = (seed..)
            .zip(doors)
            .map(|(seed, door)| tokio::spawn(write(door, ids.to_vec(), Dice::new(seed), began + time)))
            .collect();
        let mut times = Times::default();
        for task in tasks {
            times.join(task.await.map_err(|error| Problem::fault(&error))??);
        }
        let seconds = clock::steady().saturating_sub(began).as_secs_f64();
        Ok(Self { writers, times, seconds, cpu_ms: served.used().cpu_ms.saturating_sub(before) })
    }

    /// In a line, for whoever waits.
    pub fn said(&self) -> String {
        let (acts, writers) = (self.times.count(), self.writers);
        let (each, cpu) = (acts as f64 / self.seconds, self.cpu_ms as f64 / acts.max(1) as f64);
        format!("{writers}: {each:.0} {}, {cpu:.2} ms CPU", say("件/秒", "acts a second"))
    }

    pub fn told(&self, floor: f64) -> Value {
        let acts = self.times.count();
        let mut value = self.times.told(floor);
        value["writers"] = self.writers.into();
        value["acts"] = acts.into();
        value["seconds"] = rounded(self.seconds).into();
        value["acts_a_second"] = rounded(acts as f64 / self.seconds).into();
        value["cpu_ms_an_act"] = rounded(self.cpu_ms as f64 / acts.max(1) as f64).into();
        value
    }
}

async fn write(mut door: Door, ids: Vec<String>, mut dice: Dice, until: Duration) -> Result<Times, Problem> {
    let mut times = Times::default();
    while clock::steady() < until {
        let id = ids.get(dice.below(ids.len())).cloned();
        let fields = Filled::from([("text".to_owned(), "再次电话回访，诉求人表示知悉。".to_owned())]);
        let (_, time) = door.call(Call::Act(q::Act { kind: "note".to_owned(), id, fields })).await?;
        times.add(time);
    }
    Ok(times)
}
