//! Tickets: register, show, list, act.

use std::path::Path;

use node::Problem;
use node::call::{Call, TicketQuery};
use node::form::Filled;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::shown;
use crate::args::{Global, List, Ticket};
use crate::{out, show};

pub async fn run(global: &Global, command: Ticket) -> Result<(), Problem> {
    match command {
        Ticket::Register { file, fields } => {
            let mut filled = match file {
                Some(file) => from_file(&file)?,
                None => Filled::new(),
            };
            let mut global = global.clone();
            filled.extend(pairs(&fields, &mut global)?);
            act(&global, "register", None, filled).await
        }
        Ticket::Act { kind, id, fields } => {
            let mut global = global.clone();
            let fields = with_digest(&kind, pairs(&fields, &mut global)?)?;
            act(&global, &kind, Some(id), fields).await
        }
        Ticket::Show { id, private } => shown(global, Call::Ticket { id, open: private }, show::ticket).await,
        Ticket::List(list) => {
            let List { state, unit, due_before, overdue, text, limit, cursor } = list;
            let query = TicketQuery { state, unit, due_before, overdue, text, limit, cursor };
            shown(global, Call::Tickets(query), show::tickets).await
        }
    }
}

/// Makes an act and tells what became of it.
pub(super) async fn act(global: &Global, kind: &str, id: Option<String>, fields: Filled) -> Result<(), Problem> {
    shown(global, Call::Act { kind: kind.to_owned(), id, fields }, made).await
}

fn made(value: &Value) {
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    let what = if text("number").is_empty() { text("id") } else { text("number") };
    if value["known"] == true {
        out::line(format!("{} {what}", out::say("已有此件，未重复登记", "known already, nothing was added:")));
    } else {
        out::line(format!("{} {what}", out::say("已存本机", "saved here")));
    }
}

/// `--file PATH` of an attachment: what is recorded of a file is its digest and its length.
fn with_digest(kind: &str, mut fields: Filled) -> Result<Filled, Problem> {
    if kind != "attach" {
        return Ok(fields);
    }
    if let Some(file) = fields.remove("file") {
        let path = Path::new(&file);
        let bytes = std::fs::read(path).map_err(|error| Problem::storage(path, &error))?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        fields.insert("digest".to_owned(), digest);
        fields.insert("bytes".to_owned(), bytes.len().to_string());
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        fields.entry("text".to_owned()).or_insert(name);
    }
    Ok(fields)
}

fn from_file(file: &Path) -> Result<Filled, Problem> {
    let text = std::fs::read_to_string(file).map_err(|error| Problem::storage(file, &error))?;
    let wrong = |why: &dyn std::fmt::Display| {
        Problem::bad_input(format!("{}：{why}", file.display()), format!("{}: {why}", file.display()))
    };
    let value: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    let Value::Object(object) = value else { return Err(wrong(&"须为 JSON 对象 / a JSON object is expected")) };
    object
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            Value::Number(_) | Value::Bool(_) => Ok((name, value.to_string())),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                Ok((name, items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")))
            }
            _ => Err(wrong(&format!("{name} 须为文字 / must be text"))),
        })
        .collect()
}

/// `--name value`, `--name=value`, and a bare `--name` for yes. What every command knows may stand here too.
fn pairs(words: &[String], global: &mut Global) -> Result<Filled, Problem> {
    let mut filled = Filled::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(name) = word.strip_prefix("--") else {
            return Err(Problem::bad_input(
                format!("{word} 前缺少字段名，应写作 --字段名 值"),
                format!("{word} stands without a field; write --name value"),
            ));
        };
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (name.to_owned(), words.next_if(|next| !next.starts_with("--")).cloned()),
        };
        match (name.as_str(), &value) {
            ("json", None) => {
                global.json = true;
                out::set_json();
            }
            ("dir", Some(dir)) => global.dir = dir.into(),
            ("login", Some(login)) => global.login = Some(login.clone()),
            ("lang", Some(lang)) => out::set_english(lang == "en"),
            _ => {
                filled.insert(name.replace('-', "_"), value.unwrap_or_else(|| "true".to_owned()));
            }
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_people_write_them() {
        let mut global = Global { dir: ".jiesu".into(), json: false, lang: crate::args::Lang::Zh, login: None };
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let filled =
            pairs(&words("--lead 市城管 --told-at=2026-11-02 --confidential --json --dir D"), &mut global).unwrap();
        assert_eq!(filled["lead"], "市城管");
        assert_eq!(filled["told_at"], "2026-11-02");
        assert_eq!(filled["confidential"], "true");
        assert!(global.json && global.dir == Path::new("D") && filled.len() == 3);
        assert!(pairs(&words("lead 市城管"), &mut global).is_err());
    }
}
