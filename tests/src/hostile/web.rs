//! The cases over HTTP, by somebody who can reach the port of the pages and nothing else.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{PATIENCE, Ring};

/// How much memory no attack may cost, in MiB.
const PEAK_MEBIBYTES_MAX: u64 = 512;

/// The answer to a request on a connection of its own.
async fn request(web: &str, text: &str) -> Result<String> {
    let mut socket = TcpStream::connect(web).await?;
    socket.write_all(text.as_bytes()).await?;
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await.context("no answer in time")??;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn page(web: &str) -> Result<String> {
    request(web, &format!("GET /sign-in HTTP/1.1\r\nHost: {web}\r\nConnection: close\r\n\r\n")).await
}

async fn a_good_user_is_served(web: &str) -> Result<()> {
    let answer = page(web).await?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "a good user gets {:?}", answer.lines().next());
    Ok(())
}

pub(super) async fn bodies(ring: &mut Ring) -> Result<String> {
    let web = ring.victim.web.clone();
    let (count, bytes) = (ring.some(300, 30), 8 << 20);
    let mut sockets = Vec::new();
    for _ in 0..count {
        let web = web.clone();
        sockets.push(tokio::spawn(async move {
            let mut socket = TcpStream::connect(&web).await?;
            let head = format!(
                "POST /api/v1/call HTTP/1.1\r\nHost: {web}\r\nAuthorization: Bearer wrong\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\n\r\n"
            );
            socket.write_all(head.as_bytes()).await?;
            let chunk = vec![b' '; 64 << 10];
            let mut sent = 0;
            while sent < bytes {
                match tokio::time::timeout(Duration::from_secs(5), socket.write_all(&chunk)).await {
                    Ok(Ok(())) => sent += chunk.len(),
                    _ => break,
                }
            }
            Ok::<usize, anyhow::Error>(sent)
        }));
    }
    a_good_user_is_served(&web).await?;
    let mut sent = 0;
    for socket in sockets {
        sent += socket.await?.unwrap_or_default();
    }
    a_good_user_is_served(&web).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{count} sockets could send {} kB before they were told no", sent / 1_024))
}

pub(super) async fn slow_headers(ring: &mut Ring) -> Result<String> {
    let web = ring.victim.web.clone();
    let count = ring.some(1_000, 50);
    let mut sockets = Vec::new();
    for _ in 0..count {
        if let Ok(mut socket) = TcpStream::connect(&web).await {
            let _ = socket.write_all(b"GET / HTTP/1.1\r\nHost: ").await;
            sockets.push(socket);
        }
    }
    let open = sockets.len();
    // The places are given up in time, whoever holds them.
    a_good_user_is_served(&web).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{open} sockets, and a good user is served"))
}

pub(super) async fn sign_ins(ring: &mut Ring) -> Result<String> {
    let web = ring.victim.web.clone();
    let form = page(&web).await?;
    let token = form.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = token.context("no form")?.to_owned();
    let count = ring.some(200, 20);
    let mut tries = Vec::new();
    for n in 0..count {
        let (web, token) = (web.clone(), token.clone());
        tries.push(tokio::spawn(async move {
            let body = format!("token={token}&login=p{n}&password=wrong-password-{n}");
            let head = format!(
                "POST /sign-in HTTP/1.1\r\nHost: {web}\r\nOrigin: http://{web}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            request(&web, &head).await
        }));
    }
    let (mut told, mut busy) = (0, 0);
    for tried in tries {
        match tried.await? {
            Ok(answer) if answer.starts_with("HTTP/1.1 503") || answer.starts_with("HTTP/1.1 429") => busy += 1,
            Ok(answer) => {
                ensure!(!answer.starts_with("HTTP/1.1 303"), "somebody was let in");
                told += 1;
            }
            Err(_) => busy += 1,
        }
    }
    a_good_user_is_served(&web).await?;
    ring.peak_at_most(PEAK_MEBIBYTES_MAX).await?;
    Ok(format!("{told} told no, {busy} told to try later"))
}
