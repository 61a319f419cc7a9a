//! From a filled-in form to an act that is durable: the one way for pages, commands and programs.

use kernel::{Command, Done, Once};
use regulation::terms::DueKind;
use regulation::ticket::Part;
use regulation::{ActId, ActKind, Body, Level, Millis, PersonId, Record, decide, options, pairs};
use replica::Registry;
use store::Reader;

use crate::attached;
use crate::clock;
use crate::form::{self, Filled};
use crate::narrow::narrow;
use crate::once::By;
use crate::people;
use crate::problem::Problem;
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
        if let Some(doc) = doc.filter(|_| kind == ActKind::Confirm) {
            by_another_hand(reader, registry, person, doc, &filled)?;
        }
        let goes_on = match doc {
            Some(doc) => goes_on(reader, registry, doc, kind, &filled)?,
            None => None,
        };
        if let Some(GoesOn { ticket, parts: false, .. }) = goes_on {
            takes_another_in(reader, registry, &me, person, ticket)?;
        }
        Ok((filled, goes_on))
    };
    // What names nothing is not looked up: most acts name nothing.
    let names = |name: &&str| !blank(&filled, name);
    let looks = kind.of_pairs() || kind == ActKind::Unmerge || NAMING.iter().any(names);
    let (filled, goes_on) = if looks { desk.read(read).await? } else { (filled, None) };
    if kind == ActKind::Tag {
        no_tolerance(&filled)?;
    }
    let typed = form::read(kind, &filled, &desk.registry(), clock::now())?;
    if let Body::Attach { class, media, .. } = typed.draft.body {
        attached::fits(class, media)?;
    }
    if let Some(doc) = doc.filter(|_| kind == ActKind::Attach) {
        let (home, body) = (desk.home().clone(), typed.draft.body.clone());
        let proven = tokio::task::spawn_blocking(move || attached::prove(&home, doc, &body)).await;
        proven.map_err(|error| Problem::fault(&error))??;
    }
    if let Some(doc) = doc {
        let told_at = match typed.draft.body {
            Body::ExtendRequest { told_at, .. } | Body::Complete { told_at, .. } => Some(told_at),
            _ => None,
        };
        let said = [("happened_at（发生时间）", typed.draft.happened), ("told_at（告知诉求人的时间）", told_at)];
        for (field, at) in said.into_iter().filter_map(|(field, at)| Some((field, at?))) {
            was_possible(desk, person, (kind, doc), field, at).await?;
        }
    }
    if let Some(doc) = doc.filter(|_| kind == ActKind::CorrectRequester && !typed.draft.private.is_empty()) {
        gave_a_name(desk, doc).await?;
    }
    if let (Some(doc), Body::ExtendRequest { days, of_city: false, .. }) = (doc, &typed.draft.body) {
        within_the_county(desk, u32::from(*days), doc).await?;
    }
    Ok(match (doc, typed.edit, goes_on.filter(|goes_on| goes_on.now)) {
        (None, _, _) => Command::Begin(typed.draft),
        (Some(doc), None, None) => Command::Act { doc, draft: typed.draft },
        (Some(doc), None, Some(GoesOn { ticket, parts, .. })) => {
            let text = if parts {
                "合并已撤销，该工单另行办理"
            } else {
                "另一诉求人的工单并入本工单"
            };
            let joins = Filled::from([("text".to_owned(), text.to_owned()), ("joined".to_owned(), doc.hex())]);
            let joins = form::read(ActKind::Supplement, &joins, &desk.registry(), clock::now())?.draft;
            Command::Both(Box::new([(doc, typed.draft), (ticket, joins)]))
        }
        (Some(doc), Some(edit), _) => Command::Write { doc, draft: typed.draft, edit },
    })
}

/// That whoever confirms did not sign in with a password of whoever proposed it when that was proposed.
fn by_another_hand(
    reader: &Reader,
    registry: &Registry,
    second: PersonId,
    doc: ActId,
    filled: &Filled,
) -> Result<(), Problem> {
    let first_by = view::FirstBy::read(reader)?;
    let history = kernel::read::history(reader, registry, doc)?;
    let proposed = filled.get("act").and_then(|id| ActId::parse(id)).and_then(|id| history.node(id));
    let Some((proposer, since)) = proposed.and_then(|node| Some((node.act.person?, node.act.time))) else {
        return Ok(());
    };
    match first_by.bars(&registry.now(), (proposer, since), second) {
        Some(why) => Err(Problem::not_permitted(why.text, why.text_en)),
        None => Ok(()),
    }
}

/// Nothing was done before what it answers was there.
async fn was_possible(
    desk: &Desk,
    person: PersonId,
    (kind, doc): (ActKind, ActId),
    field: &str,
    at: Millis,
) -> Result<(), Problem> {
    let me = desk.me()?;
    let read = move |reader: &Reader, registry: &Registry| {
        let history = kernel::read::history(reader, registry, doc)?;
        let fact = options::fact(history.record(), kind, &people::author(registry, &me, Some(person)));
        Ok(history.record().ticket().map(|ticket| ticket.earliest(&fact)))
    };
    match desk.read(read).await? {
        Some(earliest) if at < earliest => {
            let first = clock::text(earliest);
            Err(Problem::bad_input(
                format!("{field}不能早于 {first}：所依据的记录那时才有"),
                format!("{field} cannot be before {first}: what it rests on was not there yet"),
            ))
        }
        _ => Ok(()),
    }
}

/// Of whoever gave no name none is kept, until that is corrected.
async fn gave_a_name(desk: &Desk, doc: ActId) -> Result<(), Problem> {
    let read = move |reader: &Reader, registry: &Registry| {
        let history = kernel::read::history(reader, registry, doc)?;
        Ok(history.record().ticket().is_some_and(|ticket| ticket.register.anonymous))
    };
    match desk.read(read).await? {
        true => Err(Problem::bad_input(
            "本件登记为匿名：先办“更正登记类别”（anonymous 选否），再记姓名、电话、地址",
            "the request is anonymous: first reclassify it (anonymous: no), then give name, telephone or address",
        )),
        false => Ok(()),
    }
}

/// A county grants what its own term towards the city has left; beyond that the city is asked, in the same form (18, 22).
async fn within_the_county(desk: &Desk, days: u32, doc: ActId) -> Result<(), Problem> {
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| {
        let history = kernel::read::history(reader, registry, doc)?;
        let at = registry.now();
        let Some((ticket, calendar)) = history.record().ticket().zip(at.calendar()) else { return Ok(None) };
        let outer = ticket.in_force().find(|part| part.part == Part::Outer).map(|part| part.unit);
        let items = kernel::project::dues(&history, &at);
        let due =
            |unit| items.iter().find(|item| item.what == DueKind::Finish && item.unit == unit).map(|item| item.due);
        let (Some(own), Some(outer)) = (due(unit), outer.filter(|outer| *outer != unit).and_then(due)) else {
            return Ok(None);
        };
        Ok(Some(u32::try_from(calendar.days_left(own - 1, outer)).unwrap_or_default()))
    };
    match desk.read(read).await? {
        Some(left) if days > left => Err(Problem::bad_input(
            format!("days（工作日数）：县热线对市热线的期限只余 {left} 个工作日；要更多，请选 of_city，由市热线决定"),
            format!(
                "days: the county has {left} working days left towards the city; choose of_city for more, which the city decides on"
            ),
        )),
        _ => Ok(()),
    }
}

fn blank(filled: &Filled, name: &str) -> bool {
    filled.get(name).is_none_or(|value| value.trim().is_empty())
}

/// The word for an honest error that is let go: two people decide on that (41), and no tag says so.
const TOLERANCE: &str = "容错";

/// Whoever would tag a ticket as let go is told how that is decided.
fn no_tolerance(filled: &Filled) -> Result<(), Problem> {
    match filled.get("add").is_some_and(|words| form::clean(words).contains(TOLERANCE)) {
        true => Err(Problem::bad_input(
            "add（添加标签）：“容错”不是标签，由市热线审核人员提出“容错”事项，另一人复核（第四十一条）",
            "add: this is no tag; a reviewer of the city hotline proposes to tolerate it, and another confirms (article 41)",
        )),
        false => Ok(()),
    }
}

/// Fields that name a ticket.
const NAMING_TICKETS: [&str; 4] = ["into", "joined", "again", "of"];
/// Fields that name something which is looked up here.
const NAMING: [&str; 6] = ["into", "joined", "again", "of", "article", "act"];

/// The ticket that goes on where another one is merged into it, and hears of it.
#[derive(Clone, Copy)]
struct GoesOn {
    ticket: ActId,
    /// The merge is undone.
    parts: bool,
    /// Now: what waits for a second person is told when that one confirms.
    now: bool,
}

/// Which ticket goes on by such an act, if one does.
fn goes_on(
    reader: &Reader,
    registry: &Registry,
    doc: ActId,
    kind: ActKind,
    filled: &Filled,
) -> Result<Option<GoesOn>, Problem> {
    let named = |name: &str| filled.get(name).and_then(|id| ActId::parse(id));
    let joins = |now| move |ticket| GoesOn { ticket, parts: false, now };
    Ok(match kind {
        ActKind::Merge => named("into").map(joins(true)),
        ActKind::MergeOther => named("into").map(joins(false)),
        ActKind::Confirm => {
            let history = kernel::read::history(reader, registry, doc)?;
            let proposed = named("act").and_then(|id| history.node(id)).map(|node| node.fact.body.clone());
            proposed.and_then(|body| match body {
                Body::MergeOther { into, .. } => Some(joins(true)(into)),
                _ => None,
            })
        }
        ActKind::Unmerge => {
            let history = kernel::read::history(reader, registry, doc)?;
            let merged = history.record().ticket().and_then(|ticket| ticket.merged).map(|merged| merged.into);
            // It may have been dropped from here; then only this one is told.
            let held = merged.filter(|ticket| reader.doc_no(ticket).is_ok_and(|doc| doc.is_some()));
            held.map(|ticket| GoesOn { ticket, parts: true, now: true })
        }
        _ => None,
    })
}

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
        let named = filled.get(name).map(|what| narrow(what)).filter(|what| !what.is_empty());
        // An id that is not held here stays: another node may hold it. But whoever is asked again names what they have seen.
        let stays = |what: &String| name != "again" && ActId::parse(what).is_some();
        let Some(what) = named.filter(|what| !stays(what)) else { continue };
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
        let begins = narrow(what).to_ascii_lowercase();
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
