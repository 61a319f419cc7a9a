//! A city of its own for every test: the city's node, and a township's where two are needed, with their pages.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use desk::call::{Call, CallBy, answer, questions as q};
use desk::people::{self, Newcomer};
use desk::{Home, enrol};
use node::found::{CITY_HOTLINE, Founder, found};
use node::{Node, Start};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use web::api;

use crate::driver::DEADLINE;

pub const PASSWORD: &str = "correct horse 12345";
const COUNTY: &str = "130623-HOT";
const TOWNSHIP: &str = "130623102-GOV";
/// The department that tickets are re-dispatched to.
pub const DEPARTMENT: &str = "130600-D17";

/// A node, somebody who works at it, and where its pages are.
pub struct Desk {
    pub node: Node,
    pub login: &'static str,
    pub base: String,
}

/// The nodes of a test.
pub struct City {
    pub city: Desk,
    pub county: Option<Node>,
    pub township: Option<Desk>,
    _dir: TempDir,
}

impl Desk {
    async fn new(node: Node, login: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        // Nobody knows the token: the pages are all that is asked.
        let api = api::router(node.desk().clone(), "no token of any test".to_owned());
        tokio::spawn(web::serve(node.desk().clone(), listener, api, std::future::pending()));
        Self { node, login, base }
    }

    /// Makes an act in that person's name; the id of its document.
    pub async fn act(&self, kind: &str, id: &str, fields: &[(&str, &str)]) -> String {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let id = if id.is_empty() { None } else { Some(id.to_owned()) };
        let made = self.ask(Call::Act(q::Act { kind: kind.to_owned(), id, fields })).await;
        made["id"].as_str().unwrap().to_owned()
    }

    pub async fn ask(&self, call: Call) -> Value {
        answer(&self.node, CallBy { login: Some(self.login.to_owned()), call }).await.unwrap()
    }

    /// Registers a request.
    pub async fn register(&self, title: &str, content: &str) -> String {
        let fields = [("title", title), ("content", content), ("category", "0104"), ("place", "130623102")];
        self.act("register", "", &fields).await
    }

    /// Registers a request for the township and dispatches it there.
    pub async fn dispatch(&self, title: &str) -> String {
        let id = self.register(title, "村里主街的路灯全灭了，晚上看不见路，请尽快维修。").await;
        self.act("dispatch", &id, &[("lead", TOWNSHIP)]).await;
        id
    }

    /// Waits until something is so at this node; looks whenever the node has news.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, so: impl Fn() -> F) {
        let mut notices = self.node.notices();
        let wait = async {
            while !so().await {
                // A notice may have come while it was being looked at.
                let _ = tokio::time::timeout(Duration::from_millis(200), notices.recv()).await;
            }
        };
        assert!(tokio::time::timeout(DEADLINE, wait).await.is_ok(), "never: {what}");
    }

    /// Waits until a ticket is held here and so.
    pub async fn until_ticket(&self, id: &str, what: &str, so: impl Fn(&Value) -> bool) {
        let look = || async {
            let call = Call::Ticket(q::Ticket { id: id.to_owned(), reveal: None });
            let by = CallBy { login: Some(self.login.to_owned()), call };
            answer(&self.node, by).await.is_ok_and(|ticket| so(&ticket))
        };
        self.until(what, look).await;
    }

    /// Waits until everything about a ticket is confirmed by the city hub.
    pub async fn until_settled(&self, id: &str) {
        self.until_ticket(id, "settled", |ticket| ticket["unsettled"] == 0).await;
    }
}

impl City {
    /// The city hotline alone.
    pub async fn alone() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let city = Desk::new(city(dir.path(), &Start::default()).await, "shi").await;
        Self { city, county: None, township: None, _dir: dir }
    }

    /// The city hotline and a township that keeps a connection to it.
    pub async fn with_township() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let city = Desk::new(city(dir.path(), &listening(Vec::new())).await, "shi").await;
        let township = township(&city.node, dir.path(), &city.node).await;
        Self { city, county: None, township: Some(township), _dir: dir }
    }

    /// The city hotline, a county's hotline that keeps a connection to it, and a township that only reaches that.
    pub async fn with_county() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let city = Desk::new(city(dir.path(), &listening(Vec::new())).await, "shi").await;
        let county = join(&city.node, dir.path(), COUNTY, "hub", ("赵县热线", "xian"), &city.node).await;
        let township = township(&city.node, dir.path(), &county).await;
        Self { city, county: Some(county), township: Some(township), _dir: dir }
    }

    /// Stops the city's node, does something to what it has stored, and starts it again.
    pub async fn restart(&mut self, meanwhile: impl FnOnce(&Home)) {
        let home = self.city.node.home().clone();
        self.city.node.stop().await;
        meanwhile(&home);
        self.city = Desk::new(Node::start(home, &Start::default()).unwrap(), "shi").await;
    }

    pub fn township(&self) -> &Desk {
        self.township.as_ref().unwrap()
    }

    /// Cuts the township off, and waits until both ends know.
    pub async fn cut(&self) {
        let (city, township) = (&self.city.node, &self.township().node);
        township.set_cut(true);
        let gone = || async { city.status().peers.is_empty() && township.status().peers.is_empty() };
        self.city.until("cut off", gone).await;
    }

    /// Lets the township back.
    pub fn mend(&self) {
        self.township().node.set_cut(false);
        self.township().node.hurry();
    }
}

fn listening(peers: Vec<String>) -> Start {
    Start { listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), peers, restored: None }
}

async fn city(dir: &Path, start: &Start) -> Node {
    let founder = Founder { name: "王受理".to_owned(), login: "shi".to_owned() };
    let folder = dir.join("city");
    let node = found(Home::create(&folder, true).unwrap(), "保定市", &founder, PASSWORD).await.unwrap();
    if start.listen.is_none() {
        return node;
    }
    // Founding needs no network; what follows does.
    node.stop().await;
    drop(node);
    let node = Node::start(Home::open(&folder).unwrap(), start).unwrap();
    assert_eq!(node.me().unwrap().device.unit, CITY_HOTLINE);
    node
}

/// Lets a device join the city, and starts it with a connection to `peer`.
async fn join(city: &Node, dir: &Path, unit: &str, class: &str, (name, login): (&str, &str), peer: &Node) -> Node {
    let address = |node: &Node| node.listening().unwrap().to_string();
    let token = enrol::invite(city, regulation::PersonId(1), unit, class, &[address(city)]).await.unwrap();
    let home = Home::create(&dir.join(unit), false).unwrap();
    let newcomer = Newcomer { name: name.to_owned(), login: login.to_owned() };
    node::join::join(&home, &token, "", Some(newcomer)).await.unwrap();
    let node = Node::start(home, &listening(vec![address(peer)])).unwrap();
    let (registry, me) = (node.registry(), node.me().unwrap());
    let person = people::person_called(&registry, &me, login).unwrap().0;
    people::set_password(&node, people::SetBy::Owner, person, PASSWORD).await.unwrap();
    node
}

async fn township(city: &Node, dir: &Path, peer: &Node) -> Desk {
    let node = join(city, dir, TOWNSHIP, "office", ("孙承办", "zhen"), peer).await;
    let desk = Desk::new(node, "zhen").await;
    desk.until("connected", || async { !desk.node.status().peers.is_empty() }).await;
    desk
}
