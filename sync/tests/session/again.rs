//! A peer that asks for the same again and again: it gets it, ever more slowly, and whoever was put back is not stopped.

use sync::credit::{RETURN_MS, RETURNS_MAX};
use sync::{Frame, Input, Mark, ScopeKey};

use crate::end::{Dice, End, noise};
use crate::pair::Pair;

const SCOPE: ScopeKey = ScopeKey(1);
/// Of the feed that is asked for.
const FEED_BYTES: usize = 100_000;

/// An end with a feed, that has greeted a peer which has nothing, and has sent it all.
fn end() -> End {
    let mut end = End::new(&[1]);
    for n in 0..100 {
        end.write(1, noise(n, FEED_BYTES / 100));
    }
    end.start(0, true);
    say(&mut end, 0, &hello());
    end
}

fn hello() -> Frame {
    Frame::Hello(sync::Hello {
        min: 1,
        max: 1,
        digest: sync::frame::cursor_digest(std::iter::empty()),
        ask: false,
        ..sync::Hello::default()
    })
}

/// Says a frame to an end; bytes of what it answers.
fn say(end: &mut End, now: i64, frame: &Frame) -> usize {
    end.handle(now, Input::Frame(frame.encode().unwrap())).iter().map(Vec::len).sum()
}

/// What asks for everything again, the `n`th time.
type Asking = fn(u64, Mark) -> Vec<Frame>;

/// Every way to ask for it: frames of a few bytes each.
fn ways() -> Vec<(&'static str, Asking)> {
    vec![
        ("rewind", |round, _| vec![Frame::Rewind { scope: SCOPE, mark: Mark::default(), round }]),
        ("rewind after an ack of all", |round, head| {
            vec![
                Frame::Ack { scope: SCOPE, mark: head, gap: false },
                Frame::Rewind { scope: SCOPE, mark: Mark::default(), round },
            ]
        }),
        ("mismatch", |_, _| vec![Frame::Mismatch { scope: SCOPE }]),
        ("gap", |_, _| vec![Frame::Ack { scope: SCOPE, mark: Mark::default(), gap: true }]),
        ("a mark of no feed", |n, _| {
            let running = [u8::try_from(n % 200).unwrap() + 1; 16];
            vec![Frame::Ack { scope: SCOPE, mark: Mark { lseq: n % 50 + 1, running }, gap: false }]
        }),
        ("cursors", |_, _| vec![Frame::Cursors(Vec::new())]),
    ]
}

#[test]
fn whoever_asks_for_all_again_and_again_gets_it_ever_more_slowly() {
    for (way, asking) in ways() {
        let mut end = end();
        let head = end.head(SCOPE);
        let mut bytes = 0;
        for n in 1..=1_000 {
            for frame in asking(n, head) {
                bytes += say(&mut end, 0, &frame);
            }
        }
        let often = RETURNS_MAX as usize + 2;
        assert!(bytes <= often * FEED_BYTES * 11 / 10 + 1_000 * 100, "{way}: {bytes} bytes for 1000 frames");
        // With time there is more, also for whoever only waits.
        let later = RETURN_MS * 2;
        let again: usize = end.handle(later, Input::Tick).iter().map(Vec::len).sum();
        let asked: usize = asking(1_001, head).iter().map(|frame| say(&mut end, later, frame)).sum();
        assert!(again + asked >= FEED_BYTES, "{way}: {again} and {asked} bytes after a while");
        assert_eq!(end.closed, None);
    }
}

#[test]
fn a_new_conversation_brings_no_new_credit() {
    let mut end = end();
    let mut bytes = 0;
    for _ in 0..100 {
        bytes += end.start(0, true).iter().map(Vec::len).sum::<usize>();
        bytes += say(&mut end, 0, &hello());
        for round in 1..=10 {
            bytes += say(&mut end, 0, &Frame::Rewind { scope: SCOPE, mark: Mark::default(), round });
        }
    }
    // Each conversation sends once what is not acknowledged; what is beyond that is paid for.
    assert!(bytes <= (100 + RETURNS_MAX as usize + 2) * FEED_BYTES * 11 / 10, "{bytes} bytes");
}

#[test]
fn whoever_was_put_back_after_having_used_all_up_gets_everything_with_time() {
    let mut pair = Pair::new(end(), End::new(&[1]), true);
    pair.ends[0].session = None;
    pair.connect();
    pair.run(&mut Dice::new(1));
    for round in 1..=100 {
        say(&mut pair.ends[0], 0, &Frame::Rewind { scope: SCOPE, mark: Mark::default(), round });
    }
    // Everything is lost at the other end, a new conversation begins, and time passes.
    pair.ends[1] = End::new(&[1]);
    pair.connect();
    pair.calm(&mut Dice::new(2));
    pair.assert_equal(&[1]);
}
