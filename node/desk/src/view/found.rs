//! What somebody looks for among tickets, and how many there are of it.

use regulation::{Author, Level, Millis};
use store::{Key, Past, Queries, Sought, TicketFilter, overdue_before};

use crate::narrow::narrow;
use crate::problem::Problem;

/// Characters from which on what is typed may be the beginning of a number; less is a word.
const NUMBER_CHARS_MIN: usize = 6;
/// Characters from which on it may be the end of one, as people read it out.
const END_CHARS_MIN: usize = 4;
/// Characters from which on it may be a number at the source, or begin one.
const SOURCE_CHARS_MIN: usize = 3;
/// Characters up to which words may be a name.
const NAME_CHARS_MAX: usize = 12;
/// Digits from which on it may be a telephone.
const TELEPHONE_DIGITS_MIN: usize = 7;

/// How long what a unit did stays among what it handled, in days.
const HANDLED_DAYS: Millis = 90;

/// What a unit handled lately and has no part in any more.
#[must_use]
pub const fn handled_lately(now: Millis) -> Past {
    Past::Since(now - HANDLED_DAYS * 86_400_000)
}

/// How many tickets there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// So many were counted, and there may be more.
    AtLeast(u64),
}

/// What is looked for, the first of these that finds a ticket: the beginning or the end of its number, its number at the source,
/// for whoever may know it the requester's whole telephone or name, else words; nothing if it is blank.
///
/// `seeks` counts a search by a telephone, or by what may be a name.
///
/// # Errors
/// The database cannot be read, or `seeks` says that it is one too many.
pub fn sought(
    store: &Queries,
    text: &str,
    author: &Author,
    seeks: impl Fn(Key) -> Result<(), Problem>,
) -> Result<Option<Sought>, Problem> {
    let text = text.trim();
    let number = narrow(text);
    let numbered = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if text.is_empty() {
        return Ok(None);
    }
    if numbered && number.len() >= NUMBER_CHARS_MIN && store.any_number(&number)? {
        return Ok(Some(Sought::Number(number)));
    }
    let end = kernel::project::number_end(&number);
    let source = number.to_ascii_lowercase();
    // As it is kept, where it is one that can be dialled.
    let dialled = number.chars().all(|c| c.is_ascii_digit() || "+- ()".contains(c));
    let kept = crate::form::telephone(&number).filter(|_| dialled).unwrap_or_else(|| number.clone());
    let digits = kernel::requester::numbers(&kept).next().unwrap_or_default();
    let asks = may_ask_for_requesters(author);
    let keys = [
        (numbered && end.len() >= END_CHARS_MIN, Key::NumberEnd, end),
        (source.len() >= SOURCE_CHARS_MIN, Key::Source, source),
        (asks && dialled && digits.len() >= TELEPHONE_DIGITS_MIN, Key::Telephone, digits),
        (asks, Key::Name, text.to_owned()),
    ];
    // Of requesters whom not everybody may know the city alone is told.
    let of_city = author.level == Level::CityHotline;
    for (may, what, key) in keys {
        if may && (what == Key::Telephone || what == Key::Name && key.chars().count() <= NAME_CHARS_MAX) {
            seeks(what)?;
        }
        let restricted = of_city || matches!(what, Key::NumberEnd | Key::Source);
        if may && store.any_key(what, &key, restricted)? {
            return Ok(Some(Sought::Key { what, key, restricted }));
        }
    }
    Ok(Some(Sought::Words(text.to_owned())))
}

/// Whether somebody is shown requesters in his work, so that he may look for one.
fn may_ask_for_requesters(author: &Author) -> bool {
    author.roles.iter().any(|role| kernel::reveal::reveals_per_hour_max(*role) > 0)
}

/// How many tickets a filter finds: by what is kept, where that says it, and else as far as it is counted.
///
/// # Errors
/// The database cannot be read.
pub fn total(store: &Queries, filter: &TicketFilter, now: Millis) -> Result<Total, Problem> {
    let sum = |figures: &[store::TicketFigure]| {
        let wanted = figures.iter().filter(|figure| filter.state.as_ref().is_none_or(|state| figure.state == *state));
        wanted.map(|figure| figure.tickets).sum()
    };
    match filter {
        TicketFilter { sought: None, attention: None, due_before: None, past: None, handlers: None, unit, .. } => {
            Ok(Total::Exactly(sum(&store.ticket_figures(*unit)?)))
        }
        TicketFilter {
            sought: None,
            attention: None,
            due_before: Some(before),
            state: None,
            past: None,
            handlers: None,
            unit,
        } if *before == overdue_before(now) => Ok(Total::Exactly(store.overdue_figure(*unit, now)?)),
        filter => {
            let tallied = store.tally(filter, now)?;
            let tickets = sum(&tallied.figures);
            Ok(if tallied.more { Total::AtLeast(tickets) } else { Total::Exactly(tickets) })
        }
    }
}
