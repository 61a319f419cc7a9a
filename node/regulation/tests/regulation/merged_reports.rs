//! Merges (16) and what was reported: nobody's request ends with a report that is not of it, and no report with a merge.

use regulation::act::Had;
use regulation::terms::DueItem;
use regulation::{ActId, ActKind as K, Body, Fact, decide, options};

use crate::fair::{items, ticket};
use crate::merged_dues::{ONE, beside, figures, form_only, had};
use crate::support::story::*;

/// The rule by which the city may not do that.
fn forbidden(story: &Story, kind: K) -> Option<&'static str> {
    let fact = Fact { claimed_at: story.now, ..options::fact(&story.record, kind, &author("city")) };
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

#[test]
fn what_joined_beside_the_report_is_not_closed_over() {
    let mut story = Story::in_hand();
    story.does("lead", K::Contact).does("lead", K::Complete);
    assert_eq!(forbidden(&story, K::ConfirmClosure), None);
    let due = story.now + 10 * DAY;
    beside(&mut story, had(LEAD, due));
    assert_eq!(forbidden(&story, K::ConfirmClosure), Some("joined-since"));
    let mut undone = story.clone();
    undone.parted(ONE);
    assert_eq!(forbidden(&undone, K::ConfirmClosure), None);
    story.says("city", K::SendBack, Some(Body::SendBack { form_only: false })).close();
    assert!(ticket(&story).requesters().any(|of| of == Some(ONE)), "the next report is of both");
}

#[test]
fn report_of_somebody_who_had_not_heard_of_what_joined_answers_none_of_it() {
    let due = NOON + 10 * DAY;
    let reported = |heard: bool| {
        let mut story = Story::in_hand();
        story.does("lead", K::Contact).joined(ONE, Some((LEAD, due)));
        let joined = story.last().id;
        let mut fact = options::fact(&story.record, K::Complete, &author("lead"));
        (fact.id, fact.claimed_at) = (ActId([98; 32]), story.now);
        fact.crossed = regulation::crossed(&story.record, &fact, |id| heard || id != joined);
        regulation::bring_in(&mut story.record, &fact).expect("a report");
        story.acts.push(fact);
        story.now += HOUR;
        story
    };
    let met = |story: &Story| {
        let of = |item: &&DueItem| item.of == Some(ONE);
        items(story).iter().find(of).map(|item| (item.met_at.is_some(), item.provisional)).expect("its due")
    };
    assert_eq!(met(&reported(true)), (true, false));
    let mut crossed = reported(false);
    assert_eq!(met(&crossed), (false, true), "while it is looked at it is nobody's delay");
    assert_eq!(forbidden(&reported(true), K::ConfirmClosure), None);
    assert_eq!(forbidden(&crossed, K::ConfirmClosure), Some("joined-since"));
    assert!(!ticket(&crossed).requesters().any(|of| of == Some(ONE)), "he is asked about the next one");
    crossed.says("city", K::SendBack, Some(Body::SendBack { form_only: false })).close();
    assert_eq!(met(&crossed), (true, false));
    assert!(ticket(&crossed).requesters().any(|of| of == Some(ONE)));
}

#[test]
fn closure_that_a_merge_crossed_counts_by_its_own_report_and_is_filed_once_that_is_undone() {
    let mut story = Story::in_hand();
    story.close();
    let before = (figures(&story), story.of(LEAD).closed_in_time);
    assert_eq!(before, ((1, 1), 1));
    let joined_at = story.now;
    beside(&mut story, had(LEAD, joined_at + 10 * DAY));
    story.good();
    let tally = story.of(LEAD);
    assert_eq!((tally.closed_in_time, tally.closed_open, tally.finish_open), (1, 0, 1), "what crossed it is open");
    assert_eq!(forbidden(&story, K::Archive), Some("archive-incomplete"));
    let had = ticket(&story).had_by(ONE, story.now);
    assert_eq!(had, [Had { unit: LEAD, until: Some(joined_at), due: None }], "it never had it here");
    story.parted(ONE);
    assert_eq!((figures(&story), story.of(LEAD).closed_in_time), before);
    assert_eq!(forbidden(&story, K::Archive), None);
}

#[test]
fn what_was_reported_is_looked_at_before_it_is_merged() {
    let mut story = Story::in_hand();
    story.does("lead", K::Contact).does("lead", K::Complete);
    let mut again = story.clone();
    let mut of_form = story.clone();
    of_form.says("city", K::SendBack, form_only());
    again.says("city", K::SendBack, Some(Body::SendBack { form_only: false }));
    for kind in [K::Merge, K::MergeOther] {
        assert_eq!(forbidden(&story, kind), Some("report-waits"), "{kind:?}");
        assert_eq!(forbidden(&of_form, kind), Some("report-waits"), "{kind:?}: it keeps its day");
        assert_eq!(forbidden(&again, kind), None, "{kind:?}: it is to be done again");
    }
}
