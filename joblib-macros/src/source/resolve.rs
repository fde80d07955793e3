//! Which items a path may mean. Where several are possible, all of them.

use std::sync::Arc;

use super::annotated;
use super::facts::Mention;
use super::name::{Map, Name, Set};
use super::token::Kind;
use super::tree::Path;
use super::world::{CrateId, ItemId, ItemKind, ModuleId, World};

/// Something that a path may end at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Item(ItemId),
    Module(ModuleId),
    /// A path into a crate whose source is not read, as seen from a crate.
    Foreign(CrateId, Name, String),
}

impl Target {
    /// The item, if it is one.
    pub(super) fn item(self) -> Option<ItemId> {
        match self {
            Target::Item(id) => Some(id),
            _ => None,
        }
    }
}

/// What a path was found to mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolution {
    pub(super) targets: Vec<Target>,
    /// Names after a type: its members.
    pub(super) members: Vec<Name>,
    /// The name after a type or a trait that is known, and that item.
    pub(super) owned: Vec<(ItemId, Name)>,
    /// Whether some way led to nothing, so that the last name may be anything.
    pub(super) is_open: bool,
}

/// A name that an import brings, and what it means; a glob has no name.
pub(super) type Import = (Option<Name>, Target);

/// Answers given before, and questions being asked.
#[derive(Debug, Default)]
pub(super) struct Memory {
    known: Map<(ModuleId, Name), Arc<Vec<Target>>>,
    asked: Vec<(ModuleId, Name)>,
    /// The outermost open question that an answer since left out.
    lowest: usize,
    /// Questions that led back to themselves.
    circular: Set<(ModuleId, Name)>,
    /// What has come so far of questions that did.
    partial: Map<(ModuleId, Name), Arc<Vec<Target>>>,
    globs: Map<ModuleId, Arc<Vec<Target>>>,
    paths: Map<ItemId, Arc<Vec<Resolution>>>,
}

impl Memory {
    /// Forgets what paths mean, since there are more names.
    pub(super) fn forget_paths(&mut self) {
        self.paths.clear();
    }
}

impl World {
    /// What each path in the facts of an item means.
    pub(super) fn resolutions(&mut self, id: ItemId) -> Arc<Vec<Resolution>> {
        if let Some(known) = self.memory.paths.get(&id) {
            return Arc::clone(known);
        }
        let facts = self.facts_of(id);
        let scope = self.block_of(id).unwrap_or(self.item(id).module);
        let resolve = |mention: &Mention| self.resolve(scope, &mention.path);
        let mut found: Vec<_> = facts.paths.iter().map(resolve).collect();
        self.disown_parameters(id, &facts.paths, &mut found);
        let found = Arc::new(found);
        self.memory.paths.insert(id, Arc::clone(&found));
        found
    }

    /// What `path` means in `scope`.
    pub(super) fn resolve(&mut self, scope: ModuleId, path: &Path) -> Resolution {
        let mut resolution = Resolution::default();
        let Some((&first, rest)) = path.names.split_first() else {
            return resolution;
        };
        if first == "Self" {
            resolution.members.extend(rest);
            return resolution;
        }
        let mut targets = self.first(scope, path, first);
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
            targets = next;
        }
        for target in targets {
            resolution.add(target);
        }
        if resolution.is_open {
            let krate = self.module(scope).krate;
            resolution.add(Target::Foreign(krate, first, path.text()));
        }
        resolution
    }

    fn has_members(&self, id: ItemId) -> bool {
        let kind = &self.item(id).kind;
        matches!(kind, ItemKind::Type | ItemKind::TypeAlias | ItemKind::Trait)
    }

    /// A parameter may have the name of a type.
    fn disown_parameters(&self, id: ItemId, paths: &[Mention], found: &mut [Resolution]) {
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
        target: Target,
        name: Name,
        rest: &[Name],
        next: &mut Vec<Target>,
        resolution: &mut Resolution,
    ) {
        match target {
            Target::Module(module) if name == "super" => {
                let parent = self.module(module).parent.unwrap_or(module);
                next.push(Target::Module(self.enclosing(parent)));
            }
            Target::Module(module) => {
                let found = self.lookup(module, name);
                if found.is_empty() {
                    resolution.is_open = true;
                    resolution.members.extend(rest);
                    next.extend(self.opened_elsewhere(module, name));
                }
                next.extend(found.iter().cloned());
            }
            Target::Item(id) => {
                match rest {
                    [name] if self.has_members(id) => resolution.owned.push((id, *name)),
                    _ => resolution.members.extend(rest),
                }
                resolution.add(target);
            }
            Target::Foreign(from, krate, text) => {
                resolution.members.push(name);
                let text = format!("{text}::{}", name.as_str());
                next.push(Target::Foreign(from, krate, text));
            }
        }
    }

    /// What `name` may mean in a module that opens other crates by globs.
    fn opened_elsewhere(&mut self, module: ModuleId, name: Name) -> Vec<Target> {
        let within = |target: &Target| match target {
            Target::Foreign(from, krate, text) => {
                let text = format!("{text}::{}", name.as_str());
                Some(Target::Foreign(*from, *krate, text))
            }
            _ => None,
        };
        let opened = self.glob_closure(module);
        opened.iter().filter_map(within).collect()
    }

    fn first(&mut self, scope: ModuleId, path: &Path, first: Name) -> Vec<Target> {
        let krate = self.module(scope).krate;
        match first.as_str() {
            "crate" | "$crate" => return vec![Target::Module(self.krate(krate).root)],
            "self" if path.names.len() > 1 => {
                return vec![Target::Module(self.enclosing(scope))];
            }
            "super" => {
                let module = self.enclosing(scope);
                let parent = self.module(module).parent.unwrap_or(module);
                return vec![Target::Module(self.enclosing(parent))];
            }
            _ => {}
        }
        let mut found = match path.global {
            true if self.krate(krate).edition == "2015" => {
                self.lookup(self.krate(krate).root, first).to_vec()
            }
            true => Vec::new(),
            false => self.lexical(scope, first),
        };
        if path.names.len() > 1 || path.global {
            found.extend(self.extern_target(krate, first));
            if found.is_empty() {
                let root = self.krate(krate).root;
                found.extend(self.lookup(root, first).iter().cloned());
            }
        }
        found
    }

    /// The crate that is called `name` in `krate`.
    pub(super) fn extern_target(&mut self, krate: CrateId, name: Name) -> Option<Target> {
        if self.is_of_compiler(krate, name) {
            return Some(Target::Foreign(krate, name, name.as_str().to_owned()));
        }
        let artifact = self.krate(krate).externs.get(&name)?.clone();
        match self.open_source(&artifact) {
            Some(found) => Some(Target::Module(self.krate(found).root)),
            None => Some(Target::Foreign(krate, name, name.as_str().to_owned())),
        }
    }

    /// What a bare name means in a block or module.
    fn lexical(&mut self, scope: ModuleId, name: Name) -> Vec<Target> {
        let mut found = self.lookup(scope, name).to_vec();
        let mut scope = scope;
        while self.module(scope).block {
            let Some(parent) = self.module(scope).parent else {
                break;
            };
            scope = parent;
            found.extend(self.lookup(scope, name).iter().cloned());
        }
        found
    }

    /// What `name` means in `module`, by items, imports and globs.
    pub(super) fn lookup(&mut self, module: ModuleId, name: Name) -> Arc<Vec<Target>> {
        let key = (module, name);
        if let Some(known) = self.memory.known.get(&key) {
            return Arc::clone(known);
        }
        if let Some(depth) = self.memory.asked.iter().position(|asked| *asked == key) {
            self.memory.lowest = self.memory.lowest.min(depth);
            self.memory.circular.insert(key);
            let partial = self.memory.partial.get(&key);
            return partial.cloned().unwrap_or_default();
        }
        let depth = self.memory.asked.len();
        let outer = std::mem::replace(&mut self.memory.lowest, usize::MAX);
        self.memory.asked.push(key);
        let mut found = Arc::new(self.look(module, name));
        // A question that led back to itself had no answer yet. With the one that
        // came of it there may be more: `mod a { pub fn a() {} }  use a::a;`.
        while self.memory.circular.remove(&key) {
            let here = followed(&found);
            let partial = self.memory.partial.get(&key);
            if partial.map_or(0, |partial| partial.len()) >= here.len() {
                break;
            }
            self.memory.partial.insert(key, Arc::new(here));
            found = Arc::new(self.look(module, name));
        }
        self.memory.asked.pop();
        self.memory.partial.remove(&key);
        // An answer that left out a question still open further up is
        // incomplete, and good for that question only.
        if self.memory.lowest >= depth {
            self.memory.known.insert(key, Arc::clone(&found));
            self.memory.lowest = outer;
        } else {
            self.memory.lowest = self.memory.lowest.min(outer);
        }
        found
    }

    fn look(&mut self, module: ModuleId, name: Name) -> Vec<Target> {
        let mut found = Vec::new();
        for target in self.glob_closure(module).iter() {
            match *target {
                Target::Module(other) => {
                    for id in self
                        .module(other)
                        .names
                        .get(&name)
                        .cloned()
                        .unwrap_or_default()
                    {
                        self.item_targets(id, &mut found);
                    }
                }
                Target::Item(id) if self.has_variant(id, name) => found.push(Target::Item(id)),
                _ => {}
            }
        }
        match annotated::function(name) {
            Some(function) if found.is_empty() => self.look(module, function),
            _ => found,
        }
    }

    /// The module and everything its globs open, transitively.
    pub(super) fn glob_closure(&mut self, module: ModuleId) -> Arc<Vec<Target>> {
        if let Some(known) = self.memory.globs.get(&module) {
            return Arc::clone(known);
        }
        let mut found = vec![Target::Module(module)];
        let mut at = 0;
        while let Some(target) = found.get(at).cloned() {
            if let Target::Module(other) = target {
                for next in &self.modules[other as usize].open {
                    if !found.contains(next) {
                        found.push(next.clone());
                    }
                }
            }
            at += 1;
        }
        let found = Arc::new(found);
        self.memory.globs.insert(module, Arc::clone(&found));
        found
    }

    /// Finds what the globs of a crate open. A glob may lead through another
    /// one, so this goes on until nothing is added.
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
            self.memory.known.clear();
            self.memory.globs.clear();
        }
    }

    fn item_targets(&mut self, id: ItemId, found: &mut Vec<Target>) {
        let item = self.item(id);
        let module = item.module;
        match item.kind.clone() {
            ItemKind::Module(child) => found.push(Target::Module(child)),
            ItemKind::Use(path) => found.extend(self.import(module, &path)),
            ItemKind::ExternCrate(name) if name == "self" => {
                let krate = self.module(module).krate;
                found.push(Target::Module(self.krate(krate).root));
            }
            ItemKind::ExternCrate(name) => {
                let krate = self.module(module).krate;
                found.extend(self.extern_target(krate, name));
            }
            _ => found.push(Target::Item(id)),
        }
    }

    /// What all imports of a module bring.
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

    /// What a path in a `use` means.
    pub(super) fn import(&mut self, module: ModuleId, path: &Path) -> Vec<Target> {
        let outer = std::mem::replace(&mut self.memory.lowest, usize::MAX);
        let mut found = self.resolve_import(module, path);
        let is_circular = self.memory.lowest != usize::MAX;
        self.memory.lowest = self.memory.lowest.min(outer);
        let krate = self.module(module).krate;
        let first = path.names.first().copied().unwrap_or(Name::new(""));
        let elsewhere = self.extern_target(krate, first);
        if let ([_], true) = (path.names.as_slice(), found.is_empty()) {
            found.extend(elsewhere.clone());
        }
        let unknown = Target::Foreign(krate, first, path.text());
        if is_circular && elsewhere.is_none() {
            // It leads to what is being asked for, by other ways if at all.
            found.retain(|target| *target != unknown);
        } else if found.is_empty() {
            found.push(unknown);
        }
        found
    }

    /// What a path in a `use` leads to: in the first edition it starts at the root.
    fn resolve_import(&mut self, module: ModuleId, path: &Path) -> Vec<Target> {
        let krate = self.krate(self.module(module).krate);
        let is_relative = path
            .names
            .first()
            .is_none_or(|first| matches!(first.as_str(), "self" | "super" | "crate" | "$crate"));
        if is_relative || krate.edition != "2015" {
            return self.resolve(module, path).targets;
        }
        let mut found = self.resolve(krate.root, path).targets;
        // A macro may bring the path from another edition.
        if followed(&found).is_empty() {
            let here = self.resolve(module, path).targets;
            let fresh = here.into_iter().filter(|target| !found.contains(target));
            found.extend(fresh.collect::<Vec<_>>());
        }
        found
    }

    pub(super) fn glob_import(&mut self, module: ModuleId, glob: &Path) -> Vec<Target> {
        if glob.names.is_empty() {
            let krate = self.module(module).krate;
            return vec![Target::Module(self.krate(krate).root)];
        }
        if let ([name], false) = (glob.names.as_slice(), glob.global)
            && *name == "self"
        {
            return vec![Target::Module(self.enclosing(module))];
        }
        self.import(module, glob)
    }

    /// Whether the body of a type has `name` where variants stand.
    fn has_variant(&self, id: ItemId, name: Name) -> bool {
        let item = self.item(id);
        let (ItemKind::Type, Some(body)) = (&item.kind, item.body.clone()) else {
            return false;
        };
        let file = &self.files[item.file];
        let mut at = body.start;
        while at < body.end {
            let is_word = file.get(at).is_some_and(|token| token.kind == Kind::Word);
            if is_word && name == file.text(at) {
                return true;
            }
            at = file.after(at);
        }
        false
    }
}

/// Those that are read. What another crate has under a name is no way to what it
/// may have: `use quote::quote` would lead to `quote::quote::quote` and on.
fn followed(targets: &[Target]) -> Vec<Target> {
    let is_read = |target: &&Target| !matches!(target, Target::Foreign(..));
    targets.iter().filter(is_read).cloned().collect()
}

impl Resolution {
    fn add(&mut self, target: Target) {
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
    }
}
