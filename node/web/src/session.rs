//! Who asks: the cookie, and the token that every form carries.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use base64ct::{Base64UrlUnpadded, Encoding};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regulation::{Author, PersonId};
use replica::Person;
use subtle::ConstantTimeEq;

use super::cookies::cookies;
use super::listen::Seat;
use super::prefs::Prefs;
use super::{App, BODY_WAIT_MAX, EVENTS, Fail, INSPECT, SIGN_OUT, Shared, UNSIGNED_FORM_BYTES_MAX};
use desk::Me;
use desk::form::Filled;
use desk::once::RequestId;
use desk::people::{self, Session, author};
use desk::problem::Problem;

/// Bytes as they stand in cookies and forms.
pub(super) fn text_of(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Somebody who is signed in at this node and still belongs to its unit.
#[derive(Clone)]
pub(super) struct Signed {
    /// What the cookie holds.
    pub id: String,
    /// Who.
    pub person: PersonId,
    /// What the registry says of them.
    pub who: Person,
    /// What every form must carry.
    pub token: String,
    /// This node.
    pub me: Me,
    /// The person as the author of what they do here.
    pub author: Author,
    /// How they want to see it.
    pub prefs: Prefs,
}

impl Signed {
    /// Whoever is signed in; `asks` if it is they who ask, and not their page by itself.
    pub(super) fn of(app: &App, headers: &HeaderMap, asks: bool) -> Result<Option<Self>, Problem> {
        let name = app.hosts.cookie();
        // The first one that fits.
        let found = cookies(headers, &name).find_map(|id| Some((people::signed_in(&app.desk, &id, asks)?, id)));
        let Some((Session { person, form_token }, id)) = found else { return Ok(None) };
        let (me, registry) = (app.desk.me()?, app.desk.registry());
        // Whoever was moved to another unit is out with the next click.
        let Some(who) = registry.now().person(person).filter(|who| who.unit == me.device.unit) else { return Ok(None) };
        let author = author(&registry, &me, Some(person));
        let prefs = Prefs::of(headers);
        Ok(Some(Self { id, person, who: who.clone(), token: form_token, me, author, prefs }))
    }

    /// That somebody may go to that path: who looks for a supervision organ to where a case is asked for and shown, everybody else to
    /// all but that.
    ///
    /// # Errors
    /// That they may not.
    pub(super) fn lets_in(&self, path: &str) -> Result<(), Problem> {
        let case = path.strip_prefix("/tickets/").is_some_and(|id| !id.trim_end_matches("/mask").contains('/'));
        let theirs = case || [INSPECT, SIGN_OUT, "/fragments/sync"].contains(&path);
        match (self.author.inspects(), path == INSPECT) {
            (true, _) if !theirs => Err(Problem::not_permitted(
                "监察岗位只能凭文号一次查看一件，不能打开这一页（第三十六条）",
                "a supervision organ looks at one case at a time by a document, and is not shown this page (article 36)",
            )),
            (false, true) => {
                Err(Problem::not_permitted("只有监察岗位的人员可以打开这一页", "only for whoever has the role inspect"))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<Shared> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        // Pages refresh themselves, and listen, whether anybody looks at them or not.
        let asks = !parts.headers.contains_key("x-fragment") && parts.uri.path() != EVENTS;
        match Self::of(app, &parts.headers, asks) {
            Ok(Some(signed)) if signed.author.inspects() && parts.uri.path() == "/" => {
                Err(Redirect::to(INSPECT).into_response())
            }
            Ok(Some(signed)) => match signed.lets_in(parts.uri.path()) {
                Ok(()) => Ok(signed),
                Err(problem) => Err(Fail(problem).into_response()),
            },
            Err(problem) => Err(Fail(problem).into_response()),
            Ok(None) if parts.headers.contains_key("x-fragment") => Err(StatusCode::UNAUTHORIZED.into_response()),
            Ok(None) => {
                let path = parts.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
                let back: String = back_to(path);
                Err(Redirect::to(&format!("/sign-in{back}")).into_response())
            }
        }
    }
}

/// What stands as it is in `?back=`.
const NOT_IN_BACK: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// `?back=` for a page that needs signing in; nothing for the first page.
fn back_to(path: &str) -> String {
    if path == "/" {
        return String::new();
    }
    format!("?back={}", utf8_percent_encode(path, NOT_IN_BACK))
}

/// A form, with its token taken off and checked.
pub(super) struct Sent {
    /// What was filled in.
    pub filled: Filled,
    /// The form's number.
    pub once: String,
    /// The name of its draft.
    pub draft: String,
}

impl Sent {
    /// The whole form, and its token.
    pub(super) async fn whole(mut request: Request, app: &App, signed: bool) -> Result<(String, Self), Fail> {
        if !signed {
            DefaultBodyLimit::max(UNSIGNED_FORM_BYTES_MAX).apply(&mut request);
        }
        let seat = request.extensions().get::<Seat>().cloned();
        let read = tokio::time::timeout(BODY_WAIT_MAX, Form::<Vec<(String, String)>>::from_request(request, app));
        let read = match seat {
            Some(seat) => seat.waiting(read).await,
            None => read.await,
        };
        let late = || Problem {
            status: 408,
            ..Problem::bad_input("表单没有及时送到", "the form did not arrive in time")
        };
        let Form(pairs) = read.map_err(|_| Fail(late()))?.map_err(|rejection| {
            let status = rejection.status().as_u16();
            let problem = match status {
                413 if !signed => Problem::bad_input(
                    "已退出登录，这次没有办理。请先在另一个标签页登录，再在这里返回上一页，核对后提交",
                    "you are signed out, and nothing was done; sign in in another tab first, then go back in this one and send the form",
                ),
                413 => Problem::bad_input("内容太长，一次最多约十万字", "too long: at most 1 MiB at once"),
                _ => Problem::bad_input("表单不完整，请刷新页面后重填", "the form is incomplete; reload the page"),
            };
            Fail(Problem { status, ..problem })
        })?;
        let mut filled: BTreeMap<String, String> = pairs.into_iter().collect();
        let given = filled.remove("token").unwrap_or_default();
        let once = filled.remove("once").unwrap_or_default();
        let draft = filled.remove("draft").unwrap_or_default();
        Ok((given, Self { filled, once, draft }))
    }

    /// The form's number, as the id of what it asks for.
    pub(super) fn number(&self) -> Result<RequestId, Problem> {
        let number = RequestId::parse(&self.once);
        number
            .map_err(|_| Problem::bad_input("表单不完整，请刷新页面后重填", "the form is incomplete; reload the page"))
    }

    /// Takes a field off.
    pub(super) fn take(&mut self, name: &str) -> String {
        self.filled.remove(name).unwrap_or_default()
    }
}

/// Whether a token is that of the form.
pub(super) fn fits(given: &str, token: &str) -> bool {
    !token.is_empty() && bool::from(given.as_bytes().ct_eq(token.as_bytes()))
}

/// A form that nobody needs to be signed in for: signing in, and how pages look.
pub(super) struct Open(pub Sent);

impl FromRequest<Shared> for Open {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let signed = Signed::of(app, request.headers(), true).ok().flatten();
        let token = signed.map(|signed| signed.token).unwrap_or_default();
        let (given, sent) = Sent::whole(request, app, true).await.map_err(IntoResponse::into_response)?;
        if fits(&given, &app.door) || fits(&given, &token) {
            return Ok(Self(sent));
        }
        let expired = Problem::not_permitted(
            "表单已过期，没有办理。请返回上一页，刷新后再办",
            "the form has expired and nothing was done; go back, reload and try again",
        );
        Err(Fail(expired).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_of_a_page_stands_in_that_of_another() {
        assert_eq!(back_to("/?tab=a&q=b"), "?back=/%3Ftab%3Da%26q%3Db");
    }
}
