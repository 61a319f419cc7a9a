//! Files of tickets: kept in the node's folder before an act names them, and written out again.

use std::path::{Path, PathBuf};

use desk::attached::{copy, keep};
use desk::call::questions as q;
use desk::form::Filled;
use desk::{Home, Problem, clock, listed};
use regulation::{ActId, ActKind};
use replica::file::FileId;
use serde_json::json;

use crate::args::Global;
use crate::client::ask;
use crate::out;
use crate::written::Written;

/// Whether that is what an act of this kind is made of.
pub(super) fn is_of(kind: &str) -> bool {
    listed::kind(kind).ok() == Some(ActKind::Attach)
}

/// Takes `--file PATH` off what was filled in, keeps the file, and fills in what is recorded of it.
pub(super) async fn kept(global: &Global, id: &str, mut filled: Filled) -> Result<Filled, Problem> {
    let Some(path) = filled.remove("file").map(PathBuf::from) else {
        return Err(Problem::bad_input(
            "请附上文件：--file 文件。摘要值、字节数和格式由程序填写",
            "attach the file: --file FILE. Its digest, length and form are filled in by the program",
        ));
    };
    if let Some(name) = ["digest", "bytes", "media", "hash"].into_iter().find(|name| filled.contains_key(*name)) {
        return Err(Problem::bad_input(
            format!("--{name} 由程序按文件填写，请去掉"),
            format!("--{name} is filled in by the program as the file is; leave it out"),
        ));
    }
    let doc = doc_of(&ask(global, q::Ticket { id: id.to_owned(), reveal: None }).await?.line.id)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let home = Home::open(&global.dir)?;
    let read = move || {
        let mut file = desk::text::open_file(&path)?;
        keep(&home, doc, &mut file, clock::now())
    };
    let kept = tokio::task::spawn_blocking(read).await.map_err(|error| Problem::fault(&error))??;
    kept.fill(&mut filled);
    filled.entry("text".to_owned()).or_insert(name);
    Ok(filled)
}

/// Writes a file of a ticket to where it is wanted: a new file, whole or not at all.
pub(super) async fn written(global: &Global, asked: q::File, to: Option<PathBuf>) -> Result<(), Problem> {
    let found = ask(global, asked).await?;
    let (doc, file) = (doc_of(&found.doc)?, found.file);
    let to = to.unwrap_or_else(|| PathBuf::from(file.file_name()));
    let id = id_of(&file)?;
    let (home, path) = (Home::open(&global.dir)?, to.clone());
    let write = move || write_new(&home, doc, id, &path);
    tokio::task::spawn_blocking(write).await.map_err(|error| Problem::fault(&error))??;
    if global.json {
        out::json(&json!({ "doc": found.doc, "file": file, "path": to }));
    } else {
        out::line(format!("{} {}", out::say("已写到", "written to"), to.display()));
    }
    Ok(())
}

fn write_new(home: &Home, doc: ActId, id: FileId, path: &Path) -> Result<(), Problem> {
    if path.symlink_metadata().is_ok() {
        return Err(Problem::bad_input(
            format!("{} 已存在，没有覆盖；用 --out 换一个", path.display()),
            format!("{} exists, and is not overwritten; choose another by --out", path.display()),
        ));
    }
    let mut written = Written::begin(path, false)?;
    copy(home, doc, id, &mut written)?;
    written.finish()
}

fn doc_of(hex: &str) -> Result<ActId, Problem> {
    ActId::parse(hex).ok_or_else(|| Problem::fault(&"an id of a ticket that is none"))
}

fn id_of(file: &desk::view::FileView) -> Result<FileId, Problem> {
    let root = ActId::parse(&file.digest).ok_or_else(|| Problem::fault(&"a digest that is none"))?;
    Ok(FileId { hash: regulation::act::FileHash::Blake3, bytes: file.bytes, root: root.0 })
}
