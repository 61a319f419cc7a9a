//! 同步: how far the node is with its peers.

use askama::Template;
use axum::extract::{Query, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::DocNo;

use super::frame::{Frame, page};
use super::posted::Posted;
use super::session::Signed;
use super::{Fail, Shared};
use desk::call::{Call, Who, answer_to, questions};
use desk::clock;
use desk::view::{self, SplitView, SyncView, Uncertain, sync_now};

#[derive(Template)]
#[template(path = "sync.html")]
struct SyncPage {
    frame: Frame,
    view: SyncView,
    udp: (u64, u64),
    listening: Option<String>,
    /// Somebody has just asked for it.
    asked: bool,
    /// What the clock shows, while it is not believed.
    clock: Option<(i64, String)>,
    /// Who looks at it looks after this node: alarms and the clock are theirs.
    administers: bool,
    /// Alarms are theirs.
    notes: bool,
    /// Whose login holds together what two people should.
    unsplit: Vec<SplitView>,
}

#[derive(Template)]
#[template(path = "uncertain.html")]
struct UncertainPage {
    frame: Frame,
    found: Uncertain,
    /// The county that was chosen.
    county: String,
    /// Not the first page.
    further: bool,
}

#[derive(Template)]
#[template(path = "sync-bar.html")]
struct Bar {
    frame: Frame,
}

/// `GET /sync`
pub(super) async fn show(
    State(app): State<Shared>,
    signed: Signed,
    RawQuery(query): RawQuery,
) -> Result<Response, Fail> {
    let asked = query.as_deref() == Some("asked");
    let frame = Frame::of(&app, &signed, "sync", "/sync").await?;
    let view = match frame.sync.clone() {
        Some(view) => view,
        None => sync_now(&app.desk).await?,
    };
    let listening = app.desk.listening().map(|address| address.to_string());
    let now = clock::now();
    let clock = app.desk.status().clock_doubtful.then(|| (now, clock::text(now)));
    page(&SyncPage {
        frame,
        view,
        udp: app.desk.udp_bytes(),
        listening,
        asked,
        clock,
        administers: Who::Administrator.is(&signed.author),
        notes: Call::from(questions::Acknowledge { kind: String::new(), source: String::new() })
            .who()
            .is(&signed.author),
        unsplit: view::splits(&app.desk.registry().now(), signed.author.unit),
    })
}

/// What of the list of what may change somebody wants to see.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    county: String,
    #[serde(default)]
    after: String,
}

/// `GET /sync/tickets`: what may change once the counties are heard that the city hub was put back without.
pub(super) async fn uncertain(
    State(app): State<Shared>,
    signed: Signed,
    Query(Wanted { county, after }): Query<Wanted>,
) -> Result<Response, Fail> {
    let (me, wanted, further) = (app.desk.me()?, county.clone(), !after.is_empty());
    let read = app.desk.read(move |reader, registry| {
        let said = |word| Some(word).filter(|word: &&str| !word.is_empty());
        let after = said(&after).map(|id| view::find(reader, id)).transpose()?.map_or(DocNo(0), |(doc, _)| doc);
        view::uncertain(reader, registry, &me, (said(&wanted), after), clock::now())
    });
    let found = read.await?;
    let frame = Frame::of(&app, &signed, "sync", "/sync/tickets").await?;
    page(&UncertainPage { frame, found, county, further })
}

/// `GET /fragments/sync`
pub(super) async fn bar(State(app): State<Shared>, signed: Signed) -> Result<Response, Fail> {
    page(&Bar { frame: Frame::of(&app, &signed, "", "/").await? })
}

/// `POST /sync/alarms`: somebody has taken note of an alarm.
pub(super) async fn acknowledge(State(app): State<Shared>, Posted(signed, mut sent): Posted) -> Result<Redirect, Fail> {
    let call = questions::Acknowledge { kind: sent.take("kind"), source: sent.take("source") }.into();
    answer_to(&app.desk, Some(signed.person), None, call).await?;
    Ok(Redirect::to("/sync"))
}

/// `POST /sync/clock`: somebody says that the clock, as the page showed it, is right.
pub(super) async fn confirm_clock(
    State(app): State<Shared>,
    Posted(signed, mut sent): Posted,
) -> Result<Redirect, Fail> {
    let shown = sent.take("shown").parse().unwrap_or_default();
    answer_to(&app.desk, Some(signed.person), None, questions::Clock { confirm: Some(shown) }.into()).await?;
    Ok(Redirect::to("/sync"))
}

/// `POST /sync/now`
pub(super) async fn hurry(State(app): State<Shared>, Posted(..): Posted) -> Response {
    app.desk.hurry();
    Redirect::to("/sync?asked").into_response()
}
