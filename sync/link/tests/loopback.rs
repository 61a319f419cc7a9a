//! Two and three endpoints on loopback.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use link::{
    Allowed, EVENT_BYTES_MAX, Event, FRAME_BYTES_MAX, JoinError, Key, Link, SEND_QUEUE_BYTES_MAX, Standing, join,
};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

const LOOPBACK: &str = "127.0.0.1:0";

fn secret(n: u8) -> [u8; 32] {
    [n; 32]
}

fn public(n: u8) -> Key {
    ed25519_dalek::SigningKey::from_bytes(&secret(n)).verifying_key().to_bytes()
}

fn bind(n: u8, allowed: Allowed) -> (Link, Receiver<Event>) {
    Link::bind(LOOPBACK.parse().expect("an address"), &secret(n), allowed).expect("loopback can be bound")
}

fn everybody() -> Allowed {
    Arc::new(|_| Standing::Welcome)
}

async fn next(events: &mut Receiver<Event>) -> Event {
    timeout(Duration::from_secs(20), events.recv()).await.expect("an event within 20 s").expect("the link lives")
}

/// The next event that `pick` wants.
async fn wait<T>(events: &mut Receiver<Event>, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        if let Some(found) = pick(next(events).await) {
            return found;
        }
    }
}

async fn up(events: &mut Receiver<Event>) -> (u64, Key) {
    wait(events, |event| match event {
        Event::Up { conn, key, .. } => Some((conn, key)),
        _ => None,
    })
    .await
}

async fn frame(events: &mut Receiver<Event>) -> Vec<u8> {
    wait(events, |event| match event {
        Event::Frame { bytes, .. } => Some(bytes),
        _ => None,
    })
    .await
}

async fn down(events: &mut Receiver<Event>) -> String {
    wait(events, |event| match event {
        Event::Down { reason, .. } => Some(reason),
        _ => None,
    })
    .await
}

fn address(link: &Link) -> String {
    link.local_addr().expect("a bound socket").to_string()
}

#[tokio::test]
async fn frames_come_whole_and_in_order_and_keys_are_proven() {
    let (a, mut at_a) = bind(1, everybody());
    let (b, mut at_b) = bind(2, everybody());
    a.dial(&address(&b));
    let (conn, key) = up(&mut at_a).await;
    assert_eq!(key, public(2));
    let sizes = [1, 0, 70_000, FRAME_BYTES_MAX, 5];
    for (n, size) in (0..).zip(sizes) {
        assert!(a.send(conn, vec![n; size]));
    }
    let (back, key) = up(&mut at_b).await;
    assert_eq!(key, public(1));
    for (n, size) in (0..).zip(sizes) {
        assert_eq!(frame(&mut at_b).await, vec![n; size]);
    }
    assert!(b.send(back, b"back".to_vec()));
    assert_eq!(frame(&mut at_a).await, b"back");
    assert!(a.totals().0 > FRAME_BYTES_MAX as u64, "UDP bytes are counted");
}

#[tokio::test]
async fn a_key_that_is_not_allowed_gets_nothing_and_is_cut_when_it_no_longer_is() {
    let open = Arc::new(AtomicBool::new(false));
    let asked = open.clone();
    let (a, mut at_a) = bind(1, everybody());
    let (b, mut at_b) =
        bind(2, Arc::new(move |_| if asked.load(Ordering::SeqCst) { Standing::Welcome } else { Standing::Unknown }));
    a.dial(&address(&b));
    let (conn, _) = up(&mut at_a).await;
    a.send(conn, b"let me in".to_vec());
    assert!(down(&mut at_a).await.contains("not enrolled"));
    open.store(true, Ordering::SeqCst);
    a.hurry();
    let (conn, _) = up(&mut at_a).await;
    a.send(conn, b"hello".to_vec());
    // The first that b hears of at all: nothing of the refused connection reached it.
    assert_eq!(up(&mut at_b).await.1, public(1));
    assert_eq!(frame(&mut at_b).await, b"hello");
    open.store(false, Ordering::SeqCst);
    b.recheck();
    assert!(down(&mut at_a).await.contains("not enrolled"));
}

#[tokio::test]
async fn a_device_that_was_taken_out_of_use_hears_it_whoever_dials_and_whenever() {
    use link::reasons::{PEER_SAYS_RETIRED, RETIRED};
    let retired = Arc::new(AtomicBool::new(false));
    let asked = retired.clone();
    let (a, mut at_a) = bind(1, everybody());
    let standing = move |_: &Key| if asked.load(Ordering::SeqCst) { Standing::Retired } else { Standing::Welcome };
    let (b, mut at_b) = bind(2, Arc::new(standing));
    a.dial(&address(&b));
    let (conn, _) = up(&mut at_a).await;
    a.send(conn, b"hello".to_vec());
    up(&mut at_b).await;
    retired.store(true, Ordering::SeqCst);
    b.recheck();
    // Of the connection that ends, and of each later attempt.
    assert_eq!(down(&mut at_a).await, PEER_SAYS_RETIRED);
    let failed = |event| match event {
        Event::DialFailed { reason, .. } => Some(reason),
        _ => None,
    };
    assert_eq!(wait(&mut at_a, failed).await, PEER_SAYS_RETIRED);
    let (c, mut at_c) = bind(3, Arc::new(|_| Standing::Retired));
    c.dial(&address(&a));
    assert_eq!(wait(&mut at_c, failed).await, RETIRED);
}

#[tokio::test]
async fn two_that_dial_each_other_keep_one_connection() {
    let (a, mut at_a) = bind(1, everybody());
    let (b, mut at_b) = bind(2, everybody());
    a.dial(&address(&b));
    b.dial(&address(&a));
    // Both say something on whatever is up, until both have heard the other on the connection that stays.
    let talk = async {
        let (mut heard_a, mut heard_b) = (0, 0);
        while heard_a == 0 || heard_b == 0 || a.stats().len() != 1 || b.stats().len() != 1 {
            tokio::select! {
                Some(event) = at_a.recv() => match event {
                    Event::Up { conn, .. } => { a.send(conn, b"a".to_vec()); }
                    Event::Frame { .. } => heard_a += 1,
                    _ => {}
                },
                Some(event) = at_b.recv() => match event {
                    Event::Up { conn, .. } => { b.send(conn, b"b".to_vec()); }
                    Event::Frame { .. } => heard_b += 1,
                    _ => {}
                },
            }
        }
    };
    timeout(Duration::from_secs(20), talk).await.expect("they settle on one");
    let lower_dialled = if public(1) < public(2) { a.stats()[0].1.outbound } else { b.stats()[0].1.outbound };
    assert!(lower_dialled, "the connection that the lower key dialled stays");
}

#[tokio::test]
async fn a_cut_ends_connections_and_its_end_brings_them_back() {
    let (a, mut at_a) = bind(1, everybody());
    let (b, mut at_b) = bind(2, everybody());
    a.dial(&address(&b));
    let (conn, _) = up(&mut at_a).await;
    a.send(conn, b"1".to_vec());
    assert_eq!(frame(&mut at_b).await, b"1");
    b.set_cut(true);
    down(&mut at_a).await;
    down(&mut at_b).await;
    assert!(b.stats().is_empty());
    b.set_cut(false);
    a.hurry();
    let (conn, _) = up(&mut at_a).await;
    a.send(conn, b"2".to_vec());
    assert_eq!(frame(&mut at_b).await, b"2");
}

#[tokio::test]
async fn two_machines_with_one_key_are_told_and_do_not_displace_each_other_again_and_again() {
    let (hub, mut at_hub) = bind(1, everybody());
    let (one, mut at_one) = bind(2, everybody());
    let (other, mut at_other) = bind(2, everybody());
    one.dial(&address(&hub));
    other.dial(&address(&hub));
    let (mut ups, mut failures) = (0, 0);
    // Says something on what is up, since a stream is heard of by what comes on it; counts pauses.
    let greet = |link: &Link, event: &Event| {
        if let Event::Up { conn, .. } = event {
            link.send(*conn, b"hello".to_vec());
        }
        usize::from(matches!(event, Event::DialFailed { .. }))
    };
    let told = async {
        loop {
            tokio::select! {
                Some(event) = at_hub.recv() => match event {
                    Event::Up { .. } => ups += 1,
                    Event::Contested { key, addresses } => return (key, addresses),
                    _ => {}
                },
                Some(event) = at_one.recv() => failures += greet(&one, &event),
                Some(event) = at_other.recv() => failures += greet(&other, &event),
            }
        }
    };
    let (key, addresses) = timeout(Duration::from_secs(60), told).await.expect("it is told");
    assert_eq!(key, public(2));
    let port = |link: &Link| link.local_addr().expect("a bound socket").port();
    let mut ports = [port(&one), port(&other)];
    ports.sort_unstable();
    let mut told: Vec<u16> = addresses.iter().map(std::net::SocketAddr::port).collect();
    told.sort_unstable();
    assert_eq!(told, ports);
    assert!(ups <= 6 && failures <= 16, "{ups} connections, {failures} pauses");
}

#[tokio::test]
async fn what_waits_for_a_peer_that_takes_nothing_is_bounded_in_bytes() {
    let (a, mut at_a) = bind(1, everybody());
    let (b, mut at_b) = bind(2, everybody());
    a.dial(&address(&b));
    let (conn, _) = up(&mut at_a).await;
    a.send(conn, Vec::new());
    up(&mut at_b).await;
    frame(&mut at_b).await;
    let whole = || vec![7; FRAME_BYTES_MAX];
    // The owner of b takes nothing from here on: what comes waits up to the limit, then at a.
    let mut sent = 0;
    for round in 1..=EVENT_BYTES_MAX / SEND_QUEUE_BYTES_MAX {
        while sent < round * SEND_QUEUE_BYTES_MAX {
            assert!(a.send(conn, whole()));
            sent += FRAME_BYTES_MAX;
        }
        while at_b.len() * FRAME_BYTES_MAX < sent {
            tokio::task::yield_now().await;
        }
    }
    let mut more = 0;
    while a.send(conn, whole()) {
        more += FRAME_BYTES_MAX;
        tokio::task::yield_now().await;
    }
    assert!(more <= SEND_QUEUE_BYTES_MAX + 4 * FRAME_BYTES_MAX, "{more} bytes more");
    assert_eq!(at_b.len(), EVENT_BYTES_MAX / FRAME_BYTES_MAX);
    down(&mut at_a).await;
}

#[tokio::test]
async fn a_device_that_nobody_knows_may_ask_to_join_and_nothing_else() {
    let (b, mut at_b) = bind(2, Arc::new(|_| Standing::Unknown));
    let at = address(&b);
    let serve = tokio::spawn(async move {
        for n in 0..2 {
            let Event::Join { key, request, reply, .. } = next(&mut at_b).await else {
                panic!("only requests to join")
            };
            assert_eq!(key, public(9));
            assert_eq!(request, b"token");
            if n == 0 {
                reply.send(vec![7; 60_000]).expect("the asker waits");
            }
        }
    });
    let answer = join(&at, &secret(9), &public(2), b"token").await.expect("an answer");
    assert_eq!(answer, vec![7; 60_000]);
    assert!(matches!(join(&at, &secret(9), &public(2), b"token").await, Err(JoinError::Refused)));
    assert!(matches!(join(&at, &secret(9), &public(3), b"token").await, Err(JoinError::WrongPeer(_))));
    serve.await.expect("no assertion failed");
}

/// A device that asks to join, and that nobody hears of again once its runtime is gone: killed, it closes nothing.
fn asks(at: &str, n: u8) -> tokio::runtime::Runtime {
    let device = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let (device, at) = (device.expect("a runtime"), at.to_owned());
    device.spawn(async move { join(&at, &secret(n), &public(2), b"token").await });
    device
}

#[tokio::test]
async fn a_device_that_was_killed_and_asks_again_has_the_seat_that_it_left() {
    let (b, mut at_b) = bind(2, Arc::new(|_| Standing::Unknown));
    let at = address(&b);
    // Those that the node still thinks about: their answers never come.
    let mut asked = Vec::new();
    for n in 0..3 * link::JOINS_EACH_MAX {
        let device = asks(&at, 9);
        let Event::Join { key, reply, .. } = next(&mut at_b).await else { panic!("only requests to join") };
        assert_eq!(key, public(9), "{n}");
        device.shutdown_background();
        asked.push(reply);
    }
    // Others have their share beside it.
    for n in 20..19 + u8::try_from(link::JOINS_EACH_MAX).expect("few") {
        let device = asks(&at, n);
        let Event::Join { key, reply, .. } = next(&mut at_b).await else { panic!("only requests to join") };
        assert_eq!(key, public(n));
        device.shutdown_background();
        asked.push(reply);
    }
    assert!(matches!(join(&at, &secret(10), &public(2), b"token").await, Err(JoinError::Busy(_))));
    // It was not asked again over there, so nobody was answered who is not there any more.
    let again = tokio::spawn(async move { join(&at, &secret(9), &public(2), b"token").await });
    let Event::Join { reply, .. } = next(&mut at_b).await else { panic!("only requests to join") };
    reply.send(vec![7; 100]).expect("the asker waits");
    assert_eq!(again.await.expect("no panic").expect("an answer"), vec![7; 100]);
}

#[tokio::test]
async fn whoever_goes_before_the_answer_gives_the_seat_back_at_once() {
    let (b, mut at_b) = bind(2, Arc::new(|_| Standing::Unknown));
    let at = address(&b);
    let mut asked = Vec::new();
    for n in 20..20 + u8::try_from(link::JOINS_EACH_MAX).expect("few") {
        let at = at.clone();
        let task = tokio::spawn(async move { join(&at, &secret(n), &public(2), b"token").await });
        let Event::Join { reply, .. } = next(&mut at_b).await else { panic!("only requests to join") };
        asked.push((task, reply));
    }
    assert!(matches!(join(&at, &secret(10), &public(2), b"token").await, Err(JoinError::Busy(_))));
    // Cancelled, not killed: the other end hears of it, and nobody waits for the answer any more.
    for (task, mut reply) in asked {
        task.abort();
        timeout(Duration::from_secs(20), reply.closed()).await.expect("nobody waits for it");
    }
    let last = tokio::spawn(async move { join(&at, &secret(10), &public(2), b"token").await });
    let Event::Join { reply, .. } = next(&mut at_b).await else { panic!("only requests to join") };
    reply.send(vec![7]).expect("the asker waits");
    assert_eq!(last.await.expect("no panic").expect("an answer"), [7]);
}

/// Carries datagrams between whoever writes to it and `to`, which may change.
async fn relay(to: tokio::sync::watch::Receiver<std::net::SocketAddr>) -> std::net::SocketAddr {
    let near = tokio::net::UdpSocket::bind(LOOPBACK).await.expect("loopback can be bound");
    let far = tokio::net::UdpSocket::bind(LOOPBACK).await.expect("loopback can be bound");
    let address = near.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut out, mut back, mut from) = (vec![0; 65_536], vec![0; 65_536], None);
        loop {
            tokio::select! {
                Ok((length, sender)) = near.recv_from(&mut out) => {
                    from = Some(sender);
                    let to = *to.borrow();
                    let _ = far.send_to(&out[..length], to).await;
                }
                Ok((length, sender)) = far.recv_from(&mut back) => {
                    if let Some(from) = from && sender == *to.borrow() {
                        let _ = near.send_to(&back[..length], from).await;
                    }
                }
            }
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_was_killed_and_runs_again_says_at_once_that_it_knows_nothing_of_the_connection() {
    let ((killed, mut events_killed), (b, mut events_b)) = (bind(1, everybody()), bind(2, everybody()));
    let (told, to) = tokio::sync::watch::channel(killed.local_addr().expect("an address"));
    b.dial(&relay(to).await.to_string());
    let (conn, _) = up(&mut events_b).await;
    assert!(b.send(conn, b"hello".to_vec()));
    assert_eq!(frame(&mut events_killed).await, b"hello");
    assert!(b.stats().iter().all(|(_, stats)| stats.quiet < link::QUIET_MAX));
    // Nothing reaches the old process any more, which therefore says no word of farewell.
    let (again, mut events_again) = bind(1, everybody());
    told.send(again.local_addr().expect("an address")).expect("the relay lives");
    assert!(b.send(conn, b"does anybody hear me".to_vec()));
    let reason = down(&mut events_b).await;
    assert!(reason.contains("reset"), "{reason}");
    // It is dialled again by itself.
    let (conn, key) = up(&mut events_b).await;
    assert_eq!(key, public(1));
    assert!(b.send(conn, b"hello".to_vec()));
    assert_eq!(frame(&mut events_again).await, b"hello");
}

#[tokio::test]
async fn an_address_that_answers_is_told_and_no_other() {
    let (a, mut at_a) = bind(1, everybody());
    let (b, _at_b) = bind(2, everybody());
    let answered = |event| match event {
        Event::Answered { address } => Some(address),
        _ => None,
    };
    a.dial("127.0.0.1:9");
    a.dial(&address(&b));
    assert_eq!(wait(&mut at_a, answered).await, address(&b));
}
