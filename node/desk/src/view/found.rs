//! What somebody looks for among tickets, and how many there are of it.

use regulation::Millis;
use store::{Queries, Sought, TicketFilter, overdue_before};

use crate::narrow::narrow;
use crate::problem::Problem;

/// Characters from which on what is typed may be the beginning of a number; less is a word.
const NUMBER_CHARS_MIN: usize = 6;

/// How many tickets there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(u64),
    /// So many were counted, and there may be more.
    AtLeast(u64),
}

/// What is looked for: the beginning of a number, if a ticket here has it, else words; nothing if it is blank.
///
/// # Errors
/// The database cannot be read.
pub fn sought(store: &Queries, text: &str) -> Result<Option<Sought>, Problem> {
    let text = text.trim();
    let number = narrow(text);
    let numbered =
        number.len() >= NUMBER_CHARS_MIN && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    Ok(match text {
        "" => None,
        _ if numbered && store.any_number(&number)? => Some(Sought::Number(number)),
        _ => Some(Sought::Words(text.to_owned())),
    })
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
        TicketFilter { sought: None, attention: None, due_before: None, handlers: None, unit, .. } => {
            Ok(Total::Exactly(sum(&store.ticket_figures(*unit)?)))
        }
        TicketFilter { sought: None, attention: None, due_before: Some(before), state: None, handlers: None, unit }
            if *before == overdue_before(now) =>
        {
            Ok(Total::Exactly(store.overdue_figure(*unit, now)?))
        }
        filter => {
            let tallied = store.tally(filter, now)?;
            let tickets = sum(&tallied.figures);
            Ok(if tallied.more { Total::AtLeast(tickets) } else { Total::Exactly(tickets) })
        }
    }
}
