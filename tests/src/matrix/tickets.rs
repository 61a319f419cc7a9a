//! Tickets of every kind: each record, and each with one more act that somebody may make, over a year.

use regulation::act::{Body, Contacted, Rating, Reached, Satisfaction, Solved, Way};
use regulation::kind::Trait;
use regulation::{ActKind, decide};
use replica::{History, Registry, Sealed};

use super::bodies::Maker;
use super::{records, somebody};
use crate::city;
use crate::dice::Dice;

/// From one ticket to the next, at most.
const BETWEEN_MS: usize = 86_400_000;
/// From one act to the next, at most.
const PAUSE_MS: usize = 5 * 86_400_000;

/// Records in which ratings count, or were to count and do not.
fn rated() -> Vec<(&'static str, Vec<records::Step>)> {
    let story = |wanted: &str| {
        records::stories().into_iter().find(|(name, _)| *name == wanted).map(|(_, steps)| steps).unwrap_or_default()
    };
    let answers = |solved, satisfaction| {
        let rating = Some(Rating { contacted: Contacted::Yes, solved, satisfaction });
        (
            "city",
            ActKind::FollowUp,
            Some(Body::FollowUp { way: Way::Telephone, reached: Reached::Answered, rating, of: None }),
        )
    };
    let after = |name, steps: &[records::Step]| (name, story(name).into_iter().chain(steps.iter().cloned()).collect());
    let upheld = Some(Body::DecideAppeal { upheld: true });
    vec![
        after("closed", &[answers(Solved::Yes, Satisfaction::Satisfied)]),
        after("closed", &[answers(Solved::Mostly, Satisfaction::Mostly)]),
        after("setting aside proposed", &[("second", ActKind::Confirm, None)]),
        after(
            "discontent",
            &[
                ("lead", ActKind::Appeal, None),
                ("city", ActKind::DecideAppeal, upheld),
                ("second", ActKind::Confirm, None),
            ],
        ),
        after("discontent", &[("city", ActKind::Tolerate, None), ("second", ActKind::Confirm, None)]),
    ]
}

/// The acts of each ticket: of one in `every` further acts, chosen by `seed`.
///
/// # Errors
/// An act that may be made is not admitted.
pub fn tickets(registry: &Registry, seed: u64, every: usize) -> Result<Vec<Vec<Sealed>>, String> {
    let (mut maker, mut dice, mut tickets) = (Maker::new(registry), Dice::new(seed), Vec::new());
    let mut began = city::MONDAY_NOON;
    for (name, steps) in records::stories().into_iter().chain(rated()) {
        // There is no clone here whose act could be ratified.
        if steps.iter().any(|(_, kind, _)| *kind == ActKind::Ratify) {
            continue;
        }
        let mut record = None;
        let more =
            records::authors().into_iter().flat_map(|(who, _)| ActKind::ALL.iter().map(move |kind| (who, *kind)));
        for last in std::iter::once(None).chain(more.map(Some)) {
            if let Some((who, kind)) = last {
                let possible =
                    !kind.begins() && !kind.of_knowledge() && kind != ActKind::Ratify && !kind.has(Trait::Card);
                let (_, author) = somebody(registry, who)?;
                let fits = |record| decide(record, &records::particular(record, kind, &author)).is_ok();
                if !possible || dice.below(every) != 0 || !record.as_ref().is_some_and(fits) {
                    continue;
                }
            }
            began += i64::try_from(dice.below(BETWEEN_MS)).unwrap_or_default();
            maker.time = began;
            let (mut history, mut acts) = (History::default(), Vec::new());
            let last = last.map(|(who, kind)| (who, kind, None));
            for (place, (who, kind, body)) in steps.iter().cloned().chain(last).enumerate() {
                let (device, author) = somebody(registry, who)?;
                let made = match maker.make(&mut history, device, &author, kind, body) {
                    Ok(made) => made,
                    // What may be made at one time may not at another.
                    Err(_) if place == steps.len() => break,
                    Err(why) => return Err(format!("{name}: {why}")),
                };
                acts.push(made.sealed.clone());
                made.insert(&mut history);
                maker.time += i64::try_from(dice.below(PAUSE_MS)).unwrap_or_default();
            }
            record.get_or_insert_with(|| history.record().clone());
            tickets.push(acts);
        }
    }
    Ok(tickets)
}
