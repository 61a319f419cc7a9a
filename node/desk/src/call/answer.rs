//! The answers to calls.

use std::collections::BTreeMap;

use kernel::reveal::Way;
use kernel::{Command, Done};
use regulation::{ActId, Author, PersonId};
use replica::Registry;
use serde_json::Value;
use store::{Past, Reader, RevealFilter, TICKET_ROWS_MAX, TicketFilter};

use super::answers::{self, Verified};
use super::asker::person;
use super::days::{calendar, due_by, year_of};
use super::{Call, cover, duties, hub, password, questions as q, registry, session, times, told};
use crate::Desk;
use crate::config::Commands;
use crate::make::make;
use crate::narrow::narrow;
use crate::once::{By, RequestId};
use crate::problem::Problem;
use crate::reveal::RevealView;
use crate::{attached, clock, import, listed, named, people, report, reveal, verify, view};

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
        (None, _) | (_, Call::Act(_)) => None,
        (Some(request), call) => Some(request.of(call)?),
    };
    let by = By { person, once };
    if let Some(answered) = desk.answered(by).await? {
        return Ok(answered);
    }
    let told = answer_anew(desk, by, request.as_ref(), call).await?;
    desk.keep_answer(by, &told).await;
    Ok(told)
}

async fn answer_anew(desk: &Desk, by: By, request: Option<&RequestId>, call: Call) -> Result<Value, Problem> {
    let person = by.person;
    match call {
        Call::SignIn(asked) => told::<q::SignIn>(session::begin(desk, asked.login.as_deref(), &asked.password).await?),
        Call::SignOut(_) => told::<q::SignOut>(session::end(desk, known(person)?).await?),
        Call::Act(asked) => act(desk, known(person)?, request, asked).await,
        Call::Ticket(asked) => told::<q::Ticket>(ticket(desk, known(person)?, asked).await?),
        Call::File(asked) => told::<q::File>(file(desk, known(person)?, asked).await?),
        Call::Inspect(asked) => told::<q::Inspect>(inspect(desk, known(person)?, asked).await?),
        Call::Reveals(asked) => told::<q::Reveals>(reveals(desk, asked).await?),
        Call::Duplicates(asked) => told::<q::Duplicates>(duplicates(desk, asked.id).await?),
        Call::Proposals(_) => told::<q::Proposals>(proposals(desk, known(person)?).await?),
        Call::Cover(asked) => told::<q::Cover>(cover::cover(desk, known(person)?, asked).await?),
        Call::Tickets(asked) => told::<q::Tickets>(tickets(desk, known(person)?, asked).await?),
        Call::Article(asked) => told::<q::Article>(article(desk, known(person)?, asked.id).await?),
        Call::Articles(asked) => told::<q::Articles>(articles(desk, asked).await?),
        Call::Import(asked) => told::<q::Import>(imported(desk, known(person)?, asked).await?),
        Call::Sync(_) => told::<q::Sync>(view::sync_now(desk).await?),
        Call::Hurry(_) => {
            desk.hurry();
            told::<q::Hurry>(view::sync_now(desk).await?)
        }
        Call::Status(_) => told::<q::Status>(status(desk).await?),
        Call::Invite(asked) => told::<q::Invite>(registry::invite(desk, known(person)?, asked).await?),
        Call::Person(asked) => told::<q::Person>(registry::add_person(desk, by, asked).await?),
        Call::Roles(asked) => told::<q::Roles>(registry::change_roles(desk, by, &asked).await?),
        Call::Roster(asked) => told::<q::Roster>(registry::roster(desk, asked.limit.unwrap_or(LIST_ROWS)).await?),
        Call::Password(asked) => told::<q::Password>(password::set(desk, person, asked).await?),
        Call::Due(asked) => told::<q::Due>(due_by(calendar(&desk.registry())?, &asked.start, asked.days)?),
        Call::Year(asked) => told::<q::Year>(year_of(calendar(&desk.registry())?, asked.year)),
        Call::Calendar(asked) => told::<q::Calendar>(registry::import_calendar(desk, by, asked).await?),
        Call::Verify(asked) => told::<q::Verify>(verified(desk, person, asked).await?),
        Call::Report(asked) => {
            let (kind, unit) = (report::Kind::parse(&asked.kind)?, desk.me()?.device.unit);
            let period = narrow(&asked.period);
            let made = desk.read(move |reader, registry| {
                let wanted = (kind, period.as_str(), asked.cursor.as_deref());
                reader.holding(|| report::report(reader, registry, unit, wanted, clock::now()))?
            });
            told::<q::Report>(made.await?)
        }
        Call::Lock(asked) => told::<q::Lock>(report::lock::lock(desk, by, &narrow(&asked.period)).await?),
        Call::Decide(asked) => told::<q::Decide>(registry::decide(desk, by, asked).await?),
        Call::Terms(asked) => told::<q::Terms>(registry::set_terms(desk, by, &asked).await?),
        Call::Duties(asked) => told::<q::Duties>(duties::duties(desk, by, asked).await?),
        Call::Weights(asked) => told::<q::Weights>(registry::weigh(desk, by, &asked).await?),
        Call::Times(asked) => told::<q::Times>(times::times(desk, person, asked).await?),
        Call::VoidTimes(asked) => told::<q::VoidTimes>(times::void(desk, by, asked).await?),
        Call::Clock(asked) => {
            if let Some(shown) = asked.confirm {
                desk.ask_by(by, Command::ConfirmClock { shown }).await?;
            }
            let ms = clock::now();
            let doubtful = desk.status().clock_doubtful;
            told::<q::Clock>(answers::Clock { now: clock::text(ms), ms, doubtful })
        }
        Call::WaiveHub(asked) => told::<q::WaiveHub>(hub::waive(desk, person, asked).await?),
        Call::HubTickets(asked) => told::<q::HubTickets>(hub::tickets(desk, asked).await?),
        Call::RetireHub(asked) => told::<q::RetireHub>(hub::retire(desk, by, asked).await?),
        Call::Acknowledge(asked) => {
            let q::Acknowledge { kind, source } = asked;
            let asked = desk.ask(person, Command::Acknowledge { kind, source }).await;
            asked.map_err(|problem| match problem.status {
                404 => Problem::not_found(
                    "没有这条告警；jiesu alarm list 可列出",
                    "there is no such alarm; jiesu alarm list shows them",
                ),
                _ => problem,
            })?;
            told::<q::Acknowledge>(view::sync_now(desk).await?)
        }
        Call::Rebuild(_) => match desk.ask(person, Command::Rebuild).await? {
            Done::Documents(documents) => told::<q::Rebuild>(answers::Rebuilt { documents }),
            other => Err(Problem::fault(&format!("a rebuild that came to {other:?}"))),
        },
        Call::Units(_) => {
            let registry = desk.registry();
            let at = registry.now();
            told::<q::Units>(at.units().map(|(id, _)| view::UnitRef::of(&at, id)).collect())
        }
        Call::Categories(_) => {
            let registry = desk.registry();
            let category =
                |(code, name): &(String, String)| answers::Category { code: code.clone(), name: name.clone() };
            told::<q::Categories>(registry.now().categories().iter().map(category).collect())
        }
    }
}

/// Whoever asks: that somebody does was seen before.
fn known(by: Option<PersonId>) -> Result<PersonId, Problem> {
    by.ok_or_else(|| Problem::fault(&"a call without a person that needs one"))
}

async fn act(desk: &Desk, person: PersonId, request: Option<&RequestId>, asked: q::Act) -> Result<Value, Problem> {
    let q::Act { kind, id, fields } = asked;
    let kind = listed::kind(&kind)?;
    let doc = match id {
        None if kind.begins() => None,
        None => return Err(Problem::bad_input("请指明工单或知识条目", "name the ticket or article")),
        Some(id) => match ActId::parse(&narrow(&id)) {
            // Whether it is held here the kernel says.
            Some(id) => Some(id),
            None => Some(desk.read(move |reader, _| Ok(view::find(reader, &id)?.1)).await?),
        },
    };
    let once = request.map(|request| request.of_act(kind, doc, &fields)).transpose()?;
    let by = By { person: Some(person), once };
    if let Some(answered) = desk.answered(by).await? {
        return Ok(answered);
    }
    let (doc, act) = make(desk, person, once, kind, doc, fields).await?;
    let (begins, known) = (kind.begins() && !kind.of_knowledge(), act.is_none());
    let read = move |reader: &Reader, registry: &Registry| {
        let Some(row) = reader.doc_no(&doc)? else { return Ok((None, None)) };
        // Whoever writes a request down is told at once that it may be there already.
        let duplicates = if begins { Some(view::duplicates(reader, registry, row)?) } else { None };
        Ok((reader.ticket(row)?.map(|ticket| ticket.number), duplicates))
    };
    let (number, duplicates) = desk.read(read).await?;
    let made = answers::Made { id: doc.hex(), act: act.map(|act| act.hex()), number, known, duplicates };
    let changes = made.duplicates.is_some();
    let told = told::<q::Act>(made)?;
    // All the rest follows from what was made.
    if changes {
        desk.keep_answer(by, &told).await;
    }
    Ok(told)
}

async fn duplicates(desk: &Desk, id: String) -> Result<answers::Duplicates, Problem> {
    let read = move |reader: &Reader, registry: &Registry| {
        let (doc, _) = view::find(reader, &id)?;
        let none = || Problem::not_found(format!("{id} 不是工单"), format!("{id} is no ticket"));
        let ticket = reader.ticket(doc)?.ok_or_else(none)?;
        let duplicates = view::duplicates(reader, registry, doc)?;
        Ok(answers::Duplicates { id: ticket.id.hex(), number: ticket.number, duplicates })
    };
    desk.read(read).await
}

async fn ticket(desk: &Desk, by: PersonId, asked: q::Ticket) -> Result<view::TicketView, Problem> {
    let q::Ticket { id, reveal } = asked;
    let open = match reveal {
        None => false,
        Some(ask) => {
            let doc = doc_of(desk, &id).await?;
            crate::reveal::reveal(desk, by, doc, way_of(ask.way.as_deref()), &ask).await?
        }
    };
    let me = desk.me()?;
    let view = move |reader: &Reader, registry: &Registry| {
        let author = people::author(registry, &me, Some(by));
        view::ticket(reader, registry, &me, &author, &id, open, clock::now())
    };
    desk.read(view).await
}

async fn doc_of(desk: &Desk, id: &str) -> Result<ActId, Problem> {
    let id = id.to_owned();
    desk.read(move |reader, _| Ok(view::find(reader, &id)?.1)).await
}

/// By what something is shown: not by a page, whatever a program says.
fn way_of(way: Option<&str>) -> Way {
    way.and_then(Way::parse).filter(|way| *way != Way::Page).unwrap_or(Way::Api)
}

async fn file(desk: &Desk, by: PersonId, asked: q::File) -> Result<answers::File, Problem> {
    let doc = doc_of(desk, &asked.id).await?;
    let way = way_of(asked.reveal.way.as_deref());
    let (_, file) = attached::show(desk, by, doc, asked.digest.as_deref(), way, &asked.reveal).await?;
    Ok(answers::File { doc: doc.hex(), file })
}

async fn inspect(desk: &Desk, by: PersonId, asked: q::Inspect) -> Result<view::TicketView, Problem> {
    let q::Inspect { id, paper, purpose, way } = asked;
    let (way, doc) = (way_of(way.as_deref()), doc_of(desk, &id).await?);
    reveal::inspect(desk, by, doc, way, (&paper, &purpose)).await?;
    let me = desk.me()?;
    let view = move |reader: &Reader, registry: &Registry| {
        let author = people::author(registry, &me, Some(by));
        view::ticket(reader, registry, &me, &author, &doc.hex(), true, clock::now())
    };
    desk.read(view).await
}

async fn reveals(desk: &Desk, asked: q::Reveals) -> Result<Vec<RevealView>, Problem> {
    let q::Reveals { id, of, limit } = asked;
    let of = match &of {
        Some(of) => Some(person(desk, Some(of)).await?),
        None => None,
    };
    let read = move |reader: &Reader, registry: &Registry| {
        let doc = id.map(|id| view::find(reader, &id)).transpose()?.map(|(doc, _)| doc);
        let filter = RevealFilter { doc, person: of };
        reveal::list(reader, &registry.now(), filter, limit.unwrap_or(LIST_ROWS))
    };
    desk.read(read).await
}

async fn proposals(desk: &Desk, by: PersonId) -> Result<answers::Proposals, Problem> {
    let me = desk.me()?;
    let read = move |reader: &Reader, registry: &Registry| {
        let proposals = view::pending(reader, registry, &people::author(registry, &me, Some(by)))?;
        let registry = view::registry_proposals(registry, &view::FirstBy::read(reader)?, by);
        Ok(answers::Proposals { proposals, registry })
    };
    desk.read(read).await
}

async fn article(desk: &Desk, by: PersonId, id: String) -> Result<view::ArticleView, Problem> {
    let me = desk.me()?;
    let view = move |reader: &Reader, registry: &Registry| {
        let author = people::author(registry, &me, Some(by));
        view::article(reader, registry, &me, &author, &id)
    };
    desk.read(view).await
}

async fn tickets(desk: &Desk, by: PersonId, query: q::Tickets) -> Result<answers::Tickets, Problem> {
    let (me, now, door) = (desk.me()?, clock::now(), desk.clone());
    let read = move |reader: &Reader, registry: &Registry| {
        let author = people::author(registry, &me, Some(by));
        let mut filter = filter(&door, (reader, registry), &query, (&author, now))?;
        if query.mine {
            filter.handlers = Some(view::looks_after(reader, by, now)?);
        }
        let wrong =
            |_| Problem::bad_input("翻页位置有误，请从第一页开始", "the cursor is wrong; begin with the first page");
        let after = query.cursor.as_deref().map(str::parse).transpose().map_err(wrong)?;
        // As many as the store gives: whoever asked for more is told where the rest begins.
        let limit = query.limit.unwrap_or(LIST_ROWS).clamp(1, TICKET_ROWS_MAX);
        let page = reader.tickets(&filter, after.as_ref(), limit)?;
        let at = registry.now();
        let mut tickets: Vec<_> =
            page.rows.iter().map(|row| view::ticket_line(&at, row, me.device.unit, now)).collect();
        if filter.past.is_some() {
            for (line, row) in tickets.iter_mut().zip(&page.rows) {
                line.fates = view::fates_of(reader, registry, author.unit, row.id)?;
            }
        }
        let (total, at_least) = match view::total(reader, &filter, now)? {
            view::Total::Exactly(total) => (total, false),
            view::Total::AtLeast(total) => (total, true),
        };
        let recalculating = reader.stale_count()?;
        let cursor = page.next.map(|next| next.to_string());
        Ok(answers::Tickets { tickets, total, at_least, cursor, recalculating })
    };
    desk.read(read).await
}

fn filter(
    desk: &Desk,
    (reader, registry): (&Reader, &Registry),
    query: &q::Tickets,
    (author, now): (&Author, i64),
) -> Result<TicketFilter, Problem> {
    let state = match &query.state {
        None => None,
        Some(text) => {
            let state = listed::state(text)?;
            Some(state.names().0.to_owned())
        }
    };
    let past = match (query.heeds, query.handled) {
        (true, _) => Some(Past::Heeds),
        (false, true) => Some(view::handled_lately(now)),
        (false, false) => None,
    };
    let unit = match &query.unit {
        None => past.map(|_| author.unit),
        Some(name) => {
            let (unit, _) = named::unit(registry, name)?;
            Some(unit)
        }
    };
    let before = match &query.due_before {
        None => None,
        Some(text) => Some(clock::parse(text).ok_or_else(|| {
            Problem::bad_input(format!("--due-before 不是时间：{text}"), format!("--due-before is no time: {text}"))
        })?),
    };
    // To the minute, as it is counted.
    let over = query.overdue.then(|| store::overdue_before(now));
    let due_before = before.into_iter().chain(over).min();
    let seek = |text: &str| view::sought(reader, text, author, |by| desk.seeks(author.person, by));
    let sought = query.text.as_deref().map(seek).transpose()?.flatten();
    Ok(TicketFilter { state, unit, due_before, attention: None, past, sought, handlers: None })
}

async fn articles(desk: &Desk, asked: q::Articles) -> Result<Vec<view::ArticleLine>, Problem> {
    let (q::Articles { text, limit, corrections }, unit) = (asked, desk.me()?.device.unit);
    let read = move |reader: &Reader, registry: &Registry| {
        let (filter, limit, at) = (store::ArticleFilter::default(), limit.unwrap_or(LIST_ROWS), registry.now());
        let rows = match &text {
            _ if corrections => reader.corrections(view::corrections_of(&at, unit), None, limit)?,
            Some(text) => reader.search_articles(text, &filter, limit)?,
            None => reader.articles(&filter, None, limit)?,
        };
        rows.iter().map(|row| view::article_line(reader, &at, row)).collect()
    };
    desk.read(read).await
}

async fn imported(desk: &Desk, person: PersonId, asked: q::Import) -> Result<answers::Import, Problem> {
    use import::history::{Step, confirm, list};
    let q::Import { rows, dry_run, history, after } = asked;
    match history {
        Some(Step::List) => list(desk, after).await.map(answers::Import::Waiting),
        Some(Step::Confirm) => confirm(desk, person).await.map(answers::Import::Filed),
        taken => {
            let way = import::Way { dry_run, history: taken.is_some() };
            import::rows(desk, person, rows, way).await.map(answers::Import::Rows)
        }
    }
}

async fn status(desk: &Desk) -> Result<answers::Status, Problem> {
    let sync = view::sync_now(desk).await?;
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| {
        let corrections = view::corrections_overdue(reader, &registry.now(), unit)?;
        Ok((reader.ticket_figures(None)?, corrections))
    };
    let (figures, corrections_overdue) = desk.read(read).await?;
    let mut states: BTreeMap<String, u64> = BTreeMap::new();
    for figure in figures {
        *states.entry(figure.state).or_default() += figure.tickets;
    }
    let unsplit = view::splits(&desk.registry().now(), unit).len();
    let commands = if desk.home().commands_open() { Commands::Open } else { Commands::SignedIn };
    Ok(answers::Status {
        city: desk.registry().city().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: clock::text(desk.started_at()),
        commands: commands.code().to_owned(),
        listening: desk.listening().map(|address| address.to_string()),
        states,
        sync,
        unsplit,
        corrections_overdue,
        // A node that was found damaged meanwhile has no state to show.
        state: desk.alive()?.to_owned(),
        last_fault: crate::fault::LastFault::read(desk.home().dir()),
    })
}

/// Acts that are wrong and shown, at most.
const WRONG_MAX: usize = 100;

async fn verified(desk: &Desk, by: Option<PersonId>, asked: q::Verify) -> Result<Verified, Problem> {
    match asked {
        q::Verify { projections: true, .. } => listed(desk).await,
        q::Verify { id: Some(id), .. } => document(desk, by, id).await,
        q::Verify { id: None, .. } => everything(desk, by).await,
    }
}

async fn listed(desk: &Desk) -> Result<Verified, Problem> {
    let read = |reader: &Reader, registry: &Registry| {
        let mut listed = 0;
        let off = projections_off(reader, registry, &mut listed)?;
        Ok(Verified::Listed { ok: off.is_empty(), listed, off, recalculating: reader.stale_count()? })
    };
    desk.read(read).await
}

/// What lists and figures show otherwise than acts and counts say, in words, at most [`WRONG_MAX`], and of how many documents.
fn projections_off(reader: &Reader, registry: &Registry, docs: &mut usize) -> Result<Vec<String>, Problem> {
    let mut off = reader.figures_off()?;
    kernel::read::each_doc(reader, |doc| {
        *docs += 1;
        if off.len() < WRONG_MAX {
            off.extend(reader.holding(|| verify::listed(reader, registry, doc))??);
        }
        Ok::<_, Problem>(())
    })?;
    Ok(off)
}

/// Acts are told to people, as far as this unit is shown them. To whoever has not signed in, how many there are.
async fn everything(desk: &Desk, by: Option<PersonId>) -> Result<Verified, Problem> {
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| {
        let (mut documents, mut acts, mut settled, mut wrong) = (0_u64, 0_u64, 0_u64, Vec::new());
        kernel::read::each_doc(reader, |doc| {
            documents += 1;
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
            Ok::<_, Problem>(())
        })?;
        // Lists and searches stand on pages that no act was read from.
        let damaged = reader.check()?;
        let sound = wrong.is_empty() && damaged.is_empty();
        let off = if sound { projections_off(reader, registry, &mut 0)? } else { Vec::new() };
        let ok = wrong.is_empty() && damaged.is_empty() && off.is_empty();
        let recalculating = reader.stale_count()?;
        Ok((
            damaged.first().cloned(),
            Verified::Everything { ok, documents, acts, settled, wrong, damaged, off, recalculating },
        ))
    };
    let (damage, found) = desk.read(read).await?;
    if let Some(first) = damage {
        desk.found_damage(&first);
    }
    Ok(found)
}

async fn document(desk: &Desk, by: Option<PersonId>, id: String) -> Result<Verified, Problem> {
    let unit = desk.me()?.device.unit;
    let read = move |reader: &Reader, registry: &Registry| {
        let (_, doc) = view::find(reader, &id)?;
        let mut acts = verify::document(reader, registry, doc, unit)?;
        let ok = acts.iter().all(|act| act.ok);
        acts.retain(|act| !act.hidden);
        let (count, settled) = (acts.len(), acts.iter().filter(|act| act.settled).count());
        let signed_in = by.is_some();
        Ok(Verified::Document { ok, count, settled, id: signed_in.then(|| doc.hex()), acts: signed_in.then_some(acts) })
    };
    desk.read(read).await
}
