//! The four nodes of the demonstration and the people at them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use desk::call::answers::Made;
use desk::call::{CallBy, Question, answer, questions as q};
use desk::config::{Commands, Config};
use desk::form::Filled;
use desk::home::CONFIG;
use desk::people::{self, Newcomer, SetBy, Source};
use desk::{Home, Problem, enrol};
use node::found::{Founder, found};
use node::{Node, Start};
use regulation::{PersonId, Role};

use super::PASSWORD;

/// The county whose hotline, township and laptop take part.
pub const COUNTY: &str = "130623-HOT";
/// The township.
pub const TOWNSHIP: &str = "130623102-GOV";
/// The article that two edit at once, by its place in the file.
pub const EDITED: usize = 1;

/// What the founder sets for whoever joins the city hotline.
const FIRST_PASSWORD: &str = "jiesu-first";

/// A node and who works at it.
pub struct Player {
    /// The node.
    pub node: Node,
    /// Login of the person.
    pub login: &'static str,
}

impl Player {
    /// Asks the node in that person's name.
    pub async fn ask<Q: Question>(&self, question: Q) -> Result<Q::Answer, Problem> {
        self.ask_as(self.login, question).await
    }

    /// Asks the node in the name of somebody else of the unit.
    pub async fn ask_as<Q: Question>(&self, login: &str, question: Q) -> Result<Q::Answer, Problem> {
        let told = answer(&self.node, CallBy { login: Some(login.to_owned()), call: question.into() }).await?;
        serde_json::from_value(told).map_err(|error| Problem::fault(&error))
    }

    /// Makes an act.
    pub async fn act(&self, kind: &str, id: &str, fields: &[(&str, &str)]) -> Result<Made, Problem> {
        self.act_as(self.login, kind, id, fields).await
    }

    /// Makes an act in the name of somebody else of the unit.
    pub async fn act_as(&self, login: &str, kind: &str, id: &str, fields: &[(&str, &str)]) -> Result<Made, Problem> {
        let fields: Filled = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let id = if id.is_empty() { None } else { Some(id.to_owned()) };
        self.ask_as(login, q::Act { kind: kind.to_owned(), id, fields }).await
    }
}

/// All four.
pub struct Cast {
    /// The city hotline: the hub.
    pub city: Player,
    /// The county hotline.
    pub county: Player,
    /// The township's office.
    pub township: Player,
    /// A laptop of the township, in the field.
    pub laptop: Player,
}

/// Whoever looks at what was done, and publishes what others of the city wrote.
pub const REVIEWER: &str = "shenhe";
/// Whoever asks the requester how it went: never who dispatched it.
pub const FOLLOWER: &str = "huifang";

impl Cast {
    /// Founds the city and lets the others join it, by invitation and over the network.
    pub async fn gather(dir: &Path) -> Result<Self, Problem> {
        let founder = Founder { name: "王受理".to_owned(), login: "shi".to_owned() };
        let home = Home::create(&dir.join("city"), true)?;
        // Founding needs no network; what follows does.
        Config::begin(&home.dir().join(CONFIG), None, Commands::Open)?;
        found(home, "保定市", &founder, PASSWORD).await?.stop().await;
        let city = Node::start(Home::open(&dir.join("city"))?, &listening(Vec::new()))?;
        let unit = node::found::CITY_HOTLINE;
        for (name, login, roles) in [
            ("李审核", REVIEWER, &[Role::Review, Role::Supervise, Role::Knowledge, Role::Statistics][..]),
            ("赵回访", FOLLOWER, &[Role::FollowUp]),
        ] {
            let newcomer = Newcomer { name: name.to_owned(), login: login.to_owned() };
            let person = people::add(&city, PersonId(1), unit, newcomer, roles.to_vec()).await?;
            // What the founder set is good for choosing one's own.
            people::set_password(&city, SetBy::Another(Some(PersonId(1))), person, FIRST_PASSWORD).await?;
            people::choose(&city, login, FIRST_PASSWORD, PASSWORD, &Source::Commands).await?;
        }
        let city = Player { node: city, login: "shi" };
        // What is theirs now is not the founder's any more.
        let remove = [Role::Review, Role::Supervise, Role::FollowUp].map(|role| role.names().0.to_owned()).to_vec();
        city.ask(q::Roles { login: "shi".to_owned(), add: Vec::new(), remove }).await?;
        let county = join(&city, dir, "county", COUNTY, "hub", ("赵县热线", "xian"), &city.node).await?;
        let township = join(&city, dir, "township", TOWNSHIP, "office", ("孙承办", "zhen"), &county.node).await?;
        let laptop = join(&city, dir, "laptop", TOWNSHIP, "laptop", ("周外勤", "waiqin"), &township.node).await?;
        Ok(Self { city, county, township, laptop })
    }

    /// All four, from the city down.
    pub fn players(&self) -> [&Player; 4] {
        [&self.city, &self.county, &self.township, &self.laptop]
    }

    /// Cuts the township off, and with it the laptop that only reaches the township; or ends that.
    pub async fn cut(&self, cut: bool) {
        self.township.node.set_cut(cut);
        self.laptop.node.set_cut(cut);
        if !cut {
            self.township.node.hurry();
            self.laptop.node.hurry();
            return;
        }
        // It is cut once both ends know.
        let gone = || self.county.node.status().peers.len() == 1 && self.township.node.status().peers.is_empty();
        let mut notices = self.county.node.notices();
        while !gone() {
            let _ = tokio::time::timeout(std::time::Duration::from_millis(50), notices.recv()).await;
        }
    }

    /// UDP bytes that left any node.
    pub fn traffic(&self) -> u64 {
        self.players().iter().map(|player| player.node.udp_bytes().0).sum()
    }

    /// Round trips of the township's present conversation with the county.
    pub fn round_trips(&self) -> u64 {
        self.township.node.status().peers.iter().map(|peer| peer.stats.round_trips).max().unwrap_or_default()
    }

    /// Stops all four.
    pub async fn stop(&self) {
        let [a, b, c, d] = self.players().map(|player| player.node.stop());
        tokio::join!(a, b, c, d);
    }
}

fn listening(peers: Vec<String>) -> Start {
    Start { listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), peers, restored: None }
}

fn address(node: &Node) -> Result<String, Problem> {
    node.listening().map(|address| address.to_string()).ok_or_else(|| Problem::fault(&"a node without address"))
}

/// Invites a device at the city, joins, and starts it with `peer` as the one that it dials.
async fn join(
    city: &Player,
    dir: &Path,
    name: &str,
    unit: &str,
    class: &str,
    (person, login): (&str, &'static str),
    peer: &Node,
) -> Result<Player, Problem> {
    let token = enrol::invite(&city.node, PersonId(1), unit, class, &[address(&city.node)?]).await?;
    let home = Home::create(&dir.join(name), false)?;
    Config::begin(&home.dir().join(CONFIG), None, Commands::Open)?;
    let newcomer = Newcomer { name: person.to_owned(), login: login.to_owned() };
    let device = match class {
        "laptop" => format!("{person}的笔记本"),
        _ => String::new(),
    };
    node::join::join(&home, &token, &device, Some(newcomer)).await?;
    let node = Node::start(home, &listening(vec![address(peer)?]))?;
    let me = node.me()?;
    let registry = node.registry();
    let person = people::person_called(&registry, &me, login).map(|(id, _)| id);
    let person = person.ok_or_else(|| Problem::fault(&"the newcomer is not in the registry"))?;
    people::set_password(&node, SetBy::Owner, person, PASSWORD).await?;
    Ok(Player { node, login })
}
