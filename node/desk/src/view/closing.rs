//! What a report of completion will be asked for when it is confirmed: said before it is saved, and as the next step after.

use regulation::{Ticket, TicketState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a completion still lacks for its confirmation (23, 24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LackView {
    /// The work was reported as done already: this is the next step. Else it is said before.
    pub reported: bool,
    /// What is asked for.
    pub text: String,
    /// The same in English.
    pub text_en: String,
}

/// What the completion of a ticket in hand, or one that waits to be confirmed, lacks. The completion itself stands in any case.
pub(super) fn lack(ticket: &Ticket) -> Option<LackView> {
    let reported = ticket.state == TicketState::AwaitingClosure;
    if !reported && ticket.state != TicketState::InProgress || ticket.requester_knows() {
        return None;
    }
    let (asked, asked_en) = (
        "办结认定时要有下列之一：接通的联系一次；分两天共三次的联系尝试；书面答复，并附上信函、录音或确认单（第二十三条）",
        "the confirmation asks for one of these: a contact that was reached; three attempts on two days; a reply in writing with the letter, the recording or the form attached (article 23)",
    );
    let (text, text_en) = match reported {
        true => (
            format!("下一步：承办单位补记联系诉求人。报结已保存，但还没有联系记录，{asked}。"),
            format!(
                "Next: the unit records how the requester was contacted. The completion is saved, but there is no contact yet, and {asked_en}."
            ),
        ),
        false => (
            format!("还没有记下与诉求人的联系。可以报结，但{asked}；请先办“联系诉求人”，或报结后补记。"),
            format!(
                "No contact with the requester is recorded yet. It can be reported as done, but {asked_en}. Record a contact first, or afterwards."
            ),
        ),
    };
    Some(LackView { reported, text, text_en })
}
