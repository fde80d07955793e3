//! Decides whether a type with the name of a function can be generated next to the
//! function, to carry what an annotation adds. It cannot if the module, or another
//! module that imports the function, has a module, a crate or a type of that name.

mod foreign_names;
mod redefined;
mod token_meaning;

use std::sync::Arc;

use proc_macro2::Ident;

use super::attribute;
use super::database::{CrateDb, CrateId, Item, ItemId, ItemKind, ModuleId};
use super::engine::FingerprintEngine;
use super::locate::Position;
use super::name::{Map, Name, Set};
use super::resolve::PathTarget;
use super::syntax::is_primitive;
use super::token::{LexedFile, Span};
use crate::type_name::NameMeaning;
pub(crate) use redefined::{may_be_constant, may_be_other_trait, may_be_other_type};

/// Returns whether the compiled crate has a dependency called `name`.
pub(crate) fn is_crate(name: &Ident) -> bool {
    let name = Name::new(&name.to_string());
    super::with_engine(|engine| engine.world_mut().is_crate(0, name))
}

/// A module that sees the function, and the name under which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct VisibleName {
    module: ModuleId,
    name: Name,
    /// Whether an item names it, rather than a glob.
    is_named: bool,
}

/// A cache of the names in a crate.
#[derive(Debug, Default)]
pub(super) struct CrateNames {
    known: Option<Arc<TypeNameCache>>,
}

#[derive(Debug, Default)]
struct TypeNameCache {
    /// Names at the start of paths to something that is not a companion.
    path_starts: Set<Name>,
    /// Functions by file and name token.
    functions: Map<(u32, u32), ItemId>,
    /// Imports by the name of the imported item.
    imports: Map<Name, Vec<ItemId>>,
}

impl FingerprintEngine {
    /// Returns what the name of the function with the tokens `text` refers to in the
    /// type namespace.
    pub(super) fn type_name(
        &mut self,
        name: Name,
        position: Option<Position<'_>>,
        text: &str,
    ) -> NameMeaning {
        if is_primitive(name.as_str()) {
            return NameMeaning::Taken;
        }
        let world = self.world_mut();
        let place = position.and_then(|position| world.token_at(position));
        let known = world.type_name_cache();
        match place.and_then(|(file, at)| known.functions.get(&(file as u32, at as u32))) {
            Some(&id) => world.meaning_of(id),
            None => {
                let given = LexedFile::new("".into(), text.to_owned());
                let module = place.and_then(|(file, at)| world.module_of_call(file, at));
                world.type_name_in(name, module, &given)
            }
        }
    }
}

impl CrateDb {
    /// Returns what the name of a function of the crate refers to in the type
    /// namespace.
    pub(super) fn meaning_of(&mut self, id: ItemId) -> NameMeaning {
        match self.is_disputed(id) {
            true => self.type_name_of(id),
            false => NameMeaning::Free,
        }
    }

    /// Returns whether anything in the crate may use the name for something else.
    /// This fast check is sufficient for nearly all functions.
    fn is_disputed(&mut self, id: ItemId) -> bool {
        let known = self.type_name_cache();
        let item = self.item(id);
        let name = item.name;
        let imports = known.imports.get(&name).map_or(&[][..], Vec::as_slice);
        if known.path_starts.contains(&name)
            || name.is_prelude()
            || imports.iter().any(|&import| self.item(import).name != name)
            || token_meaning::is_type(&self.files[item.file], signature(item), name)
        {
            return true;
        }
        let krate = self.krate(self.crate_of(id));
        let named = krate.free.get(&name).cloned().unwrap_or_default();
        named.into_iter().any(|other| {
            let item = self.item(other);
            match item.kind.clone() {
                ItemKind::Fn | ItemKind::Macro | ItemKind::Const => false,
                ItemKind::Use(path) => {
                    let targets = self.import(item.module, &path);
                    targets.into_iter().any(|target| !self.is_function(&target))
                }
                _ => true,
            }
        })
    }

    fn is_function(&self, target: &PathTarget) -> bool {
        matches!(target, PathTarget::Item(id) if self.item(*id).kind == ItemKind::Fn)
    }

    /// Returns the same by an exact analysis.
    fn type_name_of(&mut self, id: ItemId) -> NameMeaning {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let body = item.body.clone().unwrap_or_default();
        let signature = signature(&item);
        if token_meaning::is_type(&file, signature.clone(), item.name)
            || token_meaning::leads(&file, signature, item.name)
        {
            return NameMeaning::Taken;
        }
        let own = VisibleName {
            module: item.module,
            name: item.name,
            is_named: true,
        };
        let seen = self.modules_seeing(own, id);
        if seen.iter().any(|&seen| self.is_taken(seen, Some(id))) {
            return NameMeaning::Taken;
        }
        match token_meaning::leads(&file, body, item.name) && !self.has_own(id, item.name) {
            false => NameMeaning::Free,
            true => self.only_in_body(self.crate_of(id), item.name),
        }
    }

    /// Returns the module of the macro call that contains the token.
    fn module_of_call(&self, file: usize, at: usize) -> Option<ModuleId> {
        let is_call = |item: &&Item| {
            item.kind == ItemKind::Invocation && item.file == file && item.span.contains(&at)
        };
        let call = self.items.iter().find(is_call)?;
        call.parent.is_none().then_some(call.module)
    }

    /// Returns what the name of a macro-generated function refers to, judged by its
    /// own tokens and by those of the module, if that is known.
    fn type_name_in(
        &mut self,
        name: Name,
        module: Option<ModuleId>,
        given: &LexedFile,
    ) -> NameMeaning {
        let signature = attribute::skip(given, 0)..token_meaning::body(given);
        let body = signature.end..given.len();
        let is_type = token_meaning::is_type(given, signature.clone(), name);
        let is_taken = |module| {
            let is_named = true;
            let seen = VisibleName {
                module,
                name,
                is_named,
            };
            self.is_taken(seen, None)
        };
        if is_type || token_meaning::leads(given, signature, name) || module.is_some_and(is_taken) {
            return NameMeaning::Taken;
        }
        match token_meaning::leads(given, body, name) {
            false => NameMeaning::Free,
            true => self.only_in_body(0, name),
        }
    }

    /// Returns the meaning of a name that only the body of its function uses for
    /// something else.
    fn only_in_body(&mut self, krate: CrateId, name: Name) -> NameMeaning {
        let known = self.crates.get(krate as usize);
        let is_global = known.is_some_and(|krate| krate.edition != "2015");
        match is_global && self.is_crate(krate, name) {
            true => NameMeaning::CrateInBody,
            false => NameMeaning::Taken,
        }
    }

    /// Returns whether the name refers to a crate where nothing else has the name.
    fn is_crate(&self, krate: CrateId, name: Name) -> bool {
        let krate = self.crates.get(krate as usize);
        krate.is_some_and(|krate| krate.externs.contains_key(&name))
            || matches!(name.as_str(), "std" | "core" | "alloc")
    }

    /// Returns whether an item in the body of a function has the name.
    fn has_own(&self, id: ItemId, name: Name) -> bool {
        let block = self.block_of(id);
        block.is_some_and(|block| self.module(block).names.contains_key(&name))
    }

    /// Returns whether a type of the name would conflict with something in the
    /// module, other than the function `id` and its imports.
    fn is_taken(&mut self, seen: VisibleName, id: Option<ItemId>) -> bool {
        seen.is_named && self.has_another(seen, id) || self.needs_another(seen, id)
    }

    /// Returns whether an item or an import of the module has the name in the type
    /// namespace.
    fn has_another(&mut self, seen: VisibleName, id: Option<ItemId>) -> bool {
        let named = self.module(seen.module).names.get(&seen.name).cloned();
        let mut others = named.unwrap_or_default().into_iter();
        others.any(|other| match self.item(other).kind.clone() {
            ItemKind::Module(_) | ItemKind::ExternCrate(_) => true,
            ItemKind::Use(path) => {
                let targets = self.import(seen.module, &path);
                id.is_none_or(|id| !targets.contains(&PathTarget::Item(id)))
                    && targets.iter().any(|target| self.is_type(target))
            }
            kind => is_type_kind(&kind),
        })
    }

    /// Returns whether the target of an import is a type or a module, or may be one.
    fn is_type(&self, target: &PathTarget) -> bool {
        match target {
            PathTarget::Module(_) => true,
            PathTarget::Item(id) => is_type_kind(&self.item(*id).kind),
            PathTarget::Foreign(krate, first, text) => self.is_type_elsewhere(*krate, *first, text),
        }
    }

    /// Returns whether the module, outside the body of the function, uses the name
    /// for something that a type of the name would hide.
    fn needs_another(&mut self, seen: VisibleName, id: Option<ItemId>) -> bool {
        let VisibleName { module, name, .. } = seen;
        let starts_path = self.type_name_cache().path_starts.contains(&name);
        let opened = self.lookup(module, name);
        let is_type = name.is_prelude() || opened.iter().any(|target| self.is_type(target));
        if !starts_path && !is_type {
            return false;
        }
        let is_crate = self.is_crate(self.module(module).krate, name);
        let around = self.module(module);
        let within: Vec<ItemId> = match around.body_of {
            Some(body) if around.block => vec![body],
            _ => around.items.clone(),
        };
        let own = id.map(|id| self.item(id));
        let own_body = own.and_then(|own| Some((own.file, own.body.clone()?)));
        within.into_iter().any(|other| {
            let item = self.item(other);
            let is_around = around_of(self, module) == Some(other);
            // A macro may contain the body of a function that it generated.
            let is_elsewhere = item.parent.is_some()
                || matches!(item.kind, ItemKind::Module(_))
                || (id.is_none() && item.kind == ItemKind::Macro);
            if is_elsewhere || (!is_around && self.has_own(other, name)) {
                return false;
            }
            let file = &self.files[item.file];
            let is_import = is_crate && matches!(item.kind, ItemKind::Use(_));
            let outside = |at: &usize| match &own_body {
                Some((file, body)) => item.file != *file || !body.contains(at),
                None => true,
            };
            item.span.clone().filter(outside).any(|at| {
                (starts_path && token_meaning::leads_at(file, at, name))
                    || (is_type && token_meaning::is_type_in(file, at, name, item))
                    || (is_import && token_meaning::imports_at(file, at, name))
            })
        })
    }

    /// Returns the names in the compiled crate.
    fn type_name_cache(&mut self) -> Arc<TypeNameCache> {
        if let Some(known) = &self.type_name_cache.known {
            return Arc::clone(known);
        }
        let mut known = TypeNameCache::default();
        let mut files: Set<u32> = Set::default();
        for (id, item) in self.items.iter().enumerate() {
            if self.module(item.module).krate != 0 {
                continue;
            }
            files.insert(item.file as u32);
            let id = id as ItemId;
            match &item.kind {
                ItemKind::Fn => {
                    let place = (item.file as u32, item.name_at as u32);
                    known.functions.entry(place).or_insert(id);
                }
                ItemKind::Use(path) => {
                    let last = path.last();
                    let imports = last.map(|last| known.imports.entry(last).or_default());
                    imports.into_iter().for_each(|imports| imports.push(id));
                }
                _ => {}
            }
        }
        for file in files {
            token_meaning::all_path_starts(&self.files[file as usize], &mut known.path_starts);
        }
        let known = Arc::new(known);
        self.type_name_cache.known = Some(Arc::clone(&known));
        known
    }

    /// Returns the modules of the crate that see the function, starting with its own.
    fn modules_seeing(&mut self, own: VisibleName, id: ItemId) -> Vec<VisibleName> {
        let known = self.type_name_cache();
        let mut found = vec![own];
        let mut at = 0;
        while let Some(&seen) = found.get(at) {
            for &import in known.imports.get(&seen.name).into_iter().flatten() {
                let item = self.item(import);
                let ItemKind::Use(path) = item.kind.clone() else {
                    continue;
                };
                let by = VisibleName {
                    module: item.module,
                    name: item.name,
                    is_named: true,
                };
                let leads = self
                    .import(by.module, &path)
                    .contains(&PathTarget::Item(id));
                if leads && !found.contains(&by) {
                    found.push(by);
                }
            }
            at += 1;
        }
        let opened = self.glob_importers(&found, id);
        found.extend(opened);
        found
    }

    /// Returns the modules that glob-import one of the modules `named`.
    fn glob_importers(&mut self, named: &[VisibleName], id: ItemId) -> Vec<VisibleName> {
        let item = self.item(id);
        let (home, krate) = (item.module, self.crate_of(id));
        let is_private = token_meaning::is_private(&self.files[item.file], item.head);
        let mut found = Vec::new();
        for module in 0..self.modules.len() as ModuleId {
            if self.module(module).krate != krate || self.module(module).globs.is_empty() {
                continue;
            }
            let opened = self.glob_closure(module);
            let is_through = |seen: &&VisibleName| {
                let is_visible = seen.module != home || !is_private;
                seen.module != module
                    && opened.contains(&PathTarget::Module(seen.module))
                    && (is_visible || self.is_within(module, home))
            };
            found.extend(named.iter().filter(is_through).map(|seen| VisibleName {
                module,
                name: seen.name,
                is_named: false,
            }));
        }
        found
    }
}

/// Returns the tokens of a function between its attributes and its body.
fn signature(item: &Item) -> Span {
    item.head..item.body.as_ref().map_or(item.head, |body| body.start)
}

/// Returns the item whose body the module is.
fn around_of(world: &CrateDb, module: ModuleId) -> Option<ItemId> {
    world.module(module).body_of
}

fn is_type_kind(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Type | ItemKind::TypeAlias | ItemKind::Trait)
}
