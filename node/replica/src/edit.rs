//! What somebody typed over an article, as effects on the blocks that he saw. What he left as it was is not written, so
//! that whatever others made of it meanwhile stays.

use crate::diff::{Change, changes};
use crate::document::{Block, text_of};
use crate::effect::{Behind, Effect};
use crate::limits::{BLOCK_CHARS_MAX, BLOCK_VALUES_MAX, EFFECTS_MAX};
use crate::split::split;

/// Old blocks times new ones that are compared each with each, at most; beyond that the first is taken for the first.
const PAIRS_MAX: usize = 10_000;

/// What an act is to write, while it is put together: its effects, and the segments that they name.
pub struct Writing<'d> {
    /// The effects.
    pub effects: &'d mut Vec<Effect>,
    /// The segments of the text part.
    pub text: &'d mut Vec<String>,
}

/// Writes what it means that `typed` was typed over `blocks`. What stands in `now` as it was typed, because somebody wrote
/// the same or the form was sent twice, is not written again.
pub fn write(blocks: &[Block], now: &[Block], typed: &str, mut to: Writing<'_>) {
    let (effects, segments) = (to.effects.len(), to.text.len());
    let edit = Edit::new(blocks, now, typed);
    edit.write(&mut to, false);
    if to.effects.len() > EFFECTS_MAX {
        // A new text of many sentences: several of them are one block.
        to.effects.truncate(effects);
        to.text.truncate(segments);
        edit.write(&mut to, true);
    }
}

struct Edit<'b> {
    /// The blocks that were shown.
    shown: Vec<&'b Block>,
    now: &'b [Block],
    typed: Vec<String>,
    changes: Vec<Change>,
}

impl<'b> Edit<'b> {
    fn new(blocks: &'b [Block], now: &'b [Block], typed: &str) -> Self {
        let shown: Vec<&Block> = blocks.iter().filter(|block| block.text().is_some()).collect();
        let found = split(&text_of(blocks));
        let typed = split(typed);
        let changes = changed(&shown, &found, &typed);
        Self { shown, now, typed, changes }
    }

    fn write(&self, to: &mut Writing<'_>, coarse: bool) {
        for change in &self.changes {
            let mut behind = match change.old.start.checked_sub(1) {
                Some(before) => Behind::Block(self.shown[before].id),
                None => Behind::Start,
            };
            let (old, new) = (&self.shown[change.old.clone()], &self.typed[change.new.clone()]);
            let pairs = pairs(old, new);
            for block in (0..old.len()).filter(|at| !pairs.contains(&Some(*at))).map(|at| old[at]) {
                self.set(block, None, to);
            }
            let mut open = false;
            for (text, pair) in new.iter().zip(&pairs) {
                if let Some(at) = pair {
                    self.set(old[*at], Some(text), to);
                    (behind, open) = (Behind::Block(old[*at].id), false);
                } else if !(coarse && open && to.grow(text)) {
                    let own = u8::try_from(to.effects.len()).unwrap_or(u8::MAX);
                    let segment = to.segment(text);
                    to.effects.push(Effect::Insert { behind, segment });
                    (behind, open) = (Behind::Own(own), true);
                }
            }
        }
    }

    /// The block becomes `text`, in place of all that stood there.
    fn set(&self, block: &Block, text: Option<&str>, to: &mut Writing<'_>) {
        // What he left as it was he has not chosen.
        if block.text() == text {
            return;
        }
        let replaced = |act| block.values.iter().any(|value| value.act == act);
        let now = self.now.iter().find(|now| now.id == block.id);
        if now.is_some_and(|now| now.values.iter().all(|value| !replaced(value.act) && value.text.as_deref() == text)) {
            return;
        }
        to.set(block, text);
    }
}

impl Writing<'_> {
    /// Puts `text` in place of all values of a block that was shown; none removes it.
    pub(crate) fn set(&mut self, block: &Block, text: Option<&str>) {
        let mut over: Vec<_> = block.values.iter().map(|value| value.act).take(BLOCK_VALUES_MAX).collect();
        over.sort_unstable();
        let segment = text.map(|text| self.segment(text));
        self.effects.push(Effect::Set { block: block.id, over, segment });
    }

    /// A new segment. More than fit are refused when the act is decoded.
    fn segment(&mut self, text: &str) -> u8 {
        self.text.push(text.to_owned());
        u8::try_from(self.text.len() - 1).unwrap_or(u8::MAX)
    }

    /// Adds to the last segment, if that leaves it short enough for a block.
    fn grow(&mut self, text: &str) -> bool {
        let Some(last) = self.text.last_mut() else { return false };
        let fits = last.chars().count() + text.chars().count() <= BLOCK_CHARS_MAX;
        if fits {
            last.push_str(text);
        }
        fits
    }
}

/// What was changed of `shown`, blocks of which the sentences `found` were made, for these `typed`: ranges of blocks became
/// ranges of sentences. Where a block is several sentences, or several are one, they are kept together or not at all.
fn changed(shown: &[&Block], found: &[String], typed: &[String]) -> Vec<Change> {
    let mut kept: Vec<Option<usize>> = Vec::new();
    let mut next = 0;
    for change in changes(found, typed) {
        kept.extend((next..).take(change.old.start - kept.len()).map(Some));
        kept.resize(change.old.end, None);
        next = change.new.end;
    }
    kept.extend((next..).take(found.len() - kept.len()).map(Some));

    let (block_ends, found_ends) = (block_ends(shown, found), ends(found.iter().map(String::as_str), 0));
    let mut all = Vec::new();
    // What stands first is shown without the ends of lines before it, whatever they are: elsewhere it is another text.
    let plain = |text: &str| text.starts_with('\n') && !text.starts_with("\n\n");
    let anywhere = shown.first().and_then(|block| block.text()).is_some_and(plain);
    let (mut block, mut old, mut new, mut first) = (0, 0, 0, 0);
    for (at, end) in found_ends.iter().enumerate() {
        let blocks = block_ends[block..].iter().take_while(|block| *block <= end).count();
        if blocks == 0 || block_ends[block + blocks - 1] != *end {
            continue;
        }
        // Both end here: sentences `first..=at` are these blocks.
        let here = block..block + blocks;
        let same = kept[first]
            .filter(|to| first > 0 || anywhere || *to == 0)
            .filter(|to| (*to..).zip(&kept[first..=at]).all(|(to, kept)| *kept == Some(to)));
        if let Some(to) = same {
            all.push(Change { old: old..here.start, new: new..to });
            (old, new) = (here.end, to + at + 1 - first);
        }
        (block, first) = (here.end, at + 1);
    }
    all.push(Change { old: old..shown.len(), new: new..typed.len() });
    all.retain(|change| !change.old.is_empty() || !change.new.is_empty());
    all
}

/// Where each text ends in all of them together, in characters; the first begins at `from`.
fn ends<'t>(texts: impl Iterator<Item = &'t str>, from: isize) -> Vec<isize> {
    let chars = |text: &str| isize::try_from(text.chars().count()).unwrap_or(isize::MAX);
    texts
        .scan(from, |end, text| {
            *end += chars(text);
            Some(*end)
        })
        .collect()
}

/// Where blocks end in the sentences that were made of them, which begin with one line feed whatever the blocks begin with,
/// and end with none.
fn block_ends(shown: &[&Block], found: &[String]) -> Vec<isize> {
    let texts = || shown.iter().filter_map(|block| block.text());
    let feeds = texts().flat_map(str::chars).take_while(|c| *c == '\n').count();
    let total = ends(found.iter().map(String::as_str), 0).last().copied().unwrap_or_default();
    let ends = ends(texts(), 1 - isize::try_from(feeds).unwrap_or_default());
    ends.into_iter().map(|end| end.clamp(0, total)).collect()
}

/// The old block that each new one is made of, so that as many as can be are, those that are most alike.
fn pairs(old: &[&Block], new: &[String]) -> Vec<Option<usize>> {
    if old.len() * new.len() > PAIRS_MAX {
        return (0..new.len()).map(|at| (at < old.len()).then_some(at)).collect();
    }
    // best[o][n]: of the old ones from o and the new ones from n.
    let mut best = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    let like: Vec<Vec<u32>> = old.iter().map(|old| new.iter().map(|new| likeness(old, new)).collect()).collect();
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            best[o][n] = (best[o + 1][n + 1] + like[o][n]).max(best[o + 1][n]).max(best[o][n + 1]);
        }
    }
    let (mut pairs, mut o) = (vec![None; new.len()], 0);
    for n in 0..new.len() {
        while o < old.len() && best[o][n] == best[o + 1][n] {
            o += 1;
        }
        if o < old.len() && best[o][n] != best[o][n + 1] {
            pairs[n] = Some(o);
            o += 1;
        }
    }
    pairs
}

/// A pair counts for more than any likeness; that is how much of the two is the same at both ends, in a hundred.
fn likeness(old: &Block, new: &str) -> u32 {
    let old: Vec<char> = old.text().unwrap_or_default().chars().collect();
    let new: Vec<char> = new.chars().collect();
    let same = |pairs: &mut dyn Iterator<Item = (&char, &char)>| pairs.take_while(|(a, b)| a == b).count();
    let front = same(&mut old.iter().zip(&new));
    let back = same(&mut old[front..].iter().rev().zip(new[front..].iter().rev()));
    1_000 + u32::try_from((front + back) * 100 / old.len().max(new.len()).max(1)).unwrap_or_default()
}
