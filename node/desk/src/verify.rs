//! Checking what the database says against what was signed: every act again from its bytes.

use regulation::act::{Agree, Agrees};
use regulation::{ActId, Body, Level, UnitId};
use replica::{Act, History, Judgement, Node, Registry, Sealed, Verdict, judge};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Queries;

use crate::problem::Problem;

/// What was found of one act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// The act.
    pub hash: String,
    /// Its kind.
    #[schemars(extend("enum" = crate::shapes::act_kinds()))]
    pub kind: String,
    /// Hash, signature, parts, causal past and verdict are what they should be.
    pub ok: bool,
    /// `admitted` or `unlawful`, as found now.
    pub admission: String,
    /// Confirmed by the city hub.
    pub settled: bool,
    /// What is wrong.
    pub problem: Option<String>,
    /// The unit that asked is not shown that it was made.
    #[serde(skip)]
    pub hidden: bool,
}

/// Judges every act of a document again from its bytes, and compares standings with what the fold says. Says of each
/// whether a unit is shown it.
///
/// # Errors
/// The database cannot be read.
pub fn document(store: &Queries, registry: &Registry, doc: ActId, viewer: UnitId) -> Result<Vec<Checked>, Problem> {
    let Some(row) = store.doc_no(&doc)? else { return Ok(Vec::new()) };
    let mut history = History::default();
    let mut checked = Vec::new();
    kernel::read::each_act(store, row, |act| {
        let sealed = kernel::read::sealed(&act)?;
        let stored = act.verdict;
        let (kind, admission, problem) = again(&mut history, registry, &sealed, act.id, stored)?;
        checked.push(Checked {
            hash: act.id.hex(),
            kind,
            ok: problem.is_none(),
            admission: admission.to_owned(),
            settled: false,
            problem,
            hidden: false,
        });
        Ok::<_, Problem>(())
    })?;
    // What is stale was computed otherwise, and is computed again in its turn.
    let (states, stale) = (store.act_states_of(row)?, store.is_stale(row)?);
    let hidden = kernel::withheld::hidden(&history, &registry.now(), viewer);
    for (index, (id, expected)) in kernel::project::act_states(&history).into_iter().enumerate() {
        // Not every act that is stored could be judged.
        let hash = id.hex();
        let Some(entry) = checked.iter_mut().find(|entry| entry.hash == hash) else { continue };
        entry.hidden = hidden.contains(&index);
        entry.settled = expected.stratum.is_some();
        let aseq = store.aseq_of(&id)?;
        let held = states.iter().find(|(found, _)| Some(*found) == aseq).map(|(_, state)| state);
        if held != Some(&expected).filter(|state| !state.at_rest()) && !stale && entry.problem.is_none() {
            entry.ok = false;
            entry.problem = Some("the stored standing is not what the fold says; run jiesu rebuild".to_owned());
        }
    }
    for entry in &mut checked {
        let merge = ActId::parse(&entry.hash).and_then(|id| history.node(id));
        if let (true, Some(merge)) = (entry.ok, merge) {
            entry.problem = merged_otherwise((store, registry, viewer), &history, merge)?;
            entry.ok = entry.problem.is_none();
        }
    }
    Ok(checked)
}

/// What a merge, what takes a ticket in, or what undoes a merge says of two tickets that they were not; where both are held here.
fn merged_otherwise(
    (store, registry, viewer): (&Queries, &Registry, UnitId),
    history: &History,
    act: &Node,
) -> Result<Option<String>, Problem> {
    let other = match &act.fact.body {
        Body::Supplement { joined, .. } => *joined,
        Body::Merge { into, .. } => Some(*into),
        Body::Unmerge { .. } => kernel::merging::had_joined(history, act),
        _ => None,
    };
    let Some(other) = other.filter(|_| act.admitted()) else { return Ok(None) };
    // Of a ticket that went elsewhere what came after is not here, as its merge may be: the city has all of it.
    let here = store.scopes_of(&other)?.iter().any(|(_, open)| *open);
    let city = registry.now().level(viewer) == Level::CityHotline;
    if store.doc_no(&other)?.is_none() || !(here || city) {
        return Ok(None);
    }
    let other = kernel::read::history(store, registry, other)?;
    if kernel::merging::joined_by_nobody(act, &other, history) {
        return Ok(Some("it says that a ticket joins which nobody merged into this one".to_owned()));
    }
    if let Some(found) = kernel::merging::goes_on_otherwise(registry, act, &other, history) {
        return Ok(Some(format!("what goes on of the ticket that joins is not what it was there, {found:?}")));
    }
    if let Some(found) = kernel::merging::had_otherwise(registry, act, history, &other) {
        return Ok(Some(format!(
            "units had the ticket in the one that it had joined otherwise than it says, {found:?}"
        )));
    }
    let Body::Merge { place, category, kind, intake, .. } = act.fact.body else { return Ok(None) };
    let found = kernel::merging::said_otherwise(registry, history, act, &other)?;
    let words = |agrees: Agrees| {
        let Agrees { place, category, kind, intake } = agrees;
        let [place, category, kind, intake] = [place, category, kind, intake].map(Agree::code);
        format!("place {place}, category {category}, kind {kind}, intake {intake}")
    };
    let said = Agrees { place, category, kind, intake };
    Ok(found.map(|found| format!("it says {}; the two tickets have {}", words(said), words(found))))
}

/// Whether lists show of a document what its acts come to; what is stale is said to be. `None` if there is nothing wrong.
///
/// # Errors
/// The database cannot be read.
pub fn listed(store: &Queries, registry: &Registry, doc: ActId) -> Result<Option<String>, Problem> {
    let Some(row) = store.doc_no(&doc)? else { return Ok(None) };
    // A row that was made under a newer registry than the one at hand is not what this one says.
    let newer = store.registry_head(replica::registry::ROOT_LOG)? != registry.version();
    if newer || store.is_stale(row)? {
        return Ok(None);
    }
    let mut history = kernel::read::history(store, registry, doc)?;
    if history.nodes().is_empty() {
        // Nothing of it can be read by this program.
        return Ok(None);
    }
    let beyond = store.newer_of(row)? > 0;
    let told = kernel::findings::Told::of(store, doc)?;
    let ticket = kernel::project::ticket(row, doc, &mut history, registry, (beyond, &told))?;
    let (ticket, counts) = ticket.map(|found| (found.row, found.counts)).unzip();
    let article = kernel::project::article_row(row, doc, &mut history, &registry.now())?;
    let shown = if store.ticket(row)? != ticket || store.article(row)? != article {
        "lists show"
    } else if store.counts_of(row)? != counts.unwrap_or_default() {
        "reports count"
    } else {
        return Ok(None);
    };
    Ok(Some(format!("{}: {shown} something else than its acts come to", doc.hex())))
}

fn again(
    history: &mut History,
    registry: &Registry,
    sealed: &Sealed,
    id: ActId,
    stored: store::Verdict,
) -> Result<(String, &'static str, Option<String>), Problem> {
    let unknown = || "unknown".to_owned();
    if sealed.id() != id {
        return Ok((unknown(), "unlawful", Some("the bytes are not those of this act".to_owned())));
    }
    let act = match Act::decode(&sealed.bytes) {
        Ok(act) => act,
        Err(error) => return Ok((unknown(), "unlawful", Some(error.to_string()))),
    };
    let kind = act.kind().map_or_else(unknown, |kind| kind.code().to_owned());
    Ok(match judge(history, sealed, act, registry)? {
        Judgement::Judged(node) => {
            let admitted = node.verdict == Verdict::Admitted;
            history.insert(*node);
            let found = if admitted { store::Verdict::Admitted } else { store::Verdict::Unlawful };
            let differs = (found != stored).then(|| "the stored verdict is another".to_owned());
            (kind, if admitted { "admitted" } else { "unlawful" }, differs)
        }
        // What is of a newer program, or follows that, waits where it stands.
        Judgement::Held(_) if stored == store::Verdict::Newer => (kind, "held", None),
        Judgement::Refused(_) if stored == store::Verdict::Refused => (kind, "refused", None),
        Judgement::Held(need) => (kind, "held", Some(format!("something that it follows is missing: {need:?}"))),
        Judgement::Refused(why) => (kind, "refused", Some(why.to_string())),
    })
}
