//! Items that an `include!` may define whose file was not found. A name that resolves to
//! nothing may be one of them, and the file may contain an impl for a type or trait of
//! the crate. The call of `include!` is reached then, and reported as one that cannot be
//! followed.

use super::Reachability;
use crate::source::database::{CrateDb, CrateId, ItemId, ModuleId};
use crate::source::references::PathRef;
use crate::source::resolve::{PathTarget, Resolution};
use crate::source::use_tree::UsePath;

impl Reachability<'_> {
    /// Reaches the calls that may bring in the target of a path in `id`.
    pub(super) fn reach_unread_calls(&mut self, id: ItemId, mention: &PathRef, meant: &Resolution) {
        if self
            .world
            .crates
            .iter()
            .all(|krate| krate.unread.is_empty())
        {
            return;
        }
        let path = &mention.path;
        let is_own = path.names.first().is_none_or(|first| first.is_prelude());
        if meant.is_open && !mention.is_local && !is_own {
            let scope = self
                .world
                .block_of(id)
                .unwrap_or(self.world.item(id).module);
            for call in self.world.unread_calls_behind(scope, path) {
                self.reach(call, true);
            }
        }
        for target in &meant.targets {
            // An import that resolves to nothing.
            if let PathTarget::Foreign(from, krate, text) = target
                && *text != path.text()
                && !matches!(
                    self.world.extern_target(*from, *krate),
                    Some(PathTarget::Foreign(..))
                )
            {
                self.reach_all_unread_calls(*from);
            }
        }
    }

    /// Reaches every such call of a crate.
    pub(super) fn reach_all_unread_calls(&mut self, krate: CrateId) {
        for call in self.world.krate(krate).unread.clone() {
            self.reach(call, true);
        }
    }
}

impl CrateDb {
    /// Returns the calls that may bring items into the modules in which the
    /// resolution of a path ends without a result.
    fn unread_calls_behind(&mut self, scope: ModuleId, path: &UsePath) -> Vec<ItemId> {
        let mut modules = Vec::new();
        for (at, &name) in path.names.iter().enumerate() {
            let looked_into = match at {
                0 if matches!(name.as_str(), "crate" | "$crate" | "self" | "super") => continue,
                0 => self.around(scope),
                _ => self.modules_at(scope, path, at),
            };
            for module in looked_into {
                if self.lookup(module, name).is_empty() {
                    let opened = self.glob_closure(module);
                    modules.extend(opened.iter().filter_map(|target| match target {
                        PathTarget::Module(opened) => Some(*opened),
                        _ => None,
                    }));
                }
            }
        }
        let calls = self.crates.iter().flat_map(|krate| &krate.unread);
        calls
            .copied()
            .filter(|&call| modules.contains(&self.item(call).module))
            .collect()
    }

    /// Returns a block and the scopes around it, up to its module.
    fn around(&self, scope: ModuleId) -> Vec<ModuleId> {
        let mut modules = vec![scope];
        let mut at = scope;
        while let Some(parent) = self.module(at).parent.filter(|_| self.module(at).block) {
            modules.push(parent);
            at = parent;
        }
        modules
    }

    /// Returns the modules that the first `count` names of a path lead to.
    fn modules_at(&mut self, scope: ModuleId, path: &UsePath, count: usize) -> Vec<ModuleId> {
        let start = UsePath {
            global: path.global,
            names: path.names[..count].to_vec(),
        };
        if let [name] = start.names.as_slice()
            && *name == "self"
        {
            return vec![self.enclosing(scope)];
        }
        let targets = self.resolve(scope, &start).targets.into_iter();
        targets
            .filter_map(|target| match target {
                PathTarget::Module(module) => Some(module),
                _ => None,
            })
            .collect()
    }
}
