//! The drawer of the desk: a file beside the database, of what is this machine's alone. Without it pages work all the same.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use store::StoreError;

use crate::home::Home;
use crate::problem::Problem;

/// The drawer, for all who look into it. Clones are the same.
#[derive(Clone)]
pub(crate) struct Drawer {
    open: Arc<Mutex<store::Drawer>>,
    path: PathBuf,
}

impl Drawer {
    /// Opens the drawer of a folder. One that is damaged, or that the folder's key does not open, holds nothing that anybody
    /// could read: a new one is begun. Where none can be written, what is kept lasts as long as the process.
    ///
    /// # Errors
    /// SQLite cannot be set up.
    pub(crate) fn open(home: &Home) -> Result<Self, Problem> {
        let (path, key) = home.drawer();
        let opened = match store::Drawer::open(&path, &key) {
            Err(error @ (StoreError::WrongKey | StoreError::Corrupt(_))) => {
                tracing::warn!(%error, "草稿和登录文件 drawer.db 已损坏，重新建立 drawer.db was damaged: a new one is begun");
                store::Drawer::remove(&path).and_then(|()| store::Drawer::open(&path, &key))
            }
            opened => opened,
        };
        let drawer = match opened {
            Ok(drawer) => drawer,
            Err(error) => {
                tracing::warn!(%error, "drawer.db 打不开，草稿只留到程序停止 drawer.db cannot be opened: drafts last as long as the process");
                store::Drawer::in_memory().map_err(|error| Problem::storage(&path, &error))?
            }
        };
        Ok(Self { open: Arc::new(Mutex::new(drawer)), path })
    }

    /// Looks into it, or changes it: durable when this returns. Waits for the disk.
    ///
    /// # Errors
    /// It cannot be read or written. That stops nothing else.
    pub(crate) fn now<T>(&self, work: impl FnOnce(&mut store::Drawer) -> Result<T, StoreError>) -> Result<T, Problem> {
        let mut drawer = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut drawer).map_err(|error| match error {
            StoreError::Full => Problem::disk_full_with(None),
            error => Problem::storage(&self.path, &error),
        })
    }

    /// As [`Self::now`], off the runtime's own threads.
    ///
    /// # Errors
    /// As [`Self::now`].
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut store::Drawer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let drawer = self.clone();
        let done = tokio::task::spawn_blocking(move || drawer.now(work));
        done.await.map_err(|error| Problem::fault(&error))?
    }

    /// As [`Self::with`], for what nobody waits for.
    pub(crate) fn soon(&self, work: impl FnOnce(&mut store::Drawer) -> Result<(), StoreError> + Send + 'static) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let drawer = self.clone();
            runtime.spawn_blocking(move || drawer.now(work));
        }
    }
}
