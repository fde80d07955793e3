//! Names that may refer to any item of that name: names that macros see, and names
//! that no source defines. Items in a function body wait until that function is
//! reached.

use super::{CallerTypes, Reachability};
use crate::source::database::{CrateId, ItemId, ItemKind, ModuleId};
use crate::source::impls::ImplIndex;
use crate::source::macro_imports::NamesFromCalls;
use crate::source::name::Name;
use crate::source::references::ItemRefs;
use crate::source::resolve::Resolution;

impl Reachability<'_> {
    pub(in crate::source) fn add_loose(&mut self, name: Name) {
        if self.loose.insert(name) {
            self.add_word(name);
            for &(krate, _) in self.parts().iter() {
                self.loose_in(krate, name);
            }
        }
    }

    pub(super) fn loose_in(&mut self, krate: CrateId, name: Name) {
        for id in self
            .world
            .krate(krate)
            .free
            .get(&name)
            .cloned()
            .unwrap_or_default()
        {
            self.reach_by_name(id);
        }
    }

    pub(super) fn reach_by_name(&mut self, id: ItemId) {
        if let Some(around) = self.hidden_in(id) {
            self.hidden.entry(around).or_default().push(id);
            return;
        }
        match self.world.item(id).kind {
            ItemKind::Module(module) => self.add_reexported_crates(module),
            _ => self.reach(id, true),
        }
    }

    /// Returns the unreached function whose body contains the item. Code outside that
    /// body cannot name the item, unless it is a macro.
    fn hidden_in(&self, id: ItemId) -> Option<ItemId> {
        let is_macro = self.world.item(id).kind == ItemKind::Macro;
        if self.callers == CallerTypes::Unknown || is_macro {
            return None;
        }
        let mut module = Some(self.world.item(id).module);
        while let Some(id) = module {
            if let Some(around) = self.world.module(id).body_of {
                return (!self.reached.contains_key(&around)).then_some(around);
            }
            module = self.world.module(id).parent;
        }
        None
    }

    /// Adds the names of an item that macro calls may have imported.
    pub(super) fn add_imported_names(
        &mut self,
        id: ItemId,
        facts: &ItemRefs,
        found: &[Resolution],
    ) {
        let imported = self.world.names_from_calls(id, facts);
        if imported == NamesFromCalls::Nothing {
            return;
        }
        let parameters = self.world.parameters_of(id);
        for (mention, resolution) in facts.paths.iter().zip(found) {
            let first = mention.path.names[0];
            // An import in a body can shadow a variable of that name.
            let is_local = mention.is_local && imported == NamesFromCalls::Missing;
            let is_other = is_local || parameters.contains(&first);
            let is_missing = resolution.is_open && resolution.targets.is_empty();
            if !is_other && (is_missing || imported == NamesFromCalls::Any) {
                self.add_loose(first);
                self.add_extern_crate(self.world.crate_of(id), first);
            }
        }
    }

    /// Reaches the macro calls of a crate that import something. A name that resolves
    /// to nothing may come from one of them, in any module.
    pub(super) fn reach_importing_calls_of(&mut self, krate: CrateId) {
        for &call in self.world.importing_calls_of(krate).iter() {
            self.reach(call, true);
        }
    }

    /// Reaches the macro calls that import something into a module.
    pub(super) fn reach_importing_calls(&mut self, module: ModuleId) {
        for &call in self.world.importing_calls(module).iter() {
            self.reach(call, true);
        }
    }

    /// Adds a name that no source defines. A macro attached to an item may define it:
    /// the name contains the item's name, as `ModelBuilder` contains `Model`, or the
    /// attributes of the item contain it.
    pub(in crate::source) fn generated(&mut self, name: Name) {
        if self.generated.insert(name) {
            for (_, table) in self.parts().iter() {
                self.generated_in(table, name);
            }
        }
    }

    pub(super) fn generated_in(&mut self, table: &ImplIndex, name: Name) {
        if table.generators.is_empty() {
            return;
        }
        let words = name.words();
        for word in words.all() {
            let near = table.generators_by_word.get(&Name::new(word));
            for &at in near.into_iter().flatten() {
                let (id, known) = &table.generators[at];
                if words.contain(known) {
                    self.reach(*id, true);
                }
            }
        }
    }
}
