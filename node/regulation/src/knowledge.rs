//! A knowledge article (29): edited by whoever keeps knowledge, published by another person than its editor.

use crate::act::Body;
use crate::ids::{ActId, PersonId, UnitId};
use crate::record::Fact;
use crate::rule::{Broken, Rule};

/// What the acts of an article come to. Its text is in the document; a published text is the document at the
/// causal past of the publication and never changes afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// The creating act.
    pub created: ActId,
    /// The unit that made it.
    pub owner: UnitId,
    /// Who changed the text since it was last published, each once, sorted.
    pub editors: Vec<PersonId>,
    /// Publications, oldest first.
    pub published: Vec<ActId>,
}

impl Knowledge {
    pub(crate) fn create(fact: &Fact) -> Self {
        Self {
            created: fact.id,
            owner: fact.author.unit,
            editors: fact.author.person.into_iter().collect(),
            published: Vec::new(),
        }
    }

    pub(crate) fn apply(&mut self, fact: &Fact) -> Result<(), Broken> {
        match fact.body {
            Body::ArticleEdit => {
                self.editors.extend(fact.author.person);
                self.editors.sort_unstable();
                self.editors.dedup();
                Ok(())
            }
            Body::ArticlePublish => {
                if self.editors.is_empty() {
                    return Err(Rule::NothingToPublish.because(self.published.last().copied()));
                }
                if fact.author.person.is_some_and(|person| self.editors.contains(&person)) {
                    return Err(Rule::EditorPublishes.into());
                }
                self.editors.clear();
                self.published.push(fact.id);
                Ok(())
            }
            Body::Settle => Ok(()),
            _ => Err(Rule::WrongDocument.into()),
        }
    }
}
