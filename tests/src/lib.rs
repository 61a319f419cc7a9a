//! What tests share: a small city, random histories, the simulator, processes and browsers.

pub mod bodies;
pub mod city;
pub mod dice;
pub mod editions;
pub mod forger;
pub mod histories;
pub mod hostile;
pub mod matrix;
pub mod months;
pub mod reported;
pub mod sim;
