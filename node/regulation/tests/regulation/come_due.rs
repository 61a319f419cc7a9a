//! Whoever does not move is late in the month in which it came due, and nobody's clock begins anew by being given the same again.

use crate::fair::{forbidden_as, ticket};
use crate::support::script::calendar;
use crate::support::story::{COUNTY, DAY, HOUR, LEAD, NOON, OTHER, Story, sum};
use regulation::act::{Reached, Seen, SuperviseGround, SuperviseLevel};
use regulation::rates::{Exclusion, Tally};
use regulation::terms::{DueKind, Terms, dues};
use regulation::{ActId, ActKind as K, Body, Dispatch, Millis, UnitId, apply, options};

use crate::support::records::author;

/// The end of November 2026, when the stories begin.
const DECEMBER: Millis = NOON - 12 * HOUR + 29 * DAY;

/// At the lead, who was told by telephone.
fn told() -> Story {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD).says("city", K::NotifyByPhone, Some(Body::NotifyByPhone { unit: LEAD }));
    story
}

/// What came due for a unit in November: sign-for (due, in time, open, left), finishing (the same).
fn november(story: &Story, unit: UnitId) -> [[i64; 4]; 2] {
    let tally = sum(&story.score_in(&(0..DECEMBER)), unit, false);
    [
        [tally.sign_for_due, tally.signed_in_time, tally.sign_for_open, tally.left_unsigned],
        [tally.finish_due, tally.finished_in_time, tally.finish_open, tally.left_open],
    ]
}

#[test]
fn what_is_not_moved_is_late_in_the_month_in_which_it_came_due() {
    let mut story = told();
    let left = [[1, 0, 0, 1], [1, 0, 0, 1]];
    assert_eq!(november(&story, LEAD), left, "neither signed for nor done");
    // Whatever is done when the month is over.
    story.now = DECEMBER + DAY;
    story.does("lead", K::SignFor);
    assert_eq!(november(&story, LEAD), left);
    story.does("lead", K::Contact).close().good();
    assert_eq!(november(&story, LEAD), left);
    let tally = story.of(LEAD);
    assert_eq!((tally.signed, tally.closed, tally.closed_in_time), (1, 1, 0), "these count when they were");
    assert_eq!(tally.sign_for_rate().map(regulation::rates::Rate::basis_points), Some(0));
    assert_eq!(tally.closing_rate().map(regulation::rates::Rate::basis_points), Some(0));
    // Late, but done in the same month.
    let mut late = told();
    late.now += 20 * DAY;
    late.does("lead", K::SignFor).close();
    assert_eq!(november(&late, LEAD), [[1, 0, 0, 0], [1, 0, 0, 0]]);
    // In time.
    assert_eq!(november(&Story::closed(), LEAD), [[1, 1, 0, 0], [1, 1, 0, 0]]);
}

#[test]
fn what_has_not_arrived_is_neither_in_time_nor_late_and_silence_hides_nothing() {
    let mut sent = Story::begin();
    sent.dispatch(K::Dispatch, LEAD);
    assert_eq!(november(&sent, LEAD), [[1, 0, 1, 0], [1, 0, 1, 0]]);
    // To ask to return it is to have it.
    let mut asked = told();
    asked.does("lead", K::ReturnRequest);
    assert_eq!(november(&asked, LEAD)[0], [1, 1, 0, 0]);
    // What nobody decides on is refused by silence (0043): it hides nothing.
    let mut waits = Story::in_hand();
    waits.does("lead", K::ExtendRequest);
    assert_eq!(november(&waits, LEAD)[1], [1, 0, 0, 1]);
    let mut late = Story::in_hand();
    let done = late.does("lead", K::Complete).last().id;
    let seen = Seen::Late { not_before: NOON, received_at: DECEMBER, offline: false, clock_good: true };
    let mut fact = options::fact(&late.record, K::Witness, &author("hub"));
    (fact.id, fact.body, fact.answers) = (ActId([99; 32]), Body::Witness(seen), Some(done));
    apply(&mut late.record, &fact).expect("witnessed");
    assert_eq!(november(&late, LEAD)[1], [1, 0, 0, 1], "what nobody decides on counts from when it was here");
    late.says("city", K::DecideTime, Some(Body::DecideTime { in_time: false }));
    assert_eq!(november(&late, LEAD)[1], [1, 0, 0, 0]);
}

#[test]
fn what_is_taken_away_before_it_is_due_never_came_due_and_what_was_late_stays_late() {
    let end = |wait: Millis, live: &dyn Fn(&mut Story)| {
        let mut story = told();
        story.now += wait;
        live(&mut story);
        november(&story, LEAD)
    };
    let ends: [&dyn Fn(&mut Story); 4] = [
        &|s| {
            s.does("city", K::Recall);
        },
        &|s| {
            s.dispatch(K::Redispatch, OTHER);
        },
        &|s| {
            s.withdraw();
        },
        &|s| {
            s.does("city", K::Merge);
        },
    ];
    for live in ends {
        assert_eq!(end(0, live), [[0; 4], [0; 4]]);
        assert_eq!(end(3 * DAY, live), [[1, 0, 0, 1], [0; 4]], "the sign-for was due");
        assert_eq!(end(20 * DAY, live), [[1, 0, 0, 1], [1, 0, 0, 1]], "and the end");
    }
    // A return that was asked for in time and agreed to is no delay; one that was asked for too late is.
    let returned = |wait: Millis, agreed: Millis| {
        end(0, &|s| {
            s.does("lead", K::SignFor);
            s.now += wait;
            s.does("lead", K::ReturnRequest);
            s.now += agreed;
            s.dispatch(K::ReturnApprove, OTHER);
        })[1]
    };
    assert_eq!((returned(0, HOUR), returned(15 * DAY, HOUR)), ([0; 4], [1, 0, 0, 1]));
    assert_eq!(returned(0, 20 * DAY), [1, 0, 0, 1], "by then it had counted as refused");
    // A merge that is undone took nothing away.
    let mut undone = told();
    undone.now += 3 * DAY;
    undone.does("city", K::Merge).does("city", K::Unmerge);
    assert_eq!(november(&undone, LEAD), [[1, 0, 0, 1], [1, 0, 0, 1]]);
}

#[test]
fn each_round_comes_due_once_and_each_hop_for_its_own() {
    let mut story = Story::closed();
    story.bad().does("lead", K::Remedy);
    assert_eq!(november(&story, LEAD), [[1, 1, 0, 0], [2, 1, 0, 1]]);
    story.close().good();
    assert_eq!(november(&story, LEAD), [[1, 1, 0, 0], [2, 2, 0, 0]]);
    let mut below = Story::begin();
    below.dispatch(K::Dispatch, COUNTY);
    below.says("county", K::SubDispatch, Some(Body::SubDispatch(Dispatch { lead: LEAD, assisting: vec![] })));
    below.does("lead", K::SignFor).does("lead", K::Complete).does("county", K::ConfirmClosure).good();
    assert_eq!((november(&below, COUNTY), november(&below, LEAD)), ([[1, 1, 0, 0]; 2], [[1, 1, 0, 0]; 2]));
}

/// Taken back after so many days, given to the same unit so many days later; when its finishing ends, in days from noon of the
/// first.
fn again(had: Option<i64>, between: i64, through: &dyn Fn(&mut Story)) -> (Story, Option<Millis>) {
    let mut story = told();
    if let Some(days) = had {
        story.does("lead", K::SignFor).does("lead", K::Contact);
        story.now = NOON + days * DAY;
    }
    through(&mut story);
    story.now += between * DAY;
    story.dispatch(K::Dispatch, LEAD).says("city", K::NotifyByPhone, Some(Body::NotifyByPhone { unit: LEAD }));
    let items = dues(ticket(&story), &calendar(), &Terms::default());
    let finish = items.into_iter().find(|item| item.what == DueKind::Finish && item.unit == LEAD);
    (story, finish.map(|item| (item.due - NOON + 12 * HOUR) / DAY))
}

#[test]
fn a_recall_and_a_new_dispatch_to_the_same_unit_continue_its_clock() {
    let recall: &dyn Fn(&mut Story) = &|s| {
        s.does("city", K::Recall);
    };
    // Signed for on Monday the 2nd, it ends with the 9th. Taken away on the 5th, given back on the 6th or the 9th: that day, or
    // the two working days between, do not count.
    assert_eq!(again(Some(3), 0, recall).1, Some(8));
    assert_eq!(again(Some(3), 1, recall).1, Some(9));
    assert_eq!(again(Some(3), 4, recall).1, Some(10));
    let (story, _) = again(Some(3), 0, recall);
    // It need not be signed for once more, and counts as one dispatch.
    assert_eq!(ticket(&story).state, regulation::TicketState::InProgress);
    let tally = story.of(LEAD);
    assert_eq!((tally.dispatched, tally.signed, tally.sign_for_due, tally.finish_due), (1, 1, 1, 1));
    // What was late when it was taken away is late once, and stays so.
    let (mut late, due) = again(Some(20), 0, recall);
    assert_eq!(due, Some(8), "nothing was won");
    late.close();
    assert_eq!(november(&late, LEAD), [[1, 1, 0, 0], [1, 0, 0, 1]]);
    // Given to another between, and back.
    let through: &dyn Fn(&mut Story) = &|s| {
        s.dispatch(K::Redispatch, OTHER).does("city", K::Recall);
    };
    assert_eq!(again(Some(3), 0, through).1, Some(8));
    // Not signed for: what is left of that.
    let (unsigned, _) = again(None, 0, recall);
    let items = dues(ticket(&unsigned), &calendar(), &Terms::default());
    let sign_for = items.iter().find(|item| item.what == DueKind::SignFor && item.unit == LEAD).expect("a sign-for");
    assert_eq!((sign_for.due - NOON + 12 * HOUR) / DAY, 2);
    // So it does after a return that was agreed to.
    let returned: &dyn Fn(&mut Story) = &|s| {
        s.does("lead", K::ReturnRequest).dispatch(K::ReturnApprove, OTHER).does("city", K::Recall);
    };
    let mut story = told();
    story.does("lead", K::SignFor);
    returned(&mut story);
    story.dispatch(K::Dispatch, LEAD);
    let lead = ticket(&story).lead().expect("a lead");
    assert!(lead.resumed.is_some() && lead.signed_for.is_some());
}

#[test]
fn what_it_is_supervised_on_goes_on_with_the_clock() {
    let mut story = told();
    let body = Body::Supervise { level: SuperviseLevel::Urge, ground: SuperviseGround::NotSignedFor };
    let raised = story.says("city", K::Supervise, Some(body)).last().id;
    story.does("city", K::Recall);
    assert_eq!(ticket(&story).supervised().count(), 0);
    story.dispatch(K::Dispatch, LEAD);
    assert_eq!(ticket(&story).supervised().map(|s| s.id).collect::<Vec<_>>(), [raised]);
    assert_eq!(story.of(LEAD).supervised, 1);
    story.does("lead", K::SuperviseReply).does("city", K::SuperviseRelease);
}

#[test]
fn whoever_withdraws_what_a_unit_has_is_heard_or_read() {
    assert_eq!(forbidden_as(&Story::begin(), "city", K::Withdraw, Body::Withdraw), None, "nobody had it");
    let mut story = Story::in_hand();
    assert_eq!(forbidden_as(&story, "city", K::Withdraw, Body::Withdraw), Some("recording-missing"));
    // A photograph is no word, nor is what the unit attaches.
    story.does("city", K::Attach).says("lead", K::Attach, Some(crate::support::story::recording()));
    assert_eq!(forbidden_as(&story, "city", K::Withdraw, Body::Withdraw), Some("recording-missing"));
    story.withdraw();
    assert_eq!(story.score().excluded[0].reason, Exclusion::Withdrawn);
}

#[test]
fn one_of_so_many_withdrawals_is_asked_about() {
    let asked = |every: u32, id: u8| {
        let mut story = Story::in_hand();
        story.says("city", K::Attach, Some(crate::support::story::recording()));
        let mut fact = options::fact(&story.record, K::Withdraw, &author("city"));
        (fact.id, fact.claimed_at) = (ActId([id; 32]), story.now);
        apply(&mut story.record, &fact).expect("withdrawn");
        let items = |story: &Story| {
            let terms = Terms { withdrawn_sample: every, ..Terms::default() };
            let all = dues(ticket(story), &calendar(), &terms).into_iter();
            all.filter(|item| item.what == DueKind::FollowUp).map(|item| item.met_at.is_some()).collect::<Vec<_>>()
        };
        let before = items(&story);
        story.in_vain(Reached::NoAnswer);
        (before, items(&story))
    };
    assert_eq!((1..=10).filter(|id| !asked(5, *id).0.is_empty()).count(), 2, "one in five");
    assert_eq!(asked(1, 3), (vec![false], vec![true]));
    let mut nobody = Story::begin();
    nobody.does("city", K::Withdraw);
    assert!(
        dues(ticket(&nobody), &calendar(), &Terms { withdrawn_sample: 1, ..Terms::default() })
            .iter()
            .all(|item| item.what != DueKind::FollowUp)
    );
}

#[test]
fn what_came_due_is_told_apart() {
    let all = Tally { dispatched: 1, sign_for_due: 2, finish_due: 3, left_open: 1, ..Tally::default() };
    assert_eq!(all.minus(&all.come_due()), Tally { dispatched: 1, ..Tally::default() });
}

#[test]
fn what_two_people_let_go_or_uphold_came_due_for_nothing_in_the_month_in_which_it_did() {
    let late = || {
        let mut story = told();
        story.now = DECEMBER + DAY;
        story.does("lead", K::SignFor).does("lead", K::Contact).close().bad();
        story
    };
    let tolerate = |granted| Some(Body::Tolerate { granted });
    let upheld = |upheld| Some(Body::DecideAppeal { upheld });
    let (counted, out) = ([[1, 0, 0, 1], [1, 0, 0, 1]], [[0; 4], [0; 4]]);
    assert_eq!(november(&late(), LEAD), counted);
    let mut story = late();
    story.says("city", K::Tolerate, tolerate(true));
    assert_eq!(november(&story, LEAD), counted, "one alone lets nothing go");
    story.does("second", K::Confirm);
    assert_eq!(november(&story, LEAD), out);
    // Another round came due all the same.
    let mut again = story.clone();
    again.does("lead", K::Remedy).now += 40 * DAY;
    again.close().good();
    let tally = again.of(LEAD);
    assert_eq!((tally.sign_for_due, tally.finish_due, tally.finished_in_time), (0, 1, 0));
    story.decided(K::Tolerate, tolerate(false));
    assert_eq!(november(&story, LEAD), counted, "nor is it taken back but by two");
    for (right, found) in [(true, out), (false, counted)] {
        let mut story = late();
        story.does("lead", K::Appeal);
        assert_eq!(november(&story, LEAD), counted, "to ask is no gain");
        story.decided(K::DecideAppeal, upheld(right));
        assert_eq!(november(&story, LEAD), found, "{right}");
    }
}

#[test]
fn what_is_let_go_reaches_what_the_unit_missed_before_it_was_recalled() {
    let mut story = told();
    story.now = DECEMBER + DAY;
    story.does("lead", K::SignFor).does("lead", K::Contact).does("city", K::Recall).dispatch(K::Dispatch, LEAD);
    story.does("city", K::Recall).dispatch(K::Dispatch, LEAD).close().bad();
    assert_eq!(november(&story, LEAD), [[1, 0, 0, 1], [1, 0, 0, 1]]);
    story.decided(K::Tolerate, Some(Body::Tolerate { granted: true }));
    assert_eq!(november(&story, LEAD), [[0; 4], [0; 4]]);
    // What another unit missed is not its own.
    let mut other = told();
    other.now = DECEMBER + DAY;
    other.dispatch(K::Redispatch, OTHER).does("other", K::SignFor).does("other", K::Complete);
    other.does("city", K::ConfirmClosure).bad().decided(K::Tolerate, Some(Body::Tolerate { granted: true }));
    assert_eq!(november(&other, LEAD)[0][0], 1);
}

#[test]
fn what_a_unit_below_was_wronged_in_is_no_excuse_of_the_county_above_it() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, COUNTY);
    let sent_on = Dispatch { lead: LEAD, assisting: Vec::new() };
    story.says("county", K::SubDispatch, Some(Body::SubDispatch(sent_on)));
    story.now += 40 * DAY;
    story.does("lead", K::SignFor).does("lead", K::Complete).does("county", K::ConfirmClosure).bad();
    let due = |story: &Story| [LEAD, COUNTY].map(|unit| story.of(unit).finish_due);
    assert_eq!(due(&story), [1, 1]);
    for (who, found) in [("lead", [0, 1]), ("county", [0, 0])] {
        let mut story = story.clone();
        story.does(who, K::Appeal).decided(K::DecideAppeal, Some(Body::DecideAppeal { upheld: true }));
        assert_eq!(due(&story), found, "{who}");
    }
    story.decided(K::Tolerate, Some(Body::Tolerate { granted: true }));
    assert_eq!(due(&story), [0, 0]);
}
