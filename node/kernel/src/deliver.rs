//! What a peer sent of a feed is taken in, and its cursor moves with it.

use regulation::{ActId, Millis};
use sync::{Carried, Delivery, Mark, ScopeKey};

use crate::alarm::{Alarm, Cause, Detail};
use crate::feed::stored;
use crate::item::{FINDING, ORDINARY, STUB};
use crate::sabotage::sabotaged;
use crate::scopes::REGISTRY;
use crate::sight::Run;
use crate::source::{PeerId, Source};
use crate::{Fault, Kernel};

/// Items that this program understands: raised with each kind or form that is added, so that what came too early is asked
/// for again.
const UNDERSTOOD: u64 = 1;
const UNDERSTOOD_META: &str = "understood";

impl Kernel {
    /// Stores what a peer sent, or a portion of it; `run` goes from one portion to the next. With the `last` one it is noted
    /// how far its feed is now received: what the session hears then. Where the peer has to wait its cursor stays, so that
    /// nothing is lost and it is told nothing that is not so.
    pub(crate) fn deliver(
        &mut self,
        now: Millis,
        peer: PeerId,
        delivery: Delivery,
        run: &mut Run,
        last: bool,
    ) -> Result<Option<sync::Input>, Fault> {
        let (scope, to) = (delivery.scope, delivery.to);
        let source = Source { peer, scope };
        for carried in delivery.items {
            let taken = match carried {
                Carried::Item { kind: ORDINARY, bytes } if scope == REGISTRY => {
                    Some(self.take_entry(now, peer, &bytes)?)
                }
                Carried::Item { kind: ORDINARY, bytes } => Some(self.take_in(now, bytes, source, false, run)?),
                Carried::Item { kind: STUB, bytes } if scope != REGISTRY => Some(self.take_stub(now, &bytes, source)?),
                Carried::Item { kind: FINDING, bytes } if scope != REGISTRY => {
                    Some(self.take_finding(now, &bytes, source)?)
                }
                Carried::Item { .. } | Carried::Newer => Some(self.note_newer(peer, scope)?),
                Carried::Known(id) if scope == REGISTRY => self.log.place_of(&id).map(|_| true),
                Carried::Known(id) => self.take_named(now, ActId(id), source, run)?,
            };
            let Some(taken) = taken else { return Ok(Some(sync::Input::Unresolved { scope })) };
            self.retry(now)?;
            if !taken {
                return self.decline(peer, scope, to).map(Some);
            }
        }
        if !last {
            return Ok(None);
        }
        if !self.end(now, run, source)? {
            return self.decline(peer, scope, to).map(Some);
        }
        self.receive_up_to(peer, scope, to).map(Some)
    }

    fn receive_up_to(&mut self, peer: PeerId, scope: ScopeKey, to: Mark) -> Result<sync::Input, Fault> {
        self.move_cursor(peer, scope, |cursor| cursor.received = stored(to))?;
        Ok(sync::Input::Stored { scope, mark: to })
    }

    /// Not everything of a delivery was kept: its cursor stays where it is, so that it comes again.
    fn decline(&mut self, peer: PeerId, scope: ScopeKey, to: Mark) -> Result<sync::Input, Fault> {
        if sabotaged!(self, CursorThoughDeclined) {
            return self.receive_up_to(peer, scope, to);
        }
        Ok(sync::Input::Declined)
    }

    /// Something came that this program does not understand, not even so far that it could be kept and named. It stops nothing:
    /// the place before it is noted, and from there the feed is asked for again once this program is another.
    fn note_newer(&mut self, peer: PeerId, scope: ScopeKey) -> Result<bool, Fault> {
        self.move_cursor(peer, scope, |cursor| cursor.newer = cursor.newer.or(Some(cursor.received)))?;
        self.alarm(Alarm::NewerItems, Cause::Device(peer.0), Detail::Scope { scope: scope.0 });
        Ok(true)
    }

    /// This program may understand more than the one before it.
    pub(crate) fn go_back_for_newer(&mut self) -> Result<(), Fault> {
        if self.store.meta(UNDERSTOOD_META)?.as_deref() != Some(&UNDERSTOOD.to_be_bytes()) {
            self.store.go_back_for_newer()?;
            self.store.set_meta(UNDERSTOOD_META, &UNDERSTOOD.to_be_bytes())?;
        }
        Ok(())
    }
}
