//! 附件: files are taken in piece by piece, kept by the node, and only then named by an act; and they are given out to whoever
//! says why.

use std::io::{self, Read};

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regulation::{ActId, ActKind};
use tokio::sync::mpsc;

use super::posted::Posted;
use super::session::{Sent, Signed, fits};
use super::ticket::{self, Asked, Back};
use super::{FILE_WAIT_MAX, Fail, Shared, act, nowhere};
use desk::attached::{self, Kept};
use desk::clock;
use desk::form::Filled;
use desk::problem::Problem;
use desk::reveal::{Ask, Way};

/// Bytes of one file that is given out by a page, at most; a command writes any.
const GIVEN_BYTES_MAX: u64 = 64 << 20;
/// Pieces that wait to be kept, at most.
const PIECES_WAITING_MAX: usize = 8;
/// Bytes of a field that is no file, at most.
const FIELD_BYTES_MAX: usize = 64 * 1024;

/// `POST /tickets/{id}/files`
pub(super) async fn attach(
    State(app): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Fail> {
    let doc = ActId::parse(&id).ok_or_else(nowhere)?;
    let signed = Signed::of(&app, request.headers(), true)?.ok_or_else(signed_out)?;
    let known = app.desk.read(move |reader, _| Ok(reader.doc_no(&doc)?.is_some()));
    if !known.await? {
        return Err(Fail(nowhere()));
    }
    let form = Multipart::from_request(request, &app).await.map_err(|_| incomplete())?;
    let read = tokio::time::timeout(FILE_WAIT_MAX, read(&app, &signed, doc, form)).await;
    let late = |_| Problem {
        status: 408,
        ..Problem::bad_input("文件没有及时送到，没有保存", "the file did not arrive in time, and was not kept")
    };
    let (sent, kept) = read.map_err(late)??;
    let made = match kept {
        Ok(()) => act::make(&app, &signed, &sent, ActKind::Attach, Some(doc), act::Folder::Tickets).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if problem.status == 404 || !problem.gives_back() => Err(Fail(problem)),
        Err(problem) => {
            let back = Back::Act { kind: ActKind::Attach, filled: &sent.filled, problem: &problem };
            ticket::page_of(&app, &signed, &id, &Asked::default(), Some(back)).await
        }
    }
}

/// Reads the form. The token comes first: of whoever has none no byte is kept. A file that was taken in before, with a form
/// that came back, need not come again.
async fn read(
    app: &Shared,
    signed: &Signed,
    doc: ActId,
    mut form: Multipart,
) -> Result<(Sent, Result<(), Problem>), Problem> {
    let (mut filled, mut kept) = (Filled::new(), Ok(()));
    let mut proven = false;
    while let Some(field) = form.next_field().await.map_err(|_| incomplete())? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            if !proven {
                return Err(expired());
            }
            let called = field.file_name().unwrap_or_default().to_owned();
            if called.is_empty() {
                continue;
            }
            match taken_in(app, doc, field).await {
                Ok(file) => {
                    file.fill(&mut filled);
                    // The name alone: some browsers say the whole path.
                    let called = called.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                    let named = filled.entry("text".to_owned()).or_default();
                    if named.trim().is_empty() {
                        *named = called;
                    }
                }
                Err(problem) => kept = Err(problem),
            }
            continue;
        }
        let value = short(field).await?;
        if name == "token" {
            proven = fits(&value, &signed.token);
        } else {
            filled.insert(name, value);
        }
    }
    if !proven {
        return Err(expired());
    }
    let once = filled.remove("once").unwrap_or_default();
    let draft = filled.remove("draft").unwrap_or_default();
    if kept.is_ok() && !filled.contains_key("digest") {
        kept = Err(Problem::bad_input("file（文件）没有选", "file: choose one"));
    }
    Ok((Sent { filled, once, draft }, kept))
}

async fn short(mut field: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| incomplete())? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(Problem::bad_input("栏目内容太长", "a field is too long"));
        }
    }
    String::from_utf8(bytes).map_err(|_| incomplete())
}

/// Keeps what comes, on a thread that may wait for the disk.
async fn taken_in(app: &Shared, doc: ActId, mut field: Field<'_>) -> Result<Kept, Problem> {
    let (send, pieces) = mpsc::channel::<io::Result<Bytes>>(PIECES_WAITING_MAX);
    let home = app.desk.home().clone();
    let keeping = tokio::task::spawn_blocking(move || {
        attached::keep(&home, doc, &mut Coming { pieces, piece: Bytes::new() }, clock::now())
    });
    loop {
        let piece = match field.chunk().await {
            Ok(Some(piece)) => Ok(piece),
            Ok(None) => break,
            Err(error) => Err(io::Error::other(error)),
        };
        let broken = piece.is_err();
        // Whoever keeps it has stopped, and says why.
        if send.send(piece).await.is_err() || broken {
            break;
        }
    }
    drop(send);
    keeping.await.map_err(|error| Problem::fault(&error))?
}

/// What comes from the browser, as something that can be read.
struct Coming {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Coming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.piece = piece?,
            }
        }
        let len = self.piece.len().min(buffer.len());
        let now = self.piece.split_to(len);
        if let Some(room) = buffer.get_mut(..len) {
            room.copy_from_slice(&now);
        }
        Ok(len)
    }
}

/// `POST /tickets/{id}/files/{digest}`: written down, then given out.
pub(super) async fn give(
    State(app): State<Shared>,
    Path((id, digest)): Path<(String, String)>,
    Posted(signed, mut sent): Posted,
) -> Result<Response, Fail> {
    let doc = ActId::parse(&id).ok_or_else(nowhere)?;
    let ask = Ask { reason: sent.take("reason"), note: sent.take("note"), way: None };
    let (file_id, file) = attached::show(&app.desk, signed.person, doc, Some(&digest), Way::Page, &ask).await?;
    if file_id.bytes > GIVEN_BYTES_MAX {
        return Err(Fail(Problem::bad_input(
            format!("文件超过 64 MiB，请在节点所在的电脑上取出：jiesu ticket file 工单编号 {digest} --reason 原因"),
            format!(
                "the file has more than 64 MiB; write it at the node's own machine: jiesu ticket file NUMBER {digest} --reason WHY"
            ),
        )));
    }
    let home = app.desk.home().clone();
    // Looked through to its end before the first byte goes out: what is damaged is not given out in part.
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        attached::copy(&home, doc, file_id, &mut bytes).map(|()| bytes)
    });
    let bytes = read.await.map_err(|error| Problem::fault(&error))??;
    let name = utf8_percent_encode(&file.file_name(), NON_ALPHANUMERIC).to_string();
    // Never shown inside a page: whatever it is, it runs nowhere here.
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}

/// `GET` of the address that a form went to, as when a page that came back is opened anew.
pub(super) async fn back(Path(id): Path<String>) -> Result<Redirect, Fail> {
    Ok(Redirect::to(&format!("/tickets/{}", ActId::parse(&id).ok_or_else(nowhere)?.hex())))
}

/// As [`back`], of one file.
pub(super) async fn back_of(Path((id, _)): Path<(String, String)>) -> Result<Redirect, Fail> {
    back(Path(id)).await
}

fn signed_out() -> Problem {
    Problem::not_permitted(
        "已退出登录，文件没有保存。请先在另一个标签页登录，再在这里返回上一页提交",
        "you are signed out, and the file was not kept; sign in in another tab first, then go back in this one and send the form",
    )
}

fn expired() -> Problem {
    Problem::not_permitted(
        "表单已过期，没有办理。请返回上一页，刷新后再办",
        "the form has expired and nothing was done; go back, reload and try again",
    )
}

fn incomplete() -> Problem {
    Problem::bad_input(
        "表单不完整或文件太大（一次最多 256 MiB），没有办理。请返回上一页再试",
        "the form is incomplete, or the file too long (256 MiB at once); nothing was done. Go back and try again",
    )
}
