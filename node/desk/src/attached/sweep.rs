//! What no act names any more goes: files whose act was never made, and those whose act was erased (34).

use std::time::Duration;

use regulation::Millis;
use replica::file::FileId;
use store::Reader;

use super::named;
use crate::Desk;
use crate::clock;
use crate::problem::Problem;

/// How long a file waits for the act that names it.
pub const UNNAMED_MS_MAX: Millis = 24 * 3_600_000;
/// Files that are looked at in one sweep, at most.
pub const LOOKED_AT_ONCE: u32 = 64;
/// How often a node that runs sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// No file is looked at again within this time.
const LOOK_MS: Millis = 600_000;

/// Sweeps now, and then every minute, for as long as it is waited for.
pub async fn keep_swept(desk: &Desk) {
    loop {
        if let Err(problem) = sweep(desk, clock::now()).await {
            tracing::warn!(%problem, "附件没有清理 files were not swept");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Looks at those files at which nobody has looked for longest; how many were erased.
///
/// # Errors
/// The files or the database cannot be read.
pub async fn sweep(desk: &Desk, now: Millis) -> Result<usize, Problem> {
    let home = desk.home().clone();
    if !home.has_attached() {
        return Ok(0);
    }
    desk.read(move |reader: &Reader, registry| {
        let mut files = home.attached()?;
        let rows = files.look(now, now - LOOK_MS, LOOKED_AT_ONCE).map_err(|error| home.files_trouble(&error))?;
        let mut erased = 0;
        for row in rows {
            let young = now - row.begun_at < UNNAMED_MS_MAX;
            for doc in &row.docs {
                let history = kernel::read::history(reader, registry, *doc)?;
                let is_it = |id: FileId| id.root == row.root && id.bytes == row.bytes;
                if named(&history).any(|(id, _)| is_it(id)) {
                    continue;
                }
                // One whose act was erased goes at once; one that waits for its act may wait.
                let was = history.nodes().iter().filter_map(|node| FileId::of_body(&node.fact.body)).any(is_it);
                if was || !young {
                    files.part(row.file, Some(*doc)).map_err(|error| home.files_trouble(&error))?;
                    erased += 1;
                }
            }
            if row.docs.is_empty() && !young {
                files.part(row.file, None).map_err(|error| home.files_trouble(&error))?;
                erased += 1;
            }
        }
        Ok(erased)
    })
    .await
}
