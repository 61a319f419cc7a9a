//! Reading a document back from the store; used by the kernel and by pages, each with its own connection.

use regulation::{ActId, Rule};
use replica::seal::{decode_signatures, hash};
use replica::{Act, History, Part, PartKind, Registry, Restoring, Sealed, Verdict};
use store::{ActRow, Aseq, DocNo, Queries};
use sync::Item;

use crate::Fault;
use crate::keys::outside_key;

/// The history of a document; empty if it is not held.
///
/// # Errors
/// The database cannot be read, or contradicts itself.
pub fn history(store: &Queries, registry: &Registry, doc: ActId) -> Result<History, Fault> {
    let mut history = Restoring::default();
    let Some(doc) = store.doc_no(&doc)? else { return Ok(history.done()) };
    each_act(store, doc, |row| restore(&mut history, registry, &row))?;
    Ok(history.done())
}

fn restore(history: &mut Restoring, registry: &Registry, row: &ActRow) -> Result<(), Fault> {
    let verdict = match row.verdict {
        store::Verdict::Admitted => Verdict::Admitted,
        store::Verdict::Unlawful => {
            let rule = row.rule.as_deref().and_then(Rule::parse);
            Verdict::Unlawful(rule.ok_or_else(|| Fault::Inconsistent(format!("{:?}: unknown rule", row.id)))?)
        }
        // It has none, or is none.
        store::Verdict::Newer | store::Verdict::Refused => return Ok(()),
    };
    let act = Act::decode(&row.bytes).map_err(|error| Fault::Inconsistent(format!("{:?}: {error}", row.id)))?;
    let parts = parts(row);
    let fit = |part: &Part| act.part(part.kind).is_some_and(|head| head.fits(part));
    // A page that has rotted is read as zeros where SQLite looks for no structure in it.
    if hash(b"jiesu/act/1", &row.bytes) != row.id.0 || parts.len() != row.parts.len() || !parts.iter().all(fit) {
        return Err(Fault::Inconsistent(format!("{:?}: what is stored is not what was signed", row.id)));
    }
    if !history.take(row.id, act, parts, verdict, registry) {
        return Err(Fault::Inconsistent(format!("{:?}: what it follows is missing", row.id)));
    }
    Ok(())
}

/// Goes through the acts of a document in the order in which they came: of their bytes no more than
/// [`store::ACT_ROWS_BYTES_MAX`] are held at a time, and the longest act.
///
/// # Errors
/// The database cannot be read, or `take` fails.
pub fn each_act<E: From<Fault>>(
    store: &Queries,
    doc: DocNo,
    mut take: impl FnMut(ActRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = Aseq(0);
    loop {
        let page = store.acts_of(doc, after).map_err(Fault::from)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.aseq;
        page.into_iter().try_for_each(&mut take)?;
    }
}

/// A stored act as it goes to a peer, with the parts at hand; without the private one where that is withheld.
///
/// # Errors
/// The database contradicts itself.
pub fn item(row: &ActRow, private: bool) -> Result<Item, Fault> {
    let mut sealed = sealed(row)?;
    if sealed.id() != row.id {
        return Err(Fault::Inconsistent(format!("{:?}: what is stored is not what was signed", row.id)));
    }
    sealed.parts.retain(|part| private || part.kind.open());
    let extent = u8::try_from(sealed.parts.len()).unwrap_or(u8::MAX);
    Ok(Item { kind: crate::item::ORDINARY, id: row.id.0, bytes: sealed.encode(), extent })
}

/// A stored act with its signatures and parts.
///
/// # Errors
/// The database contradicts itself.
pub fn sealed(row: &ActRow) -> Result<Sealed, Fault> {
    let signatures = decode_signatures(&row.signatures);
    let signatures = signatures.map_err(|error| Fault::Inconsistent(format!("{:?}: {error}", row.id)))?;
    Ok(Sealed { bytes: row.bytes.clone(), signatures, parts: parts(row) })
}

/// Whether an act that is held waits outside its document (see `outside.rs`): it is not missing anything.
///
/// # Errors
/// The database cannot be read.
pub fn waits_outside(store: &Queries, row: &store::HeldRow) -> Result<bool, Fault> {
    Ok(store.held_needs(&row.id)?.contains(&outside_key(row.act)))
}

/// Goes through every document, in the order in which they came; of their ids [`store::ACT_ROWS_MAX`] are held at a time.
///
/// # Errors
/// The database cannot be read, or `take` fails.
pub fn each_doc<E: From<Fault>>(store: &Queries, mut take: impl FnMut(ActId) -> Result<(), E>) -> Result<(), E> {
    let mut after = DocNo(0);
    loop {
        let page = store.docs_after(after, store::ACT_ROWS_MAX).map_err(Fault::from)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        page.into_iter().try_for_each(|(_, id)| take(id))?;
    }
}

/// Every document, in the order in which they came. Holds all their ids: for tests and comparisons.
///
/// # Errors
/// The database cannot be read.
pub fn docs(store: &Queries) -> Result<Vec<ActId>, Fault> {
    let mut docs = Vec::new();
    each_doc(store, |doc| {
        docs.push(doc);
        Ok::<_, Fault>(())
    })?;
    Ok(docs)
}

/// Acts of a scope's feed, sorted: what the scope holds here.
///
/// # Errors
/// The database cannot be read.
pub fn scope_acts(store: &Queries, scope: sync::ScopeKey) -> Result<std::collections::BTreeSet<ActId>, Fault> {
    let mut acts = std::collections::BTreeSet::new();
    let mut before = store::Aseq(i64::MAX);
    loop {
        let page = store.feed_acts_before(store::ScopeId(scope.0), before, store::ACT_ROWS_MAX)?;
        let Some((last, _)) = page.last() else { return Ok(acts) };
        before = *last;
        acts.extend(page.into_iter().map(|(_, id)| id));
    }
}

fn parts(row: &ActRow) -> Vec<Part> {
    row.parts
        .iter()
        .filter_map(|part| {
            let text = String::from_utf8(part.bytes.clone()).ok()?;
            let salt = part.salt.as_slice().try_into().ok()?;
            Some(Part { kind: PartKind::from_number(part.kind), salt, text })
        })
        .collect()
}
