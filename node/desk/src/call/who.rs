//! Who may ask for what: one table, looked at in one place before anything is done. What a person may do to a ticket is
//! the regulation's business; here it is only who may ask at all.

use regulation::{Author, Level, PersonId, Role};

use super::{Call, questions};
use crate::Desk;
use crate::import::history::Step;
use crate::people;
use crate::problem::Problem;

/// Who may ask for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever can use the folder: nothing of a ticket, an article or a requester is told, and nothing is changed.
    Anybody,
    /// As before; who is signed in is told more.
    AnybodyAndMore,
    /// Whoever the password is of; of the first one see `may_set`.
    Owner,
    /// Whoever is signed in, whatever they do.
    SignedIn,
    /// Whoever is signed in and works in the unit: not whoever looks for a supervision organ.
    Somebody,
    /// Whoever looks for a supervision organ (36).
    Inspector,
    /// Whoever has one of these roles in the unit of this node.
    One(&'static [Role]),
    /// Whoever has the role 系统管理 in the unit of this node. What is written into the registry needs the city's.
    Administrator,
    /// People of the city hotline; elsewhere whoever reviews, supervises or audits. A unit below the hotlines has mostly nobody who
    /// does: there it is whoever handles, who answers for what was looked at.
    Auditor,
}

impl Call {
    /// The table. Whoever adds a call says here who may: there is no line for the rest.
    #[must_use]
    pub fn who(&self) -> Who {
        match self {
            Self::SignIn(_)
            | Self::Sync(_)
            | Self::Hurry(_)
            | Self::Status(_)
            | Self::Due(_)
            | Self::Year(_)
            | Self::Units(_)
            | Self::Categories(_)
            | Self::Clock(questions::Clock { confirm: None }) => Who::Anybody,
            // Who has proposed what, whoever may answer it is told.
            Self::Weights(questions::Weights { response: None, solution: None, satisfaction: None, mostly: None, .. }) => {
                Who::AnybodyAndMore
            }
            Self::Terms(asked) if asked.set.is_empty() => Who::AnybodyAndMore,
            Self::Duties(asked) if asked.set.is_empty() && asked.retire.is_empty() => Who::AnybodyAndMore,
            Self::Verify(_) => Who::AnybodyAndMore,
            Self::Password(_) => Who::Owner,
            Self::SignOut(_) => Who::SignedIn,
            Self::Inspect(_) => Who::Inspector,
            Self::Act(_)
            | Self::Ticket(_)
            | Self::File(_)
            | Self::Duplicates(_)
            | Self::Proposals(_)
            | Self::Cover(_)
            | Self::Tickets(_)
            | Self::Article(_)
            | Self::Articles(_)
            // What comes of it is what is there already.
            | Self::Times(_)
            | Self::HubTickets(_)
            // A township has nobody who administers, and computes what is wrong again by itself.
            | Self::Rebuild(_)
            | Self::Roster(_) => Who::Somebody,
            Self::Report(_) => Who::One(&[Role::Statistics, Role::Review, Role::Supervise]),
            Self::Lock(_) => Who::One(&[Role::Statistics, Role::Review]),
            // Which of them, the registry asks of each entry.
            Self::Decide(_) => Who::One(&[Role::Administer, Role::Statistics, Role::Review]),
            Self::Import(asked) => match asked.history {
                None | Some(Step::Take) => Who::One(&[Role::Intake]),
                Some(Step::List) => Who::One(&[Role::Intake, Role::Review]),
                Some(Step::Confirm) => Who::One(&[Role::Review]),
            },
            Self::Reveals(_) => Who::Auditor,
            Self::Invite(_)
            | Self::Person(_)
            | Self::Roles(_)
            | Self::Calendar(_)
            | Self::Terms(_)
            | Self::Duties(_)
            | Self::Weights(_)
            | Self::VoidTimes(_)
            | Self::Clock(_)
            | Self::WaiveHub(_)
            | Self::RetireHub(_) => Who::Administrator,
            Self::Acknowledge(_) => Who::One(&[Role::Administer, Role::Security]),
        }
    }

    /// Whether it changes the registry, which is written on the city hub alone.
    #[must_use]
    pub const fn writes_registry(&self) -> bool {
        matches!(
            self,
            Self::Invite(_)
                | Self::Person(_)
                | Self::Roles(_)
                | Self::Calendar(_)
                | Self::Terms(_)
                | Self::Duties(_)
                | Self::Weights(_)
                | Self::VoidTimes(_)
                | Self::WaiveHub(_)
                | Self::RetireHub(_)
        )
    }

    /// Whether it must be known who asks.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        !matches!(self.who(), Who::Anybody | Who::AnybodyAndMore)
    }
}

impl Who {
    /// Whether that is so of somebody. Who owns a password is seen where it is set.
    #[must_use]
    pub fn is(self, author: &Author) -> bool {
        let (signed_in, inspects) = (author.person.is_some(), author.inspects());
        let works = signed_in && !inspects;
        match self {
            Self::Anybody | Self::AnybodyAndMore | Self::Owner => true,
            Self::SignedIn => signed_in,
            Self::Somebody => works,
            Self::Inspector => signed_in && inspects,
            Self::One(roles) => works && roles.iter().any(|role| author.roles.contains(role)),
            Self::Administrator => works && author.roles.contains(&Role::Administer),
            Self::Auditor => {
                let looks = |role: &Role| match role {
                    Role::Review | Role::Supervise | Role::Audit => true,
                    Role::Handle => author.level == Level::Unit,
                    _ => false,
                };
                works && (author.level == Level::CityHotline || author.roles.iter().any(looks))
            }
        }
    }

    /// The same in words, in Chinese and English.
    #[must_use]
    pub fn names(self) -> (String, String) {
        let fixed = |chinese: &str, english: &str| (chinese.to_owned(), english.to_owned());
        match self {
            Self::Anybody => fixed("能使用数据目录的任何人", "whoever can use the folder"),
            Self::AnybodyAndMore => fixed(
                "能使用数据目录的任何人；登录的人看到更多",
                "whoever can use the folder; who is signed in is told more",
            ),
            Self::Owner => fixed(
                "本人；首次密码可由系统管理人员设，或由岗位不少于其人的同单位同事设",
                "its owner; the first one also an administrator, or a colleague who has all their roles",
            ),
            Self::SignedIn => fixed("已登录的人", "whoever is signed in"),
            Self::Somebody => fixed("已登录的本单位人员", "whoever is signed in and works in the unit"),
            Self::Inspector => fixed("监察岗位的人员", "whoever has the role inspect"),
            Self::One(roles) => (
                roles.iter().map(|role| role.names().1).collect::<Vec<_>>().join("或") + "岗位的人员",
                format!(
                    "whoever has the role {}",
                    roles.iter().map(|role| role.names().0).collect::<Vec<_>>().join(" or ")
                ),
            ),
            Self::Administrator => fixed("系统管理（administer）岗位的人员", "whoever has the role administer"),
            Self::Auditor => fixed(
                "市热线人员，审核、督办、安全审计岗位的人员，以及乡镇、部门、企业承办岗位的人员",
                "people of the city hotline, whoever reviews, supervises or audits, and whoever handles at a unit",
            ),
        }
    }
}

/// That somebody may ask for that; the one place where it is decided.
///
/// # Errors
/// Who may instead.
pub(super) fn check(desk: &Desk, person: Option<PersonId>, call: &Call) -> Result<(), Problem> {
    let who = call.who();
    if !call.needs_person() {
        return Ok(());
    }
    let (me, registry) = (desk.me()?, desk.registry());
    if who.is(&people::author(&registry, &me, person)) {
        return Ok(());
    }
    let (chinese, english) = who.names();
    let at = registry.now();
    let nobody = !at
        .people()
        .any(|(id, other)| other.unit == me.device.unit && who.is(&people::author(&registry, &me, Some(id))));
    // Whoever is named here could not do it here either.
    if who == Who::Administrator && call.writes_registry() && desk.home().root_key().is_none() {
        return Err(Problem::not_permitted(
            "这由市热线的系统管理（administer）人员在市热线中心节点上办理，本机不能办；有需要请与市热线联系",
            "done on the city hub, by whoever has the role administer at the city hotline; not at this device",
        ));
    }
    if nobody && who == Who::Administrator {
        return Err(Problem::not_permitted(
            "本单位还没有系统管理人员；请市热线指定一名：jiesu person roles 登录名 --add administer",
            "nobody of this unit has the role administer yet; the city hotline names somebody: jiesu person roles LOGIN --add administer",
        ));
    }
    Err(Problem::not_permitted(format!("只有{chinese}可以办理"), format!("only for {english}")))
}

#[cfg(test)]
#[path = "who/tests.rs"]
mod tests;
