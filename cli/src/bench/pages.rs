//! What is clicked and asked: each page and each call that people and programs wait for.

use std::time::Duration;

use desk::call::{Call, questions as q};
use desk::{Problem, clock};
use serde_json::Value;

use super::door::{Door, value_of};
use super::figures::Times;
use super::life::Dice;

/// Words that people search for.
const WORDS: [&str; 8] = ["路灯", "暖气", "垃圾", "噪音", "停水", "社保", "占道", "井盖"];
/// Of each so many are taken, at most.
const TAKEN_MAX: usize = 200;
/// Of each so many are taken however long it takes.
const TAKEN_MIN: usize = 3;
/// Characters of the beginning of an id.
const PREFIX: usize = 10;

/// Characters of the beginning of a number: its unit, or more.
const BEGINNING: usize = 10;

/// What somebody asks as a program.
type Asking = fn(&mut Clerk) -> Call;

/// Something that is clicked or asked.
#[derive(Clone, Debug)]
pub struct What {
    pub name: String,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Get(String),
    Ticket,
    Article(Vec<String>),
    Search,
    SearchArticles,
    SearchNumber,
    SearchBeginning,
    SearchTwo,
    Note,
    Call(Asking),
}

/// Somebody who clicks.
pub struct Clerk {
    pub door: Door,
    pub dice: Dice,
    pub ids: Vec<String>,
    numbers: Vec<String>,
    token: String,
    day: String,
}

impl Clerk {
    /// Signs in, and looks around.
    pub async fn begin(mut door: Door, ids: &[String], seed: u64) -> Result<Self, Problem> {
        door.sign_in().await?;
        let mut clerk = Self {
            door,
            dice: Dice::new(seed),
            ids: ids.to_vec(),
            numbers: Vec::new(),
            token: String::new(),
            day: clock::text(clock::now()).get(..10).unwrap_or_default().to_owned(),
        };
        for id in ids.iter().take(32) {
            let (ticket, _) = clerk.door.call(Call::Ticket(q::Ticket { id: id.clone(), reveal: None })).await?;
            clerk.numbers.push(ticket["number"].as_str().unwrap_or_default().to_owned());
        }
        let page = clerk.door.get("/").await?;
        value_of(&page.html, "name=\"token\" value=\"").clone_into(&mut clerk.token);
        Ok(clerk)
    }

    fn id(&mut self) -> String {
        self.ids.get(self.dice.below(self.ids.len())).cloned().unwrap_or_default()
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.dice.below(WORDS.len())]
    }

    /// Everything that there is to click and to ask here.
    pub async fn all(&mut self) -> Result<Vec<What>, Problem> {
        let page = self.door.get("/").await?;
        let get = |name: &str, path: &str| What { name: name.to_owned(), way: Way::Get(path.to_owned()) };
        let mut all = vec![get("asset", "/assets/app.js"), get("list", "/")];
        let tabs = links(&page.html, "/?tab=");
        all.extend(tabs.iter().filter(|path| !path.contains("after=") && path.len() > 6).map(|path| {
            let tab = path.trim_start_matches("/?tab=");
            get(&format!("tab {tab}"), path)
        }));
        all.extend(tabs.iter().find(|path| path.contains("after=")).map(|path| get("list, next page", path)));
        let kb = self.door.get("/kb").await?;
        let articles: Vec<String> = links(&kb.html, "/kb/").into_iter().filter(|path| path.len() > 60).collect();
        let of = |name: &str, way| What { name: name.to_owned(), way };
        all.extend([
            of("ticket", Way::Ticket),
            of("note on a ticket", Way::Note),
            get("register form", "/register"),
            of("search", Way::Search),
            of("search by number", Way::SearchNumber),
            of("search by beginning of a number", Way::SearchBeginning),
            of("search by two words", Way::SearchTwo),
            get("knowledge", "/kb"),
            of("knowledge search", Way::SearchArticles),
            of("article", Way::Article(articles)),
            get("sync", "/sync"),
        ]);
        all.extend(CALLS.iter().map(|(name, call)| What { name: format!("call {name}"), way: Way::Call(*call) }));
        Ok(all)
    }

    /// Clicks or asks that again and again, for so long at most.
    pub async fn times(&mut self, what: &What, most: Duration) -> Result<Times, Problem> {
        let (began, mut times) = (clock::steady(), Times::default());
        while times.count() < TAKEN_MIN || (times.count() < TAKEN_MAX && clock::steady().saturating_sub(began) < most) {
            let time = self.once(what).await;
            times.add(time.map_err(|problem| Problem::fault(&format!("{}: {}", what.name, problem.detail)))?);
        }
        Ok(times)
    }

    async fn once(&mut self, what: &What) -> Result<Duration, Problem> {
        Ok(match &what.way {
            Way::Get(path) => self.door.get(path).await?.time,
            Way::Ticket => {
                let id = self.id();
                self.door.get(&format!("/tickets/{id}")).await?.time
            }
            Way::Article(paths) => {
                let path = paths.get(self.dice.below(paths.len())).cloned().unwrap_or_else(|| "/kb".to_owned());
                self.door.get(&path).await?.time
            }
            Way::Search => {
                let word = self.word().to_owned();
                self.search("/search", &word).await?
            }
            Way::SearchArticles => {
                let word = self.word().to_owned();
                self.search("/kb/search", &word).await?
            }
            Way::SearchNumber => {
                let number = self.numbers.get(self.dice.below(self.numbers.len())).cloned().unwrap_or_default();
                self.search("/search", &number).await?
            }
            Way::SearchBeginning => {
                let number = self.numbers.get(self.dice.below(self.numbers.len())).cloned().unwrap_or_default();
                self.search("/search", number.get(..BEGINNING).unwrap_or_default()).await?
            }
            // Each is in many tickets, both in hardly any.
            Way::SearchTwo => {
                let words = format!("{} {}", self.word(), self.word());
                self.search("/search", &words).await?
            }
            Way::Note => self.note().await?,
            Way::Call(call) => {
                let call = call(self);
                self.door.call(call).await?.1
            }
        })
    }

    /// A search is sent, and what was found is fetched: one wait.
    async fn search(&mut self, path: &str, words: &str) -> Result<Duration, Problem> {
        let token = self.token.clone();
        let sent = self.door.post(path, &[("token", &token), ("q", words)]).await?;
        Ok(sent.time + self.door.get(&sent.location).await?.time)
    }

    /// A note on a ticket, by the form of its page: the wait for the answer, which comes when it is durable.
    pub async fn note(&mut self) -> Result<Duration, Problem> {
        let id = self.id();
        let page = self.door.get(&format!("/tickets/{id}")).await?;
        let action = format!("/tickets/{id}/acts/note");
        let form = page.html.split_once(&format!("action=\"{action}\"")).map_or("", |(_, form)| form);
        let once = value_of(form, "name=\"once\" value=\"").to_owned();
        let token = value_of(&page.html, "name=\"token\" value=\"").to_owned();
        let fields = [("token", &*token), ("once", &*once), ("text", "再次电话回访，诉求人表示知悉。")];
        Ok(self.door.post(&action, &fields).await?.time)
    }

    /// The list, as the workbench shows it.
    pub async fn list(&mut self) -> Result<Duration, Problem> {
        Ok(self.door.get("/").await?.time)
    }
}

/// Calls of programs.
const CALLS: [(&str, Asking); 15] = [
    ("status", |_| Call::Status(q::Status {})),
    ("sync", |_| Call::Sync(q::Sync {})),
    ("tickets", |_| Call::Tickets(q::Tickets::default())),
    ("tickets overdue", |_| Call::Tickets(q::Tickets { overdue: true, ..q::Tickets::default() })),
    ("tickets of a state", |_| {
        Call::Tickets(q::Tickets { state: Some("archived".to_owned()), ..q::Tickets::default() })
    }),
    ("tickets of a unit", |_| {
        Call::Tickets(q::Tickets { unit: Some("130600-D01".to_owned()), ..q::Tickets::default() })
    }),
    ("tickets by words", |clerk| {
        Call::Tickets(q::Tickets { text: Some(clerk.word().to_owned()), ..q::Tickets::default() })
    }),
    ("ticket by prefix", |clerk| {
        Call::Ticket(q::Ticket { id: clerk.id().get(..PREFIX).unwrap_or_default().to_owned(), reveal: None })
    }),
    ("duplicates", |clerk| Call::Duplicates(q::Duplicates { id: clerk.id() })),
    ("register", |clerk| {
        let fields = [
            ("title", "路灯不亮"),
            ("content", "小区东门外路灯夜里不亮，请尽快维修。"),
            ("category", "0104"),
            ("place", "130602"),
            ("name", "张三"),
            ("phone", "13800001234"),
        ];
        let mut fields: desk::form::Filled =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        fields.insert("address".to_owned(), format!("{}号楼", clerk.dice.below(100)));
        Call::Act(q::Act { kind: "register".to_owned(), id: None, fields })
    }),
    ("articles by words", |clerk| {
        Call::Articles(q::Articles { text: Some(clerk.word().to_owned()), ..q::Articles::default() })
    }),
    ("report daily", |clerk| report("daily", &clerk.day)),
    ("report daily, month", |clerk| report("daily", clerk.day.get(..7).unwrap_or_default())),
    ("report rates", |clerk| report("rates", clerk.day.get(..7).unwrap_or_default())),
    ("report exclusions", |clerk| report("exclusions", clerk.day.get(..7).unwrap_or_default())),
];

fn report(kind: &str, period: &str) -> Call {
    Call::Report(q::Report { kind: kind.to_owned(), period: period.to_owned(), cursor: None })
}

/// Addresses in a page that begin so, each once.
fn links(html: &str, begins: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for link in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let link = link.replace("&amp;", "&").replace("&#38;", "&");
        if link.starts_with(begins) && !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

/// What is told of a page or call before and beside a first sync.
pub fn told(what: &What, alone: &Times, beside: Option<&Times>, floor: f64) -> Value {
    let mut value = alone.told(floor);
    value["name"] = what.name.clone().into();
    if let Some(beside) = beside {
        value["beside_first_sync"] = beside.told(floor);
    }
    value
}
