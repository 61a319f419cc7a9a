//! 工作台: the tickets of the node's unit, what is due next first.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use regulation::{ActId, Author, Level, Millis, TicketState};
use replica::Registry;
use serde::Deserialize;
use store::{Attention, Past, Reader, Sought, TicketCursor, TicketFilter, TicketPage};

use super::frame::{Frame, page};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, Shared};
use desk::Desk;
use desk::clock;
use desk::problem::Problem;
use desk::view::{self, Concerns, FateView, TicketLine, registry_waits_for, ticket_line, waits_for};

/// The tab of what somebody has in hand himself, or covers for. It counts nothing: no figure is kept of people.
const MINE: &str = "mine";
/// Tickets on a page.
const ROWS: usize = 50;
/// The tab of what a unit has to take note of.
const HEEDS: &str = "heeds";
/// The tab of what a unit handled lately and has no part in any more.
const HANDLED: &str = "handled";

/// Which tickets are asked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    tab: String,
    /// Number of a search of this session.
    find: String,
    after: String,
}

/// A tab of the list.
struct Tab {
    code: &'static str,
    name: String,
    count: u64,
    /// Not everything was counted.
    more: bool,
    chosen: bool,
    alarm: bool,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    frame: Frame,
    tabs: Vec<Tab>,
    /// How much waits for this person to confirm it.
    pending: Concerns,
    /// Articles whose correction is overdue.
    corrections: u64,
    lines: Vec<TicketLine>,
    tab: String,
    text: String,
    /// Its number, as links have it.
    find: String,
    /// Where the next page begins.
    next: Option<String>,
    /// This is not the first page.
    further: bool,
}

/// `GET /`
pub(super) async fn show(
    State(app): State<Shared>,
    signed: Signed,
    Query(mut asked): Query<Asked>,
) -> Result<Response, Fail> {
    // Where the bar leads: a unit looks at what became of its own acts.
    if signed.author.level == Level::Unit && asked.tab == "overruled" && asked.find.is_empty() {
        asked.tab = HEEDS.to_owned();
    }
    let Some(text) = words(&app, &signed, &asked.find) else {
        return Ok(Redirect::to(&path(&asked.tab, "")).into_response());
    };
    let (wanted, sought, author, now) = (asked.clone(), text.clone(), signed.author.clone(), clock::now());
    let (person, desk) = (signed.person, app.desk.clone());
    let read = app.desk.read(move |reader, registry| {
        let mut found = find(&desk, (reader, registry), &wanted, &sought, &author, now)?;
        found.pending = waits_for(reader, &registry.now(), &author)?;
        let corrections = view::corrections_overdue(reader, &registry.now(), author.unit)?;
        Ok((found, registry_waits_for(registry, person), corrections))
    });
    let (found, of_registry, corrections) = read.await?;
    let Found { single, counts, page: TicketPage { rows, next }, mut fates, pending } = found;
    if let Some(id) = single {
        return Ok(Redirect::to(&format!("/tickets/{id}")).into_response());
    }
    let frame = Frame::of(&app, &signed, "queue", &path(&asked.tab, &asked.find)).await?;
    let registry = app.desk.registry();
    // What is archived needs nobody any more, whatever was decided on the way there.
    let shown = rows.iter().filter(|row| attention(&asked.tab).is_none() || row.state != "archived");
    let lines = shown.map(|row| TicketLine {
        fates: fates.remove(&row.id).unwrap_or_default(),
        ..ticket_line(&registry.now(), row, signed.author.unit, now)
    });
    page(&QueuePage {
        tabs: tabs(&counts, &asked.tab, &frame),
        pending: Concerns { confirms: pending.confirms + of_registry.confirms, all: pending.all + of_registry.all },
        corrections,
        lines: lines.collect(),
        next: next.map(|next| next.to_string()),
        further: !asked.after.is_empty(),
        tab: asked.tab,
        text,
        find: asked.find,
        frame,
    })
}

/// What the tabs count.
#[derive(Default)]
struct Counts {
    states: Vec<(String, u64)>,
    overruled: u64,
    conflicts: u64,
    overdue: u64,
    /// What a unit has to take note of: how many, and whether there may be more.
    heeds: Option<(u64, bool)>,
    /// The same of what it handled lately and has no part in any more.
    handled: Option<(u64, bool)>,
    /// Not everything was counted.
    more: bool,
}

impl Counts {
    /// Of everything that is shown it is kept; of what a search finds the newest are counted.
    fn of(reader: &Reader, all: &TicketFilter, now: Millis) -> Result<Self, Problem> {
        let (figures, overdue, more) = match &all.sought {
            None => (reader.ticket_figures(all.unit)?, reader.overdue_figure(all.unit, now)?, false),
            Some(_) => {
                let tallied = reader.tally(all, now)?;
                (tallied.figures, tallied.overdue, tallied.more)
            }
        };
        let mut counts = Self { overdue, more, ..Self::default() };
        for figure in figures {
            if figure.state != "archived" {
                counts.overruled += if figure.overruled { figure.tickets } else { 0 };
                counts.conflicts += if figure.conflicts { figure.tickets } else { 0 };
            }
            match counts.states.iter_mut().find(|(state, _)| *state == figure.state) {
                Some((_, count)) => *count += figure.tickets,
                None => counts.states.push((figure.state, figure.tickets)),
            }
        }
        Ok(counts)
    }
}

#[derive(Default)]
struct Found {
    /// A number was typed that is one ticket's.
    single: Option<String>,
    counts: Counts,
    page: TicketPage,
    /// What became of what the unit did, in lists of that.
    fates: BTreeMap<ActId, Vec<FateView>>,
    pending: Concerns,
}

fn find(
    desk: &Desk,
    (reader, registry): (&Reader, &Registry),
    asked: &Asked,
    text: &str,
    author: &Author,
    now: Millis,
) -> Result<Found, Problem> {
    // Hotlines see whatever they hold; a unit what it is in.
    let unit = (author.level == Level::Unit).then_some(author.unit);
    let sought = view::sought(reader, text, author, |by| desk.seeks(author.person, by))?;
    if let Some(Sought::Number(number)) = &sought
        && let [one] = reader.tickets_by_number(number)?.as_slice()
    {
        return Ok(Found { single: Some(one.id.hex()), ..Found::default() });
    }
    // What is looked for may be anywhere: all that is held is found.
    let unit = unit.filter(|_| sought.is_none());
    let all = TicketFilter { unit, sought, ..TicketFilter::default() };
    let now = store::overdue_before(now);
    let mut counts = Counts::of(reader, &all, now)?;
    for (past, count) in [(Past::Heeds, &mut counts.heeds), (view::handled_lately(now), &mut counts.handled)] {
        if unit.is_some() {
            let tallied = reader.tally(&TicketFilter { past: Some(past), ..all.clone() }, now)?;
            *count = Some((tallied.figures.iter().map(|figure| figure.tickets).sum(), tallied.more));
        }
    }
    let filter = match asked.tab.as_str() {
        "overdue" => TicketFilter { due_before: Some(now), ..all },
        MINE => {
            let handlers = author.person.map(|person| view::looks_after(reader, person, clock::now())).transpose()?;
            TicketFilter { handlers, ..all }
        }
        HEEDS | HANDLED if unit.is_some() => {
            let past = if asked.tab == HEEDS { Past::Heeds } else { view::handled_lately(now) };
            TicketFilter { past: Some(past), ..all }
        }
        tab => TicketFilter {
            attention: attention(tab),
            state: TicketState::parse(tab).map(|state| state.names().0.to_owned()),
            ..all
        },
    };
    let after: Option<TicketCursor> = asked.after.parse().ok();
    let page = reader.tickets(&filter, after.as_ref(), ROWS)?;
    let mut fates = BTreeMap::new();
    for row in page.rows.iter().filter(|_| filter.past.is_some()) {
        fates.insert(row.id, view::fates_of(reader, registry, author.unit, row.id)?);
    }
    Ok(Found { single: None, counts, page, fates, pending: Concerns::default() })
}

fn attention(tab: &str) -> Option<Attention> {
    match tab {
        "overruled" => Some(Attention::Overruled),
        "conflicts" => Some(Attention::Conflicts),
        _ => None,
    }
}

/// What must be looked at first, then the states in the order in which a ticket goes through them.
fn tabs(counts: &Counts, chosen: &str, frame: &Frame) -> Vec<Tab> {
    let more = counts.more;
    let tab = |code, name: String, count, alarm| Tab { code, name, count, more, chosen: code == chosen, alarm };
    let mut tabs = vec![
        tab("overruled", frame.t("需处理：未采用", "Look at: not adopted").to_owned(), counts.overruled, true),
        tab("conflicts", frame.t("需处理：冲突", "Look at: conflicts").to_owned(), counts.conflicts, true),
        tab("overdue", frame.t("逾期", "Overdue").to_owned(), counts.overdue, true),
    ];
    if let Some((count, more)) = counts.heeds {
        // Of what is in its hands too: a unit looks at what became of its own acts, not at all that fell.
        tabs[0] = Tab { more, ..tab(HEEDS, frame.t("需知悉", "Take note").to_owned(), count, true) };
    }
    tabs.retain(|tab| tab.count > 0 || tab.chosen || tab.more);
    let total = counts.states.iter().map(|(_, count)| count).sum();
    tabs.push(tab("", frame.t("全部", "All").to_owned(), total, false));
    for state in TicketState::ALL {
        let (code, chinese) = state.names();
        let count = counts.states.iter().find(|(known, _)| known == code).map_or(0, |(_, count)| *count);
        if count > 0 || code == chosen || more {
            tabs.push(tab(code, frame.name(code, chinese), count, false));
        }
    }
    if let Some((count, more)) = counts.handled {
        let name = frame.t("我办过", "Handled").to_owned();
        tabs.push(Tab { more, ..tab(HANDLED, name, count, false) });
    }
    tabs
}

/// The page, to come back to; what was searched for stands in it by its number alone.
fn path(tab: &str, find: &str) -> String {
    let plain = tab.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    match (if plain { tab } else { "" }, find) {
        ("", "") => "/".to_owned(),
        ("", find) => format!("/?find={find}"),
        (tab, "") => format!("/?tab={tab}"),
        (tab, find) => format!("/?tab={tab}&find={find}"),
    }
}

/// The words of a search of this session, empty for none; nothing if they are forgotten.
pub(super) fn words(app: &Shared, signed: &Signed, find: &str) -> Option<String> {
    if find.is_empty() {
        return Some(String::new());
    }
    app.trays.words(&signed.id, find.parse().ok()?)
}

/// `POST /search`
pub(super) async fn search(State(app): State<Shared>, Posted(signed, mut sent): Posted) -> Redirect {
    let (words, tab) = (sent.take("q"), sent.take("tab"));
    let find = if words.trim().is_empty() { String::new() } else { app.trays.search(&signed.id, &words).to_string() };
    Redirect::to(&path(&tab, &find))
}
