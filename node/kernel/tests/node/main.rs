//! Whole nodes without clock and network: what they store, project, hold and refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod alarms;
mod articles;
mod authority;
mod city;
mod clocks;
mod duplicates;
mod early;
mod externals;
mod facts;
mod foreign;
mod hostile;
mod items;
mod joining;
mod left;
mod liar;
mod net;
mod newer;
mod outside;
mod plans;
mod portions;
mod projections;
mod put_back;
mod quotas;
mod requests;
mod restarts;
mod reveals;
mod roster;
mod settling;
mod slices;
mod stale;
mod times;
mod trying;
mod upgrade;
mod watching;
mod withheld;
