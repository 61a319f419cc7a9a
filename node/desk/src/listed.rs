//! What is called by its code or Chinese name out of a closed list: acts, states, roles, classes of devices. A wrong name is
//! answered with those that come near it, never with a wall of all of them.

use regulation::{ActKind, Role, TicketState};
use replica::Class;

use crate::narrow::narrow;
use crate::problem::Problem;

/// Names that come near a wrong one.
const NEAR: usize = 3;
/// A list of so many is told as a whole.
const WHOLE_MAX: usize = 16;

/// An act that people make.
///
/// # Errors
/// There is none of that name: those that come near are named, and where all are listed.
pub fn kind(name: &str) -> Result<ActKind, Problem> {
    let people = ActKind::ALL.iter().copied().filter(|kind| !kind.of_clock()).collect();
    let list = List {
        what: ("事项", "act"),
        lists: Some("jiesu help acts"),
        names: |kind: &ActKind| (kind.code(), kind.chinese()),
    };
    list.one(people, name)
}

/// A state of a ticket.
///
/// # Errors
/// There is none of that name.
pub fn state(name: &str) -> Result<TicketState, Problem> {
    let list = List { what: ("状态", "state"), lists: None, names: |state: &TicketState| state.names() };
    list.one(TicketState::ALL.to_vec(), name)
}

/// A role of a person.
///
/// # Errors
/// There is none of that name.
pub fn role(name: &str) -> Result<Role, Problem> {
    let list = List { what: ("岗位", "role"), lists: None, names: |role: &Role| role.names() };
    list.one(Role::ALL.to_vec(), name)
}

/// A class of devices.
///
/// # Errors
/// There is none of that name.
pub fn class(name: &str) -> Result<Class, Problem> {
    let list = List { what: ("设备类别", "class of device"), lists: None, names: |class: &Class| class.names() };
    list.one(Class::ALL.to_vec(), name)
}

/// A closed list.
struct List<T> {
    /// What it is of, in Chinese and English.
    what: (&'static str, &'static str),
    /// The command that lists all, where they are many.
    lists: Option<&'static str>,
    /// Code and Chinese name of each.
    names: fn(&T) -> (&'static str, &'static str),
}

impl<T: Copy> List<T> {
    fn one(&self, all: Vec<T>, name: &str) -> Result<T, Problem> {
        let called = narrow(name);
        let is_it = |one: &&T| {
            let (code, chinese) = (self.names)(one);
            code == called || chinese == called || chinese == name.trim()
        };
        all.iter().find(is_it).copied().ok_or_else(|| self.none(all, &called))
    }

    fn none(&self, mut all: Vec<T>, name: &str) -> Problem {
        let whole = all.len() <= WHOLE_MAX;
        if !whole {
            let near = |one: &T| {
                let (code, chinese) = (self.names)(one);
                strsim::jaro_winkler(code, name).max(strsim::jaro_winkler(chinese, name))
            };
            all.sort_by(|one, other| near(other).total_cmp(&near(one)));
            all.truncate(NEAR);
        }
        let both = |one: &T| {
            let (code, chinese) = (self.names)(one);
            format!("{chinese}（{code}）")
        };
        let (chinese, english): (Vec<String>, Vec<&str>) =
            all.iter().map(|one| (both(one), (self.names)(one).0)).unzip();
        let (chinese, english) = (chinese.join("、"), english.join(", "));
        let (said, said_en) = if whole { ("可用", "there are") } else { ("相近的", "near it") };
        let more =
            self.lists.map(|lists| (format!("；全部见 {lists}"), format!("; {lists} lists all"))).unwrap_or_default();
        Problem::bad_input(
            format!("没有这个{}：{name}；{said}：{chinese}{}", self.what.0, more.0),
            format!("no {} {name}; {said_en}: {english}{}", self.what.1, more.1),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_states_and_roles_go_by_either_name() {
        for kind_of in ActKind::ALL.iter().filter(|kind| !kind.of_clock()) {
            assert_eq!(kind(kind_of.code()).unwrap(), *kind_of);
            assert_eq!(kind(kind_of.chinese()).unwrap(), *kind_of, "{}", kind_of.chinese());
        }
        assert_eq!(kind(" ｄｉｓｐａｔｃｈ ").unwrap(), ActKind::Dispatch);
        assert_eq!(state("待派发").unwrap(), TicketState::AwaitingDispatch);
        assert_eq!(role("受理").unwrap(), role("intake").unwrap());
        assert!(kind("settle").is_err(), "no person makes it");
    }

    #[test]
    fn wrong_name_is_answered_with_the_nearest_three_and_a_short_list_with_all() {
        let problem = kind("dispach").unwrap_err();
        assert!(problem.title.contains("派发（dispatch）") && problem.title.contains("jiesu help acts"), "{problem:?}");
        assert_eq!(problem.title.matches('（').count(), NEAR, "{problem:?}");
        assert!(kind("派单").unwrap_err().title.contains("派发"));
        let problem = state("dispatched").unwrap_err();
        assert!(
            problem.title.contains("待派发（awaiting-dispatch）") && problem.detail.contains("merged"),
            "{problem:?}"
        );
        assert!(role("x").unwrap_err().title.contains("系统管理（administer）"));
        assert!(class("pc").unwrap_err().title.contains("laptop"));
    }
}
