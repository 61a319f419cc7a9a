//! What stands around every page: where one is, who one is, and how far the node is with its peers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use regulation::{Level, Role};
use replica::Person;

use super::draft::Drafts;
use super::prefs::Prefs;
use super::session::Signed;
use super::{App, Fail, assets};
use desk::clock;
use desk::problem::Problem;
use desk::view::{SyncView, UnitRef, sync_now};

/// What stands around a page. Its methods are the words of the templates; see `words.rs`.
pub(super) struct Frame {
    /// How it is to be seen.
    pub prefs: Prefs,
    /// Name of the city.
    pub city: String,
    /// The node's unit.
    pub unit: String,
    /// The node.
    pub device: String,
    /// Which entry of the menu one is in.
    pub place: &'static str,
    /// The path of the page, to come back to.
    pub path: String,
    /// The token of its forms.
    pub token: String,
    /// The token of the form by which somebody signs in.
    pub door: String,
    /// What the reader has begun to write here and not sent.
    pub drafts: Drafts,
    /// Who is signed in.
    pub user: Option<User>,
    /// How far the node is.
    pub sync: Option<SyncView>,
    /// This year, which times need not say.
    pub year: String,
    /// Tells versions of the assets apart.
    pub version: &'static str,
}

/// Who is signed in.
pub(super) struct User {
    /// Number.
    pub person: u32,
    /// Name.
    pub name: String,
    /// What they type to sign in.
    pub login: String,
    /// How many drafts they have.
    pub drafts: u64,
    /// May register requests, or write them down for the city to confirm.
    pub registers: bool,
    /// What is written down here waits for the city (15).
    pub proxy: bool,
    /// Looks for a supervision organ, at one case at a time (36).
    pub inspects: bool,
}

impl Frame {
    /// Without anybody signed in, and without a look at the database.
    pub(super) fn bare(app: &App, prefs: Prefs, path: &str) -> Self {
        let (registry, me) = (app.desk.registry(), app.desk.me().ok());
        let unit = me.as_ref().map(|me| UnitRef::of(&registry.now(), me.device.unit).name);
        Self {
            prefs,
            city: registry.city().to_owned(),
            unit: unit.unwrap_or_default(),
            device: me.map(|me| me.device.name).unwrap_or_default(),
            place: "",
            path: path.to_owned(),
            token: app.door.clone(),
            door: app.door.clone(),
            drafts: Drafts::default(),
            user: None,
            sync: None,
            year: clock::text(clock::now()).get(..4).unwrap_or_default().to_owned(),
            version: assets::version(),
        }
    }

    /// For somebody who is signed in.
    pub(super) async fn of(app: &App, signed: &Signed, place: &'static str, path: &str) -> Result<Self, Problem> {
        let proxy = signed.author.level != Level::CityHotline;
        // Pages are shown where drafts cannot be.
        let drafts = desk::drafts::count(&app.desk, signed.person).await.unwrap_or_default();
        let Person { name, login, .. } = signed.who.clone();
        let user = User {
            person: signed.person.0,
            name,
            login,
            drafts,
            registers: registers(signed),
            proxy,
            inspects: signed.author.inspects(),
        };
        let sync = sync_now(&app.desk).await?;
        let bare = Self::bare(app, signed.prefs, path);
        Ok(Self { place, token: signed.token.clone(), user: Some(user), sync: Some(sync), ..bare })
    }
}

/// Whether somebody takes requests in, which the city hotline alone does (15), or writes them down for it.
pub(super) fn registers(signed: &Signed) -> bool {
    let role = if signed.author.level == Level::CityHotline { Role::Intake } else { Role::Handle };
    signed.author.roles.contains(&role)
}

/// A rendered page.
pub(super) fn page(template: &impl Template) -> Result<Response, Fail> {
    page_with(StatusCode::OK, template)
}

/// A rendered page with another status.
pub(super) fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Fail> {
    let html = template.render().map_err(|error| Problem::fault(&error))?;
    let version = version_of(&html);
    let html = html.replacen("data-version=\"@\"", &format!("data-version=\"{version}\""), 1);
    let mut response = (status, Html(html)).into_response();
    response.extensions_mut().insert(Version(version));
    Ok(response)
}

/// Tells what a page shows from what it showed before.
#[derive(Clone)]
pub(super) struct Version(pub String);

/// The version of a page: of its own part, without the numbers of its forms, which are others each time.
fn version_of(html: &str) -> String {
    let mut rest = html.split_once("<main").map_or(html, |(_, main)| main);
    rest = rest.split_once("</main>").map_or(rest, |(main, _)| main);
    let mut said = String::with_capacity(rest.len());
    while let Some((before, number)) = rest.split_once(FORM_NUMBER) {
        said.push_str(before);
        rest = number.split_once('"').map_or("", |(_, after)| after);
    }
    said.push_str(rest);
    super::session::text_of(&replica::seal::hash(b"jiesu/page/1", said.as_bytes())[..12])
}

/// What stands before the number of a form.
const FORM_NUMBER: &str = "name=\"once\" value=\"";
