//! Files that are attached to tickets: kept beside the database of the node before an act names them, and shown to whoever
//! says why.
//!
//! What an act records of a file is its form, its length and the root of the tree over it. Nobody types those: they are
//! those of a file that this node keeps, so that whoever doubts an act can look at what it names.

mod form;
mod sweep;

use std::io::{self, Read, Write};

use regulation::act::{Body, MediaType};
use regulation::{ActId, Millis, PersonId};
use replica::file::{FileError, FileId};
use replica::{History, PartKind, Registry};
use store::{Attached, FileNo, Reader, StoreError};

use crate::Desk;
use crate::form::Filled;
use crate::home::Home;
use crate::people;
use crate::problem::Problem;
use crate::reveal::{self, Ask, Way};
use crate::view::{self, FileView};

pub(crate) use form::fits;
pub use form::media_of;
pub use sweep::{LOOKED_AT_ONCE, UNNAMED_MS_MAX, keep_swept, sweep};

/// Bytes of one file, at most.
pub const FILE_KEPT_BYTES_MAX: u64 = 2 << 30;
/// Bytes of all files of a node, at most.
pub const FILES_KEPT_BYTES_MAX: u64 = 64 << 30;
/// Bytes of the disk that no file takes: so that there is room for acts, whatever is attached.
pub const DISK_SPARE_BYTES: u64 = 64 << 20;
/// Bytes of one piece, as it lies in the database.
const PIECE_BYTES: usize = 1 << 20;

/// A file that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What names it.
    pub id: FileId,
    /// Its form, as its first bytes say.
    pub media: MediaType,
}

impl Kept {
    /// What an attachment records of it, as fields of the form.
    pub fn fill(&self, filled: &mut Filled) {
        let digest: String = self.id.root.iter().map(|byte| format!("{byte:02x}")).collect();
        let media = self.media.code().to_owned();
        filled.extend([
            ("digest".to_owned(), digest),
            ("bytes".to_owned(), self.id.bytes.to_string()),
            ("media".to_owned(), media),
        ]);
    }
}

/// Keeps a file for a ticket: as it comes, piece by piece. Until an act names it it is kept for [`UNNAMED_MS_MAX`].
///
/// # Errors
/// It is empty or too long, there is no room, or it cannot be read.
pub fn keep(home: &Home, doc: ActId, file: &mut impl Read, now: Millis) -> Result<Kept, Problem> {
    let mut files = home.attached()?;
    let held = files.bytes().map_err(|error| home.files_trouble(&error))?;
    let room = Room::of(held, home.free_bytes());
    let number = files.begin(now).map_err(|error| home.files_trouble(&error))?;
    let mut keeping = Keeping {
        files: &files,
        number,
        from: file,
        piece: Vec::new(),
        pieces: 0,
        bytes: 0,
        first: Vec::new(),
        room,
        wrong: None,
    };
    let read = FileId::of(&mut keeping).and_then(|id| keeping.end().map(|()| id));
    let (wrong, first) = (keeping.wrong.take(), std::mem::take(&mut keeping.first));
    let id = match (read, wrong) {
        (Ok(id), None) if id.bytes > 0 => id,
        (read, wrong) => {
            // What cannot be erased now is swept later.
            let _ = files.part(number, None);
            return Err(match (wrong, read) {
                (Some(Wrong::Store(error)), _) => home.files_trouble(&error),
                (Some(Wrong::TooLong), _) => too_long(),
                (Some(Wrong::NoRoom), _) => no_room(),
                (Some(Wrong::NoDisk), _) => no_disk(),
                (None, Ok(_)) => Problem::bad_input("file（文件）是空的：没有内容", "file: it is empty"),
                (None, Err(error)) => Problem::bad_input(
                    format!("file（文件）没有读完，没有保存：{}", crate::problem::in_chinese(&error.to_string())),
                    format!("file: it was not read to its end, and not kept: {error}"),
                ),
            });
        }
    };
    files.finish(number, id.root, id.bytes, doc).map_err(|error| home.files_trouble(&error))?;
    Ok(Kept { id, media: media_of(&first) })
}

/// Why a file was not kept.
enum Wrong {
    Store(StoreError),
    TooLong,
    NoRoom,
    NoDisk,
}

/// Bytes that another file may take.
#[derive(Clone, Copy)]
struct Room {
    /// Of what a node keeps.
    kept: u64,
    /// Of the disk, where the system says how much is free.
    disk: u64,
}

impl Room {
    /// What is left where so many bytes are kept, and so many are free.
    fn of(kept: u64, free: Option<u64>) -> Self {
        let disk = free.map_or(u64::MAX, |free| free.saturating_sub(DISK_SPARE_BYTES));
        Self { kept: FILES_KEPT_BYTES_MAX.saturating_sub(kept), disk }
    }

    /// Why a file of so many bytes is not kept.
    fn wrong(self, bytes: u64) -> Option<Wrong> {
        match bytes {
            _ if bytes > FILE_KEPT_BYTES_MAX => Some(Wrong::TooLong),
            _ if bytes > self.kept => Some(Wrong::NoRoom),
            _ if bytes > self.disk => Some(Wrong::NoDisk),
            _ => None,
        }
    }
}

/// Passes on what it reads, and keeps it.
struct Keeping<'a, R> {
    files: &'a Attached,
    number: FileNo,
    from: &'a mut R,
    piece: Vec<u8>,
    pieces: u64,
    bytes: u64,
    first: Vec<u8>,
    room: Room,
    wrong: Option<Wrong>,
}

impl<R> Keeping<'_, R> {
    fn stop(&mut self, wrong: Wrong) -> io::Error {
        self.wrong = Some(wrong);
        io::Error::other("not kept")
    }

    fn push(&mut self) -> io::Result<()> {
        if let Err(error) = self.files.push(self.number, self.pieces, &self.piece) {
            return Err(self.stop(Wrong::Store(error)));
        }
        self.pieces += 1;
        self.piece.clear();
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.piece.is_empty() { Ok(()) } else { self.push() }
    }
}

impl<R: Read> Read for Keeping<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.from.read(buffer)?;
        let mut rest = buffer.get(..len).unwrap_or_default();
        self.bytes += len as u64;
        if let Some(wrong) = self.room.wrong(self.bytes) {
            return Err(self.stop(wrong));
        }
        if self.first.len() < form::FIRST_BYTES {
            self.first.extend(rest.iter().take(form::FIRST_BYTES - self.first.len()));
        }
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PIECE_BYTES - self.piece.len()));
            self.piece.extend_from_slice(now);
            rest = later;
            if self.piece.len() == PIECE_BYTES {
                self.push()?;
            }
        }
        Ok(len)
    }
}

/// Reads a file that is kept, piece by piece.
pub struct Pieces {
    files: Attached,
    number: FileNo,
    next: u64,
    piece: io::Cursor<Vec<u8>>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let len = self.piece.read(buffer)?;
            if len > 0 || buffer.is_empty() {
                return Ok(len);
            }
            let Some(piece) = self.files.piece(self.number, self.next).map_err(io::Error::other)? else { return Ok(0) };
            self.next += 1;
            self.piece = io::Cursor::new(piece);
        }
    }
}

/// The bytes of a file that is kept for a ticket; nothing where it is not.
///
/// # Errors
/// What is kept cannot be read.
pub fn open(home: &Home, doc: ActId, id: FileId) -> Result<Option<Pieces>, Problem> {
    let files = home.attached()?;
    let number = files.find(id.root, id.bytes, doc).map_err(|error| home.files_trouble(&error))?;
    Ok(number.map(|number| Pieces { files, number, next: 0, piece: io::Cursor::new(Vec::new()) }))
}

/// Which of these files are kept for a ticket.
///
/// # Errors
/// They cannot be looked at.
pub fn held(home: &Home, doc: ActId, files: &[FileView]) -> Result<Vec<bool>, Problem> {
    if !home.has_attached() {
        return Ok(vec![false; files.len()]);
    }
    let kept = home.attached()?;
    let is_kept = |file: &FileView| {
        let Some(root) = ActId::parse(&file.digest) else { return Ok(false) };
        kept.find(root.0, file.bytes, doc).map(|found| found.is_some())
    };
    files.iter().map(is_kept).collect::<Result<_, _>>().map_err(|error| home.files_trouble(&error))
}

/// Copies a file that is kept, if it still is the one that its act names.
///
/// # Errors
/// It is not here, is damaged, or `to` cannot be written.
pub fn copy(home: &Home, doc: ActId, id: FileId, to: &mut impl Write) -> Result<(), Problem> {
    let mut pieces = open(home, doc, id)?.ok_or_else(elsewhere)?;
    id.copy(&mut pieces, to).map_err(|error| match error {
        FileError::Io(error) => Problem::storage(home.dir(), &error),
        FileError::Length | FileError::Root => Problem::damaged(
            "files.db 里的这份文件已损坏：与登记的摘要不符，没有给出。请从备份放回 files.db",
            "this file is damaged in files.db: it is not the one that was named, and was not given out; put files.db back from a backup",
        ),
    })
}

/// Writes down that a person is shown a file of a ticket, the one whose digest begins so or its only one. Personal data is in a photograph or a
/// voice as it is in a name: the same people are shown it, for the same reasons, as often.
///
/// # Errors
/// No such ticket or file, it was erased, it may not be shown to them, no reason, or too often within an hour.
pub async fn show(
    desk: &Desk,
    person: PersonId,
    doc: ActId,
    digest: Option<&str>,
    way: Way,
    ask: &Ask,
) -> Result<(FileId, FileView), Problem> {
    let (me, digest) = (desk.me()?, digest.map(|digest| digest.trim().to_ascii_lowercase()));
    let found = desk.read(move |reader: &Reader, registry: &Registry| {
        let author = people::author(registry, &me, Some(person));
        view::may_see_files(reader, registry, &author, doc)?;
        let history = kernel::read::history(reader, registry, doc)?;
        find(&history, digest.as_deref())
    });
    let (id, file) = found.await?;
    // Nothing is written down for what cannot be shown.
    let home = desk.home().clone();
    let here =
        tokio::task::spawn_blocking(move || open(&home, doc, id)).await.map_err(|error| Problem::fault(&error))?;
    here?.ok_or_else(elsewhere)?;
    reveal::written_down(desk, person, doc, way, ask, "file").await?;
    Ok((id, file))
}

/// The file of a ticket whose digest begins so, or its only one, as long as its act says what it is.
fn find(history: &History, digest: Option<&str>) -> Result<(FileId, FileView), Problem> {
    let Some(digest) = digest else { return only(named(history).collect()) };
    if digest.len() < DIGEST_CHARS_MIN || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Problem::bad_input(
            format!("digest（摘要值）至少写前 {DIGEST_CHARS_MIN} 位十六进制"),
            format!("digest: the first {DIGEST_CHARS_MIN} hexadecimal characters at least"),
        ));
    }
    named(history).find(|(_, file)| file.digest.starts_with(digest)).ok_or_else(|| {
        Problem::not_found(
            format!("本工单没有摘要为 {digest} 的附件，或已抹除；工单页的附件一栏写着摘要"),
            format!("the ticket has no attachment of the digest {digest}, or it was erased"),
        )
    })
}

/// The one file of a ticket; of several one must be named.
fn only(mut all: Vec<(FileId, FileView)>) -> Result<(FileId, FileView), Problem> {
    all.sort_by(|one, other| one.1.digest.cmp(&other.1.digest));
    all.dedup_by(|one, other| one.0 == other.0);
    if all.len() > 1 {
        let list = all.iter().map(|(_, file)| format!("{} {}", &file.digest.get(..12).unwrap_or_default(), file.name));
        let list: Vec<String> = list.take(LISTED_MAX).collect();
        return Err(Problem::bad_input(
            format!("本工单有 {} 份附件，请写摘要值：{}", all.len(), list.join("、")),
            format!("the ticket has {} files, name one by its digest: {}", all.len(), list.join(", ")),
        ));
    }
    all.pop()
        .ok_or_else(|| Problem::not_found("本工单没有附件，或已抹除", "the ticket has no attachment, or it was erased"))
}

/// Files that are listed where one must be named, at most.
const LISTED_MAX: usize = 8;
/// Characters by which a file of a ticket is named, at least.
const DIGEST_CHARS_MIN: usize = 8;

/// The files that acts of a document name and that were not erased with them.
fn named(history: &History) -> impl Iterator<Item = (FileId, FileView)> {
    history.nodes().iter().filter_map(|node| {
        let id = FileId::of_body(&node.fact.body)?;
        node.part(PartKind::Text)?;
        let name = node.segment(PartKind::Text, 0).unwrap_or_default();
        Some((id, FileView::of(&node.fact.body, &name)?))
    })
}

/// The digest and length that a form names are those of a file that is kept for the ticket.
///
/// # Errors
/// It is not.
pub(crate) fn prove(home: &Home, doc: ActId, body: &Body) -> Result<(), Problem> {
    let Some(id) = FileId::of_body(body) else { return Ok(()) };
    if open(home, doc, id)?.is_some() {
        return Ok(());
    }
    Err(Problem::bad_input(
        "file（文件）：本机没有收下这份文件。请附上文件本身（页面上选择文件，命令写 --file 文件），摘要不能只填",
        "file: this node does not keep that file. Attach the file itself (choose it on the page, or --file FILE); a digest alone is not enough",
    ))
}

fn elsewhere() -> Problem {
    Problem::not_found(
        "这份文件不在本机：原件存在登记它的那台设备上",
        "this file is not here: it is kept at the device that attached it",
    )
}

fn too_long() -> Problem {
    Problem::bad_input("file（文件）太大：一份最多 2 GiB，没有保存", "file: too long, 2 GiB at most; it was not kept")
}

fn no_disk() -> Problem {
    let spare = DISK_SPARE_BYTES >> 20;
    Problem {
        status: 507,
        ..Problem::bad_input(
            format!("file（文件）没有保存：磁盘将满，余下的 {spare} MB 留给办理记录。请清理磁盘，或把文件压缩后再附"),
            format!(
                "file: not kept, the disk is nearly full and its last {spare} MB are for acts; make room, or attach a smaller file"
            ),
        )
    }
}

fn no_room() -> Problem {
    Problem::bad_input(
        "file（文件）没有保存：本机的附件已有 64 GiB，不再收",
        "file: not kept, the files of this node have 64 GiB already",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_takes_the_last_of_the_disk() {
        let wrong = |kept, free, bytes| match Room::of(kept, free).wrong(bytes) {
            None => "kept",
            Some(Wrong::TooLong) => "too long",
            Some(Wrong::NoRoom) => "no room",
            Some(Wrong::NoDisk) => "no disk",
            Some(Wrong::Store(_)) => "store",
        };
        let mb = 1 << 20;
        for (kept, free, bytes, found) in [
            (0, Some(65 * mb), mb, "kept"),
            (0, Some(65 * mb), mb + 1, "no disk"),
            (0, Some(10 * mb), 1, "no disk"),
            (0, None, FILE_KEPT_BYTES_MAX, "kept"),
            (0, None, FILE_KEPT_BYTES_MAX + 1, "too long"),
            (FILES_KEPT_BYTES_MAX, None, 1, "no room"),
        ] {
            assert_eq!(wrong(kept, free, bytes), found, "{kept} {free:?} {bytes}");
        }
    }
}
