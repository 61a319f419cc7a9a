//! Forms of whoever is signed in.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Redirect, Response};

use super::prefs::Prefs;
use super::session::{Sent, Signed, fits};
use super::{DISCARD, Fail, SIGN_OUT, Shared, again, usual};
use desk::problem::Problem;

/// A form of somebody who is signed in. One that comes without, or with the token of another session, as after signing in
/// anew, is given back to be sent once more: whoever typed it need not type it again.
pub(super) struct Posted(pub Signed, pub Sent);

impl FromRequest<Shared> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let (prefs, path) = (Prefs::of(request.headers()), request.uri().path().to_owned());
        let signed = Signed::of(app, request.headers(), true).map_err(|problem| Fail(problem).into_response())?;
        if signed.is_none() && !usual::known(app, request.headers()) {
            let stranger = Problem::not_permitted(
                "没有登录，没有办理。请先登录",
                "you are not signed in, and nothing was done; sign in first",
            );
            return Err(Fail(stranger).into_response());
        }
        let read = Sent::whole(request, app, signed.is_some()).await;
        let (given, sent) = read.map_err(IntoResponse::into_response)?;
        match signed {
            Some(signed) if fits(&given, &signed.token) => match signed.lets_in(&path) {
                Ok(()) => Ok(Self(signed, sent)),
                Err(problem) => Err(Fail(problem).into_response()),
            },
            // Nothing of what was typed there is lost.
            None if path == SIGN_OUT || path == DISCARD => Err(Redirect::to("/sign-in").into_response()),
            signed => Err(again::page(app, signed.as_ref(), prefs, &path, sent).await.into_response()),
        }
    }
}
