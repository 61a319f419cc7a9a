//! The form by which somebody asks who raised a ticket.

use kernel::reveal::{Reason, reveals_per_hour_max};

use crate::frame::Frame;
use crate::session::Signed;
use desk::problem::Problem;
use desk::reveal::Ask;

/// The form by which it is asked for.
pub(crate) struct RevealForm {
    /// Codes and names of the reasons, and the one that is chosen.
    pub reasons: Vec<(&'static str, String, bool)>,
    /// The words that go with it.
    pub note: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// The name of its draft.
const DRAFT: &str = "reveal";

/// The form for somebody, unless no role of theirs needs it.
pub(crate) fn form(signed: &Signed, frame: &Frame, back: Option<(&Ask, &Problem)>) -> Option<RevealForm> {
    signed.author.roles.iter().find(|role| reveals_per_hour_max(**role) > 0)?;
    let typed = |name| frame.draft_field(DRAFT, name);
    let chosen = back.map_or_else(|| typed("reason"), |(ask, _)| ask.reason.as_str());
    let reason = |reason: &Reason| {
        let (code, chinese) = reason.names();
        let english = match reason {
            Reason::Contact => "to reach the requester",
            Reason::Verify => "to see whether it is so",
            Reason::Supervise => "to supervise",
            Reason::Other => "something else",
        };
        (code, frame.t(chinese, english).to_owned(), code == chosen)
    };
    Some(RevealForm {
        reasons: Reason::ALL.iter().map(reason).collect(),
        note: back.map_or_else(|| typed("note"), |(ask, _)| ask.note.as_str()).to_owned(),
        problem: back.map(|(_, problem)| problem.sentence(frame.prefs.english).to_owned()),
    })
}
