//! What a peer may speak of: documents that one of the scopes which both hold has a part in.
//!
//! An id opens nothing. Ids stand in other acts, in addresses and in logs, and whoever learns one could else name it in an
//! act of his own and have the whole document counted into his scope. So what names a document that is not in a feed
//! shared with its peer is kept without being looked at, whether the document is here or nowhere, by the same steps. Only
//! what the peer itself brings can show that the scope has a part in it: its first act, and all up to the act that gives it.

use regulation::ActId;
use replica::{Act, Sealed};
use store::Aseq;
use sync::ScopeKey;

use crate::sabotage::sabotaged;
use crate::scopes;
use crate::source::{PeerId, Source};
use crate::{Fault, Kernel};

/// How far a peer is let into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// No feed that both hold has it.
    None,
    /// It has left these scopes: the peer knows what stands in their feeds, and nothing that came later.
    Past(Vec<ScopeKey>),
    /// It is in a scope of both: the peer holds the whole of it, or will.
    Whole,
}

/// An act as a peer brought it: whole, and signed by whom it says, but of a document that is not shared with that peer.
#[derive(Debug)]
pub(crate) struct Brought {
    pub doc: ActId,
    pub sealed: Sealed,
    pub act: Act,
    pub bytes: Vec<u8>,
    pub source: Source,
    /// Its row, if it was held before.
    pub held: Option<ActId>,
    /// It was asked for: no quota keeps it out.
    pub wanted: bool,
    /// An act that takes its place follows it.
    pub carried: bool,
}

/// What a peer brings, as far as it waits for what comes right behind.
#[derive(Default)]
pub(crate) struct Run {
    /// Acts of one document, in the order in which they came.
    pub acts: Vec<Brought>,
    /// Acts that are here, of documents in which their scope has no part as far as is known: what gives it one may be among
    /// what follows.
    pub early: Vec<ActId>,
}

impl Run {
    /// The acts, which are looked at now.
    pub fn acts(&mut self) -> Vec<Brought> {
        std::mem::take(&mut self.acts)
    }
}

impl Kernel {
    /// Whether this node and a peer both hold a scope.
    pub(crate) fn shares(&self, peer: PeerId, scope: ScopeKey) -> bool {
        let at = self.registry.now();
        let theirs = |peer: PeerId| at.device(peer.0).is_some_and(|d| scopes::holds(&at, d.unit, d.class, scope));
        self.me.as_ref().is_some_and(|me| me.scopes.contains(&scope)) && (theirs(peer) || sabotaged!(self, LeakScopes))
    }

    pub(crate) fn sight(&self, peer: PeerId, doc: ActId) -> Result<Sight, Fault> {
        if sabotaged!(self, EnterWithoutMembership) {
            return Ok(Sight::Whole);
        }
        let mut left = Vec::new();
        for (scope, open) in self.store.scopes_of(&doc)? {
            let scope = ScopeKey(scope.0);
            match self.shares(peer, scope) {
                true if open => return Ok(Sight::Whole),
                true => left.push(scope),
                false => {}
            }
        }
        Ok(if left.is_empty() { Sight::None } else { Sight::Past(left) })
    }

    /// An act that a peer names instead of sending it. It counts only if it stands in a feed that both hold: a name that
    /// was learnt elsewhere must not tell whether the act is here, nor have it sent.
    pub(crate) fn known_to(&self, peer: PeerId, id: ActId) -> Result<Option<Aseq>, Fault> {
        let feeds = self.store.feeds_of(&id)?;
        Ok(feeds.into_iter().find(|(scope, _)| self.shares(peer, ScopeKey(scope.0))).map(|(_, aseq)| aseq))
    }

    /// Whether a document is not shared with a peer through the scope that it speaks of it in.
    pub(crate) fn is_strange(&self, doc: ActId, source: Source) -> Result<bool, Fault> {
        Ok(match self.sight(source.peer, doc)? {
            Sight::Whole => false,
            Sight::Past(scopes) => !scopes.contains(&source.scope),
            Sight::None => true,
        })
    }
}
