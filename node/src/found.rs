//! Founding a city: the first node, with the registry's first entries.

use desk::founding::{CITY_CHARS_MAX, changes};
use desk::home::Home;
use desk::people::{self, Newcomer, SetBy, named};
use desk::problem::Problem;
use kernel::Command;
use regulation::PersonId;

pub use desk::founding::{CITY_HOTLINE, CITY_HUB, Founder};

use crate::process::{Node, Start};

/// Founds a city in a new folder: registry, hub, and the founder with a password.
///
/// # Errors
/// The folder holds a node already or cannot be written; the city or the person has no proper name, or the password is
/// too short: then nothing remains.
pub async fn found(home: Home, city: &str, founder: &Founder, password: &str) -> Result<Node, Problem> {
    let node = found_untold(home, city, founder, password).await?;
    node.home().finish()?;
    Ok(node)
}

/// As [`found`]. The folder stays unfinished: who has more to do, as to tell a password that nobody can look up later,
/// finishes it when that is done, so that a founding that was cut off is taken up again.
///
/// # Errors
/// As there; or another city was begun in the folder.
pub async fn found_untold(home: Home, city: &str, founder: &Founder, password: &str) -> Result<Node, Problem> {
    let root = home.root_key().ok_or_else(|| Problem::from(kernel::Refusal::NoRootKey))?;
    // Everything that can be wrong is known before the first byte is written.
    let newcomer = Newcomer { name: founder.name.clone(), login: founder.login.clone() };
    let checked = named("城市名", "the name of the city", city, CITY_CHARS_MAX).and_then(|()| {
        newcomer.check()?;
        people::check_password(password, &[&founder.login, &founder.name])
    });
    if let Err(problem) = checked {
        home.discard();
        return Err(problem);
    }
    let changes = changes(city, root.public(), home.device_key().public(), founder)?;
    let node = Node::start(home, &Start::default())?;
    begun_as(&node, city, founder)?;
    // What an earlier try that was broken off has written already is not written again.
    let held = usize::try_from(node.registry().version()).unwrap_or_default();
    for change in changes.into_iter().skip(held) {
        let seen = node.registry().version();
        node.ask(None, Command::Registry { seen, change: Box::new(change) }).await?;
    }
    people::set_password(&node, SetBy::Owner, PersonId(1), password).await?;
    Ok(node)
}

/// What an earlier try has written stays: it names the same city and founder, or this is another city.
fn begun_as(node: &Node, city: &str, founder: &Founder) -> Result<(), Problem> {
    let registry = node.registry();
    let (begun, at) = (registry.city(), registry.now());
    let same = |known: &replica::Person| known.name == founder.name && known.login == founder.login;
    if registry.version() == 0 || (begun == city && at.person(PersonId(1)).is_none_or(same)) {
        return Ok(());
    }
    let by = at.person(PersonId(1)).map_or("", |known| known.name.as_str());
    Err(Problem::bad_input(
        format!("本目录里没有建完的是“{begun}”（{by}）；请用当时的参数再运行一次，或换一个目录"),
        format!("what was begun in this folder is {begun} ({by}): run it as it was run then, or take another folder"),
    ))
}
