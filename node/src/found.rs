//! Founding a city: the first node, with the registry's first entries.

use desk::founding::{CITY_CHARS_MAX, changes};
use desk::home::Home;
use desk::people::{self, Newcomer, named};
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
    let root = home.root_key().ok_or_else(|| Problem::from(kernel::Refusal::NoRootKey))?;
    // Everything that can be wrong is known before the first byte is written.
    let newcomer = Newcomer { name: founder.name.clone(), login: founder.login.clone() };
    let checked = named("城市名", "the name of the city", city, CITY_CHARS_MAX).and_then(|()| {
        newcomer.check()?;
        people::check_password(password)
    });
    if let Err(problem) = checked {
        home.discard();
        return Err(problem);
    }
    let changes = changes(city, root.public(), home.device_key().public(), founder)?;
    let node = Node::start(home, &Start::default())?;
    // What an earlier try that was broken off has written already is not written again.
    let held = usize::try_from(node.registry().version()).unwrap_or_default();
    for change in changes.into_iter().skip(held) {
        let seen = node.registry().version();
        node.ask(None, Command::Registry { seen, change: Box::new(change) }).await?;
    }
    people::set_password(&node, PersonId(1), password).await?;
    node.home().finish()?;
    Ok(node)
}
