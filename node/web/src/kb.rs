//! 知识库: articles, their text and history, editing and publishing.

mod wordings;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use regulation::{ActId, ActKind, Millis, Role};
use serde::Deserialize;
use store::{ArticleCursor, ArticleFilter, ArticleRow, CorrectionCursor, DocNo};

use self::wordings::{Choice, Piece, choices, pieces};
use super::draft::Drafts;
use super::forms::FormView;
use super::frame::{Frame, page, page_with};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, Shared, act, nowhere, queue};
use desk::form::Filled;
use desk::once::RequestId;
use desk::problem::Problem;
use desk::view::{self, ArticleLine, ArticleView, OptionView};

/// Articles on a page.
const ROWS: usize = 50;

/// What is asked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Number of a search of this session.
    find: String,
    after: String,
    made: String,
    /// `corrections`: what is to be corrected.
    tab: String,
}

#[derive(Template)]
#[template(path = "kb.html")]
struct ListPage {
    frame: Frame,
    lines: Vec<ArticleLine>,
    text: String,
    next: Option<String>,
    further: bool,
    writes: bool,
    /// What is to be corrected, and nothing else.
    corrections: bool,
}

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage {
    frame: Frame,
    article: ArticleView,
    edit: Option<FormView>,
    publish: Option<FormView>,
    /// The text, and what waits to be chosen in it.
    pieces: Vec<Piece>,
    choices: Vec<Choice>,
    /// The acts whose text is shown.
    base: String,
    /// Whether the reader may choose.
    edits: bool,
    /// An answer to a proposal that came back.
    refused: Option<FormView>,
    /// Where answers to proposals go.
    answers: String,
    /// Number of the small forms.
    once: String,
    others: Vec<OptionView>,
    made: String,
    made_name: Option<String>,
}

#[derive(Template)]
#[template(path = "article-new.html")]
struct NewPage {
    frame: Frame,
    form: FormView,
}

/// What came of a form that was sent.
struct Back<'a> {
    kind: ActKind,
    filled: &'a Filled,
    problem: &'a Problem,
}

/// `GET /kb`
pub(super) async fn list(
    State(app): State<Shared>,
    signed: Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    let Some(text) = queue::words(&app, &signed, &asked.find) else { return Ok(Redirect::to("/kb").into_response()) };
    let (wanted, sought, unit) = (asked.clone(), text.clone(), signed.author.unit);
    let corrections = asked.tab == "corrections" && text.is_empty();
    let (lines, next) = app
        .desk
        .read(move |reader, registry| {
            let at = registry.now();
            let rows = if corrections {
                let after = cursor_of(&wanted.after).map(|(due, doc)| CorrectionCursor { due, doc });
                reader.corrections(view::corrections_of(&at, unit), after, ROWS)?
            } else if sought.is_empty() {
                let after = cursor_of(&wanted.after).map(|(updated_at, doc)| ArticleCursor { updated_at, doc });
                reader.articles(&ArticleFilter::default(), after.as_ref(), ROWS)?
            } else {
                reader.search_articles(&sought, &ArticleFilter::default(), ROWS)?
            };
            let place = |row: &ArticleRow| if corrections { row.correction_due } else { Some(row.cursor().updated_at) };
            let next = rows.get(ROWS - 1).map(|row| format!("{}~{}", place(row).unwrap_or_default(), row.doc.0));
            let line = |row| view::article_line(reader, &at, row);
            Ok((rows.iter().map(line).collect::<Result<_, _>>()?, next))
        })
        .await?;
    let path = match (corrections, text.is_empty()) {
        (true, _) => "/kb?tab=corrections".to_owned(),
        (false, true) => "/kb".to_owned(),
        (false, false) => format!("/kb?find={}", asked.find),
    };
    let frame = Frame::of(&app, &signed, "kb", &path).await?;
    // A search is sorted by how well it fits; it has no pages.
    let next = if text.is_empty() { next } else { None };
    let writes = signed.author.roles.contains(&Role::Knowledge);
    page(&ListPage { frame, lines, text, next, further: !asked.after.is_empty(), writes, corrections })
}

/// `POST /kb/search`
pub(super) async fn search(State(app): State<Shared>, Posted(signed, mut sent): Posted) -> Redirect {
    let words = sent.take("q");
    if words.trim().is_empty() {
        return Redirect::to("/kb");
    }
    Redirect::to(&format!("/kb?find={}", app.trays.search(&signed.id, &words)))
}

/// A place in a list: a time, and a document.
fn cursor_of(text: &str) -> Option<(Millis, DocNo)> {
    let (at, doc) = text.split_once('~')?;
    Some((at.parse().ok()?, DocNo(doc.parse().ok()?)))
}

/// `GET /kb/new`
pub(super) async fn blank(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    new_page(&app, &signed, &Filled::new(), None).await
}

async fn new_page(app: &Shared, signed: &Signed, filled: &Filled, problem: Option<&Problem>) -> Result<Response, Fail> {
    let mut frame = Frame::of(app, signed, "kb", "/kb/new").await?;
    frame.drafts = Drafts::of(app, signed, None).await;
    let (kind, action) = (ActKind::ArticleCreate, "/kb/new".to_owned());
    let form = FormView::new(kind, action, filled, problem, &app.desk.registry(), &frame)?;
    page_with(status_of(problem), &NewPage { frame, form })
}

fn status_of(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST))
}

/// `POST /kb/new`
pub(super) async fn create(State(app): State<Shared>, Posted(signed, sent): Posted) -> Result<Response, Fail> {
    match act::make(&app, &signed, &sent, ActKind::ArticleCreate, None, act::Folder::Knowledge).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if !problem.gives_back() => Err(Fail(problem)),
        Err(problem) => new_page(&app, &signed, &sent.filled, Some(&problem)).await,
    }
}

/// `GET /kb/{id}`
pub(super) async fn show(
    State(app): State<Shared>,
    signed: Signed,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    article_page(&app, &signed, &id, &asked.made, None).await
}

async fn article_page(
    app: &Shared,
    signed: &Signed,
    id: &str,
    made: &str,
    back: Option<Back<'_>>,
) -> Result<Response, Fail> {
    let doc = ActId::parse(id).ok_or_else(nowhere)?;
    let (me, author, hex) = (signed.me.clone(), signed.author.clone(), doc.hex());
    let article = app.desk.read(move |reader, registry| view::article(reader, registry, &me, &author, &hex)).await;
    let mut article = article.map_err(|problem| if problem.status == 404 { nowhere() } else { problem })?;
    let mut frame = Frame::of(app, signed, "kb", &format!("/kb/{}", doc.hex())).await?;
    frame.drafts = Drafts::of(app, signed, Some(doc)).await;
    super::timeline::shorten(&mut article.acts, &frame);
    let registry = app.desk.registry();
    let base = article.heads.join(" ");
    let form = |kind: ActKind| -> Result<Option<FormView>, Problem> {
        let allowed = article.options.iter().any(|option| option.allowed && option.kind == kind.code());
        let action = format!("/kb/{}/acts/{}", doc.hex(), kind.code());
        if let Some(back) = back.as_ref().filter(|back| back.kind == kind) {
            return FormView::new(kind, action, back.filled, Some(back.problem), &registry, &frame).map(Some);
        }
        let shown = match kind {
            // The whole text as it is now, and the acts that made it so: what somebody else writes meanwhile stays.
            ActKind::ArticleEdit => {
                Filled::from([("body".to_owned(), article.body.clone()), ("base".to_owned(), base.clone())])
            }
            _ => Filled::new(),
        };
        if !allowed && frame.drafts.get(kind.code()).is_none() {
            return Ok(None);
        }
        let form = FormView::new(kind, action, &shown, None, &registry, &frame)?;
        let refused = article.options.iter().find(|option| !option.allowed && option.kind == kind.code());
        Ok(Some(form.not_now(refused, &frame)))
    };
    let (edit, publish) = (form(ActKind::ArticleEdit)?, form(ActKind::ArticlePublish)?);
    // What waits already is answered, not proposed once more.
    let publish = publish.filter(|form| form.open || article.proposals.is_empty());
    let refused = back.as_ref().map(|back| back.kind).filter(|kind| kind.of_pairs());
    let refused = refused.map(form).transpose()?.flatten();
    let others = article.options.iter().filter(|option| !option.allowed).cloned().collect();
    let made_name = article.acts.iter().find(|act| !made.is_empty() && act.hash.starts_with(made));
    let made_name = made_name.map(|act| frame.name(&act.kind, &act.kind_name));
    let status = status_of(back.as_ref().map(|back| back.problem));
    let edits = article.options.iter().any(|option| option.allowed && option.kind == ActKind::ArticleEdit.code());
    let page = ArticlePage {
        pieces: pieces(&article, article.line.state == "edited"),
        choices: choices(&article, &frame),
        answers: format!("/kb/{}/acts", doc.hex()),
        once: RequestId::draw()?.into(),
        made: made.to_owned(),
        frame,
        article,
        edit,
        publish,
        base,
        edits,
        refused,
        others,
        made_name,
    };
    page_with(status, &page)
}

/// `GET` of the address that a form went to, as when a page that came back is opened anew.
pub(super) async fn back(Path((id, _)): Path<(String, String)>) -> Result<Redirect, Fail> {
    let doc = ActId::parse(&id).ok_or_else(nowhere)?;
    Ok(Redirect::to(&format!("/kb/{}", doc.hex())))
}

/// `POST /kb/{id}/acts/{kind}`
pub(super) async fn act(
    State(app): State<Shared>,
    Path((id, kind)): Path<(String, String)>,
    Posted(signed, sent): Posted,
) -> Result<Response, Fail> {
    let (Some(doc), Some(kind)) = (ActId::parse(&id), act::kind_of(&kind, true)) else { return Err(Fail(nowhere())) };
    match act::make(&app, &signed, &sent, kind, Some(doc), act::Folder::Knowledge).await {
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if !problem.gives_back() => Err(Fail(problem)),
        Err(problem) if problem.status == 404 => Err(Fail(nowhere())),
        Err(problem) => {
            let back = Back { kind, filled: &sent.filled, problem: &problem };
            article_page(&app, &signed, &id, "", Some(back)).await
        }
    }
}
