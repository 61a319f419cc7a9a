//! The process of one node: its folder, its loop, its people, and what it shows.
//!
//! Invariant: it decides nothing about tickets. What an act means is decided in the kernel and below; here is I/O, and
//! the words in which people are told.

#![warn(missing_docs)]

pub mod api;
pub mod call;
pub mod clock;
pub mod config;
pub mod csv;
pub mod enrol;
pub mod fault;
pub mod form;
pub mod found;
pub mod holidays;
pub mod home;
pub mod import;
pub mod make;
pub mod named;
pub mod once;
pub mod people;
pub mod problem;
pub mod process;
pub mod quiet;
pub mod report;
pub mod reveal;
pub mod text;
pub mod unseen;
pub mod verify;
pub mod view;
pub mod web;
pub mod when;

pub use home::Home;
pub use problem::Problem;
pub use process::{Me, Node, Notice, Start, Status};
