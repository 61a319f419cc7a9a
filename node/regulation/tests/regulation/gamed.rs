//! Random months: nobody gains by what he does once a month is over, and nobody but the requester, or two people, by what is
//! done to a rating. Of what random acts come to, after each act.

use crate::support::months::{Dice, MONTH_OVER, live};
use crate::support::records::{COUNTY, LEAD, OTHER};
use crate::support::story::{Story, sum};
use regulation::rates::Tally;
use regulation::{ActKind as K, Fact, Level, Millis, UnitId};

/// Months, and tickets of each.
const MONTHS: u32 = 20;
const TICKETS: u32 = 60;

/// What is good and what is bad of a unit's figures, by name.
fn measures(tally: &Tally) -> [(&'static str, i64, i64); 10] {
    let of = |name, good, base| (name, good, base - good);
    let signs = tally.sign_for_due - tally.sign_for_open;
    let ends = tally.finish_due - tally.finish_open;
    [
        of("signed for in time", tally.signed_in_time, signs),
        of("signed for at all", signs - tally.left_unsigned, signs),
        of("finished in time", tally.finished_in_time, ends),
        of("finished at all", ends - tally.left_open, ends),
        of("closed in time", tally.closed_in_time, tally.closed),
        of("process", tally.responded, tally.closed),
        of("response", tally.contacted, tally.rated),
        of("solution", tally.solved * 2 + tally.mostly_solved, tally.judged * 2),
        of("satisfaction", tally.satisfied * 2 + tally.mostly_satisfied, tally.rated * 2),
        of("first solution", tally.first_solved, tally.first_rated),
    ]
}

/// The figures in which something good came, or something bad went.
fn better(before: &Tally, after: &Tally) -> Vec<&'static str> {
    let pairs = measures(before).into_iter().zip(measures(after));
    pairs.filter(|((_, good, bad), (_, more, less))| more > good || less < bad).map(|((name, ..), _)| name).collect()
}

fn figures(story: &Story, until: Millis, unit: UnitId) -> Tally {
    sum(&story.score_in(&(0..until)), unit, false)
}

/// How often an act was looked at that could have gained something.
#[derive(Default)]
struct Looked {
    units: u32,
    ratings: u32,
}

fn look(story: &Story, after: &Story, fact: &Fact, looked: &mut Looked) {
    let by = &fact.author;
    let says = || {
        format!(
            "{:?} {:?} after {:?}",
            by.unit,
            fact.body,
            story.acts.iter().map(|f| f.body.kind()).collect::<Vec<_>>()
        )
    };
    if by.level != Level::CityHotline && after.now >= MONTH_OVER {
        looked.units += 1;
        let of = |story: &Story| figures(story, MONTH_OVER, by.unit);
        assert_eq!(better(&of(story), &of(after)), Vec::<&str>::new(), "{}", says());
    }
    let two_or_requester = matches!(fact.body.kind(), K::FollowUp | K::Object | K::Confirm);
    let rated = story.record.ticket().is_some_and(|t| t.follow_ups.iter().any(|f| f.rating.is_some()));
    if !two_or_requester && rated {
        for unit in [LEAD, OTHER, COUNTY] {
            let (old, new) = (figures(story, i64::MAX, unit), figures(after, i64::MAX, unit));
            looked.ratings += u32::from(old.rated > 0);
            let gained: Vec<&str> = better(&old, &new).into_iter().filter(|name| RATINGS.contains(name)).collect();
            assert_eq!(gained, Vec::<&str>::new(), "{}", says());
        }
    }
}

const RATINGS: &[&str] = &["response", "solution", "satisfaction", "first solution"];

#[test]
fn nobody_gains_by_what_he_does_once_a_month_is_over() {
    let mut looked = Looked::default();
    for month in 0..MONTHS {
        let mut dice = Dice(u64::from(month) + 1);
        for _ in 0..TICKETS {
            live(&mut dice, |story, after, fact| look(story, after, fact, &mut looked));
        }
    }
    assert!(looked.units > 1_000 && looked.ratings > 1_000, "{} {}", looked.units, looked.ratings);
}
