//! What befalls a node: it dies and starts again, its disk has not what was written, a copy of its database is put back.

use kernel::{Input, Sabotage};
use store::{CommitMark, Store};

use super::{Sim, note, taken, text};
use crate::city;

impl Sim {
    pub(super) fn tick_one(&mut self) -> Result<(), String> {
        let node = self.dice.below(self.nodes.len());
        if self.plan.sabotage == Sabotage::FsyncOff
            && let Some(kernel) = &self.nodes[node].kernel
        {
            self.nodes[node].disk = Some(kernel.store().snapshot().map_err(text)?);
        }
        self.input(node, Input::Tick)
    }

    /// A node dies and starts again. `before` loses what was not committed; otherwise a frame, a command or a tick was
    /// committed, whole or in part, and what followed from it was never said.
    pub(super) fn crash(&mut self, before: bool) -> Result<(), String> {
        let node = self.dice.below(self.nodes.len());
        self.run.crashes += 1;
        let marked = self.nodes[node].kernel.as_ref().and_then(|kernel| kernel.store().mark());
        if !before {
            self.dying = Some(node);
            match self.dice.below(3) {
                0 => self.input(node, Input::Tick)?,
                1 => self.acts_at(node)?,
                _ => self.deliver_to(node)?,
            }
            self.dying = None;
            let inputs = std::mem::take(&mut self.nodes[node].waiting);
            let steps = self.dice.below(60);
            if let Some(kernel) = &mut self.nodes[node].kernel {
                let _ = kernel.step(self.now, inputs, steps).map_err(text)?;
            }
        }
        self.restart_under(node, None, marked)
    }

    pub(super) fn restart(&mut self, node: usize, with: Option<Store>) -> Result<(), String> {
        self.restart_under(node, with, None)
    }

    /// Starts a node again with its database, or with another one, under the mark that stood on the disk when it died:
    /// it may be behind, if the node died between its commit and its mark.
    pub(super) fn restart_under(
        &mut self,
        node: usize,
        with: Option<Store>,
        marked: Option<CommitMark>,
    ) -> Result<(), String> {
        let pairs: Vec<(usize, usize)> = self.links.keys().copied().filter(|p| p.0 == node || p.1 == node).collect();
        let Some(kernel) = self.nodes[node].kernel.take() else { return Ok(()) };
        // What waited was never taken in, and nobody was told that it was.
        self.nodes[node].waiting.clear();
        let mut store = kernel.into_store();
        if let Some(mark) = marked {
            store.put_mark(mark);
        }
        if let Some(disk) = self.nodes[node].disk.take() {
            store = disk;
        }
        let restored = with.is_some();
        for pair in pairs {
            if let Some(conn) = self.links.insert(pair, None).flatten() {
                let other = if pair.0 == node { pair.1 } else { pair.0 };
                self.input(other, Input::Gone { conn })?;
            }
        }
        if self.trace {
            note(self.now, node, if restored { "put back" } else { "restarted" });
        }
        let device = self.nodes[node].device;
        let kernel = self.open(device, with.unwrap_or(store), restored)?;
        self.nodes[node].kernel = Some(kernel);
        self.nodes[node].seen = taken::Seen::default();
        Ok(())
    }

    pub(super) fn back_up(&mut self) -> Result<(), String> {
        let node = self.dice.below(self.nodes.len());
        if let Some(kernel) = &self.nodes[node].kernel
            && !kernel.store().in_transaction()
        {
            self.nodes[node].backup = Some(kernel.store().snapshot().map_err(text)?);
        }
        Ok(())
    }

    /// Puts a node back to its backup. Not the hub: what it may issue after a restore waits for its counties' answers.
    pub(super) fn restore(&mut self) -> Result<(), String> {
        let node = self.dice.below(self.nodes.len());
        if self.nodes[node].device == city::HUB {
            return Ok(());
        }
        let Some(backup) = self.nodes[node].backup.take() else { return Ok(()) };
        self.run.restores += 1;
        self.nodes[node].restored = true;
        self.nodes[node].told.clear();
        self.restart(node, Some(backup))
    }
}
