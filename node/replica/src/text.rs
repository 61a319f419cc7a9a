//! The text of a document: which characters of which acts stand in it, and in what order.
//!
//! A splice brings a segment and removes ranges; neither is ever taken apart into characters. A [`Run`] names characters
//! by the act that brought them and their place among all that it brought. So a segment that is withheld weighs as little
//! as one that is here, positions are the same whether it is or not, and the work is that of the splices, however long.
//!
//! The order is that of a replicated growable array, as Automerge has it: a character stands behind the one that it was
//! put behind; of several put behind one, the newest stands first, and of those made at once the one with the higher id.
//! A test compares the two over random histories.

mod pieces;

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::effect::Effect;
use crate::graph::{ActSet, Node, closure, frontier};
use crate::limits::WITHHELD_CHARS_MAX;
use crate::part::PartKind;
use pieces::Pieces;

/// Texts at earlier acts that are remembered, those used last: acts made at once mostly have one past.
const VIEWS_MAX: usize = 4;

/// Characters that one act brought, by their place among all that it brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub act: usize,
    pub from: u32,
    pub to: u32,
}

/// The character that something stands behind: an act and the place among what it brought. `None` is the beginning.
type Behind = Option<(usize, u32)>;

/// A segment that a splice brought.
#[derive(Clone, Copy, Debug)]
struct Insert {
    /// Place of its first character among all that the act brought.
    from: u32,
    to: u32,
    segment: u8,
    behind: Behind,
    /// Counts what was written before it in its past: the newest stands first.
    age: u64,
}

/// What an act wrote, in terms of what it found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    inserts: Vec<Insert>,
    deletes: Vec<Run>,
    splices: usize,
    /// Counts what was written in its past and by itself.
    age: u64,
}

/// The texts of a document: the one of any of its pasts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    written: Vec<Option<Written>>,
    views: VecDeque<(Vec<usize>, Arc<Vec<Run>>)>,
}

impl Text {
    /// Takes in what the next act wrote.
    pub fn take(&mut self, nodes: &[Node]) {
        let index = self.written.len();
        let node = &nodes[index];
        if !node.writes() {
            self.written.push(None);
            return;
        }
        let frontier = &frontier(nodes, &node.deps);
        let mut pieces = Pieces::of(&self.view(nodes, frontier));
        let segments = node.act.part(PartKind::Text).map_or(&[][..], |head| head.segments.as_slice());
        let mut written = Written { age: self.age(frontier), ..Written::default() };
        let mut brought = 0;
        for effect in &node.act.effects {
            let Effect::Splice { position, delete, insert } = effect else { continue };
            written.splices += 1;
            let chars = insert.and_then(|segment| segments.get(usize::from(segment))).copied().unwrap_or_default();
            let run = Run { act: index, from: brought, to: brought + chars };
            // Admission has checked that it lies inside the text.
            let done = pieces.replace(*position, *delete, run, &mut written.deletes);
            let Some(behind) = done else { continue };
            if let Some(segment) = insert.filter(|_| chars > 0) {
                written.inserts.push(Insert { from: run.from, to: run.to, segment, behind, age: written.age + 1 });
                written.age += u64::from(chars);
                brought += chars;
            }
            written.age += u64::from(*delete);
        }
        self.written.push(Some(written));
        self.remember(vec![index], Arc::new(pieces.runs()));
    }

    fn age(&self, frontier: &[usize]) -> u64 {
        frontier.iter().filter_map(|act| Some(self.written[*act].as_ref()?.age)).max().unwrap_or_default()
    }

    /// What stands in the text after the acts of a frontier.
    fn view(&mut self, nodes: &[Node], frontier: &[usize]) -> Arc<Vec<Run>> {
        if let Some(at) = self.views.iter().position(|(of, _)| of == frontier) {
            // Whatever is asked for again stays.
            self.views.swap(at, 0);
            return self.views[0].1.clone();
        }
        let set = closure(nodes, frontier);
        let order = Order::of(nodes, &self.written, &set, &[]);
        let view = Arc::new(order.runs(&self.written, &set));
        self.remember(frontier.to_vec(), view.clone());
        view
    }

    fn remember(&mut self, frontier: Vec<usize>, view: Arc<Vec<Run>>) {
        self.views.truncate(VIEWS_MAX - 1);
        self.views.push_front((frontier, view));
    }

    /// Code points of the text after the acts of a frontier.
    pub fn chars(&mut self, nodes: &[Node], frontier: &[usize]) -> usize {
        self.view(nodes, frontier).iter().map(|run| run.chars()).sum()
    }

    /// Splices of the acts in a past.
    pub fn splices(&self, past: &ActSet) -> usize {
        past.iter().filter_map(|act| self.written[act].as_ref()).map(|written| written.splices).sum()
    }

    /// The text after the acts of a frontier, as it is shown here.
    pub fn shown(&mut self, nodes: &[Node], frontier: &[usize]) -> String {
        let view = self.view(nodes, frontier);
        let mut shown = Shown::new(nodes, &self.written);
        view.iter().fold(String::new(), |text, run| text + &shown.of(*run))
    }

    /// Names what stands in the text after the acts of a frontier: equal on every node that holds the same acts.
    pub fn digest(&mut self, nodes: &[Node], frontier: &[usize]) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut last: Option<Run> = None;
        let mut put = |run: Run| {
            hash.update(nodes[run.act].id.0);
            hash.update(run.from.to_be_bytes());
            hash.update(run.to.to_be_bytes());
        };
        for run in self.view(nodes, frontier).iter() {
            match &mut last {
                Some(last) if last.act == run.act && last.to == run.from => last.to = run.to,
                _ => last.replace(*run).into_iter().for_each(&mut put),
            }
        }
        last.into_iter().for_each(&mut put);
        hash.finalize().into()
    }

    /// The splices that make, at the acts `heads`, what `text` typed over the text at `base` means.
    pub fn edit(&mut self, nodes: &[Node], base: &[usize], heads: &[usize], text: &str) -> Vec<Splice> {
        let view = self.view(nodes, base);
        let (typed, found): (Vec<char>, Vec<char>) =
            (text.chars().collect(), self.shown(nodes, base).chars().collect());
        let (places, mut pieces) = (Places::of(nodes, &view), Pieces::of(&view));
        // What is typed, as if it were an act that follows `base`.
        let act = nodes.len();
        let age = self.age(base) + 1;
        let (mut inserts, mut deletes, mut brought, mut moved) = (Vec::new(), Vec::new(), String::new(), 0i64);
        for change in crate::diff::changes(&found, &typed) {
            let (start, end) = (places.real(change.old.start, false), places.real(change.old.end, true));
            let (from, chars) = (count(brought.chars().count()), count(change.new.len()));
            let run = Run { act, from, to: from + chars };
            let position = u32::try_from(i64::from(start) + moved).unwrap_or_default();
            let Some(behind) = pieces.replace(position, end - start, run, &mut deletes) else { continue };
            if chars > 0 {
                inserts.push(Insert { from, to: run.to, segment: 0, behind, age: age + u64::from(from) });
            }
            brought.extend(&typed[change.new.clone()]);
            moved += i64::from(chars) - i64::from(end - start);
        }
        let brought: Vec<char> = brought.chars().collect();
        let set = closure(nodes, &[heads, base].concat());
        let runs = Order::of(nodes, &self.written, &set, &inserts).runs(&self.written, &set);
        splices(&runs, act, &Gone::of(deletes.iter().copied()), &brought)
    }

    /// Bytes of memory, about.
    pub fn weight(&self) -> usize {
        let written = |w: &Written| size_of_val(w.inserts.as_slice()) + size_of_val(w.deletes.as_slice());
        let views = self.views.iter().map(|(frontier, view)| size_of_val(frontier.as_slice()) + size_of_val(&view[..]));
        size_of_val(self.written.as_slice())
            + self.written.iter().flatten().map(written).sum::<usize>()
            + views.sum::<usize>()
    }
}

/// A replacement in the text; positions count code points, after the splices before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where.
    pub position: usize,
    /// How many code points go.
    pub delete: usize,
    /// What comes.
    pub insert: String,
}

impl Run {
    fn chars(self) -> usize {
        (self.to - self.from) as usize
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Characters that are deleted, by act; ranges sorted and apart.
struct Gone(BTreeMap<usize, Vec<Range<u32>>>);

impl Gone {
    fn of(deletes: impl Iterator<Item = Run>) -> Self {
        let mut gone: BTreeMap<usize, Vec<Range<u32>>> = BTreeMap::new();
        for run in deletes {
            gone.entry(run.act).or_default().push(run.from..run.to);
        }
        for ranges in gone.values_mut() {
            ranges.sort_unstable_by_key(|range| range.start);
            ranges.dedup_by(|next, kept| {
                let joins = next.start <= kept.end;
                if joins {
                    kept.end = kept.end.max(next.end);
                }
                joins
            });
        }
        Self(gone)
    }

    /// The stretches of a run, each with whether it is gone.
    fn cut(&self, run: Run, mut each: impl FnMut(Run, bool)) {
        let mut from = run.from;
        let ranges = self.0.get(&run.act).map_or(&[][..], Vec::as_slice);
        for range in &ranges[ranges.partition_point(|range| range.end <= from)..] {
            let (start, end) = (range.start.max(from), range.end.min(run.to));
            if start >= run.to {
                break;
            }
            if from < start {
                each(Run { from, to: start, ..run }, false);
            }
            each(Run { from: start, to: end, ..run }, true);
            from = end;
        }
        if from < run.to {
            each(Run { from, ..run }, false);
        }
    }
}

/// All that some acts brought, each behind what it was put behind, in the order in which it stands there.
struct Order(Vec<Brought>);

struct Brought {
    behind: Behind,
    rank: Reverse<(u64, [u8; 32])>,
    run: Run,
}

impl Order {
    /// `typed` is what an act that is not made yet would bring.
    fn of(nodes: &[Node], written: &[Option<Written>], set: &ActSet, typed: &[Insert]) -> Self {
        let of = |act: usize, insert: &Insert| Brought {
            behind: insert.behind,
            rank: Reverse((insert.age, nodes.get(act).map_or([u8::MAX; 32], |node| node.id.0))),
            run: Run { act, from: insert.from, to: insert.to },
        };
        let mut all: Vec<Brought> = typed.iter().map(|insert| of(nodes.len(), insert)).collect();
        for act in set.iter() {
            all.extend(written[act].iter().flat_map(|written| &written.inserts).map(|insert| of(act, insert)));
        }
        all.sort_unstable_by(|a, b| (a.behind, &a.rank).cmp(&(b.behind, &b.rank)));
        Self(all)
    }

    /// What stands in the text of a set of acts.
    fn runs(&self, written: &[Option<Written>], set: &ActSet) -> Vec<Run> {
        let gone = Gone::of(set.iter().filter_map(|act| written[act].as_ref()).flat_map(|w| w.deletes.iter().copied()));
        let mut runs = Vec::new();
        let mut left: Vec<Run> = Vec::new();
        let push = |left: &mut Vec<Run>, first: usize| {
            let behind = self.0.get(first).map(|brought| brought.behind);
            let same = self.0[first..].iter().take_while(|brought| Some(brought.behind) == behind).count();
            left.extend(self.0[first..first + same].iter().rev().map(|brought| brought.run));
        };
        if self.0.first().is_some_and(|brought| brought.behind.is_none()) {
            push(&mut left, 0);
        }
        while let Some(run) = left.pop() {
            // What was put behind one of its characters stands between that and the next.
            let first = self.0.partition_point(|brought| brought.behind < Some((run.act, run.from)));
            let behind = self.0.get(first).and_then(|brought| brought.behind);
            let end = behind.filter(|(act, at)| *act == run.act && *at < run.to).map(|(_, at)| at + 1);
            let whole = Run { to: end.unwrap_or(run.to), ..run };
            gone.cut(whole, |run, gone| {
                if !gone {
                    runs.push(run);
                }
            });
            if whole.to < run.to {
                left.push(Run { from: whole.to, ..run });
            }
            if end.is_some() {
                push(&mut left, first);
            }
        }
        runs
    }
}

/// The splices by which the text without what `act` brings, and with what it deletes, becomes the one after it.
fn splices(runs: &[Run], act: usize, gone: &Gone, brought: &[char]) -> Vec<Splice> {
    let mut splices: Vec<Splice> = Vec::new();
    let mut position = 0;
    let mut open = Splice { position, delete: 0, insert: String::new() };
    for run in runs {
        if run.act == act {
            open.insert.extend(&brought[run.from as usize..run.to as usize]);
            position += run.chars();
            continue;
        }
        gone.cut(*run, |stretch, gone| {
            if gone {
                open.delete += stretch.chars();
                return;
            }
            let next = position + stretch.chars();
            let closed = std::mem::replace(&mut open, Splice { position: next, delete: 0, insert: String::new() });
            splices.extend(Some(closed).filter(|splice| splice.delete > 0 || !splice.insert.is_empty()));
            position = next;
        });
    }
    splices.extend(Some(open).filter(|splice| splice.delete > 0 || !splice.insert.is_empty()));
    splices
}

/// Text of runs as it is shown here. Each part is taken apart once, however many runs name it.
struct Shown<'t> {
    nodes: &'t [Node],
    written: &'t [Option<Written>],
    parts: BTreeMap<usize, Vec<char>>,
}

impl<'t> Shown<'t> {
    fn new(nodes: &'t [Node], written: &'t [Option<Written>]) -> Self {
        Self { nodes, written, parts: BTreeMap::new() }
    }

    fn of(&mut self, run: Run) -> String {
        let node = &self.nodes[run.act];
        let Some(part) = node.part(PartKind::Text) else { return blocks(run.chars()) };
        let inserts = self.written[run.act].as_ref().map_or(&[][..], |written| written.inserts.as_slice());
        let at = inserts.partition_point(|insert| insert.to <= run.from);
        let (Some(insert), Some(head)) = (inserts.get(at), node.act.part(PartKind::Text)) else { return String::new() };
        let before: usize = head.segments[..usize::from(insert.segment)].iter().map(|len| *len as usize).sum();
        let chars = self.parts.entry(run.act).or_insert_with(|| part.text.chars().collect());
        let start = before + (run.from - insert.from) as usize;
        chars.iter().skip(start).take(run.chars()).collect()
    }
}

/// What stands for characters that are withheld: as many blocks, up to [`WITHHELD_CHARS_MAX`].
pub(crate) fn blocks(chars: usize) -> String {
    "█".repeat(chars.min(WITHHELD_CHARS_MAX))
}

/// Where characters that are shown stand in the text. The two differ where more is withheld than is shown of it.
struct Places(Vec<(u32, u32, u32)>);

impl Places {
    fn of(nodes: &[Node], view: &[Run]) -> Self {
        let (mut shown, mut real, mut places) = (0, 0, Vec::new());
        for run in view {
            let chars = run.chars();
            let held = nodes[run.act].part(PartKind::Text).is_some();
            places.push((shown, real, count(chars)));
            shown += count(if held { chars } else { chars.min(WITHHELD_CHARS_MAX) });
            real += count(chars);
        }
        places.push((shown, real, 0));
        Self(places)
    }

    /// The place of a shown character; with `end`, that behind the one before it.
    fn real(&self, at: usize, end: bool) -> u32 {
        let at = count(at);
        let next = self.0.partition_point(|(shown, ..)| *shown <= at);
        let index = next.saturating_sub(1);
        let (shown, real, chars) = self.0[index];
        // The end of a run is that of all it stands for.
        if end && at == shown { real } else { real + (at - shown).min(chars) }
    }
}
