//! Merges (16): nobody sheds a due, a lateness or a recusal by one, and nobody is late by one that is undone.

use regulation::act::{Had, Joins, RequestKind};
use regulation::terms::{DueItem, DueKind, Terms};
use regulation::{ActId, ActKind as K, Body, Fact, Millis, UnitId, decide, options};

use crate::fair::{items, sent_on, ticket, to};
use crate::support::story::*;

pub(crate) const ONE: ActId = ActId([201; 32]);
const TWO: ActId = ActId([202; 32]);

fn joining(joins: Joins) -> Body {
    Body::Supplement { joined: Some(ONE), joins: Some(joins) }
}

pub(crate) fn had(unit: UnitId, due: Millis) -> Joins {
    Joins { had: vec![Had { unit, until: Some(due), due: None }], ..Joins::default() }
}

/// The rule by which a ticket of that sort may not join.
fn refused(story: &Story, joins: Joins) -> Option<&'static str> {
    let sample = options::fact(&story.record, K::Supplement, &author("city"));
    let fact = Fact { body: joining(joins), claimed_at: story.now, ..sample };
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

/// It joins beside what is there, by somebody who had not heard of that.
pub(crate) fn beside(story: &mut Story, joins: Joins) {
    let mut fact = options::fact(&story.record, K::Supplement, &author("city"));
    (fact.id, fact.body, fact.claimed_at) = (ActId([99; 32]), joining(joins), story.now);
    regulation::bring_in(&mut story.record, &fact).expect("a fact is brought in");
    story.acts.push(fact);
    story.now += HOUR;
}

fn ends(story: &Story, unit: UnitId) -> Vec<DueItem> {
    let of = |item: &DueItem| item.what == DueKind::Finish && item.unit == unit;
    items(story).into_iter().filter(of).collect()
}

fn dues(story: &Story, unit: UnitId) -> Vec<Millis> {
    ends(story, unit).into_iter().map(|item| item.due).collect()
}

/// Finishing terms that came due for the lead, and those in time.
pub(crate) fn figures(story: &Story) -> (i64, i64) {
    let tally = story.of(LEAD);
    (tally.finish_due, tally.finished_in_time)
}

pub(crate) fn form_only() -> Option<Body> {
    Some(Body::SendBack { form_only: true })
}

/// So many working days later, at the end of the day.
fn later(due: Millis, days: u32) -> Millis {
    calendar().due(due - 1, days).due
}

fn days_between(from: Millis, to: Millis) -> u32 {
    u32::try_from(calendar().days_left(from, to + 1)).unwrap_or_default()
}

#[test]
fn a_report_that_stands_serves_nobody_who_comes_later() {
    let mut story = Story::in_hand();
    story.does("lead", K::Contact).does("lead", K::Complete);
    let mut again = story.clone();
    story.says("city", K::SendBack, form_only());
    assert_eq!(refused(&story, Joins::default()), Some("joins-late"), "sent back for its form alone");
    again.says("city", K::SendBack, Some(Body::SendBack { form_only: false }));
    assert_eq!(refused(&again, Joins::default()), None, "it is to be done again");
    // Made beside it: what is mended is dated back for this ticket, and not for the one that joined.
    let first = ticket(&story).reported.as_ref().expect("reported").first.1;
    let due = story.now + 10 * DAY;
    beside(&mut story, had(LEAD, due));
    let mended = story.now;
    story.does("lead", K::Complete);
    let found: Vec<_> = ends(&story, LEAD).into_iter().map(|item| (item.due == due, item.met_at)).collect();
    assert!(found.contains(&(true, Some(mended))) && found.contains(&(false, Some(first))), "{found:?}");
    // While the report that it crossed is looked at it is nobody's delay.
    let mut crossed = Story::in_hand();
    crossed.does("lead", K::Contact).does("lead", K::Complete);
    beside(&mut crossed, had(LEAD, due));
    let open = ends(&crossed, LEAD).into_iter().find(|item| item.due == due).expect("its own due");
    assert_eq!((open.met_at, open.provisional), (None, true));
}

#[test]
fn a_statutory_term_of_the_one_is_not_that_of_the_other() {
    let named = || Some(Body::NameTerm { legal_due: NOON + 100 * DAY });
    let due = NOON + 3 * DAY;
    let mut before = Story::in_hand();
    before.says("city", K::NameTerm, named()).joined(ONE, Some((LEAD, due)));
    let mut after = Story::in_hand();
    after.joined(ONE, Some((LEAD, due))).says("city", K::NameTerm, named());
    for story in [&before, &after] {
        assert_eq!(dues(story, LEAD)[0], due);
        assert!(dues(story, LEAD)[1] > NOON + 50 * DAY, "its own goes on");
    }
    // What is asked for since prolongs both.
    before.does("lead", K::ExtendRequest).does("city", K::ExtendApprove);
    assert!(dues(&before, LEAD)[0] > due + 4 * DAY);
}

#[test]
fn what_joins_is_counted_by_its_own_due_though_the_other_is_over() {
    let late = |reported_after: i64| {
        let mut story = Story::in_hand();
        story.now = NOON + 20 * DAY;
        let own = dues(&story, LEAD)[0];
        assert!(own < story.now, "over");
        let due = story.now + 3 * DAY;
        story.joined(ONE, Some((LEAD, due)));
        assert_eq!(dues(&story, LEAD), [own, due]);
        story.now += reported_after * DAY;
        story.close();
        (figures(&story), story.of(LEAD).closed_in_time)
    };
    assert_eq!(late(5), ((2, 0), 0), "both are late");
    assert_eq!(late(1), ((2, 1), 0), "one is");
    // In time both are; a merge adds nothing and takes nothing away.
    let mut good = Story::in_hand();
    good.joined(ONE, Some((LEAD, NOON + 3 * DAY))).joined(TWO, Some((OTHER, NOON + 2 * DAY))).close();
    assert_eq!((figures(&good), good.of(LEAD).closed_in_time), ((2, 2), 1));
}

#[test]
fn each_hop_goes_on_with_its_own_due() {
    let mut story = sent_on();
    story.does("lead", K::SignFor);
    let (county, unit) = (NOON + 6 * DAY, NOON + 3 * DAY);
    let both = Joins { had: vec![had(COUNTY, county).had[0], had(LEAD, unit).had[0]], ..Joins::default() };
    story.says("city", K::Supplement, Some(joining(both)));
    assert!(dues(&story, COUNTY).contains(&county) && !dues(&story, COUNTY).contains(&unit));
    assert!(dues(&story, LEAD).contains(&unit) && !dues(&story, LEAD).contains(&county));
}

#[test]
fn what_is_dispatched_is_not_merged_into_what_nobody_has_nor_handed_over_with_a_fresh_term() {
    let due = NOON + 3 * DAY;
    assert_eq!(refused(&Story::begin(), had(LEAD, due)), Some("joins-undispatched"));
    assert_eq!(refused(&Story::begin(), Joins::default()), None, "neither was dispatched");
    let mut recalled = Story::in_hand();
    assert_eq!(refused(&recalled, had(LEAD, due)), None);
    recalled.does("city", K::Recall);
    assert_eq!(refused(&recalled, had(LEAD, due)), Some("joins-undispatched"));
    // Another unit has it, and gives it back to whom the due was.
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, OTHER);
    let joined_at = story.now;
    story.joined(ONE, Some((LEAD, due)));
    assert!(!dues(&story, OTHER).contains(&due));
    story.now += 2 * DAY;
    let given = story.now;
    story.dispatch(K::Redispatch, LEAD).does("lead", K::SignFor);
    assert_eq!(dues(&story, LEAD)[0], later(due, days_between(joined_at, given)), "what was left goes on");
    // In another round it is done with.
    story.close().bad().does("lead", K::Remedy);
    assert_eq!(dues(&story, LEAD).len(), 1);
}

#[test]
fn whoever_is_protected_in_one_is_protected_in_the_other() {
    let recuse = |unit| Some(Body::Recuse { unit });
    let kept_out = |unit| Joins { kept_out: vec![unit], ..Joins::default() };
    let story = Story::in_hand();
    assert_eq!(refused(&story, kept_out(LEAD)), Some("kept-out-joins"));
    assert_eq!(refused(&story, kept_out(ASSISTING)), Some("kept-out-joins"));
    assert_eq!(refused(&story, kept_out(OTHER)), None);
    // Whoever had it before has what is on it.
    let mut before = story.clone();
    before.dispatch(K::Redispatch, OTHER);
    assert_eq!(refused(&before, kept_out(LEAD)), Some("kept-out-joins"));
    let mut other_way = story.clone();
    other_way.says("city", K::Recuse, recuse(OTHER));
    let units = Joins { units: vec![OTHER], ..Joins::default() };
    assert_eq!(refused(&other_way, units), Some("kept-out-joins"));
    let confidential = || Joins { confidential: true, ..Joins::default() };
    assert_eq!(refused(&story, confidential()), Some("confidential-joins"));
    let Body::Register(mut register) = Body::sample(K::Register) else { unreachable!("a registration") };
    register.kind = RequestKind::TipOff;
    let mut tip_off = Story::nothing();
    tip_off.says("city", K::Register, Some(Body::Register(register)));
    assert_eq!(refused(&tip_off, confidential()), None);
    // It holds from then on, and beside a dispatch that nobody had heard of.
    let mut joined = Story::begin();
    joined.says("city", K::Supplement, Some(joining(kept_out(OTHER))));
    let alone =
        Fact { body: Body::Dispatch(to(OTHER, &[])), ..options::fact(&joined.record, K::Dispatch, &author("city")) };
    assert_eq!(decide(&joined.record, &alone).err().map(|broken| broken.rule.code()), Some("recused"));
    let mut crossed = Story::begin();
    crossed.says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[]))));
    beside(&mut crossed, kept_out(LEAD));
    assert!(ticket(&crossed).lead().is_none(), "it is taken from it");
}

#[test]
fn the_time_between_a_merge_and_its_undoing_does_not_count() {
    let usual = dues(&Story::in_hand(), LEAD)[0];
    let mut story = Story::in_hand();
    let merged = story.now;
    story.does("city", K::Merge);
    story.now += 30 * DAY;
    let undone = story.now;
    story.does("city", K::Unmerge);
    assert_eq!(dues(&story, LEAD), [later(usual, days_between(merged, undone))]);
    assert_eq!(figures(&story).0, figures(&Story::in_hand()).0);
    let late = items(&story).into_iter().filter(|item| item.unit == LEAD && item.met_at.is_none());
    assert!(late.clone().all(|item| item.due > undone), "{:?}", late.collect::<Vec<_>>());
    // What was late before stays late.
    let mut over = Story::in_hand();
    over.now = usual + DAY;
    over.does("city", K::Merge).does("city", K::Unmerge);
    assert_eq!(dues(&over, LEAD), [usual]);
}

#[test]
fn a_hotline_that_had_not_dispatched_what_is_parted_again_has_the_minutes_that_were_left() {
    let dispatch = |story: &Story| {
        let due = items(story).into_iter().rfind(|item| item.what == DueKind::Dispatch);
        due.map(|item| (item.due, item.met_at.is_some())).unwrap()
    };
    let taken_from = |kind, body| {
        let mut story = Story::begin();
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[])))).does("lead", K::SignFor);
        story.says("city", kind, body);
        story
    };
    let nobody =
        [Story::begin(), taken_from(K::Recall, None), taken_from(K::Recuse, Some(Body::Recuse { unit: LEAD }))];
    for story in nobody {
        let usual = dispatch(&story);
        let parted = |after: Millis| {
            let mut story = story.clone();
            story.now = story.last().claimed_at + after;
            story.does("city", K::Merge);
            let merged = story.last().claimed_at;
            story.now += 3 * DAY;
            story.does("city", K::Unmerge);
            (story.last().claimed_at - merged, story)
        };
        let (away, parted_soon) = parted(5 * HOUR / 60);
        assert_eq!(dispatch(&parted_soon), (usual.0 + away, false));
        // What was late before stays late.
        assert_eq!(dispatch(&parted(HOUR).1), usual);
    }
}

/// A ticket that was merged at its usual time, with which the unit was done so many days later, and that came back after 40 days
/// with the due that it had there: its due, when the unit was done with it, and when it came back.
fn undone(handled: i64, due: Option<Millis>) -> (Millis, Millis, Millis) {
    let mut story = Story::in_hand();
    story.does("city", K::Merge);
    let until = story.now + handled * DAY;
    story.now = NOON + 40 * DAY;
    let at = story.now;
    let had = vec![Had { unit: LEAD, until: Some(until), due }];
    story.says("city", K::Unmerge, Some(Body::Unmerge { had }));
    (dues(&story, LEAD)[0], until, at)
}

#[test]
fn what_was_done_in_the_other_ticket_is_done_until_the_merge_is_undone() {
    let usual = dues(&Story::in_hand(), LEAD)[0];
    let (due, until, at) = undone(1, None);
    assert_eq!(due, later(usual, days_between(until, at)), "what was left when it was reported");
    assert_eq!(undone(20, None).0, usual, "what was late there is late");
    let mut open = Story::in_hand();
    open.joined(ONE, Some((LEAD, NOON + 3 * DAY)));
    assert_eq!(ticket(&open).had_by(ONE, open.now), [Had { unit: LEAD, until: Some(open.now), due: None }]);
    open.parted(ONE);
    assert_eq!(dues(&open, LEAD), [usual]);
}

#[test]
fn what_was_granted_in_the_other_ticket_comes_back_with_it_and_no_more_than_can_be() {
    let usual = dues(&Story::in_hand(), LEAD)[0];
    let extended = later(usual, 10);
    let (due, until, at) = undone(1, Some(extended));
    assert_eq!(due, later(extended, days_between(until, at)));
    assert_eq!(
        undone(12, Some(extended)).0,
        later(extended, days_between(NOON + 12 * DAY, NOON + 40 * DAY)),
        "in time"
    );
    let (due, until, at) = undone(1, Some(NOON + 2_000 * DAY));
    let most = days_between(NOON, until) + Terms::default().extension_max_wd;
    assert_eq!(due, later(later(usual, most), days_between(until, at)), "whoever says more than there can be");
    // What was granted there is granted: the rest of the usual most is left.
    let mut story = Story::in_hand();
    story.does("city", K::Merge);
    let had = vec![Had { unit: LEAD, until: Some(story.now), due: Some(extended) }];
    story.says("city", K::Unmerge, Some(Body::Unmerge { had })).does("lead", K::ExtendRequest);
    let before = dues(&story, LEAD)[0];
    assert_eq!(before, extended);
    story.says("city", K::ExtendApprove, Some(Body::ExtendApprove { days: 15, by_law: false }));
    assert_eq!(dues(&story, LEAD), [later(extended, Terms::default().extension_max_wd - 10)]);
}

#[test]
fn what_parted_is_in_no_figure_of_the_ticket_that_it_had_joined() {
    let lived = |mut story: Story, wait: i64, remedied: bool| {
        story.now += wait;
        let reported = story.now;
        story.close().good();
        if remedied {
            story.bad().does("lead", K::Remedy);
        }
        (story, reported)
    };
    let counts = |story: &Story| (figures(story), story.of(LEAD).closed_in_time);
    // In time or late, and whatever round it is.
    for (wait, remedied) in [(0, false), (4 * DAY, false), (0, true)] {
        let mut joined = Story::in_hand();
        joined.joined(ONE, Some((LEAD, NOON + 3 * DAY)));
        let (mut story, reported) = lived(joined, wait, remedied);
        let (plain, _) = lived(Story::in_hand(), wait, remedied);
        assert_eq!(figures(&story).0, figures(&plain).0 + 1, "each is counted while it is joined");
        if !remedied {
            let had = ticket(&story).had_by(ONE, story.now);
            assert_eq!(had, [Had { unit: LEAD, until: Some(reported), due: None }]);
        }
        story.parted(ONE);
        assert_eq!(counts(&story), counts(&plain), "{wait} {remedied}");
    }
}

#[test]
fn nobody_is_late_at_once_in_a_ticket_that_comes_back() {
    // Not signed for, urgent and not called: the unit had it all the while, in the other ticket.
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD);
    let due = |story: &Story, what| {
        let found = items(story).into_iter().find(|item| item.what == what && item.unit == LEAD);
        found.map(|item| item.due)
    };
    let sign_for = due(&story, DueKind::SignFor).expect("to be signed for");
    let merged = story.now;
    story.does("city", K::Merge);
    story.now += 30 * DAY;
    let undone = story.now;
    let had = vec![Had { unit: LEAD, until: Some(undone), due: None }];
    story.says("city", K::Unmerge, Some(Body::Unmerge { had }));
    assert_eq!(due(&story, DueKind::SignFor), Some(later(sign_for, days_between(merged, undone))));
    let open = items(&story).into_iter().filter(|item| item.unit == LEAD && item.what != DueKind::Finish);
    assert!(open.clone().all(|item| item.due > undone), "{:?}", open.collect::<Vec<_>>());
    // The end ran on there.
    story.does("lead", K::SignFor);
    assert!(dues(&story, LEAD)[0] > undone, "it begins at the sign-for");
    let mut signed = Story::in_hand();
    let usual = dues(&signed, LEAD)[0];
    let contact = due(&signed, DueKind::Contact).expect("to be called");
    let merged = signed.now;
    signed.does("city", K::Merge);
    signed.now += 2 * DAY;
    let undone = signed.now;
    let had = vec![Had { unit: LEAD, until: Some(undone), due: None }];
    signed.says("city", K::Unmerge, Some(Body::Unmerge { had }));
    assert_eq!(dues(&signed, LEAD), [usual]);
    assert_eq!(due(&signed, DueKind::Contact), Some(later(contact, days_between(merged, undone))));
}
