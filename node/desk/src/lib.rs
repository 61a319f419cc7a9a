//! What people of a node see and do, without a socket: views, forms, reports, imports, calls, sessions.
//!
//! Invariant: it decides nothing about tickets. What an act means is decided in the kernel and below; here are the words in
//! which people are told, and what they say is read.

#![warn(missing_docs)]

mod alike;
pub mod attached;
pub mod call;
mod canonical;
pub mod clock;
pub mod config;
pub mod csv;
mod desk;
pub mod drafts;
mod drawer;
pub mod english;
pub mod enrol;
pub mod fault;
mod files;
pub mod form;
pub mod founding;
pub mod holidays;
pub mod home;
pub mod import;
pub mod listed;
pub mod make;
pub mod named;
pub mod narrow;
mod often;
pub mod once;
pub mod people;
pub mod problem;
pub mod quiet;
pub mod report;
mod request_id;
pub mod reveal;
mod seeking;
mod shapes;
mod status;
pub mod text;
pub mod unseen;
pub mod verify;
pub mod view;
pub mod when;

pub use desk::{ASKS_MAX, Ask, BEAT_MS_MAX, Desk, NOTICES_MAX, Net, READ_WAIT_MAX, READERS_MAX, READS_WAITING_MAX};
pub use home::Home;
pub use problem::Problem;
pub use status::{Connection, DialFailure, Me, Notice, PeerStatus, RegistryNow, Status};
