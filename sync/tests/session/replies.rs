//! One session and what it answers to single frames: gaps, strangers, names that are not known, Pieces that do not fit.

use sync::frame::{Carried, ITEMS_MAX};
use sync::{EntryKind, Frame, Input, Mark, Output, ScopeKey, SharedScope, chain};

use crate::end::{Dice, End, Id, carried, id_of, noise};
use crate::pair::Pair;

const SCOPE: ScopeKey = ScopeKey(1);

/// The feed of a peer that is played by hand: single items, one an entry.
struct Peer {
    items: Vec<Vec<u8>>,
}

impl Peer {
    fn new(count: u64) -> Self {
        Self { items: (1..=count).map(|n| noise(n, 30)).collect() }
    }

    fn id(&self, entry: usize) -> Id {
        id_of(&self.items[entry - 1])
    }

    fn mark(&self, lseq: usize) -> Mark {
        let running = (1..=lseq).fold([0; 16], |running, entry| chain(running, EntryKind::Act, &self.id(entry)));
        Mark { lseq: lseq as u64, running }
    }

    fn items(&self, from: usize, to: usize) -> Vec<Carried> {
        self.items[from - 1..to].iter().map(|bytes| Carried::item(bytes.clone())).collect()
    }

    fn batch(&self, from: usize, to: usize) -> Frame {
        self.batch_of(from, to, self.items(from, to))
    }

    fn batch_of(&self, from: usize, to: usize, items: Vec<Carried>) -> Frame {
        let (before, to) = (self.mark(from - 1).running, self.mark(to));
        Frame::Batch {
            scope: SCOPE,
            from: from as u64,
            before,
            to,
            restart: false,
            more: false,
            round: 0,
            pieces: 0,
            last_piece: 0,
            items,
        }
    }
}

/// An end that has greeted.
fn greeted() -> End {
    let mut end = End::new(&[1]);
    end.start(0, true);
    say(&mut end, &hello());
    end
}

/// Of a peer that has received nothing.
fn hello() -> Frame {
    Frame::Hello(sync::Hello {
        min: 1,
        max: 1,
        digest: sync::frame::cursor_digest(std::iter::empty()),
        ask: false,
        ..sync::Hello::default()
    })
}

/// Says a frame to an end; what it answers.
fn say(end: &mut End, frame: &Frame) -> Vec<Frame> {
    let answers = end.handle(0, Input::Frame(frame.encode().unwrap()));
    answers.iter().map(|frame| Frame::decode(frame).unwrap()).collect()
}

fn ack(mark: Mark, gap: bool) -> Frame {
    Frame::Ack { scope: SCOPE, mark, gap }
}

#[test]
fn batch_that_joins_is_acknowledged_once_it_is_stored() {
    let (mut end, peer) = (greeted(), Peer::new(5));
    assert_eq!(say(&mut end, &peer.batch(1, 2)), [ack(peer.mark(2), false)]);
    assert_eq!(say(&mut end, &peer.batch(3, 5)), [ack(peer.mark(5), false)]);
    assert_eq!(end.holds(1).len(), 5);
    assert_eq!(end.received(1), peer.mark(5));
}

#[test]
fn nothing_is_acknowledged_before_it_is_stored() {
    let peer = Peer::new(1);
    let shared = [End::new(&[1]).shared(SCOPE)];
    let mut session = sync::Session::new(sync::Config { reliable: true, ..sync::Config::default() }, &shared);
    session.handle(0, Input::Frame(hello().encode().unwrap()));
    let outputs = session.handle(0, Input::Frame(peer.batch(1, 1).encode().unwrap()));
    assert!(matches!(outputs.as_slice(), [Output::Deliver(_)]), "{outputs:?}");
    let outputs = session.handle(0, Input::Stored { scope: SCOPE, mark: peer.mark(1) });
    assert!(matches!(&outputs[0], Output::Send(frame) if Frame::decode(frame).unwrap() == ack(peer.mark(1), false)));
}

#[test]
fn batch_that_is_declined_is_not_acknowledged_and_may_come_again() {
    let peer = Peer::new(4);
    let mut session =
        sync::Session::new(sync::Config { reliable: true, ..sync::Config::default() }, &[End::new(&[1]).shared(SCOPE)]);
    let mut say = |input: Input| session.handle(0, input);
    let frame = |frame: Frame| Input::Frame(frame.encode().unwrap());
    say(frame(hello()));
    assert!(matches!(say(frame(peer.batch(1, 2))).as_slice(), [Output::Deliver(_)]));
    assert!(say(Input::Declined).iter().all(|output| matches!(output, Output::Idle)));
    // What follows does not join; the peer is told so once, and not again and again.
    let told = say(frame(peer.batch(3, 4)));
    assert!(matches!(&told[0], Output::Send(bytes) if Frame::decode(bytes).unwrap() == ack(Mark::default(), true)));
    assert!(matches!(say(frame(peer.batch(1, 2))).as_slice(), [Output::Deliver(_)]));
    say(Input::Declined);
    assert!(say(frame(peer.batch(3, 4))).is_empty());
    // Once there is room everything goes on where it was.
    say(frame(peer.batch(1, 2)));
    let stored = say(Input::Stored { scope: SCOPE, mark: peer.mark(2) });
    assert!(matches!(&stored[0], Output::Send(bytes) if Frame::decode(bytes).unwrap() == ack(peer.mark(2), false)));
    assert!(matches!(say(frame(peer.batch(3, 4))).as_slice(), [Output::Deliver(_)]));
}

#[test]
fn idle_is_told_again_whenever_something_came() {
    let (mut end, peer) = (greeted(), Peer::new(3));
    for entry in 1..=3 {
        assert!(std::mem::take(&mut end.idle), "before entry {entry}");
        say(&mut end, &peer.batch(entry, entry));
    }
    assert!(end.idle);
}

#[test]
fn batch_that_came_before_is_acknowledged_and_not_delivered() {
    let (mut end, peer) = (greeted(), Peer::new(4));
    say(&mut end, &peer.batch(1, 4));
    for (from, to) in [(1, 4), (1, 2), (3, 4)] {
        assert_eq!(say(&mut end, &peer.batch(from, to)), [ack(peer.mark(4), false)]);
    }
    assert!(end.deliveries.values().all(|times| *times == 1));
}

#[test]
fn gap_is_told_once_and_nothing_behind_it_is_taken() {
    let (mut end, peer) = (greeted(), Peer::new(6));
    say(&mut end, &peer.batch(1, 1));
    assert_eq!(say(&mut end, &peer.batch(3, 4)), [ack(peer.mark(1), true)]);
    assert_eq!(say(&mut end, &peer.batch(5, 6)), [], "it is told already");
    assert_eq!(end.holds(1).len(), 1);
    // What is missing comes, and the next gap is a new one.
    say(&mut end, &peer.batch(2, 2));
    assert_eq!(say(&mut end, &peer.batch(5, 6)), [ack(peer.mark(2), true)]);
}

#[test]
fn batch_that_begins_before_the_cursor_and_ends_behind_it_does_not_join() {
    let (mut end, peer) = (greeted(), Peer::new(5));
    say(&mut end, &peer.batch(1, 3));
    assert_eq!(say(&mut end, &peer.batch(2, 5)), [ack(peer.mark(3), true)]);
    assert_eq!(end.received(1), peer.mark(3));
}

#[test]
fn batch_of_another_feed_is_a_mismatch() {
    let (mut end, peer) = (greeted(), Peer::new(3));
    say(&mut end, &peer.batch(1, 2));
    let Frame::Batch { scope, from, to, restart, more, round, pieces, last_piece, items, .. } = peer.batch(3, 3) else {
        unreachable!()
    };
    let other = Frame::Batch { scope, from, before: [9; 16], to, restart, more, round, pieces, last_piece, items };
    assert_eq!(say(&mut end, &other), [Frame::Mismatch { scope: SCOPE }]);
    assert_eq!(end.holds(1).len(), 2);
}

#[test]
fn batch_that_begins_anew_is_taken_from_its_first_entry() {
    let (mut end, old, new) = (greeted(), Peer::new(3), Peer { items: (50..52).map(|n| noise(n, 20)).collect() });
    say(&mut end, &old.batch(1, 3));
    let Frame::Batch { scope, from, before, to, more, round, pieces, last_piece, items, .. } = new.batch(1, 2) else {
        unreachable!()
    };
    let anew = Frame::Batch { scope, from, before, to, restart: true, more, round, pieces, last_piece, items };
    let answers = say(&mut end, &anew);
    assert!(answers.contains(&ack(new.mark(2), false)), "{answers:?}");
    let offered = answers.iter().any(|frame| matches!(frame, Frame::Batch { from: 1, items, .. } if items.len() >= 3));
    assert!(offered, "the peer may have lost what it sent before: {answers:?}");
    assert_eq!(end.received(1), new.mark(2));
    assert_eq!(end.holds(1).len(), 5, "what was held stays");
}

#[test]
fn name_of_an_item_that_is_not_here_asks_for_it_in_full() {
    let (mut end, peer) = (greeted(), Peer::new(3));
    say(&mut end, &peer.batch(1, 1));
    let named = peer.batch_of(2, 3, vec![Carried::Known(peer.id(2)), Carried::item(peer.items[2].clone())]);
    assert_eq!(say(&mut end, &named), [Frame::Rewind { scope: SCOPE, mark: peer.mark(1), round: 1 }]);
    assert_eq!(end.received(1), peer.mark(1), "the cursor waits");
    assert_eq!(say(&mut end, &peer.batch(2, 3)), [], "it left before the peer heard of the rewind");
    let Frame::Batch { scope, from, before, to, restart, more, pieces, last_piece, items, .. } = peer.batch(2, 3)
    else {
        unreachable!()
    };
    let answer = Frame::Batch { scope, from, before, to, restart, more, round: 1, pieces, last_piece, items };
    assert_eq!(say(&mut end, &answer), [ack(peer.mark(3), false)]);
}

#[test]
fn rewind_with_nothing_behind_it_is_answered() {
    let mut end = End::new(&[1]);
    end.start(0, true);
    let answers = say(&mut end, &Frame::Rewind { scope: SCOPE, mark: Mark::default(), round: 1 });
    assert!(
        matches!(answers.as_slice(), [Frame::Batch { from: 1, to: Mark { lseq: 0, .. }, round: 1, .. }]),
        "{answers:?}"
    );
    assert_eq!(say(&mut end, &Frame::Rewind { scope: SCOPE, mark: Mark::default(), round: 1 }), [], "it came twice");
}

#[test]
fn batches_wait_until_the_peers_cursors_are_known() {
    let peer = Peer::new(4);
    let mut end = End::new(&[1]);
    end.start(0, true);
    // Another digest than this end has noted: what the peer has received must be asked for.
    let other = Frame::Hello(sync::Hello { min: 1, max: 1, digest: [1; 16], ask: false, ..sync::Hello::default() });
    assert_eq!(say(&mut end, &other), [Frame::CursorsPlease]);
    assert_eq!(say(&mut end, &peer.batch(1, 2)), []);
    assert_eq!(say(&mut end, &peer.batch(3, 4)), []);
    assert!(end.holds(1).is_empty());
    let answers = say(&mut end, &Frame::Cursors(Vec::new()));
    assert_eq!(answers, [ack(peer.mark(2), false), ack(peer.mark(4), false)], "in the order in which they came");
}

#[test]
fn end_that_was_put_back_takes_nothing_that_leaves_out_what_it_lost() {
    let peer = Peer::new(3);
    let mut end = End::new(&[1]);
    end.write(1, noise(70, 10));
    end.start(0, true);
    say(&mut end, &Frame::Hello(sync::Hello { min: 1, max: 1, digest: [1; 16], ask: false, ..sync::Hello::default() }));
    // Entry 1 came from this end, before it was put back.
    assert_eq!(say(&mut end, &peer.batch_of(1, 3, peer.items(2, 3))), []);
    let unknown = Mark { lseq: 5, running: [5; 16] };
    let answers = say(&mut end, &Frame::Cursors(vec![(SCOPE, unknown)]));
    let rewind = Frame::Rewind { scope: SCOPE, mark: Mark::default(), round: 1 };
    assert!(answers.contains(&rewind), "{answers:?}");
    assert!(answers.iter().any(|frame| matches!(frame, Frame::Batch { restart: true, .. })), "{answers:?}");
    assert_eq!(end.received(1), Mark::default());
}

#[test]
fn what_waits_beyond_its_bound_is_asked_for_again() {
    let peer = Peer { items: (1..=3).map(|n| noise(n, sync::frame::ITEM_BYTES_MAX / 2)).collect() };
    let mut end = End::new(&[1]);
    end.start(0, true);
    say(&mut end, &Frame::Hello(sync::Hello { min: 1, max: 1, digest: [1; 16], ask: false, ..sync::Hello::default() }));
    for entry in 1..=3 {
        assert_eq!(say(&mut end, &peer.batch(entry, entry)), []);
    }
    let answers = say(&mut end, &Frame::Cursors(Vec::new()));
    assert_eq!(answers, [ack(peer.mark(1), false), ack(peer.mark(2), false), ack(peer.mark(2), true)]);
}

#[test]
fn rewind_brings_everything_behind_the_mark_in_full() {
    let mut end = End::new(&[1]);
    let ids: Vec<Id> = (0..4).map(|n| end.write(1, noise(n, 50))).collect();
    let marks: Vec<Mark> = ids
        .iter()
        .scan(Mark::default(), |mark, id| {
            *mark = Mark { lseq: mark.lseq + 1, running: chain(mark.running, EntryKind::Act, id) };
            Some(*mark)
        })
        .collect();
    end.start(0, true);
    say(&mut end, &ack(marks[3], false));
    let answers = say(&mut end, &Frame::Rewind { scope: SCOPE, mark: marks[1], round: 1 });
    let [Frame::Batch { from: 3, to, items, .. }] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(*to, marks[3]);
    assert!(items.iter().all(|item| matches!(item, Carried::Item { .. })) && items.len() == 2, "{items:?}");
}

#[test]
fn scope_that_is_not_shared_is_passed_over_in_silence() {
    let (mut end, peer) = (greeted(), Peer::new(2));
    let foreign = ScopeKey(99);
    let mark = peer.mark(1);
    let Frame::Batch { from, before, to, restart, more, round, pieces, last_piece, items, .. } = peer.batch(1, 2)
    else {
        unreachable!()
    };
    let frames = [
        Frame::Batch {
            scope: foreign,
            from,
            before,
            to,
            restart,
            more,
            round,
            pieces,
            last_piece,
            items: items.clone(),
        },
        Frame::Pieces { scope: foreign, number: 1, items },
        Frame::Ack { scope: foreign, mark, gap: true },
        Frame::Rewind { scope: foreign, mark, round: 1 },
        Frame::Mismatch { scope: foreign },
        Frame::Cursors(vec![(foreign, mark)]),
    ];
    for frame in frames {
        assert_eq!(say(&mut end, &frame), [], "{frame:?}");
    }
    assert!(end.deliveries.is_empty());
    assert_eq!(end.closed, None);
}

#[test]
fn item_of_two_scopes_is_sent_in_full_once() {
    let (mut a, b) = (End::new(&[1, 2]), End::new(&[1, 2]));
    let both: Vec<Vec<u8>> = (0..5).map(|n| noise(n, 200)).collect();
    for bytes in &both {
        a.write(1, bytes.clone());
        a.write(2, bytes.clone());
    }
    let mut pair = Pair::new(a, b, true);
    pair.connect();
    pair.run(&mut Dice::new(1));
    pair.assert_equal(&[1, 2]);
    assert_eq!(pair.ends[0].session.as_ref().unwrap().stats().items_sent, 5);
    assert_eq!(pair.ends[1].unresolved, 0);
}

#[test]
fn scope_that_comes_to_be_shared_is_sent_and_one_that_goes_is_not() {
    let (mut a, mut b) = (End::new(&[1]), End::new(&[1]));
    a.write(1, noise(1, 10));
    let mut pair = Pair::new(a, b, true);
    pair.connect();
    pair.run(&mut Dice::new(1));
    for at in [0, 1] {
        pair.ends[at].add_scope(2);
        pair.ends[at].write(2, noise(10 + at as u64, 10));
        let scopes: Vec<SharedScope> = vec![pair.ends[at].shared(ScopeKey(2))];
        let frames = pair.ends[at].handle(0, Input::Scopes(scopes));
        pair.send(1 - at, frames);
    }
    pair.run(&mut Dice::new(2));
    pair.assert_equal(&[2]);
    pair.ends[0].write(1, noise(99, 10));
    let frames = pair.ends[0].grown(0, 1);
    assert!(frames.is_empty(), "scope 1 is not shared any more");
    b = std::mem::take(&mut pair.ends[1]);
    assert_eq!(b.holds(1).len(), 1);
}

/// Frames of a document that needs at least two Pieces.
#[test]
fn what_came_before_its_scope_was_shared_comes_again() {
    // One end shares a scope before the other: it sends of it, and nothing of that is taken.
    let (mut a, b) = (End::new(&[1, 2]), End::new(&[1]));
    for n in 0..30 {
        a.write(1 + n % 2, noise(n.into(), 700));
    }
    let mut pair = Pair::new(a, b, true);
    let mut dice = Dice::new(11);
    pair.connect();
    pair.run(&mut dice);
    assert_eq!((pair.ends[1].holds(1).len(), pair.ends[0].session.as_ref().unwrap().in_sync()), (15, false));
    pair.ends[1].add_scope(2);
    let shared = [1, 2].map(|scope| pair.ends[1].shared(ScopeKey(scope)));
    let frames = pair.ends[1].handle(0, Input::Scopes(shared.to_vec()));
    pair.send(0, frames);
    pair.run(&mut dice);
    pair.assert_equal(&[1, 2]);
}

fn pieces() -> (End, Vec<Vec<u8>>) {
    let mut a = End::new(&[1]);
    a.enter(1, (0..9_000).map(|n: u32| n.to_be_bytes().to_vec()).collect());
    let frames = a.start(0, true);
    let frames: Vec<Vec<u8>> = frames.into_iter().filter(|frame| !carried(frame).is_empty()).collect();
    assert_eq!(frames.len(), 3);
    (a, frames)
}

#[test]
fn pieces_bring_what_is_too_much_for_one_frame() {
    let (a, frames) = pieces();
    assert!(frames.iter().all(|frame| carried(frame).len() <= ITEMS_MAX));
    let mut end = greeted();
    for frame in frames {
        end.handle(0, Input::Frame(frame));
    }
    assert!(end.holds(1) == a.holds(1));
}

#[test]
fn batch_whose_pieces_are_not_all_there_is_not_taken() {
    let (a, frames) = pieces();
    for order in [&[2][..], &[0, 2], &[1, 2], &[0, 0, 2], &[1, 1, 2]] {
        let mut end = greeted();
        for at in order {
            end.handle(0, Input::Frame(frames[*at].clone()));
        }
        let held = end.holds(1).len();
        assert!(held == 0, "after frames {order:?} {held} of {} items count as everything", a.holds(1).len());
        assert_eq!(end.received(1), Mark::default());
    }
}

#[test]
fn pieces_may_come_twice_and_in_any_order() {
    let (a, frames) = pieces();
    for order in [&[0, 0, 1, 0, 1, 2][..], &[1, 0, 2]] {
        let mut end = greeted();
        for at in order {
            end.handle(0, Input::Frame(frames[*at].clone()));
        }
        assert!(end.holds(1) == a.holds(1), "after frames {order:?}");
    }
}

#[test]
fn pieces_of_another_scope_or_another_batch_do_not_count() {
    let peer = Peer::new(3);
    let piece = |scope, number| Frame::Pieces { scope, number, items: peer.items(1, 1) };
    let Frame::Batch { scope, from, before, to, restart, more, round, .. } = peer.batch(1, 2) else { unreachable!() };
    let items = peer.items(2, 2);
    let batch = Frame::Batch { scope, from, before, to, restart, more, round, pieces: 1, last_piece: 4, items };
    for wrong in [piece(SCOPE, 3), piece(SCOPE, 5), piece(ScopeKey(2), 4)] {
        let mut end = End::new(&[1, 2]);
        end.start(0, true);
        say(&mut end, &hello());
        say(&mut end, &wrong);
        assert_eq!(say(&mut end, &batch), [ack(Mark::default(), true)], "{wrong:?}");
    }
    let mut end = greeted();
    say(&mut end, &piece(SCOPE, 4));
    assert_eq!(say(&mut end, &batch), [ack(peer.mark(2), false)]);
}

#[test]
fn large_items_are_split_so_that_every_frame_fits() {
    let mut a = End::new(&[1]);
    let sizes = [300_000, sync::frame::ITEM_BYTES_MAX, 10, 500_000, 500_000, sync::frame::ITEM_BYTES_MAX];
    a.enter(1, (0..).zip(sizes).map(|(n, len)| noise(n, len)).collect());
    a.write(1, noise(90, sync::frame::ITEM_BYTES_MAX));
    let mut pair = Pair::new(a, End::new(&[1]), true);
    pair.connect();
    pair.run(&mut Dice::new(1));
    pair.assert_equal(&[1]);
    let largest = pair.sent_to[1].iter().map(Vec::len).max().unwrap();
    assert!(largest <= sync::frame::FRAME_BYTES_MAX, "{largest} bytes");
}

#[test]
fn pieces_without_end_are_not_kept() {
    // Items of no bytes weigh next to nothing on the wire and much in memory.
    let items = || vec![Carried::item(Vec::new()); ITEMS_MAX];
    let mut end = greeted();
    let mut wire_bytes = 0;
    let count = 1_000;
    for number in 1..=count {
        let frame = Frame::Pieces { scope: SCOPE, number, items: items() }.encode().unwrap();
        wire_bytes += frame.len();
        end.handle(0, Input::Frame(frame));
    }
    assert!(wire_bytes < 100_000);
    let peer = Peer::new(1);
    let Frame::Batch { scope, from, before, to, restart, more, round, items, .. } = peer.batch(1, 1) else {
        unreachable!()
    };
    let batch = Frame::Batch { scope, from, before, to, restart, more, round, pieces: count, last_piece: count, items };
    assert_eq!(say(&mut end, &batch), [ack(Mark::default(), true)], "four million items were kept");
}
