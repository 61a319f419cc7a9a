//! The folder of a node: its database and its keys.
//!
//! `keys.toml` holds the device's secret, the key of the database and, on the node that founded the city, the root
//! secret. It is readable by its owner alone; a laptop that may be stolen wants these keys in the system's own store.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding};
use replica::{DeviceKey, Registry};
use serde::{Deserialize, Serialize};
use store::{Loss, Reader, Store, StoreError};

use crate::problem::Problem;

/// Room on the disk, in bytes, with which a node whose disk was full goes on.
pub const ROOM_BYTES: u64 = 16 << 20;

/// The folder of one node.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
    keys: Keys,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    device: String,
    database: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// A running node tells the commands beside it how to reach it, in a file that only its owner reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Control {
    /// Address of its pages.
    pub web: String,
    /// What a command must show.
    pub token: String,
}

impl Home {
    /// Makes a new folder with new keys.
    ///
    /// # Errors
    /// There is a node already, or the folder cannot be written.
    pub fn create(dir: &Path, with_root: bool) -> Result<Self, Problem> {
        let path = dir.join("keys.toml");
        if path.exists() || dir.join("node.db").exists() {
            return Err(Problem::bad_input(
                format!("{} 里已有一个节点，请换一个目录，或先移走它", dir.display()),
                format!("there is a node in {} already; choose another folder or move it away", dir.display()),
            ));
        }
        create_folder(dir).map_err(|error| Problem::storage(dir, &error))?;
        let secret = || random().map(|key: [u8; 32]| Base64UrlUnpadded::encode_string(&key));
        let root = if with_root { Some(secret()?) } else { None };
        let keys = Keys { device: secret()?, database: secret()?, root };
        let text = toml::to_string(&keys).map_err(|error| Problem::storage(&path, &error))?;
        write_private(&path, text.as_bytes()).map_err(|error| Problem::storage(&path, &error))?;
        let home = Self { dir: dir.to_owned(), keys };
        // Made here and nowhere else: where it is missing later it was lost.
        let (path, key) = home.database();
        match Store::open(&path, &key) {
            Ok(_) => Ok(home),
            Err(error) => {
                home.discard();
                Err(error.into())
            }
        }
    }

    /// Opens the folder of a node.
    ///
    /// # Errors
    /// There is none, or its keys cannot be read.
    pub fn open(dir: &Path) -> Result<Self, Problem> {
        let path = dir.join("keys.toml");
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Problem::not_found(
                format!("{} 里没有节点；先运行 jiesu init 或 jiesu join", dir.display()),
                format!("no node in {}; run jiesu init or jiesu join first", dir.display()),
            ),
            _ => Problem::storage(&path, &error),
        })?;
        let keys: Keys = toml::from_str(&text).map_err(|error| Problem::storage(&path, &error))?;
        let home = Self { dir: dir.to_owned(), keys };
        for key in [Some(&home.keys.device), Some(&home.keys.database), home.keys.root.as_ref()].into_iter().flatten() {
            if decode(key).is_none() {
                return Err(Problem::storage(&path, &"a key is damaged"));
            }
        }
        Ok(home)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The device's secret.
    #[must_use]
    pub fn device_secret(&self) -> [u8; 32] {
        decode(&self.keys.device).unwrap_or_default()
    }

    /// The device's key.
    #[must_use]
    pub fn device_key(&self) -> DeviceKey {
        DeviceKey::from_secret(&self.device_secret())
    }

    /// The key that signs the registry, where this is its place.
    #[must_use]
    pub fn root_key(&self) -> Option<DeviceKey> {
        self.keys.root.as_deref().and_then(decode).map(|secret| DeviceKey::from_secret(&secret))
    }

    fn database(&self) -> (PathBuf, [u8; 32]) {
        (self.dir.join("node.db"), decode(&self.keys.database).unwrap_or_default())
    }

    /// The database, for writing: one process at a time.
    ///
    /// # Errors
    /// Another process has it, it lacks what was told as saved, or it cannot be opened.
    pub fn store(&self) -> Result<Store, Problem> {
        let (path, key) = self.database();
        self.there(&path)?;
        Store::open(&path, &key).map_err(Problem::from)
    }

    /// The database, for going on with what is left of it.
    ///
    /// # Errors
    /// Another process has it, or what is left does not fit together.
    pub fn store_after_loss(&self) -> Result<Store, Problem> {
        let (path, key) = self.database();
        self.there(&path)?;
        Store::open_after_loss(&path, &key).map_err(Problem::from)
    }

    /// That the database was not lost altogether: opening makes one where there is none.
    fn there(&self, path: &Path) -> Result<(), Problem> {
        if path.exists() { Ok(()) } else { Err(StoreError::Lost(Loss::Database).into()) }
    }

    /// The database, for reading.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn reader(&self) -> Result<Reader, Problem> {
        let (path, key) = self.database();
        Reader::open(&path, &key).map_err(Problem::from)
    }

    /// The registry, read from the database.
    ///
    /// # Errors
    /// It cannot be opened, or contradicts itself.
    pub fn registry(&self) -> Result<Registry, Problem> {
        let mut registry = Registry::default();
        for (_, entry) in self.reader()?.registry_entries(replica::registry::ROOT_LOG, 0)? {
            registry.append(&entry).map_err(|error| Problem::fault(&error))?;
        }
        Ok(registry)
    }

    /// Whether the disk takes [`ROOM_BYTES`] more.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let path = self.dir.join("room.tmp");
        let _ = fs::remove_file(&path);
        // Written and not merely reserved: some file systems find room for a hole.
        let block = vec![0x5a; 1 << 20];
        let written = private().open(&path).and_then(|mut file| {
            for _ in 0..ROOM_BYTES >> 20 {
                file.write_all(&block)?;
            }
            file.sync_all()
        });
        let _ = fs::remove_file(&path);
        written.is_ok()
    }

    /// Bytes of the database with its log.
    #[must_use]
    pub fn database_bytes(&self) -> u64 {
        let length = |name: &str| self.dir.join(name).metadata().map_or(0, |found| found.len());
        length("node.db") + length("node.db-wal")
    }

    /// Tells commands how to reach this node while it runs.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn publish_control(&self, control: &Control) -> Result<(), Problem> {
        let path = self.dir.join("control.json");
        let text = serde_json::to_string(control).map_err(|error| Problem::storage(&path, &error))?;
        replace_private(&path, text.as_bytes()).map_err(|error| Problem::storage(&path, &error))
    }

    /// How to reach the node that runs here, if one said so and did not take it back.
    #[must_use]
    pub fn control(&self) -> Option<Control> {
        serde_json::from_slice(&fs::read(self.dir.join("control.json")).ok()?).ok()
    }

    /// Removes what [`Self::create`] made, when nothing came of it.
    pub fn discard(self) {
        for name in ["keys.toml", "node.db", "node.db-wal", "node.db-shm", "node.db.mark", "node.db.lock"] {
            let _ = fs::remove_file(self.dir.join(name));
        }
    }

    /// The node runs no more.
    pub fn withdraw_control(&self) {
        let _ = fs::remove_file(self.dir.join("control.json"));
    }
}

/// Bytes from the operating system.
///
/// # Errors
/// It has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Problem::fault(&error))?;
    Ok(bytes)
}

fn decode(text: &str) -> Option<[u8; 32]> {
    Base64UrlUnpadded::decode_vec(text).ok()?.try_into().ok()
}

/// Makes a folder that only its owner opens.
fn create_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Options under which a new file is its owner's alone.
fn private() -> fs::OpenOptions {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Puts a file in the place of another, durably: at no moment is there half of one.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("tmp");
    let _ = fs::remove_file(&new);
    let mut file = private().open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_folder(path)
}

/// Writes a new file that only its owner reads, durably, its name included.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = private().open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
