//! Records, scripts and stories that tests begin with.

pub mod months;
pub mod records;
pub mod script;
pub mod story;
