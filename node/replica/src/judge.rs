//! Admission: what an act, its causal past and the registry that it names say of it. Cheap checks first.
//!
//! *Held* is no verdict: something is missing here. *Refused* is malformed or forged. *Unlawful* is kept and writes
//! nothing. None of them depends on a clock, on the order of arrival or on anything local.

use regulation::act::{Body, Seen};
use regulation::kind::Trait;
use regulation::table::pair;
use regulation::{ActId, ActKind, Author, DeviceId, Fact, Level, PersonId, Record, Rule, apply};

use crate::act::{Act, Content};
use crate::block::{brought, inserts};
use crate::document::DocumentError;
use crate::effect::{Behind, BlockId, Effect, Field, Value, needs_effect};
use crate::fact::{fact, hub_since};
use crate::graph::{Node, Rank, Verdict, closure};
use crate::history::History;
use crate::limits::{BLOCK_CHARS_MAX, DEVICE_BLOCKS_MAX, REGISTER_CHARS_MAX};
use crate::newer::Unknown;
use crate::part::PartKind;
use crate::registry::{At, Class, Lacking, ROOT_LOG, Registry, RegistryVersion};
use crate::seal::{Sealed, signed_by};

/// Why an act is refused: it is not what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// The registry that it names has no such device, or has it out of use.
    #[error("the registry that the act names has no device {} in use", .0.0)]
    Device(DeviceId),
    /// Its device did not sign it.
    #[error("the signature is not that of the device")]
    NotSigned,
    /// It does not promise that part.
    #[error("part {0:?} is not the one that the act promises")]
    Part(PartKind),
}

/// What is missing here before an act can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// An act that it depends on.
    Act(ActId),
    /// Entries of a registry log.
    Registry(RegistryVersion),
    /// The signature of its device.
    Signature(ActId),
    /// A newer version of this program, which knows this.
    Upgrade(Unknown),
    /// A newer version of this program, which understands that critical entry of a registry log.
    Beyond(RegistryVersion),
}

/// What came of judging an act.
#[derive(Debug)]
pub enum Judgement {
    /// Something is missing here.
    Held(Need),
    /// It goes into quarantine.
    Refused(Forged),
    /// Admitted or unlawful; ready for [`History::insert`].
    Judged(Box<Node>),
}

/// Judges a sealed act against the history of its document as held here.
///
/// # Errors
/// A document could not be rebuilt: a fault of this program.
pub fn judge(
    history: &mut History,
    sealed: &Sealed,
    act: Act,
    registry: &Registry,
) -> Result<Judgement, DocumentError> {
    match vet(sealed, &act, registry) {
        Some(judgement) => Ok(judgement),
        None => weigh(history, sealed, act, registry),
    }
}

/// What can be said of an act without looking at any document: whose key signed it, and whether its parts are those that
/// it promises. Nothing if there is nothing against it.
#[must_use]
pub fn vet(sealed: &Sealed, act: &Act, registry: &Registry) -> Option<Judgement> {
    // Whose key signs and what it may do is read in the registry that the act names, and nowhere else: a node that has
    // heard less, or more, of the registry comes to the same.
    let Some(at) = registry.at(&act.registry) else { return Some(registry_missing(act, registry)) };
    let Some(device) = at.device(act.device).filter(|_| at.in_use(act.device)) else {
        return Some(Judgement::Refused(Forged::Device(act.device)));
    };
    let id = sealed.id();
    match signed_by(&sealed.signatures, act.device, &device.key, &id) {
        Some(true) => {}
        Some(false) => return Some(Judgement::Refused(Forged::NotSigned)),
        // It may follow.
        None => return Some(Judgement::Held(Need::Signature(id))),
    }
    let strange = sealed.parts.iter().find(|part| !act.promises(part));
    strange.map(|part| Judgement::Refused(Forged::Part(part.kind)))
}

fn registry_missing(act: &Act, registry: &Registry) -> Judgement {
    Judgement::Held(match registry.lacks(&act.registry) {
        Some(Lacking::Program(entry)) => Need::Beyond(entry),
        Some(Lacking::Entry(entry)) => Need::Registry(entry),
        None => Need::Registry(RegistryVersion { log: ROOT_LOG, version: u32::MAX }),
    })
}

/// Judges an act that was vetted, see [`vet`].
///
/// # Errors
/// As [`judge`].
pub fn weigh(
    history: &mut History,
    sealed: &Sealed,
    act: Act,
    registry: &Registry,
) -> Result<Judgement, DocumentError> {
    let id = sealed.id();
    let Some(at) = registry.at(&act.registry) else { return Ok(registry_missing(&act, registry)) };
    history.weigh_by(registry.now().edition());
    let mut deps = Vec::with_capacity(act.deps.len());
    for dep in &act.deps {
        match history.index_of(*dep) {
            Some(index) => deps.push(index),
            None => return Ok(Judgement::Held(Need::Act(*dep))),
        }
    }
    let body = match &act.content {
        Content::Known(body) => body,
        Content::Newer(newer) => return Ok(Judgement::Held(Need::Upgrade(newer.what))),
    };
    let fact = fact(id, &act, body.clone(), &at);
    let hub_since = hub_since(&fact, &at);
    let past = closure(history.nodes(), &deps);
    let mut record = history.record_at(&deps, &past, fact.edition);
    let lead = record.ticket().and_then(|t| t.lead()).is_some_and(|lead| lead.unit == fact.author.unit);
    let node = Node {
        rank: Rank::of(fact.author.level, lead),
        parts: sealed.parts.clone(),
        verdict: Verdict::Admitted,
        id,
        act,
        fact,
        deps,
        past,
        hub_since,
    };
    let verdict = verdict(&node, &mut record, history, &at);
    Ok(Judgement::Judged(Box::new(Node { verdict, ..node })))
}

fn verdict(node: &Node, record: &mut Record, history: &mut History, at: &At<'_>) -> Verdict {
    let lawful = history.lawful_in_line(node);
    if let Err(rule) = lawful.and_then(|()| shape(node, history, at)).and_then(|()| effects(node, history)) {
        return Verdict::Unlawful(rule);
    }
    let enacted = match node.fact.body {
        // Whether there is anything to ratify, or to end, hangs on the standing of what it names.
        Body::Ratify | Body::Confirm => history.lawful(node),
        _ if node.fact.body.kind().has(Trait::Card) => history.lawful(node),
        _ => apply(record, &node.fact),
    };
    match enacted {
        Ok(()) => Verdict::Admitted,
        Err(broken) => Verdict::Unlawful(broken.rule),
    }
}

/// What the act, its deps and the registry decide without the record.
fn shape(node: &Node, history: &History, at: &At<'_>) -> Result<(), Rule> {
    // Programs that carry no more than the edition in force could not judge it.
    if node.act.since() > node.fact.edition {
        return Err(Rule::NotYet);
    }
    // People act, and are named, at devices of their own unit, whatever the kind.
    let of_unit = |id: PersonId| at.person(id).is_some_and(|person| person.unit == node.fact.author.unit);
    if !node.act.person.into_iter().chain(node.fact.body.people()).all(of_unit) {
        return Err(Rule::PersonMissing);
    }
    let behind = |dep: &usize| {
        history.nodes()[*dep]
            .act
            .registry
            .iter()
            .any(|v| node.act.registry.iter().any(|m| m.log == v.log && m.version < v.version))
    };
    if node.deps.iter().any(behind) {
        return Err(Rule::RegistryBehind);
    }
    let unknown = |unit: &regulation::UnitId| at.unit(*unit).is_none() || at.level(*unit) == Level::CityHotline;
    if node.fact.body.names().iter().any(unknown) {
        return Err(Rule::NoSuchUnit);
    }
    // What is quoted of the duty list can be read by whoever is told (17, 18).
    if node.fact.body.duty().is_some_and(|duty| !at.has_duty(duty)) {
        return Err(Rule::NoSuchDuty);
    }
    // A county sends on to the units below it, and to nobody else.
    if let Body::SubDispatch(d) = &node.fact.body {
        let county = Some(node.fact.author.unit);
        let below = |unit: &regulation::UnitId| at.unit(*unit).is_some_and(|known| known.parent == county);
        if !std::iter::once(&d.lead).chain(&d.assisting).all(below) {
            return Err(Rule::NotBelow);
        }
    }
    // A unit asks its own government and superiors for an opinion, and nobody else: whoever is asked sees the ticket (20).
    // Where the registry does not say who they are, that is the county that it belongs to.
    if let Body::Escalate { to } = &node.fact.body
        && !at.unit(node.fact.author.unit).is_some_and(|own| own.above().contains(to))
    {
        return Err(Rule::NotAbove);
    }
    // A county's hub sees what has arrived at the units behind it, and nothing else.
    if let Body::Witness(Seen::Delivered { unit, .. }) = &node.fact.body
        && !node.hub()
    {
        let hub = at.device(node.act.device).is_some_and(|device| device.class == Class::Hub);
        if !(hub && at.covers(node.fact.author.unit, Class::Hub, *unit)) {
            return Err(Rule::NotCovered);
        }
    }
    // A county looks at articles of its own and of the units below it (29).
    let of_others = |owner| !at.covers(node.fact.author.unit, Class::Hub, owner);
    if node.fact.body == Body::ArticleReview
        && node.fact.author.level == Level::CountyHotline
        && history.nodes().first().is_none_or(|first| of_others(first.fact.author.unit))
    {
        return Err(Rule::OwnerOnly);
    }
    let needed = node.fact.body.segments();
    let confided = node.fact.body.kind().confided();
    // Its text would go to everybody.
    if confided && node.act.part(PartKind::Text).is_some() {
        return Err(Rule::EffectOutOfPlace);
    }
    let head = node.act.part(if confided { PartKind::Private } else { PartKind::Text });
    let given = head.map_or(0, |head| head.segments.iter().take(needed).filter(|len| **len > 0).count());
    if given < needed {
        return Err(Rule::TextMissing);
    }
    let in_past = |id: ActId| history.index_of(id).filter(|index| node.past.contains(*index));
    let answered = |node: &Node| node.fact.answers.and_then(in_past).map(|index| &history.nodes()[index]);
    // A return is refused by what is the duty of whoever asks, and by nobody else's (18).
    if let Body::ReturnDeny { duty: Some(duty) } = node.fact.body
        && answered(node).is_some_and(|asks| !at.holds_duty(asks.fact.author.unit, duty))
    {
        return Err(Rule::OtherDuty);
    }
    // What is erased must be there to be erased.
    if let Body::Redact { content } = node.fact.body
        && answered(node).is_none_or(|named| named.act.part(PartKind::of(content)).is_none())
    {
        return Err(Rule::NothingToRedact);
    }
    // Nor is what somebody proposed who could not propose it any more, as the confirm's own registry has it.
    let waits = |named: &&Node| named.admitted() && pair(named.fact.body.kind()).is_some();
    let proposed = answered(node).filter(|named| node.fact.body == Body::Confirm && waits(named));
    if proposed.is_some_and(|proposal| !still_proposes(at, &proposal.fact)) {
        return Err(Rule::ProposerGone);
    }
    // Nobody confirms what is decided of his own doing: which act was his never changes.
    let own = |named: &&Node| named.act.person.is_some() && named.act.person == node.act.person;
    let proposal = answered(node).filter(|proposal| node.fact.body == Body::Confirm && !own(proposal));
    if proposal.and_then(answered).is_some_and(|named| own(&named)) {
        return Err(Rule::Concerned);
    }
    let category = |effect: &Effect| match effect {
        Effect::Register(Field::Category, Value::Code(code)) => !at.categories().iter().any(|(known, _)| known == code),
        Effect::Register(Field::Category, Value::Segment(_)) => true,
        _ => false,
    };
    if node.act.effects.iter().any(category) {
        return Err(Rule::NoSuchCategory);
    }
    Ok(())
}

/// Whether whoever proposed something has the role for it still, in that version of the registry.
#[must_use]
pub fn still_proposes(at: &At<'_>, proposal: &Fact) -> bool {
    let Author { unit, person, .. } = proposal.author;
    let role = proposal.body.kind().role();
    person.is_none_or(|person| role.is_none_or(|role| at.roles(person, unit).contains(&role)))
}

/// Whether the effects are ones that this kind may make, on what acts of the past have brought.
fn effects(node: &Node, history: &History) -> Result<(), Rule> {
    let kind = node.fact.body.kind();
    let effects = &node.act.effects;
    if effects.is_empty() && needs_effect(kind) {
        return Err(Rule::EffectMissing);
    }
    if kind.begins() && !effects.iter().any(|e| matches!(e, Effect::Register(Field::Title, _))) {
        return Err(Rule::EffectMissing);
    }
    let segments = node.act.part(PartKind::Text).map_or(&[][..], |head| head.segments.as_slice());
    let within = |segment: u8, max: usize| segments.get(usize::from(segment)).is_some_and(|len| *len as usize <= max);
    let filled = |segment: u8| within(segment, BLOCK_CHARS_MAX) && !within(segment, 0);
    // Unlawful acts have brought nothing.
    let wrote = |act: ActId, block: &BlockId| {
        history.index_of(act).is_some_and(|act| node.past.contains(act) && history.blocks().wrote(act, block))
    };
    for effect in effects {
        let fits = match effect {
            Effect::Register(_, Value::Segment(segment)) => within(*segment, REGISTER_CHARS_MAX),
            Effect::Insert { behind, segment } => {
                let known = !matches!(behind, Behind::Block(block) if !wrote(block.act, block));
                known && filled(*segment)
            }
            Effect::Set { block, over, segment } => {
                wrote(block.act, block) && over.iter().all(|act| wrote(*act, block)) && segment.is_none_or(&filled)
            }
            _ => true,
        };
        if !fits || !effect.allowed(kind) {
            return Err(Rule::EffectOutOfPlace);
        }
    }
    let new = inserts(effects);
    if new > 0 && new + brought(history.nodes(), &node.past, node.act.device) > DEVICE_BLOCKS_MAX {
        return Err(Rule::TooLong);
    }
    // What everybody answers by says one thing.
    let proposed = || node.fact.answers.and_then(|id| history.node(id)).map(|proposal| proposal.fact.body.kind());
    let enacted = if kind == ActKind::Confirm { proposed() } else { Some(kind) };
    if enacted == Some(ActKind::ArticlePublish) && history.blocks().open(&node.past) {
        return Err(Rule::TextUndecided);
    }
    Ok(())
}
