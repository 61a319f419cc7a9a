//! An act as the regulation sees it: what was done, by whom, when, and by which edition of the rules it is weighed.

use std::borrow::Cow;

use crate::act::Body;
use crate::edition::Edition;
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::kind::Role;

/// Level of a unit; orders acts inside a stratum and decides who may act as hotline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 市热线工作机构
    CityHotline,
    /// 县级接诉即办工作机构
    CountyHotline,
    /// 承办单位
    Unit,
}

/// Who made an act, as the registry version that the act names has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The unit of the device.
    pub unit: UnitId,
    /// Level of that unit.
    pub level: Level,
    /// Whether the device is the one that the roster names city hub.
    pub hub: bool,
    /// The person; absent in hub and clock acts.
    pub person: Option<PersonId>,
    /// The roles of the person in that unit; empty without a person.
    pub roles: Vec<Role>,
}

impl Author {
    /// Whether it is somebody who looks for a supervision organ: one case at a time, and no act is lawful by it (36).
    #[must_use]
    pub fn inspects(&self) -> bool {
        self.roles.contains(&Role::Inspect)
    }
}

/// An act as the regulation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The act.
    pub id: ActId,
    /// Its typed fields.
    pub body: Body,
    /// The one act that it answers.
    pub answers: Option<ActId>,
    /// Who made it.
    pub author: Author,
    /// When it was entered, as its device says.
    pub claimed_at: Millis,
    /// When the work was done, if that was said.
    pub happened_at: Option<Millis>,
    /// The edition of the rules that it is weighed by: that of the registry which it names, unless it is said otherwise.
    pub edition: Edition,
    /// What came before it in the record without its author having heard of it, where that matters ([`crate::crossed`]). Empty
    /// where it was made.
    pub crossed: Vec<ActId>,
}

impl Fact {
    /// When it was done: as said, but not after it was entered; or when it was entered, where that is what counts. The city
    /// hub is in touch with itself: whoever works there writes down what happens when it does.
    #[must_use]
    pub fn when(&self) -> Millis {
        let said = self.happened_at.filter(|_| !self.body.kind().at_once() && !self.author.hub);
        said.map_or(self.claimed_at, |at| at.min(self.claimed_at))
    }

    /// The act, and when it was done.
    pub(crate) fn done(&self) -> (ActId, Millis) {
        (self.id, self.when())
    }

    /// The same weighed by that edition of the rules.
    #[must_use]
    pub fn under(&self, edition: Edition) -> Cow<'_, Self> {
        if self.edition == edition { Cow::Borrowed(self) } else { Cow::Owned(Self { edition, ..self.clone() }) }
    }
}
