//! What was overruled is looked at by whom it concerns, who ends it by an act.

use regulation::act::{Heard, Outcome, Way};
use regulation::{ActId, Body, Dispatch, Rule};
use replica::{Draft, History, Registry, Standing, Verdict};

use crate::city::{self, LAPTOP, NOON, OFFICE, OTHER_TOWN, TOWN};

/// The town completes what the city gives to another meanwhile: the completion falls. Both have heard of both.
fn overtaken(registry: &Registry) -> (History, ActId, ActId) {
    let mut history = History::default();
    city::make(registry, &mut history, LAPTOP, 1, city::register());
    let sent = city::make(registry, &mut history, LAPTOP, 2, city::dispatch(TOWN)).id();
    city::make(registry, &mut history, OFFICE, 1, Draft::new(Body::SignFor).answering(Some(sent)));
    let elsewhere = Body::Redispatch(Dispatch { lead: OTHER_TOWN, assisting: Vec::new() });
    let (_, taken) = city::seal(registry, &history, LAPTOP, 3, Draft::new(elsewhere).answering(Some(sent)));
    let complete = Body::Complete {
        outcome: Outcome::Solved,
        told_at: NOON,
        told_way: Way::Telephone,
        told_whom: Heard::Requester,
    };
    let complete = Draft::new(complete).text(["已修好"]).answering(Some(sent));
    let done = city::make(registry, &mut history, OFFICE, 2, complete).id();
    assert_eq!(city::take(registry, &mut history, &taken), Ok(Verdict::Admitted));
    assert!(matches!(city::standing(&history, done), Some(Standing::Overruled(_))), "it fell");
    (history, done, taken.id())
}

fn waits(history: &History, act: ActId) -> bool {
    history.answered(history.index_of(act).unwrap()).concerns_hotlines()
}

#[test]
fn whom_it_concerns_ends_it_and_nobody_else_does() {
    let registry = city::registry();
    let (history, done, taken) = overtaken(&registry);
    let nothing = Verdict::Unlawful(Rule::NothingFell);
    for (device, body, answered, expected) in [
        (OFFICE, Body::Acknowledge, done, Verdict::Admitted),
        (OFFICE, Body::ShowDone, done, Verdict::Admitted),
        (LAPTOP, Body::AcceptWork, done, Verdict::Admitted),
        (LAPTOP, Body::Uphold, done, Verdict::Admitted),
        // What stands has no card; nor does a hotline see for a unit, or a unit decide on its own.
        (OFFICE, Body::Acknowledge, taken, nothing),
        (LAPTOP, Body::Uphold, taken, nothing),
        (LAPTOP, Body::Acknowledge, done, nothing),
        (LAPTOP, Body::ShowDone, done, nothing),
        (OFFICE, Body::AcceptWork, done, nothing),
        (OFFICE, Body::Uphold, done, nothing),
    ] {
        let mut tried = history.clone();
        let kind = body.kind();
        let draft = Draft::new(body).text(["见照片"]).answering(Some(answered));
        let (_, sealed) = city::seal(&registry, &tried, device, 4, draft);
        assert_eq!(city::take(&registry, &mut tried, &sealed), Ok(expected), "{device:?} {kind:?}");
    }
}

#[test]
fn seen_is_enough_unless_the_work_is_said_to_be_done() {
    let registry = city::registry();
    let (mut history, done, _) = overtaken(&registry);
    assert!(waits(&history, done));
    let say = |history: &mut History, device, dseq, body| {
        let draft = Draft::new(body).text(["见照片"]).answering(Some(done));
        city::make(&registry, history, device, dseq, draft)
    };
    let mut seen = history.clone();
    say(&mut seen, OFFICE, 4, Body::Acknowledge);
    assert!(!waits(&seen, done));
    // Who says that it was done is answered.
    say(&mut seen, OFFICE, 5, Body::ShowDone);
    assert!(waits(&seen, done));
    say(&mut seen, LAPTOP, 5, Body::AcceptWork);
    assert!(!waits(&seen, done));
    say(&mut history, LAPTOP, 5, Body::Uphold);
    assert!(!waits(&history, done));
}
