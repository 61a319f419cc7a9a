//! Acts that pages make: which kinds a path can name, and where the reader goes afterwards.

use regulation::{ActId, ActKind};

use super::places::place;
use super::session::{Sent, Signed};
use super::{Shared, draft};
use desk::make;
use desk::problem::Problem;

/// The kind that a path names, of tickets or of knowledge.
pub(super) fn kind_of(code: &str, knowledge: bool) -> Option<ActKind> {
    ActKind::parse(code).filter(|kind| kind.fits(knowledge) && !kind.begins() && !kind.of_clock())
}

/// Where documents of a sort are shown.
#[derive(Clone, Copy)]
pub(super) enum Folder {
    /// 工单
    Tickets,
    /// 知识库
    Knowledge,
}

/// Makes the act of a form and says where to go on; for a form that was sent before, by a double click, by going back or
/// after a lost answer, says only that. What was sent is no draft any more; what was refused is one.
///
/// The work goes on when the browser turns away in the midst, as it does on a double click.
pub(super) async fn make(
    app: &Shared,
    signed: &Signed,
    sent: &Sent,
    kind: ActKind,
    doc: Option<ActId>,
    folder: Folder,
) -> Result<String, Problem> {
    let number = sent.number()?;
    let once = number.of_act(kind, doc, &sent.filled)?;
    let (desk, person, filled) = (app.desk.clone(), signed.person, sent.filled.clone());
    let work = async move { make::make(&desk, person, Some(once), kind, doc, filled).await };
    let made = tokio::spawn(work).await.map_err(|error| Problem::fault(&error))?;
    let made = match made {
        Ok(made) => made,
        Err(problem) => {
            let problem = problem.of_request(&number);
            if problem.gives_back() && problem.status != 404 {
                draft::refused(app, signed, doc, sent).await;
            }
            return Err(problem);
        }
    };
    draft::sent(app, signed, doc, sent).await;
    let folder = match folder {
        Folder::Tickets => "tickets",
        Folder::Knowledge => "kb",
    };
    Ok(place(folder, made))
}
