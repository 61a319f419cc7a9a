//! Kind, confidentiality and anonymity of a request, corrected: who may, until when, and that nobody gains or loses by it (15, 38).

use regulation::act::{Reached, RequestKind, Urgency};
use regulation::terms::{self, DueItem, DueKind, Terms};
use regulation::{ActKind as K, Body, Register, TicketState, UnitId};

use crate::fair::{forbidden_as, sent_on, ticket};
use crate::support::story::{COUNTY, DAY, HOUR, LEAD, Story, calendar};

fn kind(kind: RequestKind) -> Body {
    Body::Reclassify { kind: Some(kind), confidential: None, anonymous: None }
}

fn confidential(confidential: bool) -> Body {
    Body::Reclassify { kind: None, confidential: Some(confidential), anonymous: None }
}

fn anonymous(anonymous: bool) -> Body {
    Body::Reclassify { kind: None, confidential: None, anonymous: Some(anonymous) }
}

/// Registered so, dispatched to the lead.
fn dispatched(change: impl FnOnce(&mut Register)) -> Story {
    let mut register = Register::sample();
    change(&mut register);
    let mut story = Story::nothing();
    story.says("city", K::Register, Some(Body::Register(register))).dispatch(K::Dispatch, LEAD);
    story
}

fn items(story: &Story, unit: UnitId, what: DueKind) -> Vec<DueItem> {
    let all = terms::dues(ticket(story), calendar(), &Terms::default());
    all.into_iter().filter(|item| (item.unit, item.what) == (unit, what)).collect()
}

fn finish(story: &Story, unit: UnitId) -> i64 {
    items(story, unit, DueKind::Finish)[0].due
}

#[test]
fn nobody_corrects_the_kind_of_what_he_has_to_handle() {
    let story = sent_on();
    for (who, body, refused) in [
        ("city", kind(RequestKind::Complaint), None),
        ("city", anonymous(true), None),
        ("city", confidential(true), None),
        ("city", confidential(false), None),
        // A county that sent it on decides on the unit below, and has a term of its own towards the city.
        ("county", kind(RequestKind::Complaint), Some("own-kind")),
        ("county", anonymous(true), Some("own-kind")),
        ("county", confidential(true), None),
        ("county", confidential(false), Some("city-only")),
        ("lead", kind(RequestKind::Complaint), Some("dispatcher-only")),
        ("lead", confidential(true), Some("dispatcher-only")),
        ("other", confidential(true), Some("dispatcher-only")),
        ("city", Body::Reclassify { kind: None, confidential: None, anonymous: None }, Some("effect-missing")),
        (
            "city",
            Body::Reclassify { kind: Some(RequestKind::Help), confidential: Some(true), anonymous: None },
            Some("one-correction"),
        ),
    ] {
        assert_eq!(forbidden_as(&story, who, K::Reclassify, body.clone()), refused, "{who}: {body:?}");
    }
}

#[test]
fn a_rating_is_moved_between_no_kinds_and_confidentiality_is_never_too_late() {
    let mut story = Story::closed();
    let look = |story: &Story, refused: Option<&str>| {
        for body in [kind(RequestKind::Inquiry), anonymous(true)] {
            assert_eq!(forbidden_as(story, "city", K::Reclassify, body), refused, "{:?}", ticket(story).state);
        }
        assert_eq!(forbidden_as(story, "city", K::Reclassify, confidential(true)), None);
    };
    look(&story, Some("kind-settled"));
    story.bad();
    look(&story, Some("kind-settled"));
    // Another round does not open it again.
    story.does("lead", K::Remedy);
    look(&story, Some("kind-settled"));
    let mut reported = Story::in_hand();
    reported.does("lead", K::Complete);
    look(&reported, None);
    let mut ended = Story::begin();
    ended.does("city", K::Answer);
    look(&ended, Some("kind-settled"));
    ended.does("city", K::Archive).says("city", K::Reclassify, Some(confidential(true)));
    assert!(ticket(&ended).register.confidential);
}

#[test]
fn whoever_signed_for_it_keeps_the_later_of_the_two_terms() {
    use RequestKind as R;
    // Three working days for an inquiry, seven for a complaint.
    let end = |before: R, after: R, signed: bool| {
        let mut story = dispatched(|register| register.kind = before);
        if signed {
            story.does("lead", K::SignFor);
        }
        story.says("city", K::Reclassify, Some(kind(after)));
        if !signed {
            story.does("lead", K::SignFor);
        }
        finish(&story, LEAD)
    };
    let long = end(R::Complaint, R::Complaint, true);
    let short = end(R::Inquiry, R::Inquiry, true);
    assert!(short < long);
    assert_eq!(end(R::Inquiry, R::Complaint, true), long, "it is longer");
    assert_eq!(end(R::Complaint, R::Inquiry, true), long, "nobody is made late by it");
    assert_eq!(end(R::Complaint, R::Inquiry, false), short, "who had not signed has the term of the kind alone");
    assert_eq!(end(R::Inquiry, R::Complaint, false), long);
}

#[test]
fn a_kind_there_and_back_gains_no_day_wherever_the_sign_for_comes_between() {
    use RequestKind as R;
    // Each kind that it is corrected to, and after how many of them it is signed for.
    let end = |kinds: &[R], signed: usize| {
        let mut story = dispatched(|register| register.kind = kinds[0]);
        for (place, to) in kinds.iter().enumerate() {
            if place > 0 {
                story.says("city", K::Reclassify, Some(kind(*to)));
            }
            if place == signed {
                story.does("lead", K::SignFor);
            }
        }
        finish(&story, LEAD)
    };
    let (short, long) = (end(&[R::Inquiry], 0), end(&[R::Complaint], 0));
    for signed in 0..3 {
        assert_eq!(end(&[R::Inquiry, R::Complaint, R::Inquiry], signed), short, "{signed}");
        assert_eq!(end(&[R::Complaint, R::Inquiry, R::Complaint], signed), long, "{signed}");
        assert_eq!(end(&[R::Inquiry, R::Complaint, R::Help, R::Inquiry], signed), short, "{signed}");
    }
}

#[test]
fn what_was_late_by_its_kind_stays_late_and_what_was_given_on_keeps_its_kind() {
    let mut late = dispatched(|register| register.kind = RequestKind::Inquiry);
    late.does("lead", K::SignFor);
    let due = finish(&late, LEAD);
    late.now = due;
    let mut in_time = late.clone();
    late.says("city", K::Reclassify, Some(kind(RequestKind::Complaint)));
    assert_eq!(finish(&late, LEAD), due, "its end had come: a friend moves it no more");
    in_time.now = due - 1;
    in_time.says("city", K::Reclassify, Some(kind(RequestKind::Complaint)));
    assert!(finish(&in_time, LEAD) > due);
    // There and back, it is what it was: the kind at sign-for and the one in force are compared, and no other.
    in_time.says("city", K::Reclassify, Some(kind(RequestKind::Inquiry)));
    assert_eq!(finish(&in_time, LEAD), due);
    // Another unit has it since, and the kind is corrected for that one.
    let mut given = dispatched(|register| register.kind = RequestKind::Inquiry);
    given.does("lead", K::SignFor).dispatch(K::Redispatch, COUNTY).does("county", K::SignFor);
    given.says("city", K::Reclassify, Some(kind(RequestKind::Complaint)));
    let stood = &ticket(&given).stood[0];
    let before = ticket(&given).as_it(stood);
    assert_eq!((before.register.kind, before.reclassified.len()), (RequestKind::Inquiry, 0));
    assert_eq!(ticket(&given).register.kind, RequestKind::Complaint);
}

#[test]
fn two_hours_begin_where_it_turns_out_to_be_help_and_what_was_missed_stays_missed() {
    let urgent = |of: RequestKind| {
        let mut story = dispatched(|register| (register.kind, register.urgency) = (of, Urgency::Urgent));
        story.does("lead", K::SignFor);
        story
    };
    let two_hours =
        |story: &Story| items(story, LEAD, DueKind::Urgent).iter().map(|item| item.start).collect::<Vec<_>>();
    let mut help = urgent(RequestKind::Complaint);
    assert_eq!(two_hours(&help), [], "an urgent complaint has none");
    let at = help.now;
    help.says("city", K::Reclassify, Some(kind(RequestKind::Help)));
    assert_eq!(two_hours(&help), [at]);
    // Found to be no help before two hours were over nothing was missed; afterwards it was.
    let mut early = urgent(RequestKind::Help);
    early.now -= HOUR;
    early.says("city", K::Reclassify, Some(kind(RequestKind::Complaint)));
    assert_eq!(two_hours(&early), []);
    let mut late = urgent(RequestKind::Help);
    late.now += DAY;
    late.says("city", K::Reclassify, Some(kind(RequestKind::Complaint)));
    assert_eq!(two_hours(&late).len(), 1);
    assert!(!ticket(&late).urgent());
}

#[test]
fn a_tip_off_is_kept_confidential_from_then_on_until_the_city_lifts_it() {
    let mut story = Story::in_hand();
    story.says("city", K::Reclassify, Some(kind(RequestKind::TipOff)));
    assert!(ticket(&story).register.confidential);
    story.says("city", K::Reclassify, Some(confidential(false)));
    assert!(!ticket(&story).register.confidential);
}

#[test]
fn found_to_be_nameless_the_requester_is_asked_as_often_as_anybody() {
    // Registered without a name, one call in vain ends the asking.
    let asked = |registered: bool, corrected: Option<bool>| {
        let mut story = dispatched(|register| register.anonymous = registered);
        story.does("lead", K::SignFor);
        if let Some(corrected) = corrected {
            story.says("city", K::Reclassify, Some(anonymous(corrected)));
        }
        story.close().in_vain(Reached::NoAnswer);
        (ticket(&story).register.anonymous, ticket(&story).state)
    };
    let (asking, ended) = (TicketState::AwaitingFollowUp, TicketState::AwaitingArchive);
    for (registered, corrected, found) in [
        (false, None, (false, asking)),
        (true, None, (true, ended)),
        (false, Some(true), (true, asking)),
        (true, Some(false), (false, asking)),
    ] {
        assert_eq!(asked(registered, corrected), found, "{registered} {corrected:?}");
    }
}
