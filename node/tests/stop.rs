//! A node that has stopped is gone. Alone in its file: other tests of a process would have threads of their own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use desk::Home;
use node::{Node, Start};

/// Looks at the threads of the process, at most: some seconds.
const LOOKS_MAX: u32 = 100_000;

/// Whether that comes to be the number of threads of this process that work on a database. One that was waited for may
/// still be listed for a moment.
fn kernel_threads_are(expected: usize) -> bool {
    (0..LOOKS_MAX).any(|_| {
        let there = kernel_threads() == expected;
        if !there {
            std::thread::yield_now();
        }
        there
    })
}

/// Threads of this process that work on a database.
fn kernel_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
    names.filter(|name| name.trim() == "kernel").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_thread_is_at_the_database_once_the_node_has_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("city");
    let founder = node::found::Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
    let home = Home::create(&dir, true).unwrap();
    node::found::found(home, "示例市", &founder, "jiesu-test-1").await.unwrap().stop().await;
    for _ in 0..5 {
        let node = Node::start(Home::open(&dir).unwrap(), &Start::default()).unwrap();
        // It works, and a connection for reading is left to be closed.
        node.ask(None, kernel::Command::Rebuild).await.unwrap();
        node.read(|reader, _| Ok(reader.stats()?)).await.unwrap();
        assert!(kernel_threads_are(1));
        node.stop().await;
        assert!(kernel_threads_are(0));
        assert!(node.ask(None, kernel::Command::Rebuild).await.is_err());
    }
}
