//! The store from outside: what a transaction promises, and what happens to files that are locked, full, foreign or
//! damaged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells figures"
)]

mod attached;
mod bounds;
mod copies;
mod cursors;
mod drawer;
mod figures;
mod files;
mod intact;
mod lists;
mod losses;
mod rows;
mod transactions;
