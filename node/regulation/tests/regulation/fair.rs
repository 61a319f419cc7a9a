//! Nobody answers for what another did or held, and nothing gets stuck in between.

use regulation::act::{
    Finding, Reached, RequestKind, Seen, SetAsideGround, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::calendar::Calendar;
use regulation::terms::{self, DueItem, DueKind, Terms};
use regulation::{ActId, ActKind as K, Body, Dispatch, PersonId, Ticket, TicketState, UnitId, decide, options};

use crate::support::story::{ASSISTING, CITY, COUNTY, DAY, HOUR, LEAD, OTHER, Story, author};

pub fn ticket(story: &Story) -> &Ticket {
    story.record.ticket().expect("a ticket")
}

/// The rule that keeps somebody from doing this now, with particulars that break none.
fn forbidden(story: &Story, who: &str, kind: K) -> Option<&'static str> {
    let fact = options::fact(&story.record, kind, &author(who));
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

pub fn forbidden_as(story: &Story, who: &str, kind: K, body: Body) -> Option<&'static str> {
    let mut fact = options::fact(&story.record, kind, &author(who));
    fact.body = body;
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

fn to(lead: UnitId, assisting: &[UnitId]) -> Dispatch {
    Dispatch { lead, assisting: assisting.to_vec() }
}

/// At the county, and sent on to the lead.
pub fn sent_on() -> Story {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, COUNTY).says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    story
}

/// Urgent help, as a registration.
fn urgent_request() -> Body {
    let Body::Register(mut register) = Body::sample(K::Register) else { unreachable!("a registration") };
    register.urgency = Urgency::Urgent;
    Body::RegisterByProxy(register)
}

/// What is due on a ticket.
fn items(story: &Story) -> Vec<DueItem> {
    terms::dues(ticket(story), &crate::support::script::calendar(), &Terms::default())
}

/// Of each time that a unit is asked for its first report on urgent help: when it made it.
fn two_hours(story: &Story, unit: UnitId) -> Vec<Option<i64>> {
    let asked = items(story).into_iter().filter(|item| item.what == DueKind::Urgent && item.unit == unit);
    asked.map(|item| item.met_at).collect()
}

/// The end of the finishing term of a unit.
fn finish(story: &Story, unit: UnitId) -> i64 {
    let found = items(story).into_iter().find(|item| item.what == DueKind::Finish && item.unit == unit);
    found.expect("a finishing term").due
}

/// Somebody acts, and says that it was at another time.
fn claims(story: &mut Story, who: &str, kind: K, body: Option<Body>, happened_at: i64) {
    let mut fact = options::fact(&story.record, kind, &author(who));
    fact.id = ActId([u8::try_from(story.acts.len() + 1).expect("few acts"); 32]);
    (fact.claimed_at, fact.happened_at) = (story.now, Some(happened_at));
    fact.body = body.unwrap_or(fact.body);
    regulation::apply(&mut story.record, &fact).unwrap_or_else(|broken| panic!("{who} {kind:?}: {broken:?}"));
    story.acts.push(fact);
    story.now += HOUR;
}

/// The city hub says when an act was made.
fn seen(story: &mut Story, act: ActId, not_before: i64, received_at: i64) {
    let late = Seen::Late { not_before, received_at, offline: false, clock_good: false };
    let mut witness = options::fact(&story.record, K::Witness, &author("hub"));
    (witness.body, witness.answers, witness.claimed_at) = (Body::Witness(late), Some(act), received_at);
    regulation::apply(&mut story.record, &witness).expect("witnessed");
}

fn supervise() -> Option<Body> {
    Some(Body::Supervise { level: SuperviseLevel::Urge, ground: SuperviseGround::NotSignedFor })
}

#[test]
fn a_supervision_ends_with_the_part_that_it_was_raised_on() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD).says("city", K::Supervise, supervise());
    let raised = story.last().id;
    story.says("city", K::Redispatch, Some(Body::Redispatch(to(OTHER, &[]))));
    assert_eq!(ticket(&story).supervised().count(), 0);
    // It may be released for the record, though nobody can reply any more.
    let mut released = story.clone();
    let mut fact = options::fact(&released.record, K::SuperviseRelease, &author("city"));
    fact.answers = Some(raised);
    regulation::apply(&mut released.record, &fact).expect("released");
    // And it keeps nothing from being filed.
    story.does("other", K::SignFor).does("other", K::Complete).does("city", K::ConfirmClosure).good();
    assert_eq!(forbidden(&story, "city", K::Archive), None);
    // Figures: it is that of the unit that did not sign.
    assert_eq!((story.of(LEAD).supervised, story.of(OTHER).supervised), (1, 0));
    for end in [K::Withdraw, K::Merge] {
        let mut ended = Story::begin();
        ended.dispatch(K::Dispatch, LEAD).says("city", K::Supervise, supervise());
        assert_eq!(forbidden(&ended, "city", K::SuperviseRelease), Some("not-replied"));
        if end == K::Withdraw {
            ended.withdraw();
        } else {
            ended.does("city", end);
        }
        assert_eq!(forbidden(&ended, "city", K::Archive), None, "{end:?}");
    }
    // A merge that is undone brings it back.
    let mut merged = Story::begin();
    merged.dispatch(K::Dispatch, LEAD).says("city", K::Supervise, supervise());
    merged.does("city", K::Merge).does("city", K::Unmerge);
    assert_eq!(ticket(&merged).supervised().count(), 1);
}

#[test]
fn whoever_withdrew_may_be_asked_whether_of_his_own_will() {
    let mut story = Story::in_hand();
    story.does("lead", K::Contact).withdraw().bad();
    assert_eq!((ticket(&story).state, ticket(&story).follow_ups.len()), (TicketState::Withdrawn, 1));
    story.does("city", K::Archive);
    assert_eq!(forbidden(&story, "city", K::FollowUp), Some("no-closure"));
}

#[test]
fn a_report_of_one_unit_is_not_that_of_the_next() {
    let mut story = Story::in_hand();
    story.does("lead", K::Complete).says("city", K::SendBack, Some(Body::SendBack { form_only: true }));
    assert!(ticket(&story).reported.is_some());
    story.dispatch(K::Redispatch, OTHER);
    assert_eq!(ticket(&story).reported, None);
}

#[test]
fn what_was_done_beforehand_counts_for_whoever_did_it() {
    // By telephone it counts for whoever did it alone; what was done on the scene is not asked of the next one either.
    let asked = |lead: UnitId, way: Way| {
        let mut story = Story::nothing();
        let told = Body::Progress { way, legal_due: None };
        story.says("other", K::RegisterByProxy, Some(urgent_request())).says("other", K::Progress, Some(told));
        story.does("city", K::ConfirmIntake).dispatch(K::Dispatch, lead);
        two_hours(&story, lead).first().map(|met| met.is_some())
    };
    assert_eq!((asked(OTHER, Way::Telephone), asked(OTHER, Way::OnSite)), (Some(true), Some(true)));
    assert_eq!((asked(LEAD, Way::Telephone), asked(LEAD, Way::OnSite)), (Some(false), None));
}

#[test]
fn what_a_county_asked_for_stays_asked_when_it_sends_the_ticket_on() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, COUNTY).does("county", K::SignFor).does("county", K::Escalate).does("county", K::Defer);
    story.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    assert!(ticket(&story).escalation.is_some() && ticket(&story).deferral.is_some());
    // Given to another by the hotline, it begins anew.
    story.says("city", K::Redispatch, Some(Body::Redispatch(to(OTHER, &[]))));
    assert!(ticket(&story).escalation.is_none() && ticket(&story).deferral.is_none());
}

#[test]
fn nobody_has_two_parts_at_once() {
    let mut story = Story::begin();
    story.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[ASSISTING]))));
    let send_on = |dispatch: Dispatch| forbidden_as(&story, "county", K::SubDispatch, Body::SubDispatch(dispatch));
    assert_eq!(send_on(to(ASSISTING, &[])), Some("unit-twice"));
    assert_eq!(send_on(to(LEAD, &[ASSISTING])), Some("unit-twice"));
    assert_eq!(send_on(to(LEAD, &[COUNTY])), Some("unit-twice"));
    assert_eq!(send_on(to(COUNTY, &[])), Some("same-lead"));
    assert_eq!(send_on(to(LEAD, &[OTHER])), None);
}

#[test]
fn a_hotline_gives_it_to_another_than_it_gave_it_to() {
    let story = sent_on();
    let redispatch = |lead| forbidden_as(&story, "city", K::Redispatch, Body::Redispatch(to(lead, &[])));
    assert_eq!(redispatch(COUNTY), Some("same-lead"));
    assert_eq!(redispatch(LEAD), None, "past the county, straight to the unit");
    let by_county = |lead| forbidden_as(&story, "county", K::Redispatch, Body::Redispatch(to(lead, &[])));
    assert_eq!((by_county(LEAD), by_county(OTHER)), (Some("same-lead"), None));
}

#[test]
fn whoever_is_kept_out_leads_nothing_alone_by_whatever_way_it_comes_back() {
    let recuse = |unit| Some(Body::Recuse { unit });
    let left = |story: &Story| (ticket(story).state, ticket(story).lead().map(|lead| lead.unit));
    let nobody = (TicketState::AwaitingDispatch, None);
    // Both hops, in either order.
    for order in [[LEAD, COUNTY], [COUNTY, LEAD]] {
        let mut story = Story::begin();
        story.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[]))));
        story.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
        for unit in order {
            story.says("city", K::Recuse, recuse(unit));
        }
        assert_eq!(left(&story), nobody, "{order:?}");
    }
    // A county that is kept out decides nothing on what it sent on; the city does.
    let mut below = Story::begin();
    below.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[]))));
    below.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    below.says("city", K::Recuse, recuse(COUNTY)).does("lead", K::SignFor);
    assert_eq!(forbidden(&below, "county", K::Recall), Some("dispatcher-only"));
    below.does("lead", K::Complete);
    assert_eq!(forbidden(&below, "county", K::ConfirmClosure), Some("dispatcher-only"));
    assert_eq!(forbidden(&below, "city", K::ConfirmClosure), None);
    // Sent back, to be done again, or taken back out of a merge.
    let mut alone = Story::begin();
    alone.says("city", K::Dispatch, Some(Body::Dispatch(to(LEAD, &[])))).does("lead", K::SignFor);
    let mut back = alone.clone();
    back.does("lead", K::Complete).says("city", K::Recuse, recuse(LEAD)).does("city", K::SendBack);
    assert_eq!(left(&back), nobody);
    let mut again = alone.clone();
    again.close().bad().says("city", K::Recuse, recuse(LEAD)).does("lead", K::Remedy);
    assert_eq!(left(&again), nobody);
    let mut merged = alone;
    merged.does("city", K::Merge).says("city", K::Recuse, recuse(LEAD)).does("city", K::Unmerge);
    assert_eq!(left(&merged), nobody);
}

#[test]
fn nobody_judges_his_own_time() {
    let legal_due = Some(2_000_000_000_000);
    let statute = Body::Progress { way: regulation::act::Way::System, legal_due };
    // A county on the statutory term that it named itself.
    let mut own = Story::begin();
    own.dispatch(K::Dispatch, COUNTY).does("county", K::SignFor).says("county", K::Progress, Some(statute.clone()));
    own.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    assert_eq!(forbidden(&own, "county", K::DecideTime), Some("nothing-disputed"));
    let mut fact = options::fact(&own.record, K::DecideTime, &author("county"));
    fact.answers = Some(own.acts[3].id);
    let refused = decide(&own.record, &fact).err().map(|broken| broken.rule.code());
    assert_eq!(refused, Some("dispatcher-only"));
    assert_eq!(forbidden(&own, "city", K::DecideTime), None);
    // On that of a unit below it, it does, and so may the city.
    let mut below = sent_on();
    below.does("lead", K::SignFor).says("lead", K::Progress, Some(statute));
    assert_eq!((forbidden(&below, "county", K::DecideTime), forbidden(&below, "city", K::DecideTime)), (None, None));
    // Of what came late only the city says whether it counts; a term waits behind it for nothing.
    let legal = below.last().id;
    let act = below.does("lead", K::Contact).last().id;
    let seen = regulation::act::Seen::Late { not_before: 0, received_at: below.now, offline: false, clock_good: false };
    let mut witness = options::fact(&below.record, K::Witness, &author("hub"));
    (witness.body, witness.answers) = (Body::Witness(seen), Some(act));
    regulation::apply(&mut below.record, &witness).expect("witnessed");
    let decides = |who, answered| {
        let mut fact = options::fact(&below.record, K::DecideTime, &author(who));
        fact.answers = Some(answered);
        decide(&below.record, &fact).err().map(|broken| broken.rule.code())
    };
    assert_eq!((decides("county", act), decides("city", act)), (Some("city-only"), None));
    assert_eq!((decides("county", legal), decides("city", legal)), (None, None));
    assert_eq!(decides("city", regulation::ActId([77; 32])), Some("nothing-disputed"));
}

#[test]
fn whoever_asks_once_more_may_finish_instead() {
    let mut story = Story::in_hand();
    story.does("lead", K::ReturnRequest);
    // To ask is no reason to let the work lie: what is done, or taken back, was not asked for.
    let mut done = story.clone();
    done.does("lead", K::Complete);
    assert_eq!(ticket(&done).return_request(), None);
    let usual = finish(&Story::in_hand(), LEAD);
    let mut back = story.clone();
    back.now += 5 * DAY;
    back.does("lead", K::ReturnWithdraw);
    assert_eq!((ticket(&back).return_request(), finish(&back, LEAD)), (None, usual));
    assert_eq!(forbidden(&back, "lead", K::ReturnWithdraw), Some("no-return-pending"));
    assert_eq!(forbidden(&back, "lead", K::ReturnRequest), None);
    story.does("city", K::ReturnDeny).does("lead", K::ReturnRequest).does("lead", K::Complete);
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((lead.return_request, ticket(&story).state), (None, TicketState::AwaitingClosure));
    // What the county above it asks for keeps no unit from finishing.
    let mut below = sent_on();
    below.does("lead", K::SignFor).does("county", K::ReturnRequest);
    assert_eq!(forbidden(&below, "lead", K::Complete), None);
}

#[test]
fn a_county_that_takes_it_back_on_request_agrees_to_the_return() {
    let mut story = sent_on();
    story.does("lead", K::ReturnRequest).does("county", K::Recall);
    assert_eq!((story.of(LEAD).returns_asked, story.of(LEAD).returns_agreed), (1, 1));
}

#[test]
fn feedback_counts_from_when_it_first_came() {
    let mut story = Story::in_hand();
    story.does("assisting", K::SignFor).does("assisting", K::AssistFeedback);
    let first = story.last().claimed_at;
    story.does("assisting", K::AssistFeedback);
    assert_eq!(ticket(&story).part_of(ASSISTING).and_then(|part| part.fed_back).map(|(_, at)| at), Some(first));
}

#[test]
fn a_rating_of_an_earlier_round_silences_nobody() {
    let aside = || Some(Body::SetAsideRating { ground: SetAsideGround::Mistaken });
    let mut story = Story::closed();
    story.bad().bad().decided(K::SetAsideRating, aside()).does("lead", K::Remedy).close().good();
    assert_eq!(forbidden(&story, "city", K::FollowUp), None);
    // In its own round it is not asked for again.
    let mut once = Story::closed();
    once.bad().decided(K::SetAsideRating, aside());
    assert_eq!(forbidden(&once, "city", K::FollowUp), Some("no-closure"));
    // And with it goes what was explained, and what could be objected to.
    let mut explained = Story::closed();
    explained.bad().does("lead", K::Explain).decided(K::SetAsideRating, aside());
    assert_eq!(ticket(&explained).explained, None);
    assert_eq!(forbidden(&explained, "city", K::Object), Some("not-explained"));
}

#[test]
fn what_was_found_not_done_is_done_and_not_explained() {
    let found = |finding| {
        let mut story = Story::closed();
        story.bad().says("lead", K::VerifyRating, Some(Body::VerifyRating { finding }));
        let (explain, remedy) = (forbidden(&story, "lead", K::Explain), forbidden(&story, "lead", K::Remedy));
        assert_eq!(remedy, None, "{finding:?}");
        explain
    };
    assert_eq!(found(Finding::NotDone), Some("must-remedy"));
    assert_eq!((found(Finding::Limited), found(Finding::Wrong)), (None, None));
    // Nor by finding otherwise afterwards, nor on another rating of the round.
    let mut story = Story::closed();
    story.bad().says("lead", K::VerifyRating, Some(Body::VerifyRating { finding: Finding::NotDone }));
    let again = |story: &Story, finding| forbidden_as(story, "lead", K::VerifyRating, Body::VerifyRating { finding });
    assert_eq!((again(&story, Finding::Limited), again(&story, Finding::NotDone)), (Some("must-remedy"), None));
    story.bad();
    assert_eq!(
        (again(&story, Finding::Wrong), forbidden(&story, "lead", K::Explain)),
        (Some("must-remedy"), Some("must-remedy"))
    );
    // In the next round it is done.
    story.does("lead", K::Remedy).close().bad();
    assert_eq!(forbidden(&story, "lead", K::Explain), None);
    // What was found before may weigh heavier when it is looked at once more.
    let mut worse = Story::closed();
    for finding in [Finding::Limited, Finding::NotDone] {
        worse.bad().says("lead", K::VerifyRating, Some(Body::VerifyRating { finding }));
    }
    assert_eq!(forbidden(&worse, "lead", K::Explain), Some("must-remedy"));
    let verified = |findings: &[Finding]| {
        let mut story = Story::closed();
        story.bad();
        for finding in findings {
            story.says("lead", K::VerifyRating, Some(Body::VerifyRating { finding: *finding }));
        }
        let verified = ticket(&story).follow_ups[0].verified.expect("verified");
        (verified.finding, verified.id == story.last().id)
    };
    assert_eq!(verified(&[Finding::Limited, Finding::NotDone]), (Finding::NotDone, true));
    assert_eq!(
        verified(&[Finding::Wrong, Finding::Wrong]),
        (Finding::Wrong, false),
        "said once more, it was said before"
    );
}

#[test]
fn the_city_decides_where_the_hotline_that_dispatched_is_kept_out() {
    let recuse = || Some(Body::Recuse { unit: COUNTY });
    let mut story = Story::begin();
    story.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[]))));
    story.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[])))).does("lead", K::SignFor);
    story.says("county", K::Supervise, supervise()).does("lead", K::SuperviseReply).says("city", K::Recuse, recuse());
    assert_eq!(forbidden(&story, "county", K::SuperviseRelease), Some("dispatcher-only"));
    assert_eq!(forbidden(&story, "city", K::SuperviseRelease), None);
    for (asks, decides) in [(K::ReturnRequest, K::ReturnDeny), (K::ExtendRequest, K::ExtendApprove)] {
        story.does("lead", asks);
        assert_eq!(forbidden(&story, "county", decides), Some("dispatcher-only"), "{decides:?}");
        story.does("city", decides);
    }
    let (calendar, terms) = (crate::support::script::calendar(), regulation::terms::Terms::default());
    story.does("city", K::SuperviseRelease);
    let items = regulation::terms::dues(ticket(&story), &calendar, &terms);
    // It watches over the unit in the county's place.
    let grounds = |by| regulation::supervise::grounds(ticket(&story), &items, by, &calendar, &terms, i64::MAX);
    assert_eq!(grounds(COUNTY), []);
    let arisen = grounds(CITY);
    assert!(arisen.iter().any(|ground| Some(ground.dispatch) == ticket(&story).dispatch()), "{arisen:?}");
    for ground in arisen {
        let mut fact = options::fact(&story.record, K::Supervise, &author("hub"));
        (fact.body, fact.answers) =
            (Body::Supervise { level: ground.level, ground: ground.ground }, Some(ground.dispatch));
        assert_eq!(decide(&story.record, &fact), Ok(()), "{ground:?}");
    }
    story.does("lead", K::ExtendRequest);
    let items = regulation::terms::dues(ticket(&story), &calendar, &terms);
    let review = items.iter().find(|item| item.what == regulation::terms::DueKind::ExtensionReview);
    assert_eq!(review.map(|item| item.unit), Some(CITY));
    // What it takes back it takes back from the county: that is the one dispatch of its own.
    let mut recall = options::fact(&story.record, K::Recall, &author("city"));
    recall.answers = ticket(&story).dispatch();
    let refused = decide(&story.record, &recall).err().map(|broken| broken.rule.code());
    assert_eq!(refused, Some("not-current-dispatch"));
    // What the city grants in its place is not cut to the county's own term.
    let due = |story: &Story| {
        let items = regulation::terms::dues(ticket(story), &calendar, &terms);
        items
            .iter()
            .find(|item| item.unit == LEAD && item.what == regulation::terms::DueKind::Finish)
            .map(|item| item.due)
    };
    let before = due(&story);
    story.says("city", K::ExtendApprove, Some(Body::ExtendApprove { days: 5, by_law: false }));
    assert!(due(&story) >= before.map(|due| due + 5 * DAY), "{before:?}");
}

#[test]
fn a_deferral_is_lifted_by_whoever_reported_it_or_decides_on_it() {
    let mut story = Story::begin();
    story.says("city", K::Dispatch, Some(Body::Dispatch(to(COUNTY, &[ASSISTING]))));
    story.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[])))).does("lead", K::SignFor);
    story.does("lead", K::Defer);
    let may = |story: &Story| ["lead", "county", "city", "assisting"].map(|who| forbidden(story, who, K::DeferRelease));
    assert_eq!(may(&story), [None, None, None, Some("dispatcher-only")]);
}

#[test]
fn whoever_tells_the_end_has_reported_and_been_in_touch_whatever_becomes_of_it() {
    let mut story = Story::in_hand();
    story.says("city", K::SetUrgency, Some(Body::SetUrgency { urgency: Urgency::Urgent }));
    let at = story.now;
    story.does("lead", K::Complete).does("city", K::SendBack);
    let lead = ticket(&story).lead().expect("a lead");
    assert_eq!((two_hours(&story, LEAD), lead.first_contact.map(|c| c.1)), (vec![Some(at)], Some(at)));
}

#[test]
fn what_was_decided_when_it_was_done_need_not_be_told() {
    for kind in [K::ExtendApprove, K::ExtendDeny] {
        let mut story = Story::in_hand();
        story.does("lead", K::ExtendRequest).does("lead", K::Complete);
        let at = story.now;
        story.does("city", kind);
        let tell = ticket(&story).lead().and_then(|lead| lead.tell).expect("something to tell");
        assert_eq!((tell.decided.1, tell.told.map(|(_, at)| at)), (at, Some(at)), "{kind:?}");
        let mut open = Story::in_hand();
        open.does("lead", K::ExtendRequest).does("city", kind);
        assert_eq!(
            open.record.ticket().and_then(|t| t.lead()).and_then(|lead| lead.tell).map(|tell| tell.told),
            Some(None)
        );
    }
}

#[test]
fn what_a_county_asked_for_is_done_with_when_the_ticket_is_closed() {
    let mut story = sent_on();
    story.does("lead", K::SignFor).does("county", K::ReturnRequest).does("lead", K::Complete);
    story.does("county", K::ConfirmClosure);
    assert_eq!(ticket(&story).return_request(), None);
}

#[test]
fn a_term_that_came_late_is_decided_after_its_time() {
    let statute = Body::Progress { way: regulation::act::Way::System, legal_due: Some(2_000_000_000_000) };
    let mut story = Story::in_hand();
    let named = story.says("lead", K::Progress, Some(statute)).last().id;
    let seen = regulation::act::Seen::Late { not_before: 0, received_at: story.now, offline: false, clock_good: false };
    let mut witness = options::fact(&story.record, K::Witness, &author("hub"));
    (witness.body, witness.answers) = (Body::Witness(seen), Some(named));
    regulation::apply(&mut story.record, &witness).expect("witnessed");
    for _ in 0..2 {
        let mut fact = options::fact(&story.record, K::DecideTime, &author("city"));
        (fact.body, fact.answers) = (Body::DecideTime { in_time: true }, Some(named));
        regulation::apply(&mut story.record, &fact).expect("decided");
    }
    let legal = ticket(&story).lead().and_then(|lead| lead.legal).expect("a term");
    assert!(legal.confirmed && ticket(&story).late[0].decided == Some(true));
    let mut again = options::fact(&story.record, K::DecideTime, &author("city"));
    again.answers = Some(named);
    assert_eq!(decide(&story.record, &again).err().map(|broken| broken.rule.code()), Some("nothing-disputed"));
}

#[test]
fn a_report_is_of_whoever_made_it_and_of_what_was_urgent_then() {
    let urgent = || Some(Body::SetUrgency { urgency: Urgency::Urgent });
    // What a county reported before it sent the ticket on stays its own.
    let mut story = Story::begin();
    story.says("city", K::SetUrgency, urgent()).dispatch(K::Dispatch, COUNTY).does("county", K::SignFor);
    let at = story.now;
    story.does("county", K::Progress).says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    assert_eq!((two_hours(&story, COUNTY), two_hours(&story, LEAD)), (vec![Some(at)], vec![None]));
    // What was reported before it was urgent does not answer for the danger.
    let mut calm = Story::in_hand();
    calm.does("lead", K::Progress).says("lead", K::SetUrgency, urgent());
    assert_eq!(two_hours(&calm, LEAD), [None]);
    let at = calm.now;
    calm.does("lead", K::Progress).says("lead", K::SetUrgency, urgent());
    assert_eq!(two_hours(&calm, LEAD), [Some(at)]);
    // Taken back from below, it is not reported.
    let mut back = sent_on();
    back.does("lead", K::SignFor).does("lead", K::Complete);
    back.says("county", K::SendBack, Some(Body::SendBack { form_only: true })).does("county", K::Recall);
    assert_eq!(ticket(&back).reported, None);
}

#[test]
fn what_could_not_be_solved_excuses_whoever_reported_it_and_the_county_above() {
    let excused = |story: &Story, unit| {
        let deferral = ticket(story).deferral.expect("a deferral");
        ticket(story).part_of(unit).is_some_and(|part| deferral.excuses(part))
    };
    let mut by_county = Story::begin();
    by_county.dispatch(K::Dispatch, COUNTY).does("county", K::SignFor).does("county", K::Defer);
    by_county.says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    assert_eq!((excused(&by_county, COUNTY), excused(&by_county, LEAD)), (true, false));
    let mut by_lead = sent_on();
    by_lead.does("lead", K::SignFor).does("lead", K::Defer);
    assert_eq!((excused(&by_lead, COUNTY), excused(&by_lead, LEAD)), (true, true));
    by_lead.does("county", K::DeferRelease);
    let pauses = |unit| ticket(&by_lead).part_of(unit).map(|part| part.pauses.len());
    assert_eq!((pauses(COUNTY), pauses(LEAD)), (Some(1), Some(1)));
    // Whoever assists has no term that would stand still.
    let mut beside = Story::in_hand();
    beside.does("lead", K::Defer).does("lead", K::DeferRelease);
    let pauses = |unit| ticket(&beside).part_of(unit).map(|part| part.pauses.len());
    assert_eq!((pauses(LEAD), pauses(ASSISTING)), (Some(1), Some(0)));
    assert_eq!(forbidden(&beside, "lead", K::DeferRelease), Some("not-deferred"));
    // It does not outlive its round.
    let mut again = Story::in_hand();
    again.does("lead", K::Defer).close().bad().does("lead", K::Remedy);
    assert_eq!(ticket(&again).deferral, None);
}

#[test]
fn a_refusal_that_was_mended_starts_the_clock_of_the_dispatch_anew() {
    let mut story = Story::begin();
    story.does("city", K::Reject);
    let mut confirm = options::fact(&story.record, K::ConfirmIntake, &author("city"));
    (confirm.claimed_at, confirm.author.person) = (story.now, Some(PersonId(9)));
    regulation::apply(&mut story.record, &confirm).expect("another person");
    assert_eq!(ticket(&story).taken_in.map(|taken_in| (taken_in.unit, taken_in.at)), Some((CITY, story.now)));
    assert!(!ticket(&story).by_proxy());
}

/// A year, and more than that.
const FAR: i64 = 4 * 365 * DAY;

#[test]
fn a_deferral_that_its_own_unit_releases_in_2030_gives_it_no_day() {
    let (mut cheat, mut honest) = (Story::in_hand(), Story::in_hand());
    let ahead = cheat.now + FAR;
    cheat.does("lead", K::Defer);
    claims(&mut cheat, "lead", K::DeferRelease, None, ahead);
    honest.does("lead", K::Defer).does("lead", K::DeferRelease);
    assert_eq!(finish(&cheat, LEAD), finish(&honest, LEAD));
    // Nor by a clock that is so much ahead, where the city has agreed until a day: it waits until that day at most.
    let agreed = |ahead: i64| {
        let mut story = Story::in_hand();
        story.does("lead", K::Defer);
        let review_at = story.now + 7 * DAY;
        story.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
        story.now += ahead;
        finish(story.does("lead", K::DeferRelease), LEAD)
    };
    assert_eq!(agreed(FAR), agreed(7 * DAY));
    // Nor is it excused up to a release that came late and was witnessed, once that day was over.
    let mut late = Story::in_hand();
    late.does("lead", K::Defer);
    let review_at = late.now + 2 * DAY;
    late.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at }));
    late.now += 9 * DAY;
    let released = late.does("lead", K::DeferRelease).last().id;
    let (before, at) = (finish(&late, LEAD), late.now);
    seen(&mut late, released, at - HOUR, at);
    assert_eq!(finish(&late, LEAD), before);
}

#[test]
fn an_alarm_in_2030_keeps_no_other_from_counting() {
    let urgent = || Some(Body::SetUrgency { urgency: Urgency::Urgent });
    for who in ["lead", "assisting"] {
        let mut story = Story::in_hand();
        let ahead = story.now + FAR;
        claims(&mut story, who, K::SetUrgency, urgent(), ahead);
        let at = story.now;
        story.says("city", K::SetUrgency, urgent());
        let raised = ticket(&story).alarms.last().map(|alarm| alarm.raised.1);
        assert_eq!(raised, Some(at), "{who}");
        let due = items(&story).into_iter().filter(|item| item.what == DueKind::Urgent).map(|item| item.due).min();
        assert!(due.is_some_and(|due| due <= at + 2 * HOUR), "{who}");
    }
}

#[test]
fn a_closure_dated_2099_takes_no_rating_out_of_its_month() {
    let mut story = Story::in_hand();
    let ahead = story.now + 70 * 365 * DAY;
    story.does("lead", K::Complete);
    let (from, to) = (story.now - DAY, story.now + 30 * DAY);
    claims(&mut story, "city", K::ConfirmClosure, None, ahead);
    story.bad();
    let tally = story.score_in(&(from..to));
    assert_eq!(crate::support::story::sum(&tally, LEAD, false).rated, 1);
    // By a clock that is so much ahead it counts from when the city hub got it.
    let mut clock = Story::in_hand();
    clock.does("lead", K::Complete);
    let (closed, received) = (clock.now + 70 * 365 * DAY, clock.now);
    clock.now = closed;
    let act = clock.does("city", K::ConfirmClosure).last().id;
    seen(&mut clock, act, received - HOUR, received);
    assert_eq!(ticket(&clock).closure, Some((act, received)));
}

#[test]
fn a_county_that_sends_back_next_year_moves_no_due_of_its_township() {
    let sent_back = |ahead: i64| {
        let mut story = sent_on();
        story.does("lead", K::SignFor).does("lead", K::Complete);
        let at = story.now + ahead;
        claims(&mut story, "county", K::SendBack, None, at);
        finish(&story, LEAD)
    };
    assert_eq!(sent_back(365 * DAY), sent_back(0));
    // Nor back in time.
    assert_eq!(sent_back(-DAY), sent_back(0));
    // By a clock that is ahead, it counts from when the hub had it.
    let mut story = sent_on();
    story.does("lead", K::SignFor).does("lead", K::Complete);
    let received = story.now;
    story.now += 365 * DAY;
    let act = story.does("county", K::SendBack).last().id;
    seen(&mut story, act, received, received);
    assert_eq!(finish(&story, LEAD), sent_back(0));
}

#[test]
fn a_call_to_a_unit_counts_from_when_it_was_written_down() {
    for kind in [K::NotifyByPhone, K::SignForByPhone] {
        let mut story = Story::begin();
        story.dispatch(K::Dispatch, LEAD);
        story.now += 5 * DAY;
        let (at, back) = (story.now, story.now - 5 * DAY);
        claims(&mut story, "city", kind, None, back);
        assert_eq!(ticket(&story).lead().and_then(|lead| lead.delivered_at), Some(at), "{kind:?}");
        let late = |item: &DueItem| item.verdict(at, &Terms::default()) == terms::DueVerdict::Overdue;
        assert!(!items(&story).iter().any(|item| item.unit == LEAD && late(item)), "{kind:?}");
        // At a clock that was behind, no earlier than the hub says.
        let act = story.last().id;
        seen(&mut story, act, at + HOUR, at + DAY);
        assert_eq!(ticket(&story).lead().and_then(|lead| lead.delivered_at), Some(at + HOUR), "{kind:?}");
    }
}

#[test]
fn what_is_typed_at_the_city_hub_counts_when_it_is_typed() {
    let mut story = Story::in_hand();
    story.does("lead", K::Complete);
    story.now += 5 * DAY;
    let (now, back) = (story.now, story.now - 4 * DAY);
    let mut fact = options::fact(&story.record, K::ConfirmClosure, &author("city"));
    (fact.id, fact.claimed_at, fact.happened_at, fact.author.hub) = (ActId([90; 32]), now, Some(back), true);
    regulation::apply(&mut story.record, &fact).expect("closed");
    assert_eq!(ticket(&story).closure.map(|(_, at)| at), Some(now));
}

#[test]
fn what_the_hubs_clock_was_wrong_about_is_taken_back_by_it_alone_and_never_counted() {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, LEAD);
    let clock = |story: &Story, kind, who| {
        let mut fact = options::fact(&story.record, kind, &author(who));
        (fact.id, fact.claimed_at, fact.author.person) = (ActId([91; 32]), story.now, None);
        fact
    };
    let raised = clock(&story, K::Supervise, "hub");
    regulation::apply(&mut story.record, &raised).expect("raised");
    assert_eq!(story.of(LEAD).supervised, 1);
    let mut annul = clock(&story, K::SuperviseRelease, "county");
    annul.id = ActId([92; 32]);
    assert_eq!(decide(&story.record, &annul).err().map(|broken| broken.rule.code()), Some("person-missing"));
    (annul.answers, annul.author) = (Some(raised.id), regulation::Author { person: None, ..author("hub") });
    regulation::apply(&mut story.record, &annul).expect("nobody has to reply to it");
    assert_eq!((story.of(LEAD).supervised, ticket(&story).supervised().count()), (0, 0));
    // What arises in truth is raised all the same.
    regulation::apply(&mut story.record, &regulation::Fact { id: ActId([93; 32]), ..raised }).expect("raised again");
    assert_eq!(story.of(LEAD).supervised, 1);
    // By a person it is released once it was replied to, and counts.
    assert_eq!(forbidden(&story, "city", K::SuperviseRelease), Some("not-replied"));
}

#[test]
fn three_calls_in_a_minute_are_not_made_on_two_days() {
    let mut story = Story::closed();
    story.now += DAY;
    let in_vain = || Some(Body::FollowUp { way: Way::Telephone, reached: Reached::NoAnswer, rating: None, of: None });
    let now = story.now;
    for back in [20 * HOUR, 10 * HOUR, 0] {
        story.now = now;
        claims(&mut story, "city", K::FollowUp, in_vain(), now - back);
    }
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp);
    story.says("city", K::FollowUp, in_vain());
    assert_eq!(ticket(&story).state, TicketState::AwaitingFollowUp, "still on one day");
    story.now += DAY;
    story.says("city", K::FollowUp, in_vain());
    assert_eq!(ticket(&story).state, TicketState::AwaitingArchive);
}

#[test]
fn a_time_to_come_has_a_most_and_moves_nothing_before_somebody_agreed() {
    let calendar = crate::support::script::calendar();
    let days = |from: i64, days: u32| calendar.due(from, days).due;
    let far = Body::Progress { way: Way::System, legal_due: Some(i64::MAX) };
    let mut story = Story::in_hand();
    let usual = finish(&story, LEAD);
    let at = story.now;
    let named = story.says("lead", K::Progress, Some(far)).last().id;
    assert_eq!(finish(&story, LEAD), usual, "named by the unit alone it moves nothing");
    let mut fact = options::fact(&story.record, K::DecideTime, &author("city"));
    (fact.answers, fact.body, fact.claimed_at) = (Some(named), Body::DecideTime { in_time: true }, story.now);
    regulation::apply(&mut story.record, &fact).expect("agreed");
    assert_eq!(finish(&story, LEAD), days(at, Terms::default().legal_wd_max));
    let mut waits = Story::in_hand();
    let at = waits.now;
    waits.does("lead", K::Defer);
    assert_eq!(finish(&waits, LEAD), usual);
    waits.says("city", K::DeferApprove, Some(Body::DeferApprove { review_at: i64::MAX }));
    let review = items(&waits).into_iter().find(|item| item.what == DueKind::DeferReview).map(|item| item.due);
    assert_eq!(review, Some(days(at, Terms::default().defer_wd_max)));
    assert!(finish(&waits, LEAD) <= days(at, Terms::default().defer_wd_max + Terms::default().help_wd + 1));
}

#[test]
fn what_is_said_of_the_past_counts_from_when_it_was_possible() {
    // A contact before the dispatch, a completion of the round before, a request that was raised when it is not yet.
    let mut story = Story::begin();
    let dispatched = story.now;
    story.dispatch(K::Dispatch, LEAD).does("lead", K::SignFor);
    let back = story.now - 9 * DAY;
    claims(&mut story, "lead", K::Contact, None, back);
    assert_eq!(ticket(&story).lead().and_then(|lead| lead.first_contact).map(|(_, at)| at), Some(dispatched));
    story.close().bad();
    story.now += 30 * DAY;
    let again = story.now;
    story.does("lead", K::Remedy);
    claims(&mut story, "lead", K::Complete, None, back);
    assert_eq!(ticket(&story).completion.map(|(_, at)| at), Some(again), "not before the round began");
    let mut early = Story::nothing();
    let Body::Register(mut register) = Body::sample(K::Register) else { unreachable!("a registration") };
    register.raised_at = early.now + FAR;
    let now = early.now;
    early.says("city", K::Register, Some(Body::Register(register)));
    assert_eq!(ticket(&early).register.raised_at, now);
}

#[test]
fn the_hubs_word_moves_whatever_rests_on_a_time_and_its_receipt_is_the_surer_word() {
    // Each act of a long life, made a year ahead and received now: no due, no figure knows of the year.
    let life: [(&str, K); 9] = [
        ("lead", K::SignFor),
        ("lead", K::ReturnRequest),
        ("city", K::ReturnDeny),
        ("lead", K::ExtendRequest),
        ("city", K::ExtendApprove),
        ("lead", K::Contact),
        ("lead", K::Complete),
        ("city", K::SendBack),
        ("lead", K::Complete),
    ];
    let mut honest = Story::begin();
    honest.dispatch(K::Dispatch, LEAD);
    for (who, kind) in life {
        honest.does(who, kind);
    }
    for (ahead, (_, kind)) in life.iter().enumerate() {
        let mut story = Story::begin();
        story.dispatch(K::Dispatch, LEAD);
        for (place, (who, kind)) in life.into_iter().enumerate() {
            let now = story.now;
            story.now += if place == ahead { 365 * DAY } else { 0 };
            let act = story.does(who, kind).last().id;
            story.now = now + HOUR;
            if place == ahead {
                // It cannot have been made later than it was here, whatever it is said to follow.
                seen(&mut story, act, now + FAR, now);
            }
        }
        let dues = |story: &Story| {
            let of = |item: DueItem| (item.what, item.unit, item.due, item.met_at);
            items(story).into_iter().map(of).collect::<Vec<_>>()
        };
        let without = |list: Vec<(DueKind, UnitId, i64, Option<i64>)>| {
            list.into_iter().filter(|item| item.0 != DueKind::TimeReview).collect::<Vec<_>>()
        };
        assert_eq!(without(dues(&story)), without(dues(&honest)), "{kind:?}");
    }
}

/// What is due of somebody, and when.
fn due(story: &Story, what: DueKind) -> Option<(UnitId, i64)> {
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
        assert_eq!(finish(story, COUNTY), outer, "each hop has its own");
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
fn what_may_still_change_is_in_no_rate_of_time() {
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
    assert_eq!((tally.closed, tally.closed_in_time, tally.closed_open, tally.in_time_rate()), (1, 0, 1, None));
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
