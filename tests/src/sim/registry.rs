//! The registry changes while nodes are cut off from the hub.

use kernel::{Command, Input, Kernel, Request};
use regulation::calendar::Day;
use regulation::settings::EDITION;
use regulation::terms::Terms;
use regulation::{Edition, PersonId, Role};
use replica::{Change, Person};

use super::Sim;
use crate::city;

impl Sim {
    /// The hub writes an entry of the registry, sometimes decided on a version that is not the newest any more.
    pub(super) fn registry_changes(&mut self) -> Result<(), String> {
        let Some(kernel) = &self.nodes[0].kernel else { return Ok(()) };
        let version = kernel.registry().version();
        let waits = kernel.registry().proposed().last().map(|proposed| proposed.hash);
        let seen = if self.dice.percent(90) { version } else { version.saturating_sub(1) };
        let (person, command) = match (self.dice.below(6), waits) {
            (0, _) => (None, Command::AddPerson(self.newcomer(version))),
            // What somebody proposed is mostly confirmed by another; what he confirms himself is refused.
            (5, Some(hash)) => {
                let person = *self.dice.pick(&city::people(city::CITY));
                let yes = self.dice.percent(80);
                let answer = if yes { Change::Confirmed(hash) } else { Change::declined(hash, "再议") };
                (Some(person), Command::Registry { seen, change: Box::new(answer) })
            }
            (choice, _) => match self.change(choice) {
                terms @ Change::Settings(_) => {
                    let proposes = Change::Proposed(Box::new(terms));
                    let person = *self.dice.pick(&city::people(city::CITY));
                    (Some(person), Command::Registry { seen, change: Box::new(proposes) })
                }
                change => (None, Command::Registry { seen, change: Box::new(change) }),
            },
        };
        self.input(0, Input::Request(Box::new(Request { ticket: 0, person, command })))
    }

    /// Two people of the city put another edition of the rules in force, while acts under the old one are under way. It is
    /// refused for as long as a hub has not said that its program carries it.
    pub(super) fn change_edition(&mut self) -> Result<(), String> {
        self.handle(0)?;
        let [one, other] = city::people(city::CITY);
        let change = Change::settings(vec![(EDITION, Edition::MADE_UP.0.into())]);
        self.decide(one, Change::Proposed(Box::new(change.clone())))?;
        let Some(registry) = self.nodes[0].kernel.as_ref().map(Kernel::registry) else { return Ok(()) };
        let proposed = registry.proposed().any(|proposed| proposed.change == change);
        match (registry.now().hubs().all(|(.., carried)| carried == Edition::MADE_UP), proposed) {
            (true, true) => {}
            (false, false) => return Ok(()),
            (all, _) => return Err(format!("the edition was proposed: {proposed}; every hub carries it: {all}")),
        }
        let proposed = |kernel: &Kernel| kernel.registry().proposed().last().map(|proposed| proposed.hash);
        let Some(hash) = self.nodes[0].kernel.as_ref().and_then(proposed) else {
            return Err("the edition was not proposed".to_owned());
        };
        self.decide(other, Change::Confirmed(hash))?;
        let edition = self.nodes[0].kernel.as_ref().map(|kernel| kernel.registry().now().edition());
        self.run.editions += 1;
        if edition == Some(Edition::MADE_UP) { Ok(()) } else { Err(format!("the edition is {edition:?}")) }
    }

    fn decide(&mut self, person: PersonId, change: Change) -> Result<(), String> {
        let Some(kernel) = &self.nodes[0].kernel else { return Ok(()) };
        let seen = kernel.registry().version();
        self.request(0, person, Command::Registry { seen, change: Box::new(change) })?;
        self.handle(0)
    }

    fn newcomer(&mut self, version: u32) -> Person {
        let unit = *self.dice.pick(&city::TOWNSHIPS);
        // Now and then the login of somebody who is there already: refused, whoever else is added meanwhile.
        let login = if self.dice.percent(20) { "p10".to_owned() } else { format!("new{version}") };
        Person { unit, name: format!("新人{version}"), login, roles: vec![Role::Handle] }
    }

    fn change(&mut self, choice: usize) -> Change {
        match choice {
            1 => {
                let days = i64::try_from(self.dice.below(30)).unwrap_or_default();
                let date = regulation::calendar::local_date(city::MONDAY_NOON + days * 86_400_000);
                Change::Calendar(vec![Day { date, working: false, name: "临时放假".to_owned() }])
            }
            2 => {
                let late_minutes = 5 + u32::try_from(self.dice.below(20)).unwrap_or_default();
                let date = regulation::calendar::local_date(self.now + 86_400_000);
                let tomorrow = Day { date, working: true, name: String::new() }.number();
                Change::terms(&Terms { late_minutes, ..Terms::default() }).from_day(tomorrow)
            }
            _ => {
                // The second person of a unit loses a role, or gets it back, while acts of hers are under way.
                let unit = *self.dice.pick(&city::TOWNSHIPS);
                let person = PersonId(city::people(unit)[1].0);
                let roles =
                    if self.dice.percent(50) { regulation::split::all_of_one() } else { vec![Role::Statistics] };
                let name = format!("职员{}", person.0);
                Change::Person(person, Person { unit, name, login: format!("p{}", person.0), roles })
            }
        }
    }
}
