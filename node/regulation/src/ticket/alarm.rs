//! Urgent help (21(3)): who said that it is, whom that charges with two hours, and who has reported since.

use super::{Assignment, Part, Ticket, TicketState};
use crate::act::{Body, RequestKind, Urgency, Way};
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, UnitId};

/// Whom an alarm charges with a first report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charges {
    /// Whoever has the ticket, or is given it: the city said so, or the hotline that dispatched.
    All,
    /// The unit that said so itself.
    Unit(UnitId),
    /// Nobody: an assisting unit said so, or somebody when the work was done.
    Nobody,
}

/// A report since an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The unit.
    pub unit: UnitId,
    /// The dispatch by which it has the ticket; that of none where a unit wrote the ticket down itself.
    pub dispatch: Option<ActId>,
    /// The act, and when.
    pub done: (ActId, Millis),
    /// It was made on the scene.
    pub on_scene: bool,
    /// It tells of a call to the requester, and of nothing else.
    pub call: bool,
    /// Nobody was called: something was sent in writing.
    pub sent: bool,
}

impl Report {
    /// That act, made under that dispatch.
    pub(super) fn of(fact: &Fact, dispatch: Option<ActId>) -> Self {
        let on_scene = matches!(fact.body, Body::Progress { way: Way::OnSite, .. });
        let call = matches!(fact.body, Body::Contact { .. });
        let sent = matches!(fact.body, Body::Contact { way, reached } if way.written() && !reached.replied());
        Self { unit: fact.author.unit, dispatch, done: fact.done(), on_scene, call, sent }
    }
}

/// Somebody said that it is urgent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The act, and when.
    pub raised: (ActId, Millis),
    /// Whom it charges.
    pub charges: Charges,
    /// It was raised of help: other kinds have no two hours.
    pub of_help: bool,
    /// The act by which the city found that it is urgent no more, and when: what was missed by then stays missed.
    pub ended: Option<(ActId, Millis)>,
    /// What was reported since: of each part the first, and the first on the scene.
    pub reports: Vec<Report>,
}

impl Alarm {
    /// Whether it charges that part.
    #[must_use]
    pub fn charges(&self, unit: UnitId) -> bool {
        match self.charges {
            Charges::All => true,
            Charges::Unit(own) => own == unit,
            Charges::Nobody => false,
        }
    }

    /// Of two reports of one sort the earlier counts, whichever is heard of first.
    fn report(&mut self, new: Report) {
        let same = |old: &&mut Report| (old.unit, old.dispatch, old.on_scene) == (new.unit, new.dispatch, new.on_scene);
        match self.reports.iter_mut().find(same) {
            Some(old) if old.done.1 <= new.done.1 => {}
            Some(old) => *old = new,
            None => self.reports.push(new),
        }
    }

    pub(super) fn each_time(&mut self, see: &mut dyn FnMut(ActId, &mut Millis)) {
        see(self.raised.0, &mut self.raised.1);
        self.ended.iter_mut().for_each(|(act, at)| see(*act, at));
        self.reports.iter_mut().for_each(|report| see(report.done.0, &mut report.done.1));
    }
}

impl Ticket {
    /// Somebody says that it is urgent.
    pub(super) fn alarm(&mut self, charges: Charges, fact: &Fact) {
        let of_help = self.register.kind == RequestKind::Help;
        self.alarms.push(Alarm { raised: fact.done(), charges, of_help, ended: None, reports: Vec::new() });
    }

    /// Said once more by whoever charges nobody else it is no more urgent; by the hotline it counts for all from then on.
    pub(super) fn set_urgency(&mut self, urgency: Urgency, fact: &Fact) {
        let charges = self.charged_by(fact);
        match urgency {
            Urgency::Urgent => {
                let open = |alarm: &&Alarm| alarm.ended.is_none();
                let said = self
                    .alarms
                    .iter()
                    .filter(open)
                    .any(|alarm| alarm.charges == Charges::All || alarm.charges == charges);
                if !said {
                    self.alarm(charges, fact);
                }
            }
            Urgency::Ordinary => {
                let open = self.alarms.iter_mut().filter(|alarm| alarm.ended.is_none());
                open.for_each(|alarm| alarm.ended = Some(fact.done()));
            }
        }
        self.urgency = urgency;
    }

    /// Nobody is charged by another's word but by the hotline's; nor by anybody's once the work was found done (21(3), `[D]`).
    fn charged_by(&self, fact: &Fact) -> Charges {
        let unit = fact.author.unit;
        let own = self.part_of(unit).filter(|own| own.part != Part::Assisting);
        let hotline = fact.author.level == Level::CityHotline || self.in_force().any(|a| self.decider(a.by) == unit);
        match self.state {
            TicketState::AwaitingFollowUp | TicketState::AwaitingVerification => Charges::Nobody,
            _ if hotline || self.assignments.is_empty() => Charges::All,
            _ if own.is_some() => Charges::Unit(unit),
            _ => Charges::Nobody,
        }
    }

    /// A unit has reported, whatever becomes of its part.
    pub(super) fn reports(&mut self, fact: &Fact) {
        let dispatch = self.part_of(fact.author.unit).map(|own| own.dispatch);
        self.reported_by(&Report::of(fact, dispatch));
    }

    /// What was reported under that dispatch, in force or not, or before there was any: for every alarm that was raised before.
    ///
    /// A call to the requester is no report, nor what an assisting unit tells but of the scene; whoever dealt with it before
    /// anybody dispatched it has reported by whatever it did.
    pub(super) fn reported_by(&mut self, report: &Report) {
        let of = |a: &&Assignment| a.unit == report.unit && Some(a.dispatch) == report.dispatch;
        let assists = self.assignments.iter().find(of).is_some_and(|own| own.part == Part::Assisting);
        if report.dispatch.is_none() && !report.sent || report.on_scene || !assists && !report.call {
            self.alarms.iter_mut().for_each(|alarm| alarm.report(*report));
        }
    }
}
