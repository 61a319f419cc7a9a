//! Stored histories with all that an edition of the rules found in them: a change of a rule that was released shows here.
//!
//! `tests/data/editions/N/` holds what edition N found: `registry.txt`, its log, and a file for each history with its acts as
//! bytes, then the verdict and standing of each, what is due and what it adds to the rates. Of many random histories those
//! are kept that show something which those before them do not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use regulation::Edition;
use regulation::calendar::Day;
use regulation::rates::{self, Life, Weights, score};
use regulation::settings::{EDITION, Settings};
use replica::registry::{Carried, sign_entry};
use replica::{Act, Change, History, Judgement, Registry, Sealed, Standing, Verdict, judge};

use crate::{city, histories};

/// Seeds that are looked at.
const SEEDS: u64 = 2_000;
/// Histories that are kept, at most.
const HISTORIES_MAX: usize = 64;
/// Acts of each, about.
const ACTS: usize = 24;
const DAY_MS: i64 = 86_400_000;
/// What stands between the acts of a file and what was found in them.
const FOUND: &str = "found:\n";

/// Where the corpora are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/editions")
}

/// A registry in which that edition holds from before the first act.
fn registry(edition: Edition) -> Result<Registry, String> {
    let mut registry = city::registry();
    let holiday = Day {
        date: regulation::calendar::local_date(city::MONDAY_NOON + 3 * DAY_MS),
        working: false,
        name: "假日".to_owned(),
    };
    let [first, second] = city::people(city::CITY);
    let mut changes = vec![
        (None, Change::Calendar(vec![holiday])),
        (None, Change::terms(&Settings::USUAL)),
        (None, Change::weights(&Weights::default())),
    ];
    let city_id = registry.city_id().unwrap_or_default();
    for (hub, ..) in registry.now().hubs().filter(|(.., carried)| *carried < edition) {
        changes.push((None, Change::Carried(Carried::signed(&city_id, hub, edition, &city::key(hub)))));
    }
    if edition != Edition::FIRST {
        let proposed = Change::Proposed(Box::new(Change::settings(vec![(EDITION, edition.0.into())])));
        changes.push((Some(first), proposed));
    }
    for (by, change) in changes {
        append(&mut registry, by, change)?;
    }
    if edition != Edition::FIRST {
        let proposal = registry.head();
        append(&mut registry, Some(second), Change::Confirmed(proposal))?;
    }
    Ok(registry)
}

fn append(registry: &mut Registry, by: Option<regulation::PersonId>, change: Change) -> Result<(), String> {
    let entry = sign_entry(by, registry, change, city::MONDAY_NOON, &city::root_key());
    registry.append(&entry).map(|_| ()).map_err(|error| error.to_string())
}

/// Takes acts in, in their order.
fn taken(registry: &Registry, acts: &[Sealed]) -> Result<History, String> {
    let mut history = History::default();
    for (place, sealed) in acts.iter().enumerate() {
        let act = Act::decode(&sealed.bytes).map_err(|error| format!("act {place}: {error}"))?;
        match judge(&mut history, sealed, act, registry).map_err(|error| error.to_string())? {
            Judgement::Judged(node) => history.insert(*node),
            other => return Err(format!("act {place} is not judged: {other:?}")),
        }
    }
    Ok(history)
}

/// All that an edition finds in a history, a line each.
fn found(registry: &Registry, history: &History) -> String {
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| out += &format!("{text}\n");
    for (place, node) in history.nodes().iter().enumerate() {
        let verdict = match node.verdict {
            Verdict::Admitted => "admitted".to_owned(),
            Verdict::Unlawful(rule) => format!("unlawful {}", rule.code()),
        };
        let by = |broken: regulation::Broken| broken.by.and_then(|by| history.index_of(by));
        let standing = match history.standing(place) {
            None => String::new(),
            Some(Standing::Effective) => ", effective".to_owned(),
            Some(Standing::Overruled(broken)) => match by(broken) {
                Some(by) => format!(", overruled {} by {by}", broken.rule.code()),
                None => format!(", overruled {}", broken.rule.code()),
            },
        };
        let stratum = history.folded().stratum[place].map(|stratum| format!(", stratum {stratum}")).unwrap_or_default();
        line(format_args!("act {place} {}: {verdict}{standing}{stratum}", node.fact.body.kind().code()));
    }
    let Some(ticket) = history.record().ticket() else { return out };
    line(format_args!("state {}", ticket.state.names().0));
    let at = registry.now();
    let dues = kernel::project::dues(history, &at);
    for item in &dues {
        let met = item.met_at.map_or("open".to_owned(), |at| format!("met {at}"));
        let verdict = item.verdict(city::MONDAY_NOON + 10 * DAY_MS, at.settings()).names().0;
        let (what, unit, due, provisional) = (item.what.names().0, item.unit.0, item.due, item.provisional);
        line(format_args!("due {what} of unit {unit}: {due}, {met}, provisional {provisional}, {verdict}"));
    }
    let Some(calendar) = at.calendar() else { return out };
    let stands = |index: &&usize| history.standing(**index) == Some(Standing::Effective);
    let acts: Vec<_> =
        history.folded().order.iter().filter(stands).map(|index| &history.nodes()[*index].fact).collect();
    let past = rates::past(ticket, |then| kernel::project::dues_of(history, &at, then));
    let life = Life { ticket, acts: &acts, dues: &dues, past: &past };
    let period = city::MONDAY_NOON - 100 * DAY_MS..city::MONDAY_NOON + 100 * DAY_MS;
    let scored = score(&life, &period, calendar, at.settings());
    for entry in &scored.entries {
        line(format_args!("rate of unit {}: apart {}, {:?}", entry.unit.0, entry.apart, entry.tally.figures()));
    }
    for excluded in &scored.excluded {
        line(format_args!("left out of unit {}: {:?}", excluded.unit.0, excluded.reason));
    }
    out
}

/// What a history shows: its lines without what differs in each.
fn features(found: &str) -> BTreeSet<String> {
    let plain = |line: &str| {
        let words = line.split([' ', ',', ':', '(', ')', '[', ']']).filter(|word| !word.is_empty());
        words.filter(|word| word.parse::<i64>().is_err()).collect::<Vec<_>>().join(" ")
    };
    found.lines().map(plain).collect()
}

/// Writes the corpus of an edition; how many histories it has, and how much they show.
///
/// # Errors
/// It is there already, and is not to be written over; or the disk.
pub fn pin(edition: Edition, over: bool) -> Result<(usize, usize), String> {
    let folder = folder().join(edition.0.to_string());
    if folder.exists() && !over {
        return Err(format!("{} is there: what was released is never pinned again", folder.display()));
    }
    let registry = registry(edition)?;
    let mut all = Vec::new();
    for seed in 0..SEEDS {
        let acts = histories::made(&registry, seed, ACTS)?;
        let found = found(&registry, &taken(&registry, &acts)?);
        all.push((acts, features(&found), found));
    }
    let (mut shown, mut kept) = (BTreeSet::new(), Vec::new());
    while kept.len() < HISTORIES_MAX {
        let new = |features: &BTreeSet<String>| features.difference(&shown).count();
        let Some(best) = (0..all.len()).max_by_key(|place| (new(&all[*place].1), usize::MAX - *place)) else { break };
        if new(&all[best].1) == 0 {
            break;
        }
        let (acts, features, found) = all.swap_remove(best);
        shown.extend(features);
        kept.push((acts, found));
    }
    let disk = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(disk)?;
    let log: String = registry.entries().map(|entry| Base64::encode_string(entry) + "\n").collect();
    std::fs::write(folder.join("registry.txt"), log).map_err(disk)?;
    for (place, (acts, found)) in kept.iter().enumerate() {
        let acts: String = acts.iter().map(|act| Base64::encode_string(&act.encode()) + "\n").collect();
        std::fs::write(folder.join(format!("{place:02}.txt")), acts + FOUND + found).map_err(disk)?;
    }
    Ok((kept.len(), shown.len()))
}

fn bytes(line: &str) -> Result<Vec<u8>, String> {
    Base64::decode_vec(line).map_err(|error| error.to_string())
}

/// Looks at each stored history again; how many there were.
///
/// # Errors
/// What differs, where, and what to do.
pub fn check(folder: &Path) -> Result<usize, String> {
    let disk = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let names = |folder: &Path| -> Result<Vec<PathBuf>, String> {
        let entries = std::fs::read_dir(folder).map_err(|error| disk(folder, error))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        Ok(paths)
    };
    let (mut looked_at, mut wrong) = (0, String::new());
    for edition in names(folder)? {
        let log = edition.join("registry.txt");
        let mut registry = Registry::default();
        for line in std::fs::read_to_string(&log).map_err(|error| disk(&log, error))?.lines() {
            registry.append(&bytes(line)?).map_err(|error| format!("{}: {error}", log.display()))?;
        }
        if registry.beyond().is_some() {
            return Err(format!("{}: this program does not carry that edition", edition.display()));
        }
        for path in names(&edition)?.iter().filter(|path| **path != log) {
            looked_at += 1;
            if let Err(why) = one(&registry, &std::fs::read_to_string(path).map_err(|error| disk(path, error))?) {
                wrong += &format!("{}:\n{why}", path.display());
            }
        }
    }
    if wrong.is_empty() {
        return Ok(looked_at);
    }
    Err(format!(
        "an edition of the rules finds something else than it did:\n{wrong}\
         What was released is not corrected in place: it would judge old acts anew. Give the correction a switch in \
         regulation::edition, under a later edition, see \"Correct a rule\" in docs/hacking.md. Only before the first \
         release is the corpus written anew: cargo run -p tests --bin editions -- --pin --over\n"
    ))
}

fn one(registry: &Registry, text: &str) -> Result<(), String> {
    let (acts, pinned) = text.split_once(FOUND).ok_or("no history\n")?;
    let decoded = |line: &str| Sealed::decode(&bytes(line)?).map_err(|error| error.to_string());
    let acts = acts.lines().map(decoded).collect::<Result<Vec<_>, String>>().map_err(|why| why + "\n")?;
    let now = found(registry, &taken(registry, &acts).map_err(|why| why + "\n")?);
    let mut wrong = String::new();
    let (mut pinned, mut now) = (pinned.lines(), now.lines());
    loop {
        match (pinned.next(), now.next()) {
            (None, None) => break,
            (then, now) if then == now => {}
            (then, now) => wrong += &format!("  was  {}\n  is   {}\n", then.unwrap_or("-"), now.unwrap_or("-")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
