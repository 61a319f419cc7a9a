//! The bytes of acts, parts and registry entries, pinned. Hashes and signatures rest on them: a change here makes other
//! acts of the old ones, and needs a new version of the envelope.

use regulation::act::{
    Agree, AttachClass, Body, Channel, Citation, ClosureGround, Contacted, Content, Dispatch, EmergencyLine,
    ExternalNumber, FileHash, Finding, Had, MediaType, Outcome, Party, Rating, Reached, Register, RejectGround,
    RequestKind, Satisfaction, Seen, SetAsideGround, Solved, SuperviseGround, SuperviseLevel, Urgency, Way,
};
use regulation::calendar::Day;
use regulation::terms::Terms;
use regulation::{ActId, ActKind, DeviceId, DutyId, PersonId, UnitId};
use replica::registry::{Duty, Holder, ROOT_LOG, RegistryVersion};
use replica::{
    Act, Behind, BlockId, Change, Content as ActContent, Effect, Entry, Field, Part, PartKind, Sealed, UnitKind, Value,
};

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

fn block(effect: u8) -> BlockId {
    BlockId { act: ActId([0xb0; 32]), effect }
}

fn effects() -> Vec<Effect> {
    vec![
        Effect::Register(Field::Title, Value::Segment(0)),
        Effect::Register(Field::Category, Value::Code("0101".to_owned())),
        Effect::Register(Field::Place, Value::Code("130600".to_owned())),
        Effect::AddTag("供暖".to_owned()),
        Effect::RemoveTag("老人".to_owned()),
        Effect::Insert { behind: Behind::Start, segment: 1 },
        Effect::Insert { behind: Behind::Own(5), segment: 1 },
        Effect::Insert { behind: Behind::Block(block(7)), segment: 1 },
        Effect::Set { block: block(7), over: vec![ActId([0xb0; 32]), ActId([0xb1; 32])], segment: Some(1) },
        Effect::Set { block: block(8), over: vec![ActId([0xb0; 32])], segment: None },
    ]
}

#[test]
fn layout_of_an_act_is_pinned() {
    let (act, _) = full();
    let expected = [
        // version, algorithm, doc, device, epoch, dseq
        format!("89 01 01 5820{} 03 1b0000010000000000 19012c", "d0".repeat(32)),
        // deps, registry versions
        format!("82 5820{} 5820{} 81 820009", "d1".repeat(32), "d2".repeat(32)),
        // nine fields: person, answers, time, beacon, happened
        format!("a9 01 14 02 5820{} 03 1b000001a19a69fe00 04 04 05 20", "a0".repeat(32)),
        // kind, body
        "06 09 07 a201030202".to_owned(),
        // effects
        "08 8a 83010000 8300016430313031 83000266313330363030 820266e4be9be69a96 820366e88081e4baba".to_owned(),
        format!("820401 83040501 84045820{}0701", "b0".repeat(32)),
        format!("85055820{0}07 825820{0}5820{1} 01", "b0".repeat(32), "b1".repeat(32)),
        format!("85055820{0}08 815820{0} f6", "b0".repeat(32)),
        // heads of the parts: kind, code points of each segment, commitment
        "09 82 83 01 820403 5820 190daf2d0645363baeebb799f142997ea7feec20160d238e05431adca088851e".to_owned(),
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
    assert_eq!(sealed.id().hex(), "03d22a49a6ac1ae3cd1c0d155b7e0e06450a0eb29ffc2d987d4c4f1eac97c76a");
    let signature = "2f8e12a1f7f757cb51118af62eb3e9a19ff831e4e1ed2813d4cad4c9fcb3e07f\
        dc9bc34c14cd68946683c227e1a19248cfb6e1faba69ad2c225b5e3d2530740a";
    assert_eq!(hex(&sealed.signatures[0].bytes), signature);
    assert_eq!(hex(&sealed.encode()[..6]), "835902118901");
    assert_eq!(Sealed::decode(&sealed.encode()).unwrap(), sealed);
    // Behind the act: the signature with its type and signer, and each part with its salt.
    let behind = format!(
        "81 83 01 03 5840 {signature} 82 83 01 50{} 75{} 83 02 50{} 66{}",
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
        "89 01 01 f6 02 01 01 80 81820009 a5 01 0a 03 1b000001a19a69fe00 06 1840 08 82 83010000 820401 09 81 830182040d 5820 {}",
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
            party: Party::Natural,
            enterprise: false,
        })
    };
    let again = {
        let Body::Register(first) = register(None) else { unreachable!("a registration") };
        Body::Register(Register { again: Some(ActId([0xee; 32])), times: 2, ..first })
    };
    let enterprise = {
        let Body::Register(first) = register(None) else { unreachable!("a registration") };
        Body::Register(Register { party: Party::Legal, enterprise: true, ..first })
    };
    let external = ExternalNumber { system: "province".to_owned(), number: "HB-1".to_owned() };
    let rating = Rating { contacted: Contacted::Yes, solved: Solved::Mostly, satisfaction: Satisfaction::Dissatisfied };
    let Body::Register(proxy) = register(None) else { unreachable!("a registration") };
    vec![
        (register(None), "1 a8010402020307041b000001a19a69fe0005195117061107f50b01"),
        (
            register(Some(external)),
            "1 a9010402020307041b000001a19a69fe0005195117061107f509a2016870726f76696e6365026448422d310b01",
        ),
        (
            again,
            "1 a9010402020307041b000001a19a69fe0005195117061107f50a5820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee0b02",
        ),
        (enterprise, "1 aa010402020307041b000001a19a69fe0005195117061107f50b010d020ef5"),
        (Body::RegisterByProxy(proxy), "19 a8010402020307041b000001a19a69fe0005195117061107f50b01"),
        (Body::ConfirmIntake, "20 a0"),
        (Body::OwnMatter, "21 a0"),
        (Body::SetUrgency { urgency: Urgency::Urgent }, "22 a10102"),
        (Body::Reject { ground: RejectGround::Secret, duty: None }, "23 a10102"),
        (Body::ReferEmergency { line: EmergencyLine::Fire, residue: false }, "24 a10102"),
        (Body::ReferEmergency { line: EmergencyLine::Fire, residue: true }, "24 a2010202f5"),
        (Body::ReferRegion, "25 a0"),
        (Body::RegionAnswer, "125 a0"),
        (Body::SubDispatch(units.clone()), "26 a20102028219012c04"),
        (Body::NotifyByPhone { unit: UnitId(5) }, "27 a10105"),
        (Body::Designate(units.clone()), "28 a20102028219012c04"),
        (Body::Recall, "29 a0"),
        (Body::Recuse { unit: UnitId(5) }, "30 a10105"),
        (Body::SignForByPhone { unit: UnitId(5) }, "31 a10105"),
        (Body::Escalate { to: UnitId(5) }, "32 a10105"),
        (Body::Opinion, "33 a0"),
        (Body::ReferMeeting, "34 a0"),
        (Body::MeetingDecision { due: NOON }, "126 a1011b000001a19a69fe00"),
        (Body::ExtendRequest { days: 5, told_at: NOON, of_city: false }, "35 a20105021b000001a19a69fe00"),
        (Body::ExtendRequest { days: 5, told_at: NOON, of_city: true }, "35 a30105021b000001a19a69fe0003f5"),
        (Body::ReturnWithdraw, "120 a0"),
        (Body::Convey { unit: UnitId(5) }, "124 a10105"),
        (
            Body::Reclassify { kind: Some(RequestKind::TipOff), confidential: None, anonymous: Some(false) },
            "123 a2010503f4",
        ),
        (Body::Reclassify { kind: None, confidential: Some(true), anonymous: None }, "123 a102f5"),
        (Body::CorrectRequester { party: None, enterprise: None }, "141 a0"),
        (Body::CorrectRequester { party: Some(Party::Natural), enterprise: Some(false) }, "141 a2010102f4"),
        (Body::Arrive, "122 a0"),
        (Body::NameTerm { legal_due: NOON }, "121 a1011b000001a19a69fe00"),
        (Body::ExtendApprove { days: 15, by_law: true }, "36 a2010f02f5"),
        (Body::ExtendDeny, "37 a0"),
        (Body::Defer, "38 a0"),
        (Body::DeferApprove { review_at: NOON }, "39 a1011b000001a19a69fe00"),
        (Body::DeferRelease, "40 a0"),
        (Body::AssistFeedback, "41 a0"),
        (Body::SendBack { form_only: true }, "42 a101f5"),
        (Body::Supervise { level: SuperviseLevel::Special, ground: SuperviseGround::Repeated }, "43 a201030203"),
        (Body::SuperviseReply, "44 a0"),
        (Body::SuperviseRelease, "45 a0"),
        (Body::Remind, "46 a0"),
        (Body::Urge, "47 a0"),
        (Body::Supplement { joined: None, joins: None }, "48 a0"),
        (
            Body::Supplement { joined: Some(ActId([0xee; 32])), joins: None },
            "48 a1015820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        ),
        (Body::Withdraw, "49 a0"),
        (
            Body::Merge {
                into: ActId([0xee; 32]),
                place: Agree::Same,
                category: Agree::Same,
                kind: Agree::Same,
                intake: Agree::Same,
            },
            "50 a5015820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee0201030104010501",
        ),
        (
            Body::MergeOther {
                into: ActId([0xee; 32]),
                place: Agree::Other,
                category: Agree::Unknown,
                kind: Agree::Same,
                intake: Agree::Same,
            },
            "130 a5015820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee0203030204010501",
        ),
        (
            Body::Split { into: ActId([0xee; 32]) },
            "51 a1015820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        ),
        (Body::Unmerge { had: Vec::new() }, "52 a0"),
        (
            Body::Unmerge { had: vec![Had { unit: UnitId(5), until: Some(NOON), due: Some(NOON) }] },
            "52 a10181a30105021b000001a19a69fe00031b000001a19a69fe00",
        ),
        (Body::VerifyRating { finding: Finding::Limited }, "53 a10102"),
        (Body::Remedy, "54 a0"),
        (Body::Explain, "55 a0"),
        (Body::SetAsideRating { ground: SetAsideGround::Malicious }, "56 a10102"),
        (Body::Object, "57 a0"),
        (Body::Appeal, "58 a0"),
        (Body::DecideAppeal { upheld: true }, "59 a101f5"),
        (Body::DecideTime { in_time: false }, "60 a0"),
        (Body::Tolerate { granted: true }, "89 a101f5"),
        (Body::Acknowledge, "90 a0"),
        (Body::ShowDone, "91 a0"),
        (Body::AcceptWork, "92 a0"),
        (Body::Uphold, "93 a0"),
        (Body::Witness(Seen::Delivered { unit: UnitId(5), at: NOON }), "61 a301010205031b000001a19a69fe00"),
        (
            Body::Witness(Seen::Late { not_before: 1, received_at: NOON, offline: true, clock_good: false }),
            "61 a401020401051b000001a19a69fe0006f5",
        ),
        (
            Body::Attach {
                class: AttachClass::Recording,
                root: [0xdd; 32],
                bytes: 300,
                hash: FileHash::Blake3,
                media: MediaType::Wav,
            },
            "84 a50103025820dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd0319012c04010505",
        ),
        (Body::Redact { content: Content::Private }, "85 a10102"),
        (Body::Ratify, "86 a0"),
        (Body::Confirm, "87 a0"),
        (Body::Decline, "88 a0"),
        (Body::Claim, "63 a0"),
        (Body::HandOver { to: PersonId(20) }, "80 a10114"),
        (Body::Admonish, "81 a0"),
        (Body::ReportInterference, "82 a0"),
        (Body::Unarchive, "83 a0"),
        (Body::ArticleReview, "67 a0"),
        (Body::ArticleCorrect, "68 a0"),
        (Body::ArticleRetire, "69 a0"),
        (Body::Answer { cites: None }, "2 a0"),
        (
            Body::Answer { cites: Some(Citation { article: ActId([0xee; 32]), version: 3 }) },
            "2 a101a2015820eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee0203",
        ),
        (Body::Dispatch(units.clone()), "3 a20102028219012c04"),
        (Body::Redispatch(Dispatch { lead: UnitId(1), assisting: Vec::new() }), "4 a10101"),
        (Body::SignFor, "5 a0"),
        (Body::ReturnRequest { suggested: None, duty: None }, "6 a0"),
        (Body::ReturnRequest { suggested: Some(UnitId(5)), duty: None }, "6 a10105"),
        (Body::ReturnApprove(units), "7 a20102028219012c04"),
        (Body::ReturnDeny { duty: None }, "8 a0"),
        (Body::ReturnDeny { duty: Some(DutyId(300)) }, "8 a10119012c"),
        (Body::Contact { way: Way::Telephone, reached: Reached::Appointed }, "9 a201020205"),
        (Body::Progress { way: Way::Online, legal_due: None }, "10 a10105"),
        (Body::Progress { way: Way::Online, legal_due: Some(NOON) }, "10 a20105021b000001a19a69fe00"),
        (
            Body::Complete {
                outcome: Outcome::Unsolved,
                told_at: NOON,
                told_way: regulation::act::Way::Online,
                told_whom: regulation::act::Heard::QueryCode,
            },
            "11 a40106021b000001a19a69fe0003050404",
        ),
        (Body::ConfirmClosure { ground: ClosureGround::Other }, "12 a10105"),
        (
            Body::FollowUp { way: Way::Sms, reached: Reached::Answered, rating: Some(rating), of: None },
            "13 a30104020103a3010102020303",
        ),
        (Body::FollowUp { way: Way::Telephone, reached: Reached::Declined, rating: None, of: None }, "13 a201020204"),
        (Body::Archive, "14 a0"),
        (Body::Note, "15 a0"),
        (Body::Tag, "16 a0"),
        (Body::Correct, "17 a0"),
        (Body::Settle, "18 a0"),
        (Body::ArticleCreate, "64 a0"),
        (Body::ArticleEdit, "65 a0"),
        (Body::ArticlePublish, "66 a0"),
    ]
}

#[test]
fn layout_of_every_body_is_pinned() {
    for (body, expected) in bodies() {
        let found = format!("{} {}", body.kind().number(), hex(&replica::body::encode(&body)));
        assert_eq!(found, expected, "{body:?}");
        assert_eq!(replica::body::decode(body.kind(), &replica::body::encode(&body)).unwrap(), body);
    }
}

/// What stands above is pinned by hand; this holds for every kind, by its sample. A line that was ever released never changes.
#[test]
fn layout_of_the_sample_of_every_kind_is_pinned() {
    let line = |kind: &ActKind| {
        let (body, number, code) = (Body::sample(*kind), kind.number(), kind.code());
        assert_eq!(
            (body.kind(), replica::body::decode(*kind, &replica::body::encode(&body)).unwrap()),
            (*kind, body.clone())
        );
        format!("{number} {code} {}\n", hex(&replica::body::encode(&body)))
    };
    let found: String = ActKind::ALL.iter().map(line).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bodies.txt");
    if std::env::var_os("JIESU_BLESS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    assert_eq!(found, pinned, "a new kind: JIESU_BLESS=1 cargo test -p replica --test acts encoding");
}

#[test]
fn layout_of_every_registry_change_is_pinned() {
    let mut changes = city::changes();
    changes.truncate(4);
    changes.push(city::changes()[6].clone());
    changes.push(Change::Hub(city::HUB));
    changes.push(Change::Calendar(vec![Day::from_number(739_192, false, "元旦".to_owned()).unwrap()]));
    changes.push(Change::terms(&Terms::default()));
    let (Change::Device(id, device), Change::Person(person, named)) = (&city::changes()[3], &city::changes()[6]) else {
        panic!("a device and a person")
    };
    changes.push(Change::Enrol(*id, device.clone(), None));
    changes.push(Change::Enrol(*id, device.clone(), Some((*person, named.clone()))));
    changes.push(Change::Rekey(city::HUB, [3; 32]));
    changes.push(Change::Retired(city::HUB));
    let duty = |holder, category: Option<&str>| Duty {
        holder,
        category: category.map(str::to_owned),
        text: "供暖".to_owned(),
        basis: "三定".to_owned(),
    };
    let entries = [
        (DutyId(1), Some(duty(Holder::Unit(city::TOWN), Some("0101")))),
        (DutyId(7), Some(duty(Holder::Kind(UnitKind::Township), None))),
        (DutyId(300), None),
    ];
    changes.push(Change::duties(Some(739_923), entries));
    let expected = [
        "8301f5a20169e7a4bae4be8be5b882025820814722de71c5b14e748dff322ae7f7c415cee558766495292cd6c4c0a6a9df28",
        "8302f5a10183a50101026255310367e58d95e4bd8d310466e58d95e4bd8d0501a60102026255320367e58d95e4bd8d320466e58d95e4bd8d05050601a60103026255330367e58d95e4bd8d330466e58d95e4bd8d05050601",
        "8303f5a1018182643031303166e4be9be69a96",
        "8306f5a50101020103010458208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0567e8aebee5a48731",
        "8308f5a5010a02010366e8818ce591980463703130058a0102030405060708090a",
        "8307f5a10101",
        "8304f4a10181831a000b4778f466e58583e697a6",
        "8305f4b82e0a010b020c030d050e050f07100211011203130514181815181e16051702181803181905181a01181b01181c02181d03181e0f181f0118200118210118220118230118240a1825051826031827181e182805182905182a02182b03182c05182d00182e05182f05183003183103183218fa1833183c1834011835181e1836051837183c",
        "830bf5a101a50101020103010458208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0567e8aebee5a48731",
        "830bf5a201a50101020103010458208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0567e8aebee5a4873102a5010a02010366e8818ce591980463703130058a0102030405060708090a",
        "830cf5a201010258200303030303030303030303030303030303030303030303030303030303030303",
        "8312f5a10101",
        "8313f5a2011a000b4a530283a5010102020464303130310566e4be9be69a960666e4b889e5ae9aa4010703050566e4be9be69a960666e4b889e5ae9aa10119012c",
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
