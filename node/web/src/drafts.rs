//! Drafts as they are asked for: kept while somebody types, listed, and thrown away.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use regulation::{ActId, ActKind};

use super::again::{label, said, specs_of};
use super::frame::{Frame, page};
use super::places::safe_back;
use super::posted::Posted;
use super::session::{Sent, Signed, fits};
use super::{App, Fail, Shared};
use desk::clock;
use desk::drafts::{self, Place, Typed};
use desk::problem::Problem;

/// `POST /drafts`: keeps what is being typed; says when it was kept, or why it was not. It writes no act.
///
/// A script asks. It is told apart whether the session is over (401), another one holds now (403), or it was not kept.
pub(super) async fn keep(State(app): State<Shared>, request: Request) -> Result<Response, Fail> {
    let Some(signed) = Signed::of(&app, request.headers(), true)? else {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    };
    let (given, mut sent) = Sent::whole(request, &app, true).await?;
    if !fits(&given, &signed.token) {
        return Ok(told(StatusCode::FORBIDDEN, ""));
    }
    let doc = sent.take("draft.doc");
    let doc = match (doc.is_empty(), ActId::parse(&doc)) {
        (true, _) => None,
        (false, Some(doc)) => Some(doc),
        (false, None) => return Ok(told(StatusCode::BAD_REQUEST, "")),
    };
    let (window, seen, nothing) = (sent.take("draft.window"), sent.take("draft.seen"), sent.take("draft.nothing"));
    let place = Place { doc, form: sent.draft };
    if !sent.once.is_empty() {
        sent.filled.insert("once".to_owned(), sent.once);
    }
    let kept = if nothing.is_empty() {
        drafts::keep(&app.desk, signed.person, Typed { place, window, seen, fields: sent.filled }).await
    } else {
        drafts::withdraw(&app.desk, signed.person, place, window, seen).await.map(|_| clock::now())
    };
    Ok(match kept {
        Ok(at) => told(StatusCode::OK, clock::text(at).get(11..16).unwrap_or_default()),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            told(status, problem.sentence(signed.prefs.english))
        }
    })
}

/// One sentence of this program, in which nothing stands that somebody typed.
fn told(status: StatusCode, sentence: &str) -> Response {
    (status, Html(sentence.to_owned())).into_response()
}

/// `POST /drafts/discard`
pub(super) async fn discard(State(app): State<Shared>, Posted(signed, mut sent): Posted) -> Result<Redirect, Fail> {
    let (doc, back) = (ActId::parse(&sent.take("draft.doc")), sent.take("back"));
    drafts::erase(&app.desk, signed.person, Place { doc, form: sent.draft }).await?;
    Ok(Redirect::to(safe_back(&back)))
}

/// A draft in the list.
struct Line {
    /// The form, for people.
    name: String,
    /// The page on which it is.
    href: String,
    /// Number of the ticket or title of the article.
    title: String,
    at: String,
    /// What was typed, as people know it.
    fields: Vec<(&'static str, String)>,
    doc: String,
    form: String,
}

#[derive(Template)]
#[template(path = "drafts.html")]
struct ListPage {
    frame: Frame,
    lines: Vec<Line>,
    days: i64,
}

/// `GET /drafts`: all that somebody has begun to write and not sent, wherever it belongs.
pub(super) async fn list(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    let all = drafts::all(&app.desk, signed.person).await?;
    let frame = Frame::of(&app, &signed, "", "/drafts").await?;
    let registry = app.desk.registry();
    let mut lines = Vec::new();
    for draft in all {
        let (href, title) = page_of(&app, &draft.place).await?;
        let kind = draft.place.form.rsplit_once('-').map_or(draft.place.form.as_str(), |(kind, _)| kind);
        let kind = ActKind::parse(&draft.place.form).or_else(|| ActKind::parse(kind));
        let specs = specs_of(kind);
        let filled = draft.fields.iter().filter(|(_, value)| !value.is_empty());
        let fields = filled.filter_map(|(name, value)| {
            Some((label(&specs, name, &frame)?, said(&specs, name, value, &registry, &frame)))
        });
        lines.push(Line {
            name: match kind {
                Some(kind) => frame.name(kind.code(), kind.chinese()),
                None if draft.place.form == "reveal" => frame.t("显示联系方式", "Show in full").to_owned(),
                None => frame.t("表单", "Form").to_owned(),
            },
            href,
            title,
            at: frame.typed_at(&draft),
            fields: fields.collect(),
            doc: draft.place.doc.map(|doc| doc.hex()).unwrap_or_default(),
            form: draft.place.form,
        });
    }
    page(&ListPage { frame, lines, days: drafts::DRAFT_MS_MAX / 86_400_000 })
}

/// The page that a draft belongs to: its address, and what it is called.
async fn page_of(app: &App, place: &Place) -> Result<(String, String), Problem> {
    let Some(doc) = place.doc else {
        let path = match place.form.as_str() {
            "register" => "/register",
            "article-create" => "/kb/new",
            _ => "/pending",
        };
        return Ok((path.to_owned(), String::new()));
    };
    let read = app.desk.read(move |reader, _| {
        let Some(no) = reader.doc_no(&doc)? else { return Ok(None) };
        Ok(reader.ticket(no)?.map(|ticket| ticket.number))
    });
    Ok(match read.await? {
        Some(number) => (format!("/tickets/{}", doc.hex()), number),
        None => (format!("/kb/{}", doc.hex()), String::new()),
    })
}
