//! Who is sent the private part of the acts of a ticket (articles 11(4) and 13): name, telephone, address.
//!
//! Whoever holds a ticket holds its acts, and what they say in free text. Personal data goes to fewer: never to a unit
//! that is kept out (回避), and of a confidential ticket only to the city and to units that have a part in it. An act
//! holds no more of a part than lengths and a salted commitment, so that it is whole without.
//!
//! A report of interference (13, 39(5)) is between its author and the city: it may accuse whoever else holds the ticket.
//! A hub on the way carries it, and shows nobody that it was made.

use std::collections::BTreeSet;

use regulation::{ActId, ActKind, Level, Record, UnitId};
use replica::registry::At;
use replica::{Act, Class, History, PartKind};
use store::{ActRow, DocNo};

use crate::sabotage::sabotaged;
use crate::source::PeerId;
use crate::{Fault, Kernel};

/// The flags of a ticket whose private parts are withheld from somebody who may hold the ticket.
const RESTRICTING: [&str; 2] = ["recused", "confidential"];

/// Who may be sent the private parts of a document's acts, as its fold has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clearance {
    /// Units that are kept out.
    recused: BTreeSet<UnitId>,
    /// The units that have a part in force, where the ticket is confidential.
    named: Option<BTreeSet<UnitId>>,
}

impl Clearance {
    /// What the acts of a document come to in this.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let Some(ticket) = record.ticket() else { return Self::default() };
        let recused: BTreeSet<UnitId> = ticket.recused.iter().copied().collect();
        let parts = ticket.assignments.iter().filter(|a| a.closed_by.is_none() && !recused.contains(&a.unit));
        let named = ticket.register.confidential.then(|| parts.map(|a| a.unit).collect());
        Self { recused, named }
    }

    /// Whether a device of that unit and class may be sent the private part of an act of that kind that `author` made.
    ///
    /// The city always may. A unit that is kept out never, save what it wrote itself: its devices are the only way by
    /// which that reaches the city. Of a confidential ticket, whoever lies on the way of a unit with a part to the city
    /// carries it too, and its pages do not show it.
    #[must_use]
    pub fn gives(&self, at: &At<'_>, unit: UnitId, class: Class, (author, kind): (UnitId, Option<ActKind>)) -> bool {
        if concerns(at, unit, author) {
            return true;
        }
        let carries = |of: &UnitId| at.covers(unit, class, *of);
        if kind.is_some_and(ActKind::confided) {
            return carries(&author);
        }
        !self.recused.contains(&unit)
            && self.named.as_ref().is_none_or(|named| carries(&author) || named.iter().any(carries))
    }

    /// Whether there is anybody who may be sent more than before.
    #[must_use]
    pub fn widens(&self, before: &Self) -> bool {
        let named = match (&before.named, &self.named) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(now)) => !now.is_subset(before),
        };
        named || !before.recused.is_subset(&self.recused)
    }
}

/// The city, or the unit whose act it is.
fn concerns(at: &At<'_>, unit: UnitId, author: UnitId) -> bool {
    at.level(unit) == Level::CityHotline || unit == author
}

/// Whether an act is between its author and the city: nobody else is shown that it was made.
#[must_use]
pub fn confided(at: &At<'_>, viewer: UnitId, (author, kind): (UnitId, ActKind)) -> bool {
    kind.confided() && !concerns(at, viewer, author)
}

/// The places of the acts of a document that a unit is not shown: what is confided, and a settle that confirms nothing
/// else, which would tell that there is something.
#[must_use]
pub fn hidden(history: &History, at: &At<'_>, viewer: UnitId) -> BTreeSet<usize> {
    let (nodes, stratum) = (history.nodes(), &history.folded().stratum);
    let mut hidden: BTreeSet<usize> = (0..nodes.len())
        .filter(|index| {
            let fact = &nodes[*index].fact;
            confided(at, viewer, (fact.author.unit, fact.body.kind()))
        })
        .collect();
    if hidden.is_empty() {
        return hidden;
    }
    let alone = |settle: usize| {
        let mut confirmed = (0..nodes.len()).filter(|index| *index != settle && stratum[*index] == stratum[settle]);
        stratum[settle].is_some()
            && confirmed.clone().next().is_some()
            && confirmed.all(|index| hidden.contains(&index))
    };
    let settles = (0..nodes.len()).filter(|index| nodes[*index].fact.body.kind() == ActKind::Settle);
    let with: Vec<usize> = settles.filter(|index| alone(*index)).collect();
    hidden.extend(with);
    hidden
}

/// The heads of a document as far as a unit is shown them: behind one that is not stand those that it follows.
#[must_use]
pub fn shown_heads(history: &History, hidden: &BTreeSet<usize>) -> Vec<ActId> {
    let (nodes, mut heads) = (history.nodes(), BTreeSet::new());
    let mut look: Vec<usize> = history.heads().into_iter().filter_map(|id| history.index_of(id)).collect();
    while let Some(index) = look.pop() {
        if hidden.contains(&index) {
            look.extend(&nodes[index].deps);
        } else {
            heads.insert(index);
        }
    }
    let followed = |index: &usize| heads.iter().any(|other| nodes[*other].past.contains(*index));
    let mut ids: Vec<ActId> = heads.iter().filter(|index| !followed(index)).map(|index| nodes[*index].id).collect();
    ids.sort_unstable();
    ids
}

impl Kernel {
    /// Of these acts of one document, whether each goes to a peer with its private part.
    pub(crate) fn given(&self, peer: PeerId, doc: DocNo, acts: &[ActRow]) -> Result<Vec<bool>, Fault> {
        let private = |act: &ActRow| act.parts.iter().any(|part| !PartKind::from_number(part.kind).open());
        let at = self.registry.now();
        let device = at.device(peer.0).filter(|_| !sabotaged!(self, LeakParts));
        let Some(device) = device.filter(|_| acts.iter().any(private)) else { return Ok(vec![true; acts.len()]) };
        let newer = |act: &ActRow| act.verdict == store::Verdict::Newer;
        let clearance = self.clearance(doc)?;
        let of = |act: &ActRow| {
            let author = at.device(act.device).map_or(device.unit, |author| author.unit);
            (author, Act::decode(&act.bytes).ok().and_then(|act| act.kind()))
        };
        // Nobody knows here whom a newer act is meant for: as if it were between its author and the city.
        let careful = |author| concerns(&at, device.unit, author) || at.covers(device.unit, device.class, author);
        let gives = |act| {
            !private(act)
                || (!newer(act) || careful(of(act).0)) && clearance.gives(&at, device.unit, device.class, of(act))
        };
        Ok(acts.iter().map(gives).collect())
    }

    /// The clearance of a document. Of most tickets nothing is withheld, and their row says so.
    fn clearance(&self, doc: DocNo) -> Result<Clearance, Fault> {
        let Some(id) = self.store.doc_id(doc)? else { return Ok(Clearance::default()) };
        // What changed in this group of inputs is not projected yet, and what is stale may say too little.
        if !self.group.dirty.contains(&id)
            && !self.store.is_stale(doc)?
            && let Some(flags) = self.store.ticket_flags(doc)?
            && !flags.split(' ').any(|flag| RESTRICTING.contains(&flag))
        {
            return Ok(Clearance::default());
        }
        Ok(Clearance::of(crate::read::history(&self.store, &self.registry, id)?.record()))
    }
}
