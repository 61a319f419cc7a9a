//! The answers to calls.

use kernel::reveal::Way;
use kernel::{Command, Done};
use regulation::{ActKind, PersonId};
use replica::Registry;
use serde_json::{Value, json};
use store::{DocNo, Reader, RevealFilter, TicketCursor, TicketFilter, UnitFilter};

use super::asker::person;
use super::days::{calendar, due, year_of};
use super::{Call, TicketQuery, registry, session, to_value};
use crate::Desk;
use crate::config::Commands;
use crate::form::Filled;
use crate::make::make;
use crate::once::{By, RequestId};
use crate::people::Newcomer;
use crate::problem::Problem;
use crate::{clock, import, named, people, report, reveal, verify, view};

/// Rows of a list where nothing else is asked for.
const LIST_ROWS: usize = 50;

pub(super) async fn answer(
    desk: &Desk,
    person: Option<PersonId>,
    request: Option<RequestId>,
    call: Call,
) -> Result<Value, Problem> {
    let request = request.filter(|_| call.done_once());
    // What an act is about is part of its own digest.
    let once = match (&request, &call) {
        (None, _) | (_, Call::Act { .. }) => None,
        (Some(request), call) => Some(request.of(call)?),
    };
    let by = By { person, once };
    match call {
        Call::SignIn { login, password } => session::begin(desk, login.as_deref(), &password).await,
        Call::SignOut => session::end(desk, known(person)?).await,
        Call::Act { kind, id, fields } => act(desk, known(person)?, request.as_ref(), &kind, id, &fields).await,
        Call::Ticket { id, reveal } => ticket(desk, known(person)?, id, reveal).await,
        Call::Reveals { id, of, limit } => reveals(desk, id, of, limit).await,
        Call::Duplicates { id } => duplicates(desk, id).await,
        Call::Proposals => proposals(desk, known(person)?).await,
        Call::Tickets(query) => tickets(desk, query).await,
        Call::Article { id } => article(desk, known(person)?, id).await,
        Call::Articles { text, limit } => articles(desk, text, limit).await,
        Call::Import { rows, dry_run, history } => {
            use import::history::{Step, confirm, list};
            let person = known(person)?;
            match history {
                Some(Step::List) => list(desk).await,
                Some(Step::Confirm) => confirm(desk, person).await,
                taken => {
                    let way = import::Way { dry_run, history: taken.is_some() };
                    to_value(&import::rows(desk, person, rows, way).await?)
                }
            }
        }
        Call::Sync => sync(desk).await,
        Call::Hurry => {
            desk.hurry();
            sync(desk).await
        }
        Call::Status => status(desk).await,
        Call::Invite { unit, class, addresses } => {
            registry::invite(desk, known(person)?, &unit, &class, addresses).await
        }
        Call::Person { unit, name, login, roles } => {
            registry::add_person(desk, by, &unit, Newcomer { name, login }, &roles).await
        }
        Call::Roles { login, add, remove } => registry::change_roles(desk, by, &login, &add, &remove).await,
        Call::Roster { limit } => registry::roster(desk, limit.unwrap_or(LIST_ROWS)).await,
        Call::Password { login, password } => {
            let person = super::asker::person(desk, Some(&login)).await?;
            people::set_password(desk, person, &password.0).await?;
            Ok(json!({ "login": login }))
        }
        Call::Due { start, days } => due(&desk.registry(), &start, days),
        Call::Year { year } => to_value(&year_of(calendar(&desk.registry())?, year)),
        Call::Calendar { text, dry_run } => registry::import_calendar(desk, by, &text, dry_run).await,
        Call::Verify { projections: true, .. } => check_projections(desk).await,
        Call::Verify { id, .. } => check(desk, person, id).await,
        Call::Report { kind, period } => {
            let (kind, unit) = (report::Kind::parse(&kind)?, desk.me()?.device.unit);
            let made =
                desk.read(move |reader, registry| report::report(reader, registry, unit, kind, &period, clock::now()));
            to_value(&made.await?)
        }
        Call::Lock { period } => to_value(&report::lock::lock(desk, by, &period).await?),
        Call::Decide { proposal, confirm } => registry::decide(desk, by, &proposal, confirm).await,
        Call::Weights { response, solution, satisfaction, mostly } => {
            registry::weigh(desk, by, [response, solution, satisfaction, mostly]).await
        }
        Call::Clock { confirm } => {
            if let Some(shown) = confirm {
                desk.ask_by(by, Command::ConfirmClock { shown }).await?;
            }
            let now = clock::now();
            Ok(json!({ "now": clock::text(now), "ms": now, "doubtful": desk.status().clock_doubtful }))
        }
        Call::ConfirmRegistry => {
            desk.ask(person, Command::ConfirmRegistry).await?;
            Ok(json!({ "version": desk.registry().version() }))
        }
        Call::WaiveHub => match desk.ask(person, Command::Waive).await? {
            Done::Waived { left } => Ok(json!({ "left": left })),
            other => Err(Problem::fault(&format!("a waiver that came to {other:?}"))),
        },
        Call::Acknowledge { kind, source } => {
            desk.ask(person, Command::Acknowledge { kind, source }).await?;
            sync(desk).await
        }
        Call::Rebuild => match desk.ask(person, Command::Rebuild).await? {
            Done::Documents(count) => Ok(json!({ "documents": count })),
            _ => Ok(Value::Null),
        },
        Call::Units => {
            let registry = desk.registry();
            let at = registry.now();
            to_value(&at.units().map(|(id, _)| view::UnitRef::of(&at, id)).collect::<Vec<_>>())
        }
        Call::Categories => {
            let registry = desk.registry();
            let all = registry.now().categories().iter().map(|(code, name)| json!({ "code": code, "name": name }));
            Ok(all.collect())
        }
    }
}

/// Whoever asks: that somebody does was seen before.
fn known(by: Option<PersonId>) -> Result<PersonId, Problem> {
    by.ok_or_else(|| Problem::fault(&"a call without a person that needs one"))
}

async fn act(
    desk: &Desk,
    person: PersonId,
    request: Option<&RequestId>,
    kind: &str,
    id: Option<String>,
    fields: &Filled,
) -> Result<Value, Problem> {
    let parsed = ActKind::parse(kind).filter(|kind| !kind.of_clock());
    let kind = parsed.ok_or_else(|| {
        let all: Vec<&str> = ActKind::ALL.iter().filter(|kind| !kind.of_clock()).map(|kind| kind.code()).collect();
        Problem::bad_input(
            format!("没有这种事项：{kind}；可用：{}", all.join(" ")),
            format!("no act {kind}; there are: {}", all.join(" ")),
        )
    })?;
    let doc = match id {
        None if kind.begins() => None,
        None => return Err(Problem::bad_input("请指明工单或知识条目", "name the ticket or article")),
        Some(id) => Some(desk.read(move |reader, _| Ok(view::find(reader, &id)?.1)).await?),
    };
    let once = request.map(|request| request.of_act(kind, doc, fields)).transpose()?;
    let (doc, act) = make(desk, person, once, kind, doc, fields.clone()).await?;
    let (begins, known) = (kind.begins() && !kind.of_knowledge(), act.is_none());
    let read = move |reader: &Reader, registry: &Registry| {
        let Some(row) = reader.doc_no(&doc)? else { return Ok((None, None)) };
        // Whoever writes a request down is told at once that it may be there already.
        let duplicates = if begins { Some(view::duplicates(reader, registry, row)?) } else { None };
        Ok((reader.ticket(row)?.map(|ticket| ticket.number), duplicates))
    };
    let (number, duplicates) = desk.read(read).await?;
    let mut made = json!({ "id": doc.hex(), "act": act.map(|act| act.hex()), "number": number, "known": known });
    if let Some(duplicates) = duplicates {
        made["duplicates"] = to_value(&duplicates)?;
    }
    Ok(made)
}

async fn duplicates(desk: &Desk, id: String) -> Result<Value, Problem> {
    let read = move |reader: &Reader, registry: &Registry| {
        let (doc, _) = view::find(reader, &id)?;
        let none = || Problem::not_found(format!("{id} 不是工单"), format!("{id} is no ticket"));
        let ticket = reader.ticket(doc)?.ok_or_else(none)?;
        let found = view::duplicates(reader, registry, doc)?;
        Ok(json!({ "id": ticket.id.hex(), "number": ticket.number, "duplicates": to_value(&found)? }))
    };
    desk.read(read).await
}

async fn ticket(desk: &Desk, by: PersonId, id: String, ask: Option<reveal::Ask>) -> Result<Value, Problem> {
    let open = match ask {
        None => false,
        Some(ask) => {
            let what = id.clone();
            let doc = desk.read(move |reader, _| Ok(view::find(reader, &what)?.1)).await?;
            let way = ask.way.as_deref().and_then(Way::parse).filter(|way| *way != Way::Page).unwrap_or(Way::Api);
            reveal::reveal(desk, by, doc, way, &ask).await?
        }
    };
    let me = desk.me()?;
    let view = desk.read(move |reader, registry| {
        let author = people::author(registry, &me, Some(by));
        view::ticket(reader, registry, &me, &author, &id, open, clock::now())
    });
    to_value(&view.await?)
}

async fn reveals(desk: &Desk, id: Option<String>, of: Option<String>, limit: Option<usize>) -> Result<Value, Problem> {
    let of = match &of {
        Some(of) => Some(person(desk, Some(of)).await?),
        None => None,
    };
    let read = move |reader: &Reader, registry: &Registry| {
        let doc = id.map(|id| view::find(reader, &id)).transpose()?.map(|(doc, _)| doc);
        let filter = RevealFilter { doc, person: of };
        to_value(&reveal::list(reader, &registry.now(), filter, limit.unwrap_or(LIST_ROWS))?)
    };
    desk.read(read).await
}

async fn proposals(desk: &Desk, by: PersonId) -> Result<Value, Problem> {
    let me = desk.me()?;
    let read =
        desk.read(move |reader, registry| view::pending(reader, registry, &people::author(registry, &me, Some(by))));
    Ok(json!({ "proposals": read.await?, "registry": view::registry_proposals(&desk.registry(), by) }))
}

async fn article(desk: &Desk, by: PersonId, id: String) -> Result<Value, Problem> {
    let me = desk.me()?;
    let view = desk.read(move |reader, registry| {
        let author = people::author(registry, &me, Some(by));
        view::article(reader, registry, &me, &author, &id)
    });
    to_value(&view.await?)
}

async fn tickets(desk: &Desk, query: TicketQuery) -> Result<Value, Problem> {
    let now = clock::now();
    let read = move |reader: &Reader, registry: &Registry| {
        let filter = filter(registry, &query, now)?;
        let after = query.cursor.as_deref().map(cursor).transpose()?;
        let limit = query.limit.unwrap_or(LIST_ROWS);
        let rows = reader.tickets(&filter, after.as_ref(), limit)?;
        let next = rows.last().filter(|_| rows.len() == limit).map(|row| cursor_text(&row.cursor()));
        let at = registry.now();
        let lines: Vec<view::TicketLine> = rows.iter().map(|row| view::ticket_line(&at, row, now)).collect();
        let (total, recalculating) = (reader.ticket_count(&filter)?, reader.stale_count()?);
        Ok(json!({ "tickets": lines, "total": total, "cursor": next, "recalculating": recalculating }))
    };
    desk.read(read).await
}

fn filter(registry: &Registry, query: &TicketQuery, now: i64) -> Result<TicketFilter, Problem> {
    let state = match &query.state {
        None => None,
        Some(text) => {
            let state = regulation::TicketState::parse(text).ok_or_else(|| {
                let all: Vec<&str> = regulation::TicketState::ALL.iter().map(|state| state.names().0).collect();
                Problem::bad_input(
                    format!("没有这个状态：{text}；可用：{}", all.join(" ")),
                    format!("no state {text}; there are: {}", all.join(" ")),
                )
            })?;
            Some(state.names().0.to_owned())
        }
    };
    let unit = match &query.unit {
        None => None,
        Some(name) => {
            let (unit, _) = named::unit(registry, name)?;
            Some(UnitFilter { unit, part: None, open: Some(true) })
        }
    };
    let before = match &query.due_before {
        None => None,
        Some(text) => Some(clock::parse(text).ok_or_else(|| {
            Problem::bad_input(format!("--due-before 不是时间：{text}"), format!("--due-before is no time: {text}"))
        })?),
    };
    let due_before = if query.overdue { Some(before.map_or(now, |before| before.min(now))) } else { before };
    Ok(TicketFilter { state, unit, due_before, text: query.text.clone(), ..TicketFilter::default() })
}

fn cursor_text(cursor: &TicketCursor) -> String {
    let due = cursor.next_due.map_or_else(String::new, |due| due.to_string());
    format!("{due}~{}~{}", cursor.number, cursor.doc.0)
}

fn cursor(text: &str) -> Result<TicketCursor, Problem> {
    let wrong = || Problem::bad_input("翻页位置有误，请从第一页开始", "the cursor is wrong; begin with the first page");
    let mut parts = text.split('~');
    let (Some(due), Some(number), Some(doc), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let next_due = if due.is_empty() { None } else { Some(due.parse().map_err(|_| wrong())?) };
    Ok(TicketCursor { next_due, number: number.to_owned(), doc: DocNo(doc.parse().map_err(|_| wrong())?) })
}

async fn articles(desk: &Desk, text: Option<String>, limit: Option<usize>) -> Result<Value, Problem> {
    let read = move |reader: &Reader, registry: &Registry| {
        let (filter, limit) = (store::ArticleFilter::default(), limit.unwrap_or(LIST_ROWS));
        let rows = match &text {
            Some(text) => reader.search_articles(text, &filter, limit)?,
            None => reader.articles(&filter, None, limit)?,
        };
        let at = registry.now();
        to_value(&rows.iter().map(|row| view::article_line(&at, row)).collect::<Vec<_>>())
    };
    desk.read(read).await
}

async fn sync(desk: &Desk) -> Result<Value, Problem> {
    to_value(&view::sync_now(desk).await?)
}

async fn status(desk: &Desk) -> Result<Value, Problem> {
    let sync = view::sync_now(desk).await?;
    let figures = desk.read(|reader, _| Ok(reader.ticket_figures(None)?)).await?;
    let mut states: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for figure in figures {
        *states.entry(figure.state).or_default() += figure.tickets;
    }
    Ok(json!({
        "city": desk.registry().city(),
        "version": env!("CARGO_PKG_VERSION"),
        "started_at": clock::text(desk.started_at()),
        "commands": if desk.home().commands_open() { Commands::Open } else { Commands::SignedIn }.code(),
        "listening": desk.listening().map(|address| address.to_string()),
        "states": states.into_iter().map(|(state, count)| (state, json!(count))).collect::<serde_json::Map<_, _>>(),
        "sync": sync,
        "state": desk.alive().unwrap_or("stopped"),
        "last_fault": crate::fault::LastFault::read(desk.home().dir()),
    }))
}

/// Acts that are wrong and shown, at most.
const WRONG_MAX: usize = 100;

/// Acts are told to people, as far as this unit is shown them. To whoever has not signed in, how many there are.
async fn check_projections(desk: &Desk) -> Result<Value, Problem> {
    let read = |reader: &Reader, registry: &Registry| {
        let (off, docs) = (projections_off(reader, registry)?, kernel::read::docs(reader)?.len());
        Ok(json!({ "ok": off.is_empty(), "listed": docs, "off": off, "recalculating": reader.stale_count()? }))
    };
    desk.read(read).await
}

/// What lists and figures show otherwise than acts and counts say, in words, at most [`WRONG_MAX`].
fn projections_off(reader: &Reader, registry: &Registry) -> Result<Vec<String>, Problem> {
    let mut off = reader.figures_off()?;
    for doc in kernel::read::docs(reader)? {
        if off.len() >= WRONG_MAX {
            break;
        }
        off.extend(reader.holding(|| verify::listed(reader, registry, doc))??);
    }
    Ok(off)
}

async fn check(desk: &Desk, by: Option<PersonId>, id: Option<String>) -> Result<Value, Problem> {
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| {
        let Some(id) = id else {
            let (mut docs, mut acts, mut settled, mut wrong) = (0_u64, 0_u64, 0_u64, Vec::new());
            for doc in kernel::read::docs(reader)? {
                docs += 1;
                for mut act in verify::document(reader, registry, doc, unit)? {
                    acts += 1;
                    settled += u64::from(act.settled);
                    if !act.ok && wrong.len() < WRONG_MAX {
                        if by.is_none() || act.hidden {
                            act.kind.clear();
                        }
                        wrong.push(act);
                    }
                }
            }
            // Lists and searches stand on pages that no act was read from.
            let damaged = reader.check()?;
            let off =
                if wrong.is_empty() && damaged.is_empty() { projections_off(reader, registry)? } else { Vec::new() };
            let ok = wrong.is_empty() && damaged.is_empty() && off.is_empty();
            return Ok(json!({
                "ok": ok, "documents": docs, "acts": acts, "settled": settled, "wrong": wrong, "damaged": damaged,
                "off": off, "recalculating": reader.stale_count()?,
            }));
        };
        let (_, doc) = view::find(reader, &id)?;
        let mut acts = verify::document(reader, registry, doc, unit)?;
        let ok = acts.iter().all(|act| act.ok);
        acts.retain(|act| !act.hidden);
        let settled = acts.iter().filter(|act| act.settled).count();
        let mut told = json!({ "ok": ok, "count": acts.len(), "settled": settled });
        if by.is_some() {
            (told["id"], told["acts"]) = (json!(doc.hex()), to_value(&acts)?);
        }
        Ok(told)
    };
    let found = desk.read(read).await?;
    if let Some(first) = found["damaged"][0].as_str() {
        desk.found_damage(first);
    }
    Ok(found)
}
