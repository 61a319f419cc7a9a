//! Nobody answers for what another did or held, and nothing gets stuck in between.

use regulation::act::{Finding, Seen, SetAsideGround, SuperviseGround, SuperviseLevel, Urgency, Way};
use regulation::terms::{self, DueItem, DueKind, Terms};
use regulation::{ActId, ActKind as K, Body, Dispatch, Ticket, TicketState, UnitId, decide, options};

use crate::support::story::{ASSISTING, CITY, COUNTY, DAY, HOUR, LEAD, OTHER, Story, author};

pub fn ticket(story: &Story) -> &Ticket {
    story.record.ticket().expect("a ticket")
}

/// The rule that keeps somebody from doing this now, with particulars that break none.
pub fn forbidden(story: &Story, who: &str, kind: K) -> Option<&'static str> {
    let fact = options::fact(&story.record, kind, &author(who));
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

pub fn forbidden_as(story: &Story, who: &str, kind: K, body: Body) -> Option<&'static str> {
    let mut fact = options::fact(&story.record, kind, &author(who));
    fact.body = body;
    decide(&story.record, &fact).err().map(|broken| broken.rule.code())
}

pub fn to(lead: UnitId, assisting: &[UnitId]) -> Dispatch {
    Dispatch { lead, assisting: assisting.to_vec() }
}

/// At the county, and sent on to the lead.
pub fn sent_on() -> Story {
    let mut story = Story::begin();
    story.dispatch(K::Dispatch, COUNTY).says("county", K::SubDispatch, Some(Body::SubDispatch(to(LEAD, &[]))));
    story
}

/// Urgent help, as a registration.
pub fn urgent_request() -> Body {
    let Body::Register(mut register) = Body::sample(K::Register) else { unreachable!("a registration") };
    register.urgency = Urgency::Urgent;
    Body::RegisterByProxy(register)
}

/// What is due on a ticket.
pub fn items(story: &Story) -> Vec<DueItem> {
    terms::dues(ticket(story), &crate::support::script::calendar(), &Terms::default())
}

/// Of each time that a unit is asked for its first report on urgent help: when it made it.
pub fn two_hours(story: &Story, unit: UnitId) -> Vec<Option<i64>> {
    let asked = items(story).into_iter().filter(|item| item.what == DueKind::Urgent && item.unit == unit);
    asked.map(|item| item.met_at).collect()
}

/// The end of the finishing term of a unit.
pub fn finish(story: &Story, unit: UnitId) -> i64 {
    let found = items(story).into_iter().find(|item| item.what == DueKind::Finish && item.unit == unit);
    found.expect("a finishing term").due
}

/// Somebody acts, and says that it was at another time.
pub fn claims(story: &mut Story, who: &str, kind: K, body: Option<Body>, happened_at: i64) {
    let mut fact = options::fact(&story.record, kind, &author(who));
    fact.id = ActId([u8::try_from(story.acts.len() + 1).expect("few acts"); 32]);
    (fact.claimed_at, fact.happened_at) = (story.now, Some(happened_at));
    fact.body = body.unwrap_or(fact.body);
    regulation::apply(&mut story.record, &fact).unwrap_or_else(|broken| panic!("{who} {kind:?}: {broken:?}"));
    story.acts.push(fact);
    story.now += HOUR;
}

/// The city hub says when an act was made.
pub fn seen(story: &mut Story, act: ActId, not_before: i64, received_at: i64) {
    let late = Seen::Late { not_before, received_at, offline: false, clock_good: false };
    let mut witness = options::fact(&story.record, K::Witness, &author("hub"));
    (witness.body, witness.answers, witness.claimed_at) = (Body::Witness(late), Some(act), received_at);
    regulation::apply(&mut story.record, &witness).expect("witnessed");
}

pub fn supervise() -> Option<Body> {
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
    let mut ended = Story::begin();
    ended.dispatch(K::Dispatch, LEAD).says("city", K::Supervise, supervise());
    assert_eq!(forbidden(&ended, "city", K::SuperviseRelease), Some("not-replied"));
    ended.withdraw();
    assert_eq!(forbidden(&ended, "city", K::Archive), None);
}

#[test]
fn whoever_withdrew_may_be_asked_whether_of_his_own_will() {
    let mut story = Story::in_hand();
    story.does("lead", K::Contact).withdraw().bad();
    assert_eq!((ticket(&story).state, ticket(&story).follow_ups.len()), (TicketState::Withdrawn, 1));
    story.does("city", K::Archive);
    assert_eq!(forbidden(&story, "city", K::FollowUp), None, "filed or not");
    let mut closed = Story::closed();
    closed.good().does("city", K::Archive);
    assert_eq!(forbidden(&closed, "city", K::FollowUp), Some("already-filed"));
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
    assert_eq!(forbidden(&once, "city", K::FollowUp), Some("rating-answered"));
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
    let governs = ticket(&story).lead().map(|lead| lead.governs.len());
    assert_eq!((governs, ticket(&story).late[0].decided), (Some(1), Some(true)));
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
fn what_was_filed_is_asked_about_all_the_same_and_comes_back_as_it_was() {
    let asked = |story: &Story| items(story).into_iter().find(|item| item.what == DueKind::FollowUp);
    let mut story = Story::in_hand();
    // The fifth act: by its id it is one of those that are drawn.
    story.withdraw();
    assert!(asked(&story).is_some());
    let due = asked(&story).map(|item| (item.due, item.met_at));
    let left = |story: &Story| {
        items(story).into_iter().filter(|item| item.met_at.is_none()).map(|item| item.what).collect::<Vec<_>>()
    };
    let before = left(&story);
    story.does("city", K::Archive);
    assert_eq!(asked(&story).map(|item| (item.due, item.met_at)), due);
    assert!(!left(&story).contains(&DueKind::SignFor) && !left(&story).contains(&DueKind::Finish));
    let mut met = story.clone();
    let at = met.now;
    met.does("city", K::FollowUp);
    assert_eq!((asked(&met).and_then(|item| item.met_at), ticket(&met).state), (Some(at), TicketState::Archived));
    story.does("city", K::Unarchive);
    assert_eq!((ticket(&story).state, left(&story)), (TicketState::Withdrawn, before));
    for (end, state) in [(K::Answer, TicketState::Answered), (K::Merge, TicketState::Merged)] {
        let mut ended = Story::begin();
        ended.does("city", end).does("city", K::Archive).does("city", K::Unarchive);
        assert_eq!(ticket(&ended).state, state);
    }
    // What the unit did not have to do any more comes due for nobody, filed or not.
    let mut late = Story::in_hand();
    late.withdraw();
    let figures = late.of(LEAD);
    late.does("city", K::Archive);
    assert_eq!(late.of(LEAD), figures);
}
