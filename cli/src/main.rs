//! The `jiesu` command.
fn main() {}
