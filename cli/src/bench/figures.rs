//! Times that were measured, and what is told of them.

use std::time::Duration;

use serde_json::{Value, json};

/// Times of one thing, in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<u64>);

impl Times {
    /// One more.
    pub fn add(&mut self, time: Duration) {
        self.0.push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Those of somebody else too.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// That so many of a hundred were no longer, in milliseconds: the nearest that was measured, so that of fewer than a
    /// hundred the 99th is the longest.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(place).map_or(0.0, |time| *time as f64 / 1e3)
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// Count, median, 99th of a hundred and longest, in milliseconds; and how many times the median of `floor`.
    pub fn told(&self, floor: f64) -> Value {
        let times = |time: f64| if floor > 0.0 { json!(rounded(time / floor)) } else { Value::Null };
        json!({
            "n": self.count(), "p50_ms": rounded(self.median()), "p99_ms": rounded(self.percentile(99)),
            "max_ms": rounded(self.percentile(100)), "p50_times_floor": times(self.median()),
        })
    }
}

/// To three places.
pub fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_99th_of_few_is_the_longest_and_of_many_leaves_one_in_a_hundred_out() {
        let mut times = Times::default();
        assert_eq!(times.percentile(99), 0.0);
        for ms in 1..=50 {
            times.add(Duration::from_millis(ms));
        }
        assert_eq!((times.median(), times.percentile(99), times.percentile(100)), (25.0, 50.0, 50.0));
        for ms in 51..=200 {
            times.add(Duration::from_millis(ms));
        }
        assert_eq!((times.median(), times.percentile(99), times.percentile(100)), (100.0, 198.0, 200.0));
    }
}
