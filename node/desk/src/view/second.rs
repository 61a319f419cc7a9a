//! What stands beside a confirmation: signs that two logins are of one hand. Whoever makes logins could make a second one for himself
//! and confirm with it. No rule can see who types; so that it may have been so is shown, to whoever looks and for ever. Where it is
//! known that whoever proposed something had the other's password, that one does not confirm it.

use std::collections::BTreeMap;

use regulation::calendar::local_date;
use regulation::{Millis, PersonId, UnitId};
use replica::Registry;
use replica::registry::At;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Queries;

use super::person_name;
use crate::problem::Problem;

/// A sign that two logins are of one hand, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// The sentence.
    pub text: String,
    /// The sentence in English.
    pub text_en: String,
}

/// Who set the first password of whom at this node, and since when those have their own.
#[derive(Clone, Debug, Default)]
pub struct FirstBy(BTreeMap<PersonId, (PersonId, Option<Millis>)>);

impl FirstBy {
    /// As this node keeps it: what was set at another it does not know.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn read(store: &Queries) -> Result<Self, Problem> {
        let known = |account: store::AccountRow| Some((account.person, (account.first_by?, account.own_since)));
        Ok(Self(store.accounts()?.into_iter().filter_map(known).collect()))
    }

    fn by(&self, person: PersonId) -> Option<PersonId> {
        self.0.get(&person).map(|(by, _)| *by)
    }

    /// Why `second` does not confirm what `proposer` proposed at `since`: until then that one had the other's password, and
    /// may have proposed it to confirm it with that.
    #[must_use]
    pub fn bars(&self, at: &At<'_>, (proposer, since): (PersonId, Millis), second: PersonId) -> Option<Doubt> {
        let (by, own_since) = self.0.get(&second)?;
        if *by != proposer || own_since.is_some_and(|own| own < since) {
            return None;
        }
        let (one, other) = (person_name(at, proposer), person_name(at, second));
        Some(Doubt {
            text: format!(
                "{other}在本机的首次密码由提出人{one}设定，提出时{other}还没有换成自己的密码：请另一人复核，或由{one}撤回后重新提出"
            ),
            text_en: format!(
                "{one}, who proposed it, had set the first password of {other} at this node, who had not chosen their own by then: another confirms it, or {one} takes it back and proposes it anew"
            ),
        })
    }
}

/// How a login came to be: who made it, when, for which unit.
struct Made {
    by: PersonId,
    at: Millis,
    unit: UnitId,
}

fn made(registry: &Registry, person: PersonId) -> Option<Made> {
    let entry = registry.brought_in(person)?;
    Some(Made { by: entry.by?, at: entry.time, unit: registry.now().person(person)?.unit })
}

/// The signs that whoever proposed something and whoever confirms it are one person.
#[must_use]
pub fn doubts(registry: &Registry, first_by: &FirstBy, proposer: PersonId, second: PersonId) -> Vec<Doubt> {
    if proposer == second {
        return Vec::new();
    }
    let name = |person| person_name(&registry.now(), person);
    let mut found = Vec::new();
    let mut say = |text: String, text_en: String| found.push(Doubt { text, text_en });
    let both = [(proposer, second), (second, proposer)];
    for (one, other) in both {
        if made(registry, other).is_some_and(|made| made.by == one) {
            let (one, other) = (name(one), name(other));
            say(format!("{other}的登录名由{one}建立"), format!("{one} made the login of {other}"));
        }
    }
    if let (Some(one), Some(other)) = (made(registry, proposer), made(registry, second))
        && (one.by, one.unit, local_date(one.at)) == (other.by, other.unit, local_date(other.at))
    {
        let by = name(one.by);
        say(
            format!("两人的登录名由{by}同一天为同一单位建立"),
            format!("{by} made both logins for one unit on one day"),
        );
    }
    for (one, other) in both {
        if first_by.by(other) == Some(one) {
            let (one, other) = (name(one), name(other));
            say(
                format!("{other}在本机的首次密码由{one}设定"),
                format!("{one} set the first password of {other} at this node"),
            );
        }
    }
    found
}
