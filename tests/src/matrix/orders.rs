//! Two acts made at once, arriving in several orders.

use regulation::{ActId, ActKind, Broken, Fact, Record, UnitId, bring_in, crossed};
use replica::{History, Judgement, Node, Registry, Sealed, Standing, Verdict, judge};

use super::Outcome;

/// An act with what its author found of it.
pub(super) struct Arrived {
    pub sealed: Sealed,
    pub node: Node,
}

impl Arrived {
    pub fn id(&self) -> ActId {
        self.node.id
    }

    pub fn kind(&self) -> ActKind {
        self.node.fact.body.kind()
    }

    pub fn unit(&self) -> UnitId {
        self.node.fact.author.unit
    }

    pub fn hub(&self) -> bool {
        self.node.hub()
    }

    /// For messages.
    pub fn told(&self) -> String {
        format!("{:?} by {:?}", self.kind(), self.unit())
    }

    /// Takes it in where it was made.
    pub fn insert(self, history: &mut History) {
        history.insert(self.node);
    }

    /// Lets it arrive at a node that has what it hangs on.
    pub fn judge(&self, history: &mut History, registry: &Registry) -> Result<(), String> {
        match judge(history, &self.sealed, self.node.act.clone(), registry).map_err(|e| e.to_string())? {
            Judgement::Judged(node) if node.verdict == Verdict::Admitted => {
                history.insert(*node);
                Ok(())
            }
            Judgement::Judged(node) => Err(format!("{} arrives and is {:?}", self.told(), node.verdict)),
            other => Err(format!("{} arrives and is {other:?}", self.told())),
        }
    }
}

/// What it must come to: the record, and what became of the second act.
struct Expected {
    record: Record,
    fell: Option<Broken>,
}

impl Expected {
    fn of(before: &Record, first: &Arrived, second: &Arrived) -> Result<Self, String> {
        let mut record = before.clone();
        bring_in(&mut record, &first.node.fact)
            .map_err(|broken| format!("the first falls where it was made: {broken:?}"))?;
        let crossed = crossed(&record, &second.node.fact, |id| id != first.node.id);
        let fell = bring_in(&mut record, &Fact { crossed, ..second.node.fact.clone() }).err();
        Ok(Self { record, fell })
    }
}

/// Lets the acts arrive in each of these orders on top of `base`. Every order must come to what applying `first` and
/// then `second` comes to; the act that falls must be there with its rule.
pub(super) fn arrive(
    base: &History,
    registry: &Registry,
    orders: &[Vec<&Arrived>],
    first: &Arrived,
    second: &Arrived,
) -> Result<Outcome, String> {
    let expected = Expected::of(base.record(), first, second)?;
    let mut document = None;
    for order in orders {
        let mut history = base.clone();
        for act in order {
            act.judge(&mut history, registry)?;
        }
        let told = || order.iter().map(|act| act.told()).collect::<Vec<_>>().join(", then ");
        look(&history, &expected, first, second).map_err(|why| format!("after {}: {why}", told()))?;
        if first.node.writes() || second.node.writes() {
            let digest = history.document().map_err(|e| e.to_string())?.digest();
            if *document.get_or_insert_with(|| digest.clone()) != digest {
                return Err(format!("after {}: another document", told()));
            }
        }
    }
    Ok(expected.fell.map(|broken| broken.rule.code()))
}

fn look(history: &History, expected: &Expected, first: &Arrived, second: &Arrived) -> Result<(), String> {
    if *history.record() != expected.record {
        return Err("another record than the two in the predicted order come to".to_owned());
    }
    if history.refold() != *history.folded() {
        return Err("the incremental fold differs from the full one".to_owned());
    }
    let fell = expected.fell.map_or(Standing::Effective, Standing::Overruled);
    for (act, expected) in [(first, Standing::Effective), (second, fell)] {
        let index = history.index_of(act.id()).ok_or_else(|| format!("{} is lost", act.told()))?;
        let standing = history.standing(index);
        if standing != Some(expected) {
            return Err(format!("{} is {standing:?}, expected {expected:?}", act.told()));
        }
        if history.nodes()[index].act != act.node.act || history.nodes()[index].parts != act.node.parts {
            return Err(format!("{} is not kept as it was made", act.told()));
        }
    }
    Ok(())
}
