//! What was changed between two lists, such as the sentences of two texts, in bounded work.

use std::ops::Range;

/// Insertions and deletions looked for at most; texts that differ in more are one change from the first to the last place
/// that differs.
const STEPS_MAX: usize = 250;

/// Items `old` of the one list became `new` of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// The changes from one list to another, first to last.
pub(crate) fn changes<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Change> {
    let same = |pairs: &mut dyn Iterator<Item = (&T, &T)>| pairs.take_while(|(a, b)| a == b).count();
    let front = same(&mut old.iter().zip(new));
    let back = same(&mut old[front..].iter().rev().zip(new[front..].iter().rev()));
    let (old, new) = (&old[front..old.len() - back], &new[front..new.len() - back]);
    if old.is_empty() && new.is_empty() {
        return Vec::new();
    }
    let whole = || vec![Change { old: 0..old.len(), new: 0..new.len() }];
    let mut changes = shortest(old, new).unwrap_or_else(whole);
    for change in &mut changes {
        change.old = change.old.start + front..change.old.end + front;
        change.new = change.new.start + front..change.new.end + front;
    }
    changes
}

/// The fewest changes, by Myers' greedy search; `None` if there are more than [`STEPS_MAX`].
fn shortest<T: PartialEq>(old: &[T], new: &[T]) -> Option<Vec<Change>> {
    // How far the best way comes on each diagonal (old − new, shifted by the number of steps), a row a step.
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for step in 0..=STEPS_MAX {
        let mut row = vec![0; 2 * step + 1];
        for k in (0..=2 * step).step_by(2) {
            let mut x = match rows.last() {
                None => 0,
                Some(before) => from(before, k).1,
            };
            let Some(mut y) = (x + step).checked_sub(k) else { continue };
            while x < old.len() && y < new.len() && old[x] == new[y] {
                (x, y) = (x + 1, y + 1);
            }
            row[k] = x;
            if x >= old.len() && y >= new.len() {
                return Some(back(&rows, k));
            }
        }
        rows.push(row);
    }
    None
}

/// The better way to a diagonal from the row before: whether it deletes, and how far it comes.
fn from(before: &[usize], k: usize) -> (bool, usize) {
    // The row before is shifted by one less: its diagonal k − 1 is the one above, from which nothing is deleted.
    let below = k.checked_sub(2).and_then(|k| before.get(k)).map(|x| x + 1);
    let above = before.get(k).copied();
    match (below, above) {
        (Some(deleted), Some(inserted)) if deleted > inserted => (true, deleted),
        (_, Some(inserted)) => (false, inserted),
        (Some(deleted), None) => (true, deleted),
        (None, None) => (false, 0),
    }
}

/// Walks back along the rows from the end.
fn back(rows: &[Vec<usize>], mut k: usize) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for (step, before) in rows.iter().enumerate().rev().map(|(i, row)| (i + 1, row)) {
        let (deletes, to) = from(before, k);
        let y = (to + step).saturating_sub(k);
        let change =
            if deletes { Change { old: to - 1..to, new: y..y } } else { Change { old: to..to, new: y - 1..y } };
        match changes.last_mut() {
            Some(next) if next.old.start == change.old.end && next.new.start == change.new.end => {
                next.old.start = change.old.start;
                next.new.start = change.new.start;
            }
            _ => changes.push(change),
        }
        k -= if deletes { 2 } else { 0 };
    }
    changes.reverse();
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn applied(old: &[char], new: &[char]) -> String {
        let (mut text, mut at) = (String::new(), 0);
        for change in changes(old, new) {
            text.extend(&old[at..change.old.start]);
            text.extend(&new[change.new.clone()]);
            at = change.old.end;
        }
        text.extend(&old[at..]);
        text
    }

    proptest! {
        #[test]
        fn changes_make_the_one_text_of_the_other(old in "[ab中]{0,40}", new in "[ab中]{0,40}") {
            let (old, typed): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
            prop_assert_eq!(applied(&old, &typed), new);
        }
    }

    #[test]
    fn what_stands_unchanged_between_two_changes_stays() {
        let (old, new): (Vec<char>, Vec<char>) =
            ("室温十四度，已报修".chars().collect(), "今日室温十六度，已报".chars().collect());
        let changed: Vec<(Range<usize>, Range<usize>)> =
            changes(&old, &new).into_iter().map(|change| (change.old, change.new)).collect();
        assert_eq!(changed, [(0..0, 0..2), (3..4, 5..6), (8..9, 10..10)]);
    }

    #[test]
    fn long_texts_that_differ_in_everything_are_one_change() {
        let (old, new) = (vec!['a'; 50_000], vec!['b'; 50_000]);
        assert_eq!(changes(&old, &new), [Change { old: 0..50_000, new: 0..50_000 }]);
    }
}
