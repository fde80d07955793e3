//! The macros with textual scope in a crate: their definitions, calls that may define
//! macros, and the macros that `#[macro_use]` imports from other crates.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Place;
use crate::source::attribute;
use crate::source::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use crate::source::expand::{self, MacroDefinition};
use crate::source::known::macros::is_of_standard;
use crate::source::macro_written::CodeNames;
use crate::source::name::{Map, Name, Set};
use crate::source::token::{LexedFile, Span};

/// The macros with textual scope in a crate.
#[derive(Debug, Default)]
pub(super) struct TextualScope {
    /// The possible definitions of each macro name in source order; empty for a name
    /// that only another crate may define.
    pub(super) definers: Map<Name, Vec<Definer>>,
    /// The rank of a definition among those with the same path, by each name that it
    /// defines.
    pub(super) ranks: Map<ItemId, BTreeMap<Name, usize>>,
    /// The names that the definitions of a name reference.
    pub(super) behind: Map<Name, Vec<Name>>,
    /// The crates imported with `#[macro_use]`.
    pub(super) externs: Vec<MacroUseCrate>,
}

/// A macro definition, or a call that may define a macro.
#[derive(Debug)]
pub(super) struct Definer {
    pub(super) id: ItemId,
    pub(super) place: Place,
    /// The outermost module in which the macro is visible from there on.
    pub(super) seen_in: ModuleId,
}

/// `#[macro_use] extern crate`.
#[derive(Debug)]
pub(super) struct MacroUseCrate {
    pub(super) name: Name,
    /// The imported macros; all of them if there is no list.
    list: Option<Set<Name>>,
}

impl MacroUseCrate {
    pub(super) fn brings(&self, name: Name, shadowing_macros: &Set<Name>) -> bool {
        match &self.list {
            Some(list) => list.contains(&name),
            None => shadowing_macros.contains(&name) || !is_of_standard(name.as_str()),
        }
    }
}

impl CrateDb {
    pub(super) fn read_scope(&mut self, krate: CrateId) -> TextualScope {
        let mut scope = TextualScope {
            externs: self.macro_use_externs(krate),
            ..TextualScope::default()
        };
        let free = self.krate(krate).free.values().flatten();
        let is_macro = |id: &&ItemId| self.item(**id).kind == ItemKind::Macro;
        let mut macros: Vec<ItemId> = free.filter(is_macro).copied().collect();
        macros.sort_unstable();
        for &id in &macros {
            self.add_definer(&mut scope, self.item(id).name, id);
        }
        if !scope.externs.is_empty() {
            for &name in &self.krate(krate).shadowing_macros {
                scope.definers.entry(name).or_default();
            }
        }
        for id in self.krate(krate).invocations.clone() {
            let is_inner = self.krate(krate).inner_calls.contains_key(&id);
            if !is_inner && self.item(id).parent.is_none() {
                for name in self.defined_by_call(id, &scope) {
                    self.add_definer(&mut scope, name, id);
                }
            }
        }
        self.rank(&mut scope);
        for id in macros {
            let (file, body) = (self.file_of(id), self.item(id).body.clone());
            let mentioned = scope.mentioned(&file, &body.unwrap_or_default());
            let behind = scope.behind.entry(self.item(id).name).or_default();
            behind.extend(mentioned);
        }
        scope
    }

    fn add_definer(&self, scope: &mut TextualScope, name: Name, id: ItemId) {
        let mut seen_in = self.item(id).module;
        while let (true, Some(parent)) =
            (self.module(seen_in).macro_use, self.module(seen_in).parent)
        {
            seen_in = parent;
        }
        let place = self.textual_place(id);
        let definer = Definer { id, place, seen_in };
        scope.definers.entry(name).or_default().push(definer);
    }

    /// Sorts the definitions of each name and ranks those with the same path.
    fn rank(&self, scope: &mut TextualScope) {
        for (name, definers) in &mut scope.definers {
            definers.sort_by(|one, other| one.place.cmp(&other.place));
            let mut paths: HashMap<String, Vec<ItemId>> = HashMap::new();
            for definer in definers.iter().filter(|_| definers.len() > 1) {
                let path = self.item_path(definer.id);
                paths.entry(path).or_default().push(definer.id);
            }
            for ids in paths.into_values().filter(|ids| ids.len() > 1) {
                for (id, rank) in ids.into_iter().zip(0..) {
                    scope.ranks.entry(id).or_default().insert(*name, rank);
                }
            }
        }
    }

    /// Returns the macros that a call in item position may define.
    fn defined_by_call(&mut self, id: ItemId, scope: &TextualScope) -> BTreeSet<Name> {
        let item = self.item(id).clone();
        let file = self.file_of(id);
        let Some(body) = item.body else {
            return BTreeSet::new();
        };
        let call = expand::invoked(&file, item.head, item.name_at, body.clone());
        let definition = self.definition(item.module, &call.path);
        let mut found = BTreeSet::new();
        let mut takes_name = rules(&file, &body, &mut found);
        for (file, body) in &definition.bodies {
            takes_name |= rules(file, body, &mut found);
        }
        if takes_name {
            found.extend(&call.words);
        } else if definition.is_opaque {
            found.extend(hidden(&definition, &call.words, scope));
        }
        found
    }

    fn macro_use_externs(&self, krate: CrateId) -> Vec<MacroUseCrate> {
        let root = self.module(self.krate(krate).root);
        let mut found = Vec::new();
        for item in root.items.iter().map(|&id| self.item(id)) {
            let ItemKind::ExternCrate(name) = item.kind else {
                continue;
            };
            let file = &self.files[item.file];
            let attributes = attribute::read(file, item.span.start, &self.krate(krate).cfgs);
            let lists = attributes.macro_use;
            if lists.is_empty() {
                continue;
            }
            let is_all = lists.iter().any(|list| list.is_empty());
            let names = lists.into_iter().flatten().filter_map(|i| file.name(i));
            let list = (!is_all).then(|| names.collect());
            found.push(MacroUseCrate { name, list });
        }
        found
    }
}

impl TextualScope {
    /// Returns those names in other code that have textual scope.
    pub(super) fn written(&self, words: &CodeNames) -> Vec<Name> {
        let known = self.definers.keys();
        known
            .filter(|name| words.names.contains(name))
            .copied()
            .collect()
    }

    /// Returns the names in the body of a macro that have textual scope: the names
    /// with a definition and, if crates are imported with `#[macro_use]`, also the
    /// names of called macros.
    pub(super) fn mentioned(&self, file: &LexedFile, body: &Span) -> Vec<Name> {
        let has_externs = !self.externs.is_empty();
        let known: std::collections::HashSet<&str> =
            self.definers.keys().map(|name| name.as_str()).collect();
        let is_called = |i: usize| has_externs && file.is(i + 1, b'!') && file.opens(i + 2);
        let words = body.clone().filter(|&i| file.is_word_kind(i));
        let words = words.filter(|&i| known.contains(file.text(i)) || is_called(i));
        let found: BTreeSet<Name> = words.filter_map(|i| file.name(i)).collect();
        found.into_iter().collect()
    }
}

/// Adds the macros that `span` defines. Returns whether it defines one whose name is
/// part of the macro's input.
fn rules(file: &LexedFile, span: &Span, found: &mut BTreeSet<Name>) -> bool {
    let mut takes_name = false;
    for i in span.clone() {
        let is_start = file.get(i).is_some_and(|token| token.byte == b'm');
        if is_start && file.is_word(i, "macro_rules") && file.is(i + 1, b'!') {
            takes_name |= file.is(i + 2, b'$');
            found.extend(file.name(i + 2));
        }
    }
    takes_name
}

/// Returns the macros that unknown code may define, of those names that have other
/// definitions.
fn hidden(definition: &MacroDefinition, given: &[Name], scope: &TextualScope) -> BTreeSet<Name> {
    let written = definition.written.names.iter();
    let all = written.chain(given).copied();
    all.filter(|name| scope.definers.contains_key(name) || is_of_standard(name.as_str()))
        .collect()
}
