//! Devices that join over real QUIC: what fails uses nothing up, and what was lost on its way is asked for again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/relay.rs"]
mod relay;

use std::path::Path;
use std::sync::atomic::Ordering;

use desk::Home;
use desk::enrol::{Answer, Request, Token, invitations, invite};
use desk::people::Newcomer;
use link::JoinError;
use node::found::{Founder, found};
use node::join::{Progress, join, join_shown};
use node::{Node, Start};
use regulation::PersonId;
use replica::{Change, DeviceKey};

struct City {
    node: Node,
    folder: tempfile::TempDir,
}

impl City {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("city");
        let founder = Founder { name: "管理员".to_owned(), login: "admin".to_owned() };
        let home = Home::create(&dir, true).unwrap();
        found(home, "示例市", &founder, "jiesu-test-1").await.unwrap().stop().await;
        let start = Start { listen: Some(([127, 0, 0, 1], 0).into()), ..Start::default() };
        Self { node: Node::start(Home::open(&dir).unwrap(), &start).unwrap(), folder }
    }

    async fn token(&self) -> Token {
        let address = self.node.listening().unwrap().to_string();
        invite(&self.node, PersonId(1), "义安镇", "office", &[address]).await.unwrap()
    }

    fn dir(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Devices and people of the city.
    fn counts(&self) -> (usize, usize) {
        let registry = self.node.registry();
        (registry.now().devices().count(), registry.now().people().count())
    }
}

fn request(token: &Token, device: &str, person: Option<(&str, &str)>) -> Vec<u8> {
    let newcomer = person.and_then(|(name, login)| newcomer(login, name));
    // As it is given: blanks are not taken away.
    Request { device_name: device.to_owned(), ..Request::new(token.secret, "", newcomer) }.encode()
}

/// Asks as a device of that secret, however wrong the request; whether it was let in.
async fn ask(token: &Token, secret: u8, request: &[u8]) -> Result<bool, JoinError> {
    let answer = link::join(&token.addresses[0], &[secret; 32], &token.host, request).await?;
    Ok(matches!(Answer::decode(&answer).unwrap(), Answer::Admitted { .. }))
}

fn newcomer(login: &str, name: &str) -> Option<Newcomer> {
    Some(Newcomer { name: name.to_owned(), login: login.to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_fails_uses_nothing_up() {
    let city = City::new().await;
    let first = city.token().await;
    assert!(ask(&first, 1, &request(&first, "一号机", None)).await.unwrap());
    let (token, before, version) = (city.token().await, city.counts(), city.node.registry().version());
    for (device, person) in [
        ("", Some(("孙承办", "admin"))),
        ("", Some(("孙承办", "孙"))),
        ("", Some(("孙承办", ""))),
        ("", Some(("孙\n承办", "zhen"))),
        ("", Some(("", "zhen"))),
        ("", Some((" 孙承办", "zhen"))),
        ("一号机", None),
        ("一号机", Some(("孙承办", "zhen"))),
        ("二号\n机", None),
        ("二号机 ", None),
        ("二号\u{200b}机", None),
        ("二\u{202e}号机", None),
        (&"长".repeat(41), None),
    ] {
        let let_in = ask(&token, 2, &request(&token, device, person)).await;
        assert!(matches!(let_in, Ok(false)), "{device:?} {person:?}: {let_in:?}");
        assert_eq!((city.counts(), city.node.registry().version()), (before, version), "{device:?} {person:?}");
    }
    // What cannot be read at all comes from nobody.
    for strange in [b"\xff".to_vec(), request(&token, &"长".repeat(100), None), b"\x80".to_vec(), Vec::new()] {
        assert!(matches!(ask(&token, 2, &strange).await, Err(JoinError::Refused | JoinError::Unanswered)));
    }
    assert_eq!(city.counts(), before);
    let version = city.node.registry().version();
    assert!(ask(&token, 2, &request(&token, "二号机", Some(("孙承办", "zhen")))).await.unwrap());
    assert_eq!(city.counts(), (before.0 + 1, before.1 + 1), "the invitation was still good");
    assert_eq!(city.node.registry().version(), version + 1, "device and person are one entry");
    city.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_device_that_used_an_invitation_is_answered_again_and_no_other() {
    let city = City::new().await;
    let token = city.token().await;
    let asked = request(&token, "", Some(("孙承办", "zhen")));
    assert!(ask(&token, 1, &asked).await.unwrap());
    let after = (city.counts(), city.node.registry().version());
    for _ in 0..3 {
        assert!(ask(&token, 1, &asked).await.unwrap());
    }
    assert!(!ask(&token, 1, &request(&token, "", Some(("孙承办", "other")))).await.unwrap(), "another question");
    assert!(matches!(ask(&token, 2, &asked).await, Err(JoinError::Refused)), "another key");
    let wrong = Token { secret: [9; 16], ..token.clone() };
    assert!(matches!(ask(&wrong, 1, &request(&wrong, "", None)).await, Err(JoinError::Refused)), "another secret");
    assert_eq!((city.counts(), city.node.registry().version()), after);
    let names: Vec<String> = city.node.registry().now().devices().map(|(_, device)| device.name.clone()).collect();
    // The usual name is given once: the second is told apart.
    let second = city.token().await;
    assert!(ask(&second, 3, &request(&second, "", None)).await.unwrap());
    let registry = city.node.registry();
    let key = DeviceKey::from_secret(&[3; 32]).public();
    let named = registry.now().device_of_key(&key).unwrap().1.name.clone();
    assert!(!names.contains(&named), "{named} in {names:?}");
    city.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_show_one_invitation_at_once_one_is_let_in() {
    let city = City::new().await;
    for round in 0..8_u8 {
        let (token, before) = (city.token().await, city.counts());
        let asked = request(&token, "", None);
        let (a, b) = tokio::join!(ask(&token, 2 * round + 1, &asked), ask(&token, 2 * round + 2, &asked));
        let let_in = [&a, &b].into_iter().filter(|answer| matches!(answer, Ok(true))).count();
        assert_eq!(let_in, 1, "{a:?} {b:?}");
        assert_eq!(city.counts().0, before.0 + 1);
    }
    city.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_asked_for_again_from_the_same_folder() {
    let city = City::new().await;
    let (token, dir) = (city.token().await, city.dir("town"));
    // A node that takes the question and goes away.
    let secret = [7; 32];
    let (link, mut events) =
        link::Link::bind(([127, 0, 0, 1], 0).into(), &secret, std::sync::Arc::new(|_| link::Standing::Unknown))
            .unwrap();
    let gone = Token {
        host: DeviceKey::from_secret(&secret).public(),
        addresses: vec![link.local_addr().unwrap().to_string()],
        ..token.clone()
    };
    let home = Home::create(&dir, false).unwrap();
    let key = home.device_key().public();
    let goes = async {
        let event = events.recv().await;
        assert!(matches!(event, Some(link::Event::Join { .. })));
        link.shutdown().await;
        drop(event);
    };
    let (failed, ()) = tokio::join!(join(&home, &gone, "", newcomer("zhen", "孙承办")), goes);
    assert_eq!(failed.unwrap_err().code, "unreachable");
    assert_eq!(Home::open(&dir).unwrap_err().code, "not-found", "nobody runs a node in it");
    assert!(Home::create(&dir, true).is_err(), "nor founds a city");
    // It had let the device in, and the answer was lost. Nobody is there for a while; then it is asked again.
    let asked = request(&token, "", Some(("孙承办", "zhen")));
    link::join(&token.addresses[0], &home.device_secret(), &token.host, &asked).await.unwrap();
    let nobody = Token { addresses: vec!["127.0.0.1:0".to_owned()], ..token.clone() };
    let home = Home::create(&dir, false).unwrap();
    assert_eq!(home.device_key().public(), key, "the folder keeps its keys");
    assert!(join(&home, &nobody, "", newcomer("zhen", "孙承办")).await.is_err());
    let version = city.node.registry().version();
    // The first address leads to nobody, or to somebody else.
    let addresses = vec!["127.0.0.1:0".to_owned(), token.addresses[0].clone()];
    let home = Home::create(&dir, false).unwrap();
    let several = Token { addresses, ..token.clone() };
    let joined = join(&home, &several, "", newcomer("zhen", "孙承办")).await.unwrap();
    assert_eq!((joined.address, joined.registry.version()), (token.addresses[0].clone(), version));
    assert_eq!(Home::open(&dir).unwrap().device_key().public(), key);
    city.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_remains_of_a_join_that_came_to_nothing() {
    let city = City::new().await;
    let (token, dir) = (city.token().await, city.dir("town"));
    let tried = async |token: &Token, device: &str, person: Option<Newcomer>| {
        let home = Home::create(&dir, false).unwrap();
        let problem = join(&home, token, device, person).await.unwrap_err();
        assert!(!Path::new(&dir).exists(), "{problem}");
        problem.exit
    };
    assert_eq!(tried(&token, "", newcomer("admin", "孙承办")).await, 5, "the login is taken");
    assert_eq!(tried(&token, "市热线中心节点", None).await, 5, "the name is that of another device");
    assert_eq!(tried(&token, "", newcomer("no good", "孙承办")).await, 5, "nobody is asked");
    assert_eq!(tried(&Token { addresses: vec!["127.0.0.1:0".to_owned()], ..token.clone() }, "", None).await, 6);
    assert_eq!(tried(&Token { host: [1; 32], ..token.clone() }, "", None).await, 4, "somebody else answers");
    assert_eq!(tried(&Token { secret: [1; 16], ..token.clone() }, "", None).await, 4, "no invitation");
    let home = Home::create(&dir, false).unwrap();
    join(&home, &token, "  二号机 ", newcomer("zhen", "孙承办")).await.unwrap();
    city.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_used_up_once_its_device_has_acknowledged() {
    let city = City::new().await;
    let (token, dir) = (city.token().await, city.dir("town"));
    let waits = async || invitations(&city.node).await.unwrap().len();
    // Asked for and let in, and the answer was lost: the invitation is taken, and answers its device.
    let home = Home::create(&dir, false).unwrap();
    let secret = home.device_secret();
    let asked = request(&token, "", Some(("孙承办", "zhen")));
    let first = link::join(&token.addresses[0], &secret, &token.host, &asked).await.unwrap();
    let again = link::join(&token.addresses[0], &secret, &token.host, &asked).await.unwrap();
    assert!(first == again && first.len() < 64 * 1024, "{} bytes", first.len());
    assert_eq!(waits().await, 1);
    assert!(matches!(ask(&token, 9, &asked).await, Err(JoinError::Refused)), "another device");
    // The device stores what it is given, and connects: that is its acknowledgement.
    let mut notices = city.node.notices();
    join(&home, &token, "", newcomer("zhen", "孙承办")).await.unwrap();
    while waits().await > 0 {
        let _ = tokio::time::timeout(std::time::Duration::from_millis(100), notices.recv()).await;
    }
    let late = link::join(&token.addresses[0], &secret, &token.host, &asked).await;
    assert!(matches!(late, Err(JoinError::Refused)), "{late:?}");
    // What is there already is not asked for: the same command again does no harm.
    std::fs::write(dir.join("unfinished"), "join asked").unwrap();
    let home = Home::create(&dir, false).unwrap();
    join(&home, &token, "", newcomer("zhen", "孙承办")).await.unwrap();
    assert!(Home::open(&dir).is_ok());
    city.node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_over_a_link_that_loses_and_is_cut_goes_on_where_it_was() {
    let city = City::new().await;
    let mut state = 5_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state
    };
    for _ in 0..50 {
        let categories = (0..600).map(|n| (format!("{n:04}"), format!("类{:x}{:x}", noise(), noise()))).collect();
        let (seen, change) = (city.node.registry().version(), Box::new(Change::Categories(categories)));
        city.node.ask(Some(PersonId(1)), kernel::Command::Registry { seen, change }).await.unwrap();
    }
    let bytes: usize = city.node.registry().entries().map(<[u8]>::len).sum();
    assert!(bytes > 1 << 20, "{bytes}");
    let relay = relay::Relay::new(city.node.listening().unwrap(), 3).await;
    let token = Token { addresses: vec![relay.address.to_string()], ..city.token().await };
    let home = Home::create(&city.dir("town"), false).unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let joins = async move {
        let mut shown = |progress: Progress| drop(tell.send(progress));
        join_shown(&home, &token, "", newcomer("zhen", "孙承办"), &mut shown).await
    };
    // Cut once, in the middle of the registry.
    let cuts = async {
        let mut here_before = 0;
        let mut cut = false;
        while let Some(progress) = told.recv().await {
            if let Progress::Registry { here, of } = progress {
                assert!(here >= here_before, "what was there is gone");
                here_before = here;
                if here > of / 3 && !cut {
                    cut = true;
                    city.node.set_cut(true);
                    city.node.set_cut(false);
                }
                if here == of {
                    return cut;
                }
            }
        }
        cut
    };
    let (joined, cut) = tokio::join!(joins, cuts);
    assert!(Home::open(&city.dir("town")).is_err(), "whoever asked has more to do in it, and finishes it then");
    assert!(joined.unwrap().registry.entries().eq(city.node.registry().entries()) && cut);
    // One in ten: how many that are hangs on how large the datagrams grow.
    let lost = relay.lost.load(Ordering::Relaxed);
    assert!(lost > 25, "{lost}");
    city.node.stop().await;
}
