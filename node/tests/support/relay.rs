//! A relay of datagrams that loses some of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Stands between a node and whoever dials it.
pub struct Relay {
    pub address: SocketAddr,
    /// Datagrams that were lost.
    pub lost: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// Loses one datagram in ten, chosen by a seed, each way.
    pub async fn new(to: SocketAddr, seed: u64) -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let (address, lost) = (socket.local_addr().unwrap(), Arc::<AtomicU64>::default());
        let counted = lost.clone();
        let task = tokio::spawn(async move {
            let mut clients: BTreeMap<SocketAddr, Arc<UdpSocket>> = BTreeMap::new();
            let mut buffer = vec![0; 65_536];
            let mut state = seed;
            while let Ok((len, from)) = socket.recv_from(&mut buffer).await {
                if loses(&mut state) {
                    counted.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                let up = match clients.get(&from) {
                    Some(up) => up.clone(),
                    None => {
                        let up = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                        up.connect(to).await.unwrap();
                        tokio::spawn(back(up.clone(), socket.clone(), from, state, counted.clone()));
                        clients.insert(from, up.clone());
                        up
                    }
                };
                let _ = up.send(&buffer[..len]).await;
            }
        });
        Self { address, lost, task }
    }
}

async fn back(up: Arc<UdpSocket>, down: Arc<UdpSocket>, to: SocketAddr, mut state: u64, lost: Arc<AtomicU64>) {
    let mut buffer = vec![0; 65_536];
    while let Ok(len) = up.recv(&mut buffer).await {
        if loses(&mut state) {
            lost.fetch_add(1, Ordering::Relaxed);
        } else {
            let _ = down.send_to(&buffer[..len], to).await;
        }
    }
}

fn loses(state: &mut u64) -> bool {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33).is_multiple_of(10)
}
