//! A relay of datagrams that falls silent once the node behind it has said so much: whoever listens can be stopped at a
//! moment of the conversation.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// How long a conversation may take to come to its moment before the test is given up.
const MOMENT_MAX: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Count {
    said: AtomicU64,
    upto: AtomicU64,
}

/// Stands between a node and whoever dials it.
pub struct Gate {
    pub address: SocketAddr,
    count: Arc<Count>,
    shut: Receiver<()>,
}

impl Gate {
    /// One that is open, before the node that listens at that port of this machine.
    pub fn new(port: u16) -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
        let (address, count) = (socket.local_addr().unwrap(), Arc::<Count>::default());
        let (told, shut) = channel();
        let counted = count.clone();
        std::thread::spawn(move || {
            let mut clients: BTreeMap<SocketAddr, Arc<UdpSocket>> = BTreeMap::new();
            let mut buffer = vec![0; 65_536];
            while let Ok((len, from)) = socket.recv_from(&mut buffer) {
                let known = clients.len();
                let up = clients.entry(from).or_insert_with(|| {
                    // Each as from a machine of its own: of one address few may ask to join at once.
                    let own = [127, 0, 1, u8::try_from(known % 200 + 1).unwrap()];
                    let up = Arc::new(UdpSocket::bind(SocketAddr::from((own, 0))).unwrap());
                    up.connect(("127.0.0.1", port)).unwrap();
                    let (socket, count, told, up_too) = (socket.clone(), counted.clone(), told.clone(), up.clone());
                    std::thread::spawn(move || back(&up_too, &socket, from, &count, &told));
                    up
                });
                let _ = up.send(&buffer[..len]);
            }
        });
        let gate = Self { address, count, shut };
        gate.open();
        gate
    }

    /// From now on the node is heard for so many bytes.
    pub fn shut_after(&self, bytes: u64) {
        while self.shut.try_recv().is_ok() {}
        self.count.said.store(0, Ordering::SeqCst);
        self.count.upto.store(bytes, Ordering::SeqCst);
    }

    /// Waits until it has fallen silent.
    pub fn wait(&self) {
        self.shut.recv_timeout(MOMENT_MAX).unwrap();
    }

    pub fn open(&self) {
        self.count.said.store(0, Ordering::SeqCst);
        self.count.upto.store(u64::MAX, Ordering::SeqCst);
    }

    /// Bytes that the node has said since it was opened.
    pub fn said(&self) -> u64 {
        self.count.said.load(Ordering::SeqCst)
    }
}

fn back(up: &UdpSocket, down: &UdpSocket, to: SocketAddr, count: &Count, told: &Sender<()>) {
    let mut buffer = vec![0; 65_536];
    while let Ok(len) = up.recv(&mut buffer) {
        let len_bytes = u64::try_from(len).unwrap();
        if count.said.fetch_add(len_bytes, Ordering::SeqCst) + len_bytes > count.upto.load(Ordering::SeqCst) {
            let _ = told.send(());
        } else {
            let _ = down.send_to(&buffer[..len], to);
        }
    }
}
