//! Answers to what somebody else has proposed, whether an act of a ticket or article or a change of the registry.

use desk::Problem;
use desk::call::answers::{Decided, Made};
use desk::call::questions as q;
use desk::form::Filled;
use serde::Serialize;

use super::told;
use crate::args::Global;
use crate::client::Client;
use crate::out::{self, say};

/// What the answer came to.
#[derive(Serialize)]
#[serde(untagged)]
enum Answered {
    Act(Made),
    Registry(Decided),
}

pub async fn answer(global: &Global, id: &str, confirm: bool, text: Option<String>) -> Result<(), Problem> {
    let client = Client::open(global).await?;
    let result = ask(&client, id, confirm, text).await;
    let result = client.close(result).await;
    told(global, &result?, |_| {
        out::line(if confirm {
            say("已复核", "confirmed")
        } else {
            say("已答复：不予复核或撤回", "declined, or taken back")
        });
    });
    Ok(())
}

async fn ask(client: &Client, id: &str, confirm: bool, text: Option<String>) -> Result<Answered, Problem> {
    let begins = id.trim().to_ascii_lowercase();
    let listed = client.call(q::Proposals {}).await?;
    let found: Vec<_> = listed.proposals.iter().filter(|one| one.proposal.act.starts_with(&begins)).collect();
    let [one] = found.as_slice() else {
        return client.call(q::Decide { proposal: begins, confirm, reason: text }).await.map(Answered::Registry);
    };
    let act = ("act".to_owned(), one.proposal.act.clone());
    let fields: Filled = [act].into_iter().chain(text.map(|text| ("text".to_owned(), text))).collect();
    let kind = if confirm { "confirm" } else { "decline" };
    client.call(q::Act { kind: kind.to_owned(), id: Some(one.id.clone()), fields }).await.map(Answered::Act)
}
