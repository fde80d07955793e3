//! The names and traits that modules re-export to modules which glob-import them. The
//! visibility of imports and modules decides whether a name or trait comes through,
//! and that visibility is not part of their targets.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cfg::render;
use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::name::{Map, Name, Set};
use super::reachability::Reachability;
use super::resolve::PathTarget;
use super::scan;
use super::token::LexedFile;

/// A cache of exports.
#[derive(Debug, Default)]
pub(super) struct GlobCache {
    names: Option<(usize, Arc<GlobExportNames>)>,
    exports_of_module: Map<ModuleId, Arc<GlobExports>>,
}

/// The names that glob-imported modules export.
#[derive(Debug, Default)]
pub(super) struct GlobExportNames {
    lines: Vec<GlobEntry>,
    /// The entries for a name.
    by_name: Map<Name, Vec<usize>>,
    /// The entries for unknown names.
    any: Vec<usize>,
}

/// An import, a module or a crate that is visible through a glob.
#[derive(Debug)]
struct GlobEntry {
    module: ModuleId,
    text: String,
    /// The crates that glob-import the module.
    importing_crates: BTreeSet<CrateId>,
}

/// A trait that is in scope because of a glob.
#[derive(Clone, Debug)]
pub(super) struct GlobTrait {
    /// The module that exports it.
    pub(super) place: ModuleId,
    pub(super) text: String,
    /// The trait that must be reached for it to count.
    pub(super) of: Option<ItemId>,
}

/// What a module exports through globs.
#[derive(Debug, Default)]
struct GlobExports {
    traits: Vec<TraitInScope>,
    globs: Vec<GlobEdge>,
}

#[derive(Debug)]
struct TraitInScope {
    /// The visibility of the import; none for a trait that the module defines.
    visibility: Option<String>,
    text: String,
    of: Option<ItemId>,
}

impl TraitInScope {
    fn new(visibility: Option<String>, text: String, of: Option<ItemId>) -> TraitInScope {
        TraitInScope {
            visibility,
            text,
            of,
        }
    }
}

/// A glob import of another module.
#[derive(Debug)]
struct GlobEdge {
    opened: ModuleId,
    visibility: String,
}

/// Returns the visibility that starts at `at`, as written.
pub(super) fn visibility(file: &LexedFile, at: usize) -> String {
    render(file, at..scan::visibility(file, at))
}

impl Reachability<'_> {
    /// Returns what decides the visibility of the referenced names: the exporting
    /// module and the export.
    pub(super) fn glob_exports(&mut self) -> Vec<(ModuleId, String)> {
        let exports_of_module = self.world.glob_exports();
        let mut found: BTreeSet<usize> = exports_of_module.any.iter().copied().collect();
        if exports_of_module.by_name.len() < self.words.len() {
            let known = exports_of_module.by_name.iter();
            let known = known.filter(|(name, _)| self.words.contains(name));
            found.extend(known.flat_map(|(_, lines)| lines));
        } else {
            let known = self.words.iter();
            let known = known.filter_map(|name| exports_of_module.by_name.get(name));
            found.extend(known.flatten());
        }
        let is_joined = |krate: &CrateId| self.joined.iter().any(|(id, _)| id == krate);
        let lines = found.into_iter().map(|at| &exports_of_module.lines[at]);
        let lines = lines.filter(|line| line.importing_crates.iter().any(is_joined));
        lines.map(|line| (line.module, line.text.clone())).collect()
    }
}

impl CrateDb {
    /// Returns the unfollowed crates, except joblib and the standard library, that
    /// globs import into a module or, for a block, into the scopes around it.
    pub(super) fn foreign_globs(&mut self, scope: ModuleId) -> Vec<PathTarget> {
        let mut found = Vec::new();
        let mut at = Some(scope);
        while let Some(module) = at {
            let opened = self.glob_closure(module);
            let is_other =
                |target: &&PathTarget| self.is_of_others(target) && !self.is_joblib_target(target);
            found.extend(opened.iter().filter(is_other).cloned());
            let module = self.module(module);
            at = module.parent.filter(|_| module.block);
        }
        found
    }

    /// Returns what other modules see of the modules that they glob-import.
    fn glob_exports(&mut self) -> Arc<GlobExportNames> {
        if let Some((count, known)) = &self.opened.names
            && *count == self.modules.len()
        {
            return Arc::clone(known);
        }
        let mut exports_of_module = GlobExportNames::default();
        let importing_crates = self.importing_crates();
        let mut modules: Vec<ModuleId> = importing_crates.keys().copied().collect();
        modules.sort_unstable();
        for module in modules {
            self.add_exports(module, &importing_crates[&module], &mut exports_of_module);
        }
        let exports_of_module = Arc::new(exports_of_module);
        self.opened.names = Some((self.modules.len(), Arc::clone(&exports_of_module)));
        exports_of_module
    }

    /// Returns the modules that are glob-imported from outside themselves, with the
    /// crates that import them.
    fn importing_crates(&mut self) -> Map<ModuleId, BTreeSet<CrateId>> {
        let mut importing_crates: Map<ModuleId, BTreeSet<CrateId>> = Map::default();
        for module in 0..self.modules.len() as ModuleId {
            if self.module(module).globs.is_empty() {
                continue;
            }
            let krate = self.module(module).krate;
            for target in self.glob_closure(module).iter() {
                if let PathTarget::Module(opened) = *target
                    && !self.is_within(module, opened)
                {
                    importing_crates.entry(opened).or_default().insert(krate);
                }
            }
        }
        importing_crates
    }

    /// Returns whether `module` is `around` or inside it.
    pub(super) fn is_within(&self, module: ModuleId, around: ModuleId) -> bool {
        let mut at = Some(module);
        while let Some(id) = at.filter(|id| *id != around) {
            at = self.module(id).parent;
        }
        at.is_some()
    }

    fn add_exports(
        &mut self,
        module: ModuleId,
        importing_crates: &BTreeSet<CrateId>,
        exports_of_module: &mut GlobExportNames,
    ) {
        let mut add = |text: String| {
            let importing_crates = importing_crates.clone();
            exports_of_module.lines.push(GlobEntry {
                module,
                text,
                importing_crates,
            });
            exports_of_module.lines.len() - 1
        };
        for id in self.module(module).items.clone() {
            let item = self.item(id);
            let is_import = matches!(
                item.kind,
                ItemKind::Use(_) | ItemKind::Module(_) | ItemKind::ExternCrate(_)
            );
            let visibility = visibility(&self.files[item.file], item.head);
            if is_import && !visibility.is_empty() {
                let at = add(format!("{} {visibility}", item.name.as_str()));
                exports_of_module
                    .by_name
                    .entry(item.name)
                    .or_default()
                    .push(at);
            }
        }
        for glob in self.module(module).globs.clone() {
            if glob.visibility.is_empty() {
                continue;
            }
            let at = add(format!("{}::* {}", glob.path.text(), glob.visibility));
            match self.names_behind(module, &glob.path) {
                Some(names) => {
                    for name in names {
                        exports_of_module.by_name.entry(name).or_default().push(at);
                    }
                }
                None => exports_of_module.any.push(at),
            }
        }
    }

    /// Returns the names that a glob in `module` imports, if they are known.
    fn names_behind(
        &mut self,
        module: ModuleId,
        glob: &super::use_tree::UsePath,
    ) -> Option<Set<Name>> {
        let mut names = Set::default();
        for target in self.glob_import(module, glob) {
            let PathTarget::Module(opened) = target else {
                return None;
            };
            for target in self.glob_closure(opened).iter() {
                let PathTarget::Module(behind) = *target else {
                    return None;
                };
                names.extend(self.module(behind).names.keys().copied());
            }
        }
        Some(names)
    }

    /// Returns the traits that are in scope in `module` through globs, transitively.
    pub(super) fn traits_from_globs(&mut self, module: ModuleId) -> Vec<GlobTrait> {
        let opened: Vec<ModuleId> = self
            .glob_closure(module)
            .iter()
            .filter_map(|target| match *target {
                PathTarget::Module(opened) if opened != module => Some(opened),
                _ => None,
            })
            .collect();
        let mut ways: Map<ModuleId, BTreeSet<String>> = Map::default();
        for &place in &opened {
            for way in self.exports_of_module(place).globs.iter() {
                let path = self.module_path(place);
                let way_text = format!(" by {path} {}", way.visibility);
                ways.entry(way.opened).or_default().insert(way_text);
            }
        }
        let mut found = Vec::new();
        for &place in &opened {
            let is_within = self.is_within(module, place);
            let ways: String = ways.remove(&place).into_iter().flatten().collect();
            for exports_of_module in self.exports_of_module(place).traits.iter() {
                if is_within || exports_of_module.visibility != Some(String::new()) {
                    let visibility = exports_of_module.visibility.as_deref().unwrap_or_default();
                    let text = format!("{} {visibility}{ways}", exports_of_module.text);
                    let of = exports_of_module.of;
                    found.push(GlobTrait { place, text, of });
                }
            }
        }
        found
    }

    /// Returns what a module exports without naming it.
    fn exports_of_module(&mut self, module: ModuleId) -> Arc<GlobExports> {
        if let Some(known) = self.opened.exports_of_module.get(&module) {
            return Arc::clone(known);
        }
        let mut exports_of_module = GlobExports::default();
        for id in self.module(module).items.clone() {
            let item = self.item(id);
            let (name, kind) = (item.name, item.kind.clone());
            let visibility = visibility(&self.files[item.file], item.head);
            let targets = match kind {
                ItemKind::Use(path) => self.import(module, &path),
                // Its own visibility is part of its item.
                ItemKind::Trait => {
                    let text = self.item_path(id);
                    exports_of_module
                        .traits
                        .push(TraitInScope::new(None, text, Some(id)));
                    continue;
                }
                _ => continue,
            };
            for target in targets {
                if let Some((text, of)) = self.brings(&target, name) {
                    let visibility = Some(visibility.clone());
                    exports_of_module
                        .traits
                        .push(TraitInScope::new(visibility, text, of));
                }
            }
        }
        for glob in self.module(module).globs.clone() {
            for target in self.glob_import(module, &glob.path) {
                let visibility = glob.visibility.clone();
                match target {
                    PathTarget::Module(opened) => exports_of_module
                        .globs
                        .push(GlobEdge { opened, visibility }),
                    target => {
                        let text = format!("{}::*", self.target_text(&target));
                        exports_of_module.traits.push(TraitInScope::new(
                            Some(visibility),
                            text,
                            None,
                        ));
                    }
                }
            }
        }
        let exports_of_module = Arc::new(exports_of_module);
        self.opened
            .exports_of_module
            .insert(module, Arc::clone(&exports_of_module));
        exports_of_module
    }
}
