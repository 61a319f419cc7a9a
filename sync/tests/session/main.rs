//! Two sessions over feeds in memory: what comes through links that cut, lose, double and reorder, and after a store
//! was put back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod again;
mod cuts;
mod end;
mod hostile;
mod lossy;
mod pair;
mod passed;
mod replies;
mod restored;
mod spoken;
