//! The cases over the link. Each says what would have been lost, leaked or stopped, and fails if it is.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use anyhow::{Result, ensure};
use kernel::scopes::{KNOWLEDGE, REGISTRY, of_unit};
use regulation::{ActId, Body};
use replica::registry::sign_entry;
use replica::{
    Act, Behind, Change, DeviceKey, Draft, Effect as Write, Field, History, Judgement, Registry, Sealed, Value, judge,
};
use sync::{Frame, Mark, ScopeKey};

use super::attacker::Attacker;
use super::victim::{SECRET, register};
use super::{Ring, web};
use crate::city::TOWNSHIPS;

type Running<'r> = Pin<Box<dyn Future<Output = Result<String>> + Send + 'r>>;

/// One way to do harm.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// What it tries.
    pub tries: &'static str,
    /// Does it.
    pub run: for<'r> fn(&'r mut Ring) -> Running<'r>,
}

const fn case(name: &'static str, tries: &'static str, run: for<'r> fn(&'r mut Ring) -> Running<'r>) -> Case {
    Case { name, tries, run }
}

/// Every case.
pub const CASES: &[Case] = &[
    case("foreign-id", "an act on another township's ticket, through one's own scope", |ring| {
        Box::pin(foreign_id(ring))
    }),
    case("withheld-blocks", "one act of 255 blocks of one withheld segment of 50,000 characters", |ring| {
        Box::pin(withheld_blocks(ring))
    }),
    case("wide-document", "500 acts beside each other, of 254 blocks each", |ring| Box::pin(wide_document(ring))),
    case("unlawful-beginnings", "256 MB of tickets that a township may not begin", |ring| {
        Box::pin(unlawful_beginnings(ring))
    }),
    case("held-for-ever", "256 MB of acts whose past never comes", |ring| Box::pin(held_for_ever(ring))),
    case("forged-signatures", "52,000 acts under wrong signatures", |ring| Box::pin(forged_signatures(ring))),
    case("forged-registry", "registry entries that the root did not sign", |ring| Box::pin(forged_registry(ring))),
    case("rewinds", "20,000 times rewind to the beginning, then acknowledge the end", |ring| Box::pin(rewinds(ring))),
    case("greetings", "20,000 greetings, and lists of cursors of 8,192 scopes", |ring| Box::pin(greetings(ring))),
    case("bodies", "300 sockets that each bring 8 MB without a token", |ring| Box::pin(web::bodies(ring))),
    case("slow-headers", "1,000 sockets that never end their headers", |ring| Box::pin(web::slow_headers(ring))),
    case("sign-ins", "200 wrong passwords at once", |ring| Box::pin(web::sign_ins(ring))),
];

const MIB: u64 = 1 << 20;
/// What one hostile author may make a node store, whatever it sends: its quotas and what the clerk saved meanwhile.
const STORED_BYTES_MAX: u64 = 48 * MIB;
/// How much memory no attack may cost, in MiB.
const PEAK_MEBIBYTES_MAX: u64 = 512;
/// Lines that one author's attack may leave in the log.
const LOG_LINES_MAX: u64 = 200;

fn own_scope() -> ScopeKey {
    of_unit(TOWNSHIPS[0])
}

fn history_of(registry: &Registry, sealed: &Sealed) -> Result<History> {
    let mut history = History::default();
    match judge(&mut history, sealed, Act::decode(&sealed.bytes)?, registry)? {
        Judgement::Judged(node) => history.insert(*node),
        other => anyhow::bail!("{other:?}"),
    }
    Ok(history)
}

fn tag(word: &str) -> Draft {
    Draft::new(Body::Tag).effects(vec![Write::AddTag(word.to_owned())])
}

/// The sorts of frames that came back.
fn sorts(attacker: &Attacker) -> BTreeMap<&'static str, usize> {
    let mut sorts = BTreeMap::new();
    for frame in &attacker.heard {
        let sort = match frame {
            Frame::Hello(_) => "hello",
            Frame::Batch { .. } => "batch",
            Frame::Pieces { .. } => "pieces",
            Frame::Ack { .. } => "ack",
            Frame::Rewind { .. } => "rewind",
            Frame::Mismatch { .. } => "mismatch",
            _ => "other",
        };
        *sorts.entry(sort).or_insert(0) += 1;
    }
    sorts
}

async fn foreign_id(ring: &mut Ring) -> Result<String> {
    let mut answers = Vec::new();
    for exists in [true, false] {
        let mut office = ring.office().await?;
        office.hear_out().await;
        office.heard.clear();
        let (mut act, parts) = office.compose(&ring.prepared.registry, &ring.prepared.foreign, tag("供暖"));
        if !exists {
            act.doc = Some(ActId([0x5a; 32]));
            act.deps = vec![ActId([0x5b; 32])];
        }
        let sealed = office.seal(&act, parts).encode();
        office.push(own_scope(), [sealed], 1).await?;
        office.hear_out().await;
        ensure!(!office.heard_bytes(SECRET.as_bytes()), "the text of a foreign ticket was sent");
        ensure!(
            !office.heard_bytes(&ring.prepared.foreign.id().unwrap_or(ActId([0; 32])).0) || !exists,
            "a foreign ticket was sent"
        );
        answers.push(sorts(&office));
        // Another connection, which is sent whatever the scope holds by now.
        let mut again = ring.office().await?;
        again.hear_out().await;
        ensure!(!again.heard_bytes(SECRET.as_bytes()), "the text of a foreign ticket was sent later");
    }
    let batches = |sorts: &BTreeMap<&'static str, usize>| sorts.get("batch").copied().unwrap_or_default();
    ensure!(batches(&answers[0]) == batches(&answers[1]), "it can be told whether an id exists: {answers:?}");
    Ok(format!("held unlooked-at; answers alike: {:?}", answers[0]))
}

fn article() -> Draft {
    Draft::new(Body::ArticleCreate).text(["指南", "先登记。"]).effects(vec![
        Write::Register(Field::Title, Value::Segment(0)),
        Write::Insert { behind: Behind::Start, segment: 1 },
    ])
}

async fn withheld_blocks(ring: &mut Ring) -> Result<String> {
    let mut office = ring.office().await?;
    office.hear_out().await;
    let mut draft = article();
    draft.text = vec!["字".repeat(50_000)];
    draft.effects.truncate(1);
    draft.effects.extend((0..255).map(|_| Write::Insert { behind: Behind::Start, segment: 0 }));
    let (act, _) = office.compose(&ring.prepared.registry, &History::default(), draft);
    let sealed = office.seal(&act, Vec::new());
    let bytes = sealed.bytes.len();
    office.push(KNOWLEDGE, [sealed.encode()], 1).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{bytes} bytes taken or refused within {PEAK_MEBIBYTES_MAX} MiB"))
}

async fn wide_document(ring: &mut Ring) -> Result<String> {
    let mut office = ring.office().await?;
    office.hear_out().await;
    let count = ring.some(500, 20);
    let registry = ring.prepared.registry.clone();
    let begun = office.make(&registry, &History::default(), article());
    let base = history_of(&registry, &begun)?;
    let edits = (0..count).map(|_| {
        let segments = (0..254).map(|n| format!("第{n}条")).collect::<Vec<_>>();
        let writes = (0..254).map(|n| Write::Insert { behind: Behind::Start, segment: n }).collect();
        let draft = Draft::new(Body::ArticleEdit).text(segments).effects(writes);
        office.make(&registry, &base, draft).encode()
    });
    let edits: Vec<Vec<u8>> = edits.collect();
    let acts: Vec<Vec<u8>> = std::iter::once(begun.encode()).chain(edits).collect();
    let taken = office.push(KNOWLEDGE, acts, 8).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{taken} batches of {count} acts taken"))
}

/// The largest text that an act may bring.
fn long_text(salt: usize) -> String {
    format!("{salt} {}", "字".repeat(49_000))
}

async fn unlawful_beginnings(ring: &mut Ring) -> Result<String> {
    let before = ring.stored().await?;
    let mut office = ring.office().await?;
    office.hear_out().await;
    let registry = ring.prepared.registry.clone();
    let count = ring.some(1_700, 200);
    let mut made = Vec::with_capacity(count);
    for n in 0..count {
        let mut draft = register("不该由我登记");
        draft.text[1] = long_text(n);
        made.push(office.make(&registry, &History::default(), draft).encode());
    }
    let taken = office.push(own_scope(), made, 4).await?;
    let sent = office.sent_bytes;
    ring.stored_at_most(STORED_BYTES_MAX, before).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{count} sent in {} kB, {taken} batches taken", sent / 1_024))
}

async fn held_for_ever(ring: &mut Ring) -> Result<String> {
    let before = ring.stored().await?;
    let mut office = ring.office().await?;
    office.hear_out().await;
    let registry = ring.prepared.registry.clone();
    let count = ring.some(1_700, 200);
    let mut made = Vec::with_capacity(count);
    for n in 0..count {
        let draft = Draft::new(Body::Note).text([long_text(n)]);
        let (mut act, parts) = office.compose(&registry, &ring.prepared.own, draft);
        act.deps = vec![ActId([0x5b; 32])];
        made.push(office.seal(&act, parts).encode());
    }
    let taken = office.push(own_scope(), made, 4).await?;
    ring.stored_at_most(STORED_BYTES_MAX, before).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{count} sent, {taken} batches taken"))
}

async fn forged_signatures(ring: &mut Ring) -> Result<String> {
    let (before, lines) =
        (ring.stored().await?, ring.victim.figures().await?["log_lines"].as_u64().unwrap_or_default());
    let mut office = ring.office().await?;
    office.hear_out().await;
    let registry = ring.prepared.registry.clone();
    let count = ring.some(52_000, 500);
    let good = office.make(&registry, &ring.prepared.own, tag("供暖"));
    let forged: Vec<Vec<u8>> = (0..count)
        .map(|n| {
            let mut forged = good.clone();
            forged.signatures[0].bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
            forged.encode()
        })
        .collect();
    let taken = office.push(own_scope(), forged, 100).await?;
    ring.stored_at_most(STORED_BYTES_MAX, before).await?;
    let figures = ring.victim.figures().await?;
    let logged = figures["log_lines"].as_u64().unwrap_or_default() - lines;
    ensure!(logged <= LOG_LINES_MAX, "{logged} lines in the log");
    ensure!(logged > 0 && figures["alarms"].as_array().is_some_and(|alarms| !alarms.is_empty()), "nobody was told");
    Ok(format!("{count} sent, {taken} batches taken, {logged} lines in the log"))
}

async fn forged_registry(ring: &mut Ring) -> Result<String> {
    let mut office = ring.office().await?;
    office.hear_out().await;
    let entry = sign_entry(
        None,
        &ring.prepared.registry,
        Change::Hub(office.device),
        desk::clock::now(),
        &DeviceKey::from_secret(&[0x66; 32]),
    );
    office.push(REGISTRY, [entry], 1).await?;
    let figures = ring.victim.figures().await?;
    ensure!(
        figures["rows"]["registry"].as_u64() == Some(u64::from(ring.prepared.registry.version())),
        "an entry that the root did not sign was taken"
    );
    ensure!(figures["alarms"].as_array().is_some_and(|alarms| !alarms.is_empty()), "nobody was told");
    Ok("refused, with an alarm".to_owned())
}

async fn rewinds(ring: &mut Ring) -> Result<String> {
    let mut office = ring.office().await?;
    office.hear_out().await;
    let head = office.heard.iter().rev().find_map(|frame| match frame {
        Frame::Batch { scope, to, .. } if *scope == own_scope() => Some(*to),
        _ => None,
    });
    let head = head.unwrap_or_default();
    let count = ring.some(20_000, 500);
    let mut said = 0;
    for round in 1..=count as u64 {
        let scope = own_scope();
        if office.say(&Frame::Rewind { scope, mark: Mark::default(), round }).is_err()
            || office.say(&Frame::Ack { scope, mark: head, gap: false }).is_err()
        {
            break;
        }
        said += 1;
        if round % 16 == 0 {
            tokio::task::yield_now().await;
            while office.heard.len() > 10_000 {
                office.heard.clear();
            }
        }
    }
    office.hear_out().await;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    let heard = sorts(&office);
    Ok(format!("{said} of {count} said, then {:?}; heard {heard:?}", office.closed))
}

async fn greetings(ring: &mut Ring) -> Result<String> {
    let mut office = ring.office().await?;
    office.hear_out().await;
    let version = sync::frame::VERSION;
    let (count, lists) = (ring.some(20_000, 500), ring.some(400, 20));
    let mut said = 0;
    for n in 0..count {
        let hello = Frame::Hello(sync::Hello {
            min: version,
            max: version,
            digest: [7; 16],
            ask: true,
            ..sync::Hello::default()
        });
        if office.say(&hello).is_err() {
            break;
        }
        said += 1;
        if n < lists {
            let list = (0..8_192).map(|scope| (ScopeKey(scope), Mark { lseq: 9, running: [9; 16] })).collect();
            if office.say(&Frame::Cursors(list)).is_err() {
                break;
            }
        }
        tokio::task::yield_now().await;
    }
    office.hear_out().await;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{said} of {count} said, then {:?}; heard {:?}", office.closed, sorts(&office)))
}
