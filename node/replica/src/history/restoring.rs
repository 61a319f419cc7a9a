//! Reading a history again.

use regulation::{ActId, Level};

use super::History;
use crate::act::Act;
use crate::fact::{fact, hub_since};
use crate::graph::{Node, Rank, Verdict, closure};
use crate::part::Part;
use crate::registry::Registry;

/// A history that is being read again: acts whose verdicts were found earlier. It is folded once, in the end.
#[derive(Default)]
pub struct Restoring(History);

impl Restoring {
    /// Takes the next act; false if what it follows, or its registry, is not here.
    pub fn take(&mut self, id: ActId, act: Act, parts: Vec<Part>, verdict: Verdict, registry: &Registry) -> bool {
        let history = &mut self.0;
        let (Some(body), Some(at)) = (act.body().cloned(), registry.at(&act.registry)) else { return false };
        let deps: Option<Vec<usize>> = act.deps.iter().map(|dep| history.index_of(*dep)).collect();
        let Some(deps) = deps else { return false };
        history.weigh_by(registry.now().edition());
        let fact = fact(id, &act, body, &at);
        let past = closure(&history.nodes, &deps);
        // Who is lead matters to the rank of units alone.
        let lead = fact.author.level == Level::Unit && history.leads(&fact, &deps, &past);
        let rank = Rank::of(fact.author.level, lead);
        let hub_since = hub_since(&fact, &at);
        history.put(Node { id, act, fact, verdict, rank, parts, deps, past, hub_since });
        true
    }

    /// The history of all that was taken.
    #[must_use]
    pub fn done(mut self) -> History {
        self.0.fold_on();
        self.0
    }
}
