//! What the program says of two tickets that are merged (16), and what of the one goes on with the other.

use regulation::act::{Agree, Agrees, Had, Joins, Urgency};
use regulation::terms::{DueItem, DueKind};
use regulation::{ActId, ActKind, Body, Millis, Part, PersonId, Rule, Ticket, UnitId};
use replica::limits::DISPATCH_UNITS_MAX;
use replica::registry::At;
use replica::{Draft, Effect, Field, History, Node, Registry, Standing};

use crate::duplicates::{Known, agree};
use crate::requester::registered_telephone as telephone;
use crate::{Fault, Kernel, Refusal, due};

/// What the two tickets were when one was merged into the other, if the merge says otherwise: each as whoever merged them had it.
/// `None` too where the other's own word of it is not held here.
///
/// # Errors
/// A document cannot be built.
pub fn said_otherwise(
    registry: &Registry,
    one: &History,
    merge: &Node,
    other: &History,
) -> Result<Option<Agrees>, Fault> {
    let (&Body::Merge { place, category, kind, intake, .. }, Some(at)) =
        (&merge.fact.body, registry.at(&merge.act.registry))
    else {
        return Ok(None);
    };
    let takes_in = |node: &&Node| match &node.fact.body {
        Body::Supplement { joined, joins: Some(joins) } => *joined == one.id() && !joins.parted && node.admitted(),
        _ => false,
    };
    let Some(taken_in) = other.nodes().iter().find(takes_in) else { return Ok(None) };
    let found = words(&at, merge.act.person, &mut before(one, merge), &mut before(other, taken_in))?;
    Ok((found != Agrees { place, category, kind, intake }).then_some(found))
}

/// The document as it was before an act.
fn before(history: &History, act: &Node) -> History {
    let mut before = History::default();
    act.past.iter().filter_map(|index| history.nodes().get(index)).for_each(|node| before.insert(node.clone()));
    before
}

/// Whether one ticket and another agree in place, category, kind and intake, by their documents as they stand: but for what whoever
/// merges them has corrected himself. On the strength of that another person merges them.
///
/// # Errors
/// A document cannot be built.
fn words(at: &At<'_>, who: Option<PersonId>, one: &mut History, other: &mut History) -> Result<Agrees, Fault> {
    let (place, category) = agree(at, &known(one, who)?, &known(other, who)?);
    let kind = |body: &Body| matches!(body, Body::Reclassify { .. });
    let asked = |history: &mut History| {
        as_others_left_it(history, who, &|node| kind(&node.fact.body), &mut |history| {
            Ok(history.record().ticket().map(|ticket| ticket.register.kind))
        })
    };
    let kind = match (asked(one)?, asked(other)?) {
        (Some(one), Some(other)) if one.wants_the_same(other) => Agree::Same,
        (Some(_), Some(_)) => Agree::Other,
        _ => Agree::Unknown,
    };
    let intake = if written_by(one) == written_by(other) { Agree::Same } else { Agree::Other };
    Ok(Agrees { place, category, kind, intake })
}

/// The unit that wrote the ticket down for the city to confirm; `None` where the hotline took it in.
fn written_by(history: &History) -> Option<UnitId> {
    history.record().ticket().filter(|ticket| ticket.by_proxy()).map(|ticket| ticket.registered_by)
}

fn known(history: &mut History, who: Option<PersonId>) -> Result<Known, Fault> {
    let mut first = |field: Field| {
        let sets = |node: &Node| node.act.effects.iter().any(|e| matches!(e, Effect::Register(of, _) if *of == field));
        as_others_left_it(history, who, &sets, &mut |history| {
            Ok(history.register(field).map(|values| values.into_iter().next().unwrap_or_default())?)
        })
    };
    Ok(Known { category: first(Field::Category)?, place: first(Field::Place)? })
}

/// What a document says of something as it was before that person, or a unit, corrected it last, while nobody else of the city has
/// since. What it was written down with is no correction.
fn as_others_left_it<T>(
    history: &mut History,
    who: Option<PersonId>,
    corrects: &dyn Fn(&Node) -> bool,
    read: &mut dyn FnMut(&mut History) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let effective = |index: usize| history.counts(index) && history.standing(index) == Some(Standing::Effective);
    let all = history.nodes().iter().enumerate().skip(1);
    let corrections: Vec<_> = all.filter(|(index, node)| effective(*index) && corrects(node)).collect();
    // Those that no other follows, whichever came first here.
    let newest = |index: usize| !corrections.iter().any(|(_, later)| later.past.contains(index));
    let newest = || corrections.iter().filter(|(index, _)| newest(*index)).map(|(_, node)| *node);
    // A unit corrects what it has itself: on the strength of that no one person merges it either.
    let own = |node: &Node| {
        who.is_some() && node.act.person == who || node.fact.author.level != regulation::Level::CityHotline
    };
    match newest().min_by_key(|node| node.id) {
        Some(own_act) if newest().all(own) => as_others_left_it(&mut before(history, own_act), who, corrects, read),
        _ => read(history),
    }
}

/// Whether a ticket is said to join another into which nobody ever merged it: both by their documents as they stand.
#[must_use]
pub fn joined_by_nobody(supplement: &Node, one: &History, other: &History) -> bool {
    let Body::Supplement { joined, joins: Some(joins) } = &supplement.fact.body else { return false };
    let merged = |node: &&Node| match &node.fact.body {
        Body::Merge { into, .. } | Body::MergeOther { into, .. } => Some(*into) == other.id() && node.admitted(),
        _ => false,
    };
    *joined == one.id() && !joins.parted && !one.nodes().iter().any(|node| merged(&node))
}

/// What of a ticket goes on with the one that it was merged into, where the supplement says otherwise: by its document as whoever
/// merged it had it. `None` too where it was merged by nobody.
#[must_use]
pub fn goes_on_otherwise(registry: &Registry, supplement: &Node, one: &History, other: &History) -> Option<Joins> {
    let Body::Supplement { joins: Some(said), .. } = &supplement.fact.body else { return None };
    let of_this = |body: &Body| match body {
        Body::Merge { into, .. } | Body::MergeOther { into, .. } => Some(*into) == other.id(),
        _ => false,
    };
    let merges = |node: &&Node| {
        let proposal = node.fact.answers.filter(|_| node.fact.body == Body::Confirm).and_then(|id| one.node(id));
        let proposed = proposal.is_some_and(|proposal| of_this(&proposal.fact.body));
        node.admitted() && (proposed || matches!(node.fact.body, Body::Merge { .. }) && of_this(&node.fact.body))
    };
    let called = telephone(other);
    let had = |node: &Node| {
        let (at, before) = (registry.at(&node.act.registry)?, before(one, node));
        // Whether it is one requester is seen where both telephones are; of a third ticket it is not looked at here.
        let same_as = match telephone(one).zip(called.as_ref()).map(|(one, other)| one == *other) {
            Some(true) => other.id(),
            Some(false) => said.same_as.filter(|same| Some(*same) != other.id()),
            None => said.same_as,
        };
        Some(Joins { same_as, ..going_on(before.record().ticket()?, due::dues(&before, &at), node.act.time) })
    };
    let found: Vec<Joins> = one.nodes().iter().filter(merges).filter_map(had).collect();
    if said.parted || found.contains(said) { None } else { found.into_iter().next_back() }
}

/// Until when units had a ticket in the one that it had joined, where the act that undoes the merge says otherwise.
#[must_use]
pub fn had_otherwise(registry: &Registry, unmerge: &Node, one: &History, other: &History) -> Option<Vec<Had>> {
    let Body::Unmerge { had: said } = &unmerge.fact.body else { return None };
    let parts = |node: &&Node| match &node.fact.body {
        Body::Supplement { joined, joins: Some(joins) } => *joined == one.id() && joins.parted && node.admitted(),
        _ => false,
    };
    let had =
        |node: &Node| Some(until(&before(other, node), &registry.at(&node.act.registry)?, one.id()?, node.act.time));
    let found: Vec<Vec<Had>> = other.nodes().iter().filter(parts).filter_map(had).collect();
    if found.contains(said) { None } else { found.into_iter().next_back() }
}

/// The ticket that another one had joined before its merge was undone.
#[must_use]
pub fn had_joined(history: &History, unmerge: &Node) -> Option<ActId> {
    before(history, unmerge).record().ticket()?.merged.map(|merged| merged.into)
}

/// Until when units had a ticket that joined, and when it was due there, as many as an act has room for.
fn until(history: &History, at: &At<'_>, joined: ActId, now: Millis) -> Vec<Had> {
    let Some(ticket) = history.record().ticket() else { return Vec::new() };
    let items = due::dues(history, at);
    let mut had = ticket.had_by(joined, now);
    had.truncate(DISPATCH_UNITS_MAX);
    for had in &mut had {
        let of = |item: &&DueItem| (item.what, item.unit, item.of) == (DueKind::Finish, had.unit, Some(joined));
        had.due = items.iter().find(of).map(|item| item.due);
    }
    had
}

impl Kernel {
    /// A ticket joins by a merge and leaves when that is undone, both in one command. What is said of it alone is that it joins no
    /// more, where its merge fell: another one stood beside it.
    pub(crate) fn say_that_it_parts(&mut self, doc: ActId, draft: &mut Draft) -> Result<Option<Refusal>, Fault> {
        let Body::Supplement { joined: Some(joined), joins } = &mut draft.body else { return Ok(None) };
        let history = self.take_history(doc)?;
        let has_joined = history.record().ticket().is_some_and(|ticket| ticket.has_joined(*joined));
        self.put_back(history);
        let history = self.take_history(*joined)?;
        let merged = history.record().ticket().and_then(|ticket| ticket.merged).map(|merged| merged.into);
        let held = !history.nodes().is_empty();
        self.put_back(history);
        if !has_joined || !held || merged == Some(doc) {
            return Ok(Some(Refusal::Rule(Rule::NotJoined)));
        }
        *joins = Some(Joins { parted: true, ..Joins::default() });
        Ok(None)
    }

    /// A merge says whether the two agree in place, category, kind and intake; nobody types it.
    pub(crate) fn say_whether_they_agree(
        &mut self,
        person: Option<PersonId>,
        one: &mut History,
        draft: &mut Draft,
    ) -> Result<(), Fault> {
        let (Body::Merge { into, place, category, kind, intake }
        | Body::MergeOther { into, place, category, kind, intake }) = &mut draft.body
        else {
            return Ok(());
        };
        if one.id() == Some(*into) {
            return Ok(());
        }
        let mut other = self.take_history(*into)?;
        let found = match other.nodes().is_empty() {
            true => Agrees::UNKNOWN,
            false => words(&self.registry.now(), person, one, &mut other)?,
        };
        (*place, *category, *kind, *intake) = (found.place, found.category, found.kind, found.intake);
        self.put_back(other);
        Ok(())
    }

    /// What undoes a merge says until when the units had the ticket in the one that it had joined.
    pub(crate) fn say_who_had_it(
        &mut self,
        now: Millis,
        doc: ActId,
        other: ActId,
        draft: &mut Draft,
    ) -> Result<(), Fault> {
        let Body::Unmerge { had } = &mut draft.body else { return Ok(()) };
        let history = self.take_history(other)?;
        *had = until(&history, &self.registry.now(), doc, now);
        self.put_back(history);
        Ok(())
    }

    /// A supplement beside a merge says what goes on of the ticket that joins; beside what undoes it, that it joins no more.
    pub(crate) fn say_what_goes_on(
        &mut self,
        now: Millis,
        (doc, into): (ActId, ActId),
        kind: ActKind,
        after: &mut Draft,
    ) -> Result<(), Fault> {
        let Body::Supplement { joined: Some(joined), joins } = &mut after.body else { return Ok(()) };
        if *joined != doc {
            return Ok(());
        }
        if kind == ActKind::Unmerge {
            *joins = Some(Joins { parted: true, ..Joins::default() });
            return Ok(());
        }
        let history = self.take_history(doc)?;
        let items = due::dues(&history, &self.registry.now());
        let goes_on = history.record().ticket().map(|ticket| going_on(ticket, items, now));
        let called = telephone(&history);
        self.put_back(history);
        let same_as = called.map(|of| self.asked_already(into, &of)).transpose()?.flatten();
        *joins = goes_on.map(|joins| Joins { same_as, ..joins });
        Ok(())
    }

    /// The ticket, or the first that has joined it, whose requester has that telephone.
    fn asked_already(&mut self, into: ActId, called: &str) -> Result<Option<ActId>, Fault> {
        let history = self.take_history(into)?;
        let joined =
            history.record().ticket().into_iter().flat_map(|ticket| &ticket.joined).map(|joined| joined.ticket);
        let known: Vec<ActId> = std::iter::once(into).chain(joined).collect();
        self.put_back(history);
        for ticket in known {
            let history = self.take_history(ticket)?;
            let same = telephone(&history).is_some_and(|of| of == called);
            self.put_back(history);
            if same {
                return Ok(Some(ticket));
            }
        }
        Ok(None)
    }
}

/// What goes on of a ticket that joins another one. What has come due stays where it is.
fn going_on(ticket: &Ticket, mut open: Vec<DueItem>, now: Millis) -> Joins {
    open.retain(|item| item.met_at.is_none() && item.due > now);
    let due = |what: DueKind, unit: UnitId| {
        let of = open.iter().filter(move |item| item.what == what && item.unit == unit);
        of.min_by_key(|item| item.due)
    };
    // Each hop for its own: a county has another due towards the city than the unit that it sent the ticket on to.
    let parts = ticket.in_force().filter(|part| part.part != Part::Assisting);
    let had = parts.map(|part| Had {
        unit: part.unit,
        until: due(DueKind::Finish, part.unit).map(|item| item.due),
        due: None,
    });
    let urgent =
        open.iter().filter(|item| item.what == DueKind::Urgent).min_by_key(|item| item.due).map(|item| item.start);
    let by = ticket.by_proxy().then_some(ticket.registered_by);
    let units = ticket.in_force().chain(&ticket.assignments).map(|part| part.unit);
    let mut joins = Joins {
        had: had.take(DISPATCH_UNITS_MAX).collect(),
        // Found to be nameless afterwards, the requester is asked as often as anybody.
        anonymous: ticket.register.anonymous && !ticket.named,
        parted: false,
        // What was missed is late there; the danger goes on.
        urgent: urgent.or_else(|| (ticket.urgency == Urgency::Urgent).then_some(now)),
        units: Vec::new(),
        kept_out: ticket.recused.iter().copied().take(DISPATCH_UNITS_MAX).collect(),
        confidential: ticket.register.confidential,
        same_as: None,
    };
    for unit in by.into_iter().chain(units) {
        if joins.units.len() < DISPATCH_UNITS_MAX && !joins.units.contains(&unit) {
            joins.units.push(unit);
        }
    }
    joins
}
