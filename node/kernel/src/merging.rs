//! What the program says of two tickets that are merged (16), and what of the one goes on with the other.

use regulation::act::{Agree, Agrees, Joins};
use regulation::terms::DueKind;
use regulation::{ActId, ActKind, Body, Millis};
use replica::registry::At;
use replica::{Draft, Field, History, Node, Registry};

use crate::duplicates::{Known, agree};
use crate::{Fault, Kernel, due};

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
    let (&Body::Merge { place, category, kind, .. }, Some(at)) = (&merge.fact.body, registry.at(&merge.act.registry))
    else {
        return Ok(None);
    };
    let takes_in = |node: &&Node| match &node.fact.body {
        Body::Supplement { joined, joins: Some(joins) } => *joined == one.id() && !joins.parted && node.admitted(),
        _ => false,
    };
    let Some(taken_in) = other.nodes().iter().find(takes_in) else { return Ok(None) };
    let found = words(&at, &mut before(one, merge), &mut before(other, taken_in))?;
    Ok((found != Agrees { place, category, kind }).then_some(found))
}

/// The document as it was before an act.
fn before(history: &History, act: &Node) -> History {
    let mut before = History::default();
    act.past.iter().filter_map(|index| history.nodes().get(index)).for_each(|node| before.insert(node.clone()));
    before
}

/// Whether one ticket and another agree in place, category and kind, by their documents as they stand.
///
/// # Errors
/// A document cannot be built.
fn words(at: &At<'_>, one: &mut History, other: &mut History) -> Result<Agrees, Fault> {
    let (place, category) = agree(at, &known(one)?, &known(other)?);
    let asked = |history: &History| history.record().ticket().map(|ticket| ticket.register.kind);
    let kind = match (asked(one), asked(other)) {
        (Some(one), Some(other)) if one.wants_the_same(other) => Agree::Same,
        (Some(_), Some(_)) => Agree::Other,
        _ => Agree::Unknown,
    };
    Ok(Agrees { place, category, kind })
}

fn known(history: &mut History) -> Result<Known, Fault> {
    let mut first = |field| history.register(field).map(|values| values.into_iter().next().unwrap_or_default());
    Ok(Known { category: first(Field::Category)?, place: first(Field::Place)? })
}

impl Kernel {
    /// A merge says whether the two agree in place, category and kind; nobody types it.
    pub(crate) fn say_whether_they_agree(&mut self, one: &mut History, draft: &mut Draft) -> Result<(), Fault> {
        let (Body::Merge { into, place, category, kind } | Body::MergeOther { into, place, category, kind }) =
            &mut draft.body
        else {
            return Ok(());
        };
        if one.id() == Some(*into) {
            return Ok(());
        }
        let mut other = self.take_history(*into)?;
        let found = match other.nodes().is_empty() {
            true => Agrees::UNKNOWN,
            false => words(&self.registry.now(), one, &mut other)?,
        };
        (*place, *category, *kind) = (found.place, found.category, found.kind);
        self.put_back(other);
        Ok(())
    }

    /// A supplement beside a merge says what goes on of the ticket that joins; beside what undoes it, that it joins no more.
    pub(crate) fn say_what_goes_on(
        &mut self,
        now: Millis,
        doc: ActId,
        kind: ActKind,
        after: &mut Draft,
    ) -> Result<(), Fault> {
        let Body::Supplement { joined: Some(joined), joins } = &mut after.body else { return Ok(()) };
        if *joined != doc {
            return Ok(());
        }
        if kind == ActKind::Unmerge {
            *joins = Some(Joins { unit: None, due: None, anonymous: false, parted: true });
            return Ok(());
        }
        let history = self.take_history(doc)?;
        // The strictest that is open: what has come due stays where it is.
        let open = due::dues(&history, &self.registry.now())
            .into_iter()
            .filter(|item| item.what == DueKind::Finish && item.met_at.is_none() && item.due > now);
        let strictest = open.min_by_key(|item| item.due);
        *joins = Some(Joins {
            unit: strictest.as_ref().map(|item| item.unit),
            due: strictest.map(|item| item.due),
            anonymous: history.record().ticket().is_some_and(|ticket| ticket.register.anonymous),
            parted: false,
        });
        self.put_back(history);
        Ok(())
    }
}
