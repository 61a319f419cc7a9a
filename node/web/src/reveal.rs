//! 显示联系方式: who raised a ticket, in full, for whoever says what it is needed for.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::reveal::Way;
use regulation::ActId;

use super::posted::Posted;
use super::ticket::{self, Asked, Back};
use super::{Fail, Shared, draft, nowhere};
use desk::reveal::Ask;

/// `POST /tickets/{id}/reveal`: written down, then shown for a while in this session.
pub(super) async fn reveal(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Posted(signed, mut sent): Posted,
) -> Result<Response, Fail> {
    let doc = ActId::parse(&id).ok_or_else(nowhere)?;
    let ask = Ask { reason: sent.take("reason"), note: sent.take("note"), way: None };
    let (shared, session, person, asked) = (app.clone(), signed.id.clone(), signed.person, ask.clone());
    let work = async move {
        if desk::reveal::reveal(&shared.desk, person, doc, Way::Page, &asked).await? {
            shared.trays.show(&session, doc);
        }
        Ok(place(doc))
    };
    match app.trays.run(&signed.id, &sent.once, work).await {
        Ok(place) => {
            draft::sent(&app, &signed, Some(doc), &sent).await;
            Ok(Redirect::to(&place).into_response())
        }
        Err(problem) if problem.status == 404 => Err(Fail(nowhere())),
        Err(problem) if !problem.gives_back() => Err(Fail(problem)),
        Err(problem) => {
            sent.filled.extend([("reason".to_owned(), ask.reason.clone()), ("note".to_owned(), ask.note.clone())]);
            draft::refused(&app, &signed, Some(doc), &sent).await;
            let back = Back::Reveal { ask: &ask, problem: &problem };
            ticket::page_of(&app, &signed, &id, &Asked::default(), Some(back)).await
        }
    }
}

/// `POST /tickets/{id}/mask`
pub(super) async fn mask(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Posted(signed, _): Posted,
) -> Result<Redirect, Fail> {
    let doc = ActId::parse(&id).ok_or_else(nowhere)?;
    app.trays.mask(&signed.id, doc);
    Ok(Redirect::to(&place(doc)))
}

/// `GET` of the address that the form went to, as when a page that came back is opened anew.
pub(super) async fn back(Path(id): Path<String>) -> Result<Redirect, Fail> {
    Ok(Redirect::to(&place(ActId::parse(&id).ok_or_else(nowhere)?)))
}

fn place(doc: ActId) -> String {
    format!("/tickets/{}", doc.hex())
}
