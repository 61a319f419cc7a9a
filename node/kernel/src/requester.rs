//! Who raised a ticket: as it was registered, and as the city corrected it since (15).

use replica::{History, Node, PartKind};

/// What is known of somebody who raises a request. The number is the segment of the private part that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// Name.
    Name,
    /// Telephone, as it was typed.
    Telephone,
    /// Address.
    Address,
}

/// The acts that say who raised a ticket, newest first, of which the private part is held here.
fn said(history: &History) -> impl Iterator<Item = &Node> {
    let corrected = history.record().ticket().into_iter().flat_map(|ticket| ticket.requester_corrected.iter().rev());
    let corrected = corrected.filter_map(|id| history.node(*id));
    corrected.chain(history.nodes().first()).filter(|node| node.part(PartKind::Private).is_some())
}

/// All that was said of the requester and is held here, newest first. What was left blank was not corrected.
pub fn all(history: &History, what: Personal) -> impl Iterator<Item = String> {
    said(history).filter_map(move |node| node.segment(PartKind::Private, what as usize)).filter(|text| !text.is_empty())
}

/// What holds now; nothing if none of it is held here.
#[must_use]
pub fn now(history: &History, what: Personal) -> Option<String> {
    all(history, what).next()
}

/// Whether anything of the requester is held here.
#[must_use]
pub fn held(history: &History) -> bool {
    said(history).next().is_some()
}

/// The numbers in what is kept of a telephone, digits alone and without an extension: several stand between `、`.
pub fn numbers(kept: &str) -> impl Iterator<Item = String> {
    let bare = |one: &str| one.split('转').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    kept.split('、').map(bare).filter(|digits: &String| !digits.is_empty())
}

/// The telephone that a request was registered with, the first of several: what was corrected since makes nobody another's requester,
/// nor two requesters one (16).
pub(crate) fn registered_telephone(history: &History) -> Option<String> {
    let first = history.nodes().first().filter(|first| first.part(PartKind::Private).is_some())?;
    first.segment(PartKind::Private, Personal::Telephone as usize).and_then(|kept| numbers(&kept).next())
}
