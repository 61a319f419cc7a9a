//! The registry as a log: who changed what.

use serde_json::Value;

use crate::out::{line, say};

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// The entries, newest first, and the invitations of this node.
pub fn show(value: &Value) {
    for entry in value["entries"].as_array().into_iter().flatten() {
        let by = entry["by"].as_str().unwrap_or("—");
        line(format!("{} {} {by} {}", entry["version"], text(entry, "at"), text(entry, "what")));
    }
    for invitation in value["invitations"].as_array().into_iter().flatten() {
        let (unit, class, by) = (text(&invitation["unit"], "name"), text(invitation, "class"), text(invitation, "by"));
        let state = if invitation["used"] == true {
            say("已领，新设备尚未连上", "taken, not connected yet")
        } else {
            say("待用", "waits")
        };
        line(format!(
            "{} {unit} {class} {by} {state}，{} {}",
            say("邀请", "invitation"),
            say("至", "until"),
            text(invitation, "until")
        ));
    }
}
