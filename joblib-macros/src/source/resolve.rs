//! Path resolution: which items a path may refer to. Returns all candidates if there
//! are several.

mod lookup;

use std::sync::Arc;

use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::name::{Map, Name, Set};
use super::references::PathRef;
use super::token::TokenKind;
use super::use_tree::UsePath;
use lookup::PendingLookups;

/// A possible target of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum PathTarget {
    Item(ItemId),
    Module(ModuleId),
    /// A path into a crate whose source is not read: the crate that contains the
    /// path, the name of the foreign crate, and the path.
    Foreign(CrateId, Name, String),
}

impl PathTarget {
    /// Returns the item, if the target is one.
    pub(super) fn item(self) -> Option<ItemId> {
        match self {
            PathTarget::Item(id) => Some(id),
            _ => None,
        }
    }
}

/// The result of resolving a path.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolution {
    pub(super) targets: Vec<PathTarget>,
    /// Names after a type, which refer to its members.
    pub(super) members: Vec<Name>,
    /// Members of known types and traits: the item and the name of the member.
    pub(super) owned: Vec<(ItemId, Name)>,
    /// Whether a branch of the resolution found nothing, so that the last name may
    /// refer to anything.
    pub(super) is_open: bool,
}

/// An imported name and its target; a glob import has no name.
pub(super) type Import = (Option<Name>, PathTarget);

/// The cache of resolved paths, and the lookups in progress.
#[derive(Debug, Default)]
pub(super) struct ResolveCache {
    questions: PendingLookups,
    globs: Map<ModuleId, Arc<Vec<PathTarget>>>,
    paths: Map<ItemId, Arc<Vec<Resolution>>>,
}

impl ResolveCache {
    /// Clears the resolved paths, because names were added.
    pub(super) fn forget_paths(&mut self) {
        self.paths.clear();
    }
}

impl CrateDb {
    /// Returns what each path in the references of an item resolves to.
    pub(super) fn resolutions(&mut self, id: ItemId) -> Arc<Vec<Resolution>> {
        if let Some(known) = self.memory.paths.get(&id) {
            return Arc::clone(known);
        }
        let facts = self.refs_of(id);
        let scope = self.block_of(id).unwrap_or(self.item(id).module);
        let resolve = |mention: &PathRef| self.resolve(scope, &mention.path);
        let mut found: Vec<_> = facts.paths.iter().map(resolve).collect();
        self.drop_parameter_owners(id, &facts.paths, &mut found);
        let found = Arc::new(found);
        self.memory.paths.insert(id, Arc::clone(&found));
        found
    }

    /// Resolves `path` in `scope`.
    pub(super) fn resolve(&mut self, scope: ModuleId, path: &UsePath) -> Resolution {
        let mut resolution = Resolution::default();
        let Some((&first, rest)) = path.names.split_first() else {
            return resolution;
        };
        if first == "Self" {
            resolution.members.extend(rest);
            return resolution;
        }
        let mut targets = without_repeats(self.first(scope, path, &mut resolution));
        if targets.is_empty() {
            resolution.members.extend(rest);
            resolution.is_open = true;
            return resolution;
        }
        for (i, &name) in rest.iter().enumerate() {
            let mut next = Vec::new();
            for target in targets {
                self.step(target, name, &rest[i..], &mut next, &mut resolution);
            }
            targets = without_repeats(next);
        }
        for target in targets {
            resolution.add(target);
        }
        if resolution.is_open {
            let krate = self.module(scope).krate;
            resolution.add(PathTarget::Foreign(krate, first, path.text()));
        }
        resolution
    }

    fn has_members(&self, id: ItemId) -> bool {
        let kind = &self.item(id).kind;
        matches!(kind, ItemKind::Type | ItemKind::TypeAlias | ItemKind::Trait)
    }

    /// Removes the owners of members from paths that start with a generic parameter,
    /// because a parameter can have the name of a type.
    fn drop_parameter_owners(&self, id: ItemId, paths: &[PathRef], found: &mut [Resolution]) {
        if found.iter().all(|resolution| resolution.owned.is_empty()) {
            return;
        }
        let parameters = self.parameters_of(id);
        for (mention, resolution) in paths.iter().zip(found) {
            if parameters.contains(&mention.path.names[0]) {
                let owned = std::mem::take(&mut resolution.owned);
                let names = owned.into_iter().map(|(_, name)| name);
                resolution.members.extend(names);
            }
        }
    }

    fn step(
        &mut self,
        target: PathTarget,
        name: Name,
        rest: &[Name],
        next: &mut Vec<PathTarget>,
        resolution: &mut Resolution,
    ) {
        match target {
            target if name == "self" => self.step_to_self(target, next),
            PathTarget::Module(module) if name == "super" => {
                let parent = self.module(module).parent.unwrap_or(module);
                next.push(PathTarget::Module(self.enclosing(parent)));
            }
            PathTarget::Module(module) => {
                if self.lookup(module, name).is_empty() {
                    resolution.is_open = true;
                    resolution.members.extend(rest);
                    next.extend(self.lookup_foreign_globs(module, name));
                }
                next.extend(self.leading(module, name, &rest[1..], resolution));
            }
            PathTarget::Item(id) => {
                match rest {
                    [name] if self.has_members(id) => resolution.owned.push((id, *name)),
                    _ => resolution.members.extend(rest),
                }
                resolution.add(target);
            }
            PathTarget::Foreign(from, krate, text) => {
                resolution.members.push(name);
                let text = format!("{text}::{}", name.as_str());
                next.push(PathTarget::Foreign(from, krate, text));
            }
        }
    }

    /// Resolves `self` in the braces of an import, which refers to the target only in
    /// the type namespace.
    fn step_to_self(&self, target: PathTarget, next: &mut Vec<PathTarget>) {
        let is_value =
            |kind: &ItemKind| matches!(kind, ItemKind::Fn | ItemKind::Const | ItemKind::Macro);
        match target {
            PathTarget::Item(id) if is_value(&self.item(id).kind) => {}
            PathTarget::Foreign(from, krate, text) => {
                let within = PathTarget::Foreign(from, krate, format!("{text}::self"));
                next.extend([PathTarget::Foreign(from, krate, text), within]);
            }
            target => next.push(target),
        }
    }

    /// Returns what `name` may mean in a module that glob-imports other crates.
    fn lookup_foreign_globs(&mut self, module: ModuleId, name: Name) -> Vec<PathTarget> {
        let within = |target: &PathTarget| match target {
            PathTarget::Foreign(from, krate, text) => {
                let text = format!("{text}::{}", name.as_str());
                Some(PathTarget::Foreign(*from, *krate, text))
            }
            _ => None,
        };
        let opened = self.glob_closure(module);
        opened.iter().filter_map(within).collect()
    }

    fn first(
        &mut self,
        scope: ModuleId,
        path: &UsePath,
        resolution: &mut Resolution,
    ) -> Vec<PathTarget> {
        let krate = self.module(scope).krate;
        let (first, rest) = (path.names[0], &path.names[1..]);
        match first.as_str() {
            "crate" | "$crate" => return vec![PathTarget::Module(self.krate(krate).root)],
            "self" if !rest.is_empty() => {
                return vec![PathTarget::Module(self.enclosing(scope))];
            }
            "super" => {
                let module = self.enclosing(scope);
                let parent = self.module(module).parent.unwrap_or(module);
                return vec![PathTarget::Module(self.enclosing(parent))];
            }
            _ => {}
        }
        let root = self.krate(krate).root;
        let mut found = match path.global {
            true if self.krate(krate).edition == "2015" => {
                self.leading(root, first, rest, resolution)
            }
            true => Vec::new(),
            false => self.lexical(scope, first, rest, resolution),
        };
        if !rest.is_empty() || path.global {
            found.extend(self.extern_target(krate, first));
            if found.is_empty() {
                found = self.leading(root, first, rest, resolution);
            }
        }
        found
    }

    /// Returns the crate that has the name `name` in `krate`.
    pub(super) fn extern_target(&mut self, krate: CrateId, name: Name) -> Option<PathTarget> {
        if self.is_of_compiler(krate, name) {
            return Some(PathTarget::Foreign(krate, name, name.as_str().to_owned()));
        }
        let artifact = self.krate(krate).externs.get(&name)?.clone();
        match self.open_source(&artifact) {
            Some(found) => Some(PathTarget::Module(self.krate(found).root)),
            None => Some(PathTarget::Foreign(krate, name, name.as_str().to_owned())),
        }
    }

    /// Resolves an unqualified name that starts a path in a block or module; `rest`
    /// follows it.
    fn lexical(
        &mut self,
        mut scope: ModuleId,
        name: Name,
        rest: &[Name],
        resolution: &mut Resolution,
    ) -> Vec<PathTarget> {
        let mut found = self.leading(scope, name, rest, resolution);
        while self.module(scope).block {
            let Some(parent) = self.module(scope).parent else {
                break;
            };
            scope = parent;
            found.extend(self.leading(scope, name, rest, resolution));
        }
        found
    }

    /// Resolves `name` at the start of a path in `module`; `rest` follows it. While
    /// the result is incomplete, a path that leaves the crates that are read ends at
    /// the crate. Otherwise the path could resolve to itself, and `use quote::quote`
    /// would grow to `quote::quote::quote` without end.
    fn leading(
        &mut self,
        module: ModuleId,
        name: Name,
        rest: &[Name],
        resolution: &mut Resolution,
    ) -> Vec<PathTarget> {
        let found = self.lookup(module, name).to_vec();
        if rest.is_empty() || !self.is_asked(module, name) {
            return found;
        }
        let (ends, ways): (Vec<PathTarget>, Vec<PathTarget>) =
            found.into_iter().partition(is_outside);
        for end in ends {
            resolution.members.extend(rest);
            resolution.add(end);
        }
        ways
    }

    /// Computes what the glob imports of a crate bring in. A glob may lead through
    /// another one, so the computation repeats until nothing is added.
    pub(super) fn settle_globs(&mut self, krate: CrateId) {
        let is_here = |module: &ModuleId| {
            let module = self.module(*module);
            module.krate == krate && !module.globs.is_empty()
        };
        let modules: Vec<ModuleId> = (0..self.modules.len() as ModuleId)
            .filter(is_here)
            .collect();
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            for &module in &modules {
                for glob in self.module(module).globs.clone() {
                    for target in self.glob_import(module, &glob.path) {
                        let open = &mut self.modules[module as usize].open;
                        if !open.contains(&target) {
                            open.push(target);
                            is_settled = false;
                        }
                    }
                }
            }
            self.memory.questions.forget();
            self.memory.globs.clear();
        }
    }

    /// Returns what all imports of a module bring in.
    pub(super) fn imports_of(&mut self, module: ModuleId) -> Arc<Vec<Import>> {
        if let Some(known) = self.imports.get(&module) {
            return Arc::clone(known);
        }
        let krate = self.module(module).krate;
        let mut found = Vec::new();
        for id in self.module(module).items.clone() {
            let name = self.item(id).name;
            let targets = match self.item(id).kind.clone() {
                ItemKind::Use(path) => self.import(module, &path),
                ItemKind::ExternCrate(name) => {
                    self.extern_target(krate, name).into_iter().collect()
                }
                _ => continue,
            };
            found.extend(targets.into_iter().map(|target| (Some(name), target)));
        }
        for glob in self.module(module).globs.clone() {
            let targets = self.glob_import(module, &glob.path);
            found.extend(targets.into_iter().map(|target| (None, target)));
        }
        let found = Arc::new(found);
        self.imports.insert(module, Arc::clone(&found));
        found
    }

    /// Resolves a path in a `use`.
    pub(super) fn import(&mut self, module: ModuleId, path: &UsePath) -> Vec<PathTarget> {
        let (mut found, is_circular) =
            self.track_pending(|world| world.resolve_import(module, path));
        let krate = self.module(module).krate;
        let first = path.names.first().copied().unwrap_or(Name::new(""));
        let elsewhere = self.extern_target(krate, first);
        if let ([_], true) = (path.names.as_slice(), found.is_empty()) {
            found.extend(elsewhere.clone());
        }
        let unknown = PathTarget::Foreign(krate, first, path.text());
        if is_circular && elsewhere.is_none() {
            // The path leads to the name that is being looked up, so only other
            // branches count.
            found.retain(|target| *target != unknown);
        } else if found.is_empty() {
            found.push(unknown);
        }
        found
    }

    /// Resolves a path in a `use`. In the 2015 edition such a path starts at the
    /// crate root.
    fn resolve_import(&mut self, module: ModuleId, path: &UsePath) -> Vec<PathTarget> {
        let krate = self.krate(self.module(module).krate);
        let is_relative = path
            .names
            .first()
            .is_none_or(|first| matches!(first.as_str(), "self" | "super" | "crate" | "$crate"));
        if is_relative || krate.edition != "2015" {
            return self.resolve(module, path).targets;
        }
        let mut found = self.resolve(krate.root, path).targets;
        // A macro may bring in the path from another edition.
        if found.iter().all(is_outside) {
            let here = self.resolve(module, path).targets;
            let fresh = here.into_iter().filter(|target| !found.contains(target));
            found.extend(fresh.collect::<Vec<_>>());
        }
        found
    }

    pub(super) fn glob_import(&mut self, module: ModuleId, glob: &UsePath) -> Vec<PathTarget> {
        if glob.names.is_empty() {
            let krate = self.module(module).krate;
            return vec![PathTarget::Module(self.krate(krate).root)];
        }
        if let ([name], false) = (glob.names.as_slice(), glob.global)
            && *name == "self"
        {
            return vec![PathTarget::Module(self.enclosing(module))];
        }
        self.import(module, glob)
    }

    /// Returns whether the body of a type has `name` in variant position.
    fn has_variant(&self, id: ItemId, name: Name) -> bool {
        let item = self.item(id);
        let (ItemKind::Type, Some(body)) = (&item.kind, item.body.clone()) else {
            return false;
        };
        let file = &self.files[item.file];
        let mut at = body.start;
        while at < body.end {
            let is_word = file
                .get(at)
                .is_some_and(|token| token.kind == TokenKind::Word);
            if is_word && name == file.text(at) {
                return true;
            }
            at = file.after(at);
        }
        false
    }
}

fn is_outside(target: &PathTarget) -> bool {
    matches!(target, PathTarget::Foreign(..))
}

/// Removes duplicates and preserves the order.
fn without_repeats(targets: Vec<PathTarget>) -> Vec<PathTarget> {
    if targets.len() < 2 {
        return targets;
    }
    let mut seen = Set::default();
    let is_new = |target: &PathTarget| seen.insert(target.clone());
    targets.into_iter().filter(is_new).collect()
}

impl Resolution {
    fn add(&mut self, target: PathTarget) {
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
    }
}
