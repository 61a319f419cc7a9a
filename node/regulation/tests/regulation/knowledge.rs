//! Knowledge articles (29), and what belongs to which sort of document.

use crate::support::records::{CITY, LEAD, act, author};
use regulation::{ActId, ActKind, Author, Body, Fact, PersonId, Record, Role, apply, decide, options};

/// Somebody of the city hotline by number.
fn person(number: u32) -> Author {
    Author { person: Some(PersonId(number)), ..author("city") }
}

fn fact(record: &Record, number: u8, by: &Author, kind: ActKind) -> Fact {
    Fact { id: ActId([number; 32]), ..options::fact(record, kind, by) }
}

fn told(steps: &[(u8, u32, ActKind)]) -> Record {
    let mut record = Record::Empty;
    for (number, by, kind) in steps {
        let fact = fact(&record, *number, &person(*by), *kind);
        apply(&mut record, &fact).unwrap_or_else(|broken| panic!("{by} {kind:?}: {broken:?}"));
    }
    record
}

fn rule(record: &Record, by: &Author, kind: ActKind) -> Option<&'static str> {
    decide(record, &fact(record, 99, by, kind)).err().map(|broken| broken.rule.code())
}

use ActKind::{
    ArticleCorrect, ArticleCreate, ArticleEdit, ArticlePublish, ArticleRetire, ArticleReview, Confirm, Decline,
};

/// Its editor proposes that it be published.
const PROPOSED: (u8, u32, ActKind) = (3, 1, ArticlePublish);
/// Somebody else confirms it.
const CONFIRMED: (u8, u32, ActKind) = (4, 2, Confirm);

#[test]
fn an_article_keeps_who_did_what_since_it_was_published() {
    let id = |number| ActId([number; 32]);
    for (steps, editors, reviewers, published, corrections) in [
        (&[(1, 1, ArticleCreate)][..], &[1][..], &[][..], &[][..], &[][..]),
        (&[(1, 2, ArticleCreate), (2, 1, ArticleEdit), (3, 1, ArticleEdit)], &[1, 2], &[], &[], &[]),
        (&[(1, 1, ArticleCreate), (2, 2, ArticleReview)], &[1], &[2], &[], &[]),
        // What was reviewed is not what stands after an edit.
        (&[(1, 1, ArticleCreate), (2, 2, ArticleReview), (3, 1, ArticleEdit)], &[1], &[], &[], &[]),
        // It is published once somebody else confirms.
        (&[(1, 1, ArticleCreate), (2, 2, ArticleReview), (3, 1, ArticlePublish)], &[1], &[2], &[], &[]),
        (&[(1, 1, ArticleCreate), (2, 2, ArticleReview), PROPOSED, CONFIRMED], &[], &[], &[4], &[]),
        (
            &[(1, 1, ArticleCreate), PROPOSED, CONFIRMED, (5, 3, ArticleEdit), (6, 3, ArticlePublish), (7, 1, Confirm)],
            &[],
            &[],
            &[4, 7],
            &[],
        ),
        (&[(1, 1, ArticleCreate), PROPOSED, CONFIRMED, (5, 3, ArticleCorrect)], &[], &[], &[4], &[5]),
        // An edit answers what users pointed out.
        (
            &[(1, 1, ArticleCreate), PROPOSED, CONFIRMED, (5, 3, ArticleCorrect), (6, 1, ArticleEdit)],
            &[1],
            &[],
            &[4],
            &[],
        ),
    ] {
        let record = told(steps);
        let article = record.knowledge().expect("an article");
        let people = |numbers: &[u32]| numbers.iter().map(|number| PersonId(*number)).collect::<Vec<_>>();
        let acts = |numbers: &[u8]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();
        assert_eq!((article.created, article.owner, article.retired), (id(1), CITY, None));
        assert_eq!(article.editors, people(editors), "{steps:?}");
        assert_eq!(article.reviewers, people(reviewers), "{steps:?}");
        assert_eq!(article.published, acts(published), "{steps:?}");
        let open: Vec<ActId> = article.corrections.iter().map(|(id, _)| *id).collect();
        assert_eq!(open, acts(corrections), "{steps:?}");
    }
}

#[test]
fn nobody_reviews_or_publishes_what_they_wrote() {
    let written = told(&[(1, 1, ArticleCreate), (2, 2, ArticleEdit)]);
    let proposed = told(&[(1, 1, ArticleCreate), (2, 2, ArticleEdit), PROPOSED]);
    let by_reader = told(&[(1, 1, ArticleCreate), (2, 2, ArticleEdit), (3, 3, ArticlePublish)]);
    let changed = told(&[(1, 1, ArticleCreate), PROPOSED, (4, 1, ArticleEdit)]);
    let published = told(&[(1, 1, ArticleCreate), PROPOSED, CONFIRMED]);
    for (record, by, kind, expected) in [
        // Whoever edited it may say that it is ready, and whoever has not may publish it.
        (&written, 1, ArticlePublish, None),
        (&written, 3, ArticlePublish, None),
        (&written, 3, Confirm, Some("nothing-to-confirm")),
        (&proposed, 1, Confirm, Some("second-person")),
        (&proposed, 2, Confirm, Some("editor-publishes")),
        (&proposed, 3, Confirm, None),
        (&proposed, 3, Decline, None),
        (&proposed, 1, Decline, None),
        (&proposed, 2, Decline, Some("editor-publishes")),
        (&by_reader, 3, Confirm, Some("second-person")),
        (&by_reader, 2, Confirm, Some("editor-publishes")),
        (&by_reader, 4, Confirm, None),
        // What was to be published is not what it is now.
        (&changed, 2, Confirm, Some("nothing-to-confirm")),
        (&published, 2, Confirm, Some("nothing-to-confirm")),
        (&written, 1, ArticleReview, Some("editor-publishes")),
        (&written, 3, ArticleReview, None),
        (&published, 3, ArticlePublish, Some("nothing-to-publish")),
        (&published, 3, ArticleReview, Some("nothing-to-publish")),
    ] {
        assert_eq!(rule(record, &person(by), kind), expected, "{by} {kind:?}");
    }
    let nothing = decide(&published, &fact(&published, 9, &person(3), ArticlePublish)).expect_err("nothing changed");
    assert_eq!(nothing.by, Some(ActId([4; 32])), "the publication is in its way");
}

#[test]
fn a_retired_article_is_left_alone() {
    let retired = told(&[(1, 1, ArticleCreate), (2, 1, ArticleRetire)]);
    assert_eq!(retired.knowledge().expect("an article").retired, Some(ActId([2; 32])));
    for kind in [ArticleEdit, ArticleReview, ArticlePublish, ArticleCorrect, ArticleRetire] {
        let broken = decide(&retired, &fact(&retired, 3, &person(2), kind)).expect_err("it is retired");
        assert_eq!((broken.rule.code(), broken.by), ("retired", Some(ActId([2; 32]))), "{kind:?}");
    }
    assert_eq!(rule(&retired, &author("hub"), ActKind::Settle), None, "the hub still says that it has it");
}

#[test]
fn an_act_belongs_to_one_sort_of_document() {
    use ActKind as K;
    let article = told(&[(1, 1, ArticleCreate)]);
    let mut ticket = Record::Empty;
    act(&mut ticket, 1, "city", K::Register, None);
    for (record, who, kind, expected) in [
        (&Record::Empty, "city", K::Register, None),
        (&Record::Empty, "city", K::RegisterByProxy, Some("unit-only")),
        (&Record::Empty, "lead", K::RegisterByProxy, None),
        (&Record::Empty, "lead", K::Register, Some("city-only")),
        (&Record::Empty, "city", ArticleCreate, None),
        (&Record::Empty, "city", K::Note, Some("not-registered")),
        (&Record::Empty, "hub", K::Settle, Some("not-registered")),
        (&Record::Empty, "city", ArticleEdit, Some("not-registered")),
        (&ticket, "city", K::Register, Some("already-registered")),
        (&ticket, "lead", K::RegisterByProxy, Some("already-registered")),
        (&ticket, "city", ArticleCreate, Some("already-registered")),
        (&ticket, "city", ArticleEdit, Some("wrong-document")),
        (&ticket, "city", K::Note, None),
        (&ticket, "hub", K::Settle, None),
        (&article, "city", ArticleCreate, Some("already-registered")),
        (&article, "city", K::Register, Some("already-registered")),
        (&article, "city", K::Note, Some("wrong-document")),
        (&article, "city", K::Withdraw, Some("wrong-document")),
        (&article, "hub", K::Settle, None),
        (&article, "city", K::Settle, Some("hub-only")),
        (&article, "city", ArticleEdit, None),
    ] {
        assert_eq!(rule(record, &author(who), kind), expected, "{who} {kind:?} on {record:?}");
    }
    assert!(article.ticket().is_none() && ticket.knowledge().is_none() && ticket.ticket().is_some());
}

#[test]
fn whoever_acts_is_a_person_with_the_role() {
    let article = told(&[(1, 1, ArticleCreate)]);
    let nobody = Author { person: None, ..author("city") };
    let roles = |roles: &[Role]| Author { roles: roles.to_vec(), ..person(2) };
    for (by, kind, expected) in [
        (&nobody, ArticleEdit, Some("person-missing")),
        (&roles(&[]), ArticleEdit, Some("role-missing")),
        (&roles(&[Role::Dispatch, Role::Statistics]), ArticleEdit, Some("role-missing")),
        (&roles(&[Role::Dispatch, Role::Knowledge]), ArticleEdit, None),
        // Anybody may point out an error.
        (&roles(&[]), ArticleCorrect, None),
    ] {
        assert_eq!(rule(&article, by, kind), expected, "{by:?} {kind:?}");
    }
}

#[test]
fn options_are_the_kinds_of_the_document_with_what_forbids_them() {
    let article = told(&[(1, 1, ArticleCreate)]);
    let of_article = [ArticleEdit, ArticleReview, ArticlePublish, ArticleCorrect, ArticleRetire, Confirm, Decline];
    let forbidden = [ArticleReview, Confirm, Decline];
    let options_of = options::options(&article, &person(1), regulation::Edition::FIRST);
    assert_eq!(options_of.len(), of_article.len());
    for (kind, may) in options_of {
        assert!(of_article.contains(&kind), "{kind:?}");
        assert_eq!(may.is_err(), forbidden.contains(&kind), "{kind:?}: {may:?}");
    }
    let mut ticket = Record::Empty;
    act(&mut ticket, 1, "city", ActKind::Register, None);
    let kinds: Vec<ActKind> =
        options::options(&ticket, &person(1), regulation::Edition::FIRST).into_iter().map(|(kind, _)| kind).collect();
    let expected = |kind: &&ActKind| {
        let number = kind.number();
        let (article, clock) = ((64..80).contains(&number), ["settle", "witness"].contains(&kind.code()));
        !article && !clock && !["register", "register-by-proxy"].contains(&kind.code())
    };
    assert_eq!(kinds, ActKind::ALL.iter().filter(expected).copied().collect::<Vec<_>>());
    assert!(matches!(options::fact(&article, ArticleEdit, &person(1)).body, Body::ArticleEdit));
    assert_eq!(options::answers(&article, ActKind::Complete, LEAD), None);
}

#[test]
fn a_unit_writes_and_reviews_its_own_and_the_city_publishes() {
    let two = |who: &str, number| Author { person: Some(PersonId(number)), ..author(who) };
    let begun = |who: &str| {
        let mut record = Record::Empty;
        let created = fact(&record, 1, &two(who, 1), ArticleCreate);
        apply(&mut record, &created).expect("begun");
        record
    };
    let of_lead = begun("lead");
    let mut reviewed = of_lead.clone();
    let looks = fact(&reviewed, 2, &two("lead", 2), ArticleReview);
    apply(&mut reviewed, &looks).expect("reviewed");
    let mut proposed = reviewed.clone();
    let proposes = fact(&proposed, 3, &two("lead", 1), ArticlePublish);
    apply(&mut proposed, &proposes).expect("proposed");
    let mut published = proposed.clone();
    let confirms = fact(&published, 4, &two("city", 2), Confirm);
    apply(&mut published, &confirms).expect("published");
    // The city delegated it to somebody of the unit; the role of writing is not that of publishing.
    let delegate = |roles: &[Role]| Author { roles: roles.to_vec(), ..two("lead", 3) };
    for (roles, expected) in [
        (&[Role::Publish][..], None),
        (&[Role::Knowledge], Some("role-missing")),
        (&[Role::Review], Some("role-missing")),
    ] {
        assert_eq!(rule(&proposed, &delegate(roles), Confirm), expected, "{roles:?}");
    }
    let editor = Author { roles: vec![Role::Publish, Role::Knowledge], ..two("lead", 1) };
    assert_eq!(rule(&proposed, &editor, Confirm), Some("second-person"));
    for (record, by, kind, expected) in [
        (&of_lead, "lead", ArticleEdit, None),
        (&of_lead, "city", ArticleEdit, Some("owner-only")),
        (&of_lead, "other", ArticleEdit, Some("owner-only")),
        (&of_lead, "county", ArticleEdit, Some("owner-only")),
        (&of_lead, "other", ArticleReview, Some("owner-only")),
        // Where an office is too small; whether it is below that county, the registry says.
        (&of_lead, "county", ArticleReview, None),
        (&of_lead, "county", ArticlePublish, Some("owner-only")),
        (&of_lead, "county", ArticleRetire, Some("owner-only")),
        (&of_lead, "other", ArticlePublish, Some("owner-only")),
        (&of_lead, "lead", ArticlePublish, Some("not-reviewed")),
        (&of_lead, "city", ArticlePublish, Some("not-reviewed")),
        (&reviewed, "lead", ArticlePublish, None),
        (&of_lead, "city", ArticleReview, None),
        (&proposed, "city", Confirm, None),
        (&proposed, "other", Confirm, Some("owner-only")),
        (&proposed, "county", Decline, Some("owner-only")),
        (&of_lead, "lead", ArticleRetire, None),
        (&of_lead, "city", ArticleRetire, None),
        (&of_lead, "other", ArticleRetire, Some("owner-only")),
        (&published, "other", ArticleCorrect, None),
        // What is the city's is the city's alone.
        (&begun("city"), "lead", ArticleEdit, Some("owner-only")),
    ] {
        assert_eq!(rule(record, &two(by, 3), kind), expected, "{by} {kind:?}");
    }
}

#[test]
fn what_others_find_wrong_is_mended_or_upheld_within_its_term() {
    use regulation::calendar::Calendar;
    use regulation::terms::{Terms, correction_due};
    let days = Calendar::parse_csv(include_str!("../../../data/holidays.csv")).expect("data");
    let calendar = Calendar::from_days(1, &days);
    let due = |record: &Record| {
        correction_due(record.knowledge().expect("an article"), &calendar, &Terms::default()).map(|due| due.last_day)
    };
    let mut article = told(&[(1, 1, ArticleCreate), PROPOSED, CONFIRMED]);
    assert_eq!(due(&article), None);
    // 2026-11-02, a Monday, and the Friday after it: the oldest counts.
    for (number, at) in [(5, 1_793_592_000_000), (6, 1_793_592_000_000 + 4 * 86_400_000)] {
        let request = Fact { claimed_at: at, ..fact(&article, number, &author("other"), ArticleCorrect) };
        apply(&mut article, &request).expect("requested");
    }
    assert_eq!(due(&article).map(|day| day.to_string()), Some("2026-11-09".to_owned()));
    for (kind, by) in [(ArticleEdit, 1), (ArticleReview, 3)] {
        let mut answered = article.clone();
        let answer = fact(&answered, 7, &person(by), kind);
        apply(&mut answered, &answer).expect("answered");
        assert_eq!(due(&answered), None, "{kind:?}");
    }
    // Others ask, and write nothing.
    assert_eq!(rule(&article, &author("other"), ArticleEdit), Some("owner-only"));
    assert_eq!(rule(&article, &author("other"), ArticleReview), Some("owner-only"));
}
