//! Tickets: register, show, list, act.

use std::path::Path;

use desk::Problem;
use desk::call::answers::Made;
use desk::call::questions as q;
use desk::form::{self, Filled};
use desk::listed;
use desk::reveal::{Ask, Way};
use regulation::ActKind;

use super::{attached, shown};
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
            filled.extend(pairs("register", &fields, &mut global)?);
            act(&global, "register", None, filled).await
        }
        Ticket::Act { kind, id, fields } => {
            let mut global = global.clone();
            let fields = pairs(&kind, &fields, &mut global)?;
            let fields = if attached::is_of(&kind) { attached::kept(&global, &id, fields).await? } else { fields };
            if listed::kind(&kind).ok() == Some(ActKind::Complete) {
                say_what_is_asked(&global, &id).await;
            }
            act(&global, &kind, Some(id), fields).await
        }
        Ticket::Show { id, reveal, reason, note } => {
            let way = Some(Way::Command.names().0.to_owned());
            let reveal = reason.filter(|_| reveal).map(|reason| Ask { reason, note, way });
            shown(global, q::Ticket { id, reveal }, show::ticket).await
        }
        Ticket::File { id, digest, out, reason, note } => {
            let ask = Ask { reason, note, way: Some(Way::Command.names().0.to_owned()) };
            attached::written(global, q::File { id, digest, reveal: ask }, out).await
        }
        Ticket::Duplicates { id } => shown(global, q::Duplicates { id }, show::duplicates).await,
        Ticket::List(list) => {
            let List { state, unit, due_before, overdue, mine, heeds, handled, text, limit, cursor } = list;
            let query = q::Tickets { state, unit, due_before, overdue, mine, heeds, handled, text, limit, cursor };
            shown(global, query, show::tickets).await
        }
    }
}

/// Says before a completion is saved what its confirmation will ask for. What cannot be told stops nothing.
async fn say_what_is_asked(global: &Global, id: &str) {
    let asked = q::Ticket { id: id.to_owned(), reveal: None };
    let ticket = super::ask(global, asked).await;
    if let Some(lack) = ticket.ok().and_then(|ticket| ticket.lack) {
        out::note(out::say(&lack.text, &lack.text_en));
    }
}

/// Makes an act and tells what became of it.
pub(super) async fn act(global: &Global, kind: &str, id: Option<String>, fields: Filled) -> Result<(), Problem> {
    shown(global, q::Act { kind: kind.to_owned(), id, fields }, made).await
}

pub(super) fn made(made: &Made) {
    let what = made.number.as_ref().filter(|number| !number.is_empty()).unwrap_or(&made.id);
    if made.known {
        out::line(format!("{} {what}", out::say("已有此件，未重复登记", "known already, nothing was added:")));
    } else {
        out::line(format!("{} {what}", out::say("已存本机", "saved here")));
    }
    if let Some(found) = made.duplicates.as_ref().filter(|found| !found.is_empty()) {
        show::repeats(found);
    }
}

fn from_file(file: &Path) -> Result<Filled, Problem> {
    let (text, _) = desk::text::read(file)?;
    let of_file = |problem: Problem| Problem {
        title: format!("{}：{}", file.display(), problem.title),
        detail: format!("{}: {}", file.display(), problem.detail),
        ..problem
    };
    desk::import::fields(&text).map_err(of_file)
}

/// Whether a field stands for yes where nothing follows it. Of any other, a value was forgotten.
fn says_yes(kind: &str, field: &str) -> bool {
    let Ok(kind) = listed::kind(kind) else { return true };
    let spec = form::fields(kind).into_iter().find(|spec| spec.name == field);
    spec.is_none_or(|spec| match spec.input {
        form::Input::Flag => true,
        form::Input::Choice(all) => all().iter().any(|(code, _)| *code == "true"),
        _ => false,
    })
}

/// `--name value`, `--name=value`, and a bare `--name` for yes. What every command knows may stand here too.
fn pairs(kind: &str, words: &[String], global: &mut Global) -> Result<Filled, Problem> {
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
            ("wait", Some(seconds)) => {
                global.wait = seconds.parse().map_err(|_| {
                    Problem::bad_input(
                        format!("--wait 须为秒数：{seconds}"),
                        format!("--wait is no number of seconds: {seconds}"),
                    )
                })?;
            }
            ("password-file", Some(file)) => global.password_file = Some(file.into()),
            ("request-id", Some(id)) => global.request_id = Some(id.clone()),
            ("login", Some(login)) => global.login = Some(login.clone()),
            ("lang", Some(lang)) if matches!(lang.as_str(), "zh" | "en") => out::set_english(lang == "en"),
            ("lang", _) => return Err(Problem::bad_input("--lang 须为 zh 或 en", "--lang is zh or en")),
            _ => {
                let field = name.replace('-', "_");
                if value.is_none() && !says_yes(kind, &field) {
                    return Err(Problem::bad_input(
                        format!("--{name} 后面没有值；值以 -- 开头时写作 --{name}=值"),
                        format!("--{name} has no value; write --{name}=VALUE where it begins with --"),
                    ));
                }
                if filled.insert(field, value.unwrap_or_else(|| "true".to_owned())).is_some() {
                    return Err(Problem::bad_input(format!("--{name} 写了两次"), format!("--{name} is given twice")));
                }
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
        let lang = crate::args::Lang::Zh;
        let (login, password_file, request_id) = (None, None, None);
        let mut global = Global { dir: ".jiesu".into(), json: false, lang, login, password_file, request_id, wait: 0 };
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let filled = pairs(
            "register",
            &words("--lead 市城管 --told-at=2026-11-02 --confidential --json --dir D --request-id 7"),
            &mut global,
        )
        .unwrap();
        assert_eq!(filled["lead"], "市城管");
        assert_eq!(filled["told_at"], "2026-11-02");
        assert_eq!(filled["confidential"], "true");
        assert_eq!(global.request_id.as_deref(), Some("7"));
        assert!(global.json && global.dir == Path::new("D") && filled.len() == 3);
        for wrong in ["lead 市城管", "--lead 市城管 --lead=市水利", "--title --content x", "--lang fr"] {
            assert!(pairs("register", &words(wrong), &mut global).is_err(), "{wrong}");
        }
    }
}
