//! Collects the macros behind a macro call: the macro itself, those that it calls,
//! and those whose names it receives and may call.

use super::macro_body::{DefinedNames, InnerMacro, defined, has_primitive};
use crate::source::database::{CrateDb, CrateId, Item, ItemId, ItemKind, ModuleId};
use crate::source::expand::is_standard;
use crate::source::known::macros::TRANSPARENT;
use crate::source::name::{Name, Set};
use crate::source::token::{LexedFile, Span};
use crate::source::use_tree::UsePath;

impl CrateDb {
    /// Adds the names that a macro call defines by itself and returns whether the
    /// definition is known.
    pub(super) fn names_behind_call(
        &mut self,
        call: &Item,
        file: &LexedFile,
        found: &mut DefinedNames,
    ) -> bool {
        let mut seen = Set::default();
        let is_known = self.macro_names(call.module, call.name, found, &mut seen);
        let is_known = is_known || TRANSPARENT.contains(&call.name.as_str());
        let arguments = call.body.clone().unwrap_or_default();
        self.names_of_input_macros(call.module, file, arguments, found, &mut seen) && is_known
    }

    /// Adds the names defined by the macros whose names the call receives.
    fn names_of_input_macros(
        &mut self,
        scope: ModuleId,
        file: &LexedFile,
        arguments: Span,
        found: &mut DefinedNames,
        seen: &mut Set<ItemId>,
    ) -> bool {
        let mut is_known = true;
        for name in self.macros_in_input(scope, file, arguments.clone()) {
            is_known &= self.macro_names(scope, name, found, seen);
        }
        is_known && !(found.calls_given && self.passes_foreign_macro(scope, file, arguments))
    }

    /// Adds the names that the macro `name` defines by itself and returns whether its
    /// definition is known.
    fn macro_names(
        &mut self,
        scope: ModuleId,
        name: Name,
        found: &mut DefinedNames,
        seen: &mut Set<ItemId>,
    ) -> bool {
        let definitions = self.macros_called(scope, name);
        let mut is_known = !definitions.is_empty();
        for id in definitions {
            if !seen.insert(id) {
                continue;
            }
            let definition = self.item(id).clone();
            let file = self.file_of(id);
            let Some(body) = definition.body.clone() else {
                continue;
            };
            for call in defined(&file, body, found) {
                is_known &= self.inner_names(definition.module, &file, call, found, seen);
            }
        }
        is_known
    }

    /// Adds the names behind a call in the definition of a macro. A call in a
    /// function body defines nothing that is visible outside it, except impls.
    fn inner_names(
        &mut self,
        scope: ModuleId,
        file: &LexedFile,
        call: InnerMacro,
        found: &mut DefinedNames,
        seen: &mut Set<ItemId>,
    ) -> bool {
        let is_known = self.macro_names(scope, call.name, found, seen)
            || TRANSPARENT.contains(&call.name.as_str())
            || is_standard(&UsePath::bare(call.name));
        self.names_of_input_macros(scope, file, call.arguments, found, seen)
            && (is_known || !call.is_outer)
    }

    /// Returns the macros whose names a call receives.
    pub(in crate::source) fn macros_in_input(
        &mut self,
        scope: ModuleId,
        file: &LexedFile,
        arguments: Span,
    ) -> Vec<Name> {
        let mut names: Vec<Name> = arguments.filter_map(|i| file.name(i)).collect();
        names.sort_unstable();
        names.dedup();
        names
            .retain(|&name| self.may_be_macro(name) && !self.macros_called(scope, name).is_empty());
        names
    }

    /// Returns whether a call may receive the name of a macro of an unfollowed crate.
    pub(in crate::source) fn passes_foreign_macro(
        &mut self,
        scope: ModuleId,
        file: &LexedFile,
        arguments: Span,
    ) -> bool {
        let krate = self.module(scope).krate;
        let names: Vec<Name> = arguments.filter_map(|i| file.name(i)).collect();
        names.into_iter().any(|name| {
            if self.krate(krate).externs.contains_key(&name) {
                return true;
            }
            let is_type = name.as_str().starts_with(char::is_uppercase);
            let known = match is_type {
                true => Default::default(),
                false => self.lookup(scope, name),
            };
            known.iter().any(|target| self.is_of_others(target))
        })
    }

    /// Returns whether a crate has a macro or an import of this name.
    fn may_be_macro(&self, name: Name) -> bool {
        let is_macro =
            |id: &ItemId| matches!(self.item(*id).kind, ItemKind::Macro | ItemKind::Use(_));
        (0..self.crates.len() as CrateId).any(|krate| {
            let named = self.krate(krate).free.get(&name);
            named.is_some_and(|named| named.iter().any(is_macro))
        })
    }

    /// Returns whether all impls that a macro generates are for types of this crate,
    /// so that the impls count only when these types are reached.
    pub(super) fn is_for_local_types(
        &self,
        id: ItemId,
        given: &Set<Name>,
        found: &DefinedNames,
        file: &LexedFile,
        body: Span,
    ) -> bool {
        let free = &self.krate(self.crate_of(id)).free;
        let is_kind = |name: &Name, kind: &ItemKind| {
            let items = free.get(name).map_or(&[][..], Vec::as_slice);
            items.iter().any(|&id| self.item(id).kind == *kind)
        };
        let is_local = |name: &Name| is_kind(name, &ItemKind::Type);
        let is_type = |name: &&Name| name.as_str().starts_with(char::is_uppercase);
        let mut types = given.iter().filter(is_type);
        let mut passed = found.passed.iter().filter(is_type);
        let is_other = found.has_other_subjects
            || has_primitive(file, body)
            || !found.subjects.iter().all(is_local)
            || !passed.all(|name| is_local(name) || is_kind(name, &ItemKind::Trait));
        !is_other && types.clone().next().is_some() && types.all(is_local)
    }
}
