//! From a filled-in form to an act that is durable: the one way for pages, commands and programs.

use kernel::{Command, Done, Once};
use regulation::{ActId, ActKind, Author, Level, PersonId, Record, Role, decide, options, pairs};
use replica::Registry;
use store::Reader;

use crate::clock;
use crate::form::{self, Filled};
use crate::once::By;
use crate::people;
use crate::problem::Problem;
use crate::report::TOLERANCE_TAG;
use crate::view;
use crate::{Desk, Me};

/// Makes an act of a form; `doc` is what it is about, unless it begins something. A merge is told to both tickets.
///
/// # Errors
/// Which field is wrong, or the rule that forbids it. Nothing was changed.
pub async fn make(
    desk: &Desk,
    person: PersonId,
    once: Option<Once>,
    kind: ActKind,
    doc: Option<ActId>,
    filled: Filled,
) -> Result<(ActId, Option<ActId>), Problem> {
    let by = By { person: Some(person), once };
    match desk.do_once(by, command(desk, person, kind, doc, filled)).await? {
        Done::Made { doc, act } => Ok((doc, Some(act))),
        Done::Known { doc } => Ok((doc, None)),
        _ => Err(Problem::fault(&"an act that came to something else")),
    }
}

async fn command(
    desk: &Desk,
    person: PersonId,
    kind: ActKind,
    doc: Option<ActId>,
    filled: Filled,
) -> Result<Command, Problem> {
    let me = desk.me()?;
    // Only the city hotline takes in (15); whoever else writes a request down writes it down for the city.
    let at_the_city = desk.registry().now().level(me.device.unit) == Level::CityHotline;
    let kind = if kind == ActKind::Register && !at_the_city { ActKind::RegisterByProxy } else { kind };
    let given = filled.clone();
    let read = move |reader: &Reader, registry: &Registry| {
        let mut filled = resolved(reader, registry, kind, doc, given)?;
        if let Some(doc) = doc.filter(|_| kind.of_pairs() && blank(&filled, "act")) {
            // Which one, is plain where one waits; of several it is the oldest that this person may answer.
            let history = kernel::read::history(reader, registry, doc)?;
            let author = people::author(registry, &me, Some(person));
            let waits = pairs::answers(history.record(), kind, &author);
            filled.extend(waits.map(|proposal| ("act".to_owned(), proposal.hex())));
        }
        let into = filled.get("into").filter(|_| kind == ActKind::Merge).and_then(|id| ActId::parse(id));
        if let Some(into) = into {
            takes_another_in(reader, registry, &me, person, into)?;
        }
        Ok((filled, into))
    };
    // What names nothing is not looked up: most acts name nothing.
    let names = |name: &&str| !blank(&filled, name);
    let (filled, into) =
        if kind.of_pairs() || NAMING.iter().any(names) { desk.read(read).await? } else { (filled, None) };
    if kind == ActKind::Tag {
        lets_go(&people::author(&desk.registry(), &desk.me()?, Some(person)), &filled)?;
    }
    let typed = form::read(kind, &filled, &desk.registry(), clock::now())?;
    Ok(match (doc, typed.edit, into) {
        (None, _, _) => Command::Begin(typed.draft),
        (Some(doc), None, None) => Command::Act { doc, draft: typed.draft },
        (Some(doc), None, Some(into)) => {
            let joins = Filled::from([
                ("text".to_owned(), "另一诉求人反映同一事项，其工单并入本工单".to_owned()),
                ("joined".to_owned(), doc.hex()),
            ]);
            let joins = form::read(ActKind::Supplement, &joins, &desk.registry(), clock::now())?.draft;
            Command::Both(Box::new([(doc, typed.draft), (into, joins)]))
        }
        (Some(doc), Some(edit), _) => Command::Write { doc, draft: typed.draft, edit },
    })
}

fn blank(filled: &Filled, name: &str) -> bool {
    filled.get(name).is_none_or(|value| value.trim().is_empty())
}

/// What takes a ticket out of the rates is no tag like others: whoever reviews at the city hotline puts it on and takes it
/// off, and says why (41).
fn lets_go(author: &Author, filled: &Filled) -> Result<(), Problem> {
    let names = |field: &str| filled.get(field).is_some_and(|words| form::clean(words).contains(TOLERANCE_TAG));
    if !names("add") && !names("remove") {
        return Ok(());
    }
    if author.level != Level::CityHotline || !author.roles.contains(&Role::Review) {
        return Err(Problem::not_permitted(
            "“容错”只能由市热线的审核人员加上或去掉（第四十一条）",
            "this tag is put on and taken off by reviewers of the city hotline alone (article 41)",
        ));
    }
    if names("add") && filled.get("text").is_none_or(|reason| form::clean(reason).is_empty()) {
        return Err(Problem::bad_input(
            "text（理由）：加“容错”须写明理由（第四十一条）",
            "text: say why this tag is put on (article 41)",
        ));
    }
    Ok(())
}

/// Fields that name a ticket.
const NAMING_TICKETS: [&str; 3] = ["into", "joined", "again"];
/// Fields that name something which is looked up here.
const NAMING: [&str; 5] = ["into", "joined", "again", "article", "act"];

/// Fields that name a document as people name it, by number or by the beginning of an id, with its id; a cited article
/// with the publication that is read out.
fn resolved(
    reader: &Reader,
    registry: &Registry,
    kind: ActKind,
    doc: Option<ActId>,
    mut filled: Filled,
) -> Result<Filled, Problem> {
    for name in NAMING_TICKETS {
        let named = filled.get(name).map(|what| what.trim().to_owned()).filter(|what| !what.is_empty());
        // An id that is not held here stays: another node may hold it.
        let Some(what) = named.filter(|what| ActId::parse(what).is_none()) else { continue };
        let found = view::find(reader, &what);
        let ticket = found.as_ref().map_or(Ok(None), |(doc, _)| reader.ticket(*doc))?;
        // Whatever is wrong is wrong with the field, not with the ticket that it is filled in for.
        let none = || Problem::not_found(format!("{what} 不是工单"), format!("{what} is no ticket"));
        let ticket = ticket.ok_or_else(|| of_field(kind, name, &found.err().unwrap_or_else(none)))?;
        filled.insert(name.to_owned(), ticket.id.hex());
    }
    if let Some(what) = filled.get_mut("article").filter(|what| !what.trim().is_empty()) {
        let (_, id) = view::find(reader, what)?;
        let version = published(&kernel::read::history(reader, registry, id)?.record().clone(), what)?;
        *what = format!("{}:{version}", id.hex());
    }
    if let (Some(doc), Some(what)) = (doc, filled.get_mut("act").filter(|what| !what.trim().is_empty())) {
        let history = kernel::read::history(reader, registry, doc)?;
        let begins = what.trim().to_ascii_lowercase();
        let mut found = history.nodes().iter().filter(|node| node.id.hex().starts_with(&begins));
        match (found.next(), found.next()) {
            (Some(node), None) => *what = node.id.hex(),
            _ => {
                return Err(Problem::not_found(
                    format!("本工单没有（或不止一条）记录 {what}；jiesu ticket show --json 可列出"),
                    format!("no act, or more than one, begins with {what}"),
                ));
            }
        }
    }
    Ok(filled)
}

fn of_field(kind: ActKind, name: &str, problem: &Problem) -> Problem {
    let specs = form::fields(kind);
    let label = specs.iter().find(|spec| spec.name == name).map_or(name, |spec| spec.chinese);
    Problem::bad_input(format!("{name}（{label}）：{}", problem.title), format!("{name}: {}", problem.detail))
}

/// How often an article has been published. Only what stands published is read out to people (29).
fn published(record: &Record, what: &str) -> Result<usize, Problem> {
    match record.knowledge() {
        Some(article) if article.retired.is_none() && !article.published.is_empty() => Ok(article.published.len()),
        _ => Err(Problem::bad_input(
            format!("{what} 不是已发布且未停用的知识，不能引用"),
            format!("{what} is no published article; it cannot be cited"),
        )),
    }
}

/// Whether the ticket that goes on may take another in.
fn takes_another_in(
    reader: &Reader,
    registry: &Registry,
    me: &Me,
    person: PersonId,
    into: ActId,
) -> Result<(), Problem> {
    let history = kernel::read::history(reader, registry, into)?;
    if history.record().ticket().is_none() {
        let (short, id) = (into.short(), into.hex());
        return Err(Problem::not_found(format!("本机没有工单 {short}"), format!("ticket {id} is not held here")));
    }
    let author = people::author(registry, me, Some(person));
    let joins = options::fact(history.record(), ActKind::Supplement, &author);
    decide(history.record(), &joins.under(registry.now().edition())).map_err(|broken| Problem::from(broken.rule))
}
