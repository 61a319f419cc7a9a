//! What stands before and behind every page: who may ask at all, the headers, and errors as pages.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::frame::{Frame, Version};
use super::prefs::Prefs;
use super::{Fail, Hosts, Shared, places};
use desk::problem::Problem;

/// No inline script or style, nothing from elsewhere, no frame around it.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                   form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets in what comes from this node's own pages.
pub(super) async fn guard(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let prefs = Prefs::of(request.headers());
    let sends = sends(request.headers());
    // A script that refreshes a page says which version it has.
    let known = request.headers().get("x-version").cloned();
    let mut response = match check(&app.hosts, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => Fail(problem).into_response(),
    };
    if let Some(Fail(problem)) = response.extensions_mut().remove::<Fail>().or_else(|| unsaid(&response)) {
        response = error_page(&app, prefs, &problem, response);
        crate::api::retry_after(&mut response, &problem);
    }
    if let (Some(known), Some(Version(version))) = (known, response.extensions().get::<Version>())
        && known.as_bytes() == version.as_bytes()
    {
        response = StatusCode::NO_CONTENT.into_response();
    }
    finish(&mut response, sends);
    response
}

/// Before and behind what programs ask: the same names, the same headers. Whoever may ask is told by the token that they show.
pub(super) async fn beside(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let sends = sends(request.headers());
    let mut response = match named(&hosts, request.headers()) {
        Ok(_) => next.run(request).await,
        Err(problem) => crate::api::problem(&problem),
    };
    finish(&mut response, sends);
    response
}

/// Whether a body comes with a request.
fn sends(headers: &HeaderMap) -> bool {
    let empty = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length.as_bytes() == b"0");
    !empty || headers.contains_key(header::TRANSFER_ENCODING)
}

/// What every answer has.
fn finish(response: &mut Response, sends: bool) {
    let status = response.status();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Answers hold personal data; only what is the same for everybody may be kept by a browser.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // Of what was refused the body may not have been read: what comes after it on the connection would be lost.
    if sends && (status.is_client_error() || status.is_server_error()) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// The name by which this node was called, if it answers to it.
fn named<'h>(hosts: &Hosts, headers: &'h HeaderMap) -> Result<&'h str, Problem> {
    let mut names = headers.get_all(header::HOST).iter();
    match (names.next().and_then(|host| host.to_str().ok()), names.next()) {
        (Some(host), None) if hosts.allow(host) => Ok(host),
        _ => Err(Problem::not_permitted(
            "不能用这个网址访问本机，请用 127.0.0.1；在别的机器上的，向本单位系统管理岗位的人员要网址",
            "this node does not answer to that name; use 127.0.0.1, or ask somebody of your unit with the role administer for its address",
        )),
    }
}

fn check(hosts: &Hosts, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let host = named(hosts, headers)?;
    let elsewhere = || Problem::not_permitted("请求来自别的网站，已拒绝", "the request came from another site");
    if *method == Method::GET || *method == Method::HEAD {
        // Following a link from elsewhere is fine; pictures, scripts and streams of other sites are not.
        let mode = text(HeaderName::from_static("sec-fetch-mode"));
        let embedded = mode.is_some_and(|mode| mode != "navigate");
        return if embedded && matches!(site, Some("cross-site" | "same-site")) { Err(elsewhere()) } else { Ok(()) };
    }
    match (site, text(header::ORIGIN)) {
        (Some("same-origin"), _) => Ok(()),
        (Some(_), _) => Err(elsewhere()),
        // What sends neither is no browser of the supported ones, and still needs a form's token.
        (None, None) if !headers.contains_key(header::ORIGIN) => Ok(()),
        // `no-referrer` makes browsers say `null` even to the same origin, but those also say where it came from.
        (None, Some(origin)) if hosts.is_origin(origin, host) => Ok(()),
        (None, _) => Err(elsewhere()),
    }
}

/// What the framework refuses by itself, such as a path that is no text; a script that is told 401 needs no page.
fn unsaid(response: &Response) -> Option<Fail> {
    let status = response.status();
    let html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if html || status == StatusCode::UNAUTHORIZED || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let problem = Problem::bad_input("请求不完整，请从页面上的链接和按钮办理", "the request is incomplete");
    Some(Fail(Problem { status: status.as_u16(), ..problem }))
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    sentence: String,
    advice: &'static str,
    /// Where it can be seen what became of the form.
    look: Option<String>,
}

/// Keeps status and headers of `response`, and says in words what it means.
fn error_page(app: &Shared, prefs: Prefs, problem: &Problem, response: Response) -> Response {
    let t = |chinese, english| if prefs.english { english } else { chinese };
    let unknown = problem.is_unknown_result();
    let look = problem.request.as_deref().filter(|_| unknown).and_then(places::address);
    let advice = match problem.status {
        _ if unknown => t(
            "节点重新启动后，点下面的按钮查看。也可以刷新本页（F5），把同一张表单重新提交一次：已保存的不会重复办理。",
            "When the node runs again, look by the button below. You may also reload this page (F5) and so send the same form again: what was saved is not done twice.",
        ),
        _ if problem.is_not_saved() => t("可以放心重新办理。", "It can be done anew."),
        404 => t(
            "编号可能有误，也可能还没有同步到本机。请核对后从工作台查找。",
            "The number may be wrong, or it has not reached this node yet. Look for it on the first page.",
        ),
        400 | 408 | 413 => t("没有办理任何事项。", "Nothing was done."),
        403 | 405 => t("没有办理任何事项。请回到工作台再试。", "Nothing was done. Begin again at the first page."),
        503 | 429 => t("没有办理任何事项。请过一会儿再试。", "Nothing was done. Try again in a moment."),
        500.. => t(
            "已办理并显示“已存本机”的记录不会丢失。请把这一页拍下或抄下，交给本单位系统管理岗位的人员。",
            "What was shown as saved is not lost. Note what this page says, and give it to somebody of your unit with the role administer.",
        ),
        _ => t("请返回上一页再试。", "Go back and try again."),
    };
    let frame = Frame::bare(app, prefs, "/");
    let page = ErrorPage { frame, sentence: problem.sentence(prefs.english).to_owned(), advice, look };
    let (parts, _) = response.into_parts();
    let mut shown = match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => problem.title.clone().into_response(),
    };
    *shown.status_mut() = parts.status;
    shown
}
