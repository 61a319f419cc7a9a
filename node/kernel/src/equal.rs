//! Whether two nodes are equal in everything that both of them hold.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use regulation::{ActId, DeviceId};
use replica::{Act, History, Node, PartKind, Registry, Sealed};
use store::{FEED_ROWS_MAX, FeedEntry, Queries, ScopeId};
use sync::ScopeKey;

use crate::keys::outside_key;
use crate::withheld::Clearance;
use crate::{Fault, chain, read, scopes};

/// One node, for reading.
#[derive(Clone, Copy)]
pub struct Holding<'a> {
    /// Which device.
    pub device: DeviceId,
    /// Its store.
    pub store: &'a Queries,
    /// Its registry.
    pub registry: &'a Registry,
}

/// What was compared, and found equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Scopes that both hold.
    pub scopes: usize,
    /// Acts of these scopes that both hold.
    pub acts: usize,
    /// Documents of which both hold the same acts that count: fold, parts, document and projections are the same.
    pub docs: usize,
    /// Documents of which one holds more that counts, through a scope of its own: what both hold of the shared scopes is the same.
    pub partial: usize,
}

/// Two nodes differ, or one of them cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unequal {
    /// What differs.
    #[error("devices {} and {} differ: {what}", .a.0, .b.0)]
    Differ {
        /// One.
        a: DeviceId,
        /// The other.
        b: DeviceId,
        /// In what.
        what: String,
    },
    /// A node cannot be read.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Holding<'_> {
    /// The scopes that this node holds.
    #[must_use]
    pub fn scopes(&self) -> BTreeSet<ScopeKey> {
        let at = self.registry.now();
        let device = at.device(self.device);
        device.map(|device| scopes::held(&at, device.unit, device.class).into_iter().collect()).unwrap_or_default()
    }

    /// The findings in the feed of a scope.
    fn findings(&self, scope: ScopeKey) -> Result<BTreeSet<[u8; 32]>, Fault> {
        let (mut ids, mut after) = (BTreeSet::new(), 0);
        loop {
            let page = self.store.feed_read(ScopeId(scope.0), after, FEED_ROWS_MAX)?;
            let Some(last) = page.last() else { return Ok(ids) };
            after = last.lseq;
            for row in page.iter().filter(|row| matches!(row.entry, FeedEntry::Finding(_))) {
                ids.insert(chain::link(self.store, row.entry)?.1);
            }
        }
    }

    /// What the city told of a document to the units whose scopes this node holds.
    fn told(&self, doc: ActId) -> Result<BTreeSet<Vec<u8>>, Fault> {
        Ok(self.store.findings_of(&doc)?.into_iter().map(|(_, bytes)| bytes).collect())
    }

    fn history(&self, doc: ActId) -> Result<History, Fault> {
        read::history(self.store, self.registry, doc)
    }

    fn doc_of(&self, act: ActId) -> Result<Option<ActId>, Fault> {
        let row = self.store.act(&act)?;
        let row = row.ok_or_else(|| Fault::Inconsistent(format!("{act:?} of a feed is not stored")))?;
        Ok(self.store.doc_id(row.doc)?)
    }

    /// Those of these acts that another may not lack: all but what counts for nothing here. That is evidence, of which each
    /// keeps what came to it.
    fn owed(&self, acts: impl Iterator<Item = ActId>) -> Result<Vec<ActId>, Fault> {
        let mut histories: BTreeMap<ActId, History> = BTreeMap::new();
        let mut owed = Vec::new();
        for act in acts {
            let idle = match self.doc_of(act)? {
                Some(doc) => {
                    let history = match histories.entry(doc) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(new) => new.insert(self.history(doc)?),
                    };
                    history.index_of(act).is_some_and(|index| !history.counts(index))
                }
                None => false,
            };
            owed.extend((!idle).then_some(act));
        }
        Ok(owed)
    }

    /// Leaves out what waits outside here, of documents that have left the scope: what settles which acts of a flood took a
    /// place does not come through it any more.
    fn leave_out_outside(&self, scope: ScopeKey, acts: &mut Vec<ActId>) -> Result<(), Fault> {
        let mut kept = Vec::new();
        for act in acts.drain(..) {
            let rows = self.store.held_waiting_for(&outside_key(act), None)?;
            let doc = rows.iter().find_map(|row| Sealed::decode(&row.bytes).ok());
            let doc = doc.and_then(|sealed| Act::decode(&sealed.bytes).ok()).and_then(|act| act.doc);
            let left = match doc {
                Some(doc) => self.store.scopes_of(&doc)?.contains(&(ScopeId(scope.0), false)),
                None => false,
            };
            kept.extend((!left).then_some(act));
        }
        *acts = kept;
        Ok(())
    }

    /// Lines of all projections, by the document or act that they are about.
    fn projections(&self) -> Result<Projections, Fault> {
        let mut lines = Projections::new();
        for line in self.store.dump_projections()? {
            let subject = line.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.len() == 64);
            lines.entry(subject.unwrap_or_default().to_owned()).or_default().push(line);
        }
        Ok(lines)
    }
}

type Projections = BTreeMap<String, Vec<String>>;

/// Projections that rest on findings as well. A unit that lost a ticket hears what became of its own acts, and another
/// that lost it too does not hear that: each shows the ticket by what it was told.
const BY_WHAT_WAS_TOLD: [&str; 3] = ["ticket ", "due ", "concerned "];

/// Compares two nodes: registry, acts of every scope that both hold, and for the documents of these scopes parts, fold,
/// Automerge document and projections. One may lack what counts for nothing at the other.
///
/// # Errors
/// [`Unequal`].
pub fn compare(a: Holding<'_>, b: Holding<'_>) -> Result<Compared, Unequal> {
    let differ = |what: String| Unequal::Differ { a: a.device, b: b.device, what };
    if a.registry.version() != b.registry.version() || a.registry.head() != b.registry.head() {
        return Err(differ(format!("registries {} and {}", a.registry.version(), b.registry.version())));
    }
    let mut compared = Compared::default();
    let mut docs: BTreeSet<ActId> = BTreeSet::new();
    for scope in a.scopes().intersection(&b.scopes()).copied().filter(|scope| *scope != scopes::REGISTRY) {
        let (mine, theirs) = (read::scope_acts(a.store, scope)?, read::scope_acts(b.store, scope)?);
        let mut missing = a.owed(mine.difference(&theirs).copied())?;
        b.leave_out_outside(scope, &mut missing)?;
        let mut lacked = b.owed(theirs.difference(&mine).copied())?;
        a.leave_out_outside(scope, &mut lacked)?;
        missing.append(&mut lacked);
        if !missing.is_empty() {
            missing.truncate(5);
            let (m, t) = (mine.len(), theirs.len());
            return Err(differ(format!("scope {}: {m} and {t} acts; among those that one lacks {missing:?}", scope.0)));
        }
        let (mine_told, theirs_told) = (a.findings(scope)?, b.findings(scope)?);
        if mine_told != theirs_told {
            return Err(differ(format!("scope {}: {} and {} findings", scope.0, mine_told.len(), theirs_told.len())));
        }
        compared.scopes += 1;
        compared.acts += mine.intersection(&theirs).count();
        for act in mine.intersection(&theirs) {
            docs.extend(a.doc_of(*act)?);
        }
    }
    let (lines_a, lines_b) = (a.projections()?, b.projections()?);
    for doc in docs {
        let (mut mine, mut theirs) = (a.history(doc)?, b.history(doc)?);
        let (counts_here, counts_there) = (counting(&mine), counting(&theirs));
        let holds = |history: &History, acts: &BTreeSet<ActId>| acts.iter().all(|act| history.index_of(*act).is_some());
        if !holds(&theirs, &counts_here) || !holds(&mine, &counts_there) {
            compared.partial += 1;
            continue;
        }
        if counts_here != counts_there {
            let other: Vec<_> = counts_here.symmetric_difference(&counts_there).take(5).collect();
            return Err(differ(format!("what counts of {doc:?}: only one counts {other:?}")));
        }
        let lacking = parts_lacking(&mine, &theirs, a)?.or(parts_lacking(&theirs, &mine, b)?);
        if let Some(act) = lacking {
            return Err(differ(format!("parts of {act:?} of {doc:?}: one lacks what it may hold")));
        }
        if let Some(what) = differing(&mut mine, &mut theirs)? {
            return Err(differ(format!("{what} of {doc:?}")));
        }
        let both: BTreeSet<ActId> =
            mine.nodes().iter().map(|node| node.id).filter(|id| theirs.index_of(*id).is_some()).collect();
        let mut shown = (about(&lines_a, doc, &both), about(&lines_b, doc, &both));
        if a.told(doc)? != b.told(doc)? {
            for lines in [&mut shown.0, &mut shown.1] {
                lines.retain(|line| !BY_WHAT_WAS_TOLD.iter().any(|begins| line.starts_with(begins)));
            }
        }
        let (x, y) = shown;
        if x != y {
            let alone = |some: &[String], others: &[String]| -> Vec<String> {
                some.iter().filter(|line| !others.contains(line)).cloned().collect()
            };
            return Err(differ(format!("projections of {doc:?}: {:?} and {:?}", alone(&x, &y), alone(&y, &x))));
        }
        compared.docs += 1;
    }
    Ok(compared)
}

/// The acts that count.
fn counting(history: &History) -> BTreeSet<ActId> {
    let counts = history.nodes().iter().enumerate().filter(|(index, _)| history.counts(*index));
    counts.map(|(_, node)| node.id).collect()
}

/// In what two histories of the same acts that count differ.
fn differing(mine: &mut History, theirs: &mut History) -> Result<Option<&'static str>, Fault> {
    let differs = |node: &Node, kind| {
        let other = theirs.node(node.id).and_then(|other| other.part(kind));
        node.part(kind).is_some_and(|part| other.is_some_and(|other| other != part))
    };
    if mine.nodes().iter().any(|node| differs(node, PartKind::Text) || differs(node, PartKind::Private)) {
        return Ok(Some("parts"));
    }
    if mine.record() != theirs.record() {
        return Ok(Some("the fold"));
    }
    // Equal heads are equal documents, down to the saved bytes.
    Ok((mine.document()?.digest() != theirs.document()?.digest()).then_some("the document"))
}

/// The first act of which `rich` holds a part that `poor` lacks, though nothing keeps it from that node: only private
/// parts are withheld, and what left a node's scopes is not completed.
fn parts_lacking(poor: &History, rich: &History, node: Holding<'_>) -> Result<Option<ActId>, Fault> {
    let at = node.registry.now();
    let (Some(device), Some(doc)) = (at.device(node.device), poor.id()) else { return Ok(None) };
    let clearance = Clearance::of(poor.record());
    for richer in rich.nodes() {
        let lacks =
            |kind| richer.part(kind).is_some() && poor.node(richer.id).is_some_and(|act| act.part(kind).is_none());
        if lacks(PartKind::Text) {
            return Ok(Some(richer.id));
        }
        if lacks(PartKind::Private)
            && clearance.gives(&at, device.unit, device.class, (richer.fact.author.unit, Some(richer.fact.body.kind())))
        {
            let row = node.store.doc_no(&doc)?.unwrap_or_default();
            if node.store.doc_scopes(row)?.iter().any(|(_, open)| *open) {
                return Ok(Some(richer.id));
            }
        }
    }
    Ok(None)
}

fn about(lines: &Projections, doc: ActId, acts: &BTreeSet<ActId>) -> Vec<String> {
    let mut subjects: BTreeSet<String> = acts.iter().map(ActId::hex).collect();
    subjects.insert(doc.hex());
    subjects.into_iter().filter_map(|subject| lines.get(&subject)).flatten().cloned().collect()
}
