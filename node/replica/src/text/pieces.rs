//! A text while it is written on.

use super::{Behind, Run};

/// Runs of a chunk, about.
const CHUNK_RUNS: usize = 64;

/// The runs of a text in chunks whose characters are counted: whatever a splice says and however many pieces the text is
/// in, its place is found and made without going through all of them.
pub(super) struct Pieces(Vec<Chunk>);

#[derive(Default)]
struct Chunk {
    chars: u32,
    runs: Vec<Run>,
}

impl Pieces {
    pub fn of(runs: &[Run]) -> Self {
        let chunk = |runs: &[Run]| Chunk { chars: runs.iter().map(|run| run.to - run.from).sum(), runs: runs.to_vec() };
        let mut chunks: Vec<Chunk> = runs.chunks(CHUNK_RUNS).map(chunk).collect();
        if chunks.is_empty() {
            chunks.push(Chunk::default());
        }
        Self(chunks)
    }

    /// Replaces `delete` characters at `position` by `insert`; what it is put behind. `None` if it lies beyond the end.
    pub fn replace(&mut self, position: u32, delete: u32, insert: Run, deleted: &mut Vec<Run>) -> Option<Behind> {
        let (chunk, at) = self.cut(position)?;
        self.delete(chunk, at, delete, deleted)?;
        let runs = &mut self.0[chunk].runs;
        let behind = at.checked_sub(1).map(|before| (runs[before].act, runs[before].to - 1));
        if insert.from < insert.to {
            runs.insert(at, insert);
            self.0[chunk].chars += insert.to - insert.from;
            self.split(chunk);
        }
        Some(behind)
    }

    /// Where so many characters have gone before: a chunk and a run in it. Unless it is the beginning of the text, there is
    /// a run before it in the same chunk.
    fn cut(&mut self, position: u32) -> Option<(usize, usize)> {
        let (mut chunk, mut left) = (0, position);
        while left > self.0.get(chunk)?.chars {
            left -= self.0[chunk].chars;
            chunk += 1;
        }
        let runs = &mut self.0[chunk].runs;
        let mut at = 0;
        while left > 0 {
            let run = *runs.get(at)?;
            if left < run.to - run.from {
                let cut = run.from + left;
                runs[at].to = cut;
                runs.insert(at + 1, Run { from: cut, ..run });
            }
            left -= runs[at].to - runs[at].from;
            at += 1;
        }
        Some((chunk, at))
    }

    fn delete(&mut self, mut chunk: usize, mut at: usize, delete: u32, deleted: &mut Vec<Run>) -> Option<()> {
        let mut left = delete;
        while left > 0 {
            let Chunk { chars, runs } = self.0.get_mut(chunk)?;
            let Some(run) = runs.get_mut(at) else {
                (chunk, at) = (chunk + 1, 0);
                continue;
            };
            let goes = left.min(run.to - run.from);
            deleted.push(Run { to: run.from + goes, ..*run });
            run.from += goes;
            if run.from == run.to {
                runs.remove(at);
            }
            *chars -= goes;
            left -= goes;
        }
        Some(())
    }

    fn split(&mut self, chunk: usize) {
        if self.0[chunk].runs.len() > 2 * CHUNK_RUNS {
            let runs = self.0[chunk].runs.split_off(CHUNK_RUNS);
            let chars = runs.iter().map(|run| run.to - run.from).sum();
            self.0[chunk].chars -= chars;
            self.0.insert(chunk + 1, Chunk { chars, runs });
        }
    }

    pub fn runs(self) -> Vec<Run> {
        self.0.into_iter().flat_map(|chunk| chunk.runs).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// One character at a time, without any runs.
    fn plainly(text: &mut Vec<(usize, u32)>, position: usize, delete: usize, insert: Run) -> Option<Behind> {
        let end = (position + delete <= text.len()).then_some(position + delete)?;
        text.splice(position..end, (insert.from..insert.to).map(|at| (insert.act, at)));
        Some(position.checked_sub(1).map(|before| text[before]))
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default()
        })]

        #[test]
        fn pieces_are_written_on_as_characters_are(
            begun in 0u32..600,
            splices in prop::collection::vec((0usize..1_000, prop_oneof![9 => 0usize..4, 1 => 0usize..400], 0u32..5), 0..400),
        ) {
            let runs: Vec<Run> = (0..begun).map(|at| Run { act: 0, from: 2 * at, to: 2 * at + 2 }).collect();
            let mut text: Vec<(usize, u32)> = (0..2 * begun).map(|at| (0, at)).collect();
            let mut pieces = Pieces::of(&runs);
            for (act, (position, delete, chars)) in (1..).zip(splices) {
                let before = text.clone();
                let insert = Run { act, from: 0, to: chars };
                let position = position.min(text.len());
                let expected = plainly(&mut text, position, delete, insert);
                let mut gone = Vec::new();
                let (from, count) = (u32::try_from(position).unwrap(), u32::try_from(delete).unwrap());
                if expected.is_none() {
                    // It would lie beyond the end: admission lets none such through.
                    continue;
                }
                prop_assert_eq!(pieces.replace(from, count, insert, &mut gone), expected);
                let gone: Vec<(usize, u32)> =
                    gone.into_iter().flat_map(|run| (run.from..run.to).map(move |at| (run.act, at))).collect();
                prop_assert_eq!(&gone[..], &before[position..position + delete]);
            }
            let left: Vec<(usize, u32)> =
                pieces.runs().into_iter().flat_map(|run| (run.from..run.to).map(move |at| (run.act, at))).collect();
            prop_assert_eq!(left, text);
        }
    }
}
