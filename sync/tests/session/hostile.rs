//! A peer that may connect and says anything: the session ends or goes on, and nothing panics.

use proptest::prelude::*;
use sync::frame::Carried;
use sync::{Frame, Input, Mark, ScopeKey};

use crate::end::{End, noise};

/// No file of failures: the seed that `.cargo/config.toml` or the caller gives brings them again.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

/// Numbers at which something may overflow or begin anew.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..8, Just(u64::MAX), Just(u64::MAX - 1), Just(i64::MAX.unsigned_abs()), any::<u64>()]
}

fn scope() -> impl Strategy<Value = ScopeKey> {
    (0u32..4).prop_map(ScopeKey)
}

fn mark() -> impl Strategy<Value = Mark> {
    (number(), 0u8..2).prop_map(|(lseq, byte)| Mark { lseq, running: [byte; 16] })
}

fn items() -> impl Strategy<Value = Vec<Carried>> {
    let item = prop::collection::vec(any::<u8>(), 0..20).prop_map(Carried::item);
    prop::collection::vec(prop_oneof![item, any::<[u8; 32]>().prop_map(Carried::Known)], 0..4)
}

/// Frames that can be read, whatever they say.
fn frame() -> impl Strategy<Value = Frame> {
    let flags = (any::<bool>(), any::<bool>());
    let batch = (scope(), number(), 0u8..2, mark(), flags, 0u64..3, (number(), number()), items()).prop_map(
        |(scope, from, before, to, (restart, more), round, (pieces, last_piece), items)| {
            let before = [before; 16];
            Frame::Batch { scope, from, before, to, restart, more, round, pieces, last_piece, items }
        },
    );
    prop_oneof![
        6 => batch,
        2 => (scope(), number(), items()).prop_map(|(scope, number, items)| Frame::Pieces { scope, number, items }),
        2 => (scope(), mark(), any::<bool>()).prop_map(|(scope, mark, gap)| Frame::Ack { scope, mark, gap }),
        2 => (scope(), mark(), number()).prop_map(|(scope, mark, round)| Frame::Rewind { scope, mark, round }),
        1 => scope().prop_map(|scope| Frame::Mismatch { scope }),
        1 => prop::collection::vec((scope(), mark()), 0..4).prop_map(Frame::Cursors),
        1 => Just(Frame::CursorsPlease),
        1 => any::<([u8; 16], bool)>().prop_map(|(digest, ask)| Frame::Hello(sync::Hello { min: 1, max: 1, digest, ask, ..sync::Hello::default() })),
    ]
}

/// An end with something in each of its scopes, in the middle of a conversation.
fn end(reliable: bool) -> End {
    let mut end = End::new(&[0, 1, 2]);
    for n in 0..6 {
        end.write(n % 3, noise(n.into(), 20));
    }
    end.start(0, reliable);
    let digest = sync::frame::cursor_digest(std::iter::empty());
    end.handle(
        0,
        Input::Frame(
            Frame::Hello(sync::Hello { min: 1, max: 1, digest, ask: false, ..sync::Hello::default() })
                .encode()
                .unwrap(),
        ),
    );
    end
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_frames_in_any_order_do_not_end_the_conversation(
        frames in prop::collection::vec(frame(), 1..40), reliable in any::<bool>(),
    ) {
        let mut end = end(reliable);
        let own = [0, 1, 2].map(|scope| end.holds(scope));
        for (now, frame) in (1..).zip(frames) {
            let bytes = frame.encode().unwrap();
            // What the codec refuses is told by its own tests.
            if Frame::decode(&bytes).is_ok() {
                end.handle(now * 10_000, Input::Frame(bytes));
                prop_assert_eq!(&end.closed, &None);
            }
            end.handle(now * 10_000 + 5_000, Input::Tick);
        }
        for (scope, own) in (0..).zip(own) {
            prop_assert!(end.holds(scope).is_superset(&own));
        }
    }

    #[test]
    fn bytes_that_are_no_frame_end_the_conversation(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut end = end(true);
        let malformed = Frame::decode(&bytes).is_err();
        end.handle(1, Input::Frame(bytes));
        prop_assert_eq!(end.closed.is_some(), malformed);
    }
}
