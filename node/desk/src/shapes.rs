//! Codes of closed lists, for the description that programs read: their types are texts.

use regulation::act::RequestKind;
use regulation::{ActKind, TicketState};
use serde_json::Value;

fn all(codes: impl Iterator<Item = &'static str>) -> Vec<Value> {
    codes.map(Value::from).collect()
}

/// Kinds of acts.
pub(crate) fn act_kinds() -> Vec<Value> {
    all(ActKind::ALL.iter().map(|kind| kind.code()))
}

/// Kinds of acts that people make.
pub(crate) fn acts_of_people() -> Vec<Value> {
    all(ActKind::ALL.iter().filter(|kind| !kind.of_clock()).map(|kind| kind.code()))
}

/// States of a ticket.
pub(crate) fn ticket_states() -> Vec<Value> {
    all(TicketState::ALL.iter().map(|state| state.names().0))
}

/// States of a ticket, or none.
pub(crate) fn ticket_states_or_none() -> Vec<Value> {
    ticket_states().into_iter().chain([Value::Null]).collect()
}

/// Kinds of requests.
pub(crate) fn request_kinds() -> Vec<Value> {
    all(RequestKind::ALL.iter().map(|kind| kind.code()))
}
