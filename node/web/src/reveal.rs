//! 显示联系方式: who raised a ticket, in full, for whoever says what it is needed for.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::reveal::{Reason, Way, reveals_per_hour_max};
use regulation::ActId;

use super::frame::Frame;
use super::session::{Posted, Signed};
use super::ticket::{self, Asked, Back};
use super::{Fail, Shared, nowhere};
use desk::problem::Problem;
use desk::reveal::Ask;

/// The form by which it is asked for.
pub(super) struct RevealForm {
    /// Codes and names of the reasons, and the one that is chosen.
    pub reasons: Vec<(&'static str, String, bool)>,
    /// The words that go with it.
    pub note: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// The form for somebody, unless no role of theirs needs it.
pub(super) fn form(signed: &Signed, frame: &Frame, back: Option<(&Ask, &Problem)>) -> Option<RevealForm> {
    signed.author.roles.iter().find(|role| reveals_per_hour_max(**role) > 0)?;
    let chosen = back.map(|(ask, _)| ask.reason.as_str()).unwrap_or_default();
    let reason = |reason: &Reason| {
        let (code, chinese) = reason.names();
        let english = match reason {
            Reason::Contact => "to reach the requester",
            Reason::Verify => "to see whether it is so",
            Reason::Supervise => "to supervise",
            Reason::Other => "something else",
        };
        (code, frame.t(chinese, english).to_owned(), code == chosen)
    };
    Some(RevealForm {
        reasons: Reason::ALL.iter().map(reason).collect(),
        note: back.map(|(ask, _)| ask.note.clone()).unwrap_or_default(),
        problem: back.map(|(_, problem)| problem.sentence(frame.prefs.english).to_owned()),
    })
}

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
        Ok(place) => Ok(Redirect::to(&place).into_response()),
        Err(problem) if problem.status == 404 => Err(Fail(nowhere())),
        Err(problem) if problem.status >= 500 => Err(Fail(problem)),
        Err(problem) => {
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
