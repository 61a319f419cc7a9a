//! The bytes of acts, parts and registry entries, pinned. Hashes and signatures rest on them: a change here makes other
//! acts of the old ones, and needs a new version of the envelope.

use regulation::act::{
    AttachClass, Body, Channel, Citation, ClosureGround, Contacted, Content, Dispatch, EmergencyLine, ExternalNumber,
    Finding, Outcome, Rating, Reached, Register, RejectGround, RequestKind, Satisfaction, Seen, SetAsideGround, Solved,
    SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::calendar::Day;
use regulation::terms::Terms;
use regulation::{ActId, ActKind, DeviceId, PersonId, UnitId};
use replica::registry::{ROOT_LOG, RegistryVersion};
use replica::{Act, Change, Content as ActContent, Effect, Entry, Field, Part, PartKind, Sealed, Value};

use crate::city::{self, NOON, hex};

/// An act in which nothing is left out.
fn full() -> (Act, Vec<Part>) {
    let (text, text_head) = Part::new(PartKind::Text, [1; 16], &["供暖不热", "十六度"]);
    let (private, private_head) = Part::new(PartKind::Private, [2; 16], &["李某"]);
    let act = Act {
        doc: Some(ActId([0xd0; 32])),
        device: DeviceId(3),
        epoch: 1 << 40,
        dseq: 300,
        person: Some(PersonId(20)),
        deps: vec![ActId([0xd1; 32]), ActId([0xd2; 32])],
        answers: Some(ActId([0xa0; 32])),
        registry: vec![RegistryVersion { log: ROOT_LOG, version: 9 }],
        time: NOON,
        beacon: 4,
        happened: Some(-1),
        content: ActContent::Known(Body::Contact { way: Way::OnSite, reached: Reached::NoAnswer }),
        effects: effects(),
        parts: vec![text_head, private_head],
    };
    (act, vec![text, private])
}

fn effects() -> Vec<Effect> {
    vec![
        Effect::Register(Field::Title, Value::Segment(0)),
        Effect::Register(Field::Category, Value::Code("0101".to_owned())),
        Effect::Register(Field::Place, Value::Code("130600".to_owned())),
        Effect::AddTag("供暖".to_owned()),
        Effect::RemoveTag("老人".to_owned()),
        Effect::Splice { position: 24, delete: 3, insert: Some(1) },
        Effect::Splice { position: 0, delete: 0, insert: None },
    ]
}

#[test]
fn layout_of_an_act_is_pinned() {
    let (act, _) = full();
    let expected = [
        // version, algorithm, doc, device, epoch, dseq, person
        format!("91 01 01 5820{} 03 1b0000010000000000 19012c 14", "d0".repeat(32)),
        // deps, answers
        format!("82 5820{} 5820{} 5820{}", "d1".repeat(32), "d2".repeat(32), "a0".repeat(32)),
        // registry versions, time, beacon, happened
        "81 820009 1b000001a19a69fe00 04 20".to_owned(),
        // kind, body
        "09 43820302".to_owned(),
        // effects
        "87 83010000 8300016430313031 83000266313330363030 820266e4be9be69a96 820366e88081e4baba".to_owned(),
        "840418180301 84040000f6".to_owned(),
        // heads of the parts: kind, code points of each segment, commitment
        "82 83 01 820403 5820 190daf2d0645363baeebb799f142997ea7feec20160d238e05431adca088851e".to_owned(),
        "83 02 8102 5820 40c87d5fdd96c080cb988beb6d51637ad08c835f6c68700f9e8f5a541193fdbc".to_owned(),
    ];
    let expected = expected.concat().replace(' ', "");
    assert_eq!(hex(&act.encode()), expected);
    assert_eq!(Act::decode(&act.encode()).unwrap(), act);
}

#[test]
fn hash_and_signature_of_an_act_are_pinned() {
    let (act, parts) = full();
    let sealed = Sealed::new(&act, &city::key(city::OFFICE), parts);
    assert_eq!(sealed.id().hex(), "33473eb3a5443b8a8f7a0d1b6e9708545380291d51919233582cfc6ba5446db1");
    let signature = "2580420e6637e42f8bbfb135ba5c28efdf79ed7cca0dd4206b20d3c352f75721\
        b0b264b6a8637c506dd6789c3ba1748846fd9a5392414aecbc7c76341df50101";
    assert_eq!(hex(&sealed.signature), signature);
    assert_eq!(hex(&sealed.encode()[..6]), "835901309101");
    assert_eq!(Sealed::decode(&sealed.encode()).unwrap(), sealed);
    // Behind the act: the signature, and each part with its salt.
    let behind = format!(
        "5840 {signature} 82 83 01 50{} 75{} 83 02 50{} 66{}",
        "01".repeat(16),
        hex("供暖不热十六度".as_bytes()),
        "02".repeat(16),
        hex("李某".as_bytes()),
    );
    let whole = hex(&sealed.encode());
    assert!(whole.ends_with(&behind.replace(' ', "")), "{whole}");
}

#[test]
fn first_act_of_a_document_leaves_out_what_it_has_not() {
    let (act, _) = city::seal(&city::registry(), &Default::default(), city::LAPTOP, 1, city::article());
    let expected = format!(
        "91 01 01 f6 02 01 01 0a 80 f6 81820009 1b000001a19a69fe00 00 f6 1840 4180 82 83010000 8404000001 81 830182040d 5820 {}",
        "f9305ab8e55b2246cc8e72d186d207ff82997e6457207d76c854df0323a85a8a"
    );
    assert_eq!(hex(&act.encode()), expected.replace(' ', ""));
}

/// A body of each kind, with every optional field in both ways.
#[expect(clippy::too_many_lines, reason = "one line a kind")]
fn bodies() -> Vec<(Body, &'static str)> {
    let units = Dispatch { lead: UnitId(2), assisting: vec![UnitId(300), UnitId(4)] };
    let register = |external| {
        Body::Register(Register {
            kind: RequestKind::Complaint,
            urgency: Urgency::Urgent,
            channel: Channel::Province,
            raised_at: NOON,
            day: 20_759,
            serial: 17,
            confidential: true,
            anonymous: false,
            external,
            again: None,
            times: 1,
            history: false,
        })
    };
    let again = {
        let Body::Register(first) = register(None) else { unreachable!("a registration") };
        Body::Register(Register { again: Some(ActId([0xee; 32])), times: 2, ..first })
    };
    let external = ExternalNumber { system: "province".to_owned(), number: "HB-1".to_owned() };
    let rating = Rating { contacted: Contacted::Yes, solved: Solved::Mostly, satisfaction: Satisfaction::Dissatisfied };
    let Body::Register(proxy) = register(None) else { unreachable!("a registration") };
    vec![
        (register(None), "1 8c0402071b000001a19a69fe0019511711f5f4f6f601f4"),
        (register(Some(external)), "1 8c0402071b000001a19a69fe0019511711f5f4826870726f76696e63656448422d31f601f4"),
        (
            again,
            "1 8c0402071b000001a19a69fe0019511711f5f4f65820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee02f4",
        ),
        (Body::RegisterByProxy(proxy), "19 8c0402071b000001a19a69fe0019511711f5f4f6f601f4"),
        (Body::ConfirmIntake, "20 80"),
        (Body::OwnMatter, "21 80"),
        (Body::SetUrgency { urgency: Urgency::Urgent }, "22 8102"),
        (Body::Reject { ground: RejectGround::Secret }, "23 8102"),
        (Body::ReferEmergency { line: EmergencyLine::Fire }, "24 8102"),
        (Body::ReferRegion, "25 80"),
        (Body::SubDispatch(units.clone()), "26 82028219012c04"),
        (Body::NotifyByPhone { unit: UnitId(5) }, "27 8105"),
        (Body::Designate(units.clone()), "28 82028219012c04"),
        (Body::Recall, "29 80"),
        (Body::Recuse { unit: UnitId(5) }, "30 8105"),
        (Body::SignForByPhone { unit: UnitId(5) }, "31 8105"),
        (Body::Escalate { to: UnitId(5) }, "32 8105"),
        (Body::Opinion, "33 80"),
        (Body::ReferMeeting, "34 80"),
        (Body::ExtendRequest { days: 5, told_at: NOON }, "35 82051b000001a19a69fe00"),
        (Body::ExtendApprove { days: 15, by_law: true }, "36 820f01"),
        (Body::ExtendDeny, "37 80"),
        (Body::Defer, "38 80"),
        (Body::DeferApprove { review_at: NOON }, "39 811b000001a19a69fe00"),
        (Body::DeferRelease, "40 80"),
        (Body::AssistFeedback, "41 80"),
        (Body::SendBack { form_only: true }, "42 8101"),
        (Body::Supervise { level: SuperviseLevel::Special, ground: SuperviseGround::Repeated }, "43 820303"),
        (Body::SuperviseReply, "44 80"),
        (Body::SuperviseRelease, "45 80"),
        (Body::Remind, "46 80"),
        (Body::Urge, "47 80"),
        (Body::Supplement { joined: None }, "48 81f6"),
        (
            Body::Supplement { joined: Some(ActId([0xee; 32])) },
            "48 815820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        ),
        (Body::Withdraw, "49 80"),
        (
            Body::Merge { into: ActId([0xee; 32]) },
            "50 815820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        ),
        (
            Body::Split { into: ActId([0xee; 32]) },
            "51 815820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        ),
        (Body::Unmerge, "52 80"),
        (Body::VerifyRating { finding: Finding::Limited }, "53 8102"),
        (Body::Remedy, "54 80"),
        (Body::Explain, "55 80"),
        (Body::SetAsideRating { ground: SetAsideGround::Malicious }, "56 8102"),
        (Body::Object, "57 80"),
        (Body::Appeal, "58 80"),
        (Body::DecideAppeal { upheld: true }, "59 8101"),
        (Body::DecideTime { in_time: false }, "60 8100"),
        (Body::Witness(Seen::Delivered { unit: UnitId(5), at: NOON }), "61 8300051b000001a19a69fe00"),
        (
            Body::Witness(Seen::Late { not_before: 1, received_at: NOON, offline: true, clock_good: false }),
            "61 8501011b000001a19a69fe00f5f4",
        ),
        (
            Body::Attach { class: AttachClass::Recording, digest: [0xdd; 32], bytes: 300 },
            "84 83035820dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd19012c",
        ),
        (Body::Redact { content: Content::Private }, "85 8102"),
        (Body::Ratify, "86 80"),
        (Body::Confirm, "87 80"),
        (Body::Decline, "88 80"),
        (Body::Claim, "63 80"),
        (Body::HandOver { to: PersonId(20) }, "80 8114"),
        (Body::Admonish, "81 80"),
        (Body::ReportInterference, "82 80"),
        (Body::Unarchive, "83 80"),
        (Body::ArticleReview, "67 80"),
        (Body::ArticleCorrect, "68 80"),
        (Body::ArticleRetire, "69 80"),
        (Body::Answer { cites: None }, "2 81f6"),
        (
            Body::Answer { cites: Some(Citation { article: ActId([0xee; 32]), version: 3 }) },
            "2 81825820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee03",
        ),
        (Body::Dispatch(units.clone()), "3 82028219012c04"),
        (Body::Redispatch(Dispatch { lead: UnitId(1), assisting: Vec::new() }), "4 820180"),
        (Body::SignFor, "5 80"),
        (Body::ReturnRequest { suggested: None }, "6 81f6"),
        (Body::ReturnRequest { suggested: Some(UnitId(5)) }, "6 8105"),
        (Body::ReturnApprove(units), "7 82028219012c04"),
        (Body::ReturnDeny, "8 80"),
        (Body::Contact { way: Way::Telephone, reached: Reached::Appointed }, "9 820205"),
        (Body::Progress { way: Way::Online, legal_due: None }, "10 8205f6"),
        (Body::Progress { way: Way::Online, legal_due: Some(NOON) }, "10 82051b000001a19a69fe00"),
        (Body::Complete { outcome: Outcome::Unsolved, told_at: NOON }, "11 82061b000001a19a69fe00"),
        (Body::ConfirmClosure { ground: ClosureGround::Other }, "12 8105"),
        (Body::FollowUp { way: Way::Sms, reached: Reached::Answered, rating: Some(rating) }, "13 83040183010203"),
        (Body::FollowUp { way: Way::Telephone, reached: Reached::Declined, rating: None }, "13 830204f6"),
        (Body::Archive, "14 80"),
        (Body::Note, "15 80"),
        (Body::Tag, "16 80"),
        (Body::Correct, "17 80"),
        (Body::Settle, "18 80"),
        (Body::ArticleCreate, "64 80"),
        (Body::ArticleEdit, "65 80"),
        (Body::ArticlePublish, "66 80"),
    ]
}

#[test]
fn layout_of_every_body_is_pinned() {
    for (body, expected) in bodies() {
        let found = format!("{} {}", body.kind().number(), hex(&replica::body::encode(&body)));
        assert_eq!(found, expected, "{body:?}");
        assert_eq!(replica::body::decode(body.kind(), &replica::body::encode(&body)).unwrap(), body);
    }
    for kind in ActKind::ALL {
        assert!(bodies().iter().any(|(body, _)| body.kind() == *kind), "{kind:?} is not pinned");
    }
}

#[test]
fn layout_of_every_registry_change_is_pinned() {
    let mut changes = city::changes();
    changes.truncate(4);
    changes.push(city::changes()[6].clone());
    changes.push(Change::Hub(city::HUB));
    changes.push(Change::Calendar(vec![Day::from_number(739_192, false, "元旦".to_owned()).unwrap()]));
    changes.push(Change::Terms(Terms::default()));
    let (Change::Device(id, device), Change::Person(person, named)) = (&city::changes()[3], &city::changes()[6]) else {
        panic!("a device and a person")
    };
    changes.push(Change::Enrol(*id, device.clone(), None));
    changes.push(Change::Enrol(*id, device.clone(), Some((*person, named.clone()))));
    changes.push(Change::Rekey(city::HUB, [3; 32]));
    let expected = [
        "8301f5a20169e7a4bae4be8be5b882025820814722de71c5b14e748dff322ae7f7c415cee558766495292cd6c4c0a6a9df28",
        "8302f5a10183a50101026255310367e58d95e4bd8d310466e58d95e4bd8d0501a60102026255320367e58d95e4bd8d320466e58d95e4bd8d05050601a60103026255330367e58d95e4bd8d330466e58d95e4bd8d05050601",
        "8303f5a1018182643031303166e4be9be69a96",
        "8306f5a50101020103010458208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0567e8aebee5a48731",
        "8308f5a5010a02010366e8818ce5919804637031300589010203040506070809",
        "8307f5a10101",
        "8304f4a10181831a000b4778f466e58583e697a6",
        "8305f4b8240101020203030405050506070702080109030a050b18180c181e0d050e020f0310051101120113021403150f16011701181801181901181a01181b0a181c05181d03181e181e181f05182005182102182203182305182400",
        "830bf5a101a50101020103010458208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0567e8aebee5a48731",
        "830bf5a201a50101020103010458208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0567e8aebee5a4873102a5010a02010366e8818ce5919804637031300589010203040506070809",
        "830cf5a201010258200303030303030303030303030303030303030303030303030303030303030303",
    ];
    for (change, expected) in changes.into_iter().zip(expected) {
        let entry = Entry { previous: [0xab; 32], ..city::entry(change) };
        let bytes = entry.encode(&[0xcd; 64]);
        assert_eq!(Entry::decode(&bytes).unwrap(), (entry.clone(), [0xcd; 64]));
        // An array of two: the payload as bytes, and the signature.
        let head = format!("870100 07 5820{} 1b000001a19a69fe00 f6", "ab".repeat(32)).replace(' ', "");
        let (whole, tail) = (hex(&bytes), format!("5840{}", "cd".repeat(64)));
        let (_, payload) = whole.split_once(&head).unwrap();
        assert_eq!(payload.strip_suffix(&tail).unwrap(), expected, "{:?}", entry.change);
    }
    let first = Entry { version: 1, ..city::entry(city::changes()[0].clone()) };
    assert_eq!(hex(&first.hash()), "27d0c075f7d097b8aaa9217ec74f4d5677926da5a84d21d58eaea45c621ddf09");
}
