//! Whoever has no key that is known, and what it costs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::join::JOINS_EACH_MAX;
use crate::tls::{ALPN_JOIN, ALPN_SYNC, Identity, client_config};
use crate::wire::{CODE_BUSY, connect};
use crate::{Event, JoinError, Link, STRANGER_BYTES_MAX};

fn host() -> (Link, mpsc::Receiver<Event>, String) {
    let (link, events) =
        Link::bind("127.0.0.1:0".parse().unwrap(), &[1; 32], Arc::new(|_| crate::Standing::Unknown)).unwrap();
    let address = link.local_addr().unwrap().to_string();
    (link, events, address)
}

fn client() -> quinn::Endpoint {
    quinn::Endpoint::client("127.0.0.1:0".parse::<SocketAddr>().unwrap()).unwrap()
}

#[tokio::test]
async fn of_many_who_ask_to_join_slowly_a_few_have_a_seat_and_none_can_send_much() {
    let (_link, _events, address) = host();
    let (endpoint, mut seated, mut busy) = (client(), Vec::new(), 0);
    for n in 0..40 {
        let config = client_config(&Identity::new(&[n + 2; 32]), ALPN_JOIN).unwrap();
        let connection = connect(&endpoint, Some(&config), &address).await.unwrap();
        let (mut send, _) = connection.open_bi().await.unwrap();
        let mut sent = 0;
        // It announces a small request, and sends as much as it is let.
        let request = [&1_000_u32.to_be_bytes()[..], &[0; 100]].concat();
        let whole = async {
            let mut bytes = request.as_slice();
            let zeros = vec![0; 1_000_000];
            loop {
                match send.write(bytes).await {
                    Ok(count) => sent += count,
                    Err(_) => return,
                }
                bytes = &zeros;
            }
        };
        let _ = timeout(Duration::from_millis(50), whole).await;
        assert!(sent <= STRANGER_BYTES_MAX as usize, "{sent} bytes");
        let closed = connection.close_reason();
        if matches!(closed, Some(quinn::ConnectionError::ApplicationClosed(close)) if close.error_code == CODE_BUSY) {
            busy += 1;
        } else {
            seated.push(connection);
        }
    }
    // A request that was whole by accident is answered or not; no seat is taken twice.
    assert!(busy >= 40 - 2 * JOINS_EACH_MAX, "{busy} were sent away");
}

#[tokio::test]
async fn whoever_finds_no_seat_is_told_to_come_again() {
    let (_link, _events, address) = host();
    let (endpoint, mut seated) = (client(), Vec::new());
    for n in 0..JOINS_EACH_MAX {
        let config = client_config(&Identity::new(&[u8::try_from(n).unwrap() + 2; 32]), ALPN_JOIN).unwrap();
        seated.push(connect(&endpoint, Some(&config), &address).await.unwrap());
    }
    let host = Identity::new(&[1; 32]).public;
    let refused = crate::join(&address, &[99; 32], &host, b"token").await;
    assert!(matches!(refused, Err(JoinError::Busy(_))), "{refused:?}");
    for connection in seated {
        connection.close(0_u32.into(), b"done");
    }
}

#[tokio::test]
async fn a_key_that_is_not_known_is_sent_away_at_once() {
    let (link, _events, address) = host();
    let endpoint = client();
    let config = client_config(&Identity::new(&[2; 32]), ALPN_SYNC).unwrap();
    let connection = connect(&endpoint, Some(&config), &address).await.unwrap();
    // It opens no stream and waits.
    let reason = timeout(Duration::from_secs(5), connection.closed()).await.unwrap();
    assert!(reason.to_string().contains("not enrolled"), "{reason}");
    assert!(link.stats().is_empty());
}
