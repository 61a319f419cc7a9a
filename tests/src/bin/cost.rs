//! What taking in costs that somebody made as dear as the rules allow: `cargo run --release -p tests --bin cost -- MODE`.
//! One mode a process, so that the peak of memory is its own. Figures: `docs/benchmarks.md`.

use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use kernel::{Command, ConnId, Done, Effect, Identity, Input, Kernel, Request};
use node::process::Pace;
use regulation::act::{Body, Dispatch, Register};
use regulation::{ActId, DeviceId};
use replica::limits::DEVICE_BLOCKS_MAX;
use replica::registry::ROOT_LOG;
use replica::{
    Act, Behind, Draft, Effect as Write, Field, History, Judgement, Registry, Sealed, Stamp, Value, Verdict, compose,
    judge,
};
use store::Store;
use sync::frame::Carried;
use sync::{EntryKind, Frame, Mark, chain};
use tests::city::{self, CITY, HUB, MONDAY_NOON, TOWNSHIPS};

/// What is measured.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Mode {
    /// One act of 255 blocks of one withheld segment, as long as is allowed.
    Blocks,
    /// Acts of 254 blocks, none of which has heard of another.
    AtOnce,
    /// As many, each after the other: what the same work costs where nobody is apart.
    InTurn,
    /// The same acts at once, sent to a hub in frames, and a clerk's click after each.
    Click,
    /// The same, on an article of as many blocks as one device may bring.
    Torn,
    /// An edit of one sentence in an article of 2,000 blocks.
    Edit,
    /// A long ticket: notes that have not heard of each other, the hub settling each fifty of them.
    Long,
    /// The same, none of them settled.
    Unsettled,
}

/// Measures one way to make work.
#[derive(Parser)]
struct Args {
    /// What is measured.
    mode: Mode,
    /// How many acts.
    #[arg(long, default_value_t = 500)]
    count: u64,
}

const OFFICE: DeviceId = DeviceId(4);
const BLOCKS: usize = 254;

#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a command that measures and prints")]
fn main() -> Result<(), String> {
    let args = Args::parse();
    let registry = city::registry();
    let begun = peak_kb();
    let clock = Instant::now();
    let told = match args.mode {
        Mode::Blocks => blocks(&registry)?,
        Mode::AtOnce => many(&registry, args.count, true)?,
        Mode::InTurn => many(&registry, args.count, false)?,
        Mode::Click => clicks(&registry, args.count, 0)?,
        Mode::Torn => clicks(&registry, args.count, DEVICE_BLOCKS_MAX / BLOCKS - 1)?,
        Mode::Edit => edit(&registry)?,
        Mode::Long => long(&registry, args.count, true)?,
        Mode::Unsettled => long(&registry, args.count, false)?,
    };
    let seconds = clock.elapsed().as_secs_f64();
    println!("{told}; {seconds:.3} s, {} MiB at most, {} MiB at the start", peak_kb() / 1024, begun / 1024);
    Ok(())
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn register() -> Draft {
    let body = Body::Register(Register { raised_at: MONDAY_NOON, day: 20_760, ..Register::sample() });
    let effects = vec![
        Write::Register(Field::Title, Value::Segment(0)),
        Write::Register(Field::Category, Value::Code("0101".to_owned())),
    ];
    Draft::new(body).text(["供暖不热", "三单元室温不到十六度"]).effects(effects)
}

fn dispatch() -> Draft {
    Draft::new(Body::Dispatch(Dispatch { lead: TOWNSHIPS[0], assisting: Vec::new() }))
}

fn article() -> Draft {
    Draft::new(Body::ArticleCreate).text(["指南", "先登记。"]).effects(vec![
        Write::Register(Field::Title, Value::Segment(0)),
        Write::Insert { behind: Behind::Start, segment: 1 },
    ])
}

/// An edit of so many blocks of two characters each, at places that move about among themselves.
fn bring(seed: u64) -> Draft {
    let mut draft = Draft::new(Body::ArticleEdit).text((0..BLOCKS).map(|n| if n % 2 == 0 { "甲。" } else { "丙。" }));
    let stride = 31 * (1 + usize::try_from(seed % 7).unwrap_or_default());
    let behind = |n: usize| match (n * stride).checked_rem(n).and_then(|at| u8::try_from(at).ok()) {
        Some(own) => Behind::Own(own),
        None => Behind::Start,
    };
    let insert = |n: usize| Write::Insert { behind: behind(n), segment: u8::try_from(n).unwrap_or_default() };
    draft.effects = (0..BLOCKS).map(insert).collect();
    draft
}

fn seal(registry: &Registry, history: &History, device: DeviceId, dseq: u64, draft: Draft) -> Sealed {
    let unit = registry.now().device(device).map(|known| known.unit).unwrap_or(CITY);
    let stamp = Stamp {
        device,
        epoch: 1,
        dseq,
        person: (!draft.body.kind().of_clock()).then(|| city::people(unit)[0]),
        registry: registry.versions(),
        time: MONDAY_NOON,
        beacon: history.newest_number(),
        salts: [[1; 16], [2; 16]],
    };
    let (act, parts) = compose(history, draft, stamp);
    Sealed::new(&act, &city::key(device), parts)
}

fn take(registry: &Registry, history: &mut History, sealed: &Sealed) -> Result<String, String> {
    let act = match Act::decode(&sealed.bytes) {
        Ok(act) => act,
        Err(malformed) => return Ok(format!("refused: {malformed}")),
    };
    match judge(history, sealed, act, registry).map_err(|error| error.to_string())? {
        Judgement::Judged(node) => {
            let verdict = node.verdict;
            history.insert(*node);
            Ok(if verdict == Verdict::Admitted { "admitted".to_owned() } else { format!("{verdict:?}") })
        }
        other => Ok(format!("{other:?}")),
    }
}

fn begun(registry: &Registry) -> Result<History, String> {
    let mut history = History::default();
    for (dseq, draft) in (1..).zip([register(), dispatch()]) {
        let sealed = seal(registry, &history, HUB, dseq, draft);
        take(registry, &mut history, &sealed)?;
    }
    Ok(history)
}

fn written(registry: &Registry) -> Result<History, String> {
    let mut history = History::default();
    let sealed = seal(registry, &history, OFFICE, 1, article());
    take(registry, &mut history, &sealed)?;
    Ok(history)
}

fn chars(history: &mut History) -> Result<usize, String> {
    let document = history.document().map_err(|e| e.to_string())?;
    Ok(document.text().map_err(|e| e.to_string())?.chars().count())
}

fn blocks(registry: &Registry) -> Result<String, String> {
    let mut history = written(registry)?;
    let mut draft = Draft::new(Body::ArticleEdit).text(["字".repeat(replica::limits::PART_CHARS_MAX)]);
    draft.effects = vec![Write::Insert { behind: Behind::Start, segment: 0 }; 255];
    let mut sealed = seal(registry, &history, OFFICE, 2, draft);
    sealed.parts.clear();
    let verdict = take(registry, &mut history, &sealed)?;
    Ok(format!("{verdict}, {} bytes, {} characters shown", sealed.encode().len(), chars(&mut history)?))
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn many(registry: &Registry, count: u64, at_once: bool) -> Result<String, String> {
    let mut history = written(registry)?;
    let base = history.clone();
    let mut took = 0.0;
    let mut unlawful = 0;
    for dseq in 2..2 + count {
        let sealed = seal(registry, if at_once { &base } else { &history }, OFFICE, dseq, bring(dseq));
        let clock = Instant::now();
        unlawful += usize::from(take(registry, &mut history, &sealed)? != "admitted");
        took += clock.elapsed().as_secs_f64();
    }
    let clock = Instant::now();
    let chars = chars(&mut history)?;
    let built = clock.elapsed().as_secs_f64();
    Ok(format!("{count} taken in, {unlawful} of them unlawful: {took:.3} s; {chars} characters built: {built:.3} s"))
}

/// Blocks of the article in which one is edited.
const ARTICLE_BLOCKS: usize = 2_000;
/// Edits of one sentence.
const EDITS: u64 = 20;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn edit(registry: &Registry) -> Result<String, String> {
    let mut history = written(registry)?;
    let fault = |error: replica::DocumentError| error.to_string();
    for dseq in 2..(ARTICLE_BLOCKS / BLOCKS) as u64 + 3 {
        let draft = bring(dseq);
        let sealed = seal(registry, &history, OFFICE, dseq, draft);
        take(registry, &mut history, &sealed)?;
    }
    history.document().map_err(fault)?;
    let (mut typed, mut took, mut shown) = (0.0, 0.0, 0.0);
    for dseq in 100..100 + EDITS {
        let text = history.document().and_then(replica::Document::text).map_err(fault)?;
        let (mut draft, place) = (Draft::new(Body::ArticleEdit), 300 * usize::try_from(dseq - 99).unwrap_or_default());
        let mut chars: Vec<char> = text.chars().collect();
        chars.insert(place.min(chars.len()), '改');
        let text: String = chars.into_iter().collect();
        let clock = Instant::now();
        history.edit(&[], &text, draft.writing()).map_err(fault)?;
        typed += clock.elapsed().as_secs_f64();
        let sealed = seal(registry, &history, OFFICE, dseq, draft);
        let clock = Instant::now();
        take(registry, &mut history, &sealed)?;
        took += clock.elapsed().as_secs_f64();
        let clock = Instant::now();
        history.document().and_then(replica::Document::text).map_err(fault)?;
        shown += clock.elapsed().as_secs_f64();
    }
    let mean = |all: f64| all / EDITS as f64 * 1e3;
    let blocks = history.blocks_at(&[]).map_err(fault)?.len();
    Ok(format!(
        "{blocks} blocks: an edit is found in {:.3} ms, taken in in {:.3} ms, shown in {:.3} ms",
        mean(typed),
        mean(took),
        mean(shown)
    ))
}

/// Notes between two acts of the hub's that settle them.
const ROUND: u64 = 50;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn long(registry: &Registry, count: u64, settled: bool) -> Result<String, String> {
    let mut history = begun(registry)?;
    let base = history.clone();
    let (mut last, mut settles) = (0.0, 0.0);
    for dseq in 1..=count {
        let draft = Draft::new(Body::Note).text(["又来电询问"]);
        let sealed = seal(registry, &base, OFFICE, dseq, draft);
        let clock = Instant::now();
        take(registry, &mut history, &sealed)?;
        last = if dseq + ROUND > count { last + clock.elapsed().as_secs_f64() } else { 0.0 };
        if settled && dseq % ROUND == 0 {
            let sealed = seal(registry, &history, HUB, 2 + dseq / ROUND, Draft::new(Body::Settle));
            let clock = Instant::now();
            let verdict = take(registry, &mut history, &sealed)?;
            assert_eq!(verdict, "admitted");
            settles = clock.elapsed().as_secs_f64();
        }
    }
    let (acts, clock) = (history.nodes().len(), Instant::now());
    history.document().map_err(|e| e.to_string())?;
    let built = clock.elapsed().as_secs_f64();
    let per_act = last / ROUND.min(count) as f64 * 1e6;
    Ok(format!(
        "{acts} acts: {per_act:.1} µs for one more, {:.1} µs for the last settle; document in {built:.3} s",
        settles * 1e6
    ))
}

fn hub(registry: &Registry) -> Result<Kernel, String> {
    let mut store = Store::in_memory().map_err(|error| error.to_string())?;
    store.begin().map_err(|error| error.to_string())?;
    for (version, entry) in (1..).zip(registry.entries()) {
        store.registry_append(ROOT_LOG, version, entry).map_err(|error| error.to_string())?;
    }
    store.commit().map_err(|error| error.to_string())?;
    let identity = Identity { key: city::key(HUB), root: None, reliable_links: true };
    Kernel::open(store, identity, [1; 32], MONDAY_NOON, false).map_err(|error| error.to_string())
}

/// What people ask for is done in a group of its own, as in the process: nothing of what waits is done in it.
fn ask(kernel: &mut Kernel, command: Command) -> Result<ActId, String> {
    let request = Request { ticket: 1, person: Some(city::people(CITY)[0]), command };
    let effects = kernel.step(MONDAY_NOON, vec![Input::Request(Box::new(request))], 0).map_err(|e| e.to_string())?;
    let reply = effects.into_iter().find_map(|effect| match effect {
        Effect::Reply { result: Ok(Done::Made { doc, .. }), .. } => Some(Ok(doc)),
        Effect::Reply { result, .. } => Some(Err(format!("{result:?}"))),
        _ => None,
    });
    reply.unwrap_or_else(|| Err("no answer".to_owned()))
}

/// Acts of one frame: a frame has its limit.
const FRAME_ACTS: usize = 100;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn clicks(registry: &Registry, count: u64, edits_before: usize) -> Result<String, String> {
    let mut hub = hub(registry)?;
    let other = ask(&mut hub, Command::Begin(register()))?;
    // The article is the township's, and is shared with everybody.
    let begun = seal(registry, &History::default(), OFFICE, 1, article());
    let doc = begun.id();
    let mut base = History::default();
    take(registry, &mut base, &begun)?;
    let mut before = vec![begun.encode()];
    for dseq in (2..).take(edits_before) {
        let sealed = seal(registry, &base, OFFICE, dseq, bring(dseq));
        take(registry, &mut base, &sealed)?;
        before.push(sealed.encode());
    }
    let edits = (100..100 + count).map(|dseq| seal(registry, &base, OFFICE, dseq, bring(dseq)).encode());
    let items: Vec<Vec<u8>> = before.into_iter().chain(edits).collect();
    let conn = ConnId(1);
    let mut inputs = vec![Input::Connected { conn, key: city::key(OFFICE).public() }];
    let digest = sync::frame::cursor_digest(std::iter::empty());
    let frame = |frame: Frame| frame.encode().map_err(|error| format!("{error:?}"));
    inputs.push(Input::Frame {
        conn,
        bytes: frame(Frame::Hello(sync::Hello { min: 1, max: 1, digest, ask: false, ..sync::Hello::default() }))?,
    });
    hub.handle(MONDAY_NOON, inputs).map_err(|error| error.to_string())?;
    let (scope, mut mark) = (kernel::scopes::KNOWLEDGE, Mark::default());
    let mut waits: Vec<f64> = Vec::new();
    let (mut busy, mut pace, mut slowest) = (0.0, Pace::default(), Duration::ZERO);
    for items in items.chunks(FRAME_ACTS) {
        let (from, before) = (mark.lseq + 1, mark.running);
        for _ in items {
            mark = Mark { lseq: mark.lseq + 1, running: chain(mark.running, EntryKind::Act, &[7; 32]) };
        }
        let (to, restart, more, round, pieces, last_piece) = (mark, false, false, 0, 0, 0);
        let items = items.iter().map(|bytes| Carried::item(bytes.clone())).collect();
        let bytes = frame(Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items })?;
        let mut inputs = vec![Input::Frame { conn, bytes }];
        loop {
            // Somebody clicks just when the group has begun.
            let clock = Instant::now();
            hub.step(MONDAY_NOON, std::mem::take(&mut inputs), pace.steps()).map_err(|error| error.to_string())?;
            let passed = clock.elapsed();
            pace.took(passed, hub.waits());
            (busy, slowest) = (busy + passed.as_secs_f64(), slowest.max(passed));
            ask(&mut hub, Command::Act { doc: other, draft: Draft::new(Body::Remind).text(["请尽快"]) }).ok();
            waits.push(clock.elapsed().as_secs_f64() * 1_000.0);
            if !hub.waits() {
                break;
            }
        }
    }
    // The peer has nothing more to say: the hub settles what came.
    let mut settling = Duration::ZERO;
    while !hub.settled() {
        let clock = Instant::now();
        hub.step(MONDAY_NOON, vec![Input::Tick], pace.steps()).map_err(|error| error.to_string())?;
        let passed = clock.elapsed();
        pace.took(passed, hub.waits());
        settling = settling.max(passed);
        ask(&mut hub, Command::Act { doc: other, draft: Draft::new(Body::Remind).text(["请尽快"]) }).ok();
        waits.push(clock.elapsed().as_secs_f64() * 1_000.0);
    }
    waits.sort_by(f64::total_cmp);
    let worst = waits.last().copied().unwrap_or_default();
    let middle = waits.get(waits.len() / 2).copied().unwrap_or_default();
    let held = kernel::read::history(hub.store(), hub.registry(), doc).map_err(|error| error.to_string())?;
    let acts = held.nodes().len();
    Ok(format!(
        "{acts} acts held, {busy:.3} s, {} groups of {:.1} ms at most, {:.1} ms where it settles; a click waited {middle:.1} ms, {worst:.1} ms at most",
        waits.len(),
        slowest.as_secs_f64() * 1e3,
        settling.as_secs_f64() * 1e3
    ))
}
