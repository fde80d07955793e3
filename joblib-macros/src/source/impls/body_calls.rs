//! Macro calls in the bodies of items that have an effect outside the body: an impl
//! counts wherever it is, and so does an item that the linker finds.

use std::sync::Arc;

use super::{DefinedNames, ImplIndex, collect};
use crate::source::database::{CrateDb, CrateId, Item, ItemId, ItemKind, ModuleId};
use crate::source::expand::{self, MacroDefinition};
use crate::source::literal;
use crate::source::name::{Name, Set};
use crate::source::references;
use crate::source::resolve::PathTarget;
use crate::source::syntax::is_macro_call;
use crate::source::token::{LexedFile, Span};
use crate::source::use_tree::UsePath;

/// The effect that a macro call in a body may have outside it, from the weakest to
/// the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::source) enum BodyMacroEffect {
    /// It may define impls for types or of traits of the crate.
    Impls,
    /// It may define items that are found by name.
    Names,
    /// It may define items that the linker finds without a reference.
    Linked,
}

/// The tokens that indicate an effect of a macro.
const EFFECTS: &[(&str, BodyMacroEffect)] = &[
    ("impl", BodyMacroEffect::Impls),
    ("no_mangle", BodyMacroEffect::Names),
    // Its value may be built from the input of the macro.
    ("export_name", BodyMacroEffect::Linked),
    ("macro_export", BodyMacroEffect::Names),
    ("used", BodyMacroEffect::Linked),
    ("link_section", BodyMacroEffect::Linked),
];

/// Returns the effect that the tokens of a macro, or of its input, may have.
fn effect_of(file: &LexedFile, tokens: Span) -> Option<BodyMacroEffect> {
    let words = tokens.filter(|&i| file.is_word_kind(i));
    let effects = words.filter_map(|i| {
        let known = EFFECTS.iter().find(|(word, _)| file.is_word(i, word));
        known.map(|(_, effect)| *effect)
    });
    effects.max()
}

/// Returns the effect that a macro with this definition may have by itself.
pub(in crate::source) fn effect_of_definition(
    definition: &MacroDefinition,
) -> Option<BodyMacroEffect> {
    let bodies = definition.bodies.iter();
    let effects = bodies.filter_map(|(file, body)| effect_of(file, body.clone()));
    let unknown = definition.is_opaque.then_some(BodyMacroEffect::Impls);
    effects.chain(unknown).max()
}

impl CrateDb {
    /// Adds the macro calls in the items of `krate` that may have an effect outside
    /// the items.
    pub(in crate::source) fn read_inner_calls(&mut self, krate: CrateId) {
        for id in 0..self.items.len() as ItemId {
            // For an impl or trait only the header counts, because its members are
            // separate items.
            let is_code = matches!(
                self.item(id).kind,
                ItemKind::Fn
                    | ItemKind::Const
                    | ItemKind::Type
                    | ItemKind::TypeAlias
                    | ItemKind::Impl
                    | ItemKind::Trait
            );
            if is_code && self.crate_of(id) == krate {
                self.read_calls_in(id);
            }
        }
    }

    /// Adds the calls in one item.
    pub(in crate::source) fn read_calls_in(&mut self, id: ItemId) {
        let span = references::own_span(self.item(id));
        let file = self.file_of(id);
        let scope = self.block_of(id).unwrap_or(self.item(id).module);
        for at in span {
            if !(file.is_word_kind(at) && is_macro_call(&file, at)) {
                continue;
            }
            let path = path_before(&file, at);
            let arguments = file.inside(at + 2);
            if let Some(effect) = self.effect(scope, &path, &file, arguments.clone()) {
                self.add_inner_call(id, scope, at, arguments, effect);
            }
        }
    }

    fn effect(
        &mut self,
        scope: ModuleId,
        path: &UsePath,
        file: &LexedFile,
        arguments: Span,
    ) -> Option<BodyMacroEffect> {
        let name = path.last()?;
        let free = &self.krate(self.module(scope).krate).free;
        if expand::is_standard(path) && !free.contains_key(&name) {
            return None;
        }
        let definition = self.definition(scope, path);
        if definition.is_log {
            return None;
        }
        let given = self.macros_in_input(scope, file, arguments.clone());
        let effects = given
            .into_iter()
            .map(|name| self.definition(scope, &UsePath::bare(name)).effect);
        let given = effects.max().flatten();
        definition.effect.max(given).max(effect_of(file, arguments))
    }

    fn add_inner_call(
        &mut self,
        within: ItemId,
        module: ModuleId,
        at: usize,
        arguments: Span,
        effect: BodyMacroEffect,
    ) {
        let around = self.item(within).clone();
        let id = self.items.len() as ItemId;
        let file = Arc::clone(&self.files[around.file]);
        let name = Name::new(file.text(at));
        let head = start_of_path(&file, at);
        let span = arguments.clone();
        self.items.push(Item {
            kind: ItemKind::Invocation,
            name,
            module,
            parent: None,
            span: head..arguments.end + 1,
            head,
            name_at: at,
            body: Some(arguments),
            attributes: Vec::new(),
            foreign: None,
            ..around
        });
        self.modules[module as usize].items.push(id);
        let krate = self.module(module).krate;
        let krate = &mut self.crates[krate as usize];
        krate.invocations.push(id);
        krate.inner_calls.insert(id, effect);
        if effect == BodyMacroEffect::Names {
            let words: Set<Name> = span.filter_map(|i| file.name(i)).collect();
            for word in words {
                krate.symbols.entry(word).or_default().push(id);
            }
        }
    }

    /// Returns the macro calls of a crate in item position that may export something.
    pub(in crate::source) fn exporting_calls(
        &mut self,
        krate: CrateId,
    ) -> Arc<Vec<(ItemId, BodyMacroEffect)>> {
        if let Some(known) = self.exporting.get(&krate) {
            return Arc::clone(known);
        }
        let mut found = Vec::new();
        for id in self.krate(krate).invocations.clone() {
            if self.krate(krate).inner_calls.contains_key(&id) {
                continue;
            }
            let item = self.item(id).clone();
            let file = self.file_of(id);
            let path = path_before(&file, item.name_at);
            let arguments = item.body.unwrap_or_default();
            let effect = self.effect(item.module, &path, &file, arguments);
            if let Some(effect) = effect.filter(|&effect| effect >= BodyMacroEffect::Names) {
                found.push((id, effect));
            }
        }
        let found = Arc::new(found);
        self.exporting.insert(krate, Arc::clone(&found));
        found
    }

    /// Returns whether such a call may export one of the symbols.
    pub(in crate::source) fn may_export(
        &mut self,
        call: ItemId,
        effect: BodyMacroEffect,
        symbols: &Set<Name>,
    ) -> bool {
        let item = self.item(call).clone();
        let file = self.file_of(call);
        let mut found = DefinedNames::default();
        let body = item.body.clone().unwrap_or_default();
        found.pastes |= collect(&file, body, &mut found.headers);
        self.names_behind_call(&item, &file, &mut found);
        let is_any = effect == BodyMacroEffect::Linked || found.pastes;
        let mut names = found
            .names
            .iter()
            .chain(&found.methods)
            .chain(&found.headers);
        !symbols.is_empty() && (is_any || names.any(|name| symbols.contains(name)))
    }

    /// Indexes a call in a body by the names for which it counts: the types and
    /// traits that it may give an impl.
    pub(super) fn index_inner_call(
        &mut self,
        table: &mut ImplIndex,
        id: ItemId,
        effect: BodyMacroEffect,
    ) {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let Some(body) = item.body.clone() else {
            return;
        };
        let mut names = Set::default();
        let mut found = DefinedNames::default();
        found.pastes |= collect(&file, body.clone(), &mut names);
        let is_known = self.names_behind_call(&item, &file, &mut found);
        let is_local = is_known && self.is_for_local_types(id, &names, &found, &file, body.clone());
        if effect == BodyMacroEffect::Linked || (effect == BodyMacroEffect::Names && found.pastes) {
            table.always.push(id);
            return;
        }
        if effect == BodyMacroEffect::Impls {
            CrateDb::add_made(table, id, &names, &found);
        }
        names.extend(found.names.iter().chain(&found.headers).copied());
        for text in literal::strings(&file, body) {
            let words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
            names.extend(words.map(Name::new));
        }
        names.extend(self.words_of_macro(&item, &file));
        let mut subjects = self.subjects(&item, names, is_local);
        if effect == BodyMacroEffect::Names {
            subjects.extend(found.names);
        }
        for name in subjects {
            table.macros.entry(name).or_default().push(id);
        }
    }

    /// Returns the types and traits that `names` may refer to, and the methods of
    /// these traits unless all impls are for types in the set.
    fn subjects(&mut self, call: &Item, names: Set<Name>, is_local: bool) -> Set<Name> {
        let krate = self.module(call.module).krate;
        let mut subjects = Set::default();
        for name in names {
            let mut items = self.krate(krate).free.get(&name).cloned();
            let items = items.get_or_insert_default();
            let targets = self.resolve(call.module, &UsePath::bare(name)).targets;
            items.extend(targets.into_iter().filter_map(PathTarget::item));
            for &id in &*items {
                self.add_subject(id, is_local, &mut subjects);
            }
        }
        subjects
    }

    fn add_subject(&mut self, id: ItemId, is_local: bool, subjects: &mut Set<Name>) {
        match self.item(id).kind.clone() {
            ItemKind::Type => {}
            ItemKind::TypeAlias => {
                let mut types = Vec::new();
                self.expand(id, &mut types, 8);
                subjects.extend(types.into_iter().map(|id| self.item(id).name));
            }
            ItemKind::Trait if is_local => {}
            ItemKind::Trait => {
                let methods = self.children(id).iter();
                subjects.extend(methods.map(|&id| self.item(id).name));
            }
            ItemKind::Use(path) => {
                let targets = self.import(self.item(id).module, &path);
                for id in targets.into_iter().filter_map(PathTarget::item) {
                    if !matches!(self.item(id).kind, ItemKind::Use(_)) {
                        self.add_subject(id, is_local, subjects);
                    }
                }
                return;
            }
            _ => return,
        }
        subjects.insert(self.item(id).name);
    }

    /// Returns all words of a procedural macro whose source is followed.
    fn words_of_macro(&mut self, call: &Item, file: &LexedFile) -> Set<Name> {
        let path = path_before(file, call.name_at);
        let mut words = Set::default();
        for artifact in self.crates_behind(call.module, &path) {
            let krate = self.open_source(&artifact);
            let Some(krate) = krate.filter(|&krate| self.krate(krate).is_proc_macro) else {
                continue;
            };
            let items = (0..self.items.len() as ItemId).filter(|&id| self.crate_of(id) == krate);
            let mut files: Vec<usize> = items.map(|id| self.item(id).file).collect();
            files.sort_unstable();
            files.dedup();
            for file in files {
                let file = Arc::clone(&self.files[file]);
                words.extend(file.all().filter_map(|i| file.name(i)));
                for text in literal::strings(&file, file.all()) {
                    let parts = text.split(|c: char| c != '_' && !c.is_alphanumeric());
                    words.extend(parts.map(Name::new));
                }
            }
        }
        words
    }
}

/// Returns the start of the macro path whose last name is at `at`.
pub(in crate::source) fn start_of_path(file: &LexedFile, at: usize) -> usize {
    let mut start = at;
    while start > 2 && file.is_path_sep(start - 2) && file.is_word_kind(start - 3) {
        start -= 3;
    }
    start
}

/// Returns the macro path whose last name is at `at`.
pub(in crate::source) fn path_before(file: &LexedFile, at: usize) -> UsePath {
    let start = start_of_path(file, at);
    let names = (start..=at).filter_map(|i| file.name(i));
    let global = start > 1 && file.is_path_sep(start - 2);
    UsePath {
        global,
        names: names.collect(),
    }
}
