//! Adds crates as a whole: where a caller may pass any type, or a macro may name any item.

use super::Reachability;
use crate::source::database::{CrateId, ModuleId};
use crate::source::name::Name;

impl Reachability<'_> {
    /// Adds every workspace crate below this one. A caller may pass a type from any
    /// of them where a trait is required.
    pub(in crate::source) fn join_all(&mut self) {
        if !self.has_all_sources {
            self.has_all_sources = true;
            for krate in self.world.crates_below().iter().copied() {
                self.join(krate);
            }
        }
    }

    /// Adds every item of a crate.
    pub(in crate::source) fn reach_all(&mut self, krate: CrateId) {
        for module in 0..self.world.modules.len() as ModuleId {
            if self.world.module(module).krate == krate {
                for id in self.world.module(module).items.clone() {
                    self.reach(id, true);
                }
            }
        }
    }

    /// Adds everything in the compiled crate, in the workspace crates below it, and
    /// in the external crates that these use.
    pub(in crate::source) fn reach_crate(&mut self) {
        self.join_all();
        // Crates are read on demand, so the list grows during the loop.
        let mut krate = 0;
        while (krate as usize) < self.world.crates.len() {
            self.join(krate);
            self.reach_all(krate);
            let names: Vec<Name> = self.world.krate(krate).externs.keys().copied().collect();
            for name in names {
                if let Some(target) = self.world.extern_target(krate, name) {
                    self.follow_target(&target, true, false);
                }
            }
            krate += 1;
        }
        self.run();
        self.add_outside_inputs();
    }
}
