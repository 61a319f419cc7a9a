//! The registry as a log: who changed what.

use desk::call::answers::Roster;

use crate::out::{line, say};
use crate::show;

/// The entries, newest first, and the invitations of this node.
pub fn show(roster: &Roster) {
    for entry in &roster.entries {
        let by = entry.by.as_deref().unwrap_or("—");
        line(format!("{} {} {by} {}", entry.version, entry.at, say(&entry.what, &entry.what_en)));
    }
    roster.unsplit.iter().for_each(show::unsplit);
    for invitation in &roster.invitations {
        let state = if invitation.used {
            say("已领，新设备尚未连上", "taken, not connected yet")
        } else {
            say("待用", "waits")
        };
        line(format!(
            "{} {} {} {} {state}{}{} {}",
            say("邀请", "invitation"),
            invitation.unit.name,
            class(&invitation.class),
            invitation.by,
            say("，", ", "),
            say("至", "until"),
            invitation.until
        ));
    }
}

fn class(code: &str) -> &str {
    desk::listed::class(code).map_or(code, |class| say(class.names().1, class.names().0))
}
