//! Which roles one login does not hold together, so that nobody looks after his own work: 三员 exclude each other, whoever handles does
//! not look at what was handled, whoever dispatches does not ask the requester how it went. `[D]` Whoever looks for a supervision organ
//! (36) does nothing else.

use crate::fact::Level;
use crate::kind::Role;

/// Two roles that are two people's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// One of them.
    pub one: Role,
    /// The other.
    pub other: Role,
    /// The registry takes in nobody who has both. Otherwise a small office may have no choice, and it is shown.
    pub never: bool,
}

/// 三员 (GB/T 22239), 承办 and 审核, 派单 and 回访.
const SPLITS: [Split; 5] = [
    Split { one: Role::Administer, other: Role::Security, never: true },
    Split { one: Role::Administer, other: Role::Audit, never: true },
    Split { one: Role::Security, other: Role::Audit, never: true },
    Split { one: Role::Handle, other: Role::Review, never: false },
    Split { one: Role::Dispatch, other: Role::FollowUp, never: false },
];

/// What somebody of a unit of that level holds together that two people should. Nothing is ever dispatched to the city hotline, which so
/// has nothing to handle: there 承办 only lets confidential requests be seen.
pub fn held_together(roles: &[Role], level: Level) -> impl Iterator<Item = Split> {
    let handles = level != Level::CityHotline;
    let both = move |split: &Split| roles.contains(&split.one) && roles.contains(&split.other);
    let inspects = roles.contains(&Role::Inspect);
    let others = roles.iter().filter(move |role| inspects && **role != Role::Inspect);
    let inspector = others.map(|other| Split { one: Role::Inspect, other: *other, never: true });
    let split = SPLITS.into_iter().filter(both);
    split.filter(move |split| split.never || handles || split.one != Role::Handle).chain(inspector)
}

/// The most that one login may hold: every role, and of 三员 that of the system alone; not that of whoever looks from outside.
#[must_use]
pub fn all_of_one() -> Vec<Role> {
    let others = |role: &Role| !matches!(role, Role::Security | Role::Audit | Role::Inspect);
    Role::ALL.into_iter().filter(others).collect()
}
