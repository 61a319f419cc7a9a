//! 疑似重复: other tickets that seem to say the same, for a person to merge or not. Nothing is decided by it.
//!
//! The regulation has no rule of duplicates; the project's ruling is: same matter and place within thirty days. It is
//! computed whenever it is asked for, from what is held here: another node may hold more, and suggest more.

use std::collections::{BTreeMap, BTreeSet};

use regulation::act::Agree;
use regulation::{ActId, ActKind, Millis, TicketState, table};
use replica::registry::At;
use replica::{Act, PartKind};
use store::{DocNo, Matter, NEAR_ROWS_MAX, NearRow, Queries, TicketRow, pairs_of};

use crate::Fault;
use crate::read;

/// Tickets further apart than this are not the same request, in days.
pub const DAYS_MAX: i64 = 30;
/// Suggestions for one ticket.
pub const SUGGESTIONS_MAX: usize = 10;
/// Tickets whose whole text is read for one ticket, those with the likest titles.
const READ_TICKETS_MAX: usize = 100;
/// Milliseconds of a day.
const DAY_MS: Millis = 86_400_000;

/// How like the texts must be, in percent, where the place is the same. Of 20,000 pairs of unrelated messages of one
/// city 999 in 1,000 are below 21, of messages about one building site half are above 25.
pub const SAME_PLACE_PERCENT_MIN: u8 = 18;
/// Where the category is the same and one of the places is not known.
pub const SAME_CATEGORY_PERCENT_MIN: u8 = 22;
/// Where neither can be compared.
pub const TEXT_ALONE_PERCENT_MIN: u8 = 35;
/// Two contents that have less in common are of two matters, however like the titles: those often name but the place.
pub const CONTENT_PERCENT_MIN: u8 = 4;
/// Two places in words are like from so many percent of common pairs on.
const PLACE_PERCENT_MIN: u8 = 50;

/// What a ticket is about, ready to be compared.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Code of the category; empty where it has none.
    pub category: String,
    /// Code or words of the place; empty where it has none.
    pub place: String,
    /// Pairs of the title.
    pub title: BTreeSet<[char; 2]>,
    /// Pairs of the content.
    pub content: BTreeSet<[char; 2]>,
}

/// Why two tickets seem to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likeness {
    /// Both have the same number in the same other system.
    pub same_number: bool,
    /// How like title and content are.
    pub percent: u8,
    /// The place is the same, or one lies in the other.
    pub same_place: bool,
    /// The category is the same.
    pub same_category: bool,
}

/// A suggestion.
#[derive(Clone, Debug)]
pub struct Duplicate {
    /// The other ticket.
    pub ticket: TicketRow,
    /// Why.
    pub likeness: Likeness,
}

impl Subject {
    /// A ticket of these texts.
    #[must_use]
    pub fn new(category: &str, place: &str, title: &str, content: &str) -> Self {
        let (category, place) = (category.to_owned(), place.to_owned());
        Self { category, place, title: pairs_of(title), content: pairs_of(content) }
    }

    /// Whether the other says the same, and how much of it. `name` gives the words for the code of a place.
    #[must_use]
    pub fn alike(&self, other: &Self, name: &dyn Fn(&str) -> String) -> Option<Likeness> {
        let same_category = known(&self.category, &other.category).then(|| self.category == other.category);
        let same_place = known(&self.place, &other.place).then(|| like_place(&self.place, &other.place, name));
        if same_category == Some(false) || same_place == Some(false) {
            return None;
        }
        let percent = self.percent(other);
        let least = match (same_place, same_category) {
            (Some(true), _) => SAME_PLACE_PERCENT_MIN,
            (_, Some(true)) => SAME_CATEGORY_PERCENT_MIN,
            _ => TEXT_ALONE_PERCENT_MIN,
        };
        let likeness = Likeness {
            same_number: false,
            percent,
            same_place: same_place == Some(true),
            same_category: same_category == Some(true),
        };
        (percent >= least).then_some(likeness)
    }

    /// The mean of both likenesses: a title says in a few words what the matter is, the content says it at length.
    fn percent(&self, other: &Self) -> u8 {
        let (title, content) = (common(&self.title, &other.title), common(&self.content, &other.content));
        if content < CONTENT_PERCENT_MIN && !self.content.is_empty() && !other.content.is_empty() {
            return 0;
        }
        u8::try_from((u16::from(title) + u16::from(content)) / 2).unwrap_or(100)
    }
}

/// Whether both are known, so that they can differ.
fn known(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty()
}

/// Common pairs among all, in percent (Dice).
fn common(a: &BTreeSet<[char; 2]>, b: &BTreeSet<[char; 2]>) -> u8 {
    let both = 200 * a.intersection(b).count();
    both.checked_div(a.len() + b.len()).map_or(0, |percent| u8::try_from(percent).unwrap_or(100))
}

/// The same place, one inside the other, or nearly the same words.
fn like_place(a: &str, b: &str, name: &dyn Fn(&str) -> String) -> bool {
    if code(a) && code(b) {
        return a.starts_with(b) || b.starts_with(a);
    }
    let (a, b) = (name(a), name(b));
    let within = |part: &str, whole: &str| part.chars().count() > 1 && whole.contains(part);
    a == b || within(&a, &b) || within(&b, &a) || common(&pairs_of(&a), &pairs_of(&b)) >= PLACE_PERCENT_MIN
}

/// Words for the codes of divisions.
fn names<'a>(at: &At<'a>) -> BTreeMap<&'a str, &'a str> {
    at.units().filter_map(|(_, unit)| Some((unit.code.split('-').next()?, unit.short.as_str()))).collect()
}

/// Category and place of a ticket, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub category: String,
    pub place: String,
}

/// Whether two tickets are of one place, and of one category.
pub(crate) fn agree(at: &At<'_>, one: &Known, other: &Known) -> (Agree, Agree) {
    let names = names(at);
    let name = |place: &str| names.get(place).map_or_else(|| place.to_owned(), |name| (*name).to_owned());
    let said = |a: &str, b: &str, same: &dyn Fn() -> bool| match known(a, b).then(same) {
        None => Agree::Unknown,
        Some(true) => Agree::Same,
        Some(false) => Agree::Other,
    };
    let place = said(&one.place, &other.place, &|| like_place(&one.place, &other.place, &name));
    (place, said(&one.category, &other.category, &|| one.category == other.category))
}

/// Whether a place is the code of a division.
fn code(place: &str) -> bool {
    place.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a ticket in that state may still be merged into another.
#[must_use]
pub fn mergeable(state: &str) -> bool {
    let state = TicketState::parse(state);
    table::row(ActKind::Merge).is_some_and(|row| state.is_some_and(|state| row.from.contains(&state)))
}

/// Whether another ticket can be one that this one repeats: whatever it came to, unless it came to nothing.
fn counts(state: &str) -> bool {
    !matches!(TicketState::parse(state), None | Some(TicketState::Merged | TicketState::Withdrawn))
}

/// The tickets held here that a ticket seems to repeat, the likest first, at most [`SUGGESTIONS_MAX`]. Empty if it may
/// not be merged any more.
///
/// # Errors
/// The database cannot be read.
pub fn duplicates(store: &Queries, at: &At<'_>, doc: DocNo) -> Result<Vec<Duplicate>, Fault> {
    let Some(ticket) = store.ticket(doc)?.filter(|ticket| mergeable(&ticket.state)) else { return Ok(Vec::new()) };
    let content = content(store, ticket.id)?;
    let subject = Subject::new(&ticket.category, &ticket.place, &ticket.title, &content);
    let names = names(at);
    let name = |place: &str| names.get(place).map_or_else(|| place.to_owned(), |name| (*name).to_owned());
    let mut found = Vec::new();
    // One number of another system is one request there, whatever the words: two units have written it down.
    let same_number = store.same_external(doc)?;
    for other in &same_number {
        let Some(row) = store.ticket(*other)?.filter(|row| counts(&row.state)) else { continue };
        let other = Subject::new(&row.category, &row.place, &row.title, &self::content(store, row.id)?);
        let likeness =
            Likeness { same_number: true, percent: subject.percent(&other), same_place: false, same_category: false };
        found.push((likeness, row.raised_at.abs_diff(ticket.raised_at), row.doc));
    }
    for (_, row) in likest_titles(store, &ticket, &subject.title)? {
        let other = Subject::new(&row.category, &row.place, &row.title, &self::content(store, row.id)?);
        if let Some(likeness) = subject.alike(&other, &name).filter(|_| !same_number.contains(&row.doc)) {
            found.push((likeness, row.raised_at.abs_diff(ticket.raised_at), row.doc));
        }
    }
    found.sort_by_key(|(likeness, apart, doc)| (std::cmp::Reverse(*likeness), *apart, *doc));
    let mut duplicates = Vec::new();
    for (likeness, _, doc) in found.into_iter().take(SUGGESTIONS_MAX) {
        duplicates.extend(store.ticket(doc)?.map(|ticket| Duplicate { ticket, likeness }));
    }
    Ok(duplicates)
}

/// Tickets of the same matter or place at about the time, those with the likest titles.
fn likest_titles(
    store: &Queries,
    ticket: &TicketRow,
    title: &BTreeSet<[char; 2]>,
) -> Result<Vec<(u8, NearRow)>, Fault> {
    let mut matters = vec![Matter::Category(""), Matter::Place(&ticket.place)];
    if !ticket.category.is_empty() {
        matters.push(Matter::Category(&ticket.category));
    }
    let mut near: BTreeMap<DocNo, (u8, NearRow)> = BTreeMap::new();
    for matter in matters {
        for row in store.tickets_near(matter, ticket.raised_at, DAYS_MAX * DAY_MS, NEAR_ROWS_MAX)? {
            if row.doc != ticket.doc && counts(&row.state) {
                near.entry(row.doc).or_insert_with(|| (common(title, &pairs_of(&row.title)), row));
            }
        }
    }
    let mut likest: Vec<(u8, NearRow)> = near.into_values().collect();
    likest.sort_by_key(|(percent, row)| (std::cmp::Reverse(*percent), row.raised_at.abs_diff(ticket.raised_at)));
    likest.truncate(READ_TICKETS_MAX);
    Ok(likest)
}

/// What was asked, as it was written down.
fn content(store: &Queries, id: ActId) -> Result<String, Fault> {
    let Some(row) = store.act(&id)? else { return Ok(String::new()) };
    let act = Act::decode(&row.bytes).map_err(|error| Fault::Inconsistent(format!("{id:?}: {error}")))?;
    let sealed = read::sealed(&row)?;
    let part = sealed.parts.iter().find(|part| part.kind == PartKind::Text);
    // A content that is not here is not compared: nothing but bars would be like nothing but bars.
    Ok(part.and_then(|part| act.part(PartKind::Text)?.segment(1, Some(part))).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMP: (&str, &str) =
        ("义安镇东街路灯不亮", "东街从小学到卫生院的路灯坏了三天，晚上孩子放学看不见路，请尽快维修。");

    fn subject(category: &str, place: &str, (title, content): (&str, &str)) -> Subject {
        Subject::new(category, place, title, content)
    }

    fn check(a: &Subject, b: &Subject) -> Option<Likeness> {
        let name = |place: &str| if place == "130608103" { "义安镇".to_owned() } else { place.to_owned() };
        let there = a.alike(b, &name);
        assert_eq!(there, b.alike(a, &name), "likeness goes both ways");
        there
    }

    #[test]
    fn messages_of_one_matter_and_place_are_alike_and_others_are_not() {
        for (expected, title, content) in [
            (true, LAMP.0, LAMP.1),
            (true, "东街路灯坏了", "义安镇东街的路灯好几天不亮了，晚上看不见路，老人孩子都不敢出门，希望尽快维修。"),
            (true, "反映义安镇东街夜里没有路灯", "小学到卫生院这一段的路灯坏了，放学的孩子看不见路。"),
            (false, "义安镇东街垃圾无人清运", "垃圾桶满了一个星期没有人来收，味道很大。"),
            (false, "咨询医保缴费", "新农合今年怎么缴费，截止到哪天？"),
            (false, "", ""),
        ] {
            let other = subject("0104", "130608103", (title, content));
            let likeness = check(&subject("0104", "130608103", LAMP), &other);
            assert_eq!(likeness.is_some(), expected, "{title}: {likeness:?}");
        }
    }

    #[test]
    fn what_is_known_and_differs_tells_them_apart_whatever_the_words() {
        let here = subject("0104", "130608103", LAMP);
        for (expected, category, place) in [
            (Some((true, true)), "0104", "130608103"),
            (Some((true, true)), "0104", "130608"),
            (Some((true, true)), "0104", "130608103001"),
            (Some((true, true)), "0104", "义安镇东街"),
            (Some((true, false)), "", "130608103"),
            (Some((false, true)), "0104", ""),
            (Some((false, false)), "", ""),
            (None, "0105", "130608103"),
            (None, "0104", "130608104"),
            (None, "0104", "莲池区"),
        ] {
            let likeness = check(&here, &subject(category, place, LAMP));
            let found = likeness.map(|likeness| (likeness.same_place, likeness.same_category));
            assert_eq!(found, expected, "{category} {place}");
            assert!(likeness.is_none_or(|likeness| likeness.percent == 100));
        }
    }

    #[test]
    fn less_that_is_known_asks_for_more_common_words() {
        let near = ("东街路灯坏了", "路灯不亮，晚上出行不便，盼有关部门处理。");
        let percent = subject("", "", LAMP).percent(&subject("", "", near));
        assert!((SAME_CATEGORY_PERCENT_MIN..TEXT_ALONE_PERCENT_MIN).contains(&percent), "{percent}");
        assert!(check(&subject("0104", "", LAMP), &subject("0104", "", near)).is_some());
        assert!(check(&subject("", "", LAMP), &subject("", "", near)).is_none());
    }

    #[test]
    fn only_what_may_be_merged_gets_suggestions() {
        for (state, expected) in
            [("registered", true), ("in-progress", true), ("merged", false), ("archived", false), ("", false)]
        {
            assert_eq!(mergeable(state), expected, "{state}");
        }
        assert!(counts("archived") && counts("in-progress") && !counts("withdrawn") && !counts("merged"));
    }
}
