//! A knowledge article (29): written and reviewed in the unit that it belongs to (or, where that is too small, by the hotline above it), published by the city hotline or whom it
//! delegates that to, none of whom has edited it (29: 经审核后录入). What others find wrong is a request that has its term.

use crate::act::Body;
use crate::fact::{Fact, Level};
use crate::ids::{ActId, Millis, PersonId, UnitId};
use crate::proposal::{Outcome, Proposal};
use crate::rule::{Broken, Rule};

/// What the acts of an article come to. Its text is in the document; a published text is the document at the
/// causal past of the publication and never changes afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// The creating act.
    pub created: ActId,
    /// The unit that made it.
    pub owner: UnitId,
    /// That is the city hotline.
    pub of_city: bool,
    /// Who changed the text since it was last published, each once, sorted.
    pub editors: Vec<PersonId>,
    /// Who reviewed the text as it is now.
    pub reviewers: Vec<PersonId>,
    /// Publications, oldest first.
    pub published: Vec<ActId>,
    /// Errors that others pointed out and that wait for an answer, and when they did: it is mended, or reviewed and upheld.
    pub corrections: Vec<(ActId, Millis)>,
    /// The act that retired it.
    pub retired: Option<ActId>,
    /// Publications that were proposed, oldest first.
    pub proposals: Vec<Proposal>,
}

impl Knowledge {
    pub(crate) fn create(fact: &Fact) -> Self {
        Self {
            created: fact.id,
            owner: fact.author.unit,
            of_city: fact.author.level == Level::CityHotline,
            editors: fact.author.person.into_iter().collect(),
            reviewers: Vec::new(),
            published: Vec::new(),
            corrections: Vec::new(),
            retired: None,
            proposals: Vec::new(),
        }
    }

    pub(crate) fn apply(&mut self, fact: &Fact) -> Result<(), Broken> {
        if let (Some(retired), true) = (self.retired, fact.body.kind().of_knowledge()) {
            return Err(Rule::Retired.because(Some(retired)));
        }
        // Errors may be pointed out by everybody; the text is its unit's. The city looks at it, publishes it and takes it off; a county
        // looks at those of the units below it, which the registry knows.
        let (own, level) = (fact.author.unit == self.owner, fact.author.level);
        let may = match fact.body {
            Body::ArticleCorrect => true,
            Body::ArticleReview => own || level != Level::Unit,
            Body::ArticlePublish | Body::ArticleRetire => own || level == Level::CityHotline,
            _ => own || !fact.body.kind().of_knowledge(),
        };
        if !may {
            return Err(Rule::OwnerOnly.into());
        }
        match fact.body {
            Body::ArticleEdit => {
                self.editors.extend(fact.author.person);
                self.editors.sort_unstable();
                self.editors.dedup();
                self.reviewers.clear();
                self.corrections.clear();
                // What was to be published is not what it is now.
                self.proposals.iter_mut().for_each(|proposal| proposal.end(Outcome::Ended(fact.id)));
                Ok(())
            }
            // Looked at again, what others found wrong is found right.
            Body::ArticleReview if self.editors.is_empty() && !self.corrections.is_empty() => {
                self.corrections.clear();
                Ok(())
            }
            Body::ArticleReview => {
                self.changed()?;
                if fact.author.person.is_some_and(|person| self.editors.contains(&person)) {
                    return Err(Rule::EditorPublishes.into());
                }
                self.reviewers.extend(fact.author.person);
                Ok(())
            }
            Body::ArticlePublish => {
                self.changed()?;
                if !self.of_city && self.reviewers.is_empty() {
                    return Err(Rule::NotReviewed.because(self.published.last().copied()));
                }
                self.editors.clear();
                self.reviewers.clear();
                self.published.push(fact.id);
                Ok(())
            }
            Body::ArticleCorrect => {
                self.corrections.push((fact.id, fact.claimed_at));
                Ok(())
            }
            Body::ArticleRetire => {
                self.retired = Some(fact.id);
                Ok(())
            }
            Body::Settle => Ok(()),
            _ => Err(Rule::WrongDocument.into()),
        }
    }

    /// Something was changed since the last publication.
    fn changed(&self) -> Result<(), Broken> {
        if self.editors.is_empty() {
            return Err(Rule::NothingToPublish.because(self.published.last().copied()));
        }
        Ok(())
    }
}
