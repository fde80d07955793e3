//! Indexes impls and item macros by the types, traits and names that make them count
//! once these are reached.

mod body_calls;
mod entry;
mod foreign_impls;
mod macro_arguments;
mod macro_body;

use std::sync::Arc;

pub(super) use body_calls::{BodyMacroEffect, effect_of_definition, path_before, start_of_path};
pub(super) use entry::ImplEntry;
pub(super) use foreign_impls::{ForeignTrait, ForeignTraitKind, ProvidedImpl};
use macro_body::{DefinedNames, collect};

use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::name::{Map, Name, NameWords, Set};
use super::resolve::PathTarget;
use super::use_tree::UsePath;

/// The impls and item macros of a crate, indexed by what makes them count.
#[derive(Debug, Default)]
pub(super) struct ImplIndex {
    pub(super) concerns: Map<ItemId, ImplEntry>,
    pub(super) by_type: Map<ItemId, Vec<ItemId>>,
    pub(super) by_trait: Map<ItemId, Vec<ItemId>>,
    /// The impls in `by_trait` whose self type is not local.
    pub(super) open_traits: Map<ItemId, Vec<ItemId>>,
    /// Members of traits and of impls for any type, by name.
    pub(super) open_members: Map<Name, Vec<ItemId>>,
    /// Impls and macros that always count.
    pub(super) always: Vec<ItemId>,
    /// Macro calls by the names they may define or concern.
    pub(super) macros: Map<Name, Vec<ItemId>>,
    /// Types that implement `Deref`, or a trait that may be `Deref`.
    pub(super) derefs: Set<ItemId>,
    /// Whether there may be more such types.
    pub(super) has_unknown_derefs: bool,
    /// Impls and traits that have a macro attached to them or to a member.
    pub(super) attached: Set<ItemId>,
    /// The names of `extern crate` items at the crate root.
    pub(super) extern_crates: Vec<Name>,
    /// Items with attached macros that may define more names.
    pub(super) generators: Vec<(ItemId, NameWords)>,
    /// The indexes in `generators` by the first words of the items' names.
    pub(super) generators_by_word: Map<Name, Vec<usize>>,
    /// The items that give types impls of traits of other crates.
    pub(super) implementing: Vec<(ProvidedImpl, ItemId)>,
}

impl CrateDb {
    /// Returns the index of the impls and item macros of `krate`.
    pub(super) fn table(&mut self, krate: CrateId) -> Arc<ImplIndex> {
        if let Some(table) = self.tables.get(&krate) {
            return Arc::clone(table);
        }
        let mut table = ImplIndex::default();
        for id in self.krate(krate).impls.clone() {
            self.add_impl(&mut table, id);
        }
        for id in self.krate(krate).invocations.clone() {
            match self.krate(krate).inner_calls.get(&id).copied() {
                Some(effect) => self.index_inner_call(&mut table, id, effect),
                None => self.add_macro(&mut table, id),
            }
        }
        let parents: Vec<ItemId> = self.krate(krate).children.keys().copied().collect();
        for id in parents {
            let children = self.children(id).to_vec();
            if self.has_attached(id) || children.iter().any(|&child| self.has_attached(child)) {
                table.attached.insert(id);
                table.has_unknown_derefs = true;
            }
        }
        let free: Vec<ItemId> = self.krate(krate).free.values().flatten().copied().collect();
        for id in free {
            if self.is_linked(id) {
                table.always.push(id);
            }
            self.add_attached(&mut table, id);
            if self.has_attached(id) {
                match self.item(id).kind == ItemKind::Type && self.names_nothing(id) {
                    true => table.derefs.extend([id]),
                    false => table.has_unknown_derefs = true,
                }
                table.generators.push((id, self.item(id).name.words()));
                for word in self.words_of_attributes(id) {
                    table.generators.push((id, word.words()));
                }
            }
        }
        for (at, (_, words)) in table.generators.iter().enumerate() {
            for word in words.first() {
                let known = table.generators_by_word.entry(Name::new(word)).or_default();
                if known.last() != Some(&at) {
                    known.push(at);
                }
            }
        }
        let root = self.module(self.krate(krate).root);
        for &id in &root.items {
            if let ItemKind::ExternCrate(name) = self.item(id).kind {
                table.extern_crates.push(name);
            }
        }
        for (&name, members) in &self.krate(krate).members {
            let is_open = |id: &&ItemId| {
                let parent = self.item(**id).parent;
                let concern = parent.and_then(|parent| table.concerns.get(&parent));
                concern.is_none_or(|concern| concern.types.is_empty())
            };
            let open: Vec<ItemId> = members.iter().filter(is_open).copied().collect();
            table.open_members.insert(name, open);
        }
        let table = Arc::new(table);
        self.tables.insert(krate, Arc::clone(&table));
        table
    }

    fn add_impl(&mut self, table: &mut ImplIndex, id: ItemId) {
        let concern = self.concern(id);
        if concern.is_foreign && self.may_be_deref(id) {
            table.has_unknown_derefs |= concern.types.is_empty();
            table.derefs.extend(&concern.types);
        }
        let mut keys = concern.types.clone();
        if concern.is_foreign {
            self.add_implementing(table, id);
            keys.extend(&concern.named);
            if concern.named.is_empty() && concern.objects.is_empty() {
                table.always.push(id);
            }
            for &item in &concern.objects {
                table.by_trait.entry(item).or_default().push(id);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            table.by_type.entry(key).or_default().push(id);
        }
        for &item in &concern.traits {
            table.by_trait.entry(item).or_default().push(id);
            if concern.types.is_empty() {
                table.open_traits.entry(item).or_default().push(id);
            }
        }
        table.concerns.insert(id, concern);
    }

    fn add_macro(&mut self, table: &mut ImplIndex, id: ItemId) {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let Some(body) = item.body.clone() else {
            return;
        };
        let mut given = Set::default();
        let mut found = DefinedNames {
            pastes: collect(&file, body.clone(), &mut given),
            ..DefinedNames::default()
        };
        let is_known = self.names_behind_call(&item, &file, &mut found);
        if found.pastes || !is_known {
            table.always.push(id);
            table.has_unknown_derefs = true;
        }
        CrateDb::add_made(table, id, &given, &found);
        let krate = self.krate(self.crate_of(id));
        let mut names = given;
        if !self.is_for_local_types(id, &names, &found, &file, body) {
            names.extend(found.methods);
        }
        names.extend(found.names);
        let is_subject =
            |id: &ItemId| !matches!(self.item(*id).kind, ItemKind::Macro | ItemKind::Module(_));
        let is_here = |name: &Name| {
            krate
                .free
                .get(name)
                .is_some_and(|items| items.iter().any(is_subject))
        };
        names.extend(found.headers.into_iter().filter(is_here));
        for name in names {
            table.macros.entry(name).or_default().push(id);
        }
    }

    /// Returns the `macro_rules!` of this name that code in `scope` may call.
    pub(super) fn macros_called(&mut self, scope: ModuleId, name: Name) -> Vec<ItemId> {
        let krate = self.module(scope).krate;
        let mut found = self
            .krate(krate)
            .free
            .get(&name)
            .cloned()
            .unwrap_or_default();
        for target in self.resolve(scope, &UsePath::bare(name)).targets {
            if let PathTarget::Item(id) = target {
                found.push(id);
            }
        }
        let uses: Vec<ItemId> = found.clone();
        for id in uses {
            if let ItemKind::Use(path) = self.item(id).kind.clone() {
                let module = self.item(id).module;
                for target in self.import(module, &path) {
                    if let PathTarget::Item(id) = target {
                        found.push(id);
                    }
                }
            }
        }
        for other in 0..self.crates.len() as CrateId {
            let named = self
                .krate(other)
                .free
                .get(&name)
                .cloned()
                .unwrap_or_default();
            found.extend(named);
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|&id| self.item(id).kind == ItemKind::Macro);
        found
    }
}
