//! Silence of whoever decides is his own delay; urgent help stops for nothing; what was missed stays missed.

use regulation::act::{RequestKind, Urgency, Way};
use regulation::calendar::Calendar;
use regulation::terms::{self, DueItem, DueKind, Terms};
use regulation::{ActKind as K, Body, UnitId, options};

use crate::fair::{finish, forbidden, forbidden_as, items, seen, sent_on, ticket, two_hours};
use crate::support::story::{CITY, COUNTY, DAY, HOUR, LEAD, OTHER, Story, author};

/// What is due of somebody, and when.
pub fn due(story: &Story, what: DueKind) -> Option<(UnitId, i64)> {
    items(story).into_iter().find(|item| item.what == what).map(|item| (item.unit, item.due))
}

#[test]
fn silence_of_whoever_decides_gains_nobody_anything_and_is_his_own_delay() {
    let calendar = crate::support::script::calendar();
    let statute = || Body::Progress { way: Way::System, legal_due: Some(2_000_000_000_000) };
    for (kind, body, decides, what) in [
        (K::ExtendRequest, None, CITY, DueKind::ExtensionReview),
        (K::Progress, Some(statute()), CITY, DueKind::TimeReview),
        (K::Defer, None, CITY, DueKind::DeferDecision),
    ] {
        let mut story = Story::in_hand();
        let usual = finish(&story, LEAD);
        // Asked for on the last day, in the last hour.
        story.now = usual - HOUR;
        story.says("lead", kind, body);
        let (unit, last) = due(&story, what).expect("somebody decides");
        assert_eq!(unit, decides, "{kind:?}");
        let two_days = calendar.due(last - 1, 2).due;
        assert_eq!(finish(&story, LEAD), two_days, "{kind:?}");
        // Nothing hangs on when somebody looks, and nobody is provisional for ever.
        let finish = items(&story).into_iter().find(|item| item.what == DueKind::Finish).expect("a term");
        let verdict = |item: &DueItem, now| item.verdict(now, &Terms::default());
        assert_eq!(verdict(&finish, two_days), terms::DueVerdict::Overdue, "{kind:?}");
        assert_ne!(verdict(&finish, two_days - 1), terms::DueVerdict::Overdue, "{kind:?}");
        let decision = items(&story).into_iter().find(|item| item.what == what).expect("a decision");
        assert_eq!(verdict(&decision, last), terms::DueVerdict::Overdue, "the delay is the decider's, {kind:?}");
        // To ask once more is no way to have ever more days.
        if kind == K::ExtendRequest {
            story.now = last + 5 * DAY;
            story.does("city", K::ExtendDeny);
            assert_eq!(self::finish(&story, LEAD), two_days);
            story.now = two_days - HOUR;
            assert_eq!(self::finish(story.does("lead", K::ExtendRequest), LEAD), two_days);
        }
    }
}

#[test]
fn silence_on_a_return_stops_no_clock_beyond_the_deciders_own_time() {
    let asked = || {
        let mut story = Story::in_hand();
        story.does("lead", K::ReturnRequest);
        story
    };
    let ((_, review), end) = (due(&asked(), DueKind::ReturnReview).expect("a decision"), finish(&asked(), LEAD));
    for after in [0, HOUR, 40 * DAY] {
        let mut story = asked();
        story.now = review - 1 + after;
        assert_eq!(finish(story.does("city", K::ReturnDeny), LEAD), end, "{after}");
    }
    let item = |story: &Story, unit| {
        let of = |item: &DueItem| item.what == DueKind::Finish && item.unit == unit;
        items(story).into_iter().find(of).expect("a term")
    };
    let verdict = |item: &DueItem, now| item.verdict(now, &Terms::default());
    assert_eq!(verdict(&item(&asked(), LEAD), end), terms::DueVerdict::Overdue);
    assert_ne!(verdict(&item(&asked(), LEAD), end - 1), terms::DueVerdict::Overdue);
    // Taken back, or agreed to, when it had counted as refused, it does not undo what was missed by then.
    let late = |agreed_at: i64, kind| {
        let mut story = asked();
        story.now = agreed_at;
        if kind == K::Recall {
            story.does("city", kind)
        } else {
            story.dispatch(kind, OTHER)
        };
        let tally = story.of(LEAD);
        (tally.finish_due, tally.finished_in_time + tally.finish_open)
    };
    for kind in [K::Recall, K::ReturnApprove, K::Redispatch] {
        assert_eq!(late(end + 40 * DAY, kind), (1, 0), "{kind:?}");
        assert_eq!(late(review - 1, kind), (0, 0), "{kind:?}");
    }
    // To ask is to have it, whatever the hotline says.
    let mut unsigned = Story::begin();
    unsigned.dispatch(K::Dispatch, LEAD).does("lead", K::ReturnRequest);
    let sign_for = items(&unsigned).into_iter().find(|item| item.what == DueKind::SignFor && item.unit == LEAD);
    assert_eq!(sign_for.and_then(|item| item.met_at), Some(unsigned.last().claimed_at));
    // What a county asks for itself holds its own term no longer either.
    let mut county = sent_on();
    county.does("lead", K::SignFor).does("county", K::ReturnRequest);
    let outer = item(&county, COUNTY);
    assert_eq!(verdict(&outer, outer.due), terms::DueVerdict::Overdue);
}

#[test]
fn what_a_county_names_for_a_unit_below_binds_itself_and_reaches_no_further_than_its_own_term() {
    let named = |story: &mut Story, who, legal_due| {
        story.says(who, K::NameTerm, Some(Body::NameTerm { legal_due }));
        (finish(story, LEAD), finish(story, COUNTY))
    };
    let story = sent_on();
    let (own, outer) = (finish(&story, LEAD), finish(&story, COUNTY));
    let far = story.now + 200 * DAY;
    assert_eq!(named(&mut story.clone(), "county", far), (own.max(outer), outer));
    assert_eq!(
        named(&mut story.clone(), "city", far),
        (far, far),
        "beyond it is the city's, and no delay of the county's"
    );
    // Nobody is late by what he cannot know of; the county, which names it, can.
    let mut near = story.clone();
    let (minutes, at) = (120_000, near.now);
    let (_, sign_for) = due_of(&near, DueKind::SignFor, LEAD);
    assert_eq!(named(&mut near, "county", at + minutes), (sign_for + minutes, at + minutes));
    near.does("county", K::Recall);
    let of = |unit| (near.of(unit).finish_due, near.of(unit).finished_in_time);
    assert_eq!((of(LEAD), of(COUNTY)), ((0, 0), (1, 0)));
    // What the county agrees to goes no further either.
    let mut agreed = story;
    agreed.does("lead", K::SignFor);
    agreed.says("lead", K::Progress, Some(Body::Progress { way: Way::System, legal_due: Some(far) }));
    agreed.does("county", K::DecideTime);
    assert!(finish(&agreed, LEAD) <= own.max(outer));
}

/// What of that sort is due of a unit, and when.
fn due_of(story: &Story, what: DueKind, unit: UnitId) -> (UnitId, i64) {
    let found = items(story).into_iter().find(|item| (item.what, item.unit) == (what, unit));
    found.map(|item| (item.unit, item.due)).expect("something due")
}

#[test]
fn whoever_worked_by_a_provisional_due_keeps_it_when_a_stricter_calendar_comes() {
    use crate::support::script;
    // Nothing is known of the year but its weekdays; the notice makes a Saturday a working day.
    let guess = Calendar::from_days(1, &[]);
    let mut days = Calendar::parse_csv(include_str!("../../../data/holidays.csv")).expect("readable");
    let date = "2026-11-28".parse().expect("a date");
    days.push(regulation::calendar::Day { date, working: true, name: "补班".to_owned() });
    let notice = Calendar::from_days(2, &days);
    let terms = Terms::default();
    let rules = [
        terms::Rules { version: 1, since: script::time("01-01 00:00"), calendar: &guess, terms: &terms },
        terms::Rules { version: 2, since: script::time("11-27 00:00"), calendar: &notice, terms: &terms },
    ];
    let ticket = script::ticket("11-23 09:00 help\n11-23 09:05 dispatch\n11-23 10:00 sign\n11-30 09:00 complete");
    let finish = |version: u32| {
        let items = terms::dues_under(&ticket, &rules, &|_| Some(version));
        let item = items.into_iter().find(|item| item.what == DueKind::Finish).expect("a term");
        (script::shown(item.due), item.verdict(i64::MAX, &terms))
    };
    // By a node that had not heard of the notice, and by one that had.
    assert_eq!(finish(1), ("12-01 00:00".to_owned(), terms::DueVerdict::Normal));
    assert_eq!(finish(2), ("11-29 00:00".to_owned(), terms::DueVerdict::Overdue));
}

#[test]
fn what_a_unit_wrote_down_for_the_city_is_the_citys_to_confirm() {
    let mut story = Story::nothing();
    story.does("other", K::RegisterByProxy);
    let owner = |story: &Story| {
        let mut items = items(story);
        terms::of_the_city(&mut items, ticket(story), CITY);
        items.into_iter().find(|item| item.what == DueKind::Confirm).map(|item| item.unit)
    };
    assert_eq!(owner(&story), Some(CITY));
    story.does("city", K::ConfirmIntake);
    assert_eq!(owner(&story), Some(CITY));
}

#[test]
fn a_shorter_term_of_a_law_is_recorded_by_the_hotline_by_the_hour() {
    let mut story = sent_on();
    story.does("lead", K::SignFor);
    let term = |legal_due| Body::NameTerm { legal_due };
    for who in ["lead", "assisting", "other"] {
        assert_eq!(forbidden_as(&story, who, K::NameTerm, term(0)), Some("dispatcher-only"), "{who}");
    }
    let (now, outer) = (story.now, finish(&story, COUNTY));
    let mut by_city = story.clone();
    for story in [&mut story, &mut by_city] {
        let who = if story.now == now { "county" } else { "city" };
        story.says(who, K::NameTerm, Some(term(now + 24 * HOUR)));
        assert_eq!(finish(story, LEAD), now + 24 * HOUR);
        let bound = if who == "county" { now + 24 * HOUR } else { outer };
        assert_eq!(finish(story, COUNTY), bound, "what a county names binds itself; else each hop has its own");
    }
    // Nobody is late by a term that was over when it was recorded.
    let at = story.now;
    story.says("county", K::NameTerm, Some(term(now - DAY)));
    assert_eq!(finish(&story, LEAD), at);
}

#[test]
fn an_extension_beyond_the_countys_own_term_is_asked_of_the_city_and_charges_the_county_with_nothing() {
    let mut story = sent_on();
    story.does("lead", K::SignFor);
    let (outer, own) = (finish(&story, COUNTY), finish(&story, LEAD));
    let ask = |of_city| Some(Body::ExtendRequest { days: 10, told_at: 0, of_city });
    let grant = || Some(Body::ExtendApprove { days: 10, by_law: false });
    let mut within = story.clone();
    within.says("lead", K::ExtendRequest, ask(false));
    assert_eq!(
        (forbidden(&within, "county", K::ExtendApprove), due(&within, DueKind::ExtensionReview).map(|d| d.0)),
        (None, Some(COUNTY))
    );
    within.says("county", K::ExtendApprove, grant());
    assert!(finish(&within, LEAD) <= outer.max(own));
    story.says("lead", K::ExtendRequest, ask(true));
    assert_eq!(due(&story, DueKind::ExtensionReview).map(|due| due.0), Some(CITY));
    assert_eq!(forbidden(&story, "county", K::ExtendApprove), Some("no-extension-pending"));
    story.says("city", K::ExtendApprove, grant());
    let calendar = crate::support::script::calendar();
    assert_eq!(finish(&story, LEAD), calendar.due(own - 1, 10).due);
    assert_eq!(finish(&story, COUNTY), calendar.due(outer - 1, 10).due);
}

#[test]
fn a_county_that_does_not_decide_is_supervised_by_the_city_for_its_own_delay() {
    let (calendar, terms) = (crate::support::script::calendar(), Terms::default());
    let mut story = sent_on();
    story.does("lead", K::SignFor).does("lead", K::ExtendRequest);
    let county = ticket(&story).part_of(COUNTY).expect("the county").dispatch;
    let (unit, last) = due(&story, DueKind::ExtensionReview).expect("a decision");
    assert_eq!(unit, COUNTY);
    let raised = |story: &Story, by, now| {
        let grounds = regulation::supervise::grounds(ticket(story), &items(story), by, &calendar, &terms, now);
        grounds.into_iter().map(|ground| ground.dispatch).collect::<Vec<_>>()
    };
    assert_eq!(raised(&story, CITY, last - 1), []);
    assert_eq!(raised(&story, CITY, last), [county]);
    assert_eq!(raised(&story, COUNTY, last), [], "not the unit that waits");
    let next = regulation::supervise::next(ticket(&story), &items(&story), CITY, &calendar, &terms, story.now);
    assert!(next.is_some_and(|at| at <= last));
    // Nor does it keep a report without an answer.
    story.does("lead", K::Complete);
    let (_, last) = due(&story, DueKind::Closure).expect("a decision");
    assert!(raised(&story, CITY, last).contains(&county));
}

#[test]
fn a_time_that_is_claimed_and_that_nobody_decides_on_counts_as_it_was_entered() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
    let due = finish(&story, LEAD);
    story.now = due - HOUR;
    let act = story.does("lead", K::Complete).last().id;
    let (now, in_reach) = (story.now, due + DAY);
    // It came after the due, of a device that was in reach: nobody has decided.
    seen(&mut story, act, now - DAY, in_reach);
    story.now = in_reach;
    story.does("city", K::ConfirmClosure).good();
    let tally = story.of(LEAD);
    let base = tally.in_time_rate().map(|rate| rate.base);
    assert_eq!((tally.closed, tally.closed_in_time, tally.closed_open, base), (1, 0, 0, Some(1)), "silence is no gain");
    let item = items(&story).into_iter().find(|item| item.what == DueKind::Finish).expect("a term");
    let (_, decide_by) = self::due(&story, DueKind::TimeReview).expect("a decision");
    let verdict = |now| item.verdict(now, &Terms::default());
    assert_eq!(verdict(decide_by - 1), terms::DueVerdict::Disputed);
    assert_eq!(verdict(decide_by), terms::DueVerdict::Overdue);
    let mut decided = options::fact(&story.record, K::DecideTime, &author("city"));
    (decided.answers, decided.body, decided.claimed_at) = (Some(act), Body::DecideTime { in_time: true }, story.now);
    regulation::apply(&mut story.record, &decided).expect("decided");
    let tally = story.of(LEAD);
    assert_eq!((tally.closed_in_time, tally.closed_open), (1, 0));
}

#[test]
fn a_return_that_is_asked_for_stops_no_urgent_help() {
    let urgent = Some(Body::SetUrgency { urgency: Urgency::Urgent });
    let mut story = Story::begin();
    story.says("city", K::SetUrgency, urgent).dispatch(K::Dispatch, LEAD);
    let calm = items(&story);
    story.does("lead", K::ReturnRequest);
    let asked = story.last().claimed_at;
    let two_hours = |items: &[DueItem]| {
        items.iter().find(|item| item.what == DueKind::Urgent).map(|item| item.due).expect("two hours")
    };
    assert_eq!(two_hours(&items(&story)), two_hours(&calm));
    let item = items(&story).into_iter().find(|item| item.what == DueKind::Urgent).expect("two hours");
    assert_eq!(item.verdict(item.due, &Terms::default()), terms::DueVerdict::Overdue);
    // It is decided on in half an hour, on any day.
    assert_eq!(due(&story, DueKind::ReturnReview), Some((CITY, asked + HOUR / 2)));
    let mut calm = Story::in_hand();
    let at = calm.now;
    calm.does("lead", K::ReturnRequest);
    assert!(due(&calm, DueKind::ReturnReview).is_some_and(|(_, due)| due > at + HOUR));
}

#[test]
fn an_alarm_charges_whoever_raises_it_and_nobody_else_but_by_the_hotlines_word() {
    let urgent = || Some(Body::SetUrgency { urgency: Urgency::Urgent });
    let charged = |story: &Story| [LEAD, COUNTY].map(|unit| two_hours(story, unit).len());
    let mut beside = Story::in_hand();
    beside.says("assisting", K::SetUrgency, urgent());
    assert_eq!((charged(&beside), ticket(&beside).urgency), ([0, 0], Urgency::Urgent));
    beside.says("city", K::SetUrgency, urgent());
    assert_eq!(charged(&beside), [1, 0], "the city agrees");
    let mut own = Story::in_hand();
    own.says("lead", K::SetUrgency, urgent());
    assert_eq!(charged(&own), [1, 0]);
    // What a township says is not the county's delay; what the county says is everybody's.
    let mut below = sent_on();
    below.says("lead", K::SetUrgency, urgent());
    assert_eq!(charged(&below), [1, 0]);
    below.says("county", K::SetUrgency, urgent());
    assert_eq!(two_hours(&below, COUNTY).len(), 1);
    // Once it was found done it is known, and asked of nobody.
    for who in ["city", "lead", "assisting"] {
        let mut closed = Story::closed();
        closed.says(who, K::SetUrgency, urgent());
        assert_eq!((charged(&closed), ticket(&closed).urgency), ([0, 0], Urgency::Urgent), "{who}");
    }
}

#[test]
fn what_was_missed_stays_missed_when_it_is_urgent_no_more() {
    let set = |urgency| Some(Body::SetUrgency { urgency });
    let lowered = |after: i64| {
        let mut story = Story::in_hand();
        story.says("city", K::SetUrgency, set(Urgency::Urgent));
        story.now += after - HOUR;
        story.says("city", K::SetUrgency, set(Urgency::Ordinary));
        story
    };
    assert_eq!(two_hours(&lowered(2 * HOUR - 1), LEAD), [], "nothing was missed");
    let mut missed = lowered(2 * HOUR);
    assert_eq!(two_hours(&missed, LEAD), [None]);
    // Raised anew it is asked for anew.
    missed.says("city", K::SetUrgency, set(Urgency::Urgent));
    let at = missed.now;
    missed.does("lead", K::Progress);
    assert_eq!(two_hours(&missed, LEAD), [Some(at), Some(at)]);
    missed.close().good();
    assert_eq!(missed.of(LEAD).responded, 0);
    let mut good = Story::in_hand();
    good.does("lead", K::Contact).close().good();
    assert_eq!(good.of(LEAD).responded, 1);
}

#[test]
fn what_was_done_on_the_scene_is_not_asked_of_the_next_unit() {
    let next = |way, who: &str| {
        let mut story = Story::begin();
        story.says("city", K::SetUrgency, Some(Body::SetUrgency { urgency: Urgency::Urgent }));
        story.dispatch(K::Dispatch, LEAD).does(who, K::SignFor);
        story.says(who, K::Progress, Some(Body::Progress { way, legal_due: None }));
        story.dispatch(K::Redispatch, OTHER);
        two_hours(&story, OTHER).len()
    };
    assert_eq!((next(Way::OnSite, "lead"), next(Way::Telephone, "lead")), (0, 1));
    assert_eq!((next(Way::OnSite, "assisting"), next(Way::Telephone, "assisting")), (0, 1));
}

#[test]
fn urgent_is_from_when_somebody_said_so() {
    let mut story = Story::in_hand();
    let set = |urgency| Some(Body::SetUrgency { urgency });
    let at = story.now;
    story.says("city", K::SetUrgency, set(Urgency::Urgent));
    assert_eq!(ticket(&story).register.kind, RequestKind::Help);
    assert_eq!(ticket(&story).alarms.iter().map(|alarm| alarm.raised.1).collect::<Vec<_>>(), [at]);
    story.says("city", K::SetUrgency, set(Urgency::Urgent)).says("lead", K::SetUrgency, set(Urgency::Urgent));
    assert_eq!(ticket(&story).alarms.len(), 1, "said once more it is no more urgent");
    let ended = story.now;
    story.says("city", K::SetUrgency, set(Urgency::Ordinary));
    assert_eq!(ticket(&story).alarms[0].ended.map(|(_, at)| at), Some(ended));
    story.says("city", K::SetUrgency, set(Urgency::Ordinary));
    assert_eq!(ticket(&story).alarms[0].ended.map(|(_, at)| at), Some(ended));
}

/// What was done to move a figure of the lead's, and that nothing comes of it: each begins as `before` says.
#[test]
fn none_of_what_was_done_to_move_a_figure_moves_it() {
    type Live = fn(&mut Story);
    let bad: Live = |s| {
        s.close().bad();
    };
    let overdue: Live = |s| {
        s.now += 30 * DAY;
        s.does("lead", K::Contact);
    };
    let unsure: Live = |s| {
        s.close().rated(
            regulation::act::Contacted::Unsure,
            regulation::act::Solved::Yes,
            regulation::act::Satisfaction::Satisfied,
        );
    };
    let cheats: [(&str, Live, Live); 12] = [
        ("a remedy is begun", bad, |s| {
            s.does("lead", K::Remedy);
        }),
        ("and left to another", bad, |s| {
            s.does("lead", K::Remedy).dispatch(K::Redispatch, OTHER);
        }),
        ("and withdrawn", bad, |s| {
            s.does("lead", K::Remedy).withdraw();
        }),
        ("and merged", bad, |s| {
            s.does("lead", K::Remedy).does("city", K::Merge);
        }),
        ("a better rating is asked for", bad, |s| {
            s.good();
        }),
        ("it is explained", bad, |s| {
            s.does("lead", K::Explain);
        }),
        ("it is appealed against", bad, |s| {
            s.does("lead", K::Appeal);
        }),
        ("one officer alone decides on the appeal", bad, |s| {
            s.does("lead", K::Appeal).does("city", K::DecideAppeal);
        }),
        ("one officer alone lets it go", bad, |s| {
            s.does("city", K::Tolerate);
        }),
        ("a call is entered afterwards", unsure, |s| {
            s.does("lead", K::Contact);
        }),
        ("what is overdue is taken back and given again", overdue, |s| {
            s.does("city", K::Recall).dispatch(K::Dispatch, LEAD);
        }),
        ("what is overdue is withdrawn", overdue, |s| {
            s.withdraw();
        }),
    ];
    for (name, before, cheat) in cheats {
        let mut story = Story::in_hand();
        before(&mut story);
        let of = |story: &Story| {
            let tally = story.of(LEAD);
            let late = tally.finish_due - tally.finish_open - tally.finished_in_time;
            ([tally.rated, tally.contacted, tally.solved, tally.satisfied, tally.closed], late)
        };
        let (was, late) = of(&story);
        cheat(&mut story);
        let (is, still_late) = of(&story);
        assert_eq!(is, was, "{name}");
        assert!(still_late >= late, "{name}: {late} {still_late}");
    }
}

// Whoever says by two words that it is not urgent and that it is renews nothing.
#[test]
fn urgency_that_is_taken_back_and_said_again_goes_on_where_it_was() {
    let urgent = |story: &Story| {
        let mut items: Vec<DueItem> = items(story).into_iter().filter(|item| item.what == DueKind::Urgent).collect();
        items.pop().map(|item| item.due)
    };
    let mut story = Story::begin();
    story.says("city", K::SetUrgency, Some(Body::SetUrgency { urgency: Urgency::Urgent }));
    story.dispatch(K::Dispatch, LEAD);
    let first = urgent(&story).expect("two hours");
    let lower = |story: &mut Story, ordinary: i64, minutes: i64| {
        story.now = ordinary;
        story.says("city", K::SetUrgency, Some(Body::SetUrgency { urgency: Urgency::Ordinary }));
        story.now = ordinary + minutes * 60_000;
        story.says("city", K::SetUrgency, Some(Body::SetUrgency { urgency: Urgency::Urgent }));
    };
    let mut again = story.clone();
    lower(&mut again, first - HOUR, 1);
    assert_eq!(urgent(&again), Some(first + 60_000), "without the minute between");
    // A quarter of the time is left for what is said anew.
    let mut late = story.clone();
    lower(&mut late, first - 1, 600);
    assert_eq!(urgent(&late), Some(first - 1 + 600 * 60_000 + HOUR / 2));
    // Who has reported begins with two hours.
    let mut reported = story;
    reported.now = first - HOUR - 60_000;
    reported.does("lead", K::SignFor);
    reported.now = first - HOUR - 30_000;
    reported.does("lead", K::Progress);
    lower(&mut reported, first - HOUR, 1);
    assert_eq!(urgent(&reported), Some(first + HOUR + 60_000));
}

// A term that is over is moved by nothing that comes afterwards.
#[test]
fn a_contact_that_was_missed_stays_missed() {
    let contact = |story: &Story| items(story).into_iter().find(|item| item.what == DueKind::Contact).expect("signed");
    let in_hand = Story::in_hand();
    let due = contact(&in_hand).due;
    let acts: [&[(&str, K)]; 3] = [
        &[("lead", K::ReturnRequest), ("city", K::ReturnDeny)],
        &[("city", K::Merge), ("city", K::Unmerge)],
        &[("city", K::Recall), ("city", K::Dispatch)],
    ];
    for steps in acts {
        let mut story = in_hand.clone();
        for (number, (who, kind)) in steps.iter().enumerate() {
            story.now = due + HOUR + i64::try_from(number).expect("few") * 30 * HOUR;
            match kind {
                K::Dispatch => drop(story.dispatch(K::Dispatch, LEAD)),
                K::ReturnRequest => {
                    story.does("lead", K::Contact);
                    story.does(who, *kind);
                }
                _ => drop(story.does(who, *kind)),
            }
        }
        assert_eq!(contact(&story).due, due, "{steps:?}");
    }
}
