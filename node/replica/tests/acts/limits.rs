//! Limits of the envelope: what is at the limit is taken, what is one beyond is not.

use regulation::act::{Body, Dispatch, ExternalNumber, Outcome, Reached, Way};
use regulation::options::answers;
use regulation::table::Room;
use regulation::{ActId, ActKind, PersonId, Rule, UnitId};
use replica::effect::{CATEGORY_BYTES_MAX, TAG_DIGITS_MAX, tag_fits};
use replica::graph::Rank;
use replica::limits::{
    ACT_BYTES_MAX, BLOCK_CHARS_MAX, BLOCK_VALUES_MAX, CODE_BYTES_MAX, DEPS_MAX, DEVICE_BLOCKS_MAX, DISPATCH_UNITS_MAX,
    EFFECTS_MAX, ENTRY_BYTES_MAX, EPOCHS_MAX, LOGS_MAX, Limits, Own, PART_CHARS_MAX, REGISTER_CHARS_MAX,
    SEALED_BYTES_MAX, SEGMENTS_MAX, TAG_CHARS_MAX, WRITTEN_CHARS_MAX, line_acts_max, open_to, own_acts_max,
};
use replica::registry::{ROOT_LOG, RegistryVersion};
use replica::{
    Act, Behind, BlockId, Change, Content, Draft, Effect, Entry, Field, History, Newer, Part, PartHead, PartKind,
    Sealed, Standing, Unit, UnitKind, Unknown, Value, Verdict,
};

use crate::city::{self, HUB, LAPTOP, OFFICE};

/// An act in the middle of a document, for its shape alone.
fn act() -> Act {
    Act {
        doc: Some(ActId([1; 32])),
        device: LAPTOP,
        epoch: 1,
        dseq: 1,
        person: Some(PersonId(10)),
        deps: vec![ActId([2; 32])],
        answers: None,
        registry: vec![RegistryVersion { log: ROOT_LOG, version: 1 }],
        time: 0,
        beacon: 0,
        happened: None,
        content: Content::Known(Body::Note),
        effects: Vec::new(),
        parts: Vec::new(),
    }
}

fn decodes(act: &Act) -> bool {
    Act::decode(&act.encode()).is_ok()
}

#[track_caller]
fn at_and_beyond(limit: usize, with: impl Fn(usize) -> Act) {
    let at = Act::decode(&with(limit).encode());
    assert!(at.is_ok(), "{limit}: {at:?}");
    assert!(!decodes(&with(limit + 1)), "{} are taken", limit + 1);
}

#[test]
fn act_of_so_many_deps() {
    at_and_beyond(DEPS_MAX, |count| {
        let id = |n: usize| ActId([u8::try_from(n).unwrap(); 32]);
        Act { deps: (0..count).map(id).collect(), ..act() }
    });
}

#[test]
fn act_of_so_many_effects() {
    at_and_beyond(EFFECTS_MAX, |count| Act { effects: vec![Effect::AddTag("x".to_owned()); count], ..act() });
}

#[test]
fn act_that_names_so_many_logs() {
    at_and_beyond(LOGS_MAX, |count| {
        let registry = (0..).map(|log| RegistryVersion { log, version: 1 }).take(count).collect();
        Act { registry, ..act() }
    });
}

#[test]
fn dispatch_to_so_many_units() {
    at_and_beyond(DISPATCH_UNITS_MAX, |count| {
        let assisting = (2..).map(UnitId).take(count).collect();
        Act { content: Content::Known(Body::Dispatch(Dispatch { lead: UnitId(1), assisting })), ..act() }
    });
}

#[test]
fn part_of_so_many_segments() {
    at_and_beyond(SEGMENTS_MAX, |count| {
        let head = PartHead { kind: PartKind::Text, segments: vec![1; count], commitment: [0; 32] };
        Act { parts: vec![head], ..act() }
    });
}

#[test]
fn part_of_so_many_code_points() {
    let head = |segments: Vec<u32>| PartHead { kind: PartKind::Text, segments, commitment: [0; 32] };
    let all = u32::try_from(PART_CHARS_MAX).unwrap();
    for (segments, taken) in [
        (vec![all], true),
        (vec![all - 1, 1, 0], true),
        (vec![all + 1], false),
        (vec![all, 1], false),
        (vec![u32::MAX; 4], false),
    ] {
        assert_eq!(decodes(&Act { parts: vec![head(segments.clone())], ..act() }), taken, "{segments:?}");
    }
}

#[test]
fn code_of_so_many_bytes() {
    let code = |count: usize| Effect::Register(Field::Category, Value::Code("1".repeat(count)));
    at_and_beyond(CATEGORY_BYTES_MAX, |count| Act { effects: vec![code(count)], ..act() });
    at_and_beyond(TAG_CHARS_MAX, |count| Act { effects: vec![Effect::RemoveTag("供".repeat(count))], ..act() });
    for (place, taken) in [("130623", true), ("130623102", true), ("13062310200", false), ("130623a", false)] {
        let effects = vec![Effect::Register(Field::Place, Value::Code(place.to_owned()))];
        assert_eq!(decodes(&Act { effects, ..act() }), taken, "{place}");
    }
    for tag in ["13812341234", "电话13812341234", "1381234"] {
        assert!(!decodes(&Act { effects: vec![Effect::AddTag(tag.to_owned())], ..act() }), "{tag} may be of a person");
    }
    let titled = Effect::Register(Field::Title, Value::Code("1".to_owned()));
    assert!(!decodes(&Act { effects: vec![titled], ..act() }), "a title is text");
    at_and_beyond(CODE_BYTES_MAX, |count| {
        let Body::Register(mut register) = city::register().body else { unreachable!() };
        register.external = Some(ExternalNumber { system: "x".repeat(count), number: "1".to_owned() });
        Act { content: Content::Known(Body::Register(register)), doc: None, deps: Vec::new(), ..act() }
    });
    for wrong in ["", "a b", "供暖", "a\n"] {
        let effects = vec![Effect::Register(Field::Category, Value::Code(wrong.to_owned()))];
        assert!(!decodes(&Act { effects, ..act() }), "{wrong:?} is no code");
    }
    for wrong in ["", "a b", "供 暖", "a\u{202e}", "a\u{7}"] {
        assert!(!decodes(&Act { effects: vec![Effect::AddTag(wrong.to_owned())], ..act() }), "{wrong:?} is no tag");
    }
}

#[test]
fn act_of_so_many_bytes() {
    let with = |count: usize| {
        // Of a newer version, behind whose spine anything may stand.
        let newer = Newer { what: Unknown::Version(2), version: 2, algorithm: 1, rest: vec![0; count] };
        let act = Act { content: Content::Newer(newer), ..act() };
        (act.encode().len(), act)
    };
    let (empty, _) = with(60_000);
    let (len, at) = with(60_000 + ACT_BYTES_MAX - empty);
    assert_eq!(len, ACT_BYTES_MAX);
    assert!(decodes(&at));
    assert!(!decodes(&with(60_001 + ACT_BYTES_MAX - empty).1));
}

#[test]
fn sealed_act_of_so_many_bytes() {
    let with = |count: usize| {
        let part = |kind, count| Part { kind, salt: [0; 16], text: "x".repeat(count) };
        let parts = vec![part(PartKind::Text, 150_000), part(PartKind::Private, count)];
        Sealed { bytes: vec![1], signatures: Vec::new(), parts }
    };
    let rest = SEALED_BYTES_MAX - with(100_000).encode().len();
    let at = with(100_000 + rest);
    assert_eq!(at.encode().len(), SEALED_BYTES_MAX);
    assert_eq!(Sealed::decode(&at.encode()).unwrap(), at);
    assert!(Sealed::decode(&with(100_001 + rest).encode()).is_err());
}

#[test]
fn registry_entry_of_so_many_bytes() {
    let entry = |last: usize| {
        let unit = |id: u32, len: usize| {
            let (name, short) = ("x".repeat(200), "x".repeat(len));
            let kind = UnitKind::Township;
            (UnitId(1_000 + id), Unit::new("U", &name, &short, kind, None))
        };
        let mut units: Vec<_> = (0..2_455).map(|id| unit(id, 200)).collect();
        units.extend((0..10).map(|id| unit(3_000 + id, last / 10 + usize::from(last % 10 > id as usize))));
        city::entry(Change::Units(units)).encode(&[0; 64])
    };
    // Names of 24 to 200 characters keep the heads in front of them as long as they are.
    let at = 500 + ENTRY_BYTES_MAX - entry(500).len();
    assert_eq!(entry(at).len(), ENTRY_BYTES_MAX);
    assert!(Entry::decode(&entry(at)).is_ok());
    assert!(Entry::decode(&entry(at + 1)).is_err());
}

/// What a lead tells and does again and again: a contact, and completing what is sent back each time.
fn contact(history: &History) -> Draft {
    let dispatch = history.record().ticket().unwrap().lead().unwrap().dispatch;
    Draft::new(Body::Contact { way: Way::Telephone, reached: Reached::Answered }).answering(Some(dispatch))
}

fn complete(history: &History) -> Draft {
    let dispatch = history.record().ticket().unwrap().lead().unwrap().dispatch;
    let body = Body::Complete {
        outcome: Outcome::Solved,
        told_at: city::NOON,
        told_way: regulation::act::Way::Online,
        told_whom: regulation::act::Heard::QueryCode,
    };
    Draft::new(body).text(["已恢复供暖"]).answering(Some(dispatch))
}

#[test]
fn notes_leave_room_for_contacts_and_both_for_what_must_be_done_and_that_ends_too() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    city::make(&registry, &mut history, LAPTOP, 2, city::dispatch(city::TOWN));
    let most = own_acts_max(Rank::Lead);
    let (mut office, mut laptop) = (0, 2);
    let verdict = |history: &History, dseq, draft: Draft| {
        let (_, sealed) = city::seal(&registry, history, OFFICE, dseq, draft);
        city::take(&registry, &mut history.clone(), &sealed).unwrap()
    };
    let author = |history: &History| history.nodes().last().unwrap().fact.author.clone();
    let mut make = |history: &mut History, device, draft: Draft| {
        let dseq = if device == OFFICE { &mut office } else { &mut laptop };
        *dseq += 1;
        city::make(&registry, history, device, *dseq, draft);
        history.nodes().iter().filter(|node| node.act.device == OFFICE).count()
    };
    let signs = Draft::new(Body::SignFor).answering(contact(&history).answers);
    make(&mut history, OFFICE, signs);
    while make(&mut history, OFFICE, city::tag("供暖")) < open_to(Room::Free, most) {}
    let office = author(&history);
    assert_eq!(verdict(&history, 500, city::tag("供暖")), Verdict::Unlawful(Rule::RoomReserved));
    assert_eq!(history.left(Room::Free, OFFICE, &office), Err(Rule::RoomReserved), "it is said before");
    assert_eq!(history.left(Room::Repeated, OFFICE, &office), Ok(most / 8));
    let next = contact(&history);
    while make(&mut history, OFFICE, next.clone()) < open_to(Room::Repeated, most) {}
    assert_eq!(verdict(&history, 500, next), Verdict::Unlawful(Rule::RoomReserved));
    assert_eq!(history.left(Room::Demanded, OFFICE, &office), Ok(most / 8));
    loop {
        let draft = complete(&history);
        let made = make(&mut history, OFFICE, draft);
        let answers = history.nodes().last().map(|node| node.id);
        let back = Body::SendBack { form_only: false };
        make(&mut history, LAPTOP, Draft::new(back).text(["还不暖"]).answering(answers));
        if made == most {
            break;
        }
    }
    for draft in [complete(&history), contact(&history), city::tag("供暖")] {
        assert_eq!(verdict(&history, 500, draft), Verdict::Unlawful(Rule::AllowanceUsed), "what is kept free ends too");
    }
    assert_eq!(history.left(Room::Demanded, OFFICE, &office), Err(Rule::AllowanceUsed));
    assert!(history.left(Room::Always, OFFICE, &office).is_ok());
    // A new epoch gives no more, and others go on.
    let draft = complete(&history);
    let anew = city::seal_in(&registry, &history, OFFICE, (2, 1), draft);
    assert_eq!(city::take(&registry, &mut history.clone(), &anew), Ok(Verdict::Unlawful(Rule::AllowanceUsed)));
    make(&mut history, LAPTOP, city::tag("供暖"));
    city::settle(&registry, &mut history, 1);
    assert_eq!(history.unsettled(), 0);
}

#[test]
fn whoever_was_given_more_room_goes_on_in_the_same_ticket_and_nobody_else() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    city::make(&registry, &mut history, LAPTOP, 2, city::dispatch(city::TOWN));
    let tags = |history: &mut History, from: usize, to: usize| {
        (from..=to).for_each(|dseq| drop(city::make(&registry, history, OFFICE, dseq as u64, city::tag("供暖"))));
    };
    let free = open_to(Room::Free, own_acts_max(Rank::Lead));
    tags(&mut history, 1, free);
    let before = history.clone();
    let refused = |history: &History, dseq: usize, of| {
        let (_, sealed) = city::seal(&registry, history, OFFICE, dseq as u64, of);
        city::take(&registry, &mut history.clone(), &sealed).unwrap()
    };
    assert_eq!(refused(&history, free + 1, city::tag("供暖")), Verdict::Unlawful(Rule::RoomReserved));
    let more = |unit| Draft::new(Body::MoreRoom { unit }).text(["长期挂账"]);
    let (_, stranger) = city::seal(&registry, &history, LAPTOP, 3, more(city::OTHER_TOWN));
    assert_eq!(
        city::take(&registry, &mut history.clone(), &stranger),
        Ok(Verdict::Unlawful(Rule::NoSuchAssignment)),
        "it has nothing to do here"
    );
    let dues = |history: &History| {
        let ticket = history.record().ticket().unwrap();
        (ticket.state, ticket.lead().map(|lead| (lead.dispatch, lead.dispatched_at, lead.signed_for)))
    };
    let stood = dues(&history);
    let given = city::make(&registry, &mut history, LAPTOP, 3, more(city::TOWN));
    assert_eq!(dues(&history), stood, "nothing else changes");
    let author = history.nodes().iter().rfind(|node| node.act.device == OFFICE).unwrap().fact.author.clone();
    assert_eq!(history.left(Room::Free, OFFICE, &author), Ok(free));
    // Whoever has not heard of it is judged by what he had: so it is found everywhere.
    let (_, unheard) = city::seal(&registry, &before, OFFICE, free as u64 + 1, city::tag("供暖"));
    assert_eq!(city::take(&registry, &mut history.clone(), &unheard), Ok(Verdict::Unlawful(Rule::RoomReserved)));
    tags(&mut history, free + 1, 2 * free);
    assert_eq!(refused(&history, 2 * free + 1, city::tag("供暖")), Verdict::Unlawful(Rule::RoomReserved));
    // Four times, and never beyond what the document takes in all.
    (4..7).for_each(|dseq| drop(city::make(&registry, &mut history, LAPTOP, dseq, more(city::TOWN))));
    let (_, fifth) = city::seal(&registry, &history, LAPTOP, 7, more(city::TOWN));
    assert_eq!(city::take(&registry, &mut history.clone(), &fifth), Ok(Verdict::Unlawful(Rule::PagesUsed)));
    assert_eq!(history.left(Room::Free, OFFICE, &author), Ok(3 * free));
    assert!(history.nodes().iter().any(|node| node.id == given.id() && node.admitted()));
    let (none, all) = (Own::default(), line_acts_max(Rank::Lead));
    let limits = Limits::default();
    assert_eq!(limits.left(Room::Demanded, Rank::Lead, none, 4, all - 1), Ok(1));
    assert_eq!(limits.left(Room::Demanded, Rank::Lead, none, 4, all), Err(Rule::TooLong));
}

#[test]
fn notes_of_a_lead_leave_what_must_be_done_to_a_unit_that_leads_no_more() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    city::make(&registry, &mut history, LAPTOP, 2, city::dispatch(city::TOWN));
    let signs = |history: &History| {
        let dispatch = answers(history.record(), ActKind::SignFor, city::TOWN);
        Draft::new(Body::SignFor).answering(dispatch)
    };
    let draft = signs(&history);
    city::make(&registry, &mut history, OFFICE, 1, draft);
    let notes = open_to(Room::Free, own_acts_max(Rank::Lead));
    assert!(notes > own_acts_max(Rank::Other), "more than whoever does not lead makes of all");
    for dseq in 2..=notes as u64 {
        city::make(&registry, &mut history, OFFICE, dseq, city::tag("供暖"));
    }
    let assists = Dispatch { lead: city::OTHER_TOWN, assisting: vec![city::TOWN] };
    let made = answers(history.record(), ActKind::Redispatch, city::CITY);
    let redispatch = Draft::new(Body::Redispatch(assists)).answering(made).text(["改由邻镇主办"]);
    city::make(&registry, &mut history, LAPTOP, 3, redispatch);
    let next = notes as u64 + 1;
    let (_, tag) = city::seal(&registry, &history, OFFICE, next, city::tag("噪声"));
    assert_eq!(city::take(&registry, &mut history.clone(), &tag), Ok(Verdict::Unlawful(Rule::RoomReserved)));
    let draft = signs(&history);
    city::make(&registry, &mut history, OFFICE, next, draft);
}

#[test]
fn a_city_desk_makes_so_many_notes_and_withdraws_all_the_same() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let free = open_to(Room::Free, own_acts_max(Rank::City)) as u64;
    for dseq in 2..=free {
        city::make(&registry, &mut history, LAPTOP, dseq, city::tag("供暖"));
    }
    let (_, beyond) = city::seal(&registry, &history, LAPTOP, 500, city::tag("供暖"));
    assert_eq!(city::take(&registry, &mut history.clone(), &beyond), Ok(Verdict::Unlawful(Rule::RoomReserved)));
    city::make(&registry, &mut history, LAPTOP, free + 1, Draft::new(Body::Withdraw).text(["诉求人撤回"]));
}

#[test]
fn act_of_one_epoch_too_many_is_unlawful_where_its_author_sees_it_and_falls_where_not() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let begun = history.clone();
    for epoch in 2..=EPOCHS_MAX as u64 {
        let sealed = city::seal_in(&registry, &history, LAPTOP, (epoch, 1), city::tag("供暖"));
        assert_eq!(city::take(&registry, &mut history, &sealed), Ok(Verdict::Admitted));
    }
    let one_more = (EPOCHS_MAX as u64 + 1, 1);
    let seen = city::seal_in(&registry, &history, LAPTOP, one_more, city::tag("供暖"));
    assert_eq!(city::take(&registry, &mut history.clone(), &seen), Ok(Verdict::Unlawful(Rule::TooManyEpochs)));
    city::settle(&registry, &mut history, 1);
    let unseen = city::seal_in(&registry, &begun, LAPTOP, one_more, city::tag("老人"));
    assert_eq!(city::take(&registry, &mut history, &unseen), Ok(Verdict::Admitted));
    let standing = city::standing(&history, unseen.id());
    assert_eq!(standing, Some(Standing::Overruled(Rule::TooManyEpochs.into())));
    assert_eq!(history.unsettled(), 0, "it counts for nothing");
    assert!(!history.document().unwrap().tags().contains("老人"), "nor has it written");
}

#[test]
fn act_in_a_full_document_is_unlawful_by_rank_and_the_hub_settles_on() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::register());
    let begun = history.clone();
    city::settle(&registry, &mut history, 1);
    let full = line_acts_max(Rank::Other);
    let mut counts = 1;
    for epoch in 2.. {
        // Its author leaves out what it made before: each epoch has an allowance of its own.
        let mut alone = begun.clone();
        let most = (full - counts).min(open_to(Room::Free, own_acts_max(Rank::City)) - 1) as u64;
        for dseq in 1..=most {
            let sealed = city::seal_in(&registry, &alone, LAPTOP, (epoch, dseq), city::tag("供暖"));
            assert_eq!(city::take(&registry, &mut alone, &sealed), Ok(Verdict::Admitted));
            assert_eq!(city::take(&registry, &mut history, &sealed), Ok(Verdict::Admitted));
        }
        counts += usize::try_from(most).unwrap();
        city::settle(&registry, &mut history, epoch);
        if most == 0 {
            break;
        }
    }
    let (_, beyond) = city::seal(&registry, &history, OFFICE, 1, city::tag("供暖"));
    assert_eq!(city::take(&registry, &mut history.clone(), &beyond), Ok(Verdict::Unlawful(Rule::TooLong)));
    let anew = city::dispatch(city::TOWN);
    let (_, dispatch) = city::seal(&registry, &begun, LAPTOP, 2, anew);
    assert_eq!(city::take(&registry, &mut history, &dispatch), Ok(Verdict::Admitted), "who did not see it full");
    city::settle(&registry, &mut history, 90);
    assert_eq!(history.unsettled(), 0);
}

#[test]
fn shape_of_an_act_is_checked() {
    let id = |n: u8| ActId([n; 32]);
    let head = |kind| PartHead { kind, segments: vec![1], commitment: [0; 32] };
    let version = |log| RegistryVersion { log, version: 1 };
    assert!(decodes(&act()));
    let wrong = [
        ("no dseq", Act { dseq: 0, ..act() }),
        ("a document without deps", Act { deps: Vec::new(), ..act() }),
        ("deps without a document", Act { doc: None, ..act() }),
        ("deps that fall", Act { deps: vec![id(3), id(2)], ..act() }),
        ("a dep twice", Act { deps: vec![id(2), id(2)], ..act() }),
        ("registry version 0", Act { registry: vec![RegistryVersion { log: 0, version: 0 }], ..act() }),
        ("no registry version", Act { registry: Vec::new(), ..act() }),
        ("a log twice", Act { registry: vec![version(0), version(0)], ..act() }),
        ("logs that fall", Act { registry: vec![version(1), version(0)], ..act() }),
        ("a part twice", Act { parts: vec![head(PartKind::Text); 2], ..act() }),
        ("parts that fall", Act { parts: vec![head(PartKind::Private), head(PartKind::Text)], ..act() }),
        ("a beginning inside", Act { content: Content::Known(Body::ArticleCreate), ..act() }),
        ("a note at the beginning", Act { doc: None, deps: Vec::new(), ..act() }),
    ];
    for (what, act) in wrong {
        assert!(!decodes(&act), "{what}");
    }
    let first = Act { content: Content::Known(Body::ArticleCreate), doc: None, deps: Vec::new(), ..act() };
    assert!(decodes(&first));
}

#[test]
fn act_writes_so_many_code_points_each_use_of_a_segment_counted() {
    let head = |len| PartHead { kind: PartKind::Text, segments: vec![len], commitment: [0; 32] };
    let inserts = |uses: usize| vec![Effect::Insert { behind: Behind::Start, segment: 0 }; uses];
    let whole = u32::try_from(WRITTEN_CHARS_MAX).unwrap();
    for (len, uses, taken) in [(whole, 1, true), (whole, 2, false), (whole / 2, 2, true), (whole / 2 + 1, 2, false)] {
        assert_eq!(decodes(&Act { parts: vec![head(len)], effects: inserts(uses), ..act() }), taken, "{uses} of {len}");
    }
    // 1,500 bytes that would write a book of 12,800,000 characters.
    assert!(!decodes(&Act { parts: vec![head(whole)], effects: inserts(EFFECTS_MAX), ..act() }));
}

#[test]
fn title_is_of_so_many_code_points() {
    let registry = city::registry();
    let titled = |len| city::register().text(["题".repeat(len), "内容".to_owned()]);
    for (len, verdict) in
        [(REGISTER_CHARS_MAX, Verdict::Admitted), (REGISTER_CHARS_MAX + 1, Verdict::Unlawful(Rule::EffectOutOfPlace))]
    {
        let (_, sealed) = city::seal(&registry, &History::default(), LAPTOP, 1, titled(len));
        assert_eq!(city::take(&registry, &mut History::default(), &sealed), Ok(verdict));
    }
}

#[test]
fn block_of_so_many_code_points() {
    let registry = city::registry();
    let of = |len: usize| {
        let mut draft = city::article();
        draft.text[1] = "字".repeat(len);
        city::seal(&registry, &History::default(), LAPTOP, 1, draft).1
    };
    for (len, verdict) in
        [(BLOCK_CHARS_MAX, Verdict::Admitted), (BLOCK_CHARS_MAX + 1, Verdict::Unlawful(Rule::EffectOutOfPlace))]
    {
        assert_eq!(city::take(&registry, &mut History::default(), &of(len)), Ok(verdict));
    }
}

#[test]
fn block_is_set_over_so_many_values() {
    let block = BlockId { act: ActId([1; 32]), effect: 0 };
    let id = |n: usize| ActId([u8::try_from(n).unwrap(); 32]);
    at_and_beyond(BLOCK_VALUES_MAX, |count| {
        let over = (0..count).map(id).collect();
        Act { effects: vec![Effect::Set { block, over, segment: None }], ..act() }
    });
}

#[test]
fn one_device_puts_so_many_blocks_into_an_article_and_fills_it_for_nobody_else() {
    let registry = city::registry();
    let mut history = History::default();
    city::make(&registry, &mut history, LAPTOP, 1, city::article());
    let many = |count: usize| {
        let effects = vec![Effect::Insert { behind: Behind::Start, segment: 0 }; count];
        Draft::new(Body::ArticleEdit).text(["字"]).effects(effects)
    };
    for dseq in 2..=(DEVICE_BLOCKS_MAX / EFFECTS_MAX) as u64 {
        city::make(&registry, &mut history, LAPTOP, dseq, many(EFFECTS_MAX));
    }
    // One stood there at the beginning.
    city::make(&registry, &mut history, LAPTOP, 90, many(EFFECTS_MAX - 1));
    let (_, beyond) = city::seal(&registry, &history, LAPTOP, 99, many(1));
    assert_eq!(city::take(&registry, &mut history.clone(), &beyond), Ok(Verdict::Unlawful(Rule::TooLong)));
    let (_, other) = city::seal(&registry, &history, HUB, 1, many(1));
    assert_eq!(city::take(&registry, &mut history, &other), Ok(Verdict::Admitted), "another device is not bound by it");
    // What stands there can still be changed.
    let set = Effect::Set {
        block: BlockId { act: history.id().unwrap(), effect: 1 },
        over: vec![history.id().unwrap()],
        segment: Some(0),
    };
    city::make(&registry, &mut history, LAPTOP, 100, Draft::new(Body::ArticleEdit).text(["再"]).effects(vec![set]));
}

/// Digits of any script, and none between them: a telephone number is one however it is written.
#[test]
fn no_tag_is_a_number_of_somebody() {
    let six = ["123456", "١٢٣٤٥٦", "１２３４５６", "①②③④⑤⑥"];
    for digits in six {
        assert_eq!(digits.chars().count(), TAG_DIGITS_MAX);
        assert_eq!(tag_fits(digits), Ok(()), "{digits}");
        assert_eq!(tag_fits(&format!("甲{digits}-1")), Ok(()), "{digits}");
        assert!(tag_fits(&format!("甲{digits}1")).is_err(), "{digits}");
    }
    assert_eq!(tag_fits("一三八零零一三八零零零"), Ok(()));
    for wrong in ["", "供 暖", "供\u{3000}暖", "供\u{a0}暖"] {
        assert!(tag_fits(wrong).is_err(), "{wrong:?}");
    }
}
