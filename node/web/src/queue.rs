//! 工作台: the tickets of the node's unit, what is due next first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use regulation::{Author, Level, Millis, TicketState, UnitId};
use serde::Deserialize;
use store::{Attention, DocNo, Reader, TicketCursor, TicketFilter, TicketRow, UnitFilter};

use super::frame::{Frame, page};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, Shared};
use desk::clock;
use desk::problem::Problem;
use desk::view::{Concerns, TicketLine, registry_waits_for, ticket_line, waits_for};

/// Tickets on a page.
const ROWS: usize = 50;

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
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    let Some(text) = words(&app, &signed, &asked.find) else {
        return Ok(Redirect::to(&path(&asked.tab, "")).into_response());
    };
    let (wanted, sought, author, now) = (asked.clone(), text.clone(), signed.author.clone(), clock::now());
    let person = signed.person;
    let read = app.desk.read(move |reader, registry| {
        let mut found = find(reader, &wanted, &sought, &author, now)?;
        found.pending = waits_for(reader, &registry.now(), &author)?;
        Ok((found, registry_waits_for(registry, person)))
    });
    let (found, of_registry) = read.await?;
    let Found { single, counts, rows, pending } = found;
    if let Some(id) = single {
        return Ok(Redirect::to(&format!("/tickets/{id}")).into_response());
    }
    let frame = Frame::of(&app, &signed, "queue", &path(&asked.tab, &asked.find)).await?;
    let registry = app.desk.registry();
    let next = rows.get(ROWS - 1).map(|row| cursor_text(&row.cursor()));
    // What is archived needs nobody any more, whatever was decided on the way there.
    let shown = rows.iter().filter(|row| attention(&asked.tab).is_none() || row.state != "archived");
    let lines = shown.map(|row| ticket_line(&registry.now(), row, now)).collect();
    page(&QueuePage {
        tabs: tabs(&counts, &asked.tab, &frame),
        pending: Concerns { confirms: pending.confirms + of_registry.confirms, all: pending.all + of_registry.all },
        lines,
        next,
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
}

impl Counts {
    /// Of everything that a unit is shown, as it is kept.
    fn of_unit(reader: &Reader, unit: Option<UnitId>, now: Millis) -> Result<Self, Problem> {
        let mut counts = Self { overdue: reader.overdue_figure(unit, now)?, ..Self::default() };
        for figure in reader.ticket_figures(unit)? {
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

    /// Of what a search finds.
    fn of_search(reader: &Reader, all: &TicketFilter, now: Millis) -> Result<Self, Problem> {
        let open = |attention| -> Result<u64, Problem> {
            let states = reader.ticket_states(&TicketFilter { attention: Some(attention), ..all.clone() })?;
            Ok(states.iter().filter(|(state, _)| state != "archived").map(|(_, count)| count).sum())
        };
        Ok(Self {
            states: reader.ticket_states(all)?,
            overruled: open(Attention::Overruled)?,
            conflicts: open(Attention::Conflicts)?,
            overdue: reader.ticket_count(&TicketFilter { due_before: Some(now), ..all.clone() })?,
        })
    }
}

struct Found {
    /// A number was typed that is one ticket's.
    single: Option<String>,
    counts: Counts,
    rows: Vec<TicketRow>,
    pending: Concerns,
}

fn find(reader: &Reader, asked: &Asked, sought: &str, author: &Author, now: Millis) -> Result<Found, Problem> {
    // Hotlines see whatever they hold; a unit what it is in.
    let unit = (author.level == Level::Unit).then_some(UnitFilter { unit: author.unit, part: None, open: Some(true) });
    let text = Some(sought.to_owned()).filter(|text| !text.is_empty());
    let single = match &text {
        Some(text) => match reader.tickets_by_number(text)?.as_slice() {
            [one] => Some(one.id.hex()),
            _ => None,
        },
        None => None,
    };
    let all = TicketFilter { unit, text, ..TicketFilter::default() };
    let now = store::overdue_before(now);
    let counts = match &all.text {
        Some(_) => Counts::of_search(reader, &all, now)?,
        None => Counts::of_unit(reader, unit.map(|unit| unit.unit), now)?,
    };
    let filter = match asked.tab.as_str() {
        "overdue" => TicketFilter { due_before: Some(now), ..all },
        tab => TicketFilter {
            attention: attention(tab),
            state: TicketState::parse(tab).map(|state| state.names().0.to_owned()),
            ..all
        },
    };
    let rows = reader.tickets(&filter, cursor_of(&asked.after).as_ref(), ROWS)?;
    Ok(Found { single, counts, rows, pending: Concerns::default() })
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
    let tab = |code, name: String, count, alarm| Tab { code, name, count, chosen: code == chosen, alarm };
    let mut tabs = vec![
        tab("overruled", frame.t("需处理：未采用", "Look at: not adopted").to_owned(), counts.overruled, true),
        tab("conflicts", frame.t("需处理：冲突", "Look at: conflicts").to_owned(), counts.conflicts, true),
        tab("overdue", frame.t("逾期", "Overdue").to_owned(), counts.overdue, true),
    ];
    tabs.retain(|tab| tab.count > 0 || tab.chosen);
    let total = counts.states.iter().map(|(_, count)| count).sum();
    tabs.push(tab("", frame.t("全部", "All").to_owned(), total, false));
    for state in TicketState::ALL {
        let (code, chinese) = state.names();
        let count = counts.states.iter().find(|(known, _)| known == code).map_or(0, |(_, count)| *count);
        if count > 0 || code == chosen {
            tabs.push(tab(code, frame.name(code, chinese), count, false));
        }
    }
    tabs
}

fn cursor_text(cursor: &TicketCursor) -> String {
    let due = cursor.next_due.map(|due| due.to_string()).unwrap_or_default();
    format!("{due}~{}~{}", cursor.doc.0, cursor.number)
}

fn cursor_of(text: &str) -> Option<TicketCursor> {
    let mut fields = text.splitn(3, '~');
    let (due, doc, number) = (fields.next()?, fields.next()?, fields.next()?);
    let next_due = if due.is_empty() { None } else { Some(due.parse().ok()?) };
    Some(TicketCursor { next_due, number: number.to_owned(), doc: DocNo(doc.parse().ok()?) })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_is_read_as_it_was_written() {
        for next_due in [None, Some(1_793_582_400_000), Some(-1)] {
            let cursor = TicketCursor { next_due, number: "130600-001-20261102-00001-X".to_owned(), doc: DocNo(7) };
            assert_eq!(cursor_of(&cursor_text(&cursor)), Some(cursor));
        }
        for text in ["", "~", "a~1~x", "1~b~x", "1~2"] {
            assert_eq!(cursor_of(text), None, "{text}");
        }
    }
}
