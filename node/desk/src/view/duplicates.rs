//! 疑似重复: other tickets that a ticket seems to repeat.

use kernel::duplicates::Likeness;
use replica::{Field, Registry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{DocNo, Queries};

use super::act::value_name;
use crate::clock;
use crate::problem::Problem;

/// A ticket that another one seems to repeat, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DuplicateView {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    #[schemars(extend("enum" = crate::shapes::ticket_states()))]
    pub state: String,
    /// Where it stands, for screens.
    pub state_name: String,
    /// Its place for screens.
    pub place_name: String,
    /// When it was raised.
    pub raised_at: String,
    /// How like title and content are, in percent.
    pub likeness: u8,
    /// Both have the same number in the same other system.
    pub same_number: bool,
    /// The category is the same.
    pub same_category: bool,
    /// The place is the same, or one lies in the other.
    pub same_place: bool,
    /// Why it is suggested, in a few words.
    pub why: String,
    /// The same in English.
    pub why_en: String,
}

/// The tickets held here that a ticket seems to repeat, the likest first.
///
/// # Errors
/// The database cannot be read.
pub fn duplicates(store: &Queries, registry: &Registry, doc: DocNo) -> Result<Vec<DuplicateView>, Problem> {
    let at = registry.now();
    let found = kernel::duplicates::duplicates(store, &at, doc)?;
    let view = |found: &kernel::duplicates::Duplicate| {
        let row = &found.ticket;
        let state = regulation::TicketState::parse(&row.state);
        let (why, why_en) = why(found.likeness);
        DuplicateView {
            id: row.id.hex(),
            number: row.number.clone(),
            title: row.title.clone(),
            state: row.state.clone(),
            state_name: state.map_or_else(|| row.state.clone(), |state| state.names().1.to_owned()),
            place_name: value_name(&at, Field::Place, &row.place),
            raised_at: clock::text(row.raised_at),
            likeness: found.likeness.percent,
            same_number: found.likeness.same_number,
            same_category: found.likeness.same_category,
            same_place: found.likeness.same_place,
            why,
            why_en,
        }
    };
    Ok(found.iter().map(view).collect())
}

fn why(likeness: Likeness) -> (String, String) {
    let (mut chinese, mut english) = (Vec::new(), Vec::new());
    for (set, zh, en) in [
        (likeness.same_number, "来源系统和编号相同", "same number in the other system"),
        (likeness.same_category, "事项分类相同", "same category"),
        (likeness.same_place, "地点相同或相近", "same place"),
    ] {
        if set {
            chinese.push(zh.to_owned());
            english.push(en.to_owned());
        }
    }
    chinese.push(format!("内容相近 {}%", likeness.percent));
    english.push(format!("text alike {}%", likeness.percent));
    (chinese.join("、"), english.join(", "))
}
