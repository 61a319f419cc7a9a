//! The process of one node: the loop around its kernel, its link, founding a city and joining one.
//!
//! Invariant: it decides nothing about tickets. What an act means is decided in the kernel and below, what people see and say
//! is the desk's; here is I/O.

#![warn(missing_docs)]

pub mod found;
pub mod join;
pub mod process;

pub use process::{Node, Start};
