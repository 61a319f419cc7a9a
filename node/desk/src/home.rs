//! The folder of a node: its database and its keys.
//!
//! `keys.toml` holds the device's secret, the key of the database and, on the node that founded the city, the root
//! secret. It is readable by its owner alone; a laptop that may be stolen wants these keys in the system's own store.
//!
//! A folder is *unfinished* until what began in it, founding or joining, has come to its end ([`Home::finish`]). Nobody
//! runs a node in an unfinished one; whoever began begins again, with the same keys.

mod control;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

pub use crate::files::{random, read_regular, terminal, write_private};
pub use control::{CONTROL_LOOK, Control};

use base64ct::{Base64UrlUnpadded, Encoding};
use replica::seal::hash;
use replica::{DeviceKey, Registry};
use serde::{Deserialize, Serialize};
use store::{Attached, Loss, Reader, Store, StoreError};

use crate::config::{Commands, Config};
use crate::files::{close_to_others, create_folder, own, private};
use crate::problem::Problem;

/// Room on the disk, in bytes, with which a node whose disk was full goes on.
pub const ROOM_BYTES: u64 = 16 << 20;
const KEYS: &str = "keys.toml";
const DATABASE: &str = "node.db";
/// Files that are attached to tickets, see [`crate::attached`].
const ATTACHED: &str = "files.db";
/// Drafts, and who is signed in: this machine's alone, see [`store::Drawer`].
const DRAWER: &str = "drawer.db";
const UNFINISHED: &str = "unfinished";
/// What stands in it once a node was asked to let this device in.
const ASKED: &str = "join asked";
/// The configuration, see [`crate::config`].
pub const CONFIG: &str = "config.toml";

/// Why a node goes on with less than it has told as saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterLoss {
    /// The mark beside the database says that something is missing.
    Loss,
    /// A whole folder was put back from a backup, mark and all: nothing but people can know.
    Backup,
}

/// What a folder is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// A city is founded.
    City,
    /// A device joins one.
    Join,
}

impl Begun {
    fn word(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Join => "join",
        }
    }
}

/// What was begun in a folder and has not come to its end.
fn begun(dir: &Path) -> Option<Begun> {
    let word = read_regular(&dir.join(UNFINISHED)).ok()?;
    Some(if word == Begun::City.word().as_bytes() { Begun::City } else { Begun::Join })
}

/// Whether a folder is that of a node, or of one that is being made or was lost in part.
#[must_use]
pub fn is_data_folder(dir: &Path) -> bool {
    let marks = [KEYS, DATABASE, "node.db.mark", UNFINISHED];
    marks.iter().any(|name| dir.join(name).symlink_metadata().is_ok())
}

/// The folder of one node.
#[derive(Clone, Debug)]
pub struct Home {
    dir: PathBuf,
    keys: Keys,
    /// Made of its secret once: that is a multiplication on the curve.
    device: DeviceKey,
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

impl Home {
    /// Makes a folder with new keys, and with a root key where a city is founded. It is unfinished until
    /// [`Self::finish`]; what the same thing left unfinished before is taken up again, with its keys.
    ///
    /// # Errors
    /// There is a node already, or the folder cannot be written.
    pub fn create(dir: &Path, with_root: bool) -> Result<Self, Problem> {
        let what = if with_root { Begun::City } else { Begun::Join };
        let path = dir.join(KEYS);
        if path.exists() || dir.join(DATABASE).exists() {
            if begun(dir) == Some(what) {
                return Self::read(dir)?.with_database();
            }
            if !path.exists() {
                return Err(keys_missing(dir));
            }
            return Err(Problem::bad_input(
                format!("{} 里已有一个节点，请换一个目录，或先移走它", dir.display()),
                format!("there is a node in {} already; choose another folder or move it away", dir.display()),
            ));
        }
        create_folder(dir).map_err(|error| Problem::storage(dir, &error))?;
        own(dir, &[])?;
        let secret = || random().map(|key: [u8; 32]| Base64UrlUnpadded::encode_string(&key));
        let root = if with_root { Some(secret()?) } else { None };
        let keys = Keys { device: secret()?, database: secret()?, root };
        let text = toml::to_string(&keys).map_err(|error| Problem::storage(&path, &error))?;
        let mark = dir.join(UNFINISHED);
        write_private(&mark, what.word().as_bytes()).map_err(|error| Problem::storage(&mark, &error))?;
        write_private(&path, text.as_bytes()).map_err(|error| Problem::storage(&path, &error))?;
        Self::of(dir, keys).with_database()
    }

    /// Makes the database, here and nowhere else: where it is missing later it was lost.
    fn with_database(self) -> Result<Self, Problem> {
        let (path, key) = self.database();
        if path.exists() {
            return Ok(self);
        }
        match Store::open(&path, &key) {
            Ok(_) => Ok(self),
            Err(error) => {
                self.discard();
                Err(error.into())
            }
        }
    }

    /// Whether a node was asked from here to let this device in, and may have.
    #[must_use]
    pub fn has_asked(&self) -> bool {
        read_regular(&self.dir.join(UNFINISHED)).is_ok_and(|word| word == ASKED.as_bytes())
    }

    /// A node is asked now.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn mark_asked(&self) -> Result<(), Problem> {
        let mark = self.dir.join(UNFINISHED);
        write_private(&mark, ASKED.as_bytes()).map_err(|error| Problem::storage(&mark, &error))
    }

    /// What began here has come to its end.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn finish(&self) -> Result<(), Problem> {
        let mark = self.dir.join(UNFINISHED);
        match fs::remove_file(&mark) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Problem::storage(&mark, &error)),
            _ => Ok(()),
        }
    }

    /// Opens the folder of a node.
    ///
    /// # Errors
    /// There is none, it is unfinished, or its keys cannot be read.
    pub fn open(dir: &Path) -> Result<Self, Problem> {
        let again = |chinese: &str, english: &str| {
            Problem::not_found(
                format!("{} 里的节点还没有建成；请再运行一次 {chinese}", dir.display()),
                format!("the node in {} is unfinished; run {english} once more", dir.display()),
            )
        };
        match begun(dir) {
            Some(Begun::City) => Err(again("jiesu init city", "jiesu init city")),
            Some(Begun::Join) => Err(again("jiesu join（用同一个邀请码）", "jiesu join, with the same invitation")),
            None => Self::read(dir),
        }
    }

    fn read(dir: &Path) -> Result<Self, Problem> {
        let path = dir.join(KEYS);
        own(dir, &[KEYS, CONFIG, DATABASE, "control.json", "sessions.json"])?;
        let text = read_regular(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound if dir.join(DATABASE).exists() => keys_missing(dir),
            std::io::ErrorKind::NotFound => Problem::not_found(
                format!("{} 里没有节点；先运行 jiesu init 或 jiesu join", dir.display()),
                format!("no node in {}; run jiesu init or jiesu join first", dir.display()),
            ),
            _ => Problem::storage(&path, &error),
        })?;
        close_to_others(&path);
        // What is said of the text would show the keys that stand in it.
        let damaged = || {
            let shown = path.display();
            Problem::damaged(
                format!("{shown} 已损坏，读不出本机的密钥。没有打开，什么都没有改：请从备份放回这个节点的 keys.toml"),
                format!(
                    "{shown} is damaged: this node's keys cannot be read. Nothing was opened or changed: put its keys.toml back from a backup"
                ),
            )
        };
        let keys: Keys = toml::from_slice(&text).map_err(|_| damaged())?;
        let home = Self::of(dir, keys);
        for key in [Some(&home.keys.device), Some(&home.keys.database), home.keys.root.as_ref()].into_iter().flatten() {
            if decode(key).is_none() {
                return Err(damaged());
            }
        }
        Ok(home)
    }

    /// That the keys are those of the device whose database this is: what was begun here is finished, so that the registry
    /// that is in it knows the device.
    ///
    /// # Errors
    /// It does not.
    pub fn own(&self, registry: &Registry) -> Result<(), Problem> {
        let known = || registry.now().device_of_key(&self.device_key().public()).is_some();
        if registry.version() == 0 || begun(&self.dir).is_some() || known() {
            return Ok(());
        }
        let retired = registry.now().enrolled().any(|(_, device)| device.key == self.device_key().public());
        if retired {
            return Err(Problem::not_permitted(
                "本机已由市热线停用，不再同步，也不能办理；请保留整个目录，换一个目录用新的邀请码加入",
                "the city hotline has taken this device out of use: it syncs and acts no more; keep the folder, and join in another one with a new invitation",
            ));
        }
        let path = self.dir.join(KEYS);
        Err(Problem::other_key(&path.display().to_string()))
    }

    fn of(dir: &Path, keys: Keys) -> Self {
        let device = DeviceKey::from_secret(&decode(&keys.device).unwrap_or_default());
        Self { dir: dir.to_owned(), keys, device }
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
        self.device.clone()
    }

    /// The key that signs the registry, where this is its place.
    #[must_use]
    pub fn root_key(&self) -> Option<DeviceKey> {
        self.keys.root.as_deref().and_then(decode).map(|secret| DeviceKey::from_secret(&secret))
    }

    fn database(&self) -> (PathBuf, [u8; 32]) {
        (self.dir.join(DATABASE), decode(&self.keys.database).unwrap_or_default())
    }

    /// Where the drawer lies, and its key: made of the database's, so that neither file passes for the other.
    pub(crate) fn drawer(&self) -> (PathBuf, [u8; 32]) {
        let (_, key) = self.database();
        (self.dir.join(DRAWER), hash(b"jiesu/drawer/1", &key))
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

    /// The database, for going on with what is left of it. One that lacks nothing is given up only on the word that it is a
    /// backup: each time costs a thousand numbers, and whoever leaves the flag in a start script would pay it each time.
    ///
    /// # Errors
    /// Another process has it, it lacks nothing, or what is left does not fit together.
    pub fn store_after_loss(&self, said: AfterLoss) -> Result<Store, Problem> {
        let (path, key) = self.database();
        self.there(&path)?;
        if said == AfterLoss::Loss {
            match Store::open(&path, &key) {
                Ok(_) => return Err(Problem::nothing_lost()),
                Err(StoreError::Lost(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
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
        self.open_reader().map_err(Problem::from)
    }

    /// As [`Self::reader`], where it matters what is wrong.
    pub fn open_reader(&self) -> Result<Reader, StoreError> {
        let (path, key) = self.database();
        Reader::open(&path, &key)
    }

    /// The files that are attached to tickets; made where there are none yet.
    ///
    /// # Errors
    /// They cannot be opened.
    pub fn attached(&self) -> Result<Attached, Problem> {
        let (_, key) = self.database();
        Attached::open(&self.dir.join(ATTACHED), &key).map_err(|error| self.files_trouble(&error))
    }

    /// What went wrong with the files alone: no ticket is touched by it.
    #[must_use]
    pub fn files_trouble(&self, error: &StoreError) -> Problem {
        match error {
            StoreError::Full => self.disk_full(),
            StoreError::Busy => {
                Problem::later(503, 5, "附件库正忙，请稍后再试", "the files are being written; try again in a moment")
            }
            error => Problem::files_unusable(error),
        }
    }

    /// Whether any file was ever attached here.
    #[must_use]
    pub fn has_attached(&self) -> bool {
        self.dir.join(ATTACHED).exists()
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

    /// Bytes that are free on its disk for whoever runs the node, where the system says so.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        #[cfg(unix)]
        return rustix::fs::statvfs(&self.dir).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        #[cfg(not(unix))]
        None
    }

    /// The disk is full, and by how much.
    #[must_use]
    pub fn disk_full(&self) -> Problem {
        Problem::disk_full_with(self.free_bytes())
    }

    /// That the folder is where it was when the node began: whoever moved it took the keys and settings along.
    ///
    /// # Errors
    /// It was moved or renamed, or its disk is gone.
    pub fn still_there(&self) -> Result<(), Problem> {
        if self.dir.join(KEYS).exists() {
            return Ok(());
        }
        let dir = self.dir.display();
        Err(Problem::damaged(
            format!(
                "节点的目录 {dir} 不在原处了（被移走、改名，或所在的磁盘没有挂上），没有办理。请停止节点，把目录放回原处，或从它现在的位置启动"
            ),
            format!(
                "the node's folder {dir} is no longer there (moved, renamed, or its disk is not mounted), nothing was done: stop the node, and put the folder back or start from where it is now"
            ),
        ))
    }

    /// What the operator has set for this node.
    ///
    /// # Errors
    /// The configuration is wrong.
    pub fn config(&self) -> Result<Config, Problem> {
        Config::read(&self.dir.join(CONFIG))
    }

    /// Whether commands may act here in the name of anybody of the unit, without a password. A configuration that cannot
    /// be read opens nothing.
    #[must_use]
    pub fn commands_open(&self) -> bool {
        self.config().is_ok_and(|config| config.commands == Commands::Open)
    }

    /// Bytes of the database with its log.
    #[must_use]
    pub fn database_bytes(&self) -> u64 {
        let length = |name: &str| self.dir.join(name).metadata().map_or(0, |found| found.len());
        length("node.db") + length("node.db-wal")
    }

    /// Removes what [`Self::create`] made, when nothing came of it.
    pub fn discard(&self) {
        let _ = store::Drawer::remove(&self.dir.join(DRAWER));
        let beside = ["-wal", "-shm", ".mark", ".lock"].map(|ending| format!("{DATABASE}{ending}"));
        for name in [KEYS, DATABASE, CONFIG, UNFINISHED].into_iter().chain(beside.iter().map(String::as_str)) {
            let _ = fs::remove_file(self.dir.join(name));
        }
        // Only where nothing else is in it.
        let _ = fs::remove_dir(&self.dir);
    }
}

/// Nobody opens a database without its keys, and nothing new is made over it.
fn keys_missing(dir: &Path) -> Problem {
    let dir = dir.display();
    Problem::damaged(
        format!(
            "{dir} 里有 node.db，缺 keys.toml：没有它，谁也打不开这个数据库。请从备份（市热线的另有离线备份）把 keys.toml 放回 {dir}；找不回的，保留整个目录，换一个目录用新的邀请码加入"
        ),
        format!(
            "there is a node.db in {dir}, and keys.toml is missing: nobody opens the database without it. Put it back from a backup (that of the city hub is kept off line); where there is none keep the folder, and join anew in another one"
        ),
    )
}

fn decode(text: &str) -> Option<[u8; 32]> {
    Base64UrlUnpadded::decode_vec(text).ok()?.try_into().ok()
}
