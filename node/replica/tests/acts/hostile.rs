//! Bytes and acts by somebody who may sign and means harm: refused, unlawful or held, and never a panic or a fault.

use std::sync::LazyLock;

use proptest::prelude::*;
use regulation::act::{Body, Contacted, Dispatch, Rating, Reached, Satisfaction, Solved, Way};
use regulation::{ActId, DeviceId, DutyId, PersonId, UnitId};
use replica::registry::{ROOT_LOG, RegistryVersion};
use replica::{
    Act, Behind, BlockId, Content, Effect, Entry, Field, History, Newer, Part, PartKind, Registry, Sealed, Signature,
    Value,
};

use crate::city::{self, HUB, LAPTOP, OFFICE, TOWN};

/// No file of failures: the seed that `.cargo/config.toml` or the caller gives brings them again.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

type Changes = Vec<(prop::sample::Index, u8)>;

fn changes() -> impl Strategy<Value = Changes> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
}

fn mutate(mut bytes: Vec<u8>, changes: Changes) -> Vec<u8> {
    for (index, byte) in changes {
        let place = index.index(bytes.len());
        bytes[place] = byte;
    }
    bytes
}

/// A ticket that is being handled.
fn ticket(registry: &Registry) -> History {
    let mut history = History::default();
    city::make(registry, &mut history, LAPTOP, 1, city::register());
    city::make(registry, &mut history, LAPTOP, 2, city::dispatch(TOWN));
    city::make(registry, &mut history, LAPTOP, 3, city::note("室温十四度"));
    history
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(city::registry);
static TICKET: LazyLock<History> = LazyLock::new(|| ticket(&REGISTRY));
/// An article with two people's sentences.
static ARTICLE: LazyLock<History> = LazyLock::new(|| {
    let mut history = History::default();
    city::make(&REGISTRY, &mut history, LAPTOP, 1, city::article_of("甲。乙。\n丙"));
    let draft = city::edit(&mut history, "甲。新。乙。\n丁");
    city::make(&REGISTRY, &mut history, LAPTOP, 2, draft);
    history
});
static SAMPLES: LazyLock<Vec<Sealed>> = LazyLock::new(|| samples(&REGISTRY, &TICKET));

fn samples(registry: &Registry, history: &History) -> Vec<Sealed> {
    [city::register(), city::article(), city::dispatch(TOWN), city::note("再"), city::tag("供暖")]
        .into_iter()
        .map(|draft| {
            let begins = draft.body.kind().begins();
            let empty = History::default();
            city::seal(registry, if begins { &empty } else { history }, LAPTOP, 4, draft).1
        })
        .collect()
}

/// Takes an act in if it can be, and builds everything that follows from it.
fn take_and_build(registry: &Registry, history: &mut History, sealed: &Sealed) -> Result<(), TestCaseError> {
    let _ = city::take(registry, history, sealed);
    prop_assert_eq!(&history.refold(), history.folded());
    if !history.nodes().is_empty() {
        let incremental = history.document().unwrap().digest();
        prop_assert_eq!(incremental, history.redrawn().unwrap().digest());
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(3_000))]

    #[test]
    fn random_bytes_decode_to_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Act::decode(&bytes).is_err());
        prop_assert!(Sealed::decode(&bytes).is_err());
        prop_assert!(Entry::decode(&bytes).is_err());
    }

    #[test]
    fn mutated_act_is_malformed_or_encodes_to_the_same_bytes(at in 0usize..5, changes in changes()) {
        let bytes = mutate(SAMPLES[at].bytes.clone(), changes);
        if let Ok(act) = Act::decode(&bytes) {
            prop_assert_eq!(act.encode(), bytes);
        }
    }

    #[test]
    fn mutated_sealed_act_is_malformed_or_encodes_to_the_same_bytes(at in 0usize..5, changes in changes()) {
        let bytes = mutate(SAMPLES[at].encode(), changes);
        if let Ok(sealed) = Sealed::decode(&bytes) {
            prop_assert_eq!(sealed.encode(), bytes);
        }
    }

    #[test]
    fn mutated_registry_entry_is_malformed_or_refused(at in 0usize..9, changes in changes()) {
        let mut registry = REGISTRY.clone();
        let entry = registry.entries().nth(at).unwrap().to_vec();
        let bytes = mutate(entry.clone(), changes);
        if let Ok((entry, signature)) = Entry::decode(&bytes) {
            prop_assert_eq!(&entry.encode(&signature), &bytes);
        }
        prop_assert!(bytes == entry || registry.append(&bytes).is_err());
        prop_assert_eq!(registry.version(), 9);
    }
}

/// What is cut off or said twice in a way that decoding must see.
#[test]
fn act_that_ends_early_or_late_is_malformed() {
    for sealed in SAMPLES.iter() {
        let (act, whole) = (&sealed.bytes, sealed.encode());
        for len in 0..act.len() {
            assert!(Act::decode(&act[..len]).is_err());
        }
        for len in 0..whole.len() {
            assert!(Sealed::decode(&whole[..len]).is_err());
        }
        assert!(Act::decode(&[act.as_slice(), &[0]].concat()).is_err());
        assert!(Sealed::decode(&[whole.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn number_that_is_written_longer_than_needed_is_malformed() {
    let bytes = SAMPLES.last().unwrap().bytes.clone();
    // The device number 2 stands behind the document's id, in one byte; in two it would be another act of the same sense.
    let at = 1 + 1 + 1 + 2 + 32;
    assert_eq!(bytes[at], 2);
    let longer = [&bytes[..at], &[0x18, 2], &bytes[at + 1..]].concat();
    assert!(Act::decode(&bytes).is_ok() && Act::decode(&longer).is_err());
}

fn unit() -> impl Strategy<Value = UnitId> {
    prop_oneof![4 => Just(TOWN), 4 => Just(city::OTHER_TOWN), 1 => (0u32..6).prop_map(UnitId)]
}

fn dispatch() -> impl Strategy<Value = Dispatch> {
    (unit(), prop::collection::vec(unit(), 0..2)).prop_map(|(lead, assisting)| Dispatch { lead, assisting })
}

fn time() -> impl Strategy<Value = i64> {
    prop_oneof![Just(i64::MIN), Just(-1), Just(city::NOON), Just(i64::MAX), any::<i64>()]
}

fn body() -> impl Strategy<Value = Content> {
    let rating = Rating { contacted: Contacted::No, solved: Solved::No, satisfaction: Satisfaction::Mostly };
    let known = prop_oneof![
        dispatch().prop_map(Body::Dispatch),
        dispatch().prop_map(Body::Redispatch),
        dispatch().prop_map(Body::ReturnApprove),
        Just(Body::SignFor),
        Just(Body::ReturnRequest { suggested: Some(UnitId(u32::MAX)), duty: Some(DutyId(u32::MAX)) }),
        Just(Body::Contact { way: Way::Sms, reached: Reached::Answered }),
        time().prop_map(|told_at| Body::Complete {
            outcome: regulation::act::Outcome::Solved,
            told_at,
            told_way: regulation::act::Way::Online,
            told_whom: regulation::act::Heard::QueryCode
        }),
        Just(Body::ConfirmClosure { ground: regulation::act::ClosureGround::Other }),
        any::<bool>().prop_map(move |yes| Body::FollowUp {
            way: Way::Telephone,
            reached: Reached::Answered,
            rating: yes.then_some(rating),
            of: None
        }),
        Just(Body::Archive),
        Just(Body::Note),
        Just(Body::Tag),
        Just(Body::Correct),
        Just(Body::Settle),
        Just(Body::ArticleEdit),
        Just(Body::ArticlePublish),
    ];
    let unknown = prop::collection::vec(any::<u8>(), 0..9).prop_map(|body| Content::Newer(Newer::of_kind(500, &body)));
    prop_oneof![9 => known.prop_map(Content::Known), 1 => unknown]
}

/// A block of an act that is named by its place in the document; it becomes an id when it is sealed.
fn named() -> impl Strategy<Value = BlockId> {
    (0u8..6, prop_oneof![9 => 0u8..4, 1 => any::<u8>()])
        .prop_map(|(act, effect)| BlockId { act: ActId([act; 32]), effect })
}

fn behind() -> impl Strategy<Value = Behind> {
    prop_oneof![
        2 => Just(Behind::Start),
        3 => (0u8..4).prop_map(Behind::Own),
        4 => named().prop_map(Behind::Block),
    ]
}

/// Ids in place of places in the document.
fn of(history: &History, effect: &Effect) -> Effect {
    let id = |act: &ActId| history.nodes().get(usize::from(act.0[0])).map_or(*act, |node| node.id);
    let block = |block: &BlockId| BlockId { act: id(&block.act), effect: block.effect };
    match effect {
        Effect::Insert { behind: Behind::Block(named), segment } => {
            Effect::Insert { behind: Behind::Block(block(named)), segment: *segment }
        }
        Effect::Set { block: named, over, segment } => {
            let mut over: Vec<ActId> = over.iter().map(id).collect();
            over.sort_unstable();
            Effect::Set { block: block(named), over, segment: *segment }
        }
        other => other.clone(),
    }
}

fn effect() -> impl Strategy<Value = Effect> {
    let field = prop_oneof![Just(Field::Title), Just(Field::Category), Just(Field::Place)];
    let value = prop_oneof![
        (0u8..4).prop_map(Value::Segment),
        prop_oneof![Just("0101"), Just("9"), Just("x")].prop_map(|code| Value::Code(code.to_owned())),
    ];
    let word = || prop_oneof![Just("供暖"), Just("__proto__"), Just("text")].prop_map(str::to_owned);
    prop_oneof![
        (field, value).prop_map(|(field, value)| Effect::Register(field, value)),
        word().prop_map(Effect::AddTag),
        word().prop_map(Effect::RemoveTag),
        (behind(), 0u8..4).prop_map(|(behind, segment)| Effect::Insert { behind, segment }),
        (named(), prop::collection::btree_set(0u8..6, 1..3), prop::option::of(0u8..4)).prop_map(
            |(block, over, segment)| {
                let over = over.into_iter().map(|act| ActId([act; 32])).collect();
                Effect::Set { block, over, segment }
            }
        ),
    ]
}

/// What a device with a valid key may sign.
#[derive(Clone, Debug)]
struct Made {
    device: DeviceId,
    dseq: u64,
    /// Somebody else than the person of the device's unit, or nobody.
    person: Option<Option<PersonId>>,
    deps: Vec<prop::sample::Index>,
    answers: Option<prop::sample::Index>,
    version: u32,
    times: (i64, Option<i64>),
    content: Content,
    effects: Vec<Effect>,
    /// Whether the effects are any at all, or those that the kind may make.
    wild: bool,
    text: Vec<String>,
    withheld: bool,
}

fn made() -> impl Strategy<Value = Made> {
    let who = (
        prop_oneof![9 => Just(LAPTOP), 9 => Just(OFFICE), 9 => Just(HUB), 1 => Just(DeviceId(77))],
        1u64..20,
        prop_oneof![9 => Just(None), 1 => prop::option::of((0u32..40).prop_map(PersonId)).prop_map(Some)],
        prop_oneof![20 => Just(9u32), 1 => 1u32..12],
    );
    let place = (
        prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        prop::option::weighted(0.2, any::<prop::sample::Index>()),
        (time(), prop::option::of(time())),
    );
    let word = prop_oneof![Just(""), Just("室温"), Just("🏠"), Just("e\u{301}\n")];
    let text = prop_oneof![1 => Just(Vec::new()), 9 => prop::collection::vec(word, 3..5)];
    let what = (body(), prop::collection::vec(effect(), 1..9), prop::bool::weighted(0.1), text, any::<bool>());
    (who, place, what).prop_map(|(who, place, what)| {
        let (device, dseq, person, version) = who;
        let (deps, answers, times) = place;
        let (content, effects, wild, text, withheld) = what;
        let text = text.into_iter().map(str::to_owned).collect();
        Made { device, dseq, person, deps, answers, version, times, content, effects, wild, text, withheld }
    })
}

impl Made {
    fn seal(self, history: &History) -> Sealed {
        let id = |index: prop::sample::Index| history.nodes()[index.index(history.nodes().len())].id;
        let mut deps: Vec<ActId> = self.deps.into_iter().map(id).collect();
        deps.sort_unstable();
        deps.dedup();
        let body = match &self.content {
            Content::Known(body) => Some(body.kind()),
            Content::Newer(_) => None,
        };
        let fitting = |effect: &Effect| self.wild || body.is_some_and(|kind| effect.allowed(kind));
        let fit = self.effects.iter().filter(|effect| fitting(effect));
        let effects: Vec<Effect> = fit.map(|effect| of(history, effect)).collect();
        let unit = if self.device == OFFICE { TOWN } else { city::CITY };
        let answers = body.and_then(|kind| regulation::options::answers(history.record(), kind, unit));
        let hub = body.is_some_and(regulation::ActKind::of_clock);
        let segments: Vec<&str> = self.text.iter().map(String::as_str).collect();
        let (part, head) = Part::new(PartKind::Text, [3; 16], &segments);
        let act = Act {
            doc: history.id(),
            device: self.device,
            epoch: 1,
            dseq: self.dseq,
            person: self.person.unwrap_or((!hub).then_some(city::person(unit))),
            deps,
            answers: self.answers.map(id).or(answers),
            registry: vec![RegistryVersion { log: ROOT_LOG, version: self.version }],
            time: self.times.0,
            beacon: u64::MAX,
            happened: self.times.1,
            content: self.content,
            effects,
            parts: if segments.is_empty() { Vec::new() } else { vec![head] },
        };
        let parts = if segments.is_empty() || self.withheld { Vec::new() } else { vec![part] };
        Sealed::new(&act, &city::key(self.device), parts)
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_acts_of_enrolled_devices_leave_a_document_that_can_be_built(
        article in any::<bool>(), acts in prop::collection::vec(made(), 1..20),
    ) {
        let mut history = if article { ARTICLE.clone() } else { TICKET.clone() };
        for act in acts {
            let sealed = act.seal(&history);
            take_and_build(&REGISTRY, &mut history, &sealed)?;
        }
        history.document().unwrap().save().unwrap();
    }

    #[test]
    fn mutated_act_that_its_device_signed_again_leaves_a_document_that_can_be_built(
        at in 2usize..5, changes in changes(),
    ) {
        let mut history = TICKET.clone();
        let sample = SAMPLES[at].clone();
        let bytes = mutate(sample.bytes, changes);
        let id = replica::seal::hash(b"jiesu/act/1", &bytes);
        let signatures = vec![Signature::of_device(LAPTOP, &city::key(LAPTOP), &ActId(id))];
        let sealed = Sealed { signatures, bytes, parts: sample.parts };
        take_and_build(&REGISTRY, &mut history, &sealed)?;
    }
}
