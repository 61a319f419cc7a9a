//! The pages as a browser meets them.

#[path = "web/browser.rs"]
#[allow(dead_code, reason = "shared with other tests of the pages")]
mod browser;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use browser::{Browser, PASSWORD, after, encoded, once, path_of, token};
use desk::call::{Call, CallBy, Secret, questions as q};
use desk::home::AfterLoss;
use desk::people::{self, Newcomer};
use futures_util::StreamExt;
use kernel::{Command, Enrolment};
use node::Start;
use regulation::{PersonId, Role, UnitId};
use replica::{Class, DeviceKey};

/// What must never reach a browser as it stands.
const HOSTILE: &str = "<script>alert(1)</script><svg onload=x>{{7*7}}";

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_knows_the_password_gets_in() {
    let mut browser = Browser::new().await;
    let page = browser.get("/?tab=overdue").await;
    assert_eq!((page.status, &*page.location), (StatusCode::SEE_OTHER, "/sign-in?back=/%3Ftab%3Doverdue"));
    let page = browser.get("/sign-in").await;
    assert!(page.html.contains("测试市") && page.html.contains("市热线"), "{}", page.html);
    for (login, password) in [("wang", "wrong password"), ("nobody", PASSWORD), ("wang", "")] {
        let fields = [("token", &*token(&page)), ("login", login), ("password", password)];
        let refused = browser.post("/sign-in", &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.html.contains("登录名或密码不对"), "{}", refused.html);
    }
    browser.sign_in("wang").await;
    let page = browser.get("/").await;
    assert!(page.status.is_success() && page.html.contains("王受理"), "{}", page.html);
    assert!(page.html.contains("市热线中心节点 · 0 个节点在线"), "the sync sentence is on every page");
    let before = browser.cookie.clone();
    let page = browser.post("/sign-out", &[("token", &token(&page))]).await;
    assert_eq!(page.location, "/sign-in");
    browser.cookie = before;
    assert_eq!(browser.get("/").await.location, "/sign-in", "the old cookie opens nothing any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn number_in_a_text_is_asked_about_before_it_is_saved() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/register").await;
    assert!(!page.html.contains("name=\"as_is\""), "nobody is asked before");
    let fields = [("title", "路灯不亮"), ("content", "请打13812341234"), ("category", "0104")];
    let asked = browser.fill(&page, "/register", &fields).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST);
    for part in ["诉求内容里像是有电话号码 138****1234", "“联系电话”", "name=\"as_is\"", "请打13812341234"]
    {
        assert!(asked.html.contains(part), "no {part} in {}", asked.html);
    }
    let saved = browser.fill(&asked, "/register", &[&fields[..], &[("as_is", "true")]].concat()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    // As a note, by the same form for everything.
    let ticket = path_of(&saved);
    let (page, action) = (browser.get(&ticket).await, format!("{ticket}/acts/note"));
    let asked = browser.fill(&page, &action, &[("text", "身份证130623199001011234")]).await;
    assert!(asked.html.contains("像是有身份证号") && asked.html.contains("name=\"as_is\""), "{}", asked.html);
    let saved = browser.fill(&page, &action, &[("text", "已核对身份")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn device_that_was_taken_out_of_use_says_so_on_every_page_and_what_to_do() {
    let mut browser = Browser::signed_in().await;
    browser.node.desk().status_mut().retired = true;
    for path in ["/", "/sync"] {
        let page = browser.get(path).await;
        assert!(page.html.contains("本机已由市热线停用") && page.html.contains("邀请码"), "{path}: {}", page.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_from_elsewhere_is_refused() {
    let mut browser = Browser::signed_in().await;
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:8480"] {
        let request = Request::get("/sign-in").header(header::HOST, host).body(Body::empty()).unwrap();
        assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{host}");
    }
    let request = Request::get("/sign-in").body(Body::empty()).unwrap();
    assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "no name at all");

    let page = browser.get("/register").await;
    let (token, once) = (token(&page), once(&page, "/register"));
    let right = [("token", &*token), ("once", &*once), ("title", "a"), ("content", "b"), ("category", "0104")];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:8480"),
    ] {
        let mut request = browser.form("/register", &right);
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    for wrong in ["", "x", &token[1..]] {
        let page = browser.post("/register", &[&[("token", wrong)], &right[1..]].concat()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.html.contains("表单已过期"), "{}", page.html);
    }
    assert_eq!(browser.post("/register", &right[1..]).await.status, StatusCode::FORBIDDEN, "no token");
    for mode in ["no-cors", "cors"] {
        let request = browser.asked("GET", "/events").header("sec-fetch-site", "cross-site");
        let request = request.header("sec-fetch-mode", mode).body(Body::empty()).unwrap();
        assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{mode}");
    }
    let long = "字".repeat(120_000);
    let page = browser.post("/register", &[("token", &token), ("once", "1"), ("title", &long)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.html.contains("约十万字"), "{}", page.html);
    let page = browser.get("/").await;
    assert!(page.html.contains("这里没有工单"), "nothing of all that was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_shown_as_text_everywhere() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/register").await;
    let texts = ["title", "content", "place", "name", "phone", "address"];
    let mut fields: Vec<(&str, &str)> = texts.into_iter().map(|name| (name, HOSTILE)).collect();
    let refused = browser.fill(&page, "/register", &fields).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.html.contains("可拨打的号码"), "a telephone alone is more than text: {}", refused.html);
    assert!(
        refused.html.contains("class=\"act-form dirty\"") && !page.html.contains("act-form dirty"),
        "it is not left without a question"
    );
    assert_eq!(refused.html.matches("alert(1)").count(), texts.len(), "nothing that was typed is lost");
    fields.retain(|(name, _)| *name != "phone");
    fields.push(("phone", "13800001234"));
    let refused = browser.fill(&refused, "/register", &fields).await;
    assert!(refused.html.contains("须填写 事项分类"), "{}", refused.html);
    fields.push(("category", "0104"));
    let page = browser.fill(&refused, "/register", &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let ticket = path_of(&page);
    for (kind, fields) in [
        ("note", vec![("text", HOSTILE)]),
        ("tag", vec![("add", HOSTILE)]),
        ("correct", vec![("title", HOSTILE), ("place", HOSTILE), ("text", HOSTILE)]),
        ("dispatch", vec![("lead", HOSTILE), ("assisting", HOSTILE), ("text", HOSTILE)]),
        ("answer", vec![("text", HOSTILE)]),
    ] {
        let page = browser.get(&ticket).await;
        browser.fill(&page, &format!("{ticket}/acts/{kind}"), &fields).await;
    }
    let page = browser.get("/kb/new").await;
    let article = [("title", HOSTILE), ("category", "0104"), ("body", HOSTILE)];
    let page = browser.fill(&page, "/kb/new", &article).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let article = path_of(&page);
    let query = encoded(HOSTILE);
    for path in [
        "/",
        &ticket,
        &format!("{ticket}?merge={query}"),
        &format!("{ticket}?made={query}"),
        "/kb",
        &article,
        "/sync",
        "/fragments/sync",
        &format!("/?find={query}&tab={query}&after={query}"),
        &format!("/?tab={query}&after={query}"),
        &format!("/kb?find={query}&after={query}"),
        &format!("/tickets/{query}"),
        &format!("/sign-in?back={query}"),
    ] {
        // That none of it arrives as it was typed is checked of every answer.
        let page = browser.get(path).await;
        assert!(!page.status.is_server_error() && page.status != StatusCode::BAD_REQUEST, "{path}: {}", page.html);
    }
    for path in ["/search", "/kb/search"] {
        let found = browser.search(path, HOSTILE).await;
        assert!(found.html.contains("&#60;script&#62;alert(1)"), "{}", found.html);
    }
    let page = browser.get(&ticket).await;
    browser.fill(&page, &format!("{ticket}/reveal"), &[("reason", HOSTILE), ("note", HOSTILE)]).await;
    browser.fill(&page, &format!("{ticket}/reveal"), &[("reason", "other"), ("note", HOSTILE)]).await;
    assert!(browser.get(&ticket).await.html.contains("谁看过联系方式和附件"));
    assert!(browser.get("/").await.html.contains("&#60;script&#62;alert(1)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_registered_and_dispatched_and_a_double_click_does_it_once() {
    let mut browser = Browser::signed_in().await;
    let ticket = browser.register("路灯不亮").await;
    let page = browser.get(&ticket).await;
    assert!(page.html.contains("张*") && page.html.contains("138****1234") && !page.html.contains("13812341234"));

    let action = format!("{ticket}/acts/dispatch");
    let wrong = browser.fill(&page, &action, &[("lead", "没有这个局"), ("text", "请速办")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    for kept in ["没有这个局", "请速办", "名册中没有这个单位", "has-error"] {
        assert!(wrong.html.contains(kept), "{kept}: {}", wrong.html);
    }
    let (token, once) = (token(&wrong), once(&wrong, &action));
    let fields = [("token", &*token), ("once", &*once), ("lead", "市生态环境局"), ("text", "请速办")];
    let first = browser.post(&action, &fields).await;
    let second = browser.post(&action, &fields).await;
    assert_eq!((first.status, &first.location), (StatusCode::SEE_OTHER, &second.location));
    let page = browser.get(&first.location).await;
    assert_eq!(page.html.matches("<b>派发</b>").count(), 2, "once in the timeline, once as what was just done");
    assert_eq!(page.html.matches(" made\"").count(), 1, "{}", page.html);
    assert!(page.html.contains("待签收") && page.html.contains("市生态环境局"));
    assert!(page.html.contains("其他事项（现在不能办）") && page.html.contains("第十七条"), "{}", page.html);
    // A new form asks anew, and the rules answer.
    let again = browser.post(&action, &[("token", &token), ("once", "2"), ("lead", "市教育局")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.html.contains("工单已派发") && again.html.contains("value=\"市教育局\""), "what was typed stays");
    // Its number is found, and opens it.
    let number = after(&page.html, "class=\"number\">").split('<').next().unwrap().to_owned();
    let found = browser.search("/search", &number).await;
    assert_eq!(found.location, ticket);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_change_is_listed_where_the_alarm_of_a_hub_that_was_put_back_leads() {
    let mut browser = Browser::signed_in().await;
    let given = browser.register("路灯不亮").await;
    let page = browser.get(&given).await;
    browser.fill(&page, &format!("{given}/acts/dispatch"), &[("lead", "义安镇"), ("text", "请速办")]).await;
    let kept = browser.register("积水").await;
    let (unit, _) =
        desk::named::unit(&browser.node.registry(), "涞水县热线").map(|(id, unit)| (id, unit.clone())).unwrap();
    let (key, class) = (DeviceKey::from_secret(&[3; 32]).public(), Class::Hub);
    let joins = Enrolment { unit, class, key, name: None, person: None, keep: None };
    browser.node.ask(Some(PersonId(1)), Command::Enrol(Box::new(joins))).await.unwrap();
    let sentence = "可能因下列县尚未传完而改变";
    assert!(!browser.get(&given).await.html.contains(sentence));
    assert!(browser.get("/sync/tickets").await.html.contains("没有尚未传完的县"));

    let put_back = Start { restored: Some(AfterLoss::Backup), ..Start::default() };
    browser.restart_as(&put_back).await;
    browser.sign_in("wang").await;
    let page = browser.get("/sync").await;
    assert!(page.html.contains("href=\"/sync/tickets\""), "{}", page.html);
    for path in ["/sync/tickets", "/sync/tickets?county=130623-HOT"] {
        let page = browser.get(path).await;
        assert!(page.html.contains("涞水县") && page.html.contains("在等"), "{}", page.html);
        assert!(page.html.contains("路灯不亮") && !page.html.contains("积水"), "{}", page.html);
    }
    assert_eq!(browser.get("/sync/tickets?county=nowhere").await.status, StatusCode::BAD_REQUEST);
    let page = browser.get(&given).await;
    assert!(page.html.contains(sentence) && page.html.contains("涞水县"), "{}", page.html);
    assert!(!browser.get(&kept).await.html.contains(sentence));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_is_one_and_the_same_page() {
    let mut browser = Browser::signed_in().await;
    let unknown = "0".repeat(64);
    let (ticket, article) = (format!("/tickets/{unknown}"), format!("/kb/{unknown}"));
    let mut pages = Vec::new();
    for path in ["/nothing", "/tickets/1", "/tickets/130600", "/kb/1", "/assets/secret", &ticket, &article] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        pages.push(page.html);
    }
    let token = token(&browser.get("/").await);
    for (path, field) in [
        (format!("{ticket}/acts/note"), "text"),
        (format!("{ticket}/acts/settle"), "text"),
        (format!("{ticket}/acts/article-edit"), "body"),
        (format!("{article}/acts/article-edit"), "body"),
        (format!("{article}/acts/note"), "text"),
    ] {
        let page = browser.post(&path, &[("token", &token), ("once", &path[60..]), (field, "x")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}: {}", page.html);
        pages.push(page.html);
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_published_by_another_than_its_editor() {
    let mut browser = Browser::signed_in().await;
    let other = Newcomer { name: "李审核".to_owned(), login: "li".to_owned() };
    let other =
        people::add(&browser.node, PersonId(1), UnitId(1), other, regulation::split::all_of_one()).await.unwrap();
    people::set_password(&browser.node, people::SetBy::Owner, other, PASSWORD).await.unwrap();
    let page = browser.get("/kb/new").await;
    let fields = [("title", "供暖报修"), ("category", "0102"), ("body", "先自查。\n再报修。")];
    let page = browser.fill(&page, "/kb/new", &fields).await;
    let article = path_of(&page);
    let page = browser.get(&article).await;
    assert!(page.html.contains("article-publish") && !page.html.contains("acts/confirm"));
    // Two people edit the same text at once, in different places; both edits stay.
    let action = format!("{article}/acts/article-edit");
    let heads = after(&page.html, "name=\"base\" value=\"").split('"').next().unwrap().to_owned();
    for text in ["先自查阀门。\n再报修。", "先自查。\n再报修，并留电话。"] {
        let page = browser.get(&article).await;
        let page = browser.fill(&page, &action, &[("base", &heads), ("body", text)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    }
    let page = browser.get(&article).await;
    assert!(page.html.contains("先自查阀门。\n再报修，并留电话。"), "{}", page.html);
    let page = browser.fill(&page, &format!("{article}/acts/article-publish"), &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    let page = browser.get(&article).await;
    assert!(!page.html.contains("acts/confirm"), "not by who proposed it: {}", page.html);
    browser.sign_in("li").await;
    let page = browser.get(&article).await;
    let page = browser.fill(&page, &format!("{article}/acts/confirm"), &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    assert!(browser.get(&article).await.html.contains("已发布"));
    assert!(browser.search("/kb/search", "报修").await.html.contains("供暖报修"));
    assert!(!browser.search("/kb/search", "路灯").await.html.contains("供暖报修"));
}

#[tokio::test(flavor = "multi_thread")]
async fn language_and_size_are_kept_and_pages_are_small() {
    let mut browser = Browser::signed_in().await;
    let page = browser.get("/").await;
    let fields = [("token", &*token(&page)), ("back", "//evil.example"), ("lang", "en"), ("size", "l")];
    assert_eq!(browser.post("/prefs", &fields).await.location, "/", "never to another site");
    let page = browser.get("/sync").await;
    assert!(page.html.contains("lang=\"en\" class=\"size-l\"") && page.html.contains("Sync now"), "{}", page.html);
    let first = browser.register("street light").await;
    assert!(browser.get(&first).await.html.contains("What may be done now"));
    let mut assets = 0;
    for name in ["style.css", "app.js", "draft.js"] {
        assets += browser.get(&format!("/assets/{name}")).await.html.len();
    }
    for path in ["/", &first, "/register", "/kb", "/sync"] {
        let bytes = browser.get(path).await.html.len() + assets;
        assert!(bytes <= 200_000, "{path} has {bytes} bytes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_a_role_or_left_the_unit_notices_at_once() {
    let mut browser = Browser::signed_in().await;
    assert!(browser.get("/").await.html.contains("href=\"/register\""));
    let me = PersonId(1);
    // The city keeps an administrator: somebody else has to be there first.
    let other = Newcomer { name: "李管理".to_owned(), login: "li".to_owned() };
    people::add(&browser.node, me, UnitId(1), other, vec![Role::Administer]).await.unwrap();
    let mut who = browser.node.registry().now().person(me).unwrap().clone();
    who.roles = vec![Role::Handle];
    let change = |seen, who| kernel::Command::Registry { seen, change: Box::new(replica::Change::Person(me, who)) };
    browser.node.ask(None, change(browser.node.registry().version(), who.clone())).await.unwrap();
    assert!(!browser.get("/").await.html.contains("href=\"/register\""));
    let page = browser.get("/register").await;
    assert!(page.html.contains("第十五条") && !page.html.contains("action=\"/register\""), "{}", page.html);
    who.unit = UnitId(2);
    browser.node.ask(None, change(browser.node.registry().version(), who)).await.unwrap();
    assert_eq!(browser.get("/").await.location, "/sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_pages_hear_of_what_changes() {
    let mut browser = Browser::signed_in().await;
    let mut stream = browser.open("/events").await.into_body().into_data_stream();
    let ticket = browser.register("路灯不亮").await;
    let id = ticket.strip_prefix("/tickets/").unwrap();
    let mut heard = String::new();
    while !heard.contains(&format!("event: changed\ndata: {id}\n")) {
        let piece = tokio::time::timeout(std::time::Duration::from_secs(30), stream.next()).await;
        heard += std::str::from_utf8(&piece.unwrap().unwrap().unwrap()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ticket_that_seems_to_repeat_another_is_merged_into_it_in_one_step() {
    let mut browser = Browser::signed_in().await;
    let first = browser.register("东街路灯不亮").await;
    assert!(!browser.get(&first).await.html.contains("id=\"duplicates\""));
    let again = browser.register("东街的路灯不亮了").await;
    let page = browser.get(&again).await;
    assert!(page.html.contains("疑似重复") && page.html.contains("内容相近"), "{}", page.html);
    let id = first.trim_start_matches("/tickets/");
    let way = format!("{again}?merge={id}");
    assert!(page.html.contains(&format!("href=\"{way}#f-merge-into\"")), "{}", page.html);
    let action = format!("{again}/acts/merge");
    let page = browser.get(&way).await;
    let form = after(&page.html, &format!("action=\"{action}\""));
    let number = after(form, "name=\"into\" value=\"").split('"').next().unwrap();
    assert!(number.starts_with("130600-001-") && browser.get(&first).await.html.contains(number), "{form}");
    let wrong = browser.fill(&page, &action, &[("into", "130600-001-20200101-00001-1")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.html.contains("本机没有 130600-001-20200101-00001-1"), "{}", wrong.html);
    let page = browser.get(&way).await;
    let page = browser.fill(&page, &action, &[("into", id)]).await;
    let page = browser.get(&page.location.clone()).await;
    assert!(page.html.contains("已合并") && !page.html.contains("id=\"duplicates\""), "{}", page.html);
    assert!(!browser.get(&first).await.html.contains("id=\"duplicates\""), "what was merged is suggested no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn program_with_the_token_reads_what_a_ticket_seems_to_repeat() {
    let mut browser = Browser::signed_in().await;
    let first = browser.register("东街路灯不亮").await;
    let again = browser.register("东街的路灯不亮了").await;
    let api = web::api::router(browser.node.desk().clone(), "secret".to_owned());
    let sign_in = Call::SignIn(q::SignIn { login: None, password: Secret(PASSWORD.to_owned()) });
    let begun = desk::call::answer(&browser.node, CallBy { login: None, call: sign_in }).await.unwrap();
    let session = begun["session"].as_str().unwrap();
    for (token, session, path, status) in [
        ("secret", session, again.as_str(), StatusCode::OK),
        ("secre", session, again.as_str(), StatusCode::FORBIDDEN),
        ("secret", "", again.as_str(), StatusCode::UNAUTHORIZED),
        ("secret", &session[1..], again.as_str(), StatusCode::UNAUTHORIZED),
        ("secret", session, "/tickets/130600-001-20200101-00001-1", StatusCode::NOT_FOUND),
    ] {
        let request = Request::get(format!("/api/v1{path}/duplicates")).header("jiesu-session", session);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(api.clone(), request).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let id = first.trim_start_matches("/tickets/");
        assert_eq!(body.contains(id) && body.contains("\"likeness\""), status == StatusCode::OK, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_no_more_text_of_a_document_than_a_browser_bears() {
    use desk::call::{CallBy, answer, questions as q};
    let mut browser = Browser::signed_in().await;
    let path = browser.register("路灯不亮").await;
    let id = path.rsplit('/').next().unwrap().to_owned();
    let long = "记".repeat(49_000);
    let enough = web::PAGE_TEXT_BYTES_MAX / (3 * 49_000);
    for n in 0..=enough {
        let fields = [("text".to_owned(), format!("第{n}条{long}"))].into_iter().collect();
        let call = q::Act { kind: "note".to_owned(), id: Some(id.clone()), fields }.into();
        answer(&browser.node, CallBy { login: None, call }).await.unwrap();
        let page = browser.get(&path).await.html;
        assert_eq!(page.contains("第0条"), n < enough, "{n} of {enough}");
        assert_eq!(page.contains("不在网页上显示"), n >= enough, "{n} of {enough}");
        assert!(page.contains(&format!("第{n}条")) && page.len() < 3 * web::PAGE_TEXT_BYTES_MAX);
    }
    let call = q::Ticket { id, reveal: None }.into();
    let told = answer(&browser.node, CallBy { login: None, call }).await.unwrap();
    assert!(told["notes"].as_str().unwrap().contains("第0条"), "a program is told all of it");
}
