//! Whom the fields of an act name.

use super::records::{Citation, Dispatch, Had, Joins, Rating, Register, Seen};
use crate::codes::*;
use crate::ids::{ActId, DutyId, Millis, PersonId, UnitId};

/// Somebody whom a field names.
pub(super) enum Named<'f> {
    Unit(&'f mut UnitId),
    Person(&'f mut PersonId),
}

/// A field that may name somebody, or assign units. Most do neither.
pub(super) trait Naming {
    fn each(&mut self, _see: &mut dyn FnMut(Named<'_>)) {}

    fn dispatch(&self) -> Option<&Dispatch> {
        None
    }
}

macro_rules! naming_nobody {
    ($($type:ty)*) => { $(impl Naming for $type {})* };
}

naming_nobody! {
    bool Option<bool> u8 u64 Millis Option<Millis> ActId Option<ActId> [u8; 32] Register Option<Citation> Option<DutyId> Option<Joins> Vec<Had> Option<Rating> Option<Party> Option<RequestKind>
    Agree AttachClass ClosureGround Content EmergencyLine FileHash Finding Heard MediaType Outcome Reached RejectGround SetAsideGround
    SuperviseGround SuperviseLevel Urgency Way
}

impl Naming for UnitId {
    fn each(&mut self, see: &mut dyn FnMut(Named<'_>)) {
        see(Named::Unit(self));
    }
}

impl Naming for Option<UnitId> {
    fn each(&mut self, see: &mut dyn FnMut(Named<'_>)) {
        self.iter_mut().for_each(|unit| unit.each(see));
    }
}

impl Naming for PersonId {
    fn each(&mut self, see: &mut dyn FnMut(Named<'_>)) {
        see(Named::Person(self));
    }
}

impl Naming for Dispatch {
    fn each(&mut self, see: &mut dyn FnMut(Named<'_>)) {
        std::iter::once(&mut self.lead).chain(&mut self.assisting).for_each(|unit| unit.each(see));
    }

    fn dispatch(&self) -> Option<&Dispatch> {
        Some(self)
    }
}

impl Naming for Seen {
    fn each(&mut self, see: &mut dyn FnMut(Named<'_>)) {
        if let Self::Delivered { unit, .. } = self {
            unit.each(see);
        }
    }
}
