//! Random months: nobody gains by what he does once a month is over, and nobody but the requester, or two people, by what is
//! done to a rating. Of what random acts come to, after each act.

use crate::support::months::{Dice, MONTH_OVER, live};
use crate::support::records::{ASSISTING, COUNTY, LEAD, OTHER, author};
use crate::support::story::{ALWAYS, DAY, HOUR, Story, sum};
use regulation::act::Seen;
use regulation::rates::Tally;
use regulation::table::timed;
use regulation::{ActId, ActKind as K, Body, Fact, Level, Millis, Record, UnitId, apply};

/// Months, and tickets of each.
const MONTHS: u32 = 20;
const TICKETS: u32 = 60;

/// What is good and what is bad of a unit's figures, by name.
fn measures(tally: &Tally) -> [(&'static str, i64, i64); 14] {
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
        of("decided in time", tally.reviewed_in_time, tally.reviews_due),
        of("done once", tally.closed - tally.again, tally.closed),
        ("not supervised", 0, tally.supervised),
        of("fed back in time", tally.fed_back_in_time, tally.assisted - tally.fed_back_open),
    ]
}

/// The figures in which something good came, or something bad went.
fn better(before: &Tally, after: &Tally) -> Vec<&'static str> {
    let pairs = measures(before).into_iter().zip(measures(after));
    pairs.filter(|((_, good, bad), (_, more, less))| more > good || less < bad).map(|((name, ..), _)| name).collect()
}

/// Of the main table, and of what units wrote down themselves.
fn figures(story: &Story, until: Millis, unit: UnitId) -> [Tally; 2] {
    let score = story.score_in(&(0..until));
    [false, true].map(|apart| sum(&score, unit, apart))
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
    // What was sent back for its form alone keeps its time where it is mended in the term for that.
    let mends = |t: &regulation::Ticket| t.completion.is_none() && t.reported.is_some();
    let mended = fact.body.kind() == K::Complete && story.record.ticket().is_some_and(mends);
    if by.level != Level::CityHotline && after.now >= MONTH_OVER && !mended {
        looked.units += 1;
        let of = |story: &Story| figures(story, MONTH_OVER, by.unit);
        for (before, after) in of(story).iter().zip(&of(after)) {
            assert_eq!(better(before, after), Vec::<&str>::new(), "{}", says());
        }
    }
    let two_or_requester = matches!(fact.body.kind(), K::FollowUp | K::Object | K::Confirm);
    let rated = story.record.ticket().is_some_and(|t| t.follow_ups.iter().any(|f| f.rating.is_some()));
    if !two_or_requester && rated {
        for unit in [LEAD, OTHER, COUNTY] {
            let (old, new) = (figures(story, i64::MAX, unit), figures(after, i64::MAX, unit));
            looked.ratings += u32::from(old[0].rated > 0);
            for (old, new) in old.iter().zip(&new) {
                let gained: Vec<&str> = better(old, new).into_iter().filter(|name| RATINGS.contains(name)).collect();
                assert_eq!(gained, Vec::<&str>::new(), "{}", says());
            }
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

/// The acts again, one of them with what somebody types of its time: when it was done, and by how much his clock is off. The
/// hub, which had it at once and has been in touch with the device all along, witnesses that.
fn typed(story: &Story, place: usize, happened_at: Option<Millis>, clock_off: Millis) -> Story {
    let mut acts = story.acts.clone();
    let (id, entered) = (acts[place].id, acts[place].claimed_at);
    (acts[place].happened_at, acts[place].claimed_at) = (happened_at, entered + clock_off);
    let seen = Seen::Late { not_before: entered, received_at: entered, offline: false, clock_good: false };
    let witness = Fact {
        id: ActId([0xee; 32]),
        body: Body::Witness(seen),
        answers: Some(id),
        author: author("hub"),
        claimed_at: entered,
        happened_at: None,
        edition: acts[place].edition,
        crossed: Vec::new(),
    };
    acts.insert(place + 1, witness);
    again(story, acts)
}

/// The same ticket by those acts.
fn again(story: &Story, acts: Vec<Fact>) -> Story {
    let mut after = Story { record: Record::Empty, acts: Vec::new(), now: story.now };
    for fact in acts {
        apply(&mut after.record, &fact)
            .unwrap_or_else(|broken| panic!("time forbids nothing: {:?} {broken:?}", fact.body));
        after.acts.push(fact);
    }
    after
}

/// The acts again, one of them with a time in its body moved: when somebody was told, what a law sets, when it was raised.
/// `None` if it has none, or somebody else has decided on it: then it is what that one agreed to.
fn told(story: &Story, place: usize, by: Millis) -> Option<Story> {
    let mut acts = story.acts.clone();
    let id = acts[place].id;
    let decided = acts.iter().any(|fact| fact.body.kind() == K::DecideTime && fact.answers == Some(id));
    match &mut acts[place].body {
        Body::ExtendRequest { told_at, .. } | Body::Complete { told_at, .. } => *told_at += by,
        Body::Progress { legal_due: Some(due), .. } if !decided => *due += by,
        Body::RegisterByProxy(register) => register.raised_at += by,
        _ => return None,
    }
    Some(again(story, acts))
}

/// What a story comes to for each unit, at any time and in the two months.
fn months(story: &Story) -> Vec<(UnitId, Tally)> {
    let of = |period| {
        let score = story.score_in(&period);
        let of = |apart| [LEAD, OTHER, COUNTY, ASSISTING].map(|unit| (unit, sum(&score, unit, apart)));
        [of(false), of(true)].concat()
    };
    [ALWAYS, i64::MIN..MONTH_OVER, MONTH_OVER..i64::MAX].into_iter().flat_map(of).collect()
}

#[test]
fn nobody_gains_by_a_time_that_he_types_into_an_act() {
    let (mut looked, mut kinds) = (0, std::collections::BTreeSet::new());
    for month in 0..MONTHS {
        let mut dice = Dice(u64::from(month) + 2_000);
        for _ in 0..TICKETS / 3 {
            let story = live(&mut dice, |_, _, _| ());
            for (place, fact) in story.acts.iter().enumerate() {
                let shift = *dice.pick(&[HOUR, DAY, 3 * DAY, 30 * DAY, 400 * DAY]);
                let by = &fact.author;
                if by.level == Level::CityHotline {
                    continue;
                }
                for after in [-shift, shift].into_iter().filter_map(|by| told(&story, place, by)) {
                    looked += 1;
                    kinds.insert(fact.body.kind());
                    for (before, after) in months(&story).iter().zip(&months(&after)).filter(|(b, _)| b.0 == by.unit) {
                        let gained = better(&before.1, &after.1);
                        assert_eq!(gained, Vec::<&str>::new(), "{:?} {:?} by {shift}", by.unit, fact.body);
                    }
                }
            }
        }
    }
    assert!(looked > 500 && kinds.len() >= 4, "{looked} {kinds:?}");
}

#[test]
fn nobody_gains_by_what_he_types_of_a_time_while_he_is_in_touch() {
    let (mut looked, mut moved) = (0, 0);
    for month in 0..MONTHS {
        let mut dice = Dice(u64::from(month) + 1_000);
        for _ in 0..TICKETS / 6 {
            let story = live(&mut dice, |_, _, _| ());
            for (place, fact) in story.acts.iter().enumerate() {
                let by = &fact.author;
                if by.level == Level::CityHotline || !timed(fact.body.kind()) || fact.body.kind().begins() {
                    continue;
                }
                let said = months(&story);
                let shift = *dice.pick(&[HOUR, DAY, 3 * DAY, 30 * DAY, 400 * DAY]);
                let happened = [Some(fact.claimed_at - shift), Some(fact.claimed_at + shift), None];
                for (happened_at, clock_off) in
                    [(happened[0], 0), (happened[1], 0), (happened[2], -shift), (happened[2], shift)]
                {
                    let now = months(&typed(&story, place, happened_at, clock_off));
                    looked += 1;
                    moved += u32::from(now != said);
                    for (before, after) in said.iter().zip(&now) {
                        if before.0 == by.unit {
                            let says =
                                || format!("{:?} {:?} by {shift} {happened_at:?} {clock_off}", by.unit, fact.body);
                            assert_eq!(better(&before.1, &after.1), Vec::<&str>::new(), "{}", says());
                        }
                    }
                }
            }
        }
    }
    assert!(looked > 2_000, "{looked} times typed, {moved} of them changed something");
}
