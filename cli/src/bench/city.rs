//! Making the city that is measured: the hub's folder as its own kernel writes it, with what clerks did there and what came
//! from the nodes of units; two months of it.

use std::path::{Path, PathBuf};

use desk::config::{Commands, Config};
use desk::form::{self, Filled};
use desk::founding::{CITY_HOTLINE, Founder, changes};
use desk::home::{CONFIG, random};
use desk::import::Row;
use desk::{Home, Problem, clock, people};
use kernel::{Command, Done, Enrolment, Identity, Kernel, Newcomer, Once, Refusal};
use node::{Node, Start};
use regulation::{ActId, ActKind, Millis, PersonId, Rule, UnitId};
use replica::registry::ROOT_LOG;
use replica::{Class, DeviceKey, Person, UnitKind};
use serde::{Deserialize, Serialize};
use store::Store;

use super::PASSWORD;
use super::life::{Dice, Step, Who, after_registration, released};
use super::net::{Net, Unit};
use crate::args::HubBench;
use crate::commands::import::progress;
use crate::out::{note, say};

const TICKETS: &str = include_str!("../../../node/data/demo-tickets.jsonl");
const ARTICLES: &str = include_str!("../../../node/data/demo-articles.jsonl");

/// How the city is made: raised by whoever changes it, so that no older one is taken for it.
const EDITION: u32 = 2;
/// Who founds the city and works at its hotline.
pub const LOGIN: &str = "shi";
/// Units whose nodes take part.
const UNITS: usize = 12;
/// Portions in which the tickets come, one after the other through the days of the city.
const PORTIONS: usize = 40;
/// Tickets of a portion, at least.
const PORTION_MIN: usize = 16;
/// Days that the city has worked.
const DAYS: i64 = 60;
/// Days after which hardly anything is open any more.
const OPEN_DAYS: i64 = 10;
const DAY_MS: i64 = 86_400_000;
/// Between two steps of a ticket, at most.
const STEP_MS_MAX: i64 = 4 * 3_600_000;
/// Tickets that are clicked on.
const SAMPLES: usize = 512;
/// One article for so many tickets.
const TICKETS_AN_ARTICLE: usize = 50;
/// Fields that hold what people wrote.
const WRITTEN: [&str; 7] = ["title", "content", "text", "body", "name", "phone", "address"];
/// Articles, at most.
const ARTICLES_MAX: usize = 2_000;

/// A city that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    #[serde(skip)]
    pub dir: PathBuf,
    edition: u32,
    pub tickets: usize,
    pub articles: usize,
    pub units: usize,
    /// Acts that people made.
    pub acts: usize,
    /// Acts that the hub holds, its own confirmations included.
    pub all_acts: u64,
    /// What was asked for and refused; it should be nothing.
    pub refused: Vec<String>,
    /// Bytes of what people wrote: text and personal data.
    pub text_bytes: u64,
    pub seconds: f64,
    /// Of that in the hub's kernel, with its commits.
    pub hub_seconds: f64,
    /// Some of the tickets.
    pub samples: Vec<String>,
}

impl Made {
    /// What was made in that folder, if it came to its end and is made as today.
    pub fn read(dir: &Path) -> Result<Option<Self>, Problem> {
        let path = dir.join("bench.json");
        let text = match desk::home::read_regular(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Problem::storage(&path, &error)),
        };
        let made: Option<Self> = serde_json::from_slice(&text).ok();
        Ok(made.filter(|made| made.edition == EDITION).map(|made| Self { dir: dir.to_owned(), ..made }))
    }

    /// The hub's folder.
    pub fn hub(&self) -> PathBuf {
        self.dir.join("hub")
    }
}

/// A ticket on its way.
struct Case {
    doc: ActId,
    unit: Option<usize>,
    steps: std::vec::IntoIter<Step>,
}

struct City {
    net: Net,
    founder: PersonId,
    reviewer: PersonId,
    /// Units with a node, and some without, by their codes.
    leads: Vec<String>,
    silent: Vec<String>,
    rows: Vec<Row>,
    dice: Dice,
    made: Made,
}

pub async fn make(dir: &Path, asked: &HubBench) -> Result<Made, Problem> {
    note(say("生成城市：受理、派发、各单位办理、回访、归档", "making a city: its tickets from intake to archive"));
    let began = clock::steady();
    let hub = dir.join("hub");
    let home = Home::create(&hub, true)?;
    Config::begin(&home.dir().join(CONFIG), None, Commands::SignedIn)?;
    let mut city = City::found(&home, dir, asked)?;
    city.articles(articles_of(asked.n))?;
    city.tickets(usize::try_from(asked.n).unwrap_or_default())?;
    let mut made = city.made;
    made.hub_seconds = city.net.hub_time.as_secs_f64();
    drop(city.net.hub.into_store());
    home.finish()?;
    let node = Node::start(Home::open(&hub)?, &Start::default())?;
    people::set_password(&node, people::SetBy::Owner, city.founder, PASSWORD).await?;
    let rows = node.read(|reader, _| Ok(reader.stats()?.rows)).await?;
    node.stop().await;
    made.all_acts = rows.iter().find(|(name, _)| *name == "acts").map_or(0, |(_, count)| *count);
    made.seconds = (clock::steady().saturating_sub(began)).as_secs_f64();
    let path = dir.join("bench.json");
    let text = serde_json::to_vec_pretty(&made).map_err(|error| Problem::fault(&error))?;
    std::fs::write(&path, text).map_err(|error| Problem::storage(&path, &error))?;
    Ok(made)
}

fn articles_of(tickets: u32) -> usize {
    (usize::try_from(tickets).unwrap_or_default() / TICKETS_AN_ARTICLE).clamp(4, ARTICLES_MAX)
}

impl City {
    fn found(home: &Home, dir: &Path, asked: &HubBench) -> Result<Self, Problem> {
        let now = clock::now() - DAYS * DAY_MS;
        let root = home.root_key().ok_or_else(|| Problem::from(Refusal::NoRootKey))?;
        let founder = Founder { name: "王受理".to_owned(), login: LOGIN.to_owned() };
        let identity = Identity { key: home.device_key(), root: Some(root.clone()), reliable_links: true };
        let hub = Kernel::open(home.store()?, identity.clone(), random()?, now, false)?;
        let mut net = Net::new(hub, &identity, now);
        for change in changes("保定市", root.public(), identity.key.public(), &founder)? {
            let (seen, change) = (net.hub.registry().version(), Box::new(change));
            done(net.ask(None, None, vec![Command::Registry { seen, change }])?.remove(0))?;
        }
        let reviewer = Person {
            unit: CITY_HOTLINE,
            name: "李审核".to_owned(),
            login: "shenhe".to_owned(),
            roles: regulation::split::all_of_one(),
        };
        let Done::Person(reviewer) =
            done(net.ask(None, Some(PersonId(1)), vec![Command::AddPerson(reviewer)])?.remove(0))?
        else {
            return Err(Problem::fault(&"a person who is none"));
        };
        let rows = desk::import::read::lines(TICKETS, "bench", clock::now() + DAY_MS);
        let made = Made {
            dir: dir.to_owned(),
            edition: EDITION,
            tickets: 0,
            articles: 0,
            units: UNITS,
            acts: 0,
            all_acts: 0,
            refused: Vec::new(),
            text_bytes: 0,
            seconds: 0.0,
            hub_seconds: 0.0,
            samples: Vec::new(),
        };
        let mut city = Self {
            net,
            founder: PersonId(1),
            reviewer,
            leads: Vec::new(),
            silent: Vec::new(),
            rows: rows.into_iter().filter_map(|(_, row)| row.ok()).collect(),
            dice: Dice::new(asked.seed),
            made,
        };
        city.enrol()?;
        Ok(city)
    }

    /// Townships and departments from the city's own table, each with a node of its own; the others have none yet.
    fn enrol(&mut self) -> Result<(), Problem> {
        let at = self.net.hub.registry().now();
        let works = |kind| matches!(kind, UnitKind::Township | UnitKind::Department | UnitKind::Enterprise);
        let units: Vec<(UnitId, String)> =
            at.units().filter(|(_, unit)| works(unit.kind)).map(|(id, unit)| (id, unit.code.clone())).collect();
        let every = (units.len() / UNITS).max(1);
        let (with, without): (Vec<_>, Vec<_>) =
            units.into_iter().enumerate().partition(|(place, _)| place % every == 0 && place / every < UNITS);
        self.silent = without.into_iter().map(|(_, (_, code))| code).collect();
        let mut keys = Vec::new();
        for (place, (unit, code)) in with {
            let key = DeviceKey::from_secret(&self.dice.bytes());
            let person = Newcomer {
                name: format!("经办{place}"),
                login: format!("unit{place}"),
                roles: desk::founding::usual_roles(UnitKind::Township),
            };
            let (class, public) = (Class::Office, key.public());
            let enrolment = Enrolment { unit, class, key: public, name: None, person: Some(person), keep: None };
            let enrolled = self.net.ask(None, Some(self.founder), vec![Command::Enrol(Box::new(enrolment))])?.remove(0);
            let Done::Enrolled { person: Some(person), .. } = done(enrolled)? else {
                return Err(Problem::fault(&"a device without its person"));
            };
            keys.push((key, person));
            self.leads.push(code);
        }
        for (key, person) in keys {
            let mut store = Store::in_memory()?;
            store.begin()?;
            for (version, entry) in (1..).zip(self.net.hub.registry().entries()) {
                store.registry_append(ROOT_LOG, version, entry)?;
            }
            store.commit()?;
            let identity = Identity { key, root: None, reliable_links: true };
            let public = identity.key.public();
            let kernel = Kernel::open(store, identity, self.dice.bytes(), self.net.now, false)?;
            self.net.units.push(Unit { kernel, person, key: public });
        }
        self.net.connect()
    }

    fn articles(&mut self, count: usize) -> Result<(), Problem> {
        let mut lines = ARTICLES.lines().cycle();
        for n in 0..count {
            let article: Filled = lines.next().map(serde_json::from_str).transpose().ok().flatten().unwrap_or_default();
            let mut fields: Filled = article
                .into_iter()
                .filter(|(name, _)| matches!(name.as_str(), "title" | "category" | "body"))
                .collect();
            if let Some(title) = fields.get_mut("title") {
                title.push_str(&format!("（{}）", n + 1));
            }
            let command = self.command(ActKind::ArticleCreate, None, &fields)?;
            let Done::Made { doc, .. } = done(self.net.ask(None, Some(self.founder), vec![command])?.remove(0))? else {
                continue;
            };
            let command = self.command(ActKind::ArticlePublish, Some(doc), &Filled::new())?;
            done(self.net.ask(None, Some(self.reviewer), vec![command])?.remove(0))?;
            self.made.articles += 1;
        }
        Ok(())
    }

    fn tickets(&mut self, count: usize) -> Result<(), Problem> {
        let portion = count.div_ceil(PORTIONS).max(PORTION_MIN);
        let portions = count.div_ceil(portion);
        let (from, until) = (self.net.now, clock::now() - 60_000);
        let spacing = (until - from) / i64::try_from(portions).unwrap_or(1).max(1);
        let bar = progress(Some(u64::try_from(count).unwrap_or_default()));
        for n in 0..portions {
            let begins = from + spacing * i64::try_from(n).unwrap_or_default();
            self.net.now = self.net.now.max(begins);
            let tickets = portion.min(count - n * portion);
            self.portion(n * portion, tickets, until, spacing)?;
            bar.inc(u64::try_from(tickets).unwrap_or_default());
        }
        bar.finish_and_clear();
        self.net.now = until;
        self.net.tick()
    }

    /// Some tickets from their registration on, step by step.
    fn portion(&mut self, first: usize, count: usize, until: Millis, spacing: i64) -> Result<(), Problem> {
        let old = self.net.now < until - OPEN_DAYS * DAY_MS;
        let mut commands = Vec::with_capacity(count);
        let mut lives = Vec::with_capacity(count);
        for n in first..first + count {
            let row = self.rows.get(self.dice.below(self.rows.len())).cloned();
            let Some(row) = row else { return Err(Problem::fault(&"no built-in tickets")) };
            let fields = self.registration(&row, n);
            let inquiry = fields.get("kind").is_some_and(|kind| kind == "inquiry");
            commands.push(self.command(ActKind::Register, None, &fields)?);
            let unit = Some(self.dice.below(self.leads.len())).filter(|_| !self.dice.percent(4));
            let lead = match unit {
                Some(unit) => self.leads[unit].clone(),
                None => self.silent[self.dice.below(self.silent.len())].clone(),
            };
            lives.push((unit, after_registration(&mut self.dice, inquiry, old, unit.is_some(), &lead)));
        }
        let results = self.net.ask(None, Some(self.founder), commands)?;
        let mut cases = Vec::with_capacity(count);
        for ((unit, steps), result) in lives.into_iter().zip(results) {
            let Done::Made { doc, .. } = done(result)? else { continue };
            self.made.tickets += 1;
            self.made.acts += 1;
            if self.made.samples.len() < SAMPLES && self.dice.percent(SAMPLES * 300 / count.max(1) / PORTIONS + 1) {
                self.made.samples.push(doc.hex());
            }
            cases.push(Case { doc, unit, steps: steps.into_iter() });
        }
        self.net.rest()?;
        let stage = (spacing / 16).min(STEP_MS_MAX);
        while cases.iter().any(|case| case.steps.len() > 0) {
            self.net.now += stage;
            self.stage(&mut cases)?;
            self.net.rest()?;
            self.net.tick()?;
        }
        Ok(())
    }

    /// One step of each ticket.
    fn stage(&mut self, cases: &mut [Case]) -> Result<(), Problem> {
        let mut asked: Vec<(Option<usize>, (usize, ActKind), Command)> = Vec::new();
        for (place, case) in cases.iter_mut().enumerate() {
            let Some(step) = case.steps.next() else { continue };
            let at = if step.who == Who::Lead { case.unit } else { None };
            asked.push((at, (place, step.kind), self.command(step.kind, Some(case.doc), &step.fields)?));
        }
        for at in std::iter::once(None).chain((0..self.net.units.len()).map(Some)) {
            let (here, rest): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(place, ..)| *place == at);
            asked = rest;
            let person = at.map_or(self.founder, |unit| self.net.units[unit].person);
            let (kinds, commands): (Vec<_>, Vec<_>) =
                here.into_iter().map(|(_, kind, command)| (kind, command)).unzip();
            for ((place, kind), result) in kinds.into_iter().zip(self.net.ask(at, Some(person), commands)?) {
                match result {
                    Ok(_) => self.made.acts += 1,
                    // Overdue tickets are supervised by the hub itself, and not archived before that is over.
                    Err(Refusal::Rule(Rule::ArchiveIncomplete)) => {
                        cases[place].steps = released().into_iter();
                    }
                    Err(refusal) => self.made.refused.push(format!("{}: {refusal}", kind.code())),
                }
            }
        }
        Ok(())
    }

    /// One of the built-in requests as if somebody else had raised it now, elsewhere in the city.
    fn registration(&mut self, row: &Row, n: usize) -> Filled {
        let mut fields = row.register.clone();
        let (building, flat) = (1 + self.dice.below(60), 101 + self.dice.below(2_000));
        if let Some(content) = fields.get_mut("content") {
            content.push_str(&format!("地址是{building}号楼{flat}室。"));
        }
        if self.dice.percent(5) {
            fields.insert("urgency".to_owned(), "urgent".to_owned());
        }
        fields.insert("raised_at".to_owned(), clock::text(self.net.now));
        fields.insert("external_number".to_owned(), format!("B{n}"));
        fields
    }

    /// What the pages make of a filled-in form, under the id of a request as they draw one.
    fn command(&mut self, kind: ActKind, doc: Option<ActId>, fields: &Filled) -> Result<Command, Problem> {
        let typed = form::read(kind, fields, self.net.hub.registry(), self.net.now)?;
        // What people wrote, whatever form it takes in the documents.
        let texts = WRITTEN.iter().filter_map(|name| fields.get(*name));
        self.made.text_bytes += u64::try_from(texts.map(String::len).sum::<usize>()).unwrap_or_default();
        let command = match (doc, typed.edit) {
            (None, _) => Command::Begin(typed.draft),
            (Some(doc), None) => Command::Act { doc, draft: typed.draft },
            (Some(doc), Some(edit)) => Command::Write { doc, draft: typed.draft, edit },
        };
        Ok(Command::Once(Once { id: self.dice.bytes(), digest: self.dice.bytes() }, Box::new(command)))
    }
}

fn done(result: Result<Done, Refusal>) -> Result<Done, Problem> {
    result.map_err(Problem::from)
}
