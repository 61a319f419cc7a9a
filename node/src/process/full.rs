//! A node whose disk is full stays up and shows what it holds. It refuses whatever would be written, is cut off from its
//! peers, whose cursors stay where they are, and goes on by itself when there is room.

use std::time::Duration;

use kernel::{Alarm, Cause, Detail, Identity, Input, Kernel};
use store::{Store, StoreError};
use tokio::sync::mpsc;

use super::{Works, next_event};
use desk::Ask;
use desk::clock;
use desk::home::{AfterLoss, Home, random};
use desk::problem::Problem;
use link::Event;

/// How often a node whose disk is full looks for room.
pub const ROOM_LOOK: Duration = Duration::from_secs(5);

/// Opens the kernel on the database of a folder.
pub(super) fn open(home: &Home, restored: Option<AfterLoss>) -> Result<Kernel, Problem> {
    let identity = Identity { key: home.device_key(), root: home.root_key(), reliable_links: true };
    let store = restored.map_or_else(|| home.store(), |said| home.store_after_loss(said))?;
    Ok(Kernel::open(store, identity, random()?, clock::now(), restored.is_some())?)
}

/// What comes after a wait for room.
pub(super) enum After {
    /// There is room: on with these.
    Kernel(Box<Kernel>, Input),
    /// The node was told to stop.
    Stopped,
    /// Something else failed.
    Fault(Problem),
}

/// Waits until there is room again. The kernel that met the full disk is given up: it has gone further than its database.
pub(super) async fn wait(
    kernel: Option<Kernel>,
    works: &Works,
    asks: &mut mpsc::Receiver<Ask>,
    events: &mut Option<mpsc::Receiver<Event>>,
) -> After {
    tracing::error!("磁盘已满，只能查看 the disk is full: the node shows what it holds, and writes nothing");
    let since = clock::now();
    // The database stays this process's while it waits.
    let mut store = kernel.map(Kernel::into_store);
    works.desk.set_full(true);
    works.cut(true);
    let mut look = tokio::time::interval(ROOM_LOOK);
    look.reset();
    loop {
        tokio::select! {
            ask = asks.recv() => match ask {
                None => return After::Stopped,
                Some(Ask::Request { reply, .. }) => drop(reply.send(Err(works.desk.home().disk_full()))),
                Some(Ask::Keep { reply, .. }) => drop(reply.send(Err(works.desk.home().disk_full()))),
                Some(Ask::Stop(done)) => {
                    if let Some(problem) = works.desk.faulty() {
                        return After::Fault(leave(store, problem));
                    }
                    drop(store);
                    let _ = done.send(());
                    return After::Stopped;
                }
            },
            // Whoever joins is not answered, whoever connects is cut off: nothing of theirs can be kept.
            event = next_event(events) => if event.is_none() { *events = None },
            _ = look.tick() => {
                if let Some(problem) = works.desk.faulty() {
                    return After::Fault(leave(store, problem));
                }
                works.desk.beat();
                if !works.desk.home().has_room() {
                    continue;
                }
                drop(store.take());
                match open(works.desk.home(), None) {
                    Ok(kernel) => {
                        tracing::info!("磁盘又有空间了 there is room on the disk again");
                        works.desk.set_full(false);
                        works.cut(false);
                        let (alarm, cause, detail) = (Alarm::DiskFull, Cause::Here, Detail::Since { since });
                        return After::Kernel(Box::new(kernel), Input::Alarm { alarm, cause, detail });
                    }
                    Err(problem) if problem.is_disk_full() => store = works.desk.home().store().ok(),
                    Err(problem) => return After::Fault(problem),
                }
            }
        }
    }
}

/// A reader found the database damaged: its log is not copied into it.
fn leave(store: Option<Store>, problem: Problem) -> Problem {
    if let Some(mut store) = store {
        store.leave(StoreError::Corrupt(problem.detail.clone()));
    }
    problem
}
