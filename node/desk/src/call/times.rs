//! Times that the city hub signed, by their numbers, and the numbers of a wrong clock that two people void.

use kernel::time::CLOCK_STEP_MS_MAX;
use regulation::PersonId;
use regulation::table::Matter;
use replica::{Change, Registry};
use store::Queries;

use super::answers::{SignedTime, Times, TimesVoided, VoidedTimes};
use super::questions as q;
use crate::once::By;
use crate::problem::Problem;
use crate::{Desk, clock, enrol, view};

/// Numbers that are listed at once, unless more is asked for.
const TIMES_LISTED: usize = 50;

/// The newest numbers that are held here up to one, with their times, and what was voided.
pub(super) async fn times(desk: &Desk, by: Option<PersonId>, asked: q::Times) -> Result<Times, Problem> {
    let (upto, limit) = (asked.upto.unwrap_or(u64::MAX), asked.limit.unwrap_or(TIMES_LISTED));
    let told = desk.read(move |reader, registry| listed(reader, registry, upto, limit)).await?;
    Ok(Times { proposals: view::proposals_of(&desk.registry(), by, &[Matter::Void]), ..told })
}

fn listed(store: &Queries, registry: &Registry, upto: u64, limit: usize) -> Result<Times, Problem> {
    let at = registry.now();
    // Numbers rise with time: one that is later than a later one, or than now, was signed by a clock that was ahead.
    let mut later = clock::now().saturating_add(CLOCK_STEP_MS_MAX);
    let mut times = Vec::new();
    for (number, signed) in store.times_upto(upto, limit)? {
        let voided = at.good_time(number) != Some(number);
        times.push(SignedTime { number, at: clock::text(signed), voided, ahead: !voided && signed > later });
        if !voided {
            later = later.min(signed.saturating_add(CLOCK_STEP_MS_MAX));
        }
    }
    let voided = at.voided().map(|(version, voided)| {
        let reason = voided.reason.clone();
        VoidedTimes { from: voided.from, to: voided.to, reason, version }
    });
    Ok(Times { times, voided: voided.collect(), version: at.version(), proposals: Vec::new() })
}

/// Proposes to void numbers.
pub(super) async fn void(desk: &Desk, by: By, asked: q::VoidTimes) -> Result<TimesVoided, Problem> {
    if asked.from == 0 || asked.from > asked.to {
        return Err(Problem::bad_input(
            "编号从 1 起，起始编号不大于末尾编号",
            "numbers begin with 1, and the first is not above the last",
        ));
    }
    let newest = desk.read(|reader, _| Ok(reader.times_upto(u64::MAX, 1)?)).await?;
    let newest = newest.first().map_or(0, |(number, _)| *number);
    if asked.to > newest {
        return Err(Problem::bad_input(
            format!("只能作废市热线已签出的编号，最新为 {newest}；jiesu times show 可列出"),
            format!(
                "only numbers that the city hub has signed can be voided, the newest is {newest}: jiesu times show"
            ),
        ));
    }
    let change = Change::void(asked.from, asked.to, crate::form::clean(&asked.reason));
    if desk.told(by).await?.is_none() {
        let seen = desk.registry().version();
        enrol::change(desk, by, seen, Change::Proposed(Box::new(change.clone()))).await?;
    }
    let registry = desk.registry();
    Ok(TimesVoided { proposed: view::proposal_of(&registry, &change, by.person) })
}
