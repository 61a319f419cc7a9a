//! The regulation as code: kinds of acts, states of a ticket, who may do what when, terms and working days.
//!
//! Invariant: pure. No clock, no randomness, no I/O, no serialisation format; the same facts in the same order give
//! the same record everywhere. A rule of the regulation stands here once: `decide` (before an act is made) and the
//! fold (after it arrived, by [`bring_in`]) both go through [`apply`].

#![warn(missing_docs)]

pub mod act;
mod apply;
pub mod calendar;
mod codes;
pub mod edition;
mod fact;
pub mod ids;
pub mod kind;
pub mod knowledge;
pub mod options;
pub mod pairs;
pub mod precedence;
mod proposal;
pub mod rates;
mod record;
pub mod rule;
pub mod settings;
pub mod split;
pub mod supervise;
pub mod table;
pub mod terms;
pub mod ticket;

pub use act::{Body, Dispatch, Register};
pub use apply::{apply, bring_in, crossed, decide};
pub use edition::Edition;
pub use fact::{Author, Fact, Level};
pub use ids::{ActId, DeviceId, DutyId, Millis, PersonId, UnitId};
pub use kind::{ActKind, Role};
pub use record::Record;
pub use rule::{Article, Broken, Rule};
pub use settings::Settings;
pub use ticket::{Assignment, Part, Ticket, TicketState};
