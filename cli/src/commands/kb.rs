//! The knowledge base.

use std::path::PathBuf;

use desk::Problem;
use desk::call::answers::Made;
use desk::call::questions as q;
use desk::form::Filled;

use super::ticket::{act, made};
use super::{shown, told};
use crate::args::{Global, Kb};
use crate::client::Client;
use crate::show;

pub async fn run(global: &Global, command: Kb) -> Result<(), Problem> {
    match command {
        Kb::Add { title, category, body, file } => {
            let body = text(body, file)?.unwrap_or_default();
            let fields = [("title", Some(title)), ("category", Some(category)), ("body", Some(body))];
            act(global, "article-create", None, filled(fields)).await
        }
        Kb::Edit { id, title, category, body, file } => {
            let body = text(body, file)?;
            let client = Client::open(global).await?;
            let result = edit(&client, id, [("title", title), ("category", category)], body).await;
            let result = client.close(result).await;
            told(global, &result?, made);
            Ok(())
        }
        Kb::Choose { id, act } => {
            let client = Client::open(global).await?;
            let result = choose(&client, id, &act).await;
            let result = client.close(result).await;
            result?.iter().for_each(|result| told(global, result, made));
            Ok(())
        }
        Kb::Review { id } => act(global, "article-review", Some(id), Filled::new()).await,
        Kb::Correct { id, text } => act(global, "article-correct", Some(id), filled([("text", Some(text))])).await,
        Kb::Retire { id, text } => act(global, "article-retire", Some(id), filled([("text", Some(text))])).await,
        Kb::Publish { id } => act(global, "article-publish", Some(id), Filled::new()).await,
        Kb::Confirm { id, text } => act(global, "confirm", Some(id), filled([("text", text)])).await,
        Kb::Decline { id, text } => act(global, "decline", Some(id), filled([("text", Some(text))])).await,
        Kb::Search { text } => {
            shown(global, q::Articles { text, ..q::Articles::default() }, |found| show::articles(found)).await
        }
        Kb::Corrections => {
            let asked = q::Articles { corrections: true, ..q::Articles::default() };
            shown(global, asked, |found| show::corrections(found)).await
        }
        Kb::Show { id } => shown(global, q::Article { id }, show::article).await,
    }
}

/// Chooses the wording of one act wherever it stands beside another.
async fn choose(client: &Client, id: String, act: &str) -> Result<Vec<Made>, Problem> {
    let shown = client.call(q::Article { id: id.clone() }).await?;
    let mut made = Vec::new();
    for block in &shown.blocks {
        let acts = block.wordings.iter().map(|wording| wording.act.as_str());
        let named: Vec<&str> = acts.filter(|hex| !act.is_empty() && hex.starts_with(act)).collect();
        let &[act] = named.as_slice() else { continue };
        let choice = format!("{}:{act}", block.id);
        let fields = filled([("choose", Some(choice)), ("base", Some(shown.heads.join(" ")))]);
        let call = q::Act { kind: "article-edit".to_owned(), id: Some(id.clone()), fields };
        made.push(client.call(call).await?);
    }
    if made.is_empty() {
        return Err(Problem::bad_input(
            format!("没有待选定的写法出自 {act}（或不止一条）；用 jiesu kb show 查看"),
            format!("no wording of {act} waits to be chosen, or of more than one act; see jiesu kb show"),
        ));
    }
    Ok(made)
}

/// An edit is typed over what its author saw.
async fn edit(
    client: &Client,
    id: String,
    fields: [(&str, Option<String>); 2],
    body: Option<String>,
) -> Result<Made, Problem> {
    let shown = client.call(q::Article { id: id.clone() }).await?;
    let base = body.as_ref().map(|_| shown.heads.join(" "));
    let mut fields = filled(fields);
    fields.extend(filled([("body", body), ("base", base)]));
    client.call(q::Act { kind: "article-edit".to_owned(), id: Some(id), fields }).await
}

fn text(given: Option<String>, file: Option<PathBuf>) -> Result<Option<String>, Problem> {
    match file {
        Some(file) => desk::text::read(&file).map(|(text, _)| Some(text)),
        None => Ok(given),
    }
}

fn filled<const N: usize>(fields: [(&str, Option<String>); N]) -> Filled {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
