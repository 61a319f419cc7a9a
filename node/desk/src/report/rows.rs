//! Rows of a report: units within their group, their rates and their place.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use regulation::calendar::{local_day, month_begins, month_of_day};
use regulation::rates::{self, ByAct, Correction, Excluded, Exclusion, Rate, Tally, Weights};
use regulation::{ActId, ActKind, Millis, UnitId};
use replica::registry::At;
use replica::{Month, Registry, UnitKind};

use super::gather::{Gathered, Now, Place};
use super::locked::Basis;
use super::{AssistRow, ByRow, CorrectionRow, ExclusionRow, Quarter, Report, Row, WeightsUsed};
use crate::clock;
use crate::view::UnitRef;

/// What a report is of.
pub(super) struct Covers<'c> {
    pub unit: UnitId,
    pub text: &'c str,
    pub period: &'c Range<Millis>,
    pub month: Option<Month>,
    pub now: Millis,
}

/// What a unit comes to, corrections included.
#[derive(Clone, Default)]
struct Sum {
    tally: Tally,
    now: Now,
    excluded: BTreeMap<String, u64>,
    corrections: u64,
}

pub(super) fn report(gathered: &Gathered, registry: &Registry, covers: &Covers<'_>, basis: &Basis) -> Report {
    // What is set from a day on holds from the first month on that had not begun then.
    let at = registry.now().on(month_begins(month_of_day(local_day(covers.period.end - 1))));
    let weights = weights_used(registry, &at);
    let (corrections, waiting) = carried(gathered, basis.corrections(&gathered.locked));
    let (main, apart) = sums(gathered, &corrections);
    // Of a period that is over nothing is shown that is so now.
    let stands = covers.period.end > covers.now;
    let mut total = Sum::default();
    let mut rows = Vec::new();
    for (unit, sum) in &main {
        total.add(sum);
        let leads = sum.tally.minus(&assisting_alone(&sum.tally)) != Tally::default();
        if leads || !sum.excluded.is_empty() || gathered.now.contains_key(unit) {
            rows.push(row(&at, Some(*unit), sum, gathered.quarter.as_ref().map(|all| all.get(unit)), stands));
        }
    }
    rank(&mut rows, i64::from(at.settings().sample_min));
    let mut assisting: Vec<AssistRow> = main
        .iter()
        .filter(|(_, sum)| assisting_alone(&sum.tally) != Tally::default())
        .map(|(unit, sum)| assist_row(Some(UnitRef::of(&at, *unit)), &sum.tally))
        .collect();
    if !assisting.is_empty() {
        assisting.push(assist_row(None, &total.tally));
    }
    Report {
        period: covers.text.to_owned(),
        from: clock::text(covers.period.start),
        to: clock::text(covers.period.end),
        made_at: clock::text(covers.now),
        covers: at.unit(covers.unit).map(|unit| unit.name.clone()).unwrap_or_default(),
        weights,
        tickets: gathered.tickets,
        unsettled: gathered.unsettled,
        newest_at: gathered.newest.map(clock::text),
        rows,
        total: row(&at, None, &total, None, stands),
        all: all(&total, &apart).map(|all| Box::new(row(&at, None, &all, None, stands))),
        apart: apart.iter().map(|(unit, sum)| row(&at, Some(*unit), sum, None, stands)).collect(),
        assisting,
        exclusions: exclusions(gathered, &at),
        cursor: gathered.more.map(Place::text),
        recalculating: gathered.recalculating,
        corrections: corrections.iter().map(|(table, c)| correction_row(gathered, basis, &at, *table, c)).collect(),
        waiting: waiting.iter().map(|(table, c)| correction_row(gathered, basis, &at, *table, c)).collect(),
        uncorrected: covers.month.map(|_| basis.missing.clone()).unwrap_or_default(),
        raised: gathered.raised.clone(),
        ..Report::default()
    }
}

/// All that happened, where units wrote something down themselves.
fn all(total: &Sum, apart: &BTreeMap<UnitId, Sum>) -> Option<Sum> {
    let mut all = total.clone();
    apart.values().for_each(|sum| all.add(sum));
    (!apart.is_empty()).then_some(all)
}

/// A correction with the place of the table that it is of.
type OfTable = (usize, Correction);

/// The corrections that a unit's figures can carry, and those that wait for a later table.
fn carried(gathered: &Gathered, corrections: Vec<OfTable>) -> (Vec<OfTable>, Vec<OfTable>) {
    let mut lists: BTreeMap<(bool, UnitId), Vec<usize>> = BTreeMap::new();
    for (place, (_, correction)) in corrections.iter().enumerate() {
        lists.entry((correction.key.apart, correction.key.unit)).or_default().push(place);
    }
    let mut waits = BTreeSet::new();
    for ((apart, unit), places) in lists {
        let own = if apart { &gathered.apart } else { &gathered.main };
        let own = own.get(&unit).map(|sum| sum.tally.clone()).unwrap_or_default();
        let differences: Vec<&Tally> = places.iter().map(|place| &corrections[*place].1.difference).collect();
        let fits = rates::carried(&own, &differences);
        waits.extend(places.into_iter().zip(fits).filter(|(_, fits)| !fits).map(|(place, _)| place));
    }
    let (waiting, carried): (Vec<_>, Vec<_>) =
        corrections.into_iter().enumerate().partition(|(place, _)| waits.contains(place));
    let rows = |list: Vec<(usize, OfTable)>| list.into_iter().map(|(_, row)| row).collect();
    (rows(carried), rows(waiting))
}

/// Sums by unit: of the main table, and of what is shown apart.
fn sums(gathered: &Gathered, corrections: &[OfTable]) -> (BTreeMap<UnitId, Sum>, BTreeMap<UnitId, Sum>) {
    let counted = |sums: &BTreeMap<UnitId, regulation::rates::Sum>| -> BTreeMap<UnitId, Sum> {
        sums.iter().map(|(unit, sum)| (*unit, Sum::counted(sum))).collect()
    };
    let (mut main, mut apart) = (counted(&gathered.main), counted(&gathered.apart));
    for (_, correction) in corrections {
        let list = if correction.key.apart { &mut apart } else { &mut main };
        let sum = list.entry(correction.key.unit).or_default();
        sum.tally.add(&correction.difference);
        sum.corrections += 1;
    }
    for (unit, now) in &gathered.now {
        main.entry(*unit).or_default().now = *now;
    }
    (main, apart)
}

impl Sum {
    fn counted(sum: &regulation::rates::Sum) -> Self {
        let much =
            |(reason, much): (&Exclusion, &i64)| (reason.names().0.to_owned(), u64::try_from(*much).unwrap_or(0));
        Self { tally: sum.tally.clone(), excluded: sum.excluded.iter().map(much).collect(), ..Self::default() }
    }

    fn add(&mut self, other: &Self) {
        self.tally.add(&other.tally);
        self.now.awaiting_sign_for += other.now.awaiting_sign_for;
        self.now.in_hand += other.now.in_hand;
        self.now.overdue += other.now.overdue;
        self.corrections += other.corrections;
        for (reason, count) in &other.excluded {
            *self.excluded.entry(reason.clone()).or_default() += count;
        }
    }
}

/// What of it is an assisting unit's.
fn assisting_alone(tally: &Tally) -> Tally {
    Tally {
        assisted: tally.assisted,
        fed_back: tally.fed_back,
        fed_back_in_time: tally.fed_back_in_time,
        fed_back_open: tally.fed_back_open,
        ..Tally::default()
    }
}

/// The weights in force at that time, and since when.
pub(super) fn weights_used(registry: &Registry, at: &At<'_>) -> WeightsUsed {
    let (version, Weights { response, solution, satisfaction, mostly }) = at.weights();
    let since = registry.written_at(version).map(clock::text);
    WeightsUsed { version, since, response, solution, satisfaction, mostly }
}

fn row(at: &At<'_>, unit: Option<UnitId>, sum: &Sum, quarter: Option<Option<&Tally>>, stands: bool) -> Row {
    let (tally, (_, weights)) = (&sum.tally, at.weights());
    let rates = [
        ("sign_for", tally.sign_for_rate()),
        ("in_time", tally.in_time_rate()),
        ("closing", tally.closing_rate()),
        ("reviews", tally.review_rate()),
        ("again", tally.again_rate()),
        ("returns", tally.return_rate()),
        ("valid", tally.valid_rate()),
        ("process", tally.process()),
        ("first_solution", tally.first_solution()),
        ("response", tally.response()),
        ("solution", tally.solution(&weights)),
        ("satisfaction", tally.satisfaction(&weights)),
        ("score", tally.score(&weights)),
    ];
    let quarter = quarter.map(|tally| Quarter {
        rated: tally.map_or(0, |tally| tally.rated),
        score: tally.and_then(|tally| tally.score(&weights)).map(Rate::basis_points),
        rank: None,
    });
    Row {
        unit: unit.map(|unit| UnitRef::of(at, unit)),
        group: unit.map(|unit| group(at, unit)).unwrap_or_default().to_owned(),
        rank: None,
        dispatched: tally.dispatched,
        urgent: tally.urgent,
        signed: tally.signed,
        sign_for_due: tally.sign_for_due,
        signed_in_time: tally.signed_in_time,
        sign_for_open: tally.sign_for_open,
        left_unsigned: tally.left_unsigned,
        awaiting_sign_for: stands.then_some(sum.now.awaiting_sign_for),
        in_hand: stands.then_some(sum.now.in_hand),
        overdue: stands.then_some(sum.now.overdue),
        returns_asked: tally.returns_asked,
        returns_agreed: tally.returns_agreed,
        supervised: tally.supervised,
        reviews_due: tally.reviews_due,
        reviewed_in_time: tally.reviewed_in_time,
        closed: tally.closed,
        closed_in_time: tally.closed_in_time,
        closed_open: tally.closed_open,
        finish_due: tally.finish_due,
        finished_in_time: tally.finished_in_time,
        finish_open: tally.finish_open,
        left_open: tally.left_open,
        again: tally.again,
        responded: tally.responded,
        responded_open: tally.responded_open,
        rated: tally.rated,
        contacted: tally.contacted,
        judged: tally.judged,
        solved: tally.solved,
        mostly_solved: tally.mostly_solved,
        satisfied: tally.satisfied,
        mostly_satisfied: tally.mostly_satisfied,
        first_rated: tally.first_rated,
        first_solved: tally.first_solved,
        parts: parts(tally),
        own_matters: tally.own_matters,
        excluded: sum.excluded.clone(),
        corrections: sum.corrections,
        small_sample: tally.small_sample(at.settings().sample_min),
        rates: rates.into_iter().map(|(name, rate)| (name.to_owned(), rate.map(Rate::basis_points))).collect(),
        quarter,
    }
}

/// The thousandths that are not 0, by the names of the whole numbers that they stand beside.
fn parts(tally: &Tally) -> BTreeMap<String, i64> {
    let of = |(name, much): (&str, i64)| Some((name.strip_suffix("_parts")?.to_owned(), much));
    tally.figures().into_iter().filter_map(of).collect()
}

fn assist_row(unit: Option<UnitRef>, tally: &Tally) -> AssistRow {
    AssistRow {
        unit,
        assisted: tally.assisted,
        fed_back: tally.fed_back,
        fed_back_in_time: tally.fed_back_in_time,
        fed_back_open: tally.fed_back_open,
        rate: tally.feedback_rate().map(Rate::basis_points),
    }
}

fn exclusions(gathered: &Gathered, at: &At<'_>) -> Vec<ExclusionRow> {
    let name = |person| at.person(person).map(|person| person.name.clone());
    let by = |by: ByAct| ByRow {
        unit: UnitRef::of(at, by.unit),
        person: by.person.and_then(name),
        second: by.second.and_then(name),
        at: clock::text(by.at),
        act: by.act.hex(),
        kind: gathered.kinds.get(&by.act).map(|kind: &ActKind| kind.code()).unwrap_or_default().to_owned(),
    };
    let row = |(ticket, excluded): &(ActId, Excluded)| ExclusionRow {
        ticket: ticket.hex(),
        number: gathered.numbers.get(ticket).cloned().unwrap_or_default(),
        unit: UnitRef::of(at, excluded.unit),
        reason: excluded.reason.names().0.to_owned(),
        article: excluded.reason.article().code(),
        leaves: excluded.leaves().names().0.to_owned(),
        asked: excluded.asked.map(by),
        decided: excluded.decided.map(by),
    };
    let mut rows: Vec<ExclusionRow> = gathered.excluded.iter().map(row).collect();
    let key = |row: &ExclusionRow| (row.unit.id, row.number.clone(), row.reason.clone());
    rows.sort_by_key(key);
    rows
}

fn correction_row(
    gathered: &Gathered,
    basis: &Basis,
    at: &At<'_>,
    table: usize,
    Correction { key, difference }: &Correction,
) -> CorrectionRow {
    let of = &basis.tables[table].lock;
    // A ticket that has no figures now has its number from the table that counted it.
    let number = gathered.numbers.get(&key.ticket).or_else(|| basis.numbers.get(&key.ticket));
    CorrectionRow {
        table: of.number,
        month: of.month.text(),
        sign: Correction { key: *key, difference: difference.clone() }.sign().names().0.to_owned(),
        ticket: key.ticket.hex(),
        number: number.cloned().unwrap_or_default(),
        unit: UnitRef::of(at, key.unit),
        apart: key.apart,
        figures: difference.figures().into_iter().map(|(name, number)| (name.to_owned(), number)).collect(),
    }
}

/// 分级分类 (38): who is compared with whom.
fn group(at: &At<'_>, unit: UnitId) -> &'static str {
    match at.unit(unit).map(|unit| unit.kind) {
        Some(UnitKind::CityHotline) => "市热线",
        Some(UnitKind::CountyHotline | UnitKind::CountyGovernment) => "县（市、区）",
        Some(UnitKind::Township) => "乡镇街道",
        Some(UnitKind::Enterprise) => "企事业单位",
        _ => "市直部门",
    }
}

fn score(row: &Row) -> Option<u64> {
    row.rates.get("score").copied().flatten()
}

/// By group, then by score. Whoever has too few ratings comes last, has no rank by the month, and where the quarter has
/// enough of them the rank by that.
fn rank(rows: &mut [Row], least: i64) {
    let id = |row: &Row| row.unit.as_ref().map(|unit| unit.id);
    rows.sort_by(|a, b| {
        let key = |row: &Row| (row.group.clone(), row.small_sample, Reverse(score(row)), Reverse(row.closed), id(row));
        key(a).cmp(&key(b))
    });
    let (mut place, mut of) = (0, String::new());
    for row in &mut *rows {
        if row.group != of {
            (place, of) = (0, row.group.clone());
        }
        place += 1;
        row.rank = (!row.small_sample && score(row).is_some()).then_some(place);
    }
    let groups: BTreeSet<String> = rows.iter().map(|row| row.group.clone()).collect();
    for group in groups {
        let mut by_quarter: Vec<(usize, u64)> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.group == group)
            .filter_map(|(index, row)| {
                let quarter = row.quarter.as_ref().filter(|quarter| quarter.rated >= least)?;
                Some((index, quarter.score?))
            })
            .collect();
        by_quarter.sort_by_key(|(index, score)| (Reverse(*score), *index));
        for (place, (index, _)) in (1..).zip(by_quarter) {
            if let Some(quarter) = &mut rows[index].quarter {
                quarter.rank = Some(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: u32, rated: i64, score: Option<u64>, quarter: (i64, Option<u64>)) -> Row {
        Row {
            unit: Some(UnitRef { id, code: String::new(), name: String::new() }),
            group: "乡镇街道".to_owned(),
            rated,
            small_sample: rated < 5,
            rates: [("score".to_owned(), score)].into(),
            quarter: Some(Quarter { rated: quarter.0, score: quarter.1, rank: None }),
            ..Row::default()
        }
    }

    #[test]
    fn too_few_ratings_have_no_rank_by_the_month_but_one_by_the_quarter() {
        let mut rows = [
            unit(1, 4, Some(10_000), (9, Some(9_500))),
            unit(2, 5, Some(8_000), (15, Some(9_000))),
            unit(3, 20, Some(9_000), (60, Some(9_900))),
            unit(4, 0, None, (4, Some(10_000))),
        ];
        rank(&mut rows, 5);
        let places: Vec<(u32, Option<usize>, Option<usize>)> = rows
            .iter()
            .map(|row| (row.unit.as_ref().unwrap().id, row.rank, row.quarter.as_ref().unwrap().rank))
            .collect();
        assert_eq!(places, [(3, Some(1), Some(1)), (2, Some(2), Some(3)), (1, None, Some(2)), (4, None, None)]);
    }
}
