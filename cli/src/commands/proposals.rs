//! Answers to what somebody else has proposed, whether an act of a ticket or article or a change of the registry.

use desk::Problem;
use desk::call::Call;
use desk::form::Filled;
use serde_json::Value;

use super::told;
use crate::args::Global;
use crate::client::Client;
use crate::out::{self, say};

pub async fn answer(global: &Global, id: &str, confirm: bool, text: Option<String>) -> Result<(), Problem> {
    let client = Client::open(global).await?;
    let result = ask(&client, id, confirm, text).await;
    client.close().await;
    told(global, &result?, |_| {
        out::line(if confirm {
            say("已复核", "confirmed")
        } else {
            say("已答复：不予复核或撤回", "declined, or taken back")
        });
    });
    Ok(())
}

async fn ask(client: &Client, id: &str, confirm: bool, text: Option<String>) -> Result<Value, Problem> {
    let begins = id.trim().to_ascii_lowercase();
    let listed = client.call(Call::Proposals).await?;
    let field = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let acts = listed["proposals"].as_array().into_iter().flatten();
    let found: Vec<&Value> = acts.filter(|proposal| field(proposal, "act").starts_with(&begins)).collect();
    let [one] = found.as_slice() else {
        return client.call(Call::Decide { proposal: begins, confirm }).await;
    };
    let fields: Filled =
        [("act".to_owned(), field(one, "act"))].into_iter().chain(text.map(|text| ("text".to_owned(), text))).collect();
    let kind = if confirm { "confirm" } else { "decline" };
    client.call(Call::Act { kind: kind.to_owned(), id: Some(field(one, "id")), fields }).await
}
