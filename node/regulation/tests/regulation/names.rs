//! Names and numbers of things: they stand in databases, addresses and signed acts, and never change.

use std::collections::BTreeSet;

use crate::support::records::{ASSISTING, author, records};
use regulation::act::{RejectGround, Seen};
use regulation::rule::Article;
use regulation::{
    ActId, ActKind, Body, Dispatch, Edition, Fact, Record, Role, Rule, TicketState, UnitId, decide, options,
};

#[test]
fn an_id_is_64_hexadecimal_characters_and_nothing_else() {
    let mut bytes = [0; 32];
    (bytes[0], bytes[1], bytes[4], bytes[31]) = (0xab, 0x01, 0xf0, 0x7f);
    let (id, hex) = (ActId(bytes), format!("ab010000f0{}7f", "0".repeat(52)));
    assert_eq!((id.hex(), id.short().as_str()), (hex.clone(), "ab010000f0"));
    assert_eq!(format!("{id:?}"), "ab010000f0");
    assert_eq!(ActId::parse(&hex), Some(id));
    assert_eq!(ActId::parse(&hex.to_uppercase()), Some(id), "people type what they see");
    for wrong in [
        String::new(),
        hex[..62].to_owned(),
        hex[..63].to_owned(),
        format!("{hex}0"),
        format!("{hex}00"),
        format!("g{}", &hex[1..]),
        // 64 bytes, but not of ASCII: a slice would fall inside a character.
        format!("a区{}", &hex[4..]),
    ] {
        assert_eq!(ActId::parse(&wrong), None, "{wrong}");
    }
}

#[test]
fn roles_and_rules_are_found_by_their_codes() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.names().0), Some(role));
    }
    for rule in Rule::ALL.iter().copied() {
        assert_eq!(Rule::parse(rule.code()), Some(rule));
        assert!(rule.chinese().ends_with('。') && rule.english().ends_with('.'), "{rule:?} is a sentence");
    }
    for state in TicketState::ALL {
        assert_eq!([state.names().0, state.names().1].map(TicketState::parse), [Some(state); 2]);
    }
    assert_eq!((Role::parse("受理"), Rule::parse(""), TicketState::parse("")), (None, None, None));
    let codes: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), Rule::ALL.len());
}

#[test]
fn kinds_are_found_by_their_codes_and_numbers() {
    for kind in ActKind::ALL.iter().copied() {
        assert_eq!((ActKind::parse(kind.code()), ActKind::from_number(kind.number())), (Some(kind), Some(kind)));
        assert!(!kind.chinese().is_empty());
    }
    assert_eq!((ActKind::parse("登记"), ActKind::from_number(0), ActKind::from_number(9_999)), (None, None, None));
}

#[test]
fn articles_are_written_as_the_regulation_writes_them() {
    for (article, chinese, code) in [
        (Article(4, 0), "第四条", "4"),
        (Article(10, 0), "第十条", "10"),
        (Article(12, 1), "第十二条第一项", "12(1)"),
        (Article(20, 0), "第二十条", "20"),
        (Article(21, 3), "第二十一条第三项", "21(3)"),
        (Article(40, 10), "第四十条第十项", "40(10)"),
    ] {
        assert_eq!((article.chinese().as_str(), article.code().as_str()), (chinese, code));
    }
}

#[test]
fn a_report_of_interference_alone_is_between_its_author_and_the_city() {
    let confided: Vec<ActKind> = ActKind::ALL.iter().copied().filter(|kind| kind.confided()).collect();
    assert_eq!(confided, [ActKind::ReportInterference]);
}

#[test]
fn what_a_person_must_write_depends_on_the_kind() {
    use ActKind as K;
    // A reason, a reply, an account of what was done; title and content where a document begins.
    for (kind, segments) in [
        (K::Register, 2),
        (K::RegisterByProxy, 2),
        (K::ArticleCreate, 2),
        (K::Answer, 1),
        (K::Reject, 1),
        (K::Recall, 1),
        (K::ReturnRequest, 1),
        (K::ReturnDeny, 1),
        (K::ExtendRequest, 1),
        (K::Complete, 1),
        (K::SendBack, 1),
        (K::Supervise, 1),
        (K::SetAsideRating, 1),
        (K::Explain, 1),
        (K::ReportInterference, 1),
        (K::ArticleRetire, 1),
        (K::SignFor, 0),
        (K::Claim, 0),
        (K::Settle, 0),
        (K::ArticlePublish, 0),
    ] {
        assert_eq!(kind.segments(), segments, "{kind:?}");
    }
    let begins: Vec<ActKind> = ActKind::ALL.iter().copied().filter(|kind| kind.begins()).collect();
    assert_eq!(begins, [K::Register, K::RegisterByProxy, K::ArticleCreate]);
    let knowledge = ActKind::ALL.iter().filter(|kind| kind.of_knowledge());
    assert!(knowledge.clone().all(|kind| kind.code().starts_with("article-")));
    assert_eq!(knowledge.count(), ActKind::ALL.iter().filter(|kind| kind.code().starts_with("article-")).count());
}

#[test]
fn whoever_is_turned_away_to_another_procedure_is_told_the_way_in_a_text_of_its_own() {
    for ground in RejectGround::ALL.iter().copied() {
        let expected = if ground == RejectGround::OtherProcedure { 2 } else { 1 };
        assert_eq!(Body::Reject { ground, duty: None }.segments(), expected, "{ground:?}");
    }
    assert_eq!(
        (Body::Complete {
            outcome: regulation::act::Outcome::Solved,
            told_at: 0,
            told_way: regulation::act::Way::Online,
            told_whom: regulation::act::Heard::QueryCode
        }
        .segments()),
        1
    );
}

#[test]
fn a_body_names_the_units_that_it_brings_in() {
    let (lead, assisting) = (UnitId(3), UnitId(4));
    let dispatch = || Dispatch { lead, assisting: vec![assisting] };
    for (body, dispatches, names) in [
        (Body::Dispatch(dispatch()), true, &[lead, assisting][..]),
        (Body::SubDispatch(dispatch()), true, &[lead, assisting]),
        (Body::Designate(dispatch()), true, &[lead, assisting]),
        (Body::Redispatch(dispatch()), true, &[lead, assisting]),
        (Body::ReturnApprove(dispatch()), true, &[lead, assisting]),
        (Body::NotifyByPhone { unit: lead }, false, &[lead]),
        (Body::SignForByPhone { unit: lead }, false, &[lead]),
        (Body::Recuse { unit: lead }, false, &[lead]),
        (Body::Escalate { to: lead }, false, &[lead]),
        (Body::Witness(Seen::Delivered { unit: lead, at: 0 }), false, &[lead]),
        (Body::ReturnRequest { suggested: Some(lead), duty: None }, false, &[lead]),
        (Body::ReturnRequest { suggested: None, duty: None }, false, &[]),
        (Body::SignFor, false, &[]),
        (Body::Note, false, &[]),
    ] {
        assert_eq!(body.dispatch(), dispatches.then(dispatch).as_ref(), "{body:?}");
        assert_eq!(body.names(), names, "{body:?}");
    }
}

#[test]
fn whoever_assists_is_in_force_and_not_the_lead() {
    let assisting = |name: &str| {
        let record = records().into_iter().find(|(other, _)| *other == name).expect("a record").1;
        record.ticket().expect("a ticket").assisting().map(|part| part.unit).collect::<Vec<_>>()
    };
    for (name, units) in [
        ("registered", vec![]),
        ("signed", vec![ASSISTING]),
        ("at the county", vec![ASSISTING]),
        ("taken back by the city", vec![]),
    ] {
        assert_eq!(assisting(name), units, "{name}");
    }
}

macro_rules! fields {
    ($($variant:ident $(($record:ident: $whole:ty))? $({ $($(#[$doc:meta])* $number:literal $field:ident: $type:ty = $sample:expr, $chinese:literal, $english:literal;)* })?;)*) => {
        /// Fields of every kind, but for those of records.
        const FIELDS: &[(ActKind, u16)] = &[$($($((ActKind::$variant, $number),)*)?)*];
    };
}
regulation::bodies!(fields);

macro_rules! codes {
    ($($list:ident)*) => { [$(regulation::act::$list::ALL.len()),*].iter().sum() };
}

// What is new here a program of the first edition does not know. Before the first release the numbers may change.
#[test]
fn what_came_after_the_first_edition_says_from_which_on_it_may_be_made() {
    let first = ActKind::ALL.iter().filter(|kind| kind.since() == Edition::FIRST).count();
    assert_eq!(first, 92, "a kind that is new says its edition: `ActKind::since`");
    let fields = FIELDS.iter().filter(|(kind, _)| kind.since() == Edition::FIRST).count();
    assert_eq!(
        fields, 70,
        "a field that is new says its edition, `Body::since`, and is counted here as none of the first"
    );
    let codes: usize = codes! {
        Agree AttachClass Channel ClosureGround Contacted Content EmergencyLine FileHash Finding Heard MediaType Outcome Party Reached
        RejectGround
        RequestKind Satisfaction SetAsideGround Solved SuperviseGround SuperviseLevel Urgency Way
    };
    assert_eq!(
        codes, 106,
        "a code that is new says its edition, `Body::since`, and is counted here as none of the first"
    );
}

#[test]
fn what_belongs_to_an_edition_is_unlawful_before_it() {
    let fact = options::fact(&Record::Empty, ActKind::Register, &author("city"));
    assert_eq!(decide(&Record::Empty, &fact), Ok(()));
    let before = Fact { edition: Edition(0), ..fact };
    assert_eq!(decide(&Record::Empty, &before), Err(Rule::NotYet.into()));
}
